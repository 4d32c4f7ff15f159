// The agent's side of its core's thread, for one area.
#pragma once

#include <memory>
#include <mutex>

#include "agents/runtime/core/changes.hpp"
#include "agents/runtime/core/core.hpp"
#include "common/batch/batch_loop.hpp"

namespace mash::runtime_shell {

class CoreLoop final : batch::Side<runtime::Input, runtime::Effect> {
public:
    using ReadClocks = std::function<Now()>;
    /// Called on the core's thread after the commit.
    using Release = std::function<void(std::vector<runtime::Effect>)>;
    /// The same, after the effects of that commit; also when nothing changed.
    using Committed = std::function<void(const runtime::Changes&)>;

    /// All references must outlive the loop.
    CoreLoop(runtime::CoreConfig config, const runtime::HostKeys& keys, store::Store& store,
             RandomSource& random, ReadClocks clocks, Release release, Committed committed = {});
    ~CoreLoop() override;

    /// Errors: store_failed. Once, before start().
    Result<void> load() { return loop_.load(); }
    void start() { loop_.start(); }
    /// Any thread.
    void push(runtime::Input input) { loop_.push(std::move(input)); }
    /// Any thread. The core hears the last word of it with each turn, so that nothing piles up
    /// while the store refuses, and a core that took another's place knows it too.
    void saw(const runtime::FilesSeen& files) {
        const std::lock_guard lock(mutex_);
        files_ = files;
    }
    void stop() { loop_.stop(); }
    const batch::LoopCounts& counts() const { return loop_.counts(); }
    /// Set while the store refuses: disk full, for example. The local API answers 503 with it.
    bool is_in_trouble() const { return counts().in_trouble; }
    ErrorCode trouble() const { return counts().trouble; }

private:
    Result<void> load(const Now& now, store::Transaction& transaction) override;
    void adopt() override { core_ = std::move(loaded_); }
    std::optional<runtime::Input> first_word() override;
    runtime::Input tick() const override {
        const std::lock_guard lock(mutex_);
        return {runtime::Tick{files_}, {}};
    }
    Effects step(const Now& now, std::span<const runtime::Input> batch,
                 store::Transaction& transaction) override;
    Effects set_aside(const Now& now, const runtime::Input& input,
                      store::Transaction& transaction) override;
    void release(Effects effects) override;
    void note(LogEvent event, ErrorCode code) override;

    runtime::CoreConfig config_;
    const runtime::HostKeys& keys_;
    Release release_;
    Committed committed_;
    /// Of what is not committed yet; also of a commit that failed, for one whose outcome is unknown
    /// may be there.
    runtime::Changes changes_;
    std::unique_ptr<runtime::Core> core_;
    std::unique_ptr<runtime::Core> loaded_;
    bool link_up_ = false;
    mutable std::mutex mutex_;  // guards what follows
    std::optional<runtime::FilesSeen> files_;
    batch::BatchLoop<runtime::Input, runtime::Effect> loop_;
};

}  // namespace mash::runtime_shell
