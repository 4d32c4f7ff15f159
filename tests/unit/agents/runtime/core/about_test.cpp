// A person sends something about what came to their inbox: about that child and no other, with
// nothing that the inbox was not given, tied to what it speaks of.
#include "agents/runtime/core/about.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/records.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

const AgencyId hub("hub");
const AgencyId police("police-wm");
const AgencyId school("orchard-gate");

class AboutTest : public ::testing::Test {
protected:
    AboutTest() {
        world.connect_all();
        ann = world.hub.add_person("Invented Ann", "hub", {"hub.ffd"});
        bob = world.hub.add_person("Invented Bob", "hub", {"hub.ffd"});
        officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
        sergeant = world.police.add_person("Invented Sergeant", "police-wm", {"police-wm.pol"});
        lead = world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    }
    NotificationId missing(const std::string& name, const std::string& born = "2013-04-05",
                           bool opened = true) {
        auto notification = world.missing_child("misper:" + name);
        notification.thread_ref = name;
        notification.subject.date_of_birth = PersonalText(born);
        notification.sections["idn"]["date_of_birth"] = PersonalText(json(born).dump());
        notification.facts.occurred_at = world.now.wall - std::chrono::hours(24);
        const auto id = world.send(world.police, notification);
        if (opened) open(world.hub, ann, id);
        return id;
    }
    void open(TestHost& host, const PersonalText& who, const NotificationId& id) {
        ask(host, Kind::received_one, who, to_text(id));
        world.settle();
    }
    /// As the pages send it: no word about the child.
    Notification about(const NotificationId& id, const std::string& type = "information_request",
                       const std::string& ref = "about:1") {
        Notification said;
        said.source_ref = ref;
        said.agency = hub;
        said.role = RoleId("ffd");
        said.facts.type = TypeId(type);
        said.facts.occurred_at = world.now.wall;
        said.facts.level = wire::Level::four;
        said.facts.harm = wire::Harm::suspected;
        said.facts.purpose = wire::Purpose::inform_function;
        said.facts.agreement.status = wire::AgreementStatus::not_required;
        said.about = to_text(id);
        const auto words = [&](const char* section, const char* field) {
            said.sections[section][field] = PersonalText("\"Canarywords\"");
        };
        words("req", "questions");
        words("out", "outcome");
        words("evt", "what");
        return said;
    }
    std::optional<Submitted> send(TestHost& host, const Notification& said,
                                  std::optional<PersonalText> who) {
        Submit submit;
        submit.reply = 7;
        submit.notification = said;
        submit.reason = "manual_entry";
        submit.credential = std::move(who);
        std::optional<Submitted> taken;
        faults.clear();
        for (const auto& effect : host.give(std::move(submit))) {
            if (const auto* done = std::get_if<Submitted>(&effect)) taken = *done;
            if (const auto* no = std::get_if<SubmitRejected>(&effect)) faults = no->faults;
        }
        world.settle();
        return taken;
    }
    /// "/about unknown", or "" when it was taken in.
    std::string refusal(const Notification& said, std::optional<PersonalText> who) {
        const auto taken = send(world.hub, said, std::move(who));
        if (taken) return "";
        return faults.size() == 1 ? faults[0].path + " " + faults[0].rule
                                  : std::to_string(faults.size()) + " faults";
    }
    json ask(TestHost& host, Kind kind, const PersonalText& who, const std::string& id = {},
             const std::string& body = {}) {
        const auto reply = host.ask(kind, who, id, body);
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json preview(const Notification& said, const PersonalText& who) {
        auto body = json::parse(to_canonical_json(said).reveal());
        return ask(world.hub, Kind::preview, who, {}, body.dump());
    }
    json may_send(TestHost& host, const PersonalText& who, const NotificationId& id) {
        return ask(host, Kind::received_one, who, to_text(id)).at("may_send_about");
    }
    std::map<std::string, std::string> chronology(TestHost& host, const PersonalText& who,
                                                  const NotificationId& id) {
        ApiRequest request;
        request.kind = Kind::chronology;
        request.credential = who;
        request.filter["received"] = to_text(id);
        const auto reply = host.ask(std::move(request));
        std::map<std::string, std::string> linked;
        const auto answer = json::parse(reply.json.reveal());
        for (const auto& entry : answer.at("entries"))
            linked[entry.at("id").get<std::string>()] = entry.at("how_linked").get<std::string>();
        return linked;
    }
    void recall(const NotificationId& id) {
        ask(world.police, Kind::recall, sergeant, to_text(id), R"({"reason":"wrong_child"})");
        world.settle();
    }
    const wire::RoutingFacts& asked() const { return world.broker.plan_requests.back().facts; }

    AgentWorld world;
    PersonalText ann, bob, officer, sergeant, lead;
    std::vector<InputFault> faults;
    int status = 0;
};

TEST_F(AboutTest, IsAboutThatChildAndGoesBackToWhoeverSentIt) {
    const auto came = missing("one");
    const auto tokens = asked().tokens;
    const auto thread = asked().thread;
    const auto sent = send(world.hub, about(came), ann);
    ASSERT_TRUE(sent) << faults.size();
    EXPECT_EQ(asked().sender, hub);
    EXPECT_EQ(asked().addressed_to, (std::vector<Seat>{{police, RoleId("pol")}}));
    EXPECT_EQ(asked().thread, thread_about(thread, hub));
    for (const auto& token : asked().tokens)
        EXPECT_NE(std::ranges::find(tokens, token), tokens.end());
    EXPECT_FALSE(asked().tokens.empty());
    const auto read = ask(world.police, Kind::received_one, sergeant, to_text(sent->id));
    ASSERT_EQ(status, 200) << read;
    EXPECT_EQ(read.at("views").at("idn.match").at("forenames"), "Canarychild");
    EXPECT_EQ(read.at("views").at("req").at("questions"), "Canarywords");
    int noted = 0;
    const auto log = ask(world.hub, Kind::access_log, ann);
    for (const auto& line : log.at("access")) {
        if (line.at("action") == "sent_about" && line.at("item") == to_text(came)) ++noted;
    }
    EXPECT_EQ(noted, 1) << "it was read for this";
}

TEST_F(AboutTest, WhoeverIsNamedIsToldAndNobodyIsAdded) {
    auto said = about(missing("one"), "strategy_discussion_invite");
    said.facts.addressed_to = {{school, RoleId("sch")}};
    ASSERT_TRUE(send(world.hub, said, ann));
    EXPECT_EQ(asked().addressed_to, (std::vector<Seat>{{school, RoleId("sch")}}));
    // The police are invited by the row, so nobody has to be named.
    ASSERT_TRUE(
        send(world.hub, about(missing("two"), "strategy_discussion_invite", "about:2"), ann));
    EXPECT_TRUE(asked().addressed_to.empty());
    EXPECT_EQ(refusal(about(missing("three"), "step_change", "about:3"), ann),
              "/addressed_to required");
}

TEST_F(AboutTest, TheAnswerStandsWithWhatItAnswersOnBothSides) {
    const auto came = missing("one");
    const auto other = missing("other");
    const auto question = send(world.hub, about(came), ann);
    const auto outcome = send(world.hub, about(came, "referral_outcome", "about:2"), bob);
    ASSERT_TRUE(question && outcome);
    // A list shows them, nobody opens them.
    ask(world.police, Kind::received_list, sergeant);
    const auto mine = ask(world.police, Kind::sent_one, sergeant, to_text(came));
    ASSERT_EQ(mine.at("answers").size(), 2U);
    EXPECT_TRUE(mine.at("about").is_null());
    EXPECT_TRUE(ask(world.police, Kind::sent_one, sergeant, to_text(other)).at("answers").empty());
    EXPECT_TRUE(ask(world.police, Kind::sent_one, world.police.service_token, to_text(came))
                    .at("answers")
                    .empty())
        << "the service opens no inbox";
    const auto read = ask(world.police, Kind::received_one, sergeant, to_text(question->id));
    EXPECT_EQ(read.at("thread"), mine.at("thread"));
    auto linked = chronology(world.police, sergeant, question->id);
    EXPECT_EQ(linked[to_text(question->id)], "this_item");
    EXPECT_EQ(linked[to_text(outcome->id)], "same_thread");

    const auto theirs = ask(world.hub, Kind::sent_one, ann, to_text(question->id));
    EXPECT_EQ(theirs.at("thread"), mine.at("thread"));
    EXPECT_EQ(theirs.at("about").at("id"), to_text(came));
    EXPECT_EQ(theirs.at("about").at("sender"), "police-wm");
    EXPECT_FALSE(theirs.at("about").at("taken_back").get<bool>());
    recall(came);
    EXPECT_TRUE(ask(world.hub, Kind::sent_one, ann, to_text(question->id))
                    .at("about")
                    .at("taken_back")
                    .get<bool>());
}

TEST_F(AboutTest, AQuestionIsAnsweredByWhoeverWasAskedAndTheAnswerIsOfTheSameThread) {
    const auto came = missing("one");
    auto said = about(came);
    said.facts.addressed_to = {{school, RoleId("sch")}};
    const auto question = send(world.hub, said, ann);
    ASSERT_TRUE(question);
    const auto read = ask(world.schools, Kind::received_one, lead, to_text(question->id));
    EXPECT_EQ(read.at("may_send_about"), json::array({"information_response"}));
    EXPECT_FALSE(read.at("views").at("idn.match").contains("nhs_number"));
    auto answer = about(question->id, "information_response", "answer:1");
    answer.agency = school;
    answer.role = RoleId("sch");
    answer.facts.kind = "nothing_known";
    const auto answered = send(world.schools, answer, lead);
    ASSERT_TRUE(answered) << faults.size();
    EXPECT_EQ(asked().addressed_to, (std::vector<Seat>{{hub, RoleId("ffd")}}));
    EXPECT_TRUE(std::ranges::none_of(asked().tokens, [](const wire::Token& token) {
        return wire::is_strong(token.kind);
    })) << "a number that was not given is not passed on";
    const auto back = ask(world.hub, Kind::received_one, ann, to_text(answered->id));
    EXPECT_EQ(back.at("views").at("idn.full").at("surname"), "Canaryfamily");
    EXPECT_FALSE(back.at("views").at("idn.full").contains("nhs_number"));
    auto linked = chronology(world.hub, ann, came);
    EXPECT_EQ(linked[to_text(answered->id)], "same_thread");
    EXPECT_EQ(
        ask(world.hub, Kind::sent_one, ann, to_text(question->id)).at("answers").at(0).at("id"),
        to_text(answered->id));
    EXPECT_FALSE(everything_stored(world.schools.store).contains("Canaryfamily"));
}

TEST_F(AboutTest, OnlyForWhoeverOpensTheInboxInItsOwnRole) {
    const auto came = missing("one");
    EXPECT_EQ(refusal(about(came), std::nullopt), "/about not_a_person");
    EXPECT_EQ(refusal(about(came), world.hub.service_token), "/about not_a_person");
    EXPECT_EQ(refusal(about(test::id_of<NotificationId>(77)), ann), "/about unknown");
    const auto unknown = faults.at(0).message;
    auto said = about(came);
    said.about = "nonsense";
    EXPECT_EQ(refusal(said, ann), "/about unknown");
    said = about(came);
    said.role = RoleId("lado");
    EXPECT_EQ(refusal(said, officer), "/about unknown") << "it came to another inbox";
    EXPECT_EQ(faults.at(0).message, unknown);
    const auto both = world.hub.add_person("Invented Both", "hub", {"hub.ffd", "hub.lado"});
    EXPECT_EQ(refusal(said, both), "/role other_inbox");
    EXPECT_EQ(refusal(about(came), officer), "/role not_yours");
    EXPECT_TRUE(world.broker.plan_requests.back().facts.sender == police) << "nothing was asked";
    EXPECT_EQ(refusal(about(came), both), "");
}

TEST_F(AboutTest, NothingIsStatedTwiceAndOnlySomeTypesAreAboutWhatCame) {
    const auto came = missing("one");
    auto said = about(came);
    said.subject.forename = PersonalText("Canaryother");
    EXPECT_EQ(refusal(said, ann), "/subject said_twice");
    said = about(came);
    said.sections["idn"]["surname"] = PersonalText("\"Canaryother\"");
    EXPECT_EQ(refusal(said, ann), "/sections/idn/surname said_otherwise");
    said.sections["idn"]["surname"] = PersonalText("\"Canaryfamily\"");
    said.sections["idn"]["upn"] = PersonalText("\"A801200001001\"");
    EXPECT_EQ(refusal(said, ann), "/sections/idn/upn said_otherwise") << "it did not come";
    said.sections["idn"].erase("upn");
    said.source_ref = "about:as-it-was-shown";
    EXPECT_EQ(refusal(said, ann), "") << "as the page showed it";
    said = about(came);
    said.thread_ref = "mine";
    EXPECT_EQ(refusal(said, ann), "/thread_ref said_twice");
    EXPECT_EQ(refusal(about(came, "safeguarding_referral"), ann), "/type not_about");
    EXPECT_EQ(refusal(about(came, "information_response"), ann), "/type not_about")
        << "nobody asked";
    EXPECT_EQ(refusal(about(came, "no_such_type"), ann), "/type unknown_type");
}

TEST_F(AboutTest, NothingIsSentAboutWhatMayNotBeUsed) {
    const auto back = missing("back");
    recall(back);
    EXPECT_EQ(refusal(about(back), ann), "/about taken_back");
    const auto stopped = missing("stopped");
    EXPECT_EQ(may_send(world.hub, ann, stopped).size(), 4U);
    const auto change = [&](const std::function<void(store::Transaction&, const InboxKey&)>& how) {
        auto transaction = world.hub.store.begin();
        how(*transaction, {InboxId("hub.ffd"), police, stopped});
        ASSERT_TRUE(world.hub.store.commit(std::move(transaction)).is_committed());
    };
    change([&](auto& tx, const auto& key) {
        StopMark mark;
        mark.withdrawn_at = mark.confirm_by = world.now.wall;
        mark.seat = {hub, RoleId("ffd")};
        table::inbox_stops.put(tx, key, mark);
    });
    EXPECT_EQ(refusal(about(stopped), ann), "/about agreement_withdrawn");
    EXPECT_TRUE(may_send(world.hub, ann, stopped).empty());
    change([](auto& tx, const auto& key) { table::inbox_stops.erase(tx, key); });
    EXPECT_EQ(refusal(about(stopped), ann), "");
}

TEST_F(AboutTest, WhoeverAConflictKeepsOutIsToldNoMoreThanAnybodyElse) {
    const auto came = missing("one");
    const auto me = ask(world.hub, Kind::me, bob).at("person");
    const json body{{"subject", {{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}}},
                    {"people", {{{"agency", "hub"}, {"person", me}}}},
                    {"reason", "an uncle"}};
    ask(world.hub, Kind::conflict_add, ann, {}, body.dump());
    ASSERT_EQ(status, 201);
    EXPECT_EQ(refusal(about(test::id_of<NotificationId>(77)), bob), "/about unknown");
    const auto unknown = faults.at(0).message;
    EXPECT_EQ(refusal(about(came), bob), "/about unknown");
    EXPECT_EQ(faults.at(0).message, unknown);
    EXPECT_EQ(refusal(about(came), ann), "");
}

TEST_F(AboutTest, WhatItIsAboutIsTakenBackAndItRingsUntilSomebodyHasLooked) {
    const auto came = missing("one");
    const auto other = missing("two");
    const auto sent = send(world.hub, about(came), ann);
    const auto unmoved = send(world.hub, about(other, "information_request", "about:2"), ann);
    ASSERT_TRUE(sent && unmoved);
    recall(came);
    EXPECT_TRUE(world.hub.has_alarm(Alarm::Kind::about_taken_back));
    EXPECT_TRUE(ask(world.hub, Kind::sent_one, bob, to_text(unmoved->id)).at("alarms").empty());
    const auto first = ask(world.hub, Kind::sent_one, bob, to_text(sent->id));
    ASSERT_EQ(first.at("alarms").size(), 1U);
    EXPECT_EQ(first.at("alarms")[0].at("alarm"), "about_taken_back");
    EXPECT_TRUE(first.at("about").at("taken_back"));
    EXPECT_FALSE(world.hub.has_alarm(Alarm::Kind::about_taken_back));
    const auto again = ask(world.hub, Kind::sent_one, ann, to_text(sent->id));
    EXPECT_TRUE(again.at("alarms").empty());
    EXPECT_TRUE(again.at("about").at("taken_back")) << "that stays";
}

TEST_F(AboutTest, WhatWasTakenBackItselfRingsForNothingElse) {
    const auto came = missing("one");
    const auto sent = send(world.hub, about(came), ann);
    ASSERT_TRUE(sent);
    ask(world.hub, Kind::recall, ann, to_text(sent->id), R"({"reason":"sent_in_error"})");
    recall(came);
    EXPECT_FALSE(world.hub.has_alarm(Alarm::Kind::about_taken_back));
}

TEST_F(AboutTest, GivenAgainItIsTheSameAlsoOnceWhatItIsAboutIsGone) {
    const auto came = missing("one");
    const auto first = send(world.hub, about(came), ann);
    ASSERT_TRUE(first);
    recall(came);
    const auto again = send(world.hub, about(came), ann);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->existed);
    EXPECT_EQ(again->id, first->id);
    auto other = about(came);
    other.sections["req"]["questions"] = PersonalText("\"Canaryother\"");
    EXPECT_EQ(refusal(other, ann), "/source_ref changed");
}

