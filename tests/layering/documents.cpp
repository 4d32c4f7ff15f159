#include "tests/layering/documents.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
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

/// The path that a span in backticks could be, or "".
std::string path_in(std::string_view span) {
    if (span.starts_with("./")) span.remove_prefix(2);
    std::string name;
    for (char c : span) {
        if (c == ' ' || c == ':') break;       // "deploy/quickstart --once", "core.hpp:12"
        if (!is_path_character(c)) return {};  // "<agency>", "a -> b", a URL's query
        name += c;
    }
    while (name.ends_with('/')) name.pop_back();
    return name;
}

/// The file that a path names, or "" if it need not be one of ours.
std::string named_file(const std::string& name) {
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

bool exists(const std::set<std::string, std::less<>>& places, const std::string& pattern,
            const std::string& folder) {
    const auto below = folder.empty() ? pattern : folder + "/" + pattern;
    const bool by_name_alone = pattern.find('/') == std::string::npos;
    return std::any_of(places.begin(), places.end(), [&](const std::string& place) {
        if (matches(pattern, place) || matches(below, place)) return true;
        return by_name_alone && matches(pattern, place.substr(place.rfind('/') + 1));
    });
}

/// Calls `visit(span)` for each span in backticks.
template <class Visit>
void each_span(std::string_view line, const Visit& visit) {
    for (std::size_t at = 0; (at = line.find('`', at)) != std::string_view::npos;) {
        const auto end = line.find('`', at + 1);
        if (end == std::string_view::npos) return;
        visit(line.substr(at + 1, end - at - 1));
        at = end + 1;
    }
}

/// Calls `visit(line, number)` for each line outside blocks of code.
template <class Visit>
void each_line_of_text(const SourceFile& readme, const Visit& visit) {
    int number = 0;
    bool in_block = false;
    for (auto line : lines_of(readme.text)) {
        ++number;
        if (line.starts_with("```")) in_block = !in_block;
        if (!in_block) visit(line, number);
    }
}

std::string_view first_cell(std::string_view row) {
    row.remove_prefix(1);
    return row.substr(0, row.find('|'));
}

bool heads_a_list_of_places(std::string_view row) {
    const auto cell = first_cell(row);
    return cell == " folder " || cell == " file ";
}

/// True if a span of the README names the folder, or a file in it.
bool names_folder(const SourceFile& readme, const std::string& folder) {
    const auto home = folder_of(readme.path);
    bool is_named = false;
    each_line_of_text(readme, [&](std::string_view line, int) {
        each_span(line, [&](std::string_view span) {
            for (const auto& path : expand_braces(path_in(span))) {
                for (const auto& named : {path, home + "/" + path})
                    is_named = is_named || matches(named, folder) || folder_of(named) == folder;
            }
        });
    });
    return is_named;
}

/// "- 2026-11-21. **What**", "**2026-11-21, what.**".
bool begins_with_a_date(std::string_view line) {
    for (std::string_view mark : {"- ", "### ", "**"})
        if (line.starts_with(mark)) line.remove_prefix(mark.size());
    constexpr std::string_view form = "0000-00-00";
    return line.size() >= form.size() &&
           std::equal(form.begin(), form.end(), line.begin(), [](char wanted, char c) {
               return wanted == '0' ? std::isdigit(static_cast<unsigned char>(c)) != 0
                                    : wanted == c;
           });
}

/// What follows "## Decisions" are decisions, each with its date. A paragraph or an item without
/// one belongs to the decision above it only if it is indented, or goes on behind that decision's
/// table or block of code.
void check_decisions(const SourceFile& readme, std::vector<Violation>& violations) {
    const auto lines = lines_of(readme.text);
    bool in_decisions = false;
    bool in_block = false;
    bool is_dated = false;  // a decision has begun
    bool begins = true;     // of a paragraph
    bool is_behind_table = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = lines[i];
        const bool is_fence = line.starts_with("```");
        if (is_fence) in_block = !in_block;
        if (is_fence || in_block) {
            is_behind_table = is_dated;
            continue;
        }
        if (line.starts_with("## ")) {
            in_decisions = line == "## Decisions";
            is_dated = is_behind_table = false;
            begins = true;
            continue;
        }
        if (!in_decisions) continue;
        if (line.empty()) {
            begins = true;
            continue;
        }
        const bool is_row = line.starts_with('|');
        const bool is_said_anew = (begins || line.starts_with("- ")) && !line.starts_with(' ');
        if (begins_with_a_date(line)) {
            is_dated = true;
        } else if (is_said_anew && !(is_dated && (is_row || is_behind_table))) {
            violations.push_back({readme.path, static_cast<int>(i) + 1,
                                  "stands under \"## Decisions\" and is no dated decision"});
        }
        is_behind_table = is_row && is_dated;
        begins = false;
    }
}

