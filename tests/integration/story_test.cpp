// The spine with real programs: a police file, the right inboxes, rungs back, and clear words where
// something is wrong.
#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

using std::chrono::minutes;
using Views = std::set<std::string>;

const std::string header =
    ",reportid,misperid,initial_risk_level,current_final_risk_level,forenames,surname,dob,pob,age,"
    "sex,residence_type,"
    "occdesc,nominalpersionid,missing_since,date_reported_missing,day_reported_missing,length_"
    "missing_mins,when_traced,"
    "mf_address,missing_from,reported_missing_by,TL_address,return_method_desc,circumstances,q_1,q_"
    "1_explanation\n";

struct Report {
    std::string number;
    std::string initial = "Medium", current = "Medium";
    std::string forename = "Wren", surname = "Hollis", born = "03/04/2017";
    std::string traced{}, traced_at{}, how{};
    std::string address = "19 Invented Lane, Evesham, WR11 4QZ";
};

// The same in each file of a run: another time would be another report.
const std::string missing_since = uk_local(minutes(50)).substr(0, 17) + "00";
const std::string reported_at = uk_local(minutes(40)).substr(0, 17) + "00";

std::string row(const Report& report) {
    return "0," + report.number + ",70012," + report.initial + "," + report.current + "," +
           report.forename + "," + report.surname + "," + report.born +
           ",,9,Female,Home Address,,81002," + missing_since + "," + reported_at + ",,," +
           report.traced + ",\"" + report.address + "\",Home,Grandparent,\"" + report.traced_at +
           "\"," + report.how +
           ",\"Went out to play before tea\nand is not with her friends.\",1,Child aged 9.\n";
}

const Views whole_report{"adr", "evt.full", "idn.full", "loc", "nar.full",
                         "pro", "rsk.full", "sfc",      "voi"};
// Of an update, to whoever has the rest: no address, place, circumstances or voice again.
const Views graver_risk{"evt.full", "idn.full", "pro", "rsk.full", "sfc"};
const Views flag_with_risk{"evt.headline", "idn.match", "pro", "rsk.word", "sfc"};
const Views where_to_look{"evt.headline", "idn.match", "loc", "pro", "rsk.word", "sfc"};
const Views found_with_place{"evt.headline", "idn.match", "loc", "pro", "sfc", "voi"};
const Views found_flag{"evt.headline", "idn.match", "pro", "sfc"};

class Story : public OnArea<Story> {
protected:
    static std::vector<std::string> sent_ids() {
        const auto list =
            area().call("police", area().service("police"), "GET", "/api/v1/sent").json();
        std::vector<std::string> out;
        if (list.is_object() && list.contains("sent")) {
            for (const auto& item : list["sent"]) out.push_back(item.value("id", ""));
        }
        return out;
    }
    static bool lies_in(const std::string& folder, const std::string& name) {
        return std::filesystem::exists(area().folder("police") / folder / name);
    }
    /// The id of the one item that this file adds; "" when it adds another number.
    static std::string send_file(const std::string& name, const std::string& text) {
        const auto before = sent_ids();
        area().drop("police", "", name, text);
        EXPECT_TRUE(area().wait_until(
            [&] { return lies_in("accepted", name) || lies_in("rejected", name); }, seconds(40)));
        std::vector<std::string> added;
        for (const auto& id : sent_ids()) {
            if (std::ranges::find(before, id) == before.end()) added.push_back(id);
        }
        EXPECT_EQ(added.size(), 1U) << name;
        return added.size() == 1 ? added.front() : "";
    }
    static nlohmann::json opened(const std::string& inbox, const std::string& id) {
        const auto [host, name] = Area::opener(inbox);
        const auto item = area().call(host, area().person(host, name), "GET",
                                      "/api/v1/received/" + id + "?inbox=" + inbox);
        EXPECT_EQ(item.status, 200) << inbox << ": " << item.text;
        return item.json();
    }
    static Views opened_views(const std::string& inbox, const std::string& id) {
        Views out;
        const auto json = opened(inbox, id);
        if (json.is_object() && json.contains("views")) {
            for (const auto& [view, content] : json["views"].items()) out.insert(view);
        }
        return out;
    }
    static std::optional<Views> sealed_for(const nlohmann::json& sent, const std::string& seat) {
        for (const auto& one : sent.value("recipients", nlohmann::json::array())) {
            const auto& named = one.at("recipient");
            if (named.value("agency", "") + "/" + named.value("role", "") == seat)
                return one.at("views").get<Views>();
        }
        return std::nullopt;
    }
    /// Every inbox of the area holds the item just when it is in `expected`, once, with exactly
    /// those views. `passed_on`: what goes to the front door's agent besides, which passes it on
    /// by itself.
    static void expect_exactly(const std::string& id, std::map<std::string, Views> expected,
                               const std::optional<Views>& passed_on = std::nullopt) {
        const bool is_stored = area().wait_stored("police", id);
        const auto sent = area().sent("police", id);
        EXPECT_TRUE(is_stored) << sent.dump(1);
        const auto desk = desk_of(sent);
        ASSERT_FALSE(desk.empty()) << sent.dump(1);
        expected[inbox_of_desk(desk)] = expected.at("desk");
        expected.erase("desk");
        EXPECT_EQ(Area::seats(sent).size(), expected.size() + (passed_on ? 1 : 0))
            << sent["recipients"].dump(1);
        EXPECT_EQ(sealed_for(sent, "hub/pass_on"), passed_on) << sent["recipients"].dump(1);
        for (const auto& [inbox, who] : Area::openers()) {
            EXPECT_EQ(area().listed(inbox).count(id), expected.contains(inbox) ? 1U : 0U) << inbox;
        }
        for (const auto& [inbox, views] : expected)
            EXPECT_EQ(opened_views(inbox, id), views) << inbox;
    }
};

