#include "agents/runtime/desk/totp.hpp"

#include <array>

#include "common/base/bytes.hpp"
#include "common/crypto/hmac_sha1.hpp"

namespace mash::desk {

// RFC 4226, 5.3: four bytes from where the last nibble points, without the sign bit.
std::string totp_code(const crypto::SecretBytes& secret, std::uint64_t step) {
    const Bytes message = Writer().u64(step).take();
    const auto mac = crypto::hmac_sha1(secret, message);
    const std::size_t at = mac.back() & 0x0fU;
    std::uint32_t number = mac[at] & 0x7fU;
    for (std::size_t i = 1; i < 4; ++i) number = (number << 8) | mac[at + i];
    std::string digits = std::to_string(number % 1'000'000);
    return std::string(6 - digits.size(), '0') + digits;
}

std::optional<std::uint64_t> totp_step_of(const crypto::SecretBytes& secret, std::string_view code,
                                          WallTime now, std::uint64_t last_used) {
    std::string given;
    for (const char c : code.substr(0, 16))
        if (c != ' ') given.push_back(c);
    const std::int64_t present = now.unix_ms() / totp_step_ms;
    std::optional<std::uint64_t> fits;
    for (std::int64_t step = present - 1; step <= present + 1; ++step) {
        if (step < 0) continue;
        const auto number = static_cast<std::uint64_t>(step);
        const std::string wanted = totp_code(secret, number);
        const bool same = crypto::equal_constant_time(view_of(wanted), view_of(given));
        if (same && number > last_used) fits = number;
    }
    return code.size() <= 16 ? fits : std::nullopt;
}

std::string totp_secret_text(const crypto::SecretBytes& secret) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const auto byte : secret.reveal()) {
        held = (held << 8) | byte;
        for (bits += 8; bits >= 5; bits -= 5) out.push_back(letters[(held >> (bits - 5)) & 31U]);
        held &= (1U << bits) - 1;
    }
    if (bits > 0) out.push_back(letters[(held << (5 - bits)) & 31U]);
    return out;
}

std::string totp_uri(const crypto::SecretBytes& secret, std::string_view area,
                     std::string_view account) {
    const std::string issuer = "MASH%20" + std::string(area);
    return "otpauth://totp/" + issuer + ":" + std::string(account) +
           "?secret=" + totp_secret_text(secret) + "&issuer=" + issuer;
}

}  // namespace mash::desk
