#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;

class RecallTest : public ::testing::Test {
protected:
    RecallTest() {
        world.connect(world.hub);
        world.connect(world.police);
        officer = world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
        front_door = world.hub.add_person("Invented Person", "hub", {"hub.ffd"});
    }
    int recall(const NotificationId& id, const std::string& body = R"({"reason":"wrong_child"})") {
        const auto status =
            world.police.ask(ApiRequest::Kind::recall, officer, to_text(id), body).status;
        world.settle();
        return status;
    }
    std::string rung_code(const NotificationId& id, const std::string& rung) {
        const auto reply = world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id));
        const auto sent = json::parse(reply.json.reveal());
        for (const auto& recipient : sent.at("recipients")) {
            for (const auto& one : recipient.at("rungs")) {
                if (recipient.at("recipient").at("role") == "ffd" && one.at("rung") == rung)
                    return one.value("code", "none");
            }
        }
        return "";
    }
    AgentWorld world;
    PersonalText officer;
    PersonalText front_door;
};

TEST_F(RecallTest, AnUnopenedItemIsRemovedUnseenAndSaysSo) {
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id), 202);
    EXPECT_EQ(rung_code(id, "recalled"), "unopened");
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 410);
    const auto list = world.hub.ask(ApiRequest::Kind::received_list, front_door);
    EXPECT_TRUE(json::parse(list.json.reveal()).at("received").empty());
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_stored));
}

TEST_F(RecallTest, TheSenderSeesUntilWhenEachIsToConfirmAsThePolicySays) {
    const auto id = world.send(world.police, world.missing_child());
    const auto at = world.now.wall;
    EXPECT_EQ(recall(id), 202);
    const auto reply = world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id));
    const auto recalled = json::parse(reply.json.reveal()).at("recalled");
    EXPECT_EQ(recalled.at("at"), to_rfc3339(at));
    EXPECT_EQ(recalled.at("confirm_by"), to_rfc3339(at + std::chrono::hours(4)));
}

TEST_F(RecallTest, WhoHasNotConfirmedIsAListAndPastTheDeadlineAnAlarm) {
    const auto id = world.send(world.police, world.missing_child());
    const auto unconfirmed = [&] {
        const auto reply = world.police.ask(ApiRequest::Kind::unconfirmed_list, officer);
        EXPECT_EQ(reply.status, 200);
        return json::parse(reply.json.reveal()).at("unconfirmed");
    };
    EXPECT_TRUE(unconfirmed().empty());
    world.disconnect(world.hub);
    EXPECT_EQ(recall(id), 202);
    ASSERT_EQ(unconfirmed().size(), 1U);
    EXPECT_EQ(unconfirmed()[0].at("id"), to_text(id));
    EXPECT_EQ(unconfirmed()[0].at("of"), "recall");
    const json waits = unconfirmed()[0].at("recipients");
    EXPECT_TRUE(std::ranges::any_of(waits, [](const json& one) {
        return one.at("recipient").at("role") == "ffd" && !one.at("telephone").empty() &&
               one.at("overdue") == false;
    }));
    world.pass(std::chrono::hours(3));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_confirmed));
    world.pass(std::chrono::hours(2));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_confirmed));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_taken))
        << "nobody is to take what was taken back";
    world.connect(world.hub);
    world.pass(std::chrono::hours(1));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_confirmed));
    EXPECT_TRUE(unconfirmed().empty());
    const auto sent = json::parse(
        world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id)).json.reveal());
    for (const auto& one : sent.at("recipients")) {
        if (one.at("recipient").at("role") != "ffd") continue;
        EXPECT_EQ(one.at("confirmation").at("of"), "recall");
        EXPECT_FALSE(one.at("confirmation").at("at").is_null());
    }
}

TEST_F(RecallTest, AnAgentThatWasPutBackShowsNothingBeforeItHasHeardTheRecalls) {
    const auto id = world.send(world.police, world.missing_child());
    const auto backup = world.hub.store.snapshot();
    recall(id);
    world.disconnect(world.hub);
    world.hub.store.restore(backup);
    auto transaction = world.hub.store.begin();
    mark_restored(*transaction);
    ASSERT_TRUE(world.hub.store.commit(std::move(transaction)).is_committed());
    world.hub.restart();
    const auto list = world.hub.ask(ApiRequest::Kind::received_list, front_door);
    EXPECT_EQ(list.status, 503);
    EXPECT_NE(list.json.reveal().find("backup"), std::string::npos);
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 503);
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::taken, front_door, to_text(id)).status, 503);
    // A broker that does not answer can only put it off.
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::FetchSigned>(body);
    };
    world.connect(world.hub);
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_list, front_door).status, 503);
    world.hub.restart();
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_list, front_door).status, 503)
        << "a restart does not make it forget";
    world.broker.swallow = nullptr;
    // An honest broker says all recalls before it answers.
    for (const auto& body : world.broker.others) {
        const auto* recalled = std::get_if<wire::Recall>(&body);
        if (recalled == nullptr) continue;
        const auto statement =
            wire::decode_body<wire::StatementBody>(world.broker.delivered.at(id).front().statement);
        world.broker.queue(
            HostId("hub"),
            wire::RecallNotice{world.broker.delivered.at(id).front().id, statement->inbox,
                               statement->seat, recalled->body, recalled->signature});
    }
    world.disconnect(world.hub);
    world.connect(world.hub);
    world.pass(std::chrono::seconds(1));
    const auto after = world.hub.ask(ApiRequest::Kind::received_list, front_door);
    EXPECT_EQ(after.status, 200);
    EXPECT_TRUE(json::parse(after.json.reveal()).at("received").empty());
}

