#include "agents/runtime/desk/request_rate.hpp"

#include <gtest/gtest.h>

namespace mash::desk {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Digest session(std::uint8_t number) { return Digest{number}; }

class RequestRate : public ::testing::Test {
protected:
    bool ask(std::uint8_t of = 1, std::uint32_t price = 1) {
        const auto verdict = rates.begin(session(of), price, now);
        if (verdict.wait > milliseconds(0)) return false;
        rates.answered(session(of));
        return true;
    }
    int ask_until_refused(std::uint8_t of = 1, std::uint32_t price = 1) {
        int count = 0;
        while (ask(of, price)) ++count;
        return count;
    }
    RequestRates rates;
    SteadyTime now = SteadyTime::from_ms(9'000);
};

TEST_F(RequestRate, APersonWithFourPagesIsNeverTold) {
    // Each page reads five lists at each of ten changes a second, for a minute at the worst.
    for (int second = 0; second < 60; ++second) {
        for (int request = 0; request < 4 * 7; ++request) EXPECT_TRUE(ask()) << second;
        now = now + seconds(1);
    }
}

TEST_F(RequestRate, AScriptHasABurstAndThenItsShareOfEachSecond) {
    EXPECT_EQ(ask_until_refused(), 300);
    int count = 0;
    for (int ms = 0; ms < 10'000; ms += 10) {
        now = now + milliseconds(10);
        count += ask_until_refused();
    }
    EXPECT_EQ(count, 300) << "thirty a second";
    now = now + minutes(60);
    EXPECT_EQ(ask_until_refused(), 300) << "and no more is saved up";
}

TEST_F(RequestRate, WhatCostsTheAgentMoreIsFewer) {
    EXPECT_EQ(ask_until_refused(1, 5), 60);
    now = now + seconds(1);
    EXPECT_EQ(ask_until_refused(1, 5), 6);
}

TEST_F(RequestRate, WhoWaitsAsLongAsTheyWereToldIsLetOn) {
    ask_until_refused();
    const auto told = rates.begin(session(1), 5, now);
    EXPECT_GT(told.wait, milliseconds(0));
    EXPECT_LE(told.wait, seconds(1));
    now = now + (told.wait - milliseconds(2));
    EXPECT_FALSE(ask(1, 5));
    now = now + milliseconds(2);
    EXPECT_TRUE(ask(1, 5));
}

TEST_F(RequestRate, OneSessionUsesUpNothingOfAnother) {
    ask_until_refused(1);
    EXPECT_EQ(ask_until_refused(2), 300);
    for (int i = 0; i < 12; ++i) rates.begin(session(3), 1, now);
    EXPECT_FALSE(ask(3));
    EXPECT_TRUE(ask(4));
}

TEST_F(RequestRate, NoMoreThanSoManyWaitForTheirAnswers) {
    for (int i = 0; i < 12; ++i)
        EXPECT_EQ(rates.begin(session(1), 1, now).wait, milliseconds(0)) << i;
    EXPECT_EQ(rates.begin(session(1), 1, now).wait, seconds(1));
    now = now + minutes(60);
    EXPECT_EQ(rates.begin(session(1), 1, now).wait, seconds(1)) << "time answers nothing";
    rates.answered(session(1));
    EXPECT_EQ(rates.begin(session(1), 1, now).wait, milliseconds(0));
}

TEST_F(RequestRate, ARefusalIsNewsOnceAMinute) {
    ask_until_refused();
    int news = 0;
    for (int i = 0; i < 120; ++i) {
        for (int more = 0; more < 40; ++more) {
            const auto verdict = rates.begin(session(1), 1, now);
            news += verdict.is_news ? 1 : 0;
            if (verdict.wait == milliseconds(0)) rates.answered(session(1));
        }
        now = now + seconds(1);
    }
    EXPECT_LE(news, 3);
    EXPECT_GE(news, 1);
}

TEST_F(RequestRate, AClockThatGoesBackGivesNothingAndTakesNothing) {
    ask_until_refused();
    now = SteadyTime::from_ms(1'000);
    EXPECT_FALSE(ask());
    now = now + seconds(1);
    EXPECT_EQ(ask_until_refused(), 30);
}

TEST_F(RequestRate, SessionsThatAskedForNothingLatelyAreForgotten) {
    for (std::size_t number = 0; number < request_rates_max; ++number)
        EXPECT_TRUE(rates
                        .begin(Digest{static_cast<std::uint8_t>(number),
                                      static_cast<std::uint8_t>(number >> 8), 1},
                               1, now)
                        .wait == milliseconds(0));
    EXPECT_EQ(rates.size(), request_rates_max);
    for (std::size_t number = 1; number < request_rates_max; ++number)
        rates.answered(
            Digest{static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8), 1});
    now = now + minutes(1);
    EXPECT_TRUE(ask(7));
    EXPECT_EQ(rates.size(), 2U) << "the new one, and the one that waits for its answer";
}

}  // namespace
}  // namespace mash::desk
