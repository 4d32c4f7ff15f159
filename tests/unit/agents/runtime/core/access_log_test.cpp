// Who looked at what, read back: one's own lines, or the agency's for its data protection officer.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class AccessLog : public ::testing::Test {
protected:
    AccessLog() {
        world.connect(world.hub);
        world.connect(world.police);
        worker = world.hub.add_person("Invented Worker", "hub", {"hub.ffd"});
        other = world.hub.add_person("Invented Other", "hub", {"hub.ffd"});
        auditor = world.hub.add_person("Invented Auditor", "hub", {}, {"dpo"});
        item = to_text(world.send(world.police, world.missing_child()));
        EXPECT_EQ(world.hub.ask(Kind::received_list, worker).status, 200);
        EXPECT_EQ(world.hub.ask(Kind::received_one, worker, item).status, 200);
    }
    json log(const PersonalText& who, std::map<std::string, std::string> filter = {}) {
        ApiRequest request;
        request.kind = Kind::access_log;
        request.credential = who;
        request.filter = std::move(filter);
        const auto reply = world.hub.ask(std::move(request));
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    static std::multiset<std::string> actions(const json& answer) {
        std::multiset<std::string> words;
        for (const auto& line : answer.at("access")) words.insert(line.at("action"));
        return words;
    }
    AgentWorld world;
    PersonalText worker;
    PersonalText other;
    PersonalText auditor;
    std::string item;
    int status = 0;
};

TEST_F(AccessLog, APersonSeesTheirOwnLinesAndThatTheyLooked) {
    const auto first = log(worker);
    EXPECT_EQ(actions(first), (std::multiset<std::string>{"was_added", "listed", "opened"}));
    EXPECT_EQ(first.at("whole_agency"), false);
    EXPECT_EQ(
        first.at("access")[0].at("item").is_null() || first.at("access")[0].at("item") == item,
        true);
    EXPECT_TRUE(actions(log(worker)).contains("access_log_read"));
}

TEST_F(AccessLog, NobodyLearnsFromItWhatAColleagueOpened) {
    EXPECT_TRUE(log(other, {{"item", item}}).at("access").empty());
    EXPECT_TRUE(actions(log(other)).contains("access_log_read"));
    EXPECT_FALSE(actions(log(other)).contains("opened"));
}

TEST_F(AccessLog, TheDataProtectionOfficerSeesTheAgencyByPersonItemAndTime) {
    const auto all = log(auditor);
    EXPECT_EQ(all.at("whole_agency"), true);
    EXPECT_TRUE(actions(all).contains("opened"));
    EXPECT_TRUE(actions(all).contains("person_added"));
    const auto of_item = log(auditor, {{"item", item}});
    EXPECT_EQ(actions(of_item).count("opened"), 1U);
    EXPECT_EQ(actions(of_item).count("listed"), 0U);
    const auto who = of_item.at("access").back().at("person").get<std::string>();
    const auto looked = log(auditor, {{"person", who}});
    for (const auto& line : looked.at("access")) EXPECT_EQ(line.at("person"), who);
    EXPECT_TRUE(actions(looked).contains("was_added")) << "and to which inbox";
    const auto later = to_rfc3339(world.now.wall + std::chrono::hours(1));
    EXPECT_TRUE(log(auditor, {{"from", later}}).at("access").empty());
    EXPECT_FALSE(log(auditor, {{"to", later}}).at("access").empty());
}

TEST_F(AccessLog, ATimeOrIdThatIsNoneIsSaid) {
    log(worker, {{"from", "yesterday"}});
    EXPECT_EQ(status, 422);
    log(worker, {{"item", "7"}});
    EXPECT_EQ(status, 422);
    log(world.hub.service_token);
    EXPECT_EQ(status, 403);
}

}  // namespace
}  // namespace mash::runtime::testing
