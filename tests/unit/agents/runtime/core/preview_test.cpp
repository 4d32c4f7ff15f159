// What would be told is what is told; and to look does nothing.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/policy.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class PreviewTest : public ::testing::Test {
protected:
    PreviewTest() { world.connect_all(); }
    json preview(TestHost& host, const Notification& notification) {
        auto body = json::parse(to_canonical_json(notification).reveal());
        const auto reply = host.ask(Kind::preview, host.service_token, "", body.dump());
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json catalogue() {
        return json::parse(world.hub.ask(Kind::catalogue, world.hub.service_token).json.reveal());
    }
    /// Of any type, with what every type demands.
    Notification of(const std::string& type, const json& known, const std::string& ref) {
        auto made = world.missing_child(ref, type);
        made.thread_ref.clear();
        made.facts.kind =
            known.at("kinds").empty() ? "" : known.at("kinds")[0].at("kind").get<std::string>();
        made.facts.level = wire::Level::three;
        made.facts.harm = wire::Harm::suspected;
        made.facts.purpose = wire::Purpose::inform_function;
        made.facts.agreement.status = wire::AgreementStatus::refused;
        made.facts.agreement.giver = wire::Giver::parent_pr;
        for (const auto& section : known.at("sections")) {
            if (section.at("needed").get<bool>())
                made.sections[section.at("section").get<std::string>()];
        }
        return made;
    }
    AgentWorld world;
    int status = 0;
};

json shown(const wire::Recipient& recipient) {
    json views = json::array();
    for (const auto& view : recipient.views) views.push_back(view.value());
    return {{"act", recipient.act},   {"urgency", std::string(word_of(recipient.urgency))},
            {"views", views},         {"withheld", recipient.withheld},
            {"rule", recipient.rule}, {"basis", recipient.basis}};
}

json same_of(const json& line) {
    json out;
    for (const auto* field : {"act", "urgency", "views", "withheld", "rule", "basis"})
        out[field] = line.at(field);
    return out;
}

const wire::Recipient* find(const wire::Decision& decision, const json& seat) {
    const auto found = std::ranges::find_if(decision.recipients, [&](const auto& each) {
        return json(each.seat.agency.value()) == seat.at("agency") &&
               json(each.seat.role.value()) == seat.at("role");
    });
    return found == decision.recipients.end() ? nullptr : &*found;
}

TEST_F(PreviewTest, OfEveryTypeBySeveralSendersTellsWhatThePlanThenTells) {
    world.claim_school_roll(world.schools);
    const std::vector<std::tuple<TestHost*, std::string, std::string>> senders{
        {&world.police, "police-wm", "pol"},
        {&world.hub, "hub", "ffd"},
        {&world.schools, "teme-meadow", "sch"}};
    int compared = 0;
    int found_later = 0;
    const auto words = catalogue();  // outlives the loop over a part of it
    for (const auto& type : words.at("types")) {
        for (const auto& [host, agency, role] : senders) {
            const auto name = type.at("type").get<std::string>();
            SCOPED_TRACE(name + " by " + agency);
            auto notification = of(name, type, name + ":" + agency);
            notification.agency = AgencyId(agency);
            notification.role = RoleId(role);
            const auto before = preview(*host, notification);
            ASSERT_EQ(status, 200) << before;
            const auto id = world.send(*host, notification);
            const auto& plan = world.broker.plans.at(id).plan.decision;
            for (const auto& line : before.at("who")) {
                const auto* told = find(plan, line.at("recipient"));
                if (!line.at("certain").get<bool>()) continue;
                ASSERT_NE(told, nullptr) << line;
                EXPECT_EQ(same_of(line), shown(*told));
                ++compared;
            }
            if (!before.at("refusal").is_null()) {
                EXPECT_EQ(before.at("refusal").at("code"), plan.refusal);
            }
            const bool is_school = role == "sch";
            for (const auto& told : plan.recipients) {
                const bool was_shown = std::ranges::any_of(before.at("who"), [&](const json& line) {
                    return line.at("recipient").at("agency") == told.seat.agency.value() &&
                           line.at("recipient").at("role") == told.seat.role.value();
                });
                // Whoever may not know who is involved sees everybody beforehand.
                EXPECT_TRUE(was_shown || !is_school) << told.seat.role.value();
                if (!was_shown) ++found_later;
            }
            if (is_school) {
                EXPECT_EQ(before.at("who").size(), plan.recipients.size());
            }
        }
    }
    EXPECT_GT(compared, 30);
    EXPECT_GT(found_later, 0) << "the child's school is found when it is sent";
}

TEST_F(PreviewTest, NeverTellsWhetherAnybodyIsInvolved) {
    auto concern = of("safeguarding_referral", catalogue().at("types")[0], "concern:1");
    concern.facts.kind.clear();
    concern.agency = AgencyId("teme-meadow");
    concern.role = RoleId("sch");
    const auto nobody = preview(world.schools, concern);
    const auto missing = preview(world.police, world.missing_child());
    // The school that has her on its roll is served by the same agent.
    world.claim_school_roll(world.schools);
    EXPECT_EQ(preview(world.schools, concern), nobody);
    EXPECT_EQ(preview(world.police, world.missing_child()), missing);
    EXPECT_FALSE(missing.at("others").get<std::string>().empty());
    for (const auto& line : missing.at("who")) EXPECT_NE(line.at("recipient").at("role"), "sch");
}

