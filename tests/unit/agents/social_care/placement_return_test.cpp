// The placement return, as CSV set and as XML.
#include <gtest/gtest.h>

#include "tests/unit/agents/social_care/dropped_files.hpp"

namespace mash::social_care::testing {
namespace {

const std::string header_columns = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n";
const std::string episode_columns =
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,"
    "URN\n";

std::string header(const std::string& born = "28/02/2014",
                   const std::string& upn = "U885999926001") {
    return header_columns + "4711,2," + born + ",WBRI," + upn + ",,\n";
}

std::string episode(const std::string& start, const std::string& rne, const std::string& end = "",
                    const std::string& rec = "", const std::string& ls = "C2",
                    const std::string& place = "U4", const std::string& postcode = "WR1 2AB") {
    return "4711," + start + "," + rne + "," + ls + ",N1," + place + ",PR1," + end + "," + rec +
           ",,WR5 1AA," + postcode + ",\n";
}

std::string episodes(const std::string& rows) { return episode_columns + rows; }

// Past the first import, with the child known.
DroppedFiles settled() {
    DroppedFiles folder;
    folder.drop(episodes(""));
    folder.drop(header());
    return folder;
}

TEST(PlacementReturn, AnOpenEpisodeStartsCareUnderItsOwnDateAndTellsWhereTheChildLives) {
    auto folder = settled();
    const auto file = folder.drop(episodes(episode("03/11/2026", "S")));
    ASSERT_EQ(said(file),
              (Words{"care_status_changed/looked_after_started", "placement_notice/starts"}));
    const auto& status = file.notifications[0].notification;
    EXPECT_EQ(to_rfc3339(status.facts.occurred_at), "2026-11-03T12:00:00.000Z");
    EXPECT_EQ(status.source_ref, "care/4711/looked-after/2026-11-03/1/started");
    EXPECT_EQ(status.role.value(), "sw");
    EXPECT_EQ(status.subject.upn.reveal(), "U885999926001");
    EXPECT_EQ(status.subject.date_of_birth.reveal(), "2014-02-28");
    EXPECT_EQ(field(status, "leg", "has_plan_or_care_status"),
              "Looked after by the local authority since 2026-11-03");
    EXPECT_FALSE(status.sections.contains("plc")) << "who is told of the status learns no address";
    const auto& placed = file.notifications[1].notification;
    EXPECT_EQ(field(placed, "plc", "postcode"), "WR1 2AB");
    EXPECT_EQ(placed.source_ref, "care/4711/placement/2026-11-03/starts");
    ASSERT_EQ(file.rolls.size(), 1U);
    EXPECT_EQ(file.rolls[0].relation, "social_worker");
    EXPECT_TRUE(file.rolls[0].partial) << "a return is no whole caseload and ends nobody's";
}

TEST(PlacementReturn, TheFilesComeInAnyOrderAndWhatWaitsIsSentWhenTheHeaderIsThere) {
    DroppedFiles folder;
    const auto first = folder.drop(episodes(episode("03/11/2026", "S")));
    EXPECT_TRUE(first.notifications.empty());
    EXPECT_EQ(counted(first, "waiting_for_header"), 1U);
    EXPECT_EQ(rules(first), Rules{"waiting_for_header"});
    EXPECT_TRUE(first.rejected_records.empty()) << "nothing is wrong with the rows";
    const auto second = folder.drop(header());
    EXPECT_EQ(said(second), Words{"care_status_changed/looked_after_started"})
        << "the placement is of the first import and was owed when it began";
    EXPECT_TRUE(folder.drop(header()).notifications.empty());
    EXPECT_TRUE(folder.drop(episodes(episode("03/11/2026", "S"))).notifications.empty());
}

TEST(PlacementReturn, AResentFileMakesNoEventAndARefusedOneIsNewsAgain) {
    auto folder = settled();
    const auto file = episodes(episode("03/11/2026", "S"));
    EXPECT_EQ(folder.drop(file, {"care_status_changed", "placement_notice"}).notifications.size(),
              2U);
    EXPECT_EQ(folder.drop(file).notifications.size(), 2U);
    const auto again = folder.drop(file);
    EXPECT_TRUE(again.notifications.empty());
    EXPECT_EQ(counted(again, "known"), 1U);
}

TEST(PlacementReturn, AReasonWithoutAnEndEndsNothing) {
    auto folder = settled();
    folder.drop(episodes(episode("03/11/2026", "S")));
    for (const char* reason : {"X1", "E2", "E11"}) {
        const auto file = folder.drop(episodes(episode("03/11/2026", "S", "", reason)));
        EXPECT_TRUE(file.notifications.empty()) << reason;
    }
}

TEST(PlacementReturn, CareEndsWhenTheLastEpisodeHasAnEndAndTheReasonIsToldToNobody) {
    auto folder = settled();
    folder.drop(episodes(episode("03/11/2026", "S")));
    const auto file = folder.drop(episodes(episode("03/11/2026", "S", "16/11/2026", "E12")));
    ASSERT_EQ(said(file),
              (Words{"care_status_changed/looked_after_ended", "placement_notice/ends"}));
    const auto& ended = file.notifications[0].notification;
    EXPECT_EQ(to_rfc3339(ended.facts.occurred_at), "2026-11-16T12:00:00.000Z");
    EXPECT_EQ(field(ended, "leg", "has_plan_or_care_status"), "Ended on 2026-11-16");
    EXPECT_EQ(runtime::Notification(ended).thread_ref, "care/4711/looked-after/2026-11-03/1");
    for (const auto& [key, value] : folder.kept)
        EXPECT_EQ(value.find("U885999926001"), std::string::npos)
            << "the identity of an adopted child is kept under " << key;
}

TEST(PlacementReturn, AMoveIsNoNewStartAndGivesANoticeOfThePlacementOnly) {
    auto folder = settled();
    folder.drop(episodes(episode("03/11/2026", "S")));
    const std::string first = episode("03/11/2026", "S", "10/11/2026", "X1");
    const auto moved =
        folder.drop(episodes(first + episode("10/11/2026", "P", "", "", "C2", "K1", "WR9 9ZZ")));
    ASSERT_EQ(said(moved), Words{"placement_notice/starts"});
    EXPECT_EQ(field(only(moved), "plc", "postcode"), "WR9 9ZZ");
    const auto order = folder.drop(
        episodes(first + episode("10/11/2026", "P", "12/11/2026", "X1", "C2", "K1", "WR9 9ZZ") +
                 episode("12/11/2026", "L", "", "", "E1", "K1", "WR9 9ZZ")));
    EXPECT_TRUE(order.notifications.empty()) << "a legal status alone moves nobody";
}

TEST(PlacementReturn, WhoCameBackIntoCareHasAnEndAndANewStart) {
    auto folder = settled();
    folder.drop(episodes(episode("03/01/2026", "S")));
    const auto file = folder.drop(
        episodes(episode("05/11/2026", "S") + episode("03/01/2026", "S", "01/06/2026", "E4A")));
    EXPECT_EQ(said(file),
              (Words{"care_status_changed/looked_after_ended",
                     "care_status_changed/looked_after_started", "placement_notice/starts"}));
}

TEST(PlacementReturn, ShortBreaksAreNoCare) {
    auto folder = settled();
    for (const char* status : {"V3", "V4"}) {
        const auto file = folder.drop(episodes(episode("03/11/2026", "S", "", "", status)));
        EXPECT_TRUE(file.notifications.empty()) << status;
        EXPECT_EQ(counted(file, "short_breaks_open"), 1U);
        EXPECT_TRUE(file.rolls.empty());
    }
}

TEST(PlacementReturn, WhereCareGoesOnButTheNextEpisodeIsMissingNothingEnds) {
    auto folder = settled();
    folder.drop(episodes(episode("03/11/2026", "S")));
    const auto file = folder.drop(episodes(episode("03/11/2026", "S", "16/11/2026", "X1")));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_TRUE(rules(file).contains("next_episode_missing"));
}

TEST(PlacementReturn, WithoutAStartInTheFileTheOldestKnownDayCounts) {
    auto folder = settled();
    const auto file = folder.drop(
        episodes(episode("03/03/2024", "P", "01/04/2025", "X1") + episode("01/04/2025", "T")));
    ASSERT_EQ(said(file).front(), "care_status_changed/looked_after_started");
    EXPECT_EQ(to_rfc3339(file.notifications[0].notification.facts.occurred_at),
              "2024-03-03T12:00:00.000Z");
    EXPECT_EQ(counted(file, "start_not_in_file"), 1U);
}

TEST(PlacementReturn, ClosedHistoryRaisesNothing) {
    DroppedFiles folder;
    folder.drop(header());
    const auto file = folder.drop(episodes(episode("03/11/2020", "S", "16/11/2021", "E4A")));
    EXPECT_TRUE(file.baseline);
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(counted(file, "history"), 1U);
}

TEST(PlacementReturn, GrownUpsAreCountedAndNothingElseIsSaid) {
    DroppedFiles folder;
    folder.drop(header("28/02/2008"));
    const auto file = folder.drop(episodes(episode("03/11/2020", "S")));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_TRUE(file.rolls.empty());
    EXPECT_EQ(counted(file, "grown_up"), 1U);
}

TEST(PlacementReturn, AChildWhomNobodyCouldFindIsSetAsideUntilTheCaseloadNamesThem) {
    DroppedFiles folder;
    const auto unchecked = folder.drop(header("28/02/2014", "A885999926001"));
    EXPECT_EQ(rules(unchecked), Rules{"check_failed"});
    const auto file = folder.drop(episodes(episode("03/11/2026", "S")));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(rules(file), Rules{"not_linkable"});
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{1});
    folder.drop(caseload({{"4711", "2014-02-28"}}));
    const auto again = folder.drop(episodes(episode("03/11/2026", "S")));
    ASSERT_EQ(said(again).front(), "care_status_changed/looked_after_started");
    EXPECT_EQ(again.notifications[0].notification.subject.nhs_number.reveal(), "9990000018");
    EXPECT_TRUE(again.rolls.empty()) << "who is on the caseload list is left to that list";
}

TEST(PlacementReturn, ALocalNumberAloneTiesNoTwoFilesTogether) {
    DroppedFiles folder;
    folder.drop(caseload({{"4711", "2015-02-28"}}));
    folder.drop(header());
    const auto file = folder.drop(episodes(episode("03/11/2026", "S")));
    ASSERT_FALSE(file.notifications.empty());
    EXPECT_EQ(file.notifications[0].notification.subject.nhs_number.reveal(), "");
    EXPECT_EQ(file.notifications[0].notification.subject.surname.reveal(), "");
    EXPECT_EQ(rules(file), Rules{"contradicts_earlier"});
}

TEST(PlacementReturn, WhereAChildIsPlacedForAdoptionIsToldToNobody) {
    auto folder = settled();
    const auto file = folder.drop(episodes(episode("03/11/2026", "S", "", "", "E1", "A5")));
    EXPECT_EQ(said(file), Words{"care_status_changed/looked_after_started"});
    EXPECT_EQ(counted(file, "placed_for_adoption"), 1U);
}

TEST(PlacementReturn, AnEndThatCannotBeReadIsNoOpenEpisode) {
    auto folder = settled();
    const auto file = folder.drop(episodes(episode("03/11/2026", "S", "31/02/2026", "E4A")));
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(counted(file, "open"), 0U);
    EXPECT_EQ(file.rejected_records.size(), 1U);
}

TEST(PlacementReturn, OneBadRowDoesNotLoseTheFileAndAMissingColumnDoes) {
    auto folder = settled();
    const auto file = folder.drop(
        episodes("," + std::string("03/11/2026,S,C2,,,,,,,,,\n") + episode("03/11/2026", "S")));
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{1});
    EXPECT_EQ(file.notifications.size(), 2U);
    for (const auto& format : folder.formats)
        EXPECT_FALSE(format->recognises("CHILD,DECOM,RNE\n4711,03/11/2026,S\n")) << format->name();
}

