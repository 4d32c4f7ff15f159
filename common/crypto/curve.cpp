#include "common/crypto/curve.hpp"

#include <sodium.h>

#include "common/base/check.hpp"

namespace mash::crypto {
namespace {

constexpr std::string_view alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(alphabet.size() == 85);

}  // namespace

CurveKeyPair CurveKeyPair::generate(RandomSource& random) {
    return from_secret(CurveSecretKey::generate(random));
}

CurveKeyPair CurveKeyPair::from_secret(CurveSecretKey&& secret) {
    std::array<std::uint8_t, CurvePublicKey::size> public_half;
    CHECK(crypto_scalarmult_base(public_half.data(), secret.reveal().data()) == 0);
    return {CurvePublicKey(public_half), std::move(secret)};
}

Result<std::string> z85_encode(ByteView bytes) {
    if (bytes.size() % 4 != 0) return fail(ErrorCode::malformed);
    std::string out(bytes.size() / 4 * 5, '0');
    for (std::size_t group = 0; group * 4 < bytes.size(); ++group) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[group * 4 + i];
        for (std::size_t i = 5; i-- > 0; value /= 85) out[group * 5 + i] = alphabet[value % 85];
    }
    return out;
}

Result<Bytes> z85_decode(std::string_view text) {
    if (text.size() % 5 != 0) return fail(ErrorCode::malformed);
    Bytes out;
    out.reserve(text.size() / 5 * 4);
    for (std::size_t group = 0; group < text.size(); group += 5) {
        std::uint64_t value = 0;
        for (const char c : text.substr(group, 5)) {
            const std::size_t digit = alphabet.find(c);
            if (digit == std::string_view::npos) return fail(ErrorCode::malformed);
            value = value * 85 + digit;
        }
        if (value > 0xffff'ffff) return fail(ErrorCode::malformed);
        for (int shift = 24; shift >= 0; shift -= 8)
            out.push_back(static_cast<std::uint8_t>(value >> shift));
    }
    return out;
}

std::string curve_text(const CurvePublicKey& key) {
    return std::move(z85_encode(key.view())).value();
}

Result<CurvePublicKey> curve_from_text(std::string_view text) {
    MASH_TRY(bytes, z85_decode(text));
    return CurvePublicKey::from(bytes);
}

}  // namespace mash::crypto
