#include "agents/runtime/core/source.hpp"
#include "common/area/policy.hpp"

namespace mash::runtime {

struct SchoolSessions::Found {
    std::optional<area::Policy> policy;
};

SchoolSessions::SchoolSessions(FindPolicy find) : find_(std::move(find)) {}

SchoolSessions::Next SchoolSessions::after(WallTime at) const {
    if (!found_) found_ = std::make_shared<const Found>(find_ ? find_() : std::nullopt);
    if (const auto& policy = found_->policy) return {policy->next_school_session(at), false};
    return {at + std::chrono::days(3), true};
}

}  // namespace mash::runtime
