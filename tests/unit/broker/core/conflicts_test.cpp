#include <gmock/gmock.h>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using wire::Rung;

const InboxId dsl{"orchard-gate.sch"};
const InboxId alternate{"orchard-gate.sch2"};

// A domestic abuse incident acts on the school of the child: child 1 is on Orchard Gate's roll.
wire::RoutingFacts incident(std::uint64_t child, WallTime at) {
    return test::facts_about(police, RoleId("pol"), TypeId("domestic_abuse_incident"),
                             {token(child)}, at);
}

class Conflicts : public BrokerFixture {
protected:
    Conflicts() {
        claim(school_host, seat("orchard-gate", "sch"), "school",
              {token(1), token(1, wire::TokenKind::name_dob_postcode)});
    }
    void declare(std::vector<InboxId> excluded, std::uint64_t child = 1) {
        expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(5),
                                                    {token(child)}, std::move(excluded), now.wall));
    }
    std::vector<InboxId> school_inboxes() {
        std::vector<InboxId> inboxes;
        for (const auto& delivery : unasked_of<wire::Delivery>(school_host))
            inboxes.push_back(delivery.parcel.recipient);
        return inboxes;
    }
};

TEST_F(Conflicts, CountFromTheirArrivalWhateverTheDeclarersClockSays) {
    disconnect(school_host);
    send(police_host, notification(1), incident(1, now.wall));
    const auto ahead = [&](std::chrono::milliseconds by) {
        return test::conflict(area, hub, test::id_of<ConflictId>(5), {token(1)}, {dsl},
                              now.wall + by);
    };
    EXPECT_EQ(refused(hub_host, ahead(limits::clock_skew_max + std::chrono::milliseconds(1))),
              ErrorCode::clock_skew);
    expect<wire::Done>(hub_host, ahead(std::chrono::milliseconds(200)));
    connect(school_host);
    EXPECT_EQ(school_inboxes(), std::vector{alternate});
}

TEST_F(Conflicts, DeliversToTheAlternateInsteadOfTheExcluded) {
    declare({dsl});
    send(police_host, notification(1), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{alternate});
}

class ConflictsOfPeople : public Conflicts {
protected:
    void opens(const InboxId& inbox, std::vector<PersonId> members) {
        expect<wire::Done>(school_host,
                           wire::PublishInboxKey{area.inbox_certificate(inbox, now.wall, ++serial_),
                                                 std::move(members)});
    }
    void declare_person(const PersonId& person, const AgencyId& agency = orchard_gate) {
        auto declared = test::conflict(area, hub, test::id_of<ConflictId>(5), {token(1)},
                                       {InboxId("unused")}, now.wall);
        auto body = *wire::decode_body<wire::ConflictBody>(declared.body);
        body.excluded.clear();
        body.people = {{agency, person}};
        declared.body = wire::encode_body(body);
        declared.signature =
            crypto::sign(area.signing_key(hub), wire::label::conflict, declared.body);
        expect<wire::Done>(hub_host, declared);
    }
    std::vector<wire::TaskKind> tasks_of_hub() {
        std::vector<wire::TaskKind> tasks;
        for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host))
            tasks.push_back(notice.task.kind);
        return tasks;
    }
    const PersonId father{"p-father"};
    const PersonId lead{"p-lead"};

private:
    std::uint64_t serial_ = 100;
};

TEST_F(ConflictsOfPeople, CloseEveryInboxThatThePersonOpens) {
    opens(dsl, {father, lead});
    declare_person(father);
    send(police_host, notification(1), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{alternate});
}

TEST_F(ConflictsOfPeople, LeaveAloneWhoeverThePersonIsNot) {
    opens(dsl, {lead});
    opens(alternate, {father});
    declare_person(father);
    send(police_host, notification(1), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{dsl});
}

TEST_F(ConflictsOfPeople, AreOfOneAgencysPersonAlone) {
    opens(dsl, {father});
    declare_person(father, police);
    send(police_host, notification(1), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{dsl});
}

