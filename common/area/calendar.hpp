// Working days, working hours and the area's clock (domain.md F2). Instants are UTC; arithmetic is Europe/London.
// Bank holidays are data, never computed: a due date past the last one loaded is a failure, said loudly.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

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
Result<CivilDate> civil_date_from_text(std::string_view iso);   ///< "2026-12-24"
std::string to_text(const CivilDate& date);

/// Minutes after local midnight, [open, close). open == close: shut that day.
struct DayHours {
    std::uint16_t open = 0;
    std::uint16_t close = 0;
    friend bool operator==(const DayHours&, const DayHours&) = default;
};

class Calendar {
public:
    /// `hours[0]` is Monday. `closed`: dates the front door is shut besides bank holidays.
    Calendar(std::array<DayHours, 7> hours, std::set<CivilDate> closed, std::set<CivilDate> bank_holidays,
             CivilDate holidays_known_to);

    bool is_working_day(const CivilDate& date) const;      ///< not Saturday, Sunday or bank holiday
    bool is_open(WallTime at) const;                       ///< front-door hours
    WallTime next_change(WallTime at) const;               ///< next opening or closing strictly after `at`
    /// Close of business (of the hours, 17:00 where that day has none) on the n-th working day after the date of `from`.
    WallTime end_of_working_day(WallTime from, unsigned n) const;
    WallTime add_working_hours(WallTime from, unsigned minutes) const;
    /// True when a date up to `at` lies inside the holidays loaded.
    bool covers(WallTime at) const;
    CivilDate date_of(WallTime at) const;
    WallTime local(const CivilDate& date, unsigned minutes_after_midnight) const;  ///< earlier instant when ambiguous

private:
    std::array<DayHours, 7> hours_;
    std::set<CivilDate> closed_;
    std::set<CivilDate> holidays_;
    CivilDate known_to_;
};

}  // namespace mash::area
