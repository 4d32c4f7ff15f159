// Identifiers that the broker cannot see: who may have how many evaluated, and what is answered.
#include "broker/core/tokens.hpp"

#include "common/crypto/hash.hpp"
#include "common/crypto/random.hpp"
#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

CoreConfig small_budget() {
    CoreConfig config;
    config.token_evaluations_per_hour = 1'024;
    config.token_import_allowance = 512;
    return config;
}

class Tokens : public BrokerFixture {
protected:
    Tokens() : BrokerFixture(test::working_morning, small_budget()) { list_key(1); }

    crypto::OprfPublicKey list_key(std::uint16_t epoch) {
        crypto::SeededRandom random(epoch, "token-key");
        auto key = crypto::OprfKey::generate(random);
        const auto public_key = key.public_key();
        keys.emplace(public_key, std::move(key));
        area.change_registry(
            [&](area::Registry& registry) {
                registry.broker.token_keys.push_back({epoch, now.wall, public_key});
            },
            now.wall);
        load_documents();
        return public_key;
    }

    crypto::OprfQuestion question(std::size_t count) {
        std::vector<ByteView> inputs(count, view_of("nobody"));
        crypto::SeededRandom random(next_request, "blinds");
        return crypto::OprfQuestion::ask(crypto::OprfMode::verifiable, inputs, random).value();
    }
    wire::EvaluateTokens ask_for(std::size_t count, const std::string& reason = "notification",
                                 std::uint16_t epoch = 1) {
        return {police, PersonId("service"), reason, epoch, question(count).blinded()};
    }

    /// What the shell answers, and beside it what the core refused.
    std::optional<TokensAsked> let_through(const HostId& host, wire::AgentBody body) {
        for (auto& effect : step(frame_in(host, std::move(body)))) {
            if (auto* asked = std::get_if<TokensAsked>(&effect)) return std::move(*asked);
        }
        return std::nullopt;
    }
    wire::ErrorFrame last_refusal(const HostId& host) {
        const auto& frames = received[sessions.at(host)];
        if (frames.empty() || !std::holds_alternative<wire::ErrorFrame>(frames.back().body))
            return {};
        return std::get<wire::ErrorFrame>(frames.back().body);
    }
    wire::BrokerFrame evaluate(const TokensAsked& asked) {
        crypto::SeededRandom random(7, "proof");
        return evaluate_tokens(keys, asked, random);
    }
    int asked_until_refused(const std::string& reason) {
        int frames = 0;
        while (let_through(police_host, ask_for(256, reason))) ++frames;
        return frames;
    }

    TokenKeys keys;
};

TEST_F(Tokens, AreEvaluatedUnderTheKeyOfTheRegistryWithAProof) {
    const auto asked = question(3);
    auto through = let_through(
        police_host,
        wire::EvaluateTokens{police, PersonId("service"), "notification", 1, asked.blinded()});
    ASSERT_TRUE(through);
    EXPECT_FALSE(through->is_roll);
    const auto answer = evaluate(*through);
    EXPECT_EQ(answer.request, through->request);
    const auto* evaluated = std::get_if<wire::EvaluatedTokens>(&answer.body);
    ASSERT_NE(evaluated, nullptr);
    const crypto::OprfEvaluation evaluation{evaluated->evaluated, evaluated->proof};
    const auto listed = core->registry()->find_token_key(1)->key;
    EXPECT_TRUE(asked.finalize(evaluation, listed));
    const auto other = list_key(2);
    EXPECT_FALSE(asked.finalize(evaluation, other)) << "not the key of another epoch";
}

