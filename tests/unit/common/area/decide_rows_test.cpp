// The rows 1, 2, 3, 5, 6 and K3 of domain.md C, who is missing, and the times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/alternates.hpp"
#include "common/area/decide.hpp"
#include "common/area/trial.hpp"
#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using wire::Harm;
using wire::Lane;
using wire::Rag;
using wire::StandbyCause;
using wire::Urgency;

Policy schools_hear() {
    return policy_from(changed(reference_policy(), "schools_hear_of_missing_episodes = false",
                               "schools_hear_of_missing_episodes = true"));
}

const std::vector<std::string> care_and_location = {
    "adr",      "alg",      "chr",      "con",      "div", "edu.full", "evt.full",
    "hhd.full", "hlt.full", "idn.full", "leg.full", "loc", "nar.full", "pln.full",
    "pro",      "rsk.full", "sfc",      "sib",      "voi"};

// --- Row 1

TEST(MissingStart, ReachesTheDecidingBodiesWithCareAndLocation) {
    const World world;
    auto in = missing_child(world, "medium");
    involve_everybody(in);
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), UnorderedElementsAre(front_door, social_worker, missing_officers,
                                                     get_safe, placing_authority, health_visitor));
    for (const auto& who : {front_door, social_worker, missing_officers, placing_authority}) {
        EXPECT_EQ(views_of(decision, who), care_and_location);
        EXPECT_TRUE(recipient(decision, who)->act);
        EXPECT_EQ(recipient(decision, who)->rule, "E-08");
    }
    EXPECT_THAT(views_of(decision, health_visitor),
                ElementsAre("evt.headline", "idn.match", "pro", "rsk.word", "sfc"));
    EXPECT_FALSE(recipient(decision, health_visitor)->act);
    EXPECT_THAT(decision.not_connected, IsEmpty());
}

TEST(MissingStart, ASchoolHearsOnlyWhereTheAreaSaysSo) {
    const World silent;
    const World telling(schools_hear());
    auto in = missing_child(silent, "medium");
    in.involved = {{"school", school}};
    EXPECT_EQ(recipient(silent.decide(in), school), nullptr);
    EXPECT_THAT(views_of(telling.decide(in), school),
                ElementsAre("evt.headline", "idn.match", "pro", "rsk.word", "sfc"));
}

struct Grade {
    std::string word;
    Urgency urgency;
    Lane lane;
};
class GradeOfAMissingChild : public ::testing::TestWithParam<Grade> {};
TEST_P(GradeOfAMissingChild, SetsUrgencyAndLane) {
    const World world;
    const auto decision = world.decide(missing_child(world, GetParam().word));
    const auto ffd = recipient(decision, front_door);
    ASSERT_NE(ffd, nullptr);
    EXPECT_EQ(ffd->urgency, GetParam().urgency);
    EXPECT_EQ(ffd->lane, GetParam().lane);
    EXPECT_EQ(ffd->take_by, world.policy.take_by(GetParam().urgency, tuesday));
}
INSTANTIATE_TEST_SUITE_P(All, GradeOfAMissingChild,
                         ::testing::Values(Grade{"high", Urgency::u1, Lane::immediate},
                                           Grade{"medium", Urgency::u2, Lane::immediate},
                                           Grade{"low", Urgency::u3, Lane::urgent},
                                           Grade{"none_apparent", Urgency::u4, Lane::routine},
                                           Grade{"", Urgency::u2, Lane::immediate}));

TEST(MissingStart, AnUnknownGradeIsTakenAsNoneGivenAndSaidSo) {
    const World world;
    const auto decision = world.decide(missing_child(world, "severe"));
    EXPECT_EQ(recipient(decision, front_door)->urgency, Urgency::u2);
    EXPECT_THAT(decision.warnings, Contains("unknown_risk_grade"));
}

