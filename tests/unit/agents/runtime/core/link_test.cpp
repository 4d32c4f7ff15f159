#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

template <class Body>
std::vector<Body> sent_bodies(const TestHost& host) {
    std::vector<Body> found;
    for (const auto& send : host.out) {
        if (const auto* body = std::get_if<Body>(&send.frame.body)) found.push_back(*body);
    }
    return found;
}

TEST(Link, TheFirstFrameSaysWhereThisAgentIsInTime) {
    AgentWorld world;
    world.connect(world.police);
    ASSERT_EQ(world.broker.hellos.size(), 1U);
    EXPECT_NE(world.broker.hellos.front().agent_epoch, (std::array<std::uint8_t, 16>{}));
    world.disconnect(world.police);
    world.connect(world.police);
    EXPECT_EQ(world.broker.hellos[1].agent_epoch, world.broker.hellos[0].agent_epoch);
    EXPECT_EQ(world.broker.hellos[1].registry_version, world.area.registry().version);
}

TEST(Link, ARestoredAgentSaysSo) {
    AgentWorld world;
    world.connect(world.hub);
    world.connect(world.police);
    const auto before = world.hub.store.snapshot();
    world.send(world.police, world.missing_child());
    world.disconnect(world.hub);
    world.connect(world.hub);
    const auto sent_before = world.broker.hellos.back().receipts_sent;
    EXPECT_GT(sent_before, 0U);
    const auto epoch = world.broker.hellos.back().agent_epoch;
    world.disconnect(world.hub);
    world.hub.store.restore(before);
    world.hub.restart();
    world.connect(world.hub);
    EXPECT_LT(world.broker.hellos.back().receipts_sent,
              sent_before);  // the broker sees it even if nobody told it
    world.disconnect(world.hub);
    auto transaction = world.hub.store.begin();
    mark_restored(*transaction);
    ASSERT_TRUE(world.hub.store.commit(std::move(transaction)).is_committed());
    world.hub.restart();
    world.connect(world.hub);
    EXPECT_NE(world.broker.hellos.back().agent_epoch, epoch);
}

TEST(Link, ARestoredAgentSaysSoHoweverMuchHappensBeforeItConnects) {
    AgentWorld world;
    world.connect(world.hub);
    world.connect(world.police);
    const auto person = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
    const auto first = world.send(world.police, world.missing_child());
    const auto before = world.hub.store.snapshot();
    world.send(world.police, world.missing_child("misper:2"));
    world.disconnect(world.hub);
    world.connect(world.hub);
    const auto sent_before = world.broker.hellos.back().receipts_sent;
    world.disconnect(world.hub);
    world.hub.store.restore(before);
    world.hub.restart();
    // As many batches as its earlier life had sent, and more.
    world.hub.ask(ApiRequest::Kind::received_one, person, to_text(first));
    world.hub.ask(ApiRequest::Kind::taken, person, to_text(first));
    world.hub.ask(ApiRequest::Kind::decided, person, to_text(first),
                  R"({"outcome":"no_further_action"})");
    world.connect(world.hub);
    EXPECT_LT(world.broker.hellos.back().receipts_sent, sent_before);
    // And what was made meanwhile is sent, and counts from then on.
    world.disconnect(world.hub);
    world.connect(world.hub);
    EXPECT_GE(world.broker.hellos.back().receipts_sent, sent_before);
}

using Start = std::array<std::uint8_t, 16>;

TEST(Link, HelloNamesTheStartThatWelcomedAndTheHighestCommitHeardInIt) {
    AgentWorld world;
    world.broker.store_start = {7};
    world.connect(world.hub);  // somebody to be told
    world.connect(world.police);
    EXPECT_EQ(world.broker.hellos.back().store_start, Start{}) << "nobody has welcomed it before";
    world.send(world.police, world.missing_child());
    const auto heard = world.broker.stated.at(world.police.id);
    world.disconnect(world.police);
    world.police.restart();
    world.connect(world.police);
    EXPECT_EQ(world.broker.hellos.back().store_start, Start{7});
    EXPECT_EQ(world.broker.hellos.back().commit_serial, heard)
        << "that of what was accepted, not of the Welcome";
    world.disconnect(world.police);
    world.broker.store_start = {8};  // it started anew; what was heard counts by the new start
    world.broker.commit_serial = 20;
    world.connect(world.police);
    world.disconnect(world.police);
    world.connect(world.police);
    EXPECT_EQ(world.broker.hellos.back().store_start, Start{8});
    EXPECT_LT(world.broker.hellos.back().commit_serial, world.broker.commit_serial);
    EXPECT_GT(world.broker.hellos.back().commit_serial, 20U);
}