TEST_F(RecallTest, AFirstStartWaitsForNobody) {
    world.disconnect(world.hub);
    world.hub.restart();
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_list, front_door).status, 200);
}

TEST_F(RecallTest, ACorrectionShowsTheOldValuesAndWhoHasNotTakenItIsAList) {
    const auto first = world.send(world.police, world.missing_child());
    auto right = world.missing_child("misper:1:corrected", "correction");
    right.supersedes_ref = "misper:1";
    right.sections["evt"]["what"] = PersonalText("\"Canaryheadline: missing since noon\"");
    const auto second = world.send(world.police, right);
    ASSERT_TRUE(world.broker.published.contains(second));
    const auto open = [&](const NotificationId& id) {
        const auto reply = world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id));
        EXPECT_EQ(reply.status, 200);
        return json::parse(reply.json.reveal());
    };
    const auto item = open(second);
    EXPECT_EQ(item.at("replaces").at("id"), to_text(first));
    EXPECT_EQ(item.at("replaces").at("was").at("evt.full").at("what"),
              "Canaryheadline: missing since morning");
    EXPECT_EQ(item.at("replaces").at("was").at("evt.full").size(), 1U) << "only what differs";
    EXPECT_EQ(open(first).at("replaced_by"), to_text(second));
    EXPECT_TRUE(open(first).at("replaces").is_null());
    const auto unconfirmed = [&] {
        return json::parse(
                   world.police.ask(ApiRequest::Kind::unconfirmed_list, officer).json.reveal())
            .at("unconfirmed");
    };
    const auto waits_for_front_door = [&] {
        for (const auto& one : unconfirmed()) {
            for (const auto& recipient : one.at("recipients")) {
                if (one.at("of") == "correction" && one.at("id") == to_text(second) &&
                    recipient.at("recipient").at("role") == "ffd")
                    return true;
            }
        }
        return false;
    };
    EXPECT_TRUE(waits_for_front_door());
    world.hub.ask(ApiRequest::Kind::taken, front_door, to_text(second));
    world.settle();
    EXPECT_FALSE(waits_for_front_door());
}

TEST_F(RecallTest, ACorrectionIsForWhomeverHadWhatWasWrongAndNamesItsRow) {
    const auto first = world.send(world.police, world.missing_child());
    auto right = world.missing_child("misper:1:corrected", "correction");
    right.supersedes_ref = "misper:1";
    right.thread_ref.clear();
    const auto second = world.send(world.police, right);
    ASSERT_TRUE(world.broker.published.contains(second));
    const auto& facts = world.broker.plans.at(second).facts;
    EXPECT_EQ(facts.kind, "missing_episode_started");
    EXPECT_EQ(facts.thread, world.broker.plans.at(first).facts.thread)
        << "without a thread of its own it would reach nobody";
    std::vector<Seat> had;
    for (const auto& one : world.broker.plans.at(first).plan.decision.recipients)
        had.push_back(one.seat);
    EXPECT_EQ(facts.thread_seats, had);
    // Once more, and of the correction: still of the row of the first message.
    auto again = world.missing_child("misper:1:again", "correction");
    again.supersedes_ref = "misper:1:corrected";
    const auto third = world.send(world.police, again);
    EXPECT_EQ(world.broker.plans.at(third).facts.kind, "missing_episode_started");
    EXPECT_EQ(world.broker.plans.at(third).facts.thread_seats, had);
}

TEST_F(RecallTest, AnOpenedItemSaysThatItWasSeenAndIsTakenBackFromTheCaseSystem) {
    const auto id = world.send(world.police, world.missing_child());
    world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id));
    world.hub.give(HandedOver{InboxId("hub.ffd"), id, AgencyId("police-wm")});
    recall(id);
    EXPECT_EQ(rung_code(id, "recalled"), "opened");
    const auto handed = world.hub.seen_of<HandOver>();
    ASSERT_EQ(handed.size(), 2U);
    EXPECT_TRUE(handed[1].recalled);
    EXPECT_EQ(handed[1].json.reveal().find("Canary"), std::string::npos);
}

