#include "common/crypto/aead.hpp"

#include <set>

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

struct Sealed {
    AeadKey key;
    AeadNonce nonce;
    Bytes ciphertext;
};

Sealed sealed(std::string_view aad, std::string_view plain) {
    SeededRandom random(1);
    AeadKey key = AeadKey::generate(random);
    const AeadNonce nonce(random.array<24>());
    Bytes ciphertext = encrypt(key, nonce, view_of(aad), view_of(plain));
    return {std::move(key), nonce, std::move(ciphertext)};
}

TEST(Aead, OpensWhatItSealed) {
    const Sealed s = sealed("aad", "content");
    EXPECT_EQ(s.ciphertext.size(), 7 + aead_tag_bytes);
    EXPECT_EQ(text_of(decrypt(s.key, s.nonce, view_of("aad"), s.ciphertext).value()), "content");
    const Sealed empty = sealed("", "");
    EXPECT_TRUE(decrypt(empty.key, empty.nonce, {}, empty.ciphertext).value().empty());
}

TEST(Aead, RefusesOnceAnyBitHasChanged) {
    const Sealed s = sealed("aad", "content");
    for (std::size_t bit = 0; bit < s.ciphertext.size() * 8; ++bit) {
        Bytes changed = s.ciphertext;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << bit % 8));
        ASSERT_EQ(test::outcome(decrypt(s.key, s.nonce, view_of("aad"), changed)), "decrypt_failed")
            << bit;
    }
}

TEST(Aead, RefusesAnotherKeyNonceOrAad) {
    const Sealed s = sealed("aad", "content");
    SeededRandom random(2);
    EXPECT_EQ(
        test::outcome(decrypt(AeadKey::generate(random), s.nonce, view_of("aad"), s.ciphertext)),
        "decrypt_failed");
    EXPECT_EQ(
        test::outcome(decrypt(s.key, AeadNonce(random.array<24>()), view_of("aad"), s.ciphertext)),
        "decrypt_failed");
    EXPECT_EQ(test::outcome(decrypt(s.key, s.nonce, view_of("aae"), s.ciphertext)),
              "decrypt_failed");
    EXPECT_EQ(test::outcome(decrypt(s.key, s.nonce, {}, s.ciphertext)), "decrypt_failed");
}

TEST(Aead, RefusesWhatIsShorterThanATag) {
    const Sealed s = sealed("aad", "content");
    for (std::size_t size = 0; size < aead_tag_bytes; ++size) {
        EXPECT_EQ(test::outcome(
                      decrypt(s.key, s.nonce, view_of("aad"), ByteView(s.ciphertext).first(size))),
                  "malformed");
    }
}

TEST(KeyCommitment, GivesTheRecordedDigests) {
    const auto vectors = test::own_vectors("key_commitment.json");
    std::set<std::string> seen;
    for (const auto& v : vectors["commitments"]) {
        const AeadKey key = std::move(AeadKey::from(hex(v["key"]))).value();
        EXPECT_EQ(to_hex(key_commitment(key, hex(v["aad"]))), test::text(v["digest"]));
        EXPECT_TRUE(seen.insert(v["digest"]).second);
    }
}

TEST(KeyCommitment, HoldsForItsKeyAndAadOnly) {
    SeededRandom random(3);
    const AeadKey key = AeadKey::generate(random);
    const Digest commitment = key_commitment(key, view_of("aad"));
    Digest changed = commitment;
    changed[31] ^= 1;
    EXPECT_TRUE(check_commitment(key, view_of("aad"), commitment));
    EXPECT_EQ(
        test::outcome(check_commitment(AeadKey::generate(random), view_of("aad"), commitment)),
        "decrypt_failed");
    EXPECT_EQ(test::outcome(check_commitment(key, view_of("aa"), commitment)), "decrypt_failed");
    EXPECT_EQ(test::outcome(check_commitment(key, view_of("aad"), changed)), "decrypt_failed");
}

}  // namespace
}  // namespace mash::crypto
