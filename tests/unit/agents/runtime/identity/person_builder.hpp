// Invented people; a test says only what matters to it.
#pragma once

#include <string>

#include "agents/runtime/identity/person.hpp"

namespace mash::identity {

inline PersonRecord person(const std::string& forename, const std::string& surname,
                           const std::string& born = {}, const std::string& postcode = {}) {
    PersonRecord out;
    out.forename = PersonalText(forename);
    out.surname = PersonalText(surname);
    out.date_of_birth = PersonalText(born);
    out.postcode = PersonalText(postcode);
    return out;
}

inline PersonRecord with_nhs(PersonRecord record, const std::string& number) {
    record.nhs_number = PersonalText(number);
    return record;
}

inline PersonRecord with_upn(PersonRecord record, const std::string& number) {
    record.upn = PersonalText(number);
    return record;
}

inline PersonRecord with_sex(PersonRecord record, const std::string& sex) {
    record.sex = PersonalText(sex);
    return record;
}

}  // namespace mash::identity
