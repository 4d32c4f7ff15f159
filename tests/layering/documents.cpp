#include "tests/layering/documents.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>

namespace mash::layering {
namespace {

constexpr std::array<std::string_view, 8> top_folders{"common", "broker", "agents", "proto",
                                                      "tests",  "deploy", "cmake",  ".ci"};

bool is_readme(std::string_view path) {
    return path == "README.md" || path.ends_with("/README.md");
}

bool is_path_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("._-/*{},").find(c) != std::string_view::npos;
}

/// "a/{b,c}.md" -> "a/b.md", "a/c.md".
std::vector<std::string> expand_braces(const std::string& pattern) {
    const auto open = pattern.find('{');
    const auto close = pattern.find('}', open == std::string::npos ? 0 : open);
    if (open == std::string::npos || close == std::string::npos) return {pattern};
    std::vector<std::string> expanded;
    for (std::size_t at = open + 1; at <= close;) {
        const auto end = std::min(pattern.find(',', at), close);
        const auto rest = expand_braces(pattern.substr(0, open) + pattern.substr(at, end - at) +
                                        pattern.substr(close + 1));
        expanded.insert(expanded.end(), rest.begin(), rest.end());
        at = end + 1;
    }
    return expanded;
}

/// The file that a span in backticks names, or "" if it names something else.
std::string named_file(std::string_view span) {
    if (span.starts_with("./")) span.remove_prefix(2);
    std::string name;
    for (char c : span) {
        if (c == ' ' || c == ':') break;       // "deploy/quickstart --once", "core.hpp:12"
        if (!is_path_character(c)) return {};  // "<agency>", "a -> b", a URL's query
        name += c;
    }
    const auto first = name.substr(0, name.find('/'));
    const bool is_below_top =
        name.find('/') != std::string::npos &&
        std::find(top_folders.begin(), top_folders.end(), first) != top_folders.end();
    const bool is_our_code = (name.ends_with(".hpp") || name.ends_with(".cpp")) &&
                             !name.starts_with('.') && name.find("..") == std::string::npos;
    return is_below_top || is_our_code ? name : std::string();
}

/// Every path of the tree, and every folder.
std::set<std::string, std::less<>> places_of(const std::vector<SourceFile>& files) {
    std::set<std::string, std::less<>> places;
    for (const auto& file : files) {
        for (std::string place = file.path; !place.empty(); place = folder_of(place))
            places.insert(place);
    }
    return places;
}

bool exists(const std::set<std::string, std::less<>>& places, std::string pattern,
            const std::string& folder) {
    while (pattern.ends_with('/')) pattern.pop_back();
    const auto below = folder.empty() ? pattern : folder + "/" + pattern;
    const bool by_name_alone = pattern.find('/') == std::string::npos;
    return std::any_of(places.begin(), places.end(), [&](const std::string& place) {
        if (matches(pattern, place) || matches(below, place)) return true;
        return by_name_alone && matches(pattern, place.substr(place.rfind('/') + 1));
    });
}

void check_line(std::string_view line, int number, const std::string& readme,
                const std::set<std::string, std::less<>>& places,
                std::vector<Violation>& violations) {
    for (std::size_t at = 0; (at = line.find('`', at)) != std::string_view::npos;) {
        const auto end = line.find('`', at + 1);
        if (end == std::string_view::npos) return;
        const auto name = named_file(line.substr(at + 1, end - at - 1));
        at = end + 1;
        if (name.empty()) continue;
        for (const auto& pattern : expand_braces(name)) {
            if (!exists(places, pattern, folder_of(readme))) {
                violations.push_back(
                    {readme, number, "names " + pattern + ", which does not exist"});
            }
        }
    }
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == path;
    if (!path.starts_with(pattern.substr(0, star))) return false;
    path.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    for (std::size_t skipped = 0; skipped <= path.size(); ++skipped) {
        if (matches(pattern, path.substr(skipped))) return true;
        if (skipped < path.size() && path[skipped] == '/') return false;
    }
    return false;
}

std::vector<Violation> check_named_files(const std::vector<SourceFile>& files) {
    std::vector<Violation> violations;
    const auto places = places_of(files);
    for (const auto& file : files) {
        if (!is_readme(file.path)) continue;
        int number = 0;
        bool in_block = false;
        for (auto line : lines_of(file.text)) {
            ++number;
            if (line.starts_with("```")) in_block = !in_block;
            if (!in_block) check_line(line, number, file.path, places, violations);
        }
    }
    return violations;
}

std::vector<Violation> check_readmes(const std::vector<SourceFile>& files) {
    std::vector<Violation> violations;
    const auto places = places_of(files);
    std::set<std::string> must_explain;
    for (const auto& file : files) {
        const auto top = file.path.substr(0, file.path.find('/'));
        if (!is_cpp(file.path) ||
            std::find(top_folders.begin(), top_folders.end(), top) == top_folders.end())
            continue;
        if (top != "tests" && top != "cmake") must_explain.insert(folder_of(file.path));
        if (top != "cmake") must_explain.insert(top);
    }
    for (const auto& folder : must_explain) {
        if (folder != "common" && !places.contains(folder + "/README.md")) {
            violations.push_back(
                {folder + "/README.md", 0, "is missing: each folder says what it decides"});
        }
    }
    for (const auto& file : files) {
        const auto folder = folder_of(file.path);
        const bool explains = must_explain.contains(folder) || folder == "deploy";
        if (!is_readme(file.path) || !explains) continue;
        const auto lines = lines_of(file.text);
        if (std::find(lines.begin(), lines.end(), "## Decisions") == lines.end()) {
            violations.push_back(
                {file.path, static_cast<int>(lines.size()), "has no heading \"## Decisions\""});
        }
    }
    return violations;
}

std::vector<Violation> check_machine_paths(const std::vector<SourceFile>& files) {
    // Put together here, so that this file does not hold what it looks for.
    std::vector<std::string> roots;
    for (std::string_view name : {"work", "root", "home", "farm", "Users"})
        roots.push_back("/" + std::string(name) + "/");
    std::vector<Violation> violations;
    for (const auto& file : files) {
        int number = 0;
        for (auto line : lines_of(file.text)) {
            ++number;
            for (const auto& root : roots) {
                for (std::size_t at = 0; (at = line.find(root, at)) != std::string_view::npos;
                     ++at) {
                    // "social/work/" or "https://example.org/home/" goes on from a word; an
                    // absolute path does not.
                    const char before = at == 0 ? ' ' : line[at - 1];
                    const bool goes_on =
                        std::isalnum(static_cast<unsigned char>(before)) != 0 ||
                        std::string_view("._-~)}>*").find(before) != std::string_view::npos;
                    if (!goes_on)
                        violations.push_back(
                            {file.path, number, "names a folder of one machine: " + root});
                }
            }
        }
    }
    return violations;
}

}  // namespace mash::layering
