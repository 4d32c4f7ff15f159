#include "common/wire/codec_shared.hpp"
#include "mash/v1/involvement.pb.h"

namespace mash::wire {

void put(const Seat& from, v1::Seat& to) {
    to.set_agency(raw(from.agency));
    to.set_role(raw(from.role));
}
void take(Intake& in, const v1::Seat& from, Seat& to) {
    in.name(from.agency(), to.agency);
    in.name(from.role(), to.role);
}

void put(const Token& from, v1::Token& to) {
    to.set_kind(same_number<v1::TokenKind>(from.kind));
    to.set_epoch(from.epoch);
    to.set_value(raw(from.value));
}
void take(Intake& in, const v1::Token& from, Token& to) {
    in.word(from.kind(), to.kind);
    in.u16(from.epoch(), to.epoch);
    if (to.epoch == 0) in.fault(ErrorCode::bad_value);
    in.fixed(from.value(), to.value);
}

static void put(const InvolvementClaim& from, v1::InvolvementClaim& to) {
    to.set_id(raw(from.id));
    to.set_agency(raw(from.agency));
    put(from.seat, *to.mutable_seat());
    to.set_relation(from.relation);
    put_all(from.tokens, to.mutable_tokens());
    to.set_serial(from.serial);
    to.set_starts_unix_ms(unix_ms(from.starts));
    to.set_lease_until_unix_ms(unix_ms(from.lease_until));
}
static void take(Intake& in, const v1::InvolvementClaim& from, InvolvementClaim& to) {
    in.id(from.id(), to.id);
    in.name(from.agency(), to.agency);
    take(in, from.seat(), to.seat);
    in.name(from.relation(), to.relation);
    take_all(in, from.tokens(), to.tokens, limits::tokens_per_claim_max);
    if (to.tokens.empty()) in.fault(ErrorCode::missing_field);  // it would be about nobody
    in.ascending(to.tokens);
    to.serial = from.serial();
    in.time(from.starts_unix_ms(), to.starts);
    in.time(from.lease_until_unix_ms(), to.lease_until);
}
template <>
struct Proto<InvolvementClaim> : ProtoOf<v1::InvolvementClaim, limits::signed_body_bytes_max> {};

void put(const SignedClaim& from, v1::SignedClaim& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
}
void take(Intake& in, const v1::SignedClaim& from, SignedClaim& to) {
    in.bytes(from.body(), to.body, limits::signed_body_bytes_max);
    in.fixed(from.signature(), to.signature);
}

static void put(const ClaimInvolvement& from, v1::ClaimInvolvement& to) {
    put_all(from.claims, to.mutable_claims());
}
static void take(Intake& in, const v1::ClaimInvolvement& from, ClaimInvolvement& to) {
    take_all(in, from.claims(), to.claims, limits::claims_per_frame_max);
    if (to.claims.empty()) in.fault(ErrorCode::missing_field);
}
static constexpr Shape claim_involvement_shape[] = {{1, limits::claims_per_frame_max}};
template <>
struct Proto<ClaimInvolvement> : ProtoOf<v1::ClaimInvolvement, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{claim_involvement_shape};
};

static void put(const EndInvolvement& from, v1::EndInvolvement& to) {
    to.set_agency(raw(from.agency));
    put_each(from.claims, to.mutable_claims());
    to.set_serial(from.serial);
    to.set_signature(raw(from.signature));
}
static void take(Intake& in, const v1::EndInvolvement& from, EndInvolvement& to) {
    in.name(from.agency(), to.agency);
    take_ids(in, from.claims(), to.claims, limits::claims_per_frame_max);
    if (to.claims.empty()) in.fault(ErrorCode::missing_field);
    to.serial = from.serial();
    in.fixed(from.signature(), to.signature);
}
static constexpr Shape end_involvement_shape[] = {{2, limits::claims_per_frame_max}};
template <>
struct Proto<EndInvolvement> : ProtoOf<v1::EndInvolvement, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{end_involvement_shape};
};

