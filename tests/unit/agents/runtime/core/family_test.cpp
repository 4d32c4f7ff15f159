// Linked people: the front door finds what else it holds about whom a notification names, and
// nobody else learns that anybody is named.
#include "agents/runtime/core/family.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/notification_json.hpp"
#include "common/base/limits.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;
using wire::LinkedRelation;

struct Person {
    const char* number;
    const char* forename;
};
constexpr Person ava{"9990000018", "Canaryava"};
constexpr Person jon{"9990000026", "Canaryjon"};
constexpr Person noor{"9990000034", "Canarynoor"};
constexpr Person mother{"9990000042", "Canarymother"};

class FamilyTest : public ::testing::Test {
protected:
    FamilyTest() {
        world.connect_all();
        ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
        bob = world.hub.add_person("Invented Bob", "hub", {"hub.ffd"});
        lead = world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    }
    static Subject known_by(const Person& person) {
        Subject subject;
        subject.nhs_number = PersonalText(person.number);
        subject.forename = PersonalText(person.forename);
        subject.surname = PersonalText("Canaryfamily");
        subject.date_of_birth = PersonalText("2013-04-05");
        return subject;
    }
    static LinkedPerson linked(LinkedRelation relation, const Person& person) {
        return {relation, known_by(person)};
    }
    Notification about(const Person& child, std::vector<LinkedPerson> people) {
        auto said = world.missing_child(std::string("misper:") + std::to_string(++count));
        said.thread_ref = said.source_ref;
        said.subject = known_by(child);
        said.sections["idn"]["nhs_number"] = PersonalText(json(child.number).dump());
        said.sections["idn"]["forenames"] = PersonalText(json(child.forename).dump());
        said.sections["idn"]["date_of_birth"] = PersonalText("\"2013-04-05\"");
        said.linked = std::move(people);
        return said;
    }
    NotificationId send(const Person& child, std::vector<LinkedPerson> people = {}) {
        world.pass(std::chrono::minutes(1));
        return world.send(world.police, about(child, std::move(people)));
    }
    json chronology(TestHost& host, const NotificationId& id, const PersonalText& who) {
        ApiRequest request;
        request.kind = Kind::chronology;
        request.credential = who;
        request.filter["received"] = to_text(id);
        const auto reply = host.ask(std::move(request));
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        return json::parse(reply.json.reveal());
    }
    /// "child_is_named_here sibling/" of one other item; "" where it is not there.
    std::string link(const NotificationId& from, const NotificationId& to,
                     const PersonalText& who) {
        std::string words;
        const auto answer = chronology(world.hub, from, who);
        for (const auto& entry : answer.at("linked")) {
            if (entry.at("id") != to_text(to)) continue;
            const auto word = [](const json& one) {
                return one.is_null() ? std::string() : one.get<std::string>();
            };
            for (const auto& one : entry.at("links")) {
                words += (words.empty() ? "" : ", ") + one.at("how").get<std::string>() + ' ' +
                         word(one.at("here")) + '/' + word(one.at("there"));
            }
        }
        return words;
    }
    std::string link(const NotificationId& from, const NotificationId& to) {
        return link(from, to, ann);
    }
    json sent(const NotificationId& id) {
        const auto desk = world.police.add_person("Invented Sergeant " + std::to_string(++count),
                                                  "police-wm", {}, {"pol"});
        return json::parse(world.police.ask(Kind::sent_one, desk, to_text(id)).json.reveal());
    }
    void take_back(const NotificationId& id) {
        const auto police = world.police.add_person("Invented Sergeant", "police-wm", {}, {"pol"});
        world.police.ask(Kind::recall, police, to_text(id), R"({"reason":"wrong_child"})");
        world.settle();
    }
    std::size_t grant_bytes(const NotificationId& id, const char* inbox) {
        for (const auto& parcel : world.broker.published.at(id).parcels) {
            if (parcel.recipient == InboxId(inbox)) return parcel.grant.size();
        }
        ADD_FAILURE() << "no parcel for " << inbox;
        return 0;
    }
    std::vector<LinkedPerson> as_many_as_allowed() {
        std::vector<LinkedPerson> people;
        for (std::size_t i = 0; i < limits::linked_people_max; ++i) {
            auto one = linked(LinkedRelation::other_child, jon);
            one.known_by.surname = PersonalText("Canaryfamily" + std::string(i, 'a'));
            one.known_by.postcode = PersonalText("WR5 1AA");
            one.known_by.upn = PersonalText("H801200001001");
            people.push_back(std::move(one));
        }
        return people;
    }

