// The rules E-01 to E-10 of domain.md E2: each holds, refuses, and the boundary between; views; the
// floor.
#include "common/area/decide.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/explain.hpp"
#include "common/base/limits.hpp"
#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using wire::Harm;
using wire::Rag;
using wire::Urgency;

// --- E-01

TEST(RuleE01, TheAlternateIsToldInsteadAndTheSeatIsNoStandby) {
    const World world;
    auto in = input_from(world, police, "domestic_abuse_incident");
    in.involved = {{"school", school}};
    in.facts.conflicts_stated = {school};
    const auto decision = world.decide(in);
    const auto sch = recipient(decision, school);
    ASSERT_NE(sch, nullptr);
    EXPECT_EQ(sch->inbox, InboxId("orchard-gate.alternate"));
    EXPECT_THAT(sch->standbys, IsEmpty());
    EXPECT_EQ(sch->rule, "E-08");
}

TEST(RuleE01, WithoutAnAlternateTheSeatIsNotRungOnItsOwnNumber) {
    World world;
    auto in = missing_child(world, "high");
    in.facts.conflicts_stated = {missing_officers};
    const auto decision = world.decide(in);
    EXPECT_EQ(recipient(decision, missing_officers), nullptr);
    ASSERT_EQ(decision.not_connected.size(), 1U);
    EXPECT_EQ(decision.not_connected[0].role, RoleId("mco"));
    EXPECT_EQ(decision.not_connected[0].telephone, "01632 960101");
    EXPECT_THAT(decision.warnings, Contains("no_alternate"));
}

TEST(RuleE01, AConflictedFrontDoorIsReplacedByEmergencyDutyEvenByDay) {
    const World world;
    auto in = missing_child(world, "high");
    in.facts.conflicts_stated = {front_door};
    const auto decision = world.decide(in);
    EXPECT_EQ(recipient(decision, front_door), nullptr);
    ASSERT_NE(recipient(decision, emergency_duty), nullptr);
    EXPECT_THAT(recipient(decision, emergency_duty)->standbys, IsEmpty());
}

TEST(RuleE01, BothDesksConflictedIsATask) {
    const World world;
    auto in = missing_child(world, "high");
    in.facts.conflicts_stated = {emergency_duty, front_door};
    const auto decision = world.decide(in);
    EXPECT_EQ(recipient(decision, front_door), nullptr);
    EXPECT_EQ(recipient(decision, emergency_duty), nullptr);
    ASSERT_EQ(decision.not_connected.size(), 1U);
    EXPECT_EQ(decision.not_connected[0].role, RoleId("ffd"));
}

TEST(RuleE01, AConflictElsewhereChangesNothing) {
    const World world;
    auto in = missing_child(world, "high");
    const auto before = world.decide(in);
    in.facts.conflicts_stated = {other_school};
    EXPECT_EQ(world.decide(in), before);
}

// --- The lane before any plan

wire::Lane lane(const World& world, const DecisionInput& in) {
    return stated_lane(in.facts, &world.registry, world.policy, in.decided_at);
}

TEST(StatedLane, IsThatOfTheMostUrgentRecipientOnTheSendersFactsAlone) {
    const World world;
    EXPECT_EQ(lane(world, missing_child(world, "high")), wire::Lane::immediate);
    EXPECT_EQ(lane(world, missing_child(world, "none_apparent")), wire::Lane::routine);
    auto in = missing_child(world, "none_apparent");
    involve_everybody(in);
    EXPECT_EQ(lane(world, in), wire::Lane::routine) << "what others know does not count";
}

TEST(StatedLane, DangerThatReachesNobodyIsImmediate) {
    const World world;
    auto in = missing_child(world, "none_apparent");
    in.facts.conflicts_stated = {missing_officers, emergency_duty, front_door};
    ASSERT_THAT(world.decide(in).recipients, IsEmpty());
    EXPECT_EQ(lane(world, in), wire::Lane::immediate);
}

TEST(StatedLane, WithoutASenderOrARegistryTheTypeSays) {
    const World world;
    auto in = missing_child(world, "none_apparent");
    EXPECT_EQ(stated_lane(in.facts, nullptr, world.policy, in.decided_at), wire::Lane::immediate);
    in.facts.sender = AgencyId("nobody-we-know");
    EXPECT_EQ(lane(world, in), wire::Lane::immediate);
    in.facts.type = TypeId("recall");
    EXPECT_EQ(lane(world, in),
              world.policy.lane_of(world.policy.find_type(in.facts.type)->urgency_default));
    in.facts.type = TypeId("a_type_that_is_not_in_the_policy");
    EXPECT_EQ(lane(world, in), wire::Lane::immediate) << "not known is not known to be safe";
}

// --- E-02

TEST(RuleE02, ARoleThatMayNotPublishIsRefusedWhole) {
    const World world;
    const auto decision = world.decide(input_from(world, school, "missing_episode_started"));
    EXPECT_EQ(decision.rule, "E-02");
    EXPECT_EQ(decision.refusal, "publisher_not_entitled");
    EXPECT_THAT(decision.recipients, IsEmpty());
    EXPECT_THAT(decision.offers, IsEmpty());
}

