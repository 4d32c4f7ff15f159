#include "agents/runtime/shell/handover.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "common/http/server.hpp"
#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

namespace fs = std::filesystem;

const InboxId inbox{"social-care.sw"};
const NotificationId id{{1, 2, 3}};

runtime::HandOver item(bool recalled = false) {
    runtime::HandOver out;
    out.inbox = inbox;
    out.notification = id;
    out.sender = AgencyId("police-wm");
    out.json = PersonalText(recalled ? "{\"recalled\":true}" : "{\"views\":{}}");
    out.recalled = recalled;
    return out;
}

class HandoverTest : public ::testing::Test {
protected:
    void start(HandoverTarget target, HandoverFormats formats = {}) {
        start_all({{inbox, std::move(target)}}, std::move(formats));
    }
    void start_all(std::map<InboxId, HandoverTarget> targets, HandoverFormats formats = {}) {
        handover = std::make_unique<Handover>(
            std::move(targets), [this](runtime::Input input) { answers.add(std::move(input)); },
            std::move(formats));
        handover->start();
    }
    /// A format of one kind of agent; its protocol answers as told.
    static HandoverFormats own_format(bool reaches) {
        return {{"own",
                 {".own", "text/own",
                  [](const runtime::HandOver& given) -> std::optional<PersonalText> {
                      return PersonalText("own " + given.json.reveal());
                  },
                  [reaches](const std::string&, const runtime::HandOver&, const std::string&,
                            const std::atomic<bool>&) { return reaches; }}}};
    }
    /// A system that answers every alert with `status`; 0: never.
    std::string system_that_answers(int status) {
        auto started = http::Server::start(
            {}, [this, status](http::Request request, http::Server::Respond respond) {
                alerts.add(request.method + " " + request.content_type + " " + request.body);
                if (status == 0) return held.add(std::move(respond));
                respond({status, "application/json", status == 204 ? "" : "{}",
                         status == 302 ? "http://127.0.0.1:1/elsewhere" : "", 0});
            });
        EXPECT_TRUE(started);
        server = std::move(*started);
        return "http://127.0.0.1:" + std::to_string(server->port()) + "/alerts";
    }
    template <class Kind>
    Kind answer(std::size_t number = 0) {
        EXPECT_TRUE(answers.wait_for(number + 1));
        const auto all = answers.all();
        if (all.size() <= number) return {};
        const auto* one = std::get_if<Kind>(&all[number].body);
        EXPECT_NE(one, nullptr) << "another kind of answer";
        return one == nullptr ? Kind{} : *one;
    }
    fs::path file(const std::string& ending) const {
        return folder.path() / "out" / inbox.value() / ("police-wm-" + to_text(id) + ending);
    }

    test::TemporaryFolder folder;
    test::Collected<runtime::Input> answers;
    test::Collected<std::string> alerts;
    test::Collected<http::Server::Respond> held;
    std::unique_ptr<http::Server> server;
    std::unique_ptr<Handover> handover;
};

TEST_F(HandoverTest, AFormatOfTheAgentsOwnIsWhatFolderAndWebhookGet) {
    start({folder.path() / "out", system_that_answers(204), "own", ""}, own_format(true));
    handover->give(item());
    EXPECT_EQ(answer<runtime::HandedOver>().notification, id);
    EXPECT_EQ(test::content_of(file(".own")), "own {\"views\":{}}");
    EXPECT_EQ(alerts.all().at(0), "POST text/own own {\"views\":{}}");
    handover->give(item(true));
    EXPECT_TRUE(answer<runtime::HandedOver>(1).recalled);
    EXPECT_FALSE(fs::exists(file(".own")));
    EXPECT_TRUE(fs::exists(file(".recall.own")));
}

TEST_F(HandoverTest, AProtocolOfTheAgentsOwnIsDoneWhenTheOtherSideSaysSo) {
    start({{}, "", "own", "127.0.0.1:1"}, own_format(true));
    handover->give(item());
    EXPECT_EQ(answer<runtime::HandedOver>().notification, id);
}

TEST_F(HandoverTest, AProtocolThatDoesNotReachTheOtherSideIsOwed) {
    start({{}, "", "own", "127.0.0.1:1"}, own_format(false));
    handover->give(item());
    EXPECT_EQ(answer<runtime::HandoverFailed>().code, ErrorCode::io_failed);
}

