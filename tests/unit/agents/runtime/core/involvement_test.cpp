#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using Json = nlohmann::json;

class InvolvementTest : public ::testing::Test {
protected:
    InvolvementTest() { world.connect(world.schools); }
    /// A roll of `count` children from number `first` on.
    RollReplaced replace(int count, int first = 0, bool confirmed = false,
                         std::optional<PersonalText> credential = std::nullopt,
                         bool partial = false) {
        ReplaceRoll roll;
        roll.partial = partial;
        roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
        roll.relation = "school";
        roll.confirmed = confirmed;
        roll.credential = std::move(credential);
        for (int i = first; i < first + count; ++i) {
            RollEntry entry;
            entry.source_ref = "pupil:" + std::to_string(i);
            entry.subject.forename = PersonalText("Invented");
            entry.subject.surname =
                PersonalText("Pupil" + std::string(1, static_cast<char>('A' + i % 26)) +
                             std::string(1, static_cast<char>('A' + i / 26)));
            entry.subject.date_of_birth = PersonalText("2014-01-01");
            roll.entries.push_back(std::move(entry));
        }
        RollReplaced reply;
        for (const auto& effect : world.schools.give(std::move(roll))) {
            if (const auto* one = std::get_if<RollReplaced>(&effect)) reply = *one;
        }
        world.settle();
        return reply;
    }
    Json waiting(const PersonalText& token) {
        const auto reply = world.schools.ask(ApiRequest::Kind::rolls_list, token);
        EXPECT_EQ(reply.status, 200);
        return Json::parse(reply.json.reveal())["rolls"];
    }
    int answer_roll(const PersonalText& token, const std::string& id, bool confirm) {
        const auto body = Json{{"confirm", confirm}, {"reason", "Year 11 has left"}}.dump();
        const auto reply = world.schools.ask(ApiRequest::Kind::roll_answer, token, id, body);
        world.settle();
        return reply.status;
    }
    AgentWorld world;
};

TEST_F(InvolvementTest, AFirstRollIsTheBaseline) {
    const auto reply = replace(30);
    EXPECT_TRUE(reply.ok);
    EXPECT_EQ(reply.added, 30U);
    ASSERT_EQ(world.broker.claims.size(), 30U);
    const auto claim = wire::decode_body<wire::InvolvementClaim>(world.broker.claims.front().body);
    EXPECT_TRUE(crypto::verify(world.area.signing_key(AgencyId("orchard-gate")).verify_key(),
                               wire::label::claim, world.broker.claims.front().body,
                               world.broker.claims.front().signature));
    EXPECT_EQ(claim->lease_until, world.now.wall + std::chrono::hours(24 * 14));
    // Name and date of birth link on the school's own roll, and only there.
    // The weak one only asks.
    ASSERT_EQ(claim->tokens.size(), 2U);
    EXPECT_TRUE(std::ranges::any_of(claim->tokens, [](const wire::Token& token) {
        return token.kind == wire::TokenKind::name_dob_school;
    }));
    EXPECT_EQ(
        std::ranges::count_if(claim->tokens,
                              [](const wire::Token& token) { return wire::is_strong(token.kind); }),
        1);
}

TEST_F(InvolvementTest, TheSameRollAgainKeepsEveryClaim) {
    replace(30);
    const auto before =
        wire::decode_body<wire::InvolvementClaim>(world.broker.claims.front().body)->id;
    const auto reply = replace(30);
    EXPECT_EQ(reply.kept, 30U);
    EXPECT_EQ(reply.added, 0U);
    EXPECT_EQ(reply.ended, 0U);
    EXPECT_EQ(wire::decode_body<wire::InvolvementClaim>(world.broker.claims.front().body)->id,
              before);
}

TEST_F(InvolvementTest, AClaimIsTheSameWhileItsListSaysTheSameChildAndNoLonger) {
    const auto listed = [&](const char* surname, const char* postcode) {
        ReplaceRoll roll;
        roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
        roll.relation = "school";
        RollEntry entry;
        entry.source_ref = "pupil:1";
        entry.subject.nhs_number = PersonalText("9990000018");
        entry.subject.forename = PersonalText("Invented");
        entry.subject.surname = PersonalText(surname);
        entry.subject.postcode = PersonalText(postcode);
        roll.entries = {entry};
        world.schools.give(roll);
        world.settle();
        return *wire::decode_body<wire::InvolvementClaim>(world.broker.claims.back().body);
    };
    const auto first = listed("Alpha", "");
    const auto moved = listed("Alpha", "WR5 1AA");
    EXPECT_NE(moved.tokens, first.tokens) << "a weak one more";
    EXPECT_EQ(moved.id, first.id);
    EXPECT_NE(listed("Beta", "WR5 1AA").id, first.id)
        << "a reference may be another child's by now: nobody's answers pass to them";
}

