// Relations that are asked for and not deposited: who is asked, what a question shows, what a yes
// does and for which notification; and as carefully what it does not.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "broker/core/records.hpp"
#include "common/base/limits.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using wire::TaskKind;
using wire::TokenKind;

const Seat worker = seat("social-care", "sw");
const Seat school = seat("orchard-gate", "sch");
const InboxId worker_inbox{"social-care.sw"};
const InboxId school_inbox{"orchard-gate.sch"};

std::string relation_text(const std::string& title, const std::string& mode) {
    return "title = \"" + title + "\"\nmode = \"" + mode + "\"";
}

class AskHolders : public BrokerFixture {
protected:
    AskHolders() {
        change_mode("The child has an allocated social worker", "index", "ask");
        for (const auto& host : {police_host, care_host, hub_host, health_host, school_host})
            unasked(host);
        log.clear();
    }
    void change_mode(const std::string& title, const std::string& from, const std::string& to) {
        area.change_policy(relation_text(title, from), relation_text(title, to), now.wall);
        load_documents();
    }
    static ClaimId question_id(std::uint64_t of, const Seat& asked = worker,
                               const std::string& relation = "social_worker") {
        return wire::asked_claim_id(police, notification(of), asked, relation);
    }
    std::vector<wire::InvolvementQuestion> questions(const HostId& host = care_host) {
        return unasked_of<wire::InvolvementQuestion>(host);
    }
    wire::InvolvementAnswer no(std::uint64_t of) {
        wire::InvolvementAnswer answer;
        answer.question = question_id(of);
        answer.asked = worker;
        answer.relation = "social_worker";
        return answer;
    }
    /// Leased for as long as agents do.
    wire::SignedClaim claim_of(const Seat& asked, const std::string& relation,
                               std::vector<wire::Token> tokens, const ClaimId& question,
                               std::uint64_t serial = 1) {
        auto made = area.claim(asked, relation, std::move(tokens), now.wall, serial, question);
        auto body = *wire::decode_body<wire::InvolvementClaim>(made.body);
        body.lease_until = now.wall + std::chrono::hours(24 * 14);
        made.body = wire::encode_body(body);
        made.signature =
            crypto::sign(area.signing_key(asked.agency), wire::label::claim, made.body);
        return made;
    }
    wire::InvolvementAnswer yes(std::uint64_t of, std::vector<wire::Token> tokens,
                                std::uint64_t serial = 1) {
        auto answer = no(of);
        answer.claim =
            claim_of(worker, "social_worker", std::move(tokens), question_id(of), serial);
        return answer;
    }
    wire::DisclosurePlan planned(std::uint64_t of, std::uint64_t child = 1) {
        return plan(police_host, notification(of), missing_child(child, now.wall));
    }
    bool reaches_worker(const wire::DisclosurePlan& plan) {
        return recipients(plan).contains(worker_inbox);
    }
    std::size_t logged(LogEvent event) {
        return static_cast<std::size_t>(std::ranges::count(log, event, &Recorded::event));
    }
};

TEST_F(AskHolders, NobodyIsAskedBeforeItIsAcceptedAndNothingWaitsForThem) {
    const auto first = planned(1);
    EXPECT_FALSE(reaches_worker(first));
    EXPECT_TRUE(questions().empty());
    publish(police_host, test::seal(area, first, missing_child(1, now.wall), now.wall));
    const auto asked = questions();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].asked, worker);
    EXPECT_EQ(asked[0].relation, "social_worker");
    EXPECT_EQ(asked[0].id, question_id(1));
    EXPECT_TRUE(questions(school_host).empty()) << "its relation is deposited";
    EXPECT_EQ(logged(LogEvent::involvement_asked), 1U);
}

TEST_F(AskHolders, AQuestionShowsNothingToWhoDoesNotHoldTheToken) {
    send(police_host, notification(1), missing_child(1, now.wall));
    send(police_host, notification(2), missing_child(1, now.wall));
    const auto asked = questions();
    ASSERT_EQ(asked.size(), 2U);
    for (const auto& question : asked) {
        ASSERT_EQ(question.tokens.size(), 1U);
        EXPECT_NE(question.tokens[0].value, token(1).value);
        EXPECT_EQ(question.tokens[0], wire::asked_token(question.id, token(1)));
    }
    EXPECT_NE(asked[0].tokens[0].value, asked[1].tokens[0].value)
        << "nobody can tell that it is the same child";
    EXPECT_NE(asked[0].id, asked[1].id);
}

