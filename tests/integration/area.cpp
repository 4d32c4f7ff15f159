#include "tests/integration/area.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <stdexcept>

#include <curl/curl.h>
#include <gtest/gtest.h>

#include "common/area/calendar.hpp"
#include "common/base/time.hpp"
#include "tests/openapi/api_document.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {

namespace fs = std::filesystem;

namespace {

// Thrown, so that GoogleTest reports it, destructors run and nothing is left behind.
void require(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

const fs::path source = test::source_dir();
/// Of this build, or of the folder in MASH_BIN.
const fs::path programs = std::getenv("MASH_BIN") != nullptr ? fs::path(std::getenv("MASH_BIN"))
                                                             : test::build_dir() / "bin";

bool port_is_free(int port) {
    const int one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(one, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(one);
    return free;
}

/// Below those that the kernel gives to outgoing connections.
int sixteen_free_ports() {
    std::random_device device;
    for (int attempt = 0; attempt < 200; ++attempt) {
        const int base = 12'000 + static_cast<int>(device() % 1'200) * 16;
        bool all_free = true;
        for (int port = base; port < base + 16; ++port) all_free = all_free && port_is_free(port);
        if (all_free) return base;
    }
    throw std::runtime_error("no sixteen free ports in a row");
}

/// What a new area is copied from. Removed when the test program ends.
struct Template {
    fs::path folder;
    fs::path area;
    int port_base = 0;

    Template() {
        std::string name = (fs::temp_directory_path() / "mash-it-XXXXXX").string();
        require(::mkdtemp(name.data()) != nullptr, "no temporary folder");
        folder = name;
        area = folder / "new";
        port_base = sixteen_free_ports();
        ::setenv("MASH_BIN", programs.c_str(), 1);
        const auto script = (source / "deploy" / "area").string();
        const auto up = run({script, "up", area.string(), "--port-base", std::to_string(port_base)},
                            seconds(150));
        const auto down = run({script, "down", area.string()}, seconds(120));
        if (up.code != 0 || down.code != 0) {
            std::cerr << up.output << down.output;
            remove();
            throw std::runtime_error("deploy/area could not make an area");
        }
        // The socket is made anew by each broker, and a socket cannot be copied.
        fs::remove(area / "broker" / "admin.sock");
    }
    ~Template() { remove(); }
    void remove() const {
        // Also after a failure on the way up nothing may run on.
        if (fs::exists(area / "settings"))
            (void)run({(source / "deploy" / "area").string(), "down", area.string()}, seconds(120));
        std::error_code error;
        fs::remove_all(folder, error);
    }
};

const Template& fresh_area() {
    static const Template made;
    return made;
}

std::size_t collect(char* data, std::size_t size, std::size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
}

Answer request(const std::string& url, const std::string& token, const std::string& method,
               const std::string& body) {
    Answer out;
    CURL* curl = curl_easy_init();
    require(curl != nullptr, "no curl");
    curl_slist* headers = nullptr;
    if (!token.empty())
        headers = curl_slist_append(headers, ("Authorization: Bearer " + token).c_str());
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20'000L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out.text);
    if (method == "POST") {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    }
    if (curl_easy_perform(curl) == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out.status);
        const char* type = nullptr;
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
        if (type != nullptr) out.content_type = type;
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return out;
}

Json json_file(const fs::path& file) { return Json::parse(read_whole(file), nullptr, false); }

}  // namespace

int Area::free_port_base() { return sixteen_free_ports(); }

std::unique_ptr<Area> Area::stopped() {
    static int number = 0;
    const auto& from = fresh_area();
    auto area = std::unique_ptr<Area>(new Area());
    area->dir_ = from.folder / ("a" + std::to_string(++number));
    area->port_base_ = from.port_base;
    fs::copy(from.area, area->dir_, fs::copy_options::recursive);
    for (const auto& entry : fs::directory_iterator(area->dir_ / "log")) fs::remove(entry.path());
    area->watch_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ::inotify_add_watch(area->watch_, (area->dir_ / "log").c_str(), IN_MODIFY);
    return area;
}

std::unique_ptr<Area> Area::make() {
    auto area = stopped();
    area->start("broker");
    for (const auto& host : hosts) area->start_unwaited(host);
    for (const auto& host : hosts) require(area->is_ready(host), host + " did not get ready");
    for (const auto& host : hosts)
        require(area->wait_linked(host), host + " did not reach the broker");
    return area;
}

Area::~Area() {
    programs_.clear();
    ::close(watch_);
    std::error_code error;
    fs::remove_all(dir_, error);
}

std::string Area::path_of(const std::string& program) { return (programs / program).string(); }

fs::path Area::folder(const std::string& name) const {
    return name == "broker" ? dir_ / "broker" : dir_ / "agents" / name;
}

std::string Area::program_of(const std::string& name) {
    if (name == "broker") return (programs / "mash-broker").string();
    if (name == "schools") return (programs / "mash-school").string();
    return (programs / ("mash-" + name)).string();
}

void Area::start_unwaited(const std::string& name) {
    programs_.erase(name);
    programs_[name] =
        Process::start({program_of(name), "run", "--dir", folder(name).string()}, log(name));
}

bool Area::is_ready(const std::string& name) {
    const bool ready = programs_.at(name)->wait_for("is ready", seconds(60));
    if (!ready) std::cerr << name << " did not get ready: " << programs_.at(name)->said() << "\n";
    return ready;
}

void Area::start(const std::string& name) {
    start_unwaited(name);
    require(is_ready(name), name + " did not get ready");
}

Finished Area::mashctl(Argv arguments) const {
    arguments.insert(arguments.begin(), (programs / "mashctl").string());
    return run(arguments, seconds(60));
}

Finished Area::agent(const std::string& host, Argv arguments) const {
    arguments.insert(arguments.begin(), program_of(host));
    return run(arguments, seconds(60));
}

Answer Area::get(const std::string& url) const { return request(url, "", "GET", ""); }

Answer Area::call(const std::string& host, const std::string& token, const std::string& method,
                  const std::string& path, const std::string& body) const {
    Answer answer =
        request(json_file(folder(host) / "api.json").value("url", "") + path, token, method, body);
    // Nobody there is no answer; every other one is what openapi.yaml says.
    if (answer.status == 0) return answer;
    const test::ApiCall call{.method = method,
                             .path = path,
                             .request_body = body,
                             .status = static_cast<int>(answer.status),
                             .content_type = answer.content_type,
                             .body = answer.text};
    for (const auto& fault : test::ApiDocument::of_tree().faults_of(call)) ADD_FAILURE() << fault;
    return answer;
}

std::string Area::service(const std::string& host) const {
    return json_file(folder(host) / "api.json").value("service_token", "");
}

std::string Area::person(const std::string& host, const std::string& name) const {
    return json_file(folder(host) / "people" / (name + ".json")).value("token", "");
}

Json Area::status(const std::string& host) const {
    auto json = call(host, service(host), "GET", "/api/v1/status").json();
    return json.is_object() ? json : Json::object();
}

bool Area::wait_until(const std::function<bool()>& holds, seconds deadline) const {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        pollfd item{watch_, POLLIN, 0};
        ::poll(&item, 1, 50);
        alignas(inotify_event) char buffer[4096];
        while (::read(watch_, buffer, sizeof buffer) > 0) {
        }
    }
    return true;
}

