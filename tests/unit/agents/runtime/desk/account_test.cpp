#include "agents/runtime/desk/account.hpp"

#include <set>

#include <gtest/gtest.h>

#include "agents/runtime/desk/totp.hpp"
#include "common/crypto/random.hpp"

namespace mash::desk {
namespace {

constexpr crypto::Argon2Params cheap{1, 8};
constexpr std::string_view token =
    "mash1.p-000000000001.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

crypto::SecretBytes words(std::string_view text) {
    return crypto::SecretBytes::copy_of(view_of(text));
}

class AccountOf : public ::testing::Test {
protected:
    Issued make(SecondFactor factor, const std::string& name = "a.name") {
        auto made = make_account({name, PersonId("p-000000000001"), "worcestershire", factor},
                                 words(token), words(passphrase), cheap, random);
        EXPECT_TRUE(made);
        return std::move(*made);
    }
    Opened open(const Account& account) {
        auto opened = open_account(account, words(passphrase));
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }
    static constexpr std::string_view passphrase = "correct horse battery";
    crypto::SeededRandom random{1, "account"};
    WallTime now = WallTime::from_unix_ms(1'795'000'000'000);
};

TEST_F(AccountOf, ThePassphraseOpensTheTokenAndNothingElseDoes) {
    const auto made = make(SecondFactor::totp);
    EXPECT_EQ(text_of(open(made.account).credential.reveal()), token);
    for (const auto* wrong :
         {"correct horse batter", "correct horse battery ", "Correct horse battery"})
        EXPECT_EQ(open_account(made.account, words(wrong)).error(), ErrorCode::wrong_credential)
            << wrong;
    EXPECT_FALSE(open_account(made.account, words("")));
}

TEST_F(AccountOf, ARowMovedToAnotherNameOrPersonDoesNotOpen) {
    auto moved = make(SecondFactor::totp).account;
    moved.name = "another";
    EXPECT_FALSE(open_account(moved, words(passphrase)));
    moved = make(SecondFactor::totp).account;
    moved.person = PersonId("p-000000000002");
    EXPECT_FALSE(open_account(moved, words(passphrase)));
}

TEST_F(AccountOf, AnyChangedByteOfWhatIsSealedIsRefused) {
    const auto made = make(SecondFactor::codes);
    for (std::size_t at = 0; at < made.account.sealed.size(); ++at) {
        auto changed = made.account;
        changed.sealed[at] ^= 1U;
        // The price of a guess lies in bytes 8 to 16: within its bounds it costs time and no more.
        if (at >= 8 && at < 16) continue;
        EXPECT_FALSE(open_account(changed, words(passphrase))) << at;
    }
}

TEST_F(AccountOf, WhatIsKeptHoldsNoSecretOfItsOwner) {
    for (const auto factor : {SecondFactor::totp, SecondFactor::codes}) {
        const auto made = make(factor);
        const Bytes kept = bytes_of(made.account);
        const auto text = text_of(kept);
        EXPECT_EQ(text.find(passphrase), std::string_view::npos);
        EXPECT_EQ(text.find(token), std::string_view::npos);
        const auto opened = open(made.account);
        EXPECT_EQ(text.find(text_of(opened.totp.reveal())), std::string_view::npos);
        EXPECT_EQ(text.find(text_of(opened.code_key.reveal())), std::string_view::npos);
        for (const auto& code : made.codes) EXPECT_EQ(text.find(code), std::string_view::npos);
        for (const auto& code : made.recovery) EXPECT_EQ(text.find(code), std::string_view::npos);
    }
}

TEST_F(AccountOf, IsReadAsItWasWritten) {
    for (const auto factor : {SecondFactor::totp, SecondFactor::codes}) {
        auto account = make(factor).account;
        account.is_confirmed = true;
        account.last_step = 77;
        const Bytes kept = bytes_of(account);
        const auto read = account_from(kept);
        ASSERT_TRUE(read);
        EXPECT_EQ(bytes_of(*read), kept);
        EXPECT_EQ(text_of(open(*read).credential.reveal()), token);
        for (std::size_t size = 0; size < kept.size(); ++size)
            EXPECT_FALSE(account_from(ByteView(kept).first(size))) << size;
        Bytes longer = kept;
        longer.push_back(0);
        EXPECT_FALSE(account_from(longer));
    }
}

TEST_F(AccountOf, OfBeforeThereWereWaysIsReadAndOfAnUnknownWayOpensForNobody) {
    const auto account = make(SecondFactor::codes).account;
    Bytes before = bytes_of(account);
    ASSERT_EQ(before.at(0), 2);
    ASSERT_EQ(before.at(1), static_cast<std::uint8_t>(Way::passphrase));
    before.at(0) = 1;
    before.erase(before.begin() + 1);
    const auto read = account_from(before);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->way, Way::passphrase);
    EXPECT_EQ(bytes_of(*read), bytes_of(account)) << "written anew with its way";
    for (const auto& [at, value] : {std::pair(0U, 3), std::pair(1U, 0), std::pair(1U, 2)}) {
        Bytes other = bytes_of(account);
        other.at(at) = static_cast<std::uint8_t>(value);
        EXPECT_EQ(account_from(other).error(), ErrorCode::unsupported_version) << at;
    }
}

TEST_F(AccountOf, ACodeOfTheTelephoneCountsOnceAndNoEarlierOneAfterIt) {
    auto account = make(SecondFactor::totp).account;
    const auto opened = open(account);
    const auto step = static_cast<std::uint64_t>(now.unix_ms() / totp_step_ms);
    const auto code = totp_code(opened.totp, step);
    EXPECT_TRUE(use_code(account, opened, code, now));
    EXPECT_FALSE(use_code(account, opened, code, now));
    EXPECT_FALSE(use_code(account, opened, totp_code(opened.totp, step - 1), now));
    EXPECT_TRUE(use_code(account, opened, totp_code(opened.totp, step + 1), now));
    EXPECT_FALSE(use_code(account, opened, "", now));
}

TEST_F(AccountOf, EveryCodeOfTheSheetCountsOnceHoweverItIsSpelled) {
    auto made = make(SecondFactor::codes);
    ASSERT_EQ(made.codes.size(), sheet_codes);
    EXPECT_EQ(std::set(made.codes.begin(), made.codes.end()).size(), sheet_codes);
    const auto opened = open(made.account);
    std::string small = made.codes[3];
    for (auto& c : small) c = static_cast<char>(std::tolower(c));
    std::erase(small, '-');
    EXPECT_TRUE(use_code(made.account, opened, " " + small, now));
    EXPECT_FALSE(use_code(made.account, opened, made.codes[3], now));
    for (std::size_t i = 0; i < made.codes.size(); ++i)
        EXPECT_EQ(use_code(made.account, opened, made.codes[i], now), i != 3) << i;
    EXPECT_TRUE(made.account.codes.empty());
    EXPECT_FALSE(use_code(made.account, opened, "", now));
}

TEST_F(AccountOf, ACodeForALostTelephoneIsNoCodeOfTheSheetAndNeitherIsTheOther) {
    auto made = make(SecondFactor::codes);
    const auto opened = open(made.account);
    EXPECT_FALSE(use_code(made.account, opened, made.recovery[0], now));
    EXPECT_FALSE(use_recovery_code(made.account, opened, made.codes[0]));
    EXPECT_TRUE(use_recovery_code(made.account, opened, made.recovery[0]));
    EXPECT_FALSE(use_recovery_code(made.account, opened, made.recovery[0]));
}

TEST_F(AccountOf, ACodeOfOneAccountDoesNotCountForAnother) {
    const auto one = make(SecondFactor::codes, "one.name");
    auto other = make(SecondFactor::codes, "other.name");
    const auto opened = open(other.account);
    for (const auto& code : one.codes) EXPECT_FALSE(use_code(other.account, opened, code, now));
}

TEST_F(AccountOf, AChangedPassphraseTakesThePlaceOfTheOneBefore) {
    auto made = make(SecondFactor::codes);
    const auto opened = open(made.account);
    EXPECT_FALSE(change_passphrase(made.account, opened, words("short"), cheap, random));
    EXPECT_TRUE(open_account(made.account, words(passphrase)));
    ASSERT_TRUE(
        change_passphrase(made.account, opened, words("another long phrase"), cheap, random));
    EXPECT_FALSE(open_account(made.account, words(passphrase)));
    auto again = open_account(made.account, words("another long phrase"));
    ASSERT_TRUE(again);
    EXPECT_TRUE(use_code(made.account, *again, made.codes[0], now)) << "codes go on counting";
}

TEST(AccountName, IsOneSpellingOfPlainLetters) {
    EXPECT_EQ(account_name("A.Name-7_x"), "a.name-7_x");
    for (const auto* bad : {"", "ab", "a name", "a/name", "n\xc3\xa4me", "a\nname", "a@name"})
        EXPECT_EQ(account_name(bad), std::nullopt) << bad;
    EXPECT_EQ(account_name(std::string(65, 'a')), std::nullopt);
}

TEST(Passphrase, IsLongVariedAndNotTheName) {
    const auto fault = [](std::string_view text) {
        const auto checked = check_passphrase(words(text), "a.name");
        return checked ? std::optional<ErrorCode>() : checked.error();
    };
    EXPECT_EQ(fault("three words more"), std::nullopt);
    EXPECT_EQ(fault("elevenchars"), ErrorCode::missing_field);
    EXPECT_EQ(fault("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"), ErrorCode::missing_field)
        << "twelve bytes are six characters";
    EXPECT_EQ(fault("aaaaaaaaaaaaaaaa"), ErrorCode::bad_value);
    EXPECT_EQ(fault("121212121212121212"), ErrorCode::bad_value);
    EXPECT_EQ(fault("my A.Name is secret"), ErrorCode::bad_value);
    EXPECT_EQ(fault(std::string(300, 'x') + "abcdefg"), ErrorCode::too_large);
}

TEST(AResetCode, IsOnePersonsAndForgivesHowItIsTyped) {
    crypto::SeededRandom random{1, "reset"};
    const auto made = make_reset_code(PersonId("p-1"), random);
    EXPECT_TRUE(is_reset_code(made.digest, PersonId("p-1"), made.code));
    std::string typed;
    for (const char c : made.code) {
        if (c == '-') continue;
        typed += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        typed += ' ';
    }
    EXPECT_TRUE(is_reset_code(made.digest, PersonId("p-1"), typed));
    EXPECT_FALSE(is_reset_code(made.digest, PersonId("p-2"), made.code));
    EXPECT_FALSE(is_reset_code(made.digest, PersonId("p-1"), made.code.substr(1)));
    EXPECT_FALSE(is_reset_code(made.digest, PersonId("p-1"), ""));
    EXPECT_NE(make_reset_code(PersonId("p-1"), random).code, made.code);
}

}  // namespace
}  // namespace mash::desk
