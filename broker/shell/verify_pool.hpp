// Decodes and verifies frames on worker threads, and hands the results on in the order of arrival.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "broker/core/input.hpp"

namespace mash::broker_shell {

class VerifyPool {
public:
    using OnInput = std::function<void(broker::Input)>;
    using WallClock = std::function<WallTime()>;

    /// `on_input` is called by one worker at a time, in arrival order; it must not block long.
    VerifyPool(unsigned threads, WallClock clock, OnInput on_input);
    ~VerifyPool();
    VerifyPool(const VerifyPool&) = delete;
    VerifyPool& operator=(const VerifyPool&) = delete;

    /// Any thread. `over_rate`: the answer is `busy`, the bytes are not looked at.
    void submit(broker::SessionId session, HostId host, Bytes frame, bool over_rate);
    /// Any thread; frames submitted later are checked against this one.
    void use_registry(std::shared_ptr<const area::Registry> registry);
    /// False while the queue is at limits::verify_queue_frames_max.
    bool may_submit() const;
    void stop();

private:
    struct Job {
        std::uint64_t number = 0;
        broker::SessionId session;
        HostId host;
        Bytes frame;
        bool over_rate = false;
        std::shared_ptr<const area::Registry> registry;
    };
    void work();
    broker::Input check(Job& job) const;

    WallClock clock_;
    OnInput on_input_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Job> jobs_;
    std::deque<std::unique_ptr<broker::Input>>
        done_;  // done_[i] is the result of number first_ + i
    std::uint64_t first_ = 0;
    std::uint64_t next_ = 0;
    bool handing_on_ = false;
    bool stopping_ = false;
    std::shared_ptr<const area::Registry> registry_;
    std::vector<std::thread> threads_;
};

}  // namespace mash::broker_shell