TEST_F(AskHolders, AYesIsPlannedAndServedForThatNotificationAlone) {
    const auto facts = missing_child(1, now.wall);
    const auto offer = test::seal(area, planned(1), facts, now.wall);
    publish(police_host, offer);
    questions();
    unasked(police_host);
    const auto said = yes(1, {token(1), token(1, TokenKind::upn_dob)});
    expect<wire::Done>(care_host, said);
    EXPECT_EQ(logged(LogEvent::involvement_known), 1U);
    const auto told = unasked_of<wire::InvolvementAnswer>(police_host);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].claim, said.claim);
    EXPECT_EQ(told[0].notification, notification(1));
    const auto later = plan(police_host, notification(1), facts);
    EXPECT_TRUE(reaches_worker(later));
    ASSERT_EQ(later.facts.claims.size(), 1U);
    EXPECT_EQ(later.facts.claims[0], *said.claim);
    std::set<InboxId> reached;
    for (const auto& parcel : offer.notification.parcels) reached.insert(parcel.recipient);
    expect<wire::Accepted>(police_host, test::supplement(area, later, facts, reached, now.wall));
    const auto deliveries = unasked_of<wire::Delivery>(care_host);
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(deliveries[0].parcel.recipient, worker_inbox);
    EXPECT_FALSE(reaches_worker(planned(2))) << "of another notification nobody has asked yet";
    advance(std::chrono::minutes(5));
    EXPECT_TRUE(unasked_of<wire::InvolvementAnswer>(police_host).empty()) << "it knows";
    EXPECT_TRUE(questions().empty());
}

TEST_F(AskHolders, AYesThatTheSenderGivesBackAPersonOfTheFrontDoorPassesOn) {
    send(police_host, notification(1), missing_child(1, now.wall));
    unasked(police_host);
    expect<wire::Done>(care_host, yes(1, {token(1)}));
    const auto told = unasked_of<wire::InvolvementAnswer>(police_host);
    ASSERT_EQ(told.size(), 1U);
    unasked(hub_host);
    expect<wire::Done>(police_host, told[0]);
    std::vector<wire::Task> open;
    for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host)) {
        if (notice.task.kind == TaskKind::pass_on) open.push_back(notice.task);
    }
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(Seat(open[0].agency, open[0].role), worker);
    advance(std::chrono::minutes(5));
    EXPECT_TRUE(unasked_of<wire::InvolvementAnswer>(police_host).empty()) << "it was heard";
}

TEST_F(AskHolders, OfOneChildAsManyNotificationsAsThereAreAreAnswered) {
    constexpr std::uint64_t many = 20;
    for (std::uint64_t of = 1; of <= many; ++of) {
        send(police_host, notification(of), missing_child(1, now.wall));
        expect<wire::Done>(care_host, yes(of, {token(1)}));
    }
    EXPECT_TRUE(reaches_worker(planned(many)));
    // Answers do not use up what a list may say of one child either.
    change_mode("The child has an allocated social worker", "ask", "index");
    claim(care_host, worker, "social_worker", {token(1)});
    EXPECT_TRUE(reaches_worker(planned(many + 1)));
}

TEST_F(AskHolders, WhoIsNotAskedAnyMoreIsForgottenWithTheOthers) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto answer = yes(1, {token(1), token(1, TokenKind::upn_dob)});
    expect<wire::Done>(care_host, answer);
    area.change_registry(
        [](mash::area::Registry& registry) {
            std::erase_if(registry.agencies.at(worker.agency).seats,
                          [](const auto& entry) { return entry.role == worker.role; });
        },
        now.wall);
    load_documents();
    // The same notification, which is known by more now, is asked about anew.
    auto facts = missing_child(1, now.wall);
    facts.tokens.push_back(token(1, TokenKind::upn_dob));
    std::ranges::sort(facts.tokens);
    claim(school_host, school, "school", {token(1, TokenKind::upn_dob)});
    const auto later = plan(police_host, notification(1), facts);
    std::set<InboxId> reached;
    for (const auto& one : later.decision.recipients) {
        if (one.inbox != school_inbox) reached.insert(one.inbox);
    }
    expect<wire::Accepted>(police_host, test::supplement(area, later, facts, reached, now.wall));
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    EXPECT_EQ(rows("asked_seats"), 0U);
}

