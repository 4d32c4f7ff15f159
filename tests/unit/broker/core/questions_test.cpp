// Is this the same child? When the front door is asked, who may look and answer, and what an answer
// does; and as carefully what it does not.
#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "broker/core/records.hpp"
#include "common/base/limits.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using wire::IdentityOutcome;
using wire::TaskKind;
using wire::TokenKind;

wire::Token made(TokenKind kind, std::uint8_t value) {
    wire::Token token;
    token.kind = kind;
    token.value[0] = value;
    return token;
}

class Questions : public BrokerFixture {
protected:
    explicit Questions(CoreConfig changed = {})
        : BrokerFixture(test::working_morning, std::move(changed)) {}

    const Seat worker = seat("social-care", "sw");
    const wire::Token alike = made(TokenKind::name_dob, 1);
    const wire::Token number = made(TokenKind::nhs_dob, 2);

    /// Police know a name and a birth date, and no number.
    wire::RoutingFacts missing(std::vector<wire::Token> tokens) {
        auto facts = test::missing_child(1, now.wall);
        std::ranges::sort(tokens);
        facts.tokens = std::move(tokens);
        return facts;
    }
    void know(std::vector<wire::Token> tokens) {
        std::ranges::sort(tokens);
        claim(care_host, worker, "social_worker", std::move(tokens));
    }
    std::vector<wire::TaskNotice> questions() {
        auto notices = unasked_of<wire::TaskNotice>(hub_host);
        std::erase_if(notices, [](const auto& notice) {
            return notice.task.kind != TaskKind::possible_match;
        });
        return notices;
    }
    /// Social care knows a child of that name, and police report one.
    wire::TaskNotice asked() {
        know({alike, number});
        send(police_host, notification(1), missing({alike}));
        auto open = questions();
        EXPECT_EQ(open.size(), 1U);
        return open.empty() ? wire::TaskNotice{} : open.front();
    }
    wire::AnswerIdentity answer(const wire::TaskNotice& asked, IdentityOutcome outcome,
                                std::uint64_t serial = 1) {
        const auto& person = area.person(decider);
        wire::IdentityAnswer body;
        body.question = asked.task.id;
        body.notification = asked.task.notification;
        body.sender = asked.task.sender;
        body.thread = asked.question->thread;
        body.claim = asked.question->claim;
        body.holder = {asked.task.agency, asked.task.role};
        body.relation = asked.question->relation;
        body.outcome = outcome;
        body.decider = decider;
        body.person = person.certificate.person;
        body.at = now.wall;
        body.serial = serial;
        if (edit) edit(body);
        wire::AnswerIdentity frame;
        frame.notification = body.notification;
        frame.answer.body = wire::encode_body(body);
        frame.answer.signature =
            crypto::sign(person.key, wire::label::identity_answer, frame.answer.body);
        frame.answer.certificate = person.certificate_bytes;
        frame.answer.certificate_signature = person.certificate_signature;
        return frame;
    }
    wire::LookAtIdentity look(const wire::TaskNotice& asked) {
        const auto& person = area.person(decider);
        wire::IdentityLook body;
        body.question = asked.task.id;
        body.notification = asked.task.notification;
        body.sender = asked.task.sender;
        body.claim = asked.question->claim;
        body.holder = {asked.task.agency, asked.task.role};
        body.relation = asked.question->relation;
        body.decider = decider;
        body.inbox = InboxId("hub.ffd");
        body.box_public_key = {1};
        body.person = person.certificate.person;
        body.at = now.wall;
        wire::LookAtIdentity frame;
        frame.look.body = wire::encode_body(body);
        frame.look.signature =
            crypto::sign(person.key, wire::label::identity_look, frame.look.body);
        frame.look.certificate = person.certificate_bytes;
        frame.look.certificate_signature = person.certificate_signature;
        return frame;
    }
    /// The holder is told nothing of the question, nor of the notification.
    bool was_told() {
        return std::ranges::any_of(unasked(care_host), [](const wire::BrokerFrame& frame) {
            const auto* delivery = std::get_if<wire::Delivery>(&frame.body);
            return delivery ? statement(*delivery).inbox == InboxId("social-care.sw")
                            : std::holds_alternative<wire::AnswerIdentity>(frame.body) ||
                                  std::holds_alternative<wire::LookAtIdentity>(frame.body) ||
                                  std::holds_alternative<wire::TaskNotice>(frame.body);
        });
    }
    bool reaches_worker(const wire::DisclosurePlan& plan) {
        return recipients(plan).contains(InboxId("social-care.sw"));
    }

    Seat decider = seat("hub", "ffd");
    std::function<void(wire::IdentityAnswer&)> edit;
};

TEST_F(Questions, AWeakMatchAsksTheFrontDoorAndTellsNobodyElse) {
    know({alike, number});
    EXPECT_FALSE(reaches_worker(plan(police_host, notification(1), missing({alike}))));
    EXPECT_TRUE(questions().empty()) << "nothing was sent yet";
    send(police_host, notification(1), missing({alike}));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].task.owner, decider);
    EXPECT_EQ(Seat(open[0].task.agency, open[0].task.role), worker);
    EXPECT_EQ(open[0].question->relation, "social_worker");
    EXPECT_FALSE(open[0].question->contradicted);
    EXPECT_LE(open[0].task.due, now.wall + std::chrono::hours(1)) << "never below U2";
    EXPECT_FALSE(was_told());
}