TEST(RuleE02, WithHarmTheSameContentIsOfferedAsAReferral) {
    const World world;
    auto in = input_from(world, school, "missing_episode_started");
    in.facts.harm = Harm::suspected;
    EXPECT_THAT(world.decide(in).offers, ElementsAre("send_as_safeguarding_referral"));
    in.facts.harm = Harm::none;
    in.facts.vital = true;
    EXPECT_THAT(world.decide(in).offers, ElementsAre("send_as_safeguarding_referral"));
}

TEST(RuleE02, ARoleThatTheAgencyDoesNotHoldIsNoRole) {
    const World world;
    auto in = input_from(world, seat("orchard-gate", "pol"), "missing_episode_started");
    EXPECT_EQ(world.decide(in).refusal, "publisher_not_entitled");
}

TEST(RuleE02, ARevokedAgencyPublishesNothing) {
    World world;
    world.agency("constabulary").revoked_at = tuesday;
    EXPECT_EQ(world.decide(missing_child(world, "high")).refusal, "publisher_not_entitled");
}

TEST(UnknownWords, ATypeOrKindThatIsNotInTheCatalogueMovesNothing) {
    const World world;
    auto in = input_from(world, police, "missing_episode_reopened");
    EXPECT_EQ(world.decide(in).refusal, "unknown_type");
    in = input_from(world, police, "missing_episode_updated");
    in.facts.kind = "rumour";
    in.facts.vital = true;
    const auto decision = world.decide(in);
    EXPECT_EQ(decision.refusal, "unknown_kind");
    EXPECT_THAT(decision.recipients, IsEmpty());
    EXPECT_THAT(decision.offers, ElementsAre("send_as_safeguarding_referral"));
}

// --- E-04

TEST(RuleE04, LifeAtStakeIsSharedWhateverIsMissingOrRefused) {
    const World world;
    auto in = referral(world, school, Harm::none);
    in.facts.level = wire::Level::unstated;
    in.facts.vital = true;
    in.facts.detriment = {front_door};
    const auto decision = world.decide(in);
    ASSERT_NE(recipient(decision, front_door), nullptr);
    EXPECT_EQ(recipient(decision, front_door)->rule, "E-04");
    EXPECT_EQ(recipient(decision, front_door)->urgency, Urgency::u1);
    EXPECT_THAT(decision.warnings, Contains("manager_review_one_working_day"));
}

// --- E-05

TEST(RuleE05, WithHarmTheFrontDoorGetsWhatThereIsMarkedIncomplete) {
    const World world;
    auto in = referral(world, police, Harm::suspected);
    in.facts.level = wire::Level::unstated;
    in.involved = {{"social_worker", social_worker}};
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), ElementsAre(front_door));
    EXPECT_TRUE(decision.incomplete);
    EXPECT_EQ(recipient(decision, front_door)->rule, "E-05");
    EXPECT_THAT(decision.refused,
                ElementsAre(wire::RefusedRecipient{social_worker, "E-05", "incomplete"}));
    EXPECT_THAT(decision.warnings, Contains("missing_level"));
}

TEST(RuleE05, WithoutHarmItIsRefusedAndTheFieldIsNamed) {
    const World world;
    auto in = referral(world, school, Harm::none);
    in.facts.agreement.status = wire::AgreementStatus::unstated;
    const auto decision = world.decide(in);
    EXPECT_EQ(decision.rule, "E-05");
    EXPECT_EQ(decision.refusal, "incomplete");
    EXPECT_THAT(decision.warnings, Contains("missing_status"));
    EXPECT_THAT(decision.recipients, IsEmpty());
}

TEST(RuleE05, AnUnconditionalRowTakesTheseFromTheCatalogue) {
    const World world;
    EXPECT_EQ(recipient(world.decide(missing_child(world, "low")), front_door)->rule, "E-08");
}

// Rows 18 to 20 and 22 to 24 name no desk, or only one that is addressed.
wire::RoutingFacts without_level(wire::RoutingFacts facts) {
    facts.level = wire::Level::unstated;
    return facts;
}
DecisionInput help_offered_with_harm(const World& world, WallTime when = tuesday) {
    auto in = input_from(world, school, "early_help_offer", when);
    in.facts.level = wire::Level::two;
    in.facts.harm = Harm::suspected;
    in.facts.purpose = wire::Purpose::request_service;
    in.facts.agreement.status = wire::AgreementStatus::given;
    in.facts.agreement.giver = wire::Giver::parent_pr;
    in.facts.agreement.purpose = wire::Purpose::request_service;
    in.facts.agreement.named_agencies = {health_visitor.agency};
    return in;
}

TEST(RuleE05, ARowWithoutADeskTellsTheDeskOnDutyMarkedIncomplete) {
    const World world;
    for (const auto& [when, desk] :
         {std::pair{tuesday, front_door}, std::pair{saturday_night, emergency_duty}}) {
        auto in = help_offered_with_harm(world, when);
        in.facts = without_level(in.facts);
        const auto decision = world.decide(in);
        ASSERT_THAT(told(decision), ElementsAre(desk));
        EXPECT_TRUE(decision.incomplete);
        EXPECT_THAT(decision.warnings, Contains("missing_level"));
        const auto told_desk = recipient(decision, desk);
        EXPECT_EQ(told_desk->rule, "E-05");
        EXPECT_EQ(told_desk->route, danger_route);
        EXPECT_TRUE(told_desk->act);
        EXPECT_EQ(told_desk->urgency, Urgency::u3) << "as the referral that it should have been";
        EXPECT_EQ(told_desk->basis, "e;9g-p18") << "which rests on no agreement";
        EXPECT_THAT(words(told_desk->views), Contains("nar.short"));
        EXPECT_THAT(decision.offers, Contains("send_as_safeguarding_referral"));
        for (const auto& each : decision.refused) {
            EXPECT_EQ(each.rule, "E-06a") << "what is missing is not why they are not told";
            EXPECT_EQ(each.code, "wrong_type");
        }
    }
}

