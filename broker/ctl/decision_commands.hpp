// `mashctl decisions`: what the broker recorded of its own decisions, in codes.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "broker/ctl/context.hpp"

namespace mash::ctl {

/// The broker's answer to a command, as ask_broker() gives it; tests put a core in its place.
using AskBroker =
    std::function<Outcome<std::string>(const std::string& command, const std::string& argument)>;

struct DecisionsPeriod {
    std::filesystem::path socket;
    unsigned timeout_seconds = 30;
    std::string from;  ///< RFC 3339, or a day: 2026-11-24
    std::string to;    ///< before; a day: before it begins
};

struct DecisionsList {
    DecisionsPeriod of;
};
Outcome<void> list_decisions(const Context& context, const DecisionsList& command);
Outcome<void> list_decisions(const Context& context, const DecisionsList& command,
                             const AskBroker& ask);

struct DecisionsShow {
    DecisionsPeriod of;  ///< socket and time-out only
    std::string id;
};
/// In words and in the auditor's full form, under the documents of that day.
Outcome<void> show_decision(const Context& context, const DecisionsShow& command);
Outcome<void> show_decision(const Context& context, const DecisionsShow& command,
                            const AskBroker& ask);

struct DecisionsReplay {
    DecisionsPeriod of;
    std::string id;  ///< "": all of the period
};
/// Makes them again and compares byte for byte; the first field that differs is named. Refused when
/// one differs or cannot be made.
Outcome<void> replay_decisions(const Context& context, const DecisionsReplay& command);
Outcome<void> replay_decisions(const Context& context, const DecisionsReplay& command,
                               const AskBroker& ask);

struct DecisionsExport {
    DecisionsPeriod of;
    std::filesystem::path file;
};
/// The last decision of each notification of the period, a line of facts each, as `policy simulate`
/// reads them.
Outcome<void> export_decisions(const Context& context, const DecisionsExport& command);
Outcome<void> export_decisions(const Context& context, const DecisionsExport& command,
                               const AskBroker& ask);

}  // namespace mash::ctl
