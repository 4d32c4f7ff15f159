// Whoever was told by telephone has no agent that hears that it was wrong, taken back or is not to
// be used any more: somebody rings once more, by a clock.
#include <algorithm>

#include "broker/core/records.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::token;
using wire::TaskKind;
using wire::TaskOutcome;

class RingAgain : public BrokerFixture {
protected:
    void nobody_is_connected_as(const std::string& role) {
        area.change_registry(
            [&](mash::area::Registry& registry) {
                for (auto& [id, agency] : registry.agencies) {
                    std::erase_if(agency.seats,
                                  [&](const auto& entry) { return entry.role == RoleId(role); });
                }
            },
            now.wall);
        load_documents();
        unasked(hub_host);
    }
    std::vector<wire::Task> asked() {
        std::vector<wire::Task> out;
        for (auto& notice : unasked_of<wire::TaskNotice>(hub_host))
            out.push_back(std::move(notice.task));
        return out;
    }
    void answer(const wire::Task& task, TaskOutcome outcome = TaskOutcome::told_by_other_means) {
        expect<wire::Done>(hub_host, test::answer_task(area, task, outcome, now.wall));
    }
    /// The one that was asked about, answered.
    wire::Task told() {
        const auto open = asked();
        EXPECT_EQ(open.size(), 1U);
        if (open.size() != 1) return {};
        answer(open.front());
        unasked(hub_host);
        return open.front();
    }
    /// As the person wrote it down, at that time, whatever happened to the task since.
    void answer_late(const wire::Task& task, WallTime at) {
        const auto view = store.view();
        const auto record = tables::tasks.get(*view, task.id);
        ASSERT_TRUE(record);  // its owner may be the other half of the day by now
        expect<wire::Done>(
            hub_host, test::answer_task(area, record->task, TaskOutcome::told_by_other_means, at));
    }
    /// A missing child, with nobody as Missing Children Officers, whom nobody has rung yet.
    wire::Task missing_and_not_told() {
        nobody_is_connected_as("mco");
        send(police_host, notification(1), missing_child(1));
        const auto open = asked();
        EXPECT_EQ(open.size(), 1U);
        return open.empty() ? wire::Task{} : open.front();
    }
    std::size_t open_tasks() {
        std::size_t open = 0;
        const auto view = store.view();
        for (const auto& [id, record] : tables::tasks.collect(*view, {}))
            open += record.closed ? 0 : 1;
        return open;
    }
    /// A missing child, with nobody as Missing Children Officers: they are rung, and told.
    wire::Task missing_and_told() {
        nobody_is_connected_as("mco");
        send(police_host, notification(1), missing_child(1));
        return told();
    }
    wire::RoutingFacts missing_child(std::uint64_t child) {
        return test::missing_child(child, now.wall);
    }
    void recall(const InboxId& inbox = {}) {
        expect<wire::Done>(police_host,
                           test::recall(area, police, notification(1), now.wall, inbox));
    }
    wire::RoutingFacts correction(std::uint64_t wrong) {
        auto facts = missing_child(1);
        facts.type = TypeId("correction");
        facts.kind = "missing_episode_started";
        facts.thread = ThreadId(notification(1).value());
        facts.supersedes = notification(wrong);
        facts.thread_seats = {seat("hub", "ffd")};
        return facts;
    }
    wire::RoutingFacts agreed_need() {
        auto facts = test::facts_about(orchard_gate, RoleId("sch"), TypeId("safeguarding_referral"),
                                       {token(1)}, now.wall);
        facts.level = wire::Level::four;
        facts.harm = wire::Harm::none;
        facts.purpose = wire::Purpose::request_service;
        facts.agreement.status = wire::AgreementStatus::given;
        facts.agreement.giver = wire::Giver::parent_pr;
        facts.agreement.named_agencies = {hub};
        facts.agreement.purpose = wire::Purpose::request_service;
        facts.markers = {"crime_suspected"};
        return facts;
    }
    void withdraw() {
        wire::WithdrawalBody body;
        body.notification = notification(1);
        body.sender = orchard_gate;
        body.agreement = test::id_of<AgreementId>(1);
        body.person = PersonId("p-lead");
        body.at = now.wall;
        body.confirm_by = now.wall + std::chrono::hours(24);
        wire::WithdrawAgreement frame;
        frame.body = wire::encode_body(body);
        frame.signature =
            crypto::sign(area.signing_key(orchard_gate), wire::label::withdrawal, frame.body);
        expect<wire::Done>(school_host, frame);
    }
    // Of the reference policy; 17:00 on Thursday.
    const std::chrono::hours recall_time{4};
    const WallTime end_of_tomorrow = test::working_morning + std::chrono::hours(31);
};

