// Identities that are no longer in use, by signed claims of those who may say so: severed by an
// adoption (nobody else's claim holds such a token, and what is said of it reaches its keeper
// alone), or of an unborn child who was born (claims from before the birth count no more).
#pragma once

#include <map>
#include <set>
#include <vector>

#include "broker/core/involvement.hpp"
#include "broker/core/step.hpp"

namespace mash::broker {

enum class Mark { none, severs, closes };
Mark mark_of(const Step& step, const std::string& relation);

void mark(Step& step, const wire::InvolvementClaim& claim, const ClaimKey& key);
void unmark(Step& step, const wire::InvolvementClaim& claim, const ClaimKey& key);

/// Of these tokens, those of an identity that a claim in force severs; sorted.
std::vector<wire::Token> severed_among(Step& step, const std::vector<wire::Token>& tokens);

/// A claim in force that severs an identity holds this token, which may be a weak one.
bool is_of_severed(Step& step, const wire::Token& token);

/// What the agency that states these tokens is told: which are severed, and by whose signed claims.
/// What does not fit is told when the rest is stated again.
class SeveredWord {
public:
    void add(Step& step, const std::vector<wire::Token>& tokens);
    void put_in(wire::ClaimsAccepted& answer) const;

private:
    std::set<wire::Token> tokens_;
    std::map<ClaimKey, LinkedClaim> by_;
};

/// The claim is about an unborn child whose birth was told since: nothing strong in it is of
/// anybody who was born. Never one that protects.
bool is_closed(Step& step, const wire::InvolvementClaim& claim);

/// Each claim about the identity of this one, other than those that sever; of each token at most
/// claims_looked_at_max are looked at.
std::vector<ClaimKey> claims_touched_by(Step& step, const wire::InvolvementClaim& claim);

}  // namespace mash::broker
