// Somebody whom a conflict keeps out goes on in no second person, and steps past it out of no
// inbox.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/keys.hpp"
#include "common/crypto/hash.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using Kind = ApiRequest::Kind;

const InboxId school_inbox{"orchard-gate.sch"};

class KeptOutTest : public ::testing::Test {
protected:
    KeptOutTest() {
        world.connect_all();
        officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
        colleague = world.hub.add_person("Invented Colleague", "hub", {"hub.ffd", "hub.edt"});
        uncle = world.hub.add_person("Invented Uncle", "hub", {"hub.ffd", "hub.edt"});
        world.broker.swallow = [this](const HostId&, const wire::AgentBody& body) {
            if (const auto* publish = std::get_if<wire::PublishInboxKey>(&body)) {
                const auto of =
                    wire::decode_body<wire::InboxCertificate>(publish->certificate.body);
                if (of && of->inbox == school_inbox) told = publish->members;
            }
            return false;
        };
    }
    static PersonId name_of(const PersonalText& token) {
        return credential_from_text(token)->person;
    }
    PersonalText add(TestHost& host, const PersonalText& by, const std::string& inbox) {
        const json body{{"name", "Invented Second"}, {"inboxes", {inbox}}};
        json with_agency = body;
        with_agency["agency"] = inbox.substr(0, inbox.find('.'));
        const auto reply = host.ask(Kind::person_add, by, "", with_agency.dump());
        EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
        world.settle();
        return PersonalText(json::parse(reply.json.reveal()).value("token", ""));
    }
    void vouch(TestHost& host, const PersonalText& for_whom, const std::string& inbox) {
        const json body{{"person", name_of(for_whom).value()},
                        {"inboxes", {inbox}},
                        {"recovery_key", to_base64url(host.recovery.secret_key.reveal())}};
        const auto reply = host.ask(Kind::person_add, PersonalText(""), "", body.dump());
        EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
        world.settle();
    }
    void leave(TestHost& host, const PersonalText& by, const PersonalText& who,
               const std::string& inbox) {
        const auto reply = host.ask(Kind::person_remove, by, name_of(who).value(), "", inbox);
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        world.settle();
    }
    void declare(json excluded, json people) {
        const json subject{{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}};
        const json body{{"subject", subject},
                        {"excluded", std::move(excluded)},
                        {"people", std::move(people)},
                        {"reason", "Canaryreason: an uncle"}};
        const auto reply = world.hub.ask(Kind::conflict_add, officer, "", body.dump());
        EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
        conflict = json::parse(reply.json.reveal()).value("id", "");
        world.settle();
    }
    void say_something_about_the_child() {
        auto said = world.missing_child("hub:1", "missing_episode_updated");
        said.agency = AgencyId("hub");
        said.role = RoleId("edt");
        said.facts.kind = "sighting";
        said.facts.risk_grade.clear();
        world.send(world.hub, said);
    }
    std::size_t listed(const PersonalText& who) {
        const auto reply = world.hub.ask(Kind::sent_list, who);
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        return json::parse(reply.json.reveal()).at("sent").size();
    }
    AgentWorld world;
    PersonalText officer, colleague, uncle;
    std::string conflict;
    std::vector<PersonId> told;  ///< of the school's inbox, last
};

TEST_F(KeptOutTest, AnAccountAtAnotherAgencyOfTheHostIsTheSamePerson) {
    const auto lead = world.schools.add_person("Invented Lead", "teme-meadow", {"teme-meadow.sch"});
    const json body{{"name", "Invented Lead Elsewhere"},
                    {"agency", "orchard-gate"},
                    {"inboxes", {school_inbox.value()}},
                    {"same_as", name_of(lead).value()}};
    EXPECT_EQ(world.schools.ask(Kind::person_add, PersonalText(""), "", body.dump()).status, 401);
    auto with_key = body;
    with_key["recovery_key"] = to_base64url(world.schools.recovery.secret_key.reveal());
    const auto reply = world.schools.ask(Kind::person_add, PersonalText(""), "", with_key.dump());
    ASSERT_EQ(reply.status, 201) << text_of_reply(reply);
    world.settle();
    const PersonalText second(json::parse(reply.json.reveal()).at("token").get<std::string>());
    EXPECT_THAT(told, UnorderedElementsAre(name_of(second), name_of(lead)))
        << "a conflict that names either closes the inbox";
    with_key["same_as"] = "p-nobody";
    EXPECT_EQ(world.schools.ask(Kind::person_add, PersonalText(""), "", with_key.dump()).status,
              422);
}