TEST_F(Questions, EachSortOfWeakMatchAsks) {
    // Another birth date at the same address; another forename there, as a twin's; a birth date of
    // which the day is not known, that day and month were swapped in, or names in each other's
    // field, which are the same token as the list's.
    std::uint64_t number_of = 0;
    for (const auto kind :
         {TokenKind::name_postcode, TokenKind::dob_postcode, TokenKind::name_dob}) {
        const auto shared = made(kind, static_cast<std::uint8_t>(50 + number_of));
        know({made(TokenKind::nhs_dob, static_cast<std::uint8_t>(60 + number_of)), shared});
        ++number_of;
        EXPECT_FALSE(reaches_worker(plan(police_host, notification(number_of), missing({shared}))));
        send(police_host, notification(number_of),
             missing(
                 {shared, made(TokenKind::name_dob, static_cast<std::uint8_t>(70 + number_of))}));
        const auto open = questions();
        ASSERT_EQ(open.size(), 1U) << static_cast<int>(kind);
        EXPECT_FALSE(open[0].question->contradicted);
        expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::same));
        EXPECT_TRUE(reaches_worker(plan(police_host, notification(number_of), missing({shared}))));
    }
    EXPECT_FALSE(was_told());
}

TEST_F(Questions, ANumberAndSurnameWithAnotherBirthDateIsAskedAboutAndReachesNobody) {
    const auto surname = made(TokenKind::nhs_surname, 3);
    know({number, surname});
    const auto facts = missing({made(TokenKind::nhs_dob, 9), surname});
    EXPECT_FALSE(reaches_worker(plan(police_host, notification(1), facts)));
    send(police_host, notification(1), facts);
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_TRUE(open[0].question->contradicted);
    EXPECT_FALSE(was_told());
    EXPECT_TRUE(reaches_worker(plan(police_host, notification(2), missing({surname}))))
        << "nobody says another";
}

TEST_F(Questions, WhatIsWeakRefusesNoListHoweverManyShareIt) {
    // A home for newly arrived children, all of them given 1 January.
    const auto home = made(TokenKind::dob_postcode, 5);
    for (std::uint8_t child = 0; child < 20; ++child) know({made(TokenKind::nhs_dob, child), home});
    send(police_host, notification(1), missing({home}));
    EXPECT_EQ(questions().size(), 8U) << "bounded";
}

/// Children whom somebody made up, or a home where all were given one birth date.
class ManyAlike : public Questions {
protected:
    void visitor_knows_eight() {
        for (std::uint8_t child = 0; child < 8; ++child) {
            std::vector tokens{alike,
                               made(TokenKind::nhs_dob, static_cast<std::uint8_t>(100 + child))};
            std::ranges::sort(tokens);
            claim(health_host, seat("health", "hv"), "health_visitor", std::move(tokens));
        }
    }
    bool is_asked_about(const Seat& holder) {
        return std::ranges::any_of(questions(), [&](const auto& open) {
            return Seat(open.task.agency, open.task.role) == holder;
        });
    }
    /// Roles that the front door has to find by telephone.
    std::set<RoleId> rung() {
        std::set<RoleId> roles;
        for (const auto& notice : unasked_of<wire::TaskNotice>(hub_host)) {
            if (notice.task.kind == TaskKind::not_connected && notice.task.agency.empty())
                roles.insert(notice.task.role);
        }
        return roles;
    }
};

TEST_F(ManyAlike, OfOneAgencySilenceNoOthers) {
    visitor_knows_eight();
    know({alike, number});
    send(police_host, notification(1), missing({alike}));
    EXPECT_TRUE(is_asked_about(worker));
}

TEST_F(ManyAlike, ThatTheRowHasNoUseForTakeNobodysPlace) {
    for (std::uint8_t child = 0; child < 8; ++child)
        know({alike, made(TokenKind::nhs_dob, static_cast<std::uint8_t>(100 + child))});
    std::vector tokens{alike, number};
    std::ranges::sort(tokens);
    claim(school_host, seat("teme-meadow", "sch"), "school", tokens);
    send(police_host, notification(1),
         test::facts_about(police, RoleId("pol"), TypeId("domestic_abuse_incident"), {alike},
                           now.wall));
    EXPECT_TRUE(is_asked_about(seat("teme-meadow", "sch")));
}

TEST_F(ManyAlike, DoNotUndoAnAnswer) {
    expect<wire::Done>(hub_host, answer(asked(), IdentityOutcome::same));
    visitor_knows_eight();
    EXPECT_TRUE(reaches_worker(plan(police_host, notification(1), missing({alike}))));
}

TEST_F(ManyAlike, OfOneAgencyAreSaidToAPerson) {
    visitor_knows_eight();
    send(police_host, notification(1), missing({alike}));
    EXPECT_TRUE(rung().contains(RoleId("hv"))) << "there may be more of them than are asked about";
}

TEST_F(ManyAlike, BelowTheBoundNobodyIsRung) {
    claim(health_host, seat("health", "hv"), "health_visitor", {number, alike});
    send(police_host, notification(1), missing({alike}));
    EXPECT_FALSE(rung().contains(RoleId("hv")));
}

