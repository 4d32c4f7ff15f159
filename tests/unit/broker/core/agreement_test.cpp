// Agreement records and their withdrawal (domain.md E4, K1) in the broker's eyes: codes and
// signatures only.
#include <algorithm>

#include <gmock/gmock.h>

#include "broker/core/records.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using wire::Rung;

class Agreeing : public BrokerFixture {
protected:
    /// A school asks for early help; the mother has agreed that the hub may know.
    wire::RoutingFacts help(std::uint64_t child = 1) {
        auto facts = test::facts_about(orchard_gate, RoleId("sch"), TypeId("safeguarding_referral"),
                                       {test::token(child)}, now.wall);
        facts.level = wire::Level::three;
        facts.harm = wire::Harm::none;
        facts.purpose = wire::Purpose::request_service;
        facts.agreement = agreed();
        return facts;
    }
    static wire::Agreement agreed() {
        wire::Agreement agreement;
        agreement.status = wire::AgreementStatus::given;
        agreement.giver = wire::Giver::parent_pr;
        agreement.named_agencies = {hub};
        agreement.purpose = wire::Purpose::request_service;
        return agreement;
    }
    wire::AgreementBody record_of(std::uint64_t referral, std::uint64_t number = 1) {
        wire::AgreementBody body;
        body.id = test::id_of<AgreementId>(number);
        body.agency = orchard_gate;
        body.thread = ThreadId(notification(referral).value());
        body.person = PersonId("p-lead");
        body.agreement = agreed();
        body.recorded_at = now.wall;
        return body;
    }
    wire::RecordAgreement signed_by(const AgencyId& agency, const wire::AgreementBody& body) {
        wire::RecordAgreement frame;
        frame.body = wire::encode_body(body);
        frame.signature =
            crypto::sign(area.signing_key(agency), wire::label::agreement, frame.body);
        return frame;
    }
    wire::AgreementBody withdrawn(wire::AgreementBody body) {
        body.withdrawn_at = now.wall;
        return body;
    }
    void record(const wire::AgreementBody& body) {
        expect<wire::Done>(school_host, signed_by(orchard_gate, body));
    }
    wire::WithdrawAgreement withdrawal(const NotificationId& id,
                                       const AgencyId& sender = orchard_gate,
                                       std::uint64_t agreement = 1) {
        wire::WithdrawalBody body;
        body.notification = id;
        body.sender = sender;
        body.agreement = test::id_of<AgreementId>(agreement);
        body.person = PersonId("p-lead");
        body.at = now.wall;
        body.confirm_by = now.wall + std::chrono::hours(24);
        wire::WithdrawAgreement frame;
        frame.body = wire::encode_body(body);
        frame.signature =
            crypto::sign(area.signing_key(sender), wire::label::withdrawal, frame.body);
        return frame;
    }
    ErrorCode planning(std::uint64_t id, const wire::RoutingFacts& facts) {
        return refused(school_host, test::request_plan(notification(id), facts, now.wall));
    }
    wire::Receipts stopped(const wire::WithdrawalNotice& notice) {
        return test::receipt(
            area, notice.seat.agency, orchard_gate,
            {{notification(1), notice.seat, Rung::agreement_stopped, now.wall, "stopped"}},
            {notice.delivery});
    }
    std::map<InboxId, wire::WithdrawalNotice> notices_at(const HostId& host) {
        std::map<InboxId, wire::WithdrawalNotice> notices;
        for (const auto& notice : unasked_of<wire::WithdrawalNotice>(host))
            notices.insert_or_assign(notice.inbox, notice);
        return notices;
    }
    const InboxId desk{"hub.ffd"};
};

