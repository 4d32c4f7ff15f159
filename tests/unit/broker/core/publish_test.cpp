#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;

class Publishing : public BrokerFixture {
protected:
    wire::Publish sealed(std::uint64_t number, std::uint64_t child = 1) {
        const auto facts = missing_child(child, now.wall);
        return test::seal(area, plan(police_host, notification(number), facts), facts, now.wall);
    }
    wire::AcceptedBody body_of(const wire::Accepted& accepted) {
        auto body = wire::decode_body<wire::AcceptedBody>(accepted.body);
        EXPECT_TRUE(body);
        return *body;
    }
};

TEST_F(Publishing, AnswersWithASignedAcceptanceOfTheOfferedDigest) {
    const auto offer = sealed(1);
    const auto accepted = publish(police_host, offer);
    EXPECT_TRUE(crypto::verify(area.broker_key().verify_key(), wire::label::accepted, accepted.body,
                               accepted.signature));
    const auto body = body_of(accepted);
    EXPECT_EQ(body.id, notification(1));
    EXPECT_EQ(body.sender, police);
    EXPECT_EQ(body.digest, wire::notification_digest(police, notification(1), offer.notification));
    EXPECT_EQ(body.accepted_at, now.wall);
    EXPECT_EQ(body.ledger_index, 0U);
}

TEST_F(Publishing, GivesTheSameAnswerToTheSameBytesForever) {
    const auto offer = sealed(1);
    const auto first = publish(police_host, offer);
    EXPECT_EQ(publish(police_host, offer), first);
    advance(std::chrono::minutes(30));
    EXPECT_EQ(publish(police_host, offer), first)
        << "a known id is answered before the plan's age is judged";
    restart();
    connect(police_host);
    EXPECT_EQ(publish(police_host, offer), first);
    EXPECT_EQ(rows("notifications"), 1U);
}

TEST_F(Publishing, RefusesOtherContentUnderAKnownId) {
    const auto facts = missing_child(1, now.wall);
    const auto agreed = plan(police_host, notification(1), facts);
    const auto first = test::seal(area, agreed, facts, now.wall);
    const auto second = test::seal(area, agreed, facts, now.wall);
    publish(police_host, first);
    const auto error = refusal(police_host, second);
    EXPECT_EQ(error.code, ErrorCode::duplicate_conflict);
    EXPECT_EQ(error.notification, notification(1));
}

TEST_F(Publishing, TakesAnotherSendersEqualIdAsAnotherNotification) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto facts = test::facts_about(health, RoleId("urg"), TypeId("safeguarding_referral"),
                                         {token(2)}, now.wall);
    send(health_host, notification(1), facts);
    EXPECT_EQ(rows("notifications"), 2U);
}

TEST_F(Publishing, RefusesAPlanThatIsUnknownOutOfDateOrSomebodyElses) {
    auto offer = sealed(1);
    advance(std::chrono::minutes(6));
    EXPECT_EQ(refused(police_host, offer), ErrorCode::stale_plan);
    EXPECT_EQ(rows("notifications"), 0U);

    const auto facts = missing_child(1, now.wall);
    auto other = plan(police_host, notification(2), facts);
    other.notification = notification(3);
    EXPECT_EQ(refused(police_host, test::seal(area, other, facts, now.wall)),
              ErrorCode::stale_plan);

    auto unknown = plan(police_host, notification(4), facts);
    unknown.id = test::id_of<PlanId>(999);
    EXPECT_EQ(refused(police_host, test::seal(area, unknown, facts, now.wall)),
              ErrorCode::stale_plan);
}

TEST_F(Publishing, RefusesAPlanMadeUnderAnEarlierPolicyOrRegistry) {
    const auto under_first = sealed(1);
    area.change_policy("", "", now.wall);
    load_documents();
    EXPECT_EQ(refusal(police_host, under_first).detail, "policy_changed");
    const auto under_second = sealed(2);
    area.change_registry([](area::Registry&) {}, now.wall);
    load_documents();
    EXPECT_EQ(refusal(police_host, under_second).detail, "registry_changed");
    publish(police_host, sealed(3));
}

