// The thread that evaluates: order, bounds and answers. Nothing here waits for a time.
#include "broker/shell/token_pool.hpp"

#include <future>

#include <gtest/gtest.h>

#include "common/base/limits.hpp"
#include "common/crypto/random.hpp"

namespace mash::broker_shell {
namespace {

class TokenPools : public ::testing::Test {
protected:
    TokenPools() {
        auto key = crypto::OprfKey::generate(random_);
        public_key_ = key.public_key();
        broker::TokenKeys keys;
        keys.emplace(public_key_, std::move(key));
        pool_ = std::make_unique<TokenPool>(
            std::move(keys), random_,
            [this](broker::SessionId session, wire::Lane, const wire::BrokerFrame& frame) {
                answered(session, frame);
            });
    }
    ~TokenPools() override {
        open();
        pool_->stop();
    }

    // The first answer stays in its thread until open(): what comes meanwhile lies in the queue.
    void answered(broker::SessionId session, const wire::BrokerFrame& frame) {
        std::unique_lock lock(mutex_);
        if (session.value == 1) opened_.wait(lock, [&] { return is_open_; });
        answers_.emplace_back(session.value, frame);
        opened_.notify_all();
    }
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        opened_.notify_all();
    }
    auto answers(std::size_t count) {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [&] { return answers_.size() >= count; });
        return answers_;
    }
    broker::TokensAsked asked(std::uint64_t session, bool is_roll) {
        crypto::SeededRandom random(session, "blinds");
        const std::vector<ByteView> inputs{view_of("nobody")};
        const auto question =
            crypto::OprfQuestion::ask(crypto::OprfMode::verifiable, inputs, random);
        return {broker::SessionId{session}, session, 1, public_key_, is_roll, question->blinded()};
    }

    crypto::SeededRandom random_{1, "token-pool"};
    crypto::OprfPublicKey public_key_;
    std::mutex mutex_;
    std::condition_variable opened_;
    bool is_open_ = false;
    std::vector<std::pair<std::uint64_t, wire::BrokerFrame>> answers_;
    std::unique_ptr<TokenPool> pool_;
};

TEST_F(TokenPools, WhatIsAboutOneChildGoesBeforeImports) {
    pool_->submit(asked(1, true));
    // Held in the first answer, so that the rest is ordered by the queue alone.
    while (pool_->evaluated() == 0) std::this_thread::yield();
    pool_->submit(asked(2, true));
    pool_->submit(asked(3, false));
    pool_->submit(asked(4, false));
    EXPECT_EQ(pool_->waiting(), 3U);
    open();
    std::vector<std::uint64_t> order;
    for (const auto& [session, frame] : answers(4)) {
        order.push_back(session);
        EXPECT_EQ(frame.request, session);
        EXPECT_TRUE(std::holds_alternative<wire::EvaluatedTokens>(frame.body));
    }
    EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 3, 4, 2}));
}

TEST_F(TokenPools, AFullQueueIsAnsweredAtOnceAndKeepsRoomForOneChild) {
    pool_->submit(asked(1, true));
    while (pool_->evaluated() == 0) std::this_thread::yield();
    const auto roll = asked(2, true);
    for (std::size_t i = 0; i < limits::token_queue_frames_max; ++i) pool_->submit(roll);
    EXPECT_EQ(pool_->refused(), 0U);
    pool_->submit(asked(3, true));
    const auto refused = answers(1);
    EXPECT_EQ(refused[0].first, 3U);
    const auto* error = std::get_if<wire::ErrorFrame>(&refused[0].second.body);
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code, ErrorCode::busy);
    EXPECT_GT(error->retry_after_ms, 0U);
    EXPECT_EQ(pool_->refused(), 1U);
    pool_->submit(asked(4, false));
    EXPECT_EQ(pool_->waiting(), limits::token_queue_frames_max + 1);
    EXPECT_EQ(pool_->refused(), 1U);
}

TEST_F(TokenPools, StopsWithoutFinishingWhatWaits) {
    pool_->submit(asked(1, true));
    while (pool_->evaluated() == 0) std::this_thread::yield();
    for (std::uint64_t n = 2; n < 50; ++n) pool_->submit(asked(n, true));
    std::thread stops([&] { pool_->stop(); });
    open();
    stops.join();
    EXPECT_GE(pool_->waiting(), 1U);
}

}  // namespace
}  // namespace mash::broker_shell
