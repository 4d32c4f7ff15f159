// Conflicts of interest: declared by the front door or the designated officer. The broker gets
// tokens and inboxes, so that it can route around; who and why is sealed to those who keep such
// records.
#include <algorithm>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/token_records.hpp"
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
    if (!step.agent.tokens.contains(caller.row.agency)) return Answer::failed(ErrorCode::busy);
    if (canonical_identities(*subject, TokenUse::notification).empty()) {
        return Answer::failed(ErrorCode::bad_value,
                              "This does not identify the child: give NHS number or UPN with date "
                              "of birth, or full name, "
                              "date of birth and postcode");
    }
    const auto excluded = body.find("excluded");
    if (excluded == body.end() || !excluded->is_array() || excluded->empty()) {
        return Answer::failed(ErrorCode::missing_field,
                              "Name the inboxes that must not be told in 'excluded'");
    }
    for (const auto& one : *excluded) {
        const InboxId inbox(one.is_string() ? one.get<std::string>() : std::string());
        if (step.registry()->agency_of_inbox(inbox) == nullptr) {
            return Answer::failed(ErrorCode::bad_value,
                                  "'excluded' names an inbox that the area does not have");
        }
    }
    const auto words = string_at(body, "reason");
    if (words.empty())
        return Answer::failed(ErrorCode::missing_field, "Give your reason in 'reason'");
    if (words.size() > limits::short_text_bytes_max) return Answer::failed(ErrorCode::too_large);
    if (step.signing_key(caller.row.agency) == nullptr)
        return Answer::failed(ErrorCode::unknown_key);
    const auto id = step.random_id<ConflictId>();
    step.put_sealed(sealed::conflict, store::key_bytes(id), view_of(text_of_json(body)));
    table::conflicts_open.put(step.tx, id, {caller.row.agency.value()});
    state_open_conflicts(step);
    step.note_access(caller.person, "conflict_added", {}, caller.row.agency, {});
    step.record(LogEvent::conflict_recorded, {}, caller.row.agency);
    return Answer::of({{"id", to_text(id)}}, 201);
}

namespace {

/// False: its tokens are not here yet, or nobody can sign now.
bool state_conflict(Step& step, const ConflictId& id, const AgencyId& agency) {
    const auto* key = step.signing_key(agency);
    const auto stored = step.get_sealed(sealed::conflict, store::key_bytes(id));
    if (key == nullptr || step.policy() == nullptr || !stored) return false;
    const auto body = Json::parse(text_of(*stored), nullptr, false);
    const auto subject = body.is_object() ? subject_of(body) : std::nullopt;
    if (!subject) return true;  // of an earlier release: nothing can be made of it
    const auto made =
        make_tokens(step, agency, canonical_identities(*subject, TokenUse::notification),
                    limits::tokens_max, {});
    if (made.missing > 0) return false;
    wire::ConflictBody conflict;
    conflict.tokens = made.tokens;
    for (const auto& one : body.at("excluded"))
        conflict.excluded.emplace_back(one.get<std::string>());
    std::sort(conflict.excluded.begin(), conflict.excluded.end());
    conflict.excluded.erase(std::unique(conflict.excluded.begin(), conflict.excluded.end()),
                            conflict.excluded.end());
    conflict.id = id;
    conflict.declared_by = agency;
    conflict.starts = step.now.wall;
    conflict.serial =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, step.now.wall.unix_ms()));
    wire::DeclareConflict declare;
    declare.body = wire::encode_body(conflict);
    declare.signature = crypto::sign(*key, wire::label::conflict, declare.body);
    declare.records = seal_records(step, agency, view_of(string_at(body, "reason")));
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
    for (const auto& [name, errand] : table::errands.collect(step.tx, {})) {
        constexpr std::string_view kind = "conflict/";
        if (!name.starts_with(kind)) continue;
        const auto bytes = uuid_from_text(name.substr(kind.size()));
        const auto frame = wire::decode_agent_frame(errand.frame);
        if (!bytes || !frame) continue;
        const ConflictId id(*bytes);
        const auto* declared = std::get_if<wire::DeclareConflict>(&frame->body);
        if (declared == nullptr || table::errands.contains(step.tx, "conflict-end/" + to_text(id)))
            continue;
        const auto body = wire::decode_body<wire::ConflictBody>(declared->body);
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

Answer end_conflict(Step& step, const Caller& caller, const ApiRequest& request) {
    if (!may_declare(step, caller)) {
        return Answer::failed(ErrorCode::not_entitled,
                              "Only the front door or the designated officer ends conflicts");
    }
    const auto bytes = uuid_from_text(request.id);
    if (!bytes) return Answer::failed(ErrorCode::malformed, "That is not the id of a conflict");
    const ConflictId id(*bytes);
    const std::string name = "conflict/" + to_text(id);
    // Not said to the broker yet: it never will be.
    const bool was_open = table::conflicts_open.contains(step.tx, id);
    table::conflicts_open.erase(step.tx, id);
    if (!table::errands.contains(step.tx, name)) {
        if (!was_open) return Answer::failed(ErrorCode::not_found);
        step.note_access(caller.person, "conflict_ended", {}, caller.row.agency, {});
        step.record(LogEvent::conflict_recorded, {}, caller.row.agency);
        return Answer::of({{"id", to_text(id)}, {"ended_at", time_json(step.now.wall)}});
    }
    const auto* key = step.signing_key(caller.row.agency);
    if (key == nullptr) return Answer::failed(ErrorCode::unknown_key);
    wire::EndConflict end;
    end.id = id;
    end.ended_by = caller.row.agency;
    end.at = step.now.wall;
    end.signature = crypto::sign(*key, wire::label::end_conflict, wire::end_conflict_message(end));
    // Beside the declaration, not in its place: a restored broker must hear both.
    put_errand(step, "conflict-end/" + to_text(id), std::move(end), wire::Lane::immediate, true);
    step.note_access(caller.person, "conflict_ended", {}, caller.row.agency, {});
    step.record(LogEvent::conflict_recorded, {}, caller.row.agency);
    return Answer::of({{"id", to_text(id)}, {"ended_at", time_json(step.now.wall)}});
}

}  // namespace mash::runtime