std::size_t Area::log_end(const std::string& name) const { return read_whole(log(name)).size(); }

bool Area::is_logged(const std::string& name, std::size_t from, const std::string& event,
                     const std::vector<std::string>& words) const {
    const auto holds = [&](const std::string& line) {
        return line.find("\"event\":\"" + event + "\"") != std::string::npos &&
               std::ranges::all_of(words, [&](const std::string& word) {
                   return line.find(word) != std::string::npos;
               });
    };
    return wait_until(
        [&] {
            std::istringstream lines(read_whole(log(name)).substr(from));
            for (std::string line; std::getline(lines, line);) {
                if (holds(line)) return true;
            }
            return false;
        },
        seconds(20));
}

bool Area::wait_linked(const std::string& host) const {
    return wait_until(
        [&] {
            const auto now = status(host);
            return now.value("link", "") == "open" && now["documents"]["fresh"] == true;
        },
        seconds(60));
}

void Area::drop(const std::string& host, const std::string& sub_folder, const std::string& name,
                const std::string& text) const {
    const auto intake = folder(host) / "intake" / sub_folder;
    fs::create_directories(intake);
    std::ofstream(intake / ("." + name), std::ios::binary) << text;
    fs::rename(intake / ("." + name), intake / name);
}

void Area::feed_involvement() const {
    const auto demo = source / "deploy" / "demo" / "involvement";
    drop("social-care", "", "caseload.csv", read_whole(demo / "social-care.csv"));
    drop("health", "", "caseload.csv", read_whole(demo / "health.csv"));
    for (const char* urn : {"999101", "999102", "999103", "999104"}) {
        drop("schools", urn, "roll.csv", read_whole(demo / (std::string(urn) + ".csv")));
    }
    const auto taken_in = [&](const std::string& host, const std::string& sub,
                              const std::string& name) {
        return fs::exists(folder(host) / "accepted" / sub / name) &&
               status(host)["errands_owed"] == 0;
    };
    const bool confirmed = wait_until(
        [&] {
            return taken_in("social-care", "", "caseload.csv") &&
                   taken_in("health", "", "caseload.csv") &&
                   taken_in("schools", "999101", "roll.csv") &&
                   taken_in("schools", "999104", "roll.csv");
        },
        seconds(60));
    require(confirmed, "the rolls were not taken in");
}

