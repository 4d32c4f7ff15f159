// Rungs reached here, on their way to the sender: one signature over many entries, kept until the
// broker holds them, and 30 days more so that a restored broker can have them again.
#include <algorithm>
#include <set>

#include "agents/runtime/core/parts.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

WallTime reached_at(const Step& step, const InboxItem& item, wire::Rung rung) {
    switch (rung) {
        case wire::Rung::stored: return item.stored_at;
        case wire::Rung::opened: return item.opened_at;
        case wire::Rung::handed_over: return item.handed_over_at;
        case wire::Rung::taken: return item.taken_at;
        case wire::Rung::decided: return item.decided_at;
        case wire::Rung::recalled: return item.recalled_at;
        default: return step.now.wall;
    }
}

/// Where each delivery lies, for a broker that was put back to a time before it: it knows again
/// whom a recall must reach. Nobody else is told; the signed part names seats.
std::vector<InboxId> inboxes_of(Step& step, const ReceiptBatch& batch) {
    const auto body = wire::decode_body<wire::ReceiptsBody>(batch.body);
    if (!body || body->entries.size() != batch.deliveries.size()) return {};
    std::vector<InboxId> inboxes(batch.deliveries.size());
    for (std::size_t i = 0; i < inboxes.size(); ++i) {
        if (batch.deliveries[i].is_zero()) continue;
        const Bytes prefix = store::key_bytes(body->entries[i].notification);
        for (const auto& [id, inbox, sender] :
             table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix})) {
            const auto item = table::inbox.get(step.tx, {inbox, sender, id});
            if (sender == body->sender && item && item->delivery == batch.deliveries[i])
                inboxes[i] = inbox;
        }
    }
    return inboxes;
}

/// Signed when it is sent, with the key in force then: a batch may wait longer than a key lives.
void send_batch(Step& step, std::uint64_t order, const ReceiptBatch& batch) {
    const auto* key = step.signing_key(batch.from);
    if (key == nullptr) {  // the registry lists no key of ours now; it stays owed
        step.record(LogEvent::receipt_refused, ErrorCode::unknown_key, {}, batch.from);
        return;
    }
    if (order > step.row.receipts_sent) {
        step.row.receipts_sent = order;
        step.row_changed = true;
    }
    Asked asked;
    asked.kind = Asked::Kind::receipts;
    asked.order = order;
    asked.lane = batch.lane;
    step.ask(wire::Receipts{batch.body, crypto::sign(*key, wire::label::receipts, batch.body),
                            batch.deliveries, inboxes_of(step, batch), step.row.receipts_sent},
             std::move(asked));
}

/// Made without a session it counts as sent only once there is one. A store that was silently put
/// back would otherwise catch up with its earlier life before it says Hello, and the broker would
/// not see that everything must come again.
std::uint64_t next_order(Step& step) {
    const auto last =
        table::receipts.collect_keys(step.tx, {.limit = 1, .order = store::Order::descending});
    return std::max(step.row.receipts_sent, last.empty() ? 0 : last.front()) + 1;
}

void make_batch(Step& step, const AgencyId& from, const AgencyId& sender,
                std::span<const PendingRung> rungs) {
    wire::ReceiptsBody body;
    body.batch = step.random_id<BatchId>();
    body.from = from;
    body.sender = sender;
    ReceiptBatch batch;
    batch.from = from;
    batch.lane = wire::Lane::bulk;
    for (const auto& rung : rungs) {
        body.entries.push_back(rung.entry);
        batch.deliveries.push_back(rung.delivery);
        batch.lane = std::min(batch.lane, rung.lane);
    }
    batch.body = wire::encode_body(body);
    batch.made_at = step.now.wall;
    const std::uint64_t order = next_order(step);
    table::receipts.put(step.tx, order, batch);
    table::receipts_open.put(step.tx, order, {});
    table::receipt_batches.put(step.tx, body.batch, order);
    if (step.agent.link.welcomed) send_batch(step, order, batch);
}

}  // namespace

