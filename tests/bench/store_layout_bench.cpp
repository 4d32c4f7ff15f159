// Measures the ways SQLite could hold one space: table kind, page size and secure_delete, for small
// records and for sealed sections. The figures in common/store/sqlite/README.md come from here.
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

struct Layout {
    const char* name;
    const char* create;
    int page_bytes;
    bool secure_delete;
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Bytes this process has asked the kernel to write, WAL and checkpoints included.
double written_bytes() {
    std::ifstream io("/proc/self/io");
    std::string word;
    while (io >> word) {
        if (word == "wchar:" && io >> word) return std::stod(word);
    }
    return 0;
}

class Database {
public:
    explicit Database(const std::string& path) {
        if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) std::exit(2);
    }
    ~Database() { sqlite3_close(db_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void run(const std::string& sql) {
        if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
            std::fprintf(stderr, "%s: %s\n", sql.c_str(), sqlite3_errmsg(db_));
            std::exit(2);
        }
    }
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) std::exit(2);
        return statement;
    }

private:
    sqlite3* db_ = nullptr;
};

std::vector<std::uint8_t> key_of(std::uint64_t number) {
    // Spread like random ids, so that inserts land all over the tree.
    std::mt19937_64 mix(number);
    std::vector<std::uint8_t> key(24);
    for (auto& byte : key) byte = static_cast<std::uint8_t>(mix());
    return key;
}

template <class Step>
void measure(const char* what, std::uint64_t count, Step step) {
    auto start = std::chrono::steady_clock::now();
    double cpu = cpu_seconds();
    double bytes = written_bytes();
    step();
    auto wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    auto each = static_cast<double>(count);
    std::printf("  %-7s %8.2f us  %8.2f us cpu  %8.0f bytes written\n", what, wall / each * 1e6,
                (cpu_seconds() - cpu) / each * 1e6, (written_bytes() - bytes) / each);
}

void bind(sqlite3_stmt* statement, int at, const std::vector<std::uint8_t>& bytes) {
    sqlite3_bind_blob(statement, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
}

void run_layout(const std::string& folder, const Layout& layout, std::size_t value_bytes,
                std::uint64_t rows, std::uint64_t batch) {
    std::string path = folder + "/layout_bench.db";
    for (const char* end : {"", "-wal", "-shm"}) unlink((path + end).c_str());
    std::printf("%s, page %d, secure_delete %s, %zu-byte values, %llu rows\n", layout.name,
                layout.page_bytes, layout.secure_delete ? "on" : "off", value_bytes,
                static_cast<unsigned long long>(rows));
    {
        Database db(path);
        db.run("PRAGMA page_size=" + std::to_string(layout.page_bytes));
        db.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384");
        db.run("PRAGMA wal_autocheckpoint=" + std::to_string(16 * 1024 * 1024 / layout.page_bytes));
        db.run(std::string("PRAGMA secure_delete=") + (layout.secure_delete ? "ON" : "OFF"));
        db.run(layout.create);
        auto* put = db.prepare(
            "INSERT INTO t(k,v) VALUES(?1,?2) ON CONFLICT(k) DO UPDATE SET v=excluded.v");
        auto* get = db.prepare("SELECT v FROM t WHERE k=?1");
        auto* erase = db.prepare("DELETE FROM t WHERE k=?1");
        std::vector<std::uint8_t> value(value_bytes, 0x5a);
        auto each_in_batches = [&](sqlite3_stmt* statement, bool with_value, std::uint64_t count,
                                   std::uint64_t stride) {
            for (std::uint64_t i = 0; i < count; ++i) {
                if (i % batch == 0) db.run("BEGIN IMMEDIATE");
                auto key = key_of((i * stride) % rows);
                value[0] = static_cast<std::uint8_t>(i);
                bind(statement, 1, key);
                if (with_value) bind(statement, 2, value);
                if (sqlite3_step(statement) != SQLITE_DONE) std::exit(2);
                sqlite3_reset(statement);
                if ((i + 1) % batch == 0 || i + 1 == count) db.run("COMMIT");
            }
        };
        measure("insert", rows, [&] { each_in_batches(put, true, rows, 1); });
        measure("update", rows / 2, [&] { each_in_batches(put, true, rows / 2, 7919); });
        measure("get", rows, [&] {
            for (std::uint64_t i = 0; i < rows; ++i) {
                auto key = key_of((i * 7919) % rows);
                bind(get, 1, key);
                if (sqlite3_step(get) != SQLITE_ROW) std::exit(2);
                sqlite3_column_blob(get, 0);
                sqlite3_reset(get);
            }
        });
        auto* scan = db.prepare("SELECT k,v FROM t ORDER BY k");
        measure("scan", rows, [&] {
            while (sqlite3_step(scan) == SQLITE_ROW) sqlite3_column_blob(scan, 1);
            sqlite3_reset(scan);
        });
        measure("erase", rows / 2, [&] { each_in_batches(erase, false, rows / 2, 7919); });
        db.run("PRAGMA wal_checkpoint(TRUNCATE)");
        for (auto* statement : {put, get, erase, scan}) sqlite3_finalize(statement);
    }
    std::ifstream file(path, std::ios::ate | std::ios::binary);
    std::printf("  file    %.0f bytes a row\n",
                static_cast<double>(file.tellg()) / static_cast<double>(rows));
    for (const char* end : {"", "-wal", "-shm"}) unlink((path + end).c_str());
}

}  // namespace

int main(int argc, char** argv) {
    std::string folder = argc > 1 ? argv[1] : "/tmp";
    const char* without =
        "CREATE TABLE t(k BLOB NOT NULL PRIMARY KEY, v BLOB NOT NULL) STRICT, WITHOUT ROWID";
    const char* indexed = "CREATE TABLE t(k BLOB NOT NULL UNIQUE, v BLOB NOT NULL) STRICT";
    for (int page : {4096, 8192, 16384}) {
        for (const char* create : {without, indexed}) {
            Layout layout{create == without ? "without rowid" : "rowid + index", create, page,
                          true};
            run_layout(folder, layout, 100, 100'000, 100);
            run_layout(folder, layout, 20'000, 5'000, 20);
        }
    }
    for (const char* create : {without, indexed}) {
        Layout layout{create == without ? "without rowid" : "rowid + index", create, 4096, false};
        run_layout(folder, layout, 100, 100'000, 100);
        run_layout(folder, layout, 20'000, 5'000, 20);
    }
    return 0;
}
