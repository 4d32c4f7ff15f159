#include "common/crypto/storage_key.hpp"

namespace mash::crypto {
namespace {

constexpr std::uint8_t version = 1;
static_assert(column_overhead_bytes == 1 + AeadNonce::size + aead_tag_bytes);

Bytes place(std::string_view space, ByteView row_key) {
    return Writer().text("mash.v1.column").text(space).bytes(row_key).take();
}

}  // namespace

Bytes encrypt_column(const StorageKey& key, std::string_view space, ByteView row_key,
                     ByteView plain, RandomSource& random) {
    const AeadNonce nonce(random.array<AeadNonce::size>());
    return Writer()
        .u8(version)
        .fixed(nonce.view())
        .fixed(encrypt(key.key_, nonce, place(space, row_key), plain))
        .take();
}

Result<Bytes> decrypt_column(const StorageKey& key, std::string_view space, ByteView row_key,
                             ByteView stored) {
    if (stored.size() < column_overhead_bytes) return fail(ErrorCode::malformed);
    if (stored[0] != version) return fail(ErrorCode::unsupported_version);
    MASH_TRY(nonce, AeadNonce::from(stored.subspan(1, AeadNonce::size)));
    return decrypt(key.key_, nonce, place(space, row_key), stored.subspan(1 + AeadNonce::size));
}

}  // namespace mash::crypto
