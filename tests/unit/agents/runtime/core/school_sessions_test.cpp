// The calendar that adapters go by is that of the policy this agent holds.
#include <gtest/gtest.h>

#include "agents/runtime/core/source.hpp"
#include "common/area/policy.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

const WallTime end_of_term = *wall_time_from_rfc3339("2026-12-18T22:30:00Z");

TEST(SchoolSessionsOf, ThePolicyThatIsHeldAreAskedForOnce) {
    AgentWorld world;
    int asked = 0;
    const SchoolSessions sessions([&] {
        ++asked;
        return policy_held(*world.police.store.view(), world.area.id, world.area.root());
    });
    world.connect(world.police);
    const auto next = sessions.after(end_of_term);
    EXPECT_EQ(next.at, wall_time_from_rfc3339("2027-01-05T08:50:00Z").value());
    EXPECT_FALSE(next.estimated);
    EXPECT_FALSE(sessions.after(end_of_term).estimated);
    EXPECT_EQ(asked, 1);
}

TEST(SchoolSessionsOf, NoPolicyOrOneOfAnotherRootAreEstimated) {
    AgentWorld world;
    const auto held = [&](const crypto::VerifyKey& root) {
        return policy_held(*world.police.store.view(), world.area.id, root);
    };
    EXPECT_FALSE(held(world.area.root()).has_value()) << "nothing was fetched yet";
    world.connect(world.police);
    EXPECT_TRUE(held(world.area.root()).has_value());
    EXPECT_FALSE(held(world.area.broker_key().verify_key()).has_value());
    const auto next = SchoolSessions().after(end_of_term);
    EXPECT_TRUE(next.estimated);
    EXPECT_EQ(next.at, end_of_term + std::chrono::days(3));
}

}  // namespace
}  // namespace mash::runtime::testing
