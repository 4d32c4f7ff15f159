// A transaction that notes which lists of the console it changes.
#pragma once

#include "agents/runtime/core/changes.hpp"

namespace mash::runtime_shell {

/// Reads and writes go to `inner`, which outlives it. At the end a failure of its own is the
/// inner one's too: `hand_back()`.
class NotedTransaction final : public store::Transaction {
public:
    NotedTransaction(store::Transaction& inner, runtime::Changes& changes)
        : inner_(inner), changes_(changes) {}

    /// Before the inner one is judged: a record that did not decode failed this one alone.
    void hand_back() {
        if (failed() && !inner_.failed())
            inner_.mark_failed(failure().code, failure().space, failure().detail);
    }

private:
    bool do_with(store::Space space, ByteView key, store::TakeValue take) override {
        const bool found = inner_.with(space, key, take);
        adopt_failure();
        return found;
    }
    void do_scan(store::Space space, const store::Scan& what, store::Visit visit) override {
        inner_.scan(space, what, visit);
        adopt_failure();
    }
    void do_put(store::Space space, ByteView key, ByteView value) override {
        note(space, key, value);
        inner_.put(space, key, value);
        adopt_failure();
    }
    void do_erase(store::Space space, ByteView key) override {
        if (runtime::is_told_by_record(space))
            inner_.with(space, key, [&](ByteView record) { note(space, key, record); });
        else
            note(space, key, {});
        inner_.erase(space, key);
        adopt_failure();
    }
    void note(store::Space space, ByteView key, ByteView record) {
        if (auto change = runtime::change_of(space, key, record))
            changes_.insert(std::move(*change));
    }
    void adopt_failure() {
        if (inner_.failed() && !failed()) {
            const auto& why = inner_.failure();
            mark_failed(why.code, why.space, why.detail);
        }
    }

    store::Transaction& inner_;
    runtime::Changes& changes_;
};

}  // namespace mash::runtime_shell
