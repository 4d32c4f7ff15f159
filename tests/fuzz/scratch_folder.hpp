// A folder of its own under the system's for temporary files, for parsers that read files. Removed
// at the end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "common/base/check.hpp"

namespace mash::fuzz {

inline void write(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

class ScratchFolder {
public:
    explicit ScratchFolder(std::string_view name) {
        std::string made = "/tmp/mash-fuzz-" + std::string(name) + "-XXXXXX";
        CHECK(::mkdtemp(made.data()) != nullptr);
        path_ = made;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace mash::fuzz
