// The care-status look-up (domain.md C6, rows 7 and 8; the idea of CP-IS). What social care says of
// plans and care statuses arrives in an automatic inbox of unscheduled care and is kept as digests
// of the children's strong identities: whoever has the child before them finds the flag, nobody can
// list the children. So an answer needs neither the broker nor social care's agent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/core/notification.hpp"
#include "agents/runtime/core/source.hpp"

namespace mash::runtime {

/// One plan or status of a child, as it was told last.
struct CareFlag {
    AgencyId said_by;
    ThreadId thread;
    std::string plan;   ///< "protection_plan", "looked_after", "unborn_plan"
    std::string since;  ///< "2027-01-20"
};

/// With these words, or a plain no, a correction says of whoever a status was told that they never
/// had it. Anything else about the status leaves it standing: social care's systems write
/// sentences.
inline constexpr std::string_view care_status_entered_by_mistake =
    "None of this kind: entered by mistake";

/// What is active of a child, for the adapters of that agency: asked by strong identity alone.
std::vector<CareFlag> care_flags_of(const SourceMemory& memory, const AgencyId& agency,
                                    const Subject& subject);

}  // namespace mash::runtime