TEST_F(ManyAlike, AnsweredEpisodesTakeNoPlace) {
    know({alike, number});
    for (std::uint64_t episode = 1; episode <= 40; ++episode) {
        send(police_host, notification(episode), missing({alike}));
        const auto open = questions();
        ASSERT_EQ(open.size(), 1U) << episode;
        expect<wire::Done>(hub_host, answer(open[0], episode == 40 ? IdentityOutcome::same
                                                                   : IdentityOutcome::different));
        unasked(hub_host);
    }
    EXPECT_TRUE(reaches_worker(plan(police_host, notification(40), missing({alike}))))
        << "and the fortieth answer counts";
}

TEST_F(ManyAlike, UnansweredOnesAreBoundedAndSaidToAPerson) {
    know({alike, number});
    for (std::uint64_t episode = 1; episode <= limits::questions_per_claim_max; ++episode)
        send(police_host, notification(episode), missing({alike}));
    EXPECT_EQ(rows("questions"), limits::questions_per_claim_max);
    unasked(hub_host);
    send(police_host, notification(90), missing({alike}));
    EXPECT_TRUE(rung().contains(RoleId("sw")));
    EXPECT_EQ(rows("questions"), limits::questions_per_claim_max);
    // What police have not had answered is no reason to ask nothing for anybody else.
    auto concern = test::facts_about(orchard_gate, RoleId("sch"), TypeId("exploitation_concern"),
                                     {alike}, now.wall);
    concern.harm = wire::Harm::likely_or_actual;
    send(school_host, notification(91), concern);
    EXPECT_TRUE(is_asked_about(worker));
}

TEST_F(ManyAlike, ClaimsBeyondWhatIsLookedAtHideNoProtectionAndAreSaidToAPerson) {
    std::vector<wire::Token> homes;
    for (std::uint8_t home = 0; home < 9; ++home)
        homes.push_back(made(TokenKind::name_dob_postcode, home));
    for (const auto& home : homes) {
        for (int of_home = 0; of_home < 8; ++of_home)
            claim(school_host, seat("orchard-gate", "sch"), "school", {home});
    }
    const auto shown = [&](std::uint64_t of) {
        return plan(police_host, notification(of), missing(homes)).facts.claims.size();
    };
    EXPECT_EQ(shown(1), 1U) << "the school, once";
    claim(care_host, worker, "protected", {homes.back(), number});
    EXPECT_EQ(shown(2), 0U);
    send(police_host, notification(2), missing(homes));
    EXPECT_TRUE(rung().contains(RoleId("hv"))) << "whom nobody could look for among so many";
}

/// The child of the claim is protected, and the sender's identifiers do not say so by themselves.
class OfAProtectedChild : public Questions {
protected:
    std::size_t to_pass_on() {
        return static_cast<std::size_t>(std::ranges::count_if(
            unasked_of<wire::TaskNotice>(hub_host),
            [](const auto& notice) { return notice.task.kind == TaskKind::pass_on; }));
    }
    void protect(std::vector<wire::Token> tokens) {
        std::ranges::sort(tokens);
        claim(care_host, worker, "protected", std::move(tokens));
    }
    const wire::Token pupil = made(TokenKind::upn_dob, 5);
    const wire::Token twin = made(TokenKind::dob_postcode, 6);
};

TEST_F(OfAProtectedChild, TheAnswerGoesToThoseWhoPassOnAndNotToTheSender) {
    know({alike, pupil});
    protect({number, alike});
    send(police_host, notification(1), missing({alike}));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U) << "of the holder; who protects is no recipient";
    for (const auto& host : {police_host, hub_host}) unasked(host);
    expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::same));
    EXPECT_EQ(to_pass_on(), 1U);
    const auto planned = plan(police_host, notification(1), missing({alike}));
    EXPECT_FALSE(reaches_worker(planned));
    EXPECT_TRUE(planned.facts.identity_answers.empty());
    expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::taken_back, 2));
    EXPECT_EQ(unasked_of<wire::TaskClosed>(hub_host).size(), 1U);
    advance(std::chrono::minutes(2));
    EXPECT_TRUE(unasked_of<wire::AnswerIdentity>(police_host).empty());
}

TEST_F(OfAProtectedChild, WhoIsProtectedOnlyAfterTheQuestionIsSoForTheAnswer) {
    // The claim has nothing of what protects; the sender's own statement has.
    know({alike, pupil});
    send(police_host, notification(1), missing({alike, twin}));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    protect({number, twin});
    for (const auto& host : {police_host, hub_host}) unasked(host);
    expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::same));
    EXPECT_EQ(to_pass_on(), 1U);
    EXPECT_TRUE(unasked_of<wire::AnswerIdentity>(police_host).empty());
    ASSERT_EQ(rows("question_weak_tokens"), 1U);
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    EXPECT_EQ(rows("question_weak_tokens"), 0U) << "gone with the rest of what was stated";
}

TEST_F(OfAProtectedChild, AnAnswerThatHasNotArrivedWhenItIsProtectedDoesNotGoAnyMore) {
    know({alike, pupil});
    send(police_host, notification(1), missing({alike}));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    disconnect(police_host);
    expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::same));
    protect({pupil, made(TokenKind::name_dob_postcode, 9)});
    unasked(hub_host);
    connect(police_host);
    advance(std::chrono::minutes(2));
    EXPECT_TRUE(unasked_of<wire::AnswerIdentity>(police_host).empty());
    EXPECT_GE(to_pass_on(), 1U) << "a person tells the holder instead";
}

