#include "tests/unit/common/crypto/vectors.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/base/check.hpp"
#include "tests/paths/paths.hpp"

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
    return read(mash::test::source_dir() / "tests/vectors/crypto" / name);
}

std::optional<nlohmann::json> public_vectors(std::string_view name) {
    const fs::path path = mash::test::shared_data() / "vectors" / name;
    if (!fs::exists(path)) return std::nullopt;
    return read(path);
}

Bytes hex(const nlohmann::json& value) {
    return hex(std::string_view(value.get_ref<const std::string&>()));
}

Bytes hex(std::string_view text) { return std::move(from_hex(text)).value(); }

}  // namespace mash::crypto::test
