// Checks what is written beside the code: that a README names only files that exist, that each
// folder explains itself and its decisions, and that nothing committed names a place on the machine
// where it was written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/layering/source_tree.hpp"

namespace mash::layering {

/// A name in backticks counts as a file if it has a slash and begins with one of our top folders or
/// with ".ci", or if it ends as a C++ file does. It may be written from the root or from the
/// README's folder, and may hold * and {a,b}. In a table headed "folder" or "file" everything in
/// backticks in the first column counts.
std::vector<Violation> check_named_files(const std::vector<SourceFile>& files);

/// Every folder with files under our top folders has a README.md; one that holds data alone may
/// be named by the nearest README above instead. The tree below `mirror`, which repeats the
/// sources', needs none of its own. Each README ends in "## Decisions", and nothing but decisions
/// with their dates stands under that.
std::vector<Violation> check_readmes(const std::vector<SourceFile>& files, std::string_view mirror);

/// proto/README.md has a row for each .proto file, and names each message in backticks.
std::vector<Violation> check_protocol_page(const std::vector<SourceFile>& files);

/// Absolute paths of a developer's home or work folder.
std::vector<Violation> check_machine_paths(const std::vector<SourceFile>& files);

/// True if `path` matches `pattern`, in which * stands for anything but a slash.
bool matches(std::string_view pattern, std::string_view path);

}  // namespace mash::layering
