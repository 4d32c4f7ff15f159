// The store of the programs: one SQLite file, write-ahead log, every commit synced before it is
// reported. Decides how spaces become tables and what SQLite's errors mean; knows nothing of
// records.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/store/store.hpp"

namespace mash::store_sqlite {

struct SqliteOptions {
    /// Which of our programs' files this is, as four letters; another's file is refused.
    std::uint32_t application_id = 0x6d617368;  // "mash"
    bool create_if_absent = true;
    /// Read the whole file once and refuse it if damaged. After a restore or a power failure; costs
    /// about a second for each gigabyte on a fast disk.
    bool check_integrity = false;
    /// How long to wait for somebody who writes with SQLite's own tools.
    std::chrono::milliseconds busy_timeout{5'000};
    std::size_t cache_bytes = std::size_t{32} * 1024 * 1024;
    /// The log is copied back into the file when it has grown to this; the commit that meets it
    /// pays.
    std::size_t log_bytes_max = std::size_t{16} * 1024 * 1024;
    /// A registered sqlite3_vfs, for tests that break the disk. Empty: the machine's.
    std::string vfs{};
};

class SqliteStore final : public store::Store {
public:
    /// Fails with
    ///   busy                 another process (or another store of this one) has the file
    ///   not_found            there is none, and create_if_absent is false or there was one: its
    ///                        lock file is there
    ///   store_unknown        a restore was cut short
    ///   malformed            not a SQLite file, or the file of another program
    ///   unsupported_version  written by a newer release
    ///   store_failed         damaged
    ///   disk_full, io_failed
    /// What was recovered from the log is on stable storage when this returns.
    static Result<std::unique_ptr<SqliteStore>> open(const std::string& path,
                                                     SqliteOptions options = {});
    ~SqliteStore() override;

    std::unique_ptr<store::Transaction> begin() override;
    store::CommitOutcome commit(std::unique_ptr<store::Transaction> transaction) override;
    std::unique_ptr<store::View> view() override;
    Result<void> reopen() override;
    /// Also fails with io_failed if the folder is missing, store_failed if the copy does not pass
    /// its check.
    Result<void> backup_to(const std::string& path) override;

    /// How often this file has been opened, this time included.
    std::uint64_t opened_count() const;

    struct Impl;

private:
    explicit SqliteStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// For the operator who started the program: what is wrong with the file and what to do. No full
/// stop at its end.
std::string_view explain_open_failure(ErrorCode code);

}  // namespace mash::store_sqlite
