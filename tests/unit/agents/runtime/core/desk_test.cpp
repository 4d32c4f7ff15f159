// What a desk makes of what arrived: its lists, whose desk an item is on, and its case number.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "agents/runtime/core/store_format.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class DeskTest : public ::testing::Test {
protected:
    DeskTest() {
        world.connect_all();
        ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
        bob = world.hub.add_person("Invented Bob", "hub", {"hub.ffd"});
        officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    }
    NotificationId missing(const std::string& name) {
        auto notification = world.missing_child("misper:" + name);
        notification.thread_ref = name;
        return world.send(world.police, notification);
    }
    json ask(Kind kind, const PersonalText& who, const NotificationId& id, const json& body = {}) {
        const auto reply = world.hub.ask(kind, who, to_text(id), body.is_null() ? "" : body.dump());
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json page(const std::string& state, const PersonalText& who, const std::string& cursor = {},
              std::size_t limit = 0) {
        ApiRequest request;
        request.kind = Kind::received_list;
        request.credential = who;
        request.cursor = cursor;
        request.limit = limit;
        if (!state.empty()) request.filter["state"] = state;
        const auto reply = world.hub.ask(std::move(request));
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json list_with(const std::string& name, const std::string& value, const PersonalText& who) {
        ApiRequest request;
        request.kind = Kind::received_list;
        request.credential = who;
        request.filter[name] = value;
        const auto reply = world.hub.ask(std::move(request));
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    std::vector<std::string> ids(const std::string& state, const PersonalText& who) {
        std::vector<std::string> found;
        const auto list = page(state, who);
        for (const auto& line : list.at("received"))
            found.push_back(line.at("id").get<std::string>());
        return found;
    }
    std::string person(const PersonalText& who) {
        return ask(Kind::me, who, {}).at("person").get<std::string>();
    }
    using Ids = std::vector<std::string>;

    AgentWorld world;
    PersonalText ann;
    PersonalText bob;
    PersonalText officer;
    int status = 0;
};

TEST_F(DeskTest, EachListHoldsWhatItSaysAndNothingElse) {
    const auto taken = missing("taken");
    const auto handed = missing("handed");
    const auto late = missing("late");
    const auto done = missing("done");
    world.pass(std::chrono::hours(3));
    const auto fresh = missing("fresh");
    ask(Kind::taken, ann, taken);
    ask(Kind::assigned, ann, handed, {{"person", person(bob)}});
    ASSERT_EQ(status, 200);
    ask(Kind::decided, ann, done, {{"outcome", "no_further_action"}, {"reason", "Canaryreason"}});
    const auto text = [](const NotificationId& id) { return to_text(id); };

    EXPECT_EQ(ids("open", ann), (Ids{text(handed), text(late), text(fresh)}));
    EXPECT_EQ(ids("overdue", ann), (Ids{text(handed), text(late)}));
    EXPECT_EQ(ids("unassigned", ann), (Ids{text(late), text(fresh)}));
    EXPECT_EQ(ids("mine", ann), Ids{text(taken)});
    EXPECT_EQ(ids("mine", bob), Ids{text(handed)});
    EXPECT_EQ(ids("taken", ann), Ids{text(taken)});
    EXPECT_EQ(ids("closed", ann), Ids{text(done)});
    EXPECT_EQ(ids("", ann).size(), 5U);
    page("finished", ann);
    EXPECT_EQ(status, 422);
    page("open", ann, "AAAA");
    EXPECT_EQ(status, 422) << "a cursor that no page gave";
}

TEST_F(DeskTest, EveryListIsReadPageByPageWithoutLossOrRepeat) {
    std::set<std::string> sent;
    for (int i = 0; i < 7; ++i) {
        if (i % 3 == 0) world.pass(std::chrono::minutes(1));
        const auto id = missing("part" + std::to_string(i));
        sent.insert(to_text(id));
        if (i % 2 == 0) ask(Kind::taken, ann, id);
        if (i == 4) ask(Kind::decided, ann, id, {{"outcome", "no_further_action"}});
    }
    const auto read = [&](const std::string& state) {
        std::vector<std::string> found;
        std::string cursor;
        do {
            const auto one = page(state, ann, cursor, 2);
            for (const auto& line : one.at("received"))
                found.push_back(line.at("id").get<std::string>());
            cursor = one.at("next").is_null() ? "" : one.at("next").get<std::string>();
        } while (!cursor.empty());
        return found;
    };
    for (const auto* state : {"", "open", "overdue", "mine", "unassigned", "taken", "closed"})
        EXPECT_EQ(read(state), ids(state, ann)) << state;
    const auto all = read("");
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()), sent);
    EXPECT_EQ(all.size(), sent.size());
}

