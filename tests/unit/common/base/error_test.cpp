#include "common/base/error.hpp"

#include <cctype>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mash {
namespace {

std::vector<ErrorCode> all_codes() {
    return {ErrorCode::malformed,
            ErrorCode::too_large,
            ErrorCode::too_many,
            ErrorCode::missing_field,
            ErrorCode::bad_value,
            ErrorCode::not_found,
            ErrorCode::already_exists,
            ErrorCode::unsupported_version,
            ErrorCode::not_available,
            ErrorCode::bad_signature,
            ErrorCode::unknown_key,
            ErrorCode::revoked_key,
            ErrorCode::wrong_host,
            ErrorCode::not_entitled,
            ErrorCode::version_went_back,
            ErrorCode::not_fresh,
            ErrorCode::expired,
            ErrorCode::wrong_area,
            ErrorCode::decision_differs,
            ErrorCode::fact_unproved,
            ErrorCode::decrypt_failed,
            ErrorCode::wrong_credential,
            ErrorCode::weak_point,
            ErrorCode::stale_plan,
            ErrorCode::plan_mismatch,
            ErrorCode::clock_skew,
            ErrorCode::refused_by_rule,
            ErrorCode::held,
            ErrorCode::duplicate_conflict,
            ErrorCode::busy,
            ErrorCode::store_failed,
            ErrorCode::store_unknown,
            ErrorCode::disk_full,
            ErrorCode::io_failed,
            ErrorCode::disconnected,
            ErrorCode::timeout,
            ErrorCode::shutting_down,
            ErrorCode::quarantined,
            ErrorCode::clock_jump};
}

TEST(ErrorCodes, EachHasItsOwnWordForLogsAndMetrics) {
    std::set<std::string_view> words;
    for (auto code : all_codes()) {
        const auto word = name_of(code);
        for (char c : word)
            EXPECT_TRUE(std::islower(static_cast<unsigned char>(c)) != 0 || c == '_') << word;
        EXPECT_TRUE(words.insert(word).second) << word << " is used twice";
    }
}

TEST(ErrorCodes, EachIsDescribedInOneSentenceForPeople) {
    std::set<std::string_view> sentences;
    for (auto code : all_codes()) {
        const auto sentence = describe(code);
        ASSERT_GT(sentence.size(), 15U) << name_of(code);
        EXPECT_TRUE(std::isupper(static_cast<unsigned char>(sentence.front())) != 0) << sentence;
        EXPECT_NE(sentence.back(), '.') << sentence;
        EXPECT_EQ(sentence.find('_'), std::string_view::npos)
            << "a code is no English: " << sentence;
        EXPECT_TRUE(sentences.insert(sentence).second) << sentence << " describes two failures";
    }
}

TEST(ErrorCodes, SayWhatTheCallerShouldDoNext) {
    EXPECT_EQ(next_step(ErrorCode::malformed), NextStep::fix_input);
    EXPECT_EQ(next_step(ErrorCode::refused_by_rule), NextStep::fix_input);
    EXPECT_EQ(next_step(ErrorCode::busy), NextStep::retry_later);
    EXPECT_EQ(next_step(ErrorCode::store_unknown), NextStep::retry_later);
    EXPECT_EQ(next_step(ErrorCode::disconnected), NextStep::reconnect);
    EXPECT_EQ(next_step(ErrorCode::bad_signature), NextStep::tell_operator);
    EXPECT_EQ(next_step(ErrorCode::disk_full), NextStep::tell_operator);
}

}  // namespace
}  // namespace mash