    AgentWorld world;
    PersonalText ann;
    PersonalText bob;
    PersonalText lead;
    int count = 0;
};

TEST_F(FamilyTest, TheFrontDoorFindsWhatItHoldsAboutABrotherWhicheverCameFirst) {
    const auto before = send(jon);
    const auto first = send(ava, {linked(LinkedRelation::sibling, jon)});
    const auto after = send(jon);
    send(noor);
    EXPECT_EQ(link(first, before), "child_is_named_here sibling/");
    EXPECT_EQ(link(first, after), "child_is_named_here sibling/");
    EXPECT_EQ(link(before, first), "names_this_child /sibling");
    EXPECT_EQ(chronology(world.hub, first, ann).at("linked").size(), 2U) << "and nobody else's";
    const auto own = chronology(world.hub, first, ann).at("entries");
    ASSERT_EQ(own.size(), 1U) << "the brother's are no part of what happened to this child";
    EXPECT_EQ(own[0].at("how_linked"), "this_item");
}

TEST_F(FamilyTest, ItemsThatNameTheSameMotherAreFoundAndSayWhoSheIsInEach) {
    const auto first = send(ava, {linked(LinkedRelation::mother, mother)});
    const auto other = send(noor, {linked(LinkedRelation::household_adult, mother)});
    EXPECT_EQ(link(first, other), "names_the_same_person mother/household_adult");
    EXPECT_EQ(link(other, first), "names_the_same_person household_adult/mother");
    EXPECT_EQ(chronology(world.hub, first, ann).at("linked").size(), 1U);
}

TEST_F(FamilyTest, WhomAnotherItemOfTheSameChildNamesCountsAsWell) {
    const auto names = send(ava, {linked(LinkedRelation::sibling, jon)});
    const auto says_nothing = send(ava);
    const auto brothers = send(jon);
    EXPECT_EQ(link(says_nothing, brothers), "child_is_named_here sibling/");
    EXPECT_EQ(link(names, brothers), "child_is_named_here sibling/");
}

TEST_F(FamilyTest, SiblingsOfOneEventAreLinkedByIt) {
    auto one = about(ava, {});
    auto other = about(jon, {});
    one.event_ref = other.event_ref = "evening";
    const auto first = world.send(world.police, one);
    const auto second = world.send(world.police, other);
    EXPECT_EQ(link(first, second), "same_event /");
    EXPECT_EQ(link(second, first), "same_event /");
}

TEST_F(FamilyTest, AMotherOfAnUnbornChildIsFoundByItself) {
    auto unborn = about(mother, {});
    unborn.subject.unborn = true;
    unborn.subject.date_of_birth = PersonalText("1990-04-05");
    unborn.subject.due_date = PersonalText("2027-05-02");
    auto her = linked(LinkedRelation::mother, mother);
    her.known_by.date_of_birth = PersonalText("1990-04-05");
    const auto plan = world.send(world.police, unborn);
    const auto childs = send(ava, {her});
    EXPECT_EQ(link(plan, childs), "names_the_same_person mother/mother");
}

