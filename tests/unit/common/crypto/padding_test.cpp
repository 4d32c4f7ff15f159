#include "common/crypto/padding.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

TEST(Padding, UsesTheRecordedSizes) {
    const auto vectors = test::own_vectors("padding.json");
    for (const auto& v : vectors["sizes"]) {
        const std::size_t plain = v[0];
        EXPECT_EQ(padded_size(plain), v[1]) << plain;
        EXPECT_EQ(pad(Bytes(plain)).size(), v[1]) << plain;
        EXPECT_EQ(unpad(pad(Bytes(plain))).value(), Bytes(plain));
    }
    EXPECT_EQ(pad(hex(vectors["padded"]["plain"])), hex(vectors["padded"]["padded"]));
}

TEST(Padding, RefusesTheRecordedFaults) {
    const auto vectors = test::own_vectors("padding.json");
    for (const auto& v : vectors["invalid"]) {
        Bytes padded = hex(v["text"]);
        padded.resize(padded.size() + v["zeros"].get<std::size_t>());
        EXPECT_EQ(test::outcome(unpad(padded)), "malformed") << v["why"];
    }
}

TEST(Padding, GivesBackEveryText) {
    SeededRandom random(1);
    for (std::size_t size = 0; size < 3000; size += 7) {
        Bytes plain(size);
        random.fill(plain);
        EXPECT_EQ(unpad(pad(plain)).value(), plain);
    }
    const Bytes looks_padded = pad(view_of("abc"));
    EXPECT_EQ(unpad(pad(looks_padded)).value(), looks_padded);
}

TEST(Padding, HidesTheLengthWithinAStep) {
    for (std::size_t size = 256; size < 1024; ++size) EXPECT_EQ(padded_size(size), 1024U);
}

}  // namespace
}  // namespace mash::crypto
