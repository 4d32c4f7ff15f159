// Relations that the policy has asked for: the list stays here, only its holder recognises a child,
// and a sender believes a yes only when it proves itself.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

const Seat school{AgencyId("orchard-gate"), RoleId("sch")};
const std::string on_roll = "title = \"The child is on this school's roll\"\nmode = ";

class AskedTest : public ::testing::Test {
protected:
    AskedTest() {
        world.area.change_policy(on_roll + "\"index\"", on_roll + "\"ask\"", world.now.wall);
        world.broker.swallow = [this](const HostId&, const wire::AgentBody& body) {
            if (const auto* roll = std::get_if<wire::ReplaceRoll>(&body)) rolls.push_back(*roll);
            if (std::holds_alternative<wire::InvolvementAnswer>(body)) return loses_answers;
            return loses_tokens && std::holds_alternative<wire::EvaluateTokens>(body);
        };
    }
    void change_mode(const std::string& from, const std::string& to) {
        world.area.change_policy(on_roll + from, on_roll + to, world.now.wall);
        world.broker.queue(world.schools.id, wire::DocumentsChanged{});
        world.settle();
        world.pass(std::chrono::seconds(30));
    }
    wire::InvolvementQuestion question(const NotificationId& about,
                                       const std::vector<wire::Token>& of_child,
                                       const Seat& asked = school,
                                       const std::string& relation = "school") {
        wire::InvolvementQuestion out;
        out.id = wire::asked_claim_id(AgencyId("police-wm"), about, asked, relation);
        out.asked = asked;
        out.relation = relation;
        out.tokens = wire::asked_tokens(out.id, of_child);
        return out;
    }
    void put(const wire::InvolvementQuestion& asked) {
        world.broker.queue(world.schools.id, asked);
        world.settle();
    }
    std::vector<wire::InvolvementAnswer> answers() {
        std::vector<wire::InvolvementAnswer> out;
        for (const auto& body : world.broker.others) {
            if (const auto* one = std::get_if<wire::InvolvementAnswer>(&body)) out.push_back(*one);
        }
        return out;
    }
    std::size_t recorded(const TestHost& host, LogEvent event) {
        const auto lines = host.seen_of<Recorded>();
        return static_cast<std::size_t>(std::ranges::count(lines, event, &Recorded::event));
    }
    /// What police sent, and which child's tokens they stated.
    NotificationId sent() {
        world.connect_all();
        const auto id = world.send(world.police, world.missing_child());
        tokens = world.broker.plan_requests.back().facts.tokens;
        return id;
    }
    static wire::Token other_child() {
        wire::Token token;
        token.kind = wire::TokenKind::nhs_dob;
        token.value[0] = 99;
        return token;
    }

    AgentWorld world;
    std::vector<wire::ReplaceRoll> rolls;
    std::vector<wire::Token> tokens;
    bool loses_answers = false;
    bool loses_tokens = false;
};

TEST_F(AskedTest, AListStaysHere) {
    world.connect_all();
    world.pass(std::chrono::hours(24 * 8));
    EXPECT_TRUE(rolls.empty()) << "neither when it comes nor when a lease would be renewed";
    EXPECT_TRUE(world.broker.claims.empty());
}

TEST_F(AskedTest, WhatWasDepositedIsTakenBackAndDepositedAgainAsThePolicyChanges) {
    world.connect_all();
    change_mode("\"ask\"", "\"index\"");
    EXPECT_EQ(world.broker.claims.size(), 1U);
    change_mode("\"index\"", "\"ask\"");
    EXPECT_TRUE(world.broker.claims.empty());
    ASSERT_FALSE(rolls.empty());
    EXPECT_TRUE(rolls.back().claims.empty());
    EXPECT_EQ(rolls.back().parts, 1U);
    const auto said = rolls.size();
    world.pass(std::chrono::hours(24 * 8));
    EXPECT_EQ(rolls.size(), said);
}

TEST_F(AskedTest, OnlyItsHolderRecognisesAChildAndBothAnswersLookAlikeOnTheRecord) {
    const auto id = sent();
    put(question(id, tokens));
    put(question(id, {other_child()}));
    const auto said = answers();
    ASSERT_EQ(said.size(), 2U);
    ASSERT_TRUE(said[0].claim);
    EXPECT_FALSE(said[1].claim);
    const auto claim = wire::decode_body<wire::InvolvementClaim>(said[0].claim->body);
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->id, said[0].question);
    EXPECT_EQ(claim->seat, school);
    EXPECT_LE(claim->lease_until, world.now.wall + limits::asked_lease_max);
    EXPECT_TRUE(std::ranges::any_of(claim->tokens, [&](const wire::Token& token) {
        return std::ranges::find(tokens, token) != tokens.end();
    })) << "the token itself, which the question does not show";
    EXPECT_TRUE(crypto::verify(world.area.signing_key(school.agency).verify_key(),
                               wire::label::claim, said[0].claim->body, said[0].claim->signature));
    EXPECT_EQ(recorded(world.schools, LogEvent::involvement_asked), 2U);
    EXPECT_EQ(recorded(world.schools, LogEvent::involvement_known), 0U)
        << "a person whom a conflict keeps out would read of it";
}

