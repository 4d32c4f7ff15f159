#include "agents/runtime/shell/alarm_hook.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "common/base/check.hpp"

namespace mash::runtime_shell {

namespace {

/// The process id, unless the machine refuses.
std::optional<pid_t> start_command(const std::string& command, const AreaAlarm& of) {
    const auto& alarm = of.alarm;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
    const char* path = std::getenv("PATH");
    const std::array<std::string, 6> values{
        "MASH_ALARM=" + std::string(runtime::name_of(alarm.kind)),
        "MASH_AREA=" + of.area.value(),
        std::string("MASH_CLEARED=") + (alarm.cleared ? "1" : "0"),
        "MASH_NOTIFICATION=" +
            (alarm.notification.is_zero() ? std::string() : to_text(alarm.notification)),
        "MASH_TELEPHONE=" + alarm.telephone,
        "PATH=" + std::string(path == nullptr ? "/usr/bin:/bin" : path)};
    std::array<char*, 7> environment{};
    for (std::size_t i = 0; i < values.size(); ++i)
        environment[i] = const_cast<char*>(values[i].c_str());
    const std::string shell = "/bin/sh";
    const std::string option = "-c";
    std::array<char*, 4> arguments{const_cast<char*>(shell.c_str()),
                                   const_cast<char*>(option.c_str()),
                                   const_cast<char*>(command.c_str()), nullptr};
    // The agent blocks the signals that stop it; a command must be stoppable, and with it whatever
    // it starts: so it is a group of its own.
    posix_spawnattr_t attributes;
    if (::posix_spawnattr_init(&attributes) != 0) return std::nullopt;
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    pid_t child = 0;
    const int refused = ::posix_spawn(&child, shell.c_str(), nullptr, &attributes, arguments.data(),
                                      environment.data());
    ::posix_spawnattr_destroy(&attributes);
    if (refused != 0) return std::nullopt;
    return child;
}

/// A descriptor that is readable once the process has ended; -1 where there is none to have.
int open_process(pid_t process) { return static_cast<int>(::syscall(SYS_pidfd_open, process, 0)); }

bool is_of_one(const AreaAlarm& a, const AreaAlarm& b) {
    return a.area == b.area && a.alarm.kind == b.alarm.kind &&
           a.alarm.notification == b.alarm.notification;
}

}  // namespace

std::string_view name_of(HookFault fault) {
    switch (fault) {
        case HookFault::too_many: return "too_many";
        case HookFault::too_long: return "too_long";
        case HookFault::not_started: return "not_started";
        case HookFault::exit_code: return "exit_code";
        case HookFault::signal: return "signal";
    }
    return "";
}

AlarmHook::AlarmHook(std::string command, std::function<void(const HookFailure&)> failed,
                     Clock clock)
    : command_(std::move(command)), failed_(std::move(failed)), clock_(std::move(clock)) {
    if (command_.empty()) return;
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(wake_ >= 0);
    waiter_ = std::thread([this] { wait_for_commands(); });
}

AlarmHook::~AlarmHook() {
    if (!waiter_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake();
    waiter_.join();
    ::close(wake_);
}

void AlarmHook::run(const AreaAlarm& of) {
    if (command_.empty()) return;
    std::vector<HookFailure> failures;
    {
        const std::lock_guard lock(mutex_);
        put_in_line(of, failures);
        start_next(failures);
    }
    for (const auto& failure : failures) failed_(failure);
    wake();
}

void AlarmHook::put_in_line(const AreaAlarm& of, std::vector<HookFailure>& failures) {
    const auto is_same = [&](const AreaAlarm& other) { return is_of_one(of, other); };
    if (of.alarm.cleared) {
        // Nobody was rung for it yet, so nobody need hear that it is over.
        if (std::erase_if(raised_, is_same) > 0) return;
    } else {
        // Raised again: who heard last that it is over would take it for that.
        std::erase_if(over_, is_same);
        // The number to ring has changed while it waited.
        if (const auto same = std::ranges::find_if(raised_, is_same); same != raised_.end()) {
            *same = of;
            return;
        }
    }
    if (raised_.size() + over_.size() >= waiting_max) {
        // To hear that something is over can be done without; to be rung cannot.
        if (of.alarm.cleared || over_.empty()) {
            failures.push_back({of, HookFault::too_many, 0});
            return;
        }
        failures.push_back({over_.front(), HookFault::too_many, 0});
        over_.pop_front();
    }
    (of.alarm.cleared ? over_ : raised_).push_back(of);
}

void AlarmHook::start_next(std::vector<HookFailure>& failures) {
    while (running_.size() < commands_max && !(raised_.empty() && over_.empty())) {
        auto& line = raised_.empty() ? over_ : raised_;
        const AreaAlarm of = std::move(line.front());
        line.pop_front();
        if (const auto child = start_command(command_, of))
            running_.emplace(*child, Running{of, clock_() + time_max, false});
        else
            failures.push_back({of, HookFault::not_started, 0});
    }
}

void AlarmHook::wake() const {
    const std::uint64_t one = 1;
    // Full means that it is awake already.
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void AlarmHook::look_at_commands(std::map<int, int>& watched, std::vector<HookFailure>& failures) {
    const auto now = clock_();
    for (auto at = running_.begin(); at != running_.end();) {
        auto& [child, command] = *at;
        int status = 0;
        if (::waitpid(child, &status, WNOHANG) == 0) {
            if (!command.is_ended && now >= command.until) {
                // Nobody has waited for it yet, so no other process can have its number.
                ::kill(-child, SIGKILL);
                command.is_ended = true;
                failures.push_back({command.of, HookFault::too_long, 0});
            }
            ++at;
            continue;
        }
        if (!command.is_ended && WIFSIGNALED(status))
            failures.push_back({command.of, HookFault::signal, WTERMSIG(status)});
        else if (!command.is_ended && WEXITSTATUS(status) != 0)
            failures.push_back({command.of, HookFault::exit_code, WEXITSTATUS(status)});
        if (const auto found = watched.find(child); found != watched.end()) {
            ::close(found->second);
            watched.erase(found);
        }
        at = running_.erase(at);
    }
}

void AlarmHook::wait_for_commands() {
    std::map<int, int> watched;  // process id -> a descriptor that is readable when it has ended
    for (;;) {
        std::vector<HookFailure> failures;
        {
            const std::lock_guard lock(mutex_);
            if (ending_) break;
            look_at_commands(watched, failures);
            start_next(failures);
            for (const auto& [child, command] : running_)
                if (!watched.contains(child)) watched[child] = open_process(child);
        }
        for (const auto& failure : failures) failed_(failure);
        std::vector<pollfd> descriptors{{wake_, POLLIN, 0}};
        for (const auto& [child, descriptor] : watched)
            descriptors.push_back({descriptor, POLLIN, 0});
        // Looking again each second ends what runs for too long, and serves where the machine
        // gives no descriptor for a process.
        ::poll(descriptors.data(), descriptors.size(), watched.empty() ? -1 : 1000);
        std::uint64_t woken = 0;
        [[maybe_unused]] const auto got = ::read(wake_, &woken, sizeof woken);
    }
    for (const auto& [child, descriptor] : watched) ::close(descriptor);
}

}  // namespace mash::runtime_shell
