#include "common/area/calendar.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <date/tz.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/paths/paths.hpp"

namespace mash::area {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

WallTime at(const char* rfc3339) { return wall_time_from_rfc3339(rfc3339).value(); }
CivilDate on(std::string_view iso) { return civil_date_from_text(iso).value(); }

constexpr DayHours nine_to_five{540, 1020};
constexpr DayHours nine_to_half_past_four{540, 990};
constexpr DayHours shut{0, 0};

// Worcestershire's published hours (domain.md F2) and the bank holidays of England around the
// worked values.
Calendar worcestershire(std::set<CivilDate> closed = {}) {
    return Calendar(
        {nine_to_five, nine_to_five, nine_to_five, nine_to_five, nine_to_half_past_four, shut,
         shut},
        std::move(closed),
        {on("2026-12-25"), on("2026-12-28"), on("2027-01-01"), on("2027-03-26"), on("2027-03-29"),
         on("2027-05-03"), on("2027-05-31"), on("2027-08-30"), on("2027-12-27"), on("2027-12-28")},
        on("2027-12-28"));
}

std::string due_date(const char* received, unsigned working_days) {
    const Calendar calendar = worcestershire();
    return to_text(calendar.date_of(calendar.end_of_working_day(at(received), working_days)));
}

TEST(WorkingDays, GiveTheWorkedValuesOfTheDomain) {
    EXPECT_EQ(due_date("2026-12-24T11:00:00Z", 1), "2026-12-29");
    EXPECT_EQ(due_date("2026-12-24T11:00:00Z", 45), "2027-03-02");
    EXPECT_EQ(due_date("2026-12-29T11:00:00Z", 15), "2027-01-20");
    EXPECT_EQ(due_date("2026-12-23T11:00:00Z", 5), "2027-01-04");
    EXPECT_EQ(due_date("2027-03-25T11:00:00Z", 1), "2027-03-30");
    EXPECT_EQ(due_date("2027-03-22T11:00:00Z", 7), "2027-04-02");
}

TEST(WorkingDays, SeventyTwoElapsedHoursAreRealHoursAcrossAClockChange) {
    // Found Saturday 20:00 GMT; due Tuesday 21:00 British Summer Time.
    const Calendar calendar = worcestershire();
    const WallTime due = calendar.local(on("2027-03-27"), 20 * 60) + hours(72);
    EXPECT_EQ(due, calendar.local(on("2027-03-30"), 21 * 60));
    EXPECT_EQ(to_rfc3339(due), "2027-03-30T20:00:00.000Z");
}

TEST(WorkingDays, AreDueAtCloseOfBusinessWhateverTheHourOfReceipt) {
    const Calendar calendar = worcestershire();
    // Thursday to Friday, which closes at 16:30; an hour before midnight and an hour after counts
    // by the local date.
    for (const char* received :
         {"2027-01-14T00:00:00Z", "2027-01-14T12:00:00Z", "2027-01-14T23:59:59Z"}) {
        EXPECT_EQ(calendar.end_of_working_day(at(received), 1), at("2027-01-15T16:30:00Z"))
            << received;
    }
    // 23:30 UTC on Wednesday 14 July is Thursday already in London.
    EXPECT_EQ(calendar.end_of_working_day(at("2027-07-14T23:30:00Z"), 1),
              at("2027-07-16T15:30:00Z"));
}

TEST(WorkingDays, CountFromTheDateItselfWhenNoneAreToPass) {
    const Calendar calendar = worcestershire();
    EXPECT_EQ(calendar.end_of_working_day(at("2027-01-14T20:00:00Z"), 0),
              at("2027-01-14T17:00:00Z"));
    EXPECT_EQ(calendar.end_of_working_day(at("2027-01-16T10:00:00Z"), 0),
              at("2027-01-18T17:00:00Z"));
}

TEST(WorkingDays, StayWorkingDaysWhenTheCouncilShutsDown) {
    const Calendar calendar =
        worcestershire({on("2026-12-29"), on("2026-12-30"), on("2026-12-31")});
    EXPECT_TRUE(calendar.is_working_day(on("2026-12-29")));
    EXPECT_FALSE(calendar.is_open(at("2026-12-29T11:00:00Z")));
    // No hours that day: close of business is 17:00.
    EXPECT_EQ(calendar.end_of_working_day(at("2026-12-24T11:00:00Z"), 1),
              at("2026-12-29T17:00:00Z"));
}

TEST(WorkingDays, SayWhenTheHolidaysLoadedEndBeforeTheDueDate) {
    const Calendar calendar = worcestershire();
    EXPECT_TRUE(calendar.covers(calendar.end_of_working_day(at("2027-12-20T11:00:00Z"), 4)));
    EXPECT_FALSE(calendar.covers(calendar.end_of_working_day(at("2027-12-20T11:00:00Z"), 6)));
    EXPECT_TRUE(calendar.covers(at("2027-12-28T23:59:59Z")));
    EXPECT_FALSE(calendar.covers(at("2027-12-29T00:00:00Z")));
}

TEST(FrontDoorHours, OpenAtTheFirstMinuteAndAreShutAtTheLast) {
    const Calendar calendar = worcestershire();
    EXPECT_FALSE(calendar.is_open(at("2027-01-14T08:59:59.999Z")));
    EXPECT_TRUE(calendar.is_open(at("2027-01-14T09:00:00Z")));
    EXPECT_TRUE(calendar.is_open(at("2027-01-14T16:59:59.999Z")));
    EXPECT_FALSE(calendar.is_open(at("2027-01-14T17:00:00Z")));
    EXPECT_FALSE(calendar.is_open(at("2027-01-16T12:00:00Z")));  // Saturday
    EXPECT_FALSE(calendar.is_open(at("2027-03-26T12:00:00Z")));  // Good Friday
    EXPECT_TRUE(calendar.is_open(at("2027-07-15T08:00:00Z")));   // 09:00 in summer
}

TEST(FrontDoorHours, NextChangeIsStrictlyAfterAndSkipsWeekendsAndHolidays) {
    const Calendar calendar = worcestershire();
    EXPECT_EQ(calendar.next_change(at("2027-01-14T08:00:00Z")), at("2027-01-14T09:00:00Z"));
    EXPECT_EQ(calendar.next_change(at("2027-01-14T09:00:00Z")), at("2027-01-14T17:00:00Z"));
    EXPECT_EQ(calendar.next_change(at("2027-01-15T16:30:00Z")), at("2027-01-18T09:00:00Z"));
    // Thursday before Easter to Tuesday, over the change to summer time.
    EXPECT_EQ(calendar.next_change(at("2027-03-25T17:00:00Z")), at("2027-03-30T08:00:00Z"));
}

TEST(FrontDoorHours, OfAFrontDoorThatNeverShutsDoNotChange) {
    constexpr DayHours always{0, 1440};
    const Calendar calendar({always, always, always, always, always, always, always}, {}, {},
                            on("2027-12-28"));
    EXPECT_TRUE(calendar.is_open(at("2027-03-28T00:59:59.999Z")));
    EXPECT_TRUE(calendar.is_open(at("2027-01-14T00:00:00Z")));
    EXPECT_FALSE(calendar.next_change(at("2027-01-14T12:00:00Z")).is_set());
}

TEST(FrontDoorHours, ThatNeverOpenGiveNoTimeInsteadOfAWrongOne) {
    const Calendar calendar({shut, shut, shut, shut, shut, shut, shut}, {}, {}, on("2027-12-28"));
    EXPECT_FALSE(calendar.next_change(at("2027-01-14T12:00:00Z")).is_set());
    EXPECT_FALSE(calendar.add_working_hours(at("2027-01-14T12:00:00Z"), 1).is_set());
    EXPECT_EQ(calendar.end_of_working_day(at("2027-01-14T12:00:00Z"), 1),
              at("2027-01-15T17:00:00Z"));
}

TEST(FrontDoorHours, AgreeWithTheirChangesMinuteByMinuteThroughAnAutumnClockChange) {
    // Open through the repeated hour: every change that next_change names is one, and there is none
    // between.
    constexpr DayHours night{30, 120};  // 00:30 to 02:00
    const Calendar calendar({shut, shut, shut, shut, shut, shut, night}, {}, {}, on("2027-12-28"));
    WallTime time = at("2027-10-30T22:00:00Z");
    WallTime change = calendar.next_change(time);
    bool open = calendar.is_open(time);
    EXPECT_EQ(change, at("2027-10-30T23:30:00Z"));
    for (int i = 0; i < 8 * 60; ++i, time = time + std::chrono::minutes(1)) {
        if (time == change) {
            open = !open;
            change = calendar.next_change(time);
        }
        EXPECT_EQ(calendar.is_open(time), open) << to_rfc3339(time);
    }
}

TEST(WorkingHours, RunOnlyWhileTheFrontDoorIsOpen) {
    const Calendar calendar = worcestershire();
    EXPECT_EQ(calendar.add_working_hours(at("2027-01-14T10:00:00Z"), 240),
              at("2027-01-14T14:00:00Z"));
    EXPECT_EQ(calendar.add_working_hours(at("2027-01-14T07:00:00Z"), 240),
              at("2027-01-14T13:00:00Z"));
    EXPECT_EQ(calendar.add_working_hours(at("2027-01-14T13:00:00Z"), 240),
              at("2027-01-14T17:00:00Z"));
    // One hour on Thursday, three on Friday.
    EXPECT_EQ(calendar.add_working_hours(at("2027-01-14T16:00:00Z"), 240),
              at("2027-01-15T12:00:00Z"));
    // Friday 15:30 over Easter: an hour, then Tuesday's first three, in summer time by then.
    EXPECT_EQ(calendar.add_working_hours(at("2027-03-25T16:00:00Z"), 240),
              at("2027-03-30T11:00:00Z"));
    EXPECT_EQ(calendar.add_working_hours(at("2027-01-16T10:00:00Z"), 0),
              at("2027-01-18T09:00:00Z"));
}

TEST(LocalTime, TakesTheEarlierOfTwoInstantsAndGoesOnThroughTheMissingHour) {
    const Calendar calendar = worcestershire();
    EXPECT_EQ(calendar.local(on("2027-10-31"), 90),
              at("2027-10-31T00:30:00Z"));  // 01:30 comes twice
    EXPECT_EQ(calendar.local(on("2027-10-31"), 120), at("2027-10-31T02:00:00Z"));
    EXPECT_EQ(calendar.local(on("2027-03-28"), 59), at("2027-03-28T00:59:00Z"));
    EXPECT_EQ(calendar.local(on("2027-03-28"), 90),
              at("2027-03-28T01:30:00Z"));  // 01:30 does not come: 02:30
    EXPECT_EQ(calendar.local(on("2027-03-28"), 120), at("2027-03-28T01:00:00Z"));
    EXPECT_EQ(calendar.local(on("2027-07-15"), 1440), calendar.local(on("2027-07-16"), 0));
}

TEST(CivilDates, AreReadInOneFormOnly) {
    EXPECT_EQ(to_text(on("2028-02-29")), "2028-02-29");
    for (const char* bad :
         {"", "2027-02-29", "2027-13-01", "2027-00-01", "2027-1-1", "27-01-01", "2027/01/01",
          "2027-01-01 ", "1969-12-31", "2027-01-+1", "abcd-01-01"}) {
        EXPECT_FALSE(civil_date_from_text(bad)) << bad;
    }
}

TEST(SummerTime, ByTheStatuteIsTheTimeZoneDatabasesFrom1996To2037) {
    const auto* london = date::locate_zone("Europe/London");
    using Instant = date::sys_time<milliseconds>;
    const Instant begin = date::sys_days(date::year(1996) / 1 / 1);
    const Instant end = date::sys_days(date::year(2038) / 1 / 1);
    // Every hour, and the millisecond before it.
    for (Instant instant = begin; instant < end; instant += hours(1)) {
        for (const auto& moment : {instant - milliseconds(1), instant}) {
            if (moment < begin) continue;
            const auto database =
                london->get_info(date::floor<std::chrono::seconds>(moment)).offset;
            const auto ours =
                uk_offset_minutes(WallTime::from_unix_ms(moment.time_since_epoch().count()));
            ASSERT_EQ(std::chrono::minutes(ours), database) << moment.time_since_epoch().count();
        }
    }
}

TEST(WorkingDays, GiveTheWorkedValuesFromTheGovernmentsListOfBankHolidays) {
    std::ifstream file(test::shared_data() / "calendar/bank-holidays.json");
    if (!file) {
        GTEST_SKIP() << "The public sample file calendar/bank-holidays.json is not on this machine";
    }
    std::set<CivilDate> holidays;
    const auto list = nlohmann::json::parse(file);
    for (const auto& event : list["england-and-wales"]["events"]) {
        holidays.insert(on(event["date"].get<std::string>()));
    }
    const Calendar calendar(
        {nine_to_five, nine_to_five, nine_to_five, nine_to_five, nine_to_five, shut, shut}, {},
        holidays, *holidays.rbegin());
    const auto due = [&](const char* received, unsigned n) {
        return to_text(calendar.date_of(calendar.end_of_working_day(at(received), n)));
    };
    EXPECT_EQ(due("2026-12-24T11:00:00Z", 1), "2026-12-29");
    EXPECT_EQ(due("2026-12-24T11:00:00Z", 45), "2027-03-02");
    EXPECT_EQ(due("2026-12-29T11:00:00Z", 15), "2027-01-20");
    EXPECT_EQ(due("2026-12-23T11:00:00Z", 5), "2027-01-04");
    EXPECT_EQ(due("2027-03-25T11:00:00Z", 1), "2027-03-30");
    EXPECT_EQ(due("2027-03-22T11:00:00Z", 7), "2027-04-02");
    EXPECT_FALSE(calendar.covers(at("2029-01-02T12:00:00Z")));
}

}  // namespace
}  // namespace mash::area
