// Lists of the inspection return, saved as CSV.
#include <gtest/gtest.h>

#include "tests/unit/agents/social_care/dropped_files.hpp"

namespace mash::social_care::testing {
namespace {

const std::string list_7 =
    "Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Child Protection Plan Start Date,"
    "Latest Category of Abuse,Child Protection Plan End Date,Allocated Team,Allocated Worker\n";
const std::string list_8 =
    "Child Unique ID,Gender,Date of Birth,Date Started to be Looked After,Child's Legal Status,"
    "Date Ceased to be Looked After,Start Date of Most Recent Placement,Placement Type,"
    "Placement postcode,Number of Episodes the Child has been "
    "\xE2\x80\x98Missing\xE2\x80\x99 from their Placement in the last 12 months,"
    "Was the child offered a Return Interview after their last missing episode (Y/N)?,"
    "Did the child accept a Return Interview after their last missing episode (Y/N)?,"
    "Allocated Worker\n";

std::string in_care(const std::string& missing = "0,,", const std::string& status = "C2: FCO",
                    const std::string& placed = "03/11/2026") {
    return list_8 + "4711,a) Male,42029,46000," + status + ",," + placed +
           ",d) U4: Foster placement - long term,wr1 2ab," + missing + ",Eugene\xC2\xA0Swift\n";
}

DroppedFiles with_caseload() {
    DroppedFiles folder;
    folder.drop(caseload({{"4711", "2015-01-25"}}));
    return folder;
}

TEST(AnnexA, APlanWithoutAnEndIsOpenAndSpreadsheetDaysAreDates) {
    auto folder = with_caseload();
    const auto file = folder.drop(
        list_7 + "4711,b) Female,a) WBRI,42029,6.1,45958,Physical abuse,#N/A,Team,Ezra\xC2\xA0L\n");
    EXPECT_EQ(said(file), Words{"care_status_changed/cp_plan_started"});
    EXPECT_EQ(to_rfc3339(only(file).facts.occurred_at), "2025-10-28T12:00:00.000Z");
    EXPECT_EQ(only(file).subject.date_of_birth.reveal(), "2015-01-25");
    EXPECT_EQ(field(only(file), "idn", "sex"), "female");
    EXPECT_EQ(field(only(file), "leg", "category"), "Physical abuse");
    const auto ended = folder.drop(
        list_7 + "4711,b) Female,a) WBRI,25/01/2015,6.1,28/10/2025,Physical abuse,01/11/2026,,\n");
    EXPECT_EQ(said(ended), Words{"care_status_changed/cp_plan_ended"});
}

TEST(AnnexA, AChildWhomOnlyTheListNamesIsSetAside) {
    DroppedFiles folder;
    const auto file = folder.drop(list_7 + "4711,b) Female,,42029,6.1,45958,,,,\n");
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(rules(file), Rules{"not_linkable"});
}

TEST(AnnexA, WhoIsLookedAfterIsSaidAndANewPlacementLater) {
    auto folder = with_caseload();
    const auto first = folder.drop(in_care());
    EXPECT_EQ(said(first), Words{"care_status_changed/looked_after_started"});
    const auto moved = folder.drop(in_care("0,,", "C2: FCO", "18/11/2026"));
    EXPECT_EQ(said(moved), Words{"placement_notice/starts"});
    EXPECT_EQ(field(only(moved), "plc", "postcode"), "WR1 2AB");
    EXPECT_EQ(field(only(moved), "plc", "carers"), "Placement type U4");
}

TEST(AnnexA, ShortBreaksAreNoCare) {
    auto folder = with_caseload();
    EXPECT_TRUE(folder.drop(in_care("0,,", "V4: Single period")).notifications.empty());
}

TEST(AnnexA, AReturnInterviewThatWasNotHeldIsSaidOnceAndOneThatWasIsToldByItsHolder) {
    auto folder = with_caseload();
    folder.drop(in_care());
    const auto declined = folder.drop(in_care("1,a) Yes,b) No"));
    EXPECT_EQ(said(declined), Words{"return_interview_outcome/declined"});
    EXPECT_EQ(only(declined).role.value(), "mco");
    EXPECT_EQ(field(only(declined), "voi", "reason_for_none"), "declined");
    EXPECT_TRUE(folder.drop(in_care("1,a) Yes,b) No")).notifications.empty());
    const auto none = folder.drop(in_care("2,b) No,"));
    EXPECT_EQ(said(none), Words{"return_interview_outcome/not_offered"});
    EXPECT_TRUE(folder.drop(in_care("3,a) Yes,a) Yes")).notifications.empty());
}

TEST(AnnexA, AtTheFirstImportOldInterviewsRaiseNothing) {
    auto folder = with_caseload();
    EXPECT_EQ(said(folder.drop(in_care("1,b) No,"))),
              Words{"care_status_changed/looked_after_started"});
}

TEST(AnnexA, ListsOfContactsReferralsAndEnquiriesAreCounted) {
    DroppedFiles folder;
    const auto contacts = folder.drop(
        "Child Unique ID,Gender,Date of Birth,Date of Contact,Contact Source\n"
        "1,a) Male,42029,44090,q) 6: Police\n2,b) Female,,44090,q) 6: Police\n");
    EXPECT_EQ(contacts.format, "annex-a-list-1");
    EXPECT_EQ(contacts.records, 2U);
    EXPECT_EQ(contacts.children, 2U);
    EXPECT_TRUE(contacts.notifications.empty());
    EXPECT_EQ(folder
                  .drop("Child Unique ID,Date of Birth,Date of Referral,Referral Source\n"
                        "1,42029,44090,q) 6: Police\n")
                  .format,
              "annex-a-list-3");
}

TEST(AnnexA, ADateThatIsNoneLosesItsRowOnly) {
    auto folder = with_caseload();
    const auto file = folder.drop(list_7 + "4712,b) Female,,42029,6,nope,,,,\n" +
                                  "4711,b) Female,,42029,6,45958,,,,\n");
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{1});
    EXPECT_EQ(file.notifications.size(), 1U);
}

TEST(AnnexA, ARowWithoutTheChildsNumberIsLostAndAFileThatBreaksOffSaysSo) {
    auto folder = with_caseload();
    const auto file = folder.drop(list_7 + ",b) Female,,42029,6,45958,,,,\n4711,\"b) Fem");
    EXPECT_EQ(rules(file), (Rules{"cut_off", "required"}));
    EXPECT_EQ(file.rejected_records, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_TRUE(file.notifications.empty());
}

}  // namespace
}  // namespace mash::social_care::testing
