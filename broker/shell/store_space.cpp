#include "broker/shell/store_space.hpp"

namespace mash::broker_shell {

wire::Lane slowest_lane_for(std::uint64_t free_bytes, std::uint64_t floor_bytes,
                            wire::Lane before) {
    // A disk that stands at the mark would otherwise raise the alarm every second.
    const auto with_slack = [&](std::uint64_t mark, wire::Lane of_mark) {
        return before <= of_mark ? mark + mark / 8 : mark;
    };
    if (free_bytes < with_slack(floor_bytes / 4, wire::Lane::immediate))
        return wire::Lane::immediate;
    return free_bytes < with_slack(floor_bytes, wire::Lane::urgent) ? wire::Lane::urgent
                                                                    : wire::Lane::bulk;
}

}  // namespace mash::broker_shell
