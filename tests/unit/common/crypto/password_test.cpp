#include "common/crypto/password.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

constexpr Argon2Params cheap{1, 64};

SecretBytes words(std::string_view text) { return SecretBytes::copy_of(view_of(text)); }

TEST(PasswordBlob, GivesTheRecordedBytesAndRefusesTheRecordedFaults) {
    const auto v = test::own_vectors("password_blob.json");
    std::array<std::uint8_t, 32> seed{};
    const Bytes seed_bytes = hex(v["random_seed"]);
    std::copy(seed_bytes.begin(), seed_bytes.end(), seed.begin());
    SeededRandom random(seed);
    const SecretBytes passphrase = words(v["passphrase"].get<std::string>());
    const std::string context = v["context"];
    const Bytes blob =
        seal_with_passphrase(passphrase, context, SecretBytes::copy_of(hex(v["secret"])),
                             {v["passes"], v["memory_kib"]}, random)
            .value();
    EXPECT_EQ(blob, hex(v["blob"]));
    EXPECT_EQ(to_hex(open_with_passphrase(passphrase, context, blob).value().reveal()),
              test::text(v["secret"]));
    for (const auto& bad : v["invalid"]) {
        EXPECT_EQ(test::outcome(open_with_passphrase(passphrase, context, hex(bad["blob"]))),
                  test::text(bad["error"]))
            << bad["why"];
    }
}

TEST(PasswordBlob, RefusesAWrongPassphrase) {
    SeededRandom random(1);
    const Bytes blob =
        seal_with_passphrase(words("right"), "mash.v1.test", SecretBytes(32), cheap, random)
            .value();
    for (const auto wrong : {"Right", "right ", "r", "wrong"}) {
        EXPECT_EQ(test::outcome(open_with_passphrase(words(wrong), "mash.v1.test", blob)),
                  "wrong_credential");
    }
    EXPECT_EQ(test::outcome(open_with_passphrase(SecretBytes(), "mash.v1.test", blob)),
              "missing_field");
    EXPECT_TRUE(open_with_passphrase(words("right"), "mash.v1.test", blob));
}

TEST(PasswordBlob, IsNotMadeWithoutAPassphraseOrOutsideTheBounds) {
    SeededRandom random(2);
    const auto attempt = [&](const SecretBytes& passphrase, Argon2Params params) {
        return test::outcome(
            seal_with_passphrase(passphrase, "mash.v1.test", SecretBytes(32), params, random));
    };
    EXPECT_EQ(attempt(SecretBytes(), cheap), "missing_field");
    EXPECT_EQ(attempt(words("a"), {0, 64}), "bad_value");
    EXPECT_EQ(attempt(words("a"), {argon2_passes_max + 1, 64}), "bad_value");
    EXPECT_EQ(attempt(words("a"), {1, argon2_memory_kib_min - 1}), "bad_value");
    EXPECT_EQ(attempt(words("a"), {1, argon2_memory_kib_max + 1}), "bad_value");
    EXPECT_EQ(attempt(words("a"), {argon2_passes_max, argon2_memory_kib_min}), "accepted");
}

TEST(Argon2Params, OfferedToPeopleAreWithinWhatWeOpen) {
    for (const Argon2Params params : {Argon2Params::interactive(), Argon2Params::moderate()}) {
        EXPECT_LE(params.passes, argon2_passes_max);
        EXPECT_LE(params.memory_kib, argon2_memory_kib_max);
    }
}

TEST(DerivedKey, DependsOnPassphraseSaltAndParameters) {
    SeededRandom random(3);
    const PasswordSalt salt(random.array<16>());
    const AeadKey key = derive_from_passphrase(words("a"), salt, cheap).value().clone();
    EXPECT_TRUE(derive_from_passphrase(words("a"), salt, cheap).value() == key);
    EXPECT_FALSE(derive_from_passphrase(words("b"), salt, cheap).value() == key);
    EXPECT_FALSE(
        derive_from_passphrase(words("a"), PasswordSalt(random.array<16>()), cheap).value() == key);
    EXPECT_FALSE(derive_from_passphrase(words("a"), salt, {2, 64}).value() == key);
    EXPECT_FALSE(derive_from_passphrase(words("a"), salt, {1, 72}).value() == key);
}

}  // namespace
}  // namespace mash::crypto
