// What a plan may rest on: each fact is signed by whoever it speaks of, or was said by the sender
// itself.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"
#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::hours;
using ::testing::ElementsAre;
using wire::Token;
using wire::TokenKind;

Token token(TokenKind kind, std::uint8_t value, std::uint16_t epoch = 1) {
    return {kind, epoch, {value}};
}

wire::InvolvementClaim claim_of(std::vector<Token> tokens) {
    wire::InvolvementClaim claim;
    claim.tokens = std::move(tokens);
    return claim;
}

// --- link()

TEST(Link, OneSharedStrongTokenLinks) {
    for (const auto kind : {TokenKind::nhs_dob, TokenKind::nhs_surname, TokenKind::upn_dob,
                            TokenKind::name_dob_postcode}) {
        EXPECT_EQ(link({token(kind, 1)}, claim_of({token(kind, 1)}), "social_care"), Link::linked);
        EXPECT_NE(link({token(kind, 1)}, claim_of({token(kind, 2)}), "social_care"), Link::linked);
    }
}

TEST(Link, NothingInCommonIsNoLink) {
    EXPECT_EQ(link({}, claim_of({token(TokenKind::nhs_dob, 1)}), "health"), Link::none);
    EXPECT_EQ(
        link({token(TokenKind::nhs_dob, 1)}, claim_of({token(TokenKind::upn_dob, 1)}), "health"),
        Link::none);
    EXPECT_EQ(link({token(TokenKind::name_dob_postcode, 1)},
                   claim_of({token(TokenKind::name_dob_postcode, 2)}), "health"),
              Link::none);
}

TEST(Link, ANameAndSchoolCountOnlyAgainstASchoolsOwnRoll) {
    const std::vector<Token> subject = {token(TokenKind::name_dob_school, 5)};
    EXPECT_EQ(link(subject, claim_of({token(TokenKind::name_dob_school, 5)}), "school"),
              Link::linked);
    EXPECT_EQ(link(subject, claim_of({token(TokenKind::name_dob_school, 5)}), "health"),
              Link::none);
}

TEST(Link, DifferingNhsNumbersContradictWhateverElseAgrees) {
    const std::vector<Token> twin = {token(TokenKind::nhs_dob, 1),
                                     token(TokenKind::name_dob_postcode, 9)};
    EXPECT_EQ(
        link(twin, claim_of({token(TokenKind::nhs_dob, 2), token(TokenKind::name_dob_postcode, 9)}),
             "social_care"),
        Link::contradicted);
    EXPECT_EQ(
        link({token(TokenKind::nhs_dob, 1), token(TokenKind::upn_dob, 3)},
             claim_of({token(TokenKind::nhs_dob, 1), token(TokenKind::upn_dob, 4)}), "school"),
        Link::contradicted)
        << "so do differing pupil numbers";
}

TEST(Link, AnotherBirthDateUnderANumberAndSurnameContradicts) {
    const std::vector<Token> child = {token(TokenKind::nhs_dob, 1),
                                      token(TokenKind::nhs_surname, 2)};
    const auto brother = claim_of({token(TokenKind::nhs_dob, 7), token(TokenKind::nhs_surname, 2)});
    EXPECT_EQ(link(child, brother, "health"), Link::contradicted)
        << "a brother's number, or a slip of the pen: somebody looks";
    EXPECT_EQ(link_of_severed(child, brother, "social_care"), Link::linked)
        << "no way round what an adoption severed";
    EXPECT_EQ(link(child, claim_of({token(TokenKind::nhs_surname, 2)}), "health"), Link::linked)
        << "nobody says another";
    EXPECT_EQ(
        link(child, claim_of({token(TokenKind::nhs_dob, 7, 2), token(TokenKind::nhs_surname, 2)}),
             "health"),
        Link::linked)
        << "under other keys nobody can tell";
    EXPECT_EQ(link_of_severed({token(TokenKind::nhs_dob, 1)},
                              claim_of({token(TokenKind::nhs_dob, 7)}), "social_care"),
              Link::contradicted)
        << "two numbers are two children there as well";
}

