#include "agents/runtime/shell/agent_config.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"
#include "tests/support/test_area.hpp"
#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

class Config : public ::testing::Test {
protected:
    Config() {
        const auto state = folder.path() / "areas" / "worcestershire";
        test::write_content(state / "area.json",
                            area::to_json(area::TrustAnchor{area.id, area.root()}));
        test::write_content(
            state / "broker.json",
            to_json(BrokerAddress{{"tcp://127.0.0.1:7400"},
                                  crypto::CurveKeyPair::generate(area.random()).public_key}));
    }
    Result<AgentConfig> read(const std::string& text) {
        problem.clear();
        test::write_content(folder.path() / "agent.toml", text);
        return read_agent_config(folder.path(), problem);
    }
    /// Refused, and the problem names this.
    void refused(const std::string& text, const std::string& named) {
        EXPECT_FALSE(read(text)) << text;
        EXPECT_NE(problem.find(named), std::string::npos)
            << "for:\n"
            << text << "the problem reads: " << problem;
        EXPECT_NE(problem.find(folder.path().string()), std::string::npos) << problem;
    }
    const std::string area_section = "[areas.worcestershire]\nhost = \"police\"\n";
    const std::string agency_section =
        "[agencies.police-wm]\narea = \"worcestershire\"\nrole = \"pol\"\n";

    test::TestArea area;
    test::TemporaryFolder folder;
    std::string problem;
};

TEST_F(Config, WhatIsSaidIsRead) {
    const auto config = read(
        "listen = \"127.0.0.1:7411\"\npoll_seconds = 0.5\narea_telephone = \"01632 "
        "960000\"\nalarm_hook = \"/bin/true\"\n" +
        area_section + "folder = \"/srv/drop\"\n" + agency_section +
        "professional_contact = { whom_to_ring = \"Desk\" }\n" +
        "[handover.\"police-wm.pol\"]\nfolder = \"out\"\nwebhook = \"http://127.0.0.1:9000/\"\n"
        "format = \"hl7-v2\"\nto = \"127.0.0.1:2575\"\n"
        "[services.mllp]\nlisten = \"127.0.0.1:2576\"\nagency = \"police-wm\"\n");
    ASSERT_TRUE(config) << problem;
    EXPECT_EQ(config->listen_port, 7411);
    EXPECT_EQ(config->poll_interval, std::chrono::milliseconds(500));
    EXPECT_EQ(config->alarm_hook, "/bin/true");
    EXPECT_EQ(config->areas.at(0).folder, "/srv/drop");
    EXPECT_EQ(config->areas.at(0).agencies.at(0).professional_contact,
              R"({"whom_to_ring":"Desk"})");
    EXPECT_EQ(config->handover.at(InboxId("police-wm.pol")).folder, folder.path() / "out");
    EXPECT_EQ(config->handover.at(InboxId("police-wm.pol")).format, "hl7-v2");
    EXPECT_EQ(config->handover.at(InboxId("police-wm.pol")).to, "127.0.0.1:2575");
    EXPECT_EQ(config->services.at("mllp").at("listen"), "127.0.0.1:2576");
    EXPECT_EQ(config->services.at("mllp").size(), 2U);
}

TEST_F(Config, WhatIsNotSaidHasADefault) {
    const auto config = read(area_section);
    ASSERT_TRUE(config) << problem;
    EXPECT_EQ(config->listen_address, "127.0.0.1");
    EXPECT_EQ(config->listen_port, 0);
    EXPECT_EQ(config->poll_interval, std::chrono::seconds(1));
    EXPECT_EQ(config->areas.at(0).folder, folder.path() / ".");
}

TEST_F(Config, AlarmTimesAndRetentionAreTheOperatorsWithinTheirBounds) {
    const auto plain = read(area_section);
    ASSERT_TRUE(plain) << problem;
    EXPECT_EQ(plain->immediate_alarm, std::chrono::seconds(60));
    EXPECT_EQ(plain->urgent_alarm, std::chrono::minutes(10));
    EXPECT_EQ(plain->retention_after_taken, std::chrono::days(30));
    EXPECT_EQ(plain->unread_alarm, std::nullopt) << "as is right for its kind of agency";
    const auto said = read(
        "immediate_alarm_seconds = 30\nunread_alarm_seconds = 90\nurgent_alarm_minutes = "
        "5\nretention_after_taken_days = "
        "60\n" +
        area_section);
    ASSERT_TRUE(said) << problem;
    EXPECT_EQ(said->immediate_alarm, std::chrono::seconds(30));
    EXPECT_EQ(said->urgent_alarm, std::chrono::minutes(5));
    EXPECT_EQ(said->unread_alarm, std::chrono::seconds(90));
    EXPECT_EQ(said->retention_after_taken, std::chrono::days(60));
    EXPECT_EQ(plain->decision_record_term, std::chrono::days(365 * 25));
    const auto term = read("decision_record_years = 6\n" + area_section);
    ASSERT_TRUE(term) << problem;
    EXPECT_EQ(term->decision_record_term, std::chrono::days(365 * 6));
    refused("decision_record_years = 5\n" + area_section, "must be a whole number from 6 to");
    refused("immediate_alarm_seconds = 0\n" + area_section, "agent.toml:1:");
    refused("unread_alarm_seconds = 0\n" + area_section, "must be a whole number from 5 to");
    refused("urgent_alarm_minutes = \"5\"\n" + area_section, "must be a whole number from 1 to");
}

