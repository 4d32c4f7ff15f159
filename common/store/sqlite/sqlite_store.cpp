#include "common/store/sqlite/sqlite_store.hpp"

#include <sqlite3.h>

#include <mutex>
#include <utility>
#include <vector>

#include "common/base/check.hpp"
#include "common/store/sqlite/backup.hpp"
#include "common/store/sqlite/connection.hpp"
#include "common/store/sqlite/file_system.hpp"
#include "common/store/sqlite/schema.hpp"

namespace mash::store_sqlite {

using store::CommitOutcome;
using store::Scan;
using store::Space;
using store::TakeValue;
using store::Transaction;
using store::View;
using store::Visit;

namespace {

constexpr std::string_view outcome_unknown = "the outcome of the last commit is unknown";

/// Above every key: keys end at key_bytes_max bytes.
const Bytes& above_all_keys() {
    static const Bytes bytes(store::key_bytes_max + 1, 0xff);
    return bytes;
}

void mark_failed(View& view, Space space, int code) {
    view.mark_failed(error_from(code), space.name(), words_for(code));
}

bool read_one(Connection& connection, View& view, Space space, ByteView key, TakeValue take) {
    int code = SQLITE_OK;
    if (!connection.has_table(space, code)) {
        if (code != SQLITE_OK) mark_failed(view, space, code);
        return false;
    }
    Loan get = connection.statement(space, Query::get, code);
    if (code == SQLITE_OK) {
        get.bind(1, key);
        code = get.step();
    }
    if (code == SQLITE_ROW) {
        take(get.column(0));
        return true;
    }
    if (code != SQLITE_DONE) mark_failed(view, space, code);
    return false;
}

void read_range(Connection& connection, View& view, Space space, const Scan& what, Visit visit) {
    int code = SQLITE_OK;
    if (!connection.has_table(space, code)) {
        if (code != SQLITE_OK) mark_failed(view, space, code);
        return;
    }
    bool back = what.order == store::Order::descending;
    Query query = what.keys_only ? (back ? Query::keys_back : Query::keys)
                                 : (back ? Query::scan_back : Query::scan);
    store::KeyRange range = store::range_of(what);
    Loan scan = connection.statement(space, query, code);
    if (code == SQLITE_OK) {
        scan.bind(1, range.low);
        scan.bind(2, range.high ? *range.high : above_all_keys());
        while ((code = scan.step()) == SQLITE_ROW) {
            if (!visit(scan.column(0), what.keys_only ? ByteView{} : scan.column(1))) return;
        }
    }
    if (code != SQLITE_DONE) mark_failed(view, space, code);
}

class SqliteTransaction;

}  // namespace

struct SqliteStore::Impl {
    Impl(std::string file, SqliteOptions with, FileLock held)
        : path(std::move(file)), options(std::move(with)), lock(std::move(held)) {}

    std::string path;
    SqliteOptions options;
    FileLock lock;  // before the connections: released after them
    std::unique_ptr<Connection> writer;
    SqliteTransaction* open_transaction = nullptr;
    std::uint64_t opened_count = 0;

    std::mutex mutex;  // guards what follows
    std::vector<std::unique_ptr<Connection>> idle_readers;
    int open_views = 0;
    bool outcome_is_unknown = false;

    Result<void> open_writer();
    Result<void> settle();
    bool is_unknown() {
        std::lock_guard guard(mutex);
        return outcome_is_unknown;
    }
};

namespace {

class SqliteTransaction final : public Transaction {
public:
    explicit SqliteTransaction(SqliteStore::Impl& owner) : owner_(owner) {
        owner_.open_transaction = this;
        if (owner_.is_unknown()) {
            mark_failed(ErrorCode::store_unknown, {}, outcome_unknown);
            return;
        }
        int code = connection().run("BEGIN IMMEDIATE");
        if (code != SQLITE_OK) mark_failed(error_from(code), {}, words_for(code));
    }
    ~SqliteTransaction() override {
        if (owner_.writer) owner_.writer->roll_back();
        owner_.open_transaction = nullptr;
    }

    bool has_changes() const { return has_changes_; }

private:
    Connection& connection() { return *owner_.writer; }

