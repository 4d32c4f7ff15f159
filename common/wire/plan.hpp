// Asking who may be told what: the facts a sender states, the facts a plan rests on, and the
// decision both sides compute (common/area/decide.hpp). None of it is about what happened; all of
// it is pseudonymised personal data.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"
#include "common/crypto/signature.hpp"
#include "common/wire/vocabulary.hpp"

namespace mash::wire {

/// A pseudonym of the child, made by the sender's agent; the broker cannot make or reverse one.
struct Token {
    TokenKind kind{};
    std::uint16_t epoch = 1;  ///< of pepper and (later) OPRF key
    std::array<std::uint8_t, 32> value{};
    friend auto operator<=>(const Token&, const Token&) = default;
};

/// What the family said (domain.md E1). Not a lawful basis.
struct Agreement {
    AgreementStatus status{};
    NotSoughtReason not_sought_reason{};
    Giver giver{};
    bool other_holder_objects = false;
    bool child_and_parent_differ = false;
    std::vector<AgencyId> named_agencies;  ///< scope; at most limits::named_agencies_max
    Purpose purpose{};  ///< scope: what was agreed to; unstated = the notification's own purpose
    friend bool operator==(const Agreement&, const Agreement&) = default;
};

/// What a recipient of the thread holds already, in the very words that are offered again.
struct Unchanged {
    Seat seat;
    std::vector<ViewId> views;  ///< sorted, unique, at least one
    friend bool operator==(const Unchanged&, const Unchanged&) = default;
};

/// Everything routing may depend on, stated by the sender. Same struct in RequestPlan and in the
/// sealed routing.
struct RoutingFacts {
    AgencyId sender;
    RoleId sender_role;  ///< the publisher is a named role, not just the agency
    TypeId type;
    std::string kind;  ///< catalogue sub-kind, "" when the row has none; valid name characters
    std::vector<Token> tokens;  ///< of the one subject, sorted, unique; empty = unmatched
    EventId event;              ///< zero = none; ties siblings for broker and deciding body only
    ThreadId thread;            ///< zero = this notification starts its own thread
    NotificationId supersedes;  ///< zero = none
    WallTime occurred_at;
    Level level{};
    Harm harm{};
    bool vital = false;
    Purpose purpose{};
    Rag rag{};
    std::string
        risk_grade;  ///< the police adapter's mapped grade: "", none_apparent, low, medium, high
    Agreement agreement;
    std::vector<std::string>
        markers;  ///< catalogue codes, sorted, unique: crime_suspected, harmed, placed ...
    std::vector<Seat> detriment;  ///< telling these is worse for the child than silence (E-07)
    std::vector<Seat>
        conflicts_stated;  ///< the sender's own statement (E-01); registered conflicts never appear
    std::vector<ViewId>
        views_on_offer;  ///< sorted, unique; also names views that may only be marked (saf, plc)
    std::vector<Seat>
        thread_seats;  ///< recipients of the sender's own earlier plans in this thread, sorted
    std::vector<Seat>
        addressed_to;     ///< whom the sender itself names: who is asked, who had asked,
                          ///< who had referred; a row decides whether that counts. Sorted
    Seat passed_on_from;  ///< whose words these are, when the automatic pass-on speaks; else empty
    std::vector<Unchanged> unchanged;  ///< by seat, each among thread_seats; counts for a type that
                                       ///< sends changed sections only
    friend bool operator==(const RoutingFacts&, const RoutingFacts&) = default;
};

/// Involvement, signed by the agency that claims it (design.md part 6). `body` is InvolvementClaim
/// as signed.
struct SignedClaim {
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const SignedClaim&, const SignedClaim&) = default;
};

/// A person's permission that becomes a fact of the next plan. `body` is Authorisation as signed by
/// the person, unless its place says of another body (questions.hpp); `certificate` is
/// PersonCertificate as signed by that person's agency.
struct SignedAuthorisation {
    Bytes body;
    crypto::Signature signature{};
    Bytes certificate;
    crypto::Signature certificate_signature{};
    friend bool operator==(const SignedAuthorisation&, const SignedAuthorisation&) = default;
};

