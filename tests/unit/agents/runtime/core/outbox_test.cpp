#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

class OutboxTest : public ::testing::Test {
protected:
    OutboxTest() {
        world.connect(world.hub);
        world.connect(world.police);
    }
    nlohmann::json sent(const NotificationId& id) {
        const auto reply =
            world.police.ask(ApiRequest::Kind::sent_one, world.police.service_token, to_text(id));
        EXPECT_EQ(reply.status, 200);
        return nlohmann::json::parse(reply.json.reveal());
    }
    static Digest offered(const wire::Publish& publish) {
        const auto routing = wire::decode_body<wire::Routing>(publish.notification.routing);
        return wire::notification_digest(routing->facts.sender, routing->id, publish.notification);
    }
    AgentWorld world;
};

TEST_F(OutboxTest, EachRungShowsAtTheSender) {
    const auto id = world.send(world.police, world.missing_child());
    const auto json = sent(id);
    EXPECT_EQ(json.at("state"), "accepted");
    bool found = false;
    for (const auto& recipient : json.at("recipients")) {
        if (recipient.at("recipient").at("role") != "ffd") continue;
        found = true;
        ASSERT_EQ(recipient.at("rungs").size(), 1U);
        EXPECT_EQ(recipient.at("rungs").at(0).at("rung"), "stored");
        EXPECT_FALSE(recipient.at("explanation").get<std::string>().empty());
        EXPECT_TRUE(recipient.at("views").size() > 2);
    }
    EXPECT_TRUE(found);
}

// The accused at a school must not read in the list that a colleague sent an allegation.
TEST_F(OutboxTest, WhatARoleSentIsNotForItsColleagues) {
    const auto officer = world.police.add_person("Officer", "police-wm", {"police-wm.pol"});
    const auto colleague = world.police.add_person("Manager", "police-wm", {"police-wm.manager"});
    const auto id = world.send(world.police, world.missing_child());
    const auto lists = [&](const PersonalText& token) {
        const auto reply = world.police.ask(ApiRequest::Kind::sent_list, token);
        return nlohmann::json::parse(reply.json.reveal()).at("sent").size();
    };
    const auto opens = [&](const PersonalText& token) {
        return world.police.ask(ApiRequest::Kind::sent_one, token, to_text(id)).status;
    };
    EXPECT_EQ(lists(officer), 1U);
    EXPECT_EQ(opens(officer), 200);
    EXPECT_EQ(lists(colleague), 0U);
    EXPECT_EQ(opens(colleague), 404);
    EXPECT_EQ(
        world.police
            .ask(ApiRequest::Kind::recall, colleague, to_text(id), R"({"reason":"wrong_child"})")
            .status,
        404);
    EXPECT_EQ(lists(world.police.service_token), 1U);
}

TEST_F(OutboxTest, TheListOfWhatWasSentGoesOnPageByPage) {
    std::set<std::string> all;
    for (int i = 0; i < 5; ++i) {
        auto one = world.missing_child("misper:" + std::to_string(i));
        one.thread_ref = "thread" + std::to_string(i);
        all.insert(to_text(world.send(world.police, one)));
    }
    std::set<std::string> seen;
    std::string cursor;
    for (int pages = 0; pages < 10; ++pages) {
        ApiRequest request;
        request.kind = ApiRequest::Kind::sent_list;
        request.credential = world.police.service_token;
        request.limit = 2;
        request.cursor = cursor;
        nlohmann::json page;
        for (const auto& effect : world.police.give(std::move(request))) {
            if (const auto* reply = std::get_if<ApiReply>(&effect))
                page = nlohmann::json::parse(reply->json.reveal());
        }
        ASSERT_LE(page.at("sent").size(), 2U);
        for (const auto& one : page.at("sent")) seen.insert(one.at("id").get<std::string>());
        if (page.at("next").is_null()) break;
        cursor = page.at("next").get<std::string>();
    }
    EXPECT_EQ(seen, all);
}

