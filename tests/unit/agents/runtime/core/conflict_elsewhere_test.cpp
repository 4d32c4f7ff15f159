// A conflict that another host declared, when a broker reorders, replays or keeps back its words,
// when the keys of tokens change, and when much was written; and who may read of one and end it.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/keys.hpp"
#include "tests/unit/agents/runtime/core/said_elsewhere.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

const AgencyId hub{"hub"};
const AgencyId police{"police-wm"};

class ConflictElsewhere : public ::testing::Test {
protected:
    ConflictElsewhere() {
        world.list_token_key(1);
        world.connect_all();
        officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
        uncle = world.hub.add_person("Invented Uncle", "hub", {"hub.ffd", "hub.edt"});
        list_seat(world, world.hub, {police, RoleId("lado")});
        say_something_about_the_child("seen:1");
        EXPECT_EQ(listed(uncle), 1U);
    }
    static PersonId name_of(const PersonalText& token) {
        return credential_from_text(token)->person;
    }
    static json subject() {
        return {{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}};
    }
    json one_person(const PersonalText& who) const {
        return json::array({{{"agency", "hub"}, {"person", name_of(who).value()}}});
    }
    void hear(const wire::DeciderWords& frame) {
        world.hub.give(FrameIn{{0, frame}});
        world.settle();
    }
    void hear(const char* what, std::uint8_t number, const json& declared = nullptr) {
        SaidElsewhere said;
        said.what = what;
        if (!declared.is_null()) said.detail = declared.dump();
        hear(words_from_elsewhere(world, world.hub, hub, number, said));
    }
    void declared_elsewhere(std::uint8_t number) {
        hear("conflict_declared", number, {{"subject", subject()}, {"people", one_person(uncle)}});
    }
    void ended_elsewhere(std::uint8_t number) { hear("conflict_ended", number); }
    void say_something_about_the_child(const std::string& ref) {
        auto said = world.missing_child(ref, "missing_episode_updated");
        said.agency = hub;
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
    /// Of all decisions here, or of one notification, conflict or agreement.
    static json decisions(TestHost& host, const PersonalText& who, const std::string& about = {}) {
        ApiRequest request;
        request.kind = Kind::decisions_list;
        request.credential = who;
        if (!about.empty()) request.filter = {{"sent", about}};
        return json::parse(host.ask(std::move(request)).json.reveal())
            .value("decisions", json::array());
    }
    static std::size_t about_conflicts(TestHost& host, const PersonalText& who) {
        const auto all = decisions(host, who);
        return static_cast<std::size_t>(std::ranges::count_if(all, [](const json& line) {
            return line.at("kind").get<std::string>().starts_with("conflict");
        }));
    }
    std::string declare(TestHost& host, const PersonalText& by, json excluded, json people,
                        const std::string& reason = "Canaryreason: an uncle") {
        const json body{{"subject", subject()},
                        {"excluded", std::move(excluded)},
                        {"people", std::move(people)},
                        {"reason", reason}};
        const auto reply = host.ask(Kind::conflict_add, by, "", body.dump());
        EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
        world.settle();
        return json::parse(reply.json.reveal()).value("id", "");
    }
    static std::size_t standing(TestHost& host, const PersonalText& who) {
        const auto reply = host.ask(Kind::conflicts_list, who);
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        return json::parse(reply.json.reveal()).at("conflicts").size();
    }
    AgentWorld world;
    PersonalText officer, uncle;
};

TEST_F(ConflictElsewhere, WhoseEndOvertakesItKeepsNobodyOut) {
    ended_elsewhere(2);
    declared_elsewhere(1);
    EXPECT_EQ(listed(uncle), 1U) << "nobody here could ever end it";
}

TEST_F(ConflictElsewhere, ThatEndedStaysEndedHoweverOftenItsWordsComeAgain) {
    world.hub.config.retention_after_taken = std::chrono::hours(1);
    world.hub.restart();
    world.connect(world.hub);
    SaidElsewhere said;
    said.what = "conflict_declared";
    said.detail = json{{"subject", subject()}, {"people", one_person(uncle)}}.dump();
    const auto kept_by_the_broker = words_from_elsewhere(world, world.hub, hub, 1, said);
    hear(kept_by_the_broker);
    EXPECT_EQ(listed(uncle), 0U);
    ended_elsewhere(2);
    EXPECT_EQ(listed(uncle), 1U);
    world.pass(std::chrono::hours(2));
    world.pass(std::chrono::minutes(1));
    hear(kept_by_the_broker);
    EXPECT_EQ(listed(uncle), 1U);
}

TEST_F(ConflictElsewhere, EndedByAnotherAgencyThanDeclaredItGoesOnStanding) {
    list_seat(world, world.hub, {AgencyId("health"), RoleId("lado")});
    SaidElsewhere ended;
    ended.what = "conflict_ended";
    ended.decider = {AgencyId("health"), RoleId("lado")};
    hear(words_from_elsewhere(world, world.hub, hub, 3, ended));
    declared_elsewhere(1);
    EXPECT_EQ(listed(uncle), 0U);
    ended.reason = "Canaryreason: once more";
    hear(words_from_elsewhere(world, world.hub, hub, 4, ended));
    EXPECT_EQ(listed(uncle), 0U);
}

TEST_F(ConflictElsewhere, IsStatedAnewUnderNewTokenKeys) {
    declared_elsewhere(1);
    world.list_token_key(2);
    world.tick();
    world.finish_token_change(2);
    world.tick();
    // Said by a school, and passed on by the front door's agent: known here by its tokens alone.
    auto said = world.missing_child("seen:2", "missing_episode_updated");
    said.agency = AgencyId("teme-meadow");
    said.role = RoleId("sch");
    said.facts.kind = "sighting";
    said.facts.risk_grade.clear();
    world.send(world.schools, said);
    world.tick();
    const auto night = world.hub.add_person("Invented Night", "hub", {"hub.edt"});
    EXPECT_EQ(listed(night), 2U) << "it was passed on";
    EXPECT_EQ(listed(uncle), 0U);
}

TEST_F(ConflictElsewhere, AuditorWhomItNamesNeverReadsOfIt) {
    const auto named = world.hub.add_person("Invented Named", "hub", {"hub.edt"}, {"dpo"});
    const auto auditor = world.hub.add_person("Invented Auditor", "hub", {}, {"dpo"});
    const auto id = declare(world.hub, officer, json::array(), one_person(named));
    const auto lines = decisions(world.hub, auditor, id);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(decisions(world.hub, named, id).empty());
    EXPECT_EQ(about_conflicts(world.hub, named), 0U);
    ApiRequest one;
    one.kind = Kind::decision_one;
    one.credential = named;
    one.id = lines[0].at("id");
    one.filter = {{"full", "true"}};
    EXPECT_EQ(world.hub.ask(one).status, 404);
    ASSERT_EQ(world.hub.ask(Kind::conflict_end, officer, id).status, 200);
    EXPECT_EQ(about_conflicts(world.hub, auditor), 2U);
    EXPECT_EQ(about_conflicts(world.hub, named), 0U) << "nor once it is over";
}

TEST_F(ConflictElsewhere, AuditorWhoLeftTheInboxThatItNamesNeverReadsOfIt) {
    const auto named = world.hub.add_person("Invented Named", "hub", {"hub.ffd"}, {"dpo"});
    const auto later = world.hub.add_person("Invented Later", "hub", {"hub.ffd"}, {"dpo"});
    const auto id = declare(world.hub, officer, {"hub.ffd"}, json::array());
    const auto leave = [&](const PersonalText& who) {
        const auto reply =
            world.hub.ask(Kind::person_remove, uncle, name_of(who).value(), "", "hub.ffd");
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        world.settle();
        return who;
    };
    leave(named);
    EXPECT_EQ(about_conflicts(world.hub, named), 0U);
    ASSERT_EQ(world.hub.ask(Kind::conflict_end, officer, id).status, 200);
    leave(later);
    EXPECT_EQ(about_conflicts(world.hub, named), 0U);
    EXPECT_EQ(about_conflicts(world.hub, later), 0U) << "it named them when it stood";
}

TEST_F(ConflictElsewhere, AuditorReadsOfNoneOfWhichNobodyCanTellWhomItNames) {
    const auto auditor = world.hub.add_person("Invented Auditor", "hub", {}, {"dpo"});
    ended_elsewhere(2);
    EXPECT_EQ(about_conflicts(world.hub, auditor), 0U);
    declared_elsewhere(1);
    EXPECT_EQ(about_conflicts(world.hub, auditor), 2U) << "though it is over";
}

TEST_F(ConflictElsewhere, IsNotEndedByWhomItKeepsOut) {
    const auto named = world.hub.add_person("Invented Named", "hub", {"hub.lado", "hub.edt"});
    const auto id = declare(world.hub, officer, json::array(), one_person(named));
    EXPECT_EQ(world.hub.ask(Kind::conflict_end, named, id).status, 404);
    EXPECT_EQ(listed(named), 0U);
    EXPECT_EQ(standing(world.hub, officer), 1U);
    EXPECT_TRUE(std::ranges::none_of(world.broker.others, [](const wire::AgentBody& one) {
        return std::holds_alternative<wire::EndConflict>(one);
    }));
    EXPECT_EQ(world.hub.ask(Kind::conflict_end, officer, id).status, 200);
    EXPECT_EQ(listed(named), 1U);
    EXPECT_EQ(world.hub.ask(Kind::conflict_end, officer, id).status, 404) << "ended once";
}

TEST_F(ConflictElsewhere, IsNotEndedByAnotherAgencyOfTheSameHost) {
    list_seat(world, world.schools, {AgencyId("orchard-gate"), RoleId("lado")});
    list_seat(world, world.schools, {AgencyId("teme-meadow"), RoleId("lado")});
    const auto own = world.schools.add_person("Invented One", "orchard-gate", {}, {"lado"});
    const auto other = world.schools.add_person("Invented Other", "teme-meadow", {}, {"lado"});
    const auto id = declare(world.schools, own, {"orchard-gate.sch"}, json::array());
    EXPECT_EQ(world.schools.ask(Kind::conflict_end, other, id).status, 404);
    EXPECT_EQ(standing(world.schools, own), 1U);
    EXPECT_EQ(world.schools.ask(Kind::conflict_end, own, id).status, 200);
}

/// As many people as one conflict may name.
json many_people(const PersonId& first, const std::string& padding) {
    json people = json::array({{{"agency", "hub"}, {"person", first.value()}}});
    for (int i = 1; i < 64; ++i)
        people.push_back(
            {{"agency", "social-care"}, {"person", "p-" + std::to_string(i) + "-" + padding}});
    return people;
}

TEST_F(ConflictElsewhere, NamesWhomItKeepsOutHoweverMuchWasWrittenAboutIt) {
    list_seat(world, world.police, {police, RoleId("lado")});
    const auto lado = world.police.add_person("Invented Lado", "police-wm", {}, {"lado"});
    declare(world.police, lado, json::array(), many_people(name_of(uncle), std::string(20, 'x')),
            std::string(4'096, 'w'));
    EXPECT_EQ(listed(uncle), 0U);
    const auto auditor = world.hub.add_person("Invented Auditor", "hub", {}, {"dpo"});
    EXPECT_EQ(about_conflicts(world.hub, auditor), 1U);
}

TEST_F(ConflictElsewhere, ThatCouldNotTravelWholeIsRefusedBeforeItStands) {
    auto child = subject();
    for (int i = 0; i < 8; ++i)
        child["aliases"].push_back(
            {{"forename", std::string(60, 'x')}, {"surname", std::string(60, 'y')}});
    const json body{{"subject", child},
                    {"people", many_people(name_of(uncle), std::string(58, 'x'))},
                    {"reason", "Canaryreason: an uncle"}};
    const auto reply = world.hub.ask(Kind::conflict_add, officer, "", body.dump());
    EXPECT_EQ(reply.status, 413) << text_of_reply(reply);
    EXPECT_EQ(standing(world.hub, officer), 0U);
    EXPECT_EQ(listed(uncle), 1U);
}

TEST_F(ConflictElsewhere, SaysOfTheChildOnlyWhoItIs) {
    list_seat(world, world.police, {police, RoleId("lado")});
    const auto lado = world.police.add_person("Invented Lado", "police-wm", {}, {"lado"});
    json body{{"subject", subject()},
              {"people", one_person(uncle)},
              {"notes", std::string(9'000, 'x')},
              {"reason", "Canaryreason: an uncle"}};
    const auto reply = world.police.ask(Kind::conflict_add, lado, "", body.dump());
    EXPECT_EQ(reply.status, 201) << text_of_reply(reply);
    world.settle();
    EXPECT_EQ(listed(uncle), 0U) << "what nobody asked for takes no room";
}

TEST_F(ConflictElsewhere, CountsByAKeyOfTodayAndNotByARevokedOne) {
    const auto before = world.now.wall - std::chrono::hours(1);
    SaidElsewhere said;
    said.what = "conflict_declared";
    said.detail = json{{"subject", subject()}, {"people", one_person(uncle)}}.dump();
    said.at = before;
    const auto by_the_lost_key = words_from_elsewhere(world, world.hub, hub, 1, said);
    world.area.change_registry(
        [&](area::Registry& registry) {
            registry.agencies.at(police).signing_keys.front().revoked_at =
                world.now.wall - std::chrono::minutes(1);
        },
        world.now.wall);
    world.area.rotate_signing_key(police, world.now.wall - std::chrono::minutes(1));
    world.hub.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    hear(by_the_lost_key);
    EXPECT_EQ(listed(uncle), 1U) << "whoever has it writes the time as well";
    declared_elsewhere(2);
    EXPECT_EQ(listed(uncle), 0U);
}

TEST_F(ConflictElsewhere, CountsByAKeyThatEndedWhileItWasOnTheWayAndNoLonger) {
    SaidElsewhere said;
    said.what = "conflict_declared";
    said.detail = json{{"subject", subject()}, {"people", one_person(uncle)}}.dump();
    const auto on_the_way = words_from_elsewhere(world, world.hub, hub, 1, said);
    world.area.change_registry(
        [&](area::Registry& registry) {
            auto& key = registry.agencies.at(police).signing_keys.front();
            key.not_before = world.now.wall - std::chrono::hours(24 * 365);
            key.not_after = world.now.wall + std::chrono::hours(1);
        },
        world.now.wall);
    world.hub.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    world.pass(std::chrono::hours(2));
    hear(on_the_way);
    EXPECT_EQ(listed(uncle), 0U);
    ended_elsewhere(2);
    EXPECT_EQ(listed(uncle), 0U) << "said after the key had ended";
}

}  // namespace
}  // namespace mash::runtime::testing
