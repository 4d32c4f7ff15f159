#include "common/store/sqlite/backup.hpp"

#include <sqlite3.h>

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

}  // namespace mash::store_sqlite
