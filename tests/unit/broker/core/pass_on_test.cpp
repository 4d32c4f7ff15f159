// Who is told by whom of what a sender says who may not know who is involved: by the front door's
// agent, or by a person with a task; and of whom nobody is shown anything.
#include <algorithm>

#include "broker/core/records.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::token;
using wire::TaskKind;

const Seat health_visitor = seat("health", "hv");
const Seat social_worker = seat("social-care", "sw");
const Seat school = seat("orchard-gate", "sch");
const InboxId pass_on_inbox("hub.pass_on");

class PassOn : public BrokerFixture {
protected:
    wire::RoutingFacts concern(const Seat& from = school) {
        auto facts = test::facts_about(from.agency, from.role, TypeId("exploitation_concern"),
                                       {token(1)}, now.wall);
        facts.harm = wire::Harm::likely_or_actual;
        return facts;
    }
    wire::RoutingFacts passing(const wire::RoutingFacts& said) {
        auto facts = said;
        facts.passed_on_from = {said.sender, said.sender_role};
        facts.sender = hub;
        facts.sender_role = RoleId("pass_on");
        return facts;
    }
    std::vector<wire::Task> tasks() {
        std::vector<wire::Task> out;
        for (auto& notice : unasked_of<wire::TaskNotice>(hub_host)) {
            if (notice.task.kind == TaskKind::pass_on) out.push_back(std::move(notice.task));
        }
        return out;
    }
    void everybody_works_with_the_child() {
        claim(school_host, school, "school", {token(1)});
        claim(care_host, social_worker, "social_worker", {token(1)});
        claim(health_host, health_visitor, "health_visitor", {token(1)});
        unasked(hub_host);
    }
};

TEST_F(PassOn, TheSenderSeesTheSameWhetherOrNotSomebodyIsInvolved) {
    const auto alone = plan(school_host, notification(1), concern());
    ASSERT_TRUE(recipients(alone).contains(pass_on_inbox));
    everybody_works_with_the_child();
    const auto among = plan(school_host, notification(2), concern());
    EXPECT_EQ(alone.decision, among.decision);
    EXPECT_TRUE(among.facts.claims.empty());
}

TEST_F(PassOn, WhomTheAgentTellsIsNoTaskAndTheOthersAre) {
    everybody_works_with_the_child();
    send(school_host, notification(1), concern());
    const auto open = tasks();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().role, social_worker.role) << "that route is not automatic";
}

TEST_F(PassOn, WhatAPersonPassesOnIsTheTaskDone) {
    everybody_works_with_the_child();
    send(school_host, notification(1), concern());
    ASSERT_EQ(tasks().size(), 1U);
    auto other_child = concern(seat("hub", "ffd"));
    other_child.markers = {"passed_on"};
    other_child.tokens = {token(2)};
    claim(care_host, social_worker, "social_worker", {token(2)});
    send(hub_host, notification(2), other_child);
    EXPECT_TRUE(unasked_of<wire::TaskClosed>(hub_host).empty()) << "that was about another child";
    auto own = concern(seat("hub", "ffd"));
    own.markers = {"passed_on"};
    own.addressed_to = {social_worker};
    send(hub_host, notification(3), own);
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 1U);
}

TEST_F(PassOn, OfTwoTasksAboutOneSeatAPersonSaysWhichIsDone) {
    everybody_works_with_the_child();
    send(school_host, notification(1), concern());
    send(school_host, notification(2), concern());
    ASSERT_EQ(tasks().size(), 2U);
    auto own = concern(seat("hub", "ffd"));
    own.markers = {"passed_on"};
    own.addressed_to = {social_worker};
    send(hub_host, notification(3), own);
    EXPECT_TRUE(unasked_of<wire::TaskClosed>(hub_host).empty());
}

TEST_F(PassOn, WhatItsAgentCannotOpenAPersonPassesOnToEverybody) {
    everybody_works_with_the_child();
    send(school_host, notification(1), concern());
    std::optional<wire::Delivery> came;
    for (auto& delivery : unasked_of<wire::Delivery>(hub_host)) {
        if (delivery.parcel.recipient == pass_on_inbox) came = std::move(delivery);
    }
    ASSERT_TRUE(came);
    confirm(hub_host, *came, wire::Rung::stored);
    EXPECT_TRUE(tasks().empty());
    confirm(hub_host, *came, wire::Rung::undecryptable);
    const auto open = tasks();
    ASSERT_EQ(open.size(), 1U) << "the social worker's task stands already; the school has said it";
    EXPECT_EQ(open.front().role, health_visitor.role);
    confirm(hub_host, *came, wire::Rung::undecryptable);
    EXPECT_TRUE(tasks().empty()) << "once";
}

