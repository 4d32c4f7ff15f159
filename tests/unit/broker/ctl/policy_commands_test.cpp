#include "broker/ctl/policy_commands.hpp"

#include "tests/paths/paths.hpp"
#include "tests/unit/broker/ctl/ctl_fixture.hpp"

namespace mash::ctl {
namespace {

using testing::CtlTest;
using testing::days;
using ::testing::HasSubstr;
using wire::DocumentKind;

// Runs on the policy that the repository ships, so that its area is worcestershire.
class PolicyCommands : public CtlTest {
protected:
    void SetUp() override {
        auto command = init_command();
        command.area = "worcestershire";
        ASSERT_TRUE(init_area(context(), command));
    }
    static std::string shipped(const char* name) {
        return read(test::source_dir() / "deploy/policy" / name);
    }
    PolicyFiles files(const std::string& policy, const std::string& catalogue) {
        return {write("policy.toml", policy), write("catalogue.toml", catalogue)};
    }
    static std::string with_version(unsigned version) {
        auto text = shipped("policy.toml");
        const std::string line = "\nversion = 1\n";
        text.replace(text.find(line), line.size(), "\nversion = " + std::to_string(version) + "\n");
        return text;
    }
    PolicySign sign_command(const std::string& policy, const std::string& catalogue) {
        return {dir(), files(policy, catalogue), {}};
    }
};

TEST_F(PolicyCommands, CheckNamesEachMistakeWithItsPlace) {
    EXPECT_TRUE(
        check_policy(context(), {files(shipped("policy.toml"), shipped("catalogue.toml"))}));
    auto wrong = shipped("policy.toml");
    wrong.replace(wrong.find("role = \"ffd\""), 12, "role = \"ffdd\"");
    EXPECT_FALSE(check_policy(context(), {files(wrong, shipped("catalogue.toml"))}));
    EXPECT_THAT(err_.str(), HasSubstr("policy.toml:"));
    EXPECT_THAT(err_.str(), HasSubstr("ffdd"));
    EXPECT_FALSE(check_policy(context(), {{file("absent.toml"), file("absent.toml")}}));
}

TEST_F(PolicyCommands, SignPutsPolicyCatalogueAndFreshnessInForce) {
    ASSERT_TRUE(
        sign_policy(context(), sign_command(shipped("policy.toml"), shipped("catalogue.toml"))));
    const auto trusted = reader();
    EXPECT_EQ(text_of(trusted.document(DocumentKind::policy)->body), shipped("policy.toml"));
    EXPECT_EQ(trusted.version(DocumentKind::policy), 1U);
    EXPECT_EQ(trusted.version(DocumentKind::catalogue), 1U);
    EXPECT_TRUE(trusted.check_fresh(now_));
}

TEST_F(PolicyCommands, SignOnlyWhatHasANewVersion) {
    const auto catalogue = shipped("catalogue.toml");
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(3), catalogue)));
    EXPECT_TRUE(
        sign_policy(context(), sign_command(with_version(3), catalogue)));  // nothing changed
    EXPECT_EQ(reader().version(DocumentKind::freshness), 2U);
    EXPECT_THAT(what(sign_policy(context(), sign_command(with_version(2), catalogue))),
                HasSubstr("Version 3 is signed"));
    EXPECT_THAT(
        what(sign_policy(context(), sign_command(with_version(3) + "\n# changed\n", catalogue))),
        HasSubstr("Version 3 is signed"));
    EXPECT_THAT(
        what(sign_policy(context(), sign_command(with_version(3), catalogue + "\n# changed\n"))),
        HasSubstr("Version 3 is signed"));
    EXPECT_TRUE(sign_policy(context(), sign_command(with_version(4), catalogue + "\n# changed\n")));
    EXPECT_EQ(reader().version(DocumentKind::catalogue), 2U);
    EXPECT_TRUE(reader().check_fresh(now_));
}

