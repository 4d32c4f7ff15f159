// The local API's answers about agreements: who said what, for which referral, who relied on it,
// and after a withdrawal who has not confirmed and what the rules say without it.
#include <algorithm>
#include <sstream>

#include "agents/runtime/core/agreement.hpp"
#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/decider_words.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/agreement.hpp"
#include "common/area/decide.hpp"
#include "common/area/explain.hpp"

namespace mash::runtime {
namespace {

constexpr std::size_t listed_max = 500;

bool may_see_any(Step& step, const Caller& caller, const std::vector<NotificationId>& ids) {
    return std::ranges::any_of(ids, [&](const NotificationId& id) {
        const auto item = table::outbox.get(step.tx, id);
        return item && may_see_sent(step, caller, id, *item);
    });
}

bool may_see_referral(Step& step, const Caller& caller, const AgreementRow& row) {
    return !row.referral.is_zero() && may_see_any(step, caller, items_of(step, row.referral));
}

bool may_see(Step& step, const Caller& caller, const AgreementRow& row) {
    if (caller.row.agency != row.agency) return false;
    return caller.person == row.recorded_by || is_auditor(caller) ||
           may_see_referral(step, caller, row);
}

/// What counts now, in a word.
std::string status_word(const Step& step, const AgreementId& id, const AgreementRow& row) {
    const auto now = said_now(step, id, row);
    if (row.said.status == wire::AgreementStatus::given &&
        now.status == wire::AgreementStatus::not_sought)
        return "expired";
    return std::string(word_of(now.status));
}

Json line(Step& step, const Caller& caller, const AgreementId& id, const AgreementRow& row) {
    const auto& said = row.said;
    Json named = Json::array();
    for (const auto& agency : said.named_agencies) named.push_back(agency.value());
    Json json;
    json["id"] = to_text(id);
    json["agency"] = row.agency.value();
    // The same for one that nothing was sent in and one that is not theirs to see.
    json["referral"] =
        may_see_referral(step, caller, row) ? Json(to_text(row.referral)) : Json(nullptr);
    json["status"] = status_word(step, id, row);
    json["giver"] = std::string(word_of(said.giver));
    json["not_sought_reason"] = std::string(word_of(said.not_sought_reason));
    json["other_holder_objects"] = said.other_holder_objects;
    json["child_and_parent_differ"] = said.child_and_parent_differ;
    json["named_agencies"] = std::move(named);
    json["purpose"] = std::string(word_of(said.purpose));
    json["form"] = row.form;
    json["said_at"] = time_json(row.said_at);
    json["recorded_at"] = time_json(row.recorded_at);
    json["recorded_by"] = row.recorded_by.value();
    json["expires_at"] = time_json(row.expires_at);
    json["withdrawn_at"] = time_json(row.withdrawn_at);
    json["withdrawn_by"] =
        row.withdrawn_by.empty() ? Json(nullptr) : Json(row.withdrawn_by.value());
    return json;
}

Json seat_line(Step& step, const Seat& seat) {
    const auto* agency =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(seat.agency);
    return {{"recipient", seat_json(seat)},
            {"name", agency == nullptr ? std::string() : agency->name},
            {"telephone", step.telephone_of(seat)}};
}

/// domain.md E4 (3): the rules once more, as if nobody had agreed.
Json without_agreement(Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto notification = stored_notification(step, id);
    const auto* agency =
        step.registry() == nullptr ? nullptr : step.registry()->find_agency(item.agency);
    if (!notification || agency == nullptr || step.policy() == nullptr) return nullptr;
    area::DecisionInput input;
    input.facts = routing_facts(step, id, item, *notification);
    input.sender_kind = agency->kind;
    input.decided_at = step.now.wall;
    const auto decision = area::decide(input, *step.registry(), *step.policy());
    Json json;
    json["rule"] = decision.rule;
    json["instead"] = Json::array();
    for (const auto& offer : decision.offers) {
        json["instead"].push_back(
            {{"code", offer}, {"message", std::string(area::explain_offer(offer))}});
    }
    const auto shared = std::ranges::find_if(
        decision.recipients, [](const auto& one) { return one.route != area::decider_route; });
    if (shared != decision.recipients.end()) {
        json["outcome"] = "allowed";
        json["rule"] = shared->rule;
        json["message"] =
            "Another rule allows it without agreement. If it is still needed, send it anew: the "
            "new basis is recorded. Tell the family, unless that would put somebody at risk. " +
            std::string(area::explain_rule(shared->rule));
    } else if (!decision.held.empty()) {
        json["outcome"] = "a_person_decides";
        json["rule"] = decision.held.front().rule;
        json["message"] =
            "Without agreement a person decides whether it may be shared. If it is "
            "still needed, send it anew, and they are asked. " +
            std::string(area::explain_rule(decision.held.front().rule));
    } else {
        json["outcome"] = "not_allowed";
        json["message"] =
            "Nothing else allows it on what is stated. If something has changed for "
            "the child, for example a new injury, send that: it needs no agreement "
            "where harm is suspected. " +
            std::string(area::explain_refusal(decision.refusal));
    }
    return json;
}

/// That they use it no more, or have removed it.
std::optional<RungMark> confirmation_of(Step& step, const NotificationId& id, const Seat& seat) {
    using enum wire::Rung;
    for (const auto rung : {agreement_stopped, recalled}) {
        if (auto mark = table::rungs.get(step.tx, {id, seat, static_cast<std::uint8_t>(rung)}))
            return mark;
    }
    return std::nullopt;
}

Json item_json(Step& step, const NotificationId& id, const OutboxItem& item,
               const AgreementRow& row, const std::vector<Seat>& relying) {
    Json json;
    json["id"] = to_text(id);
    json["type"] = item.type.value();
    json["state"] = std::string(name_of(item.state));
    json["relying"] = Json::array();
    for (const auto& seat : relying) json["relying"].push_back(seat_line(step, seat));
    const auto mark = table::withdrawals.get(step.tx, id);
    json["confirm_by"] = mark ? time_json(mark->confirm_by) : Json(nullptr);
    json["confirmed"] = Json::array();
    json["not_confirmed"] = Json::array();
    for (const auto& seat : mark ? mark->seats : std::vector<Seat>()) {
        const auto rung = confirmation_of(step, id, seat);
        auto one = seat_line(step, seat);
        if (rung) {
            one["at"] = time_json(rung->at);
            one["code"] = rung->code;
        }
        json[rung ? "confirmed" : "not_confirmed"].push_back(std::move(one));
    }
    json["without_agreement"] =
        row.withdrawn_at.is_set() ? without_agreement(step, id, item) : Json(nullptr);
    return json;
}

std::string message_of(Step& step, const AgreementId& id, const AgreementRow& row, std::size_t sent,
                       std::size_t relying) {
    if (status_word(step, id, row) == "expired")
        return "It has run out. Ask the family again before anything more rests on it.";
    if (!row.withdrawn_at.is_set()) return {};
    if (relying != 0) {
        return "Whoever relied on it is told to stop using what they have and passing it on. What "
               "had not gone is stopped. What was known before is not undone, and the record of "
               "the decision stays.";
    }
    if (sent == 0) return "Nothing had been sent under it. What waits is judged anew, without it.";
    return "No sharing rested on this agreement. The withdrawal changes only the service, not the "
           "information: what was shared rests on another rule, and nothing is stopped.";
}

Json whole(Step& step, const Caller& caller, const AgreementId& id, const AgreementRow& row) {
    Json json = line(step, caller, id, row);
    Json items = Json::array();
    std::size_t sent = 0;
    std::size_t relying = 0;
    if (!row.referral.is_zero()) {
        for (const auto& each : items_of(step, row.referral)) {
            const auto item = table::outbox.get(step.tx, each);
            if (!item || item->agency != row.agency) continue;
            const auto relied = table::agreement_relied.get(step.tx, {row.referral, each});
            const auto seats = relied ? relied->seats : std::vector<Seat>();
            sent += item->accepted_at.is_set() || item->state == OutboxState::sealed ? 1 : 0;
            relying += seats.size();
            if (may_see_sent(step, caller, each, *item))
                items.push_back(item_json(step, each, *item, row, seats));
        }
    }
    const auto message = message_of(step, id, row, sent, relying);
    json["message"] = message.empty() ? Json(nullptr) : Json(message);
    json["notifications"] = std::move(items);
    json["sought_by"] = nullptr;
    json["evidence"] = nullptr;
    if (const auto kept = step.get_sealed(sealed::agreement, store::key_bytes(id))) {
        const auto words = agreement_from_json(text_of(*kept));
        json["sought_by"] = words.sought_by.reveal();
        json["evidence"] = words.evidence.reveal();
    }
    return json;
}

Answer fault(std::string message) {
    return Answer::failed(ErrorCode::bad_value, std::move(message));
}

/// Nothing: it is whole. A giver who cannot give, and two who differ, are for the rules to judge.
std::optional<Answer> refused(const ParsedAgreement& parsed, WallTime now) {
    if (!parsed.faults.empty()) return fault(parsed.faults.front().message);
    using enum wire::AgreementStatus;
    const auto status = parsed.said.status;
    if (status != given && status != wire::AgreementStatus::refused && status != not_sought)
        return fault("'status' is given, refused or not_sought");
    const bool was_asked = status != not_sought;
    if (was_asked && parsed.said.giver == wire::Giver::unstated)
        return fault("Say in 'giver' who answered, for example parent_pr");
    if (was_asked && parsed.form != "verbal" && parsed.form != "written")
        return fault("'form' is verbal or written");
    if (!was_asked && parsed.said.not_sought_reason == wire::NotSoughtReason::none)
        return fault("Give in 'not_sought_reason' why the family was not asked");
    if (status == given && parsed.said.named_agencies.empty())
        return fault("Give in 'named_agencies' the ids of the agencies that the family agreed to");
    if (status == given && parsed.said.purpose == wire::Purpose::unstated)
        return fault("Give in 'purpose' what the family agreed to");
    if (!parsed.said_at.is_set()) return fault("Give in 'said_at' when the family was asked");
    if (parsed.said_at > now + limits::clock_skew_max) return fault("'said_at' is in the future");
    if (parsed.expires_at.is_set() && parsed.expires_at <= parsed.said_at)
        return fault("'expires_at' is not after 'said_at'");
    if (!parsed.has_subject && parsed.notification.empty())
        return fault("Give in 'subject' which child it is about");
    if (!parsed.notification.empty() && !parsed.thread_ref.empty())
        return fault("Name the referral once: by 'notification' or by 'thread_ref'");
    return std::nullopt;
}

std::optional<AgreementId> id_of(const ApiRequest& request) {
    const auto bytes = uuid_from_text(request.id);
    if (!bytes) return std::nullopt;
    return AgreementId(*bytes);
}

/// The record that the caller may see; an Answer otherwise.
struct Found {
    AgreementId id;
    std::optional<AgreementRow> row;
    Answer failure;
};
Found find(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto id = id_of(request);
    if (!id) return {{}, {}, Answer::failed(ErrorCode::malformed, "That is no id of an agreement")};
    auto row = table::agreements.get(step.tx, *id);
    if (!row || !may_see(step, caller, *row)) {
        return {{},
                {},
                Answer::failed(ErrorCode::not_found,
                               "Your agency has recorded no agreement under this id")};
    }
    return {*id, std::move(row), {}};
}

void record_words_of(Step& step, const Caller& caller, const AgreementId& id,
                     const std::string& words) {
    Said said;
    said.what = DecisionKind::agreement_withdrawn;
    said.decider.agency = caller.row.agency;
    said.decider.role = caller.row.roles.empty() ? RoleId("member") : caller.row.roles.front();
    said.person = caller.person;
    said.notification = NotificationId(id.value());
    said.subject = id.value();
    keep_reason(step, store::key_bytes(id), PersonalText(words));
    record_and_send_words(step, said);
}

std::string confirmed_in_words(Step& step, const NotificationId& id, const Seat& seat,
                               const WithdrawalMark* mark) {
    if (const auto rung = confirmation_of(step, id, seat)) {
        return (rung->code == "not_held" ? "never had it, or has it no more; confirmed on "
                                         : "has stopped; confirmed on ") +
               area::time_in_words(rung->at);
    }
    if (mark == nullptr) return "the item is closed, and who confirmed is no longer kept here";
    std::string out = "has not confirmed yet";
    if (mark->confirm_by.is_set()) out += "; by " + area::time_in_words(mark->confirm_by);
    const auto telephone = step.telephone_of(seat);
    return telephone.empty() ? out : out + ". Their number is " + telephone;
}

}  // namespace

std::string explain_withdrawal(Step& step, const DecisionRow& row) {
    const auto& id = row.head.notification;
    const auto mark = table::withdrawals.get(step.tx, id);
    std::string out =
        "What is stopped\n"
        "- Whoever relied on the agreement is told to stop using this and passing it on. What had "
        "not gone does not go. What they know already is not undone.\n\n"
        "Who relied on it\n";
    std::istringstream seats(row.words);
    for (std::string line; std::getline(seats, line);) {
        const auto cut = line.find('/');
        if (cut == std::string::npos) continue;
        const Seat seat{AgencyId(line.substr(0, cut)), RoleId(line.substr(cut + 1))};
        out +=
            "- " + line + ": " + confirmed_in_words(step, id, seat, mark ? &*mark : nullptr) + "\n";
    }
    if (row.words.empty()) out += "- Nobody\n";
    out += "\nWhy\n- The family took its agreement back, as " + row.head.person.value() +
           " recorded on " + area::time_in_words(row.head.at) + "\n";
    for (const auto& [field, text] : row.agreement) {
        if (field == "record") out += "- The record of the agreement is " + text + "\n";
    }
    return out +
           "\nWhat to do now\n"
           "- The record of the agreement says what the rules allow without it.\n"
           "- If something has changed for the child, for example a new injury, send that: it "
           "needs no agreement where harm is suspected.\n"
           "- If a child is in danger now, ring 999.\n";
}

Answer add_agreement(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto parsed = agreement_from_json(request.body.reveal());
    if (auto answer = refused(parsed, step.now.wall)) return std::move(*answer);
    AgreementRow row;
    row.agency = caller.row.agency;
    ThreadId referral;
    ThreadId ahead;
    if (!parsed.notification.empty()) {
        const auto bytes = uuid_from_text(parsed.notification);
        const auto item = bytes ? table::outbox.get(step.tx, NotificationId(*bytes)) : std::nullopt;
        if (!item || !may_see_sent(step, caller, NotificationId(*bytes), *item))
            return fault("Your agency has sent nothing under the id in 'notification'");
        referral = area::referral_of(item->thread, NotificationId(*bytes));
    } else if (!parsed.thread_ref.empty()) {
        referral = thread_of(step, row.agency, parsed.thread_ref);
        // A colleague's referral: the record waits until something of theirs cites it. An answer
        // that says so would tell that the referral exists.
        const auto sent = items_of(step, referral);
        if (sent.empty()) ahead = referral;
        if (sent.empty() || !may_see_any(step, caller, sent)) referral = {};
    }
    row.said = parsed.said;
    row.form = parsed.form;
    row.said_at = parsed.said_at;
    row.recorded_at = step.now.wall;
    row.recorded_by = caller.person;
    row.expires_at = parsed.expires_at;
    const auto id = step.random_id<AgreementId>();
    step.put_sealed(sealed::agreement, store::key_bytes(id), view_of(request.body.reveal()));
    if (referral.is_zero()) {
        put_agreement(step, id, row);
        if (!ahead.is_zero()) put_ahead(step, id, ahead);
    } else {
        bind_agreement(step, id, row, referral);
    }
    step.note_access(caller.person, "agreement_recorded", {}, row.agency,
                     NotificationId(id.value()));
    step.pump_due = true;
    return Answer::of(whole(step, caller, id, row), 201);
}

Answer agreements_list(Step& step, const Caller& caller) {
    std::vector<std::pair<AgreementId, AgreementRow>> rows;
    for (auto& [id, row] : table::agreements.collect(step.tx, {})) {
        if (may_see(step, caller, row)) rows.emplace_back(id, std::move(row));
    }
    std::ranges::sort(rows, [](const auto& a, const auto& b) {
        return std::tie(b.second.recorded_at, b.first) < std::tie(a.second.recorded_at, a.first);
    });
    if (rows.size() > listed_max) rows.resize(listed_max);
    Json list = Json::array();
    for (const auto& [id, row] : rows) list.push_back(line(step, caller, id, row));
    return Answer::of({{"agreements", std::move(list)}});
}

Answer agreement_one(Step& step, const Caller& caller, const ApiRequest& request) {
    auto found = find(step, caller, request);
    if (!found.row) return std::move(found.failure);
    step.note_access(caller.person, "agreement_opened", {}, found.row->agency,
                     NotificationId(found.id.value()));
    return Answer::of(whole(step, caller, found.id, *found.row));
}

Answer withdraw_request(Step& step, const Caller& caller, const ApiRequest& request,
                        const Json& body) {
    auto found = find(step, caller, request);
    if (!found.row) return std::move(found.failure);
    const auto words = string_at(body, "reason");
    if (words.size() > limits::short_text_bytes_max) return Answer::failed(ErrorCode::too_large);
    const auto done = withdraw_agreement(step, found.id, caller.person);
    if (!done) {
        return Answer::failed(done.error(),
                              "The family agreed to nothing here, so there is nothing to withdraw");
    }
    if (!found.row->withdrawn_at.is_set()) record_words_of(step, caller, found.id, words);
    step.note_access(caller.person, "agreement_withdrawn", {}, found.row->agency,
                     NotificationId(found.id.value()));
    const auto row = table::agreements.get(step.tx, found.id);
    return Answer::of(whole(step, caller, found.id, row ? *row : *found.row), 202);
}

}  // namespace mash::runtime
