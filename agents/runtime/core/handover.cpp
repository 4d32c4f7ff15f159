// Hand-over: an item reaches the system that people work in. Elsewhere messages were lost for years
// between "delivered" and "saved in the case system"; here an item stays owed to the shell until
// the shell says that it is in there.
//
// An automatic inbox is opened under the host's key each time it is offered. What a person opened
// is kept, encrypted under the storage key, from opening to hand-over and no longer.
#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::seconds ask_again_after{60};
// Of one inbox, in one turn.
constexpr std::size_t asked_at_once_max = 8;
constexpr std::size_t looked_at_once_max = 512;

Bytes row_key(const InboxKey& key) { return store::key_bytes(key); }

void offer(Step& step, const InboxKey& key, PersonalText json, bool recalled) {
    const auto& [inbox, sender, id] = key;
    step.agent.handover_at[key] = step.now.steady;
    step.effects.emplace_back(HandOver{inbox, id, sender, std::move(json), recalled});
}

PersonalText recall_json(const InboxKey& key) {
    Json json;
    json["id"] = to_text(std::get<2>(key));
    json["sender"] = std::get<1>(key).value();
    json["inbox"] = std::get<0>(key).value();
    json["recalled"] = true;
    json["instruction"] =
        "The sender has taken this back. Remove it, do not use it and do not pass it on.";
    return PersonalText(text_of_json(json));
}

void offer_owed(Step& step, const InboxKey& key) {
    const auto item = table::inbox.get(step.tx, key);
    if (!item) return;
    if (item->state == InboxState::recalled) return offer(step, key, recall_json(key), true);
    const auto row = table::inboxes.get(step.tx, std::get<0>(key));
    if (row && !row->people) return hand_over_automatic(step, key);
    if (const auto kept = step.get_sealed(sealed::handover, row_key(key))) {
        offer(step, key, PersonalText(std::string(text_of(*kept))), false);
    }
}

void settle_handover(Step& step, const InboxKey& key) {
    table::handover_open.erase(step.tx, key);
    step.tx.erase(sealed::handover, row_key(key));
    step.agent.handover_at.erase(key);
    clear(step, Alarm::Kind::not_handed_over, std::get<2>(key));
}

/// Since a recall the system is owed the instruction to remove. That it had taken in the item
/// itself a moment before says nothing about that.
bool answers_what_is_owed(const InboxItem& item, bool recalled) {
    return recalled == (item.state == InboxState::recalled);
}

/// The step between "stored" and "in the system that people work in" is the one that goes unseen:
/// of an inbox that nobody opens, broker and sender are content.
void watch_owed(Step& step, const InboxKey& key) {
    const auto item = table::inbox.get(step.tx, key);
    const auto statement = item ? statement_of(*item) : std::nullopt;
    if (!statement) return;
    const auto row = table::inboxes.get(step.tx, std::get<0>(key));
    const bool by_people = row && row->people && item->opened_at.is_set();
    const WallTime since = item->state == InboxState::recalled ? item->recalled_at
                           : by_people                         ? item->opened_at
                                                               : item->stored_at;
    if (since.is_set() && since + lane_limit(step, statement->lane) <= step.now.wall)
        raise(step, Alarm::Kind::not_handed_over, std::get<2>(key));
}

/// Each inbox for itself: what is owed to a system that is down must not hide what is owed to
/// others.
void ask_again(Step& step, const InboxId& inbox) {
    const Bytes prefix = store::key_bytes(inbox);
    std::size_t asked = 0;
    for (const auto& key : table::handover_open.collect_keys(
             step.tx, {.prefix = prefix, .limit = looked_at_once_max})) {
        const auto last = step.agent.handover_at.find(key);
        if (last != step.agent.handover_at.end() &&
            step.now.steady - last->second < ask_again_after)
            continue;
        watch_owed(step, key);
        offer_owed(step, key);
        if (++asked >= asked_at_once_max) break;
    }
}

}  // namespace

void does_not_open(Step& step, const InboxKey& key, InboxItem& item, ErrorCode code) {
    item.state = InboxState::undecryptable;
    table::inbox.put(step.tx, key, item);
    settle_handover(step, key);
    reach(step, key, item, wire::Rung::undecryptable);
    raise(step, Alarm::Kind::undecryptable, std::get<2>(key));
    step.record(LogEvent::delivery_undecryptable, code, std::get<2>(key), std::get<1>(key));
}

