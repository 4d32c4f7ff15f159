// Any bytes as one notification: faults that name places and rules, or a notification that comes
// out of the store as it went in, and that policy and catalogue can judge.
#include <cstdint>

#include "agents/runtime/core/notification_json.hpp"
#include "common/base/check.hpp"
#include "tests/fuzz/plain_text.hpp"
#include "tests/fuzz/reference_policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash;
    static const area::Policy policy = fuzz::reference_policy();
    const auto parsed = runtime::notification_from_json(text_of({data, size}));
    for (const auto& fault : parsed.faults) {
        CHECK(!fault.rule.empty() && !fault.message.empty());
        CHECK(fuzz::is_plain(fault.path) && fuzz::is_plain(fault.message));
    }
    if (!parsed.faults.empty()) return 0;
    const auto stored = runtime::to_canonical_json(parsed.notification);
    const auto again = runtime::from_canonical_json(stored.reveal());
    CHECK(again && runtime::to_canonical_json(*again).reveal() == stored.reveal());
    for (const auto& fault : runtime::check_against_policy(parsed.notification, policy))
        CHECK(fuzz::is_plain(fault.path) && fuzz::is_plain(fault.message));
    return 0;
}