TEST_F(PolicyCommands, SignNothingForAnotherArea) {
    auto elsewhere = init_command();
    elsewhere.dir = folder_.path() / "other";
    ASSERT_TRUE(init_area(context(), elsewhere));
    auto command = sign_command(shipped("policy.toml"), shipped("catalogue.toml"));
    command.dir = elsewhere.dir;
    EXPECT_THAT(what(sign_policy(context(), command)), HasSubstr("is for the area worcestershire"));
}

TEST_F(PolicyCommands, WarnOfRolesThatNobodyFillsAndOfAnEndInSight) {
    now_ = wall_time_from_rfc3339("2028-09-15T12:00:00Z").value();
    AreaDelegate command;
    command.dir = dir();
    command.passphrase_file = file("root-passphrase");
    ASSERT_TRUE(delegate_registrar(context(), command));
    ASSERT_TRUE(
        sign_policy(context(), sign_command(shipped("policy.toml"), shipped("catalogue.toml"))));
    EXPECT_THAT(err_.str(), HasSubstr("this policy ends on"));
    EXPECT_THAT(err_.str(), HasSubstr("no agency fills the role ffd"));
}

TEST_F(PolicyCommands, InvitesUseTheWordsOfTheSignedCatalogue) {
    ASSERT_TRUE(
        sign_policy(context(), sign_command(shipped("policy.toml"), shipped("catalogue.toml"))));
    auto command = invite_command("orchard-gate");
    command.kind = "scool";
    EXPECT_THAT(what(invite_agency(context(), command)), HasSubstr("no kind of agency"));
    command = invite_command("orchard-gate");
    command.roles = {"headteacher"};
    EXPECT_THAT(what(invite_agency(context(), command)), HasSubstr("no role"));
}

TEST_F(PolicyCommands, ExplainSaysInWordsWhoWouldBeTold) {
    ASSERT_TRUE(
        sign_policy(context(), sign_command(shipped("policy.toml"), shipped("catalogue.toml"))));
    for (const auto& [id, kind, seat] : {std::tuple{"police", "police", "pol::people"},
                                         std::tuple{"hub", "front_door", "ffd::people"}}) {
        auto command = invite_command(id);
        command.kind = kind;
        command.urn.clear();
        command.host = id;
        command.seats = {seat};
        const testing::AgencyMachine machine(random_);
        ASSERT_TRUE(approve_agencies(context(), approval({request(invite(command), machine)})));
    }
    out_.str("");
    PolicyExplain command;
    command.dir = dir();
    command.facts =
        write("facts.json", R"({"sender":"police","role":"pol","type":"missing_episode_started",
        "harm":"suspected","risk_grade":"high","decided_at":"2026-11-24T12:00:00Z"})");
    const auto explained = explain_policy(context(), command);
    ASSERT_TRUE(explained) << explained.error().what;
    EXPECT_THAT(out_.str(), HasSubstr("School hub"));  // the builder's name for it

    for (
        const auto& [facts, complaint] :
        {std::pair{
             R"({"sender":"police","role":"pol","type":"missing_episode_started","harmm":"none"})",
             "harmm"},
         std::pair{
             R"({"sender":"police","role":"pol","type":"missing_episode_started","harm":"some"})",
             "one of: none"},
         std::pair{R"({"sender":"police","role":"pol"})", "type is missing"},
         std::pair{R"({"sender":"nobody","role":"pol","type":"missing_episode_started"})",
                   "No agency nobody"},
         std::pair{R"({"sender":"police","role":"pol","type":"unheard_of"})", "no type"},
         std::pair{
             R"({"sender":"police","role":"pol","type":"missing_episode_started","views":["no.view"]})",
             "no view"},
         std::pair{R"([])", "must be an object"}, std::pair{R"(nonsense)", "not JSON"}}) {
        command.facts = write("facts.json", facts);
        EXPECT_THAT(what(explain_policy(context(), command)), HasSubstr(complaint)) << facts;
    }
}

TEST_F(PolicyCommands, ExplainNeedsAPolicy) {
    PolicyExplain command;
    command.dir = dir();
    command.facts = write("facts.json", "{}");
    EXPECT_THAT(what(explain_policy(context(), command)), HasSubstr("No policy is signed"));
}

}  // namespace
}  // namespace mash::ctl
