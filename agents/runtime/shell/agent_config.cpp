#include "agents/runtime/shell/agent_config.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include "agents/runtime/shell/handover.hpp"
#include "common/area/files.hpp"
#include "common/area/settings.hpp"
#include "common/area/toml.hpp"
#include "common/http/server.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t config_bytes_max =
    std::size_t{4} * 1024 * 1024;  // a council's host lists three hundred schools

std::string json_of(const toml::table& table) {
    std::ostringstream out;
    out << toml::json_formatter(table);
    const auto parsed = nlohmann::json::parse(out.str(), nullptr, false);
    return parsed.is_object() ? parsed.dump() : std::string();
}

/// Also of the sections that there are many of; one that is no section is refused below.
Result<void> check_all_settings(const area::Node& tree, const std::string& file,
                                std::string& problem) {
    MASH_TRY_VOID(area::check_settings(
        tree, file,
        {"listen", "area_telephone", "alarm_hook", "poll_seconds", "immediate_alarm_seconds",
         "urgent_alarm_minutes", "unread_alarm_seconds", "retention_after_taken_days",
         "decision_record_years", "areas", "agencies", "handover", "services", "console"},
        problem));
    if (const auto* console = area::find_setting(tree, "console"))
        MASH_TRY_VOID(area::check_settings(
            *console, file, {"listen", "certificate", "key", "names", "files", "training"},
            problem));
    const auto each = [&](const char* name,
                          std::initializer_list<std::string_view> known) -> Result<void> {
        const auto* sections = area::find_setting(tree, name);
        if (sections == nullptr) return {};
        for (const auto& section : sections->members)
            MASH_TRY_VOID(area::check_settings(section.value, file, known, problem));
        return {};
    };
    MASH_TRY_VOID(each("areas", {"host", "folder"}));
    MASH_TRY_VOID(each("agencies", {"area", "role", "urn", "professional_contact"}));
    return each("handover", {"folder", "webhook", "format", "to"});
}

}  // namespace

fs::path host_key_path(const fs::path& folder, const AreaId& area) {
    return folder / "keys" / ("host-" + area.value() + ".key");
}
fs::path agency_key_path(const fs::path& folder, const AgencyId& agency) {
    return folder / "keys" / "agencies" / (agency.value() + ".key");
}
fs::path replaced_keys_path(const fs::path& folder) { return folder / "keys" / "replaced"; }
fs::path storage_key_path(const fs::path& folder) { return folder / "keys" / "storage.key"; }
fs::path recovery_key_path(const fs::path& folder) { return folder / "keys" / "recovery.key"; }
fs::path recovery_public_path(const fs::path& folder) { return folder / "keys" / "recovery.pub"; }
fs::path service_token_path(const fs::path& folder) { return folder / "keys" / "service.key"; }

fs::path console_certificate_path(const fs::path& folder) {
    return folder / "keys" / "console.crt";
}
fs::path console_key_path(const fs::path& folder) { return folder / "keys" / "console.key"; }

std::string to_json(const BrokerAddress& address) {
    return nlohmann::json{{"endpoints", address.endpoints},
                          {"key", crypto::curve_text(address.key)}}
               .dump(2) +
           "\n";
}

Result<BrokerAddress> parse_broker_address(std::string_view json) {
    const auto document = nlohmann::json::parse(json, nullptr, false);
    if (!document.is_object() || !document.contains("endpoints") ||
        !document["endpoints"].is_array() || !document.contains("key") ||
        !document["key"].is_string()) {
        return fail(ErrorCode::malformed);
    }
    BrokerAddress out;
    for (const auto& endpoint : document["endpoints"]) {
        if (!endpoint.is_string()) return fail(ErrorCode::malformed);
        out.endpoints.push_back(endpoint.get<std::string>());
    }
    if (out.endpoints.empty()) return fail(ErrorCode::missing_field);
    MASH_TRY(key, crypto::curve_from_text(document["key"].get<std::string>()));
    out.key = key;
    return out;
}

