// Notifications on their way, each from the moment it is given to its sender's core to the moment
// its last inbox has it in its store: when it was, and how many are under way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "tests/bench/bench_area.hpp"

namespace mash::bench {

class Traffic {
public:
    using Clock = std::chrono::steady_clock;

    /// `inboxes`: how many each notification must reach.
    explicit Traffic(std::size_t inboxes) : inboxes_(inboxes) {}
    /// To be handed to the area; this object outlives it.
    Watch watch();
    void use(BenchArea& area) { area_ = &area; }

    /// Keeps `window` under way from each of `senders` senders, of the routine lane, until `count`
    /// have been begun. Comes back at once.
    void begin_flood(std::size_t senders, std::size_t count, std::size_t window);
    /// One more, outside the flood.
    void send(std::size_t sender, std::size_t child, const std::string& grade);
    /// Ends the flood when what is under way has arrived.
    void stop_flood();
    /// False when not all that was begun has arrived in time.
    bool wait_all(std::chrono::seconds deadline);
    /// Of the flood.
    bool wait_arrived(std::size_t count, std::chrono::seconds deadline);

    std::size_t arrived() const;
    /// Of all that arrived since the last call: the flood's, and the others'.
    Spread take_flood() { return take(flood_times_); }
    Spread take_single() { return take(single_times_); }

private:
    struct Item {
        std::size_t sender = 0;
        Clock::time_point began;
        std::size_t stored = 0;
        bool flood = false;
    };
    runtime::Input begin(std::size_t sender, std::size_t child, const std::string& grade,
                         bool flood);
    void on_submitted(std::uint64_t reply, const NotificationId& id);
    void on_stored(const NotificationId& id);
    void next_of_flood(std::size_t sender);
    Spread take(Spread& from);

    const std::size_t inboxes_;
    BenchArea* area_ = nullptr;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t next_reply_ = 1;
    std::map<std::uint64_t, Item> given_;
    std::map<NotificationId, Item> under_way_;
    std::size_t flood_left_ = 0;
    std::size_t flood_arrived_ = 0;
    std::size_t next_child_ = 0;
    Spread flood_times_;
    Spread single_times_;
};

}  // namespace mash::bench