TEST_F(PassOn, WithoutAKeyForItsInboxAPersonPassesOnAndNobodyIsRungAboutTheInbox) {
    area.change_registry(
        [](area::Registry& registry) {
            auto& seats = registry.agencies.at(hub).seats;
            std::erase_if(seats, [](const auto& one) { return one.inbox == pass_on_inbox; });
            seats.push_back({RoleId("pass_on"), InboxId("hub.pass_on_2"), false, std::nullopt, ""});
        },
        now.wall);
    load_documents();
    everybody_works_with_the_child();
    send(school_host, notification(1), concern());
    std::set<RoleId> about;
    for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host)) {
        about.insert(notice.task.role);
        EXPECT_NE(notice.task.role, RoleId("pass_on"));
    }
    EXPECT_TRUE(about.contains(health_visitor.role));
    EXPECT_TRUE(about.contains(social_worker.role));
}

TEST_F(PassOn, ItsOwnPlanReachesTheInvolvedAndOpensNoTask) {
    everybody_works_with_the_child();
    const auto agreed = plan(hub_host, notification(1), passing(concern()));
    EXPECT_EQ(recipients(agreed), std::set<InboxId>{InboxId("health.hv")});
    publish(hub_host, test::seal(area, agreed, passing(concern()), now.wall));
    EXPECT_TRUE(tasks().empty());
    EXPECT_EQ(unasked_of<wire::Delivery>(health_host).size(), 1U);
}

TEST_F(PassOn, ARegisteredConflictAtTheInvolvedIsAsSilentAsEver) {
    everybody_works_with_the_child();
    claim(school_host, seat("teme-meadow", "sch"), "school", {token(1)});
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(1), {token(1)},
                                                {InboxId("teme-meadow.sch")}, now.wall));
    send(hub_host, notification(1), passing(concern()));
    std::set<InboxId> delivered;
    for (const auto& delivery : unasked_of<wire::Delivery>(school_host))
        delivered.insert(statement(delivery).inbox);
    EXPECT_EQ(delivered, std::set<InboxId>{InboxId("teme-meadow.sch2")});
}

class ProtectedChild : public PassOn {
protected:
    ProtectedChild() {
        everybody_works_with_the_child();
        claim(care_host, social_worker, "protected", {token(1)});
        unasked(hub_host);
    }
};

TEST_F(ProtectedChild, IsInNobodysPlanButThoseOfFrontDoorAndSocialCare) {
    const std::vector<std::tuple<HostId, Seat, bool>> senders{
        {police_host, seat("police-wm", "pol"), false}, {health_host, health_visitor, false},
        {health_host, seat("health", "urg"), false},    {school_host, school, false},
        {hub_host, seat("hub", "pass_on"), false},      {hub_host, seat("hub", "ffd"), true},
        {hub_host, seat("hub", "edt"), true},           {care_host, social_worker, true}};
    std::uint64_t number = 0;
    std::size_t shown = 0;
    for (const char* word :
         {"exploitation_concern", "missing_episode_updated", "education_status_changed",
          "safeguarding_referral", "domestic_abuse_incident", "child_death_notice"}) {
        const TypeId type(word);
        for (const auto& [host, from, may] : senders) {
            auto facts = concern(from);
            facts.type = type;
            if (from.role == RoleId("ffd") || from.role == RoleId("edt"))
                facts.markers = {"passed_on"};
            if (from.role == RoleId("pass_on")) facts.passed_on_from = seat("teme-meadow", "sch");
            const auto agreed = plan(host, notification(++number), facts);
            if (!may) {
                EXPECT_TRUE(agreed.facts.claims.empty())
                    << type.value() << " by " << from.role.value();
                for (const auto& recipient : agreed.decision.recipients) {
                    EXPECT_NE(recipient.seat, health_visitor);
                    EXPECT_NE(recipient.seat, social_worker);
                }
            }
            if (may) shown += agreed.facts.claims.size();
        }
    }
    EXPECT_GT(shown, 0U) << "the desks do see them";
}

TEST_F(ProtectedChild, LooksToTheSenderLikeAChildWithWhomNobodyWorks) {
    auto facts = concern(seat("police-wm", "pol"));
    const auto hidden = plan(police_host, notification(1), facts);
    facts.tokens = {token(2)};
    EXPECT_EQ(plan(police_host, notification(2), facts).decision, hidden.decision);
}

TEST_F(ProtectedChild, IsPassedOnByAPersonOnly) {
    send(school_host, notification(1), concern());
    std::set<RoleId> about;
    for (const auto& task : tasks()) about.insert(task.role);
    EXPECT_EQ(about, (std::set<RoleId>{health_visitor.role, social_worker.role}));
}

TEST_F(ProtectedChild, SaidByPoliceIsATaskForEachOfTheInvolved) {
    send(police_host, notification(1), concern(seat("police-wm", "pol")));
    std::set<RoleId> about;
    for (const auto& task : tasks()) about.insert(task.role);
    EXPECT_EQ(about, (std::set<RoleId>{health_visitor.role, school.role, social_worker.role}));
}

