#include "agents/runtime/shell/rejected_desk.hpp"

#include <future>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/shell/intake_folder.hpp"
#include "agents/runtime/shell/local_api.hpp"
#include "tests/openapi/api_document.hpp"
#include "tests/unit/agents/runtime/shell/running_core.hpp"
#include "tests/unit/agents/runtime/shell/scripted_format.hpp"

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string two_bad =
    "ref,what,note\r\nr1,send,fine\r\n\"r2\",bad,\"Canaryname, 2\"\r\nr3,bad,x\r\n";

/// The police's host with a watched folder, an officer who sends as `pol`, and a colleague who does
/// not.
class Rejected : public ::testing::Test, public RunningCore {
protected:
    Rejected()
        : desk({{AreaId("worcestershire"), folder.path(),
                 [](const std::string& sub) {
                     return sub.empty() ? Seat{AgencyId("police-wm"), RoleId("pol")} : Seat();
                 }}},
               [this] { return world.now; }),
          api(
              {{AreaId("worcestershire"), loop.get(), &replies}}, [] { return std::string(); },
              "openapi: 3.1.0\n", nullptr, nullptr, &desk) {
        formats.push_back(make_scripted_format());
        start();
        officer = add_person("pol");
        manager = add_person("manager");
        IntakeConfig config;
        config.folder = folder.path();
        config.poll_interval = std::chrono::milliseconds(20);
        config.context_of = [this](const std::string& sub) -> std::optional<runtime::ReadContext> {
            if (!sub.empty() && sub != "other-force") return std::nullopt;
            runtime::ReadContext context;
            context.agency = AgencyId(sub.empty() ? "police-wm" : "other-force");
            context.role = RoleId("pol");
            context.now = world.now;
            return context;
        };
        IntakeDoors doors;
        doors.remembered = [](std::string_view) -> Result<std::optional<std::string>> {
            return std::optional<std::string>();
        };
        doors.submit = [this](runtime::Submit input) {
            submitted.add(input.notification.source_ref);
            return accepted();
        };
        doors.roll = [](runtime::ReplaceRoll) { return accepted(); };
        doors.remember = [](runtime::Remember) { return accepted(); };
        doors.note = [](runtime::Recorded) {};
        intake = std::make_unique<IntakeFolder>(config, formats, std::move(doors));
        EXPECT_TRUE(intake->start());
    }
    ~Rejected() override {
        intake->stop();
        desk.stop();
        loop->stop();
    }

    static std::future<SubmitOutcome> accepted() {
        std::promise<SubmitOutcome> promise;
        promise.set_value({.accepted = true, .later = false, .faults = {}});
        return promise.get_future();
    }

    http::Response ask(const std::string& method, const std::string& path, const std::string& body,
                       const std::string& token,
                       const std::map<std::string, std::string>& query = {}) {
        http::Request request;
        request.method = method;
        request.path = path;
        request.body = body;
        request.query = query;
        if (!token.empty()) request.authorization = "Bearer " + token;
        auto promise = std::make_shared<std::promise<http::Response>>();
        auto answer = promise->get_future();
        api.handle(request,
                   [promise](http::Response response) { promise->set_value(std::move(response)); });
        http::Response response;
        response.status = 0;
        if (answer.wait_for(test::patience) == std::future_status::ready) response = answer.get();
        test::ApiCall call{.method = method, .path = path, .request_body = body, .body = {}};
        call.status = response.status;
        call.content_type = response.content_type;
        call.body = response.body;
        if (!test::ApiDocument::of_tree().operation_of(method, path).empty()) {
            for (const auto& fault : test::ApiDocument::of_tree().faults_of(call))
                ADD_FAILURE() << fault;
        }
        return response;
    }
    json get(const std::string& path, const std::map<std::string, std::string>& query = {}) {
        const auto response = ask("GET", path, "", officer, query);
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body, nullptr, false);
    }
    json listed(const std::string& state = "open") {
        return get("/api/v1/rejected", {{"state", state}})["rejected"];
    }
    static std::string code_of(const http::Response& response) {
        return json::parse(response.body)["error"].value("code", "");
    }

    std::string add_person(const std::string& role) {
        const json body{{"name", "Invented " + role},
                        {"agency", "police-wm"},
                        {"roles", {role}},
                        {"recovery_key", to_base64url(world.police.recovery.secret_key.reveal())}};
        const auto added = ask("POST", "/api/v1/people", body.dump(), "");
        EXPECT_EQ(added.status, 201) << added.body;
        return json::parse(added.body).value("token", "");
    }

    fs::path at(const std::string& name) const { return folder.path() / name; }
    void drop(const std::string& name, const std::string& text) {
        test::write_content(at("outside"), text);
        fs::create_directories(at("intake/" + name).parent_path());
        fs::rename(at("outside"), at("intake/" + name));
        EXPECT_TRUE(test::eventually([&] { return !fs::exists(at("intake/" + name)); }));
    }
    /// The id of the one that is open.
    std::string drop_bad() {
        drop("a.csv", two_bad);
        const auto open = listed();
        EXPECT_EQ(open.size(), 1U);
        return open.empty() ? "" : open[0].value("id", "");
    }
    std::string outcome_of(const std::string& id) {
        return get("/api/v1/rejected/" + id)["mended"].value("outcome", "");
    }

    test::TemporaryFolder folder;
    runtime::SourceFormats formats;
    test::Collected<std::string> submitted;
    RejectedDesk desk;
    LocalApi api;
    std::unique_ptr<IntakeFolder> intake;
    std::string officer;
    std::string manager;
};

