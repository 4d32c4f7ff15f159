#include "agents/runtime/identity/front_door.hpp"

#include <algorithm>

namespace mash::identity {

namespace {

bool has_whole_birth_date(const Identity& person) {
    return person.date_of_birth && person.date_of_birth->is_whole();
}

bool share_weak_token(const Identity& a, const Identity& b) {
    if (!has_whole_birth_date(a) || a.date_of_birth != b.date_of_birth) return false;
    const auto theirs = letters_and_surnames(b);
    return std::ranges::any_of(letters_and_surnames(a), [&](const std::string& one) {
        return std::ranges::binary_search(theirs, one);
    });
}

/// A pupil number is part of a token with the birth date only, so another date looks like another
/// number.
bool pupil_numbers_differ(const Identity& a, const Identity& b) {
    if (a.upns.empty() || b.upns.empty()) return false;
    if (!has_whole_birth_date(a) || !has_whole_birth_date(b)) return false;
    return a.date_of_birth != b.date_of_birth ||
           std::ranges::none_of(a.upns, [&](const std::string& one) {
               return std::ranges::binary_search(b.upns, one);
           });
}

}  // namespace

std::string first_letter(std::string_view folded) {
    std::size_t end = folded.empty() ? 0 : 1;
    while (end < folded.size() && (static_cast<unsigned char>(folded[end]) & 0xC0U) == 0x80U) ++end;
    return std::string(folded.substr(0, end));
}

std::vector<std::string> letters_and_surnames(const Identity& person) {
    std::vector<std::string> found;
    for (const auto& name : person.names) {
        if (!name.has_full_surname || name.forename.first.empty()) continue;
        auto letter = first_letter(name.forename.first);
        // "Baby" begins with a letter that is nobody's.
        if (letter != name.forename.first && !name.has_full_forename) continue;
        found.push_back(std::move(letter) + "|" + name.surname.whole);
    }
    std::ranges::sort(found);
    const auto repeats = std::ranges::unique(found);
    found.erase(repeats.begin(), repeats.end());
    return found;
}

MatchClass match_by_tokens(const Identity& a, const Identity& b, const Match& match) {
    const bool numbers_differ =
        std::ranges::find(match.contradictions, Contradiction::other_nhs_number) !=
            match.contradictions.end() ||
        pupil_numbers_differ(a, b);
    if (!match.strong.empty()) return numbers_differ ? MatchClass::question : MatchClass::link;
    const bool is_asked = !numbers_differ && !a.is_unborn && !b.is_unborn && share_weak_token(a, b);
    return is_asked ? MatchClass::question : MatchClass::none;
}

QuestionsADay questions_a_day(const PeopleShown& shown, const AreaAssumed& assumed) {
    QuestionsADay out;
    out.others_alike = (assumed.children - 1) * shown.same_letter_and_surname / assumed.birth_days +
                       assumed.twins * assumed.twins_alike;
    // Also one that links may meet a namesake's claim of a relation that its own child lacks.
    out.by_chance = assumed.notifications * assumed.claims * out.others_alike;
    out.right_most = assumed.notifications * assumed.claims * assumed.weak_share;
    if (shown.asked_of_not_linked) out.right_least = out.right_most * *shown.asked_of_not_linked;
    return out;
}

}  // namespace mash::identity
