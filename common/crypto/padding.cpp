#include "common/crypto/padding.hpp"

#include <array>
#include <limits>

#include "common/base/check.hpp"

namespace mash::crypto {
namespace {

constexpr std::array<std::size_t, 5> steps{256, 1024, 4096, 16384, 65536};
constexpr std::uint8_t marker = 0x80;

}  // namespace

std::size_t padded_size(std::size_t plain_bytes) {
    CHECK(plain_bytes < std::numeric_limits<std::size_t>::max() - steps.back());
    for (const std::size_t step : steps) {
        if (plain_bytes < step) return step;
    }
    return (plain_bytes / steps.back() + 1) * steps.back();
}

Bytes pad(ByteView plain) {
    Bytes out;
    out.reserve(padded_size(plain.size()));
    out.assign(plain.begin(), plain.end());
    out.push_back(marker);
    out.resize(padded_size(plain.size()), 0);
    return out;
}

Result<Bytes> unpad(ByteView padded) {
    std::size_t end = padded.size();
    while (end > 0 && padded[end - 1] == 0) --end;
    if (end == 0 || padded[end - 1] != marker) return fail(ErrorCode::malformed);
    const std::size_t plain_bytes = end - 1;
    if (padded_size(plain_bytes) != padded.size()) return fail(ErrorCode::malformed);
    return Bytes(padded.begin(), padded.begin() + static_cast<std::ptrdiff_t>(plain_bytes));
}

}  // namespace mash::crypto