TEST_F(Rejected, AnEntitledPersonSeesWhatWasNotUsedAndWhy) {
    const auto id = drop_bad();
    const auto list = get("/api/v1/rejected");
    EXPECT_EQ(list["open"], 1);
    EXPECT_EQ(list["unowned"], 0);
    const auto line = list["rejected"][0];
    EXPECT_EQ(line["file"], "a.csv");
    EXPECT_EQ(line["format"], "scripted-csv");
    EXPECT_EQ(line["agency"], "police-wm");
    EXPECT_EQ(line["whole_file"], false);
    EXPECT_EQ(line["records"], 3);
    EXPECT_EQ(line["rejected_records"], 2);
    EXPECT_EQ(line["mend"], "here");
    EXPECT_EQ(list.dump().find("Canaryname"), std::string::npos) << "no value of a record";

    const auto one = get("/api/v1/rejected/" + id);
    EXPECT_EQ(one["table"]["columns"], (json{"ref", "what", "note"}));
    EXPECT_EQ(one["table"]["rows"],
              (json{{{"record", 2}, {"values", {"r2", "bad", "Canaryname, 2"}}},
                    {{"record", 3}, {"values", {"r3", "bad", "x"}}}}));
    EXPECT_EQ(one["text"], nullptr);
    EXPECT_EQ(one["fault_list"][0], (json{{"record", 2},
                                          {"line", 3},
                                          {"field", "what"},
                                          {"rule", "bad_value"},
                                          {"message", "Write send"},
                                          {"record_lost", true}}));
}

TEST_F(Rejected, AMendedRowGoesThroughIntakeAsAFileOfItsOwn) {
    const auto id = drop_bad();
    const json body{{"revision", 1},
                    {"rows",
                     {{{"record", 2}, {"values", {"r2", "send", "quoted, \"so\"\nand on"}}},
                      {{"record", 3}, {"values", {"r3", "bad", "still"}}}}}};
    const auto mended = ask("POST", "/api/v1/rejected/" + id + "/mended", body.dump(), officer);
    ASSERT_EQ(mended.status, 202) << mended.body;
    const auto file = json::parse(mended.body).value("file", "");
    EXPECT_TRUE(test::eventually([&] { return outcome_of(id) == "partly_used"; }));
    EXPECT_EQ(submitted.all(), (std::vector<std::string>{"r1", "r2"}));
    EXPECT_EQ(test::content_of(at("accepted/" + file)),
              "ref,what,note\r\nr2,send,\"quoted, \"\"so\"\"\nand on\"\r\nr3,bad,still\r\n");
    // What is still wrong is a new line; the old one is closed.
    const auto open = listed();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0]["file"], file);
    EXPECT_EQ(open[0]["rejected_records"], 1);
    const auto closed = listed("closed");
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0]["id"], id);
    EXPECT_EQ(closed[0]["mended"]["by_name"], "Invented pol");
    EXPECT_EQ(closed[0]["mended"]["file"], file);
}