TEST(Link, ASurnameOrAForenameOfItsOwnContradictsNothing) {
    EXPECT_EQ(
        link({token(TokenKind::nhs_dob, 1), token(TokenKind::nhs_surname, 2)},
             claim_of({token(TokenKind::nhs_dob, 1), token(TokenKind::nhs_surname, 9)}), "health"),
        Link::linked)
        << "names change";
    EXPECT_EQ(link({token(TokenKind::nhs_dob, 1), token(TokenKind::nhs_surname, 2),
                    token(TokenKind::name_dob, 3)},
                   claim_of({token(TokenKind::nhs_dob, 1), token(TokenKind::nhs_surname, 2),
                             token(TokenKind::name_dob, 9)}),
                   "health"),
              Link::linked)
        << "Bill is William";
}

TEST(Link, FormerNumbersAndNamesMakeNoFalseContradiction) {
    // Of two numbers and two names, all four with the birth date or the surname.
    const std::vector<Token> record = {token(TokenKind::nhs_dob, 1), token(TokenKind::nhs_dob, 2),
                                       token(TokenKind::nhs_surname, 3),
                                       token(TokenKind::nhs_surname, 4),
                                       token(TokenKind::nhs_surname, 5)};
    for (const auto number : {std::uint8_t{1}, std::uint8_t{2}}) {
        for (const auto surname :
             {std::uint8_t{3}, std::uint8_t{4}, std::uint8_t{5}, std::uint8_t{9}}) {
            const auto claim = claim_of(
                {token(TokenKind::nhs_dob, number), token(TokenKind::nhs_surname, surname)});
            EXPECT_EQ(link(record, claim, "health"), Link::linked);
            EXPECT_EQ(link(claim.tokens, claim_of(record), "health"), Link::linked);
        }
    }
    // While the keys change, whoever has both agrees in one.
    EXPECT_EQ(link({token(TokenKind::nhs_dob, 1, 1), token(TokenKind::nhs_surname, 2, 1),
                    token(TokenKind::nhs_dob, 8, 2), token(TokenKind::nhs_surname, 9, 2)},
                   claim_of({token(TokenKind::nhs_dob, 1, 1), token(TokenKind::nhs_surname, 2, 1)}),
                   "health"),
              Link::linked);
}

TEST(Link, AnNhsNumberThatAgreesInOneKindIsNoContradiction) {
    EXPECT_EQ(
        link({token(TokenKind::nhs_dob, 1), token(TokenKind::name_dob_postcode, 9)},
             claim_of({token(TokenKind::nhs_surname, 2), token(TokenKind::name_dob_postcode, 9)}),
             "health"),
        Link::linked)
        << "of different kinds they cannot be compared";
}

TEST(Link, TokensOfDifferentEpochsCannotBeCompared) {
    EXPECT_EQ(link({token(TokenKind::nhs_dob, 1, 1)}, claim_of({token(TokenKind::nhs_dob, 1, 2)}),
                   "health"),
              Link::none);
}

TEST(Link, AnAliasIsAFurtherTokenNotAContradiction) {
    EXPECT_EQ(link({token(TokenKind::nhs_surname, 1), token(TokenKind::nhs_surname, 2)},
                   claim_of({token(TokenKind::nhs_surname, 2)}), "health"),
              Link::linked);
}

constexpr TokenKind weak_kinds[] = {TokenKind::name_dob, TokenKind::name_postcode,
                                    TokenKind::dob_postcode};

TEST(Link, AWeakTokenLinksNobody) {
    for (const auto& kind : {"school", "health", "social_care"}) {
        for (const auto weak : weak_kinds) {
            EXPECT_EQ(link({token(weak, 1)}, claim_of({token(weak, 1)}), kind), Link::none);
        }
    }
}

// --- is_possible_match()

TEST(PossibleMatch, AWeakTokenIsAQuestionUnlessNumbersTellThemApart) {
    for (const auto weak : weak_kinds) {
        const auto alike = token(weak, 1);
        EXPECT_TRUE(is_possible_match({alike}, claim_of({alike}), "health"));
        EXPECT_TRUE(
            is_possible_match({alike}, claim_of({token(TokenKind::nhs_dob, 2), alike}), "health"))
            << "one side has no number";
        EXPECT_FALSE(is_possible_match({token(TokenKind::nhs_dob, 3), alike},
                                       claim_of({token(TokenKind::nhs_dob, 2), alike}), "health"))
            << "twins, or a common name";
        EXPECT_FALSE(is_possible_match({token(TokenKind::upn_dob, 3), alike},
                                       claim_of({token(TokenKind::upn_dob, 2), alike}), "health"));
        EXPECT_FALSE(is_possible_match({alike}, claim_of({token(weak, 2)}), "health"));
        EXPECT_FALSE(is_possible_match({}, claim_of({alike}), "health"));
    }
}

