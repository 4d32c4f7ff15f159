// Reports of one event are one line and count once, hide nothing, and part when one is taken back.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

constexpr const char* ava = "9990000018";
constexpr const char* jon = "9990000026";

class JoinedTest : public ::testing::Test {
protected:
    JoinedTest() {
        world.connect_all();
        ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
        bob = world.hub.add_person("Invented Bob", "hub", {"hub.ffd"});
    }
    NotificationId report(const std::string& name, const char* number = ava,
                          const char* forename = "Canarychild") {
        world.pass(std::chrono::minutes(1));
        auto said = world.missing_child("misper:" + name);
        said.thread_ref = name;
        said.subject.nhs_number = PersonalText(number);
        said.subject.forename = PersonalText(forename);
        said.sections["idn"]["nhs_number"] = PersonalText(json(number).dump());
        said.sections["idn"]["forenames"] = PersonalText(json(forename).dump());
        said.sections["idn"]["date_of_birth"] = PersonalText("\"2013-04-05\"");
        if (*number == '\0') {
            said.sections["idn"].erase("nhs_number");
            said.sections["idn"].erase("date_of_birth");
            said.subject.date_of_birth = PersonalText();
        }
        return world.send(world.police, said);
    }
    static std::string with(const NotificationId& id) { return "police-wm/" + to_text(id); }
    json ask(Kind kind, const PersonalText& who, const NotificationId& id, const json& body = {}) {
        const auto reply = world.hub.ask(kind, who, to_text(id), body.is_null() ? "" : body.dump());
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json join(const NotificationId& one, const NotificationId& to) {
        for (const auto& id : {one, to}) ask(Kind::received_one, ann, id);
        return ask(Kind::attached, ann, one, {{"to", with(to)}});
    }
    json page(const std::string& state, const PersonalText& who, const std::string& cursor = {},
              std::size_t limit = 50) {
        ApiRequest request;
        request.kind = Kind::received_list;
        request.credential = who;
        request.cursor = cursor;
        request.limit = limit;
        if (!state.empty()) request.filter["state"] = state;
        request.filter["counts"] = "true";
        const auto reply = world.hub.ask(std::move(request));
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json lines(const std::string& state, const PersonalText& who) {
        return page(state, who).at("received");
    }
    json counts(const PersonalText& who) {
        return page("open", who).at("counts").at("inboxes").at(0);
    }
    void recall(const NotificationId& id) {
        const auto police = world.police.add_person(
            "Invented Sergeant " + std::to_string(++recalls), "police-wm", {}, {"pol"});
        world.police.ask(Kind::recall, police, to_text(id), R"({"reason":"wrong_child"})");
        world.settle();
    }

    AgentWorld world;
    PersonalText ann;
    PersonalText bob;
    int status = 0;
    int recalls = 0;
};

TEST_F(JoinedTest, AreOneLineAndCountOnceAndEachIsOpenedByItself) {
    const auto first = report("first");
    const auto second = report("second");
    const auto third = report("third");
    const auto due = lines("open", ann)[0].at("take_by");
    ASSERT_EQ(counts(ann).at("open"), 3);
    const auto answer = join(second, first);
    ASSERT_EQ(status, 200) << answer.dump();
    ASSERT_EQ(answer.at("reports").size(), 2U);
    EXPECT_EQ(answer.at("reports")[0].at("id"), to_text(first)) << "the earliest first";

    for (const auto* state : {"", "open", "unassigned"}) {
        const auto list = lines(state, bob);
        ASSERT_EQ(list.size(), 2U) << state;
        EXPECT_EQ(list[0].at("id"), to_text(first)) << state;
        ASSERT_EQ(list[0].at("reports").size(), 2U) << state;
        EXPECT_EQ(list[0].at("reports")[1].at("id"), to_text(second));
        EXPECT_EQ(list[0].at("take_by"), due) << "the clock of the first";
        EXPECT_TRUE(list[1].at("reports").empty());
    }
    EXPECT_EQ(counts(bob).at("open"), 2);
    EXPECT_EQ(counts(bob).at("unassigned"), 2);
    // Later information is a tap away, from either.
    const auto opened = ask(Kind::received_one, bob, second);
    EXPECT_EQ(status, 200);
    EXPECT_EQ(opened.at("reports").size(), 2U);
    join(third, second);
    EXPECT_EQ(lines("open", ann).size(), 1U);
    EXPECT_EQ(counts(ann).at("open"), 1);
    EXPECT_EQ(lines("open", ann)[0].at("reports").size(), 3U);
}

TEST_F(JoinedTest, NoPageShowsTheEventTwiceAndNoneIsSkipped) {
    const auto first = report("first");
    const auto other = report("other", jon, "Canaryjon");
    const auto last = report("last");
    join(last, first);
    const auto page_one = page("open", ann, "", 1);
    ASSERT_EQ(page_one.at("received").size(), 1U);
    EXPECT_EQ(page_one.at("received")[0].at("id"), to_text(first));
    const auto page_two = page("open", ann, page_one.at("next").get<std::string>(), 1);
    ASSERT_EQ(page_two.at("received").size(), 1U);
    EXPECT_EQ(page_two.at("received")[0].at("id"), to_text(other));
    EXPECT_TRUE(page_two.at("next").is_null());
}

TEST_F(JoinedTest, WhoeverTakesTheEventTakesEveryReportOfIt) {
    const auto first = report("first");
    const auto second = report("second");
    join(second, first);
    const auto taken = ask(Kind::taken, ann, second);
    EXPECT_EQ(taken.at("covers").size(), 2U);
    EXPECT_EQ(counts(ann).at("open"), 0);
    EXPECT_EQ(counts(ann).at("mine"), 1);
    const auto mine = lines("mine", ann);
    ASSERT_EQ(mine.size(), 1U);
    EXPECT_FALSE(mine[0].at("progress").at("taken_at").is_null());
    world.settle();
    // A report that comes later makes the event wait again, in one line with the others.
    const auto third = report("third");
    join(third, first);
    const auto open = lines("open", ann);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].at("id"), to_text(third));
    EXPECT_EQ(open[0].at("reports").size(), 3U);
    EXPECT_TRUE(open[0].at("progress").at("taken_at").is_null());
    EXPECT_EQ(lines("", ann).size(), 1U);
}

