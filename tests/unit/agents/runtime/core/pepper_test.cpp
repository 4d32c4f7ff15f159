// The registrar seals the area's pepper to an agency's new box key at once. An agent that does not
// have that key recognises no child: it says so, and goes on with what it opened before.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using Json = nlohmann::json;
const AgencyId police{"police-wm"};

class PepperTest : public ::testing::Test {
protected:
    PepperTest() {
        world.connect(world.hub);
        world.connect(world.police);
    }
    /// `mashctl agency rotate`; the agent's key files have the next key, the agent does not yet.
    void reseal(std::uint16_t epochs_later = 0) {
        const auto& listed = world.area.registry().agencies.at(police);
        const auto pepper = crypto::open_sealed(world.police.keys.agencies.at(police).box.front(),
                                                listed.sealed_pepper);
        ASSERT_TRUE(pepper);
        auto sealed = crypto::seal_to(next.public_key, pepper->reveal(), world.area.random());
        ASSERT_TRUE(sealed);
        world.area.change_registry(
            [&](area::Registry& registry) {
                auto& agency = registry.agencies.at(police);
                agency.box_public_key = next.public_key.value();
                agency.sealed_pepper = std::move(*sealed);
                agency.pepper_epoch =
                    static_cast<std::uint16_t>(agency.pepper_epoch + epochs_later);
            },
            world.now.wall);
        world.police.give(FrameIn{{0, wire::DocumentsChanged{}}});
        world.settle();
    }
    void restart() {
        world.disconnect(world.police);
        world.police.restart();
        world.police.seen.clear();
        world.connect(world.police);
    }
    std::vector<wire::Token> tokens_of_next() {
        world.send(world.police, world.missing_child("misper:" + std::to_string(++sent)));
        return world.broker.plan_requests.back().facts.tokens;
    }
    bool has_alarm() const { return world.police.has_alarm(Alarm::Kind::pepper_unreadable); }
    bool is_logged() const {
        const auto records = world.police.seen_of<Recorded>();
        return std::ranges::any_of(records, [](const auto& record) {
            return record.event == LogEvent::pepper_unreadable && record.agency == police;
        });
    }
    Json status() {
        return Json::parse(
            world.police.ask(ApiRequest::Kind::status, world.police.service_token).json.reveal());
    }

    AgentWorld world;
    crypto::BoxKeyPair next = crypto::BoxKeyPair::generate(world.area.random());
    int sent = 0;
};

TEST_F(PepperTest, ThatOpensIsNoAlarm) {
    EXPECT_FALSE(has_alarm());
    EXPECT_TRUE(status().at("peppers_unreadable").empty());
    EXPECT_FALSE(tokens_of_next().empty());
}

TEST_F(PepperTest, SealedToAKeyNotReadYetIsAnAlarmAndChildrenAreRecognisedAsBefore) {
    const auto before = tokens_of_next();
    reseal();
    EXPECT_TRUE(has_alarm());
    EXPECT_TRUE(is_logged());
    const auto told = status();
    EXPECT_EQ(told.at("status"), "alarm");
    EXPECT_EQ(told.at("peppers_unreadable"),
              (Json{{{"agency", "police-wm"}, {"still_recognises", true}}}));
    EXPECT_EQ(tokens_of_next(), before);
}

TEST_F(PepperTest, StartedAgainWithAnOldCopyOfItsKeysItIsBlindAndSaysSo) {
    reseal();
    restart();
    EXPECT_TRUE(has_alarm());
    EXPECT_TRUE(is_logged());
    EXPECT_EQ(status().at("peppers_unreadable"),
              (Json{{{"agency", "police-wm"}, {"still_recognises", false}}}));
    EXPECT_TRUE(tokens_of_next().empty());
}

TEST_F(PepperTest, StartedAgainWithTheNextKeyTheAlarmEnds) {
    const auto before = tokens_of_next();
    reseal();
    auto& box = world.police.keys.agencies.at(police).box;
    box.insert(box.begin(), std::move(next));
    world.disconnect(world.police);
    world.police.restart();
    world.connect(world.police);
    EXPECT_FALSE(has_alarm());
    EXPECT_TRUE(status().at("peppers_unreadable").empty());
    EXPECT_TRUE(status().at("alarms").empty());
    EXPECT_EQ(tokens_of_next(), before);
}

TEST_F(PepperTest, OfALaterEpochTheOneBeforeIsNotUsed) {
    reseal(1);
    EXPECT_TRUE(has_alarm());
    EXPECT_EQ(status().at("peppers_unreadable"),
              (Json{{{"agency", "police-wm"}, {"still_recognises", false}}}));
    EXPECT_TRUE(tokens_of_next().empty());
}

TEST_F(PepperTest, OfAnAgencyThatIsRevokedIsNoAlarm) {
    reseal();
    ASSERT_TRUE(has_alarm());
    world.area.change_registry(
        [&](area::Registry& registry) { registry.agencies.at(police).revoked_at = world.now.wall; },
        world.now.wall);
    world.police.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    EXPECT_FALSE(has_alarm());
}

}  // namespace
}  // namespace mash::runtime::testing
