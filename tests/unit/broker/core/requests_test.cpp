#include <set>

#include "broker/core/records.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using wire::TaskKind;
using wire::TaskOutcome;

const PersonId clerk{"p-clerk"};
const PersonId colleague{"p-colleague"};

class Requests : public BrokerFixture {
protected:
    explicit Requests(CoreConfig changed = {})
        : BrokerFixture(test::working_morning, std::move(changed)) {}

    wire::RequestPlan question(std::uint64_t number, const wire::RoutingFacts& facts,
                               const PersonId& person = clerk) {
        auto request = test::request_plan(notification(number), facts, now.wall);
        request.person = person;
        request.reason = "manual_entry";
        return request;
    }
    wire::DisclosurePlan ask(const HostId& host, std::uint64_t number,
                             const wire::RoutingFacts& facts) {
        return expect<wire::DisclosurePlan>(host, question(number, facts));
    }
    wire::RoutingFacts child(std::uint64_t number) { return missing_child(number, now.wall); }
    std::vector<wire::TaskNotice> not_sent(const HostId& host = hub_host) {
        auto all = unasked_of<wire::TaskNotice>(host);
        std::set<TaskId> seen;  // said again each minute
        std::erase_if(all, [&](const auto& one) {
            return one.task.kind != TaskKind::not_sent || !seen.insert(one.task.id).second;
        });
        return all;
    }
    std::string listed(const std::string& argument = {}) {
        return ask_operator(OperatorCommand::Kind::requests, argument);
    }
    static std::size_t count(const std::string& text, const std::string& what) {
        std::size_t n = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
        return n;
    }
    /// The plan's life, the margin, and a tick.
    void let_it_lapse() { advance(std::chrono::minutes(16)); }
};

TEST_F(Requests, WhatWasAskedAndNeverSentIsATaskOfTheFrontDoor) {
    const auto asked_at = now.wall;
    ask(police_host, 1, child(1));
    advance(std::chrono::minutes(14));
    EXPECT_TRUE(not_sent().empty()) << "an agent that is cut off for a moment plans anew";
    advance(std::chrono::minutes(2));
    const auto told = not_sent();
    ASSERT_EQ(told.size(), 1U);
    const auto& notice = told.front();
    EXPECT_EQ(notice.task.owner, seat("hub", "ffd"));
    EXPECT_EQ(notice.task.sender, police);
    EXPECT_EQ(notice.task.agency, police) << "whom to ring: who asked";
    EXPECT_EQ(notice.task.role, RoleId("pol"));
    EXPECT_EQ(notice.task.type, TypeId("missing_episode_started"));
    EXPECT_EQ(notice.task.notification, notification(1));
    EXPECT_EQ(notice.asked_at, asked_at);
    EXPECT_EQ(notice.person, clerk);
    EXPECT_EQ(notice.reason, "manual_entry");
    EXPECT_EQ(std::ranges::count(log, LogEvent::asked_not_sent, &Recorded::event), 1);

    // It is the front door's until somebody has asked, over a restart as well.
    restart();
    for (const auto& host : {hub_host, police_host}) connect(host);
    ASSERT_EQ(not_sent().size(), 1U);
    const auto done = test::answer_task(area, notice.task, TaskOutcome::done, now.wall);
    expect<wire::Done>(hub_host, done);
    advance(std::chrono::hours(30));
    EXPECT_TRUE(not_sent().empty());
    EXPECT_NE(listed("not_sent").find("\"ended\":\"not_sent\""), std::string::npos)
        << "the record stays";
}

TEST_F(Requests, NobodyElseIsToldAndTheTaskAnswersToNobodyElse) {
    ask(police_host, 1, child(1));
    let_it_lapse();
    for (const auto& host : {police_host, care_host, health_host, school_host})
        EXPECT_TRUE(not_sent(host).empty());
    auto task = not_sent().front().task;
    task.owner = seat("health", "urg");
    EXPECT_EQ(refused(health_host, test::answer_task(area, task, TaskOutcome::done, now.wall)),
              ErrorCode::not_found);
}

TEST_F(Requests, AnExcludedFrontDoorIsNotTold) {
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(1), {token(1)},
                                                {InboxId("hub.ffd")}, now.wall));
    ask(police_host, 1, child(1));
    let_it_lapse();
    const auto told = not_sent();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().task.owner, seat("hub", "edt"));
}