TEST_F(Agreeing, AStatementThatTheOwnRecordDoesNotBearOutIsNotPlannedAndTheRecordComesBack) {
    const auto body = withdrawn(record_of(1));
    record(body);
    unasked(school_host);
    EXPECT_EQ(planning(1, help()), ErrorCode::stale_plan);
    const auto held = unasked_of<wire::AgreementHeld>(school_host);
    ASSERT_THAT(held, SizeIs(1));
    EXPECT_EQ(held.front().body, wire::encode_body(body));

    auto honest = help();
    honest.agreement.status = wire::AgreementStatus::withdrawn;
    const auto decided = plan(school_host, notification(1), honest).decision;
    EXPECT_THAT(decided.recipients, IsEmpty());
    EXPECT_EQ(decided.refusal, "withdrawn");
}

TEST_F(Agreeing, WhatStandsIsPlanned) {
    record(record_of(1));
    EXPECT_THAT(plan(school_host, notification(1), help()).decision.recipients, SizeIs(1));
    auto wider = help();
    wider.agreement.named_agencies.push_back(social_care);
    EXPECT_EQ(planning(1, wider), ErrorCode::stale_plan) << "word for word";
}

TEST_F(Agreeing, ARecordCountsInItsOwnReferralAndInNoOther) {
    record(withdrawn(record_of(1)));
    EXPECT_THAT(plan(school_host, notification(2), help()).decision.recipients, SizeIs(1));
    auto same_thread = help();
    same_thread.thread = ThreadId(notification(1).value());
    EXPECT_EQ(planning(3, same_thread), ErrorCode::stale_plan);
}

TEST_F(Agreeing, WhatHasRunOutBearsNothingOut) {
    auto body = record_of(1);
    body.expires_at = now.wall + std::chrono::hours(1);
    record(body);
    EXPECT_THAT(plan(school_host, notification(1), help()).decision.recipients, SizeIs(1));
    advance(std::chrono::hours(1));
    EXPECT_EQ(planning(1, help()), ErrorCode::stale_plan);
}

TEST_F(Agreeing, ARecordIsItsAgencysAlone) {
    EXPECT_EQ(refused(school_host, signed_by(hub, record_of(1))), ErrorCode::bad_signature);
    EXPECT_EQ(refused(hub_host, signed_by(orchard_gate, record_of(1))), ErrorCode::wrong_host);
    EXPECT_EQ(rows("agreements"), 0U);
}