TEST_F(FamilyTest, WhoeverDoesNotDecideLearnsNothingOfIt) {
    send(jon);
    const auto named = send(ava, {linked(LinkedRelation::sibling, jon)});
    const auto alone = send(ava);
    const auto read = [&](TestHost& host, const PersonalText& who, const NotificationId& id) {
        return json::parse(host.ask(Kind::received_one, who, to_text(id)).json.reveal());
    };
    EXPECT_EQ(read(world.hub, ann, named).at("linked_people"),
              json::array({{{"relation", "sibling"}}}));
    EXPECT_EQ(read(world.hub, ann, alone).at("linked_people"), json::array());
    auto with = read(world.schools, lead, named);
    auto without = read(world.schools, lead, alone);
    EXPECT_EQ(with.at("linked_people"), json::array());
    for (auto* item : {&with, &without}) {
        for (const auto* field :
             {"id", "accepted_at", "occurred_at", "take_by", "take_by_in_words", "progress"})
            item->erase(field);
        item->erase("thread");
    }
    EXPECT_EQ(with, without) << "no stub, no gap";
    EXPECT_EQ(chronology(world.schools, named, lead).at("linked"), json::array());
}

TEST_F(FamilyTest, ItTakesAsManyBytesWhoeverIsNamed) {
    const auto nobody = send(ava);
    const auto most = send(ava, as_many_as_allowed());
    EXPECT_EQ(grant_bytes(nobody, "hub.ffd"), grant_bytes(most, "hub.ffd"));
    EXPECT_EQ(grant_bytes(nobody, "orchard-gate.sch"), grant_bytes(most, "orchard-gate.sch"));
    EXPECT_LT(grant_bytes(nobody, "orchard-gate.sch"), limits::family_bytes);
    EXPECT_LT(grant_bytes(nobody, "hub.ffd"), 5U * limits::kibibyte) << "one step of padding";
}

TEST_F(FamilyTest, TheBrokerIsToldNothingOfThem) {
    const auto nobody = send(ava);
    const auto named = send(ava, {linked(LinkedRelation::sibling, jon)});
    auto facts = world.broker.plans.at(named).facts;
    const auto& before = world.broker.plans.at(nobody).facts;
    EXPECT_EQ(facts.tokens, before.tokens) << "the child's own, and no brother's";
    facts.thread = before.thread;
    facts.occurred_at = before.occurred_at;
    EXPECT_EQ(facts, before);
}

TEST_F(FamilyTest, AWeakIdentifierOrAPlaceholderLinksNobodyAndTheSenderIsTold) {
    const auto brothers = send(jon);
    auto by_name = linked(LinkedRelation::sibling, jon);
    by_name.known_by.nhs_number = PersonalText();
    auto placeholder = linked(LinkedRelation::sibling, jon);
    placeholder.known_by.nhs_number = PersonalText("0000000000");
    const auto id = send(ava, {by_name, placeholder, linked(LinkedRelation::mother, mother)});
    EXPECT_EQ(link(id, brothers), "");
    const auto said = sent(id).at("linked");
    ASSERT_EQ(said.size(), 3U);
    EXPECT_EQ(said[0].at("used"), false);
    EXPECT_EQ(said[1].at("used"), false);
    EXPECT_EQ(said[2].at("used"), true);
    EXPECT_EQ(said[2].at("relation"), "mother");
    EXPECT_NE(said[0].at("message").get<std::string>().find("NHS number"), std::string::npos);
    EXPECT_EQ(said.dump().find("Canary"), std::string::npos);
}

TEST_F(FamilyTest, TwoNumbersThatDifferAreTwoPeopleWhateverElseIsTheSame) {
    auto twin = linked(LinkedRelation::sibling, jon);
    twin.known_by.postcode = PersonalText("WR5 1AA");
    twin.known_by.nhs_number = PersonalText(noor.number);
    auto brothers = about(jon, {});
    brothers.subject.postcode = PersonalText("WR5 1AA");
    const auto other = world.send(world.police, brothers);
    EXPECT_EQ(link(send(ava, {twin}), other), "");
    twin.known_by.nhs_number = PersonalText();
    EXPECT_EQ(link(send(ava, {twin}), other), "child_is_named_here sibling/")
        << "the name, the day and the home alone";
}

