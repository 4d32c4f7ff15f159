#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using wire::Rung;

class Receipting : public BrokerFixture {
protected:
    Receipting() {
        send(police_host, notification(1), missing_child(1, now.wall));
        to_hub = unasked_of<wire::Delivery>(hub_host).front();
        to_care = unasked_of<wire::Delivery>(care_host).front();
        to_health = unasked_of<wire::Delivery>(health_host).front();
        unasked(police_host);
    }
    wire::ReceiptEntry entry(Rung rung, const Seat& of = seat("hub", "ffd")) {
        return {notification(1), of, rung, now.wall, ""};
    }

    wire::Delivery to_hub, to_care, to_health;
};

TEST_F(Receipting, ForwardsTheReceiptAsItWasSigned) {
    const auto receipts = test::receipt(area, to_hub, Rung::stored, now.wall);
    expect<wire::ReceiptsAck>(hub_host, receipts);
    const auto forwarded = unasked_of<wire::Receipts>(police_host);
    ASSERT_EQ(forwarded.size(), 1U);
    EXPECT_EQ(forwarded.front().body, receipts.body);
    EXPECT_EQ(forwarded.front().signature, receipts.signature);
    EXPECT_TRUE(forwarded.front().deliveries.empty())
        << "which delivery it was is nobody else's business";
}

TEST_F(Receipting, ForwardsEachRungOnce) {
    confirm(hub_host, to_hub, Rung::stored);
    EXPECT_EQ(rungs_told(police_host).size(), 1U);
    confirm(hub_host, to_hub, Rung::stored);
    EXPECT_TRUE(rungs_told(police_host).empty());
    confirm(hub_host, to_hub, Rung::taken);
    confirm(hub_host, to_hub, Rung::opened);
    EXPECT_EQ(rungs_told(police_host).size(), 2U) << "a set: in whatever order they come";
}

TEST_F(Receipting, KeepsAReceiptUntilTheSenderHasIt) {
    disconnect(police_host);
    confirm(hub_host, to_hub, Rung::stored);
    restart();
    connect(hub_host);
    connect(police_host);
    auto receipts = unasked_of<wire::Receipts>(police_host);
    ASSERT_EQ(receipts.size(), 1U);
    advance(std::chrono::minutes(1));
    EXPECT_EQ(unasked_of<wire::Receipts>(police_host).size(), 1U)
        << "said again while it is not acknowledged";
    const auto body = wire::decode_body<wire::ReceiptsBody>(receipts.front().body);
    say(police_host, wire::ReceiptsAck{body->batch});
    EXPECT_EQ(rows("receipts_due"), 0U);
    advance(std::chrono::minutes(5));
    EXPECT_TRUE(unasked_of<wire::Receipts>(police_host).empty());
}

TEST_F(Receipting, LetsNobodyAcknowledgeAnotherSendersReceipts) {
    const auto receipts = test::receipt(area, to_hub, Rung::stored, now.wall);
    expect<wire::ReceiptsAck>(hub_host, receipts);
    const auto body = wire::decode_body<wire::ReceiptsBody>(receipts.body);
    say(care_host, wire::ReceiptsAck{body->batch});
    EXPECT_EQ(rows("receipts_due"), 1U);
}

TEST_F(Receipting, GivesASenderThatWasRestoredItsReceiptsAgain) {
    const auto receipts = test::receipt(area, to_hub, Rung::stored, now.wall);
    expect<wire::ReceiptsAck>(hub_host, receipts);
    unasked(police_host);
    say(police_host,
        wire::ReceiptsAck{wire::decode_body<wire::ReceiptsBody>(receipts.body)->batch});
    disconnect(police_host);
    connect(police_host, 2);
    const auto again = unasked_of<wire::Receipts>(police_host);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again.front().body, receipts.body);
}

TEST_F(Receipting, RefusesARungThatIsNotTheAgentsToSay) {
    for (const auto rung : {Rung::accepted, Rung::not_connected, Rung::expired}) {
        EXPECT_EQ(refused(hub_host, test::receipt(area, to_hub, rung, now.wall)),
                  ErrorCode::not_entitled);
    }
    EXPECT_TRUE(rungs_told(police_host).empty());
}