TEST_F(Tokens, OfAnEpochAreEvaluatedWhileTheRegistryListsIt) {
    EXPECT_FALSE(let_through(police_host, ask_for(1, "notification", 2)));
    EXPECT_EQ(last_refusal(police_host).code, ErrorCode::unknown_key);
    list_key(2);
    // Each is answered under its own key, and proved.
    for (std::uint16_t epoch = 1; epoch <= 2; ++epoch) {
        const auto blinds = question(1);
        const auto asked =
            let_through(police_host, wire::EvaluateTokens{police, PersonId("service"),
                                                          "notification", epoch, blinds.blinded()});
        ASSERT_TRUE(asked) << epoch;
        const auto answer = evaluate(*asked);
        const auto* evaluated = std::get_if<wire::EvaluatedTokens>(&answer.body);
        ASSERT_NE(evaluated, nullptr) << epoch;
        EXPECT_EQ(evaluated->key_epoch, epoch);
        const crypto::OprfEvaluation evaluation{evaluated->evaluated, evaluated->proof};
        const auto key_of = [&](std::uint16_t of) { return core->registry()->find_token_key(of); };
        EXPECT_TRUE(blinds.finalize(evaluation, key_of(epoch)->key)) << epoch;
        const auto other = static_cast<std::uint16_t>(3 - epoch);
        EXPECT_FALSE(blinds.finalize(evaluation, key_of(other)->key)) << epoch;
    }
    area.change_registry(
        [](area::Registry& registry) {
            registry.broker.token_keys.erase(registry.broker.token_keys.begin());
        },
        now.wall);
    load_documents();
    EXPECT_FALSE(let_through(police_host, ask_for(1)));
}

TEST_F(Tokens, UnderAKeyThatTheBrokerLacksAreATypedError) {
    const auto asked = let_through(police_host, ask_for(1));
    ASSERT_TRUE(asked);
    keys.clear();
    const auto answer = evaluate(*asked);
    ASSERT_TRUE(std::holds_alternative<wire::ErrorFrame>(answer.body));
    EXPECT_EQ(std::get<wire::ErrorFrame>(answer.body).code, ErrorCode::unknown_key);
}

TEST_F(Tokens, OfPointsThatAreNoneAreRefusedWhole) {
    auto question = ask_for(2);
    question.blinded[1] = crypto::OprfElement();  // the identity
    auto asked = let_through(police_host, question);
    ASSERT_TRUE(asked);
    EXPECT_EQ(std::get<wire::ErrorFrame>(evaluate(*asked).body).code, ErrorCode::weak_point);
    std::array<std::uint8_t, 32> second_spelling{};
    second_spelling.fill(0xFF);
    question.blinded[1] = crypto::OprfElement(second_spelling);
    asked = let_through(police_host, question);
    ASSERT_TRUE(asked);
    EXPECT_EQ(std::get<wire::ErrorFrame>(evaluate(*asked).body).code, ErrorCode::weak_point);
}

TEST_F(Tokens, AreOnlyEvaluatedForAnAgencyOfThisHost) {
    EXPECT_FALSE(let_through(hub_host, ask_for(1)));
    EXPECT_EQ(last_refusal(hub_host).code, ErrorCode::wrong_host);
}

TEST_F(Tokens, OverTheBudgetAreRefusedWithTheTimeWhenMoreMayBeAsked) {
    EXPECT_EQ(asked_until_refused("notification"), 4);
    const auto refusal = last_refusal(police_host);
    EXPECT_EQ(refusal.code, ErrorCode::busy);
    EXPECT_EQ(refusal.detail, "token_budget");
    // A quarter of an hour's budget comes back in a quarter of an hour.
    EXPECT_NEAR(refusal.retry_after_ms, 15.0 * 60 * 1'000, 2'000);
    EXPECT_TRUE(std::ranges::any_of(log, [](const Recorded& said) {
        return said.event == LogEvent::tokens_over_budget && said.agency == police;
    }));
    now.steady = now.steady + std::chrono::milliseconds(refusal.retry_after_ms);
    EXPECT_TRUE(let_through(police_host, ask_for(256)));
    EXPECT_FALSE(let_through(police_host, ask_for(1)));
}

