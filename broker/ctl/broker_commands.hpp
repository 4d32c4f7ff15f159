// Commands to a running broker, over its admin socket.
#pragma once

#include <filesystem>
#include <string>

#include "broker/ctl/context.hpp"

namespace mash::ctl {

struct BrokerCommand {
    std::filesystem::path socket;
    std::string command;  ///< the broker's word: status, tasks, release ...
    std::string argument;
    bool json = false;  ///< the answer as it came
    unsigned timeout_seconds = 30;
};
/// Shows the answer: objects as lines of `name  value`, lists of objects as tables.
Outcome<void> run_broker_command(const Context& context, const BrokerCommand& command);

/// An answer in words, for people. `json`: the line of the broker.
Outcome<std::string> text_of_answer(const std::string& json);

}  // namespace mash::ctl
