#include "agents/runtime/shell/intake_folder.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>

#include "common/area/files.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;

namespace {

// On a share that reports no events a file is whole when this many looks found it unchanged.
constexpr int settled_looks = 3;
constexpr std::chrono::seconds answer_deadline{120};
constexpr std::chrono::milliseconds stop_check_interval{50};

bool is_ours_to_read(const fs::path& file) {
    const std::string name = file.filename().string();
    if (name.empty() || name.front() == '.' || name.front() == '~') return false;
    const std::string extension = file.extension().string();
    return extension != ".tmp" && extension != ".part" && extension != ".filepart" &&
           extension != ".crdownload";
}

// A read lease is refused while anybody has the file open for writing. False where leases cannot be
// had (network shares, files of another user): there the number of unchanged looks decides alone.
bool is_being_written(const fs::path& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return false;
    // Whoever opens the file now breaks the lease, and its signal must not end us as SIGIO would.
    (void)::fcntl(fd, F_SETSIG, SIGURG);
    const bool refused = ::fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    if (!refused) (void)::fcntl(fd, F_SETLEASE, F_UNLCK);
    ::close(fd);
    return refused;
}

}  // namespace

IntakeFolder::IntakeFolder(IntakeConfig config, const runtime::SourceFormats& formats,
                           store::Store& memory, SubmitOne submit, SubmitRoll roll)
    : config_(std::move(config)),
      formats_(formats),
      memory_(memory),
      submit_(std::move(submit)),
      roll_(std::move(roll)) {}

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

void IntakeFolder::look() {
    std::error_code error;
    const fs::path intake = config_.folder / "intake";
    std::vector<std::pair<fs::path, std::string>> folders{{intake, ""}};
    for (const auto& entry : fs::directory_iterator(intake, error)) {
        if (entry.is_directory(error) && is_ours_to_read(entry.path()))
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
            if (entry.is_regular_file(error) && is_ours_to_read(entry.path()))
                files.push_back(entry.path());
        }
        std::ranges::sort(files);
        for (const auto& file : files) {
            if (stopping_) return;
            const std::string key = sub + "/" + file.filename().string();
            present.insert(key);
            if (!closed_.contains(key) && !is_settled(file)) continue;
            if (is_being_written(file)) continue;
            if (take_in(file, sub)) {
                closed_.erase(key);
                seen_.erase(file.string());
            }
        }
    }
    std::erase_if(closed_, [&](const std::string& key) { return !present.contains(key); });
}

bool IntakeFolder::is_settled(const fs::path& file) {
    std::error_code error;
    const auto bytes = fs::file_size(file, error);
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

fs::path report_of(const fs::path& file) { return file.string() + ".report.txt"; }

// Nothing is overwritten, reports neither: a second file of the same name gets a number.
fs::path free_name(const fs::path& folder, const fs::path& name) {
    std::error_code error;
    fs::path target = folder / name;
    const auto is_taken = [&] {
        return fs::exists(target, error) || fs::exists(report_of(target), error);
    };
    for (int n = 2; is_taken(); ++n) {
        target =
            folder / (name.stem().string() + "-" + std::to_string(n) + name.extension().string());
    }
    return target;
}

}  // namespace

bool IntakeFolder::put_away(const fs::path& file, const fs::path& target_folder) {
    std::error_code error;
    fs::rename(file, free_name(target_folder, file.filename()), error);
    return !error;
}

bool IntakeFolder::write_beside(const fs::path& target, std::string_view text) {
    return area::write_file(target, view_of(text), area::FileAccess::owner_only).has_value();
}

bool IntakeFolder::comes(const std::future<SubmitOutcome>& outcome) const {
    const auto deadline = std::chrono::steady_clock::now() + answer_deadline;
    while (!stopping_ && std::chrono::steady_clock::now() < deadline) {
        if (outcome.wait_for(stop_check_interval) == std::future_status::ready) return true;
    }
    return false;
}

bool IntakeFolder::take_in(const fs::path& file, const std::string& sub_folder) {
    const auto content = area::read_file(file, limits::intake_file_bytes_max);
    runtime::ReadFile read;
    StoredMemory memory(memory_);
    std::string_view text;
    const auto context = config_.context_of(sub_folder);
    if (!content) {
        if (content.error() != ErrorCode::too_large) return false;  // busy or gone: look again
        read.faults.push_back(
            {0, 0, "", "too_large", "The file is larger than 64 MiB: send it in parts", true});
    } else if (!context) {
        read.faults.push_back({0, 0, "", "unknown_agency",
                               "This folder's name is not an agency served here: use the school's "
                               "URN or the agency's id",
                               true});
    } else {
        text = text_of(*content);
        const auto* format = find_format(formats_, text);
        if (format == nullptr) {
            read.faults.push_back({0, 0, "", "unknown_format",
                                   "The file is in no format that this agent reads: see its "
                                   "README, or run intake check on it",
                                   true});
        } else {
            read = format->read(text, *context, memory);
        }
    }

    std::vector<std::pair<std::uint64_t, std::future<SubmitOutcome>>> waiting;
    for (auto& made : read.notifications)
        waiting.emplace_back(made.record, submit_(made.notification));
    for (auto& roll : read.rolls) waiting.emplace_back(0, roll_(roll));
    for (auto& [record, outcome] : waiting) {
        if (!comes(outcome)) return false;  // read again later: same references
        const auto answer = outcome.get();
        if (answer.later) return false;
        if (answer.accepted) continue;
        for (const auto& fault : answer.faults)
            read.faults.push_back({record, 0, fault.path, fault.rule, fault.message, true});
        if (record > 0) read.rejected_records.push_back(record);
    }
    if (!memory.keep()) return false;

    std::ranges::sort(read.rejected_records);
    read.rejected_records.erase(std::ranges::unique(read.rejected_records).begin(),
                                read.rejected_records.end());
    const bool file_refused = std::ranges::any_of(
        read.faults, [](const auto& fault) { return fault.record == 0 && fault.record_lost; });
    const bool all_lost =
        file_refused || (read.records > 0 && read.rejected_records.size() == read.records);
    ++counts_.files;
    counts_.records += read.records;
    counts_.records_rejected += read.rejected_records.size();
    const fs::path rejected = config_.folder / "rejected" / sub_folder;
    const fs::path accepted = config_.folder / "accepted" / sub_folder;
    if (!area::make_folder(rejected, area::FileAccess::owner_only) ||
        !area::make_folder(accepted, area::FileAccess::owner_only))
        return false;
    const std::string name = file.filename().string();
    const fs::path beside = free_name(rejected, name);
    if (!read.faults.empty() && !write_beside(report_of(beside), fault_report(name, read)))
        return false;
    if (all_lost) {
        ++counts_.files_rejected;
        std::error_code error;
        fs::rename(file, beside, error);
        return !error;
    }
    if (!read.rejected_records.empty() &&
        !write_beside(beside, select_records(text, read.rejected_records)))
        return false;
    return put_away(file, accepted);
}

}  // namespace mash::runtime_shell
