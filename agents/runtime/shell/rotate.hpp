// New keys for agencies and their host, with overlap. `start` makes them beside the ones in use and
// writes the papers for the registrar; the agent, started again, knows both; the registry says from
// when the new ones count and until when the old ones do; `finish` forgets the old ones when they
// have ended.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/id.hpp"
#include "common/base/personal.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace mash::runtime_shell {

struct RotationStarted {
    std::vector<std::filesystem::path> requests;  ///< one paper for each agency
    bool repeated = false;  ///< next keys were there already: the papers name those
};
/// `agencies`: empty for all. Keys are synced before any paper is written. `problem` says what is
/// wrong and what to do.
Result<RotationStarted> start_rotation(const std::filesystem::path& dir,
                                       const std::vector<AgencyId>& agencies, bool with_transport,
                                       const std::filesystem::path& out, WallTime now,
                                       RandomSource& random, std::string& problem);

struct RotationFinished {
    std::vector<std::string> finished;  ///< agencies, and "host NAME"
    std::vector<std::string> waiting;   ///< sentences: what is still to happen
};
/// `listed`: of each area the answer of GET /api/v1/keys, what its registry in force says. A host
/// and an agency are judged by their own area's and by no other; of an area that gave none nothing
/// is finished.
Result<RotationFinished> finish_rotation(const std::filesystem::path& dir,
                                         const std::map<AreaId, PersonalText>& listed, WallTime now,
                                         RandomSource& random, std::string& problem);

}  // namespace mash::runtime_shell
