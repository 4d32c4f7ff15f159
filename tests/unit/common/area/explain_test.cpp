#include "common/area/explain.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/area/decide_rules.hpp"
#include "decision_fixture.hpp"

namespace mash::area {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Explain, SaysWhatGoesToWhomWhyAndByWhen) {
    const World world;
    auto in = missing_child(world, "high", saturday_night);
    in.involved = {{"social_worker", social_worker}};
    const auto text = explain_for_practitioner(world.decide(in), world.registry, world.policy);
    EXPECT_THAT(text, HasSubstr("What goes, and to whom"));
    EXPECT_THAT(text, HasSubstr("The hub, Emergency Duty Team"));
    EXPECT_THAT(text,
                HasSubstr("A named person must take it by Saturday 9 January 2027 at 23:55 GMT."));
    EXPECT_THAT(
        text,
        HasSubstr("The child has an allocated social worker, by this agency's own statement."));
    EXPECT_THAT(text, HasSubstr("Agreement is not needed. (E-08)"));
    EXPECT_THAT(text, HasSubstr("vital interests (Article 6(1)(d))"));
    EXPECT_THAT(text, HasSubstr("Held back, and marked as held back: "));
    EXPECT_THAT(text, HasSubstr("If a child is in danger now, ring 999."));
    EXPECT_THAT(text, Not(HasSubstr("Referrer's identity"))) << "a silent withholding is not said";
}

TEST(Explain, HasWordsForEveryBasisOfTheAreasPolicy) {
    const World world;
    const auto articles = [](const std::string& text) {
        const std::string_view word = "Article";
        std::ptrdiff_t count = 0;
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
            ++count;
        return count;
    };
    const auto expect_words = [&](const std::string& basis) {
        EXPECT_EQ(articles(explain_basis(basis)), std::ranges::count(basis, ';') + 1) << basis;
    };
    for (const auto& type : world.policy.types()) {
        expect_words(type.basis);
        for (const auto& rule : type.bases) expect_words(rule.basis);
    }
}

TEST(Explain, SaysWhoDecidesAndWhatToDoMeanwhile) {
    const World world;
    const auto text = explain_for_practitioner(
        world.decide(referral(world, school, wire::Harm::none)), world.registry, world.policy);
    EXPECT_THAT(text, HasSubstr("What waits for a person"));
    EXPECT_THAT(text, HasSubstr("The orchard-gate, Designated safeguarding lead of the school "
                                "decides by Tuesday 24 November 2026 at 15:00 GMT"));
    EXPECT_THAT(text, HasSubstr("Ask the front door for advice without naming the child."));
}

TEST(Explain, SaysWhyNothingGoesAndWhatToDoInstead) {
    const World world;
    auto in = input_from(world, school, "missing_episode_started");
    in.facts.harm = wire::Harm::suspected;
    const auto text = explain_for_practitioner(world.decide(in), world.registry, world.policy);
    EXPECT_THAT(
        text,
        HasSubstr("Nothing is sent. Your role may not publish this type of notification. (E-02)"));
    EXPECT_THAT(text, HasSubstr("as a safeguarding referral"));
}

TEST(Explain, SaysWhomToRing) {
    World world;
    std::erase_if(world.agency("council").seats,
                  [](const SeatEntry& entry) { return entry.role == RoleId("mco"); });
    const auto text = explain_for_practitioner(world.decide(missing_child(world, "high")),
                                               world.registry, world.policy);
    EXPECT_THAT(text, HasSubstr("Missing Children Officers cannot be reached by this system. "
                                "Somebody must ring 01632 960103 by "
                                "Tuesday 24 November 2026 at 11:15 GMT"));
}

TEST(Explain, EveryRuleAndItsRefusalHasASentenceOfItsOwn) {
    const auto unknown_rule = explain_rule("no such rule");
    const auto unknown_refusal = explain_refusal("no such code");
    const auto unknown_offer = explain_offer("no such offer");
    for (const auto& rule : rules()) {
        EXPECT_NE(explain_rule(rule.id), unknown_rule) << rule.id;
        if (!rule.refusal.empty()) {
            EXPECT_NE(explain_refusal(rule.refusal), unknown_refusal) << rule.refusal;
        }
        if (!rule.offer.empty()) {
            EXPECT_NE(explain_offer(rule.offer), unknown_offer) << rule.offer;
        }
    }
    for (const char* code :
         {"publisher_not_entitled", "policy_expired", "policy_not_in_force", "type_not_in_force",
          "unknown_type", "unknown_kind", "nobody_to_decide", "no_recipient", "all_refused"}) {
        EXPECT_NE(explain_refusal(code), unknown_refusal) << code;
    }
}

TEST(Explain, EveryRouteBasisAndViewOfTheReferencePolicyHasWords) {
    const World world;
    for (const auto& type : world.policy.types()) {
        EXPECT_EQ(explain_basis(type.basis).find("9g-p18"), std::string::npos);
        for (const auto& route : type.routes) {
            EXPECT_THAT(explain_route(world.policy, route.id, route.role),
                        Not(HasSubstr("The area's policy names")))
                << route.id;
            for (const auto& view : route.views)
                EXPECT_THAT(explain_view(world.policy, view), Not(HasSubstr("."))) << view.value();
        }
    }
}

TEST(Explain, TimesAreTheAreasOwnAndSayTheirZone) {
    EXPECT_EQ(time_in_words(at("2027-03-27T20:00:00Z")), "Saturday 27 March 2027 at 20:00 GMT");
    EXPECT_EQ(time_in_words(at("2027-03-30T20:00:00Z")), "Tuesday 30 March 2027 at 21:00 BST");
    EXPECT_EQ(time_in_words(at("2027-06-30T23:30:00Z")), "Thursday 1 July 2027 at 00:30 BST");
}

}  // namespace
}  // namespace mash::area
