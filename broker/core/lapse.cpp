#include "broker/core/lapse.hpp"

#include "broker/core/involvement.hpp"
#include "broker/core/severed.hpp"
#include "broker/core/tasks.hpp"
#include "common/area/decide.hpp"

namespace mash::broker {

void watch_for_lapse(Step& step, const ClaimKey& key, const wire::InvolvementClaim& claim) {
    const auto* relation = step.policy() ? step.policy()->find_relation(claim.relation) : nullptr;
    const auto tokens = area::strong_tokens(claim.tokens);
    if (relation == nullptr || relation->lapse_days == 0 || tokens.empty()) return;
    step.put(tables::lapses, key, {claim.seat, claim.relation, tokens, step.now.wall});
    step.put(tables::expiries,
             {step.now.wall + std::chrono::days(relation->lapse_days), DueKind::lapse, key_of(key)},
             {});
}

void lapse_due(Step& step, const ClaimKey& key) {
    const auto record = step.get(tables::lapses, key);
    if (!record) return;
    const auto* relation = step.policy() ? step.policy()->find_relation(record->relation) : nullptr;
    if (relation == nullptr || relation->lapse_days == 0) return step.erase(tables::lapses, key);
    // It stood again and ended again since, or the policy gives more time now.
    const auto due = record->ended_at + std::chrono::days(relation->lapse_days);
    if (due > step.now.wall)
        return step.put(tables::expiries, {due, DueKind::lapse, key_of(key)}, {});
    step.erase(tables::lapses, key);
    // Of a child who was adopted since nobody asks where they are.
    if (!severed_among(step, record->tokens).empty()) return;
    for (const auto& one : linked_claims(step, record->tokens, {})) {
        if (one.claim.relation == record->relation) return;
    }
    open_lapsed(step, relation->lapse_to, *record);
}

}  // namespace mash::broker
