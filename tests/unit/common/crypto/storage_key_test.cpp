#include "common/crypto/storage_key.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

TEST(StoredColumn, GivesTheRecordedBytesAndRefusesTheRecordedFaults) {
    const auto vectors = test::own_vectors("column.json");
    const StorageKey key = std::move(StorageKey::from(hex(vectors["key"]))).value();
    std::array<std::uint8_t, 32> seed{};
    const Bytes seed_bytes = hex(vectors["random_seed"]);
    std::copy(seed_bytes.begin(), seed_bytes.end(), seed.begin());
    const std::string space = vectors["space"];
    const Bytes row = hex(vectors["row_key"]);
    for (const auto& v : vectors["valid"]) {
        SeededRandom random(seed);
        EXPECT_EQ(encrypt_column(key, space, row, hex(v["plain"]), random), hex(v["stored"]));
        EXPECT_EQ(decrypt_column(key, space, row, hex(v["stored"])).value(), hex(v["plain"]));
    }
    for (const auto& v : vectors["invalid"]) {
        EXPECT_EQ(test::outcome(decrypt_column(key, space, row, hex(v["stored"]))),
                  test::text(v["error"]))
            << v["why"];
    }
}

TEST(StoredColumn, DoesNotOpenUnderAnotherKey) {
    SeededRandom random(1);
    const StorageKey key = StorageKey::generate(random);
    const Bytes stored =
        encrypt_column(key, "outbox.content", view_of("row"), view_of("text"), random);
    EXPECT_EQ(
        text_of(decrypt_column(key.clone(), "outbox.content", view_of("row"), stored).value()),
        "text");
    EXPECT_EQ(test::outcome(decrypt_column(StorageKey::generate(random), "outbox.content",
                                           view_of("row"), stored)),
              "decrypt_failed");
}

TEST(StoredColumn, OfEqualTextsDoesNotShowThatTheyAreEqual) {
    SeededRandom random(2);
    const StorageKey key = StorageKey::generate(random);
    const Bytes first = encrypt_column(key, "s", view_of("r"), view_of("text"), random);
    EXPECT_NE(first, encrypt_column(key, "s", view_of("r"), view_of("text"), random));
}

TEST(StorageKey, IsRestoredFromItsBytes) {
    SeededRandom random(3);
    const StorageKey key = StorageKey::generate(random);
    const StorageKey restored = std::move(StorageKey::from(key.bytes().reveal())).value();
    const Bytes stored = encrypt_column(key, "s", view_of("r"), view_of("text"), random);
    EXPECT_TRUE(decrypt_column(restored, "s", view_of("r"), stored));
    EXPECT_EQ(StorageKey::from(Bytes(31)).error(), ErrorCode::malformed);
}

}  // namespace
}  // namespace mash::crypto
