// Opening a session, signed documents, involvement, tasks, conflicts, and the typed error.
#pragma once

#include <optional>

#include "common/wire/delivery.hpp"
#include "common/wire/questions.hpp"

namespace mash::wire {

/// The first frame on a session. The host is the one the transport key belongs to; nothing here can
/// claim another.
struct Hello {
    std::uint16_t version_min = 1;
    std::uint16_t version_max = 1;
    WallTime agent_time;
    std::array<std::uint8_t, 16>
        agent_epoch{};  ///< new after a restore: the broker then re-delivers what it still holds
    std::uint64_t receipts_sent = 0;  ///< batches ever sent; going back also means restored
    std::uint64_t registry_version = 0;
    std::uint64_t policy_version = 0;
    Bytes checkpoint;  ///< last ledger checkpoint seen; empty until the ledger issue
    /// The start of the broker that welcomed last; zero: never welcomed, or by an older broker.
    std::array<std::uint8_t, 16> store_start{};
    std::uint64_t commit_serial = 0;  ///< highest heard in that start (BrokerFrame, Welcome)
    friend bool operator==(const Hello&, const Hello&) = default;
};

struct Welcome {
    std::uint16_t version = 1;
    AreaId area;
    HostId host;
    WallTime broker_time;
    std::array<std::uint8_t, 16>
        store_epoch{};  ///< new after a restore: agents then re-offer all that is outstanding
    std::uint64_t commit_serial = 0;  ///< of the last commit; going back also means restored
    std::uint64_t registry_version = 0;
    std::uint64_t policy_version = 0;
    std::uint64_t freshness_version = 0;
    Bytes checkpoint;  ///< empty until the ledger issue
    /// Random, new whenever the broker starts on its store; zero: of an older broker.
    std::array<std::uint8_t, 16> store_start{};
    /// This store lacks something of what Hello says was heard: all that is outstanding is offered
    /// again.
    bool put_back = false;
    friend bool operator==(const Welcome&, const Welcome&) = default;
};

struct DocumentSignature {
    crypto::VerifyKey key{};
    crypto::Signature signature{};
    friend bool operator==(const DocumentSignature&, const DocumentSignature&) = default;
};

/// Signed under "mash.v1.document" over (kind, area, version, body).
struct SignedDocument {
    DocumentKind kind{};
    AreaId area;
    std::uint64_t version = 0;
    Bytes body;
    std::vector<DocumentSignature> signatures;
    friend bool operator==(const SignedDocument&, const SignedDocument&) = default;
};

struct FetchSigned {
    std::vector<DocumentKind> kinds;
    friend bool operator==(const FetchSigned&, const FetchSigned&) = default;
};

struct SignedDocuments {
    std::vector<SignedDocument> documents;
    friend bool operator==(const SignedDocuments&, const SignedDocuments&) = default;
};

/// Sent by the broker when a newer document is in force; the agent fetches.
struct DocumentsChanged {
    std::uint64_t registry_version = 0;
    std::uint64_t policy_version = 0;
    std::uint64_t freshness_version = 0;
    friend bool operator==(const DocumentsChanged&, const DocumentsChanged&) = default;
};

struct PublishInboxKey {
    SignedInboxCertificate certificate;
    std::vector<PersonId> members;  ///< who opens it; sorted, unique
    friend bool operator==(const PublishInboxKey&, const PublishInboxKey&) = default;
};

struct ClaimInvolvement {
    std::vector<SignedClaim> claims;  ///< at most limits::claims_per_frame_max
    friend bool operator==(const ClaimInvolvement&, const ClaimInvolvement&) = default;
};

struct EndInvolvement {
    AgencyId agency;
    std::vector<ClaimId> claims;
    std::uint64_t serial = 0;
    crypto::Signature signature{};  ///< agency, "mash.v1.end-involvement"
    friend bool operator==(const EndInvolvement&, const EndInvolvement&) = default;
};

/// A whole roll in parts; the broker ends what the roll no longer names when the last part is in.
struct ReplaceRoll {
    AgencyId agency;
    Seat seat;
    std::string relation;
    std::uint64_t serial = 0;  ///< of the roll; parts of an older serial are refused
    std::uint32_t part = 0;    ///< from 0
    std::uint32_t parts = 1;
    std::vector<SignedClaim> claims;
    friend bool operator==(const ReplaceRoll&, const ReplaceRoll&) = default;
};

/// Answer to the three above.
struct ClaimsAccepted {
    std::uint64_t serial = 0;
    std::uint32_t part = 0;
    std::uint32_t held = 0;  ///< claims of this seat and relation now held
    std::uint32_t ended = 0;
    /// Of what an adoption severed: claims with one of these are held no more. To be stated
    /// without.
    std::vector<Token> severed;
    /// Whose word that is: an agent leaves nothing out without it.
    std::vector<SignedClaim> severing;
    friend bool operator==(const ClaimsAccepted&, const ClaimsAccepted&) = default;
};

/// Something a named role must clear (design rule 4). Ids, codes and a telephone number from signed
/// policy.
struct Task {
    TaskId id;
    TaskKind kind{};
    Seat owner;
    NotificationId notification;
    AgencyId sender;
    TypeId type;
    AgencyId agency;  ///< whose seat it is about; empty: no agency of the area has this role
    RoleId role;      ///< who is not connected, or would be told
    std::string rule;
    WallTime due;
    friend bool operator==(const Task&, const Task&) = default;
};

struct TaskNotice {
    Task task;
    // Of a task not_sent; else unset.
    WallTime asked_at{};
    PersonId person{};     ///< a pseudonym
    std::string reason{};  ///< code, as in RequestPlan
    /// Of a task possible_match alone. The task's agency and role are the holder's.
    std::optional<IdentityQuestion> question{};
    friend bool operator==(const TaskNotice&, const TaskNotice&) = default;
};

/// Signed by the person under "mash.v1.task-answer" over (task, outcome, at); reason words stay
/// with the agent.
struct TaskAnswer {
    TaskId task;
    TaskOutcome outcome{};
    PersonId person;
    WallTime at;
    crypto::Signature signature{};
    Bytes certificate;
    crypto::Signature certificate_signature{};
    friend bool operator==(const TaskAnswer&, const TaskAnswer&) = default;
};

struct TaskClosed {
    TaskId task;
    friend bool operator==(const TaskClosed&, const TaskClosed&) = default;
};

/// A held decision was answered: the fact for the next plan. Agent to broker, and broker to the
/// sender's agent.
struct AuthorisationFrame {
    SignedAuthorisation authorisation;
    friend bool operator==(const AuthorisationFrame&, const AuthorisationFrame&) = default;
};

/// Body of DeclareConflict, signed by the declaring agency under "mash.v1.conflict". The words are
/// sealed to the inboxes named in `records`; the broker holds only the routing code: these tokens
/// never to these inboxes.
struct ExcludedPerson {
    AgencyId agency;
    PersonId person;
    friend auto operator<=>(const ExcludedPerson&, const ExcludedPerson&) = default;
};

struct ConflictBody {
    ConflictId id;
    AgencyId declared_by;
    std::vector<Token> tokens;
    std::vector<InboxId> excluded;
    WallTime starts;
    std::uint64_t serial = 0;
    std::vector<ExcludedPerson> people;  ///< sorted, unique: no inbox that one of them opens
    friend bool operator==(const ConflictBody&, const ConflictBody&) = default;
};

struct SealedRecord {
    InboxId inbox;
    Bytes sealed;
    friend bool operator==(const SealedRecord&, const SealedRecord&) = default;
};

struct DeclareConflict {
    Bytes body;
    crypto::Signature signature{};
    std::vector<SealedRecord> records;
    friend bool operator==(const DeclareConflict&, const DeclareConflict&) = default;
};

struct EndConflict {
    ConflictId id;
    AgencyId ended_by;
    WallTime at;
    crypto::Signature signature{};  ///< "mash.v1.end-conflict"
    friend bool operator==(const EndConflict&, const EndConflict&) = default;
};

/// Done, and durable. For requests whose answer carries nothing else.
struct Done {
    friend bool operator==(const Done&, const Done&) = default;
};

/// The session lives on after it, unless the code's next step is `reconnect`.
struct ErrorFrame {
    ErrorCode code{};
    std::uint32_t retry_after_ms = 0;  ///< zero: not stated
    NotificationId notification;       ///< zero: not about one
    std::string detail;                ///< a word of ours ("plan_expired"), never text from outside
    friend bool operator==(const ErrorFrame&, const ErrorFrame&) = default;
};

/// A message of the protocol that this release does not serve (answer: not_available). The number
/// is its proto field.
struct NotServed {
    std::uint32_t field = 0;
    friend bool operator==(const NotServed&, const NotServed&) = default;
};

}  // namespace mash::wire
