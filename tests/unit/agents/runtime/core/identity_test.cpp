#include "agents/runtime/core/identity.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "agents/runtime/identity/compare.hpp"
#include "agents/runtime/identity/front_door.hpp"
#include "common/area/decide.hpp"
#include "common/base/limits.hpp"

namespace mash::runtime {
namespace {

Subject ava() {
    Subject out;
    out.nhs_number = PersonalText("999 000 0018");
    out.forename = PersonalText("Ava May");
    out.surname = PersonalText("Lark-O'Neill");
    out.date_of_birth = PersonalText("2018-03-02");
    out.postcode = PersonalText("wr51aa");
    return out;
}

const PepperTokens tokens_under_a_pepper() { return PepperTokens(crypto::SecretBytes(32), 1); }

std::size_t shared_tokens(const Subject& a, TokenUse use_a, const Subject& b, TokenUse use_b) {
    const auto source = tokens_under_a_pepper();
    const auto left = tokens_of(a, use_a, source);
    const auto right = tokens_of(b, use_b, source);
    std::vector<wire::Token> both;
    std::ranges::set_intersection(left, right, std::back_inserter(both));
    return both.size();
}

TEST(Tokens, EveryStrongKindTheSubjectCanMakeIsMade) {
    Subject all = ava();
    all.upn = PersonalText("H801200001001");
    all.school_urn = PersonalText("884001");
    const auto source = tokens_under_a_pepper();
    const auto tokens = tokens_of(all, TokenUse::notification, source);
    EXPECT_EQ(tokens.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(tokens));
    EXPECT_EQ(tokens_of(all, TokenUse::caseload, source).size(), 4U);
}

TEST(Tokens, NameBirthDateAndHomePostcodeAloneAreEnough) {
    Subject police;
    police.forename = PersonalText("AVA");
    police.surname = PersonalText(
        "Lark O\xE2\x80\x99"
        "Neill");
    police.date_of_birth = PersonalText("2018-03-02");
    police.postcode = PersonalText("WR5 1AA");
    EXPECT_EQ(shared_tokens(police, TokenUse::notification, ava(), TokenUse::caseload), 1U);
}

TEST(Tokens, NameAndBirthDateAloneShareNothing) {
    Subject weak;
    weak.forename = PersonalText("Ava");
    weak.surname = PersonalText("Lark-O'Neill");
    weak.date_of_birth = PersonalText("2018-03-02");
    EXPECT_TRUE(tokens_of(weak, TokenUse::notification, tokens_under_a_pepper()).empty());
}

TEST(Tokens, AnAliasIsAFurtherTokenAndTwinsShareNone) {
    Subject renamed = ava();
    renamed.nhs_number = PersonalText();
    renamed.surname = PersonalText("Ashby");
    renamed.aliases.emplace_back(PersonalText(""), PersonalText("Lark-O'Neill"));
    Subject before = ava();
    before.nhs_number = PersonalText();
    EXPECT_EQ(shared_tokens(renamed, TokenUse::notification, before, TokenUse::caseload), 1U);
    Subject twin = before;
    twin.forename = PersonalText("Mia");
    EXPECT_EQ(shared_tokens(twin, TokenUse::notification, before, TokenUse::caseload), 0U);
}

TEST(Tokens, AnotherPepperGivesOtherTokens) {
    crypto::SecretBytes other(32);
    other.writable()[0] = 1;
    const auto a = tokens_of(ava(), TokenUse::caseload, tokens_under_a_pepper());
    const auto b = tokens_of(ava(), TokenUse::caseload, PepperTokens(std::move(other), 1));
    ASSERT_EQ(a.size(), b.size());
    for (const auto& token : a) EXPECT_EQ(std::ranges::count(b, token), 0);
}

TEST(Tokens, AnInitialOrAPlaceholderIsPartOfNoName) {
    // Both twins of a home are "M" or "Baby" to somebody.
    for (const char* forename : {"M", "Baby", "Baby Boy", "Twin 1", "Unknown", "Not Known"}) {
        Subject unnamed = ava();
        unnamed.nhs_number = PersonalText();
        unnamed.forename = PersonalText(forename);
        unnamed.school_urn = PersonalText("884001");
        EXPECT_TRUE(tokens_of(unnamed, TokenUse::notification, tokens_under_a_pepper()).empty())
            << forename;
    }
    Subject initial = ava();
    initial.forename = PersonalText("A");
    EXPECT_EQ(tokens_of(initial, TokenUse::caseload, tokens_under_a_pepper()).size(), 2U)
        << "the number with birth date and with surname";
    initial.surname = PersonalText("Unknown");
    EXPECT_EQ(tokens_of(initial, TokenUse::caseload, tokens_under_a_pepper()).size(), 1U);
}

Subject weakly(const char* forename, const char* surname, const char* born,
               const char* postcode = "") {
    Subject child;
    child.forename = PersonalText(forename);
    child.surname = PersonalText(surname);
    child.date_of_birth = PersonalText(born);
    child.postcode = PersonalText(postcode);
    return child;
}

std::string weak_texts(const Subject& child, TokenUse use = TokenUse::caseload) {
    std::string all;
    for (const auto& [kind, canonical] : weak_identities(child, use)) {
        EXPECT_FALSE(wire::is_strong(kind));
        all += (all.empty() ? "" : " ") + canonical.reveal();
    }
    return all;
}

TEST(WeakTokens, AreOfTheFirstLetterAndNeverAmongTheOthers) {
    const auto text_of_weak = [](const char* forename, const char* surname, const char* born) {
        const auto child = weakly(forename, surname, born);
        for (const auto& [kind, canonical] : canonical_identities(child, TokenUse::notification))
            EXPECT_TRUE(wire::is_strong(kind));
        return weak_texts(child);
    };
    EXPECT_EQ(text_of_weak("Mia Rose", "Dunmore", "2016-03-01"), "M|DUNMORE|2016-03-01");
    EXPECT_EQ(text_of_weak("M", "Dunmore", "2016-03-01"), "M|DUNMORE|2016-03-01");
    EXPECT_EQ(text_of_weak("Baby", "Dunmore", "2016-03-01"), "") << "whose letter is that?";
    EXPECT_EQ(text_of_weak("", "Dunmore", "2016-03-01"), "");
    EXPECT_EQ(text_of_weak("Mia", "", "2016-03-01"), "");
    EXPECT_EQ(text_of_weak("Mia", "Dunmore", "2016-03"), "") << "half a county's children";
}

TEST(WeakTokens, OfAHomeAreTheNameOrTheBirthDateAndALetterWithIt) {
    EXPECT_EQ(weak_texts(weakly("Mia Rose", "Dunmore", "2016-03-01", "wr51aa")),
              "M|DUNMORE|2016-03-01 MIA|DUNMORE|WR5 1AA D|2016-03-01|WR5 1AA");
    EXPECT_EQ(weak_texts(weakly("Mia", "Dunmore", "", "WR5 1AA")), "MIA|DUNMORE|WR5 1AA");
    EXPECT_EQ(weak_texts(weakly("M", "Dunmore", "", "WR5 1AA")), "") << "half a street";
    EXPECT_EQ(weak_texts(weakly("Baby", "Dunmore", "2016-03-01", "WR5 1AA")),
              "D|2016-03-01|WR5 1AA");
    EXPECT_EQ(weak_texts(weakly("Mia", "Unknown", "2016-03-01", "WR5 1AA")), "");
    EXPECT_EQ(weak_texts(weakly("", "Dunmore", "2016-03-01", "ZZ99 3VZ")), "") << "no address";
}

TEST(WeakTokens, ANotificationAsksByWhatItsSenderMayHaveWrittenWrongly) {
    const auto said = [](const Subject& child) {
        return weak_texts(child, TokenUse::notification);
    };
    EXPECT_EQ(said(weakly("Mia", "Dunmore", "2016-03-25")), "D|MIA|2016-03-25 M|DUNMORE|2016-03-25")
        << "each name in the other's field; there is no 25th month";
    EXPECT_EQ(said(weakly("Mia", "Dunmore", "2016-03-01")),
              "D|MIA|2016-03-01 M|DUNMORE|2016-03-01 M|DUNMORE|2016-01-03");
    EXPECT_EQ(said(weakly("Mia", "Dunmore", "2016-03-03")),
              "D|MIA|2016-03-03 M|DUNMORE|2016-03-03");
    EXPECT_EQ(said(weakly("Mia", "Dunmore", "", "WR5 1AA")),
              "DUNMORE|MIA|WR5 1AA MIA|DUNMORE|WR5 1AA");
    EXPECT_EQ(said(weakly("Mia", "", "2016-03-25", "WR5 1AA")), "M|2016-03-25|WR5 1AA");
    const auto month = weak_identities(weakly("Mia", "Dunmore", "2016-02"), TokenUse::notification);
    EXPECT_EQ(month.size(), 29U) << "each day there is, of a leap year";
    EXPECT_EQ(month.front().second.reveal(), "M|DUNMORE|2016-02-01");
    EXPECT_EQ(month.back().second.reveal(), "M|DUNMORE|2016-02-29");
    EXPECT_EQ(said(weakly("Mia", "Dunmore", "2016")), "") << "a year is nobody's";
    // With every name that a child is known by, and while the keys change, what is surest comes
    // first.
    auto many = weakly("Mia", "Dunmore", "2016-03", "WR5 1AA");
    many.nhs_number = PersonalText("999 000 0018");
    for (const char* alias : {"Ash", "Berry", "Cole", "Dove"})
        many.aliases.emplace_back(PersonalText(""), PersonalText(alias));
    const auto stated = stated_identities(many);
    EXPECT_LE(stated.size(), limits::tokens_max);
    const auto first_date = std::ranges::find_if(
        stated, [](const auto& one) { return one.second.reveal() == "M|DUNMORE|2016-03-01"; });
    EXPECT_LE(first_date - stated.begin(), std::ptrdiff_t{limits::tokens_max / 2});
    EXPECT_EQ(stated.end() - first_date, 31);
}

TEST(WeakTokens, AListStatesWhatItKnowsAndNoMore) {
    const auto child = weakly("Mia", "Dunmore", "2016-03-01", "WR5 1AA");
    EXPECT_EQ(weak_identities(child, TokenUse::caseload).size(), 3U);
    EXPECT_EQ(weak_identities(child, TokenUse::roll), weak_identities(child, TokenUse::caseload));
    EXPECT_GT(weak_identities(child, TokenUse::notification).size(), 3U);
}

TEST(Tokens, AFormerUpnIsAFurtherToken) {
    Subject moved;
    moved.upn = PersonalText("H243278544154");
    moved.former_upns = {PersonalText("H801200001001"), PersonalText("R247962919251")};
    moved.date_of_birth = PersonalText("2018-03-02");
    EXPECT_EQ(tokens_of(moved, TokenUse::caseload, tokens_under_a_pepper()).size(), 2U)
        << "a wrong check letter makes none";
    Subject before;
    before.upn = PersonalText("H801200001001");
    before.date_of_birth = PersonalText("2018-03-02");
    EXPECT_EQ(shared_tokens(moved, TokenUse::notification, before, TokenUse::caseload), 1U);
}

TEST(Tokens, ASupersededNhsNumberLinksThroughARecordOfBoth) {
    Subject of_both = ava();
    of_both.former_nhs_numbers = {PersonalText("999 000 0026"), PersonalText("999 000 0027")};
    EXPECT_EQ(tokens_of(of_both, TokenUse::caseload, tokens_under_a_pepper()).size(), 5U)
        << "a wrong check digit makes none";
    Subject before = ava();
    before.nhs_number = PersonalText("999 000 0026");
    before.postcode = PersonalText();
    EXPECT_EQ(shared_tokens(of_both, TokenUse::caseload, before, TokenUse::notification), 2U);
    EXPECT_EQ(shared_tokens(ava(), TokenUse::caseload, before, TokenUse::notification), 0U);
}

Subject expected(const char* due) {
    Subject mother;
    mother.unborn = true;
    mother.nhs_number = PersonalText("999 000 0034");
    mother.forename = PersonalText("Skye");
    mother.surname = PersonalText("Penrose");
    mother.date_of_birth = PersonalText("2008-01-05");
    mother.postcode = PersonalText("WR5 1AA");
    mother.due_date = PersonalText(due);
    return mother;
}

TEST(Tokens, AnUnbornChildIsNobodyWhoWasBornAndLeastOfAllItsMother) {
    Subject mother = expected("2027-05-02");
    mother.unborn = false;
    EXPECT_EQ(
        shared_tokens(expected("2027-05-02"), TokenUse::caseload, mother, TokenUse::notification),
        0U);
    const auto weak = weak_identities(mother, TokenUse::notification);
    for (const auto use : {TokenUse::caseload, TokenUse::notification}) {
        const auto of_unborn = weak_identities(expected("2027-05-02"), use);
        EXPECT_EQ(of_unborn.size(), 2U) << "her number, or her name and birth date";
        for (const auto& one : of_unborn) EXPECT_EQ(std::ranges::find(weak, one), weak.end());
    }
}

TEST(Tokens, DueDatesLinkWhereTheyAreNearAndNeverBeyondSixWeeks) {
    const auto shared = [](const char* listed, const char* said) {
        return shared_tokens(expected(listed), TokenUse::caseload, expected(said),
                             TokenUse::notification);
    };
    EXPECT_GT(shared("2027-05-02", "2027-05-02"), 0U);
    EXPECT_GT(shared("2027-05-02", "2027-05-22"), 0U) << "a scan moved it";
    EXPECT_GT(shared("2027-05-02", "2027-04-12"), 0U);
    EXPECT_EQ(shared("2027-05-02", "2027-06-14"), 0U);
    EXPECT_EQ(shared("2027-05-02", "2027-03-20"), 0U);
    EXPECT_EQ(shared("2027-05-02", "2028-05-02"), 0U) << "her next child";
    EXPECT_GT(shared("2027-05-02", ""), 0U) << "a hospital that knows the mother alone";
    EXPECT_EQ(shared("", "2027-05-02"), 0U) << "a question for a person";
    EXPECT_EQ(weak_identities(expected(""), TokenUse::caseload),
              weak_identities(expected("2027-05-02"), TokenUse::notification));
}

TEST(Tokens, ABirthIsToldUnderBothIdentitiesAndClaimedUnderOne) {
    Subject born = ava();
    born.before_birth = {expected("2018-03-05")};
    EXPECT_GT(
        shared_tokens(born, TokenUse::notification, expected("2018-03-05"), TokenUse::caseload),
        0U);
    EXPECT_GT(shared_tokens(born, TokenUse::notification, ava(), TokenUse::caseload), 0U);
    EXPECT_EQ(
        shared_tokens(born, TokenUse::caseload, expected("2018-03-05"), TokenUse::notification),
        0U);
}

TEST(Tokens, APartialBirthDateIsPartOfNone) {
    Subject partial = ava();
    partial.date_of_birth = PersonalText("2018-03");
    EXPECT_EQ(tokens_of(partial, TokenUse::caseload, tokens_under_a_pepper()).size(), 1U)
        << "the number with the surname";
}

TEST(Tokens, SomebodyBornBefore1970HasThemToo) {
    Subject adult = ava();
    adult.date_of_birth = PersonalText("1953-01-13");
    EXPECT_EQ(tokens_of(adult, TokenUse::caseload, tokens_under_a_pepper()).size(), 3U);
}

// The broker links by equal tokens, people are shown what the matcher says: the two must not part.
TEST(Tokens, TwoShareOneExactlyWhereTheMatcherFindsAStrongKind) {
    constexpr std::array forenames{"",  "Mia",  "Mi\xC3\xA0", "Mae",
                                   "M", "Baby", "Mia Rose",   "Mr Mia"};
    constexpr std::array surnames{"", "Dunmore", "Dun-More", "Lark", "Unknown", "O"};
    constexpr std::array dates{"", "2016-04-11", "2016-04-12", "2016-04", "1953-01-13"};
    constexpr std::array postcodes{"", "WR5 1AA", "wr51aa", "ZZ99 3VZ", "QQ1 1AA"};
    constexpr std::array nhs_numbers{"", "999 000 0026", "9990000034", "9999999999"};
    constexpr std::array upns{"", "H801200001001", "h801200001001", "R247962919251"};
    std::uint64_t state = 7;
    const auto one_of = [&](const auto& values) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return PersonalText(values[static_cast<std::size_t>(state >> 33) % values.size()]);
    };
    const auto drawn = [&] {
        Subject out;
        out.forename = one_of(forenames);
        out.surname = one_of(surnames);
        out.date_of_birth = one_of(dates);
        out.postcode = one_of(postcodes);
        out.nhs_number = one_of(nhs_numbers);
        out.upn = one_of(upns);
        if (state % 3 == 0) out.former_upns.push_back(one_of(upns));
        if (state % 7 == 0) out.former_nhs_numbers.push_back(one_of(nhs_numbers));
        if (state % 5 == 0) out.aliases.emplace_back(one_of(forenames), one_of(surnames));
        return out;
    };
    const auto identity_of = [](const Subject& subject) {
        identity::PersonRecord record;
        record.nhs_number = subject.nhs_number;
        record.upn = subject.upn;
        record.former_upns = subject.former_upns;
        record.former_nhs_numbers = subject.former_nhs_numbers;
        record.forename = subject.forename;
        record.surname = subject.surname;
        record.aliases = subject.aliases;
        record.date_of_birth = subject.date_of_birth;
        record.postcode = subject.postcode;
        return identity::normalised(record).reveal();
    };
    const auto as_the_broker = [](const Subject& said, const Subject& held) {
        const auto source = tokens_under_a_pepper();
        const auto tokens = [&](const Subject& subject, TokenUse use) {
            auto identities = canonical_identities(subject, use);
            std::ranges::move(weak_identities(subject, use), std::back_inserter(identities));
            std::vector<wire::Token> out;
            for (const auto& [kind, text] : identities)
                out.push_back(source.derive(kind, text.reveal()));
            std::ranges::sort(out);
            return out;
        };
        const auto subject = tokens(said, TokenUse::notification);
        wire::InvolvementClaim claim;
        claim.tokens = tokens(held, TokenUse::caseload);
        if (area::link(subject, claim, {}) == area::Link::linked) return identity::MatchClass::link;
        return area::is_possible_match(subject, claim, {}) ? identity::MatchClass::question
                                                           : identity::MatchClass::none;
    };
    const auto source = tokens_under_a_pepper();
    // What the matcher sees and no token can, both on purpose (README.md "Contradictions").
    const auto sees_more = [](const identity::Match& match, bool has_dates) {
        return std::ranges::all_of(match.contradictions, [&](identity::Contradiction one) {
            return one == identity::Contradiction::other_forename ||
                   one == identity::Contradiction::other_upn ||
                   (one == identity::Contradiction::other_birth_date && !has_dates);
        });
    };
    int strong = 0;
    int asked = 0;
    int contradicted = 0;
    int unseen = 0;
    for (int round = 0; round < 20'000; ++round) {
        const Subject a = drawn();
        const Subject b = drawn();
        const auto left = canonical_identities(a, TokenUse::caseload);
        const auto right = canonical_identities(b, TokenUse::caseload);
        std::vector<std::pair<wire::TokenKind, PersonalText>> both;
        std::ranges::set_intersection(left, right, std::back_inserter(both));
        const auto match = identity::compare(identity_of(a), identity_of(b));
        ASSERT_EQ(both.empty(), match.strong.empty())
            << "round " << round << ": " << identity::reasons_of(match);
        strong += !both.empty();
        // What `match score --population` counts is what the broker makes of the tokens.
        const auto by_tokens = identity::match_by_tokens(identity_of(a), identity_of(b), match);
        ASSERT_EQ(by_tokens, as_the_broker(a, b))
            << "round " << round << ": " << identity::reasons_of(match);
        asked += by_tokens == identity::MatchClass::question;
        // And where something contradicts it, neither links.
        wire::InvolvementClaim claim;
        claim.tokens = tokens_of(b, TokenUse::caseload, source);
        const auto stated = tokens_of(a, TokenUse::caseload, source);
        const bool links = area::link(stated, claim, "health") == area::Link::linked;
        if (links == (match.match == identity::MatchClass::link)) {
            contradicted += !both.empty() && !links;
            continue;
        }
        ++unseen;
        // A date known in part is in no token.
        const bool has_dates = !normalise_date_of_birth(a.date_of_birth.reveal()).empty() &&
                               !normalise_date_of_birth(b.date_of_birth.reveal()).empty();
        ASSERT_TRUE(links && sees_more(match, has_dates))
            << "round " << round << ": " << identity::reasons_of(match);
        // Two pupil numbers are told apart by tokens wherever both records have a birth date.
        const bool has_upns = std::ranges::any_of(match.contradictions, [](auto one) {
            return one == identity::Contradiction::other_upn;
        });
        ASSERT_FALSE(has_upns && has_dates) << "round " << round;
    }
    EXPECT_GT(strong, 200);
    EXPECT_GT(asked, 200);
    EXPECT_GT(contradicted, 50);
    EXPECT_GT(unseen, 0);
}

TEST(Age, OfADateKnownInPartIsTheFewestYearsItCanBe) {
    EXPECT_EQ(age_at("2008", {2026, 12, 30}), 17);
    EXPECT_EQ(age_at("2008", {2026, 12, 31}), 18);
    EXPECT_EQ(age_at("2008-02", {2026, 2, 28}), 17);
    EXPECT_EQ(age_at("2008-02", {2026, 3, 1}), 18);
    EXPECT_EQ(age_at("1953-01-13", {2026, 3, 1}), 73);
}

TEST(Age, CountsWholeYears) {
    EXPECT_EQ(age_at("2008-11-22", {2026, 11, 21}), 17);
    EXPECT_EQ(age_at("2008-11-21", {2026, 11, 21}), 18);
    EXPECT_EQ(age_at("2008-02-29", {2026, 2, 28}), 17);
    EXPECT_EQ(age_at("2008-02-29", {2026, 3, 1}), 18);
    EXPECT_FALSE(age_at("", {2026, 3, 1}));
}

}  // namespace
}  // namespace mash::runtime
