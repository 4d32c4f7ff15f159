#include "common/base/bytes.hpp"

#include <array>
#include <limits>

namespace mash {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

int base64url_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    if (c == '_') return 63;
    return -1;
}

template <class Integer>
void append_big_endian(Bytes& out, Integer value) {
    std::array<std::uint8_t, sizeof(Integer)> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(value >> (8 * (bytes.size() - 1 - i)));
    }
    out.insert(out.end(), bytes.begin(), bytes.end());
}

std::uint64_t from_big_endian(ByteView bytes) {
    std::uint64_t value = 0;
    for (auto byte : bytes) value = (value << 8) | byte;
    return value;
}

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (auto byte : bytes) {
        text.push_back(hex_digits[byte >> 4]);
        text.push_back(hex_digits[byte & 0x0F]);
    }
    return text;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(ErrorCode::malformed);
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return fail(ErrorCode::malformed);
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return bytes;
}

std::string to_base64url(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t pending = 0;  // at most 12 bits that are not yet written
    int pending_bits = 0;
    for (auto byte : bytes) {
        pending = ((pending << 8) | byte) & 0xFFFU;
        pending_bits += 8;
        while (pending_bits >= 6) {
            pending_bits -= 6;
            text.push_back(base64url_digits[(pending >> pending_bits) & 0x3FU]);
        }
    }
    if (pending_bits > 0) text.push_back(base64url_digits[(pending << (6 - pending_bits)) & 0x3FU]);
    return text;
}

Result<Bytes> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return fail(ErrorCode::malformed);
    Bytes bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t pending = 0;
    int pending_bits = 0;
    for (char c : text) {
        const int value = base64url_value(c);
        if (value < 0) return fail(ErrorCode::malformed);
        pending = ((pending << 6) | static_cast<std::uint32_t>(value)) & 0x3FFFU;
        pending_bits += 6;
        if (pending_bits >= 8) {
            pending_bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(pending >> pending_bits));
        }
    }
    // Left-over bits that are not zero would be a second spelling of the same bytes.
    if ((pending & ((1U << pending_bits) - 1U)) != 0) return fail(ErrorCode::malformed);
    return bytes;
}

Writer& Writer::u8(std::uint8_t value) {
    out_.push_back(value);
    return *this;
}

Writer& Writer::u16(std::uint16_t value) {
    append_big_endian(out_, value);
    return *this;
}

Writer& Writer::u32(std::uint32_t value) {
    append_big_endian(out_, value);
    return *this;
}

Writer& Writer::u64(std::uint64_t value) {
    append_big_endian(out_, value);
    return *this;
}

Writer& Writer::i64(std::int64_t value) {
    return u64(static_cast<std::uint64_t>(value) ^ sign_bit);
}

Writer& Writer::fixed(ByteView bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    return *this;
}

Writer& Writer::bytes(ByteView bytes) {
    CHECK(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
    u32(static_cast<std::uint32_t>(bytes.size()));
    return fixed(bytes);
}

ByteView Reader::take(std::size_t size) {
    if (!ok_ || size > in_.size()) {
        ok_ = false;
        return {};
    }
    const auto taken = in_.first(size);
    in_ = in_.subspan(size);
    return taken;
}

std::uint8_t Reader::u8() { return static_cast<std::uint8_t>(from_big_endian(take(1))); }
std::uint16_t Reader::u16() { return static_cast<std::uint16_t>(from_big_endian(take(2))); }
std::uint32_t Reader::u32() { return static_cast<std::uint32_t>(from_big_endian(take(4))); }
std::uint64_t Reader::u64() { return from_big_endian(take(8)); }

std::int64_t Reader::i64() {
    const auto raw = take(8);
    return raw.empty() ? 0 : static_cast<std::int64_t>(from_big_endian(raw) ^ sign_bit);
}

bool Reader::flag() {
    const auto value = u8();
    if (value > 1) fail();
    return ok_ && value == 1;
}

ByteView Reader::fixed(std::size_t size) { return take(size); }

ByteView Reader::bytes() {
    const auto size = u32();
    return ok_ ? take(size) : ByteView{};
}

std::uint32_t Reader::count(std::size_t bytes_each_min) {
    CHECK(bytes_each_min > 0);
    const auto value = u32();
    if (!ok_ || value > in_.size() / bytes_each_min) {
        fail();
        return 0;
    }
    return value;
}

}  // namespace mash
