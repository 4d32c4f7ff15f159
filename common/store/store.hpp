// What broker core and agent core need of a store: ordered maps of bytes, one per named space,
// changed in one transaction at a time. Says nothing about what the bytes mean (table.hpp) or where
// they lie (memory, SQLite).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/base/error.hpp"
#include "common/base/result.hpp"
#include "common/store/function_ref.hpp"

namespace mash::store {

inline constexpr std::size_t space_name_chars_max = 32;
inline constexpr std::size_t key_bytes_max = 1024;
/// Far above any record; a sealed notification is stored in parts well below it.
inline constexpr std::size_t value_bytes_max = std::size_t{64} * 1024 * 1024;

/// The name of one ordered map: 1 to 32 of [a-z_]. Checked when the program is compiled, so a name
/// can never come from outside and may stand in SQL and in error reports.
class Space {
public:
    template <std::size_t N>
    consteval explicit Space(const char (&name)[N]) : name_(name, N - 1) {
        if (N - 1 < 1 || N - 1 > space_name_chars_max) name_is_not_1_to_32_characters();
        for (char c : name_) {
            if ((c < 'a' || c > 'z') && c != '_')
                name_has_a_character_outside_a_to_z_and_underscore();
        }
    }
    constexpr std::string_view name() const { return name_; }
    friend constexpr bool operator==(Space a, Space b) { return a.name_ == b.name_; }

private:
    // Not constexpr: reaching one of them is a compile error that carries its name.
    static void name_is_not_1_to_32_characters();
    static void name_has_a_character_outside_a_to_z_and_underscore();

    std::string_view name_;  // of a string literal
};

enum class Order : std::uint8_t { ascending, descending };

/// Which records a scan visits.
struct Scan {
    /// Only keys that begin with these bytes; empty: all.
    ByteView prefix{};
    /// Where to start, this key included: the lowest key of an ascending scan, the highest of a
    /// descending one. Empty: the end of the range.
    ByteView from{};
    std::size_t limit = std::numeric_limits<std::size_t>::max();
    Order order = Order::ascending;
    /// Visits with an empty value. Much cheaper where values are large.
    bool keys_only = false;
};

/// Why a view or a transaction failed. All of it is ours: safe to log.
struct StoreFailure {
    ErrorCode code = ErrorCode::store_failed;
    std::string_view space;   ///< empty if the failure belongs to no space
    std::string_view detail;  ///< a few fixed words, of static lifetime
};

/// Called with key and value, both valid for this one call; false stops the scan.
using Visit = FunctionRef<bool(ByteView key, ByteView value)>;
using TakeValue = FunctionRef<void(ByteView value)>;

/// Reads one unchanging state of the store.
///
/// The first failure sticks: from then on every read finds nothing and every write does nothing. So
/// the code that decides asks nothing; whoever began the view or transaction asks failed() once, at
/// the end, before it believes what was decided.
///
/// Inside a callback reads are allowed, on any space; writes are not (CHECK): collect first, then
/// write.
class View {
public:
    virtual ~View() = default;
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    std::optional<Bytes> get(Space space, ByteView key);
    bool contains(Space space, ByteView key);
    /// Hands over the value without a copy, valid for the call; false: no such key (or failed).
    bool with(Space space, ByteView key, TakeValue take);
    /// Visits in key order (bytes as unsigned numbers, a prefix before its extensions); returns how
    /// many.
    std::size_t scan(Space space, const Scan& what, Visit visit);

    bool failed() const { return failure_.has_value(); }
    /// Only after failed().
    const StoreFailure& failure() const;
    /// Also for the code that reads records: a record that does not decode fails the whole
    /// transaction. `detail` is of static lifetime and holds nothing from outside.
    void mark_failed(ErrorCode code, std::string_view space, std::string_view detail);

protected:
    View() = default;
    bool is_reading() const { return reads_under_way_ > 0; }

private:
    virtual bool do_with(Space space, ByteView key, TakeValue take) = 0;
    /// `what.from` and `what.prefix` are within bounds, `what.limit` is above zero. Stops once
    /// failed().
    virtual void do_scan(Space space, const Scan& what, Visit visit) = 0;

    std::optional<StoreFailure> failure_;
    int reads_under_way_ = 0;
};

/// A view that may also write, and sees what it wrote. Dropped without commit it leaves no trace.
class Transaction : public View {
public:
    void put(Space space, ByteView key, ByteView value);
    /// Erasing what is not there is not an error.
    void erase(Space space, ByteView key);

private:
    virtual void do_put(Space space, ByteView key, ByteView value) = 0;
    virtual void do_erase(Space space, ByteView key) = 0;
};

/// What became of a commit.
///   committed  on stable storage
///   failed     nothing of it is there nor ever will be; the store goes on
///   unknown    it may be there or not. Drop all effects and all state, Store::reopen(), load
///   again, and let the
///              same input come again: ids make it harmless
struct [[nodiscard]] CommitOutcome {
    enum class Kind : std::uint8_t { committed, failed, unknown };
    Kind kind = Kind::committed;
    StoreFailure failure{};  ///< meaningless if committed

    bool is_committed() const { return kind == Kind::committed; }
    static CommitOutcome of_success() { return {}; }
    static CommitOutcome of_failure(StoreFailure why) { return {Kind::failed, why}; }
    static CommitOutcome of_unknown(std::string_view detail) {
        return {Kind::unknown, {ErrorCode::store_unknown, {}, detail}};
    }
};

/// begin, commit and reopen belong to one thread, the writer's. view and backup_to may be called
/// from any thread meanwhile. Transactions and views must be gone before their store is.
class Store {
public:
    virtual ~Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// One at a time (CHECK). Never null; if the store cannot begin, the transaction has already
    /// failed().
    virtual std::unique_ptr<Transaction> begin() = 0;
    /// A transaction that failed() is refused with its own failure. One that wrote nothing costs no
    /// sync.
    virtual CommitOutcome commit(std::unique_ptr<Transaction> transaction) = 0;
    /// The state of the last commit, unchanging while the view lives. Keep it short: SQLite cannot
    /// reuse its log while an old view reads from it. Never null.
    virtual std::unique_ptr<View> view() = 0;
    /// After an unknown outcome: until this succeeds every begin() and view() has failed with
    /// store_unknown. What is read after it is on stable storage. No transaction may be open.
    virtual Result<void> reopen() = 0;
    /// A complete, synced copy of the last commit at a path that must not exist yet
    /// (already_exists). Writers go on.
    virtual Result<void> backup_to(const std::string& path) = 0;

protected:
    Store() = default;
};

/// The order of keys: bytes as unsigned numbers, a prefix before its extensions.
int compare_keys(ByteView a, ByteView b);
bool starts_with(ByteView key, ByteView prefix);

/// The half-open interval [low, high) of keys that a scan covers; `high` is empty if nothing bounds
/// it above.
struct KeyRange {
    Bytes low;
    std::optional<Bytes> high;
};
KeyRange range_of(const Scan& what);

}  // namespace mash::store
