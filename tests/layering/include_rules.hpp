// Checks arrows: given who may see whom, finds every #include, library, word and CMake dependency
// that goes another way. The arrows themselves stand in include_rules_test.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/layering/source_tree.hpp"

namespace mash::layering {

/// One folder, which is one target. Files below it belong to the row with the longest matching
/// folder.
struct FolderRule {
    std::string folder;
    std::string target;
    std::vector<std::string> may_see;  ///< folders of ours, besides itself
    std::vector<std::string>
        main_may_see;  ///< further folders for main.cpp, which wires them together
    bool pure =
        false;  ///< no clock, thread, socket, file or random source (design part 2, rule 10)
};

/// Headers that begin with one of `prefixes` may be included in `folders` only.
struct LibraryRule {
    std::string name;
    std::vector<std::string> prefixes;
    std::vector<std::string> folders;
    bool in_headers = true;  ///< false: in .cpp files only, because each includer pays for it
    std::string wrapper{};   ///< the one header that sets the library's switches, for .cpp files
};

/// No file under `folder` may reach a file under one of `hidden`, however long the chain of
/// includes.
struct BlindnessRule {
    std::string folder;
    std::vector<std::string> hidden;
};

struct Rules {
    std::vector<FolderRule> folders;
    std::vector<LibraryRule> libraries;
    /// Files of pure folders that touch the machine all the same, without their ending: exempt from
    /// purity, and so no other file of a pure folder may reach them by any chain of includes.
    std::vector<std::string> doors;
    std::vector<std::string> impure_headers;  ///< not to be included in pure folders
    std::vector<std::string> impure_words;    ///< not to occur in the code of pure folders
    BlindnessRule blindness;
};

/// Null if no row covers `path`.
const FolderRule* rule_for(const Rules& rules, std::string_view path);

std::vector<Violation> check_arrows(const Rules& rules, const std::vector<SourceFile>& files);
std::vector<Violation> check_libraries(const Rules& rules, const std::vector<SourceFile>& files);
std::vector<Violation> check_purity(const Rules& rules, const std::vector<SourceFile>& files);
std::vector<Violation> check_blindness(const Rules& rules, const std::vector<SourceFile>& files);
/// One violation for each ring of includes, at the include that closes it.
std::vector<Violation> check_cycles(const std::vector<SourceFile>& files);
/// DEPS and PRIVATE_DEPS of mash_library and mash_program, and target_link_libraries, in
/// CMakeLists.txt files.
std::vector<Violation> check_cmake(const Rules& rules, const std::vector<SourceFile>& files);
/// The table itself: every row seen exists as a row, and following rows never leads back.
std::vector<Violation> check_table(const Rules& rules);

}  // namespace mash::layering
