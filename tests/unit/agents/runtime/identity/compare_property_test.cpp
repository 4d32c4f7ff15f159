// What must hold of any two records: symmetry, twins, more agreement. Records are drawn from few
// values, so that every kind of agreement and contradiction occurs often.
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agents/runtime/identity/compare.hpp"
#include "agents/runtime/identity/pairs.hpp"
#include "tests/unit/agents/runtime/identity/person_builder.hpp"

namespace mash::identity {
namespace {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 2 + 1) {}
    std::size_t below(std::size_t n) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>(state_ >> 33) % n;
    }
    std::string one_of(std::span<const char* const> values) { return values[below(values.size())]; }

private:
    std::uint64_t state_;
};

constexpr std::array forenames{"", "Mia", "Mae", "Miya", "M", "Ava", "Baby", "Ava May", "Dunmore"};
constexpr std::array surnames{"", "Dunmore", "Dunmoor", "Lark-Dunmore", "Lark", "Mia", "Unknown"};
constexpr std::array dates{"",        "2016-04-11", "2016-11-04", "2016-04-12",
                           "2016-04", "2016",       "2009-12-30"};
constexpr std::array postcodes{"", "WR5 1AA", "WR5 1AB", "B1 1BB", "ZZ99 3VZ"};
constexpr std::array addresses{"", "1 Elm Road", "1 Elm Rd", "Worcester"};
constexpr std::array sexes{"", "M", "F"};
constexpr std::array nhs_numbers{"", "", "9990000026", "9990000034", "9999999999"};
constexpr std::array upns{"", "", "H801200001001", "H243278544154", "R247962919251"};
constexpr std::array contacts{"", "01632 960301", "mia@example.org", "mlia@example.org"};

PersonRecord drawn(Dice& dice) {
    auto out = person(dice.one_of(forenames), dice.one_of(surnames), dice.one_of(dates),
                      dice.one_of(postcodes));
    out.address = PersonalText(dice.one_of(addresses));
    out.sex = PersonalText(dice.one_of(sexes));
    out.nhs_number = PersonalText(dice.one_of(nhs_numbers));
    out.upn = PersonalText(dice.one_of(upns));
    out.contact = PersonalText(dice.one_of(contacts));
    if (dice.below(4) == 0)
        out.aliases.emplace_back(PersonalText(dice.one_of(forenames)),
                                 PersonalText(dice.one_of(surnames)));
    return out;
}

Match match_of(const PersonRecord& a, const PersonRecord& b) {
    return compare(normalised(a).reveal(), normalised(b).reveal());
}

constexpr int rounds = 20'000;

TEST(MatcherProperties, WhoComesFirstChangesNothing) {
    Dice dice(1);
    for (int round = 0; round < rounds; ++round) {
        const auto a = drawn(dice);
        const auto b = drawn(dice);
        const auto forward = match_of(a, b);
        const auto backward = match_of(b, a);
        ASSERT_EQ(forward.match, backward.match)
            << "round " << round << ": " << reasons_of(forward) << " / " << reasons_of(backward);
        ASSERT_EQ(forward.bits, backward.bits) << "round " << round;
    }
}

TEST(MatcherProperties, MoreAgreementNeverLowersTheClass) {
    using Field = PersonalText PersonRecord::*;
    const std::array<Field, 9> fields{
        &PersonRecord::forename,   &PersonRecord::surname, &PersonRecord::date_of_birth,
        &PersonRecord::postcode,   &PersonRecord::address, &PersonRecord::sex,
        &PersonRecord::nhs_number, &PersonRecord::upn,     &PersonRecord::contact};
    Dice dice(2);
    int lost = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto a = drawn(dice);
        const auto b = drawn(dice);
        const auto field = fields[dice.below(fields.size())];
        auto agreeing = b;
        agreeing.*field = a.*field;
        const auto before = match_of(a, b);
        const auto after = match_of(a, agreeing);
        // Names in each other's fields agreed before; where that is lost, it is not more.
        if (after.bits < before.bits) {
            ++lost;
            continue;
        }
        ASSERT_GE(after.match, before.match)
            << "round " << round << ": " << reasons_of(before) << " / " << reasons_of(after);
    }
    EXPECT_LT(lost, rounds / 20);
}

TEST(MatcherProperties, TwinsAreNeverLinked) {
    // Everything agrees but the forename: without a number of their own in no case, with one not
    // while the forenames are unlike.
    Dice dice(3);
    for (int round = 0; round < rounds; ++round) {
        auto a = drawn(dice);
        a.forename = PersonalText("Mia");
        a.aliases.clear();
        auto b = a;
        b.forename = PersonalText(dice.one_of(forenames));
        if (first_forename(b.forename.reveal()) == "MIA") continue;
        const auto with_number = match_of(a, b);
        if (reasons_of(with_number).find("forename_differs") != std::string::npos) {
            ASSERT_NE(with_number.match, MatchClass::link)
                << "round " << round << ": " << reasons_of(with_number);
        }
        for (auto* twin : {&a, &b}) {
            twin->nhs_number = PersonalText();
            twin->upn = PersonalText();
        }
        const auto without = match_of(a, b);
        ASSERT_NE(without.match, MatchClass::link)
            << "round " << round << ": " << reasons_of(without);
    }
}

TEST(MatcherProperties, ALinkHasAStrongKindAndNoContradiction) {
    Dice dice(4);
    int links = 0;
    int contradicted = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto match = match_of(drawn(dice), drawn(dice));
        ASSERT_EQ(match.match == MatchClass::link,
                  !match.strong.empty() && match.contradictions.empty())
            << reasons_of(match);
        links += match.match == MatchClass::link;
        contradicted += !match.strong.empty() && !match.contradictions.empty();
    }
    EXPECT_GT(links, 20);
    EXPECT_GT(contradicted, 20);
}

TEST(MatcherProperties, WhatWouldLinkIsAlwaysCompared) {
    Dice dice(5);
    int links = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::array<PersonalIdentity, 2> two{normalised(drawn(dice)), normalised(drawn(dice))};
        if (compare(two[0].reveal(), two[1].reveal()).strong.empty()) continue;
        ++links;
        int compared = 0;
        each_candidate_pair(two, [&](std::uint32_t, std::uint32_t) { ++compared; });
        ASSERT_EQ(compared, 1) << "round " << round;
    }
    EXPECT_GT(links, 40);
}

}  // namespace
}  // namespace mash::identity
