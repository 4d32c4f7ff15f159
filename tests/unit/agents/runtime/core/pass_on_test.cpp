// What the front door's agent passes on by itself: once, in its own name and the sender's words,
// quietly when there is nobody, and back with the original.
#include <algorithm>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;

const AgencyId hub("hub");
const AgencyId teme_meadow("teme-meadow");

class PassOnTest : public ::testing::Test {
protected:
    PassOnTest() {
        world.connect(world.hub);
        world.connect(world.schools);
        lead = world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
        sender = world.schools.add_person("Other Lead", "teme-meadow", {"teme-meadow.sch"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
        world.settle();
    }
    Notification sighting(const std::string& ref = "seen:1") {
        auto said = world.missing_child(ref, "missing_episode_updated");
        said.agency = teme_meadow;
        said.role = RoleId("sch");
        said.facts.kind = "sighting";
        said.facts.risk_grade.clear();
        return said;
    }
    /// What the front door's agent has published in its own name.
    std::vector<wire::Routing> passed_on() const {
        std::vector<wire::Routing> out;
        for (const auto& publish : world.broker.publishes) {
            auto routing = wire::decode_body<wire::Routing>(publish.notification.routing);
            if (routing && routing->facts.sender == hub) out.push_back(std::move(*routing));
        }
        return out;
    }
    wire::Delivery to_pass_on(const NotificationId& id) const {
        for (const auto& delivery : world.broker.delivered.at(id)) {
            if (delivery.parcel.recipient == InboxId("hub.pass_on")) return delivery;
        }
        ADD_FAILURE() << "nothing came for the pass-on";
        return {};
    }
    json received_by_school() {
        const auto list =
            world.schools.ask(ApiRequest::Kind::received_list, lead, "", "", "orchard-gate.sch");
        return json::parse(list.json.reveal()).at("received");
    }
    bool sees_rung(const NotificationId& id, const std::string& wanted) {
        const auto reply = world.schools.ask(ApiRequest::Kind::sent_one, sender, to_text(id));
        const auto sent = json::parse(reply.json.reveal());
        for (const auto& one : sent.at("recipients")) {
            for (const auto& rung : one.at("rungs")) {
                if (one.at("recipient").at("role") == "pass_on" && rung.at("rung") == wanted)
                    return true;
            }
        }
        return false;
    }
    AgentWorld world;
    PersonalText lead, sender, front_door;
};

TEST_F(PassOnTest, AboutAChildFromWhomAConflictKeepsTheFrontDoorIsNotOnItsList) {
    world.claim_school_roll(world.schools);
    const auto officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    const auto night = world.hub.add_person("Invented Night", "hub", {"hub.edt"});
    const auto listed = [&](const PersonalText& who) {
        const auto reply = world.hub.ask(ApiRequest::Kind::sent_list, who);
        return json::parse(reply.json.reveal()).at("sent");
    };
    world.send(world.schools, sighting());
    const auto before = listed(front_door);
    ASSERT_EQ(before.size(), 1U) << "as long as there is no conflict";
    const json subject{{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}};
    const json body{
        {"subject", subject}, {"excluded", {"hub.ffd"}}, {"reason", "Canaryreason: an uncle"}};
    const auto declared = world.hub.ask(ApiRequest::Kind::conflict_add, officer, "", body.dump());
    ASSERT_EQ(declared.status, 201) << text_of_reply(declared);
    world.send(world.schools, sighting("seen:2"));
    ASSERT_EQ(passed_on().size(), 2U);
    EXPECT_TRUE(listed(front_door).empty()) << "nor what was there before";
    EXPECT_EQ(listed(night).size(), 2U) << "whoever stands in for it follows it up";
    const auto id = json::parse(declared.json.reveal()).at("id").get<std::string>();
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::conflict_end, officer, id).status, 200);
    EXPECT_EQ(listed(front_door).size(), 2U) << "once it has ended";
}

