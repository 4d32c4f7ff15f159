// What the matcher makes of people that others published, and of a county's children who bear their
// names: the figures of agents/runtime/identity/README.md, held by a test. Skipped, saying so,
// where the samples are not on this machine.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/shell/match_score.hpp"
#include "tests/paths/paths.hpp"

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path sample(const std::string& name) { return test::shared_data() / "identity" / name; }

json scored(MatchScoreOptions options) {
    options.format = "json";
    testing::internal::CaptureStdout();
    const int code = match_score("mash-hub", options);
    const auto text = testing::internal::GetCapturedStdout();
    EXPECT_EQ(code, 0) << text;
    return json::parse(text, nullptr, false);
}

/// No link is wrong, and every pair that agrees exactly on a strong kind links.
void expect_safe(const json& report) {
    EXPECT_EQ(report.at("classes").at("link").at("other_people"), 0) << "a wrong family is told";
    EXPECT_EQ(report.at("strong_pairs_contradicted"), 0);
    EXPECT_EQ(report.at("classes").at("link").at("pairs"), report.at("strong_pairs"));
}

TEST(PublishedPeople, OfFebrlNoLinkIsWrongAndEveryExactPairLinks) {
    MatchScoreOptions options;
    options.file = sample("febrl_dataset1.csv").string();
    if (!fs::exists(options.file))
        GTEST_SKIP() << "The public sample file identity/febrl_dataset1.csv is not on this machine";
    options.columns = {"id=rec_id",
                       "forename=given_name",
                       "surname=surname",
                       "dob=date_of_birth",
                       "address=street_number+address_1+suburb",
                       "postcode=postcode"};
    options.group_from_id = "rec-([0-9]+)-";
    options.any_postcode = true;
    const auto report = scored(options);
    expect_safe(report);
    EXPECT_EQ(report.at("strong_pairs"), 166);
    EXPECT_EQ(report.at("classes").at("question").at("other_people"), 0);
    EXPECT_GE(report.at("recall_of_links_and_questions").get<double>(), 0.98);
    for (const char* half : {"first", "second"}) {
        options.half = half;
        expect_safe(scored(options));
    }
}

TEST(PublishedPeople, OfSplinkNoLinkIsWrong) {
    MatchScoreOptions options;
    options.file = sample("splink_fake_1000.csv").string();
    if (!fs::exists(options.file))
        GTEST_SKIP()
            << "The public sample file identity/splink_fake_1000.csv is not on this machine";
    options.columns = {"id=unique_id", "forename=first_name", "surname=surname",
                       "dob=dob",      "address=city",        "contact=email"};
    options.group = "cluster";
    const auto report = scored(options);
    expect_safe(report);
    EXPECT_EQ(report.at("classes").at("question").at("other_people"), 0);
    EXPECT_GE(report.at("recall_of_links_and_questions").get<double>(), 0.54);
    options.group.clear();
    options.labels = sample("splink_fake_1000_labels.csv").string();
    EXPECT_EQ(scored(options).at("classes").at("link").at("other_people"), 0);
}

/// The names of the febrl set, the commonest first.
std::vector<std::string> names_of(std::size_t column) {
    std::ifstream in(sample("febrl_dataset1.csv"));
    std::map<std::string, std::size_t> counts;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::istringstream fields(line);
        std::string field;
        for (std::size_t i = 0; i <= column; ++i) std::getline(fields, field, ',');
        field.erase(0, field.find_first_not_of(' '));
        if (field.size() > 1) ++counts[field];
    }
    std::vector<std::string> names;
    for (const auto& [name, count] : counts) names.push_back(name);
    std::ranges::stable_sort(
        names, [&](const auto& a, const auto& b) { return counts.at(a) > counts.at(b); });
    return names;
}

/// Children of families that share surname and home; one sibling in fifty is a twin. Nobody twice.
class County {
public:
    County() : forenames_(names_of(1)), surnames_(names_of(2)) {}

