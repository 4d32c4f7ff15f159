#include "tests/simulation/run.hpp"

namespace mash::simulation {
namespace {

constexpr std::uint64_t stores_checked_every = 100;
/// Of so many seeds one has its stores checked after every step.
constexpr std::uint64_t closely_checked_one_in = 100;
/// Somewhere in one of a few seeds, and late enough for faults to have come before it.
constexpr std::uint64_t planted_from = 100;
constexpr std::uint64_t planted_one_in = 64;

std::size_t stored_items(World& world) {
    std::size_t count = 0;
    for (auto& [host, process] : world.agents()) {
        const auto view = process.store().view();
        count += runtime::table::inbox.collect_keys(*view, {}).size();
    }
    return count;
}

}  // namespace

Faults faults_of(std::uint64_t seed) {
    Dice dice(seed, "faults");
    const auto maybe = [&](double likely, double most) {
        const bool on = dice.chance(likely);
        const double part = static_cast<double>(dice.below(1000)) / 1000.0;
        return on ? most * part : 0.0;
    };
    Faults faults;
    faults.drop = maybe(0.6, 0.15);
    faults.duplicate = maybe(0.5, 0.15);
    faults.delay = maybe(0.5, 0.1);
    faults.commit = maybe(0.5, 0.08);
    faults.cut = maybe(0.5, 0.03);
    faults.kill = maybe(0.5, 0.02);
    faults.backup = maybe(0.35, 0.03);
    faults.restore = faults.backup > 0 ? maybe(0.8, 0.012) : 0;
    faults.clock = maybe(0.2, 0.01);
    faults.documents = maybe(0.4, 0.01);
    faults.leap = maybe(0.5, 0.15);
    const bool late = dice.chance(0.2);
    faults.registrar_late = late && dice.chance(0.4);
    faults.late_host = late ? (faults.registrar_late ? 0.3 : 0.6) : 0;
    faults.late_ends = maybe(late ? 1 : 0, 0.03);
    // Of a stream of its own: a seed without it stays as it was.
    Dice keys(seed, "token-key-faults");
    if (keys.chance(0.25)) faults.token_keys = 0.002 * static_cast<double>(1 + keys.below(15));
    return faults;
}

RunResult run_seed(const Enrolled& base, std::uint64_t seed, std::uint64_t steps,
                   std::ostream* trace, Worlds worlds) {
    Dice start(seed, "start");
    // Any hour of the week: the front door is open, about to close, or closed for the weekend.
    const auto after = std::chrono::minutes(start.below(7 * 24 * 60));
    auto faults = faults_of(seed);
    // The policy that has holders asked is signed on the first day, with a statement that vouches.
    if (worlds.asks) faults.registrar_late = false;
    if (worlds.asks) faults.late_host = faults.late_ends = 0;
    World world(&base, seed, faults, trace, after);
    Workload workload(world, seed);
    if (worlds.withdraws) workload.let_families_agree();
    Invariants invariants(world, workload);
    if (worlds.asks) workload.ask_holders();
    world.connect_all();
    const auto began = world.now();
    Dice when(seed, "when");
    const double busy = 0.02 + 0.01 * static_cast<double>(when.below(12));
    const auto checked_every = seed % closely_checked_one_in == 0 ? 1 : stores_checked_every;
    for (std::uint64_t i = 0; i < steps && !world.violation(); ++i) {
        if (i == 0 || when.chance(busy)) workload.act();
        world.step();
        // The course so far is in the detail: another one could not give the same.
        if (worlds.is_planted && i >= planted_from && world.trace_hash() % planted_one_in == 0)
            world.violate("planted", "the course so far is " + std::to_string(world.trace_hash()));
        if (i % checked_every == checked_every - 1) invariants.check_stores(false);
    }
    if (!world.violation()) world.heal();
    if (!world.violation()) workload.finish();
    if (!world.violation()) invariants.check_ends();
    RunResult result;
    result.violation = world.violation();
    result.trace_hash = world.trace_hash();
    result.steps = world.steps();
    result.notifications = workload.sources().size();
    result.stored = stored_items(world);
    result.virtual_hours = static_cast<double>((world.now().steady - began.steady).count()) / 3.6e6;
    return result;
}

}  // namespace mash::simulation