TEST_F(Story, APoliceFileReachesExactlyThoseOfRowsOneToThreeWithExactlyTheirViews) {
    const auto started = send_file("one.csv", header + row({.number = "IT-1"}));
    expect_exactly(started, {{"desk", whole_report},
                             {"social-care.sw", whole_report},
                             {"social-care.mco", whole_report},
                             {"teme-meadow.sch", flag_with_risk},
                             {"health.hv", flag_with_risk}});

    const auto worse = send_file("two.csv", header + row({.number = "IT-1", .current = "High"}));
    const auto update = area().sent("police", worse);
    EXPECT_EQ(update.value("type", ""), "missing_episode_updated");
    // A high risk brings in whoever may find the child, and they hear where to look.
    expect_exactly(worse, {{"desk", graver_risk},
                           {"social-care.sw", graver_risk},
                           {"social-care.mco", graver_risk},
                           {"teme-meadow.sch", flag_with_risk},
                           {"health.hv", flag_with_risk},
                           {"health.urg", where_to_look}});

    // The reader sees the rest beside it, and from which notice it is.
    std::map<std::string, std::string> from;
    const auto shown = opened("social-care.sw", worse);
    for (const auto& one : shown.value("unchanged", nlohmann::json::array())) {
        if (one.value("content", nlohmann::json()).is_object())
            from[one.value("view", "")] = one.value("from", "");
    }
    EXPECT_EQ(from,
              (std::map<std::string, std::string>{
                  {"adr", started}, {"loc", started}, {"nar.full", started}, {"voi", started}}))
        << shown.dump(1);

    const auto found = send_file("three.csv", header + row({.number = "IT-1",
                                                            .current = "High",
                                                            .traced = uk_local(minutes(3)),
                                                            .traced_at = "Invented Park, Evesham",
                                                            .how = "Traced by police"}));
    EXPECT_EQ(area().sent("police", found).value("type", ""), "missing_episode_closed");
    expect_exactly(found,
                   {{"desk", found_with_place},
                    {"social-care.sw", found_with_place},
                    {"social-care.mco", found_with_place},
                    {"teme-meadow.sch", found_flag},
                    {"health.hv", found_flag},
                    {"health.urg", found_flag}},
                   found_flag);
}

TEST_F(Story, EachRungShowsAtTheSenderUpToTakenByANamedPerson) {
    const auto id = area().post("police", missing_wren("it/rungs/1"));
    ASSERT_FALSE(id.empty());
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored"));
    const auto token = area().person("social-care", "missing-officer");
    EXPECT_EQ(
        area()
            .call("social-care", token, "GET", "/api/v1/received/" + id + "?inbox=social-care.mco")
            .status,
        200);
    EXPECT_TRUE(area().wait_rung("police", id, "social-care/mco", "opened"));
    EXPECT_FALSE(Area::rungs(area().sent("police", id), "social-care/mco").contains("taken"));
    EXPECT_EQ(area()
                  .call("social-care", token, "POST",
                        "/api/v1/received/" + id + "/taken?inbox=social-care.mco", "{}")
                  .status,
              200);
    EXPECT_TRUE(area().wait_rung("police", id, "social-care/mco", "taken"));
    // Nobody else's rungs move, and the sender learns the seat, not the person.
    EXPECT_FALSE(Area::rungs(area().sent("police", id), "social-care/sw").contains("taken"));
    EXPECT_EQ(area().sent("police", id).dump().find("Tobias"), std::string::npos);
}

