#include "broker/core/ring_again.hpp"

#include <algorithm>
#include <set>

#include "broker/core/tasks.hpp"
#include "common/wire/ring_again.hpp"

namespace mash::broker {
namespace {

/// About somebody who is told of the item, and not about a decider who is late.
bool is_about_a_recipient(const TaskRecord& record) {
    switch (record.task.kind) {
        case wire::TaskKind::not_connected:
            return !record.about.agency.empty() || record.task.agency.empty();
        case wire::TaskKind::pass_on:
        case wire::TaskKind::both_conflicted: return true;
        default: return false;
    }
}

bool was_told(const TaskRecord& record) {
    return record.closed &&
           record.outcome == static_cast<std::uint8_t>(wire::TaskOutcome::told_by_other_means) &&
           is_about_a_recipient(record);
}

std::vector<TaskRecord> tasks_of(Step& step, const ItemKey& item) {
    std::vector<TaskRecord> tasks;
    const auto prefix = key_of(item);
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        if (auto record = step.get(tables::tasks, id)) tasks.push_back(std::move(*record));
    }
    return tasks;
}

WallTime recall_due(const Step& step) {
    return step.policy() ? step.now.wall + step.policy()->recall_confirm_within() : step.now.wall;
}
WallTime withdrawal_due(const Step& step) {
    return step.policy() ? step.policy()->agreement_confirm_by(step.now.wall) : step.now.wall;
}

bool is_taken_back(Step& step, const ItemKey& item, const Seat& seat) {
    if (tables::recalls.contains(step.tx, item)) return true;
    const auto* entry = step.registry()->find_seat(seat);
    return entry && tables::recalls_of_copies.contains(step.tx, {item, entry->inbox});
}

/// Nobody says when they rang, only when they recorded it. So soon after a change it may be of a
/// call before it: whoever rang in the evening records it when they are back.
bool may_be_of_before(const Step& step, WallTime changed_at, const TaskRecord& told, bool was_open,
                      WallTime said_at) {
    if (changed_at < told.opened_at) return false;
    return !was_open || !step.policy() ||
           said_at <= step.policy()->calendar().end_of_working_day(changed_at, 1);
}

/// A chain of corrections is short; a sender may write any that it likes.
constexpr std::size_t corrections_looked_at_max = 64;

/// Those that stand and that no other puts right. False: there is none.
bool add_latest(Step& step, const ItemKey& wrong, std::set<ItemKey>& seen,
                std::vector<std::pair<ItemKey, NotificationRecord>>& latest) {
    bool is_any = false;
    const auto prefix = key_of(wrong);
    for (const auto& key : tables::corrections.collect_keys(
             step.tx, {.prefix = prefix, .limit = corrections_looked_at_max})) {
        const ItemKey correction{wrong.sender, std::get<2>(key)};
        if (seen.size() >= corrections_looked_at_max || !seen.insert(correction).second) continue;
        bool stands = add_latest(step, correction, seen, latest);
        if (!stands) {
            auto record = step.get(tables::notifications, correction);
            stands = record && !record->recalled;
            if (stands) latest.emplace_back(correction, std::move(*record));
        }
        is_any = is_any || stands;
    }
    return is_any;
}

/// From now as long as the quickest of its own recipients had.
WallTime correction_due(const Step& step, const NotificationRecord& correction) {
    if (!step.policy()) return step.now.wall;
    auto due = step.policy()->calendar().end_of_working_day(step.now.wall, 1);
    for (const auto& seat : correction.seats)
        due = std::min(due, step.now.wall + (seat.take_by - correction.accepted_at));
    return std::max(due, step.now.wall);
}

}  // namespace

void ring_again_recalled(Step& step, const ItemKey& item) {
    for (const auto& told : tasks_of(step, item)) {
        if (was_told(told))
            open_ring_again(step, told, item, told.task.type, wire::rung_again_recalled,
                            recall_due(step));
    }
}

void ring_again_recalled_copy(Step& step, const ItemKey& item, const InboxId& inbox) {
    for (const auto& told : tasks_of(step, item)) {
        const auto* entry = step.registry()->find_seat(told.about);
        if (was_told(told) && entry && entry->inbox == inbox)
            open_ring_again(step, told, item, told.task.type, wire::rung_again_recalled,
                            recall_due(step));
    }
}

void ring_again_withdrawn(Step& step, const ItemKey& item) {
    close_gaps_not_rung(step, item);
    for (const auto& told : tasks_of(step, item)) {
        if (was_told(told))
            open_ring_again(step, told, item, told.task.type, wire::rung_again_withdrawn,
                            withdrawal_due(step));
    }
}

void ring_again_corrected(Step& step, const ItemKey& wrong, const ItemKey& correction,
                          const TypeId& type, WallTime due) {
    const auto tasks = tasks_of(step, wrong);
    // Of what is known here alone: with it the row goes.
    if (!tasks.empty() || tables::notifications.contains(step.tx, wrong))
        step.put(tables::corrections, {wrong.sender, wrong.id, correction.id}, {});
    for (const auto& told : tasks) {
        const bool is_late = !told.closed && told.task.rule == wire::rung_again_corrected;
        if (!is_late && !was_told(told)) continue;
        open_ring_again(step, told, correction, type, wire::rung_again_corrected, due);
        if (is_late) close_ring_again(step, told.task.id);
    }
}

void forget_corrections(Step& step, const ItemKey& wrong) {
    const auto prefix = key_of(wrong);
    for (const auto& key : tables::corrections.collect_keys(step.tx, {.prefix = prefix}))
        step.erase(tables::corrections, key);
}

void ring_again_if_outdated(Step& step, const TaskRecord& told, bool was_open, WallTime said_at) {
    // Whoever forgets it need not know what was wrong with it.
    if (!was_told(told) || told.task.rule == wire::rung_again_recalled) return;
    const ItemKey item{told.task.sender, told.task.notification};
    if (is_taken_back(step, item, told.about))
        return open_ring_again(step, told, item, told.task.type, wire::rung_again_recalled,
                               recall_due(step));
    const auto withdrawal = step.get(tables::withdrawals, item);
    if (withdrawal && tables::agreement_relied.contains(step.tx, item) &&
        may_be_of_before(step, withdrawal->at, told, was_open, said_at))
        open_ring_again(step, told, item, told.task.type, wire::rung_again_withdrawn,
                        withdrawal_due(step));
    std::set<ItemKey> seen{item};
    std::vector<std::pair<ItemKey, NotificationRecord>> latest;
    add_latest(step, item, seen, latest);
    for (const auto& [correction, record] : latest) {
        if (may_be_of_before(step, record.accepted_at, told, was_open, said_at))
            open_ring_again(step, told, correction, record.type, wire::rung_again_corrected,
                            correction_due(step, record));
    }
}

}  // namespace mash::broker
