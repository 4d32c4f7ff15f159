#include "common/wire/codec_shared.hpp"
#include "mash/v1/delivery.pb.h"

namespace mash::wire {

static void put(const StatementBody& from, v1::StatementBody& to) {
    to.set_id(raw(from.id));
    to.set_sender(raw(from.sender));
    to.set_inbox(raw(from.inbox));
    put(from.seat, *to.mutable_seat());
    to.set_type(raw(from.type));
    to.set_act(from.act);
    to.set_urgency(same_number<v1::Urgency>(from.urgency));
    to.set_lane(same_number<v1::Lane>(from.lane));
    to.set_take_by_unix_ms(unix_ms(from.take_by));
    to.set_estimated(from.estimated);
    to.set_accepted_at_unix_ms(unix_ms(from.accepted_at));
    to.set_route(from.route);
}
static void take(Intake& in, const v1::StatementBody& from, StatementBody& to) {
    in.id(from.id(), to.id);
    in.name(from.sender(), to.sender);
    in.name(from.inbox(), to.inbox);
    take(in, from.seat(), to.seat);
    in.name(from.type(), to.type);
    to.act = from.act();
    in.word(from.urgency(), to.urgency);
    in.word(from.lane(), to.lane);
    in.time_if_any(from.take_by_unix_ms(), to.take_by);
    to.estimated = from.estimated();
    in.time(from.accepted_at_unix_ms(), to.accepted_at);
    in.code(from.route(), to.route);
}
template <>
struct Proto<StatementBody> : ProtoOf<v1::StatementBody, limits::signed_body_bytes_max> {};

static void put(const Delivery& from, v1::Delivery& to) {
    to.set_id(raw(from.id));
    to.set_statement(raw(from.statement));
    to.set_statement_signature(raw(from.statement_signature));
    put(from.parcel, *to.mutable_parcel());
    put_all(from.views, to.mutable_views());
}
static void take(Intake& in, const v1::Delivery& from, Delivery& to) {
    in.id(from.id(), to.id);
    in.bytes(from.statement(), to.statement, limits::signed_body_bytes_max);
    in.fixed(from.statement_signature(), to.statement_signature);
    take(in, from.parcel(), to.parcel);
    take_all(in, from.views(), to.views, limits::sections_max);
    const auto same_view = [](const SealedView& view, const ViewDigest& named) {
        return view.view == named.view;
    };
    if (in.ok() && !std::ranges::equal(to.views, to.parcel.views, same_view)) {
        in.fault(ErrorCode::bad_value);
    }
}
static constexpr Shape parcel_shape[] = {{3, limits::sections_max}};
static constexpr Shape delivery_shape[] = {{4, 1, parcel_shape}, {5, limits::sections_max}};
template <>
struct Proto<Delivery> : ProtoOf<v1::Delivery, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{delivery_shape};
};

static void put(const Credit& from, v1::Credit& to) {
    to.set_items(from.items);
    to.set_bytes(from.bytes);
}
static void take(Intake&, const v1::Credit& from, Credit& to) {
    // No bound here: the broker uses the smaller of this and its own (limits::credit_max).
    to = {from.items(), from.bytes()};
}
template <>
struct Proto<Credit> : ProtoOf<v1::Credit, limits::frame_bytes_max> {};

static void put(const ReceiptEntry& from, v1::ReceiptEntry& to) {
    to.set_notification(raw(from.notification));
    put(from.seat, *to.mutable_seat());
    to.set_rung(same_number<v1::Rung>(from.rung));
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_code(from.code);
}
static void take(Intake& in, const v1::ReceiptEntry& from, ReceiptEntry& to) {
    in.id(from.notification(), to.notification);
    take(in, from.seat(), to.seat);
    in.word(from.rung(), to.rung);
    in.time(from.at_unix_ms(), to.at);
    in.name_if_any(from.code(), to.code);
}

static void put(const ReceiptsBody& from, v1::ReceiptsBody& to) {
    to.set_batch(raw(from.batch));
    to.set_from(raw(from.from));
    to.set_sender(raw(from.sender));
    put_all(from.entries, to.mutable_entries());
}
static void take(Intake& in, const v1::ReceiptsBody& from, ReceiptsBody& to) {
    in.id(from.batch(), to.batch);
    in.name_if_any(from.from(), to.from);
    in.name(from.sender(), to.sender);
    take_all(in, from.entries(), to.entries, limits::receipts_entries_max);
    if (to.entries.empty()) in.fault(ErrorCode::missing_field);
}
static constexpr Shape receipts_body_shape[] = {{4, limits::receipts_entries_max}};
template <>
struct Proto<ReceiptsBody> : ProtoOf<v1::ReceiptsBody, limits::signed_list_bytes_max> {
    static constexpr std::span<const Shape> shape{receipts_body_shape};
};

