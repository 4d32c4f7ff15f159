// Content at rest is encrypted under keys that are not in the same file, and nothing of it leaves
// in a frame.
#include <gtest/gtest.h>

#include "common/store/table.hpp"
#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

TEST(AtRest, NothingThatWasSaidIsReadableInAnyStoreOrFrame) {
    AgentWorld world;
    std::string frames;
    world.broker.swallow = [&](const HostId&, const wire::AgentBody& body) {
        frames += text_of(wire::encode(wire::AgentFrame{1, body}));
        return false;
    };
    world.connect_all();
    auto notification = world.missing_child("Canaryreference");
    notification.thread_ref = "Canarythread";
    LinkedPerson brother{wire::LinkedRelation::sibling, notification.subject};
    brother.known_by.nhs_number = PersonalText("9990000026");
    brother.known_by.forename = PersonalText("Canarybrother");
    notification.linked.push_back(std::move(brother));
    const auto id = world.send(world.police, notification);
    const auto person = world.hub.add_person("Canaryname", "hub", {"hub.ffd"});
    ASSERT_EQ(world.hub.ask(ApiRequest::Kind::received_one, person, to_text(id)).status, 200);
    (void)world.police.give(Remember{9, {{"misper/Canarykey", "Canaryvalue"}}});
    world.settle();
    for (auto* host : {&world.police, &world.hub, &world.schools}) {
        const auto stored = everything_stored(host->store);
        EXPECT_EQ(stored.find("Canary"), std::string::npos) << host->id.value();
        EXPECT_EQ(stored.find("9990000018"), std::string::npos) << host->id.value();
        EXPECT_EQ(stored.find("9990000026"), std::string::npos) << host->id.value();
        EXPECT_EQ(stored.find("CANARY"), std::string::npos) << host->id.value();
    }
    EXPECT_FALSE(frames.empty());
    EXPECT_EQ(frames.find("Canary"), std::string::npos);
    EXPECT_EQ(frames.find("9990000018"), std::string::npos);
    EXPECT_EQ(frames.find("9990000026"), std::string::npos);
}

TEST(AtRest, RowsSwappedInTheFileAreNoticed) {
    AgentWorld world;
    world.connect(world.police);
    world.disconnect(world.police);
    const auto first = world.send(world.police, world.missing_child("misper:1"));
    auto other = world.missing_child("misper:2");
    other.facts.occurred_at = other.facts.occurred_at + std::chrono::minutes(1);
    const auto second = world.send(world.police, other);
    ASSERT_NE(first, second);
    auto transaction = world.police.store.begin();
    constexpr store::Space space{"notification_content"};
    const auto key = store::key_bytes(first);
    const auto value = transaction->get(space, store::key_bytes(second));
    ASSERT_TRUE(value.has_value());
    transaction->put(space, key, *value);
    ASSERT_TRUE(world.police.store.commit(std::move(transaction)).is_committed());

    Core core(world.police.config, world.police.keys);
    auto step = world.police.store.begin();
    ASSERT_TRUE(core.load(world.now, *step).has_value());
    std::vector<Input> inputs(2);
    inputs[0].body = LinkUp{};
    wire::Welcome welcome;
    welcome.area = world.area.id;
    welcome.host = world.police.id;
    welcome.broker_time = world.now.wall;
    welcome.store_epoch = {1};
    welcome.commit_serial = 10'000;
    welcome.registry_version = 2;
    welcome.policy_version = 1;
    welcome.freshness_version = 2;
    inputs[1].body = FrameIn{{1, welcome}};
    core.step(world.now, inputs, *step);
    EXPECT_TRUE(
        step->failed());  // the whole step is dropped; nothing is sent under another child's id
}

}  // namespace
}  // namespace mash::runtime::testing
