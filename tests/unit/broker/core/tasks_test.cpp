#include "broker/core/records.hpp"
#include "common/area/policy.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using wire::Rung;
using wire::TaskKind;
using wire::TaskOutcome;

class Tasks : public BrokerFixture {
protected:
    wire::RoutingFacts referral(std::uint64_t child, const AgencyId& sender = health,
                                const std::string& role = "urg") {
        return test::facts_about(sender, RoleId(role), TypeId("safeguarding_referral"),
                                 {token(child)}, now.wall);
    }
    /// The sender says that telling this team is worse for the child than silence: the sender's
    /// manager decides (E-07).
    wire::RoutingFacts detrimental() {
        auto facts = referral(1, police, "pol");
        facts.detriment = {seat("social-care", "sw")};
        return facts;
    }
    wire::HeldRecipient hold() {
        claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
        const auto held = plan(police_host, notification(1), detrimental()).decision.held;
        EXPECT_EQ(held.size(), 1U);
        return held.empty() ? wire::HeldRecipient{} : held.front();
    }
    std::vector<wire::Task> tasks(const HostId& host) {
        std::vector<wire::Task> out;
        for (auto& notice : unasked_of<wire::TaskNotice>(host))
            out.push_back(std::move(notice.task));
        return out;
    }
};

TEST_F(Tasks, AHeldDecisionWaitsInItsDecidersQueue) {
    const auto held = hold();
    EXPECT_EQ(held.seat, seat("social-care", "sw"));
    const auto open = tasks(police_host);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().kind, TaskKind::held);
    EXPECT_EQ(open.front().owner, held.decider);
    EXPECT_EQ(open.front().rule, held.rule);
    EXPECT_EQ(open.front().due, held.decide_by);
    plan(police_host, notification(1), detrimental());
    EXPECT_TRUE(tasks(police_host).empty()) << "asking again makes no second task";
}

/// A life is at stake: it goes at once (E-04), and somebody looks at it after.
class Reviews : public Tasks {
protected:
    wire::RoutingFacts at_once(std::uint64_t child = 1) {
        auto facts = referral(child, police, "pol");
        facts.vital = true;
        return facts;
    }
    std::vector<wire::Task> reviews(const HostId& host) {
        auto all = tasks(host);
        std::erase_if(all, [](const auto& task) { return task.kind != TaskKind::review; });
        return all;
    }
    const Seat manager = seat("police-wm", "manager");
};

TEST_F(Reviews, AreTheSendersManagersWithinAWorkingDay) {
    send(police_host, notification(1), at_once());
    const auto open = reviews(police_host);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().owner, manager);
    EXPECT_EQ(open.front().rule, "E-04");
    EXPECT_EQ(open.front().role, RoleId("pol"));
    EXPECT_EQ(to_rfc3339(open.front().due), "2027-01-14T17:00:00.000Z");
    EXPECT_TRUE(reviews(hub_host).empty());
    EXPECT_EQ(refused(police_host, test::answer_task(area, open.front(),
                                                     TaskOutcome::told_by_other_means, now.wall)),
              ErrorCode::bad_value);
    expect<wire::Done>(police_host,
                       test::answer_task(area, open.front(), TaskOutcome::done, now.wall));
    advance(std::chrono::hours(72));
    EXPECT_TRUE(reviews(hub_host).empty());
}

TEST_F(Reviews, AreOfWhatWentAtOnceOnly) {
    send(police_host, notification(1), referral(1, police, "pol"));
    EXPECT_TRUE(reviews(police_host).empty());
}

TEST_F(Reviews, GoToTheFrontDoorWhenNobodyAnswers) {
    send(police_host, notification(1), at_once());
    reviews(hub_host);
    advance(std::chrono::hours(72));
    EXPECT_FALSE(reviews(hub_host).empty());
}

TEST_F(Reviews, AreNotForAManagerWhomAConflictKeepsOut) {
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(5), {token(1)},
                                                {InboxId("police-wm.manager")}, now.wall));
    send(police_host, notification(1), at_once());
    const auto open = reviews(police_host);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().owner, seat("police-wm", "pol"));
}

TEST_F(Reviews, LeaveAManagerWhomAConflictKeepsOutLater) {
    send(police_host, notification(1), at_once());
    reviews(police_host);
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(5), {token(1)},
                                                {InboxId("police-wm.manager")}, now.wall));
    const auto open = reviews(police_host);
    ASSERT_FALSE(open.empty());
    EXPECT_EQ(open.back().owner, seat("police-wm", "pol"));
}

TEST_F(Reviews, AreOverWhenWhatWasSharedIsTakenBack) {
    send(police_host, notification(1), at_once());
    reviews(police_host);
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    EXPECT_EQ(unasked_of<wire::TaskClosed>(police_host).size(), 1U);
}

