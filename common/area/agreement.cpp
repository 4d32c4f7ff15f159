#include "common/area/agreement.hpp"

#include <algorithm>

#include "common/area/policy.hpp"

namespace mash::area {

ThreadId referral_of(const ThreadId& thread, const NotificationId& id) {
    return thread.is_zero() ? ThreadId(id.value()) : thread;
}

wire::Agreement effective_agreement(const wire::AgreementBody& record, WallTime at) {
    wire::Agreement says = record.agreement;
    if (says.status != wire::AgreementStatus::given) return says;
    const bool has_run_out = at.is_set() && record.expires_at.is_set() && record.expires_at <= at;
    if (!record.withdrawn_at.is_set() && !has_run_out) return says;
    says.other_holder_objects = false;
    says.child_and_parent_differ = false;
    // Run out it is as if nobody had asked: the family may say yes again.
    says.status = record.withdrawn_at.is_set() ? wire::AgreementStatus::withdrawn
                                               : wire::AgreementStatus::not_sought;
    return says;
}

bool bears_out(const wire::AgreementBody& record, const wire::Agreement& stated, WallTime at) {
    return stated.status != wire::AgreementStatus::given ||
           stated == effective_agreement(record, at);
}

std::vector<Seat> relying_on_agreement(const wire::Decision& decision,
                                       const wire::Agreement& stated) {
    std::vector<Seat> seats;
    if (stated.status != wire::AgreementStatus::given) return seats;
    for (const auto& recipient : decision.recipients) {
        if (recipient.route == decider_route) continue;  // asked, and told nothing to keep
        // E-14 shares without an answer too, after a person; then nothing was given.
        if (recipient.rule == "E-13" || recipient.rule == "E-14" || recipient.rule == "E-15")
            seats.push_back(recipient.seat);
    }
    std::ranges::sort(seats);
    return seats;
}

}  // namespace mash::area
