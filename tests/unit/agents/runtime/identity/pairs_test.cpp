#include "agents/runtime/identity/pairs.hpp"

#include <set>

#include <gtest/gtest.h>

#include "agents/runtime/identity/compare.hpp"
#include "tests/unit/agents/runtime/identity/person_builder.hpp"

namespace mash::identity {
namespace {

std::set<std::pair<std::uint32_t, std::uint32_t>> pairs_of(
    const std::vector<PersonalIdentity>& people) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> out;
    each_candidate_pair(people, [&](std::uint32_t a, std::uint32_t b) {
        EXPECT_LT(a, b);
        EXPECT_TRUE(out.emplace(a, b).second) << "compared twice";
    });
    return out;
}

TEST(Blocking, WhatSlipsAndSwapsLeaveIsStillCompared) {
    const auto base = person("Robert", "Allen", "2014-03-02", "WR5 1AA");
    for (const auto& other :
         {person("Rupert", "Alen"), person("Allen", "Robert", "2001-01-01"),
          person("Rob", "Allen", "2014-03-12"), person("", "Allen", "2014-03"),
          person("Robert", "", "2014-02-03"), person("Robert", "Other", "2010-03-02"),
          person("", "Alan", "", "WR5 1AA"), person("", "", "2014-03-02")}) {
        EXPECT_EQ(pairs_of({normalised(base), normalised(other)}).size(), 1U)
            << other.forename.reveal() << " " << other.date_of_birth.reveal();
    }
    EXPECT_TRUE(
        pairs_of({normalised(base), normalised(person("Otto", "Lark", "2009-12-30"))}).empty());
    EXPECT_TRUE(pairs_of({normalised(PersonRecord{}), normalised(PersonRecord{})}).empty());
}

TEST(Blocking, AKeyThatTooManyShareIsLeftOutAndSaid) {
    std::vector<PersonalIdentity> people;
    for (std::size_t i = 0; i <= key_holders_max; ++i) {
        people.push_back(normalised(person("", "", "2010-01-01", "WR5 1AA")));
    }
    // Two of them share their numbers as well and must still meet.
    people.push_back(normalised(with_nhs(person("", "", "2010-01-01"), "9990000026")));
    people.push_back(normalised(with_nhs(person("", "", "2010-01-01"), "9990000026")));
    std::uint64_t compared = 0;
    const auto counts =
        each_candidate_pair(people, [&](std::uint32_t, std::uint32_t) { ++compared; });
    EXPECT_EQ(counts.keys_left_out, 1U);
    EXPECT_EQ(counts.holders_left_out, people.size());
    EXPECT_EQ(compared, 1U);
    EXPECT_EQ(counts.compared, 1U);
}

/// A county's children: families of one to three under one surname and postcode, some twins.
std::vector<PersonalIdentity> children(std::size_t count) {
    std::uint64_t state = 11;
    const auto below = [&](std::size_t n) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>(state >> 33) % n;
    };
    const auto name = [&](std::size_t kinds) {
        // The commonest name has some 2 %, most are rare.
        const std::size_t at = below(kinds) * below(kinds) / kinds;
        static constexpr std::string_view consonants = "BCDFGJKLMNPRSTVW";
        static constexpr std::string_view vowels = "AEIOU";
        std::string out;
        std::size_t rest = at * 2654435761U % 1'000'003;
        for (int syllable = 0; syllable < 3; ++syllable) {
            out += consonants[rest % consonants.size()];
            rest /= consonants.size();
            out += vowels[rest % vowels.size()];
            rest /= vowels.size();
        }
        return out;
    };
    std::vector<PersonalIdentity> out;
    while (out.size() < count) {
        const std::string surname = name(4000);
        const std::size_t home = out.size() / 8;
        const std::string postcode = "WR" + std::to_string(home / 1000 % 90 + 1) + " " +
                                     std::to_string(home / 100 % 10) + "AB";
        for (std::size_t child = 0; child <= below(3); ++child) {
            const BirthDate born{static_cast<std::int16_t>(2008 + below(18)),
                                 static_cast<std::uint8_t>(1 + below(12)),
                                 static_cast<std::uint8_t>(1 + below(28))};
            out.push_back(normalised(person(name(900), surname, to_text(born), postcode)));
        }
    }
    out.resize(count);
    return out;
}

TEST(Blocking, ComparesASmallShareAndGrowsNoFasterThanAllPairs) {
    const auto nothing = [](std::uint32_t, std::uint32_t) {};
    const auto all = children(16'000);
    const std::span<const PersonalIdentity> people(all);
    const auto small = each_candidate_pair(people.first(8'000), nothing).compared;
    const auto large = each_candidate_pair(people, nothing).compared;
    EXPECT_LT(large, 16'000ULL * 16'000 / 2 / 500) << "one pair in 500";
    EXPECT_LT(large, small * 5) << "twice the people, four times the pairs";
}

}  // namespace
}  // namespace mash::identity