TEST_F(Story, AReportFromAFileClimbsEveryRungAndTheSenderSeesEach) {
    const auto id = send_file("rungs.csv", header + row({.number = "IT-R"}));
    ASSERT_FALSE(id.empty());
    const auto rungs = [&] { return Area::rungs(area().sent("police", id), "social-care/sw"); };
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/sw", "stored"));
    EXPECT_EQ(rungs(), Views{"stored"});
    // What social workers open is handed to the folder of their case system.
    (void)opened_views("social-care.sw", id);
    EXPECT_TRUE(area().wait_rung("police", id, "social-care/sw", "handed_over"));
    EXPECT_EQ(rungs(), (Views{"stored", "opened", "handed_over"}));
    const auto token = area().person("social-care", "social-worker");
    const auto say = [&](const std::string& step, const std::string& body) {
        return area()
            .call("social-care", token, "POST",
                  "/api/v1/received/" + id + "/" + step + "?inbox=social-care.sw", body)
            .status;
    };
    EXPECT_EQ(say("decided", R"({"outcome":"no outcome that is known!"})"), 422);
    EXPECT_EQ(say("taken", "{}"), 200);
    EXPECT_TRUE(area().wait_rung("police", id, "social-care/sw", "taken"));
    EXPECT_EQ(rungs(), (Views{"stored", "opened", "handed_over", "taken"}));
    EXPECT_EQ(say("decided", R"({"outcome":"strategy_discussion"})"), 200);
    EXPECT_TRUE(area().wait_rung("police", id, "social-care/sw", "decided"));
    EXPECT_EQ(rungs(), (Views{"stored", "opened", "handed_over", "taken", "decided"}));
    // Told once, and nobody else's rungs have moved.
    EXPECT_EQ(say("decided", R"({"outcome":"no_further_action"})"), 409);
    EXPECT_EQ(Area::rungs(area().sent("police", id), "social-care/mco"), Views{"stored"});
    EXPECT_EQ(area().sent("police", id).dump().find("Ashdown"), std::string::npos);
}

TEST_F(Story, TheBrokerHasRecordedWhoAskedForAFileAndThatItWasIntake) {
    const auto id = send_file("asked.csv", header + row({.number = "IT-A"}));
    ASSERT_FALSE(id.empty());
    const auto posted = area().post("police", missing_wren("it/asked/1"));
    ASSERT_TRUE(area().wait_rung("police", posted, "social-care/mco", "stored"));
    const auto listed =
        area().mashctl({"requests", "--socket", area().socket(), "--agency", "police", "--json"});
    ASSERT_EQ(listed.code, 0) << listed.output;
    const auto answer = Json::parse(listed.output, nullptr, false);
    const auto asked_about = [&](const std::string& notification) {
        std::set<std::pair<std::string, std::string>> out;
        for (const auto& asked : answer["answer"]["requests"]) {
            if (asked.value("notification", "") == notification)
                out.emplace(asked.value("person", ""), asked.value("reason", ""));
        }
        return out;
    };
    using Asked = std::set<std::pair<std::string, std::string>>;
    EXPECT_EQ(asked_about(id), (Asked{{"service", "intake"}})) << listed.output;
    EXPECT_EQ(asked_about(posted), (Asked{{"service", "manual_entry"}})) << listed.output;
}

TEST_F(Story, AFileSentAgainMakesNoSecondEvent) {
    const auto text = header + row({.number = "IT-2", .initial = "Low", .current = "Low"});
    const auto id = send_file("again.csv", text);
    ASSERT_FALSE(id.empty());
    const auto count = sent_ids().size();
    area().drop("police", "", "again-under-another-name.csv", text);
    ASSERT_TRUE(area().wait_until(
        [&] { return lies_in("accepted", "again-under-another-name.csv"); }, seconds(30)));
    EXPECT_EQ(sent_ids().size(), count);
    // The same by the interface: the first id, and not a second item.
    const auto notification = missing_wren("it/again/1");
    const auto first = area().post("police", notification);
    EXPECT_EQ(area().post("police", notification), first);
    auto other = notification;
    other["risk_grade"] = "low";
    EXPECT_EQ(
        area()
            .call("police", area().service("police"), "POST", "/api/v1/notifications", other.dump())
            .status,
        409);
    EXPECT_EQ(sent_ids().size(), count + 1);
}

