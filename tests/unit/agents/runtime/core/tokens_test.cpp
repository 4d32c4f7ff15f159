// Tokens through the broker: what waits for its answer, what does not, and what a wrong one is
// worth.
#include "agents/runtime/core/tokens.hpp"

#include <algorithm>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/token_records.hpp"
#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime::testing {
namespace {

using Json = nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Of number and name: two strong identities; and the weak one, as it is, with the names in each
/// other's field, and with day and month swapped.
constexpr std::size_t of_one_child = 5;

class TokensTest : public ::testing::Test {
protected:
    TokensTest() {
        world.list_token_key(1);
        world.connect_all();
        world.broker.token_questions.clear();
    }
    std::set<std::uint16_t> epochs_of(const std::vector<wire::Token>& tokens) {
        std::set<std::uint16_t> epochs;
        for (const auto& token : tokens) epochs.insert(token.epoch);
        return epochs;
    }
    wire::InvolvementClaim claim_of_child() {
        return *wire::decode_body<wire::InvolvementClaim>(world.broker.claims.back().body);
    }
    std::vector<wire::Token> tokens_of_claim() { return claim_of_child().tokens; }
    const std::vector<wire::Token>& tokens_of_plan() {
        return world.broker.plan_requests.back().facts.tokens;
    }
    bool has_common(const std::vector<wire::Token>& a, const std::vector<wire::Token>& b) {
        return std::ranges::any_of(
            a, [&](const auto& token) { return std::ranges::find(b, token) != b.end(); });
    }
    wire::InvolvementClaim claim_of_the_school() {
        return *wire::decode_body<wire::InvolvementClaim>(world.broker.claims.back().body);
    }
    static std::vector<wire::Token> under(std::uint16_t epoch,
                                          const std::vector<wire::Token>& tokens) {
        std::vector<wire::Token> found;
        std::ranges::copy_if(tokens, std::back_inserter(found),
                             [&](const wire::Token& token) { return token.epoch == epoch; });
        return found;
    }
    /// The whole list: one child, of these names.
    void give_list(const std::string& number, std::vector<const char*> other_surnames = {}) {
        ReplaceRoll roll;
        roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
        roll.relation = "school";
        roll.confirmed = true;
        RollEntry entry;
        entry.source_ref = "pupil:1";
        entry.subject = world.missing_child().subject;
        entry.subject.nhs_number = PersonalText(number);
        entry.subject.postcode = PersonalText("WR5 1AA");
        for (const char* surname : other_surnames)
            entry.subject.aliases.emplace_back(PersonalText(), PersonalText(surname));
        roll.entries.push_back(std::move(entry));
        world.schools.give(std::move(roll));
        world.settle();
    }
    void next_key_is_over_the_budget_of_lists() {
        world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
            const auto* asked = std::get_if<wire::EvaluateTokens>(&body);
            if (asked != nullptr && asked->reason == "roll" && asked->key_epoch == 2)
                return ErrorCode::busy;
            return std::nullopt;
        };
    }
    void swallow_questions() {
        world.broker.swallow = [](const HostId&, const wire::AgentBody& body) {
            return std::holds_alternative<wire::EvaluateTokens>(body);
        };
    }
    std::size_t planned(const NotificationId& id) {
        return static_cast<std::size_t>(
            std::ranges::count(world.broker.plan_requests, id, &wire::RequestPlan::notification));
    }

    Json status_of(TestHost& host, const PersonalText& who) {
        return Json::parse(host.ask(ApiRequest::Kind::status, who).json.reveal());
    }
    static std::size_t said(const TestHost& host, LogEvent event) {
        const auto records = host.seen_of<Recorded>();
        return static_cast<std::size_t>(std::ranges::count(records, event, &Recorded::event));
    }
    static std::size_t outputs_of(TestHost& host) {
        return host.store.view()->scan(sealed::token_output, {},
                                       [](ByteView, ByteView) { return true; });
    }
    Notification child(const std::string& number, const std::string& ref) {
        auto notification = world.missing_child(ref);
        notification.subject.nhs_number = PersonalText(number);
        return notification;
    }

    AgentWorld world;
};