TEST(Link, ABrokerThatSaysItLacksWhatWasHeardIsOfferedItAgainHoweverHighItsSerial) {
    AgentWorld world;
    world.broker.store_start = {7};
    world.connect(world.hub);  // somebody to be told
    world.connect(world.police);
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_EQ(world.broker.publishes.size(), 1U);
    world.disconnect(world.police);
    world.broker.published.clear();
    world.broker.store_start = {9};
    world.broker.commit_serial += 1'000;  // the epoch is the one it had
    world.broker.says_put_back = true;
    world.connect(world.police);
    EXPECT_EQ(world.broker.publishes.size(), 2U);
    EXPECT_TRUE(world.broker.published.contains(id));
    world.broker.says_put_back = false;
    world.disconnect(world.police);
    world.connect(world.police);
    EXPECT_EQ(world.broker.publishes.size(), 2U) << "once";
    EXPECT_EQ(world.broker.hellos.back().store_start, Start{9});
}

TEST(Link, WhatWasHeardIsNotForgottenBeforeTheWelcomeIsKept) {
    AgentWorld world;
    world.broker.store_start = {7};
    world.connect(world.hub);  // somebody to be told
    world.connect(world.police);
    world.send(world.police, world.missing_child());
    world.disconnect(world.police);
    world.broker.store_start = {9};
    world.broker.says_put_back = true;
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::Hello>(body);
    };
    const auto heard = world.broker.stated.at(world.police.id);
    world.connect(world.police);  // the Welcome is lost with the connection
    world.disconnect(world.police);
    world.police.restart();
    world.broker.swallow = nullptr;
    world.connect(world.police);
    EXPECT_EQ(world.broker.hellos.back().store_start, Start{7});
    EXPECT_EQ(world.broker.hellos.back().commit_serial, heard);
    EXPECT_EQ(world.broker.publishes.size(), 2U);
}

TEST(Link, ALowerSerialOfAStartThatLacksNothingIsNoRestore) {
    AgentWorld world;
    world.broker.store_start = {7};
    world.connect(world.hub);  // somebody to be told
    world.connect(world.police);
    world.send(world.police, world.missing_child());
    world.disconnect(world.police);
    const auto heard = world.broker.stated.at(world.police.id);
    world.broker.commit_serial = 11;  // a Welcome that was overtaken
    world.connect(world.police);
    EXPECT_EQ(world.broker.publishes.size(), 1U);
    world.disconnect(world.police);
    world.connect(world.police);
    EXPECT_EQ(world.broker.hellos.back().commit_serial, heard) << "it does not unhear";
}

TEST(Link, ABrokerOfBeforeIsJudgedByEpochAndSerialAsItWas) {
    AgentWorld world;
    world.connect(world.hub);  // somebody to be told
    world.connect(world.police);
    world.send(world.police, world.missing_child());
    // A number that no Welcome gave a start to is nothing to go by.
    world.police.give(FrameIn{{0, wire::TaskClosed{test::id_of<TaskId>(1)}, 1'000'000}});
    world.disconnect(world.police);
    world.broker.store_start = {7};  // renewed
    world.connect(world.police);
    EXPECT_EQ(world.broker.hellos.back().store_start, Start{});
    EXPECT_LT(world.broker.hellos.back().commit_serial, 1'000'000U);
    EXPECT_EQ(world.broker.publishes.size(), 1U) << "a broker that is renewed was not put back";
    world.disconnect(world.police);
    world.broker.store_start = {};  // and the release before it again
    world.connect(world.police);
    EXPECT_EQ(world.broker.publishes.size(), 1U);
    world.disconnect(world.police);
    world.broker.commit_serial = 1;
    world.connect(world.police);
    EXPECT_EQ(world.broker.publishes.size(), 2U);
}

