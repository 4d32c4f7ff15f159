#include "common/base/bytes.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mash {
namespace {

std::string base64url(std::string_view text) { return to_base64url(view_of(text)); }

TEST(Hex, IsLowerCaseBothWays) {
    EXPECT_EQ(to_hex(Bytes{0x00, 0xAB, 0xFF}), "00abff");
    const auto bytes = from_hex("00abff");
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, (Bytes{0x00, 0xAB, 0xFF}));
    EXPECT_TRUE(from_hex("").value().empty());
}

TEST(Hex, IsRefusedInAnyOtherSpelling) {
    for (const char* text : {"a", "AB", "0x", "g0", "0g", "a b", "ab\n"}) {
        EXPECT_FALSE(from_hex(text)) << text;
    }
}

TEST(Base64url, MatchesTheExamplesOfRfc4648WithoutPadding) {
    EXPECT_EQ(base64url(""), "");
    EXPECT_EQ(base64url("f"), "Zg");
    EXPECT_EQ(base64url("fo"), "Zm8");
    EXPECT_EQ(base64url("foo"), "Zm9v");
    EXPECT_EQ(base64url("foob"), "Zm9vYg");
    EXPECT_EQ(base64url("fooba"), "Zm9vYmE");
    EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64url(Bytes{0xFB, 0xFF, 0xFE}), "-__-");
}

TEST(Base64url, GivesBackEveryByteStringOfEveryLength) {
    Bytes bytes;
    for (int i = 0; i < 300; ++i) {
        const auto back = from_base64url(to_base64url(bytes));
        ASSERT_TRUE(back) << "length " << i;
        EXPECT_EQ(*back, bytes);
        bytes.push_back(static_cast<std::uint8_t>(i * 7 + 3));
    }
}

TEST(Base64url, IsRefusedInASecondSpellingOfTheSameBytes) {
    // The last character of each carries bits that no byte uses: "Zg" is the one spelling of "f".
    for (const char* text : {"Zh", "Zv", "Zm9", "Zm-", "Zm9vYh"})
        EXPECT_FALSE(from_base64url(text)) << text;
    for (const char* text :
         {"Zg==", "Zg=", "Z", "Zm9vY", "-__+", "-_/-", "Zm 8", "Zm8\n", " Zm8", "Zm\xC3\xA9"}) {
        EXPECT_FALSE(from_base64url(text)) << text;
    }
}

TEST(Writer, PutsEveryFieldInItsOneEncoding) {
    Writer writer;
    writer.u8(1)
        .u16(0x0203)
        .u32(0x04050607)
        .u64(0x08090A0B0C0D0E0F)
        .flag(true)
        .text("hi")
        .fixed(Bytes{0xEE});
    EXPECT_EQ(to_hex(writer.done()), "0102030405060708090a0b0c0d0e0f01000000026869ee");
}

TEST(Writer, WritesNamesWithTheirLengthAndBinaryIdsWithout) {
    Writer writer;
    writer.id(AgencyId("police")).id(PlanId(uuid_v7(1, {})));
    EXPECT_EQ(to_hex(writer.done()), "00000006706f6c69636500000000000170008000000000000000");
}

TEST(Writer, KeepsTheOrderOfSignedNumbers) {
    const std::vector<std::int64_t> ascending{
        std::numeric_limits<std::int64_t>::min(), -2, -1, 0, 1, 2,
        std::numeric_limits<std::int64_t>::max()};
    Bytes before;
    for (auto value : ascending) {
        const auto key = Writer().i64(value).take();
        EXPECT_LT(before, key) << value;
        Reader reader(key);
        EXPECT_EQ(reader.i64(), value);
        EXPECT_TRUE(reader.finished());
        before = key;
    }
}

Bytes sample_record() {
    Writer writer;
    writer.u8(7)
        .u16(8)
        .u32(9)
        .u64(10)
        .i64(-11)
        .flag(false)
        .flag(true)
        .bytes(Bytes{1, 2, 3})
        .text("text");
    writer.id(AgencyId("police")).id(PlanId(uuid_v7(12, {}))).fixed(Digest{});
    return writer.take();
}

