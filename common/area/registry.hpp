// The signed list of an area's agencies, hosts, seats and keys; who may sign it; and how a reader
// trusts it. Chain: root (offline) signs a delegation naming the registrar; the registrar signs
// registry, policy, catalogue and, at most every seven days, a freshness statement. Versions never
// go back (design.md part 7).
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"
#include "common/crypto/oprf.hpp"
#include "common/crypto/signature.hpp"
#include "common/wire/session.hpp"

namespace mash::area {

/// A key in force from `not_before` (distributed before it is used) until `not_after`; revoked keys
/// stay listed so that what they signed before `revoked_at` can still be read.
struct DatedVerifyKey {
    crypto::VerifyKey key;
    WallTime not_before;
    WallTime not_after;   ///< unset = no end
    WallTime revoked_at;  ///< unset = not revoked
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

/// The area's pepper of one epoch, for one agency.
struct SealedPepper {
    std::uint16_t epoch = 0;
    Bytes sealed;
    friend bool operator==(const SealedPepper&, const SealedPepper&) = default;
};

struct Agency {
    AgencyId id;
    AgencyKind kind;
    std::string name;  ///< "Orchard Gate High School"
    std::string urn;   ///< schools: six digits; else ""
    std::string telephone;
    HostId host;
    std::vector<DatedVerifyKey> signing_keys;
    std::array<std::uint8_t, 32> box_public_key{};  ///< the pepper is sealed to it
    std::vector<RoleId> roles;                      ///< roles it may publish as
    std::vector<SeatEntry> seats;
    std::vector<InboxId> alternate_inboxes;  ///< inboxes that are only somebody's alternate
    Bytes sealed_pepper;  ///< crypto box sealed to box_public_key; empty for none
    std::uint16_t pepper_epoch = 1;
    /// While the area's keys of subject tokens change: that of the epoch that comes.
    std::optional<SealedPepper> next_pepper;
    WallTime revoked_at;  ///< unset = in force
    friend bool operator==(const Agency&, const Agency&) = default;
};

struct Host {
    HostId id;
    std::vector<TransportKey> transport_keys;
    friend bool operator==(const Host&, const Host&) = default;
};

/// Under which key the broker evaluates identifiers for subject tokens of this epoch.
struct TokenKey {
    std::uint16_t epoch = 0;
    WallTime since;  ///< when it was first listed: a change lasts until every list was stated anew
    crypto::OprfPublicKey key;
    friend bool operator==(const TokenKey&, const TokenKey&) = default;
};

struct BrokerEntry {
    std::vector<DatedVerifyKey> signing_keys;
    std::array<std::uint8_t, 32> curve_public_key{};
    std::vector<std::string> endpoints;  ///< "tcp://127.0.0.1:7400"
    /// By epoch; two while they change. An epoch that has a pepper and no key here is of an area
    /// from before this: its tokens are made under the pepper alone.
    std::vector<TokenKey> token_keys;
    friend bool operator==(const BrokerEntry&, const BrokerEntry&) = default;
};

/// Where to find an inbox, a key, a role or a school without reading every agency. Holds ids, never
/// pointers, so that copies of a registry share it; every hit is checked against the registry
/// itself. Two always compare equal: it adds nothing to what a registry says.
class RegistryIndex {
public:
    struct Entries;
    RegistryIndex() = default;
    explicit RegistryIndex(std::shared_ptr<const Entries> entries) : entries_(std::move(entries)) {}
    const Entries* entries() const { return entries_.get(); }
    friend bool operator==(const RegistryIndex&, const RegistryIndex&) { return true; }

private:
    std::shared_ptr<const Entries> entries_;
};

/// Built from verified bytes by parse_registry; immutable after, so any thread may read it. Whoever
/// makes the next version copies one, calls drop_index() and edits.
struct Registry {
    AreaId area;
    std::uint64_t version = 0;
    WallTime issued_at;
    BrokerEntry broker;
    std::map<HostId, Host> hosts;
    std::map<AgencyId, Agency> agencies;
    RegistryIndex index;  ///< none: every look-up reads all agencies, slow and right

