// A protected address is sealed for nobody until two different people have released it, whatever a
// broker says; and what went out about a child from whom a conflict keeps somebody is not on their
// list.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class ReleaseTest : public ::testing::Test {
protected:
    ReleaseTest() {
        world.connect_all();
        officer = world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
        manager = world.police.add_person("Invented Manager", "police-wm", {"police-wm.manager"});
        both = world.police.add_person("Invented Both", "police-wm",
                                       {"police-wm.pol", "police-wm.manager"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
        auto said = world.missing_child();
        said.sections["saf"]["address"] = PersonalText("\"Canaryrefuge\"");
        original = world.send(world.police, said);
    }
    json ask(const PersonalText& who, const std::string& role = "ffd", int want = 201) {
        const json body{{"recipients", {{{"agency", "hub"}, {"role", role}}}},
                        {"reason", "Canaryreason: she moves today"}};
        const auto reply = world.police.ask(Kind::release, who, to_text(original), body.dump());
        EXPECT_EQ(reply.status, want) << text_of_reply(reply);
        world.settle();
        return json::parse(reply.json.reveal());
    }
    NotificationId asked() {
        return NotificationId(*uuid_from_text(ask(officer).at("id").get<std::string>()));
    }
    int answer(const PersonalText& who, const NotificationId& id, bool allow = true) {
        const json body{{"allow", allow}, {"reason", "Canaryreason: agreed"}};
        const auto status =
            world.police.ask(Kind::held_answer, who, to_text(id), body.dump()).status;
        world.settle();
        return status;
    }
    /// Anything at all that was sealed holds the view.
    bool is_sealed() const {
        return std::ranges::any_of(world.broker.publishes, [](const wire::Publish& one) {
            return std::ranges::any_of(one.notification.views, [](const wire::SealedView& view) {
                return view.view == ViewId("saf");
            });
        });
    }
    AgentWorld world;
    PersonalText officer, manager, both, front_door;
    NotificationId original;
};

TEST_F(ReleaseTest, NobodyHasItUntilTwoPeopleHaveAllowedIt) {
    const auto id = asked();
    EXPECT_FALSE(is_sealed());
    EXPECT_EQ(answer(manager, id), 403) << "the second is not asked yet";
    EXPECT_EQ(answer(officer, id), 200);
    EXPECT_FALSE(is_sealed());
    EXPECT_FALSE(world.broker.published.contains(id));
    EXPECT_EQ(answer(officer, id), 403);
    EXPECT_EQ(answer(manager, id), 200);
    ASSERT_TRUE(world.broker.published.contains(id));
    EXPECT_TRUE(is_sealed());
    const auto reply = world.hub.ask(Kind::received_one, front_door, to_text(id));
    EXPECT_NE(reply.json.reveal().find("Canaryrefuge"), std::string::npos) << text_of_reply(reply);
    for (const auto& parcel : world.broker.published.at(id).parcels)
        EXPECT_TRUE(parcel.recipient.value().starts_with("hub.")) << parcel.recipient.value();
}

TEST_F(ReleaseTest, WhoeverHasBothRolesIsStillOnePerson) {
    const auto id = asked();
    EXPECT_EQ(answer(both, id), 200);
    EXPECT_EQ(answer(both, id), 403);
    EXPECT_FALSE(is_sealed());
    EXPECT_EQ(answer(manager, id), 200);
    EXPECT_TRUE(is_sealed());
}

TEST_F(ReleaseTest, ANoOfEitherEndsIt) {
    const auto first = asked();
    EXPECT_EQ(answer(officer, first, false), 200);
    EXPECT_FALSE(is_sealed());
    const auto second = asked();
    EXPECT_NE(first, second) << "asked anew it is another question";
    EXPECT_EQ(answer(officer, second), 200);
    EXPECT_EQ(answer(manager, second, false), 200);
    EXPECT_FALSE(is_sealed());
    EXPECT_FALSE(world.broker.published.contains(second));
}

TEST_F(ReleaseTest, WithoutAnAnswerItIsSaidAloudAndGoesToNobody) {
    const auto id = asked();
    EXPECT_EQ(answer(officer, id), 200);
    world.pass(std::chrono::hours(48));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::held_overdue));
    EXPECT_FALSE(is_sealed());
    EXPECT_EQ(answer(manager, id), 200);
    EXPECT_TRUE(is_sealed()) << "late is not lost";
}

TEST_F(ReleaseTest, TheReasonIsShownToThoseWhoDecideAndIsNowhereInTheClear) {
    asked();
    const auto reply = world.police.ask(Kind::held_list, officer);
    const auto held = json::parse(reply.json.reveal()).at("held");
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].at("asked_because"), "Canaryreason: she moves today");
    EXPECT_EQ(held[0].at("questions")[0].at("rule"), "D3-1");
    EXPECT_EQ(everything_stored(world.police.store).find("Canary"), std::string::npos);
}

TEST_F(ReleaseTest, IsAskedOnlyOfWhatHasAnAddressAndForWhomTheAreaLetsHaveOne) {
    EXPECT_EQ(ask(officer).at("existed"), false);
    EXPECT_EQ(ask(officer, "ffd", 200).at("existed"), true);
    ask(officer, "lado", 422);
    ask(officer, "nobody", 422);
    ask(world.police.service_token, "ffd", 403);
    auto without = world.missing_child("misper:2");
    without.thread_ref = "misper-2";
    original = world.send(world.police, without);
    ask(officer, "ffd", 404);
}