/// Under the keys of another epoch.
wire::Token under(std::uint16_t epoch, wire::Token token) {
    token.epoch = epoch;
    token.value[1] = static_cast<std::uint8_t>(epoch);
    return token;
}

class QuestionsUnderNewKeys : public Questions {
protected:
    const ClaimId claim_id = test::id_of<ClaimId>(77);
    void list(std::vector<std::uint16_t> epochs) {
        wire::ReplaceRoll roll;
        roll.agency = worker.agency;
        roll.seat = worker;
        roll.relation = "social_worker";
        roll.serial = ++serial_;
        roll.claims = {area.claim(worker, "social_worker", of(epochs, {number, alike}), now.wall,
                                  roll.serial, claim_id)};
        const auto said = expect<wire::ClaimsAccepted>(care_host, roll);
        EXPECT_EQ(said.ended, 0U);
        EXPECT_EQ(said.held, 1U);
    }
    static std::vector<wire::Token> of(const std::vector<std::uint16_t>& epochs,
                                       const std::vector<wire::Token>& tokens) {
        std::vector<wire::Token> all;
        for (const auto epoch : epochs) {
            for (const auto& token : tokens) all.push_back(under(epoch, token));
        }
        std::ranges::sort(all);
        return all;
    }
    wire::RoutingFacts update(const std::vector<std::uint16_t>& epochs) {
        auto facts = missing(of(epochs, {alike}));
        facts.thread = ThreadId(notification(1).value());
        facts.type = TypeId("missing_episode_updated");
        return facts;
    }
    wire::TaskNotice asked_under_the_old() {
        list({1});
        send(police_host, notification(1), missing(of({1}, {alike})));
        auto open = questions();
        EXPECT_EQ(open.size(), 1U);
        return open.empty() ? wire::TaskNotice{} : open.front();
    }

private:
    std::uint64_t serial_ = 0;
};

TEST_F(QuestionsUnderNewKeys, WhoWasSaidToBeTheSameIsStillTold) {
    expect<wire::Done>(hub_host, answer(asked_under_the_old(), IdentityOutcome::same));
    std::uint64_t next = 2;
    // Begun, finished, and at last the other side as well.
    for (const auto& [listed, said] :
         {std::pair<std::vector<std::uint16_t>, std::vector<std::uint16_t>>{{1, 2}, {1}},
          {{1, 2}, {1, 2}},
          {{2}, {1, 2}},
          {{2}, {2}}}) {
        list(listed);
        EXPECT_TRUE(reaches_worker(plan(police_host, notification(next++), update(said))));
    }
    send(police_host, notification(next), update({2}));
    EXPECT_TRUE(questions().empty()) << "and nothing is asked anew";
}

TEST_F(QuestionsUnderNewKeys, WhatWasAnsweredIsNotAskedAgainBecauseOfThem) {
    expect<wire::Done>(hub_host, answer(asked_under_the_old(), IdentityOutcome::different));
    list({1, 2});
    send(police_host, notification(2), update({1, 2}));
    list({2});
    send(police_host, notification(3), update({2}));
    EXPECT_TRUE(questions().empty());
}

TEST_F(QuestionsUnderNewKeys, WhatCouldNotBeToldIsAskedAgainWhenMoreIsKnownAndNotBefore) {
    const auto pupil = made(TokenKind::upn_dob, 8);
    const auto said = [&](std::vector<std::uint16_t> epochs, std::vector<wire::Token> tokens) {
        auto facts = update(epochs);
        facts.tokens = of(epochs, tokens);
        return facts;
    };
    list({1});
    send(police_host, notification(1), missing(of({1}, {alike, pupil})));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::cannot_tell));
    list({1, 2});
    send(police_host, notification(2), said({1, 2}, {alike, pupil}));
    list({2});
    send(police_host, notification(3), said({2}, {alike, pupil}));
    EXPECT_TRUE(questions().empty()) << "the same, under other keys";
    list({1, 2});
    send(police_host, notification(4), said({1, 2}, {alike, pupil, made(TokenKind::upn_dob, 9)}));
    EXPECT_EQ(questions().size(), 1U);
}

TEST_F(QuestionsUnderNewKeys, WhatCouldNotBeToldIsAskedOnceMoreWhereNothingCanBeCompared) {
    const auto pupil = made(TokenKind::upn_dob, 8);
    const auto told = [&](std::uint64_t of, std::vector<wire::Token> tokens) {
        auto facts = update({2});
        facts.tokens = QuestionsUnderNewKeys::of({2}, std::move(tokens));
        send(police_host, notification(of), facts);
        return questions();
    };
    list({1});
    send(police_host, notification(1), missing(QuestionsUnderNewKeys::of({1}, {alike, pupil})));
    auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::cannot_tell));
    list({2});
    open = told(2, {alike, pupil, made(TokenKind::name_dob_postcode, 9)});
    ASSERT_EQ(open.size(), 1U) << "nobody can say that it is the same";
    expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::cannot_tell));
    EXPECT_TRUE(told(3, {alike, pupil, made(TokenKind::name_dob_postcode, 9)}).empty())
        << "once for a change of keys";
}

TEST_F(Questions, AreAskedOncePerClaimAndChild) {
    asked();
    auto again = missing({alike});
    again.thread = ThreadId(notification(1).value());
    again.type = TypeId("missing_episode_updated");
    send(police_host, notification(2), again);
    EXPECT_TRUE(questions().empty()) << "the same child, as far as anybody can tell";
    send(police_host, notification(3), missing({alike}));
    EXPECT_EQ(questions().size(), 1U) << "another report may be of another child";
}

