#include "agents/runtime/core/record_selector.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mash::runtime {
namespace {

using Make = std::function<std::unique_ptr<RecordSelector>(RecordSelector::Write)>;

/// The same however the file is cut.
std::string select(const Make& make, std::string_view content) {
    std::string whole;
    for (const std::size_t size : {content.size() + 1, std::size_t{5}, std::size_t{1}}) {
        std::string out;
        const auto selector = make([&](std::string_view piece) { out += piece; });
        for (std::size_t at = 0; at < content.size(); at += size)
            selector->feed(content.substr(at, size));
        selector->finish();
        if (size > content.size())
            whole = out;
        else
            EXPECT_EQ(out, whole) << "in pieces of " << size;
    }
    return whole;
}

std::string csv(std::string_view content, const RecordNumbers& records) {
    return select([&](auto write) { return select_csv(records, std::move(write)); }, content);
}
std::string json(std::string_view content, const RecordNumbers& records) {
    return select([&](auto write) { return select_json(records, std::move(write)); }, content);
}
std::string xml(std::string_view content, const RecordNumbers& records) {
    return select([&](auto write) { return select_xml({"list/child"}, records, std::move(write)); },
                  content);
}

TEST(SelectRecords, KeepsTheHeaderAndTheNamedRowsOfACsvWithTheirQuotes) {
    EXPECT_EQ(csv("a,b\n1,\"x, \"\"y\"\"\"\n2,\"two\nlines\"\n3,z\n", {1, 2}),
              "a,b\r\n1,\"x, \"\"y\"\"\"\r\n2,\"two\nlines\"\r\n");
    EXPECT_EQ(csv("a,b\n1,2\n", {}), "a,b\r\n");
    EXPECT_EQ(csv("a,b,c\n1,2,3\n4,\"5", {2}), "a,b,c\r\n4,5\r\n") << "what there is of it";
}

TEST(SelectRecords, KeepsTheNamedItemsOfAJsonListAndASingleDocumentWhole) {
    const auto out = nlohmann::json::parse(json(R"([{"n":1},{"n":2},{"n":3}])", {1, 3}));
    EXPECT_EQ(out, nlohmann::json::parse(R"([{"n":1},{"n":3}])"));
    EXPECT_EQ(json("{\"n\":1}", {1}), "{\"n\":1}");
}

TEST(SelectRecords, LeavesOutWhatIsNotNamedOfAnXmlAndNothingElse) {
    const std::string_view file =
        " \n<?xml version=\"1.0\"?><!-- made today --><list xmlns=\"urn:x\" a=\"1\"><head><n>7</n>"
        "</head>stray<child n=\"1\">a &amp; b</child> <child/><child n=\"3\"><child>inner</child>"
        "</child><child n='4' ><![CDATA[</child>]]></child></list>\n";
    EXPECT_EQ(xml(file, {1, 3}),
              "<?xml version=\"1.0\"?><!-- made today --><list xmlns=\"urn:x\" a=\"1\"><head><n>7"
              "</n></head>stray<child n=\"1\">a &amp; b</child> <child n=\"3\"><child>inner"
              "</child></child></list>\n");
    EXPECT_NE(xml(file, {2}).find("stray <child/></list>"), std::string::npos);
    EXPECT_NE(xml(file, {4}).find("<child n='4' ><![CDATA[</child>]]></child></list>"),
              std::string::npos);
    EXPECT_NE(xml(file, {}).find("stray </list>"), std::string::npos);
}

TEST(SelectRecords, OfAnXmlThatBreaksOffTheRecordsBeforeAreKept) {
    EXPECT_EQ(xml("<list><child>1</child><child>2</child><child><wrong></child>", {2}),
              "<list><child>2</child>");
    EXPECT_EQ(xml("<list><child>1</child><child>2</child>", {1}), "<list><child>1</child>");
    EXPECT_EQ(xml("no xml", {1}), "");
}

TEST(SelectRecords, HoldsLittleOfARecordThatIsLargerThanAny) {
    const std::string large = "<child>" + std::string(std::size_t{6} << 20U, 'x') + "</child>";
    const std::string file = "<list>" + large + "<child>2</child></list>";
    std::string out;
    std::size_t largest = 0;
    const RecordNumbers first{1};
    const auto selector = select_xml({"list/child"}, first, [&](std::string_view piece) {
        largest = std::max(largest, piece.size());
        out += piece;
    });
    for (std::size_t at = 0; at < file.size(); at += 65'536)
        selector->feed(std::string_view(file).substr(at, 65'536));
    selector->finish();
    EXPECT_EQ(out, "<list>" + large + "</list>");
    EXPECT_LE(largest, std::size_t{3} * 65'536);
}

TEST(SelectRecords, OfAFileWhoseRecordsNeedEachOtherAllIsKept) {
    EXPECT_EQ(select([](auto write) { return select_all(std::move(write)); }, "{all of it}"),
              "{all of it}");
}

}  // namespace
}  // namespace mash::runtime