TEST(PossibleMatch, OfOneNumberAndSurnameWithTwoBirthDatesIsAQuestion) {
    EXPECT_TRUE(is_possible_match(
        {token(TokenKind::nhs_dob, 1), token(TokenKind::nhs_surname, 2)},
        claim_of({token(TokenKind::nhs_dob, 7), token(TokenKind::nhs_surname, 2)}), "health"));
}

TEST(PossibleMatch, AStrongTokenThatIsContradictedIsAQuestion) {
    const auto home = token(TokenKind::name_dob_postcode, 9);
    EXPECT_TRUE(is_possible_match({token(TokenKind::nhs_dob, 1), home},
                                  claim_of({token(TokenKind::nhs_dob, 2), home}), "health"));
}

TEST(PossibleMatch, WhatIsLinkedIsNoQuestion) {
    const auto alike = token(TokenKind::name_dob, 1);
    const auto number = token(TokenKind::nhs_dob, 2);
    EXPECT_FALSE(is_possible_match({alike, number}, claim_of({alike, number}), "health"));
}

// --- facts_for()

class Facts : public ::testing::Test {
protected:
    Facts() {
        stated = missing_child(world, "high").facts;
        stated.thread_seats = {social_worker, school};
        std::sort(stated.thread_seats.begin(), stated.thread_seats.end());
        facts.decided_at = tuesday;
        facts.policy_version = world.policy.version();
        facts.registry_version = world.registry.version;
        notification = NotificationId({7});
    }

    wire::InvolvementClaim involvement(const Seat& who, const std::string& relation) {
        wire::InvolvementClaim claim;
        claim.id = ClaimId({1});
        claim.agency = who.agency;
        claim.seat = who;
        claim.relation = relation;
        claim.tokens = stated.tokens;
        claim.serial = 1;
        claim.starts = tuesday - days(10);
        claim.lease_until = tuesday + days(100);
        return claim;
    }
    wire::SignedClaim signed_by(const std::string& agency, const wire::InvolvementClaim& claim) {
        wire::SignedClaim made{wire::encode_body(claim), {}};
        made.signature =
            crypto::sign(world.keys.at(AgencyId(agency)), wire::label::claim, made.body);
        return made;
    }

    /// A permission for `seats` by a person of `decider`, whom `certifier` certifies.
    wire::SignedAuthorisation permission(const Seat& decider, const std::string& rule,
                                         std::vector<Seat> seats, const std::string& certifier) {
        const auto person_key = crypto::SigningKey::generate(world.random);
        wire::PersonCertificate person;
        person.person = PersonId("p-1");
        person.agency = decider.agency;
        person.roles = {decider.role};
        person.verify_key = person_key.verify_key().value();
        person.serial = 1;
        person.not_after = tuesday + days(1);
        wire::Authorisation given;
        given.id = AuthorisationId({2});
        given.notification = notification;
        given.sender = stated.sender;
        given.decider = decider;
        given.person = person.person;
        given.rule = rule;
        given.seats = std::move(seats);
        given.allow = true;
        given.at = tuesday - hours(1);
        if (edit_person) edit_person(person);
        if (edit_authorisation) edit_authorisation(given);
        wire::SignedAuthorisation made;
        made.body = wire::encode_body(given);
        made.signature = crypto::sign(person_key, wire::label::authorisation, made.body);
        made.certificate = wire::encode_body(person);
        made.certificate_signature = crypto::sign(
            world.keys.at(AgencyId(certifier)), wire::label::person_certificate, made.certificate);
        return made;
    }

    Result<DecisionInput> prove(Proof proof = Proof::check) {
        return facts_for(notification, stated, facts, world.registry, world.policy, proof);
    }
    void expect(ErrorCode code) {
        const auto proved = prove();
        ASSERT_FALSE(proved.has_value());
        EXPECT_EQ(name_of(proved.error()), name_of(code));
    }

