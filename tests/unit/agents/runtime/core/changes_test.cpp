// What a commit changed, and who hears of it: whoever may not know of an item does not learn that
// something happened.
#include "agents/runtime/core/changes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class ChangesTest : public ::testing::Test {
protected:
    static std::string person_of(const PersonalText& token) {
        return credential_from_text(token)->person.value();
    }
    static json asked(const Change& change) {
        return {{"list", std::string(name_of(change.list))}, {"key", to_base64url(change.key)}};
    }
    /// The lists this person is told of; "404" or what else was answered instead.
    static json told(TestHost& host, const PersonalText& who, const std::vector<Change>& changes) {
        json body{{"changes", json::array()}};
        for (const auto& change : changes) body["changes"].push_back(asked(change));
        const auto reply =
            host.ask(Kind::known_changes, PersonalText(), person_of(who), body.dump());
        if (reply.status != 200) return reply.status;
        return json::parse(reply.json.reveal());
    }
    static Change sent(const NotificationId& id) { return {Listed::sent, store::key_bytes(id)}; }
    static Change received(const char* inbox) {
        return {Listed::received, store::key_bytes(InboxId(inbox))};
    }
    AgentWorld world;
};

TEST_F(ChangesTest, EachListHasItsRows) {
    const NotificationId id(std::array<std::uint8_t, 16>{1});
    const InboxKey item{InboxId("hub.ffd"), AgencyId("police-wm"), id};
    const Bytes key = store::key_bytes(std::get<0>(item), std::get<1>(item), std::get<2>(item));
    for (const auto space : {table::inbox.space(), table::inbox_stops.space(), sealed::case_number,
                             sealed::outcome_words}) {
        const auto change = change_of(space, key, {});
        ASSERT_TRUE(change) << space.name();
        EXPECT_EQ(*change, received("hub.ffd")) << "no sender, and no item";
    }
    const Bytes rung = store::key_bytes(id, Seat{AgencyId("hub"), RoleId("ffd")}, std::uint8_t{1});
    EXPECT_EQ(change_of(table::rungs.space(), rung, {}), sent(id));
    EXPECT_EQ(change_of(table::alarms.space(), store::key_bytes(std::uint8_t{2}, id), {}),
              sent(id));
    EXPECT_FALSE(
        change_of(table::alarms.space(), store::key_bytes(std::uint8_t{2}, NotificationId()), {}))
        << "of the agent itself";
    EXPECT_FALSE(change_of(table::access.space(), key, {})) << "that somebody looked is no news";
    EXPECT_FALSE(change_of(table::inbox.space(), Bytes{1, 2}, {})) << "no key of that space";
    EXPECT_FALSE(change_of(table::held.space(), key, {})) << "a mark that is not there";
}

TEST_F(ChangesTest, AnInboxIsForItsMembers) {
    world.connect_all();
    const auto day = world.hub.add_person("Invented Day", "hub", {"hub.ffd"});
    const auto night = world.hub.add_person("Invented Night", "hub", {"hub.edt"});
    const std::vector<Change> both{received("hub.ffd"), received("hub.edt")};
    EXPECT_EQ(told(world.hub, day, both), (json{{"what", {"received"}}, {"inboxes", {"hub.ffd"}}}));
    EXPECT_EQ(told(world.hub, night, both),
              (json{{"what", {"received"}}, {"inboxes", {"hub.edt"}}}));
    EXPECT_EQ(told(world.hub, night, {received("hub.ffd")}).at("what"), json::array());
}

TEST_F(ChangesTest, AnAccusedColleagueHearsNothingOfWhatIsKeptFromThem) {
    world.connect_all();
    const auto officer = world.police.add_person("Officer", "police-wm", {"police-wm.pol"});
    const auto colleague = world.police.add_person("Manager", "police-wm", {"police-wm.manager"});
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(told(world.police, officer, {sent(id)}).at("what"), json{"sent"});
    EXPECT_EQ(told(world.police, colleague, {sent(id)}).at("what"), json::array());
    EXPECT_EQ(told(world.police, officer, {sent(NotificationId(std::array<std::uint8_t, 16>{9}))})
                  .at("what"),
              json::array())
        << "nothing was sent under that id";
}

