#include "tests/layering/unused_names.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "tests/paths/paths.hpp"

namespace mash::layering {
namespace {

// The real tree

TEST(Names, EveryEventOfTheCatalogueIsLoggedByAProgram) {
    const auto found = check_events_are_used(committed_files(test::source_dir()));
    EXPECT_TRUE(found.empty()) << to_text(found);
}

TEST(Names, EveryLimitBoundsSomething) {
    const auto found = check_limits_are_used(committed_files(test::source_dir()));
    EXPECT_TRUE(found.empty()) << to_text(found);
}

// One planted mistake of each kind

TEST(PlantedMistakes, AnEventThatNothingLogsIsFound) {
    const std::vector<SourceFile> files{
        {"common/base/log_event.hpp",
         "#define EVENTS(X) \\\n    X(started, info, \"It began\") \\\n    X(lost, alarm, "
         "\"Gone\") "
         "\\\n    X(lost_again, alarm, \"Gone\")\nLogEvent::lost;\n"},
        {"broker/main.cpp", "log.write(now, LogEvent::started); // LogEvent::lost\n"},
        {"agents/a.cpp", "f(\"LogEvent::lost\", LogEvent::lost_again);\n"},
        {"tests/unit/a_test.cpp", "LogEvent::lost;\n"},
    };
    EXPECT_EQ(to_text(check_events_are_used(files)),
              "common/base/log_event.hpp:3: lost is never logged\n");
}

TEST(PlantedMistakes, ALimitThatNothingKeepsIsFound) {
    const std::vector<SourceFile> files{
        {"common/base/limits.hpp",
         "inline constexpr std::size_t kibibyte = 1024;\n"
         "inline constexpr std::size_t a_bytes_max = 4 * kibibyte;\n"
         "/// Beside b_max.\ninline constexpr seconds wait{\n    4};\n"
         "inline constexpr std::size_t b_max = 2;\n"},
        {"common/a.cpp", "if (size > limits::a_bytes_max) return; // limits::wait\n"},
        {"broker/b.cpp", "constexpr int b_max = 1; use(b_max);\n"},
        {"tests/unit/a_test.cpp", "limits::wait;\n"},
    };
    EXPECT_EQ(to_text(check_limits_are_used(files)),
              "common/base/limits.hpp:4: wait bounds nothing\n"
              "common/base/limits.hpp:6: b_max bounds nothing\n");
}

TEST(PlantedMistakes, ACatalogueThatCannotBeReadIsFound) {
    EXPECT_EQ(check_events_are_used({}).size(), 1U);
    EXPECT_EQ(check_limits_are_used({}).size(), 1U);
}

}  // namespace
}  // namespace mash::layering
