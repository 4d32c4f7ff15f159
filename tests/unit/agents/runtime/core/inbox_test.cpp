// What arrives: durable before acknowledged, once, and believed only for the sender's signature.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

class InboxTest : public ::testing::Test {
protected:
    InboxTest() {
        world.connect_all();
        person = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
    }
    /// One notification, whose delivery to the front door is kept back for the test.
    wire::Delivery delivery() {
        world.broker.delivers = false;
        id = world.send(world.police, world.missing_child());
        const auto& plan = world.broker.plans.at(id).plan;
        for (const auto& recipient : plan.decision.recipients) {
            if (recipient.seat.role == RoleId("ffd")) {
                return world.broker.delivery_of(world.broker.published.at(id), id, recipient,
                                                recipient.inbox);
            }
        }
        ADD_FAILURE();
        return {};
    }
    std::vector<std::pair<wire::Rung, std::string>> receipts_from(TestHost& host) {
        std::vector<std::pair<wire::Rung, std::string>> rungs;
        for (const auto& send : host.out) {
            const auto* receipts = std::get_if<wire::Receipts>(&send.frame.body);
            if (receipts == nullptr) continue;
            const auto body = wire::decode_body<wire::ReceiptsBody>(receipts->body);
            EXPECT_TRUE(crypto::verify(world.area.signing_key(body->from).verify_key(),
                                       wire::label::receipts, receipts->body, receipts->signature));
            EXPECT_EQ(receipts->deliveries.size(), body->entries.size());
            for (const auto& entry : body->entries) rungs.emplace_back(entry.rung, entry.code);
        }
        host.out.clear();
        return rungs;
    }
    std::size_t listed() {
        const auto reply = world.hub.ask(ApiRequest::Kind::received_list, person);
        EXPECT_EQ(reply.status, 200);
        return nlohmann::json::parse(reply.json.reveal()).at("received").size();
    }
    void let_a_system_empty(const std::string& agency, const std::string& role,
                            const std::vector<TestHost*>& hosts) {
        world.area.change_registry(
            [&](area::Registry& registry) {
                for (auto& seat : registry.agencies.at(AgencyId(agency)).seats)
                    if (seat.role == RoleId(role)) seat.people = false;
            },
            world.now.wall);
        for (auto* host : hosts) host->give(FrameIn{{0, wire::DocumentsChanged{3, 1, 3}}});
        world.settle();
    }
    nlohmann::json status_of(TestHost& host) {
        const auto reply = host.ask(ApiRequest::Kind::status, host.service_token);
        return nlohmann::json::parse(reply.json.reveal());
    }
    using Rungs = std::vector<std::pair<wire::Rung, std::string>>;
    AgentWorld world;
    PersonalText person;
    NotificationId id;
};

TEST_F(InboxTest, AnItemIsStoredOnceAndAnsweredTheSameEachTime) {
    auto first = delivery();
    world.hub.give(FrameIn{{0, first}});
    EXPECT_EQ(receipts_from(world.hub), (Rungs{{wire::Rung::stored, ""}}));
    auto again = first;
    again.id = test::id_of<DeliveryId>(2);
    world.hub.give(FrameIn{{0, again}});
    EXPECT_EQ(receipts_from(world.hub), (Rungs{{wire::Rung::stored, ""}}));
    EXPECT_EQ(listed(), 1U);
}

TEST_F(InboxTest, WhatTheBrokerListsInAnotherLaneThanTheSenderSignedIsRefused) {
    auto lower = delivery();
    auto statement = wire::decode_body<wire::StatementBody>(lower.statement);
    ASSERT_TRUE(statement.has_value());
    statement->lane = wire::Lane::routine;
    lower.statement = wire::encode_body(*statement);
    lower.statement_signature =
        crypto::sign(world.area.broker_key(), wire::label::statement, lower.statement);
    world.hub.give(FrameIn{{0, lower}});
    world.settle();
    EXPECT_EQ(listed(), 0U);
    EXPECT_TRUE(world.hub.has_alarm(Alarm::Kind::delivery_rejected));
}

TEST_F(InboxTest, AnItemThatIsKnownTellsARestoredBrokerEveryRungItReached) {
    const auto first = delivery();
    world.hub.give(FrameIn{{0, first}});
    world.hub.ask(ApiRequest::Kind::received_one, person, to_text(id));
    world.hub.ask(ApiRequest::Kind::taken, person, to_text(id));
    world.hub.out.clear();
    world.hub.give(FrameIn{{0, first}});
    EXPECT_EQ(receipts_from(world.hub),
              (Rungs{{wire::Rung::stored, ""}, {wire::Rung::opened, ""}, {wire::Rung::taken, ""}}));
}

