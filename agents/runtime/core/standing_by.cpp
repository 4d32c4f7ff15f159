#include "agents/runtime/core/standing_by.hpp"

#include <algorithm>

#include "common/area/alternates.hpp"

namespace mash::runtime {

void note_standing_by(Step& step, const Caller& sender, const NotificationId& id,
                      const Seat& seat) {
    if (!has_role(sender, seat.agency, seat.role) || has_role_itself(step, sender, seat)) return;
    const auto* agency =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(seat.agency);
    if (agency == nullptr) return;
    for (const auto& inbox : area::alternates_of(*agency, seat.role)) {
        if (is_member(step, sender, inbox)) table::sent_standing_by.put(step.tx, {id, inbox}, {});
    }
}

std::optional<bool> sees_as_alternate(Step& step, const Caller& caller, const NotificationId& id) {
    const Bytes prefix = store::key_bytes(id);
    const auto inboxes = table::sent_standing_by.collect_keys(step.tx, {.prefix = prefix});
    if (inboxes.empty()) return std::nullopt;
    return std::ranges::any_of(
        inboxes, [&](const auto& key) { return is_member(step, caller, std::get<1>(key)); });
}

}  // namespace mash::runtime
