// A host's transport key as two people read it to each other over the telephone.
#pragma once

#include "common/crypto/curve.hpp"
#include "common/crypto/fingerprint.hpp"
#include "common/crypto/hash.hpp"

namespace mash::crypto {

inline KeyFingerprint fingerprint_of(const CurvePublicKey& key) {
    return KeyFingerprint::of(labelled_hash("mash.v1.fingerprint.transport", {key.view()}));
}

}  // namespace mash::crypto
