// The templates for the area's impact assessment and sharing agreement quote figures of the system.
// Each is made here from what the system goes by, and looked for in their text.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/decide.hpp"
#include "common/area/decide_rules.hpp"
#include "common/area/explain.hpp"
#include "common/area/policy_end.hpp"
#include "common/base/limits.hpp"
#include "tests/unit/common/area/decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
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

// Section 3.1: what the refusal says, and when. The page's button is check.tsx's, with its own
// test.
TEST_F(PolicyTemplates, SayWhatARefusedRoleIsTold) {
    EXPECT_THAT(agreement, HasSubstr("Another role's notification is refused (rule E-02); when a "
                                     "child may be in danger the refusal says to send the same "
                                     "content to the front door as a concern"));
    const World world;
    auto in = input_from(world, school, "missing_episode_started");
    for (const auto harm :
         {wire::Harm::none, wire::Harm::suspected, wire::Harm::likely_or_actual}) {
        in.facts.harm = harm;
        const auto refused = world.decide(in);
        EXPECT_EQ(refused.rule, "E-02");
        EXPECT_THAT(refused.recipients, IsEmpty());
        if (harm == wire::Harm::none) {
            EXPECT_THAT(refused.offers, IsEmpty());
            continue;
        }
        ASSERT_EQ(refused.offers.size(), 1U);
        EXPECT_THAT(std::string(explain_offer(refused.offers.front())),
                    HasSubstr("Send the same content to the front door"));
    }
    in.facts.harm = wire::Harm::none;
    in.facts.vital = true;
    EXPECT_THAT(world.decide(in).offers, Not(IsEmpty()));
}

TEST_F(PolicyTemplates, SayWhatBecomesOfAConcernThatLacksAField) {
    EXPECT_THAT(agreement, HasSubstr("with danger the front door gets what there is, marked as "
                                     "incomplete"));
    const World world;
    auto in = referral(world, school, wire::Harm::suspected);
    in.facts.level = wire::Level::unstated;
    const auto told_at_once = world.decide(in);
    EXPECT_TRUE(told_at_once.incomplete);
    EXPECT_THAT(told(told_at_once), ElementsAre(front_door));
    in.facts.harm = wire::Harm::none;
    EXPECT_EQ(world.decide(in).refusal, "incomplete");
}

TEST_F(PolicyTemplates, NameEveryRuleOfTheTable) {
    std::set<std::string> ids{"E-01",
                              "E-02"};  // before the table: whom it leaves out, who may send
    for (const auto& rule : rules()) {
        if (rule.id.starts_with("E-")) ids.insert(std::string(rule.id));
    }
    EXPECT_EQ(ids.size(), 24U) << "E-01 to E-23, and E-06a";
    for (const auto& id : ids) EXPECT_THAT(agreement, ContainsRegex(id + "[^0-9a-z]")) << id;
}

TEST_F(PolicyTemplates, SayWhereAnAddressMayGo) {
    EXPECT_THAT(assessment, HasSubstr("`op` never travels, whatever a text says"));
    EXPECT_THAT(assessment, HasSubstr("`plc` only with a placement notice (row 17) and what puts "
                                      "one right"));
    EXPECT_THAT(assessment, HasSubstr("who gets it in a message of its own"));
    std::map<std::string, std::set<std::string>> types_that_grant;
    for (const auto& type : policy.types()) {
        for (const auto& route : type.routes) {
            for (const auto slot : route.view_slots)
                types_that_grant[policy.views()[slot].section].insert(type.type.value());
        }
    }
    EXPECT_THAT(types_that_grant["op"], IsEmpty());
    EXPECT_THAT(types_that_grant["plc"], ElementsAre("placement_notice"));
    EXPECT_THAT(types_that_grant["saf"], ElementsAre("protected_address_release"));
}

TEST_F(PolicyTemplates, SayWhatIsOffUntilTheAreaSaysSo) {
    EXPECT_THAT(assessment, HasSubstr("(`[laws] children_act_s16la`), not in force until the area "
                                      "says so"));
    EXPECT_FALSE(policy.sharing_duty().between("police", "school", policy.expires()));
    EXPECT_THAT(agreement, HasSubstr("`below_threshold` is [agreement_led]"));
    EXPECT_EQ(policy.below_threshold(), BelowThreshold::agreement_led);
    EXPECT_THAT(assessment,
                HasSubstr("Claims are deposited (`mode = \"index\"`) and not asked for"));
    for (const auto& [id, relation] : policy.relations()) EXPECT_TRUE(relation.indexed) << id;
}

}  // namespace
}  // namespace mash::area
