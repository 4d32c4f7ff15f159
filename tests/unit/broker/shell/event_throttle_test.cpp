#include "broker/shell/event_throttle.hpp"

#include <gtest/gtest.h>

namespace mash::broker_shell {
namespace {

using std::chrono::seconds;

TEST(EventThrottle, SaysTenAMinuteAndCountsTheRestIntoTheNextLine) {
    EventThrottle throttle;
    const EventThrottle::Time start{seconds(1000)};
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(throttle.take(LogEvent::session_denied, start + seconds(i)), 1U);
    for (int i = 0; i < 500; ++i)
        EXPECT_EQ(throttle.take(LogEvent::session_denied, start + seconds(59)), 0U);
    EXPECT_EQ(throttle.take(LogEvent::session_denied, start + seconds(60)), 501U);
    EXPECT_EQ(throttle.take(LogEvent::session_denied, start + seconds(60)), 1U);
}

TEST(EventThrottle, AFloodOfOneEventDoesNotSilenceAnother) {
    EventThrottle throttle;
    const EventThrottle::Time start{seconds(1000)};
    for (int i = 0; i < 100; ++i) (void)throttle.take(LogEvent::session_denied, start);
    EXPECT_EQ(throttle.take(LogEvent::accept_failed, start), 1U);
}

}  // namespace
}  // namespace mash::broker_shell
