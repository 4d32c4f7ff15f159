#include "common/base/id.hpp"

#include <algorithm>

#include "common/base/bytes.hpp"
#include "common/base/limits.hpp"

namespace mash {
namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool is_hyphen_position(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

constexpr std::size_t uuid_text_size = 36;

}  // namespace

// The first character keeps "..", "-x" and hidden files out of the folders and commands that names
// end up in.
bool is_valid_name(std::string_view text) {
    return !text.empty() && text.size() <= limits::name_bytes_max && text.front() != '.' &&
           text.front() != '-' && text.front() != '_' &&
           std::all_of(text.begin(), text.end(), is_name_character);
}

bool is_valid_view_name(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || text.size() > limits::name_bytes_max) return false;
    const auto view = text.substr(dot + 1);
    return is_valid_name(text.substr(0, dot)) && is_valid_name(view) &&
           view.find('.') == std::string_view::npos;
}

std::string uuid_text(const std::array<std::uint8_t, 16>& value) {
    std::string text = to_hex(value);
    for (std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

Result<std::array<std::uint8_t, 16>> uuid_from_text(std::string_view text) {
    if (text.size() != uuid_text_size) return fail(ErrorCode::malformed);
    std::string digits;
    digits.reserve(32);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((text[at] == '-') != is_hyphen_position(at)) return fail(ErrorCode::malformed);
        if (text[at] != '-') digits.push_back(text[at]);
    }
    MASH_TRY(bytes, from_hex(digits));
    std::array<std::uint8_t, 16> value{};
    std::copy(bytes.begin(), bytes.end(), value.begin());
    return value;
}

// Byte layout, big-endian: unix_ms (6) | version 7 and 12 bits of random (2) | variant 10 and 62
// bits of random (8).
std::array<std::uint8_t, 16> uuid_v7(std::uint64_t unix_ms,
                                     const std::array<std::uint8_t, 10>& random) {
    std::array<std::uint8_t, 16> value{};
    for (std::size_t i = 0; i < 6; ++i)
        value[i] = static_cast<std::uint8_t>(unix_ms >> (8 * (5 - i)));
    std::copy(random.begin(), random.end(), value.begin() + 6);
    value[6] = static_cast<std::uint8_t>(0x70U | (value[6] & 0x0FU));
    value[8] = static_cast<std::uint8_t>(0x80U | (value[8] & 0x3FU));
    return value;
}

}  // namespace mash
