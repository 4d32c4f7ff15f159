// How much a text may ask of a JSON parser, looked at before it is given to one.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/limits.hpp"

namespace mash::runtime {

/// What a text may ask of the parser, whose work is not linear in everything that a text may hold.
struct JsonBounds {
    std::size_t depth = limits::json_depth_max;
    std::size_t values = limits::json_values_max;    ///< in all, names not counted
    std::size_t members = limits::json_members_max;  ///< of one object: Json looks through them all
};
/// Looked at before anything is parsed. True also of what is no JSON: the parser finds that out,
/// and builds nothing over the bounds before it does.
bool is_within(std::string_view json, const JsonBounds& bounds = {});

}  // namespace mash::runtime
