// Is this the same child? What sender, holder and front door refuse: a look that nobody made or
// that would be read by somebody else, more looks than people make, an answer that is outdone, and
// a plan that rests on one. With it, what the honest ones do.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/keys.hpp"
#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using Json = nlohmann::json;
using wire::IdentityOutcome;

const Seat desk{AgencyId("hub"), RoleId("ffd")};
const Seat school{AgencyId("orchard-gate"), RoleId("sch")};
const AgencyId police{"police-wm"};

class QuestionsTest : public ::testing::Test {
protected:
    QuestionsTest() {
        world.connect_all();
        claim = wire::decode_body<wire::InvolvementClaim>(world.broker.claims.front().body)->id;
        world.broker.claims.clear();  // as if nothing strong said that it is the same child
        sent = world.send(world.police, world.missing_child());
    }
    wire::IdentityLook look_body() {
        wire::IdentityLook look;
        look.question = question;
        look.notification = sent;
        look.sender = police;
        look.claim = claim;
        look.holder = school;
        look.relation = "school";
        look.decider = desk;
        look.inbox = InboxId("hub.ffd");
        look.box_public_key = reader.public_key.value();
        look.person = world.area.person(desk).certificate.person;
        look.at = world.now.wall;
        return look;
    }
    wire::SignedAuthorisation sign(std::string_view label, Bytes body, const Seat& as = desk) {
        const auto& person = world.area.person(as);
        wire::SignedAuthorisation said;
        said.body = std::move(body);
        said.signature = crypto::sign(person.key, label, said.body);
        said.certificate = person.certificate_bytes;
        said.certificate_signature = person.certificate_signature;
        return said;
    }
    wire::LookAtIdentity look(const wire::IdentityLook& body) {
        return {sign(wire::label::identity_look, wire::encode_body(body))};
    }
    wire::AnswerIdentity answer(IdentityOutcome outcome, std::uint64_t serial,
                                const Seat& as = desk) {
        wire::IdentityAnswer body;
        body.question = question;
        body.notification = sent;
        body.sender = police;
        body.thread = ThreadId(sent.value());
        body.claim = claim;
        body.holder = school;
        body.relation = "school";
        body.outcome = outcome;
        body.decider = as;
        body.person = world.area.person(as).certificate.person;
        body.at = world.now.wall;
        body.serial = serial;
        // The sender's own thread, as it stated it.
        const auto& stated = world.broker.plan_requests.front().facts;
        if (!stated.thread.is_zero()) body.thread = stated.thread;
        return {sign(wire::label::identity_answer, wire::encode_body(body), as), sent};
    }
    void put(TestHost& host, wire::BrokerBody body) {
        world.broker.queue(host.id, std::move(body));
        world.settle();
    }
    std::vector<wire::ShowIdentity> shown() {
        std::vector<wire::ShowIdentity> out;
        for (const auto& body : world.broker.others) {
            if (const auto* one = std::get_if<wire::ShowIdentity>(&body)) out.push_back(*one);
        }
        return out;
    }
    std::string opened(const wire::ShowIdentity& one) {
        const auto plain = crypto::open_sealed(reader, one.sealed);
        return plain ? std::string(text_of(plain->reveal())) : std::string();
    }
    std::size_t recorded(const TestHost& host, LogEvent event, ErrorCode code = {}) {
        const auto lines = host.seen_of<Recorded>();
        return static_cast<std::size_t>(std::ranges::count_if(lines, [&](const Recorded& line) {
            return line.event == event && (code == ErrorCode{} || line.code == code);
        }));
    }
    /// The front door is asked, and somebody there is at their desk.
    PersonalText asked_at_the_hub() {
        wire::TaskNotice notice;
        notice.task.id = question;
        notice.task.kind = wire::TaskKind::possible_match;
        notice.task.owner = desk;
        notice.task.notification = sent;
        notice.task.sender = police;
        notice.task.type = TypeId("missing_episode_started");
        notice.task.agency = school.agency;
        notice.task.role = school.role;
        notice.task.due = world.now.wall + std::chrono::hours(1);
        notice.question =
            wire::IdentityQuestion{claim, "school", ThreadId(sent.value()), false, {}};
        put(world.hub, notice);
        return world.hub.add_person("Invented Decider", "hub", {"hub.ffd"}, {"ffd"});
    }
    std::string state(const PersonalText& token) {
        const auto reply = world.hub.ask(ApiRequest::Kind::questions_list, token);
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        const auto list = Json::parse(reply.json.reveal())["questions"];
        return list.empty() ? "" : list[0]["state"].get<std::string>();
    }
    int say(const PersonalText& token, const std::string& outcome) {
        const auto body = Json{{"outcome", outcome}, {"reason", "I rang them"}}.dump();
        const auto reply =
            world.hub.ask(ApiRequest::Kind::question_answer, token, to_text(question), body);
        world.settle();
        return reply.status;
    }

