#include "tests/openapi/schema.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>

#include "common/area/calendar.hpp"
#include "common/base/id.hpp"
#include "common/base/time.hpp"

namespace mash::test {
namespace {

/// Each word that may stand in a schema, and what it must be.
const std::map<std::string, Json::value_t>& keywords() {
    using Type = Json::value_t;
    static const std::map<std::string, Type> known{{"$ref", Type::string},
                                                   {"description", Type::string},
                                                   {"type", Type::null},
                                                   {"format", Type::string},
                                                   {"pattern", Type::string},
                                                   {"enum", Type::array},
                                                   {"minLength", Type::number_unsigned},
                                                   {"maxLength", Type::number_unsigned},
                                                   {"minimum", Type::number_unsigned},
                                                   {"maximum", Type::number_unsigned},
                                                   {"default", Type::null},
                                                   {"minItems", Type::number_unsigned},
                                                   {"items", Type::object},
                                                   {"properties", Type::object},
                                                   {"required", Type::array},
                                                   {"additionalProperties", Type::null},
                                                   {"anyOf", Type::array}};
    return known;
}

bool is_of_type(const Json& value, const std::string& type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
}

bool is_type_name(const Json& name) {
    static const std::vector<std::string> names{"string", "integer", "number", "boolean",
                                                "null",   "array",   "object"};
    return name.is_string() && std::ranges::find(names, name.get<std::string>()) != names.end();
}

std::vector<std::string> types_of(const Json& schema) {
    const auto found = schema.find("type");
    if (found == schema.end()) return {};
    if (found->is_string()) return {found->get<std::string>()};
    return found->get<std::vector<std::string>>();
}

bool has_format(const std::string& text, const std::string& format) {
    if (format == "uuid") return uuid_from_text(text).has_value();
    if (format == "date-time") return wall_time_from_rfc3339(text).has_value();
    return format == "date" && area::civil_date_from_text(text).has_value();
}

class Judge {
public:
    Judge(const Json& document, std::vector<std::string>& faults)
        : document_(document), faults_(faults) {}

    void judge(const Json& schema, const Json& value, const std::string& place) {
        if (const auto reference = schema.find("$ref"); reference != schema.end()) {
            const auto* target = pointed_to(document_, reference->get<std::string>());
            if (target == nullptr) return fault(place, "$ref leads nowhere");
            judge(*target, value, place);
        }
        if (const auto any = schema.find("anyOf"); any != schema.end())
            judge_any(*any, value, place);
        const auto types = types_of(schema);
        if (!types.empty() && std::ranges::none_of(types, [&](const std::string& type) {
                return is_of_type(value, type);
            }))
            return fault(place, std::string("type, is ") + value.type_name());
        if (const auto list = schema.find("enum");
            list != schema.end() && std::ranges::find(*list, value) == list->end())
            fault(place, "enum");
        if (value.is_string()) judge_text(schema, value.get_ref<const std::string&>(), place);
        if (value.is_number() && schema.contains("minimum") && value < schema["minimum"])
            fault(place, "minimum");
        if (value.is_number() && schema.contains("maximum") && value > schema["maximum"])
            fault(place, "maximum");
        if (value.is_array()) judge_list(schema, value, place);
        if (value.is_object()) judge_object(schema, value, place);
    }

private:
    void fault(const std::string& place, const std::string& rule) {
        faults_.push_back((place.empty() ? "/" : place) + ": " + rule);
    }
    void judge_any(const Json& choices, const Json& value, const std::string& place) {
        std::string why;
        for (const auto& choice : choices) {
            const auto found = schema_faults(document_, choice, value, place);
            if (found.empty()) return;
            why += " (" + found.front() + ")";
        }
        fault(place, "anyOf" + why);
    }
    void judge_text(const Json& schema, const std::string& text, const std::string& place) {
        if (schema.contains("format") && !has_format(text, schema["format"]))
            fault(place, "format " + schema["format"].get<std::string>());
        if (schema.contains("pattern") &&
            !std::regex_search(text, std::regex(schema["pattern"].get<std::string>())))
            fault(place, "pattern");
        if (schema.contains("minLength") && text.size() < schema["minLength"])
            fault(place, "minLength");
        if (schema.contains("maxLength") && text.size() > schema["maxLength"])
            fault(place, "maxLength");
    }
    void judge_list(const Json& schema, const Json& list, const std::string& place) {
        if (schema.contains("minItems") && list.size() < schema["minItems"])
            fault(place, "minItems");
        if (!schema.contains("items")) return;
        for (std::size_t i = 0; i < list.size(); ++i)
            judge(schema["items"], list[i], place + "/" + std::to_string(i));
    }
    void judge_object(const Json& schema, const Json& object, const std::string& place) {
        for (const auto& name : member_of(schema, "required")) {
            if (!object.contains(name))
                fault(joined({place, "/", name.get_ref<const std::string&>()}), "required");
        }
        const Json& properties = member_of(schema, "properties");
        const auto others = schema.find("additionalProperties");
        for (const auto& [name, member] : object.items()) {
            const std::string at = joined({place, "/", name});
            if (properties.contains(name)) {
                judge(properties[name], member, at);
            } else if (others != schema.end() && *others == false) {
                fault(at, "not in the document");
            } else if (others != schema.end() && others->is_object()) {
                judge(*others, member, at);
            }
        }
    }

