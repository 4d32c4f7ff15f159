// What a family said, from the desk that asked to the desk that must stop (domain.md E3, E4, G6).
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "common/crypto/storage_key.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

class AgreementTest : public ::testing::Test {
protected:
    AgreementTest() {
        world.connect(world.hub);
        world.connect(world.schools);
        lead = world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"},
                                        {"sch"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"}, {"ffd"});
    }
    json ask(TestHost& host, Kind kind, const PersonalText& token, const std::string& id = {},
             const json& body = {}) {
        const auto reply = host.ask(kind, token, id, body.is_null() ? "" : body.dump());
        status = reply.status;
        world.settle();
        return json::parse(reply.json.reveal());
    }
    json said(const char* word = "given") {
        return {{"status", word},
                {"giver", "parent_pr"},
                {"form", "verbal"},
                {"purpose", "request_service"},
                {"named_agencies", {"hub"}},
                {"said_at", to_rfc3339(world.now.wall - std::chrono::hours(1))},
                {"sought_by", "Canarylead"},
                {"evidence", "Canaryform in the blue folder"},
                {"subject",
                 {{"nhs_number", "9990000018"},
                  {"forename", "Canarychild"},
                  {"surname", "Canaryfamily"}}}};
    }
    std::string record(const json& body) {
        const auto made = ask(world.schools, Kind::agreement_add, lead, "", body);
        EXPECT_EQ(status, 201) << made.dump();
        return made.value("id", "");
    }
    json agreement(const std::string& id) {
        return ask(world.schools, Kind::agreement_one, lead, id);
    }
    json withdraw(const std::string& id) {
        return ask(world.schools, Kind::agreement_withdraw, lead, id);
    }
    Notification help(const std::string& ref, const std::string& cites = {}) {
        auto notification = world.missing_child(ref, "safeguarding_referral");
        notification.agency = AgencyId("orchard-gate");
        notification.role = RoleId("sch");
        notification.thread_ref = {};
        notification.facts.risk_grade = {};
        notification.facts.level = wire::Level::three;
        notification.facts.harm = wire::Harm::none;
        notification.facts.purpose = wire::Purpose::request_service;
        if (const auto id = uuid_from_text(cites)) notification.agreement_record = AgreementId(*id);
        return notification;
    }
    /// The rule that keeps it from being sent; "" when it was taken in.
    std::string fault(Notification notification) {
        Submit submit;
        submit.notification = std::move(notification);
        submit.person = service_person();
        submit.reason = "manual_entry";
        for (const auto& effect : world.schools.give(std::move(submit))) {
            if (const auto* rejected = std::get_if<SubmitRejected>(&effect))
                return rejected->faults.empty() ? std::string(name_of(rejected->code))
                                                : rejected->faults.front().rule;
        }
        world.settle();
        return "";
    }
    json sent(const NotificationId& id) {
        return ask(world.schools, Kind::sent_one, lead, to_text(id));
    }
    json decided(const NotificationId& id, const PersonalText& who) {
        ApiRequest request;
        request.kind = Kind::decisions_list;
        request.credential = who;
        request.filter = {{"sent", to_text(id)}};
        const auto reply = world.schools.ask(std::move(request));
        status = reply.status;
        return json::parse(reply.json.reveal());
    }
    json line_at_hub() {
        const auto list = ask(world.hub, Kind::received_list, front_door).at("received");
        return list.empty() ? json() : list.front();
    }
    std::size_t count_of_withdrawals() {
        return static_cast<std::size_t>(
            std::ranges::count_if(world.broker.others, [](const auto& body) {
                return std::holds_alternative<wire::WithdrawAgreement>(body);
            }));
    }
    AgentWorld world;
    PersonalText lead;
    PersonalText front_door;
    int status = 0;
};

TEST_F(AgreementTest, WhatTheRecordSaysIsWhatIsStatedAndItsWordsStay) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    ASSERT_EQ(world.broker.plan_requests.size(), 1U);
    const auto& stated = world.broker.plan_requests.front().facts.agreement;
    EXPECT_EQ(stated.status, wire::AgreementStatus::given);
    EXPECT_EQ(stated.named_agencies, std::vector{AgencyId("hub")});
    EXPECT_EQ(sent(sent_id).at("recipients").at(0).at("rule"), "E-15");
    const auto shown = agreement(id);
    EXPECT_EQ(shown.at("referral"), to_text(sent_id));
    EXPECT_EQ(shown.at("evidence"), "Canaryform in the blue folder");
    const auto& relying = shown.at("notifications").at(0).at("relying");
    ASSERT_EQ(relying.size(), 1U);
    EXPECT_EQ(relying.at(0).at("recipient").at("role"), "ffd");
    EXPECT_EQ(ask(world.schools, Kind::agreements_list, lead).at("agreements").size(), 1U);
    // The broker is told once, in codes.
    const auto told = std::ranges::find_if(world.broker.others, [](const auto& body) {
        return std::holds_alternative<wire::RecordAgreement>(body);
    });
    ASSERT_NE(told, world.broker.others.end());
    const auto bytes = std::get<wire::RecordAgreement>(*told).body;
    EXPECT_EQ(text_of(bytes).find("Canary"), std::string_view::npos);
    EXPECT_EQ(everything_stored(world.schools.store).find("Canaryform"), std::string::npos);
}

