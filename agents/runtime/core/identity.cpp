#include "agents/runtime/core/identity.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "common/base/limits.hpp"
#include "common/crypto/hash.hpp"

namespace mash::runtime {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

std::string ascii_upper(std::string_view text) {
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

// Spaces (also U+00A0 in UTF-8) and hyphens, which people and systems put between groups of digits.
std::string without_separators(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ' ' || c == '-' || c == '\t') continue;
        if (c == '\xC2' && i + 1 < text.size() && text[i + 1] == '\xA0') {
            ++i;
            continue;
        }
        out.push_back(c);
    }
    return out;
}

// Letters that Unicode does not decompose, as British records spell them without the stroke.
std::u16string_view spelt_out(UChar32 c) {
    switch (c) {
        case 0x00DF:
        case 0x1E9E: return u"SS";
        case 0x00C6:
        case 0x00E6: return u"AE";
        case 0x0152:
        case 0x0153: return u"OE";
        case 0x00D8:
        case 0x00F8: return u"O";
        case 0x0141:
        case 0x0142: return u"L";
        case 0x0110:
        case 0x0111:
        case 0x00D0:
        case 0x00F0: return u"D";
        case 0x00DE:
        case 0x00FE: return u"TH";
        case 0x0126:
        case 0x0127: return u"H";
        case 0x0166:
        case 0x0167: return u"T";
        case 0x0131: return u"I";
        case 0x014A:
        case 0x014B: return u"N";
        default: return {};
    }
}

// Words of folded letters and digits; everything that is neither ends a word or, for apostrophes,
// vanishes.
std::vector<std::string> folded_words(std::string_view utf8) {
    UErrorCode error = U_ZERO_ERROR;
    std::u16string source(utf8.size() + 1, u'\0');
    std::int32_t length = 0;
    u_strFromUTF8WithSub(source.data(), static_cast<std::int32_t>(source.size()), &length,
                         utf8.data(), static_cast<std::int32_t>(utf8.size()), 0xFFFD, nullptr,
                         &error);
    if (U_FAILURE(error)) return {};
    source.resize(static_cast<std::size_t>(length));

    const UNormalizer2* nfkd = unorm2_getNFKDInstance(&error);
    if (U_FAILURE(error)) return {};
    std::u16string flat(source.size() * 4 + 64, u'\0');
    length = unorm2_normalize(nfkd, source.data(), static_cast<std::int32_t>(source.size()),
                              flat.data(), static_cast<std::int32_t>(flat.size()), &error);
    if (error == U_BUFFER_OVERFLOW_ERROR) {
        error = U_ZERO_ERROR;
        flat.resize(static_cast<std::size_t>(length) + 1);
        length = unorm2_normalize(nfkd, source.data(), static_cast<std::int32_t>(source.size()),
                                  flat.data(), static_cast<std::int32_t>(flat.size()), &error);
    }
    if (U_FAILURE(error)) return {};
    flat.resize(static_cast<std::size_t>(length));

    std::vector<std::u16string> words(1);
    for (std::int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U16_NEXT(flat.data(), i, length, c);
        const auto category = u_charType(c);
        if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK ||
            category == U_FORMAT_CHAR)
            continue;
        const auto spelt = spelt_out(c);
        if (!spelt.empty()) {
            words.back().append(spelt);
        } else if (u_isalnum(c)) {
            const UChar32 upper = u_toupper(c);
            std::array<UChar, 2> units{};
            std::int32_t count = 0;
            U16_APPEND_UNSAFE(units.data(), count, upper);
            words.back().append(units.data(), static_cast<std::size_t>(count));
        } else if (c != '\'' && c != 0x2019 && c != 0x2018 && c != 0x02BC && c != '`' &&
                   c != 0x00B4) {
            if (!words.back().empty()) words.emplace_back();
        }
    }
    std::vector<std::string> out;
    for (const auto& word : words) {
        if (word.empty()) continue;
        std::string text(word.size() * 3 + 1, '\0');
        std::int32_t bytes = 0;
        u_strToUTF8(text.data(), static_cast<std::int32_t>(text.size()), &bytes, word.data(),
                    static_cast<std::int32_t>(word.size()), &error);
        if (U_FAILURE(error)) return {};
        text.resize(static_cast<std::size_t>(bytes));
        out.push_back(std::move(text));
    }
    return out;
}

bool is_title(const std::string& word) {
    static constexpr std::array<std::string_view, 12> titles{
        "MR", "MRS", "MISS", "MS", "MX", "DR", "MASTER", "MSTR", "SIR", "REV", "PROF", "LADY"};
    return std::ranges::find(titles, word) != titles.end();
}

std::vector<std::string> words_without_title(std::string_view utf8) {
    auto words = folded_words(utf8);
    // A single word is a name, even when it looks like a title.
    if (words.size() > 1 && is_title(words.front())) words.erase(words.begin());
    return words;
}

}  // namespace

std::string normalise_nhs_number(std::string_view text) {
    const std::string digits = without_separators(text);
    if (digits.size() != 10 || !std::ranges::all_of(digits, is_digit)) return {};
    if (std::ranges::all_of(digits, [&](char c) { return c == digits.front(); })) return {};
    int sum = 0;
    for (int i = 0; i < 9; ++i) sum += (digits[static_cast<std::size_t>(i)] - '0') * (10 - i);
    const int check = (11 - sum % 11) % 11;
    return check != 10 && check == digits[9] - '0' ? digits : std::string{};
}

