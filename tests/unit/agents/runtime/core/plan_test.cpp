// The broker proposes; the agent seals only what its own decision says. Each test is one way for a
// broker to lie.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

class PlanTest : public ::testing::Test {
protected:
    PlanTest() {
        world.connect(world.hub);
        world.connect(world.schools);
        world.connect(world.police);
        // Inboxes of hosts that no core of ours runs: their keys are the area's.
        for (const auto* inbox : {"social-care.mco", "health.urg"}) {
            world.broker.certificates[InboxId(inbox)] =
                world.area.inbox_certificate(InboxId(inbox), world.now.wall, 100);
        }
    }
    std::vector<InboxId> parcels_of(const NotificationId& id) {
        std::vector<InboxId> inboxes;
        for (const auto& parcel : world.broker.published.at(id).parcels)
            inboxes.push_back(parcel.recipient);
        return inboxes;
    }
    bool has_parcel(const NotificationId& id, const std::string& inbox) {
        const auto inboxes = parcels_of(id);
        return std::ranges::find(inboxes, InboxId(inbox)) != inboxes.end();
    }
    void expect_nothing_sealed(Alarm::Kind kind) {
        EXPECT_TRUE(world.broker.publishes.empty());
        EXPECT_TRUE(world.police.has_alarm(kind)) << name_of(kind);
    }
    AgentWorld world;
};

TEST_F(PlanTest, AMissingChildReachesFrontDoorAndMissingOfficersAndNobodyElse) {
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_TRUE(world.broker.published.contains(id));
    EXPECT_TRUE(has_parcel(id, "hub.ffd"));
    EXPECT_TRUE(has_parcel(id, "hub.edt"));  // the standby, released only by a ledgered step
    EXPECT_TRUE(has_parcel(id, "social-care.mco"));
    EXPECT_FALSE(has_parcel(id, "orchard-gate.sch"));
    EXPECT_TRUE(world.police.seen_of<Alarm>().empty());
}

TEST_F(PlanTest, TheSchoolThatClaimsTheChildGetsFlagAndRiskWordOnly) {
    world.claim_school_roll(world.schools);
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_TRUE(has_parcel(id, "orchard-gate.sch"));
    EXPECT_FALSE(has_parcel(id, "teme-meadow.sch"));
    const auto& sealed = world.broker.published.at(id);
    const auto parcel =
        std::ranges::find(sealed.parcels, InboxId("orchard-gate.sch"), &wire::Parcel::recipient);
    for (const auto& view : parcel->views) {
        EXPECT_TRUE(view.view.value() == "evt.headline" || view.view.value() == "idn.match" ||
                    view.view.value() == "rsk.word" || view.view.value() == "sfc" ||
                    view.view.value() == "pro")
            << view.view.value();
    }
}

TEST_F(PlanTest, AViewThatNobodyIsGrantedIsNotUploaded) {
    auto notification = world.missing_child();
    notification.sections["saf"]["address"] = PersonalText("\"Canaryrefuge\"");
    const auto id = world.send(world.police, notification);
    ASSERT_TRUE(world.broker.published.contains(id));
    for (const auto& view : world.broker.published.at(id).views) {
        EXPECT_NE(view.view.value(), "saf");
        const bool named = std::ranges::any_of(
            world.broker.published.at(id).parcels, [&](const wire::Parcel& parcel) {
                return std::ranges::find(parcel.views, view.view, &wire::ViewDigest::view) !=
                       parcel.views.end();
            });
        EXPECT_TRUE(named) << view.view.value();
    }
}

TEST_F(PlanTest, AnAddedUninvolvedInboxIsNotSealedTo) {
    world.broker.tamper_plan = [&](wire::DisclosurePlan& plan) {
        auto extra = plan.decision.recipients.front();
        extra.seat = {AgencyId("teme-meadow"), RoleId("sch")};
        extra.inbox = InboxId("teme-meadow.sch");
        extra.standbys.clear();
        plan.decision.recipients.push_back(extra);
        std::ranges::sort(plan.decision.recipients, {}, &wire::Recipient::seat);
        plan.facts.certificates.push_back(world.broker.certificates.at(InboxId("teme-meadow.sch")));
    };
    world.send(world.police, world.missing_child());
    expect_nothing_sealed(Alarm::Kind::plan_differs);
}

TEST_F(PlanTest, AWidenedViewIsNotSealed) {
    world.claim_school_roll(world.schools);
    world.broker.tamper_plan = [](wire::DisclosurePlan& plan) {
        for (auto& recipient : plan.decision.recipients) {
            if (recipient.seat.role == RoleId("sch")) recipient.views.emplace_back("voi");
            std::ranges::sort(recipient.views);
        }
    };
    world.send(world.police, world.missing_child());
    expect_nothing_sealed(Alarm::Kind::plan_differs);
}

