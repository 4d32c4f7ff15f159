// Conflicts of interest: declared by the front door or the designated officer. The broker gets
// tokens and inboxes, so that it can route around; who and why is sealed to those who keep such
// records.
#include <algorithm>
#include <set>
#include <tuple>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/decider_words.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/severed.hpp"
#include "agents/runtime/core/shown_child.hpp"
#include "agents/runtime/core/token_records.hpp"
#include "agents/runtime/core/voucher.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace table {

/// Beside those whom a conflict names and who open an inbox that it names: who has left such an
/// inbox since, and whom somebody who was kept out has added. Kept when it is over: its record is
/// theirs to read no more than before.
inline constexpr Table<std::tuple<ConflictId, PersonId>, Flag> kept_out{Space("kept_out")};
/// Declared by another agency, whose words came: which one. Counts here, and is that one's to end.
inline constexpr Table<ConflictId, Name> conflicts_elsewhere{Space("conflicts_elsewhere")};
/// Ended, here or by that agency, and never stands again: a broker tells an end before its
/// beginning, or a beginning that it kept, whichever it likes. For good.
inline constexpr Table<std::tuple<ConflictId, AgencyId>, Flag> conflicts_over{
    Space("conflicts_over")};

}  // namespace table

namespace {

const RoleId designated_officer{"lado"};

bool may_declare(Step& step, const Caller& caller) {
    if (step.policy() == nullptr) return false;
    return may_act_for(step, caller, {caller.row.agency, step.policy()->front_door_role()}) ||
           may_act_for(step, caller, {caller.row.agency, designated_officer});
}

/// The child as in the documented JSON of a notification; faults of its other parts do not matter
/// here.
std::optional<Subject> subject_of(const Json& body) {
    const auto found = body.find("subject");
    if (found == body.end() || !found->is_object()) return std::nullopt;
    auto parsed = notification_from_json(text_of_json(Json{{"subject", *found}}));
    const bool bad =
        std::any_of(parsed.faults.begin(), parsed.faults.end(),
                    [](const InputFault& fault) { return fault.path.starts_with("/subject"); });
    if (bad) return std::nullopt;
    return std::move(parsed.notification.subject);
}

/// False: it is no such list.
template <class Each>
bool each_of(const Json& body, const char* field, Each each) {
    const auto list = body.find(field);
    if (list == body.end()) return true;
    if (!list->is_array() || list->size() > limits::excluded_inboxes_max) return false;
    std::for_each(list->begin(), list->end(), each);
    return true;
}

template <class T>
void sort_unique(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

struct Excluded {
    std::vector<InboxId> inboxes;
    std::vector<wire::ExcludedPerson> people;
    bool is_readable = true;
};

Excluded excluded_of(const Json& body) {
    Excluded excluded;
    const bool inboxes = each_of(body, "excluded", [&](const Json& one) {
        excluded.inboxes.emplace_back(one.is_string() ? one.get<std::string>() : std::string());
    });
    const bool people = each_of(body, "people", [&](const Json& one) {
        if (!one.is_object()) return void(excluded.people.emplace_back());
        excluded.people.push_back(
            {AgencyId(string_at(one, "agency")), PersonId(string_at(one, "person"))});
    });
    excluded.is_readable = inboxes && people;
    sort_unique(excluded.inboxes);
    sort_unique(excluded.people);
    return excluded;
}

/// The fault, "" for none.
std::string check_excluded(Step& step, const Excluded& excluded) {
    const auto& registry = *step.registry();
    if (!excluded.is_readable || !std::ranges::all_of(excluded.inboxes, [&](const auto& inbox) {
            return registry.agency_of_inbox(inbox) != nullptr;
        }))
        return "'excluded' is a list of inboxes that the area has, 'people' a list of persons";
    const bool people = std::ranges::all_of(excluded.people, [&](const auto& person) {
        if (!is_valid_name(person.person.value()) || registry.find_agency(person.agency) == nullptr)
            return false;
        // Another agency's people are its own: whether there is one of that name is not ours to
        // know.
        if (!step.serves(person.agency)) return true;
        const auto known = table::people.get(step.tx, person.person);
        return known && known->agency == person.agency && !known->removed_at.is_set();
    });
    if (people) return {};
    return "'people' is a list of {agency, person}: an agency of the area, and the person as "
           "that agency's agent names them (p-...)";
}

/// What was understood, for whoever declares it to read: an inbox of the wrong school is an inbox
/// of the area as well.
Json keeps_out_json(Step& step, const Caller& caller, const Excluded& excluded) {
    Json list = Json::array();
    const auto add = [&](const area::Agency* agency, Json inbox, Json person, Json name) {
        list.push_back({{"agency", agency->id.value()},
                        {"agency_name", agency->name},
                        {"inbox", std::move(inbox)},
                        {"person", std::move(person)},
                        {"person_name", std::move(name)}});
    };
    for (const auto& inbox : excluded.inboxes)
        add(step.registry()->agency_of_inbox(inbox), inbox.value(), nullptr, nullptr);
    for (const auto& [agency, person] : excluded.people) {
        const bool is_own = agency == caller.row.agency;
        add(step.registry()->find_agency(agency), nullptr, person.value(),
            is_own ? Json(name_of_person(step, person)) : Json(nullptr));
    }
    return list;
}

/// What was declared, in its own words, also when it is over; nothing: none of it came here.
std::optional<Json> declared_here(Step& step, const ConflictId& id) {
    const auto stored = step.get_sealed(sealed::conflict, store::key_bytes(id));
    if (!stored) return std::nullopt;
    auto body = Json::parse(text_of(*stored), nullptr, false);
    return body.is_object() ? std::optional(std::move(body)) : std::nullopt;
}

std::vector<Identity> identities_of(Step& step, const Json& declared) {
    const auto subject = subject_of(declared);
    if (!subject) return {};
    return canonical_identities(SeveredIdentities(step).without(*subject), TokenUse::notification);
}

bool has_common_token(const std::vector<wire::Token>& a, const std::vector<wire::Token>& b) {
    return std::ranges::any_of(
        a, [&](const wire::Token& token) { return std::ranges::find(b, token) != b.end(); });
}

/// Whoever a person it names has added is that person to it: they were shown that one's token.
bool keeps_out(Step& step, const ConflictId& id, const Json& declared, const Caller& caller) {
    const auto excluded = excluded_of(declared);
    auto people = vouchers_of(step, caller.person);
    people.push_back(caller.person);
    return std::ranges::any_of(
               people,
               [&](const PersonId& person) {
                   const auto row = table::people.get(step.tx, person);
                   const wire::ExcludedPerson one{row ? row->agency : caller.row.agency, person};
                   return std::ranges::find(excluded.people, one) != excluded.people.end() ||
                          table::kept_out.contains(step.tx, {id, person});
               }) ||
           std::ranges::any_of(excluded.inboxes, [&](const auto& inbox) {
               return is_member(step, caller, inbox) ||
                      std::ranges::any_of(same_people(step, caller.person), [&](const auto& other) {
                          return table::members.contains(step.tx, {inbox, other});
                      });
           });
}

std::vector<wire::SealedRecord> seal_records(Step& step, const AgencyId& agency, ByteView words) {
    std::vector<wire::SealedRecord> records;
    const auto* listed = step.registry()->find_agency(agency);
    for (const auto& seat : listed->seats) {
        const bool keeps =
            seat.role == step.policy()->front_door_role() || seat.role == designated_officer;
        const auto row = table::inboxes.get(step.tx, seat.inbox);
        if (!keeps || !seat.people || !row) continue;
        const auto key = table::inbox_keys.get(step.tx, {seat.inbox, row->epoch});
        if (!key) continue;
        if (auto sealed = crypto::seal_to(key->public_key, words, step.random)) {
            records.push_back({seat.inbox, std::move(*sealed)});
        }
    }
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return a.inbox < b.inbox; });
    return records;
}