    World world;
    wire::RoutingFacts stated;
    wire::PlanFacts facts;
    NotificationId notification;
    std::function<void(wire::PersonCertificate&)> edit_person;
    std::function<void(wire::Authorisation&)> edit_authorisation;
};

TEST_F(Facts, ASignedClaimThatSharesATokenIsAnInvolvement) {
    facts.claims = {signed_by("trust", involvement(health_visitor, "health_visitor")),
                    signed_by("council", involvement(social_worker, "social_worker"))};
    const auto proved = prove();
    ASSERT_TRUE(proved.has_value());
    EXPECT_THAT(proved->involved, ElementsAre(Involvement{"health_visitor", health_visitor},
                                              Involvement{"social_worker", social_worker}));
    EXPECT_EQ(proved->sender_kind, "police");
    EXPECT_EQ(proved->decided_at, tuesday);
}

TEST_F(Facts, WhereHoldersAreAskedAClaimCountsForTheNotificationItWasAskedAbout) {
    auto text = reference_policy();
    const std::string block = "[relations.social_worker]";
    const auto mode = text.find("mode = \"index\"", text.find(block));
    text.replace(mode, std::string("mode = \"index\"").size(), "mode = \"ask\"");
    std::vector<PolicyFault> faults;
    auto asked = Policy::parse(text, "policy.toml", reference_catalogue(), "", faults);
    ASSERT_TRUE(asked.has_value());
    world.policy = std::move(*asked);
    auto claim = involvement(social_worker, "social_worker");
    facts.claims = {signed_by("council", claim)};
    expect(ErrorCode::fact_unproved);  // deposited, or kept from another question
    claim.id =
        wire::asked_claim_id(stated.sender, NotificationId({8}), social_worker, "social_worker");
    facts.claims = {signed_by("council", claim)};
    expect(ErrorCode::fact_unproved);
    claim.id = wire::asked_claim_id(stated.sender, notification, social_worker, "social_worker");
    facts.claims = {signed_by("council", claim)};
    ASSERT_TRUE(prove().has_value());
    EXPECT_THAT(prove()->involved, ElementsAre(Involvement{"social_worker", social_worker}));
    facts.claims = {signed_by("trust", claim)};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, AClaimThatAnotherAgencySignedIsNotProved) {
    facts.claims = {signed_by("trust", involvement(social_worker, "social_worker"))};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, AnAlteredClaimIsNotProved) {
    auto claim = signed_by("council", involvement(social_worker, "social_worker"));
    claim.signature = crypto::sign(world.keys.at(AgencyId("council")),
                                   wire::label::inbox_certificate, claim.body);
    facts.claims = {claim};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, AClaimThatSharesNoTokenIsNotProved) {
    auto claim = involvement(social_worker, "social_worker");
    claim.tokens = {token(TokenKind::upn_dob, 3)};
    facts.claims = {signed_by("council", claim)};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, AClaimForAnotherAgencysSeatIsNotProved) {
    auto claim = involvement(social_worker, "social_worker");
    claim.seat = health_visitor;
    facts.claims = {signed_by("council", claim)};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, ARelationThatThisKindOfAgencyMayNotClaimIsNotProved) {
    facts.claims = {signed_by("orchard-gate", involvement(school, "social_worker"))};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, ALeaseIsInForceUntilItsLastMoment) {
    auto claim = involvement(social_worker, "social_worker");
    claim.lease_until = tuesday + std::chrono::milliseconds(1);
    facts.claims = {signed_by("council", claim)};
    EXPECT_TRUE(prove().has_value());
    claim.lease_until = tuesday;
    facts.claims = {signed_by("council", claim)};
    expect(ErrorCode::expired);
}

TEST_F(Facts, AClaimThatBeginsLaterOrNeverEndsIsNotProved) {
    auto claim = involvement(social_worker, "social_worker");
    claim.starts = tuesday + days(1);
    facts.claims = {signed_by("council", claim)};
    expect(ErrorCode::fact_unproved);
    claim = involvement(social_worker, "social_worker");
    claim.lease_until = tuesday + days(3000);
    facts.claims = {signed_by("council", claim)};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, ARevokedKeyProvesNothingNotEvenWhatItSignedBefore) {
    facts.claims = {signed_by("council", involvement(social_worker, "social_worker"))};
    world.agency("council").signing_keys[0].revoked_at = tuesday - days(1);
    expect(ErrorCode::revoked_key);
}

