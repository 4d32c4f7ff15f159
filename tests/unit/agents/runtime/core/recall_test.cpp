#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;

class RecallTest : public ::testing::Test {
protected:
    RecallTest() {
        world.connect(world.hub);
        world.connect(world.police);
        officer = world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
    }
    int recall(const NotificationId& id, const std::string& body = R"({"reason":"wrong_child"})") {
        const auto status =
            world.police.ask(ApiRequest::Kind::recall, officer, to_text(id), body).status;
        world.settle();
        return status;
    }
    std::string rung_code(const NotificationId& id, const std::string& rung) {
        const auto reply = world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id));
        const auto sent = json::parse(reply.json.reveal());
        for (const auto& recipient : sent.at("recipients")) {
            for (const auto& one : recipient.at("rungs")) {
                if (recipient.at("recipient").at("role") == "ffd" && one.at("rung") == rung)
                    return one.value("code", "none");
            }
        }
        return "";
    }
    AgentWorld world;
    PersonalText officer;
    PersonalText front_door;
};

TEST_F(RecallTest, AnUnopenedItemIsRemovedUnseenAndSaysSo) {
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id), 202);
    EXPECT_EQ(rung_code(id, "recalled"), "unopened");
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 410);
    const auto list = world.hub.ask(ApiRequest::Kind::received_list, front_door);
    EXPECT_TRUE(json::parse(list.json.reveal()).at("received").empty());
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_stored));
}

TEST_F(RecallTest, TheSenderSeesUntilWhenEachIsToConfirmAsThePolicySays) {
    const auto id = world.send(world.police, world.missing_child());
    const auto at = world.now.wall;
    EXPECT_EQ(recall(id), 202);
    const auto reply = world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id));
    const auto recalled = json::parse(reply.json.reveal()).at("recalled");
    EXPECT_EQ(recalled.at("at"), to_rfc3339(at));
    EXPECT_EQ(recalled.at("confirm_by"), to_rfc3339(at + std::chrono::hours(4)));
}

TEST_F(RecallTest, AnOpenedItemSaysThatItWasSeenAndIsTakenBackFromTheCaseSystem) {
    const auto id = world.send(world.police, world.missing_child());
    world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id));
    world.hub.give(HandedOver{InboxId("hub.ffd"), id, AgencyId("police-wm")});
    recall(id);
    EXPECT_EQ(rung_code(id, "recalled"), "opened");
    const auto handed = world.hub.seen_of<HandOver>();
    ASSERT_EQ(handed.size(), 2U);
    EXPECT_TRUE(handed[1].recalled);
    EXPECT_EQ(handed[1].json.reveal().find("Canary"), std::string::npos);
}

TEST_F(RecallTest, ARecalledItemThatArrivesLaterIsNeverShown) {
    world.broker.delivers = false;
    const auto id = world.send(world.police, world.missing_child());
    const auto& plan = world.broker.plans.at(id).plan;
    for (const auto& recipient : plan.decision.recipients) {
        if (recipient.seat.role == RoleId("ffd")) {
            world.broker.delivered[id].push_back(world.broker.delivery_of(
                world.broker.published.at(id), id, recipient, recipient.inbox));
        }
    }
    recall(id);  // the notice overtakes the delivery
    world.hub.give(FrameIn{{0, world.broker.delivered[id].front()}});
    world.settle();
    const auto list = world.hub.ask(ApiRequest::Kind::received_list, front_door);
    EXPECT_TRUE(json::parse(list.json.reveal()).at("received").empty());
    EXPECT_NE(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 200);
    EXPECT_TRUE(world.hub.seen_of<HandOver>().empty());
}

TEST_F(RecallTest, OnlyTheSenderRecalls) {
    const auto id = world.send(world.police, world.missing_child());
    wire::RecallBody body;
    body.notification = id;
    body.sender = AgencyId("police-wm");
    body.person = PersonId("p-000000000000");
    body.reason = "wrong_child";
    body.at = world.now.wall;
    wire::RecallNotice forged;
    forged.inbox = InboxId("hub.ffd");
    forged.seat = {AgencyId("hub"), RoleId("ffd")};
    forged.body = wire::encode_body(body);
    forged.signature = crypto::sign(world.area.broker_key(), wire::label::recall, forged.body);
    world.hub.give(FrameIn{{0, forged}});
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 200);
}

TEST_F(RecallTest, WhatWasNeverSentIsWithdrawnWithoutAWord) {
    world.disconnect(world.police);
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id), 202);
    world.connect(world.police);
    EXPECT_TRUE(world.broker.publishes.empty());
    const auto reply = world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id));
    EXPECT_EQ(json::parse(reply.json.reveal()).at("state"), "withdrawn");
}

