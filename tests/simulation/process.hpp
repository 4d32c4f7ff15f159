// One process of the world: a core, its store, and the ways in which both can fail. The same for
// broker and agent, whose cores have the same shape; what differs is what a fresh core is told
// after a failed commit.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "common/store/memory_store.hpp"
#include "tests/simulation/dice.hpp"

namespace mash::simulation {

/// Where in a step the process is killed.
enum class Death : std::uint8_t { none, before_commit, after_commit };

struct CommitFaults {
    double rate = 0;
    Dice dice;

    store::CommitFault draw() {
        if (!dice.chance(rate)) return store::CommitFault::none;
        switch (dice.below(4)) {
            case 0: return store::CommitFault::fail;
            case 1: return store::CommitFault::disk_full;
            case 2: return store::CommitFault::unknown_kept;
            default: return store::CommitFault::unknown_lost;
        }
    }
};

template <class Core, class Input, class Effect>
class Process {
public:
    using MakeCore = std::function<std::unique_ptr<Core>()>;

    Process(std::uint64_t seed, const std::string& name, MakeCore make)
        : faults_{0, Dice(seed, "commit-" + name)},
          entropy_(seed, "entropy-" + name),
          store_({[this] { return faults_.draw(); }, {}}),
          make_(std::move(make)) {}
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    bool is_running() const { return core_ != nullptr; }
    store::MemoryStore& store() { return store_; }
    Core* core() { return core_.get(); }
    void set_fault_rate(double rate) { faults_.rate = rate; }
    /// Kept by whoever restores a backup of this process.
    std::vector<store::MemorySnapshot> backups;
    std::chrono::milliseconds clock_ahead{0};  ///< how wrong this machine's wall clock is
    using Step = std::function<std::vector<Effect>(store::Transaction&)>;
    /// Set by whoever notes what each commit changes: every step runs through this.
    std::function<std::vector<Effect>(store::Transaction&, const Step&)> through;

    Now clock(const Now& true_now) const { return {true_now.steady, true_now.wall + clock_ahead}; }

    /// False: what the store holds does not load.
    bool start(const Now& true_now) {
        core_ = load(clock(true_now));
        return core_ != nullptr;
    }
    void kill() {
        core_.reset();
        store_.crash();
        (void)store_.reopen().has_value();
    }

    /// One batch as the shells work it off: committed before its effects are given back; after a
    /// failed commit a fresh core, prepared by `renew`, works off the same batch again. Nothing:
    /// the process was killed on the way.
    template <class Renew>
    std::optional<std::vector<Effect>> work(const Now& true_now, std::vector<Input> batch,
                                            Death death, Renew renew) {
        for (auto& input : batch) entropy_.fill(input.entropy);
        const Now now = clock(true_now);
        std::vector<Effect> early;  // of what a fresh core had to say first, committed by itself
        for (;;) {
            auto transaction = store_.begin();
            const Step step = [&](store::Transaction& tx) { return core_->step(now, batch, tx); };
            auto effects = through ? through(*transaction, step) : step(*transaction);
            if (death == Death::before_commit) {
                transaction.reset();
                kill();
                return std::nullopt;
            }
            if (transaction->failed()) {
                failure_ = std::string(transaction->failure().space) + ": " +
                           std::string(transaction->failure().detail);
                return std::nullopt;
            }
            const auto outcome = store_.commit(std::move(transaction));
            if (outcome.is_committed()) {
                if (death == Death::after_commit) {
                    kill();
                    return std::nullopt;
                }
                early.insert(early.end(), std::make_move_iterator(effects.begin()),
                             std::make_move_iterator(effects.end()));
                return early;
            }
            if (outcome.kind == store::CommitOutcome::Kind::unknown)
                (void)store_.reopen().has_value();
            auto fresh = load(now);
            if (!fresh) return std::nullopt;
            const double rate = std::exchange(
                faults_.rate, 0.0);  // the shell tries until it works; so do we, shortly
            renew(*core_, *fresh, [&](Input input) {
                entropy_.fill(input.entropy);
                auto own = store_.begin();
                auto said = fresh->step(now, {&input, 1}, *own);
                if (store_.commit(std::move(own)).is_committed()) {
                    early.insert(early.end(), std::make_move_iterator(said.begin()),
                                 std::make_move_iterator(said.end()));
                }
            });
            faults_.rate = rate;
            core_ = std::move(fresh);
        }
    }

    /// What a core's step or load said of a store that nobody had damaged; "" if nothing.
    const std::string& failure() const { return failure_; }

private:
    std::unique_ptr<Core> load(const Now& now) {
        auto fresh = make_();
        auto transaction = store_.begin();
        if (!fresh->load(now, *transaction) || transaction->failed()) {
            failure_ = "the store does not load";
            return nullptr;
        }
        (void)store_.commit(std::move(transaction)).is_committed();
        return fresh;
    }

    CommitFaults faults_;
    crypto::SeededRandom entropy_;
    store::MemoryStore store_;
    MakeCore make_;
    std::unique_ptr<Core> core_;
    std::string failure_;
};

}  // namespace mash::simulation
