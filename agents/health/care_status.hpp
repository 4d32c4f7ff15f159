// What the national flag (CP-IS) last said of a child: remembered from the files and messages that
// show it, asked when the child comes to unscheduled care. Held as digests: no number and no name
// stands in the memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agents/runtime/core/source.hpp"
#include "common/area/calendar.hpp"

namespace mash::health {

struct CareStatus {
    std::string plan;   ///< "protection_plan", "looked_after", "unborn_plan"
    std::string start;  ///< "2026-07-22", or "" when it is not said
    std::string end;    ///< "" while it is open
    bool withdrawn = false;
};

/// Nothing without a valid NHS number: nobody would be found by it.
void remember_status(runtime::SourceMemory& memory, const AgencyId& agency,
                     const PersonalText& nhs_number, const std::string& birth_date,
                     const CareStatus& status);

/// The plan that is active on that day: what the area's social care says first, of whoever has this
/// number and birth date, then the national flag. An end that is past is never active; where both
/// sides give a date of birth they must agree.
std::optional<std::string> active_status(const runtime::SourceMemory& memory,
                                         const AgencyId& agency, const PersonalText& nhs_number,
                                         const std::string& birth_date, const area::CivilDate& day);

}  // namespace mash::health