TEST_F(Agreeing, AStolenAgentFillsNoStoreWithReferralsAndNobodyElseIsDisturbed) {
    std::uint64_t kept = 0;
    ErrorCode last{};
    for (std::uint64_t n = 1; n <= 1'010; ++n) {
        for (const auto& frame : say(school_host, signed_by(orchard_gate, record_of(n)))) {
            if (std::holds_alternative<wire::Done>(frame.body)) ++kept;
            if (const auto* error = std::get_if<wire::ErrorFrame>(&frame.body)) {
                last = error->code;
                EXPECT_GT(error->retry_after_ms, 0U);
            }
        }
    }
    EXPECT_EQ(kept, 1'000U);
    EXPECT_EQ(last, ErrorCode::busy);
    EXPECT_EQ(rows("agreements"), 1'000U);
    // What the family says anew about a known referral is never put off.
    record(withdrawn(record_of(1)));
    auto of_hub = record_of(2'000);
    of_hub.agency = hub;
    expect<wire::Done>(hub_host, signed_by(hub, of_hub));
    advance(std::chrono::minutes(2));
    record(record_of(2'001));
}

TEST_F(Agreeing, ARestoredAgentDoesNotUndoAWithdrawalAndALaterRecordTakesItsPlace) {
    const auto first = record_of(1);
    record(withdrawn(first));
    record(first);
    EXPECT_EQ(planning(1, help()), ErrorCode::stale_plan) << "it was withdrawn, for good";
    advance(std::chrono::minutes(5));
    record(record_of(1, 2));
    EXPECT_THAT(plan(school_host, notification(1), help()).decision.recipients, SizeIs(1));
    record(withdrawn(first));
    EXPECT_THAT(plan(school_host, notification(1), help()).decision.recipients, SizeIs(1))
        << "the family has agreed anew since";
}

TEST_F(Agreeing, WithdrawnBetweenPlanAndSealingItIsNotAccepted) {
    record(record_of(1));
    const auto agreed = plan(school_host, notification(1), help());
    record(withdrawn(record_of(1)));
    EXPECT_EQ(refused(school_host, test::seal(area, agreed, help(), now.wall)),
              ErrorCode::stale_plan);
}

TEST_F(Agreeing, AWithdrawalTellsWhoReliedOnItAndLeavesTheContent) {
    send(school_host, notification(1), help());
    const auto delivery = unasked_of<wire::Delivery>(hub_host).front();
    confirm(hub_host, delivery, Rung::stored);
    const auto frame = withdrawal(notification(1));
    expect<wire::Done>(school_host, frame);
    const auto at_hub = notices_at(hub_host);
    ASSERT_TRUE(at_hub.contains(desk));
    EXPECT_EQ(at_hub.at(desk).delivery, delivery.id);
    EXPECT_EQ(at_hub.at(desk).body, frame.body);
    EXPECT_EQ(at_hub.at(desk).signature, frame.signature);
    EXPECT_EQ(rows("content"), 1U) << "nothing is removed";
}

TEST_F(Agreeing, ItIsSaidUntilEachHasConfirmedAndEachConfirmationIsARung) {
    send(school_host, notification(1), help());
    confirm(hub_host, unasked_of<wire::Delivery>(hub_host).front(), Rung::stored);
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    unasked(hub_host);
    rungs_told(school_host);
    advance(std::chrono::minutes(3));
    const auto at_hub = notices_at(hub_host);
    ASSERT_TRUE(at_hub.contains(desk));
    for (const auto& [inbox, notice] : at_hub) expect<wire::ReceiptsAck>(hub_host, stopped(notice));
    const auto told = rungs_told(school_host);
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().rung, Rung::agreement_stopped);
    EXPECT_EQ(told.back().seat, seat("hub", "ffd"));
    restart();
    connect(hub_host);
    advance(std::chrono::minutes(3));
    EXPECT_THAT(notices_at(hub_host), IsEmpty());
}

TEST_F(Agreeing, WhatHasNotGoneIsStopped) {
    disconnect(hub_host);
    send(school_host, notification(1), help());
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    EXPECT_EQ(rows("queue"), 0U);
    connect(hub_host);
    EXPECT_THAT(unasked_of<wire::Delivery>(hub_host), IsEmpty());
}

TEST_F(Agreeing, NobodyIsRungAboutWhatWasWithdrawn) {
    send(school_host, notification(1), help());
    const auto delivery = unasked_of<wire::Delivery>(hub_host).front();
    confirm(hub_host, delivery, Rung::undecryptable);
    const auto open_tasks = [&] {
        std::size_t open = 0;
        const auto view = store.view();
        for (const auto& [id, record] : tables::tasks.collect(*view, {}))
            open += record.closed ? 0 : 1;
        return open;
    };
    ASSERT_EQ(open_tasks(), 1U);
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    EXPECT_EQ(open_tasks(), 0U);
}

TEST_F(Agreeing, AWithdrawalThatOvertakesItsNotificationShowsItToNobody) {
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    EXPECT_THAT(notices_at(hub_host), IsEmpty()) << "whom, nobody knows yet";
    send(school_host, notification(1), help());
    std::size_t deliveries = 0;
    std::size_t notices = 0;
    for (const auto& frame : unasked(hub_host)) {
        deliveries += std::holds_alternative<wire::Delivery>(frame.body) ? 1 : 0;
        notices += std::holds_alternative<wire::WithdrawalNotice>(frame.body) ? 1 : 0;
    }
    EXPECT_EQ(deliveries, 0U);
    EXPECT_GE(notices, 1U) << "an earlier life of this store may have delivered it";
}

TEST_F(Agreeing, SharingThatNeverRestedOnAgreementGoesOn) {
    auto facts = help();
    facts.harm = wire::Harm::suspected;
    disconnect(hub_host);
    send(school_host, notification(1), facts);
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    connect(hub_host);
    const auto frames = unasked(hub_host);
    EXPECT_TRUE(std::ranges::any_of(frames, [](const auto& frame) {
        return std::holds_alternative<wire::Delivery>(frame.body);
    })) << "a withdrawal never stops protection";
    EXPECT_TRUE(std::ranges::none_of(frames, [](const auto& frame) {
        return std::holds_alternative<wire::WithdrawalNotice>(frame.body);
    }));
}

TEST_F(Agreeing, AWithdrawalIsTheSendersAlone) {
    send(school_host, notification(1), help());
    unasked(hub_host);
    EXPECT_EQ(refused(hub_host, withdrawal(notification(1))), ErrorCode::wrong_host);
    // The hub's own notification of that number is another, and not known here.
    expect<wire::Done>(hub_host, withdrawal(notification(1), hub));
    EXPECT_THAT(notices_at(hub_host), IsEmpty());
}

TEST_F(Agreeing, ARestoredRecipientIsToldAgainAndDoesNotGetItBack) {
    send(school_host, notification(1), help());
    confirm(hub_host, unasked_of<wire::Delivery>(hub_host).front(), Rung::stored);
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    for (const auto& [inbox, notice] : notices_at(hub_host))
        expect<wire::ReceiptsAck>(hub_host, stopped(notice));
    connect(hub_host, 2);
    std::size_t deliveries = 0;
    bool is_told = false;
    for (const auto& frame : unasked(hub_host)) {
        deliveries += std::holds_alternative<wire::Delivery>(frame.body) ? 1 : 0;
        if (const auto* notice = std::get_if<wire::WithdrawalNotice>(&frame.body))
            is_told = is_told || notice->inbox == desk;
    }
    EXPECT_EQ(deliveries, 0U);
    EXPECT_TRUE(is_told);
}

TEST_F(Agreeing, TheWithdrawalOfALaterAgreementIsOneOfItsOwn) {
    disconnect(hub_host);
    send(school_host, notification(1), help());
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    connect(hub_host);
    ASSERT_TRUE(notices_at(hub_host).contains(desk));
    advance(std::chrono::minutes(3));
    // The family agreed anew, somebody else was told, and that is withdrawn too.
    const auto second = withdrawal(notification(1), orchard_gate, 2);
    expect<wire::Done>(school_host, second);
    const auto told = notices_at(hub_host);
    ASSERT_TRUE(told.contains(desk));
    EXPECT_EQ(told.at(desk).body, second.body);
    // What an agent that was put back says again is older.
    advance(std::chrono::minutes(3));
    unasked(hub_host);
    auto first = withdrawal(notification(1));
    auto body = *wire::decode_body<wire::WithdrawalBody>(first.body);
    body.at = now.wall - std::chrono::hours(1);
    first.body = wire::encode_body(body);
    first.signature =
        crypto::sign(area.signing_key(orchard_gate), wire::label::withdrawal, first.body);
    expect<wire::Done>(school_host, first);
    advance(std::chrono::minutes(3));
    for (const auto& [inbox, notice] : notices_at(hub_host)) {
        EXPECT_EQ(notice.body, second.body);
        expect<wire::ReceiptsAck>(hub_host, stopped(notice));
    }
    // Whoever has stopped is not asked once more.
    advance(std::chrono::minutes(3));
    unasked(hub_host);
    expect<wire::Done>(school_host, withdrawal(notification(1), orchard_gate, 3));
    advance(std::chrono::minutes(3));
    EXPECT_THAT(notices_at(hub_host), IsEmpty());
}

TEST_F(Agreeing, WhatGoesUnderALaterAgreementIsNotStoppedByTheFirstOnesWithdrawal) {
    record(withdrawn(record_of(1)));
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    advance(std::chrono::minutes(5));
    record(record_of(1, 2));
    send(school_host, notification(1), help());
    EXPECT_THAT(unasked_of<wire::Delivery>(hub_host), SizeIs(1));
    EXPECT_THAT(tables::withdrawals.collect(*store.view(), {}), IsEmpty());
    EXPECT_THAT(tables::recalls_ahead.collect(*store.view(), {}), IsEmpty());
    // That one can be withdrawn like any other.
    expect<wire::Done>(school_host, withdrawal(notification(1), orchard_gate, 2));
    EXPECT_TRUE(notices_at(hub_host).contains(desk));
}

TEST_F(Agreeing, ARestoredRecipientIsToldAlsoWhenTheContentIsGone) {
    send(school_host, notification(1), help());
    confirm(hub_host, unasked_of<wire::Delivery>(hub_host).front(), Rung::taken);
    for (int day = 0; day < 40; ++day) advance(std::chrono::hours(24));
    connect(school_host);
    connect(hub_host);
    ASSERT_EQ(rows("content"), 0U);
    expect<wire::Done>(school_host, withdrawal(notification(1)));
    for (const auto& [inbox, notice] : notices_at(hub_host))
        expect<wire::ReceiptsAck>(hub_host, stopped(notice));
    connect(hub_host, 2);
    EXPECT_TRUE(notices_at(hub_host).contains(desk)) << "its backup holds it unmarked";
}

/// Police think that telling her social worker is worse than silence; their manager allows it, and
/// the mother had agreed.
class AgreeingLater : public Agreeing {
protected:
    AgreeingLater() {
        claim(care_host, seat("social-care", "sw"), "social_worker", {test::token(1)});
        facts = help();
        facts.sender = police;
        facts.sender_role = RoleId("pol");
        facts.agreement.named_agencies = {hub, social_care};
        facts.detriment = {seat("social-care", "sw")};
        const auto first = plan(police_host, notification(1), facts);
        EXPECT_EQ(recipients(first), std::set<InboxId>{desk});
        publish(police_host, test::seal(area, first, facts, now.wall));
        const auto held = first.decision.held.at(0);
        expect<wire::Done>(police_host, test::authorise(area, held.decider, notification(1), police,
                                                        held.rule, {held.seat}, true, now.wall));
        allowed = plan(police_host, notification(1), facts);
        unasked(care_host);
        unasked(hub_host);
    }
    wire::Supplement added() {
        return test::supplement(area, allowed, facts, {InboxId("hub.edt"), desk}, now.wall);
    }
    wire::RoutingFacts facts;
    wire::DisclosurePlan allowed;
    const InboxId worker{"social-care.sw"};
};

TEST_F(AgreeingLater, WhoeverASupplementAddedIsToldOfTheWithdrawalToo) {
    expect<wire::Accepted>(police_host, added());
    EXPECT_THAT(unasked_of<wire::Delivery>(care_host), SizeIs(1));
    expect<wire::Done>(police_host, withdrawal(notification(1), police));
    EXPECT_TRUE(notices_at(care_host).contains(worker));
    EXPECT_TRUE(notices_at(hub_host).contains(desk));
}

TEST_F(AgreeingLater, ASupplementThatItsWithdrawalOvertookShowsItToNobody) {
    expect<wire::Done>(police_host, withdrawal(notification(1), police));
    expect<wire::Accepted>(police_host, added());
    bool is_told_to_stop = false;
    for (const auto& frame : unasked(care_host)) {
        EXPECT_FALSE(std::holds_alternative<wire::Delivery>(frame.body));
        is_told_to_stop |= std::holds_alternative<wire::WithdrawalNotice>(frame.body);
    }
    EXPECT_TRUE(is_told_to_stop) << "an earlier life of this broker may have delivered it";
}

}  // namespace
}  // namespace mash::broker
