#include "tests/layering/include_rules.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace mash::layering {
namespace {

using FilesByPath = std::map<std::string, const SourceFile*, std::less<>>;

FilesByPath by_path(const std::vector<SourceFile>& files) {
    FilesByPath index;
    for (const auto& file : files) {
        if (is_cpp(file.path)) index[file.path] = &file;
    }
    return index;
}

bool is_main(std::string_view path) { return path.ends_with("/main.cpp"); }

bool may_see(const FolderRule& from, std::string_view path, const std::string& folder) {
    const auto lists = [&folder](const std::vector<std::string>& seen) {
        return std::find(seen.begin(), seen.end(), folder) != seen.end();
    };
    return from.folder == folder || lists(from.may_see) ||
           (is_main(path) && lists(from.main_may_see));
}

/// Generated headers do not lie in the tree; "mash/v1/x.pb.h" belongs to proto.
bool is_generated(std::string_view include) { return include.ends_with(".pb.h"); }

/// Finds the chain of includes from a file to a hidden folder, depth first, each file once.
class ChainSearch {
public:
    ChainSearch(const FilesByPath& files, const std::vector<std::string>& hidden)
        : files_(files), hidden_(hidden) {}

    bool reaches(const std::string& path, std::vector<std::string>& chain) {
        if (!visited_.insert(path).second) return false;
        const auto file = files_.find(path);
        if (file == files_.end()) return false;
        for (const auto& include : includes_of(*file->second)) {
            if (!include.quoted) continue;
            chain.push_back(include.name);
            const bool is_hidden = std::any_of(
                hidden_.begin(), hidden_.end(),
                [&](const std::string& folder) { return lies_in(include.name, folder); });
            if (is_hidden || reaches(include.name, chain)) return true;
            chain.pop_back();
        }
        return false;
    }

private:
    const FilesByPath& files_;
    const std::vector<std::string>& hidden_;
    std::set<std::string> visited_;
};

class CycleSearch {
public:
    explicit CycleSearch(const FilesByPath& files) : files_(files) {}

    std::vector<Violation> run() {
        for (const auto& [path, file] : files_) visit(path);
        return std::move(violations_);
    }

private:
    void visit(const std::string& path) {
        if (done_.contains(path)) return;
        const auto file = files_.find(path);
        if (file == files_.end()) return;
        stack_.push_back(path);
        for (const auto& include : includes_of(*file->second)) {
            if (!include.quoted) continue;
            const auto ring = std::find(stack_.begin(), stack_.end(), include.name);
            if (ring == stack_.end()) {
                visit(include.name);
                continue;
            }
            std::string message = "includes go round in a ring:";
            for (auto at = ring; at != stack_.end(); ++at) message += " " + *at + " ->";
            violations_.push_back({path, include.line, message + " " + include.name});
        }
        stack_.pop_back();
        done_.insert(path);
    }

    const FilesByPath& files_;
    std::vector<std::string> stack_;
    std::set<std::string> done_;
    std::vector<Violation> violations_;
};

struct CMakeCall {
    std::string command;
    std::vector<std::pair<std::string, int>> words;  ///< with line
};

bool is_word_character(char c) {
    return std::isspace(static_cast<unsigned char>(c)) == 0 && c != '(' && c != ')';
}

/// The calls of a list file as plain words; comments are gone, generator expressions stay words.
std::vector<CMakeCall> cmake_calls(std::string_view text) {
    std::vector<CMakeCall> calls;
    std::string word;
    std::string before;  // the word in front of an opening parenthesis is the command
    int line = 1;
    int depth = 0;
    bool in_comment = false;
    const auto finish_word = [&] {
        if (word.empty()) return;
        if (depth > 0) {
            calls.back().words.emplace_back(word, line);
        } else {
            before = word;
        }
        word.clear();
    };
    for (char c : text) {
        if (c == '#') in_comment = true;
        if (c == '\n') in_comment = false;
        if (!in_comment && is_word_character(c)) {
            word += c;
            continue;
        }
        finish_word();
        if (c == '\n') ++line;
        if (in_comment) continue;
        if (c == '(' && depth++ == 0) calls.push_back({before, {}});
        if (c == ')' && depth > 0) --depth;
    }
    return calls;
}

bool is_door(const Rules& rules, std::string_view path) {
    return std::any_of(rules.doors.begin(), rules.doors.end(), [path](const std::string& door) {
        return path == door + ".hpp" || path == door + ".cpp";
    });
}

/// Line of the include of `path` that names `included`.
int line_of(const SourceFile& file, std::string_view included) {
    for (const auto& include : includes_of(file)) {
        if (include.name == included) return include.line;
    }
    return 1;
}

std::string reached_by(const std::vector<std::string>& chain) {
    if (chain.size() < 2) return {};
    std::string text = ", which it reaches by";
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) text += (i == 0 ? " " : " -> ") + chain[i];
    return text;
}

