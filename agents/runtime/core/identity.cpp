#include "agents/runtime/core/identity.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "agents/runtime/identity/front_door.hpp"
#include "agents/runtime/identity/person.hpp"
#include "common/base/limits.hpp"
#include "common/crypto/hash.hpp"

namespace mash::runtime {

std::string normalise_nhs_number(std::string_view text) {
    return identity::normalise_nhs_number(text);
}
std::string normalise_upn(std::string_view text) { return identity::normalise_upn(text); }
std::string normalise_postcode(std::string_view text) { return identity::normalise_postcode(text); }
std::string normalise_urn(std::string_view text) { return identity::normalise_urn(text); }
std::string normalise_date_of_birth(std::string_view text) {
    return identity::normalise_date_of_birth(text);
}
std::string fold_name(std::string_view utf8) { return identity::fold_name(utf8); }
std::string first_forename(std::string_view utf8) { return identity::first_forename(utf8); }

PepperTokens::PepperTokens(crypto::SecretBytes pepper, std::uint16_t epoch)
    : pepper_(std::move(pepper)), epoch_(epoch) {}

wire::Token PepperTokens::derive(wire::TokenKind kind, std::string_view canonical) const {
    Writer message;
    message.text("mash.v1.token").u8(static_cast<std::uint8_t>(kind)).u16(epoch_).text(canonical);
    return {kind, epoch_, crypto::hmac_sha256(pepper_, message.done())};
}

namespace {

std::vector<std::pair<std::string_view, std::string_view>> names_of(const Subject& subject) {
    std::vector<std::pair<std::string_view, std::string_view>> names{
        {subject.forename.reveal(), subject.surname.reveal()}};
    for (const auto& [forename, surname] : subject.aliases) {
        // An alias may change one half of the name only.
        names.emplace_back(
            forename.reveal().empty() ? subject.forename.reveal() : forename.reveal(),
            surname.reveal().empty() ? subject.surname.reveal() : surname.reveal());
    }
    return names;
}

/// Three weeks: scans move a due date by less as a rule. With one window more on either side two
/// dates that meet are never more than the matcher's 42 days apart.
constexpr std::int64_t due_window_days = 21;

/// Windows of due dates to be known under. Nothing: no due date that is one.
std::vector<std::string> due_windows(const Subject& subject, TokenUse use) {
    const auto due = identity::birth_date_from_text(subject.due_date.reveal());
    if (!due || !due->is_whole()) return {};
    const auto window = identity::day_number(*due) / due_window_days;
    // Who keeps a list answers to the next window on either side; who sends names one.
    const std::int64_t around = use == TokenUse::notification ? 0 : 1;
    std::vector<std::string> windows;
    for (auto one = window - around; one <= window + around; ++one)
        windows.push_back("DUE" + std::to_string(one));
    return windows;
}

/// In one text each, joined by `|`; none of whose parts one is missing.
class Texts {
public:
    void add(wire::TokenKind kind, std::initializer_list<std::string_view> parts) {
        std::string canonical;
        for (const auto part : parts) {
            if (part.empty()) return;
            if (!canonical.empty()) canonical += '|';
            canonical += part;
        }
        found_.emplace(kind, std::move(canonical));
    }
    std::set<std::pair<wire::TokenKind, std::string>> take() { return std::move(found_); }

private:
    std::set<std::pair<wire::TokenKind, std::string>> found_;
};

/// No text of these is one of a child who was born, and so none of the mother's own. All are of a
/// kind of their own, so that a broker, which cannot read them, can tell whom a birth closes; it
/// contradicts nothing: two due dates far apart are a question, and a birth is told under both
/// identities.
constexpr std::string_view unborn_mark = "UNBORN";

/// Further dates of birth by which a notification asks: day and month the other way round, where
/// that is a date; every day of a month of which the day is not known. Lists state what they know,
/// so that this costs no child a token.
std::vector<std::string> said_dates(const Subject& subject, const std::string& born, bool is_said) {
    std::vector<std::string> dates;
    if (!is_said) return dates;
    const auto known = identity::birth_date_from_text(subject.date_of_birth.reveal());
    if (!known || known->month == 0) return dates;
    const auto add = [&](std::uint8_t month, std::uint8_t day) {
        auto date = identity::to_text({known->year, month, day});
        if (date != born && !normalise_date_of_birth(date).empty())
            dates.push_back(std::move(date));
    };
    if (known->is_whole()) {
        add(known->day, known->month);
    } else {
        for (std::uint8_t day = 1; day <= 31; ++day) add(known->month, day);
    }
    return dates;
}

void add_unborn(const Subject& mother, TokenUse use, Texts& texts) {
    const std::string nhs = normalise_nhs_number(mother.nhs_number.reveal());
    const std::string born = normalise_date_of_birth(mother.date_of_birth.reveal());
    const std::string postcode = normalise_postcode(mother.postcode.reveal());
    const auto add = [&](std::initializer_list<std::string_view> parts) {
        texts.add(wire::TokenKind::unborn, parts);
    };
    const auto windows = due_windows(mother, use);
    // Who knows the due date says so: the number alone would be of any child of hers.
    const bool by_number_alone = windows.empty() || use != TokenUse::notification;
    if (by_number_alone) add({unborn_mark, nhs, born});
    for (const auto& window : windows) add({unborn_mark, nhs, born, window});
    for (const auto& [forename_text, surname_text] : names_of(mother)) {
        const auto surname = identity::folded(surname_text);
        const auto forename = identity::folded(forename_text);
        if (!identity::is_full_surname(surname)) continue;
        if (by_number_alone) add({unborn_mark, nhs, surname.whole});
        for (const auto& window : windows) {
            add({unborn_mark, nhs, surname.whole, window});
            if (identity::is_full_forename(forename))
                add({unborn_mark, forename.first, surname.whole, born, postcode, window});
        }
    }
}

}  // namespace

std::vector<std::pair<wire::TokenKind, PersonalText>> canonical_identities(const Subject& subject,
                                                                           TokenUse use) {
    using wire::TokenKind;
    Texts texts;
    const auto add = [&](TokenKind kind, std::initializer_list<std::string_view> parts) {
        texts.add(kind, parts);
    };
    const auto taken = [&] {
        std::vector<std::pair<wire::TokenKind, PersonalText>> out;
        for (const auto& [kind, canonical] : texts.take())
            out.emplace_back(kind, PersonalText(canonical));
        return out;
    };
    if (subject.unborn) {
        add_unborn(subject, use, texts);
        return taken();
    }
    // Whoever works with the child hears of the birth under either identity.
    if (use == TokenUse::notification) {
        for (const auto& before : subject.before_birth) add_unborn(before, use, texts);
    }
    std::vector<std::string> nhs_numbers{normalise_nhs_number(subject.nhs_number.reveal())};
    for (const auto& former : subject.former_nhs_numbers)
        nhs_numbers.push_back(normalise_nhs_number(former.reveal()));
    const std::string born = normalise_date_of_birth(subject.date_of_birth.reveal());
    const std::string postcode = normalise_postcode(subject.postcode.reveal());
    const std::string urn = normalise_urn(subject.school_urn.reveal());
    for (const auto& nhs : nhs_numbers) add(TokenKind::nhs_dob, {nhs, born});
    add(TokenKind::upn_dob, {normalise_upn(subject.upn.reveal()), born});
    for (const auto& former : subject.former_upns)
        add(TokenKind::upn_dob, {normalise_upn(former.reveal()), born});

    for (const auto& [forename_text, surname_text] : names_of(subject)) {
        const auto surname = identity::folded(surname_text);
        const auto forename = identity::folded(forename_text);
        // Twins are both "M" or "Baby" to somebody: such names are part of no strong kind.
        if (!identity::is_full_surname(surname)) continue;
        for (const auto& nhs : nhs_numbers) add(TokenKind::nhs_surname, {nhs, surname.whole});
        if (!identity::is_full_forename(forename)) continue;
        add(TokenKind::name_dob_postcode, {forename.first, surname.whole, born, postcode});
        if (use != TokenUse::caseload)
            add(TokenKind::name_dob_school, {forename.first, surname.whole, born, urn});
    }
    return taken();
}

std::vector<std::pair<wire::TokenKind, PersonalText>> weak_identities(const Subject& subject,
                                                                      TokenUse use) {
    using wire::TokenKind;
    const std::string born = normalise_date_of_birth(subject.date_of_birth.reveal());
    // The mother's home and name say which mother, and of which child of hers the number does.
    const std::string postcode =
        subject.unborn ? std::string() : normalise_postcode(subject.postcode.reveal());
    const bool is_said = use == TokenUse::notification && !subject.unborn;
    const auto dates = said_dates(subject, born, is_said);
    Texts texts;
    Texts by_date;  // last: where there is no room for all, these are left out
    const std::string nhs = normalise_nhs_number(subject.nhs_number.reveal());
    if (subject.unborn) texts.add(TokenKind::name_dob, {unborn_mark, nhs});
    bool is_main = true;
    for (const auto& [forename_text, surname_text] : names_of(subject)) {
        const auto surname = identity::folded(surname_text);
        const auto forename = identity::folded(forename_text);
        const bool has_surname = identity::is_full_surname(surname);
        const bool has_forename = identity::is_full_forename(forename);
        const auto letter = identity::first_letter(forename.first);
        // "Baby" begins with a letter that is nobody's.
        if (has_surname && (has_forename || letter == forename.first)) {
            if (subject.unborn)
                texts.add(TokenKind::name_dob, {unborn_mark, letter, surname.whole, born});
            else
                texts.add(TokenKind::name_dob, {letter, surname.whole, born});
            for (const auto& date : dates) {
                if (is_main || !born.empty())
                    by_date.add(TokenKind::name_dob, {letter, surname.whole, date});
            }
        }
        is_main = false;
        if (has_surname)
            texts.add(TokenKind::dob_postcode,
                      {identity::first_letter(surname.whole), born, postcode});
        // Each in the other's field, on one side: then on the other they are not.
        if (is_said && has_forename) texts.add(TokenKind::dob_postcode, {letter, born, postcode});
        if (!has_surname || !has_forename) continue;
        texts.add(TokenKind::name_postcode, {forename.first, surname.whole, postcode});
        if (!is_said) continue;
        texts.add(TokenKind::name_dob,
                  {identity::first_letter(surname.whole), forename.whole, born});
        texts.add(TokenKind::name_postcode, {surname.first, forename.whole, postcode});
    }
    std::vector<std::pair<TokenKind, PersonalText>> out;
    for (auto* some : {&texts, &by_date}) {
        for (const auto& [kind, canonical] : some->take())
            out.emplace_back(kind, PersonalText(canonical));
    }
    return out;
}

std::vector<std::pair<wire::TokenKind, PersonalText>> stated_identities(const Subject& subject) {
    auto identities = canonical_identities(subject, TokenUse::notification);
    std::ranges::move(weak_identities(subject, TokenUse::notification),
                      std::back_inserter(identities));
    return identities;
}

std::vector<wire::Token> tokens_of(const Subject& subject, TokenUse use,
                                   const TokenSource& source) {
    std::vector<wire::Token> out;
    for (const auto& [kind, canonical] : canonical_identities(subject, use)) {
        if (out.size() == limits::tokens_max) break;
        out.push_back(source.derive(kind, canonical.reveal()));
    }
    std::ranges::sort(out);
    const auto repeats = std::ranges::unique(out);
    out.erase(repeats.begin(), repeats.end());
    return out;
}

std::optional<int> age_at(std::string_view date_of_birth, const area::CivilDate& at) {
    auto born = identity::birth_date_from_text(date_of_birth);
    if (!born) return std::nullopt;
    // As young as they can be: a child is not turned away because a day is not known.
    if (born->month == 0) born->month = 12;
    if (born->day == 0) born->day = 31;
    int years = at.year - born->year;
    // Somebody born on 29 February comes of age on 1 March of a common year (Family Law Reform Act
    // 1969 s.9 with the day itself: no 29 February, so the day after the 28th).
    if (std::pair(at.month, at.day) < std::pair(born->month, born->day)) --years;
    return years;
}

}  // namespace mash::runtime
