// What arrived, for the people who may open it. The list shows what the broker's statement says,
// and that a child who was missing has been found; opening shows the sender's own words. Taking one
// item of a closed episode takes them all: whoever comes in at nine reads one line, not three
// alarms (domain.md G13).
#include <algorithm>
#include <map>
#include <set>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/calendar.hpp"
#include "common/area/explain.hpp"
#include "common/sealing/section.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t listed_max = 500;
constexpr std::uint16_t row_started = 1;  // of domain.md C2
constexpr std::uint16_t row_closed = 3;
constexpr std::uint16_t row_correction = 102;

/// 1 to 3 for the messages of a missing episode, 0 for everything else.
std::uint16_t episode_row(const Step& step, const TypeId& type) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_type(type);
    if (rule == nullptr || rule->row < row_started || rule->row > row_closed) return 0;
    return rule->row;
}

bool is_correction(const Step& step, const TypeId& type) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_type(type);
    return rule != nullptr && rule->row == row_correction;
}

struct Row {
    InboxKey key;
    InboxItem item;
    wire::StatementBody statement;
    std::uint16_t episode = 0;
};

std::optional<Row> row_of(Step& step, const InboxKey& key) {
    auto item = table::inbox.get(step.tx, key);
    if (!item) return std::nullopt;
    auto statement = statement_of(*item);
    if (!statement) return std::nullopt;
    const auto episode = episode_row(step, statement->type);
    return Row{key, std::move(*item), std::move(*statement), episode};
}

/// Which episode an item belongs to, or what a correction replaces, lies in its cover. Only that is
/// looked at here; nothing of it is shown, so it is no opening.
void learn_thread(Step& step, Row& row, std::span<const crypto::BoxKeyPair> keys) {
    if (row.episode == 0 && !is_correction(step, row.statement.type)) return;
    if (row.item.cover_read || row.item.state != InboxState::stored) return;
    const auto delivery = stored_delivery(step, row.key);
    if (!delivery) return;
    for (const auto& pair : keys) {
        auto grant = sealing::open_parcel(pair, std::get<1>(row.key), std::get<2>(row.key),
                                          delivery->parcel);
        if (!grant) continue;
        sealing::wipe_keys(*grant);
        note_cover(step, row.key, row.item, grant->cover);
        return;
    }
}

std::vector<Row> newest_rows(Step& step, const Caller& caller, const InboxId& inbox) {
    std::vector<Row> rows;
    const auto keys = inbox_keys_of(step, caller, inbox);
    const Bytes prefix = store::key_bytes(inbox);
    const auto found = table::inbox_by_time.collect_keys(
        step.tx, {.prefix = prefix, .limit = listed_max, .order = store::Order::descending});
    for (const auto& [of, at, sender, id] : found) {
        auto row = row_of(step, {of, sender, id});
        if (!row) continue;
        learn_thread(step, *row, keys);
        rows.push_back(std::move(*row));
    }
    return rows;
}

/// Where an item stands in the list: what waits for somebody first, by lane, deadline and age; then
/// everything else, newest first. Compared as bytes; one that was shown is the next page's cursor,
/// so that whatever comes or is taken meanwhile moves nothing else past the reader.
struct Listed {
    Bytes place;
    InboxKey key;
};

/// Of one inbox, those after `after` and enough of them for a page.
void list_inbox(Step& step, const InboxId& inbox, const Bytes& after, std::size_t enough,
                std::vector<Listed>& out) {
    constexpr std::uint8_t waits = 0;
    constexpr std::uint8_t done = 1;
    std::size_t found = 0;
    const Bytes prefix = store::key_bytes(inbox);
    for (const auto& [of, lane, take_by, at, sender, id] :
         table::inbox_waiting.collect_keys(step.tx, {.prefix = prefix})) {
        Bytes place = store::key_bytes(waits, lane, take_by, at, inbox, sender, id);
        if (place <= after) continue;
        out.push_back({std::move(place), {inbox, sender, id}});
        if (++found == enough) return;
    }
    WallTime last;
    for (const auto& [of, at, sender, id] : table::inbox_by_time.collect_keys(
             step.tx, {.prefix = prefix, .order = store::Order::descending})) {
        if (found >= enough && at != last) return;
        last = at;
        const auto newest_first = WallTime::from_unix_ms(-at.unix_ms());
        Bytes place = store::key_bytes(done, newest_first, inbox, sender, id);
        if (place <= after || table::inbox_untaken.contains(step.tx, {at, inbox, sender, id}) ||
            waits_to_stop(step, {inbox, sender, id}))
            continue;
        out.push_back({std::move(place), {inbox, sender, id}});
        ++found;
    }
}

