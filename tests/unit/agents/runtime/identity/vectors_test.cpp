#include <filesystem>
#include <functional>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "agents/runtime/identity/person.hpp"
#include "tests/unit/agents/runtime/identity/vector_file.hpp"

namespace mash::identity {
namespace {

std::string with_quality(std::string_view quality, const std::string& text) {
    return std::string(quality) + (text.empty() ? "" : " " + text);
}

const std::map<std::string, std::function<std::string(const std::string&)>>& rules() {
    const auto checked = [](const CheckedNumber& number) {
        return with_quality(to_text(number.quality), number.text);
    };
    static const std::map<std::string, std::function<std::string(const std::string&)>> all{
        {"nhs_number", [=](const std::string& in) { return checked(check_nhs_number(in)); }},
        {"upn", [=](const std::string& in) { return checked(check_upn(in)); }},
        {"uln", [=](const std::string& in) { return checked(check_uln(in)); }},
        {"urn", [](const std::string& in) { return normalise_urn(in); }},
        {"dfe_number",
         [](const std::string& in) {
             const auto slash = in.find(" / ");
             return dfe_number(in.substr(0, slash), in.substr(slash + 3));
         }},
        {"postcode",
         [](const std::string& in) {
             const auto code = check_postcode(in);
             return with_quality(to_text(code.quality), code.text);
         }},
        {"name", [](const std::string& in) { return fold_name(in); }},
        {"forename", [](const std::string& in) { return first_forename(in); }},
        {"full_forename",
         [](const std::string& in) {
             return std::string(is_full_forename(folded(in)) ? "yes" : "no");
         }},
        {"full_surname",
         [](const std::string& in) {
             return std::string(is_full_surname(folded(in)) ? "yes" : "no");
         }},
        {"birth_date",
         [](const std::string& in) {
             const auto date = birth_date_from_text(in);
             return date ? to_text(*date) : std::string();
         }},
        {"sex",
         [](const std::string& in) {
             const Sex sex = sex_from_text(in);
             return std::string(sex == Sex::male     ? "male"
                                : sex == Sex::female ? "female"
                                                     : "unknown");
         }},
    };
    return all;
}

TEST(NormalisationVectors, EveryCaseOfVersionTwoHolds) {
    EXPECT_EQ(normalisation_version, 2) << "A new version has a new file of vectors";
    std::map<std::string, int> seen;
    for (const auto& one : normalisation_cases()) {
        ++seen[one.rule];
        if (one.rule == "source_birth_date") continue;  // of agents/runtime/core
        const auto rule = rules().find(one.rule);
        ASSERT_NE(rule, rules().end()) << "line " << one.line << ": no rule " << one.rule;
        EXPECT_EQ(rule->second(one.input), one.output) << "line " << one.line;
    }
    for (const auto& [rule, unused] : rules()) EXPECT_GT(seen[rule], 3) << rule;
}

TEST(NormalisationVectors, WhatIsNormalisedStaysAsItIs) {
    for (const auto& one : normalisation_cases()) {
        for (const auto& normalise : {normalise_nhs_number, normalise_upn, normalise_urn,
                                      normalise_postcode, normalise_date_of_birth}) {
            const std::string once = normalise(one.input);
            if (!once.empty()) {
                EXPECT_EQ(normalise(once), once) << "line " << one.line;
            }
        }
    }
}

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

TEST(PublishedNumbers, NhsNumbersAgreeWithEveryVector) {
    const auto file = test::shared_data() / "identity" / "nhs_number_vectors.csv";
    if (!std::filesystem::exists(file))
        GTEST_SKIP()
            << "The public sample file identity/nhs_number_vectors.csv is not on this machine";
    const auto rows = simple_csv(file);
    ASSERT_GT(rows.size(), 3U);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto checked = check_nhs_number(rows[i][0]);
        const bool passes = checked.quality == NumberQuality::verified ||
                            checked.quality == NumberQuality::placeholder;
        EXPECT_EQ(passes, rows[i][2] == "1") << "row " << i;
        if (!rows[i][1].empty()) {
            EXPECT_EQ(checked.text, rows[i][1]) << "row " << i;
        }
        // Placeholders pass the check digit and are still no number to match on.
        const bool placeholder =
            rows[i].size() > 3 && rows[i][3].find("placeholder") != std::string::npos;
        EXPECT_EQ(checked.quality == NumberQuality::placeholder, placeholder) << "row " << i;
        EXPECT_EQ(!normalise_nhs_number(rows[i][0]).empty(), passes && !placeholder) << "row " << i;
    }
}

TEST(PublishedNumbers, UpnsAgreeWithEveryVector) {
    const auto file = test::shared_data() / "identity" / "upn_vectors.csv";
    if (!std::filesystem::exists(file))
        GTEST_SKIP() << "The public sample file identity/upn_vectors.csv is not on this machine";
    const auto rows = simple_csv(file);
    ASSERT_GT(rows.size(), 3U);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto checked = check_upn(rows[i][0]);
        if (rows[i][1].empty()) {
            EXPECT_EQ(checked.quality, NumberQuality::temporary) << "row " << i;
        }
        EXPECT_EQ(checked.quality == NumberQuality::verified, rows[i][1] == "1") << "row " << i;
    }
}

}  // namespace
}  // namespace mash::identity
