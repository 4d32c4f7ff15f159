// Chronology and search show what this person may read, and nothing that was taken back, may not be
// used any more or is kept from them; nor is what is kept from them found any other way.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/paths/paths.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class LookThroughTest : public ::testing::Test {
protected:
    LookThroughTest() {
        world.connect_all();
        ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
        bob = world.hub.add_person("Invented Bob", "hub", {"hub.ffd"});
    }
    NotificationId missing(const std::string& name, const char* number = "9990000018",
                           const char* forename = "Canarychild") {
        world.pass(std::chrono::minutes(1));
        auto notification = world.missing_child("misper:" + name);
        notification.thread_ref = name;
        notification.subject.nhs_number = PersonalText(number);
        notification.subject.forename = PersonalText(forename);
        notification.sections["idn"]["nhs_number"] = PersonalText(json(number).dump());
        notification.sections["idn"]["forenames"] = PersonalText(json(forename).dump());
        notification.sections["idn"]["date_of_birth"] = PersonalText("\"2013-04-05\"");
        return world.send(world.police, notification);
    }
    json search(const std::string& words, const PersonalText& who, const std::string& cursor = {},
                const std::string& reason = "my_case") {
        ApiRequest request;
        request.kind = Kind::search;
        request.credential = who;
        request.cursor = cursor;
        json body{{"words", words}};
        if (!reason.empty()) body["reason"] = reason;
        request.body = PersonalText(body.dump());
        return answer(std::move(request));
    }
    json chronology(const NotificationId& id, const PersonalText& who) {
        ApiRequest request;
        request.kind = Kind::chronology;
        request.credential = who;
        request.filter["received"] = to_text(id);
        return answer(std::move(request));
    }
    json listed(const PersonalText& who, const std::string& state = {},
                const std::string& limit = "50") {
        ApiRequest request;
        request.kind = Kind::received_list;
        request.credential = who;
        request.limit = static_cast<std::size_t>(std::stoul(limit));
        if (!state.empty()) request.filter["state"] = state;
        request.filter["counts"] = "true";
        return answer(std::move(request));
    }
    json answer(ApiRequest request) {
        const auto reply = world.hub.ask(std::move(request));
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    void recall(const NotificationId& id) {
        const auto police = world.police.add_person("Invented Sergeant", "police-wm", {}, {"pol"});
        world.police.ask(Kind::recall, police, to_text(id), R"({"reason":"wrong_child"})");
        world.settle();
    }
    /// Of this child nobody tells Bob.
    void keep_from_bob() {
        const auto me = json::parse(world.hub.ask(Kind::me, bob).json.reveal());
        const json body{
            {"subject", {{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}}},
            {"people", {{{"agency", "hub"}, {"person", me.at("person")}}}},
            {"reason", "an uncle"}};
        ASSERT_EQ(world.hub.ask(Kind::conflict_add, ann, "", body.dump()).status, 201);
    }
    int noted(const std::string& action) {
        const auto log = json::parse(world.hub.ask(Kind::access_log, ann).json.reveal());
        int count = 0;
        for (const auto& line : log.at("access")) count += line.at("action") == action ? 1 : 0;
        return count;
    }
    AgentWorld world;
    PersonalText ann;
    PersonalText bob;
    int status = 0;
};

TEST_F(LookThroughTest, FindsPartsOfWordsWhateverTheirCaseAndOpensNothing) {
    const auto id = missing("one");
    const auto found = search("  canaryCHÍLD   river", ann).at("found");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].at("item").at("id"), to_text(id));
    EXPECT_TRUE(found[0].at("item").at("progress").at("opened_at").is_null());
    EXPECT_EQ(noted("searched"), 1);
    EXPECT_EQ(noted("found"), 1);
    EXPECT_TRUE(search("canarychild elsewhere", ann).at("found").empty()) << "all words";
    const auto lado = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    EXPECT_TRUE(search("canarychild", lado).at("found").empty()) << "not their inbox";
}

TEST_F(LookThroughTest, WhereTheAreaListsReasonsEachSearchSaysOneAndTheRecordHoldsIt) {
    missing("one");
    for (const auto* reason : {"", "curiosity", "MY_CASE"}) {
        const auto refused = search("canarychild", ann, "", reason);
        EXPECT_EQ(status, 422) << reason;
        EXPECT_NE(refused.at("error").value("message", "").find("my_case"), std::string::npos);
    }
    EXPECT_EQ(noted("searched"), 0) << "nothing was looked at";
    search("canarychild", ann, "", "asked_by_others");
    EXPECT_EQ(status, 200);
    const auto log = json::parse(world.hub.ask(Kind::access_log, ann).json.reveal());
    std::size_t with_reason = 0;
    for (const auto& line : log.at("access")) {
        const bool is_look = line.at("action") == "searched" || line.at("action") == "found";
        EXPECT_EQ(line.at("reason"), is_look ? json("asked_by_others") : json(nullptr));
        with_reason += is_look ? 1 : 0;
    }
    EXPECT_EQ(with_reason, 2U);
}

TEST_F(LookThroughTest, WhereTheAreaListsNoReasonsNobodyIsAskedForOne) {
    missing("one");
    const auto catalogue = test::content_of(test::source_dir() / "deploy/policy/catalogue.toml");
    const auto list = catalogue.find("[words.search_reason]");
    ASSERT_NE(list, std::string::npos);
    world.area.change_policy(catalogue.substr(list, catalogue.find("\n\n", list) - list), "",
                             world.now.wall);
    world.disconnect(world.hub);
    world.connect(world.hub);
    EXPECT_EQ(search("canarychild", ann, "", "").at("found").size(), 1U);
    search("canarychild", ann, "", "my_case");
    EXPECT_EQ(status, 422) << "a reason that nobody listed";
}