TEST(PlacementReturn, WhoIsNotBackIsNoMissingReportButIsSaidToTheDataManager) {
    DroppedFiles folder;
    const auto file = folder.drop(
        "CHILD,DOB,MISSING,MIS_START,MIS_END\n"
        "4711,28/02/2014,M,19/11/2026,\n"
        "4711,28/02/2014,A,01/11/2026,02/11/2026\n");
    EXPECT_TRUE(file.notifications.empty());
    EXPECT_EQ(rules(file), Rules{"not_back"});
    EXPECT_EQ(counted(file, "missing"), 1U);
    EXPECT_EQ(counted(file, "away_without_authorisation"), 1U);
}

TEST(PlacementReturnXml, SaysTheSameAsTheTables) {
    const std::string xml =
        "<?xml version=\"1.0\"?><EXPSSDA903><CHILD><HEADER><CHILDID>4711</CHILDID>"
        "<UPN>U885999926001</UPN><SEX>2</SEX><DOB>28/02/2014</DOB>"
        "<AMISSING><MISSTART>01/11/2026</MISSTART></AMISSING></HEADER>"
        "<EPISODE><DECOM>03/11/2026</DECOM><RNE>S</RNE><LS>C2</LS><PL>U4</PL>"
        "<PL_POST>WR1 2AB</PL_POST></EPISODE></CHILD>stray</EXPSSDA903>";
    auto by_xml = settled();
    auto by_csv = settled();
    const auto first = by_xml.drop(xml);
    const auto second = by_csv.drop(episodes(episode("03/11/2026", "S")));
    ASSERT_EQ(said(first), said(second));
    for (std::size_t i = 0; i < first.notifications.size(); ++i) {
        EXPECT_EQ(first.notifications[i].notification.source_ref,
                  second.notifications[i].notification.source_ref);
        EXPECT_EQ(first.notifications[i].notification.sections,
                  second.notifications[i].notification.sections);
    }
    EXPECT_TRUE(by_csv.drop(xml).notifications.empty()) << "told already by the other form";
}

