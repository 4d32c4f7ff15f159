#include "broker/shell/config.hpp"

#include <gtest/gtest.h>

#include "common/area/enrolment.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::broker_shell {
namespace {

class Config : public ::testing::Test {
protected:
    Config() {
        test::write_content(folder.path() / "area.json",
                            area::to_json(area::TrustAnchor{area.id, area.root()}));
    }
    Result<BrokerConfig> read(const std::string& text) {
        test::write_content(folder.path() / "broker.toml", text);
        return read_broker_config(folder.path(), problem);
    }
    const std::string good =
        "trust_anchor = \"area.json\"\nendpoints = [\"tcp://127.0.0.1:7400\"]\n";
    test::TestArea area;
    test::TemporaryFolder folder;
    std::string problem;
};

TEST_F(Config, TheFileThatWeWriteForANewAreaIsRead) {
    const auto config = read(default_broker_toml(
        "docs", "area.json", {"tcp://127.0.0.1:7400", "tcp://[::1]:7400"}, 7401));
    ASSERT_TRUE(config) << problem;
    EXPECT_EQ(config->area, area.id);
    EXPECT_EQ(config->documents, folder.path() / "docs");
    EXPECT_EQ(config->endpoints.size(), 2U);
    EXPECT_EQ(config->metrics_port, 7401);
    EXPECT_EQ(config->verify_threads, 2U);
}

TEST_F(Config, WhatIsNotSaidHasADefaultInTheBrokersFolder) {
    const auto config = read(good);
    ASSERT_TRUE(config) << problem;
    EXPECT_EQ(config->store, folder.path() / "broker.sqlite");
    EXPECT_EQ(config->admin_socket, folder.path() / "admin.sock");
    EXPECT_EQ(config->metrics_address, "127.0.0.1");
}

TEST_F(Config, AMissingFileSaysWhatToDo) {
    ASSERT_FALSE(read_broker_config(folder.path() / "nowhere", problem));
    EXPECT_NE(problem.find("mashctl area init"), std::string::npos) << problem;
}

TEST_F(Config, AFileThatIsNoTomlNamesLineAndColumn) {
    const auto config = read(good + "metrics_port = = 3\n");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error(), ErrorCode::malformed);
    EXPECT_NE(problem.find("broker.toml:3:"), std::string::npos) << problem;
}

TEST_F(Config, EndpointsMustBeNamed) {
    const auto config = read("trust_anchor = \"area.json\"\n");
    ASSERT_FALSE(config);
    EXPECT_NE(problem.find("endpoints"), std::string::npos) << problem;
}

TEST_F(Config, AnAreaThatIsNotThereIsNamed) {
    const auto config =
        read("trust_anchor = \"other.json\"\nendpoints = [\"tcp://127.0.0.1:7400\"]\n");
    ASSERT_FALSE(config);
    EXPECT_NE(problem.find("other.json"), std::string::npos) << problem;
}

TEST_F(Config, NumbersOutsideTheirRangeAreRefused) {
    for (const char* line : {"metrics_port = 65536\n", "metrics_port = -1\n",
                             "verify_threads = 0\n", "verify_threads = 65\n"}) {
        const auto config = read(good + line);
        ASSERT_FALSE(config) << line;
        EXPECT_EQ(config.error(), ErrorCode::bad_value) << line;
    }
}

TEST_F(Config, MetricsAreServedToThisMachineOnly) {
    ASSERT_TRUE(read(good + "metrics_address = \"127.0.0.2\"\n")) << problem;
    ASSERT_TRUE(read(good + "metrics_address = \"::1\"\n")) << problem;
    for (const char* address :
         {"0.0.0.0", "192.0.2.10", "::", "::ffff:192.0.2.10", "localhost", ""}) {
        const auto config = read(good + "metrics_address = \"" + address + "\"\n");
        ASSERT_FALSE(config) << address;
        EXPECT_EQ(config.error(), ErrorCode::bad_value) << address;
        EXPECT_NE(problem.find("broker.toml:3"), std::string::npos) << problem;
        EXPECT_NE(problem.find("write \"127.0.0.1\""), std::string::npos) << problem;
    }
}

