// What every store promises, whatever lies beneath. A new back end joins by a type in `Stores`.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/store/memory_store.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "common/store/store.hpp"
#include "tests/contract/temp_folder.hpp"

namespace mash::contract {
namespace {

using store::CommitOutcome;
using store::MemoryStore;
using store::Order;
using store::Scan;
using store::Space;
using store::Store;
using store::View;
using store_sqlite::SqliteOptions;
using store_sqlite::SqliteStore;

constexpr Space items{"items"};
constexpr Space others{"others"};

using Keys = std::vector<Bytes>;

class Memory {
public:
    Store& store() { return store_; }
    void kill_and_reopen() { store_.crash(); }
    std::unique_ptr<Store> open_backup(const std::string& path) {
        auto backup = store_.backup(path);
        CHECK(backup.has_value());
        auto restored = std::make_unique<MemoryStore>();
        restored->restore(*backup);
        return restored;
    }
    std::string new_path(const std::string& name) { return name; }

private:
    MemoryStore store_;
};

class Sqlite {
public:
    explicit Sqlite(SqliteOptions options = {}) : options_(std::move(options)) {
        store_ = open(folder_.file("store.db"));
    }
    Store& store() { return *store_; }
    void kill_and_reopen() {
        std::string next = folder_.file("store-" + std::to_string(++lives_) + ".db");
        copy_as_killed(path_, next);
        store_.reset();
        store_ = open(next);
    }
    std::unique_ptr<Store> open_backup(const std::string& path) {
        auto opened = SqliteStore::open(path, {.create_if_absent = false, .check_integrity = true});
        CHECK(opened.has_value());
        return std::move(opened).value();
    }
    std::string new_path(const std::string& name) { return folder_.file(name); }

private:
    std::unique_ptr<Store> open(const std::string& path) {
        path_ = path;
        auto opened = SqliteStore::open(path, options_);
        CHECK(opened.has_value());
        return std::move(opened).value();
    }

    TempFolder folder_;
    SqliteOptions options_;
    std::string path_;
    int lives_ = 0;
    std::unique_ptr<Store> store_;
};

/// So little memory and log that transactions spill and the log is copied back all the time.
class CrampedSqlite : public Sqlite {
public:
    CrampedSqlite()
        : Sqlite(SqliteOptions{.cache_bytes = std::size_t{40} * 1024,
                               .log_bytes_max = std::size_t{40} * 1024}) {}
};

Bytes bytes(std::initializer_list<int> values) {
    Bytes out;
    for (int value : values) out.push_back(static_cast<std::uint8_t>(value));
    return out;
}

template <class World>
struct StoreContract : testing::Test {
    Store& store() { return world.store(); }

    void put(std::initializer_list<std::pair<Bytes, Bytes>> rows, Space space = items) {
        auto transaction = store().begin();
        for (const auto& [key, value] : rows) transaction->put(space, key, value);
        ASSERT_TRUE(store().commit(std::move(transaction)).is_committed());
    }
    std::optional<Bytes> get(const Bytes& key, Space space = items) {
        return store().view()->get(space, key);
    }

    static std::vector<Bytes> keys(View& view, const Scan& what, Space space = items) {
        std::vector<Bytes> found;
        view.scan(space, what, [&](ByteView key, ByteView) {
            found.emplace_back(key.begin(), key.end());
            return true;
        });
        return found;
    }

