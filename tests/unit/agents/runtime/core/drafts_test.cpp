// What a person has begun and not sent: theirs alone, kept for a while, and no way around what two
// people release.
#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "common/store/table.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

constexpr const char* first = "0192f000-0000-7000-8000-000000000001";
constexpr const char* second = "0192f000-0000-7000-8000-000000000002";

class DraftsTest : public ::testing::Test {
protected:
    DraftsTest() {
        world.connect_all();
        ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
        bob = world.hub.add_person("Invented Bob", "hub", {"hub.ffd"});
    }
    json ask(Kind kind, const PersonalText& who, const std::string& id = {},
             const json& body = {}) {
        const auto reply = world.hub.ask(kind, who, id, body.is_null() ? "" : body.dump());
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json save(const PersonalText& who, const std::string& id, std::uint64_t revision,
              const std::string& words = "Canaryworry", const std::string& label = "Canarylabel") {
        return ask(Kind::draft_save, who, "",
                   {{"id", id},
                    {"revision", revision},
                    {"label", label},
                    {"content", {{"evt.what", words}}}});
    }
    std::string words(const PersonalText& who, const std::string& id) {
        const auto draft = ask(Kind::draft_one, who, id);
        return status == 200 ? draft.at("content").at("evt.what").get<std::string>() : "";
    }
    std::size_t count(const PersonalText& who) {
        return ask(Kind::drafts_list, who).at("drafts").size();
    }
    AgentWorld world;
    PersonalText ann;
    PersonalText bob;
    int status = 0;
};

TEST_F(DraftsTest, IsThereAfterARestartWithWhatItIsKnownBy) {
    EXPECT_EQ(save(ann, first, 0).at("revision"), 1);
    EXPECT_EQ(save(ann, first, 1, "Canaryworry, and more").at("revision"), 2);
    world.hub.restart();
    EXPECT_EQ(words(ann, first), "Canaryworry, and more");
    const auto listed = ask(Kind::drafts_list, ann).at("drafts").at(0);
    EXPECT_EQ(listed.at("label"), "Canarylabel");
    EXPECT_EQ(listed.at("id"), first);
}

TEST_F(DraftsTest, NobodyElseReadsChangesOrDeletesIt) {
    save(ann, first, 0);
    EXPECT_EQ(words(bob, first), "");
    EXPECT_EQ(status, 404);
    EXPECT_EQ(count(bob), 0U);
    ask(Kind::draft_delete, bob, first);
    EXPECT_EQ(status, 404);
    save(bob, first, 0, "Bob's own under the same id");
    EXPECT_EQ(status, 200);
    EXPECT_EQ(words(ann, first), "Canaryworry");
    for (const auto& none : {world.hub.service_token, PersonalText("")}) {
        for (const auto kind : {Kind::drafts_list, Kind::draft_one, Kind::draft_delete}) {
            ask(kind, none, first);
            EXPECT_TRUE(status == 401 || status == 403) << status;
        }
        save(none, second, 0);
        EXPECT_TRUE(status == 401 || status == 403) << status;
    }
}

TEST_F(DraftsTest, NeitherStoreNorStorageKeyOpensIt) {
    save(ann, first, 0);
    EXPECT_EQ(everything_stored(world.hub.store).find("Canary"), std::string::npos);
    // Another's row under Ann's name: it is sealed to the other, and says whose it is.
    save(bob, first, 0, "Canaryother");
    const auto person = [&](const PersonalText& who) { return credential_from_text(who)->person; };
    constexpr store::Space space{"drafts_sealed"};
    auto transaction = world.hub.store.begin();
    const auto id = *uuid_from_text(first);
    const auto key_of = [&](const PersonalText& who) {
        return store::key_bytes(person(who), DraftId(id));
    };
    const auto theirs = transaction->get(space, key_of(bob));
    ASSERT_TRUE(theirs.has_value());
    transaction->put(space, key_of(ann), *theirs);
    ASSERT_TRUE(world.hub.store.commit(std::move(transaction)).is_committed());
    EXPECT_EQ(words(ann, first), "");
    EXPECT_EQ(status, 404);
    EXPECT_EQ(words(bob, first), "Canaryother");
}

TEST_F(DraftsTest, OfTwoWindowsOneSavesAndALostAnswerMayBeAskedForAgain) {
    save(ann, first, 0);
    save(ann, first, 1, "from one window");
    EXPECT_EQ(status, 200);
    save(ann, first, 1, "from the other");
    EXPECT_EQ(status, 409);
    EXPECT_EQ(save(ann, first, 1, "from one window").at("revision"), 2);
    EXPECT_EQ(status, 200);
    save(ann, first, 0, "as if it were new");
    EXPECT_EQ(status, 409);
    EXPECT_EQ(words(ann, first), "from one window");
    ask(Kind::draft_delete, ann, first);
    EXPECT_EQ(status, 200);
    save(ann, first, 2, "after it was deleted");
    EXPECT_EQ(status, 409);
    EXPECT_EQ(count(ann), 0U);
}

TEST_F(DraftsTest, CountAndSizeAreBounded) {
    for (int i = 10; i < 30; ++i)
        save(ann, "0192f000-0000-7000-8000-0000000000" + std::to_string(i), 0);
    EXPECT_EQ(status, 200);
    save(ann, first, 0);
    EXPECT_EQ(status, 422);
    save(ann, "0192f000-0000-7000-8000-000000000010", 1, "one that is there goes on");
    EXPECT_EQ(status, 200);
    save(bob, first, 0);
    EXPECT_EQ(status, 200) << "another's are not counted";
    save(bob, second, 0, std::string(std::size_t{128} * 1024, 'x'));
    EXPECT_EQ(status, 413);
    save(bob, second, 0, "short", std::string(257, 'x'));
    EXPECT_EQ(status, 413);
    EXPECT_EQ(count(bob), 1U);
}

TEST_F(DraftsTest, WhatIsNotWholeIsNotKept) {
    const json whole{{"id", first}, {"revision", 0}, {"content", json::object()}};
    for (const auto* field : {"id", "revision", "content"}) {
        auto body = whole;
        body.erase(field);
        ask(Kind::draft_save, ann, "", body);
        EXPECT_EQ(status, 422) << field;
        body[field] = "no such thing";
        ask(Kind::draft_save, ann, "", body);
        EXPECT_EQ(status, 422) << field;
    }
    ask(Kind::draft_one, ann, "no id");
    EXPECT_EQ(status, 404);
    EXPECT_EQ(count(ann), 0U);
}

TEST_F(DraftsTest, GoesAfterTwoUntouchedWeeksAndWithThePerson) {
    save(ann, first, 0);
    save(bob, first, 0);
    for (int day = 0; day < 13; ++day) world.pass(std::chrono::hours(24));
    save(ann, first, 1, "touched again");
    world.pass(std::chrono::hours(25));
    EXPECT_EQ(count(bob), 0U);
    EXPECT_EQ(words(ann, first), "touched again");
    const auto person = ask(Kind::me, ann).at("person").get<std::string>();
    ask(Kind::person_remove, bob, person);
    ASSERT_EQ(status, 200);
    EXPECT_EQ(world.hub.store.begin()->get(
                  store::Space{"drafts_sealed"},
                  store::key_bytes(PersonId(person), DraftId(*uuid_from_text(first)))),
              std::nullopt);
}

TEST_F(DraftsTest, LooksAreRecorded) {
    save(ann, first, 0);
    save(ann, first, 1, "more");
    words(ann, first);
    ask(Kind::draft_delete, ann, first);
    std::map<std::string, int> seen;
    const auto log = ask(Kind::access_log, ann);
    for (const auto& line : log.at("access")) {
        if (line.at("item") == first) ++seen[line.at("action").get<std::string>()];
    }
    EXPECT_EQ(seen, (std::map<std::string, int>{
                        {"draft_begun", 1}, {"draft_opened", 1}, {"draft_deleted", 1}}));
}

class SentContentTest : public ::testing::Test {
protected:
    SentContentTest() {
        world.connect_all();
        officer = world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
        auditor = world.police.add_person("Invented Auditor", "police-wm", {}, {"dpo"});
        clerk = world.police.add_person("Invented Clerk", "police-wm", {}, {"pol-clerk"});
        auto said = world.missing_child();
        said.sections["saf"]["address"] = PersonalText("\"Canaryrefuge\"");
        id = to_text(world.send(world.police, said));
    }
    AgentWorld world;
    PersonalText officer, auditor, clerk;
    std::string id;
};

TEST_F(SentContentTest, WhoeverSendsInThatRoleReadsItButNotWhatTwoPeopleRelease) {
    const auto reply = world.police.ask(Kind::sent_content, officer, id);
    ASSERT_EQ(reply.status, 200) << text_of_reply(reply);
    const auto read = json::parse(reply.json.reveal());
    EXPECT_EQ(read.at("notification").at("source_ref"), "misper:1");
    EXPECT_TRUE(read.at("notification").at("sections").contains("evt"));
    EXPECT_FALSE(read.at("notification").at("sections").contains("saf"));
    EXPECT_EQ(read.at("left_out"), json::array({"saf"}));
    EXPECT_EQ(reply.json.reveal().find("Canaryrefuge"), std::string::npos);
    const auto log =
        json::parse(world.police.ask(Kind::access_log, officer).json.reveal()).at("access");
    EXPECT_TRUE(std::ranges::any_of(log, [&](const json& line) {
        return line.at("action") == "sent_read" && line.at("item") == id;
    }));
}

TEST_F(SentContentTest, NobodyElseDoes) {
    EXPECT_EQ(world.police.ask(Kind::sent_content, clerk, id).status, 404);
    EXPECT_EQ(world.police.ask(Kind::sent_one, auditor, id).status, 200);
    EXPECT_EQ(world.police.ask(Kind::sent_content, auditor, id).status, 404);
    EXPECT_EQ(world.police.ask(Kind::sent_content, world.police.service_token, id).status, 403);
    EXPECT_EQ(world.police.ask(Kind::sent_content, officer, first).status, 404);
    EXPECT_EQ(world.police.ask(Kind::sent_content, officer, "no id").status, 422);
}

}  // namespace
}  // namespace mash::runtime::testing
