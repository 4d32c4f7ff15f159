// FHIR R4 messaging over REST as a section of agent.toml:
//
//   [services.fhir]
//   listen = "127.0.0.1:8070"
//   agency = "trust"
#pragma once

#include "agents/runtime/shell/agent_service.hpp"

namespace mash::health_shell {

Result<std::unique_ptr<runtime_shell::AgentService>> make_fhir_service(
    runtime_shell::ServicePlace place, std::string& problem);

}  // namespace mash::health_shell