    bool do_with(Space space, ByteView key, TakeValue take) override {
        return read_one(connection(), *this, space, key, take);
    }
    void do_scan(Space space, const Scan& what, Visit visit) override {
        read_range(connection(), *this, space, what, visit);
    }
    void do_put(Space space, ByteView key, ByteView value) override {
        int code = SQLITE_OK;
        if (!connection().has_table(space, code) && code == SQLITE_OK) {
            code = connection().create_table(space);
        }
        if (code == SQLITE_OK) {
            Loan put = connection().statement(space, Query::put, code);
            if (code == SQLITE_OK) {
                put.bind(1, key);
                put.bind(2, value);
                code = put.step();
            }
        }
        has_changes_ = true;
        if (code != SQLITE_DONE) store_sqlite::mark_failed(*this, space, code);
    }
    void do_erase(Space space, ByteView key) override {
        int code = SQLITE_OK;
        if (!connection().has_table(space, code)) {
            if (code != SQLITE_OK) store_sqlite::mark_failed(*this, space, code);
            return;
        }
        Loan erase = connection().statement(space, Query::erase, code);
        if (code == SQLITE_OK) {
            erase.bind(1, key);
            code = erase.step();
        }
        has_changes_ = true;
        if (code != SQLITE_DONE) store_sqlite::mark_failed(*this, space, code);
    }

    SqliteStore::Impl& owner_;
    bool has_changes_ = false;
};

class SqliteView final : public View {
public:
    explicit SqliteView(SqliteStore::Impl& owner) : owner_(owner) {
        {
            std::lock_guard guard(owner_.mutex);
            ++owner_.open_views;
            if (owner_.outcome_is_unknown) {
                mark_failed(ErrorCode::store_unknown, {}, outcome_unknown);
                return;
            }
            if (!owner_.idle_readers.empty()) {
                connection_ = std::move(owner_.idle_readers.back());
                owner_.idle_readers.pop_back();
            }
        }
        if (!connection_) {
            auto opened = Connection::open(owner_.path, owner_.options, Connection::Role::reader);
            if (!opened) {
                mark_failed(opened.error(), {}, "no further connection to the file");
                return;
            }
            connection_ = std::move(opened).value();
        }
        int code = connection_->begin_reading();
        if (code != SQLITE_OK) mark_failed(error_from(code), {}, words_for(code));
    }
    ~SqliteView() override {
        if (connection_) connection_->roll_back();
        std::lock_guard guard(owner_.mutex);
        --owner_.open_views;
        if (connection_ && !failed()) owner_.idle_readers.push_back(std::move(connection_));
    }

private:
    bool do_with(Space space, ByteView key, TakeValue take) override {
        return read_one(*connection_, *this, space, key, take);
    }
    void do_scan(Space space, const Scan& what, Visit visit) override {
        read_range(*connection_, *this, space, what, visit);
    }

