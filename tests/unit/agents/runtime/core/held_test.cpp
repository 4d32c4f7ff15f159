// Decisions that wait for a named person, and tasks that a named role clears.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/area/policy.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/support/test_agent.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;

class HeldTest : public ::testing::Test {
protected:
    HeldTest() {
        world.connect_all();
        manager = world.police.add_person("Invented Manager", "police-wm", {"police-wm.manager"});
    }
    NotificationId send_detrimental() {
        return world.send(world.police, world.detrimental_child());
    }
    json held() {
        const auto reply = world.police.ask(ApiRequest::Kind::held_list, manager);
        EXPECT_EQ(reply.status, 200);
        return json::parse(reply.json.reveal()).at("held");
    }
    bool told_school(const NotificationId&) {
        const auto names_school = [](const wire::SealedNotification& sealed) {
            return std::ranges::find(sealed.parcels, InboxId("orchard-gate.sch"),
                                     &wire::Parcel::recipient) != sealed.parcels.end();
        };
        return std::ranges::any_of(world.broker.published,
                                   [&](const auto& one) { return names_school(one.second); }) ||
               std::ranges::any_of(world.broker.supplements,
                                   [&](const auto& one) { return names_school(one.added); });
    }
    json sent(const NotificationId& id) {
        return json::parse(
            world.police.ask(ApiRequest::Kind::sent_one, world.police.service_token, to_text(id))
                .json.reveal());
    }
    int answer(const NotificationId& id, bool allow) {
        const json body{{"allow", allow}, {"reason", "Canaryreason: she asked us to"}};
        const auto status =
            world.police.ask(ApiRequest::Kind::held_answer, manager, to_text(id), body.dump())
                .status;
        world.settle();
        return status;
    }
    AgentWorld world;
    PersonalText manager;
};

TEST_F(HeldTest, TheOthersAreToldAtOnceAndTheManagerIsAsked) {
    const auto id = send_detrimental();
    ASSERT_TRUE(world.broker.published.contains(id));
    EXPECT_FALSE(told_school(id));
    const auto list = held();
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("questions")[0].at("rule"), "E-07");
    EXPECT_EQ(list[0].at("questions")[0].at("recipient").at("agency"), "orchard-gate");
    EXPECT_EQ(list[0].at("sections").at("evt").at("what"), "Canaryheadline: missing since morning");
}

TEST_F(HeldTest, WhatTheManagerAllowsIsAddedToWhatWasSent) {
    const auto id = send_detrimental();
    const auto first = world.broker.published.at(id);
    EXPECT_EQ(answer(id, true), 200);
    EXPECT_EQ(world.broker.published.size(), 1U) << "nobody reads it twice";
    ASSERT_EQ(world.broker.supplements.size(), 1U);
    EXPECT_TRUE(told_school(id));
    const auto& added = world.broker.supplements[0].added;
    for (const auto& parcel : added.parcels) {
        EXPECT_EQ(std::ranges::find(first.parcels, parcel.recipient, &wire::Parcel::recipient),
                  first.parcels.end())
            << "who was told is not told again: " << parcel.recipient.value();
    }
    for (const auto& view : added.views) {
        const auto before = std::ranges::find(first.views, view.view, &wire::SealedView::view);
        if (before != first.views.end()) {
            EXPECT_NE(before->ciphertext, view.ciphertext) << "under a key of its own";
        }
    }
    EXPECT_TRUE(held().empty());
    const auto item = sent(id);
    const auto& recipients = item.at("recipients");
    EXPECT_EQ(std::ranges::count_if(recipients,
                                    [](const json& one) {
                                        return one.at("recipient").at("agency") == "orchard-gate";
                                    }),
              1);
    EXPECT_TRUE(item.at("alarms").empty());
}

TEST_F(HeldTest, ASupplementThatRestsOnAWordWhichDoesNotCountIsPlannedAgain) {
    const auto id = send_detrimental();
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        const auto* request = std::get_if<wire::RequestPlan>(&body);
        if (request == nullptr || request->reason != "supplement") return std::nullopt;
        return ErrorCode::not_entitled;
    };
    EXPECT_EQ(answer(id, true), 200);
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::publish_refused))
        << "somebody else is asked; nothing is wrong with what was sent";
    world.broker.refuse = nullptr;
    world.pass(std::chrono::seconds(2));
    EXPECT_TRUE(told_school(id));
}

TEST_F(HeldTest, WhoWasAddedOpensTheSameNotification) {
    const auto id = send_detrimental();
    answer(id, true);
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    const auto reply = world.schools.ask(ApiRequest::Kind::received_one, lead, to_text(id), {},
                                         "orchard-gate.sch");
    ASSERT_EQ(reply.status, 200);
    EXPECT_NE(reply.json.reveal().find("Canaryheadline"), std::string::npos);
    world.settle();
    const auto item = sent(id);
    for (const auto& one : item.at("recipients")) {
        if (one.at("recipient").at("agency") != "orchard-gate") continue;
        std::set<std::string> rungs;
        for (const auto& rung : one.at("rungs")) rungs.insert(rung.at("rung"));
        EXPECT_TRUE(rungs.contains("stored"));
        EXPECT_TRUE(rungs.contains("opened"));
    }
}