TEST_F(Publishing, RefusesAWidenedPlan) {
    const auto facts = missing_child(1, now.wall);
    auto agreed = plan(police_host, notification(1), facts);
    // An enrolled inbox that has nothing to do with the child.
    auto widened = agreed;
    auto extra = widened.decision.recipients.front();
    extra.inbox = InboxId("teme-meadow.sch");
    extra.standbys.clear();
    widened.decision.recipients.push_back(extra);
    widened.facts.certificates.push_back(area.inbox_certificate(extra.inbox, now.wall));
    EXPECT_EQ(refused(police_host, test::seal(area, widened, facts, now.wall)),
              ErrorCode::plan_mismatch);
    // One view more for one recipient.
    auto more = agreed;
    for (auto& recipient : more.decision.recipients) {
        if (recipient.inbox == InboxId("health.urg")) recipient.views.emplace_back("voi");
    }
    EXPECT_EQ(refused(police_host, test::seal(area, more, facts, now.wall)),
              ErrorCode::plan_mismatch);
    EXPECT_EQ(rows("notifications"), 0U);
    EXPECT_EQ(rows("content"), 0U);
}

TEST_F(Publishing, RefusesANarrowedPlan) {
    const auto facts = missing_child(1, now.wall);
    auto agreed = plan(police_host, notification(1), facts);
    auto fewer = agreed;
    fewer.decision.recipients.pop_back();
    EXPECT_EQ(refused(police_host, test::seal(area, fewer, facts, now.wall)),
              ErrorCode::plan_mismatch);
    auto without_standby = agreed;
    for (auto& recipient : without_standby.decision.recipients) recipient.standbys.clear();
    EXPECT_EQ(refused(police_host, test::seal(area, without_standby, facts, now.wall)),
              ErrorCode::plan_mismatch);
    auto less = agreed;
    less.decision.recipients.front().views.pop_back();
    EXPECT_EQ(refused(police_host, test::seal(area, less, facts, now.wall)),
              ErrorCode::plan_mismatch);
}

TEST_F(Publishing, RefusesOtherFactsThanThePlanWasMadeFor) {
    const auto facts = missing_child(1, now.wall);
    const auto agreed = plan(police_host, notification(1), facts);
    auto other = facts;
    other.risk_grade = "low";
    EXPECT_EQ(refusal(police_host, test::seal(area, agreed, other, now.wall)).detail, "facts");
}

TEST_F(Publishing, RefusesASplicedSection) {
    auto first = sealed(1);
    const auto second = sealed(2);
    // A view sealed for another notification in place of this one's, under the same name.
    first.notification.views.front() = second.notification.views.front();
    EXPECT_EQ(refused(police_host, first), ErrorCode::bad_signature);
    EXPECT_EQ(rows("notifications"), 0U);
}

TEST_F(Publishing, RefusesAChangedParcelAForgedSenderAndAnotherHostsAgency) {
    auto changed = sealed(1);
    changed.notification.parcels.front().grant.front() ^= 1;
    EXPECT_EQ(refused(police_host, changed), ErrorCode::bad_signature);

    auto forged = sealed(2);
    forged.notification.signature =
        crypto::sign(area.signing_key(health), wire::label::notification,
                     wire::notification_message(police, notification(2), forged.notification));
    EXPECT_EQ(refused(police_host, forged), ErrorCode::bad_signature);

    EXPECT_EQ(refused(health_host, sealed(3)), ErrorCode::wrong_host)
        << "nothing in a message can claim another host's agency";
}

TEST_F(Publishing, RefusesWhatARevokedKeySignedEvenWhenItWasCheckedBefore) {
    const auto offer = sealed(1);
    auto checked_before = frame_in(police_host, offer);
    area.change_registry(
        [](area::Registry& registry) {
            registry.agencies.at(police).signing_keys.front().revoked_at = test::working_morning;
        },
        now.wall);
    load_documents();
    step(std::move(checked_before));
    const auto frames = unasked_of<wire::ErrorFrame>(police_host);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames.front().code, ErrorCode::revoked_key);
    EXPECT_EQ(rows("notifications"), 0U);
}

