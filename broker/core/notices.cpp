#include "broker/core/notices.hpp"

#include "broker/core/agreement.hpp"
#include "broker/core/ask_holders.hpp"
#include "broker/core/questions.hpp"
#include "broker/core/recall.hpp"
#include "broker/core/words.hpp"

namespace mash::broker {
namespace {

template <class Key>
Key subject_of(const NoticeKey& notice) {
    using mash::broker::read;
    using store::read;
    Reader in(notice.subject);
    Key key{};
    read(in, key);
    return key;
}

/// What an inbox must hear before it shows anything that a backup brought back.
bool takes_back(NoticeKind kind) {
    return kind == NoticeKind::recall || kind == NoticeKind::withdrawal;
}

// False: it no longer applies, or has been said for the last time.
bool send_notice(Step& step, Session& session, const NoticeKey& notice) {
    switch (notice.kind) {
        case NoticeKind::task: {
            auto task = step.get(tables::tasks, subject_of<TaskId>(notice));
            if (!task || task->closed) return false;
            // Whoever it was escalated to is told of it as its own.
            if (task->escalated_to && task->escalated_to->agency == notice.agency &&
                task->task.owner.agency != notice.agency) {
                task->task.owner = *task->escalated_to;
            }
            wire::TaskNotice told{task->task, task->asked_at, task->asked_by, task->asked_reason,
                                  question_of(step, *task)};
            step.send(session.id, 0, std::move(told), wire::Lane::urgent);
            return true;
        }
        case NoticeKind::task_closed:
            step.send(session.id, 0, wire::TaskClosed{subject_of<TaskId>(notice)},
                      wire::Lane::urgent);
            return false;
        case NoticeKind::authorisation: {
            const auto key = subject_of<AuthorisationKey>(notice);
            const auto held = step.get(tables::authorisations, key);
            if (!held) return false;
            step.send(session.id, 0, wire::AuthorisationFrame{held->authorisation},
                      wire::Lane::immediate);
            // Until the sender's next plan shows that it knows. Of an accepted item it asks for
            // another plan only to add whom somebody allowed.
            const auto record = step.get(tables::notifications, key.item);
            const auto given = wire::decode_body<wire::Authorisation>(held->authorisation.body);
            return !record || (record->has_content && !record->recalled && given && given->allow);
        }
        case NoticeKind::recall:
            return send_recall_notice(step, session, notice.agency, subject_of<HeldKey>(notice));
        case NoticeKind::withdrawal:
            return send_withdrawal_notice(step, session, subject_of<HeldKey>(notice));
        case NoticeKind::words: return keep_earlier_words(step, notice);
        case NoticeKind::identity_look:
        case NoticeKind::identity_shown:
        case NoticeKind::identity_answer:
        case NoticeKind::identity_reached: return send_question_notice(step, session, notice);
        case NoticeKind::holder_asked:
        case NoticeKind::holder_known: return send_holder_notice(step, session, notice);
    }
    return false;
}

}  // namespace

void add_notice(Step& step, const NoticeKey& notice) {
    step.put(tables::notices, notice, {});
    auto* session = step.session_of_agency(notice.agency);
    if (session && !send_notice(step, *session, notice)) step.erase(tables::notices, notice);
}

void send_recalls(Step& step, Session& session) {
    if (!step.registry()) return;
    for (const auto& agency : agencies_of(*step.registry(), session.host)) {
        const auto prefix = key_of(agency);
        for (const auto& notice : tables::notices.collect_keys(step.tx, {.prefix = prefix})) {
            if (takes_back(notice.kind) && !send_notice(step, session, notice))
                step.erase(tables::notices, notice);
        }
    }
}

void send_notices(Step& step, Session& session, bool recalls_were_sent) {
    session.notices_at = step.now.steady;
    if (!step.registry()) return;
    std::size_t left = notices_per_round_max;
    auto from = std::exchange(session.notices_from, NoticeKey{});
    for (const auto& agency : agencies_of(*step.registry(), session.host)) {
        if (agency < from.agency) continue;
        const auto prefix = key_of(agency);
        const auto start = agency == from.agency ? key_of(from) : Bytes{};
        for (auto& notice : tables::notices.collect_keys(
                 step.tx, {.prefix = prefix, .from = start, .limit = left + 1})) {
            if (left == 0) {
                session.notices_from = std::move(notice);
                return;
            }
            --left;
            if (recalls_were_sent && takes_back(notice.kind)) continue;
            if (!send_notice(step, session, notice)) step.erase(tables::notices, notice);
        }
    }
}

}  // namespace mash::broker