TEST_F(KeptOutTest, AConflictThatAnotherHostDeclaredKeepsPeopleOutHereUntilItEnds) {
    say_something_about_the_child();
    ASSERT_EQ(listed(uncle), 1U);
    const Seat declarer{AgencyId("police-wm"), RoleId("lado")};
    const auto send_words = [&](const char* what, std::uint8_t number, const std::string& detail,
                                const RoleId& role = RoleId("lado")) {
        const std::array<std::uint8_t, 32> salt{7};
        const std::string reason = "Canaryreason";
        wire::WordsBody said;
        said.id = wire::WordsId({number});
        said.decider = {declarer.agency, role};
        said.person = PersonId("p-elsewhere");
        said.what = what;
        said.subject = {5};
        said.at = world.now.wall;
        said.digest = crypto::labelled_hash(wire::label::words_digest,
                                            {salt, view_of(reason), ByteView(), view_of(detail)});
        wire::DeciderWords frame;
        frame.body = wire::encode_body(said);
        frame.signature = crypto::sign(world.area.signing_key(said.decider.agency),
                                       wire::label::words, frame.body);
        const Bytes plain = Writer().fixed(salt).text(reason).text("").text(detail).take();
        auto sealed =
            crypto::seal_to(world.hub.keys.agencies.at(AgencyId("hub")).box.front().public_key,
                            plain, world.area.random());
        frame.sealed = {{AgencyId("hub"), *sealed}};
        world.hub.give(FrameIn{{0, frame}});
        world.settle();
    };
    const json declared{
        {"subject", {{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}}},
        {"people", json::array({{{"agency", "hub"}, {"person", name_of(uncle).value()}}})}};
    send_words("conflict_declared", 8, declared.dump());
    EXPECT_EQ(listed(uncle), 1U) << "of a seat that this agency does not have";
    send_words("conflict_declared", 9, declared.dump(), RoleId("pol"));
    EXPECT_EQ(listed(uncle), 1U) << "of a seat that declares none";
    world.area.change_registry(
        [&](area::Registry& registry) {
            registry.agencies.at(declarer.agency)
                .seats.push_back({declarer.role, InboxId("police-wm.lado"), true, {}, ""});
        },
        world.now.wall);
    world.hub.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    send_words("conflict_declared", 1, declared.dump());
    EXPECT_EQ(listed(uncle), 0U);
    EXPECT_EQ(listed(colleague), 1U);
    const auto id = to_text(ConflictId({5}));
    EXPECT_EQ(world.hub.ask(Kind::conflict_end, officer, id).status, 404)
        << "it is its declarer's to end";
    EXPECT_EQ(listed(uncle), 0U);
    EXPECT_TRUE(std::ranges::none_of(world.broker.others, [](const wire::AgentBody& one) {
        return std::holds_alternative<wire::DeclareConflict>(one);
    })) << "nobody declares it in another's name";
    send_words("conflict_ended", 2, "");
    EXPECT_EQ(listed(uncle), 1U);
}

