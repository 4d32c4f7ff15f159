// Tokens through the broker: what waits for its answer, what does not, and what a wrong one is
// worth.
#include "agents/runtime/core/tokens.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using Json = nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class TokensTest : public ::testing::Test {
protected:
    TokensTest() {
        world.list_token_key(1);
        world.connect_all();
        world.broker.token_questions.clear();
    }
    std::set<std::uint16_t> epochs_of(const std::vector<wire::Token>& tokens) {
        std::set<std::uint16_t> epochs;
        for (const auto& token : tokens) epochs.insert(token.epoch);
        return epochs;
    }
    std::vector<wire::Token> tokens_of_claim() {
        return wire::decode_body<wire::InvolvementClaim>(world.broker.claims.back().body)->tokens;
    }
    const std::vector<wire::Token>& tokens_of_plan() {
        return world.broker.plan_requests.back().facts.tokens;
    }
    bool has_common(const std::vector<wire::Token>& a, const std::vector<wire::Token>& b) {
        return std::ranges::any_of(
            a, [&](const auto& token) { return std::ranges::find(b, token) != b.end(); });
    }
    void swallow_questions() {
        world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
            return std::holds_alternative<wire::EvaluateTokens>(body);
        };
    }
    std::size_t planned(const NotificationId& id) {
        return static_cast<std::size_t>(
            std::ranges::count(world.broker.plan_requests, id, &wire::RequestPlan::notification));
    }

    AgentWorld world;
};

TEST_F(TokensTest, OfTheSameChildAreTheSameAtTwoAgencies) {
    world.send(world.police, world.missing_child());
    ASSERT_FALSE(world.broker.plan_requests.empty());
    EXPECT_FALSE(tokens_of_plan().empty());
    EXPECT_TRUE(has_common(tokens_of_plan(), tokens_of_claim()));
    ASSERT_FALSE(world.broker.token_questions.empty());
    EXPECT_EQ(world.broker.token_questions.back().reason, "notification");
}

TEST_F(TokensTest, OfAChildAskedOnceAreNotAskedAgain) {
    world.send(world.police, world.missing_child("misper:1"));
    const auto first = tokens_of_plan();
    const auto questions = world.broker.token_questions.size();
    world.send(world.police, world.missing_child("misper:2"));
    EXPECT_EQ(tokens_of_plan(), first);
    EXPECT_EQ(world.broker.token_questions.size(), questions);
    world.police.restart();
    world.connect(world.police);
    world.send(world.police, world.missing_child("misper:3"));
    EXPECT_EQ(tokens_of_plan(), first) << "kept in the store";
    EXPECT_EQ(world.broker.token_questions.size(), questions);
}

TEST_F(TokensTest, UnderAnotherKeyThanTheRegistrysAreAnAlarmAndNothingTravelsOnThem) {
    crypto::SeededRandom random(77, "stolen");
    world.broker.token_keys.insert_or_assign(1, crypto::OprfKey::generate(random));
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::tokens_unproved));
    EXPECT_EQ(planned(id), 0U);
    // The child is not held up for ever: the front door gets it, unmatched.
    world.pass(seconds(25));
    ASSERT_EQ(planned(id), 1U);
    EXPECT_TRUE(tokens_of_plan().empty());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::tokens_missing));
    EXPECT_TRUE(world.broker.published.contains(id));
    // And is added to once they are here.
    world.broker.token_keys.clear();
    crypto::SeededRandom right(1, "token-key");
    world.broker.token_keys.emplace(1, crypto::OprfKey::generate(right));
    for (int i = 0; i < 6; ++i) world.pass(minutes(1));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::tokens_unproved));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::tokens_missing));
    EXPECT_FALSE(tokens_of_plan().empty());
}

TEST_F(TokensTest, ThatComeAfterTheLinkWasCutAreAskedForAgainWithOtherBlinds) {
    swallow_questions();
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(planned(id), 0U);
    world.disconnect(world.police);
    world.police.restart();
    world.broker.swallow = nullptr;
    world.connect(world.police);
    ASSERT_EQ(planned(id), 1U);
    EXPECT_FALSE(tokens_of_plan().empty());
}

