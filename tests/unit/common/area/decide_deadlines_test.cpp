// How urgent each row is, who hears when nobody takes it, and what happens out of hours: domain.md
// C5, written out a second time on purpose and held against the shipped policy.
#include "common/area/decide_deadlines.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/decide.hpp"
#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using wire::Rag;
using wire::Urgency;

constexpr auto u1 = Urgency::u1;
constexpr auto u2 = Urgency::u2;
constexpr auto u3 = Urgency::u3;
constexpr auto u4 = Urgency::u4;
constexpr auto u5 = Urgency::u5;

using Facts = wire::RoutingFacts;
using UrgencyOf = std::function<Urgency(const Facts&)>;

UrgencyOf always(Urgency urgency) {
    return [=](const Facts&) { return urgency; };
}
/// "U4; injury U2": `grave` with the marker, else `otherwise`.
UrgencyOf with_marker(const char* marker, Urgency grave, Urgency otherwise) {
    return [=](const Facts& facts) { return has(facts.markers, marker) ? grave : otherwise; };
}
// "high U1, medium U2, low U3". Two that C5 leaves open (deploy/policy, [P]): no apparent risk is
// U4, and a child without a grade yet is looked for like one of medium risk.
Urgency by_grade(const Facts& facts) {
    if (facts.risk_grade == "high") return u1;
    if (facts.risk_grade == "low") return u3;
    return facts.risk_grade == "none_apparent" ? u4 : u2;
}
// "red=U2, amber=U3, green=U4, blue=U5". Left open: unstated is amber.
Urgency by_rag(const Facts& facts) {
    switch (facts.rag) {
        case Rag::red: return u2;
        case Rag::green: return u4;
        case Rag::blue: return u5;
        case Rag::amber:
        case Rag::unstated: return u3;
    }
    return u3;
}
Urgency red_or_u3(const Facts& facts) { return facts.rag == Rag::red ? u2 : u3; }
// Row 8: "U4; new CP/LAC same day". The day of an afternoon is nearly over: four working hours, an
// unborn child's plan as well.
Urgency by_status(const Facts& facts) {
    const bool is_new = facts.kind == "cp_plan_started" || facts.kind == "looked_after_started" ||
                        facts.kind == "unborn_plan_started";
    return is_new ? u3 : u4;
}
// K2: "as original". Of a correction that does not say what it puts right there is its grade, else
// its colour; what has neither is U3.
Urgency as_original(const Facts& facts) {
    if (facts.risk_grade == "high") return u1;
    if (facts.risk_grade == "medium" || facts.rag == Rag::red) return u2;
    return facts.rag == Rag::green || facts.rag == Rag::blue ? u4 : u3;
}

struct Row {
    UrgencyOf urgency;
    std::vector<std::string> escalation;
    std::string out_of_hours;
};

const std::map<std::string, Row>& rows() {
    static const std::map<std::string, Row> all = {
        {"missing_episode_started", {by_grade, {"X2", "X3"}, "O2"}},
        {"missing_episode_updated", {by_grade, {"X2"}, "O2"}},
        {"missing_episode_closed", {with_marker("harmed", u2, u3), {"X3"}, "O1"}},
        {"return_interview_outcome", {with_marker("disclosure", u2, u4), {"X3"}, "O1"}},
        {"safeguarding_referral", {by_rag, {"X3", "X4"}, "O1"}},
        // "O3 sch; O3 ffd, O1 if harm likely_or_actual": no one name, so the route says it.
        {"domestic_abuse_incident", {always(u3), {"X2"}, ""}},
        {"unscheduled_health_attendance", {with_marker("injury", u2, u4), {"X3"}, "O1"}},
        {"care_status_changed", {by_status, {"X3"}, "O3"}},
        {"exploitation_concern", {red_or_u3, {"X3", "X4"}, "O2"}},  // "by RAG, min U3"
        {"intelligence_submission", {with_marker("threat_to_life", u1, u4), {"X2"}, "O2"}},
        {"education_status_changed", {with_marker("s47_or_plan", u3, u4), {"X3"}, "O3"}},
        {"allegation_against_professional", {always(u3), {"X5"}, "O1"}},  // "O1 edt"
        {"private_fostering_notice", {always(u4), {"X3"}, "O3"}},
        {"radicalisation_concern", {with_marker("threat_to_life", u1, u3), {"X2"}, "O2"}},
        {"harmful_practice_concern", {with_marker("leaving_country", u1, u2), {"X2", "X3"}, "O2"}},
        {"child_death_notice", {always(u3), {"X3"}, "O1"}},
        {"placement_notice", {always(u4), {"X3"}, "O3"}},
        {"strategy_discussion_invite", {red_or_u3, {"X3", "X4"}, "O2"}},
        {"information_request", {by_rag, {"X3", "X6"}, "O1"}},
        {"information_response", {by_rag, {"X3"}, "O1"}},  // "-": as the question was
        {"referral_outcome", {always(u5), {"X4"}, "O3"}},
        {"step_change", {always(u4), {"X4"}, "O3"}},
        {"early_help_offer", {always(u5), {"X3"}, "O3"}},
        {"transition_referral", {always(u5), {"X3"}, "O3"}},
        {"police_protection_used", {always(u1), {"X2", "X3"}, "O2"}},
        {"protected_address_release", {red_or_u3, {"X3"}, "O3"}},  // not of C5 [P]
        {"agreement_update", {always(u4), {"X6"}, "O3"}},
        {"correction", {as_original, {"X1"}, "O1"}},
        {"recall", {with_marker("protected_data_leaked", u1, u3), {"X6"}, "O1"}}};
    return all;
}

