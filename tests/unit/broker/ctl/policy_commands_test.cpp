#include "broker/ctl/policy_commands.hpp"

#include <fstream>

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
    EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("withheld from it")));
    command.full = true;
    ASSERT_TRUE(explain_policy(context(), command));
    EXPECT_THAT(out_.str(), HasSubstr("rule E-08, route missing-start-front-door"));
    EXPECT_THAT(out_.str(), HasSubstr("saf: marked, released by nobody"));
    EXPECT_THAT(out_.str(), HasSubstr("rfr: silent"));
    command.full = false;
    // A draft says what it would decide, and not that its first day has not come.
    auto draft = with_version(2);
    const std::string line = "valid_from = 2026-09-01";
    draft.replace(draft.find(line), line.size(), "valid_from = 2028-01-01");
    command.files = files(draft, shipped("catalogue.toml"));
    out_.str("");
    err_.str("");
    ASSERT_TRUE(explain_policy(context(), command));
    EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("not in force yet")));
    EXPECT_THAT(err_.str(), HasSubstr("in force only from"));
    command.files.reset();

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

// --- test

class PolicyTests : public PolicyCommands {
protected:
    /// A copy of the shipped folder, in which `from` reads `to`.
    std::filesystem::path copy(const std::string& file = "", const std::string& from = "",
                               const std::string& to = "") {
        const auto target = folder_.path() / ("policy" + std::to_string(++copies_));
        std::filesystem::copy(test::source_dir() / "deploy/policy", target,
                              std::filesystem::copy_options::recursive);
        if (file.empty()) return target;
        auto text = read(target / file);
        const auto found = text.find(from);
        EXPECT_NE(found, std::string::npos) << from;
        text.replace(found, from.size(), to);
        std::ofstream(target / file) << text;
        return target;
    }
    int copies_ = 0;
};

TEST_F(PolicyTests, TheShippedPolicyPassesItsOwn) {
    const auto tested = test_policy(context(), {copy(), true});
    EXPECT_TRUE(tested) << out_.str();
    EXPECT_THAT(out_.str(), HasSubstr(" 0 failed"));
}

TEST_F(PolicyTests, AWiderRouteFailsTheTestThatSaidOtherwise) {
    const auto dir = copy("policy.toml", "content = \"locate\"\nwhen = { risk_grade = \"high\" }",
                          "content = \"locate\"\nwhen = { risk_grade = [\"high\", \"low\"] }");
    EXPECT_THAT(what(test_policy(context(), {dir, true})), HasSubstr("do not prove it"));
    EXPECT_THAT(out_.str(), HasSubstr("01-missing.toml:"));
    EXPECT_THAT(out_.str(), HasSubstr("trust/urg is told by E-08 over route "
                                      "missing-start-unscheduled-care, and should not be"));
}

TEST_F(PolicyTests, ARouteThatNoTestExercisesIsNamed) {
    const auto dir = copy();
    for (const auto* name : {"06-education.toml", "13-passed-on.toml"})
        std::filesystem::remove(dir / "tests" / name);
    EXPECT_FALSE(test_policy(context(), {dir, true}));
    EXPECT_THAT(out_.str(), HasSubstr("never exercised: route education-welfare"));
}

TEST_F(PolicyTests, AnAlterationThatNoTestNoticesIsNamed) {
    // Without the standby in the test nothing tells one way out of hours from the other by day.
    const auto dir = copy("tests/06-education.toml", ", standby = [\"hub.edt alternate\"]", "");
    // While its statute has no date, a route that waits until it is in force tells everybody.
    auto policy = read(dir / "policy.toml");
    const std::string route = "id = \"missing-start-health-visitor\"\n";
    policy.insert(policy.find(route) + route.size(), "before_law = \"ehe_consent\"\n");
    std::ofstream(dir / "policy.toml") << policy;
    EXPECT_FALSE(test_policy(context(), {dir, false}));
    EXPECT_THAT(out_.str(), HasSubstr("no test notices: missing_episode_started: route "
                                      "missing-start-health-visitor (hv) whatever the law"));
    EXPECT_THAT(out_.str(),
                HasSubstr("no test notices: education_status_changed: route "
                          "education-front-door (ffd) with the other way out of hours"));
}

