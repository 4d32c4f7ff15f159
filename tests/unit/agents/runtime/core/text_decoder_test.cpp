#include "agents/runtime/core/text_decoder.hpp"

#include <gtest/gtest.h>

namespace mash::runtime {
namespace {

using namespace std::string_view_literals;

std::string decoded(std::string_view file, std::size_t piece = 1'000) {
    TextDecoder decoder;
    std::string out;
    for (std::size_t at = 0; at < file.size(); at += piece)
        out += decoder.feed(file.substr(at, piece));
    return out + decoder.finish();
}

TEST(TextDecoder, Utf16WithItsMarkBecomesUtf8InEitherOrder) {
    const std::string text = "a,Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x99\x82\r\n";
    for (std::size_t piece = 1; piece < 40; ++piece) {
        EXPECT_EQ(decoded("\xFF\xFE"
                          "a\0,\0Z\0o\0\xEB\0 \0\xAC\x20 \0\x3D\xD8\x42\xDE\r\0\n\0"sv,
                          piece),
                  text);
        EXPECT_EQ(decoded("\xFE\xFF"
                          "\0a\0,\0Z\0o\0\xEB\0 \x20\xAC\0 \xD8\x3D\xDE\x42\0\r\0\n"sv,
                          piece),
                  text);
    }
}

TEST(TextDecoder, Utf16ThatIsCutOrHasHalfACharacterKeepsTheRest) {
    EXPECT_EQ(decoded("\xFF\xFE\x3D\xD8x\0\x42\xDEy"sv), "\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(decoded("\xFF\xFE\x3D\xD8"sv), "\xEF\xBF\xBD");
}

TEST(TextDecoder, Utf8StaysAsItIsButForItsMark) {
    EXPECT_EQ(decoded("\xEF\xBB\xBFref,what\r\n"), "ref,what\r\n");
    EXPECT_EQ(decoded(""), "");
    const std::string text = "Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x99\x82";
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
        TextDecoder decoder;
        std::string out = decoder.feed(std::string(300, 'x'));  // it has decided by now
        for (std::size_t at = 0; at < text.size(); at += piece)
            out += decoder.feed(text.substr(at, piece));
        EXPECT_EQ(out + decoder.finish(), std::string(300, 'x') + text) << piece;
    }
}

TEST(TextDecoder, BytesThatAreNoUtf8AreWindows1252WhereverTheyStand) {
    EXPECT_EQ(decoded("Zo\xEB \x96 O\x92Test, Zo\xC3\xAB, \xE9"),
              "Zo\xC3\xAB \xE2\x80\x93 O\xE2\x80\x99Test, Zo\xC3\xAB, \xC3\xA9");
    EXPECT_EQ(decoded("\xE2\x82"), "\xC3\xA2\xE2\x80\x9A");
}

TEST(TextDecoder, AnXmlFileThatDeclaresOneByteIsReadSoThroughout) {
    // Two characters of Latin-1 that happen to be one of UTF-8.
    EXPECT_EQ(decoded("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\xA9</a>", 7),
              "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\x83\xC2\xA9</a>");
    EXPECT_EQ(decoded("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>\xC3\xA9</a>"),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>\xC3\xA9</a>");
}

TEST(ToUtf8, Windows1252BecomesUtf8AndUtf8StaysAsItIs) {
    EXPECT_EQ(to_utf8("Zo\xEB \x96 O\x92Test"), "Zo\xC3\xAB \xE2\x80\x93 O\xE2\x80\x99Test");
    EXPECT_EQ(to_utf8("Zo\xC3\xAB"), "Zo\xC3\xAB");
}

}  // namespace
}  // namespace mash::runtime
