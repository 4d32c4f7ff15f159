// The broker's side of its core's thread.
#pragma once

#include <memory>

#include "broker/core/core.hpp"
#include "common/batch/batch_loop.hpp"

namespace mash::broker_shell {

/// Where effects go. Called on the core's thread, after the commit.
class EffectSink {
public:
    virtual ~EffectSink() = default;
    virtual void release(std::vector<broker::Effect> effects) = 0;
};

class BatchLoop final : batch::Side<broker::Input, broker::Effect> {
public:
    using ReadClocks = std::function<Now()>;

    /// All references must outlive the loop. `key` is the broker's signing key.
    BatchLoop(broker::CoreConfig config, const crypto::SigningKey& key, store::Store& store,
              RandomSource& random, ReadClocks clocks, EffectSink& sink);
    ~BatchLoop() override;

    /// Loads the core. Errors: store_failed. Call once, before start().
    Result<void> load() { return loop_.load(); }
    /// What the store held at load(): whom to admit before any document is read again. Null in a
    /// new area.
    std::shared_ptr<const area::Registry> loaded_registry() const { return core_->registry(); }
    void start() { loop_.start(); }
    /// Any thread.
    void push(broker::Input input) { loop_.push(std::move(input)); }
    /// True while the queue is short enough for more.
    bool may_push() const;
    /// Works off what is queued, then ends.
    void stop() { loop_.stop(); }
    const batch::LoopCounts& counts() const { return loop_.counts(); }

private:
    Result<void> load(const Now& now, store::Transaction& transaction) override;
    void adopt() override;
    broker::Input tick() const override { return {broker::Tick{}, {}}; }
    Effects step(const Now& now, std::span<const broker::Input> batch,
                 store::Transaction& transaction) override;
    Effects set_aside(const Now& now, const broker::Input& input,
                      store::Transaction& transaction) override;
    void release(Effects effects) override { sink_.release(std::move(effects)); }
    void note(LogEvent event, ErrorCode code) override;

    broker::CoreConfig config_;
    const crypto::SigningKey& key_;
    EffectSink& sink_;
    std::unique_ptr<broker::Core> core_;
    std::unique_ptr<broker::Core> loaded_;
    batch::BatchLoop<broker::Input, broker::Effect> loop_;
};

}  // namespace mash::broker_shell