TEST_F(PlanTest, ADroppedRecipientIsNoticed) {
    world.broker.tamper_plan = [](wire::DisclosurePlan& plan) {
        plan.decision.recipients.pop_back();
    };
    world.send(world.police, world.missing_child());
    expect_nothing_sealed(Alarm::Kind::plan_differs);
}

TEST_F(PlanTest, AClaimThatItsAgencyDidNotSignIsNoFact) {
    world.broker.tamper_plan = [&](wire::DisclosurePlan& plan) {
        auto claim =
            world.area.claim({AgencyId("teme-meadow"), RoleId("sch")}, "school",
                             world.broker.plan_requests.back().facts.tokens, world.now.wall);
        claim.signature = world.area
                              .claim({AgencyId("orchard-gate"), RoleId("sch")}, "school",
                                     {test::token(1)}, world.now.wall)
                              .signature;
        plan.facts.claims.push_back(claim);
    };
    world.send(world.police, world.missing_child());
    expect_nothing_sealed(Alarm::Kind::fact_unproved);
}

TEST_F(PlanTest, AnOldRegistryOrPolicyIsNotPlannedUnder) {
    world.broker.tamper_plan = [](wire::DisclosurePlan& plan) { plan.facts.registry_version -= 1; };
    world.send(world.police, world.missing_child());
    expect_nothing_sealed(Alarm::Kind::version_went_back);
}

TEST_F(PlanTest, ADecisionFromAnotherTimeOfDayIsRefused) {
    world.broker.tamper_plan = [](wire::DisclosurePlan& plan) {
        plan.facts.decided_at = plan.facts.decided_at - std::chrono::minutes(6);
    };
    world.send(world.police, world.missing_child());
    expect_nothing_sealed(Alarm::Kind::clock_skew);
}

TEST_F(PlanTest, FourMinutesOfSkewAreNoReasonToStop) {
    world.now.wall = world.now.wall + std::chrono::minutes(10);
    world.now.steady = world.now.steady + std::chrono::minutes(10);
    world.now.wall = world.now.wall - std::chrono::minutes(4);
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.broker.published.contains(id));
}

TEST_F(PlanTest, AKeyThatTheInboxsAgencyDidNotCertifyIsNotSealedTo) {
    world.broker.tamper_plan = [&](wire::DisclosurePlan& plan) {
        for (auto& certificate : plan.facts.certificates) {
            auto body = wire::decode_body<wire::InboxCertificate>(certificate.body);
            body->box_public_key = world.area.random().array<32>();
            certificate.body =
                wire::encode_body(*body);  // the broker's own key under the old signature
        }
    };
    world.send(world.police, world.missing_child());
    expect_nothing_sealed(Alarm::Kind::fact_unproved);
}

TEST_F(PlanTest, AReplacedInboxKeyIsNotUsedAgain) {
    const InboxId mco("social-care.mco");
    world.send(world.police, world.missing_child("misper:1"));
    ASSERT_EQ(world.broker.publishes.size(), 1U);
    world.broker.certificates[mco] =
        world.area.inbox_certificate(mco, world.now.wall, 99);  // an older serial, well signed
    auto second = world.missing_child("misper:2");
    second.thread_ref = "another";
    world.send(world.police, second);
    EXPECT_EQ(world.broker.publishes.size(), 1U);
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::version_went_back));
}

TEST_F(PlanTest, AHiddenThreadSeatIsNoticed) {
    world.claim_school_roll(world.schools);
    world.send(world.police, world.missing_child("misper:1"));
    ASSERT_EQ(world.broker.publishes.size(), 1U);
    world.broker.tamper_plan = [](wire::DisclosurePlan& plan) {
        std::erase_if(plan.facts.thread_seats,
                      [](const Seat& seat) { return seat.role == RoleId("sch"); });
    };
    world.send(world.police, world.missing_child("misper:1:closed", "missing_episode_closed"));
    EXPECT_EQ(world.broker.publishes.size(), 1U);
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::plan_differs));
}

TEST_F(PlanTest, AHiddenInboxKeyIsNoticedAndDelaysOnly) {
    world.send(world.police, world.missing_child("misper:1"));
    ASSERT_EQ(world.broker.publishes.size(), 1U);
    world.broker.certificates.erase(InboxId("social-care.mco"));
    auto second = world.missing_child("misper:2");
    second.thread_ref = "another";
    const auto id = world.send(world.police, second);
    EXPECT_EQ(world.broker.publishes.size(), 1U);
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::fact_unproved));
    for (int i = 0; i < 4; ++i) world.pass(std::chrono::seconds(31));
    ASSERT_TRUE(world.broker.published.contains(id));  // the others are told; nobody waits for ever
    EXPECT_FALSE(has_parcel(id, "social-care.mco"));
}

