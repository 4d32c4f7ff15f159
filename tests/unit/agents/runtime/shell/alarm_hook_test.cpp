#include "agents/runtime/shell/alarm_hook.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <memory>
#include <sstream>

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
    void use(const std::string& command, AlarmHook::Clock clock = std::chrono::steady_clock::now) {
        hook = std::make_unique<AlarmHook>(
            "DIR='" + folder.path().string() + "'; " + command,
            [this](const HookFailure& failure) { failures.add(failure); }, std::move(clock));
    }
    std::string written(const std::string& name) const { return content_of(folder.path() / name); }
    /// This many are told, and no more until the hook has gone.
    void expect_only(std::size_t count) {
        EXPECT_TRUE(failures.wait_for(count));
        hook.reset();
        EXPECT_EQ(failures.size(), count);
    }

    test::TemporaryFolder folder;
    std::atomic<std::int64_t> minutes = 0;  // for a hook that is given this clock
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

/// The nth of many children.
AreaAlarm of_child(std::size_t n, bool cleared = false) {
    auto alarm = late();
    std::array<std::uint8_t, 16> id{};
    id[0] = static_cast<std::uint8_t>(n);
    id[1] = static_cast<std::uint8_t>(n >> 8);
    id[2] = 1;
    alarm.alarm.notification = NotificationId(id);
    alarm.alarm.cleared = cleared;
    return alarm;
}

/// Commands that say which alarm they are of once they are let through.
class AlarmHookLine : public AlarmHookTest {
protected:
    AlarmHookLine() : gate(folder.path() / "gate") {
        use("say() { echo $MASH_CLEARED $MASH_NOTIFICATION $MASH_TELEPHONE >> \"$DIR/$1\"; }; "
            "say begun; read word < \"$DIR/gate\"; say done");
    }
    static std::string line_of(const AreaAlarm& of) {
        return std::string(of.alarm.cleared ? "1 " : "0 ") + to_text(of.alarm.notification) + " " +
               of.alarm.telephone;
    }
    std::vector<std::string> lines_of(const std::string& name) const {
        std::vector<std::string> lines;
        std::istringstream text(written(name));
        for (std::string line; std::getline(text, line);) lines.push_back(line);
        return lines;
    }
    std::vector<std::string> done() const { return lines_of("done"); }
    bool ends(std::size_t count) const {
        return eventually([&] { return done().size() == count; });
    }
    /// Each has begun, so that whatever begins after them is after them in the list.
    void fill_places() {
        for (std::size_t i = 0; i < AlarmHook::commands_max; ++i) hook->run(of_child(i));
        ASSERT_TRUE(begin(AlarmHook::commands_max));
    }
    bool begin(std::size_t count) const {
        return eventually([&] { return lines_of("begun").size() == count; });
    }

    Gate gate;
};

TEST_F(AlarmHookLine, AtMostEightRunAtATimeAndTheNinthWaitsForItsTurn) {
    fill_places();
    hook->run(of_child(8));
    EXPECT_EQ(failures.size(), 0U);
    EXPECT_EQ(lines_of("begun").size(), AlarmHook::commands_max);
    gate.let_through(1);
    ASSERT_TRUE(begin(AlarmHook::commands_max + 1));
    EXPECT_EQ(lines_of("begun").back(), line_of(of_child(8)));
    EXPECT_EQ(done().size(), 1U);
    gate.let_through(AlarmHook::commands_max);
    ASSERT_TRUE(ends(AlarmHook::commands_max + 1));
    expect_only(0);
}

TEST_F(AlarmHookLine, WhoIsToBeRungComesBeforeWhoIsToHearThatItIsOver) {
    fill_places();
    hook->run(of_child(100, true));
    hook->run(of_child(101));
    gate.let_through(1);
    ASSERT_TRUE(begin(AlarmHook::commands_max + 1));
    EXPECT_EQ(lines_of("begun").back(), line_of(of_child(101)));
    gate.let_through(1);
    ASSERT_TRUE(begin(AlarmHook::commands_max + 2));
    EXPECT_EQ(lines_of("begun").back(), line_of(of_child(100, true)));
    expect_only(0);
    gate.let_through(AlarmHook::commands_max);
    EXPECT_TRUE(ends(AlarmHook::commands_max + 2));
}