TEST_F(RecallTest, WhatIsSealedButUnansweredIsRecalledOnceItIsAccepted) {
    world.broker.loses_accepted = true;
    const auto id = world.send(world.police, world.missing_child());
    recall(id);
    world.broker.loses_accepted = false;
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(rung_code(id, "recalled"), "unopened");
}

TEST_F(RecallTest, ItIsSaidBeforeTheBytesAreOfferedAgain) {
    world.broker.loses_accepted = true;
    const auto id = world.send(world.police, world.missing_child());
    world.broker.loses_accepted = false;
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::Recall>(body);
    };
    recall(id);
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(world.broker.publishes.size(), 1U) << "the recall is not answered yet";
    world.broker.swallow = nullptr;
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(world.broker.publishes.size(), 2U);
    EXPECT_EQ(rung_code(id, "recalled"), "unopened");
}

TEST_F(RecallTest, RecallsThatTheBrokerCannotTakeNowStandBeforeNoOtherErrand) {
    std::vector<NotificationId> sent;
    for (int n = 0; n < 70; ++n)
        sent.push_back(
            world.send(world.police, world.missing_child("misper:" + std::to_string(n))));
    std::set<NotificationId> asked;
    world.broker.refuse = [&](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        const auto* one = std::get_if<wire::Recall>(&body);
        if (one == nullptr) return std::nullopt;
        asked.insert(wire::decode_body<wire::RecallBody>(one->body)->notification);
        return ErrorCode::busy;
    };
    for (const auto& id : sent) EXPECT_EQ(recall(id), 202);
    EXPECT_EQ(asked.size(), 70U) << "a recall that waits takes the place of the next one";
    world.broker.certificates.clear();
    world.police.ask(ApiRequest::Kind::inbox_rotate, officer, "police-wm.pol", "{}");
    world.settle();
    EXPECT_TRUE(world.broker.certificates.contains(InboxId("police-wm.pol")));

    // None of them was given up: each comes again when it may, and is done.
    world.broker.refuse = nullptr;
    world.broker.others.clear();
    world.pass(std::chrono::seconds(3));
    world.settle();
    EXPECT_EQ(std::ranges::count_if(
                  world.broker.others,
                  [](const auto& body) { return std::holds_alternative<wire::Recall>(body); }),
              70);
}

TEST_F(RecallTest, ARestoredBrokerIsToldAgainAndThenOfferedTheBytes) {
    const auto id = world.send(world.police, world.missing_child());
    recall(id);
    world.disconnect(world.police);
    world.broker.store_epoch = {2};
    world.broker.others.clear();
    world.connect(world.police);
    world.settle();
    EXPECT_EQ(std::ranges::count_if(
                  world.broker.others,
                  [](const auto& body) { return std::holds_alternative<wire::Recall>(body); }),
              1);
    EXPECT_EQ(world.broker.publishes.size(), 2U) << "so that it knows whom to tell";
}

TEST_F(RecallTest, WhatTheBrokerNeverAcceptedIsWithdrawn) {
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
        return ErrorCode::busy;
    };
    const auto id = world.send(world.police, world.missing_child());
    recall(id);
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
        return ErrorCode::stale_plan;
    };
    world.pass(std::chrono::seconds(21));
    const auto asked = world.broker.plan_requests.size();
    const auto reply = world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id));
    EXPECT_EQ(json::parse(reply.json.reveal()).at("state"), "withdrawn");
    world.pass(std::chrono::minutes(2));
    EXPECT_EQ(world.broker.plan_requests.size(), asked) << "nothing is planned for it any more";
}

TEST_F(RecallTest, ASystemThatTookTheItemInAMomentBeforeStillGetsTheInstructionToRemoveIt) {
    const auto id = world.send(world.police, world.missing_child());
    world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id));
    recall(id);  // while the system is taking the item in
    const InboxId inbox("hub.ffd");
    const AgencyId sender("police-wm");
    world.hub.give(HandedOver{inbox, id, sender, false});
    world.hub.give(HandoverFailed{inbox, id, sender, ErrorCode::not_available, false});
    world.pass(std::chrono::seconds(61));
    const auto handed = world.hub.seen_of<HandOver>();
    ASSERT_EQ(handed.size(), 3U) << "the item, its recall, and the recall again";
    EXPECT_TRUE(handed[2].recalled);
    world.hub.give(HandedOver{inbox, id, sender, true});
    world.pass(std::chrono::seconds(61));
    EXPECT_EQ(world.hub.seen_of<HandOver>().size(), 3U);
}

TEST_F(RecallTest, ARecallNeedsAReasonAndTheSendersOwnPeople) {
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id, "{}"), 422);
    EXPECT_EQ(
        world.hub
            .ask(ApiRequest::Kind::recall, front_door, to_text(id), R"({"reason":"wrong_child"})")
            .status,
        404);
}

}  // namespace
}  // namespace mash::runtime::testing