TEST(MissingStart, UnscheduledCareHelpsToLocateOnlyWhenTheRiskIsHigh) {
    const World world;
    const auto high = world.decide(missing_child(world, "high"));
    EXPECT_THAT(
        views_of(high, emergency_department),
        ElementsAre("evt.headline", "hlt.critical", "idn.match", "loc", "pro", "rsk.word", "sfc"));
    EXPECT_TRUE(recipient(high, emergency_department)->act);
    EXPECT_EQ(recipient(high, emergency_department)->basis, "e;d;9c");
    const auto medium = world.decide(missing_child(world, "medium"));
    EXPECT_EQ(recipient(medium, emergency_department), nullptr);
    EXPECT_EQ(recipient(medium, front_door)->basis, "e;9g-p18");
}

TEST(MissingStart, AtNightTheEmergencyDutyTeamActsAndTheFrontDoorStandsBy) {
    const World world;
    const auto decision = world.decide(missing_child(world, "high", saturday_night));
    EXPECT_EQ(recipient(decision, front_door), nullptr);
    const auto edt = recipient(decision, emergency_duty);
    ASSERT_NE(edt, nullptr);
    EXPECT_EQ(edt->take_by, at("2027-01-09T23:55:00Z"));
    EXPECT_THAT(edt->standbys,
                ElementsAre(wire::Standby{InboxId("hub.ffd"), StandbyCause::out_of_hours}));
}

TEST(MissingStart, TheMinuteTheFrontDoorClosesDecidesWhoActs) {
    const World world;
    EXPECT_NE(recipient(world.decide(missing_child(world, "high", at("2026-11-24T16:59:59Z"))),
                        front_door),
              nullptr);
    EXPECT_NE(recipient(world.decide(missing_child(world, "high", at("2026-11-24T17:00:00Z"))),
                        emergency_duty),
              nullptr);
}

TEST(MissingStart, ByDayTheEmergencyDutyTeamStandsByForTheFrontDoor) {
    const World world;
    EXPECT_THAT(recipient(world.decide(missing_child(world, "high")), front_door)->standbys,
                ElementsAre(wire::Standby{InboxId("hub.edt"), StandbyCause::out_of_hours}));
}

TEST(MissingStart, ADutyTeamOfAnotherAgencyStandsInForNobodyAndHasTheNightItself) {
    World world;
    auto& hub = world.agency("hub");
    const auto entry = std::ranges::find(hub.seats, RoleId("edt"), &SeatEntry::role);
    ASSERT_NE(entry, hub.seats.end());
    Agency duty = hub;
    duty.id = AgencyId("duty");
    duty.seats = {*entry};
    duty.seats.front().inbox = InboxId("duty.edt");
    duty.alternate_inboxes.clear();
    hub.seats.erase(entry);
    world.registry.agencies[duty.id] = duty;
    const auto by_day = world.decide(missing_child(world, "high"));
    ASSERT_NE(recipient(by_day, front_door), nullptr);
    EXPECT_THAT(recipient(by_day, front_door)->standbys, IsEmpty())
        << "its signature would show the sender a conflict";
    const Seat at_night{AgencyId("duty"), RoleId("edt")};
    const auto decision = world.decide(missing_child(world, "high", at("2026-11-24T22:00:00Z")));
    ASSERT_NE(recipient(decision, at_night), nullptr);
    EXPECT_EQ(recipient(decision, at_night)->inbox, InboxId("duty.edt"));
}

TEST(MissingStart, WhoIsOnlyToldHasUntilTheNextWorkingDayOrSession) {
    const World world(schools_hear());
    auto in = missing_child(world, "high", saturday_night);
    involve_everybody(in);
    const auto decision = world.decide(in);
    EXPECT_EQ(recipient(decision, health_visitor)->take_by, at("2027-01-11T17:00:00Z"));
    EXPECT_FALSE(recipient(decision, health_visitor)->estimated);
    EXPECT_EQ(recipient(decision, school)->take_by, at("2027-01-11T08:50:00Z"));
    EXPECT_TRUE(recipient(decision, school)->estimated);
    EXPECT_EQ(recipient(decision, school)->urgency, Urgency::u4);
    EXPECT_EQ(recipient(decision, school)->lane, Lane::immediate)
        << "it travels as fast as the event";
}

