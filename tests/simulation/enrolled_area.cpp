#include "tests/simulation/enrolled_area.hpp"

#include <nlohmann/json.hpp>

#include "common/base/check.hpp"
#include "tests/simulation/world.hpp"

namespace mash::simulation {
namespace {

constexpr std::uint64_t area_seed = 1;

/// Of the agencies that TestArea does not have.
using OwnKeys = std::map<std::string, crypto::SigningKey>;

HostFiles host_files(test::TestArea& area, const std::string& host,
                     const std::vector<std::string>& agencies, const OwnKeys& own_keys) {
    crypto::SeededRandom random(area_seed, "host-" + host);
    runtime::HostKeys keys{crypto::StorageKey::generate(random), {}, {}, {}};
    for (const auto& name : agencies) {
        runtime::AgencyKeys own;
        const auto own_key = own_keys.find(name);
        own.signing.push_back(own_key != own_keys.end() ? own_key->second.clone()
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

struct Newcomer {
    std::string agency;
    std::string kind;
    std::string name;
    std::string host;
    std::string urn;
    std::vector<std::string> roles;
};

const std::vector<Newcomer>& newcomers(Extent extent) {
    static const std::vector<Newcomer> of_seeds{
        {northmere, "other_authority", "Northmere", northmere, "", {"ola"}}};
    static const std::vector<Newcomer> of_stories{
        of_seeds.front(),
        {"quarry-college", "school", "Quarry College", "schools", "884003", {"sch", "sch2"}},
        {"foxglove", "voluntary", "Foxglove", "foxglove", "", {"vcs"}}};
    return extent == Extent::seeds ? of_seeds : of_stories;
}

area::SeatEntry seat_of(const std::string& agency, const std::string& role) {
    area::SeatEntry seat;
    seat.role = RoleId(role);
    seat.inbox = InboxId(agency + "." + role);
    seat.telephone = "01632 960178";
    return seat;
}

void enrol_newcomer(area::Registry& registry, const Newcomer& newcomer,
                    const crypto::SigningKey& key, WallTime at, RandomSource& random) {
    if (!registry.hosts.contains(HostId(newcomer.host))) {
        area::Host host;
        host.id = HostId(newcomer.host);
        host.transport_keys.push_back({random.array<32>(), at, {}, {}});
        registry.hosts.emplace(host.id, host);
    }
    area::Agency agency;
    agency.id = AgencyId(newcomer.agency);
    agency.kind = newcomer.kind;
    agency.name = newcomer.name;
    agency.urn = newcomer.urn;
    agency.telephone = "01632 960177";
    agency.host = HostId(newcomer.host);
    agency.signing_keys.push_back({key.verify_key(), at, {}, {}});
    for (const auto& role : newcomer.roles) {
        auto seat = seat_of(newcomer.agency, role);
        if (role == "sch") seat.alternate = InboxId(newcomer.agency + ".sch2");
        agency.roles.push_back(seat.role);
        agency.seats.push_back(std::move(seat));
    }
    registry.agencies.emplace(agency.id, std::move(agency));
}

}  // namespace

SimulatedArea::SimulatedArea(Extent extent) : area(area_seed) {
    crypto::SeededRandom random(area_seed, "northmere");
    OwnKeys own_keys;
    std::vector<std::string> in_schools{"orchard-gate", "teme-meadow"};
    for (const auto& newcomer : newcomers(extent)) {
        own_keys.emplace(newcomer.agency, crypto::SigningKey::generate(random));
        if (newcomer.host == "schools") in_schools.push_back(newcomer.agency);
    }
    const auto begin = test::working_morning - std::chrono::hours(24);
    const auto add_host = [&](const std::string& host, const std::vector<std::string>& agencies) {
        hosts.emplace(HostId(host), host_files(area, host, agencies, own_keys));
    };
    add_host("police", {"police-wm"});
    add_host("hub", {"hub"});
    add_host("social-care", {"social-care"});
    add_host("health", {"health"});
    add_host("schools", in_schools);
    add_host(northmere, {northmere});
    if (extent == Extent::stories) add_host("foxglove", {"foxglove"});
    const auto pepper = crypto::SecretBytes::random(32, random);
    const auto listed_token_key = give_broker_token_key(random);
    area.change_registry(
        [&](area::Registry& registry) {
            registry.broker.token_keys = {{1, begin, listed_token_key}};
            for (const auto& newcomer : newcomers(extent))
                enrol_newcomer(registry, newcomer, own_keys.at(newcomer.agency), begin, random);
            if (extent == Extent::stories) {
                for (const auto& [host, inbox] : story_inboxes()) {
                    const auto dot = inbox.find('.');
                    auto& agency = registry.agencies.at(AgencyId(inbox.substr(0, dot)));
                    auto seat = seat_of(agency.id.value(), inbox.substr(dot + 1));
                    if (registry.find_seat({agency.id, seat.role}) != nullptr) continue;
                    agency.roles.push_back(seat.role);
                    agency.seats.push_back(std::move(seat));
                }
                for (auto& seat : registry.agencies.at(AgencyId("orchard-gate")).seats) {
                    if (seat.role == RoleId("sch2"))
                        seat.alternate = InboxId("orchard-gate.chair-of-governors");
                }
            }
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

crypto::OprfPublicKey SimulatedArea::give_broker_token_key(RandomSource& random) {
    auto key = crypto::OprfKey::generate(random);
    const auto listed = key.public_key();
    token_keys.emplace(listed, std::move(key));
    return listed;
}

void SimulatedArea::begin_token_change(WallTime now) {
    const auto next =
        static_cast<std::uint16_t>(area.registry().broker.token_keys.back().epoch + 1);
    crypto::SeededRandom random(area_seed, "token-keys-" + std::to_string(next));
    const auto pepper = crypto::SecretBytes::random(32, random);
    const auto listed = give_broker_token_key(random);
    area.change_registry(
        [&](area::Registry& registry) {
            registry.broker.token_keys.push_back({next, now, listed});
            for (auto& [id, agency] : registry.agencies) {
                if (agency.sealed_pepper.empty()) continue;
                auto sealed = crypto::seal_to(crypto::BoxPublicKey(agency.box_public_key),
                                              pepper.reveal(), random);
                CHECK(sealed.has_value());
                agency.next_pepper = area::SealedPepper{next, std::move(*sealed)};
            }
        },
        now);
}

void SimulatedArea::finish_token_change(WallTime now) {
    area.change_registry(
        [](area::Registry& registry) {
            auto& keys = registry.broker.token_keys;
            keys.erase(keys.begin(), keys.end() - 1);
            for (auto& [id, agency] : registry.agencies) {
                if (!agency.next_pepper) continue;
                agency.sealed_pepper = std::move(agency.next_pepper->sealed);
                agency.pepper_epoch = agency.next_pepper->epoch;
                agency.next_pepper.reset();
            }
        },
        now);
}

bool SimulatedArea::is_token_change_under_way() const {
    return area.registry().broker.token_keys.size() > 1;
}

const PeopleInboxes& SimulatedArea::people_inboxes() {
    static const PeopleInboxes all{{"police", "police-wm.pol"},
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

const PeopleInboxes& SimulatedArea::story_inboxes() {
    static const PeopleInboxes all{{"police", "police-wm.pint"},
                                   {"police", "police-wm.prv"},
                                   {"social-care", "social-care.gs"},
                                   {"social-care", "social-care.eh"},
                                   {"social-care", "social-care.edw"},
                                   {"social-care", "social-care.asc"},
                                   {"social-care", "social-care.iro"},
                                   {"social-care", "social-care.adopt"},
                                   {"health", "health.gp"},
                                   {"health", "health.mat"},
                                   {"health", "health.spec"},
                                   {"health", "health.cdop"},
                                   {"schools", "quarry-college.sch"},
                                   {"schools", "quarry-college.sch2"},
                                   {"schools", "orchard-gate.chair-of-governors"},
                                   {"foxglove", "foxglove.vcs"}};
    return all;
}

Enrolled enrol(Extent extent) {
    Enrolled out;
    out.extent = extent;
    World world(&out, 0, Faults{}, nullptr);
    world.connect_all();
    world.settle();
    auto inboxes = SimulatedArea::people_inboxes();
    if (extent == Extent::stories) {
        const auto& more = SimulatedArea::story_inboxes();
        inboxes.insert(inboxes.end(), more.begin(), more.end());
    }
    for (const auto& [host, inbox] : inboxes) {
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