TEST_F(RingAgain, WhatIsTakenBackIsToldToWhoeverWasRung) {
    const auto first = missing_and_told();
    ASSERT_EQ(first.role, RoleId("mco"));
    recall();
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].kind, TaskKind::not_connected);
    EXPECT_EQ(open[0].rule, "K3");
    EXPECT_EQ(open[0].role, RoleId("mco"));
    EXPECT_EQ(open[0].notification, notification(1));
    EXPECT_NE(open[0].id, first.id);
    EXPECT_EQ(open[0].due, now.wall + recall_time);
    answer(open[0]);
    recall();
    EXPECT_EQ(open_tasks(), 0U) << "rung is rung";
}

TEST_F(RingAgain, WhoeverWasNotRungYetIsNotRungAtAll) {
    nobody_is_connected_as("mco");
    send(police_host, notification(1), missing_child(1));
    ASSERT_EQ(asked().size(), 1U);
    recall();
    EXPECT_TRUE(asked().empty());
    EXPECT_EQ(open_tasks(), 0U);
}

TEST_F(RingAgain, NobodyAnsweringTheTaskGetsLouder) {
    missing_and_told();
    recall();
    ASSERT_EQ(asked().size(), 1U);
    advance(recall_time + std::chrono::minutes(2));
    EXPECT_FALSE(asked().empty());
    EXPECT_EQ(open_tasks(), 1U);
}

TEST_F(RingAgain, AnotherAuthorityWithoutAnAgentIsNamed) {
    auto facts = missing_child(1);
    facts.addressed_to = {seat("southmere", "ola")};
    send(police_host, notification(1), facts);
    told();
    recall();
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].agency, AgencyId("southmere"));
    EXPECT_EQ(open[0].rule, "K3");
}

TEST_F(RingAgain, OfOneCopyOnlyWhoeverWasRungForItsInbox) {
    const InboxId officers{"social-care.mco-new"};
    area.change_registry(
        [&](mash::area::Registry& registry) {
            for (auto& entry : registry.agencies.at(social_care).seats) {
                if (entry.role == RoleId("mco")) entry.inbox = officers;
            }
        },
        now.wall);
    load_documents();
    unasked(hub_host);
    auto facts = missing_child(1);
    facts.addressed_to = {seat("southmere", "ola")};
    send(police_host, notification(1), facts);
    for (const auto& task : asked()) answer(task);
    unasked(hub_host);
    recall(InboxId("hub.ffd"));
    EXPECT_TRUE(asked().empty()) << "neither of them was told as the front door";
    recall(officers);
    auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].role, RoleId("mco"));
    recall();
    open = asked();
    ASSERT_EQ(open.size(), 1U) << "and of the whole the other one";
    EXPECT_EQ(open[0].agency, AgencyId("southmere"));
    EXPECT_EQ(open_tasks(), 2U) << "the first is still to be rung";
}

TEST_F(RingAgain, WhatIsPutRightIsToldToWhoeverWasRung) {
    missing_and_told();
    send(police_host, notification(2), correction(1));
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].rule, "K2");
    EXPECT_EQ(open[0].role, RoleId("mco"));
    EXPECT_EQ(open[0].notification, notification(2)) << "what is right stands there";
    EXPECT_GT(open[0].due, now.wall);
    EXPECT_LE(open[0].due, end_of_tomorrow);
}

TEST_F(RingAgain, OnlyTheLatestCorrectionIsRungAbout) {
    missing_and_told();
    send(police_host, notification(2), correction(1));
    ASSERT_EQ(asked().size(), 1U);
    send(police_host, notification(3), correction(2));
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].notification, notification(3));
    EXPECT_EQ(open_tasks(), 1U);
    answer(open[0]);
    unasked(hub_host);
    send(police_host, notification(4), correction(3));
    EXPECT_EQ(asked().size(), 1U) << "whoever was told of a correction was told";
}

