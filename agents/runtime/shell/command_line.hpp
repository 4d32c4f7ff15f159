// The command line that every agent has: run, enrol, person, intake, status, conflict. An agency's
// main.cpp adds its name and its formats.
#pragma once

#include <functional>
#include <string>

#include "agents/runtime/core/source.hpp"
#include "agents/runtime/shell/agent_service.hpp"

namespace mash::runtime_shell {

struct AgentKindText {
    std::string program;      ///< "mash-police"
    std::string description;  ///< one sentence for --help
    bool may_declare_conflicts = false;
    AgentExtras extras{};  ///< that agent.toml may name
};

/// What main() returns: 0 done, 1 failed, 2 used wrongly.
int run_agent_command_line(int argc, char** argv, const AgentKindText& text,
                           const std::function<runtime::SourceFormats()>& formats);

}  // namespace mash::runtime_shell
