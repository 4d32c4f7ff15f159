#include "common/wire/codec_shared.hpp"
#include "common/wire/words.hpp"
#include "mash/v1/tasks.pb.h"

namespace mash::wire {

static void put(const Task& from, v1::Task& to) {
    to.set_id(raw(from.id));
    to.set_kind(same_number<v1::TaskKind>(from.kind));
    put(from.owner, *to.mutable_owner());
    to.set_notification(raw(from.notification));
    to.set_sender(raw(from.sender));
    to.set_type(raw(from.type));
    to.set_role(raw(from.role));
    to.set_rule(from.rule);
    to.set_due_unix_ms(unix_ms(from.due));
    to.set_agency(raw(from.agency));
}
static void take(Intake& in, const v1::Task& from, Task& to) {
    in.id(from.id(), to.id);
    in.word(from.kind(), to.kind);
    take(in, from.owner(), to.owner);
    in.id(from.notification(), to.notification);
    in.name(from.sender(), to.sender);
    in.name(from.type(), to.type);
    in.name_if_any(from.role(), to.role);
    in.code(from.rule(), to.rule);
    in.time_if_any(from.due_unix_ms(), to.due);
    in.name_if_any(from.agency(), to.agency);
}
template <>
struct Proto<Task> : ProtoOf<v1::Task, limits::signed_body_bytes_max> {};

static void put(const TaskNotice& from, v1::TaskNotice& to) {
    put(from.task, *to.mutable_task());
    to.set_asked_unix_ms(unix_ms(from.asked_at));
    to.set_person(raw(from.person));
    to.set_reason(from.reason);
    if (!from.question) return;
    auto& question = *to.mutable_question();
    question.set_claim(raw(from.question->claim));
    question.set_relation(raw(from.question->relation));
    question.set_thread(raw(from.question->thread));
    question.set_contradicted(from.question->contradicted);
    if (!from.question->conflicts_with.agency.empty())
        put(from.question->conflicts_with, *question.mutable_conflicts_with());
}
static void take(Intake& in, const v1::TaskNotice& from, TaskNotice& to) {
    take(in, from.task(), to.task);
    in.time_if_any(from.asked_unix_ms(), to.asked_at);
    in.name_if_any(from.person(), to.person);
    in.name_if_any(from.reason(), to.reason);
    if (from.has_question()) {
        to.question.emplace();
        in.id(from.question().claim(), to.question->claim);
        in.name(from.question().relation(), to.question->relation);
        in.id(from.question().thread(), to.question->thread);
        to.question->contradicted = from.question().contradicted();
        if (from.question().has_conflicts_with())
            take(in, from.question().conflicts_with(), to.question->conflicts_with);
    }
    if (to.question.has_value() != (to.task.kind == TaskKind::possible_match))
        in.fault(ErrorCode::missing_field);
}
template <>
struct Proto<TaskNotice> : ProtoOf<v1::TaskNotice, limits::frame_bytes_max> {};

static void put(const TaskAnswer& from, v1::TaskAnswer& to) {
    to.set_task(raw(from.task));
    to.set_outcome(same_number<v1::TaskOutcome>(from.outcome));
    to.set_person(raw(from.person));
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_signature(raw(from.signature));
    to.set_certificate(raw(from.certificate));
    to.set_certificate_signature(raw(from.certificate_signature));
}
static void take(Intake& in, const v1::TaskAnswer& from, TaskAnswer& to) {
    in.id(from.task(), to.task);
    in.word(from.outcome(), to.outcome);
    in.name(from.person(), to.person);
    in.time(from.at_unix_ms(), to.at);
    in.fixed(from.signature(), to.signature);
    in.bytes(from.certificate(), to.certificate, limits::signed_body_bytes_max);
    in.fixed(from.certificate_signature(), to.certificate_signature);
}
template <>
struct Proto<TaskAnswer> : ProtoOf<v1::TaskAnswer, limits::frame_bytes_max> {};

static void put(const TaskClosed& from, v1::TaskClosed& to) { to.set_task(raw(from.task)); }
static void take(Intake& in, const v1::TaskClosed& from, TaskClosed& to) {
    in.id(from.task(), to.task);
}
template <>
struct Proto<TaskClosed> : ProtoOf<v1::TaskClosed, limits::frame_bytes_max> {};

static void put(const AuthorisationFrame& from, v1::AuthorisationFrame& to) {
    put(from.authorisation, *to.mutable_authorisation());
}
static void take(Intake& in, const v1::AuthorisationFrame& from, AuthorisationFrame& to) {
    take(in, from.authorisation(), to.authorisation);
}
template <>
struct Proto<AuthorisationFrame> : ProtoOf<v1::AuthorisationFrame, limits::frame_bytes_max> {};

static void put(const ExcludedPerson& from, v1::ExcludedPerson& to) {
    to.set_agency(raw(from.agency));
    to.set_person(raw(from.person));
}
static void take(Intake& in, const v1::ExcludedPerson& from, ExcludedPerson& to) {
    in.name(from.agency(), to.agency);
    in.name(from.person(), to.person);
}

static void put(const ConflictBody& from, v1::ConflictBody& to) {
    to.set_id(raw(from.id));
    to.set_declared_by(raw(from.declared_by));
    put_all(from.tokens, to.mutable_tokens());
    put_each(from.excluded, to.mutable_excluded());
    to.set_starts_unix_ms(unix_ms(from.starts));
    to.set_serial(from.serial);
    put_all(from.people, to.mutable_people());
}
static void take(Intake& in, const v1::ConflictBody& from, ConflictBody& to) {
    in.id(from.id(), to.id);
    in.name(from.declared_by(), to.declared_by);
    take_all(in, from.tokens(), to.tokens, limits::tokens_max);
    take_names(in, from.excluded(), to.excluded, limits::excluded_inboxes_max);
    in.time(from.starts_unix_ms(), to.starts);
    to.serial = from.serial();
    take_all(in, from.people(), to.people, limits::excluded_inboxes_max);
    // Without either it would keep nobody from anything.
    if (to.tokens.empty() || (to.excluded.empty() && to.people.empty()))
        in.fault(ErrorCode::missing_field);
}
template <>
struct Proto<ConflictBody> : ProtoOf<v1::ConflictBody, limits::signed_list_bytes_max> {};

static void put(const SealedRecord& from, v1::SealedRecord& to) {
    to.set_inbox(raw(from.inbox));
    to.set_sealed(raw(from.sealed));
}
static void take(Intake& in, const v1::SealedRecord& from, SealedRecord& to) {
    in.name(from.inbox(), to.inbox);
    in.bytes(from.sealed(), to.sealed, limits::sealed_record_bytes_max);
}

static void put(const DeclareConflict& from, v1::DeclareConflict& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
    put_all(from.records, to.mutable_records());
}
static void take(Intake& in, const v1::DeclareConflict& from, DeclareConflict& to) {
    in.bytes(from.body(), to.body, limits::signed_list_bytes_max);
    in.fixed(from.signature(), to.signature);
    take_all(in, from.records(), to.records, limits::excluded_inboxes_max);
}
static constexpr Shape declare_conflict_shape[] = {{3, limits::excluded_inboxes_max}};
template <>
struct Proto<DeclareConflict> : ProtoOf<v1::DeclareConflict, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{declare_conflict_shape};
};

