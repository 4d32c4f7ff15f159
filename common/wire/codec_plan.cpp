#include "common/wire/codec_shared.hpp"
#include "mash/v1/plan.pb.h"

namespace mash::wire {

// ---- what the sender states ----

void put(const Agreement& from, v1::Agreement& to) {
    to.set_status(same_number<v1::AgreementStatus>(from.status));
    to.set_not_sought_reason(same_number<v1::NotSoughtReason>(from.not_sought_reason));
    to.set_giver(same_number<v1::Giver>(from.giver));
    to.set_other_holder_objects(from.other_holder_objects);
    to.set_child_and_parent_differ(from.child_and_parent_differ);
    put_each(from.named_agencies, to.mutable_named_agencies());
    to.set_purpose(same_number<v1::Purpose>(from.purpose));
}
void take(Intake& in, const v1::Agreement& from, Agreement& to) {
    in.word(from.status(), to.status);
    in.word(from.not_sought_reason(), to.not_sought_reason);
    in.word(from.giver(), to.giver);
    to.other_holder_objects = from.other_holder_objects();
    to.child_and_parent_differ = from.child_and_parent_differ();
    take_names(in, from.named_agencies(), to.named_agencies, limits::named_agencies_max);
    in.word(from.purpose(), to.purpose);
}

static void put(const Unchanged& from, v1::Unchanged& to) {
    put(from.seat, *to.mutable_seat());
    put_each(from.views, to.mutable_views());
}
static void take(Intake& in, const v1::Unchanged& from, Unchanged& to) {
    take(in, from.seat(), to.seat);
    take_names(in, from.views(), to.views, limits::sections_max);
    in.ascending(to.views);
    if (to.views.empty()) in.fault(ErrorCode::missing_field);
}

void put(const RoutingFacts& from, v1::RoutingFacts& to) {
    to.set_sender(raw(from.sender));
    to.set_sender_role(raw(from.sender_role));
    to.set_type(raw(from.type));
    to.set_kind(from.kind);
    put_all(from.tokens, to.mutable_tokens());
    to.set_event(raw(from.event));
    to.set_thread(raw(from.thread));
    to.set_supersedes(raw(from.supersedes));
    to.set_occurred_at_unix_ms(unix_ms(from.occurred_at));
    to.set_level(same_number<v1::Level>(from.level));
    to.set_harm(same_number<v1::Harm>(from.harm));
    to.set_vital(from.vital);
    to.set_purpose(same_number<v1::Purpose>(from.purpose));
    to.set_rag(same_number<v1::Rag>(from.rag));
    to.set_risk_grade(from.risk_grade);
    put(from.agreement, *to.mutable_agreement());
    put_each(from.markers, to.mutable_markers());
    put_all(from.detriment, to.mutable_detriment());
    put_all(from.conflicts_stated, to.mutable_conflicts_stated());
    put_each(from.views_on_offer, to.mutable_views_on_offer());
    put_all(from.thread_seats, to.mutable_thread_seats());
    put_all(from.addressed_to, to.mutable_addressed_to());
    if (from.passed_on_from != Seat{}) put(from.passed_on_from, *to.mutable_passed_on_from());
    put_all(from.unchanged, to.mutable_unchanged());
}
void take(Intake& in, const v1::RoutingFacts& from, RoutingFacts& to) {
    in.name(from.sender(), to.sender);
    in.name(from.sender_role(), to.sender_role);
    in.name(from.type(), to.type);
    in.name_if_any(from.kind(), to.kind);
    take_all(in, from.tokens(), to.tokens, limits::tokens_max);
    in.ascending(to.tokens);
    in.id_if_any(from.event(), to.event);
    in.id_if_any(from.thread(), to.thread);
    in.id_if_any(from.supersedes(), to.supersedes);
    in.time_if_any(from.occurred_at_unix_ms(), to.occurred_at);
    in.word(from.level(), to.level);
    in.word(from.harm(), to.harm);
    to.vital = from.vital();
    in.word(from.purpose(), to.purpose);
    in.word(from.rag(), to.rag);
    in.name_if_any(from.risk_grade(), to.risk_grade);
    take(in, from.agreement(), to.agreement);
    take_names(in, from.markers(), to.markers, limits::markers_max);
    in.ascending(to.markers);
    take_all(in, from.detriment(), to.detriment, limits::seats_per_list_max);
    take_all(in, from.conflicts_stated(), to.conflicts_stated, limits::seats_per_list_max);
    take_names(in, from.views_on_offer(), to.views_on_offer, limits::sections_max);
    in.ascending(to.views_on_offer);
    take_all(in, from.thread_seats(), to.thread_seats, limits::thread_seats_max);
    in.ascending(to.thread_seats);
    take_all(in, from.addressed_to(), to.addressed_to, limits::seats_per_list_max);
    in.ascending(to.addressed_to);
    if (from.has_passed_on_from()) take(in, from.passed_on_from(), to.passed_on_from);
    take_all(in, from.unchanged(), to.unchanged, limits::unchanged_seats_max);
    in.ascending(to.unchanged, &Unchanged::seat);
}
template <>
struct Proto<RoutingFacts> : ProtoOf<v1::RoutingFacts, limits::routing_bytes_max> {};

// ---- signed facts ----

static void put(const Authorisation& from, v1::Authorisation& to) {
    to.set_id(raw(from.id));
    to.set_notification(raw(from.notification));
    to.set_sender(raw(from.sender));
    put(from.decider, *to.mutable_decider());
    to.set_person(raw(from.person));
    to.set_rule(from.rule);
    put_all(from.seats, to.mutable_seats());
    to.set_allow(from.allow);
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_reason_digest(raw_unless_zero(from.reason_digest));
}
static void take(Intake& in, const v1::Authorisation& from, Authorisation& to) {
    in.id(from.id(), to.id);
    in.id(from.notification(), to.notification);
    in.name(from.sender(), to.sender);
    take(in, from.decider(), to.decider);
    in.name(from.person(), to.person);
    in.code(from.rule(), to.rule);
    take_all(in, from.seats(), to.seats, limits::seats_per_list_max);
    to.allow = from.allow();
    in.time(from.at_unix_ms(), to.at);
    in.fixed_if_any(from.reason_digest(), to.reason_digest);
}
template <>
struct Proto<Authorisation> : ProtoOf<v1::Authorisation, limits::signed_list_bytes_max> {};

static void put(const PersonCertificate& from, v1::PersonCertificate& to) {
    to.set_person(raw(from.person));
    to.set_agency(raw(from.agency));
    put_each(from.roles, to.mutable_roles());
    to.set_verify_key(raw(from.verify_key));
    to.set_serial(from.serial);
    to.set_not_after_unix_ms(unix_ms(from.not_after));
}
static void take(Intake& in, const v1::PersonCertificate& from, PersonCertificate& to) {
    in.name(from.person(), to.person);
    in.name(from.agency(), to.agency);
    take_names(in, from.roles(), to.roles, limits::roles_per_person_max);
    in.fixed(from.verify_key(), to.verify_key);
    to.serial = from.serial();
    in.time(from.not_after_unix_ms(), to.not_after);
}
template <>
struct Proto<PersonCertificate> : ProtoOf<v1::PersonCertificate, limits::signed_body_bytes_max> {};

static void put(const InboxCertificate& from, v1::InboxCertificate& to) {
    to.set_inbox(raw(from.inbox));
    to.set_agency(raw(from.agency));
    to.set_box_public_key(raw(from.box_public_key));
    to.set_serial(from.serial);
    to.set_issued_at_unix_ms(unix_ms(from.issued_at));
    to.set_not_after_unix_ms(unix_ms(from.not_after));
}
static void take(Intake& in, const v1::InboxCertificate& from, InboxCertificate& to) {
    in.name(from.inbox(), to.inbox);
    in.name(from.agency(), to.agency);
    in.fixed(from.box_public_key(), to.box_public_key);
    to.serial = from.serial();
    in.time(from.issued_at_unix_ms(), to.issued_at);
    in.time(from.not_after_unix_ms(), to.not_after);
}
template <>
struct Proto<InboxCertificate> : ProtoOf<v1::InboxCertificate, limits::signed_body_bytes_max> {};

void put(const SignedAuthorisation& from, v1::SignedAuthorisation& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
    to.set_certificate(raw(from.certificate));
    to.set_certificate_signature(raw(from.certificate_signature));
}
void take(Intake& in, const v1::SignedAuthorisation& from, SignedAuthorisation& to) {
    in.bytes(from.body(), to.body, limits::signed_list_bytes_max);
    in.fixed(from.signature(), to.signature);
    in.bytes(from.certificate(), to.certificate, limits::signed_body_bytes_max);
    in.fixed(from.certificate_signature(), to.certificate_signature);
}

void put(const SignedInboxCertificate& from, v1::SignedInboxCertificate& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
}
void take(Intake& in, const v1::SignedInboxCertificate& from, SignedInboxCertificate& to) {
    in.bytes(from.body(), to.body, limits::signed_body_bytes_max);
    in.fixed(from.signature(), to.signature);
}

static void put(const PlanFacts& from, v1::PlanFacts& to) {
    to.set_decided_at_unix_ms(unix_ms(from.decided_at));
    to.set_policy_version(from.policy_version);
    to.set_registry_version(from.registry_version);
    put_all(from.claims, to.mutable_claims());
    put_all(from.thread_seats, to.mutable_thread_seats());
    put_all(from.authorisations, to.mutable_authorisations());
    put_all(from.certificates, to.mutable_certificates());
    to.set_floor(from.floor);
    put_all(from.identity_answers, to.mutable_identity_answers());
}
static void take(Intake& in, const v1::PlanFacts& from, PlanFacts& to) {
    in.time(from.decided_at_unix_ms(), to.decided_at);
    to.policy_version = from.policy_version();
    to.registry_version = from.registry_version();
    take_all(in, from.claims(), to.claims, limits::facts_max);
    take_all(in, from.thread_seats(), to.thread_seats, limits::thread_seats_max);
    in.ascending(to.thread_seats);
    take_all(in, from.authorisations(), to.authorisations, limits::authorisations_max);
    take_all(in, from.certificates(), to.certificates, limits::facts_max);
    to.floor = from.floor();
    take_all(in, from.identity_answers(), to.identity_answers, limits::identity_answers_max);
}
static constexpr Shape plan_facts_shape[] = {{4, limits::facts_max},
                                             {5, limits::thread_seats_max},
                                             {6, limits::authorisations_max},
                                             {7, limits::facts_max},
                                             {9, limits::identity_answers_max}};
template <>
struct Proto<PlanFacts> : ProtoOf<v1::PlanFacts, limits::plan_facts_bytes_max> {
    static constexpr std::span<const Shape> shape{plan_facts_shape};
};

// ---- what both sides compute ----

static void put(const Standby& from, v1::Standby& to) {
    to.set_inbox(raw(from.inbox));
    to.set_cause(same_number<v1::StandbyCause>(from.cause));
}
static void take(Intake& in, const v1::Standby& from, Standby& to) {
    in.name(from.inbox(), to.inbox);
    in.word(from.cause(), to.cause);
}

void put(const Clock& from, v1::Clock& to) {
    to.set_name(from.name);
    to.set_by_unix_ms(unix_ms(from.by));
}
void take(Intake& in, const v1::Clock& from, Clock& to) {
    in.name(from.name(), to.name);
    in.time(from.by_unix_ms(), to.by);
}

static void put(const Recipient& from, v1::Recipient& to) {
    put(from.seat, *to.mutable_seat());
    to.set_inbox(raw(from.inbox));
    to.set_act(from.act);
    to.set_urgency(same_number<v1::Urgency>(from.urgency));
    to.set_lane(same_number<v1::Lane>(from.lane));
    to.set_take_by_unix_ms(unix_ms(from.take_by));
    to.set_estimated(from.estimated);
    put_each(from.views, to.mutable_views());
    put_each(from.withheld, to.mutable_withheld());
    to.set_rule(from.rule);
    to.set_route(from.route);
    to.set_basis(from.basis);
    put_all(from.standbys, to.mutable_standbys());
    put_each(from.unchanged, to.mutable_unchanged());
    put_all(from.clocks, to.mutable_clocks());
}
static void take(Intake& in, const v1::Recipient& from, Recipient& to) {
    take(in, from.seat(), to.seat);
    in.name(from.inbox(), to.inbox);
    to.act = from.act();
    in.word(from.urgency(), to.urgency);
    in.word(from.lane(), to.lane);
    in.time_if_any(from.take_by_unix_ms(), to.take_by);
    to.estimated = from.estimated();
    take_names(in, from.views(), to.views, limits::sections_max);
    in.ascending(to.views);
    take_names(in, from.withheld(), to.withheld, limits::sections_max);
    in.ascending(to.withheld);
    in.code(from.rule(), to.rule);
    in.code(from.route(), to.route);
    in.code(from.basis(), to.basis);
    take_all(in, from.standbys(), to.standbys, limits::standbys_max);
    in.ascending(to.standbys);
    take_names(in, from.unchanged(), to.unchanged, limits::sections_max);
    in.ascending(to.unchanged);
    if (!std::ranges::includes(to.views, to.unchanged)) in.fault(ErrorCode::bad_value);
    take_all(in, from.clocks(), to.clocks, limits::clocks_max);
    in.ascending(to.clocks, &Clock::name);
}

static void put(const HeldRecipient& from, v1::HeldRecipient& to) {
    put(from.seat, *to.mutable_seat());
    put(from.decider, *to.mutable_decider());
    to.set_rule(from.rule);
    to.set_decide_by_unix_ms(unix_ms(from.decide_by));
}
static void take(Intake& in, const v1::HeldRecipient& from, HeldRecipient& to) {
    take(in, from.seat(), to.seat);
    take(in, from.decider(), to.decider);
    in.code(from.rule(), to.rule);
    in.time_if_any(from.decide_by_unix_ms(), to.decide_by);
}

static void put(const RefusedRecipient& from, v1::RefusedRecipient& to) {
    put(from.seat, *to.mutable_seat());
    to.set_rule(from.rule);
    to.set_code(from.code);
}
static void take(Intake& in, const v1::RefusedRecipient& from, RefusedRecipient& to) {
    take(in, from.seat(), to.seat);
    in.code(from.rule(), to.rule);
    in.code(from.code(), to.code);
}

static void put(const NotConnected& from, v1::NotConnected& to) {
    to.set_role(raw(from.role));
    to.set_telephone(from.telephone);
    to.set_tell_by_unix_ms(unix_ms(from.tell_by));
}
static void take(Intake& in, const v1::NotConnected& from, NotConnected& to) {
    in.name(from.role(), to.role);
    in.line(from.telephone(), to.telephone, limits::line_bytes_max);
    in.time_if_any(from.tell_by_unix_ms(), to.tell_by);
}

static void put(const Decision& from, v1::Decision& to) {
    to.set_rule(from.rule);
    to.set_refusal(from.refusal);
    put_each(from.offers, to.mutable_offers());
    put_each(from.warnings, to.mutable_warnings());
    put_all(from.recipients, to.mutable_recipients());
    put_all(from.held, to.mutable_held());
    put_all(from.refused, to.mutable_refused());
    put_all(from.not_connected, to.mutable_not_connected());
    to.set_incomplete(from.incomplete);
    to.set_floor(from.floor);
}
static void take(Intake& in, const v1::Decision& from, Decision& to) {
    in.code(from.rule(), to.rule);
    in.code(from.refusal(), to.refusal);
    take_names(in, from.offers(), to.offers, limits::decision_codes_max);
    take_names(in, from.warnings(), to.warnings, limits::decision_codes_max);
    take_all(in, from.recipients(), to.recipients, limits::parcels_max);
    in.ascending(to.recipients, &Recipient::seat);
    take_all(in, from.held(), to.held, limits::seats_per_list_max);
    take_all(in, from.refused(), to.refused, limits::seats_per_list_max);
    take_all(in, from.not_connected(), to.not_connected, limits::seats_per_list_max);
    to.incomplete = from.incomplete();
    to.floor = from.floor();
}
static constexpr Shape recipient_shape[] = {{8, limits::sections_max},
                                            {9, limits::sections_max},
                                            {13, limits::standbys_max},
                                            {14, limits::sections_max},
                                            {15, limits::clocks_max}};
static constexpr Shape decision_shape[] = {
    {3, limits::decision_codes_max},           {4, limits::decision_codes_max},
    {5, limits::parcels_max, recipient_shape}, {6, limits::seats_per_list_max},
    {7, limits::seats_per_list_max},           {8, limits::seats_per_list_max}};
template <>
struct Proto<Decision> : ProtoOf<v1::Decision, limits::decision_bytes_max> {
    static constexpr std::span<const Shape> shape{decision_shape};
};

// ---- asking ----

/// Bodies travel as bytes, so that what is compared and what is signed is refused when it holds a
/// field this program does not know, also inside a frame that may grow.
template <class Body>
static void take_body(Intake& in, const std::string& from, Body& to) {
    if (!in.ok()) return;
    if (from.empty()) return in.fault(ErrorCode::missing_field);
    auto body = decode_body<Body>(view_of(from));
    if (!body) return in.fault(body.error());
    to = std::move(*body);
}

static void put(const RequestPlan& from, v1::RequestPlan& to) {
    to.set_notification(raw(from.notification));
    to.set_facts(raw(encode_body(from.facts)));
    put_all(from.authorisations, to.mutable_authorisations());
    to.set_asked_at_unix_ms(unix_ms(from.asked_at));
    to.set_person(raw(from.person));
    to.set_reason(from.reason);
    to.set_floor(from.floor);
}
static void take(Intake& in, const v1::RequestPlan& from, RequestPlan& to) {
    in.id(from.notification(), to.notification);
    take_body(in, from.facts(), to.facts);
    take_all(in, from.authorisations(), to.authorisations, limits::authorisations_max);
    in.time(from.asked_at_unix_ms(), to.asked_at);
    in.name(from.person(), to.person);
    in.name(from.reason(), to.reason);
    to.floor = from.floor();
}
static constexpr Shape request_plan_shape[] = {{3, limits::authorisations_max}};
template <>
struct Proto<RequestPlan> : ProtoOf<v1::RequestPlan, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{request_plan_shape};
};

