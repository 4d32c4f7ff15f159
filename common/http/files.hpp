// The files of a folder, read once and served from memory: a path is looked up among what was
// found, so that none leads out of the folder.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/http/server.hpp"

namespace mash::http {

/// Of a folder, held in memory.
inline constexpr std::size_t files_bytes_max = std::size_t{32} * 1024 * 1024;

class Files {
public:
    /// Regular files only; links and hidden files are left out. A file `x.gz` beside `x` is sent
    /// where the browser takes it. Errors: not_found, too_large (files_bytes_max),
    /// io_failed.
    static Result<Files> load(const std::filesystem::path& folder);

    bool contains(std::string_view path) const { return files_.contains(path); }
    /// 200, or 304 where the browser has it. `path` as in Request, of a file that is there. Files
    /// under /assets/ bear a digest of their content in their names and may be kept for ever.
    Response get(std::string_view path, const Request& request) const;

private:
    struct File {
        std::string type;
        std::string content;
        std::string tag;
    };
    std::map<std::string, File, std::less<>> files_;
};

}  // namespace mash::http
