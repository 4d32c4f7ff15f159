// The templates for the area's impact assessment and sharing agreement quote figures of the system.
// Each is made here from what the system goes by, and looked for in their text.
#include <algorithm>
#include <cctype>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/policy_end.hpp"
#include "common/base/limits.hpp"
#include "tests/unit/common/area/decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using wire::Urgency;

/// On one line, whatever the width of the page.
std::string text_of_template(const std::string& name) {
    std::string out;
    for (const char c : text_of_file(test::source_dir() / "deploy/policy" / name)) {
        if (c != '\n' && c != ' ')
            out += c;
        else if (!out.ends_with(' '))
            out += ' ';
    }
    return out;
}

std::string counted(std::int64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

class PolicyTemplates : public ::testing::Test {
protected:
    /// Of which `front door time` it takes, from a Tuesday at eleven.
    std::string within(WallTime due) const {
        const auto minutes = (due - tuesday).count() / 60'000;
        return minutes % 60 == 0 ? counted(minutes / 60, "hour") : counted(minutes, "minute");
    }
    std::string working_days_until(WallTime due) const {
        for (std::int64_t days = 1; days < 30; ++days) {
            if (policy.calendar().end_of_working_day(tuesday, static_cast<unsigned>(days)) == due)
                return counted(days, "working day");
        }
        return "no whole number of working days";
    }
    static std::string in_days(std::chrono::days of) { return counted(of.count(), "day"); }

    const Policy policy = policy_from(reference_policy());
    const std::string assessment = text_of_template("impact-assessment.md");
    const std::string agreement = text_of_template("sharing-agreement.md");
};

TEST_F(PolicyTemplates, CountTheTypesThatThereAre) {
    std::set<unsigned> rows;
    std::size_t control = 0;
    std::size_t own = 0;
    for (const auto& type : policy.types()) {
        if (type.row == 0)
            ++own;
        else if (type.row > 100)
            ++control;
        else
            rows.insert(type.row);
    }
    EXPECT_EQ(own, 1U) << "the release of a protected address";
    EXPECT_EQ(control, 3U) << "the withdrawal of an agreement, a correction and a recall";
    EXPECT_EQ(policy.types().size(), rows.size() + own + control);
    EXPECT_THAT(assessment,
                HasSubstr("holds " + std::to_string(policy.types().size()) +
                          " types of notification (" + std::to_string(rows.size()) +
                          " of the catalogue, the release of a protected address, and the "
                          "withdrawal of an agreement, a correction and a recall)"));
}

TEST_F(PolicyTemplates, SayHowSoonEachClassIsTaken) {
    const auto due = [&](Urgency urgency) { return policy.take_by(urgency, tuesday); };
    const std::string next_day = working_days_until(due(Urgency::u4)) == "1 working day"
                                     ? "end of the next working day"
                                     : working_days_until(due(Urgency::u4));
    // The four hours of U3 are working ones: not those of an evening.
    ASSERT_GT(policy.take_by(Urgency::u3, tuesday_evening),
              tuesday_evening + std::chrono::hours(8));
    EXPECT_THAT(
        agreement,
        HasSubstr("**[U1 " + within(due(Urgency::u1)) + ", U2 " + within(due(Urgency::u2)) +
                  ", U3 " +
                  counted((due(Urgency::u3) - tuesday).count() / 3'600'000, "working hour") +
                  ", U4 " + next_day + ", U5 " + working_days_until(due(Urgency::u5)) + "]**"));
}

TEST_F(PolicyTemplates, SayHowSoonAPersonDecidesAndSomebodyConfirms) {
    const auto decided = policy.decide_by(wire::Rag::amber, tuesday);
    ASSERT_GT(policy.decide_by(wire::Rag::amber, tuesday_evening),
              tuesday_evening + std::chrono::hours(8));
    EXPECT_THAT(agreement,
                HasSubstr("safeguarding lead or manager within **[" +
                          counted((decided - tuesday).count() / 3'600'000, "working hour") + ", " +
                          within(policy.decide_by(wire::Rag::red, tuesday)) + " when red]**"));
    EXPECT_THAT(agreement,
                HasSubstr("each recipient confirms within **[" +
                          counted(policy.recall_confirm_within().count(), "hour") + "]**"));
    const auto stopped = working_days_until(policy.agreement_confirm_by(tuesday));
    EXPECT_EQ(stopped, "1 working day");
    EXPECT_THAT(agreement, HasSubstr("confirms by the close of **[1]** working day"));
    EXPECT_THAT(assessment, HasSubstr("they stop using it, by the close of the next working day"));
}

TEST_F(PolicyTemplates, SayHowLongContentIsKeptAndWhenTheEndIsSaid) {
    const auto kept = in_days(limits::retention_after_taken);
    EXPECT_THAT(assessment, HasSubstr("until everybody who acts has taken it, and " + kept));
    EXPECT_THAT(assessment, HasSubstr("until they are heard and " + kept));
    EXPECT_THAT(agreement,
                HasSubstr("until everybody who acts has taken it and **[" + kept + "]**"));
    const auto warned = in_days(limits::policy_expiry_warning);
    EXPECT_EQ(policy_end(policy, policy.expires() - limits::policy_expiry_warning),
              PolicyEnd::near);
    EXPECT_THAT(assessment, HasSubstr("warning from " + warned));
    EXPECT_THAT(agreement, HasSubstr("at the latest " + warned + " before the policy ends"));
}

TEST_F(PolicyTemplates, NameTheSectionsThatNeedACondition) {
    std::vector<std::string> titles;
    for (const auto& [code, section] : policy.sections()) {
        if (!section.needs_condition) continue;
        auto title = section.title;
        title.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(title.front())));
        titles.push_back(title.starts_with("the ") ? title.substr(4) : title);
    }
    const auto begin = assessment.find("Special-category sections (");
    ASSERT_NE(begin, std::string::npos);
    const auto listed = assessment.substr(begin, assessment.find(')', begin) - begin);
    EXPECT_EQ(titles.size(), 1 + static_cast<std::size_t>(std::ranges::count(listed, ',')));
    for (const auto& title : titles) EXPECT_THAT(listed, HasSubstr(title));
}

}  // namespace
}  // namespace mash::area
