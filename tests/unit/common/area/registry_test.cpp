#include "common/area/registry.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "common/area/text.hpp"
#include "common/base/limits.hpp"
#include "common/crypto/random.hpp"
#include "tests/unit/common/area/area_fixture.hpp"

namespace mash::area {
namespace {

using testing::Area;
using testing::days;
using testing::hours;
using testing::noon;

const AgencyId school{"orchard-gate"};

TEST(Registry, ReadsBackWhatWasWrittenAndWritesTheSameBytesAgain) {
    Area area;
    const Registry registry = area.registry();
    const Bytes body = encode_registry(registry);
    const auto parsed = parse_registry(body);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, registry);
    EXPECT_EQ(encode_registry(*parsed), body);
}

// Keys of subject tokens came later: a registry without them is written as before.
Registry with_token_keys(Area& area, std::initializer_list<std::uint16_t> epochs) {
    Registry registry = area.registry();
    for (const auto epoch : epochs) {
        crypto::SeededRandom random(epoch, "token-key");
        registry.broker.token_keys.push_back(
            {epoch, noon, crypto::OprfKey::generate(random).public_key()});
    }
    return registry;
}

TEST(Registry, KeepsTheKeysOfSubjectTokensAndThePepperThatComes) {
    Area area;
    Registry registry = with_token_keys(area, {1, 2});
    auto& hub = registry.agencies.at(AgencyId("hub"));
    hub.sealed_pepper = Bytes(80, 1);
    hub.next_pepper = SealedPepper{2, Bytes(80, 2)};
    const Bytes body = encode_registry(registry);
    EXPECT_EQ(body.front(), 2);
    const auto parsed = parse_registry(body);
    ASSERT_TRUE(parsed) << name_of(parsed.error());
    EXPECT_EQ(*parsed, registry);
    EXPECT_EQ(encode_registry(*parsed), body);
    ASSERT_NE(parsed->find_token_key(2), nullptr);
    EXPECT_EQ(*parsed->find_token_key(2), registry.broker.token_keys[1]);
    EXPECT_EQ(parsed->find_token_key(3), nullptr);
}

TEST(Registry, IsInTheOlderFormatWhereThatSaysAll) {
    Area area;
    Bytes body = encode_registry(area.registry());
    EXPECT_EQ(body.front(), 1);
    // The same in the newer format would be a second encoding.
    Registry registry = with_token_keys(area, {1});
    Bytes newer = encode_registry(registry);
    EXPECT_EQ(newer.front(), 2);
    newer.front() = 1;
    EXPECT_FALSE(parse_registry(newer));
    body.front() = 2;
    EXPECT_FALSE(parse_registry(body));
    body.front() = 3;
    const auto later = parse_registry(body);
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error(), ErrorCode::unsupported_version);
}

TEST(Registry, RefusesKeysOfSubjectTokensThatProveNothing) {
    Area area;
    const auto refusal = [](const Registry& registry) {
        const auto checked = check_registry(registry);
        return checked ? std::string_view() : name_of(checked.error());
    };
    EXPECT_EQ(refusal(with_token_keys(area, {1, 2})), "");
    EXPECT_EQ(refusal(with_token_keys(area, {2, 1})), "bad_value");
    EXPECT_EQ(refusal(with_token_keys(area, {0})), "bad_value");
    EXPECT_EQ(refusal(with_token_keys(area, {1, 2, 3})), "too_many");
    Registry registry = with_token_keys(area, {1});
    registry.broker.token_keys.push_back({2, noon, registry.broker.token_keys[0].key});
    EXPECT_EQ(refusal(registry), "bad_value") << "one key twice is no change";
    registry.broker.token_keys[1].key = crypto::OprfPublicKey();
    EXPECT_EQ(refusal(registry), "weak_point") << "the identity";
    registry = with_token_keys(area, {1});
    registry.broker.token_keys[0].since = {};
    EXPECT_EQ(refusal(registry), "bad_value");
    registry = with_token_keys(area, {1});
    registry.agencies.at(AgencyId("hub")).next_pepper = SealedPepper{1, Bytes(80, 2)};
    EXPECT_EQ(refusal(registry), "bad_value") << "nothing comes after nothing";
}

