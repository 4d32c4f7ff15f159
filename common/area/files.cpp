#include "common/area/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace mash::area {
namespace {

Failure failure_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR: return fail(ErrorCode::not_found);
        case ENOSPC:
        case EDQUOT: return fail(ErrorCode::disk_full);
        default: return fail(ErrorCode::io_failed);
    }
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }

private:
    int fd_;
};

std::filesystem::path folder_of(const std::filesystem::path& path) {
    const auto folder = path.parent_path();
    return folder.empty() ? std::filesystem::path(".") : folder;
}

// The rename itself is on disk only after the folder is synced.
Result<void> sync_folder(const std::filesystem::path& folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return failure_of(errno);
    if (::fsync(opened.get()) != 0) return failure_of(errno);
    return {};
}

Result<void> write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure_of(errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> write_and_rename(int fd, const std::string& temporary,
                              const std::filesystem::path& path, ByteView bytes,
                              FileAccess access) {
    if (::fchmod(fd, access == FileAccess::owner_only ? 0600 : 0644) != 0) return failure_of(errno);
    MASH_TRY_VOID(write_all(fd, bytes));
    if (::fsync(fd) != 0) return failure_of(errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return failure_of(errno);
    return {};
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failure_of(errno);
    struct stat info{};
    if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(ErrorCode::io_failed);
    if (static_cast<std::uint64_t>(info.st_size) > bytes_max) return fail(ErrorCode::too_large);
    // One byte more than the size said: a file that grows meanwhile is noticed.
    Bytes bytes(static_cast<std::size_t>(info.st_size) + 1);
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(ErrorCode::io_failed);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled == bytes.size()) return fail(ErrorCode::io_failed);
    bytes.resize(filled);
    return bytes;
}

Result<void> write_file(const std::filesystem::path& path, ByteView bytes, FileAccess access) {
    std::string temporary =
        (folder_of(path) / ("." + path.filename().string() + ".XXXXXX")).string();
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // made 0600
    if (!file.is_open()) return failure_of(errno);
    const auto written = write_and_rename(file.get(), temporary, path, bytes, access);
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    return sync_folder(folder_of(path));
}

Result<void> remove_file(const std::filesystem::path& path) {
    if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT) return {};
        return failure_of(errno);
    }
    return sync_folder(folder_of(path));
}

Result<void> make_folder(const std::filesystem::path& path, FileAccess access) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return {};
    const auto above = path.parent_path();
    if (!above.empty() && above != path) MASH_TRY_VOID(make_folder(above, FileAccess::everyone));
    if (::mkdir(path.c_str(), access == FileAccess::owner_only ? 0700 : 0755) != 0 &&
        errno != EEXIST) {
        return failure_of(errno);
    }
    return sync_folder(folder_of(path));
}

bool is_owner_only(const std::filesystem::path& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 && (info.st_mode & 0077) == 0;
}

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
    const int fd = ::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return failure_of(errno);
    FolderLock lock(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return fail(errno == EWOULDBLOCK ? ErrorCode::busy : ErrorCode::io_failed);
    }
    return lock;
}

FolderLock::~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

}  // namespace mash::area
