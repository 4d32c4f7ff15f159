#include "agents/runtime/shell/match_score.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;

// Two rows that link, a twin, and somebody who is nobody's.
constexpr const char* people =
    "rec_id, given, family, born, postcode\n"
    "rec-1-org, mia, dunmore, 20160411, WR5 1AA\n"
    "rec-1-dup-0, Mia, Dunmore, 11/04/2016, wr51aa\n"
    "rec-2-org, mae, dunmore, 20160411, WR5 1AA\n"
    "rec-3-org, noor, sand, 20120601, B1 1BB\n";

class MatchScore : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) /
                  (std::string("match-score-") +
                   testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::remove_all(folder_);
        fs::create_directories(folder_);
        options_.file = write("people.csv", people);
        options_.columns = {"id=rec_id", "forename=given", "surname=family", "dob=born",
                            "postcode=postcode"};
        options_.group_from_id = "rec-([0-9]+)-";
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name, std::ios::binary) << text;
        return (folder_ / name).string();
    }

    int run() {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = match_score("mash-hub", options_);
        out_ = testing::internal::GetCapturedStdout();
        err_ = testing::internal::GetCapturedStderr();
        return code;
    }

    fs::path folder_;
    MatchScoreOptions options_;
    std::string out_;
    std::string err_;
};

TEST_F(MatchScore, ReadsWhatASpreadsheetSavesInTwoBytesACharacter) {
    std::string wide("\xFF\xFE", 2);
    for (const char c : std::string(people)) (wide += c) += '\0';
    options_.file = write("wide.csv", wide);
    options_.format = "json";
    ASSERT_EQ(run(), 0) << err_;
    EXPECT_EQ(nlohmann::json::parse(out_)["classes"]["link"]["pairs"], 1);
}

TEST_F(MatchScore, SaysPairsByClassAndWhatTheyAreWorth) {
    options_.format = "json";
    ASSERT_EQ(run(), 0) << err_;
    const auto report = nlohmann::json::parse(out_);
    EXPECT_EQ(report["people"], 4);
    EXPECT_EQ(report["classes"]["link"]["pairs"], 1);
    EXPECT_EQ(report["classes"]["link"]["other_people"], 0);
    EXPECT_EQ(report["classes"]["question"]["pairs"], 2);
    EXPECT_EQ(report["classes"]["question"]["other_people"], 2);
    EXPECT_EQ(report["precision_of_links"], 1.0);
    EXPECT_EQ(report["precision_of_questions"], 0.0);
    EXPECT_EQ(report["recall_of_links"], 1.0);
    EXPECT_EQ(report["questions_per_1000_people"], 500.0);
    EXPECT_EQ(report["normalisation_version"], 2);
}

TEST_F(MatchScore, TextSaysTheSameAndNamesNobody) {
    ASSERT_EQ(run(), 0) << err_;
    EXPECT_NE(out_.find("recall of links and questions   1.0000"), std::string::npos) << out_;
    EXPECT_NE(out_.find("possible_twins"), std::string::npos) << out_;
    for (const char* personal : {"mia", "dunmore", "2016", "WR5"})
        EXPECT_EQ(out_.find(personal), std::string::npos) << out_;
}

