// Accepted, and stored in three inboxes: how many a second with eight senders and everything on
// this machine, what each costs the broker, and whether that grows with what is stored.
#include <unistd.h>

#include <fmt/core.h>

#include "tests/bench/benches.hpp"
#include "tests/bench/traffic.hpp"

namespace mash::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::minutes deadline{5};

struct Reading {
    Clock::time_point at = Clock::now();
    double broker_cpu_us = 0;
    double own_cpu_us = 0;
    double batches = 0;
    double inputs = 0;
};

Reading read(const BenchArea& area) {
    Reading out;
    out.broker_cpu_us = area.broker_usage().cpu_us;
    out.own_cpu_us = usage_of(::getpid()).cpu_us;
    out.batches = area.metric("mash_broker_batches_total");
    out.inputs = area.metric("mash_broker_inputs_total");
    return out;
}

void print_stretch(std::size_t stored, std::size_t count, const Reading& from, const Reading& to,
                   const Spread& times) {
    const double seconds = std::chrono::duration<double>(to.at - from.at).count();
    const auto each = static_cast<double>(count);
    const double batches = to.batches - from.batches;
    // Each batch carries one tick beside what came in.
    fmt::print(
        "  {:>7} stored: {:7.1f} a second; broker {:6.0f} us of processor each, agents {:6.0f} us; "
        "{:5.1f} notifications and {:5.1f} inputs a batch, {:6.1f} ms a batch\n",
        stored, each / seconds, (to.broker_cpu_us - from.broker_cpu_us) / each,
        (to.own_cpu_us - from.own_cpu_us) / each, each / batches,
        (to.inputs - from.inputs) / batches - 1, seconds * 1e3 / batches);
    fmt::print("                  submitted to stored in three: {}\n", times.text());
}

bool measure(const FloodOptions& options, int sync_ms) {
    Traffic traffic(3);
    BenchArea area(
        {.senders = options.senders, .broker_sync_ms = sync_ms, .folder = options.folder},
        traffic.watch());
    traffic.use(area);
    area.connect_all();
    fmt::print("{}: {} senders, {} under way from each, 4 KiB of words\n",
               sync_ms == 0 ? std::string("the disk as it is")
                            : fmt::format("each sync of the broker takes {} ms longer", sync_ms),
               options.senders, options.window);
    bool complete = true;
    std::size_t stored = 0;
    // Without a pause between stretches, so that each is measured in the middle of the flood.
    const auto total =
        options.stored.back() + options.stretch + 2 * options.senders * options.window;
    traffic.begin_flood(options.senders, total, options.window);
    for (const auto level : options.stored) {
        complete = traffic.wait_arrived(level, deadline) && complete;
        (void)traffic.take_flood();
        stored = traffic.arrived();
        const auto from = read(area);
        complete = traffic.wait_arrived(stored + options.stretch, deadline) && complete;
        const auto to = read(area);
        const auto times = traffic.take_flood();
        print_stretch(stored, times.count(), from, to, times);
        std::fflush(stdout);
    }
    complete = traffic.wait_all(deadline) && complete;
    fmt::print("  the broker's store holds {:.1f} KiB for each, without its log\n",
               static_cast<double>(std::filesystem::file_size(area.folder() / "broker.sqlite")) /
                   1024 / static_cast<double>(traffic.arrived()));
    return complete && area.refusals() == 0 && area.alarms() == 0;
}

}  // namespace

bool measure_throughput(const FloodOptions& options) {
    bool complete = true;
    for (const int sync_ms : options.sync_ms) complete = measure(options, sync_ms) && complete;
    return complete;
}

}  // namespace mash::bench
