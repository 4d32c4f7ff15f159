// The bytes of the signed documents that are ours to lay out. One value has one encoding: lists are
// written sorted, and a reader refuses any other order, a repeated entry and anything behind the
// end.
//
//   registry   = u8 1 · area · u64 version · i64 issued_at · broker · hosts · agencies
//   broker     = signing keys · curve key (32) · u32 n · endpoint ...
//   host       = id · u32 n · (curve key (32) · i64 not_before · i64 not_after · i64 revoked_at)
//   ... agency     = id · kind · name · urn · telephone · host · signing keys · box key (32) · u32
//   n · role ...
//                · u32 n · seat ... · u32 n · alternate inbox ... · sealed pepper · u16 epoch · i64
//                revoked_at
//   seat       = role · inbox · flag people · flag has alternate · [alternate] · telephone
//     with keys of subject tokens u8 2, and then
//   broker     = ... · u32 n · (u16 epoch · i64 since · key (32)) ...
//   agency     = ... u16 epoch · flag changes · [u16 next epoch · next sealed pepper] · i64
//   revoked_at
//   delegation = u8 1 · area · u64 version · registrar (32) · i64 not_before · i64 not_after
//     with a second registrar u8 2, and at its end: key (32) · policy digest (32) · catalogue (32)
//   freshness  = u8 1 · area · u64 version · i64 issued_at · 3 x (u64 version · digest (32))
#include <algorithm>

#include "common/area/registry.hpp"
#include "common/area/second_registrar.hpp"
#include "common/base/limits.hpp"

