// The log of requests (design rule 8): who asked who would be told, about which notification, for
// what reason, and how it ended. Asking is a disclosure: what was asked and never sent is shown to
// the front door.
#pragma once

#include "broker/core/step.hpp"

namespace mash::broker {

/// What a question is about. Another child's under the same id is another question.
Digest about_of(const wire::RoutingFacts& facts);
/// `can_be_published`: the plan names somebody whom a parcel can reach. `is_accepted`: the
/// notification that it is about is here.
void record_request(Step& step, const PlanId& id, AskedRecord asked, bool can_be_published,
                    bool is_accepted);
/// The notification, or a supplement of it, was accepted under this plan, about these tokens.
void request_published(Step& step, const ItemKey& item, const PlanId& plan,
                       const std::vector<wire::Token>& tokens);
/// Its plan is out of date for a while: was it sent?
void request_lapsed(Step& step, const PlanId& id);
/// At the end of the log's retention.
void forget_request(Step& step, const PlanId& id, const AskedRecord& asked);

std::string_view word_of(AskedEnd end);

}  // namespace mash::broker
