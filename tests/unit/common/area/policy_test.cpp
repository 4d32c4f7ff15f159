#include "common/area/policy.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/area/policy_document.hpp"
#include "decision_fixture.hpp"
#include "tests/paths/paths.hpp"

namespace mash::area {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using wire::Urgency;

std::vector<PolicyFault> faults_of(const std::string& policy,
                                   const std::string& catalogue = reference_catalogue()) {
    std::vector<PolicyFault> faults;
    const auto parsed = Policy::parse(policy, "policy.toml", catalogue, "catalogue.toml", faults);
    EXPECT_EQ(parsed.has_value(), faults.empty());
    return faults;
}

/// Line and column of the first place that reads `needle`.
std::pair<std::uint32_t, std::uint32_t> place(const std::string& text, const std::string& needle) {
    const auto found = text.find(needle);
    EXPECT_NE(found, std::string::npos) << needle;
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(found), '\n');
    const auto start = text.rfind('\n', found);
    return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(found - start)};
}

/// A relation's block of the policy, with its mode changed.
std::string asked_for(const std::string& policy, const std::string& relation) {
    const std::string listed = "mode = \"index\"";
    const auto begin = policy.find("[relations." + relation + "]");
    EXPECT_NE(begin, std::string::npos) << relation;
    auto text = policy;
    return text.replace(text.find(listed, begin), listed.size(), "mode = \"ask\"");
}

TEST(AskedRelations, AnAreaMayHaveAnyAskedForThatDoesNotProtect) {
    auto text = asked_for(asked_for(reference_policy(), "school"), "social_worker");
    std::vector<PolicyFault> faults;
    const auto parsed =
        Policy::parse(text, "policy.toml", reference_catalogue(), "catalogue.toml", faults);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_FALSE(parsed->relation_is_indexed("school"));
    EXPECT_FALSE(parsed->relation_is_indexed("social_worker"));
    EXPECT_TRUE(parsed->relation_is_indexed("health_visitor"));
}

TEST(AskedRelations, ATypeThatReachesOnlyWhoIsAskedIsRefused) {
    auto text = reference_policy();
    for (const auto& relation : {"social_worker", "placing_authority", "health_visitor", "gp"})
        text = asked_for(text, relation);
    EXPECT_TRUE(faults_of(text).empty()) << "the front door hears of it too";
    const auto line = text.find("    { id = \"attendance-front-door\"");
    ASSERT_NE(line, std::string::npos);
    text.erase(line, text.find('\n', line) - line + 1);
    EXPECT_THAT(faults_of(text),
                ::testing::Contains(::testing::Field(&PolicyFault::message,
                                                     HasSubstr("reaches only whoever is asked"))));
}

struct Mistake {
    std::string name;
    std::string from;
    std::string to;
    std::string marked;  ///< the text whose first byte is the place; "" = only the message is asked
    std::string message;
};
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class MistakeInPolicy : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakeInPolicy, IsRefusedAtItsPlaceWithWhatWasExpected) {
    const auto& mistake = GetParam();
    const std::string text = changed(reference_policy(), mistake.from, mistake.to);
    const auto faults = faults_of(text);
    ASSERT_FALSE(faults.empty());
    bool found = false;
    for (const auto& fault : faults) {
        if (fault.message.find(mistake.message) == std::string::npos) continue;
        found = true;
        EXPECT_EQ(fault.file, "policy.toml");
        if (mistake.marked.empty()) continue;
        const auto [line, column] = place(text, mistake.marked);
        EXPECT_EQ(fault.line, line) << fault.text();
        EXPECT_EQ(fault.column, column) << fault.text();
    }
    EXPECT_TRUE(found) << faults.front().text();
}

