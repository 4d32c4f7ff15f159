// Whose words about a decision count here: of each kind those of the seats that decide it. Any
// agency can sign words; what it says of somebody else's notification is no decision.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "tests/unit/agents/runtime/core/said_elsewhere.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

const AgencyId police{"police-wm"};
const AgencyId hub{"hub"};
const AgencyId health{"health"};
const AgencyId care{"social-care"};

class SaidBy : public ::testing::Test {
protected:
    SaidBy() {
        world.connect_all();
        manager = world.police.add_person("Invented Manager", "police-wm", {"police-wm.manager"});
        police_auditor = world.police.add_person("Invented Auditor", "police-wm", {}, {"dpo"});
        hub_auditor = world.hub.add_person("Invented Hub Auditor", "hub", {}, {"dpo"});
    }
    SaidElsewhere about_item(const char* what, const AgencyId& agency, const char* role) {
        SaidElsewhere said;
        said.what = what;
        said.decider = {agency, RoleId(role)};
        said.sender = police;
        said.notification = item;
        return said;
    }
    /// How many more decisions the auditor of `to` reads after these words came.
    std::size_t recorded(TestHost& host, const AgencyId& to, const SaidElsewhere& said) {
        const auto before = decisions(host);
        world.broker.others.clear();
        host.give(FrameIn{{0, words_from_elsewhere(world, host, to, ++number, said)}});
        world.settle();
        return decisions(host) - before;
    }
    std::size_t at_hub(const SaidElsewhere& said) { return recorded(world.hub, hub, said); }
    std::size_t at_police(const SaidElsewhere& said) {
        return recorded(world.police, police, said);
    }
    std::size_t decisions(TestHost& host) {
        ApiRequest request;
        request.kind = Kind::decisions_list;
        request.credential = &host == &world.hub ? hub_auditor : police_auditor;
        return json::parse(host.ask(std::move(request)).json.reveal()).at("decisions").size();
    }
    /// Else the broker tells them again.
    bool was_heard() const {
        return std::ranges::any_of(world.broker.others, [](const wire::AgentBody& body) {
            return std::holds_alternative<wire::WordsHeard>(body);
        });
    }
    AgentWorld world;
    PersonalText manager, police_auditor, hub_auditor;
    const NotificationId item = test::id_of<NotificationId>(5);
    std::uint8_t number = 100;
};

TEST_F(SaidBy, AnAnswerIsTheSendersDecidersOrTheDesks) {
    EXPECT_EQ(at_hub(about_item("allowed", police, "manager")), 1U);
    auto colleague = about_item("allowed", care, "mco");
    colleague.sender = care;
    EXPECT_EQ(at_hub(colleague), 0U) << "decides nothing there";
    EXPECT_TRUE(was_heard()) << "no time makes that right";
    EXPECT_EQ(at_hub(about_item("disallowed", health, "hv")), 0U);
    auto others = about_item("disallowed", police, "manager");
    others.sender = health;
    EXPECT_EQ(at_hub(others), 0U) << "of another agency's notification";
    auto of_none = about_item("allowed", police, "manager");
    of_none.sender = {};
    of_none.notification = {};
    EXPECT_EQ(at_hub(of_none), 0U);
}

TEST_F(SaidBy, AnAnswerCountsAtItsSenderOnlyAsItWasSigned) {
    const auto held = world.send(world.police, world.detrimental_child());
    const json answer{{"allow", false}, {"reason", "Canaryreason: her aunt works there"}};
    ASSERT_EQ(world.police.ask(Kind::held_answer, manager, to_text(held), answer.dump()).status,
              200);
    world.settle();
    const auto sent = std::ranges::find_if(world.broker.others, [](const wire::AgentBody& body) {
        return std::holds_alternative<wire::DeciderWords>(body);
    });
    ASSERT_NE(sent, world.broker.others.end());
    const auto& frame = std::get<wire::DeciderWords>(*sent);
    const auto honest = *wire::decode_body<wire::WordsBody>(frame.body);
    // The front door has the words and what salted them: it could say them again as its own.
    const auto plain =
        crypto::open_sealed(world.hub.keys.agencies.at(hub).box.front(), frame.sealed.at(0).sealed);
    ASSERT_TRUE(plain.has_value());
    Reader in(plain->reveal());
    auto said = about_item("disallowed", police, "manager");
    said.notification = held;
    said.subject = honest.subject;
    said.person = honest.person;
    said.code = honest.code;
    said.salt = in.array<32>();
    said.reason = in.text();
    const auto at_sender = [&](auto change) {
        auto other = said;
        change(other);
        return at_police(other);
    };
    EXPECT_EQ(at_sender([](auto& one) { one.what = "allowed"; }), 0U);
    EXPECT_EQ(at_sender([](auto& one) { one.person = PersonId("p-another"); }), 0U);
    EXPECT_EQ(at_sender([](auto& one) { one.decider = {hub, RoleId("ffd")}; }), 0U);
    EXPECT_EQ(at_sender([](auto& one) { one.code = "E-99"; }), 0U);
    EXPECT_EQ(at_sender([](auto& one) { one.reason += "!"; }), 0U)
        << "other words than those whose digest was signed";
    EXPECT_TRUE(was_heard());
    EXPECT_EQ(at_sender([](auto&) {}), 1U);
}

