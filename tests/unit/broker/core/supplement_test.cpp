// A recipient that a later decision adds to an accepted notification.
#include <algorithm>

#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;

const InboxId social_worker{"social-care.sw"};

class Supplementing : public BrokerFixture {
protected:
    Supplementing() {
        claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
        facts = missing_child(1, now.wall);
        facts.detriment = {seat("social-care", "sw")};
        const auto first = plan(police_host, notification(1), facts);
        held = first.decision.held.at(0);
        offer = test::seal(area, first, facts, now.wall);
        publish(police_host, offer);
        for (const auto& parcel : offer.notification.parcels) told.insert(parcel.recipient);
        for (const auto& host : {care_host, hub_host, police_host, health_host, school_host}) {
            for (auto& delivery : unasked_of<wire::Delivery>(host))
                first_deliveries.push_back(std::move(delivery));
        }
    }
    /// The manager allows it, and the sender plans again.
    wire::DisclosurePlan allowed() {
        expect<wire::Done>(police_host, test::authorise(area, held.decider, notification(1), police,
                                                        held.rule, {held.seat}, true, now.wall));
        return plan(police_host, notification(1), facts);
    }
    wire::Supplement added() { return test::supplement(area, allowed(), facts, told, now.wall); }
    wire::AcceptedBody accepted(const wire::Supplement& supplement) {
        const auto answer = expect<wire::Accepted>(police_host, supplement);
        return *wire::decode_body<wire::AcceptedBody>(answer.body);
    }
    std::vector<wire::Delivery> at_social_worker() {
        std::vector<wire::Delivery> out;
        for (auto& delivery : unasked_of<wire::Delivery>(care_host)) {
            if (delivery.parcel.recipient == social_worker) out.push_back(std::move(delivery));
        }
        return out;
    }
    wire::RoutingFacts facts;
    wire::HeldRecipient held;
    wire::Publish offer;
    std::set<InboxId> told;
    std::vector<wire::Delivery> first_deliveries;
};

TEST_F(Supplementing, TellsExactlyWhomTheLaterPlanAdds) {
    ASSERT_FALSE(told.contains(social_worker));
    const auto supplement = added();
    const auto body = accepted(supplement);
    EXPECT_EQ(body.digest, wire::supplement_digest(police, notification(1), supplement.added));
    const auto deliveries = at_social_worker();
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(statement(deliveries[0]).id, notification(1));
    EXPECT_EQ(statement(deliveries[0]).accepted_at, now.wall);
    EXPECT_TRUE(
        wire::check_views(police, notification(1), deliveries[0].parcel, deliveries[0].views));
    EXPECT_TRUE(unasked_of<wire::Delivery>(hub_host).empty()) << "who was told is not told again";
    // The first stays what it was.
    EXPECT_EQ(publish(police_host, offer).body.empty(), false);
    confirm(care_host, deliveries[0], wire::Rung::taken);
    const auto rungs = rungs_told(police_host);
    ASSERT_FALSE(rungs.empty());
    EXPECT_EQ(rungs.back().seat, held.seat);
}

TEST_F(Supplementing, WhatIsAskedWithMoreTokensAndThenAddedIsSent) {
    facts.tokens.push_back(token(2));
    std::ranges::sort(facts.tokens);
    accepted(added());
    advance(std::chrono::minutes(16));
    EXPECT_EQ(ask_operator(OperatorCommand::Kind::requests, "not_sent").find("\"ended\""),
              std::string::npos);
}

TEST_F(Supplementing, TheSameAgainIsAnsweredTheSameAlsoAfterARestart) {
    const auto supplement = added();
    const auto first = expect<wire::Accepted>(police_host, supplement);
    EXPECT_EQ(expect<wire::Accepted>(police_host, supplement), first);
    restart();
    connect(police_host);
    connect(care_host);
    advance(std::chrono::minutes(30));
    EXPECT_EQ(expect<wire::Accepted>(police_host, supplement), first)
        << "a known one is answered before the plan's age is judged";
    EXPECT_EQ(rows("content_added"), 1U);
}

TEST_F(Supplementing, NothingMoreAndNothingLessThanThePlanAdds) {
    auto plan = allowed();
    auto wider = plan;
    auto extra = wider.decision.recipients.front();
    extra.seat = seat("teme-meadow", "sch");
    extra.inbox = InboxId("teme-meadow.sch");
    extra.standbys.clear();
    wider.decision.recipients.push_back(extra);
    wider.facts.certificates.push_back(area.inbox_certificate(extra.inbox, now.wall));
    EXPECT_EQ(refused(police_host, test::supplement(area, wider, facts, told, now.wall)),
              ErrorCode::plan_mismatch);
    auto more = plan;
    for (auto& recipient : more.decision.recipients) {
        if (recipient.inbox == social_worker) recipient.views.pop_back();
    }
    EXPECT_EQ(refused(police_host, test::supplement(area, more, facts, told, now.wall)),
              ErrorCode::plan_mismatch);
    auto other = facts;
    other.risk_grade = "low";
    EXPECT_EQ(refusal(police_host, test::supplement(area, plan, other, told, now.wall)).detail,
              "facts");
    EXPECT_EQ(rows("content_added"), 0U);
}