TEST_F(AskHolders, SilenceAndNoAreTheSameToEverybodyElse) {
    send(police_host, notification(1), missing_child(1, now.wall));
    send(police_host, notification(2), missing_child(2, now.wall));
    ASSERT_EQ(questions().size(), 2U);
    unasked(police_host);
    unasked(hub_host);
    const auto lines = log.size();
    expect<wire::Done>(care_host, no(1));
    EXPECT_EQ(log.size(), lines) << "nobody's no is recorded";
    EXPECT_TRUE(unasked(police_host).empty());
    EXPECT_TRUE(unasked(hub_host).empty());
    EXPECT_EQ(planned(1).decision.recipients.size(), planned(2).decision.recipients.size());
    advance(std::chrono::minutes(2));
    const auto again = questions();
    ASSERT_FALSE(again.empty());
    EXPECT_TRUE(std::ranges::all_of(again, [](const auto& question) {
        return question.id == question_id(2);
    })) << "who was silent is asked again";
}

TEST_F(AskHolders, WhoIsOfflineIsAskedOnceConnectedWhileTheNotificationLives) {
    disconnect(care_host);
    send(police_host, notification(1), missing_child(1, now.wall));
    advance(std::chrono::hours(2));
    connect(care_host);
    ASSERT_EQ(questions().size(), 1U);
    restart();
    connect(police_host);
    connect(care_host);
    ASSERT_EQ(questions().size(), 1U) << "it is kept";
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    disconnect(care_host);
    connect(care_host);
    EXPECT_TRUE(questions().empty()) << "taken back";
    EXPECT_EQ(refused(care_host, no(1)), ErrorCode::not_found);
}

TEST_F(AskHolders, NobodySaysYesWithoutTheTokensThatTheQuestionHides) {
    send(police_host, notification(1), missing_child(1, now.wall));
    const auto hidden = questions().at(0).tokens;
    EXPECT_EQ(refused(care_host, yes(1, {token(9)})), ErrorCode::bad_value);
    EXPECT_EQ(refused(care_host, yes(1, hidden)), ErrorCode::bad_value)
        << "what the question shows is no token";
    EXPECT_EQ(logged(LogEvent::claim_refused), 2U);
    EXPECT_FALSE(reaches_worker(planned(1)));
    expect<wire::Done>(care_host, yes(1, {token(1)}));
    EXPECT_TRUE(reaches_worker(planned(1)));
}

TEST_F(AskHolders, AYesIsTheAskedSeatsOwnAndOfThatQuestion) {
    send(police_host, notification(1), missing_child(1, now.wall));
    auto forged = yes(1, {token(1)});
    forged.claim->signature =
        crypto::sign(area.signing_key(health), wire::label::claim, forged.claim->body);
    EXPECT_EQ(refused(care_host, forged), ErrorCode::bad_signature);
    EXPECT_EQ(refused(health_host, yes(1, {token(1)})), ErrorCode::wrong_host)
        << "another agency's answer";
    EXPECT_EQ(refused(care_host, yes(2, {token(1)})), ErrorCode::not_found)
        << "a question that nobody asked";
    auto other = yes(1, {token(1)});
    other.claim = claim_of(worker, "social_worker", {token(1)}, question_id(2));
    EXPECT_EQ(refused(care_host, other), ErrorCode::not_entitled) << "another question's claim";
    auto seat_of_another = yes(1, {token(1)});
    seat_of_another.asked = seat("social-care", "gs");
    seat_of_another.claim =
        claim_of(seat_of_another.asked, "social_worker", {token(1)}, question_id(1));
    EXPECT_EQ(refused(care_host, seat_of_another), ErrorCode::not_found)
        << "a seat that was not asked";
    EXPECT_FALSE(reaches_worker(planned(1)));
    const auto good = yes(1, {token(1)}, 5);
    expect<wire::Done>(care_host, good);
    expect<wire::Done>(care_host, good);  // the same again
    EXPECT_EQ(refused(care_host, yes(1, {token(1), token(2)}, 4)), ErrorCode::version_went_back);
    auto long_lease = yes(1, {token(1)}, 6);
    long_lease.claim = area.claim(worker, "social_worker", {token(1)}, now.wall, 6, question_id(1));
    EXPECT_EQ(refused(care_host, long_lease), ErrorCode::bad_value)
        << "for months: that would be a register";
}

