// Which runs of the broker this store has seen, and whether it holds all that an agent heard. A
// store put back without `mashctl restore` has the epoch it had, and may have committed more since
// than it lost: by its serial alone nobody can tell it from the store that promised.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// Reads what the store knows of its starts; this run begins after its last commit. For
/// Core::load(), when the meta record has been read.
void read_starts(CoreState& state, store::Transaction& transaction);

/// The run of `spoilt` goes on in the core that takes its place: agents count what they hear by
/// the start that welcomed them.
void go_on_with_start(CoreState& state, const CoreState& spoilt);

/// The id of this run. Drawn, and kept with this step, for the first agent that is to be told:
/// runs of which nobody heard push no other out of the table.
const std::array<std::uint8_t, 16>& own_start(Step& step);

/// This store lacks something of what `hello` says was heard: its start is not known here, or was
/// over before that serial. A start that is no longer kept counts as unknown; the agent then offers
/// once what is outstanding, which changes nothing. False of an agent that names none: it is new,
/// or an older one, and goes by epoch and serial of Welcome.
bool was_put_back(Step& step, const wire::Hello& hello);

}  // namespace mash::broker
