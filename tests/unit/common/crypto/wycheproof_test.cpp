// Project Wycheproof's vectors (C2SP/wycheproof, testvectors_v1): each `valid` must be accepted,
// each `invalid` refused.
#include <gtest/gtest.h>

#include "common/crypto/aead.hpp"
#include "common/crypto/box.hpp"
#include "common/crypto/signature.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

bool has_flag(const nlohmann::json& test, std::string_view flag) {
    for (const auto& f : test["flags"]) {
        if (f == flag) return true;
    }
    return false;
}

TEST(Wycheproof, Ed25519SignaturesAreAcceptedAndRefusedAsTheyShould) {
    const auto file = test::public_vectors("wycheproof/ed25519_test.json");
    if (!file)
        GTEST_SKIP()
            << "The public sample file vectors/wycheproof/ed25519_test.json is not on this machine";
    std::size_t checked = 0;
    for (const auto& group : (*file)["testGroups"]) {
        const VerifyKey key = VerifyKey::from(hex(group["publicKey"]["pk"])).value();
        for (const auto& v : group["tests"]) {
            const auto signature = Signature::from(hex(v["sig"]));
            const bool accepted = signature && verify_raw(key, hex(v["msg"]), *signature);
            EXPECT_EQ(accepted, v["result"] == "valid") << v["tcId"] << ' ' << v["comment"];
            ++checked;
        }
    }
    EXPECT_EQ(checked, (*file)["numberOfTests"]);
}

TEST(Wycheproof, X25519SharesTheRightPointOrRefusesASmallOrder) {
    const auto file = test::public_vectors("wycheproof/x25519_test.json");
    if (!file)
        GTEST_SKIP()
            << "The public sample file vectors/wycheproof/x25519_test.json is not on this machine";
    std::size_t checked = 0;
    for (const auto& group : (*file)["testGroups"]) {
        for (const auto& v : group["tests"]) {
            const BoxSecretKey secret = std::move(BoxSecretKey::from(hex(v["private"]))).value();
            const auto shared = x25519(secret, BoxPublicKey::from(hex(v["public"])).value());
            // `acceptable` leaves the choice: ours is to refuse what gives no secret and to take
            // the rest.
            if (has_flag(v, "ZeroSharedSecret")) {
                EXPECT_EQ(test::outcome(shared), "weak_point") << v["tcId"];
            } else {
                ASSERT_TRUE(shared) << v["tcId"] << ' ' << v["comment"];
                EXPECT_EQ(to_hex(shared->reveal()), test::text(v["shared"])) << v["tcId"];
            }
            ++checked;
        }
    }
    EXPECT_EQ(checked, (*file)["numberOfTests"]);
}

TEST(Wycheproof, XChaCha20Poly1305SealsAndOpensAsItShould) {
    const auto file = test::public_vectors("wycheproof/xchacha20_poly1305_test.json");
    if (!file)
        GTEST_SKIP() << "The public sample file vectors/wycheproof/xchacha20_poly1305_test.json is "
                        "not on this machine";
    std::size_t checked = 0;
    for (const auto& group : (*file)["testGroups"]) {
        for (const auto& v : group["tests"]) {
            ++checked;
            const bool valid = v["result"] == "valid";
            const auto nonce = AeadNonce::from(hex(v["iv"]));
            if (!nonce) {
                EXPECT_FALSE(valid) << v["tcId"];
                continue;
            }
            const AeadKey key = std::move(AeadKey::from(hex(v["key"]))).value();
            const Bytes aad = hex(v["aad"]);
            const Bytes sealed = hex(v["ct"].get<std::string>() + v["tag"].get<std::string>());
            const auto opened = decrypt(key, *nonce, aad, sealed);
            EXPECT_EQ(test::outcome(opened), valid ? "accepted" : "decrypt_failed") << v["tcId"];
            if (valid) {
                EXPECT_EQ(opened.value(), hex(v["msg"])) << v["tcId"];
                EXPECT_EQ(encrypt(key, *nonce, aad, hex(v["msg"])), sealed) << v["tcId"];
            }
        }
    }
    EXPECT_EQ(checked, (*file)["numberOfTests"]);
}

}  // namespace
}  // namespace mash::crypto
