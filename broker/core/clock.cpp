#include "broker/core/clock.hpp"

#include "broker/core/agreement.hpp"
#include "broker/core/ask_holders.hpp"
#include "broker/core/decisions.hpp"
#include "broker/core/delivery.hpp"
#include "broker/core/documents.hpp"
#include "broker/core/earlier_copies.hpp"
#include "broker/core/involvement.hpp"
#include "broker/core/lapse.hpp"
#include "broker/core/notices.hpp"
#include "broker/core/questions.hpp"
#include "broker/core/recall.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/release.hpp"
#include "broker/core/requests.hpp"
#include "broker/core/ring_again.hpp"
#include "broker/core/tasks.hpp"
#include "broker/core/words.hpp"

namespace mash::broker {
namespace {

constexpr std::size_t plans_per_tick_max = 64;
constexpr std::chrono::hours plan_grace{
    1};  // an answer about an outdated plan can still say that it is

template <class Key>
Key key_from(const Bytes& subject) {
    using mash::broker::read;
    using store::read;
    Reader in(subject);
    Key key{};
    read(in, key);
    return key;
}

void pause(Step& step) {
    step.state.meta.expiries_paused = true;
    step.put(tables::meta, {}, step.state.meta);
    step.record_code(LogEvent::clock_jumped, ErrorCode::clock_jump);
}

void erase_content(Step& step, const ItemKey& item) {
    auto record = step.get(tables::notifications, item);
    if (!record || !record->has_content) return;
    // Whoever was added since has not settled it: the time begins again when they have.
    if (!std::ranges::all_of(record->seats, &SeatRecord::settled)) {
        record->retention_runs = false;
        return step.put(tables::notifications, item, *record);
    }
    for (auto& seat : record->seats) {
        cancel_hours_release(step, item, seat);
        for (auto& route : seat.inboxes) {
            if (route.state == RouteState::waiting) {
                unqueue_route(step, item, *record, route);
                route.state = RouteState::stopped;
            }
            step.erase(tables::held, {route.inbox, item});
        }
    }
    forget_holder_questions(step, item);
    step.erase(tables::content, item);
    for (const auto& added : record->added) step.erase(tables::added, {item, added.plan});
    record->has_content = false;
    record->tokens.clear();
    record->conflicts_stated.clear();
    step.put(tables::notifications, item, *record);
    step.put(tables::expiries,
             {record->accepted_at + step.state.config.tombstone_retention, DueKind::tombstone,
              key_of(item)},
             {});
    step.record(LogEvent::content_removed, item.sender, item.id);
}

void erase_tombstone(Step& step, const ItemKey& item) {
    if (const auto record = step.get(tables::notifications, item)) {
        for (const auto& seat : record->seats) {
            for (const auto& route : seat.inboxes) step.erase(tables::held, {route.inbox, item});
        }
    }
    step.erase(tables::notifications, item);
    forget_recalls(step, item);
    forget_holder_records(step, item);
    forget_corrections(step, item);
    step.erase(tables::withdrawals, item);
    step.erase(tables::agreement_relied, item);
    const auto prefix = key_of(item);
    for (const auto& key : tables::authorisations.collect_keys(step.tx, {.prefix = prefix}))
        step.erase(tables::authorisations, key);
    for (const auto& [cause, task] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        step.erase(tables::tasks, task);
        step.erase(tables::task_causes, cause);
    }
}

void erase_task(Step& step, const TaskId& id) {
    const auto record = step.get(tables::tasks, id);
    if (!record) return;
    const ItemKey item{record->task.sender, record->task.notification};
    const auto cause = cause_of(record->task, record->about, record->claim, record->asked_by);
    // A newer task of the same cause stays found.
    if (step.get(tables::task_causes, cause) == id) step.erase(tables::task_causes, cause);
    step.erase(tables::tasks, id);
    // Never accepted: there is no tombstone with which the rest of it would go.
    if (!tables::notifications.contains(step.tx, item)) forget_corrections(step, item);
    const auto prefix = key_of(item);
    for (const auto& key : tables::authorisations.collect_keys(step.tx, {.prefix = prefix}))
        step.erase(tables::authorisations, key);
}

void fall_due(Step& step, const DueKey& row) {
    switch (row.kind) {
        case DueKind::hours: {
            Reader in(row.subject);
            ItemKey item;
            Seat seat;
            read(in, item);
            store::read(in, seat);
            return release_by_hours(step, item, seat);
        }
        case DueKind::role_gap: {
            Reader in(row.subject);
            ItemKey item;
            RoleId role;
            WallTime tell_by;
            read(in, item);
            store::read(in, role);
            store::read(in, tell_by);
            return ring_if_nobody(step, item, role, tell_by);
        }
        case DueKind::holders_wait:
            return go_on_asking(step, key_from<HolderQuestionKey>(row.subject));
        case DueKind::task: return escalate_task(step, key_from<TaskId>(row.subject));
        case DueKind::retention: return erase_content(step, key_from<ItemKey>(row.subject));
        case DueKind::tombstone: return erase_tombstone(step, key_from<ItemKey>(row.subject));
        case DueKind::lapse: return lapse_due(step, key_from<ClaimKey>(row.subject));
        case DueKind::lease: return expire_claim(step, key_from<ClaimKey>(row.subject));
        case DueKind::receipt:
            return step.erase(tables::receipts_kept, key_from<ReceiptKey>(row.subject));
        case DueKind::closed_task: return erase_task(step, key_from<TaskId>(row.subject));
        case DueKind::recall_ahead: return drop_recall_ahead(step, key_from<ItemKey>(row.subject));
        case DueKind::earlier_copy:
            return forget_earlier_copy(step, key_from<CopyKey>(row.subject));
        case DueKind::withdrawal_ahead:
            return drop_withdrawal_ahead(step, key_from<ItemKey>(row.subject));
        case DueKind::agreement: {
            const auto [agency, thread] = key_from<std::tuple<AgencyId, ThreadId>>(row.subject);
            return drop_agreement(step, agency, thread);
        }
        case DueKind::question: return forget_question(step, key_from<QuestionKey>(row.subject));
        case DueKind::words: return forget_words(step, key_from<WordsKey>(row.subject), false);
        case DueKind::words_again: return forget_words(step, key_from<WordsKey>(row.subject), true);
        case DueKind::asked: return request_lapsed(step, key_from<PlanId>(row.subject));
        case DueKind::thread: {
            step.erase(tables::thread_seats, key_from<std::tuple<AgencyId, ThreadId>>(row.subject));
            for (const auto& key :
                 tables::thread_kept_from.collect_keys(step.tx, {.prefix = row.subject}))
                step.erase(tables::thread_kept_from, key);
            return;
        }
    }
}

void work_off(Step& step, const store::Table<DueKey, Nothing>& table) {
    std::vector<DueKey> rows;
    table.scan(step.tx, {.limit = due_per_tick_max}, [&](const DueKey& row, Nothing&) {
        if (row.at > step.now.wall) return false;
        rows.push_back(row);
        return true;
    });
    for (const auto& row : rows) {
        step.erase(table, row);
        fall_due(step, row);
    }
}

// Plan ids begin with their time: the oldest stand first.
void drop_old_plans(Step& step) {
    std::vector<std::pair<PlanId, AskedRecord>> outlived;
    tables::asked.scan(step.tx, {.limit = plans_per_tick_max},
                       [&](const PlanId& id, const AskedRecord& asked) {
                           if (asked.at + step.state.config.decision_log_retention > step.now.wall)
                               return false;
                           outlived.emplace_back(id, asked);
                           return true;
                       });
    std::vector<PlanId> ended;
    for (const auto& [id, asked] : outlived) {
        forget_request(step, id, asked);
        ended.push_back(id);
    }
    forget_decisions(step, ended);

    std::vector<PlanId> old;
    tables::plans.scan(step.tx, {.limit = plans_per_tick_max},
                       [&](const PlanId& id, const PlanRecord& plan) {
                           if (plan.expires_at + plan_grace > step.now.wall) return false;
                           old.push_back(id);
                           return true;
                       });
    for (const auto& id : old) step.erase(tables::plans, id);
}

}  // namespace

void watch_clock(Step& step) {
    auto& watch = step.state.clock;
    if (watch.started) {
        const auto wall = step.now.wall - watch.last.wall;
        const auto steady = step.now.steady - watch.last.steady;
        const auto apart = wall > steady ? wall - steady : steady - wall;
        if (apart > limits::clock_jump_max && !step.expiries_paused()) pause(step);
    } else if (step.state.meta.wall.is_set() &&
               step.now.wall + limits::clock_jump_max < step.state.meta.wall &&
               !step.expiries_paused()) {
        // Between two runs only a step back can be told from a pause.
        pause(step);
    }
    watch = {true, step.now};
}

void on_tick(Step& step) {
    tick_documents(step);
    work_off(step, tables::due);
    if (!step.expiries_paused()) {
        work_off(step, tables::expiries);
        drop_old_plans(step);
    }
    for (auto& [id, session] : step.state.sessions) {
        retry_deliveries(step, session);
        retry_receipts(step, session);
        if (step.now.steady - session.notices_at < notice_repeat) continue;
        send_notices(step, session);
        tell_words(step, session);
    }
}

void confirm_clock(Step& step) {
    if (!step.expiries_paused()) return;
    step.state.meta.expiries_paused = false;
    step.put(tables::meta, {}, step.state.meta);
    step.record(LogEvent::clock_confirmed);
}

}  // namespace mash::broker
