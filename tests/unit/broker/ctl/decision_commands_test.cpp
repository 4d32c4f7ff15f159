// What the broker recorded of its decisions, as mashctl reads it: listed, explained, made again,
// and taken out for a draft policy to decide.
#include "broker/ctl/decision_commands.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include <gmock/gmock.h>

#include "broker/core/decisions.hpp"
#include "broker/ctl/facts_json.hpp"
#include "broker/ctl/policy_commands.hpp"
#include "common/area/decision_record.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"
#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using ::testing::HasSubstr;

class BrokerDecisions : public BrokerFixture {
protected:
    ctl::Context context() { return ctl::Context{out_, err_, now.wall, random_}; }
    ctl::AskBroker ask() {
        return [this](const std::string& command,
                      const std::string& argument) -> ctl::Outcome<std::string> {
            bool ok = false;
            const auto kind = command == "decisions" ? OperatorCommand::Kind::decisions
                                                     : OperatorCommand::Kind::kept_document;
            const auto json = ask_operator(kind, argument, &ok);
            return std::string("{\"ok\":") + (ok ? "true" : "false") + ",\"answer\":" + json + "}";
        };
    }
    std::string said() {
        auto text = out_.str();
        out_.str("");
        return text;
    }
    /// The area's policy with one place changed.
    area::Policy policy(const std::string& from = {}, const std::string& to = {}) {
        const auto documents = area.documents();
        const auto text = [&](wire::DocumentKind kind) {
            return std::string(
                text_of(std::ranges::find(documents, kind, &wire::SignedDocument::kind)->body));
        };
        auto words = text(wire::DocumentKind::policy);
        if (!from.empty()) words.replace(words.find(from), from.size(), to);
        std::vector<area::PolicyFault> faults;
        auto parsed = area::Policy::parse(words, "policy.toml", text(wire::DocumentKind::catalogue),
                                          "catalogue.toml", faults);
        EXPECT_TRUE(parsed);
        return std::move(*parsed);
    }
    std::string exported(const std::string& from = "2027-01-13",
                         const std::string& to = "2027-01-14") {
        ctl::DecisionsExport command;
        command.of.from = from;
        command.of.to = to;
        command.file = folder_.path() / "recorded.jsonl";
        const auto done = ctl::export_decisions(context(), command, ask());
        EXPECT_TRUE(done) << done.error().what;
        std::ifstream in(command.file);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::size_t rows_of(store::Space space) {
        return store.begin()->scan(space, {}, [](ByteView, ByteView) { return true; });
    }
    std::ostringstream out_;
    std::ostringstream err_;
    crypto::SeededRandom random_{3};
    area::testing::TemporaryFolder folder_;
};

TEST_F(BrokerDecisions, EachIsListedWithHowItEnded) {
    send(police_host, notification(1), missing_child(1, now.wall));
    plan(police_host, notification(2), missing_child(2, now.wall));
    ASSERT_TRUE(ctl::list_decisions(context(), {}, ask()));
    const auto text = said();
    EXPECT_THAT(text, HasSubstr("2 decisions."));
    EXPECT_THAT(text, HasSubstr("accepted 2027-01-13"));
    EXPECT_THAT(text, HasSubstr("not used"));
}

TEST_F(BrokerDecisions, TheyComeOutTheSameUnderTheDocumentsOfTheirDay) {
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    send(police_host, notification(1), missing_child(1, now.wall));
    area.change_policy("schools_hear_of_missing_episodes = true",
                       "schools_hear_of_missing_episodes = false", now.wall);
    load_documents();
    send(police_host, notification(2), missing_child(1, now.wall));
    area.change_registry(
        [](area::Registry& registry) {
            registry.agencies.at(orchard_gate).telephone = "01632 960999";
        },
        now.wall);
    load_documents();
    restart();
    const auto done = ctl::replay_decisions(context(), {}, ask());
    EXPECT_TRUE(done) << done.error().what << said();
    EXPECT_THAT(said(), HasSubstr("2 made again: 2 equal byte for byte, 0 not."));
}

TEST_F(BrokerDecisions, ARecordThatWasChangedIsFoundByItsField) {
    send(police_host, notification(1), missing_child(1, now.wall));
    auto tx = store.begin();
    auto asked = tables::asked.collect(*tx, {});
    ASSERT_EQ(asked.size(), 1U);
    asked[0].second.decision.recipients[0].act = !asked[0].second.decision.recipients[0].act;
    tables::asked.put(*tx, asked[0].first, asked[0].second);
    ASSERT_TRUE(store.commit(std::move(tx)).is_committed());
    EXPECT_FALSE(ctl::replay_decisions(context(), {}, ask()));
    EXPECT_THAT(said(), HasSubstr(to_text(asked[0].first) + " differs in recipients[0].act"));
    ctl::DecisionsReplay one;
    one.id = to_text(asked[0].first);
    EXPECT_FALSE(ctl::replay_decisions(context(), one, ask()));
    one.id = to_text(test::id_of<PlanId>(9));
    const auto unknown = ctl::replay_decisions(context(), one, ask());
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().what, HasSubstr("no decision"));
}

