#include "common/area/settings.hpp"

#include <algorithm>
#include <vector>

#include "common/area/policy_document.hpp"

namespace mash::area {
namespace {

std::string place_text(std::string_view file, const toml::source_region& source) {
    return std::string(file) + ":" + std::to_string(source.begin.line) + ":" +
           std::to_string(source.begin.column) + ": ";
}

}  // namespace

Result<void> check_settings(const toml::table& table, std::string_view file,
                            std::initializer_list<std::string_view> known, std::string& problem) {
    const std::vector<std::string> words(known.begin(), known.end());
    const toml::key* first = nullptr;  // in the order of the text, not of the alphabet
    for (const auto& [key, value] : table) {
        if (std::ranges::find(words, key.str()) != words.end()) continue;
        const auto at = [](const toml::key& one) {
            return std::pair(one.source().begin.line, one.source().begin.column);
        };
        if (first == nullptr || at(key) < at(*first)) first = &key;
    }
    if (first == nullptr) return {};
    problem = place_text(file, first->source()) + unknown_word("setting", first->str(), words);
    return fail(ErrorCode::bad_value);
}

Result<std::int64_t> whole_number(const toml::table& table, std::string_view file,
                                  std::string_view key, std::int64_t fallback, std::int64_t min,
                                  std::int64_t max, std::string& problem) {
    const auto* node = table.get(key);
    if (node == nullptr) return fallback;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= min && *value <= max) return *value;
    problem = place_text(file, node->source()) + std::string(key) +
              " must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    return fail(ErrorCode::bad_value);
}

}  // namespace mash::area