TEST(TimesOfTheRows, EachTypeHasItsUrgencyWhateverElseIsSaid) {
    const World world;
    ASSERT_EQ(rows().size(), world.policy.types().size());
    std::vector<std::string> markers{""};
    for (const auto& [code, title] : world.policy.markers()) markers.push_back(code);
    std::vector<std::string> grades = world.policy.risk_grades();
    grades.emplace_back();
    std::size_t asked = 0;
    for (const auto& type : world.policy.types()) {
        const auto row = rows().find(type.type.value());
        ASSERT_NE(row, rows().end()) << type.type.value();
        std::vector<std::string> kinds = type.kinds;
        kinds.emplace_back();
        auto in = input_from(world, police, type.type.value());
        for (const auto& kind : kinds) {
            for (const auto& grade : grades) {
                for (const auto& marker : markers) {
                    for (int rag = 0; rag <= 4; ++rag) {
                        in.facts.kind = kind;
                        in.facts.risk_grade = grade;
                        in.facts.markers = {};
                        if (!marker.empty()) in.facts.markers = {marker};
                        in.facts.rag = static_cast<Rag>(rag);
                        for (const auto harm :
                             {wire::Harm::unstated, wire::Harm::likely_or_actual}) {
                            in.facts.harm = harm;
                            ASSERT_EQ(Timing(in, type, world.policy).urgency(),
                                      row->second.urgency(in.facts))
                                << type.type.value() << " " << kind << " grade " << grade
                                << " marker " << marker << " rag " << rag;
                            ++asked;
                        }
                    }
                }
            }
        }
    }
    EXPECT_GT(asked, 29U * 5 * 10 * 5 * 2);
}

// "As original" (K2): what flies tonight was wrong to say Thursday, and is not read on Monday.
TEST(TimesOfTheRows, ACorrectionIsAsUrgentAsWhatItPutsRightOnTheFactsNowStated) {
    const World world;
    std::vector<std::string> markers{""};
    for (const auto& [code, title] : world.policy.markers()) markers.push_back(code);
    std::size_t asked = 0;
    for (const auto& [type, row] : rows()) {
        auto in = input_from(world, police, "correction", at("2027-01-08T19:00:00Z"));
        in.facts.kind = type;
        in.facts.thread = ThreadId(std::array<std::uint8_t, 16>{1});
        in.facts.thread_seats = {missing_officers, social_worker,        front_door,
                                 school,           emergency_department, health_visitor};
        std::ranges::sort(in.facts.thread_seats);
        in.thread_seats = in.facts.thread_seats;
        for (const std::string grade : {"", "low", "high"}) {
            for (const auto& marker : markers) {
                for (int rag = 0; rag <= 4; ++rag) {
                    in.facts.risk_grade = grade;
                    in.facts.markers = {};
                    if (!marker.empty()) in.facts.markers = {marker};
                    in.facts.rag = static_cast<Rag>(rag);
                    const auto expected = std::min(as_original(in.facts), row.urgency(in.facts));
                    for (const auto& each : world.decide(in).recipients) {
                        if (!each.act) continue;
                        ASSERT_EQ(each.urgency, expected) << type << " " << marker << " " << grade;
                        ++asked;
                    }
                }
            }
        }
    }
    EXPECT_GT(asked, 20U * 3 * 10 * 5);
}