TEST_F(ChangesTest, AboutAChildFromWhomAConflictKeepsAPersonTheyHearNothing) {
    world.connect_all();
    const auto ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
    const auto bob = world.hub.add_person("Invented Bob", "hub", {"hub.ffd"});
    const json body{{"subject", {{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}}},
                    {"people", {{{"agency", "hub"}, {"person", person_of(bob)}}}},
                    {"reason", "an uncle"}};
    ASSERT_EQ(world.hub.ask(Kind::conflict_add, ann, "", body.dump()).status, 201);
    auto notification = world.missing_child("desk:1");
    notification.agency = AgencyId("hub");
    notification.role = RoleId("ffd");
    const auto id = world.send(world.hub, notification);
    EXPECT_EQ(told(world.hub, ann, {sent(id)}).at("what"), json{"sent"});
    EXPECT_EQ(told(world.hub, bob, {sent(id)}).at("what"), json::array());
}

TEST_F(ChangesTest, ADecisionThatWaitsIsForWhoeverDecidesAlsoWhenItsMarkIsGone) {
    world.connect_all();
    const auto manager = world.police.add_person("Manager", "police-wm", {"police-wm.manager"});
    const auto officer = world.police.add_person("Officer", "police-wm", {"police-wm.pol"});
    const auto id = world.send(world.police, world.detrimental_child());
    std::vector<Change> marks;
    {
        const auto view = world.police.store.view();
        view->scan(table::held.space(), {}, [&](ByteView key, ByteView record) {
            marks.push_back(*change_of(table::held.space(), key, record));
            return true;
        });
    }
    ASSERT_EQ(marks.size(), 1U);
    const json yes{{"allow", true}, {"reason", "an invented reason"}};
    for (const bool answered : {false, true}) {
        if (answered) {
            ASSERT_EQ(world.police.ask(Kind::held_answer, manager, to_text(id), yes.dump()).status,
                      200);
        }
        EXPECT_EQ(told(world.police, manager, marks).at("what"), json{"held"}) << answered;
        EXPECT_EQ(told(world.police, officer, marks).at("what"), json::array()) << answered;
    }
}

TEST_F(ChangesTest, ATaskIsForWhoeverClearsIt) {
    world.connect_all();
    const auto day = world.hub.add_person("Invented Day", "hub", {"hub.ffd"});
    const auto lado = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    const auto task = world.give_gap_task();
    const Change change{Listed::tasks, store::key_bytes(task.id)};
    EXPECT_EQ(told(world.hub, day, {change}).at("what"), json{"tasks"});
    EXPECT_EQ(told(world.hub, lado, {change}).at("what"), json::array());
}

TEST_F(ChangesTest, WhoeverWasRemovedHearsNothingMore) {
    world.connect_all();
    const auto one = world.hub.add_person("Invented One", "hub", {"hub.ffd"});
    const auto two = world.hub.add_person("Invented Two", "hub", {"hub.ffd"});
    ASSERT_EQ(world.hub.ask(Kind::person_remove, one, person_of(two)).status, 200);
    EXPECT_EQ(told(world.hub, two, {received("hub.ffd")}), 401);
    EXPECT_EQ(told(world.hub, one, {Change{Listed::received, Bytes{1, 2, 3}}}), 422);
    const auto before = everything_stored(world.hub.store);
    EXPECT_EQ(told(world.hub, one, {received("hub.ffd")}).at("what"), json{"received"});
    EXPECT_EQ(everything_stored(world.hub.store), before) << "asking changes nothing, so it ends";
}

}  // namespace
}  // namespace mash::runtime::testing
