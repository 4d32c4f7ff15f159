// Stories a practitioner can read, played by the simulator: one sentence a line, each an event or
// an expectation. The words are in README.md.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/invariants.hpp"

namespace mash::scenarios {

/// What became of a story.
struct Played {
    std::vector<std::string> faults;   ///< "file:line: what is wrong"; none: it holds
    std::vector<std::string> pending;  ///< "file:line: issue: the sentence as it will read"
};
/// Plays one file; after each line every invariant is checked as well.
Played play(const simulation::Enrolled& base, const std::string& file, std::string_view text);

/// Exposed for its own test: splits "a {name} line" patterns.
using Bound = std::map<std::string, std::string>;
/// True when the words of `line` fit `pattern`; {word} binds one word, {rest...} binds what is
/// left.
bool matches(std::string_view pattern, std::string_view line, Bound& bound);

}  // namespace mash::scenarios
