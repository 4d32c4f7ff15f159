#include "agents/runtime/core/json_reader.hpp"

#include <gtest/gtest.h>

#include "common/base/check.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime {
namespace {

struct Read {
    std::vector<std::string> seen;
    bool fit = false;
    bool too_deep = false;
    bool cut_off = false;
};

Read read(std::string_view text, const std::string& member = "", std::size_t piece = 1'000'000) {
    Read out;
    JsonReader reader(member, [&](JsonFound&& found) {
        out.seen.push_back(std::to_string(found.number) + found.member + "@" +
                           std::to_string(found.line) + "=" +
                           (found.too_large ? "too large" : found.text.reveal()));
    });
    Result<void> fed;
    for (std::size_t at = 0; at < text.size() && fed; at += piece)
        fed = reader.feed(text.substr(at, piece));
    if (fed) fed = reader.finish();
    out.fit = fed.has_value();
    out.too_deep = reader.too_deep();
    out.cut_off = reader.cut_off();
    return out;
}

using Seen = std::vector<std::string>;

TEST(JsonReader, GivesTheItemsOfAListWhereverThePiecesAreCut) {
    const std::string_view text =
        "\xEF\xBB\xBF [ {\"a\":\"]}\\\"\"},\n 12 , [1,{\"b\":2}],\"x\\\\\" ,null]\n";
    const Seen all{"1@1={\"a\":\"]}\\\"\"}", "2@2=12", "3@2=[1,{\"b\":2}]", "4@2=\"x\\\\\"",
                   "5@2=null"};
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
        const auto got = read(text, "", piece);
        EXPECT_TRUE(got.fit);
        EXPECT_EQ(got.seen, all) << piece;
    }
    EXPECT_TRUE(read("[]").fit);
}

TEST(JsonReader, AnObjectIsOneRecordOrHoldsTheList) {
    EXPECT_EQ(read("{\"a\":[1]}").seen, Seen{"1@1={\"a\":[1]}"});
    const auto got = read("{\"type\":\"x\",\"entry\":[{\"n\":1},{\"n\":2}],\"total\":2}", "entry");
    EXPECT_TRUE(got.fit);
    EXPECT_EQ(got.seen, (Seen{"0type@1=\"x\"", "1@1={\"n\":1}", "2@1={\"n\":2}", "0total@1=2"}));
    EXPECT_TRUE(read("{}", "entry").fit);
    EXPECT_TRUE(read("{\"entry\":[]}", "entry").fit);
}

TEST(JsonReader, WhatIsNoListAndNoObjectEndsTheFileThere) {
    for (const auto* text : {"12", "[1 2]", "[1,]", "[,1]", "{\"a\" 1}", "[1]]", "{\"a\":1,}", "x",
                             "[1}", "{\"a\":}"}) {
        const auto got = read(text, "list");
        EXPECT_FALSE(got.fit) << text;
        EXPECT_FALSE(got.cut_off) << text;
    }
    EXPECT_EQ(read("[1,{\"a\":2} x,3]").seen, (Seen{"1@1=1", "2@1={\"a\":2}"}));
    for (const auto* text : {"[1,2", "[{\"a\":1}", "[\"a", "{\"a\":1"}) {
        const auto got = read(text);
        EXPECT_FALSE(got.fit) << text;
        EXPECT_TRUE(got.cut_off) << text;
    }
    EXPECT_FALSE(read("").fit);
}

TEST(JsonReader, DepthAndSizeAreBounded) {
    EXPECT_TRUE(read(std::string(1'000'000, '[')).too_deep);
    const auto got = read("[\"" + std::string(limits::intake_row_bytes_max + 1, 'x') + "\",7]");
    EXPECT_TRUE(got.fit);
    EXPECT_EQ(got.seen, (Seen{"1@1=too large", "2@1=7"}));
}

}  // namespace
}  // namespace mash::runtime