    SqliteStore::Impl& owner_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace

/// Makes what was recovered from the log durable before anybody is told of it. A process killed
/// between writing and syncing a commit leaves it readable in the system's cache, and a commit
/// whose sync failed may be readable too: answering "accepted" on the strength of either would be a
/// promise the disk has not made. So the log is copied into the file and synced there, and one
/// commit of our own shows that the disk takes writes now.
Result<void> SqliteStore::Impl::settle() {
    bool has_views = false;
    {
        std::lock_guard guard(mutex);
        has_views = open_views > 0;
    }
    // A view holds the log in place; then recovery has not run either, and copying what can be
    // copied is enough.
    int mode = has_views ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
    int code = sqlite3_wal_checkpoint_v2(writer->raw(), nullptr, mode, nullptr, nullptr);
    // BUSY: somebody reads the file with SQLite's own tools; the log is synced all the same.
    if (code == SQLITE_OK || code == SQLITE_BUSY) {
        code = writer->run("UPDATE mash_store SET number = number + 1 WHERE name = 'opened'");
    }
    if (code != SQLITE_OK) return fail(open_error_from(code));
    MASH_TRY(count, writer->number("SELECT number FROM mash_store WHERE name = 'opened'"));
    opened_count = static_cast<std::uint64_t>(count);
    return {};
}

Result<void> SqliteStore::Impl::open_writer() {
    MASH_TRY(connection, Connection::open(path, options, Connection::Role::writer));
    MASH_TRY_VOID(prepare_schema(*connection, options.application_id));
    if (options.check_integrity) {
        MASH_TRY(verdict, connection->text("PRAGMA quick_check(1)"));
        if (verdict != "ok") return fail(ErrorCode::store_failed);
    }
    writer = std::move(connection);
    auto settled = settle();
    if (!settled) writer.reset();
    return settled;
}

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SqliteStore::~SqliteStore() {
    CHECK(impl_->open_transaction == nullptr);
    CHECK(impl_->open_views == 0);
    impl_->idle_readers.clear();
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path,
                                                       SqliteOptions options) {
    bool exists = file_exists(path);
    if (file_exists(path + restoring)) return fail(ErrorCode::store_unknown);
    // An empty store where there was one would be new keys and a new past, and nobody asked for it.
    const bool existed = file_exists(path + ".lock");
    if (!exists && (existed || !options.create_if_absent)) return fail(ErrorCode::not_found);
    MASH_TRY(lock, FileLock::take(path + ".lock"));
    if (exists) {
        MASH_TRY_VOID(make_private(path));
    } else {
        // Before SQLite, which would follow the umask. Its log takes its mode from this file.
        MASH_TRY_VOID(create_private_file(path));
        MASH_TRY_VOID(sync_folder_of(path));
    }
    auto impl = std::make_unique<Impl>(path, std::move(options), std::move(lock));
    MASH_TRY_VOID(impl->open_writer());
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(impl)));
}

std::unique_ptr<Transaction> SqliteStore::begin() {
    CHECK(impl_->open_transaction == nullptr);
    return std::make_unique<SqliteTransaction>(*impl_);
}

CommitOutcome SqliteStore::commit(std::unique_ptr<Transaction> transaction) {
    CHECK(transaction != nullptr && transaction.get() == impl_->open_transaction);
    auto& ours = static_cast<SqliteTransaction&>(*transaction);
    if (ours.failed()) return CommitOutcome::of_failure(ours.failure());
    if (!ours.has_changes()) return CommitOutcome::of_success();
    CHECK(impl_->writer->is_in_transaction());
    int code = impl_->writer->run("COMMIT");
    if (code == SQLITE_OK) {
        impl_->writer->committed();
        return CommitOutcome::of_success();
    }
    // Certain failures: SQLITE_FULL comes from a write that was cut short, so the log holds no
    // whole commit record; SQLITE_BUSY from before the first write. Everything else may come after
    // the commit record was written (a failed sync, a failed index of the log): this process sees
    // it rolled back, the next may find it.
    if ((code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_BUSY) {
        return CommitOutcome::of_failure({error_from(code), {}, words_for(code)});
    }
    std::lock_guard guard(impl_->mutex);
    impl_->outcome_is_unknown = true;
    return CommitOutcome::of_unknown(words_for(code));
}

std::unique_ptr<View> SqliteStore::view() { return std::make_unique<SqliteView>(*impl_); }

Result<void> SqliteStore::reopen() {
    CHECK(impl_->open_transaction == nullptr);
    {
        std::lock_guard guard(impl_->mutex);
        impl_->outcome_is_unknown = true;  // until the end: a failed reopen leaves no writer
        impl_->idle_readers.clear();
    }
    impl_->writer.reset();
    MASH_TRY_VOID(impl_->open_writer());
    std::lock_guard guard(impl_->mutex);
    impl_->outcome_is_unknown = false;
    return {};
}

Result<void> SqliteStore::backup_to(const std::string& path) {
    return copy_file(impl_->path, path, impl_->options);
}

std::uint64_t SqliteStore::opened_count() const { return impl_->opened_count; }

std::string_view explain_open_failure(ErrorCode code) {
    switch (code) {
        case ErrorCode::busy:
            return "Another process has this store open. Stop it first; two programs must not "
                   "share one store";
        case ErrorCode::not_found:
            return "There is no store here, or there was one and it is gone. Check the path, or "
                   "restore a backup. Only to begin with an empty store and new keys, remove the "
                   "file of its name that ends in .lock";
        case ErrorCode::store_unknown:
            return "A restore of this store was cut short. Run the restore again, with --force";
        case ErrorCode::malformed:
            return "This file is not a store of this program. Check the path; the file was not "
                   "changed";
        case ErrorCode::unsupported_version:
            return "This store was written by a newer release. Install that release again; the "
                   "file was not changed";
        case ErrorCode::store_failed:
            return "This store is damaged. Keep the file for examination and restore a backup";
        case ErrorCode::disk_full:
            return "The disk is full. Free some space and start again; nothing was lost";
        default:
            return "The file or its folder cannot be read or written. Check that it exists, who "
                   "owns it, and the disk";
    }
}

}  // namespace mash::store_sqlite