TEST_F(KeptOutTest, WhomTheNamedPersonAddedIsThatPersonUntilTheRecoveryKeyStandsForThem) {
    const auto before = add(world.hub, uncle, "hub.edt");
    declare(json::array(), {{{"agency", "hub"}, {"person", name_of(uncle).value()}}});
    const auto since = add(world.hub, before, "hub.edt");
    const auto by_another = add(world.hub, colleague, "hub.edt");
    say_something_about_the_child();
    EXPECT_EQ(listed(uncle), 0U);
    EXPECT_EQ(listed(before), 0U);
    EXPECT_EQ(listed(since), 0U);
    EXPECT_EQ(listed(colleague), 1U);
    EXPECT_EQ(listed(by_another), 1U);
    vouch(world.hub, before, "hub.edt");
    vouch(world.hub, since, "hub.edt");
    EXPECT_EQ(listed(before), 1U);
    EXPECT_EQ(listed(since), 0U) << "added by one who was kept out";
    EXPECT_EQ(world.hub.ask(Kind::conflict_end, officer, conflict).status, 200);
    EXPECT_EQ(listed(uncle), 1U);
    EXPECT_EQ(listed(since), 1U);
}

TEST_F(KeptOutTest, WhomAConflictKeepsOutIsNotShownThatThereIsOne) {
    const auto added = add(world.hub, uncle, "hub.edt");
    declare(json::array(), {{{"agency", "hub"}, {"person", name_of(uncle).value()}}});
    const auto conflicts = [&](const PersonalText& who) {
        const auto reply = world.hub.ask(Kind::conflicts_list, who);
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        return json::parse(reply.json.reveal()).at("conflicts");
    };
    const auto seen = conflicts(officer);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].at("id"), conflict);
    EXPECT_EQ(seen[0].at("reason"), "Canaryreason: an uncle");
    EXPECT_EQ(seen[0].at("child").at("nhs_number"), "9990000018");
    EXPECT_FALSE(seen[0].at("since").is_null()) << "the broker was told";
    EXPECT_EQ(seen[0].at("keeps_out")[0].at("person"), name_of(uncle).value());
    EXPECT_TRUE(conflicts(uncle).empty());
    EXPECT_EQ(world.hub.ask(Kind::conflicts_list, added).status, 403) << "neither role";
    EXPECT_EQ(world.schools.ask(Kind::conflicts_list, world.schools.service_token).status, 403);
    EXPECT_EQ(world.hub.ask(Kind::conflict_end, officer, conflict).status, 200);
    EXPECT_TRUE(conflicts(officer).empty());
}

TEST_F(KeptOutTest, NobodyStepsOutOfAnInboxThatIsClosed) {
    declare({"hub.ffd"}, json::array());
    const auto second = add(world.hub, uncle, "hub.edt");
    leave(world.hub, colleague, uncle, "hub.ffd");
    const auto third = add(world.hub, uncle, "hub.edt");
    const auto night = world.hub.add_person("Invented Night", "hub", {"hub.edt"});
    say_something_about_the_child();
    EXPECT_EQ(listed(uncle), 0U);
    EXPECT_EQ(listed(second), 0U);
    EXPECT_EQ(listed(third), 0U);
    EXPECT_EQ(listed(night), 1U);
    EXPECT_EQ(world.hub.ask(Kind::conflict_end, officer, conflict).status, 200);
    EXPECT_EQ(listed(uncle), 1U);
    EXPECT_EQ(listed(third), 1U);
}

TEST_F(KeptOutTest, TheBrokerHearsWhoStandsBehindWhoeverOpensAnInbox) {
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    const auto other =
        world.schools.add_person("Invented Other", "orchard-gate", {"orchard-gate.sch"});
    const auto second = add(world.schools, lead, "orchard-gate.sch");
    leave(world.schools, second, lead, "orchard-gate.sch");
    EXPECT_THAT(told, UnorderedElementsAre(name_of(lead), name_of(other), name_of(second)))
        << "so a conflict that names the lead still closes it";
    vouch(world.schools, second, "orchard-gate.sch");
    EXPECT_THAT(told, UnorderedElementsAre(name_of(other), name_of(second)));
    leave(world.schools, other, second, "orchard-gate.sch");
    EXPECT_THAT(told, ElementsAre(name_of(other)));
}

}  // namespace
}  // namespace mash::runtime::testing