TEST_F(Tasks, AnAuthorisationBecomesAFactOfTheNextPlan) {
    const auto held = hold();
    tasks(police_host);
    const auto allow = test::authorise(area, held.decider, notification(1), police, held.rule,
                                       {held.seat}, true, now.wall);
    expect<wire::Done>(police_host, allow);
    std::size_t forwarded = 0;
    std::size_t closed_tasks = 0;
    for (const auto& frame : unasked(police_host)) {
        if (const auto* authorisation = std::get_if<wire::AuthorisationFrame>(&frame.body)) {
            EXPECT_EQ(*authorisation, allow);
            ++forwarded;
        }
        closed_tasks += std::holds_alternative<wire::TaskClosed>(frame.body) ? 1 : 0;
    }
    EXPECT_EQ(forwarded, 1U);
    EXPECT_EQ(closed_tasks, 1U);
    const auto next = plan(police_host, notification(1), detrimental());
    EXPECT_EQ(next.facts.authorisations.size(), 1U);
    EXPECT_TRUE(recipients(next).contains(InboxId("social-care.sw")));
    EXPECT_TRUE(next.decision.held.empty());
    disconnect(police_host);
    connect(police_host);
    EXPECT_TRUE(unasked_of<wire::AuthorisationFrame>(police_host).empty())
        << "its next plan showed that the sender knows";
}

TEST_F(Tasks, AnAuthorisationIsToldAgainUntilTheSenderAsks) {
    const auto held = hold();
    expect<wire::Done>(police_host, test::authorise(area, held.decider, notification(1), police,
                                                    held.rule, {held.seat}, true, now.wall));
    unasked(police_host);
    advance(std::chrono::minutes(2));
    EXPECT_FALSE(unasked_of<wire::AuthorisationFrame>(police_host).empty());
    disconnect(police_host);
    restart();
    connect(police_host);
    EXPECT_EQ(unasked_of<wire::AuthorisationFrame>(police_host).size(), 1U);
}

TEST_F(Tasks, NobodyElseMayAuthorise) {
    const auto held = hold();
    // A person of another agency, another role of the same one, a rule that holds nothing, a
    // notification nobody asked about.
    EXPECT_EQ(refused(hub_host, test::authorise(area, seat("hub", "ffd"), notification(1), police,
                                                held.rule, {held.seat}, true, now.wall)),
              ErrorCode::not_found);
    EXPECT_EQ(refused(police_host, test::authorise(area, seat("police-wm", "pol"), notification(1),
                                                   police, held.rule, {held.seat}, true, now.wall)),
              ErrorCode::not_found);
    EXPECT_EQ(refused(police_host, test::authorise(area, held.decider, notification(1), police,
                                                   "E-99", {held.seat}, true, now.wall)),
              ErrorCode::not_found);
    EXPECT_EQ(refused(police_host, test::authorise(area, held.decider, notification(2), police,
                                                   held.rule, {held.seat}, true, now.wall)),
              ErrorCode::not_found);
    auto forged = test::authorise(area, held.decider, notification(1), police, held.rule,
                                  {held.seat}, true, now.wall);
    forged.authorisation.signature = crypto::sign(
        area.signing_key(police), wire::label::authorisation, forged.authorisation.body);
    EXPECT_EQ(refused(police_host, forged), ErrorCode::bad_signature)
        << "an agency's key is not a person";
    EXPECT_TRUE(plan(police_host, notification(1), detrimental()).facts.authorisations.empty());
}

TEST_F(Tasks, AHeldTaskIsNotClosedByAnAnswerWithoutAnAuthorisation) {
    hold();
    const auto task = tasks(police_host).front();
    EXPECT_EQ(
        refused(police_host, test::answer_task(area, task, TaskOutcome::authorised, now.wall)),
        ErrorCode::bad_value);
}

TEST_F(Tasks, WhenNobodyHasAKeySomebodyIsRungThoughNothingCanBePublished) {
    area.change_registry(
        [](area::Registry& registry) {
            for (auto& [id, agency] : registry.agencies) {
                for (auto& entry : agency.seats)
                    entry.inbox = InboxId(entry.inbox.value() + "-new");
                for (auto& entry : agency.seats) entry.alternate.reset();
            }
        },
        now.wall);
    load_documents();
    unasked(hub_host);
    const auto agreed = plan(police_host, notification(1), missing_child(1, now.wall));
    ASSERT_FALSE(agreed.decision.recipients.empty());
    EXPECT_TRUE(agreed.facts.certificates.empty());
    const auto open = tasks(hub_host);
    EXPECT_EQ(open.size(), agreed.decision.recipients.size());
    for (const auto& task : open) EXPECT_EQ(task.kind, TaskKind::not_connected);
    plan(police_host, notification(1), missing_child(1, now.wall));
    EXPECT_TRUE(tasks(hub_host).empty()) << "asking again makes no second task";
}

TEST_F(Tasks, ATaskNamesTheSeatItIsAbout) {
    const auto held = hold();
    const auto open = tasks(police_host);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ((Seat{open.front().agency, open.front().role}), held.seat);
}

