// Reads the repository as text: files, their includes, and code without comments and literals.
// What is allowed is not decided here (include_rules, documents).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mash::layering {

/// `path` is written from the repository root, with '/'.
struct SourceFile {
    std::string path;
    std::string text;
};

struct Include {
    std::string name;  ///< between the quotes or brackets
    bool quoted = false;
    int line = 0;
};

/// One thing that is wrong, at a place that an editor can jump to.
struct Violation {
    std::string path;
    int line = 0;
    std::string message;
    friend bool operator==(const Violation&, const Violation&) = default;
};

/// "path:line: message", a line each.
std::string to_text(const std::vector<Violation>& violations);

/// Every file that git would commit: tracked or new, not ignored, under `root`; of binary ones the
/// text is empty. Falls back to walking the folder where there is no git (an unpacked archive).
std::vector<SourceFile> committed_files(const std::string& root);

bool is_cpp(std::string_view path);
bool is_header(std::string_view path);
std::string folder_of(std::string_view path);
/// True if `path` is `folder` or lies below it.
bool lies_in(std::string_view path, std::string_view folder);

std::vector<Include> includes_of(const SourceFile& file);

/// The code with comments and the contents of literals blanked out; lines keep their numbers.
std::string code_only(std::string_view text);
/// Comments blanked out, literals kept.
std::string without_comments(std::string_view text);

std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace mash::layering