TEST_F(RecallTest, ARecalledItemThatArrivesLaterIsNeverShown) {
    world.broker.delivers = false;
    const auto id = world.send(world.police, world.missing_child());
    const auto& plan = world.broker.plans.at(id).plan;
    for (const auto& recipient : plan.decision.recipients) {
        if (recipient.seat.role == RoleId("ffd")) {
            world.broker.delivered[id].push_back(world.broker.delivery_of(
                world.broker.published.at(id), id, recipient, recipient.inbox));
        }
    }
    recall(id);  // the notice overtakes the delivery
    world.hub.give(FrameIn{{0, world.broker.delivered[id].front()}});
    world.settle();
    const auto list = world.hub.ask(ApiRequest::Kind::received_list, front_door);
    EXPECT_TRUE(json::parse(list.json.reveal()).at("received").empty());
    EXPECT_NE(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 200);
    EXPECT_TRUE(world.hub.seen_of<HandOver>().empty());
}

TEST_F(RecallTest, OnlyTheSenderRecalls) {
    const auto id = world.send(world.police, world.missing_child());
    wire::RecallBody body;
    body.notification = id;
    body.sender = AgencyId("police-wm");
    body.person = PersonId("p-000000000000");
    body.reason = "wrong_child";
    body.at = world.now.wall;
    wire::RecallNotice forged;
    forged.inbox = InboxId("hub.ffd");
    forged.seat = {AgencyId("hub"), RoleId("ffd")};
    forged.body = wire::encode_body(body);
    forged.signature = crypto::sign(world.area.broker_key(), wire::label::recall, forged.body);
    world.hub.give(FrameIn{{0, forged}});
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 200);
}

TEST_F(RecallTest, WhatWasNeverSentIsWithdrawnWithoutAWord) {
    world.disconnect(world.police);
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id), 202);
    world.connect(world.police);
    EXPECT_TRUE(world.broker.publishes.empty());
    const auto reply = world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id));
    EXPECT_EQ(json::parse(reply.json.reveal()).at("state"), "withdrawn");
}

/// A backup is put back that knows nothing of a recall.
class RecallGivenBack : public RecallTest {
protected:
    std::vector<wire::Recall> said() {
        std::vector<wire::Recall> recalls;
        for (const auto& body : world.broker.others) {
            if (const auto* one = std::get_if<wire::Recall>(&body)) recalls.push_back(*one);
        }
        return recalls;
    }
    void put_back(TestHost& host, const store::MemorySnapshot& backup) {
        world.disconnect(host);
        host.store.restore(backup);
        auto transaction = host.store.begin();
        mark_restored(*transaction);
        ASSERT_TRUE(host.store.commit(std::move(transaction)).is_committed());
        host.restart();
        world.broker.others.clear();
        world.connect(host);
    }
    /// Sent and recalled, and its sender put back to between the two.
    wire::Recall forgotten(const std::string& body = R"({"reason":"wrong_child"})") {
        id = world.send(world.police, world.missing_child());
        const auto backup = world.police.store.snapshot();
        at = world.now.wall;
        EXPECT_EQ(recall(id, body), 202);
        const auto recalls = said();
        EXPECT_FALSE(recalls.empty());
        put_back(world.police, backup);
        EXPECT_TRUE(sent().at("recalled").is_null());
        return recalls.back();
    }
    void tell(const wire::Recall& recall) {
        world.broker.queue(HostId("police"),
                           wire::RecallNotice{{}, {}, {}, recall.body, recall.signature});
        world.settle();
    }
    json sent() {
        return json::parse(
            world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id)).json.reveal());
    }
    NotificationId id;
    WallTime at;
};

TEST_F(RecallGivenBack, ByWhoeverWasToldOfItToABrokerThatWasPutBack) {
    id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id), 202);
    const auto recalls = said();
    ASSERT_EQ(recalls.size(), 1U);
    world.disconnect(world.hub);
    world.connect(world.hub);
    world.pass(std::chrono::seconds(30));
    EXPECT_EQ(said().size(), 1U) << "the broker has it";
    world.disconnect(world.police);
    world.disconnect(world.hub);
    world.broker.others.clear();
    world.broker.store_epoch = {2};
    world.connect(world.hub);
    ASSERT_EQ(said().size(), 1U) << "once, in whichever inboxes it lay";
    EXPECT_EQ(said()[0], recalls[0]) << "as its sender signed it";
    world.pass(std::chrono::seconds(30));
    EXPECT_EQ(said().size(), 1U);
}

TEST_F(RecallGivenBack, StandsAtItsSenderAsItWasSaidAndIsAnsweredForByTheSame) {
    const auto own = forgotten();
    world.pass(std::chrono::minutes(30));
    world.broker.others.clear();
    tell(own);
    const auto recalled = sent().at("recalled");
    ASSERT_FALSE(recalled.is_null());
    EXPECT_EQ(recalled.at("at"), to_rfc3339(at));
    EXPECT_EQ(recalled.at("confirm_by"), to_rfc3339(at + std::chrono::hours(4)));
    EXPECT_EQ(recalled.at("reason"), "wrong_child");
    ASSERT_EQ(said().size(), 1U);
    EXPECT_EQ(said()[0].body, own.body);
    EXPECT_EQ(recall(id), 202) << "once more by a person it is nothing new";
    EXPECT_EQ(sent().at("recalled"), recalled);
}