TEST_F(Config, AValueOfAnotherTypeIsAMistakeAndNeverADefault) {
    for (const char* line : {"metrics_port = \"7401\"\n", "verify_threads = true\n", "store = 5\n",
                             "metrics_address = 127\n"}) {
        ASSERT_FALSE(read(good + line)) << line;
        EXPECT_NE(problem.find("broker.toml:3"), std::string::npos) << problem;
    }
    ASSERT_FALSE(
        read("trust_anchor = \"area.json\"\nendpoints = [\"tcp://127.0.0.1:7400\", 7400]\n"));
    EXPECT_NE(problem.find("broker.toml:2"), std::string::npos) << problem;
}

TEST_F(Config, RetentionAndBudgetAreTheOperatorsWithinTheirBounds) {
    const auto plain = read(good);
    ASSERT_TRUE(plain) << problem;
    EXPECT_EQ(plain->retention_after_taken, std::chrono::days(30));
    EXPECT_EQ(plain->tombstone_retention, std::chrono::days(365 * 7));
    EXPECT_EQ(plain->plan_requests_per_minute, 600U);
    EXPECT_EQ(plain->plan_requests_of_person_per_minute, 60U);
    EXPECT_EQ(plain->publish_mebibytes_per_minute, 64U);
    EXPECT_EQ(plain->publish_mebibytes_per_day, 4096U);
    EXPECT_EQ(plain->free_space_floor_mebibytes, 1024U);
    EXPECT_EQ(plain->token_evaluations_per_hour, 20'000U);
    EXPECT_EQ(plain->token_import_allowance, 900'000U);
    const auto said = read(good +
                           "retention_after_taken_days = 90\ntombstone_retention_days = "
                           "3650\nplan_requests_per_minute = 60\n");
    ASSERT_TRUE(said) << problem;
    EXPECT_EQ(said->retention_after_taken, std::chrono::days(90));
    EXPECT_EQ(said->tombstone_retention, std::chrono::days(3650));
    EXPECT_EQ(said->plan_requests_per_minute, 60U);
    EXPECT_EQ(plain->decision_record_term, std::chrono::days(365 * 25));
    const auto term = read(good + "decision_record_years = 6\n");
    ASSERT_TRUE(term) << problem;
    EXPECT_EQ(term->decision_record_term, std::chrono::days(365 * 6));
    for (const char* line :
         {"decision_record_years = 5\n", "retention_after_taken_days = 0\n",
          "retention_after_taken_days = \"30\"\n", "tombstone_retention_days = 29\n",
          "publish_mebibytes_per_day = 1\n", "free_space_floor_mebibytes = -1\n",
          "token_evaluations_per_hour = 1023\n", "token_import_allowance = -1\n",
          "plan_requests_per_minute = 0\n", "plan_requests_per_minute = 1.5\n"}) {
        ASSERT_FALSE(read(good + line)) << line;
        EXPECT_NE(problem.find("broker.toml:3:"), std::string::npos) << problem;
        EXPECT_NE(problem.find("must be a whole number from"), std::string::npos) << problem;
    }
}

TEST_F(Config, ASettingThatNobodyKnowsIsRefusedWithItsPlaceAndTheNearestThatIsKnown) {
    ASSERT_FALSE(read(good + "retention_after_taken_day = 90\n"));
    EXPECT_NE(problem.find("broker.toml:3:1: unknown setting \"retention_after_taken_day\" "
                           "(nearest: \"retention_after_taken_days\")"),
              std::string::npos)
        << problem;
    ASSERT_FALSE(read(good + "colour = \"red\"\n"));
    EXPECT_NE(problem.find("broker.toml:3:1: unknown setting \"colour\""), std::string::npos)
        << problem;
}

}  // namespace
}  // namespace mash::broker_shell