void hand_over_automatic(Step& step, const InboxKey& key) {
    if (step.row.catching_up) return table::handover_open.put(step.tx, key, {});
    auto item = table::inbox.get(step.tx, key);
    const auto delivery = stored_delivery(step, key);
    if (!item || !delivery) return;
    const auto keys = automatic_keys_of(step, std::get<0>(key));
    const auto opened = open_item(*item, key, *delivery, keys);
    if (!opened) return does_not_open(step, key, *item, opened.error());
    note_cover(step, key, *item, opened->cover, keys);
    if (is_pass_on_inbox(step, std::get<0>(key))) return pass_on(step, key, *item, *opened);
    if (is_look_up_inbox(step, std::get<0>(key))) return keep_care_flag(step, key, *item, *opened);
    auto text = text_of_item(json_of(step, key, *item, *opened, keys));
    if (!text) return does_not_open(step, key, *item, text.error());
    table::handover_open.put(step.tx, key, {});
    offer(step, key, std::move(*text), false);
}

void handed_over_here(Step& step, const InboxKey& key, InboxItem& item) {
    settle_handover(step, key);
    if (const auto statement = statement_of(item)) waits_no_longer(step, key, *statement);
    if (item.handed_over_at.is_set()) return;
    item.handed_over_at = step.now.wall;
    table::inbox.put(step.tx, key, item);
    reach(step, key, item, wire::Rung::handed_over);
    step.record(LogEvent::handover_done, std::get<2>(key), std::get<1>(key));
}

void hand_over_opened(Step& step, const InboxKey& key, const PersonalText& json) {
    step.put_sealed(sealed::handover, row_key(key), view_of(json.reveal()));
    table::handover_open.put(step.tx, key, {});
    offer(step, key, json, false);
}

void hand_over_recall(Step& step, const InboxKey& key) {
    step.tx.erase(sealed::handover, row_key(key));
    table::handover_open.put(step.tx, key, {});
    offer(step, key, recall_json(key), true);
}

void on_handed_over(Step& step, const HandedOver& done) {
    const InboxKey key{done.inbox, done.sender, done.notification};
    auto item = table::inbox.get(step.tx, key);
    if (!item || !table::handover_open.contains(step.tx, key)) return;
    if (!answers_what_is_owed(*item, done.recalled)) return;
    settle_handover(step, key);
    if (item->state == InboxState::recalled) return;
    if (!item->handed_over_at.is_set()) {
        item->handed_over_at = step.now.wall;
        table::inbox.put(step.tx, key, *item);
        reach(step, key, *item, wire::Rung::handed_over);
        step.record(LogEvent::handover_done, done.notification, done.sender);
    }
    // Whose inbox it is takes it on in their own system.
    const auto row = table::inboxes.get(step.tx, done.inbox);
    const auto statement = row && !row->people ? statement_of(*item) : std::nullopt;
    if (statement) waits_no_longer(step, key, *statement);
    stop_handed_over(step, key);
}

void on_handover_failed(Step& step, const HandoverFailed& failed) {
    const InboxKey key{failed.inbox, failed.sender, failed.notification};
    auto item = table::inbox.get(step.tx, key);
    if (!item || !answers_what_is_owed(*item, failed.recalled)) return;
    const auto row = table::inboxes.get(step.tx, failed.inbox);
    // Nothing is configured. People then work in the console; an automatic inbox has nobody else,
    // so it stays owed.
    if (failed.code == ErrorCode::not_available && row && row->people) {
        settle_handover(step, key);
        item->handover_none = true;
        table::inbox.put(step.tx, key, *item);
        return;
    }
    step.record(LogEvent::handover_failed, failed.code, failed.notification, failed.sender);
}

void retry_handovers(Step& step) {
    if (step.row.catching_up) return;
    Bytes from;
    while (true) {
        const auto next = table::handover_open.collect_keys(step.tx, {.from = from, .limit = 1});
        if (next.empty()) return;
        const auto& inbox = std::get<0>(next.front());
        ask_again(step, inbox);
        // Above every key of this inbox: no name of an agency begins so.
        from = store::key_bytes(inbox);
        from.push_back(0xff);
    }
}

}  // namespace mash::runtime
