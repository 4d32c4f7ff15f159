#include "common/area/text.hpp"

#include <algorithm>
#include <cstdint>

namespace mash::area {
namespace {

// Bytes of the character that starts at `text`, or 0 when it is none. RFC 3629 section 4.
std::size_t utf8_character(std::string_view text) {
    const auto byte = [&](std::size_t i) -> std::uint8_t {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0;
    };
    const auto is_tail = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
        return byte(i) >= low && byte(i) <= high;
    };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return is_tail(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80;   // no second spelling of two bytes
        const std::uint8_t high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
        return is_tail(1, low, high) && is_tail(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80;
        const std::uint8_t high = first == 0xF4 ? 0x8F : 0xBF;  // nothing above U+10FFFF
        return is_tail(1, low, high) && is_tail(2) && is_tail(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

bool is_display_text(std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) return false;
    while (!text.empty()) {
        const std::size_t size = utf8_character(text);
        if (size == 0) return false;
        const auto first = static_cast<std::uint8_t>(text[0]);
        if (size == 1 && (first < 0x20 || first == 0x7F)) return false;
        // U+0080 to U+009F, the second set of control characters.
        if (size == 2 && first == 0xC2 && static_cast<std::uint8_t>(text[1]) < 0xA0) return false;
        text.remove_prefix(size);
    }
    return true;
}

bool is_urn(std::string_view text) {
    return text.size() == 6 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace mash::area