/// Which key opens an inbox now, signed by the agency the registry says owns the inbox. `body` is
/// InboxCertificate.
struct SignedInboxCertificate {
    Bytes body;
    crypto::Signature signature{};
    friend bool operator==(const SignedInboxCertificate&, const SignedInboxCertificate&) = default;
};

/// What the decision rests on beyond the sender's own statement. Every entry is proved by a
/// signature or is a subset of what the agent itself stated.
struct PlanFacts {
    WallTime decided_at;
    std::uint64_t policy_version = 0;
    std::uint64_t registry_version = 0;
    std::vector<SignedClaim> claims;  ///< only those the sender may know of (design rule 8)
    std::vector<Seat> thread_seats;   ///< subset of RoutingFacts::thread_seats
    std::vector<SignedAuthorisation> authorisations;
    std::vector<SignedInboxCertificate> certificates;  ///< for every inbox the decision names
    bool floor = false;  ///< agent or broker has no fresh documents: design rule 7
    /// A person's word that a claim is of this child; `body` is IdentityAnswer. Each links one of
    /// `claims`.
    std::vector<SignedAuthorisation> identity_answers{};
    friend bool operator==(const PlanFacts&, const PlanFacts&) = default;
};

struct Standby {
    InboxId inbox;
    StandbyCause cause{};
    friend auto operator<=>(const Standby&, const Standby&) = default;
};

/// A time limit in law that runs for whoever holds it (domain.md F1): the policy's word for it, and
/// the instant by which it must be met.
struct Clock {
    std::string name;
    WallTime by;
    friend auto operator<=>(const Clock&, const Clock&) = default;
};

/// One recipient of the decision. Order of a Decision's recipients: by seat.
struct Recipient {
    Seat seat;
    InboxId inbox;
    bool act = false;  ///< act: the row's ladder; know: told, reminders stay inside that agency
    Urgency urgency{};
    Lane lane{};
    WallTime take_by;  ///< when a named person must have taken it
    bool estimated =
        false;  ///< the deadline rests on a calendar that is not the establishment's own
    std::vector<ViewId> views;  ///< sorted; one view of a section
    std::vector<std::string>
        withheld;  ///< sections marked as withheld in the cover, sorted; silent ones appear nowhere
    std::string rule;               ///< "E-08"
    std::string route;              ///< the policy's route id: the code of "why you"
    std::string basis;              ///< "e;9g-p18"
    std::vector<Standby> standbys;  ///< sorted
    std::vector<ViewId> unchanged;  ///< of `views`, sorted: its own inbox holds them and is not
                                    ///< sent them again; whoever stands by for it is
    std::vector<Clock> clocks;      ///< that are its own to hold, by name, each once
    friend bool operator==(const Recipient&, const Recipient&) = default;
};

struct HeldRecipient {
    Seat seat;     ///< who would be told
    Seat decider;  ///< whose queue it waits in
    std::string rule;
    WallTime decide_by;
    friend bool operator==(const HeldRecipient&, const HeldRecipient&) = default;
};

/// A recipient role that nobody has connected: somebody rings.
struct NotConnected {
    RoleId role;
    std::string telephone;
    WallTime tell_by;
    friend bool operator==(const NotConnected&, const NotConnected&) = default;
};

struct RefusedRecipient {
    Seat seat;
    std::string rule;
    std::string code;  ///< "no_function", "agreement_refused" ...
    friend bool operator==(const RefusedRecipient&, const RefusedRecipient&) = default;
};

