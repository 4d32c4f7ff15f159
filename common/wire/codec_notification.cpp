#include <algorithm>
#include <set>

#include "common/wire/codec_shared.hpp"
#include "mash/v1/notification.pb.h"

namespace mash::wire {

static void put(const Routing& from, v1::Routing& to) {
    to.set_id(raw(from.id));
    to.set_plan(raw(from.plan));
    put(from.facts, *to.mutable_facts());
    to.set_sealed_at_unix_ms(unix_ms(from.sealed_at));
}
static void take(Intake& in, const v1::Routing& from, Routing& to) {
    in.id(from.id(), to.id);
    in.id(from.plan(), to.plan);
    take(in, from.facts(), to.facts);
    in.time(from.sealed_at_unix_ms(), to.sealed_at);
}
template <>
struct Proto<Routing> : ProtoOf<v1::Routing, limits::routing_bytes_max> {};

void put(const SealedView& from, v1::SealedView& to) {
    to.set_view(raw(from.view));
    to.set_nonce(raw(from.nonce));
    to.set_commitment(raw(from.commitment));
    to.set_ciphertext(raw(from.ciphertext));
}
void take(Intake& in, const v1::SealedView& from, SealedView& to) {
    in.name(from.view(), to.view);
    in.fixed(from.nonce(), to.nonce);
    in.fixed(from.commitment(), to.commitment);
    in.bytes(from.ciphertext(), to.ciphertext, limits::sealed_view_bytes_max);
}

static void put(const ViewDigest& from, v1::ViewDigest& to) {
    to.set_view(raw(from.view));
    to.set_digest(raw(from.digest));
}
static void take(Intake& in, const v1::ViewDigest& from, ViewDigest& to) {
    in.name(from.view(), to.view);
    in.fixed(from.digest(), to.digest);
}

void put(const Parcel& from, v1::Parcel& to) {
    to.set_recipient(raw(from.recipient));
    to.set_lane(same_number<v1::Lane>(from.lane));
    put_all(from.views, to.mutable_views());
    to.set_grant(raw(from.grant));
    to.set_signature(raw(from.signature));
}
void take(Intake& in, const v1::Parcel& from, Parcel& to) {
    in.name(from.recipient(), to.recipient);
    in.word(from.lane(), to.lane);
    // May be empty: a recipient may be told only that something is withheld, which the cover says.
    take_all(in, from.views(), to.views, limits::sections_max);
    in.ascending(to.views, &ViewDigest::view);
    in.bytes(from.grant(), to.grant, limits::grant_bytes_max);
    in.fixed(from.signature(), to.signature);
}

static void put(const SealedNotification& from, v1::SealedNotification& to) {
    to.set_routing(raw(from.routing));
    put_all(from.views, to.mutable_views());
    put_all(from.parcels, to.mutable_parcels());
    to.set_signature(raw(from.signature));
}
/// A view that no parcel names would be stored for nobody; a parcel that names an absent view could
/// never be opened.
static void check_names_match(Intake& in, const SealedNotification& notification) {
    std::set<ViewId> named;
    for (const auto& parcel : notification.parcels) {
        for (const auto& view : parcel.views) named.insert(view.view);
    }
    std::set<ViewId> present;
    for (const auto& view : notification.views) present.insert(view.view);
    if (named != present) in.fault(ErrorCode::bad_value);
}
static void take(Intake& in, const v1::SealedNotification& from, SealedNotification& to) {
    in.bytes(from.routing(), to.routing, limits::routing_bytes_max);
    take_all(in, from.views(), to.views, limits::sections_max);
    in.ascending(to.views, &SealedView::view);
    take_all(in, from.parcels(), to.parcels, limits::parcels_max);
    in.ascending(to.parcels, &Parcel::recipient);
    in.fixed(from.signature(), to.signature);
    if (in.ok()) check_names_match(in, to);
}
static constexpr Shape parcel_shape[] = {{3, limits::sections_max}};
static constexpr Shape sealed_notification_shape[] = {{2, limits::sections_max},
                                                      {3, limits::parcels_max, parcel_shape}};
template <>
struct Proto<SealedNotification> : ProtoOf<v1::SealedNotification, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{sealed_notification_shape};
};

