// Time limits in law: whose each is, and when it runs out (domain.md C6 rows 3 and 4, F1, F2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/decide_deadlines.hpp"
#include "common/area/decision_record.hpp"
#include "common/area/explain.hpp"
#include "common/area/trial.hpp"
#include "common/wire/codec.hpp"
#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using wire::Clock;

DecisionInput found(const World& world, WallTime happened, WallTime told_at) {
    auto in = input_from(world, police, "missing_episode_closed", told_at);
    in.facts.occurred_at = happened;
    return in;
}
DecisionInput found(const World& world, WallTime happened = tuesday) {
    return found(world, happened, happened + std::chrono::minutes(10));
}
DecisionInput fostering(const World& world, WallTime told_at) {
    auto in = input_from(world, school, "private_fostering_notice", told_at);
    in.facts.occurred_at = told_at - std::chrono::hours(24 * 40);
    return in;
}
std::vector<Clock> clocks(const wire::Decision& decision, const Seat& who) {
    const auto told = recipient(decision, who);
    EXPECT_NE(told, nullptr);
    return told == nullptr ? std::vector<Clock>() : told->clocks;
}
Clock interview(const std::string& by) { return {"return_interview", at(by)}; }
Clock visit(const std::string& by) { return {"private_fostering_visit", at(by)}; }

TEST(ReturnInterview, IsTheMissingOfficersWithinSeventyTwoHoursOfTheReturn) {
    const World world;
    auto in = found(world, at("2027-01-19T07:30:00Z"), at("2027-01-19T09:12:00Z"));
    in.thread_seats = {social_worker, front_door, school};
    const auto decision = world.decide(in);
    EXPECT_THAT(clocks(decision, missing_officers), ElementsAre(interview("2027-01-22T07:30:00Z")));
    for (const auto& who : {social_worker, front_door, school})
        EXPECT_THAT(clocks(decision, who), IsEmpty()) << "nobody reads of what is another's";
}

TEST(ReturnInterview, IsTheAuthoritysThatPlacedTheChildAndNotOurs) {
    const World world;
    auto in = found(world, at("2027-01-10T16:20:00Z"));
    in.thread_seats = {emergency_duty, placing_authority};
    const auto decision = world.decide(in);
    EXPECT_THAT(clocks(decision, placing_authority),
                ElementsAre(interview("2027-01-13T16:20:00Z")));
    EXPECT_THAT(clocks(decision, missing_officers), IsEmpty());
}

TEST(ReturnInterview, OfAnAuthorityThatIsRungIsNotOursEither) {
    const World world;
    auto in = found(world);
    in.facts.addressed_to = {seat("southmere", "ola")};
    const auto decision = world.decide(in);
    ASSERT_EQ(decision.not_connected.size(), 1U);
    EXPECT_THAT(clocks(decision, missing_officers), IsEmpty());
}

TEST(ReturnInterview, RunsSeventyTwoRealHoursAcrossAChangeOfTheClocks) {
    const World world;
    // Found Sat 27 Mar 2027 20:00 GMT -> 72 h = Tue 30 Mar 21:00 BST.
    EXPECT_THAT(clocks(world.decide(found(world, at("2027-03-27T20:00:00Z"))), missing_officers),
                ElementsAre(interview("2027-03-30T21:00:00+01:00")));
    EXPECT_THAT(
        clocks(world.decide(found(world, at("2027-10-30T20:00:00+01:00"))), missing_officers),
        ElementsAre(interview("2027-11-02T19:00:00Z")));
}

TEST(ReturnInterview, ATimeThatIsNotSaidOrLiesAheadPutsNothingOff) {
    const World world;
    const auto by = tuesday + std::chrono::hours(72);
    auto in = found(world, tuesday, tuesday);
    in.facts.occurred_at = {};
    EXPECT_THAT(clocks(world.decide(in), missing_officers),
                ElementsAre(Clock{"return_interview", by}));
    in.facts.occurred_at = tuesday + std::chrono::hours(500);
    EXPECT_THAT(clocks(world.decide(in), missing_officers),
                ElementsAre(Clock{"return_interview", by}));
}

TEST(ReturnInterview, IsStartedByNothingButTheReturn) {
    const World world;
    for (const char* type : {"missing_episode_started", "missing_episode_updated"}) {
        const auto decision = world.decide(input_from(world, police, type));
        for (const auto& each : decision.recipients) EXPECT_THAT(each.clocks, IsEmpty());
    }
}