TEST_F(Rejected, ARowOfSpacesIsStillARow) {
    EXPECT_EQ(RejectedFiles::csv_of({"ref"}, {{1, {" "}}, {2, {""}}, {3, {" r3"}}}),
              "ref\r\n\" \"\r\n\"\"\r\n\" r3\"\r\n");
}

TEST_F(Rejected, AllMendedIsUsed) {
    const auto id = drop_bad();
    const json body{{"revision", 1},
                    {"rows",
                     {{{"record", 3}, {"values", {"r3", "send", ""}}},
                      {{"record", 2}, {"values", {"r2", "send", ""}}}}}};
    ASSERT_EQ(ask("POST", "/api/v1/rejected/" + id + "/mended", body.dump(), officer).status, 202);
    EXPECT_TRUE(test::eventually([&] { return outcome_of(id) == "used"; }));
    EXPECT_EQ(listed().size(), 0U);
}

TEST_F(Rejected, AFileThatIsNoTableIsMendedAsText) {
    drop("odd.txt", "no format of ours");
    const auto open = listed();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0]["whole_file"], true);
    EXPECT_EQ(open[0]["format"], "");
    const auto id = open[0].value("id", "");
    const auto one = get("/api/v1/rejected/" + id);
    EXPECT_EQ(one["table"], nullptr);
    EXPECT_EQ(one["text"], "no format of ours");
    EXPECT_EQ(one["fault_list"][0]["rule"], "unknown_format");
    const json body{{"revision", 1}, {"text", "ref,what\nr9,send\n"}};
    ASSERT_EQ(ask("POST", "/api/v1/rejected/" + id + "/mended", body.dump(), officer).status, 202);
    EXPECT_TRUE(test::eventually([&] { return outcome_of(id) == "used"; }));
    EXPECT_EQ(submitted.all(), (std::vector<std::string>{"r9"}));
}

TEST_F(Rejected, SettingAsideKeepsTheFileAndSaysWhoAndWhy) {
    const auto id = drop_bad();
    const auto path = "/api/v1/rejected/" + id + "/set-aside";
    for (const auto& [body, code] : {std::pair(json{{"revision", 1}}, "missing_field"),
                                     {json{{"revision", 1}, {"reason", " \n"}}, "missing_field"},
                                     {json{{"reason", "A test"}}, "missing_field"},
                                     {json::array(), "bad_value"}})
        EXPECT_EQ(code_of(ask("POST", path, body.dump(), officer)), code) << body;
    const json body{{"revision", 1}, {"reason", "A test of the vendor"}};
    ASSERT_EQ(ask("POST", path, body.dump(), officer).status, 200);
    EXPECT_EQ(listed().size(), 0U);
    const auto closed = listed("closed");
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0]["set_aside"]["reason"], "A test of the vendor");
    EXPECT_EQ(closed[0]["set_aside"]["by_name"], "Invented pol");
    EXPECT_TRUE(fs::exists(at("rejected/a.csv")));
    EXPECT_TRUE(fs::exists(at("rejected/a.csv.report.txt")));
    EXPECT_EQ(
        code_of(ask("POST", path, json{{"revision", 2}, {"reason", "Again"}}.dump(), officer)),
        "already_closed");
}

TEST_F(Rejected, OfTwoWhoMendTheSameTheSecondIsTold) {
    const auto id = drop_bad();
    const json body{{"revision", 1},
                    {"rows",
                     {{{"record", 2}, {"values", {"r2", "send", ""}}},
                      {{"record", 3}, {"values", {"r3", "send", ""}}}}}};
    const auto path = "/api/v1/rejected/" + id + "/mended";
    ASSERT_EQ(ask("POST", path, body.dump(), officer).status, 202);
    const auto second = ask("POST", path, body.dump(), officer);
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(code_of(second), "stale_version");
    const auto aside = ask("POST", "/api/v1/rejected/" + id + "/set-aside",
                           json{{"revision", 1}, {"reason", "Test"}}.dump(), officer);
    EXPECT_EQ(code_of(aside), "stale_version");
    EXPECT_TRUE(test::eventually([&] { return outcome_of(id) == "used"; }));
    EXPECT_EQ(submitted.size(), 3U);
}

