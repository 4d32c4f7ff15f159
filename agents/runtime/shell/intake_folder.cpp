#include "agents/runtime/shell/intake_folder.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/shell/rejected_note.hpp"
#include "agents/runtime/shell/scratch_memory.hpp"
#include "common/area/files.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;

namespace {

// On a share that reports no events a file is whole when this many looks found it unchanged.
constexpr int settled_looks = 3;
constexpr std::chrono::seconds answer_deadline{120};
// So much of a file is before the core at once: what others ask of it waits for no more.
constexpr std::size_t notifications_at_once = 64;
constexpr std::size_t remembered_at_once = 512;
constexpr std::chrono::milliseconds stop_check_interval{50};

bool is_hidden(const fs::path& file) {
    const std::string name = file.filename().string();
    return name.empty() || name.front() == '.' || name.front() == '~';
}

/// By its name, still on its way here.
bool is_partial(const fs::path& file) {
    const std::string extension = file.extension().string();
    return extension == ".tmp" || extension == ".part" || extension == ".filepart" ||
           extension == ".crdownload";
}

bool is_ours_to_read(const fs::path& file) { return !is_hidden(file) && !is_partial(file); }

bool is_folder(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::directory;
}

/// An empty folder is nobody's report; one that cannot be looked into may be.
bool holds_something(const fs::path& folder) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (!is_hidden(entry.path())) return true;
    return static_cast<bool>(error);
}

bool is_report(const fs::path& file) {
    return file.filename().string().ends_with(report_path("").string());
}

/// When it was last written, moved here or renamed; the time that a sender may set counts for
/// nothing. Unset: it is gone. `now` where we may not know, and at the latest.
WallTime changed_at(const fs::path& path, WallTime now) {
    struct stat info{};
    if (::lstat(path.c_str(), &info) != 0) return errno == ENOENT ? WallTime() : now;
    return std::min(now, WallTime::from_unix_ms(info.st_ctim.tv_sec * 1'000 +
                                                info.st_ctim.tv_nsec / 1'000'000));
}

WallTime earlier(WallTime one, WallTime other) {
    if (!one.is_set() || !other.is_set()) return one.is_set() ? one : other;
    return std::min(one, other);
}

constexpr std::string_view link_report =
    "This was a link, and links are not read: put the file itself into intake/, or make a folder "
    "there instead of a link to one.\n";
constexpr std::string_view deep_folder_report =
    "This was a folder within an agency's folder, and nothing in it was read: files are read from "
    "intake/ and from one folder for each agency in it, and no deeper. Put its files there.\n";

// A read lease is refused while anybody has the file open for writing. False where leases cannot be
// had (network shares, files of another user): there the number of unchanged looks decides alone.
bool is_being_written(const fs::path& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0) return false;
    // Whoever opens the file now breaks the lease, and its signal must not end us as SIGIO would.
    (void)::fcntl(fd, F_SETSIG, SIGURG);
    const bool refused = ::fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    if (!refused) (void)::fcntl(fd, F_SETLEASE, F_UNLCK);
    ::close(fd);
    return refused;
}

// Below every letter and digit, and nothing that a shell or a share takes for its own.
constexpr std::string_view put_back_prefix = "!again-";
constexpr std::string_view released_prefix = "!released-";

bool is_released(const fs::path& file) {
    return file.filename().string().starts_with(released_prefix);
}

std::string waiting_report(const std::string& name) {
    return "This file would send more than " + std::to_string(notifications_without_a_person) +
           " notifications at once, so a person looks at it first. What never waits (a child "
           "missing or found, domestic abuse, any danger to a child, life at stake) was sent, and "
           "lists of children were taken.\n\n"
           "1. See what it would send: intake try FILE\n"
           "2. If that is right, send it: intake release --dir DIR " +
           name + "\n3. If it is not, put a mended export into intake/ and delete this one.\n";
}

}  // namespace

/// Of one file: what is sent at once however much it is.
class NeverWaits {
public:
    explicit NeverWaits(const IntakeConfig& config) : config_(config) {}

