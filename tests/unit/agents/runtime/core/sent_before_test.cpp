// An update sends what has changed (domain.md C3 row 2), to whoever certainly has the rest.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;

const Seat front_door_seat{AgencyId("hub"), RoleId("ffd")};
const InboxId front_door_inbox{"hub.ffd"};

class SentBeforeTest : public ::testing::Test {
protected:
    SentBeforeTest() {
        world.connect(world.hub);
        world.connect(world.schools);
        world.connect(world.police);
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
        officer = world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
    }
    Notification news(const std::string& ref = "misper:2",
                      const std::string& place = "Canaryplace by the station") {
        auto update = world.missing_child(ref, "missing_episode_updated");
        update.sections["loc"]["last_seen_place"] = PersonalText(json(place).dump());
        return update;
    }
    /// Views of the parcel as it left.
    Names sealed_for(const NotificationId& id, const std::string& inbox) {
        const auto& parcels = world.broker.published.at(id).parcels;
        const auto parcel = std::ranges::find(parcels, InboxId(inbox), &wire::Parcel::recipient);
        if (parcel == parcels.end()) {
            ADD_FAILURE() << "nothing for " << inbox;
            return {};
        }
        Names names;
        for (const auto& view : parcel->views) names.insert(view.view.value());
        return names;
    }
    Names left_out(const NotificationId& id, const Seat& seat = front_door_seat) {
        Names names;
        for (const auto& recipient : world.broker.plans.at(id).plan.decision.recipients) {
            if (recipient.seat != seat) continue;
            for (const auto& view : recipient.unchanged) names.insert(view.value());
        }
        return names;
    }
    json open(TestHost& host, const PersonalText& token, const NotificationId& id) {
        const auto reply = host.ask(ApiRequest::Kind::received_one, token, to_text(id));
        EXPECT_EQ(reply.status, 200);
        return json::parse(reply.json.reveal());
    }
    int recall(const NotificationId& id) {
        const auto reply = world.police.ask(ApiRequest::Kind::recall, officer, to_text(id),
                                            R"({"reason":"wrong_child"})");
        answer = json::parse(reply.json.reveal());
        return reply.status;
    }
    AgentWorld world;
    PersonalText front_door;
    PersonalText officer;
    json answer;
};

TEST_F(SentBeforeTest, WhatHasChangedGoesAndWhatMustAlwaysBeThere) {
    const auto start = world.send(world.police, world.missing_child());
    EXPECT_TRUE(left_out(start).empty());
    const auto all = sealed_for(start, "hub.ffd");
    const auto update = world.send(world.police, news());
    EXPECT_EQ(left_out(update), (Names{"rsk.full", "voi"}));
    auto expected = all;
    for (const char* view : {"rsk.full", "voi"}) EXPECT_EQ(expected.erase(view), 1U);
    EXPECT_EQ(sealed_for(update, "hub.ffd"), expected);
    for (const char* view : {"idn.full", "evt.full", "sfc", "loc"})
        EXPECT_TRUE(expected.contains(view)) << view;
}

TEST_F(SentBeforeTest, WhoStandsByGetsEverything) {
    world.send(world.police, world.missing_child());
    const auto update = world.send(world.police, news());
    auto whole = sealed_for(update, "hub.ffd");
    whole.insert({"rsk.full", "voi"});
    EXPECT_EQ(sealed_for(update, "hub.edt"), whole);
}

TEST_F(SentBeforeTest, TheReaderSeesItWithWhatItUpdates) {
    const auto start = world.send(world.police, world.missing_child());
    const auto update = world.send(world.police, news());
    const auto item = open(world.hub, front_door, update);
    EXPECT_FALSE(item.at("views").contains("rsk.full"));
    EXPECT_EQ(item.at("views").at("loc").at("last_seen_place"), "Canaryplace by the station");
    ASSERT_EQ(item.at("unchanged").size(), 2U);
    const auto& risk = item.at("unchanged").at(0);
    EXPECT_EQ(risk.at("view"), "rsk.full");
    EXPECT_EQ(risk.at("from"), to_text(start));
    EXPECT_EQ(risk.at("content").at("factors"), "Canaryfactors");
    const auto handed = world.hub.seen_of<HandOver>();
    ASSERT_FALSE(handed.empty());
    EXPECT_NE(handed.back().json.reveal().find("Canaryfactors"), std::string::npos)
        << "a case system reads each notice alone";
}

TEST_F(SentBeforeTest, TheLatestWordsCountNotAnyThatWereEverSaid) {
    const auto start = world.send(world.police, world.missing_child());
    const auto second = world.send(world.police, news("misper:2"));
    const auto third = world.send(world.police, news("misper:3", "Canaryplace by the river"));
    EXPECT_EQ(left_out(third), (Names{"rsk.full", "voi"})) << "as at the start, but news since";
    const auto fourth = world.send(world.police, news("misper:4", "Canaryplace by the river"));
    EXPECT_EQ(left_out(fourth), (Names{"loc", "rsk.full", "voi"}));
    std::map<std::string, std::string> from;
    const auto item = open(world.hub, front_door, fourth);
    for (const auto& one : item.at("unchanged")) from[one.at("view")] = one.at("from");
    EXPECT_EQ(from["loc"], to_text(third));
    EXPECT_EQ(from["rsk.full"], to_text(start));
    EXPECT_NE(second, third);
}

