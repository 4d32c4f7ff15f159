// The short text by which two people make sure, over the telephone, that they hold the same key or
// enrolment request.
#pragma once

#include <string>
#include <string_view>

#include "common/base/bytes.hpp"
#include "common/crypto/signature.hpp"

namespace mash::crypto {

/// 30 decimal digits in six groups of five, "04821 99310 ...": digits are read and heard without a
/// spelling alphabet. Strength: 99 bits against a key made to match a given fingerprint, which is
/// what an attacker on the line needs (somebody who makes both keys himself needs 2^50 tries for
/// two that agree, and gains nothing by it).
class KeyFingerprint {
public:
    static KeyFingerprint of(const VerifyKey& key);
    /// Of a digest made by labelled_hash: an enrolment request that names several keys, an invite.
    static KeyFingerprint of(const Digest& digest);

    const std::string& text() const { return text_; }
    /// True when a person typed the same 30 digits, with spaces, full stops or hyphens anywhere.
    [[nodiscard]] bool matches(std::string_view typed) const;
    friend bool operator==(const KeyFingerprint&, const KeyFingerprint&) = default;

private:
    explicit KeyFingerprint(const Digest& labelled);
    std::string text_;
};

}  // namespace mash::crypto
