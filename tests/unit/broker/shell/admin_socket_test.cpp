#include "broker/shell/admin_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include <gtest/gtest.h>

#include "tests/support/waiting.hpp"

namespace mash::broker_shell {
namespace {

sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

/// Everything that is answered to `text`, until the other side closes.
std::string ask(const std::filesystem::path& path, const std::string& text) {
    const int peer = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto address = address_of(path);
    if (::connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(peer);
        return "no connection";
    }
    for (std::size_t at = 0; at < text.size();) {
        const auto sent = ::send(peer, text.data() + at, text.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) break;
        at += static_cast<std::size_t>(sent);
    }
    std::string out;
    char piece[1024];
    for (auto got = ::recv(peer, piece, sizeof piece, 0); got > 0;
         got = ::recv(peer, piece, sizeof piece, 0)) {
        out.append(piece, static_cast<std::size_t>(got));
    }
    ::close(peer);
    return out;
}

class Admin : public ::testing::Test {
protected:
    std::unique_ptr<AdminSocket> start() {
        auto started = AdminSocket::start(path, [](const std::string& line) {
            return "heard " + std::to_string(line.size()) + " " + line.substr(0, 20);
        });
        EXPECT_TRUE(started);
        return started ? std::move(*started) : nullptr;
    }
    test::TemporaryFolder folder;
    std::filesystem::path path = folder.path() / "admin.sock";
};

TEST(AdminRequests, NameACommandAndMayHaveAnArgument) {
    const auto status = parse_admin_request(R"({"command":"status"})");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->command, "status");
    EXPECT_EQ(status->argument, "");
    const auto release = parse_admin_request(R"({"command":"release","argument":"police/1"})");
    ASSERT_TRUE(release);
    EXPECT_EQ(release->argument, "police/1");
}

/// An argument that was no text ended the broker.
TEST(AdminRequests, OfAnyOtherFormAreRefused) {
    for (const char* line :
         {"", "status", "[]", "{}", "7", R"({"command":""})", R"({"command":7})",
          R"({"command":"status","argument":7})", R"({"command":"status","argument":null})",
          R"({"command":"status","argument":{}})"}) {
        const auto request = parse_admin_request(line);
        ASSERT_FALSE(request) << line;
        EXPECT_EQ(request.error(), ErrorCode::malformed) << line;
    }
}

TEST_F(Admin, AnswersOneLineWithOneLineAndClosesTheConversation) {
    const auto admin = start();
    EXPECT_EQ(ask(path, "status\n"), "heard 6 status\n");
    EXPECT_EQ(ask(path, "first\nsecond\n"), "heard 5 first\n");
    EXPECT_EQ(ask(path, "\n"), "heard 0 \n");
}

TEST_F(Admin, OnlyTheOwnerMayOpenIt) {
    const auto admin = start();
    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);
}

TEST_F(Admin, ALineOverItsBoundIsRefusedAndTheNextIsAnswered) {
    const auto admin = start();
    EXPECT_EQ(ask(path, std::string(64 * 1024, 'x')), "{\"ok\":false,\"error\":\"too_large\"}\n");
    EXPECT_EQ(ask(path, std::string(60 * 1024, 'x') + "\n").substr(0, 11), "heard 61440");
}

TEST_F(Admin, ASocketLeftBehindIsReplaced) {
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto address = address_of(path);
    ASSERT_EQ(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(left);
    ASSERT_TRUE(std::filesystem::exists(path));
    const auto admin = start();
    EXPECT_EQ(ask(path, "status\n"), "heard 6 status\n");
}

TEST_F(Admin, ALivingBrokersSocketIsNotTakenOver) {
    const auto admin = start();
    const auto second =
        AdminSocket::start(path, [](const std::string&) { return std::string("second"); });
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), ErrorCode::already_exists);
    EXPECT_EQ(ask(path, "status\n"), "heard 6 status\n");
}

TEST_F(Admin, APathLongerThanASocketMayHaveIsRefused) {
    const auto started = AdminSocket::start(folder.path() / std::string(120, 'a'),
                                            [](const std::string&) { return std::string(); });
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error(), ErrorCode::too_large);
}

TEST_F(Admin, StoppingTakesTheSocketAway) {
    start()->stop();
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace mash::broker_shell