    World world;
};

using Stores = testing::Types<Memory, Sqlite, CrampedSqlite>;

class StoreNames {
public:
    template <class World>
    // NOLINTNEXTLINE(readability-identifier-naming): googletest looks it up by name
    static std::string GetName(int) {
        if (std::is_same_v<World, Memory>) return "Memory";
        return std::is_same_v<World, Sqlite> ? "Sqlite" : "CrampedSqlite";
    }
};

TYPED_TEST_SUITE(StoreContract, Stores, StoreNames);

TYPED_TEST(StoreContract, HoldsNothingAtFirst) {
    auto transaction = this->store().begin();
    EXPECT_FALSE(transaction->get(items, bytes({1})).has_value());
    EXPECT_TRUE(this->keys(*transaction, {}).empty());
    transaction->erase(items, bytes({1}));
    EXPECT_FALSE(transaction->failed());
    EXPECT_TRUE(this->store().commit(std::move(transaction)).is_committed());
}

TYPED_TEST(StoreContract, VisitsKeysInByteOrderBothWays) {
    std::vector<Bytes> ordered{{},
                               bytes({0}),
                               bytes({0, 0}),
                               bytes({1}),
                               bytes({1, 0xff}),
                               bytes({2}),
                               bytes({0x7f}),
                               bytes({0x80}),
                               bytes({0xff}),
                               bytes({0xff, 0}),
                               bytes({0xff, 0xff})};
    auto transaction = this->store().begin();
    for (std::size_t i = ordered.size(); i-- > 0;) transaction->put(items, ordered[i], bytes({1}));
    EXPECT_EQ(this->keys(*transaction, {}), ordered);
    ASSERT_TRUE(this->store().commit(std::move(transaction)).is_committed());

    auto view = this->store().view();
    EXPECT_EQ(this->keys(*view, {}), ordered);
    std::vector<Bytes> reversed(ordered.rbegin(), ordered.rend());
    EXPECT_EQ(this->keys(*view, {.order = Order::descending}), reversed);
    EXPECT_EQ(this->keys(*view, {.keys_only = true}), ordered);
    EXPECT_EQ(this->keys(*view, {.order = Order::descending, .keys_only = true}), reversed);
}

TYPED_TEST(StoreContract, KeepsToThePrefixEvenOfHighestBytes) {
    this->put({{bytes({0xfe}), {}},
               {bytes({0xff}), {}},
               {bytes({0xff, 0xfe, 9}), {}},
               {bytes({0xff, 0xff}), {}},
               {bytes({0xff, 0xff, 0xff}), {}},
               {bytes({1, 0xff}), {}},
               {bytes({1, 0xff, 7}), {}},
               {bytes({2}), {}}});
    auto view = this->store().view();
    auto highest = bytes({0xff, 0xff});
    auto below = bytes({1, 0xff});
    auto absent = bytes({3});
    EXPECT_EQ(this->keys(*view, {.prefix = highest}), (Keys{highest, bytes({0xff, 0xff, 0xff})}));
    EXPECT_EQ(this->keys(*view, {.prefix = below}), (Keys{below, bytes({1, 0xff, 7})}));
    EXPECT_EQ(this->keys(*view, {.prefix = below, .order = Order::descending}),
              (Keys{bytes({1, 0xff, 7}), below}));
    EXPECT_TRUE(this->keys(*view, {.prefix = absent}).empty());
}

TYPED_TEST(StoreContract, StartsWhereToldInclusiveAndStopsAtTheLimit) {
    this->put({{bytes({1, 1}), {}},
               {bytes({1, 2}), {}},
               {bytes({1, 3}), {}},
               {bytes({1, 4}), {}},
               {bytes({2, 1}), {}}});
    auto view = this->store().view();
    auto prefix = bytes({1});
    auto from = bytes({1, 2});
    auto between = bytes({1, 2, 5});
    EXPECT_EQ(this->keys(*view, {.prefix = prefix, .from = from}),
              (Keys{bytes({1, 2}), bytes({1, 3}), bytes({1, 4})}));
    EXPECT_EQ(this->keys(*view, {.prefix = prefix, .from = from, .limit = 2}),
              (Keys{bytes({1, 2}), bytes({1, 3})}));
    EXPECT_EQ(this->keys(*view, {.prefix = prefix, .from = from, .order = Order::descending}),
              (Keys{bytes({1, 2}), bytes({1, 1})}));
    EXPECT_EQ(this->keys(*view, {.from = between, .limit = 1, .order = Order::descending}),
              (Keys{bytes({1, 2})}));
    EXPECT_TRUE(this->keys(*view, {.limit = 0}).empty());
    auto past = bytes({9});
    EXPECT_TRUE(this->keys(*view, {.prefix = prefix, .from = past}).empty());
}

TYPED_TEST(StoreContract, StopsAScanWhenTheVisitorHasEnough) {
    this->put({{bytes({1}), {}}, {bytes({2}), {}}, {bytes({3}), {}}});
    auto view = this->store().view();
    auto until_two = [](ByteView key, ByteView) { return key[0] < 2; };
    EXPECT_EQ(view->scan(items, {}, until_two), 2U);
}

TYPED_TEST(StoreContract, ShowsATransactionItsOwnWrites) {
    this->put({{bytes({1}), bytes({1})}, {bytes({2}), bytes({1})}, {bytes({4}), bytes({1})}});
    auto transaction = this->store().begin();
    transaction->put(items, bytes({3}), bytes({7}));
    transaction->put(items, bytes({4}), bytes({8}));
    transaction->erase(items, bytes({1}));
    transaction->put(items, bytes({5}), bytes({9}));
    transaction->erase(items, bytes({5}));

    EXPECT_EQ(transaction->get(items, bytes({4})), bytes({8}));
    EXPECT_FALSE(transaction->contains(items, bytes({1})));
    std::vector<std::pair<int, int>> seen;
    transaction->scan(items, {}, [&](ByteView key, ByteView value) {
        seen.emplace_back(key[0], value[0]);
        return true;
    });
    EXPECT_EQ(seen, (std::vector<std::pair<int, int>>{{2, 1}, {3, 7}, {4, 8}}));
    EXPECT_EQ(this->keys(*transaction, {.order = Order::descending}),
              (Keys{bytes({4}), bytes({3}), bytes({2})}));
}

TYPED_TEST(StoreContract, LeavesNoTraceOfATransactionThatIsDropped) {
    this->put({{bytes({1}), bytes({1})}});
    {
        auto transaction = this->store().begin();
        transaction->put(items, bytes({1}), bytes({2}));
        transaction->put(items, bytes({2}), bytes({2}));
        transaction->put(others, bytes({1}), bytes({2}));  // a space nobody has written to before
        transaction->erase(items, bytes({1}));
    }
    EXPECT_EQ(this->get(bytes({1})), bytes({1}));
    EXPECT_FALSE(this->get(bytes({2})).has_value());
    EXPECT_FALSE(this->get(bytes({1}), others).has_value());
    this->put({{bytes({1}), bytes({3})}}, others);
    EXPECT_EQ(this->get(bytes({1}), others), bytes({3}));
}

TYPED_TEST(StoreContract, RefusesToCommitAFailedTransactionAndGoesOn) {
    auto transaction = this->store().begin();
    transaction->put(items, bytes({1}), bytes({1}));
    transaction->mark_failed(ErrorCode::store_failed, "items", "corrupt record");
    auto outcome = this->store().commit(std::move(transaction));
    EXPECT_EQ(outcome.kind, CommitOutcome::Kind::failed);
    EXPECT_EQ(outcome.failure.detail, "corrupt record");
    EXPECT_FALSE(this->get(bytes({1})).has_value());
    this->put({{bytes({1}), bytes({2})}});
    EXPECT_EQ(this->get(bytes({1})), bytes({2}));
}

TYPED_TEST(StoreContract, TellsAnEmptyValueFromNoValue) {
    this->put({{bytes({1}), {}}, {{}, bytes({5})}});
    EXPECT_EQ(this->get(bytes({1})), Bytes{});
    EXPECT_EQ(this->get({}), bytes({5}));
    EXPECT_FALSE(this->get(bytes({2})).has_value());
}

TYPED_TEST(StoreContract, KeepsLargeValuesWhole) {
    Bytes large(1024 * 1024);
    std::mt19937 random(7);
    for (auto& byte : large) byte = static_cast<std::uint8_t>(random());
    Bytes longest_key(store::key_bytes_max, 0xff);
    this->put({{bytes({1}), large}, {longest_key, bytes({3})}});
    EXPECT_EQ(this->get(bytes({1})), large);
    EXPECT_EQ(this->keys(*this->store().view(), {}), (Keys{bytes({1}), longest_key}));
    large[500'000] ^= 1;
    this->put({{bytes({1}), large}});
    this->world.kill_and_reopen();
    EXPECT_EQ(this->get(bytes({1})), large);
}

TYPED_TEST(StoreContract, KeepsManySpacesApart) {
    constexpr std::array spaces{
        Space{"a"},      Space{"b"},        Space{"table"},
        Space{"select"}, Space{"sqlite_x"}, Space{"index"},
        Space{"_"},      Space{"group"},    Space{"order"},
        Space{"values"}, Space{"k"},        Space{"abcdefghijklmnopqrstuvwxyz_abcde"}};
    auto transaction = this->store().begin();
    std::uint8_t number = 0;
    for (Space space : spaces) transaction->put(space, bytes({1}), Bytes{++number});
    ASSERT_TRUE(this->store().commit(std::move(transaction)).is_committed());
    this->world.kill_and_reopen();
    auto view = this->store().view();
    number = 0;
    for (Space space : spaces) EXPECT_EQ(view->get(space, bytes({1})), Bytes{++number});
}

TYPED_TEST(StoreContract, AllowsReadsInsideAScanOfTheSameSpace) {
    this->put({{bytes({1}), bytes({2})}, {bytes({2}), bytes({3})}, {bytes({3}), bytes({1})}});
    auto transaction = this->store().begin();
    int pairs = 0;
    transaction->scan(items, {}, [&](ByteView, ByteView value) {
        EXPECT_TRUE(transaction->contains(items, value));
        transaction->scan(items, {}, [&](ByteView, ByteView) { return ++pairs > 0; });
        return true;
    });
    EXPECT_EQ(pairs, 9);
    EXPECT_FALSE(transaction->failed());
}

TYPED_TEST(StoreContract, ShowsAViewTheStateOfItsMomentForAsLongAsItLives) {
    this->put({{bytes({1}), bytes({1})}});
    auto view = this->store().view();
    this->put({{bytes({1}), bytes({2})}, {bytes({2}), bytes({2})}});
    auto transaction = this->store().begin();
    transaction->put(items, bytes({3}), bytes({3}));

    EXPECT_EQ(this->keys(*view, {}), (Keys{bytes({1})}));
    EXPECT_EQ(view->get(items, bytes({1})), bytes({1}));
    EXPECT_EQ(this->keys(*this->store().view(), {}), (Keys{bytes({1}), bytes({2})}));
}

TYPED_TEST(StoreContract, ShowsAReaderOfAnotherThreadWholeCommitsOnly) {
    constexpr std::uint8_t commits = 120;
    std::atomic<bool> is_done{false};
    std::atomic<int> torn{0};
    std::thread reader([&] {
        Bytes last;
        while (!is_done) {
            auto view = this->store().view();
            auto one = view->get(items, bytes({1})).value_or(Bytes{});
            auto other = view->get(others, bytes({1})).value_or(Bytes{});
            if (view->failed() || one != other || one < last) ++torn;
            last = one;
        }
    });
    for (std::uint8_t number = 1; number <= commits; ++number) {
        auto transaction = this->store().begin();
        transaction->put(items, bytes({1}), Bytes{number});
        transaction->put(others, bytes({1}), Bytes{number});
        EXPECT_TRUE(this->store().commit(std::move(transaction)).is_committed());
    }
    is_done = true;
    reader.join();
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(this->get(bytes({1})), Bytes{commits});
}

TYPED_TEST(StoreContract, HoldsEveryCommitAndNoMoreAfterAKill) {
    this->put({{bytes({1}), bytes({1})}});
    this->put({{bytes({2}), bytes({2})}});
    {
        auto transaction = this->store().begin();
        transaction->put(items, bytes({3}), bytes({3}));
    }
    this->world.kill_and_reopen();
    EXPECT_EQ(this->keys(*this->store().view(), {}), (Keys{bytes({1}), bytes({2})}));
    this->put({{bytes({3}), bytes({4})}});
    EXPECT_EQ(this->get(bytes({3})), bytes({4}));
}

TYPED_TEST(StoreContract, BacksUpTheLastCommitWhileATransactionIsOpen) {
    this->put({{bytes({1}), bytes({1})}});
    auto transaction = this->store().begin();
    transaction->put(items, bytes({2}), bytes({2}));
    auto path = this->world.new_path("backup.db");
    ASSERT_TRUE(this->store().backup_to(path));
    ASSERT_TRUE(this->store().commit(std::move(transaction)).is_committed());

    auto restored = this->world.open_backup(path);
    EXPECT_EQ(this->keys(*restored->view(), {}), (Keys{bytes({1})}));
    auto again = this->store().backup_to(path);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), ErrorCode::already_exists);
}

TYPED_TEST(StoreContract, CanBeReopenedAtAnyTime) {
    this->put({{bytes({1}), bytes({1})}});
    ASSERT_TRUE(this->store().reopen());
    EXPECT_EQ(this->get(bytes({1})), bytes({1}));
    auto view = this->store().view();
    ASSERT_TRUE(this->store().reopen());
    EXPECT_EQ(view->get(items, bytes({1})), bytes({1}));
    this->put({{bytes({2}), bytes({2})}});
    EXPECT_EQ(this->get(bytes({2})), bytes({2}));
}

using Model = std::map<Bytes, Bytes>;

/// Plays random operations on the store and on a std::map, and compares all that can be seen.
template <class World>
class ModelRun {
public:
    ModelRun(World& world, std::uint64_t seed) : world_(world), random_(seed) {}

