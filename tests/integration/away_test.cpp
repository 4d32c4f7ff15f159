// The broker away, a disk that is full: a clear answer, nothing lost, and everything goes on by
// itself afterwards.
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

class Away : public OnArea<Away> {};

TEST_F(Away, WithoutTheBrokerTheOutboxKeepsAndSaysSoAndDeliversWhenItIsBack) {
    area().program("broker").kill_hard();
    ASSERT_TRUE(area().wait_until(
        [&] { return area().status("police").value("link", "") == "down"; }, seconds(30)));
    const auto id = area().post("police", missing_wren("it/away/1"));
    ASSERT_FALSE(id.empty()) << "the agent takes notifications without the broker";
    EXPECT_TRUE(area().wait_until(
        [&] {
            const auto age = area().status("police")["oldest_unsent_seconds"];
            return age.is_number() && age.get<int>() >= 1;
        },
        seconds(10)));
    EXPECT_NE(area().sent("police", id).value("state", ""), "accepted");
    // The agent too: what it has taken is on its disk.
    area().program("police").kill_hard();
    area().start("police");
    EXPECT_TRUE(area().status("police")["oldest_unsent_seconds"].is_number());
    area().start("broker");
    for (const auto& [seat, inbox] : around_wren) {
        EXPECT_TRUE(area().wait_rung("police", id, seat, "stored", seconds(60))) << seat;
        EXPECT_EQ(area().listed(inbox).count(id), 1U) << inbox;
    }
    EXPECT_TRUE(area().status("police")["oldest_unsent_seconds"].is_null());
}

TEST_F(Away, APoliteStopLosesNothingAndEndsWithCodeZero) {
    const auto id = area().post("police", missing_wren("it/away/2"));
    EXPECT_TRUE(area().program("police").stop(seconds(20)));
    EXPECT_TRUE(area().program("broker").stop(seconds(20)));
    area().start("broker");
    area().start("police");
    for (const auto& [seat, inbox] : around_wren) {
        EXPECT_TRUE(area().wait_rung("police", id, seat, "stored", seconds(60))) << seat;
        EXPECT_EQ(area().listed(inbox).count(id), 1U) << inbox;
    }
}

