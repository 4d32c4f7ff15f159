#include "agents/runtime/shell/handover_csv.hpp"

#include "agents/runtime/core/json.hpp"

namespace mash::runtime_shell {

namespace {

std::string cell(std::string_view text) {
    std::string out = "\"";
    constexpr std::string_view formula_begins = "=+-@\t\r";
    if (!text.empty() && formula_begins.contains(text.front())) out += '\'';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

void write(const runtime::Json& json, const std::string& field, const std::string& id,
           std::string& out) {
    if (json.is_object()) {
        for (const auto& [name, value] : json.items())
            write(value, field.empty() ? name : field + "/" + name, id, out);
    } else if (json.is_array()) {
        std::size_t number = 0;
        for (const auto& value : json)
            write(value, field + "/" + std::to_string(++number), id, out);
    } else {
        const std::string text = json.is_string() ? json.get<std::string>()
                                 : json.is_null() ? std::string()
                                                  : runtime::text_of_json(json);
        out += cell(id) + "," + cell(field) + "," + cell(text) + "\r\n";
    }
}

}  // namespace

std::optional<PersonalText> handover_csv(const runtime::HandOver& item) {
    const auto json = runtime::json_from_text(item.json.reveal());
    if (!json || !json->is_object()) return std::nullopt;
    std::string out = "\xEF\xBB\xBF\"id\",\"field\",\"value\"\r\n";
    write(*json, "", to_text(item.notification), out);
    return PersonalText(std::move(out));
}

}  // namespace mash::runtime_shell