TEST_F(OutboxTest, ALostAcceptedIsAnsweredByOfferingTheSameBytes) {
    world.broker.loses_accepted = true;
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(sent(id).at("state"), "sealed");
    world.broker.loses_accepted = false;
    world.pass(std::chrono::seconds(21));
    ASSERT_EQ(world.broker.publishes.size(), 2U);
    EXPECT_EQ(offered(world.broker.publishes[0]), offered(world.broker.publishes[1]));
    EXPECT_EQ(world.broker.plan_requests.size(), 1U);
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(OutboxTest, AfterADeathBetweenSealingAndAcceptanceTheSameBytesGo) {
    world.broker.loses_accepted = true;
    const auto id = world.send(world.police, world.missing_child());
    world.police.restart();
    world.broker.loses_accepted = false;
    world.connect(world.police);
    ASSERT_EQ(world.broker.publishes.size(), 2U);
    EXPECT_EQ(offered(world.broker.publishes[0]), offered(world.broker.publishes[1]));
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(OutboxTest, OnlyAStalePlanIsSealedAnew) {
    int refusals = 0;
    world.broker.refuse = [&](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body) || refusals > 0) return std::nullopt;
        ++refusals;
        return ErrorCode::stale_plan;
    };
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(world.broker.plan_requests.size(), 2U);
    EXPECT_EQ(world.broker.plan_requests.back().reason, "replan");
    EXPECT_EQ(sent(id).at("state"), "accepted");
    EXPECT_TRUE(world.police.seen_of<Alarm>().empty());
}

TEST_F(OutboxTest, ABrokerThatSaysStaleForEverIsAskedEverMoreRarelyAndFillsNoStore) {
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
        return ErrorCode::stale_plan;
    };
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(world.broker.plan_requests.size(), 2U) << "the first may be an ordinary race";
    for (int i = 0; i < 240; ++i) {  // the clock on the wall stands, so the decision is the same
        world.now.steady = world.now.steady + std::chrono::seconds(15);
        world.tick();
    }
    EXPECT_LT(world.broker.plan_requests.size(), 25U) << "in an hour";
    EXPECT_GT(world.broker.plan_requests.size(), 12U) << "five minutes at the most";
    const auto view = world.police.store.view();
    EXPECT_EQ(table::decisions_of.collect_keys(*view, {}).size(), 1U);
    world.broker.refuse = nullptr;
    world.now.steady = world.now.steady + std::chrono::minutes(5);
    world.tick();
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(OutboxTest, AnyOtherRefusalOffersTheSameBytesAgainAndIsSaid) {
    std::vector<Digest> seen;
    world.broker.refuse = [&](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        const auto* publish = std::get_if<wire::Publish>(&body);
        if (publish == nullptr) return std::nullopt;
        seen.push_back(offered(*publish));
        return ErrorCode::plan_mismatch;
    };
    world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::publish_refused));
    world.pass(std::chrono::seconds(61));
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], seen[1]);
    EXPECT_EQ(world.broker.plan_requests.size(), 1U);
}

TEST_F(OutboxTest, OtherContentUnderOurIdIsAnAlarmAndIsNotOfferedAgain) {
    int offers = 0;
    world.broker.refuse = [&](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
        ++offers;
        return ErrorCode::duplicate_conflict;
    };
    const auto id = world.send(world.police, world.missing_child());
    for (int i = 0; i < 5; ++i) world.pass(std::chrono::minutes(2));
    EXPECT_EQ(offers, 1);
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::duplicate_conflict));
    EXPECT_EQ(sent(id).at("state"), "blocked");
}

TEST_F(OutboxTest, AnAcceptanceThatTheBrokerDidNotSignCountsForNothing) {
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::Publish>(body);
    };
    const auto id = world.send(world.police, world.missing_child());
    crypto::SeededRandom random(5);
    const auto stranger = crypto::SigningKey::generate(random);
    wire::AcceptedBody body;
    body.id = id;
    body.sender = AgencyId("police-wm");
    body.accepted_at = world.now.wall;
    wire::Accepted forged;
    forged.body = wire::encode_body(body);
    forged.signature = crypto::sign(stranger, wire::label::accepted, forged.body);
    world.police.give(FrameIn{{0, forged}});
    EXPECT_EQ(sent(id).at("state"), "sealed");
}

TEST_F(OutboxTest, AcceptanceOfOtherBytesIsAnAlarmAndSettlesNothing) {
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::Publish>(body);
    };
    const auto id = world.send(world.police, world.missing_child());
    world.police.give(FrameIn{{0, world.broker.accepted(id, AgencyId("police-wm"), Digest{7})}});
    EXPECT_EQ(sent(id).at("state"), "sealed");
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::duplicate_conflict));
    world.pass(std::chrono::seconds(61));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_accepted));
    world.broker.swallow = nullptr;
    world.pass(std::chrono::seconds(61));
    EXPECT_EQ(sent(id).at("state"), "accepted");
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::duplicate_conflict));
}

