// What every bench prints: the spread of what it measured, the machine it ran on, and what a
// process used.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace mash::bench {

/// Milliseconds, in the order in which they came.
class Spread {
public:
    void add(double ms) { values_.push_back(ms); }
    void add(std::chrono::steady_clock::duration time) {
        add(std::chrono::duration<double, std::milli>(time).count());
    }
    std::size_t count() const { return values_.size(); }
    /// The smallest value that at least `part` of all are not over: 0.99 for p99.
    double at(double part) const;
    /// "min 1.0  median 2.0  p95 3.0  p99 3.0  max 4.0 ms  (n = 20)".
    std::string text() const;

private:
    std::vector<double> values_;
};

/// Used since it started, and held now.
struct Usage {
    double cpu_us = 0;  ///< in user and system mode together; the kernel counts in 10 ms steps
    std::size_t resident_kib = 0;
    std::size_t resident_peak_kib = 0;
};
Usage usage_of(pid_t process);

/// Cores, model, memory, load; and what one small synced write costs in `folder`.
void print_machine(const std::filesystem::path& folder);

/// The command as it was given and the time, before anything else.
void print_command(int argc, char** argv);

}  // namespace mash::bench
