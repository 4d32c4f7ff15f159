#include "agents/runtime/shell/alarm_hook.hpp"

#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>

namespace mash::runtime_shell {

namespace {

constexpr std::size_t commands_max = 8;

}  // namespace

void AlarmHook::reap() {
    std::erase_if(children_, [](int child) { return ::waitpid(child, nullptr, WNOHANG) != 0; });
}

bool AlarmHook::run(const runtime::Alarm& alarm) {
    if (command_.empty()) return true;
    reap();
    if (children_.size() >= commands_max) return false;
    const char* path = std::getenv("PATH");
    const std::array<std::string, 5> values{
        "MASH_ALARM=" + std::string(runtime::name_of(alarm.kind)),
        std::string("MASH_CLEARED=") + (alarm.cleared ? "1" : "0"),
        "MASH_NOTIFICATION=" +
            (alarm.notification.is_zero() ? std::string() : to_text(alarm.notification)),
        "MASH_TELEPHONE=" + alarm.telephone,
        "PATH=" + std::string(path == nullptr ? "/usr/bin:/bin" : path)};
    std::array<char*, 6> environment{};
    for (std::size_t i = 0; i < values.size(); ++i)
        environment[i] = const_cast<char*>(values[i].c_str());
    const std::string shell = "/bin/sh";
    const std::string option = "-c";
    std::array<char*, 4> arguments{const_cast<char*>(shell.c_str()),
                                   const_cast<char*>(option.c_str()),
                                   const_cast<char*>(command_.c_str()), nullptr};
    pid_t child = 0;
    if (::posix_spawn(&child, shell.c_str(), nullptr, nullptr, arguments.data(),
                      environment.data()) != 0)
        return false;
    children_.push_back(child);
    return true;
}

}  // namespace mash::runtime_shell
