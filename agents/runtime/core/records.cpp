#include "agents/runtime/core/records.hpp"

namespace mash::runtime {
namespace {

void put(Writer& out, WallTime value) { out.i64(value.unix_ms()); }
void put(Writer& out, const Seat& value) { store::write(out, value); }
void put(Writer& out, const crypto::Signature& value) { out.fixed(value.view()); }

WallTime time_of(Reader& in) { return WallTime::from_unix_ms(in.i64()); }

Seat seat_of(Reader& in) {
    Seat seat;
    store::read(in, seat);
    return seat;
}

template <class Fixed>
Fixed fixed_of(Reader& in) {
    return Fixed(in.array<Fixed::size>());
}

template <class Enum>
Enum enum_of(Reader& in, Enum last) {
    const std::uint8_t value = in.u8();
    if (value == 0 || value > static_cast<std::uint8_t>(last)) in.fail();
    return static_cast<Enum>(value);
}

/// For those whose zero says that nothing was stated.
template <class Enum>
Enum enum_or_unstated(Reader& in, Enum last) {
    const std::uint8_t value = in.u8();
    if (value > static_cast<std::uint8_t>(last)) in.fail();
    return static_cast<Enum>(value);
}

template <class Enum>
std::uint8_t byte_of(Enum value) {
    return static_cast<std::uint8_t>(value);
}

}  // namespace

std::string_view name_of(OutboxState state) {
    switch (state) {
        case OutboxState::waiting: return "waiting";
        case OutboxState::held: return "held";
        case OutboxState::sealed: return "sealed";
        case OutboxState::accepted: return "accepted";
        case OutboxState::closed: return "closed";
        case OutboxState::refused: return "refused";
        case OutboxState::withdrawn: return "withdrawn";
        case OutboxState::blocked: return "blocked";
    }
    return "";
}

std::string_view name_of(DecisionKind kind) {
    switch (kind) {
        case DecisionKind::shared: return "shared";
        case DecisionKind::reduced: return "reduced";
        case DecisionKind::floor: return "floor";
        case DecisionKind::held: return "held";
        case DecisionKind::refused: return "refused";
        case DecisionKind::waits: return "waits";
        case DecisionKind::allowed: return "allowed";
        case DecisionKind::disallowed: return "disallowed";
        case DecisionKind::not_sent: return "not_sent";
        case DecisionKind::recalled: return "recalled";
        case DecisionKind::copy_recalled: return "copy_recalled";
        case DecisionKind::task_answered: return "task_answered";
        case DecisionKind::conflict_declared: return "conflict_declared";
        case DecisionKind::conflict_ended: return "conflict_ended";
        case DecisionKind::agreement_withdrawn: return "agreement_withdrawn";
        case DecisionKind::identity_asked: return "identity_asked";
        case DecisionKind::identity_answered: return "identity_answered";
        case DecisionKind::identity_taken_back: return "identity_taken_back";
    }
    return "";
}

std::optional<DecisionKind> decision_kind_of(std::string_view name) {
    for (const auto kind :
         {DecisionKind::allowed, DecisionKind::disallowed, DecisionKind::task_answered,
          DecisionKind::conflict_declared, DecisionKind::conflict_ended,
          DecisionKind::agreement_withdrawn, DecisionKind::identity_asked,
          DecisionKind::identity_answered, DecisionKind::identity_taken_back}) {
        if (name == name_of(kind)) return kind;
    }
    return std::nullopt;
}

void write(Writer& out, const OutboxItem& item) {
    out.id(item.agency).id(item.role).id(item.type).text(item.kind);
    out.u8(byte_of(item.state)).u8(byte_of(item.lane));
    put(out, item.created_at);
    put(out, item.occurred_at);
    out.id(item.thread).id(item.event).id(item.supersedes).id(item.person).text(item.reason);
    out.bytes(item.decision).u64(item.policy_version).u64(item.registry_version);
    put(out, item.decided_at);
    out.fixed(item.sealed_digest);
    put(out, item.sealed_at);
    put(out, item.accepted_at);
    put(out, item.settled_at);
    out.text(item.refusal);
    put(out, item.recalled_at);
    out.id(item.recalled_by).text(item.recall_reason);
    put(out, item.recall_confirm_by);
    out.u32(item.plans);
}

void read(Reader& in, OutboxItem& item, std::uint8_t version) {
    item.agency = in.id<AgencyId>();
    item.role = in.id<RoleId>();
    item.type = in.id<TypeId>();
    item.kind = in.text();
    item.state = enum_of(in, OutboxState::blocked);
    item.lane = enum_of(in, wire::Lane::bulk);
    item.created_at = time_of(in);
    item.occurred_at = time_of(in);
    item.thread = in.id<ThreadId>();
    item.event = in.id<EventId>();
    item.supersedes = in.id<NotificationId>();
    item.person = in.id<PersonId>();
    item.reason = in.text();
    item.decision = in.owned_bytes();
    item.policy_version = in.u64();
    item.registry_version = in.u64();
    item.decided_at = time_of(in);
    item.sealed_digest = in.array<32>();
    item.sealed_at = time_of(in);
    item.accepted_at = time_of(in);
    item.settled_at = time_of(in);
    item.refusal = in.text();
    item.recalled_at = time_of(in);
    item.recalled_by = in.id<PersonId>();
    item.recall_reason = in.text();
    item.recall_confirm_by = time_of(in);
    item.plans = in.u32();
    if (version < 2) in.id<NotificationId>();  // what went on as a notification of its own
}

void write(Writer& out, const SupplementRow& row) {
    out.u8(byte_of(row.state));
    put(out, row.wanted_at);
    out.bytes(row.decision).fixed(row.digest);
    put(out, row.sealed_at);
    put(out, row.accepted_at);
    out.u32(row.plans);
}
void read(Reader& in, SupplementRow& row) {
    row.state = enum_of(in, SupplementState::blocked);
    row.wanted_at = time_of(in);
    row.decision = in.owned_bytes();
    row.digest = in.array<32>();
    row.sealed_at = time_of(in);
    row.accepted_at = time_of(in);
    row.plans = in.u32();
}

void write(Writer& out, const SourceRef& ref) { out.id(ref.id).fixed(ref.content); }
void read(Reader& in, SourceRef& ref) {
    ref.id = in.id<NotificationId>();
    ref.content = in.array<32>();
}

void write(Writer& out, const RungMark& mark) {
    put(out, mark.at);
    out.text(mark.code);
}
void read(Reader& in, RungMark& mark) {
    mark.at = time_of(in);
    mark.code = in.text();
}

void write(Writer& out, const AuthorisationMark& mark) {
    const auto& a = mark.signed_authorisation;
    out.bytes(a.body);
    put(out, a.signature);
    out.bytes(a.certificate);
    put(out, a.certificate_signature);
}
void read(Reader& in, AuthorisationMark& mark) {
    auto& a = mark.signed_authorisation;
    a.body = in.owned_bytes();
    a.signature = fixed_of<crypto::Signature>(in);
    a.certificate = in.owned_bytes();
    a.certificate_signature = fixed_of<crypto::Signature>(in);
}

void write(Writer& out, const HeldMark& mark) {
    put(out, mark.seat);
    put(out, mark.decider);
    out.text(mark.rule);
    put(out, mark.decide_by);
    out.flag(mark.ours);
}
void read(Reader& in, HeldMark& mark) {
    mark.seat = seat_of(in);
    mark.decider = seat_of(in);
    mark.rule = in.text();
    mark.decide_by = time_of(in);
    mark.ours = in.flag();
}

void write(Writer& out, const AgreementRow& row) {
    out.id(row.agency).id(row.referral);
    const auto& said = row.said;
    out.u8(byte_of(said.status)).u8(byte_of(said.not_sought_reason)).u8(byte_of(said.giver));
    out.flag(said.other_holder_objects).flag(said.child_and_parent_differ);
    out.u32(static_cast<std::uint32_t>(said.named_agencies.size()));
    for (const auto& agency : said.named_agencies) out.id(agency);
    out.u8(byte_of(said.purpose)).text(row.form);
    put(out, row.said_at);
    put(out, row.recorded_at);
    out.id(row.recorded_by);
    put(out, row.expires_at);
    put(out, row.withdrawn_at);
    out.id(row.withdrawn_by);
}
void read(Reader& in, AgreementRow& row) {
    row.agency = in.id<AgencyId>();
    row.referral = in.id<ThreadId>();
    auto& said = row.said;
    said.status = enum_of(in, wire::AgreementStatus::not_required);
    said.not_sought_reason = enum_or_unstated(in, wire::NotSoughtReason::unknown);
    said.giver = enum_or_unstated(in, wire::Giver::unknown);
    said.other_holder_objects = in.flag();
    said.child_and_parent_differ = in.flag();
    for (auto n = in.count(4); n > 0; --n) said.named_agencies.push_back(in.id<AgencyId>());
    said.purpose = enum_or_unstated(in, wire::Purpose::request_service);
    row.form = in.text();
    row.said_at = time_of(in);
    row.recorded_at = time_of(in);
    row.recorded_by = in.id<PersonId>();
    row.expires_at = time_of(in);
    row.withdrawn_at = time_of(in);
    row.withdrawn_by = in.id<PersonId>();
}

namespace {
void put_seats(Writer& out, const std::vector<Seat>& seats) {
    out.u32(static_cast<std::uint32_t>(seats.size()));
    for (const auto& seat : seats) put(out, seat);
}
std::vector<Seat> seats_of(Reader& in) {
    std::vector<Seat> seats;
    for (auto n = in.count(8); n > 0; --n) seats.push_back(seat_of(in));
    return seats;
}
}  // namespace

void write(Writer& out, const Seats& seats) { put_seats(out, seats.seats); }
void read(Reader& in, Seats& seats) { seats.seats = seats_of(in); }

void write(Writer& out, const WithdrawalMark& mark) {
    out.id(mark.agreement);
    put(out, mark.at);
    out.id(mark.by);
    put(out, mark.confirm_by);
    put_seats(out, mark.seats);
}
void read(Reader& in, WithdrawalMark& mark) {
    mark.agreement = in.id<AgreementId>();
    mark.at = time_of(in);
    mark.by = in.id<PersonId>();
    mark.confirm_by = time_of(in);
    mark.seats = seats_of(in);
}

void write(Writer& out, const StopMark& mark) {
    out.id(mark.agreement);
    put(out, mark.seat);
    out.id(mark.delivery);
    put(out, mark.withdrawn_at);
    put(out, mark.confirm_by);
    out.flag(mark.offered);
    put(out, mark.confirmed_at);
    out.id(mark.confirmed_by).text(mark.code);
}
void read(Reader& in, StopMark& mark) {
    mark.agreement = in.id<AgreementId>();
    mark.seat = seat_of(in);
    mark.delivery = in.id<DeliveryId>();
    mark.withdrawn_at = time_of(in);
    mark.confirm_by = time_of(in);
    mark.offered = in.flag();
    mark.confirmed_at = time_of(in);
    mark.confirmed_by = in.id<PersonId>();
    mark.code = in.text();
}

void write(Writer& out, const CertificateSeen& seen) {
    out.u64(seen.serial);
    put(out, seen.not_after);
}
void read(Reader& in, CertificateSeen& seen) {
    seen.serial = in.u64();
    seen.not_after = time_of(in);
}

void write(Writer& out, const InboxItem& item) {
    out.u8(byte_of(item.state)).fixed(item.parcel).id(item.delivery).bytes(item.statement);
    put(out, item.stored_at);
    put(out, item.opened_at);
    put(out, item.handed_over_at);
    put(out, item.taken_at);
    out.id(item.taken_by);
    put(out, item.decided_at);
    out.text(item.outcome);
    put(out, item.recalled_at);
    out.flag(item.handover_none).flag(item.cover_read).id(item.thread);
    put(out, item.occurred_at);
    out.id(item.assigned_to);
}
void read(Reader& in, InboxItem& item, std::uint8_t version) {
    item.state = enum_of(in, InboxState::decided);
    item.parcel = in.array<32>();
    item.delivery = in.id<DeliveryId>();
    item.statement = in.owned_bytes();
    item.stored_at = time_of(in);
    item.opened_at = time_of(in);
    item.handed_over_at = time_of(in);
    item.taken_at = time_of(in);
    item.taken_by = in.id<PersonId>();
    item.decided_at = time_of(in);
    item.outcome = in.text();
    item.recalled_at = time_of(in);
    item.handover_none = in.flag();
    item.cover_read = in.flag();
    item.thread = in.id<ThreadId>();
    item.occurred_at = time_of(in);
    item.assigned_to = version < 2 ? item.taken_by : in.id<PersonId>();
}

void write(Writer& out, const ReceiptBatch& batch) {
    out.id(batch.from).u8(byte_of(batch.lane)).bytes(batch.body);
    out.u32(static_cast<std::uint32_t>(batch.deliveries.size()));
    for (const auto& delivery : batch.deliveries) out.id(delivery);
    put(out, batch.made_at);
    put(out, batch.acked_at);
}
void read(Reader& in, ReceiptBatch& batch) {
    batch.from = in.id<AgencyId>();
    batch.lane = enum_of(in, wire::Lane::bulk);
    batch.body = in.owned_bytes();
    for (auto n = in.count(DeliveryId::size); n > 0; --n)
        batch.deliveries.push_back(in.id<DeliveryId>());
    batch.made_at = time_of(in);
    batch.acked_at = time_of(in);
}

void write(Writer& out, const Errand& errand) {
    out.u64(errand.order).u8(byte_of(errand.lane)).bytes(errand.frame);
    put(out, errand.made_at);
    put(out, errand.done_at);
    out.u16(errand.refused_code).flag(errand.standing);
}
void read(Reader& in, Errand& errand) {
    errand.order = in.u64();
    errand.lane = enum_of(in, wire::Lane::bulk);
    errand.frame = in.owned_bytes();
    errand.made_at = time_of(in);
    errand.done_at = time_of(in);
    errand.refused_code = in.u16();
    errand.standing = in.flag();
}

void write(Writer& out, const TaskRow& row) {
    const auto& task = row.task;
    out.id(task.id).u8(byte_of(task.kind));
    put(out, task.owner);
    out.id(task.notification)
        .id(task.sender)
        .id(task.type)
        .id(task.agency)
        .id(task.role)
        .text(task.rule);
    put(out, task.due);
    put(out, row.came_at);
    put(out, row.closed_at);
    put(out, row.asked_at);
    out.id(row.person).text(row.reason);
}
void read(Reader& in, TaskRow& row, std::uint8_t version) {
    auto& task = row.task;
    task.id = in.id<TaskId>();
    task.kind = enum_of(in, wire::TaskKind::severed);
    task.owner = seat_of(in);
    task.notification = in.id<NotificationId>();
    task.sender = in.id<AgencyId>();
    task.type = in.id<TypeId>();
    task.agency = in.id<AgencyId>();
    task.role = in.id<RoleId>();
    task.rule = in.text();
    task.due = time_of(in);
    row.came_at = time_of(in);
    row.closed_at = time_of(in);
    if (version < 2) return;
    row.asked_at = time_of(in);
    row.person = in.id<PersonId>();
    row.reason = in.text();
}

void write(Writer& out, const ClaimRow& row) {
    out.id(row.id).fixed(row.tokens);
    put(out, row.lease_until);
    out.bytes(row.body);
}
void read(Reader& in, ClaimRow& row) {
    row.id = in.id<ClaimId>();
    row.tokens = in.array<32>();
    row.lease_until = time_of(in);
    row.body = in.owned_bytes();
}

void write(Writer& out, const RollRow& row) {
    out.u64(row.serial).u32(row.held);
    put(out, row.sent_at);
    out.fixed(row.stated_by.view());
    out.flag(row.waits).u32(row.waiting_added).u32(row.waiting_ended);
}
void read(Reader& in, RollRow& row) {
    row.serial = in.u64();
    row.held = in.u32();
    row.sent_at = time_of(in);
    row.stated_by = fixed_of<crypto::VerifyKey>(in);
    row.waits = in.flag();
    row.waiting_added = in.u32();
    row.waiting_ended = in.u32();
}

void write(Writer& out, const WaitingRoll& row) {
    out.id(row.id);
    put(out, row.since);
    out.u32(row.added).u32(row.ended).u32(row.kept).u32(row.unusable);
}
void read(Reader& in, WaitingRoll& row) {
    row.id = in.id<NotificationId>();
    row.since = time_of(in);
    row.added = in.u32();
    row.ended = in.u32();
    row.kept = in.u32();
    row.unusable = in.u32();
}

void write(Writer& out, const PersonRow& row) {
    out.id(row.agency).u32(static_cast<std::uint32_t>(row.roles.size()));
    for (const auto& role : row.roles) out.id(role);
    out.u64(row.serial).fixed(row.verifier).fixed(row.box_public.view()).bytes(row.box_wrapped);
    out.fixed(row.verify_key.view()).bytes(row.signing_wrapped);
    put(out, row.added_at);
    put(out, row.removed_at);
}
void read(Reader& in, PersonRow& row) {
    row.agency = in.id<AgencyId>();
    for (auto n = in.count(4); n > 0; --n) row.roles.push_back(in.id<RoleId>());
    row.serial = in.u64();
    row.verifier = in.array<32>();
    row.box_public = fixed_of<crypto::BoxPublicKey>(in);
    row.box_wrapped = in.owned_bytes();
    row.verify_key = fixed_of<crypto::VerifyKey>(in);
    row.signing_wrapped = in.owned_bytes();
    row.added_at = time_of(in);
    row.removed_at = time_of(in);
}

void write(Writer& out, const InboxRow& row) {
    out.id(row.agency).flag(row.people).u64(row.epoch).u64(row.certificate_serial);
    put(out, row.certified_at);
    out.fixed(row.certified_by.view());
}
void read(Reader& in, InboxRow& row) {
    row.agency = in.id<AgencyId>();
    row.people = in.flag();
    row.epoch = in.u64();
    row.certificate_serial = in.u64();
    row.certified_at = time_of(in);
    row.certified_by = fixed_of<crypto::VerifyKey>(in);
}

void write(Writer& out, const InboxKeyRow& row) {
    out.fixed(row.public_key.view()).bytes(row.recovery_sealed);
    put(out, row.made_at);
}
void read(Reader& in, InboxKeyRow& row) {
    row.public_key = fixed_of<crypto::BoxPublicKey>(in);
    row.recovery_sealed = in.owned_bytes();
    row.made_at = time_of(in);
}

void write(Writer& out, const DocumentRow& row) {
    out.bytes(row.document);
    put(out, row.first_accepted);
}
void read(Reader& in, DocumentRow& row) {
    row.document = in.owned_bytes();
    row.first_accepted = time_of(in);
}

void write(Writer& out, const AlarmRow& row) {
    put(out, row.since);
    out.text(row.telephone);
}
void read(Reader& in, AlarmRow& row) {
    row.since = time_of(in);
    row.telephone = in.text();
}

void write(Writer& out, const AgentRow& row) {
    out.fixed(row.epoch).u64(row.receipts_sent).u64(row.errands_made).u64(row.claim_serial);
    out.fixed(row.broker_epoch).u64(row.broker_commit).flag(row.catching_up);
    out.fixed(row.broker_start);
}
void read(Reader& in, AgentRow& row, std::uint8_t version) {
    row.epoch = in.array<16>();
    row.receipts_sent = in.u64();
    row.errands_made = in.u64();
    row.claim_serial = in.u64();
    row.broker_epoch = in.array<16>();
    row.broker_commit = in.u64();
    if (version >= 2) row.catching_up = in.flag();
    if (version >= 3) row.broker_start = in.array<16>();
}

void write(Writer& out, const AccessRow& row) {
    out.id(row.person).text(row.action).id(row.inbox).id(row.sender).id(row.notification);
    out.text(row.reason);
}
void read(Reader& in, AccessRow& row, std::uint8_t version) {
    row.person = in.id<PersonId>();
    row.action = in.text();
    row.inbox = in.id<InboxId>();
    row.sender = in.id<AgencyId>();
    row.notification = in.id<NotificationId>();
    if (version >= 2) row.reason = in.text();
}

void write(Writer& out, const DecisionHead& head) {
    out.id(head.agency).id(head.notification);
    put(out, head.at);
    out.u8(byte_of(head.kind)).text(head.code).id(head.person).id(head.role);
}
void read(Reader& in, DecisionHead& head) {
    head.agency = in.id<AgencyId>();
    head.notification = in.id<NotificationId>();
    head.at = time_of(in);
    head.kind = enum_of(in, DecisionKind::identity_taken_back);
    head.code = in.text();
    head.person = in.id<PersonId>();
    head.role = in.id<RoleId>();
}

void write(Writer& out, const DecisionRow& row) {
    write(out, row.head);
    out.id(row.person_agency).text(row.reason);
    for (const auto* document : {&row.policy, &row.catalogue, &row.registry})
        out.u64(document->version).fixed(document->digest);
    out.bytes(row.routing_facts).bytes(row.plan_facts).bytes(row.decision).bytes(row.answer);
    out.u32(static_cast<std::uint32_t>(row.agreement.size()));
    for (const auto& [field, text] : row.agreement) out.text(field).text(text);
    out.text(row.words).text(row.name).id(row.decider_role);
}
void read(Reader& in, DecisionRow& row) {
    read(in, row.head);
    row.person_agency = in.id<AgencyId>();
    row.reason = in.text();
    for (auto* document : {&row.policy, &row.catalogue, &row.registry}) {
        document->version = in.u64();
        document->digest = in.array<32>();
    }
    row.routing_facts = in.owned_bytes();
    row.plan_facts = in.owned_bytes();
    row.decision = in.owned_bytes();
    row.answer = in.owned_bytes();
    for (auto n = in.count(8); n > 0; --n) {
        auto field = in.text();
        row.agreement.emplace_back(std::move(field), in.text());
    }
    row.words = in.text();
    if (in.finished()) return;
    row.name = in.text();
    row.decider_role = in.id<RoleId>();
}

}  // namespace mash::runtime
