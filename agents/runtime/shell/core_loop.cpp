#include "agents/runtime/shell/core_loop.hpp"

#include "agents/runtime/core/api_error.hpp"
#include "agents/runtime/shell/noted_transaction.hpp"

namespace mash::runtime_shell {

CoreLoop::CoreLoop(runtime::CoreConfig config, const runtime::HostKeys& keys, store::Store& store,
                   RandomSource& random, ReadClocks clocks, Release release, Committed committed)
    : config_(std::move(config)),
      keys_(keys),
      release_(std::move(release)),
      committed_(std::move(committed)),
      loop_(*this, store, random, std::move(clocks)) {}

CoreLoop::~CoreLoop() { stop(); }

Result<void> CoreLoop::load(const Now& now, store::Transaction& transaction) {
    loaded_ = std::make_unique<runtime::Core>(config_, keys_);
    return loaded_->load(now, transaction);
}

std::optional<runtime::Input> CoreLoop::first_word() {
    // The fresh core knows of no link: it says Hello again on the one that stands.
    if (!link_up_) return std::nullopt;
    return runtime::Input{runtime::LinkUp{}, {}};
}

CoreLoop::Effects CoreLoop::step(const Now& now, std::span<const runtime::Input> batch,
                                 store::Transaction& transaction) {
    for (const auto& input : batch) {
        if (std::holds_alternative<runtime::LinkUp>(input.body)) link_up_ = true;
        if (std::holds_alternative<runtime::LinkDown>(input.body)) link_up_ = false;
    }
    if (!committed_) return core_->step(now, batch, transaction);
    NotedTransaction noted(transaction, changes_);
    auto effects = core_->step(now, batch, noted);
    noted.hand_back();
    return effects;
}

void CoreLoop::release(Effects effects) {
    release_(std::move(effects));
    if (committed_) committed_(std::exchange(changes_, {}));
}

CoreLoop::Effects CoreLoop::set_aside(const Now&, const runtime::Input& input,
                                      store::Transaction&) {
    Effects answer;
    if (const auto* submit = std::get_if<runtime::Submit>(&input.body)) {
        answer.emplace_back(runtime::SubmitRejected{submit->reply, ErrorCode::quarantined, {}});
    } else if (const auto* roll = std::get_if<runtime::ReplaceRoll>(&input.body)) {
        answer.emplace_back(
            runtime::RollReplaced{.reply = roll->reply, .code = ErrorCode::quarantined});
    } else if (const auto* remember = std::get_if<runtime::Remember>(&input.body)) {
        answer.emplace_back(runtime::Kept{remember->reply, false});
    } else if (const auto* request = std::get_if<runtime::ApiRequest>(&input.body)) {
        answer.emplace_back(runtime::ApiReply{
            request->reply, runtime::http_status_of(ErrorCode::quarantined),
            PersonalText(
                R"({"error":{"code":"quarantined","message":"This request could not be worked off","next":"Tell whoever runs this agent"}})")});
    }
    runtime::Recorded record;
    record.event = LogEvent::input_quarantined;
    record.code = ErrorCode::quarantined;
    record.has_code = true;
    answer.emplace_back(record);
    return answer;
}

void CoreLoop::note(LogEvent event, ErrorCode code) {
    runtime::Recorded record;
    record.event = event;
    record.code = code;
    record.has_code = true;
    release_({record});
}

}  // namespace mash::runtime_shell