// Two agencies of two releases must make the same: another label, order or width passes every test
// of one release alone. Made with another implementation of HMAC-SHA-256.
TEST(TokenVectors, AreTheRecordedBytesInEachEpoch) {
    const auto counted = [](std::uint8_t from, std::size_t size) {
        Bytes bytes;
        for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(from + i));
        return bytes;
    };
    const auto made = [&](std::uint16_t number) {
        TokenEpoch epoch;
        epoch.epoch = number;
        epoch.pepper = crypto::SecretBytes::copy_of(counted(1, 32));
        const auto token = token_of(epoch, wire::TokenKind::nhs_dob, counted(0, 64));
        EXPECT_EQ(token.kind, wire::TokenKind::nhs_dob);
        EXPECT_EQ(token.epoch, number);
        return to_hex(token.value);
    };
    EXPECT_EQ(made(1), "d820247a72288bbcd6c142bb6cbf50f40ed4b13669ef317c2af5c7fb10941773");
    EXPECT_EQ(made(2), "bbab9c826a65440dd816e4a57a00d12e71894219b8266d5d7a0205d024beec2a");
    EXPECT_EQ(made(258), "dd20e53406a23aac30ffe099ff465439da1c8f0d6bfdddf60f609813b49a33d8");
    EXPECT_EQ(to_hex(oprf_input(wire::TokenKind::nhs_dob, "9990000018|2013-04-05")),
              "000000106d6173682e76312e6964656e746974790100000015393939303030303031387c"
              "323031332d30342d3035");
}

/// The two formulas that every agency must share, as another implementation gives them. Python:
///   import hmac, struct
///   text = lambda t: struct.pack('>I', len(t)) + t
///   who = b'MIA|DUNMORE|2016-03-01|WR5 1AA'
///   text(b'mash.v1.identity') + bytes([4]) + text(who)
///   hmac.new(bytes(range(32)), text(b'mash.v1.blind-token') + bytes([4]) + struct.pack('>H', 2)
///            + text(bytes(range(64))), 'sha256')
///   hmac.new(bytes(range(32)), text(b'mash.v1.token') + bytes([4]) + struct.pack('>H', 2)
///            + text(who), 'sha256')
TEST(TokenFormula, IsTheSameForWhoeverImplementsIt) {
    constexpr std::string_view who = "MIA|DUNMORE|2016-03-01|WR5 1AA";
    constexpr auto kind = wire::TokenKind::name_dob_postcode;
    EXPECT_EQ(to_hex(oprf_input(kind, who)),
              "000000106d6173682e76312e6964656e74697479"
              "04"
              "0000001e4d49417c44554e4d4f52457c323031362d30332d30317c57523520314141");
    const auto counted = [](std::size_t size) {
        Bytes bytes(size);
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i);
        return bytes;
    };
    const auto pepper = [&] {
        crypto::SecretBytes secret(32);
        std::ranges::copy(counted(32), secret.writable().begin());
        return secret;
    };
    TokenEpoch epoch;
    epoch.epoch = 2;
    epoch.pepper = pepper();
    const auto token = token_of(epoch, kind, counted(crypto::oprf_output_bytes));
    EXPECT_EQ(token.kind, kind);
    EXPECT_EQ(token.epoch, 2);
    EXPECT_EQ(to_hex(token.value),
              "806c1debb1ba0477a8c280f0c053bb89077536b234a21b98fa63331bfc81e653");
    EXPECT_EQ(to_hex(PepperTokens(pepper(), 2).derive(kind, who).value),
              "369b430073cff93b3b2bc520957bbff0449c011b8d76805b5a278badb19c633b")
        << "an area from before";
}

TEST_F(TokensTest, OfTheSameChildAreTheSameAtTwoAgencies) {
    world.send(world.police, world.missing_child());
    ASSERT_FALSE(world.broker.plan_requests.empty());
    EXPECT_FALSE(tokens_of_plan().empty());
    EXPECT_TRUE(has_common(tokens_of_plan(), tokens_of_claim()));
    ASSERT_FALSE(world.broker.token_questions.empty());
    EXPECT_EQ(world.broker.token_questions.back().reason, "notification");
}

TEST_F(TokensTest, OfAChildAskedOnceAreNotAskedAgain) {
    world.send(world.police, world.missing_child("misper:1"));
    const auto first = tokens_of_plan();
    const auto questions = world.broker.token_questions.size();
    world.send(world.police, world.missing_child("misper:2"));
    EXPECT_EQ(tokens_of_plan(), first);
    EXPECT_EQ(world.broker.token_questions.size(), questions);
    world.police.restart();
    world.connect(world.police);
    world.send(world.police, world.missing_child("misper:3"));
    EXPECT_EQ(tokens_of_plan(), first) << "kept in the store";
    EXPECT_EQ(world.broker.token_questions.size(), questions);
}

