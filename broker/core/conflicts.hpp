// Registered conflicts of interest: these tokens never to these inboxes, nor to any that one of
// these people opens. The words are sealed
// records the broker only keeps; what it applies is a routing code, silently.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_declare_conflict(Step& step, const FrameIn& in);
void on_end_conflict(Step& step, const FrameIn& in, const wire::EndConflict& end);

/// Inboxes that conflicts now in force exclude for any of `tokens`.
std::set<InboxId> excluded_inboxes(Step& step, const std::vector<wire::Token>& tokens);

/// The person who signed is named by a conflict about `tokens`, or the seat's inbox is.
bool may_not_decide(Step& step, const std::vector<wire::Token>& tokens,
                    const wire::Authorisation& given);
/// An agency says who opens this inbox now. Of a child from whom one of the new ones is to be kept:
/// what waits takes the other way, and of what is there already somebody is told.
void take_from_new_members(Step& step, const AgencyId& agency, const InboxId& inbox,
                           const std::vector<PersonId>& before,
                           const std::vector<PersonId>& members);

}  // namespace mash::broker
