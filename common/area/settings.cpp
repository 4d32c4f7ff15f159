#include "common/area/settings.hpp"

#include <algorithm>
#include <vector>

namespace mash::area {
namespace {

std::string place_text(std::string_view file, Place place) {
    return std::string(file) + ":" + std::to_string(place.line) + ":" +
           std::to_string(place.column) + ": ";
}

}  // namespace

Result<Node> parse_settings(std::string_view text, std::string_view file, std::string& problem) {
    std::vector<PolicyFault> faults;
    FaultSink sink(std::string(file), faults);
    auto tree = parse_document(text, sink);
    if (tree) return std::move(*tree);
    problem = faults.front().text();
    return fail(ErrorCode::malformed);
}

const Node* find_setting(const Node& table, std::string_view key) {
    const auto found = std::ranges::find(table.members, key, &Member::key);
    return found == table.members.end() ? nullptr : &found->value;
}

Result<void> check_settings(const Node& table, std::string_view file,
                            std::initializer_list<std::string_view> known, std::string& problem) {
    const std::vector<std::string> words(known.begin(), known.end());
    for (const auto& member : table.members) {  // in the order of the text
        if (std::ranges::find(words, member.key) != words.end()) continue;
        problem = place_text(file, member.place) + unknown_word("setting", member.key, words);
        return fail(ErrorCode::bad_value);
    }
    return {};
}

Result<std::int64_t> whole_number(const Node& table, std::string_view file, std::string_view key,
                                  std::int64_t fallback, std::int64_t min, std::int64_t max,
                                  std::string& problem) {
    const auto* node = find_setting(table, key);
    if (node == nullptr) return fallback;
    if (node->kind == Node::Kind::integer && node->integer >= min && node->integer <= max)
        return node->integer;
    problem = place_text(file, node->place) + std::string(key) + " must be a whole number from " +
              std::to_string(min) + " to " + std::to_string(max);
    return fail(ErrorCode::bad_value);
}

}  // namespace mash::area
