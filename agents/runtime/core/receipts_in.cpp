// Rungs about our notifications, each believed only under the signature of whoever reached it: the
// seat's own agency, or the broker for what the broker alone knows.
#include "agents/runtime/core/parts.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

/// The broker can say that nothing came of it, never that somebody has it.
bool broker_may_say(wire::Rung rung) {
    return rung == wire::Rung::accepted || rung == wire::Rung::not_connected ||
           rung == wire::Rung::expired || rung == wire::Rung::refused;
}

/// By the decision that stands; by an earlier one of ours, whose plan a broker that was put back
/// has lost: then it stands on the list again; or by one that this store itself has lost.
bool names_seat(Step& step, const NotificationId& id, OutboxItem& item, const Seat& seat) {
    const bool is_sent = item.state == OutboxState::accepted || item.state == OutboxState::closed;
    if (item.decision.empty() || !is_sent) return true;
    const auto decision = decision_of(item);
    for (const auto& recipient : decision.recipients) {
        if (recipient.seat == seat) return true;
    }
    // Added by a supplement before this store went back: then they still stand here as held, or
    // left out by the floor.
    if (decision.floor || table::held.contains(step.tx, {id, seat})) return true;
    return name_earlier_recipient(step, id, item, seat) || item.sealed_digest == Digest{};
}

void take_entry(Step& step, const wire::ReceiptsBody& body, const wire::ReceiptEntry& entry) {
    auto item = table::outbox.get(step.tx, entry.notification);
    const bool from_broker = body.from.empty();
    if (!item) {
        // Sent before this store went back. Its source gives it again under the same id, and the
        // broker then says that it holds other bytes: this tells that it has arrived.
        if (!from_broker && step.serves(body.sender) && entry.seat.agency == body.from &&
            entry.rung != wire::Rung::accepted) {
            put_rung(step, entry.notification, entry.seat, entry.rung, entry.at, entry.code);
        }
        return;
    }
    if (item->agency != body.sender) return;
    const bool known = from_broker
                           ? broker_may_say(entry.rung)
                           : entry.seat.agency == body.from && entry.rung != wire::Rung::accepted &&
                                 names_seat(step, entry.notification, *item, entry.seat);
    if (!known) {
        step.record(LogEvent::receipt_refused, ErrorCode::not_entitled, entry.notification,
                    body.from);
        return;
    }
    // A second offer under the same id, refused by one who has the first: it has it.
    if (entry.rung == wire::Rung::refused && entry.code == name_of(ErrorCode::duplicate_conflict) &&
        has_rung(step, entry.notification, entry.seat, wire::Rung::stored)) {
        return;
    }
    // Its own "no_key" is a word of this agent (plan.cpp); the broker may not speak it.
    const bool gap = entry.rung == wire::Rung::not_connected;
    put_rung(step, entry.notification, entry.seat, entry.rung, entry.at,
             gap ? "broker" : entry.code);
    if (entry.rung == wire::Rung::agreement_stopped || entry.rung == wire::Rung::recalled)
        on_stopped(step, entry.notification);
    step.record(LogEvent::receipt_recorded, entry.notification, body.from);
    // That somebody has it does not say that the broker has: a broker restored from a backup has
    // lost it, and others are still to be told. Only when the broker itself says that it holds
    // other bytes is this store the older one.
    if (item->state == OutboxState::blocked && !item->accepted_at.is_set() &&
        entry.rung == wire::Rung::stored) {
        return sent_before_restore(step, entry.notification, *item);
    }
    if (entry.rung == wire::Rung::stored) supplements_signed_for(step, entry.notification);
    settle(step, entry.notification);
}

}  // namespace

void put_rung(Step& step, const NotificationId& id, const Seat& seat, wire::Rung rung, WallTime at,
              const std::string& code) {
    const std::tuple key(id, seat, static_cast<std::uint8_t>(rung));
    if (table::rungs.contains(step.tx, key)) return;  // each once: the first time it was reached
    table::rungs.put(step.tx, key, {at, code});
}

bool has_rung(Step& step, const NotificationId& id, const Seat& seat, wire::Rung rung) {
    return table::rungs.contains(step.tx, {id, seat, static_cast<std::uint8_t>(rung)});
}

void on_receipts(Step& step, const wire::Receipts& receipts) {
    const auto body = wire::decode_body<wire::ReceiptsBody>(receipts.body);
    if (!body) {
        step.record(LogEvent::receipt_refused, body.error());
        return;
    }
    // The signer's key as of when it signed, which is not before the latest entry: it may have been
    // replaced since.
    WallTime at;
    for (const auto& entry : body->entries) at = std::max(at, entry.at);
    at = std::min(at, step.now.wall);
    const bool good =
        body->from.empty()
            ? step.verify_broker(wire::label::broker_receipts, receipts.body, receipts.signature)
            : step.verify_agency(body->from, at, wire::label::receipts, receipts.body,
                                 receipts.signature) ||
                  step.verify_agency(body->from, step.now.wall, wire::label::receipts,
                                     receipts.body, receipts.signature);
    if (!good) {
        // Not acknowledged: it is no receipt. A signer newer than our registry is believed when it
        // comes again.
        step.record(LogEvent::receipt_refused, ErrorCode::bad_signature, {}, body->from);
        fetch_documents(step, true);
        return;
    }
    // A batch that comes twice changes nothing: each rung is kept once.
    for (const auto& entry : body->entries) take_entry(step, *body, entry);
    step.send(wire::ReceiptsAck{body->batch}, wire::Lane::urgent, step.agent.link.next_request++);
}

}  // namespace mash::runtime