    bool operator()(const runtime::Notification& notification) const {
        // formats.md part 0: rows 1, 2, 3 and 6 of the catalogue, also before there is a policy. An
        // update may be that a report is open again, or that the risk is high now.
        const auto& type = notification.facts.type.value();
        if (notification.facts.vital || type == "missing_episode_started" ||
            type == "missing_episode_updated" || type == "missing_episode_closed" ||
            type == "domestic_abuse_incident")
            return true;
        if (!asked_ && config_.policy) policy_ = config_.policy();
        asked_ = true;
        return policy_ && runtime::is_danger(notification, *policy_);
    }

    void drop_what_waits(runtime::ReadFile& file) const {
        std::erase_if(file.notifications,
                      [&](const auto& made) { return !(*this)(made.notification); });
    }

private:
    const IntakeConfig& config_;
    mutable std::optional<area::Policy> policy_;
    mutable bool asked_ = false;
};

std::string put_back_name(std::int64_t at_ns, const std::string& name) {
    return std::string(put_back_prefix) + std::to_string(at_ns) + "-" + name;
}

bool is_put_back(const fs::path& file) {
    return file.filename().string().starts_with(put_back_prefix);
}

std::string released_name(const std::string& name) { return std::string(released_prefix) + name; }

IntakeFolder::IntakeFolder(IntakeConfig config, const runtime::SourceFormats& formats,
                           IntakeDoors doors)
    : config_(std::move(config)), formats_(formats), doors_(std::move(doors)) {}

IntakeFolder::~IntakeFolder() {
    stop();
    if (wake_ >= 0) ::close(wake_);
    if (notify_ >= 0) ::close(notify_);
}

Result<void> IntakeFolder::start() {
    for (const char* name : {"intake", "accepted", "rejected"}) {
        MASH_TRY_VOID(area::make_folder(config_.folder / name, area::FileAccess::owner_only));
    }
    wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    notify_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (wake_ < 0) return fail(ErrorCode::io_failed);
    thread_ = std::thread([this] { run(); });
    return {};
}

void IntakeFolder::stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
    thread_.join();
}

void IntakeFolder::run() {
    while (!stopping_) {
        look();
        pollfd wait[2] = {{wake_, POLLIN, 0}, {notify_, POLLIN, 0}};
        ::poll(wait, notify_ >= 0 ? 2 : 1, static_cast<int>(config_.poll_interval.count()));
        if (notify_ < 0) continue;
        alignas(inotify_event) char buffer[16 * 1024];
        for (ssize_t got = ::read(notify_, buffer, sizeof buffer); got > 0;
             got = ::read(notify_, buffer, sizeof buffer)) {
            for (const char* at = buffer; at < buffer + got;) {
                const auto* event = reinterpret_cast<const inotify_event*>(at);
                const auto folder = watched_.find(event->wd);
                if (event->len > 0 && folder != watched_.end())
                    closed_.insert(folder->second + "/" + event->name);
                at += sizeof(inotify_event) + event->len;
            }
        }
    }
}

runtime::FilesSeen IntakeFolder::what_lies_here() {
    runtime::FilesSeen seen;
    std::error_code error;
    const WallTime now = config_.wall_clock();
    std::set<std::string> present;
    const auto add = [&](const fs::path& path, const std::string& key) {
        const WallTime changed = changed_at(path, now);
        if (!changed.is_set()) return;
        present.insert(key);
        // A writer that goes on for ever must not look young for ever, so the first sight counts;
        // but what says by its name that it is on its way waits only once it no longer grows.
        const auto first = lies_since_.try_emplace(key, changed).first;
        if (is_partial(path)) first->second = changed;
        ++seen.unread;
        seen.unread_since = earlier(seen.unread_since, first->second);
    };
    const auto add_folder = [&](const fs::path& folder, const std::string& sub,
                                const auto& deeper) {
        fs::directory_iterator entries(folder, error);
        // Nobody can say what lies in a folder that cannot be opened.
        if (error) add(folder, sub + "/");
        for (const auto& entry : entries) {
            const auto& path = entry.path();
            if (is_hidden(path)) continue;
            if (is_folder(path)) {
                deeper(path);
            } else {
                add(path, sub + "/" + path.filename().string());
            }
        }
    };
    add_folder(config_.folder / "intake", "", [&](const fs::path& folder) {
        const std::string sub = folder.filename().string();
        add_folder(folder, sub, [&](const fs::path& deep) {
            if (holds_something(deep)) add(deep, sub + "/" + deep.filename().string());
        });
    });
    std::erase_if(lies_since_, [&](const auto& item) { return !present.contains(item.first); });

    const auto add_held = [&](const fs::path& folder, const auto& deeper) {
        for (const auto& entry : fs::directory_iterator(folder, error)) {
            const auto& path = entry.path();
            if (is_folder(path)) {
                deeper(path);
            } else if (!is_hidden(path) && !is_report(path)) {
                ++seen.held;
                seen.held_since = earlier(seen.held_since, changed_at(path, now));
            }
        }
    };
    add_held(config_.folder / "waiting",
             [&](const fs::path& folder) { add_held(folder, [](const fs::path&) {}); });
    return seen;
}

