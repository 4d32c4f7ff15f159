// A store of another release: brought forward, or refused with both formats named.
#include "common/store/format.hpp"

#include <gtest/gtest.h>

#include "common/store/memory_store.hpp"

namespace mash::store {
namespace {

constexpr Space people{"people"};
constexpr Space steps_seen{"steps_seen"};

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

template <char step>
void note_step(Transaction& transaction) {
    auto seen = transaction.get(steps_seen, bytes("k")).value_or(Bytes{});
    seen.push_back(static_cast<std::uint8_t>(step));
    transaction.put(steps_seen, bytes("k"), seen);
}
void break_off(Transaction& transaction) {
    note_step<'b'>(transaction);
    transaction.mark_failed(ErrorCode::store_failed, "people", "does not decode");
}

constexpr FormatStep to_three[] = {note_step<'1'>, note_step<'2'>};
constexpr FormatStep two_to_three[] = {note_step<'2'>};
constexpr FormatStep failing[] = {note_step<'1'>, break_off};
constexpr Format first{.always_used = people};
constexpr Format third{.version = 3, .always_used = people, .steps = to_three};

class StoreFormat : public ::testing::Test {
protected:
    void use() {
        auto transaction = store.begin();
        transaction->put(people, bytes("k"), bytes("v"));
        ASSERT_TRUE(store.commit(std::move(transaction)).is_committed());
    }
    Result<void> bring(const Format& format) {
        problem.clear();
        return bring_to_format(store, format, "DIR/agent.sqlite", problem);
    }
    std::string steps() {
        const auto seen = store.view()->get(steps_seen, bytes("k"));
        return seen ? std::string(seen->begin(), seen->end()) : "";
    }
    std::optional<std::uint32_t> stamp() {
        const auto view = store.view();
        return format_of(*view, first);
    }
    void names(std::initializer_list<std::string_view> words) {
        for (const auto word : words)
            EXPECT_NE(problem.find(word), std::string::npos) << word << " in: " << problem;
    }

    MemoryStore store;
    std::string problem;
};

TEST_F(StoreFormat, ANewStoreIsStampedAndNothingIsRunOrCopied) {
    EXPECT_EQ(stamp(), std::nullopt);
    EXPECT_TRUE(bring(third)) << problem;
    EXPECT_EQ(stamp(), 3U);
    EXPECT_EQ(steps(), "");
    EXPECT_FALSE(store.backup("DIR/agent.sqlite.format-3"));
}

TEST_F(StoreFormat, AStoreOfThisFormatIsLeftAsItIs) {
    use();
    EXPECT_TRUE(bring(first)) << problem;
    EXPECT_TRUE(bring(first)) << problem;
    EXPECT_EQ(stamp(), 1U);
    EXPECT_EQ(steps(), "");
}

TEST_F(StoreFormat, AnOlderOneIsCopiedAndTakesEveryStepOnceInOrder) {
    use();  // before there were stamps
    EXPECT_TRUE(bring(third)) << problem;
    EXPECT_EQ(steps(), "12");
    EXPECT_EQ(stamp(), 3U);
    EXPECT_TRUE(store.backup("DIR/agent.sqlite.format-1"));
    EXPECT_TRUE(bring(third)) << problem;
    EXPECT_EQ(steps(), "12");
}

TEST_F(StoreFormat, AStepThatFailsLeavesTheStoreAsItWas) {
    use();
    const auto outcome = bring({.version = 3, .always_used = people, .steps = failing});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error(), ErrorCode::store_failed);
    EXPECT_EQ(steps(), "");
    EXPECT_EQ(stamp(), 1U);
    names({"DIR/agent.sqlite", "has format 1", "formats 1 to 3"});
}

TEST_F(StoreFormat, ANewerOneIsRefusedWithBothFormatsAndWhatToDo) {
    use();
    ASSERT_TRUE(bring(third));
    const auto outcome = bring(first);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error(), ErrorCode::unsupported_version);
    names({"DIR/agent.sqlite", "has format 3", "reads format 1", "newer release",
           "Nothing was changed", "restore a backup"});
    EXPECT_EQ(stamp(), 3U);
}

TEST_F(StoreFormat, OneThatIsTooOldIsRefusedWithBothFormatsAndWhatToDo) {
    use();
    const auto outcome =
        bring({.version = 3, .oldest = 2, .always_used = people, .steps = two_to_three});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error(), ErrorCode::unsupported_version);
    names({"has format 1", "formats 2 to 3", "too old", "Nothing was changed", "backup"});
    EXPECT_EQ(steps(), "");
    EXPECT_EQ(stamp(), 1U);
}

TEST_F(StoreFormat, WithoutACopyNothingIsBroughtForward) {
    use();
    ASSERT_TRUE(store.backup_to("DIR/agent.sqlite.format-1"));
    const auto outcome = bring(third);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error(), ErrorCode::already_exists);
    names({"DIR/agent.sqlite.format-1", "Nothing was changed", "start again"});
    EXPECT_EQ(steps(), "");
}

}  // namespace
}  // namespace mash::store