TEST_F(PolicyTests, ALaterFirstDayFailsNoTest) {
    const auto dir = copy("policy.toml", "valid_from = 2026-09-01", "valid_from = 2027-12-01");
    EXPECT_TRUE(test_policy(context(), {dir, true})) << out_.str();
}

TEST_F(PolicyTests, AMistakeInATestHasItsPlace) {
    const auto dir = copy("tests/01-missing.toml", "acts = \"U2\"", "actts = \"U2\"");
    EXPECT_FALSE(test_policy(context(), {dir, true}));
    EXPECT_THAT(err_.str(), HasSubstr("01-missing.toml:"));
    EXPECT_THAT(err_.str(), HasSubstr("unknown key \"actts\" (nearest: \"acts\")"));
    const auto elsewhere = copy("tests/01-missing.toml", "given.risk_grade = \"medium\"",
                                "given.risk_grades = \"medium\"");
    EXPECT_FALSE(test_policy(context(), {elsewhere, true}));
    EXPECT_THAT(err_.str(), HasSubstr("nearest: \"risk_grade\""));
}

TEST_F(PolicyTests, AFolderWithoutTestsProvesNothing) {
    const auto dir = copy();
    for (const auto& entry : std::filesystem::directory_iterator(dir / "tests")) {
        if (entry.path().filename() != "area.toml") std::filesystem::remove(entry.path());
    }
    EXPECT_THAT(what(test_policy(context(), {dir, true})), HasSubstr("no tests"));
}

// --- diff, simulate

TEST_F(PolicyTests, DiffSaysWhoseOutcomeChangesAndNothingElse) {
    const auto before = copy();
    const std::string three =
        "[agencies.hub]\nkind = \"front_door\"\nseats = [\"ffd\", \"edt\"]\n"
        "[agencies.constabulary]\nkind = \"police\"\nseats = [\"pol\"]\n"
        "[agencies.trust]\nkind = \"health\"\nseats = [\"urg\"]\n";
    const auto same = copy("policy.toml", "valid_from = 2026-09-01", "valid_from = 2027-09-01");
    std::ofstream(same / "tests" / "area.toml") << three;
    ASSERT_TRUE(diff_policies(context(), {before, same}));
    EXPECT_THAT(out_.str(), HasSubstr("; 0 end differently."));
    out_.str("");
    const auto after = copy("policy.toml", "content = \"locate\"\nwhen = { risk_grade = \"high\" }",
                            "content = \"locate\"\nwhen = { risk_grade = [\"high\", \"medium\"] }");
    std::ofstream(after / "tests" / "area.toml") << three;
    ASSERT_TRUE(diff_policies(context(), {before, after}));
    EXPECT_THAT(out_.str(), HasSubstr("missing_episode_started\n  trust/urg: not told -> told"));
    EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("domestic_abuse_incident")));
}

TEST_F(PolicyTests, DiffHidesNoChangeBehindAnIdentityThatIsSeveredAndShowsItThere) {
    const std::string seats =
        "[agencies.hub]\nkind = \"front_door\"\nseats = [\"ffd\", \"edt\"]\n"
        "[agencies.council]\nkind = \"social_care\"\nseats = [\"sw\", \"adopt\"]\n"
        "[agencies.constabulary]\nkind = \"police\"\nseats = [\"pol\"]\n"
        "[agencies.trust]\nkind = \"health\"\nseats = [\"urg\"]\n";
    const auto after = copy("policy.toml", "content = \"locate\"\nwhen = { risk_grade = \"high\" }",
                            "content = \"locate\"\nwhen = { risk_grade = [\"high\", \"medium\"] }");
    std::ofstream(after / "tests" / "area.toml") << seats;
    ASSERT_TRUE(diff_policies(context(), {copy(), after}));
    EXPECT_THAT(out_.str(), HasSubstr("missing_episode_started\n  trust/urg: not told -> told"));
    out_.str("");
    // Whoever keeps a severed identity reads what the front door would have.
    const auto less = copy("policy.toml", "content = \"care+loc\"", "content = \"care\"");
    std::ofstream(less / "tests" / "area.toml") << seats;
    ASSERT_TRUE(diff_policies(context(), {copy(), less}));
    EXPECT_THAT(out_.str(), HasSubstr("council/adopt: no longer gets loc"));
    EXPECT_THAT(out_.str(), HasSubstr("hub/ffd: no longer gets loc"));
}