TEST_F(TokensTest, UnderAnotherKeyThanTheRegistrysAreAnAlarmAndNothingTravelsOnThem) {
    crypto::SeededRandom random(77, "stolen");
    world.broker.token_keys.insert_or_assign(1, crypto::OprfKey::generate(random));
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::tokens_unproved));
    EXPECT_GT(said(world.police, LogEvent::tokens_unproved), 0U);
    EXPECT_EQ(said(world.police, LogEvent::tokens_missing), 0U);
    EXPECT_EQ(outputs_of(world.police), 0U);
    EXPECT_EQ(planned(id), 0U);
    // The child is not held up for ever: the front door gets it, unmatched.
    world.pass(seconds(25));
    ASSERT_EQ(planned(id), 1U);
    EXPECT_TRUE(tokens_of_plan().empty());
    EXPECT_TRUE(world.police.has_alarm(Alarm::Kind::tokens_missing));
    EXPECT_GT(said(world.police, LogEvent::tokens_missing), 0U);
    EXPECT_TRUE(world.broker.published.contains(id));
    // And is added to once they are here.
    world.broker.token_keys.clear();
    crypto::SeededRandom right(1, "token-key");
    world.broker.token_keys.emplace(1, crypto::OprfKey::generate(right));
    for (int i = 0; i < 6; ++i) world.pass(minutes(1));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::tokens_unproved));
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::tokens_missing));
    EXPECT_FALSE(tokens_of_plan().empty());
}

TEST_F(TokensTest, ThatComeAfterTheLinkWasCutAreAskedForAgainWithOtherBlinds) {
    swallow_questions();
    const auto id = world.send(world.police, world.missing_child());
    EXPECT_EQ(planned(id), 0U);
    world.disconnect(world.police);
    world.police.restart();
    world.broker.swallow = nullptr;
    world.connect(world.police);
    ASSERT_EQ(planned(id), 1U);
    EXPECT_FALSE(tokens_of_plan().empty());
}

TEST_F(TokensTest, OverTheBudgetWaitAndWhatIsAboutOneChildGoesOnUnmatchedInTime) {
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (std::holds_alternative<wire::EvaluateTokens>(body)) return ErrorCode::busy;
        return std::nullopt;
    };
    const auto desk = world.police.add_person("Invented Desk", "police-wm", {"police-wm.pol"});
    EXPECT_TRUE(status_of(world.police, desk).at("identifying_paused").empty());
    const auto id = world.send(world.police, world.missing_child());
    const Json busy{{{"agency", "police-wm"},
                     {"of", "notifications"},
                     {"epoch", 1},
                     {"code", "busy"},
                     {"again_at", to_rfc3339(world.now.wall + seconds(2))}}};
    EXPECT_EQ(status_of(world.police, world.police.service_token).at("identifying_paused"), busy);
    EXPECT_EQ(status_of(world.police, desk).at("identifying_paused"), busy);
    EXPECT_GT(said(world.police, LogEvent::tokens_over_budget), 0U);
    const auto why_it_waits = [&] {
        const auto reply = world.police.ask(ApiRequest::Kind::sent_one, desk, to_text(id));
        return Json::parse(reply.json.reveal()).at("identifying");
    };
    const auto why = why_it_waits();
    ASSERT_FALSE(why.is_null());
    EXPECT_EQ(why.at("code"), "busy");
    EXPECT_EQ(why.at("asked_again_at"), to_rfc3339(world.now.wall + seconds(2)));
    EXPECT_EQ(why.at("until"), to_rfc3339(world.now.wall + seconds(20)));
    EXPECT_NE(why.at("message").get<std::string>().find("as many children as it may"),
              std::string::npos);
    world.pass(seconds(10));
    EXPECT_EQ(planned(id), 0U);
    world.pass(seconds(15));
    EXPECT_EQ(planned(id), 1U);
    EXPECT_TRUE(why_it_waits().is_null()) << "it has gone on without";
    EXPECT_FALSE(world.police.has_alarm(Alarm::Kind::tokens_unproved));
    world.broker.refuse = nullptr;
    world.pass(minutes(1));
    EXPECT_TRUE(status_of(world.police, desk).at("identifying_paused").empty()) << "answered";
}

