// Runs the operator's command for each alarm, so that somebody is rung without the broker and
// without a console. A command that did not do its work is told once, because then nobody is rung.
// Many alarms at one moment wait their turn: a broker that is away raises one for each child.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agents/runtime/core/core.hpp"

namespace mash::runtime_shell {

enum class HookFault : std::uint8_t {
    too_many,     ///< as many run and wait as may
    too_long,     ///< it ran for longer than it may, and was ended with all that it had started
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
    static constexpr std::size_t waiting_max = 256;
    static constexpr std::chrono::minutes time_max{5};

    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    /// `failed` is called once for each command that failed, by the thread of `run` or by the
    /// hook's own; it must not call back. No command: nothing is run. `clock`: any thread.
    AlarmHook(std::string command, std::function<void(const HookFailure&)> failed,
              Clock clock = std::chrono::steady_clock::now);
    ~AlarmHook();
    AlarmHook(const AlarmHook&) = delete;
    AlarmHook& operator=(const AlarmHook&) = delete;

    /// Starts the command under /bin/sh with MASH_ALARM, MASH_AREA, MASH_CLEARED,
    /// MASH_NOTIFICATION, MASH_TELEPHONE and PATH, or has it wait for its turn; itself it waits for
    /// nothing. An alarm that is over before its turn came is nobody's any more.
    void run(const AreaAlarm& of);

private:
    struct Running {
        AreaAlarm of;
        std::chrono::steady_clock::time_point until;
        bool is_ended = false;  ///< told already
    };
    void put_in_line(const AreaAlarm& of, std::vector<HookFailure>& failures);
    void start_next(std::vector<HookFailure>& failures);
    void look_at_commands(std::map<int, int>& watched, std::vector<HookFailure>& failures);
    void wait_for_commands();
    void wake() const;

    const std::string command_;
    const std::function<void(const HookFailure&)> failed_;
    const Clock clock_;
    std::mutex mutex_;                // guards what follows
    std::map<int, Running> running_;  // by process id
    std::deque<AreaAlarm> raised_;    // wait for their turn, before all of `over_`
    std::deque<AreaAlarm> over_;
    bool ending_ = false;
    int wake_ = -1;
    std::thread waiter_;
};

}  // namespace mash::runtime_shell
