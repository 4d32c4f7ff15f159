// Two people release a protected address (domain.md D3, G10). What is released is a notification of
// its own, to whom somebody names: it waits as any held question does until the safeguarding lead
// and a manager, who are two people, have signed; only then do the rules name anybody to seal to.
#include <algorithm>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/standing_by.hpp"
#include "agents/runtime/core/voucher.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

// Words of the signed catalogue that have a meaning here (deploy/policy/catalogue.toml).
const TypeId release_type{"protected_address_release"};
constexpr std::string_view protected_address = "saf";

bool is_release(const wire::Authorisation& given) {
    return given.rule == area::release_first || given.rule == area::release_second;
}

/// Whom the row has a route to, and the registry knows.
Result<std::vector<Seat>> recipients_of(const Step& step, const area::TypeRule& type,
                                        const Json& body) {
    std::vector<Seat> seats;
    const auto list = body.find("recipients");
    if (list == body.end() || !list->is_array() || list->empty() ||
        list->size() > limits::seats_per_list_max)
        return fail(ErrorCode::missing_field);
    for (const auto& one : *list) {
        if (!one.is_object()) return fail(ErrorCode::bad_value);
        const Seat seat{AgencyId(string_at(one, "agency")), RoleId(string_at(one, "role"))};
        const bool has_route = std::ranges::any_of(
            type.routes, [&](const area::Route& route) { return route.role == seat.role; });
        if (!has_route || step.registry()->find_seat(seat) == nullptr)
            return fail(ErrorCode::bad_value);
        seats.push_back(seat);
    }
    std::ranges::sort(seats);
    seats.erase(std::ranges::unique(seats).begin(), seats.end());
    return seats;
}

/// The child, the address and what is needed beside it; nothing else of what happened.
Notification release_of(const Notification& sent, std::vector<Seat> seats, std::string ref) {
    Notification out;
    out.source_ref = std::move(ref);
    out.agency = sent.agency;
    out.role = sent.role;
    out.facts.type = release_type;
    out.facts.occurred_at = sent.facts.occurred_at;
    out.facts.level = sent.facts.level;
    out.facts.harm = sent.facts.harm;
    out.facts.rag = sent.facts.rag;
    out.facts.conflicts_stated = sent.facts.conflicts_stated;
    out.facts.addressed_to = std::move(seats);
    out.thread_ref = sent.thread_ref;
    out.event_ref = sent.event_ref;
    out.subject = sent.subject;
    for (const auto section : {"idn", "evt", "saf", "sfc", "pro"}) {
        if (const auto found = sent.sections.find(section); found != sent.sections.end())
            out.sections.insert(*found);
    }
    return out;
}

bool is_over(const OutboxItem& item) {
    return item.recalled_at.is_set() || item.state == OutboxState::refused ||
           item.state == OutboxState::withdrawn || item.state == OutboxState::closed;
}

/// Asked for again it is the same question, until it was answered with no or taken back.
struct Known {
    std::string ref;
    std::optional<NotificationId> id;
};
Known known_release(Step& step, const NotificationId& of, const AgencyId& agency,
                    const std::vector<Seat>& seats) {
    for (std::uint32_t number = 1;; ++number) {
        std::string ref = "release/" + to_text(of) + "/" + std::to_string(number);
        const auto id = id_of_source(step, agency, ref);
        if (!id) return {std::move(ref), std::nullopt};
        const auto item = table::outbox.get(step.tx, *id);
        const auto asked = stored_notification(step, *id);
        if (item && asked && !is_over(*item) && asked->facts.addressed_to == seats)
            return {std::move(ref), id};
    }
}

void ask_again(Step& step, const NotificationId& id, OutboxItem& item) {
    if (item.state == OutboxState::held) set_state(step, id, item, OutboxState::waiting);
    step.record(LogEvent::fact_unproved, ErrorCode::not_entitled, id, item.agency);
    step.pump_due = true;
}

}  // namespace

