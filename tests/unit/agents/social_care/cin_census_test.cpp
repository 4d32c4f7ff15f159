// The children in need census.
#include <gtest/gtest.h>

#include "tests/unit/agents/social_care/dropped_files.hpp"

namespace mash::social_care::testing {
namespace {

std::string plan(const std::string& start, const std::string& end = "",
                 const std::string& category = "NEG") {
    return "<ChildProtectionPlans><CPPstartDate>" + start + "</CPPstartDate>" +
           (end.empty() ? "" : "<CPPendDate>" + end + "</CPPendDate>") +
           "<InitialCategoryOfAbuse>PHY</InitialCategoryOfAbuse><LatestCategoryOfAbuse>" +
           category + "</LatestCategoryOfAbuse></ChildProtectionPlans>";
}

std::string child(const std::string& inside, const std::string& upn = "U885999926001",
                  const std::string& born = "<PersonBirthDate>2016-02-29</PersonBirthDate>",
                  const std::string& closed = "") {
    return "<Child><ChildIdentifiers><LAchildID>OWN1</LAchildID><UPN>" + upn + "</UPN>stray" +
           born + "<Sex>F</Sex></ChildIdentifiers><CINdetails>" +
           "<CINreferralDate>2026-01-08</CINreferralDate>" +
           (closed.empty() ? "" : "<CINclosureDate>" + closed + "</CINclosureDate>") +
           "<ReferralNFA>0</ReferralNFA>" + inside + "</CINdetails></Child>";
}

std::string census(const std::string& children, const std::string& made = "2026-05-01T08:00:00",
                   const std::string& year = "2026") {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Message><Header><CollectionDetails>"
           "<Collection>CIN</Collection><Year>" +
           year +
           "</Year><ReferenceDate>2026-03-31</ReferenceDate></CollectionDetails><Source>"
           "<LEA>885</LEA><DateTime>" +
           made + "</DateTime></Source></Header><Children>" + children + "</Children></Message>";
}

TEST(CinCensus, AnOpenPlanAfterAnEndedOneStartsUnderItsOwnDate) {
    DroppedFiles folder;
    const auto file =
        folder.drop(census(child(plan("2021-02-01", "2022-01-31", "PHY") + plan("2025-10-02"))));
    EXPECT_TRUE(file.baseline);
    EXPECT_EQ(said(file), Words{"care_status_changed/cp_plan_started"});
    const auto& started = only(file);
    EXPECT_EQ(started.source_ref, "care/OWN1/plan/2025-10-02/1/started");
    EXPECT_EQ(to_rfc3339(started.facts.occurred_at), "2025-10-02T11:00:00.000Z");
    EXPECT_EQ(field(started, "leg", "has_plan_or_care_status"),
              "Subject to a child protection plan since 2025-10-02");
    EXPECT_EQ(field(started, "leg", "category"), "neglect");
    EXPECT_EQ(field(started, "idn", "date_of_birth"), "2016-02-29");
    EXPECT_EQ(field(started, "voi", "reason_for_none"), "not_seen");
    ASSERT_EQ(file.rolls.size(), 1U);
    EXPECT_EQ(file.rolls[0].entries[0].source_ref, "OWN1");
}

TEST(CinCensus, AFormerNumberMatchesAsTheNewOneDoesAlsoInLaterFilesOfTheChild) {
    DroppedFiles folder;
    auto text = census(child(plan("2025-10-02")));
    text.replace(text.find("</UPN>"), 6, "</UPN><FormerUPN>H801200001001</FormerUPN>");
    const auto census_file = folder.drop(text);
    const auto& started = only(census_file);
    ASSERT_EQ(started.subject.former_upns.size(), 1U);
    EXPECT_EQ(started.subject.former_upns[0].reveal(), "H801200001001");
    folder.drop("CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nOWN1,2,29/02/2016,WBRI,U885999926001,,\n");
    const auto episodes = folder.drop(
        "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,"
        "URN\nOWN1,03/10/2025,S,C2,N1,U4,PR1,,,,,,\n");
    const auto& cared = only(episodes);
    ASSERT_EQ(cared.subject.former_upns.size(), 1U);
    EXPECT_EQ(cared.subject.former_upns[0].reveal(), "H801200001001");
}

TEST(CinCensus, AChildWhoWasNotUsedComesBackAsACensusThatCanBeMended) {
    DroppedFiles folder;
    auto nobody = child(plan("2025-10-02"));
    nobody.replace(nobody.find("<LAchildID>OWN1</LAchildID>"), 27, "");
    const auto text = census(child(plan("2025-10-02")) + nobody);
    const auto file = folder.drop(text);
    ASSERT_EQ(file.rejected_records, std::vector<std::uint64_t>{2});
    std::string back;
    const auto selector = make_cin_census()->select(file.rejected_records,
                                                    [&](std::string_view piece) { back += piece; });
    selector->feed(text);
    selector->finish();
    EXPECT_EQ(back, census(nobody));
    // Mended it is the same census, and not an older one.
    back.replace(back.find("<ChildIdentifiers>"), 18,
                 "<ChildIdentifiers><LAchildID>OWN2</LAchildID>");
    EXPECT_EQ(said(folder.drop(back)), Words{"care_status_changed/cp_plan_started"});
}

TEST(CinCensus, TheSameCensusAgainSaysNothingAndALaterOneSaysWhatEnded) {
    DroppedFiles folder;
    folder.drop(census(child(plan("2025-10-02"))));
    EXPECT_TRUE(folder.drop(census(child(plan("2025-10-02")))).notifications.empty());
    const auto ended =
        folder.drop(census(child(plan("2025-10-02", "2026-05-20")), "2026-06-01T08:00:00"));
    EXPECT_EQ(said(ended), Words{"care_status_changed/cp_plan_ended"});
    EXPECT_EQ(only(ended).source_ref, "care/OWN1/plan/2025-10-02/1/ended/2026-05-20");
}

TEST(CinCensus, AnOlderCensusIsPassedOverWholeBecauseWhatItSaysMayBeOver) {
    DroppedFiles folder;
    folder.drop(census(child(plan("2025-10-02", "2026-05-20")), "2026-06-01T08:00:00"));
    const auto older = folder.drop(census(child(plan("2025-10-02"))));
    EXPECT_TRUE(older.notifications.empty());
    EXPECT_TRUE(older.rolls.empty());
    EXPECT_EQ(rules(older), Rules{"older_file"});
}

TEST(CinCensus, APlanThatWasEndedByMistakeStartsAgainUnderANewReference) {
    DroppedFiles folder;
    folder.drop(census(child(plan("2025-10-02"))));
    folder.drop(census(child(plan("2025-10-02", "2026-05-20")), "2026-06-01T08:00:00"));
    const auto again = folder.drop(census(child(plan("2025-10-02")), "2026-07-01T08:00:00"));
    EXPECT_EQ(said(again), Words{"care_status_changed/cp_plan_started"});
    EXPECT_EQ(only(again).source_ref, "care/OWN1/plan/2025-10-02/2/started");
}

TEST(CinCensus, WhatEndedAfterTheCensusWasMadeIsNotOpenedByIt) {
    DroppedFiles folder;
    const auto payload = [](const std::string& rest) {
        return R"([{"la_child_id":"OWN1","child_details":{"date_of_birth":"2016-02-29",)"
               R"("unique_pupil_number":"U885999926001"},"social_care_episodes":[)"
               R"({"child_protection_plans":[{"child_protection_plan_id":"P1",)"
               R"("start_date":"2025-10-02")" +
               rest + "}]}]}]";
    };
    folder.drop(payload(""));
    folder.drop(payload(R"(,"end_date":"2026-05-20")"));
    const auto file = folder.drop(census(child(plan("2025-10-02"))));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(rules(file), Rules{"ended_before"});
}

TEST(CinCensus, AChildWhoIsAbsentFromTheFileLosesNothing) {
    DroppedFiles folder;
    folder.drop(census(child(plan("2025-10-02"))));
    const auto without = folder.drop(census("", "2026-06-01T08:00:00"));
    EXPECT_EQ(without.records, 0U);
    EXPECT_TRUE(without.notifications.empty());
    EXPECT_TRUE(without.rolls.empty());
}

TEST(CinCensus, AnUnbornChildIsSetAsideAndTheBirthIsToldAsOne) {
    DroppedFiles folder;
    const std::string due = "<ExpectedPersonBirthDate>2026-06-20</ExpectedPersonBirthDate>";
    const auto unborn = folder.drop(census(child(plan("2026-03-10"), "", due)));
    EXPECT_TRUE(unborn.notifications.empty());
    EXPECT_EQ(rules(unborn), Rules{"mother_not_known"});
    EXPECT_EQ(rules(folder.drop(census(child(plan("2026-03-10"), "", due)))),
              Rules{"mother_not_known"})
        << "said again, until somebody has sent it";
    const auto born =
        folder.drop(census(child(plan("2026-03-10"), "U885999926001",
                                 due + "<PersonBirthDate>2026-06-18</PersonBirthDate>"),
                           "2026-07-01T08:00:00"));
    EXPECT_EQ(said(born), Words{"care_status_changed/born"});
    EXPECT_EQ(to_rfc3339(only(born).facts.occurred_at), "2026-06-18T11:00:00.000Z");
    EXPECT_EQ(field(only(born), "leg", "has_plan_or_care_status"),
              "Subject to a child protection plan since 2026-03-10");
}

TEST(CinCensus, NobodyGrownUpOrDeadIsSpokenOf) {
    DroppedFiles folder;
    for (const char* born : {"<PersonBirthDate>2008-02-29</PersonBirthDate>",
                             "<PersonBirthDate>1966-03-24</PersonBirthDate>",
                             "<PersonBirthDate>2016-02-29</PersonBirthDate>"
                             "<PersonDeathDate>2026-04-01</PersonDeathDate>"}) {
        const auto file = folder.drop(census(child(plan("2025-10-02"), "U885999926001", born)));
        EXPECT_TRUE(file.notifications.empty()) << born;
        EXPECT_TRUE(file.rolls.empty()) << born;
        EXPECT_TRUE(file.faults.empty()) << born;
    }
}

TEST(CinCensus, ACaseThatIsClosedInvolvesNobody) {
    DroppedFiles folder;
    const auto file = folder.drop(census(
        child("", "U885999926001", "<PersonBirthDate>2016-02-29</PersonBirthDate>", "2026-02-01")));
    EXPECT_TRUE(file.rolls.empty());
    EXPECT_EQ(counted(file, "referrals_closed"), 1U);
}

TEST(CinCensus, AnotherFormatHasSaidItAlready) {
    DroppedFiles folder;
    folder.drop(census(child(plan("2025-10-02"))));
    const auto file =
        folder.drop(R"([{"la_child_id":"OWN1","child_details":{"date_of_birth":"2016-02-29"},)"
                    R"("social_care_episodes":[{"child_protection_plans":[)"
                    R"({"child_protection_plan_id":"P1","start_date":"2025-10-02"}]}]}])");
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(counted(file, "known"), 1U);
}

TEST(CinCensus, AFileThatIsCutOffGivesWhatCameBeforeAndSaysSo) {
    DroppedFiles folder;
    std::string cut = census(child(plan("2025-10-02")) + child(plan("2025-10-02")));
    cut.resize(cut.size() - 60);
    const auto file = folder.drop(cut);
    EXPECT_EQ(file.records, 1U);
    EXPECT_EQ(file.notifications.size(), 1U);
    EXPECT_FALSE(file.faults.empty());
}

TEST(CinCensus, ADocumentTypeIsRefused) {
    const std::string file = "<!DOCTYPE Message [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" +
                             census(child(plan("2025-10-02"))).substr(38);
    const auto format = make_cin_census();
    EXPECT_FALSE(format->recognises(file));
    runtime::SourceMemory memory;
    const auto read = format->read(file, runtime::ReadContext(), memory);
    EXPECT_TRUE(read.notifications.empty());
    EXPECT_TRUE(rules(read).contains("document_type"));
}

TEST(CinCensus, ARecordWithoutItsNumberOrWithABadDateLosesNoOther) {
    DroppedFiles folder;
    const auto file = folder.drop(census("<Child><ChildIdentifiers/></Child>" +
                                         child(plan("2025-02-30")) + child(plan("2025-10-02"))));
    EXPECT_EQ(file.records, 3U);
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{1});
    EXPECT_EQ(file.notifications.size(), 1U);
    EXPECT_EQ(rules(file), (Rules{"bad_date", "required"}));
}

TEST(CinCensus, AYearThatWeDoNotKnowIsSaidAndReadAllTheSame) {
    DroppedFiles folder;
    const auto file = folder.drop(census(child(plan("2025-10-02")), "2026-05-01T08:00:00", "2031"));
    EXPECT_EQ(file.notifications.size(), 1U);
    EXPECT_EQ(rules(file), Rules{"unknown_year"});
}

}  // namespace
}  // namespace mash::social_care::testing
