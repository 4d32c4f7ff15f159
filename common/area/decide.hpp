// THE RULES: facts and policy in, recipients, views and reasons out. Broker and agents run the same
// function; an agent seals only if its own decision equals the plan's (design.md rule 2).
#pragma once

#include <string_view>
#include <vector>

#include "common/area/registry.hpp"
#include "common/wire/questions.hpp"

namespace mash::area {

class Policy;

/// domain.md D3: what only two different people may release, the sender's safeguarding lead first,
/// its manager second. The second permission of whoever gave the first counts for nothing.
inline constexpr std::string_view release_first = "D3-1";
inline constexpr std::string_view release_second = "D3-2";

/// A claim, already proved and matched to the subject's tokens.
struct Involvement {
    std::string relation;
    Seat seat;
    friend auto operator<=>(const Involvement&, const Involvement&) = default;
};

/// A named person's answer to a held recipient. Where two answers meet for one seat and rule, the
/// refusal counts.
struct AuthorisedDecision {
    std::string rule;
    std::vector<Seat> seats;
    bool allow = false;
    friend auto operator<=>(const AuthorisedDecision&, const AuthorisedDecision&) = default;
};

/// Everything decide() may look at. Both sides build it with facts_for() so that they cannot differ
/// by accident.
struct DecisionInput {
    wire::RoutingFacts facts;
    AgencyKind sender_kind;
    std::vector<Involvement> involved;  ///< sorted, unique; only those the sender may know of
    std::vector<Seat> thread_seats;     ///< sorted
    std::vector<AuthorisedDecision> authorised;
    WallTime decided_at;
    /// The documents are not vouched for: only what design rule 7 names goes on, as when the policy
    /// is not in force. One of the plan's facts, so that both sides know it of each other.
    bool floor = false;
};

/// Total: every input has exactly one outcome; pure: same input, same decision, on every machine.
/// Never names a recipient that the row of the catalogue does not (domain.md C2), but for the desk
/// on duty where a child is in danger and for whom an adoption made keeper. The registry is
/// asked for seats, inboxes, alternates; the policy for everything else.
wire::Decision decide(const DecisionInput& input, const Registry& registry, const Policy& policy);

/// What of `recipient.views` is sealed for `inbox`: for the recipient's own what it does not hold
/// already, for an inbox that stands by for it everything, because it may have had nothing before.
std::vector<ViewId> views_for(const wire::Recipient& recipient, const InboxId& inbox);

/// The lane of an item before any plan says it, on its sender's word alone: that of the most urgent
/// recipient whom the rules name; where they name none, immediate for a danger to a child and for
/// what the policy does not know, else that of the type's urgency. The agent sends in it and the
/// broker keeps budgets by it: two rules would let the one refuse what the other calls urgent.
/// `registry`: null before it is known.
wire::Lane stated_lane(const wire::RoutingFacts& facts, const Registry* registry,
                       const Policy& policy, WallTime at);

/// True when a sender of this kind may be shown `relation` (design rule 8): police, front door,
/// emergency duty and social care all; health among health; nobody else.
bool may_know_involved(const AgencyKind& sender_kind, const RoleId& sender_role,
                       const std::string& relation, const Policy& policy);

/// A desk, or its agent by itself, tells the involved what another agency told it: reaches nobody
/// else, because everybody else of the row was told by that agency itself.
bool passes_on(const wire::RoutingFacts& facts, const Policy& policy);
/// By itself: along automatic routes only, and only to whom that agency did not reach.
bool passes_on_by_itself(const wire::RoutingFacts& facts, const Policy& policy);

/// True when a sender of this kind may be shown any relation of a child of whom somebody says that
/// it is protected (RelationRule::protects). Whoever says so may as well.
bool may_know_protected(const AgencyKind& sender_kind, const RoleId& sender_role,
                        const Policy& policy);

/// How the involved of `relation` hear of what this sender says, who may not be shown them: the
/// front door's agent passes it on by itself, if its inbox is among the decision's recipients, or a
/// person does. `nobody`: the row has no use for them, or the sender reaches them itself.
enum class PassOn { nobody, by_person, by_itself };
PassOn pass_on_of(const wire::RoutingFacts& facts, const AgencyKind& sender_kind,
                  const std::string& relation, const Registry& registry, const Policy& policy,
                  WallTime at);

/// The broker has verified each claim and permission when it was deposited, and has set aside what
/// a since revoked key signed; an agent checks for itself. A claim for a seat that the registry no
/// longer lists is a fact all the same: the decision makes it a not-connected task.
enum class Proof { check, already_checked };

/// Does a claim link to a subject? Shares a strong token directly; a name_dob_school token only
/// with the claim of a school; identifiers of one sort (NHS, UPN) that are on both sides and agree
/// in none are a contradiction: no link. So is another birth date under a number and surname that
/// agree.
enum class Link { none, linked, contradicted };
Link link(const std::vector<wire::Token>& subject, const wire::InvolvementClaim& claim,
          const AgencyKind& claim_agency_kind);

/// As link(), with a claim that severs an identity: there another birth date under the number and
/// surname of before is an error in one record, and never a way round what an adoption severed.
Link link_of_severed(const std::vector<wire::Token>& subject, const wire::InvolvementClaim& claim,
                     const AgencyKind& claim_agency_kind);

/// Not linked, and yet perhaps the same child: a weak token is shared and no number contradicts it,
/// or a strong one is shared and another contradicts it. A question for a person, never an answer.
/// Two verified numbers that differ under one name and birth date are two children (twins).
bool is_possible_match(const std::vector<wire::Token>& subject, const wire::InvolvementClaim& claim,
                       const AgencyKind& claim_agency_kind);

/// What may link, exclude or tell apart: weak tokens do nothing of it.
std::vector<wire::Token> strong_tokens(std::vector<wire::Token> tokens);

/// Nothing strong in it is of anybody who was born.
bool is_of_unborn(const wire::InvolvementClaim& claim);

/// Signed by its agency and in force, in a relation that the policy lets this seat claim. Of which
/// child it is, and whether it is a fact of anything, the caller asks. Errors: as of facts_for().
Result<wire::InvolvementClaim> check_claim(const wire::SignedClaim& claim, const Registry& registry,
                                           const Policy& policy, WallTime at,
                                           Proof proof = Proof::check);

/// A strong token says which child it is.
bool is_matched(const wire::RoutingFacts& facts);

/// The answer speaks of the child of this statement: the same thread of the same sender, or the
/// child whom the tokens in it identify. Says nothing about who signed it.
bool is_answer_about(const wire::IdentityAnswer& answer, const NotificationId& notification,
                     const wire::RoutingFacts& stated);

/// The person's word is signed by them, in a role of front door or emergency duty that their agency
/// certifies and the registry lists. Errors: fact_unproved, expired, revoked_key.
Result<wire::IdentityAnswer> check_identity_answer(const wire::SignedAuthorisation& answer,
                                                   const Registry& registry, const Policy& policy,
                                                   WallTime at, Proof proof = Proof::check);
/// The same of a look.
Result<wire::IdentityLook> check_identity_look(const wire::SignedAuthorisation& look,
                                               const Registry& registry, const Policy& policy,
                                               WallTime at);

/// Verifies a plan's facts against registry and the sender's own statement and builds the input
/// both sides decide on. `notification`: the one asked about; an authorisation given for another is
/// refused. The caller has compared policy_version and registry_version with its own, and
/// decided_at with its clock. Errors: fact_unproved (a signature, a token, a role or a subset
/// fails), expired, revoked_key, not_entitled (the sender, or the role it speaks in, is not in the
/// registry), too_many.
Result<DecisionInput> facts_for(const NotificationId& notification,
                                const wire::RoutingFacts& stated, const wire::PlanFacts& facts,
                                const Registry& registry, const Policy& policy,
                                Proof proof = Proof::check);

/// Two different people allowed this seat under the two rules of a release. Of signatures that
/// facts_for() has proved.
bool is_released_to(const Seat& seat, const std::vector<wire::SignedAuthorisation>& given);
/// The seats of a second permission that somebody else gave the first for; all of anything else.
std::vector<Seat> seats_that_count(const wire::Authorisation& given,
                                   const std::vector<wire::Authorisation>& all);

/// Every inbox that the decision names (recipients and standbys) has exactly one certificate in
/// force, signed by the agency that the registry says owns it. Errors: fact_unproved, expired,
/// revoked_key, malformed.
Result<void> check_certificates(const wire::Decision& decision, const wire::PlanFacts& facts,
                                const Registry& registry, WallTime now);

/// True when a route of this row reaches `relation` now: the broker fetches no other claims, so
/// that a plan shows its sender nothing that the row has no use for.
bool row_uses_relation(const wire::RoutingFacts& facts, const AgencyKind& sender_kind,
                       const std::string& relation, const Policy& policy, WallTime at);

}  // namespace mash::area
