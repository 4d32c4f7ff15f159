// Chronology and search. What arrived is sealed to its inbox, and only a member's token opens it:
// an index of its words would have to lie under a key that the host has too, and would tell whoever
// takes the disk and the host what nobody but a member may read. So there is none: a request opens
// the newest items that it has not seen yet, looks, and forgets them. It opens no more than
// `opened_at_once_max` and says where to go on; nothing of it is the rung "opened".
//
// What was taken back is not here; what rests on a withdrawn agreement is not opened; what a
// conflict keeps from this person is not told. Every look and every hit is in the access record.
#include <algorithm>
#include <map>
#include <utility>

#include "agents/runtime/core/about.hpp"
#include "agents/runtime/core/attached.hpp"
#include "agents/runtime/core/export.hpp"
#include "agents/runtime/core/family.hpp"
#include "agents/runtime/core/one_event.hpp"
#include "agents/runtime/core/shown_child.hpp"
#include "agents/runtime/identity/names.hpp"
#include "common/area/catalogue_rows.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t opened_at_once_max = 200;
constexpr std::size_t words_max = 8;
constexpr std::size_t word_chars_min = 2;
constexpr std::string_view event_section = "evt";  // words of the signed catalogue
constexpr std::string_view headline_field = "what";

/// The items of these inboxes, newest first, opened one after the other.
class Reading {
public:
    Reading(Step& step, const Caller& caller, std::vector<InboxId> inboxes)
        : step_(step), inboxes_(std::move(inboxes)), kept_from_(step, caller) {
        for (const auto& inbox : inboxes_) keys_.emplace(inbox, inbox_keys_of(step, caller, inbox));
    }

    std::span<const crypto::BoxKeyPair> keys_of(const InboxId& inbox) const {
        return keys_.at(inbox);
    }

    /// False: `cursor` is none of ours.
    template <class See>
    bool read_from(const std::string& cursor, const See& see) {
        const auto after = from_base64url(cursor);
        if (!after) return false;
        WallTime from;
        if (!after->empty()) {
            Reader in(*after);
            std::tuple<WallTime, InboxKey> place;
            store::read(in, std::get<0>(place));
            store::read(in, std::get<1>(place));
            if (!in.finished()) return false;
            from = WallTime::from_unix_ms(-std::get<0>(place).unix_ms());
        }
        auto page = places(*after, from);
        if (page.size() > opened_at_once_max) {
            page.resize(opened_at_once_max);
            next_ = to_base64url(page.back().first);
        }
        for (const auto& [place, key] : page) open(key, see);
        return true;
    }
    Json next() const { return next_.empty() ? Json(nullptr) : Json(next_); }
    std::size_t unreadable() const { return unreadable_; }

private:
    using Place = std::pair<Bytes, InboxKey>;

    std::vector<Place> places(const Bytes& after, WallTime from) {
        std::vector<Place> found;
        for (const auto& inbox : inboxes_) {
            const Bytes prefix = store::key_bytes(inbox);
            // The highest key of that time and of all before it.
            const Bytes start =
                after.empty() ? Bytes()
                              : store::key_bytes(inbox, WallTime::from_unix_ms(from.unix_ms() + 1));
            std::size_t count = 0;
            WallTime last;
            table::inbox_by_time.scan(
                step_.tx, {.prefix = prefix, .from = start, .order = store::Order::descending},
                [&](const auto& row, const Flag&) {
                    const auto& [of, at, sender, id] = row;
                    // What came in the same millisecond stays together.
                    if (count > opened_at_once_max && at != last) return false;
                    last = at;
                    const InboxKey key{of, sender, id};
                    Bytes place = store::key_bytes(WallTime::from_unix_ms(-at.unix_ms()), key);
                    if (place <= after) return true;
                    found.emplace_back(std::move(place), key);
                    ++count;
                    return true;
                });
        }
        std::ranges::sort(found, {}, &Place::first);
        return found;
    }

