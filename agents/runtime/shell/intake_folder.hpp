// The watched folder: what a system or a person drops into intake/ is read once whole, and ends in
// accepted/, rejected/ or waiting/; nothing is deleted. Works on network shares too, by looking
// again and again.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "agents/runtime/shell/file_source.hpp"
#include "common/area/policy.hpp"

namespace mash::runtime_shell {

struct IntakeConfig {
    std::filesystem::path folder;  ///< holds intake/, accepted/, rejected/, waiting/
    std::chrono::milliseconds poll_interval{1000};
    /// How long a file that the core cannot take now keeps back those after it in its folder.
    std::chrono::milliseconds order_wait = std::chrono::minutes(10);
    /// Whose a file is: by the sub folder it lies in ("" for intake/ itself); nothing: no such
    /// agency here.
    std::function<std::optional<runtime::ReadContext>(const std::string& sub_folder)> context_of;
    /// The signed policy that is held; asked at most once for each file. Nothing, or empty: none is
    /// held.
    std::function<std::optional<area::Policy>()> policy;
    std::function<WallTime()> wall_clock;
};

/// The name of a file that was accepted at `at_ns` and is to be read again after a restore: before
/// every other file, in the order of those times, and at once, because it is known to be whole.
std::string put_back_name(std::int64_t at_ns, const std::string& name);
bool is_put_back(const std::filesystem::path& file);

/// The name under which a file of waiting/ is moved into intake/ once a person has looked at it.
std::string released_name(const std::string& name);

/// Of one file, without what never waits (formats.md 0): above this a person looks first.
inline constexpr std::size_t notifications_without_a_person = 20;

/// What became of one submission.
struct SubmitOutcome {
    bool accepted = false;  ///< durable, or known already with the same content
    bool later = false;  ///< nothing is wrong with it, but it cannot be taken now: the file stays
                         ///< where it is
    std::vector<runtime::InputFault> faults;
};

/// What the folder asks of the core and of the log.
struct IntakeDoors {
    /// What the adapters remember. Errors: those of the store; then the file is read again later.
    std::function<Result<std::optional<std::string>>(std::string_view key)> remembered;
    /// These hand the input to the core and answer when it is durable there.
    std::function<std::future<SubmitOutcome>(runtime::Submit)> submit;
    std::function<std::future<SubmitOutcome>(runtime::ReplaceRoll)> roll;
    std::function<std::future<SubmitOutcome>(runtime::Remember)> remember;
    std::function<void(runtime::Recorded)> note;
    /// What lies in intake/ and waiting/, before and after each look at them.
    std::function<void(const runtime::FilesSeen&)> saw;
};

class NeverWaits;

class IntakeFolder {
public:
    struct Counts {
        std::atomic<std::uint64_t> files = 0, files_rejected = 0, records = 0, records_rejected = 0;
    };

    IntakeFolder(IntakeConfig config, const runtime::SourceFormats& formats, IntakeDoors doors);
    ~IntakeFolder();
    /// Makes the folders. Errors: io_failed, disk_full.
    Result<void> start();
    void stop();
    const Counts& counts() const { return counts_; }

private:
    void run();
    void look();
    void say_what_lies_here();
    runtime::FilesSeen what_lies_here();
    enum class Taken : std::uint8_t {
        away,   ///< it has left intake/
        again,  ///< it stays, and says nothing about those after it
        waits   ///< it stays, and what comes after it could go on what it says
    };
    Taken take_in(const std::filesystem::path& file, const std::string& sub_folder);
    struct Reading;
    /// A file of which nothing can be read, with what is wrong with it as a whole; else its format
    /// and context are in `reading`.
    std::optional<runtime::ReadFile> refused(const std::string& sub_folder, std::string_view head,
                                             Reading& reading) const;
    /// Adds what the core refused. False when the core cannot say now: the file is read again
    /// later, and what it gave already is known then.
    /// What the adapters remember, and in `fails` whether the store could not say once.
    runtime::SourceMemory::Held remembered(bool& fails) const;
    /// Reads the file for its number only and leaves no trace. Nothing: the store or the file
    /// failed.
    std::optional<bool> waits_for_a_person(const Reading& reading, const NeverWaits& never_waits);
    bool hand_over_lists(runtime::ReadFile& read);
    bool hand_over(runtime::ReadFile& read);
    bool keep(std::vector<runtime::Remembered> entries);
    bool answered(runtime::ReadFile& read, std::uint64_t record,
                  std::future<SubmitOutcome>& outcome) const;
    /// The file was not taken when it should have been, and not too long ago.
    bool keeps_back(const std::string& key) const;
    bool is_settled(const std::filesystem::path& file);
    /// False at the deadline, and when the program stops.
    bool comes(const std::future<SubmitOutcome>& outcome) const;
    Taken hold(const std::filesystem::path& file, const std::string& sub_folder,
               const FileStamp& as_read, std::uint64_t records);
    /// Where files of this sub folder are put away: made if need be, and never behind a link.
    /// Errors: io_failed, disk_full.
    Result<std::filesystem::path> folder_for(const char* where,
                                             const std::string& sub_folder) const;
    bool put_away(const std::filesystem::path& file, const FileStamp& as_read,
                  const std::filesystem::path& target);
    /// A link, or a folder that lies too deep.
    void put_away_unread(const std::filesystem::path& entry, const std::string& sub_folder,
                         std::string_view report);
    bool write_beside(const std::filesystem::path& target, std::string_view text);
    /// The records that were not used, to be mended.
    bool write_rows(const std::filesystem::path& target, const Reading& reading,
                    const runtime::ReadFile& read);
    /// The same for programs (rejected_note.hpp).
    bool write_note(const std::filesystem::path& target, const Reading& reading,
                    const runtime::ReadFile& read, bool is_whole_file);
    /// Always false. Said once until a file gets through again.
    bool is_stuck(ErrorCode code);
    void note(LogEvent event, std::uint64_t count, std::optional<ErrorCode> code = std::nullopt);

    IntakeConfig config_;
    const runtime::SourceFormats& formats_;
    IntakeDoors doors_;
    Counts counts_;
    std::optional<ErrorCode> stuck_;
    std::atomic<bool> stopping_ = false;
    int wake_ = -1;
    int notify_ = -1;
    std::map<int, std::string> watched_;  // inotify descriptor -> sub folder
    std::set<std::string> closed_;        // closed or moved in: whole
    struct Seen {
        std::uintmax_t bytes = 0;
        std::filesystem::file_time_type changed;
        int looks = 0;
        std::chrono::steady_clock::time_point looked_at;
    };
    std::map<std::string, Seen> seen_;
    std::map<std::string, WallTime> lies_since_;  // by sub folder and name
    std::map<std::string, std::chrono::steady_clock::time_point> waiting_since_;  // by file
    std::thread thread_;
};

}  // namespace mash::runtime_shell
