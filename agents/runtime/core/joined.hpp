// Reports of one event that several agencies sent (domain.md G12): a person of the inbox says that
// they are, and from then on they stand in its lists and counts once. Each stays an item of its
// own: opened, decided, taken back by itself. Inside this folder.
#pragma once

#include <vector>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/received.hpp"
#include "agents/runtime/core/shown_child.hpp"

namespace mash::runtime {

/// "<sender>/<id>": another item of the same inbox. Both were opened, and neither they nor what is
/// joined to them says that it is about another child.
Answer join_item(Step& step, const Caller& caller, const ApiRequest& request,
                 const ReceivedRow& row, const std::string& with);
/// It is a report of its own again; where it was the first, so are all that were joined to it.
void part_report(Step& step, const InboxKey& key);
/// An answer on which it may rest, that it is the same child, was taken back.
void part_reports_of(Step& step, const AgencyId& sender, const NotificationId& id);

/// This one and what else of its inbox is of the same event, first come first, as far as it is here
/// and no conflict keeps it from this reader. One alone: nothing was joined to it.
std::vector<ReceivedRow> reports_of_event(Step& step, const ReceivedRow& row, KeptFrom& kept_from);
bool was_first_accepted(const ReceivedRow& a, const ReceivedRow& b);
Json reports_json(Step& step, const std::vector<ReceivedRow>& reports);

}  // namespace mash::runtime
