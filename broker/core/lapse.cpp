#include "broker/core/lapse.hpp"

#include "broker/core/involvement.hpp"
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
    step.erase(tables::lapses, key);
    const auto* relation = step.policy() ? step.policy()->find_relation(record->relation) : nullptr;
    if (relation == nullptr || relation->lapse_days == 0) return;
    for (const auto& one : linked_claims(step, record->tokens, {})) {
        if (one.claim.relation == record->relation) return;
    }
    open_lapsed(step, relation->lapse_to, *record);
}

}  // namespace mash::broker