TEST_F(Story, ABadRowIsPutAsideWithItsReasonAndTheOthersGoOn) {
    const auto id = send_file(
        "mixed.csv", header + row({.number = "IT-3"}) + row({.number = "", .forename = "Nobody"}));
    EXPECT_FALSE(id.empty());
    // What it says is sent before the file is put away.
    ASSERT_TRUE(area().wait_until([&] { return lies_in("accepted", "mixed.csv"); }, seconds(30)));
    ASSERT_TRUE(lies_in("rejected", "mixed.csv"));
    ASSERT_TRUE(lies_in("rejected", "mixed.csv.report.txt"));
    const auto report = read_whole(area().folder("police") / "rejected" / "mixed.csv.report.txt");
    EXPECT_NE(report.find("Record 2"), std::string::npos) << report;
    EXPECT_NE(report.find("reportid"), std::string::npos) << report;
    EXPECT_EQ(report.find("Nobody"), std::string::npos) << "a report names no person";
    const auto rest = read_whole(area().folder("police") / "rejected" / "mixed.csv");
    EXPECT_NE(rest.find("Nobody"), std::string::npos);
    EXPECT_EQ(rest.find("IT-3"), std::string::npos);

    area().drop("police", "", "nonsense.csv", "this,is\nno,report\n");
    ASSERT_TRUE(
        area().wait_until([&] { return lies_in("rejected", "nonsense.csv"); }, seconds(30)));
    EXPECT_TRUE(lies_in("rejected", "nonsense.csv.report.txt"));
    EXPECT_FALSE(lies_in("accepted", "nonsense.csv"));
}

TEST_F(Story, AHalfWrittenFileIsNotReadBeforeItIsClosed) {
    const auto before = sent_ids().size();
    const auto path = area().folder("police") / "intake" / "slow.csv";
    const auto first = header + row({.number = "IT-4"}).substr(0, 60);
    const auto rest = row({.number = "IT-4"}).substr(60);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    ASSERT_EQ(::write(file, first.data(), first.size()), static_cast<ssize_t>(first.size()));
    // A whole file that came later is read, so the agent has looked at the folder while this one
    // was open.
    area().drop("police", "", "meanwhile.csv", header + row({.number = "IT-5"}));
    ASSERT_TRUE(
        area().wait_until([&] { return lies_in("accepted", "meanwhile.csv"); }, seconds(30)));
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(sent_ids().size(), before + 1);
    ASSERT_EQ(::write(file, rest.data(), rest.size()), static_cast<ssize_t>(rest.size()));
    ::close(file);
    ASSERT_TRUE(area().wait_until([&] { return lies_in("accepted", "slow.csv"); }, seconds(30)));
    EXPECT_EQ(sent_ids().size(), before + 2);
}

TEST_F(Story, AWrongTokenIsRefusedWithWhatToDoNext) {
    for (const char* token :
         {"", "nonsense", "mash1.service.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        for (const char* path :
             {"/api/v1/sent", "/api/v1/received?inbox=police.pol", "/api/v1/held"}) {
            const auto answer = area().call("police", token, "GET", path);
            EXPECT_EQ(answer.status, 401) << path;
            EXPECT_FALSE(answer.json()["error"].value("next", "").empty()) << answer.text;
        }
        const auto answer = area().call("police", token, "POST", "/api/v1/notifications",
                                        missing_wren("it/forged/1").dump());
        EXPECT_EQ(answer.status, 401);
        EXPECT_FALSE(answer.json()["error"].value("next", "").empty()) << answer.text;
    }
    // A person of another host is nobody here.
    EXPECT_EQ(
        area().call("police", area().person("hub", "front-door"), "GET", "/api/v1/sent").status,
        401);
}

TEST_F(Story, AServiceTokenReadsHowFarThingsAreAndOpensNothing) {
    const auto service = area().service("social-care");
    const auto answer =
        area().call("social-care", service, "GET", "/api/v1/received?inbox=social-care.mco");
    EXPECT_EQ(answer.status, 403) << answer.text;
    EXPECT_FALSE(answer.json()["error"].value("next", "").empty());
    EXPECT_EQ(area().call("social-care", service, "GET", "/api/v1/sent").status, 200);
    const auto id = area().post("police", missing_wren("it/service/1"));
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored"));
    EXPECT_EQ(area().call("social-care", service, "GET", "/api/v1/received/" + id).status, 403);
    EXPECT_EQ(area()
                  .call("social-care", service, "POST", "/api/v1/received/" + id + "/taken", "{}")
                  .status,
              403);
    // And a person opens their own inboxes only.
    const auto other = area().person("social-care", "social-worker");
    EXPECT_EQ(
        area().call("social-care", other, "GET", "/api/v1/received?inbox=social-care.mco").status,
        403);
    EXPECT_EQ(
        area()
            .call("social-care", other, "GET", "/api/v1/received/" + id + "?inbox=social-care.mco")
            .status,
        404);
}

