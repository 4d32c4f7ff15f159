// The core's thread: gather what has come, begin, step, commit, and only then let the effects out.
// Batches form by themselves under load: what arrives while one commit syncs is the next batch.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "broker/core/core.hpp"
#include "common/base/random.hpp"
#include "common/store/store.hpp"

namespace mash::broker_shell {

/// Where effects go. Called on the core's thread, after the commit.
class EffectSink {
public:
    virtual ~EffectSink() = default;
    virtual void release(std::vector<broker::Effect> effects) = 0;
};

struct LoopCounts {
    std::atomic<std::uint64_t> batches = 0;
    std::atomic<std::uint64_t> inputs = 0;
    std::atomic<std::uint64_t> failed_commits = 0;
    std::atomic<std::uint64_t> unknown_commits = 0;
    std::atomic<std::uint64_t> quarantined = 0;
    std::atomic<std::int64_t> last_commit_us = 0;
    std::atomic<std::int64_t> last_progress_steady_ms = 0;  ///< health: the loop is alive
    std::atomic<std::uint64_t> queued = 0;
};

class BatchLoop {
public:
    using ReadClocks = std::function<Now()>;

    /// All references must outlive the loop. `key` is the broker's signing key.
    BatchLoop(broker::CoreConfig config, const crypto::SigningKey& key, store::Store& store,
              RandomSource& random, ReadClocks clocks, EffectSink& sink);
    ~BatchLoop();

    /// Loads the core. Errors: store_failed. Call once, before start().
    Result<void> load();
    /// What the store held at load(): whom to admit before any document is read again. Null in a
    /// new area.
    std::shared_ptr<const area::Registry> loaded_registry() const { return core_->registry(); }
    void start();
    /// Any thread.
    void push(broker::Input input);
    /// True while the queue is short enough for more.
    bool may_push() const;
    /// Works off what is queued, then ends.
    void stop();
    const LoopCounts& counts() const { return counts_; }

private:
    void run();
    std::vector<broker::Input> gather();
    void work_off(std::vector<broker::Input> batch);
    enum class Outcome { done, spoilt, store_down };
    Outcome try_batch(std::span<const broker::Input> batch);
    void replay_singly(std::vector<broker::Input> batch);
    bool renew_core();
    /// A core that has worked for a transaction that was lost believes what is not so: never step
    /// it again. False when the program stops before the store gives a new one.
    bool renew_core_or_stop();
    /// False when the program stops.
    bool pause();

    broker::CoreConfig config_;
    const crypto::SigningKey& key_;
    store::Store& store_;
    RandomSource& random_;
    ReadClocks clocks_;
    EffectSink& sink_;
    std::unique_ptr<broker::Core> core_;
    LoopCounts counts_;

    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<broker::Input> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace mash::broker_shell
