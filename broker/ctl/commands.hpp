// The command line of mashctl: which words lead to which command. Each function adds one group and
// leaves in `chosen` what is to be run.
#pragma once

#include <filesystem>
#include <functional>

#include "broker/ctl/context.hpp"

namespace CLI {
class App;
}

namespace mash::ctl {

using Chosen = std::function<Outcome<void>(const Context&)>;

/// Puts a backup back under a broker that is stopped.
struct BrokerRestore {
    std::filesystem::path dir;     ///< holds broker.toml
    std::filesystem::path backup;  ///< a folder that `mashctl backup` made
    bool force = false;            ///< a store is there already: keep it under another name
};
/// Given by main(), the one file here that may see a broker's store.
using RestoreBroker = std::function<Outcome<void>(const Context&, const BrokerRestore&)>;

void add_area_commands(CLI::App& app, Chosen& chosen);    ///< area, freshness, document
void add_agency_commands(CLI::App& app, Chosen& chosen);  ///< agency
void add_policy_commands(CLI::App& app, Chosen& chosen);  ///< policy
/// status, tasks, release, backup, restore ...
void add_broker_commands(CLI::App& app, Chosen& chosen, const RestoreBroker& restore);

}  // namespace mash::ctl