TEST_F(Questions, AreNotAskedOfWhatIsLinkedOrDoesNotDependOnIt) {
    know({alike, number});
    send(police_host, notification(1), missing({alike, number}));
    EXPECT_TRUE(questions().empty()) << "strong";
    auto facts = test::facts_about(police, RoleId("pol"), TypeId("domestic_abuse_incident"),
                                   {alike}, now.wall);
    send(police_host, notification(2), facts);
    EXPECT_TRUE(questions().empty()) << "this row tells nobody because they work with the child";
}

TEST_F(Questions, TwoVerifiedNumbersUnderOneNameAreTwoChildren) {
    know({alike, number});
    send(police_host, notification(1), missing({alike, made(TokenKind::nhs_dob, 9)}));
    EXPECT_TRUE(questions().empty());
}

TEST_F(Questions, AContradictedStrongMatchIsAskedAbout) {
    const auto home = made(TokenKind::name_dob_postcode, 5);
    know({number, home});
    send(police_host, notification(1), missing({made(TokenKind::nhs_dob, 9), home}));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_TRUE(open[0].question->contradicted);
}

TEST_F(Questions, SameLinksForThisThreadAndTellsItsSenderOnly) {
    const auto question = asked();
    unasked(police_host);
    const auto same = answer(question, IdentityOutcome::same);
    expect<wire::Done>(hub_host, same);
    const auto told = unasked_of<wire::AnswerIdentity>(police_host);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].answer, same.answer);
    EXPECT_FALSE(was_told());
    const auto planned = plan(police_host, notification(1), missing({alike}));
    EXPECT_TRUE(reaches_worker(planned));
    ASSERT_EQ(planned.facts.identity_answers.size(), 1U);
    EXPECT_EQ(planned.facts.identity_answers[0], same.answer);
    EXPECT_FALSE(reaches_worker(plan(police_host, notification(7), missing({alike}))))
        << "another report, about whom nobody has said anything";
}

TEST_F(Questions, SameStandsWhenTheClaimIsStatedUnderTheNextKeysOfTokens) {
    const auto next = [](wire::Token token) {
        token.epoch = 2;
        token.value[31] = 2;
        return token;
    };
    const auto state = [&](std::vector<wire::Token> tokens, std::uint64_t serial) {
        std::ranges::sort(tokens);
        expect<wire::ClaimsAccepted>(
            care_host,
            wire::ClaimInvolvement{{area.claim(worker, "social_worker", std::move(tokens), now.wall,
                                               serial, test::id_of<ClaimId>(7))}});
    };
    state({alike, number}, 1);
    send(police_host, notification(1), missing({alike}));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    expect<wire::Done>(hub_host, answer(open[0], IdentityOutcome::same));
    // A holder that says the same of the child keeps the claim's id; only the keys are others.
    state({alike, number, next(alike), next(number)}, 2);
    auto update = missing({alike, next(alike)});
    update.thread = ThreadId(notification(1).value());
    update.type = TypeId("missing_episode_updated");
    EXPECT_TRUE(reaches_worker(plan(police_host, notification(2), update)));
    state({next(alike), next(number)}, 3);
    update.tokens = {next(alike)};
    EXPECT_TRUE(reaches_worker(plan(police_host, notification(3), update)));
    send(police_host, notification(4), update);
    EXPECT_TRUE(questions().empty()) << "it has been answered";
}

TEST_F(Questions, AnAnswerAboutWhatWasTakenBackIsNotSaidForEver) {
    const auto question = asked();
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::same));
    unasked(police_host);
    advance(std::chrono::minutes(2));
    EXPECT_FALSE(unasked_of<wire::AnswerIdentity>(police_host).empty())
        << "until its sender plans with it";
    expect<wire::Done>(police_host, test::recall(area, police, notification(1), now.wall));
    advance(std::chrono::minutes(2));
    unasked(police_host);
    advance(std::chrono::minutes(3));
    EXPECT_TRUE(unasked_of<wire::AnswerIdentity>(police_host).empty());
}

TEST_F(Questions, DifferentLinksNobodyAndIsNotAskedAgain) {
    const auto question = asked();
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::different));
    EXPECT_FALSE(reaches_worker(plan(police_host, notification(1), missing({alike}))));
    auto again = missing({alike});
    again.thread = ThreadId(notification(1).value());
    again.type = TypeId("missing_episode_updated");
    send(police_host, notification(2), again);
    EXPECT_TRUE(questions().empty());
    EXPECT_EQ(refused(hub_host, answer(question, IdentityOutcome::same, 2)),
              ErrorCode::already_exists)
        << "first it is taken back";
}

TEST_F(Questions, WhatCannotBeToldIsAskedAgainOnceTheSenderKnowsMore) {
    const auto question = asked();
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::cannot_tell));
    auto again = missing({alike});
    again.thread = ThreadId(notification(1).value());
    again.type = TypeId("missing_episode_updated");
    send(police_host, notification(2), again);
    EXPECT_TRUE(questions().empty());
    again.tokens.push_back(made(TokenKind::upn_dob, 8));
    std::ranges::sort(again.tokens);
    send(police_host, notification(3), again);
    EXPECT_EQ(questions().size(), 1U);
}

