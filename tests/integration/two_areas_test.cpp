// One police agent in two areas: each area is a world of its own, with its own broker, policy and
// agency's name, and neither shows in the other.
#include <fstream>

#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;

const std::string home = "worcestershire";
const std::string west = "herefordshire";

class TwoAreas : public OnArea<TwoAreas> {
protected:
    static void must(const Finished& finished) {
        if (finished.code != 0) throw std::runtime_error(finished.output);
    }
    static std::string replaced(std::string text, const std::string& from, const std::string& to) {
        const auto at = text.find(from);
        if (at == std::string::npos) throw std::runtime_error("no " + from);
        return text.replace(at, from.size(), to);
    }
    static fs::path west_dir() { return area().dir() / "west"; }
    static std::string documents() { return (west_dir() / "area").string(); }

    /// As deploy/area makes one: keys, policy, broker's settings.
    static void make_west() {
        fs::create_directories(west_dir() / "broker");
        std::ofstream(west_dir() / "passphrase") << "an invented passphrase of the second area\n";
        const auto port = std::to_string(area().broker_port() + 2);
        must(area().mashctl({"area", "init", "--dir", documents(), "--area", west,
                             "--broker-endpoint", "tcp://127.0.0.1:" + port, "--passphrase-file",
                             (west_dir() / "passphrase").string()}));
        const auto policy = test::source_dir() / "deploy/policy";
        std::ofstream(west_dir() / "policy.toml")
            << replaced(read_whole(policy / "policy.toml"), "area = \"" + home + "\"",
                        "area = \"" + west + "\"");
        must(area().mashctl({"policy", "sign", "--dir", documents(),
                             (west_dir() / "policy.toml").string(), "--catalogue",
                             (policy / "catalogue.toml").string()}));
        auto settings = read_whole(area().folder("broker") / "broker.toml");
        settings = replaced(settings, std::to_string(area().broker_port()), port);
        settings = replaced(settings, std::to_string(area().metrics_port()),
                            std::to_string(area().broker_port() + 3));
        std::ofstream(west_dir() / "broker" / "broker.toml") << settings;
    }
    static void enrol(const std::string& host, const std::string& agent, const fs::path& folder,
                      const std::string& agency) {
        const auto list = west_dir() / (host + ".csv");
        std::ofstream(list) << "id,kind,name,urn,telephone,seats\n" << agency << "\n";
        const auto invites = west_dir() / "invites" / host;
        fs::create_directories(invites);
        fs::create_directories(folder);
        must(area().mashctl({"agency", "invite", "--dir", documents(), "--host", host, "--from-csv",
                             list.string(), "--out-dir", invites.string()}));
        const auto request = (invites / "request.json").string();
        must(area().agent(agent, {"enrol", "--dir", folder.string(),
                                  (invites / (host + ".invite.json")).string(), "--out", request}));
        must(area().mashctl(
            {"agency", "approve", "--dir", documents(), request, "--accept-unread-fingerprint"}));
    }
    /// Asks for the hook and the short limit; the agent must be started after it.
    static void tell_alarms_to(const fs::path& told) {
        const auto settings = area().folder("police") / "agent.toml";
        auto text = read_whole(settings);
        text = replaced(text, "alarm_hook = \"\"",
                        "alarm_hook = \"echo $MASH_ALARM $MASH_AREA $MASH_NOTIFICATION "
                        "$MASH_TELEPHONE >> '" +
                            told.string() + "'\"");
        text = replaced(text, "immediate_alarm_seconds = 60", "immediate_alarm_seconds = 5");
        std::ofstream(settings) << text;
    }
    static Answer police(const std::string& method, const std::string& path, const std::string& in,
                         const std::string& body = "") {
        return area().call("police", area().service("police"), method, path + "?area=" + in, body);
    }
    static bool linked(const std::string& in) {
        return area().wait_until(
            [&] {
                const auto now = police("GET", "/api/v1/status", in).json();
                return now.is_object() && now.value("link", "") == "open" &&
                       now["documents"]["fresh"] == true;
            },
            seconds(60));
    }
    static std::string send(const std::string& in, const std::string& agency,
                            const std::string& reference) {
        auto notification = missing_wren(reference);
        notification["agency"] = agency;
        const auto answer = police("POST", "/api/v1/notifications", in, notification.dump());
        EXPECT_EQ(answer.status, 202) << answer.text;
        return answer.status == 202 ? answer.json().value("id", "") : "";
    }
    static bool is_accepted(const std::string& in, const std::string& id) {
        return area().wait_until(
            [&] {
                const auto sent = police("GET", "/api/v1/sent/" + id, in).json();
                return sent.is_object() && sent.value("state", "") == "accepted";
            },
            seconds(40));
    }
    /// Ids of the second area's desk, whichever is on duty.
    static std::set<std::string> at_western_desk() {
        std::set<std::string> out;
        for (const char* inbox : {"hub-west.ffd", "hub-west.edt"}) {
            const auto list = area()
                                  .call("hub-west", area().person("hub-west", "desk"), "GET",
                                        std::string("/api/v1/received?inbox=") + inbox)
                                  .json();
            if (!list.is_object() || !list.contains("received")) continue;
            for (const auto& item : list["received"]) out.insert(item.value("id", ""));
        }
        return out;
    }
};

