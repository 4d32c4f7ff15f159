// What the commands ask of a running agent, which is played here: where it serves several areas,
// a request that names none is refused, so each must name one.
#include "agents/runtime/shell/command_line.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/shell/enrol.hpp"
#include "common/area/enrolment.hpp"
#include "common/http/server.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

using Json = nlohmann::json;

class CommandLine : public ::testing::Test {
protected:
    CommandLine() {
        const auto now =
            WallTime::from_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count());
        std::string problem;
        for (const std::string name : {"worcestershire", "herefordshire"}) {
            std::vector<area::Invite> invites;
            invites.push_back(
                {area::InviteId(area.random().array<16>()),
                 {AreaId(name), area.root()},
                 {"tcp://127.0.0.1:27000"},
                 crypto::CurveKeyPair::generate(area.random()).public_key,
                 now + std::chrono::hours(24),
                 area::InviteCode::generate(area.random()),
                 AgencyId("police-" + name),
                 "police",
                 "Invented Police",
                 "",
                 "01632 960000",
                 HostId("police"),
                 {RoleId("pol")},
                 {{RoleId("pol"), InboxId("police-" + name + ".pol"), true, std::nullopt, ""}},
                 {},
                 false});
            EXPECT_TRUE(enrol(folder.path(), invites, now, area.random(), problem)) << problem;
        }
        agent = std::move(http::Server::start({}, [this](http::Request request,
                                                         http::Server::Respond respond) {
                    const auto named = request.query.find("area");
                    asked.add(request.method + " " + request.path + " " +
                              (named == request.query.end() ? "" : named->second));
                    bodies.add(request.body);
                    http::Response out;
                    if (named != request.query.end() && named->second == refuses_area)
                        out.status = 503;
                    out.body = out.status == 200
                                   ? R"({"transport":[],"signing":{}})"
                                   : R"({"error":{"code":"store_failed","message":"no"}})";
                    respond(std::move(out));
                })).value();
        test::write_content(
            folder.path() / "api.json",
            Json{{"url", "http://127.0.0.1:" + std::to_string(agent->port())}}.dump());
        test::write_content(token, "mash1.someone.x\n");
    }
    int run(std::vector<std::string> words) {
        words.insert(words.begin(), "mash-police");
        words.insert(words.end(), {"--dir", folder.path().string()});
        std::vector<char*> argv;
        for (auto& word : words) argv.push_back(word.data());
        return run_agent_command_line(static_cast<int>(argv.size()), argv.data(),
                                      {"mash-police", "Invented", false},
                                      [] { return runtime::SourceFormats(); });
    }

    test::TestArea area;
    test::TemporaryFolder folder;
    std::string token = (folder.path() / "token.json").string();
    test::Collected<std::string> asked;
    test::Collected<std::string> bodies;
    std::string refuses_area;
    std::unique_ptr<http::Server> agent;
};

TEST_F(CommandLine, RotateFinishAsksEachArea) {
    EXPECT_EQ(run({"rotate", "finish"}), 0);
    EXPECT_EQ(asked.all(), (std::vector<std::string>{"GET /api/v1/keys herefordshire",
                                                     "GET /api/v1/keys worcestershire"}));
}

TEST_F(CommandLine, RotateFinishOfAnAreaThatCannotSayIsNotDone) {
    refuses_area = "herefordshire";
    EXPECT_EQ(run({"rotate", "finish"}), 1);
    EXPECT_EQ(asked.size(), 2U) << "the other area is asked all the same";
}

TEST_F(CommandLine, MoreForSomebodyWhoIsHereNamesThemAndWritesNoTokenFile) {
    const auto saved = (folder.path() / "again.json").string();
    EXPECT_EQ(run({"person", "add", "--person", "p-invented", "--inbox", "police-herefordshire.pol",
                   "--token-file", token, "--area", "herefordshire", "--save", saved}),
              0);
    ASSERT_EQ(bodies.size(), 1U);
    const auto body = Json::parse(bodies.all().front(), nullptr, false);
    EXPECT_EQ(body.value("person", ""), "p-invented");
    EXPECT_FALSE(std::filesystem::exists(saved)) << "the answer holds no token";
}

TEST_F(CommandLine, WhatIsAboutOneAreaNamesIt) {
    const std::vector<std::string> named{"--token-file", token, "--area", "herefordshire"};
    const auto with = [&](std::vector<std::string> words) {
        words.insert(words.end(), named.begin(), named.end());
        return run(std::move(words));
    };
    EXPECT_EQ(with({"rotate", "inbox", "police-herefordshire.pol"}), 0);
    EXPECT_EQ(with({"roll", "list"}), 0);
    EXPECT_EQ(with({"roll", "confirm", "r-1", "--reason", "right"}), 0);
    EXPECT_EQ(with({"roll", "reject", "r-1", "--reason", "wrong"}), 0);
    EXPECT_EQ(asked.all(),
              (std::vector<std::string>{
                  "POST /api/v1/inboxes/police-herefordshire.pol/rotate herefordshire",
                  "GET /api/v1/rolls herefordshire", "POST /api/v1/rolls/r-1 herefordshire",
                  "POST /api/v1/rolls/r-1 herefordshire"}));
}

}  // namespace
}  // namespace mash::runtime_shell