TEST(Link, AStoreFromBeforeStartsWereKeptIsReadAndNamesNone) {
    AgentWorld world;
    world.connect(world.police);
    const auto before = table::agent.get(*world.police.store.view(), store::Only{});
    ASSERT_TRUE(before);
    world.disconnect(world.police);
    Writer old;
    old.u8(2).fixed(before->epoch).u64(before->receipts_sent).u64(before->errands_made);
    old.u64(before->claim_serial)
        .fixed(before->broker_epoch)
        .u64(before->broker_commit)
        .flag(false);
    auto transaction = world.police.store.begin();
    transaction->put(table::agent.space(), {}, old.done());
    ASSERT_TRUE(world.police.store.commit(std::move(transaction)).is_committed());
    world.police.restart();
    world.broker.store_start = {7};
    world.connect(world.police);
    EXPECT_EQ(world.broker.hellos.back().store_start, Start{});
    EXPECT_EQ(world.broker.hellos.back().agent_epoch, before->epoch);
    EXPECT_EQ(table::agent.get(*world.police.store.view(), store::Only{})->broker_start, Start{7});
}

TEST(Link, EachBatchOfReceiptsSaysHowManyWereEverSent) {
    AgentWorld world;
    world.connect(world.hub);
    world.connect(world.police);
    world.send(world.police, world.missing_child());
    ASSERT_FALSE(world.broker.receipts.empty());
    EXPECT_GT(world.broker.receipts.back().receipts_sent, 0U);
    const auto sent = world.broker.receipts.back().receipts_sent;
    world.disconnect(world.hub);
    world.connect(world.hub);
    EXPECT_EQ(world.broker.hellos.back().receipts_sent, sent);
}

TEST(Link, AnotherAreasBrokerIsLeft) {
    AgentWorld world;
    world.police.give(LinkUp{});
    wire::Welcome welcome;
    welcome.area = AreaId("elsewhere");
    welcome.host = world.police.id;
    world.police.give(FrameIn{{1, welcome}});
    EXPECT_EQ(world.police.seen_of<Reconnect>().size(), 1U);
}

TEST(Link, DocumentsOfAnotherRootAreNotUsed) {
    AgentWorld world;
    test::TestArea stranger(42);
    world.police.give(LinkUp{});
    wire::Welcome welcome;
    welcome.area = world.area.id;
    welcome.host = world.police.id;
    welcome.broker_time = world.now.wall;
    welcome.registry_version = 1;
    world.police.give(FrameIn{{1, welcome}});
    world.police.give(FrameIn{{2, wire::SignedDocuments{stranger.documents()}}});
    Submit submit;
    submit.notification = world.missing_child();
    world.police.give(std::move(submit));
    EXPECT_EQ(world.police.seen_of<SubmitRejected>().size(),
              1U);  // there is no policy to check it by
}

TEST(Link, ABrokerThatOffersAnOlderRegistryIsAnAlarmAndIsNotFollowed) {
    AgentWorld world;
    test::TestArea before = test::TestArea(1);  // the same keys, version 1
    world.connect(world.police);
    world.police.give(FrameIn{{0, wire::SignedDocuments{before.documents()}}});
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::version_went_back));
    world.connect(world.hub);
    world.send(world.police, world.missing_child());
    EXPECT_EQ(world.broker.publishes.size(), 1U);  // decided under the registry it holds
}

TEST(Link, ASilentBrokerIsAskedAgainAndASilentWelcomeReconnects) {
    AgentWorld world;
    world.police.give(LinkUp{});
    world.now.steady = world.now.steady + limits::request_timeout;
    world.now.wall = world.now.wall + limits::request_timeout;
    world.police.give(Tick{});
    EXPECT_EQ(world.police.seen_of<Reconnect>().size(), 1U);
}

TEST(Link, EveryInboxGetsACertifiedKeyAndAnotherCertificateEveryWeek) {
    AgentWorld world;
    world.connect(world.schools);
    EXPECT_EQ(world.broker.certificates.size(), 4U);  // two schools, lead and alternate each
    const auto first = world.broker.certificates.at(InboxId("orchard-gate.sch"));
    world.pass(std::chrono::hours(24 * 6));
    EXPECT_EQ(world.broker.certificates.at(InboxId("orchard-gate.sch")), first);
    world.area.renew_freshness(world.now.wall);
    world.pass(std::chrono::hours(24 + 1));
    EXPECT_NE(world.broker.certificates.at(InboxId("orchard-gate.sch")), first);
}

