// Dates as sources write them (formats.md part 0). A date without a time stays a date; a time
// without a zone is UK local time; a date of birth never moves because of a zone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/area/calendar.hpp"
#include "common/base/time.hpp"

namespace mash::runtime {

struct SourceTime {
    area::CivilDate date;             ///< as written, in the source's own zone
    std::optional<WallTime> instant;  ///< nothing when the source gave a bare date, or a birth
                                      ///< date before 1970 with a time
};

/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM[:SS]`, `DD/MM/YYYY` and `DD/MM/YY` (with an optional time),
/// `YYYY-Mon-DD[ HH:MM:SS]`, `DD-Mon-YYYY[ HH:MM:SS[.fff]][Z[UTC]]`,
/// `YYYYMMDD[HHMM[SS[.f...]]][+ZZZZ]`, `YYYY-MM-DDThh:mm[:ss[.f...]](Z|±hh:mm)`. A two-digit year
/// is in the hundred years that end 20 years after 2026. Nothing for anything else.
std::optional<SourceTime> parse_source_time(std::string_view text);

/// The date part alone: "2016-02-29", or "" when it is no date.
std::string source_date(std::string_view text);

/// A date of birth as far as it is known: "2016-02-29", "2016-02" (also written `MM/YYYY`,
/// `YYYYMM`, `Mon-YYYY`, or with a day of 00), "2016" (with a month of 00), or "" when it is none
/// of these.
std::string source_birth_date(std::string_view text);

/// UK local civil time to UTC: the earlier instant when the clocks go back over it.
WallTime from_uk_local(const area::CivilDate& date, unsigned seconds_after_midnight);

/// Noon of that day when the source gave a bare date: no midnight, which would be another day
/// elsewhere.
WallTime instant_of(const SourceTime& time);

/// As it was given: an instant, or a bare date.
std::string text_of(const SourceTime& time);

}  // namespace mash::runtime
