#include "common/crypto/hash.hpp"

#include <sodium.h>

#include <limits>

#include "common/base/check.hpp"

namespace mash::crypto {
namespace {

using Blake2bState = crypto_generichash_blake2b_state;

Blake2bState* state_of(std::array<std::uint8_t, 384>& storage) {
    static_assert(sizeof(Blake2bState) <= 384 && alignof(Blake2bState) <= 64);
    return reinterpret_cast<Blake2bState*>(storage.data());
}

}  // namespace

LabelledHasher::LabelledHasher(std::string_view label) {
    CHECK(crypto_generichash_blake2b_init(state_of(state_), nullptr, 0,
                                          std::tuple_size_v<Digest>) == 0);
    prefixed(view_of(label));
}

LabelledHasher::LabelledHasher(const SecretBytes& key, std::string_view label) {
    CHECK(key.size() >= crypto_generichash_blake2b_KEYBYTES_MIN &&
          key.size() <= crypto_generichash_blake2b_KEYBYTES_MAX);
    CHECK(crypto_generichash_blake2b_init(state_of(state_), key.reveal().data(), key.size(),
                                          std::tuple_size_v<Digest>) == 0);
    prefixed(view_of(label));
}

LabelledHasher::~LabelledHasher() { wipe(state_); }  // in keyed mode the state holds the key

LabelledHasher& LabelledHasher::part(ByteView bytes) {
    prefixed(bytes);
    return *this;
}

Digest LabelledHasher::finish() {
    CHECK(!finished_);
    finished_ = true;
    Digest out;
    CHECK(crypto_generichash_blake2b_final(state_of(state_), out.data(), out.size()) == 0);
    return out;
}

void LabelledHasher::prefixed(ByteView bytes) {
    CHECK(!finished_);
    CHECK(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const std::array<std::uint8_t, 4> length{
        static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
        static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
    CHECK(crypto_generichash_blake2b_update(state_of(state_), length.data(), length.size()) == 0);
    CHECK(crypto_generichash_blake2b_update(state_of(state_), bytes.data(), bytes.size()) == 0);
}

Digest labelled_hash(std::string_view label, std::initializer_list<ByteView> parts) {
    return labelled_hash(label, std::span<const ByteView>(parts.begin(), parts.size()));
}

Digest labelled_hash(std::string_view label, std::span<const ByteView> parts) {
    LabelledHasher hasher(label);
    for (const ByteView part : parts) hasher.part(part);
    return hasher.finish();
}

Digest keyed_labelled_hash(const SecretBytes& key, std::string_view label,
                           std::initializer_list<ByteView> parts) {
    LabelledHasher hasher(key, label);
    for (const ByteView part : parts) hasher.part(part);
    return hasher.finish();
}

Digest sha256(ByteView bytes) {
    Digest out;
    CHECK(crypto_hash_sha256(out.data(), bytes.data(), bytes.size()) == 0);
    return out;
}

Digest hmac_sha256(const SecretBytes& key, ByteView message) {
    CHECK(!key.empty());  // an empty key would make tokens that anyone can make
    crypto_auth_hmacsha256_state state;
    Digest out;
    CHECK(crypto_auth_hmacsha256_init(&state, key.reveal().data(), key.size()) == 0);
    CHECK(crypto_auth_hmacsha256_update(&state, message.data(), message.size()) == 0);
    CHECK(crypto_auth_hmacsha256_final(&state, out.data()) == 0);
    sodium_memzero(&state, sizeof state);  // holds what the key gives
    return out;
}

}  // namespace mash::crypto
