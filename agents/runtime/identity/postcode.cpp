#include "agents/runtime/identity/postcode.hpp"

#include <algorithm>
#include <array>

#include "agents/runtime/identity/numbers.hpp"

namespace mash::identity {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// Royal Mail's areas with Jersey, Guernsey, the Isle of Man and the forces (BF); sorted.
constexpr std::array<std::string_view, 125> areas{
    "AB", "AL", "B",  "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB", "CF",
    "CH", "CM", "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY",
    "E",  "EC", "EH", "EN", "EX", "FK", "FY", "G",  "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR",
    "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L",  "LA", "LD", "LE",
    "LL", "LN", "LS", "LU", "M",  "ME", "MK", "ML", "N",  "NE", "NG", "NN", "NP", "NR", "NW", "OL",
    "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S",  "SA", "SE", "SG", "SK", "SL",
    "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS",
    "TW", "UB", "W",  "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE"};
static_assert(std::ranges::is_sorted(areas));

// Never used in the inward half, because they are misread (Royal Mail, "Programmers' Guide").
constexpr std::string_view unused_inward = "CIKMOV";

}  // namespace

std::string_view to_text(PostcodeQuality quality) {
    switch (quality) {
        case PostcodeQuality::absent: return "absent";
        case PostcodeQuality::real: return "real";
        case PostcodeQuality::impossible: return "impossible";
        case PostcodeQuality::no_fixed_address: return "no_fixed_address";
        case PostcodeQuality::malformed: return "malformed";
    }
    return {};
}

CheckedPostcode check_postcode(std::string_view text) {
    const std::string code = without_separators(text);
    if (code.empty()) return {};
    CheckedPostcode malformed{code, PostcodeQuality::malformed};
    if (code.size() < 5 || code.size() > 7) return malformed;
    const std::string_view outward = std::string_view(code).substr(0, code.size() - 3);
    const std::string_view inward = std::string_view(code).substr(code.size() - 3);
    if (!is_digit(inward[0]) || !is_upper(inward[1]) || !is_upper(inward[2])) return malformed;
    CheckedPostcode out{std::string(outward) + " " + std::string(inward), PostcodeQuality::real};
    if (out.text == "GIR 0AA") return out;
    std::size_t letters = 0;
    while (letters < outward.size() && is_upper(outward[letters])) ++letters;
    const std::string_view district = outward.substr(letters);
    const bool is_district =
        !district.empty() && district.size() <= 2 && is_digit(district[0]) &&
        (district.size() == 1 || is_digit(district[1]) || is_upper(district[1]));
    if (letters < 1 || letters > 2 || !is_district) return malformed;
    if (outward == "ZZ99")
        out.quality = PostcodeQuality::no_fixed_address;
    else if (!std::ranges::binary_search(areas, outward.substr(0, letters)) ||
             unused_inward.find(inward[1]) != std::string_view::npos ||
             unused_inward.find(inward[2]) != std::string_view::npos)
        out.quality = PostcodeQuality::impossible;
    return out;
}

std::string normalise_postcode(std::string_view text) {
    auto checked = check_postcode(text);
    const bool is_address =
        checked.quality == PostcodeQuality::real || checked.quality == PostcodeQuality::impossible;
    return is_address ? std::move(checked.text) : std::string{};
}

}  // namespace mash::identity
