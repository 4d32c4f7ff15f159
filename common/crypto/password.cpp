#include "common/crypto/password.hpp"

#include <sodium.h>

#include "common/crypto/wrap.hpp"

namespace mash::crypto {
namespace {

constexpr std::string_view version = "mash-pw1";
constexpr std::size_t header_bytes = version.size() + 4 + 4 + PasswordSalt::size;
static_assert(PasswordSalt::size == crypto_pwhash_argon2id_SALTBYTES);

Bytes header_of(const Argon2Params& params, const PasswordSalt& salt) {
    return Writer()
        .fixed(view_of(version))
        .u32(params.passes)
        .u32(params.memory_kib)
        .fixed(salt.view())
        .take();
}

Bytes aad_of(ByteView header, std::string_view context) {
    return Writer().bytes(header).text(context).take();
}

}  // namespace

Result<AeadKey> derive_from_passphrase(const SecretBytes& passphrase, const PasswordSalt& salt,
                                       const Argon2Params& params) {
    if (passphrase.empty()) return fail(ErrorCode::missing_field);
    if (params.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN || params.passes > argon2_passes_max ||
        params.memory_kib < argon2_memory_kib_min || params.memory_kib > argon2_memory_kib_max) {
        return fail(ErrorCode::bad_value);
    }
    SecretBytes key(AeadKey::size);
    const ByteView words = passphrase.reveal();
    if (crypto_pwhash_argon2id(
            key.writable().data(), key.size(), reinterpret_cast<const char*>(words.data()),
            words.size(), salt.value().data(), params.passes, std::size_t{params.memory_kib} * 1024,
            crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
        return fail(ErrorCode::busy);  // sizes were checked above: what is left is memory
    }
    return AeadKey::from(std::move(key));
}

Result<Bytes> seal_with_passphrase(const SecretBytes& passphrase, std::string_view context,
                                   const SecretBytes& secret, const Argon2Params& params,
                                   RandomSource& random) {
    const PasswordSalt salt(random.array<PasswordSalt::size>());
    MASH_TRY(key, derive_from_passphrase(passphrase, salt, params));
    const Bytes header = header_of(params, salt);
    return Writer()
        .fixed(header)
        .fixed(wrap_secret(key, aad_of(header, context), secret, random))
        .take();
}

Result<SecretBytes> open_with_passphrase(const SecretBytes& passphrase, std::string_view context,
                                         ByteView blob) {
    if (blob.size() < header_bytes + wrap_overhead_bytes) return fail(ErrorCode::malformed);
    Reader reader(blob);
    if (text_of(reader.fixed(version.size())) != version)
        return fail(ErrorCode::unsupported_version);
    Argon2Params params{};
    params.passes = reader.u32();
    params.memory_kib = reader.u32();
    const PasswordSalt salt(reader.array<PasswordSalt::size>());
    MASH_TRY(key, derive_from_passphrase(passphrase, salt, params));
    return unwrap_secret(key, aad_of(blob.first(header_bytes), context),
                         blob.subspan(header_bytes));
}

}  // namespace mash::crypto
