#include "agents/runtime/identity/front_door.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

namespace mash::identity {

namespace {

bool has_whole_birth_date(const Identity& person) {
    return person.date_of_birth && person.date_of_birth->is_whole();
}

class WeakTexts {
public:
    void add(std::initializer_list<std::string_view> parts) {
        std::string text;
        for (const auto part : parts) {
            if (part.empty()) return;
            text += part;
            text += '|';
        }
        found_.insert(std::move(text));
    }
    std::set<std::string> take() { return std::move(found_); }

private:
    std::set<std::string> found_;
};

/// What a report says besides of the birth date: day and month the other way round, or each day of
/// a month.
std::vector<std::string> said_dates(const Identity& person) {
    std::vector<std::string> dates;
    if (!person.date_of_birth || person.date_of_birth->month == 0) return dates;
    const auto& known = *person.date_of_birth;
    const auto add = [&](std::uint8_t month, std::uint8_t day) {
        const auto date = birth_date_from_text(to_text({known.year, month, day}));
        if (date && date->is_whole() && date != person.date_of_birth)
            dates.push_back(to_text(*date));
    };
    if (known.is_whole()) {
        add(known.day, known.month);
    } else {
        for (std::uint8_t day = 1; day <= 31; ++day) add(known.month, day);
    }
    return dates;
}

/// weak_identities() of agents/runtime/core, of a child who was born. A list states what it knows,
/// a report in other ways too.
std::set<std::string> weak_texts(const Identity& person, bool is_said) {
    const bool has_date = has_whole_birth_date(person);
    const auto& date = person.date_of_birth;
    const std::string born = date && has_date ? to_text(*date) : std::string();
    const auto dates = is_said ? said_dates(person) : std::vector<std::string>();
    WeakTexts texts;
    bool is_main = true;
    for (const auto& [forename, surname, has_forename, has_surname] : person.names) {
        const auto letter = first_letter(forename.first);
        // "Baby" begins with a letter that is nobody's.
        if (has_surname && (has_forename || letter == forename.first)) {
            texts.add({"letter", letter, surname.whole, born});
            for (const auto& said : dates) {
                if (is_main || has_date) texts.add({"letter", letter, surname.whole, said});
            }
        }
        is_main = false;
        if (has_surname) texts.add({"born-at", first_letter(surname.whole), born, person.postcode});
        if (is_said && has_forename) texts.add({"born-at", letter, born, person.postcode});
        if (!has_surname || !has_forename) continue;
        texts.add({"name-at", forename.first, surname.whole, person.postcode});
        if (!is_said) continue;
        texts.add({"letter", first_letter(surname.whole), forename.whole, born});
        texts.add({"name-at", surname.first, forename.whole, person.postcode});
    }
    return texts.take();
}

bool share_weak_token(const Identity& said, const Identity& listed) {
    const auto theirs = weak_texts(listed, false);
    return std::ranges::any_of(weak_texts(said, true),
                               [&](const std::string& one) { return theirs.contains(one); });
}

/// One number and one surname with two birth dates are a brother's number.
bool birth_dates_contradict(const Identity& a, const Identity& b, const Match& match) {
    return has_whole_birth_date(a) && has_whole_birth_date(b) &&
           a.date_of_birth != b.date_of_birth &&
           std::ranges::find(match.strong, StrongKind::nhs_number_and_surname) !=
               match.strong.end();
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

MatchClass match_by_tokens(const Identity& said, const Identity& listed, const Match& match) {
    const bool is_contradicted =
        std::ranges::find(match.contradictions, Contradiction::other_nhs_number) !=
            match.contradictions.end() ||
        pupil_numbers_differ(said, listed) || birth_dates_contradict(said, listed, match);
    if (!match.strong.empty()) return is_contradicted ? MatchClass::question : MatchClass::link;
    const bool is_asked =
        !is_contradicted && !said.is_unborn && !listed.is_unborn && share_weak_token(said, listed);
    return is_asked ? MatchClass::question : MatchClass::none;
}

QuestionsADay questions_a_day(const PeopleShown& shown, const AreaAssumed& assumed) {
    QuestionsADay out;
    out.others_alike = (assumed.children - 1) * shown.same_letter_and_surname * assumed.dates_said /
                           assumed.birth_days +
                       assumed.twins;
    // Also one that links may meet a namesake's claim of a relation that its own child lacks.
    out.by_chance = assumed.notifications * assumed.claims * out.others_alike;
    out.right_most = assumed.notifications * assumed.claims * assumed.weak_share;
    if (shown.asked_of_not_linked) out.right_least = out.right_most * *shown.asked_of_not_linked;
    return out;
}

}  // namespace mash::identity
