// `account`: who may sign in to the console, from the command line of the machine that runs the
// agent. What each asks of the running agent; the agent says who may.
#pragma once

#include <string>

#include "common/base/personal.hpp"
#include "common/base/result.hpp"

namespace CLI {
class App;
}

namespace mash::runtime_shell {

struct AccountOptions {
    enum class Action : std::uint8_t { none, add, second_factor, reset, remove };
    Action action = Action::none;
    std::string folder;
    std::string area;
    std::string token_file;
    std::string recovery_file;
    std::string name;
    std::string person;
    std::string passphrase_file;
    std::string code_file;
    std::string second_factor = "codes";
    std::string save_file;
};

struct AccountRequest {
    std::string method;
    std::string path;
    PersonalText body;
};

/// Adds the commands to `account`; parsing sets `options.action`.
void add_account_commands(CLI::App& app, AccountOptions& options);

/// `token` and `recovery_key` as the interface takes them, "" where none was given. Errors:
/// bad_value, with what to do in `problem`.
Result<AccountRequest> account_request(const AccountOptions& options, const PersonalText& token,
                                       const PersonalText& recovery_key, std::string& problem);

}  // namespace mash::runtime_shell
