#include "agents/runtime/shell/records_commands.hpp"

#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "agents/runtime/shell/client.hpp"

namespace mash::runtime_shell {
namespace {

using Json = nlohmann::json;

std::string encoded(const std::string& text) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
        if (plain) {
            out += static_cast<char>(c);
        } else {
            out += '%';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[c & 15];
        }
    }
    return out;
}

std::string with_query(std::string path, const RecordsQuery& query) {
    char before = '?';
    const std::string full = query.full ? "true" : "";
    for (const auto& [name, value] :
         {std::pair<const char*, const std::string&>{"area", query.area},
          {"sent", query.sent},
          {"from", query.from},
          {"to", query.to},
          {"person", query.person},
          {"item", query.item},
          {"cursor", query.cursor},
          {"full", full}}) {
        if (value.empty()) continue;
        path += before + std::string(name) + "=" + encoded(value);
        before = '&';
    }
    return path;
}

/// Nothing when the agent refused or did not answer; it has been said.
Json asked(const std::string& program, const std::filesystem::path& folder,
           const PersonalText& token, const std::string& path) {
    const auto answer = ask_agent(folder, "GET", path, token, PersonalText());
    if (!answer) {
        std::fprintf(stderr, "%s: The agent of %s does not answer: start it with run --dir\n",
                     program.c_str(), folder.c_str());
        return nullptr;
    }
    auto body = Json::parse(answer->body.reveal(), nullptr, false);
    if (answer->status == 200 && body.is_object()) return body;
    std::string message = "refused (" + std::to_string(answer->status) + ")";
    if (body.is_object() && body.contains("error") && body["error"].is_object())
        message = body["error"].value("message", message);
    std::fprintf(stderr, "%s: %s\n", program.c_str(), message.c_str());
    return nullptr;
}

}  // namespace

std::string decisions_path(const RecordsQuery& query) {
    return with_query("/api/v1/decisions", query);
}
std::string decision_path(const std::string& id, const RecordsQuery& query) {
    return with_query("/api/v1/decisions/" + encoded(id), query);
}
std::string replay_path(const std::string& id, const RecordsQuery& query) {
    return with_query("/api/v1/decisions/" + encoded(id) + "/replay", query);
}
std::string access_log_path(const RecordsQuery& query) {
    return with_query("/api/v1/access-log", query);
}

int replay_all(const std::string& program, const std::filesystem::path& folder,
               const PersonalText& token, RecordsQuery query) {
    RecordsQuery only_area;
    only_area.area = query.area;
    std::size_t equal = 0;
    std::size_t differ = 0;
    std::size_t of_people = 0;
    std::size_t not_made = 0;
    while (true) {
        const auto page = asked(program, folder, token, decisions_path(query));
        if (!page.is_object()) return 1;
        for (const auto& line : page.at("decisions")) {
            const auto id = line.value("id", std::string());
            const auto again = asked(program, folder, token, replay_path(id, only_area));
            if (!again.is_object()) return 1;
            if (again.at("equal").is_boolean()) {
                ++(again["equal"].get<bool>() ? equal : differ);
                if (!again["equal"].get<bool>())
                    std::printf("%s differs in %s\n", id.c_str(),
                                again.value("difference", std::string()).c_str());
            } else if (again.value("of_a_person", false)) {
                ++of_people;
            } else {
                ++not_made;
                std::printf("%s cannot be made again: %s\n", id.c_str(),
                            again.value("why_not", std::string()).c_str());
            }
        }
        if (!page.at("next").is_string()) break;
        query.cursor = page["next"].get<std::string>();
    }
    std::printf(
        "%zu decisions made again: %zu equal byte for byte, %zu differ, %zu cannot be made again; "
        "beside them %zu that people made, without the rules.\n",
        equal + differ + not_made, equal, differ, not_made, of_people);
    return differ + not_made == 0 ? 0 : 1;
}

}  // namespace mash::runtime_shell