TEST(MissingStart, APersonsSeatHasItsAlternateStandingBy) {
    const World world(schools_hear());
    auto in = missing_child(world, "medium");
    in.involved = {{"school", school}};
    EXPECT_THAT(
        recipient(world.decide(in), school)->standbys,
        ElementsAre(wire::Standby{InboxId("orchard-gate.alternate"), StandbyCause::alternate}));
}

/// The head stands in for the lead, and the chair of governors for the head.
World with_a_chair() {
    World world(schools_hear());
    auto& agency = world.agency("orchard-gate");
    SeatEntry head;
    head.role = RoleId("head");
    head.inbox = agency.alternate_inboxes.front();
    head.alternate = InboxId("orchard-gate.chair");
    agency.alternate_inboxes = {*head.alternate};
    agency.seats.push_back(head);
    return world;
}

TEST(Alternates, TheAlternatesOwnAlternateStandsByToo) {
    const auto world = with_a_chair();
    auto in = missing_child(world, "medium");
    in.involved = {{"school", school}};
    EXPECT_THAT(
        recipient(world.decide(in), school)->standbys,
        ElementsAre(wire::Standby{InboxId("orchard-gate.alternate"), StandbyCause::alternate},
                    wire::Standby{InboxId("orchard-gate.chair"), StandbyCause::alternate}));
}

TEST(Alternates, BehindTwoStatedConflictsTheThirdIsTold) {
    const auto world = with_a_chair();
    auto in = missing_child(world, "medium");
    in.involved = {{"school", school}};
    in.facts.conflicts_stated = {seat("orchard-gate", "head"), school};
    const auto told = recipient(world.decide(in), school);
    ASSERT_NE(told, nullptr);
    EXPECT_EQ(told->inbox, InboxId("orchard-gate.chair"));
    EXPECT_THAT(told->standbys, IsEmpty());
}

TEST(Alternates, AreEachOnceNearestFirstAndNeverTheSeatItself) {
    auto world = with_a_chair();
    auto& agency = world.agency("orchard-gate");
    EXPECT_THAT(alternates_of(agency, RoleId("sch")),
                ElementsAre(InboxId("orchard-gate.alternate"), InboxId("orchard-gate.chair")));
    agency.seats.back().alternate = agency.seats.front().inbox;  // each stands in for the other
    EXPECT_THAT(alternates_of(agency, RoleId("sch")),
                ElementsAre(InboxId("orchard-gate.alternate")));
    EXPECT_THAT(alternates_of(agency, RoleId("nobody")), IsEmpty());
}

// --- Not connected

TEST(NotConnected, AMissingRoleIsATaskWithANumberAndAClock) {
    World world;
    std::erase_if(world.agency("council").seats,
                  [](const SeatEntry& seat) { return seat.role == RoleId("mco"); });
    const auto decision = world.decide(missing_child(world, "high"));
    ASSERT_EQ(decision.not_connected.size(), 1U);
    EXPECT_EQ(decision.not_connected[0],
              (wire::NotConnected{RoleId("mco"), "01632 960103", at("2026-11-24T11:15:00Z")}));
}

TEST(NotConnected, NoSocialWorkerAndNoPlacingAuthorityIsNoGap) {
    const World world;
    EXPECT_THAT(world.decide(missing_child(world, "medium")).not_connected, IsEmpty());
}

TEST(NotConnected, ARevokedRecipientThatIsInvolvedIsRung) {
    World world;
    world.agency("council").revoked_at = tuesday - std::chrono::hours(1);
    auto in = missing_child(world, "medium");
    in.involved = {{"social_worker", social_worker}};
    const auto decision = world.decide(in);
    EXPECT_EQ(recipient(decision, social_worker), nullptr);
    ASSERT_EQ(decision.not_connected.size(), 2U);
    EXPECT_EQ(decision.not_connected[0].role, RoleId("mco"));
    EXPECT_EQ(decision.not_connected[1].role, RoleId("sw"));
    EXPECT_EQ(decision.not_connected[1].telephone, "01632 960101")
        << "no number of its own: the front door's";
}

