// What a front door is asked about identity, and how much of it there is in a working day. The
// broker sees tokens, not names: it cannot weigh evidence as compare.hpp does, so of what the
// matcher calls a question it asks a part, and of the rest nobody is asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runtime/identity/compare.hpp"

namespace mash::identity {

/// Of a folded name; some letters are several bytes.
std::string first_letter(std::string_view folded);

/// First letter of the forename and whole surname of each name that makes a weak token with a birth
/// date; sorted, unique.
std::vector<std::string> letters_and_surnames(const Identity& person);

/// What follows from the tokens of a report and of a list's row, both of children who were born: a
/// question where a strong one agrees and a verified number or, under one number, the birth date
/// contradicts it, or where only weak ones agree (weak_identities() of agents/runtime/core).
MatchClass match_by_tokens(const Identity& said, const Identity& listed, const Match& match);

/// Of an area. No file says these: they are assumptions, and each is an option of `match score`.
struct AreaAssumed {
    double children = 120'000;
    double notifications = 60;  ///< in a working day, of police, hospitals and schools
    double weak_share = 0.2;    ///< of them: no token in them links
    double claims = 2;          ///< of one child, that the notification's row reaches
    double twins = 0.03;        ///< children who have one: asked about by birth date and home
    double birth_days = 6'575;  ///< eighteen years of them, each as likely as another
    /// Birth dates that a report states: its own, and with day and month the other way round where
    /// that is another date, as of 132 days in the year.
    double dates_said = 1 + 132.0 / 365;
};

/// What a file of people showed.
struct PeopleShown {
    /// Of all pairs of two people: same first letter and surname.
    double same_letter_and_surname = 0;
    /// Of the pairs of one person that do not link: share of which somebody is asked. Nothing: the
    /// file says not who is who.
    std::optional<double> asked_of_not_linked;
};

/// Questions, each about one claim: `least` as often as the file showed, `most` as if whatever does
/// not link had letter, surname and birth date right.
struct QuestionsADay {
    double others_alike = 0;  ///< other children who share the weak token of one record
    double by_chance = 0;     ///< about them
    std::optional<double> right_least;
    double right_most = 0;
    std::optional<double> least() const {
        return right_least ? std::optional(*right_least + by_chance) : std::nullopt;
    }
    double most() const { return right_most + by_chance; }
};
/// Chance grows with the children of the area, what is right with its notifications.
QuestionsADay questions_a_day(const PeopleShown& shown, const AreaAssumed& assumed);

}  // namespace mash::identity
