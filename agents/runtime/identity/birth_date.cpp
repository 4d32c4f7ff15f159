#include "agents/runtime/identity/birth_date.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "agents/runtime/identity/similarity.hpp"

namespace mash::identity {

namespace {

std::optional<int> number(std::string_view digits) {
    int value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::chrono::year_month_day calendar_date(const BirthDate& date) {
    return {std::chrono::year(date.year), std::chrono::month(date.month),
            std::chrono::day(date.day)};
}

std::string eight_digits(const BirthDate& date) {
    std::array<char, 16> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d%02u%02u", int{date.year},
                                   unsigned{date.month}, unsigned{date.day});
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<BirthDate> birth_date_from_text(std::string_view iso) {
    if (iso.size() != 4 && iso.size() != 7 && iso.size() != 10) return std::nullopt;
    const auto year = number(iso.substr(0, 4));
    if (!year || *year < 1900 || *year > 2100) return std::nullopt;
    BirthDate out{static_cast<std::int16_t>(*year), 0, 0};
    if (iso.size() == 4) return out;
    const auto month = number(iso.substr(5, 2));
    if (iso[4] != '-' || !month || *month < 1 || *month > 12) return std::nullopt;
    out.month = static_cast<std::uint8_t>(*month);
    if (iso.size() == 7) return out;
    const auto day = number(iso.substr(8, 2));
    if (iso[7] != '-' || !day || *day < 1 || *day > 31) return std::nullopt;
    out.day = static_cast<std::uint8_t>(*day);
    if (!calendar_date(out).ok() || out == BirthDate{1900, 1, 1}) return std::nullopt;
    return out;
}

std::string to_text(const BirthDate& date) {
    const std::string digits = eight_digits(date);
    std::string out = digits.substr(0, 4);
    if (date.month != 0) out += "-" + digits.substr(4, 2);
    if (date.day != 0) out += "-" + digits.substr(6, 2);
    return out;
}

std::string normalise_date_of_birth(std::string_view iso) {
    const auto date = birth_date_from_text(iso);
    return date && date->is_whole() ? to_text(*date) : std::string{};
}

std::int64_t day_number(const BirthDate& date) {
    return std::chrono::sys_days(calendar_date(date)).time_since_epoch().count();
}

DateAgreement compare_dates(const std::optional<BirthDate>& a, const std::optional<BirthDate>& b) {
    if (!a || !b) return DateAgreement::unknown;
    if (!a->is_whole() || !b->is_whole()) {
        if (a->year != b->year) return DateAgreement::different;
        if (a->month == 0 || b->month == 0) return DateAgreement::year_agrees;
        return a->month == b->month ? DateAgreement::month_agrees : DateAgreement::different;
    }
    if (*a == *b) return DateAgreement::same;
    if (a->year == b->year && a->month == b->day && a->day == b->month)
        return DateAgreement::day_month_swapped;
    if (is_one_slip(eight_digits(*a), eight_digits(*b))) return DateAgreement::one_slip;
    const int agreeing = (a->year == b->year) + (a->month == b->month) + (a->day == b->day);
    return agreeing == 2 ? DateAgreement::two_parts_agree : DateAgreement::different;
}

}  // namespace mash::identity