TEST(NotConnected, AnotherAuthorityWithoutAnAgentIsRungByItsOwnNumber) {
    World world;
    auto in = missing_child(world, "high");
    in.facts.addressed_to = {{AgencyId("eastvale"), RoleId("ola")}};
    const auto decision = world.decide(in);
    ASSERT_FALSE(decision.not_connected.empty());
    EXPECT_EQ(decision.not_connected.back().role, RoleId("ola"));
    EXPECT_EQ(decision.not_connected.back().telephone, "01632 960142");
    EXPECT_TRUE(decision.not_connected.back().tell_by.is_set());
    EXPECT_FALSE(decision.recipients.empty()) << "nobody waits for it";
    in.facts.addressed_to = {{AgencyId("elsewhere"), RoleId("ola")}};
    EXPECT_EQ(world.decide(in).not_connected.back().telephone, "01632 960117")
        << "one that the policy does not list";
}

TEST(NotConnected, WithoutAFrontDoorTheEmergencyDutyTeamActsAndTheFrontDoorIsRung) {
    World world;
    std::erase_if(world.agency("hub").seats,
                  [](const SeatEntry& seat) { return seat.role == RoleId("ffd"); });
    const auto decision = world.decide(missing_child(world, "high"));
    EXPECT_NE(recipient(decision, emergency_duty), nullptr);
    ASSERT_EQ(decision.not_connected.size(), 1U);
    EXPECT_EQ(decision.not_connected[0].role, RoleId("ffd"));
    EXPECT_EQ(decision.not_connected[0].telephone, "01632 960101");
}

TEST(NotConnected, RingingIsTellingSoARefusedReferralRingsNobody) {
    World world;
    world.agency("hub").seats.clear();
    auto in = referral(world, school, Harm::none);
    EXPECT_THAT(world.decide(in).not_connected, IsEmpty());
    in.facts.harm = Harm::suspected;
    EXPECT_EQ(world.decide(in).not_connected.size(), 1U);
}

// --- Row 2

TEST(MissingNews, ASightingMayComeFromAnybodyAndGoesToPoliceAndFrontDoorOnly) {
    const World world;
    auto in = input_from(world, school, "missing_episode_updated");
    in.facts.kind = "sighting";
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), UnorderedElementsAre(front_door, police));
    EXPECT_THAT(decision.warnings, Contains("front_door_passes_on"))
        << "the school is not shown who else works with the child";
}

TEST(MissingNews, OtherKindsComeFromPoliceOnly) {
    const World world;
    for (const char* kind : {"risk_changed", "information", "unauthorised_absence", ""}) {
        auto in = input_from(world, school, "missing_episode_updated");
        in.facts.kind = kind;
        EXPECT_EQ(world.decide(in).refusal, "publisher_not_entitled") << kind;
        auto by_police = input_from(world, police, "missing_episode_updated");
        by_police.facts.kind = kind;
        EXPECT_EQ(world.decide(by_police).refusal, "") << kind;
    }
}

TEST(MissingNews, PoliceTellWhoHadTheEarlierMessagesAndWhoeverAStartWouldReachToday) {
    const World world;
    auto in = input_from(world, police, "missing_episode_updated");
    in.thread_seats = {social_worker, health_visitor};
    in.involved = {{"placing_authority", placing_authority}};
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), UnorderedElementsAre(front_door, missing_officers, social_worker,
                                                     health_visitor, placing_authority));
    EXPECT_EQ(recipient(decision, social_worker)->route, "missing-news-thread-acting");
    EXPECT_FALSE(recipient(decision, health_visitor)->act);
}