TEST_F(TwoAreas, AnItemOfEachIsAcceptedByItsOwnBrokerAndNeitherShowsInTheOther) {
    ASSERT_TRUE(area().program("police").stop(seconds(20)));
    make_west();
    enrol("police-west", "police", area().folder("police"),
          "police-west,police,Police in the west,,01632 960301,pol:police-west.pol:people");
    enrol("hub-west", "hub", area().folder("hub-west"),
          "hub-west,front_door,Front door in the west,,01632 960304,"
          "ffd:hub-west.ffd:people;edt:hub-west.edt:people");
    must(area().mashctl({"freshness", "renew", "--dir", documents()}));
    const auto told = area().dir() / "told";
    tell_alarms_to(told);
    const auto start = [&](const std::string& program, const fs::path& folder) {
        return Process::start({Area::path_of(program), "run", "--dir", folder.string()},
                              area().log(folder.filename().string() + "-west"));
    };
    const auto broker = start("mash-broker", west_dir() / "broker");
    ASSERT_TRUE(broker->wait_for("is ready", seconds(30))) << broker->said();
    const auto hub = start("mash-hub", area().folder("hub-west"));
    ASSERT_TRUE(hub->wait_for("is ready", seconds(30))) << hub->said();
    area().start("police");
    ASSERT_TRUE(area().wait_linked("hub-west"));
    ASSERT_TRUE(linked(home));
    ASSERT_TRUE(linked(west));
    must(area().agent(
        "hub",
        {"person", "add", "--dir", area().folder("hub-west").string(), "--name", "Invented Desk",
         "--agency", "hub-west", "--inbox", "hub-west.ffd", "--inbox", "hub-west.edt",
         "--recovery-key", (area().folder("hub-west") / "keys" / "recovery.key").string(), "--save",
         (area().folder("hub-west") / "people" / "desk.json").string()}));

    // Which area must be said, and an agency's name counts in its own only.
    const auto service = area().service("police");
    const auto unsaid = area().call("police", service, "POST", "/api/v1/notifications",
                                    missing_wren("it/areas/unsaid").dump());
    EXPECT_EQ(unsaid.status, 422) << unsaid.text;
    const auto stranger =
        police("POST", "/api/v1/notifications", west, missing_wren("it/areas/stranger").dump());
    EXPECT_NE(stranger.status, 202) << stranger.text;

    const auto at_home = send(home, "police", "it/areas/1");
    const auto in_west = send(west, "police-west", "it/areas/1");
    ASSERT_FALSE(at_home.empty());
    ASSERT_FALSE(in_west.empty());
    EXPECT_NE(at_home, in_west) << "the same reference of two areas is two notifications";
    ASSERT_TRUE(is_accepted(home, at_home));
    ASSERT_TRUE(is_accepted(west, in_west));

    EXPECT_EQ(police("GET", "/api/v1/sent/" + at_home, west).status, 404);
    EXPECT_EQ(police("GET", "/api/v1/sent/" + in_west, home).status, 404);
    EXPECT_EQ(police("GET", "/api/v1/sent", west).text.find(at_home), std::string::npos);
    EXPECT_EQ(police("GET", "/api/v1/sent", home).text.find(in_west), std::string::npos);
    EXPECT_TRUE(area().wait_until(
        [&] { return at_western_desk() == std::set<std::string>{in_west}; }, seconds(30)));
    EXPECT_TRUE(area().wait_until([&] { return area().listed("social-care.sw").contains(at_home); },
                                  seconds(30)));
    for (const auto& [inbox, who] : Area::openers()) {
        if (who.first == "police") continue;
        EXPECT_FALSE(area().listed(inbox).contains(in_west)) << inbox;
    }
    // Each broker has heard of its own and of nothing else.
    const auto said = broker->said();
    EXPECT_EQ(said.find(at_home), std::string::npos);
    EXPECT_EQ(read_whole(area().log("broker")).find(in_west), std::string::npos);

    // Its alarm names the area, and the number of that area's front door.
    ASSERT_TRUE(broker->stop(seconds(20)));
    auto danger = missing_wren("it/areas/alarm");
    danger["agency"] = "police-west";
    danger["risk_grade"] = "high";
    danger["sections"]["rsk"]["grade"] = "high";
    const auto answer = police("POST", "/api/v1/notifications", west, danger.dump());
    ASSERT_EQ(answer.status, 202) << answer.text;
    const auto line =
        "not_accepted " + west + " " + answer.json().value("id", "") + " 01632 960304\n";
    EXPECT_TRUE(area().wait_until([&] { return read_whole(told).find(line) != std::string::npos; },
                                  seconds(40)))
        << read_whole(told);
    const auto metrics = area().call("police", "", "GET", "/metrics").text;
    EXPECT_NE(
        metrics.find("mash_agent_alarms_total{kind=\"not_accepted\",area=\"" + west + "\"} 1\n"),
        std::string::npos)
        << metrics;
    EXPECT_NE(read_whole(area().log("police")).find("\"area\":\"" + west + "\""),
              std::string::npos);
}

}  // namespace
}  // namespace mash::integration
