#include "broker/shell/store_space.hpp"

#include <gtest/gtest.h>

namespace mash::broker_shell {
namespace {

using wire::Lane;

TEST(StoreSpace, TheLastRoomIsForDanger) {
    EXPECT_EQ(slowest_lane_for(1000, 1000, Lane::bulk), Lane::bulk);
    EXPECT_EQ(slowest_lane_for(999, 1000, Lane::bulk), Lane::urgent);
    EXPECT_EQ(slowest_lane_for(250, 1000, Lane::bulk), Lane::urgent);
    EXPECT_EQ(slowest_lane_for(249, 1000, Lane::bulk), Lane::immediate);
    EXPECT_EQ(slowest_lane_for(0, 1000, Lane::bulk), Lane::immediate);
}

TEST(StoreSpace, ADiskThatStandsAtTheMarkSaysSoOnce) {
    EXPECT_EQ(slowest_lane_for(1000, 1000, Lane::urgent), Lane::urgent);
    EXPECT_EQ(slowest_lane_for(1124, 1000, Lane::urgent), Lane::urgent);
    EXPECT_EQ(slowest_lane_for(1125, 1000, Lane::urgent), Lane::bulk);
    EXPECT_EQ(slowest_lane_for(280, 1000, Lane::immediate), Lane::immediate);
    EXPECT_EQ(slowest_lane_for(281, 1000, Lane::immediate), Lane::urgent);
    EXPECT_EQ(slowest_lane_for(5000, 1000, Lane::immediate), Lane::bulk);
}

TEST(StoreSpace, WithoutAFloorNothingWaits) {
    EXPECT_EQ(slowest_lane_for(0, 0, Lane::bulk), Lane::bulk);
}

}  // namespace
}  // namespace mash::broker_shell
