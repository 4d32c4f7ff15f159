// Options and help of every command; no decision is made here.
#include <memory>

#include <CLI/CLI.hpp>

#include "broker/ctl/agency_commands.hpp"
#include "broker/ctl/area_commands.hpp"
#include "broker/ctl/broker_commands.hpp"
#include "broker/ctl/commands.hpp"
#include "broker/ctl/decision_commands.hpp"
#include "broker/ctl/policy_commands.hpp"
#include "broker/ctl/token_commands.hpp"

namespace mash::ctl {
namespace {

using Path = std::filesystem::path;

// The command's options live as long as the parser that writes into them.
template <class Command>
std::shared_ptr<Command> command_for(CLI::App& sub, Chosen& chosen,
                                     Outcome<void> (*run)(const Context&, const Command&)) {
    auto command = std::make_shared<Command>();
    sub.callback([command, &chosen, run] {
        chosen = [command, run](const Context& context) { return run(context, *command); };
    });
    return command;
}

void dir_option(CLI::App& sub, Path& dir) {
    sub.add_option("--dir", dir, "Folder of the area, as `mashctl area init` made it")->required();
}

void registrar_passphrase_option(CLI::App& sub, std::optional<Path>& file) {
    sub.add_option("--passphrase-file", file,
                   "File whose first line is the passphrase of the registrar's key, if it has one");
}

CLI::App& group(CLI::App& app, const char* name, const char* help) {
    auto* sub = app.add_subcommand(name, help);
    sub->require_subcommand(1);
    return *sub;
}

}  // namespace

void add_area_commands(CLI::App& app, Chosen& chosen) {
    auto& area = group(app, "area", "Make an area, and name its registrar");
    {
        auto& sub = *area.add_subcommand(
            "init", "Make the keys, the delegation and the first registry of an area");
        auto command = command_for<AreaInit>(sub, chosen, init_area);
        dir_option(sub, command->dir);
        sub.add_option("--area", command->area, "Name of the area, for ever: worcestershire")
            ->required();
        sub.add_option("--broker-endpoint", command->broker_endpoints,
                       "Where agents find the broker: tcp://HOST:PORT; once for each address")
            ->required();
        sub.add_option(
            "--passphrase-file", command->passphrase_file,
            "File whose first line is the passphrase of the root key; without it you are asked");
        sub.add_option("--registrar-passphrase-file", command->registrar_passphrase_file,
                       "File whose first line protects the registrar's key; without it that key is "
                       "not protected");
        sub.add_option("--registrar-days", command->registrar_days,
                       "For how long the registrar is named")
            ->capture_default_str();
    }
    {
        auto& sub = *area.add_subcommand(
            "delegate", "With the root key: name the registrar for longer, or with another key");
        auto command = command_for<AreaDelegate>(sub, chosen, delegate_registrar);
        dir_option(sub, command->dir);
        sub.add_option("--root-key", command->root_key,
                       "The root key's file, when it was moved away from root/root.key");
        sub.add_option(
            "--passphrase-file", command->passphrase_file,
            "File whose first line is the passphrase of the root key; without it you are asked");
        sub.add_flag("--new-key", command->new_key,
                     "Make a new registrar's key and end the present one");
        sub.add_option("--registrar-passphrase-file", command->registrar_passphrase_file,
                       "With --new-key: file whose first line protects the new key");
        sub.add_option(
            "--old-registrar-passphrase-file", command->old_registrar_passphrase_file,
            "With --new-key: file whose first line opens what the old passphrase protects");
        sub.add_option("--registrar-days", command->registrar_days,
                       "For how long the registrar is named")
            ->capture_default_str();
        sub.add_option("--second-registrar", command->second_registrar,
                       "Public key of another person, who must sign every policy too");
        sub.add_flag("--one-registrar", command->one_registrar,
                     "One signature is enough from now on");
    }
    {
        auto& sub = *app.add_subcommand(
            "registrar-key", "A second registrar's own key, made on that person's machine");
        auto command = command_for<RegistrarKey>(sub, chosen, make_registrar_key);
        sub.add_option("--area", command->area, "Name of the area")->required();
        sub.add_option("--out", command->out, "Where to write it")->required();
        sub.add_option("--passphrase-file", command->passphrase_file,
                       "File whose first line protects it; without it the key is not protected");
    }
    {
        auto& sub =
            *area.add_subcommand("show", "What the area is, and whether its documents are fresh");
        auto command = command_for<AreaShow>(sub, chosen, show_area);
        dir_option(sub, command->dir);
    }
    {
        auto& sub =
            *area.add_subcommand("endpoints", "Say where agents find the broker from now on");
        auto command = command_for<SetEndpoints>(sub, chosen, set_endpoints);
        dir_option(sub, command->dir);
        sub.add_option("--broker-endpoint", command->endpoints,
                       "tcp://HOST:PORT; once for each address")
            ->required();
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    auto& tokens = group(app, "tokens", "Change the keys of subject tokens");
    {
        auto& sub = *tokens.add_subcommand(
            "key", "On the broker's machine: make the next key, and print its public half");
        auto command = command_for<TokensKey>(sub, chosen, make_token_key);
        sub.add_option("--key", command->key, "The broker's key file")->required();
    }
    {
        auto& sub = *tokens.add_subcommand(
            "begin", "List the broker's next key, with a new secret for every agency");
        auto command = command_for<TokensBegin>(sub, chosen, begin_token_change);
        dir_option(sub, command->dir);
        sub.add_option("--broker-key", command->broker_key, "What `mashctl tokens key` printed")
            ->required();
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    {
        auto& sub = *tokens.add_subcommand(
            "finish",
            "End the older keys, after 15 days and once the broker waits for nobody. Give --socket "
            "or --nobody-waits; --now where it cannot wait");
        auto command = command_for<TokensFinish>(sub, chosen, finish_token_change);
        dir_option(sub, command->dir);
        sub.add_option("--socket", command->socket,
                       "The broker's admin socket, where the broker runs on this machine: ask it "
                       "first which agencies have lists or conflicts under the old keys alone");
        auto& nobody = *sub.add_flag(
            "--nobody-waits", command->nobody_waits,
            "You state that `mashctl tokens waiting` on the broker's machine listed both epochs "
            "and named nobody today");
        sub.add_flag("--now", command->now,
                     "At once: the old keys are in wrong hands. A conflict that was not stated "
                     "anew excludes nobody from what is sent from then on")
            ->excludes(&nobody);
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    auto& freshness = group(app, "freshness", "Vouch for the signed documents for the next 7 days");
    {
        auto& sub = *freshness.add_subcommand(
            "renew", "Sign a new freshness statement over the documents as they are");
        auto command = command_for<FreshnessRenew>(sub, chosen, renew_freshness);
        dir_option(sub, command->dir);
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    auto& document = group(app, "document", "Look at signed documents");
    {
        auto& sub = *document.add_subcommand(
            "show", "What a signed document says, and whether its signature is good");
        auto command = command_for<DocumentShow>(sub, chosen, show_document);
        sub.add_option("file", command->file, "registry.signed, policy.signed ...")->required();
        sub.add_option("--dir", command->dir, "Folder of the area whose signature it should bear");
        sub.add_flag("--body", command->body, "Also print the text of a policy or catalogue");
    }
}

void add_agency_commands(CLI::App& app, Chosen& chosen) {
    auto& agency = group(app, "agency", "Invite, approve, revoke and list agencies");
    {
        auto& sub = *agency.add_subcommand(
            "invite",
            "Make an invite for one agency, or with --from-csv one for each row of a table");
        auto one = std::make_shared<AgencyInvite>();
        auto many = std::make_shared<AgencyInvites>();
        dir_option(sub, one->dir);
        auto* id = sub.add_option("--id", one->id, "Id of the agency, for ever: orchard-gate");
        sub.add_option(
            "--kind", one->kind,
            "police, health, school, social_care, front_door ... (words of the catalogue)");
        sub.add_option("--name", one->name, "Name as people know it");
        sub.add_option("--urn", one->urn, "Six digits; schools need it");
        sub.add_option("--telephone", one->telephone, "Number to ring about the agency");
        sub.add_option("--host", one->host,
                       "Name of the machine that serves it; a council's may serve many schools")
            ->required();
        sub.add_option("--role", one->roles,
                       "Role it may publish as; once for each. Without it: the roles of its seats");
        sub.add_option("--seat", one->seats,
                       "role:inbox:people or role:inbox:automatic, then :alternate-inbox if there "
                       "is one; once for each. "
                       "An empty inbox means <id>.<role>. A school without --seat gets "
                       "sch:<id>.sch:people:<id>.alternate");
        auto* out = sub.add_option("--out", one->out, "File to write the invite to");
        sub.add_flag("--replace-keys", one->replace_keys,
                     "For an agency that is enrolled and lost its keys, or was revoked");
        sub.add_option("--valid-days", one->valid_days, "For how long the invite is good")
            ->capture_default_str();
        auto* csv = sub.add_option("--from-csv", many->csv,
                                   "Table with the columns id, name, kind, urn, telephone, roles, "
                                   "seats (the last two with "
                                   "semicolons inside); kind is school where it is absent");
        auto* out_dir =
            sub.add_option("--out-dir", many->out_dir, "With --from-csv: folder for the invites");
        csv->needs(out_dir)->excludes(id)->excludes(out);
        id->needs(out);
        sub.callback([one, many, csv, id, &chosen] {
            if (csv->count() == 0 && id->count() == 0)
                throw CLI::RequiredError("--id, or --from-csv");
            if (csv->count() == 0) {
                for (const auto& [option, value] :
                     {std::pair{"--kind", &one->kind}, std::pair{"--name", &one->name}}) {
                    if (value->empty()) throw CLI::RequiredError(option);
                }
                chosen = [one](const Context& context) { return invite_agency(context, *one); };
                return;
            }
            many->dir = one->dir;
            many->host = one->host;
            many->replace_keys = one->replace_keys;
            many->valid_days = one->valid_days;
            chosen = [many](const Context& context) { return invite_agencies(context, *many); };
        });
    }
    {
        auto& sub = *agency.add_subcommand(
            "approve", "Admit agencies whose fingerprint you heard over the telephone");
        auto command = command_for<AgencyApprove>(sub, chosen, approve_agencies);
        dir_option(sub, command->dir);
        sub.add_option("request", command->requests,
                       "Files that the agencies' `enrol` command wrote")
            ->required();
        auto* fingerprint =
            sub.add_option("--fingerprint", command->fingerprint,
                           "What the agency read out, 30 digits; without it you are asked");
        sub.add_flag("--accept-unread-fingerprint", command->accept_unread_fingerprint,
                     "For demonstrations only: admit without comparing")
            ->excludes(fingerprint);
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    {
        auto& sub = *agency.add_subcommand(
            "revoke", "From now on accept nothing new from an agency, and send it nothing new");
        auto command = command_for<AgencyRevoke>(sub, chosen, revoke_agency);
        dir_option(sub, command->dir);
        sub.add_option("id", command->id, "Id of the agency")->required();
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    {
        auto& sub = *agency.add_subcommand(
            "rotate", "Admit the next keys of agencies that signed them with their old ones");
        auto command = command_for<AgencyRotate>(sub, chosen, rotate_agencies);
        dir_option(sub, command->dir);
        sub.add_option("request", command->requests, "Files that the agencies' programs wrote")
            ->required();
        sub.add_option("--overlap-days", command->overlap_days, "For how long the old keys go on")
            ->capture_default_str()
            ->check(CLI::Range(1, 90));
        sub.add_option("--start-hours", command->start_hours,
                       "In how many hours the new signing key begins")
            ->capture_default_str()
            ->check(CLI::Range(0, 168));
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    {
        auto& sub = *agency.add_subcommand("list", "Who is enrolled, revoked or invited");
        auto command = command_for<AgencyList>(sub, chosen, list_agencies);
        dir_option(sub, command->dir);
        sub.add_flag("--json", command->json, "As JSON");
    }
}

void add_policy_commands(CLI::App& app, Chosen& chosen) {
    auto& policy = group(app, "policy", "Check, sign and question the area's sharing policy");
    {
        auto& sub =
            *policy.add_subcommand("check", "Find every mistake in a policy and its catalogue");
        auto command = command_for<PolicyCheck>(sub, chosen, check_policy);
        sub.add_option("policy", command->files.policy, "policy.toml")->required();
        sub.add_option("--catalogue,catalogue", command->files.catalogue, "catalogue.toml")
            ->required();
    }
    {
        auto& sub = *policy.add_subcommand(
            "test", "Prove a policy: decide its tests, then alter each rule and route in turn");
        auto command = command_for<PolicyTest>(sub, chosen, test_policy);
        sub.add_option("dir", command->dir,
                       "Folder with policy.toml, catalogue.toml and tests/*.toml")
            ->required();
        sub.add_flag("--quick", command->quick, "Only decide the tests; alter nothing");
    }
    {
        auto& sub = *policy.add_subcommand(
            "sign", "Sign a policy and its catalogue; the policy's version must have grown");
        auto command = command_for<PolicySign>(sub, chosen, sign_policy);
        dir_option(sub, command->dir);
        sub.add_option("policy", command->files.policy, "policy.toml")->required();
        sub.add_option("--catalogue", command->files.catalogue, "catalogue.toml")->required();
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    {
        auto& sub = *policy.add_subcommand(
            "countersign", "The second registrar's signature on the policy that waits");
        auto command = command_for<PolicyCountersign>(sub, chosen, countersign_policy);
        dir_option(sub, command->dir);
        sub.add_option("--key", command->key, "Your key, as `mashctl registrar-key` made it")
            ->required();
        sub.add_option("--passphrase-file", command->passphrase_file,
                       "File whose first line is the passphrase of your key, if it has one");
    }
    {
        auto& sub = *policy.add_subcommand(
            "activate", "Put the signed policy that waits in force, once its first day has come");
        auto command = command_for<PolicyActivate>(sub, chosen, activate_policy);
        dir_option(sub, command->dir);
        registrar_passphrase_option(sub, command->passphrase_file);
    }
    {
        auto& sub = *policy.add_subcommand(
            "diff", "Two policies compared by what they decide in a systematic set of cases");
        auto command = command_for<PolicyDiff>(sub, chosen, diff_policies);
        sub.add_option("before", command->before, "Folder with policy.toml and catalogue.toml")
            ->required();
        sub.add_option("after", command->after, "The same, with tests/area.toml besides")
            ->required();
    }
    {
        auto& sub =
            *policy.add_subcommand("simulate", "Decide a recorded period again, under a draft");
        auto command = command_for<PolicySimulate>(sub, chosen, simulate_policy);
        dir_option(sub, command->dir);
        sub.add_option("recorded", command->recorded,
                       "Facts of notifications, one JSON object to a line, as explain reads them")
            ->required();
        sub.add_option("--policy", command->draft.policy, "The draft's policy.toml")->required();
        sub.add_option("--catalogue", command->draft.catalogue, "Its catalogue.toml")->required();
    }
    {
        auto& sub = *policy.add_subcommand("explain", "What the policy would decide, in words");
        auto command = command_for<PolicyExplain>(sub, chosen, explain_policy);
        dir_option(sub, command->dir);
        sub.add_option(
               "facts", command->facts,
               "JSON file with the routing facts of an imagined notification, - for standard input")
            ->required();
        auto files = std::make_shared<PolicyFiles>();
        auto* text = sub.add_option("--policy", files->policy,
                                    "Ask this policy.toml instead of the signed one");
        auto* words = sub.add_option("--catalogue", files->catalogue, "Its catalogue.toml");
        sub.add_flag("--full", command->full,
                     "Also the auditor's form: every input, rule, route and withholding");
        text->needs(words);
        words->needs(text);
        sub.footer(
            "Fields of the facts (sender, role and type are needed):\n"
            "  {\"sender\": \"police\", \"role\": \"pol\", \"type\": \"missing_episode_started\",\n"
            "   \"kind\": \"\", \"level\": \"unknown\", \"harm\": \"suspected\", \"vital\": "
            "false,\n"
            "   \"purpose\": \"inform_function\", \"rag\": \"red\", \"risk_grade\": \"high\", "
            "\"markers\": [\"placed\"],\n"
            "   \"agreement\": {\"status\": \"not_sought\", \"not_sought_reason\": "
            "\"risk_to_child\", \"giver\": \"parent_pr\"},\n"
            "   \"matched\": true, \"views\": [\"evt.full\"],\n"
            "   \"involved\": [{\"relation\": \"social_worker\", \"agency\": \"social-care\", "
            "\"role\": \"sw\"}],\n"
            "   \"detriment\": [], \"conflicts\": [], \"decided_at\": \"2026-11-24T23:40:00Z\"}");
        sub.callback([command, files, text, &chosen] {
            if (text->count() > 0) command->files = *files;
            chosen = [command](const Context& context) {
                return explain_policy(context, *command);
            };
        });
    }
}

namespace {

void period_options(CLI::App& sub, DecisionsPeriod& of, bool needed) {
    auto* from =
        sub.add_option("--from", of.from, "2026-11-24, or a time; from the first if absent");
    auto* to = sub.add_option("--to", of.to, "Before this day or time");
    if (needed) {
        from->required();
        to->required();
    }
}

void socket_options(CLI::App& sub, DecisionsPeriod& of) {
    sub.add_option("--socket", of.socket,
                   "The broker's admin socket, admin_socket of its broker.toml")
        ->required();
    sub.add_option("--timeout", of.timeout_seconds, "Seconds to wait for each answer")
        ->capture_default_str()
        ->check(CLI::Range(1, 3600));
}

void add_decision_commands(CLI::App& app, Chosen& chosen) {
    auto& decisions =
        group(app, "decisions", "What the broker recorded of its own decisions, in codes");
    {
        auto& sub = *decisions.add_subcommand("list", "A line for each, oldest first");
        auto command = command_for<DecisionsList>(sub, chosen, list_decisions);
        socket_options(sub, command->of);
        period_options(sub, command->of, false);
    }
    {
        auto& sub = *decisions.add_subcommand("show", "One, in words and in the auditor's form");
        auto command = command_for<DecisionsShow>(sub, chosen, show_decision);
        socket_options(sub, command->of);
        sub.add_option("id", command->id, "As `decisions list` shows it")->required();
    }
    {
        auto& sub = *decisions.add_subcommand(
            "replay", "Make one, or all of a period, again from the record and compare");
        auto command = command_for<DecisionsReplay>(sub, chosen, replay_decisions);
        socket_options(sub, command->of);
        period_options(sub, command->of, false);
        sub.add_option("id", command->id, "As `decisions list` shows it; all if left out");
    }
    {
        auto& sub = *decisions.add_subcommand(
            "export", "The notifications of a period as facts, for `policy simulate`");
        auto command = command_for<DecisionsExport>(sub, chosen, export_decisions);
        socket_options(sub, command->of);
        period_options(sub, command->of, true);
        sub.add_option("file", command->file, "Where to write them")->required();
    }
}

}  // namespace

void add_broker_commands(CLI::App& app, Chosen& chosen, const RestoreBroker& restore) {
    const auto add = [&](CLI::App& parent, const char* name, const char* word, const char* help,
                         const char* argument = nullptr, const char* argument_help = nullptr,
                         unsigned timeout_seconds = 30) {
        auto& sub = *parent.add_subcommand(name, help);
        auto command = command_for<BrokerCommand>(sub, chosen, run_broker_command);
        command->command = word;
        command->timeout_seconds = timeout_seconds;
        sub.add_option("--socket", command->socket,
                       "The broker's admin socket, admin_socket of its broker.toml")
            ->required();
        if (argument != nullptr)
            sub.add_option(argument, command->argument, argument_help)->required();
        sub.add_flag("--json", command->json, "The answer as the broker gave it");
        sub.add_option("--timeout", command->timeout_seconds, "Seconds to wait for the answer")
            ->capture_default_str()
            ->check(CLI::Range(1, 3600));
    };
    add(app, "status", "status", "How the broker is, what waits and for how long");
    add(app, "stats", "stats", "Counts of what the broker holds");
    add(app, "tasks", "tasks", "What named roles still have to clear");
    add(*app.get_subcommand("tokens"), "waiting", "token_change",
        "Agencies that have stated lists or conflicts under the older keys alone");
    add_decision_commands(app, chosen);
    {
        auto& sub = *app.add_subcommand(
            "requests",
            "Who asked who would be told about a child, for what reason, and how it ended");
        auto command = command_for<BrokerCommand>(sub, chosen, run_broker_command);
        command->command = "requests";
        sub.add_option("--socket", command->socket,
                       "The broker's admin socket, admin_socket of its broker.toml")
            ->required();
        auto* unpublished = sub.add_flag_callback(
            "--unpublished", [command] { command->argument += "not_sent "; },
            "Only those that were never sent");
        // Holders are asked of what was accepted, so there is nothing in both lists.
        sub.add_flag_callback(
               "--of-holders", [command] { command->argument += "of_holders "; },
               "Instead: what agencies were asked whether they work with the child, and who said "
               "yes")
            ->excludes(unpublished);
        sub.add_option_function<std::string>(
            "--agency",
            [command](const std::string& id) { command->argument += "agency=" + id + " "; },
            "Only those of this agency");
        sub.add_option_function<std::string>(
            "--since",
            [command](const std::string& time) { command->argument += "since=" + time + " "; },
            "Only later ones, such as 2027-01-13T00:00:00Z");
        sub.add_flag("--json", command->json, "The answer as the broker gave it");
    }
    add(app, "release", "release",
        "Release the standby parcels of a notification to the alternates", "id",
        "<sending agency>/<notification id>");
    // As much as a disk may take for a store that has grown for years.
    add(app, "backup", "backup", "Write a checked copy of the broker's store while it runs",
        "folder", "Folder for the backup on the broker's machine, not there yet", 3600);
    {
        auto& sub = *app.add_subcommand("restore",
                                        "Put a backup back under a broker that is stopped; its "
                                        "agents then offer again what is outstanding");
        auto command = std::make_shared<BrokerRestore>();
        sub.add_option("folder", command->backup, "Folder that `mashctl backup` made")->required();
        sub.add_option("--dir", command->dir, "The broker's folder, which holds broker.toml")
            ->required();
        sub.add_flag("--force", command->force,
                     "There is a store already: keep it under another name and put the backup in "
                     "its place");
        sub.callback([command, restore, &chosen] {
            chosen = [command, restore](const Context& context) {
                return restore(context, *command);
            };
        });
    }
    add(app, "reload", "reload", "Read the signed documents again now");
    auto& quarantine =
        group(app, "quarantine", "Inputs that were set aside because they made a batch fail");
    add(quarantine, "list", "quarantine", "List them");
    auto& clock = group(app, "clock", "After a jump of the broker's clock");
    add(clock, "confirm", "confirm_clock",
        "The clock is right now: let deadlines and expiries go on");
}

}  // namespace mash::ctl