/// What is worked on, as against data, which the README above explains.
bool is_worked_on(std::string_view path) {
    const auto name = path.substr(path.rfind('/') + 1);
    return is_cpp(path) || name == "CMakeLists.txt" || name.ends_with(".cmake") ||
           name.ends_with(".sh") || name.ends_with(".service");
}

const SourceFile* nearest_readme_above(const std::map<std::string, const SourceFile*>& readmes,
                                       std::string folder) {
    while (!folder.empty()) {
        folder = folder_of(folder);
        const auto found = readmes.find(folder);
        if (found != readmes.end()) return found->second;
    }
    return nullptr;
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
        bool in_table = false;
        bool lists_places = false;
        each_line_of_text(file, [&](std::string_view line, int number) {
            const bool is_row = line.starts_with('|');
            if (is_row && !in_table) lists_places = heads_a_list_of_places(line);
            in_table = is_row;
            const auto check = [&](const std::string& name) {
                if (name.empty()) return;
                for (const auto& pattern : expand_braces(name)) {
                    if (exists(places, pattern, folder_of(file.path))) continue;
                    const Violation missing{file.path, number,
                                            "names " + pattern + ", which does not exist"};
                    if (violations.empty() || violations.back() != missing)
                        violations.push_back(missing);
                }
            };
            if (is_row && lists_places) {
                each_span(first_cell(line), [&](std::string_view span) { check(path_in(span)); });
                line.remove_prefix(1 + first_cell(line).size());
            }
            each_span(line, [&](std::string_view span) { check(named_file(path_in(span))); });
        });
    }
    return violations;
}

std::vector<Violation> check_readmes(const std::vector<SourceFile>& files,
                                     std::string_view mirror) {
    std::vector<Violation> violations;
    std::map<std::string, const SourceFile*> readmes;
    std::map<std::string, bool> folders;  // worked on, or data alone
    for (const auto& file : files) {
        const auto folder = folder_of(file.path);
        const auto top = folder.substr(0, folder.find('/'));
        if (is_readme(file.path)) readmes[folder] = &file;
        if (std::find(top_folders.begin(), top_folders.end(), top) == top_folders.end()) continue;
        if (folder != mirror && lies_in(folder, mirror)) continue;
        auto& worked_on = folders[folder];
        worked_on = worked_on || is_worked_on(file.path);
    }
    for (const auto& [folder, worked_on] : folders) {
        if (readmes.contains(folder)) continue;
        if (worked_on) {
            violations.push_back(
                {folder + "/README.md", 0, "is missing: each folder says what it decides"});
            continue;
        }
        const auto* above = nearest_readme_above(readmes, folder);
        if (above == nullptr || !names_folder(*above, folder)) {
            violations.push_back({above == nullptr ? "README.md" : above->path, 0,
                                  "does not name " + folder + ", which has no README"});
        }
    }
    for (const auto& [folder, readme] : readmes) {
        std::string_view last;
        int number = 0;
        each_line_of_text(*readme, [&](std::string_view line, int at) {
            if (line.starts_with("## ")) last = line;
            number = at;
        });
        if (last != "## Decisions")
            violations.push_back({readme->path, number, "does not end in \"## Decisions\""});
        check_decisions(*readme, violations);
    }
    return violations;
}

std::vector<Violation> check_protocol_page(const std::vector<SourceFile>& files) {
    constexpr std::string_view page_path = "proto/README.md";
    const auto page = std::ranges::find(files, page_path, &SourceFile::path);
    if (page == files.end()) return {{std::string(page_path), 0, "is missing"}};
    std::set<std::string, std::less<>> rows;
    std::set<std::string, std::less<>> names;
    each_line_of_text(*page, [&](std::string_view line, int) {
        if (line.starts_with('|'))
            each_span(first_cell(line), [&](std::string_view span) { rows.emplace(span); });
        each_span(line, [&](std::string_view span) { names.emplace(span); });
    });
    std::vector<Violation> violations;
    for (const auto& file : files) {
        if (!file.path.starts_with("proto/") || !file.path.ends_with(".proto")) continue;
        const auto name = file.path.substr(file.path.rfind('/') + 1);
        if (!rows.contains(name))
            violations.push_back({std::string(page_path), 0, "has no row for " + name});
        int number = 0;
        for (auto line : lines_of(file.text)) {
            ++number;
            line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
            constexpr std::string_view keyword = "message ";
            if (!line.starts_with(keyword)) continue;
            line.remove_prefix(keyword.size());
            const std::string message(line.substr(0, line.find_first_of(" {")));
            if (!names.contains(message))
                violations.push_back(
                    {file.path, number, message + " is not explained in proto/README.md"});
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
