#include "broker/shell/batch_loop.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "broker/core/verify.hpp"
#include "common/crypto/random.hpp"
#include "tests/support/failing_store.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::broker_shell {
namespace {

using store::CommitFault;

struct Sink final : EffectSink {
    test::Collected<broker::Effect> effects;
    void release(std::vector<broker::Effect> released) override {
        for (auto& effect : released) effects.add(std::move(effect));
    }
    /// Frames with this body that answer this request.
    template <class Body>
    std::vector<Body> answers(std::uint64_t request) const {
        std::vector<Body> out;
        for (const auto& effect : effects.all()) {
            const auto* sent = std::get_if<broker::SendFrame>(&effect);
            if (sent == nullptr || sent->frame.request != request) continue;
            if (const auto* body = std::get_if<Body>(&sent->frame.body)) out.push_back(*body);
        }
        return out;
    }
};

class Loop : public ::testing::Test {
protected:
    Loop() {
        store::FaultPlan plan;
        plan.at_commit = [this] {
            const std::lock_guard lock(mutex);
            if (faults.empty()) return CommitFault::none;
            const auto next = faults.front();
            faults.erase(faults.begin());
            return next;
        };
        store = std::make_unique<test::FailingStore>(plan);
        broker::CoreConfig config;
        config.area = area.id;
        config.root = area.root();
        loop = std::make_unique<BatchLoop>(
            config, area.broker_key(), *store, random,
            [] { return Now{SteadyTime::from_ms(1'000'000), test::working_morning}; }, sink);
    }

    /// Documents in and the hub connected.
    void start() {
        ASSERT_TRUE(loop->load());
        loop->start();
        loop->push({broker::LoadDocuments{area.documents()}, {}});
        wire::Hello hello;
        hello.agent_time = test::working_morning;
        say(1, hello);
        ASSERT_TRUE(test::eventually([&] { return sink.answers<wire::Welcome>(1).size() == 1; }));
    }

    broker::Input frame(std::uint64_t request, wire::AgentBody body) {
        auto verified =
            broker::verify({request, std::move(body)}, hub, area.registry(), test::working_morning);
        EXPECT_TRUE(verified);
        return {broker::FrameIn{{1}, hub, std::move(*verified), 100}, {}};
    }
    void say(std::uint64_t request, wire::AgentBody body) {
        loop->push(frame(request, std::move(body)));
    }
    wire::PublishInboxKey certify(const std::string& inbox) {
        return {area.inbox_certificate(InboxId(inbox), test::working_morning), {}};
    }
    bool is_done(std::uint64_t request) {
        return test::eventually([&] { return !sink.answers<wire::Done>(request).empty(); });
    }
    void at_next_commits(std::vector<CommitFault> wanted) {
        const std::lock_guard lock(mutex);
        faults = std::move(wanted);
    }

