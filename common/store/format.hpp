// Which format the records of a program's store have, and how an older one is brought forward.
// Decides that before a core reads anything; what a step changes belongs to the core whose records
// they are.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "common/base/result.hpp"
#include "common/store/store.hpp"

namespace mash::store {

/// Brings every record from one format to the next. In the transaction of all steps; what it cannot
/// read fails the transaction, and then nothing is changed.
using FormatStep = void (*)(Transaction&);

/// A store without a stamp is of format 1, or new.
struct Format {
    std::uint32_t version = 1;  ///< what this release writes
    std::uint32_t oldest = 1;   ///< what it can bring forward
    /// Holds something from a program's first commit on: tells a new store from an unstamped one.
    Space always_used;
    /// steps[n] brings oldest + n to oldest + n + 1.
    std::span<const FormatStep> steps{};
};

/// Nothing: a new store.
std::optional<std::uint32_t> format_of(View& view, const Format& format);

/// Before the core is loaded. An older store is copied to `path`.format-N and brought forward in
/// one transaction. `problem` is for the operator, and names both formats, what to do, and that
/// nothing was changed. Errors:
///   unsupported_version  newer than this release, or older than it can bring forward
///   already_exists, disk_full, io_failed ...  no copy could be made
///   store_failed, store_unknown  it cannot be read, or the commit failed
Result<void> bring_to_format(Store& store, const Format& format, const std::string& path,
                             std::string& problem);

}  // namespace mash::store