TEST_F(AskHolders, ADepositedClaimOfSuchARelationIsRefusedAndOneFromBeforeCountsNoMore) {
    EXPECT_EQ(refused(care_host, wire::ClaimInvolvement{{area.claim(worker, "social_worker",
                                                                    {token(1)}, now.wall)}}),
              ErrorCode::not_available);
    claim(school_host, school, "school", {token(1)});
    EXPECT_TRUE(recipients(planned(1)).contains(school_inbox));
    change_mode("The child is on this school's roll", "index", "ask");
    EXPECT_FALSE(recipients(planned(2)).contains(school_inbox)) << "it is asked for from now on";
    const auto held = rows("claims_by_token");
    wire::ReplaceRoll nobody;
    nobody.agency = school.agency;
    nobody.seat = school;
    nobody.relation = "school";
    nobody.serial = 99;
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, nobody).ended, 1U);
    EXPECT_LT(rows("claims_by_token"), held);
    nobody.serial = 100;
    nobody.claims = {area.claim(school, "school", {token(1)}, now.wall, 100)};
    EXPECT_EQ(refused(school_host, nobody), ErrorCode::not_available);
}

TEST_F(AskHolders, WhomTheSenderMayNotKnowTheFrontDoorPassesOnTo) {
    auto facts = test::facts_about(school.agency, school.role, TypeId("exploitation_concern"),
                                   {token(1)}, now.wall);
    facts.harm = wire::Harm::likely_or_actual;
    const auto first = plan(school_host, notification(1), facts);
    publish(school_host, test::seal(area, first, facts, now.wall));
    unasked(school_host);
    unasked(hub_host);
    auto said = no(1);
    said.question = wire::asked_claim_id(school.agency, notification(1), worker, "social_worker");
    said.claim = claim_of(worker, "social_worker", {token(1)}, said.question);
    expect<wire::Done>(care_host, said);
    EXPECT_TRUE(unasked(school_host).empty()) << "the sender learns nothing, now or later";
    EXPECT_EQ(plan(school_host, notification(1), facts).decision, first.decision);
    const auto notices = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].task.kind, TaskKind::pass_on);
    EXPECT_EQ(Seat(notices[0].task.agency, notices[0].task.role), worker);
    // A person of the front door passes it on: the answer counts for that too, and for nothing
    // else that the front door sends.
    auto passed_on = test::facts_about(hub, RoleId("ffd"), facts.type, {token(1)}, now.wall);
    passed_on.harm = facts.harm;
    EXPECT_FALSE(recipients(plan(hub_host, notification(8), passed_on)).contains(worker_inbox));
    passed_on.markers = {"passed_on"};
    EXPECT_TRUE(recipients(plan(hub_host, notification(9), passed_on)).contains(worker_inbox));
}

// ---- the record for an auditor ----

TEST_F(AskHolders, WhatWasAskedAndWhoSaidYesIsListedForAnAuditorAndNobodysNoOrToken) {
    const auto listed = [&](const std::string& more = {}) {
        return nlohmann::json::parse(
            ask_operator(OperatorCommand::Kind::requests, "of_holders " + more));
    };
    EXPECT_TRUE(listed().at("requests").empty());
    const auto first = now.wall;
    send(police_host, notification(1), missing_child(1, now.wall));
    advance(std::chrono::minutes(10));
    const auto second = now.wall;
    send(police_host, notification(2), missing_child(2, now.wall));
    send(police_host, notification(3), missing_child(3, now.wall));
    expect<wire::Done>(care_host, yes(1, {token(1)}));
    expect<wire::Done>(care_host, no(2));
    const auto all = listed();
    EXPECT_TRUE(all.at("all").get<bool>());
    ASSERT_EQ(all.at("requests").size(), 3U);
    EXPECT_EQ(all.at("requests").at(0).at("at"), to_rfc3339(second)) << "newest first";
    const auto& oldest = all.at("requests").at(2);
    EXPECT_EQ(oldest, (nlohmann::json{{"at", to_rfc3339(first)},
                                      {"agency", police.value()},
                                      {"notification", to_text(notification(1))},
                                      {"type", "missing_episode_started"},
                                      {"relation", "social_worker"},
                                      {"asked", 1},
                                      {"known", {"social-care/sw"}},
                                      {"over", false}}));
    const auto of = [&](std::uint64_t number) {
        for (auto row : all.at("requests")) {
            if (row.at("notification") != to_text(notification(number))) continue;
            row.erase("notification");
            return row;
        }
        return nlohmann::json();
    };
    EXPECT_EQ(of(2), of(3)) << "no and silence are the same here too";
    for (const auto& said : {token(1), wire::asked_token(question_id(1), token(1))})
        EXPECT_EQ(all.dump().find(to_hex(said.value)), std::string::npos);
    EXPECT_EQ(listed("since=" + to_rfc3339(second)).at("requests").size(), 2U);
    EXPECT_TRUE(listed("agency=health").at("requests").empty());
    EXPECT_EQ(listed("agency=" + police.value()).at("requests").size(), 3U);
    // It stays when the content and the answers go.
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    const auto later = listed().at("requests").at(2);
    EXPECT_EQ(later.at("known"), nlohmann::json({"social-care/sw"}));
    EXPECT_TRUE(later.at("over").get<bool>());
}

