#include "agents/police/formats.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "common/area/policy.hpp"
#include "common/base/check.hpp"
#include "tests/paths/paths.hpp"
#include "tests/support/waiting.hpp"

namespace mash::police {
namespace {

// With nothing behind it: all that a file says is as if the core had taken it.
using Memory = runtime::SourceMemory;

/// As the shell keeps it: what hangs on a notification counts only when that one was taken.
struct KeptMemory {
    std::map<std::string, std::string, std::less<>> kept;

    /// The file's notifications, of which the core refuses those of these types.
    runtime::ReadFile read(const runtime::SourceFormat& format, const std::string& text,
                           const std::set<std::string>& refused = {});
};

runtime::ReadContext context(std::string_view now = "2026-11-21T12:00:00Z") {
    runtime::ReadContext out;
    out.agency = AgencyId("police");
    out.role = RoleId("pol");
    out.now.wall = *wall_time_from_rfc3339(now);
    out.written_at = *wall_time_from_rfc3339("2026-11-21T09:30:00Z");
    return out;
}

runtime::ReadFile KeptMemory::read(const runtime::SourceFormat& format, const std::string& text,
                                   const std::set<std::string>& refused) {
    Memory memory([this](std::string_view key) {
        const auto found = kept.find(key);
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    });
    auto file = format.read(text, context(), memory);
    for (const auto& made : file.notifications) {
        if (refused.contains(made.notification.facts.type.value())) continue;
        for (const auto& entry : made.remember) kept[entry.key] = entry.value;
    }
    for (const auto& entry : memory.entries()) kept[entry.key] = entry.value;
    return file;
}

// Past the baseline, where what is new in a file is news.
Memory settled(const runtime::SourceFormat& format, std::string_view header) {
    Memory memory;
    (void)format.read(header, context(), memory);
    return memory;
}

constexpr std::string_view misper_header =
    "reportid,misperid,initial_risk_level,current_final_risk_level,forenames,surname,dob,sex,"
    "residence_type,missing_since,"
    "date_reported_missing,when_traced,mf_address,missing_from,TL_address,circumstances,q_1,q_1_"
    "explanation\n";

std::string misper(std::string_view grade, std::string_view traced = "",
                   std::string_view words = "Left after school",
                   std::string_view residence = "Home Address",
                   std::string_view dob = "2014-05-06") {
    return std::string(misper_header) + "70001,7001," + std::string(grade) + "," +
           std::string(grade) + ",Ava May,Lark," + std::string(dob) + ",F," +
           std::string(residence) + ",2026-11-21 08:30:00,2026-11-21 09:00:00," +
           std::string(traced) + ",\"4 Invented Row, Worcester, WR5 1AA\",Park,,\"" +
           std::string(words) + "\",1,Seen upset\n";
}

std::vector<std::string> types(const runtime::ReadFile& file) {
    std::vector<std::string> out;
    for (const auto& made : file.notifications) out.push_back(made.notification.facts.type.value());
    return out;
}

using Words = std::vector<std::string>;

TEST(MissingPersonCsv, ANewReportStartsAnEpisodeWithEverythingThatIsKnown) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    const auto file = format->read(misper("High"), context(), memory);
    ASSERT_EQ(types(file), Words{"missing_episode_started"});
    const auto& made = file.notifications[0].notification;
    EXPECT_EQ(made.facts.risk_grade, "high");
    EXPECT_EQ(to_rfc3339(made.facts.occurred_at), "2026-11-21T08:30:00.000Z");
    EXPECT_EQ(made.subject.postcode.reveal(), "WR5 1AA");
    EXPECT_EQ(made.sections.at("adr").at("postcode").reveal(), "\"WR5 1AA\"");
    EXPECT_EQ(made.sections.at("rsk").at("factors").reveal(), "[\"Seen upset\"]");
    EXPECT_EQ(made.thread_ref, "misper/70001");
    EXPECT_TRUE(file.faults.empty());
}

TEST(MissingPersonCsv, AResentFileMakesNoSecondEvent) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    EXPECT_EQ(format->read(misper("High"), context(), memory).notifications.size(), 1U);
    const auto again = format->read(misper("High"), context(), memory);
    EXPECT_TRUE(again.notifications.empty());
    EXPECT_EQ(again.passed_over, 1U);
}

