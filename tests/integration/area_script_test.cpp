// deploy/area as an operator uses it: up, status, down, and on other ports again.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/integration/fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;

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
    /// Programs of which mashctl fails as soon as its arguments begin so, as if the script had been
    /// interrupted there.
    fs::path programs_that_stop_at(const std::string& words) const {
        const auto folder = area_->dir() / "run" / "programs";
        const auto real = fs::path(Area::program_of("broker")).parent_path();
        fs::create_directories(folder);
        for (const auto& entry : fs::directory_iterator(real))
            if (!fs::exists(folder / entry.path().filename()))
                fs::create_symlink(entry.path(), folder / entry.path().filename());
        fs::remove(folder / "mashctl");
        std::ofstream(folder / "mashctl")
            << "#!/bin/sh\ncase \"$*\" in " << words << ") exit 1 ;; esac\nexec "
            << (real / "mashctl").string() << " \"$@\"\n";
        fs::permissions(folder / "mashctl", fs::perms::owner_all);
        return folder;
    }
    Finished interrupted_up(const std::string& at, const std::string& dir, int port_base) const {
        return run({"/usr/bin/env", "MASH_BIN=" + programs_that_stop_at(at).string(),
                    (test::source_dir() / "deploy" / "area").string(), "up", dir, "--port-base",
                    std::to_string(port_base)},
                   seconds(150));
    }
    /// The registrar's last statement that the documents are in force, as it is signed.
    std::string freshness() const {
        std::ifstream in(area_->dir() / "area" / "documents" / "freshness.signed",
                         std::ios::binary);
        std::string bytes(std::istreambuf_iterator<char>(in), {});
        EXPECT_FALSE(bytes.empty());
        return bytes;
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
    const auto vouched = freshness();
    const auto at_last = script({"up"});
    ASSERT_EQ(at_last.code, 0) << at_last.output;
    EXPECT_NE(freshness(), vouched)
        << "an area that was down for days would soon refuse its documents";
    EXPECT_NE(line_of(script({"status"}).output, "broker").find(broker_at(moved)),
              std::string::npos);
}

TEST_F(AreaScript, AMoveThatWasInterruptedIsDoneByTheNextUp) {
    const int moved = Area::free_port_base();
    const auto broken = interrupted_up("area\\ endpoints*", area_->dir().string(), moved);
    ASSERT_NE(broken.code, 0) << broken.output;
    ASSERT_NE(broken.output.find("new address"), std::string::npos) << broken.output;
    const auto up = script({"up", "--port-base", std::to_string(moved)});
    ASSERT_EQ(up.code, 0) << up.output;
    for (const auto* host : {"broker", "police"}) {
        const auto file =
            area_->folder(host) / (host == std::string("broker") ? "broker.toml" : "api.json");
        const auto port = host == std::string("broker") ? moved : moved + 11;
        EXPECT_NE(read_whole(file).find("127.0.0.1:" + std::to_string(port) + "\""),
                  std::string::npos)
            << read_whole(file);
    }
}

TEST_F(AreaScript, AnAreaWhoseMakingWasInterruptedIsMadeOnOtherPorts) {
    const auto dir = area_->dir() / "another";
    const auto script_path = (test::source_dir() / "deploy" / "area").string();
    const int first = Area::free_port_base();
    // Two hosts are enrolled by then, with the broker's first address in their invites.
    const auto broken = interrupted_up("agency\\ invite*--host\\ schools*", dir.string(), first);
    ASSERT_NE(broken.code, 0) << broken.output;
    ASSERT_NE(broken.output.find("could not invite schools"), std::string::npos) << broken.output;
    int second = Area::free_port_base();
    while (second == first) second = Area::free_port_base();
    const auto up =
        run({script_path, "up", dir.string(), "--port-base", std::to_string(second)}, seconds(150));
    EXPECT_EQ(up.code, 0) << up.output;
    const auto status = run({script_path, "status", dir.string()}, seconds(60));
    EXPECT_EQ(status.code, 0) << status.output;
    EXPECT_NE(line_of(status.output, "broker").find(":" + std::to_string(second) + " "),
              std::string::npos)
        << status.output;
    const auto down = run({script_path, "down", dir.string()}, seconds(120));
    EXPECT_EQ(down.code, 0) << down.output;
}

}  // namespace
}  // namespace mash::integration
