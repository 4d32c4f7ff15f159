#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/identity.hpp"
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
        roll.confirmed = confirmed;
        roll.credential = std::move(credential);
        for (int i = first; i < first + count; ++i) roll.entries.push_back(pupil(i, i));
        return give(std::move(roll));
    }
    /// Known by name, birth date and school.
    static RollEntry pupil(int reference, int child) {
        RollEntry entry;
        entry.source_ref = "pupil:" + std::to_string(reference);
        entry.subject.forename = PersonalText("Invented");
        entry.subject.surname =
            PersonalText("Pupil" + std::string(1, static_cast<char>('A' + child % 26)) +
                         std::string(1, static_cast<char>('A' + child / 26)));
        entry.subject.date_of_birth = PersonalText("2014-01-01");
        return entry;
    }
    /// The same with a number of their own, of the range that is kept for tests.
    static std::vector<RollEntry> numbered_pupils(int count) {
        std::vector<RollEntry> pupils;
        for (int nine = 999'000'100; static_cast<int>(pupils.size()) < count; ++nine) {
            for (int check = 0; check < 10; ++check) {
                auto number = std::to_string(nine) + std::to_string(check);
                if (normalise_nhs_number(number).empty()) continue;
                const auto next = static_cast<int>(pupils.size());
                pupils.push_back(pupil(next, next));
                pupils.back().subject.nhs_number = PersonalText(std::move(number));
            }
        }
        return pupils;
    }
    RollReplaced give(std::vector<RollEntry> entries) {
        ReplaceRoll roll;
        roll.entries = std::move(entries);
        return give(std::move(roll));
    }
    RollReplaced give(ReplaceRoll roll) {
        roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
        roll.relation = "school";
        RollReplaced reply;
        for (const auto& effect : world.schools.give(std::move(roll))) {
            if (const auto* one = std::get_if<RollReplaced>(&effect)) reply = *one;
        }
        world.settle();
        return reply;
    }
    std::set<ClaimId> claim_ids() const {
        std::set<ClaimId> ids;
        for (const auto& one : world.broker.claims)
            ids.insert(wire::decode_body<wire::InvolvementClaim>(one.body)->id);
        return ids;
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
    RollReplaced reply;
    const auto listed = [&](const char* surname, const char* postcode, bool confirmed = false) {
        ReplaceRoll roll;
        roll.confirmed = confirmed;
        RollEntry entry;
        entry.source_ref = "pupil:1";
        entry.subject.nhs_number = PersonalText("9990000018");
        entry.subject.forename = PersonalText("Invented");
        entry.subject.surname = PersonalText(surname);
        entry.subject.postcode = PersonalText(postcode);
        roll.entries = {entry};
        reply = give(std::move(roll));
        return *wire::decode_body<wire::InvolvementClaim>(world.broker.claims.back().body);
    };
    const auto first = listed("Alpha", "");
    const auto moved = listed("Alpha", "WR5 1AA");
    EXPECT_NE(moved.tokens, first.tokens) << "a weak one more";
    EXPECT_EQ(moved.id, first.id);
    EXPECT_EQ(listed("Beta", "WR5 1AA"), moved);
    EXPECT_TRUE(reply.waits_for_person)
        << "of a list below ten each one who is lost is asked about";
    EXPECT_EQ(reply.ended, 1U);
    EXPECT_NE(listed("Beta", "WR5 1AA", true).id, first.id)
        << "a reference may be another child's by now: nobody's answers pass to them";
    EXPECT_EQ(reply.ended, 1U);
    EXPECT_EQ(reply.added, 1U);
}

TEST_F(InvolvementTest, OtherChildrenUnderTheSameReferencesWaitForAPerson) {
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    replace(30);
    const auto before = claim_ids();
    std::vector<RollEntry> others;
    for (int i = 0; i < 30; ++i) others.push_back(pupil(i, 100 + i));
    const auto reply = give(others);
    EXPECT_FALSE(reply.ok);
    EXPECT_TRUE(reply.waits_for_person);
    EXPECT_EQ(reply.ended, 30U);
    EXPECT_EQ(reply.added, 30U);
    EXPECT_EQ(reply.kept, 0U);
    EXPECT_EQ(claim_ids(), before) << "the school's own children are still known";
    const auto list = waiting(lead);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0]["would_end"], 30);
    EXPECT_EQ(list[0]["would_add"], 30);
    EXPECT_EQ(answer_roll(lead, list[0]["id"].get<std::string>(), true), 200);
    std::vector<ClaimId> stayed;
    std::ranges::set_intersection(claim_ids(), before, std::back_inserter(stayed));
    EXPECT_TRUE(stayed.empty());
    EXPECT_EQ(give(others).kept, 30U);
}

TEST_F(InvolvementTest, ASourceThatNumbersItsRowsAnewWaitsForAPerson) {
    replace(30);
    std::vector<RollEntry> moved_up;
    for (int i = 0; i < 29; ++i) moved_up.push_back(pupil(i, i + 1));
    const auto reply = give(moved_up);
    EXPECT_TRUE(reply.waits_for_person);
    EXPECT_EQ(reply.ended, 30U);
}

