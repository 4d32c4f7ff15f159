// A pupil as schools' systems know them, and the notices that a school gives about one. What the
// formats of this folder share.
#pragma once

#include <string>
#include <string_view>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/core/source_date.hpp"

namespace mash::school {

struct Pupil {
    PersonalText upn, former_upn;
    PersonalText forename, surname, preferred_forename, preferred_surname, former_surname;
    PersonalText date_of_birth;  ///< "2014-02-28" or ""
    PersonalText sex;            ///< in the catalogue's words
    PersonalText postcode, address;
};

/// Which pupil: a digest, because references stay with a notification and are not sealed. By UPN
/// where there is one, which a name may change under.
std::string pupil_key(const Pupil& pupil);

/// Whether anything could tell who it is: a UPN, or surname and date of birth.
bool is_linkable(const Pupil& pupil);

/// What is the same in every notice: who speaks, of whom, when. `kind` of education_status_changed.
runtime::Notification education_notice(const runtime::ReadContext& context, const Pupil& pupil,
                                       std::string_view kind, const runtime::SourceTime& when);

/// The subject alone, as a list of who is on roll has it.
runtime::Subject subject_of(const Pupil& pupil, const std::string& school_urn);

/// LA and establishment number as one, "8859999"; "" unless both are digits.
std::string school_number(std::string_view la, std::string_view establishment);

/// What the register of schools said of a school number, when it was read (register_csv.cpp); ""
/// when it was not, or names no such school.
std::string urn_of_school(const runtime::SourceMemory& memory, std::string_view number);
void keep_urn_of_school(runtime::SourceMemory& memory, std::string_view number,
                        const std::string& urn);

/// Absence from which a school tells the council: a tenth of the sessions, by the government's
/// definition of persistent absence.
constexpr int persistent_absence_percent = 10;
constexpr bool is_persistent(double absent, double possible) {
    return possible > 0 && absent * 100 >= possible * persistent_absence_percent;
}

/// A number as exports have it: "134.0", "12"; nothing for anything else and below nought.
std::optional<double> count_of(std::string_view text);

}  // namespace mash::school