INSTANTIATE_TEST_SUITE_P(
    All, MistakeInPolicy,
    ::testing::Values(
        Mistake{"NotToml", "version = 1", "version = = 1", "", "not valid TOML"},
        Mistake{"UnknownKeyAtTheTop", "grace_days = 0", "grace_day = 0", "grace_day = 0",
                "unknown key \"grace_day\" (nearest: \"grace_days\")"},
        Mistake{"UnknownKeyInARoute", "does = \"act\"", "deos = \"act\"",
                "deos = ", "unknown key \"deos\" (nearest: \"does\")"},
        Mistake{"UnknownRole", "role = \"mco\"\nreach", "role = \"mcoo\"\nreach", "\"mcoo\"",
                "unknown role \"mcoo\" (nearest: \"mco\")"},
        Mistake{"UnknownType", "[types.recall]", "[types.recal]", "",
                "unknown type \"recal\" (nearest: \"recall\")"},
        Mistake{"UnknownProfile", "content = \"encompass\"", "content = \"encompas\"",
                "\"encompas\"",
                "unknown profile, section or view \"encompas\" (nearest: \"encompass\")"},
        Mistake{"UnknownUrgency", "is = \"U1\"", "is = \"U9\"", "\"U9\"", "unknown urgency \"U9\""},
        Mistake{"UnknownMarker", "marker = \"harmed\"", "marker = \"harm\"", "\"harm\",",
                "unknown marker \"harm\" (nearest: \"harmed\")"},
        Mistake{"UnknownRelation", "relation = \"gp\"", "relation = \"gps\"", "\"gps\"",
                "unknown relation \"gps\" (nearest: \"gp\")"},
        Mistake{"UnknownGrade", "risk_grade = \"high\", is = \"U1\"",
                "risk_grade = \"hihg\", is = \"U1\"", "\"hihg\"",
                "unknown risk grade \"hihg\" (nearest: \"high\")"},
        Mistake{"MissingVersion", "version = 1\n", "", "", "\"version\" is missing"},
        Mistake{"VersionAsText", "version = 1\n", "version = \"1\"\n", "\"1\"",
                "must be a whole number, not a text in quotes"},
        Mistake{"ProtectionThatIsAskedFor",
                "mode = \"index\"\nclaimed_by = [\"social_care\", \"front_door\"]\nroles = [\"sw\"",
                "mode = \"ask\"\nclaimed_by = [\"social_care\", \"front_door\"]\nroles = [\"sw\"",
                "\"ask\"\nclaimed_by = [\"social_care\", \"front_door\"]",
                "who asks first has already shown whom to ask"},
        Mistake{"LapseThatNobodyHearsOf", "mode = \"index\"", "mode = \"index\"\nlapse_days = 10",
                "", "lapse_days and lapse_to belong together"},
        Mistake{"LapseOfWhatIsNotDeposited", "mode = \"index\"",
                "mode = \"ask\"\nlapse_days = 10\nlapse_to = \"edw\"", "\"ask\"\nlapse_days",
                "nobody sees that a list which is not deposited has lost a child"},
        Mistake{"InvolvementShownToASchool",
                "known_to = [\"police\", \"front_door\", \"social_care\"]",
                "known_to = [\"police\", \"school\"]", "[\"police\", \"school\"]",
                "the front door passes on"},
        Mistake{
            "RecipientOutsideTheRow", "role = \"gp\"\nreach", "role = \"hou\"\nreach",
            "\"hou\"\nreach",
            "is not among the recipients that the catalogue allows for domestic_abuse_incident"},
        Mistake{"HoleInTheWeek", "fri 09:00-16:30", "fri 09:30-16:30", "[[duty]]",
                "no duty inbox from Friday 09:00 to Friday 09:30"},
        Mistake{"TwoOnDuty", "fri 09:00-16:30", "fri 08:30-16:30", "\"thu 17:00 to fri 09:00\"",
                "two duty inboxes at Friday 08:30"},
        Mistake{"HoursNotUnderstood", "fri 09:00-16:30", "friday 9-4", "\"friday 9-4\"",
                "expected hours such as"},
        Mistake{"HolidayAtAWeekend", "2026-12-28", "2026-12-26", "2026-12-26",
                "is at a weekend: list the substitute day"},
        Mistake{"HolidayForgotten", "2026-12-25, 2026-12-28,", "2026-12-25,", "",
                "holds 7 bank holidays for 2026"},
        Mistake{"HolidaysEndBeforeThePolicy", "expires = 2028-10-31", "expires = 2028-12-29",
                "2028-12-29", "bank holidays end"},
        Mistake{"ExpiresBeforeItBegins", "expires = 2028-10-31", "expires = 2026-08-01",
                "2026-08-01", "must expire after it begins"},
        Mistake{"TermsOutOfOrder", "from = 2027-01-04", "from = 2026-12-14", "",
                "terms must follow one another"},
        Mistake{"SpanSaidTwice", "U1 = { minutes = 15 }", "U1 = { minutes = 15, working_days = 1 }",
                "{ minutes = 15, w", "needs exactly one of minutes"},
        Mistake{"UrgencyInNoLane", "urgent = [\"U3\"]", "urgent = []", "", "U3 is in no lane"},
        Mistake{"UrgentLaneBeforeImmediate", "immediate = [\"U1\", \"U2\"]\nurgent = [\"U3\"]",
                "immediate = [\"U3\"]\nurgent = [\"U1\", \"U2\"]", "",
                "U3 must not travel before U2"},
        Mistake{"NoUrgencyOtherwise", "    { is = \"U2\" },   # medium, and no grade yet\n", "", "",
                "the last line must hold always"},
        Mistake{"FrontDoorWithoutHours",
                "out_of_hours = \"queue\"\nemergency_duty_if_harm_likely_or_actual = true\n", "",
                "", "needs out_of_hours"},
        Mistake{"OperationGranted", "content = \"all+rfr\"", "content = \"all+rfr+op\"",
                "\"all+rfr+op\"", "section op never travels"},
        Mistake{"PlacementGrantedWhereTheRowDoesNotNameIt", "content = \"all+rfr\"",
                "content = \"all+rfr+plc\"", "\"all+rfr+plc\"", "may_grant"},
        Mistake{"TaskWithoutNumber", "mco = \"01632 960103\"\n", "", "", "needs a number to ring"},
        Mistake{"TelephoneThatIsNone", "\"01632 960103\"", "\"ring mco\"", "\"ring mco\"",
                "expected a telephone number"},
        Mistake{"AuthorityWithoutANumber", "telephone = \"01632 960141\"",
                "telephone = \"ring them\"", "\"ring them\"", "expected a telephone number"},
        Mistake{"AuthorityThatNobodyCanName", "[other_authorities.southmere]",
                "[other_authorities.\"South Mere\"]", "", "expected the name of an agency"},
        Mistake{"AuthorityWithAnUnknownWord", "name = \"Southmere County Council\"",
                "titel = \"Southmere County Council\"", "", "unknown key \"titel\""},
        Mistake{"BasisInWords", "basis = \"c;9g-p18\"", "basis = \"the Act\"", "\"the Act\"",
                "expected letters of the law"},
        Mistake{"RouteTwice", "id = \"recall-holder\"", "id = \"recall-front-door\"", "",
                "is there twice"},
        Mistake{"LawNotNamed", "law = \"domestic_abuse_act_s49a\"", "law = \"domestic_abuse_act\"",
                "\"domestic_abuse_act\"", "unknown law \"domestic_abuse_act\""},
        Mistake{"LawAndBeforeIt", "law = \"domestic_abuse_act_s49a\"",
                "law = \"domestic_abuse_act_s49a\"\nbefore_law = \"ehe_consent\"",
                "\"ehe_consent\"", "either law or before_law"},
        Mistake{"LawBeforeWhichNotNamed", "law = \"domestic_abuse_act_s49a\"",
                "before_law = \"domestic_abuse_act\"", "\"domestic_abuse_act\"",
                "unknown law \"domestic_abuse_act\""},
        Mistake{"NobodyDecides", "youth_justice   = {", "youth_justices  = {", "",
                "nobody decides for agencies of kind \"youth_justice\""},
        Mistake{"PeriodsOverlap", "ehe_consent = \"not in force\"",
                "ehe_consent = [{ from = 2026-09-01 }, { from = 2027-01-01 }]",
                "{ from = 2027-01-01 }]", "overlaps the one before"},
        Mistake{"PeriodEndsBeforeItBegins", "ehe_consent = \"not in force\"",
                "ehe_consent = { from = 2026-09-01, until = 2026-08-01 }",
                "{ from = 2026-09-01, until", "must begin before it ends"},
        Mistake{"RouteThatNothingReaches", "    { id = \"exploitation-school\"",
                "    { id = \"too-late\", role = \"gs\", reach = \"involved\", relation = "
                "\"exploitation_team\", does = \"know\", content = \"flag\" },\n    { id = "
                "\"exploitation-school\"",
                "{ id = \"too-late\"", "nothing reaches route too-late for role gs"},
        Mistake{"UrgencyThatNothingReaches", "{ risk_grade = \"low\", is = \"U3\" }",
                "{ risk_grade = [\"high\"], rag = \"red\", is = \"U3\" }",
                "{ risk_grade = [\"high\"], rag", "nothing reaches this"},
        Mistake{"ConditionThatNeverHolds", "when = { no_marker = \"home_educated\" }",
                "when = { no_marker = \"home_educated\", marker = \"home_educated\" }",
                "{ no_marker = \"home_educated\", marker", "can never hold"},
        Mistake{"HealthWithoutACondition", "basis = \"e;9h\"\nroutes = [\n    { id = \"early",
                "basis = \"e\"\nroutes = [\n    { id = \"early", "",
                "which needs an Article 9 condition"},
        Mistake{"InsteadOfNothing", "instead_of = \"interview-social-worker\"",
                "instead_of = \"interview-social-workers\"", "\"interview-social-workers\"",
                "no route of this type before this one"},
        Mistake{"HoursAgainstTheType", "out_of_hours = \"O3\"\nbasis = \"c;9g-p18\"",
                "out_of_hours = \"O1\"\nbasis = \"c;9g-p18\"", "",
                "the type's out_of_hours says \"emergency_duty\""},
        Mistake{"EmergencyDutyInTheSteadOfWhoeverIsTold",
                "relation = \"gp\", does = \"know\", content = \"flag\"",
                "relation = \"gp\", does = \"know\", content = \"flag\", out_of_hours = "
                "\"emergency_duty\"",
                "", "emergency duty stands in only for a role of the area that acts"},
        Mistake{"EmergencyDutyWhereTheRowDoesNotNameIt", "content = \"all+int\", task_if_nobody",
                "content = \"all+int\", out_of_hours = \"emergency_duty\", task_if_nobody", "",
                "role \"edt\" is not among the recipients"},
        Mistake{"UnknownEscalation", "escalation = [\"X5\"]", "escalation = [\"X9\"]", "\"X9\"",
                "unknown escalation \"X9\""},
        Mistake{"ClockWithBothLengths", "hours = 72", "hours = 72\nworking_days = 3", "[[clock]]",
                "a clock needs exactly one of hours, working_days"},
        Mistake{"ClockWithoutALength", "hours = 72\n", "", "[[clock]]",
                "a clock needs exactly one of hours, working_days"},
        Mistake{"ClockOfNoTime", "hours = 72", "hours = 0", "0\nheld_by = [",
                "must be between 1 and"},
        Mistake{"ClockTwice", "name = \"private_fostering_visit\"", "name = \"return_interview\"",
                "", "clock \"return_interview\" is there twice"},
        Mistake{"ClockInWords", "name = \"return_interview\"", "name = \"Return interview\"",
                "\"Return interview\"", "a clock must be named like"},
        Mistake{"ClockWithoutAName", "name = \"return_interview\"\n", "", "[[clock]]",
                "\"name\" is missing"},
        Mistake{"ClockWithoutALabel", "label = \"Return interview\"", "label = \"\"",
                "\"\"\nsource", "label is what people read"},
        Mistake{"ClockWithoutALaw", "source = \"Children (Private", "sauce = \"Children (Private",
                "sauce", "unknown key \"sauce\" (nearest: \"source\")"},
        Mistake{
            "ClockOfAnUnknownType", "types = \"private_fostering_notice\"",
            "types = \"private_fostering_notise\"", "\"private_fostering_notise\"",
            "unknown type \"private_fostering_notise\" (nearest: \"private_fostering_notice\")"},
        Mistake{"ClockOfAnUnknownKind", "types = \"private_fostering_notice\"",
                "types = \"placement_notice\"\nkinds = \"emergancy\"", "\"emergancy\"",
                "unknown kind \"emergancy\" (nearest: \"emergency\")"},
        Mistake{"ClockOfATypeWithoutThatKind", "types = \"private_fostering_notice\"",
                "types = [\"placement_notice\", \"private_fostering_notice\"]\nkinds = "
                "\"emergency\"",
                "[\"placement_notice\", \"private",
                "private_fostering_notice has none of these kinds"},
        Mistake{"ClockFromAnUnknownStart", "from = \"receipt\"", "from = \"reciept\"",
                "\"reciept\"", "unknown start \"reciept\" (nearest: \"receipt\")"},
        Mistake{"ClockOfAnUnknownRole", "held_by = [\"ola\", \"mco\"]",
                "held_by = [\"ola\", \"mcoo\"]", "\"mcoo\"",
                "unknown role \"mcoo\" (nearest: \"mco\")"},
        Mistake{"ClockOfARoleThatIsNotTold", "held_by = [\"ola\", \"mco\"]",
                "held_by = [\"ola\", \"gp\"]", "[\"ola\", \"gp\"]",
                "no route of these types reaches role \"gp\""},
        Mistake{"ClockOfNobody", "held_by = \"ffd\"", "held_by = \"gp\"",
                "\"gp\"\n\n# ===", "type private_fostering_notice reaches none of these roles"},
        Mistake{"ClockOfARoleTwice", "held_by = [\"ola\", \"mco\"]",
                "held_by = [\"ola\", \"mco\", \"ola\"]", "\"ola\"]\n\n[[clock]]",
                "\"ola\" is named twice"},
        Mistake{"ClockPastTheCalendar", "working_days = 7\n", "working_days = 45\n", "45\nheld",
                "the bank holidays end (known_to) before the last day of a clock"},
        Mistake{"ClockWithAnUnknownKey", "from = \"event\"", "form = \"event\"",
                "form = ", "unknown key \"form\" (nearest: \"from\")"},
        Mistake{"PublisherMistyped", "publishers = [\"pol\"]", "publishers = \"any\"", "\"any\"",
                "expected \"any_agency\", or a list of roles"}),
    [](const auto& one) { return one.param.name; });

