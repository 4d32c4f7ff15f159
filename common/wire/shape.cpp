#include "common/wire/shape.hpp"

#include <array>

#include "common/base/check.hpp"

namespace mash::wire {
namespace {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct Field {
    std::uint32_t number = 0;
    WireType type{};
    std::uint64_t varint = 0;
    ByteView bytes;
};

/// Protobuf's own encoding rules: https://protobuf.dev/programming-guides/encoding
class FieldReader {
public:
    explicit FieldReader(ByteView in) : in_(in) {}
    bool finished() const { return in_.empty(); }

    Result<Field> next() {
        MASH_TRY(tag, varint());
        const std::uint64_t number = tag >> 3;
        if (number == 0 || number > 0x1FFFFFFF) return fail(ErrorCode::malformed);
        Field field;
        field.number = static_cast<std::uint32_t>(number);
        switch (tag & 7U) {
            case 0: {
                MASH_TRY(value, varint());
                field.type = WireType::varint;
                field.varint = value;
                return field;
            }
            case 1: field.type = WireType::fixed64; return take(field, 8);
            case 2: {
                MASH_TRY(size, varint());
                field.type = WireType::bytes;
                return take(field, size);
            }
            case 5: field.type = WireType::fixed32; return take(field, 4);
            default: return fail(ErrorCode::malformed);  // groups, which proto3 does not have
        }
    }

private:
    Result<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 70; shift += 7) {
            if (in_.empty()) return fail(ErrorCode::malformed);
            const std::uint8_t byte = in_.front();
            in_ = in_.subspan(1);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if ((byte & 0x80U) == 0) {
                if (shift == 63 && byte > 1) return fail(ErrorCode::malformed);
                return value;
            }
        }
        return fail(ErrorCode::malformed);
    }

    Result<Field> take(Field field, std::uint64_t size) {
        if (size > in_.size()) return fail(ErrorCode::malformed);
        field.bytes = in_.first(static_cast<std::size_t>(size));
        in_ = in_.subspan(static_cast<std::size_t>(size));
        return field;
    }

    ByteView in_;
};

std::uint64_t little_endian(ByteView bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | bytes[i - 1];
    return value;
}

constexpr std::size_t bounded_fields_max = 8;  // the longest Shape list of the codec

}  // namespace

Result<void> check_shape(ByteView message, std::span<const Shape> shape) {
    CHECK(shape.size() <= bounded_fields_max);
    std::array<std::size_t, bounded_fields_max> seen{};
    for (FieldReader reader(message); !reader.finished();) {
        MASH_TRY(field, reader.next());
        for (std::size_t i = 0; i < shape.size(); ++i) {
            if (shape[i].field != field.number) continue;
            if (++seen[i] > shape[i].count_max) return fail(ErrorCode::too_many);
            if (field.type == WireType::bytes && !shape[i].inside.empty()) {
                MASH_TRY_VOID(check_shape(field.bytes, shape[i].inside));
            }
        }
    }
    return {};
}

Result<FrameOutline> outline_of(ByteView frame) {
    FrameOutline outline;
    for (FieldReader reader(frame); !reader.finished();) {
        MASH_TRY(field, reader.next());
        if (field.number == 1 && field.type == WireType::varint) outline.request = field.varint;
        if (field.number == 2 && field.type == WireType::fixed64)
            outline.commit_serial = little_endian(field.bytes);
        if (field.number < first_body_field) continue;
        if (outline.body_field != 0 || field.type != WireType::bytes) {
            return fail(ErrorCode::malformed);
        }
        outline.body_field = field.number;
        outline.body = field.bytes;
    }
    if (outline.body_field == 0) return fail(ErrorCode::malformed);
    return outline;
}

}  // namespace mash::wire
