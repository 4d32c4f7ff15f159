#include "agents/runtime/desk/totp.hpp"

#include <utility>

#include <gtest/gtest.h>

#include "common/base/bytes.hpp"

namespace mash::desk {
namespace {

// RFC 6238, appendix B: this secret, eight digits; ours are the last six of them.
crypto::SecretBytes secret() {
    return crypto::SecretBytes::copy_of(view_of("12345678901234567890"));
}

WallTime at(std::int64_t seconds) { return WallTime::from_unix_ms(seconds * 1000); }

TEST(Totp, GivesTheVectorsOfRfc6238) {
    const std::pair<std::int64_t, const char*> vectors[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (const auto& [seconds, code] : vectors) {
        const auto step = static_cast<std::uint64_t>(seconds / 30);
        EXPECT_EQ(totp_code(secret(), step), code) << seconds;
        EXPECT_EQ(totp_step_of(secret(), code, at(seconds), 0), step) << seconds;
    }
}

TEST(Totp, ACodeCountsOnce) {
    const auto code = totp_code(secret(), 100);
    EXPECT_EQ(totp_step_of(secret(), code, at(3000), 99), 100U);
    EXPECT_EQ(totp_step_of(secret(), code, at(3000), 100), std::nullopt);
    EXPECT_EQ(totp_step_of(secret(), code, at(3000), 101), std::nullopt);
}

TEST(Totp, TheStepBeforeAndAfterCountAndNoFurtherOne) {
    for (const auto& [step, fits] :
         {std::pair{98U, false}, {99U, true}, {100U, true}, {101U, true}, {102U, false}})
        EXPECT_EQ(totp_step_of(secret(), totp_code(secret(), step), at(3015), 0).has_value(), fits)
            << step;
}

TEST(Totp, OnlySixDigitsAreACode) {
    const auto code = totp_code(secret(), 100);
    const auto given = [](std::string_view text) {
        return totp_step_of(secret(), text, at(3000), 0).has_value();
    };
    EXPECT_TRUE(given(code.substr(0, 3) + " " + code.substr(3)));
    EXPECT_FALSE(given(""));
    EXPECT_FALSE(given(code.substr(0, 5)));
    EXPECT_FALSE(given(code + "0"));
    EXPECT_FALSE(given(code + std::string(11, ' ')));
    EXPECT_FALSE(given(std::string(1'000'000, '1')));
    EXPECT_FALSE(given(std::string_view("\0\n\x7f\xff\xfe\x01", 6)));
}

TEST(Totp, TheSecretIsWrittenAsTelephonesReadIt) {
    EXPECT_EQ(totp_secret_text(secret()), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    EXPECT_EQ(totp_uri(secret(), "demo", "a.khan"),
              "otpauth://totp/MASH%20demo:a.khan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer="
              "MASH%20demo");
}

}  // namespace
}  // namespace mash::desk