TEST_F(Questions, TakenBackLinksNoMoreAndSaysWhomItHadReached) {
    const auto question = asked();
    const auto same = answer(question, IdentityOutcome::same);
    expect<wire::Done>(hub_host, same);
    send(police_host, notification(2), [&] {
        auto more = missing({alike});
        more.thread = ThreadId(notification(1).value());
        more.type = TypeId("missing_episode_updated");
        return more;
    }());
    unasked(police_host);
    unasked(hub_host);
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::taken_back, 2));
    EXPECT_EQ(unasked_of<wire::AnswerIdentity>(police_host).size(), 2U)
        << "both notifications that depend on it";
    const auto reached = unasked_of<wire::IdentityReached>(hub_host);
    ASSERT_EQ(reached.size(), 1U);
    ASSERT_EQ(reached[0].entries.size(), 1U);
    EXPECT_EQ(reached[0].entries[0].notification, notification(2));
    EXPECT_EQ(reached[0].entries[0].seat, worker);
    EXPECT_FALSE(reaches_worker(plan(police_host, notification(1), missing({alike}))));
    EXPECT_EQ(refused(hub_host, same), ErrorCode::version_went_back) << "said again";
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::same, 3));
    EXPECT_TRUE(reaches_worker(plan(police_host, notification(1), missing({alike}))));
}

// --- two agencies claim what only one may

class ClaimedTwice : public Questions {
protected:
    ClaimedTwice() {
        const std::string roll = "title = \"The child is on this school's roll\"\n";
        area.change_policy(roll, roll + "single = true\n", now.wall);
        load_documents();
        claim(school_host, standing, "school", {number});
        advance(std::chrono::hours(1));
        claim(school_host, newer, "school", {number});
        for (const auto& host : {police_host, hub_host, school_host}) unasked(host);
    }
    std::set<InboxId> schools_of(std::uint64_t of) {
        auto reached = recipients(plan(police_host, notification(of), missing({number})));
        std::erase_if(reached,
                      [](const InboxId& inbox) { return !inbox.value().ends_with(".sch"); });
        return reached;
    }
    const Seat standing = seat("orchard-gate", "sch");
    const Seat newer = seat("teme-meadow", "sch");
    const InboxId at_standing{"orchard-gate.sch"};
    const InboxId at_newer{"teme-meadow.sch"};
};

TEST_F(ClaimedTwice, TheStandingOneCountsAndTheNewerIsAQuestionFirst) {
    EXPECT_EQ(schools_of(1), std::set{at_standing});
    EXPECT_TRUE(questions().empty()) << "nothing depends on it yet";
    send(police_host, notification(1), missing({number}));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(Seat(open[0].task.agency, open[0].task.role), newer);
    EXPECT_EQ(open[0].question->conflicts_with, standing);
    EXPECT_FALSE(open[0].question->contradicted);
    EXPECT_EQ(schools_of(1), std::set{at_standing});
    EXPECT_TRUE(questions().empty()) << "asked once";
}

TEST_F(ClaimedTwice, NobodyIsFirstBySayingThatTheyHadTheChildBefore) {
    expect<wire::ClaimsAccepted>(
        school_host, wire::ClaimInvolvement{{area.claim(
                         newer, "school", {number}, now.wall - std::chrono::hours(24 * 60), 50)}});
    EXPECT_EQ(schools_of(1), std::set{at_standing});
    // What changes a child's tokens is a new claim of the same seat, and no newer one.
    advance(std::chrono::hours(1));
    wire::ReplaceRoll renewed;
    renewed.agency = standing.agency;
    renewed.seat = standing;
    renewed.relation = "school";
    renewed.serial = 9;
    renewed.claims = {area.claim(standing, "school", {number, made(TokenKind::upn_dob, 4)},
                                 now.wall, renewed.serial)};
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, renewed).ended, 1U);
    EXPECT_EQ(schools_of(1), std::set{at_standing});
}

/// A school that wants to have had a child first. Its claims are in order before anybody knows the
/// child, and then are restated.
class BoughtInAdvance : public Questions {
protected:
    BoughtInAdvance() {
        const std::string roll = "title = \"The child is on this school's roll\"\n";
        area.change_policy(roll, roll + "single = true\n", now.wall);
        load_documents();
    }
    void list(const Seat& school, std::vector<wire::Token> tokens, std::uint64_t claim_id) {
        std::ranges::sort(tokens);
        wire::ReplaceRoll roll;
        roll.agency = school.agency;
        roll.seat = school;
        roll.relation = "school";
        roll.serial = ++serial_;
        roll.claims = {area.claim(school, "school", std::move(tokens), now.wall, roll.serial,
                                  test::id_of<ClaimId>(claim_id))};
        expect<wire::ClaimsAccepted>(school_host, roll);
        advance(std::chrono::hours(1));
    }
    InboxId first(std::vector<wire::Token> tokens) {
        auto reached = recipients(plan(police_host, notification(1), missing(std::move(tokens))));
        std::erase_if(reached,
                      [](const InboxId& inbox) { return !inbox.value().ends_with(".sch"); });
        EXPECT_EQ(reached.size(), 1U);
        return reached.empty() ? InboxId() : *reached.begin();
    }
    const wire::Token dummy = made(TokenKind::nhs_dob, 90);
    const wire::Token surname = made(TokenKind::nhs_surname, 3);
    const Seat honest = seat("orchard-gate", "sch");
    const Seat hostile = seat("teme-meadow", "sch");
    const InboxId at_honest{"orchard-gate.sch"};
    const InboxId at_hostile{"teme-meadow.sch"};

private:
    std::uint64_t serial_ = 0;
};

