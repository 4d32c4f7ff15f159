// The daily payload: changes only, items that were purged, replays.
#include <gtest/gtest.h>

#include "tests/unit/agents/social_care/dropped_files.hpp"

namespace mash::social_care::testing {
namespace {

const std::string details =
    R"("child_details":{"unique_pupil_number":"U885999926001","first_name":"Zoë",)"
    R"("surname":"Example","date_of_birth":"2016-02-29","sex":"F","postcode":"WR5 1AA"})";

std::string child(const std::string& inside) {
    return R"([{"la_child_id":"OWN1")" + (inside.empty() ? "" : "," + inside) + "}]";
}
std::string episode(const std::string& inside) {
    return R"("social_care_episodes":[{"social_care_episode_id":"E1",)" + inside + "}]";
}
std::string plan(const std::string& rest) {
    return R"("child_protection_plans":[{"child_protection_plan_id":"P1")" + rest + "}]";
}
std::string placement(const std::string& id, const std::string& rest) {
    return R"({"child_looked_after_placement_id":")" + id + "\"" + rest + "}";
}

TEST(ApiPayload, ANewPlanStartsAndNamesTheChild) {
    DroppedFiles folder;
    const auto file = folder.drop(child(details + "," +
                                        episode(plan(R"(,"start_date":"2025-10-02")") +
                                                R"(,"care_worker_details":[{"worker_id":"W"}])")));
    EXPECT_EQ(said(file), Words{"care_status_changed/cp_plan_started"});
    EXPECT_EQ(field(only(file), "idn", "forenames"), "Zoë");
    EXPECT_EQ(only(file).subject.postcode.reveal(), "WR5 1AA");
    ASSERT_EQ(file.rolls.size(), 1U);
}

TEST(ApiPayload, WhatIsAbsentIsUnchanged) {
    DroppedFiles folder;
    folder.drop(child(details + "," + episode(plan(R"(,"start_date":"2025-10-02")"))));
    EXPECT_TRUE(folder.drop(child("")).notifications.empty());
    EXPECT_TRUE(
        folder.drop(child(episode(R"("child_protection_plans":[])"))).notifications.empty());
    const auto ended = folder.drop(child(episode(plan(R"(,"end_date":"2026-04-01")"))));
    EXPECT_EQ(said(ended), Words{"care_status_changed/cp_plan_ended"});
    EXPECT_EQ(field(only(ended), "idn", "surname"), "Example") << "named by an earlier payload";
    EXPECT_TRUE(
        folder.drop(child(episode(plan(R"(,"start_date":"2025-10-02")")))).notifications.empty())
        << "an older payload opens nothing again";
}

TEST(ApiPayload, APurgedPlanIsPutRightAndNotEnded) {
    DroppedFiles folder;
    const auto first = child(details + "," + episode(plan(R"(,"start_date":"2025-10-02")")));
    folder.drop(first);
    const auto purge = child(episode(plan(R"(,"purge":true)")));
    const auto file = folder.drop(purge);
    EXPECT_EQ(said(file), Words{"correction"});
    EXPECT_EQ(only(file).supersedes_ref, "care/OWN1/plan/2025-10-02/1/started");
    EXPECT_EQ(only(file).thread_ref, "care/OWN1/plan/2025-10-02/1");
    EXPECT_EQ(field(only(file), "leg", "has_plan_or_care_status"),
              "None of this kind: entered by mistake");
    for (const auto& again : {purge, first, purge}) {
        const auto replay = folder.drop(again);
        EXPECT_TRUE(replay.notifications.empty());
    }
}

TEST(ApiPayload, APurgeOfWhatNobodyWasToldSaysNothing) {
    DroppedFiles folder;
    EXPECT_TRUE(folder.drop(child(episode(plan(R"(,"purge":true)")))).notifications.empty());
}

TEST(ApiPayload, AChildThatIsPurgedIsPutRightAndForgotten) {
    DroppedFiles folder;
    folder.drop(child(
        details + "," +
        episode(plan(R"(,"start_date":"2025-10-02")") + R"(,"child_looked_after_placements":[)" +
                placement("L1", R"(,"start_date":"2025-11-01","start_reason":"S")") + "]")));
    const auto file = folder.drop(child(R"("purge":true)"));
    EXPECT_EQ(said(file), (Words{"correction", "correction"}));
    for (const auto& [key, value] : folder.kept)
        EXPECT_EQ(value.find("Example"), std::string::npos) << key;
}

TEST(ApiPayload, AMoveWithoutAnyReasonIsNoNewCare) {
    DroppedFiles folder;
    const auto started = folder.drop(
        child(details + "," +
              episode(R"("child_looked_after_placements":[)" +
                      placement("L1", R"(,"start_date":"2026-05-01","start_reason":"S")") + "]")));
    EXPECT_EQ(said(started), Words{"care_status_changed/looked_after_started"});
    const auto moved = folder.drop(child(episode(
        R"("child_looked_after_placements":[)" + placement("L1", R"(,"end_date":"2026-06-01")") +
        "," +
        placement("L2", R"(,"start_date":"2026-06-01","start_reason":"P","placement_type":"K1",)"
                        R"("postcode":"WR9 9ZZ")") +
        "]")));
    EXPECT_EQ(said(moved), Words{"placement_notice/starts"});
    const auto ended =
        folder.drop(child(episode(R"("child_looked_after_placements":[)" +
                                  placement("L2", R"(,"end_date":"2026-07-01")") + "]")));
    EXPECT_EQ(said(ended),
              (Words{"care_status_changed/looked_after_ended", "placement_notice/ends"}));
}

TEST(ApiPayload, OneChildAndOneItemMayStandWithoutTheirLists) {
    DroppedFiles folder;
    const auto file = folder.drop(
        R"({"la_child_id":"OWN1",)" + details +
        R"(,"social_care_episodes":{"child_protection_plans":{"child_protection_plan_id":7,)"
        R"("start_date":"2025-10-02"}}})");
    EXPECT_EQ(file.records, 1U);
    EXPECT_EQ(said(file), Words{"care_status_changed/cp_plan_started"});
}

TEST(ApiPayload, WhatIsNotOfTheRightTypeLosesNoOther) {
    DroppedFiles folder;
    const auto file =
        folder.drop(R"([17,{"la_child_id":""},{"la_child_id":"OWN1",)" + details +
                    R"(,"social_care_episodes":["x",{"child_protection_plans":"none"},)" +
                    R"({"child_protection_plans":[{"start_date":"2025-01-01"},)"
                    R"({"child_protection_plan_id":"P1","start_date":"2025-10-02"}]}]}])");
    EXPECT_EQ(file.records, 3U);
    EXPECT_EQ(file.rejected_records, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(said(file), Words{"care_status_changed/cp_plan_started"});
}

TEST(ApiPayload, AnEndThatCannotBeReadOpensNothing) {
    DroppedFiles folder;
    const auto file = folder.drop(
        child(details + "," +
              episode(plan(R"(,"start_date":"2025-10-02","end_date":"when it was over")"))));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(rules(file), Rules{"bad_date"});
}

TEST(ApiPayload, AFileThatIsCutOffIsRefusedWhole) {
    DroppedFiles folder;
    const auto file = folder.drop(R"([{"la_child_id":"OWN1",)");
    EXPECT_EQ(rules(file), Rules{"cut_off"});
    EXPECT_TRUE(file.faults[0].record_lost);
}

}  // namespace
}  // namespace mash::social_care::testing
