#include "common/wire/intake.hpp"

#include "common/base/limits.hpp"

namespace mash::wire {
namespace {

// 9999-12-31T23:59:59.999Z: later ones have no RFC 3339 text.
constexpr std::uint64_t unix_ms_max = 253'402'300'799'999;

bool is_code_character(char c) { return c > ' ' && c <= '~'; }

/// Length of the well-formed sequence that `text` begins with (Unicode 15, table 3-7), 0 if there
/// is none.
std::size_t utf8_sequence(std::string_view text) {
    const auto at = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) return follows(1) ? 2 : 0;
    if (first < 0xF0) {
        if (first == 0xE0 && at(1) < 0xA0) return 0;  // a shorter form exists
        if (first == 0xED && at(1) > 0x9F) return 0;  // half of a surrogate pair
        return follows(1) && follows(2) ? 3 : 0;
    }
    if (first > 0xF4 || (first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) > 0x8F)) {
        return 0;
    }
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
}

bool is_line(std::string_view text) {
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        if (first < 0x20 || first == 0x7F) return false;
        // C1 controls are U+0080 to U+009F.
        if (first == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0) {
            return false;
        }
        const std::size_t length = utf8_sequence(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace

void Intake::fault(ErrorCode code) {
    if (!ok_) return;
    ok_ = false;
    error_ = code;
}

std::string Intake::checked_name(const std::string& from) {
    if (from.empty()) {
        fault(ErrorCode::missing_field);
    } else if (from.size() > limits::name_bytes_max) {
        fault(ErrorCode::too_large);
    } else if (!is_valid_name(from)) {
        fault(ErrorCode::bad_value);
    } else {
        return from;
    }
    return {};
}

void Intake::code(const std::string& from, std::string& to) {
    if (from.size() > limits::code_bytes_max) return fault(ErrorCode::too_large);
    if (!std::ranges::all_of(from, is_code_character)) return fault(ErrorCode::bad_value);
    to = from;
}

void Intake::line(const std::string& from, std::string& to, std::size_t bytes_max) {
    if (from.size() > bytes_max) return fault(ErrorCode::too_large);
    if (!is_line(from)) return fault(ErrorCode::bad_value);
    to = from;
}

void Intake::copy_exactly(const std::string& from, std::uint8_t* to, std::size_t size) {
    if (from.size() != size) {
        return fault(from.empty() ? ErrorCode::missing_field : ErrorCode::bad_value);
    }
    std::copy(from.begin(), from.end(), to);
}

void Intake::bytes(const std::string& from, Bytes& to, std::size_t bytes_max) {
    if (from.empty()) return fault(ErrorCode::missing_field);
    bytes_if_any(from, to, bytes_max);
}

void Intake::bytes_if_any(const std::string& from, Bytes& to, std::size_t bytes_max) {
    if (from.size() > bytes_max) return fault(ErrorCode::too_large);
    // As bytes, because from characters the library would copy one at a time.
    const auto bytes = view_of(from);
    to.assign(bytes.begin(), bytes.end());
}

void Intake::time(std::uint64_t unix_ms, WallTime& to) {
    if (unix_ms == 0) return fault(ErrorCode::missing_field);
    time_if_any(unix_ms, to);
}

void Intake::time_if_any(std::uint64_t unix_ms, WallTime& to) {
    if (unix_ms > unix_ms_max) return fault(ErrorCode::bad_value);
    to = WallTime::from_unix_ms(static_cast<std::int64_t>(unix_ms));
}

void Intake::u16(std::uint32_t from, std::uint16_t& to) {
    if (from > 0xFFFF) return fault(ErrorCode::bad_value);
    to = static_cast<std::uint16_t>(from);
}

bool Intake::is_known(int value, ErrorCode) {
    if (value < 0 || value > 0xFFFF) return false;
    switch (static_cast<ErrorCode>(value)) {
        case ErrorCode::malformed:
        case ErrorCode::too_large:
        case ErrorCode::too_many:
        case ErrorCode::missing_field:
        case ErrorCode::bad_value:
        case ErrorCode::not_found:
        case ErrorCode::already_exists:
        case ErrorCode::unsupported_version:
        case ErrorCode::not_available:
        case ErrorCode::bad_signature:
        case ErrorCode::unknown_key:
        case ErrorCode::revoked_key:
        case ErrorCode::wrong_host:
        case ErrorCode::not_entitled:
        case ErrorCode::version_went_back:
        case ErrorCode::not_fresh:
        case ErrorCode::expired:
        case ErrorCode::wrong_area:
        case ErrorCode::decision_differs:
        case ErrorCode::fact_unproved:
        case ErrorCode::decrypt_failed:
        case ErrorCode::wrong_credential:
        case ErrorCode::weak_point:
        case ErrorCode::stale_plan:
        case ErrorCode::plan_mismatch:
        case ErrorCode::clock_skew:
        case ErrorCode::refused_by_rule:
        case ErrorCode::held:
        case ErrorCode::duplicate_conflict:
        case ErrorCode::busy:
        case ErrorCode::store_failed:
        case ErrorCode::store_unknown:
        case ErrorCode::disk_full:
        case ErrorCode::io_failed:
        case ErrorCode::disconnected:
        case ErrorCode::timeout:
        case ErrorCode::shutting_down:
        case ErrorCode::quarantined:
        case ErrorCode::clock_jump: return true;
    }
    return false;
}

}  // namespace mash::wire
