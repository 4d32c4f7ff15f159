// A broker that comes back: every host says hello again at its own pace, and each has an item that
// was waiting for it.
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include <fmt/core.h>

#include "tests/bench/benches.hpp"
#include "tests/bench/traffic.hpp"

namespace mash::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::minutes deadline{3};

/// When each host was welcomed, since the last time that it was told to forget.
class Welcomes {
public:
    void add(const HostId& host) {
        const std::lock_guard lock(mutex_);
        first_.emplace(host, Clock::now());
        changed_.notify_all();
    }
    void forget() {
        const std::lock_guard lock(mutex_);
        first_.clear();
    }
    bool wait_for(std::size_t hosts) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, deadline, [&] { return first_.size() >= hosts; });
    }
    Spread since(Clock::time_point from) const {
        const std::lock_guard lock(mutex_);
        Spread out;
        for (const auto& [host, at] : first_) out.add(at - from);
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<HostId, Clock::time_point> first_;
};

}  // namespace

bool measure_reconnect(const ReconnectOptions& options) {
    Welcomes welcomes;
    Traffic traffic(
        4);  // desk, social work team, Missing Children Officers, and the child's school
    auto watch = traffic.watch();
    watch.welcomed = [&](const HostId& host) { welcomes.add(host); };
    BenchArea area({.senders = 1,
                    .schools = options.hosts,
                    .children = options.hosts,
                    .folder = options.folder},
                   watch);
    traffic.use(area);
    const auto first = Clock::now();
    area.connect_all();
    fmt::print("{} school hosts, and three more, connect for the first time: welcomed after {}\n",
               options.hosts, welcomes.since(first).text());
    area.kill_broker();
    welcomes.forget();
    for (std::size_t child = 0; child < options.hosts; ++child) traffic.send(0, child, "low");
    const auto began = Clock::now();
    area.start_broker();
    const auto ready = Clock::now();
    bool complete = welcomes.wait_for(area.agent_count());
    fmt::print("the broker is killed and started again; it is ready after {:.0f} ms\n",
               std::chrono::duration<double, std::milli>(ready - began).count());
    fmt::print("  all welcomed, from the start of the broker:      {}\n",
               welcomes.since(began).text());
    complete = traffic.wait_all(deadline) && complete;
    fmt::print("  an item for each stored, from the same moment:   last after {:.0f} ms\n",
               std::chrono::duration<double, std::milli>(Clock::now() - began).count());
    const auto usage = area.broker_usage();
    fmt::print("  the broker used {:.0f} ms of processor and holds {} MiB (peak {})\n",
               usage.cpu_us / 1e3, usage.resident_kib / 1024, usage.resident_peak_kib / 1024);
    return complete && traffic.take_single().count() == options.hosts && area.refusals() == 0;
}

}  // namespace mash::bench
