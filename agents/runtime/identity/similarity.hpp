// How alike two words are. Works on bytes of folded names (names.hpp), which are ASCII for nearly
// every name in British records.
#pragma once

#include <string>
#include <string_view>

namespace mash::identity {

/// M. A. Jaro, "Advances in record-linkage methodology as applied to matching the 1985 census of
/// Tampa, Florida", JASA 84 (1989). 0 nothing in common, 1 equal.
double jaro(std::string_view a, std::string_view b);

/// W. E. Winkler, "String comparator metrics and enhanced decision rules in the Fellegi-Sunter
/// model of record linkage" (1990): a common prefix of up to four letters adds a tenth each of
/// what is missing.
double jaro_winkler(std::string_view a, std::string_view b);

/// American Soundex as the US National Archives publish it: H and W do not separate equal codes.
/// "" when there is no letter A to Z.
std::string soundex(std::string_view upper);

/// One letter inserted, left out or replaced, or two neighbours changed places (Damerau 1964); not
/// equal.
bool is_one_slip(std::string_view a, std::string_view b);

}  // namespace mash::identity
