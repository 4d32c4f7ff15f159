// Hand-over in the enrolled agents: each kind of agency gets what its own systems take in, and the
// sender hears "handed over" only once the other side has it.
#include <fstream>
#include <mutex>

#include "common/http/server.hpp"
#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;

/// A system with a webhook: refuses until it is told to take.
class Webhook {
public:
    Webhook() {
        auto started = http::Server::start(
            {}, [this](const http::Request& request, const http::Server::Respond& respond) {
                const std::lock_guard lock(mutex_);
                got_.push_back(request.content_type + "\n" + request.body);
                respond({takes_ ? 204 : 503, "application/json", "", "", 0});
            });
        EXPECT_TRUE(started.has_value());
        if (started) server_ = std::move(*started);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/"; }
    void take() {
        const std::lock_guard lock(mutex_);
        takes_ = true;
        got_.clear();
    }
    std::string last() const {
        const std::lock_guard lock(mutex_);
        return got_.empty() ? "" : got_.back();
    }

private:
    mutable std::mutex mutex_;
    bool takes_ = false;
    std::vector<std::string> got_;
    std::unique_ptr<http::Server> server_;  // ends before what its handler uses
};

class HandedOver : public OnArea<HandedOver> {
protected:
    static std::string hospital_port() { return std::to_string(area().broker_port() + 4); }
    static void restart_with(const std::string& host, const std::string& sections) {
        ASSERT_TRUE(area().program(host).stop(seconds(30)));
        std::ofstream(area().folder(host) / "agent.toml", std::ios::binary | std::ios::app)
            << sections;
        area().start(host);
        ASSERT_TRUE(area().wait_linked(host));
    }
    static void hospital_says(const std::string& code) {
        std::ofstream(area().dir() / "code", std::ios::binary) << code;
    }
    static std::unique_ptr<Process> hospital() {
        auto out = Process::start(
            {"/usr/bin/python3", (test::source_dir() / "tests" / "peers" / "hospital.py").string(),
             hospital_port(), (area().dir() / "code").string()},
            area().log("hospital"));
        EXPECT_TRUE(out->wait_for("ready", seconds(20)))
            << out->said() << "\n(deploy/install test installs python3-hl7)";
        return out;
    }
    static fs::path file_of(const std::string& host, const std::string& inbox,
                            const std::string& id, const std::string& ending) {
        return area().folder(host) / "handover" / inbox / ("police-" + id + ending);
    }
    static void open(const std::string& inbox, const std::string& id) {
        ASSERT_TRUE(
            area().wait_until([&] { return area().listed(inbox).contains(id); }, seconds(40)))
            << inbox;
        const auto [host, name] = Area::opener(inbox);
        EXPECT_EQ(area()
                      .call(host, area().person(host, name), "GET",
                            "/api/v1/received/" + id + "?inbox=" + inbox)
                      .status,
                  200)
            << inbox;
    }
    static bool is_handed_over(const std::string& id, const std::string& seat) {
        return Area::rungs(area().sent("police", id), seat).contains("handed_over");
    }
};

TEST_F(HandedOver, EachInItsOwnFormOnlyOnceTheOtherSideHasIt) {
    Webhook school;
    Webhook desk;
    Webhook clinic;
    hospital_says("AE");
    const auto peer = hospital();
    restart_with("schools",
                 "\n[handover.\"teme-meadow.sch\"]\nfolder = \"handover\"\nwebhook = \"" +
                     school.url() + "\"\nformat = \"csv\"\n");
    restart_with("social-care",
                 "\n[handover.\"social-care.mco\"]\nfolder = \"handover\"\nformat = \"csv\"\n");
    restart_with("hub", "\n[handover.\"hub.ffd\"]\nwebhook = \"" + desk.url() +
                            "\"\n[handover.\"hub.edt\"]\nwebhook = \"" + desk.url() + "\"\n");
    restart_with("health",
                 "\n[handover.\"health.hv\"]\nfolder = \"handover\"\nformat = \"hl7-v2\"\n"
                 "to = \"127.0.0.1:" +
                     hospital_port() +
                     "\"\n[handover.\"health.urg\"]\nfolder = \"handover\"\nwebhook = \"" +
                     clinic.url() + "\"\nformat = \"fhir-json\"\n");

    auto report = missing_wren("it/handover/1");
    report["risk_grade"] = "high";  // then whoever may find the child is told too
    const auto id = area().post("police", report);
    ASSERT_FALSE(id.empty());
    ASSERT_TRUE(area().wait_stored("police", id));
    const auto desk_seat = desk_of(area().sent("police", id));
    for (const std::string inbox :
         {"teme-meadow.sch", "social-care.mco", "health.hv", "health.urg"})
        open(inbox, id);
    open(inbox_of_desk(desk_seat), id);

    // A folder has it once the file is whole.
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/mco", "handed_over"));
    const auto table = read_whole(file_of("social-care", "social-care.mco", id, ".csv"));
    EXPECT_EQ(table.substr(0, 3), "\xEF\xBB\xBF") << "spreadsheets know the encoding by it";
    EXPECT_NE(table.find("\"" + id + "\",\"views/idn.full/surname\",\"Hollis\"\r\n"),
              std::string::npos)
        << table;

    // The others were asked, and said no.
    ASSERT_TRUE(area().wait_until(
        [&] {
            return !school.last().empty() && !desk.last().empty() && !clinic.last().empty() &&
                   peer->said().find(" AE\n") != std::string::npos;
        },
        seconds(40)))
        << peer->said();
    EXPECT_FALSE(is_handed_over(id, "teme-meadow/sch"));
    EXPECT_FALSE(is_handed_over(id, "health/hv"));
    EXPECT_FALSE(is_handed_over(id, "health/urg"));
    EXPECT_FALSE(is_handed_over(id, desk_seat));

    // They mend their systems. What is owed outlives a restart, and is offered at once after it.
    school.take();
    desk.take();
    clinic.take();
    hospital_says("AA");
    for (const std::string host : {"schools", "health", "hub"}) restart_with(host, "");
    for (const std::string& seat : {std::string("teme-meadow/sch"), std::string("health/hv"),
                                    std::string("health/urg"), desk_seat})
        EXPECT_TRUE(area().wait_rung("police", id, seat, "handed_over", seconds(90))) << seat;

    EXPECT_EQ(school.last().substr(0, school.last().find('\n')), "text/csv; charset=utf-8");
    EXPECT_NE(school.last().find("\"views/idn.match/surname\",\"Hollis\""), std::string::npos);
    EXPECT_EQ(school.last().find("WR11"), std::string::npos) << "no more than the school was given";
    EXPECT_EQ(read_whole(file_of("schools", "teme-meadow.sch", id, ".csv")),
              school.last().substr(school.last().find('\n') + 1));
    EXPECT_EQ(desk.last().substr(0, desk.last().find('\n')), "application/json");
    EXPECT_EQ(Json::parse(desk.last().substr(desk.last().find('\n') + 1), nullptr, false)["id"],
              id);

    const auto bundle =
        Json::parse(read_whole(file_of("health", "health.urg", id, ".fhir.json")), nullptr, false);
    EXPECT_EQ(clinic.last().substr(0, clinic.last().find('\n')), "application/fhir+json");
    std::multiset<std::string> resources;
    for (const auto& entry : bundle["entry"])
        resources.insert(entry["resource"].value("resourceType", ""));
    EXPECT_EQ(resources,
              (std::multiset<std::string>{"Communication", "Flag", "MessageHeader", "Patient"}));

    // The hospital heard the same message twice, and knew it by its id.
    const auto said = peer->said();
    const auto first = said.find("MDM^T02 ");
    ASSERT_NE(first, std::string::npos) << said;
    const auto number = said.substr(first + 8, said.find(' ', first + 8) - first - 8);
    EXPECT_NE(said.find("MDM^T02 " + number + " AE\n"), std::string::npos) << said;
    EXPECT_NE(said.find("MDM^T02 " + number + " AA\n"), std::string::npos) << said;
    EXPECT_NE(said.find("PID Hollis^Wren"), std::string::npos) << said;
    EXPECT_TRUE(fs::exists(file_of("health", "health.hv", id, ".hl7")));

    // Taken back, each system gets the instruction in its own form.
    EXPECT_EQ(area()
                  .call("police", area().person("police", "missing-desk"), "POST",
                        "/api/v1/sent/" + id + "/recall", R"({"reason":"wrong_child"})")
                  .status,
              202);
    EXPECT_TRUE(area().wait_until(
        [&] {
            // The instruction first, and then the item's own file goes.
            return fs::exists(file_of("social-care", "social-care.mco", id, ".recall.csv")) &&
                   fs::exists(file_of("health", "health.urg", id, ".recall.fhir.json")) &&
                   !fs::exists(file_of("social-care", "social-care.mco", id, ".csv")) &&
                   !fs::exists(file_of("health", "health.urg", id, ".fhir.json")) &&
                   peer->said().find("MDM^T11 ") != std::string::npos;
        },
        seconds(60)))
        << peer->said();
}

TEST_F(HandedOver, NothingIsHandedOverWhereNobodyListens) {
    restart_with("police", "\n[handover.\"police.pol\"]\nwebhook = \"http://127.0.0.1:1/\"\n");
    Json sighting = missing_wren("it/handover/2");
    sighting["agency"] = "social-care";
    sighting["role"] = "sw";
    sighting["type"] = "missing_episode_updated";
    sighting["kind"] = "sighting";
    sighting.erase("risk_grade");
    sighting["sections"].erase("rsk");
    const auto id = area().post("social-care", sighting);
    ASSERT_FALSE(id.empty());
    open("police.pol", id);
    ASSERT_TRUE(area().wait_rung("social-care", id, "police/pol", "opened"));
    const auto log = area().log("police");
    EXPECT_TRUE(area().wait_until(
        [&] { return read_whole(log).find("handover_failed") != std::string::npos; }, seconds(40)));
    EXPECT_FALSE(Area::rungs(area().sent("social-care", id), "police/pol").contains("handed_over"));
}

}  // namespace
}  // namespace mash::integration
