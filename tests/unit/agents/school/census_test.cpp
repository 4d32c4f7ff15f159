#include "tests/unit/agents/school/reading.hpp"

namespace mash::school::testing {
namespace {

constexpr const char* left_header =
    "pupilnolongeronrolltableid,NativeId,dob,surname,forename,upn,sex,leavingdate,"
    "termlysessionspossible,termlysessionsunauthorised\n";
constexpr const char* roll_header =
    "pupilonrolltableid,NativeId,dob,surname,forename,upn,sex,enrolstatus,schoolcensustableid,"
    "termlysessionspossible,termlysessionsunauthorised\n";
constexpr const char* exclusion_header =
    "pupilonrolltableid,NativeId,termlyexclusionsonrolltableid,startdate,sessions,reason1,reason2,"
    "category\n";

class Census : public Reading {
protected:
    static std::string on_roll(const std::string& absent = "2.0",
                               const std::string& school = "S1") {
        return std::string(roll_header) + "p1," + school +
               ",2016-Feb-29 00:00:00,Lark,Ava,,F,C,c1,100.0," + absent + "\n";
    }
};

TEST_F(Census, ALeaverIsToldOnceAndNeverAsPartOfTheFirstFile) {
    const std::string row =
        "p9,S1,2016-Feb-29 00:00:00,Lark,Ava,,F,2026-Dec-03 00:00:00,132.0,9.0\n";
    const auto first = read(left_header + row);
    EXPECT_TRUE(first.notifications.empty());
    EXPECT_EQ(first.passed_over, 1U);
    const auto next =
        read(left_header + row + "p8,S1,2015-Feb-28 00:00:00,Wren,Max,,M,2027-Jan-08 00:00:00,,\n");
    ASSERT_EQ(kinds(next), Words{"left_roll"});
    EXPECT_EQ(next.notifications[0].notification.subject.surname.reveal(), "Wren");
    EXPECT_EQ(to_rfc3339(next.notifications[0].notification.facts.occurred_at),
              "2027-01-08T12:00:00.000Z");
}

TEST_F(Census, TheRollIsTheSchoolsInvolvement) {
    context.school_urn = "884001";
    const auto got = read(on_roll());
    ASSERT_EQ(got.rolls.size(), 1U);
    EXPECT_EQ(got.rolls[0].relation, "school");
    EXPECT_EQ(got.rolls[0].seat.role, RoleId("sch"));
    EXPECT_EQ(got.rolls[0].entries.size(), 1U);
    EXPECT_FALSE(got.rolls[0].partial);
}

TEST_F(Census, APupilWhoCannotBeMatchedMakesTheListPartialSoThatNobodyIsTakenOff) {
    context.school_urn = "884001";
    const auto got = read(on_roll() + "p2,S1,2016-Mar-01 00:00:00,Wren,,,M,C,c1,,\n");
    ASSERT_EQ(got.rolls.size(), 1U);
    EXPECT_TRUE(got.rolls[0].partial);
    EXPECT_EQ(got.understood.at("not_matched"), 1U);
}

TEST_F(Census, AListThatWasCutOffTakesNobodyOffAndComesBackWhole) {
    context.school_urn = "884001";
    const std::string text = on_roll() + "p2,S1,2016-Feb";
    const auto got = later(text);
    EXPECT_EQ(rules(got), Words{"cut_off"});
    ASSERT_EQ(got.rolls.size(), 1U);
    EXPECT_TRUE(got.rolls[0].partial);
    // Mended rows alone would be taken for the whole list.
    std::string out;
    const auto selector =
        runtime_shell::find_format(formats, text)
            ->select(got.rejected_records, [&](std::string_view piece) { out += piece; });
    selector->feed(text);
    selector->finish();
    EXPECT_EQ(out, text);
}

TEST_F(Census, PupilsOfSeveralSchoolsAreNoSchoolsList) {
    const auto got = read(on_roll() + "p2,S2,2016-Mar-01 00:00:00,Wren,Max,,M,C,c1,,\n");
    EXPECT_TRUE(got.rolls.empty());
    EXPECT_EQ(rules(got), Words{"several_schools"});
}

TEST_F(Census, AbsenceFromATenthOfTheSessionsIsTold) {
    EXPECT_EQ(kinds(later(on_roll("10.0"))), Words{"persistent_absence"});
    EXPECT_TRUE(later(on_roll("10.0")).notifications.empty()) << "of one census once";
    EXPECT_TRUE(later(on_roll("9.0")).notifications.empty());
    const auto odd = later(on_roll("many"));
    EXPECT_EQ(rules(odd), Words{"bad_number"});
    EXPECT_TRUE(odd.rejected_records.empty());
}

TEST_F(Census, AnExclusionIsOfThePupilWhomThePupilsTableNames) {
    const std::string rows =
        "p1,S1,e1,2026-Dec-01 00:00:00,10.0,PP,DB,PERM\n"
        "p1,S1,e2,2026-Dec-01 00:00:00,4.0,RA,,FIXD\n"
        "p1,S1,e3,2026-Dec-01 00:00:00,4.0,RA,,LOST\n";
    const auto before = later(exclusion_header + rows);
    EXPECT_EQ(rules(before), (Words{"unknown_pupil", "unknown_pupil", "unknown_word"}));
    EXPECT_TRUE(before.notifications.empty());
    (void)later(on_roll());
    const auto got = later(exclusion_header + rows);
    EXPECT_EQ(kinds(got), (Words{"permanently_excluded", "suspended"}));
    const auto& made = got.notifications[0].notification;
    EXPECT_EQ(made.subject.forename.reveal(), "Ava");
    EXPECT_EQ(made.sections.at("edu").at("behaviour").reveal(),
              "\"Permanently excluded from 2026-12-01: physical assault on a pupil, persistent "
              "disruption\"");
    EXPECT_EQ(got.rejected_records, std::vector<std::uint64_t>{3});
    EXPECT_TRUE(later(exclusion_header + rows).notifications.empty());
}

TEST_F(Census, AnAdultIsPassedOverAndABadDateLosesNobody) {
    const auto got = later(std::string(left_header) +
                           "p1,S1,2007-Feb-28 00:00:00,Old,Ann,,F,2026-Dec-03 00:00:00,,\n"
                           "p2,S1,no date,Lark,Ava,U885999926001,F,2026-Dec-03 00:00:00,,\n"
                           "p3,S1,2016-Feb-29 00:00:00,Wren,Max,,M,,,\n");
    EXPECT_EQ(got.passed_over, 1U);
    EXPECT_EQ(rules(got), (Words{"bad_date", "required"}));
    EXPECT_EQ(kinds(got), Words{"left_roll"});
}

TEST_F(Census, AFileWithoutANeededColumnIsRefusedWhole) {
    const auto got = read("pupilonrolltableid,NativeId,enrolstatus,surname\np1,S1,C,Lark\n");
    EXPECT_EQ(rules(got), Words{"missing_column"});
    EXPECT_EQ(got.records, 0U);
}

TEST_F(Census, TheSampleOfLeaversIs308RowsOf297Pupils) {
    const auto text = sample("census_2024_autumn_pupilnolongeronroll.csv");
    if (!text) GTEST_SKIP() << "The public samples of the census are not on this machine";
    const auto got = later(*text);
    EXPECT_EQ(got.records, 308U);
    EXPECT_EQ(got.children, 297U);
    EXPECT_EQ(got.notifications.size(), 308U);
    EXPECT_TRUE(got.rejected_records.empty());
    const auto exclusions = sample("census_2024_autumn_termlyexclusionsoffroll.csv");
    ASSERT_TRUE(exclusions);
    const auto out = later(*exclusions);
    EXPECT_EQ(out.records, 318U);
    EXPECT_EQ(out.understood, (Counts{{"FIXD", 115}, {"LNCH", 76}, {"PERM", 127}}));
    EXPECT_EQ(out.notifications.size(), 318U);
    EXPECT_EQ(out.children, 57U);
    EXPECT_EQ(later(*text).notifications.size(), 0U);
    EXPECT_EQ(later(*exclusions).notifications.size(), 0U);
}

TEST_F(Census, TheSampleOfPupilsOnRollIs300) {
    const auto text = sample("census_2024_autumn_pupilonroll_first300.csv");
    if (!text) GTEST_SKIP() << "The public samples of the census are not on this machine";
    // Of that term: some were adults two years later.
    context.written_at = *wall_time_from_rfc3339("2025-01-13T09:00:00Z");
    const auto got = read(*text);
    EXPECT_EQ(got.records, 300U);
    EXPECT_EQ(got.children, 300U);
    EXPECT_EQ(got.understood.at("on_roll"), 300U);
    EXPECT_EQ(got.understood.at("subsidiary"), 32U);
    const auto exclusions =
        later(*sample("census_2024_autumn_termlyexclusionsonroll_first300.csv"));
    EXPECT_EQ(exclusions.records, 262U);
    EXPECT_EQ(exclusions.notifications.size(), 262U);
    const auto sessions =
        read(*sample("census_2024_autumn_termlysessiondetailsonroll_first300.csv"));
    EXPECT_EQ(sessions.records, 1'278U);
    EXPECT_TRUE(sessions.faults.empty());
}

TEST_F(Census, TheOtherSampleTablesAreReadWhole) {
    const auto addresses = sample("census_2024_autumn_addressesoffroll.csv");
    if (!addresses) GTEST_SKIP() << "The public samples of the census are not on this machine";
    EXPECT_EQ(read(*addresses).records, 1'698U);
    const auto sessions = read(*sample("census_2024_autumn_termlysessiondetailsoffroll.csv"));
    EXPECT_EQ(sessions.records, 1'328U);
    EXPECT_TRUE(sessions.faults.empty());
}

TEST_F(Census, OfTheRegisterARowWithoutAUrnIsLostAndAFileWithoutAColumnRefused) {
    const std::string header =
        "URN,LA (code),EstablishmentNumber,EstablishmentName,EstablishmentStatus (name)\n";
    const auto got = read(header + "x,885,9999,Old,Open\n884001,885,9998,New,Somehow\n");
    EXPECT_EQ(rules(got), (Words{"required", "unknown_word"}));
    EXPECT_EQ(got.rejected_records, std::vector<std::uint64_t>{1});
    const auto whole = make_register_csv()->read("URN,LA (code)\n884001,885\n", context, memory);
    EXPECT_EQ(rules(whole), Words{"missing_column"});
}

TEST_F(Census, TheSampleOfTheRegisterIsTwoSchoolsOneOfThemClosed) {
    const auto text = sample("gias_example_schools.csv");
    if (!text) GTEST_SKIP() << "The public sample schools/gias_example_schools.csv is absent";
    const auto got = read(*text);
    EXPECT_EQ(got.records, 2U);
    EXPECT_EQ(got.understood, (Counts{{"closed", 1}, {"open", 1}}));
    EXPECT_TRUE(got.notifications.empty() && got.faults.empty());
}

}  // namespace
}  // namespace mash::school::testing
