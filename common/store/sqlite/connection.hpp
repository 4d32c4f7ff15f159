// One SQLite connection, used by one thread at a time: settings, prepared statements, and what
// error codes mean. Internal to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/error.hpp"
#include "common/base/result.hpp"
#include "common/store/store.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace mash::store_sqlite {

struct SqliteOptions;

/// The failure that a SQLite result code stands for, while running.
ErrorCode error_from(int sqlite_code);
/// The same while opening or copying a file, where the machine is at fault rather than the store.
ErrorCode open_error_from(int sqlite_code);
/// SQLite's own fixed words for a result code; they never hold a name or a value.
std::string_view words_for(int sqlite_code);

enum class Query : std::uint8_t { get, put, erase, scan, scan_back, keys, keys_back };
inline constexpr std::size_t query_kinds = 7;

struct StatementClose {
    void operator()(sqlite3_stmt* statement) const;
};
using Statement = std::unique_ptr<sqlite3_stmt, StatementClose>;

/// A statement on loan: reset and unbound when it goes out of scope, so that it holds neither a
/// read nor a value.
class Loan {
public:
    Loan(sqlite3_stmt* cached, Statement own) : statement_(cached), own_(std::move(own)) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan();

    sqlite3_stmt* get() const { return statement_; }
    void bind(int index, ByteView bytes);
    int step();
    ByteView column(int index) const;

private:
    sqlite3_stmt* statement_;
    Statement own_;
};

class Connection {
public:
    enum class Role : std::uint8_t { writer, reader };
    static Result<std::unique_ptr<Connection>> open(const std::string& path,
                                                    const SqliteOptions& options, Role role);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    sqlite3* raw() const { return db_; }
    /// SQLite's result code.
    int run(const char* sql);
    int run(const std::string& sql) { return run(sql.c_str()); }
    Result<std::int64_t> number(const char* sql);
    Result<std::string> text(const char* sql);
    bool is_in_transaction() const;
    /// Fixes the state that is read until roll_back(). SQLite's result code.
    int begin_reading();
    /// Ends an open transaction, if SQLite has not done so itself.
    void roll_back();
    /// What the transaction created is there to stay.
    void committed();

    /// False if the space has no table yet; `code` then says whether that is certain.
    bool has_table(store::Space space, int& code);
    /// Writer only, inside a transaction.
    int create_table(store::Space space);
    /// Prepared once for each space and kind. Null get(): not prepared, `code` says why.
    Loan statement(store::Space space, Query query, int& code);

private:
    explicit Connection(sqlite3* db, Role role) : db_(db), role_(role) {}
    int configure(const SqliteOptions& options);

    struct Table {
        std::array<Statement, query_kinds> statements;
    };

    /// Prepared at its first use: parsing would cost more than what these do.
    int run_again(Statement& statement, const char* sql);

    sqlite3* db_;
    Role role_;
    Statement begin_, fix_, roll_back_;
    std::unordered_map<std::string_view, Table> tables_;  // keys: Space names, literals
    std::unordered_set<std::string_view> absent_;         // writer only
    std::vector<std::string_view> created_here_;          // by the open transaction
};

}  // namespace mash::store_sqlite