TEST_F(AlarmHookLine, WhatIsOverBeforeItsTurnCameRingsNobody) {
    fill_places();
    hook->run(of_child(100));
    hook->run(of_child(100, true));
    hook->run(of_child(101));
    gate.let_through(AlarmHook::commands_max + 3);
    ASSERT_TRUE(ends(AlarmHook::commands_max + 1));
    EXPECT_EQ(std::ranges::count(done(), line_of(of_child(101))), 1);
    expect_only(0);
    EXPECT_EQ(done().size(), AlarmHook::commands_max + 1);
}

TEST_F(AlarmHookLine, WhatIsRaisedAgainIsNotSaidToBeOverAndTheLastNumberCounts) {
    fill_places();
    hook->run(of_child(3, true));
    auto again = of_child(3);
    hook->run(again);
    again.alarm.telephone = "01632 960123";
    hook->run(again);
    gate.let_through(AlarmHook::commands_max + 2);
    ASSERT_TRUE(ends(AlarmHook::commands_max + 1));
    EXPECT_EQ(std::ranges::count(done(), line_of(again)), 1);
    expect_only(0);
    EXPECT_EQ(done().size(), AlarmHook::commands_max + 1);
}

TEST_F(AlarmHookLine, WhatFindsNoPlaceInTheLineIsToldAndWhatIsOverGivesWayFirst) {
    fill_places();
    const auto first_over = of_child(1'000, true);
    hook->run(first_over);
    for (std::size_t i = 1; i < AlarmHook::waiting_max; ++i) hook->run(of_child(100 + i));
    EXPECT_EQ(failures.size(), 0U);
    const auto late_over = of_child(1'001, true);
    hook->run(late_over);
    hook->run(of_child(2'000));
    hook->run(of_child(2'001));
    const auto all = failures.all();
    ASSERT_EQ(all.size(), 3U);
    for (const auto& failure : all) EXPECT_EQ(failure.fault, HookFault::too_many);
    EXPECT_EQ(line_of(all[0].of), line_of(late_over));
    EXPECT_EQ(line_of(all[1].of), line_of(first_over)) << "the raised one has its place";
    EXPECT_EQ(line_of(all[2].of), line_of(of_child(2'001))) << "nothing is left to give way";
    hook.reset();
    gate.let_through(AlarmHook::commands_max);
    EXPECT_TRUE(ends(AlarmHook::commands_max));
}

TEST_F(AlarmHookTest, ACommandThatHangsIsEndedWithAllThatItStartedAndMakesRoom) {
    const Gate gate(folder.path() / "gate");
    // The child of the shell must be gone as well, or the eighth hung modem is there for ever.
    use("if [ $MASH_CLEARED = 1 ]; then echo over > \"$DIR/over\"; exit 0; fi; "
        "(echo started >> \"$DIR/started\"; read word < \"$DIR/gate\"; echo done > \"$DIR/done\"); "
        "exit 0",
        [&] {
            return std::chrono::steady_clock::time_point(std::chrono::minutes(minutes.load()));
        });
    for (std::size_t i = 0; i < AlarmHook::commands_max; ++i) hook->run(late());
    ASSERT_TRUE(eventually([&] {
        const auto text = written("started");
        return std::ranges::count(text, '\n') ==
               static_cast<std::ptrdiff_t>(AlarmHook::commands_max);
    }));
    auto waiting = late();
    waiting.alarm.cleared = true;
    hook->run(waiting);
    minutes = AlarmHook::time_max.count() - 1;
    EXPECT_EQ(failures.size(), 0U);
    minutes = AlarmHook::time_max.count();
    ASSERT_TRUE(failures.wait_for(AlarmHook::commands_max));
    for (const auto& failure : failures.all()) EXPECT_EQ(failure.fault, HookFault::too_long);
    EXPECT_TRUE(eventually([&] { return written("over") == "over\n"; }));
    expect_only(AlarmHook::commands_max);
    // Nobody is left to read it.
    gate.let_through(1);
    EXPECT_EQ(written("done"), "");
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
