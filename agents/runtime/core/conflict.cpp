// Conflicts of interest: declared by the front door or the designated officer. The broker gets
// tokens and inboxes, so that it can route around; who and why is sealed to those who keep such
// records.
#include <algorithm>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
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

template <class Each>
bool each_of(const Json& body, const char* field, Each each) {
    const auto list = body.find(field);
    if (list == body.end()) return true;
    return list->is_array() && list->size() <= limits::excluded_inboxes_max &&
           std::all_of(list->begin(), list->end(), each);
}

/// The fault, "" for none.
std::string take_excluded(Step& step, const Json& body, wire::ConflictBody& conflict) {
    const auto& registry = *step.registry();
    const bool inboxes = each_of(body, "excluded", [&](const Json& one) {
        conflict.excluded.emplace_back(one.is_string() ? one.get<std::string>() : std::string());
        return registry.agency_of_inbox(conflict.excluded.back()) != nullptr;
    });
    if (!inboxes) return "'excluded' is a list of inboxes that the area has";
    const bool people = each_of(body, "people", [&](const Json& one) {
        if (!one.is_object()) return false;
        wire::ExcludedPerson person{AgencyId(string_at(one, "agency")),
                                    PersonId(string_at(one, "person"))};
        conflict.people.push_back(person);
        if (!is_valid_name(person.person.value()) || registry.find_agency(person.agency) == nullptr)
            return false;
        // Another agency's people are its own: whether there is one of that name is not ours to
        // know.
        if (!step.serves(person.agency)) return true;
        const auto known = table::people.get(step.tx, person.person);
        return known && known->agency == person.agency && !known->removed_at.is_set();
    });
    if (!people) {
        return "'people' is a list of {agency, person}: an agency of the area, and the person as "
               "that agency's agent names them (p-...)";
    }
    const auto sort_unique = [](auto& list) {
        std::sort(list.begin(), list.end());
        list.erase(std::unique(list.begin(), list.end()), list.end());
    };
    sort_unique(conflict.excluded);
    sort_unique(conflict.people);
    return {};
}

bool keeps_out(Step& step, const wire::ConflictBody& conflict, const Caller& caller) {
    const wire::ExcludedPerson person{caller.row.agency, caller.person};
    return std::ranges::find(conflict.people, person) != conflict.people.end() ||
           std::ranges::any_of(conflict.excluded,
                               [&](const auto& inbox) { return is_member(step, caller, inbox); });
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
    const auto source = step.agent.tokens.find(caller.row.agency);
    if (source == step.agent.tokens.end()) return Answer::failed(ErrorCode::busy);
    wire::ConflictBody conflict;
    conflict.tokens = tokens_of(*subject, TokenUse::notification, *source->second);
    if (conflict.tokens.empty()) {
        return Answer::failed(ErrorCode::bad_value,
                              "This does not identify the child: give NHS number or UPN with date "
                              "of birth, or full name, "
                              "date of birth and postcode");
    }
    if (auto fault = take_excluded(step, body, conflict); !fault.empty())
        return Answer::failed(ErrorCode::bad_value, std::move(fault));
    if (conflict.excluded.empty() && conflict.people.empty()) {
        return Answer::failed(ErrorCode::missing_field,
                              "Name who must not be told: inboxes in 'excluded', or persons in "
                              "'people'");
    }
    const auto words = string_at(body, "reason");
    if (words.empty())
        return Answer::failed(ErrorCode::missing_field, "Give your reason in 'reason'");
    if (words.size() > limits::short_text_bytes_max) return Answer::failed(ErrorCode::too_large);
    const auto* key = step.signing_key(caller.row.agency);
    if (key == nullptr) return Answer::failed(ErrorCode::unknown_key);
    conflict.id = step.random_id<ConflictId>();
    conflict.declared_by = caller.row.agency;
    conflict.starts = step.now.wall;
    conflict.serial =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, step.now.wall.unix_ms()));
    wire::DeclareConflict declare;
    declare.body = wire::encode_body(conflict);
    declare.signature = crypto::sign(*key, wire::label::conflict, declare.body);
    declare.records = seal_records(step, caller.row.agency, view_of(words));
    step.put_sealed(sealed::conflict, store::key_bytes(conflict.id), view_of(text_of_json(body)));
    table::conflicts.put(step.tx, conflict.id, {declare.body});
    put_errand(step, "conflict/" + to_text(conflict.id), std::move(declare), wire::Lane::immediate,
               true);
    step.note_access(caller.person, "conflict_added", {}, caller.row.agency, {});
    step.record(LogEvent::conflict_recorded, {}, caller.row.agency);
    return Answer::of({{"id", to_text(conflict.id)}}, 201);
}

