// mash-broker: reads the command line and the configuration, starts the program, waits for the
// signal to stop.
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <CLI/CLI.hpp>

#include "broker/shell/broker_program.hpp"
#include "common/base/limits.hpp"
#include "common/base/program_main.hpp"
#include "common/batch/stop_deadline.hpp"
#include "common/crypto/init.hpp"

namespace {

int run(const std::filesystem::path& folder) {
    mash::FdLogSink sink(STDERR_FILENO);
    mash::Log log(sink, mash::ProgramId("mash-broker"));
    const auto now = [] {
        return mash::WallTime::from_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count());
    };
    // Before any thread exists, so that all of them leave these signals to us.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const int stop = signalfd(-1, &signals, SFD_CLOEXEC);

    std::string problem;
    const auto config = mash::broker_shell::read_broker_config(folder, problem);
    if (!config) {
        log.write(now(), mash::LogEvent::program_failed, {{"code", config.error()}});
        std::fprintf(stderr, "mash-broker: %s\n", problem.c_str());
        return 2;
    }
    auto program = mash::broker_shell::BrokerProgram::start(*config, log, problem);
    if (!program) {
        log.write(now(), mash::LogEvent::program_failed, {{"code", program.error()}});
        std::fprintf(stderr, "mash-broker: %s\n", problem.c_str());
        return 1;
    }
    log.write(now(), mash::LogEvent::program_started);
    std::printf("mash-broker is ready: %s\n", (*program)->bound_text().c_str());
    std::fflush(stdout);
    while (true) {
        (*program)->look_at_documents();
        (*program)->look_at_space();
        pollfd wait{stop, POLLIN, 0};
        if (::poll(&wait, 1, 1000) <= 0) continue;
        signalfd_siginfo info{};
        if (::read(stop, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) continue;
        if (info.ssi_signo != SIGHUP) break;
    }
    log.write(now(), mash::LogEvent::program_stopping);
    const mash::batch::StopDeadline deadline(mash::limits::stop_deadline, [&] {
        log.write(now(), mash::LogEvent::program_failed, {{"code", mash::ErrorCode::expired}});
        std::_Exit(1);
    });
    (*program)->stop();
    log.write(now(), mash::LogEvent::program_stopped);
    return 0;
}

int run_command_line(int argc, char** argv) {
    CLI::App app(
        "The broker of one area: decides who may be told what, delivers it, and keeps the clock "
        "running.");
    app.require_subcommand(1);
    std::string folder = ".";
    auto* run_command = app.add_subcommand("run", "Run the broker until SIGTERM");
    run_command->add_option("--dir", folder, "Folder that holds broker.toml")->required();
    CLI11_PARSE(app, argc, argv);
    if (!mash::crypto::init()) {
        std::fprintf(stderr, "mash-broker: libsodium cannot start on this machine\n");
        return 1;
    }
    return run(folder);
}

}  // namespace

int main(int argc, char** argv) {
    return mash::program_main("mash-broker", 1, [&] { return run_command_line(argc, argv); });
}