TEST_F(AboutTest, APreviewTellsWhomItWouldTellAndKeepsNothing) {
    const auto came = missing("one");
    const auto before = everything_stored(world.hub.store);
    const auto shown = preview(about(came), ann);
    ASSERT_EQ(status, 200) << shown;
    ASSERT_EQ(shown.at("who").size(), 1U);
    EXPECT_EQ(shown.at("who")[0].at("recipient").at("agency"), "police-wm");
    EXPECT_EQ(shown.dump().find("Canary"), std::string::npos);
    preview(about(test::id_of<NotificationId>(77)), ann);
    EXPECT_EQ(status, 422);
    preview(about(came), world.hub.service_token);
    EXPECT_EQ(status, 422);
    // That somebody looked is all that is kept.
    auto transaction = world.hub.store.begin();
    for (const auto& [key, line] : table::access.collect(*transaction, {}))
        if (line.action == "about_read") table::access.erase(*transaction, key);
    ASSERT_TRUE(world.hub.store.commit(std::move(transaction)).is_committed());
    EXPECT_TRUE(everything_stored(world.hub.store) == before);
}

TEST_F(AboutTest, NothingIsGuessedOfWhatNobodyHasOpened) {
    const auto id = missing("kim", "2013-04-05", false);
    auto guess = about(id);
    guess.sections["idn"]["surname"] = PersonalText("\"Canarysurname\"");
    const auto rule = [&](const json& answer) {
        return answer.at("faults").at(0).at("rule").get<std::string>();
    };
    const auto lines = [&] { return ask(world.hub, Kind::access_log, ann).at("access").dump(); };
    EXPECT_EQ(rule(preview(guess, ann)), "not_opened");
    EXPECT_EQ(refusal(guess, ann), "/about not_opened");
    EXPECT_EQ(lines().find("about_read"), std::string::npos);
    open(world.hub, bob, id);
    EXPECT_EQ(rule(preview(guess, ann)), "said_otherwise");
    EXPECT_NE(lines().find("about_read"), std::string::npos) << "a look is on record";
}