TEST(ReturnInterview, MovesWithACorrectionOfWhenTheChildWasFound) {
    const World world;
    auto in = input_from(world, police, "correction");
    in.facts.kind = "missing_episode_closed";
    in.facts.occurred_at = at("2026-11-24T06:42:00Z");
    in.facts.thread_seats = in.thread_seats = {missing_officers};
    EXPECT_THAT(clocks(world.decide(in), missing_officers),
                ElementsAre(interview("2026-11-27T06:42:00Z")));
    in.facts.kind = "missing_episode_started";
    EXPECT_THAT(clocks(world.decide(in), missing_officers), IsEmpty());
}

TEST(FosteringVisit, IsDueAtTheCloseOfTheSeventhWorkingDayAfterTheNotice) {
    const World world;
    // Mon 22 Mar 2027 + 7 working days = Fri 2 Apr: Good Friday and Easter Monday count for none.
    EXPECT_THAT(clocks(world.decide(fostering(world, at("2027-03-22T10:00:00Z"))), front_door),
                ElementsAre(visit("2027-04-02T16:30:00+01:00")));
    EXPECT_THAT(clocks(world.decide(fostering(world, at("2027-03-22T23:50:00Z"))), front_door),
                ElementsAre(visit("2027-04-02T16:30:00+01:00")))
        << "whatever the hour of receipt";
    EXPECT_THAT(clocks(world.decide(fostering(world, at("2026-12-23T10:00:00Z"))), front_door),
                ElementsAre(visit("2027-01-06T17:00:00Z")))
        << "Christmas Day, its substitute and New Year's Day";
}

TEST(FosteringVisit, IsNotPutOffByACorrectionOfTheNotice) {
    const World world;
    auto in = input_from(world, school, "correction");
    in.facts.kind = "private_fostering_notice";
    in.facts.thread_seats = in.thread_seats = {front_door};
    EXPECT_THAT(clocks(world.decide(in), front_door), IsEmpty())
        << "the first notice has it, and its reader's agent";
}

TEST(FosteringVisit, PastTheBankHolidaysLoadedItIsSaidAloud) {
    const World world;
    const auto in = fostering(world, at("2028-12-20T10:00:00Z"));
    const auto* type = world.policy.find_type(in.facts.type);
    Timing hours(in, *type, world.policy);
    hours.clock_by(*world.policy.find_clock("return_interview"), in.facts.occurred_at);
    EXPECT_TRUE(hours.covered()) << "hours ask no calendar";
    Timing days(in, *type, world.policy);
    days.clock_by(*world.policy.find_clock("private_fostering_visit"), in.facts.occurred_at);
    EXPECT_FALSE(days.covered()) << "becomes the warning calendar_ends";
}

// --- Whom it must not show anything

TEST(Clocks, AConflictThatTheSenderStatesIsNoClueToWhoeverElseCouldHoldIt) {
    World world;
    auto in = found(world);
    in.thread_seats = {placing_authority};
    const auto before = world.decide(in);
    in.facts.conflicts_stated = {placing_authority};
    const auto rung = world.decide(in);
    EXPECT_EQ(recipient(rung, placing_authority), nullptr);
    EXPECT_EQ(*recipient(rung, missing_officers), *recipient(before, missing_officers));

    for (auto& entry : world.agency("northmere").seats)
        entry.alternate = InboxId("northmere.alternate");
    world.agency("northmere").alternate_inboxes = {InboxId("northmere.alternate")};
    world.registry.build_index();
    const auto elsewhere = world.decide(in);
    ASSERT_NE(recipient(elsewhere, placing_authority), nullptr);
    EXPECT_EQ(recipient(elsewhere, placing_authority)->inbox, InboxId("northmere.alternate"));
    EXPECT_EQ(clocks(elsewhere, placing_authority), clocks(before, placing_authority))
        << "held where the seat is";
    EXPECT_EQ(*recipient(elsewhere, missing_officers), *recipient(before, missing_officers));
}

TEST(Clocks, NoneIsStatedAtTheFloor) {
    const World world;
    auto in = found(world);
    in.facts.markers = {"harmed"};
    in.facts.thread_seats = in.thread_seats = {front_door};
    in.floor = true;
    const World desk(policy_from(
        changed(reference_policy(), "held_by = [\"ola\", \"mco\"]", "held_by = [\"ffd\"]")));
    const auto at_the_floor = desk.decide(in);
    ASSERT_TRUE(at_the_floor.floor);
    EXPECT_THAT(clocks(at_the_floor, front_door), IsEmpty());
    in.floor = false;
    EXPECT_EQ(clocks(desk.decide(in), front_door).size(), 1U);
}

