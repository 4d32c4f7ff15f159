#include "tests/layering/unused_names.hpp"

#include <cctype>
#include <set>
#include <string>
#include <string_view>

namespace mash::layering {
namespace {

constexpr std::string_view events_file = "common/base/log_event.hpp";
constexpr std::string_view limits_file = "common/base/limits.hpp";

bool is_of_a_program(const SourceFile& file) {
    return is_cpp(file.path) && (lies_in(file.path, "common") || lies_in(file.path, "broker") ||
                                 lies_in(file.path, "agents"));
}

std::string_view word_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
        ++end;
    return text.substr(at, end - at);
}

/// Words that follow `prefix` in the code of any program, but for `declared_in`.
std::set<std::string> words_after(std::string_view prefix, const std::vector<SourceFile>& files,
                                  std::string_view declared_in) {
    std::set<std::string> words;
    for (const auto& file : files) {
        if (!is_of_a_program(file) || file.path == declared_in) continue;
        const auto code = code_only(file.text);
        for (auto at = code.find(prefix); at != std::string::npos; at = code.find(prefix, at + 1))
            words.emplace(word_at(code, at + prefix.size()));
    }
    return words;
}

std::size_t times_in(std::string_view code, std::string_view word) {
    std::size_t times = 0;
    for (std::size_t at = 0; at < code.size();) {
        const auto here = word_at(code, at);
        if (here == word) ++times;
        at += here.empty() ? 1 : here.size();
    }
    return times;
}

std::string_view declared_limit(std::string_view line) {
    constexpr std::string_view begin = "inline constexpr ";
    if (!line.starts_with(begin)) return {};
    const auto type_end = line.find(' ', begin.size());
    if (type_end == std::string_view::npos) return {};
    return word_at(line, type_end + 1);
}

std::string_view declared_event(std::string_view line) {
    const auto at = line.find("X(");
    if (at == std::string_view::npos || line.find("#define") != std::string_view::npos) return {};
    return word_at(line, at + 2);
}

const SourceFile* find(const std::vector<SourceFile>& files, std::string_view path) {
    for (const auto& file : files) {
        if (file.path == path) return &file;
    }
    return nullptr;
}

template <class IsUsed>
std::vector<Violation> check(const SourceFile* file, std::string_view path,
                             std::string_view (*declared)(std::string_view), const IsUsed& is_used,
                             const std::string& what) {
    std::vector<Violation> found;
    bool any = false;
    const auto code = file == nullptr ? std::string() : without_comments(file->text);
    int number = 0;
    for (const auto line : lines_of(code)) {
        ++number;
        const std::string name(declared(line));
        if (name.empty()) continue;
        any = true;
        if (!is_used(name)) found.push_back({std::string(path), number, name + what});
    }
    if (!any) found.push_back({std::string(path), 0, "declares nothing that this check can read"});
    return found;
}

}  // namespace

std::vector<Violation> check_events_are_used(const std::vector<SourceFile>& files) {
    const auto used = words_after("LogEvent::", files, events_file);
    return check(
        find(files, events_file), events_file, declared_event,
        [&](const std::string& name) { return used.contains(name); }, " is never logged");
}

std::vector<Violation> check_limits_are_used(const std::vector<SourceFile>& files) {
    const auto used = words_after("limits::", files, limits_file);
    const auto* file = find(files, limits_file);
    const auto own = file == nullptr ? std::string() : code_only(file->text);
    return check(
        file, limits_file, declared_limit,
        [&](const std::string& name) { return used.contains(name) || times_in(own, name) > 1; },
        " bounds nothing");
}

}  // namespace mash::layering
