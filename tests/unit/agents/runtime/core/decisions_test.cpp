// Every decision leaves a record: refusals and decisions not to send too. From it the decision
// comes out again byte for byte, years and policies later, and nothing of what was said is in it.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class Decisions : public ::testing::Test {
protected:
    Decisions() {
        world.connect(world.hub);
        world.connect(world.schools);
        world.connect(world.police);
        world.claim_school_roll(world.schools);
        officer = world.police.add_person("Invented Officer", "police-wm",
                                          {"police-wm.pol", "police-wm.manager"});
        auditor = world.police.add_person("Invented Auditor", "police-wm", {}, {"dpo"});
    }
    json get(TestHost& host, Kind kind, const PersonalText& who, const std::string& id,
             std::map<std::string, std::string> filter = {}) {
        ApiRequest request;
        request.kind = kind;
        request.credential = who;
        request.id = id;
        request.filter = std::move(filter);
        const auto reply = host.ask(std::move(request));
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    /// Of one notification, oldest first.
    json decisions_of(const NotificationId& id) {
        return get(world.police, Kind::decisions_list, officer, "", {{"sent", to_text(id)}})
            .value("decisions", json::array());
    }
    std::vector<std::string> kinds_of(const NotificationId& id) {
        std::vector<std::string> kinds;
        for (const auto& one : decisions_of(id)) kinds.push_back(one.at("kind"));
        return kinds;
    }
    json replay(const json& line) {
        return get(world.police, Kind::decision_replay, officer, line.at("id"));
    }
    json in_full(const json& line) {
        return get(world.police, Kind::decision_one, auditor, line.at("id"), {{"full", "true"}});
    }
    int take_back(const NotificationId& id) {
        const auto code =
            world.police.ask(Kind::recall, officer, to_text(id), R"({"reason":"sent_in_error"})")
                .status;
        world.settle();
        return code;
    }
    using Words = std::vector<std::string>;
    AgentWorld world;
    PersonalText officer;
    PersonalText auditor;
    int status = 0;
};

TEST_F(Decisions, WhatWasSharedIsRecordedInWordsAndMadeAgain) {
    const auto id = world.send(world.police, world.missing_child());
    const auto list = decisions_of(id);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("kind"), "shared");
    const auto words = list[0].at("explanation").get<std::string>();
    EXPECT_NE(words.find("What goes, and to whom"), std::string::npos);
    EXPECT_NE(words.find("What to do now"), std::string::npos);
    const auto again = replay(list[0]);
    EXPECT_EQ(again.at("equal"), true) << again.dump();
}

TEST_F(Decisions, TheRecordedBytesAreThoseThatWereDecidedOn) {
    const auto id = world.send(world.police, world.missing_child());
    const auto full = in_full(decisions_of(id)[0]);
    EXPECT_EQ(status, 200);
    const auto& plan = world.broker.plans.at(id);
    EXPECT_EQ(full.at("evidence").at("routing_facts"), to_base64url(wire::encode_body(plan.facts)));
    EXPECT_EQ(full.at("evidence").at("plan_facts"),
              to_base64url(wire::encode_body(plan.plan.facts)));
    EXPECT_EQ(full.at("evidence").at("decision"),
              to_base64url(wire::encode_body(plan.plan.decision)));
    EXPECT_EQ(full.at("policy").at("version"), 1);
    EXPECT_NE(full.at("full").get<std::string>().find("withheld from it"), std::string::npos);
}

