// What counts of a family's agreement, and whose part of a decision rests on it (domain.md E2 E-13
// to E-15, E4). One judgement for broker and agents: a withdrawal stops exactly what relied on it.
#pragma once

#include <vector>

#include "common/wire/agreement.hpp"

namespace mash::area {

/// The referral that a notification belongs to: its thread, or itself when it has none.
ThreadId referral_of(const ThreadId& thread, const NotificationId& id);

/// What the record says at `at`; unset: whether it has run out is not asked. Withdrawn or run out
/// nobody agrees any more, so people do not differ about it either.
wire::Agreement effective_agreement(const wire::AgreementBody& record, WallTime at);

/// May a sender state this in the referral of that record? Only `given` lets more go than silence
/// does, so only that must be what the record says, word for word.
bool bears_out(const wire::AgreementBody& record, const wire::Agreement& stated, WallTime at);

/// The seats that are told because the family agreed: nothing else in the decision would have
/// allowed it, or a person decided between people who differ. Sorted.
std::vector<Seat> relying_on_agreement(const wire::Decision& decision,
                                       const wire::Agreement& stated);

}  // namespace mash::area
