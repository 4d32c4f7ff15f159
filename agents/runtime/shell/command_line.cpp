#include "agents/runtime/shell/command_line.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "agents/runtime/shell/account_commands.hpp"
#include "agents/runtime/shell/agent_config.hpp"
#include "agents/runtime/shell/agent_program.hpp"
#include "agents/runtime/shell/backup.hpp"
#include "agents/runtime/shell/client.hpp"
#include "agents/runtime/shell/enrol.hpp"
#include "agents/runtime/shell/file_source.hpp"
#include "agents/runtime/shell/match_score.hpp"
#include "agents/runtime/shell/records_commands.hpp"
#include "agents/runtime/shell/rotate.hpp"
#include "agents/runtime/shell/scratch_memory.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"
#include "common/base/limits.hpp"
#include "common/batch/stop_deadline.hpp"
#include "common/crypto/init.hpp"
#include "common/crypto/random.hpp"

namespace mash::runtime_shell {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

WallTime wall_now() {
    using namespace std::chrono;
    return WallTime::from_unix_ms(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

struct Words {
    const AgentKindText& text;
    int failed(const std::string& message) const {
        std::fprintf(stderr, "%s: %s\n", text.program.c_str(), message.c_str());
        return 1;
    }
};

int run(const Words& words, const fs::path& folder, const runtime::SourceFormats& formats) {
    FdLogSink sink(STDERR_FILENO);
    Log log(sink, ProgramId(words.text.program));
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT}) sigaddset(&signals, number);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const int stop = signalfd(-1, &signals, SFD_CLOEXEC);
    std::string problem;
    const auto config = read_agent_config(folder, problem);
    const auto failed = [&](ErrorCode code) {
        log.write(wall_now(), LogEvent::program_failed, {{"code", code}});
        return words.failed(problem);
    };
    if (!config) return failed(config.error());
    auto program = AgentProgram::start(*config, formats, words.text.extras, log, problem);
    if (!program) return failed(program.error());
    log.write(wall_now(), LogEvent::program_started);
    std::printf("%s is ready: %s\n", words.text.program.c_str(), (*program)->url().c_str());
    std::fflush(stdout);
    pollfd wait{stop, POLLIN, 0};
    while (::poll(&wait, 1, -1) < 0 && errno == EINTR) {
    }
    log.write(wall_now(), LogEvent::program_stopping);
    const batch::StopDeadline deadline(limits::stop_deadline, [&] {
        log.write(wall_now(), LogEvent::program_failed, {{"code", ErrorCode::expired}});
        std::_Exit(1);
    });
    (*program)->stop();
    log.write(wall_now(), LogEvent::program_stopped);
    return 0;
}

int enrol_command(const Words& words, const fs::path& folder,
                  const std::vector<std::string>& invites, const std::string& out_file) {
    std::vector<area::Invite> parsed;
    for (const auto& file : invites) {
        const auto text = area::read_file(file, 1024 * 1024);
        if (!text)
            return words.failed("The invite " + file +
                                " cannot be read: " + std::string(describe(text.error())));
        auto invite = area::parse_invite(text_of(*text));
        if (!invite)
            return words.failed("The invite " + file + " is not one that this release reads: " +
                                std::string(describe(invite.error())));
        parsed.push_back(std::move(*invite));
    }
    crypto::SystemRandom random;
    std::string problem;
    const auto enrolled = enrol(folder, parsed, wall_now(), random, problem);
    if (!enrolled) return words.failed(problem);
    const std::string request = area::to_json(enrolled->requests);
    const std::string target =
        out_file.empty() ? (folder / "enrolment-request.json").string() : out_file;
    if (const auto written =
            area::write_file(target, view_of(request), area::FileAccess::owner_only);
        !written) {
        return words.failed("The request " + target +
                            " cannot be written: " + std::string(describe(written.error())));
    }
    std::printf("Keys made. The request is in %s: take it to the area's operator.\n\n",
                target.c_str());
    std::printf(
        "1. Compare the area's fingerprint with the paper that came with the invite:\n   %s\n",
        enrolled->area_fingerprint.c_str());
    std::printf("2. Ring the area's operator and read out this fingerprint of your keys:\n   %s\n",
                enrolled->fingerprint.c_str());
    if (enrolled->replaced_keys) {
        std::printf(
            "The keys that the agency and this machine had are in %s and are used no more. Start "
            "the agent again once the area has approved the request.\n",
            replaced_keys_path(folder).c_str());
    }
    if (enrolled->made_recovery_key) {
        std::printf(
            "3. Move %s to a safe place off this machine. It opens every inbox; without it a lost "
            "token is a lost inbox.\n",
            recovery_key_path(folder).c_str());
    }
    return 0;
}

PersonalText token_from(const std::string& file) {
    const auto text = area::read_file(file, 64 * 1024);
    if (!text) return PersonalText();
    const auto document = Json::parse(text_of(*text), nullptr, false);
    if (document.is_object()) return PersonalText(document.value("token", std::string()));
    std::string plain(text_of(*text));
    while (!plain.empty() && (plain.back() == '\n' || plain.back() == '\r')) plain.pop_back();
    return PersonalText(std::move(plain));
}

int show(const Words& words, const Result<ClientAnswer>& answer, const fs::path& folder) {
    if (!answer) {
        return words.failed(
            answer.error() == ErrorCode::not_found
                ? "No agent has run in " + folder.string() + " yet: start it with run --dir"
                : "The agent of " + folder.string() + " does not answer: start it with run --dir");
    }
    if (answer->status >= 200 && answer->status < 300) {
        std::printf("%s\n", answer->body.reveal().c_str());
        return 0;
    }
    const auto body = Json::parse(answer->body.reveal(), nullptr, false);
    std::string message = "refused (" + std::to_string(answer->status) + ")";
    if (body.is_object() && body.contains("error") && body["error"].is_object()) {
        message = body["error"].value("message", message);
        const std::string next = body["error"].value("next", std::string());
        if (!next.empty()) message += ". " + next;
    }
    return words.failed(message);
}

struct PersonOptions {
    std::string name, agency, area, recovery_file, token_file, save_file, person;
    std::vector<std::string> inboxes, roles;
};

/// Where an agent serves several areas, each request says which.
std::string in_area(const std::string& path, const std::string& area) {
    return area.empty() ? path : path + "?area=" + area;
}

/// As the interface takes it; "" and why.
PersonalText recovery_key_of(const std::string& path, std::string& problem) {
    const auto file = area::load_key_file(path, nullptr);
    if (!file) {
        problem =
            "The recovery key " + path + " cannot be read: " + std::string(describe(file.error()));
        return PersonalText();
    }
    const auto pair = file->box("recovery");
    if (!pair) {
        problem = "The file " + path + " holds no recovery key";
        return PersonalText();
    }
    return PersonalText(to_base64url(pair->secret_key.reveal()));
}

/// A secret that is shown once, in a file of its owner's.
int save_secret(const Words& words, const std::string& path, const Json& document,
                const std::string& said) {
    const std::string text = document.dump(2) + "\n";
    if (const auto folder_made =
            area::make_folder(fs::path(path).parent_path(), area::FileAccess::owner_only);
        !folder_made) {
        return words.failed("The folder for " + path + " cannot be made");
    }
    if (const auto written = area::write_file(path, view_of(text), area::FileAccess::owner_only);
        !written) {
        return words.failed("The file " + path +
                            " cannot be written: " + std::string(describe(written.error())));
    }
    std::printf("%s\n", said.c_str());
    return 0;
}

int account_command(const Words& words, const AccountOptions& options) {
    std::string problem;
    PersonalText recovery_key;
    if (!options.recovery_file.empty()) {
        recovery_key = recovery_key_of(options.recovery_file, problem);
        if (!problem.empty()) return words.failed(problem);
    }
    const auto token = options.token_file.empty() ? PersonalText() : token_from(options.token_file);
    const auto request = account_request(options, token, recovery_key, problem);
    if (!request) return words.failed(problem);
    // Whoever chooses a passphrase shows the token in the request, and has no other.
    const bool by_token = options.action != AccountOptions::Action::add &&
                          options.action != AccountOptions::Action::second_factor;
    const auto answer = ask_agent(options.folder, request->method, request->path,
                                  by_token ? token : PersonalText(), request->body);
    const bool is_made = answer && answer->status == 201;
    if (!is_made || options.save_file.empty()) return show(words, answer, options.folder);
    const auto made = Json::parse(answer->body.reveal(), nullptr, false);
    if (!made.is_object()) return words.failed("The agent's answer is not understood");
    return save_secret(words, options.save_file, made,
                       "Done. What opens the account besides the passphrase is in " +
                           options.save_file + ": give it to that person and nobody else.");
}

int person_add(const Words& words, const fs::path& folder, const PersonOptions& options) {
    Json body = {{"name", options.name}, {"inboxes", options.inboxes}, {"roles", options.roles}};
    if (!options.agency.empty()) body["agency"] = options.agency;
    if (!options.person.empty()) body["person"] = options.person;
    PersonalText token;
    if (!options.recovery_file.empty()) {
        std::string problem;
        const auto key = recovery_key_of(options.recovery_file, problem);
        if (!problem.empty()) return words.failed(problem);
        body["recovery_key"] = key.reveal();
    } else if (!options.token_file.empty()) {
        token = token_from(options.token_file);
        if (token.reveal().empty()) return words.failed("No token in " + options.token_file);
    } else {
        return words.failed("Adding a person needs --token-file of a member or --recovery-key");
    }
    const auto answer = ask_agent(folder, "POST", in_area("/api/v1/people", options.area), token,
                                  PersonalText(body.dump()));
    if (answer && answer->status >= 200 && answer->status < 300 && !options.save_file.empty()) {
        auto made = Json::parse(answer->body.reveal(), nullptr, false);
        if (!made.is_object()) return words.failed("The agent's answer is not understood");
        made["name"] = options.name;
        made["inboxes"] = options.inboxes;
        // Somebody who was here already keeps the token they have, which nobody shows again.
        if (!made.contains("token")) {
            std::printf("Added. The token stays as it is; nothing was written to %s.\n",
                        options.save_file.c_str());
            return 0;
        }
        return save_secret(words, options.save_file, made,
                           "Added. The token is in " + options.save_file +
                               ": give it to that person and nobody else.");
    }
    return show(words, answer, folder);
}

int person_remove(const Words& words, const fs::path& folder, const PersonOptions& options,
                  const std::string& area) {
    PersonalText body;
    PersonalText token;
    if (!options.recovery_file.empty()) {
        std::string problem;
        const auto key = recovery_key_of(options.recovery_file, problem);
        if (!problem.empty()) return words.failed(problem);
        body = PersonalText(Json{{"recovery_key", key.reveal()}}.dump());
    } else if (!options.token_file.empty()) {
        token = token_from(options.token_file);
        if (token.reveal().empty()) return words.failed("No token in " + options.token_file);
    } else {
        return words.failed("Removing a person needs --token-file of a member or --recovery-key");
    }
    return show(
        words,
        ask_agent(folder, "DELETE", in_area("/api/v1/people/" + options.person, area), token, body),
        folder);
}

int backup(const Words& words, const fs::path& folder, const fs::path& target) {
    std::string problem;
    const auto label = write_backup(folder, target, wall_now(), problem);
    if (!label) return words.failed(problem);
    std::printf(
        "The backup is in %s. It holds no key: keep a copy of %s elsewhere. Without it nothing in "
        "the backup can be read.\n",
        target.c_str(), (folder / "keys").c_str());
    return 0;
}

int restore(const Words& words, const fs::path& folder, const fs::path& from, bool force) {
    std::string problem;
    const auto restored = restore_backup(folder, from, force, wall_now(), problem);
    if (!restored) return words.failed(problem);
    std::printf("The stores of %s are in place.\n", to_rfc3339(restored->label.made_at).c_str());
    if (restored->stores_kept > 0)
        std::printf(
            "%zu stores from before are kept beside them, with before-restore in their "
            "names. Delete them when they are no longer needed.\n",
            restored->stores_kept);
    if (restored->files_again > 0)
        std::printf("%zu files that came in since lie in intake/ again.\n", restored->files_again);
    if (restored->files_beside > 0)
        std::printf(
            "%zu files that came in since could not be moved from accepted/ to intake/: put "
            "them there yourself, oldest first.\n",
            restored->files_beside);
    std::printf(
        "Start the agent. The broker delivers again what it still holds. Whoever was removed with "
        "`person remove` since the backup must be removed again; whoever was added must be added "
        "again. What was submitted through the local interface since must be submitted again.\n");
    return 0;
}

int rotate_start(const Words& words, const fs::path& folder,
                 const std::vector<std::string>& agencies, bool keep_transport, fs::path out) {
    if (out.empty()) out = folder / "rotation";
    crypto::SystemRandom random;
    std::string problem;
    const std::vector<AgencyId> chosen(agencies.begin(), agencies.end());
    const auto started =
        start_rotation(folder, chosen, !keep_transport, out, wall_now(), random, problem);
    if (!started) return words.failed(problem);
    std::printf("%s\n", started->repeated ? "Next keys were there already; the papers name those."
                                          : "Next keys are made. The ones in use go on.");
    std::printf(
        "1. Start the agent again, so that it knows both.\n"
        "2. Bring the registrar these papers; they run `mashctl agency rotate`:\n");
    for (const auto& request : started->requests) std::printf("     %s\n", request.c_str());
    std::printf(
        "3. When the old keys have ended (by default after 7 days): rotate finish --dir %s\n",
        folder.c_str());
    return 0;
}

int rotate_finish(const Words& words, const fs::path& folder) {
    std::string problem;
    const auto config = read_agent_config(folder, problem);
    if (!config) return words.failed(problem);
    std::map<AreaId, PersonalText> listed;
    for (const auto& area : config->areas) {
        const auto& name = area.anchor.area;
        auto answer = ask_agent(folder, "GET", in_area("/api/v1/keys", name.value()),
                                service_token_of(folder), PersonalText());
        if (!answer) return show(words, answer, folder);
        if (answer->status == 200)
            listed.emplace(name, std::move(answer->body));
        else
            show(words, answer, folder);  // the other areas may finish
    }
    crypto::SystemRandom random;
    const auto done = finish_rotation(folder, listed, wall_now(), random, problem);
    if (!done) return words.failed(problem);
    for (const auto& one : done->finished)
        std::printf("%s: the old key is forgotten\n", one.c_str());
    for (const auto& one : done->waiting) std::fprintf(stderr, "%s\n", one.c_str());
    if (done->finished.empty() && done->waiting.empty()) std::printf("No rotation is under way.\n");
    if (!done->finished.empty()) std::printf("Start the agent again.\n");
    return done->waiting.empty() ? 0 : 1;
}

struct LookAt {
    std::string file, agency, urn;
    bool only_check = false;
    bool as_json = false;
    bool later = false;  ///< as any file after the first: what is in it is news
};

void print_summary(const LookAt& what, const Json& summary, const std::string& report) {
    const auto word = [&](const char* name) { return summary[name].get<std::string>(); };
    const std::string version = word("version");
    std::printf("%s\n  format    %s%s%s\n", what.file.c_str(), word("format").c_str(),
                version.empty() ? "" : ", version ", version.c_str());
    std::printf("  fit       %s\n", summary["fit"].get<bool>() ? "yes" : "no");
    for (const char* name : {"records", "children", "rejected", "passed_over"})
        std::printf("  %-11s %s\n", name, summary[name].dump().c_str());
    for (const auto& [name, count] : summary["understood"].items())
        std::printf("  understood: %-30s %s\n", name.c_str(), count.dump().c_str());
    if (!what.only_check) {
        std::printf("Nothing was sent. This is what it would publish:\n");
        for (const auto& [type, count] : summary["would_publish"]["by_type"].items())
            std::printf("  %-40s %s\n", type.c_str(), count.dump().c_str());
        for (const auto& roll : summary["rolls"])
            std::printf("  list of %s: %s children\n", roll["relation"].get<std::string>().c_str(),
                        roll["children"].dump().c_str());
        if (summary["baseline"].get<bool>())
            std::printf(
                "As the first file of its kind it is a baseline: closed history raises nothing. "
                "--later shows a later file.\n");
        std::printf("  records each second %s, peak memory %s KiB\n",
                    summary["records_per_second"].dump().c_str(),
                    summary["peak_memory_kib"].dump().c_str());
    }
    if (!report.empty()) std::printf("\n%s", report.c_str());
}

int release_file(const Words& words, const fs::path& folder, const std::string& area,
                 const std::string& name) {
    std::string problem;
    const auto config = read_agent_config(folder, problem);
    if (!config) return words.failed(problem);
    const fs::path given(name);
    const bool is_plain = given.is_relative() && std::ranges::none_of(given, [](const auto& part) {
                              return part == "..";
                          });
    for (const auto& each : config->areas) {
        if (!area.empty() && each.anchor.area.value() != area) continue;
        const auto waiting = each.folder / "waiting" / given;
        std::error_code error;
        if (!is_plain || !fs::is_regular_file(waiting, error)) continue;
        const auto to =
            each.folder / "intake" / given.parent_path() / released_name(given.filename().string());
        fs::create_directories(to.parent_path(), error);
        fs::rename(waiting, to, error);
        if (error) return words.failed(name + " could not be moved to intake/: " + error.message());
        (void)area::remove_file(waiting.string() + ".report.txt").has_value();
        std::printf("%s lies in intake/ again and is sent when the agent reads it.\n",
                    name.c_str());
        return 0;
    }
    return words.failed("There is no file " + name +
                        " in waiting/. Give the name that the report beside it says");
}

int intake(const Words& words, const runtime::SourceFormats& formats, const LookAt& what) {
    const auto began = std::chrono::steady_clock::now();
    const auto text = FileText::open(what.file);
    const auto head = text ? text->head() : Result<std::string>(fail(text.error()));
    if (!head)
        return words.failed(what.file + " cannot be read: " + std::string(describe(head.error())));
    const auto* format = find_format(formats, *head);
    if (format == nullptr) {
        std::string known;
        for (const auto& one : formats) known += "\n  " + std::string(one->title());
        return words.failed(what.file + " is in no format that this agent reads. " +
                            std::string(hint_on_unknown(*head)) + ". It reads:" + known);
    }
    // In place of a store: a file of any size is looked at here too.
    ScratchMemory scratch(fs::temp_directory_path());
    const auto keep = [&](std::vector<runtime::Remembered>&& entries) {
        return scratch.put(std::move(entries));
    };
    runtime::SourceMemory memory(scratch.over(), keep);
    runtime::ReadContext context;
    context.agency = AgencyId(what.agency);
    context.school_urn = what.urn;
    context.now = {SteadyTime::from_ms(0), wall_now()};
    context.written_at = context.now.wall;
    if (what.later) runtime::Snapshot(memory, format->name(), context.agency).end_baseline();
    runtime::ReadFile read;
    Given given;
    const auto count = [&](runtime::ReadFile& found) {
        given.count(found);
        for (auto& made : found.notifications) scratch.put(std::move(made.remember));
        found.notifications.clear();
        memory.forget_taken();
        return !scratch.failed();
    };
    const auto done = read_through(*text, *format, context, memory, read, count);
    if (done) count(read);
    if (scratch.failed())
        return words.failed("What the first half of " + what.file +
                            " says about the second does not fit into " +
                            fs::temp_directory_path().string() +
                            ": free some space there, or name another folder with TMPDIR");
    if (!done)
        return words.failed(what.file + " cannot be read: " + std::string(describe(done.error())));
    std::ranges::sort(read.rejected_records);
    auto summary = Json::parse(summary_json(read, given));
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    summary["records_per_second"] =
        seconds > 0 ? static_cast<std::int64_t>(static_cast<double>(read.records) / seconds) : 0;
    summary["peak_memory_kib"] = used.ru_maxrss;
    if (what.as_json)
        std::printf("%s\n", summary.dump(2).c_str());
    else
        print_summary(
            what, summary,
            read.faults.empty() ? "" : fault_report(fs::path(what.file).filename().string(), read));
    return what.only_check && !is_fit(read) ? 1 : 0;
}

}  // namespace