TEST_F(Receipting, RefusesReceiptsForWhatTheAgencyWasNeverGiven) {
    // Somebody else's seat, a seat that is no recipient, and a notification of another child that
    // it cannot know.
    EXPECT_EQ(
        refused(care_host, test::receipt(area, social_care, police, {entry(Rung::taken)}, {})),
        ErrorCode::not_entitled);
    EXPECT_EQ(
        refused(care_host, test::receipt(area, social_care, police,
                                         {entry(Rung::taken, seat("social-care", "sw"))}, {})),
        ErrorCode::not_entitled);
    EXPECT_EQ(
        refused(school_host, test::receipt(area, orchard_gate, police,
                                           {entry(Rung::stored, seat("orchard-gate", "sch"))}, {})),
        ErrorCode::not_entitled);
    EXPECT_TRUE(rungs_told(police_host).empty());
}

TEST_F(Receipting, RefusesAForgedReceipt) {
    auto forged = test::receipt(area, to_hub, Rung::taken, now.wall);
    forged.signature =
        crypto::sign(area.signing_key(social_care), wire::label::receipts, forged.body);
    EXPECT_EQ(refused(hub_host, forged), ErrorCode::bad_signature);
    EXPECT_EQ(refused(care_host, test::receipt(area, to_hub, Rung::taken, now.wall)),
              ErrorCode::wrong_host);
}

TEST_F(Receipting, AcknowledgesWhatARestoredBrokerNoLongerKnows) {
    auto unknown = entry(Rung::taken);
    unknown.notification = notification(77);
    expect<wire::ReceiptsAck>(hub_host, test::receipt(area, hub, police, {unknown}, {}));
    EXPECT_TRUE(rungs_told(police_host).empty());
}

TEST_F(Receipting, TakesManyEntriesUnderOneSignature) {
    send(police_host, notification(2), missing_child(2, now.wall));
    const auto second = unasked_of<wire::Delivery>(hub_host).front();
    auto other = entry(Rung::stored);
    other.notification = notification(2);
    expect<wire::ReceiptsAck>(
        hub_host,
        test::receipt(area, hub, police, {entry(Rung::stored), other, entry(Rung::opened)},
                      {to_hub.id, second.id, to_hub.id}));
    EXPECT_EQ(rungs_told(police_host).size(), 3U);
    EXPECT_EQ(rows("queue"), 4U) << "social care's and health's of both";
}

TEST_F(Receipting, OpensATaskWhenAnInboxCannotOpenWhatItGot) {
    unasked(hub_host);
    confirm(care_host, to_care, Rung::undecryptable);
    const auto told = rungs_told(police_host);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().rung, Rung::undecryptable);
    const auto tasks = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks.front().task.role, RoleId("mco"));
    advance(std::chrono::minutes(5));
    EXPECT_TRUE(unasked_of<wire::Delivery>(care_host).empty())
        << "it is not pushed again and again";
}

TEST_F(Receipting, StartsRetentionWithTheLastTakenSeat) {
    confirm(hub_host, to_hub, Rung::taken);
    confirm(care_host, to_care, Rung::taken);
    advance(std::chrono::hours(24 * 40));
    EXPECT_EQ(rows("content"), 1U);
    connect(health_host, 1, 100);
    confirm(health_host, to_health, Rung::taken);
    advance(std::chrono::hours(24 * 29));
    EXPECT_EQ(rows("content"), 1U);
    advance(std::chrono::hours(24 * 2));
    EXPECT_EQ(rows("content"), 0U);
    confirm(hub_host, to_hub, Rung::decided);
    bool decided = false;
    for (const auto& told : rungs_told(police_host))
        decided = decided || told.rung == Rung::decided;
    EXPECT_TRUE(decided) << "a late outcome still reaches the sender";
}

TEST_F(Receipting, CountsHandingOverToASystemAsTheEndForAnAutomaticInboxOnly) {
    area.change_registry(
        [](area::Registry& registry) {
            for (auto& entry : registry.agencies.at(health).seats) entry.people = false;
        },
        now.wall);
    load_documents();
    confirm(hub_host, to_hub, Rung::taken);
    confirm(care_host, to_care, Rung::taken);
    confirm(health_host, to_health, Rung::handed_over);
    advance(std::chrono::hours(24 * 31));
    EXPECT_EQ(rows("content"), 0U);

    area.renew_freshness(now.wall);  // or only the floor would go
    load_documents();
    send(police_host, notification(2), missing_child(2, now.wall));
    confirm(hub_host, unasked_of<wire::Delivery>(hub_host).back(), Rung::handed_over);
    confirm(care_host, unasked_of<wire::Delivery>(care_host).back(), Rung::taken);
    confirm(health_host, unasked_of<wire::Delivery>(health_host).back(), Rung::handed_over);
    advance(std::chrono::hours(24 * 60));
    EXPECT_EQ(rows("content"), 1U) << "a people's inbox is not a case system";
}

}  // namespace
}  // namespace mash::broker
