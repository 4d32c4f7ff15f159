#include "broker/core/recall.hpp"

#include <algorithm>

#include "broker/core/ask_holders.hpp"
#include "broker/core/delivery.hpp"
#include "broker/core/earlier_copies.hpp"
#include "broker/core/notices.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/release.hpp"
#include "broker/core/ring_again.hpp"
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

/// To the sender itself. No inbox: the recall of the whole.
NoticeKey own_notice(const ItemKey& item, const InboxId& copy) {
    return {item.sender, NoticeKind::recall, key_of(HeldKey{copy, item})};
}

/// Of the copy in an inbox of its own the sender hears there.
bool is_told_as_sender(const Step& step, const ItemKey& item, const InboxId& copy) {
    return copy.empty() || agency_of(step, copy) != item.sender;
}

bool is_from_sender(const Step& step, const FrameIn& in, const ItemKey& item) {
    const auto* sender = step.registry()->find_agency(item.sender);
    return sender && sender->host == in.host;
}

void tell_sender(Step& step, const FrameIn& in, const ItemKey& item, const InboxId& copy) {
    if (!is_from_sender(step, in, item) && is_told_as_sender(step, item, copy))
        add_notice(step, own_notice(item, copy));
}

/// Said by the sender it is known there.
void heard_from_sender(Step& step, const FrameIn& in, const ItemKey& item, const InboxId& copy) {
    if (is_from_sender(step, in, item) && is_told_as_sender(step, item, copy))
        step.erase(tables::notices, own_notice(item, copy));
}

bool send_own_recall(Step& step, Session& session, const ItemKey& item, const InboxId& copy) {
    const auto recall = copy.empty() ? step.get(tables::recalls, item)
                                     : step.get(tables::recalls_of_copies, {item, copy});
    if (!recall) return false;
    send_word<wire::RecallNotice>(step, session, {}, {}, *recall);
    return true;
}

bool is_recalled(Step& step, const ItemKey& item, const NotificationRecord& record,
                 const InboxId& inbox) {
    return record.recalled || step.get(tables::recalls_of_copies, {item, inbox});
}

void stop_route(Step& step, const ItemKey& item, NotificationRecord& record, InboxRoute& route) {
    if (route.state == RouteState::waiting) {
        unqueue_route(step, item, record, route);
        route.state = RouteState::stopped;
    } else if (route.state == RouteState::standing_by) {
        route.state = RouteState::stopped;
    }
}

bool settle_if_confirmed(Step& step, const ItemKey& item, SeatRecord& seat) {
    const bool is_open = std::ranges::any_of(seat.inboxes, [](const InboxRoute& route) {
        return may_have_arrived(route) && !route.was_recalled;
    });
    if (is_open || !are_copies_gone(step, item, seat.seat)) return false;
    seat.settled = true;
    cancel_hours_release(step, item, seat);
    return true;
}

}  // namespace