TEST(Clocks, AreHeldByTheNextRoleOnlyWhereTheFirstIsNeitherToldNorRung) {
    const World world;
    auto in = found(world);
    in.thread_seats = {placing_authority};
    in.facts.detriment = {placing_authority};
    EXPECT_EQ(clocks(world.decide(in), missing_officers).size(), 1U)
        << "whether the authority may be told waits for a person";
}

TEST(Clocks, AreHeldByEachSeatOfARoleBecauseNoRuleKnowsWhichOwesIt) {
    World world;
    world.add("eastvale", "other_authority", {"ola"});
    world.registry.build_index();
    auto in = found(world);
    in.thread_seats = {seat("eastvale", "ola"), placing_authority};
    const auto decision = world.decide(in);
    EXPECT_EQ(clocks(decision, placing_authority), clocks(decision, seat("eastvale", "ola")));
    EXPECT_THAT(clocks(decision, missing_officers), IsEmpty());
}

TEST(Clocks, FollowTheKindWhereTheyNameOne) {
    const auto text = changed(reference_policy(), "types = \"private_fostering_notice\"",
                              "types = \"placement_notice\"\nkinds = \"emergency\"");
    const World world(policy_from(changed(text, "held_by = \"ffd\"", "held_by = \"ola\"")));
    auto in = input_from(world, social_worker, "placement_notice", at("2027-03-22T10:00:00Z"));
    in.facts.addressed_to = {placing_authority};
    in.facts.kind = "starts";
    EXPECT_THAT(clocks(world.decide(in), placing_authority), IsEmpty());
    in.facts.kind = "emergency";
    EXPECT_EQ(clocks(world.decide(in), placing_authority).size(), 1U);
}

// --- Equal on both sides, recorded, explained

TEST(Clocks, ArePartOfWhatBothSidesCompare) {
    const World world;
    const auto decision = world.decide(found(world));
    auto other = decision;
    for (auto& each : other.recipients) each.clocks.clear();
    EXPECT_NE(wire::encode_body(decision), wire::encode_body(other));
    EXPECT_THAT(first_difference(decision, other), HasSubstr("clocks: recorded return_interview by "
                                                             "2026-11-27T11:00:00"));
    const auto read = wire::decode_body<wire::Decision>(wire::encode_body(decision));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, decision);
}

TEST(Clocks, AreSaidToWhoeverAsksWhatWouldGo) {
    const World world;
    const auto in = found(world, at("2027-01-10T16:20:00Z"));
    const auto decision = world.decide(in);
    EXPECT_THAT(explain_for_practitioner(decision, world.registry, world.policy),
                HasSubstr("Theirs to hold by Wednesday 13 January 2027 at 16:20 GMT: Return "
                          "interview (Statutory guidance"));
    EXPECT_THAT(explain_for_auditor(in, decision, world.registry, world.policy),
                HasSubstr("clocks of its own: return_interview by 2027-01-13T16:20:00"));
}

TEST(Clocks, EachIsAlteredInEveryWayThatATestMustNotice) {
    const World world;
    std::vector<std::string> says;
    for (const auto& one : alterations(world.policy)) {
        if (one.says.find(": clock ") != std::string::npos) says.push_back(one.says);
    }
    EXPECT_THAT(says,
                ::testing::UnorderedElementsAre(
                    "missing_episode_closed: clock return_interview left out",
                    "missing_episode_closed: clock return_interview an hour longer",
                    "missing_episode_closed: clock return_interview from the other start",
                    "missing_episode_closed: clock return_interview not held by ola",
                    "missing_episode_closed: clock return_interview not held by mco",
                    "missing_episode_closed: clock return_interview held in the other order",
                    "private_fostering_notice: clock private_fostering_visit left out",
                    "private_fostering_notice: clock private_fostering_visit a day longer",
                    "private_fostering_notice: clock private_fostering_visit from the other "
                    "start",
                    "private_fostering_notice: clock private_fostering_visit not held by ffd"));
    const auto in = found(world, at("2027-01-10T16:20:00Z"));
    const auto before = world.decide(in);
    for (const auto& one : alterations(world.policy)) {
        if (one.says.find("clock return_interview") == std::string::npos ||
            one.role == RoleId("ola") || one.says.ends_with("order"))
            continue;
        EXPECT_NE(decide(in, world.registry, altered(world.policy, one)), before) << one.says;
    }
}

}  // namespace
}  // namespace mash::area
