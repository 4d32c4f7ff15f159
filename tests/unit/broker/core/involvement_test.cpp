#include "common/wire/signing.hpp"
#include "tests/unit/broker/core/broker_fixture.hpp"

namespace mash::broker {
namespace {

using test::missing_child;
using test::token;
using wire::TokenKind;

const Seat dsl{AgencyId("orchard-gate"), RoleId("sch")};
const InboxId school_inbox{"orchard-gate.sch"};

class Involvements : public BrokerFixture {
protected:
    bool reaches_school(std::uint64_t child, std::vector<wire::Token> tokens = {}) {
        auto facts = missing_child(child, now.wall);
        if (!tokens.empty()) facts.tokens = std::move(tokens);
        return recipients(plan(police_host, notification(next_request), facts))
            .contains(school_inbox);
    }
    wire::ReplaceRoll roll(std::uint64_t serial, std::vector<std::uint64_t> children,
                           std::uint32_t part = 0, std::uint32_t parts = 1) {
        wire::ReplaceRoll out;
        out.agency = orchard_gate;
        out.seat = dsl;
        out.relation = "school";
        out.serial = serial;
        out.part = part;
        out.parts = parts;
        for (const auto child : children) {
            out.claims.push_back(area.claim(dsl, "school", {token(child)}, now.wall, serial,
                                            test::id_of<ClaimId>(child)));
        }
        return out;
    }
    wire::EndInvolvement end(std::uint64_t serial, std::vector<std::uint64_t> children) {
        wire::EndInvolvement out;
        out.agency = orchard_gate;
        out.serial = serial;
        for (const auto child : children) out.claims.push_back(test::id_of<ClaimId>(child));
        out.signature = crypto::sign(area.signing_key(orchard_gate), wire::label::end_involvement,
                                     wire::end_involvement_message(out));
        return out;
    }
};

TEST_F(Involvements, AClaimIsFoundByAnyOfItsTokensAndByNoOther) {
    claim(school_host, dsl, "school", {token(1), token(1, TokenKind::upn_dob)});
    EXPECT_TRUE(reaches_school(1));
    EXPECT_TRUE(reaches_school(1, {token(1, TokenKind::upn_dob)}));
    EXPECT_FALSE(reaches_school(2));
    EXPECT_FALSE(reaches_school(1, {token(1, TokenKind::name_dob_postcode)}));
}

TEST_F(Involvements, OfAChildAreFoundUnderEitherKeyWhileTheKeysOfTokensChange) {
    const auto under = [](std::uint16_t epoch, std::uint64_t child) {
        auto one = token(child);
        one.epoch = epoch;
        one.value[31] = static_cast<std::uint8_t>(epoch);
        return one;
    };
    const auto both = [&](std::uint64_t child) {
        return std::vector{under(1, child), under(2, child)};
    };
    const auto state = [&](std::vector<wire::Token> tokens, std::uint64_t serial) {
        expect<wire::ClaimsAccepted>(
            school_host,
            wire::ClaimInvolvement{{area.claim(dsl, "school", std::move(tokens), now.wall, serial,
                                               test::id_of<ClaimId>(1))}});
    };
    state({under(1, 1)}, 1);
    EXPECT_TRUE(reaches_school(1, {under(1, 1)})) << "nobody has heard of the change";
    EXPECT_TRUE(reaches_school(1, both(1))) << "the school has not stated its list anew";
    EXPECT_FALSE(reaches_school(2, both(2)));
    EXPECT_FALSE(reaches_school(1, {under(2, 1)})) << "why nobody finishes before it has";
    state(both(1), 2);
    EXPECT_TRUE(reaches_school(1, {under(1, 1)})) << "a sender who has not heard of the change";
    EXPECT_TRUE(reaches_school(1, both(1)));
    EXPECT_TRUE(reaches_school(1, {under(2, 1)})) << "a sender for whom it is finished";
    EXPECT_FALSE(reaches_school(2, both(2)));
    state({under(2, 1)}, 3);
    EXPECT_TRUE(reaches_school(1, both(1)));
    EXPECT_FALSE(reaches_school(1, {under(1, 1)})) << "the old one finds nobody any more";
}

TEST_F(Involvements, AContradictionIsNoLink) {
    claim(school_host, dsl, "school", {token(1), token(1, TokenKind::name_dob_postcode)});
    // The same name, date of birth and address, another NHS number: twins, or a mistake. A
    // question, never an answer.
    EXPECT_FALSE(reaches_school(2, {token(2), token(1, TokenKind::name_dob_postcode)}));
}

TEST_F(Involvements, ANameAtASchoolCountsAgainstThatSchoolsOwnRollOnly) {
    const auto at_school = token(1, TokenKind::name_dob_school);
    claim(school_host, dsl, "school", {at_school});
    claim(care_host, seat("social-care", "sw"), "social_worker", {at_school});
    const auto agreed = plan(police_host, notification(1), [&] {
        auto facts = missing_child(1, now.wall);
        facts.tokens = {at_school};
        return facts;
    }());
    EXPECT_TRUE(recipients(agreed).contains(school_inbox));
    EXPECT_FALSE(recipients(agreed).contains(InboxId("social-care.sw")));
}

TEST_F(Involvements, AClaimEndsAndAnOlderStatementDoesNotBringItBack) {
    const auto first = roll(1, {1}).claims.front();
    expect<wire::ClaimsAccepted>(school_host, wire::ClaimInvolvement{{first}});
    EXPECT_TRUE(reaches_school(1));
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, end(2, {1})).ended, 1U);
    EXPECT_FALSE(reaches_school(1));
    expect<wire::ClaimsAccepted>(school_host, wire::ClaimInvolvement{{first}});
    EXPECT_FALSE(reaches_school(1)) << "replayed";
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, end(2, {1})).ended, 0U);
    expect<wire::ClaimsAccepted>(school_host,
                                 wire::ClaimInvolvement{{roll(3, {1}).claims.front()}});
    EXPECT_TRUE(reaches_school(1)) << "a newer statement counts";
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, end(2, {1})).ended, 0U)
        << "and an older end does not";
}

