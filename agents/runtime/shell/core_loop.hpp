// The core's thread in an agent: gather, step, commit, release; as the broker's batch loop, for one
// area.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "agents/runtime/core/core.hpp"
#include "common/base/random.hpp"
#include "common/store/store.hpp"

namespace mash::runtime_shell {

class CoreLoop {
public:
    using ReadClocks = std::function<Now()>;
    /// Called on the core's thread after the commit.
    using Release = std::function<void(std::vector<runtime::Effect>)>;

    /// All references must outlive the loop.
    CoreLoop(runtime::CoreConfig config, const runtime::HostKeys& keys, store::Store& store,
             RandomSource& random, ReadClocks clocks, Release release);
    ~CoreLoop();

    /// Errors: store_failed. Once, before start().
    Result<void> load();
    void start();
    /// Any thread.
    void push(runtime::Input input);
    void stop();

    std::uint64_t failed_commits() const { return failed_commits_; }
    /// Inputs that alone made a batch fail while the store worked: refused where somebody waits,
    /// else dropped.
    std::uint64_t set_aside_count() const { return set_aside_; }
    /// Set while the store refuses: disk full, for example. The local API answers 503 with it.
    ErrorCode trouble() const { return trouble_; }
    bool is_in_trouble() const { return in_trouble_; }
    std::int64_t last_progress_steady_ms() const { return last_progress_ms_; }

private:
    void run();
    /// spoilt: the core or a record failed, the store did not; store_down: nothing can be kept now.
    enum class Outcome { done, spoilt, store_down };
    Outcome try_batch(std::span<const runtime::Input> batch);
    bool renew_core();
    /// False when the program stops before the input could be worked off.
    bool work_off(std::span<const runtime::Input> batch);
    void set_aside(const runtime::Input& input);

    runtime::CoreConfig config_;
    const runtime::HostKeys& keys_;
    store::Store& store_;
    RandomSource& random_;
    ReadClocks clocks_;
    Release release_;
    std::unique_ptr<runtime::Core> core_;
    std::atomic<std::uint64_t> failed_commits_ = 0;
    std::atomic<std::uint64_t> set_aside_ = 0;
    std::atomic<bool> in_trouble_ = false;
    std::atomic<ErrorCode> trouble_ = ErrorCode::store_failed;
    std::atomic<std::int64_t> last_progress_ms_ = 0;

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<runtime::Input> queue_;
    bool stopping_ = false;
    bool link_up_ = false;
    std::thread thread_;
};

}  // namespace mash::runtime_shell
