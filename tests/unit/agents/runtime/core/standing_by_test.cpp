// What the head sends of whom the lead must not know: seen by the head, by who else opens that
// inbox, by the data protection officer, and not by the seat in whose role it was sent.
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class StandingByTest : public ::testing::Test {
protected:
    StandingByTest() {
        world.connect_all();
        lead = add("Invented Lead", {"orchard-gate.sch"});
        head = add("Invented Head", {"orchard-gate.sch2"});
        chair = add("Invented Chair", {"orchard-gate.sch2"});
        officer = add("Invented Officer", {}, {"dpo"});
    }
    PersonalText add(const std::string& name, const std::vector<std::string>& inboxes,
                     const std::vector<std::string>& roles = {}) {
        return world.schools.add_person(name, "orchard-gate", inboxes, roles);
    }
    std::string send(const PersonalText& by, const std::string& ref,
                     wire::Harm harm = wire::Harm::likely_or_actual) {
        auto said = world.missing_child(ref, "safeguarding_referral");
        said.agency = AgencyId("orchard-gate");
        said.role = RoleId("sch");
        said.facts.risk_grade = {};
        said.facts.harm = harm;
        if (harm == wire::Harm::none) {
            // A child in need against a refusal: a person decides (E-14).
            said.facts.level = wire::Level::four;
            said.facts.purpose = wire::Purpose::request_service;
            said.facts.agreement.status = wire::AgreementStatus::refused;
            said.facts.agreement.giver = wire::Giver::parent_pr;
        }
        Submit submit;
        submit.reply = 5;
        submit.notification = std::move(said);
        submit.reason = "manual_entry";
        submit.credential = by;
        for (const auto& effect : world.schools.give(std::move(submit))) {
            if (const auto* done = std::get_if<Submitted>(&effect)) {
                world.settle();
                return to_text(done->id);
            }
        }
        ADD_FAILURE() << "was not taken";
        return {};
    }
    int status(Kind kind, const PersonalText& who, const std::string& id) {
        return world.schools.ask(kind, who, id).status;
    }
    std::size_t listed(const PersonalText& who) {
        const auto reply = world.schools.ask(Kind::sent_list, who);
        return json::parse(reply.json.reveal()).at("sent").size();
    }
    AgentWorld world;
    PersonalText lead, head, chair, officer;
};

TEST_F(StandingByTest, TheSeatLearnsNothingOfWhatItsAlternateSent) {
    const auto id = send(head, "concern:1");
    for (const auto* who : {&head, &chair}) {
        EXPECT_EQ(status(Kind::sent_one, *who, id), 200);
        EXPECT_EQ(status(Kind::sent_content, *who, id), 200);
        EXPECT_EQ(listed(*who), 1U);
    }
    EXPECT_EQ(listed(lead), 0U);
    EXPECT_EQ(status(Kind::sent_one, lead, id), 404);
    EXPECT_EQ(status(Kind::sent_content, lead, id), 404);
    EXPECT_EQ(
        world.schools.ask(Kind::recall, lead, id, json{{"reason", "sent_in_error"}}.dump()).status,
        404);
    ApiRequest decisions;
    decisions.kind = Kind::decisions_list;
    decisions.credential = lead;
    EXPECT_TRUE(
        json::parse(world.schools.ask(std::move(decisions)).json.reveal()).at("decisions").empty());
    EXPECT_EQ(listed(officer), 1U) << "who audits the agency sees that it was sent";
}

TEST_F(StandingByTest, ItStaysSoWhenTheHeadIsGone) {
    const auto id = send(head, "concern:1");
    const auto person = credential_from_text(head)->person.value();
    ASSERT_EQ(world.schools.ask(Kind::person_remove, chair, person).status, 200);
    EXPECT_EQ(status(Kind::sent_one, lead, id), 404);
    EXPECT_EQ(status(Kind::sent_one, chair, id), 200);
}

TEST_F(StandingByTest, WhatTheSeatSendsIsItsOwnAsBefore) {
    const auto id = send(lead, "concern:1");
    const auto colleague = add("Invented Colleague", {"orchard-gate.sch"});
    EXPECT_EQ(status(Kind::sent_one, lead, id), 200);
    EXPECT_EQ(status(Kind::sent_one, colleague, id), 200);
    EXPECT_EQ(status(Kind::sent_one, head, id), 404);
}

TEST_F(StandingByTest, WhatWaitsForADecisionDoesNotWaitForTheSeat) {
    const auto by_lead = send(lead, "concern:1", wire::Harm::none);
    const auto by_head = send(head, "concern:2", wire::Harm::none);
    const auto held = [&](const PersonalText& who) {
        return json::parse(world.schools.ask(Kind::held_list, who).json.reveal()).at("held");
    };
    const auto to_decide = held(lead);
    ASSERT_EQ(to_decide.size(), 1U);
    EXPECT_EQ(to_decide[0].at("id"), by_lead);
    const json yes{{"allow", true}, {"reason", "an invented reason"}};
    EXPECT_EQ(world.schools.ask(Kind::held_answer, lead, by_head, yes.dump()).status, 404);
    const auto sent = json::parse(world.schools.ask(Kind::sent_one, head, by_head).json.reveal());
    ASSERT_EQ(sent.at("held").size(), 1U) << sent;
    EXPECT_EQ(sent.at("held")[0].at("decider"), (json{{"agency", "hub"}, {"role", "ffd"}}));
}

TEST_F(StandingByTest, WhoeverOpensBothSpeaksForTheSeat) {
    const auto both = add("Invented Both", {"orchard-gate.sch", "orchard-gate.sch2"});
    const auto id = send(both, "concern:1");
    EXPECT_EQ(status(Kind::sent_one, lead, id), 200);
}

}  // namespace
}  // namespace mash::runtime::testing
