// The part of JSON Schema that agents/runtime/shell/openapi.yaml uses. A word outside that part is
// a fault of the document, so that nothing is ever checked less than it says.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace mash::test {

using Json = nlohmann::json;

std::string joined(std::initializer_list<std::string_view> parts);

/// The member, or an empty object when there is none: to be looked through.
const Json& member_of(const Json& object, const char* name);

/// What "#/a/b" points to in `document`; null when there is nothing.
const Json* pointed_to(const Json& document, const std::string& reference);

/// Where `value` is not what `schema` says: place and rule, never the value, which may be personal.
std::vector<std::string> schema_faults(const Json& document, const Json& schema, const Json& value,
                                       const std::string& place);

/// What is wrong with the schema itself.
void check_schema(const Json& document, const Json& schema, const std::string& place,
                  std::vector<std::string>& faults);

}  // namespace mash::test
