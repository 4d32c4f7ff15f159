// Recall (K3), both sides. It stops, removes and collects confirmations; it does not un-know.
#include "agents/runtime/core/notice.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

std::string errand_of(const NotificationId& id) { return "recall/" + to_text(id); }

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
    body.confirm_by = item.recall_confirm_by;
    wire::Recall recall;
    recall.body = wire::encode_body(body);
    recall.signature = crypto::sign(*key, wire::label::recall, recall.body);
    put_errand(step, errand_of(id), std::move(recall), wire::Lane::immediate);
    step.record(LogEvent::recall_issued, id, item.agency);
}

/// A restored broker may have forgotten what it once accepted: then it is `waiting` again, and its
/// recipients have it all the same.
bool never_published(const OutboxItem& item) {
    if (item.accepted_at.is_set()) return false;
    return item.state == OutboxState::waiting || item.state == OutboxState::held ||
           item.state == OutboxState::refused;
}

/// What waited for a person: nothing is left to decide, and what is allowed now must not go out.
void drop_questions(Step& step, const NotificationId& id) {
    const Bytes prefix = store::key_bytes(id);
    for (const auto& key : table::held.collect_keys(step.tx, {.prefix = prefix}))
        table::held.erase(step.tx, key);
    clear(step, Alarm::Kind::held_overdue, id);
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

void note_recalled(Step& step, OutboxItem& item, const PersonId& person,
                   const std::string& reason) {
    item.recalled_at = step.now.wall;
    item.recalled_by = person;
    item.recall_reason = reason;
    if (const auto* policy = step.policy())
        item.recall_confirm_by = item.recalled_at + policy->recall_confirm_within();
}

void recall_one(Step& step, const NotificationId& id, OutboxItem& item, const PersonId& person,
                const std::string& reason) {
    if (item.recalled_at.is_set() || item.state == OutboxState::closed) return;
    note_recalled(step, item, person, reason);
    record_taken_back(step, id, item,
                      never_published(item) ? DecisionKind::not_sent : DecisionKind::recalled,
                      person, reason);
    drop_questions(step, id);
    drop_supplements(step, id, true);
    // Whatever we believe: it may be on its way, or sent by this agent before a backup was put
    // back. A broker that does not know it yet keeps the recall for it.
    send_recall(step, id, item);
    if (never_published(item)) {
        withdraw(step, id, item);
    } else {
        put_item(step, id, item);
    }
}

}  // namespace

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

Result<void> recall(Step& step, const NotificationId& id, const PersonId& person,
                    const std::string& reason) {
    auto item = table::outbox.get(step.tx, id);
    if (!item) return fail(ErrorCode::not_found);
    if (item->recalled_at.is_set()) return {};
    if (item->state == OutboxState::closed) return fail(ErrorCode::expired);
    recall_one(step, id, *item, person, reason);
    return {};
}

void recall_unknown(Step& step, const NotificationId& id, const AgencyId& agency,
                    const PersonId& person, const std::string& reason) {
    OutboxItem lost;
    lost.agency = agency;
    note_recalled(step, lost, person, reason);
    send_recall(step, id, lost);
}

void withdraw(Step& step, const NotificationId& id, OutboxItem& item) {
    drop_supplements(step, id);
    forget_sent(step, id, item);
    set_state(step, id, item, OutboxState::withdrawn);
    watch_again(step, id, {});
    table::outbox_sealed.erase(step.tx, id);
    erase_content(step, id);
    clear(step, Alarm::Kind::not_accepted, id);
    clear_sending_alarms(step, id);
}

bool recall_is_ahead(Step& step, const NotificationId& id, const OutboxItem& item) {
    if (!item.recalled_at.is_set()) return true;
    const auto errand = table::errands.get(step.tx, errand_of(id));
    if (!errand) send_recall(step, id, item);
    return errand && errand->done_at.is_set();
}

// The broker sends a host's recalls when it says Hello, before it answers anything that is asked
// later; and frames of one session arrive in order or not at all. So the answer to any question of
// this session is the end of the recalls. A broker that hides one could hide it without this too;
// one that does not answer only delays.
void fetch_recalls(Step& step) {
    const auto& link = step.agent.link;
    if (!step.row.catching_up || !link.welcomed) return;
    for (const auto& [request, asked] : link.asked) {
        if (asked.kind == Asked::Kind::recalls) return;
    }
    Asked asked;
    asked.kind = Asked::Kind::recalls;
    step.ask(wire::FetchSigned{{wire::DocumentKind::freshness}}, std::move(asked));
}

void recalls_fetched(Step& step) {
    if (!step.row.catching_up) return;
    step.row.catching_up = false;
    step.row_changed = true;
    retry_handovers(step);
}

void on_recall_notice(Step& step, const wire::RecallNotice& notice) {
    const auto body = checked_notice<wire::RecallBody>(step, notice, wire::label::recall);
    if (!body) return;
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
        stop_recalled(step, key);
        // Of the pass-on the front door's own outbox is the system.
        if (is_pass_on_inbox(step, notice.inbox)) {
            recall_passed_on(step, key, body->reason);
        } else if (in_system) {
            hand_over_recall(step, key);
        }
        step.record(LogEvent::recall_issued, body->notification, body->sender);
    }
    confirm(step, notice, *body, seen);
}

}  // namespace mash::runtime
