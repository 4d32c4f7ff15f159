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
    RotateTest() { join({area.id, area.root()}, "police-wm"); }
    void join(const area::TrustAnchor& anchor, const std::string& agency) {
        std::vector<area::Invite> invites;
        invites.push_back({area::InviteId(area.random().array<16>()),
                           anchor,
                           {"tcp://127.0.0.1:7400"},
                           crypto::CurveKeyPair::generate(area.random()).public_key,
                           now + std::chrono::hours(24),
                           area::InviteCode::generate(area.random()),
                           AgencyId(agency),
                           "police",
                           "Invented Police",
                           "",
                           "01632 960000",
                           HostId("police"),
                           {RoleId("pol")},
                           {{RoleId("pol"), InboxId(agency + ".pol"), true, std::nullopt, ""}},
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
    area::KeyFile agency_keys(const std::string& agency = "police-wm") const {
        auto file = area::load_key_file(agency_key_path(dir(), AgencyId(agency)), nullptr);
        CHECK(file.has_value());
        return std::move(*file);
    }
    area::KeyFile host_keys(const AreaId& of) const {
        auto file = area::load_key_file(host_key_path(dir(), of), nullptr);
        CHECK(file.has_value());
        return std::move(*file);
    }
    area::KeyFile host_keys() const { return host_keys(area.id); }
    std::string signing(const std::string& name, const std::string& agency = "police-wm") const {
        return to_base64url(agency_keys(agency).signing(name)->verify_key().view());
    }
    std::string transport(const std::string& name) const { return transport(name, area.id); }
    std::string transport(const std::string& name, const AreaId& of) const {
        return crypto::curve_text(host_keys(of).curve(name)->public_key);
    }
    /// What the registry says after `mashctl agency rotate` at `now`.
    Json approved() const { return approved(area.id, "police-wm"); }
    Json approved(const AreaId& of, const std::string& agency) const {
        const auto one = [](const std::string& key, Json from, Json until) {
            return Json{{"key", key}, {"from", from}, {"until", until}, {"revoked", nullptr}};
        };
        const auto end = to_rfc3339(now + week);
        const auto begin = to_rfc3339(now + std::chrono::hours(1));
        return {{"transport",
                 {one(transport("transport", of), nullptr, end),
                  one(transport("transport-next", of), to_rfc3339(now), nullptr)}},
                {"signing",
                 {{agency,
                   {one(signing("signing", agency), nullptr, end),
                    one(signing("signing-next", agency), begin, nullptr)}}}}};
    }
    Result<RotationFinished> finish(const Json& listed, WallTime at) {
        return finish_rotation(dir(), {{area.id, PersonalText(listed.dump())}}, at, area.random(),
                               problem);
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

class RotateInTwoAreas : public RotateTest {
protected:
    RotateInTwoAreas() {
        join({other, area.root()}, "police-here");
        EXPECT_TRUE(start()) << problem;
    }
    Result<RotationFinished> finish_all(const std::map<AreaId, Json>& listed) {
        std::map<AreaId, PersonalText> answers;
        for (const auto& [of, keys] : listed) answers.emplace(of, PersonalText(keys.dump()));
        return finish_rotation(dir(), answers, now + week, area.random(), problem);
    }
    bool other_is_as_before() const {
        return agency_keys("police-here").secrets.contains("signing-next") &&
               agency_keys("police-here").secrets.contains("box-next") &&
               host_keys(other).secrets.contains("transport-next");
    }
    const AreaId other{"herefordshire"};
    const Json unlisted{{"transport", Json::array()}, {"signing", Json::object()}};
};

TEST_F(RotateInTwoAreas, EachFinishesByItsOwnRegistry) {
    const auto done = finish_all({{area.id, approved()}, {other, approved(other, "police-here")}});
    ASSERT_TRUE(done) << problem;
    EXPECT_EQ(done->finished.size(), 4U);
    EXPECT_TRUE(done->waiting.empty());
}

TEST_F(RotateInTwoAreas, WhatOneAreaListsFinishesNothingOfAnother) {
    // All keys in the one answer, none in the other: as if the other's registrar had not been.
    auto all = approved();
    const auto of_other = approved(other, "police-here");
    all["signing"].update(of_other["signing"]);
    for (const auto& key : of_other["transport"]) all["transport"].push_back(key);
    const auto done = finish_all({{area.id, all}, {other, unlisted}});
    ASSERT_TRUE(done) << problem;
    EXPECT_EQ(done->finished, (std::vector<std::string>{"host police", "police-wm"}));
    EXPECT_EQ(done->waiting.size(), 2U);
    EXPECT_TRUE(other_is_as_before());
    EXPECT_FALSE(agency_keys().secrets.contains("signing-next"));
}

TEST_F(RotateInTwoAreas, AnAreaThatCannotSayKeepsItsKeysAndTheOtherFinishes) {
    const auto done = finish_all({{area.id, approved()}});
    ASSERT_TRUE(done) << problem;
    EXPECT_EQ(done->finished.size(), 2U);
    ASSERT_EQ(done->waiting.size(), 1U);
    EXPECT_NE(done->waiting.front().find("herefordshire"), std::string::npos);
    EXPECT_TRUE(other_is_as_before());
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