    AgentWorld world;
    crypto::SeededRandom random{7, "reader"};
    const crypto::BoxKeyPair reader = crypto::BoxKeyPair::generate(random);
    const TaskId question = test::id_of<TaskId>(77);
    ClaimId claim;
    NotificationId sent;
};

TEST_F(QuestionsTest, BothSidesShowWhoTheChildIsToTheInboxOfTheLookAndNobodyElse) {
    put(world.police, look(look_body()));
    put(world.schools, look(look_body()));
    const auto both = shown();
    ASSERT_EQ(both.size(), 2U);
    for (const auto& one : both) {
        EXPECT_NE(opened(one).find("Canarychild"), std::string::npos);
        EXPECT_EQ(std::string(text_of(one.sealed)).find("Canarychild"), std::string::npos);
    }
    EXPECT_TRUE(both[0].of_sender);
    EXPECT_FALSE(both[1].of_sender);
    EXPECT_EQ(recorded(world.schools, LogEvent::identity_shown), 1U);
}

// Design rule 8: of the holder and of the sender its own data protection officer reads who was
// shown what is theirs, and the front door's who read it.
TEST_F(QuestionsTest, WhoWasShownAndWhoReadWhoTheChildIsStandsInEachAccessRecord) {
    const auto at_desk = asked_at_the_hub();
    const auto person = credential_from_text(at_desk)->person.value();
    const auto lines = [&](TestHost& host, const std::string& agency, const std::string& action) {
        ApiRequest request;
        request.kind = ApiRequest::Kind::access_log;
        request.credential = host.add_person("Invented Auditor", agency, {}, {"dpo"});
        auto all = Json::parse(host.ask(std::move(request)).json.reveal()).at("access");
        std::erase_if(all.get_ref<Json::array_t&>(),
                      [&](const Json& line) { return line.at("action") != action; });
        return all;
    };
    const auto read = [&] {
        const auto reply =
            world.hub.ask(ApiRequest::Kind::question_one, at_desk, to_text(question));
        EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
        return Json::parse(reply.json.reveal());
    };
    EXPECT_TRUE(read().at("sender_says").is_null());
    EXPECT_TRUE(lines(world.hub, "hub", "identity_read").empty()) << "nothing was here to read";
    const auto looked = world.hub.ask(ApiRequest::Kind::question_look, at_desk, to_text(question),
                                      R"({"reason":"I must know"})");
    ASSERT_EQ(looked.status, 202) << text_of_reply(looked);
    world.settle();
    std::optional<wire::LookAtIdentity> look;
    for (const auto& body : world.broker.others) {
        if (const auto* one = std::get_if<wire::LookAtIdentity>(&body)) look = *one;
    }
    ASSERT_TRUE(look);
    put(world.police, *look);
    put(world.schools, *look);
    for (const auto& [host, agency] :
         {std::pair(&world.police, "police-wm"), std::pair(&world.schools, "orchard-gate")}) {
        const auto shown_by = lines(*host, agency, "identity_shown");
        ASSERT_EQ(shown_by.size(), 1U) << agency;
        EXPECT_EQ(shown_by[0].at("person"), person);
        EXPECT_EQ(shown_by[0].at("inbox"), "hub.ffd");
        EXPECT_EQ(shown_by[0].at("item"), to_text(sent));
    }
    EXPECT_TRUE(lines(world.schools, "teme-meadow", "identity_shown").empty())
        << "another school of that host";
    ASSERT_EQ(shown().size(), 2U);
    for (const auto& one : shown()) put(world.hub, one);
    EXPECT_EQ(read().at("sender_says").at("surname"), "Canaryfamily");
    const auto read_by = lines(world.hub, "hub", "identity_read");
    ASSERT_EQ(read_by.size(), 1U);
    EXPECT_EQ(read_by[0].at("person"), person);
    EXPECT_EQ(read_by[0].at("item"), to_text(sent));
}

