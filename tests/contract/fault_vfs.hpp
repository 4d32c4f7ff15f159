// A disk for SQLite that fails where it is told to, and that knows what a power failure would
// leave. It stands between SQLite and the machine's real files; nothing is simulated but the
// faults.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "common/base/bytes.hpp"

// NOLINTBEGIN(readability-identifier-naming): SQLite's own names
struct sqlite3_file;
struct sqlite3_vfs;
// NOLINTEND(readability-identifier-naming)

namespace mash::contract {

class FaultVfs {
public:
    enum class Operation : std::uint8_t { write, truncate, sync };
    enum class Fault : std::uint8_t {
        none,
        full,          ///< no space: half of what was to be written is written
        error_before,  ///< an I/O error; nothing was done
        error_after,   ///< an I/O error, though it was done (for a sync: though nothing was synced)
    };

    FaultVfs();
    ~FaultVfs();
    FaultVfs(const FaultVfs&) = delete;
    FaultVfs& operator=(const FaultVfs&) = delete;

    std::string name() const;

    /// Asked before each operation on the file or its log, in order.
    std::function<Fault(Operation)> plan;

    /// Writes the files as a power failure would leave them now: what was synced is there; of what
    /// was written since, each block is there or not as `chance` falls (null: none of it).
    void lose_power(const std::string& store, const std::string& to, std::mt19937_64* chance);
    /// `to` is a copy of `from` as a killed process left it; what was synced of `from` is what is
    /// synced of `to`.
    void adopt(const std::string& from, const std::string& to);

    struct File;

private:
    Bytes content_now(const std::string& path) const;
    friend struct VfsCalls;

    std::unique_ptr<sqlite3_vfs> vfs_;
    std::string name_;
    sqlite3_vfs* real_;
    std::map<std::string, Bytes> synced_;  // by path
};

}  // namespace mash::contract
