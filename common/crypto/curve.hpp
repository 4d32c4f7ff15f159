// Transport keys for ZeroMQ's CURVE (RFC 26/CURVEZMQ) and the text they are written in. Who may
// connect with which key is the registry's and the ZAP handler's business.
#pragma once

#include <string>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/crypto/fixed_bytes.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

using CurvePublicKey = FixedBytes<struct CurvePublicKeyTag, 32>;
using CurveSecretKey = FixedSecret<struct CurveSecretKeyTag, 32>;

/// X25519 keys, as zmq_curve_keypair makes them, but from a random source of ours. libzmq takes
/// both halves as 32 raw bytes (ZMQ_CURVE_PUBLICKEY, ZMQ_CURVE_SECRETKEY), so the secret half has
/// no text form here.
struct CurveKeyPair {
    CurvePublicKey public_key;
    CurveSecretKey secret_key;

    static CurveKeyPair generate(RandomSource& random);
    static CurveKeyPair from_secret(CurveSecretKey&& secret);
    CurveKeyPair clone() const { return {public_key, secret_key.clone()}; }
};

/// Z85 (ZeroMQ RFC 32): 4 bytes are 5 characters. Errors: malformed (a size that is no multiple of
/// 4).
Result<std::string> z85_encode(ByteView bytes);
/// Errors: malformed (a size that is no multiple of 5, a character outside the alphabet, a group
/// over 2^32 - 1: every byte string has one text).
Result<Bytes> z85_decode(std::string_view text);

/// 40 characters of Z85.
std::string curve_text(const CurvePublicKey& key);
/// Errors: malformed.
Result<CurvePublicKey> curve_from_text(std::string_view text);

}  // namespace mash::crypto