static void put(const DisclosurePlan& from, v1::DisclosurePlan& to) {
    to.set_id(raw(from.id));
    to.set_notification(raw(from.notification));
    to.set_facts(raw(encode_body(from.facts)));
    to.set_decision(raw(encode_body(from.decision)));
    to.set_expires_at_unix_ms(unix_ms(from.expires_at));
}
static void take(Intake& in, const v1::DisclosurePlan& from, DisclosurePlan& to) {
    in.id(from.id(), to.id);
    in.id(from.notification(), to.notification);
    take_body(in, from.facts(), to.facts);
    // An empty decision encodes to nothing at all.
    if (!from.decision().empty()) take_body(in, from.decision(), to.decision);
    in.time(from.expires_at_unix_ms(), to.expires_at);
}
template <>
struct Proto<DisclosurePlan> : ProtoOf<v1::DisclosurePlan, limits::frame_bytes_max> {};

MASH_WIRE_BODY(RoutingFacts);
MASH_WIRE_BODY(Authorisation);
MASH_WIRE_BODY(PersonCertificate);
MASH_WIRE_BODY(InboxCertificate);
MASH_WIRE_BODY(PlanFacts);
MASH_WIRE_BODY(Decision);
MASH_WIRE_MESSAGE(RequestPlan);
MASH_WIRE_MESSAGE(DisclosurePlan);

}  // namespace mash::wire
