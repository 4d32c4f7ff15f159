// deploy/area as an operator uses it: up, status, down, and on other ports again.
#include <signal.h>

#include <sstream>

#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

class AreaScript : public ::testing::Test {
protected:
    AreaScript() : area_(Area::stopped()) {}
    ~AreaScript() override { (void)script({"down"}); }

    Finished script(Argv arguments) const {
        arguments.insert(arguments.begin(), (test::source_dir() / "deploy" / "area").string());
        arguments.insert(arguments.begin() + 2, area_->dir().string());
        return run(arguments, seconds(150));
    }
    /// What `status` says of a program, "" when it names it not.
    static std::string line_of(const std::string& status, const std::string& name) {
        std::istringstream lines(status);
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with(name + " ")) return line;
        }
        return "";
    }
    pid_t pid_of(const std::string& name) const {
        return std::stoi(read_whole(area_->dir() / "run" / (name + ".pid")));
    }
    std::unique_ptr<Area> area_;
};

TEST_F(AreaScript, StatusSaysWhatIsDownAndAnAreaMovesToOtherPortsAndGoesOn) {
    const auto up = script({"up"});
    ASSERT_EQ(up.code, 0) << up.output;
    const auto whole = script({"status"});
    EXPECT_EQ(whole.code, 0) << whole.output;
    EXPECT_EQ(whole.output.find("DOWN"), std::string::npos) << whole.output;
    const auto broker_at = [](int port) { return "tcp://127.0.0.1:" + std::to_string(port) + " "; };
    EXPECT_NE(line_of(whole.output, "broker").find(broker_at(area_->broker_port())),
              std::string::npos)
        << whole.output;

    ASSERT_EQ(::kill(pid_of("police"), SIGKILL), 0);
    Finished without;
    ASSERT_TRUE(area_->wait_until(
        [&] {
            without = script({"status"});
            return without.code != 0;
        },
        seconds(20)));
    EXPECT_EQ(without.code, 1) << without.output;
    EXPECT_NE(line_of(without.output, "police").find("DOWN"), std::string::npos) << without.output;
    for (const auto* other : {"broker", "health", "schools", "social-care", "hub"})
        EXPECT_EQ(line_of(without.output, other).find("DOWN"), std::string::npos) << without.output;

    const int moved = Area::free_port_base();
    const auto running = script({"up", "--port-base", std::to_string(moved)});
    EXPECT_NE(running.code, 0) << running.output;
    EXPECT_NE(running.output.find("stop it first"), std::string::npos) << running.output;
    const auto down = script({"down"});
    EXPECT_EQ(down.code, 0) << down.output;
    const auto stopped = script({"status"});
    EXPECT_EQ(stopped.code, 1) << stopped.output;
    for (const auto* each : {"broker", "police", "health", "schools", "social-care", "hub"})
        EXPECT_NE(line_of(stopped.output, each).find("DOWN"), std::string::npos) << stopped.output;

    const auto again = script({"up", "--port-base", std::to_string(moved)});
    ASSERT_EQ(again.code, 0) << again.output;
    const auto there = script({"status"});
    EXPECT_EQ(there.code, 0) << there.output;
    EXPECT_NE(line_of(there.output, "broker").find(broker_at(moved)), std::string::npos)
        << there.output;
    area_->feed_involvement();
    const auto id = area_->post("police", missing_wren("it/moved/1"));
    ASSERT_FALSE(id.empty());
    for (const auto& [seat, inbox] : around_wren)
        EXPECT_TRUE(area_->wait_rung("police", id, seat, "stored", seconds(60))) << seat;
    // Without a word about ports it stays where it is.
    ASSERT_EQ(script({"down"}).code, 0);
    const auto at_last = script({"up"});
    ASSERT_EQ(at_last.code, 0) << at_last.output;
    EXPECT_NE(line_of(script({"status"}).output, "broker").find(broker_at(moved)),
              std::string::npos);
}

}  // namespace
}  // namespace mash::integration