TEST_F(RecallGivenBack, ThatIsKnownIsAnsweredForAndChangesNothing) {
    id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id), 202);
    const auto own = said().back();
    const auto before = sent();
    world.broker.others.clear();
    tell(own);
    EXPECT_EQ(said().size(), 1U);
    EXPECT_EQ(sent().at("recalled"), before.at("recalled"));
}

TEST_F(RecallGivenBack, IsNotAnsweredForWhileItsSourceHasNotGivenTheItemAgain) {
    const auto backup = world.police.store.snapshot();
    id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id), 202);
    const auto own = said().back();
    put_back(world.police, backup);
    tell(own);
    EXPECT_TRUE(said().empty()) << "the broker says it again";
    id = world.send(world.police, world.missing_child());
    world.broker.others.clear();
    tell(own);
    EXPECT_FALSE(sent().at("recalled").is_null());
    EXPECT_EQ(said().size(), 1U);
}

TEST_F(RecallGivenBack, WithoutOurOwnSignatureIsNoRecall) {
    auto forged = forgotten();
    forged.signature = crypto::sign(world.area.broker_key(), wire::label::recall, forged.body);
    world.broker.others.clear();
    tell(forged);
    EXPECT_TRUE(sent().at("recalled").is_null());
    EXPECT_TRUE(said().empty());
}

TEST_F(RecallGivenBack, OfOneCopyStandsAtThatSeatOnly) {
    const auto own =
        forgotten(R"({"reason":"wrong_child","recipients":[{"agency":"hub","role":"ffd"}]})");
    world.broker.others.clear();
    tell(own);
    EXPECT_TRUE(sent().at("recalled").is_null());
    ASSERT_EQ(sent().at("recalled_for").size(), 1U);
    EXPECT_EQ(sent().at("recalled_for")[0].at("recipient").at("role"), "ffd");
    EXPECT_TRUE(std::ranges::any_of(
        said(), [&](const wire::Recall& recall) { return recall.body == own.body; }));
    EXPECT_EQ(sent().at("state"), "accepted");
}

class CopyRecallTest : public RecallTest {
protected:
    CopyRecallTest() {
        world.connect(world.schools);
        world.claim_school_roll(world.schools);
        teacher = world.schools.add_person("Invented Lead", "orchard-gate", {"orchard-gate.sch"});
    }
    json ask_back(const NotificationId& id, const std::string& agency, const std::string& role,
                  int status = 202) {
        const json seat{{"agency", agency}, {"role", role}};
        const auto reply =
            world.police.ask(ApiRequest::Kind::recall, officer, to_text(id),
                             json{{"reason", "wrong_recipient"}, {"recipients", {seat}}}.dump());
        EXPECT_EQ(reply.status, status) << reply.json.reveal();
        world.settle();
        return json::parse(reply.json.reveal());
    }
    json sent(const NotificationId& id) {
        return json::parse(
            world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id)).json.reveal());
    }
    json confirmation(const NotificationId& id, const std::string& role) {
        const auto item = sent(id);
        for (const auto& one : item.at("recipients")) {
            if (one.at("recipient").at("role") == role) return one.at("confirmation");
        }
        ADD_FAILURE() << role << " is no recipient";
        return {};
    }
    std::vector<wire::RecallBody> said() {
        std::vector<wire::RecallBody> bodies;
        for (const auto& body : world.broker.others) {
            if (const auto* one = std::get_if<wire::Recall>(&body))
                bodies.push_back(*wire::decode_body<wire::RecallBody>(one->body));
        }
        return bodies;
    }
    PersonalText teacher;
};

TEST_F(CopyRecallTest, OnlyThatCopyGoesAndTheOthersAreNotDisturbed) {
    const auto id = world.send(world.police, world.missing_child());
    const auto at_school = [&] {
        return world.schools.ask(ApiRequest::Kind::received_one, teacher, to_text(id)).status;
    };
    ASSERT_EQ(at_school(), 200);
    ask_back(id, "hub", "ffd");
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 410);
    EXPECT_EQ(at_school(), 200);
    EXPECT_EQ(rung_code(id, "recalled"), "unopened");
    EXPECT_EQ(sent(id).at("state"), "accepted");
    EXPECT_TRUE(sent(id).at("recalled").is_null());
    EXPECT_EQ(confirmation(id, "ffd").at("of"), "recall");
    EXPECT_FALSE(confirmation(id, "ffd").at("at").is_null());
    EXPECT_TRUE(confirmation(id, "sch").is_null());
    for (const auto& body : said()) EXPECT_FALSE(body.inbox.empty());
}