TEST_F(Tasks, EachAuthorityWithoutAnAgentIsATaskThatNamesIt) {
    auto facts = missing_child(1, now.wall);
    facts.addressed_to = {seat("eastvale", "ola"), seat("southmere", "ola")};
    const auto agreed = plan(police_host, notification(1), facts);
    ASSERT_EQ(agreed.decision.not_connected.size(), 1U) << "one role";
    publish(police_host, test::seal(area, agreed, facts, now.wall));
    const auto open = tasks(hub_host);
    ASSERT_EQ(open.size(), 2U);
    for (const auto& task : open) {
        EXPECT_EQ(task.kind, TaskKind::not_connected);
        EXPECT_EQ(task.role, RoleId("ola"));
        EXPECT_EQ(task.due, agreed.decision.not_connected.front().tell_by);
        expect<wire::Done>(
            hub_host, test::answer_task(area, task, TaskOutcome::told_by_other_means, now.wall));
    }
    EXPECT_NE(open[0].agency, open[1].agency);
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 2U);
    plan(police_host, notification(1), facts);
    EXPECT_TRUE(tasks(hub_host).empty()) << "rung is rung";
}

TEST_F(Tasks, ARoleThatNobodyHasConnectedIsATaskWithANumber) {
    area.change_registry(
        [](area::Registry& registry) {
            auto& care = registry.agencies.at(social_care);
            std::erase_if(care.seats,
                          [](const auto& entry) { return entry.role == RoleId("mco"); });
        },
        now.wall);
    load_documents();
    unasked(hub_host);
    const auto agreed = plan(police_host, notification(1), missing_child(1, now.wall));
    ASSERT_EQ(agreed.decision.not_connected.size(), 1U);
    EXPECT_TRUE(tasks(hub_host).empty()) << "nothing is rung about before anything was accepted";
    publish(police_host, test::seal(area, agreed, missing_child(1, now.wall), now.wall));
    const auto open = tasks(hub_host);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().kind, TaskKind::not_connected);
    EXPECT_EQ(open.front().role, RoleId("mco"));
    EXPECT_TRUE(open.front().agency.empty()) << "no agency of the area has this role";
    EXPECT_EQ(open.front().due, agreed.decision.not_connected.front().tell_by);
    expect<wire::Done>(hub_host, test::answer_task(area, open.front(),
                                                   TaskOutcome::told_by_other_means, now.wall));
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 1U);
    advance(std::chrono::hours(3));
    EXPECT_TRUE(tasks(hub_host).empty());
}

TEST_F(Tasks, AnInboxWithoutAKeyIsATaskAndTheOthersGetTheirs) {
    area.change_registry(
        [](area::Registry& registry) {
            for (auto& entry : registry.agencies.at(social_care).seats) {
                if (entry.role == RoleId("mco")) entry.inbox = InboxId("social-care.mco-new");
            }
        },
        now.wall);
    load_documents();
    unasked(hub_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto frames = unasked(hub_host);
    std::size_t deliveries = 0;
    std::size_t open = 0;
    for (const auto& frame : frames) {
        deliveries += std::holds_alternative<wire::Delivery>(frame.body) ? 1 : 0;
        if (const auto* notice = std::get_if<wire::TaskNotice>(&frame.body)) {
            EXPECT_EQ(notice->task.role, RoleId("mco"));
            ++open;
        }
    }
    EXPECT_EQ(deliveries, 1U);
    EXPECT_EQ(open, 1U);
}

TEST_F(Tasks, TheInvolvedWhomASenderMayNotKnowArePassedOnByTheFrontDoor) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    unasked(hub_host);
    const auto facts = referral(1);
    const auto agreed = plan(health_host, notification(1), facts);
    EXPECT_TRUE(agreed.facts.claims.empty());
    EXPECT_FALSE(recipients(agreed).contains(InboxId("social-care.sw")));
    publish(health_host, test::seal(area, agreed, facts, now.wall));
    const auto open = tasks(hub_host);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().kind, TaskKind::pass_on);
    EXPECT_EQ(open.front().role, RoleId("sw"));
    for (const auto& host : {health_host, care_host}) EXPECT_TRUE(tasks(host).empty());
}

TEST_F(Tasks, NobodyAnswersOrLearnsOfAnotherSeatsTask) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    unasked(hub_host);
    send(health_host, notification(1), referral(1));
    auto task = tasks(hub_host).front();
    auto stolen = task;
    stolen.owner = seat("police-wm", "pol");
    const auto known =
        refusal(police_host, test::answer_task(area, stolen, TaskOutcome::done, now.wall));
    stolen.id = test::id_of<TaskId>(404);
    const auto unknown =
        refusal(police_host, test::answer_task(area, stolen, TaskOutcome::done, now.wall));
    EXPECT_EQ(known.code, ErrorCode::not_found);
    EXPECT_EQ(known, unknown);
    expect<wire::Done>(hub_host, test::answer_task(area, task, TaskOutcome::done, now.wall));
    expect<wire::Done>(hub_host, test::answer_task(area, task, TaskOutcome::done, now.wall));
}