TEST_F(LookThroughTest, AsksForWordsThatSaySomething) {
    for (const auto* words : {"", "   ", "a", "one two three four five six seven eight nine"}) {
        search(words, ann);
        EXPECT_EQ(status, 422) << '"' << words << '"';
    }
    search("river", ann, "AAAA");
    EXPECT_EQ(status, 422) << "a cursor that no answer gave";
    search("river", world.hub.service_token);
    EXPECT_EQ(status, 403);
}

TEST_F(LookThroughTest, FindsNothingThatWasTakenBackOrIsKeptFromTheReader) {
    const auto first = missing("first");
    const auto second = missing("second");
    ASSERT_EQ(search("canarychild", ann).at("found").size(), 2U);
    recall(first);
    const auto left = search("canarychild", ann).at("found");
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].at("item").at("id"), to_text(second));
    chronology(first, ann);
    EXPECT_EQ(status, 410);
    EXPECT_EQ(chronology(second, ann).at("entries").size(), 1U);
    keep_from_bob();
    EXPECT_TRUE(search("canarychild", bob).at("found").empty());
    chronology(second, bob);
    EXPECT_EQ(status, 404);
    EXPECT_EQ(search("canarychild", ann).at("found").size(), 1U);
}

TEST_F(LookThroughTest, WhatCameBeforeAConflictIsToWhomItKeepsOutAsIfItWereNotThere) {
    const auto twin = missing("twin", "9990000026", "Canarytwin");
    const auto kept = missing("kept");
    ASSERT_EQ(listed(bob).at("received").size(), 2U);
    keep_from_bob();
    const auto nothing = to_text(test::id_of<NotificationId>(77));
    using Asked = std::pair<Kind, const char*>;
    for (const auto& [kind, body] :
         {Asked{Kind::received_one, ""}, Asked{Kind::taken, ""},
          Asked{Kind::decided, R"({"outcome":"assessment_started"})"}, Asked{Kind::stopped, ""},
          Asked{Kind::assigned, R"({"person":null})"},
          Asked{Kind::case_number, R"({"case_number":"C1"})"}}) {
        const auto answered = world.hub.ask(kind, bob, to_text(kept), body);
        const auto unknown = world.hub.ask(kind, bob, nothing, body);
        EXPECT_EQ(answered.status, 404);
        EXPECT_EQ(answered.json.reveal(), unknown.json.reveal());
    }
    for (const auto* state : {"", "open", "unassigned"}) {
        const auto list = listed(bob, state).at("received");
        ASSERT_EQ(list.size(), 1U) << state;
        EXPECT_EQ(list[0].at("id"), to_text(twin));
        EXPECT_EQ(listed(ann, state).at("received").size(), 2U) << state;
    }
    EXPECT_EQ(world.hub.ask(Kind::received_one, ann, to_text(kept)).status, 200);
    EXPECT_EQ(world.hub.ask(Kind::received_one, bob, to_text(twin)).status, 200);
}

TEST_F(LookThroughTest, WhoeverAConflictKeepsOutSeesTheCountsPagesAndAgesOfTheRest) {
    missing("kept one");
    missing("kept two");
    const auto twin = missing("twin", "9990000026", "Canarytwin");
    missing("kept three");
    world.hub.ask(Kind::received_one, ann, to_text(twin));
    keep_from_bob();
    const auto page = listed(bob, "open", "1");
    ASSERT_EQ(page.at("received").size(), 1U);
    EXPECT_EQ(page.at("received")[0].at("id"), to_text(twin));
    EXPECT_TRUE(page.at("next").is_null()) << "nothing follows that he may see";
    const auto sizes = page.at("counts").at("inboxes")[0];
    EXPECT_EQ(sizes.at("open"), 1);
    EXPECT_EQ(sizes.at("unassigned"), 1);
    EXPECT_EQ(sizes.at("newest_at"), page.at("received")[0].at("accepted_at"));
    EXPECT_EQ(listed(ann, "open").at("counts").at("inboxes")[0].at("open"), 4);
    const auto ages = json::parse(world.hub.ask(Kind::status, bob).json.reveal());
    EXPECT_TRUE(ages.at("oldest_unopened_seconds").is_null()) << "the twin's is open";
    EXPECT_EQ(ages.at("oldest_untaken_seconds"), 60);
}

TEST_F(LookThroughTest, AChronologyIsOfOneChildOldestFirstAndNeverOfTheTwin) {
    const auto first = missing("first");
    missing("twin", "9990000026", "Canarytwin");
    const auto last = missing("last");
    world.hub.ask(Kind::received_one, ann, to_text(first));
    const auto entries = chronology(last, ann).at("entries");
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].at("id"), to_text(first));
    EXPECT_EQ(entries[0].at("how_linked"), "same_number");
    EXPECT_EQ(entries[0].at("headline"), "Canaryheadline: missing since morning");
    EXPECT_EQ(entries[1].at("how_linked"), "this_item");
    EXPECT_TRUE(entries[1].at("headline").is_null()) << "nobody has opened it";
    EXPECT_EQ(noted("chronology"), 1);
    EXPECT_EQ(noted("shown"), 2);
}

TEST_F(LookThroughTest, OneAnswerLooksThroughABoundedNumberAndSaysWhereToGoOn) {
    for (int i = 0; i < 203; ++i) missing("part" + std::to_string(i));
    const auto first = search("canarychild", ann);
    EXPECT_EQ(first.at("found").size(), 200U);
    ASSERT_FALSE(first.at("next").is_null());
    const auto rest = search("canarychild", ann, first.at("next").get<std::string>());
    EXPECT_EQ(rest.at("found").size(), 3U);
    EXPECT_TRUE(rest.at("next").is_null());
}

}  // namespace
}  // namespace mash::runtime::testing