static void put(const ReplaceRoll& from, v1::ReplaceRoll& to) {
    to.set_agency(raw(from.agency));
    put(from.seat, *to.mutable_seat());
    to.set_relation(from.relation);
    to.set_serial(from.serial);
    to.set_part(from.part);
    to.set_parts(from.parts);
    put_all(from.claims, to.mutable_claims());
}
static void take(Intake& in, const v1::ReplaceRoll& from, ReplaceRoll& to) {
    in.name(from.agency(), to.agency);
    take(in, from.seat(), to.seat);
    in.name(from.relation(), to.relation);
    to.serial = from.serial();
    to.part = from.part();
    to.parts = from.parts();
    if (to.parts == 0 || to.part >= to.parts) in.fault(ErrorCode::bad_value);
    if (to.parts > limits::roll_claims_max) in.fault(ErrorCode::too_many);
    // A part may be empty: a roll that names nobody ends them all.
    take_all(in, from.claims(), to.claims, limits::claims_per_frame_max);
}
static constexpr Shape replace_roll_shape[] = {{7, limits::claims_per_frame_max}};
template <>
struct Proto<ReplaceRoll> : ProtoOf<v1::ReplaceRoll, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{replace_roll_shape};
};

static void put(const ClaimsAccepted& from, v1::ClaimsAccepted& to) {
    to.set_serial(from.serial);
    to.set_part(from.part);
    to.set_held(from.held);
    to.set_ended(from.ended);
    put_all(from.severed, to.mutable_severed());
    put_all(from.severing, to.mutable_severing());
}
static void take(Intake& in, const v1::ClaimsAccepted& from, ClaimsAccepted& to) {
    to = {from.serial(), from.part(), from.held(), from.ended(), {}, {}};
    take_all(in, from.severed(), to.severed, limits::severed_tokens_max);
    in.ascending(to.severed);
    take_all(in, from.severing(), to.severing, limits::severing_claims_max);
}
static constexpr Shape claims_accepted_shape[] = {{5, limits::severed_tokens_max},
                                                  {6, limits::severing_claims_max}};
template <>
struct Proto<ClaimsAccepted> : ProtoOf<v1::ClaimsAccepted, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{claims_accepted_shape};
};

static void put(const InvolvementQuestion& from, v1::InvolvementQuestion& to) {
    to.set_id(raw(from.id));
    put(from.asked, *to.mutable_asked());
    to.set_relation(from.relation);
    put_all(from.tokens, to.mutable_tokens());
}
static void take(Intake& in, const v1::InvolvementQuestion& from, InvolvementQuestion& to) {
    in.id(from.id(), to.id);
    take(in, from.asked(), to.asked);
    in.name(from.relation(), to.relation);
    take_all(in, from.tokens(), to.tokens, limits::tokens_max);
    if (to.tokens.empty()) in.fault(ErrorCode::missing_field);  // it would be about nobody
    in.ascending(to.tokens);
}
static constexpr Shape involvement_question_shape[] = {{4, limits::tokens_max}};
template <>
struct Proto<InvolvementQuestion> : ProtoOf<v1::InvolvementQuestion, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{involvement_question_shape};
};

static void put(const InvolvementAnswer& from, v1::InvolvementAnswer& to) {
    to.set_question(raw(from.question));
    put(from.asked, *to.mutable_asked());
    to.set_relation(from.relation);
    if (from.claim) put(*from.claim, *to.mutable_claim());
    if (!from.notification.is_zero()) to.set_notification(raw(from.notification));
}
static void take(Intake& in, const v1::InvolvementAnswer& from, InvolvementAnswer& to) {
    in.id(from.question(), to.question);
    take(in, from.asked(), to.asked);
    in.name(from.relation(), to.relation);
    if (from.has_claim()) take(in, from.claim(), to.claim.emplace());
    in.id_if_any(from.notification(), to.notification);
}
template <>
struct Proto<InvolvementAnswer> : ProtoOf<v1::InvolvementAnswer, limits::frame_bytes_max> {};

MASH_WIRE_BODY(InvolvementClaim);
MASH_WIRE_MESSAGE(ClaimInvolvement);
MASH_WIRE_MESSAGE(EndInvolvement);
MASH_WIRE_MESSAGE(ReplaceRoll);
MASH_WIRE_MESSAGE(ClaimsAccepted);
MASH_WIRE_MESSAGE(InvolvementQuestion);
MASH_WIRE_MESSAGE(InvolvementAnswer);

}  // namespace mash::wire