TEST_F(RingAgain, AnUpdateOfTheEpisodeIsNoCorrection) {
    nobody_is_connected_as("mco");
    auto facts = missing_child(1);
    facts.addressed_to = {seat("southmere", "ola")};
    send(police_host, notification(1), facts);
    for (const auto& task : asked()) answer(task);
    unasked(hub_host);
    auto update = missing_child(1);
    update.type = TypeId("missing_episode_updated");
    update.kind = "information";
    update.thread = ThreadId(notification(1).value());
    update.thread_seats = {seat("hub", "ffd")};
    send(police_host, notification(2), update);
    for (const auto& task : asked()) EXPECT_EQ(task.rule, "") << "a gap of its own row";
}

TEST_F(RingAgain, WhatTheFamilyTookBackIsToldToWhoeverWasRung) {
    nobody_is_connected_as("pol");
    send(school_host, notification(1), agreed_need());
    const auto first = told();
    ASSERT_EQ(first.role, RoleId("pol"));
    withdraw();
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].rule, "K1");
    EXPECT_EQ(open[0].role, RoleId("pol"));
    EXPECT_EQ(open[0].due, end_of_tomorrow);
    expect<wire::Done>(school_host, test::recall(area, orchard_gate, notification(1), now.wall));
    const auto taken_back = asked();
    ASSERT_EQ(taken_back.size(), 1U) << "forgetting is more than not using";
    EXPECT_EQ(taken_back[0].rule, "K3");
    EXPECT_EQ(open_tasks(), 1U);
}

TEST_F(RingAgain, WhoeverWasNotRungYetDoesNotHearWhatTheFamilyTookBack) {
    nobody_is_connected_as("pol");
    send(school_host, notification(1), agreed_need());
    ASSERT_EQ(asked().size(), 1U);
    withdraw();
    EXPECT_TRUE(asked().empty());
    EXPECT_EQ(open_tasks(), 0U);
}

TEST_F(RingAgain, WhatNeverRestedOnAgreementIsNotWithdrawn) {
    nobody_is_connected_as("pol");
    auto facts = agreed_need();
    facts.harm = wire::Harm::likely_or_actual;
    send(school_host, notification(1), facts);
    told();
    withdraw();
    EXPECT_TRUE(asked().empty());
}

TEST_F(RingAgain, OfTheInvolvedWhomTheFrontDoorToldByTelephone) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    auto facts = test::facts_about(health, RoleId("hv"), TypeId("safeguarding_referral"),
                                   {token(1)}, now.wall);
    facts.harm = wire::Harm::likely_or_actual;
    unasked(hub_host);
    send(health_host, notification(1), facts);
    const auto first = told();
    ASSERT_EQ(first.kind, TaskKind::pass_on);
    expect<wire::Done>(health_host, test::recall(area, health, notification(1), now.wall));
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].kind, TaskKind::not_connected) << "nothing is left to decide";
    EXPECT_EQ(open[0].agency, social_care);
    EXPECT_TRUE(unasked_of<wire::TaskNotice>(health_host).empty())
        << "who is involved is not the sender's to know";
}

TEST_F(RingAgain, OfTheInvolvedWhomTheFrontDoorDidNotTellNobody) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    auto facts = test::facts_about(health, RoleId("hv"), TypeId("safeguarding_referral"),
                                   {token(1)}, now.wall);
    facts.harm = wire::Harm::likely_or_actual;
    unasked(hub_host);
    send(health_host, notification(1), facts);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    answer(open[0], TaskOutcome::refused);
    unasked(hub_host);
    expect<wire::Done>(health_host, test::recall(area, health, notification(1), now.wall));
    EXPECT_TRUE(asked().empty());
}

TEST_F(RingAgain, WhoeverAColleagueDidNotWantToldWasToldAllTheSame) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    auto facts = test::facts_about(health, RoleId("hv"), TypeId("safeguarding_referral"),
                                   {token(1)}, now.wall);
    facts.harm = wire::Harm::likely_or_actual;
    unasked(hub_host);
    send(health_host, notification(1), facts);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    answer(open[0], TaskOutcome::refused);
    unasked(hub_host);
    answer_late(open[0], now.wall);
    expect<wire::Done>(health_host, test::recall(area, health, notification(1), now.wall));
    const auto rung = asked();
    ASSERT_EQ(rung.size(), 1U);
    EXPECT_EQ(rung[0].kind, TaskKind::not_connected);
    EXPECT_EQ(rung[0].agency, social_care);
}

