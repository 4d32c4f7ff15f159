#include "tests/bench/bench_area.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

#include "common/area/document_files.hpp"
#include "common/area/enrolment.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"
#include "common/base/check.hpp"
#include "tests/paths/paths.hpp"

namespace mash::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t words_bytes = 4096;
constexpr std::chrono::seconds settling_deadline{120};

WallTime now() {
    return WallTime::from_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                                      std::chrono::system_clock::now().time_since_epoch())
                                      .count());
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// One that the kernel would give to the next who asks.
int free_port() {
    const int one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    CHECK(::bind(one, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    CHECK(::getsockname(one, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ::close(one);
    return ntohs(address.sin_port);
}

fs::path temporary_folder(const fs::path& under) {
    std::string name = (under / "mash-bench-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    return name;
}

/// A valid number of the 999 test range.
std::string nhs_number(std::size_t child) {
    for (std::size_t tail = 1000 + child * 37;; ++tail) {
        const auto digits = "999" + std::to_string(1'000'000 + tail).substr(1);
        int sum = 0;
        for (std::size_t i = 0; i < 9; ++i) sum += (digits[i] - '0') * (10 - static_cast<int>(i));
        const int check = (11 - sum % 11) % 11;
        if (check < 10) return digits + std::to_string(check);
    }
}

/// Each agent has a link, an event and a store: more files than a login allows by default.
void allow_many_files() {
    rlimit limit{};
    CHECK(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

PersonalText json_text(const std::string& words) {
    return PersonalText(nlohmann::json(words).dump());
}

area::Agency agency_of(const AgencyId& id, const HostId& host, const std::string& kind,
                       const std::string& urn, const std::vector<std::string>& roles) {
    area::Agency agency;
    agency.id = id;
    agency.kind = area::AgencyKind(kind);
    agency.name = id.value();
    agency.urn = urn;
    agency.telephone = "01632 960199";
    agency.host = host;
    for (const auto& role : roles) {
        area::SeatEntry seat;
        seat.role = RoleId(role);
        seat.inbox = InboxId(id.value() + "." + role);
        seat.telephone = "01632 960198";
        if (role == "sch") seat.alternate = InboxId(id.value() + ".sch2");
        agency.roles.push_back(seat.role);
        agency.seats.push_back(std::move(seat));
    }
    return agency;
}

}  // namespace

BenchArea::BenchArea(const Shape& shape, Watch watch)
    : shape_(shape),
      watch_(std::move(watch)),
      folder_(temporary_folder(shape.folder)),
      area_(1, now() - std::chrono::minutes(1)),
      broker_transport_(crypto::CurveKeyPair::generate(random_)),
      port_(free_port()),
      metrics_port_(free_port()) {
    allow_many_files();
    sign_area();
    write_broker_folder();
    start_broker();
}

BenchArea::~BenchArea() {
    agents_.clear();
    (void)broker_->stop(std::chrono::seconds(20));  // politely, so that profilers can write
    broker_.reset();
    std::error_code error;
    fs::remove_all(folder_, error);
}

void BenchArea::add_host(const HostId& host, const std::vector<AgencyId>& agencies) {
    runtime::CoreConfig config;
    config.area = area_.id;
    config.root = area_.root();
    config.host = host;
    config.agencies = agencies;
    config.area_telephone = "01632 960000";
    runtime::HostKeys keys{crypto::StorageKey::generate(random_),
                           {},
                           crypto::BoxKeyPair::generate(random_).public_key,
                           {}};
    for (const auto& agency : agencies) {
        runtime::AgencyKeys own;
        own.signing.push_back(crypto::SigningKey::generate(random_));
        own.box.push_back(crypto::BoxKeyPair::generate(random_));
        keys.agencies.emplace(agency, std::move(own));
    }
    const auto token = crypto::BearerToken::generate(random_);
    keys.service_token = crypto::token_verifier(token);
    hosts_.emplace(
        host,
        HostSecrets{std::move(config), std::move(keys), crypto::CurveKeyPair::generate(random_),
                    runtime::text_of_credential(runtime::service_person(), token)});
}

void BenchArea::sign_area() {
    add_host(HostId("hub"), {AgencyId("hub")});
    add_host(HostId("social-care"), {AgencyId("social-care")});
    std::vector<area::Agency> joining;
    for (std::size_t i = 0; i < shape_.senders; ++i) {
        const auto host = sender_host(i);
        add_host(host, {AgencyId(host.value())});
        joining.push_back(agency_of(AgencyId(host.value()), host, "police", "", {"pol"}));
    }
    for (std::size_t i = 0; i < shape_.schools; ++i) {
        const auto name = "school-" + std::to_string(i);
        add_host(HostId(name), {AgencyId(name)});
        joining.push_back(agency_of(AgencyId(name), HostId(name), "school",
                                    std::to_string(900'000 + i), {"sch", "sch2"}));
    }
    const auto pepper = crypto::SecretBytes::random(32, random_);
    const auto from = now() - std::chrono::hours(1);
    area_.change_registry(
        [&](area::Registry& registry) {
            registry.broker.curve_public_key = broker_transport_.public_key.value();
            registry.broker.endpoints = {"tcp://127.0.0.1:" + std::to_string(port_)};
            for (auto& agency : joining) registry.agencies.emplace(agency.id, std::move(agency));
            for (const auto& [id, secrets] : hosts_) {
                registry.hosts[id] =
                    area::Host{id, {{secrets.transport.public_key.value(), from, {}, {}}}};
                for (const auto& [name, keys] : secrets.keys.agencies) {
                    auto& agency = registry.agencies.at(name);
                    agency.signing_keys = {{keys.signing.front().verify_key(), from, {}, {}}};
                    agency.box_public_key = keys.box.front().public_key.value();
                    auto sealed =
                        crypto::seal_to(keys.box.front().public_key, pepper.reveal(), random_);
                    CHECK(sealed.has_value());
                    agency.sealed_pepper = std::move(*sealed);
                }
            }
        },
        now());
}

void BenchArea::write_broker_folder() {
    const auto documents = folder_ / "documents";
    fs::create_directories(documents);
    fs::create_directories(folder_ / "agents");
    for (const auto& document : area_.documents())
        CHECK(area::write_document(documents, document).has_value());
    const auto anchor = area::to_json(area::TrustAnchor{area_.id, area_.root()});
    CHECK(area::write_file(folder_ / "area.json", view_of(anchor), area::FileAccess::owner_only)
              .has_value());
    area::KeyFile keys;
    keys.label.kind = "broker";
    keys.label.area = area_.id;
    keys.label.owner = "broker";
    keys.add_signing("signing", area_.broker_key());
    keys.add_curve("transport", broker_transport_);
    CHECK(area::save_key_file(folder_ / "broker.key", keys, nullptr,
                              crypto::Argon2Params::interactive(), random_)
              .has_value());
    std::ofstream(folder_ / "broker.toml")
        << "documents = \"documents\"\ntrust_anchor = \"area.json\"\nendpoints = "
           "[\"tcp://127.0.0.1:"
        << port_ << "\"]\nmetrics_port = " << metrics_port_ << "\n";
}

void BenchArea::start_broker() {
    const auto bin = test::build_dir() / "bin";
    const char* given = std::getenv("MASH_BIN");  // as tests/integration
    const auto programs = given != nullptr ? fs::path(given) : bin;
    integration::Argv command{(programs / "mash-broker").string(), "run", "--dir",
                              folder_.string()};
    if (shape_.broker_sync_ms > 0) {
        command.insert(command.begin(),
                       {"env", "LD_PRELOAD=" + (bin / "libslow_sync.so").string(),
                        "MASH_BENCH_SYNC_MS=" + std::to_string(shape_.broker_sync_ms)});
    }
    broker_ = integration::Process::start(command, folder_ / "broker.log");
    const bool ready = broker_->wait_for("is ready", std::chrono::seconds(60));
    if (!ready) std::fputs(broker_->said().c_str(), stderr);
    CHECK(ready);
}

void BenchArea::connect_all() {
    const auto endpoint = "tcp://127.0.0.1:" + std::to_string(port_);
    for (const auto& [id, secrets] : hosts_) {
        agents_.emplace(
            id, std::make_unique<BenchAgent>(secrets, folder_ / "agents" / (id.value() + ".sqlite"),
                                             endpoint, broker_transport_.public_key, watch_));
    }
    wait_settled();
    send_rolls();
    wait_settled();
}

void BenchArea::wait_settled() const {
    const auto end = std::chrono::steady_clock::now() + settling_deadline;
    for (const auto& [id, agent] : agents_) {
        while (!agent->is_settled()) {
            if (std::chrono::steady_clock::now() > end) {
                std::fprintf(stderr, "bench: the broker did not confirm all that %s told it\n",
                             id.value().c_str());
                CHECK(false);
            }
            ::poll(nullptr, 0, 20);
        }
    }
}

void BenchArea::send_rolls() {
    runtime::ReplaceRoll roll;
    roll.reply = 1;
    roll.seat = {AgencyId("social-care"), RoleId("sw")};
    roll.relation = "social_worker";
    for (std::size_t child = 0; child < shape_.children; ++child)
        roll.entries.push_back({subject(child), "case:" + std::to_string(child)});
    agents_.at(HostId("social-care"))->push({std::move(roll), {}});
    for (std::size_t school = 0; school < shape_.schools; ++school) {
        const auto name = "school-" + std::to_string(school);
        runtime::ReplaceRoll own;
        own.reply = 1;
        own.seat = {AgencyId(name), RoleId("sch")};
        own.relation = "school";
        for (std::size_t child = school; child < shape_.children; child += shape_.schools)
            own.entries.push_back({subject(child), "pupil:" + std::to_string(child)});
        agents_.at(HostId(name))->push({std::move(own), {}});
    }
}

runtime::Subject BenchArea::subject(std::size_t child) const {
    runtime::Subject out;
    out.nhs_number = PersonalText(nhs_number(child));
    out.date_of_birth = PersonalText("201" + std::to_string(child % 8 + 1) + "-04-0" +
                                     std::to_string(child % 9 + 1));
    return out;
}

runtime::Notification BenchArea::missing(std::size_t sender, std::size_t child, std::string grade) {
    const AgencyId agency(sender_host(sender).value());
    runtime::Notification out;
    out.source_ref = "bench/" + std::to_string(next_ref_++);
    out.agency = agency;
    out.role = RoleId("pol");
    out.facts.type = TypeId("missing_episode_started");
    out.facts.occurred_at = now() - std::chrono::minutes(10);
    out.facts.risk_grade = std::move(grade);
    out.subject = subject(child);
    out.sections["evt"]["what"] = json_text("A child is missing");
    out.sections["evt"]["details"] = json_text(std::string(words_bytes, 'w'));
    out.sections["rsk"]["grade"] = json_text(out.facts.risk_grade);
    out.sections["voi"]["reason_for_none"] = json_text("not_seen");
    out.sections["sfc"]["note"] = json_text("Ring the sender before any contact");
    out.sections["pro"]["whom_to_ring"] = json_text("Missing desk, 01632 960201");
    return out;
}

double BenchArea::metric(const std::string& name) const {
    const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(metrics_port_);
    CHECK(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const std::string request =
        "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    CHECK(::write(connection, request.data(), request.size()) ==
          static_cast<ssize_t>(request.size()));
    std::string text;
    char buffer[4096];
    for (ssize_t got = ::read(connection, buffer, sizeof buffer); got > 0;
         got = ::read(connection, buffer, sizeof buffer))
        text.append(buffer, static_cast<std::size_t>(got));
    ::close(connection);
    const auto at = text.find("\n" + name + " ");
    CHECK(at != std::string::npos);
    return std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

std::uint64_t BenchArea::refusals() const {
    std::uint64_t sum = 0;
    for (const auto& [id, agent] : agents_) sum += agent->refusals();
    return sum;
}

std::uint64_t BenchArea::alarms() const {
    std::uint64_t sum = 0;
    for (const auto& [id, agent] : agents_) sum += agent->alarms();
    return sum;
}

}  // namespace mash::bench