// domain.md E1: why a family was not asked is recorded as what it said would be, is what the plan
// is asked with, and a person decides on it (E-19); nobody reads it as a yes.
TEST_F(AgreementTest, WhyTheyWereNotAskedIsRecordedAndIsWhatIsStated) {
    auto body = said("not_sought");
    body["not_sought_reason"] = "risk_to_child";
    for (const auto* of_an_answer : {"giver", "form", "named_agencies"}) body.erase(of_an_answer);
    const auto id = record(body);
    const auto shown = agreement(id);
    EXPECT_EQ(shown.at("status"), "not_sought");
    EXPECT_EQ(shown.at("not_sought_reason"), "risk_to_child");

    const auto sent_id = world.send(world.schools, help("help:1", id));
    ASSERT_EQ(world.broker.plan_requests.size(), 1U);
    const auto& stated = world.broker.plan_requests.front().facts.agreement;
    EXPECT_EQ(stated.status, wire::AgreementStatus::not_sought);
    EXPECT_EQ(stated.not_sought_reason, wire::NotSoughtReason::risk_to_child);
    EXPECT_TRUE(stated.named_agencies.empty());
    const auto waits = sent(sent_id);
    EXPECT_TRUE(waits.at("recipients").empty());
    ASSERT_EQ(waits.at("held").size(), 1U);
    EXPECT_EQ(waits.at("held").at(0).at("rule"), "E-19");
    EXPECT_TRUE(world.broker.publishes.empty());

    // What nobody gave, nobody takes back.
    withdraw(id);
    EXPECT_EQ(status, 422);
}

// domain.md E3: form, date, scope and who sought it are part of the decision's record.
TEST_F(AgreementTest, TheDecisionsRecordNamesTheAgreementItRestsOn) {
    const auto id = record(said());
    world.send(world.schools, help("help:1", id));
    auto transaction = world.schools.store.begin();
    const auto decisions = table::decisions_of.collect_keys(*transaction, {});
    ASSERT_EQ(decisions.size(), 1U);
    const auto key = store::key_bytes(std::get<1>(decisions[0]));
    const auto stored = transaction->get(sealed::decision, key);
    ASSERT_TRUE(stored.has_value());
    const auto plain =
        crypto::decrypt_column(world.schools.keys.storage, sealed::decision.name(), key, *stored);
    ASSERT_TRUE(plain.has_value());
    const auto kept = text_of(*plain);
    for (const auto& named : {id, std::string("sought_by"), std::string("Canarylead"),
                              std::string("scope"), std::string("date")})
        EXPECT_NE(kept.find(named), std::string_view::npos) << named;
    EXPECT_EQ(kept.find("Canarychild"), std::string_view::npos);
    EXPECT_EQ(kept.find("blue folder"), std::string_view::npos);
}

TEST_F(AgreementTest, ItDoesNotCarryOverToAnotherReferralOrAnotherChild) {
    const auto id = record(said());
    EXPECT_EQ(fault(help("help:1", id)), "");
    EXPECT_EQ(fault(help("help:2", id)), "other_referral");
    auto threaded = help("help:3", id);
    threaded.thread_ref = "another";
    EXPECT_EQ(fault(threaded), "other_referral");
    const auto second = record(said());
    auto sibling = help("help:4", second);
    sibling.subject.nhs_number = PersonalText("");
    sibling.subject.forename = PersonalText("Canarysibling");
    EXPECT_EQ(fault(sibling), "other_child");
    EXPECT_EQ(fault(help("help:5", "00000000-0000-7000-8000-000000000000")), "unknown");
}

TEST_F(AgreementTest, OfOneReferralTheNewestRecordCountsAndNothingIsStatedBesideIt) {
    auto yes = said();
    yes["thread_ref"] = "early-help";
    const auto id = record(yes);
    auto first = help("help:1", id);
    first.thread_ref = "early-help";
    EXPECT_EQ(fault(first), "");
    world.now.wall = world.now.wall + std::chrono::minutes(1);
    auto no = said("refused");
    no["thread_ref"] = "early-help";
    record(no);
    auto stale = help("help:2", id);
    stale.thread_ref = "early-help";
    EXPECT_EQ(fault(stale), "replaced");
    auto beside = help("help:3");
    beside.thread_ref = "early-help";
    beside.facts.agreement.status = wire::AgreementStatus::given;
    beside.facts.agreement.giver = wire::Giver::parent_pr;
    EXPECT_EQ(fault(beside), "recorded_otherwise");
    beside.facts.harm = wire::Harm::suspected;
    EXPECT_EQ(fault(beside), "") << "danger waits for no record";
}