void IntakeFolder::say_what_lies_here() {
    if (doors_.saw) doors_.saw(what_lies_here());
}

void IntakeFolder::look() {
    std::error_code error;
    // Before as well: whoever waits for an hour behind a large file, or for a core that does not
    // answer, is known by then.
    say_what_lies_here();
    const fs::path intake = config_.folder / "intake";
    std::vector<std::pair<fs::path, std::string>> folders{{intake, ""}};
    for (const auto& entry : fs::directory_iterator(intake, error)) {
        // A link to a folder is none of an agency: it is put away with those to files.
        if (!entry.is_symlink(error) && entry.is_directory(error) && is_ours_to_read(entry.path()))
            folders.emplace_back(entry.path(), entry.path().filename().string());
    }
    std::set<std::string> present;
    for (const auto& [folder, sub] : folders) {
        const bool known =
            std::ranges::any_of(watched_, [&](const auto& item) { return item.second == sub; });
        if (notify_ >= 0 && !known) {
            const int watch =
                inotify_add_watch(notify_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO);
            if (watch >= 0) watched_[watch] = sub;
        }
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(folder, error)) {
            if (!is_ours_to_read(entry.path())) continue;
            if (entry.is_symlink(error))
                put_away_unread(entry.path(), sub, link_report);
            else if (entry.is_regular_file(error))
                files.push_back(entry.path());
            // Not while somebody still fills it.
            else if (!sub.empty() && entry.is_directory(error) && holds_something(entry.path()) &&
                     is_settled(entry.path()))
                put_away_unread(entry.path(), sub, deep_folder_report);
        }
        std::ranges::sort(files);
        for (const auto& file : files) {
            if (stopping_) return;
            const std::string key = sub + "/" + file.filename().string();
            present.insert(key);
            const bool is_whole = closed_.contains(key) || is_put_back(file) || is_settled(file);
            if (is_whole && !is_being_written(file)) {
                const Taken taken = take_in(file, sub);
                if (taken == Taken::away) {
                    closed_.erase(key);
                    seen_.erase(file.string());
                    lies_since_.erase(key);
                }
                if (taken == Taken::waits)
                    waiting_since_.try_emplace(key, std::chrono::steady_clock::now());
                else
                    waiting_since_.erase(key);
            }
            if (!keeps_back(key)) continue;
            for (const auto& later : files) present.insert(sub + "/" + later.filename().string());
            break;
        }
    }
    std::erase_if(waiting_since_, [&](const auto& item) { return !present.contains(item.first); });
    std::erase_if(closed_, [&](const std::string& key) { return !present.contains(key); });
    say_what_lies_here();
}

bool IntakeFolder::keeps_back(const std::string& key) const {
    const auto since = waiting_since_.find(key);
    return since != waiting_since_.end() &&
           std::chrono::steady_clock::now() - since->second < config_.order_wait;
}

