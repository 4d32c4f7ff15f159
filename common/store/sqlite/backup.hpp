// A complete copy of a store's file while it is in use. Internal to this folder.
#pragma once

#include <string>

#include "common/base/result.hpp"

namespace mash::store_sqlite {

struct SqliteOptions;

/// Copies the last commit of the file at `source` to a new file at `target`, checks the copy and
/// syncs it. It has the name `target` only once it is whole; until then, or after a failure of the
/// machine, `target`.part.
Result<void> copy_file(const std::string& source, const std::string& target,
                       const SqliteOptions& options);

}  // namespace mash::store_sqlite