TEST_F(Facts, ARotatedKeyStillProvesWhatStands) {
    facts.claims = {signed_by("council", involvement(social_worker, "social_worker"))};
    world.agency("council").signing_keys[0].not_after = tuesday - days(1);
    EXPECT_TRUE(prove().has_value());
}

TEST_F(Facts, ARevokedAgencyClaimsNothing) {
    facts.claims = {signed_by("council", involvement(social_worker, "social_worker"))};
    world.agency("council").revoked_at = tuesday;
    expect(ErrorCode::revoked_key);
}

TEST_F(Facts, ASenderThatMayNotKnowIsShownNoInvolvement) {
    stated = referral(world, school, wire::Harm::suspected).facts;
    facts.claims = {signed_by("council", involvement(social_worker, "social_worker"))};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, HealthKnowsHealthAndNobodyElse) {
    stated = referral(world, health_visitor, wire::Harm::suspected).facts;
    facts.claims = {signed_by("riverside-surgery", involvement(practice, "gp"))};
    EXPECT_TRUE(prove().has_value());
    facts.claims = {signed_by("orchard-gate", involvement(school, "school"))};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, TheSenderSpeaksOnlyInARoleItHolds) {
    stated.sender_role = RoleId("ffd");
    expect(ErrorCode::not_entitled);
    stated.sender = AgencyId("nobody");
    expect(ErrorCode::not_entitled);
}

TEST_F(Facts, ThreadSeatsAreASubsetOfWhatTheSenderSaid) {
    facts.thread_seats = {school};
    EXPECT_THAT(prove()->thread_seats, ElementsAre(school));
    facts.thread_seats = {placing_authority};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, OrderOfTheFactsDoesNotMatter) {
    const auto a = signed_by("trust", involvement(health_visitor, "health_visitor"));
    const auto b = signed_by("council", involvement(social_worker, "social_worker"));
    facts.claims = {a, b};
    const auto one = prove();
    facts.claims = {b, a, a};
    EXPECT_EQ(one->involved, prove()->involved);
}

TEST_F(Facts, APermissionByTheRightDeskIsAnAuthorisedDecision) {
    facts.authorisations = {permission(front_door, "E-10", {health_visitor}, "hub")};
    const auto proved = prove();
    ASSERT_TRUE(proved.has_value());
    EXPECT_THAT(proved->authorised,
                ElementsAre(AuthorisedDecision{"E-10", {health_visitor}, true}));
}

TEST_F(Facts, AReleaseNeedsTwoPeopleOfTheSenderForTheSameSeat) {
    const auto by = [&](const std::string& person, std::string_view rule, const Seat& seat,
                        bool allow = true) {
        edit_person = [=](wire::PersonCertificate& one) { one.person = PersonId(person); };
        edit_authorisation = [=](wire::Authorisation& given) {
            given.person = PersonId(person);
            given.allow = allow;
        };
        return permission(police, std::string(rule), {seat}, "constabulary");
    };
    const auto rules_of = [&] {
        std::vector<std::string> rules;
        const auto proved = prove();
        EXPECT_TRUE(proved.has_value());
        if (!proved) return rules;
        for (const auto& one : proved->authorised) rules.push_back(one.rule);
        return rules;
    };
    const auto first = by("p-1", release_first, front_door);
    facts.authorisations = {first, by("p-1", release_second, front_door)};
    EXPECT_THAT(rules_of(), ElementsAre("D3-1")) << "the same person twice is one";
    EXPECT_FALSE(is_released_to(front_door, facts.authorisations));
    facts.authorisations = {first, by("p-2", release_second, health_visitor)};
    EXPECT_THAT(rules_of(), ElementsAre("D3-1")) << "another recipient's release";
    EXPECT_FALSE(is_released_to(front_door, facts.authorisations));
    EXPECT_FALSE(is_released_to(health_visitor, facts.authorisations));
    facts.authorisations = {by("p-2", release_second, front_door)};
    EXPECT_TRUE(rules_of().empty()) << "a second without a first";
    facts.authorisations = {first, by("p-2", release_second, front_door)};
    EXPECT_THAT(rules_of(), ElementsAre("D3-1", "D3-2"));
    EXPECT_TRUE(is_released_to(front_door, facts.authorisations));
    EXPECT_FALSE(is_released_to(health_visitor, facts.authorisations));
    facts.authorisations.push_back(by("p-1", release_second, front_door, false));
    EXPECT_FALSE(is_released_to(front_door, facts.authorisations)) << "a no counts, whose it is";
}

