// The area changes its rules and its members while everything runs.
#include <fstream>

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
    area().start("health");
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
