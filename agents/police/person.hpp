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

}  // namespace mash::police