TEST_F(SentBeforeTest, WhoIsNewInTheThreadGetsEverything) {
    world.send(world.police, world.missing_child());
    world.claim_school_roll(world.schools);
    const auto update = world.send(world.police, news());
    EXPECT_TRUE(left_out(update, {AgencyId("orchard-gate"), RoleId("sch")}).empty());
    EXPECT_TRUE(sealed_for(update, "orchard-gate.sch").contains("rsk.word"));
    EXPECT_FALSE(sealed_for(update, "hub.ffd").contains("rsk.full"));
    const auto next = world.send(world.police, news("misper:3", "elsewhere"));
    EXPECT_FALSE(sealed_for(next, "orchard-gate.sch").contains("rsk.word"));
    EXPECT_TRUE(sealed_for(next, "orchard-gate.sch2").contains("rsk.word"))
        << "released later it is read alone";
}

TEST_F(SentBeforeTest, WhatWasNeverStoredIsSentAgain) {
    world.broker.delivers = false;
    world.send(world.police, world.missing_child());
    EXPECT_TRUE(left_out(world.send(world.police, news())).empty());
}

TEST_F(SentBeforeTest, WhatWasTakenBackIsSentAgain) {
    const auto start = world.send(world.police, world.missing_child());
    const auto update = world.send(world.police, news());
    EXPECT_EQ(recall(start), 202);
    EXPECT_EQ(answer.at("recalled").at("updates_since"), json::array({to_text(update)}))
        << "its readers have lost a part, and the sender is told";
    world.settle();
    const auto item = open(world.hub, front_door, update);
    ASSERT_EQ(item.at("unchanged").size(), 2U);
    for (const auto& one : item.at("unchanged")) {
        EXPECT_TRUE(one.at("content").is_null());
        EXPECT_NE(one.at("message").get<std::string>().find("Ask the sender"), std::string::npos);
    }
    const auto next = world.send(world.police, news("misper:3", "elsewhere"));
    EXPECT_TRUE(left_out(next).empty());
    EXPECT_TRUE(sealed_for(next, "hub.ffd").contains("rsk.full"));
}

TEST_F(SentBeforeTest, APlanThatLeansOnWhatIsTakenBackMeanwhileIsNotFollowed) {
    const auto start = world.send(world.police, world.missing_child());
    bool once = false;
    world.broker.tamper_plan = [&](wire::DisclosurePlan&) {
        if (std::exchange(once, true)) return;
        EXPECT_EQ(recall(start), 202);
    };
    const auto update = world.send(world.police, news());
    EXPECT_FALSE(world.broker.published.contains(update));
    EXPECT_TRUE(world.police.seen_of<Alarm>().empty()) << "an ordinary race";
    world.pass(std::chrono::seconds(2));
    ASSERT_TRUE(world.broker.published.contains(update));
    EXPECT_TRUE(sealed_for(update, "hub.ffd").contains("rsk.full"));
}

TEST_F(SentBeforeTest, WhatReplacesAnEarlierNoticeIsWhole) {
    world.send(world.police, world.missing_child());
    auto update = news();
    update.supersedes_ref = "misper:1";
    EXPECT_TRUE(left_out(world.send(world.police, update)).empty());
}

TEST_F(SentBeforeTest, AStoreThatWasPutBackLeansOnNothingOfBefore) {
    world.send(world.police, world.missing_child());
    world.disconnect(world.police);
    auto transaction = world.police.store.begin();
    mark_restored(*transaction);
    ASSERT_TRUE(world.police.store.commit(std::move(transaction)).is_committed());
    world.police.restart();
    world.connect(world.police);
    EXPECT_TRUE(left_out(world.send(world.police, news())).empty())
        << "what it sent since is not remembered here";
}

TEST_F(SentBeforeTest, TheEndOfAnEpisodeIsNoUpdate) {
    world.send(world.police, world.missing_child());
    const auto end =
        world.send(world.police, world.missing_child("misper:9", "missing_episode_closed"));
    EXPECT_TRUE(left_out(end).empty());
}

TEST_F(SentBeforeTest, TheBrokerIsToldNamesOfViewsAndTheStoreKeepsNoWords) {
    world.send(world.police, world.missing_child());
    world.send(world.police, news());
    const auto& facts = world.broker.plan_requests.back().facts;
    ASSERT_FALSE(facts.unchanged.empty());
    const auto stored = everything_stored(world.police.store);
    EXPECT_EQ(stored.find("Canary"), std::string::npos);
    const auto view = world.police.store.view();
    std::set<Digest> digests;
    std::size_t rows = 0;
    for (const auto& [key, sent] : table::views_sent.collect(*view, {})) {
        digests.insert(sent.words);
        ++rows;
    }
    EXPECT_GT(rows, 0U);
    EXPECT_EQ(digests.size(), rows) << "not even who was told the same";
}

}  // namespace
}  // namespace mash::runtime::testing