TEST_F(BoughtInAdvance, AClaimThatBecomesAnotherChildsIsAsNewAsThatChild) {
    list(hostile, {dummy}, 8);
    list(honest, {number, surname}, 1);
    list(hostile, {number, surname}, 8);
    EXPECT_EQ(first({number, surname}), at_honest);
}

TEST_F(BoughtInAdvance, AChildWhoComesToAClaimDoesNotTakeItsTime) {
    list(hostile, {dummy}, 8);
    list(honest, {number, surname}, 1);
    // Both children at once, and then the one who was wanted; under one id, and under others.
    list(hostile, {dummy, number, surname}, 8);
    EXPECT_EQ(first({number, surname}), at_honest);
    list(hostile, {number, surname}, 8);
    EXPECT_EQ(first({number, surname}), at_honest);
    list(hostile, {number, surname}, 9);
    EXPECT_EQ(first({number, surname}), at_honest);
}

TEST_F(BoughtInAdvance, AChildWhoLeftAndComesBackIsThereSinceThen) {
    list(hostile, {number, surname}, 8);
    list(honest, {number, surname}, 1);
    EXPECT_EQ(first({number, surname}), at_hostile);
    list(hostile, {dummy}, 9);
    list(hostile, {number, surname}, 8);
    EXPECT_EQ(first({number, surname}), at_honest);
}

TEST_F(BoughtInAdvance, WhoWasFirstStaysSoThroughNamesAndNumbersOfTheirChild) {
    list(honest, {number, surname}, 1);
    list(hostile, {number, surname}, 8);
    const auto married = made(TokenKind::nhs_surname, 4);
    list(honest, {number, surname, married}, 2);
    EXPECT_EQ(first({number, surname}), at_honest);
    EXPECT_EQ(first({number, married}), at_honest) << "by the number that it has stated longest";
    list(honest, {number, married}, 2);
    EXPECT_EQ(first({number, married}), at_honest);
}

TEST_F(BoughtInAdvance, WhoWasFirstStaysSoUnderNewKeys) {
    list(honest, {number, surname}, 1);
    list(hostile, {number, surname}, 8);
    const auto of = [&](std::vector<std::uint16_t> epochs) {
        std::vector<wire::Token> all;
        for (const auto epoch : epochs) {
            for (const auto& token : {number, surname})
                all.push_back(epoch == 1 ? token : under(epoch, token));
        }
        return all;
    };
    // The hostile school's agent is quicker each time.
    list(hostile, of({1, 2}), 8);
    list(honest, of({1, 2}), 1);
    EXPECT_EQ(first(of({1, 2})), at_honest);
    list(hostile, of({2}), 8);
    list(honest, of({2}), 1);
    EXPECT_EQ(first(of({2})), at_honest);
}

TEST_F(ClaimedTwice, SameLetsItCountAndTakenBackEndsThat) {
    send(police_host, notification(1), missing({number}));
    const auto question = questions().at(0);
    unasked(police_host);
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::same));
    EXPECT_EQ(unasked_of<wire::AnswerIdentity>(police_host).size(), 1U);
    const auto planned = plan(police_host, notification(1), missing({number}));
    EXPECT_EQ(planned.facts.identity_answers.size(), 1U)
        << "what is built on it can be taken back with it";
    EXPECT_EQ(schools_of(1), (std::set{at_standing, at_newer}));
    EXPECT_EQ(schools_of(7), std::set{at_standing}) << "answered without a look: that thread only";
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::taken_back, 2));
    EXPECT_EQ(schools_of(1), std::set{at_standing});
    EXPECT_EQ(unasked_of<wire::AnswerIdentity>(police_host).size(), 1U);
    EXPECT_EQ(unasked_of<wire::IdentityReached>(hub_host).size(), 1U);
}

TEST_F(ClaimedTwice, DifferentKeepsItOutAndIsNotAskedAgain) {
    send(police_host, notification(1), missing({number}));
    expect<wire::Done>(hub_host, answer(questions().at(0), IdentityOutcome::different));
    EXPECT_EQ(schools_of(1), std::set{at_standing});
    EXPECT_TRUE(questions().empty());
}

TEST_F(ClaimedTwice, ItCountsByItselfOnceTheOtherHasEnded) {
    send(police_host, notification(1), missing({number}));
    wire::ReplaceRoll nobody;
    nobody.agency = standing.agency;
    nobody.seat = standing;
    nobody.relation = "school";
    nobody.serial = 9;
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, nobody).ended, 1U);
    EXPECT_EQ(schools_of(1), std::set{at_newer});
}

TEST_F(ClaimedTwice, OtherRelationsMayBeOfManyAgencies) {
    claim(care_host, worker, "social_worker", {number});
    claim(health_host, seat("health", "hv"), "health_visitor", {number});
    send(police_host, notification(1), missing({number}));
    const auto open = questions();
    EXPECT_EQ(open.size(), 1U) << "of the schools alone";
    EXPECT_TRUE(reaches_worker(plan(police_host, notification(1), missing({number}))));
}

