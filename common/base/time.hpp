// Two clocks that do not mix: SteadyTime for waiting, WallTime for deadlines, agreements and
// statutes. The shell reads both once per batch; nothing below it reads a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace mash {

namespace time_detail {
/// Times come from peers too: a far one sticks at the end of the range instead of wrapping round.
constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b > 0 ? std::numeric_limits<std::int64_t>::max()
                 : std::numeric_limits<std::int64_t>::min();
}
constexpr std::int64_t saturating_subtract(std::int64_t a, std::int64_t b) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(a, b, &difference)) return difference;
    return b < 0 ? std::numeric_limits<std::int64_t>::max()
                 : std::numeric_limits<std::int64_t>::min();
}
}  // namespace time_detail

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. Zero means "not set".
class WallTime {
public:
    constexpr WallTime() = default;
    static constexpr WallTime from_unix_ms(std::int64_t ms) { return WallTime(ms); }
    constexpr std::int64_t unix_ms() const { return ms_; }
    constexpr bool is_set() const { return ms_ != 0; }
    friend constexpr auto operator<=>(WallTime, WallTime) = default;
    friend constexpr WallTime operator+(WallTime t, std::chrono::milliseconds d) {
        return WallTime(time_detail::saturating_add(t.ms_, d.count()));
    }
    friend constexpr WallTime operator-(WallTime t, std::chrono::milliseconds d) {
        return WallTime(time_detail::saturating_subtract(t.ms_, d.count()));
    }
    friend constexpr std::chrono::milliseconds operator-(WallTime a, WallTime b) {
        return std::chrono::milliseconds(time_detail::saturating_subtract(a.ms_, b.ms_));
    }

private:
    explicit constexpr WallTime(std::int64_t ms) : ms_(ms) {}
    std::int64_t ms_ = 0;
};

/// Milliseconds of a clock that only goes forward while the process lives.
class SteadyTime {
public:
    constexpr SteadyTime() = default;
    static constexpr SteadyTime from_ms(std::int64_t ms) { return SteadyTime(ms); }
    constexpr std::int64_t ms() const { return ms_; }
    friend constexpr auto operator<=>(SteadyTime, SteadyTime) = default;
    friend constexpr SteadyTime operator+(SteadyTime t, std::chrono::milliseconds d) {
        return SteadyTime(time_detail::saturating_add(t.ms_, d.count()));
    }
    friend constexpr std::chrono::milliseconds operator-(SteadyTime a, SteadyTime b) {
        return std::chrono::milliseconds(time_detail::saturating_subtract(a.ms_, b.ms_));
    }

private:
    explicit constexpr SteadyTime(std::int64_t ms) : ms_(ms) {}
    std::int64_t ms_ = 0;
};

struct Now {
    SteadyTime steady;
    WallTime wall;
};

/// "2026-11-21T22:53:00.000Z" (RFC 3339, UTC, milliseconds). Times outside the years 0000 to 9999
/// read as the nearest end.
std::string to_rfc3339(WallTime time);
/// Accepts RFC 3339 with any offset and up to 9 fraction digits (cut to milliseconds); `T` between
/// date and time. A leap second is refused.
Result<WallTime> wall_time_from_rfc3339(std::string_view text);

}  // namespace mash
