// Names in the form in which they are compared. The table is ours and frozen with the version
// (README.md): two agencies with different releases of ICU must fold alike, or a child is not
// found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mash::identity {

struct FoldedName {
    std::string whole;               ///< everything but a leading title, joined: "ANNMARIEJANE"
    std::string first;               ///< up to the first space: "ANNMARIE" of "Ann-Marie Jane"
    std::vector<std::string> parts;  ///< also cut at hyphens: "ANN", "MARIE", "JANE"
};

/// NFKD without marks, upper case, letters that Unicode does not decompose spelt out, apostrophes
/// and what stands for them dropped, a leading title dropped when something follows it.
FoldedName folded(std::string_view utf8);
std::string fold_name(std::string_view utf8);
std::string first_forename(std::string_view utf8);

/// False for an initial, and for what is written where no name is known or given yet: Baby, Twin 1,
/// Unknown. Twins are both "Baby" for weeks, so none of these is part of a strong kind.
bool is_full_forename(const FoldedName& forename);
bool is_full_surname(const FoldedName& surname);

}  // namespace mash::identity
