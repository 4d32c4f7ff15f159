// Bearer tokens: 32 random bytes that a program or a person's browser presents. High entropy, so
// plain keyed hashing is enough and no slow password function is needed.
#pragma once

#include <string>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/crypto/aead.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

using BearerToken = FixedSecret<struct BearerTokenTag, 32>;

/// 43 characters of base64url. The caller shows it once; it leaves the protection of SecretBytes
/// here.
std::string text_of_token(const BearerToken& token);
/// Errors: malformed (anything but the one spelling).
Result<BearerToken> token_from_text(std::string_view text);

/// A key of its own for each label, for example the one that a person's X25519 key is wrapped
/// under. BLAKE2b-256 keyed with the token over the label: knowing one result tells nothing about
/// token or other results.
AeadKey derive_from_token(const BearerToken& token, std::string_view label);

/// What the agent stores to know the token again. Not enough to present it or to derive its keys.
Digest token_verifier(const BearerToken& token);

}  // namespace mash::crypto
