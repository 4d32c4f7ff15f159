#include "agents/runtime/core/source.hpp"

#include <gtest/gtest.h>

#include "agents/runtime/core/source_row.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime {
namespace {

TEST(SourceMemory, ALongHistoryIsKeptAsItIsSaidAndStillKnown) {
    std::map<std::string, std::string, std::less<>> kept;
    SourceMemory memory(
        [&](std::string_view key) {
            const auto found = kept.find(key);
            return found == kept.end() ? std::nullopt : std::optional(found->second);
        },
        [&](std::vector<Remembered>&& entries) {
            for (auto& entry : entries) kept[entry.key] = entry.value;
            return true;
        });
    const std::size_t many = 2 * limits::intake_remembered_batch + 3;
    for (std::size_t i = 0; i < many; ++i) memory.put("key" + std::to_string(i), "v");
    EXPECT_EQ(kept.size(), 2 * limits::intake_remembered_batch);
    EXPECT_EQ(memory.entries().size(), 3U);
    EXPECT_EQ(memory.get("key0"), "v");
    EXPECT_EQ(memory.get("key" + std::to_string(many - 1)), "v");
    EXPECT_FALSE(memory.failed());
}

TEST(SourceMemory, OneThatCannotBeKeptIsSaid) {
    SourceMemory memory({}, [](std::vector<Remembered>&&) { return false; });
    for (std::size_t i = 0; i < limits::intake_remembered_batch; ++i)
        memory.put("key" + std::to_string(i), "v");
    EXPECT_TRUE(memory.failed());
}

TEST(SourceMemory, OnceTheCoreHasAnsweredItAloneSaysWhatItTook) {
    SourceMemory memory;
    ReadFile::Made made;
    memory.put_once_taken(made, "a", "sent");
    memory.put("b", "history");
    EXPECT_EQ(memory.get("a"), "sent");
    memory.forget_taken();
    EXPECT_FALSE(memory.get("a"));
    EXPECT_EQ(memory.get("b"), "history");
}

TEST(Snapshot, TheFirstFitFileOfAnAgencyIsItsBaseline) {
    SourceMemory memory;
    Snapshot first(memory, "x-csv", AgencyId("one"));
    EXPECT_TRUE(first.is_baseline());
    first.keep("7", "seen");
    first.end_baseline();
    const Snapshot second(memory, "x-csv", AgencyId("one"));
    EXPECT_FALSE(second.is_baseline());
    EXPECT_EQ(second.before("7"), "seen");
    EXPECT_FALSE(second.before("8"));
    EXPECT_TRUE(Snapshot(memory, "x-csv", AgencyId("two")).is_baseline());
    EXPECT_TRUE(Snapshot(memory, "y-csv", AgencyId("one")).is_baseline());
}

TEST(RowReading, ARowOfOtherLengthIsUsedAndSaid) {
    struct Counting final : RowReading {
        explicit Counting(ReadFile& out) : RowReading(ReadContext(), {"id", "name"}, out) {}
        void on_row(Row& row) override { read.push_back(row.text("id")); }
        std::vector<PersonalText> read;
    };
    const auto rules = [](std::string_view rows) {
        ReadFile out;
        Counting reading(out);
        reading.feed("id,note,name\r\n");
        reading.feed(rows);
        reading.finish();
        std::vector<std::string> said;
        for (const auto& fault : out.faults) said.push_back(fault.rule);
        EXPECT_EQ(reading.read.size(), out.records);
        EXPECT_EQ(out.records, 2U);
        return said;
    };
    using Rules = std::vector<std::string>;
    EXPECT_EQ(rules("1,x,a\r\n2,,b\r\n"), Rules{});
    EXPECT_EQ(rules("1,x,a,,\r\n2,,b\r\n"), Rules{}) << "empty cells at the end say nothing";
    EXPECT_EQ(rules("1,x\r\n2,,b\r\n"), Rules{"short_row"});
    EXPECT_EQ(rules("1,x, y,a\r\n2,,b\r\n"), Rules{"long_row"});
}

TEST(RowReading, ARowThatMayHoldOthersIsUsedAndComesBackAndOneThatIsCutOffIsNotUsed) {
    struct Counting final : RowReading {
        explicit Counting(ReadFile& out) : RowReading(ReadContext(), {"id", "name"}, out) {}
        void on_row(Row&) override { ++used; }
        int used = 0;
    };
    ReadFile out;
    Counting reading(out);
    reading.feed("id,note,name\r\n1,\"never closed,a\r\n2,\"b,c\",d,e\r\n3,x,y\r\n4,\"cut");
    reading.finish();
    EXPECT_EQ(reading.used, 2);
    EXPECT_EQ(out.records, 3U);
    EXPECT_EQ(out.rejected_records, (std::vector<std::uint64_t>{1, 3}));
    std::vector<std::string> said;
    for (const auto& fault : out.faults) said.push_back(fault.rule);
    EXPECT_EQ(said, (std::vector<std::string>{"long_row", "unclosed_quote", "cut_off"}));
    EXPECT_FALSE(out.faults[1].record_lost);
    EXPECT_TRUE(out.faults[2].record_lost);
}

TEST(DistinctCount, CountsEachOnce) {
    DistinctCount some;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 20'000; ++i) some.add(std::to_string(i));
    }
    EXPECT_EQ(some.count(), 20'000U);
    EXPECT_EQ(DistinctCount().count(), 0U);
}

TEST(AgeGroup, IsThatOfTheDayOfTheEvent) {
    const auto on = [](std::string_view born, std::string_view day) {
        return age_group(PersonalText(std::string(born)), parse_source_time(day));
    };
    EXPECT_EQ(on("2008-11-21", "2026-11-20"), AgeGroup::child);
    EXPECT_EQ(on("2008-11-21", "2026-11-21"), AgeGroup::adult);
    EXPECT_EQ(on("21/11/2008", "2026-11-21 08:00:00"), AgeGroup::adult);
    EXPECT_EQ(on("2008-02-29", "2026-02-28"), AgeGroup::child);
    EXPECT_EQ(on("2027-03-01", "2026-11-21"), AgeGroup::child) << "not born yet";
    EXPECT_EQ(on("", "2026-11-21"), AgeGroup::unknown);
    EXPECT_EQ(on("not a date", "2026-11-21"), AgeGroup::unknown);
    EXPECT_EQ(on("2008-11-21", ""), AgeGroup::unknown);
    EXPECT_EQ(on("1914-05-06", "2026-11-21"), AgeGroup::unknown) << "2014 mistyped";
    EXPECT_EQ(on("1927-05-06", "2026-11-21"), AgeGroup::adult) << "ninety-nine";
    const auto when = parse_source_time("2026-11-21");
    EXPECT_EQ(believed_birth_date("1914-05-06", when), "");
    EXPECT_EQ(believed_birth_date("2014-05-06", when), "2014-05-06");
    EXPECT_EQ(believed_birth_date("2014-05-06", std::nullopt), "2014-05-06");
}

TEST(IsAdult, NoDayThatLiesAheadOfTheFileMakesAnAdult) {
    const auto written = *wall_time_from_rfc3339("2026-11-21T09:30:00Z");
    const auto on = [&](const std::vector<std::string>& days) {
        std::vector<PersonalText> texts;
        for (const auto& day : days) texts.emplace_back(day);
        return is_adult(PersonalText("2014-05-06"), texts, written);
    };
    EXPECT_FALSE(on({"2062-11-20 22:00:00"}));
    EXPECT_FALSE(on({"2062-11-20", "2026-11-20"}));
    EXPECT_FALSE(on({"2032-11-20", "2062-11-20"})) << "both lie ahead";
    EXPECT_FALSE(is_adult(PersonalText("2008-11-23"), {PersonalText("2027-11-20")}, written));
    EXPECT_TRUE(
        is_adult(PersonalText("2008-11-22"), {PersonalText("2026-11-22 08:00:00")}, written))
        << "a clock that is a few hours ahead";
}

}  // namespace
}  // namespace mash::runtime
