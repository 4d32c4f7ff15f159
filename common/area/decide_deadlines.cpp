#include "common/area/decide_deadlines.hpp"

#include <algorithm>

#include "common/area/decide_routes.hpp"

namespace mash::area {
namespace {

wire::Urgency urgency_from(const DecisionInput& input, const TypeRule& type, const Policy& policy) {
    wire::Urgency urgency = type.urgency_default;
    for (const auto& rule : type.urgencies) {
        if (!holds(rule.when, input.facts, input.sender_kind)) continue;
        urgency = rule.urgency;
        break;
    }
    if (const auto vital = policy.urgency_when_vital(); vital && input.facts.vital)
        urgency = std::min(urgency, *vital);
    return urgency;
}

}  // namespace

Timing::Timing(const DecisionInput& input, const TypeRule& type, const Policy& policy,
               const TypeRule* other)
    : policy_(policy),
      at_(input.decided_at),
      rag_(input.facts.rag),
      urgency_(urgency_from(input, type, policy)) {
    if (other != nullptr) urgency_ = std::min(urgency_, urgency_from(input, *other, policy));
}

WallTime Timing::act_by() {
    if (!act_by_) act_by_ = policy_.take_by(urgency_, at_);
    return *act_by_;
}

Policy::Due Timing::due(const Route& route, const RoleId& role, bool act) {
    Policy::Due due;
    if (!act) {
        due = policy_.know_by(role, at_);
    } else if (route.before_school_session) {
        if (!before_session_) before_session_ = policy_.before_session(act_by(), at_);
        due = *before_session_;
    } else {
        due = {act_by(), false};
    }
    latest_ = std::max(latest_, due.at);
    return due;
}

WallTime Timing::clock_by(const ClockRule& clock, WallTime occurred_at) {
    // Nothing is told before it has happened: a time that is not said, or lies ahead, is a slip,
    // and puts no duty off.
    const bool is_known = occurred_at.is_set() && occurred_at < at_;
    const bool is_event = clock.from == ClockRule::From::event;
    const WallTime by = policy_.clock_by(clock, is_event && is_known ? occurred_at : at_);
    if (clock.working_days != 0) latest_ = std::max(latest_, by);
    return by;
}

}  // namespace mash::area