TEST(MissingPersonCsv, ReadAgainAfterACrashItSaysTheSame) {
    const auto format = make_missing_person_csv();
    Memory before = settled(*format, misper_header);
    Memory after_crash = before;
    const auto first = format->read(misper("Medium"), context("2026-11-21T10:00:00Z"), before);
    const auto second =
        format->read(misper("Medium"), context("2026-11-21T11:00:00Z"), after_crash);
    ASSERT_EQ(second.notifications.size(), 1U);
    EXPECT_EQ(first.notifications[0].notification.source_ref,
              second.notifications[0].notification.source_ref);
    EXPECT_EQ(first.notifications[0].notification.facts,
              second.notifications[0].notification.facts);
    EXPECT_EQ(first.notifications[0].notification.sections,
              second.notifications[0].notification.sections);
}

TEST(MissingPersonCsv, AChangedGradeUpdatesAndATraceCloses) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    (void)format->read(misper("Medium"), context(), memory);
    const auto risen = format->read(misper("High"), context(), memory);
    EXPECT_EQ(types(risen), Words{"missing_episode_updated"});
    const auto found = format->read(misper("High", "2026-11-21 10:15:00"), context(), memory);
    EXPECT_EQ(types(found), Words{"missing_episode_closed"});
    EXPECT_EQ(to_rfc3339(found.notifications[0].notification.facts.occurred_at),
              "2026-11-21T10:15:00.000Z");
    EXPECT_EQ(found.notifications[0].notification.thread_ref,
              risen.notifications[0].notification.thread_ref);
}

TEST(MissingPersonCsv, AReportFirstSeenClosedGivesStartAndEnd) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    EXPECT_EQ(types(format->read(misper("Low", "2026-11-21 10:15:00"), context(), memory)),
              (Words{"missing_episode_started", "missing_episode_closed"}));
}

TEST(MissingPersonCsv, AGradeThatRisesAgainAndAnEndThatComesAgainAreNewsAgain) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    std::set<std::string> refs;
    std::size_t notices = 0;
    const auto found = "2026-11-21 10:15:00";
    for (const auto& text : {misper("Medium"), misper("High"), misper("Medium"), misper("High"),
                             misper("High", found), misper("High"), misper("High", found)}) {
        const auto file = format->read(text, context(), memory);
        EXPECT_EQ(file.notifications.size(), 1U);
        for (const auto& made : file.notifications) {
            refs.insert(made.notification.source_ref);
            ++notices;
        }
    }
    EXPECT_EQ(notices, 7U);
    EXPECT_EQ(refs.size(), 7U) << "under a known reference the core would take it for a repeat";
}

std::string report(std::string_view number, std::string_view since, std::string_view traced) {
    return std::string(number) + ",7001,Low,Low,Ava May,Lark,2014-05-06,F,Home Address," +
           std::string(since) + "," + std::string(since) + "," + std::string(traced) +
           ",,Park,,,,\n";
}

TEST(MissingPersonCsv, ANoticeSaysHowOftenThePersonWasMissingBefore) {
    const auto format = make_missing_person_csv();
    Memory memory;
    const auto history = format->read(
        std::string(misper_header) + report("1", "2026-02-01 10:00:00", "2026-02-02 10:00:00") +
            report("2", "2026-11-01 10:00:00", "2026-11-02 10:00:00") +
            report("3", "2026-11-21 08:00:00", ""),
        context(), memory);
    ASSERT_EQ(types(history), Words{"missing_episode_started"});
    const auto earlier = [](const runtime::ReadFile& file) {
        return file.notifications.at(0).notification.sections.at("rsk").at("previous_episodes");
    };
    EXPECT_EQ(earlier(history).reveal(),
              "\"2 earlier reports, the last on 2026-11-01; 1 in the 90 days before\"");
    const auto changed = format->read(
        std::string(misper_header) + report("3", "2026-11-21 08:10:00", ""), context(), memory);
    EXPECT_EQ(earlier(changed), earlier(history)) << "the report itself is none of them";
    Memory fresh = settled(*format, misper_header);
    const auto first = format->read(
        std::string(misper_header) + report("4", "2026-11-21 08:00:00", ""), context(), fresh);
    EXPECT_FALSE(
        first.notifications.at(0).notification.sections.at("rsk").contains("previous_episodes"));
}

TEST(MissingPersonCsv, OfVeryManyEpisodesTheOldestAreCounted) {
    const auto format = make_missing_person_csv();
    Memory memory;
    std::string rows(misper_header);
    for (int i = 0; i < 40; ++i) {
        const std::string day = (i < 20 ? "2026-01-" : "2026-03-") + std::to_string(i % 20 + 10);
        rows += report("H" + std::to_string(i), day + " 10:00:00", day + " 11:00:00");
    }
    (void)format->read(rows, context(), memory);
    (void)format->read(rows, context(), memory);
    const auto now = format->read(
        std::string(misper_header) + report("3", "2026-11-21 08:00:00", ""), context(), memory);
    ASSERT_EQ(now.notifications.size(), 1U);
    EXPECT_EQ(now.notifications[0].notification.sections.at("rsk").at("previous_episodes").reveal(),
              "\"40 earlier reports, the last on 2026-03-29; 0 in the 90 days before\"");
}