TEST_F(AgreementTest, WithdrawnAfterDeliveryTheRecipientIsToldAndKeepsTheContent) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    ask(world.hub, Kind::taken, front_door, to_text(sent_id));
    EXPECT_TRUE(line_at_hub().at("agreement_withdrawn").is_null());

    const auto after = withdraw(id);
    EXPECT_EQ(status, 202);
    EXPECT_EQ(after.at("status"), "withdrawn");
    const auto line = line_at_hub();
    EXPECT_TRUE(line.at("agreement_withdrawn").at("confirmed_at").is_null());
    EXPECT_NE(line.at("agreement_withdrawn").at("message").get<std::string>().find("Stop using"),
              std::string::npos);
    const auto opened = ask(world.hub, Kind::received_one, front_door, to_text(sent_id));
    EXPECT_EQ(status, 200) << "it does not un-know";
    EXPECT_FALSE(opened.at("agreement_withdrawn").is_null());

    const auto waiting = agreement(id).at("notifications").at(0);
    ASSERT_EQ(waiting.at("not_confirmed").size(), 1U);
    EXPECT_TRUE(waiting.at("confirmed").empty());
    EXPECT_EQ(waiting.at("without_agreement").at("outcome"), "not_allowed");

    ask(world.hub, Kind::stopped, front_door, to_text(sent_id));
    EXPECT_EQ(status, 200);
    const auto done = agreement(id).at("notifications").at(0);
    EXPECT_TRUE(done.at("not_confirmed").empty());
    ASSERT_EQ(done.at("confirmed").size(), 1U);
    EXPECT_EQ(done.at("confirmed").at(0).at("code"), "stopped");
    EXPECT_FALSE(line_at_hub().at("agreement_withdrawn").at("confirmed_at").is_null());
    ask(world.hub, Kind::stopped, front_door, to_text(sent_id));
    EXPECT_EQ(status, 200) << "a second time the first answer";
}

TEST_F(AgreementTest, WhatWasSentSaysThatItsAgreementWasWithdrawnAndWhoHasConfirmed) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    const auto last_of = [&] { return decided(sent_id, lead).at("decisions").back(); };
    const auto says = [&](const std::string& words) {
        return last_of().at("explanation").get<std::string>().find(words) != std::string::npos;
    };
    EXPECT_EQ(last_of().at("kind"), "shared");
    withdraw(id);
    ASSERT_EQ(decided(sent_id, lead).at("decisions").size(), 2U) << "what was decided stays";
    EXPECT_EQ(last_of().at("kind"), "agreement_withdrawn");
    EXPECT_EQ(last_of().at("sent"), to_text(sent_id));
    EXPECT_TRUE(says("told to stop using this and passing it on"));
    EXPECT_TRUE(says("hub/ffd: has not confirmed yet; by ")) << last_of().dump();
    EXPECT_TRUE(says("The record of the agreement is " + id));
    EXPECT_FALSE(says("Canary")) << "no word of what was said";

    ask(world.hub, Kind::stopped, front_door, to_text(sent_id));
    EXPECT_TRUE(says("hub/ffd: has stopped; confirmed on ")) << last_of().dump();
    EXPECT_FALSE(says("has not confirmed"));
    withdraw(id);
    EXPECT_EQ(decided(sent_id, lead).at("decisions").size(), 2U) << "once";
    const auto other =
        world.schools.add_person("Invented Other", "teme-meadow", {"teme-meadow.sch"}, {"sch"});
    decided(sent_id, other);
    EXPECT_EQ(status, 404);
}

TEST_F(AgreementTest, WhatNeverReliedOnAnAgreementIsNotSaidToBeStopped) {
    const auto id = record(said());
    auto danger = help("help:1", id);
    danger.facts.harm = wire::Harm::suspected;
    const auto sent_id = world.send(world.schools, danger);
    withdraw(id);
    const auto decisions = decided(sent_id, lead).at("decisions");
    EXPECT_TRUE(std::ranges::none_of(decisions, [](const json& one) {
        return one.at("kind") == "agreement_withdrawn";
    })) << decisions.dump();
}

