// One seed, from the first event to the end of every notification.
#pragma once

#include <iosfwd>

#include "tests/simulation/invariants.hpp"

namespace mash::simulation {

struct RunResult {
    std::optional<Violation> violation;
    std::uint64_t trace_hash = 0;
    std::uint64_t steps = 0;
    std::size_t notifications = 0;
    std::size_t stored = 0;  ///< items in inboxes at the end
    double virtual_hours = 0;
};

/// Which faults a seed has, and how often: some worlds are quiet, some have everything.
Faults faults_of(std::uint64_t seed);
/// Which worlds are played.
struct Worlds {
    /// Some relations are asked for and not deposited, and children are known by little.
    bool asks = false;
    /// Families agree, and take it back.
    bool withdraws = false;
    /// Some courses end in a violation that is none: is it found again by the command that is
    /// printed (replay.cmake)?
    bool is_planted = false;
};
RunResult run_seed(const Enrolled& base, std::uint64_t seed, std::uint64_t steps,
                   std::ostream* trace, Worlds worlds = {});
/// silence.cpp: one world with a registered conflict and what it concerns, one without either. What
/// those who are excluded see must be the same in both, and what their host sees where nobody there
/// may be told. Nothing: it is.
std::optional<std::string> compare_conflict_silence(const Enrolled& base, std::uint64_t seed);

}  // namespace mash::simulation
