// Asking the broker to evaluate identifiers that it cannot see (RFC 9497, mode VOPRF,
// ristretto255-SHA512).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/id.hpp"
#include "common/crypto/oprf.hpp"

namespace mash::wire {

/// `reason` of what an import asks for. It may be told to wait before everything else is.
inline constexpr std::string_view reason_roll = "roll";

struct EvaluateTokens {
    AgencyId agency;
    PersonId person;     ///< "service": asked by the agent itself
    std::string reason;  ///< code: "notification", "roll" ...
    std::uint16_t key_epoch = 1;
    std::vector<crypto::OprfElement> blinded;
    friend bool operator==(const EvaluateTokens&, const EvaluateTokens&) = default;
};

/// In the order of the question. The proof is one for all.
struct EvaluatedTokens {
    std::uint16_t key_epoch = 1;
    std::vector<crypto::OprfElement> evaluated;
    crypto::OprfProof proof{};
    friend bool operator==(const EvaluatedTokens&, const EvaluatedTokens&) = default;
};

}  // namespace mash::wire