/// The live items of the same episode in the same inbox, this one included, start first.
std::vector<Row> episode_of(Step& step, const Row& row) {
    std::vector<Row> rows;
    if (row.episode == 0 || row.item.thread.is_zero()) return rows;
    const auto& [inbox, sender, id] = row.key;
    const Bytes prefix = store::key_bytes(inbox, row.item.thread, sender);
    for (const auto& key : table::inbox_thread.collect_keys(step.tx, {.prefix = prefix})) {
        auto other = row_of(step, {inbox, sender, std::get<3>(key)});
        if (other && other->item.state != InboxState::recalled && other->episode != 0)
            rows.push_back(std::move(*other));
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::tuple(a.episode, a.item.occurred_at, a.key) <
               std::tuple(b.episode, b.item.occurred_at, b.key);
    });
    return rows;
}

const Row* closing(const std::vector<Row>& episode) {
    for (const auto& row : episode) {
        if (row.episode == row_closed) return &row;
    }
    return nullptr;
}

std::string clock_text(WallTime at) {
    const auto minutes = at.unix_ms() / 60'000 + area::uk_offset_minutes(at);
    const auto of_day = static_cast<int>(((minutes % 1440) + 1440) % 1440);
    std::string text = "00:00";
    text[0] = static_cast<char>('0' + of_day / 600);
    text[1] = static_cast<char>('0' + of_day / 60 % 10);
    text[3] = static_cast<char>('0' + of_day % 60 / 10);
    text[4] = static_cast<char>('0' + of_day % 10);
    return text;
}

Json episode_json(const std::vector<Row>& episode, const Row& closed) {
    Json json;
    json["summary"] = "was missing, found " + clock_text(closed.item.occurred_at);
    json["found_at"] = time_json(closed.item.occurred_at);
    json["items"] = Json::array();
    for (const auto& row : episode) {
        json["items"].push_back({{"id", to_text(std::get<2>(row.key))},
                                 {"type", row.statement.type.value()},
                                 {"occurred_at", time_json(row.item.occurred_at)}});
    }
    return json;
}

Json progress_json(const InboxItem& item) {
    Json json;
    json["stored_at"] = time_json(item.stored_at);
    json["opened_at"] = time_json(item.opened_at);
    json["handed_over_at"] = time_json(item.handed_over_at);
    json["taken_at"] = time_json(item.taken_at);
    json["taken_by"] = item.taken_by.empty() ? Json(nullptr) : Json(item.taken_by.value());
    json["decided_at"] = time_json(item.decided_at);
    json["outcome"] = item.outcome.empty() ? Json(nullptr) : Json(item.outcome);
    json["recalled_at"] = time_json(item.recalled_at);
    json["undecryptable"] = item.state == InboxState::undecryptable;
    return json;
}

/// What replaces this one; null: nothing that has come.
Json replaced_by_json(Step& step, const InboxKey& key) {
    const auto later = table::inbox_replaced.get(step.tx, key);
    return later ? Json(to_text(*later)) : Json(nullptr);
}

