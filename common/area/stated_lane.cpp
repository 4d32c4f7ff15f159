#include <algorithm>

#include "common/area/decide.hpp"
#include "common/area/policy.hpp"

namespace mash::area {

wire::Lane stated_lane(const wire::RoutingFacts& facts, const Registry* registry,
                       const Policy& policy, WallTime at) {
    const auto* type = policy.find_type(facts.type);
    const auto of_type = type == nullptr || type->danger ? wire::Lane::immediate
                                                         : policy.lane_of(type->urgency_default);
    const auto* sender = registry == nullptr ? nullptr : registry->find_agency(facts.sender);
    if (sender == nullptr) return of_type;
    DecisionInput stated;
    stated.facts = facts;
    stated.sender_kind = sender->kind;
    stated.decided_at = at;
    const auto decision = decide(stated, *registry, policy);
    if (decision.recipients.empty()) return of_type;
    auto lane = wire::Lane::bulk;
    for (const auto& recipient : decision.recipients) lane = std::min(lane, recipient.lane);
    return lane;
}

}  // namespace mash::area
