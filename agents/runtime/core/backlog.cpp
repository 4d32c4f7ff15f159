// What lies in this agent for longer than it should, said in the log once an hour: a backlog inside
// an agency is invisible from the centre. Counts, ages and lanes; never whose or what.
#include <algorithm>
#include <map>

#include "agents/runtime/core/parts.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

/// Of one queue; beyond it the count is what was counted, and ages are those of the counted.
constexpr std::size_t counted_max = 10'000;

struct Waiting {
    std::int64_t count = 0;
    WallTime oldest;

    void add(WallTime since) {
        oldest = count == 0 ? since : std::min(oldest, since);
        ++count;
    }
};
using ByLane = std::map<wire::Lane, Waiting>;

/// In which somebody should have opened and taken it, whatever its own deadline says.
std::chrono::milliseconds people_limit(wire::Lane lane) {
    switch (lane) {
        case wire::Lane::immediate: return std::chrono::hours(1);
        case wire::Lane::urgent: return std::chrono::hours(24);
        case wire::Lane::routine:
        case wire::Lane::bulk: break;
    }
    return std::chrono::days(5);
}

ByLane unsent(Step& step) {
    ByLane out;
    for (const auto& [lane, since, id] :
         table::outbox_open.collect_keys(step.tx, {.limit = counted_max}))
        out[static_cast<wire::Lane>(lane)].add(since);
    return out;
}

ByLane untaken(Step& step) {
    ByLane out;
    for (const auto& key : table::inbox_waiting.collect_keys(step.tx, {.limit = counted_max}))
        out[static_cast<wire::Lane>(std::get<1>(key))].add(std::get<3>(key));  // accepted
    return out;
}

/// By the lane of the broker's statement, as they are listed.
ByLane unopened(Step& step) {
    ByLane out;
    for (const auto& [since, inbox, sender, id] :
         table::inbox_unopened.collect_keys(step.tx, {.limit = counted_max})) {
        const auto item = table::inbox.get(step.tx, {inbox, sender, id});
        if (!item) continue;
        if (const auto said = wire::decode_body<wire::StatementBody>(item->statement))
            out[said->lane].add(since);
    }
    return out;
}

template <class Limit>
void report(Step& step, Backlog::Queue queue, const ByLane& waiting, const Limit& limit) {
    for (const auto& [lane, each] : waiting) {
        const auto age = step.now.wall - each.oldest;
        if (age <= limit(lane)) continue;
        Recorded recorded;
        recorded.event = LogEvent::backlog;
        recorded.count = each.count;
        recorded.backlog = Backlog{queue, lane, age};
        step.effects.emplace_back(std::move(recorded));
    }
}

}  // namespace

std::string_view name_of(Backlog::Queue queue) {
    switch (queue) {
        case Backlog::Queue::unsent: return "unsent";
        case Backlog::Queue::unopened: return "unopened";
        case Backlog::Queue::untaken: return "untaken";
    }
    return "";
}

void report_backlog(Step& step) {
    report(step, Backlog::Queue::unsent, unsent(step),
           [&](wire::Lane lane) { return lane_limit(step, lane); });
    report(step, Backlog::Queue::unopened, unopened(step), people_limit);
    report(step, Backlog::Queue::untaken, untaken(step), people_limit);
}

}  // namespace mash::runtime
