#include "broker/core/recall.hpp"

#include <algorithm>

#include "broker/core/delivery.hpp"
#include "broker/core/notices.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/release.hpp"
#include "broker/core/tasks.hpp"

namespace mash::broker {
namespace {

// As long as the sender keeps what it could still offer.
constexpr auto kept_ahead = limits::retention_after_taken;
constexpr std::chrono::milliseconds ahead_retry{std::chrono::minutes(1)};

// An excluded inbox never learns that there was anything to recall.
bool is_told(const InboxRoute& route) {
    return route.state != RouteState::excluded && !route.was_recalled;
}

AgencyId agency_of(const Step& step, const InboxId& inbox) {
    const auto* agency = step.registry()->agency_of_inbox(inbox);
    return agency ? agency->id : AgencyId();
}

bool may_have_arrived(const InboxRoute& route) {
    return !route.delivery.is_zero() && route.state != RouteState::excluded;
}

bool settle_if_confirmed(Step& step, const ItemKey& item, SeatRecord& seat) {
    const bool is_open = std::ranges::any_of(seat.inboxes, [](const InboxRoute& route) {
        return may_have_arrived(route) && !route.was_recalled;
    });
    if (is_open) return false;
    seat.settled = true;
    cancel_hours_release(step, item, seat);
    return true;
}

}  // namespace

void on_recall(Step& step, const FrameIn& in, const wire::Recall& recall) {
    const auto& body = in.frame.recall();
    const ItemKey item{body.sender, body.notification};
    auto record = step.get(tables::notifications, item);
    if (record && record->recalled) return step.answer(in, wire::Done{});
    const RecallRecord kept{recall.body, recall.signature, step.now.wall};
    if (!record) {
        // It overtook the notification, or this store is older than both. When the notification
        // comes, nobody may be shown it first and then told to forget it.
        if (!step.get(tables::recalls, item)) {
            if (count_of(step, tables::recalls_ahead, item.sender) >= limits::recalls_ahead_max) {
                ++step.state.counters.busy;
                step.record(LogEvent::recalls_ahead_full, item.sender, item.id);
                return step.refuse(in, ErrorCode::busy, "recalls_ahead", item.id,
                                   static_cast<std::uint32_t>(ahead_retry.count()));
            }
            count_one_more(step, tables::recalls_ahead, item.sender);
            step.put(tables::expiries,
                     {step.now.wall + kept_ahead, DueKind::recall_ahead, key_of(item)}, {});
        }
        step.put(tables::recalls, item, kept);
        return step.answer(in, wire::Done{});
    }
    step.put(tables::recalls, item, kept);
    take_back(step, item, *record);
    step.answer(in, wire::Done{});
}

void take_back(Step& step, const ItemKey& item, NotificationRecord& record) {
    record.recalled = true;
    for (auto& seat : record.seats) {
        for (auto& route : seat.inboxes) {
            if (route.state == RouteState::waiting) {
                unqueue_route(step, item, record, route);
                route.state = RouteState::stopped;
            } else if (route.state == RouteState::standing_by) {
                route.state = RouteState::stopped;
            }
        }
        cancel_hours_release(step, item, seat);
        settle_if_confirmed(step, item, seat);
    }
    start_retention_if_settled(step, item, record);
    step.put(tables::notifications, item, record);
    close_tasks_of(step, item);
    step.record(LogEvent::recall_issued, item.sender, item.id);
    for (const auto& seat : record.seats) {
        for (const auto& route : seat.inboxes) {
            const auto agency = agency_of(step, route.inbox);
            if (is_told(route) && !agency.empty())
                add_notice(step, {agency, NoticeKind::recall, key_of(HeldKey{route.inbox, item})});
        }
    }
}

void drop_recall_ahead(Step& step, const ItemKey& item) {
    if (step.get(tables::notifications, item)) return;
    step.erase(tables::recalls, item);
    count_one_less(step, tables::recalls_ahead, item.sender);
}

bool confirm_recall(Step& step, const ItemKey& item, NotificationRecord& record, SeatRecord& seat,
                    const AgencyId& from, const DeliveryId& delivery) {
    if (!record.recalled) return false;
    for (auto& route : seat.inboxes) {
        if (!step.registry()->inbox_belongs_to(route.inbox, from)) continue;
        // A confirmation that names no delivery is of a standby that never got anything.
        if (delivery.is_zero() ? may_have_arrived(route) : route.delivery != delivery) continue;
        route.was_recalled = true;
        step.erase(tables::notices, {from, NoticeKind::recall, key_of(HeldKey{route.inbox, item})});
    }
    return settle_if_confirmed(step, item, seat);
}

void repeat_recall(Step& step, const ItemKey& item, NotificationRecord& record,
                   const InboxId& inbox) {
    for (auto& seat : record.seats) {
        for (auto& route : seat.inboxes) {
            if (route.inbox != inbox || !may_have_arrived(route)) continue;
            route.was_recalled = false;
            step.put(tables::notices,
                     {agency_of(step, inbox), NoticeKind::recall, key_of(HeldKey{inbox, item})},
                     {});
        }
    }
}

bool send_recall_notice(Step& step, Session& session, const HeldKey& where) {
    const auto recall = step.get(tables::recalls, where.item);
    auto record = step.get(tables::notifications, where.item);
    if (!recall || !record) return false;
    for (const auto& seat : record->seats) {
        for (const auto& route : seat.inboxes) {
            if (route.inbox != where.inbox || !is_told(route)) continue;
            send_word<wire::RecallNotice>(step, session, route, seat.seat, *recall);
            return true;
        }
    }
    return false;
}

}  // namespace mash::broker
