#include "agents/runtime/shell/intake_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/paths/paths.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/agents/runtime/shell/scripted_format.hpp"

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;

class Intake : public ::testing::Test {
protected:
    Intake() {
        formats.push_back(make_scripted_format());
        config.folder = folder.path();
        config.poll_interval = std::chrono::milliseconds(20);
        config.wall_clock = [this] { return WallTime::from_unix_ms(wall_ms); };
        config.context_of = [](const std::string& sub) -> std::optional<runtime::ReadContext> {
            if (!sub.empty() && sub != "884001") return std::nullopt;
            runtime::ReadContext context;
            context.agency = AgencyId(sub.empty() ? "police-wm" : "orchard-gate");
            return context;
        };
        answer = [](const std::string&) { return accepted(); };
    }
    ~Intake() override {
        if (intake) intake->stop();
    }

    static SubmitOutcome accepted() { return {.accepted = true, .later = false, .faults = {}}; }
    static SubmitOutcome later() { return {.accepted = false, .later = true, .faults = {}}; }
    static SubmitOutcome refused() {
        return {.accepted = false,
                .later = false,
                .faults = {{"/subject", "not_linkable", "Give an NHS number"}}};
    }

    void start() {
        IntakeDoors doors;
        doors.remembered = [this](std::string_view key) -> Result<std::optional<std::string>> {
            const std::lock_guard lock(mutex);
            if (memory_fails) return fail(ErrorCode::store_unknown);
            const auto found = memory.find(key);
            return found == memory.end() ? std::nullopt : std::optional(found->second);
        };
        doors.submit = [this](runtime::Submit input) {
            const auto& made = input.notification;
            submitted.add(made.agency.value() + " " + made.source_ref);
            if (never_answers) return unanswered.emplace_back().get_future();
            return answered(made.source_ref, input.remember);
        };
        doors.roll = [this](runtime::ReplaceRoll roll) {
            rolls.add(roll.relation);
            return answered("roll", {});
        };
        doors.remember = [this](runtime::Remember input) {
            kept.add(input.entries.size());
            return answered("remember", input.entries);
        };
        doors.note = [this](runtime::Recorded record) { notes.add(record); };
        doors.saw = [this](const runtime::FilesSeen& files) { looks.add(files); };
        intake = std::make_unique<IntakeFolder>(config, formats, std::move(doors));
        ASSERT_TRUE(intake->start());
    }
    /// As the core does it: what is to be remembered is kept with what is taken, or not at all.
    std::future<SubmitOutcome> answered(const std::string& what,
                                        const std::vector<runtime::Remembered>& entries) {
        std::promise<SubmitOutcome> promise;
        const std::lock_guard lock(mutex);
        const auto outcome = answer(what);
        if (outcome.accepted) {
            for (const auto& entry : entries) memory[entry.key] = entry.value;
        }
        promise.set_value(outcome);
        return promise.get_future();
    }
    std::size_t times_noted(LogEvent event) const {
        const auto all = notes.all();
        return static_cast<std::size_t>(
            std::ranges::count_if(all, [&](const auto& note) { return note.event == event; }));
    }
    void now_answers(std::function<SubmitOutcome(const std::string&)> next) {
        const std::lock_guard lock(mutex);
        answer = std::move(next);
    }

    fs::path in(const std::string& name) const { return folder.path() / "intake" / name; }
    fs::path at(const std::string& name) const { return folder.path() / name; }
    /// Written elsewhere and renamed in: whole at once, as a careful sender does it.
    void drop(const std::string& name, const std::string& text) {
        test::write_content(folder.path() / "outside", text);
        fs::create_directories(in(name).parent_path());
        fs::rename(folder.path() / "outside", in(name));
    }
    bool appears(const std::string& name) {
        return test::eventually([&] { return fs::exists(at(name)); });
    }

    /// What the folder says of itself once it has looked again, from now on.
    template <class Predicate>
    bool comes_to_see(Predicate holds) {
        const auto before = looks.size();
        return test::eventually([&] {
            const auto all = looks.all();
            return std::any_of(all.begin() + static_cast<std::ptrdiff_t>(before), all.end(), holds);
        });
    }

    test::TemporaryFolder folder;
    /// Long before the files of the tests are made: they are as old as this clock's first sight.
    std::atomic<std::int64_t> wall_ms = 1'000'000;
    test::Collected<runtime::FilesSeen> looks;
    std::atomic<bool> memory_fails = false;
    std::atomic<bool> never_answers = false;
    std::vector<std::promise<SubmitOutcome>> unanswered;
    std::map<std::string, std::string, std::less<>> memory;
    test::Collected<runtime::Recorded> notes;
    runtime::SourceFormats formats;
    IntakeConfig config;
    std::mutex mutex;
    std::function<SubmitOutcome(const std::string&)> answer;
    test::Collected<std::string> submitted;
    test::Collected<std::string> rolls;
    test::Collected<std::size_t> kept;  // how many at once
    std::unique_ptr<IntakeFolder> intake;
};