Answer release_sent(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    const auto bytes = uuid_from_text(request.id);
    if (!bytes) return Answer::failed(ErrorCode::malformed, "That is not the id of a notification");
    const NotificationId of(*bytes);
    const auto item = table::outbox.get(step.tx, of);
    if (!item || !may_see_sent(step, caller, of, *item)) {
        return Answer::failed(ErrorCode::not_found,
                              "Nothing was sent under this id that you may see");
    }
    const auto* type = step.policy() == nullptr ? nullptr : step.policy()->find_type(release_type);
    if (type == nullptr || step.registry() == nullptr) {
        return Answer::failed(ErrorCode::not_available,
                              "This area has not agreed how a protected address is released");
    }
    auto seats = recipients_of(step, *type, body);
    if (!seats) {
        return Answer::failed(seats.error(),
                              "Name in 'recipients' who may have the address: a list of {agency, "
                              "role} that the area has and whom its policy lets have one");
    }
    const PersonalText words(string_at(body, "reason"));
    if (words.reveal().empty())
        return Answer::failed(ErrorCode::missing_field,
                              "Give your reason in 'reason', for the two who decide");
    if (words.reveal().size() > limits::short_text_bytes_max)
        return Answer::failed(ErrorCode::too_large);
    const auto sent = stored_notification(step, of);
    if (!sent || !sent->sections.contains(std::string(protected_address))) {
        return Answer::failed(ErrorCode::not_found,
                              "No protected address is kept here with this notification");
    }
    auto known = known_release(step, of, item->agency, *seats);
    const bool existed = known.id.has_value();
    if (!existed) {
        auto release = release_of(*sent, std::move(*seats), std::move(known.ref));
        release.agency = item->agency;
        release.role = item->role;
        NewItem fresh;
        fresh.person = caller.person;
        fresh.reason = "release";
        fresh.lane = lane_of(step, release);
        known.id = keep_new(step, release, fresh);
        note_standing_by(step, *known.id, of);
        keep_reason(step, store::key_bytes(*known.id), words);
        step.note_access(caller.person, "release_asked", {}, item->agency, of);
    }
    return Answer::of({{"id", to_text(*known.id)}, {"existed", existed}}, existed ? 200 : 201);
}

bool released_first(Step& step, const Caller& caller, const NotificationId& id,
                    const std::string& rule, const Seat& seat) {
    if (rule != area::release_second) return false;
    const Bytes prefix = store::key_bytes(id);
    for (const auto& [key, mark] : table::authorisations.collect(step.tx, {.prefix = prefix})) {
        const auto given = wire::decode_body<wire::Authorisation>(mark.signed_authorisation.body);
        if (!given || given->rule != area::release_first || !given->allow ||
            given->decider.agency != caller.row.agency ||
            std::ranges::find(given->seats, seat) == given->seats.end())
            continue;
        // Whoever adds a second person to their own inbox has that person's token.
        if (first_voucher(step, given->person) == first_voucher(step, caller.person)) return true;
    }
    return false;
}

void release_refused(Step& step, const wire::AuthorisationFrame& frame) {
    const auto given = wire::decode_body<wire::Authorisation>(frame.authorisation.body);
    if (!given || !is_release(*given)) return;
    table::authorisations.erase(step.tx, {given->notification, given->id});
    if (auto item = table::outbox.get(step.tx, given->notification))
        ask_again(step, given->notification, *item);
}

void ask_others_to_release(Step& step, const NotificationId& id, OutboxItem& item) {
    const Bytes prefix = store::key_bytes(id);
    for (const auto& [key, mark] : table::authorisations.collect(step.tx, {.prefix = prefix})) {
        const auto given = wire::decode_body<wire::Authorisation>(mark.signed_authorisation.body);
        if (given && is_release(*given)) table::authorisations.erase(step.tx, key);
    }
    ask_again(step, id, item);
}

}  // namespace mash::runtime
