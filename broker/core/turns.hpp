// Whose turn is it? Within a lane of one host the senders take turns, so that ten thousand items of
// one stolen or looping agent stand before nobody else's missing child.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Puts an item behind those that wait, in the round in which its sender's turn comes; returns its
/// place. Cost: the first row of the lane, the sender's own two counts, whatever waits.
std::uint64_t add_to_queue(Step& step, const HostId& host, wire::Lane lane, const QueueRecord& row);
/// Nothing when it is not there.
void take_from_queue(Step& step, const QueueKey& key, const QueueRecord& row);

}  // namespace mash::broker
