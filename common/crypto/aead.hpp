// Authenticated encryption of content, and a commitment to the key that it was encrypted under.
#pragma once

#include <cstddef>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/crypto/fixed_bytes.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

using AeadKey = FixedSecret<struct AeadKeyTag, 32>;
/// 24 bytes: long enough to be drawn at random for every message under one key.
using AeadNonce = FixedBytes<struct AeadNonceTag, 24>;

inline constexpr std::size_t aead_tag_bytes = 16;

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). Returns ciphertext ‖ tag, plain.size() + 16
/// bytes. A nonce is never used twice under one key; a key that encrypts once may use a fixed one.
Bytes encrypt(const AeadKey& key, const AeadNonce& nonce, ByteView aad, ByteView plain);

/// Errors: malformed (shorter than a tag), decrypt_failed (another key, nonce or AAD, or changed).
Result<Bytes> decrypt(const AeadKey& key, const AeadNonce& nonce, ByteView aad,
                      ByteView ciphertext);

/// Poly1305 does not bind the key: a sender can make one ciphertext that opens to two texts under
/// two keys, and show two recipients different things (Len, Grubbs, Ristenpart, "Partitioning
/// Oracle Attacks", USENIX Security 2021; Albertini et al., "How to Abuse and Fix Authenticated
/// Encryption Without Key Commitment", USENIX Security 2022). This digest binds it: BLAKE2b-256
/// keyed with the key over label and AAD, published and signed beside the ciphertext; the opener
/// recomputes and compares before decrypting. It tells nothing about the key.
Digest key_commitment(const AeadKey& key, ByteView aad);

/// Compares in constant time. Errors: decrypt_failed.
Result<void> check_commitment(const AeadKey& key, ByteView aad, const Digest& commitment);

}  // namespace mash::crypto