TEST_F(TokensTest, OverTheBudgetAListWaitsAndTheStatusSaysUntilWhen) {
    const auto held = world.broker.claims.size();
    world.broker.refuse = [](const wire::AgentBody& body) -> std::optional<ErrorCode> {
        if (std::holds_alternative<wire::EvaluateTokens>(body)) return ErrorCode::busy;
        return std::nullopt;
    };
    ReplaceRoll roll;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "school";
    roll.confirmed = true;
    for (const auto* number : {"9990000026", "9990000034"})
        roll.entries.push_back({child(number, "unused").subject, std::string("pupil:") + number});
    RollReplaced reply;
    for (const auto& effect : world.schools.give(std::move(roll))) {
        if (const auto* one = std::get_if<RollReplaced>(&effect)) reply = *one;
    }
    EXPECT_TRUE(reply.waits_for_broker);
    world.settle();
    const auto paused = [&] {
        return status_of(world.schools, world.schools.service_token).at("identifying_paused");
    };
    const Json busy{{{"agency", "orchard-gate"},
                     {"of", "lists"},
                     {"epoch", 1},
                     {"code", "busy"},
                     {"again_at", to_rfc3339(world.now.wall + seconds(2))}}};
    EXPECT_EQ(paused(), busy);
    EXPECT_GT(said(world.schools, LogEvent::tokens_over_budget), 0U);
    EXPECT_EQ(world.broker.claims.size(), held) << "nothing is said before it is whole";
    // Before its time nobody is asked, and then it goes on by itself.
    world.broker.refuse = nullptr;
    const auto questions = world.broker.token_questions.size();
    world.pass(seconds(1));
    EXPECT_EQ(world.broker.token_questions.size(), questions);
    EXPECT_EQ(world.broker.claims.size(), held);
    world.pass(seconds(1));
    for (int i = 0; i < 4; ++i) world.tick();
    EXPECT_GT(world.broker.token_questions.size(), questions);
    EXPECT_EQ(world.broker.claims.size(), 2U) << "in place of the child who was on it";
    EXPECT_TRUE(paused().empty());
    EXPECT_TRUE(
        status_of(world.schools, world.schools.service_token).at("rolls_identifying").empty());
}

TEST_F(TokensTest, OfAPreviewAreAskedOfNobodyAndItSaysWhatWouldBeWithThem) {
    auto body = to_canonical_json(world.missing_child()).reveal();
    const auto reply =
        world.police.ask(ApiRequest::Kind::preview, world.police.service_token, "", body);
    world.settle();
    EXPECT_EQ(reply.status, 200) << text_of_reply(reply);
    EXPECT_TRUE(world.broker.token_questions.empty());
    for (const auto& warning : Json::parse(reply.json.reveal()).at("warnings"))
        EXPECT_NE(warning.at("warning"), "unmatched");
}

TEST_F(TokensTest, OverTheBoundOnWhatIsKeptTheLongestUnusedGo) {
    world.police.config.token_outputs_max = of_one_child;
    world.police.restart();
    world.connect(world.police);
    world.send(world.police, child("9990000018", "misper:1"));
    EXPECT_EQ(outputs_of(world.police), of_one_child);
    world.pass(hours(24 * 7));
    world.send(world.police, child("9990000026", "misper:2"));
    EXPECT_EQ(outputs_of(world.police), of_one_child);
    const auto questions = world.broker.token_questions.size();
    world.send(world.police, child("9990000026", "misper:3"));
    EXPECT_EQ(world.broker.token_questions.size(), questions) << "of this week: still here";
    world.send(world.police, child("9990000018", "misper:4"));
    EXPECT_EQ(world.broker.token_questions.size(), questions + 1) << "gone, and asked again";
}

TEST_F(TokensTest, NotUsedForFiveWeeksAreForgottenWithTheirCount) {
    world.send(world.police, world.missing_child());
    ASSERT_EQ(outputs_of(world.police), of_one_child);
    world.pass(hours(24 * 7 * 4));
    EXPECT_EQ(outputs_of(world.police), of_one_child);
    world.pass(hours(24 * 7 * 3));
    EXPECT_EQ(outputs_of(world.police), 0U);
    EXPECT_EQ(table::token_outputs_kept.get(*world.police.store.view(), 0)->rows, 0U);
}

