#include "agents/runtime/core/one_event.hpp"

#include <set>

#include "agents/runtime/core/attached.hpp"

namespace mash::runtime {
namespace {

/// (one, the other, SaidBy), both ways round.
constexpr store::Table<std::tuple<InboxKey, InboxKey, std::uint8_t>, OneEvent> one_event{
    one_event_space};

auto row_key(const InboxKey& a, const InboxKey& b, SaidBy how) {
    return std::tuple(a, b, static_cast<std::uint8_t>(how));
}

}  // namespace

void say_one_event(Step& step, const InboxKey& a, const InboxKey& b, SaidBy how,
                   const OneEvent& said) {
    one_event.put(step.tx, row_key(a, b, how), said);
    one_event.put(step.tx, row_key(b, a, how), said);
}

std::optional<OneEvent> said_one_event(Step& step, const InboxKey& a, const InboxKey& b,
                                       SaidBy how) {
    return one_event.get(step.tx, row_key(a, b, how));
}

void unsay_one_event(Step& step, const InboxKey& a, const InboxKey& b, SaidBy how) {
    one_event.erase(step.tx, row_key(a, b, how));
    one_event.erase(step.tx, row_key(b, a, how));
}

void unsay_all(Step& step, const InboxKey& key) {
    const Bytes prefix = store::key_bytes(key);
    for (const auto& [one, other, how] : one_event.collect_keys(step.tx, {.prefix = prefix}))
        unsay_one_event(step, one, other, static_cast<SaidBy>(how));
}

bool is_anything_one_event(Step& step) {
    return !one_event.collect_keys(step.tx, {.limit = 1}).empty() || is_anything_in_one_line(step);
}

EventKeys keys_of_event(Step& step, const InboxKey& key) {
    std::set<InboxKey> found{key};
    EventKeys next{key};
    const auto add = [&](const InboxKey& other) {
        if (found.insert(other).second) next.push_back(other);
    };
    while (!next.empty()) {
        const InboxKey one = std::move(next.back());
        next.pop_back();
        const Bytes prefix = store::key_bytes(one);
        for (const auto& row : one_event.collect_keys(step.tx, {.prefix = prefix}))
            add(std::get<1>(row));
        for (const auto& other : attached_with(step, one)) add(other);
    }
    return {found.begin(), found.end()};
}

}  // namespace mash::runtime
