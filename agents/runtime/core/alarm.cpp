// Design rule 4: the sender's own agent says that something did not come in time, by itself,
// without the broker. An alarm is raised once, kept until it is no longer true, and then cleared.
#include <algorithm>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {

std::string_view name_of(Alarm::Kind kind) {
    switch (kind) {
        case Alarm::Kind::not_accepted: return "not_accepted";
        case Alarm::Kind::not_stored: return "not_stored";
        case Alarm::Kind::plan_differs: return "plan_differs";
        case Alarm::Kind::registry_not_fresh: return "registry_not_fresh";
        case Alarm::Kind::fact_unproved: return "fact_unproved";
        case Alarm::Kind::undecryptable: return "undecryptable";
        case Alarm::Kind::version_went_back: return "version_went_back";
        case Alarm::Kind::clock_skew: return "clock_skew";
        case Alarm::Kind::not_taken: return "not_taken";
        case Alarm::Kind::duplicate_conflict: return "duplicate_conflict";
        case Alarm::Kind::publish_refused: return "publish_refused";
        case Alarm::Kind::held_overdue: return "held_overdue";
        case Alarm::Kind::delivery_rejected: return "delivery_rejected";
        case Alarm::Kind::pepper_unreadable: return "pepper_unreadable";
        case Alarm::Kind::not_confirmed: return "not_confirmed";
        case Alarm::Kind::tokens_unproved: return "tokens_unproved";
        case Alarm::Kind::tokens_missing: return "tokens_missing";
        case Alarm::Kind::about_taken_back: return "about_taken_back";
        case Alarm::Kind::not_handed_over: return "not_handed_over";
        case Alarm::Kind::file_held: return "file_held";
        case Alarm::Kind::file_unread: return "file_unread";
    }
    return "";
}

std::chrono::milliseconds lane_limit(const Step& step, wire::Lane lane) {
    switch (lane) {
        case wire::Lane::immediate: return step.agent.config.immediate_alarm;
        case wire::Lane::urgent: return step.agent.config.urgent_alarm;
        case wire::Lane::routine:
        case wire::Lane::bulk: break;
    }
    return std::chrono::hours(24);
}

namespace {

constexpr std::size_t watched_at_once_max = 256;

LogEvent event_of(Alarm::Kind kind) {
    switch (kind) {
        case Alarm::Kind::not_accepted: return LogEvent::accepted_late;
        case Alarm::Kind::not_stored: return LogEvent::stored_late;
        case Alarm::Kind::not_taken: return LogEvent::taken_late;
        case Alarm::Kind::plan_differs: return LogEvent::decision_differs;
        case Alarm::Kind::registry_not_fresh: return LogEvent::document_not_fresh;
        case Alarm::Kind::fact_unproved: return LogEvent::fact_unproved;
        case Alarm::Kind::undecryptable: return LogEvent::delivery_undecryptable;
        case Alarm::Kind::version_went_back: return LogEvent::document_went_back;
        case Alarm::Kind::clock_skew: return LogEvent::clock_jumped;
        case Alarm::Kind::duplicate_conflict:
        case Alarm::Kind::publish_refused: return LogEvent::publish_refused;
        case Alarm::Kind::held_overdue: return LogEvent::plan_held;
        case Alarm::Kind::delivery_rejected: return LogEvent::delivery_rejected;
        case Alarm::Kind::pepper_unreadable: return LogEvent::pepper_unreadable;
        case Alarm::Kind::not_confirmed: return LogEvent::unconfirmed_late;
        case Alarm::Kind::tokens_unproved: return LogEvent::tokens_unproved;
        case Alarm::Kind::tokens_missing: return LogEvent::tokens_missing;
        case Alarm::Kind::not_handed_over: return LogEvent::handover_failed;
        case Alarm::Kind::about_taken_back: return LogEvent::alarm_raised;
        case Alarm::Kind::file_held:
        case Alarm::Kind::file_unread: return LogEvent::file_waits;
    }
    return LogEvent::alarm_raised;
}

/// By its lane; but whoever is only told reads it in the next session or working day, and their
/// machine may start anew meanwhile without anybody being rung for it.
std::chrono::milliseconds stored_limit(const Step& step, const wire::Recipient& recipient) {
    const auto limit = lane_limit(step, recipient.lane);
    return recipient.act ? limit : std::max(limit, lane_limit(step, wire::Lane::urgent));
}

/// We ourselves found no key to seal to: nothing travels to this seat. The broker's word of the
/// same counts for nothing here.
bool had_no_key(Step& step, const NotificationId& id, const Seat& seat) {
    const auto gap =
        table::rungs.get(step.tx, {id, seat, static_cast<std::uint8_t>(wire::Rung::not_connected)});
    return gap && gap->code == "no_key" && !has_rung(step, id, seat, wire::Rung::stored);
}

}  // namespace

bool must_confirm_recall(Step& step, const NotificationId& id, const Seat& seat) {
    return !has_rung(step, id, seat, wire::Rung::recalled) && !had_no_key(step, id, seat);
}

