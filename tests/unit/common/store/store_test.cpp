#include "common/store/store.hpp"

#include <gtest/gtest.h>

#include "common/store/memory_store.hpp"

namespace mash::store {
namespace {

constexpr Space tasks{"tasks"};

Bytes bytes(std::initializer_list<int> values) {
    Bytes out;
    for (int value : values) out.push_back(static_cast<std::uint8_t>(value));
    return out;
}

TEST(KeyOrder, ComparesBytesAsUnsignedNumbersAndPrefixesFirst) {
    EXPECT_LT(compare_keys(bytes({0x7f}), bytes({0x80})), 0);
    EXPECT_LT(compare_keys(bytes({1}), bytes({1, 0})), 0);
    EXPECT_LT(compare_keys({}, bytes({0})), 0);
    EXPECT_GT(compare_keys(bytes({2}), bytes({1, 0xff})), 0);
    EXPECT_EQ(compare_keys(bytes({1, 2}), bytes({1, 2})), 0);
    EXPECT_EQ(compare_keys({}, {}), 0);
}

TEST(KeyRange, EndsAfterTheLastExtensionOfThePrefix) {
    auto prefix = bytes({0x10, 0xff, 0xff});
    auto range = range_of({.prefix = prefix});
    EXPECT_EQ(range.low, prefix);
    EXPECT_EQ(range.high, bytes({0x11}));
}

TEST(KeyRange, HasNoEndForAPrefixOfHighestBytesOnly) {
    auto prefix = bytes({0xff, 0xff});
    EXPECT_FALSE(range_of({.prefix = prefix}).high.has_value());
    EXPECT_FALSE(range_of({}).high.has_value());
}

TEST(KeyRange, StartsWhereToldButNeverOutsideThePrefix) {
    auto prefix = bytes({5});
    auto inside = bytes({5, 9});
    auto below = bytes({4});
    auto above = bytes({6, 1});
    EXPECT_EQ(range_of({.prefix = prefix, .from = inside}).low, inside);
    EXPECT_EQ(range_of({.prefix = prefix, .from = below}).low, prefix);
    EXPECT_EQ(range_of({.prefix = prefix, .from = inside, .order = Order::descending}).high,
              bytes({5, 9, 0}));
    EXPECT_EQ(range_of({.prefix = prefix, .from = above, .order = Order::descending}).high,
              bytes({6}));
}

TEST(Transaction, RefusesAKeyOrValueOverItsBoundWithoutStoppingTheProcess) {
    MemoryStore store;
    for (std::size_t key_size : {key_bytes_max, key_bytes_max + 1}) {
        auto transaction = store.begin();
        transaction->put(tasks, Bytes(key_size, 1), bytes({1}));
        EXPECT_EQ(transaction->failed(), key_size > key_bytes_max);
    }
    auto transaction = store.begin();
    transaction->put(tasks, bytes({1}), Bytes(value_bytes_max + 1, 0));
    ASSERT_TRUE(transaction->failed());
    EXPECT_EQ(transaction->failure().code, ErrorCode::too_large);
    EXPECT_EQ(transaction->failure().space, "tasks");
}

TEST(Transaction, KeepsItsFirstFailureAndDoesNothingFromThenOn) {
    MemoryStore store;
    auto transaction = store.begin();
    transaction->put(tasks, bytes({1}), bytes({1}));
    transaction->mark_failed(ErrorCode::disk_full, "tasks", "first");
    transaction->mark_failed(ErrorCode::store_failed, "other", "second");

    EXPECT_EQ(transaction->failure().code, ErrorCode::disk_full);
    EXPECT_EQ(transaction->failure().detail, "first");
    EXPECT_FALSE(transaction->get(tasks, bytes({1})).has_value());
    EXPECT_EQ(transaction->scan(tasks, {}, [](ByteView, ByteView) { return true; }), 0U);
    auto outcome = store.commit(std::move(transaction));
    EXPECT_EQ(outcome.kind, CommitOutcome::Kind::failed);
    EXPECT_EQ(outcome.failure.code, ErrorCode::disk_full);
    EXPECT_FALSE(store.view()->contains(tasks, bytes({1})));
}

TEST(TransactionDeathTest, StopsOnAWriteInsideAScanBecauseBackEndsWouldDiffer) {
    MemoryStore store;
    auto transaction = store.begin();
    transaction->put(tasks, bytes({1}), bytes({1}));
    auto writes = [&](ByteView key, ByteView) {
        transaction->erase(tasks, key);
        return true;
    };
    EXPECT_DEATH(transaction->scan(tasks, {}, writes), "is_reading");
}

TEST(StoreDeathTest, StopsOnASecondTransactionBesideTheFirst) {
    MemoryStore store;
    auto transaction = store.begin();
    EXPECT_DEATH(store.begin(), "open_");
}

}  // namespace
}  // namespace mash::store
