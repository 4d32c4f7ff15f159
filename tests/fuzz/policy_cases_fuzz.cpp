// The tests of a policy and the area they imagine: a text is either read or has faults with a
// place; what was read is decided, and judged the same twice.
#include <cstdint>

#include "broker/ctl/facts_json.hpp"
#include "broker/ctl/policy_cases.hpp"
#include "common/area/decide.hpp"
#include "common/area/trial.hpp"
#include "tests/fuzz/plain_text.hpp"
#include "tests/fuzz/reference_policy.hpp"

namespace {

using namespace mash;

const WallTime now = wall_time_from_rfc3339("2026-11-24T11:00:00Z").value();

void check_faults(const std::vector<area::PolicyFault>& faults) {
    for (const auto& fault : faults) {
        CHECK(!fault.message.empty());
        CHECK(fuzz::is_plain(fault.text()));
    }
}

void decide_cases(std::string_view text, const area::Registry& registry,
                  const area::Policy& policy) {
    std::vector<area::PolicyFault> faults;
    const auto cases = ctl::parse_cases(text, "fuzz.toml", policy, faults);
    check_faults(faults);
    if (!faults.empty()) return;
    for (const auto& one : cases) {
        const auto input = ctl::parse_facts(one.given, registry, policy, now);
        if (!input) continue;
        const auto decision = area::decide(*input, registry, policy);
        CHECK(ctl::complaints(one, decision, policy) == ctl::complaints(one, decision, policy));
    }
}

void imagine_area(std::string_view text, const area::Policy& policy) {
    static const auto facts = R"({"sender":"hub","role":"ffd","type":"missing_episode_started"})";
    std::vector<area::PolicyFault> faults;
    auto registry = ctl::parse_imagined_area(text, "fuzz.toml", faults);
    check_faults(faults);
    if (!faults.empty()) return;
    registry.build_index();
    if (const auto input = ctl::parse_facts(facts, registry, policy, now))
        (void)area::decide(*input, registry, policy);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const area::Policy policy = area::as_if_begun(fuzz::reference_policy());
    static const area::Registry registry = [] {
        std::vector<area::PolicyFault> faults;
        auto read =
            ctl::parse_imagined_area(fuzz::policy_file("tests/area.toml"), "area.toml", faults);
        CHECK(faults.empty());
        read.build_index();
        return read;
    }();
    const auto text = text_of({data, size});
    decide_cases(text, registry, policy);
    imagine_area(text, policy);
    return 0;
}