TEST_F(HeldTest, APermissionThatComesThroughTheBrokerAddsThemToo) {
    const auto id = send_detrimental();
    const auto question = held()[0].at("questions")[0];
    const auto seat = [](const json& one) {
        return Seat{AgencyId(one.at("agency").get<std::string>()),
                    RoleId(one.at("role").get<std::string>())};
    };
    world.police.give(
        FrameIn{{0, test::authorise(world.area, seat(question.at("decider")), id,
                                    AgencyId("police-wm"), question.at("rule"),
                                    {seat(question.at("recipient"))}, true, world.now.wall)}});
    world.settle();
    EXPECT_EQ(world.broker.supplements.size(), 1U);
    EXPECT_TRUE(told_school(id));
    EXPECT_TRUE(held().empty());
}

TEST_F(HeldTest, ASupplementInDoubtIsOfferedAsTheSameBytes) {
    const auto id = send_detrimental();
    world.broker.loses_accepted = true;
    answer(id, true);
    world.pass(std::chrono::seconds(21));
    world.police.restart();
    world.disconnect(world.police);
    world.connect(world.police);
    world.broker.loses_accepted = false;
    world.pass(std::chrono::seconds(21));
    ASSERT_GE(world.broker.supplements.size(), 3U);
    for (const auto& one : world.broker.supplements)
        EXPECT_TRUE(one == world.broker.supplements.front());
    const auto offered = world.broker.supplements.size();
    for (int i = 0; i < 4; ++i) world.pass(std::chrono::seconds(31));
    EXPECT_EQ(world.broker.supplements.size(), offered) << "accepted, it rests";
}

TEST_F(HeldTest, ABrokerThatAcceptsOtherBytesEndsNoSupplement) {
    const auto id = send_detrimental();
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::Supplement>(body);
    };
    answer(id, true);
    world.police.give(
        FrameIn{{0, world.broker.accepted(id, AgencyId("police-wm"), Digest{1, 2, 3})}});
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::duplicate_conflict));
    world.broker.swallow = nullptr;
    world.pass(std::chrono::seconds(90));
    EXPECT_EQ(world.broker.supplements.size(), 1U) << "it goes on being offered";
}

TEST_F(HeldTest, AStalePlanOfASupplementIsPlannedAgain) {
    const auto id = send_detrimental();
    int times = 1;
    world.broker.refuse = [&](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Supplement>(body) || times-- <= 0) return std::nullopt;
        return ErrorCode::stale_plan;
    };
    answer(id, true);
    for (int i = 0; i < 3; ++i) world.pass(std::chrono::seconds(31));
    ASSERT_EQ(world.broker.supplements.size(), 1U);
    EXPECT_TRUE(told_school(id));
}

TEST_F(HeldTest, ABrokerThatSaysStaleOfASupplementForEverIsAskedEverMoreRarely) {
    const auto id = send_detrimental();
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Supplement>(body)) return std::nullopt;
        return ErrorCode::stale_plan;
    };
    answer(id, true);
    const auto before = world.broker.plan_requests.size();
    for (int i = 0; i < 240; ++i) {
        world.now.steady = world.now.steady + std::chrono::seconds(15);
        world.tick();
    }
    EXPECT_LT(world.broker.plan_requests.size() - before, 25U) << "in an hour";
    EXPECT_GT(world.broker.plan_requests.size() - before, 10U) << "five minutes at the most";
    world.broker.refuse = nullptr;
    world.now.steady = world.now.steady + std::chrono::minutes(5);
    world.tick();
    EXPECT_TRUE(told_school(id));
}

TEST_F(HeldTest, ABrokerThatSaysItHoldsOtherParcelsSilencesNothing) {
    const auto id = send_detrimental();
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Supplement>(body)) return std::nullopt;
        return ErrorCode::duplicate_conflict;
    };
    answer(id, true);
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::duplicate_conflict));
    world.pass(std::chrono::hours(25));
    world.pass(std::chrono::hours(25));
    const auto item = sent(id);
    EXPECT_EQ(item.at("state"), "accepted");
    EXPECT_TRUE(std::ranges::any_of(item.at("alarms"), [](const json& one) {
        return one.at("alarm") == "duplicate_conflict";
    }));
}

TEST_F(HeldTest, ARestoredBrokerIsOfferedTheSupplementAfterItsNotification) {
    const auto id = send_detrimental();
    answer(id, true);
    ASSERT_EQ(world.broker.supplements.size(), 1U);
    const auto publishes = world.broker.publishes.size();
    world.disconnect(world.police);
    world.broker.store_epoch = {7};
    world.connect(world.police);
    world.settle();
    EXPECT_EQ(world.broker.publishes.size(), publishes + 1);
    ASSERT_EQ(world.broker.supplements.size(), 2U);
    EXPECT_TRUE(world.broker.supplements[0] == world.broker.supplements[1]);
    EXPECT_EQ(sent(id).at("state"), "accepted");
}

