#include <gtest/gtest.h>

#include "common/area/registry.hpp"
#include "common/base/limits.hpp"
#include "tests/unit/common/area/area_fixture.hpp"

namespace mash::area {
namespace {

using testing::Area;
using testing::days;
using testing::hours;
using testing::noon;
using wire::DocumentKind;

class TrustedAreaTest : public ::testing::Test {
protected:
    // What a newly enrolled agent has after its first fetch.
    TrustedArea enrolled() {
        TrustedArea trusted(area_.id, area_.root.verify_key());
        EXPECT_TRUE(
            trusted.accept(area_.signed_delegation(area_.delegation(area_.registrar)), noon));
        EXPECT_TRUE(trusted.accept(area_.signed_registry(registry_), noon));
        EXPECT_TRUE(trusted.accept(policy(1), noon));
        EXPECT_TRUE(trusted.accept(catalogue(1), noon));
        EXPECT_TRUE(
            trusted.accept(area_.signed_freshness(area_.freshness_of(trusted, 1, noon)), noon));
        return trusted;
    }
    wire::SignedDocument policy(std::uint64_t version, std::string_view text = "a policy") {
        return area_.document(DocumentKind::policy, version, Bytes(text.begin(), text.end()),
                              area_.registrar);
    }
    wire::SignedDocument catalogue(std::uint64_t version) {
        return area_.document(DocumentKind::catalogue, version, Bytes{'c'}, area_.registrar);
    }

