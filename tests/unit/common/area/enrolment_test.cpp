#include "common/area/enrolment.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "common/base/limits.hpp"
#include "tests/unit/common/area/area_fixture.hpp"

namespace mash::area {
namespace {

using testing::Area;
using testing::hours;
using testing::noon;

ErrorCode error_of(const Result<void>& result) { return result ? ErrorCode{} : result.error(); }

class Enrolment : public ::testing::Test {
protected:
    Invite invite(const char* agency = "orchard-gate") {
        const auto school = area_.agency(agency, "school", "sch", "council");
        return {InviteId(area_.random.array<16>()),
                {area_.id, area_.root.verify_key()},
                {"tcp://broker.example:7400"},
                crypto::CurveKeyPair::generate(area_.random).public_key,
                noon + limits::invite_validity,
                InviteCode::generate(area_.random),
                school.id,
                "school",
                "Orchard Gate High School",
                "884001",
                "01632 960000",
                HostId("council"),
                {RoleId("sch")},
                {{RoleId("sch"), InboxId("orchard-gate.sch"), true,
                  InboxId("orchard-gate.alternate"), ""}},
                {InboxId("orchard-gate.alternate")},
                false};
    }
    EnrolRequest request(const Invite& invite) {
        return make_enrol_request(invite, signing_, box_.public_key, transport_.public_key, noon);
    }

