#include "agents/runtime/shell/file_source.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/agents/runtime/shell/scripted_format.hpp"

namespace mash::runtime_shell {
namespace {

TEST(SelectRecords, KeepsTheHeaderAndTheNamedRowsOfACsvWithTheirQuotes) {
    EXPECT_EQ(select_records("a,b\n1,\"x, \"\"y\"\"\"\n2,\"two\nlines\"\n3,z\n", {1, 2}),
              "a,b\r\n1,\"x, \"\"y\"\"\"\r\n2,\"two\nlines\"\r\n");
    EXPECT_EQ(select_records("a,b\n1,2\n", {}), "a,b\r\n");
}

TEST(SelectRecords, KeepsTheNamedItemsOfAJsonListAndASingleDocumentWhole) {
    const auto out = nlohmann::json::parse(select_records(R"([{"n":1},{"n":2},{"n":3}])", {1, 3}));
    EXPECT_EQ(out, nlohmann::json::parse(R"([{"n":1},{"n":3}])"));
    EXPECT_EQ(select_records("{\"n\":1}", {1}), "{\"n\":1}");
    EXPECT_EQ(select_records("[{\"n\":1", {1}), "[{\"n\":1");
}

TEST(SelectRecords, WhatIsSelectedIsReadAgainByTheSameFormat) {
    const std::string file = "ref,what\nr1,send\n\"odd, one\",bad\n";
    const auto selected = select_records(file, {2});
    runtime::SourceMemory memory;
    const auto again = make_scripted_format()->read(selected, runtime::ReadContext(), memory);
    EXPECT_EQ(again.records, 1U);
    EXPECT_EQ(again.rejected_records, std::vector<std::uint64_t>{1});
}

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
    const auto text = summary_json(example());
    const auto json = nlohmann::json::parse(text);
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items()) keys.push_back(key);
    EXPECT_EQ(keys, (std::vector<std::string>{"baseline", "children", "faults", "format",
                                              "passed_over", "records", "rejected", "rolls",
                                              "understood", "would_publish"}));
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

TEST(TextOfFile, Utf16IsReadAsWhatItSaysAndEverythingElseAsItCame) {
    using namespace std::string_view_literals;
    const auto bytes = [](std::string_view text) {
        return Bytes(view_of(text).begin(), view_of(text).end());
    };
    EXPECT_EQ(text_of_file(bytes("\xFF\xFEr\0e\0f\0"sv)), "ref");
    EXPECT_EQ(text_of_file(bytes("\xEF\xBB\xBFref,what\r\n")), "\xEF\xBB\xBFref,what\r\n");
    EXPECT_EQ(text_of_file({}), "");
}

}  // namespace
}  // namespace mash::runtime_shell
