// Rows of the console's accounts: whose they are, and that each is changed by one at a time.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class AccountsTest : public ::testing::Test {
protected:
    AccountsTest() {
        world.connect(world.hub);
        one = world.hub.add_person("Canaryname One", "hub", {"hub.ffd"});
        const auto added = world.hub.ask(
            Kind::person_add, one, "",
            json{{"name", "Canaryname Two"}, {"agency", "hub"}, {"inboxes", {"hub.ffd"}}}.dump());
        two = PersonalText(json::parse(added.json.reveal()).at("token").get<std::string>());
    }
    int write(const PersonalText& by, const std::string& name, std::uint64_t revision,
              const std::string& content = "first", bool confirmed = true) {
        const json body{{"name", name},
                        {"revision", revision},
                        {"account", to_base64url(view_of(content))},
                        {"confirmed", confirmed},
                        {"event", "signed_in"}};
        return world.hub.ask(Kind::account_write, by, "", body.dump()).status;
    }
    ApiReply read(const std::string& name) {
        return world.hub.ask(Kind::account_read, PersonalText(), "", json{{"name", name}}.dump());
    }
    std::string content(const std::string& name) {
        const auto reply = read(name);
        if (reply.status != 200) return std::to_string(reply.status);
        const auto text = json::parse(reply.json.reveal()).at("account").get<std::string>();
        return std::string(text_of(*from_base64url(text)));
    }
    static std::string person_of(const PersonalText& token) {
        return credential_from_text(token)->person.value();
    }
    AgentWorld world;
    PersonalText one;
    PersonalText two;
};

TEST_F(AccountsTest, IsKeptAndReadByName) {
    EXPECT_EQ(read("one").status, 404);
    EXPECT_EQ(write(one, "one", 0), 200);
    EXPECT_EQ(content("one"), "first");
    EXPECT_EQ(write(one, "one", 1, "second"), 200);
    EXPECT_EQ(content("one"), "second");
}

TEST_F(AccountsTest, OfTwoWhoReadTheSameRevisionOneWrites) {
    ASSERT_EQ(write(one, "one", 0), 200);
    EXPECT_EQ(write(one, "one", 1, "second"), 200);
    EXPECT_EQ(write(one, "one", 1, "third"), 409);
    EXPECT_EQ(write(one, "one", 0, "third"), 409);
    EXPECT_EQ(write(one, "one", 3, "third"), 409);
    EXPECT_EQ(content("one"), "second");
}

TEST_F(AccountsTest, OnlyTheTokenOfWhoseItIsChangesIt) {
    ASSERT_EQ(write(one, "one", 0, "first", false), 200);
    EXPECT_EQ(write(two, "one", 1, "theirs"), 409);
    EXPECT_EQ(write(two, "one", 0, "theirs"), 409);
    EXPECT_EQ(write(PersonalText(), "one", 1, "theirs"), 401);
    EXPECT_EQ(write(world.hub.service_token, "one", 1, "theirs"), 403);
    EXPECT_EQ(content("one"), "first");
}

TEST_F(AccountsTest, APersonHasOneAccount) {
    ASSERT_EQ(write(one, "one", 0, "first", false), 200);
    EXPECT_EQ(write(one, "better", 0, "second", true), 200) << "nobody had signed in to the first";
    EXPECT_EQ(read("one").status, 404);
    EXPECT_EQ(write(one, "third", 0), 409);
    EXPECT_EQ(content("better"), "second");
    EXPECT_EQ(write(two, "two", 0), 200);
}

TEST_F(AccountsTest, WhoeverIsRemovedHasNoneAnyMore) {
    ASSERT_EQ(write(two, "two", 0), 200);
    ASSERT_EQ(world.hub.ask(Kind::person_remove, one, person_of(two)).status, 200);
    EXPECT_EQ(read("two").status, 404);
    EXPECT_EQ(write(two, "two", 0), 401);
    EXPECT_EQ(write(one, "two", 0), 200) << "the name is free";
}

TEST_F(AccountsTest, AColleagueOfAllTheirInboxesAnswersForSomebody) {
    const auto outsider = world.hub.add_person("Canaryname Three", "hub", {"hub.edt"});
    ASSERT_EQ(write(two, "two", 0), 200);
    const auto status = [&](Kind kind, const PersonalText& by, const PersonalText& of,
                            const json& body = json::object()) {
        return world.hub.ask(kind, by, person_of(of), body.dump()).status;
    };
    const json digest{{"digest", to_base64url(Digest{1})}};
    EXPECT_EQ(status(Kind::account_reset, outsider, two, digest), 403) << "opens another inbox";
    EXPECT_EQ(status(Kind::account_reset, two, two, digest), 403) << "oneself";
    EXPECT_EQ(status(Kind::account_reset, world.hub.service_token, two, digest), 403);
    EXPECT_EQ(status(Kind::account_reset, one, two), 422) << "without a digest";
    EXPECT_EQ(status(Kind::account_reset, one, one, digest), 403);
    EXPECT_EQ(status(Kind::account_reset, two, one, digest), 404) << "nobody made that account";
    ASSERT_EQ(status(Kind::account_reset, one, two, digest), 200);
    const auto reset = [&] { return json::parse(read("two").json.reveal()).at("reset"); };
    EXPECT_EQ(reset(), to_base64url(Digest{1}));
    EXPECT_EQ(write(two, "two", 1), 409) << "whoever read the row before reads it again";
    EXPECT_EQ(write(two, "two", 2), 200);
    EXPECT_EQ(reset(), to_base64url(Digest{1})) << "signing in does not use it";
    const json other{{"digest", to_base64url(Digest{2})}};
    EXPECT_EQ(status(Kind::account_reset, one, two, other), 409)
        << "many in a row would keep somebody out";
    EXPECT_EQ(write(two, "two", 3), 200) << "nothing has moved";
    world.pass(std::chrono::minutes(5));
    ASSERT_EQ(status(Kind::account_reset, one, two, other), 200) << "the first one was lost";
    EXPECT_EQ(reset(), to_base64url(Digest{2}));
    world.pass(std::chrono::hours(24));
    EXPECT_EQ(reset(), nullptr) << "a day later it is nothing";
    EXPECT_EQ(status(Kind::account_remove, outsider, two), 403);
    EXPECT_EQ(status(Kind::account_remove, two, two), 200) << "one's own, by the token";
    EXPECT_EQ(read("two").status, 404);
    EXPECT_EQ(status(Kind::account_remove, one, two), 404);
}

TEST_F(AccountsTest, WhatIsNotWholeIsNotKept) {
    const auto status = [&](const json& body) {
        return world.hub.ask(Kind::account_write, one, "", body.dump()).status;
    };
    const json whole{{"name", "one"}, {"revision", 0}, {"account", "AAAA"}, {"event", "signed_in"}};
    for (const auto* field : {"name", "revision", "account", "event"}) {
        auto body = whole;
        body.erase(field);
        EXPECT_EQ(status(body), 422) << field;
    }
    auto body = whole;
    body["event"] = "anything";
    EXPECT_EQ(status(body), 422);
    body = whole;
    body["revision"] = -1;
    EXPECT_EQ(status(body), 422);
    body["revision"] = 0;
    body["account"] = std::string(20'000, 'A');
    EXPECT_EQ(status(body), 413);
    EXPECT_EQ(read("one").status, 404);
}

}  // namespace
}  // namespace mash::runtime::testing
