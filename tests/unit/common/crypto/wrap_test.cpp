#include "common/crypto/wrap.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

TEST(WrappedSecret, IsOpenedByItsKeyInItsPlace) {
    SeededRandom random(1);
    const AeadKey key = AeadKey::generate(random);
    const SecretBytes secret = SecretBytes::random(32, random);
    const Bytes blob = wrap_secret(key, view_of("inbox front-door"), secret, random);
    EXPECT_EQ(blob.size(), 32 + wrap_overhead_bytes);
    EXPECT_TRUE(unwrap_secret(key, view_of("inbox front-door"), blob).value() == secret);
    const Bytes empty = wrap_secret(key, {}, SecretBytes(), random);
    EXPECT_TRUE(unwrap_secret(key, {}, empty).value().empty());
}

TEST(WrappedSecret, TellsAWrongKeyFromAChangedBlob) {
    SeededRandom random(2);
    const AeadKey key = AeadKey::generate(random);
    const Bytes blob = wrap_secret(key, view_of("a"), SecretBytes::random(32, random), random);
    EXPECT_EQ(test::outcome(unwrap_secret(AeadKey::generate(random), view_of("a"), blob)),
              "wrong_credential");
    EXPECT_EQ(test::outcome(unwrap_secret(key, view_of("b"), blob)), "wrong_credential");
    // "mash-wr1" ‖ nonce(24) ‖ commitment(32) ‖ ciphertext
    for (std::size_t at = 0; at < blob.size(); ++at) {
        Bytes changed = blob;
        changed[at] ^= 1;
        const std::string_view expected = at < 8    ? "unsupported_version"
                                          : at < 32 ? "decrypt_failed"
                                          : at < 64 ? "wrong_credential"
                                                    : "decrypt_failed";
        EXPECT_EQ(test::outcome(unwrap_secret(key, view_of("a"), changed)), expected) << at;
    }
}

TEST(WrappedSecret, RefusesWhatIsCutShort) {
    SeededRandom random(3);
    const AeadKey key = AeadKey::generate(random);
    const Bytes blob = wrap_secret(key, {}, SecretBytes::random(4, random), random);
    for (std::size_t size = 0; size < blob.size(); ++size) {
        EXPECT_EQ(test::outcome(unwrap_secret(key, {}, ByteView(blob).first(size))),
                  size < wrap_overhead_bytes ? "malformed" : "decrypt_failed")
            << size;
    }
}

}  // namespace
}  // namespace mash::crypto
