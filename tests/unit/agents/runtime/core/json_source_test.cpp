#include <gtest/gtest.h>

#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/source.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime {
namespace {

ReadFile read(const std::string& content) {
    SourceMemory memory;
    return make_json_format()->read(content, ReadContext(), memory);
}

/// A notification whose field is a list of lists, `depth` brackets deep in all.
std::string nested(std::size_t depth) {
    const std::size_t lists = depth - 3;  // the notification, sections, evt
    return R"({"source_ref":"a","type":"sighting","occurred_at":"2027-01-13T09:30:00Z","sections":{"evt":{"what":)" +
           std::string(lists, '[') + std::string(lists, ']') + "}}}";
}

TEST(JsonFiles, AreReadToTheDepthThatANotificationMayHave) {
    EXPECT_EQ(read(nested(limits::json_depth_max)).notifications.size(), 1U);
    EXPECT_EQ(read("[" + nested(limits::json_depth_max) + "]").notifications.size(), 1U);
    const auto too_deep = read("[" + nested(limits::json_depth_max + 1) + "]");
    EXPECT_TRUE(too_deep.notifications.empty());
    ASSERT_EQ(too_deep.faults.size(), 1U);
    EXPECT_EQ(too_deep.faults[0].rule, "too_deep");
}

TEST(JsonFiles, FormerUpnsAreReadAndAreNewsOnlyWhereThereAreSome) {
    const auto with = [](const std::string& former) {
        return read(
            R"({"source_ref":"a","type":"sighting","occurred_at":"2027-01-13T09:30:00Z","subject":{"upn":"H243278544154")" +
            former + "}}");
    };
    const auto none = with("");
    ASSERT_EQ(none.notifications.size(), 1U);
    EXPECT_EQ(to_canonical_json(none.notifications[0].notification).reveal().find("former_upns"),
              std::string::npos)
        << "what was sent before the field existed keeps its digest";
    const auto one = with(R"(,"former_upns":["H801200001001"])");
    ASSERT_EQ(one.notifications.size(), 1U);
    const auto& subject = one.notifications[0].notification.subject;
    ASSERT_EQ(subject.former_upns.size(), 1U);
    const auto again =
        from_canonical_json(to_canonical_json(one.notifications[0].notification).reveal());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->subject.former_upns, subject.former_upns);
    EXPECT_FALSE(with(R"(,"former_upns":[7])").faults.empty());
    EXPECT_FALSE(with(R"(,"former_upns":"H801200001001")").faults.empty());
}

/// Reading went well and writing it again overran the stack.
TEST(JsonFiles, NestedWithoutEndAreRefusedAsAWhole) {
    for (const std::string& content :
         {std::string(1'000'000, '['),
          R"([{"source_ref":)" + std::string(400'000, '[') + std::string(400'000, ']') + "}]"}) {
        const auto file = read(content);
        EXPECT_TRUE(file.notifications.empty());
        ASSERT_EQ(file.faults.size(), 1U);
        EXPECT_EQ(file.faults[0].record, 0U);
        EXPECT_EQ(file.faults[0].rule, "too_deep");
    }
}

}  // namespace
}  // namespace mash::runtime
