// What came, attached to what the agency had sent about the same event. Inside this folder.
#pragma once

#include <optional>

#include "agents/runtime/core/api.hpp"

namespace mash::runtime {

Answer attach_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body);
std::optional<NotificationId> attached_to(Step& step, const InboxKey& key);
Json attached_to_json(Step& step, const InboxKey& key);
/// What this person may open of what is attached to it.
Json attached_json(Step& step, const Caller& caller, const NotificationId& id);

}  // namespace mash::runtime
