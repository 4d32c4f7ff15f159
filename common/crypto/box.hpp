// Sealing bytes to an X25519 public key (inboxes, people, recovery keys) in libsodium's sealed-box
// form. It names no sender and no purpose: the caller puts both inside and signs outside.
#pragma once

#include "common/base/bytes.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/crypto/fixed_bytes.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

using BoxPublicKey = FixedBytes<struct BoxPublicKeyTag, 32>;
using BoxSecretKey = FixedSecret<struct BoxSecretKeyTag, 32>;

/// X25519 (RFC 7748). Move-only because its secret half is.
struct BoxKeyPair {
    BoxPublicKey public_key;
    BoxSecretKey secret_key;

    static BoxKeyPair generate(RandomSource& random);
    static BoxKeyPair from_secret(BoxSecretKey&& secret);
    BoxKeyPair clone() const { return {public_key, secret_key.clone()}; }
};

/// Refuses, when a key is enrolled, a point of small order, to which nobody could seal. Errors:
/// weak_point.
Result<void> check_usable(const BoxPublicKey& key);

/// The raw shared point, RFC 7748 section 6.1. Errors: weak_point (small order: all-zero result).
/// Not a key yet: hash it with both public keys before use.
Result<SecretBytes> x25519(const BoxSecretKey& secret, const BoxPublicKey& other);

/// Bytes that sealing adds: ephemeral public key 32 + tag 16.
inline constexpr std::size_t sealed_overhead_bytes = 48;

/// crypto_box_seal, byte for byte, but with the ephemeral key from `random` so that a run can be
/// replayed: epk ‖ crypto_box_easy(plain, nonce = BLAKE2b-192(epk ‖ recipient), recipient, esk).
/// Errors: weak_point.
Result<Bytes> seal_to(const BoxPublicKey& recipient, ByteView plain, RandomSource& random);

/// Opens seal_to() and crypto_box_seal. Errors: malformed (shorter than the overhead),
/// decrypt_failed (another key, or changed on the way; the two cannot be told apart).
Result<SecretBytes> open_sealed(const BoxKeyPair& own, ByteView sealed);

}  // namespace mash::crypto