TEST_F(ConflictsOfPeople, CloseTheInboxOfTheirAccountAtAnotherAgencyOfTheHost) {
    claim(school_host, seat("teme-meadow", "sch"), "school", {token(2)});
    opens(InboxId("teme-meadow.sch"), {PersonId("p-second-account"), father});
    auto declared = test::conflict(area, hub, test::id_of<ConflictId>(6), {token(2)},
                                   {InboxId("unused")}, now.wall);
    auto body = *wire::decode_body<wire::ConflictBody>(declared.body);
    body.excluded.clear();
    body.people = {{orchard_gate, father}};
    declared.body = wire::encode_body(body);
    declared.signature = crypto::sign(area.signing_key(hub), wire::label::conflict, declared.body);
    expect<wire::Done>(hub_host, declared);
    unasked(hub_host);
    send(police_host, notification(1), incident(2, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{InboxId("teme-meadow.sch2")});
}

TEST_F(ConflictsOfPeople, FollowThePersonIntoAnotherInbox) {
    opens(dsl, {lead});
    declare_person(father);
    send(police_host, notification(1), incident(1, now.wall));
    confirm(school_host, unasked_of<wire::Delivery>(school_host).front(), Rung::stored);
    disconnect(school_host);
    send(police_host, notification(2), incident(1, now.wall));
    connect(school_host);
    tasks_of_hub();
    opens(dsl, {father, lead});
    EXPECT_EQ(tasks_of_hub(), std::vector{wire::TaskKind::both_conflicted})
        << "of what is there somebody is told";
    send(police_host, notification(3), incident(1, now.wall));
    for (const auto& delivery : unasked_of<wire::Delivery>(school_host))
        if (statement(delivery).id == notification(3)) {
            EXPECT_EQ(delivery.parcel.recipient, alternate);
        }
    opens(alternate, {father});
    send(police_host, notification(4), incident(1, now.wall));
    EXPECT_TRUE(school_inboxes().empty());
    EXPECT_THAT(tasks_of_hub(), ::testing::Contains(wire::TaskKind::both_conflicted));
}

TEST_F(ConflictsOfPeople, ThatNameNobodyAreLookedAtAgain) {
    opens(dsl, {lead});
    tasks_of_hub();
    declare_person(father);
    const auto asked = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked.front().task.kind, wire::TaskKind::unknown_person);
    EXPECT_EQ(asked.front().task.owner, seat("hub", "ffd"));
    EXPECT_EQ(asked.front().task.agency, AgencyId("orchard-gate"));
    EXPECT_EQ(asked.front().task.notification.value(), test::id_of<ConflictId>(5).value());
    EXPECT_EQ(asked.front().person, father);
    EXPECT_EQ(
        refused(hub_host, test::answer_task(area, asked.front().task,
                                            wire::TaskOutcome::told_by_other_means, now.wall)),
        ErrorCode::bad_value)
        << "nobody was to be told";
    opens(dsl, {father, lead});
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 1U) << "there is one of that name";
    send(police_host, notification(1), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{alternate});
}

TEST_F(ConflictsOfPeople, ThatNameNobodyAskNoMoreOnceTheyHaveEnded) {
    opens(dsl, {lead});
    tasks_of_hub();
    declare_person(father);
    EXPECT_EQ(tasks_of_hub(), std::vector{wire::TaskKind::unknown_person});
    expect<wire::Done>(hub_host,
                       test::end_conflict(area, hub, test::id_of<ConflictId>(5), now.wall));
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 1U);
    advance(limits::tombstone_retention + std::chrono::hours(1));
    EXPECT_EQ(rows("tasks"), 0U);
    EXPECT_EQ(rows("task_causes"), 0U) << "nothing of it is left after its term";
}

TEST_F(ConflictsOfPeople, ThatNameSomebodyAskNobody) {
    opens(dsl, {lead});
    tasks_of_hub();
    declare_person(lead);
    EXPECT_TRUE(tasks_of_hub().empty());
}