TEST_F(Config, ASettingThatNobodyKnowsIsRefusedWithItsPlaceAndTheNearestThatIsKnown) {
    refused("urgent_alarm_minute = 5\n" + area_section,
            "agent.toml:1:1: unknown setting \"urgent_alarm_minute\" (nearest: "
            "\"urgent_alarm_minutes\")");
    refused(area_section + "hots = \"x\"\n", "agent.toml:3:1: unknown setting \"hots\"");
    refused(area_section + agency_section + "rol = \"x\"\n", "(nearest: \"role\")");
    refused(area_section + "[handover.\"police-wm.pol\"]\nwebhok = \"\"\n",
            "(nearest: \"webhook\")");
}

TEST_F(Config, AMissingFileSaysToEnrol) {
    EXPECT_FALSE(read_agent_config(folder.path(), problem));
    EXPECT_NE(problem.find("enrol"), std::string::npos) << problem;
}

TEST_F(Config, TheConsoleOpensToTheNetworkOnlyByItsOwnListener) {
    const auto plain = read(area_section);
    ASSERT_TRUE(plain) << problem;
    EXPECT_EQ(plain->console.listen_address, "");
    EXPECT_FALSE(plain->console.is_training);
    const auto said = read(area_section +
                           "[console]\nlisten = \"0.0.0.0:8443\"\ncertificate = \"tls/a.crt\"\n"
                           "key = \"/etc/a.key\"\nnames = [\"mash.example.gov.uk\"]\n"
                           "files = \"pages\"\ntraining = true\n");
    ASSERT_TRUE(said) << problem;
    EXPECT_EQ(said->listen_address, "127.0.0.1");
    EXPECT_EQ(said->console.listen_address, "0.0.0.0");
    EXPECT_EQ(said->console.listen_port, 8443);
    EXPECT_EQ(said->console.certificate, folder.path() / "tls/a.crt");
    EXPECT_EQ(said->console.key, "/etc/a.key");
    EXPECT_EQ(said->console.names, std::vector<std::string>{"mash.example.gov.uk"});
    EXPECT_EQ(said->console.files, folder.path() / "pages");
    EXPECT_TRUE(said->console.is_training);
}

TEST_F(Config, AConsoleThatIsHalfSaidIsRefused) {
    refused(area_section + "[console]\nlisten = \"8443\"\n", "0.0.0.0:8443");
    refused(area_section + "[console]\ncertificate = \"a.crt\"\n", "belong together");
    refused(area_section + "[console]\nnames = \"mash.example\"\n", "must be a list");
    refused(area_section + "[console]\nnames = [1]\n", "must be a list");
    refused(area_section + "[console]\ntraining = \"yes\"\n", "training is true");
    refused("console = 1\n" + area_section, "console");
    refused(area_section + "[console]\ncertifcate = \"a.crt\"\n", "certifcate");
}

TEST_F(Config, BrokenTomlNamesLineAndColumn) {
    refused(area_section + "listen = = 1\n", "agent.toml:3:");
}

TEST_F(Config, AnAddressWithoutAPortOrWithABadOneIsRefused) {
    for (const char* listen : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:http",
                               "127.0.0.1:999999999999"}) {
        refused("listen = \"" + std::string(listen) + "\"\n" + area_section, "listen");
    }
}

TEST_F(Config, AnAddressThatOthersReachIsRefusedAndSaysWhatToWrite) {
    for (const char* listen : {"0.0.0.0:7411", "192.0.2.10:7411", ":::7411", "localhost:7411",
                               "128.0.0.1:7411", ":7411"}) {
        refused("listen = \"" + std::string(listen) + "\"\n" + area_section,
                "Write \"127.0.0.1:7411\"");
    }
}

TEST_F(Config, APollIntervalOutsideItsRangeIsRefusedWithItsLine) {
    for (const char* poll : {"0", "0.01", "3601", "-1", "nan", "inf", "\"1\"", "true"})
        refused("\npoll_seconds = " + std::string(poll) + "\n" + area_section,
                "agent.toml:2: poll_seconds");
}

