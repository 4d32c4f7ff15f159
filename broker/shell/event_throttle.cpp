#include "broker/shell/event_throttle.hpp"

#include <utility>

namespace mash::broker_shell {

std::uint64_t EventThrottle::take(LogEvent event, Time now) {
    auto& said = said_[event];
    if (said.lines > 0 && now - said.since >= window) said.lines = 0;
    if (said.lines == 0) said.since = now;
    if (said.lines >= lines_max) {
        ++said.unsaid;
        return 0;
    }
    ++said.lines;
    return std::exchange(said.unsaid, 0) + 1;
}

}  // namespace mash::broker_shell
