// A complete copy of a store's file while it is in use, and the way back.
#pragma once

#include <functional>
#include <string>

#include "common/base/result.hpp"
#include "common/store/store.hpp"

namespace mash::store_sqlite {

struct SqliteOptions;

/// Copies the last commit of the file at `source` to a new file at `target`, checks the copy and
/// syncs it. It has the name `target` only once it is whole; until then, or after a failure of the
/// machine, `target`.part.
Result<void> copy_file(const std::string& source, const std::string& target,
                       const SqliteOptions& options);

/// Whether the bytes that were copied, at this path, are those that were meant: the copy may lie
/// where others write.
using CheckCopied = std::function<Result<void>(const std::string& path)>;

/// What a restored store must be told about itself before anybody reads it.
using MarkRestored = std::function<void(store::Transaction&)>;

/// Puts a copy made by copy_file where a store is read from. The copy is read whole, marked and
/// synced beside its place, and only then takes it; the copy itself stays as it is. A store that is
/// there already, or the log of one, is kept: `aside` comes after its name. A failure of the
/// machine leaves the old store whole, or the new, or one that SqliteStore::open refuses until this
/// was done again. Errors: those of `check`, busy (a program has the store open), already_exists
/// (there is one, and not `replace`), and those of SqliteStore::open; then the place is as it was,
/// unless they come from the very end.
Result<void> put_back_file(const std::string& copy, const std::string& place,
                           const std::string& aside, bool replace, const CheckCopied& check,
                           const MarkRestored& mark, const SqliteOptions& options);

}  // namespace mash::store_sqlite
