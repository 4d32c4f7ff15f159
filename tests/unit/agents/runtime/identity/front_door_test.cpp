// What the broker asks of two records, and the arithmetic of a front door's working day.
#include "agents/runtime/identity/front_door.hpp"

#include <gtest/gtest.h>

#include "agents/runtime/identity/score.hpp"
#include "tests/unit/agents/runtime/identity/person_builder.hpp"

namespace mash::identity {
namespace {

constexpr auto born = "2016-04-11";
constexpr auto home = "WR5 1AA";
constexpr auto elsewhere = "B1 1BB";
constexpr auto number = "9990000026";
constexpr auto other_number = "9990000034";

MatchClass by_tokens(const PersonRecord& a, const PersonRecord& b) {
    const auto left = normalised(a);
    const auto right = normalised(b);
    return match_by_tokens(left.reveal(), right.reveal(), compare(left.reveal(), right.reveal()));
}
MatchClass by_names(const PersonRecord& a, const PersonRecord& b) {
    return compare(normalised(a).reveal(), normalised(b).reveal()).match;
}

TEST(ByTokens, LetterSurnameAndBirthDateOrAHomeAreAskedAbout) {
    const auto mia = person("Mia", "Dunmore", born, home);
    EXPECT_EQ(by_tokens(mia, person("Mia", "Dunmore", born, home)), MatchClass::link);
    EXPECT_EQ(by_tokens(mia, person("Mia", "Dunmore", born, elsewhere)), MatchClass::question);
    EXPECT_EQ(by_tokens(mia, person("M", "Dunmore", born)), MatchClass::question);
    EXPECT_EQ(by_tokens(mia, person("Baby", "Dunmore", born, elsewhere)), MatchClass::none);
    for (const auto& at_home :
         {person("Mae", "Dunmore", born, home), person("Otto", "Dunmore", born, home),
          person("Baby", "Dunmore", born, home), person("Mia", "Dunmoor", born, home),
          person("Mia", "Dunmore", "2016-04", home), person("Mia", "Dunmore", "2009-12-30", home)})
        EXPECT_EQ(by_tokens(mia, at_home), MatchClass::question) << "a twin, or a slip";
    EXPECT_EQ(by_tokens(mia, person("Mia", "Ashby", born, home)), MatchClass::none)
        << "adopted where she lived: nothing is to be like the child of before";
    EXPECT_EQ(by_tokens(mia, person("Otto", "Dunmore", "2009-12-30", home)), MatchClass::none)
        << "a brother";
}

TEST(ByTokens, AReportIsReadTheOtherWayRoundToo) {
    const auto mia = person("Mia", "Dunmore", born);
    for (const auto& said : {person("Dunmore", "Mia", born), person("Mia", "Dunmore", "2016-11-04"),
                             person("Mia", "Dunmore", "2016-04")}) {
        EXPECT_EQ(by_tokens(said, mia), MatchClass::question);
    }
    EXPECT_EQ(by_tokens(mia, person("Mia", "Dunmore", "2016-04")), MatchClass::none)
        << "a list says what it knows";
}

TEST(ByTokens, WhatTheMatcherWouldWeighTheBrokerCannotSee) {
    const auto mia = person("Mia", "Dunmore", born, home);
    for (const auto& other :
         {person("Mia", "Dunmoor", born, elsewhere), person("Mia", "Dunmore", "2016-04-12")}) {
        EXPECT_EQ(by_names(mia, other), MatchClass::question);
        EXPECT_EQ(by_tokens(mia, other), MatchClass::none);
    }
}

TEST(ByTokens, OneNumberAndSurnameWithTwoBirthDatesAreAskedAbout) {
    const auto of = [](const char* date) {
        return with_nhs(person("Mia", "Dunmore", date), number);
    };
    EXPECT_EQ(by_tokens(of(born), of("2013-02-20")), MatchClass::question);
    EXPECT_EQ(by_tokens(of(born), of("")), MatchClass::link);
}

TEST(ByTokens, AVerifiedNumberTellsApartAndContradicts) {
    const auto of = [](const char* nhs, const char* postcode) {
        return with_nhs(person("Mia", "Dunmore", born, postcode), nhs);
    };
    EXPECT_EQ(by_tokens(of(number, home), of(other_number, elsewhere)), MatchClass::none);
    EXPECT_EQ(by_tokens(of(number, home), of(other_number, home)), MatchClass::question);
    EXPECT_EQ(by_tokens(of(number, home), of(number, elsewhere)), MatchClass::link);
}

// ---- a working day, by hand ----

TEST(FrontDoor, QuestionsADayAreWhatIsWrittenOut) {
    AreaAssumed area;
    area.children = 1'001;
    area.notifications = 10;
    area.weak_share = 0.5;
    area.claims = 2;
    area.twins = 0.05;
    area.dates_said = 1;
    area.birth_days = 100;
    const auto day = questions_a_day({0.01, 0.4}, area);
    // 1,000 others x 0.01 / 100 days = 0.1 namesakes of the day; 0.05 twins.
    EXPECT_DOUBLE_EQ(day.others_alike, 0.15);
    EXPECT_DOUBLE_EQ(day.by_chance, 3.0) << "10 notifications x 2 claims x 0.15";
    EXPECT_DOUBLE_EQ(day.right_most, 10.0) << "10 x 2 x half of them";
    EXPECT_DOUBLE_EQ(day.right_least.value(), 4.0) << "of which 0.4 are asked about";
    EXPECT_DOUBLE_EQ(day.least().value(), 7.0);
    EXPECT_DOUBLE_EQ(day.most(), 13.0);
    EXPECT_FALSE(questions_a_day({0.01, std::nullopt}, area).least()) << "who is who is not known";
}

TEST(FrontDoor, ChanceGrowsWithTheChildrenAndWhatIsRightDoesNot) {
    AreaAssumed area;
    area.twins = 0;
    area.children = 10'001;
    const auto small = questions_a_day({0.001, 0.5}, area);
    area.children = 100'001;
    const auto large = questions_a_day({0.001, 0.5}, area);
    EXPECT_NEAR(large.by_chance, 10 * small.by_chance, 1e-9);
    EXPECT_DOUBLE_EQ(large.right_most, small.right_most);
    area.notifications *= 10;
    EXPECT_NEAR(questions_a_day({0.001, 0.5}, area).right_most, 10 * large.right_most, 1e-9);
}

TEST(FrontDoor, WhatAFileShowsIsCountedOverAllItsPairs) {
    // 0 and 1 link, 2 is the same child elsewhere; 3 a twin of the same letter, 4 a namesake of
    // another day, 5 nobody's.
    std::vector<PersonalIdentity> people;
    for (const auto& record :
         {person("Mia", "Dunmore", born, home), person("Mia", "Dunmore", born, home),
          person("Mia", "Dunmore", born, elsewhere), person("Mae", "Dunmore", born, home),
          person("Max", "Dunmore", "2009-12-30", elsewhere), person("Noor", "Sand", "2012-06-01")})
        people.push_back(normalised(record));
    const auto report = score(people, Truth::of_groups({"a", "a", "a", "b", "c", "d"}));
    const auto of = [&](MatchClass match) {
        return report.by_tokens[static_cast<std::size_t>(match)];
    };
    EXPECT_EQ(of(MatchClass::link).same, 1U);
    EXPECT_EQ(of(MatchClass::question).same, 2U) << "2 with 0 and with 1";
    EXPECT_EQ(of(MatchClass::question).other, 3U) << "the twin with each of them";
    EXPECT_EQ(report.other_pairs, 12U) << "15 pairs, 3 of one child";
    EXPECT_EQ(report.same_letter_and_surname, 7U) << "10 of five M Dunmores, 3 of one child";
    EXPECT_DOUBLE_EQ(report.shown().same_letter_and_surname, 7.0 / 12);
    EXPECT_DOUBLE_EQ(report.shown().asked_of_not_linked.value(), 1.0);
    EXPECT_FALSE(score(people, Truth()).shown().asked_of_not_linked);
    EXPECT_EQ(score({}, Truth()).shown().same_letter_and_surname, 0);
}

}  // namespace
}  // namespace mash::identity
