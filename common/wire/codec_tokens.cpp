#include "common/wire/codec_shared.hpp"
#include "common/wire/tokens.hpp"
#include "mash/v1/involvement.pb.h"

namespace mash::wire {
namespace {

template <class List>
void take_elements(Intake& in, const List& from, std::vector<crypto::OprfElement>& to) {
    if (!in.count(from.size(), limits::token_evaluations_per_frame_max)) return;
    if (from.size() == 0) in.fault(ErrorCode::missing_field);
    to.resize(static_cast<std::size_t>(from.size()));
    for (int i = 0; i < from.size(); ++i) in.fixed(from.Get(i), to[static_cast<std::size_t>(i)]);
}

void take_epoch(Intake& in, std::uint32_t from, std::uint16_t& to) {
    in.u16(from, to);
    if (to == 0) in.fault(ErrorCode::bad_value);
}

}  // namespace

static void put(const EvaluateTokens& from, v1::EvaluateTokens& to) {
    to.set_agency(raw(from.agency));
    to.set_person(raw(from.person));
    to.set_reason(from.reason);
    to.set_key_epoch(from.key_epoch);
    put_each(from.blinded, to.mutable_blinded());
}
static void take(Intake& in, const v1::EvaluateTokens& from, EvaluateTokens& to) {
    in.name(from.agency(), to.agency);
    in.name(from.person(), to.person);
    in.name(from.reason(), to.reason);
    take_epoch(in, from.key_epoch(), to.key_epoch);
    take_elements(in, from.blinded(), to.blinded);
}
static constexpr Shape evaluate_tokens_shape[] = {{5, limits::token_evaluations_per_frame_max}};
template <>
struct Proto<EvaluateTokens> : ProtoOf<v1::EvaluateTokens, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{evaluate_tokens_shape};
};

static void put(const EvaluatedTokens& from, v1::EvaluatedTokens& to) {
    to.set_key_epoch(from.key_epoch);
    put_each(from.evaluated, to.mutable_evaluated());
    to.set_proof(raw(from.proof));
}
static void take(Intake& in, const v1::EvaluatedTokens& from, EvaluatedTokens& to) {
    take_epoch(in, from.key_epoch(), to.key_epoch);
    take_elements(in, from.evaluated(), to.evaluated);
    in.fixed(from.proof(), to.proof);
}
static constexpr Shape evaluated_tokens_shape[] = {{2, limits::token_evaluations_per_frame_max}};
template <>
struct Proto<EvaluatedTokens> : ProtoOf<v1::EvaluatedTokens, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{evaluated_tokens_shape};
};

MASH_WIRE_MESSAGE(EvaluateTokens);
MASH_WIRE_MESSAGE(EvaluatedTokens);

}  // namespace mash::wire
