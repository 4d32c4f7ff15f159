#include "tests/openapi/api_document.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

#include <yaml-cpp/yaml.h>

#include "tests/paths/paths.hpp"

namespace mash::test {
namespace {

const std::vector<std::string>& methods() {
    static const std::vector<std::string> names{"get", "post", "put", "patch", "delete"};
    return names;
}

/// YAML's core schema: a plain scalar may be null, a flag or a number; one in quotes is text.
Json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;
    if (text.empty() || text == "~" || text == "null") return nullptr;
    if (text == "true") return true;
    if (text == "false") return false;
    static const std::regex integer("-?[0-9]+");
    static const std::regex number("-?[0-9]+\\.[0-9]+");
    if (std::regex_match(text, integer)) return std::stoll(text);
    if (std::regex_match(text, number)) return std::stod(text);
    return text;
}

Json json_of(const YAML::Node& node) {
    if (node.IsSequence()) {
        Json list = Json::array();
        for (const auto& item : node) list.push_back(json_of(item));
        return list;
    }
    if (node.IsMap()) {
        Json object = Json::object();
        for (const auto& entry : node) {
            const std::string name = entry.first.Scalar();
            if (object.contains(name)) throw std::runtime_error("a key stands twice: " + name);
            object[name] = json_of(entry.second);
        }
        return object;
    }
    return node.IsScalar() ? scalar(node) : Json(nullptr);
}

std::vector<std::string> parts_of(std::string_view path) {
    std::vector<std::string> parts;
    path = path.substr(0, path.find('?'));
    for (std::size_t at = 0; at != std::string_view::npos;) {
        const auto end = path.find('/', at);
        parts.emplace_back(path.substr(at, end - at));
        at = end == std::string_view::npos ? end : end + 1;
    }
    return parts;
}

bool is_parameter(const std::string& part) { return part.starts_with('{') && part.ends_with('}'); }

bool fits(const std::string& pattern, const std::string& path) {
    const auto wanted = parts_of(pattern);
    const auto given = parts_of(path);
    return std::ranges::equal(wanted, given, [](const std::string& a, const std::string& b) {
        return is_parameter(a) ? !b.empty() : a == b;
    });
}

void allow_only(const Json& object, const std::set<std::string>& known, const std::string& place,
                std::vector<std::string>& faults) {
    if (!object.is_object()) {
        faults.push_back(place + ": not an object");
        return;
    }
    for (const auto& [name, value] : object.items()) {
        if (!known.contains(name)) faults.push_back(joined({place, ": unknown field ", name}));
    }
}

void note_references(const Json& node, std::set<std::string>& found) {
    if (node.is_object() && node.contains("$ref") && node["$ref"].is_string())
        found.insert(node["$ref"].get<std::string>());
    for (const auto& child : node) {
        if (child.is_structured()) note_references(child, found);
    }
}

}  // namespace

ApiDocument::ApiDocument(const std::string& yaml) : document_(json_of(YAML::Load(yaml))) {}

const ApiDocument& ApiDocument::of_tree() {
    static const ApiDocument document = [] {
        std::ifstream in(source_dir() / "agents/runtime/shell/openapi.yaml", std::ios::binary);
        return ApiDocument({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
    }();
    return document;
}

const Json& ApiDocument::resolved(const Json& node) const {
    // NOLINTBEGIN(bugprone-return-const-ref-from-parameter): nodes are parts of document_
    if (!node.is_object() || !node.contains("$ref")) return node;
    const auto* target = pointed_to(document_, node["$ref"]);
    return target == nullptr ? node : *target;
    // NOLINTEND(bugprone-return-const-ref-from-parameter)
}

std::set<std::string> ApiDocument::operations() const {
    std::set<std::string> names;
    for (const auto& [path, item] : document_.at("paths").items()) {
        for (const auto& [method, described] : item.items()) {
            std::string name = method;
            std::ranges::transform(name, name.begin(),
                                   [](unsigned char c) { return std::toupper(c); });
            names.insert(joined({name, " ", path}));
        }
    }
    return names;
}

std::set<int> ApiDocument::statuses_of(const std::string& name) const {
    std::set<int> out;
    for (const auto& [code, described] : operation(name).at("responses").items())
        out.insert(std::stoi(code));
    return out;
}

const Json& ApiDocument::operation(const std::string& name) const {
    const auto space = name.find(' ');
    std::string method = name.substr(0, space);
    std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::tolower(c); });
    return document_.at("paths").at(name.substr(space + 1)).at(method);
}

std::string ApiDocument::operation_of(const std::string& method, const std::string& path) const {
    for (const auto& name : operations()) {
        const auto space = name.find(' ');
        if (name.substr(0, space) == method && fits(name.substr(space + 1), path)) return name;
    }
    return "";
}

std::vector<std::string> ApiDocument::faults_of(const ApiCall& call) const {
    const std::string name = operation_of(call.method, call.path);
    if (name.empty()) return {call.method + ": the document has no such operation"};
    const auto answer = name + " " + std::to_string(call.status);
    const auto& described = operation(name);
    const auto& responses = described.at("responses");
    const auto found = responses.find(std::to_string(call.status));
    if (found == responses.end()) return {answer + ": the document has no such status"};
    if (call.status == 204)
        return call.body.empty() ? std::vector<std::string>()
                                 : std::vector<std::string>{answer + ": with content"};
    const auto& content = resolved(*found).at("content");
    const auto media = content.find(call.content_type);
    if (media == content.end()) return {answer + ": the document has no such media type"};
    std::vector<std::string> faults;
    const auto judge = [&](const Json& schema, const std::string& text, const std::string& what) {
        const Json body = Json::parse(text, nullptr, false);
        if (body.is_discarded()) return faults.push_back(what + ": not JSON");
        for (const auto& fault : schema_faults(document_, schema, body, ""))
            faults.push_back(joined({what, " ", fault}));
    };
    if (call.content_type == "application/json") judge(media->at("schema"), call.body, answer);
    if (call.status < 300 && !call.request_body.empty() && described.contains("requestBody")) {
        judge(described["requestBody"]["content"]["application/json"]["schema"], call.request_body,
              name + " request");
    }
    return faults;
}