    const Json& document_;
    std::vector<std::string>& faults_;
};

}  // namespace

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const auto part : parts) out += part;
    return out;
}

const Json& member_of(const Json& object, const char* name) {
    static const Json none = Json::object();
    const auto found = object.find(name);
    return found == object.end() ? none : *found;
}

const Json* pointed_to(const Json& document, const std::string& reference) {
    if (!reference.starts_with("#/")) return nullptr;
    const Json::json_pointer pointer(reference.substr(1));
    return document.contains(pointer) ? &document.at(pointer) : nullptr;
}

std::vector<std::string> schema_faults(const Json& document, const Json& schema, const Json& value,
                                       const std::string& place) {
    std::vector<std::string> faults;
    Judge(document, faults).judge(schema, value, place);
    return faults;
}

void check_schema(const Json& document, const Json& schema, const std::string& place,
                  std::vector<std::string>& faults) {
    const auto fault = [&](const std::string& what) { faults.push_back(place + ": " + what); };
    if (!schema.is_object()) return fault("a schema is an object");
    const auto before = faults.size();
    for (const auto& [word, value] : schema.items()) {
        const auto known = keywords().find(word);
        if (known == keywords().end())
            fault("the word " + word + " is not checked here");
        else if (known->second != Json::value_t::null && value.type() != known->second &&
                 !(value.is_number_integer() && known->second == Json::value_t::number_unsigned))
            fault(word + " has the wrong form");
    }
    if (faults.size() > before) return;
    if (schema.contains("$ref") && pointed_to(document, schema["$ref"]) == nullptr)
        fault("$ref leads nowhere");
    if (const auto type = schema.find("type"); type != schema.end()) {
        const Json list = type->is_array() ? *type : Json::array({*type});
        if (list.empty() || !std::ranges::all_of(list, is_type_name)) fault("type is no type");
    }
    if (const auto format = schema.find("format");
        format != schema.end() && *format != "uuid" && *format != "date-time" && *format != "date")
        fault("format is not checked here");
    if (schema.contains("enum") && schema["enum"].empty()) fault("enum is empty");
    for (const auto& name : member_of(schema, "required")) {
        if (!name.is_string() || !schema.contains("properties") ||
            !schema["properties"].contains(name))
            fault("required names what is no property");
    }
    if (schema.contains("items")) check_schema(document, schema["items"], place + "/items", faults);
    for (const auto& [name, property] : member_of(schema, "properties").items())
        check_schema(document, property, joined({place, "/", name}), faults);
    for (const auto& choice : member_of(schema, "anyOf"))
        check_schema(document, choice, place + "/anyOf", faults);
    if (const auto others = schema.find("additionalProperties");
        others != schema.end() && !others->is_boolean())
        check_schema(document, *others, place + "/additionalProperties", faults);
}

}  // namespace mash::test
