#include "tests/bench/figures.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/core.h>

#include "common/base/check.hpp"
#include "common/base/time.hpp"

namespace mash::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// The value of the first line that begins with `name`, without the colon and spaces.
std::string field_of(const std::string& file, const std::string& name) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(name)) continue;
        const auto value = line.find_first_not_of(" \t", line.find(':') + 1);
        return value == std::string::npos ? "" : line.substr(value);
    }
    return "";
}

std::size_t kib_of(const std::string& file, const std::string& name) {
    return std::strtoull(field_of(file, name).c_str(), nullptr, 10);
}

/// One 4 KiB write and fdatasync after another, as a log of commits does it.
Spread sync_times(const std::filesystem::path& folder) {
    const auto file = folder / "sync-measured";
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    const std::string block(4096, 'x');
    Spread out;
    for (int i = 0; i < 50; ++i) {
        const auto began = Clock::now();
        CHECK(::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()));
        CHECK(::fdatasync(fd) == 0);
        out.add(Clock::now() - began);
    }
    ::close(fd);
    std::filesystem::remove(file);
    return out;
}

}  // namespace

double Spread::at(double part) const {
    if (values_.empty()) return 0;
    auto sorted = values_;
    std::ranges::sort(sorted);
    const auto rank = static_cast<std::size_t>(
        std::max(1.0, std::ceil(part * static_cast<double>(sorted.size()))));
    return sorted[rank - 1];
}

std::string Spread::text() const {
    return fmt::format("min {:.1f}  median {:.1f}  p95 {:.1f}  p99 {:.1f}  max {:.1f} ms  (n = {})",
                       at(0), at(0.5), at(0.95), at(0.99), at(1), count());
}

Usage usage_of(pid_t process) {
    const auto folder = "/proc/" + std::to_string(process);
    Usage out;
    std::ifstream in(folder + "/stat");
    std::string text;
    std::getline(in, text);
    // The program's name stands in brackets and may hold anything; the fields are counted after it.
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    out.cpu_us = (user + system) * 1e6 / static_cast<double>(::sysconf(_SC_CLK_TCK));
    out.resident_kib = kib_of(folder + "/status", "VmRSS");
    out.resident_peak_kib = kib_of(folder + "/status", "VmHWM");
    return out;
}

void print_machine(const std::filesystem::path& folder) {
    double load = 0;
    ::getloadavg(&load, 1);
    fmt::print("machine: {} cores, {}, {} MiB of memory, load {:.1f}\n",
               std::thread::hardware_concurrency(), field_of("/proc/cpuinfo", "model name"),
               kib_of("/proc/meminfo", "MemTotal") / 1024, load);
    fmt::print("disk under {}: a synced 4 KiB write {}\n", folder.string(),
               sync_times(folder).text());
}

void print_command(int argc, char** argv) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    fmt::print("{} ", to_rfc3339(WallTime::from_unix_ms(now.count())));
    for (int i = 0; i < argc; ++i)
        fmt::print(" {}", i == 0 ? std::filesystem::path(argv[i]).filename().string()
                                 : std::string(argv[i]));
    fmt::print("\n");
}

}  // namespace mash::bench