TEST_F(Decisions, TheFormDateAndScopeOfAnAgreementAreKeptAndNothingElseOfWhatWasSaid) {
    auto notification = world.missing_child();
    notification.sections["con"]["form"] = PersonalText("\"verbal\"");
    notification.sections["con"]["who_has_been_told"] = PersonalText("\"mother, not father\"");
    notification.sections["con"]["advice_taken"] = PersonalText("\"named nurse, unnamed\"");
    notification.sections["con"]["facts_and_opinions_marked"] = PersonalText("\"yes\"");
    const auto id = world.send(world.police, notification);
    const auto full = in_full(decisions_of(id)[0]).dump();
    EXPECT_NE(full.find("Agreement, form: \\\"verbal\\\""), std::string::npos) << full;
    EXPECT_NE(full.find("who_has_been_told"), std::string::npos);
    EXPECT_NE(full.find("named nurse, unnamed"), std::string::npos);
    EXPECT_NE(full.find("Agreement, facts_and_opinions_marked"), std::string::npos);
    auto transaction = world.police.store.begin();
    const auto ids = table::decisions_of.collect_keys(*transaction, {});
    ASSERT_EQ(ids.size(), 1U);
    const auto key = store::key_bytes(std::get<1>(ids[0]));
    const auto stored = transaction->get(sealed::decision, key);
    ASSERT_TRUE(stored.has_value());
    const auto plain =
        crypto::decrypt_column(world.police.keys.storage, sealed::decision.name(), key, *stored);
    ASSERT_TRUE(plain.has_value());
    EXPECT_EQ(text_of(*plain).find("Canary"), std::string::npos);
    EXPECT_EQ(text_of(*stored).find("mother"), std::string::npos) << "sealed at rest";
}

TEST_F(Decisions, AfterANewPolicyAndARestartTheOldOneStillComesOutTheSame) {
    const auto id = world.send(world.police, world.missing_child());
    world.area.change_policy("schools_hear_of_missing_episodes = true",
                             "schools_hear_of_missing_episodes = false", world.now.wall);
    world.disconnect(world.police);
    world.connect(world.police);
    const auto later = world.send(world.police, world.missing_child("misper:2"));
    world.disconnect(world.police);
    world.police.restart();
    world.connect(world.police);
    const auto old = decisions_of(id);
    EXPECT_EQ(replay(old[0]).at("equal"), true) << replay(old[0]).dump();
    EXPECT_EQ(in_full(old[0]).at("policy").at("version"), 1);
    const auto recent = decisions_of(later);
    ASSERT_FALSE(recent.empty());
    EXPECT_EQ(in_full(recent[0]).at("policy").at("version"), 2);
    EXPECT_EQ(replay(recent[0]).at("equal"), true);
}

TEST_F(Decisions, ARecordThatSomebodyChangedIsFound) {
    const auto id = world.send(world.police, world.missing_child());
    const auto line = decisions_of(id)[0];
    auto transaction = world.police.store.begin();
    const auto key =
        store::key_bytes(DecisionId(*uuid_from_text(line.at("id").get<std::string>())));
    auto plain = *crypto::decrypt_column(world.police.keys.storage, sealed::decision.name(), key,
                                         *transaction->get(sealed::decision, key));
    DecisionRow row;
    Reader in(plain);
    read(in, row);
    auto decision = *wire::decode_body<wire::Decision>(row.decision);
    decision.recipients[0].act = !decision.recipients[0].act;
    row.decision = wire::encode_body(decision);
    Writer out;
    write(out, row);
    crypto::SeededRandom random(5);
    transaction->put(sealed::decision, key,
                     crypto::encrypt_column(world.police.keys.storage, sealed::decision.name(), key,
                                            out.done(), random));
    ASSERT_TRUE(world.police.store.commit(std::move(transaction)).is_committed());
    const auto again = replay(line);
    EXPECT_EQ(again.at("equal"), false);
    EXPECT_EQ(again.at("difference").get<std::string>().rfind("recipients[0].act", 0), 0U)
        << again.dump();
}

TEST_F(Decisions, ARefusalIsADecisionAndSaysWhatToDo) {
    auto notification = world.missing_child("x:1", "unscheduled_health_attendance");
    const auto id = world.send(world.police, notification);
    const auto list = decisions_of(id);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("kind"), "refused");
    EXPECT_EQ(list[0].at("code"), "publisher_not_entitled");
    EXPECT_NE(list[0].at("explanation").get<std::string>().find("Nothing is sent."),
              std::string::npos);
    EXPECT_EQ(replay(list[0]).at("equal"), true);
}

