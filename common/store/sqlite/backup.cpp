#include "common/store/sqlite/backup.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "common/base/check.hpp"
#include "common/store/sqlite/connection.hpp"
#include "common/store/sqlite/file_system.hpp"
#include "common/store/sqlite/sqlite_store.hpp"

namespace mash::store_sqlite {

namespace {

struct DatabaseClose {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};

int copy_pages(Connection& source, sqlite3* target) {
    sqlite3_backup* backup = sqlite3_backup_init(target, "main", source.raw(), "main");
    if (backup == nullptr) return sqlite3_extended_errcode(target);
    // All pages in one step are one read transaction: writers go on, and never make it start again.
    sqlite3_backup_step(backup, -1);
    return sqlite3_backup_finish(backup);
}

/// A backup that nobody has read is a hope.
Result<void> check_pages(sqlite3* db) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, nullptr);
    Statement closes(statement);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code != SQLITE_ROW) return fail(open_error_from(code));
    std::string_view verdict(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
    if (verdict != "ok") return fail(ErrorCode::store_failed);
    return {};
}

Result<void> copy_to_part(const std::string& source, const std::string& part,
                          const SqliteOptions& options) {
    MASH_TRY(from, Connection::open(source, options, Connection::Role::reader));
    MASH_TRY_VOID(create_private_file(part));
    sqlite3* opened = nullptr;
    int code = sqlite3_open_v2(part.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                               options.vfs.empty() ? nullptr : options.vfs.c_str());
    std::unique_ptr<sqlite3, DatabaseClose> to(opened);
    if (code != SQLITE_OK) return fail(open_error_from(code));
    // Nothing to roll back to in a new file, and we sync it ourselves.
    code = sqlite3_exec(opened, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", nullptr, nullptr,
                        nullptr);
    if (code == SQLITE_OK) code = copy_pages(*from, opened);
    if (code != SQLITE_OK) return fail(open_error_from(code));
    return check_pages(opened);
}

/// Bytes as they are, whole on the disk.
Result<void> copy_bytes(const std::string& from, const std::string& to) {
    MASH_TRY_VOID(create_private_file(to));
    std::error_code error;
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing, error);
    if (error == std::errc::no_space_on_device) return fail(ErrorCode::disk_full);
    if (error == std::errc::no_such_file_or_directory) return fail(ErrorCode::not_found);
    if (error) return fail(ErrorCode::io_failed);
    MASH_TRY_VOID(make_private(to));
    return sync_file(to);
}

Result<void> mark_copy(const std::string& path, const MarkRestored& mark, SqliteOptions options) {
    options.create_if_absent = false;
    options.check_integrity = true;
    MASH_TRY(store, SqliteStore::open(path, options));
    auto transaction = store->begin();
    mark(*transaction);
    const auto outcome = store->commit(std::move(transaction));
    if (outcome.kind != store::CommitOutcome::Kind::committed) return fail(ErrorCode::store_failed);
    return {};
}

/// Everything that its log holds goes into the file, so that the file alone is the store. One that
/// is damaged stays as it is: it is why there is a restore.
Result<void> settle_old(const std::string& place, const SqliteOptions& options) {
    auto old = Connection::open(place, options, Connection::Role::writer);
    int code = SQLITE_OK;
    if (old && (*old)->number("SELECT count(*) FROM sqlite_schema")) {  // it reads the log first
        code = sqlite3_wal_checkpoint_v2((*old)->raw(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                         nullptr, nullptr);
    }
    if (code == SQLITE_OK) return {};
    const auto error = open_error_from(code);
    if (error == ErrorCode::busy || error == ErrorCode::disk_full) return fail(error);
    return {};
}

/// A log left behind would be taken for the log of what comes in its place, even where its own file
/// is gone.
Result<void> set_logs_aside(const std::string& place, const std::string& aside) {
    for (const char* end : {"-wal", "-shm"}) {
        if (file_exists(place + end))
            MASH_TRY_VOID(rename_to_new(place + end, place + aside + end));
    }
    return sync_folder_of(place);
}

}  // namespace

Result<void> copy_file(const std::string& source, const std::string& target,
                       const SqliteOptions& options) {
    if (file_exists(target)) return fail(ErrorCode::already_exists);
    std::string part = target + ".part";
    auto remove_part = [&] {
        for (const char* end : {"", "-wal", "-shm", "-journal"}) remove_if_there(part + end);
    };
    remove_part();  // of a backup that was cut short
    Result<void> done = copy_to_part(source, part, options);
    if (done) done = sync_file(part);
    if (done) done = rename_to_new(part, target);
    if (done) done = sync_folder_of(target);
    remove_part();
    return done;
}

Result<void> put_back_file(const std::string& copy, const std::string& place,
                           const std::string& aside, bool replace, const CheckCopied& check,
                           const MarkRestored& mark, const SqliteOptions& options) {
    MASH_TRY(lock, FileLock::take(place + ".lock"));
    const bool is_there = file_exists(place);
    if (is_there && !replace) return fail(ErrorCode::already_exists);
    const std::string part = place + ".part";
    const std::string ready = place + restoring;
    auto remove_part = [&] {
        for (const char* end : {"", "-wal", "-shm", ".lock"}) remove_if_there(part + end);
    };
    remove_part();  // of a restore that was cut short
    Result<void> done = copy_bytes(copy, part);
    if (done) done = check(part);
    if (done) done = mark_copy(part, mark, options);
    // Closing it could not copy its log back: the mark would stay behind in it.
    if (done && file_exists(part + "-wal")) done = fail(ErrorCode::io_failed);
    if (done) done = sync_file(part);
    if (done && is_there) done = settle_old(place, options);
    if (done && is_there) done = link_to_new(place, place + aside);
    if (done) done = sync_folder_of(place);
    if (done) {
        // From here to the last rename no program opens the place: see SqliteStore::open.
        done = rename_over(part, ready);
        if (done) done = sync_folder_of(place);
        if (done) done = set_logs_aside(place, aside);
        if (done) done = rename_over(ready, place);
        if (done) done = sync_folder_of(place);
    }
    remove_part();
    return done;
}

}  // namespace mash::store_sqlite