TEST_F(PassOnTest, GoesToTheInvolvedInTheFrontDoorsNameAndTheSendersWords) {
    world.claim_school_roll(world.schools);
    const auto id = world.send(world.schools, sighting());
    const auto own = passed_on();
    ASSERT_EQ(own.size(), 1U);
    EXPECT_EQ(own[0].facts.sender_role, RoleId("pass_on"));
    EXPECT_EQ(own[0].facts.passed_on_from, (Seat{teme_meadow, RoleId("sch")}));
    EXPECT_FALSE(own[0].facts.tokens.empty());
    EXPECT_EQ(own[0].facts.tokens, world.broker.plans.at(id).facts.tokens)
        << "of which child the sender said";
    const auto list = received_by_school();
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("sender"), "hub");
    const auto opened =
        world.schools.ask(ApiRequest::Kind::received_one, lead,
                          "hub/" + list[0].at("id").get<std::string>(), "", "orchard-gate.sch");
    const auto text = opened.json.reveal();
    const auto item = json::parse(text);
    EXPECT_EQ(item.at("why").at("passed_on_from").at("agency"), "teme-meadow");
    EXPECT_NE(item.at("why").at("you").get<std::string>().find("passes on what teme-meadow said"),
              std::string::npos);
    EXPECT_NE(text.find("Canaryheadline"), std::string::npos);
    EXPECT_EQ(text.find("Canaryfactors"), std::string::npos);
    EXPECT_EQ(text.find("Canaryplace"), std::string::npos);
    EXPECT_TRUE(sees_rung(id, "handed_over"));
    // Asked for by the service, and why: design rule 8.
    const auto& asked = world.broker.plan_requests.back();
    EXPECT_EQ(asked.facts.sender, hub);
    EXPECT_EQ(asked.person, PersonId("service"));
    EXPECT_EQ(asked.reason, "pass_on");
}

TEST_F(PassOnTest, EndsQuietlyWhereNobodyWorksWithTheChildAndTheSenderSeesNoDifference) {
    const auto id = world.send(world.schools, sighting());
    EXPECT_TRUE(passed_on().empty());
    EXPECT_TRUE(sees_rung(id, "stored"));
    EXPECT_TRUE(sees_rung(id, "handed_over"));
    const auto sent = world.hub.ask(ApiRequest::Kind::sent_list, front_door);
    EXPECT_TRUE(json::parse(sent.json.reveal()).at("sent").empty());
    EXPECT_FALSE(world.hub.has_alarm(Alarm::Kind::publish_refused));
    world.pass(std::chrono::minutes(30));
    EXPECT_FALSE(world.hub.has_alarm(Alarm::Kind::not_accepted));
    EXPECT_TRUE(world.hub.seen_of<HandOver>().empty()) << "no system waits for it";
}

TEST_F(PassOnTest, OneEmptyPlanEndsNothing) {
    world.claim_school_roll(world.schools);
    // It hides who is involved, or was put back and has lost the claims.
    auto lost = std::exchange(world.broker.claims, {});
    world.send(world.schools, sighting());
    world.pass(std::chrono::minutes(2));
    EXPECT_TRUE(passed_on().empty());
    const auto sent = world.hub.ask(ApiRequest::Kind::sent_list, front_door);
    EXPECT_TRUE(json::parse(sent.json.reveal()).at("sent").empty());
    world.broker.claims = std::move(lost);
    world.pass(std::chrono::minutes(10));
    world.tick();
    EXPECT_EQ(passed_on().size(), 1U);
    EXPECT_EQ(received_by_school().size(), 1U);
}

TEST_F(PassOnTest, AnotherStoreOfTheBrokersIsAskedAtOnce) {
    world.claim_school_roll(world.schools);
    auto lost = std::exchange(world.broker.claims, {});
    world.send(world.schools, sighting());
    world.pass(std::chrono::hours(2));
    world.tick();
    world.disconnect(world.hub);
    world.broker.claims = std::move(lost);
    world.broker.store_epoch = {2};
    world.connect(world.hub);
    EXPECT_EQ(passed_on().size(), 1U);
}