TEST_F(FamilyTest, WhatIsTakenBackTakesItsLinksWithIt) {
    const auto brothers = send(jon);
    const auto named = send(ava, {linked(LinkedRelation::sibling, jon)});
    ASSERT_EQ(link(brothers, named), "names_this_child /sibling");
    take_back(named);
    EXPECT_EQ(chronology(world.hub, brothers, ann).at("linked"), json::array());
}

TEST_F(FamilyTest, ARestartLosesNothing) {
    const auto brothers = send(jon);
    const auto named = send(ava, {linked(LinkedRelation::sibling, jon)});
    const auto before = everything_stored(world.hub.store);
    ASSERT_EQ(link(named, brothers), "child_is_named_here sibling/");
    world.hub.restart();
    EXPECT_EQ(link(named, brothers), "child_is_named_here sibling/");
    EXPECT_EQ(before.find("Canary"), std::string::npos);
}

TEST_F(FamilyTest, WhatAConflictKeepsFromAReaderIsNotThereForThem) {
    send(jon);
    const auto named = send(ava, {linked(LinkedRelation::sibling, jon)});
    const auto alone = send(noor, {linked(LinkedRelation::sibling, mother)});
    const auto me = json::parse(world.hub.ask(Kind::me, bob).json.reveal());
    const json body{{"subject", {{"nhs_number", jon.number}, {"date_of_birth", "2013-04-05"}}},
                    {"people", {{{"agency", "hub"}, {"person", me.at("person")}}}},
                    {"reason", "an uncle"}};
    ASSERT_EQ(world.hub.ask(Kind::conflict_add, ann, "", body.dump()).status, 201);
    EXPECT_EQ(chronology(world.hub, named, ann).at("linked").size(), 1U);
    auto kept = chronology(world.hub, named, bob);
    auto nothing = chronology(world.hub, alone, bob);
    EXPECT_EQ(kept.at("linked"), json::array());
    kept.erase("entries");
    nothing.erase("entries");
    EXPECT_EQ(kept, nothing) << "no count, no gap";
}

// ---- across a change of the keys of tokens ----

class FamilyUnderNewKeys : public FamilyTest {
protected:
    FamilyUnderNewKeys() { world.list_token_key(1); }
    void change_keys() {
        world.list_token_key(2);
        world.tick();
        world.finish_token_change(2);
        world.tick();
    }
};

TEST_F(FamilyUnderNewKeys, ABrotherIsFoundThroughAnyOlderItemOfHis) {
    const auto names_him = send(ava, {linked(LinkedRelation::sibling, jon)});
    const auto before = send(jon);
    change_keys();
    const auto after = send(jon);
    EXPECT_EQ(link(names_him, before), "child_is_named_here sibling/");
    EXPECT_EQ(link(names_him, after), "child_is_named_here sibling/");
    EXPECT_EQ(link(after, names_him), "names_this_child /sibling");
    EXPECT_EQ(chronology(world.hub, names_him, ann).at("linked").size(), 2U);
}

TEST_F(FamilyUnderNewKeys, WhomTwoItemsNameIsFoundThroughTheItemsAboutThem) {
    const auto first = send(ava, {linked(LinkedRelation::sibling, jon)});
    send(jon);
    change_keys();
    send(jon);
    const auto other = send(noor, {linked(LinkedRelation::other_child, jon)});
    EXPECT_EQ(link(first, other), "names_the_same_person sibling/other_child");
    EXPECT_EQ(link(other, first), "names_the_same_person other_child/sibling");
}

TEST_F(FamilyUnderNewKeys, NobodyIsFoundWhereNoItemAboutThemLeadsAcross) {
    const auto names_him = send(ava, {linked(LinkedRelation::sibling, jon)});
    change_keys();
    const auto after = send(jon);
    EXPECT_EQ(link(names_him, after), "") << "the price: README.md, 2026-11-27";
}

TEST_F(FamilyUnderNewKeys, TheLinkGoesWithTheOlderItemWhenThatIsTakenBack) {
    const auto names_him = send(ava, {linked(LinkedRelation::sibling, jon)});
    const auto before = send(jon);
    change_keys();
    const auto after = send(jon);
    ASSERT_EQ(link(names_him, after), "child_is_named_here sibling/");
    take_back(before);
    EXPECT_EQ(link(names_him, after), "");
}

