// Fair queueing by rounds: a sender's next item belongs to the round after its last one that waits,
// but never to one that is already over. Rows then drain in key order, at the cost of a plain
// queue.
#include "broker/core/turns.hpp"

#include <algorithm>

namespace mash::broker {
namespace {

using BacklogKey = std::tuple<InboxId, AgencyId>;

// The round that is being sent now. What is in the cursor has been passed: a row before it would
// not be looked at again in this session.
std::uint64_t round_now(Step& step, const HostId& host, wire::Lane lane) {
    const auto prefix = key_of(host, lane);
    const auto first = tables::queue.collect_keys(step.tx, {.prefix = prefix, .limit = 1});
    auto* session = step.session_of(host);
    auto* cursor = session ? &session->cursor[static_cast<std::size_t>(lane)] : nullptr;
    if (first.empty()) {
        if (cursor) *cursor = 0;
        return 0;
    }
    return std::max(round_of(first.front().sequence), cursor ? round_of(*cursor) : 0);
}

void count_in(Step& step, const HostId& host, const QueueRecord& row) {
    const BacklogKey key{row.inbox, row.item.sender};
    auto backlog = step.get(tables::immediate_backlog, key).value_or(BacklogRecord{});
    ++backlog.waiting;
    if (backlog.waiting > limits::immediate_backlog_of_sender_max && !backlog.told) {
        backlog.told = true;
        Recorded said;
        said.event = LogEvent::sender_backlog;
        said.host = host;
        said.agency = row.item.sender;
        said.count = backlog.waiting;
        step.record(std::move(said));
    }
    step.put(tables::immediate_backlog, key, backlog);
}

void count_out(Step& step, const QueueRecord& row) {
    const BacklogKey key{row.inbox, row.item.sender};
    auto backlog = step.get(tables::immediate_backlog, key);
    if (!backlog) return;
    if (backlog->waiting <= 1) return step.erase(tables::immediate_backlog, key);
    --backlog->waiting;
    // Said anew only after it has halved, or one that goes up and down would say it each time.
    if (backlog->waiting <= limits::immediate_backlog_of_sender_max / 2) backlog->told = false;
    step.put(tables::immediate_backlog, key, *backlog);
}

}  // namespace

std::uint64_t add_to_queue(Step& step, const HostId& host, wire::Lane lane,
                           const QueueRecord& row) {
    const TurnKey key{host, lane, row.item.sender};
    auto turn = step.get(tables::queue_turns, key);
    auto round = round_now(step, host, lane);
    if (turn) round = std::max(round, turn->round + 1);
    const auto place = place_of(round, step.next_sequence());
    step.put(tables::queue_turns, key, {(turn ? turn->waiting : 0) + 1, round_of(place)});
    step.put(tables::queue, {host, lane, place}, row);
    if (lane == wire::Lane::immediate) count_in(step, host, row);
    step.state.dirty.insert(host);
    return place;
}

void take_from_queue(Step& step, const QueueKey& key, const QueueRecord& row) {
    if (!tables::queue.contains(step.tx, key)) return;
    step.erase(tables::queue, key);
    if (key.lane == wire::Lane::immediate) count_out(step, row);
    const TurnKey turn_key{key.host, key.lane, row.item.sender};
    auto turn = step.get(tables::queue_turns, turn_key);
    if (!turn) return;
    if (turn->waiting <= 1) return step.erase(tables::queue_turns, turn_key);
    --turn->waiting;
    step.put(tables::queue_turns, turn_key, *turn);
}

}  // namespace mash::broker