TEST_F(ConflictsOfPeople, ReleaseNoAddress) {
    auto facts = test::facts_about(police, RoleId("pol"), TypeId("protected_address_release"),
                                   {token(1)}, now.wall);
    facts.addressed_to = {seat("hub", "ffd")};
    facts.views_on_offer = {ViewId("idn.match"), ViewId("saf"), ViewId("sfc")};
    const auto held = plan(police_host, notification(1), facts).decision.held;
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held.front().rule, "D3-1");
    const auto allow = test::authorise(area, held.front().decider, notification(1), police, "D3-1",
                                       {held.front().seat}, true, now.wall);
    const auto officer = area.person(held.front().decider).certificate.person;
    declare_person(officer, police);
    const auto refused_word = refusal(police_host, allow);
    EXPECT_EQ(refused_word.code, ErrorCode::not_entitled);
    EXPECT_EQ(refused_word.detail, "another_person") << "as of one who signs twice";
    auto brought = test::request_plan(notification(1), facts, now.wall);
    brought.authorisations = {allow.authorisation};
    EXPECT_EQ(refused(police_host, brought), ErrorCode::busy) << "until the agent has heard it";
    expect<wire::Done>(hub_host,
                       test::end_conflict(area, hub, test::id_of<ConflictId>(5), now.wall));
    expect<wire::Done>(police_host, allow);
    const auto next = plan(police_host, notification(1), facts).decision;
    ASSERT_EQ(next.held.size(), 1U);
    EXPECT_EQ(next.held.front().rule, "D3-2");
    EXPECT_TRUE(next.recipients.empty());
}

TEST_F(ConflictsOfPeople, ReleaseNoAddressByASecondPersonOfTheirInboxEither) {
    auto facts = test::facts_about(police, RoleId("pol"), TypeId("protected_address_release"),
                                   {token(1)}, now.wall);
    facts.addressed_to = {seat("hub", "ffd")};
    facts.views_on_offer = {ViewId("idn.match"), ViewId("saf"), ViewId("sfc")};
    const auto held = plan(police_host, notification(1), facts).decision.held;
    ASSERT_EQ(held.size(), 1U);
    const auto decider = held.front().decider;
    const auto allow = test::authorise(area, decider, notification(1), police, "D3-1",
                                       {held.front().seat}, true, now.wall);
    const auto inbox = area.registry().find_seat(decider)->inbox;
    std::uint64_t serial = 900;
    const auto opened_by = [&](std::vector<PersonId> members) {
        expect<wire::Done>(
            police_host,
            wire::PublishInboxKey{area.inbox_certificate(inbox, now.wall, ++serial), members});
    };
    // Whom the accused added signs; the accused stands behind them in what the agency says.
    opened_by({PersonId("p-accused"), area.person(decider).certificate.person});
    declare_person(PersonId("p-accused"), police);
    EXPECT_EQ(refusal(police_host, allow).detail, "another_person");
    opened_by({area.person(decider).certificate.person});
    expect<wire::Done>(police_host, allow);
}

TEST_F(ConflictsOfPeople, EndWhenThePersonHasLeft) {
    opens(dsl, {father});
    declare_person(father);
    opens(dsl, {lead});
    send(police_host, notification(1), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{dsl});
}

TEST_F(Conflicts, ConcernThatChildAlone) {
    declare({dsl});
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(2)});
    send(police_host, notification(2), incident(2, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{dsl});
}

TEST_F(Conflicts, ApplyThroughWhateverTokenTheSenderKnowsTheChildBy) {
    declare({dsl});
    auto facts = incident(1, now.wall);
    facts.tokens = {token(1, wire::TokenKind::name_dob_postcode)};
    send(police_host, notification(1), facts);
    EXPECT_EQ(school_inboxes(), std::vector{alternate})
        << "the school's own claim says that it is the same child";
}

TEST_F(Conflicts, WhatARestoredAgentLostGoesTheOtherWay) {
    send(police_host, notification(1), incident(1, now.wall));
    confirm(school_host, unasked_of<wire::Delivery>(school_host).front(), Rung::stored);
    disconnect(school_host);
    declare({dsl});
    connect(school_host, 2);
    EXPECT_EQ(school_inboxes(), std::vector{alternate})
        << "the excluded do not get it again, and somebody of that seat must have it";
    disconnect(school_host);
    advance(std::chrono::minutes(2));
    connect(school_host, 3);
    EXPECT_EQ(school_inboxes(), std::vector{alternate}) << "once";
}

TEST_F(Conflicts, WhatWasTakenBeforeTheBackupNeedsNoOtherWay) {
    send(police_host, notification(1), incident(1, now.wall));
    const auto delivery = unasked_of<wire::Delivery>(school_host).front();
    confirm(school_host, delivery, Rung::stored);
    confirm(school_host, delivery, Rung::taken);
    declare({dsl});
    disconnect(school_host);
    connect(school_host, 2);
    EXPECT_TRUE(school_inboxes().empty());
}

