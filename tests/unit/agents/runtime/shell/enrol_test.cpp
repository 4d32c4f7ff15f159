#include "agents/runtime/shell/enrol.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "agents/runtime/shell/agent_config.hpp"
#include "common/area/keyfile.hpp"
#include "common/crypto/init.hpp"
#include "common/crypto/random.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;
constexpr WallTime now = test::working_morning;

class EnrolTest : public ::testing::Test {
protected:
    area::Invite invite(const std::string& agency = "orchard-gate",
                        const std::string& urn = "884001") {
        return {area::InviteId(area.random().array<16>()),
                {area.id, area.root()},
                {"tcp://127.0.0.1:7400"},
                crypto::CurveKeyPair::generate(area.random()).public_key,
                now + std::chrono::hours(24),
                area::InviteCode::generate(area.random()),
                AgencyId(agency),
                "school",
                "Orchard \"Gate\" High School",
                urn,
                "01632 960000",
                HostId("schools"),
                {RoleId("sch")},
                {{RoleId("sch"), InboxId(agency + ".sch"), true, std::nullopt, ""},
                 {RoleId("sch2"), InboxId(agency + ".mis"), false, std::nullopt, ""}},
                {},
                false};
    }
    Result<Enrolled> join(std::vector<area::Invite> invites, WallTime at = now) {
        problem.clear();
        return enrol(folder.path(), invites, at, area.random(), problem);
    }
    std::vector<area::Invite> one() {
        std::vector<area::Invite> out;
        out.push_back(invite());
        return out;
    }
    std::map<std::string, std::string> files_under(const std::string& sub) const {
        std::map<std::string, std::string> out;
        for (const auto& entry : fs::recursive_directory_iterator(folder.path() / sub)) {
            if (entry.is_regular_file())
                out[entry.path().string()] = test::content_of(entry.path());
        }
        return out;
    }

    test::TestArea area;
    test::TemporaryFolder folder;
    std::string problem;
};

TEST_F(EnrolTest, MakesKeysRequestAndAConfigurationThatIsRead) {
    const auto first = invite();
    std::vector<area::Invite> invites;
    invites.push_back(first.clone());
    const auto done = join(std::move(invites));
    ASSERT_TRUE(done) << problem;
    ASSERT_EQ(done->requests.size(), 1U);
    EXPECT_TRUE(area::check_enrol_request(done->requests.front(), first, now));
    EXPECT_TRUE(done->made_recovery_key);
    EXPECT_EQ(done->fingerprint, area::fingerprint_of(std::span(done->requests)).text());
    EXPECT_EQ(done->area_fingerprint, area::fingerprint_of(first.anchor).text());
    const auto config = read_agent_config(folder.path(), problem);
    ASSERT_TRUE(config) << problem;
    EXPECT_EQ(config->area_telephone, "") << "the invite's number is the agency's own desk";
    ASSERT_EQ(config->areas.size(), 1U);
    EXPECT_EQ(config->areas[0].host, HostId("schools"));
    EXPECT_EQ(config->areas[0].broker.key, first.broker_key);
    ASSERT_EQ(config->areas[0].agencies.size(), 1U);
    EXPECT_EQ(config->areas[0].agencies[0].urn, "884001");
    EXPECT_NE(config->areas[0].agencies[0].professional_contact.find(
                  "Orchard \\\"Gate\\\" High School, 01632 960000"),
              std::string::npos);
    EXPECT_TRUE(config->handover.contains(InboxId("orchard-gate.mis")))
        << "the automatic inbox is handed over";
    EXPECT_FALSE(config->handover.contains(InboxId("orchard-gate.sch")));
}

