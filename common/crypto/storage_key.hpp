// Content at rest: one column value, encrypted under a key that is not in the same file, and bound
// to its place so that rows cannot be swapped in the database.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "common/base/bytes.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/crypto/aead.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

/// 32 bytes, for columns only.
class StorageKey {
public:
    static StorageKey generate(RandomSource& random) {
        return StorageKey(AeadKey::generate(random));
    }
    /// Errors: malformed (any other size than 32).
    static Result<StorageKey> from(ByteView bytes) {
        MASH_TRY(key, AeadKey::from(bytes));
        return StorageKey(std::move(key));
    }
    StorageKey clone() const { return StorageKey(key_.clone()); }
    /// To be wrapped and kept.
    const SecretBytes& bytes() const { return key_.bytes(); }

private:
    explicit StorageKey(AeadKey&& key) : key_(std::move(key)) {}
    friend Bytes encrypt_column(const StorageKey&, std::string_view, ByteView, ByteView,
                                RandomSource&);
    friend Result<Bytes> decrypt_column(const StorageKey&, std::string_view, ByteView, ByteView);
    AeadKey key_;
};

/// Bytes that encryption adds: version 1, nonce 24, tag 16.
inline constexpr std::size_t column_overhead_bytes = 41;

/// 0x01 ‖ random nonce(24) ‖ XChaCha20-Poly1305(plain), AAD = "mash.v1.column", space and row key,
/// each length-prefixed. `space` names table and column ("outbox.content"). The length of `plain`
/// shows.
Bytes encrypt_column(const StorageKey& key, std::string_view space, ByteView row_key,
                     ByteView plain, RandomSource& random);

/// Errors: malformed (too short), unsupported_version, decrypt_failed (another key, space or row,
/// or changed).
Result<Bytes> decrypt_column(const StorageKey& key, std::string_view space, ByteView row_key,
                             ByteView stored);

}  // namespace mash::crypto
