// Dates of birth as far as they are known, and how two of them agree. The layouts that sources
// write are read by agents/runtime/core/source_date.hpp; here they are ISO, whole or in part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mash::identity {

/// month and day 0: not known.
struct BirthDate {
    std::int16_t year = 0;
    std::uint8_t month = 0;
    std::uint8_t day = 0;
    bool is_whole() const { return day != 0; }
    friend bool operator==(const BirthDate&, const BirthDate&) = default;
};

/// "2014-03-02", "2014-03" or "2014", a real day of 1900 to 2100. 1900-01-01, which spreadsheets
/// and old systems write for "not known", is no date.
std::optional<BirthDate> birth_date_from_text(std::string_view iso);
std::string to_text(const BirthDate& date);

/// The date when it is whole, else "": what a strong kind needs.
std::string normalise_date_of_birth(std::string_view iso);

/// Days since 1 January 1970 of a whole date.
std::int64_t day_number(const BirthDate& date);

enum class DateAgreement {
    unknown,            ///< at least one is missing
    same,               ///< both whole and equal
    month_agrees,       ///< one is partial: as far as known, year and month agree
    year_agrees,        ///< one is partial: the year agrees
    day_month_swapped,  ///< 03/02 for 02/03
    one_slip,           ///< one digit differs, or two neighbours changed places
    two_parts_agree,    ///< two of year, month and day
    different
};
DateAgreement compare_dates(const std::optional<BirthDate>& a, const std::optional<BirthDate>& b);

}  // namespace mash::identity
