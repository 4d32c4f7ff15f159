// Runs the operator's command for each alarm, so that somebody is rung without the broker and
// without a console. A command that did not do its work is told once, because then nobody is rung.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "agents/runtime/core/core.hpp"

namespace mash::runtime_shell {

enum class HookFault : std::uint8_t {
    too_many,     ///< as many as may run at a time are running
    not_started,  ///< the machine could not start it
    exit_code,    ///< it ended with another code than 0
    signal,       ///< it was ended by a signal
};
std::string_view name_of(HookFault fault);

/// Two areas of one agent may each have an alarm of a kind: whoever is rung must know whose.
struct AreaAlarm {
    AreaId area;
    runtime::Alarm alarm;
};

struct HookFailure {
    AreaAlarm of;
    HookFault fault{};
    int number = 0;  ///< exit code or signal
};

/// Any thread. Commands that still run when this ends run on; nobody waits for them.
class AlarmHook {
public:
    static constexpr std::size_t commands_max = 8;

    /// `failed` is called once for each command that failed, by the thread of `run` or by the
    /// hook's own; it must not call back. No command: nothing is run.
    AlarmHook(std::string command, std::function<void(const HookFailure&)> failed);
    ~AlarmHook();
    AlarmHook(const AlarmHook&) = delete;
    AlarmHook& operator=(const AlarmHook&) = delete;

    /// Starts the command under /bin/sh with MASH_ALARM, MASH_AREA, MASH_CLEARED,
    /// MASH_NOTIFICATION, MASH_TELEPHONE and PATH, and waits for nothing.
    void run(const AreaAlarm& of);

private:
    void wait_for_commands();
    void wake() const;

    const std::string command_;
    const std::function<void(const HookFailure&)> failed_;
    std::mutex mutex_;                  // guards what follows
    std::map<int, AreaAlarm> running_;  // by process id
    bool ending_ = false;
    int wake_ = -1;
    std::thread waiter_;
};

}  // namespace mash::runtime_shell