TEST_F(PlanTest, AnotherNotificationsPlanIsNotAnAnswer) {
    world.broker.tamper_plan = [](wire::DisclosurePlan& plan) {
        plan.notification = test::id_of<NotificationId>(77);
    };
    world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.broker.publishes.empty());
}

TEST_F(PlanTest, AfterADifferenceItIsAskedAgainAndGoesWhenThePlanIsHonest) {
    world.broker.tamper_plan = [](wire::DisclosurePlan& plan) {
        plan.decision.recipients.pop_back();
    };
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.broker.publishes.empty());
    world.broker.tamper_plan = nullptr;
    world.pass(std::chrono::seconds(31));
    EXPECT_TRUE(world.broker.published.contains(id));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::plan_differs));
}

TEST_F(PlanTest, WithoutFreshDocumentsDangerGoesToTheFrontDoorAloneAndItIsSaid) {
    world.pass(std::chrono::hours(24 * 8));
    world.pass(std::chrono::minutes(2));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::registry_not_fresh));
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_TRUE(world.broker.published.contains(id));
    EXPECT_TRUE(world.broker.plan_requests.back().floor);
    for (const auto& parcel : world.broker.published.at(id).parcels) {
        EXPECT_TRUE(parcel.recipient == InboxId("hub.ffd") ||
                    parcel.recipient == InboxId("hub.edt"))
            << parcel.recipient.value();
    }
    EXPECT_FALSE(world.broker.published.at(id).parcels.empty());
    const auto sent = nlohmann::json::parse(
        world.police.ask(ApiRequest::Kind::sent_one, world.police.service_token, to_text(id))
            .json.reveal());
    EXPECT_EQ(sent.at("floor"), true);
    EXPECT_EQ(sent.at("alarms")[0].at("alarm"), "registry_not_fresh");
}

TEST_F(PlanTest, WhomTheFloorLeftOutIsToldOnceDocumentsAreInForceAgain) {
    world.pass(std::chrono::hours(24 * 8));
    const auto first = world.send(world.police, world.missing_child());
    for (int i = 0; i < 3; ++i) world.pass(std::chrono::seconds(31));
    ASSERT_TRUE(world.broker.published.contains(first));
    EXPECT_EQ(world.broker.published.size(), 1U) << "not while nobody vouches for the documents";

    world.area.renew_freshness(world.now.wall);
    for (auto* host : {&world.police, &world.hub})
        host->give(FrameIn{{0, wire::DocumentsChanged{2, 1, 3}}});
    world.settle();
    for (int i = 0; i < 3; ++i) world.pass(std::chrono::seconds(31));
    EXPECT_EQ(world.broker.published.size(), 1U) << "the desk does not read it twice";
    ASSERT_EQ(world.broker.supplements.size(), 1U);
    const auto sent = nlohmann::json::parse(
        world.police.ask(ApiRequest::Kind::sent_one, world.police.service_token, to_text(first))
            .json.reveal());
    std::set<InboxId> told;
    for (const auto& parcel : world.broker.supplements[0].added.parcels)
        told.insert(parcel.recipient);
    EXPECT_FALSE(told.contains(InboxId("hub.ffd")));
    EXPECT_TRUE(std::ranges::any_of(told, [](const InboxId& inbox) {
        return inbox.value().starts_with("social-care.");
    })) << "the missing children officers act on it";
    for (const auto& one : sent.at("alarms"))
        EXPECT_EQ(one.at("alarm"), "not_stored") << "of those who are not connected here";
    EXPECT_EQ(sent.at("floor"), false);
    for (int i = 0; i < 5; ++i) world.pass(std::chrono::minutes(1));
    EXPECT_EQ(world.broker.supplements.size(), 1U) << "once";
}

TEST_F(PlanTest, WhomTheFloorLeftOutIsToldAlsoByAStoreThatWasPutBack) {
    world.broker.delivers = false;
    world.pass(std::chrono::hours(24 * 8));
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
        return ErrorCode::duplicate_conflict;  // it holds the bytes from before
    };
    const auto id = world.send(world.police, world.missing_child());
    for (int i = 0; i < 3; ++i) world.pass(std::chrono::seconds(31));
    wire::ReceiptsBody body;
    body.batch = test::id_of<BatchId>(3);
    body.from = AgencyId("hub");
    body.sender = AgencyId("police-wm");
    body.entries.push_back(
        {id, {AgencyId("hub"), RoleId("ffd")}, wire::Rung::stored, world.now.wall, ""});
    wire::Receipts receipts;
    receipts.body = wire::encode_body(body);
    receipts.signature =
        crypto::sign(world.area.signing_key(body.from), wire::label::receipts, receipts.body);
    world.police.give(FrameIn{{0, receipts}});
    ASSERT_FALSE(world.police.has_alarm(Alarm::Kind::duplicate_conflict)) << "it was sent before";
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::registry_not_fresh));

    world.area.renew_freshness(world.now.wall);
    for (auto* host : {&world.police, &world.hub})
        host->give(FrameIn{{0, wire::DocumentsChanged{2, 1, 3}}});
    world.settle();
    for (int i = 0; i < 3; ++i) world.pass(std::chrono::seconds(31));
    EXPECT_EQ(world.broker.supplements.size(), 1U);
}