// ---- what the front door's agent passes on by itself ----

class AskedAndPassedOn : public AskHolders {
protected:
    AskedAndPassedOn() {
        change_mode("Health visiting or school nursing works with the child", "index", "ask");
        concern = test::facts_about(school.agency, school.role, TypeId("exploitation_concern"),
                                    {token(1)}, now.wall);
        concern.harm = wire::Harm::likely_or_actual;
        const auto planned = plan(school_host, notification(1), concern);
        offer = test::seal(area, planned, concern, now.wall);
        publish(school_host, offer);
        for (const auto& host : {school_host, hub_host}) unasked(host);
        said.asked = visitor;
        said.relation = "health_visitor";
        said.question =
            wire::asked_claim_id(school.agency, notification(1), visitor, said.relation);
        said.claim = claim_of(visitor, said.relation, {token(1)}, said.question);
    }
    wire::RoutingFacts passed_on() {
        auto facts = concern;
        facts.passed_on_from = {concern.sender, concern.sender_role};
        facts.sender = hub;
        facts.sender_role = RoleId("pass_on");
        return facts;
    }
    /// As the front door's agent sends it back; with the claim when it can add nobody any more.
    wire::InvolvementAnswer heard(bool takes_it_up) {
        auto back = said;
        back.notification = notification(1);
        if (takes_it_up) back.claim.reset();
        return back;
    }
    /// A minute later, what the front door's agent is told, and whether a person has it to do.
    std::pair<bool, bool> told_to_front_door() {
        advance(std::chrono::minutes(1));
        std::pair<bool, bool> out;
        for (const auto& frame : unasked(hub_host)) {
            const auto* notice = std::get_if<wire::TaskNotice>(&frame.body);
            out.first |= std::holds_alternative<wire::InvolvementAnswer>(frame.body);
            out.second |= notice != nullptr && notice->task.kind == TaskKind::pass_on;
        }
        return out;
    }
    static constexpr std::pair nothing{false, false};
    static constexpr std::pair the_agent{true, false};
    static constexpr std::pair a_person{false, true};
    const Seat visitor = seat("health", "hv");
    const InboxId visitor_inbox{"health.hv"};
    wire::RoutingFacts concern;
    wire::Publish offer;
    wire::InvolvementAnswer said;
};

TEST_F(AskedAndPassedOn, AYesIsToldToTheFrontDoorsAgentUntilItHasHeardAndToNobodyElse) {
    expect<wire::Done>(health_host, said);
    const auto told = unasked_of<wire::InvolvementAnswer>(hub_host);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].claim, said.claim);
    EXPECT_EQ(told[0].notification, notification(1));
    EXPECT_TRUE(unasked(school_host).empty()) << "the sender learns nothing";
    EXPECT_TRUE(recipients(plan(hub_host, notification(9), passed_on())).contains(visitor_inbox));
    EXPECT_EQ(told_to_front_door(), the_agent)
        << "a plan may have been under way: it is said until it is heard, and no person has it";
    restart();
    connect(hub_host);
    EXPECT_EQ(told_to_front_door(), the_agent) << "it is kept";
    connect(health_host);
    expect<wire::Done>(health_host, heard(true));
    EXPECT_EQ(told_to_front_door(), the_agent) << "who was not told it has not heard it";
    expect<wire::Done>(hub_host, heard(true));
    EXPECT_EQ(told_to_front_door(), nothing);
    expect<wire::Done>(hub_host, heard(false));
    EXPECT_EQ(told_to_front_door(), nothing) << "said twice it is still done";
}

TEST_F(AskedAndPassedOn, WhatTheAgentGivesBackAPersonPassesOn) {
    expect<wire::Done>(health_host, said);
    unasked(hub_host);
    expect<wire::Done>(hub_host, heard(false));
    const auto notices = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].task.kind, TaskKind::pass_on);
    EXPECT_EQ(Seat(notices[0].task.agency, notices[0].task.role), visitor);
    EXPECT_FALSE(told_to_front_door().first);
    EXPECT_TRUE(unasked_of<wire::TaskNotice>(school_host).empty());
}

