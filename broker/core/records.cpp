// The bytes of every record. A field is added at the end under a new version of its table; nothing
// is re-ordered.
#include "broker/core/records.hpp"

#include "broker/core/record_fields.hpp"

namespace mash::broker {

using namespace record_fields;

void write(Writer& out, wire::Lane value) { write_enum(out, value); }
void read(Reader& in, wire::Lane& value) { read_enum(in, value, 1, 4); }

void write(Writer& out, const wire::Token& value) {
    write_enum(out, value.kind);
    out.u16(value.epoch).fixed(value.value);
}
void read(Reader& in, wire::Token& value) {
    read_enum(in, value.kind, 1, 9);
    value.epoch = in.u16();
    value.value = in.array<32>();
}

void write(Writer& out, const ItemKey& value) { out.id(value.sender).id(value.id); }
void read(Reader& in, ItemKey& value) {
    value.sender = in.id<AgencyId>();
    value.id = in.id<NotificationId>();
}

void write(Writer& out, const ClaimKey& value) { out.id(value.agency).id(value.id); }
void read(Reader& in, ClaimKey& value) {
    value.agency = in.id<AgencyId>();
    value.id = in.id<ClaimId>();
}

void write(Writer& out, const ConflictKey& value) { out.id(value.declared_by).id(value.id); }
void read(Reader& in, ConflictKey& value) {
    value.declared_by = in.id<AgencyId>();
    value.id = in.id<ConflictId>();
}

void write(Writer&, const Nothing&) {}
void read(Reader&, Nothing&) {}

void write(Writer& out, const MetaRecord& value) {
    out.fixed(value.epoch).u64(value.serial).u64(value.sequence);
    write_time(out, value.wall);
    out.flag(value.expiries_paused);
}
void read(Reader& in, MetaRecord& value) {
    value.epoch = in.array<16>();
    value.serial = in.u64();
    value.sequence = in.u64();
    value.wall = read_time(in);
    value.expiries_paused = in.flag();
}

void write(Writer& out, const StartRecord& value) { out.fixed(value.id); }
void read(Reader& in, StartRecord& value) { value.id = in.array<16>(); }

void write(Writer& out, const DocumentRecord& value) {
    write_time(out, value.accepted_at);
    write_body(out, value.document);
}
void read(Reader& in, DocumentRecord& value) {
    value.accepted_at = read_time(in);
    read_body(in, value.document);
}

void write(Writer& out, const HostRecord& value) {
    out.fixed(value.agent_epoch).u64(value.receipts_sent);
}
void read(Reader& in, HostRecord& value) {
    value.agent_epoch = in.array<16>();
    value.receipts_sent = in.u64();
}

void write(Writer& out, const ClaimRecord& value) {
    out.flag(value.ended).u64(value.serial).u64(value.roll_serial);
    write_time(out, value.lease_until);
    write_seat(out, value.claim.seat);
    out.text(value.claim.relation);
    out.bytes(value.signed_claim.body);
    write_signature(out, value.signed_claim.signature);
    write_time(out, value.first_recorded);
    write_list(out, value.tokens_since, [&](WallTime since) { write_time(out, since); });
}
void read(Reader& in, ClaimRecord& value, std::uint8_t version) {
    value.ended = in.flag();
    value.serial = in.u64();
    value.roll_serial = in.u64();
    value.lease_until = read_time(in);
    Seat seat;
    read_seat(in, seat);
    auto relation = in.text();
    value.signed_claim.body = in.owned_bytes();
    value.signed_claim.signature = read_signature(in);
    if (version >= 2) value.first_recorded = read_time(in);
    if (version >= 3)
        read_list(in, value.tokens_since, 8, [&](WallTime& since) { since = read_time(in); });
    if (!in.ok()) return;
    if (!value.signed_claim.body.empty()) {
        auto claim = wire::decode_body<wire::InvolvementClaim>(value.signed_claim.body);
        if (!claim) {
            in.fail();
            return;
        }
        value.claim = std::move(*claim);
        if (version < 2) value.first_recorded = value.claim.starts;
    }
    value.claim.seat = std::move(seat);
    value.claim.relation = std::move(relation);
}
WallTime stands_since(const ClaimRecord& record, const wire::Token& token) {
    const auto& tokens = record.claim.tokens;
    const auto at = std::ranges::find(tokens, token);
    const auto place = static_cast<std::size_t>(at - tokens.begin());
    return place < record.tokens_since.size() ? record.tokens_since[place] : record.first_recorded;
}

void write(Writer& out, const RollRecord& value) {
    out.u64(value.serial).u32(value.parts);
    write_list(out, value.received, [&](std::uint32_t part) { out.u32(part); });
    out.flag(value.complete).u32(value.held).u32(value.ended);
}
void read(Reader& in, RollRecord& value) {
    value.serial = in.u64();
    value.parts = in.u32();
    read_list(in, value.received, 4, [&](std::uint32_t& part) { part = in.u32(); });
    value.complete = in.flag();
    value.held = in.u32();
    value.ended = in.u32();
}

void write(Writer& out, const RollKey& value) {
    write_seat(out, value.seat);
    out.text(value.relation);
}
void read(Reader& in, RollKey& value) {
    read_seat(in, value.seat);
    value.relation = in.text();
}

void write(Writer& out, const PlanRecord& value) {
    write(out, value.item);
    write_time(out, value.decided_at);
    write_time(out, value.expires_at);
    out.u64(value.policy_version).u64(value.registry_version).fixed(value.facts);
    write_list(out, value.connected, [&](const InboxId& inbox) { out.id(inbox); });
    write_tokens(out, value.tokens);
    write_seats(out, value.hidden);
    write_body(out, value.decision);
    write_seats(out, value.conflicts_stated);
}
void read(Reader& in, PlanRecord& value, std::uint8_t version) {
    read(in, value.item);
    value.decided_at = read_time(in);
    value.expires_at = read_time(in);
    value.policy_version = in.u64();
    value.registry_version = in.u64();
    value.facts = in.array<32>();
    read_list(in, value.connected, 4, [&](InboxId& inbox) { inbox = in.id<InboxId>(); });
    read_tokens(in, value.tokens);
    read_seats(in, value.hidden);
    read_body(in, value.decision);
    if (version >= 2) read_seats(in, value.conflicts_stated);
}

void write(Writer& out, const AskedRecord& value) {
    write_time(out, value.at);
    write(out, value.item);
    out.id(value.role).id(value.type).id(value.person).text(value.reason).u64(value.policy_version);
    out.fixed(value.facts).flag(value.used_hidden);
    write_body(out, value.decision);
    write_enum(out, value.ended);
    write_time(out, value.ended_at);
    out.fixed(value.about);
}
void read(Reader& in, AskedRecord& value, std::uint8_t version) {
    value.at = read_time(in);
    read(in, value.item);
    value.role = in.id<RoleId>();
    value.type = in.id<TypeId>();
    value.person = in.id<PersonId>();
    value.reason = in.text();
    value.policy_version = in.u64();
    value.facts = in.array<32>();
    value.used_hidden = in.flag();
    read_body(in, value.decision);
    value.ended = AskedEnd::unknown;
    if (version < 2) return;
    read_enum(in, value.ended, 0, 8);
    value.ended_at = read_time(in);
    if (version < 3) return;
    value.about = in.array<32>();
}

void write(Writer& out, const QueueKey& value) {
    out.id(value.host);
    write(out, value.lane);
    out.u64(value.sequence);
}
void read(Reader& in, QueueKey& value) {
    value.host = in.id<HostId>();
    read(in, value.lane);
    value.sequence = in.u64();
}

void write(Writer& out, const QueueRecord& value) {
    write(out, value.item);
    out.id(value.inbox);
    write_seat(out, value.seat);
}
void read(Reader& in, QueueRecord& value) {
    read(in, value.item);
    value.inbox = in.id<InboxId>();
    read_seat(in, value.seat);
}

void write(Writer& out, const TurnKey& value) {
    out.id(value.host);
    write(out, value.lane);
    out.id(value.sender);
}
void read(Reader& in, TurnKey& value) {
    value.host = in.id<HostId>();
    read(in, value.lane);
    value.sender = in.id<AgencyId>();
}

void write(Writer& out, const TurnRecord& value) { out.u32(value.waiting).u64(value.round); }
void read(Reader& in, TurnRecord& value) {
    value.waiting = in.u32();
    value.round = in.u64();
}

void write(Writer& out, const BacklogRecord& value) { out.u32(value.waiting).flag(value.told); }
void read(Reader& in, BacklogRecord& value) {
    value.waiting = in.u32();
    value.told = in.flag();
}

void write(Writer& out, const ThreadKey& value) {
    out.id(value.sender).id(value.thread).id(value.inbox);
    write(out, value.lane);
    out.u64(value.sequence);
}
void read(Reader& in, ThreadKey& value) {
    value.sender = in.id<AgencyId>();
    value.thread = in.id<ThreadId>();
    value.inbox = in.id<InboxId>();
    read(in, value.lane);
    value.sequence = in.u64();
}

void write(Writer& out, const ReceiptKey& value) {
    out.id(value.sender).id(value.batch).id(value.from);
}
void read(Reader& in, ReceiptKey& value) {
    value.sender = in.id<AgencyId>();
    value.batch = in.id<BatchId>();
    value.from = in.id<AgencyId>();
}

void write(Writer& out, const ReceiptRecord& value) {
    out.bytes(value.body);
    write_signature(out, value.signature);
}
void read(Reader& in, ReceiptRecord& value) {
    value.body = in.owned_bytes();
    value.signature = read_signature(in);
}

void write(Writer& out, const NoticeKey& value) {
    out.id(value.agency);
    write_enum(out, value.kind);
    out.bytes(value.subject);
}
void read(Reader& in, NoticeKey& value) {
    value.agency = in.id<AgencyId>();
    read_enum(in, value.kind, 1, 21);
    value.subject = in.owned_bytes();
}

void write(Writer& out, const TaskRecord& value) {
    write_task(out, value.task);
    write_time(out, value.opened_at);
    out.flag(value.closed).flag(value.overdue).flag(value.escalated_to.has_value());
    write_seat(out, value.escalated_to.value_or(Seat{}));
    write_seat(out, value.about);
    write_tokens(out, value.tokens);
    out.u8(value.outcome).id(value.person);
    write_time(out, value.answered_at);
    write_seats(out, value.conflicts_stated);
    write_time(out, value.asked_at);
    out.id(value.asked_by).text(value.asked_reason);
    write(out, value.claim);
}
void read(Reader& in, TaskRecord& value, std::uint8_t version) {
    read_task(in, value.task);
    value.opened_at = read_time(in);
    value.closed = in.flag();
    value.overdue = in.flag();
    const bool is_escalated = in.flag();
    Seat escalated_to;
    read_seat(in, escalated_to);
    if (is_escalated) value.escalated_to = std::move(escalated_to);
    read_seat(in, value.about);
    read_tokens(in, value.tokens);
    value.outcome = in.u8();
    value.person = in.id<PersonId>();
    value.answered_at = read_time(in);
    if (version >= 2) read_seats(in, value.conflicts_stated);
    if (version < 3) return;
    value.asked_at = read_time(in);
    value.asked_by = in.id<PersonId>();
    value.asked_reason = in.text();
    if (version >= 4) read(in, value.claim);
}

void write(Writer& out, const TaskCause& value) {
    write(out, value.item);
    write_enum(out, value.kind);
    write_seat(out, value.about);
    out.id(value.role).text(value.rule);
}
void read(Reader& in, TaskCause& value) {
    read(in, value.item);
    read_enum(in, value.kind, 1, 11);
    read_seat(in, value.about);
    value.role = in.id<RoleId>();
    value.rule = in.text();
}

void write(Writer& out, const QuestionKey& value) {
    write(out, value.claim);
    out.id(value.id);
}
void read(Reader& in, QuestionKey& value) {
    read(in, value.claim);
    value.id = in.id<TaskId>();
}

void write(Writer& out, const QuestionRecord& value) {
    const auto write_signed = [&](const wire::SignedAuthorisation& said) {
        out.bytes(said.body).bytes(said.certificate);
        write_signature(out, said.signature);
        write_signature(out, said.certificate_signature);
    };
    const auto write_shown = [&](const ShownRecord& shown) {
        out.bytes(shown.sealed);
        write_signature(out, shown.signature);
    };
    write(out, value.item);
    out.id(value.thread);
    write_tokens(out, value.tokens);
    write_seat(out, value.holder);
    out.text(value.relation).flag(value.contradicted);
    write_time(out, value.opened_at);
    out.u8(value.outcome).u64(value.serial);
    write_time(out, value.answered_at);
    write_signed(value.answer);
    write_time(out, value.looked_at);
    write_signed(value.look);
    write_seat(out, value.look_decider);
    write_shown(value.of_sender);
    write_shown(value.of_holder);
    write_seat(out, value.conflicts_with);
}
void read(Reader& in, QuestionRecord& value, std::uint8_t version) {
    const auto read_signed = [&](wire::SignedAuthorisation& said) {
        said.body = in.owned_bytes();
        said.certificate = in.owned_bytes();
        said.signature = read_signature(in);
        said.certificate_signature = read_signature(in);
    };
    const auto read_shown = [&](ShownRecord& shown) {
        shown.sealed = in.owned_bytes();
        shown.signature = read_signature(in);
    };
    read(in, value.item);
    value.thread = in.id<ThreadId>();
    read_tokens(in, value.tokens);
    read_seat(in, value.holder);
    value.relation = in.text();
    value.contradicted = in.flag();
    value.opened_at = read_time(in);
    value.outcome = in.u8();
    value.serial = in.u64();
    value.answered_at = read_time(in);
    read_signed(value.answer);
    value.looked_at = read_time(in);
    read_signed(value.look);
    read_seat(in, value.look_decider);
    read_shown(value.of_sender);
    read_shown(value.of_holder);
    if (version < 2) return;
    read_seat(in, value.conflicts_with);
}

void write(Writer& out, const QuestionItemKey& value) {
    write(out, value.question);
    write(out, value.item);
}
void read(Reader& in, QuestionItemKey& value) {
    read(in, value.question);
    read(in, value.item);
}
void write(Writer& out, const QuestionItemRecord& value) { out.id(value.role).flag(value.used); }
void read(Reader& in, QuestionItemRecord& value) {
    value.role = in.id<RoleId>();
    value.used = in.flag();
}

void write(Writer& out, const WeakTokens& value) { write_tokens(out, value.tokens); }
void read(Reader& in, WeakTokens& value) { read_tokens(in, value.tokens); }

void write(Writer& out, const LapseRecord& value) {
    write_seat(out, value.seat);
    out.text(value.relation);
    write_tokens(out, value.tokens);
    write_time(out, value.ended_at);
}
void read(Reader& in, LapseRecord& value) {
    read_seat(in, value.seat);
    value.relation = in.text();
    read_tokens(in, value.tokens);
    value.ended_at = read_time(in);
}
void write(Writer& out, const HolderQuestionKey& value) {
    write(out, value.item);
    out.text(value.relation);
}
void read(Reader& in, HolderQuestionKey& value) {
    read(in, value.item);
    value.relation = in.text();
}
void write(Writer& out, const HolderQuestionRecord& value) {
    out.bytes(value.stated);
    write_time(out, value.asked_at);
    out.u32(value.asked);
    write_seats(out, value.seats);
    write_seats(out, value.known);
}
void read(Reader& in, HolderQuestionRecord& value) {
    value.stated = in.owned_bytes();
    value.asked_at = read_time(in);
    value.asked = in.u32();
    read_seats(in, value.seats);
    read_seats(in, value.known);
}
void write(Writer& out, const AskedSeatRecord& value) {
    write(out, value.item);
    write_seat(out, value.seat);
    out.text(value.relation);
}
void read(Reader& in, AskedSeatRecord& value) {
    read(in, value.item);
    read_seat(in, value.seat);
    value.relation = in.text();
}

void write(Writer& out, const ConflictRecord& value) {
    out.bytes(value.body);
    write_signature(out, value.signature);
    write_list(out, value.records, [&](const wire::SealedRecord& record) {
        out.id(record.inbox).bytes(record.sealed);
    });
    write_time(out, value.ended_at);
}
void read(Reader& in, ConflictRecord& value) {
    value.body = in.owned_bytes();
    value.signature = read_signature(in);
    read_list(in, value.records, 8, [&](wire::SealedRecord& record) {
        record.inbox = in.id<InboxId>();
        record.sealed = in.owned_bytes();
    });
    value.ended_at = read_time(in);
    if (!in.ok()) return;
    auto conflict = wire::decode_body<wire::ConflictBody>(value.body);
    if (!conflict) {
        in.fail();
        return;
    }
    value.conflict = std::move(*conflict);
}

void write(Writer& out, const WordsKey& value) { out.id(value.agency).id(value.id); }
void read(Reader& in, WordsKey& value) {
    value.agency = in.id<AgencyId>();
    value.id = in.id<wire::WordsId>();
}
void write(Writer& out, const WordsRecord& value) {
    out.bytes(value.frame.body);
    write_signature(out, value.frame.signature);
    write_list(out, value.frame.sealed,
               [&](const wire::SealedWords& one) { out.id(one.agency).bytes(one.sealed); });
}
void read(Reader& in, WordsRecord& value) {
    value.frame.body = in.owned_bytes();
    value.frame.signature = read_signature(in);
    read_list(in, value.frame.sealed, 8, [&](wire::SealedWords& one) {
        one.agency = in.id<AgencyId>();
        one.sealed = in.owned_bytes();
    });
}

void write(Writer& out, const RecallRecord& value) {
    out.bytes(value.body);
    write_signature(out, value.signature);
    write_time(out, value.at);
}
void read(Reader& in, RecallRecord& value) {
    value.body = in.owned_bytes();
    value.signature = read_signature(in);
    value.at = read_time(in);
}

void write(Writer& out, const EarlierCopyRecord& value) {
    write_seat(out, value.seat);
    out.id(value.delivery).u32(value.rungs);
}
void read(Reader& in, EarlierCopyRecord& value) {
    read_seat(in, value.seat);
    value.delivery = in.id<DeliveryId>();
    value.rungs = in.u32();
}

void write(Writer& out, const AgreementRecord& value) {
    out.bytes(value.body);
    write_signature(out, value.signature);
    write_time(out, value.at);
}
void read(Reader& in, AgreementRecord& value) {
    value.body = in.owned_bytes();
    value.signature = read_signature(in);
    value.at = read_time(in);
}

void write(Writer& out, const WithdrawalRecord& value) {
    out.bytes(value.body);
    write_signature(out, value.signature);
    write_time(out, value.at);
    write_list(out, value.confirmed, [&](const InboxId& inbox) { out.id(inbox); });
}
void read(Reader& in, WithdrawalRecord& value) {
    value.body = in.owned_bytes();
    value.signature = read_signature(in);
    value.at = read_time(in);
    read_list(in, value.confirmed, 4, [&](InboxId& inbox) { inbox = in.id<InboxId>(); });
}

void write(Writer& out, const CountRecord& value) { out.u32(value.count); }
void read(Reader& in, CountRecord& value) { value.count = in.u32(); }

void write(Writer& out, const QuarantineRecord& value) { out.id(value.host).u8(value.kind); }
void read(Reader& in, QuarantineRecord& value) {
    value.host = in.id<HostId>();
    value.kind = in.u8();
}

void write(Writer& out, const DueKey& value) {
    write_time(out, value.at);
    write_enum(out, value.kind);
    out.bytes(value.subject);
}
void read(Reader& in, DueKey& value) {
    value.at = read_time(in);
    read_enum(in, value.kind, 1, 42);
    value.subject = in.owned_bytes();
}

void write(Writer& out, const ThreadSeats& value) { write_seats(out, value.seats); }
void read(Reader& in, ThreadSeats& value) { read_seats(in, value.seats); }

void write(Writer& out, const TokenClaim& value) {
    write(out, value.token);
    write(out, value.claim);
}
void read(Reader& in, TokenClaim& value) {
    read(in, value.token);
    read(in, value.claim);
}

void write(Writer& out, const AskedToken& value) {
    write(out, value.token);
    write_seat(out, value.seat);
    out.text(value.relation);
    write(out, value.claim);
}
void read(Reader& in, AskedToken& value) {
    read(in, value.token);
    read_seat(in, value.seat);
    value.relation = in.text();
    read(in, value.claim);
}

void write(Writer& out, const ItemClaim& value) {
    write(out, value.item);
    write(out, value.claim);
}
void read(Reader& in, ItemClaim& value) {
    read(in, value.item);
    read(in, value.claim);
}

void write(Writer& out, const SeatClaim& value) {
    write(out, value.roll);
    write(out, value.claim);
}
void read(Reader& in, SeatClaim& value) {
    read(in, value.roll);
    read(in, value.claim);
}

void write(Writer& out, const TokenConflict& value) {
    write(out, value.token);
    write(out, value.conflict);
}
void read(Reader& in, TokenConflict& value) {
    read(in, value.token);
    read(in, value.conflict);
}

void write(Writer& out, const HeldKey& value) {
    out.id(value.inbox);
    write(out, value.item);
}
void read(Reader& in, HeldKey& value) {
    value.inbox = in.id<InboxId>();
    read(in, value.item);
}

void write(Writer& out, const CopyKey& value) {
    write(out, value.item);
    out.id(value.inbox);
}
void read(Reader& in, CopyKey& value) {
    read(in, value.item);
    value.inbox = in.id<InboxId>();
}

void write(Writer& out, const AddedKey& value) {
    write(out, value.item);
    out.id(value.plan);
}
void read(Reader& in, AddedKey& value) {
    read(in, value.item);
    value.plan = in.id<PlanId>();
}
void write(Writer& out, const AuthorisationKey& value) {
    write(out, value.item);
    out.id(value.id);
}
void read(Reader& in, AuthorisationKey& value) {
    read(in, value.item);
    value.id = in.id<AuthorisationId>();
}

void write(Writer& out, const SignedAuthorisationRecord& value) {
    out.bytes(value.authorisation.body);
    write_signature(out, value.authorisation.signature);
    out.bytes(value.authorisation.certificate);
    write_signature(out, value.authorisation.certificate_signature);
}
void read(Reader& in, SignedAuthorisationRecord& value) {
    value.authorisation.body = in.owned_bytes();
    value.authorisation.signature = read_signature(in);
    value.authorisation.certificate = in.owned_bytes();
    value.authorisation.certificate_signature = read_signature(in);
}

void write(Writer& out, const InboxKeyRecord& value) {
    out.bytes(value.signed_certificate.body);
    write_signature(out, value.signed_certificate.signature);
    write_list(out, value.members, [&](const PersonId& member) { out.id(member); });
}
void read(Reader& in, InboxKeyRecord& value, std::uint8_t version) {
    value.signed_certificate.body = in.owned_bytes();
    value.signed_certificate.signature = read_signature(in);
    if (version >= 2)
        read_list(in, value.members, 4, [&](PersonId& member) { member = in.id<PersonId>(); });
    if (!in.ok()) return;
    auto certificate = wire::decode_body<wire::InboxCertificate>(value.signed_certificate.body);
    if (!certificate) {
        in.fail();
        return;
    }
    value.certificate = std::move(*certificate);
}

void write(Writer& out, const QuarantineKey& value) {
    write_time(out, value.at);
    out.u64(value.sequence);
}
void read(Reader& in, QuarantineKey& value) {
    value.at = read_time(in);
    value.sequence = in.u64();
}

}  // namespace mash::broker