TEST(RuleE05, WholeAndWithoutDangerARowWithoutADeskStaysAsItIs) {
    const World world;
    auto in = help_offered_with_harm(world);
    const auto wrong_type = world.decide(in);
    EXPECT_EQ(wrong_type.refusal, "wrong_type");
    EXPECT_THAT(wrong_type.offers, Contains("send_as_safeguarding_referral"));
    in.facts.harm = Harm::none;
    EXPECT_THAT(told(world.decide(in)), ElementsAre(health_visitor));
    in.facts = without_level(in.facts);
    EXPECT_EQ(world.decide(in).refusal, "incomplete");
}

TEST(RuleE05, WithHarmAndNobodyOfTheRowToTellTheDeskIsToldAndAsMuchAsTheRowGivesAnybody) {
    const World world;
    auto in = input_from(world, social_worker, "step_change");
    in.facts.level = wire::Level::three;
    in.facts.harm = Harm::likely_or_actual;
    in.facts.purpose = wire::Purpose::inform_function;
    in.facts.agreement.status = wire::AgreementStatus::refused;
    in.facts.agreement.giver = wire::Giver::parent_pr;
    in.facts.addressed_to = {police};
    const auto decision = world.decide(in);
    ASSERT_THAT(told(decision), ElementsAre(front_door));
    EXPECT_FALSE(decision.incomplete);
    EXPECT_EQ(recipient(decision, front_door)->rule, "E-09");
    EXPECT_THAT(words(recipient(decision, front_door)->views),
                AllOf(Contains("alg"), Not(Contains("saf")), Not(Contains("rfr")),
                      Not(Contains("int")), Not(Contains("loc"))));
    in.facts.harm = Harm::none;
    EXPECT_THAT(told(world.decide(in)), IsEmpty());
    in.facts.vital = true;
    EXPECT_THAT(told(world.decide(in)), ElementsAre(front_door));
}

TEST(RuleE05, TheDeskThatTheRowDoesNotNameIsSpokenOfOnce) {
    const World world;
    auto in = input_from(world, social_worker, "strategy_discussion_invite");
    in.facts.harm = Harm::suspected;
    in.facts.addressed_to = {emergency_duty, front_door};
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), ElementsAre(front_door));
    EXPECT_THAT(decision.refused,
                ElementsAre(wire::RefusedRecipient{police, "E-05", "incomplete"}));
}

TEST(RuleE05, ADeskInConflictIsPassedOverAndOneThatIsNotConnectedIsRung) {
    World world;
    auto in = help_offered_with_harm(world);
    in.facts = without_level(in.facts);
    in.facts.conflicts_stated = {front_door};
    EXPECT_THAT(told(world.decide(in)), ElementsAre(emergency_duty));
    in.facts.conflicts_stated.clear();
    world.registry.agencies.erase(AgencyId("hub"));
    const auto decision = world.decide(in);
    ASSERT_EQ(decision.not_connected.size(), 1U);
    EXPECT_EQ(decision.not_connected.front().role, RoleId("ffd"));
    EXPECT_EQ(decision.not_connected.front().telephone, world.policy.telephone_of(RoleId("ffd")));
}

// --- E-07

TEST(RuleE07, OnARowWithoutADeskTheDeskIsToldBeforeAndAfterTheAnswer) {
    World world;
    world.add("council", "social_care", {"sw", "mco", "gs", "eh"});
    const Seat early_help = seat("council", "eh");
    auto in = input_from(world, social_worker, "step_change");
    in.facts.level = wire::Level::three;
    in.facts.harm = Harm::suspected;
    in.facts.purpose = wire::Purpose::request_service;
    in.facts.agreement.status = wire::AgreementStatus::given;
    in.facts.agreement.giver = wire::Giver::parent_pr;
    in.facts.addressed_to = {early_help};
    EXPECT_THAT(told(world.decide(in)), ElementsAre(early_help));
    in.facts.detriment = {early_help};
    EXPECT_THAT(told(world.decide(in)), ElementsAre(front_door));
    EXPECT_EQ(world.decide(in).held.size(), 1U);
    in.authorised = {{"E-07", {early_help}, false}};
    EXPECT_THAT(told(world.decide(in)), ElementsAre(front_door));
    EXPECT_EQ(world.decide(in).refused.size(), 1U);
    in.authorised = {{"E-07", {early_help}, true}};
    EXPECT_THAT(told(world.decide(in)), ElementsAre(early_help, front_door))
        << "whoever was told is not untold";
    in.facts.harm = Harm::none;
    in.authorised = {{"E-07", {early_help}, false}};
    EXPECT_THAT(told(world.decide(in)), IsEmpty());
}

