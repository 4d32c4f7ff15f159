// How the records' fields become bytes; shared by the files that write records.
#pragma once

#include "broker/core/records.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker::record_fields {

template <class T, class WriteOne>
void write_list(Writer& out, const std::vector<T>& list, WriteOne write_one) {
    out.u32(static_cast<std::uint32_t>(list.size()));
    for (const auto& one : list) write_one(one);
}

template <class T, class ReadOne>
void read_list(Reader& in, std::vector<T>& list, std::size_t bytes_each_min, ReadOne read_one) {
    list.clear();
    const auto count = in.count(bytes_each_min);
    list.reserve(count);
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        T one{};
        read_one(one);
        list.push_back(std::move(one));
    }
}

template <class Body>
void write_body(Writer& out, const Body& body) {
    out.bytes(wire::encode_body(body));
}

template <class Body>
void read_body(Reader& in, Body& body) {
    const auto bytes = in.bytes();
    if (!in.ok()) return;
    auto decoded = wire::decode_body<Body>(bytes);
    if (!decoded) {
        in.fail();
        return;
    }
    body = std::move(*decoded);
}

inline void write_time(Writer& out, WallTime time) { out.i64(time.unix_ms()); }
inline WallTime read_time(Reader& in) { return WallTime::from_unix_ms(in.i64()); }

inline void write_seat(Writer& out, const Seat& seat) { out.id(seat.agency).id(seat.role); }
inline void read_seat(Reader& in, Seat& seat) {
    seat.agency = in.id<AgencyId>();
    seat.role = in.id<RoleId>();
}

inline void write_seats(Writer& out, const std::vector<Seat>& seats) {
    write_list(out, seats, [&](const Seat& seat) { write_seat(out, seat); });
}
inline void read_seats(Reader& in, std::vector<Seat>& seats) {
    read_list(in, seats, 8, [&](Seat& seat) { read_seat(in, seat); });
}

inline void write_signature(Writer& out, const crypto::Signature& signature) {
    out.fixed(signature.value());
}
inline crypto::Signature read_signature(Reader& in) { return crypto::Signature(in.array<64>()); }

// Refuses a number outside [low, high]: a corrupt record never becomes an enum that no switch
// knows.
template <class Enum>
void read_enum(Reader& in, Enum& value, std::uint8_t low, std::uint8_t high) {
    const auto number = in.u8();
    if (number < low || number > high) in.fail();
    value = static_cast<Enum>(number);
}
template <class Enum>
void write_enum(Writer& out, Enum value) {
    out.u8(static_cast<std::uint8_t>(value));
}

// Not as its frame: a task whose owner nobody has yet is kept, though it cannot be sent.
inline void write_task(Writer& out, const wire::Task& task) {
    out.id(task.id);
    write_enum(out, task.kind);
    write_seat(out, task.owner);
    out.id(task.notification)
        .id(task.sender)
        .id(task.type)
        .id(task.agency)
        .id(task.role)
        .text(task.rule);
    write_time(out, task.due);
}
inline void read_task(Reader& in, wire::Task& task) {
    task.id = in.id<TaskId>();
    read_enum(in, task.kind, 1, 11);
    read_seat(in, task.owner);
    task.notification = in.id<NotificationId>();
    task.sender = in.id<AgencyId>();
    task.type = in.id<TypeId>();
    task.agency = in.id<AgencyId>();
    task.role = in.id<RoleId>();
    task.rule = in.text();
    task.due = read_time(in);
}

inline void write_tokens(Writer& out, const std::vector<wire::Token>& tokens) {
    write_list(out, tokens, [&](const wire::Token& token) { write(out, token); });
}
inline void read_tokens(Reader& in, std::vector<wire::Token>& tokens) {
    read_list(in, tokens, 35, [&](wire::Token& token) { read(in, token); });
}

}  // namespace mash::broker::record_fields
