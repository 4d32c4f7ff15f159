#include "common/base/result.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace mash {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return fail(ErrorCode::bad_value);
    return value / 2;
}

Result<std::string> quarter_in_words(int value) {
    MASH_TRY(first, half(value));
    MASH_TRY(second, half(first));
    return std::to_string(second) + " is a quarter";
}

Result<void> must_be_even(int value) {
    MASH_TRY_VOID(half(value));
    return {};
}

TEST(Results, CarryAValueOrACode) {
    EXPECT_EQ(half(8).value(), 4);
    ASSERT_FALSE(half(3));
    EXPECT_EQ(half(3).error(), ErrorCode::bad_value);
}

TEST(Results, HandAFailureUpUnchanged) {
    EXPECT_EQ(quarter_in_words(8).value(), "2 is a quarter");
    EXPECT_EQ(quarter_in_words(6).error(), ErrorCode::bad_value);
    EXPECT_TRUE(must_be_even(2));
    EXPECT_EQ(must_be_even(1).error(), ErrorCode::bad_value);
}

TEST(Results, MoveWhatCannotBeCopied) {
    Result<std::unique_ptr<int>> made(std::make_unique<int>(5));
    const auto owned = std::move(made).value();
    EXPECT_EQ(*owned, 5);
}

TEST(ResultsDeathTest, StopTheProgramWhenTheWrongSideIsRead) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(static_cast<void>(half(3).value()), "check failed: has_value");
    EXPECT_DEATH(static_cast<void>(half(4).error()), "check failed: !has_value");
    EXPECT_DEATH(static_cast<void>(must_be_even(2).error()), "check failed");
}

TEST(ChecksDeathTest, NameTheConditionAndThePlace) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(CHECK(1 + 1 == 3), "check failed: 1 \\+ 1 == 3 at .*result_test.cpp:[0-9]+");
}

}  // namespace
}  // namespace mash