TEST(RuleE07, TheSendersManagerDecidesAndTheOthersAreTold) {
    const World world;
    auto in = missing_child(world, "medium");
    involve_everybody(in);
    in.facts.detriment = {health_visitor};
    const auto decision = world.decide(in);
    EXPECT_EQ(recipient(decision, health_visitor), nullptr);
    EXPECT_THAT(decision.held, ElementsAre(wire::HeldRecipient{health_visitor, police, "E-07",
                                                               at("2026-11-24T15:00:00Z")}));
    EXPECT_NE(recipient(decision, social_worker), nullptr);
}

TEST(RuleE07, AManagersAnswerSettlesItEitherWay) {
    const World world;
    auto in = missing_child(world, "medium");
    involve_everybody(in);
    in.facts.detriment = {health_visitor};
    in.authorised = {{"E-07", {health_visitor}, true}};
    EXPECT_EQ(recipient(world.decide(in), health_visitor)->rule, "E-08")
        << "harm by telling was not seen: the row speaks";
    in.authorised = {{"E-07", {health_visitor}, false}};
    const auto refused = world.decide(in);
    EXPECT_THAT(refused.refused,
                ElementsAre(wire::RefusedRecipient{health_visitor, "E-07", "detrimental"}));
    EXPECT_THAT(refused.held, IsEmpty());
    in.authorised = {{"E-07", {health_visitor}, false}, {"E-07", {health_visitor}, true}};
    EXPECT_EQ(recipient(world.decide(in), health_visitor), nullptr)
        << "two answers: the refusal counts";
}

TEST(RuleE07, APermissionForOneSeatOrRuleIsNoneForAnother) {
    const World world;
    auto in = missing_child(world, "medium");
    involve_everybody(in);
    in.facts.detriment = {health_visitor};
    in.authorised = {{"E-07", {social_worker}, true}, {"E-10", {health_visitor}, true}};
    EXPECT_EQ(world.decide(in).held.size(), 1U);
}

TEST(RuleE07, WithHarmTheFrontDoorIsToldAllTheSame) {
    const World world;
    auto in = missing_child(world, "medium");
    in.facts.detriment = {front_door};
    EXPECT_EQ(world.decide(in).held.size(), 1U);
    in.facts.harm = Harm::suspected;
    EXPECT_NE(recipient(world.decide(in), front_door), nullptr);
}

TEST(RuleE07, OnAStatutoryRowTheManagerIsRemindedOfItsExceptions) {
    const World world;
    auto in = input_from(world, police, "domestic_abuse_incident");
    in.involved = {{"school", school}};
    in.facts.detriment = {school};
    EXPECT_THAT(world.decide(in).warnings, Contains("only_statutory_exceptions"));
}

// --- E-15

// domain.md E4: bound to child, purpose and named recipients. What was agreed to, somebody says.
TEST(RuleE15, OnlyForThePurposeThatTheFamilyWasAskedAbout) {
    const World world;
    using wire::Purpose;
    for (const auto asked_for : {Purpose::inform_function, Purpose::request_service}) {
        for (const auto agreed_to :
             {Purpose::unstated, Purpose::inform_function, Purpose::request_service}) {
            auto in = referral(world, school, Harm::none);
            in.facts.level = wire::Level::two;
            in.facts.purpose = asked_for;
            in.facts.agreement.status = wire::AgreementStatus::given;
            in.facts.agreement.named_agencies = {front_door.agency};
            in.facts.agreement.purpose = agreed_to;
            const auto decision = world.decide(in);
            if (agreed_to == asked_for) {
                ASSERT_NE(recipient(decision, front_door), nullptr);
                EXPECT_EQ(recipient(decision, front_door)->rule, "E-15");
            } else {
                EXPECT_EQ(decision.rule, "E-16");
                EXPECT_EQ(decision.refusal, "agreement_scope");
                EXPECT_THAT(decision.offers, Contains("ask_for_agreement"));
            }
        }
    }
}

// --- E-09, E-10, and beyond

TEST(RuleE09, LikelyHarmIsSharedAgainstRefusalAndTheOverrideIsRecorded) {
    const World world;
    const auto decision = world.decide(referral(world, school, Harm::likely_or_actual));
    EXPECT_EQ(recipient(decision, front_door)->rule, "E-09");
    EXPECT_THAT(decision.warnings, Contains("agreement_overridden"));
    auto given = referral(world, school, Harm::likely_or_actual);
    given.facts.agreement.status = wire::AgreementStatus::given;
    EXPECT_THAT(world.decide(given).warnings, Not(Contains("agreement_overridden")));
}

TEST(RuleE10, SuspectedHarmReachesTheDecidingBodies) {
    const World world;
    auto in = referral(world, police, Harm::suspected);
    in.involved = {{"social_worker", social_worker}};
    const auto decision = world.decide(in);
    EXPECT_THAT(told(decision), UnorderedElementsAre(front_door, social_worker));
    EXPECT_EQ(recipient(decision, front_door)->rule, "E-10");
}

