// A store in memory with two failures that MemoryStore has not: a record that can never be written,
// and a store that does not come back at once after a commit whose outcome is unknown.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "common/store/memory_store.hpp"

namespace mash::test {

class FailingStore final : public store::Store {
public:
    explicit FailingStore(store::FaultPlan faults = {}) : inner_(std::move(faults)) {}

    /// A transaction that writes such a record fails, as one does that reads a record it cannot
    /// decode. Set before the store is used by another thread.
    std::function<bool(ByteView key, ByteView value)> is_poison;
    std::atomic<int> reopens_that_fail = 0;
    std::atomic<int> reopens = 0;

    std::unique_ptr<store::Transaction> begin() override {
        return std::make_unique<Wrapped>(*this, inner_.begin());
    }
    store::CommitOutcome commit(std::unique_ptr<store::Transaction> transaction) override {
        auto& wrapped = static_cast<Wrapped&>(*transaction);
        if (wrapped.failed()) {
            const auto why = wrapped.failure();
            transaction.reset();
            return store::CommitOutcome::of_failure(why);
        }
        auto inner = std::move(wrapped.inner);
        transaction.reset();
        return inner_.commit(std::move(inner));
    }
    std::unique_ptr<store::View> view() override { return inner_.view(); }
    Result<void> reopen() override {
        ++reopens;
        if (reopens_that_fail > 0) {
            --reopens_that_fail;
            return fail(ErrorCode::io_failed);
        }
        return inner_.reopen();
    }
    Result<void> backup_to(const std::string& path) override { return inner_.backup_to(path); }

private:
    struct Wrapped final : store::Transaction {
        Wrapped(FailingStore& owner, std::unique_ptr<store::Transaction> from)
            : store(owner), inner(std::move(from)) {
            pass_on();
        }
        bool do_with(store::Space space, ByteView key, store::TakeValue take) override {
            const bool found = inner->with(space, key, take);
            pass_on();
            return found;
        }
        void do_scan(store::Space space, const store::Scan& what, store::Visit visit) override {
            inner->scan(space, what, visit);
            pass_on();
        }
        void do_put(store::Space space, ByteView key, ByteView value) override {
            if (store.is_poison && store.is_poison(key, value))
                return mark_failed(ErrorCode::store_failed, space.name(), "poison");
            inner->put(space, key, value);
            pass_on();
        }
        void do_erase(store::Space space, ByteView key) override {
            inner->erase(space, key);
            pass_on();
        }
        void pass_on() {
            if (inner->failed())
                mark_failed(inner->failure().code, inner->failure().space, inner->failure().detail);
        }
        FailingStore& store;
        std::unique_ptr<store::Transaction> inner;
    };

    store::MemoryStore inner_;
};

}  // namespace mash::test
