#include "tests/support/test_area.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "common/base/check.hpp"
#include "common/crypto/hash.hpp"
#include "common/crypto/init.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/paths/paths.hpp"

namespace mash::test {
namespace {

using wire::DocumentKind;

std::string read_text(const std::string& path) {
    std::ifstream in(source_dir() / path, std::ios::binary);
    CHECK(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

RandomSource& ready(crypto::SeededRandom& random) {
    CHECK(crypto::init().has_value());
    return random;
}

std::string with_version(std::string policy, std::uint64_t version) {
    const std::string line = "\nversion = 1\n";
    const auto at = policy.find(line);
    CHECK(at != std::string::npos);
    return policy.replace(at, line.size(), "\nversion = " + std::to_string(version) + "\n");
}

}  // namespace

TestArea::TestArea(std::uint64_t seed, WallTime start)
    : random_(seed, "test-area"),
      root_(crypto::SigningKey::generate(ready(random_))),
      registrar_(crypto::SigningKey::generate(random_)),
      broker_(crypto::SigningKey::generate(random_)) {
    const auto begin = start - std::chrono::hours(24);
    registry_.area = id;
    registry_.version = 1;
    registry_.issued_at = start;
    registry_.broker.signing_keys.push_back({broker_.verify_key(), begin, {}, {}});
    registry_.broker.curve_public_key = random_.array<32>();
    registry_.broker.endpoints = {"tcp://127.0.0.1:7400"};

    const auto add_host = [&](const std::string& name) {
        area::Host host;
        host.id = HostId(name);
        host.transport_keys.push_back({random_.array<32>(), begin, {}, {}});
        registry_.hosts.emplace(host.id, std::move(host));
    };
    const auto add_agency = [&](const std::string& name, const std::string& kind,
                                const std::string& host, const std::string& urn,
                                const std::vector<std::string>& roles,
                                const std::map<std::string, std::string>& alternates) {
        area::Agency agency;
        agency.id = AgencyId(name);
        agency.kind = kind;
        agency.name = name;
        agency.urn = urn;
        agency.telephone = "01632 960199";
        agency.host = HostId(host);
        auto key = crypto::SigningKey::generate(random_);
        agency.signing_keys.push_back({key.verify_key(), begin, {}, {}});
        agency_keys_.emplace(agency.id, std::move(key));
        agency.box_public_key = random_.array<32>();
        for (const auto& role : roles) {
            area::SeatEntry seat;
            seat.role = RoleId(role);
            seat.inbox = InboxId(name + "." + role);
            seat.telephone = "01632 960198";
            if (const auto alternate = alternates.find(role); alternate != alternates.end())
                seat.alternate = InboxId(name + "." + alternate->second);
            seat.people = role != "pass_on";
            inbox_keys_.emplace(seat.inbox, crypto::BoxKeyPair::generate(random_));
            agency.roles.push_back(seat.role);
            agency.seats.push_back(std::move(seat));
        }
        registry_.agencies.emplace(agency.id, std::move(agency));
    };
    for (const auto* host : {"police", "hub", "social-care", "health", "schools"}) add_host(host);
    add_agency("police-wm", "police", "police", "", {"pol", "manager"}, {});
    add_agency("hub", "front_door", "hub", "", {"ffd", "edt", "lado", "pass_on"}, {});
    add_agency("social-care", "social_care", "social-care", "", {"sw", "mco"}, {});
    add_agency("health", "health", "health", "", {"hv", "urg"}, {});
    add_agency("orchard-gate", "school", "schools", "884001", {"sch", "sch2"}, {{"sch", "sch2"}});
    add_agency("teme-meadow", "school", "schools", "884002", {"sch", "sch2"}, {{"sch", "sch2"}});

    area::Delegation delegation;
    delegation.area = id;
    delegation.version = 1;
    delegation.registrar = registrar_.verify_key();
    delegation.not_before = begin;
    delegation.not_after = start + std::chrono::hours(24 * 365 * 3);
    sign(DocumentKind::delegation, 1, area::encode_delegation(delegation));
    sign(DocumentKind::registry, 1, area::encode_registry(registry_));
    const auto catalogue = read_text("deploy/policy/catalogue.toml");
    sign(DocumentKind::catalogue, 1, Bytes(catalogue.begin(), catalogue.end()));
    // Schools hear of missing episodes here, as in the demonstration area.
    policy_text_ = read_text("deploy/policy/policy.toml");
    const std::string off = "schools_hear_of_missing_episodes = false";
    const auto at = policy_text_.find(off);
    CHECK(at != std::string::npos);
    policy_text_.replace(at, off.size(), "schools_hear_of_missing_episodes = true");
    sign_policy(policy_text_);
    renew_freshness(start);
}

void TestArea::sign(DocumentKind kind, std::uint64_t version, Bytes body) {
    wire::SignedDocument document;
    document.kind = kind;
    document.area = id;
    document.version = version;
    document.body = std::move(body);
    document.signatures.push_back(
        area::sign_document(document, kind == DocumentKind::delegation ? root_ : registrar_));
    std::erase_if(documents_, [&](const auto& held) { return held.kind == kind; });
    documents_.push_back(std::move(document));
    std::ranges::sort(documents_, {}, &wire::SignedDocument::kind);
}

void TestArea::sign_policy(const std::string& policy) {
    const auto text = with_version(policy, policy_version_);
    sign(DocumentKind::policy, policy_version_, Bytes(text.begin(), text.end()));
}

void TestArea::renew_freshness(WallTime at) {
    const auto held = [&](DocumentKind kind) -> const wire::SignedDocument& {
        return *std::ranges::find(documents_, kind, &wire::SignedDocument::kind);
    };
    const auto digest = [&](DocumentKind kind) { return area::document_digest(held(kind)); };
    area::Freshness freshness;
    freshness.area = id;
    freshness.version = ++freshness_version_;
    freshness.issued_at = at;
    freshness.registry_version = registry_.version;
    freshness.registry_digest = digest(DocumentKind::registry);
    freshness.policy_version = policy_version_;
    freshness.policy_digest = digest(DocumentKind::policy);
    freshness.catalogue_version = held(DocumentKind::catalogue).version;
    freshness.catalogue_digest = digest(DocumentKind::catalogue);
    sign(DocumentKind::freshness, freshness.version, area::encode_freshness(freshness));
}

void TestArea::change_registry(const std::function<void(area::Registry&)>& change, WallTime at) {
    change(registry_);
    registry_.version += 1;
    registry_.issued_at = at;
    sign(DocumentKind::registry, registry_.version, area::encode_registry(registry_));
    renew_freshness(at);
}

void TestArea::change_policy(const std::string& from, const std::string& to, WallTime at) {
    const auto place = policy_text_.find(from);
    if (!from.empty() && place == std::string::npos) {
        // It stands in the catalogue.
        const auto& held =
            *std::ranges::find(documents_, DocumentKind::catalogue, &wire::SignedDocument::kind);
        std::string text(text_of(held.body));
        const auto there = text.find(from);
        CHECK(there != std::string::npos);
        text.replace(there, from.size(), to);
        sign(DocumentKind::catalogue, held.version + 1, Bytes(text.begin(), text.end()));
    } else if (!from.empty()) {
        policy_text_.replace(place, from.size(), to);
    }
    policy_version_ += 1;
    sign_policy(policy_text_);
    renew_freshness(at);
}

void TestArea::rotate_signing_key(const AgencyId& agency, WallTime at) {
    auto key = crypto::SigningKey::generate(random_);
    change_registry(
        [&](area::Registry& registry) {
            registry.agencies.at(agency).signing_keys.push_back({key.verify_key(), at, {}, {}});
        },
        at);
    agency_keys_.erase(agency);
    agency_keys_.emplace(agency, std::move(key));
}

std::vector<InboxId> TestArea::inboxes() const {
    std::vector<InboxId> all;
    for (const auto& [inbox, key] : inbox_keys_) all.push_back(inbox);
    return all;
}

std::vector<InboxId> TestArea::inboxes_of(const HostId& host) const {
    std::vector<InboxId> all;
    for (const auto& inbox : inboxes()) {
        if (registry_.agency_of_inbox(inbox)->host == host) all.push_back(inbox);
    }
    return all;
}

wire::SignedInboxCertificate TestArea::inbox_certificate(const InboxId& inbox, WallTime at,
                                                         std::uint64_t serial) const {
    const auto* agency = registry_.agency_of_inbox(inbox);
    CHECK(agency);
    wire::InboxCertificate certificate;
    certificate.inbox = inbox;
    certificate.agency = agency->id;
    certificate.box_public_key = inbox_keys_.at(inbox).public_key.value();
    certificate.serial = serial;
    certificate.issued_at = at;
    certificate.not_after = at + std::chrono::hours(24 * 365);
    wire::SignedInboxCertificate out;
    out.body = wire::encode_body(certificate);
    out.signature =
        crypto::sign(agency_keys_.at(agency->id), wire::label::inbox_certificate, out.body);
    return out;
}

const TestPerson& TestArea::person(const Seat& seat) {
    if (const auto known = people_.find(seat); known != people_.end()) return known->second;
    auto key = crypto::SigningKey::generate(random_);
    wire::PersonCertificate certificate;
    certificate.person = PersonId("p-" + to_hex(random_.array<6>()));
    certificate.agency = seat.agency;
    certificate.roles = {seat.role};
    certificate.verify_key = key.verify_key().value();
    certificate.serial = 1;
    certificate.not_after = registry_.issued_at + std::chrono::hours(24 * 365);
    auto bytes = wire::encode_body(certificate);
    const auto signature =
        crypto::sign(agency_keys_.at(seat.agency), wire::label::person_certificate, bytes);
    return people_
        .emplace(seat, TestPerson{certificate, std::move(bytes), signature, std::move(key)})
        .first->second;
}

wire::SignedClaim TestArea::claim(const Seat& seat, const std::string& relation,
                                  std::vector<wire::Token> tokens, WallTime from,
                                  std::uint64_t serial, ClaimId claim_id) {
    wire::InvolvementClaim claim;
    claim.id = claim_id.is_zero() ? ClaimId(random_.array<16>()) : claim_id;
    claim.agency = seat.agency;
    claim.seat = seat;
    claim.relation = relation;
    std::ranges::sort(tokens);
    claim.tokens = std::move(tokens);
    claim.serial = serial;
    claim.starts = from;
    claim.lease_until = from + std::chrono::hours(24 * 90);
    wire::SignedClaim out;
    out.body = wire::encode_body(claim);
    out.signature = crypto::sign(agency_keys_.at(seat.agency), wire::label::claim, out.body);
    return out;
}

wire::Token token(std::uint64_t child, wire::TokenKind kind) {
    wire::Token out;
    out.kind = kind;
    const auto bytes = Writer().u64(child).u8(static_cast<std::uint8_t>(kind)).take();
    out.value = crypto::labelled_hash("mash.v1.test-token", {bytes});
    return out;
}

}  // namespace mash::test
