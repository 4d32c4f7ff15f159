#include "common/crypto/token.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/unit/common/crypto/vectors.hpp"

namespace mash::crypto {
namespace {

using test::hex;

TEST(BearerToken, GivesTheRecordedTextVerifierAndKeys) {
    const auto v = test::own_vectors("token.json");
    const BearerToken token = std::move(BearerToken::from(hex(v["token"]))).value();
    EXPECT_EQ(text_of_token(token), test::text(v["text"]));
    EXPECT_EQ(to_hex(token_verifier(token)), test::text(v["verifier"]));
    for (const auto& derived : v["derived"]) {
        EXPECT_EQ(to_hex(derive_from_token(token, derived["label"].get<std::string>()).reveal()),
                  test::text(derived["key"]));
    }
}

TEST(BearerToken, IsReadFromItsText) {
    SeededRandom random(1);
    const BearerToken token = BearerToken::generate(random);
    EXPECT_EQ(text_of_token(token).size(), 43U);
    EXPECT_TRUE(token_from_text(text_of_token(token)).value() == token);
}

TEST(BearerToken, RefusesAnyOtherText) {
    SeededRandom random(2);
    const std::string text = text_of_token(BearerToken::generate(random));
    for (const std::string& bad : {std::string(), text.substr(0, 42), text + "A", text + "=",
                                   " " + text, text.substr(0, 42) + "+", std::string(43, '_')}) {
        EXPECT_EQ(test::outcome(token_from_text(bad)), "malformed") << bad.size();
    }
}

TEST(BearerToken, VerifierIsNoneOfItsKeys) {
    SeededRandom random(3);
    const BearerToken token = BearerToken::generate(random);
    const Digest verifier = token_verifier(token);
    EXPECT_FALSE(equal_constant_time(verifier, derive_from_token(token, "").reveal()));
    EXPECT_FALSE(
        equal_constant_time(verifier, derive_from_token(token, "mash.v1.token-verifier").reveal()));
    EXPECT_NE(verifier, token_verifier(BearerToken::generate(random)));
}

}  // namespace
}  // namespace mash::crypto