TEST_F(Tokens, OfImportsLeaveAShareToWhatIsAboutOneChildAndHaveAnAllowance) {
    EXPECT_EQ(asked_until_refused("roll"), 3 + 2) << "three quarters of the hour's, the allowance";
    const auto refusal = last_refusal(police_host);
    EXPECT_EQ(refusal.code, ErrorCode::busy);
    EXPECT_NEAR(refusal.retry_after_ms, 15.0 * 60 * 1'000, 2'000);
    EXPECT_EQ(asked_until_refused("notification"), 1);
    now.steady = now.steady + hours(1);
    EXPECT_EQ(asked_until_refused("roll"), 3);
    // The allowance comes back slowly: a 30th of it in a day.
    now.steady = now.steady + hours(24 * 30);
    EXPECT_EQ(asked_until_refused("roll"), 3 + 2);
}

TEST_F(Tokens, OfOneAgencyTakeNothingFromAnothers) {
    asked_until_refused("notification");
    auto of_hub = ask_for(256);
    of_hub.agency = hub;
    EXPECT_TRUE(let_through(hub_host, of_hub));
}

TEST_F(Tokens, UnderOldKeysAloneAreNamedByAgencyUntilTheyAreStatedAnew) {
    const auto waiting = [&] { return ask_operator(OperatorCommand::Kind::token_change); };
    const Seat seat{orchard_gate, RoleId("sch")};
    const auto under = [](std::uint16_t epoch) {
        auto token = test::token(1);
        token.epoch = epoch;
        return token;
    };
    const auto state = [&](std::vector<wire::Token> tokens, std::uint64_t serial) {
        wire::ClaimInvolvement claims;
        claims.claims = {area.claim(seat, "school", std::move(tokens), now.wall, serial,
                                    test::id_of<ClaimId>(1))};
        expect<wire::ClaimsAccepted>(school_host, claims);
    };
    state({under(1)}, 1);
    expect<wire::Done>(hub_host, test::conflict(area, hub, test::id_of<ConflictId>(5), {under(1)},
                                                {InboxId("orchard-gate.sch")}, now.wall));
    EXPECT_EQ(waiting(), R"({"epochs":[1],"agencies":[]})");
    list_key(2);
    EXPECT_EQ(waiting(),
              R"({"epochs":[1,2],"agencies":[{"agency":"hub"},{"agency":"orchard-gate"}]})");
    state({under(1), under(2)}, 2);
    EXPECT_EQ(waiting(), R"({"epochs":[1,2],"agencies":[{"agency":"hub"}]})");
    wire::EndConflict end;
    end.id = test::id_of<ConflictId>(5);
    end.ended_by = hub;
    end.at = now.wall;
    end.signature = crypto::sign(area.signing_key(hub), wire::label::end_conflict,
                                 wire::end_conflict_message(end));
    expect<wire::Done>(hub_host, end);
    EXPECT_EQ(waiting(), R"({"epochs":[1,2],"agencies":[]})");
}

TEST_F(Tokens, UnderOldKeysOfAClaimThatHasLapsedAreNotWaitedFor) {
    const Seat seat{orchard_gate, RoleId("sch")};
    claim(school_host, seat, "school", {test::token(1)});
    list_key(2);
    const auto waiting = [&] { return ask_operator(OperatorCommand::Kind::token_change); };
    EXPECT_NE(waiting().find("orchard-gate"), std::string::npos);
    now.wall = now.wall + hours(24 * 366);
    EXPECT_EQ(waiting().find("orchard-gate"), std::string::npos);
}

TEST_F(Tokens, LeaveNothingInTheStore) {
    const auto question = ask_for(8);
    const auto before = ask_operator(OperatorCommand::Kind::status);
    ASSERT_TRUE(let_through(police_host, question));
    EXPECT_EQ(ask_operator(OperatorCommand::Kind::status), before)
        << "nothing was written: not even the commit serial moved";
    EXPECT_NE(ask_operator(OperatorCommand::Kind::stats).find("\"token_evaluations\":8"),
              std::string::npos);
}

}  // namespace
}  // namespace mash::broker
