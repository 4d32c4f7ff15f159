#include "common/http/files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/waiting.hpp"

namespace mash::http {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

std::string header_of(const Response& response, std::string_view name) {
    const auto found = std::ranges::find_if(response.headers,
                                            [&](const auto& each) { return each.first == name; });
    return found == response.headers.end() ? "" : found->second;
}

struct FilesOfAFolder : testing::Test {
    test::TemporaryFolder folder;
    void SetUp() override {
        write(folder.path() / "site" / "index.html", "<p>first");
        write(folder.path() / "site" / "assets" / "main-1a2b.js", "go()");
        write(folder.path() / "site" / "assets" / "main-1a2b.js.gz", "packed");
        write(folder.path() / "site" / ".secret", "no");
        write(folder.path() / "key", "outside");
        fs::create_symlink(folder.path() / "key", folder.path() / "site" / "link.txt");
    }
    Files files() { return Files::load(folder.path() / "site").value(); }
};

TEST_F(FilesOfAFolder, AreServedWithTheirTypeAndHowLongTheyKeep) {
    const auto page = files().get("/index.html", {});
    EXPECT_EQ(page.body, "<p>first");
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(header_of(page, "Cache-Control"), "");  // the server's own: no-store
    const auto script = files().get("/assets/main-1a2b.js", {});
    EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
    EXPECT_NE(header_of(script, "Cache-Control").find("immutable"), std::string::npos);
}

TEST_F(FilesOfAFolder, NoPathLeadsOutOfIt) {
    const auto served = files();
    for (const char* path : {"/../key", "/assets/../../key", "//key", "/link.txt", "/.secret", "",
                             "/", "/assets", "index.html", "/index.html/", "/./index.html"})
        EXPECT_FALSE(served.contains(path)) << path;
    EXPECT_FALSE(served.contains(std::string_view("/index.html\0", 12)));
}

TEST_F(FilesOfAFolder, APackedCopyGoesToWhoTakesIt) {
    Request request;
    EXPECT_EQ(files().get("/assets/main-1a2b.js", request).body, "go()");
    request.headers["accept-encoding"] = "br, gzip";
    const auto packed = files().get("/assets/main-1a2b.js", request);
    EXPECT_EQ(packed.body, "packed");
    EXPECT_EQ(header_of(packed, "Content-Encoding"), "gzip");
}

TEST_F(FilesOfAFolder, WhatTheBrowserHasIsNotSentAgain) {
    Request request;
    request.headers["if-none-match"] = header_of(files().get("/assets/main-1a2b.js", {}), "ETag");
    const auto again = files().get("/assets/main-1a2b.js", request);
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
}

TEST_F(FilesOfAFolder, AFolderThatIsMissingOrTooLargeIsRefused) {
    EXPECT_EQ(Files::load(folder.path() / "none").error(), ErrorCode::not_found);
    write(folder.path() / "site" / "big", "");
    fs::resize_file(folder.path() / "site" / "big", files_bytes_max);
    EXPECT_EQ(Files::load(folder.path() / "site").error(), ErrorCode::too_large);
}

}  // namespace
}  // namespace mash::http
