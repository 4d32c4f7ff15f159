#include "broker/core/delivery.hpp"

#include <algorithm>

#include "broker/core/agreement.hpp"
#include "broker/core/conflicts.hpp"
#include "broker/core/earlier_copies.hpp"
#include "broker/core/recall.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/release.hpp"
#include "broker/core/tasks.hpp"
#include "broker/core/turns.hpp"

namespace mash::broker {
namespace {

using wire::Lane;

constexpr std::array lanes = {Lane::immediate, Lane::urgent, Lane::routine, Lane::bulk};
constexpr std::size_t frame_overhead_bytes = 1024;  // statement, signatures, names

std::size_t index(Lane lane) { return static_cast<std::size_t>(lane); }
bool is_lower(Lane lane) { return lane != Lane::immediate; }

QueueKey row_of(const InboxRoute& route) {
    return {route.host, route.queue_lane, route.queue_sequence};
}

void insert_rows(Step& step, const ItemKey& item, const NotificationRecord& record,
                 const SeatRecord& seat, InboxRoute& route) {
    route.queue_sequence =
        add_to_queue(step, route.host, route.queue_lane, {item, route.inbox, seat.seat});
    if (is_lower(route.queue_lane)) {
        step.put(tables::threads_waiting,
                 {item.sender, record.thread, route.inbox, route.queue_lane, route.queue_sequence},
                 item);
    }
}

void end_flight(Session& session, std::uint64_t sequence) {
    const auto it = session.in_flight.find(sequence);
    if (it == session.in_flight.end()) return;
    session.bytes_in_flight -= it->second.bytes;
    if (is_lower(it->second.row.lane)) session.lower_bytes_in_flight -= it->second.bytes;
    session.in_flight.erase(it);
}

bool is_in_flight(Step& step, const InboxRoute& route) {
    const auto* session = step.session_of(route.host);
    return session && session->in_flight.contains(route.queue_sequence);
}

InboxRoute* route_with_sequence(NotificationRecord& record, std::uint64_t sequence) {
    for (auto& seat : record.seats) {
        for (auto& route : seat.inboxes) {
            if (route.state == RouteState::waiting && route.queue_sequence == sequence)
                return &route;
        }
    }
    return nullptr;
}

SeatRecord* seat_of(NotificationRecord& record, const InboxRoute* route) {
    for (auto& seat : record.seats) {
        for (const auto& own : seat.inboxes) {
            if (&own == route) return &seat;
        }
    }
    return nullptr;
}

// Earlier items of the thread that wait in lower lanes for the same inbox go ahead of the later
// one, in their order. What is on the wire already stays where it is. `item` is the later one: the
// caller holds its record, so it is not touched here.
void raise_thread(Step& step, const ItemKey& item, const ThreadId& thread, const InboxId& inbox,
                  Lane lane) {
    std::vector<std::pair<ThreadKey, ItemKey>> waiting;
    for (const auto lower : lanes) {
        if (lower <= lane) continue;
        const auto prefix = key_of(item.sender, thread, inbox, lower);
        for (auto& row : tables::threads_waiting.collect(step.tx, {.prefix = prefix}))
            waiting.push_back(std::move(row));
    }
    std::ranges::sort(waiting, {}, [](const auto& row) { return order_of(row.first.sequence); });
    for (const auto& [row, earlier] : waiting) {
        if (earlier == item) continue;
        auto record = step.get(tables::notifications, earlier);
        auto* route = record ? route_with_sequence(*record, row.sequence) : nullptr;
        if (!record || !route || is_in_flight(step, *route)) continue;
        take_from_queue(step, row_of(*route), {earlier, route->inbox, {}});
        step.erase(tables::threads_waiting, row);
        route->queue_lane = lane;
        insert_rows(step, earlier, *record, *seat_of(*record, route), *route);
        step.put(tables::notifications, earlier, *record);
    }
}

/// What one inbox is sent, and when that was accepted.
struct Sealed {
    wire::Parcel parcel;
    std::vector<wire::SealedView> views;
    WallTime accepted_at;
};

std::optional<Sealed> sealed_for(const InboxId& inbox, std::optional<ContentRecord> content,
                                 WallTime accepted_at) {
    if (!content) return std::nullopt;
    const auto parcel = std::ranges::find(content->parcels, inbox, &wire::Parcel::recipient);
    if (parcel == content->parcels.end()) return std::nullopt;
    Sealed sealed{std::move(*parcel), {}, accepted_at};
    for (auto& view : content->views) {
        const bool is_own = std::ranges::any_of(
            sealed.parcel.views, [&](const auto& own) { return own.view == view.view; });
        if (is_own) sealed.views.push_back(std::move(view));
    }
    return sealed;
}

/// Of the notification, or of the supplement that added the inbox: no inbox is in both.
std::optional<Sealed> find_sealed(Step& step, const ItemKey& item, const NotificationRecord& record,
                                  const InboxId& inbox) {
    auto sealed = sealed_for(inbox, step.get(tables::content, item), record.accepted_at);
    for (auto it = record.added.begin(); !sealed && it != record.added.end(); ++it)
        sealed = sealed_for(inbox, step.get(tables::added, {item, it->plan}), it->accepted_at);
    return sealed;
}

std::optional<wire::Delivery> make_delivery(Step& step, const QueueRecord& row,
                                            const NotificationRecord& record,
                                            const SeatRecord& seat, const InboxRoute& route) {
    auto sealed = find_sealed(step, row.item, record, route.inbox);
    if (!sealed) return std::nullopt;
    wire::StatementBody statement;
    statement.id = row.item.id;
    statement.sender = row.item.sender;
    statement.inbox = route.inbox;
    statement.seat = seat_of_route(*step.registry(), seat, route);
    statement.type = record.type;
    statement.act = seat.act;
    statement.urgency = seat.urgency;
    statement.lane = seat.lane;
    statement.take_by = seat.take_by;
    statement.estimated = seat.estimated;
    statement.accepted_at = sealed->accepted_at;
    statement.route = seat.route;
    wire::Delivery delivery;
    delivery.id = route.delivery;
    delivery.statement = wire::encode_body(statement);
    delivery.statement_signature = step.sign(wire::label::statement, delivery.statement);
    delivery.views = std::move(sealed->views);
    delivery.parcel = std::move(sealed->parcel);
    return delivery;
}

std::uint64_t bytes_of(const wire::Delivery& delivery) {
    std::uint64_t bytes = frame_overhead_bytes + delivery.parcel.grant.size();
    for (const auto& view : delivery.views) bytes += view.ciphertext.size() + 128;
    return bytes;
}

// Lower lanes leave some of the agent's credit, and most of the wire, to what must not wait behind
// them.
bool may_send(const Step& step, const Session& session, Lane lane, std::uint64_t bytes) {
    if (session.credit_items == 0 || session.credit_bytes < bytes) return false;
    if (session.bytes_in_flight != 0 &&
        session.bytes_in_flight + bytes > limits::link_bytes_in_flight_max)
        return false;
    if (!is_lower(lane)) return true;
    const auto kept_back = std::min<std::uint32_t>(8, session.credit_granted / 4);
    if (session.credit_items <= kept_back) return false;
    const auto cap = step.state.config.lower_lane_bytes_in_flight;
    return session.lower_bytes_in_flight == 0 || session.lower_bytes_in_flight + bytes <= cap;
}

// False: this host can take no more now.
bool send_row(Step& step, Session& session, const QueueKey& key, const QueueRecord& row) {
    auto record = step.get(tables::notifications, row.item);
    auto* route = record ? route_with_sequence(*record, key.sequence) : nullptr;
    if (!record || !route || !record->has_content) {
        take_from_queue(step, key, row);
        return true;
    }
    auto delivery = make_delivery(step, row, *record, *seat_of(*record, route), *route);
    if (!delivery) {
        take_from_queue(step, key, row);
        return true;
    }
    const auto bytes = bytes_of(*delivery);
    if (!may_send(step, session, key.lane, bytes)) return false;
    session.credit_items -= 1;
    session.credit_bytes -= bytes;
    session.bytes_in_flight += bytes;
    if (is_lower(key.lane)) session.lower_bytes_in_flight += bytes;
    session.in_flight.insert_or_assign(key.sequence, Flight{key, bytes, step.now.steady});
    session.sent_order.emplace_back(step.now.steady, key.sequence);
    session.cursor[index(key.lane)] = key.sequence;
    step.send(session.id, 0, std::move(*delivery), key.lane);
    ++step.state.counters.deliveries;
    step.record(LogEvent::delivery_sent, row.item.sender, row.item.id);
    return true;
}

void pump_host(Step& step, Session& session) {
    constexpr std::size_t rows_per_round = 32;
    for (const auto lane : lanes) {
        for (;;) {
            if (session.credit_items == 0) return;
            const auto prefix = key_of(session.host, lane);
            const auto from = key_of(session.host, lane, session.cursor[index(lane)] + 1);
            const auto rows = tables::queue.collect(
                step.tx, {.prefix = prefix, .from = from, .limit = rows_per_round});
            for (const auto& [key, row] : rows) {
                if (!send_row(step, session, key, row)) return;
                session.cursor[index(lane)] = key.sequence;
            }
            if (rows.size() < rows_per_round) break;
        }
    }
}

// The seat can no longer be reached: said to the sender as a rung, and rung up by somebody.
void stop_unreachable(Step& step, const QueueRecord& row, std::uint64_t sequence) {
    auto record = step.get(tables::notifications, row.item);
    auto* route = record ? route_with_sequence(*record, sequence) : nullptr;
    if (!record || !route) return;
    auto* seat = seat_of(*record, route);
    unqueue_route(step, row.item, *record, *route);
    route->state = RouteState::stopped;
    const bool has_other_way = std::ranges::any_of(seat->inboxes, [](const InboxRoute& other) {
        return other.state == RouteState::waiting || other.state == RouteState::stored;
    });
    if (!has_other_way) {
        set_broker_rung(step, row.item, *seat, wire::Rung::not_connected);
        open_not_connected(step, row.item, record->type, seat->seat, seat->seat, seat->take_by);
    }
    step.put(tables::notifications, row.item, *record);
}

}  // namespace

Seat seat_of_route(const area::Registry& registry, const SeatRecord& seat,
                   const InboxRoute& route) {
    const auto* agency = registry.agency_of_inbox(route.inbox);
    if (!agency || agency->id == seat.seat.agency) return seat.seat;
    const auto own = std::ranges::find(agency->seats, route.inbox, &area::SeatEntry::inbox);
    return own == agency->seats.end() ? seat.seat : Seat{agency->id, own->role};
}

void queue_route(Step& step, const ItemKey& item, const NotificationRecord& record,
                 const SeatRecord& seat, InboxRoute& route) {
    route.host = host_of_inbox(*step.registry(), route.inbox, step.now.wall);
    if (route.host.empty()) {
        route.state = RouteState::stopped;
        return open_not_connected(step, item, record.type, seat.seat, seat.seat, seat.take_by,
                                  {record.tokens, record.conflicts_stated});
    }
    raise_thread(step, item, record.thread, route.inbox, seat.lane);
    route.state = RouteState::waiting;
    route.queue_lane = seat.lane;
    if (route.delivery.is_zero()) route.delivery = step.new_id<DeliveryId>();
    insert_rows(step, item, record, seat, route);
    step.put(tables::held, {route.inbox, item}, {});
}

void unqueue_route(Step& step, const ItemKey& item, const NotificationRecord& record,
                   InboxRoute& route) {
    take_from_queue(step, row_of(route), {item, route.inbox, {}});
    if (is_lower(route.queue_lane)) {
        step.erase(tables::threads_waiting, {item.sender, record.thread, route.inbox,
                                             route.queue_lane, route.queue_sequence});
    }
    if (auto* session = step.session_of(route.host)) {
        end_flight(*session, route.queue_sequence);
        step.state.dirty.insert(route.host);
    }
}

void pump(Step& step) {
    for (const auto& host : std::exchange(step.state.dirty, {})) {
        auto* session = step.session_of(host);
        if (!session) continue;
        pump_host(step, *session);
        pump_receipts(step, *session);
    }
}

void retry_deliveries(Step& step, Session& session) {
    while (!session.sent_order.empty() &&
           step.now.steady - session.sent_order.front().first >= delivery_retry) {
        const auto sequence = session.sent_order.front().second;
        session.sent_order.pop_front();
        const auto flight = session.in_flight.find(sequence);
        if (flight == session.in_flight.end()) continue;
        const auto row = step.get(tables::queue, flight->second.row);
        auto record = row ? step.get(tables::notifications, row->item) : std::nullopt;
        auto* route = record ? route_with_sequence(*record, sequence) : nullptr;
        auto delivery = row && record && route
                            ? make_delivery(step, *row, *record, *seat_of(*record, route), *route)
                            : std::nullopt;
        if (!delivery) {
            end_flight(session, sequence);
            continue;
        }
        flight->second.sent_at = step.now.steady;
        session.sent_order.emplace_back(step.now.steady, sequence);
        step.send(session.id, 0, std::move(*delivery), flight->second.row.lane);
    }
}

void redeliver_to_host(Step& step, const HostId& host) {
    struct Again {
        std::uint64_t sequence;
        ItemKey item;
        InboxId inbox;
    };
    std::vector<Again> again;
    for (const auto& agency_id : agencies_of(*step.registry(), host)) {
        const auto* agency = step.registry()->find_active_agency(agency_id, step.now.wall);
        if (!agency) continue;
        std::vector<InboxId> inboxes = agency->alternate_inboxes;
        for (const auto& seat : agency->seats) inboxes.push_back(seat.inbox);
        for (const auto& inbox : inboxes) {
            const auto prefix = key_of(inbox);
            for (auto& row : tables::held.collect_keys(step.tx, {.prefix = prefix})) {
                auto record = step.get(tables::notifications, row.item);
                if (!record) continue;
                if (record->has_content && repeat_recall(step, row.item, *record, inbox)) {
                    step.put(tables::notifications, row.item, *record);
                    continue;
                }
                // What it lost it does not get back; what its backup kept it must stop using.
                if (!record->recalled && repeat_withdrawal(step, row.item, *record, inbox))
                    continue;
                if (!record->has_content) continue;
                for (const auto& seat : record->seats) {
                    if (seat.route == area::decider_route)
                        say_closed_again(step, row.item, seat.seat.agency);
                    for (const auto& route : seat.inboxes) {
                        if (route.inbox == inbox && route.state == RouteState::stored) {
                            again.push_back({route.queue_sequence, row.item, inbox});
                        }
                    }
                }
            }
        }
    }
    std::ranges::sort(again, {}, [](const Again& one) { return order_of(one.sequence); });
    for (const auto& one : again) {
        auto record = step.get(tables::notifications, one.item);
        // What it lost it does not get back when a conflict has been declared since.
        if (excluded_inboxes(step, record->tokens).contains(one.inbox)) {
            release_instead_of(step, one.item, *record, one.inbox);
            step.put(tables::notifications, one.item, *record);
            continue;
        }
        for (auto& seat : record->seats) {
            for (auto& route : seat.inboxes) {
                if (route.inbox != one.inbox || route.state != RouteState::stored ||
                    route.queue_sequence != one.sequence)
                    continue;
                queue_route(step, one.item, *record, seat, route);
            }
        }
        step.put(tables::notifications, one.item, *record);
    }
    tell_earlier_copies_again(step, host);
    tell_own_recalls_again(step, host);
    Recorded restored;
    restored.event = LogEvent::backup_restored;
    restored.host = host;
    restored.count = static_cast<std::int64_t>(again.size());
    step.record(std::move(restored));
}

void requeue_after_registry(Step& step, const area::Registry& before) {
    const auto& registry = *step.registry();
    std::set<HostId> touched;
    for (const auto& [id, agency] : before.agencies) {
        const auto* current = registry.find_agency(id);
        if (!current || *current != agency) touched.insert(agency.host);
    }
    for (const auto& host : touched) {
        const auto prefix = key_of(host);
        for (const auto& [key, row] : tables::queue.collect(step.tx, {.prefix = prefix})) {
            const auto now_at = host_of_inbox(registry, row.inbox, step.now.wall);
            if (now_at == host) continue;
            if (now_at.empty()) {
                stop_unreachable(step, row, key.sequence);
                continue;
            }
            auto record = step.get(tables::notifications, row.item);
            auto* route = record ? route_with_sequence(*record, key.sequence) : nullptr;
            if (!record || !route) continue;
            auto* seat = seat_of(*record, route);
            unqueue_route(step, row.item, *record, *route);
            queue_route(step, row.item, *record, *seat, *route);
            step.put(tables::notifications, row.item, *record);
        }
    }
}

}  // namespace mash::broker
