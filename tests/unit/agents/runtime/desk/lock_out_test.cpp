#include "agents/runtime/desk/lock_out.hpp"

#include <gtest/gtest.h>

namespace mash::desk {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class LockOutOf : public ::testing::Test {
protected:
    /// As fast as it is let, for so long; how many guesses that gave.
    int guess(const Attempt& attempt, milliseconds span) {
        const auto until = now + span;
        int guesses = 0;
        while (now < until) {
            now = now + lock_out.wait(attempt, now);
            lock_out.failed(attempt, now);
            ++guesses;
            now = now + milliseconds(200);  // each costs its derivation
        }
        return guesses;
    }
    LockOut lock_out;
    SteadyTime now = SteadyTime::from_ms(5'000);
};

TEST_F(LockOutOf, ASlipOrTwoCostNothing) {
    const Attempt one{"a.name", "10.0.0.1"};
    for (int i = 0; i < 2; ++i) {
        lock_out.failed(one, now);
        EXPECT_EQ(lock_out.wait(one, now), seconds(0));
    }
    lock_out.failed(one, now);
    EXPECT_EQ(lock_out.wait(one, now), seconds(1));
    lock_out.failed(one, now);
    EXPECT_EQ(lock_out.wait(one, now), seconds(2));
    now = now + seconds(2);
    EXPECT_EQ(lock_out.wait(one, now), seconds(0));
}

TEST_F(LockOutOf, WhoeverGuessesFromOnePlaceGetsFewGuesses) {
    EXPECT_LT(guess({"a.name", "10.0.0.1"}, hours(24)), 120);
}

TEST_F(LockOutOf, TheOwnerElsewhereWaitsForHalfAMinuteAtMostAndNotAtAllAtAKnownBrowser) {
    for (int place = 0; place < 50; ++place)
        guess({"a.name", "10.0.1." + std::to_string(place)}, minutes(1));
    EXPECT_LE(lock_out.wait({"a.name", "10.0.0.9"}, now), seconds(30));
    EXPECT_GT(lock_out.wait({"a.name", "10.0.0.9"}, now), seconds(0));
    EXPECT_EQ(lock_out.wait({"a.name", "browser-1", true}, now), seconds(0));
}

TEST_F(LockOutOf, AStolenBrowserMarkIsHeldUpLikeAnyPlace) {
    EXPECT_LT(guess({"a.name", "browser-1", true}, hours(24)), 120);
}

TEST_F(LockOutOf, OnePlaceThatTriesManyNamesIsHeldUp) {
    int guesses = 0;
    const auto until = now + hours(1);
    for (int name = 0; now < until; ++name, ++guesses) {
        const Attempt one{"name" + std::to_string(name), "10.0.0.1"};
        now = now + lock_out.wait(one, now);
        lock_out.failed(one, now);
        now = now + milliseconds(200);
    }
    EXPECT_LT(guesses, 100);
    EXPECT_EQ(lock_out.wait({"fresh", "10.0.0.2"}, now), seconds(0));
}

TEST_F(LockOutOf, SigningInToOnesOwnAccountDoesNotBeginTheGuessingOfOthersAnew) {
    const Attempt own{"own", "10.0.0.1"};
    int guesses = 0;
    const auto until = now + hours(1);
    for (int name = 0; now < until; ++name, ++guesses) {
        const Attempt victim{"name" + std::to_string(name), "10.0.0.1"};
        now = now + lock_out.wait(victim, now);
        lock_out.failed(victim, now);
        lock_out.succeeded(own);
        now = now + milliseconds(200);
    }
    EXPECT_LT(guesses, 100);
}

TEST_F(LockOutOf, SuccessEndsOnesOwnWaitAndADayForgets) {
    const Attempt one{"a.name", "10.0.0.1"};
    for (int i = 0; i < 5; ++i) lock_out.failed(one, now);
    EXPECT_GT(lock_out.wait(one, now), seconds(0));
    lock_out.succeeded(one);
    EXPECT_EQ(lock_out.wait(one, now), seconds(0));
    guess(one, hours(2));
    now = now + hours(24);
    EXPECT_EQ(lock_out.wait(one, now), seconds(0));
    lock_out.failed(one, now);
    EXPECT_EQ(lock_out.wait(one, now), seconds(0)) << "counted from the start";
}

// Whoever wants a count forgotten pays for thousands of guesses first, and waits for each of them.
TEST_F(LockOutOf, AFloodOfNamesForgetsTheOldestOnlyOnceThereIsNoRoom) {
    const Attempt victim{"a.name", "10.0.0.1"};
    guess(victim, minutes(5));
    const auto flood = [&](std::size_t count, const std::string& prefix) {
        for (std::size_t i = 0; i < count; ++i)
            lock_out.failed({prefix + std::to_string(i), "10.0.0.3"}, now + milliseconds(1));
    };
    flood((lock_out_entries_max / 2) - 4, "a");  // two entries a name, and one of the place
    EXPECT_GT(lock_out.wait(victim, now), seconds(0));
    flood(20, "b");
    EXPECT_EQ(lock_out.wait(victim, now), seconds(0));
}

TEST(SourceOf, TakesWhatOneMachineChangesFreelyAsOnePlace) {
    EXPECT_EQ(source_of("10.0.0.1"), "10.0.0.1");
    EXPECT_EQ(source_of("::ffff:10.0.0.1"), "10.0.0.1");
    EXPECT_EQ(source_of("2001:db8:1:2:3:4:5:6"), source_of("2001:db8:1:2:a:b:c:d"));
    EXPECT_NE(source_of("2001:db8:1:2:3:4:5:6"), source_of("2001:db8:1:3:3:4:5:6"));
    EXPECT_EQ(source_of("2001:db8::1"), source_of("2001:db8::2"));
    EXPECT_EQ(source_of("::1"), "::/64");
}

}  // namespace
}  // namespace mash::desk