TEST_F(Conflicts, WhatARestoredAgentLostIsRungWhereThereIsNoOtherWay) {
    send(police_host, notification(1), incident(1, now.wall));
    confirm(school_host, unasked_of<wire::Delivery>(school_host).front(), Rung::stored);
    disconnect(school_host);
    unasked(hub_host);
    declare({dsl, alternate});
    connect(school_host, 2);
    EXPECT_TRUE(school_inboxes().empty());
    std::vector<wire::TaskKind> tasks;
    for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host))
        tasks.push_back(notice.task.kind);
    EXPECT_EQ(tasks, std::vector{wire::TaskKind::both_conflicted});
}

// Everything the sender and the excluded inbox's colleagues can see, as bytes, with and without the
// conflict.
class World : public Conflicts {
public:
    struct Views {
        wire::Decision plan_decision;
        std::size_t certificates = 0;
        std::vector<wire::ReceiptEntry> rungs;
        std::vector<std::size_t> sender_frames;
        std::vector<wire::StatementBody> hub_sees;
        std::size_t dsl_deliveries = 0;
        std::size_t school_deliveries = 0;
        Seat statement_seat;
    };
    void TestBody() override {}
    Views play(bool with_conflict) {
        if (with_conflict) declare({dsl});
        unasked(hub_host);
        unasked(police_host);
        Views views;
        const auto facts = incident(1, now.wall);
        const auto agreed = plan(police_host, notification(1), facts);
        views.plan_decision = agreed.decision;
        views.certificates = agreed.facts.certificates.size();
        publish(police_host, test::seal(area, agreed, facts, now.wall));
        for (const auto& delivery : unasked_of<wire::Delivery>(school_host)) {
            ++views.school_deliveries;
            views.dsl_deliveries += delivery.parcel.recipient == dsl ? 1 : 0;
            views.statement_seat = statement(delivery).seat;
            confirm(school_host, delivery, Rung::stored);
            confirm(school_host, delivery, Rung::taken);
        }
        for (const auto& delivery : unasked_of<wire::Delivery>(hub_host))
            views.hub_sees.push_back(statement(delivery));
        for (auto& frame : unasked(police_host)) {
            views.sender_frames.push_back(frame.body.index());
            if (const auto* receipts = std::get_if<wire::Receipts>(&frame.body)) {
                const auto body = wire::decode_body<wire::ReceiptsBody>(receipts->body);
                views.rungs.insert(views.rungs.end(), body->entries.begin(), body->entries.end());
                EXPECT_EQ(body->from, orchard_gate);
            }
        }
        return views;
    }
};

TEST(SilentConflicts, LookTheSameToTheSenderAndToTheOthers) {
    World without;
    World with;
    const auto plain = without.play(false);
    const auto silent = with.play(true);
    EXPECT_EQ(plain.plan_decision, silent.plan_decision);
    EXPECT_EQ(plain.certificates, silent.certificates);
    EXPECT_EQ(plain.rungs, silent.rungs) << "rungs name the seat, not the inbox";
    EXPECT_EQ(plain.sender_frames, silent.sender_frames);
    EXPECT_EQ(plain.hub_sees, silent.hub_sees);
    EXPECT_EQ(plain.school_deliveries, 1U);
    EXPECT_EQ(silent.school_deliveries, 1U);
    EXPECT_EQ(plain.dsl_deliveries, 1U);
    EXPECT_EQ(silent.dsl_deliveries, 0U);
    EXPECT_EQ(plain.statement_seat, silent.statement_seat)
        << "the alternate stands in for the seat";
}

