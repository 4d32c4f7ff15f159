// What arrived, for the people who may open it. The list shows what the broker's statement says,
// and that a child who was missing has been found; opening shows the sender's own words. Taking one
// item of a closed episode takes them all: whoever comes in at nine reads one line, not three
// alarms (domain.md G13).
#include "agents/runtime/core/received.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "agents/runtime/core/about.hpp"
#include "agents/runtime/core/attached.hpp"
#include "agents/runtime/core/clocks.hpp"
#include "agents/runtime/core/event_lines.hpp"
#include "agents/runtime/core/family.hpp"
#include "agents/runtime/core/inbox_lists.hpp"
#include "agents/runtime/core/joined.hpp"
#include "agents/runtime/core/sender_words.hpp"
#include "agents/runtime/core/shown_child.hpp"
#include "common/area/calendar.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/explain.hpp"
#include "common/sealing/section.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t listed_max = 500;
constexpr std::size_t asked_for_max = 100;

bool was_seen(const InboxItem& item) {
    return item.opened_at.is_set() || item.handed_over_at.is_set();
}

bool is_correction(const Step& step, const TypeId& type) {
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_type(type);
    return rule != nullptr && rule->row == area::row_correction;
}

/// It belongs together with others, and its cover says with which. Of what was put right before
/// anybody read it, the correction goes on with what it says.
bool says_with_which(Step& step, const ReceivedRow& row) {
    const auto& type = row.statement.type;
    return row.episode != 0 || is_correction(step, type) || may_answer(step, type) ||
           table::inbox_replaced.contains(step.tx, row.key);
}

/// Which episode an item belongs to, what a correction replaces and what an answer speaks of lie in
/// its cover. Only that is looked at here, and of it no word of the sender's is shown: no opening.
/// True: something was learnt, of others too.
bool learn_thread(Step& step, ReceivedRow& row, std::span<const crypto::BoxKeyPair> keys) {
    if (row.item.cover_read || row.item.state != InboxState::stored || !says_with_which(step, row))
        return false;
    const auto cover = cover_of(step, row.key, keys);
    if (!cover) return false;
    note_cover(step, row.key, row.item, *cover, keys);
    return true;
}

/// Of what nobody has looked at yet, the newest: everything else is known to belong to its episode.
/// Then what their senders said of them counts.
void learn_threads(Step& step, const Caller& caller, const InboxId& inbox) {
    const Bytes prefix = store::key_bytes(inbox);
    const auto unread = table::inbox_covers_unread.collect_keys(
        step.tx, {.prefix = prefix, .limit = listed_max, .order = store::Order::descending});
    if (unread.empty() && !is_sender_word_to_judge(step, inbox)) return;
    const auto keys = inbox_keys_of(step, caller, inbox);
    for (const auto& place : unread) {
        const auto& [of, at, sender, id] = place;
        auto row = row_of(step, {of, sender, id});
        if (!row || row->item.state != InboxState::stored || !says_with_which(step, *row))
            table::inbox_covers_unread.erase(step.tx, place);
        else
            learn_thread(step, *row, keys);
    }
    judge_sender_words(step, inbox, keys);
}

/// The live items of the same episode in the same inbox, this one included, start first.
std::vector<ReceivedRow> episode_of(Step& step, const ReceivedRow& row) {
    std::vector<ReceivedRow> rows;
    if (row.episode == 0 || row.item.thread.is_zero()) return rows;
    const auto& [inbox, sender, id] = row.key;
    const Bytes prefix = store::key_bytes(inbox, row.item.thread, sender);
    for (const auto& key : table::inbox_thread.collect_keys(step.tx, {.prefix = prefix})) {
        auto other = row_of(step, {inbox, sender, std::get<3>(key)});
        if (other && other->item.state != InboxState::recalled && other->episode != 0)
            rows.push_back(std::move(*other));
    }
    std::sort(rows.begin(), rows.end(), [](const ReceivedRow& a, const ReceivedRow& b) {
        return std::tuple(a.episode, a.item.occurred_at, a.key) <
               std::tuple(b.episode, b.item.occurred_at, b.key);
    });
    return rows;
}

