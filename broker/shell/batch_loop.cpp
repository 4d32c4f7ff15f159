#include "broker/shell/batch_loop.hpp"

namespace mash::broker_shell {

namespace {

constexpr std::size_t queue_inputs_max = 8192;

}  // namespace

BatchLoop::BatchLoop(broker::CoreConfig config, const crypto::SigningKey& key, store::Store& store,
                     RandomSource& random, ReadClocks clocks, EffectSink& sink)
    : config_(std::move(config)),
      key_(key),
      sink_(sink),
      loop_(*this, store, random, std::move(clocks)) {}

BatchLoop::~BatchLoop() { stop(); }

bool BatchLoop::may_push() const { return counts().queued < queue_inputs_max; }

Result<void> BatchLoop::load(const Now& now, store::Transaction& transaction) {
    loaded_ = std::make_unique<broker::Core>(config_, key_);
    return loaded_->load(now, transaction);
}

void BatchLoop::adopt() {
    if (core_) loaded_->adopt_sessions(*core_);
    core_ = std::move(loaded_);
}

BatchLoop::Effects BatchLoop::step(const Now& now, std::span<const broker::Input> batch,
                                   store::Transaction& transaction) {
    return core_->step(now, batch, transaction);
}

BatchLoop::Effects BatchLoop::set_aside(const Now& now, const broker::Input& input,
                                        store::Transaction& transaction) {
    return core_->quarantine(now, input, transaction);
}

void BatchLoop::note(LogEvent event, ErrorCode code) {
    broker::Recorded record;
    record.event = event;
    record.code = code;
    record.has_code = true;
    sink_.release({record});
}

}  // namespace mash::broker_shell
