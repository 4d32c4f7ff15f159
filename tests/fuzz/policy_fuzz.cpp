// Policy and catalogue texts: whatever the bytes, either a policy or faults with a place, never
// both and never neither.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "common/area/policy.hpp"
#include "common/base/check.hpp"
#include "tests/paths/paths.hpp"

namespace {

std::string reference(const char* file) {
    std::ifstream in(mash::test::source_dir() / "deploy/policy" / file, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

void parse(std::string_view policy, std::string_view catalogue) {
    std::vector<mash::area::PolicyFault> faults;
    const auto parsed =
        mash::area::Policy::parse(policy, "policy.toml", catalogue, "catalogue.toml", faults);
    CHECK(parsed.has_value() == faults.empty());
    for (const auto& fault : faults) {
        CHECK(!fault.message.empty());
        CHECK(fault.text().find('\x1b') == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string policy = reference("policy.toml");
    static const std::string catalogue = reference("catalogue.toml");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    parse(text, catalogue);
    parse(policy, text);
    return 0;
}
