#include "tests/simulation/enrolled_area.hpp"

#include <nlohmann/json.hpp>

#include "common/base/check.hpp"
#include "tests/simulation/world.hpp"

namespace mash::simulation {
namespace {

constexpr std::uint64_t area_seed = 1;

HostFiles host_files(test::TestArea& area, const std::string& host,
                     const std::vector<std::string>& agencies, const crypto::SigningKey* own_key) {
    crypto::SeededRandom random(area_seed, "host-" + host);
    runtime::HostKeys keys{crypto::StorageKey::generate(random), {}, {}, {}};
    for (const auto& name : agencies) {
        runtime::AgencyKeys own;
        own.signing.push_back(own_key != nullptr ? own_key->clone()
                                                 : area.signing_key(AgencyId(name)).clone());
        own.box.push_back(crypto::BoxKeyPair::generate(random));
        keys.agencies.emplace(AgencyId(name), std::move(own));
    }
    auto recovery = crypto::BoxKeyPair::generate(random);
    keys.recovery = recovery.public_key;
    runtime::CoreConfig config;
    config.area = area.id;
    config.root = area.root();
    config.host = HostId(host);
    for (const auto& name : agencies) config.agencies.emplace_back(name);
    config.area_telephone = "01632 960000";
    return {std::move(keys), std::move(recovery), std::move(config)};
}

void enrol_northmere(area::Registry& registry, const crypto::SigningKey& key, WallTime at,
                     RandomSource& random) {
    area::Host host;
    host.id = HostId(northmere);
    host.transport_keys.push_back({random.array<32>(), at, {}, {}});
    registry.hosts.emplace(host.id, host);
    area::Agency agency;
    agency.id = AgencyId(northmere);
    agency.kind = "other_authority";
    agency.name = "Northmere";
    agency.telephone = "01632 960177";
    agency.host = host.id;
    agency.signing_keys.push_back({key.verify_key(), at, {}, {}});
    area::SeatEntry seat;
    seat.role = RoleId("ola");
    seat.inbox = InboxId("northmere.ola");
    seat.telephone = "01632 960178";
    agency.roles.push_back(seat.role);
    agency.seats.push_back(std::move(seat));
    registry.agencies.emplace(agency.id, std::move(agency));
}

}  // namespace

SimulatedArea::SimulatedArea() : area(area_seed) {
    crypto::SeededRandom random(area_seed, "northmere");
    const auto key = crypto::SigningKey::generate(random);
    const auto begin = test::working_morning - std::chrono::hours(24);
    hosts.emplace(HostId("police"), host_files(area, "police", {"police-wm"}, nullptr));
    hosts.emplace(HostId("hub"), host_files(area, "hub", {"hub"}, nullptr));
    hosts.emplace(HostId("social-care"), host_files(area, "social-care", {"social-care"}, nullptr));
    hosts.emplace(HostId("health"), host_files(area, "health", {"health"}, nullptr));
    hosts.emplace(HostId("schools"),
                  host_files(area, "schools", {"orchard-gate", "teme-meadow"}, nullptr));
    hosts.emplace(HostId(northmere), host_files(area, northmere, {northmere}, &key));
    const auto pepper = crypto::SecretBytes::random(32, random);
    area.change_registry(
        [&](area::Registry& registry) {
            enrol_northmere(registry, key, begin, random);
            for (auto& seat : registry.agencies.at(AgencyId("health")).seats) {
                if (seat.role == RoleId("urg")) seat.people = false;
            }
            for (const auto& [id, files] : hosts) {
                for (const auto& [agency, keys] : files.keys.agencies) {
                    auto& entry = registry.agencies.at(agency);
                    entry.box_public_key = keys.box.front().public_key.value();
                    auto sealed =
                        crypto::seal_to(keys.box.front().public_key, pepper.reveal(), random);
                    CHECK(sealed.has_value());
                    entry.sealed_pepper = std::move(*sealed);
                }
            }
        },
        test::working_morning);
}

const std::vector<std::pair<std::string, std::string>>& SimulatedArea::people_inboxes() {
    static const std::vector<std::pair<std::string, std::string>> all{
        {"police", "police-wm.pol"},
        {"police", "police-wm.manager"},
        {"hub", "hub.ffd"},
        {"hub", "hub.edt"},
        {"hub", "hub.lado"},
        {"social-care", "social-care.sw"},
        {"social-care", "social-care.mco"},
        {"health", "health.hv"},
        {"schools", "orchard-gate.sch"},
        {"schools", "orchard-gate.sch2"},
        {"schools", "teme-meadow.sch"},
        {"schools", "teme-meadow.sch2"},
        {northmere, "northmere.ola"}};
    return all;
}

Enrolled enrol() {
    World world(nullptr, 0, Faults{}, nullptr);
    world.connect_all();
    world.settle();
    Enrolled out;
    for (const auto& [host, inbox] : SimulatedArea::people_inboxes()) {
        const auto& files = world.files(HostId(host));
        const nlohmann::json body{
            {"name", "Invented Person"},
            {"agency", inbox.substr(0, inbox.find('.'))},
            {"inboxes", {inbox}},
            {"recovery_key", to_base64url(files.recovery.secret_key.reveal())}};
        const auto reply = world.ask(HostId(host), runtime::ApiRequest::Kind::person_add,
                                     PersonalText(""), "", body.dump());
        CHECK(reply && reply->status == 201);
        out.tokens.emplace(
            InboxId(inbox),
            PersonalText(
                nlohmann::json::parse(reply->json.reveal()).at("token").get<std::string>()));
        world.settle();
    }
    world.pass(std::chrono::seconds(60));
    CHECK(!world.violation());
    out.at = world.now().wall;
    out.broker = world.broker().store().snapshot();
    for (auto& [host, agent] : world.agents()) out.agents.emplace(host, agent.store().snapshot());
    return out;
}

}  // namespace mash::simulation
