#include "agents/runtime/core/source_date.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>

namespace mash::runtime {

namespace {

class Cursor {
public:
    explicit Cursor(std::string_view text) : rest_(text) {}
    std::optional<unsigned> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        unsigned value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
            value = value * 10 + static_cast<unsigned>(rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    bool skip(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool skip(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    std::size_t leading_digits() const {
        std::size_t n = 0;
        while (n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9') ++n;
        return n;
    }
    std::string_view rest() const { return rest_; }
    bool done() const { return rest_.empty(); }
    void drop(std::size_t n) { rest_.remove_prefix(n); }

private:
    std::string_view rest_;
};

std::optional<unsigned> month_word(Cursor& in) {
    static constexpr std::array<std::string_view, 12> months{
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    if (in.rest().size() < 3) return std::nullopt;
    std::string word(in.rest().substr(0, 3));
    for (auto& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    for (unsigned i = 0; i < months.size(); ++i) {
        if (months[i] == word) {
            in.drop(3);
            return i + 1;
        }
    }
    return std::nullopt;
}

std::optional<area::CivilDate> real_date(unsigned year, unsigned month, unsigned day) {
    if (year < 100) year += year <= 46 ? 2000 : 1900;
    // From 1900, because adults are told from children by their dates of birth.
    if (year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok()) return std::nullopt;
    return area::CivilDate{static_cast<std::int16_t>(year), static_cast<std::uint8_t>(month),
                           static_cast<std::uint8_t>(day)};
}

struct Clock {
    unsigned seconds = 0;
    std::int64_t ms = 0;
    std::optional<int> offset_minutes;  // nothing: UK local time
};

bool read_zone(Cursor& in, Clock& clock) {
    if (in.skip('Z')) {
        clock.offset_minutes = 0;
        if (in.skip("[UTC]")) {
        }
        return true;
    }
    int sign = 0;
    if (in.skip('+'))
        sign = 1;
    else if (in.skip('-'))
        sign = -1;
    if (sign == 0) return true;
    const auto hours = in.digits(2);
    in.skip(':');
    const auto minutes = in.digits(2);
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return false;
    clock.offset_minutes = sign * static_cast<int>(*hours * 60 + *minutes);
    return true;
}

// hh:mm[:ss[.f...]] or, when `packed`, hhmm[ss[.f...]].
std::optional<Clock> read_clock(Cursor& in, bool packed) {
    const auto hour = in.digits(2);
    if (!hour || (!packed && !in.skip(':'))) return std::nullopt;
    const auto minute = in.digits(2);
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    Clock out{*hour * 3600 + *minute * 60, 0, std::nullopt};
    const bool seconds_follow = packed ? in.leading_digits() >= 2 : in.skip(':');
    if (seconds_follow) {
        const auto second = in.digits(2);
        if (!second || *second > 59) return std::nullopt;
        out.seconds += *second;
        if (in.skip('.')) {
            const std::size_t places = in.leading_digits();
            if (places == 0 || places > 9) return std::nullopt;
            std::int64_t scale = 100;
            for (std::size_t i = 0; i < places; ++i) {
                const auto digit = in.digits(1);
                if (!digit) return std::nullopt;
                out.ms += static_cast<std::int64_t>(*digit) * scale;
                scale /= 10;
            }
        }
    }
    if (!read_zone(in, out)) return std::nullopt;
    return out;
}

WallTime utc_midnight(const area::CivilDate& date) {
    const std::chrono::sys_days day(std::chrono::year_month_day{
        std::chrono::year(date.year), std::chrono::month(date.month), std::chrono::day(date.day)});
    return WallTime::from_unix_ms(
        std::chrono::duration_cast<std::chrono::milliseconds>(day.time_since_epoch()).count());
}

SourceTime at(const area::CivilDate& date, const Clock& clock) {
    const std::chrono::milliseconds fraction(clock.ms);
    if (clock.offset_minutes) {
        return {date, utc_midnight(date) + std::chrono::seconds(clock.seconds) -
                          std::chrono::minutes(*clock.offset_minutes) + fraction};
    }
    return {date, from_uk_local(date, clock.seconds) + fraction};
}

}  // namespace

WallTime from_uk_local(const area::CivilDate& date, unsigned seconds_after_midnight) {
    const WallTime as_utc = utc_midnight(date) + std::chrono::seconds(seconds_after_midnight);
    // Summer time first: where the clocks go back a local time means two instants and the earlier
    // is the summer one.
    const WallTime as_summer = as_utc - std::chrono::minutes(60);
    return area::uk_offset_minutes(as_summer) == 60 ? as_summer : as_utc;
}

std::optional<SourceTime> parse_source_time(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    Cursor in(text);
    std::optional<area::CivilDate> date;
    bool packed = false;
    const std::size_t lead = in.leading_digits();
    if (lead >= 8) {
        const auto year = in.digits(4);
        const auto month = in.digits(2);
        const auto day = in.digits(2);
        if (!year || !month || !day) return std::nullopt;
        date = real_date(*year, *month, *day);
        packed = true;
    } else if (lead == 4) {
        const auto year = in.digits(4);
        if (!year || !in.skip('-')) return std::nullopt;
        const auto month = in.leading_digits() > 0 ? in.digits(2) : month_word(in);
        if (!month || !in.skip('-')) return std::nullopt;
        const auto day = in.digits(2);
        if (!day) return std::nullopt;
        date = real_date(*year, *month, *day);
    } else if (lead == 1 || lead == 2) {
        const auto day = in.digits(lead);
        std::optional<unsigned> month;
        std::optional<unsigned> year;
        if (in.skip('/')) {
            month = in.digits(in.leading_digits() == 1 ? 1 : 2);
            if (!in.skip('/')) return std::nullopt;
        } else if (in.skip('-')) {
            month = month_word(in);
            if (!in.skip('-')) return std::nullopt;
        }
        const std::size_t places = in.leading_digits();
        if (places == 2 || places == 4) year = in.digits(places);
        if (!day || !month || !year) return std::nullopt;
        date = real_date(*year, *month, *day);
    }
    if (!date) return std::nullopt;
    if (in.done()) return SourceTime{*date, std::nullopt};
    if (!packed && !in.skip('T') && !in.skip(' ')) return std::nullopt;
    const auto clock = read_clock(in, packed);
    if (!clock || !in.done()) return std::nullopt;
    if (date->year < 1970) return SourceTime{*date, std::nullopt};
    return at(*date, *clock);
}

std::string source_date(std::string_view text) {
    const auto parsed = parse_source_time(text);
    return parsed ? area::to_text(parsed->date) : std::string{};
}

std::string source_birth_date(std::string_view text) {
    if (auto whole = source_date(text); !whole.empty()) return whole;
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    Cursor in(text);
    std::optional<unsigned> year;
    std::optional<unsigned> month = 0;
    const std::size_t lead = in.leading_digits();
    if (lead == 4 || lead == 6 || lead == 8) {
        year = in.digits(4);
        if (lead >= 6) {
            month = in.digits(2);
            if (lead == 8 && !in.skip("00")) return {};
        } else if (in.skip('-')) {
            month = in.leading_digits() > 0 ? in.digits(2) : month_word(in);
            if (in.skip('-') && !in.skip("00")) return {};
        }
    } else if (lead == 1 || lead == 2) {
        // MM/YYYY, 00/MM/YYYY, 00/00/YYYY
        if (in.skip("00/")) {
            month = in.digits(2);
        } else {
            month = in.digits(lead);
        }
        if (!in.skip('/') || in.leading_digits() != 4) return {};
        year = in.digits(4);
    } else if (lead == 0) {
        month = month_word(in);
        if (!month || (!in.skip('-') && !in.skip(' ')) || in.leading_digits() != 4) return {};
        year = in.digits(4);
    }
    if (!year || !month || !in.done() || *year < 1900 || *year > 2100 || *month > 12) return {};
    std::array<char, 16> out{};
    const int size = *month == 0
                         ? std::snprintf(out.data(), out.size(), "%04u", *year)
                         : std::snprintf(out.data(), out.size(), "%04u-%02u", *year, *month);
    return {out.data(), static_cast<std::size_t>(size)};
}

WallTime instant_of(const SourceTime& time) {
    return time.instant ? *time.instant : from_uk_local(time.date, 12 * 3600);
}

std::string text_of(const SourceTime& time) {
    return time.instant ? to_rfc3339(*time.instant) : area::to_text(time.date);
}

}  // namespace mash::runtime
