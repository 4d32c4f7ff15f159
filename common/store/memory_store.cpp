#include "common/store/memory_store.hpp"

#include <utility>

#include "common/base/check.hpp"

namespace mash::store {
namespace memory {

struct KeyLess {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): std::map looks for it
    bool operator()(ByteView a, ByteView b) const { return compare_keys(a, b) < 0; }
};

/// Values are shared, so that copying a map for a snapshot copies no content.
using Value = std::shared_ptr<const Bytes>;
using Records = std::map<Bytes, Value, KeyLess>;
/// What a transaction changed in one space; a null value is an erased key.
using Changes = std::map<Bytes, Value, KeyLess>;

struct State {
    std::map<std::string, std::shared_ptr<Records>, std::less<>> spaces;

    const Records* find(Space space) const {
        auto found = spaces.find(space.name());
        return found == spaces.end() ? nullptr : found->second.get();
    }
};

namespace {

const Records no_records;  // NOLINT(cert-err58-cpp): an empty map
constexpr std::string_view outcome_unknown = "the outcome of the last commit is unknown";

bool fails_to_read(const FaultPlan& faults) { return faults.read_fails && faults.read_fails(); }

/// Walks the records and the changes over them as one ordered map, forwards.
void merge_ascending(const Records& records, const Changes& changes, const KeyRange& range,
                     bool keys_only, Visit visit) {
    auto end_of = [&](const auto& map) {
        return range.high ? map.lower_bound(ByteView(*range.high)) : map.end();
    };
    if (range.high && compare_keys(range.low, *range.high) >= 0) return;
    auto record = records.lower_bound(ByteView(range.low));
    auto change = changes.lower_bound(ByteView(range.low));
    auto record_end = end_of(records);
    auto change_end = end_of(changes);
    while (record != record_end || change != change_end) {
        int order = record == record_end   ? 1
                    : change == change_end ? -1
                                           : compare_keys(record->first, change->first);
        const auto& next = order < 0 ? *record : *change;
        if (order <= 0) ++record;
        if (order >= 0) ++change;
        if (!next.second) continue;
        if (!visit(next.first, keys_only ? ByteView{} : ByteView(*next.second))) return;
    }
}

void merge_descending(const Records& records, const Changes& changes, const KeyRange& range,
                      bool keys_only, Visit visit) {
    if (range.high && compare_keys(range.low, *range.high) >= 0) return;
    auto start_of = [&](const auto& map) {
        return std::make_reverse_iterator(range.high ? map.lower_bound(ByteView(*range.high))
                                                     : map.end());
    };
    auto end_of = [&](const auto& map) {
        return std::make_reverse_iterator(map.lower_bound(ByteView(range.low)));
    };
    auto record = start_of(records);
    auto change = start_of(changes);
    auto record_end = end_of(records);
    auto change_end = end_of(changes);
    while (record != record_end || change != change_end) {
        int order = record == record_end   ? -1
                    : change == change_end ? 1
                                           : compare_keys(record->first, change->first);
        const auto& next = order > 0 ? *record : *change;
        if (order >= 0) ++record;
        if (order <= 0) ++change;
        if (!next.second) continue;
        if (!visit(next.first, keys_only ? ByteView{} : ByteView(*next.second))) return;
    }
}

void merge(const Records& records, const Changes& changes, const Scan& what, Visit visit) {
    auto walk = what.order == Order::ascending ? merge_ascending : merge_descending;
    walk(records, changes, range_of(what), what.keys_only, visit);
}

const Changes no_changes;  // NOLINT(cert-err58-cpp): an empty map

}  // namespace

class MemoryView final : public View {
public:
    explicit MemoryView(MemoryStore& store) : store_(store) {
        std::lock_guard lock(store_.mutex_);
        state_ = store_.state_;
        if (store_.outcome_is_unknown_) mark_failed(ErrorCode::store_unknown, {}, outcome_unknown);
    }
    ~MemoryView() override {
        // Under the mutex, because the writer changes a state in place once nobody else holds it.
        std::lock_guard lock(store_.mutex_);
        state_.reset();
    }

private:
    bool do_with(Space space, ByteView key, TakeValue take) override {
        const Records* records = state_->find(space);
        if (records == nullptr) return false;
        auto found = records->find(key);
        if (found == records->end()) return false;
        take(*found->second);
        return true;
    }
    void do_scan(Space space, const Scan& what, Visit visit) override {
        const Records* records = state_->find(space);
        if (records != nullptr) merge(*records, no_changes, what, visit);
    }

    MemoryStore& store_;
    std::shared_ptr<const State> state_;
};

class MemoryTransaction final : public Transaction {
public:
    explicit MemoryTransaction(MemoryStore& store) : store_(&store) {
        if (store.outcome_is_unknown_) mark_failed(ErrorCode::store_unknown, {}, outcome_unknown);
    }
    ~MemoryTransaction() override {
        if (store_ != nullptr) store_->open_ = nullptr;
    }

    MemoryStore* store() const { return store_; }
    void orphan() {
        store_ = nullptr;
        mark_failed(ErrorCode::store_failed, {}, "the store crashed under this transaction");
    }
    bool has_changes() const { return !changes_.empty(); }
    auto& changes() { return changes_; }

private:
    const Records& records_of(Space space) const {
        const Records* records = store_->state_->find(space);
        return records == nullptr ? no_records : *records;
    }
    const Changes& changes_of(Space space) const {
        auto found = changes_.find(space.name());
        return found == changes_.end() ? no_changes : found->second;
    }
    Changes& changes_for(Space space) {
        auto found = changes_.find(space.name());
        if (found != changes_.end()) return found->second;
        return changes_[std::string(space.name())];
    }
    bool read_fails(Space space) {
        if (!fails_to_read(store_->faults_)) return false;
        mark_failed(ErrorCode::store_failed, space.name(), "injected read failure");
        return true;
    }