bool IntakeFolder::is_settled(const fs::path& file) {
    std::error_code error;
    const auto bytes = is_folder(file) ? 0 : fs::file_size(file, error);
    if (error) return false;
    const auto changed = fs::last_write_time(file, error);
    if (error) return false;
    auto& seen = seen_[file.string()];
    // Events of other files bring us here at any moment; only looks an interval apart say that a
    // writer has ended.
    const auto now = std::chrono::steady_clock::now();
    if (seen.looks > 0 && now - seen.looked_at < config_.poll_interval) return false;
    const bool same = seen.looks > 0 && seen.bytes == bytes && seen.changed == changed;
    seen = {bytes, changed, same ? seen.looks + 1 : 1, now};
    return seen.looks >= settled_looks;
}

namespace {

// Nothing is overwritten, reports neither: a second file of the same name gets a number.
fs::path free_name(const fs::path& folder, const fs::path& name) {
    std::error_code error;
    fs::path target = folder / name;
    const auto is_taken = [&] {
        return fs::exists(target, error) || fs::exists(report_path(target), error) ||
               fs::exists(note_path(target), error);
    };
    for (int n = 2; is_taken(); ++n) {
        target =
            folder / (name.stem().string() + "-" + std::to_string(n) + name.extension().string());
    }
    return target;
}

}  // namespace

Result<fs::path> IntakeFolder::folder_for(const char* where, const std::string& sub_folder) const {
    const fs::path folder = config_.folder / where / sub_folder;
    // A link that was put away under this name leads to where whoever made it wants us to write.
    std::error_code error;
    if (!sub_folder.empty() && fs::is_symlink(fs::symlink_status(folder, error))) {
        fs::rename(folder, free_name(config_.folder / where, sub_folder), error);
        if (error) return fail(ErrorCode::io_failed);
    }
    MASH_TRY_VOID(area::make_folder(folder, area::FileAccess::owner_only));
    return folder;
}

bool IntakeFolder::put_away(const fs::path& file, const FileStamp& as_read,
                            const fs::path& target) {
    // Whatever stands under the name now and was not read must never lie among the accepted.
    if (stamp_of(file) != as_read) return false;
    std::error_code error;
    fs::rename(file, target, error);
    if (error)
        return is_stuck(error == std::errc::no_space_on_device ? ErrorCode::disk_full
                                                               : ErrorCode::io_failed);
    if (stamp_of(target) == as_read) return true;
    fs::rename(target, free_name(file.parent_path(), file.filename()), error);
    return false;
}

// Whoever may put files here need not be allowed to read what a link points to; we are.
void IntakeFolder::put_away_unread(const fs::path& entry, const std::string& sub_folder,
                                   std::string_view report) {
    const auto folder = folder_for("rejected", sub_folder);
    if (!folder) {
        is_stuck(folder.error());
        return;
    }
    const fs::path target = free_name(*folder, entry.filename());
    if (!write_beside(report_path(target), report)) return;
    std::error_code error;
    fs::rename(entry, target, error);
    if (error) {
        (void)area::remove_file(report_path(target)).has_value();
        is_stuck(ErrorCode::io_failed);
        return;
    }
    seen_.erase(entry.string());
    ++counts_.files;
    ++counts_.files_rejected;
    note(LogEvent::intake_refused, 0);
}

bool IntakeFolder::write_beside(const fs::path& target, std::string_view text) {
    const auto written = area::write_file(target, view_of(text), area::FileAccess::owner_only);
    return written.has_value() || is_stuck(written.error());
}

bool IntakeFolder::is_stuck(ErrorCode code) {
    if (stuck_ != code) note(LogEvent::intake_failed, 0, code);
    stuck_ = code;
    return false;
}

void IntakeFolder::note(LogEvent event, std::uint64_t count, std::optional<ErrorCode> code) {
    runtime::Recorded record;
    record.event = event;
    record.count = static_cast<std::int64_t>(count);
    record.has_code = code.has_value();
    record.code = code.value_or(ErrorCode{});
    doors_.note(std::move(record));
}