TEST(MissingPersonCsv, InALaterFileWhoWasFoundLongAgoIsHistoryAndWhoIsStillMissingIsNot) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    const std::string header(misper_header);
    const auto old = format->read(
        header + report("1", "2026-10-18 10:00:00", "2026-10-20 09:00:00"), context(), memory);
    EXPECT_TRUE(old.notifications.empty());
    EXPECT_EQ(old.passed_over, 1U);
    EXPECT_EQ(old.understood.at("closed_long_ago"), 1U);
    EXPECT_EQ(types(format->read(header + report("2", "2026-10-18 10:00:00", "2026-10-21 11:00:00"),
                                 context(), memory)),
              (Words{"missing_episode_started", "missing_episode_closed"}));
    EXPECT_EQ(
        types(format->read(header + report("3", "2026-01-18 10:00:00", ""), context(), memory)),
        Words{"missing_episode_started"});
    // Opened again it is news, and found again too.
    EXPECT_EQ(
        types(format->read(header + report("1", "2026-10-18 10:00:00", ""), context(), memory)),
        Words{"missing_episode_updated"});
    EXPECT_EQ(types(format->read(header + report("1", "2026-10-18 10:00:00", "2026-10-20 09:00:00"),
                                 context(), memory)),
              Words{"missing_episode_closed"});
}

TEST(MissingPersonCsv, TheFirstFileIsABaseline) {
    const auto format = make_missing_person_csv();
    Memory closed_history;
    const auto history =
        format->read(misper("Low", "2026-11-21 10:15:00"), context(), closed_history);
    EXPECT_TRUE(history.baseline);
    EXPECT_TRUE(history.notifications.empty());
    Memory open_now;
    EXPECT_EQ(types(format->read(misper("Low"), context(), open_now)),
              Words{"missing_episode_started"});
}

TEST(MissingPersonCsv, AnUnknownOrBlankGradeHoldsNothingBack) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    const auto file = format->read(misper("Extreme"), context(), memory);
    ASSERT_EQ(file.notifications.size(), 1U);
    EXPECT_EQ(file.notifications[0].notification.facts.risk_grade, "");
    ASSERT_FALSE(file.faults.empty());
    EXPECT_EQ(file.faults[0].rule, "unknown_grade");
    EXPECT_FALSE(file.faults[0].record_lost);
}

TEST(MissingPersonCsv, SomebodyBornBefore1970IsAnAdultAndAPartialDateIsRead) {
    const auto format = make_missing_person_csv();
    const auto reports = [&](const char* born) {
        Memory memory = settled(*format, misper_header);
        return format->read(misper("High", "", "x", "Home Address", born), context(), memory)
            .notifications;
    };
    EXPECT_TRUE(reports("1953-01-13").empty());
    EXPECT_TRUE(reports("13/01/1953 00:00:00").empty());
    EXPECT_TRUE(reports("1953").empty());
    ASSERT_EQ(reports("2014").size(), 1U);
    EXPECT_EQ(reports("2014")[0].notification.subject.date_of_birth.reveal(), "2014");
    ASSERT_EQ(reports("00/03/2014").size(), 1U);
    EXPECT_EQ(reports("00/03/2014")[0].notification.subject.date_of_birth.reveal(), "2014-03");
    EXPECT_EQ(reports("2008").size(), 1U) << "may be seventeen until the year ends";
}

TEST(MissingPersonCsv, AnAdultRaisesNothingAndAnUnknownAgeIsNotDropped) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    EXPECT_TRUE(
        format->read(misper("High", "", "x", "Home Address", "2008-11-21"), context(), memory)
            .notifications.empty());
    EXPECT_EQ(format->read(misper("High", "", "x", "Home Address", "2008-11-22"), context(), memory)
                  .notifications.size(),
              1U);
    Memory other = settled(*format, misper_header);
    EXPECT_EQ(format->read(misper("High", "", "x", "Home Address", "soon"), context(), other)
                  .notifications.size(),
              1U);
}