TEST_F(HeldTest, NobodyIsAddedOnceItIsRecalled) {
    const auto id = send_detrimental();
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::RequestPlan>(body);
    };
    answer(id, true);
    const auto officer =
        world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
    world.police.ask(ApiRequest::Kind::recall, officer, to_text(id), R"({"reason":"wrong_child"})");
    world.broker.swallow = nullptr;
    for (int i = 0; i < 4; ++i) world.pass(std::chrono::seconds(31));
    EXPECT_TRUE(world.broker.supplements.empty());
    EXPECT_FALSE(told_school(id));
}

TEST_F(HeldTest, AnAnswerSignedWhileTheClockWasAheadIsNotSentBeforeItsTime) {
    const auto right = world.now.wall;
    const auto id = send_detrimental();
    world.now.wall = right + std::chrono::hours(2);
    answer(id, true);
    world.now.wall = right;
    world.pass(std::chrono::seconds(61));
    for (const auto& request : world.broker.plan_requests) {
        for (const auto& given : request.authorisations) {
            const auto body = wire::decode_body<wire::Authorisation>(given.body);
            EXPECT_LE(body->at, request.asked_at + std::chrono::minutes(5));
        }
    }
}

TEST_F(HeldTest, ARecallLeavesTheManagerNothingToAllow) {
    const auto id = send_detrimental();
    const auto officer =
        world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
    EXPECT_EQ(
        world.police
            .ask(ApiRequest::Kind::recall, officer, to_text(id), R"({"reason":"wrong_child"})")
            .status,
        202);
    world.settle();
    EXPECT_TRUE(held().empty());
    EXPECT_NE(answer(id, true), 200);
    EXPECT_EQ(world.broker.published.size(), 1U) << "nothing about the wrong child goes out";
}

TEST_F(HeldTest, ARecallOfTheFirstTakesBackWhatWasAllowedLater) {
    const auto id = send_detrimental();
    answer(id, true);
    const auto officer =
        world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
    world.police.ask(ApiRequest::Kind::recall, officer, to_text(id), R"({"reason":"wrong_child"})");
    world.settle();
    const auto recalls = std::ranges::count_if(world.broker.others, [](const auto& body) {
        return std::holds_alternative<wire::Recall>(body);
    });
    EXPECT_EQ(recalls, 1) << "it is one notification";
    const auto lead =
        world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    EXPECT_NE(
        world.schools.ask(ApiRequest::Kind::received_one, lead, to_text(id), {}, "orchard-gate.sch")
            .status,
        200)
        << "whoever was added has it no more";
}

TEST_F(HeldTest, WhatTheManagerRefusesIsNotSentAndTheReasonStaysHere) {
    const auto id = send_detrimental();
    EXPECT_EQ(answer(id, false), 200);
    EXPECT_EQ(world.broker.published.size(), 1U);
    EXPECT_TRUE(held().empty());
    EXPECT_EQ(everything_stored(world.police.store).find("Canaryreason"), std::string::npos);
    // The broker hears who decided what, never why in words.
    bool told = false;
    for (const auto& body : world.broker.others) {
        const auto* frame = std::get_if<wire::AuthorisationFrame>(&body);
        if (frame == nullptr) continue;
        told = true;
        EXPECT_EQ(text_of(frame->authorisation.body).find("Canary"), std::string_view::npos);
        EXPECT_FALSE(wire::decode_body<wire::Authorisation>(frame->authorisation.body)->allow);
    }
    EXPECT_TRUE(told);
}

TEST_F(HeldTest, AnAnswerNeedsAReasonAndARole) {
    const auto id = send_detrimental();
    EXPECT_EQ(
        world.police.ask(ApiRequest::Kind::held_answer, manager, to_text(id), R"({"allow":true})")
            .status,
        422);
    EXPECT_EQ(
        world.police
            .ask(ApiRequest::Kind::held_answer, manager, to_text(id), R"({"reason":"because"})")
            .status,
        422);
    const auto officer =
        world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
    EXPECT_EQ(world.police
                  .ask(ApiRequest::Kind::held_answer, officer, to_text(id),
                       R"({"allow":true,"reason":"x"})")
                  .status,
              403);
    EXPECT_EQ(world.broker.published.size(), 1U);
    EXPECT_EQ(held().size(), 1U);
}