TEST_F(Config, AValueOfAnotherTypeIsAMistakeAndNeverADefault) {
    refused("alarm_hook = 5\n" + area_section, "agent.toml:1: alarm_hook");
    refused("listen = 7411\n" + area_section, "agent.toml:1: listen");
    refused(area_section + "folder = true\n", "agent.toml:3: folder");
    refused(area_section + agency_section + "urn = 884001\n", "agent.toml:6: urn");
    refused(area_section + "[handover.\"police-wm.pol\"]\nwebhook = 1\n", "agent.toml:4: webhook");
    refused("handover = \"out\"\n" + area_section, "agent.toml:1: handover");
    refused("services = \"out\"\n" + area_section, "agent.toml:1: services");
    refused(area_section + "[services.mllp]\nlisten = 1\n", "agent.toml:4: listen");
    refused(area_section + "[agencies]\npolice-wm = 1\n", "agent.toml:4: ");
}

TEST_F(Config, WithoutAnAreaItSaysToEnrol) {
    refused("listen = \"127.0.0.1:0\"\n", "enrol");
    refused("[areas]\n", "enrol");
    refused("[areas.herefordshire]\nhost = \"police\"\n", "enrol");
}

TEST_F(Config, TwoAreasDoNotShareAFolder) {
    const auto state = folder.path() / "areas" / "herefordshire";
    test::write_content(state / "area.json",
                        area::to_json(area::TrustAnchor{AreaId("herefordshire"), area.root()}));
    test::write_content(
        state / "broker.json",
        to_json(BrokerAddress{{"tcp://127.0.0.1:7401"},
                              crypto::CurveKeyPair::generate(area.random()).public_key}));
    const std::string second = "[areas.herefordshire]\nhost = \"police\"\n";
    refused(area_section + second, "folder is the same");
    refused(area_section + "folder = \"a/../b\"\n" + second + "folder = \"b/\"\n",
            "folder is the same");
    EXPECT_TRUE(read(area_section + second + "folder = \"areas/herefordshire\"\n")) << problem;
}

TEST_F(Config, AnAreaNeedsItsHost) { refused("[areas.worcestershire]\n", "host"); }

TEST_F(Config, NamesThatCouldLeaveTheFolderAreRefused) {
    refused("[areas.\"../../elsewhere\"]\nhost = \"police\"\n", "agent.toml:1: a name is");
    refused(area_section + "[agencies.\"../x\"]\narea = \"worcestershire\"\n",
            "agent.toml:3: a name is");
    refused(area_section + "[handover.\"a/b\"]\nfolder = \"out\"\n", "agent.toml:3: a name is");
}

TEST_F(Config, AWebhookOnAnotherMachineIsNeverInClear) {
    const auto with = [&](const std::string& webhook) {
        return area_section + "[handover.\"police-wm.pol\"]\nwebhook = \"" + webhook + "\"\n";
    };
    for (const char* good : {"https://records.example/alerts", "http://127.0.0.1:9000/",
                             "http://[::1]:9000/", "http://localhost/a"})
        EXPECT_TRUE(read(with(good))) << good << ": " << problem;
    for (const char* bad :
         {"http://records.example/alerts", "http://192.0.2.1/", "http://127.0.0.1@192.0.2.1/",
          "http://127.0.0.1.records.example/", "ftp://127.0.0.1/", "file:///etc/passwd", "nothing"})
        refused(with(bad), "agent.toml:3: a webhook is https://");
}

TEST_F(Config, AnAgencyOfAnAreaThatIsNotJoinedIsRefused) {
    refused(area_section + "[agencies.police-wm]\narea = \"elsewhere\"\n",
            "agent.toml:3: agency police-wm");
    refused(area_section + "[agencies.police-wm]\n", "agency police-wm");
}

TEST_F(Config, TheBrokersAddressIsReadAsItWasWritten) {
    const BrokerAddress address{{"tcp://a:1", "tcp://b:2"},
                                crypto::CurveKeyPair::generate(area.random()).public_key};
    const auto again = parse_broker_address(to_json(address));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->endpoints, address.endpoints);
    EXPECT_EQ(again->key, address.key);
    for (const char* text :
         {"", "[]", "{}", R"({"endpoints":[],"key":"x"})", R"({"endpoints":[1],"key":"x"})",
          R"({"endpoints":["tcp://a:1"],"key":"short"})"}) {
        EXPECT_FALSE(parse_broker_address(text)) << text;
    }
}

}  // namespace
}  // namespace mash::runtime_shell
