#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/voucher.hpp"
#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;

class MembershipTest : public ::testing::Test {
protected:
    MembershipTest() {
        world.connect(world.hub);
        world.connect(world.police);
        member = world.hub.add_person("Canaryname One", "hub", {"hub.ffd"});
    }
    ApiReply add(const PersonalText& by, const json& body) {
        return world.hub.ask(ApiRequest::Kind::person_add, by, "", body.dump());
    }
    static std::string person_of(const PersonalText& token) {
        const auto& text = token.reveal();
        return text.substr(6, text.size() - 6 - 44);
    }
    int open(const PersonalText& token, const NotificationId& id) {
        return world.hub.ask(ApiRequest::Kind::received_one, token, to_text(id)).status;
    }
    AgentWorld world;
    PersonalText member;
};

TEST_F(MembershipTest, AMemberAddsAColleagueWhoThenOpensWhatCameBeforeAndAfter) {
    const auto before = world.send(world.police, world.missing_child("misper:1"));
    const auto reply =
        add(member, {{"name", "Canaryname Two"}, {"agency", "hub"}, {"inboxes", {"hub.ffd"}}});
    ASSERT_EQ(reply.status, 201) << text_of_reply(reply);
    const PersonalText colleague(json::parse(reply.json.reveal()).at("token").get<std::string>());
    const auto after = world.send(world.police, world.missing_child("misper:2"));
    EXPECT_EQ(open(colleague, before), 200);
    EXPECT_EQ(open(colleague, after), 200);
}

TEST_F(MembershipTest, ATokenLooksAsDocumented) {
    EXPECT_TRUE(member.reveal().starts_with("mash1.p-"));
    EXPECT_EQ(member.reveal().size(), 6 + 14 + 1 + 43U);
    const auto parsed = credential_from_text(member);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->person.value(), person_of(member));
    for (const auto* bad :
         {"", "mash1.", "mash1.p-1", "mash2.p-1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
          "mash1.P!.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        EXPECT_FALSE(credential_from_text(PersonalText(bad)).has_value()) << bad;
    }
}

TEST_F(MembershipTest, AddingNeedsAKeyThatAlreadyOpensTheInbox) {
    const json body{{"name", "Canaryname Two"}, {"agency", "hub"}, {"inboxes", {"hub.lado"}}};
    EXPECT_EQ(add(member, body).status, 403);
    EXPECT_EQ(add(PersonalText(""), body).status, 401);
    EXPECT_EQ(add(world.hub.service_token, body).status, 403);
    json forged = body;
    forged["recovery_key"] =
        to_base64url(world.area.inbox_key(InboxId("hub.lado")).secret_key.reveal());
    EXPECT_EQ(add(PersonalText(""), forged).status, 401);
}

TEST_F(MembershipTest, NobodyHandsOnARoleThatTheyDoNotHave) {
    const json body{{"name", "Canaryname Two"},
                    {"agency", "hub"},
                    {"inboxes", {"hub.ffd"}},
                    {"roles", {"lado"}}};
    EXPECT_EQ(add(member, body).status, 403);
}

TEST_F(MembershipTest, ARoleWithoutItsInboxComesFromTheRecoveryKeyAlone) {
    const json role_only{{"name", "Canaryname Two"}, {"agency", "hub"}, {"roles", {"ffd"}}};
    EXPECT_EQ(add(member, role_only).status, 403) << "on no list of colleagues";
    const auto officer = world.hub.add_person("Canaryname Three", "hub", {"hub.lado"});
    json to_known{{"person", person_of(officer)}, {"roles", {"ffd"}}};
    EXPECT_EQ(add(member, to_known).status, 403) << "nobody of the desk would see them";
    to_known["inboxes"] = {"hub.ffd"};
    EXPECT_EQ(add(member, to_known).status, 201);
    json by_recovery = role_only;
    by_recovery["recovery_key"] = to_base64url(world.hub.recovery.secret_key.reveal());
    EXPECT_EQ(add(PersonalText(""), by_recovery).status, 201);
}

