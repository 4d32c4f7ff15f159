// A secret at rest under a key of full strength: one blob that says whether the key or the blob is
// at fault.
#pragma once

#include <cstddef>

#include "common/base/bytes.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/crypto/aead.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

/// Bytes that wrapping adds: version 8, nonce 24, commitment 32, tag 16.
inline constexpr std::size_t wrap_overhead_bytes = 80;

/// "mash-wr1" ‖ nonce(24) ‖ key commitment(32) ‖ XChaCha20-Poly1305(secret). `aad` says what the
/// secret is and whose; it is not in the blob, so a blob moved to another place does not open
/// there.
Bytes wrap_secret(const AeadKey& key, ByteView aad, const SecretBytes& secret,
                  RandomSource& random);

/// Errors: malformed (too short), unsupported_version, wrong_credential (the commitment says
/// another key or another `aad`), decrypt_failed (the right key, but the blob was changed).
Result<SecretBytes> unwrap_secret(const AeadKey& key, ByteView aad, ByteView blob);

}  // namespace mash::crypto