TEST_F(TokensTest, OverTheBudgetWaitAndWhatIsAboutOneChildGoesOnUnmatchedInTime) {
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (std::holds_alternative<wire::EvaluateTokens>(body)) return ErrorCode::busy;
        return std::nullopt;
    };
    const auto id = world.send(world.police, world.missing_child());
    world.pass(seconds(10));
    EXPECT_EQ(planned(id), 0U);
    world.pass(seconds(15));
    EXPECT_EQ(planned(id), 1U);
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::tokens_unproved));
}

TEST_F(TokensTest, OfBothEpochsTravelWhileTheKeysChangeAndNobodyIsMissed) {
    const auto before = tokens_of_claim();
    EXPECT_EQ(epochs_of(before), (std::set<std::uint16_t>{1}));
    world.list_token_key(2);
    world.tick();
    // Stated anew in the background, without the school giving its list again.
    EXPECT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{1, 2}));
    const auto during = tokens_of_claim();
    EXPECT_TRUE(has_common(during, before));
    world.send(world.police, world.missing_child());
    EXPECT_EQ(epochs_of(tokens_of_plan()), (std::set<std::uint16_t>{1, 2}));
    EXPECT_TRUE(has_common(tokens_of_plan(), during));
    world.finish_token_change(2);
    world.tick();
    EXPECT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{2}));
    world.send(world.police, world.missing_child("misper:2"));
    EXPECT_EQ(epochs_of(tokens_of_plan()), (std::set<std::uint16_t>{2}));
    EXPECT_TRUE(has_common(tokens_of_plan(), during)) << "a school that is late is still found";
    EXPECT_TRUE(has_common(tokens_of_plan(), tokens_of_claim()));
}

TEST_F(TokensTest, OfAnEpochThatTheBrokerCannotServeYetHoldNothingUp) {
    world.list_token_key(2);
    world.broker.token_keys.erase(2);
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_EQ(planned(id), 1U);
    EXPECT_EQ(epochs_of(tokens_of_plan()), (std::set<std::uint16_t>{1}));
    EXPECT_TRUE(world.broker.published.contains(id));
}

TEST_F(TokensTest, OfAListThatWaitsForTheBrokerSurviveARestart) {
    swallow_questions();
    ReplaceRoll roll;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "school";
    roll.confirmed = true;  // it ends the one child who was on the list
    for (int i = 0; i < 600; ++i) {
        RollEntry entry;
        entry.source_ref = "pupil:" + std::to_string(i);
        entry.subject.forename = PersonalText("Invented");
        entry.subject.surname = PersonalText("Pupil" + std::string(1, char('A' + i % 26)) +
                                             std::string(1, char('A' + i / 26)));
        entry.subject.date_of_birth = PersonalText("2014-01-01");
        roll.entries.push_back(std::move(entry));
    }
    const auto held = world.broker.claims.size();
    RollReplaced reply;
    for (const auto& effect : world.schools.give(std::move(roll))) {
        if (const auto* one = std::get_if<RollReplaced>(&effect)) reply = *one;
    }
    EXPECT_TRUE(reply.ok);
    EXPECT_TRUE(reply.waits_for_broker);
    world.settle();
    EXPECT_EQ(world.broker.claims.size(), held) << "nothing is said before it is whole";
    const auto status = Json::parse(
        world.schools.ask(ApiRequest::Kind::status, world.schools.service_token).json.reveal());
    ASSERT_EQ(status.at("rolls_identifying").size(), 1U);
    EXPECT_EQ(status["rolls_identifying"][0]["entries"], 600);
    EXPECT_EQ(everything_stored(world.schools.store).find("PUPIL"), std::string::npos);
    world.disconnect(world.schools);
    world.schools.restart();
    world.broker.swallow = nullptr;
    world.connect(world.schools);
    for (int i = 0; i < 4; ++i) world.tick();
    EXPECT_EQ(world.broker.claims.size(), 600U);
    EXPECT_TRUE(std::ranges::any_of(world.broker.token_questions, [](const auto& question) {
        return question.reason == "roll" && question.blinded.size() == 256;
    }));
}

}  // namespace
}  // namespace mash::runtime::testing
