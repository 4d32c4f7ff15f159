// The few things about files that SQLite leaves to us: who may read them, who has them open, and
// syncing folders.
#pragma once

#include <string>
#include <utility>

#include "common/base/result.hpp"

namespace mash::store_sqlite {

/// An exclusive lock by means of a file beside the store's own. SQLite's own locks do not serve:
/// they would also keep out our readers, and POSIX drops them when anybody in the process closes
/// the file.
class FileLock {
public:
    /// busy: somebody else holds it. The lock file stays when the lock goes: removing it would be a
    /// race.
    static Result<FileLock> take(const std::string& path);
    FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// After a store's name: what is about to take its place. Where there is one, the store is neither
/// the old nor the new.
inline constexpr const char* restoring = ".restoring";

bool file_exists(const std::string& path);
/// Readable and writable by its owner alone; already_exists if there is one.
Result<void> create_private_file(const std::string& path);
Result<void> make_private(const std::string& path);
/// Content of the file to stable storage. Never for a file that SQLite has open in this process.
Result<void> sync_file(const std::string& path);
/// The entries of the folder that holds `path` to stable storage.
Result<void> sync_folder_of(const std::string& path);
/// already_exists if there is a `to`; nothing is ever overwritten.
Result<void> rename_to_new(const std::string& from, const std::string& to);
/// The same file under a second name. already_exists if there is a `to`.
Result<void> link_to_new(const std::string& from, const std::string& to);
/// Takes the place of a `to` in one step.
Result<void> rename_over(const std::string& from, const std::string& to);
void remove_if_there(const std::string& path);

}  // namespace mash::store_sqlite