Json line(Step& step, const Row& row) {
    const auto& statement = row.statement;
    Json json;
    json["id"] = to_text(std::get<2>(row.key));
    json["sender"] = std::get<1>(row.key).value();
    json["inbox"] = std::get<0>(row.key).value();
    json["type"] = statement.type.value();
    if (const auto* policy = step.policy()) {
        if (const auto* rule = policy->find_type(statement.type)) json["title"] = rule->title;
    }
    json["act"] = statement.act;
    json["urgency"] = std::string(word_of(statement.urgency));
    json["take_by"] = time_json(statement.take_by);
    json["take_by_in_words"] =
        statement.take_by.is_set() ? Json(area::time_in_words(statement.take_by)) : Json(nullptr);
    json["take_by_estimated"] = statement.estimated;
    json["overdue"] = !row.item.taken_at.is_set() && statement.take_by.is_set() &&
                      statement.take_by <= step.now.wall;
    json["accepted_at"] = time_json(statement.accepted_at);
    json["why"] = step.policy() == nullptr
                      ? statement.route
                      : area::explain_route(*step.policy(), statement.route, statement.seat.role);
    json["progress"] = progress_json(row.item);
    json["replaced_by"] = replaced_by_json(step, row.key);
    json["agreement_withdrawn"] = stop_json(step, row.key);
    return json;
}

/// Its content is not here any more.
std::optional<Answer> gone(const InboxItem& item) {
    if (item.state == InboxState::recalled)
        return Answer::failed(ErrorCode::expired,
                              "The sender has taken this back. It was removed here");
    if (item.state == InboxState::decided)
        return Answer::failed(ErrorCode::expired,
                              "It was shown for a decision only. That has been made, and it was "
                              "removed here");
    return std::nullopt;
}

/// Values of the replaced view that the new one no longer holds, field by field. `whole`: it is the
/// same view of the section; of another a field that is missing says nothing.
Json was_json(const PersonalText& before, const PersonalText& now, bool whole) {
    const auto old_fields = json_from_text(before.reveal());
    const auto new_fields = json_from_text(now.reveal());
    Json was = Json::object();
    if (!old_fields || !new_fields || !old_fields->is_object() || !new_fields->is_object())
        return was;
    for (const auto& [field, value] : old_fields->items()) {
        const auto same = new_fields->find(field);
        const bool is_changed = same == new_fields->end() ? whole : *same != value;
        if (is_changed) was[field] = value;
    }
    return was;
}

/// What this one replaces, with the old values to be struck through: of sections that this inbox
/// was given both times, so that nobody learns an old value from a correction.
Json replaces_json(Step& step, const InboxKey& key, const Opened& opened,
                   std::span<const crypto::BoxKeyPair> keys) {
    const auto& before_id = opened.cover.supersedes;
    if (before_id.is_zero()) return nullptr;
    const InboxKey before{std::get<0>(key), std::get<1>(key), before_id};
    const auto item = table::inbox.get(step.tx, before);
    if (!item || gone(*item)) return nullptr;
    Json json{{"id", to_text(before_id)}, {"was", Json::object()}};
    const auto delivery = stored_delivery(step, before);
    const auto old = delivery ? open_item(*item, before, *delivery, keys)
                              : Result<Opened>(fail(ErrorCode::not_found));
    if (!old) return json;
    const auto section_of = [&](const ViewId& view) {
        const auto* definition =
            step.policy() == nullptr ? nullptr : step.policy()->find_view(view);
        return definition == nullptr ? view.value() : definition->section;
    };
    for (const auto& [view, text] : opened.views) {
        const auto same = std::ranges::find_if(old->views, [&](const auto& each) {
            return section_of(each.first) == section_of(view);
        });
        if (same == old->views.end()) continue;
        Json was = was_json(same->second, text, same->first == view);
        if (!was.empty()) json["was"][same->first.value()] = std::move(was);
    }
    return json;
}

/// `id` of the request: "<uuid>", or "<sender>/<uuid>" where two senders used the same one.
struct Found {
    std::optional<Row> row;
    Answer failure;
};