TEST_F(PassOnTest, IsAskedAboutForADayEverMoreRarelyAndThenEnds) {
    world.send(world.schools, sighting());
    const auto asked = [&] {
        return std::ranges::count(world.broker.plan_requests, hub,
                                  [](const auto& one) { return one.facts.sender; });
    };
    for (int i = 0; i < 23 * 12; ++i) world.pass(std::chrono::minutes(5));
    EXPECT_GT(asked(), 5);
    EXPECT_LT(asked(), 16);
    world.pass(std::chrono::hours(2));
    world.tick();
    const auto last = asked();
    for (int i = 0; i < 30; ++i) world.pass(std::chrono::hours(1));
    EXPECT_EQ(asked(), last);
    EXPECT_FALSE(world.hub.has_alarm(Alarm::Kind::not_accepted));
    EXPECT_FALSE(world.hub.has_alarm(Alarm::Kind::held_overdue));
    const auto sent = world.hub.ask(ApiRequest::Kind::sent_list, front_door);
    EXPECT_TRUE(json::parse(sent.json.reveal()).at("sent").empty());
}

TEST_F(PassOnTest, HappensOnceWhateverIsDeliveredAgainAndAfterARestart) {
    world.claim_school_roll(world.schools);
    const auto id = world.send(world.schools, sighting());
    world.broker.queue(world.hub.id, to_pass_on(id));
    world.settle();
    world.hub.restart();
    world.connect(world.hub);
    world.broker.queue(world.hub.id, to_pass_on(id));
    world.pass(std::chrono::minutes(5));
    EXPECT_EQ(passed_on().size(), 1U);
    EXPECT_EQ(received_by_school().size(), 1U);
}

TEST_F(PassOnTest, HasTheSameIdWhenAStoreFromBeforeIsPutBack) {
    world.claim_school_roll(world.schools);
    const auto before = world.hub.store.snapshot();
    const auto id = world.send(world.schools, sighting());
    ASSERT_EQ(passed_on().size(), 1U);
    world.disconnect(world.hub);
    world.hub.store.restore(before);
    world.hub.restart();
    world.connect(world.hub);
    world.broker.queue(world.hub.id, to_pass_on(id));
    world.settle();
    ASSERT_EQ(passed_on().size(), 2U);
    EXPECT_EQ(passed_on()[0].id, passed_on()[1].id) << "the broker and the school know it again";
}

TEST_F(PassOnTest, IsRecalledWithTheOriginalAndConfirmed) {
    world.claim_school_roll(world.schools);
    const auto id = world.send(world.schools, sighting());
    ASSERT_EQ(received_by_school().size(), 1U);
    world.schools.ask(ApiRequest::Kind::recall, sender, to_text(id), R"({"reason":"wrong_child"})");
    world.settle();
    EXPECT_TRUE(received_by_school().empty());
    EXPECT_TRUE(sees_rung(id, "recalled"));
    const auto list =
        json::parse(world.hub.ask(ApiRequest::Kind::sent_list, front_door).json.reveal());
    ASSERT_EQ(list.at("sent").size(), 1U);
    EXPECT_EQ(list.at("sent")[0].at("state"), "recalled");
}

TEST_F(PassOnTest, IsRecalledAlsoByAStoreFromBeforeItWasPassedOn) {
    world.claim_school_roll(world.schools);
    const auto before = world.hub.store.snapshot();
    const auto id = world.send(world.schools, sighting());
    ASSERT_EQ(received_by_school().size(), 1U);
    world.disconnect(world.hub);
    world.hub.store.restore(before);
    world.hub.restart();
    world.schools.ask(ApiRequest::Kind::recall, sender, to_text(id), R"({"reason":"wrong_child"})");
    world.settle();
    EXPECT_EQ(received_by_school().size(), 1U) << "the front door has not heard of it yet";
    world.connect(world.hub);
    world.pass(std::chrono::seconds(1));
    EXPECT_TRUE(received_by_school().empty());
    EXPECT_TRUE(sees_rung(id, "recalled"));
}

