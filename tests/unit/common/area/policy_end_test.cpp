#include "common/area/policy_end.hpp"

#include <gtest/gtest.h>

#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::milliseconds;
using Said = PolicyEndWatch::Said;

class PolicyEnds : public ::testing::Test {
protected:
    /// Both clocks stand so that the policy ends after `left`.
    std::optional<Said> look(milliseconds left) {
        const auto wall = policy.expires() - left;
        return watch.look(policy, {SteadyTime::from_ms(wall.unix_ms()), wall});
    }
    Policy policy = policy_from(reference_policy());
    PolicyEndWatch watch;
};

TEST_F(PolicyEnds, NothingIsSaidOfAnEndThatIsFar) {
    EXPECT_EQ(look(days(61)), std::nullopt);
    EXPECT_EQ(look(days(60) + milliseconds(1)), std::nullopt);
    EXPECT_EQ(policy_end(policy, policy.expires() - days(61)), PolicyEnd::far);
}

TEST_F(PolicyEnds, FromSixtyDaysBeforeItIsSaidOnceADay) {
    EXPECT_EQ(look(days(60)), (Said{LogEvent::policy_expiring, 60}));
    EXPECT_EQ(look(days(59) + milliseconds(1)), std::nullopt) << "not yet a day";
    EXPECT_EQ(look(days(59)), (Said{LogEvent::policy_expiring, 59}));
    EXPECT_EQ(policy_end(policy, policy.expires() - days(60)), PolicyEnd::near);
}

TEST_F(PolicyEnds, TheEndItselfIsSaidAtOnceAndThenOnceADay) {
    EXPECT_EQ(look(milliseconds(1)), (Said{LogEvent::policy_expiring, 1}));
    EXPECT_EQ(look(milliseconds(0)), (Said{LogEvent::policy_expired, 0}));
    EXPECT_EQ(look(-milliseconds(1)), std::nullopt);
    EXPECT_EQ(look(-days(1)), (Said{LogEvent::policy_expired, 1}));
    EXPECT_EQ(policy_end(policy, policy.expires()), PolicyEnd::over);
}

TEST_F(PolicyEnds, ANewPolicyEndsTheWarningUnlessItEndsSoonToo) {
    policy =
        policy_from(changed(reference_policy(), "expires = 2028-10-31", "expires = 2028-08-31"));
    ASSERT_TRUE(look(days(30)));
    const auto wall = policy.expires() - days(30);
    policy = policy_from(reference_policy());
    EXPECT_EQ(watch.look(policy, {SteadyTime::from_ms(wall.unix_ms()), wall}), std::nullopt);
    EXPECT_EQ(look(days(60)), (Said{LogEvent::policy_expiring, 60})) << "news, though it is no day";
}

}  // namespace
}  // namespace mash::area
