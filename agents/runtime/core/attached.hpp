// What came, attached to what the agency had sent about the same event. Inside this folder.
#pragma once

#include <optional>
#include <vector>

#include "agents/runtime/core/api.hpp"

namespace mash::runtime {

/// By inbox, sender and id of a report that is joined to another (joined.cpp): its lists change
/// with it.
inline constexpr store::Space joined_reports_space{"joined_reports"};

Answer attach_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);
std::optional<NotificationId> attached_to(Step& step, const InboxKey& key);
Json attached_to_json(Step& step, const InboxKey& key);
/// What else of the same inbox is attached to the same report of the agency's own.
std::vector<InboxKey> attached_with(Step& step, const InboxKey& key);
bool is_anything_attached(Step& step);
/// What this person may open of what is attached to it.
Json attached_json(Step& step, const Caller& caller, const NotificationId& id);

}  // namespace mash::runtime
