#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/records.hpp"
#include "tests/paths/paths.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

class SubmitTest : public ::testing::Test {
protected:
    std::vector<Effect> give(Notification notification,
                             std::optional<PersonalText> credential = std::nullopt) {
        Submit submit;
        submit.reply = 5;
        submit.notification = std::move(notification);
        submit.person = service_person();
        submit.reason = "intake";
        submit.credential = std::move(credential);
        return world.police.give(std::move(submit));
    }
    static std::optional<Submitted> taken(const std::vector<Effect>& effects) {
        for (const auto& effect : effects) {
            if (const auto* done = std::get_if<Submitted>(&effect)) return *done;
        }
        return std::nullopt;
    }
    static SubmitRejected rejected(const std::vector<Effect>& effects) {
        for (const auto& effect : effects) {
            if (const auto* no = std::get_if<SubmitRejected>(&effect)) return *no;
        }
        ADD_FAILURE() << "was not rejected";
        return {};
    }
    AgentWorld world;
};

TEST_F(SubmitTest, WithoutAPolicyTheCallerKeepsItAndComesAgain) {
    const auto no = rejected(give(world.missing_child()));
    EXPECT_EQ(no.code, ErrorCode::busy);
    EXPECT_EQ(next_step(no.code), NextStep::retry_later);
}

TEST_F(SubmitTest, APersonSendsInARoleOfTheirOwnAndInNoOther) {
    world.connect(world.police);
    const auto clerk = world.police.add_person("Invented Clerk", "police-wm", {}, {"pol-clerk"});
    const auto no = rejected(give(world.missing_child(), clerk));
    EXPECT_EQ(no.code, ErrorCode::not_entitled);
    ASSERT_EQ(no.faults.size(), 1U);
    EXPECT_EQ(no.faults.front().path, "/role");
    const auto sergeant = world.police.add_person("Invented Sergeant", "police-wm", {}, {"pol"});
    EXPECT_TRUE(taken(give(world.missing_child(), sergeant)));
}

TEST_F(SubmitTest, TheSameReferenceWithTheSameContentIsTheSameNotification) {
    world.connect(world.police);
    const auto first = taken(give(world.missing_child()));
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->existed);
    const auto second = taken(give(world.missing_child()));
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->existed);
    EXPECT_EQ(second->id, first->id);
    world.settle();
    EXPECT_EQ(world.broker.plan_requests.size(), 1U);
}

TEST_F(SubmitTest, TheSameReferenceWithOtherContentMustSayWhatItReplaces) {
    world.connect(world.police);
    ASSERT_TRUE(taken(give(world.missing_child())));
    auto other = world.missing_child();
    other.facts.risk_grade = "medium";
    const auto no = rejected(give(other));
    EXPECT_EQ(no.code, ErrorCode::duplicate_conflict);
    ASSERT_EQ(no.faults.size(), 1U);
    EXPECT_EQ(no.faults.front().path, "/source_ref");

    other.source_ref = "misper:1:r2";
    other.supersedes_ref = "misper:1";
    EXPECT_TRUE(taken(give(other)));
}

TEST_F(SubmitTest, AReplacementOfSomethingUnknownIsAFault) {
    world.connect(world.police);
    auto notification = world.missing_child();
    notification.supersedes_ref = "never sent";
    const auto no = rejected(give(notification));
    ASSERT_EQ(no.faults.size(), 1U);
    EXPECT_EQ(no.faults.front().path, "/supersedes_ref");
}

TEST_F(SubmitTest, AnotherAgencysNameIsRefused) {
    world.connect(world.police);
    auto notification = world.missing_child();
    notification.agency = AgencyId("hub");
    const auto no = rejected(give(notification));
    ASSERT_FALSE(no.faults.empty());
    EXPECT_EQ(no.faults.front().path, "/agency");
}

TEST_F(SubmitTest, TheServiceTokenSubmitsAndAWrongTokenDoesNot) {
    world.connect(world.police);
    EXPECT_TRUE(taken(give(world.missing_child(), world.police.service_token)));
    EXPECT_EQ(rejected(give(world.missing_child("misper:2"), PersonalText(""))).code,
              ErrorCode::wrong_credential);
    EXPECT_EQ(rejected(give(world.missing_child("misper:3"), world.hub.service_token)).code,
              ErrorCode::wrong_credential);
}

