// What stands beside a file of rejected/ for programs: why it lies there, and what people did with
// it since. The report beside it says the same to people.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/shell/file_source.hpp"

namespace mash::runtime_shell {

struct RejectedNote {
    enum class State : std::uint8_t { open, mended, set_aside };

    std::array<std::uint8_t, 16> id{};
    Seat seat;  ///< for whom the file was read; empty: no agency's or no role's
    std::string format;
    std::string title;
    WallTime received_at;
    bool is_whole_file = false;  ///< nothing of it was used
    Mend mend = Mend::here;
    std::uint64_t records = 0;
    std::uint64_t rejected = 0;
    /// Of those beside the report; none when there are more than a page shows.
    std::vector<std::uint64_t> numbers;
    std::vector<runtime::RecordFault> faults;
    std::uint64_t faults_left_out = 0;

    std::uint64_t revision = 1;
    State state = State::open;
    PersonId by;
    std::string by_name;
    WallTime at;
    std::string reason;       ///< of setting it aside
    std::string mended_file;  ///< its name in intake/
};

std::string_view word_of(RejectedNote::State state);

/// Rows of a rejected file that people mend on a page; more are mended in the file itself.
inline constexpr std::size_t rejected_rows_shown_max = 5'000;

/// Of a file that was read for `context`, without an id.
RejectedNote note_on(const runtime::ReadFile& read, const runtime::ReadContext& context,
                     std::string_view title, Mend mend);
std::string note_text(const RejectedNote& note);
/// Nothing: it is not one of ours, or damaged.
std::optional<RejectedNote> note_from(std::string_view text);

/// Both beside `file`.
std::filesystem::path report_path(const std::filesystem::path& file);
std::filesystem::path note_path(const std::filesystem::path& file);
/// Writes it beside `file`, under an id made of where it lies and when it came. Errors: disk_full,
/// io_failed.
Result<void> put_note(const std::filesystem::path& file, RejectedNote note, WallTime now);
std::array<std::uint8_t, 16> id_of_rejected(const std::filesystem::path& file, WallTime at);

}  // namespace mash::runtime_shell