TEST_F(Tasks, AnOverdueTaskGetsLouderAndIsNeverDropped) {
    const auto held = hold();
    const auto task = tasks(police_host).front();
    send(police_host, notification(1), detrimental());
    unasked(hub_host);
    log.clear();
    advance((task.due - now.wall) + std::chrono::minutes(2));
    const auto at_hub = tasks(hub_host);
    ASSERT_FALSE(at_hub.empty()) << "the front door hears of it";
    EXPECT_EQ(at_hub.front().kind, TaskKind::not_connected) << "it rings the decider";
    EXPECT_EQ(at_hub.front().role, task.owner.role);
    EXPECT_EQ(refused(hub_host, test::authorise(area, seat("hub", "ffd"), notification(1), police,
                                                task.rule, {held.seat}, true, now.wall)),
              ErrorCode::not_found)
        << "its own signature would count in no plan";
    EXPECT_FALSE(tasks(police_host).empty()) << "and its decider again";
    const auto overdue = [&] {
        return std::ranges::count_if(
            log, [](const Recorded& recorded) { return recorded.event == LogEvent::task_overdue; });
    };
    const auto first = overdue();
    EXPECT_EQ(first, 1);
    advance(std::chrono::hours(24 * 30));
    EXPECT_GT(overdue(), 100);
    EXPECT_NE(ask_operator(OperatorCommand::Kind::tasks).find(to_text(task.id)), std::string::npos);
    expect<wire::Done>(police_host, test::authorise(area, task.owner, notification(1), police,
                                                    task.rule, {held.seat}, false, now.wall));
    expect<wire::Done>(hub_host, test::answer_task(area, at_hub.front(),
                                                   TaskOutcome::told_by_other_means, now.wall));
    EXPECT_EQ(ask_operator(OperatorCommand::Kind::tasks), "{\"tasks\":[]}");
}

TEST_F(Tasks, OpenTasksAreToldToAHostThatConnects) {
    disconnect(hub_host);
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    send(health_host, notification(1), referral(1));
    restart();
    connect(hub_host);
    EXPECT_EQ(tasks(hub_host).size(), 1U);
}

// ---- a conflict that the sender states ----

TEST_F(Tasks, AboutASeatWhoseCopyIsTakenBackIsAskedNoMore) {
    hold();
    EXPECT_EQ(tasks(police_host).size(), 1U);
    const auto take_back =
        test::recall(area, police, notification(1), now.wall, InboxId("social-care.sw"));
    expect<wire::Done>(police_host, take_back);
    EXPECT_EQ(unasked_of<wire::TaskClosed>(police_host).size(), 1U) << "before anything was sent";
    send(police_host, notification(1), detrimental());
    EXPECT_TRUE(tasks(police_host).empty()) << "a later plan holds it again, and asks nobody";
    EXPECT_TRUE(unasked_of<wire::RecallNotice>(police_host).empty());
}

TEST_F(Tasks, AboutAnotherSeatGoOn) {
    hold();
    tasks(police_host);
    expect<wire::Done>(police_host,
                       test::recall(area, police, notification(1), now.wall, InboxId("hub.ffd")));
    EXPECT_TRUE(unasked_of<wire::TaskClosed>(police_host).empty());
}

class StatedConflicts : public Tasks {
protected:
    StatedConflicts() { without({"lado"}); }
    void without(const std::set<std::string>& roles) {
        area.change_registry(
            [&](area::Registry& registry) {
                std::erase_if(registry.agencies.at(hub).seats, [&](const auto& entry) {
                    return roles.contains(entry.role.value());
                });
            },
            now.wall);
        load_documents();
        unasked(hub_host);
    }
    wire::RoutingFacts allegation(std::vector<Seat> conflicted) {
        auto facts =
            test::facts_about(orchard_gate, RoleId("sch"),
                              TypeId("allegation_against_professional"), {token(1)}, now.wall);
        facts.conflicts_stated = std::move(conflicted);
        return facts;
    }
    /// Nobody is connected whom it could be sealed to: its gap opens with the plan.
    std::vector<wire::Task> tasks_of_allegation(std::vector<Seat> conflicted) {
        const auto agreed = plan(school_host, notification(1), allegation(std::move(conflicted)));
        EXPECT_TRUE(agreed.decision.recipients.empty());
        return tasks(hub_host);
    }
    std::size_t logged(LogEvent event) const {
        return static_cast<std::size_t>(std::ranges::count(log, event, &Recorded::event));
    }
    const Seat front_door = seat("hub", "ffd");
    const Seat emergency = seat("hub", "edt");
};

TEST_F(StatedConflicts, GiveNoTaskToTheDeskTheyName) {
    const auto open = tasks_of_allegation({front_door});
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().kind, TaskKind::not_connected);
    EXPECT_EQ(open.front().role, RoleId("lado"));
    EXPECT_EQ(open.front().owner, emergency);
    restart();
    for (const auto& host : {hub_host, school_host}) connect(host);
    advance((open.front().due - now.wall) + std::chrono::hours(48));
    for (const auto& task : tasks(hub_host)) EXPECT_EQ(task.owner, emergency) << "by day as well";
}

