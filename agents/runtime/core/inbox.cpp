// What arrives: checked against the sender's signature, durable before it is acknowledged, once for
// each (inbox, sender, id).
//
//   unknown id ──all checks hold──> stored ──> opened, handed over, taken, decided (rungs, in any
//   order a person takes)
//      │                              └─does not open──> undecryptable (kept: a later key may open
//      it) ├─a check fails──> refused receipt, nothing stored └─recalled before it came──>
//      recalled: no content kept, never shown
//   known id, same parcel: the same answer again; other parcel: refused receipt
#include <algorithm>

#include "agents/runtime/core/inbox_lists.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/sender_words.hpp"
#include "common/crypto/hash.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t parked_max = 64;

bool signed_by(const std::vector<area::DatedVerifyKey>& keys, WallTime at, std::string_view label,
               ByteView message, const crypto::Signature& signature) {
    return area::verify_with_any(keys, at, label, message, signature);
}

/// Everything that can be checked without opening: that the sender signed this parcel for this
/// inbox, and that the views are those it names. The time that counts is that of acceptance: keys
/// change while things wait.
Result<void> check_parcel(const Step& step, const wire::StatementBody& statement,
                          const wire::Delivery& delivery) {
    if (delivery.parcel.recipient != statement.inbox) return fail(ErrorCode::bad_signature);
    // The sender signed how fast it travels: a broker may not list danger among what can wait.
    if (delivery.parcel.lane != statement.lane) return fail(ErrorCode::bad_signature);
    if (statement.accepted_at > step.now.wall + limits::clock_skew_max)
        return fail(ErrorCode::clock_skew);
    const auto* sender =
        step.registry()->find_active_agency(statement.sender, statement.accepted_at);
    if (sender == nullptr) return fail(ErrorCode::unknown_key);
    // The sender signed too that it is shown for a decision only: no broker can have anything else
    // removed with one.
    if (!signed_by(sender->signing_keys, statement.accepted_at, parcel_label(statement.route),
                   wire::parcel_message(statement.sender, statement.id, delivery.parcel),
                   delivery.parcel.signature)) {
        return fail(ErrorCode::bad_signature);
    }
    if (delivery.views.size() != delivery.parcel.views.size())
        return fail(ErrorCode::bad_signature);
    return wire::check_views(statement.sender, statement.id, delivery.parcel, delivery.views);
}

void refuse(Step& step, const wire::StatementBody& statement, const wire::Delivery& delivery,
            ErrorCode code) {
    step.record(LogEvent::delivery_rejected, code, statement.id, statement.sender);
    if (code != ErrorCode::duplicate_conflict) {
        raise(step, Alarm::Kind::delivery_rejected, statement.id);
    }
    wire::ReceiptEntry entry;
    entry.notification = statement.id;
    entry.seat = statement.seat;
    entry.rung = wire::Rung::refused;
    entry.at = step.now.wall;
    entry.code = std::string(name_of(code));
    reach_unstored(step, statement.seat.agency, statement.sender, entry, delivery.id,
                   statement.lane);
}

void answer_again(Step& step, const InboxKey& key, const InboxItem& item) {
    if (item.state == InboxState::recalled) return reach(step, key, item, wire::Rung::recalled);
    reach(step, key, item, wire::Rung::stored);
    if (item.opened_at.is_set()) reach(step, key, item, wire::Rung::opened);
    if (item.state == InboxState::undecryptable) reach(step, key, item, wire::Rung::undecryptable);
    if (item.handed_over_at.is_set()) reach(step, key, item, wire::Rung::handed_over);
    if (item.taken_at.is_set()) reach(step, key, item, wire::Rung::taken);
    if (item.decided_at.is_set()) reach(step, key, item, wire::Rung::decided, item.outcome);
}

