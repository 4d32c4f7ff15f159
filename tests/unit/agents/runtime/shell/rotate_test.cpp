#include "agents/runtime/shell/rotate.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/shell/agent_config.hpp"
#include "agents/runtime/shell/enrol.hpp"
#include "common/area/enrolment.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"
#include "common/crypto/random.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
constexpr WallTime now = test::working_morning;
constexpr std::chrono::hours week{24 * 7};

class RotateTest : public ::testing::Test {
protected:
    RotateTest() {
        std::vector<area::Invite> invites;
        invites.push_back({area::InviteId(area.random().array<16>()),
                           {area.id, area.root()},
                           {"tcp://127.0.0.1:7400"},
                           crypto::CurveKeyPair::generate(area.random()).public_key,
                           now + std::chrono::hours(24),
                           area::InviteCode::generate(area.random()),
                           AgencyId("police-wm"),
                           "police",
                           "Invented Police",
                           "",
                           "01632 960000",
                           HostId("police"),
                           {RoleId("pol")},
                           {{RoleId("pol"), InboxId("police-wm.pol"), true, std::nullopt, ""}},
                           {},
                           false});
        const auto enrolled = enrol(dir(), invites, now, area.random(), problem);
        EXPECT_TRUE(enrolled) << problem;
    }
    const fs::path& dir() const { return folder.path(); }
    Result<RotationStarted> start(bool with_transport = true) {
        return start_rotation(dir(), {}, with_transport, dir() / "rotation", now, area.random(),
                              problem);
    }
    area::KeyFile agency_keys() const {
        auto file = area::load_key_file(agency_key_path(dir(), AgencyId("police-wm")), nullptr);
        CHECK(file.has_value());
        return std::move(*file);
    }
    area::KeyFile host_keys() const {
        auto file = area::load_key_file(host_key_path(dir(), area.id), nullptr);
        CHECK(file.has_value());
        return std::move(*file);
    }
    std::string signing(const std::string& name) const {
        return to_base64url(agency_keys().signing(name)->verify_key().view());
    }
    std::string transport(const std::string& name) const {
        return crypto::curve_text(host_keys().curve(name)->public_key);
    }
    /// What the registry says after `mashctl agency rotate` at `now`.
    Json approved() const {
        const auto one = [](const std::string& key, Json from, Json until) {
            return Json{{"key", key}, {"from", from}, {"until", until}, {"revoked", nullptr}};
        };
        const auto end = to_rfc3339(now + week);
        const auto begin = to_rfc3339(now + std::chrono::hours(1));
        return {{"transport",
                 {one(transport("transport"), nullptr, end),
                  one(transport("transport-next"), to_rfc3339(now), nullptr)}},
                {"signing",
                 {{"police-wm",
                   {one(signing("signing"), nullptr, end),
                    one(signing("signing-next"), begin, nullptr)}}}}};
    }
    Result<RotationFinished> finish(const Json& listed, WallTime at) {
        return finish_rotation(dir(), listed.dump(), at, area.random(), problem);
    }

    test::TestArea area;
    test::TemporaryFolder folder;
    std::string problem;
};

TEST_F(RotateTest, NextKeysStandBesideThoseInUseAndThePaperIsSignedByBoth) {
    const auto old_key = signing("signing");
    const auto old_transport = transport("transport");
    const auto started = start();
    ASSERT_TRUE(started) << problem;
    EXPECT_EQ(signing("signing"), old_key);
    EXPECT_EQ(transport("transport"), old_transport);
    EXPECT_NE(signing("signing-next"), old_key);
    ASSERT_EQ(started->requests.size(), 1U);
    const auto paper = area::parse_rotation_request(test::content_of(started->requests.front()));
    ASSERT_TRUE(paper);
    EXPECT_EQ(to_base64url(paper->old_signing_key.view()), old_key);
    EXPECT_EQ(to_base64url(paper->new_signing_key.view()), signing("signing-next"));
    ASSERT_TRUE(paper->new_transport_key);
    EXPECT_EQ(crypto::curve_text(*paper->new_transport_key), transport("transport-next"));
    // Only public halves leave the machine.
    const auto secret = agency_keys().secret("signing-next");
    EXPECT_EQ(test::content_of(started->requests.front()).find(to_base64url(secret->reveal())),
              std::string::npos);
}

TEST_F(RotateTest, SaidTwiceItNamesTheSameKeys) {
    ASSERT_TRUE(start());
    const auto next = signing("signing-next");
    const auto again = start();
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(signing("signing-next"), next);
}

TEST_F(RotateTest, TheHostsKeyStaysWhenToldSo) {
    const auto started = start(false);
    ASSERT_TRUE(started) << problem;
    EXPECT_FALSE(host_keys().secrets.contains("transport-next"));
    EXPECT_FALSE(area::parse_rotation_request(test::content_of(started->requests.front()))
                     ->new_transport_key);
}

TEST_F(RotateTest, AnAgencyOfAnotherHostIsRefusedBeforeAnyKeyIsMade) {
    EXPECT_FALSE(start_rotation(dir(), {AgencyId("health")}, true, dir() / "rotation", now,
                                area.random(), problem));
    EXPECT_NE(problem.find("health"), std::string::npos) << problem;
    EXPECT_FALSE(agency_keys().secrets.contains("signing-next"));
}

TEST_F(RotateTest, TheOldKeysAreForgottenWhenTheyHaveEndedAndNotBefore) {
    ASSERT_TRUE(start());
    const auto next = signing("signing-next");
    const auto next_transport = transport("transport-next");
    const Json unlisted{{"transport", Json::array()}, {"signing", Json::object()}};
    for (const auto& [listed, at] : {std::pair(unlisted, now + week), std::pair(approved(), now),
                                     std::pair(approved(), now + week - std::chrono::seconds(1))}) {
        const auto early = finish(listed, at);
        ASSERT_TRUE(early) << problem;
        EXPECT_TRUE(early->finished.empty());
        EXPECT_EQ(early->waiting.size(), 2U);
        EXPECT_TRUE(agency_keys().secrets.contains("signing-next"));
    }
    const auto done = finish(approved(), now + week);
    ASSERT_TRUE(done) << problem;
    EXPECT_TRUE(done->waiting.empty());
    EXPECT_EQ(done->finished.size(), 2U);
    EXPECT_EQ(signing("signing"), next);
    EXPECT_EQ(transport("transport"), next_transport);
    EXPECT_FALSE(agency_keys().secrets.contains("signing-next"));
    EXPECT_FALSE(agency_keys().secrets.contains("box-next"));
    EXPECT_FALSE(host_keys().secrets.contains("transport-next"));
    EXPECT_TRUE(agency_keys().box("box"));
    const auto nothing = finish(unlisted, now + week);
    ASSERT_TRUE(nothing);
    EXPECT_TRUE(nothing->finished.empty() && nothing->waiting.empty());
}

TEST_F(RotateTest, ANextKeyThatWasRevokedNeverTakesThePlace) {
    ASSERT_TRUE(start());
    auto listed = approved();
    for (auto* list : {&listed["transport"], &listed["signing"]["police-wm"]})
        (*list)[1]["revoked"] = to_rfc3339(now);
    const auto done = finish(listed, now + week);
    ASSERT_TRUE(done) << problem;
    EXPECT_TRUE(done->finished.empty());
    EXPECT_EQ(done->waiting.size(), 2U);
}

}  // namespace
}  // namespace mash::runtime_shell