TEST_F(InvolvementTest, EndingATenthGoesAndMoreThanATenthWaitsForAPerson) {
    replace(30);
    const auto tenth = replace(27);
    EXPECT_TRUE(tenth.ok);
    EXPECT_EQ(tenth.ended, 3U);
    const auto more = replace(24);  // 3 of 27
    EXPECT_FALSE(more.ok);
    EXPECT_TRUE(more.waits_for_person);
    EXPECT_EQ(more.ended, 3U);
    EXPECT_EQ(world.broker.claims.size(), 27U);  // nothing changed meanwhile
    EXPECT_TRUE(replace(24, 0, true).ok);
    EXPECT_EQ(world.broker.claims.size(), 24U);
}

TEST_F(InvolvementTest, AListWithRowsThatCouldNotBeReadAddsAndKeepsAndEndsNobody) {
    replace(30);
    const auto reply = replace(2, 29, false, std::nullopt, true);
    EXPECT_TRUE(reply.ok);
    EXPECT_EQ(reply.added, 1U);
    EXPECT_EQ(reply.kept, 30U);
    EXPECT_EQ(reply.ended, 0U);
    EXPECT_EQ(world.broker.claims.size(), 31U);
}

TEST_F(InvolvementTest, AListThatWaitsIsShownInCountsToItsOwnAgencyAndTakenInWhenConfirmed) {
    using Kind = ApiRequest::Kind;
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    replace(30);
    EXPECT_EQ(waiting(lead).size(), 0U);
    ASSERT_TRUE(replace(20, 5).waits_for_person);
    const auto list = waiting(lead);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0]["held"], 30);
    EXPECT_EQ(list[0]["would_end"], 10);
    EXPECT_EQ(list[0]["would_add"], 0);
    EXPECT_EQ(list[0]["would_keep"], 20);
    EXPECT_EQ(list[0].dump().find("Pupil"), std::string::npos);
    const auto id = list[0]["id"].get<std::string>();
    EXPECT_EQ(world.schools.ask(Kind::rolls_list, world.schools.service_token).status, 403);
    EXPECT_EQ(world.schools.ask(Kind::rolls_list, PersonalText("")).status, 401);
    EXPECT_EQ(answer_roll(world.schools.service_token, id, true), 403);
    const auto yes = Json{{"confirm", true}, {"reason", ""}}.dump();
    EXPECT_EQ(world.schools.ask(Kind::roll_answer, lead, id, yes).status, 422) << "no reason";
    EXPECT_EQ(world.broker.claims.size(), 30U);

    EXPECT_EQ(answer_roll(lead, id, true), 200);
    EXPECT_EQ(world.broker.claims.size(), 20U);
    EXPECT_EQ(waiting(lead).size(), 0U);
    EXPECT_EQ(answer_roll(lead, id, true), 404) << "once";
    EXPECT_EQ(replace(20, 5).kept, 20U) << "as if it had come in by itself";
}

TEST_F(InvolvementTest, AListThatIsRejectedChangesNothingAndALaterOneTakesItsPlace) {
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    replace(30);
    ASSERT_TRUE(replace(10).waits_for_person);
    const auto first = waiting(lead)[0]["id"].get<std::string>();
    ASSERT_TRUE(replace(12).waits_for_person);
    ASSERT_EQ(waiting(lead).size(), 1U);
    const auto second = waiting(lead)[0]["id"].get<std::string>();
    EXPECT_EQ(answer_roll(lead, first, true), 404) << "not what this person saw";
    EXPECT_EQ(answer_roll(lead, second, false), 200);
    EXPECT_EQ(waiting(lead).size(), 0U);
    EXPECT_EQ(world.broker.claims.size(), 30U);
    ASSERT_TRUE(replace(10).waits_for_person);
    EXPECT_TRUE(replace(29).ok);
    EXPECT_EQ(waiting(lead).size(), 0U) << "a whole list ends the wait";
}

