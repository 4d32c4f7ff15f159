#include "broker/core/starts.hpp"

#include <algorithm>

namespace mash::broker {

void read_starts(CoreState& state, store::Transaction& transaction) {
    tables::starts.scan(transaction, {}, [&](std::uint64_t first, const StartRecord& record) {
        state.starts.push_back({first, record.id});
        return true;
    });
    state.own_first_serial = state.meta.serial + 1;
}

void go_on_with_start(CoreState& state, const CoreState& spoilt) {
    if (!state.starts.empty() && state.starts.back().id == spoilt.own_start) {
        state.own_start = spoilt.own_start;
    } else {
        state.own_first_serial = std::min(state.own_first_serial, spoilt.own_first_serial);
    }
}

const std::array<std::uint8_t, 16>& own_start(Step& step) {
    auto& state = step.state;
    if (state.own_start != std::array<std::uint8_t, 16>{}) return state.own_start;
    state.own_start = step.draw<16>();
    // What this run committed before anybody greeted it is no part of the start before.
    state.starts.push_back({state.own_first_serial, state.own_start});
    step.put(tables::starts, state.own_first_serial, {state.own_start});
    while (state.starts.size() > starts_kept_max) {
        step.erase(tables::starts, state.starts.front().first_serial);
        state.starts.erase(state.starts.begin());
    }
    return state.own_start;
}

bool was_put_back(Step& step, const wire::Hello& hello) {
    if (hello.store_start == std::array<std::uint8_t, 16>{}) return false;
    own_start(step);  // ends the one before
    const auto& starts = step.state.starts;
    const auto start = std::ranges::find(starts, hello.store_start, &KnownStart::id);
    if (start == starts.end()) return true;
    const auto next = std::next(start);
    const auto last = next == starts.end() ? step.state.meta.serial : next->first_serial - 1;
    return hello.commit_serial > last;
}

}  // namespace mash::broker
