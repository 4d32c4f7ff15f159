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
                ElementsAre("evt.headline", "idn.match", "pro.all", "sfc.all"));
}

TEST(WhoeverDecides, IsShownNothingTwice) {
    const std::string route =
        "[[types.safeguarding_referral.routes]]\nid = \"referral-health-visitor\"\nrole = \"hv\"\n"
        "reach = \"involved\"\nrelation = \"health_visitor\"\ndoes = \"know\"\ncontent = "
        "\"flag\"\n\n";
    const std::string before =
        "[[types.safeguarding_referral.routes]]\nid = \"referral-police\"";
    const World world(policy_from(changed(reference_policy(), before, route + before)));
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

}  // namespace
}  // namespace mash::area::testing
