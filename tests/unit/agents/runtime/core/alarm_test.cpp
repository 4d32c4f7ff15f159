// The sender's own agent says that something did not come in time, without the broker (design rule
// 4).
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

class AlarmTest : public ::testing::Test {
protected:
    AlarmTest() {
        world.connect(world.hub);
        world.connect(world.police);
    }
    void wait_alone(
        std::chrono::milliseconds time) {  // the link is down; only the agent's own clock goes on
        world.now.steady = world.now.steady + time;
        world.now.wall = world.now.wall + time;
        world.police.give(Tick{});
    }
    AgentWorld world;
};

TEST_F(AlarmTest, AnImmediateItemAlarmsWhenNotAcceptedInAMinute) {
    world.disconnect(world.police);
    world.send(world.police, world.missing_child());
    wait_alone(std::chrono::seconds(59));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_accepted));
    wait_alone(std::chrono::seconds(2));
    ASSERT_TRUE(world.police.has_alarm(Alarm::Kind::not_accepted));
    EXPECT_EQ(world.police.seen_of<Alarm>().back().telephone, "01632 960000");
    world.connect(world.police);
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_accepted));  // it came
}

/// As an enrolled agent is: the operator has set no number.
TEST_F(AlarmTest, WithoutAnOperatorsNumberItIsTheFrontDoorsOfTheRegistryAndThenOfThePolicy) {
    const auto number = [](const std::string& registered) -> std::string {
        AgentWorld alone;
        alone.area.change_registry(
            [&](area::Registry& registry) {
                auto& hub = registry.agencies.at(AgencyId("hub"));
                hub.telephone.clear();
                for (auto& seat : hub.seats)
                    seat.telephone = seat.role == RoleId("ffd") ? registered : std::string();
            },
            alone.now.wall);
        alone.police.config.area_telephone.clear();
        alone.police.restart();
        alone.connect(alone.police);
        alone.disconnect(alone.police);
        alone.send(alone.police, alone.missing_child());
        alone.now.steady = alone.now.steady + std::chrono::seconds(61);
        alone.now.wall = alone.now.wall + std::chrono::seconds(61);
        alone.police.give(Tick{});
        const auto alarms = alone.police.seen_of<Alarm>();
        return alarms.empty() ? "no alarm" : alarms.back().telephone;
    };
    EXPECT_EQ(number("01632 960155"), "01632 960155") << "the front door's seat";
    EXPECT_EQ(number(""), "01632 960101") << "of the signed policy";
}

TEST_F(AlarmTest, AnUrgentItemAlarmsAfterTenMinutes) {
    world.disconnect(world.police);
    auto notification = world.missing_child();
    notification.facts.risk_grade = "low";
    world.send(world.police, notification);
    wait_alone(std::chrono::minutes(9));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_accepted));
    wait_alone(std::chrono::minutes(2));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_accepted));
}

TEST_F(AlarmTest, AnAlarmIsSaidOnceAndAgainAfterARestart) {
    world.disconnect(world.police);
    world.send(world.police, world.missing_child());
    for (int i = 0; i < 5; ++i) wait_alone(std::chrono::minutes(1));
    EXPECT_EQ(world.police.seen_of<Alarm>().size(), 1U);
    world.police.restart();
    world.police.seen.clear();
    world.police.give(Tick{});
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_accepted));
}

TEST_F(AlarmTest, WhatNobodyStoredOrTookInTimeNamesANumberToRing) {
    world.broker.delivers = false;
    world.send(world.police, world.missing_child());
    world.pass(std::chrono::seconds(62));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_stored));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_taken));
    world.pass(std::chrono::minutes(15));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_taken));
    for (const auto& alarm : world.police.seen_of<Alarm>()) EXPECT_FALSE(alarm.telephone.empty());
}

TEST_F(AlarmTest, WhoIsOnlyToldAndNeverStoresItIsRungToo) {
    TestHost social_care(world.area, world.now, "social-care", {"social-care"}, 55);
    world.connect(social_care);
    TestHost health(world.area, world.now, "health", {"health"}, 56);
    world.connect(health);
    world.connect(world.schools);
    world.claim_school_roll(world.schools);
    world.disconnect(world.schools);
    const auto id = world.send(world.police, world.missing_child());
    const auto& recipients = world.broker.plans.at(id).plan.decision.recipients;
    ASSERT_TRUE(std::ranges::any_of(recipients, [](const wire::Recipient& recipient) {
        return recipient.seat.role == RoleId("sch") && !recipient.act;
    }));
    world.pass(std::chrono::minutes(9));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_stored)) << "who acts has it";
    world.pass(std::chrono::minutes(2));
    ASSERT_TRUE(world.police.has_alarm(Alarm::Kind::not_stored));
    EXPECT_EQ(world.police.seen_of<Alarm>().back().telephone, "01632 960198");
    world.connect(world.schools);
    world.pass(std::chrono::seconds(1));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_stored));
}

