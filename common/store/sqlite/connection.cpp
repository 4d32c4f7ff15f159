#include "common/store/sqlite/connection.hpp"

#include <sqlite3.h>

#include <utility>

#include "common/base/check.hpp"
#include "common/store/sqlite/schema.hpp"
#include "common/store/sqlite/sqlite_store.hpp"

namespace mash::store_sqlite {

namespace {

/// The order of Query. Spaces are [a-z_]; the prefix keeps them clear of SQL words and of SQLite's
/// own tables. Scans cover [?1, ?2).
constexpr std::array<std::pair<const char*, const char*>, query_kinds> query_texts{{
    {"SELECT v FROM s_", " WHERE k = ?1"},
    {"INSERT INTO s_", " (k, v) VALUES (?1, ?2) ON CONFLICT (k) DO UPDATE SET v = excluded.v"},
    {"DELETE FROM s_", " WHERE k = ?1"},
    {"SELECT k, v FROM s_", " WHERE k >= ?1 AND k < ?2 ORDER BY k"},
    {"SELECT k, v FROM s_", " WHERE k >= ?1 AND k < ?2 ORDER BY k DESC"},
    {"SELECT k FROM s_", " WHERE k >= ?1 AND k < ?2 ORDER BY k"},
    {"SELECT k FROM s_", " WHERE k >= ?1 AND k < ?2 ORDER BY k DESC"},
}};

constexpr std::size_t reader_cache_kib = 2'048;

int prepare(sqlite3* db, const std::string& sql, unsigned flags, Statement& out) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), flags, &statement,
                                  nullptr);
    out.reset(statement);
    return code;
}

}  // namespace

ErrorCode error_from(int sqlite_code) {
    switch (sqlite_code & 0xff) {
        case SQLITE_FULL: return ErrorCode::disk_full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return ErrorCode::busy;
        case SQLITE_TOOBIG: return ErrorCode::too_large;
        default: return ErrorCode::store_failed;
    }
}

ErrorCode open_error_from(int sqlite_code) {
    switch (sqlite_code & 0xff) {
        case SQLITE_NOTADB: return ErrorCode::malformed;
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM: return ErrorCode::io_failed;
        default: return error_from(sqlite_code);
    }
}

std::string_view words_for(int sqlite_code) { return sqlite3_errstr(sqlite_code); }

void StatementClose::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Loan::~Loan() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

void Loan::bind(int index, ByteView bytes) {
    // A null pointer would bind NULL, and an empty value is a value.
    int code = bytes.empty() ? sqlite3_bind_zeroblob(statement_, index, 0)
                             : sqlite3_bind_blob64(statement_, index, bytes.data(), bytes.size(),
                                                   SQLITE_STATIC);
    CHECK(code == SQLITE_OK);
}

int Loan::step() { return sqlite3_step(statement_); }

ByteView Loan::column(int index) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, index));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path,
                                                     const SqliteOptions& options, Role role) {
    sqlite3* db = nullptr;
    int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                               options.vfs.empty() ? nullptr : options.vfs.c_str());
    if (db == nullptr) return fail(ErrorCode::store_failed);
    std::unique_ptr<Connection> connection(new Connection(db, role));
    if (code == SQLITE_OK) code = connection->configure(options);
    if (code != SQLITE_OK) return fail(open_error_from(code));
    return connection;
}

Connection::~Connection() {
    tables_.clear();
    for (auto* statement : {&begin_, &fix_, &roll_back_}) statement->reset();
    // Cannot be refused: no statement is left and no backup runs on this connection.
    CHECK(sqlite3_close(db_) == SQLITE_OK);
}

/// Only what is not written to the file; the writer settles that with the schema.
int Connection::configure(const SqliteOptions& options) {
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_busy_timeout(db_, static_cast<int>(options.busy_timeout.count()));
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    std::string settings =
        "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;";
    if (role_ == Role::reader) {
        settings += "PRAGMA query_only=ON; PRAGMA cache_size=-" + std::to_string(reader_cache_kib);
    } else {
        // Erased records are overwritten, not only unlinked. FULL syncs the log before a commit is
        // reported; fullfsync makes that true on macOS too.
        settings +=
            "PRAGMA secure_delete=ON; PRAGMA synchronous=FULL; PRAGMA fullfsync=ON;"
            "PRAGMA checkpoint_fullfsync=ON;"
            "PRAGMA cache_size=-" +
            std::to_string(options.cache_bytes / 1024) +
            "; PRAGMA wal_autocheckpoint=" + std::to_string(options.log_bytes_max / page_bytes) +
            "; PRAGMA journal_size_limit=" + std::to_string(options.log_bytes_max);
    }
    return run(settings);
}

