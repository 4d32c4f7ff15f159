#include "agents/runtime/identity/numbers.hpp"

#include <algorithm>

namespace mash::identity {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }
int digit(std::string_view text, std::size_t at) { return text[at] - '0'; }

bool all_equal(std::string_view text) {
    return std::ranges::all_of(text, [&](char c) { return c == text.front(); });
}

int weighted_sum(std::string_view ten_digits) {
    int sum = 0;
    for (std::size_t i = 0; i < 9; ++i) sum += digit(ten_digits, i) * (10 - static_cast<int>(i));
    return sum;
}

constexpr std::string_view upn_letters = "ABCDEFGHJKLMNPQRTUVWXYZ";

std::string verified_only(CheckedNumber number) {
    return number.quality == NumberQuality::verified ? std::move(number.text) : std::string();
}

}  // namespace

std::string_view to_text(NumberQuality quality) {
    switch (quality) {
        case NumberQuality::absent: return "absent";
        case NumberQuality::verified: return "verified";
        case NumberQuality::placeholder: return "placeholder";
        case NumberQuality::check_failed: return "check_failed";
        case NumberQuality::temporary: return "temporary";
        case NumberQuality::reason_code: return "reason_code";
        case NumberQuality::malformed: return "malformed";
    }
    return {};
}

std::string without_separators(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ' ' || c == '-' || c == '\t') continue;
        if (c == '\xC2' && i + 1 < text.size() && text[i + 1] == '\xA0') {
            ++i;
            continue;
        }
        out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return out;
}

CheckedNumber check_nhs_number(std::string_view text) {
    CheckedNumber out{without_separators(text), NumberQuality::malformed};
    if (out.text.empty()) return {};
    if (out.text.size() != 10 || !all_digits(out.text)) return out;
    const int check = (11 - weighted_sum(out.text) % 11) % 11;
    if (all_equal(out.text))
        out.quality = NumberQuality::placeholder;
    else
        out.quality = check != 10 && check == digit(out.text, 9) ? NumberQuality::verified
                                                                 : NumberQuality::check_failed;
    return out;
}

CheckedNumber check_upn(std::string_view text) {
    CheckedNumber out{without_separators(text), NumberQuality::malformed};
    const std::string& upn = out.text;
    if (upn.empty()) return {};
    if (upn.size() == 3 && upn.starts_with("UN") && upn[2] >= '1' && upn[2] <= '7') {
        out.quality = NumberQuality::reason_code;
        return out;
    }
    if (upn.size() != 13 || upn_letters.find(upn[0]) == std::string_view::npos ||
        !all_digits(std::string_view(upn).substr(1, 11)))
        return out;
    if (is_upper(upn[12])) {
        out.quality = NumberQuality::temporary;
        return out;
    }
    if (!is_digit(upn[12])) return out;
    if (all_equal(std::string_view(upn).substr(1))) {
        out.quality = NumberQuality::placeholder;
        return out;
    }
    int sum = 0;
    for (std::size_t i = 1; i < 13; ++i) sum += digit(upn, i) * (static_cast<int>(i) + 1);
    out.quality = upn_letters[static_cast<std::size_t>(sum % 23)] == upn[0]
                      ? NumberQuality::verified
                      : NumberQuality::check_failed;
    return out;
}

CheckedNumber check_uln(std::string_view text) {
    CheckedNumber out{without_separators(text), NumberQuality::malformed};
    if (out.text.empty()) return {};
    if (out.text.size() != 10 || !all_digits(out.text)) return out;
    // Ten weights, the last 1: disjoint from NHS numbers, where the same sum leaves 0.
    const int rest = (weighted_sum(out.text) + digit(out.text, 9)) % 11;
    if (all_equal(out.text))
        out.quality = NumberQuality::placeholder;
    else
        out.quality = rest == 10 && out.text.front() != '0' ? NumberQuality::verified
                                                            : NumberQuality::check_failed;
    return out;
}

std::string normalise_nhs_number(std::string_view text) {
    return verified_only(check_nhs_number(text));
}

std::string normalise_upn(std::string_view text) { return verified_only(check_upn(text)); }

std::string normalise_urn(std::string_view text) {
    std::string urn = without_separators(text);
    return urn.size() == 6 && all_digits(urn) ? urn : std::string{};
}

std::string dfe_number(std::string_view authority, std::string_view establishment) {
    const std::string joined = without_separators(authority) + without_separators(establishment);
    const bool is_whole = without_separators(authority).size() == 3 && joined.size() == 7;
    return is_whole && all_digits(joined) ? joined : std::string{};
}

}  // namespace mash::identity
