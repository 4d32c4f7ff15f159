// Registered conflicts of interest: these tokens never to these inboxes. The words are sealed
// records the broker only keeps; what it applies is a routing code, silently.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

void on_declare_conflict(Step& step, const FrameIn& in);
void on_end_conflict(Step& step, const FrameIn& in, const wire::EndConflict& end);

/// Inboxes that conflicts now in force exclude for any of `tokens`.
std::set<InboxId> excluded_inboxes(Step& step, const std::vector<wire::Token>& tokens);

}  // namespace mash::broker