World with_health_in_referrals() {
    const auto catalogue =
        changed(reference_catalogue(), "recipients = [\"ffd\", \"edt\", \"sw\", \"pol\"]",
                "recipients = [\"ffd\", \"edt\", \"sw\", \"pol\", \"hv\"]");
    const auto policy = changed(
        reference_policy(), "[[types.safeguarding_referral.routes]]\nid = \"referral-police\"",
        "[[types.safeguarding_referral.routes]]\nid = \"referral-health\"\nrole = \"hv\"\nreach = "
        "\"involved\"\n"
        "relation = \"health_visitor\"\ndoes = \"know\"\ncontent = \"flag\"\n\n"
        "[[types.safeguarding_referral.routes]]\nid = \"referral-police\"");
    return World(policy_from(policy, catalogue));
}

TEST(RuleE10, OthersWaitForTheFrontDoor) {
    const World world = with_health_in_referrals();
    auto in = referral(world, police, Harm::suspected);
    in.involved = {{"health_visitor", health_visitor}};
    auto decision = world.decide(in);
    EXPECT_THAT(decision.held, ElementsAre(wire::HeldRecipient{health_visitor, front_door, "E-10",
                                                               at("2026-11-24T15:00:00Z")}));
    in.facts.rag = Rag::red;
    EXPECT_EQ(world.decide(in).held[0].decide_by, at("2026-11-24T12:00:00Z"));
    in.authorised = {{"E-10", {health_visitor}, true}};
    EXPECT_EQ(recipient(world.decide(in), health_visitor)->rule, "E-10");
    in.authorised = {{"E-10", {health_visitor}, false}};
    EXPECT_EQ(world.decide(in).refused[0].code, "decider_refused");
    in.authorised.clear();
    in.facts.harm = Harm::likely_or_actual;
    EXPECT_NE(recipient(world.decide(in), health_visitor), nullptr)
        << "E-09 shares with the whole row";
}

TEST(RulesBeyondE10, NothingIsDroppedTheSendersSafeguardingLeadDecides) {
    const World world;
    auto in = referral(world, school, Harm::none);
    in.facts.level = wire::Level::unknown;
    auto decision = world.decide(in);
    EXPECT_THAT(decision.recipients, IsEmpty());
    EXPECT_THAT(decision.held, ElementsAre(wire::HeldRecipient{front_door, school, "E-23",
                                                               at("2026-11-24T15:00:00Z")}));
    EXPECT_THAT(decision.offers, ElementsAre("unnamed_advice"));
    in.authorised = {{"E-23", {front_door}, true}};
    EXPECT_EQ(recipient(world.decide(in), front_door)->rule, "E-23");
}

TEST(RulesBeyondE10, ASenderWithNobodyToDecideOrAConflictedOneLeavesItToTheFrontDoor) {
    const World world;
    auto in = referral(world, school, Harm::none);
    in.facts.conflicts_stated = {school};
    EXPECT_EQ(world.decide(in).held.at(0).decider, front_door);
    in = referral(world, school, Harm::none, tuesday_evening);
    in.facts.conflicts_stated = {school};
    EXPECT_EQ(world.decide(in).held.at(0).decider, emergency_duty);
}

TEST(RulesBeyondE10, AQuestionPassesEveryDeskInTheConflictAndEndsAtTheDesignatedOfficer) {
    World world;
    auto in = referral(world, school, Harm::none);
    in.facts.conflicts_stated = {front_door, school};
    EXPECT_EQ(told(world.decide(in)), std::vector<Seat>{});
    EXPECT_EQ(world.decide(in).held.at(0).decider, emergency_duty);
    world.add("standards", "social_care", {"lado"});
    in = missing_child(world, "high");
    in.involved = {{"social_worker", social_worker}};
    in.facts.detriment = {social_worker};
    in.facts.conflicts_stated = {emergency_duty, front_door, police};
    const auto decision = world.decide(in);
    ASSERT_EQ(decision.held.size(), 1U);
    EXPECT_EQ(decision.held[0].decider, seat("standards", "lado"));
}

TEST(RulesBeyondE10, WhenEverybodyWhoCouldDecideIsInTheConflictItIsRefusedInWords) {
    World world;
    auto in = referral(world, school, Harm::none);
    in.facts.detriment = {front_door};
    in.facts.conflicts_stated = {emergency_duty, school};
    const auto before = world.decide(in);
    ASSERT_EQ(before.held.size(), 1U);
    EXPECT_EQ(before.held[0].decider, front_door);
    // One person reads the inboxes of both desks: whom the conflict names by one seat, it names.
    world.agency("hub").seats[0].inbox = world.agency("hub").seats[1].inbox;
    const auto after = world.decide(in);
    EXPECT_THAT(after.held, IsEmpty());
    ASSERT_EQ(after.refused.size(), 1U);
    EXPECT_EQ(after.refused[0].code, "nobody_to_decide");
    EXPECT_EQ(after.refusal, "nobody_to_decide");
}

TEST(RuleE06, EvenWhereACatalogueAllowsMoreHarmfulPracticeGoesToPoliceAndFrontDoorOnly) {
    const auto catalogue =
        changed(reference_catalogue(), "recipients = [\"pol\", \"ffd\", \"edt\"]",
                "recipients = [\"pol\", \"ffd\", \"edt\", \"hv\"]");
    const auto policy =
        changed(reference_policy(), "    { id = \"harmful-practice-police\"",
                "    { id = \"wrong\", role = \"hv\", reach = \"area\", does = \"know\", content = "
                "\"flag\" },\n    { id = \"harmful-practice-police\"");
    const World world(policy_from(policy, catalogue));
    const auto decision = world.decide(input_from(world, school, "harmful_practice_concern"));
    EXPECT_THAT(told(decision), UnorderedElementsAre(police, front_door));
    EXPECT_THAT(decision.refused,
                ElementsAre(wire::RefusedRecipient{health_visitor, "E-06", "no_function"}));
}

