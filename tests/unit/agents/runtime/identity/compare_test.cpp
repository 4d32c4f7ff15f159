#include "agents/runtime/identity/compare.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/agents/runtime/identity/person_builder.hpp"

namespace mash::identity {
namespace {

Match match_of(const PersonRecord& a, const PersonRecord& b) {
    return compare(normalised(a).reveal(), normalised(b).reveal());
}

testing::AssertionResult is(const Match& match, MatchClass expected) {
    if (match.match == expected) return testing::AssertionSuccess();
    return testing::AssertionFailure()
           << to_text(match.match) << " at " << match.bits << " bits: " << reasons_of(match);
}

bool asks(const Match& match, AlwaysAsked rule) {
    return std::ranges::find(match.asked, rule) != match.asked.end();
}

bool contradicts(const Match& match, Contradiction what) {
    return std::ranges::find(match.contradictions, what) != match.contradictions.end();
}

constexpr const char* number_of_mia = "999 000 0026";
constexpr const char* number_of_mae = "999 000 0034";

PersonRecord mia() { return person("Mia", "Dunmore", "2016-04-11", "WR5 1AA"); }
PersonRecord mae() { return person("Mae", "Dunmore", "2016-04-11", "WR5 1AA"); }

// Links

TEST(Strong, EachKindLinksByItself) {
    EXPECT_TRUE(is(match_of(with_nhs(person("Mia", "", "2016-04-11"), number_of_mia),
                            with_nhs(person("Mia", "Dunmore", "2016-04-11"), number_of_mia)),
                   MatchClass::link));
    EXPECT_TRUE(is(match_of(with_nhs(person("", "Dunmore"), number_of_mia),
                            with_nhs(person("Mia", "Dunmore"), number_of_mia)),
                   MatchClass::link));
    EXPECT_TRUE(is(match_of(with_upn(person("Mia", "Dunmore", "2016-04-11"), "H801200001001"),
                            with_upn(person("Mia", "Other", "2016-04-11"), "H801200001001")),
                   MatchClass::link));
    EXPECT_TRUE(is(match_of(mia(), person("MIA Rose", "Dunm\xC3\xB6re", "2016-04-11", "wr51aa")),
                   MatchClass::link));
}

TEST(Strong, TheSchoolKindNeedsThatSchoolsOwnRoll) {
    auto named = person("Mia", "Dunmore", "2016-04-11");
    named.school_urn = PersonalText("884001");
    auto listed = named;
    EXPECT_TRUE(is(match_of(named, listed), MatchClass::question));
    listed.is_of_that_schools_roll = true;
    EXPECT_TRUE(is(match_of(named, listed), MatchClass::link));
    listed.school_urn = PersonalText("884002");
    EXPECT_TRUE(is(match_of(named, listed), MatchClass::question));
}

TEST(Strong, AnAliasOrAFormerUpnLinks) {
    auto renamed = person("Mia", "Ashby", "2016-04-11", "WR5 1AA");
    renamed.aliases.emplace_back(PersonalText(), PersonalText("Dunmore"));
    EXPECT_TRUE(is(match_of(renamed, mia()), MatchClass::link));
    auto moved = with_upn(person("Mia", "Ashby", "2016-04-11"), "H243278544154");
    EXPECT_TRUE(is(match_of(moved, with_upn(mia(), "H801200001001")), MatchClass::none));
    moved.former_upns = {PersonalText("H801200001001")};
    EXPECT_TRUE(is(match_of(moved, with_upn(mia(), "H801200001001")), MatchClass::link));
}

// Contradictions

TEST(Contradictions, EachMakesALinkAQuestion) {
    const auto told = [](const Match& match, Contradiction what) {
        EXPECT_TRUE(is(match, MatchClass::question));
        EXPECT_TRUE(contradicts(match, what)) << reasons_of(match);
        EXPECT_TRUE(asks(match, AlwaysAsked::strong_but_contradicted)) << reasons_of(match);
    };
    told(match_of(with_nhs(mia(), number_of_mia), with_nhs(mia(), number_of_mae)),
         Contradiction::other_nhs_number);
    told(match_of(with_upn(mia(), "H801200001001"), with_upn(mia(), "H243278544154")),
         Contradiction::other_upn);
    told(match_of(with_sex(mia(), "F"), with_sex(mia(), "Male")), Contradiction::other_sex);
    auto born_later = with_nhs(mia(), number_of_mia);
    born_later.date_of_birth = PersonalText("2016-04-12");
    told(match_of(with_nhs(mia(), number_of_mia), born_later), Contradiction::other_birth_date);
    told(match_of(with_nhs(mia(), number_of_mia), with_nhs(mae(), number_of_mia)),
         Contradiction::other_forename);
}

TEST(Contradictions, AVerifiedNumberOnTwoPeopleIsAlwaysAsked) {
    const auto match = match_of(with_nhs(person("Mia", "Dunmore", "2016-04-11"), number_of_mia),
                                with_nhs(person("Otto", "Lark", "2009-12-30"), number_of_mia));
    EXPECT_TRUE(is(match, MatchClass::question));
    EXPECT_TRUE(asks(match, AlwaysAsked::shared_number));
}

// The linking rule of formats.md part 1

TEST(Twins, AreAskedAndNeverLinked) {
    const auto match = match_of(mia(), mae());
    EXPECT_TRUE(is(match, MatchClass::question));
    EXPECT_TRUE(asks(match, AlwaysAsked::possible_twins));
}

TEST(Twins, AnInitialFitsBoth) {
    // G9: surname, birth date and home, forename "M".
    const auto initial = person("M", "Dunmore", "2016-04-11", "WR5 1AA");
    for (const auto& twin : {mia(), mae()})
        EXPECT_TRUE(is(match_of(initial, twin), MatchClass::question));
    EXPECT_TRUE(is(match_of(initial, initial), MatchClass::question)) << "each M may be the other";
    const auto unnamed = person("Baby", "Dunmore", "2016-04-11", "WR5 1AA");
    EXPECT_TRUE(is(match_of(unnamed, unnamed), MatchClass::question));
    EXPECT_TRUE(is(match_of(unnamed, mia()), MatchClass::question));
}

TEST(Twins, NumbersOfTheirOwnTellThemApart) {
    EXPECT_TRUE(is(match_of(with_nhs(mia(), number_of_mia), with_nhs(mae(), number_of_mae)),
                   MatchClass::none));
    // One of them without a number: nobody knows whose it is.
    EXPECT_TRUE(is(match_of(with_nhs(mia(), number_of_mia), mae()), MatchClass::question));
    EXPECT_TRUE(is(match_of(with_upn(mia(), "H801200001001"), with_upn(mae(), "H243278544154")),
                   MatchClass::none));
}

TEST(Weak, SameNameAndHomeWithAnotherBirthDateIsAsked) {
    const auto match = match_of(mia(), person("Mia", "Dunmore", "2012-09-30", "WR5 1AA"));
    EXPECT_TRUE(is(match, MatchClass::question));
    EXPECT_TRUE(asks(match, AlwaysAsked::same_name_and_home));
}

TEST(Weak, NameAndBirthDateWithAnotherHomeIsAskedAndNeverLinked) {
    for (const char* postcode : {"B1 1BB", "", "ZZ99 3VZ"}) {
        const auto match = match_of(mia(), person("Mia", "Dunmore", "2016-04-11", postcode));
        EXPECT_TRUE(is(match, MatchClass::question));
        EXPECT_TRUE(asks(match, AlwaysAsked::same_name_and_birth_date));
    }
}

TEST(Weak, AnUnverifiedUpnJoinsNobody) {
    for (const char* upn : {"R247962919251", "G88599992601B", "A123456789123"}) {
        EXPECT_TRUE(is(match_of(with_upn(person("Mia", "Dunmore", "2016-04-11"), upn),
                                with_upn(person("Otto", "Lark", "2016-04-11"), upn)),
                       MatchClass::none));
        EXPECT_TRUE(is(match_of(with_upn(person("Mia", "", "2016-04-11"), upn),
                                with_upn(person("", "Dunmore", "2016-04-11"), upn)),
                       MatchClass::question));
    }
}

TEST(Weak, BrothersAndSistersAreNotAsked) {
    EXPECT_TRUE(
        is(match_of(mia(), person("Otto", "Dunmore", "2013-01-20", "WR5 1AA")), MatchClass::none));
}

TEST(Weak, SwappedNamesAndSlipsAreAsked) {
    EXPECT_TRUE(is(match_of(mia(), person("Dunmore", "Mia", "2016-04-11")), MatchClass::question));
    EXPECT_TRUE(is(match_of(mia(), person("Mia", "Dunmoor", "2016-04-11")), MatchClass::question));
    EXPECT_TRUE(is(match_of(mia(), person("Mia", "Dunmore", "2016-11-04")), MatchClass::question));
    EXPECT_TRUE(is(match_of(mia(), person("Mia", "Dunmore", "2016-04")), MatchClass::question));
    EXPECT_TRUE(is(match_of(mia(), person("Mia", "Dunmore")), MatchClass::question))
        << "name alone is 16 bits";
}

TEST(Weak, NothingInCommonIsNone) {
    EXPECT_TRUE(is(match_of(PersonRecord{}, PersonRecord{}), MatchClass::none));
    EXPECT_TRUE(is(match_of(mia(), PersonRecord{}), MatchClass::none));
    EXPECT_TRUE(
        is(match_of(mia(), person("Otto", "Lark", "2009-12-30", "B1 1BB")), MatchClass::none));
    EXPECT_TRUE(
        is(match_of(person("", "", "2016-04-11"), person("", "", "2016-04-11")), MatchClass::none));
}

// Unborn

PersonRecord unborn(const std::string& due) {
    auto out = with_nhs(person("Skye", "Penrose", "2007-05-01"), number_of_mia);
    out.is_unborn = true;
    out.due_date = PersonalText(due);
    return out;
}

TEST(Unborn, MotherAndDueDateLink) {
    EXPECT_TRUE(is(match_of(unborn("2027-05-02"), unborn("2027-05-02")), MatchClass::link));
    EXPECT_TRUE(is(match_of(unborn("2027-05-02"), unborn("2027-06-13")), MatchClass::link))
        << "42 days: corrected by a scan";
    EXPECT_TRUE(is(match_of(unborn("2027-05-02"), unborn("2027-06-14")), MatchClass::question));
    EXPECT_TRUE(is(match_of(unborn("2027-05-02"), unborn("")), MatchClass::question));
    EXPECT_TRUE(is(match_of(unborn("2027-05-02"), unborn("2028-05-02")), MatchClass::none))
        << "a later child of the same mother";
}

TEST(Unborn, IsNeverTheMotherHerself) {
    auto mother = unborn("2027-05-02");
    mother.is_unborn = false;
    EXPECT_TRUE(is(match_of(mother, unborn("2027-05-02")), MatchClass::none));
}

TEST(Reasons, AreCodesAndNameNobody) {
    const std::string reasons = reasons_of(match_of(mia(), mae()));
    EXPECT_EQ(reasons,
              "other_forename;possible_twins;forename_differs(-3.5);surname_same(+9);"
              "birth_date_same(+12);postcode_same(+10)");
}

}  // namespace
}  // namespace mash::identity
