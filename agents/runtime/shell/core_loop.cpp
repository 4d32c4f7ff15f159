#include "agents/runtime/shell/core_loop.hpp"

#include <algorithm>
#include <exception>

#include "common/base/limits.hpp"

namespace mash::runtime_shell {

namespace {

constexpr std::chrono::milliseconds tick_interval{250};
constexpr std::chrono::milliseconds retry_interval{500};

}  // namespace

CoreLoop::CoreLoop(runtime::CoreConfig config, const runtime::HostKeys& keys, store::Store& store, RandomSource& random,
                   ReadClocks clocks, Release release)
    : config_(std::move(config)),
      keys_(keys),
      store_(store),
      random_(random),
      clocks_(std::move(clocks)),
      release_(std::move(release)) {}

CoreLoop::~CoreLoop() { stop(); }

Result<void> CoreLoop::load() {
    core_ = std::make_unique<runtime::Core>(config_, keys_);
    auto transaction = store_.begin();
    MASH_TRY_VOID(core_->load(clocks_(), *transaction));
    if (!store_.commit(std::move(transaction)).is_committed()) return fail(ErrorCode::store_failed);
    return {};
}

void CoreLoop::start() {
    thread_ = std::thread([this] { run(); });
}

void CoreLoop::push(runtime::Input input) {
    {
        const std::lock_guard lock(mutex_);
        random_.fill(input.entropy);
        queue_.push_back(std::move(input));
    }
    ready_.notify_one();
}

void CoreLoop::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void CoreLoop::run() {
    while (true) {
        std::vector<runtime::Input> batch;
        {
            std::unique_lock lock(mutex_);
            ready_.wait_for(lock, tick_interval, [&] { return stopping_ || !queue_.empty(); });
            while (!queue_.empty() && batch.size() < limits::frames_per_batch_max) {
                batch.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
            if (batch.empty() && stopping_) return;
        }
        runtime::Input tick{runtime::Tick{}, {}};
        random_.fill(tick.entropy);
        batch.push_back(std::move(tick));
        for (const auto& input : batch) {
            if (std::holds_alternative<runtime::LinkUp>(input.body)) link_up_ = true;
            if (std::holds_alternative<runtime::LinkDown>(input.body)) link_up_ = false;
        }
        // Nothing is answered while the store refuses, so nothing is promised: inputs wait here in their order.
        while (!try_batch(batch)) {
            in_trouble_ = true;
            ++failed_commits_;
            std::unique_lock lock(mutex_);
            ready_.wait_for(lock, retry_interval, [&] { return stopping_; });
            if (stopping_) return;
            lock.unlock();
            (void)renew_core();
        }
        in_trouble_ = false;
        last_progress_ms_ = clocks_().steady.ms();
    }
}

bool CoreLoop::try_batch(std::span<const runtime::Input> batch) {
    auto transaction = store_.begin();
    if (transaction->failed()) {
        trouble_ = transaction->failure().code;
        return false;
    }
    std::vector<runtime::Effect> effects;
    try {
        effects = core_->step(clocks_(), batch, *transaction);
    } catch (const std::exception&) {
        trouble_ = ErrorCode::store_failed;
        return false;
    }
    const auto outcome = store_.commit(std::move(transaction));
    if (!outcome.is_committed()) {
        trouble_ = outcome.failure.code;
        if (outcome.kind == store::CommitOutcome::Kind::unknown) (void)store_.reopen().has_value();
        return false;
    }
    release_(std::move(effects));
    return true;
}

bool CoreLoop::renew_core() {
    auto fresh = std::make_unique<runtime::Core>(config_, keys_);
    auto transaction = store_.begin();
    if (!fresh->load(clocks_(), *transaction) || transaction->failed()) return false;
    if (!store_.commit(std::move(transaction)).is_committed()) return false;
    core_ = std::move(fresh);
    if (!link_up_) return true;
    // The fresh core knows of no link: it says Hello again on the one that stands.
    runtime::Input up{runtime::LinkUp{}, {}};
    random_.fill(up.entropy);
    return try_batch(std::span<const runtime::Input>(&up, 1));
}

}  // namespace mash::runtime_shell
