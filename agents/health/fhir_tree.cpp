#include "agents/health/fhir_tree.hpp"

#include <nlohmann/json.hpp>

#include "agents/runtime/core/csv.hpp"
#include "agents/runtime/core/json_bounds.hpp"
#include "agents/runtime/core/xml.hpp"

namespace mash::health {

namespace {

using Json = nlohmann::json;

constexpr std::size_t depth_max = 64;
constexpr std::size_t values_max = 200'000;

bool holds_resource(std::string_view name) { return name == "resource" || name == "contained"; }

bool add_members(const Json& object, std::size_t depth, FhirNode& to);

bool add_value(const std::string& name, const Json& value, std::size_t depth, FhirNode& to) {
    if (depth > depth_max) return false;
    if (value.is_null() || name == "div") return true;  // a gap beside extensions of its like
    FhirNode node;
    node.name = name;
    if (value.is_object()) {
        if (!add_members(value, depth + 1, node)) return false;
    } else if (value.is_array()) {
        return false;  // FHIR has no list in a list
    } else {
        node.value = PersonalText(value.is_string() ? value.get<std::string>() : value.dump());
    }
    to.children.push_back(std::move(node));
    return true;
}

/// "_birthDate" holds the extensions of "birthDate", item by item when that is a list.
bool add_extensions(const std::string& name, const Json& beside, std::size_t depth, FhirNode& to) {
    std::vector<FhirNode*> primitives;
    for (auto& child : to.children) {
        if (child.name == name) primitives.push_back(&child);
    }
    const auto add = [&](const Json& item, std::size_t index) {
        if (!item.is_object()) return true;
        if (index < primitives.size()) return add_members(item, depth + 1, *primitives[index]);
        return add_value(name, item, depth + 1, to);
    };
    if (!beside.is_array()) return add(beside, 0);
    for (std::size_t i = 0; i < beside.size(); ++i) {
        if (!add(beside[i], i)) return false;
    }
    return true;
}

bool add_members(const Json& object, std::size_t depth, FhirNode& to) {
    if (depth > depth_max) return false;
    for (const auto& [name, value] : object.items()) {
        if (name.starts_with('_')) continue;
        if (!value.is_array()) {
            if (!add_value(name, value, depth, to)) return false;
            continue;
        }
        for (const auto& item : value) {
            if (!add_value(name, item, depth, to)) return false;
        }
    }
    for (const auto& [name, value] : object.items()) {
        if (name.size() > 1 && name.starts_with('_') &&
            !add_extensions(name.substr(1), value, depth, to))
            return false;
    }
    return true;
}

void add_element(const runtime::XmlElement& from, FhirNode& to);

void add_resource_type(const runtime::XmlElement& resource, FhirNode& to) {
    FhirNode type;
    type.name = "resourceType";
    type.value = PersonalText(resource.name);
    to.children.push_back(std::move(type));
}

void add_content(const runtime::XmlElement& from, FhirNode& to) {
    for (const auto& [name, value] : from.attributes) {
        if (name == "value") {
            to.value = value;
        } else if (name == "url" || name == "id") {
            FhirNode attribute;
            attribute.name = name;
            attribute.value = value;
            to.children.push_back(std::move(attribute));
        }
    }
    for (const auto& child : from.children) add_element(child, to);
}

void add_element(const runtime::XmlElement& from, FhirNode& to) {
    if (from.name == "div") return;
    FhirNode node;
    node.name = from.name;
    const bool wraps = holds_resource(from.name) && from.children.size() == 1;
    if (wraps) add_resource_type(from.children.front(), node);
    add_content(wraps ? from.children.front() : from, node);
    to.children.push_back(std::move(node));
}

}  // namespace

std::vector<const FhirNode*> FhirNode::all(std::string_view path) const {
    const auto slash = path.find('/');
    const auto first = path.substr(0, slash);
    std::vector<const FhirNode*> out;
    for (const auto& child : children) {
        if (child.name != first) continue;
        if (slash == std::string_view::npos) {
            out.push_back(&child);
            continue;
        }
        const auto deeper = child.all(path.substr(slash + 1));
        out.insert(out.end(), deeper.begin(), deeper.end());
    }
    return out;
}

const FhirNode* FhirNode::at(std::string_view path) const {
    const auto found = all(path);
    return found.empty() ? nullptr : found.front();
}

std::string FhirNode::text(std::string_view path) const {
    const auto* found = at(path);
    return found == nullptr ? std::string() : runtime::clean_value(found->value.reveal());
}

const FhirNode* FhirNode::extension(std::string_view address) const {
    for (const auto* each : all("extension")) {
        const std::string url = each->text("url");
        if (url == address || url.ends_with("/" + std::string(address))) return each;
    }
    return nullptr;
}

std::optional<FhirNode> fhir_from_json(std::string_view text) {
    // Our own recursion is bounded by depth_max; a bundle of all that a hospital sends in a minute
    // has some thousand values.
    if (!runtime::is_within(text,
                            {.depth = 4 * depth_max, .values = values_max, .members = values_max}))
        return std::nullopt;
    const Json parsed = Json::parse(text, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("resourceType") ||
        !parsed["resourceType"].is_string())
        return std::nullopt;
    FhirNode root;
    root.name = parsed["resourceType"].get<std::string>();
    if (!add_members(parsed, 1, root)) return std::nullopt;
    return root;
}

std::optional<FhirNode> fhir_from_xml(const runtime::XmlElement& root) {
    if (root.name_space != fhir_namespace) return std::nullopt;
    FhirNode out;
    out.name = root.name;
    add_resource_type(root, out);
    add_content(root, out);
    return out;
}

}  // namespace mash::health