TEST_F(AlarmTest, TheNumberToRingIsThatOfWhoIsLateNow) {
    TestHost social_care(world.area, world.now, "social-care", {"social-care"}, 55);
    world.connect(social_care);
    TestHost health(world.area, world.now, "health", {"health"}, 56);
    world.connect(health);
    world.connect(world.schools);
    world.claim_school_roll(world.schools);
    world.area.change_registry(
        [](area::Registry& registry) {
            registry.agencies.at(AgencyId("orchard-gate")).seats[0].telephone = "01632 960177";
        },
        world.now.wall);
    world.connect(world.police);
    world.disconnect(world.schools);
    world.disconnect(world.hub);
    world.send(world.police, world.missing_child());
    world.pass(std::chrono::minutes(11));
    ASSERT_TRUE(world.police.has_alarm(Alarm::Kind::not_stored));
    EXPECT_EQ(world.police.seen_of<Alarm>().back().telephone, "01632 960198") << "who acts first";
    world.police.seen.clear();
    world.connect(world.hub);
    world.pass(std::chrono::seconds(1));
    ASSERT_EQ(world.police.seen_of<Alarm>().size(), 1U);
    EXPECT_EQ(world.police.seen_of<Alarm>().back().telephone, "01632 960177");
    EXPECT_FALSE(world.police.seen_of<Alarm>().back().cleared);
}

TEST_F(AlarmTest, WhenNobodyIsConnectedItWaitsLoudlyAndGoesAsSoonAsSomebodyIs) {
    AgentWorld alone;
    alone.connect(alone.police);
    const auto id = alone.send(alone.police, alone.missing_child());
    EXPECT_TRUE(alone.broker.publishes.empty());
    EXPECT_TRUE(alone.police.has_alarm(Alarm::Kind::not_accepted));
    alone.connect(alone.hub);
    alone.pass(std::chrono::seconds(61));
    EXPECT_TRUE(alone.broker.published.contains(id));
    EXPECT_FALSE(alone.police.has_alarm(Alarm::Kind::not_accepted));
}

TEST_F(AlarmTest, WhoActsAndHasNoKeyIsRungByTheSenderToo) {
    // The officers for missing children have certified nothing, or a stolen broker hides it: the
    // others are told, and this agent does not rely on a task that somebody else's machine opens.
    const auto id = world.send(world.police, world.missing_child());
    const auto& plan = world.broker.plans.at(id).plan;
    const auto act_without_key =
        std::ranges::any_of(plan.decision.recipients, [&](const wire::Recipient& recipient) {
            return recipient.act && !world.broker.certificates.contains(recipient.inbox);
        });
    ASSERT_TRUE(act_without_key);
    world.pass(std::chrono::seconds(62));
    ASSERT_TRUE(world.police.has_alarm(Alarm::Kind::not_stored));
    EXPECT_EQ(world.police.seen_of<Alarm>().back().telephone, "01632 960198");
    world.pass(std::chrono::hours(24 * 40));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_stored)) << "nothing has told them yet";
}

TEST_F(AlarmTest, ABacklogIsSaidWithQueueLaneCountAndAge) {
    world.send(world.police, world.missing_child());
    world.send(world.police, world.missing_child("misper:2"));
    world.hub.seen.clear();
    world.pass(std::chrono::minutes(130));
    std::vector<Recorded> said;
    for (const auto& record : world.hub.seen_of<Recorded>()) {
        if (record.event == LogEvent::backlog) said.push_back(record);
    }
    ASSERT_GE(said.size(), 2U);
    for (const auto queue : {Backlog::Queue::unopened, Backlog::Queue::untaken}) {
        const auto& backlog = said[queue == Backlog::Queue::unopened ? 0 : 1].backlog;
        ASSERT_TRUE(backlog.has_value());
        EXPECT_EQ(backlog->queue, queue);
        EXPECT_EQ(backlog->lane, wire::Lane::immediate);
        EXPECT_GT(backlog->oldest, std::chrono::hours(1));
        EXPECT_LE(backlog->oldest, std::chrono::minutes(130));
    }
    for (const auto& record : said) {
        EXPECT_EQ(record.count, 2);
        EXPECT_TRUE(record.notification.is_zero()) << "how many, never which";
    }
}