TEST(PassOn, OnlyADeskPassesOnWhatItMayNotPublishItself) {
    const World world;
    auto in = input_from(world, front_door, "missing_episode_started");
    in.involved = {{"social_worker", social_worker}};
    EXPECT_EQ(world.decide(in).refusal, "publisher_not_entitled");
    in.facts.markers = {"passed_on"};
    EXPECT_THAT(told(world.decide(in)), ElementsAre(social_worker));
    auto from_school = input_from(world, school, "missing_episode_started");
    from_school.facts.markers = {"passed_on"};
    EXPECT_EQ(world.decide(from_school).refusal, "publisher_not_entitled");
}

TEST(Advice, NeverOutgrowsWhatADecisionHolds) {
    std::string advice = "advice = [";
    for (int i = 0; i < 40; ++i)
        advice += "{ code = \"a" + std::to_string(i) + "\", says = \"Ring.\" }, ";
    const World world(policy_from(changed(reference_policy(), "[types.child_death_notice]\n",
                                          "[types.child_death_notice]\n" + advice + "]\n")));
    const auto decision = world.decide(input_from(world, police, "child_death_notice"));
    EXPECT_EQ(decision.warnings.size(), limits::decision_codes_max);
    EXPECT_NE(recipient(decision, front_door), nullptr);
}

TEST(SafeContact, IsNeverTakenBack) {
    std::vector<PolicyFault> faults;
    const auto text = changed(reference_policy(), "withhold = [{ section = \"voi\"",
                              "withhold = [{ section = [\"sfc\", \"voi\"]");
    EXPECT_FALSE(Policy::parse(text, "p", reference_catalogue(), "c", faults).has_value());
}

// The broker and the agents were built before this type and section were thought of.
TEST(NewWords, ATypeAndASectionNeedNoMoreThanText) {
    const auto catalogue =
        reference_catalogue() +
        "\n[sections.pet]\ntitle = \"Animals in the home\"\nsensitivity = 2\n"
        "views = [{ name = \"pet.count\", fields = [\"count\"] }, { name = \"pet.full\", fields = "
        "[\"count\", \"kinds\"] }]\n"
        "\n[types.dangerous_dog_seen]\nrow = 0\ntitle = \"A dangerous dog where a child lives\"\n"
        "class = \"unconditional\"\nrecipients = [\"ffd\", \"edt\", \"hv\"]\n";
    const auto policy =
        reference_policy() +
        "\n[types.dangerous_dog_seen]\npublishers = [\"pol\"]\nurgency = \"U3\"\nbasis = \"e\"\n"
        "routes = [\n{ id = \"dog-front-door\", role = \"ffd\", reach = \"area\", does = \"act\", "
        "content = \"flag+pet.full\", out_of_hours = \"queue\" },\n"
        "{ id = \"dog-health-visitor\", role = \"hv\", reach = \"involved\", relation = "
        "\"health_visitor\", does = \"know\", content = \"flag+pet\" },\n]\n";
    const World world(policy_from(policy, catalogue));
    auto in = input_from(world, police, "dangerous_dog_seen");
    in.involved = {{"health_visitor", health_visitor}};
    const auto decision = world.decide(in);
    EXPECT_THAT(views_of(decision, front_door),
                ElementsAre("evt.headline", "idn.match", "pet.full", "pro", "sfc"));
    EXPECT_THAT(views_of(decision, health_visitor),
                ElementsAre("evt.headline", "idn.match", "pet.count", "pro", "sfc"));
    EXPECT_EQ(recipient(decision, front_door)->rule, "E-08");
}

TEST(LawOfTheMoment, ABasisFollowsTheStatutesPeriods) {
    const auto policy = changed(
        changed(reference_policy(), "ehe_consent = \"not in force\"",
                "ehe_consent = [{ from = 2026-10-01, until = 2026-11-01 }, { from = 2026-12-01 }]"),
        "basis = \"e\"\nroutes",
        "basis = \"e\"\nbasis_when = [{ law = \"ehe_consent\", is = \"c\" }]\nroutes");
    const World world(policy_from(policy));
    const auto basis_on = [&](const char* when) {
        auto in = input_from(world, front_door, "referral_outcome", at(when));
        in.facts.addressed_to = {school};
        return recipient(world.decide(in), school)->basis;
    };
    EXPECT_EQ(basis_on("2026-09-30T12:00:00Z"), "e");
    EXPECT_EQ(basis_on("2026-10-15T12:00:00Z"), "c");
    EXPECT_EQ(basis_on("2026-11-15T12:00:00Z"), "e");
    EXPECT_EQ(basis_on("2026-12-01T00:00:00Z"), "c");
}