TEST_F(AskedTest, TheAgencysOfficerReadsHowOftenItWasAskedAndNotWhatItSaid) {
    const auto id = sent();
    const auto asked = [&](const PersonalText& who, const std::string& from = {}) {
        ApiRequest request;
        request.kind = ApiRequest::Kind::access_log;
        request.credential = who;
        if (!from.empty()) request.filter["from"] = from;
        const auto reply = world.schools.ask(std::move(request));
        return nlohmann::json::parse(reply.json.reveal()).value("asked", nlohmann::json());
    };
    const auto officer = world.schools.add_person("Invented Officer", "orchard-gate", {}, {"dpo"});
    const auto elsewhere = world.schools.add_person("Other Officer", "teme-meadow", {}, {"dpo"});
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    EXPECT_EQ(asked(officer), nlohmann::json::array());
    put(question(id, tokens));
    put(question(id, {other_child()}));
    const auto today = to_rfc3339(world.now.wall).substr(0, 10);
    EXPECT_EQ(asked(officer),
              (nlohmann::json::array(
                  {{{"day", today}, {"role", "sch"}, {"relation", "school"}, {"asked", 2}}})));
    EXPECT_EQ(asked(elsewhere), nlohmann::json::array());
    EXPECT_TRUE(asked(lead).is_null()) << "for whoever audits";
    EXPECT_EQ(asked(officer, to_rfc3339(world.now.wall + std::chrono::hours(24))),
              nlohmann::json::array());
}

TEST_F(AskedTest, ATokenThatTheQuestionHidesUnderAnotherIdIsNotRecognised) {
    const auto id = sent();
    auto replayed = question(id, tokens);
    replayed.id = wire::asked_claim_id(AgencyId("police-wm"), test::id_of<NotificationId>(7),
                                       school, "school");
    put(replayed);
    ASSERT_EQ(answers().size(), 1U);
    EXPECT_FALSE(answers()[0].claim);
}

TEST_F(AskedTest, ItsHolderRecognisesAChildUnderEitherKeyWhileTheKeysOfTokensChange) {
    const auto id = sent();
    const auto under_next = [](wire::Token token) {
        token.epoch = 2;
        token.value[31] ^= 0xFFU;
        return token;
    };
    // Of a list that was not stated anew yet: its own tokens are under the older keys alone.
    auto both = tokens;
    for (const auto& token : tokens) both.push_back(under_next(token));
    put(question(id, both));
    ASSERT_EQ(answers().size(), 1U);
    EXPECT_TRUE(answers()[0].claim);
    std::vector<wire::Token> next;
    for (const auto& token : tokens) next.push_back(under_next(token));
    put(question(test::id_of<NotificationId>(99), next));
    ASSERT_EQ(answers().size(), 2U);
    EXPECT_FALSE(answers()[1].claim) << "why nobody finishes before it has";
}

TEST_F(AskedTest, NothingIsSaidOfASeatThatIsNotOursNorOfARelationThatIsNotAsked) {
    const auto id = sent();
    put(question(id, tokens, {AgencyId("hub"), RoleId("ffd")}));
    put(question(id, tokens, {AgencyId("orchard-gate"), RoleId("nobody")}));
    put(question(id, tokens, school, "nursery"));
    change_mode("\"ask\"", "\"index\"");
    put(question(id, tokens));
    EXPECT_TRUE(answers().empty());
    EXPECT_EQ(recorded(world.schools, LogEvent::frame_refused), 4U);
}

