// A decision from its record once more: equal byte for byte, or the first field that differs.
#include "common/area/decision_record.hpp"

#include <gtest/gtest.h>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;

const NotificationId item{std::array<std::uint8_t, 16>{7}};

/// What an agent would keep of a missing child whose school has claimed her.
DecisionEvidence evidence_of(World& world, const DecisionInput& stated) {
    wire::PlanFacts facts;
    facts.decided_at = stated.decided_at;
    wire::InvolvementClaim claim;
    claim.id = ClaimId(std::array<std::uint8_t, 16>{3});
    claim.agency = school.agency;
    claim.seat = school;
    claim.relation = "school";
    claim.tokens = stated.facts.tokens;
    claim.serial = 1;
    claim.starts = stated.decided_at - std::chrono::hours(24);
    claim.lease_until = stated.decided_at + std::chrono::hours(24);
    wire::SignedClaim signed_claim;
    signed_claim.body = wire::encode_body(claim);
    signed_claim.signature =
        crypto::sign(world.keys.at(school.agency), wire::label::claim, signed_claim.body);
    facts.claims.push_back(signed_claim);
    const auto input = facts_for(item, stated.facts, facts, world.registry, world.policy);
    EXPECT_TRUE(input.has_value());
    return {item, wire::encode_body(stated.facts), wire::encode_body(facts),
            wire::encode_body(world.decide(*input))};
}

TEST(DecisionRecord, TheSameDocumentsGiveTheSameBytes) {
    World world;
    const auto evidence = evidence_of(world, missing_child(world, "high", saturday_night));
    const auto again = replay(evidence, world.registry, world.policy);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->equal) << again->difference;
    EXPECT_EQ(again->difference, "");
}

TEST(DecisionRecord, AnotherPolicyIsFoundByItsFirstField) {
    World world;
    const auto evidence = evidence_of(world, missing_child(world, "medium"));
    const auto other =
        policy_from(changed(reference_policy(), "schools_hear_of_missing_episodes = false",
                            "schools_hear_of_missing_episodes = true"));
    const auto again = replay(evidence, world.registry, other);
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->equal);
    EXPECT_NE(again->difference.find("recipients"), std::string::npos) << again->difference;
}

TEST(DecisionRecord, AChangedRecordIsNamedByItsField) {
    World world;
    auto evidence = evidence_of(world, missing_child(world, "high"));
    auto decision = *wire::decode_body<wire::Decision>(evidence.decision);
    decision.recipients[0].take_by = decision.recipients[0].take_by + std::chrono::minutes(1);
    evidence.decision = wire::encode_body(decision);
    const auto again = replay(evidence, world.registry, world.policy);
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->equal);
    EXPECT_EQ(again->difference.rfind("recipients[0].take_by: recorded ", 0), 0U)
        << again->difference;
}

TEST(DecisionRecord, AFactThatNobodySignedIsNoRecord) {
    World world;
    auto evidence = evidence_of(world, missing_child(world, "high"));
    auto facts = *wire::decode_body<wire::PlanFacts>(evidence.plan_facts);
    facts.claims[0].signature = {};
    evidence.plan_facts = wire::encode_body(facts);
    EXPECT_EQ(replay(evidence, world.registry, world.policy).error(), ErrorCode::fact_unproved);
    evidence.plan_facts.pop_back();
    EXPECT_EQ(replay(evidence, world.registry, world.policy).error(), ErrorCode::malformed);
}

TEST(DecisionRecord, AnInputIsKeptWithoutTokensAndDecidesTheSame) {
    const World world;
    auto in = referral(world, school, wire::Harm::none);
    involve_everybody(in);
    in.facts.tokens = {{wire::TokenKind::nhs_dob, 3, {0xAB, 0xCD, 0xEF}}};
    in.thread_seats = {front_door};
    in.authorised = {{"E-14", {front_door}, true}};
    const auto kept = encode_input(in);
    const std::vector<std::uint8_t> token{0xAB, 0xCD, 0xEF};
    EXPECT_TRUE(std::ranges::search(kept, token).empty()) << "no token of the child";
    const auto decision = wire::encode_body(world.decide(in));
    const auto again = replay(kept, decision, world.registry, world.policy);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->equal) << again->difference;
    const auto read = decode_input(kept);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->involved, in.involved);
    EXPECT_EQ(read->authorised, in.authorised);
    EXPECT_EQ(read->thread_seats, in.thread_seats);
    EXPECT_EQ(encode_input(*read), kept);
}

TEST(DecisionRecord, AnUnmatchedChildStaysUnmatched) {
    const World world;
    auto in = missing_child(world, "high");
    in.facts.tokens.clear();
    const auto read = decode_input(encode_input(in));
    ASSERT_TRUE(read.has_value());
    EXPECT_TRUE(read->facts.tokens.empty());
    EXPECT_EQ(wire::encode_body(world.decide(*read)), wire::encode_body(world.decide(in)));
}

TEST(DecisionRecord, NoCutOfAnInputIsRead) {
    const World world;
    auto in = missing_child(world, "high");
    involve_everybody(in);
    const auto kept = encode_input(in);
    for (std::size_t n = 0; n < kept.size(); ++n)
        EXPECT_FALSE(decode_input(ByteView(kept).first(n)).has_value()) << n;
    auto more = kept;
    more.push_back(0);
    EXPECT_FALSE(decode_input(more).has_value());
}

}  // namespace
}  // namespace mash::area
