// kill -9 at random moments: whatever a process had reported before it died is there for the next.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <random>

#include <gtest/gtest.h>

#include "common/store/sqlite/sqlite_store.hpp"
#include "tests/contract/temp_folder.hpp"

namespace mash::contract {
namespace {

using store::Space;
using store_sqlite::SqliteStore;

constexpr Space items{"items"};
constexpr Space counters{"counters"};

Bytes key_of(std::uint32_t number) { return Writer().u32(number).take(); }

/// The child's work: commits number after number and reports each through the pipe once it is
/// committed.
[[noreturn]] void commit_until_killed(const std::string& path, std::uint32_t first, int pipe) {
    auto opened = SqliteStore::open(path, {.log_bytes_max = std::size_t{256} * 1024});
    if (!opened) ::_exit(1);
    SqliteStore& store = **opened;
    for (std::uint32_t number = first;; ++number) {
        auto transaction = store.begin();
        transaction->put(items, key_of(number),
                         Bytes(number % 7'000, static_cast<std::uint8_t>(number)));
        transaction->put(counters, {}, key_of(number));
        if (!store.commit(std::move(transaction)).is_committed()) ::_exit(2);
        if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(3);
    }
}

/// Lets a child commit until it has reported `reports` times and some nanoseconds more, kills it,
/// and returns the last number it reported.
std::uint32_t run_and_kill(const std::string& path, std::uint32_t first, std::uint32_t reports,
                           long extra_ns) {
    int ends[2];
    CHECK(::pipe(ends) == 0);
    pid_t child = ::fork();
    CHECK(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        commit_until_killed(path, first, ends[1]);
    }
    ::close(ends[1]);
    std::uint32_t last = first - 1;
    for (std::uint32_t i = 0; i < reports; ++i)
        CHECK(::read(ends[0], &last, sizeof last) == sizeof last);
    // Not a wait for something to happen: it moves the kill to another instruction of the commit
    // under way.
    timespec moment{0, extra_ns};
    ::nanosleep(&moment, nullptr);
    ::kill(child, SIGKILL);
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    EXPECT_TRUE(WIFSIGNALED(status));
    for (std::uint32_t reported = 0;
         ::read(ends[0], &reported, sizeof reported) == sizeof reported;)
        last = reported;
    ::close(ends[0]);
    return last;
}

TEST(SqliteKilled, HoldsEveryCommitThatWasReported) {
    const std::uint64_t seed = 20261121;
    RecordProperty("seed", std::to_string(seed));
    std::mt19937_64 random(seed);
    TempFolder folder;
    std::string path = folder.file("store.db");
    std::uint32_t last = 0;
    for (int round = 0; round < 50; ++round) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
        auto reports = static_cast<std::uint32_t>(random() % 20);
        std::uint32_t reported =
            run_and_kill(path, last + 1, reports, static_cast<long>(random() % 3'000'000));
        if (reported < last + 1 && reports == 0 && !std::filesystem::exists(path))
            continue;  // before it began

        auto opened = SqliteStore::open(path, {.check_integrity = true});
        ASSERT_TRUE(opened);
        auto view = (*opened)->view();
        std::uint32_t found = 0;
        view->scan(items, {}, [&](ByteView key, ByteView value) {
            std::uint32_t number = Reader(key).u32();
            EXPECT_EQ(number, ++found);  // no gap
            EXPECT_EQ(value.size(), number % 7'000);
            return true;
        });
        ASSERT_FALSE(view->failed());
        ASSERT_GE(found, reported);
        ASSERT_LE(found, reported + 1);  // the one that was committed but not yet reported
        auto counter = view->get(counters, {});
        ASSERT_EQ(counter.has_value(), found > 0);
        if (counter) {
            ASSERT_EQ(*counter, key_of(found));  // both spaces or neither
        }
        last = found;
    }
    EXPECT_GT(last, 100U);
}

}  // namespace
}  // namespace mash::contract