namespace mash::area {
namespace {

constexpr std::uint8_t format_version = 1;
constexpr std::uint8_t registry_with_token_keys = 2;

// The older format where it says all: a registry has one encoding.
std::uint8_t format_of(const Registry& registry) {
    const bool is_newer = !registry.broker.token_keys.empty() ||
                          std::ranges::any_of(registry.agencies, [](const auto& one) {
                              return one.second.next_pepper.has_value();
                          });
    return is_newer ? registry_with_token_keys : format_version;
}

void write_time(Writer& out, WallTime time) { out.i64(time.unix_ms()); }
WallTime read_time(Reader& in) { return WallTime::from_unix_ms(in.i64()); }

template <class Item, class Less, class Write>
void write_sorted(Writer& out, std::vector<Item> items, Less less, Write write) {
    std::sort(items.begin(), items.end(), less);
    out.u32(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items) write(out, item);
}

template <class Item, class Less, class Read>
std::vector<Item> read_sorted(Reader& in, std::size_t bytes_each_min, Less less, Read read) {
    std::vector<Item> items;
    const std::uint32_t count = in.count(bytes_each_min);
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        Item item = read(in);
        if (!items.empty() && !less(items.back(), item)) in.fail();
        items.push_back(std::move(item));
    }
    return items;
}

constexpr auto by_value = [](const auto& a, const auto& b) { return a < b; };
constexpr auto by_key = [](const DatedVerifyKey& a, const DatedVerifyKey& b) {
    return a.key < b.key;
};
constexpr auto by_curve_key = [](const TransportKey& a, const TransportKey& b) {
    return a.curve_public_key < b.curve_public_key;
};
constexpr auto by_epoch = [](const TokenKey& a, const TokenKey& b) { return a.epoch < b.epoch; };
constexpr auto by_role = [](const SeatEntry& a, const SeatEntry& b) { return a.role < b.role; };

template <class Key>
void write_dates(Writer& out, const Key& key) {
    write_time(out, key.not_before);
    write_time(out, key.not_after);
    write_time(out, key.revoked_at);
}

template <class Key>
void read_dates(Reader& in, Key& key) {
    key.not_before = read_time(in);
    key.not_after = read_time(in);
    key.revoked_at = read_time(in);
}

void write_signing_keys(Writer& out, const std::vector<DatedVerifyKey>& keys) {
    write_sorted(out, keys, by_key, [](Writer& to, const DatedVerifyKey& key) {
        to.fixed(key.key.view());
        write_dates(to, key);
    });
}

std::vector<DatedVerifyKey> read_signing_keys(Reader& in) {
    return read_sorted<DatedVerifyKey>(in, 56, by_key, [](Reader& from) {
        DatedVerifyKey key;
        key.key = crypto::VerifyKey(from.array<32>());
        read_dates(from, key);
        return key;
    });
}

void write_broker(Writer& out, const BrokerEntry& broker, std::uint8_t format) {
    write_signing_keys(out, broker.signing_keys);
    out.fixed(broker.curve_public_key);
    // The order of endpoints is the order in which agents try them, so it is kept.
    out.u32(static_cast<std::uint32_t>(broker.endpoints.size()));
    for (const auto& endpoint : broker.endpoints) out.text(endpoint);
    if (format < registry_with_token_keys) return;
    write_sorted(out, broker.token_keys, by_epoch, [](Writer& to, const TokenKey& key) {
        to.u16(key.epoch);
        write_time(to, key.since);
        to.fixed(key.key.view());
    });
}

BrokerEntry read_broker(Reader& in, std::uint8_t format) {
    BrokerEntry broker;
    broker.signing_keys = read_signing_keys(in);
    broker.curve_public_key = in.array<32>();
    const std::uint32_t endpoints = in.count(4);
    for (std::uint32_t i = 0; i < endpoints && in.ok(); ++i) broker.endpoints.push_back(in.text());
    if (format < registry_with_token_keys) return broker;
    broker.token_keys = read_sorted<TokenKey>(in, 42, by_epoch, [](Reader& from) {
        TokenKey key;
        key.epoch = from.u16();
        key.since = read_time(from);
        key.key = crypto::OprfPublicKey(from.array<32>());
        return key;
    });
    return broker;
}

void write_host(Writer& out, const Host& host) {
    out.id(host.id);
    write_sorted(out, host.transport_keys, by_curve_key, [](Writer& to, const TransportKey& key) {
        to.fixed(key.curve_public_key);
        write_dates(to, key);
    });
}

Host read_host(Reader& in) {
    Host host;
    host.id = in.id<HostId>();
    host.transport_keys = read_sorted<TransportKey>(in, 56, by_curve_key, [](Reader& from) {
        TransportKey key;
        key.curve_public_key = from.array<32>();
        read_dates(from, key);
        return key;
    });
    return host;
}

void write_seat(Writer& out, const SeatEntry& seat) {
    out.id(seat.role).id(seat.inbox).flag(seat.people).flag(seat.alternate.has_value());
    if (seat.alternate) out.id(*seat.alternate);
    out.text(seat.telephone);
}

SeatEntry read_seat(Reader& in) {
    SeatEntry seat;
    seat.role = in.id<RoleId>();
    seat.inbox = in.id<InboxId>();
    seat.people = in.flag();
    if (in.flag()) seat.alternate = in.id<InboxId>();
    seat.telephone = in.text();
    return seat;
}

void write_agency(Writer& out, const Agency& agency, std::uint8_t format) {
    out.id(agency.id)
        .text(agency.kind)
        .text(agency.name)
        .text(agency.urn)
        .text(agency.telephone)
        .id(agency.host);
    write_signing_keys(out, agency.signing_keys);
    out.fixed(agency.box_public_key);
    write_sorted(out, agency.roles, by_value, [](Writer& to, const RoleId& role) { to.id(role); });
    write_sorted(out, agency.seats, by_role, write_seat);
    write_sorted(out, agency.alternate_inboxes, by_value,
                 [](Writer& to, const InboxId& inbox) { to.id(inbox); });
    out.bytes(agency.sealed_pepper).u16(agency.pepper_epoch);
    if (format >= registry_with_token_keys) {
        out.flag(agency.next_pepper.has_value());
        if (agency.next_pepper)
            out.u16(agency.next_pepper->epoch).bytes(agency.next_pepper->sealed);
    }
    write_time(out, agency.revoked_at);
}

Agency read_agency(Reader& in, std::uint8_t format) {
    Agency agency;
    agency.id = in.id<AgencyId>();
    agency.kind = in.text();
    agency.name = in.text();
    agency.urn = in.text();
    agency.telephone = in.text();
    agency.host = in.id<HostId>();
    agency.signing_keys = read_signing_keys(in);
    agency.box_public_key = in.array<32>();
    agency.roles =
        read_sorted<RoleId>(in, 4, by_value, [](Reader& from) { return from.id<RoleId>(); });
    agency.seats = read_sorted<SeatEntry>(in, 14, by_role, read_seat);
    agency.alternate_inboxes =
        read_sorted<InboxId>(in, 4, by_value, [](Reader& from) { return from.id<InboxId>(); });
    agency.sealed_pepper = in.owned_bytes();
    agency.pepper_epoch = in.u16();
    if (format >= registry_with_token_keys && in.flag()) {
        agency.next_pepper.emplace();
        agency.next_pepper->epoch = in.u16();
        agency.next_pepper->sealed = in.owned_bytes();
    }
    agency.revoked_at = read_time(in);
    return agency;
}

// Reads entries into a map, in the strict order of their ids.
template <class Map, class Read>
void read_map(Reader& in, Map& map, std::size_t bytes_each_min, Read read) {
    const std::uint32_t count = in.count(bytes_each_min);
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        auto entry = read(in);
        if (!map.empty() && !(map.rbegin()->first < entry.id)) in.fail();
        auto id = entry.id;
        map.emplace_hint(map.end(), std::move(id), std::move(entry));
    }
}

