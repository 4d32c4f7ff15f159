#include "tests/unit/agents/runtime/shell/running_core.hpp"

#include <gtest/gtest.h>

namespace mash::runtime_shell {

RunningCore::RunningCore() {
    store::FaultPlan plan;
    plan.at_commit = [this] {
        const std::lock_guard lock(mutex_);
        if (faults_.empty()) return store::CommitFault::none;
        const auto next = faults_.front();
        faults_.erase(faults_.begin());
        return next;
    };
    store = std::make_unique<test::FailingStore>(plan);
    loop = std::make_unique<CoreLoop>(
        world.police.config, world.police.keys, *store, random, [this] { return world.now; },
        [this](std::vector<runtime::Effect> released) { release(std::move(released)); },
        [this](const runtime::Changes& changes) {
            if (on_commit) on_commit(changes);
        });
}

void RunningCore::release(std::vector<runtime::Effect> released) {
    for (auto& effect : released) {
        if (const auto* sent = std::get_if<runtime::SendFrame>(&effect)) {
            for (auto& answer : world.broker.answer(world.police.id, sent->frame))
                loop->push({runtime::FrameIn{std::move(answer)}, {}});
        } else if (const auto* submitted = std::get_if<runtime::Submitted>(&effect)) {
            replies.give(*submitted);
        } else if (const auto* rejected = std::get_if<runtime::SubmitRejected>(&effect)) {
            replies.give(*rejected);
        } else if (const auto* reply = std::get_if<runtime::ApiReply>(&effect)) {
            replies.give(*reply);
        } else if (const auto* recorded = std::get_if<runtime::Recorded>(&effect)) {
            replies.give(*recorded);
        }
        effects.add(std::move(effect));
    }
}

void RunningCore::start() {
    ASSERT_TRUE(loop->load());
    loop->start();
    loop->push({runtime::LinkUp{}, {}});
    // Documents are held when a notification is taken.
    std::uint64_t reply = 1'000'000;
    ASSERT_TRUE(test::eventually([&] {
        ++reply;
        submit(reply, "warm-up");
        return test::eventually([&] {
                   const auto answered = [&](const auto& effect) { return effect.reply == reply; };
                   return std::ranges::any_of(seen_of<runtime::Submitted>(), answered) ||
                          std::ranges::any_of(seen_of<runtime::SubmitRejected>(), answered);
               }) &&
               is_submitted(reply);
    }));
}

void RunningCore::at_next_commits(std::vector<store::CommitFault> wanted) {
    const std::lock_guard lock(mutex_);
    faults_ = std::move(wanted);
}

runtime::Input RunningCore::submission(std::uint64_t reply, const std::string& source_ref) {
    runtime::Submit input;
    input.reply = reply;
    input.notification = world.missing_child(source_ref);
    input.person = runtime::service_person();
    input.reason = "intake";
    return {std::move(input), {}};
}

void RunningCore::submit(std::uint64_t reply, const std::string& source_ref) {
    loop->push(submission(reply, source_ref));
}

bool RunningCore::is_submitted(std::uint64_t reply) {
    return std::ranges::any_of(seen_of<runtime::Submitted>(),
                               [&](const auto& effect) { return effect.reply == reply; });
}

}  // namespace mash::runtime_shell
