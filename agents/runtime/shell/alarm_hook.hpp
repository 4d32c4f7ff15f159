// Runs the operator's command for each alarm, so that somebody is rung without the broker and
// without a console.
#pragma once

#include <string>
#include <vector>

#include "agents/runtime/core/core.hpp"

namespace mash::runtime_shell {

/// One thread only. At most a few commands at a time; over that an alarm is in log and metrics
/// alone.
class AlarmHook {
public:
    explicit AlarmHook(std::string command) : command_(std::move(command)) {}
    /// Starts `command` under /bin/sh with MASH_ALARM, MASH_CLEARED, MASH_NOTIFICATION,
    /// MASH_TELEPHONE and waits for nothing. False when it could not be started.
    bool run(const runtime::Alarm& alarm);

private:
    void reap();
    std::string command_;
    std::vector<int> children_;
};

}  // namespace mash::runtime_shell