// Format and area of a body: the version byte is looked at first, so that a newer format is not
// called damaged.
Result<AreaId> read_opening(Reader& in, std::uint8_t expected = format_version) {
    const std::uint8_t format = in.u8();
    if (!in.ok()) return fail(ErrorCode::malformed);
    if (format != expected) return fail(ErrorCode::unsupported_version);
    auto area = in.id<AreaId>();
    if (!in.ok() || !is_valid_name(area.value())) return fail(ErrorCode::malformed);
    return area;
}

}  // namespace

Bytes encode_registry(const Registry& registry) {
    Writer out;
    const std::uint8_t format = format_of(registry);
    out.u8(format).id(registry.area).u64(registry.version);
    write_time(out, registry.issued_at);
    write_broker(out, registry.broker, format);
    out.u32(static_cast<std::uint32_t>(registry.hosts.size()));
    for (const auto& [id, host] : registry.hosts) write_host(out, host);
    out.u32(static_cast<std::uint32_t>(registry.agencies.size()));
    for (const auto& [id, agency] : registry.agencies) write_agency(out, agency, format);
    return out.take();
}

Result<Registry> parse_registry(ByteView body) {
    if (body.size() > limits::signed_document_bytes_max) return fail(ErrorCode::too_large);
    Reader in(body);
    Registry registry;
    const std::uint8_t format =
        !body.empty() && body.front() == registry_with_token_keys ? body.front() : format_version;
    MASH_TRY(area, read_opening(in, format));
    registry.area = std::move(area);
    registry.version = in.u64();
    registry.issued_at = read_time(in);
    registry.broker = read_broker(in, format);
    read_map(in, registry.hosts, 8, read_host);
    read_map(in, registry.agencies, 98, [&](Reader& from) { return read_agency(from, format); });
    if (!in.finished() || format != format_of(registry)) return fail(ErrorCode::malformed);
    MASH_TRY_VOID(check_registry(registry));
    registry.build_index();
    return registry;
}

Bytes encode_delegation(const Delegation& delegation) {
    Writer out;
    out.u8(format_version)
        .id(delegation.area)
        .u64(delegation.version)
        .fixed(delegation.registrar.view());
    write_time(out, delegation.not_before);
    write_time(out, delegation.not_after);
    return out.take();
}

Result<Delegation> parse_delegation(ByteView body) {
    const auto second = second_registrar(body);
    Bytes first(body.begin(), body.end());
    if (second) {
        MASH_TRY_VOID(crypto::check_usable(second->key));
        first.front() = format_version;
        first.resize(first.size() - encoded_second_bytes);
    }
    Reader in(first);
    Delegation delegation;
    MASH_TRY(area, read_opening(in));
    delegation.area = std::move(area);
    delegation.version = in.u64();
    delegation.registrar = crypto::VerifyKey(in.array<32>());
    delegation.not_before = read_time(in);
    delegation.not_after = read_time(in);
    if (!in.finished()) return fail(ErrorCode::malformed);
    // A registrar without an end would be a second root.
    if (!delegation.not_after.is_set() || delegation.not_after <= delegation.not_before) {
        return fail(ErrorCode::bad_value);
    }
    MASH_TRY_VOID(crypto::check_usable(delegation.registrar));
    // One person with both keys would be one signature.
    if (second && second->key == delegation.registrar) return fail(ErrorCode::bad_value);
    return delegation;
}

Bytes encode_freshness(const Freshness& freshness) {
    Writer out;
    out.u8(format_version).id(freshness.area).u64(freshness.version);
    write_time(out, freshness.issued_at);
    out.u64(freshness.registry_version).fixed(freshness.registry_digest);
    out.u64(freshness.policy_version).fixed(freshness.policy_digest);
    out.u64(freshness.catalogue_version).fixed(freshness.catalogue_digest);
    return out.take();
}

Result<Freshness> parse_freshness(ByteView body) {
    Reader in(body);
    Freshness freshness;
    MASH_TRY(area, read_opening(in));
    freshness.area = std::move(area);
    freshness.version = in.u64();
    freshness.issued_at = read_time(in);
    freshness.registry_version = in.u64();
    freshness.registry_digest = in.array<32>();
    freshness.policy_version = in.u64();
    freshness.policy_digest = in.array<32>();
    freshness.catalogue_version = in.u64();
    freshness.catalogue_digest = in.array<32>();
    if (!in.finished()) return fail(ErrorCode::malformed);
    if (!freshness.issued_at.is_set()) return fail(ErrorCode::bad_value);
    return freshness;
}

}  // namespace mash::area
