// How much room the disk under the store has, as a bound on what is accepted.
#pragma once

#include <cstdint>

#include "common/wire/vocabulary.hpp"

namespace mash::broker_shell {

/// The slowest lane that may still use the disk: every one; with less than `floor_bytes` free, down
/// to urgent; with less than a quarter of it, only immediate. `before` is the last answer: a lane
/// comes back at an eighth over its mark.
wire::Lane slowest_lane_for(std::uint64_t free_bytes, std::uint64_t floor_bytes, wire::Lane before);

}  // namespace mash::broker_shell