static void put(const Publish& from, v1::Publish& to) {
    put(from.notification, *to.mutable_notification());
}
static void take(Intake& in, const v1::Publish& from, Publish& to) {
    take(in, from.notification(), to.notification);
}
static constexpr Shape publish_shape[] = {{1, 1, sealed_notification_shape}};
template <>
struct Proto<Publish> : ProtoOf<v1::Publish, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{publish_shape};
};

static void put(const Supplement& from, v1::Supplement& to) {
    put(from.added, *to.mutable_added());
}
static void take(Intake& in, const v1::Supplement& from, Supplement& to) {
    take(in, from.added(), to.added);
}
template <>
struct Proto<Supplement> : ProtoOf<v1::Supplement, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{publish_shape};
};

static void put(const SentBefore& from, v1::SentBefore& to) {
    to.set_view(raw(from.view));
    to.set_in(raw(from.in));
}
static void take(Intake& in, const v1::SentBefore& from, SentBefore& to) {
    in.name(from.view(), to.view);
    in.id(from.in(), to.in);
}

static void put(const Cover& from, v1::Cover& to) {
    to.set_id(raw(from.id));
    to.set_sender(raw(from.sender));
    to.set_recipient(raw(from.recipient));
    to.set_type(raw(from.type));
    to.set_kind(from.kind);
    to.set_thread(raw(from.thread));
    to.set_supersedes(raw(from.supersedes));
    to.set_occurred_at_unix_ms(unix_ms(from.occurred_at));
    to.set_basis(from.basis);
    to.set_rule(from.rule);
    to.set_policy_version(from.policy_version);
    put_each(from.withheld, to.mutable_withheld());
    to.set_ask(from.ask);
    if (from.passed_on_from != Seat{}) put(from.passed_on_from, *to.mutable_passed_on_from());
    to.set_said(raw(from.said));
    put_all(from.unchanged, to.mutable_unchanged());
    to.set_event(raw(from.event));
    to.set_family(raw(from.family));
    to.set_same_event_as(raw(from.same_event_as));
    put_each(from.marks, to.mutable_marks());
    put_all(from.clocks, to.mutable_clocks());
}
static void take(Intake& in, const v1::Cover& from, Cover& to) {
    in.id(from.id(), to.id);
    in.name(from.sender(), to.sender);
    in.name(from.recipient(), to.recipient);
    in.name(from.type(), to.type);
    in.name_if_any(from.kind(), to.kind);
    in.id_if_any(from.thread(), to.thread);
    in.id_if_any(from.supersedes(), to.supersedes);
    in.time_if_any(from.occurred_at_unix_ms(), to.occurred_at);
    in.code(from.basis(), to.basis);
    in.code(from.rule(), to.rule);
    to.policy_version = from.policy_version();
    take_names(in, from.withheld(), to.withheld, limits::sections_max);
    in.line(from.ask(), to.ask, limits::line_bytes_max);
    if (from.has_passed_on_from()) take(in, from.passed_on_from(), to.passed_on_from);
    in.bytes_if_any(from.said(), to.said, limits::routing_bytes_max);
    take_all(in, from.unchanged(), to.unchanged, limits::sections_max);
    in.ascending(to.unchanged, &SentBefore::view);
    in.id_if_any(from.event(), to.event);
    in.bytes_if_any(from.family(), to.family, limits::family_bytes);
    in.id_if_any(from.same_event_as(), to.same_event_as);
    take_names(in, from.marks(), to.marks, limits::cover_marks_max);
    in.ascending(to.marks);
    take_all(in, from.clocks(), to.clocks, limits::clocks_max);
    in.ascending(to.clocks, &Clock::name);
}

