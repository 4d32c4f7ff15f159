// What every file of settings that people write has in common: a key that nobody knows is refused
// with its place and the nearest word that is known, a number says its bounds.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "common/area/policy_document.hpp"
#include "common/base/result.hpp"

namespace mash::area {

/// The file as a tree. Errors: malformed, with the place in `problem`.
Result<Node> parse_settings(std::string_view text, std::string_view file, std::string& problem);

/// The value of `key`, or null.
const Node* find_setting(const Node& table, std::string_view key);

/// `problem` becomes "FILE:LINE:COLUMN: unknown setting "retntion" (nearest: "retention")". Errors:
/// bad_value.
Result<void> check_settings(const Node& table, std::string_view file,
                            std::initializer_list<std::string_view> known, std::string& problem);

/// A whole number from `min` to `max`, or `fallback` where it is not said. Errors: bad_value, with
/// `problem` as above.
Result<std::int64_t> whole_number(const Node& table, std::string_view file, std::string_view key,
                                  std::int64_t fallback, std::int64_t min, std::int64_t max,
                                  std::string& problem);

}  // namespace mash::area
