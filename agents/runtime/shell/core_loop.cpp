#include "agents/runtime/shell/core_loop.hpp"

#include <algorithm>
#include <exception>

#include "common/base/limits.hpp"

namespace mash::runtime_shell {

namespace {

constexpr std::chrono::milliseconds tick_interval{250};
constexpr std::chrono::milliseconds retry_interval{500};

}  // namespace

CoreLoop::CoreLoop(runtime::CoreConfig config, const runtime::HostKeys& keys, store::Store& store,
                   RandomSource& random, ReadClocks clocks, Release release)
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
        if (!work_off(batch)) return;
        last_progress_ms_ = clocks_().steady.ms();
    }
}

bool CoreLoop::work_off(std::span<const runtime::Input> batch) {
    // Nothing is answered while the store refuses, so nothing is promised: inputs wait here in
    // their order.
    while (true) {
        const auto outcome = try_batch(batch);
        if (outcome == Outcome::done) {
            in_trouble_ = false;
            return true;
        }
        const bool renewed = renew_core();
        if (outcome == Outcome::spoilt && renewed) {
            if (batch.size() == 1) {
                set_aside(batch.front());
                return true;
            }
            for (std::size_t i = 0; i < batch.size(); ++i) {
                if (!work_off(batch.subspan(i, 1))) return false;
            }
            return true;
        }
        in_trouble_ = true;
        ++failed_commits_;
        // A core that has worked for a transaction that was lost believes what is not so: never
        // step it again.
        for (bool is_fresh = renewed; true; is_fresh = renew_core()) {
            std::unique_lock lock(mutex_);
            ready_.wait_for(lock, retry_interval, [&] { return stopping_; });
            if (stopping_) return false;
            if (is_fresh) break;
        }
    }
}

void CoreLoop::set_aside(const runtime::Input& input) {
    ++set_aside_;
    std::vector<runtime::Effect> answer;
    if (const auto* submit = std::get_if<runtime::Submit>(&input.body)) {
        answer.emplace_back(runtime::SubmitRejected{submit->reply, ErrorCode::quarantined, {}});
    } else if (const auto* roll = std::get_if<runtime::ReplaceRoll>(&input.body)) {
        answer.emplace_back(
            runtime::RollReplaced{.reply = roll->reply, .code = ErrorCode::quarantined});
    } else if (const auto* request = std::get_if<runtime::ApiRequest>(&input.body)) {
        answer.emplace_back(runtime::ApiReply{
            request->reply, 500,
            PersonalText(
                R"({"error":{"code":"quarantined","message":"This request could not be worked off","next":"Tell whoever runs this agent"}})")});
    }
    runtime::Recorded record;
    record.event = LogEvent::program_failed;
    record.code = ErrorCode::quarantined;
    record.has_code = true;
    answer.emplace_back(record);
    release_(std::move(answer));
}

CoreLoop::Outcome CoreLoop::try_batch(std::span<const runtime::Input> batch) {
    auto transaction = store_.begin();
    if (transaction->failed()) {
        trouble_ = transaction->failure().code;
        return Outcome::store_down;
    }
    std::vector<runtime::Effect> effects;
    try {
        effects = core_->step(clocks_(), batch, *transaction);
    } catch (const std::exception&) {
        trouble_ = ErrorCode::store_failed;
        return Outcome::spoilt;
    }
    if (transaction->failed()) {
        trouble_ = transaction->failure().code;
        const bool machine = trouble_ == ErrorCode::disk_full ||
                             trouble_ == ErrorCode::store_unknown ||
                             trouble_ == ErrorCode::io_failed;
        return machine ? Outcome::store_down : Outcome::spoilt;
    }
    const auto outcome = store_.commit(std::move(transaction));
    if (!outcome.is_committed()) {
        trouble_ = outcome.failure.code;
        if (outcome.kind == store::CommitOutcome::Kind::unknown) (void)store_.reopen().has_value();
        return Outcome::store_down;
    }
    release_(std::move(effects));
    return Outcome::done;
}

bool CoreLoop::renew_core() {
    auto fresh = std::make_unique<runtime::Core>(config_, keys_);
    auto transaction = store_.begin();
    if (transaction->failed() && transaction->failure().code == ErrorCode::store_unknown) {
        transaction.reset();
        if (!store_.reopen()) return false;
        transaction = store_.begin();
    }
    if (!fresh->load(clocks_(), *transaction) || transaction->failed()) return false;
    if (!store_.commit(std::move(transaction)).is_committed()) return false;
    core_ = std::move(fresh);
    if (!link_up_) return true;
    // The fresh core knows of no link: it says Hello again on the one that stands.
    runtime::Input up{runtime::LinkUp{}, {}};
    random_.fill(up.entropy);
    return try_batch(std::span<const runtime::Input>(&up, 1)) == Outcome::done;
}

}  // namespace mash::runtime_shell