/// Nobody is kept out any more; what it said stays.
void end(Step& step, const ConflictId& id, const AgencyId& declared_by) {
    table::conflicts_over.put(step.tx, {id, declared_by}, {});
    table::conflicts_elsewhere.erase(step.tx, id);
    table::conflicts_open.erase(step.tx, id);
    table::conflicts.erase(step.tx, id);
}

/// Those that stand, and those that are over.
std::set<ConflictId> all_conflicts(Step& step) {
    std::set<ConflictId> all;
    for (const auto& id : table::conflicts.collect_keys(step.tx, {})) all.insert(id);
    for (const auto& key : table::conflicts_over.collect_keys(step.tx, {}))
        all.insert(std::get<0>(key));
    return all;
}

/// All that another host must know to keep the same people out.
std::string to_keep_out(const Json& subject, const Excluded& excluded) {
    Json declared = {{"subject", subject}, {"excluded", Json::array()}, {"people", Json::array()}};
    for (const auto& inbox : excluded.inboxes) declared["excluded"].push_back(inbox.value());
    for (const auto& [agency, person] : excluded.people)
        declared["people"].push_back({{"agency", agency.value()}, {"person", person.value()}});
    return text_of_json(declared);
}

/// Both keep such records: the front door, and the designated officer. `declared`: so that a front
/// door on another host keeps the same people out.
void record_words_of(Step& step, const Caller& caller, const ConflictId& id, DecisionKind what,
                     const std::string& declared = {}) {
    const RoleId front_door = step.policy()->front_door_role();
    const bool is_desk = may_act_for(step, caller, {caller.row.agency, front_door});
    Said said;
    said.what = what;
    said.decider = {caller.row.agency, is_desk ? front_door : designated_officer};
    said.person = caller.person;
    said.notification = NotificationId(id.value());
    said.subject = id.value();
    said.detail = PersonalText(declared);
    record_and_send_words(step, said);
}

}  // namespace