/// Schools are asked whom they work with, and say so after the front door's agent has looked.
class FoundAfterPassOn : public PassOnTest {
protected:
    FoundAfterPassOn() {
        const std::string roll = "title = \"The child is on this school's roll\"\nmode = ";
        world.area.change_policy(roll + "\"index\"", roll + "\"ask\"", world.now.wall);
        for (auto* host : {&world.hub, &world.schools})
            world.broker.queue(host->id, wire::DocumentsChanged{});
        world.settle();
        world.pass(std::chrono::seconds(30));
        id = world.send(world.schools, sighting());
        said.asked = {AgencyId("orchard-gate"), RoleId("sch")};
        said.relation = "school";
        said.question = wire::asked_claim_id(teme_meadow, id, said.asked, said.relation);
        said.notification = id;
    }
    /// The school that was asked says yes: the next plans rest on it, and the front door is told.
    void says_yes() {
        auto claim =
            world.area.claim(said.asked, said.relation, world.broker.plans.at(id).facts.tokens,
                             world.now.wall, 1, said.question);
        auto body = *wire::decode_body<wire::InvolvementClaim>(claim.body);
        body.lease_until = world.now.wall + std::chrono::hours(24 * 14);
        claim.body = wire::encode_body(body);
        claim.signature =
            crypto::sign(world.area.signing_key(said.asked.agency), wire::label::claim, claim.body);
        said.claim = claim;
        world.broker.claims.push_back(claim);
    }
    void tell(const wire::InvolvementAnswer& answer) {
        world.broker.queue(world.hub.id, answer);
        world.settle();
        world.pass(std::chrono::seconds(5));
    }
    /// What the front door's agent sent back.
    std::vector<wire::InvolvementAnswer> sent_back() const {
        std::vector<wire::InvolvementAnswer> out;
        for (const auto& body : world.broker.others) {
            const auto* one = std::get_if<wire::InvolvementAnswer>(&body);
            if (one != nullptr && one->notification == id) out.push_back(*one);
        }
        return out;
    }
    NotificationId id;
    wire::InvolvementAnswer said;
};

TEST_F(FoundAfterPassOn, IsServedAtOnceAndItIsSaidThatItWasHeard) {
    world.pass(std::chrono::hours(6));  // it would be looked for again in six more
    ASSERT_TRUE(passed_on().empty());
    says_yes();
    tell(said);
    EXPECT_EQ(passed_on().size(), 1U);
    EXPECT_EQ(received_by_school().size(), 1U);
    ASSERT_EQ(sent_back().size(), 1U);
    EXPECT_FALSE(sent_back()[0].claim);
    // Not heard by the broker: said again, and nobody is told twice.
    tell(said);
    EXPECT_EQ(sent_back().size(), 2U);
    EXPECT_EQ(passed_on().size(), 1U);
    EXPECT_EQ(received_by_school().size(), 1U);
    EXPECT_TRUE(world.broker.supplements.empty());
}

TEST_F(FoundAfterPassOn, AlsoAfterARestartAndOnlyOnceItsOwnPlanIsNotUnderWay) {
    says_yes();
    world.disconnect(world.hub);
    world.hub.restart();
    world.connect(world.hub);
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::RequestPlan>(body);
    };
    tell(said);
    EXPECT_EQ(sent_back().size(), 1U);
    tell(said);
    EXPECT_EQ(sent_back().size(), 1U) << "it is being planned: said again later";
    world.broker.swallow = nullptr;
    world.pass(std::chrono::minutes(1));
    EXPECT_EQ(passed_on().size(), 1U);
    EXPECT_EQ(received_by_school().size(), 1U);
}

TEST_F(FoundAfterPassOn, WhatHasEndedIsGivenBackForAPerson) {
    for (int i = 0; i < 30; ++i) world.pass(std::chrono::hours(1));
    says_yes();
    tell(said);
    EXPECT_TRUE(passed_on().empty());
    ASSERT_EQ(sent_back().size(), 1U);
    EXPECT_EQ(sent_back()[0].claim, said.claim);
}

TEST_F(FoundAfterPassOn, AYesThatDoesNotProveItselfIsNotFollowedAndIsGivenBackForAPerson) {
    says_yes();
    auto forged = said;
    forged.claim->signature = crypto::Signature(std::array<std::uint8_t, 64>{1});
    world.broker.claims.clear();
    const auto plans = world.broker.plan_requests.size();
    tell(forged);
    auto of_another = said;  // a question about something that this sender never sent
    of_another.notification = test::id_of<NotificationId>(9);
    tell(of_another);
    ASSERT_EQ(sent_back().size(), 1U);
    EXPECT_EQ(sent_back()[0].claim, forged.claim);
    EXPECT_EQ(world.broker.plan_requests.size(), plans);
    EXPECT_TRUE(passed_on().empty());
}