namespace {

/// It overtook the notification, or this store is older than both. When the notification comes,
/// nobody may be shown it first and then told to forget it. False: refused, and answered.
bool count_ahead(Step& step, const FrameIn& in, const ItemKey& item) {
    if (count_of(step, tables::recalls_ahead, item.sender) >= limits::recalls_ahead_max) {
        ++step.state.counters.busy;
        step.record(LogEvent::recalls_ahead_full, item.sender, item.id);
        step.refuse(in, ErrorCode::busy, "recalls_ahead", item.id,
                    static_cast<std::uint32_t>(ahead_retry.count()));
        return false;
    }
    count_one_more(step, tables::recalls_ahead, item.sender);
    step.put(tables::expiries, {step.now.wall + kept_ahead, DueKind::recall_ahead, key_of(item)},
             {});
    return true;
}

bool is_of_inbox(const SeatRecord& seat, const InboxId& inbox) {
    return std::ranges::find(seat.inboxes, inbox, &InboxRoute::inbox) != seat.inboxes.end();
}

/// Without a key it got no parcel, and somebody is asked to ring; or a person is asked whether it
/// is to have one.
void close_tasks_of_seats(Step& step, const ItemKey& item, const InboxId& inbox) {
    const auto* owner = step.registry()->agency_of_inbox(inbox);
    if (!owner) return;
    for (const auto& entry : owner->seats)
        if (entry.inbox == inbox) close_tasks_about(step, item, {Seat{owner->id, entry.role}});
}

/// That copy and no other: its way is stopped and its inbox told. Nobody rings about its seat.
void take_back_copy(Step& step, const ItemKey& item, NotificationRecord& record,
                    const InboxId& inbox) {
    const auto agency = agency_of(step, inbox);
    for (auto& seat : record.seats) {
        if (!is_of_inbox(seat, inbox)) continue;
        for (auto& route : seat.inboxes) {
            if (route.inbox != inbox) continue;
            stop_route(step, item, record, route);
            if (is_told(route) && !agency.empty())
                add_notice(step, {agency, NoticeKind::recall, key_of(HeldKey{inbox, item})});
        }
        settle_if_confirmed(step, item, seat);
        close_tasks_about(step, item, {seat.seat});
    }
    close_tasks_of_seats(step, item, inbox);
    step.record(LogEvent::recall_issued, item.sender, item.id);
}

void recall_copy(Step& step, const FrameIn& in, const ItemKey& item,
                 std::optional<NotificationRecord> record, const InboxId& inbox,
                 const RecallRecord& kept) {
    const CopyKey copy{item, inbox};
    // An inbox that nobody has is no copy, and of one that has none the answer is the same.
    const bool is_known =
        step.get(tables::recalls_of_copies, copy) || agency_of(step, inbox).empty();
    if (is_known || (record && record->recalled)) return step.answer(in, wire::Done{});
    if (!record && !count_ahead(step, in, item)) return;
    step.put(tables::recalls_of_copies, copy, kept);
    if (record) {
        take_back_copy(step, item, *record, inbox);
        start_retention_if_settled(step, item, *record);
        step.put(tables::notifications, item, *record);
    } else {
        close_tasks_of_seats(step, item, inbox);
    }
    ring_again_recalled_copy(step, item, inbox);
    tell_earlier_copy(step, item, inbox);
    tell_sender(step, in, item, inbox);
    step.answer(in, wire::Done{});
}

std::vector<CopyKey> recalled_copies(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item);
    return tables::recalls_of_copies.collect_keys(step.tx, {.prefix = prefix});
}

}  // namespace

void on_recall(Step& step, const FrameIn& in, const wire::Recall& recall) {
    const auto& body = in.frame.recall();
    const ItemKey item{body.sender, body.notification};
    heard_from_sender(step, in, item, body.inbox);
    auto record = step.get(tables::notifications, item);
    RecallRecord kept{recall.body, recall.signature, step.now.wall};
    if (!body.inbox.empty())
        return recall_copy(step, in, item, std::move(record), body.inbox, kept);
    if (record && record->recalled) return step.answer(in, wire::Done{});
    const auto before = step.get(tables::recalls, item);
    if (before) kept.at = before->at;  // it goes when the first would have gone
    if (!record && !before && !count_ahead(step, in, item)) return;
    step.put(tables::recalls, item, kept);
    if (record) {
        take_back(step, item, *record);
    } else {
        // Nobody had an inbox for it, or whoever decides has not answered: people may have rung.
        close_tasks_of(step, item);
        ring_again_recalled(step, item);
    }
    tell_earlier_copies(step, item);
    if (!before) tell_sender(step, in, item, {});
    step.answer(in, wire::Done{});
}

bool take_back_what_was_recalled(Step& step, const ItemKey& item, NotificationRecord& record) {
    const auto copies = recalled_copies(step, item);
    for (std::size_t i = 0; i < copies.size(); ++i)
        count_one_less(step, tables::recalls_ahead, item.sender);
    if (!tables::recalls.contains(step.tx, item)) return false;
    count_one_less(step, tables::recalls_ahead, item.sender);
    take_back(step, item, record);
    return true;
}

void take_back_copies(Step& step, const ItemKey& item, NotificationRecord& record) {
    const auto copies = recalled_copies(step, item);
    if (copies.empty()) return;
    for (const auto& copy : copies) take_back_copy(step, item, record, copy.inbox);
    start_retention_if_settled(step, item, record);
    step.put(tables::notifications, item, record);
}

void forget_recalls(Step& step, const ItemKey& item) {
    step.erase(tables::recalls, item);
    for (const auto& copy : recalled_copies(step, item))
        step.erase(tables::recalls_of_copies, copy);
}