TEST(ChildrenByNumber, AreWidenedByANumberAloneAndNeverAgainstTheirTokens) {
    const auto token = [](std::uint8_t value, std::uint16_t epoch,
                          wire::TokenKind kind = wire::TokenKind::nhs_dob) {
        wire::Token made{kind, epoch, {}};
        made.value[0] = value;
        return made;
    };
    const auto of = [](std::vector<wire::Token> tokens) {
        wire::Family family;
        family.child = std::move(tokens);
        return family;
    };
    const auto numbered = [](const char* number) {
        Child child;
        child.nhs_number = number;
        child.forename = "JON";
        child.surname = "INVENTED";
        child.born = "2013-04-05";
        return child;
    };
    const auto nameless = numbered("");
    ChildrenByNumber children;
    children.note(numbered("9990000026"), of({token(1, 1)}));
    children.note(nameless, of({token(5, 1)}));
    EXPECT_EQ(children.known_by_all(numbered("9990000026"), of({token(2, 2)})).child,
              (std::vector{token(1, 1), token(2, 2)}));
    EXPECT_EQ(children.known_by_all(numbered("9990000018"), of({token(2, 2)})).child,
              std::vector{token(2, 2)});
    EXPECT_EQ(children.known_by_all(nameless, of({token(2, 2)})).child, std::vector{token(2, 2)})
        << "twins share a name and a day";
    EXPECT_TRUE(children.known_by_all(numbered("9990000026"), of({})).child.empty())
        << "unmatched, or of an identity that an adoption severed: it leads nowhere";
    EXPECT_EQ(children.known_by_all(numbered("9990000026"), of({token(9, 1)})).child,
              std::vector{token(9, 1)})
        << "its words say this number, its tokens another";
    // And one that contradicts what is known adds nothing to it.
    children.note(numbered("9990000026"), of({token(9, 1)}));
    EXPECT_EQ(children.known_by_all(numbered("9990000026"), of({token(2, 2)})).child,
              (std::vector{token(1, 1), token(2, 2)}));
}

TEST_F(FamilyTest, TheChildsOwnNoticeWaitsForNoBudgetOfLinkedPeople) {
    world.list_token_key(1);
    send(ava);
    ASSERT_FALSE(world.broker.token_questions.empty());
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (std::holds_alternative<wire::EvaluateTokens>(body)) return ErrorCode::busy;
        return std::nullopt;
    };
    const auto id = send(ava, {linked(LinkedRelation::sibling, jon)});
    ASSERT_TRUE(world.broker.published.contains(id)) << "nothing else of the child is missing";
    EXPECT_EQ(sent(id).at("linked")[0].at("used"), false);
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::tokens_missing));
    world.broker.refuse = nullptr;
    world.pass(std::chrono::minutes(2));
    const auto brothers = send(jon);
    EXPECT_EQ(link(send(ava, {linked(LinkedRelation::sibling, jon)}), brothers),
              "child_is_named_here sibling/")
        << "by the broker's own evaluation";
}

TEST_F(FamilyTest, AnEntryThatIsNoneIsRefusedWithItsPlace) {
    const auto fault = [&](const json& people) {
        auto body = json::parse(to_canonical_json(world.missing_child()).reveal());
        body["linked"] = people;
        const auto parsed = notification_from_json(body.dump());
        return parsed.faults.empty()
                   ? std::string()
                   : parsed.faults.front().path + ' ' + parsed.faults.front().rule;
    };
    const json brother{{"relation", "sibling"}, {"nhs_number", jon.number}};
    EXPECT_EQ(fault(json::array({brother})), "");
    EXPECT_EQ(fault(nullptr), "");
    EXPECT_EQ(fault(brother), "/linked not_a_list");
    EXPECT_EQ(fault(json::array({"sibling"})), "/linked/0 not_an_object");
    EXPECT_EQ(fault(json::array({{{"relation", "cousin"}}})), "/linked/0/relation unknown_word");
    EXPECT_EQ(fault(json::array({{{"nhs_number", jon.number}}})), "/linked/0/relation required");
    EXPECT_EQ(fault(json::array({{{"relation", "sibling"}, {"unborn", true}}})),
              "/linked/0/unborn unknown_field");
    EXPECT_EQ(fault(json(limits::linked_people_max, brother)), "");
    EXPECT_EQ(fault(json(limits::linked_people_max + 1, brother)), "/linked too_many");
}