/// What came for the pass-on cannot be read: there is nothing to add anybody to, and never will be.
TEST_F(FoundAfterPassOn, WhatItCouldNotOpenIsGivenBackForAPerson) {
    // Sealed to a key that this inbox never had.
    const InboxId inbox("hub.pass_on");
    world.broker.certificates[inbox] = world.area.inbox_certificate(
        inbox, world.now.wall, static_cast<std::uint64_t>(world.now.wall.unix_ms()) + 1000);
    id = world.send(world.schools, sighting("seen:2"));
    ASSERT_TRUE(world.hub.has_alarm(Alarm::Kind::undecryptable));
    said.question = wire::asked_claim_id(teme_meadow, id, said.asked, said.relation);
    said.notification = id;
    says_yes();
    tell(said);
    ASSERT_EQ(sent_back().size(), 1U);
    EXPECT_EQ(sent_back()[0].claim, said.claim) << "with the claim: a person passes on";
    EXPECT_TRUE(passed_on().empty());
}

class WithdrawnAfterPassOn : public PassOnTest {
protected:
    WithdrawnAfterPassOn() { world.claim_school_roll(world.schools); }
    NotificationId send_concern() {
        auto concern = sighting("concern:1");
        concern.facts.type = TypeId("exploitation_concern");
        concern.facts.kind.clear();
        concern.facts.level = wire::Level::three;
        concern.facts.harm = wire::Harm::none;
        concern.facts.purpose = wire::Purpose::inform_function;
        concern.facts.agreement.status = wire::AgreementStatus::given;
        concern.facts.agreement.giver = wire::Giver::parent_pr;
        concern.facts.agreement.purpose = wire::Purpose::inform_function;
        concern.facts.agreement.named_agencies = {hub, AgencyId("orchard-gate")};
        return world.send(world.schools, concern);
    }
    void hear_withdrawal(const NotificationId& id, const DeliveryId& delivery) {
        wire::WithdrawalBody body;
        body.notification = id;
        body.sender = teme_meadow;
        body.agreement = AgreementId(id.value());
        body.person = PersonId("p-000000000000");
        body.at = world.now.wall;
        wire::WithdrawalNotice notice;
        notice.delivery = delivery;
        notice.inbox = InboxId("hub.pass_on");
        notice.seat = {hub, RoleId("pass_on")};
        notice.body = wire::encode_body(body);
        notice.signature =
            crypto::sign(world.area.signing_key(teme_meadow), wire::label::withdrawal, notice.body);
        world.hub.give(FrameIn{{0, notice}});
        world.settle();
    }
    std::vector<wire::WithdrawalBody> told() const {
        std::vector<wire::WithdrawalBody> out;
        for (const auto& other : world.broker.others) {
            if (const auto* frame = std::get_if<wire::WithdrawAgreement>(&other))
                out.push_back(*wire::decode_body<wire::WithdrawalBody>(frame->body));
        }
        return out;
    }
};

TEST_F(WithdrawnAfterPassOn, WhatWasPassedOnStopsToo) {
    const auto id = send_concern();
    ASSERT_EQ(passed_on().size(), 1U);
    hear_withdrawal(id, to_pass_on(id).id);
    EXPECT_TRUE(sees_rung(id, "agreement_stopped"));
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].sender, hub);
    EXPECT_EQ(told()[0].notification, passed_on()[0].id);
    EXPECT_EQ(passed_on().size(), 1U) << "and nothing goes on afresh";
}

TEST_F(WithdrawnAfterPassOn, AlsoByAStoreFromBeforeItWasPassedOn) {
    const auto before = world.hub.store.snapshot();
    const auto id = send_concern();
    ASSERT_EQ(passed_on().size(), 1U);
    const auto delivery = to_pass_on(id).id;
    world.disconnect(world.hub);
    world.hub.store.restore(before);
    world.hub.restart();
    world.broker.delivers = false;
    world.connect(world.hub);
    hear_withdrawal(id, delivery);
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].sender, hub);
    EXPECT_EQ(told()[0].notification, passed_on()[0].id);
    EXPECT_TRUE(sees_rung(id, "agreement_stopped"));
}

