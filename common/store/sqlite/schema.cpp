#include "common/store/sqlite/schema.hpp"

#include <sqlite3.h>

#include <array>
#include <string>

#include "common/store/sqlite/connection.hpp"

namespace mash::store_sqlite {

namespace {

/// Step n brings user_version from n-1 to n. Never changed once released, only added to. Each
/// space's table is made when it is first written to and has the shape that connection.cpp gives
/// it; a change of that shape is a step.
constexpr std::array steps{
    "CREATE TABLE mash_store (name TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL) STRICT, "
    "WITHOUT ROWID;"
    "INSERT INTO mash_store (name, number) VALUES ('opened', 0);",
};

Result<bool> is_new(Connection& writer) {
    MASH_TRY(tables, writer.number("SELECT count(*) FROM sqlite_schema"));
    return tables == 0;
}

/// sqlite_schema is covered as well as the header, so that an empty file of another program is not
/// mistaken for new.
Result<void> check_identity(Connection& writer, std::uint32_t application_id,
                            std::int64_t version) {
    MASH_TRY(found_id, writer.number("PRAGMA application_id"));
    if (static_cast<std::uint32_t>(found_id) == application_id) {
        if (version > static_cast<std::int64_t>(steps.size()))
            return fail(ErrorCode::unsupported_version);
        if (version < 1) return fail(ErrorCode::malformed);
        return {};
    }
    MASH_TRY(empty, is_new(writer));
    if (found_id != 0 || version != 0 || !empty) return fail(ErrorCode::malformed);
    return {};
}

}  // namespace

Result<void> prepare_schema(Connection& writer, std::uint32_t application_id) {
    MASH_TRY(version, writer.number("PRAGMA user_version"));
    MASH_TRY_VOID(check_identity(writer, application_id, version));

    int code = writer.run("PRAGMA page_size=" + std::to_string(page_bytes));
    if (code != SQLITE_OK) return fail(open_error_from(code));
    MASH_TRY(journal, writer.text("PRAGMA journal_mode=WAL"));
    if (journal != "wal") return fail(ErrorCode::io_failed);  // a file system without shared memory

    if (version == static_cast<std::int64_t>(steps.size())) return {};
    std::string sql = "BEGIN IMMEDIATE;";
    for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step)
        sql += steps[step];
    sql +=
        "PRAGMA application_id=" + std::to_string(static_cast<std::int32_t>(application_id)) + ";";
    sql += "PRAGMA user_version=" + std::to_string(steps.size()) + ";COMMIT";
    code = writer.run(sql);
    if (code == SQLITE_OK) return {};
    writer.roll_back();
    return fail(open_error_from(code));
}

}  // namespace mash::store_sqlite