TEST(MissingNews, OneSeatReachedTwiceIsToldOnceByTheActingRoute) {
    const World world;
    auto in = input_from(world, police, "missing_episode_updated");
    in.thread_seats = {social_worker};
    in.involved = {{"social_worker", social_worker}};
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), UnorderedElementsAre(front_door, missing_officers, social_worker));
    EXPECT_EQ(recipient(decision, social_worker)->route, "missing-news-social-worker");
}

// --- Row 3

TEST(MissingFound, EveryoneOfTheThreadAndTheMissingOfficersAreTold) {
    const World world;
    auto in = input_from(world, police, "missing_episode_closed");
    in.thread_seats = {social_worker, front_door, school, emergency_department};
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), UnorderedElementsAre(social_worker, front_door, school,
                                                     emergency_department, missing_officers));
    for (const auto& who : {social_worker, front_door, missing_officers}) {
        EXPECT_THAT(views_of(decision, who),
                    ElementsAre("evt.headline", "idn.match", "loc", "pro", "sfc", "voi"));
    }
    for (const auto& who : {school, emergency_department}) {
        EXPECT_THAT(views_of(decision, who), ElementsAre("evt.headline", "idn.match", "pro", "sfc"))
            << "where found is withheld";
    }
}

TEST(MissingFound, HarmMakesItAnHour) {
    const World world;
    auto in = input_from(world, police, "missing_episode_closed");
    EXPECT_EQ(recipient(world.decide(in), missing_officers)->urgency, Urgency::u3);
    in.facts.markers = {"harmed"};
    EXPECT_EQ(recipient(world.decide(in), missing_officers)->urgency, Urgency::u2);
}

TEST(MissingFound, TheDeskOnDutyActsAndTheDeskThatHadTheStartIsTold) {
    const World world;
    auto in = input_from(world, police, "missing_episode_closed", at("2027-01-11T10:00:00Z"));
    in.thread_seats = {emergency_duty};
    const auto decision = world.decide(in);
    ASSERT_NE(recipient(decision, front_door), nullptr);
    EXPECT_TRUE(recipient(decision, front_door)->act);
    ASSERT_NE(recipient(decision, emergency_duty), nullptr);
    EXPECT_FALSE(recipient(decision, emergency_duty)->act);
    EXPECT_THAT(recipient(decision, front_door)->standbys, IsEmpty())
        << "the other desk has its own copy";
}

TEST(MissingFound, ARoleThatTheRowDoesNotNameHasNoFunction) {
    World world;
    world.add("early-help", "social_care", {"eh"});
    auto in = input_from(world, police, "missing_episode_closed");
    in.thread_seats = {seat("early-help", "eh")};
    const auto decision = world.decide(in);
    EXPECT_THAT(decision.refused, ElementsAre(wire::RefusedRecipient{seat("early-help", "eh"),
                                                                     "E-03", "no_function"}));
    EXPECT_NE(recipient(decision, missing_officers), nullptr);
}

// --- Row 5

TEST(Referral, GoesWholeToTheFrontDoorWithTheReferrerAndWithoutWhatNeverTravels) {
    const World world;
    const auto decision = world.decide(referral(world, school, Harm::likely_or_actual));
    const auto views = views_of(decision, front_door);
    EXPECT_THAT(views, Contains("rfr"));
    EXPECT_THAT(views, Contains("att"));
    for (const char* never : {"saf", "op", "int", "plc.full", "hsn"})
        EXPECT_THAT(views, Not(Contains(never)));
    EXPECT_THAT(recipient(decision, front_door)->withheld,
                ElementsAre("hsn", "int", "op", "plc", "saf"));
}

TEST(Referral, AnOpenCaseIsToldWithoutTheReferrer) {
    const World world;
    auto in = referral(world, police, Harm::suspected);
    in.involved = {{"social_worker", social_worker}};
    const auto decision = world.decide(in);
    const auto views = views_of(decision, social_worker);
    EXPECT_THAT(views, Not(Contains("rfr")));
    EXPECT_THAT(views, Contains("nar.full"));
    EXPECT_THAT(recipient(decision, social_worker)->withheld, ElementsAre("hsn", "plc", "saf"))
        << "rfr is silent; op and int are not its business";
}

