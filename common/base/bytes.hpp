// Byte strings, and the one way we write fields into bytes that are hashed or stored.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/id.hpp"
#include "common/base/result.hpp"

namespace mash {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Digest = std::array<std::uint8_t, 32>;

inline ByteView view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::string to_hex(ByteView bytes);
Result<Bytes> from_hex(std::string_view text);
/// Base64url without padding (RFC 4648 section 5). from_base64url refuses any other spelling of the
/// same bytes.
std::string to_base64url(ByteView bytes);
Result<Bytes> from_base64url(std::string_view text);

/// Writes stored records and hashed transcripts: every field has one encoding, integers are
/// big-endian (so that keys sort as numbers), byte strings carry a 4-byte length unless fixed()
/// says otherwise.
class Writer {
public:
    Writer& u8(std::uint8_t value);
    Writer& u16(std::uint16_t value);
    Writer& u32(std::uint32_t value);
    Writer& u64(std::uint64_t value);
    Writer& i64(std::int64_t value);  ///< sign bit flipped, so that order is kept
    Writer& flag(bool value) { return u8(value ? 1 : 0); }
    Writer& fixed(ByteView bytes);  ///< no length: the reader knows it
    Writer& bytes(ByteView bytes);
    Writer& text(std::string_view value) { return bytes(view_of(value)); }
    template <class Tag>
    Writer& id(const NameId<Tag>& value);
    template <class Tag>
    Writer& id(const BinaryId<Tag>& value);

    const Bytes& done() const { return out_; }
    Bytes take() { return std::move(out_); }

private:
    Bytes out_;
};

/// Reads what Writer wrote. After the first failure every read returns an empty value and ok() is
/// false: read a whole record, then ask once.
class Reader {
public:
    explicit Reader(ByteView in) : in_(in) {}
    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u32();
    std::uint64_t u64();
    std::int64_t i64();
    bool flag();  ///< fails on any byte but 0 and 1
    ByteView fixed(std::size_t size);
    template <std::size_t N>
    std::array<std::uint8_t, N> array();
    ByteView bytes();  ///< a view into the input
    Bytes owned_bytes() {
        auto b = bytes();
        return Bytes(b.begin(), b.end());
    }
    std::string text() { return std::string(text_of(bytes())); }
    template <class IdType>
    IdType id();
    /// A count that cannot exceed what the rest of the input could hold at `bytes_each_min` each.
    std::uint32_t count(std::size_t bytes_each_min);

    bool ok() const { return ok_; }
    bool finished() const { return ok_ && in_.empty(); }
    void fail() { ok_ = false; }

private:
    ByteView take(std::size_t size);
    ByteView in_;
    bool ok_ = true;
};

template <class Tag>
Writer& Writer::id(const NameId<Tag>& value) {
    return text(value.value());
}
template <class Tag>
Writer& Writer::id(const BinaryId<Tag>& value) {
    return fixed(value.value());
}

template <std::size_t N>
std::array<std::uint8_t, N> Reader::array() {
    std::array<std::uint8_t, N> out{};
    auto from = fixed(N);
    if (from.size() == N) std::copy(from.begin(), from.end(), out.begin());
    return out;
}

template <class IdType>
IdType Reader::id() {
    if constexpr (requires { IdType::size; }) {
        return IdType(array<16>());
    } else {
        return IdType(text());
    }
}

}  // namespace mash