TEST_F(EnrolTest, KeysAreForTheOwnerAlone) {
    ASSERT_TRUE(join(one())) << problem;
    for (const auto& [path, content] : files_under("keys")) {
        struct stat found{};
        ASSERT_EQ(::stat(path.c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 0777, 0600U) << path;
    }
}

TEST_F(EnrolTest, RunAgainItKeepsEveryKeyAndAddsNothingTwice) {
    ASSERT_TRUE(join(one())) << problem;
    const auto keys = files_under("keys");
    const auto config = test::content_of(folder.path() / "agent.toml");
    const auto again = join(one());
    ASSERT_TRUE(again) << problem;
    EXPECT_FALSE(again->made_recovery_key);
    EXPECT_EQ(files_under("keys"), keys);
    EXPECT_EQ(test::content_of(folder.path() / "agent.toml"), config);
}

TEST_F(EnrolTest, AnInviteThatReplacesKeysMakesNewOnesOnceAndPutsTheOldOnesAside) {
    ASSERT_TRUE(join(one())) << problem;
    const auto host = host_key_path(folder.path(), area.id);
    const auto agency = agency_key_path(folder.path(), AgencyId("orchard-gate"));
    const auto old_host = test::content_of(host);
    const auto old_agency = test::content_of(agency);
    const auto storage = test::content_of(storage_key_path(folder.path()));
    const auto service = test::content_of(service_token_path(folder.path()));
    const auto config = test::content_of(folder.path() / "agent.toml");

    auto stolen = one();
    stolen[0].replaces_keys = true;
    std::vector<area::Invite> same;
    same.push_back(stolen[0].clone());
    const auto done = join(std::move(stolen));
    ASSERT_TRUE(done) << problem;
    EXPECT_TRUE(done->replaced_keys);
    EXPECT_NE(test::content_of(host), old_host);
    EXPECT_NE(test::content_of(agency), old_agency);
    EXPECT_EQ(test::content_of(storage_key_path(folder.path())), storage);
    EXPECT_EQ(test::content_of(service_token_path(folder.path())), service);
    EXPECT_EQ(test::content_of(folder.path() / "agent.toml"), config);
    const auto aside = replaced_keys_path(folder.path()) / to_text(same[0].id);
    EXPECT_EQ(test::content_of(aside / host.filename()), old_host);
    EXPECT_EQ(test::content_of(aside / agency.filename()), old_agency);

    const auto keys = files_under("keys");
    const auto again = join(std::move(same));
    ASSERT_TRUE(again) << problem;
    EXPECT_EQ(files_under("keys"), keys);
    EXPECT_EQ(again->requests[0].signing_key, done->requests[0].signing_key);
    EXPECT_EQ(again->requests[0].transport_key, done->requests[0].transport_key);
}

TEST_F(EnrolTest, AMachineThatWasSetUpAnewMakesOneSetOfKeysForAnInviteThatReplacesThem) {
    auto lost = one();
    lost[0].replaces_keys = true;
    std::vector<area::Invite> same;
    same.push_back(lost[0].clone());
    ASSERT_TRUE(join(std::move(lost))) << problem;
    const auto keys = files_under("keys");
    ASSERT_TRUE(join(std::move(same))) << problem;
    EXPECT_EQ(files_under("keys"), keys);
}

TEST_F(EnrolTest, ManyInvitesThatReplaceKeysMakeOneHostKeyTogether) {
    auto invites = one();
    invites.push_back(invite("teme-meadow", "884002"));
    ASSERT_TRUE(join(std::move(invites))) << problem;
    auto stolen = one();
    stolen.push_back(invite("teme-meadow", "884002"));
    for (auto& each : stolen) each.replaces_keys = true;
    std::vector<area::Invite> other_way;
    other_way.push_back(stolen[1].clone());
    other_way.push_back(stolen[0].clone());
    const auto done = join(std::move(stolen));
    ASSERT_TRUE(done) << problem;
    EXPECT_EQ(done->requests[0].transport_key, done->requests[1].transport_key);
    const auto keys = files_under("keys");
    ASSERT_TRUE(join(std::move(other_way))) << problem;
    EXPECT_EQ(files_under("keys"), keys);
}

TEST_F(EnrolTest, ARecoveryKeyThatWasMovedAwayIsNotMadeAgain) {
    ASSERT_TRUE(join(one())) << problem;
    fs::remove(recovery_key_path(folder.path()));
    const auto pub = test::content_of(recovery_public_path(folder.path()));
    const auto again = join(one());
    ASSERT_TRUE(again) << problem;
    EXPECT_FALSE(again->made_recovery_key);
    EXPECT_FALSE(fs::exists(recovery_key_path(folder.path())));
    EXPECT_EQ(test::content_of(recovery_public_path(folder.path())), pub);
}

TEST_F(EnrolTest, ManySchoolsOfOneHostAreEnrolledAtOnceAndMoreLater) {
    auto invites = one();
    invites.push_back(invite("teme-meadow", "884002"));
    const auto done = join(std::move(invites));
    ASSERT_TRUE(done) << problem;
    EXPECT_EQ(done->requests.size(), 2U);
    std::vector<area::Invite> third;
    third.push_back(invite("third-school", "884003"));
    ASSERT_TRUE(join(std::move(third))) << problem;
    const auto config = read_agent_config(folder.path(), problem);
    ASSERT_TRUE(config) << problem;
    EXPECT_EQ(config->areas[0].agencies.size(), 3U);
    EXPECT_EQ(config->areas.size(), 1U);
}

TEST_F(EnrolTest, AnotherRootUnderTheSameAreasNameIsRefusedAndNothingChanges) {
    ASSERT_TRUE(join(one())) << problem;
    const auto before = files_under(".");
    auto forged = one();
    forged[0].anchor.root = crypto::SigningKey::generate(area.random()).verify_key();
    const auto refused = join(std::move(forged));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ErrorCode::bad_signature);
    EXPECT_NE(problem.find("another root key"), std::string::npos) << problem;
    EXPECT_EQ(files_under("."), before);
}