TEST_F(Supplementing, NeedsADecisionThatAllowsIt) {
    // Without the permission the plan holds them: there is nothing to add.
    auto plan_without = plan(police_host, notification(1), facts);
    auto forged = plan_without.decision.recipients.front();
    forged.seat = held.seat;
    forged.inbox = social_worker;
    forged.standbys.clear();
    plan_without.decision.recipients = {forged};
    plan_without.facts.certificates.push_back(area.inbox_certificate(social_worker, now.wall));
    EXPECT_EQ(refused(police_host, test::supplement(area, plan_without, facts, {}, now.wall)),
              ErrorCode::plan_mismatch);
    EXPECT_TRUE(at_social_worker().empty());
}

TEST_F(Supplementing, ASignatureOfANotificationIsNoneOfASupplement) {
    auto supplement = added();
    test::sign_again(area, police, notification(1), supplement.added);
    EXPECT_EQ(refused(police_host, supplement), ErrorCode::bad_signature);
    EXPECT_EQ(refused(health_host, added()), ErrorCode::wrong_host);
}

TEST_F(Supplementing, IsNothingWithoutItsNotificationOrItsPlan) {
    const auto supplement = added();
    advance(std::chrono::minutes(6));
    EXPECT_EQ(refused(police_host, supplement), ErrorCode::stale_plan);
    auto other = plan(police_host, notification(7), facts);
    EXPECT_EQ(refused(police_host, test::supplement(area, other, facts, told, now.wall)),
              ErrorCode::not_found);
}

TEST_F(Supplementing, WhoWasToldAlreadyIsNotToldInAnotherSealing) {
    const auto plan_of = allowed();
    accepted(test::supplement(area, plan_of, facts, told, now.wall));
    ASSERT_EQ(at_social_worker().size(), 1U);
    const auto again = plan(police_host, notification(1), facts);
    EXPECT_EQ(refusal(police_host, test::supplement(area, again, facts, told, now.wall)).detail,
              "already_told");
    // The same plan with other bytes.
    EXPECT_EQ(refusal(police_host, test::supplement(area, plan_of, facts, told, now.wall)).detail,
              "other_content");
    EXPECT_TRUE(at_social_worker().empty());
}

TEST_F(Supplementing, ARecallReachesWhoeverWasAdded) {
    accepted(added());
    const auto deliveries = at_social_worker();
    ASSERT_EQ(deliveries.size(), 1U);
    confirm(care_host, deliveries[0], wire::Rung::stored);
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    const auto notices = unasked_of<wire::RecallNotice>(care_host);
    EXPECT_TRUE(std::ranges::any_of(
        notices, [](const auto& notice) { return notice.inbox == social_worker; }));
}

TEST_F(Supplementing, OfARecalledNotificationIsAcceptedAndTakenBackInOneStep) {
    const auto supplement = added();
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    unasked(care_host);
    accepted(supplement);
    const auto said = unasked(care_host);
    EXPECT_TRUE(std::ranges::none_of(said, [](const auto& frame) {
        return std::holds_alternative<wire::Delivery>(frame.body);
    })) << "nobody is shown it first and then told to forget it";
    advance(std::chrono::minutes(2));
    const auto notices = unasked_of<wire::RecallNotice>(care_host);
    EXPECT_TRUE(std::ranges::any_of(notices, [](const auto& notice) {
        return notice.inbox == social_worker;
    })) << "it may have had it from before a backup was put back";
}

TEST_F(Supplementing, AConflictExcludesWhoeverIsAdded) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(1), {token(1)},
                                                {social_worker}, now.wall));
    accepted(added());
    EXPECT_TRUE(at_social_worker().empty());
}

TEST_F(Supplementing, KeepsContentUntilTheAddedHaveSettledToo) {
    accepted(added());
    const auto deliveries = at_social_worker();
    ASSERT_EQ(deliveries.size(), 1U);
    confirm(care_host, deliveries[0], wire::Rung::stored);
    for (const auto& delivery : first_deliveries) {
        const auto host = area.registry().agency_of_inbox(delivery.parcel.recipient)->host;
        confirm(host, delivery, wire::Rung::taken);
    }
    advance(std::chrono::hours(24 * 31));
    EXPECT_EQ(rows("content_added"), 1U) << "it is on nobody's desk yet";
    EXPECT_EQ(rows("content"), 1U);
    confirm(care_host, deliveries[0], wire::Rung::taken);
    advance(std::chrono::hours(24 * 29));
    EXPECT_EQ(rows("content_added"), 1U);
    advance(std::chrono::hours(24 * 2));
    EXPECT_EQ(rows("content_added"), 0U);
    EXPECT_EQ(rows("content"), 0U);
}

}  // namespace
}  // namespace mash::broker
