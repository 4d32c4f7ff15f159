// What the matcher makes of people that others published:
// the figures of agents/runtime/identity/README.md, held by a test. Skipped, saying so,
// where the samples are not on this machine.
#include <filesystem>

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
    options.population = 120'000;
    const auto day = scored(options).at("a_working_day");
    EXPECT_EQ(day.at("pairs_linked_by_tokens"), 166);
    EXPECT_EQ(day.at("pairs_asked_by_tokens"), 77);
    EXPECT_NEAR(day.at("questions_by_chance").get<double>(), 0.9, 0.05);
    EXPECT_NEAR(day.at("questions_least").get<double>(), 6.4, 0.1);
    EXPECT_NEAR(day.at("questions_most").get<double>(), 24.9, 0.1);
    options.population.reset();
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

}  // namespace
}  // namespace mash::runtime_shell
