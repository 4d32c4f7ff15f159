#include "common/sealing/section.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using wire::Lane;
using wire::Rung;

class Delivering : public BrokerFixture {
protected:
    explicit Delivering(CoreConfig changed = {})
        : BrokerFixture(test::working_morning, std::move(changed)) {}

    std::vector<wire::Delivery> deliveries(const HostId& host) {
        return unasked_of<wire::Delivery>(host);
    }
    wire::RoutingFacts referral(std::uint64_t child, wire::Rag rag) {
        auto facts = test::facts_about(health, RoleId("urg"), TypeId("safeguarding_referral"),
                                       {token(child)}, now.wall);
        facts.rag = rag;
        return facts;
    }
};

TEST_F(Delivering, GivesEachInboxItsOwnParcelAndViewsAndNothingElse) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto to_hub = deliveries(hub_host);
    ASSERT_EQ(to_hub.size(), 1U);
    EXPECT_EQ(to_hub.front().parcel.recipient, InboxId("hub.ffd"));
    const auto to_health = deliveries(health_host);
    ASSERT_EQ(to_health.size(), 1U);
    EXPECT_EQ(to_health.front().parcel.recipient, InboxId("health.urg"));
    std::set<ViewId> views;
    for (const auto& view : to_health.front().views) views.insert(view.view);
    EXPECT_FALSE(views.contains(ViewId("voi")))
        << "unscheduled care may find the child, not read about it";
    EXPECT_TRUE(views.contains(ViewId("loc")));
    EXPECT_EQ(to_health.front().views.size(), to_health.front().parcel.views.size());

    auto opened = sealing::open_parcel(area.inbox_key(InboxId("health.urg")), police,
                                       notification(1), to_health.front().parcel);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->keys.size(), views.size());
    EXPECT_TRUE(deliveries(school_host).empty()) << "no claim, no school";
}

TEST_F(Delivering, SignsAStatementThatSpeaksOfThisInboxAlone) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto delivery = deliveries(care_host).front();
    EXPECT_TRUE(crypto::verify(area.broker_key().verify_key(), wire::label::statement,
                               delivery.statement, delivery.statement_signature));
    const auto said = statement(delivery);
    EXPECT_EQ(said.inbox, InboxId("social-care.mco"));
    EXPECT_EQ(said.seat, seat("social-care", "mco"));
    EXPECT_EQ(said.urgency, wire::Urgency::u1);
    EXPECT_EQ(said.lane, Lane::immediate);
    EXPECT_EQ(said.route, "missing-start-missing-officers");
    EXPECT_TRUE(said.act);
    EXPECT_EQ(said.take_by, now.wall + std::chrono::minutes(15));
}

TEST_F(Delivering, DrawsDeliveryIdsThatSayNothingAboutOrder) {
    std::set<DeliveryId> ids;
    for (std::uint64_t n = 1; n <= 20; ++n)
        send(police_host, notification(n), missing_child(n, now.wall));
    for (const auto& delivery : deliveries(hub_host)) ids.insert(delivery.id);
    EXPECT_EQ(ids.size(), 20U);
    std::set<std::uint8_t> first_bytes;
    for (const auto& id : ids) first_bytes.insert(id.value().front());
    EXPECT_GT(first_bytes.size(), 10U);
}

TEST_F(Delivering, WaitsForAHostThatIsAwayAndForgetsNothingOverARestart) {
    disconnect(hub_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    restart();
    connect(hub_host);
    const auto arrived = deliveries(hub_host);
    ASSERT_EQ(arrived.size(), 1U);
    EXPECT_EQ(statement(arrived.front()).id, notification(1));
}

TEST_F(Delivering, SendsAgainOnALiveLinkUntilItIsStoredAndThenNoMore) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto first = deliveries(hub_host);
    advance(std::chrono::minutes(1));
    const auto again = deliveries(hub_host);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again.front(), first.front());
    confirm(hub_host, again.front(), Rung::stored);
    advance(std::chrono::minutes(5));
    EXPECT_TRUE(deliveries(hub_host).empty());
    disconnect(hub_host);
    connect(hub_host);
    EXPECT_TRUE(deliveries(hub_host).empty());
    EXPECT_EQ(rows("queue"), 2U) << "social care and unscheduled care have not stored theirs";
}

