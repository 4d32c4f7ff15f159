#include "common/wire/codec_shared.hpp"
#include "common/wire/questions.hpp"
#include "mash/v1/questions.pb.h"

namespace mash::wire {

static void put(const IdentityLook& from, v1::IdentityLook& to) {
    to.set_question(raw(from.question));
    to.set_notification(raw(from.notification));
    to.set_sender(raw(from.sender));
    to.set_claim(raw(from.claim));
    put(from.holder, *to.mutable_holder());
    to.set_relation(from.relation);
    put(from.decider, *to.mutable_decider());
    to.set_inbox(raw(from.inbox));
    to.set_box_public_key(raw(from.box_public_key));
    to.set_person(raw(from.person));
    to.set_at_unix_ms(unix_ms(from.at));
}
static void take(Intake& in, const v1::IdentityLook& from, IdentityLook& to) {
    in.id(from.question(), to.question);
    in.id(from.notification(), to.notification);
    in.name(from.sender(), to.sender);
    in.id(from.claim(), to.claim);
    take(in, from.holder(), to.holder);
    in.name(from.relation(), to.relation);
    take(in, from.decider(), to.decider);
    in.name(from.inbox(), to.inbox);
    in.fixed(from.box_public_key(), to.box_public_key);
    in.name(from.person(), to.person);
    in.time(from.at_unix_ms(), to.at);
}
template <>
struct Proto<IdentityLook> : ProtoOf<v1::IdentityLook, limits::signed_body_bytes_max> {};

static void put(const LookAtIdentity& from, v1::LookAtIdentity& to) {
    put(from.look, *to.mutable_look());
}
static void take(Intake& in, const v1::LookAtIdentity& from, LookAtIdentity& to) {
    take(in, from.look(), to.look);
}
template <>
struct Proto<LookAtIdentity> : ProtoOf<v1::LookAtIdentity, limits::frame_bytes_max> {};

static void put(const ShowIdentity& from, v1::ShowIdentity& to) {
    to.set_question(raw(from.question));
    to.set_claim(raw(from.claim));
    put(from.holder, *to.mutable_holder());
    to.set_agency(raw(from.agency));
    to.set_of_sender(from.of_sender);
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_sealed(raw(from.sealed));
    to.set_signature(raw(from.signature));
}
static void take(Intake& in, const v1::ShowIdentity& from, ShowIdentity& to) {
    in.id(from.question(), to.question);
    in.id(from.claim(), to.claim);
    take(in, from.holder(), to.holder);
    in.name(from.agency(), to.agency);
    to.of_sender = from.of_sender();
    in.time(from.at_unix_ms(), to.at);
    in.bytes(from.sealed(), to.sealed, limits::sealed_record_bytes_max);
    in.fixed(from.signature(), to.signature);
}
template <>
struct Proto<ShowIdentity> : ProtoOf<v1::ShowIdentity, limits::frame_bytes_max> {};

static void put(const IdentityAnswer& from, v1::IdentityAnswer& to) {
    to.set_question(raw(from.question));
    to.set_notification(raw(from.notification));
    to.set_sender(raw(from.sender));
    to.set_thread(raw(from.thread));
    to.set_claim(raw(from.claim));
    put(from.holder, *to.mutable_holder());
    to.set_relation(from.relation);
    put_all(from.tokens, to.mutable_tokens());
    to.set_outcome(same_number<v1::IdentityOutcome>(from.outcome));
    put(from.decider, *to.mutable_decider());
    to.set_person(raw(from.person));
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_serial(from.serial);
    to.set_reason_digest(raw(from.reason_digest));
}
static void take(Intake& in, const v1::IdentityAnswer& from, IdentityAnswer& to) {
    in.id(from.question(), to.question);
    in.id(from.notification(), to.notification);
    in.name(from.sender(), to.sender);
    in.id(from.thread(), to.thread);
    in.id(from.claim(), to.claim);
    take(in, from.holder(), to.holder);
    in.name(from.relation(), to.relation);
    take_all(in, from.tokens(), to.tokens, limits::tokens_max);
    in.ascending(to.tokens);
    // A weak one would let the answer link any child of that name.
    for (const auto& token : to.tokens) {
        if (!is_strong(token.kind)) in.fault(ErrorCode::bad_value);
    }
    in.word(from.outcome(), to.outcome);
    take(in, from.decider(), to.decider);
    in.name(from.person(), to.person);
    in.time(from.at_unix_ms(), to.at);
    to.serial = from.serial();
    in.fixed(from.reason_digest(), to.reason_digest);
}
static constexpr Shape identity_answer_shape[] = {{8, limits::tokens_max}};
template <>
struct Proto<IdentityAnswer> : ProtoOf<v1::IdentityAnswer, limits::signed_list_bytes_max> {
    static constexpr std::span<const Shape> shape{identity_answer_shape};
};

static void put(const AnswerIdentity& from, v1::AnswerIdentity& to) {
    put(from.answer, *to.mutable_answer());
    to.set_notification(raw(from.notification));
}
static void take(Intake& in, const v1::AnswerIdentity& from, AnswerIdentity& to) {
    take(in, from.answer(), to.answer);
    in.id(from.notification(), to.notification);
}
template <>
struct Proto<AnswerIdentity> : ProtoOf<v1::AnswerIdentity, limits::frame_bytes_max> {};

static void put(const IdentityHeard& from, v1::IdentityHeard& to) {
    to.set_question(raw(from.question));
    to.set_claim(raw(from.claim));
    to.set_holder(raw(from.holder));
    to.set_what(same_number<v1::IdentityHeard::What>(from.what));
    to.set_agency(raw(from.agency));
    if (!from.notification.is_zero()) to.set_notification(raw(from.notification));
}
static void take(Intake& in, const v1::IdentityHeard& from, IdentityHeard& to) {
    in.id(from.question(), to.question);
    in.id(from.claim(), to.claim);
    in.name(from.holder(), to.holder);
    in.word(from.what(), to.what);
    in.name(from.agency(), to.agency);
    in.id_if_any(from.notification(), to.notification);
    if (to.notification.is_zero() == (to.what == IdentityHeard::What::answer))
        in.fault(ErrorCode::missing_field);
}
template <>
struct Proto<IdentityHeard> : ProtoOf<v1::IdentityHeard, limits::frame_bytes_max> {};

static void put(const IdentityReachedEntry& from, v1::IdentityReachedEntry& to) {
    to.set_notification(raw(from.notification));
    to.set_sender(raw(from.sender));
    to.set_type(raw(from.type));
    put(from.seat, *to.mutable_seat());
    for (const auto rung : from.rungs) to.add_rungs(same_number<v1::Rung>(rung));
}
static void take(Intake& in, const v1::IdentityReachedEntry& from, IdentityReachedEntry& to) {
    in.id(from.notification(), to.notification);
    in.name(from.sender(), to.sender);
    in.name(from.type(), to.type);
    take(in, from.seat(), to.seat);
    constexpr std::size_t rungs_max = 32;
    if (!in.count(from.rungs_size(), rungs_max)) return;
    for (const auto number : from.rungs()) {
        Rung rung{};
        in.word(number, rung);
        to.rungs.push_back(rung);
    }
}

static void put(const IdentityReached& from, v1::IdentityReached& to) {
    to.set_question(raw(from.question));
    put_all(from.entries, to.mutable_entries());
}
static void take(Intake& in, const v1::IdentityReached& from, IdentityReached& to) {
    in.id(from.question(), to.question);
    take_all(in, from.entries(), to.entries, limits::identity_reached_max);
}
static constexpr Shape identity_reached_shape[] = {{2, limits::identity_reached_max}};
template <>
struct Proto<IdentityReached> : ProtoOf<v1::IdentityReached, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{identity_reached_shape};
};

MASH_WIRE_BODY(IdentityLook);
MASH_WIRE_BODY(IdentityAnswer);
MASH_WIRE_MESSAGE(LookAtIdentity);
MASH_WIRE_MESSAGE(ShowIdentity);
MASH_WIRE_MESSAGE(AnswerIdentity);
MASH_WIRE_MESSAGE(IdentityHeard);
MASH_WIRE_MESSAGE(IdentityReached);

}  // namespace mash::wire
