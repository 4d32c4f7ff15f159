#include "common/batch/stop_deadline.hpp"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace mash::batch {
namespace {

TEST(StopDeadline, EndsWhatDoesNotEndByItself) {
    std::promise<void> ended;
    const StopDeadline deadline(std::chrono::milliseconds(1), [&] { ended.set_value(); });
    EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST(StopDeadline, LeavesAloneWhatEndsInTime) {
    std::atomic<bool> ended = false;
    {
        const StopDeadline deadline(std::chrono::hours(1), [&] { ended = true; });
    }
    EXPECT_FALSE(ended);
}

}  // namespace
}  // namespace mash::batch
