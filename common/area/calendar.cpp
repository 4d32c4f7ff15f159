#include "common/area/calendar.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "common/base/check.hpp"

namespace mash::area {
namespace {

using std::chrono::days;
using std::chrono::last;
using std::chrono::minutes;
using std::chrono::Sunday;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr unsigned minutes_per_day = 1440;
constexpr unsigned close_of_business_minutes =
    17 * 60;                          // of a working day on which the front door is shut
constexpr int search_days_max = 731;  // bound on a walk towards the next opening
constexpr unsigned working_days_max =
    10'000;  // bound on a count of working days: the year stays in range

std::chrono::sys_time<std::chrono::milliseconds> instant_of(WallTime at) {
    return std::chrono::sys_time<std::chrono::milliseconds>(
        std::chrono::milliseconds(at.unix_ms()));
}

template <class Duration>
WallTime wall_time_of(std::chrono::sys_time<Duration> instant) {
    return WallTime::from_unix_ms(
        std::chrono::floor<std::chrono::milliseconds>(instant.time_since_epoch()).count());
}

sys_days days_of(const CivilDate& date) {
    return sys_days(year_month_day{std::chrono::year(date.year), std::chrono::month(date.month),
                                   std::chrono::day(date.day)});
}

CivilDate civil(sys_days day) {
    const year_month_day date{day};
    return {static_cast<std::int16_t>(static_cast<int>(date.year())),
            static_cast<std::uint8_t>(static_cast<unsigned>(date.month())),
            static_cast<std::uint8_t>(static_cast<unsigned>(date.day()))};
}

CivilDate next_day(const CivilDate& date) { return civil(days_of(date) + days(1)); }

// 0 is Monday.
unsigned weekday_of(const CivilDate& date) {
    return std::chrono::weekday(days_of(date)).iso_encoding() - 1;
}

int digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

}  // namespace

Result<CivilDate> civil_date_from_text(std::string_view iso) {
    if (iso.size() != 10 || iso[4] != '-' || iso[7] != '-') return fail(ErrorCode::malformed);
    const int year = digits(iso, 0, 4);
    const int month = digits(iso, 5, 2);
    const int day = digits(iso, 8, 2);
    if (year < 1970 || month < 0 || day < 0) return fail(ErrorCode::malformed);
    const year_month_day date{std::chrono::year(year),
                              std::chrono::month(static_cast<unsigned>(month)),
                              std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return fail(ErrorCode::malformed);
    return civil(sys_days(date));
}

std::string to_text(const CivilDate& date) {
    std::array<char, 24> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", int{date.year},
                                   unsigned{date.month}, unsigned{date.day});
    return {text.data(), static_cast<std::size_t>(size)};
}

int uk_offset_minutes(WallTime at) {
    const auto instant = instant_of(at);
    const auto year = year_month_day(std::chrono::floor<days>(instant)).year();
    const auto begins = sys_days(year / std::chrono::March / Sunday[last]) + std::chrono::hours(1);
    const auto ends = sys_days(year / std::chrono::October / Sunday[last]) + std::chrono::hours(1);
    return instant >= begins && instant < ends ? 60 : 0;
}

Calendar::Calendar(std::array<DayHours, 7> hours, std::set<CivilDate> closed,
                   std::set<CivilDate> bank_holidays, CivilDate holidays_known_to)
    : hours_(hours),
      closed_(std::move(closed)),
      holidays_(std::move(bank_holidays)),
      known_to_(holidays_known_to) {
    for (const auto& day : hours_) CHECK(day.open <= day.close && day.close <= minutes_per_day);
}

CivilDate Calendar::date_of(WallTime at) const {
    return civil(std::chrono::floor<days>(instant_of(at) + minutes(uk_offset_minutes(at))));
}

WallTime Calendar::local(const CivilDate& date, unsigned minutes_after_midnight) const {
    const auto as_utc = days_of(date) + minutes(minutes_after_midnight);
    const WallTime in_summer = wall_time_of(as_utc - minutes(60));
    // Of two instants with this local time summer time's comes first.
    if (uk_offset_minutes(in_summer) == 60) return in_summer;
    return wall_time_of(as_utc);
}

bool Calendar::is_working_day(const CivilDate& date) const {
    return weekday_of(date) < 5 && !holidays_.contains(date);
}

bool Calendar::covers(WallTime at) const { return date_of(at) <= known_to_; }

std::optional<Calendar::Open> Calendar::open_on(const CivilDate& date) const {
    const DayHours& hours = hours_[weekday_of(date)];
    if (hours.open == hours.close || closed_.contains(date) || holidays_.contains(date))
        return std::nullopt;
    return Open{local(date, hours.open), local(date, hours.close)};
}

bool Calendar::is_open(WallTime at) const {
    const auto open = open_on(date_of(at));
    return open && at >= open->from && at < open->to;
}

WallTime Calendar::next_change(WallTime at) const {
    const bool open_now = is_open(at);
    CivilDate date = date_of(at);
    for (int i = 0; i < search_days_max; ++i, date = next_day(date)) {
        const auto open = open_on(date);
        if (!open) continue;
        // Closing at midnight and opening at midnight is no change: only what is_open() says
        // differently counts.
        if (!open_now && open->from > at) return open->from;
        if (open_now && open->to > at && !is_open(open->to)) return open->to;
    }
    return {};
}

WallTime Calendar::end_of_working_day(WallTime from, unsigned n) const {
    CHECK(n <= working_days_max);
    CivilDate date = date_of(from);
    for (unsigned passed = 0;; date = next_day(date)) {
        if (n == 0 ? is_working_day(date)
                   : (date != date_of(from) && is_working_day(date) && ++passed == n))
            break;
    }
    const auto open = open_on(date);
    return open ? open->to : local(date, close_of_business_minutes);
}

WallTime Calendar::add_working_hours(WallTime from, unsigned minutes_to_add) const {
    std::chrono::milliseconds left = minutes(minutes_to_add);
    CivilDate date = date_of(from);
    for (int i = 0; i < search_days_max; ++i, date = next_day(date)) {
        const auto open = open_on(date);
        if (!open || open->to <= from) continue;
        const WallTime start = std::max(open->from, from);
        if (start + left <= open->to) return start + left;
        left -= open->to - start;
    }
    return {};
}

}  // namespace mash::area