TEST_F(PolicyTests, SimulateDecidesRecordedFactsAgain) {
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
    const auto draft = copy("policy.toml", "{ risk_grade = \"low\", is = \"U3\" }",
                            "{ risk_grade = \"low\", is = \"U2\" }");
    PolicySimulate command;
    command.dir = dir();
    command.draft = {draft / "policy.toml", draft / "catalogue.toml"};
    const std::string line = R"({"sender":"police","role":"pol","type":"missing_episode_started",)"
                             R"("risk_grade":"low","decided_at":"2026-11-24T12:00:00Z"})";
    command.recorded = write("recorded.jsonl", line + "\n" + line + "\n");
    out_.str("");
    ASSERT_TRUE(simulate_policy(context(), command));
    EXPECT_THAT(out_.str(), HasSubstr("acts U3, E-08, e;9g-p18 -> acts U2, E-08, e;9g-p18"));
    EXPECT_THAT(out_.str(), HasSubstr("2 cases decided under both; 2 end differently."));
    command.recorded = write("recorded.jsonl", line + "\nnonsense\n");
    EXPECT_THAT(what(simulate_policy(context(), command)), HasSubstr("1 line could"));
    EXPECT_THAT(err_.str(), HasSubstr("recorded.jsonl:2: it is no JSON object"));
    auto misspelt = line;
    misspelt.replace(misspelt.find("risk_grade"), 10, "risc_grade");
    command.recorded = write("recorded.jsonl", line + "\n" + misspelt + "\n");
    EXPECT_FALSE(simulate_policy(context(), command));
    EXPECT_THAT(err_.str(), HasSubstr("recorded.jsonl:2: under the policy in force: "));
    EXPECT_THAT(err_.str(), HasSubstr("risc_grade"));
    // Deeper than any stack is: listed like the others.
    const std::size_t depth = 1'000'000;
    command.recorded =
        write("recorded.jsonl", R"({"sender":"police","more":)" + std::string(depth, '[') +
                                    std::string(depth, ']') + "}\n" + line + "\n");
    EXPECT_THAT(what(simulate_policy(context(), command)), HasSubstr("1 line could"));
    EXPECT_THAT(err_.str(), HasSubstr("recorded.jsonl:1:"));
    // Nothing compared is no proof that nothing changes.
    command.recorded = write("recorded.jsonl", "");
    EXPECT_THAT(what(simulate_policy(context(), command)), HasSubstr("holds no line."));
    std::string wrong_file;
    for (int i = 0; i < 50; ++i) wrong_file += "name,date of birth\n";
    command.recorded = write("recorded.jsonl", wrong_file);
    err_.str("");
    EXPECT_THAT(what(simulate_policy(context(), command)), HasSubstr("Nothing was compared"));
    EXPECT_THAT(err_.str(), HasSubstr("recorded.jsonl:20:"));
    EXPECT_THAT(err_.str(), ::testing::Not(HasSubstr("recorded.jsonl:21:")));
}

// --- a policy that has not begun

TEST_F(PolicyCommands, APolicyThatBeginsLaterWaitsAndThePresentOneStays) {
    const auto catalogue = shipped("catalogue.toml");
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(1), catalogue)));
    auto later = with_version(2);
    const std::string line = "valid_from = 2026-09-01";
    const auto begins = now_ + days(30);
    later.replace(later.find(line), line.size(), "valid_from = " + to_rfc3339(begins));
    ASSERT_TRUE(sign_policy(context(), sign_command(later, catalogue + "\n# changed\n")));
    EXPECT_EQ(reader().version(DocumentKind::policy), 1U) << "the present one stays in force";
    EXPECT_EQ(reader().version(DocumentKind::catalogue), 1U);
    out_.str("");
    ASSERT_TRUE(activate_policy(context(), {dir(), {}}));
    EXPECT_THAT(out_.str(), HasSubstr("version 2 waits until"));
    EXPECT_EQ(reader().version(DocumentKind::policy), 1U);
    now_ = begins + std::chrono::minutes(1);
    ASSERT_TRUE(activate_policy(context(), {dir(), {}}));
    EXPECT_EQ(reader().version(DocumentKind::policy), 2U);
    EXPECT_EQ(reader().version(DocumentKind::catalogue), 2U);
    EXPECT_TRUE(reader().check_fresh(now_));
    out_.str("");
    ASSERT_TRUE(activate_policy(context(), {dir(), {}}));
    EXPECT_THAT(out_.str(), HasSubstr("No policy waits"));
}

