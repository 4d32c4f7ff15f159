// A folder of one test, removed with it. In memory where the machine has that: no test here depends
// on a real sync (killing a process does not need one, power failures are fault_vfs.hpp's), and
// thousands of them take minutes.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "common/base/check.hpp"

namespace mash::contract {

class TempFolder {
public:
    enum class On : std::uint8_t { memory, disk };

    explicit TempFolder(On where = On::memory) {
        std::string parent = testing::TempDir();
        if (where == On::memory && ::access("/dev/shm", W_OK) == 0) parent = "/dev/shm/";
        path_ = parent + "mash-store-XXXXXX";
        CHECK(::mkdtemp(path_.data()) != nullptr);
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    std::string file(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// Copies a store's files as a process killed now would leave them to its successor: what was
/// written is there, synced or not.
inline void copy_as_killed(const std::string& from, const std::string& to) {
    for (const char* end : {"", "-wal"}) {
        if (std::filesystem::exists(from + end)) {
            std::filesystem::copy_file(from + end, to + end,
                                       std::filesystem::copy_options::overwrite_existing);
        }
    }
}

}  // namespace mash::contract
