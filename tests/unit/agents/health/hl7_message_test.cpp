#include "agents/health/hl7_message.hpp"

#include <gtest/gtest.h>

#include "agents/health/hl7_adt.hpp"

namespace mash::health {
namespace {

Hl7Message read(std::string_view text) {
    auto message = Hl7Message::read(text);
    EXPECT_TRUE(message.has_value());
    return message ? std::move(*message) : Hl7Message();
}

TEST(Hl7Message, TakesItsDelimitersFromItsOwnHeader) {
    const auto message = read("MSH#*!?+#APP#\rPID###1*2!3+4*5\r");
    const auto* pid = message.segment("PID");
    const auto ids = message.repeats(pid, 3);
    ASSERT_EQ(ids.size(), 2U);
    EXPECT_EQ(ids[0].part(2), "2");
    EXPECT_EQ(ids[1].part(1), "3");
    EXPECT_EQ(ids[1].part(2), "5");
    EXPECT_EQ(message.text(message.segment("MSH"), 3), "APP");
}

TEST(Hl7Message, SegmentsEndWithAnyLineEnd) {
    for (const std::string end : {"\r", "\n", "\r\n"}) {
        const auto message = read("MSH|^~\\&|A" + end + "PID|1" + end + "PV1|2" + end);
        ASSERT_EQ(message.segments().size(), 3U);
        EXPECT_EQ(message.text(message.segment("PV1"), 1), "2");
    }
}

TEST(Hl7Message, EscapesBecomeWhatTheyStandFor) {
    const Hl7Delimiters signs;
    EXPECT_EQ(hl7_unescaped(R"(a\F\b\S\c\T\d\R\e\E\f)", signs), R"(a|b^c&d~e\f)");
    EXPECT_EQ(hl7_unescaped(R"(\X41c3A9\)", signs), "A\xC3\xA9");
    EXPECT_EQ(hl7_unescaped(R"(one\.br\two \H\loud\N\)", signs), "one\ntwo loud");
    // Neither finished nor known: as it is, because nobody may lose a word of it.
    EXPECT_EQ(hl7_unescaped(R"(50\ and \Zq\ and \X4\)", signs), R"(50\ and \Zq\ and \X4\)");
}

TEST(Hl7Message, WhatIsEscapedReadsBackAsItWas) {
    const Hl7Delimiters signs;
    const std::string words = "Smith & Jones | a^b ~ c\\d\nnext line";
    EXPECT_EQ(hl7_unescaped(hl7_escaped(words, signs), signs), words);
    EXPECT_EQ(hl7_escaped(words, signs).find('|'), std::string::npos);
    EXPECT_EQ(hl7_escaped("a\r\nb", signs), R"(a\.br\b)");
}

TEST(Hl7Message, ASubcomponentDoesNotSpillIntoItsNeighbours) {
    const auto message = read("MSH|^~\\&|A\rPID|||7&x&y^^^AUTH&1.2.3&ISO^MR\r");
    const auto ids = message.repeats(message.segment("PID"), 3);
    ASSERT_EQ(ids.size(), 1U);
    EXPECT_EQ(ids[0].part(1), "7");
    EXPECT_EQ(ids[0].part(4), "AUTH");
}

TEST(Hl7Message, TheDeleteMarkIsNoValue) {
    const auto message = read("MSH|^~\\&|A\rPID|||1||\"\"|\r");
    const auto* pid = message.segment("PID");
    EXPECT_EQ(message.text(pid, 5), "");
    EXPECT_TRUE(message.is_emptied(pid, 5));
    EXPECT_FALSE(message.is_emptied(pid, 6));
    EXPECT_FALSE(message.is_emptied(pid, 60));
}

TEST(Hl7Message, ALineBreakInsideATextIsTheRestOfItsLine) {
    const auto message = read("MSH|^~\\&|A\rOBX|1|TX|a||the first\nline and more\rPV1|1\r");
    EXPECT_EQ(message.text(message.segment("OBX"), 5), "the first line and more");
    EXPECT_EQ(message.stray_lines(), 1U);
    EXPECT_NE(message.segment("PV1"), nullptr);
}

TEST(Hl7Message, Windows1252IsRead) {
    const auto message = read("MSH|^~\\&|A\rPID|||1||Zo\xEB^T\r");
    EXPECT_EQ(message.text(message.segment("PID"), 5), "Zo\xC3\xAB");
}

TEST(Hl7Message, WhatIsNoMessageIsRefused) {
    for (const std::string_view text :
         {"", "\r\n", "PID|1", "MSH", "MSH|", "MSH|^", "MSH|^^^^|A\r", "MSH|||||A\r", "MSHaabc|A\r",
          "MSH|^~\\&XYZ|A\r", "MSH|a~\\&|A\r"})
        EXPECT_FALSE(Hl7Message::read(text).has_value()) << text;
}

TEST(Hl7Message, OneThatIsTooLargeIsRefusedNotCut) {
    std::string text = "MSH|^~\\&|A\rOBX|1|";
    text.append(hl7_message_bytes_max, 'x');
    const auto message = Hl7Message::read(text);
    ASSERT_FALSE(message.has_value());
    EXPECT_EQ(message.error(), ErrorCode::too_large);
    std::string many = "MSH|^~\\&|A\r";
    for (std::size_t i = 0; i <= hl7_segments_max; ++i) many += "NTE|1\r";
    EXPECT_EQ(Hl7Message::read(many).error(), ErrorCode::too_large);
}

struct Seen {
    std::vector<std::pair<std::uint64_t, std::string>> messages;
    std::size_t too_large = 0;
};

Seen cut(std::string_view text, std::size_t piece) {
    Seen out;
    Hl7FileReader reader([&](const Hl7FileReader::Found& found) {
        out.messages.emplace_back(found.line, std::string(found.text));
        out.too_large += found.too_large ? 1 : 0;
    });
    for (std::size_t at = 0; at < text.size(); at += piece) reader.feed(text.substr(at, piece));
    reader.finish();
    return out;
}

TEST(Hl7FileReader, CutsAFileWhereverItsPiecesEnd) {
    const std::string file =
        "FHS|^~\\&|A\r\nBHS|^~\\&|A\r\nMSH|^~\\&|A||||||1\r\nPID|1\r\n\r\n\x0BMSH|^~\\&|B||||||2\r"
        "PID|2\r\x1C\rBTS|2\r\nFTS|1\r\n";
    const auto whole = cut(file, file.size());
    ASSERT_EQ(whole.messages.size(), 2U);
    EXPECT_EQ(whole.messages[0].first, 3U);
    EXPECT_EQ(whole.messages[0].second, "MSH|^~\\&|A||||||1\rPID|1\r");
    EXPECT_EQ(whole.messages[1].second, "MSH|^~\\&|B||||||2\rPID|2\r");
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 50U})
        EXPECT_EQ(cut(file, piece).messages, whole.messages) << piece;
}

