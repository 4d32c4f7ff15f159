// Checks what is written beside the code: that a README names only files that exist, that each
// folder explains itself and its decisions, and that nothing committed names a place on the machine
// where it was written.
#pragma once

#include <string>
#include <vector>

#include "tests/layering/source_tree.hpp"

namespace mash::layering {

/// A name in backticks counts as a file if it has a slash and begins with one of our top folders or
/// with ".ci", or if it ends as a C++ file does. It may be written from the root or from the
/// README's folder, and may hold * and {a,b}.
std::vector<Violation> check_named_files(const std::vector<SourceFile>& files);

/// Every folder with C++ files under common, broker, agents and proto, and each top folder above
/// such files but common, has a README.md; these, and deploy's, have a heading "## Decisions".
std::vector<Violation> check_readmes(const std::vector<SourceFile>& files);

/// Absolute paths of a developer's home or work folder.
std::vector<Violation> check_machine_paths(const std::vector<SourceFile>& files);

/// True if `path` matches `pattern`, in which * stands for anything but a slash.
bool matches(std::string_view pattern, std::string_view path);

}  // namespace mash::layering
