#include "agents/runtime/core/xml.hpp"

#include <gtest/gtest.h>

#include "common/base/check.hpp"

namespace mash::runtime {
namespace {

struct Read {
    std::vector<std::string> seen;  ///< "path#number=text of name"
    std::vector<XmlFound> found;
    XmlReader::Fault fault;
    bool fit = false;
};

Read read(std::string_view text, std::vector<std::string> records, std::size_t piece = 1'000'000,
          XmlLimits limits = {}) {
    Read out;
    XmlReader reader(
        std::move(records),
        [&](XmlFound&& found) {
            out.seen.push_back(found.path + "#" + std::to_string(found.number));
            out.found.push_back(std::move(found));
        },
        limits);
    Result<void> fed;
    for (std::size_t at = 0; at < text.size() && fed; at += piece)
        fed = reader.feed(text.substr(at, piece));
    if (fed) fed = reader.finish();
    out.fit = fed.has_value();
    out.fault = reader.fault();
    return out;
}

std::string text_at(const XmlElement& element, std::string_view path) {
    const auto value = element.value(path);
    return value ? value->reveal() : "-";
}

constexpr std::string_view transfer =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<CTfile>\n"
    "  <Header><CTFversion>25.0</CTFversion></Header>\n"
    "  <CTFpupilData>stray\n"
    "    <Pupil><Surname> Lark&amp;Sons </Surname>\n"
    "      "
    "<Phones><Phone><PhoneNo>1</PhoneNo></Phone><Phone><PhoneNo>2</PhoneNo></Phone></Phones>\n"
    "      <SuppInfo kind=\"x\"><a><b/></a>stray</SuppInfo></Pupil>\n"
    "    <Pupil><Surname>\xC3\x98sterg\xC3\xA5rd</Surname></Pupil>\n"
    "  </CTFpupilData>\n"
    "</CTfile>\n";

TEST(Xml, GivesOneRecordAtATimeAndTheHeaderBefore) {
    const auto got = read(transfer, {"CTfile/CTFpupilData/Pupil"});
    ASSERT_TRUE(got.fit);
    EXPECT_EQ(got.seen, (std::vector<std::string>{"CTfile/Header#0", "CTfile/CTFpupilData/Pupil#1",
                                                  "CTfile/CTFpupilData/Pupil#2"}));
    EXPECT_EQ(text_at(got.found[0].element, "CTFversion"), "25.0");
    const auto& pupil = got.found[1].element;
    EXPECT_EQ(text_at(pupil, "Surname"), "Lark&Sons");
    EXPECT_EQ(pupil.all("Phones/Phone").size(), 2U);
    EXPECT_EQ(text_at(pupil, "Phones/Phone/PhoneNo"), "1");
    EXPECT_EQ(pupil.child("SuppInfo")->attribute("kind")->reveal(), "x");
    EXPECT_EQ(text_at(pupil, "Forename"), "-");
    EXPECT_EQ(got.found[1].line, 5U);
    EXPECT_EQ(text_at(got.found[2].element, "Surname"), "\xC3\x98sterg\xC3\xA5rd");
}

TEST(Xml, PiecesMayBeCutAnywhere) {
    for (std::size_t piece = 1; piece < 60; ++piece) {
        const auto got = read(transfer, {"CTfile/CTFpupilData/Pupil"}, piece);
        ASSERT_TRUE(got.fit) << piece;
        ASSERT_EQ(got.found.size(), 3U);
        EXPECT_EQ(text_at(got.found[1].element, "Surname"), "Lark&Sons") << piece;
    }
}

TEST(Xml, NamespacesStandApartFromNames) {
    const auto got = read(
        "<f:Bundle xmlns:f=\"http://hl7.org/fhir\"><f:entry><f:id value=\"7\"/></f:entry>"
        "</f:Bundle>",
        {"Bundle/entry"});
    ASSERT_TRUE(got.fit);
    ASSERT_EQ(got.seen, std::vector<std::string>{"Bundle/entry#1"});
    EXPECT_EQ(got.found[0].element.name_space, "http://hl7.org/fhir");
    EXPECT_EQ(got.found[0].element.child("id")->attribute("value")->reveal(), "7");
}

TEST(Xml, TheRootMayBeTheOneRecord) {
    const auto got = read("<Flag><status value=\"active\"/></Flag>", {"Bundle/entry", "Flag"});
    ASSERT_TRUE(got.fit);
    EXPECT_EQ(got.seen, std::vector<std::string>{"Flag#1"});
    EXPECT_EQ(read("<Any><x/></Any>", {"*/x"}).seen, std::vector<std::string>{"Any/x#1"});
}

TEST(Xml, ADocumentTypeIsRefusedBeforeAnythingIsReadOfIt) {
    const auto got = read(
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\"><!ENTITY c \"&b;&b;\">]>"
        "<a><r>&c;</r></a>",
        {"a/r"});
    EXPECT_FALSE(got.fit);
    EXPECT_EQ(got.fault.rule, "document_type");
    EXPECT_TRUE(got.found.empty());
    EXPECT_EQ(read("<!DOCTYPE a><a><r/></a>", {"a/r"}).fault.rule, "document_type");
}

TEST(Xml, AnEntityThatIsNotOneOfTheFiveEndsTheFileThere) {
    const auto got = read("<a><r>&lt;&#65;</r><r>&nbsp;</r><r/></a>", {"a/r"});
    EXPECT_FALSE(got.fit);
    EXPECT_EQ(got.fault.rule, "not_xml");
    ASSERT_EQ(got.found.size(), 1U);
    EXPECT_EQ(got.found[0].element.text.reveal(), "<A");
}

TEST(Xml, AFileThatEndsTooSoonIsCutOffAndWhatCameBeforeWasGiven) {
    const auto got = read("<a><r>1</r><r>2", {"a/r"});
    EXPECT_FALSE(got.fit);
    EXPECT_EQ(got.fault.rule, "cut_off");
    EXPECT_EQ(got.found.size(), 1U);
    EXPECT_EQ(read("", {"a"}).fault.rule, "cut_off");
    EXPECT_EQ(read("<a><r></a>", {"a/r"}).fault.rule, "not_xml");
}

TEST(Xml, ARecordThatIsTooLargeIsSaidAndThoseAfterItAreRead) {
    XmlLimits limits;
    limits.record_bytes = 2'000;
    std::string large = "<a><r><deep><er>";
    large += std::string(3'000, 'x') + "</er></deep><after>1</after></r><r><v>2</v></r></a>";
    const auto got = read(large, {"a/r"}, 7, limits);
    ASSERT_TRUE(got.fit);
    ASSERT_EQ(got.found.size(), 2U);
    EXPECT_TRUE(got.found[0].too_large);
    EXPECT_TRUE(got.found[0].element.children.empty());
    EXPECT_FALSE(got.found[1].too_large);
    EXPECT_EQ(text_at(got.found[1].element, "v"), "2");
    // Many small elements weigh as much as they take in memory.
    std::string many = "<a><r>";
    for (int i = 0; i < 100; ++i) many += "<e/>";
    const auto small = read(many + "</r></a>", {"a/r"}, 9, limits);
    ASSERT_EQ(small.found.size(), 1U);
    EXPECT_TRUE(small.found[0].too_large);
}

TEST(Xml, DepthAndTagsAreBounded) {
    std::string deep = "<a>";
    for (int i = 0; i < 100; ++i) deep += "<r>";
    EXPECT_EQ(read(deep, {"a/r"}).fault.rule, "too_deep");
    XmlLimits limits;
    limits.token_bytes = 1'000;
    EXPECT_EQ(read("<a><r v=\"" + std::string(5'000, 'x'), {"a/r"}, 100, limits).fault.rule,
              "too_large");
    EXPECT_EQ(read("<a><!--" + std::string(5'000, 'x'), {"a/r"}, 100, limits).fault.rule,
              "too_large");
}

TEST(Xml, AfterAnErrorNothingMoreIsRead) {
    int given = 0;
    XmlReader reader({"a/r"}, [&](XmlFound&&) { ++given; });
    EXPECT_FALSE(reader.feed("<a></b>"));
    EXPECT_FALSE(reader.feed("<a><r/></a>"));
    EXPECT_FALSE(reader.finish());
    EXPECT_EQ(given, 0);
}

TEST(Xml, WhatTheFileDeclaresOfItsEncodingIsNotAsked) {
    const auto got =
        read("\n  <?xml version=\"1.0\" encoding=\"utf-16\"?><a><r>\xC3\xA9</r></a>", {"a/r"}, 3);
    ASSERT_TRUE(got.fit);
    EXPECT_EQ(got.found[0].element.text.reveal(), "\xC3\xA9");
}

TEST(Xml, TheRootIsKnownByTheFirstBytes) {
    EXPECT_EQ(
        xml_root("\xEF\xBB\xBF<?xml version=\"1.0\"?><!-- x --><b:Bundle xmlns:b=\"urn:x\"><b:e"),
        std::pair(std::string("Bundle"), std::string("urn:x")));
    EXPECT_FALSE(xml_root("a,b\n1,<2"));
    EXPECT_FALSE(xml_root("<!DOCTYPE html><html>"));
    EXPECT_FALSE(xml_root("<?xml version=\"1.0\"?><Unfin"));
}

}  // namespace
}  // namespace mash::runtime
