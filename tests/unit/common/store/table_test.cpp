#include "common/store/table.hpp"

#include <gtest/gtest.h>

#include "common/store/memory_store.hpp"

namespace mash::records {

struct Task {
    std::string reason;
    std::uint32_t tries = 0;
    friend bool operator==(const Task&, const Task&) = default;
};
void write(Writer& out, const Task& task) { out.text(task.reason).u32(task.tries); }
void read(Reader& in, Task& task) {
    task.reason = in.text();
    task.tries = in.u32();
}

/// As Task will look a release later: `since` came with version 2.
struct LaterTask {
    std::string reason;
    std::uint32_t tries = 0;
    WallTime since;
    friend bool operator==(const LaterTask&, const LaterTask&) = default;
};
void write(Writer& out, const LaterTask& task) {
    out.text(task.reason).u32(task.tries).i64(task.since.unix_ms());
}
void read(Reader& in, LaterTask& task, std::uint8_t version) {
    task.reason = in.text();
    task.tries = in.u32();
    if (version >= 2) task.since = WallTime::from_unix_ms(in.i64());
}

}  // namespace mash::records

namespace mash::store {
namespace {

using records::LaterTask;
using records::Task;

constexpr Space tasks_space{"tasks"};
constexpr Table<std::uint64_t, Task> tasks{tasks_space};
constexpr Table<std::uint64_t, LaterTask> later_tasks{tasks_space, 2};
constexpr Table<std::tuple<InboxId, WallTime, NotificationId>, Task> by_due{Space{"by_due"}};
constexpr Table<Only, std::uint64_t> next_number{Space{"next_number"}};

NotificationId notification(std::uint8_t last) {
    std::array<std::uint8_t, 16> value{};
    value[15] = last;
    return NotificationId(value);
}

TEST(Table, GivesBackTheRecordThatWasPut) {
    MemoryStore store;
    auto transaction = store.begin();
    tasks.put(*transaction, 7, {"call back", 2});
    EXPECT_EQ(tasks.get(*transaction, 7), (Task{"call back", 2}));
    EXPECT_EQ(tasks.get(*transaction, 8), std::nullopt);
    EXPECT_TRUE(tasks.contains(*transaction, 7));
    tasks.erase(*transaction, 7);
    EXPECT_FALSE(tasks.contains(*transaction, 7));
    EXPECT_FALSE(transaction->failed());
}

TEST(Table, BeginsEveryStoredRecordWithItsVersion) {
    MemoryStore store;
    auto transaction = store.begin();
    tasks.put(*transaction, 1, {"a", 1});
    later_tasks.put(*transaction, 2, {"b", 1, WallTime::from_unix_ms(5)});
    EXPECT_EQ(transaction->get(tasks_space, key_bytes(std::uint64_t{1}))->front(), 1);
    EXPECT_EQ(transaction->get(tasks_space, key_bytes(std::uint64_t{2}))->front(), 2);
}

TEST(Table, ReadsRecordsOfAnEarlierVersion) {
    MemoryStore store;
    auto transaction = store.begin();
    tasks.put(*transaction, 1, {"a", 3});
    EXPECT_EQ(later_tasks.get(*transaction, 1), (LaterTask{"a", 3, {}}));
}

TEST(Table, FailsTheTransactionOnARecordOfANewerVersion) {
    MemoryStore store;
    auto transaction = store.begin();
    later_tasks.put(*transaction, 1, {"a", 3, {}});
    EXPECT_EQ(tasks.get(*transaction, 1), std::nullopt);
    ASSERT_TRUE(transaction->failed());
    EXPECT_EQ(transaction->failure().code, ErrorCode::store_failed);
    EXPECT_EQ(transaction->failure().detail, "record of a newer version");
}

struct Damage {
    const char* name;
    Bytes stored;
};

TEST(Table, FailsTheTransactionOnARecordThatDoesNotDecode) {
    Writer whole;
    whole.u8(1).text("a").u32(1);
    Bytes cut = whole.done();
    cut.pop_back();
    Bytes longer = whole.done();
    longer.push_back(0);
    Bytes version_zero = whole.done();
    version_zero[0] = 0;
    for (const Damage& damage : {Damage{"empty", {}}, Damage{"cut", cut}, Damage{"longer", longer},
                                 Damage{"version zero", version_zero}}) {
        SCOPED_TRACE(damage.name);
        MemoryStore store;
        auto transaction = store.begin();
        transaction->put(tasks_space, key_bytes(std::uint64_t{1}), damage.stored);
        EXPECT_EQ(tasks.get(*transaction, 1), std::nullopt);
        ASSERT_TRUE(transaction->failed());
        EXPECT_EQ(transaction->failure().code, ErrorCode::store_failed);
        EXPECT_EQ(transaction->failure().space, "tasks");
        EXPECT_EQ(transaction->failure().detail, "corrupt record");
        EXPECT_EQ(store.commit(std::move(transaction)).kind, CommitOutcome::Kind::failed);
    }
}

TEST(Table, EndsAScanAtTheFirstDamagedRecord) {
    MemoryStore store;
    auto transaction = store.begin();
    for (std::uint64_t number = 1; number <= 3; ++number) tasks.put(*transaction, number, {"a", 1});
    transaction->put(tasks_space, key_bytes(std::uint64_t{2}), Bytes{1, 9});
    EXPECT_EQ(tasks.collect(*transaction, {}).size(), 1U);
    EXPECT_TRUE(transaction->failed());
}

TEST(Table, FailsOnAKeyThatDoesNotDecode) {
    MemoryStore store;
    auto transaction = store.begin();
    transaction->put(tasks_space, Bytes{1, 2, 3}, Bytes{1});
    EXPECT_TRUE(tasks.collect_keys(*transaction, {}).empty());
    ASSERT_TRUE(transaction->failed());
    EXPECT_EQ(transaction->failure().detail, "corrupt key");
}

TEST(Table, ScansOneInboxInTheOrderOfItsDeadlines) {
    MemoryStore store;
    auto transaction = store.begin();
    InboxId front_door("hub-ffd");
    InboxId emergency("hub-edt");
    auto at = [](std::int64_t ms) { return WallTime::from_unix_ms(ms); };
    by_due.put(*transaction, {front_door, at(300), notification(1)}, {"third", 0});
    by_due.put(*transaction, {front_door, at(-5), notification(2)}, {"first", 0});
    by_due.put(*transaction, {front_door, at(200), notification(3)}, {"second", 0});
    by_due.put(*transaction, {emergency, at(100), notification(4)}, {"of another inbox", 0});

    Bytes prefix = key_bytes(front_door);
    std::vector<std::string> seen;
    by_due.scan(*transaction, {.prefix = prefix}, [&](const auto& key, Task& task) {
        EXPECT_EQ(std::get<0>(key), front_door);
        seen.push_back(task.reason);
        return true;
    });
    EXPECT_EQ(seen, (std::vector<std::string>{"first", "second", "third"}));

    Bytes from = key_bytes(front_door, at(0));
    auto later = by_due.collect_keys(*transaction, {.prefix = prefix, .from = from, .limit = 1});
    ASSERT_EQ(later.size(), 1U);
    EXPECT_EQ(std::get<2>(later[0]), notification(3));
    EXPECT_EQ(by_due.last(*transaction, prefix)->second.reason, "third");
    EXPECT_FALSE(transaction->failed());
}

TEST(Table, ReadsAnotherTableInsideAScan) {
    MemoryStore store;
    auto transaction = store.begin();
    tasks.put(*transaction, 1, {"a", 1});
    tasks.put(*transaction, 2, {"b", 1});
    std::size_t found = 0;
    tasks.scan(*transaction, {}, [&](std::uint64_t number, Task&) {
        found += tasks.get(*transaction, 3 - number).has_value() ? 1 : 0;
        return true;
    });
    EXPECT_EQ(found, 2U);
}

TEST(Table, HoldsOneRecordUnderTheOnlyKey) {
    MemoryStore store;
    auto transaction = store.begin();
    EXPECT_EQ(next_number.get(*transaction, {}), std::nullopt);
    next_number.put(*transaction, {}, 41);
    EXPECT_EQ(next_number.get(*transaction, {}), 41U);
    EXPECT_EQ(next_number.collect(*transaction, {}).size(), 1U);
}

}  // namespace
}  // namespace mash::store
