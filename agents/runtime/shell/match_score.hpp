// `match score`: tries the matcher on people whose truth is known, from any CSV. Reads files, asks
// no agent, sends nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agents/runtime/identity/front_door.hpp"

namespace CLI {
class App;
}

namespace mash::runtime_shell {

struct MatchScoreOptions {
    std::string file;
    std::vector<std::string> columns;
    std::string group;          ///< column of the truth
    std::string group_from_id;  ///< pattern whose first group is the truth
    std::string labels;
    std::vector<std::string> label_columns{"unique_id_l", "unique_id_r", "clerical_match_score"};
    std::string half;
    std::string pairs;
    std::string format = "text";
    bool any_postcode = false;
    bool weights = false;
    std::optional<double> population;  ///< children of an area: how many questions a working day
    identity::AreaAssumed area;        ///< what else is assumed of it
};

/// Adds the options to the command.
void add_match_score_options(CLI::App& command, MatchScoreOptions& options);

/// What main() returns: 0 scored, 1 failed.
int match_score(const std::string& program, const MatchScoreOptions& options);

}  // namespace mash::runtime_shell