TEST_F(DeskTest, CountsAreThoseOfTheListsAndEachPersonsOwn) {
    const auto taken = missing("taken");
    const auto handed = missing("handed");
    missing("late");
    world.pass(std::chrono::hours(3));
    missing("fresh");
    ask(Kind::taken, ann, taken);
    ask(Kind::assigned, ann, handed, {{"person", person(bob)}});
    for (const auto* who : {&ann, &bob}) {
        const auto answer = list_with("counts", "true", *who);
        ASSERT_EQ(answer.at("counts").at("inboxes").size(), 1U);
        const auto& counts = answer.at("counts").at("inboxes").at(0);
        EXPECT_EQ(counts.at("inbox"), "hub.ffd");
        for (const auto* state : {"open", "overdue", "mine", "unassigned"})
            EXPECT_EQ(counts.at(state), ids(state, *who).size()) << state;
        EXPECT_EQ(counts.at("newest_at"), page("open", ann).at("received").at(2).at("accepted_at"));
    }
    EXPECT_FALSE(page("open", ann).contains("counts"));
    const auto none = list_with("counts", "true", officer).at("counts").at("inboxes").at(0);
    EXPECT_EQ(none.at("open"), 0);
    EXPECT_TRUE(none.at("newest_at").is_null());
}

TEST_F(DeskTest, APageThatShowsItemsAsksForTheirLinesAlone) {
    const auto one = missing("one");
    const auto two = missing("two");
    const auto unseen = missing("unseen");
    ask(Kind::received_one, ann, one);
    const auto police = world.police.add_person("Invented Sergeant", "police-wm", {}, {"pol"});
    for (const auto& id : {one, unseen})
        world.police.ask(Kind::recall, police, to_text(id), R"({"reason":"wrong_child"})");
    world.settle();
    const auto name = [](const NotificationId& id) { return "police-wm/" + to_text(id); };
    const auto asked = name(two) + "," + name(one) + "," + name(unseen);
    const auto got = list_with("received", asked, ann).at("received");
    ASSERT_EQ(got.size(), 2U) << "what was taken back before anybody saw it is not told of";
    EXPECT_EQ(got.at(0).at("id"), to_text(two));
    EXPECT_TRUE(got.at(0).at("progress").at("recalled_at").is_null());
    EXPECT_EQ(got.at(1).at("id"), to_text(one));
    EXPECT_FALSE(got.at(1).at("progress").at("recalled_at").is_null());
    EXPECT_TRUE(list_with("received", asked, officer).at("received").empty())
        << "whoever does not open the inbox learns nothing of it";
    list_with("received", "", ann);
    EXPECT_NE(status, 200);
    std::string many = name(two);
    for (int i = 0; i < 100; ++i) many += "," + name(two);
    list_with("received", many, ann);
    EXPECT_EQ(status, 422);
}

TEST_F(DeskTest, ALineSaysThatItWasPutRightThoughNobodyHasReadAListSince) {
    const auto first = world.send(world.police, world.missing_child());
    ask(Kind::received_one, ann, first);
    auto right = world.missing_child("misper:1:corrected", "correction");
    right.supersedes_ref = "misper:1";
    const auto second = world.send(world.police, right);
    const auto line =
        list_with("received", "police-wm/" + to_text(first), ann).at("received").at(0);
    EXPECT_EQ(line.at("replaced_by"), to_text(second));
}

TEST_F(DeskTest, OnlyToAColleagueOfTheSameInboxAndOnlyWhileItIsOpen) {
    const auto id = missing("one");
    ask(Kind::assigned, ann, id, {{"person", person(officer)}});
    EXPECT_EQ(status, 422);
    ask(Kind::assigned, ann, id, {{"person", 7}});
    EXPECT_EQ(status, 422);
    ask(Kind::assigned, officer, id, {{"person", person(officer)}});
    EXPECT_EQ(status, 404) << "whoever does not open it learns nothing of it";
    EXPECT_EQ(ids("unassigned", ann).size(), 1U);
    ask(Kind::assigned, ann, id, {{"person", person(bob)}});
    ask(Kind::assigned, bob, id, {{"person", nullptr}});
    EXPECT_EQ(status, 200);
    EXPECT_EQ(ids("unassigned", ann).size(), 1U);
    ask(Kind::decided, ann, id, {{"outcome", "no_further_action"}});
    ask(Kind::assigned, ann, id, {{"person", person(bob)}});
    EXPECT_EQ(status, 409);
}

TEST_F(DeskTest, WhoeverTookItStaysWhenItIsHandedOn) {
    const auto id = missing("one");
    ask(Kind::taken, ann, id);
    ask(Kind::assigned, ann, id, {{"person", person(bob)}});
    const auto line = page("mine", bob).at("received").at(0);
    EXPECT_EQ(line.at("progress").at("taken_by"), person(ann));
    EXPECT_EQ(line.at("assigned_to"), person(bob));
    EXPECT_TRUE(ids("mine", ann).empty());
}