TEST_F(BrokerDecisions, OneIsShownInWordsAndInFull) {
    send(police_host, notification(1), missing_child(1, now.wall));
    auto tx = store.begin();
    ctl::DecisionsShow command;
    command.id = to_text(tables::asked.collect_keys(*tx, {}).at(0));
    tx.reset();
    ASSERT_TRUE(ctl::show_decision(context(), command, ask()));
    const auto text = said();
    EXPECT_THAT(text, HasSubstr("What goes, and to whom"));
    EXPECT_THAT(text, HasSubstr("withheld from it"));
}

TEST_F(BrokerDecisions, NoTokenOfAChildIsInThem) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto value = token(1).value;
    auto tx = store.begin();
    std::size_t bytes = 0;
    const auto rows = tx->scan(tables::decided.space(), {}, [&](ByteView key, ByteView stored) {
        EXPECT_TRUE(std::ranges::search(stored, value).empty());
        bytes = key.size() + stored.size();
        return true;
    });
    EXPECT_EQ(rows, 1U);
    // The cost of one notification, as the folder's README states it.
    EXPECT_LT(bytes, 1'500U) << bytes;
    RecordProperty("bytes", static_cast<int>(bytes));
}

TEST_F(BrokerDecisions, APeriodIsDecidedAgainUnderADraft) {
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    send(police_host, notification(1), missing_child(1, now.wall));
    plan(police_host, notification(1), missing_child(1, now.wall));  // asked twice, one line
    plan(health_host, notification(3),
         test::facts_about(health, RoleId("urg"), TypeId("safeguarding_referral"), {token(2)},
                           now.wall));
    const auto lines = exported();
    EXPECT_EQ(std::ranges::count(lines, '\n'), 2);
    EXPECT_EQ(lines.find("token"), std::string::npos);
    const auto now_in_force = policy();
    const auto draft = policy("schools_hear_of_missing_episodes = true",
                              "schools_hear_of_missing_episodes = false");
    said();
    ASSERT_TRUE(ctl::compare_recorded(context(), lines, "recorded.jsonl", area.registry(),
                                      now_in_force, draft))
        << err_.str();
    EXPECT_THAT(said(), HasSubstr("2 cases decided under both; "));
    ASSERT_TRUE(ctl::compare_recorded(context(), lines, "recorded.jsonl", area.registry(),
                                      now_in_force, now_in_force));
    EXPECT_THAT(said(), HasSubstr("2 cases decided under both; 0 end differently."));
}

TEST_F(BrokerDecisions, WhatIsTakenOutDecidesAsItWasDecided) {
    claim(school_host, seat("orchard-gate", "sch"), "school", {token(1)});
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    const auto agreed = plan(police_host, notification(1), missing_child(1, now.wall));
    const auto rules = policy();
    const auto line = exported();
    const auto facts = ctl::parse_facts(line, area.registry(), rules, now.wall);
    ASSERT_TRUE(facts) << facts.error().what;
    EXPECT_EQ(area::decide(*facts, area.registry(), rules), agreed.decision);
    EXPECT_EQ(ctl::facts_text(*facts) + "\n", line);
}

TEST_F(BrokerDecisions, OnlyThePeriodIsTakenOut) {
    send(police_host, notification(1), missing_child(1, now.wall));
    EXPECT_EQ(exported("2027-01-14", "2027-01-15"), "");
    EXPECT_EQ(exported("2027-01-12", "2027-01-13"), "");
    ctl::DecisionsExport wrong;
    wrong.of.from = "yesterday";
    EXPECT_FALSE(ctl::export_decisions(context(), wrong, ask()));
}

TEST_F(BrokerDecisions, TheyGoWithTheirTermAndSoDoTheDocuments) {
    config.decision_log_retention = std::chrono::hours(24 * 365 * 6);
    restart();
    connect(police_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    EXPECT_EQ(rows_of(tables::decided.space()), 1U);
    EXPECT_EQ(rows_of(tables::decided_accepted.space()), 1U);
    EXPECT_EQ(rows_of(tables::documents_kept.space()), 3U);
    now.wall = now.wall + std::chrono::hours(24 * 365 * 6 + 24);
    now.steady = now.steady + std::chrono::hours(24 * 365 * 6 + 24);
    tick();
    EXPECT_EQ(rows_of(tables::decided.space()), 0U);
    EXPECT_EQ(rows_of(tables::decided_accepted.space()), 0U);
    EXPECT_EQ(rows_of(tables::documents_kept.space()), 3U) << "those in force stay";
}

}  // namespace
}  // namespace mash::broker