TEST(Registry, HasOneEncodingWhateverTheOrderInWhichItsListsWereMade) {
    Area area;
    Registry registry = area.registry();
    auto& hub = registry.agencies.at(AgencyId("hub"));
    hub.roles = {RoleId("ffd"), RoleId("edt")};
    const Bytes body = encode_registry(registry);
    std::swap(hub.roles[0], hub.roles[1]);
    std::swap(hub.seats[0], hub.seats[1]);
    EXPECT_EQ(encode_registry(registry), body);
}

TEST(Registry, RefusesEveryShorterBody) {
    Area area;
    const Bytes body = encode_registry(area.registry());
    for (std::size_t size = 0; size < body.size(); ++size) {
        EXPECT_FALSE(parse_registry(ByteView(body).first(size))) << size;
    }
}

TEST(Registry, RefusesBytesBehindItsEnd) {
    Area area;
    Bytes body = encode_registry(area.registry());
    body.push_back(0);
    EXPECT_EQ(parse_registry(body).error(), ErrorCode::malformed);
}

TEST(Registry, SaysThatANewerFormatIsNewAndNotDamaged) {
    Area area;
    Bytes body = encode_registry(area.registry());
    body[0] = 3;
    EXPECT_EQ(parse_registry(body).error(), ErrorCode::unsupported_version);
}

TEST(Registry, RefusesAListInAnotherOrder) {
    Area area;
    Registry registry = area.registry();
    registry.agencies.at(school).roles = {RoleId("aaaa"), RoleId("bbbb")};
    Bytes body = encode_registry(registry);
    const auto place = text_of(body).find("aaaa");
    ASSERT_NE(place, std::string_view::npos);
    std::swap_ranges(body.begin() + static_cast<std::ptrdiff_t>(place),
                     body.begin() + static_cast<std::ptrdiff_t>(place) + 4,
                     body.begin() + static_cast<std::ptrdiff_t>(place) + 8);
    EXPECT_EQ(parse_registry(body).error(), ErrorCode::malformed);
}

struct Fault {
    const char* what;
    std::function<void(Registry&)> make;
    ErrorCode code = ErrorCode::bad_value;
    bool is_encodable = true;  // an id that differs from its own key in the map has no bytes
};

