// Backups are put back that know nothing of a recall. Whoever was told of it has the sender's
// signature, and gives it back.
#include <gmock/gmock.h>

#include "broker/core/records.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using wire::Rung;

class RecallGivenBack : public BrokerFixture {
protected:
    void send_it() { send(police_host, notification(1), missing_child(1, now.wall)); }
    wire::Recall recall(const InboxId& inbox = {}) {
        return test::recall(area, police, notification(1), now.wall, inbox);
    }
    void put_back(const store::MemorySnapshot& backup) {
        store.restore(backup);
        auto transaction = store.begin();
        Core::forget_epoch(*transaction);
        EXPECT_TRUE(store.commit(std::move(transaction)).is_committed());
        restart();
        load_documents();
        for (const auto& host : {police_host, hub_host, care_host, health_host, school_host})
            connect(host);
        for (const auto& host : {police_host, hub_host, care_host}) unasked(host);
    }
    /// Sent; recalled; and the broker put back to between the two.
    wire::Recall forgotten(const InboxId& inbox = {}) {
        send_it();
        at_hub = unasked_of<wire::Delivery>(hub_host);
        for (const auto& delivery : at_hub) confirm(hub_host, delivery, Rung::stored);
        const auto backup = store.snapshot();
        const auto said = recall(inbox);
        expect<wire::Done>(police_host, said);
        put_back(backup);
        return said;
    }
    /// What the sender is told as the sender.
    std::vector<wire::RecallNotice> own(const HostId& host = police_host) {
        auto notices = unasked_of<wire::RecallNotice>(host);
        std::erase_if(notices, [](const auto& notice) { return !notice.inbox.empty(); });
        return notices;
    }
    bool is_recalled() {
        const auto record = tables::notifications.get(*store.view(), {police, notification(1)});
        return record && record->recalled;
    }
    std::vector<wire::Delivery> at_hub;
};

TEST_F(RecallGivenBack, ByWhoeverWasToldOfItTakesTheItemBackEverywhereAgain) {
    const auto said = forgotten();
    ASSERT_FALSE(is_recalled());
    expect<wire::Done>(hub_host, said);
    EXPECT_TRUE(is_recalled());
    EXPECT_FALSE(unasked_of<wire::RecallNotice>(care_host).empty())
        << "it had not been told before the broker was put back";
}

TEST_F(RecallGivenBack, IsSaidToItsSenderUntilTheSenderSaysItItself) {
    const auto said = forgotten();
    expect<wire::Done>(hub_host, said);
    const auto told = own();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].body, said.body);
    EXPECT_EQ(told[0].signature, said.signature);
    EXPECT_TRUE(told[0].seat.agency.empty());
    expect<wire::Done>(care_host, said);
    EXPECT_TRUE(own().empty()) << "the same word of another";
    advance(std::chrono::minutes(3));
    EXPECT_FALSE(own().empty());
    expect<wire::Done>(police_host, said);
    advance(std::chrono::minutes(3));
    EXPECT_TRUE(own().empty());
}

TEST_F(RecallGivenBack, ClosesTheTasksToRingAboutWhatIsGone) {
    const auto said = forgotten();
    ASSERT_FALSE(at_hub.empty());
    for (const auto& delivery : at_hub) confirm(hub_host, delivery, Rung::recalled);
    const auto open_tasks = [&] {
        std::size_t open = 0;
        for (const auto& [id, task] : tables::tasks.collect(*store.view(), {}))
            if (!task.closed) ++open;
        return open;
    };
    const auto before = open_tasks();
    expect<wire::Done>(hub_host, said);
    EXPECT_LT(open_tasks(), before);
    EXPECT_EQ(open_tasks(), 0U);
}

TEST_F(RecallGivenBack, BeforeItsNotificationComesAgainTheNotificationIsDeliveredToNobody) {
    const auto backup = store.snapshot();
    send_it();
    const auto said = recall();
    expect<wire::Done>(police_host, said);
    put_back(backup);
    expect<wire::Done>(hub_host, said);
    EXPECT_EQ(own().size(), 1U);
    send_it();
    EXPECT_TRUE(is_recalled());
    for (const auto& host : {hub_host, care_host})
        EXPECT_TRUE(unasked_of<wire::Delivery>(host).empty());
}

TEST_F(RecallGivenBack, OfOneCopyConcernsThatCopyOnly) {
    const InboxId copy("hub.ffd");
    const auto said = forgotten(copy);
    expect<wire::Done>(hub_host, said);
    EXPECT_FALSE(is_recalled());
    EXPECT_TRUE(unasked_of<wire::RecallNotice>(care_host).empty());
    ASSERT_EQ(own().size(), 1U);
    EXPECT_TRUE(tables::recalls_of_copies.contains(*store.view(),
                                                   CopyKey{{police, notification(1)}, copy}));
    expect<wire::Done>(police_host, said);
    advance(std::chrono::minutes(3));
    EXPECT_TRUE(own().empty());
}

TEST_F(RecallGivenBack, WithoutItsSendersSignatureIsNoRecall) {
    auto forged = forgotten();
    forged.signature = crypto::sign(area.signing_key(hub), wire::label::recall, forged.body);
    EXPECT_EQ(refused(hub_host, forged), ErrorCode::bad_signature);
    EXPECT_FALSE(is_recalled());
    EXPECT_TRUE(own().empty());
}

TEST_F(RecallGivenBack, OfAKeyThatWasRevokedSinceIsNoRecall) {
    const auto said = forgotten();
    area.change_registry(
        [&](area::Registry& registry) {
            for (auto& key : registry.agencies.at(police).signing_keys)
                key.revoked_at = now.wall - std::chrono::minutes(1);
        },
        now.wall);
    load_documents();
    EXPECT_EQ(refused(hub_host, said), ErrorCode::bad_signature)
        << "whoever stole it dates it back";
    EXPECT_FALSE(is_recalled());
}

TEST_F(RecallGivenBack, ThatTheBrokerKnowsAlreadyIsNewToNobody) {
    send_it();
    const auto said = recall();
    expect<wire::Done>(police_host, said);
    unasked(hub_host);
    expect<wire::Done>(care_host, said);
    EXPECT_TRUE(own().empty());
    EXPECT_TRUE(unasked_of<wire::RecallNotice>(hub_host).empty());
}

TEST_F(RecallGivenBack, ToASenderThatWasPutBackByTheBrokerThatKnowsIt) {
    send_it();
    const auto said = recall();
    expect<wire::Done>(police_host, said);
    unasked(police_host);
    disconnect(police_host);
    connect(police_host, 2);
    const auto told = own();
    ASSERT_EQ(told.size(), 1U) << "before anything that is asked later is answered";
    EXPECT_EQ(told[0].body, said.body);
    disconnect(hub_host);
    connect(hub_host, 2);
    EXPECT_TRUE(own(hub_host).empty()) << "it is not the hub's";
}

}  // namespace
}  // namespace mash::broker
