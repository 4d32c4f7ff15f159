#include "common/crypto/signature.hpp"

#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "common/crypto/box.hpp"
#include "common/crypto/hash.hpp"
#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

static_assert(!std::is_copy_constructible_v<SigningKey>);
static_assert(!std::is_convertible_v<VerifyKey, BoxPublicKey> &&
              !std::is_constructible_v<VerifyKey, BoxPublicKey>);

SigningKey key_from(const Bytes& seed) {
    return std::move(SigningKey::from_seed(SecretBytes::copy_of(seed))).value();
}
VerifyKey verify_key(const Bytes& bytes) { return VerifyKey::from(bytes).value(); }
Signature signature(const Bytes& bytes) { return Signature::from(bytes).value(); }

TEST(Ed25519, IsThatOfRfc8032Section7) {
    struct Case {
        std::string_view seed, key, message, signature;
    };
    const Case cases[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
         "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
         "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
         "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    };
    for (const Case& c : cases) {
        const SigningKey key = key_from(hex(c.seed));
        EXPECT_EQ(key.verify_key(), verify_key(hex(c.key)));
        EXPECT_EQ(sign_raw(key, hex(c.message)), signature(hex(c.signature)));
        EXPECT_TRUE(
            verify_raw(verify_key(hex(c.key)), hex(c.message), signature(hex(c.signature))));
    }
}

TEST(Signature, GivesTheRecordedBytesAndRefusesTheRecordedForgeries) {
    const auto v = test::own_vectors("signature.json");
    const SigningKey key = key_from(hex(v["seed"]));
    const std::string label = v["label"];
    const Bytes message = hex(v["message"]);
    EXPECT_EQ(key.verify_key(), verify_key(hex(v["key"])));
    EXPECT_EQ(sign(key, label, message), signature(hex(v["signature"])));
    EXPECT_TRUE(verify(key.verify_key(), label, message, signature(hex(v["signature"]))));
    for (const auto& bad : v["invalid"]) {
        EXPECT_FALSE(verify(key.verify_key(), label, message, signature(hex(bad["signature"]))))
            << bad["why"];
    }
}

TEST(Signature, HoldsForItsKeyLabelAndMessageOnly) {
    SeededRandom random(1);
    const SigningKey police = SigningKey::generate(random);
    const SigningKey school = SigningKey::generate(random);
    const Signature signed_once = sign(police, "mash.v1.receipt", view_of("taken"));
    EXPECT_TRUE(verify(police.verify_key(), "mash.v1.receipt", view_of("taken"), signed_once));
    EXPECT_FALSE(verify(school.verify_key(), "mash.v1.receipt", view_of("taken"), signed_once));
    EXPECT_FALSE(verify(police.verify_key(), "mash.v1.registry", view_of("taken"), signed_once));
    EXPECT_FALSE(verify(police.verify_key(), "mash.v1.receipt", view_of("take"), signed_once));
    EXPECT_FALSE(verify_raw(police.verify_key(), view_of("taken"), signed_once));
}

TEST(Signature, OverPartsKnowsWhereEachPartEnds) {
    SeededRandom random(2);
    const SigningKey key = SigningKey::generate(random);
    const std::vector<ByteView> parts{view_of("ab"), view_of("c")};
    const std::vector<ByteView> recut{view_of("a"), view_of("bc")};
    const Signature over_parts = sign(key, "mash.v1.test", parts);
    EXPECT_TRUE(verify(key.verify_key(), "mash.v1.test", parts, over_parts));
    EXPECT_FALSE(verify(key.verify_key(), "mash.v1.test", recut, over_parts));
    const std::vector<ByteView> one{view_of("ab")};
    EXPECT_EQ(sign(key, "mash.v1.test", one), sign(key, "mash.v1.test", view_of("ab")));
}

TEST(SigningKey, IsRestoredFromItsSeed) {
    SeededRandom random(3);
    const SigningKey key = SigningKey::generate(random);
    const SigningKey restored = std::move(SigningKey::from_seed(key.seed())).value();
    EXPECT_EQ(restored.verify_key(), key.verify_key());
    EXPECT_EQ(sign(restored.clone(), "mash.v1.test", view_of("a")),
              sign(key, "mash.v1.test", view_of("a")));
    EXPECT_EQ(SigningKey::from_seed(SecretBytes(31)).error(), ErrorCode::malformed);
    EXPECT_EQ(SigningKey::from_seed(SecretBytes(64)).error(), ErrorCode::malformed);
}

TEST(VerifyKey, ThatCouldNeverVerifyIsRefusedAtEnrolment) {
    SeededRandom random(4);
    EXPECT_TRUE(check_usable(SigningKey::generate(random).verify_key()));
    const std::string_view weak[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",  // order 4
        "0100000000000000000000000000000000000000000000000000000000000000",  // the identity
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // order 2
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  // order 8
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // the identity, spelt
                                                                             // again
        "0200000000000000000000000000000000000000000000000000000000000000",  // off the curve
    };
    for (const auto text : weak) {
        EXPECT_EQ(test::outcome(check_usable(verify_key(hex(text)))), "weak_point") << text;
    }
}

TEST(FixedBytes, RefusesAnyOtherSize) {
    EXPECT_EQ(VerifyKey::from(Bytes(31)).error(), ErrorCode::malformed);
    EXPECT_EQ(VerifyKey::from(Bytes(33)).error(), ErrorCode::malformed);
    EXPECT_EQ(Signature::from(Bytes(63)).error(), ErrorCode::malformed);
    EXPECT_TRUE(VerifyKey().is_zero());
}

}  // namespace
}  // namespace mash::crypto
