#include "common/crypto/wrap.hpp"

#include <string_view>

namespace mash::crypto {
namespace {

constexpr std::string_view version = "mash-wr1";
static_assert(wrap_overhead_bytes ==
              version.size() + AeadNonce::size + std::tuple_size_v<Digest> + aead_tag_bytes);

Bytes full_aad(ByteView aad) { return Writer().fixed(view_of(version)).bytes(aad).take(); }

}  // namespace

Bytes wrap_secret(const AeadKey& key, ByteView aad, const SecretBytes& secret,
                  RandomSource& random) {
    const AeadNonce nonce(random.array<AeadNonce::size>());
    const Bytes bound = full_aad(aad);
    return Writer()
        .fixed(view_of(version))
        .fixed(nonce.view())
        .fixed(key_commitment(key, bound))
        .fixed(encrypt(key, nonce, bound, secret.reveal()))
        .take();
}

Result<SecretBytes> unwrap_secret(const AeadKey& key, ByteView aad, ByteView blob) {
    if (blob.size() < wrap_overhead_bytes) return fail(ErrorCode::malformed);
    Reader reader(blob);
    if (text_of(reader.fixed(version.size())) != version)
        return fail(ErrorCode::unsupported_version);
    const AeadNonce nonce(reader.array<AeadNonce::size>());
    const Digest commitment = reader.array<std::tuple_size_v<Digest>>();
    const Bytes bound = full_aad(aad);
    if (!check_commitment(key, bound, commitment)) return fail(ErrorCode::wrong_credential);
    MASH_TRY(plain, decrypt(key, nonce, bound,
                            reader.fixed(blob.size() - wrap_overhead_bytes + aead_tag_bytes)));
    return SecretBytes::take(std::move(plain));
}

}  // namespace mash::crypto
