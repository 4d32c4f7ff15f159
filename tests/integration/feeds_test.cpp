// Every sample of what the agencies' systems emit, put into the folder of its agency as a person
// does it: which inboxes fill, what waits, what is refused. The samples are read where they lie.
#include <fstream>

#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;

// The samples' school is number 999999; here it is this school's folder.
const std::string school = "999999";
const std::string waits = "census_2024_autumn_termlyexclusionsonroll_first300.csv";
const std::string columns =
    "role,relation,local_id,nhs_number,upn,forename,surname,date_of_birth,postcode\n";
const std::string zoe = "U885999926001,Zoë,Example-O'Test,2016-02-29,\n";
const std::string no_pupils =
    "<CTfile><Header><CTFversion>25.0</CTFversion><DateTime>2025-09-01T09:00:00</DateTime>"
    "<SourceSchool><LEA>885</LEA><Estab>9999</Estab><URN>999999</URN></SourceSchool><DestSchool>"
    "<LEA>885</LEA><Estab>9998</Estab></DestSchool></Header><CTFpupilData/></CTfile>";

/// What was sent, "type kind" and to whom, and how often.
using Counts = std::map<std::string, std::map<std::string, int>>;

struct Samples {
    std::unique_ptr<Area> area = Area::make();

    /// Where the file lies now: "accepted", "rejected", "waiting", "intake".
    std::string place_of(const std::string& host, const std::string& sub,
                         const std::string& name) const {
        for (const char* place : {"accepted", "rejected", "waiting", "intake"}) {
            if (fs::exists(area->folder(host) / place / sub / name)) return place;
        }
        return "nowhere";
    }
    bool is_read(const std::string& host, const std::string& sub) const {
        std::error_code error;
        for (const auto& entry :
             fs::directory_iterator(area->folder(host) / "intake" / sub, error)) {
            if (entry.is_regular_file()) return false;
        }
        return true;
    }
    void drop(const std::string& host, const std::string& sub, const std::string& name,
              const std::string& text) const {
        area->drop(host, sub, name, text);
        EXPECT_TRUE(area->wait_until(
            [&] {
                return place_of(host, sub, name) != "intake" &&
                       place_of(host, sub, name) != "nowhere";
            },
            seconds(60)))
            << name;
    }
    /// Names of the files, in their order.
    std::vector<std::string> drop_folder(const std::string& host, const std::string& sub,
                                         const fs::path& folder,
                                         const std::string& prefix = "") const {
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(folder)) {
            if (entry.is_regular_file()) files.push_back(entry.path());
        }
        std::ranges::sort(files);
        std::vector<std::string> names;
        for (const auto& file : files) {
            names.push_back(prefix + file.filename().string());
            drop(host, sub, names.back(), read_whole(file));
        }
        return names;
    }
    std::vector<Json> sent(const std::string& host) const {
        std::vector<Json> out;
        std::string cursor;
        do {
            const auto page =
                area->call(host, area->service(host), "GET",
                           "/api/v1/sent?limit=100" + (cursor.empty() ? "" : "&cursor=" + cursor))
                    .json();
            if (!page.is_object() || !page.contains("sent")) break;
            for (const auto& item : page["sent"]) out.push_back(item);
            cursor = page["next"].is_string() ? page["next"].get<std::string>() : "";
        } while (!cursor.empty());
        return out;
    }
    /// Once all of it lies in the inboxes.
    Counts counts(const std::string& host) const {
        Counts out;
        EXPECT_TRUE(area->wait_until(
            [&] {
                return std::ranges::all_of(sent(host), [](const Json& item) {
                    return item.value("state", "") == "accepted";
                });
            },
            seconds(90)))
            << host;
        for (const auto& item : sent(host)) {
            const std::string id = item.value("id", "");
            const std::string kind = item.value("kind", "");
            auto& by_seat = out[item.value("type", "") + (kind.empty() ? "" : " " + kind)];
            ++by_seat["sent"];
            auto whole = area->sent(host, id);
            for (const auto& seat : Area::seats(whole)) {
                EXPECT_TRUE(area->wait_rung(host, id, seat, "stored")) << seat;
                ++by_seat[seat == "hub/edt" ? "hub/ffd" : seat];
            }
            // Each lies in the inboxes of those seats and in no other.
            for (const auto& [inbox, who] : Area::openers()) {
                const std::string seat = std::string(inbox).replace(inbox.find('.'), 1, "/");
                if (inbox.ends_with(".alternate")) continue;
                if (by_seat["sent"] > 3) continue;  // of hundreds alike the first three
                EXPECT_EQ(area->listed(inbox).count(id), Area::seats(whole).count(seat)) << inbox;
            }
        }
        return out;
    }
};