TEST_F(Rejected, NobodyElseSeesIt) {
    const auto id = drop_bad();
    const std::string service = world.police.service_token.reveal();
    const json mend{{"revision", 1}, {"rows", {{{"record", 2}, {"values", {"r2", "send", ""}}}}}};
    const json aside{{"revision", 1}, {"reason", "Test"}};
    const std::string one = "/api/v1/rejected/" + id;
    const auto expect_all = [&](const std::string& token, int list, int rest) {
        EXPECT_EQ(ask("GET", "/api/v1/rejected", "", token).status, list);
        EXPECT_EQ(ask("GET", one, "", token).status, rest);
        EXPECT_EQ(ask("POST", one + "/mended", mend.dump(), token).status, rest);
        EXPECT_EQ(ask("POST", one + "/set-aside", aside.dump(), token).status, rest);
    };
    expect_all("", 401, 401);
    expect_all("nonsense", 401, 401);
    expect_all(service, 403, 403);
    // A colleague in another role: nothing is there.
    expect_all(manager, 200, 404);
    EXPECT_EQ(json::parse(ask("GET", "/api/v1/rejected", "", manager).body)["rejected"].size(), 0U);
    EXPECT_EQ(submitted.size(), 1U);
    EXPECT_EQ(listed().size(), 1U);
}

TEST_F(Rejected, WhatCameForAnotherAgencyOrForNobodyIsNotShown) {
    drop("other-force/b.csv", "ref,what\nq,bad\n");
    drop("999999/c.csv", "ref,what\nq,bad\n");
    const auto list = get("/api/v1/rejected");
    EXPECT_EQ(list["rejected"].size(), 0U);
    EXPECT_EQ(list["open"], 0);
    EXPECT_EQ(list["unowned"], 1);
    const auto note = note_from(test::content_of(at("rejected/other-force/b.csv.report.json")));
    ASSERT_TRUE(note);
    EXPECT_EQ(ask("GET", "/api/v1/rejected/" + uuid_text(note->id), "", officer).status, 404);
}

TEST_F(Rejected, APathOrANameIsNoId) {
    drop_bad();
    const std::string huge(1024 * 1024, 'a');
    for (const std::string& id :
         {std::string(".."), std::string("a.csv"), std::string("..%2Fa.csv"),
          std::string("00000000-0000-7000-8000-000000000000"), std::string("\0", 1), huge}) {
        EXPECT_EQ(ask("GET", "/api/v1/rejected/" + id, "", officer).status, 404);
    }
    EXPECT_EQ(ask("GET", "/api/v1/rejected/../../agent.toml", "", officer).status, 404);
}

TEST_F(Rejected, ARequestThatIsNotAsDescribedChangesNothing) {
    const auto id = drop_bad();
    const std::string path = "/api/v1/rejected/" + id + "/mended";
    const json row{{"record", 2}, {"values", {"r2", "send", ""}}};
    for (const json& body :
         {json{{"revision", 1}}, json{{"revision", 1}, {"text", "ref,what\nr2,send\n"}},
          json{{"revision", 1}, {"rows", json::array()}},
          json{{"revision", 1}, {"rows", {row, row}}},
          json{{"revision", 1}, {"rows", {row}}, {"text", "x"}},
          json{{"revision", 1}, {"rows", {{{"record", 1}, {"values", {"r1", "send"}}}}}},
          json{{"revision", 1}, {"rows", {{{"record", 2}, {"values", {"r2", 7}}}}}},
          json{{"revision", -1}, {"rows", {row}}}, json("text"), json::array({1})}) {
        EXPECT_EQ(ask("POST", path, body.dump(), officer).status, 422) << body;
    }
    EXPECT_EQ(ask("POST", path, "{", officer).status, 422);
    const std::string huge(1024 * 1024, 'a');
    EXPECT_EQ(ask("POST", "/api/v1/rejected/" + id + "/set-aside",
                  json{{"revision", 1}, {"reason", huge}}.dump(), officer)
                  .status,
              413);
    for (const auto& [name, value] : {std::pair("state", "nonsense"),
                                      {"cursor", "nonsense"},
                                      {"limit", "0"},
                                      {"limit", "501"},
                                      {"limit", "many"}})
        EXPECT_EQ(ask("GET", "/api/v1/rejected", "", officer, {{name, value}}).status, 422);
    EXPECT_EQ(listed().size(), 1U);
    EXPECT_TRUE(fs::is_empty(at("intake")));
}