TEST_F(Facts, APermissionForAnotherNotificationIsNone) {
    facts.authorisations = {permission(front_door, "E-10", {health_visitor}, "hub")};
    notification = NotificationId({8});
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, APermissionByWhoMayNotDecideThisRuleIsNone) {
    facts.authorisations = {permission(health_visitor, "E-10", {health_visitor}, "trust")};
    expect(ErrorCode::fact_unproved);
    facts.authorisations = {permission(front_door, "E-07", {health_visitor}, "hub")};
    expect(ErrorCode::fact_unproved);
    facts.authorisations = {permission(police, "E-07", {health_visitor}, "constabulary")};
    EXPECT_TRUE(prove().has_value());
    facts.authorisations = {permission(front_door, "E-08", {health_visitor}, "hub")};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, APermissionByAConflictedDeskIsNone) {
    stated.conflicts_stated = {front_door};
    facts.authorisations = {permission(front_door, "E-10", {health_visitor}, "hub")};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, TheDesignatedOfficerDecidesOnlyWhereBothDesksAreInTheConflict) {
    world.add("standards", "social_care", {"lado"});
    const Seat officer = seat("standards", "lado");
    facts.authorisations = {permission(officer, "E-10", {health_visitor}, "standards")};
    expect(ErrorCode::fact_unproved);
    stated.conflicts_stated = {front_door};
    expect(ErrorCode::fact_unproved);
    stated.conflicts_stated = {emergency_duty, front_door};
    EXPECT_TRUE(prove().has_value());
}

TEST_F(Facts, APersonWhomAnotherAgencyCertifiedDecidesNothing) {
    facts.authorisations = {permission(front_door, "E-10", {health_visitor}, "trust")};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, APersonWithoutTheRoleOrOfAnotherNameOrTooLateDecidesNothing) {
    edit_person = [](wire::PersonCertificate& person) { person.roles = {RoleId("edt")}; };
    facts.authorisations = {permission(front_door, "E-10", {health_visitor}, "hub")};
    expect(ErrorCode::fact_unproved);
    edit_person = [](wire::PersonCertificate& person) { person.person = PersonId("p-2"); };
    facts.authorisations = {permission(front_door, "E-10", {health_visitor}, "hub")};
    expect(ErrorCode::fact_unproved);
    edit_person = [](wire::PersonCertificate& person) { person.not_after = tuesday - hours(2); };
    facts.authorisations = {permission(front_door, "E-10", {health_visitor}, "hub")};
    expect(ErrorCode::expired);
}

TEST_F(Facts, APermissionOfTheFutureIsNone) {
    edit_authorisation = [](wire::Authorisation& given) { given.at = tuesday + hours(1); };
    facts.authorisations = {permission(front_door, "E-10", {health_visitor}, "hub")};
    expect(ErrorCode::fact_unproved);
}

TEST_F(Facts, TheBrokerMaySkipSignaturesButNothingElse) {
    auto claim = signed_by("trust", involvement(social_worker, "social_worker"));
    facts.claims = {claim};
    EXPECT_TRUE(prove(Proof::already_checked).has_value());
    auto expired = involvement(social_worker, "social_worker");
    expired.lease_until = tuesday;
    facts.claims = {signed_by("council", expired)};
    EXPECT_FALSE(prove(Proof::already_checked).has_value());
}

// --- check_certificates()

class Certificates : public Facts {
protected:
    wire::SignedInboxCertificate certificate(const std::string& inbox, const std::string& agency) {
        wire::InboxCertificate body;
        body.inbox = InboxId(inbox);
        body.agency = AgencyId(agency);
        body.box_public_key = {9};
        body.serial = 1;
        body.issued_at = tuesday - days(1);
        body.not_after = tuesday + days(30);
        if (edit) edit(body);
        wire::SignedInboxCertificate made{wire::encode_body(body), {}};
        made.signature = crypto::sign(world.keys.at(AgencyId(signer.empty() ? agency : signer)),
                                      wire::label::inbox_certificate, made.body);
        return made;
    }
    Result<void> check() { return check_certificates(decision, facts, world.registry, tuesday); }

