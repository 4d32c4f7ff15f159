#include "agents/runtime/shell/file_source.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/agents/runtime/shell/scripted_format.hpp"

namespace mash::runtime_shell {
namespace {

runtime::ReadFile example() {
    runtime::ReadFile file;
    file.format = "scripted-csv";
    file.records = 3;
    file.children = 2;
    file.passed_over = 1;
    file.rejected_records = {2};
    file.understood["open"] = 1;
    file.faults.push_back({2, 3, "date", "bad_date", "Write the date as 2026-11-21", true});
    file.faults.push_back({3, 4, "colour", "unknown_word", "Use a known word", false});
    file.faults.push_back({0, 0, "", "missing_column", "The column what is missing", true});
    runtime::Notification made;
    made.facts.type = TypeId("missing_episode_started");
    made.source_ref = "very-own-reference";
    made.subject.surname = PersonalText("Inventedname");
    file.notifications.push_back({1, made});
    return file;
}

TEST(FaultReport, NamesRecordLineFieldAndRule) {
    const auto text = fault_report("a.csv", example());
    EXPECT_NE(text.find("Report on a.csv, read as scripted-csv"), std::string::npos);
    EXPECT_NE(text.find("Records: 3. Not used: 1. Already known or not for this service: 1."),
              std::string::npos);
    EXPECT_NE(text.find("Record 2 (line 3), field date: bad_date. Write the date as 2026-11-21.\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("unknown_word. Use a known word. The rest of the record was used.\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("The file as a whole: missing_column."), std::string::npos) << text;
}

TEST(FaultReport, HoldsNothingOfTheChildren) {
    const auto text = fault_report("a.csv", example());
    EXPECT_EQ(text.find("Inventedname"), std::string::npos);
    EXPECT_EQ(text.find("very-own-reference"), std::string::npos);
}

TEST(SummaryJson, HasTheDocumentedFieldsAndNothingOfTheChildren) {
    Given given;
    given.count(example());
    const auto text = summary_json(example(), given);
    const auto json = nlohmann::json::parse(text);
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items()) keys.push_back(key);
    EXPECT_EQ(keys, (std::vector<std::string>{"baseline", "children", "faults", "faults_left_out",
                                              "fit", "format", "passed_over", "records", "rejected",
                                              "rolls", "understood", "version", "would_publish"}));
    EXPECT_EQ(json["would_publish"],
              nlohmann::json::parse(R"({"total":1,"by_type":{"missing_episode_started":1}})"));
    EXPECT_EQ(json["rejected"], 1);
    EXPECT_EQ(
        json["faults"][0],
        nlohmann::json::parse(
            R"({"record":2,"line":3,"field":"date","rule":"bad_date","message":"Write the date as 2026-11-21","record_lost":true})"));
    EXPECT_EQ(text.find("Inventedname"), std::string::npos);
}

TEST(FindFormat, GivesTheFirstThatRecognisesTheFileOrNone) {
    runtime::SourceFormats formats;
    formats.push_back(runtime::make_json_format());
    formats.push_back(make_scripted_format());
    EXPECT_EQ(find_format(formats, "ref,what\n")->name(), "scripted-csv");
    EXPECT_EQ(find_format(formats, "nothing known"), nullptr);
    EXPECT_EQ(find_format(formats, ""), nullptr);
}

class ReadThrough : public ::testing::Test {
protected:
    Result<void> read(const std::string& content,
                      const std::function<bool(runtime::ReadFile&)>& take) {
        test::write_content(folder.path() / "file", content);
        const auto text = FileText::open(folder.path() / "file");
        EXPECT_TRUE(text);
        return read_through(*text, *make_scripted_format(), runtime::ReadContext(), memory, out,
                            take);
    }
    test::TemporaryFolder folder;
    runtime::SourceMemory memory;
    runtime::ReadFile out;
};

TEST_F(ReadThrough, HoldsFewOfManyNotificationsAtOnce) {
    std::string content = "ref,what\n";
    for (int i = 0; i < 60'000; ++i) content += "r" + std::to_string(i) + ",send\n";
    std::size_t most = 0;
    std::size_t all = 0;
    ASSERT_TRUE(read(content, [&](runtime::ReadFile& found) {
        most = std::max(most, found.notifications.size());
        all += found.notifications.size();
        found.notifications.clear();
        return true;
    }));
    EXPECT_EQ(all + out.notifications.size(), 60'000U);
    EXPECT_LT(most, 10'000U);
}

TEST_F(ReadThrough, EndsWhenWhatWasFoundCannotBeTaken) {
    const auto done =
        read("ref,what\n" + std::string("r,send\n"), [](runtime::ReadFile&) { return false; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error(), ErrorCode::shutting_down);
}

TEST_F(ReadThrough, ListsSomeFaultsAndCountsAll) {
    std::string content = "ref,what\n";
    for (std::size_t i = 0; i < limits::intake_faults_max + 7; ++i) content += "r,bad\n";
    ASSERT_TRUE(read(content, [](runtime::ReadFile&) { return true; }));
    EXPECT_EQ(out.faults.size(), limits::intake_faults_max);
    EXPECT_EQ(out.faults_left_out, 7U);
    EXPECT_EQ(out.rejected_records.size(), limits::intake_faults_max + 7);
    EXPECT_NE(fault_report("a", out).find("And 7 more"), std::string::npos);
}

TEST_F(ReadThrough, AListThatNoSeatCouldHaveGivesNothing) {
    std::string content = "ref,what\n";
    for (std::size_t i = 0; i <= limits::intake_roll_children_max; ++i) content += "r,roll\n";
    ASSERT_TRUE(read(content, [](runtime::ReadFile&) { return true; }));
    EXPECT_TRUE(out.rolls.empty());
    ASSERT_EQ(out.faults.size(), 1U);
    EXPECT_EQ(out.faults[0].rule, "too_many_children");
    EXPECT_FALSE(is_fit(out));
}

TEST(FileCopy, IsOfWhatStoodThereAndLeavesNothingBehind) {
    test::TemporaryFolder folder;
    const auto file = folder.path() / "a.csv";
    test::write_content(file, "first");
    const auto copy = FileText::copy(file, folder.path());
    ASSERT_TRUE(copy);
    test::write_content(file, "second, and longer");
    EXPECT_EQ(*copy->head(), "first");
    EXPECT_NE(copy->stamp(), stamp_of(file));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
    EXPECT_EQ(FileText::copy(folder.path() / "none", folder.path()).error(), ErrorCode::not_found);
    EXPECT_FALSE(FileText::open(folder.path()));
}

TEST(FileCopy, FollowsNoLink) {
    test::TemporaryFolder folder;
    test::write_content(folder.path() / "a.csv", "of somebody else");
    std::filesystem::create_symlink(folder.path() / "a.csv", folder.path() / "link.csv");
    EXPECT_EQ(FileText::copy(folder.path() / "link.csv", folder.path()).error(),
              ErrorCode::io_failed);
    EXPECT_TRUE(FileText::open(folder.path() / "link.csv")) << "a person may name one";
}

TEST(FileCopy, OfAFileOfHolesThatTheDiskCouldNotHoldIsNotBegun) {
    test::TemporaryFolder folder;
    const auto file = folder.path() / "a.csv";
    test::write_content(file, "ref,what");
    const auto space = std::filesystem::space(folder.path());
    std::filesystem::resize_file(file, space.available);
    EXPECT_EQ(FileText::copy(file, folder.path()).error(), ErrorCode::disk_full);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(UnknownFile, IsAnsweredWithWhatToDoAboutIt) {
    const auto says = [](std::string_view head, std::string_view words) {
        return hint_on_unknown(head).find(words) != std::string_view::npos;
    };
    EXPECT_TRUE(says("PK\x03\x04rest", "spreadsheet"));
    EXPECT_TRUE(says("a;b;c\n1;2,5;3\n", "semicolons"));
    EXPECT_TRUE(says("a\tb\tc\n", "tabs"));
    EXPECT_TRUE(says("<?xml version=\"1.0\"?><!DOCTYPE x []><x/>", "document type"));
    EXPECT_TRUE(says("sep=,\r\na,b\r\n", "first line"));
    EXPECT_TRUE(says("Extract of January,,,\r\na,b,c\r\n", "first line"));
    EXPECT_TRUE(says("nothing of ours", "commas between"));
}

}  // namespace
}  // namespace mash::runtime_shell