void take_back(Step& step, const ItemKey& item, NotificationRecord& record) {
    record.recalled = true;
    for (auto& seat : record.seats) {
        for (auto& route : seat.inboxes) stop_route(step, item, record, route);
        cancel_hours_release(step, item, seat);
        settle_if_confirmed(step, item, seat);
    }
    start_retention_if_settled(step, item, record);
    step.put(tables::notifications, item, record);
    close_tasks_of(step, item);
    ring_again_recalled(step, item);
    forget_holder_questions(step, item);
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
    const auto is_over = [&](const std::optional<RecallRecord>& recall) {
        return recall && recall->at + kept_ahead <= step.now.wall;
    };
    if (is_over(step.get(tables::recalls, item))) {
        step.erase(tables::recalls, item);
        count_one_less(step, tables::recalls_ahead, item.sender);
    }
    for (const auto& copy : recalled_copies(step, item)) {
        if (!is_over(step.get(tables::recalls_of_copies, copy))) continue;
        step.erase(tables::recalls_of_copies, copy);
        count_one_less(step, tables::recalls_ahead, item.sender);
    }
}

bool confirm_recall(Step& step, const ItemKey& item, NotificationRecord& record, SeatRecord& seat,
                    const AgencyId& from, const DeliveryId& delivery) {
    bool any = false;
    for (auto& route : seat.inboxes) {
        if (!is_recalled(step, item, record, route.inbox)) continue;
        any = true;
        if (!step.registry()->inbox_belongs_to(route.inbox, from)) continue;
        // A confirmation that names no delivery is of a standby that never got anything.
        if (delivery.is_zero() ? may_have_arrived(route) : route.delivery != delivery) continue;
        route.was_recalled = true;
        step.erase(tables::notices, {from, NoticeKind::recall, key_of(HeldKey{route.inbox, item})});
    }
    return any && settle_if_confirmed(step, item, seat);
}

bool confirm_earlier_copy(Step& step, const ItemKey& item, SeatRecord& seat) {
    return settle_if_confirmed(step, item, seat);
}

bool is_recalled(Step& step, const ItemKey& item, const NotificationRecord& record,
                 const SeatRecord& seat) {
    return std::ranges::any_of(seat.inboxes, [&](const InboxRoute& route) {
        return is_recalled(step, item, record, route.inbox);
    });
}

bool repeat_recall(Step& step, const ItemKey& item, NotificationRecord& record,
                   const InboxId& inbox) {
    if (!is_recalled(step, item, record, inbox)) return false;
    for (auto& seat : record.seats) {
        for (auto& route : seat.inboxes) {
            if (route.inbox != inbox || !may_have_arrived(route)) continue;
            route.was_recalled = false;
            step.put(tables::notices,
                     {agency_of(step, inbox), NoticeKind::recall, key_of(HeldKey{inbox, item})},
                     {});
        }
    }
    return true;
}

void tell_own_recalls_again(Step& step, const HostId& host) {
    for (const auto& agency : agencies_of(*step.registry(), host)) {
        const auto prefix = key_of(agency);
        for (const auto& item : tables::recalls.collect_keys(step.tx, {.prefix = prefix}))
            step.put(tables::notices, own_notice(item, {}), {});
        for (const auto& copy : tables::recalls_of_copies.collect_keys(step.tx, {.prefix = prefix}))
            if (is_told_as_sender(step, copy.item, copy.inbox))
                step.put(tables::notices, own_notice(copy.item, copy.inbox), {});
    }
}

bool send_recall_notice(Step& step, Session& session, const AgencyId& agency,
                        const HeldKey& where) {
    if (agency == where.item.sender && is_told_as_sender(step, where.item, where.inbox))
        return send_own_recall(step, session, where.item, where.inbox);
    auto recall = step.get(tables::recalls, where.item);
    if (!recall) recall = step.get(tables::recalls_of_copies, {where.item, where.inbox});
    if (!recall) return false;
    if (const auto copy = unconfirmed_copy(step, where.item, where.inbox)) {
        InboxRoute route;
        route.inbox = where.inbox;
        route.delivery = copy->delivery;
        send_word<wire::RecallNotice>(step, session, route, copy->seat, *recall);
        return true;
    }
    auto record = step.get(tables::notifications, where.item);
    if (!record) return false;
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
