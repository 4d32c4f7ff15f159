// Numbers that agencies give to people and places, and how far each may be trusted: a number whose
// check fails is kept as text and never links (README.md "Numbers").
#pragma once

#include <string>
#include <string_view>

namespace mash::identity {

enum class NumberQuality {
    absent,
    verified,      ///< the check passes
    placeholder,   ///< written where nothing is known: all digits equal; never matched
    check_failed,  ///< right shape, wrong check digit or letter: a quality flag, weak evidence
    temporary,     ///< temporary UPN: no check that could make it strong
    reason_code,   ///< UN1..UN7: why there is no UPN
    malformed      ///< not the shape
};
std::string_view to_text(NumberQuality quality);

struct CheckedNumber {
    std::string text;  ///< upper case, without spaces and hyphens; "" when absent
    NumberQuality quality = NumberQuality::absent;
};

/// Ten digits, weights 10..2, sum modulo 11 (NHS Data Dictionary).
CheckedNumber check_nhs_number(std::string_view text);
/// Check letter and twelve digits, weights 2..13, sum modulo 23 (DfE, "UPN guide"); with a letter
/// at the end: temporary.
CheckedNumber check_upn(std::string_view text);
/// Unique learner number: ten digits, the first not 0, weights 10..1, sum modulo 11 = 10 (HESA,
/// "Unique Learner Number"). Not one of the design's strong kinds: never more than weak evidence.
CheckedNumber check_uln(std::string_view text);

/// The number when it is verified, else "".
std::string normalise_nhs_number(std::string_view text);
std::string normalise_upn(std::string_view text);

/// Six digits, or "" (transfer files write XXXXXX for "not known").
std::string normalise_urn(std::string_view text);

/// The three digits of a local authority and the four of an establishment as one DfE number of
/// seven; "" when either is none (XXX, XXXX, and LLLL for the authority itself).
std::string dfe_number(std::string_view authority, std::string_view establishment);

/// Upper case (ASCII) without the spaces (also U+00A0) and hyphens that people put between groups.
std::string without_separators(std::string_view text);

}  // namespace mash::identity
