#include "common/area/policy_end.hpp"

#include "common/base/limits.hpp"

namespace mash::area {

PolicyEnd policy_end(const Policy& policy, WallTime at) {
    if (policy.expires() <= at) return PolicyEnd::over;
    return policy.expires() - at <= limits::policy_expiry_warning ? PolicyEnd::near
                                                                  : PolicyEnd::far;
}

std::optional<PolicyEndWatch::Said> PolicyEndWatch::look(const Policy& policy, const Now& now) {
    using std::chrono::days;
    const auto end = policy_end(policy, now.wall);
    const bool is_news = end != last_ || policy.version() != version_;
    const bool is_due = is_news || now.steady - said_at_ >= days(1);
    if (end == PolicyEnd::far || !is_due) {
        if (end == PolicyEnd::far) last_ = end;
        return std::nullopt;
    }
    version_ = policy.version();
    last_ = end;
    said_at_ = now.steady;
    if (end == PolicyEnd::near)
        return Said{LogEvent::policy_expiring,
                    std::chrono::ceil<days>(policy.expires() - now.wall).count()};
    return Said{LogEvent::policy_expired,
                std::chrono::ceil<days>(now.wall - policy.expires()).count()};
}

}  // namespace mash::area
