// A child left a list, and nobody has claimed it since: a pupil taken off a roll whom no other
// school takes on. Whoever the policy names is told, by agency and day; which child it is they ask
// there.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// A claim that was deposited has ended or run out. Cost: a row and one of the time index.
void watch_for_lapse(Step& step, const ClaimKey& key, const wire::InvolvementClaim& claim);
/// Its days are over: a task, unless somebody claims the child in the same words now.
void lapse_due(Step& step, const ClaimKey& key);

}  // namespace mash::broker
