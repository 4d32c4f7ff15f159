#include "common/store/sqlite/file_system.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace mash::store_sqlite {

namespace {

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

Failure failure_from(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT: return fail(ErrorCode::disk_full);
        case EEXIST: return fail(ErrorCode::already_exists);
        default: return fail(ErrorCode::io_failed);
    }
}

Result<void> sync_path(const std::string& path, int flags) {
    int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) return failure_from(errno);
    int error = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    if (error != 0) return failure_from(error);
    return {};
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
    int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only);
    if (descriptor < 0) return failure_from(errno);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        int error = errno;
        ::close(descriptor);
        if (error == EWOULDBLOCK) return fail(ErrorCode::busy);
        return failure_from(error);
    }
    return FileLock(descriptor);
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<void> create_private_file(const std::string& path) {
    int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
    if (descriptor < 0) return failure_from(errno);
    ::close(descriptor);
    return {};
}

Result<void> make_private(const std::string& path) {
    if (::chmod(path.c_str(), owner_only) != 0) return failure_from(errno);
    return {};
}

Result<void> sync_file(const std::string& path) { return sync_path(path, O_RDONLY); }

Result<void> sync_folder_of(const std::string& path) {
    auto slash = path.rfind('/');
    std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    return sync_path(folder, O_RDONLY | O_DIRECTORY);
}

Result<void> link_to_new(const std::string& from, const std::string& to) {
    if (::link(from.c_str(), to.c_str()) != 0) return failure_from(errno);
    return {};
}

Result<void> rename_over(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return failure_from(errno);
    return {};
}

Result<void> rename_to_new(const std::string& from, const std::string& to) {
    // link() refuses an existing name on every POSIX file system; rename() would replace it.
    MASH_TRY_VOID(link_to_new(from, to));
    if (::unlink(from.c_str()) != 0) return failure_from(errno);
    return {};
}

void remove_if_there(const std::string& path) { ::unlink(path.c_str()); }

}  // namespace mash::store_sqlite
