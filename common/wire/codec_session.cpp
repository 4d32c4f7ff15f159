#include "common/wire/codec_shared.hpp"
#include "mash/v1/session.pb.h"

namespace mash::wire {

static void put(const Hello& from, v1::Hello& to) {
    to.set_version_min(from.version_min);
    to.set_version_max(from.version_max);
    to.set_agent_time_unix_ms(unix_ms(from.agent_time));
    to.set_agent_epoch(raw_unless_zero(from.agent_epoch));
    to.set_receipts_sent(from.receipts_sent);
    to.set_registry_version(from.registry_version);
    to.set_policy_version(from.policy_version);
    to.set_checkpoint(raw(from.checkpoint));
    to.set_store_start(raw_unless_zero(from.store_start));
    to.set_commit_serial(from.commit_serial);
}
static void take(Intake& in, const v1::Hello& from, Hello& to) {
    in.u16(from.version_min(), to.version_min);
    in.u16(from.version_max(), to.version_max);
    if (to.version_min == 0 || to.version_min > to.version_max) in.fault(ErrorCode::bad_value);
    in.time(from.agent_time_unix_ms(), to.agent_time);
    in.fixed_if_any(from.agent_epoch(), to.agent_epoch);
    to.receipts_sent = from.receipts_sent();
    to.registry_version = from.registry_version();
    to.policy_version = from.policy_version();
    in.bytes_if_any(from.checkpoint(), to.checkpoint, limits::checkpoint_bytes_max);
    in.fixed_if_any(from.store_start(), to.store_start);
    to.commit_serial = from.commit_serial();
}
template <>
struct Proto<Hello> : ProtoOf<v1::Hello, limits::frame_bytes_max> {};

static void put(const Welcome& from, v1::Welcome& to) {
    to.set_version(from.version);
    to.set_area(raw(from.area));
    to.set_host(raw(from.host));
    to.set_broker_time_unix_ms(unix_ms(from.broker_time));
    to.set_store_epoch(raw_unless_zero(from.store_epoch));
    to.set_commit_serial(from.commit_serial);
    to.set_registry_version(from.registry_version);
    to.set_policy_version(from.policy_version);
    to.set_freshness_version(from.freshness_version);
    to.set_checkpoint(raw(from.checkpoint));
    to.set_store_start(raw_unless_zero(from.store_start));
    to.set_put_back(from.put_back);
}
static void take(Intake& in, const v1::Welcome& from, Welcome& to) {
    in.u16(from.version(), to.version);
    if (to.version == 0) in.fault(ErrorCode::bad_value);
    in.name(from.area(), to.area);
    in.name(from.host(), to.host);
    in.time(from.broker_time_unix_ms(), to.broker_time);
    in.fixed_if_any(from.store_epoch(), to.store_epoch);
    to.commit_serial = from.commit_serial();
    to.registry_version = from.registry_version();
    to.policy_version = from.policy_version();
    to.freshness_version = from.freshness_version();
    in.bytes_if_any(from.checkpoint(), to.checkpoint, limits::checkpoint_bytes_max);
    in.fixed_if_any(from.store_start(), to.store_start);
    to.put_back = from.put_back();
}
template <>
struct Proto<Welcome> : ProtoOf<v1::Welcome, limits::frame_bytes_max> {};

static void put(const DocumentSignature& from, v1::DocumentSignature& to) {
    to.set_key(raw(from.key));
    to.set_signature(raw(from.signature));
}
static void take(Intake& in, const v1::DocumentSignature& from, DocumentSignature& to) {
    in.fixed(from.key(), to.key);
    in.fixed(from.signature(), to.signature);
}

static void put(const SignedDocument& from, v1::SignedDocument& to) {
    to.set_kind(same_number<v1::DocumentKind>(from.kind));
    to.set_area(raw(from.area));
    to.set_version(from.version);
    to.set_body(raw(from.body));
    put_all(from.signatures, to.mutable_signatures());
}
static void take(Intake& in, const v1::SignedDocument& from, SignedDocument& to) {
    in.word(from.kind(), to.kind);
    in.name(from.area(), to.area);
    to.version = from.version();
    if (to.version > limits::document_version_max) in.fault(ErrorCode::bad_value);
    in.bytes(from.body(), to.body, limits::signed_document_bytes_max);
    take_all(in, from.signatures(), to.signatures, limits::document_signatures_max);
}
static constexpr Shape signed_document_shape[] = {{5, limits::document_signatures_max}};
template <>
struct Proto<SignedDocument>
    : ProtoOf<v1::SignedDocument, limits::signed_document_bytes_max + 4 * limits::kibibyte> {
    static constexpr std::span<const Shape> shape{signed_document_shape};
};

static void put(const FetchSigned& from, v1::FetchSigned& to) {
    for (auto kind : from.kinds) to.add_kinds(same_number<v1::DocumentKind>(kind));
}
static void take(Intake& in, const v1::FetchSigned& from, FetchSigned& to) {
    if (!in.count(from.kinds_size(), limits::documents_per_frame_max)) return;
    if (from.kinds_size() == 0) in.fault(ErrorCode::missing_field);
    to.kinds.resize(static_cast<std::size_t>(from.kinds_size()));
    for (int i = 0; i < from.kinds_size(); ++i) {
        in.word(from.kinds(i), to.kinds[static_cast<std::size_t>(i)]);
    }
}
template <>
struct Proto<FetchSigned> : ProtoOf<v1::FetchSigned, limits::frame_bytes_max> {};

static void put(const SignedDocuments& from, v1::SignedDocuments& to) {
    put_all(from.documents, to.mutable_documents());
}
static void take(Intake& in, const v1::SignedDocuments& from, SignedDocuments& to) {
    take_all(in, from.documents(), to.documents, limits::documents_per_frame_max);
}
static constexpr Shape signed_documents_shape[] = {
    {1, limits::documents_per_frame_max, signed_document_shape}};
template <>
struct Proto<SignedDocuments> : ProtoOf<v1::SignedDocuments, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{signed_documents_shape};
};