TEST_F(StatedConflicts, WithoutOneTheDeskOnDutyHasIt) {
    const auto open = tasks_of_allegation({});
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().owner, front_door);
}

TEST_F(StatedConflicts, OfBothDesksLeaveTheTaskWithoutAnOwnerAndTheLogSaysSo) {
    log.clear();
    EXPECT_TRUE(tasks_of_allegation({emergency, front_door}).empty());
    EXPECT_GE(logged(LogEvent::not_connected), 1U);
    log.clear();
    advance(std::chrono::hours(30));
    EXPECT_TRUE(tasks(hub_host).empty()) << "not when it is late either";
    EXPECT_GE(logged(LogEvent::task_overdue), 1U) << "and it is not forgotten";
}

TEST_F(StatedConflicts, KeepWhatIsPassedOnFromTheDesk) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    auto facts = referral(1);
    facts.conflicts_stated = {front_door};
    send(health_host, notification(1), facts);
    restart();
    connect(hub_host);
    const auto open = tasks(hub_host);
    const auto passed = std::ranges::find(open, TaskKind::pass_on, &wire::Task::kind);
    ASSERT_NE(passed, open.end());
    EXPECT_EQ(passed->owner, emergency);
}

TEST_F(StatedConflicts, StatedInALaterPlanMoveTheTaskThatIsOpen) {
    ASSERT_EQ(tasks_of_allegation({}).size(), 1U);
    const auto moved = tasks_of_allegation({front_door});
    ASSERT_EQ(moved.size(), 1U);
    EXPECT_EQ(moved.front().owner, emergency);
    log.clear();
    EXPECT_TRUE(tasks_of_allegation({emergency, front_door}).empty());
    EXPECT_GE(logged(LogEvent::not_connected), 1U) << "nobody is left to do it";
}

// ---- recall ----

class Recalling : public BrokerFixture {
protected:
    Recalling() {
        disconnect(care_host);
        send(police_host, notification(1), missing_child(1, now.wall));
        to_hub = unasked_of<wire::Delivery>(hub_host).front();
        confirm(hub_host, to_hub, Rung::stored);
        unasked(police_host);
    }
    wire::Receipts confirmation(const wire::RecallNotice& notice) {
        return test::receipt(area, notice.seat.agency, police,
                             {{notification(1), notice.seat, Rung::recalled, now.wall, ""}},
                             {notice.delivery});
    }
    /// The sender was told of one confirmation, and the hub is not asked again, after a restart
    /// either.
    void expect_confirmed_once() {
        const auto told = rungs_told(police_host);
        ASSERT_EQ(told.size(), 1U);
        EXPECT_EQ(told.front().rung, Rung::recalled);
        restart();
        connect(hub_host);
        advance(std::chrono::minutes(3));
        EXPECT_TRUE(unasked_of<wire::RecallNotice>(hub_host).empty());
    }
    wire::Delivery to_hub;
};

TEST_F(Recalling, StopsWhatIsPendingAndTellsEveryInboxDeliveredOrStandingBy) {
    const auto recall = test::recall(area, police, notification(1), now.wall);
    expect<wire::Done>(police_host, recall);
    std::map<InboxId, wire::RecallNotice> at_hub;
    for (const auto& notice : unasked_of<wire::RecallNotice>(hub_host))
        at_hub.emplace(notice.inbox, notice);
    ASSERT_TRUE(at_hub.contains(InboxId("hub.ffd")));
    ASSERT_TRUE(at_hub.contains(InboxId("hub.edt")));
    EXPECT_EQ(at_hub.at(InboxId("hub.ffd")).delivery, to_hub.id);
    EXPECT_TRUE(at_hub.at(InboxId("hub.edt")).delivery.is_zero())
        << "nothing of it was ever delivered there";
    EXPECT_EQ(at_hub.at(InboxId("hub.ffd")).body, recall.body);
    EXPECT_EQ(at_hub.at(InboxId("hub.ffd")).signature, recall.signature);
    connect(care_host);
    EXPECT_TRUE(unasked_of<wire::Delivery>(care_host).empty());
    EXPECT_EQ(rows("queue"), 0U);
}

TEST_F(Recalling, AsksUntilEachHasConfirmed) {
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    unasked(hub_host);
    advance(std::chrono::minutes(3));
    std::map<InboxId, wire::RecallNotice> at_hub;
    for (const auto& notice : unasked_of<wire::RecallNotice>(hub_host))
        at_hub.insert_or_assign(notice.inbox, notice);
    ASSERT_EQ(at_hub.size(), 2U);
    rungs_told(police_host);
    expect<wire::ReceiptsAck>(hub_host, confirmation(at_hub.at(InboxId("hub.edt"))));
    EXPECT_TRUE(rungs_told(police_host).empty())
        << "a standby that held nothing confirms nothing to the sender";
    expect<wire::ReceiptsAck>(hub_host, confirmation(at_hub.at(InboxId("hub.ffd"))));
    expect_confirmed_once();
}

