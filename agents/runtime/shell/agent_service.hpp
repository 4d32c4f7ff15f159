// What one kind of agent adds to the runtime: a listener for its systems' own protocol. The runtime
// starts it, gives it the ways in that the intake folder has, and knows nothing of the protocol.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agents/runtime/shell/agent_config.hpp"
#include "agents/runtime/shell/intake_folder.hpp"

namespace mash::runtime_shell {

struct ServicePlace {
    ServiceSettings settings;
    std::filesystem::path agent_folder;  ///< DIR: relative paths of the settings begin there
    std::filesystem::path area_folder;   ///< holds intake/, accepted/, rejected/
    IntakeDoors doors;
    /// As IntakeConfig::context_of: by the id of an agency served here.
    std::function<std::optional<runtime::ReadContext>(const std::string& agency)> context_of;
    /// Whether this is the service token of the host (api.json); for listeners that ask for one.
    std::function<bool(const PersonalText& credential)> is_service;
    std::function<Now()> read_clocks;
};

class AgentService {
public:
    virtual ~AgentService() = default;
    /// Listens from here on. `problem` says in plain English what to do about a failure.
    virtual Result<void> start(std::string& problem) = 0;
    /// No door is used any more once it returns.
    virtual void stop() = 0;
};

/// Errors are those of the settings; `problem` says in plain English which.
using MakeService =
    std::function<Result<std::unique_ptr<AgentService>>(ServicePlace place, std::string& problem)>;
/// By the name of its section.
using AgentServices = std::map<std::string, MakeService, std::less<>>;

/// What one kind of agent brings along beside its intake formats.
struct AgentExtras {
    AgentServices services{};
    HandoverFormats handover_formats{};
    /// How long what such an agency puts into intake/ may lie unread, where agent.toml says
    /// nothing.
    std::chrono::seconds unread_alarm = limits::file_unread_alarm;
};

}  // namespace mash::runtime_shell