/// Who says that the child is protected knows the child by other identifiers than the sender does.
class ProtectedByAnotherRecord : public PassOn {
protected:
    void know(const HostId& host, const Seat& of, const std::string& relation,
              std::vector<wire::Token> tokens) {
        std::ranges::sort(tokens);
        claim(host, of, relation, std::move(tokens));
    }
    wire::RoutingFacts said_by(const Seat& from, std::vector<wire::Token> tokens) {
        auto facts = concern(from);
        std::ranges::sort(tokens);
        facts.tokens = std::move(tokens);
        return facts;
    }
    std::set<RoleId> sent(const HostId& host, const wire::RoutingFacts& facts) {
        unasked(hub_host);
        send(host, notification(++last), facts);
        std::set<RoleId> about;
        for (const auto& task : tasks()) about.insert(task.role);
        return about;
    }
    bool shows_somebody(const HostId& host, const wire::RoutingFacts& facts) {
        return !plan(host, notification(++last), facts).facts.claims.empty();
    }
    const Seat officer = seat("police-wm", "pol");
    const wire::Token number = token(2);
    const wire::Token old_home = token(3, wire::TokenKind::name_dob_postcode);
    const wire::Token new_home = token(4, wire::TokenKind::name_dob_postcode);
    const wire::Token alike = token(5, wire::TokenKind::name_dob);
    std::uint64_t last = 0;
};

TEST_F(ProtectedByAnotherRecord, AnOldHomeOnARollShowsNobodyTheSchool) {
    know(school_host, school, "school", {old_home, number});
    const auto facts = said_by(officer, {old_home});
    EXPECT_TRUE(shows_somebody(police_host, facts));
    know(care_host, social_worker, "protected", {number, new_home});
    EXPECT_FALSE(shows_somebody(police_host, facts));
    EXPECT_EQ(sent(police_host, facts), std::set{school.role}) << "a person tells the school";
}

TEST_F(ProtectedByAnotherRecord, WhoMayBeTheProtectedChildIsShownToNobodyEither) {
    know(school_host, school, "school", {old_home, alike});
    know(care_host, social_worker, "protected", {number, new_home, alike});
    const auto facts = said_by(officer, {old_home, alike});
    EXPECT_FALSE(shows_somebody(police_host, facts));
    EXPECT_EQ(sent(police_host, facts), std::set{school.role});
    EXPECT_FALSE(shows_somebody(police_host, said_by(officer, {old_home})))
        << "the roll has the name and birth date";
    EXPECT_TRUE(shows_somebody(hub_host, said_by(seat("hub", "ffd"), {old_home, alike})));
}

TEST_F(ProtectedByAnotherRecord, IsPassedOnByAPersonWhoeverSaysIt) {
    know(health_host, health_visitor, "health_visitor", {old_home, number});
    EXPECT_EQ(sent(school_host, said_by(school, {old_home})), std::set<RoleId>{});
    know(care_host, social_worker, "protected", {number, new_home});
    EXPECT_EQ(sent(school_host, said_by(school, {old_home})), std::set{health_visitor.role});
    auto again = passing(said_by(school, {old_home}));
    EXPECT_FALSE(shows_somebody(hub_host, again));
}

TEST_F(ProtectedByAnotherRecord, ReachesNobodyThroughAThirdRecord) {
    know(school_host, school, "school", {old_home, number});
    know(health_host, health_visitor, "health_visitor", {number});
    know(care_host, social_worker, "protected", {number, new_home});
    const auto planned =
        plan(hub_host, notification(++last), said_by(seat("hub", "ffd"), {old_home}));
    for (const auto& fact : planned.facts.claims) {
        const auto body = wire::decode_body<wire::InvolvementClaim>(fact.body);
        ASSERT_TRUE(body);
        EXPECT_EQ(body->seat, school);
    }
}

TEST_F(ProtectedByAnotherRecord, TwoVerifiedNumbersAreTwoChildrenAndTheOtherIsNotProtected) {
    const auto other_number = token(9);
    know(school_host, school, "school", {other_number, alike});
    know(care_host, social_worker, "protected", {number, alike});
    EXPECT_TRUE(shows_somebody(police_host, said_by(officer, {other_number, alike})));
}

TEST_F(ProtectedByAnotherRecord, ManyProtectedUnderOneWeakIdentifierAreAllProtected) {
    // A home of refuge: all of them given 1 January.
    const auto home = token(6, wire::TokenKind::dob_postcode);
    for (std::uint64_t child = 20; child < 40; ++child)
        know(care_host, social_worker, "protected",
             {token(child), home, token(child, wire::TokenKind::name_dob)});
    for (std::uint64_t child = 20; child < 40; ++child) {
        const auto name = token(child, wire::TokenKind::name_dob);
        const auto pupil = token(child, wire::TokenKind::upn_dob);
        know(school_host, school, "school", {pupil, name});
        EXPECT_FALSE(shows_somebody(police_host, said_by(officer, {pupil, name}))) << child;
        EXPECT_FALSE(shows_somebody(police_host, said_by(officer, {pupil, home}))) << child;
    }
}

}  // namespace
}  // namespace mash::broker