TEST_F(AboutTest, EachIsOfferedWhatTheirRolesMaySend) {
    const auto came = missing("one");
    const auto types = may_send(world.hub, ann, came).get<std::set<std::string>>();
    EXPECT_EQ(types, (std::set<std::string>{"information_request", "referral_outcome",
                                            "step_change", "strategy_discussion_invite"}));
    const auto told = missing("two");
    EXPECT_TRUE(may_send(world.schools, lead, told).empty()) << "a school invites and asks nobody";
}

TEST_F(AboutTest, WhatCameOfItIsToldAlsoAfterTheEighteenthBirthday) {
    const auto calendar_day = to_rfc3339(world.now.wall).substr(0, 10);
    const auto year = std::stoi(calendar_day.substr(0, 4)) - 18;
    const auto came = missing("one", std::to_string(year) + calendar_day.substr(4));
    EXPECT_EQ(refusal(about(came), ann), "/subject/date_of_birth not_a_child");
    EXPECT_EQ(refusal(about(came, "referral_outcome"), ann), "");
}

TEST_F(AboutTest, AfterABackupNothingIsSentBeforeRecallsAreKnown) {
    const auto came = missing("one");
    world.disconnect(world.hub);
    auto transaction = world.hub.store.begin();
    mark_restored(*transaction);
    ASSERT_TRUE(world.hub.store.commit(std::move(transaction)).is_committed());
    world.hub.restart();
    EXPECT_EQ(refusal(about(came), ann), "/about not_yet");
}

TEST(ThreadAbout, IsTheSameOnEverySide) {
    const auto of = test::id_of<ThreadId>(5);
    EXPECT_EQ(thread_about(of, hub), thread_about(of, hub));
    EXPECT_NE(thread_about(of, hub), thread_about(of, police));
    EXPECT_NE(thread_about(of, hub), thread_about(test::id_of<ThreadId>(6), hub));
    const auto bytes = uuid_from_text("0f0e0d0c-0b0a-4908-8706-050403020100");
    ASSERT_TRUE(bytes);
    EXPECT_EQ(to_text(thread_about(ThreadId(*bytes), hub)), "73c5e4ac-9b48-83bc-6dbb-7579cd0996f8");
}

}  // namespace
}  // namespace mash::runtime::testing
