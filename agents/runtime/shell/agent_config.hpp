// agent.toml and the files beside it: where an agent's folders, keys and areas are. Everything
// about sharing is in signed documents instead.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agents/runtime/shell/handover.hpp"
#include "common/area/enrolment.hpp"
#include "common/base/id.hpp"
#include "common/base/limits.hpp"
#include "common/base/result.hpp"
#include "common/crypto/curve.hpp"

namespace mash::runtime_shell {

struct AgencyConfig {
    AgencyId id;
    RoleId role;  ///< as whom files are read; "" = each file says
    std::string urn;
    std::string professional_contact;  ///< JSON of `pro`; "" = none
};

/// What was learnt when the host joined the area.
struct BrokerAddress {
    std::vector<std::string> endpoints;
    crypto::CurvePublicKey key;
};

struct AreaConfig {
    area::TrustAnchor anchor;
    HostId host;
    BrokerAddress broker;
    std::filesystem::path state;   ///< DIR/areas/<area>: store, trust, broker address
    std::filesystem::path folder;  ///< holds intake/, accepted/, rejected/
    std::vector<AgencyConfig> agencies;
};

/// One section `[services.NAME]` of agent.toml, each value as text. What they mean is known to the
/// service (agent_service.hpp).
using ServiceSettings = std::map<std::string, std::string, std::less<>>;

/// `[console]`: the pages that people use, and the way to them.
struct ConsoleConfig {
    std::string listen_address;  ///< "" = only the loopback address of `listen`, in clear
    std::uint16_t listen_port = 0;
    std::filesystem::path certificate;  ///< PEM; both or none. None: the agent makes its own
    std::filesystem::path key;
    std::vector<std::string> names;  ///< that browsers reach this machine by
    std::filesystem::path files;     ///< "" = beside the program
    bool is_training = false;        ///< everybody here is invented; every page says so
};

struct AgentConfig {
    std::filesystem::path folder;  ///< DIR
    std::string listen_address = "127.0.0.1";
    std::uint16_t listen_port = 0;
    std::string area_telephone;  ///< "" = the front door's, of each area's signed documents
    std::string alarm_hook;      ///< a command; "" = none
    std::chrono::milliseconds poll_interval{1000};
    std::chrono::seconds immediate_alarm{limits::accepted_immediate_alarm};
    std::chrono::seconds urgent_alarm{limits::accepted_urgent_alarm};
    std::optional<std::chrono::seconds> unread_alarm;  ///< nothing: as is right for this agency
    std::chrono::days retention_after_taken{limits::retention_after_taken};
    /// Records of decisions and of who looked at what: at least 6 years (domain.md F5).
    std::chrono::days decision_record_term{365 * 25};
    std::vector<AreaConfig> areas;
    std::map<InboxId, HandoverTarget> handover;
    ConsoleConfig console;
    std::map<std::string, ServiceSettings, std::less<>> services;
};

/// `problem` says in plain English what is wrong and where.
Result<AgentConfig> read_agent_config(const std::filesystem::path& folder, std::string& problem);

// The layout of DIR, in one place.
std::filesystem::path host_key_path(const std::filesystem::path& folder, const AreaId& area);
std::filesystem::path agency_key_path(const std::filesystem::path& folder, const AgencyId& agency);
/// What an invite that replaces keys has put out of use; one folder for each such invite.
std::filesystem::path replaced_keys_path(const std::filesystem::path& folder);
std::filesystem::path storage_key_path(const std::filesystem::path& folder);
std::filesystem::path recovery_key_path(
    const std::filesystem::path& folder);  ///< to be moved off the machine
std::filesystem::path recovery_public_path(const std::filesystem::path& folder);
std::filesystem::path service_token_path(const std::filesystem::path& folder);
/// Of the certificate that the agent makes for itself; `.crt` and `.key`.
std::filesystem::path console_certificate_path(const std::filesystem::path& folder);
std::filesystem::path console_key_path(const std::filesystem::path& folder);

std::string to_json(const BrokerAddress& address);
Result<BrokerAddress> parse_broker_address(std::string_view json);

}  // namespace mash::runtime_shell