TEST_F(QuestionsTest, ALookThatNobodyMadeShowsNothing) {
    auto forged = look(look_body());
    forged.look.signature = crypto::Signature(std::array<std::uint8_t, 64>{1});
    put(world.schools, forged);
    auto other_words = look(look_body());
    auto body = look_body();
    body.relation = "nursery";
    other_words.look.body = wire::encode_body(body);
    put(world.schools, other_words);
    // A person of the school is nobody of the front door.
    auto own = look_body();
    own.decider = school;
    own.inbox = InboxId("orchard-gate.sch");
    own.person = world.area.person(school).certificate.person;
    put(world.schools,
        wire::LookAtIdentity{sign(wire::label::identity_look, wire::encode_body(own), school)});
    EXPECT_TRUE(shown().empty());
    EXPECT_EQ(recorded(world.schools, LogEvent::fact_unproved), 3U);
}

TEST_F(QuestionsTest, NothingIsSealedToAnInboxThatIsNotTheDesksOwn) {
    auto body = look_body();
    body.inbox = InboxId("orchard-gate.sch");
    put(world.schools, look(body));
    body.inbox = InboxId("hub.pass_on");
    put(world.schools, look(body));
    EXPECT_TRUE(shown().empty());
    EXPECT_EQ(recorded(world.schools, LogEvent::fact_unproved), 2U);
}

TEST_F(QuestionsTest, ALookThatSomebodyKeptIsTooOld) {
    auto body = look_body();
    body.at = world.now.wall - std::chrono::hours(24 * 8);
    put(world.schools, look(body));
    EXPECT_TRUE(shown().empty());
    EXPECT_EQ(recorded(world.schools, LogEvent::frame_refused, ErrorCode::expired), 1U);
}

TEST_F(QuestionsTest, OfAClaimThatIsNotHeldNothingIsShown) {
    auto body = look_body();
    body.claim = test::id_of<ClaimId>(999);
    put(world.schools, look(body));
    ASSERT_EQ(shown().size(), 1U);
    EXPECT_EQ(opened(shown()[0]).find("Canarychild"), std::string::npos)
        << "it is said that there is none";
}

TEST_F(QuestionsTest, MoreLooksThanPeopleMakeAreNotAnswered) {
    for (std::uint32_t i = 0; i <= limits::identities_shown_per_hour_max; ++i) {
        auto body = look_body();
        body.question = test::id_of<TaskId>(1'000 + i);
        put(world.schools, look(body));
    }
    EXPECT_EQ(shown().size(), limits::identities_shown_per_hour_max);
    EXPECT_EQ(recorded(world.schools, LogEvent::rate_limited), 1U);
    world.pass(std::chrono::hours(1));
    auto again = look_body();
    again.question = test::id_of<TaskId>(1'000 + limits::identities_shown_per_hour_max);
    put(world.schools, look(again));
    EXPECT_EQ(shown().size(), limits::identities_shown_per_hour_max + 1);
}

TEST_F(QuestionsTest, AnAnswerCountsWhenTheFrontDoorSignedItAndIsTheNewest) {
    const auto plans = world.broker.plan_requests.size();
    auto forged = answer(IdentityOutcome::same, 1);
    forged.answer.signature = crypto::Signature(std::array<std::uint8_t, 64>{1});
    put(world.police, forged);
    put(world.police, answer(IdentityOutcome::same, 1, school));
    world.pass(std::chrono::seconds(5));
    EXPECT_EQ(world.broker.plan_requests.size(), plans);
    EXPECT_EQ(recorded(world.police, LogEvent::fact_unproved), 2U);
    put(world.police, answer(IdentityOutcome::taken_back, 5));
    put(world.police, answer(IdentityOutcome::same, 4));
    world.pass(std::chrono::seconds(5));
    EXPECT_EQ(world.broker.plan_requests.size(), plans) << "said again by who has it from before";
    EXPECT_EQ(recorded(world.police, LogEvent::fact_unproved, ErrorCode::version_went_back), 1U);
    put(world.police, answer(IdentityOutcome::same, 6));
    world.pass(std::chrono::seconds(5));
    EXPECT_EQ(world.broker.plan_requests.size(), plans + 1);
    EXPECT_EQ(world.broker.plan_requests.back().reason, "supplement");
}

TEST_F(QuestionsTest, APlanThatRestsOnAnOutdoneAnswerIsNotFollowed) {
    const auto same = answer(IdentityOutcome::same, 1);
    put(world.police, answer(IdentityOutcome::taken_back, 2));
    world.broker.tamper_plan = [&](wire::DisclosurePlan& plan) {
        plan.facts.identity_answers = {same.answer};
    };
    const auto published = world.broker.publishes.size();
    auto update = world.missing_child("misper:1:update", "missing_episode_updated");
    world.send(world.police, update);
    world.pass(std::chrono::seconds(5));
    EXPECT_EQ(world.broker.publishes.size(), published) << "nothing is sealed";
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::fact_unproved));
}