TEST_F(DeskTest, ColleaguesGoByTheNamesThatWereChosenForThem) {
    const auto id = missing("one");
    EXPECT_TRUE(page("", ann).at("received").at(0).at("assigned_to_name").is_null());
    ask(Kind::taken, ann, id);
    ask(Kind::assigned, ann, id, {{"person", person(bob)}});
    const auto line = page("", bob).at("received").at(0);
    EXPECT_EQ(line.at("progress").at("taken_by_name"), "Invented Ann");
    EXPECT_EQ(line.at("assigned_to_name"), "Invented Bob");
    const auto read = ask(Kind::received_one, bob, id);
    EXPECT_EQ(read.at("progress").at("taken_by_name"), "Invented Ann");
    EXPECT_EQ(read.at("assigned_to_name"), "Invented Bob");
    world.hub.ask(Kind::person_remove, bob, person(ann));
    const auto left = ask(Kind::received_one, bob, id).at("progress");
    EXPECT_FALSE(left.at("taken_by").is_null());
    EXPECT_TRUE(left.at("taken_by_name").is_null()) << "no colleague of this inbox any more";
}

TEST_F(DeskTest, WhatNobodyHasLookedAtIsLookedAtOnce) {
    const auto unread = [&] {
        const auto view = world.hub.store.view();
        return table::inbox_covers_unread.collect_keys(*view, {}).size();
    };
    const auto first = missing("one");
    missing("two");
    EXPECT_EQ(unread(), 2U);
    ask(Kind::received_one, ann, first);
    EXPECT_EQ(unread(), 0U) << "all of them, so that an episode is one line";
    const auto third = missing("three");
    EXPECT_EQ(unread(), 1U);
    ask(Kind::taken, ann, third);
    EXPECT_EQ(unread(), 0U);

    missing("four");
    auto old = world.hub.store.begin();
    for (const auto& place : table::inbox_covers_unread.collect_keys(*old, {}))
        table::inbox_covers_unread.erase(*old, place);
    store_format().steps[0](*old);
    ASSERT_TRUE(world.hub.store.commit(std::move(old)).is_committed());
    EXPECT_EQ(unread(), 1U) << "of a store of the old format too";
}

TEST_F(DeskTest, WhatLiesOnTheDeskOfSomebodyWhoLeavesIsNobodysAgain) {
    const auto waits = missing("waits");
    const auto taken = missing("taken");
    ask(Kind::assigned, ann, waits, {{"person", person(bob)}});
    ask(Kind::taken, bob, taken);
    ASSERT_TRUE(ids("unassigned", ann).empty());
    world.hub.ask(Kind::person_remove, ann, person(bob));
    EXPECT_EQ(ids("unassigned", ann).size(), 2U);
}

TEST_F(DeskTest, CaseNumberAndWordsAreSealedAndTheNumberOutlivesARecall) {
    const auto id = missing("one");
    ask(Kind::case_number, ann, id, {{"case_number", "CanaryLCS 4711"}});
    ASSERT_EQ(status, 200);
    ask(Kind::decided, ann, id, {{"outcome", "no_further_action"}, {"reason", "Canaryreason"}});
    EXPECT_EQ(page("", ann).at("received").at(0).at("case_number"), "CanaryLCS 4711");
    EXPECT_EQ(ask(Kind::received_one, bob, id).at("outcome_reason"), "Canaryreason");
    const auto kept = everything_stored(world.hub.store);
    EXPECT_EQ(kept.find("CanaryLCS"), std::string::npos);
    EXPECT_EQ(kept.find("Canaryreason"), std::string::npos);
    ask(Kind::case_number, officer, id, {{"case_number", "x"}});
    EXPECT_EQ(status, 404);
    ask(Kind::case_number, ann, id, {{"case_number", std::string(257, 'x')}});
    EXPECT_EQ(status, 413);

    const auto police = world.police.add_person("Invented Sergeant", "police-wm", {}, {"pol"});
    world.police.ask(Kind::recall, police, to_text(id), R"({"reason":"wrong_child"})");
    world.settle();
    EXPECT_EQ(page("closed", ann).at("received").at(0).at("case_number"), "CanaryLCS 4711")
        << "whoever clears it out of the case must find the case";
}

TEST_F(DeskTest, AStoreOfTheOldFormatGetsItsLists) {
    const auto taken = missing("taken");
    const auto done = missing("done");
    missing("open");
    ask(Kind::taken, ann, taken);
    ask(Kind::decided, ann, done, {{"outcome", "no_further_action"}});
    std::vector<Ids> before;
    const std::vector<std::string> states{"", "open", "mine", "unassigned", "taken", "closed"};
    for (const auto& state : states) before.push_back(ids(state, ann));
    auto old = world.hub.store.begin();
    for (const auto& key : table::inbox_desk.collect_keys(*old, {}))
        table::inbox_desk.erase(*old, key);
    for (const auto& key : table::inbox_done.collect_keys(*old, {}))
        table::inbox_done.erase(*old, key);
    ASSERT_TRUE(world.hub.store.commit(std::move(old)).is_committed());
    ASSERT_TRUE(ids("taken", ann).empty());

    auto brought = world.hub.store.begin();
    ASSERT_EQ(store_format().steps.size(), 1U);
    store_format().steps[0](*brought);
    ASSERT_TRUE(world.hub.store.commit(std::move(brought)).is_committed());
    for (std::size_t i = 0; i < states.size(); ++i) EXPECT_EQ(ids(states[i], ann), before[i]);
}

}  // namespace
}  // namespace mash::runtime::testing
