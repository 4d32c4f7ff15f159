#include "agents/runtime/shell/file_text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

#include "agents/runtime/core/text_decoder.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime_shell {

namespace {

FileStamp stamp_from(const struct stat& info) {
    return {info.st_dev, info.st_ino, info.st_size,
            info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

ErrorCode code_of_errno() {
    return errno == ENOENT                      ? ErrorCode::not_found
           : errno == ENOSPC || errno == EDQUOT ? ErrorCode::disk_full
                                                : ErrorCode::io_failed;
}

/// -1: failed. 0: the end.
ssize_t read_block(int fd, std::vector<char>& block, std::int64_t at) {
    ssize_t got = 0;
    do {
        got = ::pread(fd, block.data(), block.size(), at);
    } while (got < 0 && errno == EINTR);
    return got;
}

bool write_block(int fd, const char* bytes, std::size_t count) {
    while (count > 0) {
        const ssize_t put = ::write(fd, bytes, count);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        bytes += put;
        count -= static_cast<std::size_t>(put);
    }
    return true;
}

}  // namespace

FileStamp stamp_of(const std::filesystem::path& file) {
    struct stat info{};
    return ::stat(file.c_str(), &info) == 0 ? stamp_from(info) : FileStamp{};
}

FileText::~FileText() {
    if (fd_ >= 0) ::close(fd_);
}
FileText::FileText(FileText&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), stamp_(other.stamp_) {}
FileText& FileText::operator=(FileText&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(stamp_, other.stamp_);
    return *this;
}

Result<FileText> FileText::open(const std::filesystem::path& file, Links links) {
    const int follow = links == Links::refused ? O_NOFOLLOW : 0;
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow);
    if (fd < 0) return fail(code_of_errno());
    FileText out(fd, {});
    struct stat info{};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return fail(ErrorCode::io_failed);
    out.stamp_ = stamp_from(info);
    return out;
}

Result<FileText> FileText::copy(const std::filesystem::path& file,
                                const std::filesystem::path& folder) {
    MASH_TRY(original, open(file, Links::refused));
    // A file of holes claims any size and costs its sender nothing.
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (!error && space.available < static_cast<std::uintmax_t>(original.stamp_.bytes) +
                                        limits::intake_spare_bytes)
        return fail(ErrorCode::disk_full);
    std::string name = (folder / ".reading-XXXXXX").string();
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return fail(code_of_errno());
    FileText out(fd, original.stamp_);
    (void)::unlink(name.c_str());
    std::vector<char> block(limits::intake_block_bytes);
    for (std::int64_t at = 0;;) {
        const ssize_t got = read_block(original.fd_, block, at);
        if (got < 0) return fail(ErrorCode::io_failed);
        if (got == 0) {
            if (at != original.stamp_.bytes) return fail(ErrorCode::busy);
            break;
        }
        if (!write_block(fd, block.data(), static_cast<std::size_t>(got)))
            return fail(code_of_errno());
        at += got;
    }
    struct stat info{};
    if (::fstat(original.fd_, &info) != 0) return fail(ErrorCode::io_failed);
    if (stamp_from(info) != original.stamp_) return fail(ErrorCode::busy);
    return out;
}

Result<std::string> FileText::head() const {
    std::string out;
    const auto read = each([&](std::string_view piece) {
        out += piece;
        return out.size() < limits::intake_block_bytes;
    });
    if (!read) return fail(read.error());
    return out;
}

Result<void> FileText::each(const std::function<bool(std::string_view)>& take) const {
    runtime::TextDecoder decoder;
    std::vector<char> block(limits::intake_block_bytes);
    for (std::int64_t at = 0;;) {
        const ssize_t got = read_block(fd_, block, at);
        if (got < 0) return fail(ErrorCode::io_failed);
        const std::string text = got == 0
                                     ? decoder.finish()
                                     : decoder.feed({block.data(), static_cast<std::size_t>(got)});
        if (!text.empty() && !take(text)) return {};
        if (got == 0) return {};
        at += got;
    }
}

}  // namespace mash::runtime_shell