TEST_F(AskedTest, AYesThatIsOnItsWayIsSaidOnceAndSurvivesARestart) {
    const auto id = sent();
    loses_answers = true;
    put(question(id, tokens));
    put(question(id, tokens));
    EXPECT_TRUE(answers().empty());
    EXPECT_EQ(recorded(world.schools, LogEvent::involvement_asked), 1U);
    loses_answers = false;
    world.disconnect(world.schools);
    world.schools.restart();
    world.connect(world.schools);
    ASSERT_EQ(answers().size(), 1U);
    EXPECT_TRUE(answers()[0].claim);
    put(question(id, tokens));  // the broker has forgotten it, or the claim has run out
    ASSERT_EQ(answers().size(), 2U);
    const auto first = wire::decode_body<wire::InvolvementClaim>(answers()[0].claim->body);
    const auto second = wire::decode_body<wire::InvolvementClaim>(answers()[1].claim->body);
    EXPECT_GT(second->serial, first->serial);
}

TEST_F(AskedTest, AFloodIsAnsweredToABoundAndTheRestNextHour) {
    const auto id = sent();
    for (std::uint32_t i = 0; i < limits::involvement_answers_per_hour_max; ++i)
        world.broker.queue(world.schools.id, question(id, {other_child()}));
    world.settle();
    ASSERT_EQ(answers().size(), limits::involvement_answers_per_hour_max);
    put(question(id, tokens));
    EXPECT_EQ(answers().size(), limits::involvement_answers_per_hour_max);
    EXPECT_EQ(recorded(world.schools, LogEvent::rate_limited), 1U);
    world.pass(std::chrono::hours(1));
    put(question(id, tokens));
    ASSERT_EQ(answers().size(), limits::involvement_answers_per_hour_max + 1);
    EXPECT_TRUE(answers().back().claim);
}

TEST_F(AskedTest, AListWhoseTokensAreBeingMadeSaysNoOfNobody) {
    world.list_token_key(1);
    world.connect(world.hub);
    world.connect(world.police);
    world.connect(world.schools);
    loses_tokens = true;
    world.claim_school_roll(world.schools);
    put(question(test::id_of<NotificationId>(1), {other_child()}));
    EXPECT_TRUE(answers().empty());
    loses_tokens = false;
    world.disconnect(world.schools);
    world.connect(world.schools);
    world.pass(std::chrono::seconds(30));
    put(question(test::id_of<NotificationId>(1), {other_child()}));
    EXPECT_EQ(answers().size(), 1U);
}

TEST_F(AskedTest, AYesThatProvesItselfIsServedByASupplement) {
    const auto id = sent();
    const auto told = world.broker.published.at(id).parcels;
    EXPECT_TRUE(std::ranges::none_of(told, [](const wire::Parcel& parcel) {
        return parcel.recipient == InboxId("orchard-gate.sch");
    }));
    put(question(id, tokens));
    auto said = answers().at(0);
    said.notification = id;
    world.broker.claims = {*said.claim};  // the next plan rests on it
    world.broker.queue(world.police.id, said);
    world.settle();
    world.pass(std::chrono::seconds(5));
    ASSERT_EQ(world.broker.supplements.size(), 1U);
    EXPECT_TRUE(std::ranges::any_of(world.broker.supplements[0].added.parcels,
                                    [](const wire::Parcel& parcel) {
                                        return parcel.recipient == InboxId("orchard-gate.sch");
                                    }));
}

TEST_F(AskedTest, ASenderFollowsNoYesThatDoesNotProveItself) {
    const auto id = sent();
    put(question(id, tokens));
    const auto good = answers().at(0);
    const auto plans = world.broker.plan_requests.size();
    const auto offered = [&](wire::InvolvementAnswer said, const NotificationId& about) {
        said.notification = about;
        world.broker.queue(world.police.id, said);
        world.settle();
        world.pass(std::chrono::seconds(5));
    };
    auto forged = good;
    forged.claim->signature = crypto::Signature(std::array<std::uint8_t, 64>{1});
    offered(forged, id);
    auto nobody = good;
    nobody.claim.reset();
    offered(nobody, id);
    offered(good, test::id_of<NotificationId>(9));  // not ours
    // Of another notification about the same child: that one's answer, and no other's.
    auto again = world.missing_child("misper:2");
    again.thread_ref = "another";
    const auto other = world.send(world.police, again);
    const auto before = world.broker.plan_requests.size();
    offered(good, other);
    EXPECT_EQ(world.broker.plan_requests.size(), before);
    EXPECT_EQ(before, plans + 1) << "the one of the second notification";
    EXPECT_EQ(recorded(world.police, LogEvent::fact_unproved), 4U);
    EXPECT_TRUE(world.broker.supplements.empty());
    // Given back, so that somebody passes on: what this agent does not believe another may.
    const auto back = answers();
    EXPECT_EQ(std::ranges::count_if(
                  back, [&](const auto& one) { return !one.notification.is_zero() && one.claim; }),
              2);
}

}  // namespace
}  // namespace mash::runtime::testing
