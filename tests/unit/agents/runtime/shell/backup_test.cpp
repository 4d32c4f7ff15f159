#include "agents/runtime/shell/backup.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "agents/runtime/shell/agent_config.hpp"
#include "common/area/enrolment.hpp"
#include "common/area/keyfile.hpp"
#include "common/crypto/random.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;
constexpr WallTime now = test::working_morning;

class AgentBackup : public ::testing::Test {
protected:
    AgentBackup() {
        set_up(here);
        write_key(here, 1);
        EXPECT_TRUE(store_sqlite::SqliteStore::open((state(here) / "agent.sqlite").string()));
    }
    static fs::path state(const test::TemporaryFolder& machine) {
        return machine.path() / "areas" / "worcestershire";
    }
    void set_up(const test::TemporaryFolder& machine) {
        test::write_content(machine.path() / "agent.toml",
                            "[areas.worcestershire]\nhost = \"police\"\n");
        test::write_content(state(machine) / "area.json",
                            area::to_json(area::TrustAnchor{area.id, area.root()}));
        test::write_content(
            state(machine) / "broker.json",
            to_json(BrokerAddress{{"tcp://127.0.0.1:26000"},
                                  crypto::CurveKeyPair::generate(area.random()).public_key}));
    }
    void write_key(const test::TemporaryFolder& machine, std::uint8_t byte) {
        area::KeyFile file;
        file.label = {"storage", area.id, "police", {}, false};
        file.add_secret("storage", secret(byte));
        fs::create_directories(machine.path() / "keys");
        ASSERT_TRUE(area::save_key_file(storage_key_path(machine.path()), file, nullptr, {},
                                        area.random()));
    }
    static crypto::SecretBytes secret(std::uint8_t byte) {
        return crypto::SecretBytes::copy_of(Bytes(32, byte));
    }
    fs::path backup(WallTime made_at = now) {
        const auto target = elsewhere.path() / "backup";
        const auto label = write_backup(here.path(), target, made_at, problem);
        EXPECT_TRUE(label) << problem;
        return target;
    }
    /// The order in which the watched folder reads.
    static std::vector<fs::path> sorted(const fs::path& folder) {
        std::vector<fs::path> out;
        for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
        std::ranges::sort(out);
        return out;
    }
    Result<Restored> restore(const test::TemporaryFolder& machine, bool replace = true) {
        problem.clear();
        return restore_backup(machine.path(), elsewhere.path() / "backup", replace, now, problem);
    }

    test::TestArea area;
    test::TemporaryFolder here, there, elsewhere;
    std::string problem;
};

TEST_F(AgentBackup, IsMadeAndPutOnAMachineThatHasTheKeysAlone) {
    backup();
    write_key(there, 1);
    const auto restored = restore(there, false);
    ASSERT_TRUE(restored) << problem;
    for (const char* name : {"area.json", "broker.json"})
        EXPECT_EQ(test::content_of(state(there) / name), test::content_of(state(here) / name));
    EXPECT_TRUE(fs::exists(state(there) / "agent.sqlite"));
}

TEST_F(AgentBackup, WhoeverWritesWhereItLiesCannotBringAnotherRootOrBroker) {
    const auto folder = backup();
    const auto anchor = folder / "areas" / "worcestershire" / "area.json";
    test::TestArea attackers(2);
    test::write_content(anchor, area::to_json(area::TrustAnchor{area.id, attackers.root()}));
    auto label = area::parse_backup_label(test::content_of(folder / "backup.json"));
    ASSERT_TRUE(label);
    // All that can be done without the storage key: every digest anew, the proof as it was.
    const auto proof = label->key_proof;
    ASSERT_TRUE(area::finish_backup(folder, *label, secret(9)));
    label->key_proof = proof;
    test::write_content(folder / "backup.json", area::to_json(*label));

    write_key(there, 1);
    EXPECT_FALSE(restore(there));
    EXPECT_NE(problem.find("changed its backup.json"), std::string::npos) << problem;
    EXPECT_FALSE(fs::exists(there.path() / "agent.toml")) << "nothing is written";
    EXPECT_FALSE(fs::exists(there.path() / "areas"));
}

TEST_F(AgentBackup, OfAnotherHostsKeyIsRefusedAndNothingIsWritten) {
    backup();
    write_key(there, 2);
    EXPECT_EQ(restore(there).error(), ErrorCode::wrong_host);
    EXPECT_NE(problem.find("another storage key"), std::string::npos) << problem;
    EXPECT_FALSE(fs::exists(there.path() / "agent.toml"));
}

TEST_F(AgentBackup, FilesThatCameInSinceAreReadAgainInTheOrderInWhichTheyWereAccepted) {
    backup(WallTime::from_unix_ms(0));
    // As the watched folder names equal names; as text, x-10 comes before x-2 and x last.
    std::vector<std::string> expected;
    for (int n = 1; n <= 12; ++n) {
        const auto name = n == 1 ? "x.csv" : "x-" + std::to_string(n) + ".csv";
        test::write_content(here.path() / "outside", name);
        fs::create_directories(here.path() / "accepted" / "884001");
        fs::rename(here.path() / "outside", here.path() / "accepted" / "884001" / name);
        expected.push_back(name);
    }
    const auto again = [&] {
        std::vector<std::string> out;
        for (const auto& file : sorted(here.path() / "intake" / "884001"))
            out.push_back(test::content_of(file));
        return out;
    };
    auto restored = restore(here);
    ASSERT_TRUE(restored) << problem;
    EXPECT_EQ(restored->files_again, 12U);
    EXPECT_EQ(again(), expected);

    // Read again, the last ones first, and put back a second time: their places are the old ones.
    auto files = sorted(here.path() / "intake" / "884001");
    std::ranges::reverse(files);
    for (const auto& file : files)
        fs::rename(file, here.path() / "accepted" / "884001" / file.filename());
    fs::remove_all(state(here) / "agent.sqlite");
    restored = restore(here);
    ASSERT_TRUE(restored) << problem;
    EXPECT_EQ(restored->files_again, 12U);
    EXPECT_EQ(again(), expected);
}

}  // namespace
}  // namespace mash::runtime_shell
