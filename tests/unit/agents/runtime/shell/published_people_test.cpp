// What the matcher makes of people that others published:
// the figures of agents/runtime/identity/README.md, held by a test. Skipped, saying so,
// where the samples are not on this machine.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/person_csv.hpp"
#include "agents/runtime/shell/match_score.hpp"
#include "common/area/decide.hpp"
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
    EXPECT_EQ(day.at("pairs_asked_by_tokens"), 247);
    EXPECT_NEAR(day.at("questions_by_chance").get<double>(), 4.1, 0.05);
    EXPECT_NEAR(day.at("questions_least").get<double>(), 21.8, 0.1);
    EXPECT_NEAR(day.at("questions_most").get<double>(), 28.1, 0.1);
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

// --- what the running system does of it: one agency lists these people, another reports them

struct TokenFigures {
    std::size_t pairs = 0;  ///< of one person, each the way in which the one reports the other
    std::size_t linked = 0, asked = 0;
    std::size_t wrongly_linked = 0, wrongly_asked = 0;
    std::size_t tokens_of_lists = 0;
    double recall() const {
        return static_cast<double>(linked + asked) / static_cast<double>(pairs);
    }
};

std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Tokens are made of British postcodes: "4011" is B40 1BB, another for each.
PersonalText british(const PersonalText& postcode) {
    const auto& digits = postcode.reveal();
    if (digits.size() != 4 || digits.find_first_not_of("0123456789") != std::string::npos)
        return PersonalText();
    constexpr std::string_view letters = "ABDEFGHJLN";
    const char last = letters[static_cast<std::size_t>(digits[3] - '0')];
    return PersonalText("B" + digits.substr(0, 2) + " " + digits[2] + last + last);
}

TokenFigures told_by_tokens(const fs::path& file, const std::vector<std::string>& columns,
                            const std::function<std::string(const runtime::Person&)>& group_of) {
    runtime::ColumnMap map;
    for (const auto& column : columns) EXPECT_EQ(map.add(column), "");
    const auto people = runtime::read_person_csv(text_of(file), map).people;
    const runtime::PepperTokens source(crypto::SecretBytes(32), 1);
    const auto tokens_of = [&](const auto& identities) {
        std::vector<wire::Token> tokens;
        for (const auto& [kind, canonical] : identities)
            tokens.push_back(source.derive(kind, canonical.reveal()));
        std::ranges::sort(tokens);
        return tokens;
    };
    TokenFigures out;
    std::vector<std::string> groups;
    std::vector<std::vector<wire::Token>> stated;
    std::vector<wire::InvolvementClaim> listed;
    std::map<wire::Token, std::set<std::size_t>> listed_with;
    for (const auto& person : people) {
        runtime::Subject subject;
        subject.forename = person.record.forename;
        subject.surname = person.record.surname;
        subject.date_of_birth = person.record.date_of_birth;
        subject.postcode = british(person.record.postcode);
        auto identities = runtime::canonical_identities(subject, runtime::TokenUse::caseload);
        std::ranges::move(runtime::weak_identities(subject, runtime::TokenUse::caseload),
                          std::back_inserter(identities));
        for (const auto& token : listed.emplace_back().tokens = tokens_of(identities))
            listed_with[token].insert(listed.size() - 1);
        out.tokens_of_lists += identities.size();
        stated.push_back(tokens_of(runtime::stated_identities(subject)));
        groups.push_back(group_of(person));
    }
    for (std::size_t i = 0; i < people.size(); ++i) {
        out.pairs += static_cast<std::size_t>(std::ranges::count(groups, groups[i])) - 1;
        std::set<std::size_t> found;
        for (const auto& token : stated[i]) found.merge(std::set(listed_with[token]));
        found.erase(i);
        for (const auto j : found) {
            const bool same = groups[i] == groups[j];
            if (area::link(stated[i], listed[j], "health") == area::Link::linked)
                ++(same ? out.linked : out.wrongly_linked);
            else if (area::is_possible_match(stated[i], listed[j], "health"))
                ++(same ? out.asked : out.wrongly_asked);
        }
    }
    std::printf(
        "%s: of %zu true pairs tokens link %zu and ask of %zu, recall %.3f; wrongly link "
        "%zu, ask %zu; %.1f tokens a person on a list\n",
        file.filename().c_str(), out.pairs, out.linked, out.asked, out.recall(), out.wrongly_linked,
        out.wrongly_asked,
        static_cast<double>(out.tokens_of_lists) / static_cast<double>(people.size()));
    return out;
}

TEST(PublishedPeople, OfFebrlTokensLinkWhatTheMatcherLinksAndAskOfMostOfTheRest) {
    const auto file = sample("febrl_dataset1.csv");
    if (!fs::exists(file))
        GTEST_SKIP() << "The public sample file identity/febrl_dataset1.csv is not on this machine";
    const auto told = told_by_tokens(
        file,
        {"id=rec_id", "forename=given_name", "surname=surname", "dob=date_of_birth",
         "postcode=postcode"},
        [](const runtime::Person& person) { return person.id.substr(0, person.id.find('-', 4)); });
    EXPECT_EQ(told.pairs, 2U * 500);
    EXPECT_EQ(told.wrongly_linked, 0U) << "a wrong family is told";
    EXPECT_EQ(told.wrongly_asked, 0U);
    EXPECT_EQ(told.linked, 2U * 166) << "as the matcher";
    EXPECT_EQ(told.asked, 500U);
}

TEST(PublishedPeople, OfSplinkWhereNobodyHasANumberOrAHomeTokensAskOfLittle) {
    const auto file = sample("splink_fake_1000.csv");
    if (!fs::exists(file))
        GTEST_SKIP()
            << "The public sample file identity/splink_fake_1000.csv is not on this machine";
    const auto told = told_by_tokens(
        file,
        {"id=unique_id", "forename=first_name", "surname=surname", "dob=dob", "group=cluster"},
        [](const runtime::Person& person) { return person.group; });
    EXPECT_EQ(told.pairs, 2U * 2'031);
    EXPECT_EQ(told.wrongly_linked, 0U);
    EXPECT_EQ(told.wrongly_asked, 0U);
    EXPECT_EQ(told.linked, 0U);
    EXPECT_EQ(told.asked, 489U);
}

}  // namespace
}  // namespace mash::runtime_shell
