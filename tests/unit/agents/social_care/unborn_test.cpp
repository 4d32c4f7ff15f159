// A child who is not born yet, from the files that social care's systems write: no census and no
// payload names the mother, the caseload does. Then the birth, under both identities.
#include <algorithm>

#include <gtest/gtest.h>

#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "tests/unit/agents/social_care/dropped_files.hpp"

namespace mash::social_care::testing {
namespace {

const std::string mother_number = "9990000018";

std::string caseload_of(const std::string& due, const std::string& born = "1997-03-04") {
    return "role,relation,local_id,nhs_number,forename,surname,date_of_birth,postcode,due_date\n"
           "sw,social_worker,OWN1," +
           mother_number + ",Mara,Testcase," + born + ",WR5 1AA," + due + "\n";
}
const std::string unborn = "<ExpectedPersonBirthDate>2026-06-20</ExpectedPersonBirthDate>";
const std::string born = unborn + "<PersonBirthDate>2026-06-18</PersonBirthDate>";

std::string census(const std::string& dates, const std::string& upn, const std::string& made) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Message><Header><CollectionDetails>"
           "<Collection>CIN</Collection><Year>2026</Year><ReferenceDate>2026-03-31</ReferenceDate>"
           "</CollectionDetails><Source><LEA>885</LEA><DateTime>" +
           made +
           "</DateTime></Source></Header><Children><Child><ChildIdentifiers>"
           "<LAchildID>OWN1</LAchildID><UPN>" +
           upn + "</UPN>" + dates +
           "<Sex>F</Sex></ChildIdentifiers><CINdetails><CINreferralDate>2026-01-08</"
           "CINreferralDate>"
           "<ReferralNFA>0</ReferralNFA><ChildProtectionPlans><CPPstartDate>2026-03-10"
           "</CPPstartDate><InitialCategoryOfAbuse>PHY</InitialCategoryOfAbuse>"
           "<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse></ChildProtectionPlans></CINdetails>"
           "</Child></Children></Message>";
}
const std::string before = census(unborn, "", "2026-05-01T08:00:00");
const std::string after = census(born, "U885999926001", "2026-07-01T08:00:00");

using runtime::canonical_identities;
using runtime::TokenUse;

bool share_an_identity(const runtime::Subject& said, const runtime::Subject& listed) {
    const auto own = canonical_identities(said, TokenUse::notification);
    const auto theirs = canonical_identities(listed, TokenUse::caseload);
    return std::ranges::any_of(own, [&](const auto& one) {
        return std::ranges::any_of(theirs, [&](const auto& other) {
            return one.first == other.first && one.second.reveal() == other.second.reveal();
        });
    });
}

/// As a health visitor or maternity lists her.
runtime::Subject listed_by_health(const std::string& due) {
    runtime::Subject out;
    out.unborn = true;
    out.nhs_number = PersonalText(mother_number);
    out.date_of_birth = PersonalText("1997-03-04");
    out.surname = PersonalText("Testcase");
    out.due_date = PersonalText(due);
    return out;
}

TEST(UnbornChild, IsToldByTheMotherWhomTheCaseloadNames) {
    DroppedFiles folder;
    folder.drop(caseload_of("2026-06-18"));
    const auto file = folder.drop(before);
    EXPECT_EQ(said(file), Words{"care_status_changed/unborn_plan_started"});
    EXPECT_TRUE(rules(file).empty());
    const auto& plan = only(file);
    EXPECT_TRUE(plan.subject.unborn);
    EXPECT_EQ(plan.subject.nhs_number.reveal(), mother_number);
    EXPECT_EQ(plan.subject.date_of_birth.reveal(), "1997-03-04");
    EXPECT_EQ(plan.subject.due_date.reveal(), "2026-06-20");
    EXPECT_EQ(field(plan, "idn", "due_date"), "2026-06-20");
    EXPECT_EQ(field(plan, "voi", "reason_for_none"), "unborn");
    EXPECT_TRUE(share_an_identity(plan.subject, listed_by_health("2026-06-11")));
    EXPECT_FALSE(share_an_identity(plan.subject, listed_by_health("2027-06-20")))
        << "her next child is another";
    EXPECT_TRUE(folder.drop(before).notifications.empty()) << "the same file again is no news";
}

TEST(UnbornChild, IsToldOnceTheCaseloadComesAfterTheCensus) {
    DroppedFiles folder;
    EXPECT_EQ(rules(folder.drop(before)), Rules{"mother_not_known"});
    folder.drop(caseload_of("2026-06-20"));
    EXPECT_EQ(said(folder.drop(before)), Words{"care_status_changed/unborn_plan_started"});
}

TEST(UnbornChild, TheBirthIsToldUnderBothIdentities) {
    DroppedFiles folder;
    folder.drop(caseload_of("2026-06-18"));
    const auto told = folder.drop(before);
    const auto file = folder.drop(after);
    EXPECT_EQ(said(file), Words{"care_status_changed/born"});
    EXPECT_TRUE(rules(file).empty()) << "her birth date and the child's contradict nothing";
    const auto& birth = only(file);
    EXPECT_EQ(birth.thread_ref, only(told).thread_ref);
    EXPECT_FALSE(birth.subject.unborn);
    EXPECT_EQ(birth.subject.date_of_birth.reveal(), "2026-06-18");
    EXPECT_NE(birth.subject.nhs_number.reveal(), mother_number) << "the child has no number yet";
    ASSERT_EQ(birth.subject.before_birth.size(), 1U);
    EXPECT_TRUE(birth.subject.before_birth[0].unborn);
    EXPECT_TRUE(share_an_identity(birth.subject, listed_by_health("2026-06-18")))
        << "whoever had named the unborn child hears of it";
    EXPECT_FALSE(canonical_identities(birth.subject, TokenUse::caseload).empty());
    // As the outbox keeps it and reads it again.
    const auto kept = runtime::from_canonical_json(runtime::to_canonical_json(birth).reveal());
    ASSERT_TRUE(kept);
    EXPECT_TRUE(share_an_identity(kept->subject, listed_by_health("2026-06-18")));
    EXPECT_TRUE(folder.drop(after).notifications.empty());
}

TEST(UnbornChild, WhosePlanWasToldByHandIsBornUnderBothIdentitiesToo) {
    DroppedFiles folder;
    folder.drop(before);  // the mother is not known, and somebody sends it
    folder.drop(caseload_of("2026-06-20"));
    const auto file = folder.drop(after);
    EXPECT_EQ(said(file), Words{"care_status_changed/born"});
    ASSERT_EQ(only(file).subject.before_birth.size(), 1U);
    EXPECT_TRUE(share_an_identity(only(file).subject, listed_by_health("2026-06-20")));
}

TEST(UnbornChild, OfAnotherPregnancyUnderTheSameNumberIsNobodyWhomTheCaseloadNames) {
    DroppedFiles folder;
    folder.drop(caseload_of("2027-04-01"));
    const auto file = folder.drop(before);
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(rules(file), (Rules{"contradicts_earlier", "mother_not_known"}));
}

TEST(UnbornChild, IsNeverGivenTheNameThatAFileHasForTheChild) {
    DroppedFiles folder;
    const std::string payload =
        R"([{"la_child_id":"OWN1","child_details":{"first_name":"Baby","surname":"Othername",)"
        R"("expected_date_of_birth":"2026-06-20"},"social_care_episodes":[)"
        R"({"social_care_episode_id":"E1","child_protection_plans":[)"
        R"({"child_protection_plan_id":"P1","start_date":"2026-03-10"}]}]}])";
    EXPECT_EQ(rules(folder.drop(payload)), Rules{"mother_not_known"});
    folder.drop(caseload_of("2026-06-20"));
    const auto file = folder.drop(payload);
    EXPECT_EQ(said(file), Words{"care_status_changed/unborn_plan_started"});
    EXPECT_EQ(only(file).subject.surname.reveal(), "Testcase");
    EXPECT_EQ(only(file).subject.forename.reveal(), "Mara");
}

}  // namespace
}  // namespace mash::social_care::testing
