#include "tests/layering/source_tree.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

namespace mash::layering {
namespace {

namespace fs = std::filesystem;

constexpr std::array built_or_fetched{".git", "build", "node_modules", ".area", ".cache", "dist"};

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Paths that git would commit, or nothing if git cannot say.
std::vector<std::string> paths_from_git(const std::string& root) {
    if (!fs::exists(fs::path(root) / ".git")) return {};
    const std::string command =
        "git -C '" + root + "' ls-files -z --cached --others --exclude-standard 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    if (!pipe) return {};
    std::string listing;
    std::array<char, 4096> buffer{};
    for (std::size_t size = 0;
         (size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;) {
        listing.append(buffer.data(), size);
    }
    std::vector<std::string> paths;
    for (std::size_t at = 0; at < listing.size();) {
        const auto end = listing.find('\0', at);
        paths.push_back(listing.substr(at, end - at));
        at = end == std::string::npos ? listing.size() : end + 1;
    }
    return paths;
}

std::vector<std::string> paths_from_walk(const std::string& root) {
    std::vector<std::string> paths;
    for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
         ++it) {
        const auto name = it->path().filename().string();
        if (it->is_directory() && std::find(built_or_fetched.begin(), built_or_fetched.end(),
                                            name) != built_or_fetched.end()) {
            it.disable_recursion_pending();
        } else if (it->is_regular_file()) {
            paths.push_back(fs::relative(it->path(), root).generic_string());
        }
    }
    return paths;
}

bool is_text(std::string_view content) { return content.find('\0') == std::string_view::npos; }

/// Blanks what the flags name; line ends stay, so that line numbers do.
class Blanker {
public:
    Blanker(std::string_view text, bool blank_literals)
        : out_(text), blank_literals_(blank_literals) {}

    std::string run() {
        while (at_ < out_.size()) step();
        return std::move(out_);
    }

private:
    char peek(std::size_t ahead) const {
        return at_ + ahead < out_.size() ? out_[at_ + ahead] : '\0';
    }

    void step() {
        const char c = out_[at_];
        if (c == '/' && peek(1) == '/') {
            blank_until(std::min(out_.find('\n', at_), out_.size()), true);
        } else if (c == '/' && peek(1) == '*') {
            const auto end = out_.find("*/", at_ + 2);
            blank_until(end == std::string::npos ? out_.size() : end + 2, true);
        } else if (c == 'R' && peek(1) == '"' && !follows_word()) {
            raw_string();
        } else if (c == '"' || (c == '\'' && !follows_word())) {
            // A quote after a digit or letter is a digit separator: 20'000.
            quoted(c);
        } else {
            ++at_;
        }
    }

    bool follows_word() const {
        return at_ > 0 && (std::isalnum(static_cast<unsigned char>(out_[at_ - 1])) != 0 ||
                           out_[at_ - 1] == '_');
    }

    void quoted(char quote) {
        std::size_t end = at_ + 1;
        while (end < out_.size() && out_[end] != quote && out_[end] != '\n')
            end += out_[end] == '\\' ? 2 : 1;
        ++at_;
        blank_until(std::min(end, out_.size()), blank_literals_);
        if (at_ < out_.size() && out_[at_] == quote) ++at_;
    }

    void raw_string() {
        const auto open = out_.find('(', at_);
        if (open == std::string::npos) {
            at_ = out_.size();
            return;
        }
        const std::string close = ")" + out_.substr(at_ + 2, open - at_ - 2) + "\"";
        const auto end = out_.find(close, open);
        at_ = open + 1;
        blank_until(end == std::string::npos ? out_.size() : end, blank_literals_);
        at_ = std::min(at_ + close.size(), out_.size());
    }

    void blank_until(std::size_t end, bool blank) {
        for (; at_ < end; ++at_) {
            if (blank && out_[at_] != '\n') out_[at_] = ' ';
        }
    }

    std::string out_;
    bool blank_literals_;
    std::size_t at_ = 0;
};

std::string_view trim_front(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    return text;
}

}  // namespace

std::string to_text(const std::vector<Violation>& violations) {
    std::string out;
    for (const auto& violation : violations) {
        out +=
            violation.path + ":" + std::to_string(violation.line) + ": " + violation.message + "\n";
    }
    return out;
}

std::vector<SourceFile> committed_files(const std::string& root) {
    auto paths = paths_from_git(root);
    if (paths.empty()) paths = paths_from_walk(root);
    std::sort(paths.begin(), paths.end());
    std::vector<SourceFile> files;
    for (const auto& path : paths) {
        const auto full = fs::path(root) / path;
        // A file that is tracked may have just been moved away; a link may point anywhere.
        if (!fs::is_regular_file(fs::symlink_status(full))) continue;
        auto text = read_file(full);
        // Of other files only the name counts.
        if (!is_text(text)) text.clear();
        files.push_back({path, std::move(text)});
    }
    return files;
}

bool is_header(std::string_view path) { return path.ends_with(".hpp") || path.ends_with(".h"); }
bool is_cpp(std::string_view path) { return path.ends_with(".cpp") || is_header(path); }

std::string folder_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

bool lies_in(std::string_view path, std::string_view folder) {
    return path == folder ||
           (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::vector<Include> includes_of(const SourceFile& file) {
    const std::string text = without_comments(file.text);
    std::vector<Include> includes;
    int number = 0;
    for (auto line : lines_of(text)) {
        ++number;
        line = trim_front(line);
        if (!line.starts_with('#')) continue;
        line = trim_front(line.substr(1));
        if (!line.starts_with("include")) continue;
        line = trim_front(line.substr(7));
        if (line.empty()) continue;
        const bool quoted = line.front() == '"';
        const auto end = line.find(quoted ? '"' : '>', 1);
        if (end == std::string_view::npos) continue;
        includes.push_back({std::string(line.substr(1, end - 1)), quoted, number});
    }
    return includes;
}

std::string code_only(std::string_view text) { return Blanker(text, true).run(); }
std::string without_comments(std::string_view text) { return Blanker(text, false).run(); }

}  // namespace mash::layering
