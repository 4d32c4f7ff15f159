// Joining an area: makes this host's and its agencies' keys, writes agent.toml, and the request
// that goes back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/area/enrolment.hpp"
#include "common/base/random.hpp"
#include "common/base/time.hpp"

namespace mash::runtime_shell {

struct Enrolled {
    std::vector<area::EnrolRequest> requests;
    std::string fingerprint;       ///< to be read back over the telephone
    std::string area_fingerprint;  ///< to be compared with the one on the invite
    bool made_recovery_key = false;
    bool replaced_keys = false;  ///< those before lie in replaced_keys_path()
};

/// Safe to run again: keys that exist are used. Only an invite that replaces keys puts those of its
/// agency and of the host aside and makes new ones, once, however often it is run. All invites are
/// of one area and one host. `problem` says in plain English what is wrong.
Result<Enrolled> enrol(const std::filesystem::path& folder,
                       const std::vector<area::Invite>& invites, WallTime now, RandomSource& random,
                       std::string& problem);

}  // namespace mash::runtime_shell