Found find(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto none = [](ErrorCode code, std::string message = {}) {
        return Found{std::nullopt, Answer::failed(code, std::move(message))};
    };
    std::string_view text = request.id;
    std::string_view sender;
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        sender = text.substr(0, slash);
        text.remove_prefix(slash + 1);
    }
    const auto bytes = uuid_from_text(text);
    if (!bytes) return none(ErrorCode::malformed, "That is not the id of a notification");
    std::vector<InboxKey> keys;
    std::set<AgencyId> senders;
    const Bytes prefix = store::key_bytes(NotificationId(*bytes));
    for (const auto& [id, inbox, from] :
         table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix})) {
        if (!request.inbox.empty() && inbox != request.inbox) continue;
        if (!sender.empty() && from.value() != sender) continue;
        // One answer for what is not there and what is not theirs: nobody learns what a colleague
        // received.
        if (!is_member(step, caller, inbox)) continue;
        keys.push_back({inbox, from, id});
        senders.insert(from);
    }
    if (keys.empty())
        return none(ErrorCode::not_found, "Nothing under this id is in an inbox that you may open");
    if (senders.size() > 1)
        return none(ErrorCode::bad_value, "Two senders used this id: ask for <sender>/<id>");
    for (const auto& key : keys) {
        auto row = row_of(step, key);
        if (row) return {std::move(row), {}};
    }
    return none(ErrorCode::not_found);
}

void erase_waiting(Step& step, const Row& row, bool untaken) {
    const auto& [inbox, sender, id] = row.key;
    const std::tuple key(row.statement.accepted_at, inbox, sender, id);
    table::inbox_unopened.erase(step.tx, key);
    if (untaken) waits_no_longer(step, row.key, row.statement);
}

void mark_opened(Step& step, Row& row) {
    if (row.item.state == InboxState::undecryptable) {
        row.item.state = InboxState::stored;  // another member, or a later key, opens it after all
        clear(step, Alarm::Kind::undecryptable, std::get<2>(row.key));
    }
    const bool first = !row.item.opened_at.is_set();
    if (first) row.item.opened_at = step.now.wall;
    table::inbox.put(step.tx, row.key, row.item);
    if (!first) return;
    erase_waiting(step, row, false);
    reach(step, row.key, row.item, wire::Rung::opened);
    step.record(LogEvent::item_opened, std::get<2>(row.key), std::get<1>(row.key));
}

void mark_undecryptable(Step& step, Row& row, ErrorCode code) {
    if (row.item.state == InboxState::undecryptable) return;
    row.item.state = InboxState::undecryptable;
    table::inbox.put(step.tx, row.key, row.item);
    reach(step, row.key, row.item, wire::Rung::undecryptable);
    raise(step, Alarm::Kind::undecryptable, std::get<2>(row.key), step.agent.config.area_telephone);
    step.record(LogEvent::delivery_undecryptable, code, std::get<2>(row.key), std::get<1>(row.key));
}

void mark_taken(Step& step, const Caller& caller, Row& row) {
    if (row.item.taken_at.is_set()) return;
    row.item.taken_at = step.now.wall;
    row.item.taken_by = caller.person;
    table::inbox.put(step.tx, row.key, row.item);
    erase_waiting(step, row, true);
    // That the family's agreement was withdrawn is still to be confirmed.
    if (waits_to_stop(step, row.key)) waits_again(step, row.key, row.statement);
    reach(step, row.key, row.item, wire::Rung::taken);
    step.record(LogEvent::item_taken, std::get<2>(row.key), std::get<1>(row.key));
}

}  // namespace

