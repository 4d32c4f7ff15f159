#include "agents/runtime/core/identity.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/paths/paths.hpp"

namespace mash::runtime {
namespace {

std::vector<std::vector<std::string>> simple_csv(const std::filesystem::path& file) {
    std::vector<std::vector<std::string>> rows;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::vector<std::string> cells;
        std::stringstream cells_in(line);
        for (std::string cell; std::getline(cells_in, cell, ',');) cells.push_back(cell);
        rows.push_back(cells);
    }
    return rows;
}

Subject ava() {
    Subject out;
    out.nhs_number = PersonalText("999 000 0018");
    out.forename = PersonalText("Ava May");
    out.surname = PersonalText("Lark-O'Neill");
    out.date_of_birth = PersonalText("2018-03-02");
    out.postcode = PersonalText("wr51aa");
    return out;
}

const PepperTokens tokens_under_a_pepper() { return PepperTokens(crypto::SecretBytes(32), 1); }

std::size_t shared_tokens(const Subject& a, TokenUse use_a, const Subject& b, TokenUse use_b) {
    const auto source = tokens_under_a_pepper();
    const auto left = tokens_of(a, use_a, source);
    const auto right = tokens_of(b, use_b, source);
    std::vector<wire::Token> both;
    std::ranges::set_intersection(left, right, std::back_inserter(both));
    return both.size();
}

TEST(NhsNumber, AgreesWithEveryPublishedVector) {
    const auto file = test::shared_data() / "identity" / "nhs_number_vectors.csv";
    if (!std::filesystem::exists(file)) {
        GTEST_SKIP()
            << "The public sample file identity/nhs_number_vectors.csv is not on this machine";
    }
    const auto rows = simple_csv(file);
    ASSERT_GT(rows.size(), 3U);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        // Placeholders pass the check digit and are still no number to match on.
        const bool placeholder =
            rows[i].size() > 3 && rows[i][3].find("placeholder") != std::string::npos;
        EXPECT_EQ(!normalise_nhs_number(rows[i][0]).empty(), rows[i][2] == "1" && !placeholder)
            << "row " << i;
    }
}

TEST(NhsNumber, PlaceholdersNeverMatch) {
    EXPECT_EQ(normalise_nhs_number("9999999999"), "");
    EXPECT_EQ(normalise_nhs_number("0000000000"), "");
    EXPECT_EQ(normalise_nhs_number("1111111111"), "");
    EXPECT_EQ(normalise_nhs_number(""), "");
    EXPECT_EQ(normalise_nhs_number("99900000181"), "");
    EXPECT_EQ(normalise_nhs_number("999\xC2\xA0"
                                   "000\xC2\xA0"
                                   "0018"),
              "9990000018");
}

TEST(Upn, AgreesWithEveryPublishedVector) {
    const auto file = test::shared_data() / "identity" / "upn_vectors.csv";
    if (!std::filesystem::exists(file)) {
        GTEST_SKIP() << "The public sample file identity/upn_vectors.csv is not on this machine";
    }
    const auto rows = simple_csv(file);
    ASSERT_GT(rows.size(), 3U);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_EQ(!normalise_upn(rows[i][0]).empty(), rows[i][1] == "1") << "row " << i;
    }
}

TEST(Postcode, IsOneSpellingOrNothing) {
    EXPECT_EQ(normalise_postcode(" wr51aa "), "WR5 1AA");
    EXPECT_EQ(normalise_postcode("SW1A 1AA"), "SW1A 1AA");
    EXPECT_EQ(normalise_postcode("B1 1BB"), "B1 1BB");
    EXPECT_EQ(normalise_postcode("GIR 0AA"), "GIR 0AA");
    EXPECT_EQ(normalise_postcode("ZZ99 9ZZ"), "");
    EXPECT_EQ(normalise_postcode("ZZ99 3VZ"), "");
    EXPECT_EQ(normalise_postcode("WR5 A1A"), "");
    EXPECT_EQ(normalise_postcode("5WR 1AA"), "");
    EXPECT_EQ(normalise_postcode("Not Known"), "");
}

