#include "common/crypto/random.hpp"

#include <gtest/gtest.h>

#include "common/crypto/hash.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

std::array<std::uint8_t, 32> seed_of(const Bytes& bytes) {
    std::array<std::uint8_t, 32> out{};
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

Bytes drawn(RandomSource& random, std::size_t bytes) {
    Bytes out(bytes);
    random.fill(out);
    return out;
}

TEST(SeededRandom, GivesTheRecordedStreams) {
    const auto vectors = test::own_vectors("seeded_random.json");
    for (const auto& v : vectors["streams"]) {
        const auto seed = std::stoull(v["seed"].get<std::string>());
        const std::string stream = v["stream"];
        SeededRandom first(seed, stream);
        EXPECT_EQ(drawn(first, 32), hex(v["first"]));
        SeededRandom all(seed, stream);
        EXPECT_EQ(to_hex(sha256(drawn(all, 1200))), test::text(v["sha256"]));
    }
    for (const auto& v : vectors["raw"]) {
        SeededRandom random(seed_of(hex(v["seed"])));
        EXPECT_EQ(drawn(random, 32), hex(v["first"]));
    }
}

TEST(SeededRandom, DoesNotDependOnHowTheCallsAreCut) {
    SeededRandom whole(7);
    SeededRandom cut(7);
    const Bytes expected = drawn(whole, 3000);
    Bytes joined;
    for (std::size_t size = 0; joined.size() < expected.size(); size = (size + 37) % 700) {
        const Bytes piece = drawn(cut, std::min(size, expected.size() - joined.size()));
        joined.insert(joined.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(joined, expected);
}

TEST(SystemRandom, DoesNotRepeat) {
    SystemRandom random;
    EXPECT_NE(drawn(random, 32), drawn(random, 32));
    random.fill({});
}

}  // namespace
}  // namespace mash::crypto