TEST_F(OutboxTest, AcceptanceBeforeAnythingWasSealedIsAnAlarmAndSettlesNothing) {
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::RequestPlan>(body);
    };
    const auto id = world.send(world.police, world.missing_child());
    world.police.give(FrameIn{{0, world.broker.accepted(id, AgencyId("police-wm"), Digest{})}});
    EXPECT_NE(sent(id).at("state"), "accepted");
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::duplicate_conflict));
    world.pass(std::chrono::seconds(61));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_accepted));
    world.broker.swallow = nullptr;
    world.pass(std::chrono::seconds(61));
    EXPECT_EQ(world.broker.publishes.size(), 1U);
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(OutboxTest, TheSameAcceptanceAgainIsNoAlarm) {
    const auto id = world.send(world.police, world.missing_child());
    world.police.give(FrameIn{
        {0, world.broker.accepted(id, AgencyId("police-wm"), offered(world.broker.publishes[0]))}});
    EXPECT_EQ(sent(id).at("state"), "accepted");
    EXPECT_TRUE(world.police.seen_of<Alarm>().empty());
}

TEST_F(OutboxTest, ABrokerThatSaysOfAPlanThatItKnowsTheIdBlocksNothing) {
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::RequestPlan>(body)) return std::nullopt;
        return ErrorCode::duplicate_conflict;
    };
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::publish_refused));
    world.broker.refuse = nullptr;
    world.pass(std::chrono::seconds(61));
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(OutboxTest, ABrokerThatSaysBusyPutsNothingOffForLongerThanFiveMinutes) {
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::Publish>(body);
    };
    const auto id = world.send(world.police, world.missing_child());
    wire::ErrorFrame busy;
    busy.code = ErrorCode::busy;
    busy.retry_after_ms = 0xffffffff;
    for (std::uint64_t request = 1; request < 100; ++request)
        world.police.give(FrameIn{{request, busy}});
    world.broker.swallow = nullptr;
    world.pass(std::chrono::seconds(1));
    EXPECT_EQ(sent(id).at("state"), "sealed");
    world.pass(std::chrono::minutes(5));
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

// More of them than any window: those that the broker put off must not hide what comes behind them.
TEST_F(OutboxTest, WhatBacksOffStandsInNobodysWay) {
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::RequestPlan>(body)) return std::nullopt;
        return ErrorCode::busy;
    };
    for (int i = 0; i < 200; ++i) {
        auto notification = world.missing_child("misper:" + std::to_string(i));
        notification.thread_ref = notification.source_ref;
        world.send(world.police, notification);
    }
    world.broker.refuse = nullptr;
    auto last = world.missing_child("misper:last");
    last.thread_ref = last.source_ref;
    EXPECT_EQ(sent(world.send(world.police, last)).at("state"), "accepted");
}