TEST_F(RingAgain, BehindAConflictItIsStillNotTheConflictedSeatThatIsRung) {
    expect<wire::Done>(
        hub_host,
        test::conflict(area, hub, test::id_of<ConflictId>(7), {token(1)},
                       {InboxId("orchard-gate.sch"), InboxId("orchard-gate.sch2")}, now.wall));
    unasked(hub_host);
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    auto facts = test::facts_about(police, RoleId("pol"), TypeId("domestic_abuse_incident"),
                                   {token(1)}, now.wall);
    send(police_host, notification(1), facts);
    const auto first = told();
    ASSERT_EQ(first.kind, TaskKind::both_conflicted);
    recall();
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].kind, TaskKind::both_conflicted);
    EXPECT_EQ(open[0].rule, "K3");
}

TEST_F(RingAgain, WhoAskedAndDidNotSendIsStillAskedWhyThoughTheyTakeItBack) {
    plan(police_host, notification(1), missing_child(1));
    advance(std::chrono::hours(1));
    const auto open = asked();  // said again until it is heard
    ASSERT_FALSE(open.empty());
    ASSERT_EQ(open[0].kind, TaskKind::not_sent);
    ASSERT_EQ(open_tasks(), 1U);
    recall();
    EXPECT_EQ(open_tasks(), 1U) << "a look that nobody explained stays on the list";
}

// ---- what somebody had told by then, and says only afterwards ----

TEST_F(RingAgain, WhoeverWasRungBeforeItWasTakenBackIsRungAgainThoughItIsSaidAfterwards) {
    const auto first = missing_and_not_told();
    recall();
    ASSERT_TRUE(asked().empty());
    ASSERT_EQ(open_tasks(), 0U);
    answer_late(first, now.wall);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].rule, "K3");
    EXPECT_EQ(open[0].role, RoleId("mco"));
    EXPECT_EQ(open[0].notification, notification(1));
    EXPECT_EQ(open[0].due, now.wall + recall_time);
    answer_late(first, now.wall);
    EXPECT_EQ(open_tasks(), 1U) << "said twice it was told once";
    answer(open[0]);
    answer_late(first, now.wall);
    EXPECT_EQ(open_tasks(), 0U) << "rung is rung";
}

TEST_F(RingAgain, HoweverLateItIsSaidAndAfterARestart) {
    const auto first = missing_and_not_told();
    const auto rung_at = now.wall;
    recall();
    advance(std::chrono::hours(24 * 5));
    restart();
    connect(hub_host);
    unasked(hub_host);
    answer_late(first, rung_at);
    ASSERT_EQ(asked().size(), 1U);
    EXPECT_EQ(open_tasks(), 1U);
}

TEST_F(RingAgain, WhatAPersonSaidOfItIsNotUndoneByALateWord) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    auto facts = test::facts_about(health, RoleId("hv"), TypeId("safeguarding_referral"),
                                   {token(1)}, now.wall);
    facts.harm = wire::Harm::likely_or_actual;
    unasked(hub_host);
    send(health_host, notification(1), facts);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    answer(open[0], TaskOutcome::refused);
    expect<wire::Done>(health_host, test::recall(area, health, notification(1), now.wall));
    answer(open[0], TaskOutcome::refused);
    EXPECT_EQ(open_tasks(), 0U) << "nobody was told";
}

TEST_F(RingAgain, OfOneCopyAlsoWhoeverSaysLateThatTheyWereRung) {
    const InboxId officers{"social-care.mco-new"};
    area.change_registry(
        [&](mash::area::Registry& registry) {
            for (auto& entry : registry.agencies.at(social_care).seats) {
                if (entry.role == RoleId("mco")) entry.inbox = officers;
            }
        },
        now.wall);
    load_documents();
    unasked(hub_host);
    send(police_host, notification(1), missing_child(1));
    const auto first = asked();
    ASSERT_EQ(first.size(), 1U);
    recall(officers);
    ASSERT_EQ(open_tasks(), 0U);
    answer_late(first[0], now.wall);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].rule, "K3");
}

TEST_F(RingAgain, ACallBeforeTheCorrectionThatIsRecordedAfterItWasOfTheOldFacts) {
    const auto first = missing_and_not_told();
    send(police_host, notification(2), correction(1));
    // The gap of the correction's own row is another task.
    unasked(hub_host);
    answer(first);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].rule, "K2");
    EXPECT_EQ(open[0].role, RoleId("mco"));
    EXPECT_EQ(open[0].notification, notification(2));
    EXPECT_GT(open[0].due, now.wall);
    EXPECT_LE(open[0].due, end_of_tomorrow);
    answer(open[0]);
    EXPECT_TRUE(asked().empty()) << "once";
}

