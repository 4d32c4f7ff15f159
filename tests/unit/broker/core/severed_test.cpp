#include <nlohmann/json.hpp>

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

CoreConfig with_short_memory() {
    CoreConfig config;
    config.tombstone_retention = std::chrono::hours(24);
    return config;
}

class Severed : public BrokerFixture {
protected:
    Severed() : BrokerFixture(test::working_morning, with_short_memory()) {
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
    ASSERT_EQ(words[0].severing.size(), 1U) << "whose word it is, for the agent to check";
    const auto severing = wire::decode_body<wire::InvolvementClaim>(words[0].severing[0].body);
    ASSERT_TRUE(severing);
    EXPECT_EQ(severing->seat, adoption_team);
    EXPECT_FALSE(told_of({token(child_of_now)}).contains(school_inbox));
    EXPECT_EQ(rows("claims_by_token"), 1U) << "the keeper's";

    const auto again =
        state(school_host, dsl, "school", {token(before), token(child_of_now)}, 2, 1);
    EXPECT_EQ(again.severed, std::vector{token(before)});
    EXPECT_EQ(again.severing, words[0].severing);
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

TEST_F(Severed, TheLogOfRequestsSaysOfNeitherWhoItIsNorThatItWasSevered) {
    sever();
    state(school_host, dsl, "school", {token(child_of_now)}, 1, 1);
    told_of({token(before)});
    told_of({token(child_of_now)});
    const auto listed =
        nlohmann::json::parse(ask_operator(OperatorCommand::Kind::requests)).at("requests");
    ASSERT_EQ(listed.size(), 2U);
    auto one = listed[0], other = listed[1];
    // No inbox of the adoption team has a key here: that one could not be sent.
    for (const auto& name : {"notification", "at", "ended"}) {
        one.erase(name);
        other.erase(name);
    }
    EXPECT_EQ(one, other) << "nobody tells the two apart by it, or finds one by the other";
    for (const auto& said : {token(before), token(child_of_now)})
        EXPECT_EQ(listed.dump().find(to_hex(said.value)), std::string::npos);
}

TEST_F(Severed, ABirthDateWrittenWronglyIsNoWayRoundIt) {
    const auto surname = token(before, TokenKind::nhs_surname);
    state(care_host, adoption_team, "severed", {token(before), surname}, 1, 90);
    const auto told = told_of({token(60), surname});
    EXPECT_TRUE(told.contains(keeper));
    const auto held =
        state(school_host, dsl, "school", {token(60), token(child_of_now), surname}, 1, 1);
    EXPECT_EQ(held.severed, std::vector{surname});
    EXPECT_EQ(held.held, 0U);
}

TEST_F(Severed, OnlyWhomThePolicyNamesMaySeverAnIdentity) {
    EXPECT_EQ(refused(school_host,
                      wire::ClaimInvolvement{{area.claim(dsl, "severed", {token(before)}, now.wall,
                                                         1, test::id_of<ClaimId>(9))}}),
              ErrorCode::not_entitled);
}

TEST_F(Severed, TheFrontDoorAsksWhoSeversWhetherTheyMeantTo) {
    const auto asked = [&] {
        auto notices = unasked_of<wire::TaskNotice>(hub_host);
        std::erase_if(notices, [](const wire::TaskNotice& notice) {
            return notice.task.kind != wire::TaskKind::severed;
        });
        return notices;
    };
    const auto answered = [&](const wire::TaskNotice& notice) {
        expect<wire::Done>(hub_host,
                           test::answer_task(area, notice.task, wire::TaskOutcome::done, now.wall));
    };
    sever(1);
    const auto first = asked();
    ASSERT_EQ(first.size(), 1U) << "also when nobody had claimed it: alerts go elsewhere now";
    EXPECT_EQ(first[0].task.owner, seat("hub", "ffd"));
    EXPECT_EQ(Seat(first[0].task.agency, first[0].task.role), adoption_team);
    EXPECT_EQ(first[0].asked_at, now.wall);
    state(care_host, adoption_team, "severed", {token(50)}, 2, 91);
    EXPECT_TRUE(asked().empty()) << "one of a seat at a time";
    answered(first[0]);
    unasked(hub_host);
    sever(3);
    EXPECT_TRUE(asked().empty()) << "a renewal severs nothing new";
    // Nobody hides a living child's number beside one that is severed already.
    state(care_host, adoption_team, "severed", {token(before), token(child_of_now)}, 4, 90);
    const auto second = asked();
    ASSERT_EQ(second.size(), 1U);
    EXPECT_NE(second[0].task.id, first[0].task.id);
    advance(config.tombstone_retention + std::chrono::hours(1));
    area.renew_freshness(now.wall);
    load_documents();
    state(care_host, adoption_team, "severed", {token(51)}, 5, 92);
    EXPECT_FALSE(std::ranges::any_of(asked(), [&](const wire::TaskNotice& notice) {
        return notice.task.id != second[0].task.id;
    })) << "the one that is open is still found when the answered one is gone";
}

class Born : public Severed {
protected:
    static wire::Token unborn(std::uint64_t mother) { return token(mother, TokenKind::unborn); }
    void born(std::vector<wire::Token> tokens, std::uint64_t serial = 1) {
        state(care_host, worker, "born", std::move(tokens), serial, 2);
    }
    const Seat worker = seat("social-care", "sw");
    const Seat visitor{AgencyId("health"), RoleId("hv")};
    const InboxId visitors{"health.hv"};
};

TEST_F(Born, WhoNamedTheUnbornChildIsAskedNoMoreAndTheNextOneIsAnother) {
    state(health_host, visitor, "health_visitor", {unborn(7)}, 1, 1);
    ASSERT_TRUE(told_of({unborn(7)}).contains(visitors));
    now.wall = now.wall + std::chrono::hours(1);
    born({unborn(7)});
    EXPECT_FALSE(told_of({unborn(7)}).contains(visitors));
    now.wall = now.wall + std::chrono::hours(1);
    state(health_host, visitor, "health_visitor", {unborn(7)}, 2, 3);
    EXPECT_TRUE(told_of({unborn(7)}).contains(visitors)) << "of the mother's next child";
}

TEST_F(Born, NobodySaysSoOfAChildWhoIsAlive) {
    state(health_host, visitor, "health_visitor", {token(7)}, 1, 1);
    for (const auto& tokens : {std::vector{token(7)}, std::vector{token(7), unborn(7)},
                               std::vector{token(7, TokenKind::name_dob_postcode)},
                               std::vector{token(7, TokenKind::name_dob)}}) {
        auto sorted = tokens;
        std::ranges::sort(sorted);
        EXPECT_EQ(
            refused(care_host, wire::ClaimInvolvement{{area.claim(worker, "born", sorted, now.wall,
                                                                  1, test::id_of<ClaimId>(2))}}),
            ErrorCode::bad_value);
        EXPECT_TRUE(told_of({token(7)}).contains(visitors));
    }
}

TEST_F(Born, AClaimThatNamesALivingChildStands) {
    state(health_host, visitor, "health_visitor", {token(7), unborn(7)}, 1, 1);
    born({unborn(7)});
    EXPECT_TRUE(told_of({token(7)}).contains(visitors));
    EXPECT_TRUE(told_of({unborn(7)}).contains(visitors));
}

TEST_F(Born, AProtectedChildStaysProtected) {
    state(care_host, worker, "protected", {unborn(7)}, 1, 5);
    born({unborn(7)}, 2);
    now.wall = now.wall + std::chrono::hours(1);
    state(health_host, visitor, "health_visitor", {unborn(7)}, 2, 3);
    EXPECT_FALSE(told_of({unborn(7)}).contains(visitors))
        << "police are shown nobody who works with this child";
}

}  // namespace
}  // namespace mash::broker
