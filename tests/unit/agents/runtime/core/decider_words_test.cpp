// Design rule 9: what a person wrote when they decided, and who they are, reach the sender, the
// front door and the auditors of both, and nobody else; in clear on no wire.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/core/records.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"
#include "tests/unit/agents/runtime/core/said_elsewhere.hpp"

namespace mash::runtime::testing {
namespace {

using nlohmann::json;
using Kind = ApiRequest::Kind;

const AgencyId police{"police-wm"};
const AgencyId hub{"hub"};

class DeciderWords : public ::testing::Test {
protected:
    DeciderWords() {
        world.connect_all();
        manager = world.police.add_person("Canaryname Manager", "police-wm", {"police-wm.manager"});
        officer = world.police.add_person("Invented Officer", "police-wm", {"police-wm.pol"});
        police_auditor = world.police.add_person("Invented Auditor", "police-wm", {}, {"dpo"});
        desk = world.hub.add_person("Canaryname Desk", "hub", {"hub.ffd"});
        lado = world.hub.add_person("Invented Designated", "hub", {"hub.lado"});
        hub_auditor = world.hub.add_person("Invented Hub Auditor", "hub", {}, {"dpo"});
    }
    static json body_of(const ApiReply& reply) { return json::parse(reply.json.reveal()); }
    static std::string reason(bool allow) {
        return json{{"allow", allow}, {"reason", "Canaryreason: her aunt works there"}}.dump();
    }
    /// Of one notification, conflict or agreement; empty: nothing that they may see.
    json decisions(TestHost& host, const PersonalText& who, const std::string& about) {
        ApiRequest request;
        request.kind = Kind::decisions_list;
        request.credential = who;
        request.filter = {{"sent", about}};
        return body_of(host.ask(std::move(request))).value("decisions", json::array());
    }
    /// The one of this kind, in full.
    std::string in_full(TestHost& host, const PersonalText& auditor, const std::string& about,
                        const std::string& kind) {
        std::string all;
        for (const auto& line : decisions(host, auditor, about)) {
            if (line.at("kind") != kind) continue;
            ApiRequest request;
            request.kind = Kind::decision_one;
            request.credential = auditor;
            request.id = line.at("id");
            request.filter = {{"full", "true"}};
            all += body_of(host.ask(std::move(request))).value("full", "");
        }
        return all;
    }
    static bool has(const std::string& text, const std::string& words) {
        return text.find(words) != std::string::npos;
    }
    std::vector<wire::DeciderWords> on_the_wire() {
        std::vector<wire::DeciderWords> found;
        for (const auto& body : world.broker.others) {
            if (const auto* words = std::get_if<wire::DeciderWords>(&body)) found.push_back(*words);
        }
        return found;
    }
    std::size_t heard() {
        return static_cast<std::size_t>(
            std::ranges::count_if(world.broker.others, [](const wire::AgentBody& body) {
                return std::holds_alternative<wire::WordsHeard>(body);
            }));
    }
    NotificationId answer_held(bool allow) {
        const auto id = world.send(world.police, world.detrimental_child());
        EXPECT_EQ(world.police.ask(Kind::held_answer, manager, to_text(id), reason(allow)).status,
                  200);
        world.settle();
        return id;
    }
    wire::Task answer_gap_task() {
        auto task = world.give_gap_task();
        const json body{{"outcome", "told_by_other_means"},
                        {"reason", "Canaryreason: rang the night duty"}};
        EXPECT_EQ(world.hub.ask(Kind::task_answer, desk, to_text(task.id), body.dump()).status,
                  200);
        world.settle();
        return task;
    }
    AgentWorld world;
    PersonalText manager, officer, police_auditor, desk, lado, hub_auditor;
};

TEST_F(DeciderWords, OfAHeldDecisionReachTheFrontDoorAndItsAuditor) {
    const auto id = answer_held(false);
    const auto full = in_full(world.hub, hub_auditor, to_text(id), "disallowed");
    EXPECT_TRUE(has(full, "Canaryreason: her aunt works there")) << full;
    EXPECT_TRUE(has(full, "Their name: Canaryname Manager")) << full;
    EXPECT_TRUE(has(full, "police-wm/manager")) << full;
    EXPECT_TRUE(has(decisions(world.hub, desk, to_text(id)).dump(), "Canaryreason"))
        << "who has the item before them may read why";
    EXPECT_TRUE(decisions(world.hub, lado, to_text(id)).empty())
        << "a colleague who does not have it is told nothing";
    EXPECT_EQ(heard(), 1U);
}

TEST_F(DeciderWords, OfTheFrontDoorReachTheSenderAndItsAuditor) {
    const auto task = answer_gap_task();
    const auto about = to_text(task.notification);
    EXPECT_TRUE(has(in_full(world.police, police_auditor, about, "task_answered"),
                    "Canaryreason: rang the night duty"));
    EXPECT_TRUE(has(in_full(world.hub, hub_auditor, about, "task_answered"),
                    "Canaryreason: rang the night duty"))
        << "and its own auditor reads them too";
    EXPECT_TRUE(decisions(world.police, officer, about).empty())
        << "nothing that this officer sent";
}

TEST_F(DeciderWords, LieInClearNeitherOnTheWireNorAtRest) {
    answer_held(true);
    answer_gap_task();
    const auto sent = on_the_wire();
    ASSERT_EQ(sent.size(), 2U);
    for (const auto& frame : sent) {
        const auto bytes = wire::encode(wire::AgentFrame{1, frame});
        EXPECT_FALSE(has(std::string(text_of(bytes)), "Canary"));
        const auto body = wire::decode_body<wire::WordsBody>(frame.body);
        ASSERT_TRUE(body.has_value());
        EXPECT_NE(body->digest, Digest{});
        EXPECT_EQ(frame.sealed.size(), 1U) << "its own agency has them already";
    }
    for (auto* host : {&world.police, &world.hub, &world.schools})
        EXPECT_FALSE(has(everything_stored(host->store), "Canaryreason"));
    EXPECT_NE(wire::decode_body<wire::WordsBody>(sent[0].body)->digest,
              wire::decode_body<wire::WordsBody>(sent[1].body)->digest);
}

TEST_F(DeciderWords, ToldAgainAreRecordedOnce) {
    const auto id = answer_held(false);
    world.hub.give(FrameIn{{0, on_the_wire().at(0)}});
    world.settle();
    EXPECT_EQ(decisions(world.hub, hub_auditor, to_text(id)).size(), 1U);
    EXPECT_EQ(heard(), 2U) << "whoever did not hear that they came is told once more";
}

TEST_F(DeciderWords, ThatSomebodyElseSignedOrChangedAreNotBelieved) {
    const auto id = answer_held(false);
    const auto honest = on_the_wire().at(0);
    const auto said = *wire::decode_body<wire::WordsBody>(honest.body);
    const auto give = [&](auto change, const AgencyId& signer) {
        auto body = said;
        body.id = wire::WordsId({9, 9});
        auto frame = honest;
        change(body, frame);
        frame.body = wire::encode_body(body);
        frame.signature =
            crypto::sign(world.area.signing_key(signer), wire::label::words, frame.body);
        world.hub.give(FrameIn{{0, frame}});
    };
    give([](auto&, auto&) {}, hub);
    give([](auto& body, auto&) { body.digest[0] ^= 1; }, police);
    give([](auto&, auto& frame) { frame.sealed[0].sealed.back() ^= 1; }, police);
    give([](auto& body, auto&) { body.what = "shared"; }, police);
    EXPECT_EQ(decisions(world.hub, hub_auditor, to_text(id)).size(), 1U);
}

TEST_F(DeciderWords, OfAConflictAreForTheAuditorAlone) {
    const json conflict{
        {"subject", {{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}}},
        {"excluded", {"orchard-gate.sch"}},
        {"reason", "Canaryreason: the lead is the father"}};
    const auto declared = world.hub.ask(Kind::conflict_add, lado, "", conflict.dump());
    ASSERT_EQ(declared.status, 201) << text_of_reply(declared);
    const auto id = body_of(declared).value("id", "");
    world.settle();
    const auto full = in_full(world.hub, hub_auditor, id, "conflict_declared");
    EXPECT_TRUE(has(full, "Canaryreason: the lead is the father")) << full;
    for (const auto& who : {desk, lado})
        EXPECT_TRUE(decisions(world.hub, who, id).empty()) << "its reader may be whom it names";
    ASSERT_EQ(
        world.hub.ask(Kind::conflict_end, lado, id, R"({"reason":"Canaryreason: he has left"})")
            .status,
        200);
    EXPECT_TRUE(
        has(in_full(world.hub, hub_auditor, id, "conflict_ended"), "Canaryreason: he has left"));
    EXPECT_TRUE(on_the_wire().empty()) << "no other agency keeps such records here";
}

TEST_F(DeciderWords, OfAWithdrawalReachTheFrontDoor) {
    const json agreement{
        {"status", "given"},
        {"giver", "parent_pr"},
        {"form", "verbal"},
        {"named_agencies", {"hub"}},
        {"purpose", "request_service"},
        {"said_at", "2027-01-12T10:00:00Z"},
        {"subject", {{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}}},
        {"thread_ref", "case:7"}};
    const auto recorded = world.police.ask(Kind::agreement_add, officer, "", agreement.dump());
    ASSERT_EQ(recorded.status, 201) << text_of_reply(recorded);
    const auto id = body_of(recorded).value("id", "");
    for (int i = 0; i < 2; ++i)
        ASSERT_EQ(world.police
                      .ask(Kind::agreement_withdraw, officer, id,
                           R"({"reason":"Canaryreason: she rang and took it back"})")
                      .status,
                  202);
    world.settle();
    for (auto* host : {&world.police, &world.hub}) {
        const auto& auditor = host == &world.hub ? hub_auditor : police_auditor;
        EXPECT_EQ(decisions(*host, auditor, id).size(), 1U) << "once, however often it is said";
        EXPECT_TRUE(
            has(in_full(*host, auditor, id, "agreement_withdrawn"), "Canaryreason: she rang"));
    }
}

TEST_F(DeciderWords, OfWhoIsInvolvedOrInAConflictDoNotReachTheSender) {
    for (const auto kind : {wire::TaskKind::pass_on, wire::TaskKind::both_conflicted}) {
        auto task = world.give_gap_task();
        task.id = TaskId({static_cast<std::uint8_t>(kind), 7});
        task.kind = kind;
        task.agency = AgencyId("orchard-gate");
        task.role = RoleId("sch");
        world.hub.give(FrameIn{{0, wire::TaskNotice{task}}});
        const json body{{"outcome", "told_by_other_means"}, {"reason", "Canaryreason: the chair"}};
        ASSERT_EQ(world.hub.ask(Kind::task_answer, desk, to_text(task.id), body.dump()).status,
                  200);
        world.settle();
    }
    EXPECT_TRUE(on_the_wire().empty());
}

TEST_F(DeciderWords, OfARingOnceMoreReachTheSenderWhereItsOwnPlanNamedWhomToRing) {
    auto task = world.give_gap_task();
    task.rule = "K3";
    task.id = TaskId({8, 8});
    world.hub.give(FrameIn{{0, wire::TaskNotice{task}}});
    const json body{{"outcome", "told_by_other_means"}, {"reason", "Canaryreason: told them"}};
    ASSERT_EQ(world.hub.ask(Kind::task_answer, desk, to_text(task.id), body.dump()).status, 200);
    world.settle();
    EXPECT_EQ(on_the_wire().size(), 1U);
    // Of an agency of the area it may be somebody to whom the front door passed it on.
    task.id = TaskId({8, 9});
    task.agency = AgencyId("orchard-gate");
    task.role = RoleId("sch");
    world.hub.give(FrameIn{{0, wire::TaskNotice{task}}});
    ASSERT_EQ(world.hub.ask(Kind::task_answer, desk, to_text(task.id), body.dump()).status, 200);
    world.settle();
    EXPECT_EQ(on_the_wire().size(), 1U);
}

// Whom the front door told may have left the area since: who was involved is still not the sender's
// to know.
TEST_F(DeciderWords, OfARingOnceMoreDoNotReachTheSenderThoughTheSchoolHasLeft) {
    auto task = world.give_gap_task();
    task.rule = "K3";
    task.id = TaskId({8, 10});
    task.agency = AgencyId("orchard-gate");
    task.role = RoleId("sch");
    world.hub.give(FrameIn{{0, wire::TaskNotice{task}}});
    world.area.change_registry(
        [](area::Registry& registry) {
            std::erase_if(registry.agencies.at(AgencyId("orchard-gate")).seats,
                          [](const auto& seat) { return seat.role == RoleId("sch"); });
        },
        world.now.wall);
    world.hub.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    const json body{{"outcome", "told_by_other_means"}, {"reason", "Canaryreason: told them"}};
    ASSERT_EQ(world.hub.ask(Kind::task_answer, desk, to_text(task.id), body.dump()).status, 200);
    world.settle();
    EXPECT_TRUE(on_the_wire().empty());
}

/// The front door is asked whether the child of what police sent is the school's.
class DeciderWordsOfIdentity : public DeciderWords {
protected:
    DeciderWordsOfIdentity() {
        sent = world.send(world.police, world.missing_child());
        wire::TaskNotice notice;
        notice.task.id = question;
        notice.task.kind = wire::TaskKind::possible_match;
        notice.task.owner = {hub, RoleId("ffd")};
        notice.task.notification = sent;
        notice.task.sender = police;
        notice.task.type = TypeId("missing_episode_started");
        notice.task.agency = AgencyId("orchard-gate");
        notice.task.role = RoleId("sch");
        notice.task.due = world.now.wall + std::chrono::hours(1);
        notice.question = wire::IdentityQuestion{
            test::id_of<ClaimId>(3), "school", ThreadId(sent.value()), false, {}};
        world.hub.give(FrameIn{{0, notice}});
    }
    void say(Kind kind, json body) {
        const auto reply = world.hub.ask(kind, desk, to_text(question), body.dump());
        EXPECT_LE(reply.status, 202) << text_of_reply(reply);
        EXPECT_GE(reply.status, 200);
        world.settle();
    }
    void say_all() {
        say(Kind::question_look, {{"reason", "Canaryreason: who is she"}});
        say(Kind::question_answer,
            {{"outcome", "same"}, {"reason", "Canaryreason: her aunt said so"}});
        say(Kind::question_take_back, {{"reason", "Canaryreason: it is her cousin"}});
    }
    const TaskId question = test::id_of<TaskId>(77);
    NotificationId sent;
};

TEST_F(DeciderWordsOfIdentity, AreReadByTheFrontDoorAndItsAuditor) {
    say_all();
    const auto about = to_text(sent);
    const std::pair<const char*, const char*> all[] = {{"identity_asked", "who is she"},
                                                       {"identity_answered", "her aunt said so"},
                                                       {"identity_taken_back", "it is her cousin"}};
    for (const auto& [kind, words] : all) {
        const auto full = in_full(world.hub, hub_auditor, about, kind);
        EXPECT_TRUE(has(full, words)) << kind << full;
        EXPECT_TRUE(has(full, "Canaryname Desk")) << full;
        EXPECT_TRUE(has(decisions(world.hub, desk, about).dump(), words)) << kind;
    }
    EXPECT_TRUE(has(decisions(world.hub, desk, about).dump(), "answer: same"));
}

TEST_F(DeciderWordsOfIdentity, AreReadByNoSenderHolderColleagueOrWire) {
    say_all();
    const auto about = to_text(sent);
    for (const auto& line : decisions(world.police, police_auditor, about))
        EXPECT_FALSE(line.at("kind").get<std::string>().starts_with("identity")) << line.dump();
    EXPECT_TRUE(decisions(world.hub, lado, about).empty());
    EXPECT_TRUE(on_the_wire().empty())
        << "whether somebody works with the child is not the sender's to know";
    for (auto* host : {&world.police, &world.hub, &world.schools})
        EXPECT_FALSE(has(everything_stored(host->store), "Canaryreason"));
}

// Whoever holds the role is the front door, and there may be two: a neighbouring authority's that
// shares the area. Emergency duty alone is none.
TEST_F(DeciderWordsOfIdentity, GoToEveryAgencyThatHoldsTheFrontDoorAndToNoOther) {
    const AgencyId second("teme-meadow");
    list_seat(world, world.hub, {second, RoleId("ffd")});
    list_seat(world, world.hub, {AgencyId("orchard-gate"), RoleId("edt")});
    world.schools.give(FrameIn{{0, wire::DocumentsChanged{}}});
    world.settle();
    const auto auditor =
        world.schools.add_person("Invented Second Auditor", second.value(), {}, {"dpo"});
    const auto holders_auditor =
        world.schools.add_person("Invented Holders Auditor", "orchard-gate", {}, {"dpo"});
    say_all();
    const auto frames = on_the_wire();
    ASSERT_EQ(frames.size(), 3U) << "asked, answered, taken back";
    for (const auto& frame : frames) {
        ASSERT_EQ(frame.sealed.size(), 1U);
        EXPECT_EQ(frame.sealed[0].agency, second);
        EXPECT_FALSE(has(std::string(text_of(wire::encode(wire::AgentFrame{1, frame}))), "Canary"));
    }
    EXPECT_EQ(heard(), 3U);
    const auto about = to_text(sent);
    const std::pair<const char*, const char*> all[] = {{"identity_asked", "who is she"},
                                                       {"identity_answered", "her aunt said so"},
                                                       {"identity_taken_back", "it is her cousin"}};
    for (const auto& [kind, words] : all) {
        const auto full = in_full(world.schools, auditor, about, kind);
        EXPECT_TRUE(has(full, words)) << kind << full;
        EXPECT_TRUE(has(full, "Canaryname Desk")) << full;
    }
    EXPECT_TRUE(decisions(world.schools, holders_auditor, about).empty())
        << "neither the holder nor emergency duty alone";
}

TEST_F(DeciderWordsOfIdentity, AreKeptFromWhomeverAConflictKeepsFromTheChild) {
    say_all();
    const auto colleague = world.hub.add_person("Invented Colleague", "hub", {"hub.ffd"}, {"ffd"});
    const auto about = to_text(sent);
    ASSERT_FALSE(decisions(world.hub, colleague, about).empty());
    const json conflict{
        {"subject", {{"nhs_number", "9990000018"}, {"date_of_birth", "2013-04-05"}}},
        {"people",
         {{{"agency", "hub"}, {"person", credential_from_text(colleague)->person.value()}}}},
        {"reason", "Canaryreason: her uncle"}};
    ASSERT_EQ(world.hub.ask(Kind::conflict_add, lado, "", conflict.dump()).status, 201);
    world.settle();
    EXPECT_TRUE(decisions(world.hub, colleague, about).empty())
        << "what colleagues wrote about the child is kept from them like the item";
    EXPECT_FALSE(decisions(world.hub, desk, about).empty());
}

}  // namespace
}  // namespace mash::runtime::testing
