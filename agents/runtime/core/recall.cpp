// Recall (K3), both sides. It stops, removes and collects confirmations; it does not un-know.
#include <set>

#include "agents/runtime/core/about.hpp"
#include "agents/runtime/core/asked.hpp"
#include "agents/runtime/core/care_flags_kept.hpp"
#include "agents/runtime/core/inbox_lists.hpp"
#include "agents/runtime/core/joined.hpp"
#include "agents/runtime/core/notice.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

std::string errand_of(const NotificationId& id) { return "recall/" + to_text(id); }
std::string errand_of(const NotificationId& id, const InboxId& inbox) {
    return errand_of(id) + "/" + inbox.value();
}

void send(Step& step, const wire::RecallBody& body) {
    const auto* key = step.signing_key(body.sender);
    if (key == nullptr) {
        step.record(LogEvent::frame_refused, ErrorCode::unknown_key, body.notification,
                    body.sender);
        return;
    }
    wire::Recall recall;
    recall.body = wire::encode_body(body);
    recall.signature = crypto::sign(*key, wire::label::recall, recall.body);
    put_errand(step,
               body.inbox.empty() ? errand_of(body.notification)
                                  : errand_of(body.notification, body.inbox),
               std::move(recall), wire::Lane::immediate);
    step.record(LogEvent::recall_issued, body.notification, body.sender);
}

void send_recall(Step& step, const NotificationId& id, const OutboxItem& item) {
    send(step, {id,
                item.agency,
                item.recalled_by,
                item.recall_reason,
                item.recalled_at,
                item.recall_confirm_by,
                {}});
}

/// The inboxes that hold, or would get, what this seat is sent: who stands by for it first, so that
/// its own word that all is gone comes last. Of one that is still asked about, its own: the broker
/// asks no more.
std::vector<InboxId> copies_of(const Step& step, const wire::Decision& decision, const Seat& seat) {
    std::vector<InboxId> inboxes;
    const bool is_held =
        std::ranges::find(decision.held, seat, &wire::HeldRecipient::seat) != decision.held.end();
    const auto* entry =
        is_held && step.registry() != nullptr ? step.registry()->find_seat(seat) : nullptr;
    if (entry != nullptr) inboxes.push_back(entry->inbox);
    for (const auto& recipient : decision.recipients) {
        if (recipient.seat != seat) continue;
        for (const auto& standby : recipient.standbys) inboxes.push_back(standby.inbox);
        inboxes.push_back(recipient.inbox);
    }
    return inboxes;
}

/// One that it refused it does not know, and would deliver what was taken back.
bool is_known_to_broker(const Errand& errand) {
    return errand.done_at.is_set() && errand.refused_code == 0;
}

/// False: the broker has not yet said that it knows of all of them.
bool copies_are_ahead(Step& step, const NotificationId& id, const OutboxItem& item,
                      const wire::Decision& decision) {
    bool all = true;
    const Bytes prefix = store::key_bytes(id);
    for (const auto& [key, recall] : table::copy_recalls.collect(step.tx, {.prefix = prefix})) {
        for (const auto& inbox : copies_of(step, decision, std::get<1>(key))) {
            const auto errand = table::errands.get(step.tx, errand_of(id, inbox));
            if (!errand)
                send(step, {id, item.agency, recall.person, recall.reason, recall.at,
                            recall.confirm_by, inbox});
            all = all && errand && is_known_to_broker(*errand);
        }
    }
    return all;
}