TEST_F(Recalling, IsTheOriginalSendersAlone) {
    // The hub's own notification of that number is another, and not known here.
    expect<wire::Done>(hub_host, test::recall(area, hub, notification(1), now.wall));
    auto theirs = test::recall(area, police, notification(1), now.wall);
    theirs.signature = crypto::sign(area.signing_key(hub), wire::label::recall, theirs.body);
    EXPECT_EQ(refused(hub_host, theirs), ErrorCode::bad_signature);
    EXPECT_TRUE(unasked_of<wire::RecallNotice>(hub_host).empty());
}

TEST_F(Recalling, ThatOvertakesItsNotificationShowsItToNobody) {
    expect<wire::Done>(police_host, test::recall(area, police, notification(2), now.wall));
    EXPECT_TRUE(unasked_of<wire::RecallNotice>(hub_host).empty()) << "whom, nobody knows yet";
    restart();
    for (const auto& host : {police_host, hub_host, health_host}) connect(host);
    unasked(hub_host);
    const auto waiting = rows("queue");
    send(police_host, notification(2), missing_child(2, now.wall));
    for (const auto& delivery : unasked_of<wire::Delivery>(health_host))
        EXPECT_NE(statement(delivery).id, notification(2));
    // The hub may hold it from before the broker's store was put back: it is told at once.
    std::set<InboxId> told;
    for (const auto& frame : unasked(hub_host)) {
        if (const auto* delivery = std::get_if<wire::Delivery>(&frame.body)) {
            EXPECT_NE(statement(*delivery).id, notification(2));
        }
        if (const auto* notice = std::get_if<wire::RecallNotice>(&frame.body))
            told.insert(notice->inbox);
    }
    EXPECT_EQ(told, (std::set{InboxId("hub.edt"), InboxId("hub.ffd")}));
    EXPECT_EQ(rows("queue"), waiting);
}

TEST_F(Recalling, OfWhatNeverComesIsForgottenAfterThirtyDays) {
    expect<wire::Done>(police_host, test::recall(area, police, notification(2), now.wall));
    expect<wire::Done>(police_host, test::recall(area, police, notification(2), now.wall));
    const auto is_kept = [&] {
        const auto view = store.view();
        return tables::recalls.contains(*view, {police, notification(2)});
    };
    advance(std::chrono::hours(24 * 29));
    EXPECT_TRUE(is_kept());
    advance(std::chrono::hours(24 * 2));
    EXPECT_FALSE(is_kept());
}

TEST_F(Recalling, LeavesNobodyWithATask) {
    area.change_registry(
        [](area::Registry& registry) {
            std::erase_if(registry.agencies.at(social_care).seats,
                          [](const auto& own) { return own.role == RoleId("mco"); });
        },
        now.wall);
    load_documents();
    send(police_host, notification(2), missing_child(2, now.wall));
    std::vector<TaskId> opened;
    for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host)) {
        if (notice.task.notification == notification(2)) opened.push_back(notice.task.id);
    }
    ASSERT_EQ(opened.size(), 1U) << "somebody must ring the missing children officers";
    expect<wire::Done>(police_host, test::recall(area, police, notification(2), now.wall));
    const auto told = unasked_of<wire::TaskClosed>(hub_host);
    ASSERT_EQ(told.size(), 1U) << "about a wrong child nobody rings";
    EXPECT_EQ(told.front().task, opened.front());
}

TEST_F(Recalling, ReleasesNothingAfterwards) {
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    bool ok = true;
    ask_operator(OperatorCommand::Kind::release_standby, "police-wm/" + to_text(notification(1)),
                 &ok);
    EXPECT_FALSE(ok);
    advance(std::chrono::hours(10));
    disconnect(hub_host);
    connect(hub_host, 2);
    EXPECT_TRUE(unasked_of<wire::Delivery>(hub_host).empty())
        << "not by hours, not for a restored agent";
}

TEST_F(Recalling, IsRepeatedToAnAgentThatWasRestored) {
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    for (const auto& notice : unasked_of<wire::RecallNotice>(hub_host))
        expect<wire::ReceiptsAck>(hub_host, confirmation(notice));
    disconnect(hub_host);
    connect(hub_host, 2);
    const auto again = unasked_of<wire::RecallNotice>(hub_host);
    ASSERT_EQ(again.size(), 1U) << "its backup may hold the item";
    EXPECT_EQ(again.front().inbox, InboxId("hub.ffd"));
}

TEST_F(Recalling, LetsTheContentGoWhenAllHaveConfirmed) {
    unasked(health_host);
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    for (const auto& host : {hub_host, health_host}) {
        for (const auto& notice : unasked_of<wire::RecallNotice>(host))
            expect<wire::ReceiptsAck>(host, confirmation(notice));
    }
    connect(care_host);
    for (const auto& notice : unasked_of<wire::RecallNotice>(care_host))
        expect<wire::ReceiptsAck>(care_host, confirmation(notice));
    advance(std::chrono::hours(24 * 31));
    EXPECT_EQ(rows("content"), 0U);
    EXPECT_EQ(rows("notifications"), 1U);
}

// ---- recall of one copy ----