// One mistyped figure, and the report of a missing child would be passed over as an adult's.
TEST(MissingPersonCsv, OneWrongFigureInADateMakesNoAdultOfAChild) {
    const auto format = make_missing_person_csv();
    const auto read = [&](std::string text) {
        auto memory = settled(*format, misper_header);
        return format->read(text, context(), memory);
    };
    const auto with = [](std::string text, std::string_view from, std::string_view to) {
        const auto at = text.find(from);
        CHECK(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    const auto rules = [](const runtime::ReadFile& file) {
        Words out;
        for (const auto& fault : file.faults) out.push_back(fault.field + " " + fault.rule);
        return out;
    };
    const auto ahead = read(with(misper("High"), "2026-11-21 08:30:00", "2062-11-21 08:30:00"));
    EXPECT_EQ(types(ahead), Words{"missing_episode_started"});
    EXPECT_EQ(rules(ahead), Words{"missing_since bad_date"});
    EXPECT_EQ(to_rfc3339(ahead.notifications.at(0).notification.facts.occurred_at),
              "2026-11-21T09:00:00.000Z")
        << "when it was reported";

    const auto century = read(with(misper("High"), "2014-05-06", "1914-05-06"));
    EXPECT_EQ(types(century), Words{"missing_episode_started"});
    EXPECT_EQ(rules(century), Words{"dob bad_date"});
    EXPECT_EQ(century.notifications.at(0).notification.subject.date_of_birth.reveal(), "");

    auto aged = with(misper("High"), ",sex,", ",sex,age,");
    aged = with(with(aged, "2014-05-06", "2004-05-06"), ",F,", ",F,12,");
    const auto contradicted = read(aged);
    EXPECT_EQ(types(contradicted), Words{"missing_episode_started"});
    EXPECT_EQ(rules(contradicted), Words{"dob bad_date"});
    const auto grown = read(with(aged, ",F,12,", ",F,22,"));
    EXPECT_TRUE(grown.notifications.empty());
    EXPECT_TRUE(grown.faults.empty()) << "an adult is nobody we may speak of";
}

TEST(MissingPersonCsv, ARefusedReportIsNewsAgainWhenItComesMended) {
    const auto format = make_missing_person_csv();
    KeptMemory memory;
    (void)memory.read(*format, std::string(misper_header));
    EXPECT_EQ(types(memory.read(*format, misper("High"), {"missing_episode_started"})),
              Words{"missing_episode_started"});
    EXPECT_EQ(types(memory.read(*format, misper("High"))), Words{"missing_episode_started"});
    EXPECT_TRUE(memory.read(*format, misper("High")).notifications.empty());
}

TEST(MissingPersonCsv, OfAStartAndAnEndOnlyWhatWasRefusedIsSaidAgain) {
    const auto format = make_missing_person_csv();
    KeptMemory memory;
    (void)memory.read(*format, std::string(misper_header));
    const auto text = misper("Low", "2026-11-21 10:15:00");
    EXPECT_EQ(types(memory.read(*format, text, {"missing_episode_closed"})),
              (Words{"missing_episode_started", "missing_episode_closed"}));
    EXPECT_EQ(types(memory.read(*format, text)), Words{"missing_episode_closed"});
    EXPECT_TRUE(memory.read(*format, text).notifications.empty());
}

TEST(MissingPersonCsv, AReportThatIsOpenedAgainIsNotPassedOver) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    (void)format->read(misper("Low"), context(), memory);
    const auto first = format->read(misper("Low", "2026-11-21 10:15:00"), context(), memory);
    const auto again = format->read(misper("Low", "", "Gone again"), context(), memory);
    ASSERT_EQ(types(again), Words{"missing_episode_updated"});
    EXPECT_EQ(again.notifications[0].notification.sections.at("evt").at("what").reveal(),
              "\"A closed report of a missing child is open again\"");
    const auto found =
        format->read(misper("Low", "2026-11-21 11:45:00", "Gone again"), context(), memory);
    ASSERT_EQ(types(found), Words{"missing_episode_closed"});
    EXPECT_NE(found.notifications[0].notification.source_ref,
              first.notifications[0].notification.source_ref)
        << "the second end is not the first with other words";
}

TEST(MissingPersonCsv, AReportWithoutAnyTimeSaysTheSameWheneverItIsRead) {
    const auto format = make_missing_person_csv();
    const std::string text = std::string(misper_header) + "70009,7009,,,Ava,Lark,2014-05-06\n";
    Memory first = settled(*format, misper_header);
    Memory second = settled(*format, misper_header);
    const auto once = format->read(text, context("2026-11-21T10:00:00Z"), first);
    const auto twice = format->read(text, context("2026-11-21T11:00:00Z"), second);
    ASSERT_EQ(once.notifications.size(), 1U);
    EXPECT_EQ(once.notifications[0].notification.facts, twice.notifications[0].notification.facts);
}

TEST(MissingPersonCsv, AnAdultIsPassedOverWithoutAFaultWhateverElseTheRowHolds) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    const auto file = format->read(std::string(misper_header) +
                                       "70003,7003,Extreme,Extreme,Jo,Lark,1980-01-01,F,,"
                                       "2026-11-21,yesterday,soon,,,,,maybe,\n"
                                       ",7004,,,Jo,Lark,1980-01-01,F,,,2026-11-21,,,,,,,\n",
                                   context(), memory);
    EXPECT_EQ(file.records, 2U);
    EXPECT_EQ(file.passed_over, 2U);
    EXPECT_EQ(file.children, 0U);
    EXPECT_TRUE(file.faults.empty());
    EXPECT_TRUE(file.rejected_records.empty());
    EXPECT_TRUE(file.notifications.empty());
}