TEST(TimesOfTheRows, OnAFridayEveningACorrectionThatSaysTonightIsTakenTonight) {
    const World world;
    auto in = input_from(world, police, "correction", at("2027-01-08T19:00:00Z"));
    in.facts.kind = "harmful_practice_concern";
    in.facts.markers = {"leaving_country"};
    in.facts.thread = ThreadId(std::array<std::uint8_t, 16>{1});
    in.facts.thread_seats = in.thread_seats = {emergency_duty};
    const auto duty_team = recipient(world.decide(in), emergency_duty);
    ASSERT_NE(duty_team, nullptr);
    EXPECT_EQ(duty_team->urgency, u1);
    EXPECT_EQ(duty_team->take_by, at("2027-01-08T19:15:00Z"));
}

TEST(TimesOfTheRows, NobodyTakingItIsHeardByWhoTheRowSaysInItsOrder) {
    const World world;
    for (const auto& type : world.policy.types()) {
        const auto row = rows().find(type.type.value());
        ASSERT_NE(row, rows().end()) << type.type.value();
        EXPECT_EQ(type.escalation, row->second.escalation) << type.type.value();
    }
    const auto says = [&](const char* name) { return world.policy.escalations().at(name); };
    EXPECT_EQ(world.policy.escalations().size(), 6U);
    EXPECT_NE(says("X1").find("standard ladder"), std::string::npos);
    EXPECT_NE(says("X2").find("police duty inspector"), std::string::npos);
    EXPECT_NE(says("X3").find("team manager, group manager and assistant director"),
              std::string::npos);
    EXPECT_NE(says("X4").find("disagreement between professionals"), std::string::npos);
    EXPECT_NE(says("X5").find("designated officer to the assistant director"), std::string::npos);
    EXPECT_NE(says("X6").find("data protection officer"), std::string::npos);
}

// The name is what people read; the routes to the front door's desks are what happens.
TEST(TimesOfTheRows, OutOfHoursTheDesksDoWhatTheRowSays) {
    const World world;
    const auto says = [&](const char* name) { return world.policy.out_of_hours_ways().at(name); };
    EXPECT_EQ(world.policy.out_of_hours_ways().size(), 3U);
    EXPECT_EQ(says("O1"), "The emergency duty team takes it");
    EXPECT_EQ(says("O2"), "The emergency duty team and the police control room take it");
    EXPECT_NE(says("O3").find("It waits for the morning"), std::string::npos);
    EXPECT_NE(says("O3").find("ring 999 or the emergency duty team"), std::string::npos);
    for (const auto& type : world.policy.types()) {
        const auto row = rows().find(type.type.value());
        ASSERT_NE(row, rows().end()) << type.type.value();
        EXPECT_EQ(type.out_of_hours, row->second.out_of_hours) << type.type.value();
        const bool by_route = row->second.out_of_hours.empty();
        const auto expected = by_route || row->second.out_of_hours == "O3"
                                  ? OutOfHours::queue
                                  : OutOfHours::emergency_duty;
        for (const auto& route : type.routes) {
            if (route.role == world.policy.front_door_role()) {
                EXPECT_EQ(route.out_of_hours, expected) << route.id;
                EXPECT_EQ(route.emergency_if_harm_actual, by_route) << route.id;
            } else {
                // Row 12, "O1 edt": at night emergency duty takes what is the designated officer's.
                // No other role keeps the front door's hours.
                const bool is_officers = type.type == TypeId("allegation_against_professional") &&
                                         route.role == RoleId("lado");
                EXPECT_EQ(route.out_of_hours, is_officers ? expected : OutOfHours::none)
                    << route.id;
            }
        }
    }
}

// An area may leave row 12 to the designated officer alone. Each setting, by day and at night: who
// else has it is the text's word and nobody's habit.
TEST(TimesOfTheRows, AtNightAnAllegationGoesWhereTheAreaSaysAndNowhereElse) {
    const std::string officer_line = "content = \"all\", out_of_hours = \"emergency_duty\"";
    World with_duty_team;
    World officer_alone(
        policy_from(changed(reference_policy(), officer_line, "content = \"all\"")));
    for (World* world : {&with_duty_team, &officer_alone})
        world->add("council", "social_care", {"sw", "mco", "gs", "lado"});
    const auto told_at = [](const World& world, WallTime when) {
        return told(
            world.decide(input_from(world, school, "allegation_against_professional", when)));
    };
    using ::testing::ElementsAre;
    using ::testing::UnorderedElementsAre;
    const Seat officer = seat("council", "lado");
    EXPECT_THAT(told_at(with_duty_team, tuesday), ElementsAre(officer));
    EXPECT_THAT(told_at(with_duty_team, saturday_night),
                UnorderedElementsAre(officer, emergency_duty));
    EXPECT_THAT(told_at(officer_alone, tuesday), ElementsAre(officer));
    EXPECT_THAT(told_at(officer_alone, saturday_night), ElementsAre(officer));
}

}  // namespace
}  // namespace mash::area