TEST_F(Delivering, SendsNothingWithoutCredit) {
    disconnect(hub_host);
    connect(hub_host, 1, 0, false);
    for (std::uint64_t n = 1; n <= 3; ++n)
        send(police_host, notification(n), missing_child(n, now.wall));
    EXPECT_TRUE(deliveries(hub_host).empty());
    say(hub_host, wire::Credit{2, 4 * 1024 * 1024});
    EXPECT_EQ(deliveries(hub_host).size(), 2U);
    say(hub_host, wire::Credit{2, 10});
    EXPECT_TRUE(deliveries(hub_host).empty()) << "bytes count as well as items";
    say(hub_host, wire::Credit{2, 4 * 1024 * 1024});
    EXPECT_EQ(deliveries(hub_host).size(), 1U);
}

TEST_F(Delivering, DrainsABacklogInLaneOrder) {
    disconnect(hub_host);
    send(health_host, notification(1), referral(1, wire::Rag::blue));
    send(health_host, notification(2), referral(2, wire::Rag::amber));
    send(health_host, notification(3), referral(3, wire::Rag::green));
    send(health_host, notification(4), referral(4, wire::Rag::red));
    connect(hub_host);
    std::vector<NotificationId> order;
    for (const auto& delivery : deliveries(hub_host)) order.push_back(statement(delivery).id);
    EXPECT_EQ(order,
              (std::vector{notification(4), notification(2), notification(1), notification(3)}));
}

TEST_F(Delivering, LetsALaterUrgentItemCarryEarlierOnesOfItsThread) {
    disconnect(hub_host);
    send(police_host, notification(1), missing_child(1, now.wall, "none_apparent"));
    send(health_host, notification(2), referral(2, wire::Rag::amber));
    send(police_host, notification(3), missing_child(3, now.wall, "none_apparent"));
    auto worse = missing_child(1, now.wall, "high");
    worse.type = TypeId("missing_episode_updated");
    worse.thread = ThreadId(notification(1).value());
    send(police_host, notification(4), worse);
    connect(hub_host);
    std::vector<NotificationId> order;
    const auto arrived = deliveries(hub_host);
    for (const auto& delivery : arrived) order.push_back(statement(delivery).id);
    EXPECT_EQ(order,
              (std::vector{notification(1), notification(4), notification(2), notification(3)}));
    EXPECT_EQ(statement(arrived.front()).lane, Lane::routine)
        << "what was decided is not rewritten";
    EXPECT_EQ(rows("threads_waiting"), 4U) << "two of social care's, and the two lower ones here";
}

TEST_F(Delivering, KeepsThreadsOfOtherSendersApart) {
    disconnect(hub_host);
    send(police_host, notification(1), missing_child(1, now.wall, "none_apparent"));
    auto other = referral(1, wire::Rag::red);
    other.thread = ThreadId(notification(1).value());
    send(health_host, notification(2), other);
    connect(hub_host);
    const auto arrived = deliveries(hub_host);
    ASSERT_EQ(arrived.size(), 2U);
    EXPECT_EQ(statement(arrived.front()).id, notification(2))
        << "nobody raises what another agency sent";
}

TEST_F(Delivering, SendersTakeTurnsWithinALane) {
    disconnect(hub_host);
    for (std::uint64_t n = 1; n <= 20; ++n)
        send(health_host, notification(n), referral(n, wire::Rag::red));
    send(police_host, notification(50), missing_child(50, now.wall));
    send(police_host, notification(51), missing_child(51, now.wall));
    restart();
    connect(hub_host);
    connect(police_host);
    connect(health_host);
    std::vector<NotificationId> order;
    for (const auto& delivery : deliveries(hub_host)) order.push_back(statement(delivery).id);
    ASSERT_EQ(order.size(), 22U);
    order.resize(5);
    EXPECT_EQ(order, (std::vector{notification(1), notification(50), notification(2),
                                  notification(51), notification(3)}))
        << "twenty of one agency stand before one of another, or a sender's own order is lost";
}

TEST_F(Delivering, ATurnComesNextHoweverMuchOfAnotherSenderIsOnTheWire) {
    disconnect(hub_host);
    connect(hub_host, 1, 0, false);
    for (std::uint64_t n = 1; n <= 20; ++n)
        send(health_host, notification(n), referral(n, wire::Rag::red));
    say(hub_host, wire::Credit{4, 4 * 1024 * 1024});
    EXPECT_EQ(deliveries(hub_host).size(), 4U);
    send(police_host, notification(50), missing_child(50, now.wall));
    say(hub_host, wire::Credit{2, 4 * 1024 * 1024});
    const auto next = deliveries(hub_host);
    ASSERT_EQ(next.size(), 2U);
    std::vector<NotificationId> order;
    for (const auto& delivery : next) order.push_back(statement(delivery).id);
    EXPECT_EQ(order, (std::vector{notification(50), notification(5)}));
    for (const auto& delivery : next) confirm(hub_host, delivery, Rung::stored);
    say(hub_host, wire::Credit{64, 4 * 1024 * 1024});
    EXPECT_EQ(deliveries(hub_host).size(), 15U) << "a row was passed over";
}

