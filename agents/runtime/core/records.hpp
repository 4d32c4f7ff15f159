// What the agent keeps, space by space: the record types and the tables. Anything about a child,
// and every word a person wrote, lies in a SealedTable; the plain tables hold ids, codes, times and
// ciphertext.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "common/base/id.hpp"
#include "common/base/time.hpp"
#include "common/crypto/box.hpp"
#include "common/store/table.hpp"
#include "common/wire/notification.hpp"
#include "common/wire/session.hpp"

namespace mash::runtime {

using store::Only;

// ---- sending ----

/// How far an item of the outbox is. README.md "Outbox" has the table of moves.
enum class OutboxState : std::uint8_t {
    waiting = 1,  ///< durable here; a plan is to be asked for, or is being asked for
    held = 2,     ///< every recipient waits for a named person
    sealed = 3,   ///< bytes are fixed and offered until answered
    accepted = 4,
    closed = 5,     ///< settled and past retention: content gone, id kept
    refused = 6,    ///< a rule, or a fault found later, stops it; the reason is in `refusal`
    withdrawn = 7,  ///< recalled before anything was sealed
    blocked = 8,  ///< the broker holds other content under this id, or refuses the sealed bytes: a
                  ///< person must act
};
std::string_view name_of(OutboxState state);

struct OutboxItem {
    AgencyId agency;
    RoleId role;
    TypeId type;
    std::string kind;
    OutboxState state{};
    wire::Lane lane{};
    WallTime created_at;
    WallTime occurred_at;
    ThreadId thread;
    EventId event;
    NotificationId supersedes;
    PersonId person;
    std::string reason;
    Bytes decision;  ///< wire::Decision of the plan that was followed, or that refuses or holds
    std::uint64_t policy_version = 0;
    std::uint64_t registry_version = 0;
    WallTime decided_at;
    Digest sealed_digest{};  ///< notification_digest of what is offered
    WallTime sealed_at;
    WallTime accepted_at;
    WallTime settled_at;  ///< everybody who acts has taken it
    std::string refusal;  ///< code
    WallTime recalled_at;
    PersonId recalled_by;
    std::string recall_reason;   ///< code
    WallTime recall_confirm_by;  ///< until when each recipient is to confirm
    std::uint32_t plans = 0;     ///< asked so far
};
void write(Writer& out, const OutboxItem& item);
void read(Reader& in, OutboxItem& item, std::uint8_t version);

/// One recipient's copy is taken back; the others keep theirs.
struct CopyRecall {
    WallTime at;
    PersonId person;
    std::string reason;  ///< code
    WallTime confirm_by;
};
inline void write(Writer& out, const CopyRecall& recall) {
    out.i64(recall.at.unix_ms()).id(recall.person).text(recall.reason);
    out.i64(recall.confirm_by.unix_ms());
}
inline void read(Reader& in, CopyRecall& recall) {
    recall.at = WallTime::from_unix_ms(in.i64());
    recall.person = in.id<PersonId>();
    recall.reason = in.text();
    recall.confirm_by = WallTime::from_unix_ms(in.i64());
}

enum class SupplementState : std::uint8_t {
    wanted = 1,  ///< a plan is to be asked for, or is being asked for
    sealed = 2,  ///< bytes are fixed and offered until answered
    accepted = 3,
    blocked = 4,  ///< the broker holds other parcels for the same inboxes
};

/// Recipients that a later decision adds to an accepted item. README.md "Supplement".
struct SupplementRow {
    SupplementState state{};
    WallTime wanted_at;
    Bytes decision;   ///< wire::Decision with those it adds, once sealed
    Digest digest{};  ///< supplement_digest of what is offered
    WallTime sealed_at;
    WallTime accepted_at;
    std::uint32_t plans = 0;  ///< asked so far
};
void write(Writer& out, const SupplementRow& row);
void read(Reader& in, SupplementRow& row);

struct SourceRef {
    NotificationId id;
    Digest content{};  ///< of the canonical text
};
void write(Writer& out, const SourceRef& ref);
void read(Reader& in, SourceRef& ref);

/// Under a keyed digest of (agency, token): the thread in which the front door passes on what it
/// hears of a missing child.
struct EpisodeTold {
    ThreadId thread;
    WallTime last_at;
    WallTime closed_at;        ///< found; nothing: still missing
    bool is_numbered = false;  ///< the child was known by a number
};
inline void write(Writer& out, const EpisodeTold& told) {
    out.id(told.thread).i64(told.last_at.unix_ms()).i64(told.closed_at.unix_ms());
    out.flag(told.is_numbered);
}
inline void read(Reader& in, EpisodeTold& told) {
    told.thread = in.id<ThreadId>();
    told.last_at = WallTime::from_unix_ms(in.i64());
    told.closed_at = WallTime::from_unix_ms(in.i64());
    told.is_numbered = in.flag();
}

/// The last that a seat was sent of one view in a thread.
struct SentView {
    Digest words{};     ///< keyed; of another life of this store it equals nothing
    NotificationId in;  ///< which holds them
    InboxId inbox;      ///< for which they were sealed
};
inline void write(Writer& out, const SentView& sent) {
    out.fixed(sent.words).id(sent.in).id(sent.inbox);
}
inline void read(Reader& in, SentView& sent) {
    sent.words = in.array<32>();
    sent.in = in.id<NotificationId>();
    sent.inbox = in.id<InboxId>();
}

struct RungMark {
    WallTime at;
    std::string code;
};
void write(Writer& out, const RungMark& mark);
void read(Reader& in, RungMark& mark);

/// A held decision of ours or of the front door, once answered: travels with every later plan
/// request of the item.
struct AuthorisationMark {
    wire::SignedAuthorisation signed_authorisation;
};
void write(Writer& out, const AuthorisationMark& mark);
void read(Reader& in, AuthorisationMark& mark);

struct HeldMark {
    Seat seat;
    Seat decider;
    std::string rule;
    WallTime decide_by;
    bool ours = false;  ///< the decider is an agency served here
};
void write(Writer& out, const HeldMark& mark);
void read(Reader& in, HeldMark& mark);

/// What a family said, for one referral (domain.md E3, E4). Codes and times; who sought it, what
/// shows it and whom it is about lie in sealed::agreement.
struct AgreementRow {
    AgencyId agency;
    ThreadId referral;  ///< zero until the first notification cites it
    wire::Agreement said;
    std::string form;  ///< verbal, written
    WallTime said_at;  ///< when the family was asked, or it was decided not to ask
    WallTime recorded_at;
    PersonId recorded_by;
    WallTime expires_at;
    WallTime withdrawn_at;
    PersonId withdrawn_by;
};
void write(Writer& out, const AgreementRow& row);
void read(Reader& in, AgreementRow& row);

/// The record that counts in a referral: the one given or cited last.
struct AgreementRef {
    AgreementId id;
};
inline void write(Writer& out, const AgreementRef& ref) { out.id(ref.id); }
inline void read(Reader& in, AgreementRef& ref) { ref.id = in.id<AgreementId>(); }

struct Seats {
    std::vector<Seat> seats;
};
void write(Writer& out, const Seats& seats);
void read(Reader& in, Seats& seats);

/// An agreement was withdrawn that these seats of a notification of ours relied on.
struct WithdrawalMark {
    AgreementId agreement;
    WallTime at;
    PersonId by;
    WallTime confirm_by;
    std::vector<Seat> seats;
};
void write(Writer& out, const WithdrawalMark& mark);
void read(Reader& in, WithdrawalMark& mark);

/// The newest certificate of an inbox that a plan showed.
struct CertificateSeen {
    std::uint64_t serial = 0;
    WallTime not_after;
};
void write(Writer& out, const CertificateSeen& seen);
void read(Reader& in, CertificateSeen& seen);

// ---- receiving ----

/// `decided`: shown to whoever had to decide about it, and gone since that was decided.
enum class InboxState : std::uint8_t { stored = 1, undecryptable = 2, recalled = 3, decided = 4 };

struct InboxItem {
    InboxState state{};
    Digest parcel{};      ///< parcel_digest: the same id with another digest is refused
    DeliveryId delivery;  ///< the latest that brought it
    Bytes statement;
    WallTime stored_at;
    WallTime opened_at;
    WallTime handed_over_at;
    WallTime taken_at;
    PersonId taken_by;
    WallTime decided_at;
    std::string outcome;
    WallTime recalled_at;
    bool handover_none = false;  ///< the shell said that nothing is configured
    // Known once the cover was opened:
    bool cover_read = false;
    ThreadId thread;
    WallTime occurred_at;
    PersonId assigned_to;  ///< on whose desk it is; since version 2
};
void write(Writer& out, const InboxItem& item);
void read(Reader& in, InboxItem& item, std::uint8_t version);

/// (inbox, sender, notification): one host may hold the same notification for several inboxes.
using InboxKey = std::tuple<InboxId, AgencyId, NotificationId>;

/// What came rests on an agreement that was withdrawn since: to be used and passed on no more.
struct StopMark {
    AgreementId agreement;
    Seat seat;
    DeliveryId delivery;
    WallTime withdrawn_at;
    WallTime confirm_by;
    bool offered = false;  ///< an automatic inbox: its system has been offered the marked item
    WallTime confirmed_at;
    PersonId confirmed_by;
    std::string code;
};
void write(Writer& out, const StopMark& mark);
void read(Reader& in, StopMark& mark);

struct ReceiptBatch {
    AgencyId from;
    wire::Lane lane{};
    Bytes body;  ///< ReceiptsBody, signed when it is sent
    std::vector<DeliveryId> deliveries;
    WallTime made_at;
    WallTime acked_at;
};
void write(Writer& out, const ReceiptBatch& batch);
void read(Reader& in, ReceiptBatch& batch);

/// A frame that must arrive: sent on every session until answered, kept for a restored broker.
struct Errand {
    std::uint64_t order = 0;
    wire::Lane lane{};
    Bytes frame;  ///< wire::encode(AgentFrame), request 0
    WallTime made_at;
    WallTime done_at;
    std::uint16_t refused_code = 0;  ///< ErrorCode the broker answered; 0: none
    bool standing =
        false;  ///< holds until replaced: never cleaned up, sent again to a restored broker
};
void write(Writer& out, const Errand& errand);
void read(Reader& in, Errand& errand);

struct TaskRow {
    wire::Task task;
    WallTime came_at;
    WallTime closed_at;
    // Of a task not_sent; since version 2.
    WallTime asked_at;
    PersonId person;
    std::string reason;
};
void write(Writer& out, const TaskRow& row);
void read(Reader& in, TaskRow& row, std::uint8_t version);

// ---- knowing the child ----

struct ClaimRow {
    ClaimId id;
    Digest tokens{};  ///< of the tokens claimed; another digest is another claim
    WallTime lease_until;
    Bytes body;  ///< InvolvementClaim as last stated
};
void write(Writer& out, const ClaimRow& row);
void read(Reader& in, ClaimRow& row);

struct RollRow {
    std::uint64_t serial = 0;
    std::uint32_t held = 0;
    WallTime sent_at;             ///< leases are renewed a week after this
    crypto::VerifyKey stated_by;  ///< stated anew when the agency signs with another key
    bool waits = false;           ///< an import that would end more than a tenth waits for a person
    std::uint32_t waiting_added = 0;
    std::uint32_t waiting_ended = 0;
};
void write(Writer& out, const RollRow& row);
void read(Reader& in, RollRow& row);

/// A list that waits for a person; its entries are in waiting_claims.
struct WaitingRoll {
    NotificationId id;  ///< by which the person names it; a later list has another
    WallTime since;
    std::uint32_t added = 0;  ///< what it would do, as of then
    std::uint32_t ended = 0;
    std::uint32_t kept = 0;
    std::uint32_t unusable = 0;
};
void write(Writer& out, const WaitingRoll& row);
void read(Reader& in, WaitingRoll& row);

// ---- people ----

struct PersonRow {
    AgencyId agency;
    std::vector<RoleId> roles;
    std::uint64_t serial = 0;
    Digest verifier{};
    crypto::BoxPublicKey box_public;
    Bytes box_wrapped;  ///< X25519 secret under the person's credential
    crypto::VerifyKey verify_key;
    Bytes signing_wrapped;  ///< Ed25519 seed under the person's credential
    WallTime added_at;
    WallTime removed_at;
};
void write(Writer& out, const PersonRow& row);
void read(Reader& in, PersonRow& row);

struct InboxRow {
    AgencyId agency;
    bool people = true;
    std::uint64_t epoch = 0;  ///< of the key in use
    std::uint64_t certificate_serial = 0;
    WallTime certified_at;
    crypto::VerifyKey certified_by;  ///< certified anew when the agency signs with another key
};
void write(Writer& out, const InboxRow& row);
void read(Reader& in, InboxRow& row);

struct InboxKeyRow {
    crypto::BoxPublicKey public_key;
    Bytes recovery_sealed;  ///< secret sealed to the offline recovery key
    WallTime made_at;
};
void write(Writer& out, const InboxKeyRow& row);
void read(Reader& in, InboxKeyRow& row);

struct DocumentRow {
    Bytes document;  ///< encode_body(SignedDocument)
    WallTime first_accepted;
};
void write(Writer& out, const DocumentRow& row);
void read(Reader& in, DocumentRow& row);

struct AlarmRow {
    WallTime since;
    std::string telephone;
};
void write(Writer& out, const AlarmRow& row);
void read(Reader& in, AlarmRow& row);

/// This agent's own place in time, for restore detection both ways.
struct AgentRow {
    std::array<std::uint8_t, 16> epoch{};
    std::uint64_t receipts_sent = 0;  ///< order of the last batch that went to the broker
    std::uint64_t errands_made = 0;
    std::uint64_t claim_serial = 0;
    std::array<std::uint8_t, 16> broker_epoch{};
    /// Highest serial heard in broker_start; of an older broker, in its last Welcome.
    std::uint64_t broker_commit = 0;
    bool catching_up = false;  ///< put back from a backup; what was recalled since is not known yet
    /// The broker's start that welcomed last; zero: an older broker. Since version 3.
    std::array<std::uint8_t, 16> broker_start{};
};
void write(Writer& out, const AgentRow& row);
void read(Reader& in, AgentRow& row, std::uint8_t version);

/// Design rule 8: who looked at what and why, where it happens.
struct AccessRow {
    PersonId person;
    std::string action;
    InboxId inbox;
    AgencyId sender;
    NotificationId notification;
    std::string reason;  ///< code of the area's `search_reason`; since version 2
};
void write(Writer& out, const AccessRow& row);
void read(Reader& in, AccessRow& row, std::uint8_t version);

// ---- deciding ----

/// What became of something of ours, each time that it was decided.
enum class DecisionKind : std::uint8_t {
    shared = 1,
    reduced = 2,         ///< less than the row gives, after a person decided (E-20)
    floor = 3,           ///< front door and emergency duty only: nothing else is in force
    held = 4,            ///< everybody waits for a named person
    refused = 5,         ///< by a rule
    waits = 6,           ///< the rules would share, and something stands in the way: `code`
    allowed = 7,         ///< a named person's answer to what was held
    disallowed = 8,      ///< the same
    not_sent = 9,        ///< taken back by a person before it was sent, or everybody has it already
    recalled = 10,       ///< taken back by a person after it was sent
    copy_recalled = 11,  ///< the same, from some of its recipients only; `words` names them
    task_answered = 12,  ///< by a named person; `code` is the outcome
    conflict_declared = 13,    ///< the notification is the conflict's id
    conflict_ended = 14,       ///< the same
    agreement_withdrawn = 15,  ///< the notification is the agreement's id
    identity_asked = 16,       ///< a look at who two children are, for a question of identity
    identity_answered = 17,    ///< `code` is the outcome
    identity_taken_back = 18,  ///< the same answer, found wrong
};
std::string_view name_of(DecisionKind kind);
/// Of those that come with a person's words; nothing: another word.
std::optional<DecisionKind> decision_kind_of(std::string_view name);

using DecisionId = BinaryId<struct DecisionTag>;

/// Of a record, what a list shows: codes, ids and times.
struct DecisionHead {
    AgencyId agency;  ///< whose record it is: the sender, or the decider of another's question
    NotificationId notification;
    WallTime at;
    DecisionKind kind{};
    std::string code;  ///< of a refusal, a wait or a recall; the rule of an answer
    PersonId person;   ///< who sent, answered or took back; "service" for files
    RoleId role;       ///< in which they did; empty: they are another agency's, whose words came
};
void write(Writer& out, const DecisionHead& head);
void read(Reader& in, DecisionHead& head);

/// Which text of a signed document counted.
struct DocumentName {
    std::uint64_t version = 0;
    Digest digest{};
};

/// One decision as domain.md E3 asks, but for what was said about the child. Written once, and
/// sealed: the facts hold tokens, and people's words are in it.
struct DecisionRow {
    DecisionHead head;
    AgencyId person_agency;
    std::string reason;  ///< code with which a plan was asked for
    DocumentName policy;
    DocumentName catalogue;
    DocumentName registry;
    Bytes routing_facts;  ///< area::DecisionEvidence; empty where nothing was asked of the rules
    Bytes plan_facts;
    Bytes decision;
    Bytes answer;  ///< AuthorisationMark: a person's answer as signed
    /// Of the agreement's record, what E3 names: form, date, scope, who sought it, who was told.
    std::vector<std::pair<std::string, std::string>> agreement;
    std::string words;  ///< a person's reason; whose copies were taken back
    // Of another agency's decider; empty in records from before words came.
    std::string name;
    RoleId decider_role;
};
void write(Writer& out, const DecisionRow& row);
void read(Reader& in, DecisionRow& row);

using DraftId = BinaryId<struct DraftTag>;

/// What a person has begun to write. Its words lie in drafts_sealed.
struct DraftRow {
    std::uint64_t revision = 0;  ///< how often it was saved
    WallTime saved_at;
};
inline void write(Writer& out, const DraftRow& row) {
    out.u64(row.revision).i64(row.saved_at.unix_ms());
}
inline void read(Reader& in, DraftRow& row) {
    row.revision = in.u64();
    row.saved_at = WallTime::from_unix_ms(in.i64());
}

struct Flag {};
inline void write(Writer&, const Flag&) {}
inline void read(Reader&, Flag&) {}

struct Name {
    std::string text;
};
inline void write(Writer& out, const Name& name) { out.text(name.text); }
inline void read(Reader& in, Name& name) { name.text = in.text(); }

struct Blob {
    Bytes bytes;
};
inline void write(Writer& out, const Blob& blob) { out.bytes(blob.bytes); }
inline void read(Reader& in, Blob& blob) { blob.bytes = in.owned_bytes(); }

// ---- tables ----

namespace table {

using store::Space;
using store::Table;

inline constexpr Table<Only, AgentRow> agent{Space("agent"), 3};
inline constexpr Table<std::uint8_t, DocumentRow> documents{Space("documents")};

inline constexpr Table<NotificationId, OutboxItem> outbox{Space("outbox"), 2};
/// Not yet accepted: (lane, created, id), in the order of sending.
inline constexpr Table<std::tuple<std::uint8_t, WallTime, NotificationId>, Flag> outbox_open{
    Space("outbox_open")};
/// Accepted and not settled, and settled with content still kept: (look again at, id).
inline constexpr Table<std::tuple<WallTime, NotificationId>, Flag> outbox_watch{
    Space("outbox_watch")};
inline constexpr Table<NotificationId, WallTime> outbox_watch_at{Space("outbox_watch_at")};
inline constexpr Table<std::tuple<ThreadId, WallTime, NotificationId>, Flag> outbox_thread{
    Space("outbox_thread")};
/// SealedNotification as offered; ciphertext.
inline constexpr Table<NotificationId, Blob> outbox_sealed{Space("outbox_sealed")};
/// Numbered from 1 for each notification.
inline constexpr Table<std::tuple<NotificationId, std::uint32_t>, SupplementRow> supplements{
    Space("supplements")};
/// SealedNotification as offered; ciphertext.
inline constexpr Table<std::tuple<NotificationId, std::uint32_t>, Blob> supplements_sealed{
    Space("supplements_sealed")};
/// Wanted or sealed.
inline constexpr Table<std::tuple<NotificationId, std::uint32_t>, Flag> supplements_open{
    Space("supplements_open")};
/// Keyed digest of (agency, source_ref).
inline constexpr Table<Digest, SourceRef> source_refs{Space("source_refs")};
inline constexpr Table<Digest, ThreadId> thread_refs{Space("thread_refs")};
inline constexpr Table<Digest, EventId> event_refs{Space("event_refs")};
inline constexpr Table<Digest, EpisodeTold> episodes_told{Space("episodes_told")};
/// Whom our own plans in a thread told.
inline constexpr Table<std::tuple<ThreadId, Seat>, Flag> thread_seats{Space("thread_seats")};
/// Other authorities without an agent that were addressed in it: whoever rings them rings again.
inline constexpr Table<std::tuple<ThreadId, Seat>, Flag> rung_in_thread{Space("rung_in_thread")};
/// A thread in which somebody speaks about another one: which. Of those told in a thread of ours,
/// ahead of what they may answer; and of our own.
inline constexpr Table<ThreadId, ThreadId> threads_about{Space("threads_about")};
inline constexpr Table<std::tuple<ThreadId, Seat, ViewId>, SentView> views_sent{
    Space("views_sent")};
inline constexpr Table<std::tuple<NotificationId, Seat, std::uint8_t>, RungMark> rungs{
    Space("rungs")};
inline constexpr Table<std::tuple<NotificationId, AuthorisationId>, AuthorisationMark>
    authorisations{Space("authorisations")};
inline constexpr Table<std::tuple<NotificationId, Seat>, HeldMark> held{Space("held")};
inline constexpr Table<std::tuple<NotificationId, Seat>, CopyRecall> copy_recalls{
    Space("copy_recalls")};
inline constexpr Table<AgreementId, AgreementRow> agreements{Space("agreements")};
inline constexpr Table<ThreadId, AgreementRef> agreement_of_referral{
    Space("agreement_of_referral")};
/// Recorded for a thread in which nobody has sent anything yet.
inline constexpr Table<std::tuple<ThreadId, AgreementId>, Flag> agreements_ahead{
    Space("agreements_ahead")};
/// Whose part of a notification was sealed because the family agreed.
inline constexpr Table<std::tuple<ThreadId, NotificationId>, Seats> agreement_relied{
    Space("agreement_relied")};
inline constexpr Table<NotificationId, WithdrawalMark> withdrawals{Space("withdrawals")};
/// Not confirmed by everybody yet: (by when, id).
inline constexpr Table<std::tuple<WallTime, NotificationId>, Flag> withdrawals_due{
    Space("withdrawals_due")};
inline constexpr Table<InboxId, CertificateSeen> certificates_seen{Space("certificates_seen")};

inline constexpr Table<InboxKey, InboxItem> inbox{Space("inbox"), 2};
/// Delivery as it came; ciphertext.
inline constexpr Table<InboxKey, Blob> inbox_sealed{Space("inbox_sealed")};
inline constexpr Table<std::tuple<InboxId, WallTime, AgencyId, NotificationId>, Flag> inbox_by_time{
    Space("inbox_by_time")};
inline constexpr Table<std::tuple<NotificationId, InboxId, AgencyId>, Flag> inbox_by_id{
    Space("inbox_by_id")};
inline constexpr Table<std::tuple<InboxId, ThreadId, AgencyId, NotificationId>, Flag> inbox_thread{
    Space("inbox_thread")};
/// Nobody has looked yet to which thread it belongs: (inbox, accepted, sender, id).
inline constexpr Table<std::tuple<InboxId, WallTime, AgencyId, NotificationId>, Flag>
    inbox_covers_unread{Space("inbox_covers_unread")};
/// What a later item of the same sender replaces, once the later one's cover was read; of several
/// the last accepted.
inline constexpr Table<InboxKey, NotificationId> inbox_replaced{Space("inbox_replaced")};
/// What this one corrects, once its cover was read; and by that, all that correct it.
inline constexpr Table<InboxKey, NotificationId> inbox_corrects{Space("inbox_corrects")};
inline constexpr Table<std::tuple<InboxKey, NotificationId>, Flag> inbox_corrections{
    Space("inbox_corrections")};
inline constexpr Table<InboxKey, StopMark> inbox_stops{Space("inbox_stops")};
/// Of an item whose cover was read, its marks, a space between each two; no row: none.
inline constexpr Table<InboxKey, std::string> inbox_marks{Space("inbox_marks")};
/// Of an item whose cover was read, the clocks that it states, by name: name, a space, unix ms, a
/// space between each two; no row: none.
inline constexpr Table<InboxKey, std::string> inbox_clocks{Space("inbox_clocks")};
/// To be handed over still: (inbox, sender, id).
inline constexpr Table<InboxKey, Flag> handover_open{Space("handover_open")};
/// Untaken, in the order in which they are listed: (inbox, lane, take by, accepted, sender, id).
inline constexpr Table<
    std::tuple<InboxId, std::uint8_t, WallTime, WallTime, AgencyId, NotificationId>, Flag>
    inbox_waiting{Space("inbox_waiting")};
/// On the desk of a person, or of nobody under an empty name, until it is closed: (inbox, person,
/// lane, take by, accepted, sender, id).
inline constexpr Table<
    std::tuple<InboxId, PersonId, std::uint8_t, WallTime, WallTime, AgencyId, NotificationId>, Flag>
    inbox_desk{Space("inbox_desk")};
/// Waits for nobody: (inbox, taken or closed, newest first, sender, id).
inline constexpr Table<std::tuple<InboxId, std::uint8_t, WallTime, AgencyId, NotificationId>, Flag>
    inbox_done{Space("inbox_done")};
/// Untaken: for the age of the oldest, and unopened.
inline constexpr Table<std::tuple<WallTime, InboxId, AgencyId, NotificationId>, Flag> inbox_untaken{
    Space("inbox_untaken")};
inline constexpr Table<std::tuple<WallTime, InboxId, AgencyId, NotificationId>, Flag>
    inbox_unopened{Space("inbox_unopened")};

inline constexpr Table<std::uint64_t, ReceiptBatch> receipts{Space("receipts")};
inline constexpr Table<std::uint64_t, Flag> receipts_open{Space("receipts_open")};
inline constexpr Table<BatchId, std::uint64_t> receipt_batches{Space("receipt_batches")};
inline constexpr Table<std::string, Errand> errands{Space("errands")};
inline constexpr Table<std::uint64_t, Name> errands_open{Space("errands_open")};
inline constexpr Table<TaskId, TaskRow> tasks{Space("tasks"), 2};

/// Oldest first; the rest of each is in sealed::decision under the same id.
inline constexpr Table<DecisionId, DecisionHead> decisions{Space("decisions")};
inline constexpr Table<std::tuple<NotificationId, DecisionId>, Flag> decisions_of{
    Space("decisions_of")};
/// Each signed document that a recorded decision rests on, by (kind, version).
inline constexpr Table<std::tuple<std::uint8_t, std::uint64_t>, DocumentRow> documents_kept{
    Space("documents_kept")};

/// (seat, relation, keyed digest of the entry's reference)
inline constexpr Table<std::tuple<Seat, std::string, Digest>, ClaimRow> claims{Space("claims")};
inline constexpr Table<std::tuple<Seat, std::string>, RollRow> rolls{Space("rolls")};
inline constexpr Table<std::tuple<Seat, std::string>, WaitingRoll> waiting_rolls{
    Space("waiting_rolls")};
/// Tokens of one entry, keys as in claims.
inline constexpr Table<std::tuple<Seat, std::string, Digest>, Blob> waiting_claims{
    Space("waiting_claims")};

inline constexpr Table<PersonId, PersonRow> people{Space("people")};
/// Of the console, under sealed::account: a keyed digest of its name.
inline constexpr Table<PersonId, Digest> account_of{Space("account_of")};
inline constexpr Table<std::tuple<PersonId, DraftId>, DraftRow> drafts{Space("drafts")};
/// Sealed to that person's own key (drafts.cpp).
inline constexpr Table<std::tuple<PersonId, DraftId>, Blob> drafts_sealed{Space("drafts_sealed")};
inline constexpr Table<InboxId, InboxRow> inboxes{Space("inboxes")};
inline constexpr Table<std::tuple<InboxId, std::uint64_t>, InboxKeyRow> inbox_keys{
    Space("inbox_keys")};
inline constexpr Table<std::tuple<InboxId, PersonId>, Flag> members{Space("members")};
/// The secret of one epoch, sealed to a member's own key.
inline constexpr Table<std::tuple<InboxId, std::uint64_t, PersonId>, Blob> member_keys{
    Space("member_keys")};

/// Conflicts declared here that stand: ConflictBody, empty until its tokens are here.
inline constexpr Table<ConflictId, Blob> conflicts{Space("conflicts_declared")};
/// Of what was sent while they stood, about that child.
inline constexpr Table<std::tuple<NotificationId, ConflictId>, Flag> conflicts_of{
    Space("outbox_conflicts")};

inline constexpr Table<std::tuple<std::uint8_t, NotificationId>, AlarmRow> alarms{Space("alarms")};
inline constexpr Table<std::tuple<WallTime, std::array<std::uint8_t, 8>>, AccessRow> access{
    Space("access"), 2};

}  // namespace table

// ---- encrypted at rest under the host's storage key, bound to space and row ----

namespace sealed {

inline constexpr store::Space notification{
    "notification_content"};  ///< canonical JSON by NotificationId
/// RoutingFacts of what is passed on for another agency, by NotificationId: which child, whose
/// words, what to mark as withheld. Nothing else of it is read.
inline constexpr store::Space passed_on{"passed_on_facts"};
inline constexpr store::Space case_number{
    "case_numbers"};  ///< under which an agency files what came, by InboxKey
inline constexpr store::Space outcome_words{
    "outcome_words"};  ///< a person's, of what they decided about what came, by InboxKey
inline constexpr store::Space reason{"reasons"};  ///< words of a decider or recaller
inline constexpr store::Space agreement{
    "agreement_records"};  ///< the child, who sought it, what shows it, by AgreementId
inline constexpr store::Space decision{"decision_records"};  ///< DecisionRow by DecisionId
inline constexpr store::Space person_name{"person_names"};
/// What opens a person's token, under their passphrase (accounts.cpp).
inline constexpr store::Space account{"accounts"};
inline constexpr store::Space inbox_secret{
    "inbox_secrets"};  ///< automatic inboxes only, by (inbox, epoch)
inline constexpr store::Space source_memory{
    "source_memory_content"};  ///< what adapters remember, by keyed digest of their key
inline constexpr store::Space handover{
    "handover_content"};  ///< opened by a person, not yet in the system
inline constexpr store::Space conflict{
    "conflict_records"};  ///< tokens, inboxes and words, by ConflictId

}  // namespace sealed

}  // namespace mash::runtime