void ApiDocument::check_operation(const std::string& name, std::set<std::string>& ids,
                                  std::vector<std::string>& faults) const {
    const auto& described = operation(name);
    allow_only(described,
               {"operationId", "summary", "description", "parameters", "requestBody", "responses",
                "security"},
               name, faults);
    if (!ids.insert(described.value("operationId", "")).second || ids.contains(""))
        faults.push_back(name + ": operationId is missing or stands twice");
    std::set<std::string> in_path;
    for (const auto& part : parts_of(name)) {
        if (is_parameter(part)) in_path.insert(part.substr(1, part.size() - 2));
    }
    for (const auto& reference : member_of(described, "parameters")) {
        const auto& parameter = resolved(reference);
        allow_only(parameter, {"name", "in", "required", "description", "schema"},
                   name + " parameter", faults);
        if (parameter.value("in", "") == "path" &&
            (in_path.erase(parameter.value("name", "")) == 0 ||
             !parameter.value("required", false)))
            faults.push_back(name + ": a parameter of the path that is not in it or not required");
        check_schema(document_, parameter.value("schema", Json()), name + " parameter", faults);
    }
    if (!in_path.empty()) faults.push_back(name + ": a parameter of the path is not described");
    const auto check_content = [&](const Json& holder, const std::string& place) {
        const Json& content = member_of(holder, "content");
        if (content.empty()) faults.push_back(place + ": no content");
        for (const auto& [media, described_as] : content.items()) {
            allow_only(described_as, {"schema"}, place, faults);
            check_schema(document_, described_as.value("schema", Json()), place, faults);
        }
    };
    if (described.contains("requestBody")) {
        allow_only(described["requestBody"], {"required", "content", "description"},
                   name + " request", faults);
        check_content(described["requestBody"], name + " request");
    }
    const Json& responses = member_of(described, "responses");
    static const std::regex status("[1-5][0-9][0-9]");
    bool succeeds = false;
    for (const auto& [code, reference] : responses.items()) {
        const std::string place = joined({name, " ", code});
        if (!std::regex_match(code, status)) faults.push_back(place + ": no status");
        succeeds = succeeds || code.starts_with('2');
        const auto& response = resolved(reference);
        allow_only(response, {"description", "headers", "content"}, place, faults);
        if (response.value("description", "").empty()) faults.push_back(place + ": no description");
        for (const auto& [header, of] : member_of(response, "headers").items()) {
            const std::string at = joined({place, " ", header});
            allow_only(of, {"description", "schema"}, at, faults);
            check_schema(document_, of.value("schema", Json()), at, faults);
        }
        // RFC 9110, 15.3.5: a 204 has none.
        if (code != "204")
            check_content(response, place);
        else if (response.contains("content"))
            faults.push_back(place + ": content");
    }
    if (!succeeds) faults.push_back(name + ": no answer that is a success");
    for (const auto& one : member_of(described, "security")) {
        for (const auto& [scheme, scopes] : one.items()) {
            if (!document_["components"]["securitySchemes"].contains(scheme))
                faults.push_back(name + ": a security scheme that is not there");
        }
    }
}

std::vector<std::string> ApiDocument::faults() const {
    std::vector<std::string> faults;
    allow_only(document_, {"openapi", "info", "servers", "security", "paths", "components"},
               "document", faults);
    if (document_.value("openapi", Json()) != "3.1.0") faults.emplace_back("openapi: not 3.1.0");
    const Json& info = member_of(document_, "info");
    allow_only(info, {"title", "version", "description"}, "info", faults);
    if (!info.contains("title") || !info.contains("version"))
        faults.emplace_back("info: title and version");
    if (!document_.contains("paths") || !document_.contains("components")) return faults;
    for (const auto& [path, item] : document_["paths"].items()) {
        if (!path.starts_with('/')) faults.push_back(path + ": a path begins with a slash");
        allow_only(item, {methods().begin(), methods().end()}, path, faults);
    }
    if (!faults.empty()) return faults;
    std::set<std::string> ids;
    for (const auto& name : operations()) check_operation(name, ids, faults);
    const auto& components = document_["components"];
    allow_only(components, {"securitySchemes", "parameters", "responses", "schemas"}, "components",
               faults);
    for (const auto& [name, schema] : member_of(components, "schemas").items())
        check_schema(document_, schema, name, faults);
    std::set<std::string> used;
    note_references(document_, used);
    for (const auto& reference : used) {
        if (pointed_to(document_, reference) == nullptr)
            faults.push_back(reference + " leads nowhere");
    }
    for (const auto* kind : {"parameters", "responses", "schemas"}) {
        for (const auto& [name, item] : member_of(components, kind).items()) {
            const std::string reference = std::string("#/components/") + kind + "/" + name;
            if (!used.contains(reference)) faults.push_back(reference + " is used by nothing");
        }
    }
    return faults;
}

}  // namespace mash::test