/// A file system of a few megabytes over a program's folder; goes with its owner.
class TinyDisk {
public:
    explicit TinyDisk(std::filesystem::path at) : at_(std::move(at)) {
        const auto aside = at_.string() + ".aside";
        std::filesystem::copy(at_, aside, std::filesystem::copy_options::recursive);
        mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=16m,mode=0700") == 0;
        if (mounted_)
            std::filesystem::copy(aside, at_,
                                  std::filesystem::copy_options::recursive |
                                      std::filesystem::copy_options::overwrite_existing);
        std::filesystem::remove_all(aside);
    }
    ~TinyDisk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    TinyDisk(const TinyDisk&) = delete;
    TinyDisk& operator=(const TinyDisk&) = delete;
    bool is_mounted() const { return mounted_; }
    void fill() {
        std::ofstream out(at_ / "ballast", std::ios::binary);
        const std::string block(4096, 'x');
        while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void make_room() { std::filesystem::remove(at_ / "ballast"); }

private:
    std::filesystem::path at_;
    bool mounted_ = false;
};

TEST_F(Away, AFullDiskIsSaidPlainlyAndNothingThatWasTakenIsLost) {
    const auto before = area().post("police", missing_wren("it/disk/before"));
    ASSERT_TRUE(area().wait_rung("police", before, "health/hv", "stored"));
    ASSERT_TRUE(area().program("police").stop(seconds(20)));
    {
        TinyDisk disk(area().store("police"));
        if (!disk.is_mounted()) {
            area().start("police");
            GTEST_SKIP() << "Mounting a small file system, to be filled, needs root";
        }
        area().start("police");
        ASSERT_TRUE(area().wait_linked("police"));
        const auto taken = area().post("police", missing_wren("it/disk/taken"));
        ASSERT_FALSE(taken.empty());
        disk.fill();
        Answer refused;
        int attempts = 0;
        EXPECT_TRUE(area().wait_until(
            [&] {
                refused =
                    area().call("police", area().service("police"), "POST", "/api/v1/notifications",
                                missing_wren("it/disk/full/" + std::to_string(attempts++)).dump());
                return refused.status == 503;
            },
            seconds(60)));
        const auto error = refused.json()["error"];
        EXPECT_EQ(error.value("code", ""), "disk_full") << refused.text;
        EXPECT_FALSE(error.value("next", "").empty());
        EXPECT_EQ(area().call("police", "", "GET", "/api/v1/health").status, 503);
        EXPECT_TRUE(area().program("police").is_alive());
        // A file waits in its folder.
        area().drop("police", "", "during.json", missing_wren("it/disk/file").dump());
        disk.make_room();
        EXPECT_TRUE(area().wait_until(
            [&] { return area().call("police", "", "GET", "/api/v1/health").status == 200; },
            seconds(30)));
        EXPECT_TRUE(area().wait_until(
            [&] {
                return std::filesystem::exists(area().folder("police") / "accepted" /
                                               "during.json");
            },
            seconds(30)));
        const auto after = area().post("police", missing_wren("it/disk/after"));
        for (const auto& id : {taken, after}) {
            ASSERT_FALSE(id.empty());
            EXPECT_TRUE(area().wait_rung("police", id, "health/hv", "stored", seconds(40)));
            EXPECT_EQ(area().listed("health.hv").count(id), 1U);
        }
        // The one from before is known still, and offering it again makes no second.
        EXPECT_EQ(area().post("police", missing_wren("it/disk/taken")), taken);
        EXPECT_TRUE(area().program("police").stop(seconds(20)));
    }
}

// The last of the suite: afterwards the broker's folder is what it was before.
TEST_F(Away, ABrokerWhoseDiskIsFullAcceptsNothingSaysSoAndGoesOnByItself) {
    area().start("police");
    ASSERT_TRUE(area().program("broker").stop(seconds(20)));
    TinyDisk disk(area().folder("broker"));
    if (!disk.is_mounted()) {
        GTEST_SKIP() << "Mounting a small file system, to be filled, needs root";
    }
    area().start("broker");
    for (const auto& host : hosts) ASSERT_TRUE(area().wait_linked(host)) << host;
    const auto health = [] {
        return area().get("http://127.0.0.1:" + std::to_string(area().metrics_port()) + "/health");
    };
    EXPECT_EQ(health().status, 200);
    EXPECT_EQ(health().json().value("status", ""), "ok");
    disk.fill();
    const auto log_from = read_whole(area().log("broker")).size();
    std::vector<std::string> ids;
    ASSERT_TRUE(area().wait_until(
        [&] {
            ids.push_back(area().post(
                "police", missing_wren("it/broker-disk/" + std::to_string(ids.size()))));
            return read_whole(area().log("broker")).find("\"disk_full\"", log_from) !=
                   std::string::npos;
        },
        seconds(60)));
    EXPECT_NE(area().sent("police", ids.back()).value("state", ""), "accepted");
    EXPECT_TRUE(area().program("broker").is_alive());
    // Nothing was kept for ten seconds: whoever watches the machine is told.
    EXPECT_TRUE(area().wait_until([&] { return health().status == 503; }, seconds(30)));
    EXPECT_EQ(health().json().value("status", ""), "stuck");
    disk.make_room();
    EXPECT_TRUE(area().wait_until([&] { return health().status == 200; }, seconds(30)));
    EXPECT_EQ(health().json().value("status", ""), "ok");
    for (const auto& id : ids) {
        EXPECT_TRUE(area().wait_rung("police", id, "health/hv", "stored", seconds(60))) << id;
        EXPECT_EQ(area().listed("health.hv").count(id), 1U);
    }
    EXPECT_TRUE(area().program("broker").stop(seconds(20)));
}

}  // namespace
}  // namespace mash::integration