/// Police asked; the school believes that an answer would harm the child, and whoever would decide
/// there is in the conflict. So the front door decides, to whom the row tells nothing of it.
class DeciderElsewhereTest : public ::testing::Test {
protected:
    DeciderElsewhereTest() {
        world.connect_all();
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
        auto answer = world.missing_child("answer:1", "information_response");
        answer.agency = school.agency;
        answer.role = school.role;
        answer.facts.kind = "information";
        answer.sections["out"]["reason"] = PersonalText("\"asked for\"");
        answer.facts.level = wire::Level::three;
        answer.facts.harm = wire::Harm::none;
        answer.facts.purpose = wire::Purpose::inform_function;
        answer.facts.agreement.status = wire::AgreementStatus::given;
        answer.facts.agreement.giver = wire::Giver::parent_pr;
        answer.facts.agreement.purpose = wire::Purpose::inform_function;
        answer.facts.agreement.named_agencies = {police.agency};
        answer.facts.addressed_to = answer.facts.detriment = {police};
        answer.facts.conflicts_stated = {{school.agency, RoleId("sch2")}};
        id = world.send(world.schools, answer);
        task.id = test::id_of<TaskId>(7);
        task.kind = wire::TaskKind::held;
        task.owner = {AgencyId("hub"), RoleId("ffd")};
        task.notification = id;
        task.sender = school.agency;
        task.type = TypeId("information_response");
        task.agency = police.agency;
        task.role = police.role;
        task.rule = "E-07";
        task.due = world.now.wall + std::chrono::hours(4);
    }
    void ask() { world.hub.give(FrameIn{{0, wire::TaskNotice{task}}}); }
    void close() { world.hub.give(FrameIn{{0, wire::TaskClosed{task.id}}}); }
    ApiReply open() {
        return world.hub.ask(ApiRequest::Kind::received_one, front_door,
                             school.agency.value() + "/" + to_text(id), {}, "hub.ffd");
    }
    json sent() {
        return json::parse(
            world.schools.ask(ApiRequest::Kind::sent_one, world.schools.service_token, to_text(id))
                .json.reveal());
    }
    bool told(const InboxId& inbox) const {
        const auto names = [&](const wire::SealedNotification& sealed) {
            return std::ranges::find(sealed.parcels, inbox, &wire::Parcel::recipient) !=
                   sealed.parcels.end();
        };
        const auto first = world.broker.published.find(id);
        return (first != world.broker.published.end() && names(first->second)) ||
               std::ranges::any_of(world.broker.supplements,
                                   [&](const auto& one) { return names(one.added); });
    }
    const Seat school{AgencyId("orchard-gate"), RoleId("sch")};
    const Seat police{AgencyId("police-wm"), RoleId("pol")};
    AgentWorld world;
    PersonalText front_door;
    NotificationId id;
    wire::Task task;
};

TEST_F(DeciderElsewhereTest, ReadsWhatItDecidesAboutAndNobodyElseDoes) {
    EXPECT_TRUE(told(InboxId("hub.ffd")));
    EXPECT_FALSE(told(InboxId("police-wm.pol")));
    ask();
    const auto list =
        json::parse(world.hub.ask(ApiRequest::Kind::held_list, front_door).json.reveal())["held"];
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("item").at("id"), "orchard-gate/" + to_text(id));
    EXPECT_EQ(list[0].at("item").at("inbox"), "hub.ffd");
    const auto reply = open();
    ASSERT_EQ(reply.status, 200);
    EXPECT_NE(reply.json.reveal().find("Canaryheadline"), std::string::npos);
    EXPECT_NE(reply.json.reveal().find("for that only"), std::string::npos);
    const auto item = sent();
    EXPECT_EQ(item.at("state"), "accepted");
    ASSERT_EQ(item.at("recipients").size(), 1U) << "the disclosure is on record";
    EXPECT_EQ(item.at("recipients")[0].at("recipient").at("role"), "ffd");
    EXPECT_EQ(item.at("held").size(), 1U);
    EXPECT_TRUE(world.hub.seen_of<HandOver>().empty()) << "into no case system";
}

TEST_F(DeciderElsewhereTest, SendsNothingAboutWhatIsShownForADecision) {
    ask();
    EXPECT_TRUE(json::parse(open().json.reveal()).at("may_send_about").empty());
    const json said{{"source_ref", "about:1"},
                    {"agency", "hub"},
                    {"role", "ffd"},
                    {"type", "referral_outcome"},
                    {"occurred_at", to_rfc3339(world.now.wall)},
                    {"about", school.agency.value() + "/" + to_text(id)},
                    {"sections", {{"out", {{"outcome", "Canaryoutcome"}}}}}};
    const auto reply = world.hub.ask(ApiRequest::Kind::preview, front_door, "", said.dump());
    EXPECT_EQ(reply.status, 422);
    EXPECT_NE(reply.json.reveal().find("for_a_decision"), std::string::npos);
}

TEST_F(DeciderElsewhereTest, HasItNoMoreOnceItIsDecided) {
    ask();
    ASSERT_EQ(open().status, 200);
    close();
    const auto reply = open();
    EXPECT_EQ(reply.status, 410);
    EXPECT_NE(reply.json.reveal().find("for a decision only"), std::string::npos);
    // Nor when the broker brings it once more, or brings it late.
    for (const auto& delivery : world.broker.delivered.at(id))
        world.hub.give(FrameIn{{0, delivery}});
    EXPECT_EQ(open().status, 410);
}

TEST_F(DeciderElsewhereTest, WhatIsAllowedGoesToWhomItConcerned) {
    ask();
    const json body{{"allow", true}, {"reason", "Canaryreason: police must know"}};
    EXPECT_EQ(
        world.hub.ask(ApiRequest::Kind::held_answer, front_door, to_text(task.id), body.dump())
            .status,
        200);
    world.settle();
    const auto given = std::ranges::find_if(world.broker.others, [](const auto& one) {
        return std::holds_alternative<wire::AuthorisationFrame>(one);
    });
    ASSERT_NE(given, world.broker.others.end());
    world.schools.give(FrameIn{{0, std::get<wire::AuthorisationFrame>(*given)}});
    world.settle();
    EXPECT_TRUE(told(InboxId("police-wm.pol")));
    EXPECT_TRUE(sent().at("held").empty());
}