TEST_F(CopyRecallTest, WhoStandsByForThatSeatIsAskedForItsCopyToo) {
    const auto id = world.send(world.police, world.missing_child());
    std::set<InboxId> expected;
    for (const auto& one : world.broker.plans.at(id).plan.decision.recipients) {
        if (one.seat.role != RoleId("ffd")) continue;
        expected.insert(one.inbox);
        for (const auto& standby : one.standbys) expected.insert(standby.inbox);
    }
    ASSERT_GT(expected.size(), 1U);
    ask_back(id, "hub", "ffd");
    std::set<InboxId> asked;
    for (const auto& body : said()) asked.insert(body.inbox);
    EXPECT_EQ(asked, expected);
}

TEST_F(CopyRecallTest, OfASeatThatNeverHadItTheAnswerIsTheSameAndNobodyIsTold) {
    const auto id = world.send(world.police, world.missing_child());
    const auto before = sent(id);
    auto never = ask_back(id, "teme-meadow", "sch");
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(never.at("recalled_for").size(), 1U);
    EXPECT_EQ(never.at("recalled_for")[0].at("recipient").at("agency"), "teme-meadow");
    never.erase("recalled_for");
    auto without = before;
    without.erase("recalled_for");
    EXPECT_EQ(never, without) << "nothing else says whether it had one";
    EXPECT_EQ(ask_back(id, "hub", "ffd").at("recalled_for").size(), 2U);
}

TEST_F(CopyRecallTest, OfASeatThatIsStillAskedAboutNobodyIsAskedAnyMore) {
    const auto manager =
        world.police.add_person("Invented Manager", "police-wm", {"police-wm.manager"});
    const auto held = [&] {
        return json::parse(world.police.ask(ApiRequest::Kind::held_list, manager).json.reveal())
            .at("held");
    };
    const auto id = world.send(world.police, world.detrimental_child());
    ASSERT_EQ(held().size(), 1U);
    ask_back(id, "orchard-gate", "sch");
    EXPECT_TRUE(held().empty());
    EXPECT_TRUE(sent(id).at("held").empty());
    const auto words = said();
    ASSERT_EQ(words.size(), 1U) << "the broker asks no more either";
    EXPECT_EQ(words[0].inbox, InboxId("orchard-gate.sch"));
    world.pass(std::chrono::hours(48));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::held_overdue));
    const json yes{{"allow", true}, {"reason", "an invented reason"}};
    EXPECT_NE(
        world.police.ask(ApiRequest::Kind::held_answer, manager, to_text(id), yes.dump()).status,
        200);
    EXPECT_TRUE(world.broker.supplements.empty());
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 200);
}

TEST_F(CopyRecallTest, WhatIsNoListOfSeatsIsRefusedAndTakesNothingBack) {
    const auto id = world.send(world.police, world.missing_child());
    ask_back(id, "no-such-agency", "sch", 422);
    ask_back(id, "Not A Name", "sch", 422);
    EXPECT_EQ(recall(id, R"({"reason":"wrong_child","recipients":[]})"), 422)
        << "an empty list is not everybody";
    EXPECT_EQ(recall(id, R"({"reason":"wrong_child","recipients":"hub"})"), 422);
    EXPECT_TRUE(said().empty());
    EXPECT_TRUE(sent(id).at("recalled_for").empty());
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 200);
}

TEST_F(CopyRecallTest, WhoHasNotConfirmedIsAListAndPastTheDeadlineAnAlarm) {
    const auto id = world.send(world.police, world.missing_child());
    world.disconnect(world.hub);
    ask_back(id, "hub", "ffd");
    const auto unconfirmed = [&] {
        return json::parse(
                   world.police.ask(ApiRequest::Kind::unconfirmed_list, officer).json.reveal())
            .at("unconfirmed");
    };
    ASSERT_EQ(unconfirmed().size(), 1U);
    EXPECT_EQ(unconfirmed()[0].at("of"), "recall");
    ASSERT_EQ(unconfirmed()[0].at("recipients").size(), 1U);
    EXPECT_EQ(unconfirmed()[0].at("recipients")[0].at("recipient").at("role"), "ffd");
    world.pass(std::chrono::hours(3));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_confirmed));
    world.pass(std::chrono::hours(2));
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_confirmed));
    world.connect(world.hub);
    world.pass(std::chrono::hours(1));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::not_confirmed));
    EXPECT_TRUE(unconfirmed().empty());
}

TEST_F(CopyRecallTest, ItIsSaidBeforeTheBytesLeave) {
    world.disconnect(world.police);
    const auto id = world.send(world.police, world.missing_child());
    ask_back(id, "hub", "ffd");
    EXPECT_TRUE(said().empty());
    bool told_first = false;
    world.broker.swallow = [&](const HostId&, const wire::AgentBody& body) {
        if (const auto* one = std::get_if<wire::Recall>(&body)) {
            told_first = world.broker.publishes.empty() &&
                         !wire::decode_body<wire::RecallBody>(one->body)->inbox.empty();
            return true;
        }
        return false;
    };
    world.connect(world.police);
    EXPECT_TRUE(told_first);
    EXPECT_TRUE(world.broker.publishes.empty()) << "the broker has not said that it knows";
    world.broker.swallow = nullptr;
    world.disconnect(world.police);
    world.connect(world.police);
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(world.broker.publishes.size(), 1U);
}