void reach(Step& step, const InboxKey& key, const InboxItem& item, wire::Rung rung,
           std::string code) {
    const auto statement = statement_of(item);
    if (!statement)
        return;  // recalled before it came: answered by recall.cpp, which knows the seat
    wire::ReceiptEntry entry;
    entry.notification = std::get<2>(key);
    entry.seat = statement->seat;
    entry.rung = rung;
    entry.at = reached_at(step, item, rung);
    if (rung == wire::Rung::recalled)
        code = item.opened_at.is_set() || item.handed_over_at.is_set() ? "opened" : "unopened";
    entry.code = std::move(code);
    step.rungs[{statement->seat.agency, statement->sender}].push_back(
        {std::move(entry), item.delivery, statement->lane});
}

void reach_unstored(Step& step, const AgencyId& from, const AgencyId& sender,
                    const wire::ReceiptEntry& entry, const DeliveryId& delivery, wire::Lane lane) {
    step.rungs[{from, sender}].push_back({entry, delivery, lane});
}

void flush_receipts(Step& step) {
    for (auto& [parties, pending] : step.rungs) {
        std::span<const PendingRung> rest(pending);
        while (!rest.empty()) {
            const auto part = rest.first(std::min(rest.size(), limits::receipts_entries_max));
            make_batch(step, parties.first, parties.second, part);
            rest = rest.subspan(part.size());
        }
    }
    step.rungs.clear();
}

void send_receipts(Step& step) {
    auto& link = step.agent.link;
    if (!link.welcomed) return;
    link.receipts_at = step.now.steady;
    std::set<std::uint64_t> under_way;
    for (const auto& [request, asked] : link.asked) {
        if (asked.kind == Asked::Kind::receipts) under_way.insert(asked.order);
    }
    for (const auto order :
         table::receipts_open.collect_keys(step.tx, {.limit = under_way.size() + in_flight_max})) {
        if (under_way.contains(order)) continue;
        if (const auto batch = table::receipts.get(step.tx, order)) send_batch(step, order, *batch);
    }
}

void on_receipts_ack(Step& step, const wire::ReceiptsAck& ack) {
    const auto order = table::receipt_batches.get(step.tx, ack.batch);
    if (!order) return;
    for (const auto& [request, asked] : step.agent.link.asked) {
        if (asked.kind == Asked::Kind::receipts && asked.order == *order) {
            forget_request(step, request);
            break;
        }
    }
    auto batch = table::receipts.get(step.tx, *order);
    if (!batch || batch->acked_at.is_set()) return;
    batch->acked_at = step.now.wall;
    table::receipts.put(step.tx, *order, *batch);
    table::receipts_open.erase(step.tx, *order);
    // A backlog longer than one window goes on at once.
    if (table::receipts_open.collect_keys(step.tx, {.limit = 1}).empty()) return;
    send_receipts(step);
}

void receipts_refused(Step& step, std::uint64_t order, ErrorCode code) {
    step.record(LogEvent::receipt_refused, code);
    if (next_step(code) == NextStep::retry_later || next_step(code) == NextStep::reconnect) return;
    // Our key may be newer than the broker's registry, or the other way round: signed anew at the
    // next sending.
    if (code == ErrorCode::bad_signature || code == ErrorCode::unknown_key ||
        code == ErrorCode::revoked_key)
        return;
    // Offered again it would be refused again; it is kept for a restored broker and for whoever
    // looks into it.
    if (auto batch = table::receipts.get(step.tx, order)) {
        batch->acked_at = step.now.wall;
        table::receipts.put(step.tx, order, *batch);
        table::receipts_open.erase(step.tx, order);
    }
}

void receipts_again(Step& step) {
    for (auto& [order, batch] : table::receipts.collect(step.tx, {})) {
        if (!batch.acked_at.is_set()) continue;
        batch.acked_at = {};
        table::receipts.put(step.tx, order, batch);
        table::receipts_open.put(step.tx, order, {});
    }
}

}  // namespace mash::runtime