TEST(Registry, IsNotSignedOrReadWithAFaultInIt) {
    const auto police = [](Registry& r) -> Agency& { return r.agencies.at(AgencyId("police")); };
    const auto orchard = [](Registry& r) -> Agency& { return r.agencies.at(school); };
    const std::vector<Fault> faults = {
        {"version zero", [](Registry& r) { r.version = 0; }},
        {"no time of issue", [](Registry& r) { r.issued_at = {}; }},
        {"area without a name", [](Registry& r) { r.area = AreaId(""); }},
        {"one inbox, two agencies",
         [&](Registry& r) { police(r).seats[0].inbox = InboxId("hub.ffd"); }},
        {"one inbox, two seats",
         [](Registry& r) { r.agencies.at(AgencyId("hub")).seats[0].inbox = InboxId("hub.ffd"); }},
        {"one role, two seats",
         [](Registry& r) { r.agencies.at(AgencyId("hub")).seats[0].role = RoleId("ffd"); }},
        {"one transport key, two hosts",
         [](Registry& r) {
             r.hosts.at(HostId("council")).transport_keys =
                 r.hosts.at(HostId("constabulary")).transport_keys;
         }},
        {"one signing key, two agencies",
         [&](Registry& r) { police(r).signing_keys = orchard(r).signing_keys; }},
        {"one box key, two agencies",
         [&](Registry& r) { police(r).box_public_key = orchard(r).box_public_key; }},
        {"an agency's key is the broker's",
         [&](Registry& r) { police(r).signing_keys = r.broker.signing_keys; }},
        {"one URN, two schools", [&](Registry& r) { police(r).urn = orchard(r).urn; }},
        {"URN of five digits", [&](Registry& r) { orchard(r).urn = "12345"; }},
        {"host nobody knows", [&](Registry& r) { police(r).host = HostId("elsewhere"); }},
        {"agency without a key", [&](Registry& r) { police(r).signing_keys.clear(); }},
        {"agency without a box key", [&](Registry& r) { police(r).box_public_key = {}; }},
        {"broker without a key", [](Registry& r) { r.broker.signing_keys.clear(); }},
        {"broker without a transport key", [](Registry& r) { r.broker.curve_public_key = {}; }},
        {"alternate of another agency",
         [&](Registry& r) { orchard(r).seats[0].alternate = InboxId("hub.ffd"); }},
        {"alternate is the seat's own inbox",
         [&](Registry& r) { orchard(r).seats[0].alternate = orchard(r).seats[0].inbox; }},
        {"entry under another id", [&](Registry& r) { orchard(r).id = AgencyId("orchard"); },
         ErrorCode::bad_value, false},
        {"host under another id",
         [](Registry& r) { r.hosts.at(HostId("council")).id = HostId("c"); }, ErrorCode::bad_value,
         false},
        {"role that is no name", [&](Registry& r) { police(r).roles = {RoleId("POL ")}; }},
        {"one role twice", [&](Registry& r) { police(r).roles = {RoleId("pol"), RoleId("pol")}; }},
        {"name with a line break", [&](Registry& r) { police(r).name = "The\nPolice"; }},
        {"no name", [&](Registry& r) { police(r).name = ""; }},
        {"name in broken UTF-8", [&](Registry& r) { police(r).name = "Caf\xC3"; }},
        {"key that ends before it begins",
         [&](Registry& r) {
             police(r).signing_keys[0].not_before = noon;
             police(r).signing_keys[0].not_after = noon;
         }},
        {"more keys than allowed",
         [&](Registry& r) {
             police(r).signing_keys.resize(limits::keys_per_holder_max + 1,
                                           police(r).signing_keys[0]);
         },
         ErrorCode::too_many},
        {"more endpoints than allowed",
         [](Registry& r) {
             r.broker.endpoints.resize(limits::endpoints_max + 1, "tcp://127.0.0.1:1");
         },
         ErrorCode::too_many},
    };
    for (const auto& fault : faults) {
        Area area;
        Registry registry = area.registry();
        ASSERT_TRUE(check_registry(registry));
        fault.make(registry);
        const auto checked = check_registry(registry);
        ASSERT_FALSE(checked) << fault.what;
        EXPECT_EQ(checked.error(), fault.code) << fault.what;
        if (!fault.is_encodable) continue;
        EXPECT_FALSE(parse_registry(encode_registry(registry))) << fault.what;
    }
}

TEST(Registry, LetsASchoolThatWasRevokedEnrolAnewUnderItsNationalNumber) {
    Area area;
    Registry registry = area.registry();
    registry.agencies.at(school).revoked_at = noon;
    auto again = area.agency("orchard-gate-academy", "school", "sch", "council");
    again.urn = "884001";
    registry.agencies[again.id] = again;
    ASSERT_TRUE(check_registry(registry));
    registry.build_index();
    EXPECT_EQ(registry.school_by_urn("884001")->id, again.id);
    registry.drop_index();
    EXPECT_EQ(registry.school_by_urn("884001")->id, again.id);
}

// Every look-up with the index and without it: they must never differ.
class RegistryLookUp : public ::testing::TestWithParam<bool> {
protected:
    Registry made(Registry registry) {
        if (GetParam()) registry.build_index();
        return registry;
    }
    Area area_;
};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutIndex, RegistryLookUp, ::testing::Bool());

TEST_P(RegistryLookUp, FindsWhoOwnsAnInbox) {
    const Registry registry = made(area_.registry());
    EXPECT_EQ(registry.agency_of_inbox(InboxId("hub.edt"))->id, AgencyId("hub"));
    EXPECT_EQ(registry.agency_of_inbox(InboxId("orchard-gate.alternate"))->id, school);
    EXPECT_EQ(registry.agency_of_inbox(InboxId("hub.nobody")), nullptr);
    EXPECT_TRUE(registry.inbox_belongs_to(InboxId("hub.edt"), AgencyId("hub")));
    EXPECT_FALSE(registry.inbox_belongs_to(InboxId("hub.edt"), school));
}