TEST_F(DeciderElsewhereTest, WhatNobodyHasAnsweredIsKeptHoweverLong) {
    for (int day = 0; day < 40; ++day) world.pass(std::chrono::hours(24));
    EXPECT_EQ(sent().at("state"), "accepted");
    EXPECT_TRUE(world.schools.has_alarm(Alarm::Kind::held_overdue));
}

TEST_F(DeciderElsewhereTest, NoBrokerCanHaveAnythingElseRemovedAsDecided) {
    world.broker.delivers = false;
    const auto alert = world.send(world.police, world.missing_child());
    const auto& named = world.broker.plans.at(alert).plan.decision.recipients;
    auto desk = *std::ranges::find(named, task.owner, &wire::Recipient::seat);
    desk.route = area::decider_route;
    world.hub.give(FrameIn{{0, world.broker.delivery_of(world.broker.published.at(alert), alert,
                                                        desk, InboxId("hub.ffd"))}});
    world.settle();
    EXPECT_TRUE(world.hub.has_alarm(Alarm::Kind::delivery_rejected))
        << "the sender did not sign it as something to decide";
}

TEST_F(DeciderElsewhereTest, ItsOwnPartOfARowStaysWhenAQuestionIsAnswered) {
    const auto alert = world.send(world.police, world.detrimental_child());
    task.id = test::id_of<TaskId>(8);
    task.notification = alert;
    task.sender = AgencyId("police-wm");
    ask();
    close();
    EXPECT_EQ(world.hub
                  .ask(ApiRequest::Kind::received_one, front_door, "police-wm/" + to_text(alert),
                       {}, "hub.ffd")
                  .status,
              200);
}

class TaskTest : public HeldTest {
protected:
    TaskTest() {
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
        task = world.give_gap_task();
    }
    json tasks() {
        return json::parse(world.hub.ask(ApiRequest::Kind::tasks_list, front_door).json.reveal())
            .at("tasks");
    }
    wire::Task task;
    PersonalText front_door;
};

TEST_F(TaskTest, AGapIsATaskWithANumberToRingUntilSomebodyRang) {
    ASSERT_EQ(tasks().size(), 1U);
    EXPECT_EQ(tasks()[0].at("telephone"), "01632 960103") << "of the signed policy";
    EXPECT_NE(tasks()[0].at("explanation").get<std::string>().find("Ring the number"),
              std::string::npos);
    const auto status = world.hub
                            .ask(ApiRequest::Kind::task_answer, front_door, to_text(task.id),
                                 R"({"outcome":"told_by_other_means","reason":"rang at ten"})")
                            .status;
    EXPECT_EQ(status, 200);
    world.settle();
    const wire::TaskAnswer* answer = nullptr;
    for (const auto& body : world.broker.others) {
        if (const auto* one = std::get_if<wire::TaskAnswer>(&body)) answer = one;
    }
    ASSERT_NE(answer, nullptr);
    const auto certificate = wire::decode_body<wire::PersonCertificate>(answer->certificate);
    ASSERT_TRUE(certificate.has_value());
    EXPECT_TRUE(crypto::verify(crypto::VerifyKey(certificate->verify_key), wire::label::task_answer,
                               wire::task_answer_message(*answer), answer->signature));
    EXPECT_TRUE(crypto::verify(world.area.signing_key(AgencyId("hub")).verify_key(),
                               wire::label::person_certificate, answer->certificate,
                               answer->certificate_signature));
    world.hub.give(FrameIn{{0, wire::TaskClosed{task.id}}});
    EXPECT_TRUE(tasks().empty());
}

TEST_F(TaskTest, WhoeverWasRungBeforeItWasClosedIsOnRecordThoughItIsSaidAfterwards) {
    const auto auditor = world.hub.add_person("Invented Auditor", "hub", {}, {"dpo"});
    const auto colleague = world.hub.add_person("Invented Colleague", "hub", {"hub.ffd"});
    const auto say = [&](const PersonalText& who, const char* outcome, const char* reason) {
        const json body{{"outcome", outcome}, {"reason", reason}};
        const auto reply =
            world.hub.ask(ApiRequest::Kind::task_answer, who, to_text(task.id), body.dump());
        world.settle();
        return reply.status;
    };
    const auto answers = [&] {
        return std::ranges::count_if(world.broker.others, [](const auto& body) {
            const auto* answer = std::get_if<wire::TaskAnswer>(&body);
            return answer != nullptr && answer->outcome == wire::TaskOutcome::told_by_other_means;
        });
    };
    const auto lines = [&](ApiRequest::Kind kind, const char* list, const char* of) {
        ApiRequest request;
        request.kind = kind;
        request.credential = auditor;
        const auto reply = json::parse(world.hub.ask(std::move(request)).json.reveal());
        return std::ranges::count_if(reply.at(list), [&](const json& line) {
            return line.value("action", line.value("kind", "")) == of;
        });
    };
    // Its sender takes it back while somebody rings: the broker closes the task.
    world.hub.give(FrameIn{{0, wire::TaskClosed{task.id}}});
    ASSERT_TRUE(tasks().empty());
    EXPECT_EQ(say(front_door, "told_by_other_means", "Canaryreason: rang at ten"), 200);
    EXPECT_EQ(answers(), 1) << "the broker hears of it";
    EXPECT_EQ(lines(ApiRequest::Kind::decisions_list, "decisions", "task_answered"), 1);
    EXPECT_EQ(lines(ApiRequest::Kind::access_log, "access", "task_answered"), 1);
    const auto words = std::ranges::count_if(world.broker.others, [](const auto& body) {
        return std::holds_alternative<wire::DeciderWords>(body);
    });
    EXPECT_EQ(words, 1) << "and the sender reads why";
    // Pressed twice, or by whoever else has the page open.
    EXPECT_EQ(say(front_door, "told_by_other_means", "Canaryreason: once more"), 200);
    EXPECT_EQ(say(colleague, "told_by_other_means", "Canaryreason: I as well"), 200);
    EXPECT_EQ(answers(), 1);
    EXPECT_EQ(lines(ApiRequest::Kind::decisions_list, "decisions", "task_answered"), 1);
}

