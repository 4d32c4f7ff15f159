// Whether danger overtakes: a missing child at medium risk (U2, the immediate lane) while every
// sender keeps its routine items coming.
#include <poll.h>

#include <fmt/core.h>

#include "tests/bench/benches.hpp"
#include "tests/bench/traffic.hpp"

namespace mash::bench {

namespace {

constexpr std::chrono::minutes deadline{5};
constexpr std::size_t without_end = std::size_t{1} << 40;

bool measure(const ImmediateOptions& options, int sync_ms) {
    const auto& flood = options.flood;
    Traffic traffic(3);
    BenchArea area({.senders = flood.senders, .broker_sync_ms = sync_ms, .folder = flood.folder},
                   traffic.watch());
    traffic.use(area);
    area.connect_all();
    bool complete = true;
    const auto send_all = [&] {
        for (std::size_t i = 0; i < options.items; ++i) {
            traffic.send(i % flood.senders, i % area.shape().children, "medium");
            ::poll(nullptr, 0, options.every_ms);
        }
    };
    fmt::print("{}: {} items of the immediate lane, one each {} ms\n",
               sync_ms == 0 ? std::string("the disk as it is")
                            : fmt::format("each sync of the broker takes {} ms longer", sync_ms),
               options.items, options.every_ms);
    send_all();
    complete = traffic.wait_all(deadline) && complete;
    fmt::print("  idle area:       {}\n", traffic.take_single().text());
    traffic.begin_flood(flood.senders, without_end, flood.window);
    complete = traffic.wait_arrived(flood.senders * flood.window, deadline) && complete;
    (void)traffic.take_flood();
    const auto began = std::chrono::steady_clock::now();
    send_all();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const auto routine = traffic.take_flood();
    traffic.stop_flood();
    complete = traffic.wait_all(deadline) && complete;
    const auto immediate = traffic.take_single();
    fmt::print("  under the flood: {}\n", immediate.text());
    fmt::print("  the flood:       {}, {:.1f} a second\n", routine.text(),
               static_cast<double>(routine.count()) / seconds);
    std::fflush(stdout);
    return complete && immediate.count() == options.items && area.refusals() == 0 &&
           area.alarms() == 0;
}

}  // namespace

bool measure_immediate(const ImmediateOptions& options) {
    bool complete = true;
    for (const int sync_ms : options.flood.sync_ms)
        complete = measure(options, sync_ms) && complete;
    return complete;
}

}  // namespace mash::bench
