// The matcher: are two descriptions of the same person? Link, question for a person, or none, each
// with its reasons. The rules and weights, and where they come from: README.md "The matcher".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/identity/person.hpp"

namespace mash::identity {

enum class MatchClass {
    none,
    question,  ///< weak or contradictory: a person decides
    link       ///< a strong kind agrees and nothing contradicts it
};
std::string_view to_text(MatchClass match);

/// design.md part 6. Everything else is weak.
enum class StrongKind {
    nhs_number_and_birth_date,
    nhs_number_and_surname,
    upn_and_birth_date,
    name_birth_date_and_postcode,
    name_birth_date_and_school  ///< the school that a sender names, on that school's own roll
};
std::string_view to_text(StrongKind kind);

/// What keeps a strong kind from linking.
enum class Contradiction {
    other_nhs_number,
    other_upn,
    other_sex,
    other_birth_date,
    other_forename,
    other_pregnancy,  ///< unborn: due dates apart or not known
    born_and_unborn
};
std::string_view to_text(Contradiction contradiction);

/// What is always asked, whatever the weight.
enum class AlwaysAsked {
    possible_twins,            ///< surname, birth date and home agree, forename does not
    same_name_and_home,        ///< with another birth date: siblings, or an error
    same_name_and_birth_date,  ///< with another home, or none known: people move, and names repeat
    shared_number,             ///< a verified number on both, and no strong kind
    strong_but_contradicted
};
std::string_view to_text(AlwaysAsked rule);

/// One line of the scale, in bits: log2 of how much likelier it is among true pairs than among
/// others.
struct Evidence {
    std::string_view what;  ///< "surname_same"
    double bits = 0;
};

struct Match {
    MatchClass match = MatchClass::none;
    double bits = 0;  ///< the sum of the evidence; says nothing about links
    std::vector<StrongKind> strong;
    std::vector<Contradiction> contradictions;
    std::vector<AlwaysAsked> asked;
    std::vector<Evidence> evidence;
};

/// A weak pair of at least this weight is a question (chosen on one half of the test data, shown on
/// the other: README.md).
inline constexpr double question_bits = 15;

/// Symmetric. What agrees more is never in a lower class.
Match compare(const Identity& a, const Identity& b);

/// "nhs_number_and_birth_date;surname_same(+9)": codes only, nothing personal.
std::string reasons_of(const Match& match);

}  // namespace mash::identity