Result<AgentConfig> read_agent_config(const fs::path& folder, std::string& problem) {
    const auto file = folder / "agent.toml";
    const auto text = area::read_file(file, config_bytes_max);
    if (!text) {
        problem = file.string() + " cannot be read: " + std::string(describe(text.error())) +
                  ". Join an area first with the enrol command";
        return fail(text.error());
    }
    const auto parsed = toml::parse(text_of(*text), file.string());
    if (!parsed) {
        const auto& where = parsed.error().source().begin;
        problem = file.string() + ":" + std::to_string(where.line) + ":" +
                  std::to_string(where.column) + ": " + std::string(parsed.error().description());
        return fail(ErrorCode::malformed);
    }
    const toml::table& table = parsed.table();
    MASH_TRY(tree, area::parse_settings(text_of(*text), file.string(), problem));
    MASH_TRY_VOID(check_all_settings(tree, file.string(), problem));
    const auto at = [&](const toml::node& node) {
        return file.string() + ":" + std::to_string(node.source().begin.line) + ": ";
    };
    // A key that is there with another type than ours is a mistake of the writer, never a default.
    bool well_typed = true;
    const auto text_in = [&](const toml::table& section, std::string_view key,
                             std::string fallback = {}) {
        const auto* node = section.get(key);
        if (node == nullptr) return fallback;
        if (const auto value = node->value_exact<std::string>()) return *value;
        if (well_typed) problem = at(*node) + std::string(key) + " must be text in quotation marks";
        well_typed = false;
        return fallback;
    };
    const auto is_section = [&](std::string_view name, const toml::node& node) {
        if (!is_valid_name(name))
            problem = at(node) +
                      "a name is 1 to 64 of a-z, 0-9, dot, dash and underscore, and begins with a "
                      "letter or digit";
        else if (!node.is_table())
            problem = at(node) + std::string(name) + " must be a section";
        else
            return true;
        return false;
    };
    for (const char* name : {"agencies", "handover", "services"}) {
        const auto* node = table.get(name);
        if (node == nullptr || node->is_table()) continue;
        problem = at(*node) + name + " must be a section for each, such as [" + name + ".NAME]";
        return fail(ErrorCode::bad_value);
    }
    AgentConfig out;
    out.folder = folder;
    const auto read_listen = [&](const std::string& listen, std::string& address,
                                 std::uint16_t& number) {
        const auto colon = listen.find_last_of(':');
        const std::string digits = colon == std::string::npos ? "" : listen.substr(colon + 1);
        if (digits.empty() || digits.size() > 5 ||
            digits.find_first_not_of("0123456789") != std::string::npos ||
            std::stoul(digits) > 65535)
            return false;
        address = listen.substr(0, colon);
        number = static_cast<std::uint16_t>(std::stoul(digits));
        return true;
    };
    const std::string listen = text_in(table, "listen", "127.0.0.1:0");
    if (!read_listen(listen, out.listen_address, out.listen_port)) {
        problem = file.string() +
                  ": listen must be an address and a port, for example \"127.0.0.1:7411\"";
        return fail(ErrorCode::bad_value);
    }
    if (!http::is_loopback(out.listen_address)) {
        problem = file.string() +
                  ": listen is not the loopback address, and what goes over it is not encrypted: "
                  "anybody on the network could read tokens and what is said about a child. Write "
                  "\"127.0.0.1:" +
                  std::to_string(out.listen_port) +
                  "\", and open the console to the network by listen in [console], which is HTTPS";
        return fail(ErrorCode::bad_value);
    }
    if (const auto* console = table.get("console")) {
        const auto* section = console->as_table();
        if (section == nullptr) {
            problem = at(*console) + "console must be a section: [console]";
            return fail(ErrorCode::bad_value);
        }
        const std::string where = text_in(*section, "listen");
        if (!where.empty() &&
            !read_listen(where, out.console.listen_address, out.console.listen_port)) {
            problem = at(*console) +
                      "listen must be an IP address and a port, for example \"0.0.0.0:8443\"";
            return fail(ErrorCode::bad_value);
        }
        const auto path_in = [&](std::string_view key) -> fs::path {
            const fs::path given = text_in(*section, key);
            return given.empty() || given.is_absolute() ? given : folder / given;
        };
        out.console.certificate = path_in("certificate");
        out.console.key = path_in("key");
        out.console.files = path_in("files");
        if (out.console.certificate.empty() != out.console.key.empty()) {
            problem = at(*console) +
                      "certificate and key belong together: give both, or neither, and the agent "
                      "makes a certificate of its own";
            return fail(ErrorCode::bad_value);
        }
        if (const auto* training = section->get("training")) {
            const auto is_training = training->value_exact<bool>();
            if (!is_training) {
                problem = at(*training) + "training is true where everybody is invented, or false";
                return fail(ErrorCode::bad_value);
            }
            out.console.is_training = *is_training;
        }
        if (const auto* names = section->get("names")) {
            const auto* list = names->as_array();
            bool is_list = list != nullptr && !list->empty();
            for (std::size_t i = 0; is_list && i < list->size(); ++i) {
                const auto name = list->get(i)->value_exact<std::string>();
                is_list = name && !name->empty();
                if (is_list) out.console.names.push_back(*name);
            }
            if (!is_list) {
                problem = at(*names) +
                          "names must be a list of the names and addresses that browsers reach "
                          "this machine by, such as [\"mash.example.gov.uk\"]";
                return fail(ErrorCode::bad_value);
            }
        }
    }
    out.area_telephone = text_in(table, "area_telephone");
    out.alarm_hook = text_in(table, "alarm_hook");
    const auto* poll_node = table.get("poll_seconds");
    const double poll = poll_node == nullptr ? 1.0 : poll_node->value<double>().value_or(0.0);
    if (!(poll >= 0.05 && poll <= 3600)) {
        problem = at(*poll_node) + "poll_seconds must be from 0.05 to 3600";
        return fail(ErrorCode::bad_value);
    }
    out.poll_interval = std::chrono::milliseconds(static_cast<std::int64_t>(poll * 1000));

    const auto number = [&](std::string_view key, std::int64_t fallback, std::int64_t min,
                            std::int64_t max) {
        return area::whole_number(tree, file.string(), key, fallback, min, max, problem);
    };
    using std::chrono::minutes;
    MASH_TRY(immediate, number("immediate_alarm_seconds", out.immediate_alarm.count(), 5, 3600));
    MASH_TRY(urgent,
             number("urgent_alarm_minutes",
                    std::chrono::duration_cast<minutes>(out.urgent_alarm).count(), 1, 1440));
    MASH_TRY(unread, number("unread_alarm_seconds", 0, 5, 86'400));
    MASH_TRY(taken_days,
             number("retention_after_taken_days", out.retention_after_taken.count(), 1, 36'500));
    MASH_TRY(record_years,
             number("decision_record_years", out.decision_record_term.count() / 365, 6, 100));
    out.decision_record_term = std::chrono::days(365 * record_years);
    out.immediate_alarm = std::chrono::seconds(immediate);
    out.urgent_alarm = minutes(urgent);
    if (unread > 0) out.unread_alarm = std::chrono::seconds(unread);
    out.retention_after_taken = std::chrono::days(taken_days);

    const auto* areas = table["areas"].as_table();
    if (areas == nullptr || areas->empty()) {
        problem =
            file.string() + ": no [areas.NAME] section. Join an area first with the enrol command";
        return fail(ErrorCode::missing_field);
    }
    for (const auto& [name, node] : *areas) {
        if (!is_section(name.str(), node)) return fail(ErrorCode::bad_value);
        const auto* section = node.as_table();
        AreaConfig area;
        const AreaId id{std::string(name.str())};
        area.state = folder / "areas" / id.value();
        const auto anchor_text = area::read_file(area.state / "area.json", config_bytes_max);
        const auto anchor = anchor_text ? area::parse_trust_anchor(text_of(*anchor_text))
                                        : Result<area::TrustAnchor>(fail(anchor_text.error()));
        const auto broker_text = area::read_file(area.state / "broker.json", config_bytes_max);
        auto broker = broker_text ? parse_broker_address(text_of(*broker_text))
                                  : Result<BrokerAddress>(fail(broker_text.error()));
        if (!anchor || !broker || anchor->area != id) {
            problem =
                area.state.string() +
                " lacks area.json or broker.json of that area: join it with the enrol command";
            return fail(ErrorCode::not_found);
        }
        area.anchor = *anchor;
        area.broker = std::move(*broker);
        area.host = HostId(text_in(*section, "host"));
        if (well_typed && !is_valid_name(area.host.value())) {
            problem = at(node) + "host is missing or is no name: enrol writes it";
            return fail(ErrorCode::missing_field);
        }
        const fs::path given = text_in(*section, "folder", ".");
        area.folder = given.is_absolute() ? given : folder / given;
        const auto where = area.folder.lexically_normal();
        for (const auto& known : out.areas) {
            if (!well_typed || known.folder.lexically_normal() / "" != where / "") continue;
            problem = at(node) + "folder is the same as that of area " + known.anchor.area.value() +
                      ": a file dropped there would go to either. Give each area a folder of its "
                      "own";
            return fail(ErrorCode::bad_value);
        }
        out.areas.push_back(std::move(area));
    }
    if (const auto* agencies = table["agencies"].as_table()) {
        for (const auto& [name, node] : *agencies) {
            if (!is_section(name.str(), node)) return fail(ErrorCode::bad_value);
            const auto* section = node.as_table();
            AgencyConfig agency;
            agency.id = AgencyId{std::string(name.str())};
            agency.role = RoleId(text_in(*section, "role"));
            agency.urn = text_in(*section, "urn");
            if (const auto* contact = (*section)["professional_contact"].as_table())
                agency.professional_contact = json_of(*contact);
            const std::string area = text_in(*section, "area");
            bool placed = false;
            for (auto& known : out.areas) {
                if (known.anchor.area.value() == area) {
                    known.agencies.push_back(agency);
                    placed = true;
                }
            }
            if (!placed && well_typed) {
                problem = at(node) + "agency " + agency.id.value() +
                          " names an area that has no [areas] section";
                return fail(ErrorCode::bad_value);
            }
        }
    }
    if (const auto* handover = table["handover"].as_table()) {
        for (const auto& [name, node] : *handover) {
            if (!is_section(name.str(), node)) return fail(ErrorCode::bad_value);
            const auto* section = node.as_table();
            HandoverTarget target;
            const std::string given = text_in(*section, "folder");
            if (!given.empty())
                target.folder = fs::path(given).is_absolute() ? fs::path(given) : folder / given;
            target.webhook = text_in(*section, "webhook");
            if (!target.webhook.empty() && !may_carry_content(target.webhook)) {
                problem =
                    file.string() + ":" + std::to_string(section->source().begin.line) +
                    ": a webhook is https://, or http:// on this machine: on any other what was "
                    "sealed would travel in clear";
                return fail(ErrorCode::bad_value);
            }
            target.format = text_in(*section, "format");
            target.to = text_in(*section, "to");
            out.handover.emplace(InboxId{std::string(name.str())}, std::move(target));
        }
    }
    if (const auto* services = table["services"].as_table()) {
        for (const auto& [name, node] : *services) {
            if (!is_section(name.str(), node)) return fail(ErrorCode::bad_value);
            auto& settings = out.services[std::string(name.str())];
            for (const auto& [key, value] : *node.as_table())
                settings.emplace(std::string(key.str()),
                                 text_in(*node.as_table(), std::string(key.str())));
        }
    }
    if (!well_typed) return fail(ErrorCode::bad_value);
    return out;
}

}  // namespace mash::runtime_shell