bool IntakeFolder::comes(const std::future<SubmitOutcome>& outcome) const {
    const auto deadline = std::chrono::steady_clock::now() + answer_deadline;
    while (!stopping_ && std::chrono::steady_clock::now() < deadline) {
        if (outcome.wait_for(stop_check_interval) == std::future_status::ready) return true;
    }
    return false;
}

struct IntakeFolder::Reading {
    FileText text;
    const runtime::SourceFormat* format = nullptr;
    runtime::ReadContext context;
};

std::optional<runtime::ReadFile> IntakeFolder::refused(const std::string& sub_folder,
                                                       std::string_view head,
                                                       Reading& reading) const {
    const auto because = [](std::string rule, std::string message) {
        runtime::ReadFile out;
        out.refuse("", std::move(rule), std::move(message));
        return out;
    };
    auto context = config_.context_of(sub_folder);
    if (!context) {
        return because("unknown_agency",
                       "This folder's name is not an agency served here: use the school's URN or "
                       "the agency's id");
    }
    reading.context = std::move(*context);
    reading.context.written_at =
        WallTime::from_unix_ms(reading.text.stamp().changed_ns / 1'000'000);
    if (head.empty()) return because("empty_file", "The file is empty: send it again");
    reading.format = find_format(formats_, head);
    if (reading.format != nullptr) return std::nullopt;
    return because("unknown_format",
                   "The file is in no format that this agent reads: see its README, or run "
                   "intake check on it. " +
                       std::string(hint_on_unknown(head)));
}

bool IntakeFolder::answered(runtime::ReadFile& read, std::uint64_t record,
                            std::future<SubmitOutcome>& outcome) const {
    if (!comes(outcome)) return false;
    const auto answer = outcome.get();
    if (answer.later) return false;
    if (answer.accepted) return true;
    for (const auto& fault : answer.faults)
        read.faults.push_back({record, 0, fault.path, fault.rule, fault.message, true});
    if (record > 0) read.rejected_records.push_back(record);
    return true;
}

runtime::SourceMemory::Held IntakeFolder::remembered(bool& fails) const {
    return [this, &fails](std::string_view key) -> std::optional<std::string> {
        auto held = doors_.remembered(key);
        fails = fails || !held;
        return held ? std::move(*held) : std::nullopt;
    };
}

std::optional<bool> IntakeFolder::waits_for_a_person(const Reading& reading,
                                                     const NeverWaits& never_waits) {
    bool memory_fails = false;
    // What would be remembered with each notification: a word that stands twice is no news twice.
    ScratchMemory scratch(config_.folder);
    runtime::SourceMemory memory(scratch.over(remembered(memory_fails)),
                                 [&](std::vector<runtime::Remembered>&&) { return !memory_fails; });
    std::size_t count = 0;
    const auto add = [&](runtime::ReadFile& found) {
        for (auto& made : found.notifications) {
            count += never_waits(made.notification) ? 0 : 1;
            scratch.put(std::move(made.remember));
        }
        found.notifications.clear();
        memory.forget_taken();
        return !stopping_ && !scratch.failed() && count <= notifications_without_a_person;
    };
    runtime::ReadFile read;
    const auto done =
        read_through(reading.text, *reading.format, reading.context, memory, read, add);
    add(read);
    if (count > notifications_without_a_person) return true;
    if (!done || memory_fails || scratch.failed()) return std::nullopt;
    return false;
}

bool IntakeFolder::hand_over_lists(runtime::ReadFile& read) {
    std::vector<std::future<SubmitOutcome>> waiting;
    for (auto& roll : read.rolls) waiting.push_back(doors_.roll(std::move(roll)));
    return std::ranges::all_of(waiting, [&](auto& outcome) { return answered(read, 0, outcome); });
}