    void run(int transactions) {
        for (int round = 0; round < transactions && !testing::Test::HasFailure(); ++round) {
            play_transaction();
            compare(*world_.store().view(), committed_);
            if (pick(20) == 0) world_.kill_and_reopen();
        }
    }

private:
    static constexpr std::array spaces{Space{"first"}, Space{"second"}};
    using Models = std::array<Model, spaces.size()>;

    std::size_t pick(std::size_t below) { return random_() % below; }
    Bytes key() {
        static constexpr std::array<std::uint8_t, 5> alphabet{0, 1, 0x7f, 0xfe, 0xff};
        Bytes out(pick(5));
        for (auto& byte : out) byte = alphabet[pick(alphabet.size())];
        return out;
    }
    Bytes value() {
        return Bytes(pick(8) == 0 ? pick(12'000) : pick(40), static_cast<std::uint8_t>(random_()));
    }

    void play_transaction() {
        Models working = committed_;
        auto transaction = world_.store().begin();
        auto operations = pick(30);
        for (std::size_t i = 0; i < operations; ++i) {
            auto at = pick(spaces.size());
            Bytes k = key();
            switch (pick(4)) {
                case 0:
                case 1: {
                    Bytes v = value();
                    transaction->put(spaces[at], k, v);
                    working[at][k] = v;
                    break;
                }
                case 2:
                    transaction->erase(spaces[at], k);
                    working[at].erase(k);
                    break;
                default: compare_one_scan(*transaction, working, at); break;
            }
        }
        compare(*transaction, working);
        if (pick(4) == 0) return;  // dropped
        ASSERT_TRUE(world_.store().commit(std::move(transaction)).is_committed());
        committed_ = working;
    }

    void compare(View& view, const Models& models) {
        for (std::size_t at = 0; at < spaces.size(); ++at) {
            Model seen;
            view.scan(spaces[at], {}, [&](ByteView k, ByteView v) {
                seen.emplace(Bytes(k.begin(), k.end()), Bytes(v.begin(), v.end()));
                return true;
            });
            ASSERT_EQ(seen == models[at], true);
            Bytes k = key();
            auto found = models[at].find(k);
            ASSERT_EQ(view.get(spaces[at], k),
                      found == models[at].end() ? std::nullopt : std::optional(found->second));
        }
        ASSERT_FALSE(view.failed());
    }

    void compare_one_scan(View& view, const Models& models, std::size_t at) {
        Bytes prefix = key();
        prefix.resize(std::min<std::size_t>(prefix.size(), 2));
        Bytes from = pick(2) == 0 ? Bytes{} : key();
        Scan what{.prefix = prefix,
                  .from = from,
                  .limit = 1 + pick(6),
                  .order = pick(2) == 0 ? Order::ascending : Order::descending,
                  .keys_only = pick(2) == 0};
        std::vector<Bytes> expected;
        for (const auto& [k, v] : models[at]) {
            bool in_prefix =
                k.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), k.begin());
            bool after = from.empty() || (what.order == Order::ascending ? k >= from : k <= from);
            if (in_prefix && after) expected.push_back(k);
        }
        if (what.order == Order::descending) std::reverse(expected.begin(), expected.end());
        if (expected.size() > what.limit) expected.resize(what.limit);
        std::vector<Bytes> seen;
        view.scan(spaces[at], what, [&](ByteView k, ByteView v) {
            seen.emplace_back(k.begin(), k.end());
            EXPECT_TRUE(!what.keys_only || v.empty());
            return true;
        });
        ASSERT_EQ(seen, expected);
    }

    World& world_;
    std::mt19937_64 random_;
    Models committed_;
};

TYPED_TEST(StoreContract, BehavesAsAnOrderedMapUnderRandomOperations) {
    const char* chosen = std::getenv("MASH_SEED");
    std::uint64_t first = chosen == nullptr ? 1 : std::strtoull(chosen, nullptr, 10);
    std::uint64_t last = chosen == nullptr ? 3 : first;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        SCOPED_TRACE("replay with MASH_SEED=" + std::to_string(seed));
        TypeParam fresh;
        ModelRun<TypeParam>(fresh, seed).run(150);
    }
}

}  // namespace
}  // namespace mash::contract