TEST_F(Publishing, KeepsTheTombstoneAfterTheContentIsGone) {
    const auto offer = sealed(1);
    const auto accepted = publish(police_host, offer);
    for (const auto& host : {hub_host, care_host, health_host}) {
        for (const auto& delivery : unasked_of<wire::Delivery>(host))
            confirm(host, delivery, wire::Rung::taken);
    }
    EXPECT_EQ(rows("content"), 1U);
    advance(std::chrono::hours(24 * 29));
    EXPECT_EQ(rows("content"), 1U);
    advance(std::chrono::hours(24 * 2));
    EXPECT_EQ(rows("content"), 0U);
    EXPECT_EQ(rows("held_by_inbox"), 0U);
    EXPECT_EQ(publish(police_host, offer), accepted) << "no second item out of a replay";
    EXPECT_EQ(rows("content"), 0U);
}

TEST_F(Publishing, NeverErasesWhatNobodyHasTaken) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto deliveries = unasked_of<wire::Delivery>(hub_host);
    ASSERT_FALSE(deliveries.empty());
    confirm(hub_host, deliveries.front(), wire::Rung::taken);
    advance(std::chrono::hours(24 * 90));
    EXPECT_EQ(rows("content"), 1U);
}

TEST_F(Publishing, WritesNothingThatAFailedCommitCouldLeaveBehind) {
    const auto offer = sealed(1);
    auto input = frame_in(police_host, offer);
    input.entropy.fill(9);
    auto transaction = store.begin();
    const auto effects = core->step(now, std::span(&input, 1), *transaction);
    EXPECT_FALSE(effects.empty());
    transaction.reset();  // the commit failed: effects and core are dropped
    const auto spoilt = std::move(core);
    const auto connected = sessions;
    restart();
    core->adopt_sessions(*spoilt);
    sessions = connected;
    EXPECT_EQ(rows("notifications"), 0U);
    publish(police_host, offer);
    EXPECT_EQ(rows("notifications"), 1U);
    EXPECT_FALSE(unasked_of<wire::Delivery>(hub_host).empty()) << "the sessions live on";
}

TEST_F(Publishing, RefusesARefusedPlan) {
    auto facts = test::facts_about(orchard_gate, RoleId("sch"), TypeId("missing_episode_started"),
                                   {token(1)}, now.wall);
    const auto refused_plan = plan(school_host, notification(1), facts);
    EXPECT_FALSE(refused_plan.decision.refusal.empty());
    EXPECT_EQ(refused(school_host, test::seal(area, refused_plan, facts, now.wall)),
              ErrorCode::plan_mismatch);
}

class PublishingWithinABudget : public BrokerFixture {
protected:
    static CoreConfig frugal() {
        CoreConfig config;
        config.publish_mebibytes_per_minute = 2;
        return config;
    }
    PublishingWithinABudget() : PublishingWithinABudget(frugal()) {}
    explicit PublishingWithinABudget(const CoreConfig& settings)
        : BrokerFixture(test::working_morning, settings) {}

    wire::Publish sealed(std::uint64_t number, const std::string& grade) {
        const auto facts = test::missing_child(number, now.wall, grade);
        return test::seal(area, plan(police_host, notification(number), facts), facts, now.wall);
    }
    /// As if it had come in a frame of this size.
    wire::BrokerBody offer(const wire::Publish& publish, std::uint32_t bytes) {
        auto input = frame_in(police_host, publish);
        std::get<FrameIn>(input.body).frame_bytes = bytes;
        const auto request = next_request - 1;
        unasked(police_host);
        step(std::move(input));
        for (auto& frame : unasked(police_host)) {
            if (frame.request == request) return std::move(frame.body);
        }
        ADD_FAILURE() << "no answer";
        return {};
    }
    static bool is_accepted(const wire::BrokerBody& answer) {
        return std::holds_alternative<wire::Accepted>(answer);
    }
    static constexpr std::uint32_t half = 512 * 1024;
};

