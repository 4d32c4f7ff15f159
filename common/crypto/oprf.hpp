// Oblivious pseudorandom function of RFC 9497 over ristretto255 and SHA-512: one side holds the
// key, the other the input, and neither learns what the other holds. Which identifiers are
// evaluated, under whose key and how often belongs to the agents and the broker.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/crypto/fixed_bytes.hpp"
#include "common/crypto/secret.hpp"

namespace mash::crypto {

/// RFC 9497 section 3.1. The mode stands in every hash, so the two give different outputs under one
/// key. POPRF (2) is not offered: nothing of ours has a public input.
enum class OprfMode : std::uint8_t {
    base = 0,       ///< the asker believes the holder
    verifiable = 1  ///< the holder proves that it used the key of its public key
};

/// A ristretto255 element (RFC 9496), 32 bytes as they came: any bytes may be held, and the
/// functions below refuse what is no element, spelled in a second way, or the identity.
using OprfElement = FixedBytes<struct OprfElementTag, 32>;
using OprfPublicKey = FixedBytes<struct OprfPublicKeyTag, 32>;
/// c ‖ s, two scalars (RFC 9497 section 2.2.1).
using OprfProof = FixedBytes<struct OprfProofTag, 64>;

/// Elements of one batch: the proof numbers them with two bytes.
inline constexpr std::size_t oprf_batch_max = 65'535;
/// Bytes of one input (RFC 9497 section 1.2: two bytes say how many).
inline constexpr std::size_t oprf_input_max = 65'535;

struct OprfEvaluation {
    std::vector<OprfElement> elements;  ///< in the order of the question
    std::optional<OprfProof> proof;     ///< in mode verifiable
};

/// The holder's key: a scalar that is neither zero nor above the group order. Move-only. Any thread
/// may use it as long as none moves it.
class OprfKey {
public:
    static OprfKey generate(RandomSource& random);
    /// DeriveKeyPair (RFC 9497 section 3.2.1); `info` up to 65,535 bytes, public. Errors:
    /// too_large.
    static Result<OprfKey> derive(OprfMode mode, const SecretBytes& seed, ByteView info);
    /// The 32 bytes of secret(). Errors: malformed (size), bad_value (zero, or not reduced:
    /// libsodium would silently take it for another key).
    static Result<OprfKey> from_secret(const SecretBytes& scalar);

    OprfKey clone() const { return OprfKey(scalar_.clone()); }
    const SecretBytes& secret() const { return scalar_; }
    OprfPublicKey public_key() const;

    /// BlindEvaluate (sections 3.3.1 and 3.3.2), whole or not at all. Time: about two scalar
    /// multiplications an element in mode base, three in mode verifiable. Errors: missing_field (no
    /// element), too_many, weak_point (no element of the group, second spelling, identity).
    Result<OprfEvaluation> evaluate(OprfMode mode, std::span<const OprfElement> blinded,
                                    RandomSource& random) const;

private:
    explicit OprfKey(SecretBytes&& scalar) : scalar_(std::move(scalar)) {}
    SecretBytes scalar_;
};

/// The asker's half of one question. It owns copies of the inputs and the blinds and wipes both.
class OprfQuestion {
public:
    /// Blind (section 3.3.1). Errors: missing_field (no input), too_many, too_large (an input over
    /// oprf_input_max), weak_point (an input that hashes to the identity; nobody knows one).
    static Result<OprfQuestion> ask(OprfMode mode, std::span<const ByteView> inputs,
                                    RandomSource& random);

    /// What travels; equal inputs look unrelated.
    const std::vector<OprfElement>& blinded() const { return blinded_; }

    /// Finalize (sections 3.3.1 and 3.3.2): 64 bytes for each input, one after the other, in the
    /// order of ask(). In mode verifiable the answer counts only when its proof holds for
    /// `holder`, which the caller took from a signed document; in mode base both are ignored.
    /// Errors: malformed (number of elements, no proof), weak_point (an element as above),
    /// bad_signature (the proof does not hold, or its scalars are spelled in a second way).
    Result<SecretBytes> finalize(const OprfEvaluation& answer, const OprfPublicKey& holder) const;

private:
    OprfQuestion() = default;
    OprfMode mode_ = OprfMode::verifiable;
    std::vector<std::size_t> sizes_;
    SecretBytes inputs_;
    SecretBytes blinds_;
    std::vector<OprfElement> blinded_;
};

/// Bytes of one output.
inline constexpr std::size_t oprf_output_bytes = 64;

/// Refuses, when a registry is made or read, a public key that proves nothing. Errors: weak_point.
Result<void> check_usable(const OprfPublicKey& key);

}  // namespace mash::crypto
