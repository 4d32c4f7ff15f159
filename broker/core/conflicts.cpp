#include "broker/core/conflicts.hpp"

#include <algorithm>

#include "broker/core/delivery.hpp"
#include "broker/core/release.hpp"
#include "broker/core/tasks.hpp"

namespace mash::broker {
namespace {

constexpr std::size_t conflicts_per_token_max = 64;

// Those who keep such records: the front door, and the designated officer for allegations against
// professionals.
bool may_declare(Step& step, const AgencyId& agency) {
    const auto* entry = step.registry()->find_active_agency(agency, step.now.wall);
    if (!entry || !step.policy()) return false;
    const auto front_door = step.policy()->front_door_role();
    return std::ranges::any_of(entry->seats, [&](const area::SeatEntry& seat) {
        return seat.role == front_door || seat.role == RoleId("lado");
    });
}

// Items on their way to an inbox that is excluded from now on take the other way, if they have not
// arrived.
void reroute_waiting(Step& step, const wire::ConflictBody& conflict) {
    for (const auto& inbox : conflict.excluded) {
        const auto prefix = key_of(inbox);
        std::vector<ItemKey> held;
        for (auto& row : tables::held.collect_keys(step.tx, {.prefix = prefix}))
            held.push_back(std::move(row.item));
        for (const auto& item : held) {
            auto record = step.get(tables::notifications, item);
            if (!record || !record->has_content || record->recalled) continue;
            const bool is_about =
                std::ranges::any_of(conflict.tokens, [&](const wire::Token& token) {
                    return std::ranges::binary_search(record->tokens, token);
                });
            if (!is_about) continue;
            if (apply_conflicts(step, item, *record))
                step.put(tables::notifications, item, *record);
        }
    }
}

}  // namespace

void on_declare_conflict(Step& step, const FrameIn& in) {
    const auto& frame = std::get<wire::DeclareConflict>(in.frame.frame().body);
    const auto& conflict = in.frame.conflict();
    if (!may_declare(step, conflict.declared_by))
        return step.refuse(in, ErrorCode::not_entitled, "conflict");
    if (conflict.tokens.empty() || conflict.excluded.empty())
        return step.refuse(in, ErrorCode::missing_field, "conflict");
    const ConflictKey key{conflict.declared_by, conflict.id};
    const auto held = step.get(tables::conflicts, key);
    if (held) {
        if (held->body == frame.body) return step.answer(in, wire::Done{});
        if (conflict.serial <= held->conflict.serial || held->ended_at.is_set()) {
            return step.refuse(in, ErrorCode::version_went_back, "serial");
        }
        for (const auto& token : held->conflict.tokens)
            step.erase(tables::conflicts_by_token, {token, key});
    }
    for (const auto& token : conflict.tokens) {
        const auto prefix = key_of(token);
        const auto count =
            tables::conflicts_by_token
                .collect_keys(step.tx, {.prefix = prefix, .limit = conflicts_per_token_max})
                .size();
        if (count >= conflicts_per_token_max)
            return step.refuse(in, ErrorCode::too_many, "conflict");
    }
    ConflictRecord record;
    record.conflict = conflict;
    record.body = frame.body;
    record.signature = frame.signature;
    record.records = frame.records;
    step.put(tables::conflicts, key, record);
    for (const auto& token : conflict.tokens)
        step.put(tables::conflicts_by_token, {token, key}, {});
    step.record(LogEvent::conflict_recorded, conflict.declared_by);
    reroute_waiting(step, conflict);
    take_from_excluded(step, conflict);
    step.answer(in, wire::Done{});
}

void on_end_conflict(Step& step, const FrameIn& in, const wire::EndConflict& end) {
    const ConflictKey key{end.ended_by, end.id};
    auto record = step.get(tables::conflicts, key);
    if (!record) return step.refuse(in, ErrorCode::not_found, "conflict");
    if (!record->ended_at.is_set()) {
        for (const auto& token : record->conflict.tokens)
            step.erase(tables::conflicts_by_token, {token, key});
        record->ended_at = step.now.wall;
        step.put(tables::conflicts, key, *record);
        step.record(LogEvent::conflict_recorded, end.ended_by);
    }
    step.answer(in, wire::Done{});
}

std::set<InboxId> excluded_inboxes(Step& step, const std::vector<wire::Token>& tokens) {
    std::set<InboxId> excluded;
    std::set<ConflictKey> seen;
    for (const auto& token : tokens) {
        const auto prefix = key_of(token);
        for (const auto& row : tables::conflicts_by_token.collect_keys(
                 step.tx, {.prefix = prefix, .limit = conflicts_per_token_max})) {
            if (!seen.insert(row.conflict).second) continue;
            const auto record = step.get(tables::conflicts, row.conflict);
            if (!record || record->conflict.starts > step.now.wall) continue;
            excluded.insert(record->conflict.excluded.begin(), record->conflict.excluded.end());
        }
    }
    return excluded;
}

}  // namespace mash::broker
