// Recall (K3), both sides. It stops, removes and collects confirmations; it does not un-know.
#include "agents/runtime/core/parts.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::hours confirm_within{24};

void send_recall(Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto* key = step.signing_key(item.agency);
    if (key == nullptr) {
        step.record(LogEvent::frame_refused, ErrorCode::unknown_key, id, item.agency);
        return;
    }
    wire::RecallBody body;
    body.notification = id;
    body.sender = item.agency;
    body.person = item.recalled_by;
    body.reason = item.recall_reason;
    body.at = item.recalled_at;
    body.confirm_by = item.recalled_at + confirm_within;
    wire::Recall recall;
    recall.body = wire::encode_body(body);
    recall.signature = crypto::sign(*key, wire::label::recall, recall.body);
    put_errand(step, "recall/" + to_text(id), std::move(recall), wire::Lane::immediate);
    step.record(LogEvent::recall_issued, id, item.agency);
}

bool never_published(OutboxState state) {
    return state == OutboxState::waiting || state == OutboxState::held ||
           state == OutboxState::refused;
}

/// The live copy goes; that it was there, and whether anybody saw it, stays.
void remove_content(Step& step, const InboxKey& key) {
    const auto& [inbox, sender, id] = key;
    table::inbox_sealed.erase(step.tx, key);
    if (const auto item = table::inbox.get(step.tx, key)) {
        if (const auto statement = statement_of(*item)) {
            waits_no_longer(step, key, *statement);
            table::inbox_unopened.erase(step.tx, {statement->accepted_at, inbox, sender, id});
        }
    }
}

void confirm(Step& step, const wire::RecallNotice& notice, const wire::RecallBody& body,
             bool seen) {
    wire::ReceiptEntry entry;
    entry.notification = body.notification;
    entry.seat = notice.seat;
    entry.rung = wire::Rung::recalled;
    entry.at = step.now.wall;
    entry.code = seen ? "opened" : "unopened";
    reach_unstored(step, notice.seat.agency, body.sender, entry, notice.delivery,
                   wire::Lane::immediate);
}

}  // namespace

Result<void> recall(Step& step, const NotificationId& id, const PersonId& person,
                    const std::string& reason) {
    auto item = table::outbox.get(step.tx, id);
    if (!item) return fail(ErrorCode::not_found);
    if (item->recalled_at.is_set()) return {};
    if (item->state == OutboxState::closed) return fail(ErrorCode::expired);
    item->recalled_at = step.now.wall;
    item->recalled_by = person;
    item->recall_reason = reason;
    if (never_published(item->state)) {
        set_state(step, id, *item, OutboxState::withdrawn);
        watch_again(step, id, {});
        step.tx.erase(sealed::notification, store::key_bytes(id));
        clear(step, Alarm::Kind::not_accepted, id);
        clear(step, Alarm::Kind::held_overdue, id);
        clear_sending_alarms(step, id);
        return {};
    }
    put_item(step, id, *item);
    // Sealed and perhaps on its way: the broker must know the notification before it can take it
    // back.
    if (item->state == OutboxState::accepted) send_recall(step, id, *item);
    return {};
}

void recall_if_accepted(Step& step, const NotificationId& id, OutboxItem& item) {
    if (item.recalled_at.is_set()) send_recall(step, id, item);
}

void on_recall_notice(Step& step, const wire::RecallNotice& notice) {
    const auto body = wire::decode_body<wire::RecallBody>(notice.body);
    if (!body || !step.verify_agency(body->sender, std::min(body->at, step.now.wall),
                                     wire::label::recall, notice.body, notice.signature)) {
        step.record(LogEvent::delivery_rejected, body ? ErrorCode::bad_signature : body.error());
        return;
    }
    const auto row = table::inboxes.get(step.tx, notice.inbox);
    if (!row || notice.seat.agency != row->agency) {
        step.record(LogEvent::delivery_rejected, ErrorCode::wrong_host, body->notification,
                    body->sender);
        return;
    }
    const InboxKey key{notice.inbox, body->sender, body->notification};
    auto item = table::inbox.get(step.tx, key).value_or(InboxItem{});
    const bool seen = item.opened_at.is_set() || item.handed_over_at.is_set();
    const bool in_system =
        item.handed_over_at.is_set() || table::handover_open.contains(step.tx, key);
    if (item.state != InboxState::recalled) {
        remove_content(step, key);
        item.state = InboxState::recalled;
        item.recalled_at = step.now.wall;
        if (item.delivery.is_zero()) item.delivery = notice.delivery;
        table::inbox.put(step.tx, key, item);
        if (in_system) hand_over_recall(step, key);
        step.record(LogEvent::recall_issued, body->notification, body->sender);
    }
    confirm(step, notice, *body, seen);
}

}  // namespace mash::runtime
