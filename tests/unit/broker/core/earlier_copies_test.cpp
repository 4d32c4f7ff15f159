// A backup of the broker is put back; what it had accepted since comes again, and the plan of today
// names fewer than the plan of then.
#include <gmock/gmock.h>

#include "broker/core/records.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using wire::Rung;

class EarlierCopies : public BrokerFixture {
protected:
    EarlierCopies() {
        const auto backup = store.snapshot();
        claim(school_host, school, "school", {token(1)});
        send_it();
        const auto deliveries = unasked_of<wire::Delivery>(school_host);
        EXPECT_EQ(deliveries.size(), 1U);
        before = deliveries.front();
        confirm(school_host, before, Rung::stored);
        store.restore(backup);
        auto transaction = store.begin();
        Core::forget_epoch(*transaction);
        EXPECT_TRUE(store.commit(std::move(transaction)).is_committed());
        restart();
        load_documents();
        for (const auto& host : {police_host, hub_host, care_host, health_host, school_host})
            connect(host);
    }
    void send_it() { send(police_host, notification(1), missing_child(1, now.wall)); }
    /// As its agent offers it again, saying where it lies.
    wire::Receipts held(Rung rung = Rung::stored, const std::string& inbox = "orchard-gate.sch") {
        auto receipts = test::receipt(area, before, rung, now.wall);
        receipts.inboxes = {InboxId(inbox)};
        return receipts;
    }
    void says(Rung rung) { expect<wire::ReceiptsAck>(school_host, held(rung)); }
    void recall() {
        expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    }
    void expect_told() {
        const auto notices = unasked_of<wire::RecallNotice>(school_host);
        ASSERT_EQ(notices.size(), 1U);
        EXPECT_EQ(notices.front().inbox, InboxId("orchard-gate.sch"));
        EXPECT_EQ(notices.front().seat, school);
        EXPECT_EQ(notices.front().delivery, before.id);
    }

    const Seat school = seat("orchard-gate", "sch");
    wire::Delivery before;
};

TEST_F(EarlierCopies, AreToldOfARecallThoughThePlanOfTodayNamesThemNot) {
    send_it();
    EXPECT_TRUE(unasked_of<wire::Delivery>(school_host).empty()) << "nobody says it works with her";
    says(Rung::stored);
    recall();
    expect_told();
}

TEST_F(EarlierCopies, AreKnownFromReceiptsThatComeBeforeTheItem) {
    says(Rung::stored);
    send_it();
    recall();
    expect_told();
}

TEST_F(EarlierCopies, AreToldThoughTheItemNeverComesAgain) {
    says(Rung::stored);
    recall();
    expect_told();
}

TEST_F(EarlierCopies, ThatAreSaidAfterTheRecallAreToldAtOnce) {
    send_it();
    recall();
    EXPECT_TRUE(unasked_of<wire::RecallNotice>(school_host).empty());
    says(Rung::taken);
    expect_told();
}

TEST_F(EarlierCopies, AreToldOfTheRecallOfTheirOwnCopyOnly) {
    says(Rung::stored);
    expect<wire::Done>(police_host,
                       test::recall(area, police, notification(1), now.wall, InboxId("hub.ffd")));
    EXPECT_TRUE(unasked_of<wire::RecallNotice>(school_host).empty());
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall,
                                                 InboxId("orchard-gate.sch")));
    expect_told();
}

TEST_F(EarlierCopies, AreAskedUntilTheyHaveConfirmedAndTheSenderHearsIt) {
    send_it();
    says(Rung::stored);
    recall();
    unasked(school_host);
    advance(std::chrono::minutes(3));
    EXPECT_FALSE(unasked_of<wire::RecallNotice>(school_host).empty());
    rungs_told(police_host);
    says(Rung::recalled);
    const auto told = rungs_told(police_host);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().rung, Rung::recalled);
    EXPECT_EQ(told.front().seat, school);
    advance(std::chrono::minutes(3));
    EXPECT_TRUE(unasked_of<wire::RecallNotice>(school_host).empty());
}

TEST_F(EarlierCopies, AreRepeatedToAnAgentThatWasRestoredAndNothingIsDeliveredThere) {
    send_it();
    says(Rung::stored);
    recall();
    says(Rung::recalled);
    disconnect(school_host);
    connect(school_host, 2);
    std::size_t notices = 0;
    for (const auto& frame : unasked(school_host)) {
        EXPECT_FALSE(std::holds_alternative<wire::Delivery>(frame.body));
        if (std::holds_alternative<wire::RecallNotice>(frame.body)) ++notices;
    }
    EXPECT_EQ(notices, 1U) << "its backup may hold it";
}

