#include "agents/runtime/shell/own_names.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mash::runtime_shell {
namespace {

http::Request asking(const std::string& host, bool is_secure = false,
                     const std::string& path = "/api/v1/session") {
    http::Request request;
    request.path = path;
    request.is_secure = is_secure;
    if (!host.empty()) request.headers["host"] = host;
    return request;
}

TEST(OwnNames, AreThisMachineAndWhatTheOperatorNames) {
    const OwnNames own({"Mash.Example.gov.uk", "*.agents.example"});
    for (const char* host :
         {"localhost", "LOCALHOST:7443", "127.0.0.1:31500", "127.9.9.9", "[::1]:80",
          "mash.example.gov.uk", "MASH.example.gov.uk.:443", "hub.agents.example:8443", ""})
        EXPECT_TRUE(own.allows(asking(host))) << host;
}

TEST(OwnNames, ANameThatSomebodyElseLedHereIsRefusedOverEitherListener) {
    const OwnNames own({"mash.example.gov.uk", "*.agents.example"});
    for (const char* host :
         {"attacker.example", "attacker.example:31500", "mash.example.gov.uk.attacker.example",
          "localhost.attacker.example", "127.0.0.1.attacker.example", "agents.example",
          ".agents.example", "a.b.agents.example", "[", "[::1", ":80", " localhost"}) {
        EXPECT_FALSE(own.allows(asking(host, false))) << host;
        EXPECT_FALSE(own.allows(asking(host, true))) << host;
    }
}

TEST(OwnNames, AnAddressOfTheNetworkCountsUnderTlsOnly) {
    const OwnNames own({});
    for (const char* host : {"10.20.30.40:8443", "[2001:db8::7]:8443"}) {
        EXPECT_TRUE(own.allows(asking(host, true))) << host;
        EXPECT_FALSE(own.allows(asking(host, false))) << host;
    }
}

TEST(OwnNames, WhoeverIsRefusedIsToldWhatToDoAndNothingElse) {
    const auto answer = OwnNames::refusal(asking("attacker.example"));
    EXPECT_EQ(answer.status, 421);
    const auto error = nlohmann::json::parse(answer.body)["error"];
    EXPECT_EQ(error["code"], "not_our_name");
    EXPECT_NE(error.value("next", "").find("[console]"), std::string::npos);
    const auto page = OwnNames::refusal(asking("attacker.example", false, "/"));
    EXPECT_EQ(page.status, 421);
    EXPECT_TRUE(page.content_type.starts_with("text/html"));
    EXPECT_EQ(page.body.find("attacker"), std::string::npos);
}

}  // namespace
}  // namespace mash::runtime_shell
