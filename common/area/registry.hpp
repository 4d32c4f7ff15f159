// The signed list of an area's agencies, hosts, seats and keys; who may sign it; and how a reader trusts it.
// Chain: root (offline) signs a delegation naming the registrar; the registrar signs registry, policy, catalogue and,
// at most every seven days, a freshness statement. Versions never go back (design.md part 7).
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"
#include "common/crypto/signature.hpp"
#include "common/wire/session.hpp"

namespace mash::area {

/// A key in force from `not_before` (distributed before it is used) until `not_after`; revoked keys stay listed so
/// that what they signed before `revoked_at` can still be read.
struct DatedVerifyKey {
    crypto::VerifyKey key;
    WallTime not_before;
    WallTime not_after;      ///< unset = no end
    WallTime revoked_at;     ///< unset = not revoked
    friend bool operator==(const DatedVerifyKey&, const DatedVerifyKey&) = default;
};

struct TransportKey {
    std::array<std::uint8_t, 32> curve_public_key{};
    WallTime not_before;
    WallTime not_after;
    WallTime revoked_at;
    friend bool operator==(const TransportKey&, const TransportKey&) = default;
};

/// Words of policy: police, health, school, social_care, front_door, other_authority, voluntary ...
using AgencyKind = std::string;

struct SeatEntry {
    RoleId role;
    InboxId inbox;
    bool people = true;                ///< people open it; false: an automatic hand-over inbox
    std::optional<InboxId> alternate;  ///< another person's inbox of the same agency
    std::string telephone;             ///< whom to ring about this seat
    friend bool operator==(const SeatEntry&, const SeatEntry&) = default;
};

struct Agency {
    AgencyId id;
    AgencyKind kind;
    std::string name;                  ///< "Orchard Gate High School"
    std::string urn;                   ///< schools: six digits; else ""
    std::string telephone;
    HostId host;
    std::vector<DatedVerifyKey> signing_keys;
    std::array<std::uint8_t, 32> box_public_key{};  ///< the pepper is sealed to it
    std::vector<RoleId> roles;         ///< roles it may publish as
    std::vector<SeatEntry> seats;
    std::vector<InboxId> alternate_inboxes;  ///< inboxes that are only somebody's alternate
    Bytes sealed_pepper;               ///< crypto box sealed to box_public_key; empty for none
    std::uint16_t pepper_epoch = 1;
    WallTime revoked_at;               ///< unset = in force
    friend bool operator==(const Agency&, const Agency&) = default;
};

struct Host {
    HostId id;
    std::vector<TransportKey> transport_keys;
    friend bool operator==(const Host&, const Host&) = default;
};

struct BrokerEntry {
    std::vector<DatedVerifyKey> signing_keys;
    std::array<std::uint8_t, 32> curve_public_key{};
    std::vector<std::string> endpoints;   ///< "tcp://127.0.0.1:7400"
    friend bool operator==(const BrokerEntry&, const BrokerEntry&) = default;
};

/// Built from verified bytes by parse_registry; immutable after, so any thread may read it.
struct Registry {
    AreaId area;
    std::uint64_t version = 0;
    WallTime issued_at;
    BrokerEntry broker;
    std::map<HostId, Host> hosts;
    std::map<AgencyId, Agency> agencies;

    const Agency* find_agency(const AgencyId& id) const;                 ///< also a revoked one
    const Agency* find_active_agency(const AgencyId& id, WallTime at) const;
    const Agency* agency_of_inbox(const InboxId& inbox) const;
    const SeatEntry* find_seat(const Seat& seat) const;                  ///< null when agency or role is not listed
    const Agency* school_by_urn(std::string_view urn) const;
    const Host* host_of_key(const std::array<std::uint8_t, 32>& curve_key, WallTime at) const;
    /// All seats of active agencies with this role, sorted.
    std::vector<Seat> seats_with_role(const RoleId& role, WallTime at) const;
    bool inbox_belongs_to(const InboxId& inbox, const AgencyId& agency) const;
    friend bool operator==(const Registry&, const Registry&) = default;
};

/// Body of a registry document. Errors of parse: malformed, bad_value (an inbox used twice, a seat without a host ...).
Bytes encode_registry(const Registry& registry);
Result<Registry> parse_registry(ByteView body);

/// Root's word that `registrar` may sign for the area.
struct Delegation {
    AreaId area;
    std::uint64_t version = 0;
    crypto::VerifyKey registrar;
    WallTime not_before;
    WallTime not_after;
    friend bool operator==(const Delegation&, const Delegation&) = default;
};
Bytes encode_delegation(const Delegation& delegation);
Result<Delegation> parse_delegation(ByteView body);

/// Which versions are in force, with their digests; keeps a broker from serving an old registry.
struct Freshness {
    AreaId area;
    std::uint64_t version = 0;
    WallTime issued_at;                ///< stale after limits::freshness_age_max (7 days)
    std::uint64_t registry_version = 0;
    Digest registry_digest{};
    std::uint64_t policy_version = 0;
    Digest policy_digest{};
    std::uint64_t catalogue_version = 0;
    Digest catalogue_digest{};
    friend bool operator==(const Freshness&, const Freshness&) = default;
};
Bytes encode_freshness(const Freshness& freshness);
Result<Freshness> parse_freshness(ByteView body);

Digest document_digest(const wire::SignedDocument& document);
wire::DocumentSignature sign_document(const wire::SignedDocument& unsigned_document, const crypto::SigningKey& key);

/// What a reader (broker or agent) holds and trusts for one area: starts from the root's public key alone.
/// Value type; `accept` returns the failure and changes nothing when a document is not to be trusted:
/// wrong_area, bad_signature, unknown_key, expired, version_went_back, malformed, bad_value.
class TrustedArea {
public:
    TrustedArea(AreaId area, crypto::VerifyKey root);

    Result<void> accept(const wire::SignedDocument& document, WallTime now);

    const std::optional<Registry>& registry() const;
    const wire::SignedDocument* document(wire::DocumentKind kind) const;
    std::uint64_t version(wire::DocumentKind kind) const;
    /// not_fresh when the freshness statement is absent, over its age, or names other versions than those held.
    Result<void> check_fresh(WallTime now) const;
    const AreaId& area() const;
    const crypto::VerifyKey& root() const;

private:
    AreaId area_;
    crypto::VerifyKey root_;
    std::optional<Delegation> delegation_;
    std::optional<Registry> registry_;
    std::optional<Freshness> freshness_;
    std::map<wire::DocumentKind, wire::SignedDocument> documents_;
};

/// True when `key` of `keys` verifies and was in force at `at` (overlap allowed, revoked ones not for anything new).
bool verify_with_any(const std::vector<DatedVerifyKey>& keys, WallTime at, std::string_view label, ByteView message,
                     const crypto::Signature& signature);

}  // namespace mash::area
