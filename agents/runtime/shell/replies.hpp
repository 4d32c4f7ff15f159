// Who waits for which answer of the core: numbers go out with an input, and come back with an
// effect.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "agents/runtime/core/core.hpp"

namespace mash::runtime_shell {

/// Any thread. An answer nobody waits for any more is dropped.
class Replies {
public:
    using OnSubmit = std::function<void(const runtime::Submitted*, const runtime::SubmitRejected*)>;
    using OnApi = std::function<void(runtime::ApiReply)>;
    using OnRoll = std::function<void(const runtime::RollReplaced&)>;
    using OnKept = std::function<void(const runtime::Kept&)>;
    /// Instead of the answer, for who cannot wait until there is room on the disk. What was asked
    /// stays in the core's queue and may still be done.
    using OnDiskFull = std::function<void(ErrorCode)>;

    std::uint64_t expect_submit(OnSubmit answer, OnDiskFull give_up = {}) {
        return expect({std::move(answer), {}, {}, {}, std::move(give_up)});
    }
    std::uint64_t expect_api(OnApi answer, OnDiskFull give_up = {}) {
        return expect({{}, std::move(answer), {}, {}, std::move(give_up)});
    }
    std::uint64_t expect_roll(OnRoll answer) { return expect({{}, {}, std::move(answer), {}, {}}); }
    std::uint64_t expect_kept(OnKept answer) { return expect({{}, {}, {}, std::move(answer), {}}); }

    void give(const runtime::Submitted& effect) {
        if (auto waiting = take(effect.reply); waiting.submit) waiting.submit(&effect, nullptr);
    }
    void give(const runtime::SubmitRejected& effect) {
        if (auto waiting = take(effect.reply); waiting.submit) waiting.submit(nullptr, &effect);
    }
    void give(runtime::ApiReply effect) {
        if (auto waiting = take(effect.reply); waiting.api) waiting.api(std::move(effect));
    }
    void give(const runtime::RollReplaced& effect) {
        if (auto waiting = take(effect.reply); waiting.roll) waiting.roll(effect);
    }
    void give(const runtime::Kept& effect) {
        if (auto waiting = take(effect.reply); waiting.kept) waiting.kept(effect);
    }
    /// The log's word that the disk is full ends the waiting of those who cannot wait.
    void give(const runtime::Recorded& effect) {
        if (effect.event == LogEvent::disk_full) give_up(effect.code);
    }
    void give_up(ErrorCode code) {
        std::vector<OnDiskFull> impatient;
        {
            const std::lock_guard lock(mutex_);
            std::erase_if(waiting_, [&](auto& entry) {
                if (!entry.second.give_up) return false;
                impatient.push_back(std::move(entry.second.give_up));
                return true;
            });
        }
        for (const auto& tell : impatient) tell(code);
    }

private:
    struct Waiting {
        OnSubmit submit;
        OnApi api;
        OnRoll roll;
        OnKept kept;
        OnDiskFull give_up;
    };
    std::uint64_t expect(Waiting waiting) {
        const std::lock_guard lock(mutex_);
        waiting_.emplace(next_, std::move(waiting));
        return next_++;
    }
    Waiting take(std::uint64_t reply) {
        const std::lock_guard lock(mutex_);
        const auto found = waiting_.find(reply);
        if (found == waiting_.end()) return {};
        auto out = std::move(found->second);
        waiting_.erase(found);
        return out;
    }
    std::mutex mutex_;
    std::map<std::uint64_t, Waiting> waiting_;
    std::uint64_t next_ = 1;
};

}  // namespace mash::runtime_shell