TEST_F(Requests, WhatIsSentIsNoTask) {
    send(police_host, notification(1), child(1));
    let_it_lapse();
    EXPECT_TRUE(not_sent().empty());
    EXPECT_EQ(count(listed(), "\"ended\":\"published\""), 1U);
    EXPECT_EQ(count(listed("not_sent"), "\"ended\""), 0U);
}

TEST_F(Requests, WhatIsPlannedAnewAndSentIsNoTask) {
    ask(police_host, 1, child(1));
    advance(std::chrono::minutes(6));
    const auto facts = child(1);
    const auto again = ask(police_host, 1, facts);
    advance(std::chrono::minutes(4));
    publish(police_host, test::seal(area, again, facts, now.wall));
    let_it_lapse();
    EXPECT_TRUE(not_sent().empty());
    const auto all = listed();
    EXPECT_EQ(count(all, "\"ended\":\"asked_again\""), 1U);
    EXPECT_EQ(count(all, "\"ended\":\"published\""), 1U);
}

TEST_F(Requests, WhatIsSentAfterAllClosesItsTask) {
    ask(police_host, 1, child(1));
    let_it_lapse();
    ASSERT_EQ(not_sent().size(), 1U);
    send(police_host, notification(1), child(1));
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 1U);
    advance(std::chrono::hours(25));
    EXPECT_TRUE(not_sent().empty());
    EXPECT_EQ(count(listed("not_sent"), "\"ended\""), 0U);
    EXPECT_EQ(rows("plans_asked"), 2U);
}

TEST_F(Requests, AnotherChildsQuestionUnderAnAcceptedIdIsStillNotSent) {
    send(police_host, notification(1), child(1));
    ask(police_host, 1, child(1));
    let_it_lapse();
    EXPECT_TRUE(not_sent().empty()) << "asked again about what was accepted";
    auto other_thread = child(1);
    other_thread.thread = test::id_of<ThreadId>(7);
    for (const auto& facts : {child(2), other_thread}) {
        const auto before = count(listed("not_sent"), "\"ended\":\"not_sent\"");
        ask(police_host, 1, facts);
        ask(police_host, 1, child(1));
        let_it_lapse();
        EXPECT_EQ(count(listed("not_sent"), "\"ended\":\"not_sent\""), before + 1);
    }
    EXPECT_EQ(not_sent().size(), 1U) << "one task for one id";
}

TEST_F(Requests, WhatIsSentAboutAnotherChildAnswersNoQuestion) {
    ask(police_host, 1, child(2));
    send(police_host, notification(1), child(1));
    let_it_lapse();
    ASSERT_EQ(not_sent().size(), 1U);
    EXPECT_EQ(count(listed("not_sent"), "\"ended\":\"not_sent\""), 1U);

    ask(police_host, 3, child(4));
    let_it_lapse();
    send(police_host, notification(3), child(3));
    EXPECT_TRUE(unasked_of<wire::TaskClosed>(hub_host).empty());
}

TEST_F(Requests, HeldRefusedAndReachingNobodyAreNotTheSameAsNotSent) {
    const auto refused_by_rule = test::facts_about(
        orchard_gate, RoleId("sch"), TypeId("missing_episode_started"), {token(1)}, now.wall);
    expect<wire::DisclosurePlan>(school_host, question(1, refused_by_rule));
    auto nobody = missing_child(2, now.wall, "none_apparent");
    nobody.conflicts_stated = {seat("hub", "edt"), seat("hub", "ffd"), seat("social-care", "mco")};
    ask(police_host, 2, nobody);
    // A service that the family declined: the school's own lead decides first.
    auto held = test::facts_about(orchard_gate, RoleId("sch"), TypeId("safeguarding_referral"),
                                  {token(3)}, now.wall);
    held.level = wire::Level::four;
    held.harm = wire::Harm::none;
    held.purpose = wire::Purpose::request_service;
    held.agreement.status = wire::AgreementStatus::refused;
    held.agreement.giver = wire::Giver::parent_pr;
    const auto waits = ask(school_host, 3, held).decision;
    ASSERT_TRUE(waits.recipients.empty());
    ASSERT_FALSE(waits.held.empty());
    let_it_lapse();
    EXPECT_TRUE(not_sent().empty());
    const auto all = listed();
    EXPECT_EQ(count(all, "\"ended\":\"held\""), 1U);
    EXPECT_EQ(count(all, "\"ended\":\"refused\""), 1U);
    EXPECT_EQ(count(all, "\"ended\":\"nobody\""), 1U);
}