    test::TestArea area;
    crypto::SystemRandom random;
    const HostId hub{"hub"};
    std::mutex mutex;
    std::vector<CommitFault> faults;
    Sink sink;
    std::unique_ptr<test::FailingStore> store;
    std::unique_ptr<BatchLoop> loop;
};

TEST_F(Loop, EffectsLeaveAfterTheCommit) {
    start();
    say(2, certify("hub.ffd"));
    EXPECT_TRUE(is_done(2));
    EXPECT_GT(loop->counts().batches, 0U);
    EXPECT_EQ(loop->counts().failed_commits, 0U);
}

TEST_F(Loop, ACommitThatFailsReleasesNothingAndTheBatchIsWorkedOffOnce) {
    start();
    at_next_commits({CommitFault::fail});
    say(2, certify("hub.ffd"));
    EXPECT_TRUE(is_done(2));
    EXPECT_EQ(loop->counts().failed_commits, 1U);
    EXPECT_EQ(sink.answers<wire::Done>(2).size(), 1U);
    EXPECT_EQ(loop->counts().set_aside, 0U);
}

TEST_F(Loop, ACommitOfUnknownOutcomeIsReadAgainAndAnsweredOnceEitherWay) {
    start();
    at_next_commits({CommitFault::unknown_kept});
    say(2, certify("hub.ffd"));
    EXPECT_TRUE(is_done(2));
    at_next_commits({CommitFault::unknown_lost});
    say(3, certify("hub.edt"));
    EXPECT_TRUE(is_done(3));
    EXPECT_EQ(loop->counts().unknown_commits, 2U);
    EXPECT_EQ(sink.answers<wire::Done>(2).size(), 1U);
    EXPECT_EQ(sink.answers<wire::Done>(3).size(), 1U);
    EXPECT_EQ(loop->counts().set_aside, 0U);
}

TEST_F(Loop, AStoreThatDoesNotComeBackAtOnceIsAskedAgain) {
    start();
    store->reopens_that_fail = 2;
    at_next_commits({CommitFault::unknown_lost});
    say(2, certify("hub.ffd"));
    EXPECT_TRUE(is_done(2));
    EXPECT_GE(store->reopens, 3);
}

TEST_F(Loop, AFullDiskIsNobodysFaultAndEverythingIsAnsweredWhenThereIsRoom) {
    start();
    at_next_commits(std::vector(5, CommitFault::disk_full));
    say(2, certify("hub.ffd"));
    say(3, certify("hub.edt"));
    EXPECT_TRUE(is_done(2));
    EXPECT_TRUE(is_done(3));
    EXPECT_EQ(loop->counts().set_aside, 0U);
    const auto effects = sink.effects.all();
    EXPECT_EQ(std::ranges::count_if(effects,
                                    [](const auto& effect) {
                                        const auto* said = std::get_if<broker::Recorded>(&effect);
                                        return said != nullptr &&
                                               said->event == LogEvent::disk_full;
                                    }),
              1)
        << "the log says it, and once";
}

TEST_F(Loop, APoisonousInputIsSetAsideAloneAndTheOthersGoOn) {
    std::atomic<bool> armed = false;
    // A record that cannot be written: the claim about one inbox, not what else names it.
    const auto poison = area.inbox_certificate(InboxId("hub.edt"), test::working_morning).body;
    store->is_poison = [&](ByteView, ByteView value) {
        return armed && !std::ranges::search(value, poison).empty();
    };
    start();
    armed = true;
    // In one batch: the loop is held up by a commit that fails first.
    at_next_commits({CommitFault::fail});
    say(2, certify("hub.ffd"));
    say(3, certify("hub.edt"));
    say(4, certify("hub.lado"));
    EXPECT_TRUE(is_done(2));
    EXPECT_TRUE(is_done(4));
    ASSERT_TRUE(test::eventually([&] { return loop->counts().set_aside == 1; }));
    EXPECT_TRUE(sink.answers<wire::Done>(3).empty());
    const auto errors = sink.answers<wire::ErrorFrame>(3);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors.front().code, ErrorCode::quarantined);
    say(5, certify("hub.ffd"));
    EXPECT_TRUE(is_done(5));
}

TEST_F(Loop, WorksOffWhatIsQueuedBeforeItStops) {
    start();
    for (std::uint64_t i = 0; i < 600; ++i) say(10 + i, certify("hub.ffd"));
    loop->stop();
    for (std::uint64_t i = 0; i < 600; ++i)
        ASSERT_EQ(sink.answers<wire::Done>(10 + i).size(), 1U) << i;
}

TEST_F(Loop, StopsWhileTheStoreRefuses) {
    start();
    at_next_commits(std::vector(1000, CommitFault::disk_full));
    say(2, certify("hub.ffd"));
    ASSERT_TRUE(test::eventually([&] { return loop->counts().failed_commits > 0; }));
    loop->stop();
    EXPECT_TRUE(sink.answers<wire::Done>(2).empty());
}

}  // namespace
}  // namespace mash::broker_shell
