// A core's thread: gather what has come, begin, step, commit, and only then let the effects out.
// Batches form by themselves under load: what arrives while one commit syncs is the next batch.
// Broker and agent run the same loop; what their cores are is behind Side.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "common/base/limits.hpp"
#include "common/base/log_event.hpp"
#include "common/base/random.hpp"
#include "common/base/time.hpp"
#include "common/store/store.hpp"

namespace mash::batch {

/// Whose core it is. Called on the loop's thread, load() and adopt() also before it starts.
template <class Input, class Effect>
class Side {
public:
    using Effects = std::vector<Effect>;
    virtual ~Side() = default;

    /// Makes a core from what the store holds; it counts from adopt() on.
    virtual Result<void> load(const Now& now, store::Transaction& transaction) = 0;
    /// The loaded core takes the place of the one before, if there was one.
    virtual void adopt() = 0;
    /// What a core that took another's place must hear before anything else.
    virtual std::optional<Input> first_word() { return std::nullopt; }
    virtual Input tick() const = 0;
    virtual Effects step(const Now& now, std::span<const Input> batch,
                         store::Transaction& transaction) = 0;
    /// Answers and records an input that alone made a batch fail while the store worked.
    virtual Effects set_aside(const Now& now, const Input& input,
                              store::Transaction& transaction) = 0;
    /// After the commit.
    virtual void release(Effects effects) = 0;
    /// For the log: the store refuses, or a batch failed. Said once until something is kept again.
    virtual void note(LogEvent event, ErrorCode code) = 0;
};

struct LoopCounts {
    std::atomic<std::uint64_t> batches = 0;
    std::atomic<std::uint64_t> inputs = 0;
    std::atomic<std::uint64_t> failed_commits = 0;
    std::atomic<std::uint64_t> unknown_commits = 0;
    std::atomic<std::uint64_t> set_aside = 0;
    std::atomic<std::int64_t> last_commit_us = 0;
    std::atomic<std::int64_t> last_progress_steady_ms = 0;  ///< health: the loop is alive
    std::atomic<std::uint64_t> queued = 0;
    std::atomic<bool> in_trouble = false;  ///< the store refuses: nothing is answered
    std::atomic<ErrorCode> trouble = ErrorCode::store_failed;
};

template <class Input, class Effect>
class BatchLoop {
public:
    using ReadClocks = std::function<Now()>;
    using Effects = std::vector<Effect>;

    /// All references must outlive the loop.
    BatchLoop(Side<Input, Effect>& side, store::Store& store, RandomSource& random,
              ReadClocks clocks)
        : side_(side), store_(store), random_(random), clocks_(std::move(clocks)) {}
    ~BatchLoop() { stop(); }
    BatchLoop(const BatchLoop&) = delete;
    BatchLoop& operator=(const BatchLoop&) = delete;

    /// Errors: store_failed and those of the core. Once, before start().
    Result<void> load() {
        auto transaction = store_.begin();
        MASH_TRY_VOID(side_.load(clocks_(), *transaction));
        if (!store_.commit(std::move(transaction)).is_committed())
            return fail(ErrorCode::store_failed);
        side_.adopt();
        return {};
    }
    void start() {
        thread_ = std::thread([this] { run(); });
    }
    /// Any thread.
    void push(Input input) {
        {
            const std::lock_guard lock(mutex_);
            random_.fill(input.entropy);
            queue_.push_back(std::move(input));
            counts_.queued = queue_.size();
        }
        ready_.notify_one();
    }
    /// Works off what is queued, then ends; at once while the store refuses.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        ready_.notify_all();
        if (thread_.joinable()) thread_.join();
    }
    const LoopCounts& counts() const { return counts_; }

private:
    static constexpr std::chrono::milliseconds tick_interval{250};
    static constexpr std::chrono::milliseconds retry_interval{500};

    /// spoilt: the core or a record failed, the store did not; store_down: nothing can be kept now.
    enum class Outcome { done, spoilt, store_down };

    void run() {
        while (true) {
            const auto batch = gather();
            if (batch.empty() || !work_off(batch)) return;
            counts_.last_progress_steady_ms = clocks_().steady.ms();
        }
    }

    std::vector<Input> gather() {
        std::vector<Input> batch;
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, tick_interval, [&] { return stopping_ || !queue_.empty(); });
        while (!queue_.empty() && batch.size() < limits::frames_per_batch_max) {
            batch.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        counts_.queued = queue_.size();
        // Every batch carries the passing of time; an idle core ticks by the interval above.
        if (!batch.empty() || !stopping_) batch.push_back(with_entropy(side_.tick()));
        return batch;
    }

