// FixedBytes<Tag, N>: public bytes of one size and one meaning. Two kinds of equal size do not
// compare or convert, so a transport key never passes for a signing key.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"

namespace mash::crypto {

template <class Tag, std::size_t N>
class FixedBytes {
public:
    static constexpr std::size_t size = N;

    FixedBytes() = default;
    explicit FixedBytes(const std::array<std::uint8_t, N>& value) : value_(value) {}
    /// Errors: malformed (any other size than N).
    static Result<FixedBytes> from(ByteView bytes) {
        if (bytes.size() != N) return fail(ErrorCode::malformed);
        FixedBytes out;
        std::copy(bytes.begin(), bytes.end(), out.value_.begin());
        return out;
    }

    const std::array<std::uint8_t, N>& value() const { return value_; }
    ByteView view() const { return value_; }
    bool is_zero() const { return value_ == std::array<std::uint8_t, N>{}; }
    /// Not constant-time: these bytes are public.
    friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;

private:
    std::array<std::uint8_t, N> value_{};
};

}  // namespace mash::crypto
