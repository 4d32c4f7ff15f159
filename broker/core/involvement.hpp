// Who works with the child of a token: claims signed by the agency that makes them, found by token
// alone. There is no message that lists them, neither the area's nor another agency's.
#pragma once

#include <functional>

#include "broker/core/step.hpp"

namespace mash::broker {

void on_claim_involvement(Step& step, const FrameIn& in);
void on_end_involvement(Step& step, const FrameIn& in, const wire::EndInvolvement& end);
void on_replace_roll(Step& step, const FrameIn& in, const wire::ReplaceRoll& roll);

/// Lists and deciders' words come again by themselves: they leave a short disk to notifications.
/// True: whoever sent this was told to wait.
bool waits_for_space(Step& step, const FrameIn& in);

/// A claim that links to the subject, in force and still proved by a key in force.
struct LinkedClaim {
    ClaimKey key;
    wire::InvolvementClaim claim;
    wire::SignedClaim signed_claim;
    WallTime stands_since;  ///< of this seat and relation; by the broker's clock, or its own start
};
/// For what claims are looked up. One that answers a question counts for the item it was asked
/// about, and for whatever a desk passes on, while its relation is not deposited.
struct ClaimScope {
    ItemKey item;
    bool passes_on = false;
};
/// At most one for each seat and relation, sorted by those. Cost: the claims that share a token,
/// bounded.
std::vector<LinkedClaim> linked_claims(Step& step, const std::vector<wire::Token>& tokens,
                                       const ClaimScope& scope);

/// Those whose relation severs the identity of these tokens: then no other claim counts.
std::vector<LinkedClaim> severing_claims(Step& step, const std::vector<wire::Token>& tokens);

/// `is_all` false: there are more under these tokens than are looked at.
struct FoundClaims {
    std::vector<LinkedClaim> claims;
    bool is_all = true;
};
using IsWantedClaim = std::function<bool(const ClaimKey&, const wire::InvolvementClaim&)>;
/// Claims that may be of the same child and are not linked (area::is_possible_match), in force,
/// wanted and proved. Cost: as of linked_claims().
FoundClaims possible_claims(Step& step, const std::vector<wire::Token>& tokens,
                            const ClaimScope& scope, const IsWantedClaim& is_wanted);
/// So many of this agency share a weak one of these tokens that further ones are not found by it.
bool may_hold_more_alike(Step& step, const std::vector<wire::Token>& tokens,
                         const AgencyId& agency);

/// Those whose relation protects the child of these tokens, or one who may be that child. Only the
/// claims of agencies that may say so are looked at: nobody else's hide them.
FoundClaims protecting_claims(Step& step, const std::vector<wire::Token>& tokens);

/// The answer to a question: found by its tokens as any claim, and on nobody's list.
Result<void> record_asked_claim(Step& step, const wire::InvolvementClaim& claim,
                                const wire::SignedClaim& signed_claim);
void forget_asked_claim(Step& step, const ClaimKey& key);

/// Removes a claim or its tombstone whose lease is over.
void expire_claim(Step& step, const ClaimKey& key);

}  // namespace mash::broker
