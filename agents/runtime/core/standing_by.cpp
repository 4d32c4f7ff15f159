#include "agents/runtime/core/standing_by.hpp"

#include <algorithm>

#include "common/area/alternates.hpp"

namespace mash::runtime {

namespace {

std::vector<InboxId> stood_in_from(Step& step, const Caller& sender, const Seat& seat) {
    if (!has_role(sender, seat.agency, seat.role) || has_role_itself(step, sender, seat)) return {};
    const auto* agency =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(seat.agency);
    if (agency == nullptr) return {};
    auto inboxes = area::alternates_of(*agency, seat.role);
    std::erase_if(inboxes, [&](const auto& inbox) { return !is_member(step, sender, inbox); });
    return inboxes;
}

std::vector<std::tuple<NotificationId, InboxId>> marks_of(Step& step, const NotificationId& id) {
    const Bytes prefix = store::key_bytes(id);
    return table::sent_standing_by.collect_keys(step.tx, {.prefix = prefix});
}

}  // namespace

bool stands_by(Step& step, const Caller& sender, const Seat& seat) {
    return !stood_in_from(step, sender, seat).empty();
}

void note_standing_by(Step& step, const Caller& sender, const NotificationId& id,
                      const Seat& seat) {
    for (const auto& inbox : stood_in_from(step, sender, seat))
        table::sent_standing_by.put(step.tx, {id, inbox}, {});
}

void note_standing_by(Step& step, const NotificationId& id, const NotificationId& made_of) {
    for (const auto& [of, inbox] : marks_of(step, made_of))
        table::sent_standing_by.put(step.tx, {id, inbox}, {});
}

bool was_sent_standing_by(Step& step, const NotificationId& id) {
    return !marks_of(step, id).empty();
}

std::optional<bool> sees_as_alternate(Step& step, const Caller& caller, const NotificationId& id) {
    const auto marks = marks_of(step, id);
    if (marks.empty()) return std::nullopt;
    return std::ranges::any_of(
        marks, [&](const auto& key) { return is_member(step, caller, std::get<1>(key)); });
}

}  // namespace mash::runtime
