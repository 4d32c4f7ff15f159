// The area changes its rules and its members while everything runs.
#include <chrono>
#include <filesystem>
#include <fstream>

#include "common/base/time.hpp"
#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

class Change : public OnArea<Change> {
protected:
    static std::string area_dir() { return (area().dir() / "area").string(); }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST_F(Change, ANewPolicyIsInForceWithoutARestart) {
    const auto before = area().post("police", missing_wren("it/policy/before"));
    ASSERT_TRUE(area().wait_rung("police", before, "teme-meadow/sch", "stored"));
    const auto folder = area().dir() / "policy";
    const auto text = read_whole(folder / "policy.toml");
    const auto sign = [&](const std::string& policy) {
        std::ofstream(folder / "next.toml") << policy;
        return area().mashctl({"policy", "sign", "--dir", area_dir(),
                               (folder / "next.toml").string(), "--catalogue",
                               (folder / "catalogue.toml").string()});
    };
    // The same version with other words is refused: versions never go back and never stand still.
    const auto silent = replaced(text, "schools_hear_of_missing_episodes = true",
                                 "schools_hear_of_missing_episodes = false");
    EXPECT_NE(sign(silent).code, 0);
    const auto signed_now = sign(replaced(silent, "\nversion = 1", "\nversion = 2"));
    ASSERT_EQ(signed_now.code, 0) << signed_now.output;
    EXPECT_EQ(area().mashctl({"reload", "--socket", area().socket()}).code, 0);
    for (const auto& host : hosts) {
        EXPECT_TRUE(area().wait_until(
            [&] { return area().status(host)["documents"]["policy"] == 2; }, seconds(30)))
            << host << area().status(host).dump();
    }
    const auto after = area().post("police", missing_wren("it/policy/after"));
    ASSERT_TRUE(area().wait_rung("police", after, "social-care/mco", "stored"));
    EXPECT_FALSE(Area::seats(area().sent("police", after)).contains("teme-meadow/sch"));
    EXPECT_TRUE(Area::seats(area().sent("police", after)).contains("health/hv"));
    EXPECT_FALSE(area().listed("teme-meadow.sch").contains(after));
    EXPECT_TRUE(area().listed("teme-meadow.sch").contains(before));
}

TEST_F(Change, APolicySignedForLaterComesIntoForceAtItsTimeWithoutARestart) {
    const auto folder = area().dir() / "policy";
    const auto version = area().status("police")["documents"].value("policy", 0) + 1;
    const auto begins =
        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + seconds(5);
    const auto begins_at = WallTime::from_unix_ms(
        std::chrono::duration_cast<std::chrono::milliseconds>(begins.time_since_epoch()).count());
    std::ofstream(folder / "later.toml")
        << replaced(replaced(read_whole(folder / "policy.toml"), "\nversion = 1",
                             "\nversion = " + std::to_string(version)),
                    "valid_from = 2026-09-01", "valid_from = " + to_rfc3339(begins_at));
    const auto signed_now =
        area().mashctl({"policy", "sign", "--dir", area_dir(), (folder / "later.toml").string(),
                        "--catalogue", (folder / "catalogue.toml").string()});
    ASSERT_EQ(signed_now.code, 0) << signed_now.output;
    EXPECT_NE(signed_now.output.find("waits in"), std::string::npos) << signed_now.output;
    EXPECT_EQ(area().status("police")["documents"]["policy"], version - 1);
    // As the timer does: before its time it says that it waits, and from then on it is in force.
    ASSERT_TRUE(area().wait_until(
        [&] {
            const auto done = area().mashctl({"policy", "activate", "--dir", area_dir()});
            return done.output.find("is in force") != std::string::npos;
        },
        seconds(60)));
    EXPECT_EQ(area().mashctl({"reload", "--socket", area().socket()}).code, 0);
    for (const auto& host : hosts) {
        EXPECT_TRUE(area().wait_until(
            [&] { return area().status(host)["documents"]["policy"] == version; }, seconds(30)))
            << host << area().status(host).dump();
    }
    const auto after = area().post("police", missing_wren("it/policy/at-its-time"));
    ASSERT_TRUE(area().wait_rung("police", after, "social-care/mco", "stored"));
    EXPECT_EQ(area().sent("police", after)["policy_version"], version);
}

TEST_F(Change, EveryDecisionIsRecordedAndComesOutTheSameOnBothSides) {
    const auto id = area().post("police", missing_wren("it/records/one"));
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/mco", "stored"));
    const auto dir = area().folder("police").string();
    const auto who = (area().dir() / "reader.json").string();
    const auto added = area().agent(
        "police", {"person", "add", "--dir", dir, "--name", "Invented Reader", "--role", "pol",
                   "--recovery-key", (area().folder("police") / "keys" / "recovery.key").string(),
                   "--save", who});
    ASSERT_EQ(added.code, 0) << added.output;
    const auto listed = area().agent(
        "police", {"decision", "list", "--dir", dir, "--token-file", who, "--sent", id});
    ASSERT_EQ(listed.code, 0) << listed.output;
    EXPECT_NE(listed.output.find("What goes, and to whom"), std::string::npos) << listed.output;
    const auto again =
        area().agent("police", {"decision", "replay", "--dir", dir, "--token-file", who, "--all"});
    EXPECT_EQ(again.code, 0) << again.output;
    EXPECT_NE(again.output.find(" 0 differ, 0 cannot be made again"), std::string::npos)
        << again.output;
    const auto log =
        area().agent("police", {"access-log", "--dir", dir, "--token-file", who, "--item", id});
    EXPECT_EQ(log.code, 0) << log.output;
    EXPECT_NE(log.output.find("decision_read"), std::string::npos) << log.output;

    const auto of_broker = area().mashctl({"decisions", "replay", "--socket", area().socket()});
    EXPECT_EQ(of_broker.code, 0) << of_broker.output;
    const auto recorded = (area().dir() / "recorded.jsonl").string();
    const auto exported = area().mashctl({"decisions", "export", "--socket", area().socket(),
                                          "--from", "2026-01-01", "--to", "2100-01-01", recorded});
    ASSERT_EQ(exported.code, 0) << exported.output;
    const auto text = read_whole(recorded);
    EXPECT_NE(text.find("missing_episode_started"), std::string::npos);
    EXPECT_EQ(text.find("Wren"), std::string::npos);
    const auto folder = area().dir() / "policy";
    std::ofstream(folder / "draft.toml")
        << replaced(read_whole(folder / "policy.toml"), "schools_hear_of_missing_episodes = true",
                    "schools_hear_of_missing_episodes = false");
    const auto simulated = area().mashctl({"policy", "simulate", "--dir", area_dir(), recorded,
                                           "--policy", (folder / "draft.toml").string(),
                                           "--catalogue", (folder / "catalogue.toml").string()});
    EXPECT_EQ(simulated.code, 0) << simulated.output;
    EXPECT_NE(simulated.output.find("teme-meadow/sch"), std::string::npos) << simulated.output;
}

TEST_F(Change, ARevokedAgencyGetsNothingNewNotEvenWhatWaitedForIt) {
    area().program("health").kill_hard();
    const auto waiting = area().post("police", missing_wren("it/revoked/waiting"));
    ASSERT_TRUE(area().wait_rung("police", waiting, "social-care/mco", "stored"));
    ASSERT_TRUE(Area::seats(area().sent("police", waiting)).contains("health/hv"));
    const auto version = [&](const std::string& host) {
        return area().status(host)["documents"].value("registry", 0);
    };
    const auto before = version("police");
    const auto revoked = area().mashctl({"agency", "revoke", "--dir", area_dir(), "health"});
    ASSERT_EQ(revoked.code, 0) << revoked.output;
    // No word to the broker: it sees the new registry by itself.
    ASSERT_TRUE(area().wait_until([&] { return version("police") > before; }, seconds(30)));
    const auto log = area().log_end("broker");
    area().start("health");
    EXPECT_TRUE(area().is_logged("broker", log, "session_denied",
                                 {"\"address\":\"127.0.0.1\"", "\"key\":\""}));
    const auto later = area().post("police", missing_wren("it/revoked/later"));
    ASSERT_TRUE(area().wait_rung("police", later, "social-care/mco", "stored"));
    EXPECT_FALSE(Area::seats(area().sent("police", later)).contains("health/hv"));
    const auto held = area().listed("health.hv");
    EXPECT_FALSE(held.contains(waiting));
    EXPECT_FALSE(held.contains(later));
    EXPECT_NE(area().status("health").value("link", ""), "open");
    // What it sends reaches nobody, and it can see that.
    auto report = missing_wren("it/revoked/from-health");
    report["agency"] = "health";
    report["role"] = "urg";
    report["type"] = "missing_episode_updated";
    report["kind"] = "sighting";
    const auto id = area().post("health", report);
    if (!id.empty()) {
        EXPECT_TRUE(area().wait_until(
            [&] { return area().status("health")["oldest_unsent_seconds"].is_number(); },
            seconds(10)));
        EXPECT_NE(area().sent("health", id).value("state", ""), "accepted");
    }
    EXPECT_FALSE(area().listed("police.pol").contains(id));
}

}  // namespace
}  // namespace mash::integration
