// One person as a source describes them, and the same ready to be compared. All names a person is
// known by are kept; a part that cannot be used is left out and flagged, never guessed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agents/runtime/identity/birth_date.hpp"
#include "agents/runtime/identity/names.hpp"
#include "agents/runtime/identity/numbers.hpp"
#include "agents/runtime/identity/postcode.hpp"
#include "common/base/personal.hpp"

namespace mash::identity {

/// Of the rules in this folder and of canonical texts made by them (README.md "Versions").
inline constexpr int normalisation_version = 2;

enum class Sex { unknown, male, female };
/// 1, M, Male; 2, F, Female; with a list's letter in front ("a) Male"). Everything else: unknown.
Sex sex_from_text(std::string_view text);

/// As given. Of an unborn child, everything but `due_date` describes the mother.
struct PersonRecord {
    PersonalText nhs_number;
    std::vector<PersonalText> former_nhs_numbers;  ///< superseded
    PersonalText upn;
    std::vector<PersonalText> former_upns;
    PersonalText uln;
    PersonalText forename;
    PersonalText surname;
    /// Legal, preferred, former, alias (forename, surname); an empty half is as in the main name.
    /// Never one severed by adoption.
    std::vector<std::pair<PersonalText, PersonalText>> aliases;
    PersonalText date_of_birth;  ///< ISO, whole or partial: agents/runtime/core/source_date.hpp
    PersonalText sex;
    PersonalText postcode;
    PersonalText address;
    PersonalText contact;     ///< telephone or e-mail; often a parent's
    PersonalText school_urn;  ///< the school that the source names
    bool is_of_that_schools_roll = false;
    bool is_unborn = false;
    PersonalText due_date;
};

struct PersonName {
    FoldedName forename;
    FoldedName surname;
    bool has_full_forename = false;
    bool has_full_surname = false;
};

enum class Flag {
    nhs_number_unverified,
    upn_unverified,
    upn_temporary,
    uln_unverified,
    forename_not_given,
    date_of_birth_partial,
    date_of_birth_unreadable,
    postcode_impossible,
    postcode_malformed,
    no_fixed_address
};
std::string_view to_text(Flag flag);

/// Folded and checked. Only strong numbers stand in `nhs_number` and `upns`.
struct Identity {
    std::vector<std::string> nhs_numbers;  ///< current and superseded, sorted
    std::vector<std::string> upns;         ///< current and former, sorted
    std::vector<std::string> weak_upns;    ///< wrong letter or temporary
    std::string uln;
    std::vector<PersonName> names;  ///< the main one first, no two alike
    std::optional<BirthDate> date_of_birth;
    Sex sex = Sex::unknown;
    std::string postcode;
    std::vector<std::string> address;  ///< folded words, sorted
    bool has_house_number = false;     ///< without one the address is only a place
    std::string contact;
    std::string school_urn;
    bool is_of_that_schools_roll = false;
    bool is_unborn = false;
    std::optional<BirthDate> due_date;
    std::vector<Flag> flags;
};
using PersonalIdentity = Personal<Identity>;

enum class Postcodes {
    british,
    any_country  ///< for published test sets: the text as it stands, folded
};

PersonalIdentity normalised(const PersonRecord& record, Postcodes postcodes = Postcodes::british);

}  // namespace mash::identity
