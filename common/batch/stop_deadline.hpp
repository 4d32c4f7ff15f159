// A graceful stop that does not end is ended: whoever stopped the program waits for it, and so does
// the next start.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace mash::batch {

/// Runs `over` on a thread of its own, unless it is destroyed before `wait` has gone by.
class StopDeadline {
public:
    StopDeadline(std::chrono::milliseconds wait, std::function<void()> over)
        : thread_([wait, over = std::move(over)](const std::stop_token& done) {
              std::mutex mutex;
              std::condition_variable_any changed;
              std::unique_lock lock(mutex);
              changed.wait_for(lock, done, wait, [] { return false; });
              if (!done.stop_requested()) over();
          }) {}

private:
    std::jthread thread_;
};

}  // namespace mash::batch
