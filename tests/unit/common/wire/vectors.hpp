// The vector files under tests/vectors/wire: lines of words, the last one hexadecimal.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"

namespace mash::wire::test {

/// Lines that are neither empty nor begin with '#', split at spaces.
inline std::vector<std::vector<std::string>> read_lines(const std::filesystem::path& path) {
    std::vector<std::vector<std::string>> out;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.front() == '#') continue;
        std::istringstream words(line);
        out.emplace_back();
        for (std::string word; words >> word;) out.back().push_back(word);
    }
    return out;
}

}  // namespace mash::wire::test