bool IntakeFolder::hand_over(runtime::ReadFile& read) {
    // Of a record that gave several, each waits for the one before it: an end whose start was
    // refused would be remembered, and the mended start be passed over.
    std::set<std::uint64_t> refused;
    std::vector<runtime::ReadFile::Made*> due;
    for (auto& made : read.notifications) due.push_back(&made);
    while (!due.empty()) {
        std::vector<runtime::ReadFile::Made*> next;
        std::set<std::uint64_t> under_way;
        std::vector<std::pair<std::uint64_t, std::future<SubmitOutcome>>> waiting;
        for (auto* made : due) {
            if (refused.contains(made->record)) continue;
            if (waiting.size() == notifications_at_once || !under_way.insert(made->record).second) {
                next.push_back(made);
                continue;
            }
            runtime::Submit submit;
            submit.notification = std::move(made->notification);
            submit.remember = std::move(made->remember);
            waiting.emplace_back(made->record, doors_.submit(std::move(submit)));
        }
        for (auto& [record, outcome] : waiting) {
            const std::size_t before = read.rejected_records.size();
            if (!answered(read, record, outcome)) return false;
            if (read.rejected_records.size() > before) refused.insert(record);
        }
        due = std::move(next);
    }
    read.notifications.clear();
    return true;
}

bool IntakeFolder::keep(std::vector<runtime::Remembered> entries) {
    runtime::ReadFile nowhere;
    for (std::size_t at = 0; at < entries.size(); at += remembered_at_once) {
        const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end =
            begin + static_cast<std::ptrdiff_t>(std::min(remembered_at_once, entries.size() - at));
        auto kept =
            doors_.remember({0, {std::make_move_iterator(begin), std::make_move_iterator(end)}});
        if (!answered(nowhere, 0, kept)) return false;
    }
    return true;
}

bool IntakeFolder::write_rows(const fs::path& target, const Reading& reading,
                              const runtime::ReadFile& read) {
    std::ofstream out(target, std::ios::binary | std::ios::trunc);
    std::error_code error;
    fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write, error);
    const auto selector =
        reading.format->select(read.rejected_records, [&](std::string_view piece) {
            out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
        });
    const auto done = reading.text.each([&](std::string_view piece) {
        selector->feed(piece);
        return out.good();
    });
    selector->finish();
    out.close();
    if (done && out.good()) {
        const int fd = ::open(target.c_str(), O_RDONLY | O_CLOEXEC);
        const bool safe = fd >= 0 && ::fsync(fd) == 0;
        if (fd >= 0) ::close(fd);
        if (safe) return true;
    }
    return is_stuck(errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::io_failed);
}

bool IntakeFolder::write_note(const fs::path& target, const Reading& reading,
                              const runtime::ReadFile& read, bool is_whole_file) {
    auto note = note_on(read, reading.context,
                        reading.format == nullptr ? std::string_view() : reading.format->title(),
                        Mend::here);
    note.is_whole_file = is_whole_file;
    // Without an agency nobody read a clock for it.
    const auto& now = reading.context.now.wall;
    note.received_at =
        now.is_set() ? now : WallTime::from_unix_ms(reading.text.stamp().changed_ns / 1'000'000);
    const auto at = note.received_at;
    const auto written = put_note(target, std::move(note), at);
    return written.has_value() || is_stuck(written.error());
}

IntakeFolder::Taken IntakeFolder::hold(const fs::path& file, const std::string& sub_folder,
                                       const FileStamp& as_read, std::uint64_t records) {
    const auto folder = folder_for("waiting", sub_folder);
    if (!folder) {
        is_stuck(folder.error());
        return Taken::again;
    }
    const fs::path target = free_name(*folder, file.filename());
    const std::string name =
        (sub_folder.empty() ? "" : sub_folder + "/") + target.filename().string();
    if (!write_beside(report_path(target), waiting_report(name)) ||
        !put_away(file, as_read, target)) {
        (void)area::remove_file(report_path(target)).has_value();
        return Taken::again;
    }
    stuck_.reset();
    ++counts_.files;
    counts_.records += records;
    note(LogEvent::intake_held, records);
    return Taken::away;
}