Answer end_conflict(Step& step, const Caller& caller, const ApiRequest& request) {
    if (!may_declare(step, caller)) {
        return Answer::failed(ErrorCode::not_entitled,
                              "Only the front door or the designated officer ends conflicts");
    }
    const auto bytes = uuid_from_text(request.id);
    if (!bytes) return Answer::failed(ErrorCode::malformed, "That is not the id of a conflict");
    const ConflictId id(*bytes);
    const std::string name = "conflict/" + to_text(id);
    if (!table::errands.contains(step.tx, name)) return Answer::failed(ErrorCode::not_found);
    const auto* key = step.signing_key(caller.row.agency);
    if (key == nullptr) return Answer::failed(ErrorCode::unknown_key);
    wire::EndConflict end;
    end.id = id;
    end.ended_by = caller.row.agency;
    end.at = step.now.wall;
    end.signature = crypto::sign(*key, wire::label::end_conflict, wire::end_conflict_message(end));
    table::conflicts.erase(step.tx, id);
    // Beside the declaration, not in its place: a restored broker must hear both.
    put_errand(step, "conflict-end/" + to_text(id), std::move(end), wire::Lane::immediate, true);
    step.note_access(caller.person, "conflict_ended", {}, caller.row.agency, {});
    step.record(LogEvent::conflict_recorded, {}, caller.row.agency);
    return Answer::of({{"id", to_text(id)}, {"ended_at", time_json(step.now.wall)}});
}

std::vector<Subject> subjects_kept_from(Step& step, const Caller& caller) {
    std::vector<Subject> subjects;
    for (const auto& [id, stored] : table::conflicts.collect(step.tx, {})) {
        const auto conflict = wire::decode_body<wire::ConflictBody>(stored.bytes);
        if (!conflict || !keeps_out(step, *conflict, caller)) continue;
        const auto kept = step.get_sealed(sealed::conflict, store::key_bytes(id));
        const auto body = kept ? json_from_text(text_of(*kept)) : Result<Json>(Json());
        auto subject = body ? subject_of(*body) : std::nullopt;
        if (subject) subjects.push_back(std::move(*subject));
    }
    return subjects;
}

void note_conflicts(Step& step, const NotificationId& id, const std::vector<wire::Token>& tokens) {
    for (const auto& [conflict_id, stored] : table::conflicts.collect(step.tx, {})) {
        const auto conflict = wire::decode_body<wire::ConflictBody>(stored.bytes);
        const auto is_about = [&](const wire::Token& token) {
            return std::ranges::find(tokens, token) != tokens.end();
        };
        if (conflict && std::ranges::any_of(conflict->tokens, is_about))
            table::conflicts_of.put(step.tx, {id, conflict_id}, {});
    }
}

bool is_kept_from(Step& step, const Caller& caller, const NotificationId& id,
                  const OutboxItem& item) {
    if (caller.service || caller.person == item.person) return false;
    const Bytes prefix = store::key_bytes(id);
    for (const auto& [of, conflict_id] :
         table::conflicts_of.collect_keys(step.tx, {.prefix = prefix})) {
        const auto stored = table::conflicts.get(step.tx, conflict_id);
        if (!stored) continue;  // it has ended
        const auto conflict = wire::decode_body<wire::ConflictBody>(stored->bytes);
        if (conflict && keeps_out(step, *conflict, caller)) return true;
    }
    return false;
}

}  // namespace mash::runtime
