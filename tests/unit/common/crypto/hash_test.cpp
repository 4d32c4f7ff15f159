#include "common/crypto/hash.hpp"

#include <sodium.h>

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

Bytes repeated(std::uint8_t byte, std::size_t count) { return Bytes(count, byte); }

TEST(Blake2b, IsThatOfRfc7693AppendixA) {
    std::array<std::uint8_t, 64> out{};
    ASSERT_EQ(
        crypto_generichash_blake2b(out.data(), out.size(), view_of("abc").data(), 3, nullptr, 0),
        0);
    EXPECT_EQ(to_hex(out),
              "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
              "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST(LabelledHash, GivesTheRecordedDigests) {
    const auto vectors = test::own_vectors("labelled_hash.json");
    std::set<std::string> seen;
    for (const auto& v : vectors["unkeyed"]) {
        std::vector<Bytes> owned;
        for (const auto& part : v["parts"]) owned.push_back(hex(part));
        const std::vector<ByteView> parts(owned.begin(), owned.end());
        EXPECT_EQ(to_hex(labelled_hash(v["label"].get<std::string>(), parts)),
                  test::text(v["digest"]));
        EXPECT_TRUE(seen.insert(v["digest"]).second) << "two lists of parts with one digest";
    }
    for (const auto& v : vectors["keyed"]) {
        LabelledHasher hasher(SecretBytes::copy_of(hex(v["key"])), v["label"].get<std::string>());
        for (const auto& part : v["parts"]) hasher.part(hex(part));
        EXPECT_EQ(to_hex(hasher.finish()), test::text(v["digest"]));
        EXPECT_TRUE(seen.insert(v["digest"]).second) << "two keys or lists with one digest";
    }
    for (const auto& v : vectors["hmac_sha256"]) {
        EXPECT_EQ(to_hex(hmac_sha256(SecretBytes::copy_of(hex(v["key"])), hex(v["message"]))),
                  test::text(v["digest"]));
    }
}

TEST(LabelledHash, IsTheSameInOneCallAndInSteps) {
    const Digest at_once = labelled_hash("mash.v1.test", {view_of("ab"), view_of("c")});
    EXPECT_EQ(LabelledHasher("mash.v1.test").part(view_of("ab")).part(view_of("c")).finish(),
              at_once);
}

TEST(LabelledHash, MovingBytesFromOnePartToTheNextChangesIt) {
    EXPECT_NE(labelled_hash("l", {view_of("ab"), view_of("c")}),
              labelled_hash("l", {view_of("a"), view_of("bc")}));
    EXPECT_NE(labelled_hash("l", {view_of("a")}), labelled_hash("la", {}));
    EXPECT_NE(labelled_hash("l", {view_of("")}), labelled_hash("l", {}));
}

TEST(LabelledHasherDeathTest, GivesItsDigestOnce) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    LabelledHasher hasher("mash.v1.test");
    static_cast<void>(hasher.finish());
    EXPECT_DEATH(static_cast<void>(hasher.finish()), "check failed");
    EXPECT_DEATH(hasher.part(view_of("more")), "check failed");
}

TEST(LabelledHasherDeathTest, RefusesAKeyTooShortToBeOne) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(static_cast<void>(keyed_labelled_hash(SecretBytes(15), "mash.v1.test", {})),
                 "check failed");
    EXPECT_DEATH(static_cast<void>(keyed_labelled_hash(SecretBytes(65), "mash.v1.test", {})),
                 "check failed");
}

TEST(HmacSha256DeathTest, RefusesAnEmptyKey) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(static_cast<void>(hmac_sha256(SecretBytes(), view_of("a"))), "check failed");
}

TEST(Sha256, IsThatOfFips180) {
    EXPECT_EQ(to_hex(sha256(view_of("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256({})),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(HmacSha256, IsThatOfRfc4231) {
    struct Case {
        Bytes key;
        Bytes message;
        std::string_view digest;
    };
    const auto text = [](std::string_view words) { return Bytes(words.begin(), words.end()); };
    const Case cases[] = {
        {repeated(0x0b, 20), text("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {text("Jefe"), text("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {repeated(0xaa, 20), repeated(0xdd, 50),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), repeated(0xcd, 50),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {repeated(0xaa, 131), text("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {repeated(0xaa, 131),
         text("This is a test using a larger than block-size key and a larger than block-size "
              "data. The key needs to "
              "be hashed before being used by the HMAC algorithm."),
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(to_hex(hmac_sha256(SecretBytes::copy_of(c.key), c.message)), c.digest);
}

}  // namespace
}  // namespace mash::crypto