TEST_F(Questions, OnlyTheFrontDoorAnswers) {
    const auto question = asked();
    for (const auto& [host, who] :
         {std::pair(care_host, worker), std::pair(police_host, seat("police-wm", "pol"))}) {
        decider = who;
        EXPECT_EQ(refused(host, answer(question, IdentityOutcome::same)), ErrorCode::not_found);
        EXPECT_EQ(refused(host, look(question)), ErrorCode::not_found);
    }
    decider = seat("hub", "ffd");
    auto forged = answer(question, IdentityOutcome::same);
    forged.answer.body = answer(question, IdentityOutcome::different).answer.body;
    EXPECT_EQ(refused(hub_host, forged), ErrorCode::bad_signature);
    EXPECT_EQ(refused(police_host, answer(question, IdentityOutcome::same)), ErrorCode::wrong_host)
        << "its agency's own host says it";
    edit = [](wire::IdentityAnswer& body) { body.relation = "school"; };
    EXPECT_EQ(refused(hub_host, answer(question, IdentityOutcome::same)), ErrorCode::not_found);
    edit = [](wire::IdentityAnswer& body) { body.claim = ClaimId({77}); };
    EXPECT_EQ(refused(hub_host, answer(question, IdentityOutcome::same)), ErrorCode::not_found);
}

TEST_F(Questions, NobodyWhomAConflictKeepsOutAnswers) {
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(5), {number},
                                                {InboxId("hub.ffd")}, now.wall));
    know({alike, number});
    send(police_host, notification(1), missing({alike}));
    const auto open = questions();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_NE(open[0].task.owner, seat("hub", "ffd")) << "the holder's child may be that child";
    EXPECT_EQ(refused(hub_host, answer(open[0], IdentityOutcome::same)), ErrorCode::not_found);
    EXPECT_EQ(refused(hub_host, look(open[0])), ErrorCode::not_found);
}

TEST_F(Questions, ALookIsShownByBothSidesAndGoneWithTheAnswer) {
    const auto question = asked();
    unasked(police_host);
    const auto asks = look(question);
    expect<wire::Done>(hub_host, asks);
    for (const auto& host : {police_host, care_host}) {
        const auto told = unasked_of<wire::LookAtIdentity>(host);
        ASSERT_EQ(told.size(), 1U);
        EXPECT_EQ(told[0], asks);
    }
    EXPECT_TRUE(unasked_of<wire::LookAtIdentity>(health_host).empty());
    wire::ShowIdentity shown;
    shown.question = question.task.id;
    shown.claim = question.question->claim;
    shown.holder = worker;
    shown.agency = social_care;
    shown.at = now.wall;
    shown.sealed = {1, 2, 3};
    shown.signature = crypto::sign(area.signing_key(social_care), wire::label::identity_shown,
                                   wire::show_identity_message(shown));
    auto of_another = shown;
    of_another.agency = health;
    of_another.signature = crypto::sign(area.signing_key(health), wire::label::identity_shown,
                                        wire::show_identity_message(of_another));
    EXPECT_EQ(refused(health_host, of_another), ErrorCode::not_found);
    auto spliced = shown;
    spliced.sealed = {9};
    EXPECT_EQ(refused(care_host, spliced), ErrorCode::bad_signature);
    unasked(hub_host);
    expect<wire::Done>(care_host, shown);
    const auto here = unasked_of<wire::ShowIdentity>(hub_host);
    ASSERT_EQ(here.size(), 1U);
    EXPECT_EQ(here[0], shown);
    advance(std::chrono::minutes(2));
    EXPECT_FALSE(unasked_of<wire::ShowIdentity>(hub_host).empty()) << "until it is heard";
    expect<wire::Done>(hub_host, wire::IdentityHeard{question.task.id,
                                                     question.question->claim,
                                                     social_care,
                                                     wire::IdentityHeard::What::shown_of_holder,
                                                     hub,
                                                     {}});
    unasked(hub_host);
    advance(std::chrono::minutes(2));
    EXPECT_TRUE(unasked_of<wire::ShowIdentity>(hub_host).empty());
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::different));
    unasked(police_host);
    advance(std::chrono::minutes(2));
    EXPECT_TRUE(unasked_of<wire::LookAtIdentity>(police_host).empty());
    EXPECT_EQ(refused(hub_host, look(question)), ErrorCode::expired);
}

class ForgottenQuestions : public Questions {
protected:
    ForgottenQuestions() : Questions(short_memory()) {}
    static CoreConfig short_memory() {
        CoreConfig config;
        config.tombstone_retention = std::chrono::hours(2);
        return config;
    }
};

TEST_F(ForgottenQuestions, StayAsLongAsTheClaimAndGoAfterTheirTerm) {
    const auto question = asked();
    expect<wire::Done>(hub_host, answer(question, IdentityOutcome::same));
    plan(police_host, notification(1), missing({alike}));
    advance(std::chrono::hours(3));
    EXPECT_EQ(rows("questions"), 1U) << "it would be asked again";
    EXPECT_EQ(rows("question_items"), 1U);
    wire::EndInvolvement end;
    end.agency = social_care;
    end.claims = {question.question->claim};
    end.serial = 1'000'000;
    end.signature = crypto::sign(area.signing_key(social_care), wire::label::end_involvement,
                                 wire::end_involvement_message(end));
    expect<wire::ClaimsAccepted>(care_host, end);
    advance(std::chrono::hours(5));
    EXPECT_EQ(rows("questions"), 0U);
    EXPECT_EQ(rows("question_items"), 0U);
}

}  // namespace
}  // namespace mash::broker