TEST_F(Story, AWrongPassphraseIsSaidPlainlyAndChangesNothing) {
    const auto file = area().dir() / "wrong-passphrase";
    std::ofstream(file) << "not the passphrase\n";
    const auto delegation = read_whole(area().dir() / "area" / "documents" / "delegation.signed");
    const auto answer =
        area().mashctl({"area", "delegate", "--dir", (area().dir() / "area").string(),
                        "--passphrase-file", file.string()});
    EXPECT_NE(answer.code, 0);
    EXPECT_NE(answer.output.find("passphrase"), std::string::npos) << answer.output;
    EXPECT_EQ(read_whole(area().dir() / "area" / "documents" / "delegation.signed"), delegation);
}

TEST_F(Story, AnOperatorReleasesAStandbyToTheOtherDesk) {
    const auto id = area().post("police", missing_wren("it/release/1"));
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored"));
    const auto sent = area().sent("police", id);
    const auto inbox = inbox_of_desk(desk_of(sent));
    ASSERT_TRUE(area().wait_until([&] { return area().listed(inbox).contains(id); }, seconds(20)));
    const std::string other = inbox == "hub.edt" ? "hub.ffd" : "hub.edt";
    EXPECT_FALSE(area().listed(other).contains(id));
    const auto unknown = area().mashctl(
        {"release", "police/00000000-0000-7000-8000-000000000000", "--socket", area().socket()});
    EXPECT_NE(unknown.code, 0) << unknown.output;
    const auto answer = area().mashctl({"release", "police/" + id, "--socket", area().socket()});
    EXPECT_EQ(answer.code, 0) << answer.output;
    EXPECT_TRUE(
        area().wait_until([&] { return area().listed(other).count(id) == 1; }, seconds(20)));
    const auto [host, name] = Area::opener(other);
    EXPECT_EQ(area()
                  .call(host, area().person(host, name), "GET",
                        "/api/v1/received/" + id + "?inbox=" + other)
                  .status,
              200);
    // Twice is once.
    (void)area().mashctl({"release", "police/" + id, "--socket", area().socket()});
    EXPECT_EQ(area().listed(other).count(id), 1U);
}

TEST_F(Story, ARowThatWasNotUsedIsMendedAtTheDeskAndReachesTheFrontDoor) {
    const auto before = sent_ids();
    const std::string list = "/api/v1/rejected";
    const auto desk = area().person("police", "missing-desk");
    // Other stories of this area leave files there too.
    const auto waiting = area().call("police", desk, "GET", list).json()["open"];
    area().drop("police", "", "unnumbered.csv", header + row({.number = "", .forename = "Wren"}));
    ASSERT_TRUE(
        area().wait_until([&] { return lies_in("rejected", "unnumbered.csv"); }, seconds(40)));
    EXPECT_EQ(area().call("police", area().service("police"), "GET", list).status, 403);
    const auto listed = area().call("police", desk, "GET", list).json()["rejected"];
    const auto entry = std::ranges::find_if(
        listed, [](const Json& file) { return file.at("file") == "unnumbered.csv"; });
    ASSERT_NE(entry, listed.end());
    const std::string one = list + "/" + entry->value("id", "");
    const auto shown = area().call("police", desk, "GET", one).json();
    ASSERT_EQ(shown["table"]["columns"][1], "reportid");
    EXPECT_EQ(shown["fault_list"][0]["field"], "reportid");
    auto rows = shown["table"]["rows"];
    rows[0]["values"][1] = "IT-MENDED-1";
    const Json body{{"revision", shown["revision"]}, {"rows", rows}};
    const auto mended = area().call("police", desk, "POST", one + "/mended", body.dump());
    ASSERT_EQ(mended.status, 202) << mended.text;
    EXPECT_EQ(area().call("police", desk, "POST", one + "/mended", body.dump()).status, 409);
    EXPECT_TRUE(area().wait_until(
        [&] {
            return area().call("police", desk, "GET", one).json()["mended"].value("outcome", "") ==
                   "used";
        },
        seconds(40)));
    std::vector<std::string> added;
    for (const auto& id : sent_ids()) {
        if (std::ranges::find(before, id) == before.end()) added.push_back(id);
    }
    ASSERT_EQ(added.size(), 1U);
    EXPECT_TRUE(area().wait_stored("police", added[0]));
    EXPECT_EQ(area().call("police", desk, "GET", list).json()["open"], waiting);
}

}  // namespace
}  // namespace mash::integration
