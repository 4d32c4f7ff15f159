// Files that are whole or not there: keys and signed documents survive a power cut and a full disk
// in one state or the other. Nothing here knows what is in them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <utility>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"

namespace mash::area {

enum class FileAccess {
    owner_only,  ///< 0600: secrets
    everyone,    ///< 0644: signed documents, which any machine may hold
};

/// Errors: not_found, too_large (over `bytes_max`), io_failed.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max);

/// Writes beside `path`, syncs, renames over it and syncs the folder: after a crash the old file or
/// the new one stands there. Errors: not_found (no such folder), disk_full, io_failed; then nothing
/// has changed.
Result<void> write_file(const std::filesystem::path& path, ByteView bytes, FileAccess access);

/// Removes `path` and syncs the folder; a file that is not there is no failure. Errors: io_failed.
Result<void> remove_file(const std::filesystem::path& path);

/// Makes the folder and those above it: 0700 for owner_only, else 0755. Errors: disk_full,
/// io_failed.
Result<void> make_folder(const std::filesystem::path& path, FileAccess access);

/// False when the group or others may read or write it, or when it is not there.
bool is_owner_only(const std::filesystem::path& path);

/// Holds a lock file until destroyed, so that two programs do not both make the next version.
class FolderLock {
public:
    /// Locks `folder`/.lock without waiting. Errors: busy (another program holds it), io_failed,
    /// not_found.
    static Result<FolderLock> take(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FolderLock& operator=(FolderLock&& other) noexcept;
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    explicit FolderLock(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace mash::area
