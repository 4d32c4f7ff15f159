// Whoever must decide at another agency is shown what it decides about (domain.md E2): what those
// in question would get, no more than the row permits its own role, and never what it may not have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/agreement.hpp"
#include "common/area/explain.hpp"
#include "tests/unit/common/area/decision_fixture.hpp"

namespace mash::area::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using wire::Harm;

/// Help steps up, harm suspected: the school may hear of it once the front door says so, and the
/// row itself tells the front door nothing.
DecisionInput step_change(const World& world) {
    auto in = input_from(world, social_worker, "step_change");
    in.facts.level = wire::Level::three;
    in.facts.harm = Harm::suspected;
    in.facts.purpose = wire::Purpose::request_service;
    in.facts.agreement.status = wire::AgreementStatus::refused;
    in.facts.agreement.giver = wire::Giver::parent_pr;
    in.involved = {{"school", school}};
    return in;
}

/// An answer that police asked for, and that the school believes would harm the child. Whoever
/// would decide at the school is in the conflict, so the front door does.
DecisionInput answer_to_police(const World& world) {
    auto in = input_from(world, school, "information_response");
    in.facts.level = wire::Level::three;
    in.facts.harm = Harm::none;
    in.facts.purpose = wire::Purpose::inform_function;
    in.facts.agreement.status = wire::AgreementStatus::not_sought;
    in.facts.agreement.not_sought_reason = wire::NotSoughtReason::risk_to_child;
    in.facts.addressed_to = {police};
    in.facts.detriment = {police};
    return in;
}

TEST(WhoeverDecides, ReadsWhatThoseInQuestionWouldGet) {
    const World world;
    auto in = step_change(world);
    const auto decision = world.decide(in);
    ASSERT_EQ(decision.held.size(), 1U);
    EXPECT_EQ(decision.held[0].decider, front_door);
    const auto shown = recipient(decision, front_door);
    ASSERT_NE(shown, nullptr);
    EXPECT_EQ(shown->route, decider_route);
    EXPECT_EQ(shown->rule, "E-10");
    EXPECT_FALSE(shown->act) << "the task has the clock";
    EXPECT_EQ(shown->take_by, decision.held[0].decide_by);
    in.authorised = {{"E-10", {school}, true}};
    const auto allowed = world.decide(in);
    EXPECT_EQ(words(shown->views), views_of(allowed, school));
    EXPECT_EQ(recipient(allowed, front_door), nullptr) << "nothing is left to decide";
    in.authorised = {{"E-10", {school}, false}};
    EXPECT_EQ(recipient(world.decide(in), front_door), nullptr);
}

TEST(WhoeverDecides, ReadsNoMoreThanTheRowPermitsItsRole) {
    const World world(policy_from(changed(
        reference_policy(),
        R"(id = "response-front-door", role = "ffd", reach = "addressed", does = "act", must = true, content = "all+out")",
        R"(id = "response-front-door", role = "ffd", reach = "addressed", does = "act", must = true, content = "flag")")));
    const auto decision = world.decide(answer_to_police(world));
    ASSERT_EQ(decision.held.size(), 1U);
    EXPECT_EQ(decision.held[0].decider, front_door);
    EXPECT_THAT(views_of(decision, front_door),
                ElementsAre("evt.headline", "idn.match", "pro", "sfc"));
}

TEST(WhoeverDecides, IsShownNothingTwice) {
    const auto catalogue =
        changed(reference_catalogue(), R"(recipients = ["ffd", "edt", "sw", "pol"])",
                R"(recipients = ["ffd", "edt", "sw", "pol", "hv"])");
    const std::string route =
        "[[types.safeguarding_referral.routes]]\nid = \"referral-health\"\nrole = \"hv\"\n"
        "reach = \"involved\"\nrelation = \"health_visitor\"\ndoes = \"know\"\n"
        "content = \"flag\"\n\n";
    const std::string before = "[[types.safeguarding_referral.routes]]\nid = \"referral-police\"";
    const World world(policy_from(changed(reference_policy(), before, route + before), catalogue));
    auto in = referral(world, police, Harm::suspected);
    in.involved = {{"health_visitor", health_visitor}};
    const auto decision = world.decide(in);
    ASSERT_EQ(decision.held.size(), 1U);
    EXPECT_EQ(decision.held[0].decider, front_door);
    EXPECT_EQ(recipient(decision, front_door)->route, "referral-front-door")
        << "it has its own part of the row";
}

