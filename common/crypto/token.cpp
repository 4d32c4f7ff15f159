#include "common/crypto/token.hpp"

#include "common/crypto/hash.hpp"

namespace mash::crypto {

std::string text_of_token(const BearerToken& token) { return to_base64url(token.reveal()); }

Result<BearerToken> token_from_text(std::string_view text) {
    MASH_TRY(bytes, from_base64url(text));
    return BearerToken::from(SecretBytes::take(std::move(bytes)));
}

AeadKey derive_from_token(const BearerToken& token, std::string_view label) {
    Digest digest = keyed_labelled_hash(token.bytes(), "mash.v1.token-key", {view_of(label)});
    auto key = AeadKey::from(ByteView(digest));
    wipe(digest);
    return std::move(key).value();
}

Digest token_verifier(const BearerToken& token) {
    return keyed_labelled_hash(token.bytes(), "mash.v1.token-verifier", {});
}

}  // namespace mash::crypto