TEST_P(RegistryLookUp, FindsSeatsOfARoleInOrderAndLeavesOutTheRevoked) {
    Registry registry = area_.registry();
    for (const char* name : {"zeal-lane", "abbey-road"}) {
        auto more = area_.agency(name, "school", "sch", "council");
        registry.agencies[more.id] = more;
    }
    registry.agencies.at(AgencyId("zeal-lane")).revoked_at = noon;
    const Registry indexed = made(std::move(registry));
    const RoleId role("sch");
    const Seat abbey{AgencyId("abbey-road"), role}, orchard{school, role},
        zeal{AgencyId("zeal-lane"), role};
    EXPECT_EQ(indexed.seats_with_role(role, noon - hours(1)), (std::vector{abbey, orchard, zeal}));
    EXPECT_EQ(indexed.seats_with_role(role, noon), (std::vector{abbey, orchard}));
    EXPECT_TRUE(indexed.seats_with_role(RoleId("ola"), noon).empty());
}

TEST_P(RegistryLookUp, FindsASchoolByItsNationalNumber) {
    const Registry registry = made(area_.registry());
    EXPECT_EQ(registry.school_by_urn("884001")->id, school);
    EXPECT_EQ(registry.school_by_urn("884002"), nullptr);
    EXPECT_EQ(registry.school_by_urn(""), nullptr);
}

TEST_P(RegistryLookUp, AdmitsATransportKeyOnlyWhileItIsInForce) {
    Registry registry = area_.registry();
    TransportKey& key = registry.hosts.at(HostId("council")).transport_keys[0];
    key.not_before = noon;
    key.not_after = noon + days(2);
    key.revoked_at = noon + days(1);
    const auto bytes = key.curve_public_key;
    const Registry indexed = made(std::move(registry));
    const auto admitted = [&](WallTime when) {
        return indexed.host_of_key(bytes, when) != nullptr;
    };
    EXPECT_FALSE(admitted(noon - std::chrono::milliseconds(1)));
    EXPECT_TRUE(admitted(noon));
    EXPECT_TRUE(admitted(noon + days(1) - std::chrono::milliseconds(1)));
    EXPECT_FALSE(admitted(noon + days(1)));
    EXPECT_EQ(indexed.host_of_key(area_.curve_key(), noon), nullptr);
}

TEST(Registry, KeepsOldAndNewTransportKeySideBySideWhileTheyOverlap) {
    Area area;
    Registry registry = area.registry();
    auto& keys = registry.hosts.at(HostId("council")).transport_keys;
    keys[0].not_after = noon + days(7);
    const auto old_key = keys[0].curve_public_key;
    const auto new_key = area.curve_key();
    keys.push_back({new_key, noon, {}, {}});
    registry = parse_registry(encode_registry(registry)).value();
    for (const auto& key : {old_key, new_key}) {
        ASSERT_NE(registry.host_of_key(key, noon), nullptr);
        EXPECT_EQ(registry.host_of_key(key, noon)->id, HostId("council"));
    }
    EXPECT_EQ(registry.host_of_key(old_key, noon + days(7)), nullptr);
    EXPECT_NE(registry.host_of_key(new_key, noon + days(7)), nullptr);
}

TEST(Registry, DoesNotBelieveAnIndexMadeBeforeItGrew) {
    Area area;
    Registry registry = parse_registry(encode_registry(area.registry())).value();
    auto more = area.agency("abbey-road", "school", "sch", "council");
    registry.agencies[more.id] = more;
    EXPECT_EQ(registry.agency_of_inbox(InboxId("abbey-road.sch"))->id, more.id);
}

TEST(Registry, StillNamesARevokedAgencyButNotAsActive) {
    Area area;
    Registry registry = area.registry();
    registry.agencies.at(school).revoked_at = noon;
    EXPECT_NE(registry.find_agency(school), nullptr);
    EXPECT_NE(registry.find_active_agency(school, noon - hours(1)), nullptr);
    EXPECT_EQ(registry.find_active_agency(school, noon), nullptr);
}