TEST_F(Requests, ARefusedQuestionDoesNotHideAPlanThatWasSeen) {
    ask(police_host, 1, child(1));
    auto not_entitled = child(1);
    not_entitled.type = TypeId("no_such_type");
    expect<wire::DisclosurePlan>(police_host, question(1, not_entitled));
    let_it_lapse();
    EXPECT_EQ(not_sent().size(), 1U);
}

TEST_F(Requests, OneAgencysFloodLeavesTheFrontDoorItsTasksAndTheLogHasAll) {
    for (std::uint64_t n = 1; n <= limits::not_sent_tasks_max + 8; ++n)
        ask(police_host, n, child(n));
    let_it_lapse();
    EXPECT_EQ(not_sent().size(), limits::not_sent_tasks_max);
    EXPECT_EQ(count(listed("not_sent agency=police-wm"), "\"ended\":\"not_sent\""),
              limits::not_sent_tasks_max + 8);
}

TEST_F(Requests, TheLogIsAskedByAgencyAndTimeAndShowsNoTokens) {
    ask(police_host, 1, child(1));
    advance(std::chrono::minutes(1));
    const auto since = now.wall;
    const auto referral = test::facts_about(health, RoleId("urg"), TypeId("safeguarding_referral"),
                                            {token(2)}, now.wall);
    expect<wire::DisclosurePlan>(health_host, question(2, referral, colleague));
    const auto all = listed();
    EXPECT_EQ(count(all, "\"agency\""), 2U);
    EXPECT_LT(all.find("p-colleague"), all.find("p-clerk")) << "newest first";
    EXPECT_NE(all.find("\"all\":true"), std::string::npos);
    EXPECT_EQ(count(listed("agency=health"), "\"agency\""), 1U);
    EXPECT_EQ(count(listed("since=" + to_rfc3339(since)), "\"agency\""), 1U);
    EXPECT_EQ(count(listed("agency=health since=" + to_rfc3339(since) + " not_sent"), "\"agency\""),
              0U);
    EXPECT_EQ(all.find(to_hex(token(1).value)), std::string::npos);
    for (const auto* wrong : {"agency=", "agency=Not A Name", "since=yesterday", "everything"}) {
        bool ok = true;
        const auto answer = ask_operator(OperatorCommand::Kind::requests, wrong, &ok);
        EXPECT_FALSE(ok) << wrong;
        EXPECT_EQ(answer.find("requests"), std::string::npos) << wrong;
    }
}

class RequestsWithinABudget : public Requests {
protected:
    static CoreConfig frugal() {
        CoreConfig config;
        config.plan_requests_of_person_per_minute = 4;
        return config;
    }
    RequestsWithinABudget() : Requests(frugal()) {}
    wire::RoutingFacts calm(std::uint64_t number) {
        return missing_child(number, now.wall, "none_apparent");
    }
};

TEST_F(RequestsWithinABudget, OnePersonIsToldToWaitAndNobodyElseIs) {
    for (std::uint64_t n = 1; n <= 3; ++n) ask(police_host, n, calm(n));
    const auto error = refusal(police_host, question(4, calm(4)));
    EXPECT_EQ(error.code, ErrorCode::busy);
    EXPECT_EQ(error.detail, "person_budget");
    EXPECT_GT(error.retry_after_ms, 0U);
    expect<wire::DisclosurePlan>(police_host, question(5, calm(5), colleague));
    expect<wire::DisclosurePlan>(police_host, question(6, calm(6), PersonId("service")));
    ask(police_host, 7, missing_child(7, now.wall, "high"));
    EXPECT_EQ(refused(police_host, question(8, missing_child(8, now.wall, "high"))),
              ErrorCode::busy)
        << "the quarter for the immediate lane has an end as well";
    now.steady = now.steady + std::chrono::minutes(1);
    now.wall = now.wall + std::chrono::minutes(1);
    ask(police_host, 4, calm(4));
}

TEST_F(RequestsWithinABudget, WhatASystemAsksCountsInItsAgencysBudgetAlone) {
    for (std::uint64_t n = 1; n <= 40; ++n)
        expect<wire::DisclosurePlan>(police_host, question(n, calm(n), PersonId("service")));
    ask(police_host, 41, calm(41));
}

}  // namespace
}  // namespace mash::broker