void read_sample(Reader& reader) {
    EXPECT_EQ(reader.u8(), 7);
    EXPECT_EQ(reader.u16(), 8);
    EXPECT_EQ(reader.u32(), 9U);
    EXPECT_EQ(reader.u64(), 10U);
    EXPECT_EQ(reader.i64(), -11);
    EXPECT_FALSE(reader.flag());
    EXPECT_TRUE(reader.flag());
    EXPECT_EQ(reader.owned_bytes(), (Bytes{1, 2, 3}));
    EXPECT_EQ(reader.text(), "text");
    EXPECT_EQ(reader.id<AgencyId>(), AgencyId("police"));
    EXPECT_EQ(reader.id<PlanId>(), PlanId(uuid_v7(12, {})));
    EXPECT_EQ(reader.array<32>(), Digest{});
}

TEST(Reader, GivesBackWhatWasWritten) {
    const auto record = sample_record();
    Reader reader(record);
    read_sample(reader);
    EXPECT_TRUE(reader.finished());
}

TEST(Reader, FailsOnARecordCutAnywhere) {
    const auto record = sample_record();
    for (std::size_t size = 0; size < record.size(); ++size) {
        // An exact copy, so that a sanitizer sees a read past the cut.
        const Bytes cut(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
        Reader reader(cut);
        reader.u8();
        reader.u16();
        reader.u32();
        reader.u64();
        reader.i64();
        reader.flag();
        reader.flag();
        reader.owned_bytes();
        reader.text();
        reader.id<AgencyId>();
        reader.id<PlanId>();
        reader.array<32>();
        EXPECT_FALSE(reader.ok()) << "cut at " << size;
        EXPECT_FALSE(reader.finished());
    }
}

TEST(Reader, GivesEmptyValuesAfterTheFirstFailure) {
    const Bytes input{0, 0, 0, 9, 'a', 'b', 'c', 'd'};
    Reader reader(input);
    EXPECT_TRUE(reader.bytes().empty()) << "nine bytes were promised and four are there";
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_EQ(reader.i64(), 0);
    EXPECT_EQ(reader.text(), "");
    EXPECT_FALSE(reader.ok());
}

TEST(Reader, RefusesALengthNearTheTopOfItsRange) {
    const Bytes input{0xFF, 0xFF, 0xFF, 0xFF, 'a'};
    Reader reader(input);
    EXPECT_TRUE(reader.bytes().empty());
    EXPECT_FALSE(reader.ok());
    Reader huge(input);
    EXPECT_TRUE(huge.fixed(std::numeric_limits<std::size_t>::max()).empty());
    EXPECT_FALSE(huge.ok());
}

TEST(Reader, RefusesAFlagThatIsNeitherZeroNorOne) {
    const Bytes input{2};
    Reader reader(input);
    EXPECT_FALSE(reader.flag());
    EXPECT_FALSE(reader.ok());
}

TEST(Reader, RefusesACountThatTheRestCouldNotHold) {
    const auto three_of_four_bytes = Writer().u32(3).fixed(Bytes(12)).take();
    Reader fits(three_of_four_bytes);
    EXPECT_EQ(fits.count(4), 3U);
    EXPECT_TRUE(fits.ok());
    Reader too_many(three_of_four_bytes);
    EXPECT_EQ(too_many.count(5), 0U);
    EXPECT_FALSE(too_many.ok());
}

TEST(Reader, IsNotFinishedWhileBytesAreLeft) {
    const Bytes input{1, 2};
    Reader reader(input);
    reader.u8();
    EXPECT_TRUE(reader.ok());
    EXPECT_FALSE(reader.finished());
}

TEST(Reader, FailsForGoodWhenTheCallerSaysSo) {
    const Bytes input{1, 2};
    Reader reader(input);
    reader.fail();
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace mash