namespace {

/// A decision of ours that is overdue, of an item whose other recipients were told. Returns when to
/// look again.
WallTime watch_held(Step& step, const NotificationId& id, const OutboxItem& item) {
    WallTime again;
    const Bytes prefix = store::key_bytes(id);
    for (const auto& [key, mark] : table::held.collect(step.tx, {.prefix = prefix})) {
        if (!mark.decide_by.is_set()) continue;
        if (mark.decide_by <= step.now.wall) {
            raise(step, Alarm::Kind::held_overdue, id, step.telephone_of({item.agency, item.role}));
        } else {
            again = again.is_set() ? std::min(again, mark.decide_by) : mark.decide_by;
        }
    }
    return again;
}

bool has_open_question(Step& step, const NotificationId& id) {
    const Bytes prefix = store::key_bytes(id);
    return !table::held.collect_keys(step.tx, {.prefix = prefix, .limit = 1}).empty();
}

/// Nobody presses "taken" at an inbox that a system empties: that it is in there is all that is
/// owed (as at the broker, receipts.cpp).
bool is_taken_in(Step& step, const NotificationId& id, const Seat& seat) {
    const auto* listed = step.registry() ? step.registry()->find_seat(seat) : nullptr;
    return listed != nullptr && !listed->people &&
           has_rung(step, id, seat, wire::Rung::handed_over);
}

/// What is owed by one recipient, and when to look again.
struct Owed {
    bool confirmed_late = false;
    bool stored_late = false;
    bool taken_late = false;
    bool settled = false;
    WallTime again;
};

/// `sent`: when the broker had it, or it was sealed for whoever was added later.
Owed owed_by(Step& step, const NotificationId& id, WallTime sent,
             const wire::Recipient& recipient) {
    Owed owed;
    if (has_rung(step, id, recipient.seat, wire::Rung::recalled)) {
        owed.settled = true;
        return owed;
    }
    if (const auto stopped = has_stopped(step, id, recipient.seat)) {
        // Not to be used any more, so nobody is asked why it was not taken. Who has not confirmed
        // is an alarm of its own (agreement.cpp).
        owed.settled = *stopped;
        owed.again = step.now.wall + std::chrono::hours(1);
        return owed;
    }
    if (had_no_key(step, id, recipient.seat)) {
        // Nothing to wait for; but whoever it is hears nothing unless somebody rings, and the
        // task to do so lies with a broker that may never have opened it.
        owed.settled = true;
        owed.stored_late = true;
        return owed;
    }
    const bool stored = has_rung(step, id, recipient.seat, wire::Rung::stored);
    // Of one who is only told, reminders stay inside that agency and never come here.
    owed.settled = recipient.act ? has_rung(step, id, recipient.seat, wire::Rung::taken) ||
                                       is_taken_in(step, id, recipient.seat)
                                 : stored;
    if (owed.settled) return owed;
    const WallTime stored_by = sent + stored_limit(step, recipient);
    owed.stored_late = !stored && stored_by <= step.now.wall;
    owed.taken_late =
        recipient.act && recipient.take_by.is_set() && recipient.take_by <= step.now.wall;
    if (!stored && !owed.stored_late) owed.again = stored_by;
    if (recipient.act && !owed.taken_late && recipient.take_by.is_set()) {
        owed.again =
            owed.again.is_set() ? std::min(owed.again, recipient.take_by) : recipient.take_by;
    }
    if (!owed.again.is_set()) owed.again = step.now.wall + std::chrono::hours(1);
    return owed;
}

/// Whoever was added later, and has not been accepted for. Returns when to look again.
WallTime watch_supplements(Step& step, const NotificationId& id, const OutboxItem& item) {
    const WallTime since = supplement_waits_since(step, id);
    if (!since.is_set()) return {};
    const WallTime due = since + lane_limit(step, item.lane);
    if (due > step.now.wall) return due;
    raise(step, Alarm::Kind::not_accepted, id);
    return step.now.wall + std::chrono::hours(1);
}

/// Of what was taken back nothing is owed but the word that it is gone.
Owed owed_by_recall(Step& step, const NotificationId& id, WallTime confirm_by,
                    const wire::Recipient& recipient) {
    Owed owed;
    owed.settled = !must_confirm_recall(step, id, recipient.seat);
    if (owed.settled) return owed;
    owed.confirmed_late = confirm_by.is_set() && confirm_by <= step.now.wall;
    owed.again = confirm_by.is_set() && !owed.confirmed_late
                     ? confirm_by
                     : step.now.wall + std::chrono::hours(1);
    return owed;
}
/// Whom to ring: of all who are late whoever should act, because that cannot wait.
class Late {
public:
    void add(Step& step, const wire::Recipient& recipient) {
        if (is_late() && (acts_ || !recipient.act)) return;
        acts_ = recipient.act;
        telephone_ = step.telephone_of(recipient.seat);
    }
    bool is_late() const { return telephone_.has_value(); }
    void say(Step& step, Alarm::Kind kind, const NotificationId& id) const {
        telephone_ ? raise(step, kind, id, *telephone_) : clear(step, kind, id);
    }

private:
    std::optional<std::string> telephone_;
    bool acts_ = false;
};

void watch_accepted(Step& step, const NotificationId& id, OutboxItem& item) {
    if (item.settled_at.is_set()) {
        watch_held(step, id, item);
        const WallTime end = item.settled_at + step.agent.config.retention_after_taken;
        if (step.agent.clock_jumped)
            return watch_again(step, id, step.now.wall + std::chrono::hours(1));
        if (end <= step.now.wall) return close_settled(step, id, item);
        return watch_again(step, id, end);
    }
    const auto decision = decision_of(item);
    // An open question is never dropped, however long the answer takes.
    bool settled = !has_open_question(step, id);
    WallTime again = watch_held(step, id, item);
    if (!settled && !again.is_set()) again = step.now.wall + std::chrono::hours(1);
    if (const WallTime due = watch_supplements(step, id, item); due.is_set()) {
        settled = false;
        again = again.is_set() ? std::min(again, due) : due;
    }
    const auto added = added_at(step, id);
    Late stored_late;
    Late taken_late;
    Late confirmed_late;
    for (const auto& recipient : decision.recipients) {
        const auto later = added.find(recipient.seat);
        const WallTime sent = later == added.end() ? item.accepted_at : later->second;
        const auto recalled = recall_of(step, id, item, recipient.seat);
        const Owed owed = recalled ? owed_by_recall(step, id, recalled->confirm_by, recipient)
                                   : owed_by(step, id, sent, recipient);
        if (owed.confirmed_late) confirmed_late.add(step, recipient);
        settled = settled && owed.settled;
        if (owed.stored_late) stored_late.add(step, recipient);
        if (owed.taken_late) taken_late.add(step, recipient);
        if (owed.again.is_set()) again = again.is_set() ? std::min(again, owed.again) : owed.again;
    }
    stored_late.say(step, Alarm::Kind::not_stored, id);
    taken_late.say(step, Alarm::Kind::not_taken, id);
    // Where an agreement was withdrawn, and only single copies recalled, this alarm may be about
    // that (agreement.cpp).
    if (confirmed_late.is_late() || item.recalled_at.is_set() ||
        !table::withdrawals.contains(step.tx, id))
        confirmed_late.say(step, Alarm::Kind::not_confirmed, id);
    if (settled) {
        item.settled_at = step.now.wall;
        put_item(step, id, item);
        const WallTime end = step.now.wall + step.agent.config.retention_after_taken;
        again = again.is_set() ? std::min(again, end) : end;
    }
    watch_again(step, id, again);
}

}  // namespace