TEST_F(TokensTest, OfBothEpochsTravelWhileTheKeysChangeAndNobodyIsMissed) {
    const auto before = tokens_of_claim();
    const auto claim = claim_of_child();
    EXPECT_EQ(epochs_of(before), (std::set<std::uint16_t>{1}));
    world.list_token_key(2);
    world.tick();
    EXPECT_EQ(claim_of_child().id, claim.id) << "what people have answered about it counts on";
    EXPECT_EQ(claim_of_child().starts, claim.starts);
    EXPECT_GT(claim_of_child().serial, claim.serial);
    // Stated anew in the background, without the school giving its list again.
    EXPECT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{1, 2}));
    const auto during = tokens_of_claim();
    EXPECT_TRUE(has_common(during, before));
    world.send(world.police, world.missing_child());
    EXPECT_EQ(epochs_of(tokens_of_plan()), (std::set<std::uint16_t>{1, 2}));
    EXPECT_TRUE(has_common(tokens_of_plan(), during));
    world.finish_token_change(2);
    world.tick();
    EXPECT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{2}));
    EXPECT_EQ(claim_of_child().id, claim.id);
    world.send(world.police, world.missing_child("misper:2"));
    EXPECT_EQ(epochs_of(tokens_of_plan()), (std::set<std::uint16_t>{2}));
    EXPECT_TRUE(has_common(tokens_of_plan(), during)) << "a school that is late is still found";
    EXPECT_TRUE(has_common(tokens_of_plan(), tokens_of_claim()));
}

TEST_F(TokensTest, OfTheNextKeyOverTheBudgetLeaveListsUnderTheOlderAndNobodyIsMissed) {
    next_key_is_over_the_budget_of_lists();
    world.list_token_key(2);
    world.pass(minutes(5));
    EXPECT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{1})) << "as it was stated";
    const auto paused = status_of(world.schools, world.schools.service_token);
    ASSERT_EQ(paused.at("identifying_paused").size(), 1U) << paused;
    EXPECT_EQ(paused["identifying_paused"][0]["of"], "lists");
    EXPECT_EQ(paused["identifying_paused"][0]["agency"], "orchard-gate");
    EXPECT_EQ(paused["identifying_paused"][0]["epoch"], 2);
    EXPECT_EQ(paused["identifying_paused"][0]["code"], "busy");
    world.send(world.police, world.missing_child());
    EXPECT_TRUE(has_common(tokens_of_plan(), tokens_of_claim()));
    // A list that comes meanwhile is stated at once, under the key that answers.
    give_list("9990000026");
    EXPECT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{1}));
    world.send(world.police, child("9990000026", "misper:2"));
    EXPECT_TRUE(has_common(tokens_of_plan(), tokens_of_claim()));
    // Nor does a restart lose what is owed.
    world.disconnect(world.schools);
    world.schools.restart();
    world.connect(world.schools);
    world.pass(minutes(5));
    EXPECT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{1}));
    world.broker.refuse = nullptr;
    for (int i = 0; i < 5; ++i) world.pass(minutes(1));
    EXPECT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{1, 2}));
}

TEST_F(TokensTest, OfAChildOfManyNamesUnderTheOlderKeyAreAllStatedWhileTheKeysChange) {
    const std::vector<const char*> names{"Formerly", "Otherwise", "Fourthly"};
    give_list("9990000018", names);
    const auto before = tokens_of_claim();
    ASSERT_GT(before.size(), limits::tokens_per_claim_max / 2) << "no room for all under two keys";
    ASSERT_LE(before.size(), limits::tokens_per_claim_max * 3 / 4);
    world.list_token_key(2);
    world.tick();
    const auto during = tokens_of_claim();
    EXPECT_EQ(under(1, during), before) << "by which everybody else still asks";
    EXPECT_FALSE(under(2, during).empty()) << "or it is waited for until the end of the change";
    EXPECT_LE(during.size(), limits::tokens_per_claim_max);
    world.finish_token_change(2);
    world.tick();
    EXPECT_EQ(tokens_of_claim().size(), before.size());
    EXPECT_TRUE(std::ranges::includes(tokens_of_claim(), under(2, during)));
}