TEST(MissingPersonCsv, APlacementNeverTravelsAsTheHomeAddress) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    const auto file = format->read(misper("High", "", "x", "Childrens Home"), context(), memory);
    const auto& made = file.notifications.at(0).notification;
    EXPECT_FALSE(made.sections.contains("adr"));
    EXPECT_TRUE(made.sections.contains("plc"));
    EXPECT_EQ(made.subject.postcode.reveal(), "");
}

TEST(MissingPersonCsv, ABadRowIsNamedAndTheOthersGoOn) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    std::string text = misper("High");
    text += ",7002,Low,Low,Jon,Lark,2012-01-01,M,Home Address,2026-11-21,,,,,,,,\n";
    const auto file = format->read(text, context(), memory);
    EXPECT_EQ(file.records, 2U);
    EXPECT_EQ(file.notifications.size(), 1U);
    ASSERT_EQ(file.rejected_records, std::vector<std::uint64_t>{2});
    EXPECT_EQ(file.faults.back().field, "reportid");
}

TEST(MissingPersonCsv, AFileWithoutANeededColumnIsRefusedWhole) {
    const auto format = make_missing_person_csv();
    Memory memory;
    const auto file = format->read("reportid,forenames\n1,Ava\n", context(), memory);
    EXPECT_TRUE(file.notifications.empty());
    ASSERT_EQ(file.faults.size(), 1U);
    EXPECT_EQ(file.faults[0].rule, "missing_column");
    EXPECT_EQ(file.faults[0].record, 0U);
}

TEST(MissingPersonCsv, ARowThatWasCutOffIsNeverTakenForAWholeOne) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    const auto file = format->read(misper("High") + "70002,7002,Low,Low,Jo", context(), memory);
    EXPECT_EQ(types(file), Words{"missing_episode_started"});
    ASSERT_EQ(file.faults.size(), 1U);
    EXPECT_EQ(file.faults[0].rule, "cut_off");
    EXPECT_EQ(file.rejected_records, std::vector<std::uint64_t>{2});
}

TEST(MissingPersonCsv, NoReferenceHoldsAName) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    const auto file = format->read(misper("High"), context(), memory);
    for (const auto& made : file.notifications) {
        for (const auto& ref : {made.notification.source_ref, made.notification.thread_ref,
                                made.notification.event_ref}) {
            EXPECT_EQ(ref.find("Lark"), std::string::npos);
            EXPECT_EQ(ref.find("2014"), std::string::npos);
        }
    }
}

constexpr std::string_view encompass_header =
    "police_reference,incident_datetime,incident_location,child_forename,child_surname,child_dob,"
    "school_name,school_urn,child_present,"
    "child_spoken_to,voice_of_child,circumstances\n";

std::string encompass(std::string_view present, std::string_view words = "A loud argument") {
    return std::string(encompass_header) +
           "DA/1,2026-11-20 22:40:00,4 Invented Row,Ava,Lark,2018-03-02,Teme Meadow,884001," +
           std::string(present) + ",Y,I was scared," + std::string(words) + "\n" +
           "DA/1,2026-11-20 22:40:00,4 Invented Row,Jon,Lark,2012-03-02,,,N,N,,\n";
}

