#include "broker/core/release.hpp"

#include <algorithm>

#include "broker/core/conflicts.hpp"
#include "broker/core/delivery.hpp"
#include "broker/core/recall.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/tasks.hpp"
#include "common/area/alternates.hpp"

namespace mash::broker {
namespace {

bool is_own(const InboxRoute& route) { return !route.is_alternate && !route.is_out_of_hours; }

/// `lost`: inboxes whose copies count no more.
bool has_way(const SeatRecord& seat, const std::set<InboxId>& lost = {}) {
    return std::ranges::any_of(seat.inboxes, [&](const InboxRoute& route) {
        return !lost.contains(route.inbox) &&
               (route.state == RouteState::waiting || route.state == RouteState::stored ||
                route.state == RouteState::refused);
    });
}

bool is_with_somebody(const SeatRecord& seat) {
    return has_rung(seat, wire::Rung::taken) || has_rung(seat, wire::Rung::decided) ||
           has_rung(seat, wire::Rung::handed_over);
}

// The seat's own inbox first, then its alternates, the nearest first; for front door and emergency
// duty team that is the other of the two.
InboxRoute* next_way(Step& step, SeatRecord& seat) {
    for (auto& route : seat.inboxes) {
        if (is_own(route) && route.state == RouteState::standing_by) return &route;
    }
    if (const auto* agency = step.registry()->find_agency(seat.seat.agency)) {
        for (const auto& inbox : area::alternates_of(*agency, seat.seat.role)) {
            const auto route = std::ranges::find(seat.inboxes, inbox, &InboxRoute::inbox);
            if (route != seat.inboxes.end() && route->is_alternate &&
                route->state == RouteState::standing_by)
                return &*route;
        }
    }
    for (auto& route : seat.inboxes) {
        if (route.is_alternate && route.state == RouteState::standing_by) return &route;
    }
    for (auto& route : seat.inboxes) {
        if (route.is_out_of_hours && route.state == RouteState::standing_by) return &route;
    }
    return nullptr;
}

/// The other way of a seat that has none left; else somebody rings. True: it goes that way.
bool give_other_way(Step& step, const ItemKey& item, NotificationRecord& record, SeatRecord& seat) {
    auto* route = next_way(step, seat);
    if (route == nullptr) {
        open_both_conflicted(step, item, record, seat);
        return false;
    }
    queue_route(step, item, record, seat, *route);
    return true;
}

/// It is in inboxes that count no more, and in none that does.
bool is_there_only(const SeatRecord& seat, const std::set<InboxId>& lost) {
    return !has_way(seat, lost) && std::ranges::any_of(seat.inboxes, [&](const InboxRoute& route) {
        return lost.contains(route.inbox) && route.state == RouteState::stored;
    });
}

Bytes hours_subject(const ItemKey& item, const Seat& seat) { return key_of(item, seat); }

bool is_on_duty(Step& step, const InboxId& inbox) {
    const auto& policy = *step.policy();
    const auto* agency = step.registry()->agency_of_inbox(inbox);
    const auto front_door = policy.front_door_role();
    const bool is_front_door =
        agency && std::ranges::any_of(agency->seats, [&](const area::SeatEntry& seat) {
            return seat.inbox == inbox && seat.role == front_door;
        });
    return is_front_door == policy.is_front_door_open(step.now.wall);
}

}  // namespace

bool apply_conflicts(Step& step, const ItemKey& item, NotificationRecord& record) {
    auto excluded = excluded_inboxes(step, record.tokens);
    // An episode stays with whoever has it: what the alternate was given meanwhile the seat's own
    // inbox never had, and a later update leaves it out.
    const auto prefix = key_of(item.sender, record.thread);
    for (const auto& key : tables::thread_kept_from.collect_keys(step.tx, {.prefix = prefix}))
        excluded.insert(std::get<2>(key));
    bool changed = false;
    for (auto& seat : record.seats) {
        for (auto& route : seat.inboxes) {
            if (!excluded.contains(route.inbox)) continue;
            if (route.state != RouteState::waiting && route.state != RouteState::standing_by)
                continue;
            if (route.state == RouteState::waiting) unqueue_route(step, item, record, route);
            route.state = RouteState::excluded;
            step.put(tables::thread_kept_from, {item.sender, record.thread, route.inbox}, {});
            changed = true;
        }
        // A seat whose own inbox has no key yet has no way of its own: its task is not_connected,
        // not a conflict.
        const bool has_own = std::ranges::any_of(seat.inboxes, is_own);
        if (seat.settled || !has_own || has_way(seat) || is_recalled(step, item, record, seat))
            continue;
        changed = give_other_way(step, item, record, seat) || changed;
    }
    return changed;
}

void release_instead_of(Step& step, const ItemKey& item, NotificationRecord& record,
                        const InboxId& lost) {
    apply_conflicts(step, item, record);
    for (auto& seat : record.seats) {
        // It stays stored: the backup may have had it, and a recall must still reach it.
        if (!is_there_only(seat, {lost}) || is_with_somebody(seat) ||
            is_recalled(step, item, record, seat))
            continue;
        seat.settled = false;
        if (give_other_way(step, item, record, seat))
            step.put(tables::thread_kept_from, {item.sender, record.thread, lost}, {});
    }
}

bool release_untaken(Step& step, const ItemKey& item, NotificationRecord& record) {
    bool changed = false;
    const auto closed = excluded_inboxes(step, record.tokens);
    for (auto& seat : record.seats) {
        const bool is_told = !seat.act && has_rung(seat, wire::Rung::opened);
        if (!is_there_only(seat, closed) || seat.settled || is_with_somebody(seat) || is_told ||
            is_recalled(step, item, record, seat) || !give_other_way(step, item, record, seat))
            continue;
        for (const auto& route : seat.inboxes) {
            if (route.state == RouteState::stored)
                step.put(tables::thread_kept_from, {item.sender, record.thread, route.inbox}, {});
        }
        changed = true;
    }
    return changed;
}

void plan_hours_release(Step& step, const ItemKey& item, SeatRecord& seat) {
    const bool is_needed = std::ranges::any_of(seat.inboxes, [](const InboxRoute& route) {
        return route.is_out_of_hours && route.state == RouteState::standing_by;
    });
    if (!is_needed || !step.policy()) return;
    seat.hours_at = step.policy()->next_front_door_change(step.now.wall);
    step.put(tables::due, {seat.hours_at, DueKind::hours, hours_subject(item, seat.seat)}, {});
}

void cancel_hours_release(Step& step, const ItemKey& item, SeatRecord& seat) {
    if (!seat.hours_at.is_set()) return;
    step.erase(tables::due, {seat.hours_at, DueKind::hours, hours_subject(item, seat.seat)});
    seat.hours_at = {};
}

void release_by_hours(Step& step, const ItemKey& item, const Seat& seat_name) {
    auto record = step.get(tables::notifications, item);
    if (!record) return;
    // A conflict may have been declared since this inbox was put on standby.
    if (record->has_content && !record->recalled) apply_conflicts(step, item, *record);
    for (auto& seat : record->seats) {
        if (seat.seat != seat_name || !seat.hours_at.is_set()) continue;
        seat.hours_at = {};
        if (record->has_content && !record->recalled && !seat.settled && step.policy()) {
            bool released = false;
            for (auto& route : seat.inboxes) {
                if (!route.is_out_of_hours || route.state != RouteState::standing_by ||
                    !is_on_duty(step, route.inbox))
                    continue;
                queue_route(step, item, *record, seat, route);
                step.record(LogEvent::standby_released, item.sender, item.id);
                released = true;
            }
            if (!released) plan_hours_release(step, item, seat);
        }
        step.put(tables::notifications, item, *record);
    }
}

Result<std::uint32_t> release_by_operator(Step& step, const ItemKey& item) {
    auto record = step.get(tables::notifications, item);
    if (!record) return fail(ErrorCode::not_found);
    if (!record->has_content || record->recalled) return fail(ErrorCode::expired);
    const auto excluded = excluded_inboxes(step, record->tokens);
    std::uint32_t released = 0;
    for (auto& seat : record->seats) {
        if (seat.settled) continue;
        for (auto& route : seat.inboxes) {
            if (route.state != RouteState::standing_by || excluded.contains(route.inbox)) continue;
            queue_route(step, item, *record, seat, route);
            step.record(LogEvent::standby_released, item.sender, item.id);
            ++released;
        }
        cancel_hours_release(step, item, seat);
    }
    step.put(tables::notifications, item, *record);
    return released;
}

}  // namespace mash::broker
