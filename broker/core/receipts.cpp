#include "broker/core/receipts.hpp"

#include <algorithm>

#include "broker/core/agreement.hpp"
#include "broker/core/delivery.hpp"
#include "broker/core/earlier_copies.hpp"
#include "broker/core/involvement.hpp"
#include "broker/core/publish.hpp"
#include "broker/core/recall.hpp"
#include "broker/core/release.hpp"
#include "broker/core/tasks.hpp"

namespace mash::broker {
namespace {

using wire::Rung;

std::uint32_t bit(Rung rung) { return 1U << static_cast<unsigned>(rung); }

bool is_agents(Rung rung) {
    switch (rung) {
        case Rung::stored:
        case Rung::opened:
        case Rung::handed_over:
        case Rung::taken:
        case Rung::decided:
        case Rung::refused:
        case Rung::undecryptable:
        case Rung::recalled:
        case Rung::agreement_stopped: return true;
        case Rung::accepted:
        case Rung::not_connected:
        case Rung::expired: return false;
    }
    return false;
}

// By its name in the plan; or, where a standby belongs to another agency, by the seat that agency
// knows it as.
SeatRecord* find_seat(const Step& step, NotificationRecord& record, const Seat& name) {
    const auto it = std::ranges::find(record.seats, name, &SeatRecord::seat);
    if (it != record.seats.end()) return &*it;
    for (auto& seat : record.seats) {
        for (const auto& route : seat.inboxes) {
            if (seat_of_route(*step.registry(), seat, route) == name) return &seat;
        }
    }
    return nullptr;
}

// What was released to an inbox of `from`, whatever became of it since. Others have nothing to
// confirm.
bool was_given_to(const Step& step, const InboxRoute& route, const AgencyId& from) {
    return !route.delivery.is_zero() && step.registry()->inbox_belongs_to(route.inbox, from);
}

bool is_automatic(const Step& step, const InboxId& inbox) {
    const auto* agency = step.registry()->agency_of_inbox(inbox);
    if (!agency) return false;
    const auto seat = std::ranges::find(agency->seats, inbox, &area::SeatEntry::inbox);
    return seat != agency->seats.end() && !seat->people;
}

// The route an entry speaks of: the delivery it names, wherever in the item that is; else any of
// the seat on its way.
void reach_inbox(Step& step, const ItemKey& item, NotificationRecord& record,
                 const SeatRecord& seat, const AgencyId& from, const DeliveryId& delivery,
                 RouteState state) {
    for (auto& other : record.seats) {
        for (auto& route : other.inboxes) {
            if (!step.registry()->inbox_belongs_to(route.inbox, from)) continue;
            // A conflict came while this word was under way: the inbox has it all the same, and a
            // recall must reach it there.
            const bool has_it_excluded = route.state == RouteState::excluded &&
                                         state == RouteState::stored && !delivery.is_zero() &&
                                         route.delivery == delivery;
            if (has_it_excluded) {
                route.state = state;
                repeat_recall(step, item, record, route.inbox);
                continue;
            }
            if (route.state != RouteState::waiting) continue;
            if (delivery.is_zero() ? other.seat != seat.seat : route.delivery != delivery) continue;
            unqueue_route(step, item, record, route);
            route.state = state;
        }
    }
}

void settle(Step& step, const ItemKey& item, SeatRecord& seat) {
    seat.settled = true;
    cancel_hours_release(step, item, seat);
}

// Its agent was to tell them, and no task says who they are: now a person does.
void leave_to_people(Step& step, const ItemKey& item, const NotificationRecord& record,
                     const SeatRecord& seat) {
    const auto* type = step.policy() == nullptr ? nullptr : step.policy()->find_type(record.type);
    if (type == nullptr || seat.route != area::pass_on_route) return;
    for (const auto& linked : linked_claims(step, record.tokens, {item})) {
        const auto& about = linked.claim.seat;
        const bool is_of_row = std::ranges::any_of(type->routes, [&](const area::Route& route) {
            return route.relation == linked.claim.relation;
        });
        if (!is_of_row || about.agency == item.sender ||
            std::ranges::find(record.seats, about, &SeatRecord::seat) != record.seats.end())
            continue;
        open_pass_on(step, item, record.type, about, seat.take_by);
    }
}

// One entry of a receipt that is known to be the agency's to give.
void apply_entry(Step& step, const ItemKey& item, NotificationRecord& record, SeatRecord& seat,
                 const AgencyId& from, const wire::ReceiptEntry& entry,
                 const DeliveryId& delivery) {
    const bool is_new = !has_rung(seat, entry.rung);
    bool counts = true;
    switch (entry.rung) {
        case Rung::refused:
        case Rung::undecryptable: {
            // An inbox that refuses a second sealing of an item it holds has what it needs.
            const bool holds_it = entry.code == name_of(ErrorCode::duplicate_conflict);
            reach_inbox(step, item, record, seat, from, delivery,
                        holds_it ? RouteState::stored : RouteState::refused);
            if (is_new && !holds_it && !is_recalled(step, item, record, seat)) {
                step.record(LogEvent::delivery_refused, from, item.id);
                open_not_connected(step, item, record.type, seat.seat, seat.seat, seat.take_by);
                leave_to_people(step, item, record, seat);
            }
            break;
        }
        case Rung::recalled:
            // Taken back there in an earlier life of this store and of the sender, and nobody has
            // given the recall back: nobody there is shown it, so they are rung.
            if (!is_recalled(step, item, record, seat)) {
                counts = false;
                reach_inbox(step, item, record, seat, from, delivery, RouteState::refused);
                open_not_connected(step, item, record.type, seat.seat, seat.seat, seat.take_by);
                break;
            }
            // The rung is reached when every inbox of the seat that may hold the item has
            // confirmed.
            counts = confirm_recall(step, item, record, seat, from, delivery);
            break;
        case Rung::agreement_stopped:
            counts = confirm_stop(step, item, seat, from, delivery);
            break;
        default: reach_inbox(step, item, record, seat, from, delivery, RouteState::stored); break;
    }
    if (counts) seat.rungs |= bit(entry.rung);
    const bool is_handed_over =
        entry.rung == Rung::handed_over &&
        std::ranges::any_of(seat.inboxes, [&](const InboxRoute& route) {
            return route.state == RouteState::stored && is_automatic(step, route.inbox);
        });
    // Nobody owes more than having it where a seat is only told.
    const bool is_told = !seat.act && entry.rung == Rung::stored;
    if (entry.rung == Rung::taken || entry.rung == Rung::decided || is_handed_over || is_told)
        settle(step, item, seat);
}

void send_due(Step& step, Session& session, const ReceiptKey& key, ReceiptRecord receipt) {
    session.receipts.insert_or_assign(key, step.now.steady);
    wire::Receipts frame;
    frame.body = std::move(receipt.body);
    frame.signature = receipt.signature;
    step.send(session.id, 0, std::move(frame), wire::Lane::immediate);
}

void forward(Step& step, const ReceiptKey& key, ReceiptRecord receipt) {
    step.put(tables::receipts_due, key, receipt);
    auto* session = step.session_of_agency(key.sender);
    if (!session) return;
    if (session->receipts.size() < receipts_in_flight_max) {
        send_due(step, *session, key, std::move(receipt));
    } else {
        session->receipts_backlog = true;
    }
}

}  // namespace

bool has_rung(const SeatRecord& seat, Rung rung) { return (seat.rungs & bit(rung)) != 0; }

void on_receipts(Step& step, const FrameIn& in, const wire::Receipts& receipts) {
    const auto& body = in.frame.receipts();
    if (!receipts.deliveries.empty() && receipts.deliveries.size() != body.entries.size()) {
        return step.refuse(in, ErrorCode::malformed, "deliveries");
    }
    if (!receipts.inboxes.empty() && receipts.inboxes.size() != body.entries.size()) {
        return step.refuse(in, ErrorCode::malformed, "inboxes");
    }
    const auto said = [&](std::size_t i) {
        return CopyReceipt{{body.sender, body.entries[i].notification},
                           body.from,
                           body.entries[i],
                           receipts.deliveries.empty() ? DeliveryId() : receipts.deliveries[i],
                           receipts.inboxes.empty() ? InboxId() : receipts.inboxes[i]};
    };
    // First all of it is looked at, then all of it counts or none: a batch travels on as it was
    // signed.
    std::map<NotificationId, NotificationRecord> records;
    std::set<NotificationId> unknown;
    for (const auto& entry : body.entries) {
        if (!is_agents(entry.rung))
            return step.refuse(in, ErrorCode::not_entitled, "rung", entry.notification);
        if (records.contains(entry.notification) || unknown.contains(entry.notification)) continue;
        auto record = step.get(tables::notifications, {body.sender, entry.notification});
        if (record) {
            records.emplace(entry.notification, std::move(*record));
        } else {
            unknown.insert(entry.notification);
        }
    }
    std::set<std::size_t> of_earlier_copies;
    for (std::size_t i = 0; i < body.entries.size(); ++i) {
        const auto& entry = body.entries[i];
        const auto it = records.find(entry.notification);
        // Accepted after the backup that this broker was restored from, and not again, or not for
        // everybody.
        if (speaks_of_earlier_copy(step, it == records.end() ? nullptr : &it->second, said(i)))
            of_earlier_copies.insert(i);
        if (it == records.end() || of_earlier_copies.contains(i)) continue;
        auto* seat = find_seat(step, it->second, entry.seat);
        const bool was_given =
            seat && std::ranges::any_of(seat->inboxes, [&](const InboxRoute& route) {
                return was_given_to(step, route, body.from);
            });
        const bool is_told_to_stop =
            (entry.rung == Rung::recalled && seat &&
             is_recalled(step, {body.sender, entry.notification}, it->second, *seat)) ||
            (entry.rung == Rung::agreement_stopped &&
             is_withdrawn(step, {body.sender, entry.notification}));
        const bool confirms_standby =
            seat && is_told_to_stop &&
            std::ranges::any_of(seat->inboxes, [&](const InboxRoute& route) {
                return step.registry()->inbox_belongs_to(route.inbox, body.from);
            });
        if (was_given || confirms_standby) continue;
        step.record_code(LogEvent::receipt_refused, ErrorCode::not_entitled, in.host, body.from,
                         entry.notification);
        return step.refuse(in, ErrorCode::not_entitled, "receipt", entry.notification);
    }

    bool any_new = false;
    for (std::size_t i = 0; i < body.entries.size(); ++i) {
        const auto& entry = body.entries[i];
        const auto it = records.find(entry.notification);
        if (of_earlier_copies.contains(i)) {
            const bool is_new = note_earlier_copy(step, said(i));
            if (it != records.end())
                remember_in_thread(
                    step, body.sender, it->second.thread,
                    seats_of_earlier_copies(step, {body.sender, entry.notification}));
            auto* seat = it == records.end() ? nullptr : find_seat(step, it->second, entry.seat);
            if (entry.rung == Rung::recalled && seat != nullptr) {
                if (!confirm_earlier_copy(step, {body.sender, entry.notification}, *seat)) continue;
                seat->rungs |= bit(Rung::recalled);
            }
            any_new = any_new || is_new;
            continue;
        }
        if (it == records.end()) continue;
        auto& record = it->second;
        auto& seat = *find_seat(step, record, entry.seat);
        const auto before = seat.rungs;
        const auto delivery = receipts.deliveries.empty() ? DeliveryId() : receipts.deliveries[i];
        apply_entry(step, {body.sender, entry.notification}, record, seat, body.from, entry,
                    delivery);
        any_new = any_new || seat.rungs != before;
    }
    for (auto& [id, record] : records) {
        const ItemKey item{body.sender, id};
        start_retention_if_settled(step, item, record);
        step.put(tables::notifications, item, record);
    }
    // Not only with Hello: a host that is put back silently must be seen to lack this batch.
    if (auto host = step.get(tables::hosts, in.host);
        host && host->receipts_sent < receipts.receipts_sent) {
        host->receipts_sent = receipts.receipts_sent;
        step.put(tables::hosts, in.host, *host);
    }
    ++step.state.counters.receipts;
    step.record(LogEvent::receipt_recorded, body.from, {},
                static_cast<std::int64_t>(body.entries.size()));
    if (any_new)
        forward(step, {body.sender, body.batch, body.from}, {receipts.body, receipts.signature});
    step.answer(in, wire::ReceiptsAck{body.batch});
}

void on_receipts_ack(Step& step, const FrameIn& in, Session& session,
                     const wire::ReceiptsAck& ack) {
    // Only what this session was sent: an id alone says nothing.
    for (auto it = session.receipts.begin(); it != session.receipts.end();) {
        if (it->first.batch != ack.batch) {
            ++it;
            continue;
        }
        if (const auto receipt = step.get(tables::receipts_due, it->first)) {
            step.erase(tables::receipts_due, it->first);
            step.put(tables::receipts_kept, it->first, *receipt);
            step.put(tables::expiries,
                     {step.now.wall + step.state.config.retention_after_taken, DueKind::receipt,
                      key_of(it->first)},
                     {});
        }
        it = session.receipts.erase(it);
    }
    step.state.dirty.insert(in.host);
}

void set_broker_rung(Step& step, const ItemKey& item, SeatRecord& seat, Rung rung) {
    if (has_rung(seat, rung)) return;
    seat.rungs |= bit(rung);
    wire::ReceiptsBody body;
    body.batch = step.new_id<BatchId>();
    body.sender = item.sender;
    body.entries.push_back({item.id, seat.seat, rung, step.now.wall, {}});
    ReceiptRecord receipt;
    receipt.body = wire::encode_body(body);
    receipt.signature = step.sign(wire::label::broker_receipts, receipt.body);
    forward(step, {item.sender, body.batch, {}}, std::move(receipt));
}

void settle_seat(Step& step, const ItemKey& item, const Seat& name) {
    auto record = step.get(tables::notifications, item);
    if (!record) return;
    auto* seat = find_seat(step, *record, name);
    if (!seat || seat->settled) return;
    settle(step, item, *seat);
    start_retention_if_settled(step, item, *record);
    step.put(tables::notifications, item, *record);
}

void start_retention_if_settled(Step& step, const ItemKey& item, NotificationRecord& record) {
    if (!record.has_content || record.retention_runs) return;
    if (!std::ranges::all_of(record.seats, &SeatRecord::settled)) return;
    // What somebody may still allow must be here to go.
    if (!record.recalled && has_open_question(step, item)) return;
    record.retention_runs = true;
    step.put(
        tables::expiries,
        {step.now.wall + step.state.config.retention_after_taken, DueKind::retention, key_of(item)},
        {});
}

void pump_receipts(Step& step, Session& session) {
    if (!session.receipts_backlog || session.receipts.size() > receipts_in_flight_max / 2) return;
    for (const auto& agency : agencies_of(*step.registry(), session.host)) {
        const auto prefix = key_of(agency);
        const auto limit = receipts_in_flight_max + 1;
        for (auto& [key, receipt] :
             tables::receipts_due.collect(step.tx, {.prefix = prefix, .limit = limit})) {
            if (session.receipts.contains(key)) continue;
            if (session.receipts.size() >= receipts_in_flight_max) return;
            send_due(step, session, key, std::move(receipt));
        }
    }
    session.receipts_backlog = false;
}

void retry_receipts(Step& step, Session& session) {
    for (const auto& [key, sent_at] : std::map(session.receipts)) {
        if (step.now.steady - sent_at < receipt_retry) continue;
        if (auto receipt = step.get(tables::receipts_due, key))
            send_due(step, session, key, std::move(*receipt));
    }
}

void resend_receipts_to_host(Step& step, const HostId& host) {
    for (const auto& agency : agencies_of(*step.registry(), host)) {
        const auto prefix = key_of(agency);
        for (const auto& [key, receipt] :
             tables::receipts_kept.collect(step.tx, {.prefix = prefix})) {
            step.erase(tables::receipts_kept, key);
            step.put(tables::receipts_due, key, receipt);
        }
    }
}

}  // namespace mash::broker
