#include "broker/shell/verify_pool.hpp"

#include <gtest/gtest.h>

#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::broker_shell {
namespace {

Bytes hello_frame() {
    wire::Hello hello;
    hello.agent_time = test::working_morning;
    hello.agent_epoch = {1};
    return wire::encode(wire::AgentFrame{7, hello});
}

class Pool : public ::testing::Test {
protected:
    std::unique_ptr<VerifyPool> start(unsigned threads) {
        return std::make_unique<VerifyPool>(
            threads, [] { return test::working_morning; },
            [this](broker::Input input) { inputs.add(std::move(input)); });
    }
    std::shared_ptr<const area::Registry> registry() {
        return std::make_shared<area::Registry>(area.registry());
    }

    test::TestArea area;
    const HostId police{"police"};
    test::Collected<broker::Input> inputs;
};

TEST_F(Pool, ManyThreadsHandFramesOnInTheOrderOfTheirArrival) {
    auto pool = start(8);
    pool->use_registry(registry());
    constexpr std::uint64_t frames = 3000;
    // Costs differ widely, so that later frames are ready before earlier ones.
    for (std::uint64_t i = 0; i < frames; ++i) {
        Bytes frame = i % 3 == 0 ? hello_frame() : Bytes(i % 7 == 0 ? 40'000 : 3, 0xFF);
        pool->submit({i}, police, std::move(frame), i % 5 == 0);
    }
    ASSERT_TRUE(inputs.wait_for(frames));
    std::uint64_t expected = 0;
    for (const auto& input : inputs.all()) {
        const auto* good = std::get_if<broker::FrameIn>(&input.body);
        const auto* bad = std::get_if<broker::BadFrameIn>(&input.body);
        ASSERT_TRUE(good != nullptr || bad != nullptr);
        ASSERT_EQ((good != nullptr ? good->session : bad->session).value, expected++);
    }
}

TEST_F(Pool, AFrameIsAnsweredBusyWhileNoRegistryIsInForceAndOverTheRate) {
    auto pool = start(1);
    pool->submit({1}, police, hello_frame(), false);
    ASSERT_TRUE(inputs.wait_for(1));
    pool->use_registry(registry());
    pool->submit({1}, police, {}, true);
    pool->submit({1}, police, hello_frame(), false);
    ASSERT_TRUE(inputs.wait_for(3));
    const auto all = inputs.all();
    EXPECT_EQ(std::get<broker::BadFrameIn>(all[0].body).code, ErrorCode::busy);
    EXPECT_EQ(std::get<broker::BadFrameIn>(all[0].body).request, 7U);
    EXPECT_EQ(std::get<broker::BadFrameIn>(all[1].body).code, ErrorCode::busy);
    EXPECT_EQ(std::get<broker::FrameIn>(all[2].body).host, police);
    EXPECT_EQ(std::get<broker::FrameIn>(all[2].body).frame_bytes, hello_frame().size());
}

TEST_F(Pool, BytesThatAreNoFrameBecomeATypedErrorOfTheirSession) {
    auto pool = start(2);
    pool->use_registry(registry());
    pool->submit({9}, police, Bytes(10, 0xFF), false);
    ASSERT_TRUE(inputs.wait_for(1));
    const auto input = inputs.all().front();
    EXPECT_EQ(std::get<broker::BadFrameIn>(input.body).session.value, 9U);
    EXPECT_EQ(std::get<broker::BadFrameIn>(input.body).code, ErrorCode::malformed);
}

TEST_F(Pool, AFullQueueSaysSoAndEmptiesAgain) {
    std::mutex door;
    std::unique_lock closed(door);
    VerifyPool pool(
        2, [] { return test::working_morning; },
        [&](broker::Input) { const std::lock_guard wait(door); });
    for (std::size_t i = 0; i <= limits::verify_queue_frames_max; ++i)
        pool.submit({i}, police, {}, true);
    EXPECT_FALSE(pool.may_submit());
    closed.unlock();
    EXPECT_TRUE(test::eventually([&] { return pool.may_submit(); }));
}

TEST_F(Pool, StopsWithFramesStillQueued) {
    auto pool = start(4);
    for (std::uint64_t i = 0; i < 2000; ++i) pool->submit({i}, police, Bytes(40'000, 1), false);
    pool->stop();
    const auto handed_on = inputs.size();
    pool->submit({1}, police, hello_frame(), false);
    EXPECT_EQ(inputs.size(), handed_on);
}

}  // namespace
}  // namespace mash::broker_shell
