#include "common/base/time.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace mash {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

template <class A, class B>
concept Subtractable = requires(A a, B b) { a - b; };
static_assert(Subtractable<WallTime, WallTime>);
static_assert(!Subtractable<WallTime, SteadyTime>, "the two clocks do not mix");

std::int64_t unix_ms(std::string_view text) {
    const auto time = wall_time_from_rfc3339(text);
    EXPECT_TRUE(time) << text;
    return time ? time->unix_ms() : -1;
}

TEST(WallTimes, AreReadAsInTheExamplesOfRfc3339) {
    EXPECT_EQ(unix_ms("1985-04-12T23:20:50.52Z"), 482196050520);
    EXPECT_EQ(unix_ms("1996-12-19T16:39:57-08:00"), unix_ms("1996-12-20T00:39:57Z"));
    EXPECT_EQ(unix_ms("1937-01-01T12:00:27.87+00:20"), unix_ms("1937-01-01T11:40:27.870Z"));
}

TEST(WallTimes, AreWrittenInUtcWithMilliseconds) {
    EXPECT_EQ(to_rfc3339(WallTime::from_unix_ms(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(WallTime::from_unix_ms(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(WallTime::from_unix_ms(482196050520)), "1985-04-12T23:20:50.520Z");
    EXPECT_EQ(to_rfc3339(WallTime::from_unix_ms(951782400007)), "2000-02-29T00:00:00.007Z");
}

TEST(WallTimes, SurviveBeingWrittenAndRead) {
    for (const char* text :
         {"0000-01-01T00:00:00.000Z", "1999-12-31T23:59:59.999Z", "2024-02-29T12:00:00.001Z",
          "2026-11-21T22:53:00.000Z", "9999-12-31T23:59:59.999Z"}) {
        EXPECT_EQ(to_rfc3339(WallTime::from_unix_ms(unix_ms(text))), text);
    }
}

TEST(WallTimes, CutFractionsToMilliseconds) {
    EXPECT_EQ(unix_ms("2026-01-01T00:00:00.9999Z") % 1000, 999);
    EXPECT_EQ(unix_ms("2026-01-01T00:00:00.5Z") % 1000, 500);
    EXPECT_EQ(unix_ms("2026-01-01T00:00:00.001999999Z") % 1000, 1);
}

TEST(WallTimes, AcceptSmallLettersAndAnUnknownOffset) {
    EXPECT_EQ(unix_ms("1985-04-12t23:20:50.52z"), 482196050520);
    EXPECT_EQ(unix_ms("1985-04-12T23:20:50.52-00:00"), 482196050520);
}

TEST(WallTimes, AcceptTheLastMinuteBeforeMidnightOfAnyOffset) {
    EXPECT_EQ(unix_ms("2026-01-01T23:59:59+23:59"), unix_ms("2026-01-01T00:00:59Z"));
}

TEST(WallTimes, RefuseALeapSecond) {
    for (const char* text : {"1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00"}) {
        const auto time = wall_time_from_rfc3339(text);
        ASSERT_FALSE(time) << text;
        EXPECT_EQ(time.error(), ErrorCode::malformed);
    }
}

TEST(WallTimes, RefuseDaysAndHoursThatDoNotExist) {
    for (const char* text :
         {"2023-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z",
          "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
          "2026-01-01T00:60:00Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60"}) {
        EXPECT_FALSE(wall_time_from_rfc3339(text)) << text;
    }
}

TEST(WallTimes, RefuseATextCutAnywhere) {
    const std::string whole = "2026-01-01T00:00:00.123+01:00";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(wall_time_from_rfc3339(whole.substr(0, size))) << whole.substr(0, size);
    }
}

TEST(WallTimes, RefuseOtherSpellings) {
    for (const char* text :
         {"2026-01-01 00:00:00Z", "2026-1-1T00:00:00Z", "26-01-01T00:00:00Z", "2026-01-01T00:00Z",
          "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z",
          "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Z ",
          " 2026-01-01T00:00:00Z", "+2026-01-01T00:00:00Z", "2026-01-01T00:00:00ZZ",
          "2026/01/01T00:00:00Z", "2026-01-01T00:00:00+1:00"}) {
        EXPECT_FALSE(wall_time_from_rfc3339(text)) << text;
    }
}

TEST(WallTimes, FarOnesFromAPeerStickAtTheEndOfTheRange) {
    const auto last = WallTime::from_unix_ms(std::numeric_limits<std::int64_t>::max());
    const auto first = WallTime::from_unix_ms(std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(last + milliseconds(5), last);
    EXPECT_EQ(first - milliseconds(5), first);
    EXPECT_EQ(last - first, milliseconds::max());
    EXPECT_EQ(first - last, milliseconds::min());
    EXPECT_EQ(to_rfc3339(last), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(first), "0000-01-01T00:00:00.000Z");
}

TEST(Times, MoveByDurationsAndCompare) {
    const auto noon = WallTime::from_unix_ms(1'000'000);
    EXPECT_EQ((noon + 5min).unix_ms(), 1'300'000);
    EXPECT_EQ((noon - 1s).unix_ms(), 999'000);
    EXPECT_EQ((noon + 5min) - noon, milliseconds(300'000));
    EXPECT_LT(noon, noon + 1ms);
    EXPECT_FALSE(WallTime().is_set());
    EXPECT_TRUE(noon.is_set());
    EXPECT_EQ((SteadyTime::from_ms(10) + 5ms) - SteadyTime::from_ms(10), 5ms);
}

}  // namespace
}  // namespace mash
