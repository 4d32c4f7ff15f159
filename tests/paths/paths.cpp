#include "tests/paths/paths.hpp"

#include <cstdlib>

namespace mash::test {

std::filesystem::path source_dir() { return MASH_SOURCE_DIR; }

std::filesystem::path build_dir() { return MASH_BINARY_DIR; }

std::filesystem::path shared_data() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no test starts a thread that sets the environment
    if (const char* set = std::getenv("MASH_SHARED_DATA")) return set;
    return source_dir() / ".." / "shared" / "data";
}

}  // namespace mash::test