TEST_F(TokensTest, OfOtherKeysAreOfTheSameClaimSoThatWhatPeopleAnsweredAboutItStands) {
    const auto before = claim_of_the_school();
    world.list_token_key(2);
    world.tick();
    const auto during = claim_of_the_school();
    ASSERT_EQ(epochs_of(during.tokens), (std::set<std::uint16_t>{1, 2}));
    EXPECT_EQ(during.id, before.id);
    EXPECT_EQ(during.starts, before.starts);
    EXPECT_GT(during.serial, before.serial) << "a later word about it";
    world.pass(hours(1));
    world.finish_token_change(2);
    world.tick();
    const auto after = claim_of_the_school();
    ASSERT_EQ(epochs_of(after.tokens), (std::set<std::uint16_t>{2}));
    EXPECT_EQ(after.id, before.id);
}

TEST_F(TokensTest, OfAnotherChildUnderTheSameReferenceAreAnotherClaimAlsoWhileTheKeysChange) {
    give_list("9990000018");
    const auto before = claim_of_the_school();
    next_key_is_over_the_budget_of_lists();
    world.list_token_key(2);
    give_list("9990000026");
    const auto under_one = claim_of_the_school();
    EXPECT_NE(under_one.id, before.id);
    world.broker.refuse = nullptr;
    give_list("9990000018");
    for (int i = 0; i < 5; ++i) world.pass(minutes(1));
    ASSERT_EQ(epochs_of(tokens_of_claim()), (std::set<std::uint16_t>{1, 2}));
    EXPECT_NE(claim_of_the_school().id, under_one.id);
}

TEST_F(TokensTest, OfAnEpochThatTheBrokerCannotServeYetHoldNothingUp) {
    world.list_token_key(2);
    world.broker.token_keys.erase(2);
    const auto id = world.send(world.police, world.missing_child());
    ASSERT_EQ(planned(id), 1U);
    EXPECT_EQ(epochs_of(tokens_of_plan()), (std::set<std::uint16_t>{1}));
    EXPECT_TRUE(world.broker.published.contains(id));
}

TEST_F(TokensTest, OfAListThatWaitsForTheBrokerSurviveARestart) {
    swallow_questions();
    ReplaceRoll roll;
    roll.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    roll.relation = "school";
    roll.confirmed = true;  // it ends the one child who was on the list
    for (int i = 0; i < 600; ++i) {
        RollEntry entry;
        entry.source_ref = "pupil:" + std::to_string(i);
        entry.subject.forename = PersonalText("Invented");
        entry.subject.surname = PersonalText("Pupil" + std::string(1, char('A' + i % 26)) +
                                             std::string(1, char('A' + i / 26)));
        entry.subject.date_of_birth = PersonalText("2014-01-01");
        roll.entries.push_back(std::move(entry));
    }
    const auto held = world.broker.claims.size();
    RollReplaced reply;
    for (const auto& effect : world.schools.give(std::move(roll))) {
        if (const auto* one = std::get_if<RollReplaced>(&effect)) reply = *one;
    }
    EXPECT_TRUE(reply.ok);
    EXPECT_TRUE(reply.waits_for_broker);
    world.settle();
    EXPECT_EQ(world.broker.claims.size(), held) << "nothing is said before it is whole";
    const auto status = Json::parse(
        world.schools.ask(ApiRequest::Kind::status, world.schools.service_token).json.reveal());
    ASSERT_EQ(status.at("rolls_identifying").size(), 1U);
    EXPECT_EQ(status["rolls_identifying"][0]["entries"], 600);
    // A child who is added meanwhile comes to it, and takes not its place.
    ReplaceRoll joiner;
    joiner.seat = {AgencyId("orchard-gate"), RoleId("sch")};
    joiner.relation = "school";
    joiner.partial = true;
    RollEntry entry;
    entry.source_ref = "joiner:1";
    entry.subject.forename = PersonalText("Invented");
    entry.subject.surname = PersonalText("PupilJoiner");
    entry.subject.date_of_birth = PersonalText("2014-01-01");
    joiner.entries.push_back(std::move(entry));
    world.schools.give(std::move(joiner));
    world.settle();
    EXPECT_EQ(everything_stored(world.schools.store).find("PUPIL"), std::string::npos);
    world.disconnect(world.schools);
    world.schools.restart();
    world.broker.swallow = nullptr;
    world.connect(world.schools);
    for (int i = 0; i < 4; ++i) world.tick();
    EXPECT_EQ(world.broker.claims.size(), 601U);
    EXPECT_TRUE(std::ranges::any_of(world.broker.token_questions, [](const auto& question) {
        return question.reason == "roll" && question.blinded.size() == 256;
    }));
}

}  // namespace
}  // namespace mash::runtime::testing