TEST_F(PolicyCommands, WhatWaitsAndCannotFollowAnyMoreIsSaidWhenItIsOvertaken) {
    const auto catalogue = shipped("catalogue.toml");
    const std::string line = "valid_from = 2026-09-01";
    const auto later = [&](unsigned version) {
        auto text = with_version(version);
        return text.replace(text.find(line), line.size(),
                            "valid_from = " + to_rfc3339(now_ + days(30)));
    };
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(1), catalogue)));
    ASSERT_TRUE(sign_policy(context(), sign_command(later(2), catalogue)));
    err_.str("");
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(2), catalogue)));
    EXPECT_THAT(err_.str(), HasSubstr("policy version 2 waits no longer"));
    out_.str("");
    ASSERT_TRUE(activate_policy(context(), {dir(), {}}));
    EXPECT_THAT(out_.str(), HasSubstr("No policy waits"));

    ASSERT_TRUE(sign_policy(context(), sign_command(later(9), catalogue)));
    err_.str("");
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(3), catalogue)));
    EXPECT_THAT(err_.str(), HasSubstr("policy version 9 still waits"));
    // Both bring a catalogue: the same number of it cannot be two texts.
    ASSERT_TRUE(sign_policy(context(), sign_command(later(9), catalogue + "\n# one\n")));
    err_.str("");
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(4), catalogue + "\n# two\n")));
    EXPECT_THAT(err_.str(), HasSubstr("policy version 9 waits no longer"));
}

TEST_F(PolicyCommands, WhatWaitsComesIntoForceOnlyAsItWasSigned) {
    const auto catalogue = shipped("catalogue.toml");
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(1), catalogue)));
    auto later = with_version(2);
    const std::string line = "valid_from = 2026-09-01";
    const auto begins = now_ + days(30);
    later.replace(later.find(line), line.size(), "valid_from = " + to_rfc3339(begins));
    ASSERT_TRUE(sign_policy(context(), sign_command(later, catalogue)));
    const auto pending = dir() / "pending" / "policy.signed";
    const auto as_signed = *area::read_document(pending);
    // One character, and a deadline is another: it still reads as a policy.
    auto altered = as_signed;
    const std::string was = "recall_confirm_hours = 4";
    const auto found =
        std::search(altered.body.begin(), altered.body.end(), was.begin(), was.end());
    ASSERT_NE(found, altered.body.end());
    *(found + static_cast<std::ptrdiff_t>(was.size()) - 1) = '9';
    ASSERT_TRUE(area::write_document(dir() / "pending", altered));
    for (const auto wait : {days(0), days(31)}) {
        now_ = now_ + wait;
        EXPECT_THAT(what(activate_policy(context(), {dir(), {}})),
                    HasSubstr("the signature of the registrar is missing or wrong"));
        EXPECT_EQ(reader().version(DocumentKind::policy), 1U);
    }
    std::ofstream(pending, std::ios::trunc) << "nonsense";
    EXPECT_THAT(what(activate_policy(context(), {dir(), {}})), HasSubstr("cannot be read"));
    ASSERT_TRUE(area::write_document(dir() / "pending", as_signed));
    ASSERT_TRUE(activate_policy(context(), {dir(), {}}));
    EXPECT_EQ(reader().version(DocumentKind::policy), 2U);
}

TEST_F(PolicyCommands, ExplainNeedsAPolicy) {
    PolicyExplain command;
    command.dir = dir();
    command.facts = write("facts.json", "{}");
    EXPECT_THAT(what(explain_policy(context(), command)), HasSubstr("No policy is signed"));
}