TEST_F(Decisions, AManagersAnswerIsOneAndOnlyTheAuditorReadsTheWords) {
    auto notification = world.missing_child();
    notification.facts.detriment = {{AgencyId("orchard-gate"), RoleId("sch")}};
    const auto id = world.send(world.police, notification);
    const json body{{"allow", false}, {"reason", "Canaryreason: she asked us not to"}};
    ASSERT_EQ(world.police.ask(Kind::held_answer, officer, to_text(id), body.dump()).status, 200);
    world.settle();
    const auto list = decisions_of(id);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].at("kind"), "shared");
    EXPECT_EQ(list[1].at("kind"), "disallowed");
    EXPECT_EQ(list[1].at("code"), "E-07");
    EXPECT_EQ(list.dump().find("Canaryreason"), std::string::npos);
    EXPECT_EQ(replay(list[1]).at("of_a_person"), true);
    EXPECT_TRUE(replay(list[1]).at("equal").is_null());
    EXPECT_NE(in_full(list[1]).dump().find("Canaryreason"), std::string::npos);
    get(world.police, Kind::decision_one, officer, list[1].at("id"), {{"full", "true"}});
    EXPECT_EQ(status, 403);
    EXPECT_EQ(everything_stored(world.police.store).find("Canaryreason"), std::string::npos);
}

TEST_F(Decisions, WhatIsTakenBackBeforeItLeavesIsADecisionNotToSend) {
    world.disconnect(world.police);
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_EQ(take_back(id), 202);
    EXPECT_EQ(kinds_of(id), Words{"not_sent"});
    EXPECT_NE(decisions_of(id)[0].at("explanation").get<std::string>().find("sent_in_error"),
              std::string::npos);
    world.connect(world.police);
    EXPECT_EQ(kinds_of(id), Words{"not_sent"});
}

TEST_F(Decisions, WhatIsTakenBackLaterIsOneToo) {
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_EQ(take_back(id), 202);
    EXPECT_EQ(kinds_of(id), (Words{"shared", "recalled"}));
}

TEST_F(Decisions, WaitingForTheSameThingIsOneDecision) {
    AgentWorld alone;  // nobody else has a key
    alone.connect(alone.police);
    const auto id = alone.send(alone.police, alone.missing_child());
    for (int minute = 0; minute < 5; ++minute) alone.pass(std::chrono::seconds(61));
    EXPECT_GE(alone.broker.plan_requests.size(), 3U);
    auto transaction = alone.police.store.begin();
    const Bytes prefix = store::key_bytes(id);
    const auto keys = table::decisions_of.collect_keys(*transaction, {.prefix = prefix});
    ASSERT_EQ(keys.size(), 1U);
    const auto head = table::decisions.get(*transaction, std::get<1>(keys[0]));
    EXPECT_EQ(head->kind, DecisionKind::waits);
    EXPECT_EQ(head->code, "nobody_connected");
}

TEST_F(Decisions, NobodyElseReadsThemAndNoServiceDoes) {
    const auto id = world.send(world.police, world.missing_child());
    const auto line = decisions_of(id)[0];
    const auto front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
    get(world.hub, Kind::decisions_list, front_door, "", {{"sent", to_text(id)}});
    EXPECT_EQ(status, 404);
    EXPECT_TRUE(get(world.hub, Kind::decisions_list, front_door, "").at("decisions").empty());
    for (const auto kind : {Kind::decisions_list, Kind::decision_one, Kind::decision_replay}) {
        get(world.police, kind, world.police.service_token, line.at("id"));
        EXPECT_EQ(status, 403);
    }
}

// The accused at a school must not read in the decisions what the list of what was sent hides.
TEST_F(Decisions, WhatARoleDecidedIsNotForItsColleagues) {
    const auto id = world.send(world.police, world.missing_child());
    const auto line = decisions_of(id)[0];
    const auto colleague = world.police.add_person("Manager", "police-wm", {"police-wm.manager"});
    EXPECT_TRUE(get(world.police, Kind::decisions_list, colleague, "").at("decisions").empty());
    get(world.police, Kind::decisions_list, colleague, "", {{"sent", to_text(id)}});
    EXPECT_EQ(status, 404);
    for (const auto kind : {Kind::decision_one, Kind::decision_replay}) {
        get(world.police, kind, colleague, line.at("id"));
        EXPECT_EQ(status, 404);
    }
}