    std::function<void(wire::InboxCertificate&)> edit;
    std::string signer;
    wire::Decision decision = world.decide(referral(world, school, wire::Harm::suspected));
};

TEST_F(Certificates, EveryNamedInboxStandbysIncludedNeedsOne) {
    facts.certificates = {certificate("hub.ffd", "hub"), certificate("hub.edt", "hub")};
    EXPECT_TRUE(check().has_value());
    facts.certificates = {certificate("hub.ffd", "hub")};
    ASSERT_FALSE(check().has_value());
    EXPECT_EQ(check().error(), ErrorCode::fact_unproved);
}

TEST_F(Certificates, OneForAnInboxThatTheDecisionDoesNotNameIsRefused) {
    // A reader remembers the serials it has seen: an unproved one must not shut an inbox for good.
    facts.certificates = {certificate("hub.ffd", "hub"), certificate("hub.edt", "hub"),
                          certificate("council.sw", "council")};
    EXPECT_EQ(check().error(), ErrorCode::fact_unproved);
}

TEST_F(Certificates, OnlyTheOwnerOfAnInboxCertifiesIt) {
    facts.certificates = {certificate("hub.ffd", "council"), certificate("hub.edt", "hub")};
    EXPECT_EQ(check().error(), ErrorCode::fact_unproved);
    signer = "council";
    facts.certificates = {certificate("hub.ffd", "hub"), certificate("hub.edt", "hub")};
    EXPECT_EQ(check().error(), ErrorCode::fact_unproved);
}

TEST_F(Certificates, AnExpiredOrDoubledOrRevokedOneIsRefused) {
    const auto good = certificate("hub.edt", "hub");
    edit = [](wire::InboxCertificate& body) { body.not_after = tuesday; };
    facts.certificates = {certificate("hub.ffd", "hub"), good};
    EXPECT_EQ(check().error(), ErrorCode::expired);
    edit = nullptr;
    facts.certificates = {certificate("hub.ffd", "hub"), good, good};
    EXPECT_EQ(check().error(), ErrorCode::fact_unproved);
    facts.certificates = {certificate("hub.ffd", "hub"), good};
    world.agency("hub").signing_keys[0].revoked_at = tuesday;
    EXPECT_EQ(check().error(), ErrorCode::revoked_key);
}

TEST(RowUsesRelation, OnlyWhatTheRowHasARouteForIsFetched) {
    const World world;
    const auto start = missing_child(world, "high").facts;
    EXPECT_TRUE(row_uses_relation(start, "police", "social_worker", world.policy, tuesday));
    EXPECT_FALSE(row_uses_relation(start, "police", "school", world.policy, tuesday))
        << "schools do not hear of it here";
    EXPECT_FALSE(row_uses_relation(start, "police", "gp", world.policy, tuesday));
    auto sighting = start;
    sighting.type = TypeId("missing_episode_updated");
    EXPECT_TRUE(row_uses_relation(sighting, "police", "social_worker", world.policy, tuesday));
    EXPECT_FALSE(row_uses_relation(sighting, "health", "social_worker", world.policy, tuesday));
}

TEST(MayKnowInvolved, IsDesignRuleEight) {
    const World world;
    const auto may = [&](const char* kind, const char* role, const char* relation) {
        return may_know_involved(kind, RoleId(role), relation, world.policy);
    };
    for (const char* relation :
         {"school", "social_worker", "health_visitor", "placing_authority"}) {
        EXPECT_TRUE(may("police", "pol", relation));
        EXPECT_TRUE(may("front_door", "ffd", relation));
        EXPECT_TRUE(may("front_door", "edt", relation));
        EXPECT_TRUE(may("social_care", "sw", relation));
        EXPECT_FALSE(may("school", "sch", relation));
        EXPECT_FALSE(may("voluntary", "vcs", relation));
    }
    EXPECT_TRUE(may("health", "urg", "health_visitor"));
    EXPECT_FALSE(may("health", "urg", "school"));
    EXPECT_FALSE(may("police", "pol", "neighbour"));
}