static void put(const DocumentsChanged& from, v1::DocumentsChanged& to) {
    to.set_registry_version(from.registry_version);
    to.set_policy_version(from.policy_version);
    to.set_freshness_version(from.freshness_version);
}
static void take(Intake&, const v1::DocumentsChanged& from, DocumentsChanged& to) {
    to = {from.registry_version(), from.policy_version(), from.freshness_version()};
}
template <>
struct Proto<DocumentsChanged> : ProtoOf<v1::DocumentsChanged, limits::frame_bytes_max> {};

static void put(const PublishInboxKey& from, v1::PublishInboxKey& to) {
    put(from.certificate, *to.mutable_certificate());
    put_each(from.members, to.mutable_members());
}
static void take(Intake& in, const v1::PublishInboxKey& from, PublishInboxKey& to) {
    take(in, from.certificate(), to.certificate);
    take_names(in, from.members(), to.members, limits::members_per_inbox_max);
}
static constexpr Shape publish_inbox_key_shape[] = {{2, limits::members_per_inbox_max}};
template <>
struct Proto<PublishInboxKey> : ProtoOf<v1::PublishInboxKey, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{publish_inbox_key_shape};
};

static void put(const Done&, v1::Done&) {}
static void take(Intake&, const v1::Done&, Done&) {}
template <>
struct Proto<Done> : ProtoOf<v1::Done, limits::frame_bytes_max> {};

static void put(const ErrorFrame& from, v1::ErrorFrame& to) {
    to.set_code(same_number<v1::ErrorCode>(from.code));
    to.set_retry_after_ms(from.retry_after_ms);
    to.set_notification(raw(from.notification));
    to.set_detail(from.detail);
}
static void take(Intake& in, const v1::ErrorFrame& from, ErrorFrame& to) {
    in.word(from.code(), to.code);
    to.retry_after_ms = from.retry_after_ms();
    in.id_if_any(from.notification(), to.notification);
    in.name_if_any(from.detail(), to.detail);
}
template <>
struct Proto<ErrorFrame> : ProtoOf<v1::ErrorFrame, limits::frame_bytes_max> {};

MASH_WIRE_BODY(SignedDocument);
MASH_WIRE_MESSAGE(Hello);
MASH_WIRE_MESSAGE(Welcome);
MASH_WIRE_MESSAGE(FetchSigned);
MASH_WIRE_MESSAGE(SignedDocuments);
MASH_WIRE_MESSAGE(DocumentsChanged);
MASH_WIRE_MESSAGE(PublishInboxKey);
MASH_WIRE_MESSAGE(Done);
MASH_WIRE_MESSAGE(ErrorFrame);

}  // namespace mash::wire
