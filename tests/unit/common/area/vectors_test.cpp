// The bytes of the signed documents, fixed: a change of format shows as a change of a file under
// tests/vectors/area. The same files seed the fuzz target, whose first byte chooses the parser.
// MASH_WRITE_VECTORS=1 writes them anew.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "common/area/registry.hpp"
#include "tests/unit/common/area/area_fixture.hpp"

namespace mash::area {
namespace {

using testing::Area;
using testing::noon;

void expect_vector(const char* name, std::uint8_t parser, const Bytes& body) {
    Bytes expected = body;
    expected.insert(expected.begin(), parser);
    const std::string path = std::string(MASH_SOURCE_DIR) + "/tests/vectors/area/" + name;
    if (std::getenv("MASH_WRITE_VECTORS") != nullptr) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(expected.data()),
                   static_cast<std::streamsize>(expected.size()));
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    const Bytes held((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(to_hex(held), to_hex(expected)) << name;
}

TEST(DocumentVectors, AreTheBytesThatThisReleaseWrites) {
    Area area;
    expect_vector("registry", 0, encode_registry(area.registry()));
    expect_vector("delegation", 1, encode_delegation(area.delegation(area.registrar)));
    const TrustedArea nothing(area.id, area.root.verify_key());
    expect_vector("freshness", 2, encode_freshness(area.freshness_of(nothing, 3, noon)));
}

}  // namespace
}  // namespace mash::area
