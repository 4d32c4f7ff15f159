// A small area, signed from the root down, made from one seed: the same seed gives the same keys on
// every machine. Policy and catalogue are those of deploy/policy. Holds every secret, as no real
// party does.
//
//   host          agencies                     seats (inbox)
//   police        police-wm (police)           pol, manager (police-wm.pol, police-wm.manager)
//   hub           hub (front_door)             ffd, edt, lado (hub.ffd, hub.edt, hub.lado); ffd and
//   edt stand by for each other; pass_on (hub.pass_on, automatic) social-care   social-care
//   (social_care)    sw, mco (social-care.sw, social-care.mco) health        health (health) hv,
//   urg (health.hv, health.urg) schools       orchard-gate (school, URN 884001), teme-meadow
//   (school, URN 884002)
//                                              sch (alternate <school>.sch2), sch2
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/area/registry.hpp"
#include "common/crypto/box.hpp"
#include "common/crypto/random.hpp"
#include "common/wire/session.hpp"

namespace mash::test {

/// Wednesday 13 January 2027, 10:00 in London: the front door is open.
inline constexpr WallTime working_morning = WallTime::from_unix_ms(1'799'834'400'000);

struct TestPerson {
    wire::PersonCertificate certificate;
    Bytes certificate_bytes;
    crypto::Signature certificate_signature{};
    crypto::SigningKey key;
};

class TestArea {
public:
    explicit TestArea(std::uint64_t seed = 1, WallTime start = working_morning);

    const AreaId id{"worcestershire"};
    crypto::VerifyKey root() const { return root_.verify_key(); }
    const crypto::SigningKey& broker_key() const { return broker_; }
    const area::Registry& registry() const { return registry_; }
    std::uint64_t policy_version() const { return policy_version_; }
    RandomSource& random() { return random_; }

    /// delegation, registry, policy, catalogue, freshness: all that is in force.
    std::vector<wire::SignedDocument> documents() const { return documents_; }

    /// A new registry version with `change` applied, freshness with it. `at` is the time of
    /// signing.
    void change_registry(const std::function<void(area::Registry&)>& change, WallTime at);
    /// The same policy text under a new version, with `from` replaced by `to` (both "" for none).
    void change_policy(const std::string& from, const std::string& to, WallTime at);
    void renew_freshness(WallTime at);

    const crypto::SigningKey& signing_key(const AgencyId& agency) const {
        return agency_keys_.at(agency);
    }
    /// A fresh signing key for the agency, in the registry beside the old one from `at` on.
    void rotate_signing_key(const AgencyId& agency, WallTime at);
    const crypto::BoxKeyPair& inbox_key(const InboxId& inbox) const {
        return inbox_keys_.at(inbox);
    }
    const std::array<std::uint8_t, 32>& transport_key(const HostId& host) const {
        return registry_.hosts.at(host).transport_keys.front().curve_public_key;
    }
    /// A key for an inbox that change_registry() added.
    void add_inbox(const InboxId& inbox) {
        inbox_keys_.emplace(inbox, crypto::BoxKeyPair::generate(random_));
    }
    std::vector<InboxId> inboxes() const;
    std::vector<InboxId> inboxes_of(const HostId& host) const;
    wire::SignedInboxCertificate inbox_certificate(const InboxId& inbox, WallTime at,
                                                   std::uint64_t serial = 1) const;

    /// The person of `seat`, made on first use.
    const TestPerson& person(const Seat& seat);

    wire::SignedClaim claim(const Seat& seat, const std::string& relation,
                            std::vector<wire::Token> tokens, WallTime from,
                            std::uint64_t serial = 1, ClaimId id = {});

private:
    void sign(wire::DocumentKind kind, std::uint64_t version, Bytes body);
    void sign_registry(WallTime at);
    void sign_policy(const std::string& policy);

    crypto::SeededRandom random_;
    crypto::SigningKey root_;
    crypto::SigningKey registrar_;
    crypto::SigningKey broker_;
    area::Registry registry_;
    std::string policy_text_;
    std::uint64_t policy_version_ = 1;
    std::uint64_t freshness_version_ = 0;
    std::map<AgencyId, crypto::SigningKey> agency_keys_;
    std::map<InboxId, crypto::BoxKeyPair> inbox_keys_;
    std::map<Seat, TestPerson> people_;
    std::vector<wire::SignedDocument> documents_;
};

/// A token of an invented child; equal numbers are equal children.
wire::Token token(std::uint64_t child, wire::TokenKind kind = wire::TokenKind::nhs_dob);
template <class IdType>
IdType id_of(std::uint64_t number) {
    std::array<std::uint8_t, 16> value{};
    for (std::size_t i = 0; i < 8; ++i)
        value[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    value[0] = 0x01;
    return IdType(value);
}

}  // namespace mash::test