const ReceivedRow* closing(const std::vector<ReceivedRow>& episode) {
    for (const auto& row : episode) {
        if (row.episode == area::row_closed) return &row;
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

Json episode_json(const std::vector<ReceivedRow>& episode, const ReceivedRow& closed) {
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

Json outcome_words_json(Step& step, const InboxKey& key) {
    const auto words = step.get_sealed(sealed::outcome_words, store::key_bytes(key));
    return words ? Json(std::string(text_of(*words))) : Json(nullptr);
}

void erase_waiting(Step& step, const ReceivedRow& row, bool untaken) {
    const auto& [inbox, sender, id] = row.key;
    const std::tuple key(row.statement.accepted_at, inbox, sender, id);
    table::inbox_unopened.erase(step.tx, key);
    if (untaken) waits_no_longer(step, row.key, row.statement);
}

void mark_opened(Step& step, ReceivedRow& row) {
    if (row.item.state == InboxState::undecryptable) {
        row.item.state = InboxState::stored;  // another member, or a later key, opens it after all
        clear(step, Alarm::Kind::undecryptable, std::get<2>(row.key));
    }
    wake_sender_words(step, row.key);  // perhaps it did not open for whoever read a list before
    const bool first = !row.item.opened_at.is_set();
    if (first) row.item.opened_at = step.now.wall;
    table::inbox.put(step.tx, row.key, row.item);
    if (!first) return;
    erase_waiting(step, row, false);
    reach(step, row.key, row.item, wire::Rung::opened);
    step.record(LogEvent::item_opened, std::get<2>(row.key), std::get<1>(row.key));
}

void mark_undecryptable(Step& step, ReceivedRow& row, ErrorCode code) {
    if (row.item.state == InboxState::undecryptable) return;
    row.item.state = InboxState::undecryptable;
    table::inbox.put(step.tx, row.key, row.item);
    reach(step, row.key, row.item, wire::Rung::undecryptable);
    raise(step, Alarm::Kind::undecryptable, std::get<2>(row.key));
    step.record(LogEvent::delivery_undecryptable, code, std::get<2>(row.key), std::get<1>(row.key));
}

void mark_taken(Step& step, const Caller& caller, ReceivedRow& row) {
    if (row.item.taken_at.is_set()) return;
    row.item.taken_at = step.now.wall;
    row.item.taken_by = caller.person;
    put_on_desk(step.tx, row.key, row.item, row.statement, caller.person);
    erase_waiting(step, row, true);
    // That the family's agreement was withdrawn is still to be confirmed.
    if (waits_to_stop(step, row.key)) waits_again(step, row.key, row.statement);
    reach(step, row.key, row.item, wire::Rung::taken);
    step.record(LogEvent::item_taken, std::get<2>(row.key), std::get<1>(row.key));
}

/// Each looked up once for one request: whoever sends a thousand updates makes no list slow.
class Episodes {
public:
    explicit Episodes(Step& step) : step_(step) {}
    const std::vector<ReceivedRow>& of(const ReceivedRow& row) {
        if (row.episode == 0 || row.item.thread.is_zero()) return none_;
        const auto& [inbox, sender, id] = row.key;
        const auto [place, is_new] = known_.try_emplace({inbox, sender, row.item.thread});
        if (is_new) place->second = episode_of(step_, row);
        return place->second;
    }

private:
    Step& step_;
    const std::vector<ReceivedRow> none_;
    std::map<std::tuple<InboxId, AgencyId, ThreadId>, std::vector<ReceivedRow>> known_;
};

/// What one line stands for.
struct Event {
    /// Its messages, where one of them is of a closed episode; else none.
    std::vector<ReceivedRow> episode;
    /// Of the same event, over all messages of the episode; none where nothing was joined.
    std::vector<ReceivedRow> reports;
};

void add_reports_of(Step& step, KeptFrom& kept_from, const ReceivedRow& row,
                    std::vector<ReceivedRow>& all) {
    auto reports = reports_of_event(step, row, kept_from);
    if (reports.size() < 2) return;
    for (auto& report : reports) {
        if (std::ranges::find(all, report.key, &ReceivedRow::key) == all.end())
            all.push_back(std::move(report));
    }
}

/// A report that was joined to the end of an episode is read with its start as well, and the
/// episode with the report.
Event event_of(Step& step, KeptFrom& kept_from, Episodes& episodes, const ReceivedRow& row) {
    Event event;
    add_reports_of(step, kept_from, row, event.reports);
    const auto* episode = &episodes.of(row);
    for (std::size_t i = 0; closing(*episode) == nullptr && i < event.reports.size(); ++i)
        episode = &episodes.of(event.reports[i]);
    if (closing(*episode) == nullptr) return event;
    event.episode = *episode;
    for (const auto& part : event.episode) add_reports_of(step, kept_from, part, event.reports);
    std::ranges::sort(event.reports, was_first_accepted);
    return event;
}

/// The line of an event that several have reported: as urgent as the first of them that nobody has
/// taken, and every report is named in it.
void add_reports(Step& step, const std::vector<ReceivedRow>& reports, Json& line) {
    line["reports"] = reports_json(step, reports);
    if (reports.size() < 2) return;
    const ReceivedRow* first_due = nullptr;
    for (const auto& report : reports) {
        const auto& take_by = report.statement.take_by;
        if (report.item.taken_at.is_set() || !take_by.is_set()) continue;
        if (first_due == nullptr || take_by < first_due->statement.take_by) first_due = &report;
    }
    if (first_due != nullptr) {
        const auto& statement = first_due->statement;
        line["take_by"] = time_json(statement.take_by);
        line["take_by_in_words"] = area::time_in_words(statement.take_by);
        line["take_by_estimated"] = statement.estimated;
        line["overdue"] = statement.take_by <= step.now.wall;
    }
    const bool is_taken = std::ranges::all_of(
        reports, [](const ReceivedRow& report) { return report.item.taken_at.is_set(); });
    if (is_taken) return;
    for (const auto* field : {"taken_at", "taken_by", "taken_by_name"})
        line["progress"][field] = nullptr;
}

/// One line each; a closed episode is one line, and so are the reports of one event.
Json lines_json(Step& step, KeptFrom& kept_from, const std::vector<ReceivedRow>& rows,
                InboxList wanted) {
    Json list = Json::array();
    Episodes episodes(step);
    std::set<std::tuple<InboxId, AgencyId, ThreadId>> shown;
    std::set<InboxKey> shown_items;
    for (const auto& row : rows) {
        if (gone(row.item) && !was_seen(row.item)) continue;
        // Taken, and back only to confirm that a withdrawn agreement is kept: late for nothing.
        if (wanted == InboxList::overdue && row.item.taken_at.is_set()) continue;
        if (shown_items.contains(row.key)) continue;
        const auto event = event_of(step, kept_from, episodes, row);
        const ReceivedRow* closed = closing(event.episode);
        if (closed == nullptr) {
            Json line = received_line(step, row);
            add_reports(step, event.reports, line);
            list.push_back(std::move(line));
            continue;
        }
        const auto& [inbox, sender, id] = closed->key;
        if (!shown.emplace(inbox, sender, closed->item.thread).second) continue;
        for (const auto& part : event.episode) shown_items.insert(part.key);
        Json one = received_line(step, *closed);
        // A part that came after the rest was taken is on nobody's desk but in this line.
        const bool is_taken = std::ranges::all_of(
            event.episode, [](const ReceivedRow& part) { return part.item.taken_at.is_set(); });
        if (!is_taken) {
            for (const auto* field : {"taken_at", "taken_by", "taken_by_name"})
                one["progress"][field] = nullptr;
        }
        one["episode"] = episode_json(event.episode, *closed);
        add_reports(step, event.reports, one);
        list.push_back(std::move(one));
    }
    return list;
}

Json counts_json(Step& step, const std::vector<InboxId>& inboxes, ListWish wish) {
    wish.after.clear();
    wish.enough = listed_max;
    Json list = Json::array();
    for (const auto& inbox : inboxes) {
        const auto sizes = list_sizes(step.tx, inbox, wish);
        list.push_back({{"inbox", inbox.value()},
                        {"open", sizes.open},
                        {"overdue", sizes.overdue},
                        {"mine", sizes.mine},
                        {"unassigned", sizes.unassigned},
                        {"newest_at", time_json(sizes.newest_at)}});
    }
    return {{"counted_to", listed_max}, {"inboxes", std::move(list)}};
}

/// Of a page that shows these already: was one of them taken, put right or taken back since? Each
/// its own line; what is not theirs, or not here any more, has none.
Answer lines_asked_for(Step& step, const Caller& caller, const ApiRequest& request,
                       std::string_view asked) {
    Json list = Json::array();
    std::set<InboxId> looked_at;
    KeptFrom kept_from(step, caller);
    Episodes episodes(step);
    for (std::size_t begin = 0, count = 0; begin <= asked.size(); ++count) {
        if (count == asked_for_max) {
            return Answer::failed(
                ErrorCode::bad_value,
                "Ask for up to " + std::to_string(asked_for_max) + " items at once");
        }
        const auto end = std::min(asked.find(',', begin), asked.size());
        const auto found =
            find_received(step, caller, asked.substr(begin, end - begin), request.inbox);
        begin = end + 1;
        if (!found.row && found.failure.error == ErrorCode::not_found) continue;
        if (!found.row) return found.failure;
        const auto& key = found.row->key;
        const auto& [inbox, sender, id] = key;
        // What puts it right may have come, and nobody have read a list since.
        if (looked_at.insert(inbox).second) learn_threads(step, caller, inbox);
        const auto now = row_of(step, key);
        if (!now || (gone(now->item) && !was_seen(now->item))) continue;
        const auto& row = *now;
        step.note_access(caller.person, "listed", inbox, sender, id);
        Json line = received_line(step, row);
        const auto& episode = episodes.of(row);
        if (const auto* closed = closing(episode)) line["episode"] = episode_json(episode, *closed);
        line["reports"] = reports_json(step, event_of(step, kept_from, episodes, row).reports);
        list.push_back(std::move(line));
    }
    return Answer::of({{"received", std::move(list)}, {"next", nullptr}});
}

}  // namespace

Answer received_list(Step& step, const Caller& caller, const ApiRequest& request) {
    if (const auto asked = request.filter.find("received"); asked != request.filter.end())
        return lines_asked_for(step, caller, request, asked->second);
    const auto found = inboxes_asked_for(step, caller, request.inbox);
    if (!found) return Answer::failed(found.error(), "You are not a member of this inbox");
    const auto& inboxes = *found;
    const auto state = request.filter.find("state");
    const auto wanted =
        inbox_list_from(state == request.filter.end() ? std::string_view() : state->second);
    if (!wanted) {
        return Answer::failed(ErrorCode::bad_value,
                              "'state' is open, overdue, mine, unassigned, taken or closed");
    }
    auto bad_page =
        Answer::failed(ErrorCode::bad_value,
                       "Give as 'cursor' the 'next' of the page before, and as 'limit' up "
                       "to " +
                           std::to_string(listed_max));
    auto after = from_base64url(request.cursor);
    if (!after || request.limit > listed_max) return bad_page;
    const std::size_t limit = request.limit == 0 ? listed_max : request.limit;
    KeptFrom kept_from(step, caller);
    ListWish wish{*wanted, caller.person, step.now.wall, std::move(*after), limit + 1, {}, {}};
    if (kept_from.anything())
        wish.hides = [&](const InboxKey& key) { return kept_from.hides(key); };
    EventLines lines(step);
    const auto is_in_another_line = [&](const InboxKey& key, const ListWish& of, InboxList list) {
        return lines.is_in_another(key, of, list);
    };
    if (is_anything_one_event(step)) wish.is_in_another_line = is_in_another_line;
    std::vector<Listed> page;
    for (const auto& inbox : inboxes) {
        if (!list_inbox(step.tx, inbox, wish, page)) return bad_page;
        step.note_access(caller.person, "listed", inbox, {}, {});
    }
    std::sort(page.begin(), page.end(),
              [](const Listed& a, const Listed& b) { return a.place < b.place; });
    const bool more = page.size() > limit;
    if (more) page.resize(limit);

    std::map<InboxId, std::vector<crypto::BoxKeyPair>> keys;
    for (const auto& inbox : inboxes) keys.emplace(inbox, inbox_keys_of(step, caller, inbox));
    std::vector<ReceivedRow> rows;
    bool is_learnt = false;
    for (const auto& listed : page) {
        auto row = row_of(step, listed.key);
        if (!row) continue;
        is_learnt = learn_thread(step, *row, keys.at(std::get<0>(row->key))) || is_learnt;
        rows.push_back(std::move(*row));
    }
    for (auto& row : rows) {
        if (!is_learnt) break;
        if (auto again = row_of(step, row.key)) row = std::move(*again);
    }
    // A correction that was among them may have said that two are one event.
    bool is_more_said = false;
    for (const auto& [inbox, own] : keys)
        is_more_said = judge_sender_words(step, inbox, own) || is_more_said;
    if (is_more_said) {
        lines.forget();
        wish.is_in_another_line = is_in_another_line;
        std::erase_if(rows, [&](const ReceivedRow& row) {
            return lines.is_in_another(row.key, wish, *wanted);
        });
    }
    Json json{{"received", lines_json(step, kept_from, rows, *wanted)},
              {"next", more ? Json(to_base64url(page.back().place)) : Json(nullptr)}};
    const auto counts = request.filter.find("counts");
    if (counts != request.filter.end() && counts->second == "true")
        json["counts"] = counts_json(step, inboxes, wish);
    return Answer::of(std::move(json));
}

Answer received_one(Step& step, const Caller& caller, const ApiRequest& request) {
    auto found = find_received(step, caller, request.id, request.inbox);
    if (!found.row) return found.failure;
    ReceivedRow row = std::move(*found.row);
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
    note_cover(step, row.key, row.item, opened->cover, keys);
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
    learn_threads(step, caller, inbox);
    json["clocks"] = clocks_json(step, row.key);
    json["progress"] = progress_json(step, row.key, row.item);
    json["outcome_reason"] = outcome_words_json(step, row.key);
    json["assigned_to"] =
        row.item.assigned_to.empty() ? Json(nullptr) : Json(row.item.assigned_to.value());
    json["assigned_to_name"] = member_name_json(step, inbox, row.item.assigned_to);
    json["case_number"] = case_number_json(step, row.key);
    json["attached_to"] = attached_to_json(step, row.key);
    KeptFrom kept_from(step, caller);
    Episodes episodes(step);
    json["reports"] = reports_json(step, event_of(step, kept_from, episodes, row).reports);
    json["linked_people"] = linked_people_json(opened->cover);
    json["may_send_about"] = may_send_about_json(step, caller, row, *opened);
    json["replaces"] = replaces_json(step, row.key, *opened, keys);
    json["replaced_by"] = replaced_by_json(step, row.key);
    json["agreement_withdrawn"] = stop_json(step, row.key);
    const auto& episode = episodes.of(row);
    if (const ReceivedRow* closed = closing(episode))
        json["episode"] = episode_json(episode, *closed);
    return Answer::of(std::move(json));
}

Answer take_item(Step& step, const Caller& caller, const ApiRequest& request) {
    auto found = find_received(step, caller, request.id, request.inbox);
    if (!found.row) return found.failure;
    ReceivedRow row = std::move(*found.row);
    if (auto answer = gone(row.item)) return std::move(*answer);
    learn_threads(step, caller, std::get<0>(row.key));
    if (auto again = row_of(step, row.key)) row = std::move(*again);
    KeptFrom kept_from(step, caller);
    Episodes episodes(step);
    auto event = event_of(step, kept_from, episodes, row);
    Json taken = Json::array({to_text(std::get<2>(row.key))});
    std::set<InboxKey> covered{row.key};
    mark_taken(step, caller, row);
    // Whoever takes the event takes every report of it that was read. What their sender joined to
    // it may say something that nobody here has seen.
    for (auto& report : event.reports) {
        if (report.item.taken_at.is_set() || !was_seen(report.item)) continue;
        if (!covered.insert(report.key).second) continue;
        mark_taken(step, caller, report);
        taken.push_back(to_text(std::get<2>(report.key)));
    }
    // Whoever takes one message of a closed episode takes them all.
    const bool is_episode_taken = std::ranges::any_of(
        event.episode, [&](const ReceivedRow& part) { return covered.contains(part.key); });
    for (auto& part : event.episode) {
        if (!is_episode_taken || !covered.insert(part.key).second) continue;
        mark_taken(step, caller, part);
        taken.push_back(to_text(std::get<2>(part.key)));
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
    auto found = find_received(step, caller, request.id, request.inbox);
    if (!found.row) return found.failure;
    ReceivedRow row = std::move(*found.row);
    if (auto answer = gone(row.item)) return std::move(*answer);
    const auto outcome = string_at(body, "outcome");
    if (!is_valid_name(outcome)) {
        return Answer::failed(ErrorCode::missing_field,
                              "Give 'outcome' as a code, for example assessment_started");
    }
    const auto words = string_at(body, "reason");
    if (words.size() > limits::short_text_bytes_max) return Answer::failed(ErrorCode::too_large);
    if (row.item.decided_at.is_set() && row.item.outcome != outcome) {
        return Answer::failed(ErrorCode::already_exists, "Another outcome is recorded already");
    }
    mark_taken(step, caller, row);  // whoever decides has taken it on
    if (!row.item.decided_at.is_set()) {
        row.item.decided_at = step.now.wall;
        row.item.outcome = outcome;
        table::inbox.put(step.tx, row.key, row.item);
        list_again(step.tx, row.key);
        if (!words.empty())
            step.put_sealed(sealed::outcome_words, store::key_bytes(row.key), view_of(words));
        reach(step, row.key, row.item, wire::Rung::decided, outcome);
        step.record(LogEvent::item_decided, std::get<2>(row.key), std::get<1>(row.key));
    }
    step.note_access(caller.person, "decided", std::get<0>(row.key), std::get<1>(row.key),
                     std::get<2>(row.key));
    return Answer::of({{"id", request.id},
                       {"outcome", outcome},
                       {"reason", outcome_words_json(step, row.key)},
                       {"decided_at", time_json(row.item.decided_at)}});
}

Answer stop_item(Step& step, const Caller& caller, const ApiRequest& request) {
    auto found = find_received(step, caller, request.id, request.inbox);
    if (!found.row) return found.failure;
    const ReceivedRow row = std::move(*found.row);
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
