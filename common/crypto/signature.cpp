#include "common/crypto/signature.hpp"

#include <sodium.h>

#include "common/base/check.hpp"
#include "common/crypto/hash.hpp"

namespace mash::crypto {

static_assert(VerifyKey::size == crypto_sign_PUBLICKEYBYTES);
static_assert(Signature::size == crypto_sign_BYTES);

Result<void> check_usable(const VerifyKey& key) {
    if (crypto_core_ed25519_is_valid_point(key.value().data()) != 1)
        return fail(ErrorCode::weak_point);
    return {};
}

SigningKey SigningKey::generate(RandomSource& random) {
    return std::move(from_seed(SecretBytes::random(crypto_sign_SEEDBYTES, random))).value();
}

Result<SigningKey> SigningKey::from_seed(const SecretBytes& seed) {
    if (seed.size() != crypto_sign_SEEDBYTES) return fail(ErrorCode::malformed);
    SecretBytes secret(crypto_sign_SECRETKEYBYTES);
    std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> public_half;
    CHECK(crypto_sign_seed_keypair(public_half.data(), secret.writable().data(),
                                   seed.reveal().data()) == 0);
    return SigningKey(std::move(secret));
}

SecretBytes SigningKey::seed() const {
    SecretBytes out(crypto_sign_SEEDBYTES);
    CHECK(crypto_sign_ed25519_sk_to_seed(out.writable().data(), secret_.reveal().data()) == 0);
    return out;
}

VerifyKey SigningKey::verify_key() const {
    std::array<std::uint8_t, VerifyKey::size> out;
    CHECK(crypto_sign_ed25519_sk_to_pk(out.data(), secret_.reveal().data()) == 0);
    return VerifyKey(out);
}

Signature sign(const SigningKey& key, std::string_view label, ByteView message) {
    return sign_raw(key, labelled_hash(label, {message}));
}

Signature sign(const SigningKey& key, std::string_view label, std::span<const ByteView> parts) {
    return sign_raw(key, labelled_hash(label, parts));
}

bool verify(const VerifyKey& key, std::string_view label, ByteView message,
            const Signature& signature) {
    return verify_raw(key, labelled_hash(label, {message}), signature);
}

bool verify(const VerifyKey& key, std::string_view label, std::span<const ByteView> parts,
            const Signature& signature) {
    return verify_raw(key, labelled_hash(label, parts), signature);
}

Signature sign_raw(const SigningKey& key, ByteView message) {
    std::array<std::uint8_t, Signature::size> out;
    CHECK(crypto_sign_detached(out.data(), nullptr, message.data(), message.size(),
                               key.secret_.reveal().data()) == 0);
    return Signature(out);
}

bool verify_raw(const VerifyKey& key, ByteView message, const Signature& signature) {
    return crypto_sign_verify_detached(signature.value().data(), message.data(), message.size(),
                                       key.value().data()) == 0;
}

}  // namespace mash::crypto
