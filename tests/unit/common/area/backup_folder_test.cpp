#include "common/area/backup_folder.hpp"

#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash::area {
namespace {

class BackupFolder : public ::testing::Test {
protected:
    BackupFolder() {
        std::filesystem::create_directories(path() / "areas" / "northshire");
        write("agent.toml", "listen = \"127.0.0.1:0\"\n");
        write("areas/northshire/agent.sqlite", std::string(3'000'000, 'x'));
        label.program = "agent";
        label.owners.emplace(AreaId("northshire"), HostId("police"));
        label.made_at = WallTime::from_unix_ms(1'795'521'600'000);
        label.files = {{"agent.toml", 0, {}}, {"areas/northshire/agent.sqlite", 0, {}}};
        EXPECT_TRUE(finish_backup(path(), label, key));
    }
    const std::filesystem::path& path() const { return folder.path(); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path() / name, std::ios::binary) << text;
    }
    static crypto::SecretBytes key_of(std::uint8_t byte) {
        return crypto::SecretBytes::copy_of(Bytes(32, byte));
    }
    const crypto::SecretBytes key = key_of(7);
    testing::TemporaryFolder folder;
    BackupLabel label;
};

TEST_F(BackupFolder, SaysWhatItHoldsAndIsWhole) {
    const auto checked = check_backup(path(), "agent", key);
    ASSERT_TRUE(checked);
    EXPECT_EQ(*checked, label);
    EXPECT_EQ(checked->files.back().bytes, 3'000'000U);
}

TEST_F(BackupFolder, AFileThatIsMissingShorterOrChangedMakesItUseless) {
    const std::string store = "areas/northshire/agent.sqlite";
    std::string changed(3'000'000, 'x');
    changed[2'500'000] = 'y';
    for (const auto& content :
         {changed, std::string(2'999'999, 'x'), std::string(3'000'001, 'x')}) {
        write(store, content);
        EXPECT_EQ(check_backup(path(), "agent", key).error(), ErrorCode::decrypt_failed);
    }
    std::filesystem::remove(path() / store);
    EXPECT_EQ(check_backup(path(), "agent", key).error(), ErrorCode::decrypt_failed);
}

TEST_F(BackupFolder, OnlyWhoHoldsTheKeyCanMakeOrChangeOne) {
    // Whoever writes where backups lie puts in a file of their own and does the label anew.
    write("agent.toml", "listen = \"0.0.0.0:80\"\n");
    auto forged = label;
    ASSERT_TRUE(finish_backup(path(), forged, key_of(8)));
    EXPECT_EQ(check_backup(path(), "agent", key).error(), ErrorCode::wrong_credential);
    forged.key_proof = label.key_proof;
    write("backup.json", to_json(forged));
    EXPECT_EQ(check_backup(path(), "agent", key).error(), ErrorCode::wrong_credential);
}

TEST_F(BackupFolder, TheProofIsOverAllThatTheLabelSays) {
    const auto refused = [&](const std::function<void(BackupLabel&)>& change) {
        auto other = label;
        change(other);
        write("backup.json", to_json(other));
        EXPECT_EQ(check_backup(path(), other.program, key).error(), ErrorCode::wrong_credential);
    };
    refused([](auto& other) { other.program = "broker"; });
    refused([](auto& other) { other.made_at = WallTime::from_unix_ms(1'795'521'600'001); });
    refused([](auto& other) { other.owners.begin()->second = HostId("health"); });
    refused([](auto& other) { other.owners.emplace(AreaId("southshire"), HostId("police")); });
    refused([](auto& other) { other.files.pop_back(); });
    refused([](auto& other) { std::swap(other.files.front(), other.files.back()); });
    refused([](auto& other) { other.files.front().name = "agent.txt"; });
    refused([](auto& other) { ++other.files.front().bytes; });
    refused([](auto& other) { other.files.front().digest.fill(1); });
    refused([](auto& other) { other.key_proof.fill(0); });
}

TEST_F(BackupFolder, AnotherProgramsIsNotTaken) {
    EXPECT_EQ(check_backup(path(), "broker", key).error(), ErrorCode::wrong_area);
}

TEST_F(BackupFolder, WithoutItsLabelItIsNoBackup) {
    std::filesystem::remove(path() / "backup.json");
    EXPECT_EQ(check_backup(path(), "agent", key).error(), ErrorCode::not_found);
}

TEST_F(BackupFolder, ALabelNeverPointsOutsideItsFolder) {
    for (const char* name : {"/etc/passwd", "../keys/storage.key", "areas/../../x", "./x", "",
                             "areas//x", "backup.json"}) {
        auto other = label;
        other.files.front().name = name;
        EXPECT_EQ(parse_backup_label(to_json(other)).error(), ErrorCode::bad_value) << name;
    }
}

TEST_F(BackupFolder, ALabelThatLacksSomethingIsNotRead) {
    EXPECT_EQ(parse_backup_label("").error(), ErrorCode::malformed);
    EXPECT_EQ(parse_backup_label("{}").error(), ErrorCode::unsupported_version);
    auto other = label;
    other.files.clear();
    EXPECT_EQ(parse_backup_label(to_json(other)).error(), ErrorCode::malformed);
    other = label;
    other.owners.clear();
    EXPECT_EQ(parse_backup_label(to_json(other)).error(), ErrorCode::malformed);
    const auto whole = to_json(label);
    for (std::size_t cut = 0; cut + 2 < whole.size(); cut += 7)
        EXPECT_FALSE(parse_backup_label(whole.substr(0, cut))) << cut;
}

}  // namespace
}  // namespace mash::area