    Area area_;
    crypto::SigningKey signing_ = crypto::SigningKey::generate(area_.random);
    crypto::BoxKeyPair box_ = crypto::BoxKeyPair::generate(area_.random);
    crypto::CurveKeyPair transport_ = crypto::CurveKeyPair::generate(area_.random);
};

TEST_F(Enrolment, AdmitsTheKeysMadeWithTheInvitesCode) {
    const auto invited = invite();
    EXPECT_TRUE(check_enrol_request(request(invited), invited, noon));
}

TEST_F(Enrolment, RefusesARequestMadeWithAnotherCode) {
    const auto invited = invite();
    auto guessed = invited.clone();
    guessed.code = InviteCode::generate(area_.random);
    EXPECT_EQ(error_of(check_enrol_request(request(guessed), invited, noon)),
              ErrorCode::wrong_credential);
}

TEST_F(Enrolment, RefusesEveryChangeOnTheWay) {
    const auto invited = invite();
    const auto other_curve = crypto::CurveKeyPair::generate(area_.random).public_key;
    const auto other_box = crypto::BoxKeyPair::generate(area_.random).public_key;
    const auto other_key = crypto::SigningKey::generate(area_.random).verify_key();
    const std::vector<std::function<void(EnrolRequest&)>> changes = {
        [&](EnrolRequest& r) { r.transport_key = other_curve; },
        [&](EnrolRequest& r) { r.box_key = other_box; },
        [&](EnrolRequest& r) { r.signing_key = other_key; },
        [&](EnrolRequest& r) { r.made_at = r.made_at + hours(1); },
        [&](EnrolRequest& r) { r.code_proof[0] ^= 1; },
    };
    for (const auto& change : changes) {
        auto changed = request(invited);
        change(changed);
        EXPECT_EQ(error_of(check_enrol_request(changed, invited, noon)),
                  ErrorCode::wrong_credential);
    }
}

TEST_F(Enrolment, RefusesASigningKeyThatTheSenderDoesNotHold) {
    // Somebody with a stolen invite who would enrol the public key of another agency.
    const auto invited = invite();
    auto honest = request(invited);
    auto by_thief = make_enrol_request(invited, crypto::SigningKey::generate(area_.random),
                                       box_.public_key, transport_.public_key, noon);
    honest.signature = by_thief.signature;
    EXPECT_EQ(error_of(check_enrol_request(honest, invited, noon)), ErrorCode::bad_signature);
}

TEST_F(Enrolment, RefusesAnotherAreasRequest) {
    const auto invited = invite();
    auto elsewhere = invited.clone();
    elsewhere.anchor.area = AreaId("southshire");
    EXPECT_EQ(error_of(check_enrol_request(request(elsewhere), invited, noon)),
              ErrorCode::wrong_area);
}

TEST_F(Enrolment, RefusesAnotherAgencyOrHostThanWasInvited) {
    const auto invited = invite();
    auto other_agency = invited.clone();
    other_agency.agency = AgencyId("abbey-road");
    auto other_host = invited.clone();
    other_host.host = HostId("elsewhere");
    auto other_invite = invited.clone();
    other_invite.id = InviteId(area_.random.array<16>());
    for (const auto* made_with : {&other_agency, &other_host, &other_invite}) {
        EXPECT_EQ(error_of(check_enrol_request(request(*made_with), invited, noon)),
                  ErrorCode::bad_value);
    }
}

TEST_F(Enrolment, RefusesAnInviteThatIsOver) {
    const auto invited = invite();
    EXPECT_TRUE(check_enrol_request(request(invited), invited, invited.expires - hours(1)));
    EXPECT_EQ(error_of(check_enrol_request(request(invited), invited, invited.expires)),
              ErrorCode::expired);
}

TEST_F(Enrolment, RefusesKeysThatAreNoGood) {
    const auto invited = invite();
    const auto weak_box =
        make_enrol_request(invited, signing_, crypto::BoxPublicKey(), transport_.public_key, noon);
    EXPECT_EQ(error_of(check_enrol_request(weak_box, invited, noon)), ErrorCode::weak_point);
    const auto weak_curve =
        make_enrol_request(invited, signing_, box_.public_key, crypto::CurvePublicKey(), noon);
    EXPECT_EQ(error_of(check_enrol_request(weak_curve, invited, noon)), ErrorCode::weak_point);
}

TEST_F(Enrolment, RefusesARequestFromAClockFarAhead) {
    const auto invited = invite();
    const auto made = make_enrol_request(invited, signing_, box_.public_key, transport_.public_key,
                                         noon + hours(1));
    EXPECT_EQ(error_of(check_enrol_request(made, invited, noon)), ErrorCode::clock_skew);
}

TEST_F(Enrolment, HasOneFingerprintForManyRequestsInAnyOrder) {
    std::vector<EnrolRequest> requests = {request(invite("abbey-road")),
                                          request(invite("orchard-gate"))};
    const auto fingerprint = fingerprint_of(requests);
    std::swap(requests[0], requests[1]);
    EXPECT_EQ(fingerprint_of(requests), fingerprint);
    EXPECT_NE(fingerprint_of(std::span(requests).first(1)), fingerprint);
    requests[0].box_key = crypto::BoxKeyPair::generate(area_.random).public_key;
    EXPECT_NE(fingerprint_of(requests), fingerprint);
}

TEST_F(Enrolment, PapersReadBackAsTheyWereWritten) {
    const auto invited = invite();
    const auto read = parse_invite(to_json(invited));
    ASSERT_TRUE(read);
    EXPECT_EQ(to_json(*read), to_json(invited));
    EXPECT_EQ(read->code, invited.code);
    EXPECT_EQ(read->seats, invited.seats);

    const std::vector<EnrolRequest> requests = {request(invited), request(invite("abbey-road"))};
    EXPECT_EQ(parse_enrol_requests(to_json(requests)).value(), requests);
    EXPECT_EQ(parse_trust_anchor(to_json(invited.anchor)).value(), invited.anchor);
}

TEST_F(Enrolment, PapersAreRefusedInAnyOtherForm) {
    const auto good = to_json(invite());
    ASSERT_TRUE(parse_invite(good));
    const auto with = [&](std::string_view from, std::string_view to) {
        auto changed = good;
        changed.replace(changed.find(from), from.size(), to);
        const auto parsed = parse_invite(changed);
        return parsed ? ErrorCode{} : parsed.error();
    };
    EXPECT_EQ(with("mash-invite-1", "mash-invite-2"), ErrorCode::unsupported_version);
    EXPECT_EQ(with("mash-invite-1", "mash-enrol-requests-1"), ErrorCode::malformed);
    EXPECT_EQ(with("\"urn\"", "\"urm\""), ErrorCode::malformed);
    EXPECT_EQ(with("\"kind\"", "\"extra\": 1, \"kind\""), ErrorCode::malformed);
    EXPECT_EQ(with("\"kind\"", "\"kind\": \"police\", \"kind\""), ErrorCode::malformed);
    EXPECT_EQ(with("\"school\"", "7"), ErrorCode::malformed);
    EXPECT_EQ(with("\"884001\"", "\"8840\""), ErrorCode::bad_value);
    EXPECT_EQ(with("\"people\"", "\"anyone\""), ErrorCode::bad_value);
    EXPECT_EQ(with("\"orchard-gate\"", "\"../etc\""), ErrorCode::bad_value);
    EXPECT_EQ(with("Orchard Gate High", "Orchard\\u001b Gate"), ErrorCode::bad_value);
    EXPECT_FALSE(parse_invite(std::string(1000, '[')));
    EXPECT_FALSE(parse_enrol_requests(
        R"({"format":"mash-enrol-requests-1","fingerprint":"","requests":[]})"));
}

TEST_F(Enrolment, RefusesAnInviteWhoseFingerprintIsNotItsKeys) {
    // Otherwise a person would compare the good fingerprint while the program trusts another key.
    auto forged = invite();
    const auto good = fingerprint_of(forged.anchor).text();
    forged.anchor.root = crypto::SigningKey::generate(area_.random).verify_key();
    auto text = to_json(forged);
    const auto shown = fingerprint_of(forged.anchor).text();
    text.replace(text.find(shown), shown.size(), good);
    EXPECT_EQ(parse_invite(text).error(), ErrorCode::bad_value);
}

class Rotation : public Enrolment {
protected:
    Rotation() {
        registry_ = area_.registry();
        auto& school = registry_.agencies.at(AgencyId("orchard-gate"));
        school.signing_keys = {{signing_.verify_key(), {}, {}, {}}};
    }
    Agency& school() { return registry_.agencies.at(AgencyId("orchard-gate")); }
    RotationRequest rotation() {
        return make_rotation_request({area_.id, area_.root.verify_key()}, school(), signing_, next_,
                                     box_.public_key, transport_.public_key, noon);
    }
    Registry registry_;
    crypto::SigningKey next_ = crypto::SigningKey::generate(area_.random);
};

TEST_F(Rotation, AdmitsWhatOldAndNewKeySigned) {
    EXPECT_TRUE(check_rotation_request(rotation(), registry_, noon));
    EXPECT_EQ(parse_rotation_request(to_json(rotation())).value(), rotation());
}

TEST_F(Rotation, RefusesTheRequestOfAKeyThatIsNotInForce) {
    const auto made = rotation();
    school().signing_keys[0].revoked_at = noon;
    EXPECT_EQ(error_of(check_rotation_request(made, registry_, noon)), ErrorCode::revoked_key);
    school().signing_keys[0] = {signing_.verify_key(), {}, noon - hours(1), {}};
    EXPECT_EQ(error_of(check_rotation_request(made, registry_, noon)), ErrorCode::unknown_key);
    school().signing_keys = {area_.signing_key()};
    EXPECT_EQ(error_of(check_rotation_request(made, registry_, noon)), ErrorCode::unknown_key);
}

TEST_F(Rotation, RefusesARevokedOrUnknownAgency) {
    const auto made = rotation();
    school().revoked_at = noon;
    EXPECT_EQ(error_of(check_rotation_request(made, registry_, noon)), ErrorCode::revoked_key);
    registry_.agencies.erase(AgencyId("orchard-gate"));
    EXPECT_EQ(error_of(check_rotation_request(made, registry_, noon)), ErrorCode::not_found);
}

TEST_F(Rotation, RefusesAReplayedOrOldRequest) {
    const auto made = rotation();
    EXPECT_EQ(error_of(check_rotation_request(made, registry_, noon + limits::invite_validity)),
              ErrorCode::expired);
    school().signing_keys.push_back({next_.verify_key(), noon, {}, {}});
    EXPECT_EQ(error_of(check_rotation_request(made, registry_, noon)), ErrorCode::already_exists);
}

TEST_F(Rotation, RefusesEveryChangeOnTheWay) {
    const auto refused = [&](const std::function<void(RotationRequest&)>& change) {
        auto changed = rotation();
        change(changed);
        return error_of(check_rotation_request(changed, registry_, noon));
    };
    EXPECT_EQ(refused([](auto& r) { r.area = AreaId("southshire"); }), ErrorCode::wrong_area);
    EXPECT_EQ(refused([](auto& r) { r.host = HostId("constabulary"); }), ErrorCode::wrong_host);
    EXPECT_EQ(refused([](auto& r) { r.new_transport_key.reset(); }), ErrorCode::bad_signature);
    EXPECT_EQ(refused([&](auto& r) { r.new_signing_key = area_.signing_key().key; }),
              ErrorCode::bad_signature);
    EXPECT_EQ(refused([](auto& r) { r.old_signature = r.new_signature; }),
              ErrorCode::bad_signature);
    EXPECT_EQ(refused([](auto& r) { r.new_signature = r.old_signature; }),
              ErrorCode::bad_signature);
}

}  // namespace
}  // namespace mash::area
