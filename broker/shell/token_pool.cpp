#include "broker/shell/token_pool.hpp"

#include "common/base/limits.hpp"

namespace mash::broker_shell {

namespace {

constexpr std::uint32_t queue_full_retry_ms = 5'000;

wire::Lane lane_of(const broker::TokensAsked& asked) {
    return asked.is_roll ? wire::Lane::bulk : wire::Lane::immediate;
}

}  // namespace

TokenPool::TokenPool(broker::TokenKeys keys, RandomSource& random, OnAnswer on_answer)
    : keys_(std::move(keys)),
      random_(random),
      on_answer_(std::move(on_answer)),
      thread_([this] { work(); }) {}

TokenPool::~TokenPool() { stop(); }

void TokenPool::submit(broker::TokensAsked asked) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        auto& queue = asked.is_roll ? rolls_ : first_;
        if (queue.size() < limits::token_queue_frames_max) {
            queue.push_back(std::move(asked));
            ready_.notify_one();
            return;
        }
    }
    ++refused_;
    wire::ErrorFrame busy;
    busy.code = ErrorCode::busy;
    busy.retry_after_ms = queue_full_retry_ms;
    busy.detail = "token_queue";
    on_answer_(asked.session, lane_of(asked), {asked.request, std::move(busy)});
}

std::size_t TokenPool::waiting() const {
    const std::lock_guard lock(mutex_);
    return first_.size() + rolls_.size();
}

void TokenPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void TokenPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [&] { return stopping_ || !first_.empty() || !rolls_.empty(); });
        if (stopping_) return;
        auto& queue = first_.empty() ? rolls_ : first_;
        const auto asked = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        const auto answer = broker::evaluate_tokens(keys_, asked, random_);
        if (std::holds_alternative<wire::EvaluatedTokens>(answer.body)) {
            evaluated_ += asked.blinded.size();
        } else {
            ++refused_;
        }
        on_answer_(asked.session, lane_of(asked), answer);
        lock.lock();
    }
}

}  // namespace mash::broker_shell