TEST_F(Delivering, EveryLaneTakesTurnsAndAnEmptyOneStartsAnew) {
    const auto calm = [&](std::uint64_t n) { return missing_child(n, now.wall, "none_apparent"); };
    for (int round = 0; round < 2; ++round) {
        const std::uint64_t first = round == 0 ? 1 : 101;
        disconnect(hub_host);
        for (std::uint64_t n = first; n < first + 5; ++n)
            send(health_host, notification(n), referral(n, wire::Rag::green));
        send(police_host, notification(first + 50), calm(first + 50));
        connect(hub_host);
        const auto arrived = deliveries(hub_host);
        ASSERT_EQ(arrived.size(), 6U);
        EXPECT_EQ(statement(arrived[1]).id, notification(first + 50));
        for (const auto& delivery : arrived) confirm(hub_host, delivery, Rung::stored);
    }
}

TEST_F(Delivering, SaysOnceThatASendersImmediateItemsPileUp) {
    const auto said = [&] {
        return std::ranges::count(log, LogEvent::sender_backlog, &Recorded::event);
    };
    disconnect(hub_host);
    std::uint64_t n = 1;
    for (; n <= limits::immediate_backlog_of_sender_max; ++n)
        send(health_host, notification(n), referral(n, wire::Rag::red));
    send(police_host, notification(1'000), missing_child(1'000, now.wall));
    EXPECT_EQ(said(), 0) << "another sender's items do not count";
    send(health_host, notification(n), referral(n, wire::Rag::red));
    ++n;
    ASSERT_EQ(said(), 1);
    const auto event = std::ranges::find(log, LogEvent::sender_backlog, &Recorded::event);
    EXPECT_EQ(event->agency, health);
    EXPECT_EQ(event->host, hub_host);
    EXPECT_EQ(event->count, 65);
    const auto store_some = [&](std::size_t some) {
        connect(hub_host);
        auto arrived = deliveries(hub_host);
        for (const auto& delivery : arrived) {
            if (statement(delivery).sender != health || some == 0) continue;
            --some;
            confirm(hub_host, delivery, Rung::stored);
        }
        unasked(hub_host);
        disconnect(hub_host);
    };
    store_some(1);
    send(health_host, notification(n), referral(n, wire::Rag::red));
    ++n;
    EXPECT_EQ(said(), 1) << "about the bound it is not said each time";
    store_some(40);
    for (int more = 0; more < 41; ++more, ++n)
        send(health_host, notification(n), referral(n, wire::Rag::red));
    EXPECT_EQ(said(), 2);
}

class DeliveringLittle : public Delivering {
protected:
    static CoreConfig narrow() {
        CoreConfig config;
        config.lower_lane_bytes_in_flight = 10'000;
        return config;
    }
    DeliveringLittle() : Delivering(narrow()) {}
};

TEST_F(DeliveringLittle, CapsLowerLanesOnTheWireAndLetsImmediateItemsPast) {
    for (std::uint64_t n = 1; n <= 20; ++n)
        send(health_host, notification(n), referral(n, wire::Rag::green));
    const auto first = deliveries(hub_host);
    EXPECT_GE(first.size(), 1U);
    EXPECT_LT(first.size(), 10U);
    send(police_host, notification(50), missing_child(50, now.wall));
    const auto urgent = deliveries(hub_host);
    ASSERT_EQ(urgent.size(), 1U);
    EXPECT_EQ(statement(urgent.front()).id, notification(50));
    confirm(hub_host, first.front(), Rung::stored);
    EXPECT_EQ(deliveries(hub_host).size(), 1U) << "a stored item makes room for one more";
}

TEST_F(Delivering, LeavesCreditForWhatMustNotWait) {
    disconnect(hub_host);
    connect(hub_host, 1, 0, false);
    for (std::uint64_t n = 1; n <= 12; ++n)
        send(health_host, notification(n), referral(n, wire::Rag::green));
    say(hub_host, wire::Credit{8, 4 * 1024 * 1024});
    EXPECT_EQ(deliveries(hub_host).size(), 6U);
    send(police_host, notification(50), missing_child(50, now.wall));
    EXPECT_EQ(deliveries(hub_host).size(), 1U);
}