TEST_F(AskedAndPassedOn, AYesOfWhatItsAgentCouldNotOpenAPersonPassesOn) {
    const auto pass_on = [&] {
        connect(hub_host);
        std::optional<wire::Delivery> came;
        for (auto& delivery : unasked_of<wire::Delivery>(hub_host)) {
            if (delivery.parcel.recipient == InboxId("hub.pass_on")) came = std::move(delivery);
        }
        return came;
    }();
    ASSERT_TRUE(pass_on);
    confirm(hub_host, *pass_on, wire::Rung::stored);
    confirm(hub_host, *pass_on, wire::Rung::undecryptable);
    unasked(hub_host);
    expect<wire::Done>(health_host, said);
    std::vector<wire::Task> open;
    for (const auto& frame : unasked(hub_host)) {
        EXPECT_FALSE(std::holds_alternative<wire::InvolvementAnswer>(frame.body))
            << "that agent has nothing to add it to";
        const auto* notice = std::get_if<wire::TaskNotice>(&frame.body);
        if (notice != nullptr && notice->task.kind == TaskKind::pass_on)
            open.push_back(notice->task);
    }
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(Seat(open[0].agency, open[0].role), visitor);
    EXPECT_EQ(told_to_front_door(), a_person);
}

TEST_F(AskedAndPassedOn, ALateYesIsToldAllTheSameAndNotAfterARecall) {
    disconnect(health_host);
    advance(std::chrono::hours(24 * 3));
    connect(health_host);
    expect<wire::Done>(health_host, said);
    EXPECT_EQ(told_to_front_door(), the_agent);
    expect<wire::Done>(school_host, test::recall(area, school.agency, notification(1), now.wall));
    unasked(hub_host);
    EXPECT_EQ(told_to_front_door(), nothing);
}

TEST_F(AskedAndPassedOn, AYesThatRanOutBeforeItWasHeardIsAskedForAgain) {
    disconnect(hub_host);
    expect<wire::Done>(health_host, said);
    unasked(health_host);
    advance(std::chrono::hours(24 * 14) + std::chrono::hours(1));
    EXPECT_FALSE(questions(health_host).empty());
}

TEST_F(AskedAndPassedOn, WhereTheChildIsProtectedAPersonPassesOn) {
    claim(care_host, worker, "protected", {token(1)});
    expect<wire::Done>(health_host, said);
    EXPECT_EQ(told_to_front_door(), a_person);
}

TEST_F(AskHolders, WhereTheChildMayBeAProtectedOneAPersonPassesOn) {
    const auto alike = token(7, TokenKind::name_dob);
    claim(care_host, worker, "protected", {token(2, TokenKind::upn_dob), alike});
    auto facts = missing_child(1, now.wall);
    facts.tokens = {token(1), alike};
    std::ranges::sort(facts.tokens);
    send(police_host, notification(1), facts);
    for (const auto& host : {police_host, hub_host}) unasked(host);
    expect<wire::Done>(care_host, yes(1, {token(1)}));
    EXPECT_TRUE(unasked_of<wire::InvolvementAnswer>(police_host).empty());
    const auto notices = unasked_of<wire::TaskNotice>(hub_host);
    EXPECT_TRUE(std::ranges::any_of(
        notices, [](const auto& notice) { return notice.task.kind == TaskKind::pass_on; }));
}

TEST_F(AskHolders, ManyAnswersAboutAChildHideNobodysClaim) {
    const auto later = seat("teme-meadow", "sch");
    claim(school_host, later, "school", {token(1)});
    std::uint64_t of = 1;
    const auto reaches_school = [&] {
        return recipients(planned(++of)).contains(InboxId("teme-meadow.sch"));
    };
    ASSERT_TRUE(reaches_school());
    for (int episode = 0; episode < 520; ++episode) {
        send(police_host, notification(++of), missing_child(1, now.wall));
        expect<wire::Done>(care_host, yes(of, {token(1)}));
        if (episode % 50 == 0) advance(std::chrono::minutes(10));
        for (const auto& host : {police_host, care_host, hub_host, health_host, school_host})
            unasked(host);
    }
    EXPECT_TRUE(reaches_school());
    const auto last = of - 1;
    EXPECT_TRUE(reaches_worker(planned(last))) << "and what was answered for it counts for it";
    claim(care_host, worker, "protected", {token(1)});
    EXPECT_FALSE(reaches_school());
    EXPECT_FALSE(reaches_worker(planned(last)));
}

