#include "common/store/memory_store.hpp"

#include <deque>

#include <gtest/gtest.h>

namespace mash::store {
namespace {

constexpr Space items{"items"};

/// Commits one record under the faults that are queued.
class FaultyMemory : public testing::Test {
protected:
    CommitOutcome put(std::uint8_t key, std::uint8_t value) {
        auto transaction = store.begin();
        transaction->put(items, Bytes{key}, Bytes{value});
        return store.commit(std::move(transaction));
    }
    std::optional<Bytes> get(std::uint8_t key) { return store.view()->get(items, Bytes{key}); }

    std::deque<CommitFault> faults;
    bool reads_fail = false;
    MemoryStore store{{.at_commit =
                           [this] {
                               if (faults.empty()) return CommitFault::none;
                               CommitFault next = faults.front();
                               faults.pop_front();
                               return next;
                           },
                       .read_fails = [this] { return reads_fail; }}};
};

TEST_F(FaultyMemory, LeavesThePreviousStateAfterAFailedCommit) {
    ASSERT_TRUE(put(1, 1).is_committed());
    faults = {CommitFault::fail, CommitFault::disk_full};
    auto failed = put(1, 2);
    EXPECT_EQ(failed.kind, CommitOutcome::Kind::failed);
    EXPECT_EQ(failed.failure.code, ErrorCode::store_failed);
    EXPECT_EQ(put(1, 3).failure.code, ErrorCode::disk_full);
    EXPECT_EQ(get(1), Bytes{1});
    EXPECT_TRUE(put(1, 4).is_committed());
    EXPECT_EQ(get(1), Bytes{4});
}

TEST_F(FaultyMemory, KeepsOrLosesACommitOfUnknownOutcomeAsPlanned) {
    faults = {CommitFault::unknown_kept};
    EXPECT_EQ(put(1, 1).kind, CommitOutcome::Kind::unknown);
    ASSERT_TRUE(store.reopen());
    EXPECT_EQ(get(1), Bytes{1});
    faults = {CommitFault::unknown_lost};
    auto lost = put(2, 1);
    EXPECT_EQ(lost.kind, CommitOutcome::Kind::unknown);
    EXPECT_EQ(lost.failure.code, ErrorCode::store_unknown);
    ASSERT_TRUE(store.reopen());
    EXPECT_EQ(get(2), std::nullopt);
}

TEST_F(FaultyMemory, RefusesEveryTransactionAndViewBetweenUnknownAndReopen) {
    faults = {CommitFault::unknown_kept};
    EXPECT_EQ(put(1, 1).kind, CommitOutcome::Kind::unknown);
    auto outcome = put(2, 2);
    EXPECT_EQ(outcome.kind, CommitOutcome::Kind::failed);
    EXPECT_EQ(outcome.failure.code, ErrorCode::store_unknown);
    EXPECT_TRUE(store.view()->failed());
    ASSERT_TRUE(store.reopen());
    EXPECT_EQ(get(2), std::nullopt);
}

TEST_F(FaultyMemory, LosesUnsyncedCommitsInACrashAndOnlyThose) {
    ASSERT_TRUE(put(1, 1).is_committed());
    faults = {CommitFault::unsynced, CommitFault::unsynced};
    ASSERT_TRUE(put(1, 2).is_committed());
    ASSERT_TRUE(put(2, 2).is_committed());
    EXPECT_EQ(get(1), Bytes{2});
    store.crash();
    EXPECT_EQ(get(1), Bytes{1});
    EXPECT_EQ(get(2), std::nullopt);
}

TEST_F(FaultyMemory, KeepsUnsyncedCommitsOnceALaterOneIsSynced) {
    faults = {CommitFault::unsynced};
    ASSERT_TRUE(put(1, 1).is_committed());
    ASSERT_TRUE(put(2, 2).is_committed());
    store.crash();
    EXPECT_EQ(get(1), Bytes{1});
    EXPECT_EQ(get(2), Bytes{2});
}

TEST_F(FaultyMemory, DropsTheOpenTransactionInACrash) {
    auto transaction = store.begin();
    transaction->put(items, Bytes{1}, Bytes{1});
    store.crash();
    EXPECT_TRUE(transaction->failed());
    EXPECT_TRUE(put(2, 2).is_committed());
    EXPECT_EQ(store.commit(std::move(transaction)).kind, CommitOutcome::Kind::failed);
    EXPECT_EQ(get(1), std::nullopt);
}

TEST_F(FaultyMemory, FailsTheTransactionWhoseReadFails) {
    ASSERT_TRUE(put(1, 1).is_committed());
    auto transaction = store.begin();
    reads_fail = true;
    EXPECT_FALSE(transaction->get(items, Bytes{1}).has_value());
    reads_fail = false;
    EXPECT_TRUE(transaction->failed());
    EXPECT_FALSE(transaction->get(items, Bytes{1}).has_value());
    EXPECT_EQ(store.commit(std::move(transaction)).failure.code, ErrorCode::store_failed);
}

TEST_F(FaultyMemory, DoesNotAskThePlanAboutACommitThatWroteNothing) {
    faults = {CommitFault::fail};
    EXPECT_TRUE(store.commit(store.begin()).is_committed());
    EXPECT_EQ(faults.size(), 1U);
}

TEST_F(FaultyMemory, GoesBackToASnapshotAsOftenAsTold) {
    ASSERT_TRUE(put(1, 1).is_committed());
    auto snapshot = store.snapshot();
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(put(1, 2).is_committed());
        ASSERT_TRUE(put(2, 2).is_committed());
        store.restore(snapshot);
        EXPECT_EQ(get(1), Bytes{1});
        EXPECT_EQ(get(2), std::nullopt);
    }
}

}  // namespace
}  // namespace mash::store
