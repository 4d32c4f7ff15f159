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

}  // namespace
}  // namespace mash::broker_shell
