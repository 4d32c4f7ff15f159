// A file's bytes as text, block by block and as often as needed, whatever its size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace mash::runtime_shell {

/// Which bytes a path led to: another file, or the same written anew, is not equal.
struct FileStamp {
    std::uint64_t device = 0, inode = 0;
    std::int64_t bytes = 0, changed_ns = -1;
    bool operator==(const FileStamp&) const = default;
};
/// Default when nothing stands there.
FileStamp stamp_of(const std::filesystem::path& file);

/// Move only; holds an open file.
class FileText {
public:
    enum class Links : std::uint8_t { followed, refused };
    /// The file itself. Errors: not_found, io_failed (a link that is refused too).
    static Result<FileText> open(const std::filesystem::path& file, Links links = Links::followed);
    /// A copy without a name, made in `folder`: what is written to the file later does not get
    /// mixed into what was read before. No link is followed. Errors: not_found, io_failed,
    /// disk_full (also before anything is written, when it would leave the store too little), busy
    /// (the file changed while it was copied).
    static Result<FileText> copy(const std::filesystem::path& file,
                                 const std::filesystem::path& folder);
    ~FileText();
    FileText(FileText&& other) noexcept;
    FileText& operator=(FileText&& other) noexcept;

    const FileStamp& stamp() const { return stamp_; }
    /// Its beginning, in UTF-8. Errors: io_failed.
    Result<std::string> head() const;
    /// All of it from its beginning, in pieces of UTF-8, until `take` says false. Errors:
    /// io_failed.
    Result<void> each(const std::function<bool(std::string_view)>& take) const;

private:
    FileText(int fd, const FileStamp& stamp) : fd_(fd), stamp_(stamp) {}
    int fd_ = -1;
    FileStamp stamp_;
};

}  // namespace mash::runtime_shell
