// What a store's file looks like apart from its spaces, by numbered steps that only go forward.
// Internal.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.hpp"

namespace mash::store_sqlite {

class Connection;

/// Measured: README.md.
inline constexpr std::size_t page_bytes = 4'096;

/// Looks before it touches: refuses a file of another program (malformed) or of a newer release
/// (unsupported_version) unchanged, then brings it to the newest step and to write-ahead logging.
Result<void> prepare_schema(Connection& writer, std::uint32_t application_id);

}  // namespace mash::store_sqlite
