// HMAC-SHA-1 (RFC 2104, RFC 2202): for the one-time codes that telephones show (RFC 6238), and for
// nothing of ours.
#pragma once

#include <array>
#include <cstdint>

#include "common/base/bytes.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

std::array<std::uint8_t, 20> hmac_sha1(const SecretBytes& key, ByteView message);

}  // namespace mash::crypto