TEST(Feeds, EachSampleInTheFolderOfItsAgencyFillsTheRightInboxesAndNoOther) {
    const auto data = test::shared_data();
    if (!fs::exists(data / "police"))
        GTEST_SKIP() << "the public samples are not here: name their folder with MASH_SHARED_DATA";
    Samples at;
    auto& area = *at.area;
    // The school of the samples.
    ASSERT_TRUE(area.program("schools").stop(seconds(30)));
    const auto settings = area.folder("schools") / "agent.toml";
    std::string text = read_whole(settings);
    const auto urn = text.find("999104");
    ASSERT_NE(urn, std::string::npos);
    std::ofstream(settings, std::ios::binary) << text.replace(urn, 6, school);
    area.start("schools");
    ASSERT_TRUE(area.wait_linked("schools"));

    // Who works with the samples' child, and the first files, which are history whatever they say.
    at.drop("health", "", "caseload.csv", columns + "hv,health_visitor,HV-1,," + zoe);
    at.drop("schools", school, "roll.csv", columns + "sch,school,S-1,," + zoe);
    at.drop("schools", school, "0.xml", no_pupils);
    at.drop("police", "", "first.csv",
            read_whole(test::source_dir() / "deploy" / "demo" / "feed" / "encompass-first.csv"));
    ASSERT_TRUE(area.wait_until(
        [&] {
            return area.status("health")["errands_owed"] == 0 &&
                   area.status("schools")["errands_owed"] == 0;
        },
        seconds(60)));

    const std::map<std::string, std::string> elsewhere{
        {waits, "waiting"},
        {"annex_a_sample.xlsx", "rejected"},  // a spreadsheet: its lists are read as CSV
        {"BaRS-FLA06-SafeguardingConcern.xml", "rejected"}};  // names no child
    const auto expect_places = [&](const std::string& host, const std::string& sub,
                                   const std::vector<std::string>& names) {
        EXPECT_FALSE(names.empty()) << host;
        for (const auto& name : names) {
            const auto other = elsewhere.find(name);
            EXPECT_EQ(at.place_of(host, sub, name),
                      other == elsewhere.end() ? "accepted" : other->second)
                << name;
        }
    };
    expect_places("police", "", at.drop_folder("police", "", data / "police"));
    expect_places("schools", school, at.drop_folder("schools", school, data / "schools"));
    expect_places("social-care", "", at.drop_folder("social-care", "", data / "social_care"));
    for (const char* year : {"2020", "2021"}) {
        expect_places("social-care", "",
                      at.drop_folder("social-care", "",
                                     data / "social_care" / ("ssda903_" + std::string(year)),
                                     "ssda903_" + std::string(year) + "_"));
    }
    expect_places("health", "", at.drop_folder("health", "", data / "health" / "fhir"));
    expect_places("health", "", at.drop_folder("health", "", data / "health" / "hl7_emap_generic"));

    // Of what waits nothing was sent before a person let it go.
    for (const auto& item : at.sent("schools"))
        EXPECT_EQ(item.value("kind", "").find("exclu"), std::string::npos);
    const auto released = area.agent(
        "schools",
        {"intake", "release", "--dir", area.folder("schools").string(), school + "/" + waits});
    EXPECT_EQ(released.code, 0) << released.output;
    EXPECT_TRUE(area.wait_until([&] { return at.place_of("schools", school, waits) == "accepted"; },
                                seconds(90)));
    EXPECT_FALSE(fs::exists(area.folder("schools") / "rejected" / school / waits));

    EXPECT_EQ(
        at.counts("police"),
        (Counts{{"missing_episode_started", {{"sent", 1}, {"hub/ffd", 1}, {"social-care/mco", 1}}},
                {"domestic_abuse_incident", {{"sent", 2}, {"hub/ffd", 2}}}}));
    const std::map<std::string, int> told{
        {"sent", 1},       {"health/urg", 1},       {"health/look_up", 1},
        {"police/pol", 1}, {"orchard-park/sch", 1}, {"health/hv", 1}};
    // The plan of one child whom four tell of is one event, and its purge takes it back.
    EXPECT_EQ(at.counts("social-care"),
              (Counts{{"care_status_changed cp_plan_started", told},
                      {"care_status_changed looked_after_started",
                       {{"sent", 1}, {"health/urg", 1}, {"health/look_up", 1}}},
                      {"correction care_status_changed", told}}));
    const auto schools = at.counts("schools");
    EXPECT_EQ(
        schools,
        (Counts{
            {"education_status_changed left_roll", {{"sent", 2}, {"hub/pass_on", 2}}},
            {"education_status_changed missing_education",
             {{"sent", 1}, {"police/pol", 1}, {"hub/pass_on", 1}}},
            {"education_status_changed permanently_excluded", {{"sent", 98}, {"hub/pass_on", 98}}},
            {"education_status_changed suspended", {{"sent", 141}, {"hub/pass_on", 141}}}}));
    // Who works with a child a school is not shown: the front door's agent passes on. The plan,
    // its purge, and the move that was passed on.
    EXPECT_TRUE(area.wait_until([&] { return area.listed("health.hv").size() == 3; }, seconds(60)))
        << area.listed("health.hv").size();
    // The samples' patients are grown up, or cannot be told apart.
    EXPECT_EQ(at.counts("health"), Counts{});
}

}  // namespace
}  // namespace mash::integration