TEST_F(AgreementTest, WhoHasNotConfirmedInTimeIsAnAlarmUntilTheyHave) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    withdraw(id);
    const auto due = agreement(id).at("notifications").at(0).at("confirm_by");
    const auto by = wall_time_from_rfc3339(due.get<std::string>());
    ASSERT_TRUE(by);
    world.pass(*by - world.now.wall - std::chrono::seconds(1));
    EXPECT_FALSE(world.schools.has_alarm(Alarm::Kind::not_confirmed));
    world.pass(std::chrono::seconds(2));
    EXPECT_TRUE(world.schools.has_alarm(Alarm::Kind::not_confirmed));
    EXPECT_FALSE(world.schools.has_alarm(Alarm::Kind::not_taken)) << "nobody is to take it now";
    ask(world.hub, Kind::stopped, front_door, to_text(sent_id));
    EXPECT_FALSE(world.schools.has_alarm(Alarm::Kind::not_confirmed));
}

TEST_F(AgreementTest, WhatWaitsIsPlannedAnewWithoutIt) {
    const auto id = record(said());
    world.disconnect(world.schools);
    const auto sent_id = world.send(world.schools, help("help:1", id));
    EXPECT_EQ(withdraw(id).at("message"),
              "Nothing had been sent under it. What waits is judged anew, without it.");
    world.connect(world.schools);
    EXPECT_TRUE(world.broker.publishes.empty());
    EXPECT_EQ(sent(sent_id).at("state"), "refused");
    EXPECT_EQ(sent(sent_id).at("refusal").at("code"), "withdrawn");
}

TEST_F(AgreementTest, APlanMadeBeforeTheWithdrawalIsNotFollowed) {
    const auto id = record(said());
    world.disconnect(world.schools);
    const auto began = static_cast<std::uint64_t>(world.now.wall.unix_ms());
    world.connect(world.schools);
    wire::BrokerFrame late;
    world.broker.swallow = [&](const HostId&, const wire::AgentBody& body) {
        const auto* request = std::get_if<wire::RequestPlan>(&body);
        if (request == nullptr || late.request != 0) return false;
        late = {0, world.broker.plan_for(*request)};
        return true;
    };
    const auto sent_id = world.send(world.schools, help("help:1", id));
    withdraw(id);
    ASSERT_TRUE(std::holds_alternative<wire::DisclosurePlan>(late.body));
    // A session's requests are numbered from the time at which it began.
    for (auto request = began; request < began + 40; ++request) {
        late.request = request;
        world.schools.give(FrameIn{late});
    }
    world.pass(std::chrono::seconds(2));
    EXPECT_TRUE(world.broker.publishes.empty());
    EXPECT_EQ(sent(sent_id).at("state"), "refused");
}

TEST_F(AgreementTest, WhatIsSealedGoesBehindItsWithdrawal) {
    const auto id = record(said());
    world.broker.loses_accepted = true;
    world.send(world.schools, help("help:1", id));
    world.broker.loses_accepted = false;
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::WithdrawAgreement>(body);
    };
    withdraw(id);
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(world.broker.publishes.size(), 1U) << "the withdrawal is not answered yet";
    world.broker.swallow = nullptr;
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(world.broker.publishes.size(), 2U);
}

TEST_F(AgreementTest, SharingThatRestsOnHarmIsNotStopped) {
    const auto id = record(said());
    auto harmed = help("help:1", id);
    harmed.facts.harm = wire::Harm::suspected;
    world.send(world.schools, harmed);
    const auto after = withdraw(id);
    EXPECT_EQ(count_of_withdrawals(), 0U);
    EXPECT_NE(after.at("message").get<std::string>().find("only the service"), std::string::npos);
    EXPECT_EQ(after.at("notifications").at(0).at("without_agreement").at("outcome"), "allowed");
    EXPECT_TRUE(line_at_hub().at("agreement_withdrawn").is_null());
}

TEST_F(AgreementTest, WhatHasRunOutIsAskedForAgain) {
    auto body = said();
    body["expires_at"] = to_rfc3339(world.now.wall + std::chrono::hours(1));
    const auto id = record(body);
    world.disconnect(world.schools);
    const auto sent_id = world.send(world.schools, help("help:1", id));
    world.pass(std::chrono::hours(1));
    world.connect(world.schools);
    EXPECT_EQ(agreement(id).at("status"), "expired");
    EXPECT_EQ(sent(sent_id).at("refusal").at("code"), "agreement_not_sought");
}

