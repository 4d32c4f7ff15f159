// The listener for hospital messages in the enrolled health agent, with a sender that we did not
// write: answered once durable, told to the right inbox, killed in between, plain and under TLS.
#include <fstream>
#include <iostream>

#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;

std::string hl7_time(minutes ago) {
    std::string out;
    for (const char c : utc(ago).substr(0, 19)) {
        if (c >= '0' && c <= '9') out += c;
    }
    return out + "+0000";
}

std::string framed(const std::string& message) { return "\x0b" + message + "\x1c\r"; }

/// A child of this number died an hour ago.
std::string death(int number) {
    static const std::string at = hl7_time(minutes(60));
    const std::string n = std::to_string(number);
    return "MSH|^~\\&|PAS|TRUST|||" + at + "||ADT^A03|D" + n + "|P|2.4\rEVN|A03|" + at +
           "\rPID|1||MRN" + n + "^^^TRUST^MR||INVENTED" +
           std::string(1, static_cast<char>('A' + number)) + "^CHILD||2017040" +
           std::to_string(1 + number % 9) + "|F|||^^^^WR11 4QZ" + std::string(18, '|') + at +
           "|Y\rPV1|1|E" + std::string(17, '|') + "V" + n + "\r";
}

/// Wren, whom health visitors know, came to the emergency department.
std::string arrival(int visit) {
    static const std::string at = hl7_time(minutes(20));
    const std::string n = std::to_string(visit);
    return "MSH|^~\\&|PAS|TRUST|||" + at + "||ADT^A04|V" + n + "|P|2.4\rEVN|A04|" + at +
           "\rPID|1||MRN99^^^TRUST^MR~9997001036^^^NHS^NH||HOLLIS^WREN||20170403|F|||^^^^WR11 4QZ"
           "\rPV1|1|E" +
           std::string(17, '|') + "V" + n + "\r";
}

class Mllp : public OnArea<Mllp> {
protected:
    static std::string port() { return std::to_string(area().broker_port() + 2); }
    static void restart_with(const std::string& section) {
        EXPECT_TRUE(area().program("health").stop(seconds(30)));
        const auto file = area().folder("health") / "agent.toml";
        std::string text = read_whole(file);
        text = text.substr(0, text.find("\n[services.mllp]"));
        std::ofstream(file, std::ios::binary)
            << text << "\n[services.mllp]\nlisten = \"127.0.0.1:" << port()
            << "\"\nagency = \"health\"\n"
            << section;
        area().start("health");
    }
    static fs::path file_of(const std::string& name, const std::string& text) {
        const auto file = area().dir() / name;
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }
    static Argv sender(const fs::path& file) {
        return {"mllp_send", "--port", port(), "--file", file.string(), "127.0.0.1"};
    }
    static std::size_t count_of(const std::string& text, const std::string& word) {
        std::size_t out = 0;
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
            ++out;
        return out;
    }
    static std::vector<std::string> deaths() {
        std::vector<std::string> out;
        const auto list =
            area().call("health", area().service("health"), "GET", "/api/v1/sent?limit=100").json();
        if (!list.is_object() || !list.contains("sent")) return out;
        for (const auto& item : list["sent"]) {
            if (item.value("type", "") == "child_death_notice") out.push_back(item.value("id", ""));
        }
        return out;
    }
    static std::vector<std::string> attendances() {
        std::vector<std::string> out;
        const auto list =
            area().call("health", area().service("health"), "GET", "/api/v1/sent?limit=100").json();
        if (!list.is_object() || !list.contains("sent")) return out;
        for (const auto& item : list["sent"]) {
            if (item.value("type", "") == "unscheduled_health_attendance")
                out.push_back(item.value("id", ""));
        }
        return out;
    }
    static void expect_all_stored() {
        for (const auto& id : deaths()) {
            const bool is_stored = area().wait_stored("health", id);
            const auto sent = area().sent("health", id);
            EXPECT_TRUE(is_stored) << sent.dump(1);
            const auto desk = desk_of(sent);
            ASSERT_FALSE(desk.empty()) << sent["recipients"].dump(1);
            EXPECT_EQ(area().listed(inbox_of_desk(desk)).count(id), 1U);
        }
    }
};