TEST_F(AskHolders, AWeakYesIsAQuestionForTheFrontDoorAndNoAnswer) {
    wire::Token alike = token(7, TokenKind::name_dob);
    auto facts = missing_child(1, now.wall);
    facts.tokens = {alike};
    send(police_host, notification(1), facts);
    unasked(hub_host);
    unasked(police_host);
    expect<wire::Done>(care_host, yes(1, [&] {
                           std::vector<wire::Token> tokens{token(1), alike};
                           std::ranges::sort(tokens);
                           return tokens;
                       }()));
    EXPECT_TRUE(unasked_of<wire::InvolvementAnswer>(police_host).empty());
    const auto notices = unasked_of<wire::TaskNotice>(hub_host);
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].task.kind, TaskKind::possible_match);
    EXPECT_EQ(notices[0].question->claim, question_id(1));
    EXPECT_FALSE(reaches_worker(plan(police_host, notification(1), facts)));
}

TEST_F(AskHolders, AGapOfSuchARoleIsRungAboutWhenNobodyHasSaidYes) {
    // A task is said again every minute.
    const auto gaps = [&] {
        std::set<NotificationId> rung;
        for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host)) {
            if (notice.task.kind == TaskKind::not_connected && notice.task.role == RoleId("sch"))
                rung.insert(notice.task.notification);
        }
        return rung;
    };
    change_mode("The child is on this school's roll", "index", "ask");
    const auto told = [&](std::uint64_t of, std::uint64_t child) {
        auto facts = test::facts_about(police, RoleId("pol"), TypeId("domestic_abuse_incident"),
                                       {token(child)}, now.wall);
        send(police_host, notification(of), facts);
        return facts;
    };
    told(1, 1);
    EXPECT_TRUE(gaps().empty()) << "schools are asked first";
    advance(limits::involvement_answer_wait + std::chrono::minutes(1));
    EXPECT_EQ(gaps(), std::set{notification(1)});
    const auto facts = told(2, 2);
    auto said = no(2);
    said.asked = school;
    said.relation = "school";
    said.question = question_id(2, school, "school");
    said.claim = claim_of(school, "school", {token(2)}, said.question);
    expect<wire::Done>(school_host, said);
    const auto later = plan(police_host, notification(2), facts);
    ASSERT_TRUE(recipients(later).contains(school_inbox));
    std::set<InboxId> reached;
    for (const auto& one : later.decision.recipients) {
        if (one.inbox != school_inbox) reached.insert(one.inbox);
    }
    expect<wire::Accepted>(police_host, test::supplement(area, later, facts, reached, now.wall));
    advance(limits::involvement_answer_wait + std::chrono::minutes(1));
    EXPECT_EQ(gaps(), std::set{notification(1)}) << "the second reached one";
}

TEST_F(AskHolders, AnAuthorityThatIsNamedAndHasNoAgentIsRungAtOnceWhoeverElseSaysYes) {
    change_mode("Another local authority looks after the child", "index", "ask");
    auto facts = missing_child(1, now.wall);
    facts.addressed_to = {seat("southmere", "ola")};
    send(police_host, notification(1), facts);
    std::vector<wire::Task> rung;
    for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host)) {
        if (notice.task.kind == TaskKind::not_connected && notice.task.role == RoleId("ola"))
            rung.push_back(notice.task);
    }
    ASSERT_EQ(rung.size(), 1U);
    EXPECT_EQ(rung[0].agency, AgencyId("southmere"));
}

TEST_F(AskHolders, WhomAConflictKeepsOutIsNotReachedByTheQuestionNorByWhatFollows) {
    change_mode("The child is on this school's roll", "index", "ask");
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(1), {token(1)},
                                                {school_inbox}, now.wall));
    unasked(school_host);
    const auto facts = missing_child(1, now.wall);
    const auto offer = test::seal(area, planned(1), facts, now.wall);
    publish(police_host, offer);
    const auto asked = questions(school_host);
    ASSERT_EQ(asked.size(), 2U) << "each school's agent, and no inbox, as of any child";
    wire::InvolvementAnswer said;
    said.asked = school;
    said.relation = "school";
    said.question = question_id(1, school, "school");
    said.claim = claim_of(school, "school", {token(1)}, said.question);
    expect<wire::Done>(school_host, said);
    const auto later = plan(police_host, notification(1), facts);
    ASSERT_TRUE(recipients(later).contains(school_inbox)) << "the sender learns of no conflict";
    std::set<InboxId> reached;
    for (const auto& parcel : offer.notification.parcels) reached.insert(parcel.recipient);
    expect<wire::Accepted>(police_host, test::supplement(area, later, facts, reached, now.wall));
    const auto deliveries = unasked_of<wire::Delivery>(school_host);
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(deliveries[0].parcel.recipient, InboxId("orchard-gate.sch2"));
}