TEST_F(AgreementTest, AWithdrawalThatNobodySignedStopsNothing) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    wire::WithdrawalBody body;
    body.notification = sent_id;
    body.sender = AgencyId("orchard-gate");
    body.agreement = AgreementId(*uuid_from_text(id));
    body.person = PersonId("p-000000000000");
    body.at = world.now.wall;
    wire::WithdrawalNotice forged;
    forged.inbox = InboxId("hub.ffd");
    forged.seat = {AgencyId("hub"), RoleId("ffd")};
    forged.body = wire::encode_body(body);
    forged.signature = crypto::sign(world.area.broker_key(), wire::label::withdrawal, forged.body);
    world.hub.give(FrameIn{{0, forged}});
    EXPECT_TRUE(line_at_hub().at("agreement_withdrawn").is_null());
    ask(world.hub, Kind::stopped, front_door, to_text(sent_id));
    EXPECT_EQ(status, 404);
}

TEST_F(AgreementTest, ADeliveryThatItsWithdrawalOvertookIsNotShown) {
    const auto id = record(said());
    world.broker.delivers = false;
    const auto sent_id = world.send(world.schools, help("help:1", id));
    const auto& plan = world.broker.plans.at(sent_id).plan;
    const auto& recipient = plan.decision.recipients.front();
    world.broker.delivered[sent_id].push_back(world.broker.delivery_of(
        world.broker.published.at(sent_id), sent_id, recipient, recipient.inbox));
    withdraw(id);
    const auto told = agreement(id).at("notifications").at(0);
    ASSERT_EQ(told.at("confirmed").size(), 1U);
    EXPECT_EQ(told.at("confirmed").at(0).at("code"), "not_held");
    world.hub.give(FrameIn{{0, world.broker.delivered[sent_id].front()}});
    world.settle();
    EXPECT_TRUE(line_at_hub().is_null());
}

// One inbox may serve two seats. What was agreed for the one is not what the other is told for: a
// person decided that, or a rule that asks no family.
TEST_F(AgreementTest, AnotherSeatOfTheSameInboxIsToldAlthoughTheFirstWasStopped) {
    const auto id = record(said());
    world.broker.delivers = false;
    const auto sent_id = world.send(world.schools, help("help:1", id));
    auto recipient = world.broker.plans.at(sent_id).plan.decision.recipients.front();
    const auto delivery_to = [&](const wire::Recipient& one) {
        return world.broker.delivery_of(world.broker.published.at(sent_id), sent_id, one,
                                        one.inbox);
    };
    world.broker.delivered[sent_id].push_back(delivery_to(recipient));
    withdraw(id);
    ASSERT_EQ(
        agreement(id).at("notifications").at(0).at("confirmed").at(0).at("code").get<std::string>(),
        "not_held");
    const auto stopped = delivery_to(recipient);
    recipient.seat.role = RoleId("edt");
    auto altered = delivery_to(recipient);
    altered.parcel.grant.push_back(0);
    world.hub.give(FrameIn{{0, altered}});
    world.hub.give(FrameIn{{0, stopped}});
    world.settle();
    EXPECT_TRUE(line_at_hub().is_null()) << "what nobody signed lifts no withdrawal";
    world.hub.give(FrameIn{{0, delivery_to(recipient)}});
    world.settle();
    ASSERT_FALSE(line_at_hub().is_null()) << "nobody was told";
    EXPECT_TRUE(line_at_hub().at("agreement_withdrawn").is_null());
    ask(world.hub, Kind::received_one, front_door, to_text(sent_id));
    EXPECT_EQ(status, 200);
}

TEST_F(AgreementTest, AnAgentThatForgotAWithdrawalHearsItFromItsOwnSignature) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    wire::AgreementBody body;
    body.id = AgreementId(*uuid_from_text(id));
    body.agency = AgencyId("orchard-gate");
    body.thread = ThreadId(sent_id.value());
    body.person = PersonId("p-000000000000");
    body.agreement = world.broker.plan_requests.front().facts.agreement;
    body.recorded_at = world.now.wall;
    body.withdrawn_at = world.now.wall;
    wire::AgreementHeld held;
    held.body = wire::encode_body(body);
    held.signature = crypto::sign(world.area.broker_key(), wire::label::agreement, held.body);
    world.schools.give(FrameIn{{0, held}});
    EXPECT_EQ(agreement(id).at("status"), "given") << "nobody else withdraws it";
    held.signature = crypto::sign(world.area.signing_key(AgencyId("orchard-gate")),
                                  wire::label::agreement, held.body);
    world.schools.give(FrameIn{{0, held}});
    world.settle();
    EXPECT_EQ(agreement(id).at("status"), "withdrawn");
    EXPECT_EQ(count_of_withdrawals(), 1U);
}