TEST_F(PassOnTest, IsRecalledThoughItsInboxHasLeftTheRegistrySince) {
    world.claim_school_roll(world.schools);
    const auto id = world.send(world.schools, sighting());
    ASSERT_EQ(received_by_school().size(), 1U);
    world.area.change_registry(
        [](area::Registry& registry) {
            for (auto& seat : registry.agencies.at(hub).seats) {
                if (seat.role == RoleId("pass_on")) seat.inbox = InboxId("hub.pass_on_2");
            }
        },
        world.now.wall);
    world.hub.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    wire::RecallBody body;
    body.notification = id;
    body.sender = teme_meadow;
    body.person = PersonId("p-000000000000");
    body.reason = "wrong_child";
    body.at = world.now.wall;
    wire::RecallNotice notice;
    notice.delivery = to_pass_on(id).id;
    notice.inbox = InboxId("hub.pass_on");
    notice.seat = {hub, RoleId("pass_on")};
    notice.body = wire::encode_body(body);
    notice.signature =
        crypto::sign(world.area.signing_key(teme_meadow), wire::label::recall, notice.body);
    world.hub.give(FrameIn{{0, notice}});
    world.settle();
    EXPECT_TRUE(received_by_school().empty());
}

TEST_F(PassOnTest, NeverHappensAfterARecall) {
    world.claim_school_roll(world.schools);
    world.broker.delivers = false;
    const auto id = world.send(world.schools, sighting());
    const auto& plan = world.broker.plans.at(id).plan;
    const auto recipient =
        std::ranges::find(plan.decision.recipients, RoleId("pass_on"),
                          [](const wire::Recipient& one) { return one.seat.role; });
    ASSERT_NE(recipient, plan.decision.recipients.end());
    const auto late =
        world.broker.delivery_of(world.broker.published.at(id), id, *recipient, recipient->inbox);
    world.broker.delivered[id].push_back(late);
    world.schools.ask(ApiRequest::Kind::recall, sender, to_text(id), R"({"reason":"wrong_child"})");
    world.settle();
    world.broker.delivers = true;
    world.broker.queue(world.hub.id, late);
    world.settle();
    EXPECT_TRUE(passed_on().empty());
}

TEST_F(PassOnTest, ABrokerThatNamesSomebodyElsesChildAddsNoReader) {
    // On the roll stands another child. The broker brings that claim as if it were of this one.
    ReplaceRoll roll;
    roll.reply = 9;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "school";
    auto subject = world.missing_child().subject;
    subject.nhs_number = PersonalText("9990000026");
    subject.forename = PersonalText("Canaryother");
    roll.entries.push_back({subject, "roll:2"});
    world.schools.give(std::move(roll));
    world.settle();
    ASSERT_EQ(world.broker.claims.size(), 1U);
    world.broker.tamper_plan = [&](wire::DisclosurePlan& plan) {
        const auto& facts = world.broker.plans.at(plan.notification).facts;
        if (facts.sender == hub) plan.facts.claims = world.broker.claims;
    };
    world.send(world.schools, sighting());
    EXPECT_TRUE(passed_on().empty());
    EXPECT_TRUE(world.hub.has_alarm(Alarm::Kind::fact_unproved));
    EXPECT_TRUE(received_by_school().empty());
}

TEST_F(PassOnTest, WhatIsRefusedByARuleIsOnTheFrontDoorsList) {
    world.claim_school_roll(world.schools);
    auto concern = sighting("concern:1");
    concern.facts.type = TypeId("exploitation_concern");
    concern.facts.kind.clear();
    concern.facts.level = wire::Level::four;
    concern.facts.harm = wire::Harm::suspected;
    concern.facts.purpose = wire::Purpose::inform_function;
    concern.facts.agreement.status = wire::AgreementStatus::not_sought;
    concern.facts.agreement.not_sought_reason = wire::NotSoughtReason::risk_to_child;
    world.send(world.schools, concern);
    EXPECT_TRUE(passed_on().empty());
    const auto list =
        json::parse(world.hub.ask(ApiRequest::Kind::sent_list, front_door).json.reveal());
    ASSERT_EQ(list.at("sent").size(), 1U);
    EXPECT_EQ(list.at("sent")[0].at("state"), "held");
}

TEST_F(PassOnTest, NothingPersonalOfItLiesOpenInTheStore) {
    world.claim_school_roll(world.schools);
    world.send(world.schools, sighting());
    EXPECT_EQ(everything_stored(world.hub.store).find("Canary"), std::string::npos);
}

}  // namespace
}  // namespace mash::runtime::testing
