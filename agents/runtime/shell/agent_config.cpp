#include "agents/runtime/shell/agent_config.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/area/files.hpp"
#include "common/area/toml.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t config_bytes_max = 4 * 1024 * 1024;   // a council's host lists three hundred schools

std::string json_of(const toml::table& table) {
    std::ostringstream out;
    out << toml::json_formatter(table);
    const auto parsed = nlohmann::json::parse(out.str(), nullptr, false);
    return parsed.is_object() ? parsed.dump() : std::string();
}

}  // namespace

fs::path host_key_path(const fs::path& folder, const AreaId& area) { return folder / "keys" / ("host-" + area.value() + ".key"); }
fs::path agency_key_path(const fs::path& folder, const AgencyId& agency) { return folder / "keys" / "agencies" / (agency.value() + ".key"); }
fs::path storage_key_path(const fs::path& folder) { return folder / "keys" / "storage.key"; }
fs::path recovery_key_path(const fs::path& folder) { return folder / "keys" / "recovery.key"; }
fs::path recovery_public_path(const fs::path& folder) { return folder / "keys" / "recovery.pub"; }
fs::path service_token_path(const fs::path& folder) { return folder / "keys" / "service.key"; }

std::string to_json(const BrokerAddress& address) {
    return nlohmann::json{{"endpoints", address.endpoints}, {"key", crypto::curve_text(address.key)}}.dump(2) + "\n";
}

Result<BrokerAddress> parse_broker_address(std::string_view json) {
    const auto document = nlohmann::json::parse(json, nullptr, false);
    if (!document.is_object() || !document.contains("endpoints") || !document["endpoints"].is_array() ||
        !document.contains("key") || !document["key"].is_string()) {
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
        problem = file.string() + " cannot be read: " + std::string(describe(text.error())) + ". Join an area first with the enrol command";
        return fail(text.error());
    }
    const auto parsed = toml::parse(text_of(*text), file.string());
    if (!parsed) {
        const auto& where = parsed.error().source().begin;
        problem = file.string() + ":" + std::to_string(where.line) + ":" + std::to_string(where.column) + ": " + std::string(parsed.error().description());
        return fail(ErrorCode::malformed);
    }
    const toml::table& table = parsed.table();
    AgentConfig out;
    out.folder = folder;
    const std::string listen = table["listen"].value_or(std::string("127.0.0.1:0"));
    const auto colon = listen.find_last_of(':');
    const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos || std::stoul(port) > 65535) {
        problem = file.string() + ": listen must be an address and a port, for example \"127.0.0.1:7411\"";
        return fail(ErrorCode::bad_value);
    }
    out.listen_address = listen.substr(0, colon);
    out.listen_port = static_cast<std::uint16_t>(std::stoul(port));
    out.area_telephone = table["area_telephone"].value_or(std::string());
    out.alarm_hook = table["alarm_hook"].value_or(std::string());
    const auto poll = table["poll_seconds"].value_or<double>(1.0);
    if (poll < 0.05 || poll > 3600) {
        problem = file.string() + ": poll_seconds must be from 0.05 to 3600";
        return fail(ErrorCode::bad_value);
    }
    out.poll_interval = std::chrono::milliseconds(static_cast<std::int64_t>(poll * 1000));

    const auto* areas = table["areas"].as_table();
    if (areas == nullptr || areas->empty()) {
        problem = file.string() + ": no [areas.NAME] section. Join an area first with the enrol command";
        return fail(ErrorCode::missing_field);
    }
    for (const auto& [name, node] : *areas) {
        const auto* section = node.as_table();
        AreaConfig area;
        const AreaId id{std::string(name.str())};
        area.state = folder / "areas" / id.value();
        const auto anchor_text = area::read_file(area.state / "area.json", config_bytes_max);
        const auto anchor = anchor_text ? area::parse_trust_anchor(text_of(*anchor_text)) : Result<area::TrustAnchor>(fail(anchor_text.error()));
        const auto broker_text = area::read_file(area.state / "broker.json", config_bytes_max);
        auto broker = broker_text ? parse_broker_address(text_of(*broker_text)) : Result<BrokerAddress>(fail(broker_text.error()));
        if (!anchor || !broker || anchor->area != id || section == nullptr) {
            problem = area.state.string() + " lacks area.json or broker.json of that area: join it with the enrol command";
            return fail(ErrorCode::not_found);
        }
        area.anchor = *anchor;
        area.broker = std::move(*broker);
        area.host = HostId((*section)["host"].value_or(std::string()));
        const fs::path given = (*section)["folder"].value_or(std::string("."));
        area.folder = given.is_absolute() ? given : folder / given;
        out.areas.push_back(std::move(area));
    }
    if (const auto* agencies = table["agencies"].as_table()) {
        for (const auto& [name, node] : *agencies) {
            const auto* section = node.as_table();
            if (section == nullptr) continue;
            AgencyConfig agency;
            agency.id = AgencyId{std::string(name.str())};
            agency.role = RoleId((*section)["role"].value_or(std::string()));
            agency.urn = (*section)["urn"].value_or(std::string());
            if (const auto* contact = (*section)["professional_contact"].as_table()) agency.professional_contact = json_of(*contact);
            const std::string area = (*section)["area"].value_or(std::string());
            bool placed = false;
            for (auto& known : out.areas) {
                if (known.anchor.area.value() == area) {
                    known.agencies.push_back(agency);
                    placed = true;
                }
            }
            if (!placed) {
                problem = file.string() + ": agency " + agency.id.value() + " names an area that has no [areas] section";
                return fail(ErrorCode::bad_value);
            }
        }
    }
    if (const auto* handover = table["handover"].as_table()) {
        for (const auto& [name, node] : *handover) {
            const auto* section = node.as_table();
            if (section == nullptr) continue;
            HandoverTarget target;
            const std::string given = (*section)["folder"].value_or(std::string());
            if (!given.empty()) target.folder = fs::path(given).is_absolute() ? fs::path(given) : folder / given;
            target.webhook = (*section)["webhook"].value_or(std::string());
            out.handover.emplace(InboxId{std::string(name.str())}, std::move(target));
        }
    }
    return out;
}

}  // namespace mash::runtime_shell