TEST(Link, ACertificateMadeWhileTheClockWasAheadIsMadeAgainWhenItIsRight) {
    AgentWorld world;
    const auto right = world.now.wall;
    world.now.wall = right + std::chrono::hours(2);
    world.connect(world.schools);
    const auto issued_at = [&] {
        const auto& signed_one = world.broker.certificates.at(InboxId("orchard-gate.sch"));
        return wire::decode_body<wire::InboxCertificate>(signed_one.body)->issued_at;
    };
    EXPECT_GT(issued_at(), right + std::chrono::hours(1));
    world.now.wall = right;
    world.pass(std::chrono::seconds(1));
    EXPECT_LE(issued_at(), world.now.wall);
}

TEST(Link, WhatWasUnansweredIsSentAgainOnTheNextSession) {
    AgentWorld world;
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::PublishInboxKey>(body);
    };
    world.connect(world.hub);
    EXPECT_TRUE(world.broker.certificates.empty());
    world.broker.swallow = nullptr;
    world.disconnect(world.hub);
    world.connect(world.hub);
    EXPECT_EQ(world.broker.certificates.size(), 4U);
}

TEST(Link, ADocumentThatALostSessionWasToBringIsAskedForAtOnceOnTheNext) {
    AgentWorld world;
    world.connect(world.police);
    world.area.change_policy("", "", world.now.wall);
    // The statement that names the new policy arrives, the policy itself does not.
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        const auto* fetch = std::get_if<wire::FetchSigned>(&body);
        return fetch != nullptr && std::ranges::count(fetch->kinds, wire::DocumentKind::policy) > 0;
    };
    world.disconnect(world.police);
    world.connect(world.police);
    const auto versions = [&] {
        const auto whole = world.police.ask(ApiRequest::Kind::status, world.police.service_token);
        return nlohmann::json::parse(whole.json.reveal())["documents"];
    };
    ASSERT_EQ(versions()["policy"], 1);
    ASSERT_EQ(versions()["fresh"], "not_fresh");
    world.broker.swallow = nullptr;
    world.disconnect(world.police);
    world.connect(world.police);
    EXPECT_EQ(versions()["policy"], 2) << "no time has passed";
    EXPECT_EQ(versions()["fresh"], true);
}

TEST(Link, CreditIsGivenOnOpening) {
    AgentWorld world;
    world.connect(world.hub);
    bool credit = false;
    for (const auto& body : world.broker.others)
        credit = credit || std::holds_alternative<wire::Credit>(body);
    EXPECT_TRUE(credit);
}

TEST(Link, AFrameBeforeTheWelcomeIsRefused) {
    AgentWorld world;
    world.police.give(LinkUp{});
    world.police.out.clear();
    world.police.give(FrameIn{{1, wire::Done{}}});
    EXPECT_TRUE(world.police.out.empty());
    EXPECT_TRUE(sent_bodies<wire::Hello>(world.police).empty());
}

TEST(Documents, TheEndOfThePolicyIsLoggedOnceADayFromSixtyDaysBeforeAndShownInTheStatus) {
    using std::chrono::days;
    AgentWorld world;
    world.connect(world.police);
    const auto status = world.police.ask(ApiRequest::Kind::status, world.police.service_token);
    const auto documents = nlohmann::json::parse(status.json.reveal())["documents"];
    const auto end =
        wall_time_from_rfc3339(documents.at("policy_expires").get<std::string>()).value();
    const auto said_at = [&](std::chrono::milliseconds left) {
        const auto before = world.police.seen_of<Recorded>().size();
        world.pass(end - left - world.now.wall);
        world.tick();
        std::vector<std::pair<LogEvent, std::int64_t>> out;
        const auto all = world.police.seen_of<Recorded>();
        for (std::size_t i = before; i < all.size(); ++i) {
            if (all[i].event == LogEvent::policy_expiring ||
                all[i].event == LogEvent::policy_expired)
                out.emplace_back(all[i].event, all[i].count);
        }
        return out;
    };
    using Lines = std::vector<std::pair<LogEvent, std::int64_t>>;
    EXPECT_EQ(said_at(days(61)), Lines{});
    EXPECT_EQ(said_at(days(60)), (Lines{{LogEvent::policy_expiring, 60}}));
    EXPECT_EQ(said_at(days(60) - std::chrono::hours(23)), Lines{});
    EXPECT_EQ(said_at(days(59)), (Lines{{LogEvent::policy_expiring, 59}}));
    EXPECT_EQ(said_at(days(0)), (Lines{{LogEvent::policy_expired, 0}}));
    EXPECT_EQ(said_at(-days(1)), (Lines{{LogEvent::policy_expired, 1}}));
}

}  // namespace
}  // namespace mash::runtime::testing