    Area area_;
    Registry registry_ = area_.registry();
};

ErrorCode error_of(const Result<void>& result) { return result ? ErrorCode{} : result.error(); }

TEST_F(TrustedAreaTest, TrustsWhatTheRootsRegistrarSigned) {
    const TrustedArea trusted = enrolled();
    ASSERT_TRUE(trusted.registry());
    EXPECT_EQ(*trusted.registry(), registry_);
    EXPECT_EQ(trusted.version(DocumentKind::policy), 1U);
    EXPECT_EQ(text_of(trusted.document(DocumentKind::policy)->body), "a policy");
    EXPECT_TRUE(trusted.check_fresh(noon));
}

TEST_F(TrustedAreaTest, KnowsNoRegistrarBeforeTheRootNamedOne) {
    TrustedArea trusted(area_.id, area_.root.verify_key());
    EXPECT_EQ(error_of(trusted.accept(area_.signed_registry(registry_), noon)),
              ErrorCode::unknown_key);
    EXPECT_EQ(error_of(trusted.check_fresh(noon)), ErrorCode::not_fresh);
    EXPECT_FALSE(trusted.registry());
}

TEST_F(TrustedAreaTest, RefusesADelegationThatAnotherRootSigned) {
    TrustedArea trusted(area_.id, area_.root.verify_key());
    const auto stranger = crypto::SigningKey::generate(area_.random);
    const auto body = encode_delegation(area_.delegation(stranger));
    EXPECT_EQ(
        error_of(trusted.accept(area_.document(DocumentKind::delegation, 1, body, stranger), noon)),
        ErrorCode::bad_signature);
}

TEST_F(TrustedAreaTest, RefusesARegistryThatTheRootItselfSigned) {
    // The root stays offline: a registry under its key is a sign that something is wrong.
    TrustedArea trusted = enrolled();
    const auto document =
        area_.document(DocumentKind::registry, 2, encode_registry(area_.registry(2)), area_.root);
    EXPECT_EQ(error_of(trusted.accept(document, noon)), ErrorCode::bad_signature);
}

TEST_F(TrustedAreaTest, RefusesADelegationThatTheRegistrarSignedForItself) {
    TrustedArea trusted = enrolled();
    const auto body = encode_delegation(area_.delegation(area_.registrar, 2));
    EXPECT_EQ(error_of(trusted.accept(
                  area_.document(DocumentKind::delegation, 2, body, area_.registrar), noon)),
              ErrorCode::bad_signature);
}

TEST_F(TrustedAreaTest, RefusesADocumentChangedAfterItWasSigned) {
    TrustedArea trusted = enrolled();
    auto changed_body = policy(2);
    changed_body.body[0] ^= 1;
    auto changed_version = policy(2);
    changed_version.version = 3;
    auto changed_kind = policy(2);
    changed_kind.kind = DocumentKind::catalogue;
    auto unsigned_document = policy(2);
    unsigned_document.signatures.clear();
    for (const auto& document : {changed_body, changed_version, changed_kind, unsigned_document}) {
        EXPECT_EQ(error_of(trusted.accept(document, noon)), ErrorCode::bad_signature);
    }
    EXPECT_EQ(trusted.version(DocumentKind::policy), 1U);
}

TEST_F(TrustedAreaTest, RefusesAnotherAreasDocument) {
    TrustedArea trusted = enrolled();
    Area other;
    other.id = AreaId("southshire");
    other.registrar = area_.registrar.clone();
    const auto document = other.document(DocumentKind::policy, 2, Bytes{'p'}, other.registrar);
    EXPECT_EQ(error_of(trusted.accept(document, noon)), ErrorCode::wrong_area);
    // Also when the area stands only inside the body.
    Registry inside = area_.registry(2);
    inside.area = other.id;
    EXPECT_EQ(error_of(trusted.accept(area_.signed_registry(inside), noon)), ErrorCode::wrong_area);
}

TEST_F(TrustedAreaTest, NeverGoesBackToAnEarlierVersion) {
    TrustedArea trusted = enrolled();
    EXPECT_TRUE(trusted.accept(policy(3), noon));
    EXPECT_EQ(error_of(trusted.accept(policy(2), noon)), ErrorCode::version_went_back);
    EXPECT_EQ(trusted.version(DocumentKind::policy), 3U);
}

TEST_F(TrustedAreaTest, TakesTheSameVersionAgainOnlyWithTheSameBytes) {
    TrustedArea trusted = enrolled();
    EXPECT_TRUE(trusted.accept(policy(1), noon));
    EXPECT_EQ(error_of(trusted.accept(policy(1, "another policy"), noon)),
              ErrorCode::version_went_back);
    EXPECT_EQ(text_of(trusted.document(DocumentKind::policy)->body), "a policy");
}

TEST_F(TrustedAreaTest, RefusesAVersionInsideThatDiffersFromTheOneOutside) {
    TrustedArea trusted = enrolled();
    const auto document = area_.document(DocumentKind::registry, 9,
                                         encode_registry(area_.registry(2)), area_.registrar);
    EXPECT_EQ(error_of(trusted.accept(document, noon)), ErrorCode::bad_value);
    EXPECT_EQ(trusted.version(DocumentKind::registry), 1U);
}

TEST_F(TrustedAreaTest, RefusesVersionsOutsideTheirBounds) {
    TrustedArea trusted = enrolled();
    EXPECT_EQ(error_of(trusted.accept(policy(0), noon)), ErrorCode::bad_value);
    EXPECT_EQ(error_of(trusted.accept(policy(limits::document_version_max + 1), noon)),
              ErrorCode::bad_value);
    EXPECT_TRUE(trusted.accept(policy(limits::document_version_max), noon));
}

TEST_F(TrustedAreaTest, RefusesARegistryThatCannotBeReadAndKeepsTheOneItHas) {
    TrustedArea trusted = enrolled();
    const auto document =
        area_.document(DocumentKind::registry, 2, Bytes{1, 2, 3}, area_.registrar);
    EXPECT_EQ(error_of(trusted.accept(document, noon)), ErrorCode::malformed);
    EXPECT_EQ(trusted.registry()->version, 1U);
    EXPECT_TRUE(trusted.check_fresh(noon));
}

TEST_F(TrustedAreaTest, RefusesWhatSaysItWasIssuedTomorrow) {
    // A freshness statement from the future would stay fresh for longer than its seven days.
    TrustedArea trusted = enrolled();
    const auto tomorrow = area_.freshness_of(trusted, 2, noon + days(1));
    EXPECT_EQ(error_of(trusted.accept(area_.signed_freshness(tomorrow), noon)),
              ErrorCode::clock_skew);
    const auto soon = area_.freshness_of(trusted, 2, noon + limits::clock_skew_max);
    EXPECT_TRUE(trusted.accept(area_.signed_freshness(soon), noon));
    Registry future = area_.registry(2);
    future.issued_at = noon + days(1);
    EXPECT_EQ(error_of(trusted.accept(area_.signed_registry(future), noon)), ErrorCode::clock_skew);
}

TEST_F(TrustedAreaTest, IsFreshForSevenDaysAndNotAMomentLonger) {
    const TrustedArea trusted = enrolled();
    EXPECT_TRUE(trusted.check_fresh(noon + limits::freshness_max - std::chrono::milliseconds(1)));
    EXPECT_EQ(error_of(trusted.check_fresh(noon + limits::freshness_max)), ErrorCode::not_fresh);
}

TEST_F(TrustedAreaTest, IsNotFreshWhileItHoldsAnotherVersionThanTheStatementNames) {
    // A broker that serves the old registry beside today's freshness statement.
    TrustedArea ahead = enrolled();
    ASSERT_TRUE(ahead.accept(area_.signed_registry(area_.registry(2)), noon));
    const auto statement = area_.signed_freshness(area_.freshness_of(ahead, 2, noon));
    TrustedArea behind = enrolled();
    ASSERT_TRUE(behind.accept(statement, noon));
    EXPECT_EQ(error_of(behind.check_fresh(noon)), ErrorCode::not_fresh);
    ASSERT_TRUE(ahead.accept(statement, noon));
    EXPECT_TRUE(ahead.check_fresh(noon));
}

TEST_F(TrustedAreaTest, IsNotFreshWhenTheVersionIsNamedWithOtherBytes) {
    TrustedArea trusted = enrolled();
    auto statement = area_.freshness_of(trusted, 2, noon);
    statement.policy_digest[0] ^= 1;
    ASSERT_TRUE(trusted.accept(area_.signed_freshness(statement), noon));
    EXPECT_EQ(error_of(trusted.check_fresh(noon)), ErrorCode::not_fresh);
}

TEST_F(TrustedAreaTest, AcceptsNothingNewFromARegistrarWhoseTimeIsOver) {
    TrustedArea trusted = enrolled();
    const WallTime end = noon + days(365);
    EXPECT_TRUE(trusted.accept(policy(2), end - hours(1)));
    EXPECT_EQ(error_of(trusted.accept(policy(3), end)), ErrorCode::expired);
    EXPECT_EQ(error_of(trusted.check_fresh(end)), ErrorCode::expired);
    EXPECT_TRUE(trusted.registry());
}

TEST_F(TrustedAreaTest, RefusesADelegationThatHasNotBegunAndKeepsThePresentRegistrar) {
    TrustedArea trusted = enrolled();
    const auto successor = crypto::SigningKey::generate(area_.random);
    auto delegation = area_.delegation(successor, 2);
    delegation.not_before = noon + days(1);
    EXPECT_EQ(error_of(trusted.accept(area_.signed_delegation(delegation), noon)),
              ErrorCode::clock_skew);
    EXPECT_TRUE(trusted.accept(policy(2), noon));
}

TEST_F(TrustedAreaTest, EndsAStolenRegistrarWithANewDelegation) {
    TrustedArea trusted = enrolled();
    const auto stolen = area_.registrar.clone();
    area_.registrar = crypto::SigningKey::generate(area_.random);
    ASSERT_TRUE(
        trusted.accept(area_.signed_delegation(area_.delegation(area_.registrar, 2)), noon));
    // The thief's documents are refused, and what it signed before is no longer called fresh ...
    EXPECT_EQ(
        error_of(trusted.accept(area_.document(DocumentKind::policy, 2, Bytes{'x'}, stolen), noon)),
        ErrorCode::bad_signature);
    EXPECT_EQ(error_of(trusted.check_fresh(noon)), ErrorCode::not_fresh);
    // ... until the new registrar says by digest that it still stands.
    ASSERT_TRUE(trusted.accept(area_.signed_freshness(area_.freshness_of(trusted, 2, noon)), noon));
    EXPECT_TRUE(trusted.check_fresh(noon));
    // The old delegation cannot come back.
    EXPECT_EQ(error_of(trusted.accept(area_.signed_delegation({area_.id, 1, stolen.verify_key(),
                                                               noon - days(1), noon + days(365)}),
                                      noon)),
              ErrorCode::version_went_back);
}

TEST_F(TrustedAreaTest, AcceptsADocumentThatOldAndNewRegistrarSignedSideBySide) {
    auto both = policy(1);
    const auto successor = crypto::SigningKey::generate(area_.random);
    both.signatures.push_back(sign_document(both, successor));
    TrustedArea early = enrolled();
    EXPECT_TRUE(early.accept(both, noon));
    TrustedArea late(area_.id, area_.root.verify_key());
    ASSERT_TRUE(late.accept(area_.signed_delegation(area_.delegation(successor, 2)), noon));
    EXPECT_TRUE(late.accept(both, noon));
    both.signatures.resize(limits::document_signatures_max + 1, both.signatures[0]);
    EXPECT_EQ(error_of(late.accept(both, noon)), ErrorCode::too_many);
}

TEST_F(TrustedAreaTest, SigningAnewDoesNotChangeWhatADocumentIs) {
    const auto document = policy(1);
    auto again = document;
    again.signatures = {sign_document(document, crypto::SigningKey::generate(area_.random))};
    EXPECT_EQ(document_digest(document), document_digest(again));
    EXPECT_NE(document_digest(document), document_digest(policy(2)));
}

TEST(Delegation, ReadsBackAndRefusesARegistrarWithoutAnEnd) {
    Area area;
    auto delegation = area.delegation(area.registrar);
    EXPECT_EQ(parse_delegation(encode_delegation(delegation)).value(), delegation);
    delegation.not_after = {};
    EXPECT_EQ(parse_delegation(encode_delegation(delegation)).error(), ErrorCode::bad_value);
}

TEST(Delegation, RefusesAKeyUnderWhichAnybodyCouldSign) {
    Area area;
    auto delegation = area.delegation(area.registrar);
    delegation.registrar =
        crypto::VerifyKey(std::array<std::uint8_t, 32>{1});  // the neutral element
    EXPECT_EQ(parse_delegation(encode_delegation(delegation)).error(), ErrorCode::weak_point);
}

TEST(Freshness, ReadsBackAndRefusesEveryShorterBody) {
    Area area;
    const TrustedArea nothing(area.id, area.root.verify_key());
    const auto freshness = area.freshness_of(nothing, 4, noon);
    const Bytes body = encode_freshness(freshness);
    EXPECT_EQ(parse_freshness(body).value(), freshness);
    for (std::size_t size = 0; size < body.size(); ++size) {
        EXPECT_FALSE(parse_freshness(ByteView(body).first(size))) << size;
    }
}

}  // namespace
}  // namespace mash::area
