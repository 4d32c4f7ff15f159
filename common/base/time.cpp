#include "common/base/time.hpp"

#include <algorithm>
#include <chrono>

namespace mash {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::int64_t ms_per_second = 1000;
constexpr std::int64_t ms_per_minute = 60 * ms_per_second;
constexpr std::int64_t ms_per_hour = 60 * ms_per_minute;
constexpr std::int64_t ms_per_day = 24 * ms_per_hour;
constexpr std::size_t fraction_digits_max = 9;
constexpr std::int64_t first_ms =
    std::int64_t{sys_days(year(0) / 1 / 1).time_since_epoch().count()} * ms_per_day;
constexpr std::int64_t last_ms =
    std::int64_t{sys_days(year(10000) / 1 / 1).time_since_epoch().count()} * ms_per_day - 1;

/// Consumes the front of a text; after the first mismatch everything fails.
class Cursor {
public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
        return value;
    }
    int digit() {
        if (!next_is_digit()) {
            ok_ = false;
            return 0;
        }
        const int value = rest_.front() - '0';
        rest_.remove_prefix(1);
        return value;
    }
    bool next_is_digit() const {
        return ok_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    }
    bool skip(char c) {
        if (!ok_ || rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!skip(c)) ok_ = false;
    }
    bool ok() const { return ok_; }
    bool finished() const { return ok_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
    const auto digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

/// Milliseconds of ".5", ".123456789" or nothing. More than nine digits are refused.
Result<std::int64_t> read_fraction_ms(Cursor& cursor) {
    if (!cursor.skip('.')) return std::int64_t{0};
    std::int64_t ms = 0;
    std::size_t count = 0;
    for (; cursor.next_is_digit(); ++count) {
        const int value = cursor.digit();
        if (count < 3) ms = ms * 10 + value;
    }
    if (count == 0 || count > fraction_digits_max) return fail(ErrorCode::malformed);
    for (std::size_t i = count; i < 3; ++i) ms *= 10;
    return ms;
}

/// What the text's own clock is ahead of UTC. "-00:00" (RFC 3339 4.3, offset not known) reads as
/// UTC.
Result<std::int64_t> read_offset_ms(Cursor& cursor) {
    if (cursor.skip('Z') || cursor.skip('z')) return std::int64_t{0};
    std::int64_t sign = 1;
    if (cursor.skip('-')) {
        sign = -1;
    } else {
        cursor.expect('+');
    }
    const int hours = cursor.digits(2);
    cursor.expect(':');
    const int minutes = cursor.digits(2);
    if (!cursor.ok() || hours > 23 || minutes > 59) return fail(ErrorCode::malformed);
    return sign * (hours * ms_per_hour + minutes * ms_per_minute);
}

}  // namespace

std::string to_rfc3339(WallTime time) {
    const auto clamped_ms = std::clamp(time.unix_ms(), first_ms, last_ms);
    const std::chrono::sys_time<std::chrono::milliseconds> at{
        std::chrono::milliseconds(clamped_ms)};
    const auto date = std::chrono::floor<std::chrono::days>(at);
    const year_month_day ymd{date};
    std::int64_t rest = (at - date).count();
    std::string out;
    append_padded(out, static_cast<int>(ymd.year()), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(ymd.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(ymd.day()), 2);
    out += 'T';
    append_padded(out, rest / ms_per_hour, 2);
    rest %= ms_per_hour;
    out += ':';
    append_padded(out, rest / ms_per_minute, 2);
    rest %= ms_per_minute;
    out += ':';
    append_padded(out, rest / ms_per_second, 2);
    out += '.';
    append_padded(out, rest % ms_per_second, 3);
    out += 'Z';
    return out;
}

Result<WallTime> wall_time_from_rfc3339(std::string_view text) {
    Cursor cursor(text);
    const int years = cursor.digits(4);
    cursor.expect('-');
    const int months = cursor.digits(2);
    cursor.expect('-');
    const int days = cursor.digits(2);
    if (!cursor.skip('t')) cursor.expect('T');
    const int hours = cursor.digits(2);
    cursor.expect(':');
    const int minutes = cursor.digits(2);
    cursor.expect(':');
    const int seconds = cursor.digits(2);
    if (!cursor.ok()) return fail(ErrorCode::malformed);
    MASH_TRY(fraction_ms, read_fraction_ms(cursor));
    MASH_TRY(offset_ms, read_offset_ms(cursor));
    if (!cursor.finished()) return fail(ErrorCode::malformed);

    const year_month_day date{year(years), month(static_cast<unsigned>(months)),
                              day(static_cast<unsigned>(days))};
    // Second 60 is refused: WallTime has no leap seconds, and guessing a neighbour would move a
    // deadline.
    if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return fail(ErrorCode::malformed);
    const std::int64_t day_ms =
        std::int64_t{sys_days(date).time_since_epoch().count()} * ms_per_day;
    return WallTime::from_unix_ms(day_ms + hours * ms_per_hour + minutes * ms_per_minute +
                                  seconds * ms_per_second + fraction_ms - offset_ms);
}

}  // namespace mash
