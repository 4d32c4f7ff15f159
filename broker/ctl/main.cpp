// mashctl: the tool of the area's registrar and of the broker's operator. Reads the clock once,
// makes the context, runs one command. Touches no personal data: it cannot link what opens a
// section. It sees a broker's store in one command only, `restore`.
#include <chrono>
#include <iostream>

#include <CLI/CLI.hpp>

#include "broker/ctl/commands.hpp"
#include "broker/shell/backup.hpp"
#include "common/base/program_main.hpp"
#include "common/crypto/init.hpp"
#include "common/crypto/random.hpp"

namespace {

mash::WallTime clock_reading() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return mash::WallTime::from_unix_ms(
        std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

mash::ctl::Outcome<void> restore_broker(const mash::ctl::Context& context,
                                        const mash::ctl::BrokerRestore& command) {
    std::string words;
    const auto restored = mash::broker_shell::restore_backup(command.dir, command.backup,
                                                             command.force, context.now, words);
    if (!restored) return mash::ctl::problem(words + ".", "Nothing was changed.");
    context.out << "The store of " << to_rfc3339(restored->label.made_at)
                << " is in place: " << restored->store.string() << "\n";
    if (!restored->kept.empty())
        context.out << "The store before it is kept: " << restored->kept.string()
                    << "\nDelete it when it is no longer needed: it holds tokens and sealed "
                       "content.\n";
    context.out << "Start the broker. Its agents offer again what is outstanding.\n";
    return {};
}

int run_command_line(int argc, char** argv) {
    using mash::ctl::Exit;
    CLI::App app(
        "mashctl: make and run the area of a safeguarding broker.\n"
        "The registrar's commands work on the area's folder (--dir); the operator's on a running "
        "broker (--socket).");
    app.name("mashctl");
    app.require_subcommand(1);
    app.footer(
        "Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 no broker reached, 4 "
        "done in part.\n"
        "Every command has --help.");
    mash::ctl::Chosen chosen;
    mash::ctl::add_area_commands(app, chosen);
    mash::ctl::add_agency_commands(app, chosen);
    mash::ctl::add_policy_commands(app, chosen);
    mash::ctl::add_broker_commands(app, chosen, restore_broker);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? static_cast<int>(Exit::done) : static_cast<int>(Exit::usage);
    }
    if (!mash::crypto::init()) {
        std::cerr << "mashctl: this machine offers no source of randomness.\n";
        return static_cast<int>(Exit::refused);
    }
    mash::crypto::SystemRandom random;
    mash::ctl::Context context{std::cout, std::cerr, clock_reading(), random};
    context.ask_secret = mash::ctl::ask_secret_on_terminal;
    context.ask = mash::ctl::ask_on_terminal;
    const auto outcome = chosen(context);
    if (outcome) return static_cast<int>(Exit::done);
    const auto& problem = outcome.error();
    std::cout.flush();
    std::cerr << "mashctl: " << problem.what << "\n";
    if (!problem.next.empty()) std::cerr << "What to do: " << problem.next << "\n";
    return static_cast<int>(problem.exit);
}

}  // namespace

int main(int argc, char** argv) {
    return mash::program_main("mashctl", static_cast<int>(mash::ctl::Exit::refused),
                              [&] { return run_command_line(argc, argv); });
}
