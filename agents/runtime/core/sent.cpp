// What was sent and how far it is: rungs per recipient that the sender may know of, refusals with
// reasons and what to do instead, and who waits for whom. Ids, codes and times; what was said only
// to whoever sends in that role, who may have to put it right.
#include <algorithm>
#include <map>
#include <set>

#include "agents/runtime/core/about.hpp"
#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/attached.hpp"
#include "agents/runtime/core/awaited_tokens.hpp"
#include "agents/runtime/core/care_flags_kept.hpp"
#include "agents/runtime/core/export.hpp"
#include "agents/runtime/core/family.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/standing_by.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/explain.hpp"

namespace mash::runtime {

bool may_see_sent(Step& step, const Caller& caller, const NotificationId& id,
                  const OutboxItem& item) {
    if (caller.service) return true;
    if (caller.row.agency != item.agency || is_kept_from(step, caller, id, item)) return false;
    if (caller.person == item.person) return true;
    if (const auto sees = sees_as_alternate(step, caller, id)) return *sees || is_auditor(caller);
    const auto has = [&](const RoleId& role) {
        return has_role_itself(step, caller, {item.agency, role});
    };
    if (has(item.role) || is_auditor(caller)) return true;
    const auto* policy = step.policy();
    if (policy == nullptr) return false;
    // What its agent passes on by itself is the front door's as well.
    const auto& day = policy->front_door_role();
    const auto& night = policy->emergency_duty_role();
    return (item.role == day || item.role == night || item.role == policy->pass_on_role()) &&
           (has(day) || has(night));
}

namespace {

constexpr std::size_t listed_max = 500;

std::string state_word(Step& step, const NotificationId& id, const OutboxItem& item) {
    if (item.recalled_at.is_set() && item.state == OutboxState::accepted) return "recalled";
    if (item.state == OutboxState::waiting && step.agent.link.request_of.contains(id))
        return "planning";
    return std::string(name_of(item.state));
}

Json heading(Step& step, const NotificationId& id, const OutboxItem& item) {
    Json json;
    json["id"] = to_text(id);
    json["agency"] = item.agency.value();
    json["role"] = item.role.value();
    json["type"] = item.type.value();
    if (const auto* policy = step.policy()) {
        if (const auto* rule = policy->find_type(item.type)) json["title"] = rule->title;
    }
    json["kind"] = item.kind;
    json["state"] = state_word(step, id, item);
    json["lane"] = std::string(word_of(item.lane));
    json["occurred_at"] = time_json(item.occurred_at);
    json["created_at"] = time_json(item.created_at);
    json["accepted_at"] = time_json(item.accepted_at);
    return json;
}

Json rungs_json(Step& step, const NotificationId& id, const Seat& seat) {
    Json rungs = Json::array();
    const Bytes prefix = store::key_bytes(id, seat);
    table::rungs.scan(step.tx, {.prefix = prefix}, [&](const auto& key, RungMark& mark) {
        Json one{{"rung", std::string(word_of(static_cast<wire::Rung>(std::get<2>(key))))},
                 {"at", time_json(mark.at)}};
        if (!mark.code.empty()) one["code"] = mark.code;
        rungs.push_back(std::move(one));
        return true;
    });
    return rungs;
}

std::string name_of_agency(const Step& step, const AgencyId& id) {
    if (step.registry() == nullptr) return {};
    const auto* agency = step.registry()->find_agency(id);
    return agency == nullptr ? std::string() : agency->name;
}

}  // namespace

Json told_json(const Step& step, const wire::Recipient& recipient) {
    Json json;
    json["recipient"] = seat_json(recipient.seat);
    json["name"] = name_of_agency(step, recipient.seat.agency);
    json["act"] = recipient.act;
    json["urgency"] = std::string(word_of(recipient.urgency));
    json["take_by_in_words"] =
        recipient.take_by.is_set() ? Json(area::time_in_words(recipient.take_by)) : Json(nullptr);
    json["take_by"] = time_json(recipient.take_by);
    json["take_by_estimated"] = recipient.estimated;
    json["views"] = Json::array();
    for (const auto& view : recipient.views) json["views"].push_back(view.value());
    json["unchanged"] = Json::array();
    for (const auto& view : recipient.unchanged) json["unchanged"].push_back(view.value());
    json["withheld"] = recipient.withheld;
    json["rule"] = recipient.rule;
    json["explanation"] = std::string(area::explain_rule(recipient.rule));
    json["basis"] = recipient.basis;
    json["basis_in_words"] = area::explain_basis(recipient.basis);
    json["why"] = step.policy() == nullptr
                      ? recipient.route
                      : area::explain_route(*step.policy(), recipient.route, recipient.seat.role);
    json["telephone"] = step.telephone_of(recipient.seat);
    return json;
}

namespace {

/// Codes of this agent beside those of the rules.
std::string_view explain_refusal(std::string_view code) {
    if (code == "nobody_connected")
        return "Nobody whom the rules name is connected yet: ring them. It goes when one of them "
               "is";
    if (code == name_of(ErrorCode::too_large))
        return "It is too large to send: leave something out, for example attachments";
    if (code == name_of(ErrorCode::duplicate_conflict)) {
        return "The broker holds other content under this id: ring the front door and whoever runs "
               "this agent";
    }
    return area::explain_refusal(code);
}

constexpr std::string_view of_recall = "recall";

/// What every recipient is to confirm besides the ladder, and by when.
struct ToConfirm {
    std::string_view what;
    WallTime by;
    WallTime at;  ///< unset: not confirmed
};

/// A recall: that it is gone. A correction: that somebody has taken it, which the rung says.
std::optional<ToConfirm> confirmation_of(Step& step, const NotificationId& id,
                                         const OutboxItem& item, const wire::Recipient& recipient) {
    const auto at = [&](wire::Rung rung) {
        const auto mark =
            table::rungs.get(step.tx, {id, recipient.seat, static_cast<std::uint8_t>(rung)});
        return mark ? mark->at : WallTime();
    };
    if (const auto recall = recall_of(step, id, item, recipient.seat))
        return ToConfirm{of_recall, recall->confirm_by, at(wire::Rung::recalled)};
    const auto* rule = step.policy() == nullptr ? nullptr : step.policy()->find_type(item.type);
    if (rule == nullptr || rule->row != area::row_correction || !recipient.act) return std::nullopt;
    return ToConfirm{"correction", recipient.take_by, at(wire::Rung::taken)};
}

Json confirmation_json(Step& step, const NotificationId& id, const OutboxItem& item,
                       const wire::Recipient& recipient) {
    const auto confirm = confirmation_of(step, id, item, recipient);
    if (!confirm) return nullptr;
    return Json{
        {"of", confirm->what}, {"by", time_json(confirm->by)}, {"at", time_json(confirm->at)}};
}

Json recipient_json(Step& step, const NotificationId& id, const OutboxItem& item,
                    const wire::Recipient& recipient) {
    Json json = told_json(step, recipient);
    json["rungs"] = rungs_json(step, id, recipient.seat);
    json["confirmation"] = confirmation_json(step, id, item, recipient);
    return json;
}

}  // namespace

Json refusal_json(const std::string& code, const wire::Decision& decision) {
    Json json{{"code", code}, {"message", std::string(explain_refusal(code))}};
    json["instead"] = Json::array();
    for (const auto& offer : decision.offers) {
        json["instead"].push_back(
            {{"code", offer}, {"message", std::string(area::explain_offer(offer))}});
    }
    return json;
}

Json refused_json(const wire::Decision& decision) {
    Json list = Json::array();
    for (const auto& refused : decision.refused) {
        list.push_back({{"recipient", seat_json(refused.seat)},
                        {"rule", refused.rule},
                        {"code", refused.code},
                        {"message", std::string(explain_refusal(refused.code))}});
    }
    return list;
}

Json gaps_json(const std::vector<wire::NotConnected>& gaps) {
    Json list = Json::array();
    for (const auto& gap : gaps) {
        list.push_back({{"role", gap.role.value()},
                        {"telephone", gap.telephone},
                        {"tell_by", time_json(gap.tell_by)}});
    }
    return list;
}

Json warnings_json(const Step& step, const wire::Decision& decision) {
    Json list = Json::array();
    // The policy's own advice is among them, in its own words.
    for (const auto& warning : decision.warnings) {
        list.push_back({{"code", warning},
                        {"message", step.policy() == nullptr
                                        ? std::string(area::explain_warning(warning))
                                        : area::explain_warning(*step.policy(), warning)}});
    }
    return list;
}

namespace {

Json alarms_json(Step& step, const NotificationId& id) {
    Json alarms = Json::array();
    for (std::uint8_t kind = 0; kind <= static_cast<std::uint8_t>(Alarm::last_kind); ++kind) {
        const auto row = table::alarms.get(step.tx, {kind, id});
        if (!row) continue;
        alarms.push_back({{"alarm", std::string(name_of(static_cast<Alarm::Kind>(kind)))},
                          {"since", time_json(row->since)},
                          {"ring", row->telephone}});
    }
    return alarms;
}

/// Whoever reads these has them without what the recall takes away: the next update brings it, or
/// the sender says it anew.
Json updates_since_json(Step& step, const NotificationId& id, const OutboxItem& item) {
    Json list = Json::array();
    for (const auto& later : updates_since(step, id, item)) list.push_back(to_text(later));
    return list;
}

/// Everybody whose copy a person asked back, whether or not it was ever sent there.
Json recalled_for_json(Step& step, const NotificationId& id) {
    Json list = Json::array();
    const Bytes prefix = store::key_bytes(id);
    for (const auto& [key, recall] : table::copy_recalls.collect(step.tx, {.prefix = prefix})) {
        list.push_back({{"recipient", seat_json(std::get<1>(key))},
                        {"at", time_json(recall.at)},
                        {"reason", recall.reason},
                        {"confirm_by", time_json(recall.confirm_by)}});
    }
    return list;
}

/// null unless it waits for the broker to help to recognise the child.
Json identifying_json(const Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto awaited = awaited_tokens(step, id, item);
    if (!awaited) return nullptr;
    std::string message =
        !step.agent.link.welcomed ? "It waits for the broker, which cannot be reached."
        : awaited->refused == ErrorCode::busy
            ? "Your agency has asked about as many children as it may in this time."
        : awaited->refused ? "The broker did not help to recognise the child."
                           : "The broker has been asked to help to recognise the child.";
    message +=
        " The front door gets it in any case; it goes on without at the time in 'until', and "
        "whoever works with the child is added afterwards.";
    return Json{
        {"message", std::move(message)},
        {"code", awaited->refused ? Json(std::string(name_of(*awaited->refused))) : Json(nullptr)},
        {"asked_again_at", time_json(awaited->asked_again_at)},
        {"until", step.agent.link.welcomed ? time_json(awaited->until) : Json(nullptr)}};
}

Json whole(Step& step, const Caller& caller, const NotificationId& id, const OutboxItem& item) {
    Json json = heading(step, id, item);
    const auto decision = decision_of(item);
    json["rule"] = decision.rule;
    json["policy_version"] = item.policy_version;
    json["thread"] = item.thread.is_zero()
                         ? Json(nullptr)
                         : Json(to_text(root_of(step, {item.thread, item.agency})));
    json["about"] = about_json(step, id, item);
    json["answers"] = answers_json(step, caller, id, item);
    json["attached"] = attached_json(step, caller, id);
    json["supersedes"] = item.supersedes.is_zero() ? Json(nullptr) : Json(to_text(item.supersedes));
    json["incomplete"] = decision.incomplete;
    json["floor"] = decision.floor;
    json["refusal"] = item.refusal.empty() ? Json(nullptr) : refusal_json(item.refusal, decision);
    json["identifying"] = identifying_json(step, id, item);
    const auto notification = stored_notification(step, id);
    json["linked"] = notification ? linked_said_json(step, id, *notification) : Json(Json::array());
    json["recalled"] = item.recalled_at.is_set()
                           ? Json{{"at", time_json(item.recalled_at)},
                                  {"reason", item.recall_reason},
                                  {"confirm_by", time_json(item.recall_confirm_by)},
                                  {"updates_since", updates_since_json(step, id, item)}}
                           : Json(nullptr);
    json["recalled_for"] = recalled_for_json(step, id);
    json["warnings"] = warnings_json(step, decision);
    json["recipients"] = Json::array();
    for (const auto& recipient : decision.recipients)
        json["recipients"].push_back(recipient_json(step, id, item, recipient));
    json["held"] = Json::array();
    const Bytes prefix = store::key_bytes(id);
    for (const auto& [key, mark] : table::held.collect(step.tx, {.prefix = prefix})) {
        json["held"].push_back({{"recipient", seat_json(mark.seat)},
                                {"decider", seat_json(mark.decider)},
                                {"rule", mark.rule},
                                {"explanation", std::string(area::explain_rule(mark.rule))},
                                {"decide_by", time_json(mark.decide_by)}});
    }
    json["refused"] = refused_json(decision);
    json["not_connected"] = gaps_json(decision.not_connected);
    json["alarms"] = alarms_json(step, id);
    return json;
}

std::optional<NotificationId> id_of(const ApiRequest& request) {
    const auto bytes = uuid_from_text(request.id);
    if (!bytes) return std::nullopt;
    return NotificationId(*bytes);
}

}  // namespace

Json sent_whole(Step& step, const Caller& caller, const NotificationId& id,
                const OutboxItem& item) {
    return whole(step, caller, id, item);
}

Answer sent_list(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto after = uuid_from_text(request.cursor);
    if ((!after && !request.cursor.empty()) || request.limit > listed_max) {
        return Answer::failed(
            ErrorCode::bad_value,
            "Give as 'cursor' the 'next' of the page before, and as 'limit' up to " +
                std::to_string(listed_max));
    }
    const std::size_t limit = request.limit == 0 ? listed_max : request.limit;
    const Bytes from = after ? store::key_bytes(NotificationId(*after)) : Bytes();
    Json list = Json::array();
    NotificationId last;
    bool more = false;
    table::outbox.scan(step.tx, {.from = from, .order = store::Order::descending},
                       [&](const NotificationId& id, OutboxItem& item) {
                           if (!may_see_sent(step, caller, id, item) || went_to_nobody(item))
                               return true;
                           if (after && id == NotificationId(*after)) return true;
                           more = list.size() == limit;
                           if (more) return false;
                           list.push_back(heading(step, id, item));
                           last = id;
                           return true;
                       });
    return Answer::of(
        {{"sent", std::move(list)}, {"next", more ? Json(to_text(last)) : Json(nullptr)}});
}

Answer unconfirmed_list(Step& step, const Caller& caller) {
    Json list = Json::array();
    // What is accepted and still kept; nothing else is anybody's to confirm.
    for (const auto& id : table::outbox_watch_at.collect_keys(step.tx, {})) {
        const auto item = table::outbox.get(step.tx, id);
        if (!item || !may_see_sent(step, caller, id, *item) || item->state != OutboxState::accepted)
            continue;
        std::map<std::string_view, Json> missing;
        for (const auto& recipient : decision_of(*item).recipients) {
            const auto confirm = confirmation_of(step, id, *item, recipient);
            if (!confirm || confirm->at.is_set()) continue;
            if (confirm->what == of_recall && !must_confirm_recall(step, id, recipient.seat))
                continue;
            missing[confirm->what].push_back(
                {{"recipient", seat_json(recipient.seat)},
                 {"name", name_of_agency(step, recipient.seat.agency)},
                 {"telephone", step.telephone_of(recipient.seat)},
                 {"by", time_json(confirm->by)},
                 {"overdue", confirm->by.is_set() && confirm->by <= step.now.wall}});
        }
        for (auto& [what, recipients] : missing) {
            Json one{{"id", to_text(id)}, {"type", item->type.value()}, {"of", what}};
            one["recipients"] = std::move(recipients);
            list.push_back(std::move(one));
        }
    }
    return Answer::of({{"unconfirmed", std::move(list)}});
}

Answer sent_one(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto id = id_of(request);
    if (!id) return Answer::failed(ErrorCode::malformed, "That is not the id of a notification");
    const auto item = table::outbox.get(step.tx, *id);
    if (!item || !may_see_sent(step, caller, *id, *item)) {
        return Answer::failed(ErrorCode::not_found,
                              "Nothing was sent under this id that you may see");
    }
    Json json = whole(step, caller, *id, *item);
    // Whoever answers for it has been told now, here; `about` goes on saying so.
    if (has_role(caller, item->agency, item->role)) clear(step, Alarm::Kind::about_taken_back, *id);
    return Answer::of(std::move(json));
}

Answer sent_content(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto id = id_of(request);
    if (!id) return Answer::failed(ErrorCode::malformed, "That is not the id of a notification");
    const auto item = table::outbox.get(step.tx, *id);
    // The data protection officer reads decisions, not what was said.
    const bool is_theirs = item && (caller.person == item->person || !is_auditor(caller) ||
                                    has_role_itself(step, caller, {item->agency, item->role}));
    if (!is_theirs || !may_see_sent(step, caller, *id, *item)) {
        return Answer::failed(ErrorCode::not_found,
                              "Nothing was sent under this id whose words you may see");
    }
    // What is passed on for another agency is read where it arrived: those are not our words.
    const auto notification =
        passed_on_facts(step, *id) ? std::nullopt : stored_notification(step, *id);
    if (!notification)
        return Answer::failed(ErrorCode::expired, "Its words are not kept here any more");
    Json json = Json::parse(to_canonical_json(*notification).reveal(), nullptr, false);
    Json left_out = Json::array();
    for (const auto& [code, fields] : notification->sections) {
        const auto* section =
            step.policy() == nullptr ? nullptr : step.policy()->find_section(code);
        if (section != nullptr && !section->needs_release) continue;
        json["sections"].erase(code);
        left_out.push_back(code);
    }
    step.note_access(caller.person, "sent_read", {}, item->agency, *id);
    return Answer::of({{"id", to_text(*id)},
                       {"notification", std::move(json)},
                       {"left_out", std::move(left_out)}});
}

namespace {

constexpr std::string_view whose_copies =
    "'recipients' is a list of whose copies to take back, each as it stands among the recipients "
    "of what was sent: {\"agency\": \"...\", \"role\": \"...\"}. Leave it out to take it back from "
    "everybody";

constexpr std::string_view heard_first =
    "This tells social care that a child's status was looked at, and they must hear of it. Once "
    "one of those it goes to has opened it you can take it back. If it names the wrong child, send "
    "a correction, or ring them now";

/// Nothing: no list of seats of this area. Who of the area had a copy plays no part.
std::optional<std::set<Seat>> seats_at(const Step& step, const Json& list) {
    if (!list.is_array() || list.empty() || list.size() > limits::parcels_max) return std::nullopt;
    std::set<Seat> seats;
    for (const auto& one : list) {
        const auto agency = string_at(one, "agency");
        const auto role = string_at(one, "role");
        if (!is_valid_name(agency) || !is_valid_name(role)) return std::nullopt;
        const Seat seat{AgencyId(agency), RoleId(role)};
        if (step.registry() == nullptr || step.registry()->find_seat(seat) == nullptr)
            return std::nullopt;
        seats.insert(seat);
    }
    return seats;
}

}  // namespace

Answer recall_sent(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    const auto id = id_of(request);
    if (!id) return Answer::failed(ErrorCode::malformed, "That is not the id of a notification");
    const auto item = table::outbox.get(step.tx, *id);
    if (!item || !may_see_sent(step, caller, *id, *item)) {
        return Answer::failed(ErrorCode::not_found,
                              "Nothing was sent under this id that you may see");
    }
    const auto reason = string_at(body, "reason");
    if (!is_valid_name(reason)) {
        return Answer::failed(ErrorCode::missing_field,
                              "Give 'reason' as a code, for example wrong_child or sent_in_error");
    }
    const auto named = body.find("recipients");
    const auto seats = named == body.end() ? std::nullopt : seats_at(step, *named);
    if (named != body.end() && !seats)
        return Answer::failed(ErrorCode::bad_value, std::string(whose_copies));
    if (is_still_to_be_heard(step, *id, *item))
        return Answer::failed(ErrorCode::not_available, std::string(heard_first));
    const auto done = seats ? recall_copies(step, *id, *seats, caller.person, reason)
                            : recall(step, *id, caller.person, reason);
    if (!done)
        return Answer::failed(done.error(),
                              "It is past its retention: there is nothing left to take back");
    step.note_access(caller.person, "recalled", {}, item->agency, *id);
    const auto recalled = table::outbox.get(step.tx, *id);
    return Answer::of(whole(step, caller, *id, recalled ? *recalled : *item), 202);
}

}  // namespace mash::runtime