TEST_F(EnrolTest, AnExpiredInviteIsRefusedBeforeAnythingIsMade) {
    const auto refused = join(one(), now + std::chrono::hours(25));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ErrorCode::expired);
    EXPECT_NE(problem.find("orchard-gate has expired"), std::string::npos) << problem;
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST_F(EnrolTest, InvitesOfDifferentHostsAreNotMixedAndNoneIsNotEnough) {
    auto invites = one();
    invites.push_back(invite("teme-meadow"));
    invites[1].host = HostId("elsewhere");
    const auto refused = join(std::move(invites));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ErrorCode::bad_value);
    EXPECT_FALSE(join({}));
}

TEST_F(EnrolTest, TheSameAgencyNameInASecondAreaIsRefusedAndNothingChanges) {
    ASSERT_TRUE(join(one())) << problem;
    const auto before = files_under(".");
    auto second = one();
    second[0].anchor = {AreaId("herefordshire"),
                        crypto::SigningKey::generate(area.random()).verify_key()};
    const auto refused = join(std::move(second));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ErrorCode::already_exists);
    EXPECT_NE(problem.find("orchard-gate-herefordshire"), std::string::npos) << problem;
    EXPECT_NE(problem.find("worcestershire"), std::string::npos) << problem;
    EXPECT_EQ(files_under("."), before);
    EXPECT_TRUE(join(one())) << "again in its own area: " << problem;
}

TEST_F(EnrolTest, TheSameHandedOverInboxInASecondAreaIsRefused) {
    ASSERT_TRUE(join(one())) << problem;
    auto second = one();
    second[0].anchor = {AreaId("herefordshire"),
                        crypto::SigningKey::generate(area.random()).verify_key()};
    second[0].agency = AgencyId("hereford-gate");
    second[0].seats[1].inbox = InboxId("orchard-gate.mis");
    const auto refused = join(std::move(second));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ErrorCode::already_exists);
    EXPECT_NE(problem.find("orchard-gate.mis"), std::string::npos) << problem;
}

TEST_F(EnrolTest, ASecondAreaGetsItsOwnTransportKeyAndFolders) {
    ASSERT_TRUE(join(one())) << problem;
    auto second = one();
    second[0].anchor = {AreaId("herefordshire"),
                        crypto::SigningKey::generate(area.random()).verify_key()};
    second[0].agency = AgencyId("hereford-gate");
    for (auto& seat : second[0].seats) seat.inbox = InboxId("hereford-gate." + seat.role.value());
    ASSERT_TRUE(join(std::move(second))) << problem;
    const auto config = read_agent_config(folder.path(), problem);
    ASSERT_TRUE(config) << problem;
    ASSERT_EQ(config->areas.size(), 2U);
    EXPECT_NE(config->areas[0].folder, config->areas[1].folder);
    EXPECT_NE(test::content_of(host_key_path(folder.path(), AreaId("worcestershire"))),
              test::content_of(host_key_path(folder.path(), AreaId("herefordshire"))));
}

}  // namespace
}  // namespace mash::runtime_shell
