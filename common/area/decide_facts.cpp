// A plan's facts, proved: whoever a fact speaks of has signed it, or the agent itself has said it.
// A broker that invents an involvement, a permission or a key is found out here.
#include <algorithm>
#include <span>

#include "common/area/decide.hpp"
#include "common/area/decide_rules.hpp"
#include "common/area/policy.hpp"
#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::area {
namespace {

template <class T>
bool contains(const std::vector<T>& values, const T& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

template <class T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

// What stands (a claim, a certificate) outlives the key that signed it, bounded by its own lease; a
// revoked key proves nothing, not even what it signed before: who stole it can write any date.
Result<void> signed_by(const Agency& agency, WallTime at, std::string_view label, ByteView body,
                       const crypto::Signature& signature) {
    if (agency.revoked_at.is_set() && agency.revoked_at <= at) return fail(ErrorCode::revoked_key);
    for (const auto& key : agency.signing_keys) {
        if (at < key.not_before || !crypto::verify(key.key, label, body, signature)) continue;
        if (key.revoked_at.is_set()) return fail(ErrorCode::revoked_key);
        return {};
    }
    return fail(ErrorCode::fact_unproved);
}

const Agency* active(const Registry& registry, const AgencyId& id, WallTime at) {
    return registry.find_active_agency(id, at);
}

class FactChecker {
public:
    FactChecker(const wire::RoutingFacts& stated, const wire::PlanFacts& facts,
                const Registry& registry, const Policy& policy, Proof proof)
        : stated_(stated),
          facts_(facts),
          registry_(registry),
          policy_(policy),
          proof_(proof),
          at_(facts.decided_at) {}

    Result<DecisionInput> input(const NotificationId& notification) {
        const Agency* sender = active(registry_, stated_.sender, at_);
        if (sender == nullptr || !contains(sender->roles, stated_.sender_role))
            return fail(ErrorCode::not_entitled);
        if (facts_.claims.size() + facts_.authorisations.size() > limits::facts_max)
            return fail(ErrorCode::too_many);
        DecisionInput in;
        in.facts = stated_;
        in.sender_kind = sender->kind;
        in.decided_at = at_;
        in.floor = facts_.floor;
        for (const auto& answer : facts_.identity_answers) {
            MASH_TRY(one, check_identity_answer(answer, registry_, policy_, at_, proof_));
            if (one.outcome != wire::IdentityOutcome::same ||
                !is_answer_about(one, notification, stated_))
                return fail(ErrorCode::fact_unproved);
            answers_.push_back(std::move(one));
        }
        for (const auto& claim : facts_.claims) {
            MASH_TRY(involvement, involvement_of(claim, notification, sender->kind));
            in.involved.push_back(std::move(involvement));
        }
        for (const auto& seat : facts_.thread_seats) {
            if (!contains(stated_.thread_seats, seat)) return fail(ErrorCode::fact_unproved);
            in.thread_seats.push_back(seat);
        }
        std::vector<wire::Authorisation> given;
        for (const auto& authorisation : facts_.authorisations) {
            MASH_TRY(one, proved(authorisation, notification, *sender));
            given.push_back(std::move(one));
        }
        for (const auto& one : given) {
            auto seats = seats_that_count(one, given);
            if (!seats.empty()) in.authorised.push_back({one.rule, std::move(seats), one.allow});
        }
        sort_unique(in.involved);
        sort_unique(in.thread_seats);
        sort_unique(in.authorised);
        return in;
    }

private:
    Result<void> prove(const Agency& agency, std::string_view label, ByteView body,
                       const crypto::Signature& signature) const {
        if (proof_ == Proof::already_checked) return {};
        return signed_by(agency, at_, label, body, signature);
    }

    /// Where the policy has a relation asked for, the claim answers the question about this very
    /// notification. What a desk passes on was asked about under another's id.
    bool was_asked(const wire::InvolvementClaim& claim, const NotificationId& notification) const {
        return passes_on(stated_, policy_) ||
               claim.id ==
                   wire::asked_claim_id(stated_.sender, notification, claim.seat, claim.relation);
    }

    Result<Involvement> involvement_of(const wire::SignedClaim& fact,
                                       const NotificationId& notification,
                                       const AgencyKind& sender_kind) const {
        MASH_TRY(claim, check_claim(fact, registry_, policy_, at_, proof_));
        if ((!policy_.relation_is_indexed(claim.relation) && !was_asked(claim, notification)) ||
            !may_know_involved(sender_kind, stated_.sender_role, claim.relation, policy_) ||
            !is_of_the_child(claim, registry_.find_agency(claim.agency)->kind)) {
            return fail(ErrorCode::fact_unproved);
        }
        return Involvement{claim.relation, claim.seat};
    }

    /// By its tokens; or because a person of the front door has said so, of this very claim, where
    /// there was something to ask.
    bool is_of_the_child(const wire::InvolvementClaim& claim, const AgencyKind& kind) const {
        const auto* rule = policy_.find_relation(claim.relation);
        const bool severs = rule != nullptr && rule->severs;
        if ((severs ? link_of_severed(stated_.tokens, claim, kind)
                    : link(stated_.tokens, claim, kind)) == Link::linked)
            return true;
        return is_possible_match(stated_.tokens, claim, kind) &&
               std::ranges::any_of(answers_, [&](const wire::IdentityAnswer& answer) {
                   return answer.claim == claim.id && answer.holder == claim.seat &&
                          answer.relation == claim.relation;
               });
    }

    Result<wire::Authorisation> proved(const wire::SignedAuthorisation& fact,
                                       const NotificationId& notification,
                                       const Agency& sender) const {
        MASH_TRY(given, wire::decode_body<wire::Authorisation>(fact.body));
        MASH_TRY(person, wire::decode_body<wire::PersonCertificate>(fact.certificate));
        const Agency* agency = registry_.find_agency(given.decider.agency);
        if (agency == nullptr) return fail(ErrorCode::fact_unproved);
        MASH_TRY_VOID(prove(*agency, wire::label::person_certificate, fact.certificate,
                            fact.certificate_signature));
        const crypto::VerifyKey key(person.verify_key);
        if (proof_ == Proof::check &&
            !crypto::verify(key, wire::label::authorisation, fact.body, fact.signature)) {
            return fail(ErrorCode::fact_unproved);
        }
        if (given.at >= person.not_after) return fail(ErrorCode::expired);
        if (given.notification != notification || given.sender != stated_.sender ||
            given.person != person.person || person.agency != given.decider.agency ||
            !contains(person.roles, given.decider.role) ||
            given.at > at_ + limits::clock_skew_max || !may_decide(given, sender)) {
            return fail(ErrorCode::fact_unproved);
        }
        return given;
    }

    // The seat that the rule gives the question to: nobody else's word counts, least of all one in
    // the conflict.
    bool may_decide(const wire::Authorisation& given, const Agency& sender) const {
        const Rule* rule = find_rule(given.rule);
        if (rule == nullptr || rule->decider == Decider::none) return false;
        if (may_not_decide(stated_, given.decider, registry_)) return false;
        if (active(registry_, given.decider.agency, at_) == nullptr) return false;
        if (rule->decider == Decider::front_door) return is_next_decider(given.decider);
        const DeciderRoles& deciders = policy_.deciders_of(sender.kind);
        const auto& roles =
            rule->decider == Decider::manager ? deciders.manager : deciders.safeguarding_lead;
        if (given.decider.agency == sender.id && contains(roles, given.decider.role)) return true;
        const bool nobody_at_the_sender =
            std::none_of(roles.begin(), roles.end(), [&](const RoleId& role) {
                return !may_not_decide(stated_, {sender.id, role}, registry_);
            });
        return nobody_at_the_sender && is_next_decider(given.decider);
    }

    // Either half of the front door's day: the question may be answered after it closed.
    bool is_next_decider(const Seat& seat) const {
        const auto is_desk = [&](const RoleId& role) {
            return role == policy_.front_door_role() || role == policy_.emergency_duty_role();
        };
        if (is_desk(seat.role)) return true;
        const auto next = decider_after_the_sender(stated_, at_, registry_, policy_);
        return next && !is_desk(next->role) && next->role == seat.role;
    }

    const wire::RoutingFacts& stated_;
    const wire::PlanFacts& facts_;
    const Registry& registry_;
    const Policy& policy_;
    const Proof proof_;
    const WallTime at_;
    std::vector<wire::IdentityAnswer> answers_;
};

// One sort of identifier. Tokens of other epochs cannot be compared with one another.
Link compare(const std::vector<wire::Token>& subject, const std::vector<wire::Token>& claim,
             std::span<const wire::TokenKind> kinds) {
    bool comparable = false;
    for (const auto& ours : subject) {
        if (std::find(kinds.begin(), kinds.end(), ours.kind) == kinds.end()) continue;
        for (const auto& theirs : claim) {
            if (ours.kind != theirs.kind || ours.epoch != theirs.epoch) continue;
            if (ours.value == theirs.value) return Link::linked;
            comparable = true;
        }
    }
    return comparable ? Link::contradicted : Link::none;
}

}  // namespace

Result<wire::InvolvementClaim> check_claim(const wire::SignedClaim& claim, const Registry& registry,
                                           const Policy& policy, WallTime at, Proof proof) {
    MASH_TRY(body, wire::decode_body<wire::InvolvementClaim>(claim.body));
    const Agency* agency = registry.find_agency(body.agency);
    if (agency == nullptr || body.agency != body.seat.agency) return fail(ErrorCode::fact_unproved);
    if (proof == Proof::check)
        MASH_TRY_VOID(signed_by(*agency, at, wire::label::claim, claim.body, claim.signature));
    if (agency->revoked_at.is_set() && agency->revoked_at <= at)
        return fail(ErrorCode::revoked_key);
    if (at >= body.lease_until) return fail(ErrorCode::expired);
    const RelationRule* relation = policy.find_relation(body.relation);
    if (relation == nullptr || at + limits::clock_skew_max < body.starts ||
        body.lease_until - at > limits::involvement_lease_max + limits::clock_skew_max ||
        !contains(relation->claimed_by, agency->kind) || !contains(relation->roles, body.seat.role))
        return fail(ErrorCode::fact_unproved);
    return body;
}

namespace {

/// Under one number and surname: does another birth date make it another child?
enum class OtherBirthDate { contradicts, is_an_error };

Link link_by(const std::vector<wire::Token>& subject, const wire::InvolvementClaim& claim,
             const AgencyKind& claim_agency_kind, OtherBirthDate other) {
    using wire::TokenKind;
    static constexpr TokenKind nhs_kinds[] = {TokenKind::nhs_dob, TokenKind::nhs_surname};
    static constexpr TokenKind nhs_dob_kinds[] = {TokenKind::nhs_dob};
    static constexpr TokenKind upn_kinds[] = {TokenKind::upn_dob};
    static constexpr TokenKind name_kinds[] = {TokenKind::name_dob_postcode};
    static constexpr TokenKind school_kinds[] = {TokenKind::name_dob_school};
    static constexpr TokenKind unborn_kinds[] = {TokenKind::unborn};
    Link nhs = compare(subject, claim.tokens, nhs_kinds);
    // Number and surname agree, and both sides know a birth date: a brother's number. Of several
    // numbers (superseded ones) each stands with the date, so that one that agrees clears it.
    if (other == OtherBirthDate::contradicts && nhs == Link::linked &&
        compare(subject, claim.tokens, nhs_dob_kinds) == Link::contradicted)
        nhs = Link::contradicted;
    const Link upn = compare(subject, claim.tokens, upn_kinds);
    if (nhs == Link::contradicted || upn == Link::contradicted) return Link::contradicted;
    if (nhs == Link::linked || upn == Link::linked) return Link::linked;
    // Two people of one name and birth date are not a contradiction, only no link.
    if (compare(subject, claim.tokens, name_kinds) == Link::linked) return Link::linked;
    // Nor are two due dates far apart, and a birth is told under both identities.
    if (compare(subject, claim.tokens, unborn_kinds) == Link::linked) return Link::linked;
    if (claim_agency_kind == "school" &&
        compare(subject, claim.tokens, school_kinds) == Link::linked) {
        return Link::linked;
    }
    return Link::none;
}

}  // namespace

Link link(const std::vector<wire::Token>& subject, const wire::InvolvementClaim& claim,
          const AgencyKind& claim_agency_kind) {
    return link_by(subject, claim, claim_agency_kind, OtherBirthDate::contradicts);
}

Link link_of_severed(const std::vector<wire::Token>& subject, const wire::InvolvementClaim& claim,
                     const AgencyKind& claim_agency_kind) {
    return link_by(subject, claim, claim_agency_kind, OtherBirthDate::is_an_error);
}

bool is_possible_match(const std::vector<wire::Token>& subject, const wire::InvolvementClaim& claim,
                       const AgencyKind& claim_agency_kind) {
    const Link linked = link(subject, claim, claim_agency_kind);
    if (linked == Link::linked) return false;
    return std::ranges::any_of(subject, [&](const wire::Token& ours) {
        return wire::is_strong(ours.kind) == (linked == Link::contradicted) &&
               contains(claim.tokens, ours);
    });
}

std::vector<wire::Token> strong_tokens(std::vector<wire::Token> tokens) {
    std::erase_if(tokens, [](const wire::Token& token) { return !wire::is_strong(token.kind); });
    return tokens;
}

bool is_of_unborn(const wire::InvolvementClaim& claim) {
    const auto strong = strong_tokens(claim.tokens);
    return !strong.empty() && std::ranges::all_of(strong, [](const wire::Token& token) {
        return token.kind == wire::TokenKind::unborn;
    });
}

bool is_matched(const wire::RoutingFacts& facts) {
    return std::ranges::any_of(
        facts.tokens, [](const wire::Token& token) { return wire::is_strong(token.kind); });
}

bool is_answer_about(const wire::IdentityAnswer& answer, const NotificationId& notification,
                     const wire::RoutingFacts& stated) {
    const auto thread = stated.thread.is_zero() ? ThreadId(notification.value()) : stated.thread;
    if (answer.sender == stated.sender && answer.thread == thread) return true;
    wire::InvolvementClaim child;
    child.tokens = answer.tokens;
    // What a sender says of a school is no school's own word.
    return link(stated.tokens, child, AgencyKind()) == Link::linked;
}

namespace {

/// Whoever may speak for the front door: a seat of it that the registry lists, held by this person.
Result<void> check_desk(const wire::SignedAuthorisation& said, std::string_view label,
                        const Seat& decider, const PersonId& who, WallTime said_at,
                        const Registry& registry, const Policy& policy, WallTime at, Proof proof) {
    MASH_TRY(person, wire::decode_body<wire::PersonCertificate>(said.certificate));
    const Agency* agency = active(registry, decider.agency, at);
    const bool is_desk =
        decider.role == policy.front_door_role() || decider.role == policy.emergency_duty_role();
    if (agency == nullptr || !is_desk || registry.find_seat(decider) == nullptr ||
        person.person != who || person.agency != decider.agency ||
        !contains(person.roles, decider.role) || said_at > at + limits::clock_skew_max)
        return fail(ErrorCode::fact_unproved);
    if (said_at >= person.not_after) return fail(ErrorCode::expired);
    if (proof == Proof::already_checked) return {};
    MASH_TRY_VOID(signed_by(*agency, at, wire::label::person_certificate, said.certificate,
                            said.certificate_signature));
    if (!crypto::verify(crypto::VerifyKey(person.verify_key), label, said.body, said.signature))
        return fail(ErrorCode::fact_unproved);
    return {};
}

}  // namespace

Result<wire::IdentityAnswer> check_identity_answer(const wire::SignedAuthorisation& answer,
                                                   const Registry& registry, const Policy& policy,
                                                   WallTime at, Proof proof) {
    MASH_TRY(body, wire::decode_body<wire::IdentityAnswer>(answer.body));
    MASH_TRY_VOID(check_desk(answer, wire::label::identity_answer, body.decider, body.person,
                             body.at, registry, policy, at, proof));
    return body;
}

Result<wire::IdentityLook> check_identity_look(const wire::SignedAuthorisation& look,
                                               const Registry& registry, const Policy& policy,
                                               WallTime at) {
    MASH_TRY(body, wire::decode_body<wire::IdentityLook>(look.body));
    MASH_TRY_VOID(check_desk(look, wire::label::identity_look, body.decider, body.person, body.at,
                             registry, policy, at, Proof::check));
    const auto* seat = registry.find_seat(body.decider);
    if (seat == nullptr || seat->inbox != body.inbox) return fail(ErrorCode::fact_unproved);
    return body;
}

Result<DecisionInput> facts_for(const NotificationId& notification,
                                const wire::RoutingFacts& stated, const wire::PlanFacts& facts,
                                const Registry& registry, const Policy& policy, Proof proof) {
    return FactChecker(stated, facts, registry, policy, proof).input(notification);
}

std::vector<Seat> seats_that_count(const wire::Authorisation& given,
                                   const std::vector<wire::Authorisation>& all) {
    if (given.rule != release_second || !given.allow) return given.seats;
    std::vector<Seat> seats;
    for (const auto& seat : given.seats) {
        const bool is_second = std::ranges::any_of(all, [&](const wire::Authorisation& first) {
            const bool is_same_person =
                first.person == given.person && first.decider.agency == given.decider.agency;
            return first.rule == release_first && first.allow && !is_same_person &&
                   contains(first.seats, seat);
        });
        if (is_second) seats.push_back(seat);
    }
    return seats;
}

bool is_released_to(const Seat& seat, const std::vector<wire::SignedAuthorisation>& given) {
    std::vector<wire::Authorisation> all;
    for (const auto& one : given) {
        if (auto body = wire::decode_body<wire::Authorisation>(one.body))
            all.push_back(std::move(*body));
    }
    const auto refused = [&](const wire::Authorisation& one) {
        return !one.allow && contains(one.seats, seat) &&
               (one.rule == release_first || one.rule == release_second);
    };
    return std::ranges::none_of(all, refused) &&
           std::ranges::any_of(all, [&](const wire::Authorisation& one) {
               return one.rule == release_second && one.allow &&
                      contains(seats_that_count(one, all), seat);
           });
}

Result<void> check_certificates(const wire::Decision& decision, const wire::PlanFacts& facts,
                                const Registry& registry, WallTime now) {
    std::vector<InboxId> named;
    for (const auto& recipient : decision.recipients) {
        named.push_back(recipient.inbox);
        for (const auto& standby : recipient.standbys) named.push_back(standby.inbox);
    }
    sort_unique(named);
    std::vector<InboxId> certified;
    for (const auto& fact : facts.certificates) {
        MASH_TRY(certificate, wire::decode_body<wire::InboxCertificate>(fact.body));
        // Nobody needs it here, so nobody signs for its serial: a reader would remember a number
        // that shuts the inbox.
        if (!contains(named, certificate.inbox)) return fail(ErrorCode::fact_unproved);
        if (contains(certified, certificate.inbox)) return fail(ErrorCode::fact_unproved);
        const Agency* owner = registry.agency_of_inbox(certificate.inbox);
        if (owner == nullptr || owner->id != certificate.agency)
            return fail(ErrorCode::fact_unproved);
        MASH_TRY_VOID(
            signed_by(*owner, now, wire::label::inbox_certificate, fact.body, fact.signature));
        if (now >= certificate.not_after) return fail(ErrorCode::expired);
        if (certificate.issued_at > now + limits::clock_skew_max)
            return fail(ErrorCode::fact_unproved);
        certified.push_back(certificate.inbox);
    }
    if (certified.size() != named.size()) return fail(ErrorCode::fact_unproved);
    return {};
}

}  // namespace mash::area
