#include "broker/shell/batch_loop.hpp"

#include <chrono>
#include <exception>

#include "common/base/limits.hpp"

namespace mash::broker_shell {

namespace {

constexpr std::chrono::milliseconds tick_interval{250};
constexpr std::size_t queue_inputs_max = 8192;
constexpr int commit_attempts_max = 3;
constexpr std::chrono::milliseconds retry_interval{500};

}  // namespace

BatchLoop::BatchLoop(broker::CoreConfig config, const crypto::SigningKey& key, store::Store& store,
                     RandomSource& random, ReadClocks clocks, EffectSink& sink)
    : config_(std::move(config)),
      key_(key),
      store_(store),
      random_(random),
      clocks_(std::move(clocks)),
      sink_(sink) {}

BatchLoop::~BatchLoop() { stop(); }

Result<void> BatchLoop::load() {
    core_ = std::make_unique<broker::Core>(config_, key_);
    auto transaction = store_.begin();
    MASH_TRY_VOID(core_->load(clocks_(), *transaction));
    if (!store_.commit(std::move(transaction)).is_committed()) return fail(ErrorCode::store_failed);
    return {};
}

void BatchLoop::start() {
    thread_ = std::thread([this] { run(); });
}

void BatchLoop::push(broker::Input input) {
    {
        const std::lock_guard lock(mutex_);
        random_.fill(input.entropy);
        queue_.push_back(std::move(input));
        counts_.queued = queue_.size();
    }
    ready_.notify_one();
}

bool BatchLoop::may_push() const { return counts_.queued < queue_inputs_max; }

void BatchLoop::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::vector<broker::Input> BatchLoop::gather() {
    std::vector<broker::Input> batch;
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, tick_interval, [&] { return stopping_ || !queue_.empty(); });
    while (!queue_.empty() && batch.size() < limits::frames_per_batch_max) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    counts_.queued = queue_.size();
    if (batch.empty() && stopping_) return batch;
    // Every batch carries the passing of time; an idle broker ticks by the interval above.
    broker::Input tick{broker::Tick{}, {}};
    random_.fill(tick.entropy);
    batch.push_back(std::move(tick));
    return batch;
}

void BatchLoop::run() {
    while (true) {
        auto batch = gather();
        if (batch.empty()) return;
        work_off(std::move(batch));
        counts_.last_progress_steady_ms = clocks_().steady.ms();
    }
}

BatchLoop::Outcome BatchLoop::try_batch(std::span<const broker::Input> batch) {
    const auto began = std::chrono::steady_clock::now();
    auto transaction = store_.begin();
    std::vector<broker::Effect> effects;
    try {
        effects = core_->step(clocks_(), batch, *transaction);
    } catch (const std::exception&) {
        // A library's exception (allocation, as a rule): the input that caused it is found by
        // replaying singly.
        return Outcome::spoilt;
    }
    if (transaction->failed()) {
        const auto code = transaction->failure().code;
        return code == ErrorCode::disk_full || code == ErrorCode::store_unknown ||
                       code == ErrorCode::io_failed
                   ? Outcome::store_down
                   : Outcome::spoilt;
    }
    const auto outcome = store_.commit(std::move(transaction));
    if (!outcome.is_committed()) {
        ++counts_.failed_commits;
        if (outcome.kind == store::CommitOutcome::Kind::unknown) {
            ++counts_.unknown_commits;
            (void)store_.reopen().has_value();
        }
        return Outcome::store_down;
    }
    counts_.last_commit_us = std::chrono::duration_cast<std::chrono::microseconds>(
                                 std::chrono::steady_clock::now() - began)
                                 .count();
    ++counts_.batches;
    counts_.inputs += batch.size();
    sink_.release(std::move(effects));
    return Outcome::done;
}

bool BatchLoop::renew_core() {
    auto fresh = std::make_unique<broker::Core>(config_, key_);
    auto transaction = store_.begin();
    if (transaction->failed() && transaction->failure().code == ErrorCode::store_unknown) {
        transaction.reset();
        if (!store_.reopen()) return false;
        transaction = store_.begin();
    }
    if (!fresh->load(clocks_(), *transaction) || transaction->failed()) return false;
    if (!store_.commit(std::move(transaction)).is_committed()) return false;
    fresh->adopt_sessions(*core_);
    core_ = std::move(fresh);
    return true;
}

bool BatchLoop::pause() {
    std::unique_lock lock(mutex_);
    return !ready_.wait_for(lock, retry_interval, [&] { return stopping_; });
}

bool BatchLoop::renew_core_or_stop() {
    while (!renew_core()) {
        if (!pause()) return false;
    }
    return true;
}

void BatchLoop::work_off(std::vector<broker::Input> batch) {
    for (int attempt = 0; attempt < commit_attempts_max; ++attempt) {
        const auto outcome = try_batch(batch);
        if (outcome == Outcome::done) return;
        if (!renew_core_or_stop()) return;
        if (outcome == Outcome::spoilt) break;
    }
    replay_singly(std::move(batch));
}

void BatchLoop::replay_singly(std::vector<broker::Input> batch) {
    for (auto& input : batch) {
        const std::span<const broker::Input> one(&input, 1);
        // While the store is away nothing is answered; agents hold what they sent and offer it
        // again.
        while (true) {
            const auto outcome = try_batch(one);
            if (outcome == Outcome::done) break;
            if (!renew_core_or_stop()) return;
            // A full disk or a lost commit is never the input's fault.
            if (outcome == Outcome::spoilt) {
                auto transaction = store_.begin();
                auto effects = core_->quarantine(clocks_(), input, *transaction);
                if (!transaction->failed() &&
                    store_.commit(std::move(transaction)).is_committed()) {
                    ++counts_.quarantined;
                    sink_.release(std::move(effects));
                    break;
                }
                if (!renew_core_or_stop()) return;
            }
            if (!pause()) return;
        }
    }
}

}  // namespace mash::broker_shell
