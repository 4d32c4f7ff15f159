#include "agents/runtime/shell/intake_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "common/store/memory_store.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/agents/runtime/shell/scripted_format.hpp"

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;

class Intake : public ::testing::Test {
protected:
    Intake() {
        store::FaultPlan plan;
        plan.at_commit = [this] {
            return memory_refuses ? store::CommitFault::disk_full : store::CommitFault::none;
        };
        memory = std::make_unique<store::MemoryStore>(plan);
        formats.push_back(make_scripted_format());
        config.folder = folder.path();
        config.poll_interval = std::chrono::milliseconds(20);
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
        intake = std::make_unique<IntakeFolder>(
            config, formats, *memory,
            [this](runtime::Notification made) {
                submitted.add(made.agency.value() + " " + made.source_ref);
                std::promise<SubmitOutcome> promise;
                if (never_answers) return kept.emplace_back().get_future();
                const std::lock_guard lock(mutex);
                promise.set_value(answer(made.source_ref));
                return promise.get_future();
            },
            [this](runtime::ReplaceRoll roll) {
                rolls.add(roll.relation);
                std::promise<SubmitOutcome> promise;
                const std::lock_guard lock(mutex);
                promise.set_value(answer("roll"));
                return promise.get_future();
            });
        ASSERT_TRUE(intake->start());
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

    test::TemporaryFolder folder;
    std::atomic<bool> memory_refuses = false;
    std::atomic<bool> never_answers = false;
    std::vector<std::promise<SubmitOutcome>> kept;
    std::unique_ptr<store::MemoryStore> memory;
    runtime::SourceFormats formats;
    IntakeConfig config;
    std::mutex mutex;
    std::function<SubmitOutcome(const std::string&)> answer;
    test::Collected<std::string> submitted;
    test::Collected<std::string> rolls;
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
    ASSERT_TRUE(submitted.wait_for(6));
    EXPECT_TRUE(fs::exists(in("a.csv")));
    EXPECT_FALSE(fs::exists(at("accepted/a.csv")));
    EXPECT_TRUE(fs::is_empty(at("rejected")));
    now_answers([](const std::string&) { return accepted(); });
    ASSERT_TRUE(appears("accepted/a.csv"));
    const auto all = submitted.all();
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(all[i], i % 2 == 0 ? "police-wm r1" : "police-wm r2");
}

TEST_F(Intake, ACrashBetweenSubmittingAndRememberingGivesTheSameReferencesAgain) {
    memory_refuses = true;
    start();
    drop("a.csv", "ref,what\nr1,send\n");
    ASSERT_TRUE(submitted.wait_for(2));
    EXPECT_TRUE(fs::exists(in("a.csv")));
    intake->stop();
    memory_refuses = false;
    start();
    ASSERT_TRUE(appears("accepted/a.csv"));
    for (const auto& ref : submitted.all()) EXPECT_EQ(ref, "police-wm r1");
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
