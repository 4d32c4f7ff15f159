// Evaluates what the core let through, on a thread of its own: neither the core's nor those that
// check signatures, because every frame behind it would wait. What is about one child goes before
// imports.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "broker/core/tokens.hpp"

namespace mash::broker_shell {

class TokenPool {
public:
    using OnAnswer = std::function<void(broker::SessionId, wire::Lane, const wire::BrokerFrame&)>;

    /// `random` is used by the pool's thread alone while it runs. `on_answer`: by that thread, and
    /// by submit() when the queue is full.
    TokenPool(broker::TokenKeys keys, RandomSource& random, OnAnswer on_answer);
    ~TokenPool();
    TokenPool(const TokenPool&) = delete;
    TokenPool& operator=(const TokenPool&) = delete;

    /// Any thread. A full queue is answered `busy` at once.
    void submit(broker::TokensAsked asked);
    bool holds(const crypto::OprfPublicKey& key) const { return keys_.contains(key); }
    std::uint64_t evaluated() const { return evaluated_; }
    std::uint64_t refused() const { return refused_; }
    std::size_t waiting() const;
    /// What waits is dropped: agents ask again.
    void stop();

private:
    void work();

    const broker::TokenKeys keys_;
    RandomSource& random_;
    OnAnswer on_answer_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<broker::TokensAsked> first_;
    std::deque<broker::TokensAsked> rolls_;
    bool stopping_ = false;
    std::atomic<std::uint64_t> evaluated_{0};
    std::atomic<std::uint64_t> refused_{0};
    std::thread thread_;
};

}  // namespace mash::broker_shell