TEST_F(SaidBy, AnAnswerThatHasNotComeIsWaitedForAndNotForEver) {
    auto said = about_item("allowed", hub, "ffd");
    EXPECT_EQ(at_police(said), 0U);
    EXPECT_FALSE(was_heard()) << "the broker tells it again, after the answer";
    said.at = world.now.wall - std::chrono::hours(24 * 8);
    world.area.change_registry(
        [&](area::Registry& registry) {
            registry.agencies.at(hub).signing_keys.front().not_before = said.at;
        },
        world.now.wall);
    world.police.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    EXPECT_EQ(at_police(said), 0U);
    EXPECT_TRUE(was_heard());
}

TEST_F(SaidBy, ATaskIsAnsweredByTheDeskTheDesignatedOfficerOrAReviewer) {
    for (const auto* role : {"ffd", "edt", "lado"})
        EXPECT_EQ(at_police(about_item("task_answered", hub, role)), 1U) << role;
    EXPECT_EQ(at_hub(about_item("task_answered", police, "manager")), 1U) << "reviews its own";
    EXPECT_EQ(at_police(about_item("task_answered", health, "hv")), 0U);
    EXPECT_TRUE(was_heard());
    auto colleague = about_item("task_answered", care, "mco");
    colleague.sender = care;
    EXPECT_EQ(at_hub(colleague), 0U);
    auto others = about_item("task_answered", police, "manager");
    others.sender = health;
    EXPECT_EQ(at_hub(others), 0U);
}

TEST_F(SaidBy, ASeatThatIsNotListedYetIsWaitedFor) {
    const Seat lado{police, RoleId("lado")};
    auto said = about_item("task_answered", police, "lado");
    EXPECT_EQ(at_hub(said), 0U);
    EXPECT_FALSE(was_heard()) << "the registry that we have may be the older one";
    list_seat(world, world.hub, lado);
    EXPECT_EQ(at_hub(said), 1U);
    EXPECT_TRUE(was_heard());
}

TEST_F(SaidBy, AConflictIsTheFrontDoorsOrTheDesignatedOfficers) {
    for (const auto* what : {"conflict_declared", "conflict_ended"}) {
        SaidElsewhere said;
        said.what = what;
        said.subject = {7};
        said.detail = what == std::string("conflict_declared") ? R"({"people": []})" : "";
        said.decider = {police, RoleId("pol")};
        EXPECT_EQ(at_hub(said), 0U) << what;
        EXPECT_TRUE(was_heard());
        auto about = about_item(what, hub, "ffd");
        EXPECT_EQ(at_police(about), 0U) << "no conflict is about a notification";
    }
}

TEST_F(SaidBy, AWithdrawalIsOfTheAgencysOwnRecordAndAboutNoNotification) {
    SaidElsewhere said;
    said.what = "agreement_withdrawn";
    said.decider = {health, RoleId("member")};
    said.subject = {9};
    EXPECT_EQ(at_hub(said), 1U) << "any member may take it down";
    const auto sent = world.send(world.police, world.missing_child());
    said.subject = sent.value();
    EXPECT_EQ(at_hub(said), 0U) << "it would stand beside what was sent";
    auto about = about_item("agreement_withdrawn", health, "member");
    EXPECT_EQ(at_hub(about), 0U);
}

}  // namespace
}  // namespace mash::runtime::testing