TEST_F(Involvements, OnlyTheLastPartOfARollEndsWhatIsMissing) {
    expect<wire::ClaimsAccepted>(school_host, roll(1, {1, 2, 3}));
    auto answer = expect<wire::ClaimsAccepted>(school_host, roll(2, {1}, 0, 2));
    EXPECT_EQ(answer.held, 3U);
    EXPECT_EQ(answer.ended, 0U);
    EXPECT_TRUE(reaches_school(3));
    answer = expect<wire::ClaimsAccepted>(school_host, roll(2, {4}, 1, 2));
    EXPECT_EQ(answer.held, 2U);
    EXPECT_EQ(answer.ended, 2U);
    EXPECT_TRUE(reaches_school(1));
    EXPECT_FALSE(reaches_school(2));
    EXPECT_FALSE(reaches_school(3));
    EXPECT_TRUE(reaches_school(4));
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, roll(2, {4}, 1, 2)), answer)
        << "the same part again, the same answer";
}

TEST_F(Involvements, PartsMayArriveInAnyOrderAndTwice) {
    expect<wire::ClaimsAccepted>(school_host, roll(1, {1, 2}));
    expect<wire::ClaimsAccepted>(school_host, roll(2, {5}, 2, 3));
    expect<wire::ClaimsAccepted>(school_host, roll(2, {5}, 2, 3));
    expect<wire::ClaimsAccepted>(school_host, roll(2, {1}, 0, 3));
    EXPECT_TRUE(reaches_school(2));
    EXPECT_EQ(expect<wire::ClaimsAccepted>(school_host, roll(2, {4}, 1, 3)).ended, 1U);
    EXPECT_FALSE(reaches_school(2));
}

TEST_F(Involvements, AnOlderRollIsRefused) {
    expect<wire::ClaimsAccepted>(school_host, roll(5, {1}));
    EXPECT_EQ(refused(school_host, roll(4, {2})), ErrorCode::version_went_back);
    EXPECT_FALSE(reaches_school(2));
    EXPECT_EQ(refused(school_host, roll(6, {2}, 3, 3)), ErrorCode::bad_value);
}

