#include "common/area/decide.hpp"
#include "common/area/policy.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;

class Planning : public BrokerFixture {
protected:
    explicit Planning(CoreConfig changed = {})
        : BrokerFixture(test::working_morning, std::move(changed)) {}
    wire::RoutingFacts referral(std::uint64_t child) {
        return test::facts_about(health, RoleId("urg"), TypeId("safeguarding_referral"),
                                 {token(child)}, now.wall);
    }
    area::Policy policy() {
        std::vector<area::PolicyFault> faults;
        const auto documents = area.documents();
        const auto text = [&](wire::DocumentKind kind) {
            return text_of(std::ranges::find(documents, kind, &wire::SignedDocument::kind)->body);
        };
        auto parsed =
            area::Policy::parse(text(wire::DocumentKind::policy), "policy.toml",
                                text(wire::DocumentKind::catalogue), "catalogue.toml", faults);
        EXPECT_TRUE(parsed);
        return *parsed;
    }
};

TEST_F(Planning, AnAgentThatRecomputesThePlanComesToTheSameDecision) {
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    claim(health_host, seat("health", "hv"), "health_visitor", {token(1)});
    const auto facts = missing_child(1, now.wall);
    const auto agreed = plan(police_host, notification(1), facts);
    EXPECT_EQ(agreed.facts.claims.size(), 3U);
    EXPECT_EQ(agreed.facts.decided_at, now.wall);
    EXPECT_EQ(agreed.expires_at, now.wall + config.plan_validity);
    const auto rules = policy();
    const auto input =
        area::facts_for(notification(1), facts, agreed.facts, area.registry(), rules);
    ASSERT_TRUE(input);
    EXPECT_EQ(area::decide(*input, area.registry(), rules), agreed.decision);
    EXPECT_TRUE(area::check_certificates(agreed.decision, agreed.facts, area.registry(), now.wall));
    EXPECT_EQ(recipients(agreed),
              (std::set{InboxId("hub.ffd"), InboxId("health.hv"), InboxId("health.urg"),
                        InboxId("orchard-gate.sch"), InboxId("social-care.mco"),
                        InboxId("social-care.sw")}));
}

TEST_F(Planning, ShowsASenderOnlyWhomItMayKnowOf) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    const auto with_team = plan(health_host, notification(1), referral(1));
    const auto without_team = plan(health_host, notification(2), referral(2));
    EXPECT_EQ(with_team.decision, without_team.decision)
        << "the plan of a child with a social worker looks like any other";
    EXPECT_EQ(with_team.facts.claims, without_team.facts.claims);
    EXPECT_EQ(with_team.facts.certificates, without_team.facts.certificates);
}

TEST_F(Planning, ShowsNoInvolvementThatTheRowHasNoUseFor) {
    claim(health_host, seat("health", "hv"), "health_visitor", {token(1)});
    auto facts = referral(1);
    facts.sender = police;
    facts.sender_role = RoleId("pol");
    EXPECT_TRUE(plan(police_host, notification(1), facts).facts.claims.empty());
}

TEST_F(Planning, ShowsRegisteredConflictsToNobody) {
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    const auto before = plan(police_host, notification(1), missing_child(1, now.wall));
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(1), {token(1)},
                                                {InboxId("orchard-gate.sch")}, now.wall));
    const auto after = plan(police_host, notification(1), missing_child(1, now.wall));
    EXPECT_EQ(before.decision, after.decision);
    EXPECT_EQ(before.facts, after.facts);
}

TEST_F(Planning, RefusesAClockThatIsFiveMinutesOut) {
    auto late = test::request_plan(notification(1), missing_child(1, now.wall),
                                   now.wall - std::chrono::minutes(5));
    expect<wire::DisclosurePlan>(police_host, late);
    late.asked_at = now.wall - std::chrono::minutes(5) - std::chrono::milliseconds(1);
    EXPECT_EQ(refused(police_host, late), ErrorCode::clock_skew);
    late.asked_at = now.wall + std::chrono::minutes(5) + std::chrono::milliseconds(1);
    EXPECT_EQ(refused(police_host, late), ErrorCode::clock_skew);
}

TEST_F(Planning, RefusesAnAgencyOfAnotherHostAndARoleItDoesNotHold) {
    EXPECT_EQ(refused(health_host,
                      test::request_plan(notification(1), missing_child(1, now.wall), now.wall)),
              ErrorCode::wrong_host);
    auto facts = missing_child(1, now.wall);
    facts.sender_role = RoleId("ffd");
    EXPECT_EQ(refused(police_host, test::request_plan(notification(1), facts, now.wall)),
              ErrorCode::not_entitled);
}

TEST_F(Planning, AnswersARefusalOfTheRulesWithTheReason) {
    auto facts = test::facts_about(orchard_gate, RoleId("sch"), TypeId("missing_episode_started"),
                                   {token(1)}, now.wall);
    const auto agreed = plan(school_host, notification(1), facts);
    EXPECT_EQ(agreed.decision.rule, "E-02");
    EXPECT_EQ(agreed.decision.refusal, "publisher_not_entitled");
    EXPECT_TRUE(agreed.decision.recipients.empty());
}

TEST_F(Planning, RecordsWhoAskedAndWhyWhateverTheAnswer) {
    plan(police_host, notification(1), missing_child(1, now.wall));
    auto facts = test::facts_about(orchard_gate, RoleId("sch"), TypeId("missing_episode_started"),
                                   {token(1)}, now.wall);
    plan(school_host, notification(2), facts);
    EXPECT_EQ(rows("plans_asked"), 2U);
    advance(std::chrono::hours(2));
    EXPECT_EQ(rows("plans_asked"), 2U);
    EXPECT_EQ(rows("plans"), 0U) << "the working copies, which hold tokens, go";
}

