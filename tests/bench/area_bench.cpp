// area_bench: the figures of a whole area. README.md says what each measures and what it was.
#include <filesystem>
#include <functional>

#include <CLI/CLI.hpp>

#include "common/base/program_main.hpp"
#include "common/crypto/init.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/figures.hpp"

namespace mash::bench {

namespace {

void add_flood(CLI::App& command, FloodOptions& flood) {
    command.add_option("--senders", flood.senders, "Agencies that send")->capture_default_str();
    command.add_option("--window", flood.window, "Notifications under way from each sender")
        ->capture_default_str();
    command
        .add_option("--sync-ms", flood.sync_ms,
                    "Milliseconds that each sync of the broker takes longer: one variant each")
        ->delimiter(',')
        ->capture_default_str();
}

int run(int argc, char** argv) {
    CLI::App app(
        "Measures a whole area on this machine: the real broker, agents, and invented children. "
        "Prints figures; fails only when something was lost or refused, never because it was "
        "slow.");
    app.require_subcommand(1);
    std::filesystem::path folder = std::filesystem::temp_directory_path();
    app.add_option("--dir", folder, "Where stores are made: which disk is measured")
        ->check(CLI::ExistingDirectory)
        ->capture_default_str();

    LatencyOptions latency;
    auto* latency_command = app.add_subcommand(
        "latency", "From a police file's arrival to the last inbox's store, idle area");
    latency_command->add_option("--files", latency.files)->capture_default_str();

    FloodOptions flood;
    auto* throughput_command = app.add_subcommand(
        "throughput",
        "Notifications a second, stored in three inboxes, and the broker's processor");
    add_flood(*throughput_command, flood);
    throughput_command
        ->add_option("--stored", flood.stored, "Measure when so many are stored; growing")
        ->delimiter(',')
        ->capture_default_str();
    throughput_command->add_option("--stretch", flood.stretch, "Notifications of one measurement")
        ->capture_default_str();

    ImmediateOptions immediate;
    auto* immediate_command =
        app.add_subcommand("immediate", "An item of the immediate lane while a routine flood runs");
    add_flood(*immediate_command, immediate.flood);
    immediate_command->add_option("--items", immediate.items)->capture_default_str();
    immediate_command->add_option("--every-ms", immediate.every_ms)->capture_default_str();

    ReconnectOptions reconnect;
    auto* reconnect_command =
        app.add_subcommand("reconnect", "Every host comes back after the broker was killed");
    reconnect_command->add_option("--hosts", reconnect.hosts)->capture_default_str();

    MemoryOptions memory;
    auto* memory_command =
        app.add_subcommand("memory", "Resident memory of broker and agents, idle and loaded");
    memory_command->add_option("--hosts", memory.hosts)->capture_default_str();
    memory_command->add_option("--notifications", memory.notifications)->capture_default_str();

    IntakeOptions intake;
    auto* intake_command = app.add_subcommand(
        "intake", "Large files: records a second and memory, looked at and taken in");
    intake_command->add_option("--records", intake.records, "Of the larger file")
        ->check(CLI::Range(std::size_t{8}, std::size_t{100'000'000}))
        ->capture_default_str();

    CLI11_PARSE(app, argc, argv);
    if (!crypto::init()) return 1;
    flood.folder = immediate.flood.folder = reconnect.folder = memory.folder = intake.folder =
        folder;
    print_command(argc, argv);
    print_machine(folder);
    bool complete = false;
    if (*latency_command) complete = measure_latency(latency);
    if (*throughput_command) complete = measure_throughput(flood);
    if (*immediate_command) complete = measure_immediate(immediate);
    if (*reconnect_command) complete = measure_reconnect(reconnect);
    if (*memory_command) complete = measure_memory(memory);
    if (*intake_command) complete = measure_intake(intake);
    std::puts(complete ? "complete: everything arrived, nothing was refused"
                       : "NOT complete: something was lost, refused or alarmed; these figures say "
                         "nothing");
    return complete ? 0 : 1;
}

}  // namespace

}  // namespace mash::bench

int main(int argc, char** argv) {
    return mash::program_main("area_bench", 1, [&] { return mash::bench::run(argc, argv); });
}
