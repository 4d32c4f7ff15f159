#include "agents/runtime/identity/names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

namespace mash::identity {

namespace {

// Letters that Unicode does not decompose, as British records spell them: without stroke or hook.
// Where records have no habit, as ICAO Doc 9303 part 3 spells them in passports.
std::u16string_view spelt_out(UChar32 c) {
    switch (c) {
        case 0x00DF:
        case 0x1E9E: return u"SS";
        case 0x00C6:
        case 0x00E6: return u"AE";
        case 0x0152:
        case 0x0153: return u"OE";
        case 0x00DE:
        case 0x00FE: return u"TH";
        case 0x0181:
        case 0x0253: return u"B";
        case 0x00D0:
        case 0x00F0:
        case 0x0110:
        case 0x0111:
        case 0x0189:
        case 0x018A:
        case 0x0256:
        case 0x0257: return u"D";
        case 0x018E:
        case 0x018F:
        case 0x0190:
        case 0x01DD:
        case 0x0259:
        case 0x025B: return u"E";
        case 0x0193:
        case 0x0194:
        case 0x01E4:
        case 0x01E5:
        case 0x0260:
        case 0x0263: return u"G";
        case 0x0126:
        case 0x0127: return u"H";
        case 0x0131:
        case 0x0197:
        case 0x0268: return u"I";
        case 0x0198:
        case 0x0199: return u"K";
        case 0x0141:
        case 0x0142: return u"L";
        case 0x014A:
        case 0x014B:
        case 0x019D:
        case 0x0272: return u"N";
        case 0x00D8:
        case 0x00F8:
        case 0x0186:
        case 0x0254: return u"O";
        case 0x0138: return u"Q";
        case 0x0166:
        case 0x0167: return u"T";
        case 0x0244:
        case 0x0289: return u"U";
        case 0x01B2:
        case 0x028B: return u"V";
        case 0x01B3:
        case 0x01B4: return u"Y";
        case 0x01B5:
        case 0x01B6: return u"Z";
        default: return {};
    }
}

bool is_apostrophe(UChar32 c) {
    switch (c) {
        case '\'':
        case '`':
        case 0x00B4:  // acute accent standing alone; NFKD would make a space of it
        case 0x2018:
        case 0x2019:
        case 0x201B:
        case 0x2032:
        case 0xFF07: return true;
        default: return false;
    }
}

std::u16string utf16_of(std::string_view utf8) {
    UErrorCode error = U_ZERO_ERROR;
    std::u16string out(utf8.size() + 1, u'\0');
    std::int32_t length = 0;
    u_strFromUTF8WithSub(out.data(), static_cast<std::int32_t>(out.size()), &length, utf8.data(),
                         static_cast<std::int32_t>(utf8.size()), 0xFFFD, nullptr, &error);
    if (U_FAILURE(error)) return {};
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::u16string decomposed(const std::u16string& source) {
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2* nfkd = unorm2_getNFKDInstance(&error);
    if (U_FAILURE(error)) return {};
    std::u16string out(source.size() * 4 + 64, u'\0');
    const auto normalise = [&] {
        return unorm2_normalize(nfkd, source.data(), static_cast<std::int32_t>(source.size()),
                                out.data(), static_cast<std::int32_t>(out.size()), &error);
    };
    std::int32_t length = normalise();
    if (error == U_BUFFER_OVERFLOW_ERROR) {
        error = U_ZERO_ERROR;
        out.resize(static_cast<std::size_t>(length) + 1);
        length = normalise();
    }
    if (U_FAILURE(error)) return {};
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::string utf8_of(const std::u16string& word) {
    UErrorCode error = U_ZERO_ERROR;
    std::string out(word.size() * 3 + 1, '\0');
    std::int32_t bytes = 0;
    u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &bytes, word.data(),
                static_cast<std::int32_t>(word.size()), &error);
    if (U_FAILURE(error)) return {};
    out.resize(static_cast<std::size_t>(bytes));
    return out;
}

enum class Mark { letter, dropped, hyphen, separator };

Mark mark_of(UChar32 c) {
    if (is_apostrophe(c) || c == 0xFFFD) return Mark::dropped;
    switch (u_charType(c)) {
        case U_NON_SPACING_MARK:
        case U_ENCLOSING_MARK:
        case U_COMBINING_SPACING_MARK:
        case U_FORMAT_CHAR:
        case U_MODIFIER_LETTER: return Mark::dropped;  // also ayn, hamza and okina
        case U_DASH_PUNCTUATION: return Mark::hyphen;
        default: break;
    }
    if (c == 0x2212) return Mark::hyphen;
    return u_isalnum(c) ? Mark::letter : Mark::separator;
}

/// Pieces between spaces, each of parts between hyphens; none is empty.
std::vector<std::vector<std::string>> pieces_of(std::string_view utf8) {
    std::u16string source = utf16_of(utf8);
    for (auto& unit : source) {
        if (is_apostrophe(unit)) unit = u'\'';
    }
    const std::u16string flat = decomposed(source);
    std::vector<std::vector<std::string>> pieces(1);
    std::u16string part;
    const auto end_part = [&] {
        std::string text = utf8_of(part);
        if (!text.empty()) pieces.back().push_back(std::move(text));
        part.clear();
    };
    const auto length = static_cast<std::int32_t>(flat.size());
    for (std::int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U16_NEXT(flat.data(), i, length, c);
        const auto spelt = spelt_out(c);
        if (!spelt.empty()) {
            part.append(spelt);
            continue;
        }
        switch (mark_of(c)) {
            case Mark::dropped: break;
            case Mark::letter: {
                const UChar32 upper = u_toupper(c);
                std::array<UChar, 2> units{};
                std::int32_t count = 0;
                U16_APPEND_UNSAFE(units.data(), count, upper);
                part.append(units.data(), static_cast<std::size_t>(count));
                break;
            }
            case Mark::hyphen: end_part(); break;
            case Mark::separator:
                end_part();
                if (!pieces.back().empty()) pieces.emplace_back();
                break;
        }
    }
    end_part();
    if (pieces.back().empty()) pieces.pop_back();
    return pieces;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts) out += part;
    return out;
}

bool is_title(std::string_view word) {
    static constexpr std::array<std::string_view, 12> titles{
        "MR", "MRS", "MISS", "MS", "MX", "DR", "MASTER", "MSTR", "SIR", "REV", "PROF", "LADY"};
    return std::ranges::find(titles, word) != titles.end();
}

// What stands in either name field for "not known"; then what stands for a forename not given yet.
constexpr std::array<std::string_view, 14> nobody{
    "UNKNOWN", "UNK",      "NOTKNOWN", "NK",        "NOTGIVEN", "NOTSTATED", "NOTRECORDED",
    "UNNAMED", "NOTNAMED", "UNBORN",   "NOSURNAME", "NONAME",   "TBC",       "TBA"};
constexpr std::array<std::string_view, 17> not_named_yet{
    "BABY",    "BABYBOY", "BABYGIRL", "BABYOF",  "INFANT",    "INFANTOF",
    "NEWBORN", "TWIN",    "TRIPLET",  "TWINONE", "TWINTWO",   "MALE",
    "FEMALE",  "BOY",     "GIRL",     "CHILD",   "NOFORENAME"};

bool is_filler(std::string_view word) {
    return word.size() >= 2 && (word.find_first_not_of('X') == std::string_view::npos ||
                                word.find_first_not_of('Z') == std::string_view::npos);
}

std::string without_digits(std::string_view word) {
    std::string out(word);
    std::erase_if(out, [](char c) { return c >= '0' && c <= '9'; });
    return out;
}

bool names_somebody(std::string_view folded_name) {
    const std::string word = without_digits(folded_name);
    return word.size() >= 2 && !is_filler(word) && std::ranges::find(nobody, word) == nobody.end();
}

}  // namespace

FoldedName folded(std::string_view utf8) {
    auto pieces = pieces_of(utf8);
    // A single word is a name, even when it looks like a title.
    if (pieces.size() > 1 && is_title(joined(pieces.front()))) pieces.erase(pieces.begin());
    FoldedName out;
    for (const auto& piece : pieces) {
        const std::string word = joined(piece);
        if (out.first.empty()) out.first = word;
        out.whole += word;
        out.parts.insert(out.parts.end(), piece.begin(), piece.end());
    }
    return out;
}

std::string fold_name(std::string_view utf8) { return folded(utf8).whole; }

std::string first_forename(std::string_view utf8) { return folded(utf8).first; }

bool is_full_surname(const FoldedName& surname) { return names_somebody(surname.whole); }

bool is_full_forename(const FoldedName& forename) {
    // "Not Known" is nobody as a whole, "Twin Mia" by its first word.
    const std::string first = without_digits(forename.first);
    return names_somebody(forename.whole) && names_somebody(forename.first) &&
           std::ranges::find(not_named_yet, first) == not_named_yet.end();
}

}  // namespace mash::identity
