// How one struct becomes one protobuf message and back: the same few steps for all of them. Private
// to the codec; each codec_*.cpp gives put(), take() and Proto<> for its messages and instantiates.
#pragma once

#include "common/base/bytes.hpp"
#include "common/base/check.hpp"
#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/intake.hpp"
#include "common/wire/shape.hpp"

namespace mash::v1 {
class Seat;
}  // namespace mash::v1

namespace mash::wire {

// Before the templates below: Seat is of namespace mash, so they would not find this by its
// argument.
void put(const Seat& from, v1::Seat& to);

/// Specialised beside each pair: `type`, `bytes_max` and `shape`.
template <class T>
struct Proto;

/// Defaults for Proto<>.
template <class Message, std::size_t size_max>
struct ProtoOf {
    using type = Message;
    static constexpr std::size_t bytes_max = size_max;
    static constexpr std::span<const Shape> shape{};
};

/// One encoding only: protobuf writes fields by number, leaves defaults out, and the package has no
/// map, which is all the freedom that a proto3 message would have.
template <class T>
Bytes encode_message(const T& from) {
    typename Proto<T>::type to;
    put(from, to);
    Bytes out(to.ByteSizeLong());
    to.SerializeWithCachedSizesToArray(out.data());
    return out;
}

enum class Unknown { ignored, refused };

template <class T>
Result<T> decode_as(ByteView bytes, Unknown unknown) {
    if (bytes.size() > Proto<T>::bytes_max) return fail(ErrorCode::too_large);
    MASH_TRY_VOID(check_shape(bytes, Proto<T>::shape));
    typename Proto<T>::type from;
    if (!from.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return fail(ErrorCode::malformed);
    }
    Intake in;
    T to;
    take(in, from, to);
    if (!in.ok()) return fail(in.error());
    if (unknown == Unknown::refused) {
        const Bytes canonical = encode_message(to);
        if (!std::ranges::equal(canonical, bytes)) {
            // Protobuf keeps unknown fields, our structs do not: that is how they show, at any
            // depth.
            return fail(from.ByteSizeLong() > canonical.size() ? ErrorCode::unsupported_version
                                                               : ErrorCode::malformed);
        }
    }
    return to;
}

/// Part of a frame: unknown fields are ignored.
template <class T>
Result<T> decode_message(ByteView bytes) {
    return decode_as<T>(bytes, Unknown::ignored);
}

/// Signed, compared or stored: exactly one encoding, no unknown fields.
template <class T>
Result<T> decode_body(ByteView bytes) {
    return decode_as<T>(bytes, Unknown::refused);
}

// ---- lists and small things that every message needs ----

inline std::string raw(ByteView bytes) { return std::string(text_of(bytes)); }

template <class Tag>
std::string raw(const NameId<Tag>& id) {
    return id.value();
}
/// Zero is left out.
template <class Tag>
std::string raw(const BinaryId<Tag>& id) {
    return id.is_zero() ? std::string() : raw(ByteView(id.value()));
}
template <class Tag, std::size_t N>
std::string raw(const crypto::FixedBytes<Tag, N>& value) {
    return raw(value.view());
}
inline std::string raw(const std::string& text) { return text; }

/// All zeros are left out.
template <std::size_t N>
std::string raw_unless_zero(const std::array<std::uint8_t, N>& value) {
    return value == std::array<std::uint8_t, N>{} ? std::string() : raw(ByteView(value));
}

inline std::uint64_t unix_ms(WallTime time) { return static_cast<std::uint64_t>(time.unix_ms()); }

/// To the generated enum of the same numbers (tests/unit/common/wire/contract_test.cpp).
template <class ProtoEnum, class Enum>
ProtoEnum same_number(Enum value) {
    return static_cast<ProtoEnum>(static_cast<int>(value));
}

/// repeated bytes
template <class Range, class List>
void put_each(const Range& from, List* to) {
    for (const auto& item : from) to->Add(raw(item));
}
/// repeated message
template <class Range, class List>
void put_all(const Range& from, List* to) {
    to->Reserve(static_cast<int>(from.size()));
    for (const auto& item : from) put(item, *to->Add());
}

template <class List, class T>
void take_names(Intake& in, const List& from, std::vector<T>& to, std::size_t count_max) {
    if (!in.count(from.size(), count_max)) return;
    to.resize(static_cast<std::size_t>(from.size()));
    for (int i = 0; i < from.size(); ++i) in.name(from.Get(i), to[static_cast<std::size_t>(i)]);
}
template <class List, class T>
void take_ids(Intake& in, const List& from, std::vector<T>& to, std::size_t count_max) {
    if (!in.count(from.size(), count_max)) return;
    to.resize(static_cast<std::size_t>(from.size()));
    for (int i = 0; i < from.size(); ++i) in.id(from.Get(i), to[static_cast<std::size_t>(i)]);
}
template <class List, class T>
void take_all(Intake& in, const List& from, std::vector<T>& to, std::size_t count_max) {
    if (!in.count(from.size(), count_max)) return;
    to.resize(static_cast<std::size_t>(from.size()));
    for (int i = 0; i < from.size(); ++i) take(in, from.Get(i), to[static_cast<std::size_t>(i)]);
}

}  // namespace mash::wire

// For codec_*.cpp, inside namespace mash::wire.
#define MASH_WIRE_MESSAGE(Type)                       \
    template Bytes encode_message<Type>(const Type&); \
    template Result<Type> decode_message<Type>(ByteView)
#define MASH_WIRE_BODY(Type)                                             \
    Bytes encode_body(const Type& body) { return encode_message(body); } \
    template Result<Type> decode_body<Type>(ByteView)
