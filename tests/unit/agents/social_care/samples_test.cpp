// The published samples, read where they lie: the counts that their description states.
#include <gtest/gtest.h>

#include "tests/unit/agents/social_care/dropped_files.hpp"

namespace mash::social_care::testing {
namespace {

/// Skips the test, and says of which file, where the sample is not on this machine.
// NOLINTBEGIN(bugprone-macro-parentheses): `into` is a name that is declared
#define SAMPLE(into, name)                                                                 \
    const auto into##_found = sample(name);                                                \
    if (!into##_found)                                                                     \
        GTEST_SKIP() << "The public sample file social_care/" << (name) << " is not here"; \
    const std::string& into = *into##_found
// NOLINTEND(bugprone-macro-parentheses)

struct Return {
    const char* year;
    std::uint64_t children, with_episodes, episodes, open, children_open;
};

class PlacementReturnSample : public ::testing::TestWithParam<Return> {};

TEST_P(PlacementReturnSample, HasTheChildrenEpisodesAndOpenOnesThatItShould) {
    const auto& expected = GetParam();
    const std::string folder_name = std::string("ssda903_") + expected.year + "/";
    SAMPLE(header, folder_name + "header.csv");
    SAMPLE(episodes, folder_name + "episodes.csv");
    DroppedFiles folder("2021-01-15T12:00:00Z");
    const auto children = folder.drop(header);
    EXPECT_EQ(children.format, "ssda903-header");
    EXPECT_EQ(children.records, expected.children);
    EXPECT_EQ(children.children, expected.children);
    EXPECT_TRUE(children.rejected_records.empty());
    const auto file = folder.drop(episodes);
    EXPECT_EQ(file.format, "ssda903-episodes");
    EXPECT_EQ(file.records, expected.episodes);
    EXPECT_EQ(file.children, expected.with_episodes);
    EXPECT_EQ(counted(file, "open"), expected.open);
    EXPECT_EQ(counted(file, "children_open"), expected.children_open);
    EXPECT_EQ(counted(file, "waiting_for_header"), 0U);
    for (const char* other : {"missing.csv", "oc2.csv", "oc3.csv", "previous_permanence.csv",
                              "reviews.csv", "uasc.csv"}) {
        SAMPLE(text, folder_name + other);
        const auto counted_only = folder.drop(text);
        EXPECT_GT(counted_only.records, 0U) << other;
        EXPECT_TRUE(counted_only.notifications.empty()) << other;
        EXPECT_TRUE(counted_only.rejected_records.empty()) << other;
        if (std::string_view(other) == "missing.csv") {
            EXPECT_EQ(counted_only.records, 1U);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Published, PlacementReturnSample,
                         ::testing::Values(Return{"2020", 226, 185, 402, 105, 103},
                                           Return{"2021", 144, 120, 253, 62, 62}),
                         [](const auto& each) { return std::string("Year") + each.param.year; });

// Of the made-up pupil numbers few pass their check: two of those children are in care in the first
// return; of them one has left it in the second, and one who is new is in care.
TEST(Samples, OneReturnAfterTheOtherSaysWhatChangedInBetween) {
    SAMPLE(header_2020, "ssda903_2020/header.csv");
    SAMPLE(episodes_2020, "ssda903_2020/episodes.csv");
    SAMPLE(header_2021, "ssda903_2021/header.csv");
    SAMPLE(episodes_2021, "ssda903_2021/episodes.csv");
    DroppedFiles folder("2021-01-15T12:00:00Z");
    folder.drop(episodes_2020);
    const auto first = folder.drop(header_2020);
    EXPECT_EQ(said(first), (Words{"care_status_changed/looked_after_started",
                                  "care_status_changed/looked_after_started"}));
    EXPECT_TRUE(folder.drop(episodes_2020).notifications.empty());
    folder.later("2022-03-20T12:00:00Z");
    folder.drop(header_2021);
    const auto second = folder.drop(episodes_2021);
    EXPECT_EQ(said(second),
              (Words{"care_status_changed/looked_after_ended",
                     "care_status_changed/looked_after_started", "placement_notice/starts"}))
        << "the one who left was placed for adoption: of that placement nobody heard";
    EXPECT_TRUE(folder.drop(episodes_2021).notifications.empty());
}

TEST(Samples, TheCensusesOfOneChildAreRead) {
    for (const char* name : {"cin_2022_one_child.xml", "cin_2023_one_child.xml"}) {
        SAMPLE(text, name);
        DroppedFiles folder;
        const auto file = folder.drop(text);
        EXPECT_EQ(file.format, "cin-census") << name;
        EXPECT_EQ(file.records, 1U) << name;
        EXPECT_EQ(file.children, 1U) << name;
        EXPECT_EQ(counted(file, "referrals_closed"), 1U) << name;
        EXPECT_EQ(counted(file, "plans_ended"), 1U) << name;
        EXPECT_EQ(counted(file, "plans_open"), 0U) << name;
        EXPECT_EQ(counted(file, "section_47_enquiries"), 1U) << name;
        EXPECT_TRUE(file.notifications.empty()) << name;
        EXPECT_TRUE(file.rejected_records.empty()) << name;
    }
}

TEST(Samples, TheCensusOfActivePlansHasOneOpenPlanAndOneOfAnUnbornChild) {
    SAMPLE(text, "cin_own_active_plans.xml");
    DroppedFiles folder;
    const auto file = folder.drop(text);
    EXPECT_EQ(file.records, 2U);
    EXPECT_EQ(file.children, 2U);
    EXPECT_EQ(counted(file, "plans_open"), 2U);
    EXPECT_EQ(counted(file, "plans_ended"), 1U);
    EXPECT_EQ(said(file), Words{"care_status_changed/cp_plan_started"});
    EXPECT_EQ(only(file).source_ref, "care/OWN0001/plan/2025-10-02/1/started");
    EXPECT_EQ(rules(file), Rules{"mother_not_known"});
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{2});
}

TEST(Samples, ThePayloadStartsAPlanAndPutsItRight) {
    SAMPLE(text, "csc_api_own_example.json");
    DroppedFiles folder;
    const auto file = folder.drop(text);
    EXPECT_EQ(file.format, "dfe-api");
    EXPECT_EQ(file.records, 2U);
    EXPECT_EQ(file.children, 1U);
    EXPECT_EQ(counted(file, "plans"), 1U);
    EXPECT_EQ(counted(file, "plans_purged"), 1U);
    EXPECT_EQ(said(file), (Words{"care_status_changed/cp_plan_started", "correction"}));
    EXPECT_EQ(file.notifications[1].notification.supersedes_ref,
              file.notifications[0].notification.source_ref);
    EXPECT_TRUE(folder.drop(text).notifications.empty());
}

}  // namespace
}  // namespace mash::social_care::testing
