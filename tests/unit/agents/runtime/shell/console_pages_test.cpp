#include "agents/runtime/shell/console_pages.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/waiting.hpp"

namespace mash::runtime_shell {
namespace {

std::string header_of(const http::Response& response, std::string_view name) {
    const auto found = std::ranges::find_if(response.headers,
                                            [&](const auto& each) { return each.first == name; });
    return found == response.headers.end() ? "" : found->second;
}

http::Request get(std::string path) {
    http::Request request;
    request.method = "GET";
    request.path = std::move(path);
    return request;
}

struct Pages : testing::Test {
    test::TemporaryFolder folder;
    ConsolePages pages() {
        std::filesystem::create_directories(folder.path() / "assets");
        std::ofstream(folder.path() / "index.html") << "first page";
        std::ofstream(folder.path() / "assets" / "a-1.js") << "go()";
        return ConsolePages(http::Files::load(folder.path()).value());
    }
};

TEST_F(Pages, RoutesOfTheConsoleGiveItsFirstPageAndFilesAreThemselves) {
    for (const char* path : {"/", "/received", "/received/7", "/../../etc/passwd", "/index.html"})
        EXPECT_EQ(pages().get(get(path)).body, "first page") << path;
    EXPECT_EQ(pages().get(get("/assets/a-1.js")).body, "go()");
    EXPECT_EQ(pages().get(get("/assets/b-2.js")).status, 404);
}

TEST_F(Pages, NothingOfAnotherOriginAndNothingInlineMayRun) {
    for (const char* path : {"/", "/assets/a-1.js", "/assets/none"}) {
        const auto answer = pages().get(get(path));
        const auto policy = header_of(answer, "Content-Security-Policy");
        EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self';")) << path;
        EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
        EXPECT_EQ(policy.find("unsafe"), std::string::npos);
        EXPECT_EQ(header_of(answer, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(header_of(answer, "Cross-Origin-Opener-Policy"), "same-origin");
    }
}

TEST_F(Pages, ThatAreMissingSayWhatToDo) {
    const auto answer = ConsolePages(std::nullopt).get(get("/"));
    EXPECT_EQ(answer.status, 503);
    EXPECT_NE(answer.body.find("[console]"), std::string::npos);
}

TEST(InterfacePath, IsNeverAPage) {
    for (const char* path : {"/api", "/api/", "/api/v1/sent", "/metrics"})
        EXPECT_TRUE(is_interface_path(path)) << path;
    for (const char* path : {"/", "/apiary", "/metrics/x", "/received"})
        EXPECT_FALSE(is_interface_path(path)) << path;
}

}  // namespace
}  // namespace mash::runtime_shell