// One route waits for the statute, the other ends with it, and no sender can tell the law of
// another moment from that of its own.
TEST(LawOfTheMoment, ARouteIsThereWhileTheStatuteIsInForceAndAnotherOnlyUntilThen) {
    const auto base = reference_policy();
    const auto route_of = [](const std::string& id) {
        return "id = \"missing-start-" + id + "\"\n";
    };
    auto text =
        changed(base, route_of("get-safe"), route_of("get-safe") + "law = \"ehe_consent\"\n");
    text = changed(text, route_of("health-visitor"),
                   route_of("health-visitor") + "before_law = \"ehe_consent\"\n");
    struct Told {
        bool get_safe;
        bool health_visitor;
    };
    const auto told_on = [&](const std::string& periods, const char* when) {
        const World world(policy_from(
            changed(text, "ehe_consent = \"not in force\"", "ehe_consent = " + periods)));
        auto in = missing_child(world, "medium", at(when));
        involve_everybody(in);
        const auto decision = world.decide(in);
        EXPECT_NE(recipient(decision, social_worker), nullptr) << "no law, no difference";
        return Told{recipient(decision, get_safe) != nullptr,
                    recipient(decision, health_visitor) != nullptr};
    };
    const std::string periods =
        "[{ from = 2026-10-01, until = 2026-11-01 }, { from = 2026-12-01 }]";
    // London is an hour ahead of these until the clocks go back on 25 October.
    for (const auto& [when, in_force] :
         {std::pair{"2026-09-30T22:59:59Z", false}, std::pair{"2026-09-30T23:00:00Z", true},
          std::pair{"2026-10-31T23:59:59Z", true}, std::pair{"2026-11-01T00:00:00Z", false},
          std::pair{"2026-11-30T23:59:59Z", false}, std::pair{"2026-12-01T00:00:00Z", true}}) {
        const auto now = told_on(periods, when);
        EXPECT_EQ(now.get_safe, in_force) << when;
        EXPECT_EQ(now.health_visitor, !in_force) << when;
    }
    const auto never = told_on("\"not in force\"", "2026-12-01T00:00:00Z");
    EXPECT_FALSE(never.get_safe);
    EXPECT_TRUE(never.health_visitor);
}

TEST(BelowThreshold, NeitherSettingTouchesTheRulesUpToE10) {
    const World led;
    const World duty(policy_from(changed(reference_policy(), "below_threshold = \"agreement_led\"",
                                         "below_threshold = \"duty_led\"")));
    for (const auto harm : {Harm::suspected, Harm::likely_or_actual}) {
        EXPECT_EQ(led.decide(referral(led, school, harm)),
                  duty.decide(referral(duty, school, harm)));
    }
}

// --- The sender's own seat

TEST(OwnSeat, TheFrontDoorDoesNotSendToItself) {
    const World world;
    const auto decision = world.decide(referral(world, front_door, Harm::suspected));
    EXPECT_THAT(decision.recipients, IsEmpty());
    EXPECT_EQ(decision.refusal, "no_recipient");
    EXPECT_THAT(decision.warnings, Contains("sender_is_recipient"));
    EXPECT_THAT(decision.not_connected, IsEmpty());
}

TEST(OwnSeat, TheEmergencyDutyTeamHandsItsNightOverToTheFrontDoor) {
    const World world;
    const auto decision =
        world.decide(referral(world, emergency_duty, Harm::suspected, saturday_night));
    EXPECT_THAT(told(decision), ElementsAre(front_door));
    EXPECT_THAT(recipient(decision, front_door)->standbys, IsEmpty());
}

TEST(OwnSeat, AnotherSeatOfTheSameAgencyIsTold) {
    const World world;
    EXPECT_THAT(told(world.decide(referral(world, missing_officers, Harm::suspected))),
                ElementsAre(front_door));
    auto in = referral(world, missing_officers, Harm::suspected);
    in.involved = {{"social_worker", social_worker}};
    EXPECT_NE(recipient(world.decide(in), social_worker), nullptr);
}

// --- What is on offer

TEST(Views, OnlyWhatTheSenderOffersIsGranted) {
    const World world;
    auto in = missing_child(world, "medium");
    in.facts.views_on_offer = {ViewId("evt.headline"), ViewId("idn.match"), ViewId("sfc")};
    const auto decision = world.decide(in);
    EXPECT_THAT(views_of(decision, front_door), ElementsAre("evt.headline", "idn.match", "sfc"));
    EXPECT_THAT(recipient(decision, front_door)->withheld, IsEmpty());
}

TEST(Views, AViewThatIsNotOfTheCatalogueIsGrantedToNobody) {
    const World world;
    auto in = missing_child(world, "medium");
    in.facts.views_on_offer = {ViewId("evt.everything"), ViewId("idn.match")};
    EXPECT_THAT(views_of(world.decide(in), front_door), ElementsAre("idn.match"));
}

TEST(Views, AProtectedAddressIsMarkedAndTheReferrerLeavesNoTrace) {
    const World world;
    auto in = missing_child(world, "medium");
    in.facts.views_on_offer = {ViewId("adr"), ViewId("rfr"), ViewId("saf")};
    const auto decision = world.decide(in);
    for (const auto& each : decision.recipients) {
        EXPECT_THAT(words(each.views), Not(Contains("rfr")));
        EXPECT_THAT(each.withheld, ElementsAre("saf"));
    }
}