TEST(Names, FoldAsRecordsDiffer) {
    EXPECT_EQ(fold_name("Zo\xC3\xAB"), "ZOE");
    EXPECT_EQ(fold_name("Example-O'Test"), "EXAMPLEOTEST");
    EXPECT_EQ(fold_name("Example O\xE2\x80\x99Test"), "EXAMPLEOTEST");
    EXPECT_EQ(fold_name("\xC5\x81ukasz"), "LUKASZ");
    EXPECT_EQ(fold_name("Mrs Lark"), "LARK");
    EXPECT_EQ(fold_name("Master"), "MASTER");
    EXPECT_EQ(fold_name("  "), "");
    EXPECT_EQ(first_forename("Ava May"), "AVA");
    EXPECT_EQ(first_forename("Mary-Ann Jane"), "MARYANN");
    EXPECT_EQ(first_forename("Miss Ava"), "AVA");
    EXPECT_EQ(first_forename("\xFF\xFE"), "");
}

TEST(Dates, ADateOfBirthIsARealDay) {
    EXPECT_EQ(normalise_date_of_birth("2016-02-29"), "2016-02-29");
    EXPECT_EQ(normalise_date_of_birth("2015-02-29"), "");
    EXPECT_EQ(normalise_date_of_birth("0216-02-29"), "");
    EXPECT_EQ(normalise_date_of_birth(""), "");
}

TEST(Tokens, EveryStrongKindTheSubjectCanMakeIsMade) {
    Subject all = ava();
    all.upn = PersonalText("H801200001001");
    all.school_urn = PersonalText("884001");
    const auto source = tokens_under_a_pepper();
    const auto tokens = tokens_of(all, TokenUse::notification, source);
    EXPECT_EQ(tokens.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(tokens));
    EXPECT_EQ(tokens_of(all, TokenUse::caseload, source).size(), 4U);
}

TEST(Tokens, NameBirthDateAndHomePostcodeAloneAreEnough) {
    Subject police;
    police.forename = PersonalText("AVA");
    police.surname = PersonalText(
        "Lark O\xE2\x80\x99"
        "Neill");
    police.date_of_birth = PersonalText("2018-03-02");
    police.postcode = PersonalText("WR5 1AA");
    EXPECT_EQ(shared_tokens(police, TokenUse::notification, ava(), TokenUse::caseload), 1U);
}

TEST(Tokens, NameAndBirthDateAloneShareNothing) {
    Subject weak;
    weak.forename = PersonalText("Ava");
    weak.surname = PersonalText("Lark-O'Neill");
    weak.date_of_birth = PersonalText("2018-03-02");
    EXPECT_TRUE(tokens_of(weak, TokenUse::notification, tokens_under_a_pepper()).empty());
}

TEST(Tokens, AnAliasIsAFurtherTokenAndTwinsShareNone) {
    Subject renamed = ava();
    renamed.nhs_number = PersonalText();
    renamed.surname = PersonalText("Ashby");
    renamed.aliases.emplace_back(PersonalText(""), PersonalText("Lark-O'Neill"));
    Subject before = ava();
    before.nhs_number = PersonalText();
    EXPECT_EQ(shared_tokens(renamed, TokenUse::notification, before, TokenUse::caseload), 1U);
    Subject twin = before;
    twin.forename = PersonalText("Mia");
    EXPECT_EQ(shared_tokens(twin, TokenUse::notification, before, TokenUse::caseload), 0U);
}

TEST(Tokens, AnotherPepperGivesOtherTokens) {
    crypto::SecretBytes other(32);
    other.writable()[0] = 1;
    const auto a = tokens_of(ava(), TokenUse::caseload, tokens_under_a_pepper());
    const auto b = tokens_of(ava(), TokenUse::caseload, PepperTokens(std::move(other), 1));
    ASSERT_EQ(a.size(), b.size());
    for (const auto& token : a) EXPECT_EQ(std::ranges::count(b, token), 0);
}

TEST(Age, CountsWholeYears) {
    EXPECT_EQ(age_at("2008-11-22", {2026, 11, 21}), 17);
    EXPECT_EQ(age_at("2008-11-21", {2026, 11, 21}), 18);
    EXPECT_EQ(age_at("2008-02-29", {2026, 2, 28}), 17);
    EXPECT_EQ(age_at("2008-02-29", {2026, 3, 1}), 18);
    EXPECT_FALSE(age_at("", {2026, 3, 1}));
}

}  // namespace
}  // namespace mash::runtime