TEST(ReferencePolicy, HasNoFault) { EXPECT_THAT(faults_of(reference_policy()), IsEmpty()); }

TEST(ReferencePolicy, EveryFaultOfBothFilesIsReportedAtOnce) {
    const auto policy = changed(changed(reference_policy(), "mode = \"index\"", "mode = \"asked\""),
                                "is = \"U1\"", "is = \"U7\"");
    const auto catalogue =
        changed(reference_catalogue(), "class = \"conditional\"", "class = \"conditonal\"");
    const auto faults = faults_of(policy, catalogue);
    std::set<std::string> files;
    for (const auto& fault : faults) files.insert(fault.file);
    EXPECT_EQ(faults.size(), 3U);
    EXPECT_EQ(files, (std::set<std::string>{"catalogue.toml", "policy.toml"}));
}

TEST(ReferencePolicy, ALetterThatIsNoKeyIsAFaultWithItsPlace) {
    for (const auto* letter : {"\xc3\xa9", "\xd2\x84"}) {
        for (const auto* line : {" = 1\n", " x = 1\n", "\n"}) {
            const auto faults = faults_of(letter + std::string(line) + reference_policy());
            ASSERT_FALSE(faults.empty());
            EXPECT_EQ(faults.front().line, 1U);
            EXPECT_TRUE(std::ranges::all_of(faults.front().message,
                                            [](char c) { return c >= ' ' && c <= '~'; }));
        }
    }
}

