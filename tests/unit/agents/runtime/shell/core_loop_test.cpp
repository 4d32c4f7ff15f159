#include "agents/runtime/shell/core_loop.hpp"

#include <gtest/gtest.h>

#include "agents/runtime/core/api_error.hpp"
#include "common/store/table.hpp"
#include "tests/unit/agents/runtime/shell/running_core.hpp"

namespace mash::runtime_shell {
namespace {

using store::CommitFault;

class Loop : public ::testing::Test, public RunningCore {
protected:
    bool comes(std::uint64_t reply) {
        return test::eventually([&] { return is_submitted(reply); });
    }
    std::size_t times(std::uint64_t reply) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(seen_of<runtime::Submitted>(),
                                  [&](const auto& effect) { return effect.reply == reply; }));
    }
};

TEST_F(Loop, AnswersAfterTheCommit) {
    start();
    submit(1, "misper:1");
    EXPECT_TRUE(comes(1));
    EXPECT_FALSE(loop->is_in_trouble());
    EXPECT_EQ(loop->counts().failed_commits, 0U);
}

TEST_F(Loop, NothingIsAnsweredWhileTheDiskIsFullAndEverythingOnceThereIsRoom) {
    start();
    at_next_commits(std::vector(3, CommitFault::disk_full));
    submit(1, "misper:1");
    ASSERT_TRUE(test::eventually([&] { return loop->is_in_trouble(); }));
    EXPECT_EQ(loop->trouble(), ErrorCode::disk_full);
    EXPECT_FALSE(is_submitted(1));
    submit(2, "misper:2");
    EXPECT_TRUE(comes(1));
    EXPECT_TRUE(comes(2));
    EXPECT_EQ(times(1), 1U);
    EXPECT_TRUE(test::eventually([&] { return !loop->is_in_trouble(); }));
    EXPECT_EQ(loop->counts().failed_commits, 3U);
    EXPECT_EQ(loop->counts().set_aside, 0U);
    const auto noted = seen_of<runtime::Recorded>();
    EXPECT_EQ(std::ranges::count(noted, LogEvent::disk_full, &runtime::Recorded::event), 1)
        << "the log says it, and once";
}

TEST_F(Loop, WhatLiesInTheFoldersIsHeardAtEachTurnAlsoByACoreThatTookAnothersPlace) {
    start();
    const auto rings = [&](runtime::Alarm::Kind kind, bool over) {
        return test::eventually([&] {
            return std::ranges::any_of(seen_of<runtime::Alarm>(), [&](const auto& alarm) {
                return alarm.kind == kind && alarm.cleared == over;
            });
        });
    };
    runtime::FilesSeen files;
    files.held = 1;
    files.held_since = world.now.wall;
    at_next_commits({CommitFault::fail});
    loop->saw(files);
    EXPECT_TRUE(rings(runtime::Alarm::Kind::file_held, false));
    loop->saw({});
    EXPECT_TRUE(rings(runtime::Alarm::Kind::file_held, true));
}

TEST_F(Loop, ACommitOfUnknownOutcomeIsAnsweredOnceWithOneIdEitherWay) {
    start();
    for (const auto fault : {CommitFault::unknown_kept, CommitFault::unknown_lost}) {
        const std::string ref = fault == CommitFault::unknown_kept ? "kept" : "lost";
        const std::uint64_t reply = fault == CommitFault::unknown_kept ? 10 : 20;
        at_next_commits({fault});
        submit(reply, ref);
        ASSERT_TRUE(comes(reply));
        submit(reply + 1, ref);
        ASSERT_TRUE(comes(reply + 1));
        EXPECT_EQ(times(reply), 1U);
        std::map<std::uint64_t, runtime::Submitted> answers;
        for (const auto& one : seen_of<runtime::Submitted>()) answers[one.reply] = one;
        EXPECT_EQ(answers[reply].id, answers[reply + 1].id);
        EXPECT_TRUE(answers[reply + 1].existed);
        EXPECT_EQ(answers[reply].existed, fault == CommitFault::unknown_kept);
    }
}

