// simulate: runs seeds, says how many a minute, and for each that breaks a rule prints which,
// where, and the command that runs it again with its trace.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>

#include "tests/simulation/run.hpp"

namespace {

using mash::simulation::Violation;

/// A fault that many seeds find is not worth a page for each.
constexpr std::uint64_t failures_shown_max = 20;

struct Arguments {
    std::uint64_t seeds = 100;
    std::uint64_t first_seed = 1;
    std::uint64_t steps = 260;
    std::uint64_t share = 1;  ///< of the seeds, this process plays those of its share
    std::uint64_t shares = 1;
    bool trace = false;
    bool twice = false;    ///< each seed twice: the traces must be equal
    bool silence = false;  ///< paired worlds with and without a conflict
    mash::simulation::Worlds worlds;
};

int usage() {
    std::cerr << "simulate [--seeds N] [--share I/OF] [--first-seed S] [--steps K] [--trace] "
                 "[--twice] [--silence] [--asking] [--families] [--planted]\n";
    return 2;
}

/// Starts with the path of this very program, so that the line can be pasted wherever one stands.
std::string command(const std::string& what, std::uint64_t seed) {
    std::error_code unknown;
    auto self = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
    if (unknown) self = "simulate";
    return "run it again: " + self + " " + what + " --seeds 1 --first-seed " +
           std::to_string(seed) + "\n";
}

int run_silence(const mash::simulation::Enrolled& base, const Arguments& arguments) {
    std::uint64_t failed = 0;
    for (auto seed = arguments.first_seed; seed < arguments.first_seed + arguments.seeds; ++seed) {
        const auto difference = compare_conflict_silence(base, seed);
        if (!difference) continue;
        std::cout << "FAILED seed " << seed
                  << ": the excluded inbox shows that something was withheld\n"
                  << *difference << "\n"
                  << command("--silence", seed);
        if (++failed == failures_shown_max) break;
    }
    if (failed > 0) return 1;
    std::cout << arguments.seeds << " paired worlds: the excluded inbox looks the same in both\n";
    return 0;
}

/// What makes another run of a seed the same run.
std::string course_of(const Arguments& arguments) {
    return std::string(arguments.worlds.asks ? "--asking " : "") +
           (arguments.worlds.withdraws ? "--families " : "") +
           (arguments.worlds.is_planted ? "--planted " : "") + "--steps " +
           std::to_string(arguments.steps);
}

void report(const Violation& violation, std::uint64_t seed, const Arguments& arguments) {
    std::cout << "FAILED seed " << seed << " at step " << violation.step
              << "\n  rule:   " << violation.invariant << "\n  detail: " << violation.detail << "\n"
              << command("--trace " + course_of(arguments), seed) << std::flush;
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
        const auto share = [&] {
            if (i + 1 >= argc) return false;
            std::istringstream in(argv[++i]);
            char of = 0;
            return in >> arguments.share >> of >> arguments.shares && in.eof() && of == '/' &&
                   arguments.share >= 1 && arguments.share <= arguments.shares;
        };
        if (name == "--trace")
            arguments.trace = true;
        else if (name == "--twice")
            arguments.twice = true;
        else if (name == "--silence")
            arguments.silence = true;
        else if (name == "--asking")
            arguments.worlds.asks = true;
        else if (name == "--families")
            arguments.worlds.withdraws = true;
        else if (name == "--planted")
            arguments.worlds.is_planted = true;
        else if (name == "--seeds"        ? !number(arguments.seeds)
                 : name == "--first-seed" ? !number(arguments.first_seed)
                 : name == "--steps"      ? !number(arguments.steps)
                 : name == "--share"      ? !share()
                                          : true)
            return usage();
    }
    const auto all = arguments.seeds;
    const auto begin_of = [&](std::uint64_t share) { return all * share / arguments.shares; };
    arguments.first_seed += begin_of(arguments.share - 1);
    arguments.seeds = begin_of(arguments.share) - begin_of(arguments.share - 1);
    const auto base = mash::simulation::enrol();
    if (arguments.silence) return run_silence(base, arguments);

    const auto began = std::chrono::steady_clock::now();
    std::uint64_t steps = 0, notifications = 0, stored = 0, seeds = 0, failed = 0;
    double hours = 0;
    for (auto seed = arguments.first_seed;
         seed < arguments.first_seed + arguments.seeds && failed < failures_shown_max; ++seed) {
        const auto result = run_seed(base, seed, arguments.steps,
                                     arguments.trace ? &std::cout : nullptr, arguments.worlds);
        if (result.violation) {
            report(*result.violation, seed, arguments);
            ++failed;
        } else if (arguments.twice &&
                   run_seed(base, seed, arguments.steps, nullptr, arguments.worlds).trace_hash !=
                       result.trace_hash) {
            std::cout << "FAILED seed " << seed << ": run twice, it took two courses\n"
                      << command("--twice " + course_of(arguments), seed);
            ++failed;
        }
        ++seeds;
        steps += result.steps;
        notifications += result.notifications;
        stored += result.stored;
        hours += result.virtual_hours;
    }
    const auto took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::cout << seeds << " seeds from " << arguments.first_seed << ", " << failed
              << " failed: " << notifications << " notifications, " << stored
              << " items in inboxes, " << steps << " events, " << static_cast<std::uint64_t>(hours)
              << " hours of virtual time; "
              << static_cast<std::uint64_t>(static_cast<double>(seeds) * 60.0 / took)
              << " seeds a minute\n";
    return failed == 0 ? 0 : 1;
}