TEST(CatalogueMistakes, HaveTheirPlaceInTheCatalogue) {
    const auto text =
        changed(reference_catalogue(), "content = \"flag + voi", "content = \"flagg + voi");
    const auto faults = faults_of(reference_policy(), text);
    ASSERT_FALSE(faults.empty());
    EXPECT_EQ(faults[0].file, "catalogue.toml");
    EXPECT_EQ(std::pair(faults[0].line, faults[0].column), place(text, "\"flagg + voi"));
    EXPECT_THAT(faults[0].message, HasSubstr("nearest: \"flag\""));
}

TEST(CatalogueMistakes, AFieldThatTheViewDoesNotHaveCannotBeKeptFromIt) {
    const auto text = changed(reference_catalogue(), "unless_protected = [\"place\"]",
                              "unless_protected = [\"plaice\"]");
    const auto faults = faults_of(reference_policy(), text);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(std::pair(faults[0].line, faults[0].column), place(text, "\"plaice\""));
    EXPECT_THAT(faults[0].message, HasSubstr("nearest: \"place\""));
}

TEST(CatalogueMistakes, WordsForATypeThatNobodySendsAreASlipOfThePen) {
    const auto text = changed(reference_catalogue(), "\"missing_episode_closed.1\"",
                              "\"missing_episode_close.1\"");
    const auto faults = faults_of(reference_policy(), text);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(std::pair(faults[0].line, faults[0].column),
              place(text, "\"missing_episode_close.1\""));
    EXPECT_THAT(faults[0].message, HasSubstr("nearest: \"missing_episode_closed\""));
}

