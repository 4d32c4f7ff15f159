// The imagined notification of `mashctl policy explain`: a decision, or one problem in words.
#include <cstdint>

#include "broker/ctl/facts_json.hpp"
#include "common/area/decide.hpp"
#include "tests/fuzz/reference_policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mash;
    static const area::Policy policy = fuzz::reference_policy();
    static const area::Registry registry;
    const auto now = wall_time_from_rfc3339("2027-01-13T10:00:00Z").value();
    const auto input = ctl::parse_facts(text_of({data, size}), registry, policy, now);
    if (input) (void)area::decide(*input, registry, policy);
    return 0;
}