Answer add_conflict(Step& step, const Caller& caller, const Json& body) {
    if (!may_declare(step, caller)) {
        return Answer::failed(ErrorCode::not_entitled,
                              "Only the front door or the designated officer records conflicts");
    }
    const auto subject = subject_of(body);
    if (!subject)
        return Answer::failed(ErrorCode::missing_field,
                              "Give the child in 'subject', as in a notification");
    if (!step.agent.tokens.contains(caller.row.agency)) return Answer::failed(ErrorCode::busy);
    if (canonical_identities(*subject, TokenUse::notification).empty()) {
        return Answer::failed(ErrorCode::bad_value,
                              "This does not identify the child: give NHS number or UPN with date "
                              "of birth, or full name, "
                              "date of birth and postcode");
    }
    const auto excluded = excluded_of(body);
    if (auto fault = check_excluded(step, excluded); !fault.empty())
        return Answer::failed(ErrorCode::bad_value, std::move(fault));
    if (excluded.inboxes.empty() && excluded.people.empty()) {
        return Answer::failed(ErrorCode::missing_field,
                              "Name who must not be told: inboxes in 'excluded', or persons in "
                              "'people'");
    }
    const auto words = string_at(body, "reason");
    if (words.empty())
        return Answer::failed(ErrorCode::missing_field, "Give your reason in 'reason'");
    if (words.size() > limits::short_text_bytes_max) return Answer::failed(ErrorCode::too_large);
    const auto declared = to_keep_out(body.at("subject"), excluded);
    if (declared.size() > words_detail_bytes_max) {
        return Answer::failed(ErrorCode::too_large,
                              "These are too many to record at once. Record some of them now, and "
                              "the others as a second conflict about the same child");
    }
    if (step.signing_key(caller.row.agency) == nullptr)
        return Answer::failed(ErrorCode::unknown_key);
    const auto id = step.random_id<ConflictId>();
    step.put_sealed(sealed::conflict, store::key_bytes(id), view_of(text_of_json(body)));
    table::conflicts.put(step.tx, id, {});
    table::conflicts_open.put(step.tx, id, {caller.row.agency.value()});
    state_open_conflicts(step);
    keep_reason(step, store::key_bytes(id), PersonalText(words));
    record_words_of(step, caller, id, DecisionKind::conflict_declared, declared);
    step.note_access(caller.person, "conflict_added", {}, caller.row.agency, {});
    step.record(LogEvent::conflict_recorded, {}, caller.row.agency);
    return Answer::of({{"id", to_text(id)}, {"keeps_out", keeps_out_json(step, caller, excluded)}},
                      201);
}

