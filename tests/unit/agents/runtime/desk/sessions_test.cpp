#include "agents/runtime/desk/sessions.hpp"

#include <gtest/gtest.h>

#include "common/crypto/random.hpp"

namespace mash::desk {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

class SessionsOf : public ::testing::Test {
protected:
    std::string begin(const std::string& account = "a.name") {
        return sessions.begin({account, PersonId("p-1"), AreaId("worcestershire")},
                              crypto::SecretBytes::copy_of(view_of("token")), now, random);
    }
    void pass(milliseconds time) { now = {now.steady + time, now.wall + time}; }

    Sessions sessions;
    crypto::SeededRandom random{1, "sessions"};
    Now now{SteadyTime::from_ms(1'000'000), WallTime::from_unix_ms(1'795'000'000'000)};
};

TEST_F(SessionsOf, TheCookieGivesTheTokenAndNothingElseDoes) {
    const auto cookie = begin();
    const auto seen = sessions.find(cookie, now, true);
    ASSERT_TRUE(seen);
    EXPECT_EQ(text_of(seen->credential.reveal()), "token");
    EXPECT_EQ(seen->who.account, "a.name");
    auto other = cookie;
    other[0] = other[0] == 'A' ? 'B' : 'A';
    for (const auto& wrong : {std::string(), other, cookie + "A", cookie.substr(1), seen->csrf})
        EXPECT_FALSE(sessions.find(wrong, now, true));
}

TEST_F(SessionsOf, TheWordAgainstForgedRequestsIsOneOfASessionAndNotTheCookie) {
    const auto first = begin();
    const auto second = begin();
    const auto csrf = sessions.find(first, now, true)->csrf;
    EXPECT_EQ(csrf, sessions.find(first, now, true)->csrf);
    EXPECT_NE(csrf, sessions.find(second, now, true)->csrf);
    EXPECT_NE(csrf, first);
    EXPECT_GE(csrf.size(), 43U);
}

TEST_F(SessionsOf, EndsWhenNobodyDoesAnything) {
    const auto cookie = begin();
    pass(minutes(15) - milliseconds(1));
    EXPECT_TRUE(sessions.find(cookie, now, false)) << "what a page asks by itself is no activity";
    pass(milliseconds(1));
    EXPECT_FALSE(sessions.find(cookie, now, true));
    EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(SessionsOf, WhetherItGoesOnIsAskedWithoutTheCookieAndIsNoActivity) {
    const auto cookie = begin();
    const auto id = Sessions::id_of(cookie);
    ASSERT_TRUE(id);
    EXPECT_FALSE(Sessions::id_of("nonsense"));
    pass(minutes(10));
    EXPECT_TRUE(sessions.is_open(*id, now));
    pass(minutes(5));
    EXPECT_FALSE(sessions.is_open(*id, now));
    const auto ended = begin();
    sessions.end(ended);
    EXPECT_FALSE(sessions.is_open(*Sessions::id_of(ended), now));
}

TEST_F(SessionsOf, OfAPersonEndTogetherAndOthersGoOn) {
    const auto first = begin();
    const auto second = begin("b.name");
    sessions.end_of(AreaId("elsewhere"), PersonId("p-1"));
    sessions.end_of(AreaId("worcestershire"), PersonId("p-2"));
    EXPECT_TRUE(sessions.find(first, now, true));
    sessions.end_of(AreaId("worcestershire"), PersonId("p-1"));
    EXPECT_FALSE(sessions.find(first, now, true));
    EXPECT_FALSE(sessions.find(second, now, true));
}

TEST_F(SessionsOf, EndsAfterAShiftHoweverBusy) {
    const auto cookie = begin();
    for (int i = 0; i < 12 * 6 - 1; ++i) {
        pass(minutes(10));
        ASSERT_TRUE(sessions.find(cookie, now, true)) << i;
    }
    pass(minutes(10));
    EXPECT_FALSE(sessions.find(cookie, now, true));
}

TEST_F(SessionsOf, EndsByEitherClock) {
    const auto cookie = begin();
    now.wall = now.wall + minutes(20);  // the machine slept
    EXPECT_FALSE(sessions.find(cookie, now, true));
    const auto again = begin();
    now = {now.steady + minutes(20), now.wall - hours(5)};  // somebody put the clock back
    EXPECT_FALSE(sessions.find(again, now, true));
}

TEST_F(SessionsOf, IsConfirmedForMinutesAndOnlyTheOneThatWas) {
    const auto first = begin();
    const auto second = begin();
    EXPECT_FALSE(sessions.find(first, now, true)->confirmed_until);
    sessions.confirm(first, now);
    EXPECT_EQ(sessions.find(first, now, true)->confirmed_until, now.wall + minutes(5));
    EXPECT_FALSE(sessions.find(second, now, true)->confirmed_until);
    pass(minutes(5));
    EXPECT_FALSE(sessions.find(first, now, true)->confirmed_until);
}

TEST_F(SessionsOf, EndsWhereItsOwnerSaysAndNoOther) {
    const auto first = begin();
    const auto second = begin();
    const auto other = begin("other");
    sessions.end(first);
    EXPECT_FALSE(sessions.find(first, now, true));
    EXPECT_TRUE(sessions.find(second, now, true));
    const auto third = begin();
    sessions.end_others(AreaId("worcestershire"), "a.name", third);
    EXPECT_FALSE(sessions.find(second, now, true));
    EXPECT_TRUE(sessions.find(third, now, true));
    EXPECT_TRUE(sessions.find(other, now, true));
    sessions.end_others(AreaId("another"), "a.name", "");
    EXPECT_TRUE(sessions.find(third, now, true));
    sessions.end_others(AreaId("worcestershire"), "a.name", "");
    EXPECT_FALSE(sessions.find(third, now, true));
}

TEST_F(SessionsOf, OneAccountTooManyTimesEndsItsOwnOldestOnly) {
    const auto other = begin("other");
    pass(minutes(1));
    const auto first = begin();
    for (std::size_t i = 0; i < sessions_of_account_max; ++i) {
        pass(milliseconds(1));
        begin();
    }
    EXPECT_FALSE(sessions.find(first, now, true));
    EXPECT_TRUE(sessions.find(other, now, true));
    EXPECT_EQ(sessions.size(), sessions_of_account_max + 1);
}

TEST_F(SessionsOf, AllTogetherAreBounded) {
    for (std::size_t i = 0; i < sessions_in_all_max + 5; ++i) begin("n" + std::to_string(i));
    EXPECT_EQ(sessions.size(), sessions_in_all_max);
}

}  // namespace
}  // namespace mash::desk
