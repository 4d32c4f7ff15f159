// The listener for hospital messages as a section of agent.toml:
//
//   [services.mllp]
//   listen = "127.0.0.1:2575"
//   agency = "trust"
//   certificate = "keys/mllp.pem"        # optional, with key: TLS, and then any address
//   key = "keys/mllp.key"
//   client_authority = "keys/senders.pem"  # optional: only senders with a certificate of these
#pragma once

#include "agents/runtime/shell/agent_service.hpp"

namespace mash::health_shell {

Result<std::unique_ptr<runtime_shell::AgentService>> make_mllp_service(
    runtime_shell::ServicePlace place, std::string& problem);

}  // namespace mash::health_shell