IntakeFolder::Taken IntakeFolder::take_in(const fs::path& file, const std::string& sub_folder) {
    auto copy = FileText::copy(file, config_.folder);
    const auto head = copy ? copy->head() : Result<std::string>(fail(copy.error()));
    if (!head) {
        // Grows, or is gone: look again.
        if (head.error() != ErrorCode::busy && head.error() != ErrorCode::not_found)
            is_stuck(head.error());
        return Taken::again;
    }
    Reading reading{std::move(*copy), nullptr, runtime::ReadContext()};
    const FileStamp as_read = reading.text.stamp();
    bool memory_fails = false;
    bool handed_over = true;
    bool is_held = false;
    const NeverWaits never_waits(config_);
    runtime::SourceMemory memory(remembered(memory_fails),
                                 [&](std::vector<runtime::Remembered>&& entries) {
                                     return !memory_fails && (is_held || keep(std::move(entries)));
                                 });
    runtime::ReadFile read;
    if (auto nothing = refused(sub_folder, *head, reading)) {
        read = std::move(*nothing);
    } else {
        if (!is_released(file)) {
            const auto waits = waits_for_a_person(reading, never_waits);
            if (!waits) {
                is_stuck(ErrorCode::store_failed);
                return Taken::waits;
            }
            is_held = *waits;
        }
        const auto take = [&](runtime::ReadFile& found) {
            // Of a file that is held nothing is remembered but what was sent: it is read again.
            if (is_held) never_waits.drop_what_waits(found);
            handed_over = !memory_fails && hand_over(found);
            if (handed_over) memory.forget_taken();
            return handed_over;
        };
        const auto done =
            read_through(reading.text, *reading.format, reading.context, memory, read, take);
        if (!done && done.error() == ErrorCode::io_failed) {
            is_stuck(ErrorCode::io_failed);
            return Taken::again;
        }
        handed_over = handed_over && !memory.failed();
    }
    if (memory_fails) {
        is_stuck(ErrorCode::store_failed);
        return Taken::waits;
    }
    // A list that waits, because its agency's pepper is missing, keeps back no report of a child.
    const Taken not_now = read.rolls.empty() ? Taken::waits : Taken::again;
    if (is_held) never_waits.drop_what_waits(read);
    if (!handed_over || !hand_over(read) || !hand_over_lists(read) ||
        (!is_held && !keep(memory.entries())))
        return not_now;
    if (is_held) return hold(file, sub_folder, as_read, read.records);

    std::ranges::sort(read.rejected_records);
    read.rejected_records.erase(std::ranges::unique(read.rejected_records).begin(),
                                read.rejected_records.end());
    const bool file_refused = std::ranges::any_of(read.faults, [&](const auto& fault) {
        return fault.record == 0 && (fault.record_lost || read.records == 0);
    });
    const bool all_lost =
        file_refused || (read.records > 0 && read.rejected_records.size() == read.records);
    const bool is_rejected = all_lost || !read.rejected_records.empty();
    const auto rejected = folder_for("rejected", sub_folder);
    const auto accepted = folder_for("accepted", sub_folder);
    for (const auto& folder : {rejected, accepted}) {
        if (folder) continue;
        is_stuck(folder.error());
        return Taken::again;
    }
    const std::string name = is_released(file)
                                 ? file.filename().string().substr(released_prefix.size())
                                 : file.filename().string();
    const fs::path beside = free_name(*rejected, name);
    const bool done =
        (read.faults.empty() || write_beside(report_path(beside), fault_report(name, read))) &&
        (all_lost || read.rejected_records.empty() || write_rows(beside, reading, read)) &&
        (!is_rejected || write_note(beside, reading, read, all_lost)) &&
        put_away(file, as_read, all_lost ? beside : free_name(*accepted, name));
    if (!done) {  // the file stays and is read again: this report would stand there twice
        (void)area::remove_file(report_path(beside)).has_value();
        (void)area::remove_file(note_path(beside)).has_value();
        (void)area::remove_file(beside).has_value();
        return Taken::again;
    }
    stuck_.reset();
    ++counts_.files;
    counts_.records += read.records;
    counts_.records_rejected += read.rejected_records.size();
    if (all_lost) ++counts_.files_rejected;
    note(all_lost                        ? LogEvent::intake_refused
         : read.rejected_records.empty() ? LogEvent::intake_accepted
                                         : LogEvent::intake_rows_refused,
         read.records);
    return Taken::away;
}

}  // namespace mash::runtime_shell