    template <class See>
    void open(const InboxKey& key, const See& see) {
        const auto row = row_of(step_, key);
        if (!row || gone(row->item) || table::inbox_stops.contains(step_.tx, key)) return;
        const auto delivery = stored_delivery(step_, key);
        const auto opened = delivery
                                ? open_item(row->item, key, *delivery, keys_of(std::get<0>(key)))
                                : Result<Opened>(fail(ErrorCode::not_found));
        if (!opened) {
            ++unreadable_;
            return;
        }
        const auto child = child_of(step_, *opened);
        if (!kept_from_.hides(child)) see(*row, *opened, child);
    }

    Step& step_;
    std::vector<InboxId> inboxes_;
    std::map<InboxId, std::vector<crypto::BoxKeyPair>> keys_;
    KeptFrom kept_from_;
    std::string next_;
    std::size_t unreadable_ = 0;
};

Answer bad_cursor() {
    return Answer::failed(ErrorCode::bad_value, "Give as 'cursor' the 'next' of the answer before");
}

/// Only once somebody has opened it: before that the list says that it is there and no more.
Json headline_json(const Step& step, const ReceivedRow& row, const Opened& opened) {
    if (!row.item.opened_at.is_set()) return nullptr;
    for (const auto& event : section_of(step, opened, event_section)) {
        if (auto words = string_at(event, headline_field); !words.empty()) return words;
    }
    return nullptr;
}

Json entry_json(Step& step, const ReceivedRow& row, const Opened& opened, std::string_view how) {
    Json json{{"id", to_text(std::get<2>(row.key))},
              {"sender", std::get<1>(row.key).value()},
              {"inbox", std::get<0>(row.key).value()},
              {"type", row.statement.type.value()}};
    if (const auto* policy = step.policy()) {
        if (const auto* rule = policy->find_type(row.statement.type)) json["title"] = rule->title;
    }
    json["occurred_at"] = time_json(opened.cover.occurred_at);
    json["accepted_at"] = time_json(row.statement.accepted_at);
    json["opened"] = row.item.opened_at.is_set();
    json["headline"] = headline_json(step, row, opened);
    json["replaced_by"] = replaced_by_json(step, row.key);
    if (!how.empty()) json["how_linked"] = std::string(how);
    return json;
}

/// What this desk holds about other children, as far as the child's own items lead to it. Of what a
/// request opens nothing is kept: an item that is taken back takes its links with it.
class LinkedItems {
public:
    LinkedItems(const InboxKey& start, const Opened& opened)
        : start_(start), event_(opened.cover.event), child_(family_in(opened.cover)) {}

    void note_own(const Opened& item) {
        const auto family = child_ ? family_in(item.cover) : std::nullopt;
        if (family) add_to(*child_, *family);
    }
    void note_other(Step& step, const ReceivedRow& row, const Opened& item, const Child& child) {
        // Who is no deciding body is shown nothing, and nothing leads to what it alone was sent.
        const auto family = child_ ? family_in(item.cover) : std::nullopt;
        if (!family) return;
        const bool is_one_event = !event_.is_zero() && event_ == item.cover.event &&
                                  std::get<1>(start_) == std::get<1>(row.key);
        children_.note(child, *family);
        others_.push_back({item.cover.occurred_at, row.key, child, *family, is_one_event,
                           entry_json(step, row, item, {})});
    }
    Json take(Step& step, const Caller& caller) {
        std::ranges::sort(others_, [](const Other& a, const Other& b) {
            return std::tie(a.at, a.key) < std::tie(b.at, b.key);
        });
        Json list = Json::array();
        if (!child_) return list;
        FamilyLinks family(children_.known_by_all({}, *child_));
        for (auto& other : others_) {
            auto links =
                family.to(children_.known_by_all(other.child, other.family), other.is_one_event);
            if (links.empty()) continue;
            step.note_access(caller.person, "shown", std::get<0>(other.key), std::get<1>(other.key),
                             std::get<2>(other.key));
            other.json["links"] = std::move(links);
            list.push_back(std::move(other.json));
        }
        return list;
    }

private:
    struct Other {
        WallTime at;
        InboxKey key;
        Child child;
        wire::Family family;
        bool is_one_event = false;
        Json json;
    };
    const InboxKey& start_;
    EventId event_;
    std::optional<wire::Family> child_;  ///< nothing: nobody decides here
    ChildrenByNumber children_;          ///< the other ones
    std::vector<Other> others_;
};