TEST(Views, ALiveOperationIsMarkedForTheFrontDoorOnly) {
    const World world;
    auto in = input_from(world, police, "domestic_abuse_incident");
    in.involved = {{"school", school}};
    in.facts.views_on_offer = {ViewId("evt.incident"), ViewId("int"), ViewId("op")};
    const auto decision = world.decide(in);
    EXPECT_THAT(recipient(decision, front_door)->withheld, ElementsAre("int", "op"));
    EXPECT_THAT(recipient(decision, school)->withheld, IsEmpty());
}

TEST(Unmatched, AChildWithoutTokensStillReachesTheFrontDoorMarked) {
    const World world;
    auto in = missing_child(world, "high");
    in.facts.tokens.clear();
    const auto decision = world.decide(in);
    EXPECT_NE(recipient(decision, front_door), nullptr);
    EXPECT_THAT(decision.warnings, Contains("unmatched"));
}

// --- Grace

// The area signed that its agreement runs on for so long: nothing changes but that it is said.
TEST(Grace, EverybodyIsToldAsBeforeAndTheSenderIsWarned) {
    const World world(
        policy_from(changed(reference_policy(), "grace_days = 0", "grace_days = 14")));
    const auto on = [&](const char* when, const char* grade) {
        auto in = missing_child(world, grade, at(when));
        involve_everybody(in);
        return world.decide(in);
    };
    // The last hours in force and the same hour of the same day of the week in grace.
    for (const char* grade : {"high", "low"}) {
        const auto before = on("2028-10-31T11:00:00Z", grade);
        const auto grace = on("2028-11-07T11:00:00Z", grade);
        ASSERT_GT(before.recipients.size(), 4U);
        EXPECT_THAT(before.warnings, Not(Contains("policy_in_grace")));
        EXPECT_THAT(grace.warnings, Contains("policy_in_grace"));
        EXPECT_FALSE(grace.floor);
        ASSERT_EQ(told(grace), told(before));
        for (const auto& who : told(before)) {
            EXPECT_EQ(recipient(grace, who)->views, recipient(before, who)->views);
            EXPECT_EQ(recipient(grace, who)->rule, recipient(before, who)->rule);
            EXPECT_EQ(recipient(grace, who)->act, recipient(before, who)->act);
        }
    }
    const auto last = on("2028-11-14T23:59:59Z", "low");
    EXPECT_THAT(last.warnings, Contains("policy_in_grace"));
    EXPECT_FALSE(last.floor);
    const auto over = on("2028-11-15T00:00:01Z", "low");
    EXPECT_THAT(over.warnings, Not(Contains("policy_in_grace")));
    EXPECT_EQ(over.refusal, "policy_expired");
    EXPECT_TRUE(over.floor);

    const auto words = explain_for_practitioner(last, world.registry, world.policy);
    EXPECT_THAT(words, ::testing::HasSubstr(
                           "The area's policy has expired and runs on for a short time. Tell the "
                           "area's administrator."));
}

// --- The floor

TEST(Floor, AfterThePolicyExpiresDangerGoesToTheDeskOnDutyAndNobodyElse) {
    const World world;
    const WallTime after = at("2028-11-02T11:00:00Z");
    auto in = missing_child(world, "high", after);
    involve_everybody(in);
    const auto decision = world.decide(in);
    EXPECT_TRUE(decision.floor);
    EXPECT_THAT(told(decision), ElementsAre(front_door));
    EXPECT_THAT(decision.warnings, Contains("policy_expired"));
    EXPECT_THAT(told(world.decide(missing_child(world, "high", at("2028-11-02T22:00:00Z")))),
                ElementsAre(emergency_duty));
}

TEST(Floor, WhatIsNotUrgentWaits) {
    const World world;
    const WallTime after = at("2028-11-02T11:00:00Z");
    const auto decision = world.decide(missing_child(world, "low", after));
    EXPECT_EQ(decision.refusal, "policy_expired");
    EXPECT_TRUE(decision.floor) << "no rule refuses it: it waits";
    EXPECT_THAT(decision.recipients, IsEmpty());
    auto recall = input_from(world, police, "recall", after);
    recall.facts.markers = {"protected_data_leaked"};
    EXPECT_EQ(world.decide(recall).refusal, "policy_expired") << "urgent, but not marked danger";
}

TEST(Floor, WithoutFreshDocumentsTheSameGoesToTheSame) {
    const World world;
    const WallTime now = at("2026-12-02T11:00:00Z");
    auto in = missing_child(world, "high", now);
    involve_everybody(in);
    ASSERT_GT(told(world.decide(in)).size(), 1U);
    in.floor = true;
    const auto decision = world.decide(in);
    EXPECT_TRUE(decision.floor);
    EXPECT_THAT(told(decision), ElementsAre(front_door));
    EXPECT_THAT(decision.warnings, Contains("documents_not_fresh"));
    auto low = missing_child(world, "low", now);
    low.floor = true;
    EXPECT_EQ(world.decide(low).refusal, "documents_not_fresh");
    EXPECT_TRUE(world.decide(low).floor);
}

TEST(Floor, BeforeItsFirstDayAPolicyCarriesOnlyTheFloor) {
    const World world;
    const auto decision = world.decide(missing_child(world, "high", at("2026-08-31T11:00:00Z")));
    EXPECT_TRUE(decision.floor);
    EXPECT_THAT(decision.warnings, Contains("policy_not_in_force"));
}

}  // namespace
}  // namespace mash::area
