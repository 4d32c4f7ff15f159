#include "agents/runtime/shell/alarm_hook.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>

#include <gtest/gtest.h>

#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

using test::content_of;
using test::eventually;

AreaAlarm late() {
    return {AreaId("herefordshire"),
            {runtime::Alarm::Kind::not_accepted,
             NotificationId({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}),
             "01632 960199", false}};
}

/// Commands that read a line from it wait until they are let through.
class Gate {
public:
    explicit Gate(const std::filesystem::path& path) {
        EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
        file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        EXPECT_GE(file_, 0);
    }
    ~Gate() { ::close(file_); }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    void let_through(std::size_t commands) const {
        const std::string lines(commands, '\n');
        EXPECT_EQ(::write(file_, lines.data(), lines.size()), static_cast<ssize_t>(commands));
    }

private:
    int file_ = -1;
};

class AlarmHookTest : public ::testing::Test {
protected:
    /// `command` runs in a shell that knows the test's own folder as $DIR.
    void use(const std::string& command) {
        hook = std::make_unique<AlarmHook>(
            "DIR='" + folder.path().string() + "'; " + command,
            [this](const HookFailure& failure) { failures.add(failure); });
    }
    std::string written(const std::string& name) const { return content_of(folder.path() / name); }
    /// This many are told, and no more until the hook has gone.
    void expect_only(std::size_t count) {
        EXPECT_TRUE(failures.wait_for(count));
        hook.reset();
        EXPECT_EQ(failures.size(), count);
    }

    test::TemporaryFolder folder;
    test::Collected<HookFailure> failures;
    std::unique_ptr<AlarmHook> hook;
};

TEST_F(AlarmHookTest, TheCommandLearnsWhichAlarmOfWhichAreaAndNotificationAndWhomToRing) {
    use("printf '%s|%s|%s|%s|%s' \"$MASH_ALARM\" \"$MASH_AREA\" \"$MASH_CLEARED\" "
        "\"$MASH_NOTIFICATION\" \"$MASH_TELEPHONE\" > \"$DIR/part$MASH_CLEARED\" && "
        "mv \"$DIR/part$MASH_CLEARED\" \"$DIR/said$MASH_CLEARED\"");
    auto alarm = late();
    hook->run(alarm);
    alarm.alarm.cleared = true;
    hook->run(alarm);
    const auto id = to_text(alarm.alarm.notification);
    EXPECT_TRUE(eventually([&] {
        return written("said0") == "not_accepted|herefordshire|0|" + id + "|01632 960199" &&
               written("said1") == "not_accepted|herefordshire|1|" + id + "|01632 960199";
    })) << written("said0")
        << " and " << written("said1");
    expect_only(0);
}

TEST_F(AlarmHookTest, AnAlarmOfNoNotificationNamesNoneAndNothingElseOfTheAgentIsPassedOn) {
    ::setenv("MASH_TEST_SECRET", "must stay here", 1);
    use("env | cut -d= -f1 | sort > \"$DIR/part\"; printf '%s' \"<$MASH_NOTIFICATION>\" >> "
        "\"$DIR/part\"; mv \"$DIR/part\" \"$DIR/said\"");
    auto alarm = late();
    alarm.alarm.kind = runtime::Alarm::Kind::registry_not_fresh;
    alarm.alarm.notification = {};
    hook->run(alarm);
    ASSERT_TRUE(eventually([&] { return !written("said").empty(); }));
    ::unsetenv("MASH_TEST_SECRET");
    const auto said = written("said");
    for (const char* name :
         {"MASH_ALARM\n", "MASH_AREA\n", "MASH_CLEARED\n", "MASH_TELEPHONE\n", "PATH\n", "<>"})
        EXPECT_NE(said.find(name), std::string::npos) << name << " in " << said;
    EXPECT_EQ(said.find("MASH_TEST_SECRET"), std::string::npos) << said;
}

TEST_F(AlarmHookTest, ACommandThatIsNotThereIsToldOnce) {
    use("exec /nowhere/ring-somebody 2>/dev/null");
    hook->run(late());
    ASSERT_TRUE(failures.wait_for(1));
    const auto failure = failures.all().front();
    EXPECT_EQ(failure.fault, HookFault::exit_code);
    EXPECT_EQ(failure.number, 127);
    EXPECT_EQ(failure.of.alarm.notification, late().alarm.notification);
    EXPECT_EQ(failure.of.alarm.kind, runtime::Alarm::Kind::not_accepted);
    expect_only(1);
}

TEST_F(AlarmHookTest, EachCommandThatEndsBadlyIsToldOnceWithoutWaitingForTheNextAlarm) {
    use("if [ \"$MASH_CLEARED\" = 1 ]; then kill -TERM $$; fi; exit 3");
    auto alarm = late();
    hook->run(alarm);
    ASSERT_TRUE(failures.wait_for(1));
    EXPECT_EQ(failures.all()[0].fault, HookFault::exit_code);
    EXPECT_EQ(failures.all()[0].number, 3);
    alarm.alarm.cleared = true;
    hook->run(alarm);
    ASSERT_TRUE(failures.wait_for(2));
    EXPECT_EQ(failures.all()[1].fault, HookFault::signal);
    EXPECT_EQ(failures.all()[1].number, SIGTERM);
    expect_only(2);
}

TEST_F(AlarmHookTest, WhatTheMachineCannotStartIsToldOnce) {
    // Longer than the system lets one argument of a program be.
    use(": " + std::string(200'000, 'x'));
    hook->run(late());
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures.all().front().fault, HookFault::not_started);
    expect_only(1);
}

TEST_F(AlarmHookTest, AtMostEightRunAtATimeAndTheNinthIsTold) {
    const Gate gate(folder.path() / "gate");
    use("read word < \"$DIR/gate\"; echo done >> \"$DIR/done\"");
    for (std::size_t i = 0; i < AlarmHook::commands_max; ++i) hook->run(late());
    EXPECT_EQ(failures.size(), 0U);
    hook->run(late());
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures.all().front().fault, HookFault::too_many);
    gate.let_through(AlarmHook::commands_max);
    const auto ended = [&] {
        const auto text = written("done");
        return static_cast<std::size_t>(std::ranges::count(text, '\n'));
    };
    ASSERT_TRUE(eventually([&] { return ended() == AlarmHook::commands_max; }));
    // There is room again as soon as they have ended.
    ASSERT_TRUE(eventually([&] {
        const auto before = failures.size();
        hook->run(late());
        return failures.size() == before;
    }));
    gate.let_through(1);
    EXPECT_TRUE(eventually([&] { return ended() == AlarmHook::commands_max + 1; }));
}

TEST_F(AlarmHookTest, WithoutACommandNothingRunsAndNothingIsTold) {
    hook = std::make_unique<AlarmHook>(
        "", [this](const HookFailure& failure) { failures.add(failure); });
    for (int i = 0; i < 20; ++i) hook->run(late());
    expect_only(0);
}

TEST_F(AlarmHookTest, ACommandThatHangsHoldsNobodyUp) {
    const Gate gate(folder.path() / "gate");
    use("read word < \"$DIR/gate\"; echo done > \"$DIR/done\"");
    hook->run(late());
    hook.reset();
    // It runs on, and does what it was started for.
    gate.let_through(1);
    EXPECT_TRUE(eventually([&] { return written("done") == "done\n"; }));
}

}  // namespace
}  // namespace mash::runtime_shell