TEST_F(Delivering, SendsEverythingHeldToAnAgentThatWasRestored) {
    for (std::uint64_t n = 1; n <= 3; ++n)
        send(police_host, notification(n), missing_child(n, now.wall));
    for (const auto& delivery : deliveries(hub_host)) {
        confirm(hub_host, delivery, Rung::stored);
        if (statement(delivery).id == notification(1)) confirm(hub_host, delivery, Rung::taken);
    }
    rungs_told(police_host);
    disconnect(hub_host);
    connect(hub_host, 2);
    const auto again = deliveries(hub_host);
    ASSERT_EQ(again.size(), 3U);
    EXPECT_EQ(statement(again[0]).id, notification(1));
    EXPECT_EQ(statement(again[2]).id, notification(3))
        << "in the order in which they were accepted";
    confirm(hub_host, again[0], Rung::stored);
    EXPECT_TRUE(rungs_told(police_host).empty()) << "each rung once";
    disconnect(hub_host);
    connect(hub_host, 2);
    EXPECT_EQ(deliveries(hub_host).size(), 2U);
}

TEST_F(Delivering, NoticesARestoredAgentByItsReceiptsToo) {
    send(police_host, notification(1), missing_child(1, now.wall));
    confirm(hub_host, deliveries(hub_host).front(), Rung::stored);
    disconnect(hub_host);
    connect(hub_host, 1, 10);
    EXPECT_TRUE(deliveries(hub_host).empty());
    disconnect(hub_host);
    connect(hub_host, 1, 4);
    EXPECT_EQ(deliveries(hub_host).size(), 1U);
}

TEST_F(Delivering, BoundsHowOftenAHostMaySayThatItWasRestored) {
    disconnect(hub_host);
    connect(hub_host, 2);
    disconnect(hub_host);
    sessions[hub_host] = SessionId{next_session++};
    wire::Hello hello;
    hello.agent_time = now.wall;
    hello.agent_epoch.fill(3);
    const auto error = refusal(hub_host, hello);
    EXPECT_EQ(error.code, ErrorCode::busy);
    EXPECT_GT(error.retry_after_ms, 0U);
}

TEST_F(Delivering, FollowsAnAgencyToItsNewHost) {
    disconnect(school_host);
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    connect(school_host);
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    disconnect(school_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    area.change_registry(
        [](area::Registry& registry) { registry.agencies.at(orchard_gate).host = health_host; },
        now.wall);
    load_documents();
    std::set<InboxId> at_health;
    for (const auto& delivery : deliveries(health_host))
        at_health.insert(delivery.parcel.recipient);
    EXPECT_TRUE(at_health.contains(InboxId("orchard-gate.sch")));
}

TEST_F(Delivering, TurnsWhatWaitsForARevokedAgencyIntoATaskAndARung) {
    disconnect(health_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    rungs_told(police_host);
    unasked(hub_host);
    area.change_registry(
        [&](area::Registry& registry) { registry.agencies.at(health).revoked_at = now.wall; },
        now.wall);
    load_documents();
    const auto told = rungs_told(police_host);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().rung, Rung::not_connected);
    EXPECT_EQ(told.front().seat, seat("health", "urg"));
    const auto tasks = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks.front().task.kind, wire::TaskKind::not_connected);
    EXPECT_EQ(tasks.front().task.owner, seat("hub", "ffd"));
    EXPECT_FALSE(tasks.front().task.agency.empty());
}

TEST_F(Delivering, AnswersAFloodOfInputsInOneTransaction) {
    std::vector<Input> batch;
    for (std::uint64_t n = 1; n <= 8; ++n) {
        const auto facts = missing_child(n, now.wall);
        batch.push_back(
            frame_in(police_host,
                     test::seal(area, plan(police_host, notification(n), facts), facts, now.wall)));
    }
    unasked(police_host);
    step(std::move(batch));
    std::size_t accepted = 0;
    for (const auto& frame : received[sessions.at(police_host)])
        accepted += std::holds_alternative<wire::Accepted>(frame.body) ? 1 : 0;
    EXPECT_EQ(accepted, 8U);
    EXPECT_EQ(deliveries(hub_host).size(), 8U);
}

}  // namespace
}  // namespace mash::broker
