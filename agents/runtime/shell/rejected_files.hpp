// What lies in rejected/ of one area: found, read, mended and set aside. Blocking file work; one
// thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agents/runtime/shell/file_text.hpp"
#include "agents/runtime/shell/rejected_note.hpp"

namespace mash::runtime_shell {

/// What people mend on a page; a larger file is mended where it lies.
inline constexpr std::size_t rejected_bytes_shown_max = std::size_t{512} * 1024;

class RejectedFiles {
public:
    /// For whom a folder's files are read; an empty seat: for nobody that is known here.
    using SeatOf = std::function<Seat(const std::string& sub_folder)>;
    /// `folder` holds intake/, accepted/, rejected/, waiting/.
    RejectedFiles(std::filesystem::path folder, SeatOf seat_of);

    struct Entry {
        std::filesystem::path file;  ///< in rejected/; it may be gone
        std::string sub_folder;
        RejectedNote note;  ///< from list(): without its faults
        std::uint64_t faults = 0;
        std::optional<std::uintmax_t> bytes;  ///< of the file; nothing: it is gone
        bool is_link = false;                 ///< put away unread, as links are
        bool is_folder = false;               ///< the same: it lay too deep in intake/

        std::string name() const { return file.filename().string(); }
        /// Small enough to be mended on a page, and not the sender's to mend.
        bool is_mended_here() const;
    };
    /// Newest first. A file whose note is damaged, or that is older than notes, has what can be
    /// known without one.
    std::vector<Entry> list();
    /// With its faults, as it stands now.
    std::optional<Entry> find(const std::array<std::uint8_t, 16>& id);

    struct Row {
        std::uint64_t record = 0;
        std::vector<std::string> cells;
    };
    struct Content {
        std::vector<std::string> columns;
        std::vector<Row> rows;
        std::optional<std::string> text;  ///< of what is no table
        bool is_table() const { return !columns.empty(); }
    };
    /// Nothing: gone, over what a page shows, or no text.
    static std::optional<Content> content_of(const Entry& entry);
    /// A spreadsheet or an archive, which nobody mends as text.
    static bool is_packed_file(const Entry& entry);
    /// As a CSV again.
    static std::string csv_of(const std::vector<std::string>& columns,
                              const std::vector<Row>& rows);

    /// Puts it into intake/ as a file of its own; its name there. Errors: disk_full, io_failed.
    Result<std::string> put_back(const Entry& entry, std::string_view text) const;
    /// Errors: disk_full, io_failed.
    static Result<void> keep(const Entry& entry);
    /// What became of what was put back: waiting, used, partly_used, not_used, held, unknown.
    std::string outcome_of(const Entry& entry) const;

private:
    struct Known {
        FileStamp stamp;
        std::optional<RejectedNote> note;
        std::uint64_t faults = 0;
    };
    void list_folder(const std::filesystem::path& folder, const std::string& sub_folder,
                     std::map<std::string, Known>& seen, std::vector<Entry>& out);
    /// Reads a note again only when it was written anew.
    Known known_of(const std::filesystem::path& note_file) const;

    std::filesystem::path folder_;
    SeatOf seat_of_;
    std::map<std::string, Known> known_;  ///< by the note's path
};

}  // namespace mash::runtime_shell