// Nor may those that wait for the start of their episode.
TEST_F(OutboxTest, WhatWaitsForItsStartStandsInNobodysWay) {
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::RequestPlan>(body);
    };
    for (int i = 0; i < 400; ++i)
        world.send(world.police, world.missing_child("misper:" + std::to_string(i),
                                                     i == 0 ? "missing_episode_started"
                                                            : "missing_episode_updated"));
    world.broker.swallow = nullptr;
    auto last = world.missing_child("misper:last");
    last.thread_ref = last.source_ref;
    const auto id = world.send(world.police, last);
    for (int i = 0; i < 4; ++i) world.tick();
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(OutboxTest, ARestoredBrokerIsOfferedEverythingOutstandingAgain) {
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_EQ(world.broker.publishes.size(), 1U);
    world.disconnect(world.police);
    world.broker.published.clear();
    world.broker.store_epoch = {2};
    world.connect(world.police);
    ASSERT_EQ(world.broker.publishes.size(), 2U);
    EXPECT_EQ(offered(world.broker.publishes[0]), offered(world.broker.publishes[1]));
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(OutboxTest, ABrokerWhoseCommitsWentBackWasRestoredToo) {
    world.send(world.police, world.missing_child());
    world.disconnect(world.police);
    world.broker.commit_serial = 1;
    world.connect(world.police);
    EXPECT_EQ(world.broker.publishes.size(), 2U);
}

TEST_F(OutboxTest, AnOrdinaryReconnectOffersNothingTwice) {
    world.send(world.police, world.missing_child());
    world.disconnect(world.police);
    world.connect(world.police);
    EXPECT_EQ(world.broker.publishes.size(), 1U);
}

TEST_F(OutboxTest, WhatARestoredStoreThinksUnsentIsNotSentASecondTime) {
    world.broker.delivers = false;
    world.disconnect(world.police);
    const auto id = world.send(world.police, world.missing_child());
    const auto backup = world.police.store.snapshot();
    world.connect(world.police);
    ASSERT_EQ(world.broker.publishes.size(), 1U);
    world.disconnect(world.police);
    world.police.store.restore(backup);  // from before it was sealed
    world.police.restart();
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
        return ErrorCode::duplicate_conflict;  // it holds the bytes from before
    };
    world.connect(world.police);
    EXPECT_EQ(sent(id).at("state"), "blocked");
    const auto signs = [&](const Seat& seat, std::uint64_t number) {
        wire::ReceiptsBody body;
        body.batch = test::id_of<BatchId>(number);
        body.from = seat.agency;
        body.sender = AgencyId("police-wm");
        body.entries.push_back({id, seat, wire::Rung::stored, world.now.wall, ""});
        wire::Receipts receipts;
        receipts.body = wire::encode_body(body);
        receipts.signature =
            crypto::sign(world.area.signing_key(body.from), wire::label::receipts, receipts.body);
        world.police.give(FrameIn{{0, receipts}});
    };
    signs({AgencyId("hub"), RoleId("ffd")}, 3);
    EXPECT_EQ(sent(id).at("state"), "accepted");
    // The plan it was sent by is lost, and today's names others.
    const Seat told_then{AgencyId("orchard-gate"), RoleId("sch")};
    signs(told_then, 4);
    const auto view = world.police.store.view();
    EXPECT_TRUE(table::rungs.contains(
        *view, {id, told_then, static_cast<std::uint8_t>(wire::Rung::stored)}));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::duplicate_conflict));
    // The bytes are lost. Should the broker lose them too, it is planned and sealed once more:
    // whoever has the first answers that it has, and nobody is left out.
    world.broker.refuse = nullptr;
    world.disconnect(world.police);
    world.broker.published.clear();
    world.broker.store_epoch = {2};
    world.connect(world.police);
    EXPECT_TRUE(world.broker.published.contains(id));
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(OutboxTest, WhatIsMoreUrgentGoesFirst) {
    world.disconnect(world.police);
    auto routine = world.missing_child("misper:low");
    routine.facts.risk_grade = "none_apparent";
    routine.thread_ref = "calm";
    const auto later = world.send(world.police, routine);
    auto high = world.missing_child("misper:high");
    high.thread_ref = "danger";
    const auto first = world.send(world.police, high);
    world.connect(world.police);
    ASSERT_EQ(world.broker.plan_requests.size(), 2U);
    EXPECT_EQ(world.broker.plan_requests[0].notification, first);
    EXPECT_EQ(world.broker.plan_requests[1].notification, later);
}

TEST_F(OutboxTest, TheEndOfAnEpisodeWaitsForItsStartAndTellsThoseWhoHeardIt) {
    world.connect(world.schools);
    world.claim_school_roll(world.schools);
    world.disconnect(world.police);
    world.send(world.police, world.missing_child("misper:1"));
    world.pass(std::chrono::minutes(30));
    const auto end =
        world.send(world.police, world.missing_child("misper:1:closed", "missing_episode_closed"));
    world.connect(world.police);
    ASSERT_TRUE(world.broker.plans.contains(end));
    const auto& seats = world.broker.plans.at(end).facts.thread_seats;
    EXPECT_TRUE(std::ranges::find(seats, Seat{AgencyId("orchard-gate"), RoleId("sch")}) !=
                seats.end());
    EXPECT_TRUE(world.broker.published.contains(end));
}

TEST_F(OutboxTest, ASignatureFromBeforeTheStoreWentBackCountsWhenItsSourceGivesTheItemAgain) {
    world.broker.delivers = false;
    const auto backup = world.police.store.snapshot();  // from before anybody gave it
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_EQ(world.broker.publishes.size(), 1U);
    world.disconnect(world.police);
    world.police.store.restore(backup);
    world.police.restart();
    world.connect(world.police);
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
    world.police.give(FrameIn{{0, receipts}});  // the broker sends it again, and only once
    world.broker.refuse = [](const wire::AgentBody& asked) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(asked)) return std::nullopt;
        return ErrorCode::duplicate_conflict;  // it holds the bytes from before
    };
    EXPECT_EQ(world.send(world.police, world.missing_child()), id);
    EXPECT_EQ(sent(id).at("state"), "accepted");
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::duplicate_conflict));
}

