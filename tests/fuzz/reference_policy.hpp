// The policy of deploy/policy, for targets that judge by one.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/area/policy.hpp"
#include "common/base/check.hpp"
#include "tests/paths/paths.hpp"

namespace mash::fuzz {

inline std::string policy_file(const char* name) {
    std::ifstream in(test::source_dir() / "deploy/policy" / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline area::Policy reference_policy() {
    std::vector<area::PolicyFault> faults;
    auto policy = area::Policy::parse(policy_file("policy.toml"), "policy.toml",
                                      policy_file("catalogue.toml"), "catalogue.toml", faults);
    CHECK(policy.has_value());
    return std::move(*policy);
}

}  // namespace mash::fuzz
