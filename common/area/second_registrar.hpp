// Where the root asks for it, policy and catalogue need the signatures of two registrars. Who the
// second is stands in the delegation, which only the root signs: neither a policy nor one registrar
// alone can ask for fewer.
#pragma once

#include <optional>
#include <string_view>

#include "common/area/registry.hpp"

namespace mash::area {

/// What a second registrar adds to the end of a delegation.
inline constexpr std::size_t encoded_second_bytes = 3 * 32;

struct SecondRegistrar {
    crypto::VerifyKey key;
    /// The documents in force when the root named the second registrar, which it vouches for as
    /// they are: they go on under one signature. Zero: none.
    Digest policy_in_force{};
    Digest catalogue_in_force{};
    friend bool operator==(const SecondRegistrar&, const SecondRegistrar&) = default;
};

Bytes encode_delegation(const Delegation& delegation, const SecondRegistrar& second);
/// Of a body that parse_delegation() takes; nothing: one signature is enough.
std::optional<SecondRegistrar> second_registrar(ByteView delegation_body);
/// Of the delegation that `trusted` holds.
std::optional<SecondRegistrar> second_registrar(const TrustedArea& trusted);

/// "" when `document`, a policy or catalogue, bears every good signature that it needs; else whose
/// is missing or wrong: "the registrar" or "the second registrar".
std::string_view missing_signature(const TrustedArea& trusted,
                                   const wire::SignedDocument& document);

}  // namespace mash::area
