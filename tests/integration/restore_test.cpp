// A backup that is put back: the broker's, a recipient's, a sender's. Whatever happened since the
// backup, everything outstanding is in each inbox once.
#include <fstream>

#include "tests/integration/fixture.hpp"

namespace mash::integration {
namespace {

namespace fs = std::filesystem;

class Restored : public OnArea<Restored> {
protected:
    static std::string backup_of(const std::string& name) {
        static int number = 0;
        return (area().dir() / (name + "-backup-" + std::to_string(++number))).string();
    }
    static void expect_once_everywhere(const std::vector<std::string>& ids) {
        for (const auto& id : ids) {
            for (const auto& [seat, inbox] : around_wren) {
                EXPECT_TRUE(area().wait_until([&] { return area().listed(inbox).contains(id); },
                                              seconds(60)))
                    << seat << " " << id;
            }
        }
        for (const auto& [seat, inbox] : around_wren) {
            const auto listed = area().listed(inbox);
            for (const auto& id : ids) EXPECT_EQ(listed.count(id), 1U) << inbox << " " << id;
        }
    }
    static std::vector<std::string> post(const std::string& name, int from, int to) {
        std::vector<std::string> ids;
        for (int i = from; i < to; ++i)
            ids.push_back(area().post("police", missing_wren("it/" + name + std::to_string(i))));
        return ids;
    }
    static bool accepted_again(const std::string& name) {
        for (const auto& entry : fs::directory_iterator(area().folder("police") / "accepted")) {
            const auto found = entry.path().filename().string();
            if (found.starts_with("!again-") && found.ends_with("-" + name)) return true;
        }
        return false;
    }
    static bool accepted(const std::vector<std::string>& ids) {
        return area().wait_until(
            [&] {
                for (const auto& id : ids) {
                    const auto sent = area().sent("police", id);
                    if (!sent.is_object() || sent.value("state", "") != "accepted") return false;
                }
                return true;
            },
            seconds(60));
    }
};

TEST_F(Restored, ABrokerThatWentBackGetsEverythingOutstandingAgain) {
    auto ids = post("broker/", 0, 3);
    ASSERT_TRUE(accepted(ids));
    // The recipient is away, so that what follows is outstanding when the broker goes back.
    ASSERT_TRUE(area().program("social-care").stop(seconds(20)));
    for (const auto& id : post("broker/", 3, 6)) ids.push_back(id);
    ASSERT_TRUE(accepted(ids));
    const auto backup = backup_of("broker");
    const auto made = area().mashctl({"backup", backup, "--socket", area().socket()});
    ASSERT_EQ(made.code, 0) << made.output;
    for (const auto& id : post("broker/", 6, 9)) ids.push_back(id);
    ASSERT_TRUE(accepted(ids));

    const auto dir = area().folder("broker").string();
    const auto running = area().mashctl({"restore", backup, "--dir", dir, "--force"});
    EXPECT_EQ(running.code, 1) << running.output;
    EXPECT_NE(running.output.find("stop it first"), std::string::npos) << running.output;

    area().program("broker").kill_hard();
    const auto in_the_way = area().mashctl({"restore", backup, "--dir", dir});
    EXPECT_EQ(in_the_way.code, 1);
    EXPECT_NE(in_the_way.output.find("--force"), std::string::npos) << in_the_way.output;
    const auto label = fs::path(backup) / "backup.json";
    const auto as_made = read_whole(label);
    auto changed = as_made;
    changed.replace(changed.find("\"made_at\": \"20"), 14, "\"made_at\": \"21");
    std::ofstream(label) << changed;
    const auto forged = area().mashctl({"restore", backup, "--dir", dir, "--force"});
    EXPECT_EQ(forged.code, 1) << forged.output;
    EXPECT_NE(forged.output.find("changed its backup.json"), std::string::npos) << forged.output;
    std::ofstream(label) << as_made;
    const auto restored = area().mashctl({"restore", backup, "--dir", dir, "--force"});
    ASSERT_EQ(restored.code, 0) << restored.output;

    area().start("broker");
    EXPECT_TRUE(area().wait_until(
        [&] {
            return read_whole(area().log("broker")).find("backup_restored") != std::string::npos;
        },
        seconds(20)));
    area().start("social-care");
    expect_once_everywhere(ids);
    EXPECT_TRUE(accepted(ids));
}

TEST_F(Restored, ARecipientThatWentBackIsDeliveredToAgain) {
    auto ids = post("recipient/", 0, 2);
    expect_once_everywhere(ids);
    const auto backup = backup_of("social-care");
    const auto dir = area().folder("social-care").string();
    const auto made = area().agent("social-care", {"backup", "--dir", dir, backup});
    ASSERT_EQ(made.code, 0) << made.output;
    for (const auto& id : post("recipient/", 2, 5)) ids.push_back(id);
    expect_once_everywhere(ids);

    const auto running = area().agent("social-care", {"restore", "--dir", dir, backup, "--force"});
    EXPECT_EQ(running.code, 1) << running.output;
    EXPECT_NE(running.output.find("stop it first"), std::string::npos) << running.output;
    area().program("social-care").kill_hard();
    // The disk is gone, and with it the store; keys/ was kept elsewhere.
    fs::remove_all(area().store("social-care"));
    const auto restored = area().agent("social-care", {"restore", "--dir", dir, backup});
    ASSERT_EQ(restored.code, 0) << restored.output;
    area().start("social-care");
    expect_once_everywhere(ids);
    EXPECT_TRUE(area().wait_rung("police", ids.back(), "social-care/sw", "stored"));
}

TEST_F(Restored, ARecipientThatWentBackShowsNothingUntilItHasHeardWhatWasTakenBackSince) {
    const auto id = post("catching-up/", 0, 1).front();
    expect_once_everywhere({id});
    const auto backup = backup_of("social-care");
    const auto dir = area().folder("social-care").string();
    ASSERT_EQ(area().agent("social-care", {"backup", "--dir", dir, backup}).code, 0);
    ASSERT_EQ(area()
                  .call("police", area().person("police", "missing-desk"), "POST",
                        "/api/v1/sent/" + id + "/recall", R"({"reason":"wrong_child"})")
                  .status,
              202);
    ASSERT_TRUE(area().wait_rung("police", id, "social-care/sw", "recalled"));

    area().program("broker").kill_hard();
    area().program("social-care").kill_hard();
    const auto restored = area().agent("social-care", {"restore", "--dir", dir, backup, "--force"});
    ASSERT_EQ(restored.code, 0) << restored.output;
    area().start("social-care");
    const auto read = [&] {
        return area()
            .call("social-care", area().person("social-care", "social-worker"), "GET",
                  "/api/v1/received/" + id + "?inbox=social-care.sw")
            .status;
    };
    EXPECT_EQ(read(), 503) << "its backup holds what was taken back";
    area().start("broker");
    EXPECT_TRUE(area().wait_until([&] { return read() == 410; }, seconds(60)));
    EXPECT_FALSE(area().listed("social-care.sw").contains(id));
}

TEST_F(Restored, ASenderThatWentBackSendsAgainWhatItsSourceGaveSinceAndNobodyHasItTwice) {
    const auto backup = backup_of("police");
    const auto dir = area().folder("police").string();
    ASSERT_EQ(area().agent("police", {"backup", "--dir", dir, backup}).code, 0);
    area().drop("police", "", "since.json", missing_wren("it/sender/file").dump());
    const auto taken = area().folder("police") / "accepted" / "since.json";
    ASSERT_TRUE(area().wait_until([&] { return fs::exists(taken); }, seconds(30)));
    auto ids = post("sender/", 0, 3);
    expect_once_everywhere(ids);
    const auto before = area().listed("social-care.sw");

    area().program("police").kill_hard();
    const auto restored = area().agent("police", {"restore", "--dir", dir, backup, "--force"});
    ASSERT_EQ(restored.code, 0) << restored.output;
    EXPECT_FALSE(fs::exists(taken));
    EXPECT_NE(restored.output.find("1 files that came in since"), std::string::npos)
        << restored.output;
    area().start("police");
    EXPECT_TRUE(area().wait_until([&] { return accepted_again("since.json"); }, seconds(30)));
    // As any source that had no answer: the same again, under the same ids.
    EXPECT_EQ(post("sender/", 0, 3), ids);
    EXPECT_TRUE(accepted(ids));
    expect_once_everywhere(ids);
    EXPECT_EQ(area().listed("social-care.sw"), before);
}

TEST_F(Restored, ABackupThatIsTornOrAnothersIsRefusedAndNothingIsChanged) {
    const auto police = backup_of("police");
    const auto dir = area().folder("police").string();
    ASSERT_EQ(area().agent("police", {"backup", "--dir", dir, police}).code, 0);
    EXPECT_EQ(area().agent("police", {"backup", "--dir", dir, police}).code, 1)
        << "a backup never replaces another";
    const auto health = area().folder("health").string();
    const auto others = area().agent("health", {"restore", "--dir", health, police, "--force"});
    EXPECT_EQ(others.code, 1);
    EXPECT_NE(others.output.find("another storage key"), std::string::npos) << others.output;

    const auto store = fs::path(police) / "areas" / "worcestershire" / "agent.sqlite";
    fs::resize_file(store, fs::file_size(store) - 1);
    const auto torn = area().agent("police", {"restore", "--dir", dir, police, "--force"});
    EXPECT_EQ(torn.code, 1);
    EXPECT_NE(torn.output.find("cut short or changed"), std::string::npos) << torn.output;
    fs::remove(fs::path(police) / "backup.json");
    const auto unfinished = area().agent("police", {"restore", "--dir", dir, police, "--force"});
    EXPECT_EQ(unfinished.code, 1);
    EXPECT_NE(unfinished.output.find("not finished"), std::string::npos) << unfinished.output;
    EXPECT_EQ(area().mashctl({"restore", police, "--dir", area().folder("broker").string()}).code,
              1);
    EXPECT_FALSE(area().post("police", missing_wren("it/refused")).empty());
}

}  // namespace
}  // namespace mash::integration