Answer received_list(Step& step, const Caller& caller, const ApiRequest& request) {
    std::vector<InboxId> inboxes;
    if (request.inbox.empty()) {
        for (const auto& inbox : table::inboxes.collect_keys(step.tx, {})) {
            if (is_member(step, caller, inbox)) inboxes.push_back(inbox);
        }
    } else if (is_member(step, caller, request.inbox)) {
        inboxes.push_back(request.inbox);
    } else {
        return Answer::failed(ErrorCode::not_entitled, "You are not a member of this inbox");
    }
    const auto after = from_base64url(request.cursor);
    if (!after || request.limit > listed_max) {
        return Answer::failed(
            ErrorCode::bad_value,
            "Give as 'cursor' the 'next' of the page before, and as 'limit' up to " +
                std::to_string(listed_max));
    }
    const std::size_t limit = request.limit == 0 ? listed_max : request.limit;
    std::vector<Listed> page;
    for (const auto& inbox : inboxes) {
        list_inbox(step, inbox, *after, limit + 1, page);
        step.note_access(caller.person, "listed", inbox, {}, {});
    }
    std::sort(page.begin(), page.end(),
              [](const Listed& a, const Listed& b) { return a.place < b.place; });
    const bool more = page.size() > limit;
    if (more) page.resize(limit);

    std::map<InboxId, std::vector<crypto::BoxKeyPair>> keys;
    for (const auto& inbox : inboxes) keys.emplace(inbox, inbox_keys_of(step, caller, inbox));
    std::vector<Row> rows;
    for (const auto& listed : page) {
        auto row = row_of(step, listed.key);
        if (!row) continue;
        learn_thread(step, *row, keys.at(std::get<0>(row->key)));
        rows.push_back(std::move(*row));
    }
    Json list = Json::array();
    std::set<std::pair<InboxId, ThreadId>> shown;
    for (const auto& row : rows) {
        const bool was_seen = row.item.opened_at.is_set() || row.item.handed_over_at.is_set();
        if (gone(row.item) && !was_seen) continue;
        const auto episode = episode_of(step, row);
        const Row* closed = closing(episode);
        if (closed == nullptr) {
            list.push_back(line(step, row));
            continue;
        }
        if (!shown.emplace(std::get<0>(row.key), row.item.thread).second) continue;
        Json one = line(step, *closed);
        // A part that came after the rest was taken is on nobody's desk but in this line.
        const bool is_taken = std::ranges::all_of(
            episode, [](const Row& part) { return part.item.taken_at.is_set(); });
        if (!is_taken) one["progress"]["taken_at"] = one["progress"]["taken_by"] = nullptr;
        one["episode"] = episode_json(episode, *closed);
        list.push_back(std::move(one));
    }
    return Answer::of({{"received", std::move(list)},
                       {"next", more ? Json(to_base64url(page.back().place)) : Json(nullptr)}});
}

Answer received_one(Step& step, const Caller& caller, const ApiRequest& request) {
    auto found = find(step, caller, request);
    if (!found.row) return found.failure;
    Row row = std::move(*found.row);
    if (auto answer = gone(row.item)) return std::move(*answer);
    const auto& inbox = std::get<0>(row.key);
    const auto delivery = stored_delivery(step, row.key);
    if (!delivery) return Answer::failed(ErrorCode::not_found);
    const auto keys = inbox_keys_of(step, caller, inbox);
    const auto opened = open_item(row.item, row.key, *delivery, keys);
    if (!opened) {
        mark_undecryptable(step, row, opened.error());
        return Answer::failed(
            ErrorCode::decrypt_failed,
            "This item does not open with the inbox's key. Ring the sender; they have been told");
    }
    Json json = json_of(step, row.key, row.item, *opened, keys);
    const auto text = text_of_item(json);
    if (!text) {
        mark_undecryptable(step, row, text.error());
        return Answer::failed(ErrorCode::decrypt_failed,
                              "This item is too large to be shown. Ring the sender; they have been "
                              "told");
    }
    const bool first = !row.item.opened_at.is_set();
    mark_opened(step, row);
    note_cover(step, row.key, row.item, opened->cover);
    step.note_access(caller.person, "opened", inbox, std::get<1>(row.key), std::get<2>(row.key));
    std::set<NotificationId> shown;
    for (const auto& [view, in] : opened->cover.unchanged) {
        if (shown.insert(in).second)
            step.note_access(caller.person, "shown", inbox, std::get<1>(row.key), in);
    }
    // What is shown for a decision goes into no system: it is to be gone afterwards.
    const bool is_for_a_decision = row.statement.route == area::decider_route;
    if (first && !row.item.handover_none && !is_for_a_decision)
        hand_over_opened(step, row.key, *text);
    newest_rows(step, caller, inbox);  // learns what else belongs to this episode
    json["progress"] = progress_json(row.item);
    json["replaces"] = replaces_json(step, row.key, *opened, keys);
    json["replaced_by"] = replaced_by_json(step, row.key);
    json["agreement_withdrawn"] = stop_json(step, row.key);
    const auto episode = episode_of(step, row);
    if (const Row* closed = closing(episode)) json["episode"] = episode_json(episode, *closed);
    return Answer::of(std::move(json));
}