TEST(Registry, HoldsAsManyAgenciesAsTheLimitAllowsAndNoMore) {
    Area area;
    Registry registry = area.registry();
    const std::size_t hosts = limits::agencies_max / limits::agencies_per_host_max + 1;
    for (std::size_t i = 0; i < hosts; ++i) {
        const HostId id("host-" + std::to_string(i));
        registry.hosts[id] = {id, {}};
    }
    auto pattern = area.agency("school", "school", "sch", "host-0");
    const auto add = [&] {
        const std::size_t number = registry.agencies.size();
        auto more = pattern;
        more.id = AgencyId("school-" + std::to_string(number));
        more.host = HostId("host-" + std::to_string(number % hosts));
        // Distinct, and no keys anybody could use: what is tested here is counting.
        std::array<std::uint8_t, 32> key{1};
        key[30] = static_cast<std::uint8_t>(number >> 8);
        key[31] = static_cast<std::uint8_t>(number);
        more.signing_keys[0].key = crypto::VerifyKey(key);
        key[0] = 2;
        more.box_public_key = key;
        more.seats[0].inbox = InboxId(more.id.value() + ".sch");
        registry.agencies[more.id] = more;
    };
    while (registry.agencies.size() < limits::agencies_max) add();
    const Bytes body = encode_registry(registry);
    EXPECT_LE(body.size(), limits::signed_document_bytes_max);
    const auto parsed = parse_registry(body);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->agency_of_inbox(InboxId("school-4000.sch"))->id, AgencyId("school-4000"));
    add();
    EXPECT_EQ(parse_registry(encode_registry(registry)).error(), ErrorCode::too_many);
}

TEST(DatedKeys, VerifyWhatWasSignedWhileTheyWereInForce) {
    Area area;
    const auto old_key = crypto::SigningKey::generate(area.random);
    const auto new_key = crypto::SigningKey::generate(area.random);
    const std::vector<DatedVerifyKey> keys = {{old_key.verify_key(), {}, noon + days(7), {}},
                                              {new_key.verify_key(), noon, {}, noon + days(30)}};
    const Bytes message = {1, 2, 3};
    const auto by_old = crypto::sign(old_key, "mash.v1.test", message);
    const auto by_new = crypto::sign(new_key, "mash.v1.test", message);
    const auto holds = [&](const crypto::Signature& signature, WallTime when) {
        return verify_with_any(keys, when, "mash.v1.test", message, signature);
    };
    EXPECT_TRUE(holds(by_old, noon - days(1)));
    EXPECT_FALSE(holds(by_new, noon - days(1)));
    EXPECT_TRUE(holds(by_old, noon + days(1)));
    EXPECT_TRUE(holds(by_new, noon + days(1)));
    EXPECT_FALSE(holds(by_old, noon + days(7)));
    EXPECT_TRUE(holds(by_new, noon + days(29)));
    EXPECT_FALSE(holds(by_new, noon + days(30)));
    EXPECT_FALSE(verify_with_any(keys, noon, "mash.v1.other", message, by_old));
    EXPECT_FALSE(verify_with_any({}, noon, "mash.v1.test", message, by_old));
}

TEST(DisplayText, AllowsWhatPeopleWriteAndRefusesWhatATerminalObeys) {
    for (const char* good :
         {"", "Orchard Gate High School", "Ysgol Llŷn", "Łódź – St. Mary’s", "\xF0\x9F\x8F\xAB"}) {
        EXPECT_TRUE(is_display_text(good, 64)) << good;
    }
    // In octal where a digit follows.
    for (const char* bad : {"a\tb", "\x1B[2J", "\x7F", "\302\23331m", "\xC0\xAF", "\xED\xA0\x80",
                            "\xF4\x90\x80\x80", "\xE2\x80", "\x80"}) {
        EXPECT_FALSE(is_display_text(bad, 64)) << to_hex(view_of(bad));
    }
    EXPECT_TRUE(is_display_text("1234", 4));
    EXPECT_FALSE(is_display_text("12345", 4));
}

}  // namespace
}  // namespace mash::area
