// The bytes of a notification's records: its routes, its seats, its sealed parts.
#include "broker/core/record_fields.hpp"

namespace mash::broker {

using namespace record_fields;

void write(Writer& out, const InboxRoute& value) {
    out.id(value.inbox).id(value.host);
    write_enum(out, value.state);
    out.flag(value.is_alternate).flag(value.is_out_of_hours).flag(value.was_recalled);
    write(out, value.queue_lane);
    out.u64(value.queue_sequence).id(value.delivery);
}
void read(Reader& in, InboxRoute& value) {
    value.inbox = in.id<InboxId>();
    value.host = in.id<HostId>();
    read_enum(in, value.state, 1, 6);
    value.is_alternate = in.flag();
    value.is_out_of_hours = in.flag();
    value.was_recalled = in.flag();
    read(in, value.queue_lane);
    value.queue_sequence = in.u64();
    value.delivery = in.id<DeliveryId>();
}

void write(Writer& out, const SeatRecord& value) {
    write_seat(out, value.seat);
    out.flag(value.act);
    write_enum(out, value.urgency);
    write(out, value.lane);
    write_time(out, value.take_by);
    out.flag(value.estimated).text(value.route).u32(value.rungs).flag(value.settled);
    write_time(out, value.hours_at);
    write_list(out, value.inboxes, [&](const InboxRoute& route) { write(out, route); });
}
void read(Reader& in, SeatRecord& value) {
    read_seat(in, value.seat);
    value.act = in.flag();
    read_enum(in, value.urgency, 1, 5);
    read(in, value.lane);
    value.take_by = read_time(in);
    value.estimated = in.flag();
    value.route = in.text();
    value.rungs = in.u32();
    value.settled = in.flag();
    value.hours_at = read_time(in);
    read_list(in, value.inboxes, 36, [&](InboxRoute& route) { read(in, route); });
}

void write(Writer& out, const NotificationRecord& value) {
    out.fixed(value.digest);
    write_time(out, value.accepted_at);
    out.id(value.type).id(value.thread).id(value.plan);
    out.flag(value.has_content).flag(value.recalled).flag(value.retention_runs);
    write_tokens(out, value.tokens);
    write_list(out, value.seats, [&](const SeatRecord& seat) { write(out, seat); });
    write_seats(out, value.conflicts_stated);
    write_list(out, value.added, [&](const AddedRecord& added) {
        out.id(added.plan).fixed(added.digest);
        write_time(out, added.accepted_at);
        write_seats(out, added.seats);
    });
}
void read(Reader& in, NotificationRecord& value, std::uint8_t version) {
    value.digest = in.array<32>();
    value.accepted_at = read_time(in);
    value.type = in.id<TypeId>();
    value.thread = in.id<ThreadId>();
    value.plan = in.id<PlanId>();
    value.has_content = in.flag();
    value.recalled = in.flag();
    value.retention_runs = in.flag();
    read_tokens(in, value.tokens);
    read_list(in, value.seats, 32, [&](SeatRecord& seat) { read(in, seat); });
    if (version >= 2) read_seats(in, value.conflicts_stated);
    if (version >= 3) {
        read_list(in, value.added, 60, [&](AddedRecord& added) {
            added.plan = in.id<PlanId>();
            added.digest = in.array<32>();
            added.accepted_at = read_time(in);
            read_seats(in, added.seats);
        });
    }
}

void write(Writer& out, const ContentRecord& value) {
    write_list(out, value.views, [&](const wire::SealedView& view) {
        out.id(view.view).fixed(view.nonce).fixed(view.commitment).bytes(view.ciphertext);
    });
    write_list(out, value.parcels, [&](const wire::Parcel& parcel) {
        out.id(parcel.recipient);
        write(out, parcel.lane);
        write_list(out, parcel.views,
                   [&](const wire::ViewDigest& view) { out.id(view.view).fixed(view.digest); });
        out.bytes(parcel.grant);
        write_signature(out, parcel.signature);
    });
}
void read(Reader& in, ContentRecord& value) {
    read_list(in, value.views, 64, [&](wire::SealedView& view) {
        view.view = in.id<ViewId>();
        view.nonce = in.array<24>();
        view.commitment = in.array<32>();
        view.ciphertext = in.owned_bytes();
    });
    read_list(in, value.parcels, 77, [&](wire::Parcel& parcel) {
        parcel.recipient = in.id<InboxId>();
        read(in, parcel.lane);
        read_list(in, parcel.views, 36, [&](wire::ViewDigest& view) {
            view.view = in.id<ViewId>();
            view.digest = in.array<32>();
        });
        parcel.grant = in.owned_bytes();
        parcel.signature = read_signature(in);
    });
}

}  // namespace mash::broker