class RecallingACopy : public Recalling {
protected:
    void recall(const InboxId& inbox, std::uint64_t number = 1) {
        expect<wire::Done>(police_host,
                           test::recall(area, police, notification(number), now.wall, inbox));
    }
    struct Heard {
        std::vector<NotificationId> delivered;
        std::size_t recalled = 0;
    };
    Heard at(const HostId& host) {
        Heard heard;
        for (const auto& frame : unasked(host)) {
            if (const auto* delivery = std::get_if<wire::Delivery>(&frame.body))
                heard.delivered.push_back(statement(*delivery).id);
            if (std::holds_alternative<wire::RecallNotice>(frame.body)) ++heard.recalled;
        }
        return heard;
    }
    std::vector<NotificationId> delivered(const HostId& host) { return at(host).delivered; }
    const InboxId front_door{"hub.ffd"};
};

TEST_F(RecallingACopy, DisturbsNobodyElse) {
    unasked(health_host);
    const auto frame = test::recall(area, police, notification(1), now.wall, front_door);
    expect<wire::Done>(police_host, frame);
    const auto notices = unasked_of<wire::RecallNotice>(hub_host);
    ASSERT_EQ(notices.size(), 1U) << "not who stands by either: of that nobody asked";
    EXPECT_EQ(notices.front().inbox, front_door);
    EXPECT_EQ(notices.front().delivery, to_hub.id);
    EXPECT_EQ(notices.front().body, frame.body);
    EXPECT_TRUE(unasked(health_host).empty());
    connect(care_host);
    const auto heard = at(care_host);
    EXPECT_EQ(heard.delivered, std::vector{notification(1)});
    EXPECT_EQ(heard.recalled, 0U);
}

TEST_F(RecallingACopy, IsConfirmedAndOnlyByWhoWasAsked) {
    recall(front_door);
    const auto notices = unasked_of<wire::RecallNotice>(hub_host);
    ASSERT_EQ(notices.size(), 1U);
    rungs_told(police_host);
    const auto at_health = unasked_of<wire::Delivery>(health_host);
    ASSERT_FALSE(at_health.empty());
    confirm(health_host, at_health.front(), Rung::recalled);
    EXPECT_TRUE(rungs_told(police_host).empty()) << "nobody asked for that copy";
    expect<wire::ReceiptsAck>(hub_host, confirmation(notices.front()));
    expect_confirmed_once();
}

TEST_F(RecallingACopy, StopsOneThatIsStillOnItsWay) {
    const auto waiting = rows("queue");
    recall(InboxId("social-care.mco"));
    EXPECT_LT(rows("queue"), waiting);
    connect(care_host);
    const auto heard = at(care_host);
    EXPECT_TRUE(heard.delivered.empty());
    EXPECT_EQ(heard.recalled, 1U);
}

TEST_F(RecallingACopy, OfOneThatNeverHadItIsAnsweredAlikeAndTellsNobody) {
    for (const auto* inbox : {"teme-meadow.sch", "nobody.at-all"}) recall(InboxId(inbox));
    for (const auto& host : {hub_host, health_host, school_host})
        EXPECT_TRUE(unasked_of<wire::RecallNotice>(host).empty());
    connect(care_host);
    EXPECT_EQ(delivered(care_host), std::vector{notification(1)});
    const auto view = store.view();
    EXPECT_FALSE(tables::recalls_of_copies.contains(
        *view, {{police, notification(1)}, InboxId("nobody.at-all")}))
        << "what names no inbox takes no place";
}

TEST_F(RecallingACopy, ThatOvertakesItsNotificationKeepsItFromThatInboxOnly) {
    recall(front_door, 2);
    unasked(health_host);
    connect(care_host);
    unasked(care_host);
    send(police_host, notification(2), missing_child(2, now.wall));
    EXPECT_TRUE(delivered(hub_host).empty());
    EXPECT_EQ(delivered(care_host), std::vector{notification(2)});
    EXPECT_TRUE(tables::recalls_ahead.collect(*store.view(), {}).empty());
}

TEST_F(RecallingACopy, OfWhatNeverComesIsForgottenAfterThirtyDays) {
    recall(front_door, 2);
    const auto kept = [&] { return rows("recalls_of_copies"); };
    advance(std::chrono::hours(24 * 29));
    EXPECT_EQ(kept(), 1U);
    advance(std::chrono::hours(24 * 2));
    EXPECT_EQ(kept(), 0U);
    EXPECT_TRUE(tables::recalls_ahead.collect(*store.view(), {}).empty());
}

TEST_F(RecallingACopy, IsRepeatedToAnAgentThatWasRestored) {
    recall(front_door);
    for (const auto& notice : unasked_of<wire::RecallNotice>(hub_host))
        expect<wire::ReceiptsAck>(hub_host, confirmation(notice));
    disconnect(hub_host);
    connect(hub_host, 2);
    const auto frames = unasked(hub_host);
    std::size_t notices = 0;
    for (const auto& frame : frames) {
        EXPECT_FALSE(std::holds_alternative<wire::Delivery>(frame.body)) << "it is gone";
        if (std::holds_alternative<wire::RecallNotice>(frame.body)) ++notices;
    }
    EXPECT_EQ(notices, 1U) << "its backup may hold it";
}