TEST_F(EarlierCopies, TellTheSenderWhoHasIt) {
    says(Rung::stored);
    says(Rung::taken);
    EXPECT_THAT(rungs_told(police_host),
                ::testing::ElementsAre(::testing::Field(&wire::ReceiptEntry::rung, Rung::stored),
                                       ::testing::Field(&wire::ReceiptEntry::rung, Rung::taken)));
    says(Rung::taken);
    EXPECT_TRUE(rungs_told(police_host).empty()) << "that is nothing new";
}

/// A school asks for help that a family has agreed to; the front door has a copy of an earlier
/// life.
class EarlierCopiesUnderAgreement : public BrokerFixture {
protected:
    wire::RoutingFacts help() {
        auto facts = test::facts_about(orchard_gate, RoleId("sch"), TypeId("safeguarding_referral"),
                                       {token(1)}, now.wall);
        facts.level = wire::Level::four;
        facts.harm = wire::Harm::none;
        facts.purpose = wire::Purpose::request_service;
        facts.agreement.status = wire::AgreementStatus::given;
        facts.agreement.giver = wire::Giver::parent_pr;
        facts.agreement.named_agencies = {hub};
        facts.agreement.purpose = wire::Purpose::request_service;
        return facts;
    }
    /// Police have it from an earlier life, in which the school had seen a crime.
    void police_say(Rung rung) {
        wire::ReceiptEntry entry{notification(1), seat("police-wm", "pol"), rung, now.wall, {}};
        auto receipts = test::receipt(area, police, orchard_gate, {entry}, {delivery});
        receipts.inboxes = {InboxId("police-wm.pol")};
        expect<wire::ReceiptsAck>(police_host, receipts);
    }
    void withdraw(std::uint64_t agreement = 1) {
        wire::WithdrawalBody body;
        body.notification = notification(1);
        body.sender = orchard_gate;
        body.agreement = test::id_of<AgreementId>(agreement);
        body.person = PersonId("p-lead");
        body.at = now.wall;
        body.confirm_by = now.wall + std::chrono::hours(24);
        wire::WithdrawAgreement frame;
        frame.body = wire::encode_body(body);
        frame.signature =
            crypto::sign(area.signing_key(orchard_gate), wire::label::withdrawal, frame.body);
        expect<wire::Done>(school_host, frame);
    }
    std::size_t told_to_stop() {
        const auto notices = unasked_of<wire::WithdrawalNotice>(police_host);
        for (const auto& notice : notices) {
            EXPECT_EQ(notice.inbox, InboxId("police-wm.pol"));
            EXPECT_EQ(notice.seat, seat("police-wm", "pol"));
            EXPECT_EQ(notice.delivery, delivery);
        }
        return notices.size();
    }
    const DeliveryId delivery = test::id_of<DeliveryId>(500);
};

TEST_F(EarlierCopiesUnderAgreement, AreToldToStopUntilTheyHave) {
    send(school_host, notification(1), help());
    police_say(Rung::stored);
    withdraw();
    EXPECT_EQ(told_to_stop(), 1U);
    advance(std::chrono::minutes(3));
    EXPECT_GE(told_to_stop(), 1U);
    rungs_told(school_host);
    police_say(Rung::agreement_stopped);
    const auto rungs = rungs_told(school_host);
    ASSERT_EQ(rungs.size(), 1U) << "the sender hears it";
    EXPECT_EQ(rungs[0].rung, Rung::agreement_stopped);
    advance(std::chrono::minutes(3));
    EXPECT_EQ(told_to_stop(), 0U);
    disconnect(police_host);
    connect(police_host, 2);
    EXPECT_EQ(told_to_stop(), 1U) << "it was put back, and may use it again";
}

TEST_F(EarlierCopiesUnderAgreement, ThatAreSaidAfterTheWithdrawalAreToldAtOnce) {
    send(school_host, notification(1), help());
    withdraw();
    EXPECT_EQ(told_to_stop(), 0U);
    police_say(Rung::taken);
    EXPECT_EQ(told_to_stop(), 1U);
}

TEST_F(EarlierCopiesUnderAgreement, AreToldAgainOfALaterAgreement) {
    send(school_host, notification(1), help());
    police_say(Rung::stored);
    withdraw();
    police_say(Rung::agreement_stopped);
    told_to_stop();
    advance(std::chrono::minutes(1));
    withdraw(2);
    EXPECT_EQ(told_to_stop(), 1U);
}