TEST_F(Mllp, AMessageIsAnsweredOnceItIsSafeAndAKilledAgentLosesNoneAndAnswersTheSame) {
    restart_with("");
    const auto one = file_of("one.hl7", framed(death(0)));
    const auto first = run(sender(one), seconds(60));
    ASSERT_EQ(first.code, 0) << first.output
                             << "\n(mllp_send: deploy/install test installs python3-hl7)";
    EXPECT_EQ(count_of(first.output, "MSA|AA|D0"), 1U) << first.output;
    EXPECT_EQ(deaths().size(), 1U);
    area().program("health").kill_hard();
    area().start("health");
    EXPECT_EQ(run(sender(one), seconds(60)).output, first.output);
    EXPECT_EQ(deaths().size(), 1U);

    // Killed while a sender is at it: what it had no answer for it sends again, with all the rest.
    std::string all;
    for (int number = 0; number < 20; ++number) all += framed(death(number));
    const auto burst = file_of("burst.hl7", all);
    {
        const auto sending = Process::start(sender(burst), area().log("mllp_send"));
        EXPECT_TRUE(area().wait_until([] { return deaths().size() > 2; }, seconds(40)));
        area().program("health").kill_hard();
    }
    area().start("health");
    EXPECT_GE(deaths().size(), 3U);
    const auto again = run(sender(burst), seconds(60));
    EXPECT_EQ(count_of(again.output, "MSA|AA|"), 20U) << again.output;
    EXPECT_EQ(deaths().size(), 20U);
    EXPECT_EQ(run(sender(burst), seconds(60)).output, again.output);
    EXPECT_EQ(deaths().size(), 20U);
    ASSERT_TRUE(area().wait_linked("health"));
    expect_all_stored();
}

TEST_F(Mllp, TheHospitalsOwnTestMessagesAreAnsweredAndTellNobodyOfAGrownUp) {
    const auto samples = test::shared_data() / "health" / "hl7_emap_generic";
    if (!fs::exists(samples))
        GTEST_SKIP() << "the public samples are not here: name their folder with MASH_SHARED_DATA";
    restart_with("");
    const auto before = deaths().size();
    std::size_t messages = 0;
    for (const auto& entry : fs::directory_iterator(samples)) {
        if (entry.path().extension() != ".txt") continue;
        auto argv = sender(entry.path());
        argv.insert(argv.begin() + 1, "--loose");
        const auto sent = run(argv, seconds(30));
        EXPECT_EQ(sent.code, 0) << sent.output;
        // Most of them ask for both kinds of answer by MSH-15 and MSH-16, of which the sender
        // shows the first.
        EXPECT_EQ(count_of(sent.output, "MSA|AA|") + count_of(sent.output, "MSA|CA|"), 1U)
            << entry.path().filename() << sent.output;
        ++messages;
    }
    EXPECT_EQ(messages, 19U);
    EXPECT_EQ(deaths().size(), before);
}

