#include "agents/runtime/core/source_date.hpp"

#include <gtest/gtest.h>

#include "tests/unit/agents/runtime/identity/vector_file.hpp"

namespace mash::runtime {
namespace {

std::string instant(std::string_view text) {
    const auto parsed = parse_source_time(text);
    if (!parsed) return "none";
    return parsed->instant ? to_rfc3339(*parsed->instant) : "date " + area::to_text(parsed->date);
}

TEST(SourceDates, EveryFormThatAgenciesWriteIsRead) {
    EXPECT_EQ(instant("2025-11-28"), "date 2025-11-28");
    EXPECT_EQ(instant("2025-11-20 18:30:00"), "2025-11-20T18:30:00.000Z");
    EXPECT_EQ(instant("2012-07-17 15:25"), "2012-07-17T14:25:00.000Z");
    EXPECT_EQ(instant("29/02/2016"), "date 2016-02-29");
    EXPECT_EQ(instant("29/02/16"), "date 2016-02-29");
    EXPECT_EQ(instant("2024-Dec-01 00:00:00"), "2024-12-01T00:00:00.000Z");
    EXPECT_EQ(instant("28-Nov-2022 14:48:11.000Z[UTC]"), "2022-11-28T14:48:11.000Z");
    EXPECT_EQ(instant("20120717152530.123+0100"), "2012-07-17T14:25:30.123Z");
    EXPECT_EQ(instant("201207171525"), "2012-07-17T14:25:00.000Z");
    EXPECT_EQ(instant("20120717"), "date 2012-07-17");
    EXPECT_EQ(instant("2012-07-17T15:25:00.1234567Z"), "2012-07-17T15:25:00.123Z");
    EXPECT_EQ(instant("2012-07-17T15:25:00-05:00"), "2012-07-17T20:25:00.000Z");
}

TEST(SourceDates, WhatIsNoDateGivesNothing) {
    for (const auto* text : {"", "2015-02-29", "31/04/2020", "2025-13-01", "2025-01-01 25:00",
                             "yesterday", "2025-01-01 10:00 pm", "2025-1-1", "12345678901234567890",
                             "2025-01-01T10:00:00+99:00", "01-Foo-2020"}) {
        EXPECT_EQ(instant(text), "none") << text;
    }
}

TEST(SourceDates, ABirthDateNeverMovesBecauseOfAZone) {
    EXPECT_EQ(source_date("2016-06-01T00:30:00+01:00"), "2016-06-01");
    EXPECT_EQ(source_date("20160601003000+0100"), "2016-06-01");
    EXPECT_EQ(source_date("nonsense"), "");
}

TEST(SourceDates, BirthDatesAreReadAsTheVectorsSay) {
    int cases = 0;
    for (const auto& one : identity::normalisation_cases()) {
        if (one.rule != "source_birth_date") continue;
        ++cases;
        EXPECT_EQ(source_birth_date(one.input), one.output) << "line " << one.line;
    }
    EXPECT_GT(cases, 30);
}

TEST(SourceDates, SomebodyBornBefore1970HasABirthDate) {
    EXPECT_EQ(source_date("1953-01-13"), "1953-01-13");
    EXPECT_EQ(source_date("13/01/1953 00:00:00"), "1953-01-13");
    EXPECT_EQ(instant("1953-07-13T10:00:00Z"), "date 1953-07-13");
    EXPECT_EQ(source_date("1899-12-31"), "");
}

TEST(SourceDates, WhereTheClocksGoBackTheEarlierInstantCounts) {
    EXPECT_EQ(to_rfc3339(from_uk_local({2026, 10, 25}, 90 * 60)), "2026-10-25T00:30:00.000Z");
    EXPECT_EQ(to_rfc3339(from_uk_local({2026, 10, 25}, 150 * 60)), "2026-10-25T02:30:00.000Z");
    EXPECT_EQ(to_rfc3339(from_uk_local({2026, 3, 29}, 30 * 60)), "2026-03-29T00:30:00.000Z");
    EXPECT_EQ(to_rfc3339(from_uk_local({2026, 3, 29}, 150 * 60)), "2026-03-29T01:30:00.000Z");
}

}  // namespace
}  // namespace mash::runtime