// A body may hold no field that its reader does not know: a broker of before cannot mistake it for
// a recall of the whole.
TEST_F(CopyRecallTest, WhereTheBrokerRefusesTheWordNothingGoesOut) {
    world.disconnect(world.police);
    const auto id = world.send(world.police, world.missing_child());
    ask_back(id, "hub", "ffd");
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Recall>(body)) return std::nullopt;
        return ErrorCode::unsupported_version;
    };
    world.connect(world.police);
    world.pass(std::chrono::minutes(2));
    EXPECT_TRUE(world.broker.publishes.empty());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::not_accepted));
}

TEST_F(CopyRecallTest, SignedForAnothersCopyItTakesNothingBack) {
    const auto id = world.send(world.police, world.missing_child());
    ask_back(id, "hub", "ffd");
    const auto forged_for = world.broker.others;
    for (const auto& body : forged_for) {
        const auto* one = std::get_if<wire::Recall>(&body);
        if (one == nullptr) continue;
        for (const auto& delivery : world.broker.delivered.at(id)) {
            const auto statement = wire::decode_body<wire::StatementBody>(delivery.statement);
            if (statement->inbox != InboxId("orchard-gate.sch")) continue;
            world.schools.give(
                FrameIn{{0, wire::RecallNotice{delivery.id, statement->inbox, statement->seat,
                                               one->body, one->signature}}});
        }
    }
    EXPECT_EQ(world.schools.ask(ApiRequest::Kind::received_one, teacher, to_text(id)).status, 200);
}

TEST_F(CopyRecallTest, WhatFollowsInTheThreadIsNotForIt) {
    const auto id = world.send(world.police, world.missing_child());
    const Seat school{AgencyId("orchard-gate"), RoleId("sch")};
    ask_back(id, "orchard-gate", "sch");
    auto right = world.missing_child("misper:1:corrected", "correction");
    right.supersedes_ref = "misper:1";
    const auto second = world.send(world.police, right);
    ASSERT_TRUE(world.broker.plans.contains(second));
    EXPECT_EQ(std::ranges::count(world.broker.plans.at(second).facts.thread_seats, school), 0);
    EXPECT_NE(std::ranges::count(world.broker.plans.at(id).plan.decision.recipients, school,
                                 &wire::Recipient::seat),
              0)
        << "it was told the first time";
}

TEST_F(CopyRecallTest, ItIsADecisionOnRecordThatNamesWhose) {
    const auto id = world.send(world.police, world.missing_child());
    ask_back(id, "hub", "ffd");
    ask_back(id, "hub", "ffd");
    ApiRequest request;
    request.kind = ApiRequest::Kind::decisions_list;
    request.credential = officer;
    request.filter = {{"sent", to_text(id)}};
    const auto reply = world.police.ask(std::move(request));
    std::size_t found = 0;
    const auto decisions = json::parse(reply.json.reveal());
    for (const auto& one : decisions.at("decisions")) {
        if (one.at("kind") != "copy_recalled") continue;
        ++found;
        EXPECT_NE(one.at("explanation").get<std::string>().find("hub ffd"), std::string::npos);
    }
    EXPECT_EQ(found, 1U) << "said twice, it is one decision";
}

TEST_F(RecallTest, WhatIsSealedButUnansweredIsRecalledOnceItIsAccepted) {
    world.broker.loses_accepted = true;
    const auto id = world.send(world.police, world.missing_child());
    recall(id);
    world.broker.loses_accepted = false;
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(rung_code(id, "recalled"), "unopened");
}

TEST_F(RecallTest, ItIsSaidBeforeTheBytesAreOfferedAgain) {
    world.broker.loses_accepted = true;
    const auto id = world.send(world.police, world.missing_child());
    world.broker.loses_accepted = false;
    world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
        return std::holds_alternative<wire::Recall>(body);
    };
    recall(id);
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(world.broker.publishes.size(), 1U) << "the recall is not answered yet";
    world.broker.swallow = nullptr;
    world.pass(std::chrono::seconds(21));
    EXPECT_EQ(world.broker.publishes.size(), 2U);
    EXPECT_EQ(rung_code(id, "recalled"), "unopened");
}

