#include "broker/core/ring_again.hpp"

#include <algorithm>

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
    const auto due =
        step.policy() ? step.policy()->agreement_confirm_by(step.now.wall) : step.now.wall;
    for (const auto& told : tasks_of(step, item)) {
        if (was_told(told))
            open_ring_again(step, told, item, told.task.type, wire::rung_again_withdrawn, due);
    }
}

void ring_again_corrected(Step& step, const ItemKey& wrong, const ItemKey& correction,
                          const TypeId& type, WallTime due) {
    for (const auto& told : tasks_of(step, wrong)) {
        const bool is_late = !told.closed && told.task.rule == wire::rung_again_corrected;
        if (!is_late && !was_told(told)) continue;
        open_ring_again(step, told, correction, type, wire::rung_again_corrected, due);
        if (is_late) close_ring_again(step, told.task.id);
    }
}

}  // namespace mash::broker