std::vector<wire::Token> number(std::uint32_t of) {
    wire::Token token;
    token.kind = wire::TokenKind::nhs_dob;
    for (std::size_t i = 0; i < 4; ++i)
        token.value[i] = static_cast<std::uint8_t>(of >> (8 * i) & 0xFF);
    return {token};
}

// Two hundred items with a dozen people each, on both sides: whoever shares nothing is not
// compared.
TEST_F(FamilyTest, HoweverManyPeopleAreNamedOnlyThoseWhoShareATokenAreCompared) {
    wire::Family child;
    child.child = number(1);
    constexpr std::uint32_t named = 200 * limits::linked_people_max;
    for (std::uint32_t i = 0; i < named; ++i)
        child.people.push_back({LinkedRelation::household_adult, number(1'000 + i)});
    FamilyLinks links(child);
    for (std::uint32_t item = 0; item < 200; ++item) {
        wire::Family other;
        other.child = number(500'000 + item);
        for (std::uint32_t i = 0; i < limits::linked_people_max; ++i)
            other.people.push_back({LinkedRelation::carer, number(100'000 + 100 * item + i)});
        EXPECT_TRUE(links.to(other, false).empty());
    }
    EXPECT_EQ(links.compared(), 0U);
    wire::Family other;
    other.child = number(1'007);
    other.people = {{LinkedRelation::mother, number(1'000)}, {LinkedRelation::sibling, number(1)}};
    const auto found = links.to(other, true);
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0].at("how"), "same_event");
    EXPECT_EQ(found[1].at("how"), "child_is_named_here");
    EXPECT_EQ(found[2].at("how"), "names_this_child");
    EXPECT_EQ(found[3].at("how"), "names_the_same_person");
    EXPECT_EQ(found[3].at("there"), "mother");
    EXPECT_EQ(links.compared(), 3U);
}

// All share one token, and the numbers say that none of them is the same.
TEST_F(FamilyTest, AlsoOfThoseWhoShareOneNoMoreAreComparedThanAFew) {
    const auto of_one_house = [](std::uint32_t who) {
        auto tokens = number(who);
        wire::Token home;
        home.kind = wire::TokenKind::name_dob_postcode;
        tokens.push_back(home);
        return tokens;
    };
    wire::Family child;
    for (std::uint32_t i = 0; i < 2'400; ++i)
        child.people.push_back({LinkedRelation::household_adult, of_one_house(1'000 + i)});
    FamilyLinks links(child);
    wire::Family other;
    other.people = {{LinkedRelation::carer, of_one_house(7)}};
    EXPECT_TRUE(links.to(other, false).empty());
    EXPECT_LE(links.compared(), 256U);
}

TEST_F(FamilyTest, WhatIsPaddedWrongIsReadAsNobody) {
    wire::Cover cover;
    EXPECT_FALSE(family_in(cover));
    cover.family.assign(limits::family_bytes, 0);
    EXPECT_FALSE(family_in(cover)) << "no mark";
    cover.family[0] = 0x80;
    ASSERT_TRUE(family_in(cover));
    EXPECT_EQ(*family_in(cover), wire::Family());
    cover.family.pop_back();
    EXPECT_FALSE(family_in(cover)) << "shorter than it always is";
    cover.family.assign(limits::family_bytes, 0xFF);
    cover.family.back() = 0x80;
    EXPECT_FALSE(family_in(cover)) << "no family";
}

}  // namespace
}  // namespace mash::runtime::testing