TEST_F(MatchScore, SaysHowManyQuestionsAWorkingDayThatIsForAnArea) {
    options_.format = "json";
    ASSERT_EQ(run(), 0) << err_;
    EXPECT_FALSE(nlohmann::json::parse(out_).contains("a_working_day")) << "nobody asked";
    options_.population = 120'000;
    ASSERT_EQ(run(), 0) << err_;
    const auto day = nlohmann::json::parse(out_).at("a_working_day");
    // One child twice, a twin of the same letter, one of another name: 2 of 5 pairs of two people
    // share letter and surname. 119,999 x 0.4 x (1 + 132 / 365) / 6,575 days, and
    // 0.03 twins.
    EXPECT_DOUBLE_EQ(day.at("same_letter_and_surname"), 0.4);
    EXPECT_NEAR(day.at("others_alike").get<double>(), 9.9704, 0.0001);
    EXPECT_NEAR(day.at("questions_by_chance").get<double>(), 60 * 2 * 9.9704, 0.01);
    EXPECT_TRUE(day.at("asked_of_not_linked").is_null()) << "every pair of one person links";
    EXPECT_NEAR(day.at("questions_most").get<double>(), 60 * 2 * (0.2 + 9.9704), 0.01);
    options_.format = "text";
    ASSERT_EQ(run(), 0) << err_;
    EXPECT_NE(out_.find("a working day of 120000 children"), std::string::npos) << out_;
    EXPECT_NE(out_.find("at most 1220"), std::string::npos) << out_;
    for (const char* personal : {"mia", "dunmore", "2016", "WR5"})
        EXPECT_EQ(out_.find(personal), std::string::npos) << out_;
}

TEST_F(MatchScore, PairsAreWrittenByIdWithReasons) {
    options_.pairs = (folder_ / "pairs.csv").string();
    ASSERT_EQ(run(), 0) << err_;
    std::ifstream in(options_.pairs);
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_TRUE(text.str().starts_with("id_1,id_2,class,bits,truth,reasons\n")) << text.str();
    EXPECT_NE(text.str().find("rec-1-org,rec-1-dup-0,link,38,same,name_birth_date_and_postcode;"),
              std::string::npos)
        << text.str();
    EXPECT_NE(text.str().find(",question,27.5,other,other_forename;possible_twins;"),
              std::string::npos)
        << text.str();
}

TEST_F(MatchScore, LabelsAreTheTruthToo) {
    options_.group_from_id.clear();
    options_.labels = write("labels.csv",
                            "a,b,same\nrec-1-org,rec-1-dup-0,1\nrec-1-org,rec-2-org,0\n"
                            "rec-1-org,nobody,1\n");
    options_.label_columns = {"a", "b", "same"};
    options_.format = "json";
    ASSERT_EQ(run(), 0) << err_;
    const auto report = nlohmann::json::parse(out_);
    EXPECT_EQ(report["same_person_pairs"], 1);
    EXPECT_EQ(report["classes"]["question"]["other_people"], 1);
    EXPECT_NE(err_.find("1 labels name no two people"), std::string::npos) << err_;
}

TEST_F(MatchScore, EveryFaultSaysWhatToDo) {
    const auto fails_with = [&](const char* words) {
        EXPECT_EQ(run(), 1) << words;
        EXPECT_NE(err_.find(words), std::string::npos) << err_;
        EXPECT_EQ(out_, "");
    };
    const MatchScoreOptions good = options_;
    options_.columns = {"id=rec_id", "forename=first"};
    fails_with("has no column first. Its columns: rec_id, given");
    options_.columns = {"forename=given"};
    fails_with("--columns id=COLUMN");
    options_ = good;
    options_.group = "family";
    fails_with("not both");
    options_ = good;
    options_.group_from_id = "([0-9";
    fails_with("not a pattern");
    options_.group_from_id = "x([0-9]+)";
    fails_with("fits no id");
    options_ = good;
    options_.group_from_id.clear();
    options_.half = "first";
    fails_with("--half needs the truth");
    options_.half.clear();
    options_.weights = true;
    fails_with("--weights needs the truth");
    options_ = good;
    options_.file = (folder_ / "absent.csv").string();
    fails_with("cannot be read");
    options_ = good;
    options_.pairs = (folder_ / "no-such-folder" / "pairs.csv").string();
    fails_with("cannot be written");
}

TEST_F(MatchScore, TheTwoHalvesAreAllOfThePeople) {
    options_.format = "json";
    std::size_t people_seen = 0;
    for (const char* half : {"first", "second"}) {
        options_.half = half;
        ASSERT_EQ(run(), 0) << err_;
        people_seen += nlohmann::json::parse(out_)["people"].get<std::size_t>();
    }
    EXPECT_EQ(people_seen, 4U);
}

}  // namespace
}  // namespace mash::runtime_shell