TEST_F(PublishingWithinABudget, LeavesTheLastQuarterToTheImmediateLane) {
    std::vector<wire::Publish> calm;
    for (std::uint64_t n = 1; n <= 4; ++n) calm.push_back(sealed(n, "none_apparent"));
    const auto danger = sealed(50, "high");
    const auto more_danger = sealed(51, "high");
    for (std::size_t n = 0; n < 3; ++n) EXPECT_TRUE(is_accepted(offer(calm[n], half)));
    const auto answer = offer(calm[3], half);
    const auto* error = std::get_if<wire::ErrorFrame>(&answer);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::busy);
    EXPECT_GT(error->retry_after_ms, 0U);
    EXPECT_LE(error->retry_after_ms, 15'001U);
    EXPECT_EQ(std::ranges::count(log, LogEvent::publish_over_budget, &Recorded::event), 1);
    EXPECT_TRUE(is_accepted(offer(danger, half)));
    EXPECT_FALSE(is_accepted(offer(more_danger, half))) << "the immediate lane has a bound as well";

    // Nothing was lost and nothing sealed anew: the same bytes, later.
    now.steady = now.steady + std::chrono::milliseconds(error->retry_after_ms) * 3;
    now.wall = now.wall + std::chrono::milliseconds(error->retry_after_ms) * 3;
    EXPECT_TRUE(is_accepted(offer(calm[3], half)));
}

TEST_F(PublishingWithinABudget, ARepeatAndWhatDoesNotFitCostNothing) {
    const auto first = sealed(1, "none_apparent");
    const auto second = sealed(2, "none_apparent");
    const auto third = sealed(3, "none_apparent");
    const auto facts = test::missing_child(4, now.wall, "none_apparent");
    const auto spoilt = test::seal(area, plan(police_host, notification(4), facts),
                                   test::missing_child(5, now.wall, "none_apparent"), now.wall);
    EXPECT_TRUE(is_accepted(offer(first, half)));
    for (int n = 0; n < 10; ++n) {
        EXPECT_TRUE(is_accepted(offer(first, 2 * half)));
        const auto answer = offer(spoilt, 2 * half);
        const auto* error = std::get_if<wire::ErrorFrame>(&answer);
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::plan_mismatch);
    }
    EXPECT_TRUE(is_accepted(offer(second, 2 * half)));
    EXPECT_FALSE(is_accepted(offer(third, 1024))) << "what was accepted was not counted";
}

class PublishingWithinADay : public PublishingWithinABudget {
protected:
    PublishingWithinADay() : PublishingWithinABudget(per_day()) {}
    static CoreConfig per_day() {
        CoreConfig config;
        config.publish_mebibytes_per_day = 2;
        return config;
    }
};

TEST_F(PublishingWithinADay, IsBoundedAsWellAndTheRestIsForDanger) {
    std::vector<wire::Publish> calm;
    for (std::uint64_t n = 1; n <= 4; ++n) calm.push_back(sealed(n, "none_apparent"));
    const auto danger = sealed(50, "high");
    for (std::size_t n = 0; n < 3; ++n) EXPECT_TRUE(is_accepted(offer(calm[n], half)));
    const auto answer = offer(calm[3], half);
    const auto* error = std::get_if<wire::ErrorFrame>(&answer);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::busy);
    EXPECT_EQ(error->detail, "publish_day_budget");
    EXPECT_TRUE(is_accepted(offer(danger, half)));
    now.steady = now.steady + std::chrono::minutes(2);
    EXPECT_FALSE(is_accepted(offer(calm[3], half))) << "a minute does not make the day whole";
}