TEST_F(RingAgain, OfTwoCorrectionsTheLaterIsToldToWhoeverWasRungBefore) {
    const auto first = missing_and_not_told();
    send(police_host, notification(2), correction(1));
    send(police_host, notification(3), correction(2));
    unasked(hub_host);
    answer(first);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].notification, notification(3));
}

TEST_F(RingAgain, ACorrectionThatWasTakenBackItselfPutsNothingRight) {
    const auto first = missing_and_not_told();
    send(police_host, notification(2), correction(1));
    send(police_host, notification(3), correction(2));
    expect<wire::Done>(police_host, test::recall(area, police, notification(3), now.wall));
    unasked(hub_host);
    answer(first);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].notification, notification(2)) << "the one that stands";
}

TEST_F(RingAgain, WhoIsRungDaysAfterTheCorrectionIsToldWhatIsRight) {
    const auto first = missing_and_not_told();
    send(police_host, notification(2), correction(1));
    unasked(hub_host);
    answer_late(first, end_of_tomorrow + std::chrono::minutes(1));
    EXPECT_EQ(asked().size(), 1U) << "a person's clock that is ahead counts as now";
    // Of another child, by this clock.
    auto facts = missing_child(2);
    send(police_host, notification(11), facts);
    const auto second = asked();
    ASSERT_EQ(second.size(), 1U);
    facts.type = TypeId("correction");
    facts.kind = "missing_episode_started";
    facts.thread = ThreadId(notification(11).value());
    facts.supersedes = notification(11);
    facts.thread_seats = {seat("hub", "ffd")};
    send(police_host, notification(12), facts);
    advance(std::chrono::hours(48));
    unasked(hub_host);
    const auto before = open_tasks();
    answer_late(second[0], now.wall);
    EXPECT_EQ(open_tasks() + 1, before) << "the correction was before them for two days";
}

TEST_F(RingAgain, ACallBeforeTheFamilyTookItBackThatIsRecordedAfterIsToldToStop) {
    nobody_is_connected_as("pol");
    send(school_host, notification(1), agreed_need());
    const auto first = asked();
    ASSERT_EQ(first.size(), 1U);
    withdraw();
    ASSERT_EQ(open_tasks(), 0U);
    answer_late(first[0], now.wall);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].rule, "K1");
    EXPECT_EQ(open[0].role, RoleId("pol"));
    EXPECT_EQ(open[0].due, end_of_tomorrow);
}

TEST_F(RingAgain, OfTheInvolvedWhomTheFrontDoorToldAndSaysSoAfterARecall) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    auto facts = test::facts_about(health, RoleId("hv"), TypeId("safeguarding_referral"),
                                   {token(1)}, now.wall);
    facts.harm = wire::Harm::likely_or_actual;
    unasked(hub_host);
    send(health_host, notification(1), facts);
    const auto first = asked();
    ASSERT_EQ(first.size(), 1U);
    ASSERT_EQ(first[0].kind, TaskKind::pass_on);
    expect<wire::Done>(health_host, test::recall(area, health, notification(1), now.wall));
    unasked(hub_host);
    answer(first[0], TaskOutcome::refused);
    ASSERT_TRUE(asked().empty()) << "whoever was not told is not rung";
    answer_late(first[0], now.wall);
    const auto open = asked();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].kind, TaskKind::not_connected);
    EXPECT_EQ(open[0].agency, social_care);
    EXPECT_EQ(open[0].rule, "K3");
}

TEST_F(RingAgain, NothingIsKeptOfACorrectionForLongerThanOfWhatItPutRight) {
    send(police_host, notification(1), missing_child(1));
    for (const auto& host : {hub_host, care_host, health_host, school_host}) {
        for (const auto& delivery : unasked_of<wire::Delivery>(host))
            confirm(host, delivery, wire::Rung::taken);
    }
    send(police_host, notification(2), correction(1));
    send(police_host, notification(3), correction(9));
    EXPECT_EQ(rows("corrections"), 1U) << "of what nobody knows here nothing is kept";
    advance(config.retention_after_taken + std::chrono::hours(24));
    EXPECT_EQ(rows("corrections"), 1U);
    advance(config.tombstone_retention);
    EXPECT_EQ(rows("corrections"), 0U);
}

}  // namespace
}  // namespace mash::broker
