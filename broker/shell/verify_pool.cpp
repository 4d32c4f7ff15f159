#include "broker/shell/verify_pool.hpp"

#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker_shell {

VerifyPool::VerifyPool(unsigned threads, WallClock clock, OnInput on_input)
    : clock_(std::move(clock)), on_input_(std::move(on_input)) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

VerifyPool::~VerifyPool() { stop(); }

void VerifyPool::submit(broker::SessionId session, HostId host, Bytes frame, bool over_rate) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        jobs_.push_back(
            {next_++, session, std::move(host), std::move(frame), over_rate, registry_});
        done_.emplace_back();
    }
    ready_.notify_one();
}

void VerifyPool::use_registry(std::shared_ptr<const area::Registry> registry) {
    const std::lock_guard lock(mutex_);
    registry_ = std::move(registry);
}

bool VerifyPool::may_submit() const {
    const std::lock_guard lock(mutex_);
    return done_.size() < limits::verify_queue_frames_max;
}

void VerifyPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

broker::Input VerifyPool::check(Job& job) const {
    if (job.over_rate) return {broker::BadFrameIn{job.session, job.host, 0, ErrorCode::busy}, {}};
    auto frame = wire::decode_agent_frame(job.frame);
    if (!frame) return {broker::BadFrameIn{job.session, job.host, 0, frame.error()}, {}};
    const std::uint64_t request = frame->request;
    if (!job.registry)
        return {broker::BadFrameIn{job.session, job.host, request, ErrorCode::busy}, {}};
    auto verified = broker::verify(std::move(*frame), job.host, *job.registry, clock_());
    if (!verified)
        return {broker::BadFrameIn{job.session, job.host, request, verified.error()}, {}};
    return {broker::FrameIn{job.session, job.host, std::move(*verified),
                            static_cast<std::uint32_t>(job.frame.size())},
            {}};
}

void VerifyPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        auto result = std::make_unique<broker::Input>(check(job));
        lock.lock();
        done_[job.number - first_] = std::move(result);
        // One worker at a time hands on, so that order holds; the others go back to checking.
        if (handing_on_) continue;
        handing_on_ = true;
        while (!done_.empty() && done_.front()) {
            auto next = std::move(done_.front());
            done_.pop_front();
            ++first_;
            lock.unlock();
            on_input_(std::move(*next));
            lock.lock();
        }
        handing_on_ = false;
    }
}

}  // namespace mash::broker_shell