TEST_F(RecallTest, RecallsThatTheBrokerCannotTakeNowStandBeforeNoOtherErrand) {
    std::vector<NotificationId> sent;
    for (int n = 0; n < 70; ++n)
        sent.push_back(
            world.send(world.police, world.missing_child("misper:" + std::to_string(n))));
    std::set<NotificationId> asked;
    world.broker.refuse = [&](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        const auto* one = std::get_if<wire::Recall>(&body);
        if (one == nullptr) return std::nullopt;
        asked.insert(wire::decode_body<wire::RecallBody>(one->body)->notification);
        return ErrorCode::busy;
    };
    for (const auto& id : sent) EXPECT_EQ(recall(id), 202);
    EXPECT_EQ(asked.size(), 70U) << "a recall that waits takes the place of the next one";
    world.broker.certificates.clear();
    world.police.ask(ApiRequest::Kind::inbox_rotate, officer, "police-wm.pol", "{}");
    world.settle();
    EXPECT_TRUE(world.broker.certificates.contains(InboxId("police-wm.pol")));

    // None of them was given up: each comes again when it may, and is done.
    world.broker.refuse = nullptr;
    world.broker.others.clear();
    world.pass(std::chrono::seconds(3));
    world.settle();
    EXPECT_EQ(std::ranges::count_if(
                  world.broker.others,
                  [](const auto& body) { return std::holds_alternative<wire::Recall>(body); }),
              70);
}

TEST_F(RecallTest, ARestoredBrokerIsToldAgainAndThenOfferedTheBytes) {
    const auto id = world.send(world.police, world.missing_child());
    recall(id);
    world.disconnect(world.police);
    world.broker.store_epoch = {2};
    world.broker.others.clear();
    world.connect(world.police);
    world.settle();
    EXPECT_EQ(std::ranges::count_if(
                  world.broker.others,
                  [](const auto& body) { return std::holds_alternative<wire::Recall>(body); }),
              1);
    EXPECT_EQ(world.broker.publishes.size(), 2U) << "so that it knows whom to tell";
}

/// A backup of the broker was put back, with the plan that named the school, and the school has
/// ended its claim since.
class LostPlanTest : public RecallTest {
protected:
    explicit LostPlanTest(bool receipt_is_lost = false) {
        world.connect(world.schools);
        world.claim_school_roll(world.schools);
        world.settle();
        if (receipt_is_lost) {
            world.broker.swallow = [](const HostId& host, const wire::AgentBody& body) {
                return host == HostId("schools") && std::holds_alternative<wire::Receipts>(body);
            };
        }
        id = world.send(world.police, world.missing_child());
        world.disconnect(world.schools);
        world.disconnect(world.police);
        world.broker.published.clear();
        world.broker.claims.clear();
        world.broker.store_epoch = {2};
        world.broker.refuse = [this](const wire::AgentBody& body) -> std::optional<ErrorCode> {
            if (is_refused || !std::holds_alternative<wire::Publish>(body)) return std::nullopt;
            is_refused = true;
            return ErrorCode::stale_plan;
        };
    }
    void offer_again() {
        world.connect(world.police);
        for (int i = 0; i < 6; ++i) world.pass(std::chrono::seconds(35));
        ASSERT_TRUE(is_refused);
        const auto& parcels = world.broker.published.at(id).parcels;
        EXPECT_EQ(std::ranges::find(parcels, InboxId("orchard-gate.sch"), &wire::Parcel::recipient),
                  parcels.end());
    }
    std::set<std::string> listed(ApiRequest::Kind kind) {
        std::set<std::string> agencies;
        auto body = json::parse(world.police.ask(kind, officer, to_text(id)).json.reveal());
        if (kind == ApiRequest::Kind::unconfirmed_list)
            body = body.at("unconfirmed").empty() ? json::object() : body["unconfirmed"][0];
        for (const auto& one : body.value("recipients", json::array()))
            agencies.insert((one.contains("recipient") ? one["recipient"] : one).at("agency"));
        return agencies;
    }
    bool is_refused = false;
    NotificationId id;
};

TEST_F(LostPlanTest, WhoSignedForItStaysOnTheSendersListAndMustConfirmItsRecall) {
    offer_again();
    EXPECT_TRUE(listed(ApiRequest::Kind::sent_one).contains("orchard-gate"));
    recall(id);
    EXPECT_TRUE(listed(ApiRequest::Kind::unconfirmed_list).contains("orchard-gate"));
}

class LostPlanAndReceiptTest : public LostPlanTest {
protected:
    LostPlanAndReceiptTest() : LostPlanTest(true) {}
};

TEST_F(LostPlanAndReceiptTest, WhoSignsForItOnlyNowIsOnTheListAgain) {
    offer_again();
    EXPECT_FALSE(listed(ApiRequest::Kind::sent_one).contains("orchard-gate"));
    world.broker.swallow = nullptr;
    world.connect(world.schools);
    world.settle();
    EXPECT_TRUE(listed(ApiRequest::Kind::sent_one).contains("orchard-gate"));
}

TEST_F(LostPlanAndReceiptTest, WhomNoPlanOfOursNamedIsNotBelieved) {
    offer_again();
    wire::ReceiptsBody body;
    body.batch = test::id_of<BatchId>(5);
    body.from = AgencyId("teme-meadow");
    body.sender = AgencyId("police-wm");
    body.entries.push_back(
        {id, {body.from, RoleId("sch")}, wire::Rung::stored, world.now.wall, ""});
    wire::Receipts receipts;
    receipts.body = wire::encode_body(body);
    receipts.signature =
        crypto::sign(world.area.signing_key(body.from), wire::label::receipts, receipts.body);
    world.police.give(FrameIn{{0, receipts}});
    EXPECT_FALSE(listed(ApiRequest::Kind::sent_one).contains("teme-meadow"));
}

