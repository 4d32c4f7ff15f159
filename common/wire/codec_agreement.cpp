#include "common/wire/codec_shared.hpp"
#include "mash/v1/notification.pb.h"

namespace mash::wire {

static void put(const AgreementBody& from, v1::AgreementBody& to) {
    to.set_id(raw(from.id));
    to.set_agency(raw(from.agency));
    to.set_thread(raw(from.thread));
    to.set_person(raw(from.person));
    put(from.agreement, *to.mutable_agreement());
    to.set_recorded_at_unix_ms(unix_ms(from.recorded_at));
    to.set_expires_at_unix_ms(unix_ms(from.expires_at));
    to.set_withdrawn_at_unix_ms(unix_ms(from.withdrawn_at));
}
static void take(Intake& in, const v1::AgreementBody& from, AgreementBody& to) {
    in.id(from.id(), to.id);
    in.name(from.agency(), to.agency);
    in.id(from.thread(), to.thread);
    in.name(from.person(), to.person);
    take(in, from.agreement(), to.agreement);
    in.time(from.recorded_at_unix_ms(), to.recorded_at);
    in.time_if_any(from.expires_at_unix_ms(), to.expires_at);
    in.time_if_any(from.withdrawn_at_unix_ms(), to.withdrawn_at);
}
template <>
struct Proto<AgreementBody> : ProtoOf<v1::AgreementBody, limits::signed_body_bytes_max> {};

static void put(const WithdrawalBody& from, v1::WithdrawalBody& to) {
    to.set_notification(raw(from.notification));
    to.set_sender(raw(from.sender));
    to.set_agreement(raw(from.agreement));
    to.set_person(raw(from.person));
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_confirm_by_unix_ms(unix_ms(from.confirm_by));
}
static void take(Intake& in, const v1::WithdrawalBody& from, WithdrawalBody& to) {
    in.id(from.notification(), to.notification);
    in.name(from.sender(), to.sender);
    in.id(from.agreement(), to.agreement);
    in.name(from.person(), to.person);
    in.time(from.at_unix_ms(), to.at);
    in.time_if_any(from.confirm_by_unix_ms(), to.confirm_by);
}
template <>
struct Proto<WithdrawalBody> : ProtoOf<v1::WithdrawalBody, limits::signed_body_bytes_max> {};

/// A signed body and nothing else.
template <class Signed, class Message>
static void put_signed(const Signed& from, Message& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
}
template <class Signed, class Message>
static void take_signed(Intake& in, const Message& from, Signed& to) {
    in.bytes(from.body(), to.body, limits::signed_body_bytes_max);
    in.fixed(from.signature(), to.signature);
}

static void put(const RecordAgreement& from, v1::RecordAgreement& to) { put_signed(from, to); }
static void take(Intake& in, const v1::RecordAgreement& from, RecordAgreement& to) {
    take_signed(in, from, to);
}
template <>
struct Proto<RecordAgreement> : ProtoOf<v1::RecordAgreement, limits::frame_bytes_max> {};

static void put(const WithdrawAgreement& from, v1::WithdrawAgreement& to) { put_signed(from, to); }
static void take(Intake& in, const v1::WithdrawAgreement& from, WithdrawAgreement& to) {
    take_signed(in, from, to);
}
template <>
struct Proto<WithdrawAgreement> : ProtoOf<v1::WithdrawAgreement, limits::frame_bytes_max> {};

static void put(const AgreementHeld& from, v1::AgreementHeld& to) { put_signed(from, to); }
static void take(Intake& in, const v1::AgreementHeld& from, AgreementHeld& to) {
    take_signed(in, from, to);
}
template <>
struct Proto<AgreementHeld> : ProtoOf<v1::AgreementHeld, limits::frame_bytes_max> {};

static void put(const WithdrawalNotice& from, v1::WithdrawalNotice& to) {
    to.set_delivery(raw(from.delivery));
    to.set_inbox(raw(from.inbox));
    put(from.seat, *to.mutable_seat());
    put_signed(from, to);
}
static void take(Intake& in, const v1::WithdrawalNotice& from, WithdrawalNotice& to) {
    in.id_if_any(from.delivery(), to.delivery);
    in.name(from.inbox(), to.inbox);
    take(in, from.seat(), to.seat);
    take_signed(in, from, to);
}
template <>
struct Proto<WithdrawalNotice> : ProtoOf<v1::WithdrawalNotice, limits::frame_bytes_max> {};

MASH_WIRE_BODY(AgreementBody);
MASH_WIRE_BODY(WithdrawalBody);
MASH_WIRE_MESSAGE(RecordAgreement);
MASH_WIRE_MESSAGE(WithdrawAgreement);
MASH_WIRE_MESSAGE(WithdrawalNotice);
MASH_WIRE_MESSAGE(AgreementHeld);

}  // namespace mash::wire
