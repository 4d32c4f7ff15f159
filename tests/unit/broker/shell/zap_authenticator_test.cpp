#include "broker/shell/zap_authenticator.hpp"

#include <gtest/gtest.h>

#include "tests/support/test_area.hpp"

namespace mash::broker_shell {
namespace {

TEST(ZapAuthenticator, AdmitsTheKeysOfTheRegistryUnderTheirHosts) {
    test::TestArea area;
    ZapAuthenticator authenticator;
    authenticator.replace(area.registry(), test::working_morning);
    EXPECT_EQ(authenticator.key_count(), area.registry().hosts.size());
    EXPECT_EQ(authenticator.host_of(area.transport_key(HostId("police"))), HostId("police"));
    EXPECT_EQ(authenticator.host_of(area.transport_key(HostId("hub"))), HostId("hub"));
}

TEST(ZapAuthenticator, AdmitsNobodyBeforeARegistryAndNoUnknownKeyAfterIt) {
    test::TestArea area;
    ZapAuthenticator authenticator;
    EXPECT_FALSE(authenticator.host_of(area.transport_key(HostId("police"))));
    authenticator.replace(area.registry(), test::working_morning);
    EXPECT_FALSE(authenticator.host_of(area.random().array<32>()));
}

TEST(ZapAuthenticator, AKeyThatIsNotYetInForceOrIsRevokedIsRefused) {
    test::TestArea area;
    auto registry = area.registry();
    registry.hosts.at(HostId("police")).transport_keys.front().not_before =
        test::working_morning + std::chrono::hours(1);
    registry.hosts.at(HostId("hub")).transport_keys.front().revoked_at =
        test::working_morning - std::chrono::hours(1);
    ZapAuthenticator authenticator;
    authenticator.replace(registry, test::working_morning);
    EXPECT_FALSE(authenticator.host_of(area.transport_key(HostId("police"))));
    EXPECT_FALSE(authenticator.host_of(area.transport_key(HostId("hub"))));
    EXPECT_TRUE(authenticator.host_of(area.transport_key(HostId("schools"))));
}

TEST(ZapAuthenticator, AHostThatLeavesTheRegistryIsAdmittedNoMore) {
    test::TestArea area;
    auto registry = area.registry();
    ZapAuthenticator authenticator;
    authenticator.replace(registry, test::working_morning);
    registry.hosts.erase(HostId("police"));
    authenticator.replace(registry, test::working_morning);
    EXPECT_FALSE(authenticator.host_of(area.transport_key(HostId("police"))));
}

class ZapRequests : public ::testing::Test {
protected:
    ZapRequests() {
        authenticator.replace(area.registry(), test::working_morning);
        const auto curve = area.transport_key(HostId("police"));
        key.assign(curve.begin(), curve.end());
        request = {"1.0", "7", "mash", "127.0.0.1", "", "CURVE", key};
    }
    test::TestArea area;
    ZapAuthenticator authenticator;
    std::string key;
    std::vector<std::string_view> request;
};

TEST_F(ZapRequests, AnEnrolledKeyIsAdmittedAsItsHostAndKey) {
    const auto answer = authenticator.answer(request);
    EXPECT_TRUE(answer.admitted);
    EXPECT_EQ(answer.frames, (std::array<std::string, 6>{"1.0", "7", "200", "OK",
                                                         "police/" + to_hex(view_of(key)), ""}));
}

TEST_F(ZapRequests, AnythingElseIsToldToComeAgainLaterAndIsNobody) {
    const auto refused = [&](std::size_t frame, std::string_view text) {
        auto other = request;
        other[frame] = text;
        const auto answer = authenticator.answer(other);
        EXPECT_FALSE(answer.admitted);
        EXPECT_EQ(answer.frames[2], "300");
        EXPECT_EQ(answer.frames[4], "");
    };
    refused(0, "2.0");
    refused(5, "NULL");
    refused(6, "");
    refused(6, std::string_view(key).substr(1));
    refused(6, key + "a");
    refused(6, std::string(32, 'x'));
    for (std::size_t count = 0; count < request.size(); ++count)
        EXPECT_FALSE(authenticator.answer(std::span(request).first(count)).admitted);
    request.emplace_back("more");
    EXPECT_FALSE(authenticator.answer(request).admitted);
}

}  // namespace
}  // namespace mash::broker_shell