TEST_F(TaskTest, WhatIsClosedIsNotRefusedAfterwards) {
    task.id = test::id_of<TaskId>(6);
    task.kind = wire::TaskKind::pass_on;
    task.agency = AgencyId("orchard-gate");
    task.role = RoleId("sch");
    world.hub.give(FrameIn{{0, wire::TaskNotice{task}}});
    world.hub.give(FrameIn{{0, wire::TaskClosed{task.id}}});
    const json body{{"outcome", "refused"}, {"reason", "Canaryreason: not for them"}};
    EXPECT_EQ(
        world.hub.ask(ApiRequest::Kind::task_answer, front_door, to_text(task.id), body.dump())
            .status,
        200);
    world.settle();
    EXPECT_TRUE(std::ranges::none_of(world.broker.others, [](const auto& one) {
        return std::holds_alternative<wire::TaskAnswer>(one);
    })) << "nothing is left to refuse";
}

TEST_F(TaskTest, WhatWasAskedAndNeverSentIsListedWithWhoAskedAndWhy) {
    wire::TaskNotice notice;
    notice.task = task;
    notice.task.id = test::id_of<TaskId>(7);
    notice.task.kind = wire::TaskKind::not_sent;
    notice.task.agency = AgencyId("police-wm");
    notice.task.role = RoleId("pol");
    notice.asked_at = world.now.wall;
    notice.person = PersonId("p-clerk");
    notice.reason = "manual_entry";
    world.hub.give(FrameIn{{0, notice}});
    world.hub.restart();
    const auto listed = tasks();
    ASSERT_EQ(listed.size(), 2U);
    const auto& one = listed[0].at("kind") == "not_sent" ? listed[0] : listed[1];
    const auto& other = listed[0].at("kind") == "not_sent" ? listed[1] : listed[0];
    EXPECT_EQ(one.at("asked").at("at"), to_rfc3339(world.now.wall));
    EXPECT_EQ(one.at("asked").at("person"), "p-clerk");
    EXPECT_EQ(one.at("asked").at("reason"), "manual_entry");
    EXPECT_NE(one.at("explanation").get<std::string>().find("did not send it"), std::string::npos);
    EXPECT_FALSE(one.at("telephone").get<std::string>().empty());
    EXPECT_FALSE(other.contains("asked"));
}

TEST_F(TaskTest, WhatWentAtOnceIsReviewedByAManagerWhoDidNotSendIt) {
    const auto chief = world.police.add_person("Invented Chief", "police-wm",
                                               {"police-wm.pol", "police-wm.manager"});
    Submit submit;
    submit.notification = world.missing_child("vital:1");
    submit.person = service_person();
    submit.reason = "manual_entry";
    submit.credential = chief;
    NotificationId id;
    for (const auto& effect : world.police.give(std::move(submit)))
        if (const auto* done = std::get_if<Submitted>(&effect)) id = done->id;
    ASSERT_FALSE(id.is_zero());
    world.settle();
    wire::Task review;
    review.id = test::id_of<TaskId>(8);
    review.kind = wire::TaskKind::review;
    review.owner = {AgencyId("police-wm"), RoleId("manager")};
    review.notification = id;
    review.sender = AgencyId("police-wm");
    review.type = TypeId("missing_episode_started");
    review.agency = AgencyId("police-wm");
    review.role = RoleId("pol");
    review.rule = "E-04";
    review.due = world.now.wall + std::chrono::hours(24);
    world.police.give(FrameIn{{0, wire::TaskNotice{review}}});
    const auto listed =
        json::parse(world.police.ask(ApiRequest::Kind::tasks_list, manager).json.reveal())
            .at("tasks");
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].at("kind"), "review");
    EXPECT_NE(listed[0].at("explanation").get<std::string>().find("A life was at stake"),
              std::string::npos);
    const auto answers = [&](const PersonalText& token) {
        return world.police
            .ask(ApiRequest::Kind::task_answer, token, to_text(review.id),
                 R"({"outcome":"done","reason":"it was right"})")
            .status;
    };
    EXPECT_EQ(answers(chief), 403) << "nobody reviews what they did themselves";
    EXPECT_EQ(answers(manager), 200);
}