static void put(const EndConflict& from, v1::EndConflict& to) {
    to.set_id(raw(from.id));
    to.set_ended_by(raw(from.ended_by));
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_signature(raw(from.signature));
}
static void take(Intake& in, const v1::EndConflict& from, EndConflict& to) {
    in.id(from.id(), to.id);
    in.name(from.ended_by(), to.ended_by);
    in.time(from.at_unix_ms(), to.at);
    in.fixed(from.signature(), to.signature);
}
template <>
struct Proto<EndConflict> : ProtoOf<v1::EndConflict, limits::frame_bytes_max> {};

static void put(const WordsBody& from, v1::WordsBody& to) {
    to.set_id(raw(from.id));
    put(from.decider, *to.mutable_decider());
    to.set_person(raw(from.person));
    to.set_what(from.what);
    to.set_code(from.code);
    to.set_sender(raw(from.sender));
    if (!from.notification.is_zero()) to.set_notification(raw(from.notification));
    to.set_subject(raw(from.subject));
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_digest(raw(from.digest));
}
static void take(Intake& in, const v1::WordsBody& from, WordsBody& to) {
    in.id(from.id(), to.id);
    take(in, from.decider(), to.decider);
    in.name(from.person(), to.person);
    in.name(from.what(), to.what);
    in.code(from.code(), to.code);
    in.name_if_any(from.sender(), to.sender);
    in.id_if_any(from.notification(), to.notification);
    in.fixed(from.subject(), to.subject);
    in.time(from.at_unix_ms(), to.at);
    in.fixed(from.digest(), to.digest);
    if (to.sender.empty() != to.notification.is_zero()) in.fault(ErrorCode::missing_field);
}
template <>
struct Proto<WordsBody> : ProtoOf<v1::WordsBody, limits::signed_body_bytes_max> {};

static void put(const SealedWords& from, v1::SealedWords& to) {
    to.set_agency(raw(from.agency));
    to.set_sealed(raw(from.sealed));
}
static void take(Intake& in, const v1::SealedWords& from, SealedWords& to) {
    in.name(from.agency(), to.agency);
    in.bytes(from.sealed(), to.sealed, limits::sealed_record_bytes_max);
}

static void put(const DeciderWords& from, v1::DeciderWords& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
    put_all(from.sealed, to.mutable_sealed());
}
static void take(Intake& in, const v1::DeciderWords& from, DeciderWords& to) {
    in.bytes(from.body(), to.body, limits::signed_body_bytes_max);
    in.fixed(from.signature(), to.signature);
    take_all(in, from.sealed(), to.sealed, limits::excluded_inboxes_max);
    in.ascending(to.sealed, &SealedWords::agency);
    if (to.sealed.empty()) in.fault(ErrorCode::missing_field);
}
static constexpr Shape decider_words_shape[] = {{3, limits::excluded_inboxes_max}};
template <>
struct Proto<DeciderWords> : ProtoOf<v1::DeciderWords, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{decider_words_shape};
};

static void put(const WordsHeard& from, v1::WordsHeard& to) {
    to.set_id(raw(from.id));
    to.set_decider(raw(from.decider));
    to.set_agency(raw(from.agency));
}
static void take(Intake& in, const v1::WordsHeard& from, WordsHeard& to) {
    in.id(from.id(), to.id);
    in.name(from.decider(), to.decider);
    in.name(from.agency(), to.agency);
}
template <>
struct Proto<WordsHeard> : ProtoOf<v1::WordsHeard, limits::frame_bytes_max> {};

MASH_WIRE_BODY(Task);
MASH_WIRE_BODY(WordsBody);
MASH_WIRE_BODY(ConflictBody);
MASH_WIRE_MESSAGE(TaskNotice);
MASH_WIRE_MESSAGE(TaskAnswer);
MASH_WIRE_MESSAGE(TaskClosed);
MASH_WIRE_MESSAGE(AuthorisationFrame);
MASH_WIRE_MESSAGE(DeclareConflict);
MASH_WIRE_MESSAGE(EndConflict);
MASH_WIRE_MESSAGE(DeciderWords);
MASH_WIRE_MESSAGE(WordsHeard);

}  // namespace mash::wire
