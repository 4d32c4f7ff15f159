// How urgent one decision is and by when each recipient must have taken it. Private to this folder.
#pragma once

#include <algorithm>
#include <optional>

#include "common/area/decide.hpp"
#include "common/area/policy.hpp"

namespace mash::area {

/// Of one decision. Calendar arithmetic is done once per question, not once per recipient.
class Timing {
public:
    /// `other`: a second type by which it is as urgent; the more urgent of the two counts. May be
    /// null.
    Timing(const DecisionInput& input, const TypeRule& type, const Policy& policy,
           const TypeRule* other = nullptr);

    wire::Urgency urgency() const { return urgency_; }
    wire::Lane lane() const { return policy_.lane_of(urgency_); }
    /// Who is only told is never hurried: U4, or the row's class when that is later.
    wire::Urgency urgency_of(bool act) const {
        return act ? urgency_ : std::max(urgency_, wire::Urgency::u4);
    }
    Policy::Due due(const Route& route, const RoleId& role, bool act);
    /// When the clock runs out that these facts start.
    WallTime clock_by(const ClockRule& clock, WallTime occurred_at);
    WallTime decide_by() const { return policy_.decide_by(rag_, at_); }
    /// The latest deadline given so far lies inside the bank holidays loaded.
    bool covered() const { return !latest_.is_set() || policy_.calendar().covers(latest_); }

private:
    WallTime act_by();

    const Policy& policy_;
    const WallTime at_;
    const wire::Rag rag_;
    wire::Urgency urgency_;
    std::optional<WallTime> act_by_;
    std::optional<Policy::Due> before_session_;
    WallTime latest_;
};

}  // namespace mash::area
