// Ed25519 (RFC 8032) over a labelled digest: the label says what kind of thing is signed, so a
// signature on a receipt never passes as one on a registry. What each kind of signed thing contains
// belongs to wire and area.
#pragma once

#include <span>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/crypto/fixed_bytes.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

/// 32 bytes. Any bytes may be held; what is no good key verifies nothing.
using VerifyKey = FixedBytes<struct VerifyKeyTag, 32>;
/// 64 bytes, R ‖ S.
using Signature = FixedBytes<struct SignatureTag, 64>;

/// Refuses, when a key is enrolled, what verify() would refuse for ever: points off the curve, of
/// small order, outside the main group, or in a second spelling. Errors: weak_point.
Result<void> check_usable(const VerifyKey& key);

/// Owns the secret half (seed ‖ public key, 64 bytes). Move-only.
class SigningKey {
public:
    static SigningKey generate(RandomSource& random);
    /// The 32-byte seed of RFC 8032 section 5.1.5. Errors: malformed (another size).
    static Result<SigningKey> from_seed(const SecretBytes& seed);

    SigningKey clone() const { return SigningKey(secret_.clone()); }
    /// What is kept, sealed, and given to from_seed() again: 32 bytes.
    SecretBytes seed() const;
    VerifyKey verify_key() const;

private:
    explicit SigningKey(SecretBytes&& secret) : secret_(std::move(secret)) {}
    friend Signature sign_raw(const SigningKey&, ByteView);
    SecretBytes secret_;
};

/// Ed25519 over labelled_hash(label, {message}). Deterministic.
Signature sign(const SigningKey& key, std::string_view label, ByteView message);
/// Ed25519 over labelled_hash(label, parts).
Signature sign(const SigningKey& key, std::string_view label, std::span<const ByteView> parts);

/// False for anything but a good signature; also for small-order or non-canonical R and key, and
/// for S not below the group order, so that a signature has one spelling only.
[[nodiscard]] bool verify(const VerifyKey& key, std::string_view label, ByteView message,
                          const Signature& signature);
[[nodiscard]] bool verify(const VerifyKey& key, std::string_view label,
                          std::span<const ByteView> parts, const Signature& signature);

/// Plain Ed25519 over the message itself: for public test vectors and other people's formats
/// (checkpoints), never for our own messages.
Signature sign_raw(const SigningKey& key, ByteView message);
[[nodiscard]] bool verify_raw(const VerifyKey& key, ByteView message, const Signature& signature);

}  // namespace mash::crypto
