// What one commit costs through the store that the programs use, and that it does not grow with
// what is stored. Usage: store_bench [FOLDER]; the folder decides which disk is measured.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "common/base/check.hpp"
#include "common/store/memory_store.hpp"
#include "common/store/sqlite/sqlite_store.hpp"

namespace {

using mash::Bytes;
using mash::Writer;
using mash::store::MemoryStore;
using mash::store::Space;
using mash::store::Store;
using mash::store_sqlite::SqliteStore;
using Clock = std::chrono::steady_clock;

constexpr Space small{"small"};
constexpr Space large{"large"};

double cpu_us() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

enum class Keys : std::uint8_t {
    by_time,  ///< as UUIDv7 makes them: new ones follow old ones
    spread,   ///< as digests and tokens are: new ones land anywhere
};

/// 24 bytes.
Bytes key_of(Keys keys, std::uint64_t number) {
    std::uint64_t mixed = number * 0x9e3779b97f4a7c15ULL;
    if (keys == Keys::by_time) return Writer().u64(number).u64(mixed).u64(mixed).take();
    return Writer().u64(mixed).u64(mixed ^ (mixed >> 29)).u64(number).take();
}

struct Load {
    std::uint64_t per_commit;  ///< notifications
    std::uint64_t commits;
};

/// A notification as the broker stores it, roughly: one sealed part of 4 KiB and eight small
/// records.
void put_notification(mash::store::Transaction& transaction, Keys keys, std::uint64_t number) {
    static const Bytes sealed(4'096, 0x5a);
    static const Bytes record(120, 0x5a);
    transaction.put(large, key_of(keys, number), sealed);
    for (std::uint64_t i = 0; i < 8; ++i)
        transaction.put(small, key_of(keys, number * 8 + i), record);
}

void measure_commits(Store& store, Keys keys, std::uint64_t& next, Load load) {
    std::vector<double> latencies;
    double cpu = cpu_us();
    for (std::uint64_t commit = 0; commit < load.commits; ++commit) {
        auto start = Clock::now();
        auto transaction = store.begin();
        for (std::uint64_t i = 0; i < load.per_commit; ++i)
            put_notification(*transaction, keys, next++);
        CHECK(store.commit(std::move(transaction)).is_committed());
        latencies.push_back(
            std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
    double each_cpu = (cpu_us() - cpu) / static_cast<double>(load.commits * load.per_commit);
    std::sort(latencies.begin(), latencies.end());
    std::printf(
        "  after %8llu: %3llu a commit: p50 %8.0f us, p99 %8.0f us, %6.1f us cpu a notification\n",
        static_cast<unsigned long long>(next), static_cast<unsigned long long>(load.per_commit),
        latencies[latencies.size() / 2], latencies[latencies.size() * 99 / 100], each_cpu);
}

void measure_reads(Store& store, Keys keys, std::uint64_t stored) {
    constexpr std::uint64_t reads = 20'000;
    auto view = store.view();
    auto timed = [&](const char* what, std::uint64_t count, auto&& step) {
        double cpu = cpu_us();
        step();
        std::printf("  %-28s %7.2f us cpu each\n", what,
                    (cpu_us() - cpu) / static_cast<double>(count));
    };
    timed("get of 120 bytes", reads, [&] {
        for (std::uint64_t i = 0; i < reads; ++i)
            CHECK(view->contains(small, key_of(keys, (i * 7919) % (stored * 8))));
    });
    timed("get of 4 KiB", reads, [&] {
        for (std::uint64_t i = 0; i < reads; ++i)
            CHECK(view->contains(large, key_of(keys, (i * 7919) % stored)));
    });
    std::uint64_t visited = std::min<std::uint64_t>(stored * 8, 100'000);
    auto all = [](mash::ByteView, mash::ByteView) { return true; };
    timed("scanned row of 120 bytes", visited, [&] { view->scan(small, {.limit = visited}, all); });
    visited = std::min<std::uint64_t>(stored, 100'000);
    timed("scanned row of 4 KiB", visited, [&] { view->scan(large, {.limit = visited}, all); });
    timed("scanned key of 4 KiB row", visited,
          [&] { view->scan(large, {.limit = visited, .keys_only = true}, all); });
}

void run(const char* name, Store& store, Keys keys) {
    std::printf("%s\n", name);
    std::uint64_t next = 0;
    for (int round = 0; round < 3; ++round) {
        measure_commits(store, keys, next, {1, 400});
        measure_commits(store, keys, next, {32, 300});
    }
    measure_reads(store, keys, next);
}

}  // namespace

int main(int argc, char** argv) {
    std::string folder = argc > 1 ? argv[1] : "/tmp";
    std::string path = folder + "/store_bench.db";
    auto remove_all = [&] {
        for (const char* end : {"", "-wal", "-shm", ".lock", ".backup"})
            unlink((path + end).c_str());
    };
    MemoryStore memory;
    run("memory, keys by time", memory, Keys::by_time);
    for (Keys keys : {Keys::by_time, Keys::spread}) {
        remove_all();
        auto opened = SqliteStore::open(path);
        CHECK(opened.has_value());
        run(keys == Keys::by_time ? "sqlite, keys by time" : "sqlite, spread keys", **opened, keys);
        auto start = Clock::now();
        CHECK((*opened)->backup_to(path + ".backup").has_value());
        std::printf("  backup, checked and synced   %7.2f s\n",
                    std::chrono::duration<double>(Clock::now() - start).count());
    }
    remove_all();
    return 0;
}