TEST_F(Conflicts, ShowTheExcludedInboxTheSameViewAsIfNothingHadBeenSent) {
    declare({dsl});
    const auto before = unasked(school_host).size();
    send(police_host, notification(1), incident(1, now.wall));
    for (const auto& frame : unasked(school_host)) {
        if (const auto* delivery = std::get_if<wire::Delivery>(&frame.body)) {
            EXPECT_NE(delivery->parcel.recipient, dsl);
        }
        EXPECT_FALSE(std::holds_alternative<wire::TaskNotice>(frame.body));
    }
    EXPECT_EQ(before, 0U);
    // Not on recall, not after a restore, not by an operator's release, not when the conflict ends.
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    for (const auto& notice : unasked_of<wire::RecallNotice>(school_host))
        EXPECT_NE(notice.inbox, dsl);
    send(police_host, notification(2), incident(1, now.wall));
    ask_operator(OperatorCommand::Kind::release_standby, "police-wm/" + to_text(notification(2)));
    disconnect(school_host);
    connect(school_host, 2);
    expect<wire::Done>(hub_host,
                       test::end_conflict(area, hub, test::id_of<ConflictId>(5), now.wall));
    advance(std::chrono::minutes(3));
    for (const auto& inbox : school_inboxes()) EXPECT_NE(inbox, dsl);
}

// The seat's own inbox never had what the alternate was given, and an update may leave it out.
TEST_F(Conflicts, LeaveAnEpisodeWithTheAlternateThoughTheyEnd) {
    const auto of_thread = [&](std::uint64_t number, std::uint64_t thread) {
        auto facts = incident(1, now.wall);
        facts.thread = test::id_of<ThreadId>(thread);
        send(police_host, notification(number), facts);
        return school_inboxes();
    };
    declare({dsl});
    EXPECT_EQ(of_thread(1, 1), std::vector{alternate});
    expect<wire::Done>(hub_host,
                       test::end_conflict(area, hub, test::id_of<ConflictId>(5), now.wall));
    EXPECT_EQ(of_thread(2, 1), std::vector{alternate});
    EXPECT_EQ(of_thread(3, 2), std::vector{dsl}) << "another episode";
}

TEST_F(Conflicts, ReachItemsThatAreStillOnTheirWay) {
    disconnect(school_host);
    send(police_host, notification(1), incident(1, now.wall));
    declare({dsl});
    connect(school_host);
    EXPECT_EQ(school_inboxes(), std::vector{alternate});
}

TEST_F(Conflicts, LeaveWhatSomebodyHasTakenWhereItIs) {
    send(police_host, notification(1), incident(1, now.wall));
    const auto delivery = unasked_of<wire::Delivery>(school_host).front();
    confirm(school_host, delivery, Rung::stored);
    confirm(school_host, delivery, Rung::taken);
    declare({dsl});
    advance(std::chrono::minutes(2));
    EXPECT_TRUE(school_inboxes().empty());
}

TEST_F(Conflicts, GiveWhatNobodyHasTakenToTheOtherWayAsWell) {
    send(police_host, notification(1), incident(1, now.wall));
    const auto delivery = unasked_of<wire::Delivery>(school_host).front();
    confirm(school_host, delivery, Rung::stored);
    confirm(school_host, delivery, Rung::opened);
    declare({dsl});
    EXPECT_EQ(school_inboxes(), std::vector{alternate}) << "whoever acts has not taken it";
    confirm(school_host, delivery, Rung::taken);
    send(police_host, notification(2), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{alternate});
}

TEST_F(Conflicts, ThatLeaveNobodyForWhatHasArrivedAreRung) {
    send(police_host, notification(1), incident(1, now.wall));
    confirm(school_host, unasked_of<wire::Delivery>(school_host).front(), Rung::stored);
    unasked(hub_host);
    declare({dsl, alternate});
    EXPECT_TRUE(school_inboxes().empty());
    const auto tasks = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks.front().task.kind, wire::TaskKind::both_conflicted);
}

TEST_F(Conflicts, ThatCloseOneAfterTheOtherAreRungInTheEnd) {
    send(police_host, notification(1), incident(1, now.wall));
    confirm(school_host, unasked_of<wire::Delivery>(school_host).front(), Rung::stored);
    declare({dsl});
    confirm(school_host, unasked_of<wire::Delivery>(school_host).front(), Rung::stored);
    unasked(hub_host);
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(6), {token(1)},
                                                {alternate}, now.wall));
    const auto tasks = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(tasks.size(), 1U) << "it lies with both, and neither counts";
    EXPECT_EQ(tasks.front().task.kind, wire::TaskKind::both_conflicted);
}

