// How near the end of the policy is, for whoever must agree the next one in time (design.md part
// 7): operators are told once a day from 60 days before it.
#pragma once

#include <chrono>
#include <optional>

#include "common/area/policy.hpp"
#include "common/base/log_event.hpp"
#include "common/base/time.hpp"

namespace mash::area {

enum class PolicyEnd { far, near, over };

/// near: from policy_expiry_warning before `expires`; over: from `expires` on, any grace included.
PolicyEnd policy_end(const Policy& policy, WallTime at);

/// Decides what to log and when. One for each core; forgotten with the process, so that a restart
/// says it again.
class PolicyEndWatch {
public:
    struct Said {
        LogEvent event{};       ///< policy_expiring or policy_expired
        std::int64_t days = 0;  ///< begun ones left until the end, or gone by since
        friend bool operator==(const Said&, const Said&) = default;
    };
    /// What must be said now; at most once a day, and at once when the policy ends or another takes
    /// its place.
    std::optional<Said> look(const Policy& policy, const Now& now);

private:
    std::uint64_t version_ = 0;
    PolicyEnd last_ = PolicyEnd::far;
    SteadyTime said_at_;
};

}  // namespace mash::area
