#include "broker/ctl/broker_commands.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "broker/ctl/admin_client.hpp"

namespace mash::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::string cell_of(const Json& value) {
    if (value.is_null()) return "-";
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_array() && std::none_of(value.begin(), value.end(),
                                         [](const Json& item) { return item.is_structured(); })) {
        std::string text;
        for (const auto& item : value) text += (text.empty() ? "" : ", ") + cell_of(item);
        return text.empty() ? "-" : text;
    }
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void pad(std::string& text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
}

bool is_table(const Json& value) {
    return value.is_array() && !value.empty() &&
           std::all_of(value.begin(), value.end(), [](const Json& row) { return row.is_object(); });
}

// Columns in the order in which the first rows name them.
std::string table_of(const Json& rows) {
    std::vector<std::string> columns;
    for (const auto& row : rows) {
        for (const auto& [name, value] : row.items()) {
            if (std::find(columns.begin(), columns.end(), name) == columns.end())
                columns.push_back(name);
        }
    }
    std::vector<std::vector<std::string>> cells = {columns};
    for (const auto& row : rows) {
        auto& line = cells.emplace_back();
        for (const auto& column : columns)
            line.push_back(row.contains(column) ? cell_of(row[column]) : "-");
    }
    std::string text;
    for (auto& line : cells) {
        std::string out;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            std::size_t width = 0;
            for (const auto& other : cells) width = std::max(width, other[c].size());
            auto cell = line[c];
            if (c + 1 < columns.size()) pad(cell, width + 2);
            out += cell;
        }
        text += out + "\n";
    }
    return text;
}

std::string text_of(const Json& answer) {
    if (is_table(answer)) return table_of(answer);
    if (answer.is_array() && answer.empty()) return "None.\n";
    if (!answer.is_object()) return answer.is_null() ? "Done.\n" : cell_of(answer) + "\n";
    if (answer.empty()) return "Done.\n";
    std::size_t width = 0;
    for (const auto& [name, value] : answer.items()) width = std::max(width, name.size());
    std::string text;
    std::string tables;
    for (const auto& [name, value] : answer.items()) {
        if (is_table(value)) {
            tables += "\n" + name + "\n" + table_of(value);
            continue;
        }
        auto label = name;
        pad(label, width + 2);
        text += label + cell_of(value) + "\n";
    }
    return text + tables;
}

std::unexpected<Problem> refused(const std::string& code) {
    if (code == "not_found") {
        return problem("The broker knows no such item.",
                       "Check the id: `mashctl tasks` and the notification's sender name them.");
    }
    if (code == "malformed") {
        return problem("The broker cannot read what the command was given.",
                       "Write an id as it is listed, and a time as in 2027-01-13T00:00:00Z.");
    }
    if (code == "disk_full")
        return problem("The broker's disk is full.", "Make room, then try again.");
    if (code == "timeout" || code == "busy") {
        return problem("The broker has too much to do.",
                       "Look at `mashctl status`, then try again.");
    }
    if (code == "unknown_command" || code == "not_available") {
        return problem("This broker does not know the command.",
                       "Use the mashctl of the broker's own release.");
    }
    if (code == "already_exists")
        return problem("There is a file or folder of that name already.",
                       "Give a name that is not used yet.");
    return problem("The broker refused: " + code + ".",
                   "Look at the broker's log for the time of this command.");
}

}  // namespace

Outcome<std::string> text_of_answer(const std::string& line) {
    const auto json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("ok") || !json["ok"].is_boolean()) {
        return problem("The broker's answer cannot be read.",
                       "Use the mashctl of the broker's own release.", Exit::no_broker);
    }
    if (!json["ok"].get<bool>()) {
        std::string code = "no reason given";
        for (const auto* place : {&json, json.contains("answer") ? &json["answer"] : &json}) {
            if (place->is_object() && place->contains("error") && (*place)["error"].is_string()) {
                code = (*place)["error"].get<std::string>();
            }
        }
        return refused(code);
    }
    if (json.contains("answer")) return text_of(json["answer"]);
    Json rest = json;
    rest.erase("ok");
    return text_of(rest);
}

Outcome<void> run_broker_command(const Context& context, const BrokerCommand& command) {
    // The broker has a working folder of its own.
    const auto argument = command.command == "backup"
                              ? std::filesystem::absolute(command.argument).string()
                              : command.argument;
    CTL_TRY(line, ask_broker(command.socket, command.command, argument,
                             std::chrono::seconds(command.timeout_seconds)));
    CTL_TRY(text, text_of_answer(line));
    context.out << (command.json ? line + "\n" : text);
    return {};
}

}  // namespace mash::ctl