// Two people sign: the second one's key is made elsewhere and named by the root.
class TwoRegistrars : public PolicyCommands {
protected:
    void SetUp() override {
        PolicyCommands::SetUp();
        ASSERT_TRUE(sign_policy(context(), sign_command(with_version(1), catalogue())));
        ASSERT_TRUE(make_registrar_key(context(), {key(), "worcestershire", {}}));
        AreaDelegate command;
        command.dir = dir();
        command.passphrase_file = file("root-passphrase");
        command.second_registrar = public_key();
        const auto done = delegate_registrar(context(), command);
        ASSERT_TRUE(done) << done.error().what;
    }
    std::filesystem::path key() const { return file("second.key"); }
    static std::string catalogue() { return shipped("catalogue.toml"); }
    std::string public_key() {
        const auto text = out_.str();
        const std::string line = "Public key   ";
        const auto at = text.find(line);
        EXPECT_NE(at, std::string::npos) << text;
        return text.substr(at + line.size(), text.find('\n', at) - at - line.size());
    }
    Outcome<void> countersign() { return countersign_policy(context(), {dir(), key(), {}}); }
    Outcome<void> activate() { return activate_policy(context(), {dir(), {}}); }
    std::filesystem::path pending() const { return dir() / "pending" / "policy.signed"; }
};

TEST_F(TwoRegistrars, WhatWasInForceGoesOnAndTheNextNeedsBoth) {
    EXPECT_EQ(reader().version(DocumentKind::policy), 1U);
    EXPECT_TRUE(reader().check_fresh(now_));
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(2), catalogue())));
    EXPECT_EQ(reader().version(DocumentKind::policy), 1U) << "it waits for the second signature";
    EXPECT_THAT(what(activate()),
                HasSubstr("policy.signed: the signature of the second registrar is missing"));
    EXPECT_EQ(reader().version(DocumentKind::policy), 1U);
    ASSERT_TRUE(countersign());
    ASSERT_TRUE(activate());
    EXPECT_EQ(reader().version(DocumentKind::policy), 2U);
    EXPECT_EQ(reader().document(DocumentKind::policy)->signatures.size(), 2U);
    EXPECT_TRUE(reader().check_fresh(now_));
}

TEST_F(TwoRegistrars, AForgedSignatureIsNamedAndChangesNothing) {
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(2), catalogue())));
    ASSERT_TRUE(countersign());
    auto document = *area::read_document(pending());
    for (std::size_t which = 0; which < 2; ++which) {
        auto forged = document;
        forged.signatures[which].signature = forged.signatures[1 - which].signature;
        ASSERT_TRUE(area::write_document(dir() / "pending", forged));
        EXPECT_THAT(what(activate()),
                    HasSubstr(which == 0 ? "policy.signed: the signature of the registrar is"
                                         : "the signature of the second registrar is"));
        EXPECT_EQ(reader().version(DocumentKind::policy), 1U);
    }
    ASSERT_TRUE(area::write_document(dir() / "pending", document));
    EXPECT_TRUE(activate());
}

TEST_F(TwoRegistrars, AnotherKeyIsNotTheSecondRegistrars) {
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(2), catalogue())));
    ASSERT_TRUE(make_registrar_key(context(), {file("other.key"), "worcestershire", {}}));
    EXPECT_THAT(what(countersign_policy(context(), {dir(), file("other.key"), {}})),
                HasSubstr("not the key of the second registrar"));
    EXPECT_THAT(what(make_registrar_key(context(), {key(), "worcestershire", {}})),
                HasSubstr("already"));
}

TEST_F(TwoRegistrars, ALongerDelegationKeepsTheSecondAndOnlyTheRootEndsIt) {
    AreaDelegate command;
    command.dir = dir();
    command.passphrase_file = file("root-passphrase");
    ASSERT_TRUE(delegate_registrar(context(), command));
    ASSERT_TRUE(sign_policy(context(), sign_command(with_version(2), catalogue())));
    EXPECT_FALSE(activate());
    command.one_registrar = true;
    ASSERT_TRUE(delegate_registrar(context(), command));
    ASSERT_TRUE(activate());
    EXPECT_EQ(reader().version(DocumentKind::policy), 2U);
}

}  // namespace
}  // namespace mash::ctl