TEST(EncompassCsv, ARowWithoutReferenceOrTimeIsNamedAndAFileWithoutAColumnRefusedWhole) {
    const auto format = make_encompass_csv();
    Memory memory = settled(*format, encompass_header);
    const auto file = format->read(std::string(encompass_header) +
                                       ",2026-11-20 22:40:00,,Ava,Lark,2018-03-02,,,,,,\n"
                                       "DA/2,some day,,Ava,Lark,2018-03-02,,,,,,\n"
                                       "DA/3,2026-11-20 22:40:00,,Ava,Lark,no date,,,,,,\n",
                                   context(), memory);
    EXPECT_EQ(file.rejected_records, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(types(file), Words{"domestic_abuse_incident"});
    const auto other =
        format->read("police_reference,incident_datetime\nDA/1,2026-11-20\n", context(), memory);
    ASSERT_EQ(other.faults.size(), 1U);
    EXPECT_EQ(other.faults[0].rule, "missing_column");
    EXPECT_EQ(other.faults[0].record, 0U);
}

TEST(EncompassCsv, OneNoticeForEachChildTiedByTheIncident) {
    const auto format = make_encompass_csv();
    Memory memory = settled(*format, encompass_header);
    const auto file = format->read(encompass("Y"), context(), memory);
    ASSERT_EQ(file.notifications.size(), 2U);
    const auto& ava = file.notifications[0].notification;
    const auto& jon = file.notifications[1].notification;
    EXPECT_EQ(ava.event_ref, jon.event_ref);
    EXPECT_NE(ava.source_ref, jon.source_ref);
    EXPECT_EQ(ava.subject.school_urn.reveal(), "884001");
    EXPECT_EQ(ava.sections.at("evt").at("child_present").reveal(), "\"yes\"");
    EXPECT_EQ(jon.sections.at("evt").at("child_present").reveal(), "\"no\"");
    EXPECT_EQ(ava.sections.at("voi").at("words").reveal(), "\"I was scared\"");
    EXPECT_EQ(jon.sections.at("voi").at("reason_for_none").reveal(), "\"not_seen\"");
    EXPECT_EQ(ava.sections.at("nar").at("short").reveal(), "\"A loud argument\"");
}

TEST(EncompassCsv, ACorrectedRowSupersedesAndAResentOneDoesNot) {
    const auto format = make_encompass_csv();
    Memory memory = settled(*format, encompass_header);
    const auto first = format->read(encompass("Y"), context(), memory);
    EXPECT_TRUE(format->read(encompass("Y"), context(), memory).notifications.empty());
    const auto corrected = format->read(encompass("N"), context(), memory);
    ASSERT_EQ(corrected.notifications.size(), 1U);
    EXPECT_EQ(corrected.notifications[0].notification.supersedes_ref,
              first.notifications[0].notification.source_ref);
    const auto further = format->read(encompass("N", "Further words"), context(), memory);
    ASSERT_EQ(further.notifications.size(), 1U);
    EXPECT_EQ(further.notifications[0].notification.supersedes_ref,
              corrected.notifications[0].notification.source_ref);
}

TEST(EncompassCsv, ARefusedNoticeIsNewsAgainUnderTheSameNumber) {
    const auto format = make_encompass_csv();
    KeptMemory memory;
    (void)memory.read(*format, std::string(encompass_header));
    const auto refused = memory.read(*format, encompass("Y"), {"domestic_abuse_incident"});
    const auto mended = memory.read(*format, encompass("N"));
    ASSERT_EQ(mended.notifications.size(), 2U);
    EXPECT_EQ(mended.notifications[0].notification.source_ref,
              refused.notifications[0].notification.source_ref);
    EXPECT_EQ(mended.notifications[0].notification.supersedes_ref, "");
    EXPECT_TRUE(memory.read(*format, encompass("N")).notifications.empty());
}

TEST(EncompassCsv, AnAdultIsPassedOverWithoutAFault) {
    const auto format = make_encompass_csv();
    Memory memory = settled(*format, encompass_header);
    const auto file = format->read(std::string(encompass_header) +
                                       ",2026-11-20 22:40:00,4 Invented Row,Jo,Lark,1980-03-02,,"
                                       "12,maybe,maybe,,\n",
                                   context(), memory);
    EXPECT_EQ(file.passed_over, 1U);
    EXPECT_TRUE(file.faults.empty());
    EXPECT_TRUE(file.rejected_records.empty());
}

TEST(EncompassCsv, OfALaterFileTheFirstOfManyOldIncidentsAreSentAndTheRestIsHistory) {
    const auto format = make_encompass_csv();
    Memory memory = settled(*format, encompass_header);
    const auto told = format->read(encompass("Y"), context("2026-12-20T12:00:00Z"), memory);
    ASSERT_EQ(told.notifications.size(), 2U);
    std::string many = encompass("N");
    for (int i = 0; i < 25; ++i) {
        many += "OLD/" + std::to_string(i) +
                ",2026-11-20 22:40:00,4 Invented Row,Jon,Wren,2012-03-02,,,N,N,,\n";
    }
    many += "NEW/1,2027-01-12 22:40:00,4 Invented Row,Jon,Wren,2012-03-02,,,N,N,,\n";
    const auto file = format->read(many, context("2027-01-13T12:00:00Z"), memory);
    // A correction of what was told, 20 of the old, the new one.
    EXPECT_EQ(file.notifications.size(), 22U);
    EXPECT_EQ(file.notifications.front().notification.supersedes_ref,
              told.notifications[0].notification.source_ref);
    EXPECT_EQ(file.understood.at("incidents_long_ago"), 5U);
    ASSERT_EQ(file.faults.size(), 1U);
    EXPECT_EQ(file.faults[0].rule, "long_ago");
    EXPECT_TRUE(format->read(many, context("2027-01-13T12:00:00Z"), memory).notifications.empty());
}

area::Policy reference_policy() {
    std::vector<area::PolicyFault> faults;
    const auto text = [](const char* name) {
        return test::content_of(test::source_dir() / "deploy/policy" / name);
    };
    auto policy = area::Policy::parse(text("policy.toml"), "policy.toml", text("catalogue.toml"),
                                      "catalogue.toml", faults);
    CHECK(policy.has_value());
    return std::move(*policy);
}

/// The first file ever, with one incident in it.
runtime::ReadFile first_file(const std::string& incident, std::string_view read_at,
                             bool with_calendar) {
    auto reading = context(read_at);
    if (with_calendar) {
        reading.school_sessions =
            runtime::SchoolSessions([] { return std::optional(reference_policy()); });
    }
    Memory memory;
    return make_encompass_csv()->read(std::string(encompass_header) + "DA/1," + incident +
                                          ",4 Invented Row,Jo,Lark,2013-03-02,,,N,N,,\n",
                                      reading, memory);
}

TEST(EncompassCsv, TheFirstFileSendsWhatNoSchoolDayHasPassedSince) {
    // Friday evening: history once school has begun on Monday.
    EXPECT_EQ(first_file("2026-11-20 22:40:00", "2026-11-23T08:49:00Z", true).notifications.size(),
              1U);
    const auto history = first_file("2026-11-20 22:40:00", "2026-11-23T08:50:00Z", true);
    EXPECT_TRUE(history.notifications.empty());
    EXPECT_EQ(history.passed_over, 1U);
    EXPECT_TRUE(history.faults.empty());
    // The last evening of the term: ten days later no school has been open.
    EXPECT_EQ(first_file("2026-12-18 22:40:00", "2026-12-28T12:00:00Z", true).notifications.size(),
              1U);
    // Past the end of the calendar nobody can say that it is too late.
    EXPECT_EQ(first_file("2030-12-18 22:40:00", "2031-01-28T12:00:00Z", true).notifications.size(),
              1U);
}

TEST(EncompassCsv, AMonthOfLongHolidaysIsNotLongAgo) {
    const auto format = make_encompass_csv();
    Memory memory = settled(*format, encompass_header);
    // The last evening before the summer; schools have been open for a week, and the file is late.
    auto reading = context("2027-09-09T12:00:00Z");
    reading.school_sessions =
        runtime::SchoolSessions([] { return std::optional(reference_policy()); });
    std::string text(encompass_header);
    for (int i = 0; i < 25; ++i) {
        text += "DA/" + std::to_string(i) +
                ",2027-07-20 22:40:00,4 Invented Row,Jo,Lark,2013-03-02,,,N,N,,\n";
    }
    EXPECT_EQ(format->read(text, reading, memory).notifications.size(), 25U);
}

TEST(EncompassCsv, AMendedRowOfHistoryReplacesNothingThatWasNeverSent) {
    const auto format = make_encompass_csv();
    Memory memory;
    (void)format->read(encompass("Y"), context("2026-12-08T12:00:00Z"), memory);
    const auto later = format->read(encompass("N"), context("2026-12-08T12:00:00Z"), memory);
    ASSERT_EQ(later.notifications.size(), 1U);
    EXPECT_EQ(later.notifications[0].notification.supersedes_ref, "");
}

TEST(EncompassCsv, WithoutACalendarThreeDaysAreCountedAndTheFileIsToldSo) {
    EXPECT_EQ(first_file("2026-11-20 22:40:00", "2026-11-23T12:00:00Z", false).notifications.size(),
              1U);
    const auto guessed = first_file("2026-12-18 22:40:00", "2026-12-28T12:00:00Z", false);
    EXPECT_TRUE(guessed.notifications.empty());
    EXPECT_EQ(guessed.understood.at("history_estimated"), 1U);
    ASSERT_EQ(guessed.faults.size(), 1U);
    EXPECT_EQ(guessed.faults[0].rule, "estimated");
    EXPECT_FALSE(guessed.faults[0].record_lost);
    EXPECT_TRUE(guessed.rejected_records.empty());
}

std::set<std::string> sections(const runtime::ReadFile& file, std::size_t which = 0) {
    std::set<std::string> out;
    for (const auto& [name, content] : file.notifications.at(which).notification.sections)
        out.insert(name);
    return out;
}

TEST(MissingPersonCsv, AnUpdateSaysTheReportAnewAndAnEndOnlyHowItEnded) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    const std::set<std::string> report{"adr", "evt", "idn", "loc", "nar", "rsk"};
    EXPECT_EQ(sections(format->read(misper("Medium"), context(), memory)), report);
    const auto risen = format->read(misper("High"), context(), memory);
    ASSERT_EQ(types(risen), Words{"missing_episode_updated"});
    EXPECT_EQ(sections(risen), report);
    const auto& made = risen.notifications[0].notification;
    EXPECT_EQ(made.sections.at("rsk").at("grade").reveal(), "\"high\"");
    EXPECT_EQ(made.sections.at("loc").at("last_seen_place").reveal(), "\"Park\"");
    EXPECT_FALSE(made.sections.at("loc").contains("found_place"));
    EXPECT_EQ(sections(format->read(misper("High", "2026-11-21 10:00:00"), context(), memory)),
              (std::set<std::string>{"evt", "idn", "loc", "rsk"}));
}

