// Evaluating identifiers that the broker cannot see (design.md part 6): who may ask how much is
// decided here, within the step; the arithmetic is a pure function that the shell runs beside the
// core, because a batch takes some 25 ms. Of what was asked nothing is kept but how much.
#pragma once

#include <map>
#include <set>

#include "broker/core/step.hpp"

namespace mash::broker {

void on_evaluate_tokens(Step& step, const FrameIn& in, const wire::EvaluateTokens& body);

/// Agencies that have stated something under the older keys alone, while the registry lists newer
/// ones: a claim in force, or a conflict. Reads every claim of whoever has stated all anew.
std::set<AgencyId> stated_under_old_keys(Step& step);

/// By public key, which is how the registry names them.
using TokenKeys = std::map<crypto::OprfPublicKey, crypto::OprfKey>;

/// The answer to what the core let through: evaluated points with their proof, or a typed error
/// (unknown_key: not among `keys`; weak_point: no element of the group, or the identity).
wire::BrokerFrame evaluate_tokens(const TokenKeys& keys, const TokensAsked& asked,
                                  RandomSource& random);

}  // namespace mash::broker
