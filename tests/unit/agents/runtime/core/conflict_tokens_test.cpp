// Conflicts of interest while their tokens are on the way, and when the keys change.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;

/// The number of the child whom everything of the world is about, and of another child.
constexpr auto this_child = "9990000018";
constexpr auto another_child = "9990000026";

class ConflictTokens : public ::testing::Test {
protected:
    ConflictTokens() {
        world.list_token_key(1);
        world.connect(world.hub);
        world.connect(world.schools);
        world.claim_school_roll(world.schools);
        officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
        night = world.hub.add_person("Invented Night", "hub", {"hub.edt"});
        world.settle();
    }
    std::string declare(const char* number) {
        const json subject{{"nhs_number", number}, {"date_of_birth", "2013-04-05"}};
        const json body{
            {"subject", subject}, {"excluded", {"hub.ffd"}}, {"reason", "Canaryreason: an uncle"}};
        const auto reply = world.hub.ask(ApiRequest::Kind::conflict_add, officer, "", body.dump());
        EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
        world.settle();
        return json::parse(reply.json.reveal()).value("id", "");
    }
    std::vector<wire::ConflictBody> declared() const {
        std::vector<wire::ConflictBody> all;
        for (const auto& one : world.broker.others) {
            if (const auto* frame = std::get_if<wire::DeclareConflict>(&one))
                all.push_back(wire::decode_body<wire::ConflictBody>(frame->body).value());
        }
        return all;
    }
    static std::set<std::uint16_t> epochs_of(const wire::ConflictBody& conflict) {
        std::set<std::uint16_t> epochs;
        for (const auto& token : conflict.tokens) epochs.insert(token.epoch);
        return epochs;
    }
    /// Said by another school; the front door's agent passes it on by itself.
    void send_sighting(const std::string& ref) {
        auto said = world.missing_child(ref, "missing_episode_updated");
        said.agency = AgencyId("teme-meadow");
        said.role = RoleId("sch");
        said.facts.kind = "sighting";
        said.facts.risk_grade.clear();
        world.send(world.schools, said);
    }
    std::size_t listed(const PersonalText& who) {
        const auto reply = world.hub.ask(ApiRequest::Kind::sent_list, who);
        return json::parse(reply.json.reveal()).at("sent").size();
    }
    void broker_is_silent_to_the_front_door() {
        world.broker.swallow = [this](const HostId& host, const wire::AgentBody& body) {
            return host == world.hub.id && std::holds_alternative<wire::EvaluateTokens>(body);
        };
    }
    void broker_answers_again() {
        world.broker.swallow = nullptr;
        world.disconnect(world.hub);
        world.connect(world.hub);
        world.tick();
    }

    AgentWorld world;
    PersonalText officer, front_door, night;
};

TEST_F(ConflictTokens, AreNeededBeforeItIsDeclaredAndThenItIs) {
    broker_is_silent_to_the_front_door();
    declare(this_child);
    EXPECT_TRUE(declared().empty());
    broker_answers_again();
    ASSERT_EQ(declared().size(), 1U);
    EXPECT_EQ(epochs_of(declared()[0]), (std::set<std::uint16_t>{1}));
}

TEST_F(ConflictTokens, OnTheWayHideWhatIsPassedOnAndShowItOnceItIsAboutAnotherChild) {
    broker_is_silent_to_the_front_door();
    declare(another_child);
    send_sighting("seen:1");
    EXPECT_EQ(listed(night), 1U);
    EXPECT_EQ(listed(front_door), 0U) << "nobody knows yet which child the conflict is about";
    broker_answers_again();
    ASSERT_EQ(declared().size(), 1U);
    EXPECT_EQ(listed(front_door), 1U);
}

TEST_F(ConflictTokens, OnTheWayHideWhatIsPassedOnAndGoOnHidingItFromTheSameChildsKin) {
    broker_is_silent_to_the_front_door();
    const auto id = declare(this_child);
    send_sighting("seen:1");
    EXPECT_EQ(listed(front_door), 0U);
    broker_answers_again();
    ASSERT_EQ(declared().size(), 1U);
    EXPECT_EQ(listed(front_door), 0U);
    EXPECT_EQ(listed(night), 1U);
    send_sighting("seen:2");
    EXPECT_EQ(listed(front_door), 0U) << "what comes later is known by its tokens";
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::conflict_end, officer, id).status, 200);
    EXPECT_EQ(listed(front_door), 2U) << "shown again once it has ended";
}

TEST_F(ConflictTokens, OnTheWayAreNotAskedForOnceItHasEnded) {
    broker_is_silent_to_the_front_door();
    const auto id = declare(this_child);
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::conflict_end, officer, id).status, 200);
    broker_answers_again();
    EXPECT_TRUE(declared().empty());
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::conflict_end, officer, id).status, 404);
}

TEST_F(ConflictTokens, UnderNewKeysKeepTheTimeFromWhichItCounts) {
    declare(this_child);
    ASSERT_EQ(declared().size(), 1U);
    const auto first = declared()[0];
    world.pass(std::chrono::minutes(10));
    world.list_token_key(2);
    world.tick();
    ASSERT_EQ(declared().size(), 2U);
    const auto both = declared()[1];
    EXPECT_EQ(both.id, first.id);
    EXPECT_EQ(both.starts, first.starts);
    EXPECT_GT(both.serial, first.serial);
    EXPECT_EQ(both.excluded, first.excluded);
    EXPECT_EQ(epochs_of(both), (std::set<std::uint16_t>{1, 2}));
    world.pass(std::chrono::minutes(10));
    EXPECT_EQ(declared().size(), 2U) << "said once";
    send_sighting("seen:1");
    EXPECT_EQ(listed(front_door), 0U);
}

}  // namespace
}  // namespace mash::runtime::testing