TEST_F(InvolvementTest, WhoIsGoneAndWhoseReferenceIsAnothersCountTogether) {
    const auto with_others = [&](int count, int first_other) {
        std::vector<RollEntry> entries;
        for (int i = 0; i < count; ++i) entries.push_back(pupil(i, i < first_other ? i : 100 + i));
        return entries;
    };
    replace(30);
    const auto tenth = give(with_others(29, 27));  // one gone, two others
    EXPECT_TRUE(tenth.ok);
    EXPECT_EQ(tenth.ended, 3U);
    EXPECT_EQ(tenth.added, 2U);
    EXPECT_EQ(tenth.kept, 27U);
    EXPECT_EQ(world.broker.claims.size(), 29U);
    const auto before = claim_ids();
    const auto more = give(with_others(28, 25));  // of 29: one gone, two others
    EXPECT_TRUE(more.waits_for_person);
    EXPECT_EQ(more.ended, 3U);
    EXPECT_EQ(claim_ids(), before);
}

TEST_F(InvolvementTest, ACorrectedNameOrBirthDateIsNoOtherChild) {
    const auto pupils = numbered_pupils(30);
    ASSERT_TRUE(give(pupils).ok);
    auto corrected = pupils;
    for (auto& entry : corrected) {
        auto surname = std::string(entry.subject.surname.reveal());
        std::ranges::transform(surname, surname.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        entry.subject.surname = PersonalText(std::move(surname));
    }
    corrected[7].subject.surname = PersonalText("Married");
    const auto renamed = give(corrected);
    EXPECT_TRUE(renamed.ok);
    EXPECT_EQ(renamed.ended, 0U);
    EXPECT_EQ(renamed.kept, 29U);
    EXPECT_EQ(renamed.added, 1U);
    EXPECT_EQ(world.broker.claims.size(), 30U);
    // Every birth date is put right: number and surname are as they were.
    for (auto& entry : corrected) entry.subject.date_of_birth = PersonalText("2014-01-02");
    const auto born = give(corrected);
    EXPECT_TRUE(born.ok);
    EXPECT_EQ(born.ended, 0U);
    // Every surname is another: number and birth date are as they were.
    for (int i = 0; i < 30; ++i)
        corrected[static_cast<std::size_t>(i)].subject.surname = pupil(i, 200 + i).subject.surname;
    const auto all_renamed = give(corrected);
    EXPECT_TRUE(all_renamed.ok);
    EXPECT_EQ(all_renamed.ended, 0U);
}

TEST_F(InvolvementTest, WhoIsKnownByNameAndBirthDateIsTheSameUnderAnotherFormOfTheForename) {
    std::vector<RollEntry> entries;
    for (int i = 0; i < 30; ++i) entries.push_back(pupil(i, i));
    ASSERT_TRUE(give(entries).ok);
    for (auto& entry : entries) entry.subject.forename = PersonalText("Inventa");
    const auto reply = give(entries);
    EXPECT_TRUE(reply.ok);
    EXPECT_EQ(reply.ended, 0U);
    EXPECT_EQ(world.broker.claims.size(), 30U);
}

TEST_F(InvolvementTest, ABirthUnderTheReferenceOfTheUnbornChildIsNoOtherChild) {
    auto born = numbered_pupils(1).front();
    auto mother = born;
    mother.subject.unborn = true;
    mother.subject.date_of_birth = PersonalText("1997-08-09");
    mother.subject.due_date = PersonalText("2027-03-19");
    ASSERT_TRUE(give(std::vector{mother}).ok);
    born.subject.nhs_number = PersonalText("9990000018");
    const auto reply = give(std::vector{born});
    EXPECT_TRUE(reply.ok);
    EXPECT_EQ(reply.added, 1U);
    EXPECT_TRUE(give(std::vector{mother}).waits_for_person) << "nobody becomes unborn";
}

TEST_F(InvolvementTest, AListThatOnlyAddsTakesNobodysPlaceUnderTheirReferences) {
    replace(30);
    const auto before = claim_ids();
    ReplaceRoll roll;
    roll.partial = true;
    for (int i = 0; i < 30; ++i) roll.entries.push_back(pupil(i, 100 + i));
    roll.entries.push_back(pupil(30, 30));
    const auto reply = give(std::move(roll));
    EXPECT_TRUE(reply.ok) << "it waits for nobody";
    EXPECT_EQ(reply.ended, 0U);
    EXPECT_EQ(reply.kept, 30U);
    EXPECT_EQ(reply.added, 1U);
    const auto after = claim_ids();
    EXPECT_TRUE(std::ranges::includes(after, before));
    EXPECT_EQ(replace(31).kept, 31U);
    // What lies beside each claim is still its own child's: it is stated under the next keys.
    world.list_token_key(2);
    for (int i = 0; i < 4; ++i) world.tick();
    EXPECT_EQ(claim_ids(), after);
    replace(31);
    EXPECT_EQ(world.schools.seen_of<RollReplaced>().back().kept, 31U);
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