namespace {

/// What was passed on while its tokens were not here is kept from all whom it keeps out: now it is
/// known whether it is about this child.
void settle_conflict(Step& step, const ConflictId& id, const std::vector<wire::Token>& tokens) {
    for (const auto& [item, conflict] : table::conflicts_of.collect_keys(step.tx, {})) {
        if (conflict != id) continue;
        const auto said = passed_on_facts(step, item);
        if (said && !has_common_token(said->tokens, tokens))
            table::conflicts_of.erase(step.tx, {item, conflict});
    }
}

/// False: its tokens are not here yet, or nobody can sign now.
bool state_conflict(Step& step, const ConflictId& id, const AgencyId& agency) {
    const auto* key = step.signing_key(agency);
    if (key == nullptr || step.policy() == nullptr) return false;
    const auto body = declared_here(step, id);
    const auto identities = body ? identities_of(step, *body) : std::vector<Identity>();
    // of an earlier release: nothing can be made of it
    if (!body) return true;
    // Severed since: it stands here, and whoever declared it can end it.
    if (identities.empty()) return table::conflicts_elsewhere.contains(step.tx, id);
    const auto made = make_tokens(step, agency, identities, limits::tokens_max, {});
    if (made.missing > 0 || made.tokens.empty()) return false;
    const auto before = table::conflicts.get(step.tx, id);
    const auto said = before && !before->bytes.empty()
                          ? wire::decode_body<wire::ConflictBody>(before->bytes)
                          : fail(ErrorCode::not_found);
    auto excluded = excluded_of(*body);
    wire::ConflictBody conflict;
    conflict.tokens = made.tokens;
    conflict.excluded = std::move(excluded.inboxes);
    conflict.people = std::move(excluded.people);
    conflict.id = id;
    conflict.declared_by = agency;
    // Whatever was said under a clock that was ahead is not to be refused until that time has come.
    conflict.starts = said ? std::min(said->starts, step.now.wall) : step.now.wall;
    conflict.serial =
        std::max(said ? said->serial + 1 : 0,
                 static_cast<std::uint64_t>(std::max<std::int64_t>(0, step.now.wall.unix_ms())));
    if (table::conflicts_elsewhere.contains(step.tx, id)) {
        table::conflicts.put(step.tx, id, {wire::encode_body(conflict)});
        if (!said) settle_conflict(step, id, conflict.tokens);
        return true;
    }
    wire::DeclareConflict declare;
    declare.body = wire::encode_body(conflict);
    declare.signature = crypto::sign(*key, wire::label::conflict, declare.body);
    declare.records = seal_records(step, agency, view_of(string_at(*body, "reason")));
    table::conflicts.put(step.tx, id, {declare.body});
    if (!said) settle_conflict(step, id, conflict.tokens);
    put_errand(step, "conflict/" + to_text(id), std::move(declare), wire::Lane::immediate, true);
    return true;
}

}  // namespace

void state_open_conflicts(Step& step) {
    if (step.registry() == nullptr) return;
    for (const auto& [id, agency] : table::conflicts_open.collect(step.tx, {})) {
        if (state_conflict(step, id, AgencyId(agency.text)))
            table::conflicts_open.erase(step.tx, id);
    }
}

void state_conflicts_anew(Step& step) {
    for (const auto& [id, stated] : table::conflicts.collect(step.tx, {})) {
        if (stated.bytes.empty()) continue;  // waits for its first
        const auto body = wire::decode_body<wire::ConflictBody>(stated.bytes);
        const auto epochs =
            body ? step.agent.tokens.find(body->declared_by) : step.agent.tokens.end();
        if (epochs == step.agent.tokens.end()) continue;
        const bool has_all = std::ranges::all_of(epochs->second, [&](const TokenEpoch& epoch) {
            return std::ranges::any_of(
                body->tokens, [&](const wire::Token& token) { return token.epoch == epoch.epoch; });
        });
        if (!has_all) table::conflicts_open.put(step.tx, id, {body->declared_by.value()});
    }
    state_open_conflicts(step);
}

namespace {

/// Whoever declared it: said to the broker, or still waiting for its tokens. Nothing: it cannot be
/// told, and then it is nobody's to see.
struct Standing {
    AgencyId agency;
    WallTime since;  ///< not set: the broker has not been told yet
};
std::optional<Standing> standing_of(Step& step, const ConflictId& id, const Bytes& stored) {
    const auto said = stored.empty() ? Result<wire::ConflictBody>(fail(ErrorCode::not_found))
                                     : wire::decode_body<wire::ConflictBody>(stored);
    if (said) return Standing{said->declared_by, said->starts};
    const auto open = table::conflicts_open.get(step.tx, id);
    return open ? std::optional(Standing{AgencyId(open->text), {}}) : std::nullopt;
}

Json conflict_line(Step& step, const Caller& caller, const ConflictId& id, const Standing& standing,
                   const Json& declared) {
    const auto subject = subject_of(declared);
    const auto text = [&](auto member) {
        return subject ? Json(((*subject).*member).reveal()) : Json("");
    };
    return {{"id", to_text(id)},
            {"child",
             {{"forename", text(&Subject::forename)},
              {"surname", text(&Subject::surname)},
              {"date_of_birth", text(&Subject::date_of_birth)},
              {"nhs_number", text(&Subject::nhs_number)},
              {"upn", text(&Subject::upn)}}},
            {"reason", string_at(declared, "reason")},
            {"since", time_json(standing.since)},
            {"keeps_out", keeps_out_json(step, caller, excluded_of(declared))}};
}

}  // namespace

