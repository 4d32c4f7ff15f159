// An answer that goes on: server-sent events (HTML Living Standard, 9.2) for one client. Bounded: a
// reader that is too slow is dropped, connects again and reads afresh.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace mash::http {

/// That one client has not read.
inline constexpr std::size_t stream_bytes_max = std::size_t{64} * 1024;

/// Any thread.
class EventStream {
public:
    explicit EventStream(std::size_t bytes_max = stream_bytes_max) : bytes_max_(bytes_max) {}

    /// One event; `data` is one line. False when the stream has ended, and when this event ends it,
    /// because the client has not read what came before.
    bool push(std::string_view event, std::string_view data);
    /// What was pushed before still leaves.
    void end();
    bool has_ended() const;

    // For the server
    /// Called at each change, on the thread that made it. Once; earlier changes call it at once.
    void on_change(std::function<void()> wake);
    /// What waits, and takes it away.
    std::string take();
    /// The client is gone: nothing is kept any more.
    void drop();

private:
    void changed();

    const std::size_t bytes_max_;
    mutable std::mutex mutex_;
    std::string waiting_;
    bool ended_ = false;
    std::function<void()> wake_;
};

}  // namespace mash::http
