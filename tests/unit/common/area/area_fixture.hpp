// An invented area, built from a seed: root, registrar, broker and a few agencies. Builders state
// only what matters.
#pragma once

#include <string>

#include "common/area/registry.hpp"
#include "common/crypto/box.hpp"
#include "common/crypto/curve.hpp"
#include "common/crypto/random.hpp"
#include "common/crypto/signature.hpp"

namespace mash::area::testing {

inline const WallTime noon = WallTime::from_unix_ms(1'795'521'600'000);  // 2026-11-24T12:00:00Z
using std::chrono::days;
using std::chrono::hours;

class Area {
public:
    AreaId id{"northshire"};
    crypto::SeededRandom random{7, "area"};
    crypto::SigningKey root = crypto::SigningKey::generate(random);
    crypto::SigningKey registrar = crypto::SigningKey::generate(random);

    DatedVerifyKey signing_key() {
        return {crypto::SigningKey::generate(random).verify_key(), {}, {}, {}};
    }
    std::array<std::uint8_t, 32> curve_key() {
        return crypto::CurveKeyPair::generate(random).public_key.value();
    }

    Agency agency(const std::string& name, const std::string& kind, const std::string& role,
                  const std::string& host) {
        Agency agency;
        agency.id = AgencyId(name);
        agency.kind = kind;
        agency.name = "The " + name;
        agency.telephone = "01632 960000";
        agency.host = HostId(host);
        agency.signing_keys = {signing_key()};
        agency.box_public_key = crypto::BoxKeyPair::generate(random).public_key.value();
        agency.roles = {RoleId(role)};
        agency.seats = {
            {RoleId(role), InboxId(name + "." + role), true, std::nullopt, "01632 960001"}};
        return agency;
    }

    Registry registry(std::uint64_t version = 1) {
        Registry made;
        made.area = id;
        made.version = version;
        made.issued_at = noon;
        made.broker.signing_keys = {signing_key()};
        made.broker.curve_public_key = curve_key();
        made.broker.endpoints = {"tcp://127.0.0.1:7400"};
        for (const char* host : {"council", "constabulary"}) {
            made.hosts[HostId(host)] = {HostId(host), {{curve_key(), {}, {}, {}}}};
        }
        auto police = agency("police", "police", "pol", "constabulary");
        auto school = agency("orchard-gate", "school", "sch", "council");
        school.urn = "884001";
        school.alternate_inboxes = {InboxId("orchard-gate.alternate")};
        school.seats[0].alternate = InboxId("orchard-gate.alternate");
        auto hub = agency("hub", "front_door", "ffd", "council");
        hub.seats.insert(hub.seats.begin(),
                         {RoleId("edt"), InboxId("hub.edt"), true, std::nullopt, ""});
        for (auto& each : {police, school, hub}) made.agencies[each.id] = each;
        return made;
    }

    Delegation delegation(const crypto::SigningKey& to, std::uint64_t version = 1) const {
        return {id, version, to.verify_key(), noon - days(1), noon + days(365)};
    }

    wire::SignedDocument document(wire::DocumentKind kind, std::uint64_t version, Bytes body,
                                  const crypto::SigningKey& key) const {
        wire::SignedDocument made{kind, id, version, std::move(body), {}};
        made.signatures = {sign_document(made, key)};
        return made;
    }
    wire::SignedDocument signed_delegation(const Delegation& body) const {
        return document(wire::DocumentKind::delegation, body.version, encode_delegation(body),
                        root);
    }
    wire::SignedDocument signed_registry(const Registry& body) const {
        return document(wire::DocumentKind::registry, body.version, encode_registry(body),
                        registrar);
    }
    wire::SignedDocument signed_freshness(const Freshness& body) const {
        return document(wire::DocumentKind::freshness, body.version, encode_freshness(body),
                        registrar);
    }
    /// Names what `trusted` holds.
    Freshness freshness_of(const TrustedArea& trusted, std::uint64_t version,
                           WallTime issued_at) const {
        Freshness made;
        made.area = id;
        made.version = version;
        made.issued_at = issued_at;
        const auto name = [&](wire::DocumentKind kind, std::uint64_t& named_version,
                              Digest& digest) {
            if (const auto* held = trusted.document(kind)) {
                named_version = held->version;
                digest = document_digest(*held);
            }
        };
        name(wire::DocumentKind::registry, made.registry_version, made.registry_digest);
        name(wire::DocumentKind::policy, made.policy_version, made.policy_digest);
        name(wire::DocumentKind::catalogue, made.catalogue_version, made.catalogue_digest);
        return made;
    }
};

}  // namespace mash::area::testing