TEST_F(TaskTest, SomebodyWithoutTheRoleSeesAndAnswersNothing) {
    const auto officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    EXPECT_TRUE(json::parse(world.hub.ask(ApiRequest::Kind::tasks_list, officer).json.reveal())
                    .at("tasks")
                    .empty());
    EXPECT_EQ(world.hub
                  .ask(ApiRequest::Kind::task_answer, officer, to_text(task.id),
                       R"({"outcome":"done","reason":"x"})")
                  .status,
              403);
}

TEST_F(TaskTest, AnOverdueTaskOfAnotherAgencyIsForWhoeverIsOnDuty) {
    wire::Task other = task;
    other.id = test::id_of<TaskId>(6);
    other.owner = {AgencyId("health"), RoleId("hv")};
    world.hub.give(FrameIn{{0, wire::TaskNotice{other}}});
    EXPECT_EQ(tasks().size(), 2U);
    const auto officer = world.hub.add_person("Invented Officer", "hub", {"hub.lado"});
    EXPECT_TRUE(json::parse(world.hub.ask(ApiRequest::Kind::tasks_list, officer).json.reveal())
                    .at("tasks")
                    .empty());
}

TEST_F(TaskTest, AnAuthorisationThatThePersonsAgencyDidNotCertifyIsNoFact) {
    const auto id = send_detrimental();
    const auto& stranger = world.area.person({AgencyId("police-wm"), RoleId("manager")});
    wire::Authorisation body;
    body.id = test::id_of<AuthorisationId>(1);
    body.notification = id;
    body.sender = AgencyId("police-wm");
    body.decider = {AgencyId("hub"),
                    RoleId("ffd")};  // a manager of the police speaks for the front door
    body.person = stranger.certificate.person;
    body.rule = "E-07";
    body.seats = {{AgencyId("orchard-gate"), RoleId("sch")}};
    body.allow = true;
    body.at = world.now.wall;
    wire::SignedAuthorisation forged;
    forged.body = wire::encode_body(body);
    forged.signature = crypto::sign(stranger.key, wire::label::authorisation, forged.body);
    forged.certificate = stranger.certificate_bytes;
    forged.certificate_signature = stranger.certificate_signature;
    world.police.give(FrameIn{{0, wire::AuthorisationFrame{forged}}});
    EXPECT_EQ(held().size(), 1U);
}

TEST_F(TaskTest, SomebodyWhoMayNotDecideIsNoAnswer) {
    const auto id = send_detrimental();
    // A stolen broker in league with one agency: certified and signed, but not whose question it
    // is.
    const Seat lado{AgencyId("hub"), RoleId("lado")};
    const auto& person = world.area.person(lado);
    wire::Authorisation body;
    body.id = test::id_of<AuthorisationId>(1);
    body.notification = id;
    body.sender = AgencyId("police-wm");
    body.decider = lado;
    body.person = person.certificate.person;
    body.rule = "E-07";
    body.seats = {{AgencyId("orchard-gate"), RoleId("sch")}};
    body.allow = false;
    body.at = world.now.wall;
    wire::SignedAuthorisation given;
    given.body = wire::encode_body(body);
    given.signature = crypto::sign(person.key, wire::label::authorisation, given.body);
    given.certificate = person.certificate_bytes;
    given.certificate_signature = person.certificate_signature;
    world.police.give(FrameIn{{0, wire::AuthorisationFrame{given}}});
    EXPECT_EQ(held().size(), 1U);
}

TEST_F(TaskTest, TheNumberIsTheSeatsOwnInTheRegistry) {
    auto other = task;
    other.id = test::id_of<TaskId>(6);
    other.agency = AgencyId("teme-meadow");
    other.role = RoleId("sch");
    world.hub.give(FrameIn{{0, wire::TaskNotice{other}}});
    const auto list = tasks();
    const auto one = std::ranges::find_if(
        list, [](const json& each) { return each.at("agency") == "teme-meadow"; });
    ASSERT_NE(one, list.end());
    EXPECT_EQ(one->at("telephone"), "01632 960198");
}

TEST_F(TaskTest, AQuestionAboutOneOfManySchoolsIsAnsweredForThatSchool) {
    auto question = task;
    question.id = test::id_of<TaskId>(6);
    question.kind = wire::TaskKind::held;
    question.rule = "E-10";
    question.agency = AgencyId("teme-meadow");
    question.role = RoleId("sch");
    world.hub.give(FrameIn{{0, wire::TaskNotice{question}}});
    const auto listed =
        json::parse(world.hub.ask(ApiRequest::Kind::held_list, front_door).json.reveal())
            .at("held");
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].at("agency"), "teme-meadow");
    const auto status = world.hub
                            .ask(ApiRequest::Kind::held_answer, front_door, to_text(question.id),
                                 R"({"allow":true,"reason":"the lead there must know"})")
                            .status;
    ASSERT_EQ(status, 200);
    world.settle();
    const wire::AuthorisationFrame* answer = nullptr;
    for (const auto& body : world.broker.others) {
        if (const auto* one = std::get_if<wire::AuthorisationFrame>(&body)) answer = one;
    }
    ASSERT_NE(answer, nullptr);
    const auto given = wire::decode_body<wire::Authorisation>(answer->authorisation.body);
    ASSERT_TRUE(given.has_value());
    EXPECT_EQ(given->seats, (std::vector{Seat{AgencyId("teme-meadow"), RoleId("sch")}}));
}