TEST(PlacementReturn, EpisodesComeBackWholeBecauseAnEndedOneAloneWouldEndCare) {
    auto folder = settled();
    const auto text =
        episodes(episode("03/11/2026", "S", "not a date") + episode("10/11/2026", "P"));
    const auto file = folder.drop(text);
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{1});
    for (const auto& format : folder.formats) {
        if (!format->recognises(text)) continue;
        std::string out;
        const auto selector =
            format->select(file.rejected_records, [&](std::string_view piece) { out += piece; });
        selector->feed(text);
        selector->finish();
        EXPECT_EQ(out, text);
        break;
    }
}

TEST(PlacementReturnXml, AChildWithoutANumberIsLostAndAFileThatBreaksOffSaysSo) {
    auto folder = settled();
    const auto file = folder.drop(
        "<EXPSSDA903><CHILD><HEADER><SEX>2</SEX></HEADER></CHILD><CHILD><HEADER><CHILDID>1</"
        "CHILDID>");
    EXPECT_EQ(rules(file), (Rules{"cut_off", "required"}));
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{1});
    EXPECT_EQ(rules(folder.drop("<EXPSSDA903><!DOCTYPE a><CHILD/></EXPSSDA903>")).size(), 1U);
}

}  // namespace
}  // namespace mash::social_care::testing