TEST_F(Loop, WhatChangedIsToldAfterTheCommitAlsoOfOneWhoseOutcomeWasUnknown) {
    test::Collected<runtime::Change> told;
    on_commit = [&](const runtime::Changes& changes) {
        for (const auto& change : changes) told.add(change);
    };
    start();
    const auto is_told = [&](std::uint64_t reply) {
        for (const auto& one : seen_of<runtime::Submitted>()) {
            if (one.reply != reply) continue;
            const runtime::Change change{runtime::Listed::sent, store::key_bytes(one.id)};
            const auto all = told.all();
            return std::ranges::find(all, change) != all.end();
        }
        return false;
    };
    std::uint64_t reply = 30;
    for (const auto fault : {CommitFault::none, CommitFault::fail, CommitFault::unknown_lost,
                             CommitFault::unknown_kept}) {
        ++reply;
        at_next_commits({fault});
        submit(reply, "news:" + std::to_string(reply));
        EXPECT_TRUE(test::eventually([&] { return is_told(reply); })) << reply;
    }
    loop->stop();
}

TEST_F(Loop, AStoreThatDoesNotComeBackAtOnceIsAskedAgain) {
    start();
    store->reopens_that_fail = 2;
    at_next_commits({CommitFault::unknown_lost});
    submit(1, "misper:1");
    EXPECT_TRUE(comes(1));
}

TEST_F(Loop, AnInputThatAloneSpoilsABatchIsSetAsideAndTheOthersGoOn) {
    std::atomic<bool> armed = false;
    constexpr std::size_t poisonous_size = 40'000;
    store->is_poison = [&](ByteView, ByteView value) {
        return armed && value.size() >= poisonous_size && value.size() < poisonous_size + 100;
    };
    start();
    armed = true;
    submit(1, "misper:1");
    // Nothing stands in the store as it was said, but its size shows.
    auto poisonous = submission(2, "misper:2");
    std::get<runtime::Submit>(poisonous.body).remember = {
        {"misper/2", std::string(poisonous_size, 'x')}};
    loop->push(std::move(poisonous));
    submit(3, "misper:3");
    EXPECT_TRUE(comes(1));
    EXPECT_TRUE(comes(3));
    ASSERT_TRUE(test::eventually([&] { return loop->counts().set_aside == 1; }));
    EXPECT_FALSE(is_submitted(2));
    const auto rejected = seen_of<runtime::SubmitRejected>();
    EXPECT_EQ(std::ranges::count_if(rejected,
                                    [](const auto& one) {
                                        return one.reply == 2 && one.code == ErrorCode::quarantined;
                                    }),
              1);
    EXPECT_FALSE(loop->is_in_trouble());
}

TEST_F(Loop, ARequestThatAloneSpoilsABatchIsAnsweredAsWhateverIsSetAside) {
    constexpr std::uint64_t reply = 7;
    const PersonalText recovery(to_base64url(world.police.recovery.secret_key.reveal()));
    std::atomic<bool> armed = false;
    store->is_poison = [&](ByteView, ByteView) { return armed.load(); };
    start();
    runtime::ApiRequest request;
    request.reply = reply;
    request.kind = runtime::ApiRequest::Kind::person_add;
    request.body =
        PersonalText(R"({"name":"Invented Officer","agency":"police-wm","roles":["pol"],)"
                     R"("recovery_key":")" +
                     recovery.reveal() + "\"}");
    armed = true;
    loop->push({std::move(request), {}});
    std::optional<runtime::ApiReply> answer;
    ASSERT_TRUE(test::eventually([&] {
        for (const auto& one : seen_of<runtime::ApiReply>())
            if (one.reply == reply) answer = one;
        return answer.has_value();
    }));
    armed = false;
    EXPECT_EQ(answer->status, runtime::http_status_of(ErrorCode::quarantined));
    EXPECT_NE(answer->json.reveal().find("quarantined"), std::string::npos);
}

TEST_F(Loop, TheFreshCoreSaysHelloAgainOnTheLinkThatStands) {
    start();
    const auto before = world.broker.hellos.size();
    at_next_commits({CommitFault::fail});
    submit(1, "misper:1");
    ASSERT_TRUE(comes(1));
    EXPECT_GT(world.broker.hellos.size(), before);
}

TEST_F(Loop, StopsWhileTheStoreRefuses) {
    start();
    at_next_commits(std::vector(1000, CommitFault::disk_full));
    submit(1, "misper:1");
    ASSERT_TRUE(test::eventually([&] { return loop->is_in_trouble(); }));
    loop->stop();
    EXPECT_FALSE(is_submitted(1));
}

TEST_F(Loop, WorksOffWhatIsQueuedBeforeItStops) {
    start();
    for (std::uint64_t i = 1; i <= 50; ++i) submit(i, "misper:" + std::to_string(i));
    loop->stop();
    for (std::uint64_t i = 1; i <= 50; ++i) EXPECT_TRUE(is_submitted(i)) << i;
}

}  // namespace
}  // namespace mash::runtime_shell
