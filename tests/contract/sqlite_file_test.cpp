// The file itself: who may read it, who may open it, whose it is, what is left in it.
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "common/store/sqlite/backup.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "tests/contract/temp_folder.hpp"

namespace mash::contract {
namespace {

using store::Space;
using store_sqlite::SqliteOptions;
using store_sqlite::SqliteStore;

constexpr Space items{"items"};

std::unique_ptr<SqliteStore> open(const std::string& path, SqliteOptions options = {}) {
    auto opened = SqliteStore::open(path, std::move(options));
    CHECK(opened.has_value());
    return std::move(opened).value();
}

ErrorCode refusal(const std::string& path, SqliteOptions options = {}) {
    auto opened = SqliteStore::open(path, std::move(options));
    CHECK(!opened.has_value());
    return opened.error();
}

void put(SqliteStore& store, std::string_view key, std::string_view value) {
    auto transaction = store.begin();
    transaction->put(items, view_of(key), view_of(value));
    ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
}

std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Runs SQL on the file with SQLite's own means.
void run_sql(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
}

unsigned mode_of(const std::string& path) {
    struct stat found{};
    CHECK(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 0777U;
}

TEST(SqliteFile, IsReadableByItsOwnerAloneLogAndBackupIncluded) {
    TempFolder folder(TempFolder::On::disk);
    auto path = folder.file("store.db");
    mode_t before = ::umask(0);
    auto store = open(path);
    put(*store, "a", "b");
    ASSERT_TRUE(store->backup_to(folder.file("backup.db")));
    ::umask(before);
    for (const char* name :
         {"store.db", "store.db-wal", "store.db-shm", "store.db.lock", "backup.db"}) {
        EXPECT_EQ(mode_of(folder.file(name)), 0600U) << name;
    }
}

TEST(SqliteFile, ClosesAFileThatOthersCouldRead) {
    TempFolder folder(TempFolder::On::disk);
    auto path = folder.file("store.db");
    open(path);
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    open(path);
    EXPECT_EQ(mode_of(path), 0600U);
}

TEST(SqliteFile, IsRefusedToASecondStoreWhileTheFirstLives) {
    TempFolder folder(TempFolder::On::disk);
    auto path = folder.file("store.db");
    auto store = open(path);
    EXPECT_EQ(refusal(path), ErrorCode::busy);
    pid_t child = ::fork();
    if (child == 0) {
        auto opened = SqliteStore::open(path);
        ::_exit(!opened && opened.error() == ErrorCode::busy ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    put(*store, "a", "b");
    store.reset();
    open(path);
}

TEST(SqliteFile, IsRefusedUnchangedIfANewerReleaseWroteIt) {
    TempFolder folder(TempFolder::On::disk);
    auto path = folder.file("store.db");
    open(path);
    run_sql(path, "PRAGMA user_version=99; PRAGMA wal_checkpoint(TRUNCATE)");
    auto before = content(path);
    EXPECT_EQ(refusal(path), ErrorCode::unsupported_version);
    EXPECT_EQ(content(path), before);
}

TEST(SqliteFile, IsRefusedUnchangedIfItIsNotOurs) {
    TempFolder folder(TempFolder::On::disk);
    auto of_another = folder.file("another.db");
    run_sql(of_another, "CREATE TABLE t (a); PRAGMA journal_mode=WAL");
    auto marked = folder.file("marked.db");
    run_sql(marked, "PRAGMA application_id=7");
    auto text = folder.file("text.db");
    std::ofstream(text) << std::string(8'192, 'x');
    auto of_agent = folder.file("agent.db");
    open(of_agent, {.application_id = 0x6d617361});
    for (const auto& path : {of_another, marked, text, of_agent}) {
        SCOPED_TRACE(path);
        auto before = content(path);
        EXPECT_EQ(refusal(path), ErrorCode::malformed);
        EXPECT_EQ(content(path), before);
    }
    open(of_agent, {.application_id = 0x6d617361});
}

TEST(SqliteFile, IsNotCreatedUnlessAsked) {
    TempFolder folder(TempFolder::On::disk);
    EXPECT_EQ(refusal(folder.file("store.db"), {.create_if_absent = false}), ErrorCode::not_found);
    EXPECT_FALSE(std::filesystem::exists(folder.file("store.db")));
    EXPECT_EQ(refusal(folder.file("no-such-folder/store.db")), ErrorCode::io_failed);
}

TEST(SqliteFile, IsRefusedIfDamagedWhenAskedToCheck) {
    TempFolder folder(TempFolder::On::disk);
    auto path = folder.file("store.db");
    {
        auto store = open(path);
        for (char c = 'a'; c <= 'z'; ++c) put(*store, std::string(1, c), std::string(3'000, c));
    }
    {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(5 * 4096);
        file << std::string(4096, '\x55');
    }
    EXPECT_EQ(refusal(path, {.check_integrity = true}), ErrorCode::store_failed);
}

TEST(SqliteFile, FailsTheTransactionThatMeetsDamage) {
    TempFolder folder(TempFolder::On::disk);
    auto path = folder.file("store.db");
    {
        auto store = open(path);
        for (char c = 'a'; c <= 'z'; ++c) put(*store, std::string(1, c), std::string(3'000, c));
    }
    auto pages = std::filesystem::file_size(path) / 4096;
    {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        for (std::uintmax_t page = 4; page < pages; ++page) {
            file.seekp(static_cast<std::streamoff>(page * 4096));
            file << std::string(4096, '\x55');
        }
    }
    auto store = open(path);
    auto transaction = store->begin();
    for (char c = 'a'; c <= 'z'; ++c) transaction->get(items, view_of(std::string(1, c)));
    ASSERT_TRUE(transaction->failed());
    EXPECT_EQ(transaction->failure().code, ErrorCode::store_failed);
    EXPECT_EQ(transaction->failure().space, "items");
    EXPECT_EQ(store->commit(std::move(transaction)).kind, store::CommitOutcome::Kind::failed);
}

TEST(SqliteFile, HoldsNothingOfAnErasedRecordOnceClosed) {
    const std::string canary = "canary-Zephyrine-Example";
    for (std::size_t repeats :
         {std::size_t{1}, std::size_t{600}}) {  // within a page, and over several
        TempFolder folder(TempFolder::On::disk);
        auto path = folder.file("store.db");
        std::string value;
        for (std::size_t i = 0; i < repeats; ++i) value += canary;
        {
            auto store = open(path);
            put(*store, "neighbour", "stays");
            put(*store, "erased", value);
            put(*store, "replaced", value);
            ASSERT_TRUE(store->reopen());
            ASSERT_NE(content(path).find(canary), std::string::npos);
            put(*store, "replaced", "with something short");
            auto transaction = store->begin();
            transaction->erase(items, view_of("erased"));
            ASSERT_TRUE(store->commit(std::move(transaction)).is_committed());
        }
        EXPECT_EQ(content(path).find(canary), std::string::npos);
        EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
    }
}

TEST(SqliteFile, CountsHowOftenItWasOpened) {
    TempFolder folder(TempFolder::On::disk);
    auto path = folder.file("store.db");
    EXPECT_EQ(open(path)->opened_count(), 1U);
    auto store = open(path);
    EXPECT_EQ(store->opened_count(), 2U);
    ASSERT_TRUE(store->reopen());
    EXPECT_EQ(store->opened_count(), 3U);
}

TEST(SqliteBackup, NeverReplacesAFileAndLeavesNoPart) {
    TempFolder folder(TempFolder::On::disk);
    auto store = open(folder.file("store.db"));
    put(*store, "a", "b");
    std::ofstream(folder.file("precious")) << "keep";
    std::ofstream(folder.file("backup.db.part")) << "of a backup that was cut short";
    auto refused = store->backup_to(folder.file("precious"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ErrorCode::already_exists);
    EXPECT_EQ(content(folder.file("precious")), "keep");
    ASSERT_TRUE(store->backup_to(folder.file("backup.db")));
    EXPECT_FALSE(std::filesystem::exists(folder.file("backup.db.part")));
    EXPECT_EQ(store->backup_to(folder.file("missing/backup.db")).error(), ErrorCode::io_failed);
    EXPECT_EQ(text_of(*open(folder.file("backup.db"))->view()->get(items, view_of("a"))), "b");
}

TEST(SqliteOpenFailure, IsExplainedWithWhatToDo) {
    for (ErrorCode code : {ErrorCode::busy, ErrorCode::not_found, ErrorCode::malformed,
                           ErrorCode::unsupported_version, ErrorCode::store_failed,
                           ErrorCode::disk_full, ErrorCode::io_failed}) {
        auto words = store_sqlite::explain_open_failure(code);
        EXPECT_NE(words.find(". "), std::string_view::npos);
        EXPECT_NE(words.back(), '.');
    }
}

void mark(store::Transaction& transaction) {
    transaction.put(items, view_of("marked"), view_of("yes"));
}

Result<void> as_it_is(const std::string&) { return {}; }

std::string value(const std::string& path, std::string_view key) {
    const auto found = open(path)->view()->get(items, view_of(key));
    return found ? std::string(text_of(*found)) : "";
}

TEST(SqliteFile, ACopyThatIsPutBackIsMarkedAndWhatWasThereIsKept) {
    TempFolder folder;
    const auto place = folder.file("store.db");
    {
        auto store = open(place);
        put(*store, "a", "old");
        ASSERT_TRUE(store->backup_to(folder.file("copy.db")));
        put(*store, "a", "new");
    }
    ASSERT_TRUE(store_sqlite::put_back_file(folder.file("copy.db"), place, ".aside", true, as_it_is,
                                            mark, {}));
    EXPECT_EQ(value(place, "a"), "old");
    EXPECT_EQ(value(place, "marked"), "yes");
    EXPECT_EQ(value(folder.file("store.db.aside"), "a"), "new");
    EXPECT_EQ(value(folder.file("copy.db"), "marked"), "") << "the copy stays as it is";
    EXPECT_FALSE(std::filesystem::exists(place + ".restoring"));
}

TEST(SqliteFile, ACopyIsNotPutBackUnderAProgramOrOverAStoreOrWhenItIsDamaged) {
    TempFolder folder;
    const auto place = folder.file("store.db");
    const auto copy = folder.file("copy.db");
    {
        auto store = open(place);
        put(*store, "a", "here");
        ASSERT_TRUE(store->backup_to(copy));
        EXPECT_EQ(
            store_sqlite::put_back_file(copy, place, ".aside", true, as_it_is, mark, {}).error(),
            ErrorCode::busy);
    }
    EXPECT_EQ(store_sqlite::put_back_file(copy, place, ".aside", false, as_it_is, mark, {}).error(),
              ErrorCode::already_exists);
    std::ofstream(copy, std::ios::binary) << "not a store";
    EXPECT_FALSE(store_sqlite::put_back_file(copy, place, ".aside", true, as_it_is, mark, {}));
    EXPECT_EQ(
        store_sqlite::put_back_file(folder.file("none"), place, ".aside", true, as_it_is, mark, {})
            .error(),
        ErrorCode::not_found);
    EXPECT_EQ(value(place, "a"), "here");
    EXPECT_EQ(value(place, "marked"), "");
    EXPECT_FALSE(std::filesystem::exists(folder.file("store.db.aside")));
}

TEST(SqliteFile, ALogWithoutItsFileIsNotTakenForTheLogOfTheCopy) {
    TempFolder folder;
    const auto place = folder.file("store.db"), other = folder.file("other.db");
    {
        auto store = open(place);
        put(*store, "a", "old");
        ASSERT_TRUE(store->backup_to(folder.file("copy.db")));
        // As a process that was killed leaves it.
        std::filesystem::copy_file(place, other);
        put(*store, "a", "foreign");
        std::filesystem::copy_file(place + "-wal", other + "-wal");
    }
    std::filesystem::remove(other);
    const auto log = content(other + "-wal");
    ASSERT_FALSE(log.empty());
    ASSERT_TRUE(store_sqlite::put_back_file(folder.file("copy.db"), other, ".aside", false,
                                            as_it_is, mark, {}));
    EXPECT_EQ(content(other + ".aside-wal"), log) << "kept, and out of the way";
    EXPECT_FALSE(std::filesystem::exists(other + "-wal"));
    EXPECT_EQ(value(other, "a"), "old");
    EXPECT_EQ(value(other, "marked"), "yes");
}

TEST(SqliteFile, AStoreThatIsSetAsideHasWhatWasOnlyInItsLog) {
    TempFolder folder;
    const auto place = folder.file("store.db"), killed = folder.file("killed.db");
    {
        auto store = open(place);
        put(*store, "a", "old");
        ASSERT_TRUE(store->backup_to(folder.file("copy.db")));
        put(*store, "a", "in the log");
        std::filesystem::copy_file(place, killed);
        std::filesystem::copy_file(place + "-wal", killed + "-wal");
    }
    ASSERT_TRUE(store_sqlite::put_back_file(folder.file("copy.db"), killed, ".aside", true,
                                            as_it_is, mark, {}));
    EXPECT_EQ(value(killed, "a"), "old");
    EXPECT_FALSE(std::filesystem::exists(killed + ".aside-wal")) << "the file alone is the store";
    EXPECT_EQ(value(killed + ".aside", "a"), "in the log");
}

TEST(SqliteFile, ADamagedStoreIsReplacedAndItsFileIsKeptAsItIs) {
    TempFolder folder;
    const auto place = folder.file("store.db");
    {
        auto store = open(place);
        put(*store, "a", "old");
        ASSERT_TRUE(store->backup_to(folder.file("copy.db")));
    }
    std::ofstream(place, std::ios::binary) << "what the disk made of it";
    std::ofstream(place + "-wal", std::ios::binary) << "and of its log";
    ASSERT_TRUE(store_sqlite::put_back_file(folder.file("copy.db"), place, ".aside", true, as_it_is,
                                            mark, {}));
    EXPECT_EQ(value(place, "a"), "old");
    EXPECT_EQ(content(place + ".aside"), "what the disk made of it");
    EXPECT_FALSE(std::filesystem::exists(place + "-wal"));
}

TEST(SqliteFile, ARestoreThatWasCutShortIsDoneAgainBeforeTheStoreIsOpened) {
    TempFolder folder;
    const auto place = folder.file("store.db");
    {
        auto store = open(place);
        put(*store, "a", "old");
        ASSERT_TRUE(store->backup_to(folder.file("copy.db")));
    }
    std::filesystem::copy_file(folder.file("copy.db"), place + ".restoring");
    EXPECT_EQ(refusal(place), ErrorCode::store_unknown);
    ASSERT_TRUE(store_sqlite::put_back_file(folder.file("copy.db"), place, ".aside", true, as_it_is,
                                            mark, {}));
    EXPECT_EQ(value(place, "marked"), "yes");
}

TEST(SqliteFile, WhereThereWasAStoreNoEmptyOneIsMade) {
    TempFolder folder;
    const auto place = folder.file("store.db");
    open(place).reset();
    std::filesystem::remove(place);
    EXPECT_EQ(refusal(place), ErrorCode::not_found);
    EXPECT_FALSE(std::filesystem::exists(place));
    std::filesystem::remove(place + ".lock");  // as the explanation says
    EXPECT_TRUE(open(place));
}

TEST(SqliteFile, WhatIsNotWhatWasMeantIsNotPutBack) {
    TempFolder folder;
    const auto place = folder.file("store.db");
    ASSERT_TRUE(open(folder.file("from.db"))->backup_to(folder.file("copy.db")));
    const auto changed = [](const std::string&) -> Result<void> {
        return fail(ErrorCode::decrypt_failed);
    };
    EXPECT_EQ(store_sqlite::put_back_file(folder.file("copy.db"), place, ".aside", true, changed,
                                          mark, {})
                  .error(),
              ErrorCode::decrypt_failed);
    EXPECT_FALSE(std::filesystem::exists(place));
}

}  // namespace
}  // namespace mash::contract