TEST_F(AgreementTest, ARecordIsWholeAndItsAgencysAlone) {
    const auto refused = [&](auto change) {
        auto body = said();
        change(body);
        ask(world.schools, Kind::agreement_add, lead, "", body);
        return status;
    };
    EXPECT_EQ(refused([](json& b) { b["status"] = "withdrawn"; }), 422);
    EXPECT_EQ(refused([](json& b) { b.erase("giver"); }), 422);
    EXPECT_EQ(refused([](json& b) { b["form"] = "shouted"; }), 422);
    EXPECT_EQ(refused([](json& b) { b["named_agencies"] = json::array(); }), 422);
    EXPECT_EQ(refused([](json& b) { b.erase("said_at"); }), 422);
    EXPECT_EQ(refused([](json& b) { b.erase("subject"); }), 422);
    EXPECT_EQ(refused([](json& b) { b["notification"] = "00000000-0000-7000-8000-000000000000"; }),
              422);
    EXPECT_EQ(refused([](json& b) { b["status"] = "not_sought"; }), 422) << "without a reason";
    EXPECT_EQ(refused([](json& b) { b["canary"] = 1; }), 422);
    const auto id = record(said());
    ask(world.schools, Kind::agreement_withdraw, world.schools.service_token, id);
    EXPECT_EQ(status, 403);
    const auto other =
        world.schools.add_person("Invented Other", "teme-meadow", {"teme-meadow.sch"}, {"sch"});
    ask(world.schools, Kind::agreement_one, other, id);
    EXPECT_EQ(status, 404);
    ask(world.schools, Kind::agreement_withdraw, other, id);
    EXPECT_EQ(status, 404);
    const auto stands_in = world.schools.add_person("Invented Stand-in", "orchard-gate",
                                                    {"orchard-gate.sch2"}, {"sch2"});
    ask(world.schools, Kind::agreement_one, stands_in, id);
    EXPECT_EQ(status, 404) << "nor for a colleague who does not open the inbox";
    EXPECT_TRUE(ask(world.schools, Kind::agreements_list, stands_in).at("agreements").empty());
    const auto no = record(said("refused"));
    ask(world.schools, Kind::agreement_withdraw, lead, no);
    EXPECT_EQ(status, 422) << "nothing was given";
}

TEST_F(AgreementTest, NobodySpeaksInAColleaguesReferralOrReadsIt) {
    auto yes = said();
    yes["thread_ref"] = "early-help";
    const auto id = record(yes);
    auto first = help("help:1", id);
    first.thread_ref = "early-help";
    const auto sent_id = world.send(world.schools, first);
    world.now.wall = world.now.wall + std::chrono::minutes(1);
    const auto stands_in = world.schools.add_person("Invented Stand-in", "orchard-gate",
                                                    {"orchard-gate.sch2"}, {"sch2"});
    auto no = said("refused");
    no["thread_ref"] = "early-help";
    const auto theirs = ask(world.schools, Kind::agreement_add, stands_in, "", no);
    EXPECT_EQ(status, 201);
    EXPECT_TRUE(theirs.at("notifications").empty()) << theirs.dump();
    no["thread_ref"] = "nobody-has-this";
    const auto fresh = ask(world.schools, Kind::agreement_add, stands_in, "", no);
    EXPECT_EQ(theirs.at("referral"), fresh.at("referral")) << "nor learns that it exists";
    auto second = help("help:2", id);
    second.thread_ref = "early-help";
    EXPECT_EQ(fault(second), "") << "what the family said still counts";
    EXPECT_EQ(agreement(id).at("referral"), sent(sent_id).at("thread"));

    // In one that nobody has used yet anybody may record; what a colleague sends in it later is
    // theirs.
    yes["thread_ref"] = "shared";
    const auto shared =
        ask(world.schools, Kind::agreement_add, stands_in, "", yes).at("id").get<std::string>();
    auto later = help("help:3", shared);
    later.thread_ref = "shared";
    EXPECT_EQ(fault(later), "");
    EXPECT_EQ(agreement(shared).at("notifications").size(), 1U);
    EXPECT_TRUE(
        ask(world.schools, Kind::agreement_one, stands_in, shared).at("notifications").empty());
}

TEST_F(AgreementTest, RecordedAheadItCountsOnceItsRecordersRoleSendsThere) {
    const auto stands_in = world.schools.add_person("Invented Stand-in", "orchard-gate",
                                                    {"orchard-gate.sch2"}, {"sch2"});
    auto no = said("refused");
    no["thread_ref"] = "cpoms:118";
    ask(world.schools, Kind::agreement_add, stands_in, "", no);
    ASSERT_EQ(status, 201);
    const auto agreed = [&](const std::string& ref, const std::string& thread) {
        auto notification = help(ref);
        notification.thread_ref = thread;
        notification.facts.agreement.status = wire::AgreementStatus::given;
        notification.facts.agreement.giver = wire::Giver::parent_pr;
        notification.facts.agreement.named_agencies = {AgencyId("hub")};
        return notification;
    };
    EXPECT_EQ(fault(agreed("help:1", "cpoms:118")), "") << "a colleague's word blocks nothing";
    no["thread_ref"] = "cpoms:119";
    const auto own = record(no);
    EXPECT_TRUE(agreement(own).at("referral").is_null()) << "until something is sent in it";
    EXPECT_EQ(fault(agreed("help:2", "cpoms:119")), "recorded_otherwise");
    EXPECT_FALSE(agreement(own).at("status").is_null());
}