/// Of the event of one item, looked up once.
class EventOf {
public:
    EventOf(Step& step, const InboxKey& key)
        : step_(step), keys_(keys_of_event(step, key)), attached_to_(attached_to(step, key)) {}
    /// In one line with it, or attached by somebody of the agency to the same report of its own.
    bool holds(const InboxKey& key) const {
        return std::ranges::binary_search(keys_, key) ||
               (attached_to_ && attached_to_ == attached_to(step_, key));
    }

private:
    Step& step_;
    EventKeys keys_;
    std::optional<NotificationId> attached_to_;
};

/// Siblings' notices of one event, as their sender tied them; what somebody of the agency said is
/// of it; and a second notice that the same child has died.
bool is_one_event(const Step& step, const EventOf& event, const ReceivedRow& a, const Opened& in_a,
                  const ReceivedRow& b, const Opened& in_b, std::string_view how_same_child) {
    if (!in_a.cover.event.is_zero() && std::get<1>(a.key) == std::get<1>(b.key) &&
        in_a.cover.event == in_b.cover.event)
        return true;
    if (a.key != b.key && event.holds(b.key)) return true;
    const auto is_death = [&](const ReceivedRow& row) {
        const auto* type =
            step.policy() == nullptr ? nullptr : step.policy()->find_type(row.statement.type);
        return type != nullptr && type->row == area::row_death;
    };
    return how_same_child == "same_number" && is_death(a) && is_death(b);
}

void append_folded(const Json& value, std::string& out) {
    if (value.is_structured()) {
        for (const auto& each : value) append_folded(each, out);
        return;
    }
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find_first_of(" \t\r\n", at), text.size());
        if (end > at) out += identity::fold_name(std::string_view(text).substr(at, end - at));
        out += ' ';
        at = end + 1;
    }
}

std::string folded_text(const PersonalText& view) {
    std::string out;
    if (const auto parsed = json_from_text(view.reveal())) append_folded(*parsed, out);
    return out;
}