TEST_F(SubmitTest, TheNotificationThatTheDocumentationShowsIsAccepted) {
    world.connect(world.hub);
    world.connect(world.police);
    std::ifstream page(test::source_dir() / "agents/README.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    const auto from = text.find("```json\n");
    ASSERT_NE(from, std::string::npos);
    const auto to = text.find("```", from + 8);
    const auto parsed =
        notification_from_json(std::string_view(text).substr(from + 8, to - from - 8));
    for (const auto& fault : parsed.faults) ADD_FAILURE() << fault.path << " " << fault.rule;
    const auto id = world.send(world.police, parsed.notification);
    EXPECT_TRUE(world.broker.published.contains(id));
}

/// What openapi.yaml leaves optional is shown as well: names as the program gives them.
TEST_F(SubmitTest, TheSentItemThatTheDocumentationShowsHasEveryFieldOfARealOne) {
    world.connect_all();
    const auto id = world.send(world.police, world.missing_child());
    const auto reply =
        world.police.ask(ApiRequest::Kind::sent_one, world.police.service_token, to_text(id));
    ASSERT_EQ(reply.status, 200);
    const auto real = nlohmann::json::parse(reply.json.reveal());
    std::ifstream page(test::source_dir() / "agents/README.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    const auto from = text.find("```json\n", text.find("`GET /api/v1/sent/{id}` answers"));
    ASSERT_NE(from, std::string::npos);
    const auto shown = nlohmann::json::parse(
        std::string_view(text).substr(from + 8, text.find("```", from + 8) - from - 8));
    const auto names = [](const nlohmann::json& object) {
        std::set<std::string> out;
        for (const auto& [name, value] : object.items()) out.insert(name);
        return out;
    };
    EXPECT_EQ(names(shown), names(real));
    EXPECT_EQ(names(shown.at("recipients").at(0)), names(real.at("recipients").at(0)));
}

// domain.md E-05: what is missing is said, but a child in danger is not kept waiting for it.
TEST_F(SubmitTest, DangerIsNeverRefusedAsIncompleteAndAnythingElseIsByName) {
    world.connect(world.police);
    auto said = world.missing_child("incomplete:1", "private_fostering_notice");
    said.facts.risk_grade = {};
    said.sections.erase("evt");
    said.facts.level = wire::Level::two;
    said.facts.harm = wire::Harm::none;
    const auto no = rejected(give(said));
    ASSERT_FALSE(no.faults.empty());
    EXPECT_EQ(no.faults.front().path, "/sections/evt");
    said.facts.harm = wire::Harm::likely_or_actual;
    EXPECT_TRUE(taken(give(said)));
}

// What E-05 would refuse at the broker is told at the desk by its name: nobody has been asked yet.
TEST_F(SubmitTest, OfATypeMarkedDangerAMissingFactIsToldByNameWhereNobodyIsHarmed) {
    world.connect(world.police);
    for (const auto* type :
         {"safeguarding_referral", "exploitation_concern", "radicalisation_concern"}) {
        auto said = world.missing_child(std::string(type) + ":1", type);
        said.thread_ref = type;
        said.facts.risk_grade = {};
        said.facts.harm = wire::Harm::none;
        said.facts.purpose = wire::Purpose::inform_function;
        said.facts.agreement.status = wire::AgreementStatus::not_sought;
        said.sections["nar"]["short"] = PersonalText("\"Canarywords\"");
        const auto no = rejected(give(said));
        ASSERT_EQ(no.faults.size(), 1U) << type;
        EXPECT_EQ(no.faults.front().path, "/level");
        EXPECT_EQ(no.faults.front().rule, "required");
        said.facts.level = wire::Level::four;
        said.facts.purpose = wire::Purpose::unstated;
        said.facts.agreement.status = wire::AgreementStatus::unstated;
        EXPECT_EQ(rejected(give(said)).faults.size(), 2U) << type;
        world.settle();
        EXPECT_TRUE(world.broker.plan_requests.empty()) << type;
        // Danger goes with what there is.
        said.facts.harm = wire::Harm::suspected;
        EXPECT_TRUE(taken(give(said))) << type;
        said.source_ref = std::string(type) + ":2";
        said.facts.harm = wire::Harm::none;
        said.facts.vital = true;
        EXPECT_TRUE(taken(give(said))) << type;
        world.settle();
        EXPECT_EQ(std::exchange(world.broker.plan_requests, {}).size(), 2U) << type;
    }
}

TEST_F(SubmitTest, WhatTheSourceRemembersIsKeptWithTheNotificationAndNotWithARefusal) {
    world.connect(world.police);
    const auto said = [&] {
        return remembered(*world.police.store.view(), world.police.keys, "misper/1");
    };
    const auto with = [&](Notification notification, std::string value) {
        Submit submit;
        submit.reply = 5;
        submit.notification = std::move(notification);
        submit.remember = {{"misper/1", std::move(value)}};
        return world.police.give(std::move(submit));
    };
    auto wrong = world.missing_child();
    wrong.facts.type = TypeId("no_such_type");
    (void)rejected(with(wrong, "refused"));
    EXPECT_FALSE(said());
    ASSERT_TRUE(taken(with(world.missing_child(), "taken")));
    EXPECT_EQ(said(), "taken");
    // Said again after a crash, and known: what hangs on it is still to be kept.
    ASSERT_TRUE(taken(with(world.missing_child(), "again")));
    EXPECT_EQ(said(), "again");
    auto changed = world.missing_child();
    changed.facts.occurred_at = changed.facts.occurred_at + std::chrono::minutes(1);
    (void)rejected(with(changed, "changed"));
    EXPECT_EQ(said(), "again");
}

// domain.md G20: the flag of somebody who leaves care on that day must come down.
TEST_F(SubmitTest, ACareStatusThatBeganBeforeTheEighteenthBirthdayEndsAfterItAndNoOtherBegins) {
    world.connect(world.police);
    auto status = world.missing_child("care/1/started", "care_status_changed");
    status.thread_ref = "care/1";
    status.facts.risk_grade = {};
    status.facts.kind = "looked_after_started";
    status.sections["leg"]["has_plan_or_care_status"] = PersonalText("\"Looked after\"");
    const auto day = [](const char* at) { return wall_time_from_rfc3339(at).value(); };
    status.subject.date_of_birth = PersonalText("2008-01-13");
    status.facts.occurred_at = day("2025-11-03T12:00:00Z");
    ASSERT_TRUE(taken(give(status)));
    status.facts.occurred_at = day("2026-01-13T12:00:00Z");
    status.source_ref = "care/1/again";
    EXPECT_EQ(rejected(give(status)).faults.front().rule, not_a_child);
    status.source_ref = "care/1/ended";
    status.facts.kind = "looked_after_ended";
    EXPECT_TRUE(taken(give(status)));
    status.source_ref = "care/2/ended";
    status.thread_ref = "care/2";
    EXPECT_EQ(rejected(give(status)).faults.front().rule, not_a_child)
        << "of which nobody was told";
}

TEST_F(SubmitTest, WhatAFileLeavesBehindIsAnsweredWhenItIsKept) {
    const auto effects = world.police.give(Remember{9, {{"misper/baseline", "done"}}});
    EXPECT_TRUE(std::ranges::any_of(effects, [](const auto& effect) {
        const auto* kept = std::get_if<Kept>(&effect);
        return kept != nullptr && kept->reply == 9 && kept->ok;
    }));
    EXPECT_EQ(remembered(*world.police.store.view(), world.police.keys, "misper/baseline"), "done");
    EXPECT_FALSE(remembered(*world.police.store.view(), world.schools.keys, "misper/baseline"));
    EXPECT_EQ(everything_stored(world.police.store).find("misper/baseline"), std::string::npos)
        << "a source's reference stands in the store as it is";
}

TEST_F(SubmitTest, WhatASourceRemembersOfAChildLiesEncryptedAndIsForgottenWhenItSaysSo) {
    const auto said = [&] {
        return remembered(*world.police.store.view(), world.police.keys, "child/1");
    };
    (void)world.police.give(Remember{9, {{"child/1", "Testcase, Juno"}}});
    EXPECT_EQ(said(), "Testcase, Juno");
    EXPECT_EQ(everything_stored(world.police.store).find("Juno"), std::string::npos)
        << "what an adapter remembers stands in the store as it is";
    EXPECT_FALSE(remembered(*world.police.store.view(), world.schools.keys, "child/1"));
    (void)world.police.give(Remember{10, {{"child/1", ""}}});
    EXPECT_FALSE(said());
}

TEST_F(SubmitTest, TheOutboxKeepsItInTheLaneThatTheBrokersBudgetCountsItIn) {
    world.connect(world.police);
    const auto lane_of = [&](Notification notification) {
        const auto done = taken(give(std::move(notification)));
        EXPECT_TRUE(done);
        return table::outbox.get(*world.police.store.view(), done->id)->lane;
    };
    auto calm = world.missing_child("misper:calm");
    calm.facts.risk_grade = "none_apparent";
    EXPECT_EQ(lane_of(calm), wire::Lane::routine);
    auto nobody = calm;
    nobody.source_ref = "misper:nobody";
    nobody.facts.conflicts_stated = {{AgencyId("hub"), RoleId("edt")},
                                     {AgencyId("hub"), RoleId("ffd")},
                                     {AgencyId("social-care"), RoleId("mco")}};
    EXPECT_EQ(lane_of(nobody), wire::Lane::immediate);
}

TEST_F(SubmitTest, ARestoredStoreGivesTheSameRecordTheSameIdAgain) {
    world.connect(world.police);
    const auto before = world.police.store.snapshot();
    const auto first = taken(give(world.missing_child()));
    ASSERT_TRUE(first);
    world.police.store.restore(before);
    world.police.restart();
    world.connect(world.police);
    const auto again = taken(give(world.missing_child()));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, first->id);
}

TEST_F(SubmitTest, WhatDoesNotFitIntoOneMessageIsRefusedAtTheDeskWithTheLimit) {
    world.connect(world.hub);
    world.connect(world.police);
    const auto long_text = [](std::size_t bytes) {
        return PersonalText("\"" + std::string(bytes - 2, 'x') + "\"");
    };
    const auto refused = [&](const Notification& notification, const std::string& path,
                             const std::string& limit) {
        const auto no = rejected(give(notification));
        ASSERT_EQ(no.faults.size(), 1U);
        EXPECT_EQ(no.faults.front().path, path);
        EXPECT_EQ(no.faults.front().rule, "too_large");
        EXPECT_NE(no.faults.front().message.find(limit), std::string::npos)
            << no.faults.front().message;
        EXPECT_EQ(no.faults.front().message.find("xx"), std::string::npos);
    };
    constexpr auto kib = limits::kibibyte;
    auto field = world.missing_child("misper:field");
    field.sections["evt"]["details"] = long_text(128 * kib + 1);
    refused(field, "/sections/evt/details", "128 KiB");

    auto section = world.missing_child("misper:section");
    for (const char* name : {"details", "place", "time", "ended_at", "other_references"})
        section.sections["evt"][name] = long_text(120 * kib);
    refused(section, "/sections/evt", "512 KiB");

    auto all = world.missing_child("misper:all");
    for (const char* name : {"details", "place", "time", "ended_at"})
        all.sections["evt"][name] = long_text(120 * kib);
    for (const char* name : {"last_seen_place", "likely_places", "clothing"})
        all.sections["loc"][name] = long_text(120 * kib);
    refused(all, "/sections", "896 KiB");

    auto name = world.missing_child("misper:name");
    name.subject.surname = PersonalText(std::string(limits::short_text_bytes_max + 1, 'x'));
    refused(name, "", "longer than it may be");
    world.settle();
    EXPECT_TRUE(world.broker.plan_requests.empty()) << "nothing of it has travelled";

    auto fits = world.missing_child("misper:fits");
    for (const char* one : {"details", "ended_at", "other_references"})
        fits.sections["evt"][one] = long_text(128 * kib);
    ASSERT_TRUE(taken(give(fits)));
    world.settle();
    EXPECT_EQ(world.broker.publishes.size(), 1U);
}

}  // namespace
}  // namespace mash::runtime::testing
