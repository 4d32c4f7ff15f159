// Everything the broker keeps: ids, codes, times, tokens, ciphertext and signatures. One space a
// question; every walk that the hot path takes is over a key made for it, so that no cost grows
// with what is stored.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/store/table.hpp"
#include "common/wire/session.hpp"
#include "common/wire/words.hpp"

namespace mash::broker {

/// A notification is known by its sender's id: another sender's equal id is another notification.
struct ItemKey {
    AgencyId sender;
    NotificationId id;
    friend auto operator<=>(const ItemKey&, const ItemKey&) = default;
};

struct ClaimKey {
    AgencyId agency;
    ClaimId id;
    friend auto operator<=>(const ClaimKey&, const ClaimKey&) = default;
};

struct ConflictKey {
    AgencyId declared_by;
    ConflictId id;
    friend auto operator<=>(const ConflictKey&, const ConflictKey&) = default;
};

/// A row of an index that says all it knows in its key.
struct Nothing {};

/// The core's own numbers, written with every commit that changes anything.
struct MetaRecord {
    std::array<std::uint8_t, 16>
        epoch{};                   ///< zero until the first step: made from that step's entropy
    std::uint64_t serial = 0;      ///< of the last commit
    std::uint64_t sequence = 0;    ///< last number given to a queue row
    WallTime wall;                 ///< clock of the last commit
    bool expiries_paused = false;  ///< a clock jump waits for its confirmation
};

/// One run of the broker on this store, of which agents were told.
struct StartRecord {
    std::array<std::uint8_t, 16> id{};
};

struct DocumentRecord {
    WallTime accepted_at;  ///< it was trusted then; its delegation may have ended since
    wire::SignedDocument document;
};

struct HostRecord {
    std::array<std::uint8_t, 16> agent_epoch{};
    std::uint64_t receipts_sent = 0;
};

/// A claim, or the tombstone of an ended one (no tokens, no body), which stops an older statement
/// from bringing it back. Gone with its lease.
struct ClaimRecord {
    bool ended = false;
    std::uint64_t serial = 0;       ///< of the statement that made it so
    std::uint64_t roll_serial = 0;  ///< last roll that named it
    WallTime lease_until;
    wire::InvolvementClaim claim;
    wire::SignedClaim signed_claim;
    /// By this broker's clock, through every renewal; since version 2.
    WallTime first_recorded;
    /// The same of each of the claim's tokens, where the relation is of one agency at a time: a
    /// child who comes to a claim does not take its time. Empty: first_recorded. Since version 3.
    std::vector<WallTime> tokens_since;
};
/// Since when this claim states this token of its own.
WallTime stands_since(const ClaimRecord& record, const wire::Token& token);

/// How far the latest roll of one seat and relation has come in.
struct RollRecord {
    std::uint64_t serial = 0;
    std::uint32_t parts = 0;
    std::vector<std::uint32_t> received;  ///< sorted; emptied when complete
    bool complete = false;
    std::uint32_t held = 0;
    std::uint32_t ended = 0;  ///< by the last complete roll
};
struct RollKey {
    Seat seat;
    std::string relation;
    friend auto operator<=>(const RollKey&, const RollKey&) = default;
};

/// Working copy of a plan until it is used or out of date. Holds tokens; the log of requests does
/// not.
struct PlanRecord {
    ItemKey item;
    WallTime decided_at;
    WallTime expires_at;
    std::uint64_t policy_version = 0;
    std::uint64_t registry_version = 0;
    Digest facts{};                  ///< of the sender's statement: Publish must make the same one
    std::vector<InboxId> connected;  ///< inboxes with a key in the plan's facts, sorted
    std::vector<wire::Token>
        tokens;  ///< subject's own and those of its linked claims: conflicts count for all
    std::vector<Seat> hidden;  ///< involved seats the sender may not know of
    wire::Decision decision;
    std::vector<Seat> conflicts_stated;  ///< by the sender; since version 2
};

/// What became of a request for a plan.
enum class AskedEnd : std::uint8_t {
    unknown = 0,    ///< of a time in which it was not recorded
    open = 1,       ///< its plan may still be published
    published = 2,  ///< under this plan or a later one of the same notification
    held = 3,       ///< nothing may go until a person has answered
    refused = 4,    ///< by a rule
    nobody = 5,     ///< nobody whom a parcel could reach: there are tasks to ring
    asked_again =
        6,        ///< the same notification was planned anew; the later request says how it ended
    not_sent = 7  ///< not published while its plan was good, nor since
};

/// Design rule 8: every request for a plan, its person and its reason code. No tokens.
struct AskedRecord {
    WallTime at;
    ItemKey item;
    RoleId role;
    TypeId type;
    PersonId person;
    std::string reason;
    std::uint64_t policy_version = 0;
    Digest facts{};
    bool used_hidden = false;
    wire::Decision decision;
    AskedEnd ended = AskedEnd::open;  ///< since version 2
    WallTime ended_at;                ///< unset while open; since version 2
    Digest about{};                   ///< type, thread and tokens as stated; zero before version 3
};

enum class RouteState : std::uint8_t {
    waiting = 1,      ///< in the queue towards its host, perhaps on the wire
    standing_by = 2,  ///< a standby parcel nobody has released
    excluded = 3,     ///< a registered conflict: never delivered, never told
    stored = 4,       ///< the inbox holds it
    stopped = 5,      ///< recalled, or its agency left, before it was stored
    refused = 6,      ///< the inbox could not or would not take it; somebody rings
};

/// The way to one inbox of one seat.
struct InboxRoute {
    InboxId inbox;
    HostId host;  ///< under which it is queued
    RouteState state{};
    bool is_alternate = false;     ///< standby for a conflict
    bool is_out_of_hours = false;  ///< standby for the other half of the day
    bool was_recalled = false;     ///< its recall is confirmed
    wire::Lane queue_lane{};  ///< may be higher than decided: a later item of the thread raised it
    std::uint64_t queue_sequence = 0;  ///< its place in the queue, last or present
    DeliveryId delivery;
};

inline bool may_have_arrived(const InboxRoute& route) {
    return !route.delivery.is_zero() && route.state != RouteState::excluded;
}

/// One seat of one notification. Rungs name the seat, never the inbox.
struct SeatRecord {
    Seat seat;
    bool act = false;
    wire::Urgency urgency{};
    wire::Lane lane{};  ///< as decided
    WallTime take_by;
    bool estimated = false;
    std::string route;        ///< policy's code of "why you"
    std::uint32_t rungs = 0;  ///< bit n: rung n
    bool settled = false;     ///< taken, handed over to a system, recalled, or told by other means
    WallTime
        hours_at;  ///< when the standby of the other half of the day is looked at; unset: never
    std::vector<InboxRoute> inboxes;  ///< the seat's own first
};

/// Recipients that a later plan added; the sealed parts lie in tables::added.
struct AddedRecord {
    PlanId plan;
    Digest digest{};  ///< of the supplement: the same again is answered the same
    WallTime accepted_at;
    std::vector<Seat> seats;
};

/// Outlives its content: what is left then is the tombstone that answers a replay.
struct NotificationRecord {
    Digest digest{};
    WallTime accepted_at;
    TypeId type;
    ThreadId thread;
    PlanId plan;
    bool has_content = true;
    bool recalled = false;
    bool retention_runs = false;
    std::vector<wire::Token> tokens;  ///< gone with the content
    std::vector<SeatRecord> seats;
    std::vector<Seat> conflicts_stated;  ///< by the sender: no task goes there; since version 2
    std::vector<AddedRecord> added;      ///< by supplements; since version 3
};

/// The sealed parts as offered; only ciphertext, digests and signatures.
struct ContentRecord {
    std::vector<wire::SealedView> views;
    std::vector<wire::Parcel> parcels;
};

/// Where a row stands in its lane: the round in which its sender's turn comes, then the order of
/// coming in. One number, because rows, routes and flights are all known by it. After so many
/// rounds without an empty lane the rest is first come, first served.
inline constexpr int place_order_bits = 40;
inline constexpr std::uint64_t place_rounds_max = (std::uint64_t{1} << 24) - 1;
constexpr std::uint64_t round_of(std::uint64_t place) { return place >> place_order_bits; }
constexpr std::uint64_t order_of(std::uint64_t place) {
    return place & ((std::uint64_t{1} << place_order_bits) - 1);
}
constexpr std::uint64_t place_of(std::uint64_t round, std::uint64_t order) {
    return (round < place_rounds_max ? round : place_rounds_max) << place_order_bits |
           order_of(order);
}

/// A row of the queue towards one host, in the order it drains.
struct QueueKey {
    HostId host;
    wire::Lane lane{};
    std::uint64_t sequence = 0;  ///< its place
    friend auto operator<=>(const QueueKey&, const QueueKey&) = default;
};
struct QueueRecord {
    ItemKey item;
    InboxId inbox;
    Seat seat;
};

/// What one sender has waiting in one lane of a host. Gone when nothing waits.
struct TurnKey {
    HostId host;
    wire::Lane lane{};
    AgencyId sender;
    friend auto operator<=>(const TurnKey&, const TurnKey&) = default;
};
struct TurnRecord {
    std::uint32_t waiting = 0;
    std::uint64_t round = 0;  ///< of its last item
};
/// What one sender has waiting for one inbox in the immediate lane. Gone when nothing waits.
struct BacklogRecord {
    std::uint32_t waiting = 0;
    bool told = false;  ///< the log has said that it is too much
};

/// Waiting items of a thread that a later one may raise.
struct ThreadKey {
    AgencyId sender;
    ThreadId thread;
    InboxId inbox;
    wire::Lane lane{};
    std::uint64_t sequence = 0;
    friend auto operator<=>(const ThreadKey&, const ThreadKey&) = default;
};

/// Receipts on their way to the sender, as signed.
struct ReceiptKey {
    AgencyId sender;
    BatchId batch;
    AgencyId from;  ///< empty: the broker
    friend auto operator<=>(const ReceiptKey&, const ReceiptKey&) = default;
};
struct ReceiptRecord {
    Bytes body;
    crypto::Signature signature{};
};

enum class NoticeKind : std::uint8_t {
    task = 1,
    task_closed = 2,
    authorisation = 3,
    recall = 4,
    withdrawal = 7,
    identity_look = 8,      ///< to who is asked to show
    identity_shown = 9,     ///< to the front door
    identity_answer = 10,   ///< to a sender to whose notification it matters
    identity_reached = 11,  ///< to the front door, which took an answer back
    words = 12,             ///< of an earlier release, which told them among these
    holder_asked = 20,      ///< to who may work with the child
    holder_known = 21       ///< to the sender: somebody has said yes
};

/// What an agency's host is told again until it no longer applies.
struct NoticeKey {
    AgencyId agency;
    NoticeKind kind{};
    Bytes subject;
    friend auto operator<=>(const NoticeKey&, const NoticeKey&) = default;
};

struct TaskRecord {
    wire::Task task;
    WallTime opened_at;
    bool closed = false;
    bool overdue = false;
    std::optional<Seat> escalated_to;
    Seat about;                       ///< the seat concerned; empty where only a role is known
    std::vector<wire::Token> tokens;  ///< of the child: whom a registered conflict excludes
    std::uint8_t outcome = 0;
    PersonId person;
    WallTime answered_at;
    std::vector<Seat> conflicts_stated;  ///< by the sender; since version 2
    // Of a task not_sent; since version 3.
    WallTime asked_at;
    PersonId asked_by;
    std::string asked_reason;
    ClaimKey claim;  ///< of a task possible_match; since version 4
};
/// Makes one task of many requests: what it is about.
struct TaskCause {
    ItemKey item;
    wire::TaskKind kind{};
    Seat about;
    RoleId role;
    std::string rule;
    friend auto operator<=>(const TaskCause&, const TaskCause&) = default;
};

/// One claim and one child who may be the one it speaks of. The task of the question has the same
/// id.
struct QuestionKey {
    ClaimKey claim;
    TaskId id;
    friend auto operator<=>(const QuestionKey&, const QuestionKey&) = default;
};
/// Sealed to the front door; gone once it has answered.
struct ShownRecord {
    Bytes sealed;
    crypto::Signature signature{};
};
/// Outlives claim, notification and task: an answer can be taken back as long as it may have
/// reached somebody.
struct QuestionRecord {
    ItemKey item;  ///< the first notification that depended on it
    ThreadId thread;
    std::vector<wire::Token> tokens;  ///< strong ones, as stated
    Seat holder;
    std::string relation;
    bool contradicted = false;
    WallTime opened_at;
    std::uint8_t outcome = 0;  ///< wire::IdentityOutcome; 0: open
    std::uint64_t serial = 0;  ///< of the last answer
    WallTime answered_at;
    wire::SignedAuthorisation answer;
    WallTime looked_at;  ///< unset: nobody has asked to look
    wire::SignedAuthorisation look;
    Seat look_decider;
    ShownRecord of_sender;
    ShownRecord of_holder;
    Seat conflicts_with;  ///< of a claim that another excludes; since version 2
};
/// A notification that depends on a question. `used`: a plan of it rested on the answer.
struct QuestionItemKey {
    QuestionKey question;
    ItemKey item;
    friend auto operator<=>(const QuestionItemKey&, const QuestionItemKey&) = default;
};
struct QuestionItemRecord {
    RoleId role;  ///< of the sender
    bool used = false;
};
/// What an item that asks was stated with besides the notification's strong ones; gone with the
/// content.
struct WeakTokens {
    std::vector<wire::Token> tokens;
};

/// A claim that ended, of a relation whose policy wants to know when nobody claims the child after.
struct LapseRecord {
    Seat seat;
    std::string relation;
    std::vector<wire::Token> tokens;  ///< strong ones
    WallTime ended_at;
};

/// The holders of one relation that are asked because of one item (mode `ask`).
struct HolderQuestionKey {
    ItemKey item;
    std::string relation;
    friend auto operator<=>(const HolderQuestionKey&, const HolderQuestionKey&) = default;
};
struct HolderQuestionRecord {
    Bytes stated;       ///< wire::RoutingFacts of the sender; gone with the content
    WallTime asked_at;  ///< unset: waits for the sender's budget
    std::uint32_t asked = 0;
    std::vector<Seat> seats;  ///< who is asked; gone with the content
    std::vector<Seat> known;  ///< who has said yes. Nobody's no is kept.
};
/// By question, for each seat that is asked. A claim of the same key is the answer.
struct AskedSeatRecord {
    ItemKey item;
    Seat seat;
    std::string relation;
};

struct ConflictRecord {
    wire::ConflictBody conflict;
    Bytes body;
    crypto::Signature signature{};
    std::vector<wire::SealedRecord> records;
    WallTime ended_at;  ///< unset: stands
};

/// One agency's random id is not another's.
struct WordsKey {
    AgencyId agency;  ///< whose words
    wire::WordsId id;
    friend auto operator<=>(const WordsKey&, const WordsKey&) = default;
};
struct WordsRecord {
    wire::DeciderWords frame;
};

struct RecallRecord {
    Bytes body;
    crypto::Signature signature{};
    WallTime at;
};

/// A copy that an earlier life of this store delivered and the plan of today does not.
struct EarlierCopyRecord {
    Seat seat;
    DeliveryId delivery;      ///< of that life: the recipient's word that it is gone names it
    std::uint32_t rungs = 0;  ///< bit n: rung n
};

/// What an agency recorded that a family said, as signed; the newest of its referral.
struct AgreementRecord {
    Bytes body;
    crypto::Signature signature{};
    WallTime at;
};

/// An agreement that a notification relied on was withdrawn.
struct WithdrawalRecord {
    Bytes body;
    crypto::Signature signature{};
    WallTime at;
    std::vector<InboxId> confirmed;
};

/// How many there are of something that has a bound. Gone when there are none.
struct CountRecord {
    std::uint32_t count = 0;
};

/// An input that alone made a batch fail: who sent it and what kind, nothing of what it held.
struct QuarantineRecord {
    HostId host;
    std::uint8_t kind = 0;
};

enum class DueKind : std::uint8_t {
    // never paused
    hours = 1,
    task = 2,
    role_gap = 3,
    // paused while the clock is in doubt
    retention = 16,
    tombstone = 17,
    lease = 18,
    receipt = 19,
    thread = 20,
    closed_task = 21,
    recall_ahead = 22,
    asked = 23,
    earlier_copy = 24,
    agreement = 28,
    withdrawal_ahead = 29,
    question = 30,
    words = 31,
    words_again = 33,  ///< somebody had not heard them when their first term was over
    holders_wait = 40,
    lapse = 41,
};
/// Time-ordered: a tick reads from the start and stops at now.
struct DueKey {
    WallTime at;
    DueKind kind{};
    Bytes subject;
    friend auto operator<=>(const DueKey&, const DueKey&) = default;
};

/// Seats that the sender's own plans of a thread named.
struct ThreadSeats {
    std::vector<Seat> seats;  ///< sorted, unique
};

void write(Writer& out, wire::Lane value);
void read(Reader& in, wire::Lane& value);
void write(Writer& out, const wire::Token& value);
void read(Reader& in, wire::Token& value);

#define MASH_BROKER_RECORDS(X) \
    X(ItemKey)                 \
    X(ClaimKey)                \
    X(ConflictKey)             \
    X(Nothing)                 \
    X(MetaRecord)              \
    X(StartRecord)             \
    X(DocumentRecord)          \
    X(HostRecord)              \
    X(RollRecord)              \
    X(RollKey)                 \
    X(InboxRoute)              \
    X(SeatRecord)              \
    X(ContentRecord)           \
    X(QueueKey)                \
    X(QueueRecord)             \
    X(TurnKey)                 \
    X(TurnRecord)              \
    X(BacklogRecord)           \
    X(ThreadKey)               \
    X(ReceiptKey)              \
    X(ReceiptRecord)           \
    X(NoticeKey)               \
    X(TaskCause)               \
    X(QuestionKey)             \
    X(QuestionItemKey)         \
    X(QuestionItemRecord)      \
    X(WeakTokens)              \
    X(LapseRecord)             \
    X(HolderQuestionKey)       \
    X(HolderQuestionRecord)    \
    X(AskedSeatRecord)         \
    X(ConflictRecord)          \
    X(WordsKey)                \
    X(WordsRecord)             \
    X(RecallRecord)            \
    X(EarlierCopyRecord)       \
    X(AgreementRecord)         \
    X(WithdrawalRecord)        \
    X(CountRecord)             \
    X(QuarantineRecord)        \
    X(DueKey)                  \
    X(ThreadSeats)
// NOLINTBEGIN(bugprone-macro-parentheses): a type in a declaration cannot stand in parentheses
#define MASH_BROKER_RECORD_CODEC(Type)          \
    void write(Writer& out, const Type& value); \
    void read(Reader& in, Type& value);
// NOLINTEND(bugprone-macro-parentheses)
MASH_BROKER_RECORDS(MASH_BROKER_RECORD_CODEC)
#undef MASH_BROKER_RECORD_CODEC

/// Records that have grown: read() takes every version up to the table's.
// NOLINTBEGIN(bugprone-macro-parentheses): as above
#define MASH_BROKER_VERSIONED_CODEC(Type)       \
    void write(Writer& out, const Type& value); \
    void read(Reader& in, Type& value, std::uint8_t version);
// NOLINTEND(bugprone-macro-parentheses)
MASH_BROKER_VERSIONED_CODEC(ClaimRecord)
MASH_BROKER_VERSIONED_CODEC(PlanRecord)
MASH_BROKER_VERSIONED_CODEC(AskedRecord)
MASH_BROKER_VERSIONED_CODEC(NotificationRecord)
MASH_BROKER_VERSIONED_CODEC(TaskRecord)
MASH_BROKER_VERSIONED_CODEC(QuestionRecord)
#undef MASH_BROKER_VERSIONED_CODEC

template <class... Parts>
Bytes key_of(const Parts&... parts) {
    using mash::broker::write;
    using store::write;
    Writer out;
    (write(out, parts), ...);
    return out.take();
}

/// Keys of two parts whose second is one of ours: std::tuple would not find its functions.
struct TokenClaim {
    wire::Token token;
    ClaimKey claim;
};
void write(Writer& out, const TokenClaim& value);
void read(Reader& in, TokenClaim& value);
/// A yes, by what it says: a seat's yeses of one child stand together.
struct AskedToken {
    wire::Token token;
    Seat seat;
    std::string relation;
    ClaimKey claim;
};
void write(Writer& out, const AskedToken& value);
void read(Reader& in, AskedToken& value);
struct ItemClaim {
    ItemKey item;
    ClaimKey claim;
};
void write(Writer& out, const ItemClaim& value);
void read(Reader& in, ItemClaim& value);
struct SeatClaim {
    RollKey roll;
    ClaimKey claim;
};
void write(Writer& out, const SeatClaim& value);
void read(Reader& in, SeatClaim& value);
struct TokenConflict {
    wire::Token token;
    ConflictKey conflict;
};
void write(Writer& out, const TokenConflict& value);
void read(Reader& in, TokenConflict& value);
struct HeldKey {
    InboxId inbox;
    ItemKey item;
};
void write(Writer& out, const HeldKey& value);
void read(Reader& in, HeldKey& value);
struct CopyKey {
    ItemKey item;
    InboxId inbox;
};
void write(Writer& out, const CopyKey& value);
void read(Reader& in, CopyKey& value);
struct AddedKey {
    ItemKey item;
    PlanId plan;
};
void write(Writer& out, const AddedKey& value);
void read(Reader& in, AddedKey& value);
struct AuthorisationKey {
    ItemKey item;
    AuthorisationId id;
};
void write(Writer& out, const AuthorisationKey& value);
void read(Reader& in, AuthorisationKey& value);
struct SignedAuthorisationRecord {
    wire::SignedAuthorisation authorisation;
};
void write(Writer& out, const SignedAuthorisationRecord& value);
void read(Reader& in, SignedAuthorisationRecord& value);
struct InboxKeyRecord {
    wire::InboxCertificate certificate;
    wire::SignedInboxCertificate signed_certificate;
    std::vector<PersonId> members;  ///< who opens it, as its agency says; since version 2
};
void write(Writer& out, const InboxKeyRecord& value);
void read(Reader& in, InboxKeyRecord& value, std::uint8_t version);
struct QuarantineKey {
    WallTime at;
    std::uint64_t sequence = 0;
};
void write(Writer& out, const QuarantineKey& value);
void read(Reader& in, QuarantineKey& value);

namespace tables {
using store::Space;
using store::Table;
inline constexpr Table<store::Only, MetaRecord> meta{Space("broker_meta")};
/// By the serial of its first commit, the newest starts_kept_max; a start ends before the next.
inline constexpr Table<std::uint64_t, StartRecord> starts{Space("store_starts")};
inline constexpr Table<std::uint8_t, DocumentRecord> documents{Space("documents")};
inline constexpr Table<std::uint8_t, DocumentRecord> staged{Space("documents_staged")};
inline constexpr Table<InboxId, InboxKeyRecord> inbox_keys{Space("inbox_keys"), 2};
inline constexpr Table<HostId, HostRecord> hosts{Space("hosts")};
inline constexpr Table<ClaimKey, ClaimRecord> claims{Space("claims"), 3};
inline constexpr Table<TokenClaim, Nothing> claims_by_token{Space("claims_by_token")};
inline constexpr Table<SeatClaim, Nothing> claims_by_seat{Space("claims_by_seat")};
/// Answers to holders' questions. They stand in claims_by_token where a store is from before.
inline constexpr Table<AskedToken, Nothing> asked_by_token{Space("asked_by_token")};
inline constexpr Table<ItemClaim, Nothing> asked_by_item{Space("asked_by_item")};
/// Of claims whose relation severs an identity, or closes that of an unborn child; also when such a
/// claim is over: whoever reads looks at the claim.
inline constexpr Table<TokenClaim, Nothing> severed_by_token{Space("severed_by_token")};
inline constexpr Table<TokenClaim, Nothing> closed_by_token{Space("closed_by_token")};
inline constexpr Table<RollKey, RollRecord> rolls{Space("rolls")};
inline constexpr Table<PlanId, PlanRecord> plans{Space("plans"), 2};
inline constexpr Table<PlanId, AskedRecord> asked{Space("plans_asked"), 3};
/// The last request for each notification, while its end is not known.
inline constexpr Table<ItemKey, PlanId> asked_last{Space("plans_asked_last")};
/// Requests that ended as not_sent, for the auditor's list.
inline constexpr Table<PlanId, Nothing> asked_not_sent{Space("plans_asked_not_sent")};
/// By sender: open tasks not_sent.
inline constexpr Table<AgencyId, CountRecord> not_sent_open{Space("not_sent_open")};
inline constexpr Table<ItemKey, NotificationRecord> notifications{Space("notifications"), 3};
inline constexpr Table<ItemKey, ContentRecord> content{Space("content")};
inline constexpr Table<AddedKey, ContentRecord> added{Space("content_added")};
inline constexpr Table<QueueKey, QueueRecord> queue{Space("queue")};
inline constexpr Table<TurnKey, TurnRecord> queue_turns{Space("queue_turns")};
inline constexpr Table<std::tuple<InboxId, AgencyId>, BacklogRecord> immediate_backlog{
    Space("immediate_backlog")};
inline constexpr Table<HeldKey, Nothing> held{Space("held_by_inbox")};
inline constexpr Table<ThreadKey, ItemKey> threads_waiting{Space("threads_waiting")};
inline constexpr Table<std::tuple<AgencyId, ThreadId>, ThreadSeats> thread_seats{
    Space("thread_seats")};
/// Inboxes that a conflict kept an item of this thread from.
inline constexpr Table<std::tuple<AgencyId, ThreadId, InboxId>, Nothing> thread_kept_from{
    Space("thread_kept_from")};
inline constexpr Table<ReceiptKey, ReceiptRecord> receipts_due{Space("receipts_due")};
inline constexpr Table<ReceiptKey, ReceiptRecord> receipts_kept{Space("receipts_kept")};
inline constexpr Table<NoticeKey, Nothing> notices{Space("notices")};
inline constexpr Table<TaskId, TaskRecord> tasks{Space("tasks"), 4};
inline constexpr Table<TaskCause, TaskId> task_causes{Space("task_causes")};
/// By claim: what is and was asked about it; open and of one sender, at most
/// limits::questions_per_claim_max.
inline constexpr Table<QuestionKey, QuestionRecord> questions{Space("questions"), 2};
inline constexpr Table<QuestionItemKey, QuestionItemRecord> question_items{Space("question_items")};
inline constexpr Table<ItemKey, WeakTokens> weak_tokens{Space("question_weak_tokens")};
inline constexpr Table<ClaimKey, LapseRecord> lapses{Space("lapses")};
inline constexpr Table<HolderQuestionKey, HolderQuestionRecord> holder_questions{
    Space("holder_questions")};
inline constexpr Table<ClaimKey, AskedSeatRecord> asked_seats{Space("asked_seats")};
inline constexpr Table<AuthorisationKey, SignedAuthorisationRecord> authorisations{
    Space("authorisations")};
inline constexpr Table<ConflictKey, ConflictRecord> conflicts{Space("conflicts")};
inline constexpr Table<TokenConflict, Nothing> conflicts_by_token{Space("conflicts_by_token")};
inline constexpr Table<WordsKey, WordsRecord> words{Space("decider_words")};
/// To whom, 1: has heard them; whose, which. What is to be told stands first.
inline constexpr Table<std::tuple<AgencyId, std::uint8_t, AgencyId, wire::WordsId>, Nothing>
    words_copies{Space("decider_words_copies")};
/// Of each agency's deciders: how many, and of how many bytes.
inline constexpr Table<AgencyId, CountRecord> words_kept{Space("decider_words_kept")};
inline constexpr Table<AgencyId, CountRecord> words_bytes{Space("decider_words_bytes")};
inline constexpr Table<ItemKey, RecallRecord> recalls{Space("recalls")};
/// Of one inbox's copy only.
inline constexpr Table<CopyKey, RecallRecord> recalls_of_copies{Space("recalls_of_copies")};
inline constexpr Table<CopyKey, EarlierCopyRecord> earlier_copies{Space("earlier_copies")};
/// How many of each agency's.
inline constexpr Table<AgencyId, CountRecord> earlier_copies_kept{Space("earlier_copies_kept")};
inline constexpr Table<std::tuple<AgencyId, ThreadId>, AgreementRecord> agreements{
    Space("agreements")};
/// Seats of a notification that are told because the family agreed.
inline constexpr Table<ItemKey, ThreadSeats> agreement_relied{Space("agreement_relied")};
inline constexpr Table<ItemKey, WithdrawalRecord> withdrawals{Space("withdrawals")};
/// By sender: recalls whose notification has not come.
inline constexpr Table<AgencyId, CountRecord> recalls_ahead{Space("recalls_ahead")};
inline constexpr Table<QuarantineKey, QuarantineRecord> quarantine{Space("quarantine")};
inline constexpr Table<DueKey, Nothing> due{Space("due")};
inline constexpr Table<DueKey, Nothing> expiries{Space("expiries")};
}  // namespace tables

}  // namespace mash::broker
