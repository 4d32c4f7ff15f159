#include "common/crypto/box.hpp"

#include <sodium.h>

#include <algorithm>

#include "common/base/check.hpp"

namespace mash::crypto {

static_assert(sealed_overhead_bytes == crypto_box_SEALBYTES);
static_assert(BoxPublicKey::size == crypto_box_PUBLICKEYBYTES);
static_assert(BoxSecretKey::size == crypto_box_SECRETKEYBYTES);

namespace {

BoxPublicKey public_of(ByteView secret) {
    std::array<std::uint8_t, BoxPublicKey::size> out;
    CHECK(crypto_scalarmult_base(out.data(), secret.data()) == 0);
    return BoxPublicKey(out);
}

// One nonce per ephemeral key, and an ephemeral key is used once: that is why it need not be random
// or sent.
std::array<std::uint8_t, crypto_box_NONCEBYTES> seal_nonce(const BoxPublicKey& ephemeral,
                                                           const BoxPublicKey& recipient) {
    std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce;
    crypto_generichash_state state;
    CHECK(crypto_generichash_init(&state, nullptr, 0, nonce.size()) == 0);
    CHECK(crypto_generichash_update(&state, ephemeral.value().data(), BoxPublicKey::size) == 0);
    CHECK(crypto_generichash_update(&state, recipient.value().data(), BoxPublicKey::size) == 0);
    CHECK(crypto_generichash_final(&state, nonce.data(), nonce.size()) == 0);
    return nonce;
}

}  // namespace

BoxKeyPair BoxKeyPair::generate(RandomSource& random) {
    return from_secret(BoxSecretKey::generate(random));
}

BoxKeyPair BoxKeyPair::from_secret(BoxSecretKey&& secret) {
    const BoxPublicKey public_key = public_of(secret.reveal());
    return {public_key, std::move(secret)};
}

Result<void> check_usable(const BoxPublicKey& key) {
    // Any scalar shows a small order, because clamping makes every scalar a multiple of 8.
    static constexpr std::array<std::uint8_t, crypto_scalarmult_SCALARBYTES> any_scalar{1};
    std::array<std::uint8_t, crypto_scalarmult_BYTES> ignored;
    if (crypto_scalarmult(ignored.data(), any_scalar.data(), key.value().data()) != 0) {
        return fail(ErrorCode::weak_point);
    }
    return {};
}

Result<SecretBytes> x25519(const BoxSecretKey& secret, const BoxPublicKey& other) {
    SecretBytes out(crypto_scalarmult_BYTES);
    if (crypto_scalarmult(out.writable().data(), secret.reveal().data(), other.value().data()) !=
        0) {
        return fail(ErrorCode::weak_point);
    }
    return out;
}

Result<Bytes> seal_to(const BoxPublicKey& recipient, ByteView plain, RandomSource& random) {
    // On the stack and wiped, not in SecretBytes: its system calls would be a third of the whole
    // cost.
    auto ephemeral_secret = random.array<BoxSecretKey::size>();
    const BoxPublicKey ephemeral = public_of(ephemeral_secret);
    const auto nonce = seal_nonce(ephemeral, recipient);
    Bytes out(sealed_overhead_bytes + plain.size());
    std::copy_n(ephemeral.view().begin(), BoxPublicKey::size, out.begin());
    const int outcome =
        crypto_box_easy(out.data() + BoxPublicKey::size, plain.data(), plain.size(), nonce.data(),
                        recipient.value().data(), ephemeral_secret.data());
    wipe(ephemeral_secret);
    if (outcome != 0) return fail(ErrorCode::weak_point);
    return out;
}

Result<SecretBytes> open_sealed(const BoxKeyPair& own, ByteView sealed) {
    if (sealed.size() < sealed_overhead_bytes) return fail(ErrorCode::malformed);
    SecretBytes plain(sealed.size() - sealed_overhead_bytes);
    if (crypto_box_seal_open(plain.writable().data(), sealed.data(), sealed.size(),
                             own.public_key.value().data(), own.secret_key.reveal().data()) != 0) {
        return fail(ErrorCode::decrypt_failed);
    }
    return plain;
}

}  // namespace mash::crypto
