#include "tests/unit/common/crypto/vectors.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/base/check.hpp"

namespace mash::crypto::test {
namespace {

namespace fs = std::filesystem;

nlohmann::json read(const fs::path& path) {
    std::ifstream in(path);
    CHECK(in.good());
    return nlohmann::json::parse(in);
}

}  // namespace

nlohmann::json own_vectors(std::string_view name) {
    return read(fs::path(MASH_SOURCE_DIR) / "tests/vectors/crypto" / name);
}

std::optional<nlohmann::json> public_vectors(std::string_view name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the tests start no thread that sets the environment
    const char* set = std::getenv("MASH_SHARED_DATA");
    const fs::path shared =
        set != nullptr ? fs::path(set) : fs::path(MASH_SOURCE_DIR) / "../shared/data";
    const fs::path path = shared / "vectors" / name;
    if (!fs::exists(path)) {
        std::printf("shared data absent: vectors/%.*s not checked\n", static_cast<int>(name.size()),
                    name.data());
        return std::nullopt;
    }
    return read(path);
}

Bytes hex(const nlohmann::json& value) {
    return hex(std::string_view(value.get_ref<const std::string&>()));
}

Bytes hex(std::string_view text) { return std::move(from_hex(text)).value(); }

}  // namespace mash::crypto::test
