#include "agents/runtime/shell/account_commands.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/area/files.hpp"

namespace mash::runtime_shell {

using Action = AccountOptions::Action;
using Json = nlohmann::json;

namespace {

/// One line of a file, so that no secret stands where other users of the machine read commands.
PersonalText line_of(const std::string& file) {
    const auto text = area::read_file(file, 64 * 1024);
    if (!text) return PersonalText();
    std::string plain(text_of(*text));
    while (!plain.empty() && (plain.back() == '\n' || plain.back() == '\r')) plain.pop_back();
    return PersonalText(std::move(plain));
}

CLI::App* command_of(CLI::App& app, AccountOptions& options, Action action, const char* name,
                     const char* text) {
    auto* command = app.add_subcommand(name, text);
    command->add_option("--dir", options.folder, "The agent's folder, which holds agent.toml")
        ->required();
    command->add_option("--area", options.area, "Needed where the agent serves several areas");
    command->callback([&options, action] { options.action = action; });
    return command;
}

}  // namespace

void add_account_commands(CLI::App& app, AccountOptions& options) {
    app.require_subcommand(1);
    auto* add =
        command_of(app, options, Action::add, "add",
                   "Choose a name and a passphrase, with the token that person add printed");
    auto* factor = command_of(app, options, Action::second_factor, "second-factor",
                              "A new telephone or sheet, with a recovery code or one of `reset`");
    auto* reset = command_of(app, options, Action::reset, "reset",
                             "A code for a colleague who has lost telephone and recovery codes: "
                             "with their passphrase it makes a new second factor, once, today");
    auto* remove = command_of(app, options, Action::remove, "remove",
                              "Remove an account whose passphrase is lost: its person makes "
                              "another with their token");
    for (auto* command : {add, factor}) {
        command->add_option("--name", options.name, "The name to sign in with")->required();
        command
            ->add_option("--passphrase-file", options.passphrase_file,
                         "A file whose only line is the passphrase")
            ->required();
        command
            ->add_option("--second-factor", options.second_factor,
                         "codes: a printed sheet; totp: a telephone")
            ->check(CLI::IsMember({"codes", "totp"}));
        command->add_option("--save", options.save_file,
                            "Write codes and secrets to this file instead of the screen");
    }
    add->add_option("--token-file", options.token_file, "The person's own token file")->required();
    factor
        ->add_option("--recovery-code-file", options.code_file,
                     "A file whose only line is the recovery code")
        ->required();
    for (auto* command : {reset, remove}) {
        command->add_option("person", options.person, "The person's id (p-...)")->required();
        command->add_option("--token-file", options.token_file,
                            command == reset ? "Token file of a colleague who opens all their "
                                               "inboxes"
                                             : "The same, or the person's own");
        command->add_option("--recovery-key", options.recovery_file,
                            "The offline recovery key, where there is no such colleague");
    }
}

Result<AccountRequest> account_request(const AccountOptions& options, const PersonalText& token,
                                       const PersonalText& recovery_key, std::string& problem) {
    const std::string query = options.area.empty() ? "" : "?area=" + options.area;
    const bool is_new = options.action == Action::add || options.action == Action::second_factor;
    Json body = Json::object();
    if (is_new) {
        const auto passphrase = line_of(options.passphrase_file);
        if (passphrase.reveal().empty()) {
            problem = "No passphrase in " + options.passphrase_file;
            return fail(ErrorCode::bad_value);
        }
        body = {{"name", options.name},
                {"passphrase", passphrase.reveal()},
                {"second_factor", options.second_factor}};
    }
    const auto needs = [&](const PersonalText& what, const std::string& words) {
        if (what.reveal().empty() && problem.empty()) problem = words;
        return what.reveal();
    };
    AccountRequest request{"POST", "", PersonalText()};
    switch (options.action) {
        case Action::add:
            request.path = "/api/v1/accounts";
            body["token"] = needs(token, "No token in " + options.token_file);
            break;
        case Action::second_factor:
            request.path = "/api/v1/account/second-factor";
            body["recovery_code"] =
                needs(line_of(options.code_file), "No recovery code in " + options.code_file);
            break;
        case Action::reset:
        case Action::remove:
            request.path = "/api/v1/people/" + options.person + "/account";
            if (options.action == Action::reset)
                request.path += "/reset";
            else
                request.method = "DELETE";
            if (!recovery_key.reveal().empty())
                body["recovery_key"] = recovery_key.reveal();
            else
                (void)needs(token, "Give --token-file of a colleague, or --recovery-key");
            break;
        case Action::none: problem = "Say which: add, second-factor, reset or remove"; break;
    }
    if (!problem.empty()) return fail(ErrorCode::bad_value);
    request.path += query;
    request.body = PersonalText(body.dump());
    return request;
}

}  // namespace mash::runtime_shell