static void put(const Receipts& from, v1::Receipts& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
    put_each(from.deliveries, to.mutable_deliveries());
    put_each(from.inboxes, to.mutable_inboxes());
    to.set_receipts_sent(from.receipts_sent);
}
static void take(Intake& in, const v1::Receipts& from, Receipts& to) {
    in.bytes(from.body(), to.body, limits::signed_list_bytes_max);
    in.fixed(from.signature(), to.signature);
    to.receipts_sent = from.receipts_sent();
    // One for each entry, in its place; empty for an entry that speaks of no delivery.
    if (!in.count(from.deliveries_size(), limits::receipts_entries_max)) return;
    to.deliveries.resize(static_cast<std::size_t>(from.deliveries_size()));
    for (int i = 0; i < from.deliveries_size(); ++i) {
        in.id_if_any(from.deliveries(i), to.deliveries[static_cast<std::size_t>(i)]);
    }
    if (!in.count(from.inboxes_size(), limits::receipts_entries_max)) return;
    to.inboxes.resize(static_cast<std::size_t>(from.inboxes_size()));
    for (int i = 0; i < from.inboxes_size(); ++i) {
        in.name_if_any(from.inboxes(i), to.inboxes[static_cast<std::size_t>(i)]);
    }
}
static constexpr Shape receipts_shape[] = {{3, limits::receipts_entries_max},
                                           {4, limits::receipts_entries_max}};
template <>
struct Proto<Receipts> : ProtoOf<v1::Receipts, limits::frame_bytes_max> {
    static constexpr std::span<const Shape> shape{receipts_shape};
};

static void put(const ReceiptsAck& from, v1::ReceiptsAck& to) { to.set_batch(raw(from.batch)); }
static void take(Intake& in, const v1::ReceiptsAck& from, ReceiptsAck& to) {
    in.id(from.batch(), to.batch);
}
template <>
struct Proto<ReceiptsAck> : ProtoOf<v1::ReceiptsAck, limits::frame_bytes_max> {};

static void put(const RecallBody& from, v1::RecallBody& to) {
    to.set_notification(raw(from.notification));
    to.set_sender(raw(from.sender));
    to.set_person(raw(from.person));
    to.set_reason(from.reason);
    to.set_at_unix_ms(unix_ms(from.at));
    to.set_confirm_by_unix_ms(unix_ms(from.confirm_by));
    to.set_inbox(raw(from.inbox));
}
static void take(Intake& in, const v1::RecallBody& from, RecallBody& to) {
    in.id(from.notification(), to.notification);
    in.name(from.sender(), to.sender);
    in.name(from.person(), to.person);
    in.name(from.reason(), to.reason);
    in.time(from.at_unix_ms(), to.at);
    in.time_if_any(from.confirm_by_unix_ms(), to.confirm_by);
    in.name_if_any(from.inbox(), to.inbox);
}
template <>
struct Proto<RecallBody> : ProtoOf<v1::RecallBody, limits::signed_body_bytes_max> {};

static void put(const Recall& from, v1::Recall& to) {
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
}
static void take(Intake& in, const v1::Recall& from, Recall& to) {
    in.bytes(from.body(), to.body, limits::signed_body_bytes_max);
    in.fixed(from.signature(), to.signature);
}
template <>
struct Proto<Recall> : ProtoOf<v1::Recall, limits::frame_bytes_max> {};

static void put(const RecallNotice& from, v1::RecallNotice& to) {
    to.set_delivery(raw(from.delivery));
    to.set_inbox(raw(from.inbox));
    if (!from.inbox.empty()) put(from.seat, *to.mutable_seat());
    to.set_body(raw(from.body));
    to.set_signature(raw(from.signature));
}
static void take(Intake& in, const v1::RecallNotice& from, RecallNotice& to) {
    in.id_if_any(from.delivery(), to.delivery);
    if (from.has_seat() || !from.inbox().empty()) {
        in.name(from.inbox(), to.inbox);
        take(in, from.seat(), to.seat);
    }
    in.bytes(from.body(), to.body, limits::signed_body_bytes_max);
    in.fixed(from.signature(), to.signature);
}
template <>
struct Proto<RecallNotice> : ProtoOf<v1::RecallNotice, limits::frame_bytes_max> {};

MASH_WIRE_BODY(StatementBody);
MASH_WIRE_BODY(ReceiptsBody);
MASH_WIRE_BODY(RecallBody);
MASH_WIRE_BODY(Delivery);
MASH_WIRE_MESSAGE(Delivery);
MASH_WIRE_MESSAGE(Credit);
MASH_WIRE_MESSAGE(Receipts);
MASH_WIRE_MESSAGE(ReceiptsAck);
MASH_WIRE_MESSAGE(Recall);
MASH_WIRE_MESSAGE(RecallNotice);

}  // namespace mash::wire
