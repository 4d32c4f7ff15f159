#include "common/base/id.hpp"

#include <string>
#include <type_traits>
#include <unordered_set>

#include <gtest/gtest.h>

namespace mash {
namespace {

// Ids of two kinds never mix, and nothing becomes an id by itself.
static_assert(!std::is_convertible_v<std::string, AgencyId>);
static_assert(!std::is_convertible_v<AgencyId, std::string>);
static_assert(!std::is_constructible_v<AgencyId, InboxId>);
template <class A, class B>
concept Comparable = requires(const A& a, const B& b) { a == b; };
static_assert(Comparable<AgencyId, AgencyId>);
static_assert(!Comparable<AgencyId, InboxId>);
static_assert(!Comparable<PlanId, TaskId>);

TEST(Names, AreLowerCaseLettersDigitsAndALittlePunctuation) {
    EXPECT_TRUE(is_valid_name("missing_episode_started"));
    EXPECT_TRUE(is_valid_name("hub.ffd"));
    EXPECT_TRUE(is_valid_name("schools-884001"));
    EXPECT_TRUE(is_valid_name("p"));
    EXPECT_TRUE(is_valid_name(std::string(64, 'a')));
}

TEST(Names, AreRefusedWhenEmptyTooLongOrSpeltOtherwise) {
    EXPECT_FALSE(is_valid_name(""));
    EXPECT_FALSE(is_valid_name(std::string(65, 'a')));
    for (const char* name :
         {"Police", "a b", "a/b", "caf\xC3\xA9", "a\n", "../x", "..", ".", ".a", "-a", "_a"}) {
        EXPECT_FALSE(is_valid_name(name)) << name;
    }
    EXPECT_FALSE(is_valid_name(std::string_view("a\0b", 3)));
}

TEST(ViewNames, AreASectionAndAViewWithADotBetween) {
    EXPECT_TRUE(is_valid_view_name("rsk.word"));
    EXPECT_TRUE(is_valid_view_name("hlt.critical"));
    for (const char* name :
         {"", ".", "rsk", "rsk.", ".word", "rsk.word.more", "Rsk.word", "rsk word"}) {
        EXPECT_FALSE(is_valid_view_name(name)) << name;
    }
    EXPECT_FALSE(is_valid_view_name("rsk." + std::string(61, 'a')));
}

TEST(Uuid, IsMadeAsInTheExampleOfRfc9562AppendixA6) {
    const std::array<std::uint8_t, 10> random{0x0C, 0xC3, 0x18, 0xC4, 0xDC,
                                              0x0C, 0x0C, 0x07, 0x39, 0x8F};
    EXPECT_EQ(uuid_text(uuid_v7(0x017F22E279B0, random)), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(Uuid, KeepsVersionAndVariantWhateverTheRandomBytesAre) {
    std::array<std::uint8_t, 10> random{};
    random.fill(0xFF);
    EXPECT_EQ(uuid_text(uuid_v7(0xFFFFFFFFFFFF, random)), "ffffffff-ffff-7fff-bfff-ffffffffffff");
    random.fill(0);
    EXPECT_EQ(uuid_text(uuid_v7(0, random)), "00000000-0000-7000-8000-000000000000");
}

TEST(Uuid, SortsByTimeAsBytes) {
    std::array<std::uint8_t, 10> late{};
    std::array<std::uint8_t, 10> early{};
    early.fill(0xFF);
    EXPECT_LT(uuid_v7(1'000, early), uuid_v7(1'001, late));
    EXPECT_LT(uuid_v7(255, early), uuid_v7(256, late));
}

TEST(Uuid, IsReadBackFromItsText) {
    const auto value = uuid_from_text("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    ASSERT_TRUE(value);
    EXPECT_EQ(uuid_text(*value), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(Uuid, HasOneSpellingOnly) {
    for (const char* text :
         {"", "017f22e279b07cc398c4dc0c0c07398f", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
          "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e279-b0-7cc3-98c4-dc0c0c07398f",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
        const auto value = uuid_from_text(text);
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error(), ErrorCode::malformed);
    }
}

TEST(BinaryIds, AreZeroUntilMadeAndTellApartInASet) {
    EXPECT_TRUE(PlanId().is_zero());
    const auto one = PlanId(uuid_v7(1, {}));
    const auto two = PlanId(uuid_v7(2, {}));
    EXPECT_FALSE(one.is_zero());
    const std::unordered_set<PlanId> set{one, two, one};
    EXPECT_EQ(set.size(), 2U);
    EXPECT_EQ(to_text(one), "00000000-0001-7000-8000-000000000000");
}

TEST(Seats, AreOrderedByAgencyThenRole) {
    const Seat police{AgencyId("police"), RoleId("pol")};
    const Seat health_gp{AgencyId("health"), RoleId("gp")};
    const Seat health_mid{AgencyId("health"), RoleId("mid")};
    EXPECT_LT(health_gp, health_mid);
    EXPECT_LT(health_mid, police);
    EXPECT_EQ(police, (Seat{AgencyId("police"), RoleId("pol")}));
}

}  // namespace
}  // namespace mash