    std::string csv(std::size_t children, bool with_home) {
        std::ostringstream out;
        out << "id,forename,surname,dob" << (with_home ? ",postcode" : "") << "\n";
        for (std::size_t made = 0; made < children;) {
            const auto& surname = zipf(surnames_);
            const auto home = postcode();
            const auto size = 1 + below(3);
            std::set<std::string> used;
            std::string before;
            for (std::size_t i = 0; i < size && made < children; ++i) {
                std::string forename = zipf(forenames_);
                while (!used.insert(forename).second) forename = zipf(forenames_);
                const auto born = i > 0 && below(50) == 0 ? before : birth_date();
                out << made++ << ',' << forename << ',' << surname << ',' << born
                    << (with_home ? "," + home : "") << "\n";
                before = born;
            }
        }
        return out.str();
    }

private:
    std::size_t below(std::size_t n) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>(state_ >> 33U) % n;
    }
    /// The n-th name is as common as one over n.
    const std::string& zipf(const std::vector<std::string>& names) {
        double total = 0;
        for (std::size_t i = 1; i <= names.size(); ++i) total += 1.0 / static_cast<double>(i);
        double at = total * static_cast<double>(below(1'000'000)) / 1'000'000.0;
        for (std::size_t i = 0; i < names.size(); ++i) {
            at -= 1.0 / static_cast<double>(i + 1);
            if (at < 0) return names[i];
        }
        return names.back();
    }
    std::string birth_date() {
        std::ostringstream out;
        const auto month = 1 + below(12);
        const auto day = 1 + below(28);
        out << 2008 + below(18) << (month < 10 ? "-0" : "-") << month << (day < 10 ? "-0" : "-")
            << day;
        return out.str();
    }
    std::string postcode() {
        static constexpr std::string_view letters = "ABDEFGHJLNPQRSTUWXYZ";
        std::string out = "WR" + std::to_string(1 + below(15)) + " " + std::to_string(below(10));
        out += letters[below(letters.size())];
        out += letters[below(letters.size())];
        return out;
    }
    std::vector<std::string> forenames_, surnames_;
    std::uint64_t state_ = 17;
};

TEST(PublishedPeople, OfACountysChildrenNoneIsLinkedToAnotherAndAFewAreAskedAbout) {
    if (!fs::exists(sample("febrl_dataset1.csv")))
        GTEST_SKIP() << "The public sample file identity/febrl_dataset1.csv is not on this machine";
    constexpr std::size_t children = 120'000;
    // Records that depend on weak evidence, of 60 notifications a working day: one in five.
    constexpr double weak_a_day = 12;
    const auto file = fs::path(testing::TempDir()) / "county.csv";
    for (const bool with_home : {true, false}) {
        std::ofstream(file, std::ios::binary) << County().csv(children, with_home);
        MatchScoreOptions options;
        options.file = file.string();
        options.columns = {"id=id", "forename=forename", "surname=surname", "dob=dob"};
        if (with_home) options.columns.emplace_back("postcode=postcode");
        const auto report = scored(options);
        fs::remove(file);
        ASSERT_EQ(report.at("people"), children);
        EXPECT_EQ(report.at("classes").at("link").at("pairs"), 0) << "nobody is in it twice";
        const auto pairs = report.at("classes").at("question").at("pairs").get<double>();
        const auto wrong_for_each = 2 * pairs / static_cast<double>(children);
        std::cout << "120,000 children " << (with_home ? "with" : "without")
                  << " their homes: " << pairs << " pairs would be asked about, " << wrong_for_each
                  << " wrong candidates a record, at most " << weak_a_day * (1 + wrong_for_each)
                  << " questions a working day\n";
        EXPECT_LT(weak_a_day * (1 + wrong_for_each), 25.0) << "too many for people";
    }
}

}  // namespace
}  // namespace mash::runtime_shell