TEST_F(Intake, AGoodFileIsSubmittedAndKeptUnderAccepted) {
    start();
    drop("a.csv", "ref,what\nr1,send\nr2,send\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(submitted.all(), (std::vector<std::string>{"police-wm r1", "police-wm r2"}));
    EXPECT_EQ(test::content_of(at("accepted/a.csv")), "ref,what\nr1,send\nr2,send\n");
    EXPECT_FALSE(fs::exists(in("a.csv")));
    EXPECT_TRUE(fs::is_empty(at("rejected")));
    EXPECT_EQ(intake->counts().records, 2U);
}

TEST_F(Intake, FilesThatARestorePutBackAreReadAtOnceInTheirOrderAndBeforeNewerOnes) {
    config.poll_interval = std::chrono::hours(1);  // so that nothing else counts as whole
    const auto first = put_back_name(1'795'521'600'000'000'000, "z.csv");
    const auto second = put_back_name(1'795'521'600'000'000'001, "a.csv");
    for (const auto& [name, ref] :
         {std::pair(second, "r2"), std::pair(first, "r1"), std::pair(std::string("0.csv"), "r3")})
        test::write_content(in(name), std::string("ref,what\n") + ref + ",send\n");
    start();
    ASSERT_TRUE(appears("accepted/" + second));
    EXPECT_EQ(submitted.all(), (std::vector<std::string>{"police-wm r1", "police-wm r2"}));
    EXPECT_TRUE(fs::exists(in("0.csv"))) << "of any other nobody knows yet whether it is whole";
}

std::string concerns(std::size_t count) {
    std::string text = "ref,what\n";
    for (std::size_t i = 1; i <= count; ++i) text += "c" + std::to_string(i) + ",concern\n";
    return text;
}

TEST_F(Intake, AFileThatSendsMuchWaitsForAPersonAndWhatNeverWaitsIsSent) {
    start();
    drop("a.csv", concerns(notifications_without_a_person + 1) + "m1,send\n");
    ASSERT_TRUE(appears("waiting/a.csv"));
    EXPECT_EQ(submitted.all(), std::vector<std::string>{"police-wm m1"});
    EXPECT_EQ(memory.size(), 1U) << "the rest is still news";
    EXPECT_EQ(times_noted(LogEvent::intake_held), 1U);
    EXPECT_NE(test::content_of(at("waiting/a.csv.report.txt")).find("intake release"),
              std::string::npos);

    fs::rename(at("waiting/a.csv"), in(released_name("a.csv")));
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(submitted.all().size(), notifications_without_a_person + 2)
        << "all concerns, and the missing child not twice";
}

std::string many(const std::string& what) {
    std::string text = "ref,what\n";
    for (std::size_t i = 0; i <= notifications_without_a_person; ++i)
        text += what + std::to_string(i) + "," + what + "\n";
    return text;
}

TEST_F(Intake, ANewGradeOrAReportThatIsOpenAgainNeverWaits) {
    start();
    drop("a.csv", many("update"));
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(submitted.size(), notifications_without_a_person + 1);
    EXPECT_FALSE(fs::exists(at("waiting/a.csv")));
}

TEST_F(Intake, WhatTheSignedPolicyMarksAsDangerNeverWaitsUnlessItsSenderSaysThatNobodyIsHarmed) {
    std::atomic<std::size_t> asked = 0;
    const auto text = [](const char* name) {
        return test::content_of(test::source_dir() / "deploy/policy" / name);
    };
    std::vector<area::PolicyFault> faults;
    const auto policy = area::Policy::parse(text("policy.toml"), "policy.toml",
                                            text("catalogue.toml"), "catalogue.toml", faults);
    ASSERT_TRUE(policy);
    config.policy = [&]() -> std::optional<area::Policy> {
        ++asked;
        return *policy;
    };
    start();
    drop("danger.csv", many("concern"));
    ASSERT_TRUE(appears("accepted/danger.csv"));
    EXPECT_EQ(submitted.size(), notifications_without_a_person + 1);
    EXPECT_EQ(asked.load(), 1U) << "once for a file";
    drop("calm.csv", many("calm") + "d,concern\n");
    ASSERT_TRUE(appears("waiting/calm.csv"));
    EXPECT_EQ(submitted.all().back(), "police-wm d") << "and nothing else of it";
    EXPECT_EQ(submitted.size(), notifications_without_a_person + 2);
}

TEST_F(Intake, WhatIsHeldIsCountedUntilAPersonHasSentIt) {
    start();
    drop("a.csv", concerns(notifications_without_a_person + 1));
    drop("884001/b.csv", concerns(notifications_without_a_person + 1));
    ASSERT_TRUE(appears("waiting/a.csv"));
    ASSERT_TRUE(appears("waiting/884001/b.csv"));
    EXPECT_TRUE(comes_to_see([&](const auto& files) {
        return files.held == 2 && files.held_since.unix_ms() == wall_ms && files.unread == 0;
    })) << "two files, and not their reports";
    for (const char* name : {"", "884001"}) {
        const std::string file = *name == 0 ? "a.csv" : "b.csv";
        fs::rename(at("waiting") / name / file, in(name) / released_name(file));
    }
    EXPECT_TRUE(comes_to_see([](const auto& files) {
        return files.held == 0 && !files.held_since.is_set();
    })) << "the reports that are left are no files that wait";
}

TEST_F(Intake, AFileWhoseWriterNeverClosesItGrowsOldHoweverMuchIsWritten) {
    start();
    const int writer = ::open(in("slow.csv").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT_GE(writer, 0);
    const auto first_seen = WallTime::from_unix_ms(wall_ms);
    ASSERT_TRUE(comes_to_see([](const auto& files) { return files.unread == 1; }));
    for (int i = 0; i < 3; ++i) {
        wall_ms += 60'000;
        ASSERT_EQ(::write(writer, "x", 1), 1);
        EXPECT_TRUE(comes_to_see([&](const auto& files) {
            return files.unread == 1 && files.unread_since == first_seen;
        }));
    }
    ::close(writer);
    ASSERT_TRUE(appears("rejected/slow.csv"));
    EXPECT_TRUE(comes_to_see(
        [](const auto& files) { return files.unread == 0 && !files.unread_since.is_set(); }));
}

TEST_F(Intake, AFileIsAsOldAsItsLastChangeWhereItLayThereBeforeTheStart) {
    test::write_content(in("early.csv"), "ref,what\nr1,send\n");
    struct stat info{};
    ASSERT_EQ(::stat(in("early.csv").c_str(), &info), 0);
    wall_ms = (info.st_ctim.tv_sec + 7'200) * 1'000;
    answer = [](const std::string&) { return later(); };
    start();
    ASSERT_TRUE(submitted.wait_for(1));
    EXPECT_TRUE(comes_to_see([&](const auto& files) {
        return files.unread == 1 && files.unread_since.unix_ms() / 1'000 ==
                                        static_cast<std::int64_t>(info.st_ctim.tv_sec);
    }));
}

TEST_F(Intake, WhatACoreCannotTakeNowAndWhatLiesBehindItGrowsOldWhileTheAnswerIsAwaited) {
    never_answers = true;
    start();
    drop("a.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(submitted.wait_for(1));
    const auto all = looks.all();
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(all.back().unread, 1U) << "said before the file is read";
    EXPECT_EQ(all.back().unread_since.unix_ms(), wall_ms);
}

TEST_F(Intake, AnUploadThatBrokeOffIsLeftAloneAndGrowsOldFromItsLastByteOn) {
    test::write_content(in("a.csv.part"), "ref,wh");
    test::write_content(in(".hidden"), "x");
    struct stat info{};
    ASSERT_EQ(::stat(in("a.csv.part").c_str(), &info), 0);
    wall_ms = (info.st_ctim.tv_sec + 7'200) * 1'000;
    start();
    EXPECT_TRUE(comes_to_see([&](const auto& files) {
        return files.unread == 1 && files.unread_since.unix_ms() / 1'000 ==
                                        static_cast<std::int64_t>(info.st_ctim.tv_sec);
    }));
    EXPECT_TRUE(fs::exists(in("a.csv.part")));
}

TEST_F(Intake, AFolderThatLiesTooDeepIsPutAwayUnreadWithAReport) {
    start();
    test::write_content(in("884001/2026/a.csv"), "ref,what\nr1,send\n");
    fs::create_directories(in("884001/empty"));
    ASSERT_TRUE(appears("rejected/884001/2026/a.csv"));
    EXPECT_NE(test::content_of(at("rejected/884001/2026.report.txt")).find("no deeper"),
              std::string::npos);
    EXPECT_FALSE(fs::exists(in("884001/2026")));
    EXPECT_TRUE(comes_to_see([](const auto& files) { return files.unread == 0; }));
    EXPECT_TRUE(fs::exists(in("884001/empty"))) << "nothing in it is anybody's report";
    EXPECT_EQ(times_noted(LogEvent::intake_refused), 1U);
    EXPECT_EQ(submitted.size(), 0U);
    // And a second of its name beside the first.
    test::write_content(in("884001/2026/b.csv"), "ref,what\nr2,send\n");
    ASSERT_TRUE(appears("rejected/884001/2026-2/b.csv"));
}

TEST_F(Intake, AFolderThatCannotBePutAwayGrowsOld) {
    start();
    fs::remove_all(at("rejected"));
    test::write_content(at("rejected"), "in the way");
    test::write_content(in("884001/2026/a.csv"), "ref,what\nr1,send\n");
    ASSERT_TRUE(test::eventually([&] { return times_noted(LogEvent::intake_failed) == 1; }));
    EXPECT_TRUE(comes_to_see([&](const auto& files) {
        return files.unread == 1 && files.unread_since.unix_ms() == wall_ms;
    }));
}

TEST_F(Intake, TwentyAreSentWithoutAPerson) {
    start();
    drop("a.csv", concerns(notifications_without_a_person));
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(submitted.all().size(), notifications_without_a_person);
    EXPECT_EQ(times_noted(LogEvent::intake_held), 0U);
}

TEST_F(Intake, ALargeFileGoesToTheCoreInPortionsSoThatOthersAreHeard) {
    start();
    std::string history = "ref,what\n";
    for (int i = 0; i < 1'500; ++i) history += "h" + std::to_string(i) + ",history\n";
    drop("history.csv", history);
    ASSERT_TRUE(appears("accepted/history.csv"));
    EXPECT_EQ(kept.all(), (std::vector<std::size_t>{512, 512, 477})) << "and that it was read";

    never_answers = true;
    std::string news = "ref,what\n";
    for (int i = 0; i < 200; ++i) news += "n" + std::to_string(i) + ",send\n";
    drop("news.csv", news);
    ASSERT_TRUE(test::eventually([&] { return submitted.all().size() >= 64; }));
    intake->stop();
    EXPECT_EQ(submitted.all().size(), 64U) << "the rest waits for the answers";
}

TEST_F(Intake, AWordThatStandsTwiceIsCountedOnceWhereAPersonMustLook) {
    start();
    std::string twice = "ref,what\n";
    for (int i = 0; i < 8'000; ++i)  // over several pieces of the file
        twice += "r" + std::to_string(i % 15) + ",concern\n";
    drop("twice.csv", twice);
    ASSERT_TRUE(appears("accepted/twice.csv"));
    EXPECT_EQ(submitted.all().size(), 15U);
}

TEST_F(Intake, AFileThatWaitsStaysWhereItIsWhileTheStoreCannotSayWhatIsNews) {
    memory_fails = true;
    start();
    drop("a.csv", concerns(notifications_without_a_person + 1));
    ASSERT_TRUE(test::eventually([&] { return times_noted(LogEvent::intake_failed) == 1; }));
    EXPECT_TRUE(fs::exists(in("a.csv")));
    memory_fails = false;
    EXPECT_TRUE(appears("waiting/a.csv"));
}

TEST_F(Intake, ABadRowIsSetAsideWithAReportAndTheOtherRowsGoOn) {
    start();
    drop("a.csv", "ref,what\nr1,send\n\"secret, value\",bad\nr3,send\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(submitted.size(), 2U);
    EXPECT_EQ(test::content_of(at("rejected/a.csv")), "ref,what\r\n\"secret, value\",bad\r\n");
    const auto report = test::content_of(at("rejected/a.csv.report.txt"));
    EXPECT_NE(report.find("Record 2 (line 3), field what: bad_value. Write send."),
              std::string::npos)
        << report;
    EXPECT_EQ(report.find("secret"), std::string::npos);
}

TEST_F(Intake, ARecordThatTheCoreRefusesIsSetAsideWithItsReason) {
    answer = [](const std::string& ref) { return ref == "r2" ? refused() : accepted(); };
    start();
    drop("a.csv", "ref,what\nr1,send\nr2,send\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(test::content_of(at("rejected/a.csv")), "ref,what\r\nr2,send\r\n");
    EXPECT_NE(test::content_of(at("rejected/a.csv.report.txt"))
                  .find("Record 2, field /subject: not_linkable"),
              std::string::npos);
}

TEST_F(Intake, AFaultThatLosesNothingGivesAReportAndNoRejectedRows) {
    start();
    drop("a.csv", "ref,what\nr1,warn\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_TRUE(fs::exists(at("rejected/a.csv.report.txt")));
    EXPECT_FALSE(fs::exists(at("rejected/a.csv")));
}

TEST_F(Intake, AFileThatIsUnusableAsAWholeIsRejectedAsItCame) {
    start();
    drop("a.csv", "ref,broken\nr1,send\n");
    ASSERT_TRUE(appears("rejected/a.csv"));
    EXPECT_EQ(test::content_of(at("rejected/a.csv")), "ref,broken\nr1,send\n");
    EXPECT_NE(test::content_of(at("rejected/a.csv.report.txt")).find("The file as a whole"),
              std::string::npos);
    EXPECT_EQ(submitted.size(), 0U);
    EXPECT_EQ(intake->counts().files_rejected, 1U);
}

TEST_F(Intake, AFileWhoseEveryRowIsBadIsRejectedWhole) {
    start();
    drop("a.csv", "ref,what\nr1,bad\nr2,bad\n");
    ASSERT_TRUE(appears("rejected/a.csv"));
    EXPECT_FALSE(fs::exists(at("accepted/a.csv")));
}

TEST_F(Intake, AFileInNoKnownFormatAndAnEmptyOneAreRejected) {
    start();
    drop("picture.jpg", "\xFF\xD8\xFF\xE0 not a list");
    drop("empty.csv", "");
    ASSERT_TRUE(appears("rejected/picture.jpg"));
    ASSERT_TRUE(appears("rejected/empty.csv"));
    EXPECT_NE(test::content_of(at("rejected/picture.jpg.report.txt")).find("unknown_format"),
              std::string::npos);
}

TEST_F(Intake, ASubFolderSaysWhoseAFileIs) {
    start();
    drop("884001/roll.csv", "ref,what\nr1,send\nr2,roll\n");
    ASSERT_TRUE(appears("accepted/884001/roll.csv"));
    EXPECT_EQ(submitted.all(), std::vector<std::string>{"orchard-gate r1"});
    EXPECT_EQ(rolls.size(), 1U);
}

TEST_F(Intake, AFileInAnUnknownAgencysFolderIsRejected) {
    start();
    drop("999999/a.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(appears("rejected/999999/a.csv"));
    EXPECT_NE(test::content_of(at("rejected/999999/a.csv.report.txt")).find("unknown_agency"),
              std::string::npos);
    EXPECT_EQ(submitted.size(), 0U);
}

TEST_F(Intake, AFileThatIsStillBeingWrittenIsNotReadHoweverLongItTakes) {
    start();
    const auto file = in("slow.csv");
    const int writer = ::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT_GE(writer, 0);
    const std::string first = "ref,what\nr1,send\nr2,se";
    ASSERT_EQ(::write(writer, first.data(), first.size()), static_cast<ssize_t>(first.size()));
    // Other files come and go meanwhile, many more than the looks after which a file counts as
    // settled.
    for (int i = 0; i < 8; ++i) {
        const std::string name = "other" + std::to_string(i) + ".csv";
        drop(name, "ref,what\no" + std::to_string(i) + ",send\n");
        ASSERT_TRUE(appears("accepted/" + name));
    }
    EXPECT_TRUE(fs::exists(file));
    const std::string rest = "nd\n";
    ASSERT_EQ(::write(writer, rest.data(), rest.size()), static_cast<ssize_t>(rest.size()));
    ::close(writer);
    ASSERT_TRUE(appears("accepted/slow.csv"));
    EXPECT_EQ(submitted.all().back(), "police-wm r2");
    EXPECT_EQ(submitted.size(), 10U);
}

TEST_F(Intake, FilesThatLayThereBeforeTheStartAreReadOnceSettled) {
    test::write_content(in("early.csv"), "ref,what\nr1,send\n");
    start();
    EXPECT_TRUE(appears("accepted/early.csv"));
}

TEST_F(Intake, HiddenAndPartialNamesAreLeftAlone) {
    start();
    for (const char* name : {".hidden.csv", "~lock.csv", "a.csv.part", "b.tmp"})
        drop(name, "ref,what\nr1,send\n");
    drop("z.csv", "ref,what\nr9,send\n");
    ASSERT_TRUE(appears("accepted/z.csv"));
    EXPECT_EQ(submitted.all(), std::vector<std::string>{"police-wm r9"});
    EXPECT_TRUE(fs::exists(in("a.csv.part")));
}

TEST_F(Intake, AFileSentAgainMakesNoSecondEvent) {
    start();
    drop("a.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    drop("again.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(appears("accepted/again.csv"));
    EXPECT_EQ(submitted.size(), 1U);
}

TEST_F(Intake, FilesAndReportsOfOneNameNeverOverwriteEachOther) {
    start();
    drop("a.csv", "ref,what\nr1,send\nx,bad\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    drop("a.csv", "ref,what\nr2,send\ny,bad\n");
    ASSERT_TRUE(appears("accepted/a-2.csv"));
    drop("a.csv", "ref,broken\n");
    ASSERT_TRUE(appears("rejected/a-3.csv"));
    EXPECT_EQ(test::content_of(at("rejected/a.csv")), "ref,what\r\nx,bad\r\n");
    EXPECT_EQ(test::content_of(at("rejected/a-2.csv")), "ref,what\r\ny,bad\r\n");
    for (const char* report : {"a.csv", "a-2.csv", "a-3.csv"})
        EXPECT_TRUE(fs::exists(at("rejected/" + std::string(report) + ".report.txt"))) << report;
}

TEST_F(Intake, AReportWithoutRejectedRowsIsNotOverwrittenEither) {
    start();
    drop("a.csv", "ref,what\nr1,warn\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    const auto first = test::content_of(at("rejected/a.csv.report.txt"));
    drop("a.csv", "ref,what\nr2,send\nx,bad\n");
    ASSERT_TRUE(appears("accepted/a-2.csv"));
    EXPECT_EQ(test::content_of(at("rejected/a.csv.report.txt")), first);
    EXPECT_TRUE(fs::exists(at("rejected/a-2.csv.report.txt")));
}

TEST_F(Intake, WhatCannotBeTakenNowStaysAndIsReadAgainWithTheSameReferences) {
    answer = [](const std::string& ref) { return ref == "r2" ? later() : accepted(); };
    start();
    drop("a.csv", "ref,what\nr1,send\nr2,send\n");
    ASSERT_TRUE(submitted.wait_for(4));
    EXPECT_TRUE(fs::exists(in("a.csv")));
    EXPECT_FALSE(fs::exists(at("accepted/a.csv")));
    EXPECT_TRUE(fs::is_empty(at("rejected")));
    now_answers([](const std::string&) { return accepted(); });
    ASSERT_TRUE(appears("accepted/a.csv"));
    const auto all = submitted.all();
    EXPECT_EQ(std::ranges::count(all, "police-wm r1"), 1) << "it was taken the first time";
    EXPECT_EQ(std::ranges::count(all, "police-wm r2"), static_cast<std::ptrdiff_t>(all.size() - 1));
}

TEST_F(Intake, AFileThatMustWaitKeepsBackThoseAfterItInItsFolderAndNoOthers) {
    answer = [](const std::string& ref) { return ref == "start" ? later() : accepted(); };
    start();
    drop("1.csv", "ref,what\nstart,send\n");
    ASSERT_TRUE(submitted.wait_for(1));
    drop("2.csv", "ref,what\nupdate,send\n");
    drop("884001/1.csv", "ref,what\nother,send\n");
    ASSERT_TRUE(appears("accepted/884001/1.csv"));
    ASSERT_TRUE(submitted.wait_for(submitted.all().size() + 2)) << "the start is tried again";
    EXPECT_EQ(std::ranges::count(submitted.all(), "police-wm update"), 0);
    now_answers([](const std::string&) { return accepted(); });
    ASSERT_TRUE(appears("accepted/2.csv"));
    EXPECT_TRUE(fs::exists(at("accepted/1.csv")));
    const auto all = submitted.all();
    EXPECT_EQ(all.back(), "police-wm update");
    EXPECT_EQ(std::ranges::count(all, "police-wm update"), 1);
}

TEST_F(Intake, AFileThatWaitsForTooLongNoLongerKeepsOthersBack) {
    config.order_wait = std::chrono::milliseconds(0);
    answer = [](const std::string& ref) { return ref == "start" ? later() : accepted(); };
    start();
    drop("1.csv", "ref,what\nstart,send\n");
    drop("2.csv", "ref,what\nupdate,send\n");
    ASSERT_TRUE(appears("accepted/2.csv"));
    EXPECT_TRUE(fs::exists(in("1.csv")));
}

TEST_F(Intake, AListThatWaitsKeepsBackNoReportOfAChild) {
    answer = [](const std::string& what) { return what == "roll" ? later() : accepted(); };
    start();
    drop("1.csv", "ref,what\nschool,roll\n");
    ASSERT_TRUE(rolls.wait_for(1));
    drop("2.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(appears("accepted/2.csv"));
    EXPECT_TRUE(fs::exists(in("1.csv")));
}

TEST_F(Intake, ARefusedRecordIsNewsAgainWhenItComesMended) {
    answer = [](const std::string& ref) { return ref == "r1" ? refused() : accepted(); };
    start();
    drop("a.csv", "ref,what\nr1,send\nr2,send\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    now_answers([](const std::string&) { return accepted(); });
    drop("mended.csv", "ref,what\nr1,send\nr2,send\n");
    ASSERT_TRUE(appears("accepted/mended.csv"));
    EXPECT_EQ(submitted.all(),
              (std::vector<std::string>{"police-wm r1", "police-wm r2", "police-wm r1"}));
}

TEST_F(Intake, OfARecordThatGivesTwoTheSecondWaitsForTheFirst) {
    answer = [](const std::string& ref) { return ref == "r1" ? refused() : accepted(); };
    start();
    drop("a.csv", "ref,what\nr1,pair\nr2,pair\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(submitted.all(),
              (std::vector<std::string>{"police-wm r1", "police-wm r2", "police-wm r2-end"}));
    EXPECT_EQ(test::content_of(at("rejected/a.csv")), "ref,what\r\nr1,pair\r\n");
    EXPECT_FALSE(memory.contains("scripted:r1"));
    EXPECT_EQ(memory["scripted:r2"], "ended");
}

TEST_F(Intake, AFileIsDoneOnlyWhenWhatItLeavesBehindIsKept) {
    std::atomic<int> not_kept = 0;
    answer = [&](const std::string& what) {
        if (what != "remember") return accepted();
        ++not_kept;
        return later();
    };
    start();
    drop("a.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(submitted.wait_for(1));
    drop("b.csv", "ref,what\nr2,send\n");
    ASSERT_TRUE(test::eventually([&] { return not_kept >= 2; }));
    EXPECT_TRUE(fs::exists(in("a.csv")));
    EXPECT_EQ(submitted.size(), 1U) << "the second may rest on what the first leaves behind";
    now_answers([](const std::string&) { return accepted(); });
    ASSERT_TRUE(appears("accepted/a.csv"));
    ASSERT_TRUE(appears("accepted/b.csv"));
    EXPECT_EQ(memory["scripted/read"], "yes");
    EXPECT_EQ(submitted.size(), 2U);
}

TEST_F(Intake, AMemoryThatCannotBeReadIsNoReasonToSendAnythingTwice) {
    memory["scripted:r1"] = "sent";
    memory_fails = true;
    start();
    drop("a.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(notes.wait_for(1));
    EXPECT_EQ(notes.all().front().event, LogEvent::intake_failed);
    EXPECT_TRUE(fs::exists(in("a.csv")));
    memory_fails = false;
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(submitted.size(), 0U);
}

TEST_F(Intake, AFileThatIsReplacedWhileItIsWorkedOffIsReadToo) {
    bool replaced = false;
    answer = [&](const std::string& ref) {
        if (ref == "r1" && !replaced) {
            replaced = true;
            drop("a.csv", "ref,what\nr1,send\nr2,send\n");
        }
        return accepted();
    };
    start();
    drop("a.csv", "ref,what\nr1,send\nx,bad\n");
    ASSERT_TRUE(appears("accepted/a.csv"));
    EXPECT_EQ(submitted.all(), (std::vector<std::string>{"police-wm r1", "police-wm r2"}));
    EXPECT_EQ(test::content_of(at("accepted/a.csv")), "ref,what\nr1,send\nr2,send\n");
    EXPECT_TRUE(fs::is_empty(at("rejected"))) << "of the version that nobody has any more";
}

TEST_F(Intake, ALinkIsSetAsideAndWhatItPointsToIsNeitherReadNorMoved) {
    start();
    test::write_content(at("of another agency"), "ref,what\nr1,send\n");
    fs::create_directories(in("884001"));
    fs::create_symlink(at("of another agency"), in("884001/roll.csv"));
    fs::create_symlink(at("nowhere"), in("dangling.csv"));
    ASSERT_TRUE(appears("rejected/884001/roll.csv.report.txt"));
    ASSERT_TRUE(appears("rejected/dangling.csv.report.txt"));
    ASSERT_TRUE(test::eventually([&] {
        return !fs::is_symlink(in("884001/roll.csv")) && !fs::is_symlink(in("dangling.csv"));
    }));
    EXPECT_NE(test::content_of(at("rejected/dangling.csv.report.txt")).find("link"),
              std::string::npos);
    EXPECT_TRUE(fs::exists(at("of another agency")));
    fs::create_directories(at("keys"));
    test::write_content(at("keys/host.key"), "no format of ours");
    fs::create_directory_symlink("../keys", in("x"));
    ASSERT_TRUE(appears("rejected/x.report.txt"));
    ASSERT_TRUE(test::eventually([&] { return !fs::is_symlink(in("x")); }));
    EXPECT_TRUE(fs::is_symlink(at("rejected/x")));
    EXPECT_TRUE(fs::exists(at("keys/host.key")));
    EXPECT_EQ(submitted.size(), 0U);
}

TEST_F(Intake, WhereALinkWasPutAwayNoFileIsPutBehindIt) {
    start();
    fs::create_directories(at("keys"));
    for (const char* name : {"884001", "unknown"}) {
        fs::create_directory_symlink("../keys", in(name));
        ASSERT_TRUE(test::eventually([&] { return fs::is_symlink(at("rejected") / name); }));
        // Now a folder of that name, with what is rejected.
        test::write_content(at("kept/transport-next.key"), "no format of ours");
        fs::rename(at("kept"), in(name));
        ASSERT_TRUE(test::eventually([&] { return fs::is_empty(in(name)); })) << name;
        EXPECT_TRUE(fs::is_empty(at("keys"))) << name;
        EXPECT_FALSE(fs::is_symlink(at("rejected") / name)) << name;
        EXPECT_TRUE(fs::exists(at("rejected") / name / "transport-next.key")) << name;
    }
    EXPECT_EQ(submitted.size(), 0U);
}

TEST_F(Intake, AFileThatCannotBePutAwayIsSaidOnceAndStays) {
    start();
    // A folder that is a file: nothing can be put there.
    fs::remove_all(at("rejected"));
    test::write_content(at("rejected"), "in the way");
    drop("a.csv", "ref,what\nr1,send\nx,bad\n");
    ASSERT_TRUE(notes.wait_for(1));
    drop("b.csv", "ref,what\nr2,send\n");
    ASSERT_TRUE(submitted.wait_for(2));
    fs::remove(at("rejected"));
    ASSERT_TRUE(appears("accepted/a.csv"));
    ASSERT_TRUE(appears("accepted/b.csv"));
    EXPECT_EQ(times_noted(LogEvent::intake_failed), 1U);
    EXPECT_EQ(submitted.size(), 2U);
    EXPECT_EQ(test::content_of(at("rejected/a.csv")), "ref,what\r\nx,bad\r\n");
}

TEST_F(Intake, AFileInUtf16OrWithAnyLineEndIsRead) {
    using namespace std::string_literals;
    start();
    std::string wide = "\xFF\xFE";
    for (const char c : "ref,what\r\nr1,send\r\n"s) wide += std::string{c, '\0'};
    drop("wide.csv", wide);
    drop("mac.csv", "ref,what\rr2,send\r");
    drop("windows.csv", "ref,what\r\nr3,send");
    for (const char* name : {"accepted/wide.csv", "accepted/mac.csv", "accepted/windows.csv"})
        ASSERT_TRUE(appears(name)) << name;
    EXPECT_EQ(test::content_of(at("accepted/wide.csv")), wide) << "kept as it came";
    EXPECT_EQ(submitted.size(), 3U);
}

TEST_F(Intake, AReportOnAFileAsAWholeSaysSo) {
    start();
    drop("empty.csv", "");
    drop("nothing.csv", "ref;what\nr1;send\n");
    ASSERT_TRUE(appears("rejected/empty.csv"));
    ASSERT_TRUE(appears("rejected/nothing.csv"));
    const auto empty = test::content_of(at("rejected/empty.csv.report.txt"));
    EXPECT_NE(empty.find("The file as a whole: empty_file. The file is empty: send it again.\n"),
              std::string::npos)
        << empty;
    EXPECT_NE(empty.find("Mend the file and put it into the intake folder again"),
              std::string::npos);
    EXPECT_NE(test::content_of(at("rejected/nothing.csv.report.txt")).find("commas"),
              std::string::npos);
}

TEST_F(Intake, WhatBecameOfEachFileIsSaid) {
    start();
    drop("good.csv", "ref,what\nr1,send\n");
    drop("mixed.csv", "ref,what\nr2,send\nx,bad\n");
    drop("none.csv", "ref,broken\n");
    ASSERT_TRUE(notes.wait_for(3));
    for (const auto event :
         {LogEvent::intake_accepted, LogEvent::intake_rows_refused, LogEvent::intake_refused})
        EXPECT_EQ(times_noted(event), 1U) << name_of(event);
}

TEST_F(Intake, StopsAtOnceWhileTheCoreDoesNotAnswerAndTheFileStays) {
    never_answers = true;
    start();
    drop("a.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(submitted.wait_for(1));
    const auto began = std::chrono::steady_clock::now();
    intake->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, test::patience);
    EXPECT_TRUE(fs::exists(in("a.csv")));
}

}  // namespace
}  // namespace mash::runtime_shell
