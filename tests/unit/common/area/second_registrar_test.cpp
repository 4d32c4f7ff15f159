// Two signatures where the root asks for two: nothing less is a policy, and the one in force stays.
#include "common/area/second_registrar.hpp"

#include <gtest/gtest.h>

#include "tests/unit/common/area/area_fixture.hpp"

namespace mash::area {
namespace {

using testing::Area;
using testing::noon;
using wire::DocumentKind;

class SecondRegistrarTest : public ::testing::Test {
protected:
    SecondRegistrarTest()
        : second_(crypto::SigningKey::generate(area_.random)),
          trusted_(area_.id, area_.root.verify_key()) {
        EXPECT_TRUE(
            trusted_.accept(area_.signed_delegation(area_.delegation(area_.registrar)), noon));
        EXPECT_TRUE(trusted_.accept(area_.signed_registry(area_.registry()), noon));
        EXPECT_TRUE(trusted_.accept(text(DocumentKind::policy, 1), noon));
        EXPECT_TRUE(trusted_.accept(text(DocumentKind::catalogue, 1), noon));
    }
    wire::SignedDocument text(DocumentKind kind, std::uint64_t version) {
        return area_.document(kind, version, Bytes{'t', static_cast<std::uint8_t>(version)},
                              area_.registrar);
    }
    wire::SignedDocument both(DocumentKind kind, std::uint64_t version) {
        auto document = text(kind, version);
        document.signatures.push_back(sign_document(document, second_));
        return document;
    }
    wire::SignedDocument named(std::uint64_t version = 2) {
        const auto digest = [&](DocumentKind kind) {
            const auto* held = trusted_.document(kind);
            return held == nullptr ? Digest{} : document_digest(*held);
        };
        const SecondRegistrar second{second_.verify_key(), digest(DocumentKind::policy),
                                     digest(DocumentKind::catalogue)};
        return area_.document(DocumentKind::delegation, version,
                              encode_delegation(area_.delegation(area_.registrar, version), second),
                              area_.root);
    }
    ErrorCode refused(const wire::SignedDocument& document) {
        const auto accepted = trusted_.accept(document, noon);
        return accepted ? ErrorCode{} : accepted.error();
    }
    Area area_;
    crypto::SigningKey second_;
    TrustedArea trusted_;
};

TEST_F(SecondRegistrarTest, OneSignatureIsEnoughUntilTheRootNamesASecond) {
    EXPECT_FALSE(second_registrar(trusted_));
    EXPECT_TRUE(trusted_.accept(text(DocumentKind::policy, 2), noon));
    EXPECT_TRUE(trusted_.accept(named(), noon));
    ASSERT_TRUE(second_registrar(trusted_));
    EXPECT_EQ(second_registrar(trusted_)->key, second_.verify_key());
}

TEST_F(SecondRegistrarTest, APolicyWithOneGoodSignatureIsRefusedAndTheOneInForceStays) {
    ASSERT_TRUE(trusted_.accept(named(), noon));
    for (const auto kind : {DocumentKind::policy, DocumentKind::catalogue}) {
        const auto first_only = text(kind, 2);
        EXPECT_EQ(refused(first_only), ErrorCode::bad_signature);
        EXPECT_EQ(missing_signature(trusted_, first_only), "the second registrar");
        auto second_only = both(kind, 2);
        second_only.signatures.erase(second_only.signatures.begin());
        EXPECT_EQ(refused(second_only), ErrorCode::bad_signature);
        EXPECT_EQ(missing_signature(trusted_, second_only), "the registrar");
        auto forged = both(kind, 2);
        forged.signatures[1].signature = forged.signatures[0].signature;
        EXPECT_EQ(refused(forged), ErrorCode::bad_signature);
        EXPECT_EQ(missing_signature(trusted_, forged), "the second registrar");
        auto twice = text(kind, 2);
        twice.signatures.push_back(twice.signatures[0]);
        EXPECT_EQ(refused(twice), ErrorCode::bad_signature) << "one person twice is one person";
        EXPECT_EQ(trusted_.version(kind), 1U);
        EXPECT_EQ(refused(both(kind, 2)), ErrorCode{});
        EXPECT_EQ(trusted_.version(kind), 2U);
    }
}

TEST_F(SecondRegistrarTest, ASignatureOfOtherBytesIsNone) {
    ASSERT_TRUE(trusted_.accept(named(), noon));
    auto changed = both(DocumentKind::policy, 2);
    changed.body.push_back('!');
    changed.signatures[0] = sign_document(changed, area_.registrar);
    EXPECT_EQ(refused(changed), ErrorCode::bad_signature);
    EXPECT_EQ(missing_signature(trusted_, changed), "the second registrar");
}

TEST_F(SecondRegistrarTest, WhatWasInForceGoesOnAsTheRootFoundItAndNothingElseDoes) {
    const auto in_force = *trusted_.document(DocumentKind::policy);
    const auto delegation = named();
    ASSERT_TRUE(trusted_.accept(delegation, noon));
    TrustedArea newcomer(area_.id, area_.root.verify_key());
    ASSERT_TRUE(newcomer.accept(delegation, noon));
    EXPECT_TRUE(newcomer.accept(in_force, noon));
    // Another text of an old number, by one registrar alone, for whoever has nothing yet.
    TrustedArea other(area_.id, area_.root.verify_key());
    ASSERT_TRUE(other.accept(delegation, noon));
    EXPECT_FALSE(
        other.accept(area_.document(DocumentKind::policy, 1, Bytes{'x'}, area_.registrar), noon));
}

TEST_F(SecondRegistrarTest, OnlyTheRootTakesTheSecondAway) {
    ASSERT_TRUE(trusted_.accept(named(), noon));
    const auto without = encode_delegation(area_.delegation(area_.registrar, 3));
    EXPECT_EQ(refused(area_.document(DocumentKind::delegation, 3, without, area_.registrar)),
              ErrorCode::bad_signature);
    EXPECT_EQ(refused(text(DocumentKind::policy, 2)), ErrorCode::bad_signature);
    EXPECT_EQ(refused(area_.document(DocumentKind::delegation, 3, without, area_.root)),
              ErrorCode{});
    EXPECT_EQ(refused(text(DocumentKind::policy, 2)), ErrorCode{});
}

TEST_F(SecondRegistrarTest, ADelegationIsReadAsItWasWritten) {
    const auto delegation = area_.delegation(area_.registrar, 2);
    const SecondRegistrar second{second_.verify_key(), Digest{1}, Digest{2}};
    const auto body = encode_delegation(delegation, second);
    EXPECT_EQ(parse_delegation(body).value(), delegation);
    EXPECT_EQ(second_registrar(body), second);
    EXPECT_FALSE(second_registrar(encode_delegation(delegation)));
    for (std::size_t n = 0; n < body.size(); ++n)
        EXPECT_FALSE(parse_delegation(ByteView(body).first(n))) << n;
    const SecondRegistrar same{area_.registrar.verify_key(), {}, {}};
    EXPECT_EQ(parse_delegation(encode_delegation(delegation, same)).error(), ErrorCode::bad_value);
}

}  // namespace
}  // namespace mash::area