    /// With the mutex held: one source for all threads.
    Input with_entropy(Input input) {
        random_.fill(input.entropy);
        return input;
    }

    /// False when the program stops before the batch could be worked off. Nothing is answered while
    /// the store refuses, so nothing is promised: inputs wait here in their order.
    bool work_off(std::span<const Input> batch) {
        for (bool again = false; true; again = true) {
            const auto outcome = step(batch);
            if (outcome == Outcome::done) {
                counts_.in_trouble = false;
                return true;
            }
            if (!renew_core_or_stop(again)) return false;
            if (outcome == Outcome::store_down) continue;
            if (batch.size() == 1) return set_aside(batch.front());
            side_.note(LogEvent::batch_failed, counts_.trouble);
            for (std::size_t i = 0; i < batch.size(); ++i) {
                if (!work_off(batch.subspan(i, 1))) return false;
            }
            return true;
        }
    }

    bool set_aside(const Input& input) {
        while (true) {
            const auto outcome = keep([&](store::Transaction& transaction) {
                return side_.set_aside(clocks_(), input, transaction);
            });
            if (outcome == Outcome::done) break;
            if (!renew_core_or_stop(true)) return false;
        }
        ++counts_.set_aside;
        return true;
    }

    Outcome step(std::span<const Input> batch) {
        const auto began = std::chrono::steady_clock::now();
        const auto outcome = keep([&](store::Transaction& transaction) {
            return side_.step(clocks_(), batch, transaction);
        });
        if (outcome != Outcome::done) return outcome;
        counts_.last_commit_us = std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - began)
                                     .count();
        ++counts_.batches;
        counts_.inputs += batch.size();
        return outcome;
    }

    template <class Work>
    Outcome keep(Work work) {
        auto transaction = store_.begin();
        if (transaction->failed()) return refused(transaction->failure().code);
        Effects effects;
        try {
            effects = work(*transaction);
        } catch (const std::exception&) {
            // A library's exception (allocation, as a rule): the input that caused it is found by
            // replaying singly.
            counts_.trouble = ErrorCode::store_failed;
            return Outcome::spoilt;
        }
        if (transaction->failed()) {
            const auto code = transaction->failure().code;
            if (code == ErrorCode::disk_full || code == ErrorCode::store_unknown ||
                code == ErrorCode::io_failed)
                return refused(code);
            counts_.trouble = code;
            return Outcome::spoilt;
        }
        const auto outcome = store_.commit(std::move(transaction));
        if (!outcome.is_committed()) {
            ++counts_.failed_commits;
            if (outcome.kind == store::CommitOutcome::Kind::unknown) {
                ++counts_.unknown_commits;
                (void)store_.reopen().has_value();
            }
            return refused(outcome.failure.code);
        }
        side_.release(std::move(effects));
        return Outcome::done;
    }

    Outcome refused(ErrorCode code) {
        const bool is_news = !counts_.in_trouble || counts_.trouble != code;
        counts_.trouble = code;
        counts_.in_trouble = true;
        if (is_news) {
            side_.note(code == ErrorCode::disk_full       ? LogEvent::disk_full
                       : code == ErrorCode::store_unknown ? LogEvent::store_commit_unknown
                                                          : LogEvent::store_failed,
                       code);
        }
        return Outcome::store_down;
    }

    bool renew_core() {
        auto transaction = store_.begin();
        if (transaction->failed() && transaction->failure().code == ErrorCode::store_unknown) {
            transaction.reset();
            if (!store_.reopen()) return false;
            transaction = store_.begin();
        }
        if (!side_.load(clocks_(), *transaction) || transaction->failed()) return false;
        if (!store_.commit(std::move(transaction)).is_committed()) return false;
        side_.adopt();
        auto word = side_.first_word();
        if (!word) return true;
        const Input input = [&] {
            const std::lock_guard lock(mutex_);
            return with_entropy(std::move(*word));
        }();
        return step(std::span<const Input>(&input, 1)) == Outcome::done;
    }

    /// A core that has worked for a transaction that was lost believes what is not so: never step
    /// it again. False when the program stops before the store gives a new one.
    bool renew_core_or_stop(bool pause_first) {
        if (pause_first && !pause()) return false;
        while (!renew_core()) {
            if (!pause()) return false;
        }
        return true;
    }

    bool pause() {
        std::unique_lock lock(mutex_);
        return !ready_.wait_for(lock, retry_interval, [&] { return stopping_; });
    }

    Side<Input, Effect>& side_;
    store::Store& store_;
    RandomSource& random_;
    ReadClocks clocks_;
    LoopCounts counts_;

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Input> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace mash::batch