std::string Area::post(const std::string& host, const Json& notification) const {
    const auto answer =
        call(host, service(host), "POST", "/api/v1/notifications", notification.dump());
    if (answer.status != 202) {
        if (answer.status != 0)
            std::cerr << "not taken: " << answer.status << " " << answer.text << "\n";
        return "";
    }
    return answer.json().value("id", "");
}

Json Area::sent(const std::string& host, const std::string& id) const {
    return call(host, service(host), "GET", "/api/v1/sent/" + id).json();
}

namespace {

std::string seat_of(const Json& recipient) {
    return recipient["recipient"].value("agency", "") + "/" +
           recipient["recipient"].value("role", "");
}

}  // namespace

std::set<std::string> Area::seats(const Json& sent) {
    std::set<std::string> out;
    if (!sent.is_object() || !sent.contains("recipients")) return out;
    for (const auto& recipient : sent["recipients"]) out.insert(seat_of(recipient));
    return out;
}

std::set<std::string> Area::rungs(const Json& sent, const std::string& seat) {
    std::set<std::string> out;
    if (!sent.is_object() || !sent.contains("recipients")) return out;
    for (const auto& recipient : sent["recipients"]) {
        if (seat_of(recipient) != seat) continue;
        for (const auto& rung : recipient["rungs"]) out.insert(rung.value("rung", ""));
    }
    return out;
}

bool Area::wait_stored(const std::string& host, const std::string& id, seconds deadline) const {
    return wait_until(
        [&] {
            const auto item = sent(host, id);
            const auto all = seats(item);
            return !all.empty() && std::ranges::all_of(all, [&](const auto& seat) {
                return rungs(item, seat).contains("stored");
            });
        },
        deadline);
}

bool Area::wait_rung(const std::string& host, const std::string& id, const std::string& seat,
                     const std::string& rung, seconds deadline) const {
    return wait_until([&] { return rungs(sent(host, id), seat).contains(rung); }, deadline);
}

const std::map<std::string, std::pair<std::string, std::string>>& Area::openers() {
    static const std::map<std::string, std::pair<std::string, std::string>> all{
        {"police.pol", {"police", "missing-desk"}},
        {"health.hv", {"health", "school-nurse"}},
        {"health.urg", {"health", "emergency-doctor"}},
        {"teme-meadow.sch", {"schools", "teme-meadow-lead"}},
        {"teme-meadow.alternate", {"schools", "teme-meadow-alternate"}},
        {"orchard-gate.sch", {"schools", "orchard-gate-lead"}},
        {"orchard-gate.alternate", {"schools", "orchard-gate-alternate"}},
        {"lickey-road.sch", {"schools", "lickey-road-lead"}},
        {"lickey-road.alternate", {"schools", "lickey-road-alternate"}},
        {"orchard-park.sch", {"schools", "orchard-park-lead"}},
        {"orchard-park.alternate", {"schools", "orchard-park-alternate"}},
        {"social-care.sw", {"social-care", "social-worker"}},
        {"social-care.mco", {"social-care", "missing-officer"}},
        {"hub.ffd", {"hub", "front-door"}},
        {"hub.edt", {"hub", "emergency-duty"}},
    };
    return all;
}

std::pair<std::string, std::string> Area::opener(const std::string& inbox) {
    return openers().at(inbox);
}

std::multiset<std::string> Area::listed(const std::string& inbox) const {
    const auto [host, name] = opener(inbox);
    const auto json =
        call(host, person(host, name), "GET", "/api/v1/received?inbox=" + inbox).json();
    std::multiset<std::string> out;
    if (!json.is_object() || !json.contains("received")) return out;
    for (const auto& item : json["received"]) {
        if (!item.contains("episode")) {
            out.insert(item.value("id", ""));
            continue;
        }
        for (const auto& one : item["episode"]["items"]) out.insert(one.value("id", ""));
    }
    return out;
}

namespace {

WallTime ago(std::chrono::minutes before) {
    const auto now = std::chrono::system_clock::now() - before;
    const auto whole = std::chrono::duration_cast<seconds>(now.time_since_epoch());
    return WallTime::from_unix_ms(whole.count() * 1000);
}

}  // namespace

std::string utc(std::chrono::minutes before) { return to_rfc3339(ago(before)).substr(0, 19) + "Z"; }

std::string uk_local(std::chrono::minutes before) {
    const auto at = ago(before);
    auto text = to_rfc3339(at + std::chrono::minutes(area::uk_offset_minutes(at))).substr(0, 19);
    text[10] = ' ';
    return text;
}

}  // namespace mash::integration