TEST(Referral, PoliceAreToldWhenACrimeIsSuspected) {
    const World world;
    auto in = referral(world, school, Harm::suspected);
    EXPECT_EQ(recipient(world.decide(in), police), nullptr);
    in.facts.markers = {"crime_suspected"};
    const auto decision = world.decide(in);
    EXPECT_THAT(views_of(decision, police),
                ElementsAre("adr", "alg", "evt.full", "hhd.full", "hlt.critical", "idn.full",
                            "leg.flag", "loc", "nar.full", "pro", "rsk.full", "sfc", "sib", "voi"));
}

TEST(Referral, UrgencyFollowsRagAndUnstatedIsAmber) {
    const World world;
    const std::pair<Rag, Urgency> expected[] = {{Rag::red, Urgency::u2},
                                                {Rag::amber, Urgency::u3},
                                                {Rag::green, Urgency::u4},
                                                {Rag::blue, Urgency::u5},
                                                {Rag::unstated, Urgency::u3}};
    for (const auto& [rag, urgency] : expected) {
        auto in = referral(world, school, Harm::likely_or_actual);
        in.facts.rag = rag;
        const auto decision = world.decide(in);
        EXPECT_EQ(recipient(decision, front_door)->urgency, urgency);
    }
}

// --- Row 6

TEST(DomesticAbuse, ReachesTheSchoolBeforeTheNextSession) {
    const World world;
    auto in = input_from(world, police, "domestic_abuse_incident", at("2027-01-15T22:40:00Z"));
    in.facts.harm = Harm::suspected;
    in.involved = {{"school", school}, {"health_visitor", health_visitor}, {"gp", practice}};
    const auto decision = world.decide(in);
    const auto sch = recipient(decision, school);
    ASSERT_NE(sch, nullptr);
    EXPECT_TRUE(sch->act);
    EXPECT_TRUE(sch->estimated);
    EXPECT_EQ(sch->take_by, at("2027-01-18T08:50:00Z"));
    EXPECT_EQ(sch->basis, "c;9g-p18");
    EXPECT_THAT(words(sch->views),
                ElementsAre("evt.incident", "idn.match", "nar.short", "sfc", "voi"));
    EXPECT_THAT(sch->withheld, ElementsAre("plc", "saf"));
    for (const auto& who : {health_visitor, practice}) {
        EXPECT_FALSE(recipient(decision, who)->act);
        EXPECT_THAT(views_of(decision, who),
                    ElementsAre("evt.headline", "idn.match", "pro", "sfc"));
    }
    EXPECT_EQ(recipient(decision, front_door)->take_by, at("2027-01-18T13:00:00Z"))
        << "it queues for the front door";
}

TEST(DomesticAbuse, OverTheHolidaysTheSchoolHasUntilTheFirstSession) {
    const World world;
    auto in = input_from(world, police, "domestic_abuse_incident", at("2026-12-18T22:30:00Z"));
    in.involved = {{"school", school}};
    EXPECT_EQ(recipient(world.decide(in), school)->take_by, at("2027-01-05T08:50:00Z"));
}

TEST(DomesticAbuse, OnASchoolDayFourWorkingHoursComeFirst) {
    const World world;
    auto in = input_from(world, police, "domestic_abuse_incident", at("2027-01-18T10:00:00Z"));
    in.involved = {{"school", school}};
    EXPECT_EQ(recipient(world.decide(in), school)->take_by, at("2027-01-18T14:00:00Z"));
    in.decided_at = at("2027-01-18T14:00:00Z");
    EXPECT_EQ(recipient(world.decide(in), school)->take_by, at("2027-01-19T08:50:00Z"));
}

