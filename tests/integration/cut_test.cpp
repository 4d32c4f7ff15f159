// The wire between police and broker loses what a test says, and is cut at random moments, while
// the rules change: each notification is one item, whoever did not hear of what.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/integration/fixture.hpp"
#include "tests/integration/relay.hpp"

namespace mash::integration {
namespace {

class Cut : public OnArea<Cut> {
protected:
    static void SetUpTestSuite() {
        OnArea::SetUpTestSuite();
        relay() = std::make_unique<Relay>(area().broker_port());
        EXPECT_TRUE(area().program("police").stop(seconds(20)));
        const auto file = area().store("police") / "broker.json";
        auto broker = Json::parse(read_whole(file));
        broker["endpoints"] = {"tcp://127.0.0.1:" + std::to_string(relay()->port())};
        std::ofstream(file) << broker.dump(2);
        area().start("police");
        EXPECT_TRUE(area().wait_linked("police"));
    }
    static void TearDownTestSuite() {
        OnArea::TearDownTestSuite();
        relay().reset();
    }
    static std::unique_ptr<Relay>& relay() {
        static std::unique_ptr<Relay> one;
        return one;
    }

    static bool broker_says(const std::string& event, const std::string& id) {
        std::istringstream log(read_whole(area().log("broker")));
        for (std::string line; std::getline(log, line);) {
            if (line.find("\"" + event + "\"") != std::string::npos &&
                line.find(id) != std::string::npos)
                return true;
        }
        return false;
    }
    static std::string state_of(const std::string& id) {
        return area().sent("police", id).value("state", "");
    }
    static void expect_one_item(const std::string& id) {
        for (const auto& [seat, inbox] : around_wren) {
            EXPECT_TRUE(area().wait_rung("police", id, seat, "stored", seconds(60))) << seat;
            EXPECT_EQ(area().listed(inbox).count(id), 1U) << inbox;
        }
        // A rung that somebody reached does not say that the broker has it: it is offered again.
        EXPECT_TRUE(area().wait_until([&] { return state_of(id) == "accepted"; }, seconds(60)))
            << state_of(id);
    }
    /// The policy as it is under the next number, in force at the broker.
    static void next_policy() {
        static int version = 1;
        const auto folder = area().dir() / "policy";
        auto text = read_whole(folder / "policy.toml");
        const auto at = text.find("\nversion = 1");
        ASSERT_NE(at, std::string::npos);
        text.replace(at, 12, "\nversion = " + std::to_string(++version));
        std::ofstream(folder / "next.toml") << text;
        const auto made = area().mashctl(
            {"policy", "sign", "--dir", (area().dir() / "area").string(),
             (folder / "next.toml").string(), "--catalogue", (folder / "catalogue.toml").string()});
        ASSERT_EQ(made.code, 0) << made.output;
        ASSERT_EQ(area().mashctl({"reload", "--socket", area().socket()}).code, 0);
        ASSERT_TRUE(area().wait_until(
            [&] { return area().status("hub")["documents"]["policy"] == version; }, seconds(30)));
    }
};

/// More than asking for a plan takes, and less than the sealed notification.
constexpr std::size_t bytes_up_within_publish = 2'500;

TEST_F(Cut, AnAcceptedThatIsLostIsSaidAgainAndMakesOneItem) {
    relay()->lose(Relay::Way::down, bytes_up_within_publish);
    const auto id = area().post("police", missing_wren("it/cut/accepted"));
    ASSERT_FALSE(id.empty());
    ASSERT_TRUE(
        area().wait_until([&] { return broker_says("notification_accepted", id); }, seconds(20)));
    EXPECT_EQ(state_of(id), "sealed") << "the agent cannot know of it";
    relay()->cut();
    expect_one_item(id);
    EXPECT_TRUE(broker_says("notification_repeated", id));
}

TEST_F(Cut, APublishThatIsLostWhileThePolicyChangesIsPlannedAnewAndMakesOneItem) {
    relay()->lose(Relay::Way::up, bytes_up_within_publish);
    const auto id = area().post("police", missing_wren("it/cut/publish"));
    ASSERT_FALSE(id.empty());
    ASSERT_TRUE(area().wait_until(
        [&] { return state_of(id) == "sealed" && relay()->bytes_lost() > 0; }, seconds(20)));
    EXPECT_FALSE(broker_says("notification_accepted", id));
    next_policy();
    relay()->cut();
    expect_one_item(id);
    EXPECT_EQ(area().sent("police", id).value("policy_version", 0),
              area().status("police")["documents"].value("policy", -1))
        << "what was sealed under the plan before was not what went";
}

TEST_F(Cut, WhereverTheWireIsCutUnderLoadEachIsOneItem) {
    const char* given = std::getenv("MASH_SEED");
    const auto seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                       : std::random_device{}();
    std::cout << "seed " << seed << "; again with MASH_SEED=" << seed << "\n";
    std::mt19937 random(seed);
    // Opening a session takes some two thousand bytes, a new policy some thirty thousand: some end
    // before, some after.
    relay()->cut_each_after([random]() mutable {
        const bool is_long = std::uniform_int_distribution<int>(0, 4)(random) == 0;
        return std::uniform_int_distribution<std::size_t>(500, is_long ? 150'000 : 20'000)(random);
    });
    relay()->cut();
    const auto cuts_before = relay()->cuts();
    std::set<std::string> taken;
    for (int i = 0; i < 60; ++i) {
        if (i == 30) next_policy();
        const auto id = area().post("police", missing_wren("it/cut/" + std::to_string(i)));
        ASSERT_FALSE(id.empty());
        taken.insert(id);
        // Some under way when the next comes, some not.
        if (i % 10 == 9) {
            EXPECT_TRUE(area().wait_until([&] { return state_of(id) == "accepted"; }, seconds(60)))
                << state_of(id);
        }
    }
    relay()->cut_each_after({});
    relay()->cut();
    std::cout << relay()->cuts() - cuts_before << " cuts during " << taken.size()
              << " notifications\n";
    EXPECT_GE(relay()->cuts() - cuts_before, 3U);
    for (const auto& id : taken) expect_one_item(id);
}

}  // namespace
}  // namespace mash::integration