TEST_F(Conflicts, OpenATaskForTheFrontDoorWhenBothAreExcluded) {
    declare({dsl, alternate});
    unasked(hub_host);
    send(police_host, notification(1), incident(1, now.wall));
    EXPECT_TRUE(school_inboxes().empty());
    const auto tasks = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks.front().task.kind, wire::TaskKind::both_conflicted);
    EXPECT_EQ(tasks.front().task.owner, seat("hub", "ffd"));
    EXPECT_EQ(tasks.front().task.role, RoleId("sch"));
    expect<wire::Done>(hub_host,
                       test::answer_task(area, tasks.front().task,
                                         wire::TaskOutcome::told_by_other_means, now.wall));
}

TEST_F(Conflicts, OfBothLeadsGoToWhoStandsBehindTheAlternate) {
    const InboxId chair{"orchard-gate.chair"};
    area.add_inbox(chair);
    area.change_registry(
        [&](mash::area::Registry& registry) {
            auto& school = registry.agencies.at(orchard_gate);
            school.alternate_inboxes = {chair};
            for (auto& entry : school.seats)
                if (entry.role == RoleId("sch2")) entry.alternate = chair;
        },
        now.wall);
    load_documents();
    expect<wire::Done>(school_host,
                       wire::PublishInboxKey{area.inbox_certificate(chair, now.wall), {}});
    unasked(school_host);
    declare({dsl});
    send(police_host, notification(1), incident(1, now.wall));
    const auto nearest = unasked_of<wire::Delivery>(school_host);
    ASSERT_EQ(nearest.size(), 1U);
    EXPECT_EQ(nearest.front().parcel.recipient, alternate) << "the nearest first";
    confirm(school_host, nearest.front(), Rung::taken);
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(7), {token(1)},
                                                {alternate}, now.wall));
    unasked(hub_host);
    send(police_host, notification(2), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{chair});
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(8), {token(1)},
                                                {chair}, now.wall));
    unasked(hub_host);
    send(police_host, notification(3), incident(1, now.wall));
    EXPECT_TRUE(school_inboxes().empty());
    EXPECT_EQ(unasked_of<wire::TaskNotice>(hub_host).size(), 1U);
}

TEST_F(Conflicts, OfTheFrontDoorGoToTheEmergencyTeam) {
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(6), {token(1)},
                                                {InboxId("hub.ffd")}, now.wall));
    unasked(hub_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto deliveries = unasked_of<wire::Delivery>(hub_host);
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(deliveries.front().parcel.recipient, InboxId("hub.edt"));
    EXPECT_EQ(statement(deliveries.front()).seat, seat("hub", "ffd"));
}

class ConflictedTasks : public Conflicts {
protected:
    ConflictedTasks() {
        area.change_registry(
            [](area::Registry& registry) {
                std::erase_if(registry.agencies.at(AgencyId("social-care")).seats,
                              [](const auto& entry) { return entry.role == RoleId("mco"); });
            },
            now.wall);
        load_documents();
    }
    void exclude_the_front_door() {
        expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(6),
                                                    {token(1)}, {InboxId("hub.ffd")}, now.wall));
    }
    std::vector<Seat> owners() {
        std::vector<Seat> out;
        for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host))
            out.push_back(notice.task.owner);
        return out;
    }
};

