#include "common/crypto/box.hpp"

#include <sodium.h>

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

// RFC 7748 section 6.1
constexpr std::string_view alice_secret =
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
constexpr std::string_view alice_public =
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
constexpr std::string_view bob_secret =
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
constexpr std::string_view bob_public =
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
constexpr std::string_view shared_point =
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

BoxKeyPair pair_of(const Bytes& secret) {
    return BoxKeyPair::from_secret(std::move(BoxSecretKey::from(secret)).value());
}
BoxPublicKey public_key(const Bytes& bytes) { return BoxPublicKey::from(bytes).value(); }

SeededRandom random_of(const nlohmann::json& seed) {
    std::array<std::uint8_t, 32> bytes{};
    const Bytes read = hex(seed);
    std::copy(read.begin(), read.end(), bytes.begin());
    return SeededRandom(bytes);
}

TEST(X25519, IsThatOfRfc7748Section6) {
    const BoxKeyPair alice = pair_of(hex(alice_secret));
    const BoxKeyPair bob = pair_of(hex(bob_secret));
    EXPECT_EQ(alice.public_key, public_key(hex(alice_public)));
    EXPECT_EQ(bob.public_key, public_key(hex(bob_public)));
    EXPECT_EQ(to_hex(x25519(alice.secret_key, bob.public_key).value().reveal()), shared_point);
    EXPECT_EQ(to_hex(x25519(bob.secret_key, alice.public_key).value().reveal()), shared_point);
}

TEST(SealedBox, GivesTheRecordedBytesAndRefusesTheRecordedFaults) {
    const auto vectors = test::own_vectors("sealed_box.json");
    const BoxKeyPair recipient = pair_of(hex(vectors["recipient_secret"]));
    EXPECT_EQ(recipient.public_key, public_key(hex(vectors["recipient"])));
    for (const auto& v : vectors["valid"]) {
        SeededRandom random = random_of(vectors["random_seed"]);
        EXPECT_EQ(seal_to(recipient.public_key, hex(v["plain"]), random).value(), hex(v["sealed"]));
        EXPECT_EQ(to_hex(open_sealed(recipient, hex(v["sealed"])).value().reveal()),
                  test::text(v["plain"]));
    }
    for (const auto& v : vectors["invalid"]) {
        EXPECT_EQ(test::outcome(open_sealed(recipient, hex(v["sealed"]))), test::text(v["error"]))
            << v["why"];
    }
}

TEST(SealedBox, IsOpenedByLibsodiumsOwn) {
    SeededRandom random(1);
    const BoxKeyPair recipient = BoxKeyPair::generate(random);
    for (const std::size_t size : {0U, 1U, 63U, 64U, 1000U, 70'000U}) {
        Bytes plain(size);
        random.fill(plain);
        const Bytes sealed = seal_to(recipient.public_key, plain, random).value();
        ASSERT_EQ(sealed.size(), size + crypto_box_SEALBYTES);
        Bytes opened(size);
        ASSERT_EQ(crypto_box_seal_open(opened.data(), sealed.data(), sealed.size(),
                                       recipient.public_key.value().data(),
                                       recipient.secret_key.reveal().data()),
                  0);
        EXPECT_EQ(opened, plain);
    }
}

TEST(SealedBox, OpensWhatLibsodiumSeals) {
    SeededRandom random(2);
    const BoxKeyPair recipient = BoxKeyPair::generate(random);
    const ByteView plain = view_of("from elsewhere");
    Bytes sealed(plain.size() + crypto_box_SEALBYTES);
    ASSERT_EQ(crypto_box_seal(sealed.data(), plain.data(), plain.size(),
                              recipient.public_key.value().data()),
              0);
    EXPECT_EQ(text_of(open_sealed(recipient, sealed).value().reveal()), "from elsewhere");
}

TEST(SealedBox, IsReplayedFromTheSeed) {
    const BoxKeyPair recipient = pair_of(hex(bob_secret));
    SeededRandom first(3);
    SeededRandom second(3);
    const Bytes sealed = seal_to(recipient.public_key, view_of("a"), first).value();
    EXPECT_EQ(sealed, seal_to(recipient.public_key, view_of("a"), second).value());
    EXPECT_NE(sealed, seal_to(recipient.public_key, view_of("a"), first).value());
}

TEST(BoxPublicKey, OfSmallOrderIsRefusedEverywhere) {
    SeededRandom random(4);
    const BoxKeyPair own = BoxKeyPair::generate(random);
    EXPECT_TRUE(check_usable(own.public_key));
    const std::string_view weak[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (const auto text : weak) {
        const BoxPublicKey key = public_key(hex(text));
        EXPECT_EQ(test::outcome(check_usable(key)), "weak_point") << text;
        EXPECT_EQ(test::outcome(seal_to(key, view_of("a"), random)), "weak_point") << text;
        EXPECT_EQ(test::outcome(x25519(own.secret_key, key)), "weak_point") << text;
    }
}

TEST(BoxKeyPair, CloneOpensTheSame) {
    SeededRandom random(5);
    const BoxKeyPair own = BoxKeyPair::generate(random);
    const Bytes sealed = seal_to(own.public_key, view_of("a"), random).value();
    EXPECT_EQ(text_of(open_sealed(own.clone(), sealed).value().reveal()), "a");
}

}  // namespace
}  // namespace mash::crypto
