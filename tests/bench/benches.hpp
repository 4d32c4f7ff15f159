// The measurements of area_bench, one function and one file each. Each prints what it did and what
// came of it, and is false when something was lost, refused or alarmed: then its figures say
// nothing.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace mash::bench {

struct LatencyOptions {
    std::size_t files = 100;
};
/// From a file's arrival in the police agent's intake folder to the last inbox's store. Real
/// programs throughout.
bool measure_latency(const LatencyOptions& options);

struct FloodOptions {
    std::filesystem::path folder;
    std::size_t senders = 8;
    std::size_t window = 16;                     ///< under way from each sender
    std::size_t stretch = 500;                   ///< notifications of one measured stretch
    std::vector<std::size_t> stored{500, 3000};  ///< how many are stored when a stretch begins
    std::vector<int> sync_ms{0, 20};             ///< one variant each
};
/// Notifications a second and the broker's processor time for each.
bool measure_throughput(const FloodOptions& options);

struct ImmediateOptions {
    FloodOptions flood;
    std::size_t items = 100;
    int every_ms = 100;
};
/// An item of the immediate lane while a routine flood runs.
bool measure_immediate(const ImmediateOptions& options);

struct ReconnectOptions {
    std::filesystem::path folder;
    std::size_t hosts = 300;
};
/// The broker is killed and started again.
bool measure_reconnect(const ReconnectOptions& options);

struct MemoryOptions {
    std::filesystem::path folder;
    std::size_t hosts = 300;
    std::size_t notifications = 500;
};
bool measure_memory(const MemoryOptions& options);

struct IntakeOptions {
    std::filesystem::path folder;
    std::size_t records = 300'000;
};
/// Large files: `intake try` of three formats at two sizes, and one file in a running agent.
bool measure_intake(const IntakeOptions& options);

}  // namespace mash::bench
