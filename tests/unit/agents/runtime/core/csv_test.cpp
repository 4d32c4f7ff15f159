#include "agents/runtime/core/csv.hpp"

#include <map>

#include <gtest/gtest.h>

#include "common/base/limits.hpp"

namespace mash::runtime {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows read(std::string_view text, std::size_t piece_bytes = 1'000'000) {
    Rows rows;
    CsvReader reader([&](CsvRecord&& record) {
        std::vector<std::string> cells;
        for (const auto& cell : record.cells) cells.push_back(cell.reveal());
        rows.push_back(std::move(cells));
    });
    for (std::size_t i = 0; i < text.size(); i += piece_bytes)
        EXPECT_TRUE(reader.feed(text.substr(i, piece_bytes)));
    EXPECT_TRUE(reader.finish());
    return rows;
}

TEST(Csv, ReadsQuotesNewlinesAndCommasInsideFields) {
    const Rows rows = read(",id,text\r\n0,9,\"line one\r\nline \"\"two\"\", still\"\r\n1,8,\r\n");
    const Rows expected{
        {"", "id", "text"}, {"0", "9", "line one\nline \"two\", still"}, {"1", "8", ""}};
    EXPECT_EQ(rows, expected);
}

TEST(Csv, PiecesMayBeCutAnywhere) {
    const std::string_view text =
        "\xEF\xBB\xBF"
        "a, \"b\"\n1,\"x\"\"y\nz\"\n\n2,last";
    const Rows whole = read(text);
    ASSERT_EQ(whole.size(), 3U);
    EXPECT_EQ(whole[0], (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(whole[1], (std::vector<std::string>{"1", "x\"y\nz"}));
    for (std::size_t size = 1; size < text.size(); ++size)
        EXPECT_EQ(read(text, size), whole) << size;
}

TEST(Csv, AFileCutInsideAQuotedFieldIsMalformed) {
    CsvReader reader([](CsvRecord&&) {});
    ASSERT_TRUE(reader.feed("a,b\n1,\"never closed"));
    EXPECT_EQ(reader.finish().error(), ErrorCode::malformed);
}

TEST(Csv, ALastLineThatLacksColumnsAndItsEndWasCutOffAndIsNotGiven) {
    for (const auto& [text, records] : std::map<std::string, std::size_t>{
             {"a,b,c\n1,2,3\n4,5", 2}, {"a,b,c\n4", 1}, {"a,b,c\n4,", 1}}) {
        std::size_t given = 0;
        CsvReader reader([&](CsvRecord&&) { ++given; });
        ASSERT_TRUE(reader.feed(text));
        const auto end = reader.finish();
        ASSERT_FALSE(end) << text;
        EXPECT_EQ(end.error(), ErrorCode::malformed);
        EXPECT_EQ(given, records) << text;
        EXPECT_EQ(reader.cut_off().number, records);
        EXPECT_EQ(reader.cut_off().cells.front().reveal(), "4");
    }
    // Whole as far as anybody can tell: short lines with their end, a last line with all columns.
    EXPECT_EQ(read("a,b,c\n1\n2,3\n").size(), 3U);
    EXPECT_EQ(read("a,b,c\n1,2,3").size(), 2U);
    EXPECT_EQ(read("a,b,c\n1,2,").size(), 2U);
}

TEST(Csv, ARowThatIsTooLongIsSaidAndThoseAfterItAreRead) {
    std::vector<CsvRecord> records;
    CsvReader reader([&](CsvRecord&& record) { records.push_back(std::move(record)); });
    ASSERT_TRUE(reader.feed("a,b\n1,\""));
    const std::string piece(64 * 1024, 'x');
    for (std::size_t fed = 0; fed <= 2 * limits::intake_row_bytes_max; fed += piece.size())
        ASSERT_TRUE(reader.feed(piece));
    ASSERT_TRUE(reader.feed("\n,\",7\n2,3\n"));
    ASSERT_TRUE(reader.finish());
    ASSERT_EQ(records.size(), 3U);
    EXPECT_TRUE(records[1].too_long);
    EXPECT_TRUE(records[1].cells.empty());
    EXPECT_FALSE(records[2].too_long);
    EXPECT_EQ(records[2].number, 2U);
    EXPECT_EQ(records[2].cells.at(1).reveal(), "3");
}

TEST(Csv, AnUnclosedQuoteAndAnEndlessHeaderDoNotEatTheMachinesMemory) {
    const std::string piece(64 * 1024, 'x');
    CsvReader quote([](CsvRecord&&) {});
    ASSERT_TRUE(quote.feed("a\n\""));
    for (std::size_t fed = 0; fed <= 2 * limits::intake_row_bytes_max; fed += piece.size())
        ASSERT_TRUE(quote.feed(piece));
    EXPECT_EQ(quote.finish().error(), ErrorCode::malformed);
    EXPECT_TRUE(quote.cut_off().too_long);
    EXPECT_EQ(quote.cut_off().number, 1U);
    CsvReader header([](CsvRecord&&) {});
    Result<void> result;
    for (std::size_t fed = 0; fed <= limits::intake_row_bytes_max && result; fed += piece.size())
        result = header.feed(piece);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), ErrorCode::too_large);
    EXPECT_FALSE(header.feed("\n1\n"));
}

TEST(Csv, ValuesAreFoundByHeaderNameWhateverItsCaseAndPlace) {
    std::vector<CsvRecord> records;
    CsvReader reader([&](CsvRecord&& record) { records.push_back(std::move(record)); });
    ASSERT_TRUE(reader.feed(" Surname ,DOB,note\nLark,NULL,\"\xC2\xA0x\xC2\xA0\"\nAshby\n"));
    ASSERT_TRUE(reader.finish());
    const CsvHeader header(records.at(0));
    EXPECT_EQ(header.value(records[1], "surname")->reveal(), "Lark");
    EXPECT_FALSE(header.value(records[1], "dob"));
    EXPECT_EQ(header.value(records[1], "note")->reveal(), "x");
    EXPECT_FALSE(header.value(records[2], "note"));
    EXPECT_EQ(header.missing({"surname", "upn"}), std::vector<std::string>{"upn"});
    EXPECT_EQ(records[2].number, 2U);
    EXPECT_EQ(records[2].line, 3U);
}

TEST(Csv, AFormatIsRecognisedByItsHeaderAlone) {
    for (const char* head : {"a,b\n1,2\n", "a,b", "a,b\r1,2\r", "\xEF\xBB\xBF B , A\r\n",
                             "a,\"b\"\n\"cut off", "a,\"odd\nname\",b\n"})
        EXPECT_TRUE(has_columns(head, {"a", "b"})) << head;
    for (const char* head : {"", "a\nb\n", "a;b\n1;2\n"})
        EXPECT_FALSE(has_columns(head, {"a", "b"})) << head;
}

}  // namespace
}  // namespace mash::runtime
