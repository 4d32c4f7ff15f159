// What lies in the agent's folders and goes nowhere: somebody is rung for it. The shell sees the
// files; how long one may lie is judged here, by the same clock as every other alarm, so that it is
// also said while the shell's own reading hangs.
#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

void watch_files(Step& step, const Tick& tick) {
    // A core that has not heard of them yet leaves standing what was raised before a restart.
    if (!tick.files) return;
    step.agent.files = tick.files;
    const auto& seen = *tick.files;
    const auto say = [&](Alarm::Kind kind, bool holds) {
        holds ? raise(step, kind, {}) : clear(step, kind, {});
    };
    say(Alarm::Kind::file_held, seen.held > 0);
    say(Alarm::Kind::file_unread,
        seen.unread_since.is_set() &&
            seen.unread_since + step.agent.config.unread_alarm <= step.now.wall);
}

}  // namespace mash::runtime
