#include "agents/runtime/core/json.hpp"

#include <gtest/gtest.h>

namespace mash::runtime {
namespace {

std::string repeated(std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += (i == 0 ? "" : ",") + std::string(piece);
    return out;
}
std::string object_of(std::size_t members) {
    std::string out = "{";
    for (std::size_t i = 0; i < members; ++i)
        out += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
    return out + "}";
}

TEST(JsonBounds, WhatAParserWouldLoseItselfInIsRefusedBeforeItBegins) {
    EXPECT_EQ(json_from_text("{\"x\":[" + repeated("{}", 200'000) + "]}").error(),
              ErrorCode::malformed);
    EXPECT_EQ(json_from_text("[" + repeated("0", limits::json_values_max + 1) + "]").error(),
              ErrorCode::malformed);
    EXPECT_EQ(json_from_text(object_of(limits::json_members_max + 1)).error(),
              ErrorCode::malformed);
    EXPECT_EQ(json_from_text("[" + object_of(limits::json_members_max + 1) + "]").error(),
              ErrorCode::malformed);
}

TEST(JsonBounds, WhatIsWithinThemIsRead) {
    EXPECT_TRUE(json_from_text("[" + repeated("0", limits::json_values_max - 2) + "]"));
    EXPECT_TRUE(json_from_text("[" + repeated("{}", 20'000) + "]"));
    EXPECT_TRUE(json_from_text(object_of(limits::json_members_max)));
    EXPECT_TRUE(json_from_text("[" + repeated(object_of(limits::json_members_max), 90) + "]"));
}

TEST(JsonBounds, ACommaOrBracketWithinAStringIsNone) {
    const std::string text = "[\"" + std::string(60'000, ',') + "\\\"[{" +
                             std::string(60'000, '{') + "\",{\"a\\\",b\":1}]";
    const auto json = json_from_text(text);
    ASSERT_TRUE(json);
    EXPECT_EQ(json->size(), 2U);
}

TEST(JsonBounds, DepthIsBoundedAsWell) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_TRUE(json_from_text(nested(limits::json_depth_max)));
    EXPECT_FALSE(json_from_text(nested(limits::json_depth_max + 1)));
    EXPECT_FALSE(json_from_text(std::string(1'000'000, '[')));
    EXPECT_FALSE(json_from_text("]]]]"));
    EXPECT_FALSE(json_from_text(""));
}

}  // namespace
}  // namespace mash::runtime