TEST_F(MembershipTest, WhomAMemberAddedIsNobodyOnceTheyOpenNoInboxUntilTheyDoAgain) {
    const auto reply =
        add(member, {{"name", "Canaryname Two"}, {"agency", "hub"}, {"inboxes", {"hub.ffd"}}});
    const PersonalText colleague(json::parse(reply.json.reveal()).at("token").get<std::string>());
    world.send(world.hub, [&] {
        auto said = world.missing_child("hub:1", "missing_episode_updated");
        said.agency = AgencyId("hub");
        said.role = RoleId("ffd");
        said.facts.kind = "sighting";
        said.facts.risk_grade.clear();
        return said;
    }());
    const auto status = [&] {
        return world.hub.ask(ApiRequest::Kind::sent_list, colleague).status;
    };
    EXPECT_EQ(status(), 200);
    // As an earlier release let them stay: with the role of a desk that does not list them.
    auto transaction = world.hub.store.begin();
    table::members.erase(*transaction, {InboxId("hub.ffd"), PersonId(person_of(colleague))});
    ASSERT_TRUE(world.hub.store.commit(std::move(transaction)).is_committed());
    EXPECT_EQ(status(), 401);
    EXPECT_EQ(world.hub
                  .ask(ApiRequest::Kind::known_changes, PersonalText(""), person_of(colleague),
                       R"({"changes":[]})")
                  .status,
              401);
    EXPECT_EQ(add(member, {{"person", person_of(colleague)}, {"inboxes", {"hub.ffd"}}}).status,
              201);
    EXPECT_EQ(status(), 200);
}

TEST_F(MembershipTest, RemovingRotatesTheKeyAndTheOthersGoOn) {
    const auto reply =
        add(member, {{"name", "Canaryname Two"}, {"agency", "hub"}, {"inboxes", {"hub.ffd"}}});
    const PersonalText leaver(json::parse(reply.json.reveal()).at("token").get<std::string>());
    const auto before = world.send(world.police, world.missing_child("misper:1"));
    const auto certificate = world.broker.certificates.at(InboxId("hub.ffd"));
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::person_remove, member, person_of(leaver)).status,
              200);
    world.settle();
    EXPECT_NE(world.broker.certificates.at(InboxId("hub.ffd")), certificate);
    const auto after = world.send(world.police, world.missing_child("misper:2"));
    EXPECT_EQ(open(leaver, before), 401);
    EXPECT_EQ(open(leaver, after), 401);
    EXPECT_EQ(open(member, before), 200);
    EXPECT_EQ(open(member, after), 200);
}

TEST_F(MembershipTest, WhoLeavesOneInboxKeepsTheOthers) {
    const auto both = world.hub.add_person("Canaryname Two", "hub", {"hub.ffd", "hub.lado"});
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::person_remove, member, person_of(both), "", "hub.ffd")
                  .status,
              200);
    EXPECT_EQ(open(both, id), 404);
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_list, both, "", "", "hub.lado").status, 200);
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_list, both, "", "", "hub.ffd").status, 403);
}

TEST_F(MembershipTest, TheRecoveryKeyOpensWhatNobodyElseCanAnyMore) {
    const auto id = world.send(world.police, world.missing_child());
    json body{{"recovery_key", to_base64url(world.hub.recovery.secret_key.reveal())}};
    const auto reply = world.hub.ask(ApiRequest::Kind::person_remove, PersonalText(""),
                                     person_of(member), body.dump());
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(json::parse(reply.json.reveal()).at("nobody_left_in").size(), 1U);
    const auto successor = world.hub.add_person("Canaryname Three", "hub", {"hub.ffd"});
    EXPECT_EQ(open(successor, id), 200);
}

TEST_F(MembershipTest, APersonsKeysSurviveARestartAndTheirNameIsNotReadable) {
    const auto id = world.send(world.police, world.missing_child());
    world.hub.restart();
    EXPECT_EQ(open(member, id), 200);
    EXPECT_EQ(everything_stored(world.hub.store).find("Canaryname"), std::string::npos);
}

TEST_F(MembershipTest, AnInboxGetsANewKeyAndItsMembersOpenWhatCameBeforeAndAfter) {
    const auto rotate = [&](const PersonalText& by, const std::string& inbox) {
        const auto status = world.hub.ask(ApiRequest::Kind::inbox_rotate, by, inbox, "{}").status;
        world.settle();
        return status;
    };
    const auto key = [&] {
        return wire::decode_body<wire::InboxCertificate>(
                   world.broker.certificates.at(InboxId("hub.ffd")).body)
            ->box_public_key;
    };
    const auto before = world.send(world.police, world.missing_child("misper:1"));
    const auto old_key = key();
    const auto other = world.hub.add_person("Canaryname Two", "hub", {"hub.lado"});
    EXPECT_EQ(rotate(other, "hub.ffd"), 403);
    EXPECT_EQ(rotate(world.hub.service_token, "hub.ffd"), 403);
    EXPECT_EQ(rotate(PersonalText(""), "hub.ffd"), 401);
    EXPECT_EQ(rotate(member, "hub.nowhere"), 404);
    EXPECT_EQ(key(), old_key);
    EXPECT_EQ(rotate(member, "hub.ffd"), 200);
    EXPECT_NE(key(), old_key);
    const auto after = world.send(world.police, world.missing_child("misper:2"));
    EXPECT_EQ(open(member, before), 200);
    EXPECT_EQ(open(member, after), 200);
}

}  // namespace
}  // namespace mash::runtime::testing
