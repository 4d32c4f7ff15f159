// A core loop of the police's host on a store that can fail, with an honest broker that answers its
// frames.
#pragma once

#include "agents/runtime/shell/core_loop.hpp"
#include "agents/runtime/shell/replies.hpp"
#include "common/crypto/random.hpp"
#include "tests/support/failing_store.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/agents/runtime/core/agent_world.hpp"

namespace mash::runtime_shell {

class RunningCore {
public:
    RunningCore();
    virtual ~RunningCore() { loop->stop(); }

    /// Loads, starts and connects; returns when documents are held.
    void start();
    void at_next_commits(std::vector<store::CommitFault> wanted);
    /// As intake does it. Waits for the answer with this reply number.
    void submit(std::uint64_t reply, const std::string& source_ref);
    runtime::Input submission(std::uint64_t reply, const std::string& source_ref);
    bool is_submitted(std::uint64_t reply);
    template <class Kind>
    std::vector<Kind> seen_of() const {
        std::vector<Kind> found;
        for (const auto& effect : effects.all()) {
            if (const auto* one = std::get_if<Kind>(&effect)) found.push_back(*one);
        }
        return found;
    }

    runtime::testing::AgentWorld world;
    crypto::SystemRandom random;
    Replies replies;
    test::Collected<runtime::Effect> effects;
    std::unique_ptr<test::FailingStore> store;
    std::unique_ptr<CoreLoop> loop;
    /// On the core's thread; before start().
    std::function<void(const runtime::Changes&)> on_commit;

private:
    void release(std::vector<runtime::Effect> released);
    std::mutex mutex_;
    std::vector<store::CommitFault> faults_;
};

}  // namespace mash::runtime_shell