Answer conflicts_list(Step& step, const Caller& caller) {
    if (!may_declare(step, caller)) {
        return Answer::failed(ErrorCode::not_entitled,
                              "Only the front door or the designated officer sees conflicts");
    }
    Json list = Json::array();
    for (const auto& [id, stored] : table::conflicts.collect(step.tx, {})) {
        // Nobody here can end what another agency declared.
        if (table::conflicts_elsewhere.contains(step.tx, id)) continue;
        const auto declared = declared_here(step, id);
        const auto standing = standing_of(step, id, stored.bytes);
        const bool is_ended = table::errands.contains(step.tx, "conflict-end/" + to_text(id));
        if (!declared || !standing || standing->agency != caller.row.agency || is_ended) continue;
        // Whom it keeps out must not learn that it is.
        if (keeps_out(step, id, *declared, caller)) continue;
        list.push_back(conflict_line(step, caller, id, *standing, *declared));
    }
    step.note_access(caller.person, "conflicts_read", {}, caller.row.agency, {});
    return Answer::of({{"conflicts", std::move(list)}});
}

Answer end_conflict(Step& step, const Caller& caller, const ApiRequest& request, const Json& body) {
    if (!may_declare(step, caller)) {
        return Answer::failed(ErrorCode::not_entitled,
                              "Only the front door or the designated officer ends conflicts");
    }
    const auto bytes = uuid_from_text(request.id);
    if (!bytes) return Answer::failed(ErrorCode::malformed, "That is not the id of a conflict");
    const ConflictId id(*bytes);
    const auto stored = table::conflicts.get(step.tx, id);
    const auto declared = stored ? declared_here(step, id) : std::nullopt;
    const auto standing = stored ? standing_of(step, id, stored->bytes) : std::nullopt;
    // There is none for whom it keeps out, nor for another agency of this host.
    if (!declared || !standing || table::conflicts_elsewhere.contains(step.tx, id) ||
        standing->agency != caller.row.agency || keeps_out(step, id, *declared, caller)) {
        return Answer::failed(ErrorCode::not_found,
                              "Your agency has no conflict under this id that you may end");
    }
    const auto words = string_at(body, "reason");
    if (words.size() > limits::short_text_bytes_max) return Answer::failed(ErrorCode::too_large);
    // Not said to the broker yet: it never will be.
    const bool was_told = table::errands.contains(step.tx, "conflict/" + to_text(id));
    const auto* key = step.signing_key(caller.row.agency);
    if (was_told && key == nullptr) return Answer::failed(ErrorCode::unknown_key);
    end(step, id, caller.row.agency);
    if (was_told) {
        wire::EndConflict frame;
        frame.id = id;
        frame.ended_by = caller.row.agency;
        frame.at = step.now.wall;
        frame.signature =
            crypto::sign(*key, wire::label::end_conflict, wire::end_conflict_message(frame));
        // Beside the declaration, not in its place: a restored broker must hear both.
        put_errand(step, "conflict-end/" + to_text(id), std::move(frame), wire::Lane::immediate,
                   true);
    }
    keep_reason(step, store::key_bytes(id), PersonalText(words));
    record_words_of(step, caller, id, DecisionKind::conflict_ended);
    step.note_access(caller.person, "conflict_ended", {}, caller.row.agency, {});
    step.record(LogEvent::conflict_recorded, {}, caller.row.agency);
    return Answer::of({{"id", to_text(id)}, {"ended_at", time_json(step.now.wall)}});
}

bool declares_conflicts(const Step& step, const Seat& seat) {
    return step.policy() != nullptr && step.registry()->find_seat(seat) != nullptr &&
           (seat.role == step.policy()->front_door_role() || seat.role == designated_officer);
}

void conflict_from_elsewhere(Step& step, const ConflictId& id, const AgencyId& declared_by,
                             const AgencyId& at, const PersonalText& declared) {
    if (declared.reveal().empty() || declared_here(step, id)) return;
    // Also of one that is over: its record is not for whom it named.
    step.put_sealed(sealed::conflict, store::key_bytes(id), view_of(declared.reveal()));
    if (table::conflicts_over.contains(step.tx, {id, declared_by})) return;
    table::conflicts.put(step.tx, id, {});
    table::conflicts_elsewhere.put(step.tx, id, {declared_by.value()});
    table::conflicts_open.put(step.tx, id, {at.value()});
    state_open_conflicts(step);
}