TEST_F(ConflictedTasks, AboutTheChildGoToTheOtherHalfOfTheDay) {
    exclude_the_front_door();
    unasked(hub_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    EXPECT_EQ(owners(), std::vector{seat("hub", "edt")});
    send(police_host, notification(2), missing_child(2, now.wall));
    EXPECT_EQ(owners(), std::vector{seat("hub", "ffd")}) << "another child";
}

TEST_F(ConflictedTasks, ThatAreOpenLeaveTheExcluded) {
    unasked(hub_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    EXPECT_EQ(owners(), std::vector{seat("hub", "ffd")});
    exclude_the_front_door();
    EXPECT_EQ(owners(), std::vector{seat("hub", "edt")});
    advance(std::chrono::hours(4));
    for (const auto& owner : owners())
        EXPECT_EQ(owner, seat("hub", "edt")) << "not even when it is overdue";
}

TEST_F(Conflicts, OfTheFrontDoorItselfGoToTheDesignatedOfficer) {
    expect<wire::Done>(hub_host,
                       test::conflict(area, hub, test::id_of<ConflictId>(6), {token(1)},
                                      {InboxId("hub.edt"), InboxId("hub.ffd")}, now.wall));
    unasked(hub_host);
    send(police_host, notification(1), incident(1, now.wall));
    const auto tasks = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks.front().task.owner, seat("hub", "lado"));
}

TEST_F(Conflicts, AreDeclaredByFrontDoorAndDesignatedOfficerOnly) {
    EXPECT_EQ(refused(police_host, test::conflict(area, police, test::id_of<ConflictId>(1),
                                                  {token(1)}, {dsl}, now.wall)),
              ErrorCode::not_entitled);
    EXPECT_EQ(refused(school_host, test::conflict(area, orchard_gate, test::id_of<ConflictId>(1),
                                                  {token(1)}, {dsl}, now.wall)),
              ErrorCode::not_entitled);
    auto forged =
        test::conflict(area, hub, test::id_of<ConflictId>(1), {token(1)}, {dsl}, now.wall);
    forged.signature = crypto::sign(area.signing_key(police), wire::label::conflict, forged.body);
    EXPECT_EQ(refused(hub_host, forged), ErrorCode::bad_signature);
}

TEST_F(Conflicts, EndAndDoNotComeBackByAnOldStatement) {
    const auto declared =
        test::conflict(area, hub, test::id_of<ConflictId>(5), {token(1)}, {dsl}, now.wall);
    expect<wire::Done>(hub_host, declared);
    expect<wire::Done>(hub_host, declared);
    expect<wire::Done>(hub_host,
                       test::end_conflict(area, hub, test::id_of<ConflictId>(5), now.wall));
    expect<wire::Done>(hub_host, declared);
    send(police_host, notification(1), incident(1, now.wall));
    EXPECT_EQ(school_inboxes(), std::vector{dsl});
    EXPECT_EQ(
        refused(hub_host, test::end_conflict(area, hub, test::id_of<ConflictId>(9), now.wall)),
        ErrorCode::not_found);
}

// ---- release by hours and by an operator ----

class Hours : public BrokerFixture {
protected:
    /// Which inboxes were sent something, however often.
    std::set<InboxId> hub_inboxes() {
        std::set<InboxId> inboxes;
        for (const auto& delivery : unasked_of<wire::Delivery>(hub_host))
            inboxes.insert(delivery.parcel.recipient);
        return inboxes;
    }
    std::vector<wire::Delivery> hub_deliveries() { return unasked_of<wire::Delivery>(hub_host); }
};

TEST_F(Hours, GiveAnUntakenItemToTheEmergencyTeamWhenTheFrontDoorCloses) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto delivery = hub_deliveries().front();
    EXPECT_EQ(delivery.parcel.recipient, InboxId("hub.ffd"));
    confirm(hub_host, delivery, Rung::stored);
    advance(std::chrono::hours(6));
    EXPECT_TRUE(hub_inboxes().empty());
    advance(std::chrono::hours(1) + std::chrono::minutes(1));
    EXPECT_EQ(hub_inboxes(), std::set{InboxId("hub.edt")});
    advance(std::chrono::hours(24));
    for (const auto& inbox : hub_inboxes())
        EXPECT_EQ(inbox, InboxId("hub.edt"))
            << "once: what the front door has is not sent to it again";
}

TEST_F(Hours, LeaveATakenItemWithWhoeverTookIt) {
    send(police_host, notification(1), missing_child(1, now.wall));
    confirm(hub_host, hub_deliveries().front(), Rung::taken);
    advance(std::chrono::hours(10));
    EXPECT_TRUE(hub_inboxes().empty());
}

class NightHours : public Hours {
protected:
    NightHours() {
        const auto till_midnight = std::chrono::hours(13);
        now.wall = now.wall + till_midnight;
        now.steady = now.steady + till_midnight;
        area.renew_freshness(now.wall);
        load_documents();
    }
};

TEST_F(NightHours, GiveWhatTheEmergencyTeamDidNotTakeToTheFrontDoorWhenItOpens) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto delivery = hub_deliveries().front();
    EXPECT_EQ(delivery.parcel.recipient, InboxId("hub.edt"));
    confirm(hub_host, delivery, Rung::stored);
    advance(std::chrono::hours(11));
    EXPECT_EQ(hub_inboxes(), std::set{InboxId("hub.ffd")});
}

