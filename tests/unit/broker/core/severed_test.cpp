#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using wire::TokenKind;

const Seat dsl{AgencyId("orchard-gate"), RoleId("sch")};
const Seat adoption_team{AgencyId("social-care"), RoleId("adopt")};
const InboxId keeper{"social-care.adopt"};
const InboxId school_inbox{"orchard-gate.sch"};
/// Of the child before it was adopted, and of the child of now.
constexpr std::uint64_t before = 1;
constexpr std::uint64_t child_of_now = 2;

class Severed : public BrokerFixture {
protected:
    Severed() {
        area.change_registry(
            [](area::Registry& registry) {
                auto& care = registry.agencies.at(AgencyId("social-care"));
                area::SeatEntry seat;
                seat.role = adoption_team.role;
                seat.inbox = keeper;
                care.roles.push_back(seat.role);
                care.seats.push_back(std::move(seat));
            },
            now.wall);
        load_documents();
    }
    wire::ClaimsAccepted state(const HostId& host, const Seat& seat, const std::string& relation,
                               std::vector<wire::Token> tokens, std::uint64_t serial,
                               std::uint64_t id) {
        std::ranges::sort(tokens);
        return expect<wire::ClaimsAccepted>(
            host, wire::ClaimInvolvement{{area.claim(seat, relation, std::move(tokens), now.wall,
                                                     serial, test::id_of<ClaimId>(id))}});
    }
    void sever(std::uint64_t serial = 1) {
        state(care_host, adoption_team, "severed", {token(before)}, serial, 90);
    }
    std::set<InboxId> told(const HostId& host, wire::RoutingFacts facts,
                           std::vector<wire::Token> tokens) {
        std::ranges::sort(tokens);
        facts.tokens = std::move(tokens);
        return recipients(plan(host, notification(next_request), facts));
    }
    std::set<InboxId> told_of(std::vector<wire::Token> tokens) {
        return told(police_host, missing_child(1, now.wall), std::move(tokens));
    }
};

TEST_F(Severed, WhatIsSaidOfItReachesWhoKeepsItAndNobodyElse) {
    state(school_host, dsl, "school", {token(before)}, 1, 1);
    ASSERT_TRUE(told_of({token(before)}).contains(school_inbox));
    sever();
    EXPECT_EQ(told_of({token(before)}), std::set{keeper});
    auto facts = missing_child(before, now.wall);
    facts.tokens = {token(before)};
    const auto agreed = plan(police_host, notification(77), facts);
    EXPECT_TRUE(agreed.decision.not_connected.empty()) << "nobody else is rung";
    EXPECT_TRUE(agreed.decision.held.empty());
    EXPECT_EQ(agreed.facts.claims.size(), 1U) << "who else works with the child is no fact";
}

TEST_F(Severed, ItsKeepersWordEndsAndTheRestCountsAgain) {
    sever();
    ASSERT_EQ(told_of({token(before)}), std::set{keeper});
    wire::EndInvolvement end;
    end.agency = social_care;
    end.serial = 2;
    end.claims = {test::id_of<ClaimId>(90)};
    end.signature = crypto::sign(area.signing_key(social_care), wire::label::end_involvement,
                                 wire::end_involvement_message(end));
    expect<wire::ClaimsAccepted>(care_host, end);
    state(school_host, dsl, "school", {token(before)}, 3, 1);
    EXPECT_TRUE(told_of({token(before)}).contains(school_inbox));
    EXPECT_FALSE(told_of({token(before)}).contains(keeper));
}

TEST_F(Severed, NoOtherClaimHoldsItWhicheverCameFirst) {
    state(school_host, dsl, "school", {token(before), token(child_of_now)}, 1, 1);
    unasked(school_host);
    sever();
    // Whoever held both is told at once, and of its own tokens only.
    const auto words = unasked_of<wire::ClaimsAccepted>(school_host);
    ASSERT_EQ(words.size(), 1U);
    EXPECT_EQ(words[0].severed, std::vector{token(before)});
    EXPECT_FALSE(told_of({token(child_of_now)}).contains(school_inbox));
    EXPECT_EQ(rows("claims_by_token"), 1U) << "the keeper's";

    const auto again =
        state(school_host, dsl, "school", {token(before), token(child_of_now)}, 2, 1);
    EXPECT_EQ(again.severed, std::vector{token(before)});
    EXPECT_EQ(again.held, 0U);
    EXPECT_EQ(rows("claims_by_token"), 1U);

    const auto without = state(school_host, dsl, "school", {token(child_of_now)}, 3, 2);
    EXPECT_TRUE(without.severed.empty());
    EXPECT_TRUE(told_of({token(child_of_now)}).contains(school_inbox));
    EXPECT_FALSE(told_of({token(child_of_now)}).contains(keeper));
}

TEST_F(Severed, AChildOfNowOfTheSameNameAndHomeIsAnotherChild) {
    const auto home = token(before, TokenKind::name_dob_postcode);
    state(care_host, adoption_team, "severed", {token(before), home}, 1, 90);
    const auto held = state(school_host, dsl, "school", {token(child_of_now), home}, 1, 1);
    EXPECT_TRUE(held.severed.empty());
    EXPECT_TRUE(told_of({token(child_of_now), home}).contains(school_inbox));
    EXPECT_FALSE(told_of({token(child_of_now), home}).contains(keeper));
}

TEST_F(Severed, NobodyIsAskedWhetherTheChildOfNowIsTheOneOfBefore) {
    const auto weak = token(before, TokenKind::name_dob);
    state(care_host, adoption_team, "severed", {token(before), weak}, 1, 90);
    unasked(hub_host);
    auto facts = missing_child(1, now.wall);
    facts.tokens = {weak};
    send(police_host, notification(5), facts);
    for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host))
        EXPECT_NE(notice.task.kind, wire::TaskKind::possible_match);
}

TEST_F(Severed, OnlyWhomThePolicyNamesMaySeverAnIdentity) {
    EXPECT_EQ(refused(school_host,
                      wire::ClaimInvolvement{{area.claim(dsl, "severed", {token(before)}, now.wall,
                                                         1, test::id_of<ClaimId>(9))}}),
              ErrorCode::not_entitled);
}

using Born = Severed;

TEST_F(Born, WhoNamedTheUnbornChildIsAskedNoMoreAndTheNextOneIsAnother) {
    const Seat visitor{AgencyId("health"), RoleId("hv")};
    const InboxId visitors("health.hv");
    state(health_host, visitor, "health_visitor", {token(7)}, 1, 1);
    ASSERT_TRUE(told_of({token(7)}).contains(visitors));
    now.wall = now.wall + std::chrono::hours(1);
    state(care_host, seat("social-care", "sw"), "born", {token(7)}, 1, 2);
    EXPECT_FALSE(told_of({token(7)}).contains(visitors));
    now.wall = now.wall + std::chrono::hours(1);
    state(health_host, visitor, "health_visitor", {token(7)}, 2, 3);
    EXPECT_TRUE(told_of({token(7)}).contains(visitors)) << "of the mother's next child";
}

}  // namespace
}  // namespace mash::broker