TEST_F(Decisions, AListIsJudgedWithoutOpeningASingleRecord) {
    const auto id = world.send(world.police, world.missing_child());
    const auto key = store::key_bytes(
        DecisionId(*uuid_from_text(decisions_of(id)[0].at("id").get<std::string>())));
    auto transaction = world.police.store.begin();
    transaction->put(sealed::decision, key, Bytes(64, 7));
    ASSERT_TRUE(world.police.store.commit(std::move(transaction)).is_committed());
    const auto colleague = world.police.add_person("Manager", "police-wm", {"police-wm.manager"});
    EXPECT_TRUE(get(world.police, Kind::decisions_list, colleague, "").at("decisions").empty());
    EXPECT_EQ(status, 200);
}

TEST_F(Decisions, APageLeadsToTheNextAndATimeBoundsIt) {
    const auto first = world.send(world.police, world.missing_child());
    world.pass(std::chrono::hours(2));
    const auto middle = to_rfc3339(world.now.wall);
    world.pass(std::chrono::hours(2));
    const auto second = world.send(world.police, world.missing_child("misper:2"));
    const auto all = get(world.police, Kind::decisions_list, officer, "").at("decisions");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].at("sent"), to_text(second));
    const auto before =
        get(world.police, Kind::decisions_list, officer, "", {{"to", middle}}).at("decisions");
    ASSERT_EQ(before.size(), 1U);
    EXPECT_EQ(before[0].at("sent"), to_text(first));
    get(world.police, Kind::decisions_list, officer, "", {{"from", "yesterday"}});
    EXPECT_EQ(status, 422);
    ApiRequest page;
    page.kind = Kind::decisions_list;
    page.credential = officer;
    page.limit = 1;
    const auto one = json::parse(world.police.ask(page).json.reveal());
    ASSERT_TRUE(one.at("next").is_string());
    page.cursor = one.at("next").get<std::string>();
    const auto two = json::parse(world.police.ask(page).json.reveal());
    EXPECT_EQ(two.at("decisions")[0].at("sent"), to_text(first));
    EXPECT_TRUE(two.at("next").is_null());
}

TEST_F(Decisions, TheyOutliveTheContentAndEndWithTheirTerm) {
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_EQ(take_back(id), 202);
    world.police.config.decision_record_term = std::chrono::hours(24 * 365 * 6);
    world.police.restart();
    world.disconnect(world.police);
    const auto later = [&](int days) {
        world.now.wall = world.now.wall + std::chrono::hours(24 * days);
        world.now.steady = world.now.steady + std::chrono::hours(24 * days);
        world.police.give(Tick{});
        world.police.give(Tick{});
    };
    later(365 * 5);
    EXPECT_EQ(kinds_of(id), (Words{"shared", "recalled"}));
    EXPECT_EQ(replay(decisions_of(id)[0]).at("equal"), true);
    later(365 + 1);
    EXPECT_TRUE(kinds_of(id).empty());
    auto transaction = world.police.store.begin();
    EXPECT_EQ(transaction->scan(sealed::decision, {}, [](ByteView, ByteView) { return true; }), 0U);
}

// "Every refusal" (domain.md E3) begins at the desk, before any rule is asked.
class RefusedAtTheDesk : public Decisions {
protected:
    Notification incomplete(const std::string& ref = "concern:1") {
        auto said = world.missing_child(ref, "safeguarding_referral");
        said.facts.risk_grade = {};
        said.facts.harm = wire::Harm::none;
        said.facts.purpose = wire::Purpose::inform_function;
        said.sections["Canarysection"]["Canaryfield"] = PersonalText("\"Canarywords\"");
        return said;
    }
    /// True: taken in.
    bool submit(Notification said, std::optional<PersonalText> who) {
        Submit submit;
        submit.reply = 7;
        submit.notification = std::move(said);
        submit.person = service_person();
        submit.reason = "console";
        submit.credential = std::move(who);
        bool taken = false;
        for (const auto& effect : world.police.give(std::move(submit)))
            taken = taken || std::holds_alternative<Submitted>(effect);
        return taken;
    }
    json listed(const PersonalText& who) {
        return get(world.police, Kind::decisions_list, who, "").at("decisions");
    }
    std::size_t kept() {
        return table::decisions.collect_keys(*world.police.store.view(), {}).size();
    }
};