const FolderRule* rule_of_target(const Rules& rules, std::string_view target) {
    for (const auto& row : rules.folders) {
        if (row.target == target) return &row;
    }
    return nullptr;
}

}  // namespace

const FolderRule* rule_for(const Rules& rules, std::string_view path) {
    const FolderRule* best = nullptr;
    for (const auto& row : rules.folders) {
        if (lies_in(path, row.folder) &&
            (best == nullptr || row.folder.size() > best->folder.size()))
            best = &row;
    }
    return best;
}

std::vector<Violation> check_arrows(const Rules& rules, const std::vector<SourceFile>& files) {
    std::vector<Violation> violations;
    const auto index = by_path(files);
    for (const auto& [path, file] : index) {
        if (lies_in(path, "tests") || lies_in(path, "cmake")) continue;  // tests may see everything
        const auto* from = rule_for(rules, path);
        if (from == nullptr) {
            violations.push_back({path, 1, "no arrow is drawn for folder " + folder_of(path)});
            continue;
        }
        for (const auto& include : includes_of(*file)) {
            if (!include.quoted) {
                if (rule_for(rules, include.name) != nullptr) {
                    violations.push_back(
                        {path, include.line, "write our own " + include.name + " in quotes"});
                }
                continue;
            }
            if (is_generated(include.name)) {
                if (!may_see(*from, path, "proto")) {
                    violations.push_back(
                        {path, include.line, from->folder + " may not see " + include.name});
                }
                continue;
            }
            if (!index.contains(include.name)) {
                violations.push_back(
                    {path, include.line,
                     "no file " + include.name + " (includes are written from the root)"});
                continue;
            }
            const auto* to = rule_for(rules, include.name);
            const std::string to_folder = to == nullptr ? folder_of(include.name) : to->folder;
            if (!may_see(*from, path, to_folder)) {
                violations.push_back(
                    {path, include.line, from->folder + " may not see " + to_folder});
            }
        }
    }
    return violations;
}

std::vector<Violation> check_libraries(const Rules& rules, const std::vector<SourceFile>& files) {
    std::vector<Violation> violations;
    for (const auto& file : files) {
        if (!is_cpp(file.path) || lies_in(file.path, "tests") || lies_in(file.path, "cmake"))
            continue;
        for (const auto& include : includes_of(file)) {
            for (const auto& library : rules.libraries) {
                const auto matches = [&include](const std::string& prefix) {
                    return include.name.starts_with(prefix);
                };
                if (!std::any_of(library.prefixes.begin(), library.prefixes.end(), matches))
                    continue;
                const auto holds = [&file](const std::string& folder) {
                    return lies_in(file.path, folder);
                };
                if (!std::any_of(library.folders.begin(), library.folders.end(), holds)) {
                    violations.push_back(
                        {file.path, include.line, library.name + " has no business here"});
                } else if (!library.in_headers && is_header(file.path) &&
                           file.path != library.wrapper) {
                    violations.push_back(
                        {file.path, include.line,
                         library.name + " belongs in a .cpp file: every includer pays for it"});
                }
            }
        }
    }
    return violations;
}

