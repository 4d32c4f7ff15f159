// What a missing-person report says of who somebody is, for reports of the same force that give no
// date of birth. Remembered under the force's own number of the person; the store seals it.
#pragma once

#include <optional>
#include <string>

#include "agents/runtime/core/source.hpp"

namespace mash::police {

struct KnownPerson {
    bool adult = false;  ///< then nothing else is held
    PersonalText forename, surname, date_of_birth, postcode;
};

void keep_person(runtime::SourceMemory& memory, const AgencyId& force, const std::string& number,
                 const KnownPerson& person);
/// Nothing: no report named that number yet.
std::optional<KnownPerson> person_of(const runtime::SourceMemory& memory, const AgencyId& force,
                                     const std::string& number);

/// A report of a missing person, as far as it counts among the others of the same person.
struct Episode {
    std::string report;
    std::string day;  ///< "2026-11-20"
};

/// Remembers the report and gives those known of this person that began before it or on the same
/// day, the oldest first. Of a person with very many the oldest are counted only.
struct Episodes {
    std::vector<Episode> earlier;
    std::uint64_t older = 0;  ///< counted only
};
Episodes note_episode(runtime::SourceMemory& memory, const AgencyId& force,
                      const std::string& number, const Episode& episode);

}  // namespace mash::police