TEST_F(QuestionsTest, AnAnswerThatTheBrokerDoesNotTakeLeavesTheQuestionOpen) {
    const auto token = asked_at_the_hub();
    EXPECT_EQ(state(token), "open");
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (std::holds_alternative<wire::AnswerIdentity>(body)) return ErrorCode::already_exists;
        return std::nullopt;
    };
    EXPECT_EQ(say(token, "same"), 200);
    EXPECT_EQ(state(token), "open") << "somebody of the desk answered first, or may not";
    world.broker.refuse = nullptr;
    EXPECT_EQ(say(token, "different"), 200);
    EXPECT_EQ(state(token), "answered");
    EXPECT_EQ(say(token, "same"), 409) << "taken back first";
}

TEST_F(QuestionsTest, ReportsPartWhenAnAnswerAboutTheChildOfOneIsTakenBack) {
    const auto token = asked_at_the_hub();
    auto again = world.missing_child("misper:2");
    again.thread_ref = "another";
    const auto other = world.send(world.police, again);
    const auto ask = [&](ApiRequest::Kind kind, const NotificationId& id, const Json& body) {
        return Json::parse(
            world.hub.ask(kind, token, to_text(id), body.is_null() ? "" : body.dump())
                .json.reveal());
    };
    ASSERT_EQ(say(token, "same"), 200);
    for (const auto& id : {sent, other}) ask(ApiRequest::Kind::received_one, id, nullptr);
    const auto joined =
        ask(ApiRequest::Kind::attached, other, {{"to", "police-wm/" + to_text(sent)}});
    ASSERT_EQ(joined.at("reports").size(), 2U);
    world.hub.ask(ApiRequest::Kind::question_take_back, token, to_text(question),
                  R"({"reason":"another child"})");
    EXPECT_TRUE(ask(ApiRequest::Kind::received_one, other, nullptr).at("reports").empty());
}

TEST_F(QuestionsTest, TwoClaimsOfOneChildAreSaidAsSuch) {
    const auto token = asked_at_the_hub();
    wire::TaskNotice notice;
    notice.task.id = test::id_of<TaskId>(78);
    notice.task.kind = wire::TaskKind::possible_match;
    notice.task.owner = desk;
    notice.task.notification = sent;
    notice.task.sender = police;
    notice.task.type = TypeId("missing_episode_started");
    notice.task.agency = AgencyId("teme-meadow");
    notice.task.role = RoleId("sch");
    notice.task.due = world.now.wall + std::chrono::hours(2);
    notice.question =
        wire::IdentityQuestion{claim, "school", ThreadId(sent.value()), false, school};
    put(world.hub, notice);
    const auto reply = world.hub.ask(ApiRequest::Kind::questions_list, token);
    const auto list = Json::parse(reply.json.reveal())["questions"];
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0]["why"], "weak");
    EXPECT_TRUE(list[0]["conflicts_with"].is_null());
    EXPECT_EQ(list[1]["why"], "claimed_twice");
    EXPECT_EQ(list[1]["conflicts_with"]["agency"], "orchard-gate");
}

}  // namespace
}  // namespace mash::runtime::testing