TEST_F(Mllp, OfWhosePlanANoticeToldAnAttendanceIsTold) {
    restart_with("");
    ASSERT_TRUE(area().wait_linked("health"));
    area().feed_involvement();
    const auto comes = [](int visit) {
        const auto file = file_of("arrival.hl7", framed(arrival(visit)));
        EXPECT_EQ(count_of(run(sender(file), seconds(60)).output, "MSA|AA|"), 1U);
    };
    comes(1);
    EXPECT_TRUE(attendances().empty()) << "nobody has said that there is a plan";

    auto notice = missing_wren("it/plan/1");
    notice["agency"] = "social-care";
    notice["role"] = "sw";
    notice["type"] = "care_status_changed";
    notice["kind"] = "cp_plan_started";
    notice["subject"]["nhs_number"] = "9997001036";
    notice["sections"]["idn"]["nhs_number"] = "9997001036";
    notice["sections"]["leg"] = {{"has_plan_or_care_status", "Subject to a child protection plan"}};
    notice["sections"].erase("rsk");
    notice.erase("risk_grade");
    const auto id = area().post("social-care", notice);
    ASSERT_FALSE(id.empty());
    ASSERT_TRUE(area().wait_rung("social-care", id, "health/look_up", "handed_over"))
        << area().sent("social-care", id).dump(1);
    comes(2);
    const auto told = attendances();
    ASSERT_EQ(told.size(), 1U);
    ASSERT_TRUE(area().wait_stored("health", told[0]));
    // Who else works with the child a hospital is not shown.
    const auto sent = area().sent("health", told[0]);
    const auto seats = Area::seats(sent);
    ASSERT_FALSE(desk_of(sent).empty()) << sent["recipients"].dump(1);
    EXPECT_EQ(area().listed(inbox_of_desk(desk_of(sent))).count(told[0]), 1U);
    EXPECT_FALSE(seats.contains("police/pol"));
    EXPECT_FALSE(seats.contains("teme-meadow/sch"));

    // The front door's agent passes it on by itself.
    const auto reaches_the_social_worker = [](std::size_t items) {
        return area().wait_until([&] { return area().listed("social-care.sw").size() == items; },
                                 seconds(30));
    };
    EXPECT_TRUE(reaches_the_social_worker(1));

    // A doctor who asks while the child is there; then once more with social care's agent down.
    const auto doctor = area().person("health", "emergency-doctor");
    const auto look = [&](const std::string& visit, bool social_care_is_up) {
        const Json body{{"reference", visit},
                        {"subject",
                         {{"nhs_number", "9997001036"},
                          {"forename", "Wren"},
                          {"surname", "Hollis"},
                          {"date_of_birth", "2017-04-03"},
                          {"postcode", "WR11 4QZ"}}}};
        const auto before = area().listed("social-care.sw").size();
        const auto began = std::chrono::steady_clock::now();
        const auto since = [&] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::steady_clock::now() - began)
                .count();
        };
        const auto answer =
            area().call("health", doctor, "POST", "/api/v1/care-status", body.dump());
        const auto answered = since();
        EXPECT_EQ(answer.status, 200) << answer.text;
        const auto found = answer.json();
        EXPECT_TRUE(found.value("active", false)) << answer.text;
        EXPECT_FALSE(found["ring"].value("day", "").empty());
        EXPECT_FALSE(found["ring"].value("night", "").empty());
        const auto attendance = found.value("attendance", "");
        EXPECT_TRUE(area().wait_stored("health", attendance));
        std::cout << "care status answered after " << answered << " ms, with the front door after "
                  << since() << " ms\n";
        if (social_care_is_up) {
            // Nobody had to read it first, and the hospital does not learn that there is one.
            EXPECT_TRUE(reaches_the_social_worker(before + 1));
            std::cout << "with the child's social worker after " << since() << " ms\n";
            EXPECT_FALSE(Area::seats(area().sent("health", attendance)).contains("social-care/sw"));
        }
        EXPECT_EQ(area()
                      .listed(inbox_of_desk(desk_of(area().sent("health", attendance))))
                      .count(attendance),
                  1U);
    };
    look("it/look/1", true);
    EXPECT_TRUE(area().program("social-care").stop(seconds(30)));
    look("it/look/2", false);
    area().start("social-care");
}

TEST_F(Mllp, UnderTlsTheSameAndNobodyIsHeardInClear) {
    const auto folder = area().folder("health") / "keys";
    const auto made = run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                           "-subj", "/CN=127.0.0.1", "-keyout", (folder / "mllp.key").string(),
                           "-out", (folder / "mllp.pem").string()},
                          seconds(60));
    ASSERT_EQ(made.code, 0) << made.output;
    restart_with("certificate = \"keys/mllp.pem\"\nkey = \"keys/mllp.key\"\n");
    const auto before = deaths().size();
    const auto file = file_of("tls.hl7", framed(death(21)));
    const auto clear =
        run({"timeout", "5", "mllp_send", "--port", port(), "--file", file.string(), "127.0.0.1"},
            seconds(30));
    EXPECT_EQ(count_of(clear.output, "MSA|"), 0U) << clear.output;
    EXPECT_EQ(deaths().size(), before);
    const auto sending =
        Process::start({"sh", "-c",
                        "exec openssl s_client -quiet -verify_return_error -CAfile '" +
                            (folder / "mllp.pem").string() + "' -connect 127.0.0.1:" + port() +
                            " < '" + file.string() + "'"},
                       area().log("s_client"));
    EXPECT_TRUE(sending->wait_for("MSA|AA|D21", seconds(30))) << sending->said();
    EXPECT_EQ(deaths().size(), before + 1);
}

}  // namespace
}  // namespace mash::integration