std::vector<std::string> words_of(const Json& body) {
    std::string folded;
    append_folded(Json(string_at(body, "words")), folded);
    std::vector<std::string> words;
    for (std::size_t at = 0; at < folded.size();) {
        const auto end = std::min(folded.find(' ', at), folded.size());
        if (end > at) words.push_back(folded.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

}  // namespace

Answer chronology(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto asked = request.filter.find("received");
    if (asked == request.filter.end()) {
        return Answer::failed(ErrorCode::missing_field,
                              "Say in 'received' which item's child is meant");
    }
    auto found = find_received(step, caller, asked->second, request.inbox);
    if (!found.row) return found.failure;
    const auto& start = *found.row;
    if (auto answer = gone(start.item)) return std::move(*answer);
    if (table::inbox_stops.contains(step.tx, start.key)) {
        return Answer::failed(ErrorCode::expired,
                              "The agreement it rests on was withdrawn, so nothing is looked up "
                              "by it. Start from another item about this child");
    }
    Reading reading(step, caller, *inboxes_asked_for(step, caller, {}));
    const auto delivery = stored_delivery(step, start.key);
    const auto opened = delivery ? open_item(start.item, start.key, *delivery,
                                             reading.keys_of(std::get<0>(start.key)))
                                 : Result<Opened>(fail(ErrorCode::decrypt_failed));
    if (!opened) return Answer::failed(ErrorCode::decrypt_failed);
    const auto child = child_of(step, *opened);
    const auto thread = spoken_in(start.key, opened->cover);
    std::vector<std::tuple<WallTime, InboxKey, Json>> entries;
    LinkedItems linked(start.key, *opened);
    const EventOf event(step, start.key);
    const bool read = reading.read_from(
        request.cursor, [&](const ReceivedRow& row, const Opened& item, const Child& other) {
            std::string_view how = how_same(child, other);
            const bool is_thread = is_same_thread(step, thread, spoken_in(row.key, item.cover));
            if (row.key == start.key || !how.empty() || is_thread)
                linked.note_own(item);
            else
                linked.note_other(step, row, item, other);
            if (is_one_event(step, event, start, *opened, row, item, how)) how = "same_event";
            if (is_thread) how = "same_thread";
            if (row.key == start.key) how = "this_item";
            if (!how.empty())
                entries.emplace_back(item.cover.occurred_at, row.key,
                                     entry_json(step, row, item, how));
        });
    if (!read) return bad_cursor();
    std::ranges::sort(entries, [](const auto& a, const auto& b) {
        return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
    });
    const auto& [inbox, sender, id] = start.key;
    step.note_access(caller.person, "chronology", inbox, sender, id);
    Json list = Json::array();
    for (auto& [at, key, json] : entries) {
        step.note_access(caller.person, "shown", std::get<0>(key), std::get<1>(key),
                         std::get<2>(key));
        list.push_back(std::move(json));
    }
    return Answer::of({{"entries", std::move(list)},
                       {"linked", linked.take(step, caller)},
                       {"unreadable", reading.unreadable()},
                       {"next", reading.next()}});
}

std::optional<Answer> wrong_look_reason(const Step& step, const std::string& reason) {
    if (step.policy() == nullptr)
        return Answer::failed(ErrorCode::busy, "This agent holds no policy yet");
    const auto demanded = step.policy()->words().find("search_reason");
    if (demanded == step.policy()->words().end() || demanded->second.empty()) {
        if (reason.empty()) return std::nullopt;
        return Answer::failed(ErrorCode::bad_value,
                              "This area has no list of reasons: leave 'reason' out");
    }
    std::string codes;
    for (const auto& [code, title] : demanded->second) {
        if (code == reason) return std::nullopt;
        codes += (codes.empty() ? "" : ", ") + code;
    }
    return Answer::failed(reason.empty() ? ErrorCode::missing_field : ErrorCode::bad_value,
                          "Say in 'reason' why you look: " + codes);
}

Answer search(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    const auto inboxes = inboxes_asked_for(step, caller, request.inbox);
    if (!inboxes) return Answer::failed(inboxes.error(), "You are not a member of this inbox");
    const auto words = words_of(body);
    const bool is_short = std::ranges::any_of(
        words, [](const std::string& word) { return word.size() < word_chars_min; });
    if (words.empty() || words.size() > words_max || is_short) {
        return Answer::failed(ErrorCode::bad_value,
                              "Give in 'words' one to " + std::to_string(words_max) +
                                  " words of at least two letters or digits each");
    }
    const auto reason = string_at(body, "reason");
    if (auto answer = wrong_look_reason(step, reason)) return std::move(*answer);
    Reading reading(step, caller, *inboxes);
    Json list = Json::array();
    const bool read = reading.read_from(
        request.cursor, [&](const ReceivedRow& row, const Opened& opened, const Child&) {
            std::string all;
            Json views = Json::array();
            for (const auto& [view, content] : opened.views) {
                const auto text = folded_text(content);
                const auto is_in = [&](const std::string& word) {
                    return text.find(word) != std::string::npos;
                };
                if (std::ranges::any_of(words, is_in)) views.push_back(view.value());
                all += text;
            }
            const bool has_all = std::ranges::all_of(words, [&](const std::string& word) {
                return all.find(word) != std::string::npos;
            });
            if (!has_all) return;
            const auto& [inbox, sender, id] = row.key;
            step.note_access(caller.person, "found", inbox, sender, id, reason);
            list.push_back({{"item", received_line(step, row)},
                            {"occurred_at", time_json(opened.cover.occurred_at)},
                            {"found_in", std::move(views)}});
        });
    if (!read) return bad_cursor();
    for (const auto& inbox : *inboxes)
        step.note_access(caller.person, "searched", inbox, {}, {}, reason);
    return Answer::of({{"found", std::move(list)},
                       {"unreadable", reading.unreadable()},
                       {"next", reading.next()}});
}

}  // namespace mash::runtime