TEST_F(JoinedTest, PartWhenOneIsTakenBackOrTakenOff) {
    const auto first = report("first");
    const auto second = report("second");
    const auto third = report("third");
    join(second, first);
    join(third, first);
    recall(second);
    auto list = lines("open", ann);
    ASSERT_EQ(list.size(), 1U) << "the other two are one event still";
    EXPECT_EQ(list[0].at("reports").size(), 2U);
    const auto off = ask(Kind::attached, ann, third, {{"to", nullptr}});
    EXPECT_EQ(off.at("reports"), json::array());
    EXPECT_EQ(counts(ann).at("open"), 2);
    join(third, first);
    recall(first);
    list = lines("open", ann);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("id"), to_text(third));
    EXPECT_TRUE(list[0].at("reports").empty());
    EXPECT_EQ(counts(ann).at("open"), 1);
}

TEST_F(JoinedTest, WhatTheFirstLeavesIsApart) {
    const auto first = report("first");
    const auto second = report("second");
    const auto third = report("third");
    join(second, first);
    join(third, first);
    recall(first);
    EXPECT_EQ(counts(ann).at("open"), 2) << "both were said to be of what was taken back";
}

TEST_F(JoinedTest, NothingIsJoinedThatNobodyHasReadOrThatIsOfAnotherChild) {
    const auto first = report("first");
    const auto second = report("second");
    const auto sisters = report("sister", jon, "Canarysister");
    ask(Kind::attached, ann, second, {{"to", with(first)}});
    EXPECT_EQ(status, 422) << "not opened";
    ask(Kind::received_one, ann, first);
    ask(Kind::attached, ann, second, {{"to", with(first)}});
    EXPECT_EQ(status, 422) << "only one of them";
    const auto refused = join(sisters, first);
    EXPECT_EQ(status, 422);
    EXPECT_NE(refused.at("error").value("message", "").find("two children"), std::string::npos);
    join(first, first);
    EXPECT_EQ(status, 422) << "itself";
    ask(Kind::attached, ann, first,
        {{"to", "police-wm/" + to_text(test::id_of<NotificationId>(7))}});
    EXPECT_EQ(status, 404);
    const auto lado = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    ask(Kind::attached, lado, first, {{"to", with(second)}});
    EXPECT_EQ(status, 404) << "not their inbox";
    EXPECT_EQ(counts(ann).at("open"), 3);
}

TEST_F(JoinedTest, AChildWhoseNameNobodyIsSureOfIsJoinedByAPerson) {
    const auto known = report("known");
    const auto unsure = report("unsure", "", "C");
    join(unsure, known);
    EXPECT_EQ(status, 200);
    EXPECT_EQ(counts(ann).at("open"), 1);
}

TEST_F(JoinedTest, WhoeverAConflictKeepsFromOneReportSeesTheOtherAsIfItStoodAlone) {
    const auto known = report("known");
    const auto unsure = report("unsure", "", "C");
    join(unsure, known);
    const auto me = json::parse(world.hub.ask(Kind::me, bob).json.reveal());
    const json body{{"subject", {{"nhs_number", ava}, {"date_of_birth", "2013-04-05"}}},
                    {"people", {{{"agency", "hub"}, {"person", me.at("person")}}}},
                    {"reason", "an uncle"}};
    ASSERT_EQ(world.hub.ask(Kind::conflict_add, ann, "", body.dump()).status, 201);
    const auto list = lines("open", bob);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("id"), to_text(unsure));
    EXPECT_EQ(list[0].at("reports"), json::array());
    EXPECT_EQ(counts(bob).at("open"), 1);
    EXPECT_EQ(ask(Kind::received_one, bob, unsure).at("reports"), json::array());
    EXPECT_EQ(ask(Kind::taken, bob, unsure).at("covers").size(), 1U);
    EXPECT_EQ(counts(ann).at("open"), 1) << "the other still waits, for those who may read it";
    ask(Kind::attached, bob, unsure, {{"to", with(known)}});
    EXPECT_EQ(status, 404);
}