TEST_F(AlarmTest, WhatCannotLeaveIsABacklogToo) {
    world.disconnect(world.police);
    world.send(world.police, world.missing_child());
    world.police.seen.clear();
    wait_alone(std::chrono::hours(1));
    const auto records = world.police.seen_of<Recorded>();
    const auto said = std::ranges::find(records, LogEvent::backlog, &Recorded::event);
    ASSERT_NE(said, records.end());
    EXPECT_EQ(said->count, 1);
    EXPECT_EQ(said->backlog->queue, Backlog::Queue::unsent);
}

TEST_F(AlarmTest, AClockThatDiffersFromTheBrokersIsSaid) {
    world.disconnect(world.police);
    const auto right = world.now.wall;
    world.broker.swallow = [](const HostId&, const wire::AgentBody&) { return true; };
    world.police.give(LinkUp{});
    wire::Welcome welcome;
    welcome.area = world.area.id;
    welcome.host = world.police.id;
    welcome.broker_time = right + std::chrono::minutes(7);
    welcome.store_epoch = {1};
    welcome.commit_serial = 1'000;
    welcome.registry_version = 2;
    welcome.policy_version = 1;
    world.police.give(FrameIn{{1, welcome}});
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::clock_skew));
    welcome.broker_time = right;
    world.police.give(FrameIn{{1, welcome}});
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::clock_skew));
}

TEST_F(AlarmTest, ItsTimesAreTheOperators) {
    world.police.config.immediate_alarm = std::chrono::seconds(20);
    world.police.restart();
    world.disconnect(world.police);
    world.send(world.police, world.missing_child());
    wait_alone(std::chrono::seconds(19));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_accepted));
    wait_alone(std::chrono::seconds(2));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_accepted));
}

class FilesTest : public AlarmTest {
protected:
    void turn(const FilesSeen& files) { world.police.give(Tick{files}); }
    nlohmann::json status(const PersonalText& credential) {
        const auto reply = world.police.ask(ApiRequest::Kind::status, credential);
        return nlohmann::json::parse(reply.json.reveal());
    }
};

TEST_F(FilesTest, OneThatLiesUnreadForTooLongRingsAlthoughNobodyLooksAgain) {
    world.police.config.unread_alarm = std::chrono::minutes(1);
    world.police.restart();
    FilesSeen files;
    files.unread = 2;
    files.unread_since = world.now.wall;
    turn(files);
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::file_unread));
    const auto wait = [&](std::chrono::milliseconds time) {
        world.now.steady = world.now.steady + time;
        world.now.wall = world.now.wall + time;
        turn(files);  // as it was: the shell waits for an answer, say
    };
    wait(std::chrono::seconds(59));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::file_unread));
    EXPECT_EQ(status(world.police.service_token)["oldest_file_unread_seconds"], 59);
    EXPECT_EQ(status(world.police.service_token)["files_unread"], 2);
    wait(std::chrono::seconds(1));
    ASSERT_TRUE(world.police.has_alarm(Alarm::Kind::file_unread));
    EXPECT_EQ(world.police.seen_of<Alarm>().back().telephone, "01632 960000");
    EXPECT_EQ(status(world.police.service_token)["status"], "alarm");
    turn({});
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::file_unread));
    EXPECT_EQ(status(world.police.service_token)["oldest_file_unread_seconds"], nullptr);
}

TEST_F(FilesTest, OneThatWaitsForAPersonRingsAtOnceAndIsCountedForWhoeverIsKnownHere) {
    const auto officer = world.police.add_person("officer", "police-wm", {"police-wm.pol"});
    FilesSeen files;
    files.held = 3;
    files.held_since = world.now.wall - std::chrono::minutes(5);
    turn(files);
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::file_held));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::file_unread));
    for (const auto& caller : {world.police.service_token, officer}) {
        const auto seen = status(caller);
        EXPECT_EQ(seen["files_held"], 3);
        EXPECT_EQ(seen["oldest_file_held_seconds"], 300);
        EXPECT_EQ(seen["files_unread"], 0);
        ASSERT_EQ(seen["alarms"].size(), 1U);
        EXPECT_EQ(seen["alarms"][0]["alarm"], "file_held");
    }
    EXPECT_FALSE(status(PersonalText("")).contains("files_held"));
    turn({});
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::file_held));
}

TEST_F(FilesTest, ARestartSaysItAgainAndEndsItOnlyOnceSomebodyHasLooked) {
    FilesSeen files;
    files.held = 1;
    files.held_since = world.now.wall;
    turn(files);
    world.police.restart();
    world.police.seen.clear();
    world.police.give(Tick{});
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::file_held));
    turn({});
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::file_held));
}

}  // namespace
}  // namespace mash::runtime::testing