TEST(WhoeverDecides, IsNotToldByBeingAsked) {
    const World world;
    auto about_itself = referral(world, school, Harm::none);
    about_itself.facts.conflicts_stated = {school};
    EXPECT_EQ(world.decide(about_itself).held.at(0).decider, front_door);
    EXPECT_THAT(told(world.decide(about_itself)), IsEmpty())
        << "whether it may have it is the question";
    auto refused = answer_to_police(world);
    refused.facts.addressed_to = {police, front_door};
    refused.facts.detriment = {police, front_door};
    std::ranges::sort(refused.facts.addressed_to);
    std::ranges::sort(refused.facts.detriment);
    refused.authorised = {{"E-07", {front_door}, false}};
    const auto decision = world.decide(refused);
    ASSERT_EQ(decision.held.size(), 1U);
    EXPECT_EQ(recipient(decision, front_door), nullptr) << "it was decided that it may not have it";
}

TEST(WhoeverDecides, InTheSendersOwnAgencyNeedsNoParcel) {
    const World world;
    auto in = referral(world, school, Harm::none);
    in.facts.level = wire::Level::unknown;
    EXPECT_THAT(told(world.decide(in)), IsEmpty());
}

TEST(WhoeverDecides, HasBothDesksOfTheDayAndReliesOnNoAgreement) {
    const World world;
    auto in = step_change(world);
    const auto decision = world.decide(in);
    EXPECT_THAT(recipient(decision, front_door)->standbys,
                ElementsAre(wire::Standby{InboxId("hub.edt"), wire::StandbyCause::out_of_hours}));
    in.facts.harm = Harm::none;
    in.facts.agreement.status = wire::AgreementStatus::given;
    in.facts.agreement.other_holder_objects = true;
    in.facts.conflicts_stated = {social_worker};
    const auto objected = world.decide(in);
    ASSERT_EQ(objected.held.at(0).rule, "E-13");
    EXPECT_EQ(recipient(objected, front_door)->rule, "E-13");
    EXPECT_THAT(relying_on_agreement(objected, in.facts.agreement), IsEmpty());
}

TEST(WhoeverDecides, IsNamedToTheSenderInWords) {
    const World world;
    const auto text =
        explain_for_practitioner(world.decide(step_change(world)), world.registry, world.policy);
    EXPECT_NE(text.find("reads it for that only"), std::string::npos) << text;
}

/// K2: the same profile as the original (domain.md C3).
wire::Decision corrected(const World& world, const std::string& type, std::vector<Seat> had,
                         const std::vector<Seat>& named = {}) {
    auto in = input_from(world, social_worker, "correction");
    in.facts.kind = type;
    in.facts.thread = ThreadId(std::array<std::uint8_t, 16>{1});
    in.facts.addressed_to = named;
    std::ranges::sort(had);
    in.facts.thread_seats = in.thread_seats = std::move(had);
    return world.decide(in);
}

TEST(ACorrection, GivesWhatTheWrongMessageGave) {
    const World world;
    auto placed = input_from(world, social_worker, "placement_notice");
    placed.involved = {{"gp", practice}};
    placed.facts.addressed_to = {placing_authority, school};
    std::ranges::sort(placed.facts.addressed_to);
    const auto original = world.decide(placed);
    ASSERT_NE(recipient(original, school), nullptr);
    const auto decision = corrected(world, "placement_notice", {practice, school}, {school});
    for (const auto& seat : {practice, school})
        EXPECT_EQ(views_of(decision, seat), views_of(original, seat));
    EXPECT_TRUE(has(views_of(decision, practice), "plc.full"))
        << "a placement address can be put right";
    EXPECT_TRUE(has(views_of(decision, school), "plc.contact")) << "in the view that it had";
    // The school of before is on the roll, and the notice had withheld this from it.
    const auto unnamed = corrected(world, "placement_notice", {practice, school});
    EXPECT_FALSE(has(views_of(unnamed, school), "plc.contact"));
    EXPECT_TRUE(has(views_of(unnamed, practice), "plc.full"));
}

TEST(ACorrection, NeverGivesWhatTheWrongMessageDidNot) {
    const World world;
    const auto of_a_death = corrected(world, "child_death_notice", {health_visitor, school});
    for (const auto& seat : {health_visitor, school}) {
        EXPECT_THAT(views_of(of_a_death, seat),
                    ElementsAre("evt.headline", "idn.match", "pro", "sfc"))
            << "the fact of death, and no circumstances";
    }
    const auto of_intelligence = corrected(world, "intelligence_submission", {front_door, school});
    EXPECT_EQ(recipient(of_intelligence, school), nullptr) << "it had nothing to correct";
    ASSERT_EQ(of_intelligence.refused.size(), 1U);
    EXPECT_EQ(of_intelligence.refused[0].code, "no_function");
    auto unknown = corrected(world, "no_such_type", {school});
    EXPECT_EQ(unknown.refusal, "unknown_kind");
}

}  // namespace
}  // namespace mash::area::testing