Answer take_item(Step& step, const Caller& caller, const ApiRequest& request) {
    auto found = find(step, caller, request);
    if (!found.row) return found.failure;
    Row row = std::move(*found.row);
    if (auto answer = gone(row.item)) return std::move(*answer);
    newest_rows(step, caller, std::get<0>(row.key));
    if (auto again = row_of(step, row.key)) row = std::move(*again);
    auto episode = episode_of(step, row);
    Json taken = Json::array({to_text(std::get<2>(row.key))});
    mark_taken(step, caller, row);
    if (closing(episode) != nullptr) {
        for (auto& other : episode) {
            if (other.key == row.key) continue;
            mark_taken(step, caller, other);
            taken.push_back(to_text(std::get<2>(other.key)));
        }
    }
    step.note_access(caller.person, "taken", std::get<0>(row.key), std::get<1>(row.key),
                     std::get<2>(row.key));
    Json json{{"id", request.id},
              {"taken_by", row.item.taken_by.value()},
              {"taken_at", time_json(row.item.taken_at)}};
    json["covers"] = std::move(taken);
    return Answer::of(std::move(json));
}

Answer decide_item(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    auto found = find(step, caller, request);
    if (!found.row) return found.failure;
    Row row = std::move(*found.row);
    if (auto answer = gone(row.item)) return std::move(*answer);
    const auto outcome = string_at(body, "outcome");
    if (!is_valid_name(outcome)) {
        return Answer::failed(ErrorCode::missing_field,
                              "Give 'outcome' as a code, for example assessment_started");
    }
    if (row.item.decided_at.is_set() && row.item.outcome != outcome) {
        return Answer::failed(ErrorCode::already_exists, "Another outcome is recorded already");
    }
    mark_taken(step, caller, row);  // whoever decides has taken it on
    if (!row.item.decided_at.is_set()) {
        row.item.decided_at = step.now.wall;
        row.item.outcome = outcome;
        table::inbox.put(step.tx, row.key, row.item);
        reach(step, row.key, row.item, wire::Rung::decided, outcome);
        step.record(LogEvent::item_decided, std::get<2>(row.key), std::get<1>(row.key));
    }
    step.note_access(caller.person, "decided", std::get<0>(row.key), std::get<1>(row.key),
                     std::get<2>(row.key));
    return Answer::of(
        {{"id", request.id}, {"outcome", outcome}, {"decided_at", time_json(row.item.decided_at)}});
}

Answer stop_item(Step& step, const Caller& caller, const ApiRequest& request) {
    auto found = find(step, caller, request);
    if (!found.row) return found.failure;
    const Row row = std::move(*found.row);
    if (auto answer = gone(row.item)) return std::move(*answer);
    const auto mark = confirm_stop(step, row.key, caller.person);
    if (!mark) {
        return Answer::failed(ErrorCode::not_found,
                              "No agreement that this rests on was withdrawn: there is nothing to "
                              "stop");
    }
    erase_waiting(step, row, true);
    step.note_access(caller.person, "stopped", std::get<0>(row.key), std::get<1>(row.key),
                     std::get<2>(row.key));
    return Answer::of({{"id", request.id}, {"agreement_withdrawn", stop_json(step, row.key)}});
}

}  // namespace mash::runtime
