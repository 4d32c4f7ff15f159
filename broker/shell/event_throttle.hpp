// How many lines a peer may make us write: whoever is refused can try again as often as he likes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "common/base/log_event.hpp"

namespace mash::broker_shell {

/// For each event the first `lines_max` of a minute are said; the others are counted into the next
/// one that is. One thread.
class EventThrottle {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::uint64_t lines_max = 10;
    static constexpr std::chrono::minutes window{1};

    /// How many times the event happened that a line written now stands for; 0: write none.
    std::uint64_t take(LogEvent event, Time now);

private:
    struct Said {
        Time since;
        std::uint64_t lines = 0;
        std::uint64_t unsaid = 0;
    };
    std::map<LogEvent, Said> said_;
};

}  // namespace mash::broker_shell
