// What came, attached to what the agency had sent about the same event. Inside this folder.
#pragma once

#include <optional>
#include <vector>

#include "agents/runtime/core/api.hpp"

namespace mash::runtime {

/// By inbox, sender and id.
inline constexpr store::Space attached_items_space{"attached_items"};

Answer attach_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);
std::optional<NotificationId> attached_to(Step& step, const InboxKey& key);
Json attached_to_json(Step& step, const InboxKey& key);
/// What else of the same inbox is attached to the same report of the agency's own in the same line.
std::vector<InboxKey> attached_with(Step& step, const InboxKey& key);
bool is_anything_in_one_line(Step& step);
/// It stays attached, and stands by itself.
void leave_line(Step& step, const InboxKey& key);
/// What this person may open of what is attached to it.
Json attached_json(Step& step, const Caller& caller, const NotificationId& id);

}  // namespace mash::runtime