TEST_F(InboxTest, OtherContentUnderAKnownIdIsRefused) {
    world.hub.give(FrameIn{{0, delivery()}});
    world.hub.out.clear();
    // The sender, or one who holds its key, seals the same id again.
    auto second = delivery();
    second.parcel.grant.back() ^= 1;
    second.parcel.signature =
        crypto::sign(world.area.signing_key(AgencyId("police-wm")), wire::label::parcel,
                     wire::parcel_message(AgencyId("police-wm"), id, second.parcel));
    world.hub.give(FrameIn{{0, second}});
    const auto rungs = receipts_from(world.hub);
    EXPECT_NE(std::ranges::find(rungs, std::pair<wire::Rung, std::string>{wire::Rung::refused,
                                                                          "duplicate_conflict"}),
              rungs.end());
    EXPECT_EQ(listed(), 1U);
}

TEST_F(InboxTest, ASwappedViewIsRefusedAndNotStored) {
    auto bad = delivery();
    bad.views.front().ciphertext.back() ^= 1;
    world.hub.give(FrameIn{{0, bad}});
    world.settle();
    EXPECT_TRUE(world.hub.has_alarm(Alarm::Kind::delivery_rejected));
    EXPECT_EQ(listed(), 0U);
    bool refused = false;
    for (const auto& receipts : world.broker.receipts) {
        for (const auto& entry : entries_of(receipts)) {
            refused = refused || entry.rung == wire::Rung::refused;
        }
    }
    EXPECT_TRUE(refused);
}

TEST_F(InboxTest, AMissingOrAddedViewIsRefused) {
    auto fewer = delivery();
    auto more = fewer;
    fewer.views.pop_back();
    more.views.push_back(more.views.front());
    for (const auto& bad : {fewer, more}) {
        world.hub.give(FrameIn{{0, bad}});
        world.settle();
        EXPECT_EQ(listed(), 0U);
    }
}

TEST_F(InboxTest, AfterARefusalTheRightBytesAreStillTaken) {
    const auto good = delivery();
    auto bad = good;
    bad.views.front().ciphertext.back() ^= 1;
    world.hub.give(FrameIn{{0, bad}});
    world.settle();
    world.hub.give(FrameIn{{0, good}});
    world.settle();
    EXPECT_EQ(listed(), 1U);
    EXPECT_FALSE(world.hub.has_alarm(Alarm::Kind::delivery_rejected));
}

TEST_F(InboxTest, AStatementThatTheBrokerDidNotSignIsNoDelivery) {
    auto bad = delivery();
    bad.statement_signature = crypto::sign(world.area.signing_key(AgencyId("health")),
                                           wire::label::statement, bad.statement);
    world.hub.give(FrameIn{{0, bad}});
    EXPECT_TRUE(receipts_from(world.hub)
                    .empty());  // nobody we know said it: there is no seat to answer for
    EXPECT_EQ(listed(), 0U);
}

TEST_F(InboxTest, ASenderNamedByTheBrokerAloneIsNotBelieved) {
    auto bad = delivery();
    auto statement = *wire::decode_body<wire::StatementBody>(bad.statement);
    statement.sender = AgencyId("health");  // another agency's parcel under this name
    bad.statement = wire::encode_body(statement);
    bad.statement_signature =
        crypto::sign(world.area.broker_key(), wire::label::statement, bad.statement);
    world.hub.give(FrameIn{{0, bad}});
    world.settle();
    EXPECT_EQ(listed(), 0U);
}

TEST_F(InboxTest, AnotherInboxesParcelIsRefused) {
    auto bad = delivery();
    const auto& parcels = world.broker.published.at(id).parcels;
    bad.parcel = *std::ranges::find(parcels, InboxId("hub.edt"), &wire::Parcel::recipient);
    world.hub.give(FrameIn{{0, bad}});
    world.settle();
    EXPECT_EQ(listed(), 0U);
}