TEST_F(Involvements, AClaimMadeAfterTheRollWasDrawnUpStays) {
    expect<wire::ClaimsAccepted>(school_host, roll(1, {1}));
    expect<wire::ClaimsAccepted>(school_host, roll(3, {1}, 0, 2));
    expect<wire::ClaimsAccepted>(school_host,
                                 wire::ClaimInvolvement{{roll(4, {9}).claims.front()}});
    expect<wire::ClaimsAccepted>(school_host, roll(3, {2}, 1, 2));
    EXPECT_TRUE(reaches_school(9));
}

TEST_F(Involvements, EachIsBoundToTheAgencyThatSignsIt) {
    // Another agency's name, another agency's seat, a seat nobody has, a relation of another kind
    // of agency, an `ask` relation.
    auto forged = area.claim(dsl, "school", {token(1)}, now.wall);
    forged.signature = crypto::sign(area.signing_key(health), wire::label::claim, forged.body);
    EXPECT_EQ(refused(school_host, wire::ClaimInvolvement{{forged}}), ErrorCode::bad_signature);
    EXPECT_EQ(refused(health_host,
                      wire::ClaimInvolvement{{area.claim(dsl, "school", {token(1)}, now.wall)}}),
              ErrorCode::wrong_host);
    EXPECT_EQ(refused(school_host, wire::ClaimInvolvement{{area.claim(
                                       seat("orchard-gate", "gp"), "gp", {token(1)}, now.wall)}}),
              ErrorCode::not_entitled);
    EXPECT_EQ(
        refused(school_host,
                wire::ClaimInvolvement{{area.claim(dsl, "social_worker", {token(1)}, now.wall)}}),
        ErrorCode::not_entitled);
    EXPECT_EQ(refused(school_host,
                      wire::ClaimInvolvement{{area.claim(dsl, "cousin", {token(1)}, now.wall)}}),
              ErrorCode::not_available);
    EXPECT_FALSE(reaches_school(1));
    EXPECT_EQ(refused(health_host, end(9, {1})), ErrorCode::wrong_host);
}

TEST_F(Involvements, NobodyCanListThem) {
    const auto id = test::id_of<ClaimId>(1);
    const auto others = {police_host, hub_host, care_host, health_host};
    for (const auto& host : others) unasked(host);
    expect<wire::ClaimsAccepted>(school_host, roll(1, {1, 2, 3}));
    // Another agency learns nothing by naming them, not even how many there are.
    auto foreign = end(9, {1, 2, 3});
    foreign.agency = health;
    foreign.signature = crypto::sign(area.signing_key(health), wire::label::end_involvement,
                                     wire::end_involvement_message(foreign));
    const auto answer = expect<wire::ClaimsAccepted>(health_host, foreign);
    EXPECT_EQ(answer.held, 0U);
    EXPECT_EQ(answer.ended, 0U);
    // Nor does whoever operates the broker, whatever they ask: neither claim nor token.
    const auto hex = to_hex(token(1).value);
    using Kind = OperatorCommand::Kind;
    for (const auto kind : {Kind::status, Kind::tasks, Kind::quarantine_list, Kind::stats,
                            Kind::decisions, Kind::requests, Kind::token_change}) {
        const auto said = ask_operator(kind);
        EXPECT_EQ(said.find(to_text(id)), std::string::npos);
        EXPECT_EQ(said.find(hex), std::string::npos);
    }
    for (const auto& host : others) EXPECT_TRUE(unasked(host).empty()) << "nor is anybody told";
}

TEST_F(Involvements, OneBadClaimOfAFrameLeavesNothingOfIt) {
    EXPECT_EQ(refused(school_host,
                      wire::ClaimInvolvement{{area.claim(dsl, "school", {token(1)}, now.wall),
                                              area.claim(dsl, "cousin", {token(2)}, now.wall)}}),
              ErrorCode::not_available);
    EXPECT_EQ(rows("claims"), 0U);
}

