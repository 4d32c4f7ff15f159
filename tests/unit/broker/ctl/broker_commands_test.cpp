#include "broker/ctl/broker_commands.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/ctl/admin_client.hpp"
#include "tests/unit/broker/ctl/one_answer.hpp"
#include "tests/unit/common/area/temporary_folder.hpp"

namespace mash::ctl {
namespace {

using ::testing::HasSubstr;
using testing::OneAnswer;

constexpr std::chrono::milliseconds patience{10'000};

TEST(AdminClient, AsksInOneLineAndReadsOne) {
    const area::testing::TemporaryFolder folder;
    const auto socket = folder.path() / "admin.sock";
    OneAnswer broker(socket, "{\"ok\":true}\nand more");
    const auto answer = ask_broker(socket, "release", "police/0193\n\"", patience);
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, "{\"ok\":true}");
    EXPECT_EQ(broker.asked(), R"({"argument":"police/0193\n\"","command":"release"})");
}

TEST(AdminClient, SaysWhenThereIsNoBroker) {
    const area::testing::TemporaryFolder folder;
    const auto absent = ask_broker(folder.path() / "absent.sock", "status", "", patience);
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().exit, Exit::no_broker);
    EXPECT_THAT(absent.error().what, HasSubstr("no broker's socket"));
    EXPECT_EQ(ask_broker(std::string(200, 'x'), "status", "", patience).error().exit, Exit::usage);
}

TEST(AdminClient, SaysWhenTheBrokerGoesAwayBeforeItAnswered) {
    const area::testing::TemporaryFolder folder;
    const auto socket = folder.path() / "admin.sock";
    const OneAnswer broker(socket, "{\"ok\":");
    const auto answer = ask_broker(socket, "status", "", patience);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().what, HasSubstr("closed the connection"));
}

TEST(AdminClient, DoesNotWaitForEverForABrokerThatDoesNotAnswer) {
    const area::testing::TemporaryFolder folder;
    const auto socket = folder.path() / "admin.sock";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, socket.c_str());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(fd, 1), 0);
    const auto answer = ask_broker(socket, "status", "", std::chrono::milliseconds(50));
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().what, HasSubstr("in time"));
    ::close(fd);
}

TEST(BrokerAnswers, AreShownAsLinesAndTables) {
    EXPECT_EQ(text_of_answer(R"({"ok":true})").value(), "Done.\n");
    EXPECT_EQ(text_of_answer(R"({"ok":true,"answer":{}})").value(), "Done.\n");
    EXPECT_EQ(text_of_answer(
                  R"({"ok":true,"answer":{"area":"northshire","fresh":true,"versions":[1,2]}})")
                  .value(),
              "area      northshire\nfresh     yes\nversions  1, 2\n");
    EXPECT_EQ(
        text_of_answer(
            R"({"ok":true,"answer":{"tasks":[{"kind":"held","due":"x"},{"kind":"pass_on","due":"y","late":true}]}})")
            .value(),
        "\ntasks\nkind     due  late\nheld     x    -\npass_on  y    yes\n");
    EXPECT_EQ(text_of_answer(R"({"ok":true,"answer":{"tasks":[]}})").value(), "tasks  -\n");
}

TEST(BrokerAnswers, ThatRefuseSayWhatToDo) {
    const auto known = text_of_answer(R"({"ok":false,"answer":{"error":"not_found"}})");
    ASSERT_FALSE(known);
    EXPECT_THAT(known.error().what, HasSubstr("no such item"));
    const auto other = text_of_answer(R"({"ok":false,"error":"io_failed"})");
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().what, HasSubstr("io_failed"));
    for (const char* nonsense : {"", "[]", "{}", R"({"ok":"yes"})", "nonsense"}) {
        EXPECT_EQ(text_of_answer(nonsense).error().exit, Exit::no_broker) << nonsense;
    }
}

}  // namespace
}  // namespace mash::ctl