TEST_F(RefusedAtTheDesk, WhatAPersonSubmittedIsRecordedOnceInCodes) {
    ASSERT_FALSE(submit(incomplete(), officer));
    const auto list = listed(officer);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("kind"), "refused");
    EXPECT_EQ(list[0].at("code"), "unknown_section");
    const auto full = in_full(list[0]);
    EXPECT_EQ(status, 200);
    const auto words = full.at("explanation").get<std::string>();
    EXPECT_NE(words.find("- /level required\n"), std::string::npos) << words;
    EXPECT_NE(words.find("- /status required\n"), std::string::npos) << words;
    EXPECT_NE(words.find("- /sections unknown_section\n"), std::string::npos) << words;
    EXPECT_NE(words.find("Nothing, to nobody"), std::string::npos) << words;
    EXPECT_EQ(full.at("role").at("role"), "pol");
    EXPECT_EQ(full.dump().find("Canary"), std::string::npos) << full.dump();
    EXPECT_EQ(full.at("policy").at("version"), 1);
    const auto again = replay(list[0]);
    EXPECT_EQ(again.at("of_a_person"), false);
    EXPECT_TRUE(again.at("equal").is_null());

    ASSERT_FALSE(submit(incomplete(), officer));
    EXPECT_EQ(kept(), 1U) << "the same reference for the same reason is no new decision";
    auto better = incomplete();
    better.sections.erase("Canarysection");
    ASSERT_FALSE(submit(better, officer));
    EXPECT_EQ(kept(), 2U);
    better.facts.level = wire::Level::four;
    better.facts.harm = wire::Harm::likely_or_actual;
    ASSERT_TRUE(submit(better, officer));
    world.settle();
    const auto id = NotificationId(*uuid_from_text(list[0].at("sent").get<std::string>()));
    EXPECT_EQ(kinds_of(id), (Words{"refused", "refused", "shared"}));
}

TEST_F(RefusedAtTheDesk, WhoeverHasNoPartInItReadsNothingOfIt) {
    const auto colleague = world.police.add_person("Invented Colleague", "police-wm",
                                                   {"police-wm.pol", "police-wm.manager"});
    ASSERT_FALSE(submit(incomplete(), officer));
    EXPECT_EQ(listed(colleague), json::array());
    EXPECT_EQ(listed(auditor).size(), 1U);
    const auto clerk = world.police.add_person("Invented Clerk", "police-wm", {}, {"pol-clerk"});
    ASSERT_FALSE(submit(world.missing_child("not theirs"), clerk));
    const auto theirs = listed(clerk);
    ASSERT_EQ(theirs.size(), 1U);
    EXPECT_EQ(theirs[0].at("code"), "not_yours");
}

TEST_F(RefusedAtTheDesk, ABrokenFeedDoesNotFillTheDisk) {
    for (int i = 0; i < 300; ++i) {
        ASSERT_FALSE(
            submit(incomplete("concern:" + std::to_string(i)), world.police.service_token));
    }
    EXPECT_EQ(kept(), 200U);
    ASSERT_FALSE(submit(incomplete("by hand"), officer));
    EXPECT_EQ(kept(), 201U) << "what a person does is recorded all the same";
    world.pass(std::chrono::hours(25));
    ASSERT_FALSE(submit(incomplete("the next day"), world.police.service_token));
    EXPECT_EQ(kept(), 202U);
}

}  // namespace
}  // namespace mash::runtime::testing