TEST_F(Rejected, TheNewestStandsFirstAndPagesGoOnWhereTheyEnded) {
    for (const char* name : {"a.csv", "b.csv", "c.csv"}) {
        drop(name, two_bad);
        world.now.wall = world.now.wall + std::chrono::seconds(1);
    }
    const auto first = get("/api/v1/rejected", {{"limit", "2"}});
    ASSERT_EQ(first["rejected"].size(), 2U);
    EXPECT_EQ(first["rejected"][0]["file"], "c.csv");
    EXPECT_EQ(first["open"], 3);
    const auto second =
        get("/api/v1/rejected", {{"limit", "2"}, {"cursor", first["next"].get<std::string>()}});
    ASSERT_EQ(second["rejected"].size(), 1U);
    EXPECT_EQ(second["rejected"][0]["file"], "a.csv");
    EXPECT_EQ(second["next"], nullptr);
}

TEST_F(Rejected, ALookAMendingAndASettingAsideAreInTheAccessRecord) {
    const auto id = drop_bad();
    get("/api/v1/rejected/" + id);
    // Lines of one millisecond have no order.
    world.now.wall = world.now.wall + std::chrono::seconds(1);
    const json body{{"revision", 1}, {"reason", "A test"}};
    ASSERT_EQ(ask("POST", "/api/v1/rejected/" + id + "/set-aside", body.dump(), officer).status,
              200);
    const auto lines = get("/api/v1/access-log", {{"item", id}})["access"];
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0]["action"], "rejected_set_aside");
    EXPECT_EQ(lines[1]["action"], "rejected_read");
    EXPECT_EQ(lines[1]["sender"], "police-wm");
}

TEST_F(Rejected, WhatIsTooLargeForAPageIsMendedWhereItLies) {
    std::string large = "ref,what\n";
    while (large.size() <= rejected_bytes_shown_max)
        large += "r1,bad,xxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
    drop("large.csv", large);
    const auto open = listed();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0]["mend"], "at_source");
    const auto id = open[0].value("id", "");
    const auto one = get("/api/v1/rejected/" + id);
    EXPECT_EQ(one["table"], nullptr);
    EXPECT_EQ(one["text"], nullptr);
    EXPECT_EQ(code_of(ask("POST", "/api/v1/rejected/" + id + "/mended",
                          json{{"revision", 1}, {"text", "x"}}.dump(), officer)),
              "not_mendable_here");
}

TEST_F(Rejected, AFileOfBeforeThereWereNotesAndADamagedNoteAreShownAllTheSame) {
    test::write_content(at("rejected/old.csv"), "ref,what\nr1,bad\n");
    test::write_content(at("rejected/old.csv.report.txt"), "Report on old.csv\n");
    test::write_content(at("rejected/odd.csv"), "ref,what\nr1,bad\n");
    test::write_content(at("rejected/odd.csv.report.json"), R"({"version": 1, "id": 7})");
    // A report alone is of fields that were left out.
    test::write_content(at("rejected/fields.csv.report.txt"), "Report on fields.csv\n");
    const auto open = listed();
    ASSERT_EQ(open.size(), 2U);
    for (const auto& line : open) {
        const auto path = "/api/v1/rejected/" + line.value("id", "");
        EXPECT_EQ(get(path)["text"], "ref,what\nr1,bad\n");
        EXPECT_EQ(ask("POST", path + "/set-aside", json{{"revision", 1}, {"reason", "Old"}}.dump(),
                      officer)
                      .status,
                  200);
    }
    EXPECT_EQ(listed().size(), 0U);
    EXPECT_EQ(listed("closed").size(), 2U);
}

TEST_F(Rejected, ALinkIsShownForWhatItIsAndNothingOfWhatItPointsTo) {
    test::write_content(at("outside"), "Canarysecret\n");
    fs::create_symlink(at("outside"), at("rejected/link.csv"));
    test::write_content(at("rejected/link.csv.report.txt"), "Report\n");
    const auto open = listed();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0]["file"], "link.csv");
    EXPECT_EQ(open[0]["mend"], "at_source");
    EXPECT_EQ(open[0]["faults"], 1);
    const auto path = "/api/v1/rejected/" + open[0].value("id", "");
    const auto one = get(path);
    EXPECT_EQ(one["text"], nullptr);
    EXPECT_EQ(one["fault_list"][0]["rule"], "link");
    EXPECT_NE(one.value("next_words", "").find("not a link"), std::string::npos);
    EXPECT_EQ(code_of(ask("POST", path + "/mended",
                          json{{"revision", 1}, {"text", "ref,what\n"}}.dump(), officer)),
              "not_mendable_here");
    EXPECT_EQ(ask("POST", path + "/set-aside", json{{"revision", 1}, {"reason", "A link"}}.dump(),
                  officer)
                  .status,
              200);
    EXPECT_EQ(listed().size(), 0U);
    EXPECT_EQ(listed("closed").size(), 1U);
}