    bool do_with(Space space, ByteView key, TakeValue take) override {
        if (read_fails(space)) return false;
        const Changes& changes = changes_of(space);
        const Records& records = records_of(space);
        auto changed = changes.find(key);
        Value value;  // held, so that the view stays valid whatever `take` does
        if (changed != changes.end()) {
            value = changed->second;
        } else if (auto found = records.find(key); found != records.end()) {
            value = found->second;
        }
        if (!value) return false;
        take(*value);
        return true;
    }
    void do_scan(Space space, const Scan& what, Visit visit) override {
        if (read_fails(space)) return;
        merge(records_of(space), changes_of(space), what, visit);
    }
    void do_put(Space space, ByteView key, ByteView value) override {
        changes_for(space).insert_or_assign(
            Bytes(key.begin(), key.end()),
            std::make_shared<const Bytes>(value.begin(), value.end()));
    }
    void do_erase(Space space, ByteView key) override {
        changes_for(space).insert_or_assign(Bytes(key.begin(), key.end()), nullptr);
    }

    MemoryStore* store_;  // null once the store has crashed
    std::map<std::string, Changes, std::less<>> changes_;
};

}  // namespace memory

using memory::MemoryTransaction;
using memory::Records;
using memory::State;

MemoryStore::MemoryStore(FaultPlan faults)
    : faults_(std::move(faults)), state_(std::make_shared<State>()) {}

MemoryStore::~MemoryStore() { CHECK(open_ == nullptr); }

std::unique_ptr<Transaction> MemoryStore::begin() {
    CHECK(open_ == nullptr);
    auto transaction = std::make_unique<MemoryTransaction>(*this);
    open_ = transaction.get();
    return transaction;
}

CommitOutcome MemoryStore::commit(std::unique_ptr<Transaction> transaction) {
    CHECK(transaction != nullptr);
    auto& ours = static_cast<MemoryTransaction&>(*transaction);
    if (ours.failed()) return CommitOutcome::of_failure(ours.failure());
    CHECK(open_ == &ours);
    if (!ours.has_changes()) return CommitOutcome::of_success();

    CommitFault fault = faults_.at_commit ? faults_.at_commit() : CommitFault::none;
    std::lock_guard lock(mutex_);
    switch (fault) {
        case CommitFault::none:
            synced_.reset();
            apply(ours);
            return CommitOutcome::of_success();
        case CommitFault::fail:
            return CommitOutcome::of_failure(
                {ErrorCode::store_failed, {}, "injected commit failure"});
        case CommitFault::disk_full:
            return CommitOutcome::of_failure({ErrorCode::disk_full, {}, "injected full disk"});
        case CommitFault::unknown_kept:
            synced_.reset();
            apply(ours);
            outcome_is_unknown_ = true;
            return CommitOutcome::of_unknown("injected unknown outcome");
        case CommitFault::unknown_lost:
            outcome_is_unknown_ = true;
            return CommitOutcome::of_unknown("injected unknown outcome");
        case CommitFault::unsynced:
            if (!synced_) synced_ = state_;
            apply(ours);
            return CommitOutcome::of_success();
    }
    CHECK(false);
    return CommitOutcome::of_success();
}

/// Copies a map only if a view, a snapshot or the synced state still holds it. The mutex is held.
void MemoryStore::apply(MemoryTransaction& transaction) {
    if (state_.use_count() > 1) state_ = std::make_shared<State>(*state_);
    for (auto& [name, changes] : transaction.changes()) {
        auto& records = state_->spaces[name];
        if (!records) {
            records = std::make_shared<Records>();
        } else if (records.use_count() > 1) {
            records = std::make_shared<Records>(*records);
        }
        for (auto& [key, value] : changes) {
            if (value) {
                records->insert_or_assign(key, std::move(value));
            } else {
                records->erase(key);
            }
        }
    }
}

std::unique_ptr<View> MemoryStore::view() { return std::make_unique<memory::MemoryView>(*this); }

Result<void> MemoryStore::reopen() {
    CHECK(open_ == nullptr);
    std::lock_guard lock(mutex_);
    outcome_is_unknown_ = false;
    return {};
}

Result<void> MemoryStore::backup_to(const std::string& path) {
    MemorySnapshot taken = snapshot();
    std::lock_guard lock(mutex_);
    if (!backups_.emplace(path, std::move(taken)).second) return fail(ErrorCode::already_exists);
    return {};
}

MemorySnapshot MemoryStore::snapshot() const {
    std::lock_guard lock(mutex_);
    MemorySnapshot taken;
    taken.state_ = state_;
    return taken;
}

void MemoryStore::restore(const MemorySnapshot& snapshot) {
    CHECK(open_ == nullptr);
    CHECK(!snapshot.empty());
    std::lock_guard lock(mutex_);
    state_ = std::make_shared<State>(*snapshot.state_);
    synced_.reset();
    outcome_is_unknown_ = false;
}

std::optional<MemorySnapshot> MemoryStore::backup(const std::string& path) const {
    std::lock_guard lock(mutex_);
    auto found = backups_.find(path);
    if (found == backups_.end()) return std::nullopt;
    return found->second;
}

void MemoryStore::crash() {
    if (open_ != nullptr) {
        open_->orphan();
        open_ = nullptr;
    }
    std::lock_guard lock(mutex_);
    if (synced_) state_ = std::exchange(synced_, nullptr);
    outcome_is_unknown_ = false;
}

}  // namespace mash::store