TEST_F(RecallTest, WhatTheBrokerNeverAcceptedIsWithdrawn) {
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
        return ErrorCode::busy;
    };
    const auto id = world.send(world.police, world.missing_child());
    recall(id);
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (!std::holds_alternative<wire::Publish>(body)) return std::nullopt;
        return ErrorCode::stale_plan;
    };
    world.pass(std::chrono::seconds(21));
    const auto asked = world.broker.plan_requests.size();
    const auto reply = world.police.ask(ApiRequest::Kind::sent_one, officer, to_text(id));
    EXPECT_EQ(json::parse(reply.json.reveal()).at("state"), "withdrawn");
    world.pass(std::chrono::minutes(2));
    EXPECT_EQ(world.broker.plan_requests.size(), asked) << "nothing is planned for it any more";
}

TEST_F(RecallTest, ASystemThatTookTheItemInAMomentBeforeStillGetsTheInstructionToRemoveIt) {
    const auto id = world.send(world.police, world.missing_child());
    world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id));
    recall(id);  // while the system is taking the item in
    const InboxId inbox("hub.ffd");
    const AgencyId sender("police-wm");
    world.hub.give(HandedOver{inbox, id, sender, false});
    world.hub.give(HandoverFailed{inbox, id, sender, ErrorCode::not_available, false});
    world.pass(std::chrono::seconds(61));
    const auto handed = world.hub.seen_of<HandOver>();
    ASSERT_EQ(handed.size(), 3U) << "the item, its recall, and the recall again";
    EXPECT_TRUE(handed[2].recalled);
    world.hub.give(HandedOver{inbox, id, sender, true});
    world.pass(std::chrono::seconds(61));
    EXPECT_EQ(world.hub.seen_of<HandOver>().size(), 3U);
}

// domain.md C2 row K3, sharing-agreement.md: the publisher's data protection officer recalls too,
// although they open no inbox and may not read what was said.
TEST_F(RecallTest, TheSendersDataProtectionOfficerRecallsWhatTheyDoNotRead) {
    const auto dpo = world.police.add_person("Invented Protection", "police-wm", {}, {"dpo"});
    const auto another = world.hub.add_person("Invented Elsewhere", "hub", {}, {"dpo"});
    const auto manager = world.police.add_person("Invented Manager", "police-wm", {}, {"manager"});
    const auto id = world.send(world.police, world.missing_child());
    const auto recalls = [&](TestHost& host, const PersonalText& who) {
        const auto status =
            host.ask(ApiRequest::Kind::recall, who, to_text(id), R"({"reason":"wrong_child"})")
                .status;
        world.settle();
        return status;
    };
    EXPECT_EQ(recalls(world.hub, another), 404) << "the sender's own, and no other agency's";
    EXPECT_EQ(recalls(world.police, manager), 404) << "nor somebody of another role there";
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 200);

    EXPECT_EQ(world.police.ask(ApiRequest::Kind::sent_content, dpo, to_text(id)).status, 404);
    EXPECT_EQ(recalls(world.police, dpo), 202);
    EXPECT_EQ(rung_code(id, "recalled"), "opened");
    EXPECT_EQ(world.hub.ask(ApiRequest::Kind::received_one, front_door, to_text(id)).status, 410);
    const auto said =
        json::parse(world.police.ask(ApiRequest::Kind::sent_one, dpo, to_text(id)).json.reveal());
    EXPECT_EQ(said.at("recalled").at("reason"), "wrong_child");

    // Who has not confirmed is theirs to see as well, and that it was they who took it back.
    const auto waits =
        json::parse(world.police.ask(ApiRequest::Kind::unconfirmed_list, dpo).json.reveal());
    EXPECT_EQ(
        waits,
        json::parse(world.police.ask(ApiRequest::Kind::unconfirmed_list, officer).json.reveal()));
    const auto me = json::parse(world.police.ask(ApiRequest::Kind::me, dpo).json.reveal());
    const auto looked =
        json::parse(world.police.ask(ApiRequest::Kind::access_log, dpo).json.reveal());
    EXPECT_TRUE(std::ranges::any_of(looked.at("access"), [&](const json& one) {
        return one.at("action") == "recalled" && one.at("person") == me.at("person");
    }));
}

TEST_F(RecallTest, ARecallNeedsAReasonAndTheSendersOwnPeople) {
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(recall(id, "{}"), 422);
    EXPECT_EQ(
        world.hub
            .ask(ApiRequest::Kind::recall, front_door, to_text(id), R"({"reason":"wrong_child"})")
            .status,
        404);
}

}  // namespace
}  // namespace mash::runtime::testing