TEST_F(InboxTest, ARevokedSendersItemIsRefused) {
    const auto late = delivery();
    world.area.change_registry(
        [&](area::Registry& registry) {
            registry.agencies.at(AgencyId("police-wm")).revoked_at =
                world.now.wall - std::chrono::hours(1);
        },
        world.now.wall);
    world.hub.give(FrameIn{{0, wire::DocumentsChanged{3, 1, 3}}});
    world.settle();
    world.hub.give(FrameIn{{0, late}});
    world.settle();
    EXPECT_EQ(listed(), 0U);
}

TEST_F(InboxTest, ASenderNewerThanOurRegistryIsJudgedByTheNextOne) {
    // The police sign with a key that the hub's registry does not have yet.
    world.area.rotate_signing_key(AgencyId("police-wm"), world.now.wall);
    auto fresh = delivery();
    fresh.parcel.signature =
        crypto::sign(world.area.signing_key(AgencyId("police-wm")), wire::label::parcel,
                     wire::parcel_message(AgencyId("police-wm"), id, fresh.parcel));
    world.hub.give(FrameIn{{0, fresh}});
    world.settle();  // it asks for the registry, then judges again
    EXPECT_EQ(listed(), 1U);
}

TEST_F(InboxTest, ReceiptsAreKeptUntilTheBrokerHasThem) {
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::Receipts>(body);
    };
    world.hub.give(FrameIn{{0, delivery()}});
    world.settle();
    EXPECT_TRUE(world.broker.receipts.empty());
    world.hub.restart();
    world.broker.swallow = nullptr;
    world.connect(world.hub);
    EXPECT_FALSE(world.broker.receipts.empty());
    const auto count = world.broker.receipts.size();
    world.disconnect(world.hub);
    world.connect(world.hub);
    EXPECT_EQ(world.broker.receipts.size(), count);  // acknowledged, so not again
}

TEST_F(InboxTest, ARestoredBrokerGetsAcknowledgedReceiptsAgain) {
    world.hub.give(FrameIn{{0, delivery()}});
    world.settle();
    const auto count = world.broker.receipts.size();
    world.disconnect(world.hub);
    world.broker.store_epoch = {3};
    world.connect(world.hub);
    EXPECT_GT(world.broker.receipts.size(), count);
}

TEST_F(InboxTest, ReceiptsSayToTheBrokerInWhichInboxEachDeliveryLies) {
    auto mine = delivery();
    world.hub.give(FrameIn{{0, mine}});
    world.settle();
    ASSERT_FALSE(world.broker.receipts.empty());
    EXPECT_EQ(world.broker.receipts.back().inboxes, std::vector{InboxId("hub.ffd")});
    auto other = mine;  // not what its sender signed: refused, and so in no inbox
    other.id = test::id_of<DeliveryId>(9);
    other.parcel.grant.push_back(0);
    world.hub.give(FrameIn{{0, other}});
    world.settle();
    EXPECT_EQ(world.broker.receipts.back().inboxes.back(), InboxId());
}

TEST_F(InboxTest, AnAutomaticInboxIsHandedOverAtOnceAndUntilTheSystemHasIt) {
    let_a_system_empty("orchard-gate", "sch", {&world.police, &world.schools});
    id = world.send(world.police, world.missing_child());
    auto handed = world.schools.seen_of<HandOver>();
    ASSERT_EQ(handed.size(), 1U);
    EXPECT_EQ(handed[0].inbox, InboxId("orchard-gate.sch"));
    const auto json = nlohmann::json::parse(handed[0].json.reveal());
    EXPECT_TRUE(json.at("views").contains("evt.headline"));
    EXPECT_FALSE(json.at("views").contains("loc"));
    world.schools.give(HandoverFailed{handed[0].inbox, id, handed[0].sender, ErrorCode::io_failed});
    world.pass(std::chrono::seconds(61));
    EXPECT_EQ(world.schools.seen_of<HandOver>().size(), 2U);
    world.schools.restart();
    world.connect(world.schools);
    world.tick();
    EXPECT_EQ(world.schools.seen_of<HandOver>().size(), 3U);
    world.schools.out.clear();
    world.schools.give(HandedOver{handed[0].inbox, id, handed[0].sender});
    EXPECT_EQ(receipts_from(world.schools), (Rungs{{wire::Rung::handed_over, ""}}));
    world.pass(std::chrono::minutes(5));
    EXPECT_EQ(world.schools.seen_of<HandOver>().size(), 3U);
}