TEST_F(InvolvementTest, AnotherAgencysPersonNeitherSeesNorAnswersIt) {
    const auto other =
        world.schools.add_person("Invented Other", "teme-meadow", {"teme-meadow.sch"});
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    replace(30);
    ASSERT_TRUE(replace(10).waits_for_person);
    EXPECT_EQ(waiting(other).size(), 0U);
    EXPECT_EQ(answer_roll(other, waiting(lead)[0]["id"].get<std::string>(), true), 404);
    EXPECT_EQ(world.broker.claims.size(), 30U);
}

TEST_F(InvolvementTest, AServiceTokenCannotConfirm) {
    replace(30);
    EXPECT_FALSE(replace(10, 0, true, world.schools.service_token).ok);
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    EXPECT_TRUE(replace(10, 0, true, lead).ok);
}

TEST_F(InvolvementTest, LeasesAreRenewedWeekly) {
    replace(5);
    const auto first = wire::decode_body<wire::InvolvementClaim>(world.broker.claims.front().body);
    world.area.renew_freshness(world.now.wall + std::chrono::hours(24 * 7));
    world.pass(std::chrono::hours(24 * 7 + 1));
    const auto second = wire::decode_body<wire::InvolvementClaim>(world.broker.claims.front().body);
    EXPECT_EQ(first->id, second->id);
    EXPECT_GT(second->lease_until, first->lease_until);
    EXPECT_GT(second->serial, first->serial);
}

TEST_F(InvolvementTest, ARestoredBrokerHearsTheRollAgain) {
    replace(5);
    world.disconnect(world.schools);
    world.broker.claims.clear();
    world.broker.store_epoch = {8};
    world.connect(world.schools);
    EXPECT_EQ(world.broker.claims.size(), 5U);
}

TEST_F(InvolvementTest, WhoMayNotSaySoIsRefusedBeforeAnythingIsSent) {
    ReplaceRoll roll;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "social_worker";
    world.schools.give(roll);
    roll.seat = {AgencyId("hub"), RoleId("ffd")};
    roll.relation = "school";
    world.schools.give(roll);
    for (const auto& reply : world.schools.seen_of<RollReplaced>()) EXPECT_FALSE(reply.ok);
    EXPECT_EQ(world.schools.seen_of<RollReplaced>().size(), 2U);
}

TEST_F(InvolvementTest, RowsWithoutAReferenceOrWithOneOfAnotherChildAreAsManyChildren) {
    ReplaceRoll roll;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "school";
    const auto add = [&](const char* surname, const char* ref) {
        RollEntry entry;
        entry.source_ref = ref;
        entry.subject.forename = PersonalText("Invented");
        entry.subject.surname = PersonalText(surname);
        entry.subject.date_of_birth = PersonalText("2014-01-01");
        roll.entries.push_back(entry);
    };
    add("Alpha", "");
    add("Beta", "");
    add("Gamma", "1");
    add("Delta", "1");
    add("Delta", "1");
    add("Alpha", "");
    world.schools.give(roll);
    world.settle();
    EXPECT_EQ(world.broker.claims.size(), 4U);
    // The same list again in another order ends nobody.
    std::ranges::reverse(roll.entries);
    world.schools.give(roll);
    world.settle();
    EXPECT_TRUE(world.schools.seen_of<RollReplaced>().back().ok);
    EXPECT_GE(world.broker.claims.size(), 4U);
}

TEST_F(InvolvementTest, AListThatOnlyAddsLeavesTheOneThatWaitsForAPerson) {
    const auto token =
        world.schools.add_person("Invented Head", "orchard-gate", {"orchard-gate.sch"});
    replace(30);
    EXPECT_TRUE(replace(20).waits_for_person);
    const auto before = waiting(token);
    ASSERT_EQ(before.size(), 1U);
    EXPECT_TRUE(replace(1, 40, false, std::nullopt, true).ok);
    const auto after = waiting(token);
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0]["id"], before[0]["id"]);
    EXPECT_EQ(answer_roll(token, after[0]["id"].get<std::string>(), true), 200);
    EXPECT_EQ(world.broker.claims.size(), 20U);
}

TEST_F(InvolvementTest, AnEntryThatNobodyCouldRecogniseIsCounted) {
    ReplaceRoll roll;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "school";
    RollEntry entry;
    entry.source_ref = "pupil:1";
    entry.subject.forename = PersonalText("Invented");
    roll.entries.push_back(entry);
    world.schools.give(roll);
    ASSERT_EQ(world.schools.seen_of<RollReplaced>().size(), 1U);
    EXPECT_EQ(world.schools.seen_of<RollReplaced>().front().unusable, 1U);
}

}  // namespace
}  // namespace mash::runtime::testing
