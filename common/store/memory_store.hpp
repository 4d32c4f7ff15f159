// The store of tests and of the simulator: ordered maps in memory, deterministic, with the failures
// that a real disk has, chosen by the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/store/store.hpp"

namespace mash::store {

enum class CommitFault : std::uint8_t {
    none,
    fail,          ///< not committed, reported as failed (store_failed)
    disk_full,     ///< not committed, reported as failed (disk_full)
    unknown_kept,  ///< committed, reported as unknown
    unknown_lost,  ///< not committed, reported as unknown
    unsynced,  ///< reported as committed, but lost by crash() unless a later commit syncs: a disk
               ///< that lies
};

/// Which operations fail. Asked once for each, in order, so that a seed decides everything.
struct FaultPlan {
    std::function<CommitFault()>
        at_commit;  ///< none if not set; not asked about a commit that wrote nothing
    std::function<bool()> read_fails;  ///< asked for each read; false if not set
};

namespace memory {
struct State;
class MemoryTransaction;
class MemoryView;
}  // namespace memory

/// A state to go back to. Cheap: shares everything with the store until one of them changes.
class MemorySnapshot {
public:
    bool empty() const { return state_ == nullptr; }

private:
    friend class MemoryStore;
    std::shared_ptr<const memory::State> state_;
};

class MemoryStore final : public Store {
public:
    explicit MemoryStore(FaultPlan faults = {});
    ~MemoryStore() override;

    std::unique_ptr<Transaction> begin() override;
    CommitOutcome commit(std::unique_ptr<Transaction> transaction) override;
    std::unique_ptr<View> view() override;
    Result<void> reopen() override;
    /// Kept in this store under `path`; no file is written.
    Result<void> backup_to(const std::string& path) override;

    MemorySnapshot snapshot() const;
    /// "A backup was restored": the store is as it was then. No transaction may be open.
    void restore(const MemorySnapshot& snapshot);
    std::optional<MemorySnapshot> backup(const std::string& path) const;

    /// The machine lost power or the process was killed: an open transaction is gone (its object
    /// may still be dropped, and does nothing), unsynced commits are lost. The store can be used
    /// again at once.
    void crash();

private:
    friend class memory::MemoryTransaction;
    friend class memory::MemoryView;
    void apply(memory::MemoryTransaction& transaction);

    FaultPlan faults_;
    mutable std::mutex
        mutex_;  // guards the pointers below against view() and backup_to() of other threads
    std::shared_ptr<memory::State> state_;
    std::shared_ptr<memory::State> synced_;  // null: state_ is synced
    std::map<std::string, MemorySnapshot> backups_;
    memory::MemoryTransaction* open_ = nullptr;
    bool outcome_is_unknown_ = false;
};

}  // namespace mash::store