TEST_F(PreviewTest, ChangesNothingAndSendsNothing) {
    auto update = world.missing_child("misper:2");
    update.thread_ref = "a thread that nobody knows";
    update.event_ref = "an event that nobody knows";
    const auto before = everything_stored(world.police.store);
    const auto frames = world.police.out.size();
    const auto asked = world.broker.plan_requests.size();
    preview(world.police, update);
    ASSERT_EQ(status, 200);
    auto wrong = update;
    wrong.facts.type = TypeId("no_such_type");
    preview(world.police, wrong);
    EXPECT_EQ(status, 422);
    EXPECT_EQ(everything_stored(world.police.store), before);
    EXPECT_EQ(world.police.out.size(), frames);
    world.settle();
    EXPECT_EQ(world.broker.plan_requests.size(), asked);
}

TEST_F(PreviewTest, NamesTheFaultsThatSendingWouldName) {
    auto unknown = world.missing_child();
    unknown.facts.type = TypeId("no_such_type");
    auto answer = preview(world.police, unknown);
    EXPECT_EQ(status, 422);
    EXPECT_EQ(answer.at("faults")[0].at("path"), "/type");

    auto other = world.missing_child();
    other.agency = AgencyId("hub");
    answer = preview(world.police, other);
    EXPECT_EQ(status, 422);
    EXPECT_EQ(answer.at("faults")[0].at("rule"), "not_served");

    auto role = world.missing_child();
    role.role = RoleId("ffd");
    answer = preview(world.police, role);
    EXPECT_EQ(status, 422);
    EXPECT_EQ(answer.at("faults")[0].at("path"), "/role");

    world.send(world.police, world.missing_child());
    preview(world.police, world.missing_child());
    EXPECT_EQ(status, 200) << "the same again is the same";
    auto changed = world.missing_child();
    changed.facts.risk_grade = "low";
    answer = preview(world.police, changed);
    EXPECT_EQ(status, 422);
    EXPECT_EQ(answer.at("faults")[0].at("rule"), "changed");

    const auto lead = world.schools.add_person("Invented Lead", "teme-meadow", {"teme-meadow.sch"});
    auto colleague = world.missing_child("other:1");
    colleague.agency = AgencyId("orchard-gate");
    colleague.role = RoleId("sch");
    const auto reply =
        world.schools.ask(Kind::preview, lead, "", to_canonical_json(colleague).reveal());
    EXPECT_EQ(reply.status, 422) << "of another agency of the same host";
    EXPECT_EQ(world.police.ask(Kind::preview, PersonalText(""), "", "{}").status, 401);
}

TEST_F(PreviewTest, WithoutDocumentsInForceShowsTheFloorOnly) {
    world.disconnect(world.police);
    world.now.wall = world.now.wall + limits::freshness_max + std::chrono::hours(1);
    const auto answer = preview(world.police, world.missing_child());
    ASSERT_EQ(status, 200) << answer;
    EXPECT_TRUE(answer.at("floor").get<bool>());
    ASSERT_EQ(answer.at("who").size(), 1U);
    EXPECT_EQ(answer.at("who")[0].at("recipient").at("agency"), "hub");
}

TEST_F(PreviewTest, TheCatalogueSaysEverythingInWords) {
    const auto words = catalogue();
    for (const auto& section : words.at("sections")) {
        for (const auto& field : section.at("fields")) {
            EXPECT_NE(field.at("title"), field.at("field"))
                << section.at("section") << " " << field.at("field") << " has no words";
        }
    }
    for (const auto& type : words.at("types")) {
        for (const auto& kind : type.at("kinds"))
            EXPECT_NE(kind.at("title"), kind.at("kind")) << "has no words";
    }
    const auto expect = [&](const char* vocabulary, std::string_view code) {
        if (code.empty()) return;
        EXPECT_TRUE(std::ranges::any_of(words.at("words").at(vocabulary),
                                        [&](const json& one) { return one.at("code") == code; }))
            << vocabulary << " " << code;
    };
    for (int i = 0; i < 16; ++i) {
        expect("level", word_of(static_cast<wire::Level>(i)));
        expect("harm", word_of(static_cast<wire::Harm>(i)));
        expect("purpose", word_of(static_cast<wire::Purpose>(i)));
        expect("rag", word_of(static_cast<wire::Rag>(i)));
        expect("urgency", word_of(static_cast<wire::Urgency>(i)));
        expect("agreement_status", word_of(static_cast<wire::AgreementStatus>(i)));
        expect("giver", word_of(static_cast<wire::Giver>(i)));
        expect("not_sought_reason", word_of(static_cast<wire::NotSoughtReason>(i)));
    }
    for (const auto* grade : {"none_apparent", "low", "medium", "high"})
        expect("risk_grade", grade);
}

TEST_F(PreviewTest, APersonLearnsWhoTheyAreAndWhoSitsBesideThem) {
    const auto first = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
    const auto other = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    const auto me = json::parse(world.hub.ask(Kind::me, first).json.reveal());
    EXPECT_EQ(me.at("agency"), "hub");
    EXPECT_EQ(me.at("name"), "Invented Person");
    ASSERT_EQ(me.at("inboxes").size(), 1U);
    EXPECT_EQ(me.at("inboxes")[0].at("role"), "ffd");
    EXPECT_FALSE(me.at("inboxes")[0].at("alternate").get<bool>());
    EXPECT_FALSE(me.at("data_protection_officer").get<bool>());
    EXPECT_EQ(world.hub.ask(Kind::me, world.hub.service_token).status, 403);

    const auto beside =
        json::parse(world.hub.ask(Kind::colleagues, first, "", "", "hub.ffd").json.reveal());
    ASSERT_EQ(beside.at("colleagues").size(), 1U);
    EXPECT_EQ(beside.at("colleagues")[0].at("name"), "Invented Person");
    EXPECT_EQ(world.hub.ask(Kind::colleagues, other, "", "", "hub.ffd").status, 403);
    EXPECT_EQ(world.hub.ask(Kind::colleagues, first).status, 422);
}

}  // namespace
}  // namespace mash::runtime::testing