TEST(Hl7FileReader, AMessageThatIsTooLargeCostsNoOtherAndNoMemory) {
    std::string file = "MSH|^~\\&|A\rOBX|";
    file.append(2 * hl7_message_bytes_max, 'x');
    file += "\rMSH|^~\\&|B\rPID|1\r";
    const auto seen = cut(file, 4096);
    ASSERT_EQ(seen.messages.size(), 2U);
    EXPECT_EQ(seen.too_large, 1U);
    EXPECT_LT(seen.messages[0].second.size(), hl7_message_bytes_max);
    EXPECT_EQ(seen.messages[1].second, "MSH|^~\\&|B\rPID|1\r");
}

AdtMessage adt(const std::string& rest) {
    return read_adt(read("MSH|^~\\&|APP|FAC|||20270113103000||ADT^A04|1|P|2.4\r" + rest));
}

TEST(Adt, AValueThatCannotBeReadIsNamedWithItsReasonAndCostsNothingElse) {
    const auto message = adt(
        "EVN|A04|soon\rPID|||7^^^A^MR||Testcase^Juno||2013-13-45|F\rPV1|1|Q|||||||||||||||||V1");
    EXPECT_EQ(message.person.family.reveal(), "Testcase");
    EXPECT_EQ(message.visit.number, "V1");
    EXPECT_FALSE(message.person.born.has_value());
    std::vector<std::string> places;
    for (const auto& fault : message.faults) places.push_back(fault.field + " " + fault.rule);
    EXPECT_EQ(places,
              (std::vector<std::string>{"EVN-2 bad_date", "PID-7 bad_date", "PV1-2 unknown_code"}));
}

TEST(Adt, ADateOfBirthNeverMovesAndMayCarryWhatBelongsElsewhere) {
    EXPECT_EQ(adt("PID|||7||A^B||20130405000000+0200|F").person.birth_date(), "2013-04-05");
    EXPECT_EQ(adt("PID|||7||A^B||20130405^^x|F").person.birth_date(), "2013-04-05");
    EXPECT_EQ(adt("PID|||7||A^B||20160229999999|F").person.birth_date(), "2016-02-29");
    EXPECT_EQ(adt("PID|||7||A^B||20150229|F").person.birth_date(), "");
    EXPECT_EQ(adt("PID|||7||A^B||201304|F").person.birth_date(), "2013-04");
    EXPECT_EQ(adt("PID|||7||A^B||2013|F").person.birth_date(), "2013");
    EXPECT_EQ(adt("PID|||7||A^B||201313|F").person.birth_date(), "");
}

TEST(Adt, NamesInUseComeFirstAndAllOthersAreKept) {
    const auto person =
        adt("PID|||7||Old^Name^^^^^M~Testcase^Juno^Ann^^Miss^^L~Nick^June^^^^^A||20130405|F")
            .person;
    EXPECT_EQ(person.family.reveal(), "Testcase");
    EXPECT_EQ(person.middle.reveal(), "Ann");
    ASSERT_EQ(person.aliases.size(), 2U);
    EXPECT_EQ(person.aliases[1].given.reveal(), "June");
}

TEST(Adt, TheNhsNumberIsKnownByAuthorityOrType) {
    EXPECT_EQ(adt("PID|||7^^^H^MR~9990000018^^^NHS^NH||A^B").person.nhs_number.reveal(),
              "9990000018");
    EXPECT_EQ(adt("PID||9990000018^^^X^NI|7^^^H^MR||A^B").person.nhs_number.reveal(), "9990000018");
    const auto wrong = adt("PID|||7^^^H^MR~9990000017^^^NHS||A^B");
    EXPECT_EQ(wrong.person.nhs_number.reveal(), "9990000017");
    ASSERT_EQ(wrong.faults.size(), 1U);
    EXPECT_EQ(wrong.faults[0].rule, "unverified_number");
}

}  // namespace
}  // namespace mash::health
