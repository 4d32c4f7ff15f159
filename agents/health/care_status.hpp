// What the national flag (CP-IS) and the council's notices last said of a child: remembered from
// the files, messages and items that show it, asked when the child comes to unscheduled care. Held
// as digests: no number and no name stands in the memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// A plan of which a notice of the broker told that gives no number: somebody of that full name and
/// date of birth has it. That is no certainty that it is this child: a question for a person.
bool may_have_status(const runtime::SourceMemory& memory, const AgencyId& agency,
                     const PersonalText& forename, const PersonalText& surname,
                     const std::string& birth_date, const area::CivilDate& day);

/// What the adapters are to know of an item that arrived (row 8 of the catalogue: a plan or care
/// status began or ended), and of its being taken back or corrected. Nothing of any other item.
std::vector<runtime::Remembered> note_status_notice(const runtime::HandOver& item,
                                                    const runtime::SourceMemory::Held& held);

}  // namespace mash::health