int run_agent_command_line(int argc, char** argv, const AgentKindText& text,
                           const std::function<runtime::SourceFormats()>& make_formats) {
    const Words words{text};
    CLI::App app(text.description);
    app.name(text.program);
    app.require_subcommand(1);
    std::string folder;
    const auto with_folder = [&](CLI::App* command) {
        command->add_option("--dir", folder, "The agent's folder, which holds agent.toml")
            ->required();
    };

    auto* run_command = app.add_subcommand("run", "Run the agent until SIGTERM");
    with_folder(run_command);

    std::vector<std::string> invites;
    std::string request_file;
    auto* enrol_app = app.add_subcommand(
        "enrol", "Join an area: make keys, write the request for the area's operator");
    with_folder(enrol_app);
    enrol_app->add_option("invite", invites, "Invite files")->required();
    enrol_app->add_option("--out", request_file,
                          "Where to write the request (default: in the agent's folder)");

    PersonOptions person;
    auto* person_app = app.add_subcommand("person", "Who may open which inbox");
    person_app->require_subcommand(1);
    auto* add_app = person_app->add_subcommand(
        "add", "Add a person to inboxes; prints or saves their token once");
    with_folder(add_app);
    add_app->add_option("--name", person.name, "The person's name, for this agency's own records");
    add_app->add_option("--person", person.person,
                        "Somebody who is here already (p-...): gives them more, and no new token");
    add_app->add_option("--agency", person.agency,
                        "Needed where the agent serves several agencies");
    add_app->add_option("--inbox", person.inboxes, "An inbox to open; may be given several times");
    add_app->add_option("--role", person.roles, "A role to act in; may be given several times");
    add_app->add_option("--recovery-key", person.recovery_file,
                        "The offline recovery key, for the first member of an inbox");
    add_app->add_option("--token-file", person.token_file, "A member's token file");
    add_app->add_option("--save", person.save_file,
                        "Write the new person's token to this file instead of the screen");
    auto* remove_app =
        person_app->add_subcommand("remove", "Remove a person; the keys of their inboxes change");
    with_folder(remove_app);
    remove_app->add_option("person", person.person, "The person's id (p-...)")->required();
    remove_app->add_option("--token-file", person.token_file, "A member's token file");
    remove_app->add_option("--recovery-key", person.recovery_file,
                           "The offline recovery key, where no member's token is left");

    std::string area;
    const auto with_area = [&](CLI::App* command) {
        command->add_option("--area", area, "Needed where the agent serves several areas");
    };
    for (auto* command : {add_app, remove_app}) with_area(command);

    AccountOptions account;
    auto* account_app = app.add_subcommand("account", "Who may sign in to the console");
    add_account_commands(*account_app, account);

    std::string file, agency = "agency", urn, format_word = "text";
    bool later = false;
    auto* intake_app = app.add_subcommand(
        "intake", "Look at a file before it is dropped into intake/, or send one that waits");
    intake_app->require_subcommand(1);
    auto* check_app = intake_app->add_subcommand("check", "Which format is it, and is it fit?");
    auto* try_app = intake_app->add_subcommand("try", "What would it publish? Nothing is sent");
    for (auto* command : {check_app, try_app}) {
        command->add_option("file", file, "The file")->required();
        command->add_option("--agency", agency, "Whose file it is");
        command->add_option("--urn", urn, "The school's number, for a school's roll");
        command->add_option("--format", format_word, "text or json")
            ->check(CLI::IsMember({"text", "json"}));
    }
    try_app->add_flag("--later", later, "Read it as a later file, not as the first of its kind");

    auto* release_file_app = intake_app->add_subcommand(
        "release", "Send a file of waiting/ after all: it was held because it sends so much");
    with_folder(release_file_app);
    with_area(release_file_app);
    release_file_app->add_option("file", file, "Its name in waiting/, as the report beside it says")
        ->required();

    MatchScoreOptions matching;
    auto* match_app = app.add_subcommand("match", "The matcher of identities");
    match_app->require_subcommand(1);
    auto* score_app = match_app->add_subcommand(
        "score", "Try it on people whose truth is known; nothing is sent or kept");
    add_match_score_options(*score_app, matching);

    auto* status_app =
        app.add_subcommand("status", "The state of a running agent: link, queues, alarms");
    with_folder(status_app);
    with_area(status_app);

    std::string backup_folder;
    bool force = false;
    auto* backup_app = app.add_subcommand(
        "backup", "Copy stores and settings into a folder, while the agent runs or not; no key");
    auto* restore_app =
        app.add_subcommand("restore", "Put a backup back under an agent that is stopped");
    for (auto* command : {backup_app, restore_app}) {
        with_folder(command);
        command->add_option("folder", backup_folder, "The backup's folder")->required();
    }
    restore_app->add_flag("--force", force,
                          "There are stores already: keep them under another name and put the "
                          "backup in their place");

    std::vector<std::string> rotated;
    bool keep_transport = false;
    std::string rotation_folder, inbox;
    auto* rotate_app = app.add_subcommand("rotate", "New keys, with overlap");
    rotate_app->require_subcommand(1);
    auto* rotate_start_app = rotate_app->add_subcommand(
        "start", "Make the next keys and the papers for the area's registrar");
    auto* rotate_finish_app = rotate_app->add_subcommand(
        "finish", "Forget the old keys, when the registry has ended them");
    auto* rotate_inbox_app = rotate_app->add_subcommand(
        "inbox", "A new key for one inbox, at once; what came under the old one still opens");
    for (auto* command : {rotate_start_app, rotate_finish_app, rotate_inbox_app})
        with_folder(command);
    rotate_start_app->add_option("--agency", rotated,
                                 "Of this agency only; may be given several times");
    rotate_start_app->add_flag("--keep-transport", keep_transport,
                               "Leave the host's own key as it is");
    rotate_start_app->add_option(
        "--out", rotation_folder,
        "Folder for the papers (default: rotation/ in the agent's folder)");
    with_area(rotate_inbox_app);
    rotate_inbox_app->add_option("inbox", inbox, "The inbox")->required();
    rotate_inbox_app
        ->add_option("--token-file", person.token_file,
                     "Token file of a member; for an automatic inbox, of a person of its agency")
        ->required();

    std::string token_file, roll_id, roll_reason;
    auto* roll_app = app.add_subcommand(
        "roll", "Rolls and caseloads that wait, because they would end more than a tenth");
    roll_app->require_subcommand(1);
    auto* roll_list_app = roll_app->add_subcommand("list", "Those of your agency, in counts");
    auto* roll_confirm_app = roll_app->add_subcommand("confirm", "It is right: take it in");
    auto* roll_reject_app = roll_app->add_subcommand("reject", "It is wrong: drop it");
    for (auto* command : {roll_list_app, roll_confirm_app, roll_reject_app}) {
        with_folder(command);
        with_area(command);
        command->add_option("--token-file", token_file, "Your own token file")->required();
        if (command == roll_list_app) continue;
        command->add_option("id", roll_id, "The id that `roll list` shows")->required();
        command->add_option("--reason", roll_reason, "Why; kept with the answer")->required();
    }

    RecordsQuery records;
    std::string decision_id;
    bool every_decision = false;
    auto* decision_app = app.add_subcommand(
        "decision", "What was decided about what your agency sends, why, and on which facts");
    decision_app->require_subcommand(1);
    auto* decision_list_app =
        decision_app->add_subcommand("list", "Decisions, newest first; of one item in words");
    auto* decision_show_app = decision_app->add_subcommand("show", "One decision");
    auto* decision_replay_app = decision_app->add_subcommand(
        "replay", "Make it again from its record and the signed documents of its day");
    auto* access_app = app.add_subcommand("access-log", "Who looked at what");
    for (auto* command : {decision_list_app, decision_show_app, decision_replay_app, access_app}) {
        with_folder(command);
        with_area(command);
        command->add_option("--token-file", token_file, "Your own token file")->required();
    }
    for (auto* command : {decision_list_app, decision_replay_app, access_app}) {
        command->add_option("--from", records.from, "Not before, such as 2026-11-24T00:00:00Z");
        command->add_option("--to", records.to, "Before");
    }
    for (auto* command : {decision_list_app, access_app})
        command->add_option("--after", records.cursor, "The `next` of the page before");
    decision_list_app->add_option("--sent", records.sent, "Of this notification, in words");
    decision_show_app->add_option("id", decision_id, "The id that `decision list` shows")
        ->required();
    decision_show_app->add_flag(
        "--full", records.full,
        "Every input and the recorded bytes; for the data protection officer");
    decision_replay_app->add_option("id", decision_id, "The id that `decision list` shows");
    decision_replay_app->add_flag("--all", every_decision,
                                  "All of them, or all of --from and --to");
    access_app->add_option("--person", records.person, "Only this person (p-...)");
    access_app->add_option("--item", records.item, "Only this notification");

    std::string released_item, release_reason;
    std::vector<std::string> released_to;
    auto* release_app = app.add_subcommand(
        "release", "A protected address: ask two people to release it, list it, answer");
    release_app->require_subcommand(1);
    auto* release_ask_app = release_app->add_subcommand(
        "ask", "Ask the two who decide to let somebody have the address that was kept back");
    auto* release_list_app =
        release_app->add_subcommand("list", "What waits for your answer, with all that it says");
    auto* release_allow_app =
        release_app->add_subcommand("allow", "Yes; it goes when two different people have said so");
    auto* release_refuse_app = release_app->add_subcommand("refuse", "No; it goes to nobody");
    for (auto* command :
         {release_ask_app, release_list_app, release_allow_app, release_refuse_app}) {
        with_folder(command);
        with_area(command);
        command->add_option("--token-file", token_file, "Your own token file")->required();
        if (command == release_list_app) continue;
        command
            ->add_option("id", released_item,
                         command == release_ask_app ? "The id of what was sent without it"
                                                    : "The id that `release list` shows")
            ->required();
        command->add_option("--reason", release_reason, "Why; kept with the answer")->required();
    }
    release_ask_app
        ->add_option("--to", released_to,
                     "Who may have it, as agency/role; may be given several times")
        ->required();

    std::string conflict_id, conflict_file;
    CLI::App* conflict_add = nullptr;
    CLI::App* conflict_end = nullptr;
    if (text.may_declare_conflicts) {
        auto* conflict_app = app.add_subcommand(
            "conflict", "Conflicts of interest: who must not receive what is said about a child");
        conflict_app->require_subcommand(1);
        conflict_add =
            conflict_app->add_subcommand("add", "Declare one, from a JSON file (agents/README.md)");
        conflict_end = conflict_app->add_subcommand("end", "End one");
        for (auto* command : {conflict_add, conflict_end}) {
            with_folder(command);
            with_area(command);
            command
                ->add_option("--token-file", token_file, "Token file of a member of the front door")
                ->required();
        }
        conflict_add
            ->add_option("file", conflict_file, "JSON: subject, excluded inboxes or people, reason")
            ->required();
        conflict_end->add_option("id", conflict_id, "The conflict's id")->required();
    }

    CLI11_PARSE(app, argc, argv);
    if (!crypto::init()) return words.failed("libsodium cannot start on this machine");

    if (score_app->parsed()) return match_score(text.program, matching);
    if (run_command->parsed()) return run(words, folder, make_formats());
    if (backup_app->parsed()) return backup(words, folder, backup_folder);
    if (restore_app->parsed()) return restore(words, folder, backup_folder, force);
    if (enrol_app->parsed()) return enrol_command(words, folder, invites, request_file);
    if (account_app->parsed()) return account_command(words, account);
    person.area = area;
    if (add_app->parsed()) return person_add(words, folder, person);
    if (remove_app->parsed()) return person_remove(words, folder, person, area);
    if (rotate_start_app->parsed())
        return rotate_start(words, folder, rotated, keep_transport, rotation_folder);
    if (rotate_finish_app->parsed()) return rotate_finish(words, folder);
    if (rotate_inbox_app->parsed())
        return show(words,
                    ask_agent(folder, "POST", in_area("/api/v1/inboxes/" + inbox + "/rotate", area),
                              token_from(person.token_file), PersonalText("{}")),
                    folder);
    if (roll_list_app->parsed())
        return show(words,
                    ask_agent(folder, "GET", in_area("/api/v1/rolls", area), token_from(token_file),
                              PersonalText()),
                    folder);
    if (roll_confirm_app->parsed() || roll_reject_app->parsed()) {
        const Json answer{{"confirm", roll_confirm_app->parsed()}, {"reason", roll_reason}};
        return show(words,
                    ask_agent(folder, "POST", in_area("/api/v1/rolls/" + roll_id, area),
                              token_from(token_file), PersonalText(answer.dump())),
                    folder);
    }
    const auto post = [&](const std::string& path, const Json& body) {
        return show(words,
                    ask_agent(folder, "POST", in_area(path, area), token_from(token_file),
                              PersonalText(body.dump())),
                    folder);
    };
    if (release_ask_app->parsed()) {
        Json recipients = Json::array();
        for (const auto& one : released_to) {
            const auto slash = one.find('/');
            if (slash == std::string::npos)
                return words.failed("Name each as agency/role, for example council/sw");
            recipients.push_back(
                {{"agency", one.substr(0, slash)}, {"role", one.substr(slash + 1)}});
        }
        return post("/api/v1/sent/" + released_item + "/release",
                    {{"recipients", std::move(recipients)}, {"reason", release_reason}});
    }
    if (release_list_app->parsed())
        return show(words,
                    ask_agent(folder, "GET", in_area("/api/v1/held", area), token_from(token_file),
                              PersonalText()),
                    folder);
    if (release_allow_app->parsed() || release_refuse_app->parsed())
        return post("/api/v1/held/" + released_item,
                    {{"allow", release_allow_app->parsed()}, {"reason", release_reason}});
    records.area = area;
    const auto get = [&](const std::string& path) {
        return show(words, ask_agent(folder, "GET", path, token_from(token_file), PersonalText()),
                    folder);
    };
    if (decision_list_app->parsed()) return get(decisions_path(records));
    if (decision_show_app->parsed()) return get(decision_path(decision_id, records));
    if (access_app->parsed()) return get(access_log_path(records));
    if (decision_replay_app->parsed()) {
        if (every_decision == !decision_id.empty())
            return words.failed("Give the id of one decision, or --all");
        return every_decision ? replay_all(text.program, folder, token_from(token_file), records)
                              : get(replay_path(decision_id, records));
    }
    if (check_app->parsed() || try_app->parsed())
        return intake(words, make_formats(),
                      {file, agency, urn, check_app->parsed(), format_word == "json", later});
    if (release_file_app->parsed()) return release_file(words, folder, area, file);
    if (status_app->parsed())
        return show(words,
                    ask_agent(folder, "GET", in_area("/api/v1/status", area),
                              service_token_of(folder), PersonalText()),
                    folder);
    if (conflict_add != nullptr && conflict_add->parsed()) {
        const auto body = area::read_file(conflict_file, 64 * 1024);
        if (!body)
            return words.failed(conflict_file +
                                " cannot be read: " + std::string(describe(body.error())));
        return show(words,
                    ask_agent(folder, "POST", in_area("/api/v1/conflicts", area),
                              token_from(token_file), PersonalText(std::string(text_of(*body)))),
                    folder);
    }
    if (conflict_end != nullptr && conflict_end->parsed()) {
        return show(words,
                    ask_agent(folder, "DELETE", in_area("/api/v1/conflicts/" + conflict_id, area),
                              token_from(token_file), PersonalText()),
                    folder);
    }
    return 2;
}

}  // namespace mash::runtime_shell