void deliver(Step& step, const wire::Delivery& delivery, bool may_park) {
    const auto statement = wire::decode_body<wire::StatementBody>(delivery.statement);
    if (!statement || !step.verify_broker(wire::label::statement, delivery.statement,
                                          delivery.statement_signature)) {
        // Nobody we know said this; there is no seat to answer for.
        step.record(LogEvent::delivery_rejected,
                    statement ? ErrorCode::bad_signature : statement.error());
        raise(step, Alarm::Kind::delivery_rejected, {});
        return;
    }
    const auto row = table::inboxes.get(step.tx, statement->inbox);
    if (!row || !step.serves(row->agency) || statement->seat.agency != row->agency) {
        step.record(LogEvent::delivery_rejected, ErrorCode::wrong_host, statement->id,
                    statement->sender);
        return;
    }
    const InboxKey key{statement->inbox, statement->sender, statement->id};
    auto item = table::inbox.get(step.tx, key);
    const Digest parcel = crypto::labelled_hash(
        wire::label::parcel,
        {wire::parcel_message(statement->sender, statement->id, delivery.parcel)});
    if (item && (item->parcel == parcel || item->state == InboxState::recalled)) {
        item->delivery = delivery.id;
        if (item->statement.empty()) item->statement = delivery.statement;
        table::inbox.put(step.tx, key, *item);
        return answer_again(step, key, *item);
    }
    if (!item && was_stopped_before(step, key, statement->seat, delivery.id)) return;
    if (const auto checked = check_parcel(step, *statement, delivery); !checked) {
        if (may_park && checked.error() != ErrorCode::malformed &&
            step.agent.parked.size() < parked_max) {
            // Perhaps the sender or its key is newer than our registry. Asked once; then it is
            // judged as it is.
            step.agent.parked.push_back(delivery);
            fetch_documents(step, true);
            return;
        }
        return refuse(step, *statement, delivery, checked.error());
    }
    if (item) {
        answer_again(step, key, *item);
        return refuse(step, *statement, delivery, ErrorCode::duplicate_conflict);
    }
    // Of another seat that this inbox serves: this one is told on other grounds, and somebody must
    // read it.
    table::inbox_stops.erase(step.tx, key);
    InboxItem stored;
    stored.state = InboxState::stored;
    stored.parcel = parcel;
    stored.delivery = delivery.id;
    stored.statement = delivery.statement;
    stored.stored_at = step.now.wall;
    table::inbox.put(step.tx, key, stored);
    table::inbox_sealed.put(step.tx, key, {wire::encode_body(delivery)});
    const auto timed = [&](WallTime at) {
        return std::tuple(at, statement->inbox, statement->sender, statement->id);
    };
    table::inbox_by_time.put(
        step.tx, {statement->inbox, statement->accepted_at, statement->sender, statement->id}, {});
    table::inbox_by_id.put(step.tx, {statement->id, statement->inbox, statement->sender}, {});
    table::inbox_untaken.put(step.tx, timed(statement->accepted_at), {});
    waits_again(step, key, *statement);
    wake_sender_words(step, key);
    if (row->people) {
        table::inbox_unopened.put(step.tx, timed(statement->accepted_at), {});
        table::inbox_covers_unread.put(
            step.tx, {statement->inbox, statement->accepted_at, statement->sender, statement->id},
            {});
    }
    reach(step, key, stored, wire::Rung::stored);
    clear(step, Alarm::Kind::delivery_rejected, statement->id);
    clear(step, Alarm::Kind::delivery_rejected, {});  // the broker speaks with its own key again
    step.record(LogEvent::delivery_stored, statement->id, statement->sender);
    if (!row->people) hand_over_automatic(step, key);
    end_if_decided(step, key);
}

}  // namespace

void on_delivery(Step& step, const wire::Delivery& delivery) {
    step.credit_due = true;
    if (step.registry() == nullptr) return;  // never acknowledged, so it comes again
    deliver(step, delivery, step.agent.link.welcomed);
}

void judge_parked(Step& step) {
    auto parked = std::move(step.agent.parked);
    step.agent.parked.clear();
    for (const auto& delivery : parked) deliver(step, delivery, false);
}

void waits_no_longer(Step& step, const InboxKey& key, const wire::StatementBody& statement) {
    const auto& [inbox, sender, id] = key;
    table::inbox_untaken.erase(step.tx, {statement.accepted_at, inbox, sender, id});
    waits_for_nobody(step.tx, key, statement);
    list_again(step.tx, key);
}

void waits_again(Step& step, const InboxKey& key, const wire::StatementBody& statement) {
    waits_for_somebody(step.tx, key, statement);
    list_again(step.tx, key);
}

std::optional<wire::StatementBody> statement_of(const InboxItem& item) {
    if (item.statement.empty()) return std::nullopt;
    auto statement = wire::decode_body<wire::StatementBody>(item.statement);
    if (!statement) return std::nullopt;
    return std::move(*statement);
}

std::optional<wire::Delivery> stored_delivery(Step& step, const InboxKey& key) {
    const auto blob = table::inbox_sealed.get(step.tx, key);
    if (!blob) return std::nullopt;
    auto delivery = wire::decode_body<wire::Delivery>(blob->bytes);
    if (!delivery) {
        step.tx.mark_failed(ErrorCode::store_failed, "inbox_sealed",
                            "stored delivery does not decode");
        return std::nullopt;
    }
    return std::move(*delivery);
}

}  // namespace mash::runtime