TEST_F(Involvements, EndWithTheirLease) {
    claim(school_host, dsl, "school", {token(1)});
    advance(std::chrono::hours(24 * 80));
    area.renew_freshness(now.wall);
    load_documents();
    EXPECT_TRUE(reaches_school(1));
    advance(std::chrono::hours(24 * 11));
    area.renew_freshness(now.wall);
    load_documents();
    EXPECT_FALSE(reaches_school(1));
    EXPECT_EQ(rows("claims"), 0U);
    EXPECT_EQ(rows("claims_by_token"), 0U);
}

TEST_F(Involvements, ALeaseIsBounded) {
    wire::InvolvementClaim claim;
    claim.id = test::id_of<ClaimId>(1);
    claim.agency = orchard_gate;
    claim.seat = dsl;
    claim.relation = "school";
    claim.tokens = {token(1)};
    claim.serial = 1;
    claim.starts = now.wall;
    const auto offer = [&](std::chrono::milliseconds lease) {
        claim.lease_until = now.wall + lease;
        wire::SignedClaim out;
        out.body = wire::encode_body(claim);
        out.signature = crypto::sign(area.signing_key(orchard_gate), wire::label::claim, out.body);
        return wire::ClaimInvolvement{{out}};
    };
    EXPECT_EQ(refused(school_host, offer(std::chrono::hours(24 * 400))), ErrorCode::bad_value);
    EXPECT_EQ(refused(school_host, offer(std::chrono::milliseconds(-1))), ErrorCode::expired);
    expect<wire::ClaimsAccepted>(school_host, offer(std::chrono::hours(24 * 365)));
}

TEST_F(Involvements, ARevokedKeyProvesNothingAndAnOutlivedOneWhatItSigned) {
    claim(school_host, dsl, "school", {token(1)});
    const auto before = now.wall;
    area.rotate_signing_key(orchard_gate, now.wall);
    area.change_registry(
        [&](area::Registry& registry) {
            registry.agencies.at(orchard_gate).signing_keys.front().not_after =
                before + std::chrono::hours(1);
        },
        now.wall);
    load_documents();
    advance(std::chrono::hours(2));
    EXPECT_TRUE(reaches_school(1)) << "rotation ends no involvement";
    area.change_registry(
        [&](area::Registry& registry) {
            registry.agencies.at(orchard_gate).signing_keys.front().revoked_at = now.wall;
        },
        now.wall);
    load_documents();
    EXPECT_FALSE(reaches_school(1));
}

TEST_F(Involvements, NobodyCrowdsOthersOutOfAToken) {
    claim(care_host, seat("social-care", "sw"), "social_worker", {token(1)});
    ErrorCode last{};
    int taken = 0;
    for (std::uint64_t n = 1; n <= 20; ++n) {
        for (auto& frame :
             say(school_host,
                 wire::ClaimInvolvement{{area.claim(dsl, "school", {token(1)}, now.wall, n)}})) {
            if (const auto* error = std::get_if<wire::ErrorFrame>(&frame.body)) last = error->code;
            taken += std::holds_alternative<wire::ClaimsAccepted>(frame.body) ? 1 : 0;
        }
    }
    EXPECT_EQ(last, ErrorCode::too_many);
    EXPECT_EQ(taken, 8);
    EXPECT_TRUE(recipients(plan(police_host, notification(1), missing_child(1, now.wall)))
                    .contains(InboxId("social-care.sw")));
}

TEST_F(Involvements, CanBeListedByNoMessage) {
    claim(school_host, dsl, "school", {token(1)});
    for (const auto kind : {OperatorCommand::Kind::status, OperatorCommand::Kind::stats,
                            OperatorCommand::Kind::tasks}) {
        EXPECT_EQ(ask_operator(kind).find(to_hex(token(1).value)), std::string::npos);
    }
    EXPECT_EQ(refused(police_host, wire::NotServed{77}), ErrorCode::not_available);
}

}  // namespace
}  // namespace mash::broker
