// The one place where content is opened, and what the opened item says: views, marked withholdings,
// why, by when.
#include "agents/runtime/core/about.hpp"
#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/clocks.hpp"
#include "agents/runtime/core/json.hpp"
#include "agents/runtime/core/marks.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/put_right.hpp"
#include "agents/runtime/core/sender_words.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/explain.hpp"
#include "common/sealing/section.hpp"

namespace mash::runtime {
namespace {

Json withheld_json(const Step& step, const wire::Cover& cover) {
    Json list = Json::array();
    for (const auto& code : cover.withheld) {
        Json one{{"section", code}};
        if (const auto* policy = step.policy()) {
            if (const auto* section = policy->find_section(code)) one["title"] = section->title;
        }
        one["ask"] = cover.ask;
        one["message"] = "A section is withheld. Ask the sender.";
        list.push_back(std::move(one));
    }
    return list;
}

bool may_be_read(Step& step, const InboxKey& key, const InboxItem& item) {
    return item.state != InboxState::recalled && !table::inbox_stops.contains(step.tx, key);
}

/// An earlier item of the same inbox, as it stands now. Nothing: it never came, was taken back, may
/// be used no more, or does not open.
std::optional<Opened> open_earlier(Step& step, const InboxKey& key,
                                   std::span<const crypto::BoxKeyPair> keys) {
    const auto item = table::inbox.get(step.tx, key);
    if (!item || !may_be_read(step, key, *item)) return std::nullopt;
    const auto delivery = stored_delivery(step, key);
    if (!delivery) return std::nullopt;
    auto opened = open_item(*item, key, *delivery, keys);
    return opened ? std::optional(std::move(*opened)) : std::nullopt;
}

/// What the sender left out because this inbox has it in the same words: shown with the rest, so
/// that nobody reads an update without what it updates.
Json unchanged_json(Step& step, const InboxKey& key, const wire::Cover& cover,
                    std::span<const crypto::BoxKeyPair> keys) {
    std::map<NotificationId, std::optional<Opened>> earlier;
    Json list = Json::array();
    for (const auto& [view, in] : cover.unchanged) {
        auto place = earlier.find(in);
        if (place == earlier.end()) {
            place =
                earlier
                    .emplace(in, open_earlier(step, {std::get<0>(key), std::get<1>(key), in}, keys))
                    .first;
        }
        const auto& held = place->second;
        const bool here = held && held->cover.thread == cover.thread && held->views.contains(view);
        Json one{{"view", view.value()}, {"from", to_text(in)}};
        one["occurred_at"] = here ? time_json(held->cover.occurred_at) : Json(nullptr);
        Json words = nullptr;
        if (here) {
            if (auto parsed = json_from_text(held->views.at(view).reveal()))
                words = std::move(*parsed);
        }
        one["message"] = words.is_null()
                             ? "This part has not changed, but the notice that holds it is not "
                               "here or may not be used any more. Ask the sender."
                             : "This part has not changed since the earlier notice.";
        one["content"] = std::move(words);
        list.push_back(std::move(one));
    }
    return list;
}

Json why_json(const Step& step, const wire::StatementBody& statement, const wire::Cover& cover) {
    const auto* policy = step.policy();
    std::string you = policy == nullptr
                          ? statement.route
                          : area::explain_route(*policy, statement.route, statement.seat.role);
    const auto& said_by = cover.passed_on_from;
    if (said_by != Seat{}) {
        const auto* agency =
            step.registry() == nullptr ? nullptr : step.registry()->find_agency(said_by.agency);
        you += " The front door passes on what " +
               (agency == nullptr ? said_by.agency.value() : agency->name) + " said.";
    }
    return Json{{"you", you},
                {"passed_on_from", said_by == Seat{} ? Json(nullptr) : seat_json(said_by)},
                {"route", statement.route},
                {"rule", cover.rule},
                {"explanation", std::string(area::explain_rule(cover.rule))},
                {"basis", cover.basis},
                {"basis_in_words", area::explain_basis(cover.basis)},
                {"policy_version", cover.policy_version}};
}

}  // namespace

Result<Opened> open_item(const InboxItem& item, const InboxKey& key, const wire::Delivery& delivery,
                         std::span<const crypto::BoxKeyPair> keys) {
    const auto statement = statement_of(item);
    if (!statement) return fail(ErrorCode::malformed);
    const auto& [inbox, sender, id] = key;
    std::optional<wire::Grant> grant;
    ErrorCode why = ErrorCode::decrypt_failed;
    for (const auto& pair : keys) {  // newest first; the parcel was sealed to the key of its day
        auto opened = sealing::open_parcel(pair, sender, id, delivery.parcel);
        if (opened) {
            grant = std::move(*opened);
            break;
        }
        if (opened.error() != ErrorCode::decrypt_failed) why = opened.error();
    }
    if (!grant) return fail(why);
    Opened out;
    out.cover = grant->cover;
    // What the broker listed the item as must be what the sender sealed.
    bool whole = grant->cover.type == statement->type && grant->cover.recipient == inbox;
    for (const auto& view_key : grant->keys) {
        const wire::SealedView* sealed = nullptr;
        const Digest* named = nullptr;
        for (const auto& view : delivery.views) {
            if (view.view == view_key.view) sealed = &view;
        }
        for (const auto& view : delivery.parcel.views) {
            if (view.view == view_key.view) named = &view.digest;
        }
        if (sealed == nullptr || named == nullptr) {
            whole = false;
            break;
        }
        auto plain = sealing::open_view(sender, id, *sealed, *named, view_key.key);
        if (!plain) {
            whole = false;
            break;
        }
        out.views.emplace(view_key.view, PersonalText(std::string(text_of(*plain))));
    }
    sealing::wipe_keys(*grant);
    if (!whole) return fail(ErrorCode::decrypt_failed);
    return out;
}

std::optional<wire::Cover> cover_of(Step& step, const InboxKey& key,
                                    std::span<const crypto::BoxKeyPair> keys) {
    const auto delivery = stored_delivery(step, key);
    if (!delivery) return std::nullopt;
    for (const auto& pair : keys) {
        auto grant =
            sealing::open_parcel(pair, std::get<1>(key), std::get<2>(key), delivery->parcel);
        if (!grant) continue;
        sealing::wipe_keys(*grant);
        return std::move(grant->cover);
    }
    return std::nullopt;
}

namespace {

void note_one_cover(Step& step, const InboxKey& key, InboxItem& item, const wire::Cover& cover) {
    note_correction(step, key, cover.supersedes);
    if (item.cover_read) return;
    if (const auto statement = statement_of(item)) {
        table::inbox_covers_unread.erase(step.tx, {std::get<0>(key), statement->accepted_at,
                                                   std::get<1>(key), std::get<2>(key)});
    }
    item.cover_read = true;
    item.thread = cover.thread;
    item.occurred_at = cover.occurred_at;
    table::inbox.put(step.tx, key, item);
    keep_marks(step, key, cover);
    keep_clocks(step, key, cover);
    keep_sender_word(step, key, cover);
    if (cover.thread.is_zero()) return;
    const auto& [inbox, sender, id] = key;
    table::inbox_thread.put(step.tx, {inbox, cover.thread, sender, id}, {});
}

}  // namespace

void note_cover(Step& step, const InboxKey& key, InboxItem& item, const wire::Cover& cover,
                std::span<const crypto::BoxKeyPair> keys) {
    note_one_cover(step, key, item, cover);
    // What goes on from there is said at this one, whether or not anybody opens the earlier ones.
    const auto& [inbox, sender, id] = key;
    auto earlier = cover.supersedes;
    for (std::size_t looked = 0; looked < put_right_together_max && !earlier.is_zero(); ++looked) {
        const InboxKey before{inbox, sender, earlier};
        auto replaced = table::inbox.get(step.tx, before);
        if (replaced && replaced->cover_read) return;  // its own were looked into then
        if (replaced && may_be_read(step, before, *replaced)) {
            const auto read = cover_of(step, before, keys);
            if (read) note_one_cover(step, before, *replaced, *read);
        }
        earlier = corrected_by(step, before);
    }
}

Json json_of(Step& step, const InboxKey& key, const InboxItem& item, const Opened& opened,
             std::span<const crypto::BoxKeyPair> keys) {
    const auto statement = statement_of(item);
    CHECK(statement.has_value());
    const auto& cover = opened.cover;
    Json json;
    json["id"] = to_text(std::get<2>(key));
    json["sender"] = std::get<1>(key).value();
    json["inbox"] = std::get<0>(key).value();
    json["seat"] = seat_json(statement->seat);
    json["type"] = cover.type.value();
    if (const auto* policy = step.policy()) {
        if (const auto* rule = policy->find_type(cover.type)) json["title"] = rule->title;
    }
    json["kind"] = cover.kind;
    json["occurred_at"] = time_json(cover.occurred_at);
    json["accepted_at"] = time_json(statement->accepted_at);
    json["act"] = statement->act;
    json["urgency"] = std::string(word_of(statement->urgency));
    json["take_by"] = time_json(statement->take_by);
    json["take_by_in_words"] =
        statement->take_by.is_set() ? Json(area::time_in_words(statement->take_by)) : Json(nullptr);
    json["take_by_estimated"] = statement->estimated;
    const auto thread = root_of(step, spoken_in(key, cover));
    const bool has_thread = !cover.thread.is_zero() || thread != spoken_in(key, cover).thread;
    json["thread"] = has_thread ? Json(to_text(thread)) : Json(nullptr);
    json["event"] = cover.event.is_zero() ? Json(nullptr) : Json(to_text(cover.event));
    json["supersedes"] =
        cover.supersedes.is_zero() ? Json(nullptr) : Json(to_text(cover.supersedes));
    json["why"] = why_json(step, *statement, cover);
    json["marks"] = marks_json(cover.marks);
    json["clocks"] = clocks_json(step, key);
    json["withheld"] = withheld_json(step, cover);
    json["agreement_withdrawn"] = stop_json(step, key);
    Json views = Json::object();
    for (const auto& [view, text] : opened.views) {
        auto parsed = json_from_text(text.reveal());
        views[view.value()] = parsed ? std::move(*parsed) : Json(text.reveal());
    }
    json["views"] = std::move(views);
    json["unchanged"] = unchanged_json(step, key, cover, keys);
    return json;
}

Result<PersonalText> text_of_item(const Json& json) {
    PersonalText text(text_of_json(json));
    // What the sender sealed grows when it is written out: a byte that is no letter takes six.
    if (text.reveal().size() > limits::http_body_bytes_max) return fail(ErrorCode::too_large);
    return text;
}

}  // namespace mash::runtime
