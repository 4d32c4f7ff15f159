#include "agents/runtime/identity/score.hpp"

#include <gtest/gtest.h>

#include "tests/unit/agents/runtime/identity/person_builder.hpp"

namespace mash::identity {
namespace {

// 0 and 1 link; 0, 1 and 2 are one person; 3 is a twin of theirs; 4 is somebody else and is said
// to be 5, whom nothing ties to them.
std::vector<PersonalIdentity> people() {
    std::vector<PersonalIdentity> out;
    for (const auto& record :
         {person("Mia", "Dunmore", "2016-04-11", "WR5 1AA"),
          person("Mia", "Dunmore", "2016-04-11", "WR5 1AA"),
          person("Mia", "Dunmore", "2016-04-11", "B1 1BB"),
          person("Otto", "Dunmore", "2016-04-11", "WR5 1AA"),
          person("Ava", "Lark", "2009-12-30", "B1 1BB"), person("Noor", "Sand", "2012-06-01")})
        out.push_back(normalised(record));
    return out;
}

TEST(Score, CountsByClassAgainstTheTruth) {
    const auto truth = Truth::of_groups({"a", "a", "a", "b", "c", "c"});
    std::vector<std::pair<PersonPair, MatchClass>> told;
    const auto report = score(people(), truth,
                              [&](const PersonPair& pair, const Match& match, std::optional<bool>) {
                                  told.emplace_back(pair, match.match);
                              });
    EXPECT_EQ(report.same_pairs, 4U);
    EXPECT_EQ(report.of(MatchClass::link).pairs, 1U);
    EXPECT_EQ(report.of(MatchClass::link).same, 1U);
    EXPECT_EQ(report.of(MatchClass::question).same, 2U);
    EXPECT_EQ(report.of(MatchClass::question).other, 3U) << "the twin of each record";
    EXPECT_EQ(report.precision(MatchClass::link), 1.0);
    EXPECT_EQ(report.recall_of_links(), 0.25);
    EXPECT_EQ(report.recall_of_links_and_questions(), 0.75);
    EXPECT_EQ(report.same_never_compared, 1U);
    EXPECT_NEAR(report.questions_per_thousand(), 5 * 1000.0 / 6, 0.01);
    EXPECT_EQ(report.questions_by_rule.at("possible_twins"), 2U);
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back(), std::pair(PersonPair(4, 5), MatchClass::none)) << "the missed pair";
}

TEST(Score, LabelsCountOnlyWhatTheyName) {
    const auto truth = Truth::of_labels({{{0, 1}, true}, {{0, 3}, false}, {{4, 5}, true}});
    const auto report = score(people(), truth);
    EXPECT_EQ(report.of(MatchClass::link).same, 1U);
    EXPECT_EQ(report.of(MatchClass::question).other, 1U);
    EXPECT_EQ(report.of(MatchClass::question).same, 0U);
    EXPECT_EQ(report.recall_of_links_and_questions(), 0.5);
}

TEST(Score, WithoutTruthOnlyPairsAreCounted) {
    const auto report = score(people(), Truth());
    EXPECT_EQ(report.of(MatchClass::link).pairs, 1U);
    EXPECT_FALSE(report.precision(MatchClass::link));
    EXPECT_FALSE(report.recall_of_links());
}

TEST(Score, NobodyIsNoDivisionByZero) {
    const auto report = score({}, Truth::of_groups({}));
    EXPECT_EQ(report.questions_per_thousand(), 0);
    EXPECT_FALSE(report.recall_of_links());
    EXPECT_EQ(evidence_shares({}, Truth::of_groups({})).other_pairs, 0U);
}

TEST(Score, SharesOfEvidenceAreOfAllPairs) {
    const auto shares = evidence_shares(people(), Truth::of_groups({"a", "a", "a", "b", "c", "c"}));
    EXPECT_EQ(shares.same_pairs, 4U);
    EXPECT_EQ(shares.other_pairs, 11U);
    EXPECT_EQ(shares.by_evidence.at("birth_date_same").same, 3U);
    EXPECT_EQ(shares.by_evidence.at("birth_date_same").other, 3U);
}

}  // namespace
}  // namespace mash::identity