    const Agency* find_agency(const AgencyId& id) const;  ///< also a revoked one
    const Agency* find_active_agency(const AgencyId& id, WallTime at) const;
    const Agency* agency_of_inbox(const InboxId& inbox) const;
    const SeatEntry* find_seat(const Seat& seat) const;  ///< null when agency or role is not listed
    const Agency* school_by_urn(std::string_view urn) const;  ///< never a revoked one
    /// The host whose transport key this is and is in force at `at`.
    const Host* host_of_key(const std::array<std::uint8_t, 32>& curve_key, WallTime at) const;
    /// Null: none of this epoch is listed.
    const TokenKey* find_token_key(std::uint16_t epoch) const;
    /// All seats of active agencies with this role, sorted.
    std::vector<Seat> seats_with_role(const RoleId& role, WallTime at) const;
    bool inbox_belongs_to(const InboxId& inbox, const AgencyId& agency) const;
    void build_index();
    void drop_index() { index = {}; }
    friend bool operator==(const Registry&, const Registry&) = default;
};

/// What a registry must hold to be signed and what parse_registry demands. Errors: bad_value (an
/// inbox, a key or a school's URN used twice, an agency without a known host or a key, an alternate
/// of another agency ...), too_many.
Result<void> check_registry(const Registry& registry);

/// Body of a registry document: one encoding of one registry (lists are written sorted). Errors of
/// parse: malformed, unsupported_version, and those of check_registry. The parsed registry has its
/// index.
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
    WallTime issued_at;  ///< stale after limits::freshness_max (7 days)
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

/// Over kind, area, version and body, not over the signatures: a document signed anew by the next
/// registrar is the same.
Digest document_digest(const wire::SignedDocument& document);
wire::DocumentSignature sign_document(const wire::SignedDocument& unsigned_document,
                                      const crypto::SigningKey& key);

/// What a reader (broker or agent) holds and trusts for one area: starts from the root's public key
/// alone. Value type; `accept` returns the failure and changes nothing when a document is not to be
/// trusted: wrong_area, bad_signature (nobody who may sign this kind did, or the bytes differ),
/// unknown_key (no delegation yet), expired (the registrar's time is over or has not begun),
/// version_went_back (older, or the same version with other bytes), clock_skew (issued in our
/// future), malformed, bad_value, too_many. A delegation that names another registrar ends the old
/// one: what it signed stays until replaced, but counts as fresh only once the new registrar's
/// freshness statement names it. A program that loads its own stored documents passes the time at
/// which it first accepted them, so that a restart after the registrar's time leaves it what it had
/// (and check_fresh says expired).
class TrustedArea {
public:
    TrustedArea(AreaId area, crypto::VerifyKey root);

    Result<void> accept(const wire::SignedDocument& document, WallTime now);

    const std::optional<Registry>& registry() const;
    const std::optional<Delegation>& delegation() const;
    const std::optional<Freshness>& freshness() const;
    const wire::SignedDocument* document(wire::DocumentKind kind) const;
    std::uint64_t version(wire::DocumentKind kind) const;
    /// not_fresh when the freshness statement is absent, over its age, or names other versions or
    /// bytes than those held; expired when the registrar's delegation is over.
    Result<void> check_fresh(WallTime now) const;
    const AreaId& area() const;
    const crypto::VerifyKey& root() const;

private:
    Result<void> check_signature(const wire::SignedDocument& document, WallTime now) const;
    Result<void> check_version(const wire::SignedDocument& document) const;

    AreaId area_;
    crypto::VerifyKey root_;
    std::optional<Delegation> delegation_;
    std::optional<Registry> registry_;
    std::optional<Freshness> freshness_;
    std::map<wire::DocumentKind, wire::SignedDocument> documents_;
};

/// True from not_before on, until not_after or revoked_at.
bool is_in_force(const DatedVerifyKey& key, WallTime at);
bool is_in_force(const TransportKey& key, WallTime at);

/// True when a key of `keys` verifies and was in force at `at` (overlap allowed, revoked ones not
/// for anything new).
bool verify_with_any(const std::vector<DatedVerifyKey>& keys, WallTime at, std::string_view label,
                     ByteView message, const crypto::Signature& signature);

}  // namespace mash::area