/// The outcome of decide(). Compared byte for byte between broker and agent through its encoding.
struct Decision {
    std::string rule;  ///< the rule that settled the notification as a whole, "" when per recipient
    std::string refusal;  ///< "" or the code why nothing may go at all
    std::vector<std::string>
        offers;  ///< what to do instead: "send_as_safeguarding_referral", "unnamed_advice"
    std::vector<std::string> warnings;  ///< codes shown to the sender
    std::vector<Recipient> recipients;
    std::vector<HeldRecipient> held;
    std::vector<RefusedRecipient> refused;
    std::vector<NotConnected> not_connected;
    bool incomplete = false;  ///< E-05: shared with the front door though a field is missing
    bool floor = false;       ///< design rule 7
    friend bool operator==(const Decision&, const Decision&) = default;
};

struct RequestPlan {
    NotificationId notification;
    RoutingFacts facts;
    std::vector<SignedAuthorisation> authorisations;  ///< held by the sender's agent already
    WallTime asked_at;                                ///< the agent's clock
    PersonId person;                                  ///< who asks: "service" for file intake
    std::string reason;  ///< code: "intake", "manual_entry", "replan" ...
    bool floor = false;  ///< the agent's documents are not fresh: it may follow nothing else
    friend bool operator==(const RequestPlan&, const RequestPlan&) = default;
};

struct DisclosurePlan {
    PlanId id;
    NotificationId notification;
    PlanFacts facts;
    Decision decision;
    WallTime expires_at;
    friend bool operator==(const DisclosurePlan&, const DisclosurePlan&) = default;
};

/// Bodies that are signed and travel as bytes. encode_body/decode in codec.hpp.

struct InvolvementClaim {
    ClaimId id;
    AgencyId agency;
    Seat seat;  ///< who is to be told
    std::string
        relation;  ///< policy word: school, social_worker, health_visitor, placing_authority ...
    std::vector<Token> tokens;  ///< all the tokens the agency can make for this child, sorted
    std::uint64_t serial = 0;   ///< grows with each statement of this agency
    WallTime starts;
    WallTime lease_until;
    friend bool operator==(const InvolvementClaim&, const InvolvementClaim&) = default;
};

/// Broker to agent, until it is answered: relations that are asked for and not deposited. A token's
/// value is hidden under `id` (asked_token()), so that only who holds the token itself knows it.
struct InvolvementQuestion {
    ClaimId id;  ///< asked_claim_id(): of the question, and of the claim that answers it
    Seat asked;
    std::string relation;
    std::vector<Token> tokens;  ///< sorted
    friend bool operator==(const InvolvementQuestion&, const InvolvementQuestion&) = default;
};

/// Agent to broker; broker to the sender's agent when somebody has said yes.
struct InvolvementAnswer {
    ClaimId question;
    Seat asked;
    std::string relation;
    std::optional<SignedClaim> claim;  ///< none: not known here
    NotificationId notification;       ///< to the sender's agent, or to who passes on for it
    friend bool operator==(const InvolvementAnswer&, const InvolvementAnswer&) = default;
};

struct InboxCertificate {
    InboxId inbox;
    AgencyId agency;
    std::array<std::uint8_t, 32> box_public_key{};
    std::uint64_t serial =
        0;  ///< never goes back; an agent refuses one below the highest it has seen
    WallTime issued_at;
    WallTime not_after;
    friend bool operator==(const InboxCertificate&, const InboxCertificate&) = default;
};

struct PersonCertificate {
    PersonId person;
    AgencyId agency;
    std::vector<RoleId> roles;
    std::array<std::uint8_t, 32> verify_key{};
    std::uint64_t serial = 0;
    WallTime not_after;
    friend bool operator==(const PersonCertificate&, const PersonCertificate&) = default;
};

struct Authorisation {
    AuthorisationId id;
    NotificationId notification;
    AgencyId sender;  ///< of the notification
    Seat decider;
    PersonId person;
    std::string rule;         ///< the rule that held it
    std::vector<Seat> seats;  ///< whom it concerns
    bool allow = false;
    WallTime at;
    Digest reason_digest{};  ///< salted; the words stay with the decider's agent
    friend bool operator==(const Authorisation&, const Authorisation&) = default;
};

}  // namespace mash::wire