TEST_F(RecallingACopy, DoesNotStandBeforeARecallOfTheWhole) {
    recall(front_door);
    for (const auto& notice : unasked_of<wire::RecallNotice>(hub_host))
        expect<wire::ReceiptsAck>(hub_host, confirmation(notice));
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    const auto again = unasked_of<wire::RecallNotice>(hub_host);
    EXPECT_EQ(std::ranges::count(again, front_door, &wire::RecallNotice::inbox), 0);
    connect(care_host);
    EXPECT_TRUE(delivered(care_host).empty());
}

/// An answer that police asked for and that its sender believes would harm the child; whoever would
/// decide there is in the conflict, so the front door does, and the row tells it nothing else.
class ShownToDecide : public BrokerFixture {
protected:
    ShownToDecide() {
        facts = test::facts_about(orchard_gate, RoleId("sch"), TypeId("information_response"),
                                  {token(1)}, now.wall);
        facts.level = wire::Level::three;
        facts.harm = wire::Harm::none;
        facts.purpose = wire::Purpose::inform_function;
        facts.agreement.status = wire::AgreementStatus::not_sought;
        facts.agreement.not_sought_reason = wire::NotSoughtReason::risk_to_child;
        facts.addressed_to = facts.detriment = {seat("police-wm", "pol")};
        facts.conflicts_stated = {seat("orchard-gate", "sch2")};
        facts.thread = test::id_of<ThreadId>(40);
    }
    wire::HeldRecipient send_it() {
        const auto asked = plan(school_host, notification(1), facts);
        EXPECT_EQ(recipients(asked), std::set{InboxId("hub.ffd")});
        publish(school_host, test::seal(area, asked, facts, now.wall));
        return asked.decision.held.at(0);
    }
    void answer(const wire::HeldRecipient& held, bool allow) {
        expect<wire::Done>(
            hub_host, test::authorise(area, held.decider, notification(1), orchard_gate, held.rule,
                                      {held.seat}, allow, now.wall));
    }
    wire::RoutingFacts facts;
};

TEST_F(ShownToDecide, ReadsItUntilItIsDecidedAndNotAgainFromABackup) {
    const auto held = send_it();
    const auto deliveries = unasked_of<wire::Delivery>(hub_host);
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(statement(deliveries[0]).route, area::decider_route);
    EXPECT_FALSE(statement(deliveries[0]).act);
    EXPECT_TRUE(unasked_of<wire::Delivery>(police_host).empty());
    confirm(hub_host, deliveries[0], Rung::stored);
    answer(held, false);
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 1U);
    disconnect(hub_host);
    connect(hub_host, 2);
    std::size_t closed_again = 0;
    for (const auto& frame : unasked(hub_host)) {
        EXPECT_FALSE(std::holds_alternative<wire::Delivery>(frame.body));
        closed_again += std::holds_alternative<wire::TaskClosed>(frame.body) ? 1 : 0;
    }
    EXPECT_EQ(closed_again, 1U) << "what the backup brought back goes once more";
}

TEST_F(ShownToDecide, IsNotBroughtWhatNobodyAsksAnyMore) {
    disconnect(hub_host);
    send_it();
    facts.detriment.clear();
    facts.agreement.status = wire::AgreementStatus::refused;
    facts.agreement.giver = wire::Giver::parent_pr;
    const auto now_refused = plan(school_host, notification(1), facts);
    EXPECT_TRUE(now_refused.decision.held.empty());
    connect(hub_host);
    EXPECT_TRUE(unasked_of<wire::Delivery>(hub_host).empty());
}

TEST_F(ShownToDecide, AQuestionAskedAgainIsANewOne) {
    send_it();
    unasked(hub_host);
    const auto asked = facts;
    facts.detriment.clear();
    facts.agreement.status = wire::AgreementStatus::refused;
    facts.agreement.giver = wire::Giver::parent_pr;
    plan(school_host, notification(1), facts);
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 1U);
    plan(school_host, notification(1), asked);
    EXPECT_EQ(unasked_of<wire::TaskNotice>(hub_host).size(), 1U);
}

TEST_F(ShownToDecide, WhatMayStillBeAllowedIsKept) {
    const auto held = send_it();
    confirm(hub_host, unasked_of<wire::Delivery>(hub_host).at(0), Rung::stored);
    advance(std::chrono::hours(24 * 40));
    EXPECT_EQ(rows("content"), 1U);
    answer(held, false);
    advance(std::chrono::hours(24 * 31));
    EXPECT_EQ(rows("content"), 0U);
}

TEST_F(ShownToDecide, IsNobodyOfTheThread) {
    send_it();
    facts.thread_seats = {seat("hub", "ffd")};
    EXPECT_TRUE(plan(school_host, notification(2), facts).facts.thread_seats.empty());
}

}  // namespace
}  // namespace mash::broker