TEST_F(EarlierCopiesUnderAgreement, OfWhatRestsOnHarmGoOn) {
    auto facts = help();
    facts.harm = wire::Harm::likely_or_actual;
    send(school_host, notification(1), facts);
    police_say(Rung::stored);
    withdraw();
    EXPECT_EQ(told_to_stop(), 0U);
}

TEST_F(EarlierCopies, HearWhatIsPutRightWhereTheSendersOwnPlansNamedThem) {
    send_it();
    auto facts = missing_child(1, now.wall);
    facts.type = TypeId("correction");
    facts.kind = "missing_episode_started";
    facts.thread = ThreadId(notification(1).value());
    facts.supersedes = notification(1);
    facts.thread_seats = {seat("hub", "ffd"), school};
    const InboxId inbox("orchard-gate.sch");
    EXPECT_FALSE(recipients(plan(police_host, notification(2), facts)).contains(inbox))
        << "the sender's word alone makes nobody one of the thread";
    says(Rung::stored);
    EXPECT_TRUE(recipients(plan(police_host, notification(2), facts)).contains(inbox));
    auto to_others = facts;
    to_others.thread_seats = {seat("hub", "ffd")};
    EXPECT_FALSE(recipients(plan(police_host, notification(3), to_others)).contains(inbox))
        << "and neither does the recipient's";
    send(police_host, notification(2), facts);
    const auto deliveries = unasked_of<wire::Delivery>(school_host);
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(statement(deliveries.front()).id, notification(2));
}

TEST_F(EarlierCopies, ThatAreKnownBeforeTheItemComesAgainBelongToItsThread) {
    says(Rung::stored);
    send_it();
    auto facts = missing_child(1, now.wall);
    facts.type = TypeId("missing_episode_closed");
    facts.thread = ThreadId(notification(1).value());
    facts.thread_seats = {seat("hub", "ffd"), school};
    EXPECT_TRUE(
        recipients(plan(police_host, notification(2), facts)).contains(InboxId("orchard-gate.sch")))
        << "that the child is found";
}

TEST_F(EarlierCopies, AreNotHeldTwiceWhereTheItemComesAgain) {
    says(Rung::stored);
    claim(school_host, school, "school", {token(1)});
    send_it();
    const auto again = unasked_of<wire::Delivery>(school_host);
    ASSERT_EQ(again.size(), 1U);
    confirm(school_host, again.front(), Rung::stored);
    recall();
    const auto notices = unasked_of<wire::RecallNotice>(school_host);
    const auto own =
        std::ranges::count(notices, InboxId("orchard-gate.sch"), &wire::RecallNotice::inbox);
    EXPECT_EQ(own, 1);
    for (const auto& notice : notices) {
        if (notice.inbox == InboxId("orchard-gate.sch")) {
            EXPECT_EQ(notice.delivery, again.front().id);
        }
    }
}

TEST_F(EarlierCopies, AreTheWordOfTheAgencyWhoseInboxItIs) {
    send_it();
    const auto stranger = refusal(school_host, held(Rung::stored, "hub.ffd"));
    EXPECT_EQ(stranger.code, ErrorCode::not_entitled);
    auto silent = held();
    silent.inboxes.clear();
    EXPECT_EQ(refused(school_host, silent), ErrorCode::not_entitled)
        << "an agent of before does not say where it lies";
    EXPECT_EQ(refused(school_host, held(Rung::recalled)), ErrorCode::not_entitled)
        << "that something is gone which nobody knows to be there";
    auto uneven = held();
    uneven.inboxes.emplace_back("orchard-gate.sch");
    EXPECT_EQ(refused(school_host, uneven), ErrorCode::malformed);
    EXPECT_EQ(rows("earlier_copies"), 0U);
}

TEST_F(EarlierCopies, AreForgottenAfterThirtyDays) {
    says(Rung::stored);
    advance(std::chrono::hours(24 * 29));
    EXPECT_EQ(rows("earlier_copies"), 1U);
    advance(std::chrono::hours(24 * 2));
    EXPECT_EQ(rows("earlier_copies"), 0U);
    EXPECT_TRUE(tables::earlier_copies_kept.collect(*store.view(), {}).empty());
}

TEST_F(EarlierCopies, OfOneAgencyAreBoundedAndTheOverflowIsSaid) {
    auto transaction = store.begin();
    tables::earlier_copies_kept.put(*transaction, orchard_gate, {limits::earlier_copies_max});
    ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
    log.clear();
    says(Rung::stored);
    EXPECT_EQ(rows("earlier_copies"), 0U);
    EXPECT_THAT(log,
                ::testing::Contains(::testing::Field(&Recorded::event, LogEvent::receipt_refused)));
}

}  // namespace
}  // namespace mash::broker