int Connection::run(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); }

Result<std::int64_t> Connection::number(const char* sql) {
    Statement statement;
    int code = prepare(db_, sql, 0, statement);
    if (code == SQLITE_OK) code = sqlite3_step(statement.get());
    if (code != SQLITE_ROW) return fail(open_error_from(code));
    return sqlite3_column_int64(statement.get(), 0);
}

Result<std::string> Connection::text(const char* sql) {
    Statement statement;
    int code = prepare(db_, sql, 0, statement);
    if (code == SQLITE_OK) code = sqlite3_step(statement.get());
    if (code != SQLITE_ROW) return fail(open_error_from(code));
    const auto* found = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 0));
    return std::string(found == nullptr ? "" : found);
}

int Connection::run_again(Statement& statement, const char* sql) {
    int code = statement ? SQLITE_OK : prepare(db_, sql, SQLITE_PREPARE_PERSISTENT, statement);
    if (code != SQLITE_OK) return code;
    code = sqlite3_step(statement.get());
    sqlite3_reset(statement.get());
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int Connection::begin_reading() {
    // The read fixes the state; BEGIN alone does not.
    const int code = run_again(begin_, "BEGIN");
    return code == SQLITE_OK ? run_again(fix_, "SELECT 1 FROM sqlite_schema LIMIT 1") : code;
}

bool Connection::is_in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

void Connection::roll_back() {
    for (auto name : created_here_) tables_.erase(name);
    created_here_.clear();
    // ROLLBACK cannot fail in a way that leaves the transaction open.
    if (is_in_transaction()) run_again(roll_back_, "ROLLBACK");
    CHECK(!is_in_transaction());
}

void Connection::committed() { created_here_.clear(); }

bool Connection::has_table(store::Space space, int& code) {
    code = SQLITE_OK;
    if (tables_.contains(space.name())) return true;
    if (absent_.contains(space.name())) return false;
    Statement statement;
    code = prepare(db_, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 's_' || ?1", 0,
                   statement);
    if (code != SQLITE_OK) return false;
    sqlite3_bind_text(statement.get(), 1, space.name().data(),
                      static_cast<int>(space.name().size()), SQLITE_STATIC);
    code = sqlite3_step(statement.get());
    if (code == SQLITE_ROW) {
        code = SQLITE_OK;
        tables_.try_emplace(space.name());
        return true;
    }
    if (code == SQLITE_DONE) {
        code = SQLITE_OK;
        // Only the writer creates tables, so only the writer may remember that there is none.
        if (role_ == Role::writer) absent_.insert(space.name());
    }
    return false;
}

int Connection::create_table(store::Space space) {
    CHECK(role_ == Role::writer && is_in_transaction());
    std::string sql = "CREATE TABLE s_" + std::string(space.name()) +
                      " (k BLOB NOT NULL UNIQUE, v BLOB NOT NULL) STRICT";
    int code = run(sql);
    if (code != SQLITE_OK) return code;
    absent_.erase(space.name());
    tables_.try_emplace(space.name());
    created_here_.push_back(space.name());
    return SQLITE_OK;
}

Loan Connection::statement(store::Space space, Query query, int& code) {
    auto found = tables_.find(space.name());
    CHECK(found != tables_.end());
    auto kind = static_cast<std::size_t>(query);
    Statement& cached = found->second.statements[kind];
    code = SQLITE_OK;
    if (cached && !sqlite3_stmt_busy(cached.get())) return Loan(cached.get(), nullptr);

    std::string sql =
        query_texts[kind].first + std::string(space.name()) + query_texts[kind].second;
    if (!cached) {
        code = prepare(db_, sql, SQLITE_PREPARE_PERSISTENT, cached);
        return Loan(cached.get(), nullptr);
    }
    // A scan inside a scan of the same space needs a cursor of its own.
    Statement own;
    code = prepare(db_, sql, 0, own);
    sqlite3_stmt* raw = own.get();
    return Loan(raw, std::move(own));
}

}  // namespace mash::store_sqlite
