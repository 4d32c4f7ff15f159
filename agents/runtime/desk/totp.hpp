// One-time codes of a telephone (RFC 6238: HMAC-SHA-1, 30 seconds, 6 digits, what every
// authenticator program shows). Each counts once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.hpp"
#include "common/crypto/secret.hpp"

namespace mash::desk {

/// RFC 4226, 4 (R6): at least 128 bits, 160 recommended.
inline constexpr std::size_t totp_secret_bytes = 20;
inline constexpr std::int64_t totp_step_ms = 30'000;

/// The six digits of one step of time.
std::string totp_code(const crypto::SecretBytes& secret, std::uint64_t step);

/// The step that `code` belongs to, if that is the present one, the one before or the one after
/// (RFC 6238, 5.2), and later than `last_used`: keep it as the next `last_used`. Takes the same
/// time whether and where the code fits. Spaces within are left out, as telephones show them.
std::optional<std::uint64_t> totp_step_of(const crypto::SecretBytes& secret, std::string_view code,
                                          WallTime now, std::uint64_t last_used);

/// For a telephone's camera, and the secret to be typed (base32, RFC 4648, without padding). `area`
/// and `account` are names ([A-Za-z0-9._-]).
std::string totp_secret_text(const crypto::SecretBytes& secret);
std::string totp_uri(const crypto::SecretBytes& secret, std::string_view area,
                     std::string_view account);

}  // namespace mash::desk
