// What the programs hold: idle, with every host connected, and after a flood.
#include <fmt/core.h>

#include "tests/bench/benches.hpp"
#include "tests/bench/traffic.hpp"
#include "tests/integration/area.hpp"
#include "tests/integration/fixture.hpp"

namespace mash::bench {

namespace {

constexpr std::chrono::minutes deadline{3};
constexpr std::size_t senders = 8;

std::string mib(std::size_t kib) {
    return fmt::format("{:.1f} MiB", static_cast<double>(kib) / 1024);
}

bool measure_broker(const MemoryOptions& options) {
    Traffic traffic(3);
    BenchArea area({.senders = senders, .schools = options.hosts, .folder = options.folder},
                   traffic.watch());
    traffic.use(area);
    const auto idle = area.broker_usage();
    area.connect_all();
    const auto connected = area.broker_usage();
    traffic.begin_flood(senders, options.notifications, 16);
    bool complete = traffic.wait_all(deadline);
    const auto loaded = area.broker_usage();
    complete = complete && traffic.take_flood().count() == options.notifications;
    fmt::print(
        "broker, resident: nobody connected {}; {} hosts connected {}, {:.0f} KiB each; after {} "
        "notifications {} (peak {})\n",
        mib(idle.resident_kib), area.agent_count(), mib(connected.resident_kib),
        (static_cast<double>(connected.resident_kib) - static_cast<double>(idle.resident_kib)) /
            static_cast<double>(area.agent_count()),
        options.notifications, mib(loaded.resident_kib), mib(loaded.resident_peak_kib));
    return complete;
}

bool measure_agents(const MemoryOptions& options) {
    auto area = integration::Area::make();
    area->feed_involvement();
    std::map<std::string, Usage> idle;
    for (const auto& host : integration::hosts) idle[host] = usage_of(area->program(host).pid());
    bool complete = true;
    std::string last;
    for (std::size_t i = 0; i < options.notifications && complete; ++i) {
        complete = area->wait_until(
            [&] {
                last = area->post("police",
                                  integration::missing_wren("bench/memory/" + std::to_string(i)));
                return !last.empty();
            },
            std::chrono::seconds(30));
    }
    for (const auto& [seat, inbox] : integration::around_wren) {
        complete =
            complete && area->wait_rung("police", last, seat, "stored", std::chrono::minutes(3));
    }
    fmt::print(
        "agents as programs, resident, idle and after {} notifications from the police agent:\n",
        options.notifications);
    for (const auto& host : integration::hosts) {
        const auto loaded = usage_of(area->program(host).pid());
        fmt::print("  {:<12} {} -> {} (peak {})\n", host, mib(idle[host].resident_kib),
                   mib(loaded.resident_kib), mib(loaded.resident_peak_kib));
    }
    return complete;
}

}  // namespace

bool measure_memory(const MemoryOptions& options) {
    const bool broker = measure_broker(options);
    return measure_agents(options) && broker;
}

}  // namespace mash::bench