void raise(Step& step, Alarm::Kind kind, const NotificationId& id, const std::string& given) {
    const std::string telephone = given.empty() ? step.telephone_of({}) : given;
    const std::tuple key(static_cast<std::uint8_t>(kind), id);
    auto row = table::alarms.get(step.tx, key);
    // Somebody else is to be rung now: the alarm is the same, and is said again with that number.
    if (row && row->telephone == telephone) return;
    if (!row) row.emplace(AlarmRow{step.now.wall, {}});
    row->telephone = telephone;
    table::alarms.put(step.tx, key, *row);
    step.effects.emplace_back(Alarm{kind, id, telephone, false});
    step.record(event_of(kind), id);
}

void clear(Step& step, Alarm::Kind kind, const NotificationId& id) {
    const std::tuple key(static_cast<std::uint8_t>(kind), id);
    const auto row = table::alarms.get(step.tx, key);
    if (!row) return;
    table::alarms.erase(step.tx, key);
    step.effects.emplace_back(Alarm{kind, id, row->telephone, true});
}

void watch_outbox(Step& step) {
    std::vector<NotificationId> due;
    table::outbox_watch.scan(step.tx, {.limit = watched_at_once_max}, [&](const auto& key, Flag&) {
        if (std::get<0>(key) > step.now.wall) return false;
        due.push_back(std::get<1>(key));
        return true;
    });
    for (const auto& id : due) {
        auto item = table::outbox.get(step.tx, id);
        if (!item) {
            watch_again(step, id, {});
            continue;
        }
        switch (item->state) {
            case OutboxState::waiting:
            case OutboxState::sealed:
                raise(step, Alarm::Kind::not_accepted, id);
                watch_again(step, id, {});
                break;
            case OutboxState::held:
                if (waits_for_somebody_involved(*item)) {
                    look_again_for_involved(step, id, *item);
                    break;
                }
                raise(step, Alarm::Kind::held_overdue, id,
                      step.telephone_of({item->agency, item->role}));
                watch_again(step, id, {});
                break;
            case OutboxState::accepted: watch_accepted(step, id, *item); break;
            default: watch_again(step, id, {}); break;
        }
    }
}

}  // namespace mash::runtime