TEST_F(PlanTest, WithoutFreshDocumentsTheFloorNeverSealsToAKeyThatTheRegistryRevoked) {
    world.area.change_registry(
        [&](area::Registry& registry) {
            for (auto& key : registry.agencies.at(AgencyId("hub")).signing_keys)
                key.revoked_at = world.now.wall;
        },
        world.now.wall);
    world.police.give(FrameIn{{0, wire::DocumentsChanged{3, 1, 4}}});
    world.settle();
    world.pass(std::chrono::hours(24 * 8));
    for (int i = 0; i < 5; ++i) world.pass(std::chrono::minutes(1));
    world.send(world.police, world.missing_child());
    for (int i = 0; i < 5; ++i) world.pass(std::chrono::minutes(1));
    EXPECT_TRUE(world.broker.publishes.empty());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_accepted));
}

TEST_F(PlanTest, ABrokerThatWidensTheFloorIsNotFollowed) {
    world.pass(std::chrono::hours(24 * 8));
    world.broker.tamper_plan = [](wire::DisclosurePlan& plan) { plan.facts.floor = false; };
    world.send(world.police, world.missing_child());
    for (int i = 0; i < 6; ++i) world.pass(std::chrono::seconds(31));
    EXPECT_TRUE(world.broker.publishes.empty());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::registry_not_fresh));
}

TEST_F(PlanTest, ABrokerThatCallsOurDocumentsStaleHidesNobodyQuietly) {
    world.broker.says_not_fresh = true;
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.broker.publishes.empty());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::registry_not_fresh));
    for (int i = 0; i < 4; ++i) world.pass(std::chrono::seconds(31));
    EXPECT_TRUE(world.broker.published.contains(id)) << "danger does not wait for ever";
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::registry_not_fresh));
}

TEST_F(PlanTest, AnExpiredPolicyLetsDangerGoAndTheRestWait) {
    const auto later = std::chrono::hours(24 * 365 * 2);
    world.now.wall = world.now.wall + later;
    world.now.steady = world.now.steady + later;
    world.area.renew_freshness(world.now.wall);
    for (auto* host : {&world.police, &world.hub})
        host->give(FrameIn{{0, wire::DocumentsChanged{2, 1, 3}}});
    world.settle();
    world.tick();
    auto calm = world.missing_child("misper:low");
    calm.facts.risk_grade = "low";
    calm.thread_ref = "calm";
    const auto low = world.send(world.police, calm);
    const auto high = world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.broker.published.contains(high));
    EXPECT_FALSE(world.broker.published.contains(low));
    const auto sent = nlohmann::json::parse(
        world.police.ask(ApiRequest::Kind::sent_one, world.police.service_token, to_text(low))
            .json.reveal());
    EXPECT_EQ(sent.at("state"), "waiting");
    EXPECT_EQ(sent.at("refusal").at("code"), "policy_expired");
}

TEST_F(PlanTest, WhatIsNoDangerWaitsForFreshDocuments) {
    world.pass(std::chrono::hours(24 * 8));
    world.pass(std::chrono::minutes(2));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::registry_not_fresh));
    auto calm = world.missing_child();
    calm.facts.risk_grade = "low";
    world.send(world.police, calm);
    EXPECT_TRUE(world.broker.publishes.empty());
    world.area.renew_freshness(world.now.wall);
    for (auto* host : {&world.police, &world.hub}) {
        host->give(FrameIn{{0, wire::DocumentsChanged{2, 1, 3}}});
    }
    world.settle();
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::registry_not_fresh));
    EXPECT_EQ(world.broker.publishes.size(), 1U);
}

TEST_F(PlanTest, ANewPolicyBetweenAskingAndAnsweringOnlyCostsAnotherPlan) {
    bool changed = false;
    world.broker.swallow = [&](const HostId&, const wire::AgentBody& body) {
        if (!changed && std::holds_alternative<wire::RequestPlan>(body)) {
            changed = true;
            world.area.change_policy("", "",
                                     world.now.wall);  // the plan will be made under version 2
        }
        return false;
    };
    const auto id = world.send(world.police, world.missing_child());
    world.pass(std::chrono::seconds(2));
    EXPECT_TRUE(world.broker.published.contains(id));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::plan_differs));
}

}  // namespace
}  // namespace mash::runtime::testing