TEST_F(Hours, GoOnWhileTheClockIsInDoubt) {
    send(police_host, notification(1), missing_child(1, now.wall));
    confirm(hub_host, hub_deliveries().front(), Rung::stored);
    now.wall = now.wall + std::chrono::hours(8);  // steady time says otherwise
    tick();
    EXPECT_EQ(hub_inboxes(), std::set{InboxId("hub.edt")})
        << "a jump pauses expiries, never deliveries";
}

TEST_F(Hours, FollowAPolicyThatChangesThem) {
    send(police_host, notification(1), missing_child(1, now.wall));
    confirm(hub_host, hub_deliveries().front(), Rung::stored);
    area.change_policy("hours = [\"mon-thu 09:00-17:00\", \"fri 09:00-16:30\"]",
                       "hours = [\"mon-thu 09:00-18:00\", \"fri 09:00-16:30\"]", now.wall);
    for (const auto* day :
         {"mon 17:00 to tue", "tue 17:00 to wed", "wed 17:00 to thu", "thu 17:00 to fri"}) {
        const std::string from = day;
        area.change_policy(from, from.substr(0, 4) + "18:00" + from.substr(9), now.wall);
    }
    load_documents();
    advance(std::chrono::hours(7) + std::chrono::minutes(10));
    EXPECT_TRUE(hub_inboxes().empty()) << "the front door is open until six now";
    advance(std::chrono::hours(1));
    EXPECT_EQ(hub_inboxes().size(), 1U);
}

TEST_F(Hours, ReleaseNothingToAnEmergencyTeamThatAnotherAgencyRuns) {
    const InboxId team("social-care.edt");
    area.add_inbox(team);
    area.change_registry(
        [&](area::Registry& registry) {
            auto& front_door = registry.agencies.at(hub);
            std::erase_if(front_door.seats,
                          [](const auto& entry) { return entry.role == RoleId("edt"); });
            area::SeatEntry entry;
            entry.role = RoleId("edt");
            entry.inbox = team;
            registry.agencies.at(social_care).seats.push_back(entry);
        },
        now.wall);
    load_documents();
    expect<wire::Done>(care_host,
                       wire::PublishInboxKey{area.inbox_certificate(team, now.wall), {}});
    send(police_host, notification(1), missing_child(1, now.wall));
    confirm(hub_host, hub_deliveries().front(), Rung::stored);
    unasked(care_host);
    rungs_told(police_host);
    EXPECT_EQ(ask_operator(OperatorCommand::Kind::release_standby,
                           "police-wm/" + to_text(notification(1))),
              "{\"released\":0}");
    advance(std::chrono::hours(8));
    for (const auto& delivery : unasked_of<wire::Delivery>(care_host))
        EXPECT_NE(delivery.parcel.recipient, team) << "its receipts would show a conflict";
    send(police_host, notification(2), missing_child(2, now.wall));
    std::size_t at_night = 0;
    for (const auto& delivery : unasked_of<wire::Delivery>(care_host)) {
        if (delivery.parcel.recipient != team) continue;
        ++at_night;
        EXPECT_EQ(statement(delivery).seat, seat("social-care", "edt"));
        confirm(care_host, delivery, Rung::taken);
    }
    EXPECT_EQ(at_night, 1U) << "what comes at night is its own";
}

TEST_F(Hours, OperatorReleasesAStandbyWithoutWaiting) {
    send(police_host, notification(1), missing_child(1, now.wall));
    confirm(hub_host, hub_deliveries().front(), Rung::stored);
    bool ok = false;
    EXPECT_EQ(ask_operator(OperatorCommand::Kind::release_standby,
                           "police-wm/" + to_text(notification(1)), &ok),
              "{\"released\":1}");
    EXPECT_TRUE(ok);
    EXPECT_EQ(hub_inboxes(), std::set{InboxId("hub.edt")});
    EXPECT_EQ(ask_operator(OperatorCommand::Kind::release_standby,
                           "police-wm/" + to_text(notification(1)), &ok),
              "{\"released\":0}");
    ask_operator(OperatorCommand::Kind::release_standby, "police-wm/" + to_text(notification(9)),
                 &ok);
    EXPECT_FALSE(ok);
    ask_operator(OperatorCommand::Kind::release_standby, "no id", &ok);
    EXPECT_FALSE(ok);
}

}  // namespace
}  // namespace mash::broker