TEST_F(AgreementTest, WhoHasAnEarlierCopyStandsOnTheListOfTheWithdrawal) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    ASSERT_EQ(agreement(id).at("notifications").at(0).at("relying").size(), 1U);
    {
        // The broker was put back and the item planned anew; its plan names somebody else now.
        auto transaction = world.schools.store.begin();
        auto item = *table::outbox.get(*transaction, sent_id);
        const std::tuple key(ThreadId(sent_id.value()), sent_id);
        ASSERT_TRUE(table::agreement_relied.get(*transaction, key));
        table::agreement_relied.erase(*transaction, key);
        auto decision = *wire::decode_body<wire::Decision>(item.decision);
        decision.recipients.clear();
        item.decision = wire::encode_body(decision);
        table::outbox.put(*transaction, sent_id, item);
        ASSERT_TRUE(world.schools.store.commit(std::move(transaction)).is_committed());
    }
    withdraw(id);
    ASSERT_TRUE(agreement(id).at("notifications").at(0).at("not_confirmed").empty());
    // Whoever had it signs once more, as for any restored broker.
    ask(world.hub, Kind::received_one, front_door, to_text(sent_id));
    ASSERT_EQ(status, 200);
    EXPECT_EQ(agreement(id).at("notifications").at(0).at("not_confirmed").size(), 1U);
    world.pass(std::chrono::hours(24 * 3));
    EXPECT_TRUE(world.schools.has_alarm(Alarm::Kind::not_confirmed));
    const auto rung = world.schools.seen_of<Alarm>();
    EXPECT_TRUE(std::ranges::any_of(rung, [](const Alarm& alarm) {
        return alarm.kind == Alarm::Kind::not_confirmed && !alarm.telephone.empty();
    }));
}

/// Sent and taken back; then the family withdrew, and a backup of the broker was put back that
/// knows nothing of it. The plan of today names nobody.
class RecalledAndPlannedAnew : public AgreementTest {
protected:
    /// Level four is held for a person without the agreement, level three refused.
    void send_and_recall(wire::Level level) {
        const auto id = record(said());
        auto asked_for = help("help:1", id);
        asked_for.facts.level = level;
        sent_id = world.send(world.schools, asked_for);
        ASSERT_EQ(sent(sent_id).at("state"), "accepted");
        world.disconnect(world.hub);
        ask(world.schools, Kind::recall, lead, to_text(sent_id), {{"reason", "wrong_child"}});
        ASSERT_EQ(status, 202);
        withdraw(id);
        world.disconnect(world.schools);
        world.broker.published.clear();
        world.broker.store_epoch = {2};
        world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
            if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
            return ErrorCode::stale_plan;
        };
        world.connect(world.schools);
        for (int i = 0; i < 3; ++i) world.pass(std::chrono::seconds(35));
        ASSERT_GE(world.broker.plan_requests.size(), 2U);
    }
    json unconfirmed() {
        return ask(world.schools, Kind::unconfirmed_list, lead).at("unconfirmed");
    }
    void expect_owed_by_whoever_has_it() {
        const auto item = table::outbox.get(*world.schools.store.view(), sent_id);
        ASSERT_TRUE(item.has_value());
        EXPECT_EQ(item->state, OutboxState::accepted);
        EXPECT_TRUE(ask(world.schools, Kind::held_list, lead).at("held").empty());
        ASSERT_EQ(unconfirmed().size(), 1U) << "the front door has not said that it is gone";
        EXPECT_EQ(unconfirmed().at(0).at("of"), "recall");
        world.pass(std::chrono::hours(5));
        EXPECT_TRUE(world.schools.has_alarm(Alarm::Kind::not_confirmed));
        EXPECT_FALSE(world.schools.has_alarm(Alarm::Kind::held_overdue));
        EXPECT_FALSE(world.schools.has_alarm(Alarm::Kind::publish_refused))
            << "nobody is to send something else instead";
        world.connect(world.hub);
        world.pass(std::chrono::hours(1));
        EXPECT_TRUE(unconfirmed().empty());
        EXPECT_FALSE(world.schools.has_alarm(Alarm::Kind::not_confirmed));
    }
    NotificationId sent_id;
};