TEST(MissingPersonCsv, AnUpdateOfAPlacedChildHasNoHomeAddress) {
    const auto format = make_missing_person_csv();
    Memory memory = settled(*format, misper_header);
    (void)format->read(misper("Medium", "", "Words", "Foster Home"), context(), memory);
    const auto risen = format->read(misper("High", "", "Words", "Foster Home"), context(), memory);
    ASSERT_EQ(types(risen), Words{"missing_episode_updated"});
    EXPECT_EQ(sections(risen), (std::set<std::string>{"evt", "idn", "loc", "nar", "plc", "rsk"}));
}

std::optional<std::string> shared_file(const std::string& name) {
    const auto file = test::shared_data() / "police" / name;
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(PublishedSamples, MissingPersonSampleIsThreeReportsOfTwoPeopleOneOpen) {
    const auto text = shared_file("misper_own_example.csv");
    if (!text)
        GTEST_SKIP()
            << "The public sample file police/misper_own_example.csv is not on this machine";
    const auto format = make_missing_person_csv();
    ASSERT_TRUE(format->recognises(*text));
    Memory memory = settled(*format, misper_header);
    auto that_week = context();
    that_week.written_at = *wall_time_from_rfc3339("2025-12-02T09:00:00Z");
    const auto file = format->read(*text, that_week, memory);
    EXPECT_EQ(file.records, 3U);
    EXPECT_EQ(file.children, 2U);
    EXPECT_EQ(file.understood, (std::map<std::string, std::uint64_t>{{"closed", 2}, {"open", 1}}));
    const auto made = types(file);
    EXPECT_EQ(std::ranges::count(made, "missing_episode_started"), 3);
    EXPECT_EQ(std::ranges::count(made, "missing_episode_closed"), 2);
    EXPECT_TRUE(file.rejected_records.empty());
    Memory fresh;
    EXPECT_EQ(types(format->read(*text, context(), fresh)), Words{"missing_episode_started"});
    Memory a_year_later = settled(*format, misper_header);
    const auto late = format->read(*text, context(), a_year_later);
    EXPECT_EQ(types(late), Words{"missing_episode_started"});
    EXPECT_EQ(late.understood.at("closed_long_ago"), 2U);
}

TEST(PublishedSamples, EncompassSampleIsTwoIncidentsOneWithASchool) {
    const auto text = shared_file("encompass_own_example.csv");
    if (!text)
        GTEST_SKIP()
            << "The public sample file police/encompass_own_example.csv is not on this machine";
    const auto format = make_encompass_csv();
    ASSERT_TRUE(format->recognises(*text));
    Memory memory = settled(*format, encompass_header);
    const auto file = format->read(*text, context(), memory);
    EXPECT_EQ(file.records, 2U);
    ASSERT_EQ(file.notifications.size(), 2U);
    EXPECT_EQ(
        std::ranges::count_if(file.notifications,
                              [](const auto& made) {
                                  return !made.notification.subject.school_urn.reveal().empty();
                              }),
        1);
}

}  // namespace
}  // namespace mash::police