TEST_F(JoinedTest, TwoStartsAreOneEventOnceTheirSenderPutsItRight) {
    const auto first = report("first");
    const auto second = report("second");
    const auto due = lines("open", ann)[0].at("take_by");
    auto right = world.missing_child("misper:merged", "correction");
    right.thread_ref = "second";
    right.supersedes_ref = "misper:second";
    right.same_event_as = "misper:first";
    const auto merged = world.send(world.police, right);
    auto list = lines("open", ann);
    ASSERT_EQ(list.size(), 2U) << "the event, and what puts it right";
    ASSERT_EQ(list[0].at("reports").size(), 2U);
    EXPECT_EQ(list[0].at("id"), to_text(first));
    EXPECT_EQ(list[0].at("take_by"), due) << "the clock of the earliest";
    EXPECT_EQ(list[0].at("reports")[1].at("replaced_by"), to_text(merged));
    EXPECT_EQ(counts(ann).at("open"), 2);
    EXPECT_EQ(ask(Kind::taken, ann, first).at("covers").size(), 1U)
        << "nobody has read what the second says";
    list = lines("open", ann);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].at("id"), to_text(second)) << "the event waits, by what nobody has taken";
    ask(Kind::received_one, ann, second);
    EXPECT_EQ(ask(Kind::taken, ann, first).at("covers").size(), 2U);
    recall(merged);
    list = lines("mine", ann);
    EXPECT_EQ(list.size(), 2U) << "it is not said any more";
}

TEST_F(JoinedTest, TheOrderInWhichTheThreeComeMakesNoDifference) {
    const auto first = report("first");
    const auto second = report("second");
    auto right = world.missing_child("misper:merged", "correction");
    right.thread_ref = "second";
    right.supersedes_ref = "misper:second";
    right.same_event_as = "misper:first";
    const auto merged = world.send(world.police, right);
    ask(Kind::received_one, ann, merged);
    EXPECT_EQ(ask(Kind::received_one, ann, second).at("reports").size(), 2U);
    EXPECT_EQ(ask(Kind::received_one, ann, first).at("reports").size(), 2U);
    EXPECT_TRUE(ask(Kind::received_one, ann, merged).at("reports").empty());
}

TEST_F(JoinedTest, OnlyACorrectionAboutTheSameChildSaysThatTwoAreOne) {
    report("first");
    report("second");
    report("brother", jon, "Canarybrother");
    const auto fault = [&](const char* type, const char* supersedes, const char* same) {
        auto said = world.missing_child("misper:merged", type);
        said.supersedes_ref = supersedes;
        said.same_event_as = same;
        if (*supersedes != '\0') said.thread_ref = "second";
        Submit submit;
        submit.reply = 8;
        submit.notification = said;
        submit.reason = "intake";
        for (const auto& effect : world.police.give(std::move(submit))) {
            const auto* refused = std::get_if<SubmitRejected>(&effect);
            if (refused != nullptr && !refused->faults.empty())
                return refused->faults.front().path + ' ' + refused->faults.front().rule;
        }
        return std::string();
    };
    EXPECT_EQ(fault("missing_episode_started", "", "misper:first"),
              "/same_event_as not_a_correction");
    EXPECT_EQ(fault("correction", "misper:second", "misper:second"),
              "/same_event_as not_a_correction");
    EXPECT_EQ(fault("correction", "misper:second", "misper:none"), "/same_event_as unknown");
    EXPECT_EQ(fault("correction", "misper:second", "misper:brother"), "/same_event_as other_child");
    EXPECT_EQ(fault("correction", "misper:second", "misper:first"), "");
}

TEST_F(JoinedTest, IsOnOneDeskAndSurvivesARestart) {
    const auto first = report("first");
    const auto second = report("second");
    join(second, first);
    const auto me = json::parse(world.hub.ask(Kind::me, bob).json.reveal()).at("person");
    ask(Kind::assigned, ann, first, {{"person", me}});
    EXPECT_EQ(counts(bob).at("mine"), 1);
    EXPECT_EQ(counts(bob).at("unassigned"), 0);
    world.hub.restart();
    EXPECT_EQ(lines("mine", bob).size(), 1U);
    EXPECT_EQ(lines("mine", bob)[0].at("reports").size(), 2U);
    EXPECT_EQ(everything_stored(world.hub.store).find("Canary"), std::string::npos);
}

}  // namespace
}  // namespace mash::runtime::testing