TEST_F(AskHolders, AFloodWaitsAndNothingOfItIsDropped) {
    // Six relations of this row are asked: a notification is six questions.
    for (const auto& title :
         {"The child is on this school's roll", "The Get Safe team works with the child",
          "Another local authority looks after the child",
          "Health visiting or school nursing works with the child",
          "The youth justice service works with the child"})
        change_mode(title, "index", "ask");
    std::uint32_t sent = 0;
    while (logged(LogEvent::involvement_over_budget) == 0 &&
           sent < limits::involvement_questions_per_hour) {
        send(police_host, notification(++sent), missing_child(1, now.wall));
        if (sent % 20 == 0) advance(std::chrono::seconds(20));
    }
    const auto asked = logged(LogEvent::involvement_asked);
    const auto waiting = logged(LogEvent::involvement_over_budget);
    ASSERT_GT(waiting, 0U);
    EXPECT_EQ(asked + waiting, sent * 6U);
    EXPECT_GE(asked, limits::involvement_questions_per_hour);
    advance(std::chrono::minutes(3));
    EXPECT_EQ(logged(LogEvent::involvement_asked), sent * 6U) << "there is room again";
}

TEST_F(AskHolders, WhatWaitsForItsHostUsesUpNothingOfItsAgencys) {
    for (const auto& title :
         {"The child is on this school's roll", "The Get Safe team works with the child",
          "Another local authority looks after the child",
          "Health visiting or school nursing works with the child",
          "The youth justice service works with the child"})
        change_mode(title, "index", "ask");
    // Three agencies at one host, two of which use up what it may ask.
    const std::vector<AgencyId> flooding{health, orchard_gate};
    area.change_registry(
        [&](mash::area::Registry& registry) {
            for (const auto& id : flooding) {
                auto& agency = registry.agencies.at(id);
                agency.kind = registry.agencies.at(police).kind;
                agency.host = police_host;
                area::SeatEntry seat;
                seat.role = RoleId("pol");
                seat.inbox = InboxId(id.value() + ".pol");
                agency.roles.push_back(seat.role);
                agency.seats.push_back(std::move(seat));
            }
        },
        now.wall);
    load_documents();
    std::uint64_t sent = 0;
    const auto of = [&](LogEvent event, const AgencyId& agency) {
        return std::ranges::count_if(log, [&](const Recorded& line) {
            return line.event == event && line.agency == agency;
        });
    };
    const auto report = [&](const AgencyId& from) {
        auto facts = missing_child(1, now.wall);
        facts.sender = from;
        send(police_host, notification(++sent), facts);
        if (sent % 20 == 0) advance(std::chrono::seconds(20));
    };
    for (const auto& agency : flooding) {
        while (of(LogEvent::involvement_over_budget, agency) == 0 && sent < 800) report(agency);
    }
    ASSERT_LT(sent, 800U);
    // What the third asks waits for the host, and is tried again and again.
    for (int i = 0; i < 220; ++i) report(police);
    ASSERT_GT(of(LogEvent::involvement_over_budget, police), 900);
    const auto before = of(LogEvent::involvement_asked, police);
    advance(std::chrono::minutes(15));
    const auto asked = of(LogEvent::involvement_asked, police) - before;
    EXPECT_GT(asked, 400) << "of the host's 600 in that time nearly all, and not its own 300";
}

TEST_F(AskHolders, NothingOfItOutlivesTheContent) {
    send(police_host, notification(1), missing_child(1, now.wall));
    expect<wire::Done>(care_host, yes(1, {token(1)}));
    ASSERT_EQ(rows("asked_seats"), 1U);
    ASSERT_EQ(rows("claims"), 1U);
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    EXPECT_EQ(rows("asked_seats"), 0U);
    EXPECT_EQ(rows("claims"), 0U);
    EXPECT_EQ(rows("claims_by_token"), 0U);
    EXPECT_EQ(rows("asked_by_token"), 0U);
    EXPECT_EQ(rows("asked_by_item"), 0U);
    EXPECT_EQ(rows("holder_questions"), 1U) << "that it was asked, and who said yes";
}

TEST_F(AskHolders, AYesThatRanOutUnusedIsAskedForAgain) {
    send(police_host, notification(1), missing_child(1, now.wall));
    disconnect(police_host);
    expect<wire::Done>(care_host, yes(1, {token(1)}));
    questions();
    advance(std::chrono::hours(24 * 14) + std::chrono::hours(1));
    EXPECT_FALSE(questions().empty());
}

}  // namespace
}  // namespace mash::broker