TEST(DomesticAbuse, QueuesForTheFrontDoorAtNightUnlessHarmIsLikely) {
    const World world;
    auto in = input_from(world, police, "domestic_abuse_incident", saturday_night);
    in.facts.harm = Harm::suspected;
    auto decision = world.decide(in);
    ASSERT_NE(recipient(decision, front_door), nullptr);
    EXPECT_THAT(recipient(decision, front_door)->standbys,
                ElementsAre(wire::Standby{InboxId("hub.edt"), StandbyCause::alternate}))
        << "emergency duty stands in for a conflict, never for the hour";
    in.facts.harm = Harm::likely_or_actual;
    decision = world.decide(in);
    EXPECT_EQ(recipient(decision, front_door), nullptr);
    EXPECT_NE(recipient(decision, emergency_duty), nullptr);
}

TEST(DomesticAbuse, AChildOfNoKnownSchoolIsATaskForTheFrontDoor) {
    const World world;
    const auto decision = world.decide(input_from(world, police, "domestic_abuse_incident"));
    ASSERT_EQ(decision.not_connected.size(), 1U);
    EXPECT_EQ(decision.not_connected[0].role, RoleId("sch"));
    EXPECT_EQ(decision.not_connected[0].telephone, "01632 960105");
}

TEST(DomesticAbuse, WaitsForItsStatute) {
    const World world(
        policy_from(changed(reference_policy(), "domestic_abuse_act_s49a = 2025-11-07",
                            "domestic_abuse_act_s49a = 2026-12-01")));
    EXPECT_EQ(world.decide(input_from(world, police, "domestic_abuse_incident", tuesday)).refusal,
              "type_not_in_force");
    EXPECT_EQ(world
                  .decide(input_from(world, police, "domestic_abuse_incident",
                                     at("2026-12-01T10:00:00Z")))
                  .refusal,
              "");
}

// --- K3

TEST(Recall, GoesToWhoeverHadItAndCarriesNoContent) {
    const World world;
    auto in = input_from(world, police, "recall");
    in.thread_seats = {school, front_door};
    auto decision = world.decide(in);
    EXPECT_THAT(told(decision), UnorderedElementsAre(school, front_door));
    EXPECT_THAT(views_of(decision, school), IsEmpty());
    EXPECT_EQ(recipient(decision, school)->urgency, Urgency::u3);
    in.facts.markers = {"protected_data_leaked"};
    EXPECT_EQ(recipient(world.decide(in), school)->urgency, Urgency::u1);
}

// --- What `mashctl policy test` alters

TEST(Alterations, WidenEachRouteByTheNextViewThatItsRowMayCarry) {
    const Policy policy = policy_from(reference_policy());
    std::vector<std::string> says;
    for (const auto& one : alterations(policy)) {
        if (one.kind != Alteration::Kind::route_view_added) continue;
        says.push_back(one.says);
        const auto views_in = [&](const Policy& of) {
            for (const auto& route : of.find_type(one.type)->routes) {
                if (route.id == one.route && route.role == one.role) return words(route.views);
            }
            return std::vector<std::string>();
        };
        const auto before = views_in(policy);
        const auto wider = views_in(altered(policy, one));
        EXPECT_FALSE(has(before, one.view.value())) << one.says;
        EXPECT_TRUE(has(wider, one.view.value())) << one.says;
        EXPECT_TRUE(std::ranges::is_sorted(wider)) << one.says;
        const auto* view = policy.find_view(one.view);
        EXPECT_EQ(wider.size(), before.size() + (view->rank == 1 ? 1 : 0)) << one.says;
    }
    const std::string team = "early_help_offer: route early-help-team (eh) with ";
    for (const char* next : {"nar.full", "hlt.critical", "adr"})
        EXPECT_THAT(says, Contains(team + next));
    for (const char* never : {"nar.short", "hlt.full", "saf", "op", "int"})
        EXPECT_THAT(says, Not(Contains(team + never)));
}

}  // namespace
}  // namespace mash::area