/// It should never have had it: what follows in the thread is not for it either, unless something
/// else that was sent there still is.
void leave_thread(Step& step, const NotificationId& id, const OutboxItem& item, const Seat& seat) {
    if (item.thread.is_zero()) return;
    const Bytes prefix = store::key_bytes(item.thread);
    for (const auto& key : table::outbox_thread.collect_keys(step.tx, {.prefix = prefix})) {
        const auto& other = std::get<2>(key);
        const auto sent = table::outbox.get(step.tx, other);
        if (other == id || !sent || sent->recalled_at.is_set() || !sent->accepted_at.is_set() ||
            is_copy_recalled(step, other, seat))
            continue;
        const auto decision = decision_of(*sent);
        if (std::ranges::find(decision.recipients, seat, &wire::Recipient::seat) !=
            decision.recipients.end())
            return;
    }
    table::thread_seats.erase(step.tx, {item.thread, seat});
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

WallTime confirm_by(Step& step) {
    const auto* policy = step.policy();
    return policy == nullptr ? WallTime() : step.now.wall + policy->recall_confirm_within();
}

/// The sender's signature, for a broker that is put back to before it: given back with all else
/// that it had (errands_again), as long as receipts are. Who sent it may be put back as well, and
/// then nobody else knows.
void keep_to_give_back(Step& step, const wire::RecallNotice& notice, const wire::RecallBody& body) {
    if (step.serves(body.sender)) return;
    const std::string name = "recall-heard/" + body.sender.value() + "/" +
                             to_text(body.notification) +
                             (body.inbox.empty() ? "" : "/" + body.inbox.value());
    if (table::errands.contains(step.tx, name)) return;
    Errand errand;
    errand.order = ++step.row.errands_made;
    step.row_changed = true;
    errand.lane = wire::Lane::immediate;
    errand.frame = wire::encode(wire::AgentFrame{0, wire::Recall{notice.body, notice.signature}});
    errand.made_at = step.now.wall;
    errand.done_at = step.now.wall;  // it is from there
    table::errands.put(step.tx, name, errand);
}

void note_recalled(OutboxItem& item, const CopyRecall& how) {
    item.recalled_at = how.at;
    item.recalled_by = how.person;
    item.recall_reason = how.reason;
    item.recall_confirm_by = how.confirm_by;
}

/// As its `recalled_by` says.
void take_back(Step& step, const NotificationId& id, OutboxItem& item) {
    record_taken_back(step, id, item,
                      never_published(item) ? DecisionKind::not_sent : DecisionKind::recalled,
                      item.recalled_by, item.recall_reason);
    drop_questions(step, id);
    clear(step, Alarm::Kind::about_taken_back, id);
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

void recall_one(Step& step, const NotificationId& id, OutboxItem& item, const PersonId& person,
                const std::string& reason) {
    if (item.recalled_at.is_set() || item.state == OutboxState::closed) return;
    note_recalled(item, {step.now.wall, person, reason, confirm_by(step)});
    take_back(step, id, item);
}

/// False: it was taken back before.
bool note_copy_recalled(Step& step, const NotificationId& id, const OutboxItem& item,
                        const Seat& seat, const CopyRecall& recall) {
    if (is_copy_recalled(step, id, seat)) return false;
    table::copy_recalls.put(step.tx, {id, seat}, recall);
    leave_thread(step, id, item, seat);
    table::held.erase(step.tx, {id, seat});
    return true;
}

void take_back_copies(Step& step, const NotificationId& id, OutboxItem& item,
                      const PersonId& person, const std::string& reason, const std::string& whose) {
    const Bytes prefix = store::key_bytes(id);
    const bool asks = !table::held.collect_keys(step.tx, {.prefix = prefix, .limit = 1}).empty();
    if (!asks) clear(step, Alarm::Kind::held_overdue, id);
    // Nobody else was to have it: nothing is left to be sent.
    if (!asks && item.state == OutboxState::held) {
        recall_one(step, id, item, person, reason);
        return;
    }
    record_taken_back(step, id, item, DecisionKind::copy_recalled, person, reason, whose);
    copies_are_ahead(step, id, item, decision_of(item));
    item.settled_at = {};
    put_item(step, id, item);
    settle(step, id);
}

std::string name_of(const Seat& seat) { return seat.agency.value() + " " + seat.role.value(); }

/// Whose copy lies in this inbox.
std::optional<Seat> seat_of_copy(const Step& step, const wire::Decision& decision,
                                 const InboxId& inbox) {
    for (const auto& recipient : decision.recipients) {
        const auto copies = copies_of(step, decision, recipient.seat);
        if (std::ranges::find(copies, inbox) != copies.end()) return recipient.seat;
    }
    const auto* agency = step.registry() ? step.registry()->agency_of_inbox(inbox) : nullptr;
    if (agency == nullptr) return std::nullopt;
    const auto seat = std::ranges::find(agency->seats, inbox, &area::SeatEntry::inbox);
    if (seat == agency->seats.end()) return std::nullopt;
    return Seat{agency->id, seat->role};
}

/// Recalled here before a backup of this store was put back: our own word, signed then. An item
/// that its source has not given again yet is not answered for, so that the broker says it again.
void on_own_recall(Step& step, const wire::RecallNotice& notice) {
    const auto body = wire::decode_body<wire::RecallBody>(notice.body);
    if (!body || !step.serves(body->sender) ||
        !step.verify_agency(body->sender, std::min(body->at, step.now.wall), wire::label::recall,
                            notice.body, notice.signature)) {
        step.record(LogEvent::delivery_rejected, body ? ErrorCode::bad_signature : body.error());
        return;
    }
    const auto& id = body->notification;
    auto item = table::outbox.get(step.tx, id);
    if (!item || item->agency != body->sender) return;
    const CopyRecall how{body->at, body->person, body->reason, body->confirm_by};
    const bool is_over = item->recalled_at.is_set() || item->state == OutboxState::closed;
    if (!is_over && body->inbox.empty()) {
        note_recalled(*item, how);
        take_back(step, id, *item);
    } else if (!is_over) {
        const auto seat = seat_of_copy(step, decision_of(*item), body->inbox);
        if (seat && note_copy_recalled(step, id, *item, *seat, how))
            take_back_copies(step, id, *item, body->person, body->reason, name_of(*seat));
    }
    send(step, *body);
}

}  // namespace

void remove_content(Step& step, const InboxKey& key) {
    const auto& [inbox, sender, id] = key;
    table::inbox_sealed.erase(step.tx, key);
    table::inbox_marks.erase(step.tx, key);
    table::inbox_clocks.erase(step.tx, key);
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

std::optional<CopyRecall> recall_of(Step& step, const NotificationId& id, const OutboxItem& item,
                                    const Seat& seat) {
    if (item.recalled_at.is_set())
        return CopyRecall{item.recalled_at, item.recalled_by, item.recall_reason,
                          item.recall_confirm_by};
    return table::copy_recalls.get(step.tx, {id, seat});
}

bool is_copy_recalled(Step& step, const NotificationId& id, const Seat& seat) {
    return table::copy_recalls.contains(step.tx, {id, seat});
}

// Of a seat that never had it the answer is the same: nothing here or at the broker says who had it
// but the sender's own list (design rule 8).
Result<void> recall_copies(Step& step, const NotificationId& id, const std::set<Seat>& seats,
                           const PersonId& person, const std::string& reason) {
    auto item = table::outbox.get(step.tx, id);
    if (!item) return fail(ErrorCode::not_found);
    if (item->recalled_at.is_set()) return {};
    if (item->state == OutboxState::closed) return fail(ErrorCode::expired);
    std::string whose;
    for (const auto& seat : seats) {
        if (!note_copy_recalled(step, id, *item, seat,
                                {step.now.wall, person, reason, confirm_by(step)}))
            continue;
        whose += (whose.empty() ? "" : ", ") + name_of(seat);
    }
    if (!whose.empty()) take_back_copies(step, id, *item, person, reason, whose);
    return {};
}

void recall_unknown(Step& step, const NotificationId& id, const AgencyId& agency,
                    const PersonId& person, const std::string& reason) {
    OutboxItem lost;
    lost.agency = agency;
    note_recalled(lost, {step.now.wall, person, reason, confirm_by(step)});
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

bool recall_is_ahead(Step& step, const NotificationId& id, const OutboxItem& item,
                     const wire::Decision& decision) {
    if (!copies_are_ahead(step, id, item, decision)) return false;
    if (!item.recalled_at.is_set()) return true;
    const auto errand = table::errands.get(step.tx, errand_of(id));
    if (!errand) send_recall(step, id, item);
    return errand && is_known_to_broker(*errand);
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
    if (notice.inbox.empty()) return on_own_recall(step, notice);
    const auto body = checked_notice<wire::RecallBody>(step, notice, wire::label::recall);
    if (!body) return;
    if (!body->inbox.empty() && body->inbox != notice.inbox) {
        // Signed for another's copy: nobody may take this one back with it.
        step.record(LogEvent::delivery_rejected, ErrorCode::wrong_host, body->notification,
                    body->sender);
        return;
    }
    keep_to_give_back(step, notice, *body);
    const InboxKey key{notice.inbox, body->sender, body->notification};
    auto item = table::inbox.get(step.tx, key).value_or(InboxItem{});
    const bool seen = item.opened_at.is_set() || item.handed_over_at.is_set();
    const bool in_system =
        item.handed_over_at.is_set() || table::handover_open.contains(step.tx, key);
    if (item.state != InboxState::recalled) {
        remove_content(step, key);
        ring_what_was_said_about(step, key);
        item.state = InboxState::recalled;
        item.recalled_at = step.now.wall;
        if (item.delivery.is_zero()) item.delivery = notice.delivery;
        table::inbox.put(step.tx, key, item);
        list_again(step.tx, key);
        stop_recalled(step, key);
        part_report(step, key);
        // Of the pass-on the front door's own outbox is the system.
        if (is_of_pass_on(step, key)) {
            recall_passed_on(step, key, body->reason);
        } else if (is_of_care_status(step, key)) {
            recall_care_flag(step, key);
        } else if (in_system) {
            hand_over_recall(step, key);
        }
        step.record(LogEvent::recall_issued, body->notification, body->sender);
    }
    confirm(step, notice, *body, seen);
}

}  // namespace mash::runtime
