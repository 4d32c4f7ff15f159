#include "tests/scenarios/scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/paths/paths.hpp"

namespace mash::scenarios {
namespace {

const simulation::Enrolled& base() {
    static const auto enrolled = simulation::enrol(simulation::Extent::stories);
    return enrolled;
}

std::vector<std::filesystem::path> stories() {
    std::vector<std::filesystem::path> found;
    for (const auto& entry :
         std::filesystem::directory_iterator(test::source_dir() / "tests/scenarios")) {
        if (entry.path().extension() == ".scenario") found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
}

std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class Story : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Story, Holds) {
    const auto played = play(base(), GetParam().filename().string(), text_of_file(GetParam()));
    for (const auto& fault : played.faults) ADD_FAILURE() << fault;
    for (const auto& sentence : played.pending) std::cout << "pending " << sentence << "\n";
    std::cout << played.pending.size() << " sentences pending\n";
    RecordProperty("pending", static_cast<int>(played.pending.size()));
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Story, ::testing::ValuesIn(stories()), [](const auto& story) {
    auto name = story.param.stem().string();
    std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
});

TEST(ScenarioLanguage, AMistakeIsNamedByFileAndLine) {
    const auto faults =
        play(base(), "wrong.scenario", "clock 2027-01-15 10:00\n\nthe weather is fine\n").faults;
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0],
              "wrong.scenario:3: this is no sentence of a scenario: the weather is fine");
}

TEST(ScenarioLanguage, AnExpectationThatDoesNotHoldFails) {
    const auto faults = play(base(), "wrong.scenario",
                             "clock 2027-01-15 10:00\nchild ava at teme-meadow\nrolls are sent\n"
                             "police-wm.pol reports domestic-abuse about ava as "
                             "incident\norchard-gate.sch holds incident\n")
                            .faults;
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0], "wrong.scenario:5: orchard-gate.sch does not hold incident");
}

TEST(ScenarioLanguage, NamesThatNobodyGaveAreMistakes) {
    const auto of = [](const std::string& line) {
        const auto faults =
            play(base(), "s", "clock 2027-01-15 10:00\nchild ava nobody-involved\n" + line).faults;
        return faults.empty() ? std::string() : faults[0];
    };
    EXPECT_EQ(of("police-wm.pol reports missing about eve as start"),
              "s:3: no child is called eve");
    EXPECT_EQ(of("hub.ffd holds start"), "s:3: nothing was reported as start");
    EXPECT_EQ(of("police-wm.pol reports weather about ava as start"),
              "s:3: \"weather\" is not something that can be reported");
    EXPECT_EQ(of("police-wm.pol reports missing about ava as start with colour red"),
              "s:3: \"colour\" is not something a report can say");
}

TEST(ScenarioLanguage, WhatWaitsForAnotherIssueIsCountedAndNamed) {
    const auto played =
        play(base(), "s.scenario", "clock 2027-01-15 10:00\npending timeliness: the sky is blue\n");
    EXPECT_TRUE(played.faults.empty());
    ASSERT_EQ(played.pending.size(), 1U);
    EXPECT_EQ(played.pending[0], "s.scenario:2: timeliness: the sky is blue");
    const auto wrong =
        play(base(), "s.scenario", "clock 2027-01-15 10:00\npending some-day: it rains\n");
    ASSERT_EQ(wrong.faults.size(), 1U);
    EXPECT_EQ(wrong.faults[0],
              "s.scenario:2: \"some-day:\" is no issue that a sentence can wait for");
}

TEST(ScenarioLanguage, AScenarioBeginsWithAClock) {
    EXPECT_EQ(play(base(), "s", "rolls are sent\n").faults.front(),
              "s:1: a scenario begins with \"clock DATE TIME\"");
}

}  // namespace
}  // namespace mash::scenarios
