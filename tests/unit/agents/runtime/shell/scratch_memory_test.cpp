#include "agents/runtime/shell/scratch_memory.hpp"

#include <gtest/gtest.h>

#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

std::vector<runtime::Remembered> some(std::size_t from, std::size_t to, const std::string& word) {
    std::vector<runtime::Remembered> out;
    for (std::size_t i = from; i < to; ++i)
        out.push_back({"key/" + std::to_string(i), word + std::to_string(i)});
    return out;
}

TEST(ScratchMemory, WhatIsPutByIsFoundAgainAndTheLastWordHolds) {
    test::TemporaryFolder folder;
    ScratchMemory scratch(folder.path(), 4'096);
    const auto get = scratch.over();
    ASSERT_TRUE(scratch.put(some(0, 500, "first ")));
    ASSERT_TRUE(scratch.put(some(100, 400, "second ")));
    ASSERT_TRUE(scratch.put(some(1'000, 1'010, "near ")));
    EXPECT_EQ(get("key/0"), "first 0");
    EXPECT_EQ(get("key/100"), "second 100");
    EXPECT_EQ(get("key/499"), "first 499");
    EXPECT_EQ(get("key/1009"), "near 1009");
    EXPECT_EQ(get("key/500"), std::nullopt);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "it has no name on the disk";
}

TEST(ScratchMemory, WhatWasForgottenStaysForgottenWhateverTheStoreHolds) {
    test::TemporaryFolder folder;
    ScratchMemory scratch(folder.path(), 4'096);
    const auto get =
        scratch.over([](std::string_view) { return std::optional<std::string>("held"); });
    ASSERT_TRUE(scratch.put(some(0, 500, "said ")));
    ASSERT_TRUE(scratch.put({{"key/1", ""}}));
    EXPECT_EQ(get("key/1"), std::nullopt);
    ASSERT_TRUE(scratch.put(some(1'000, 1'500, "said ")));  // the forgetting is put by as well
    EXPECT_EQ(get("key/1"), std::nullopt);
    EXPECT_EQ(get("key/2"), "said 2");
    EXPECT_EQ(get("elsewhere"), "held");
}

TEST(ScratchMemory, WhereItCannotPutByItSaysSoAndIsNotUsed) {
    test::TemporaryFolder folder;
    ScratchMemory scratch(folder.path() / "absent", 4'096);
    EXPECT_FALSE(scratch.put(some(0, 500, "said ")));
    EXPECT_TRUE(scratch.failed());
    EXPECT_FALSE(scratch.put(some(0, 1, "said ")));
}

}  // namespace
}  // namespace mash::runtime_shell
