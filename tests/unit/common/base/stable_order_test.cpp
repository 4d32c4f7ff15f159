#include "common/base/stable_order.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mash {
namespace {

TEST(StableOrder, EqualsKeepTheirOrder) {
    std::vector<std::string> items{"b1", "a1", "c1", "a2", "b2", "a3", "a4"};
    sort_keeping_order(items, [](const auto& a, const auto& b) { return a[0] < b[0]; });
    EXPECT_EQ(items, (std::vector<std::string>{"a1", "a2", "a3", "a4", "b1", "b2", "c1"}));
}

TEST(StableOrder, NothingAndOneAreSorted) {
    std::vector<int> none;
    sort_keeping_order(none, std::less<>{});
    EXPECT_TRUE(none.empty());
    std::vector<int> one{1};
    sort_keeping_order(one, std::less<>{});
    EXPECT_EQ(one, std::vector<int>{1});
}

}  // namespace
}  // namespace mash