TEST_F(TaskTest, AQuestionAboutASeatThatTheRegistryDoesNotListIsNotAnswered) {
    auto question = task;
    question.id = test::id_of<TaskId>(6);
    question.kind = wire::TaskKind::held;
    question.rule = "E-10";
    question.role = RoleId("sch");  // one of many schools, and the broker does not say which
    world.hub.give(FrameIn{{0, wire::TaskNotice{question}}});
    EXPECT_EQ(world.hub
                  .ask(ApiRequest::Kind::held_answer, front_door, to_text(question.id),
                       R"({"allow":true,"reason":"x"})")
                  .status,
              409);
}

TEST_F(TaskTest, ATaskThatComesAgainSayingSomethingElseIsNotBelieved) {
    // Between reading and answering it would be another question that somebody says yes to.
    auto other = task;
    other.notification = test::id_of<NotificationId>(77);
    world.hub.give(FrameIn{{0, wire::TaskNotice{other}}});
    ASSERT_EQ(tasks().size(), 1U);
    EXPECT_EQ(tasks()[0].at("notification"), to_text(task.notification));
    auto later = task;  // overdue, and given to the other half of the day
    later.owner.role = RoleId("edt");
    world.hub.give(FrameIn{{0, wire::TaskNotice{later}}});
    EXPECT_TRUE(tasks().empty());
}

TEST_F(TaskTest, ATaskThatWasClosedAndIsSentAgainIsBack) {
    world.hub.give(FrameIn{{0, wire::TaskClosed{task.id}}});
    EXPECT_TRUE(tasks().empty());
    world.hub.give(FrameIn{{0, wire::TaskNotice{task}}});
    EXPECT_EQ(tasks().size(), 1U);
}

TEST_F(TaskTest, AConflictOfInterestIsDeclaredByTheFrontDoorAndItsWordsStaySealed) {
    const json subject{{"nhs_number", "9990000018"},
                       {"date_of_birth", "2013-04-05"},
                       {"forename", "Canarychild"},
                       {"surname", "Canaryfamily"}};
    const json body{{"subject", subject},
                    {"excluded", {"orchard-gate.sch"}},
                    {"reason", "Canaryreason: the lead is her uncle"}};
    const auto reply = world.hub.ask(ApiRequest::Kind::conflict_add, front_door, "", body.dump());
    ASSERT_EQ(reply.status, 201) << text_of_reply(reply);
    const auto understood = json::parse(reply.json.reveal()).at("keeps_out");
    ASSERT_EQ(understood.size(), 1U);
    EXPECT_EQ(understood[0].at("inbox"), "orchard-gate.sch");
    EXPECT_EQ(understood[0].at("agency"), "orchard-gate");
    EXPECT_FALSE(understood[0].at("agency_name").get<std::string>().empty());
    world.settle();
    const wire::DeclareConflict* declared = nullptr;
    for (const auto& one : world.broker.others) {
        if (const auto* frame = std::get_if<wire::DeclareConflict>(&one)) declared = frame;
    }
    ASSERT_NE(declared, nullptr);
    const auto conflict = wire::decode_body<wire::ConflictBody>(declared->body);
    EXPECT_EQ(conflict->excluded, std::vector<InboxId>{InboxId("orchard-gate.sch")});
    EXPECT_FALSE(conflict->tokens.empty());
    EXPECT_FALSE(declared->records.empty());
    EXPECT_EQ(everything_stored(world.hub.store).find("Canary"), std::string::npos);
    const auto id = json::parse(reply.json.reveal()).at("id").get<std::string>();
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::conflict_end, front_door, id).status, 200);
    EXPECT_EQ(world.police.ask(ApiRequest::Kind::conflict_add, manager, "", body.dump()).status,
              403);
}

TEST_F(TaskTest, AConflictThatNamesNobodyIsLookedAtAgain) {
    wire::Task about;
    about.id = test::id_of<TaskId>(9);
    about.kind = wire::TaskKind::unknown_person;
    about.owner = {AgencyId("hub"), RoleId("ffd")};
    about.notification = test::id_of<NotificationId>(5);
    about.sender = AgencyId("hub");
    about.type = TypeId("conflict");
    about.agency = AgencyId("orchard-gate");
    about.due = world.now.wall + std::chrono::hours(1);
    wire::TaskNotice notice{about};
    notice.person = PersonId("p-slip");
    world.hub.give(FrameIn{{0, notice}});
    notice.person = PersonId("p-other");
    world.hub.give(FrameIn{{0, notice}});
    json listed;
    for (const auto& one : tasks())
        if (one.at("kind") == "unknown_person") listed = one;
    ASSERT_TRUE(listed.is_object());
    EXPECT_EQ(listed.at("person"), "p-slip") << "what it asks does not change meanwhile";
    EXPECT_NE(listed.at("explanation").get<std::string>().find("keeps nobody out"),
              std::string::npos);
    const json done{{"outcome", "done"}, {"reason", "Canaryreason: the name was right"}};
    EXPECT_EQ(
        world.hub.ask(ApiRequest::Kind::task_answer, front_door, to_text(about.id), done.dump())
            .status,
        200);
}

}  // namespace
}  // namespace mash::runtime::testing
