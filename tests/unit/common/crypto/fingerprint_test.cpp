#include "common/crypto/fingerprint.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

TEST(KeyFingerprint, GivesTheRecordedText) {
    const auto v = test::own_vectors("signature.json");
    const VerifyKey key = VerifyKey::from(test::hex(v["key"])).value();
    EXPECT_EQ(KeyFingerprint::of(key).text(), test::text(v["fingerprint_of_key"]));
    const Bytes bytes = test::hex(v["fingerprint_of_digest"]["digest"]);
    Digest digest{};
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    EXPECT_EQ(KeyFingerprint::of(digest).text(), test::text(v["fingerprint_of_digest"]["text"]));
}

TEST(KeyFingerprint, IsSixGroupsOfFiveDigits) {
    SeededRandom random(1);
    for (int i = 0; i < 200; ++i) {
        const std::string text = KeyFingerprint::of(Digest(random.array<32>())).text();
        ASSERT_EQ(text.size(), 35U);
        for (std::size_t at = 0; at < text.size(); ++at) {
            EXPECT_TRUE(at % 6 == 5 ? text[at] == ' ' : (text[at] >= '0' && text[at] <= '9'))
                << text;
        }
    }
}

TEST(KeyFingerprint, MatchesHoweverItWasTyped) {
    SeededRandom random(2);
    const KeyFingerprint ours = KeyFingerprint::of(SigningKey::generate(random).verify_key());
    std::string closed;
    std::string hyphens;
    for (const char c : ours.text()) {
        if (c != ' ') closed += c;
        hyphens += c == ' ' ? '-' : c;
    }
    EXPECT_TRUE(ours.matches(ours.text()));
    EXPECT_TRUE(ours.matches(closed));
    EXPECT_TRUE(ours.matches(" " + hyphens + "."));
}

TEST(KeyFingerprint, DoesNotMatchAnythingElse) {
    SeededRandom random(3);
    const KeyFingerprint ours = KeyFingerprint::of(SigningKey::generate(random).verify_key());
    const std::string& text = ours.text();
    std::string one_wrong = text;
    one_wrong.back() = one_wrong.back() == '0' ? '1' : '0';
    EXPECT_FALSE(ours.matches(one_wrong));
    EXPECT_FALSE(ours.matches(text.substr(0, 34)));
    EXPECT_FALSE(ours.matches(text + "0"));
    EXPECT_FALSE(ours.matches(text + "x"));
    EXPECT_FALSE(ours.matches(""));
}

TEST(KeyFingerprint, OfAKeyIsNotThatOfADigestOfTheSameBytes) {
    SeededRandom random(4);
    const VerifyKey key = SigningKey::generate(random).verify_key();
    EXPECT_NE(KeyFingerprint::of(key), KeyFingerprint::of(Digest(key.value())));
}

}  // namespace
}  // namespace mash::crypto
