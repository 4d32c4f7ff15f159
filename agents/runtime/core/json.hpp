// JSON inside this folder: bodies of the local API, opened views, answers. Personal texts go in and
// come out as PersonalText; a Json value is never kept.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/json_bounds.hpp"
#include "common/base/id.hpp"
#include "common/base/limits.hpp"
#include "common/base/personal.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace mash::runtime {

using Json = nlohmann::ordered_json;

/// Errors: malformed (not JSON, or not within JsonBounds), too_large.
Result<Json> json_from_text(std::string_view text);

/// Bytes that are no UTF-8 become U+FFFD rather than an exception.
inline std::string text_of_json(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// "" when absent or no string.
inline std::string string_at(const Json& object, std::string_view name) {
    if (!object.is_object()) return {};
    const auto found = object.find(std::string(name));
    if (found == object.end() || !found->is_string()) return {};
    return found->get<std::string>();
}

inline bool flag_at(const Json& object, std::string_view name) {
    if (!object.is_object()) return false;
    const auto found = object.find(std::string(name));
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// null when not set.
inline Json time_json(WallTime at) { return at.is_set() ? Json(to_rfc3339(at)) : Json(nullptr); }

inline Json seat_json(const Seat& seat) {
    return Json{{"agency", seat.agency.value()}, {"role", seat.role.value()}};
}

}  // namespace mash::runtime
