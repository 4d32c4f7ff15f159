#include "agents/runtime/shell/handover_csv.hpp"

#include <gtest/gtest.h>

#include "agents/runtime/core/csv.hpp"
#include "common/base/check.hpp"

namespace mash::runtime_shell {
namespace {

runtime::HandOver item(std::string json) {
    runtime::HandOver out;
    out.notification = NotificationId{{1, 2, 3}};
    out.json = PersonalText(std::move(json));
    return out;
}

std::vector<std::vector<std::string>> rows(const runtime::HandOver& item) {
    std::vector<std::vector<std::string>> out;
    runtime::CsvReader reader([&](runtime::CsvRecord&& record) {
        auto& row = out.emplace_back();
        for (const auto& each : record.cells) row.push_back(each.reveal());
    });
    const auto text = handover_csv(item);
    CHECK(text && reader.feed(text->reveal()) && reader.finish());
    return out;
}

TEST(HandoverCsv, EveryFieldHasItsLineUnderTheWayToIt) {
    const auto read = rows(item(
        R"({"type":"x","act":true,"take_by":null,"views":{"evt.full":{"what":"Said \"no\",\nran"},)"
        R"("idn.full":{"local_ids":["a","b"]}}})"));
    ASSERT_EQ(read.size(), 7U);
    EXPECT_EQ(read[0], (std::vector<std::string>{"id", "field", "value"}));
    EXPECT_EQ(read[1][0], to_text(NotificationId{{1, 2, 3}}));
    EXPECT_EQ(read[2][2], "true");
    EXPECT_EQ(read[3][2], "");
    EXPECT_EQ(read[4][1], "views/evt.full/what");
    EXPECT_EQ(read[4][2], "Said \"no\",\nran");
    EXPECT_EQ(read[6][1], "views/idn.full/local_ids/2");
}

TEST(HandoverCsv, WhatASpreadsheetWouldRunIsText) {
    for (const char* hostile : {"=HYPERLINK(1)", "+1", "-1", "@SUM(1)"}) {
        const auto read = rows(item(std::string(R"({"what":")") + hostile + "\"}"));
        EXPECT_EQ(read[1][2], std::string("'") + hostile);
    }
    EXPECT_EQ(rows(item(R"({"what":"a=b"})"))[1][2], "a=b");
}

TEST(HandoverCsv, WhatIsNoItemIsNotHandedOver) {
    EXPECT_FALSE(handover_csv(item("[1]")));
    EXPECT_FALSE(handover_csv(item("{\"a\":")));
}

}  // namespace
}  // namespace mash::runtime_shell
