// Working days, working hours and the area's clock (domain.md F2). Instants are UTC; arithmetic is
// Europe/London. Bank holidays are data, never computed: a due date past the last one loaded is a
// failure, said loudly.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace mash::area {

/// A date of the area's civil calendar.
struct CivilDate {
    std::int16_t year = 0;
    std::uint8_t month = 0;
    std::uint8_t day = 0;
    friend auto operator<=>(const CivilDate&, const CivilDate&) = default;
};
/// "2026-12-24". Errors: malformed (another form, or no such day), years 1970 to 9999.
Result<CivilDate> civil_date_from_text(std::string_view iso);
std::string to_text(const CivilDate& date);

/// Minutes that the United Kingdom's clocks are ahead of UTC: 60 in summer time, else 0. By the
/// statutory rule (Summer Time Act 1972 as amended by S.I. 2002/262): from 01:00 UTC on the last
/// Sunday of March to 01:00 UTC on the last Sunday of October. Computed, so that broker and agent
/// cannot differ by the age of their time-zone tables; right from 1996 on.
int uk_offset_minutes(WallTime at);

/// Minutes after local midnight, [open, close); close at most 1440. open == close: shut that day.
struct DayHours {
    std::uint16_t open = 0;
    std::uint16_t close = 0;
    friend bool operator==(const DayHours&, const DayHours&) = default;
};

class Calendar {
public:
    /// `hours[0]` is Monday. `closed`: dates the front door is shut besides bank holidays; they
    /// stay working days. The caller has checked open <= close <= 1440 (CHECK here).
    Calendar(std::array<DayHours, 7> hours, std::set<CivilDate> closed,
             std::set<CivilDate> bank_holidays, CivilDate holidays_known_to);

    bool is_working_day(const CivilDate& date) const;  ///< not Saturday, Sunday or bank holiday
    bool is_open(WallTime at) const;                   ///< front-door hours
    /// Next opening or closing strictly after `at`; not set when there is none in the next two
    /// years.
    WallTime next_change(WallTime at) const;
    /// Close of business (of the hours, 17:00 where that day has none) on the n-th working day
    /// after the date of `from`, whatever the hour of `from`. n = 0: on that date itself, or on the
    /// next working day. Beyond the holidays loaded only weekends are known: ask covers() of the
    /// result.
    WallTime end_of_working_day(WallTime from, unsigned n) const;
    /// The instant by which `minutes` of front-door time have passed since `from`; not set when the
    /// front door is open less than that in two years. Ask covers() of the result.
    WallTime add_working_hours(WallTime from, unsigned minutes) const;
    /// True when the date of `at` lies inside the holidays loaded.
    bool covers(WallTime at) const;
    CivilDate date_of(WallTime at) const;
    /// The earlier instant when the clocks go back over it; when they go forward over it, the
    /// instant as if they had not.
    WallTime local(const CivilDate& date, unsigned minutes_after_midnight) const;

private:
    struct Open {
        WallTime from;
        WallTime to;
    };
    std::optional<Open> open_on(const CivilDate& date) const;

    std::array<DayHours, 7> hours_;
    std::set<CivilDate> closed_;
    std::set<CivilDate> holidays_;
    CivilDate known_to_;
};

}  // namespace mash::area
