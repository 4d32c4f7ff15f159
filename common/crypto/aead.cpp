#include "common/crypto/aead.hpp"

#include <sodium.h>

#include "common/base/check.hpp"
#include "common/crypto/hash.hpp"

namespace mash::crypto {

static_assert(AeadKey::size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(AeadNonce::size == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(aead_tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

Bytes encrypt(const AeadKey& key, const AeadNonce& nonce, ByteView aad, ByteView plain) {
    Bytes out(plain.size() + aead_tag_bytes);
    CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(
              out.data(), nullptr, plain.data(), plain.size(), aad.data(), aad.size(), nullptr,
              nonce.value().data(), key.reveal().data()) == 0);
    return out;
}

Result<Bytes> decrypt(const AeadKey& key, const AeadNonce& nonce, ByteView aad,
                      ByteView ciphertext) {
    if (ciphertext.size() < aead_tag_bytes) return fail(ErrorCode::malformed);
    Bytes out(ciphertext.size() - aead_tag_bytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            out.data(), nullptr, nullptr, ciphertext.data(), ciphertext.size(), aad.data(),
            aad.size(), nonce.value().data(), key.reveal().data()) != 0) {
        return fail(ErrorCode::decrypt_failed);
    }
    return out;
}

Digest key_commitment(const AeadKey& key, ByteView aad) {
    return keyed_labelled_hash(key.bytes(), "mash.v1.key-commitment", {aad});
}

Result<void> check_commitment(const AeadKey& key, ByteView aad, const Digest& commitment) {
    if (!equal_constant_time(key_commitment(key, aad), commitment))
        return fail(ErrorCode::decrypt_failed);
    return {};
}

}  // namespace mash::crypto
