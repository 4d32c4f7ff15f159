// What is taken away as a file: what its reader may read and no more, for a reason, line by line in
// the access record; and never by way of a look.
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/paths/paths.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class ExportTest : public ::testing::Test {
protected:
    ExportTest() {
        world.connect_all();
        ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
        officer =
            world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"}, {"pol"});
    }
    NotificationId missing(const std::string& name) {
        world.pass(std::chrono::minutes(1));
        auto notification = world.missing_child("misper:" + name);
        notification.thread_ref = name;
        notification.subject.nhs_number = PersonalText("9990000018");
        notification.sections["idn"]["nhs_number"] = PersonalText("\"9990000018\"");
        return world.send(world.police, notification);
    }
    json ask(TestHost& host, ApiRequest request, const PersonalText& who) {
        request.credential = who;
        const auto reply = host.ask(std::move(request));
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    static ApiRequest history_of(const NotificationId& id) {
        ApiRequest request;
        request.kind = Kind::chronology;
        request.filter["received"] = to_text(id);
        return request;
    }
    static ApiRequest taken_away(ApiRequest request, const json& body) {
        request.filter["export"] = "true";
        request.body = PersonalText(body.dump());
        return request;
    }
    static ApiRequest sent(const std::string& cursor = {}) {
        ApiRequest request;
        request.kind = Kind::sent_list;
        request.cursor = cursor;
        return request;
    }
    /// Items in the access record as exported, each with its reason.
    std::vector<std::pair<std::string, std::string>> exported(TestHost& host,
                                                              const PersonalText& who) {
        ApiRequest log;
        log.kind = Kind::access_log;
        std::vector<std::pair<std::string, std::string>> found;
        const auto answer = ask(host, log, who);
        for (const auto& line : answer.at("access")) {
            if (line.at("action") != "exported") continue;
            found.emplace_back(line.at("item").get<std::string>(),
                               line.at("reason").get<std::string>());
        }
        return found;
    }
    AgentWorld world;
    PersonalText ann;
    PersonalText officer;
    int status = 0;
};

TEST_F(ExportTest, AChronologyIsWhatItsReaderReadsAndEachEntryIsNotedWithTheReason) {
    const auto one = missing("one");
    const auto two = missing("two");
    const auto read = ask(world.hub, history_of(one), ann);
    ASSERT_EQ(read.at("entries").size(), 2U);
    EXPECT_TRUE(exported(world.hub, ann).empty()) << "a look is none";
    const auto taken =
        ask(world.hub, taken_away(history_of(one), {{"reason", "for_a_meeting"}}), ann);
    EXPECT_EQ(status, 200);
    EXPECT_EQ(taken, read);
    auto noted = exported(world.hub, ann);
    std::ranges::sort(noted);
    std::vector<std::pair<std::string, std::string>> wanted{{to_text(one), "for_a_meeting"},
                                                            {to_text(two), "for_a_meeting"}};
    std::ranges::sort(wanted);
    EXPECT_EQ(noted, wanted);
}

TEST_F(ExportTest, WhatAChronologyLeadsToAboutOtherChildrenIsNotedAsWell) {
    const auto brother = [&] {
        Subject known_by;
        known_by.nhs_number = PersonalText("9990000026");
        known_by.forename = PersonalText("Canarybrother");
        known_by.surname = PersonalText("Canaryfamily");
        known_by.date_of_birth = PersonalText("2015-06-07");
        return known_by;
    }();
    auto about_him = world.missing_child("misper:brother");
    about_him.thread_ref = "brother";
    about_him.subject = brother;
    about_him.sections["idn"]["nhs_number"] = PersonalText("\"9990000026\"");
    about_him.sections["idn"]["forenames"] = PersonalText("\"Canarybrother\"");
    const auto his = world.send(world.police, about_him);
    auto names_him = world.missing_child("misper:one");
    names_him.linked = {{wire::LinkedRelation::sibling, brother}};
    const auto id = world.send(world.police, names_him);
    const auto taken =
        ask(world.hub, taken_away(history_of(id), {{"reason", "for_a_meeting"}}), ann);
    ASSERT_EQ(status, 200);
    ASSERT_EQ(taken.at("linked").size(), 1U);
    EXPECT_EQ(taken.at("linked")[0].at("id"), to_text(his));
    auto noted = exported(world.hub, ann);
    std::ranges::sort(noted);
    std::vector<std::pair<std::string, std::string>> wanted{{to_text(id), "for_a_meeting"},
                                                            {to_text(his), "for_a_meeting"}};
    std::ranges::sort(wanted);
    EXPECT_EQ(noted, wanted);
}

TEST_F(ExportTest, WithoutAReasonOfTheAreasListNothingGoesAndNothingIsNoted) {
    const auto id = missing("one");
    for (const auto& body : {json::object(), json{{"reason", ""}}, json{{"reason", "curiosity"}},
                             json{{"reason", 7}}}) {
        const auto refused = ask(world.hub, taken_away(history_of(id), body), ann);
        EXPECT_EQ(status, 422) << body;
        EXPECT_NE(refused.at("error").value("message", "").find("for_a_meeting"),
                  std::string::npos);
        ask(world.police, taken_away(sent(), body), officer);
        EXPECT_EQ(status, 422) << body;
    }
    EXPECT_TRUE(exported(world.hub, ann).empty());
    EXPECT_TRUE(exported(world.police, officer).empty());
}

TEST_F(ExportTest, WhereTheAreaListsNoReasonsNothingIsTakenAway) {
    const auto id = missing("one");
    const auto catalogue = test::content_of(test::source_dir() / "deploy/policy/catalogue.toml");
    const auto list = catalogue.find("[words.search_reason]");
    ASSERT_NE(list, std::string::npos);
    world.area.change_policy(catalogue.substr(list, catalogue.find("\n\n", list) - list), "",
                             world.now.wall);
    world.disconnect(world.hub);
    world.connect(world.hub);
    const auto refused = ask(world.hub, taken_away(history_of(id), {{"reason", "my_case"}}), ann);
    EXPECT_EQ(status, 409);
    EXPECT_NE(refused.at("error").value("message", "").find("search_reason"), std::string::npos);
    ask(world.hub, history_of(id), ann);
    EXPECT_EQ(status, 200) << "looking goes on";
}

TEST_F(ExportTest, WhatWasSentGoesWithWhomItToldAndWithoutAWordOfIt) {
    const auto id = missing("one");
    world.hub.ask(Kind::taken, ann, to_text(id), "");
    world.hub.ask(Kind::decided, ann, to_text(id), R"({"outcome":"assessment_started"})");
    world.settle();
    const auto taken = ask(world.police, taken_away(sent(), {{"reason", "own_records"}}), officer);
    ASSERT_EQ(status, 200);
    ASSERT_EQ(taken.at("sent").size(), 1U);
    EXPECT_TRUE(taken.at("next").is_null());
    const auto& item = taken.at("sent")[0];
    EXPECT_EQ(item.at("id"), to_text(id));
    const auto text = taken.dump();
    EXPECT_NE(text.find("assessment_started"), std::string::npos);
    EXPECT_EQ(text.find("Canary"), std::string::npos);
    EXPECT_EQ(exported(world.police, officer),
              (std::vector<std::pair<std::string, std::string>>{{to_text(id), "own_records"}}));
}

TEST_F(ExportTest, IsAPersonsAndOfNothingThatTheyMayNotRead) {
    const auto id = missing("one");
    ask(world.police, taken_away(sent(), {{"reason", "own_records"}}), world.police.service_token);
    EXPECT_EQ(status, 403) << "no program's";
    const auto other =
        world.police.add_person("Invented Other", "police-wm", {"police-wm.manager"});
    const auto nothing = ask(world.police, taken_away(sent(), {{"reason", "own_records"}}), other);
    EXPECT_EQ(status, 200);
    EXPECT_TRUE(nothing.at("sent").empty());
    const auto lado = world.hub.add_person("Invented Lado", "hub", {"hub.lado"});
    ask(world.hub, taken_away(history_of(id), {{"reason", "my_case"}}), lado);
    EXPECT_EQ(status, 404);
    EXPECT_TRUE(exported(world.hub, lado).empty());
    ask(world.hub, taken_away(history_of(id), {{"reason", "my_case"}}), PersonalText("nobody"));
    EXPECT_EQ(status, 401);
}

TEST_F(ExportTest, WhatWasSentComesInPartsAndEachPartIsNoted) {
    for (int i = 0; i < 101; ++i) missing("many-" + std::to_string(i));
    const json reason{{"reason", "own_records"}};
    const auto first = ask(world.police, taken_away(sent(), reason), officer);
    ASSERT_EQ(first.at("sent").size(), 100U);
    const auto second =
        ask(world.police, taken_away(sent(first.at("next").get<std::string>()), reason), officer);
    EXPECT_EQ(second.at("sent").size(), 1U);
    EXPECT_TRUE(second.at("next").is_null());
    EXPECT_EQ(exported(world.police, officer).size(), 101U);
    ask(world.police, taken_away(sent("nonsense"), reason), officer);
    EXPECT_EQ(status, 422);
}

}  // namespace
}  // namespace mash::runtime::testing