class PublishingOnAShortDisk : public PublishingWithinABudget {
protected:
    PublishingOnAShortDisk() : PublishingWithinABudget(CoreConfig{}) {}
    void leave(wire::Lane slowest) { step({StoreSpace{slowest}, {}}); }
};

TEST_F(PublishingOnAShortDisk, WhatCanWaitWaitsAndNothingIsRefused) {
    const auto calm = sealed(1, "none_apparent");
    const auto missing = sealed(2, "low");
    const auto danger = sealed(3, "high");
    leave(wire::Lane::immediate);
    for (const auto& waiting : {calm, missing}) {
        const auto answer = offer(waiting, 1024);
        const auto* error = std::get_if<wire::ErrorFrame>(&answer);
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::busy);
        EXPECT_EQ(error->detail, "store_space");
        EXPECT_GT(error->retry_after_ms, 0U);
    }
    EXPECT_TRUE(is_accepted(offer(danger, 1024)));
    EXPECT_EQ(std::ranges::count(log, LogEvent::put_off_for_space, &Recorded::event), 2);
    leave(wire::Lane::bulk);
    EXPECT_TRUE(is_accepted(offer(calm, 1024)));
    EXPECT_TRUE(is_accepted(offer(missing, 1024)));
}

TEST_F(PublishingOnAShortDisk, ListsWaitAndWhatWasAcceptedIsStillAnswered) {
    const auto danger = sealed(1, "high");
    EXPECT_TRUE(is_accepted(offer(danger, 1024)));
    const wire::ClaimInvolvement list{
        {area.claim({orchard_gate, RoleId("sch")}, "school", {token(1)}, now.wall)}};
    leave(wire::Lane::urgent);
    const auto error = refusal(school_host, list);
    EXPECT_EQ(error.code, ErrorCode::busy);
    EXPECT_EQ(error.detail, "store_space");
    EXPECT_TRUE(is_accepted(offer(danger, 1024))) << "a repeat needs no room";
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    leave(wire::Lane::bulk);
    expect<wire::ClaimsAccepted>(school_host, list);
}

class RecallsAhead : public BrokerFixture {
protected:
    void fill(const AgencyId& sender, const HostId& host) {
        for (std::uint64_t n = 1; n <= limits::recalls_ahead_max; ++n) {
            expect<wire::Done>(host, test::recall(area, sender, notification(n), now.wall));
            // A frame budget of its own is not what is tested here.
            now.steady = now.steady + std::chrono::milliseconds(10);
        }
    }
};

TEST_F(RecallsAhead, MoreThanASenderCanNeedAreToldToWaitAndNeverRefusedForGood) {
    fill(police, police_host);
    const auto over = test::recall(area, police, notification(5'000), now.wall);
    const auto error = refusal(police_host, over);
    EXPECT_EQ(error.code, ErrorCode::busy);
    EXPECT_GT(error.retry_after_ms, 0U);
    EXPECT_EQ(std::ranges::count(log, LogEvent::recalls_ahead_full, &Recorded::event), 1);
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    expect<wire::Done>(health_host, test::recall(area, health, notification(5'000), now.wall));

    // What has come is not ahead any more: there is room for one.
    send(police_host, notification(7), test::missing_child(7, now.wall));
    EXPECT_TRUE(unasked_of<wire::Delivery>(hub_host).empty());
    expect<wire::Done>(police_host, over);
    EXPECT_EQ(refused(police_host, test::recall(area, police, notification(5'001), now.wall)),
              ErrorCode::busy);
}

TEST_F(RecallsAhead, OfWhatIsHereIsNeverToldToWaitAndThoseThatLapseMakeRoom) {
    send(police_host, notification(6'000), test::missing_child(1, now.wall));
    fill(police, police_host);
    expect<wire::Done>(police_host, test::recall(area, police, notification(6'000), now.wall));
    advance(std::chrono::hours(24 * 30 + 1));
    expect<wire::Done>(police_host, test::recall(area, police, notification(5'000), now.wall));
}

}  // namespace
}  // namespace mash::broker