std::vector<Violation> check_purity(const Rules& rules, const std::vector<SourceFile>& files) {
    std::vector<Violation> violations;
    const auto index = by_path(files);
    std::vector<std::string> door_headers;
    for (const auto& door : rules.doors) door_headers.push_back(door + ".hpp");
    for (const auto& file : files) {
        const auto* row = rule_for(rules, file.path);
        if (!is_cpp(file.path) || row == nullptr || !row->pure || is_main(file.path) ||
            is_door(rules, file.path))
            continue;
        for (const auto& include : includes_of(file)) {
            const auto matches = [&include](const std::string& header) {
                return include.name.starts_with(header);
            };
            if (!include.quoted &&
                std::any_of(rules.impure_headers.begin(), rules.impure_headers.end(), matches)) {
                violations.push_back(
                    {file.path, include.line, row->folder + " is pure: no <" + include.name + ">"});
            }
        }
        std::vector<std::string> chain;
        if (ChainSearch(index, door_headers).reaches(file.path, chain)) {
            violations.push_back({file.path, line_of(file, chain.front()),
                                  row->folder + " is pure: " + chain.back() +
                                      " touches the machine" + reached_by(chain)});
        }
        const auto code = code_only(file.text);
        int number = 0;
        for (auto line : lines_of(code)) {
            ++number;
            for (const auto& word : rules.impure_words) {
                if (line.find(word) != std::string_view::npos) {
                    violations.push_back({file.path, number, row->folder + " is pure: no " + word});
                }
            }
        }
    }
    return violations;
}

std::vector<Violation> check_blindness(const Rules& rules, const std::vector<SourceFile>& files) {
    std::vector<Violation> violations;
    const auto index = by_path(files);
    for (const auto& [path, file] : index) {
        if (!lies_in(path, rules.blindness.folder)) continue;
        std::vector<std::string> chain;
        if (!ChainSearch(index, rules.blindness.hidden).reaches(path, chain)) continue;
        violations.push_back(
            {path, line_of(*file, chain.front()),
             rules.blindness.folder + " must not see " + chain.back() + reached_by(chain)});
    }
    return violations;
}

std::vector<Violation> check_cycles(const std::vector<SourceFile>& files) {
    const auto index = by_path(files);
    return CycleSearch(index).run();
}

std::vector<Violation> check_cmake(const Rules& rules, const std::vector<SourceFile>& files) {
    std::vector<Violation> violations;
    for (const auto& file : files) {
        if (!file.path.ends_with("CMakeLists.txt") || lies_in(file.path, "tests")) continue;
        const auto* from = rule_for(rules, folder_of(file.path));
        if (from == nullptr) continue;
        for (const auto& call : cmake_calls(file.text)) {
            const bool is_program = call.command == "mash_program";
            if (!is_program && call.command != "mash_library" &&
                call.command != "target_link_libraries")
                continue;
            for (const auto& [word, line] : call.words) {
                const auto* to = rule_of_target(rules, word);
                const std::string as_path = is_program ? from->folder + "/main.cpp" : from->folder;
                if (to != nullptr && !may_see(*from, as_path, to->folder)) {
                    violations.push_back({file.path, line, from->folder + " may not link " + word});
                }
            }
        }
    }
    return violations;
}

std::vector<Violation> check_table(const Rules& rules) {
    std::vector<Violation> violations;
    // Repeatedly take away rows that see only rows already taken: what is left over is a ring.
    std::set<std::string> taken;
    for (bool progress = true; progress;) {
        progress = false;
        for (const auto& row : rules.folders) {
            if (taken.contains(row.folder)) continue;
            if (std::all_of(
                    row.may_see.begin(), row.may_see.end(),
                    [&taken](const std::string& folder) { return taken.contains(folder); })) {
                taken.insert(row.folder);
                progress = true;
            }
        }
    }
    for (const auto& row : rules.folders) {
        if (!taken.contains(row.folder))
            violations.push_back({row.folder, 0, "is in a ring, or sees a row that is none"});
    }
    return violations;
}

}  // namespace mash::layering
