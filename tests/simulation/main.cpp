// simulate: runs seeds, says how many a minute, and for the first that breaks a rule prints which,
// where, and the command that runs it again with its trace.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "tests/simulation/run.hpp"

namespace {

using mash::simulation::RunResult;

struct Arguments {
    std::uint64_t seeds = 100;
    std::uint64_t first_seed = 1;
    std::uint64_t steps = 260;
    bool trace = false;
    bool twice = false;    ///< each seed twice: the traces must be equal
    bool silence = false;  ///< paired worlds with and without a conflict
};

int usage() {
    std::cerr
        << "simulate [--seeds N] [--first-seed S] [--steps K] [--trace] [--twice] [--silence]\n";
    return 2;
}

int run_silence(const mash::simulation::Enrolled& base, const Arguments& arguments) {
    for (auto seed = arguments.first_seed; seed < arguments.first_seed + arguments.seeds; ++seed) {
        if (const auto difference = compare_conflict_silence(base, seed)) {
            std::cout << "FAILED seed " << seed
                      << ": the excluded inbox shows that something was withheld\n"
                      << *difference << "\nrun it again: simulate --silence --seeds 1 --first-seed "
                      << seed << "\n";
            return 1;
        }
    }
    std::cout << arguments.seeds << " paired worlds: the excluded inbox looks the same in both\n";
    return 0;
}

int report(const RunResult& result, std::uint64_t seed, const Arguments& arguments) {
    std::cout << "FAILED seed " << seed << " at step " << result.violation->step
              << "\n  rule:   " << result.violation->invariant
              << "\n  detail: " << result.violation->detail
              << "\nrun it again: simulate --seeds 1 --first-seed " << seed << " --steps "
              << arguments.steps << " --trace\n";
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const auto number = [&](std::uint64_t& into) {
            if (i + 1 >= argc) return false;
            char* end = nullptr;
            into = std::strtoull(argv[++i], &end, 10);
            return end != argv[i] && *end == '\0';
        };
        if (name == "--trace")
            arguments.trace = true;
        else if (name == "--twice")
            arguments.twice = true;
        else if (name == "--silence")
            arguments.silence = true;
        else if (name == "--seeds"        ? !number(arguments.seeds)
                 : name == "--first-seed" ? !number(arguments.first_seed)
                 : name == "--steps"      ? !number(arguments.steps)
                                          : true)
            return usage();
    }
    const auto base = mash::simulation::enrol();
    if (arguments.silence) return run_silence(base, arguments);

    const auto began = std::chrono::steady_clock::now();
    std::uint64_t steps = 0, notifications = 0, stored = 0;
    double hours = 0;
    for (auto seed = arguments.first_seed; seed < arguments.first_seed + arguments.seeds; ++seed) {
        const auto result =
            run_seed(base, seed, arguments.steps, arguments.trace ? &std::cout : nullptr);
        if (result.violation) return report(result, seed, arguments);
        if (arguments.twice &&
            run_seed(base, seed, arguments.steps, nullptr).trace_hash != result.trace_hash) {
            std::cout << "FAILED seed " << seed << ": run twice, it took two courses\n";
            return 1;
        }
        steps += result.steps;
        notifications += result.notifications;
        stored += result.stored;
        hours += result.virtual_hours;
    }
    const auto took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::cout << arguments.seeds << " seeds from " << arguments.first_seed << ": " << notifications
              << " notifications, " << stored << " items in inboxes, " << steps << " events, "
              << static_cast<std::uint64_t>(hours) << " hours of virtual time; "
              << static_cast<std::uint64_t>(static_cast<double>(arguments.seeds) * 60.0 / took)
              << " seeds a minute\n";
    return 0;
}