void conflict_ended_elsewhere(Step& step, const ConflictId& id, const AgencyId& ended_by) {
    const auto declared_by = table::conflicts_elsewhere.get(step.tx, id);
    if (declared_by && declared_by->text == ended_by.value()) return end(step, id, ended_by);
    table::conflicts_over.put(step.tx, {id, ended_by}, {});
}

bool may_audit_conflict(Step& step, const Caller& auditor, const ConflictId& id) {
    const auto declared = declared_here(step, id);
    return declared && !keeps_out(step, id, *declared, auditor);
}

void keep_out_who_leaves(Step& step, const InboxId& inbox, const PersonId& person) {
    for (const auto& id : all_conflicts(step)) {
        const auto declared = declared_here(step, id);
        if (!declared) continue;
        const auto excluded = excluded_of(*declared).inboxes;
        if (std::ranges::find(excluded, inbox) != excluded.end())
            table::kept_out.put(step.tx, {id, person}, {});
    }
}

void keep_out_too(Step& step, const Caller& by, const PersonId& added) {
    for (const auto& id : all_conflicts(step)) {
        const auto declared = declared_here(step, id);
        if (declared && keeps_out(step, id, *declared, by))
            table::kept_out.put(step.tx, {id, added}, {});
    }
}

std::vector<Subject> subjects_kept_from(Step& step, const Caller& caller) {
    std::vector<Subject> subjects;
    for (const auto& id : table::conflicts.collect_keys(step.tx, {})) {
        const auto declared = declared_here(step, id);
        if (!declared || !keeps_out(step, id, *declared, caller)) continue;
        auto subject = subject_of(*declared);
        if (subject) subjects.push_back(std::move(*subject));
    }
    return subjects;
}

void note_conflicts(Step& step, const NotificationId& id, const std::vector<Identity>& about) {
    for (const auto& conflict : table::conflicts.collect_keys(step.tx, {})) {
        const auto declared = declared_here(step, conflict);
        if (!declared) continue;
        const auto identities = identities_of(step, *declared);
        const bool is_about = std::ranges::any_of(identities, [&](const Identity& one) {
            return std::ranges::any_of(about, [&](const Identity& other) {
                return one.first == other.first && one.second.reveal() == other.second.reveal();
            });
        });
        if (is_about) table::conflicts_of.put(step.tx, {id, conflict}, {});
    }
}

void note_conflicts(Step& step, const NotificationId& id, const std::vector<wire::Token>& tokens) {
    for (const auto& [conflict, stored] : table::conflicts.collect(step.tx, {})) {
        const auto said = wire::decode_body<wire::ConflictBody>(stored.bytes);
        const bool is_unknown = stored.bytes.empty();
        if (is_unknown || (said && has_common_token(said->tokens, tokens)))
            table::conflicts_of.put(step.tx, {id, conflict}, {});
    }
}

namespace {

/// Of what was kept before the conflict was declared, or says of the child less than a number.
bool is_about_child_of(Step& step, const NotificationId& id, const ConflictId& conflict,
                       const Json& declared) {
    if (const auto passed_on = passed_on_facts(step, id)) {
        const auto stored = table::conflicts.get(step.tx, conflict);
        if (!stored || stored->bytes.empty()) return true;  // its tokens are not here yet
        const auto said = wire::decode_body<wire::ConflictBody>(stored->bytes);
        return said && has_common_token(said->tokens, passed_on->tokens);
    }
    const auto sent = stored_notification(step, id);
    const auto subject = subject_of(declared);
    return sent && subject && !how_same(child_of(sent->subject), child_of(*subject)).empty();
}

}  // namespace

bool is_kept_from(Step& step, const Caller& caller, const NotificationId& id,
                  const OutboxItem& item) {
    if (caller.service || caller.person == item.person) return false;
    for (const auto& conflict : table::conflicts.collect_keys(step.tx, {})) {
        const auto declared = declared_here(step, conflict);
        if (!declared || !keeps_out(step, conflict, *declared, caller)) continue;
        if (table::conflicts_of.contains(step.tx, {id, conflict}) ||
            is_about_child_of(step, id, conflict, *declared))
            return true;
    }
    return false;
}

}  // namespace mash::runtime
