// Secrets under a passphrase that a person remembers: the area's root key, an agent's key file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/crypto/aead.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

/// The price of one guess, Argon2id version 1.3 with one lane (RFC 9106). Kept beside what it
/// protects.
struct Argon2Params {
    std::uint32_t passes;
    std::uint32_t memory_kib;

    /// 2 passes over 64 MiB: a person waits, at every start.
    static constexpr Argon2Params interactive() { return {2, 64 * 1024}; }
    /// 3 passes over 256 MiB: the root key, opened a few times a year.
    static constexpr Argon2Params moderate() { return {3, 256 * 1024}; }
    friend bool operator==(const Argon2Params&, const Argon2Params&) = default;
};

/// What a file may ask of us when we open it: a hostile one must not take the machine's memory or
/// an hour.
inline constexpr std::uint32_t argon2_passes_max = 16;
inline constexpr std::uint32_t argon2_memory_kib_max = 512 * 1024;
inline constexpr std::uint32_t argon2_memory_kib_min = 8;

using PasswordSalt = FixedBytes<struct PasswordSaltTag, 16>;

/// Argon2id over the passphrase's bytes; the caller brings them to one Unicode form.
/// Errors: missing_field (empty passphrase), bad_value (parameters outside the bounds), busy (no
/// memory now).
Result<AeadKey> derive_from_passphrase(const SecretBytes& passphrase, const PasswordSalt& salt,
                                       const Argon2Params& params);

/// "mash-pw1" ‖ passes(4) ‖ memory_kib(4) ‖ salt(16) ‖ wrap_secret(derived key, aad = all of those
/// and `context`). `context` says what the secret is ("mash.v1.root-key"), and must be said again
/// to open. Errors: as derive_from_passphrase.
Result<Bytes> seal_with_passphrase(const SecretBytes& passphrase, std::string_view context,
                                   const SecretBytes& secret, const Argon2Params& params,
                                   RandomSource& random);

/// Errors: malformed, unsupported_version, bad_value (asks for more than the bounds: refused before
/// any work), wrong_credential (wrong passphrase, or sealed for another context), decrypt_failed
/// (right passphrase, changed blob), and those of derive_from_passphrase.
Result<SecretBytes> open_with_passphrase(const SecretBytes& passphrase, std::string_view context,
                                         ByteView blob);

}  // namespace mash::crypto
