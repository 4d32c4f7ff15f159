#include "agents/runtime/core/text_decoder.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mash::runtime {

namespace {

constexpr std::uint32_t not_a_character = 0xFFFD;
// Enough for an XML declaration.
constexpr std::size_t recognised_by_bytes = 256;

void append_utf8(std::string& out, std::uint32_t point) {
    if (point < 0x80) {
        out.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
        out.push_back(static_cast<char>(0xC0 | (point >> 6)));
        out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    } else {
        if (point < 0x10000) {
            out.push_back(static_cast<char>(0xE0 | (point >> 12)));
        } else {
            out.push_back(static_cast<char>(0xF0 | (point >> 18)));
            out.push_back(static_cast<char>(0x80 | ((point >> 12) & 0x3F)));
        }
        out.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    }
}

void append_windows(std::string& out, char c) {
    // Windows-1252, bytes 0x80..0x9F; zero: not assigned.
    static constexpr std::array<std::uint16_t, 32> high{
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xA0) {
        append_utf8(out, high[byte - 0x80U] == 0 ? not_a_character : high[byte - 0x80U]);
    } else {
        append_utf8(out, byte);
    }
}

struct Sequence {
    std::size_t bytes = 0;  ///< of the character at the front; 0 = it is no UTF-8
    bool cut = false;       ///< what is there could be the beginning of one
};

Sequence sequence_at(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return {1, false};
    const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                               : (lead & 0xF0) == 0xE0       ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0) return {};
    std::uint32_t point = lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
        if (k == text.size()) return {0, true};
        const auto next = static_cast<unsigned char>(text[k]);
        if ((next & 0xC0) != 0x80) return {};
        point = (point << 6) | (next & 0x3FU);
    }
    static constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    if (point < least[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return {};
    return {length, false};
}

bool declares_one_byte(std::string_view head) {
    if (!head.starts_with("<?xml")) return false;
    std::string declaration(head.substr(0, head.find("?>")));
    std::ranges::transform(declaration, declaration.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    static constexpr std::array<std::string_view, 5> names{"windows-1252", "cp1252", "iso-8859-1",
                                                           "iso-8859-15", "latin1"};
    return std::ranges::any_of(names, [&](auto name) {
        return declaration.find(std::string("\"") + std::string(name)) != std::string::npos ||
               declaration.find(std::string("'") + std::string(name)) != std::string::npos;
    });
}

}  // namespace

void TextDecoder::recognise() {
    static constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
    if (pending_.starts_with("\xFF\xFE") || pending_.starts_with("\xFE\xFF")) {
        as_ = pending_.front() == '\xFF' ? As::utf16_little : As::utf16_big;
        pending_.erase(0, 2);
    } else if (pending_.starts_with(utf8_mark)) {
        as_ = As::utf8;
        pending_.erase(0, utf8_mark.size());
    } else {
        as_ = declares_one_byte(pending_) ? As::one_byte : As::utf8;
    }
}

std::string TextDecoder::decode(bool last) {
    if (as_ == As::unknown) {
        if (pending_.size() < recognised_by_bytes && !last) return {};
        recognise();
    }
    const std::string_view text = pending_;
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    if (as_ == As::one_byte) {
        for (; at < text.size(); ++at) append_windows(out, text[at]);
    } else if (as_ == As::utf8) {
        while (at < text.size()) {
            const auto sequence = sequence_at(text.substr(at));
            if (sequence.cut && !last) break;
            if (sequence.bytes == 0)
                append_windows(out, text[at]);
            else
                out.append(text, at, sequence.bytes);
            at += std::max<std::size_t>(sequence.bytes, 1);
        }
    } else {
        const auto unit_at = [&](std::size_t place) {
            const auto first = static_cast<unsigned char>(text[place]);
            const auto second = static_cast<unsigned char>(text[place + 1]);
            return static_cast<std::uint32_t>(as_ == As::utf16_little ? second << 8U | first
                                                                      : first << 8U | second);
        };
        while (at + 1 < text.size()) {
            std::uint32_t point = unit_at(at);
            const bool is_high = point >= 0xD800 && point < 0xDC00;
            if (is_high && at + 3 >= text.size() && !last) break;
            const std::uint32_t low = is_high && at + 3 < text.size() ? unit_at(at + 2) : 0;
            at += 2;
            if (low >= 0xDC00 && low < 0xE000) {
                point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
                at += 2;
            } else if (point >= 0xD800 && point < 0xE000) {
                point = not_a_character;
            }
            append_utf8(out, point);
        }
        if (last && at < text.size()) {
            append_utf8(out, not_a_character);
            at = text.size();
        }
    }
    pending_.erase(0, at);
    return out;
}

std::string TextDecoder::feed(std::string_view piece) {
    pending_ += piece;
    return decode(false);
}

std::string TextDecoder::finish() { return decode(true); }

std::string to_utf8(std::string_view text) {
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto sequence = sequence_at(rest);
        if (sequence.bytes == 0) break;
        rest.remove_prefix(sequence.bytes);
    }
    if (rest.empty()) return std::string(text);
    std::string out;
    for (const char c : text) append_windows(out, c);
    return out;
}

}  // namespace mash::runtime
