#include "agents/runtime/shell/alarm_hook.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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
    // The agent blocks the signals that stop it; a command must be stoppable.
    posix_spawnattr_t attributes;
    if (::posix_spawnattr_init(&attributes) != 0) return std::nullopt;
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t child = 0;
    const int refused = ::posix_spawn(&child, shell.c_str(), nullptr, &attributes, arguments.data(),
                                      environment.data());
    ::posix_spawnattr_destroy(&attributes);
    if (refused != 0) return std::nullopt;
    return child;
}

/// A descriptor that is readable once the process has ended; -1 where there is none to have.
int open_process(pid_t process) { return static_cast<int>(::syscall(SYS_pidfd_open, process, 0)); }

}  // namespace

std::string_view name_of(HookFault fault) {
    switch (fault) {
        case HookFault::too_many: return "too_many";
        case HookFault::not_started: return "not_started";
        case HookFault::exit_code: return "exit_code";
        case HookFault::signal: return "signal";
    }
    return "";
}

AlarmHook::AlarmHook(std::string command, std::function<void(const HookFailure&)> failed)
    : command_(std::move(command)), failed_(std::move(failed)) {
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
    std::optional<HookFault> fault;
    {
        const std::lock_guard lock(mutex_);
        if (running_.size() >= commands_max) {
            fault = HookFault::too_many;
        } else if (const auto child = start_command(command_, of)) {
            running_.emplace(*child, of);
        } else {
            fault = HookFault::not_started;
        }
    }
    if (fault)
        failed_({of, *fault, 0});
    else
        wake();
}

void AlarmHook::wake() const {
    const std::uint64_t one = 1;
    // Full means that it is awake already.
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void AlarmHook::wait_for_commands() {
    std::map<int, int> watched;  // process id -> a descriptor that is readable when it has ended
    const auto forget = [&](int child) {
        ::close(watched.at(child));
        watched.erase(child);
    };
    for (;;) {
        std::vector<HookFailure> failures;
        {
            const std::lock_guard lock(mutex_);
            if (ending_) break;
            for (auto at = running_.begin(); at != running_.end();) {
                const auto& [child, of] = *at;
                int status = 0;
                if (::waitpid(child, &status, WNOHANG) == 0) {
                    if (!watched.contains(child)) watched[child] = open_process(child);
                    ++at;
                    continue;
                }
                if (WIFSIGNALED(status))
                    failures.push_back({of, HookFault::signal, WTERMSIG(status)});
                else if (WEXITSTATUS(status) != 0)
                    failures.push_back({of, HookFault::exit_code, WEXITSTATUS(status)});
                if (watched.contains(child)) forget(child);
                at = running_.erase(at);
            }
        }
        for (const auto& failure : failures) failed_(failure);
        std::vector<pollfd> descriptors{{wake_, POLLIN, 0}};
        bool blind = false;
        for (const auto& [child, descriptor] : watched) {
            descriptors.push_back({descriptor, POLLIN, 0});
            blind = blind || descriptor < 0;
        }
        // Where the machine gives no descriptor for a process, looking again each second does.
        ::poll(descriptors.data(), descriptors.size(), blind ? 1000 : -1);
        std::uint64_t woken = 0;
        [[maybe_unused]] const auto got = ::read(wake_, &woken, sizeof woken);
    }
    while (!watched.empty()) forget(watched.begin()->first);
}

}  // namespace mash::runtime_shell