TEST_F(InboxTest, WhatASystemDoesNotTakeInRingsUntilItDoes) {
    let_a_system_empty("orchard-gate", "sch", {&world.police, &world.schools});
    id = world.send(world.police, world.missing_child());
    const auto handed = world.schools.seen_of<HandOver>();
    ASSERT_EQ(handed.size(), 1U);
    EXPECT_EQ(status_of(world.schools).at("status"), "ok");
    world.pass(std::chrono::hours(24) + std::chrono::minutes(2));
    ASSERT_TRUE(world.schools.has_alarm(Alarm::Kind::not_handed_over));
    const auto late = status_of(world.schools);
    EXPECT_EQ(late.at("status"), "alarm");
    EXPECT_EQ(late.at("alarms")[0].at("alarm"), "not_handed_over");
    world.schools.give(HandedOver{handed[0].inbox, id, handed[0].sender});
    EXPECT_EQ(status_of(world.schools).at("alarms"), nlohmann::json::array());
}

TEST_F(InboxTest, WhatASystemHasTakenInWaitsForNobody) {
    let_a_system_empty("orchard-gate", "sch", {&world.police, &world.schools});
    id = world.send(world.police, world.missing_child());
    const auto handed = world.schools.seen_of<HandOver>();
    ASSERT_EQ(handed.size(), 1U);
    EXPECT_FALSE(status_of(world.schools).at("oldest_untaken_seconds").is_null());
    world.schools.give(HandedOver{handed[0].inbox, id, handed[0].sender});
    EXPECT_TRUE(status_of(world.schools).at("oldest_untaken_seconds").is_null());
}

TEST_F(InboxTest, AnActingSeatThatASystemEmptiesIsAskedForNothingMoreOnceItHasIt) {
    let_a_system_empty("hub", "ffd", {&world.police, &world.hub});
    id = world.send(world.police, world.missing_child());
    std::optional<HandOver> handed;
    for (const auto& one : world.hub.seen_of<HandOver>())
        if (one.inbox == InboxId("hub.ffd")) handed = one;
    ASSERT_TRUE(handed.has_value());
    world.pass(std::chrono::minutes(16));
    const auto waits = [&] {
        auto transaction = world.police.store.begin();
        return table::alarms.contains(*transaction,
                                      {static_cast<std::uint8_t>(Alarm::Kind::not_taken), id});
    };
    EXPECT_TRUE(waits());
    world.hub.give(HandedOver{handed->inbox, id, handed->sender});
    world.settle();
    world.pass(std::chrono::minutes(2));
    EXPECT_FALSE(waits());
}

TEST_F(InboxTest, WhatManyOwedToOneSystemDoNotHideWhatIsOwedToAnother) {
    const InboxId down("alder.sch"), next("birch.sch");
    const auto owe = [&](const InboxId& inbox, std::uint8_t number) {
        auto transaction = world.schools.store.begin();
        const InboxKey key{inbox, AgencyId("police-wm"), NotificationId{{number}}};
        InboxItem item;
        item.state = InboxState::recalled;
        table::inbox.put(*transaction, key, item);
        table::handover_open.put(*transaction, key, {});
        ASSERT_TRUE(world.schools.store.commit(std::move(transaction)).is_committed());
    };
    for (std::uint8_t number = 0; number < 200; ++number) owe(down, number);
    owe(next, 1);
    const auto times_offered = [&](const InboxId& inbox) {
        const auto all = world.schools.seen_of<HandOver>();
        return std::ranges::count(all, inbox, &HandOver::inbox);
    };
    for (int minute = 1; minute <= 3; ++minute) {
        for (int second = 0; second < 61; ++second) world.pass(std::chrono::seconds(1));
        EXPECT_GE(times_offered(next), minute) << "though nobody answers for the other";
    }
    EXPECT_GE(times_offered(down), 3 * 200);
    EXPECT_LE(times_offered(down), 4 * 200) << "each once a minute, and no more often";
}

TEST_F(InboxTest, APeoplesInboxIsNotOpenedByTheHost) {
    world.hub.give(FrameIn{{0, delivery()}});
    world.settle();
    EXPECT_TRUE(world.hub.seen_of<HandOver>().empty());
    for (const auto& receipts : world.broker.receipts) {
        for (const auto& entry : entries_of(receipts)) {
            EXPECT_NE(entry.rung, wire::Rung::opened);
        }
    }
}

}  // namespace
}  // namespace mash::runtime::testing