static void put(const LinkedPerson& from, v1::LinkedPerson& to) {
    to.set_relation(same_number<v1::LinkedRelation>(from.relation));
    put_all(from.tokens, to.mutable_tokens());
}
static void take_tokens(Intake& in, const google::protobuf::RepeatedPtrField<v1::Token>& from,
                        std::vector<Token>& to) {
    take_all(in, from, to, limits::family_tokens_each_max);
    in.ascending(to);
    if (!std::ranges::all_of(to, [](const Token& token) { return finds_people(token.kind); }))
        in.fault(ErrorCode::bad_value);
}
static void take(Intake& in, const v1::LinkedPerson& from, LinkedPerson& to) {
    in.word(from.relation(), to.relation);
    if (from.tokens().empty()) in.fault(ErrorCode::missing_field);
    take_tokens(in, from.tokens(), to.tokens);
}

static void put(const Family& from, v1::Family& to) {
    put_all(from.child, to.mutable_child());
    put_all(from.people, to.mutable_people());
}
static void take(Intake& in, const v1::Family& from, Family& to) {
    take_tokens(in, from.child(), to.child);
    take_all(in, from.people(), to.people, limits::linked_people_max);
    in.ascending(to.people);
    std::size_t tokens = 0;
    for (const auto& person : to.people) tokens += person.tokens.size();
    if (tokens > limits::linked_tokens_max) in.fault(ErrorCode::too_many);
}
template <>
struct Proto<Family> : ProtoOf<v1::Family, limits::family_bytes> {};

static void put(const ViewKey& from, v1::ViewKey& to) {
    to.set_view(raw(from.view));
    to.set_key(raw(from.key));
}
static void take(Intake& in, const v1::ViewKey& from, ViewKey& to) {
    in.name(from.view(), to.view);
    in.fixed(from.key(), to.key);
}

static void put(const Grant& from, v1::Grant& to) {
    put(from.cover, *to.mutable_cover());
    put_all(from.keys, to.mutable_keys());
}
static void take(Intake& in, const v1::Grant& from, Grant& to) {
    take(in, from.cover(), to.cover);
    take_all(in, from.keys(), to.keys, limits::sections_max);
    in.ascending(to.keys, &ViewKey::view);
}
template <>
struct Proto<Grant> : ProtoOf<v1::Grant, limits::grant_bytes_max> {};

static void put(const AcceptedBody& from, v1::AcceptedBody& to) {
    to.set_id(raw(from.id));
    to.set_sender(raw(from.sender));
    to.set_digest(raw(from.digest));
    to.set_accepted_at_unix_ms(unix_ms(from.accepted_at));
    to.set_ledger_index(from.ledger_index);
    to.set_ledger_root(raw_unless_zero(from.ledger_root));
}
static void take(Intake& in, const v1::AcceptedBody& from, AcceptedBody& to) {
    in.id(from.id(), to.id);
    in.name(from.sender(), to.sender);
    in.fixed(from.digest(), to.digest);
    in.time(from.accepted_at_unix_ms(), to.accepted_at);
    to.ledger_index = from.ledger_index();
    in.fixed_if_any(from.ledger_root(), to.ledger_root);
}
template <>
struct Proto<AcceptedBody> : ProtoOf<v1::AcceptedBody, limits::signed_body_bytes_max> {};

static void put(const Accepted& from, v1::Accepted& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
}
static void take(Intake& in, const v1::Accepted& from, Accepted& to) {
    in.bytes(from.body(), to.body, limits::signed_body_bytes_max);
    in.fixed(from.signature(), to.signature);
}
template <>
struct Proto<Accepted> : ProtoOf<v1::Accepted, limits::frame_bytes_max> {};

MASH_WIRE_BODY(Routing);
MASH_WIRE_BODY(SealedNotification);
MASH_WIRE_BODY(Grant);
MASH_WIRE_BODY(Family);
MASH_WIRE_BODY(AcceptedBody);
MASH_WIRE_MESSAGE(Publish);
MASH_WIRE_MESSAGE(Supplement);
MASH_WIRE_MESSAGE(Accepted);

}  // namespace mash::wire