TEST_F(RecalledAndPlannedAnew, WhatWouldBeHeldAsksNobodyAndWhoHasItOwesItsWord) {
    send_and_recall(wire::Level::four);
    expect_owed_by_whoever_has_it();
}

TEST_F(RecalledAndPlannedAnew, WhatWouldBeRefusedIsNoRefusalAndWhoHasItOwesItsWord) {
    send_and_recall(wire::Level::three);
    expect_owed_by_whoever_has_it();
}

TEST_F(RecalledAndPlannedAnew, WhoSignsForItOnlyNowStandsOnTheListAndMustConfirm) {
    world.broker.swallow = [](const HostId& host, const wire::AgentBody& body) {
        return host == HostId("hub") && std::holds_alternative<wire::Receipts>(body);
    };
    send_and_recall(wire::Level::four);
    EXPECT_TRUE(unconfirmed().empty()) << "today's plan names nobody";
    // Its word that it is gone comes later than the one that it had it.
    world.broker.swallow = nullptr;
    world.broker.queued.clear();
    world.connect(world.hub);
    ASSERT_EQ(unconfirmed().size(), 1U);
    EXPECT_EQ(unconfirmed().at(0).at("recipients").at(0).at("recipient").at("role"), "ffd");
}

TEST_F(AgreementTest, RecordedForAColleaguesReferralItCountsInNoOther) {
    auto theirs = help("help:1", record(said()));
    theirs.thread_ref = "early-help";
    world.send(world.schools, theirs);
    const auto stands_in = world.schools.add_person("Invented Stand-in", "orchard-gate",
                                                    {"orchard-gate.sch2"}, {"sch2"});
    auto yes = said();
    yes["thread_ref"] = "early-help";
    const auto theirs_too =
        ask(world.schools, Kind::agreement_add, stands_in, "", yes).at("id").get<std::string>();
    EXPECT_EQ(status, 201) << "an answer that says no would tell that the referral exists";
    auto own = help("help:2", theirs_too);
    EXPECT_EQ(fault(own), "other_referral");
    own.thread_ref = "another";
    EXPECT_EQ(fault(own), "other_referral");
    own.thread_ref = "early-help";
    EXPECT_EQ(fault(own), "");
}

TEST_F(AgreementTest, TakenAfterTheWithdrawalItStaysOnTheListUntilItIsConfirmed) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    withdraw(id);
    ask(world.hub, Kind::taken, front_door, to_text(sent_id));
    EXPECT_EQ(status, 200);
    ASSERT_FALSE(line_at_hub().is_null()) << "in one half of the list or in the other";
    ask(world.hub, Kind::stopped, front_door, to_text(sent_id));
    EXPECT_FALSE(line_at_hub().is_null());
}

TEST_F(AgreementTest, WhatIsRecalledNeedsNoConfirmationOfItsOwn) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    const auto due = [&] {
        const auto after = withdraw(id);
        const auto by = after.at("notifications").at(0).at("confirm_by").get<std::string>();
        return *wall_time_from_rfc3339(by);
    }();
    EXPECT_EQ(agreement(id).at("notifications").at(0).at("not_confirmed").size(), 1U);
    ask(world.schools, Kind::recall, lead, to_text(sent_id), {{"reason", "sent_in_error"}});
    const auto item = agreement(id).at("notifications").at(0);
    EXPECT_TRUE(item.at("not_confirmed").empty()) << item.dump();
    const auto said_stopped = [&] {
        for (const auto& batch : world.broker.receipts) {
            for (const auto& entry : entries_of(batch)) {
                if (entry.rung == wire::Rung::agreement_stopped) return entry.code;
            }
        }
        return std::string();
    };
    EXPECT_EQ(said_stopped(), "not_held") << "or the broker asks for ever";
    world.pass(due - world.now.wall + std::chrono::seconds(1));
    EXPECT_FALSE(world.schools.has_alarm(Alarm::Kind::not_confirmed));
}

TEST_F(AgreementTest, TheWithdrawalOfALaterAgreementIsShownAgain) {
    const auto id = record(said());
    const auto sent_id = world.send(world.schools, help("help:1", id));
    withdraw(id);
    ask(world.hub, Kind::stopped, front_door, to_text(sent_id));
    EXPECT_FALSE(line_at_hub().at("agreement_withdrawn").at("confirmed_at").is_null());
    auto again = said();
    again["notification"] = to_text(sent_id);
    world.now.wall = world.now.wall + std::chrono::minutes(1);
    const auto second = record(again);
    withdraw(second);
    EXPECT_EQ(count_of_withdrawals(), 2U) << "each agreement's own";
    EXPECT_TRUE(agreement(second).at("notifications").at(0).at("not_confirmed").empty())
        << "whoever has stopped is not asked once more";
}

}  // namespace
}  // namespace mash::runtime::testing