TEST_F(HandoverTest, AFolderGetsOneWholeFileForTheOwnerAlone) {
    start({folder.path() / "out", ""});
    handover->give(item());
    EXPECT_EQ(answer<runtime::HandedOver>().notification, id);
    EXPECT_EQ(test::content_of(file(".json")), "{\"views\":{}}");
    struct stat found{};
    ASSERT_EQ(::stat(file(".json").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);
    EXPECT_EQ(
        std::distance(fs::directory_iterator(file("").parent_path()), fs::directory_iterator()), 1)
        << "nothing half-written beside it";
}

TEST_F(HandoverTest, TheSameItemAgainIsOneFile) {
    start({folder.path() / "out", ""});
    handover->give(item());
    answer<runtime::HandedOver>();
    handover->give(item());
    answer<runtime::HandedOver>(1);
    EXPECT_EQ(
        std::distance(fs::directory_iterator(file("").parent_path()), fs::directory_iterator()), 1);
}

TEST_F(HandoverTest, ARecallTakesTheFileBackAndSaysSo) {
    start({folder.path() / "out", ""});
    handover->give(item());
    handover->give(item(true));
    EXPECT_FALSE(answer<runtime::HandedOver>().recalled);
    EXPECT_TRUE(answer<runtime::HandedOver>(1).recalled) << "it says which of the two is done";
    EXPECT_FALSE(fs::exists(file(".json")));
    EXPECT_EQ(test::content_of(file(".recall.json")), "{\"recalled\":true}");
}

TEST_F(HandoverTest, AFolderThatCannotBeWrittenIsAFailureToTryAgain) {
    test::write_content(folder.path() / "out", "a file where the folder should be");
    start({folder.path() / "out", ""});
    handover->give(item());
    EXPECT_NE(answer<runtime::HandoverFailed>().code, ErrorCode::not_available);
}

TEST_F(HandoverTest, AWebhookThatAnswers2xxHasIt) {
    start({"", system_that_answers(204)});
    handover->give(item());
    EXPECT_EQ(answer<runtime::HandedOver>().inbox, inbox);
    EXPECT_EQ(alerts.all().front(), "POST application/json {\"views\":{}}");
}

TEST_F(HandoverTest, AWebhookThatAnswersAnythingElseHasItNot) {
    for (const int status : {500, 404, 302}) {
        start({"", system_that_answers(status)});
        const auto before = answers.size();
        handover->give(item());
        EXPECT_EQ(answer<runtime::HandoverFailed>(before).code, ErrorCode::io_failed) << status;
    }
}

TEST_F(HandoverTest, AWebhookWhereNobodyListensIsAFailureToTryAgain) {
    const auto url = system_that_answers(200);
    server->stop();
    start({"", url});
    handover->give(item());
    EXPECT_EQ(answer<runtime::HandoverFailed>().code, ErrorCode::io_failed);
}

TEST_F(HandoverTest, OnlyHttpIsSpokenToAWebhook) {
    test::write_content(folder.path() / "target", "");
    start({"", "file://" + (folder.path() / "target").string()});
    handover->give(item());
    answer<runtime::HandoverFailed>();
}

TEST_F(HandoverTest, StoppingDoesNotWaitForASystemThatNeverAnswers) {
    start({"", system_that_answers(0)});
    handover->give(item());
    ASSERT_TRUE(alerts.wait_for(1));
    const auto began = std::chrono::steady_clock::now();
    handover->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
    EXPECT_EQ(answer<runtime::HandoverFailed>().code, ErrorCode::io_failed);
}

TEST_F(HandoverTest, ASystemThatHangsKeepsBackNoOtherInbox) {
    const InboxId other("social-care.mco");
    start_all({{inbox, {"", system_that_answers(0)}}, {other, {folder.path() / "out", ""}}});
    handover->give(item());
    ASSERT_TRUE(alerts.wait_for(1)) << "it has the first and says nothing";
    auto second = item();
    second.inbox = other;
    handover->give(std::move(second));
    EXPECT_EQ(answer<runtime::HandedOver>().inbox, other);
    EXPECT_EQ(answers.size(), 1U) << "the first is still under way";
}

TEST_F(HandoverTest, WhatIsQueuedOrUnderWayIsNotQueuedAgain) {
    start({"", system_that_answers(0)});
    auto next = item();
    next.notification = NotificationId{{4}};
    handover->give(item());
    ASSERT_TRUE(alerts.wait_for(1));
    handover->give(next);
    handover->give(item(true));
    ASSERT_EQ(handover->owed(), 3U) << "taking back is another thing than giving";
    for (int retry = 0; retry < 10; ++retry) {
        handover->give(item());
        handover->give(next);
        handover->give(item(true));
    }
    EXPECT_EQ(handover->owed(), 3U);
    auto one = item();
    for (std::size_t n = 0; n < 2 * Handover::items_of_inbox_max; ++n) {
        one.notification = NotificationId{{9, static_cast<std::uint8_t>(n)}};
        handover->give(one);
    }
    EXPECT_EQ(handover->owed(), Handover::items_of_inbox_max) << "the core asks again for the rest";
}

TEST_F(HandoverTest, WhatFailedIsTakenAgainWhenItIsAskedForAgain) {
    start({{}, "", "own", "127.0.0.1:1"}, own_format(false));
    for (std::size_t time = 0; time < 3; ++time) {
        handover->give(item());
        EXPECT_EQ(answer<runtime::HandoverFailed>(time).code, ErrorCode::io_failed);
    }
    EXPECT_EQ(handover->owed(), 0U);
}

TEST_F(HandoverTest, ItemsOfAnInboxGoInTheOrderInWhichTheyCame) {
    start({folder.path() / "out", ""});
    auto one = item();
    for (std::uint8_t n = 0; n < 20; ++n) {
        one.notification = NotificationId{{n}};
        handover->give(one);
    }
    for (std::uint8_t n = 0; n < 20; ++n)
        EXPECT_EQ(answer<runtime::HandedOver>(n).notification, NotificationId{{n}});
}

TEST_F(HandoverTest, AnInboxWithoutATargetHasNothingToTryAgain) {
    start({"", ""});
    handover->give(item());
    EXPECT_EQ(answer<runtime::HandoverFailed>().code, ErrorCode::not_available);
    auto other = item();
    other.inbox = InboxId("hub.ffd");
    handover->give(std::move(other));
    EXPECT_EQ(answer<runtime::HandoverFailed>(1).code, ErrorCode::not_available);
    handover->give(item(true));
    EXPECT_TRUE(answer<runtime::HandoverFailed>(2).recalled);
}

}  // namespace
}  // namespace mash::runtime_shell