/// Social care's child is alike by name and birth date, and the front door has looked.
class AnsweredFacts : public Facts {
protected:
    AnsweredFacts() {
        stated.tokens = {token(TokenKind::name_dob, 1)};
        claim = involvement(social_worker, "social_worker");
        claim.tokens = {token(TokenKind::nhs_dob, 7), token(TokenKind::name_dob, 1)};
        facts.claims = {signed_by("council", claim)};
        answer.question = TaskId({3});
        answer.notification = notification;
        answer.sender = stated.sender;
        answer.thread = ThreadId(notification.value());
        answer.claim = claim.id;
        answer.holder = claim.seat;
        answer.relation = claim.relation;
        answer.outcome = wire::IdentityOutcome::same;
        answer.decider = front_door;
        answer.person = PersonId("p-1");
        answer.at = tuesday - hours(1);
        answer.serial = 1;
        stated.thread = {};
    }
    wire::SignedAuthorisation said(const std::string& certifier) {
        const auto person_key = crypto::SigningKey::generate(world.random);
        wire::PersonCertificate person;
        person.person = PersonId("p-1");
        person.agency = answer.decider.agency;
        person.roles = {answer.decider.role};
        person.verify_key = person_key.verify_key().value();
        person.serial = 1;
        person.not_after = tuesday + days(1);
        if (edit_person) edit_person(person);
        wire::SignedAuthorisation made;
        made.body = wire::encode_body(answer);
        made.signature = crypto::sign(person_key, wire::label::identity_answer, made.body);
        made.certificate = wire::encode_body(person);
        made.certificate_signature = crypto::sign(
            world.keys.at(AgencyId(certifier)), wire::label::person_certificate, made.certificate);
        return made;
    }
    void expect_unproved() {
        facts.identity_answers = {said(answer.decider.agency.value())};
        expect(ErrorCode::fact_unproved);
    }
    wire::InvolvementClaim claim;
    wire::IdentityAnswer answer;
};

TEST_F(AnsweredFacts, ALikenessIsAFactOnlyWithTheFrontDoorsWord) {
    expect(ErrorCode::fact_unproved);
    facts.identity_answers = {said(front_door.agency.value())};
    const auto proved = prove();
    ASSERT_TRUE(proved.has_value());
    EXPECT_THAT(proved->involved, ElementsAre(Involvement{"social_worker", social_worker}));
}

TEST_F(AnsweredFacts, AnAnswerThatABrokerInventsIsNoFact) {
    facts.identity_answers = {said("constabulary")};
    expect(ErrorCode::fact_unproved);
    facts.identity_answers = {said(front_door.agency.value())};
    facts.identity_answers[0].signature = {};
    expect(ErrorCode::fact_unproved);
}

TEST_F(AnsweredFacts, OnlyAPersonOfTheFrontDoorSaysSo) {
    answer.decider = social_worker;
    expect_unproved();
    answer.decider = front_door;
    edit_person = [](wire::PersonCertificate& person) { person.roles = {RoleId("sw")}; };
    expect_unproved();
}

TEST_F(AnsweredFacts, AnAnswerOfAnotherClaimSeatChildOrOutcomeLinksNothing) {
    const auto whole = answer;
    answer.claim = ClaimId({9});
    expect_unproved();
    answer = whole;
    answer.holder = health_visitor;
    expect_unproved();
    answer = whole;
    answer.relation = "school";
    expect_unproved();
    answer = whole;
    answer.thread = ThreadId({9});
    expect_unproved();
    answer = whole;
    answer.outcome = wire::IdentityOutcome::different;
    expect_unproved();
    answer.outcome = wire::IdentityOutcome::taken_back;
    expect_unproved();
}

TEST_F(AnsweredFacts, InAnotherThreadItCountsForTheChildWhomTheSenderShowed) {
    stated.tokens = {token(TokenKind::upn_dob, 4), token(TokenKind::name_dob, 1)};
    answer.thread = ThreadId({9});
    answer.tokens = {token(TokenKind::upn_dob, 4)};
    facts.identity_answers = {said(front_door.agency.value())};
    EXPECT_TRUE(prove().has_value());
    answer.tokens = {token(TokenKind::upn_dob, 5)};
    expect_unproved();
}

TEST_F(AnsweredFacts, AnAnswerCannotLinkAClaimThatSharesNothing) {
    claim.tokens = {token(TokenKind::nhs_dob, 7)};
    facts.claims = {signed_by("council", claim)};
    expect_unproved();
}

}  // namespace
}  // namespace mash::area