std::string normalise_upn(std::string_view text) {
    static constexpr std::string_view letters = "ABCDEFGHJKLMNPQRTUVWXYZ";
    const std::string upn = ascii_upper(without_separators(text));
    if (upn.size() != 13 || letters.find(upn[0]) == std::string_view::npos) return {};
    if (!std::all_of(upn.begin() + 1, upn.end(), is_digit)) return {};
    int sum = 0;
    for (int i = 1; i < 13; ++i) sum += (upn[static_cast<std::size_t>(i)] - '0') * (i + 1);
    return letters[static_cast<std::size_t>(sum % 23)] == upn[0] ? upn : std::string{};
}

std::string normalise_postcode(std::string_view text) {
    const std::string code = ascii_upper(without_separators(text));
    if (code.size() < 5 || code.size() > 7) return {};
    const std::string_view outward = std::string_view(code).substr(0, code.size() - 3);
    const std::string_view inward = std::string_view(code).substr(code.size() - 3);
    if (!is_digit(inward[0]) || !is_upper(inward[1]) || !is_upper(inward[2])) return {};
    std::string joined = std::string(outward) + " " + std::string(inward);
    if (joined == "GIR 0AA") return joined;
    std::size_t letters = 0;
    while (letters < outward.size() && is_upper(outward[letters])) ++letters;
    if (letters < 1 || letters > 2) return {};
    const std::string_view rest = outward.substr(letters);
    const bool district =
        (rest.size() == 1 && is_digit(rest[0])) ||
        (rest.size() == 2 && is_digit(rest[0]) && (is_digit(rest[1]) || is_upper(rest[1])));
    if (!district || outward == "ZZ99") return {};
    return joined;
}

std::string fold_name(std::string_view utf8) {
    std::string out;
    for (const auto& word : words_without_title(utf8)) out += word;
    return out;
}

std::string first_forename(std::string_view utf8) {
    // "Mary-Ann" is one forename, "Mary Ann" two: cut at the first space before folding.
    const auto words = words_without_title(utf8);
    if (words.empty()) return {};
    std::string_view rest = utf8;
    while (!rest.empty()) {
        const auto begin = rest.find_first_not_of(" \t\xC2\xA0");
        if (begin == std::string_view::npos) break;
        rest.remove_prefix(begin);
        const auto end = rest.find_first_of(" \t\xC2\xA0");
        const auto piece = rest.substr(0, end);
        const auto folded = folded_words(piece);
        std::string joined;
        for (const auto& word : folded) joined += word;
        if (!joined.empty() && !(is_title(joined) && words.front() != joined)) return joined;
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end);
    }
    return words.front();
}

std::string normalise_date_of_birth(std::string_view text) {
    const auto date = area::civil_date_from_text(text);
    if (!date || date->year < 1900 || date->year > 2100) return {};
    return area::to_text(*date);
}

std::string normalise_urn(std::string_view text) {
    const std::string urn = without_separators(text);
    return urn.size() == 6 && std::ranges::all_of(urn, is_digit) ? urn : std::string{};
}

PepperTokens::PepperTokens(crypto::SecretBytes pepper, std::uint16_t epoch)
    : pepper_(std::move(pepper)), epoch_(epoch) {}

wire::Token PepperTokens::derive(wire::TokenKind kind, std::string_view canonical) const {
    Writer message;
    message.text("mash.v1.token").u8(static_cast<std::uint8_t>(kind)).u16(epoch_).text(canonical);
    return {kind, epoch_, crypto::hmac_sha256(pepper_, message.done())};
}

std::vector<std::pair<wire::TokenKind, PersonalText>> canonical_identities(const Subject& subject,
                                                                           TokenUse use) {
    using wire::TokenKind;
    std::set<std::pair<TokenKind, std::string>> found;
    const auto add = [&](TokenKind kind, std::initializer_list<std::string_view> parts) {
        std::string canonical;
        for (const auto part : parts) {
            if (part.empty()) return;
            if (!canonical.empty()) canonical += '|';
            canonical += part;
        }
        found.emplace(kind, std::move(canonical));
    };
    const std::string nhs = normalise_nhs_number(subject.nhs_number.reveal());
    const std::string upn = normalise_upn(subject.upn.reveal());
    const std::string born = normalise_date_of_birth(subject.date_of_birth.reveal());
    const std::string postcode = normalise_postcode(subject.postcode.reveal());
    const std::string urn = normalise_urn(subject.school_urn.reveal());
    add(TokenKind::nhs_dob, {nhs, born});
    add(TokenKind::upn_dob, {upn, born});

    std::vector<std::pair<std::string_view, std::string_view>> names{
        {subject.forename.reveal(), subject.surname.reveal()}};
    for (const auto& [forename, surname] : subject.aliases) {
        // An alias may change one half of the name only.
        names.emplace_back(
            forename.reveal().empty() ? subject.forename.reveal() : forename.reveal(),
            surname.reveal().empty() ? subject.surname.reveal() : surname.reveal());
    }
    for (const auto& [forename_text, surname_text] : names) {
        const std::string surname = fold_name(surname_text);
        const std::string forename = first_forename(forename_text);
        add(TokenKind::nhs_surname, {nhs, surname});
        add(TokenKind::name_dob_postcode, {forename, surname, born, postcode});
        if (use != TokenUse::caseload)
            add(TokenKind::name_dob_school, {forename, surname, born, urn});
    }
    std::vector<std::pair<TokenKind, PersonalText>> out;
    out.reserve(found.size());
    for (const auto& [kind, canonical] : found) out.emplace_back(kind, PersonalText(canonical));
    return out;
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
    const auto born = area::civil_date_from_text(date_of_birth);
    if (!born) return std::nullopt;
    int years = at.year - born->year;
    // Somebody born on 29 February comes of age on 1 March of a common year (Family Law Reform Act
    // 1969 s.9 with the day itself: no 29 February, so the day after the 28th).
    if (std::pair(at.month, at.day) < std::pair(born->month, born->day)) --years;
    return years;
}

}  // namespace mash::runtime
