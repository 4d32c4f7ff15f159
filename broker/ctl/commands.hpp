// The command line of mashctl: which words lead to which command. Each function adds one group and
// leaves in `chosen` what is to be run.
#pragma once

#include <functional>

#include "broker/ctl/context.hpp"

namespace CLI {
class App;
}

namespace mash::ctl {

using Chosen = std::function<Outcome<void>(const Context&)>;

void add_area_commands(CLI::App& app, Chosen& chosen);    ///< area, freshness, document
void add_agency_commands(CLI::App& app, Chosen& chosen);  ///< agency
void add_policy_commands(CLI::App& app, Chosen& chosen);  ///< policy
void add_broker_commands(CLI::App& app, Chosen& chosen);  ///< status, tasks, release ...

}  // namespace mash::ctl