class PlanningWithinABudget : public Planning {
protected:
    static CoreConfig frugal() {
        CoreConfig config;
        config.plan_requests_per_minute = 6;
        return config;
    }
    PlanningWithinABudget() : Planning(frugal()) {}
};

TEST_F(PlanningWithinABudget, SaysWhenToComeBack) {
    for (std::uint64_t n = 1; n <= 6; ++n)
        plan(police_host, notification(n), missing_child(n, now.wall));
    const auto error = refusal(
        police_host, test::request_plan(notification(7), missing_child(7, now.wall), now.wall));
    EXPECT_EQ(error.code, ErrorCode::busy);
    EXPECT_GT(error.retry_after_ms, 0U);
    EXPECT_LE(error.retry_after_ms, 10'001U);
    plan(health_host, notification(8), referral(8));
    now.steady = now.steady + std::chrono::milliseconds(error.retry_after_ms);
    now.wall = now.wall + std::chrono::milliseconds(error.retry_after_ms);
    plan(police_host, notification(7), missing_child(7, now.wall));
}

TEST_F(PlanningWithinABudget, KeepsAQuarterForTheImmediateLane) {
    const auto routine = [&](std::uint64_t child) {
        return missing_child(child, now.wall, "none_apparent");
    };
    for (std::uint64_t n = 1; n <= 5; ++n) plan(police_host, notification(n), routine(n));
    const auto error =
        refusal(police_host, test::request_plan(notification(6), routine(6), now.wall));
    EXPECT_EQ(error.code, ErrorCode::busy);
    EXPECT_LE(error.retry_after_ms, 10'001U);
    plan(police_host, notification(7), missing_child(7, now.wall, "high"));
    now.steady = now.steady + std::chrono::milliseconds(2 * error.retry_after_ms);
    now.wall = now.wall + std::chrono::milliseconds(2 * error.retry_after_ms);
    plan(police_host, notification(6), routine(6));
}

TEST_F(PlanningWithinABudget, DangerThatReachesNobodyYetIsImmediateHereAsAtItsAgent) {
    const auto routine = [&](std::uint64_t child) {
        return missing_child(child, now.wall, "none_apparent");
    };
    for (std::uint64_t n = 1; n <= 5; ++n) plan(police_host, notification(n), routine(n));
    EXPECT_EQ(refused(police_host, test::request_plan(notification(6), routine(6), now.wall)),
              ErrorCode::busy);
    auto nobody = missing_child(7, now.wall, "none_apparent");
    nobody.conflicts_stated = {seat("hub", "edt"), seat("hub", "ffd"), seat("social-care", "mco")};
    const auto made = plan(police_host, notification(7), nobody);
    EXPECT_TRUE(made.decision.recipients.empty())
        << "on the stated facts there is nobody: somebody rings, and no budget may delay that";
    EXPECT_FALSE(made.decision.not_connected.empty());
}

TEST_F(Planning, CountsTheThreadOnlyAsFarAsTheSendersOwnPlansWent) {
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    send(police_host, notification(1), missing_child(1, now.wall));
    auto closed_episode = missing_child(1, now.wall);
    closed_episode.type = TypeId("missing_episode_closed");
    closed_episode.thread = ThreadId(notification(1).value());
    closed_episode.thread_seats = {seat("orchard-gate", "sch"), seat("teme-meadow", "sch")};
    const auto agreed = plan(police_host, notification(2), closed_episode);
    EXPECT_EQ(agreed.facts.thread_seats, std::vector{seat("orchard-gate", "sch")});
    EXPECT_FALSE(recipients(agreed).contains(InboxId("teme-meadow.sch")));
    auto foreign = closed_episode;
    foreign.thread = ThreadId(notification(99).value());
    EXPECT_TRUE(plan(police_host, notification(3), foreign).facts.thread_seats.empty());
}

TEST_F(Planning, WithoutAFreshRegistryOnlyDangerGoesOn) {
    now.wall = now.wall + std::chrono::hours(24 * 8);
    now.steady = now.steady + std::chrono::hours(24 * 8);
    const auto agreed = plan(police_host, notification(1), missing_child(1, now.wall));
    EXPECT_TRUE(agreed.facts.floor);
    EXPECT_TRUE(agreed.decision.floor);
    for (const auto& recipient : agreed.decision.recipients)
        EXPECT_EQ(recipient.seat.agency, AgencyId("hub"));
    EXPECT_TRUE(std::ranges::any_of(log, [](const Recorded& recorded) {
        return recorded.event == LogEvent::document_not_fresh;
    }));
    auto recall_row = missing_child(1, now.wall);
    recall_row.type = TypeId("recall");
    EXPECT_EQ(refused(police_host, test::request_plan(notification(2), recall_row, now.wall)),
              ErrorCode::not_fresh);
}

TEST_F(Planning, GivesAnAgentWithoutFreshDocumentsTheFloorItAsksFor) {
    auto request = test::request_plan(notification(1), missing_child(1, now.wall), now.wall);
    request.floor = true;
    const auto agreed = expect<wire::DisclosurePlan>(police_host, request);
    EXPECT_TRUE(agreed.facts.floor);
    EXPECT_TRUE(agreed.decision.floor);
    EXPECT_EQ(agreed.decision.recipients.size(), 1U);
}

TEST_F(Planning, SurvivesAPlanWithoutTokens) {
    auto facts = missing_child(1, now.wall);
    facts.tokens.clear();
    send(police_host, notification(1), facts);
    EXPECT_FALSE(unasked_of<wire::Delivery>(hub_host).empty())
        << "missing identifiers never block protection";
}

}  // namespace
}  // namespace mash::broker