TEST_F(ReleaseTest, AFirstWordThatTheBrokerDoesNotTakeIsAskedOfSomebodyElse) {
    const auto id = asked();
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (std::holds_alternative<wire::AuthorisationFrame>(body)) return ErrorCode::not_entitled;
        return std::nullopt;
    };
    EXPECT_EQ(answer(officer, id), 200);
    world.broker.refuse = nullptr;
    world.pass(std::chrono::minutes(1));
    const auto reply = world.police.ask(Kind::held_list, both);
    const auto held = json::parse(reply.json.reveal()).at("held");
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].at("questions")[0].at("rule"), "D3-1");
    EXPECT_FALSE(is_sealed());
}

TEST_F(ReleaseTest, APersonAndOneWhomTheyAddedAreOne) {
    const auto id = asked();
    EXPECT_EQ(answer(both, id), 200);
    const auto add = [&](const PersonalText& member) {
        const json body{{"name", "Invented Second"},
                        {"agency", "police-wm"},
                        {"inboxes", {"police-wm.manager"}}};
        const auto reply = world.police.ask(Kind::person_add, member, "", body.dump());
        EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
        return json::parse(reply.json.reveal());
    };
    const auto second = add(both);
    const PersonalText token(second.at("token").get<std::string>());
    EXPECT_EQ(answer(token, id), 403);
    const PersonalText third(add(token).at("token").get<std::string>());
    EXPECT_EQ(answer(third, id), 403);
    EXPECT_FALSE(is_sealed());
    // The holder of the recovery key stands for the second person: now they are two.
    const json vouched{{"person", second.at("person")},
                       {"roles", {"manager"}},
                       {"recovery_key", to_base64url(world.police.recovery.secret_key.reveal())}};
    const auto reply = world.police.ask(Kind::person_add, PersonalText(""), "", vouched.dump());
    EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
    EXPECT_EQ(answer(token, id), 200);
    EXPECT_TRUE(is_sealed());
}

TEST_F(ReleaseTest, WhoeverAConflictKeepsOutIsNotAskedAndReadsNothingOfIt) {
    const auto officer_of_hub =
        world.hub.add_person("Invented Officer", "hub", {"hub.lado"}, {"dpo"});
    const json subject{{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}};
    const json conflict{
        {"subject", subject}, {"excluded", {"hub.ffd"}}, {"reason", "Canaryreason: an uncle"}};
    ASSERT_EQ(world.hub.ask(Kind::conflict_add, officer_of_hub, "", conflict.dump()).status, 201);
    world.settle();
    auto said = world.missing_child("hub:9", "protected_address_release");
    said.agency = AgencyId("hub");
    said.role = RoleId("ffd");
    said.facts.kind.clear();
    said.facts.risk_grade.clear();
    said.facts.addressed_to = {Seat{AgencyId("police-wm"), RoleId("pol")}};
    said.sections["saf"]["address"] = PersonalText("\"Canaryrefuge\"");
    const auto id = world.send(world.hub, said);
    const auto list = [&](Kind kind, const PersonalText& who, const char* name) {
        return json::parse(world.hub.ask(kind, who).json.reveal()).at(name);
    };
    EXPECT_EQ(list(Kind::held_list, front_door, "held").size(), 0U);
    EXPECT_EQ(list(Kind::decisions_list, front_door, "decisions").size(), 0U);
    EXPECT_GT(list(Kind::decisions_list, officer_of_hub, "decisions").size(), 0U);
    const json no{{"allow", false}, {"reason", "Canaryreason: no"}};
    EXPECT_EQ(world.hub.ask(Kind::held_answer, front_door, to_text(id), no.dump()).status, 404);
    world.pass(std::chrono::hours(24));
    EXPECT_EQ(list(Kind::status, front_door, "alarms").size(), 0U);
    EXPECT_GT(list(Kind::status, world.hub.service_token, "alarms").size(), 0U);
}

TEST_F(ReleaseTest, WhatWentOutBeforeAConflictOrWithoutANumberIsKeptFromThemToo) {
    const auto officer_of_hub = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    const auto from_hub = [&](const char* ref, const char* number, const char* forename) {
        auto said = world.missing_child(ref);
        said.agency = AgencyId("hub");
        said.role = RoleId("ffd");
        said.thread_ref = ref;
        said.subject.nhs_number = PersonalText(number);
        said.subject.forename = PersonalText(forename);
        return world.send(world.hub, said);
    };
    const auto with_number = from_hub("hub:1", "9990000018", "Canarychild");
    const auto by_name = from_hub("hub:2", "", "Canarychild");
    const auto twin = from_hub("hub:3", "9990000026", "Canarytwin");
    const auto status = [&](const NotificationId& id) {
        return world.hub.ask(Kind::sent_one, front_door, to_text(id)).status;
    };
    ASSERT_EQ(status(with_number), 200);
    const auto& child = world.missing_child().subject;
    const json subject{{"nhs_number", "9990000018"},
                       {"date_of_birth", child.date_of_birth.reveal()},
                       {"forename", "Canarychild"},
                       {"surname", child.surname.reveal()}};
    const json conflict{
        {"subject", subject}, {"excluded", {"hub.ffd"}}, {"reason", "Canaryreason: an uncle"}};
    const auto made = world.hub.ask(Kind::conflict_add, officer_of_hub, "", conflict.dump());
    ASSERT_EQ(made.status, 201);
    EXPECT_EQ(status(with_number), 404);
    EXPECT_EQ(status(by_name), 404);
    EXPECT_EQ(status(twin), 200);
    const auto id = json::parse(made.json.reveal()).at("id").get<std::string>();
    ASSERT_EQ(world.hub.ask(Kind::conflict_end, officer_of_hub, id).status, 200);
    EXPECT_EQ(status(with_number), 200);
}

}  // namespace
}  // namespace mash::runtime::testing
