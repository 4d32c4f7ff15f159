#include "common/base/personal.hpp"

#include <ostream>
#include <string>
#include <type_traits>

#include <fmt/core.h>
#include <fmt/ostream.h>
#include <gtest/gtest.h>

#include "common/base/log.hpp"

namespace mash {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Streamable<PersonalText>);
static_assert(!Streamable<Personal<int>>);
static_assert(!fmt::is_formattable<PersonalText>::value);
static_assert(!Loggable<PersonalText>);
static_assert(!Loggable<Personal<AgencyId>>, "not even what could be logged by itself");
static_assert(!std::is_convertible_v<PersonalText, std::string>,
              "reveal() is the one way to the value");
static_assert(!std::is_convertible_v<std::string, PersonalText>);

TEST(PersonalData, PrintsNothingOfItselfWhenATestFails) {
    EXPECT_EQ(testing::PrintToString(PersonalText("Aster Wrenfield")), "[personal]");
    EXPECT_EQ(testing::PrintToString(Personal<int>(1234)), "[personal]");
}

TEST(PersonalData, IsComparedWithoutBeingRevealed) {
    EXPECT_EQ(PersonalText("a"), PersonalText("a"));
    EXPECT_NE(PersonalText("a"), PersonalText("b"));
    EXPECT_LT(PersonalText("a"), PersonalText("b"));
    EXPECT_EQ(PersonalText("a").reveal(), "a");
}

}  // namespace
}  // namespace mash