TEST_F(OutboxTest, ARefusalNamesTheReasonAndWhatToDoInstead) {
    auto notification = world.missing_child();
    notification.role = RoleId("manager");  // not a publisher of this row
    const auto id = world.send(world.police, notification);
    const auto json = sent(id);
    EXPECT_EQ(json.at("state"), "refused");
    EXPECT_EQ(json.at("refusal").at("code"), "publisher_not_entitled");
    EXPECT_FALSE(json.at("refusal").at("message").get<std::string>().empty());
    EXPECT_TRUE(world.broker.publishes.empty());
}

TEST_F(OutboxTest, ContentGoesThirtyDaysAfterEverybodyWhoActsHasTakenIt) {
    // Only the front door is connected and acts: the missing officers have nobody here.
    const auto person = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
    const auto id = world.send(world.police, world.missing_child());
    world.broker.tamper_plan = nullptr;
    ASSERT_EQ(world.hub.ask(ApiRequest::Kind::taken, person, to_text(id)).status, 200);
    world.settle();
    for (const auto& recipient : world.broker.plans.at(id).plan.decision.recipients) {
        if (recipient.seat.agency == AgencyId("hub") || !recipient.act) continue;
        wire::ReceiptsBody body;
        body.batch = test::id_of<BatchId>(1);
        body.from = recipient.seat.agency;
        body.sender = AgencyId("police-wm");
        body.entries.push_back({id, recipient.seat, wire::Rung::stored, world.now.wall, ""});
        body.entries.push_back({id, recipient.seat, wire::Rung::taken, world.now.wall, ""});
        wire::Receipts receipts;
        receipts.body = wire::encode_body(body);
        receipts.signature =
            crypto::sign(world.area.signing_key(body.from), wire::label::receipts, receipts.body);
        world.police.give(FrameIn{{0, receipts}});
    }
    world.settle();
    world.tick();
    world.pass(std::chrono::hours(24 * 29));
    EXPECT_EQ(sent(id).at("state"), "accepted");
    world.pass(std::chrono::hours(24 * 2));
    EXPECT_EQ(sent(id).at("state"), "closed");
    const auto again =
        world.police.ask(ApiRequest::Kind::sent_one, world.police.service_token, to_text(id));
    EXPECT_EQ(again.status, 200);  // the id and its rungs outlive the content
}

TEST_F(OutboxTest, AForgedReceiptIsNeitherBelievedNorAcknowledged) {
    const auto id = world.send(world.police, world.missing_child());
    wire::ReceiptsBody body;
    body.batch = test::id_of<BatchId>(9);
    body.from = AgencyId("hub");
    body.sender = AgencyId("police-wm");
    body.entries.push_back(
        {id, {AgencyId("hub"), RoleId("ffd")}, wire::Rung::taken, world.now.wall, ""});
    wire::Receipts receipts;
    receipts.body = wire::encode_body(body);
    receipts.signature = crypto::sign(world.area.signing_key(AgencyId("health")),
                                      wire::label::receipts, receipts.body);
    world.police.give(FrameIn{{0, receipts}});
    for (const auto& sent_frame : world.police.out) {
        EXPECT_FALSE(std::holds_alternative<wire::ReceiptsAck>(sent_frame.frame.body));
    }
    const auto json = sent(id);
    for (const auto& recipient : json.at("recipients")) {
        for (const auto& rung : recipient.at("rungs")) EXPECT_NE(rung.at("rung"), "taken");
    }
}

TEST_F(OutboxTest, TheBrokerCannotSayThatSomebodyHasTakenIt) {
    const auto id = world.send(world.police, world.missing_child());
    wire::ReceiptsBody body;
    body.batch = test::id_of<BatchId>(9);
    body.sender = AgencyId("police-wm");
    body.entries.push_back(
        {id, {AgencyId("hub"), RoleId("ffd")}, wire::Rung::taken, world.now.wall, ""});
    wire::Receipts receipts;
    receipts.body = wire::encode_body(body);
    receipts.signature =
        crypto::sign(world.area.broker_key(), wire::label::broker_receipts, receipts.body);
    world.police.give(FrameIn{{0, receipts}});
    const auto json = sent(id);
    for (const auto& recipient : json.at("recipients")) {
        for (const auto& rung : recipient.at("rungs")) EXPECT_NE(rung.at("rung"), "taken");
    }
}

}  // namespace
}  // namespace mash::runtime::testing