TEST_F(Rejected, AFolderThatLayTooDeepIsShownForWhatItIs) {
    test::write_content(at("rejected/other-force/2026/a.csv"), "Canarysecret\n");
    test::write_content(at("rejected/other-force/2026.report.txt"), "Report\n");
    RejectedFiles files(folder.path(), [](const std::string&) { return Seat(); });
    const auto all = files.list();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_TRUE(all[0].is_folder);
    EXPECT_EQ(all[0].name(), "2026");
    EXPECT_FALSE(all[0].is_mended_here());
    ASSERT_EQ(all[0].note.faults.size(), 1U);
    EXPECT_EQ(all[0].note.faults[0].rule, "folder");
    EXPECT_FALSE(RejectedFiles::content_of(all[0]));
}

TEST_F(Rejected, ASpreadsheetIsNotMendedAsText) {
    for (const auto& [name, head] :
         {std::pair("new.xlsx", std::string("PK\x03\x04\x14\x00", 6)),
          std::pair("old.xls", std::string("\xD0\xCF\x11\xE0\xA1", 5))}) {
        drop(name, head + "Canarychild");
        const auto open = listed();
        ASSERT_EQ(open.size(), 1U) << name;
        const auto path = "/api/v1/rejected/" + open[0].value("id", "");
        const auto one = get(path);
        EXPECT_EQ(one["mend"], "at_source") << name;
        EXPECT_EQ(one["text"], nullptr);
        EXPECT_NE(one.value("next_words", "").find("CSV"), std::string::npos);
        EXPECT_EQ(code_of(ask("POST", path + "/mended", json{{"revision", 1}, {"text", "x"}}.dump(),
                              officer)),
                  "not_mendable_here");
        ask("POST", path + "/set-aside", json{{"revision", 1}, {"reason", "Sent anew"}}.dump(),
            officer);
    }
}

TEST_F(Rejected, AFileThatSomebodyMovedCanStillBeSetAside) {
    const auto id = drop_bad();
    fs::remove(at("rejected/a.csv"));
    const auto one = get("/api/v1/rejected/" + id);
    EXPECT_EQ(one["mend"], "at_source");
    EXPECT_NE(one.value("next_words", "").find("moved"), std::string::npos);
    EXPECT_EQ(ask("POST", "/api/v1/rejected/" + id + "/set-aside",
                  json{{"revision", 1}, {"reason", "Gone"}}.dump(), officer)
                  .status,
              200);
}

TEST_F(Rejected, AVeryLongNameIsCutAndAMarkOfTheAgentIsNotTakenOver) {
    const std::string name = "!again-" + std::string(200, 'n') + ".csv";
    drop(name, two_bad);
    const auto open = listed();
    ASSERT_EQ(open.size(), 1U);
    const auto id = open[0].value("id", "");
    const json body{{"revision", 1},
                    {"rows",
                     {{{"record", 2}, {"values", {"r2", "send", ""}}},
                      {{"record", 3}, {"values", {"r3", "send", ""}}}}}};
    const auto mended = ask("POST", "/api/v1/rejected/" + id + "/mended", body.dump(), officer);
    ASSERT_EQ(mended.status, 202) << mended.body;
    const auto file = json::parse(mended.body).value("file", "");
    EXPECT_EQ(file.front(), '_');
    EXPECT_LT(file.size(), 200U);
    EXPECT_TRUE(test::eventually([&] { return outcome_of(id) == "used"; }));
}

TEST_F(Rejected, WhatWaitsWhenItStopsIsAnswered) {
    desk.stop();
    EXPECT_EQ(ask("GET", "/api/v1/rejected", "", officer).status, 503);
}

}  // namespace
}  // namespace mash::runtime_shell