TEST(CatalogueMistakes, AnInternalRoleIsNeverARecipient) {
    const auto catalogue =
        changed(reference_catalogue(), "recipients = [\"ffd\", \"edt\", \"sw\", \"pol\"]",
                "recipients = [\"ffd\", \"edt\", \"manager\", \"pol\"]");
    const auto policy =
        changed(reference_policy(),
                "id = \"referral-social-worker\"\nrole = \"sw\"\nreach = \"involved\"\nrelation = "
                "\"social_worker\"",
                "id = \"referral-social-worker\"\nrole = \"manager\"\nreach = \"area\"");
    const auto faults = faults_of(policy, catalogue);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_THAT(faults[0].message, HasSubstr("is never a recipient"));
}

TEST(PolicyText, AHeaderOfAThousandDotsIsRefusedBeforeItIsWalked) {
    std::string deep = "[a";
    for (int i = 0; i < 100'000; ++i) deep += ".a";
    const auto faults = faults_of(deep + "]\n");
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_THAT(faults[0].message, HasSubstr("over 2000 bytes"));
}

TEST(PolicyText, AHeaderThatBeginsWithNoLetterIsReportedAndStopsNothing) {
    for (const char* text : {"[%x]\n", "[[.x]]\n", "[ =]\n", "[x.%]\n"}) {
        const auto faults = faults_of(text);
        ASSERT_EQ(faults.size(), 1U) << text;
        EXPECT_THAT(faults[0].message, HasSubstr("not valid TOML")) << text;
        EXPECT_EQ(faults[0].line, 1U) << text;
    }
}

TEST(PolicyText, AMistakeIsNotRepeatedWithItsControlCharacters) {
    const auto faults =
        faults_of(changed(reference_policy(), "mode = \"index\"", "mode = \"\\u001b[2Jindex\""));
    ASSERT_FALSE(faults.empty());
    for (const auto& fault : faults) EXPECT_EQ(fault.text().find('\x1b'), std::string::npos);
}

TEST(PolicyText, ASwitchThatIsOffStillHasItsRouteChecked) {
    const auto text = changed(reference_policy(), "content = \"flag+rsk\"\nonly_if",
                              "content = \"flag+rks\"\nonly_if");
    EXPECT_THAT(faults_of(text).front().message, HasSubstr("nearest: \"rsk\""));
}

TEST(NearestWord, IsFoundWithinTwoChangesAndNotBeyond) {
    const std::vector<std::string> words = {"ffd", "edt", "mco"};
    EXPECT_EQ(nearest_word("ffdd", words), "ffd");
    EXPECT_EQ(nearest_word("edu", words), "edt");
    EXPECT_EQ(nearest_word("rks", {"rfr", "rsk"}), "rsk") << "two letters exchanged are one slip";
    EXPECT_EQ(nearest_word("quarterly", words), "");
}

// domain.md D2, and the codes that agents write where nobody has heard the child.
TEST(PolicyWords, TheChildsVoiceMayBeMissingForTheReasonsOfTheDomainAndNoOther) {
    const Policy policy = policy_from(reference_policy());
    const auto* reason = policy.find_field("voi", "reason_for_none");
    ASSERT_NE(reason, nullptr);
    std::set<std::string> codes;
    for (const auto& [code, says] : reason->choices) codes.insert(code);
    EXPECT_EQ(codes, (std::set<std::string>{"communication_support_awaited", "declined", "not_seen",
                                            "too_young", "unborn", "unsafe_to_ask"}));
}

TEST(PolicyProfiles, GrantTheViewsOfTheCatalogue) {
    const Policy policy = policy_from(reference_policy());
    const auto* type = policy.find_type(TypeId("domestic_abuse_incident"));
    ASSERT_NE(type, nullptr);
    for (const auto& route : type->routes) {
        if (route.id == "domestic-abuse-school") {
            EXPECT_THAT(words(route.views),
                        ElementsAre("evt.incident", "idn.match", "nar.short", "sfc", "voi"));
        }
    }
}

TEST(PolicyProfiles, SafeContactGoesWithEveryRouteThatCarriesContent) {
    const Policy policy = policy_from(reference_policy());
    for (const auto& type : policy.types()) {
        for (const auto& route : type.routes) {
            EXPECT_EQ(has(words(route.views), "sfc"), type.carries_content) << route.id;
        }
    }
}

TEST(PolicyProfiles, NoRouteGrantsWhatNeverTravelsOrIsNotNamedByItsRow) {
    const Policy policy = policy_from(reference_policy());
    std::set<std::string> named;
    for (const auto& type : policy.types()) {
        for (const auto& route : type.routes) {
            for (const auto& view : route.views) {
                const auto* section = policy.find_section(policy.find_view(view)->section);
                EXPECT_TRUE(section->travels) << route.id;
                if (section->only_when_named) named.insert(route.id + ":" + view.value());
            }
        }
    }
    EXPECT_EQ(named,
              (std::set<std::string>{
                  "attendance-front-door:hsn", "attendance-placing-authority:hsn",
                  "attendance-social-worker:hsn", "exploitation-front-door:hsn",
                  "exploitation-get-safe:hsn", "exploitation-police:hsn", "intelligence-desk:int",
                  "placement-gp:plc.full", "placement-host-authority:plc.full",
                  "placement-new-school:plc.contact", "placement-specialist-health:plc.full",
                  "referral-front-door:rfr", "release-agency:saf", "release-front-door:saf"}));
}

TEST(PolicyViews, TheLargestOnOfferThatIsNotAboveTheGrantedFits) {
    const Policy policy = policy_from(reference_policy());
    const std::vector<ViewId> offer = {ViewId("evt.full"), ViewId("evt.headline"),
                                       ViewId("rsk.full")};
    EXPECT_EQ(policy.fit_view(ViewId("evt.incident"), offer), ViewId("evt.headline"));
    EXPECT_EQ(policy.fit_view(ViewId("evt.full"), offer), ViewId("evt.full"));
    EXPECT_EQ(policy.fit_view(ViewId("rsk.word"), offer), std::nullopt);
    EXPECT_EQ(policy.fit_view(ViewId("zzz.word"), offer), std::nullopt);
}

TEST(PolicyTimes, HoldTheWorkedValuesOfTheDomain) {
    const Policy policy = policy_from(reference_policy());
    // Thu 24 Dec 2026 -> 1 working day = Tue 29 Dec.
    EXPECT_EQ(policy.take_by(Urgency::u4, at("2026-12-24T10:00:00Z")), at("2026-12-29T17:00:00Z"));
    // Thu 25 Mar 2027 + 1 = Tue 30 Mar, close of business in summer time.
    EXPECT_EQ(policy.take_by(Urgency::u4, at("2027-03-25T10:00:00Z")), at("2027-03-30T16:00:00Z"));
    // Three working days over Christmas: Wed 23 Dec -> Thu 24, Tue 29, Wed 30.
    EXPECT_EQ(policy.take_by(Urgency::u5, at("2026-12-23T22:00:00Z")), at("2026-12-30T17:00:00Z"));
    EXPECT_EQ(policy.take_by(Urgency::u1, saturday_night), at("2027-01-09T23:55:00Z"));
    EXPECT_EQ(policy.take_by(Urgency::u2, saturday_night), at("2027-01-10T00:40:00Z"));
    // Four working hours from Friday 15:00: 90 minutes on Friday, 150 on Monday.
    EXPECT_EQ(policy.take_by(Urgency::u3, at("2027-01-15T15:00:00Z")), at("2027-01-18T11:30:00Z"));
    EXPECT_EQ(policy.take_by(Urgency::u3, tuesday_evening), at("2026-11-25T13:00:00Z"));
}

TEST(PolicyTimes, FrontDoorHoursAreThePolicys) {
    const Policy policy = policy_from(reference_policy());
    EXPECT_TRUE(policy.is_front_door_open(at("2027-01-15T16:29:00Z")));
    EXPECT_FALSE(policy.is_front_door_open(at("2027-01-15T16:30:00Z")));
    EXPECT_FALSE(policy.is_front_door_open(at("2026-12-28T11:00:00Z")));
    EXPECT_EQ(policy.next_front_door_change(at("2027-01-15T16:30:00Z")),
              at("2027-01-18T09:00:00Z"));
}

TEST(PolicyTimes, TheNextSchoolSessionSkipsHolidaysAndStaffTraining) {
    const Policy policy = policy_from(reference_policy());
    EXPECT_EQ(policy.next_school_session(at("2026-12-18T22:30:00Z")), at("2027-01-05T08:50:00Z"));
    EXPECT_EQ(policy.next_school_session(at("2027-01-15T22:40:00Z")), at("2027-01-18T08:50:00Z"));
    EXPECT_EQ(policy.next_school_session(at("2027-01-18T08:49:59Z")), at("2027-01-18T08:50:00Z"));
    EXPECT_EQ(policy.next_school_session(at("2027-01-18T08:50:00Z")), at("2027-01-19T08:50:00Z"));
    EXPECT_EQ(policy.next_school_session(at("2028-12-20T08:50:00Z")), std::nullopt);
}

TEST(PolicyTimes, LanesFollowUrgency) {
    const Policy policy = policy_from(reference_policy());
    EXPECT_EQ(policy.lane_of(Urgency::u1), wire::Lane::immediate);
    EXPECT_EQ(policy.lane_of(Urgency::u2), wire::Lane::immediate);
    EXPECT_EQ(policy.lane_of(Urgency::u3), wire::Lane::urgent);
    EXPECT_EQ(policy.lane_of(Urgency::u4), wire::Lane::routine);
    EXPECT_EQ(policy.lane_of(Urgency::u5), wire::Lane::routine);
}

TEST(PolicyValidity, IsInForceFromItsFirstDayToTheEndOfItsLast) {
    const Policy policy = policy_from(reference_policy());
    EXPECT_FALSE(policy.in_force_at(at("2026-08-31T22:59:59Z")));
    EXPECT_TRUE(policy.in_force_at(at("2026-08-31T23:00:00Z")));
    EXPECT_TRUE(policy.in_force_at(at("2028-10-31T23:59:59Z")));
    EXPECT_FALSE(policy.in_force_at(at("2028-11-01T00:00:01Z")));
}

TEST(PolicyValidity, GraceIsSignedAndCounted) {
    const Policy policy =
        policy_from(changed(reference_policy(), "grace_days = 0", "grace_days = 14"));
    EXPECT_TRUE(policy.in_force_at(at("2028-11-10T12:00:00Z")));
    EXPECT_TRUE(policy.in_grace_at(at("2028-11-10T12:00:00Z")));
    EXPECT_FALSE(policy.in_grace_at(at("2028-10-10T12:00:00Z")));
    EXPECT_FALSE(policy.in_force_at(at("2028-11-16T12:00:00Z")));
}

TEST(BankHolidays, AreThoseOfThePublishedList) {
    const std::string path = test::shared_data() / "calendar/bank-holidays.json";
    const std::string json = text_of_file(path);
    if (json.empty()) {
        GTEST_SKIP() << "The public sample file calendar/bank-holidays.json is not on this machine";
    }
    const Policy policy = policy_from(reference_policy());
    std::set<std::string> published;
    const auto document = nlohmann::json::parse(json);
    for (const auto& event : document.at("england-and-wales").at("events")) {
        published.insert(event.at("date").get<std::string>());
    }
    ASSERT_FALSE(published.empty());
    for (WallTime day = at("2026-01-01T12:00:00Z"); day < at("2029-01-01T00:00:00Z");
         day = day + std::chrono::days(1)) {
        const auto date = policy.calendar().date_of(day);
        const bool weekend = ((day.unix_ms() / 86'400'000) + 3) % 7 >= 5;
        if (weekend) continue;
        EXPECT_EQ(policy.calendar().is_working_day(date), !published.contains(to_text(date)))
            << to_text(date);
    }
}

}  // namespace
}  // namespace mash::area
