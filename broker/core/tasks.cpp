#include "broker/core/tasks.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "broker/core/conflicts.hpp"
#include "broker/core/delivery.hpp"
#include "broker/core/notices.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/release.hpp"
#include "broker/core/ring_again.hpp"
#include "common/area/decide.hpp"
#include "common/crypto/hash.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/ring_again.hpp"

namespace mash::broker {
namespace {

// Nobody was told to wait for it; it says where to look.
constexpr std::chrono::hours not_sent_time{24};

// Until it is put right nobody is kept out.
constexpr std::chrono::hours unknown_person_time{1};

// Of a list, not of a notification: its id is of the seat and the day.
const TypeId lapse_type{"lapse"};
const TypeId severed_type{"severed"};
// Its notification is the conflict, as whoever declared it knows it.
const TypeId conflict_type{"conflict"};
ItemKey item_of(const ConflictKey& conflict) {
    return {conflict.declared_by, NotificationId(conflict.id.value())};
}

bool is_excluded(Step& step, const std::set<InboxId>& excluded, const Seat& seat) {
    const auto* entry = step.registry()->find_seat(seat);
    return entry && excluded.contains(entry->inbox);
}

// Of a stated conflict the inbox counts as well: whoever reads one seat's reads all seats of it.
std::set<InboxId> excluded_for(Step& step, const TaskRecord& record) {
    auto excluded = excluded_inboxes(step, record.tokens);
    for (const auto& seat : record.conflicts_stated) {
        if (const auto* entry = step.registry()->find_seat(seat)) excluded.insert(entry->inbox);
    }
    return excluded;
}

bool is_desk(const Step& step, const RoleId& role) {
    return step.policy() && (role == step.policy()->front_door_role() ||
                             role == step.policy()->emergency_duty_role());
}

// Who is on duty for the front door now: itself in its hours, else the emergency duty team. A task
// names a sender and a notification, which say enough to somebody in a conflict about the child:
// then the other of the two, then the designated officer.
Seat duty_seat(Step& step, const std::set<InboxId>& excluded) {
    const auto* policy = step.policy();
    if (!policy) return {};
    const bool is_open = policy->is_front_door_open(step.now.wall);
    const auto front_door = policy->front_door_role();
    const auto emergency = policy->emergency_duty_role();
    for (const auto& role :
         {is_open ? front_door : emergency, is_open ? emergency : front_door, RoleId("lado")}) {
        for (const auto& seat : step.registry()->seats_with_role(role, step.now.wall)) {
            if (role == RoleId("lado") && excluded.empty()) continue;
            if (!is_excluded(step, excluded, seat)) return seat;
        }
    }
    return {};
}

void tell(Step& step, const Seat& seat, const TaskId& id) {
    if (seat.agency.empty()) return;
    add_notice(step, {seat.agency, NoticeKind::task, key_of(id)});
}

void stop_telling(Step& step, const Seat& seat, const TaskId& id) {
    if (seat.agency.empty()) return;
    step.erase(tables::notices, {seat.agency, NoticeKind::task, key_of(id)});
    add_notice(step, {seat.agency, NoticeKind::task_closed, key_of(id)});
}

// The roles that decide as manager for this kind of agency, then its safeguarding leads: the first
// that people open and no conflict about the child keeps out. That it is somebody else than who
// sent it, their own agent sees to. With nobody there it is the front door's.
Seat reviewer_seat(Step& step, const AgencyId& sender, const std::set<InboxId>& excluded) {
    const auto* agency = step.registry()->find_active_agency(sender, step.now.wall);
    if (agency && step.policy()) {
        const auto& roles = step.policy()->deciders_of(agency->kind);
        for (const auto* group : {&roles.manager, &roles.safeguarding_lead}) {
            for (const auto& role : *group) {
                const Seat seat{sender, role};
                const auto* entry = step.registry()->find_seat(seat);
                if (entry && entry->people && !excluded.contains(entry->inbox)) return seat;
            }
        }
    }
    return duty_seat(step, excluded);
}

// Of whoever declared the conflict: nobody else need know that it stands.
Seat declarer_seat(Step& step, const AgencyId& declarer, const std::set<InboxId>& excluded) {
    Seat duty = duty_seat(step, excluded);
    if (duty.agency == declarer || !step.policy()) return duty;
    for (const auto& role : {RoleId("lado"), step.policy()->front_door_role()}) {
        const Seat seat{declarer, role};
        if (step.registry()->find_seat(seat) && !is_excluded(step, excluded, seat)) return seat;
    }
    return duty;
}

// The role that the policy names, of the first agency that has it and is not kept from the child.
Seat lapse_seat(Step& step, const RoleId& role, const std::set<InboxId>& excluded) {
    for (const auto& seat : step.registry()->seats_with_role(role, step.now.wall)) {
        if (!is_excluded(step, excluded, seat)) return seat;
    }
    return duty_seat(step, excluded);
}

// A held decision stays its decider's, for nobody else's signature counts; either half of the front
// door's day counts as the other.
Seat owner_of(Step& step, const wire::Task& task, const std::set<InboxId>& excluded) {
    if (task.kind == wire::TaskKind::review) return reviewer_seat(step, task.sender, excluded);
    if (task.kind == wire::TaskKind::lapsed) return lapse_seat(step, task.owner.role, excluded);
    if (task.kind == wire::TaskKind::unknown_person)
        return declarer_seat(step, task.sender, excluded);
    if (task.kind != wire::TaskKind::held) return duty_seat(step, excluded);
    if (!is_desk(step, task.owner.role) || !is_excluded(step, excluded, task.owner))
        return task.owner;
    const Seat other = duty_seat(step, excluded);
    return is_desk(step, other.role) ? other : Seat{};
}

// With nobody left to do it the operator's log says so; the sender's agent alarms by itself.
void move_from_excluded(Step& step, TaskRecord& record, const wire::Task& as_decided_now) {
    const auto excluded = excluded_for(step, record);
    const auto id = record.task.id;
    const Seat owner = record.task.owner;
    const auto escalated_to = record.escalated_to;
    if (is_excluded(step, excluded, owner))
        record.task.owner = owner_of(step, as_decided_now, excluded);
    if (escalated_to && is_excluded(step, excluded, *escalated_to)) record.escalated_to.reset();
    step.put(tables::tasks, id, record);
    if (record.escalated_to != escalated_to) stop_telling(step, *escalated_to, id);
    if (record.task.owner == owner) return;
    if (record.task.owner.agency != owner.agency) stop_telling(step, owner, id);
    if (record.task.owner.agency.empty())
        step.record(LogEvent::not_connected, record.task.sender, record.task.notification);
    tell(step, record.task.owner, id);
}

bool was_unasked(const TaskRecord& record) {
    return record.closed && record.task.kind == wire::TaskKind::held &&
           record.outcome == static_cast<std::uint8_t>(wire::TaskOutcome::done);
}

// Of a seat, not of one notification: what it severs after somebody has asked is asked about again.
bool may_come_again(const TaskRecord& record) {
    return was_unasked(record) || (record.closed && record.task.kind == wire::TaskKind::severed);
}

// One task for one cause, however often the plan is asked for.
void open(Step& step, wire::Task task, const Seat& about, KeptFrom kept_from,
          const AskedRecord* asked = nullptr, const ClaimKey& claim = {}) {
    const ItemKey item{task.sender, task.notification};
    const auto cause = cause_of(task, about, claim, asked == nullptr ? PersonId() : asked->person);
    if (const auto known = step.get(tables::task_causes, cause)) {
        // Its decider may be another than in the plan before: the sender has stated a conflict.
        auto record = step.get(tables::tasks, *known);
        if (record && !record->closed &&
            is_excluded(step, excluded_for(step, *record), record->task.owner))
            move_from_excluded(step, *record, task);
        // A question that no plan asked for a while is a new one when it is asked again.
        if (!record || !may_come_again(*record)) return;
    }
    TaskRecord record;
    if (const auto accepted = step.get(tables::notifications, item);
        accepted && accepted->has_content) {
        // A question is about two children as long as nobody knows that they are one.
        auto of_claim = std::move(kept_from.tokens);
        kept_from = {accepted->tokens, accepted->conflicts_stated};
        if (!claim.id.is_zero()) std::ranges::move(of_claim, std::back_inserter(kept_from.tokens));
    }
    record.claim = claim;
    record.tokens = std::move(kept_from.tokens);
    record.conflicts_stated = std::move(kept_from.conflicts_stated);
    task.owner = owner_of(step, task, excluded_for(step, record));
    if (task.id.is_zero()) task.id = step.new_id<TaskId>();
    record.task = task;
    record.opened_at = step.now.wall;
    record.about = about;
    if (asked) {
        record.asked_at = asked->at;
        record.asked_by = asked->person;
        record.asked_reason = asked->reason;
    }
    if (task.kind == wire::TaskKind::not_sent)
        count_one_more(step, tables::not_sent_open, item.sender);
    step.put(tables::tasks, task.id, record);
    step.put(tables::task_causes, cause, task.id);
    step.put(tables::due, {task.due, DueKind::task, key_of(task.id)}, {});
    const bool is_gap = task.kind == wire::TaskKind::not_connected || task.owner.agency.empty();
    step.record(is_gap ? LogEvent::not_connected : LogEvent::task_opened, task.sender,
                task.notification);
    tell(step, task.owner, task.id);
}

/// `named`: whom to tell; its agency is empty where no agency of the area has the role.
wire::Task draft(const ItemKey& item, const TypeId& type, wire::TaskKind kind, const Seat& named,
                 WallTime due) {
    wire::Task task;
    task.kind = kind;
    task.notification = item.id;
    task.sender = item.sender;
    task.type = type;
    task.agency = named.agency;
    task.role = named.role;
    task.due = due;
    return task;
}

// Whoever decided about it has no reason to hold it any more: nothing more goes there, and a
// backup that is put back does not get it again.
void stop_showing(Step& step, const TaskRecord& closed) {
    const ItemKey item{closed.task.sender, closed.task.notification};
    auto record = step.get(tables::notifications, item);
    if (!record || record->recalled || !record->has_content) return;
    const auto prefix = key_of(item, static_cast<std::uint8_t>(wire::TaskKind::held));
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        const auto other = step.get(tables::tasks, id);
        if (other && !other->closed && other->task.owner.agency == closed.task.owner.agency) return;
    }
    for (auto& seat : record->seats) {
        if (seat.route != area::decider_route || seat.seat.agency != closed.task.owner.agency)
            continue;
        for (auto& route : seat.inboxes) {
            if (route.state == RouteState::waiting) unqueue_route(step, item, *record, route);
            if (route.state != RouteState::excluded) route.state = RouteState::stopped;
        }
        cancel_hours_release(step, item, seat);
        seat.settled = true;
    }
    start_retention_if_settled(step, item, *record);
    step.put(tables::notifications, item, *record);
}

void close(Step& step, TaskRecord& record, wire::TaskOutcome outcome, const PersonId& person) {
    record.closed = true;
    record.outcome = static_cast<std::uint8_t>(outcome);
    record.person = person;
    record.answered_at = step.now.wall;
    step.put(tables::tasks, record.task.id, record);
    step.erase(tables::due, {record.task.due, DueKind::task, key_of(record.task.id)});
    if (record.task.kind == wire::TaskKind::not_sent)
        count_one_less(step, tables::not_sent_open, record.task.sender);
    step.put(tables::expiries,
             {step.now.wall + step.state.config.tombstone_retention, DueKind::closed_task,
              key_of(record.task.id)},
             {});
    stop_telling(step, record.task.owner, record.task.id);
    if (record.escalated_to && *record.escalated_to != record.task.owner)
        stop_telling(step, *record.escalated_to, record.task.id);
    step.record(LogEvent::task_closed, record.task.sender, record.task.notification);
    if (record.task.kind == wire::TaskKind::held) stop_showing(step, record);
}

bool may_answer(const TaskRecord& record, const wire::PersonCertificate& person) {
    const auto holds = [&](const Seat& seat) {
        return seat.agency == person.agency &&
               std::ranges::find(person.roles, seat.role) != person.roles.end();
    };
    return holds(record.task.owner) || (record.escalated_to && holds(*record.escalated_to));
}

// Only a signature that the rules count (area::facts_for): the rule's decider, or the other half of
// the front door's day. verify() has seen that the person holds the decider's role.
bool may_decide(const Step& step, const Seat& owner, const Seat& decider) {
    if (decider == owner) return true;
    return is_desk(step, owner.role) && is_desk(step, decider.role) &&
           step.registry()->find_seat(decider);
}

bool is_release(const wire::Authorisation& given) {
    return given.allow && (given.rule == area::release_first || given.rule == area::release_second);
}

// And nobody else did: the same person twice is one.
bool has_given_the_first(Step& step, const ItemKey& item, const wire::Authorisation& second) {
    if (second.rule != area::release_second) return false;
    std::vector<wire::Authorisation> all;
    bool is_own = false;
    for (const auto& one : authorisations_for(step, item, {})) {
        auto body = wire::decode_body<wire::Authorisation>(one.body);
        if (!body) continue;
        is_own = is_own || (body->rule == area::release_first && body->person == second.person &&
                            body->decider.agency == second.decider.agency);
        all.push_back(std::move(*body));
    }
    return is_own && area::seats_that_count(second, all) != second.seats;
}

bool is_outcome_of(wire::TaskKind kind, wire::TaskOutcome outcome) {
    switch (kind) {
        case wire::TaskKind::held:
            return false;  // answered by an Authorisation, which the sender's plan needs
        case wire::TaskKind::not_connected:
            return outcome == wire::TaskOutcome::told_by_other_means;
        case wire::TaskKind::pass_on:
            return outcome == wire::TaskOutcome::told_by_other_means ||
                   outcome == wire::TaskOutcome::refused || outcome == wire::TaskOutcome::done;
        case wire::TaskKind::both_conflicted:
        case wire::TaskKind::not_sent:
            return outcome == wire::TaskOutcome::told_by_other_means ||
                   outcome == wire::TaskOutcome::done;
        case wire::TaskKind::review:
        case wire::TaskKind::lapsed:
        case wire::TaskKind::severed:
        case wire::TaskKind::unknown_person: return outcome == wire::TaskOutcome::done;
        case wire::TaskKind::possible_match:
            return false;  // answered by an IdentityAnswer, which plans rest on
    }
    return false;
}

}  // namespace

TaskCause cause_of(const wire::Task& task, const Seat& about, const ClaimKey& claim,
                   const PersonId& person) {
    // Of one seat there may be several records of children, of one agency several people.
    auto apart = task.rule;
    if (!claim.id.is_zero()) apart = to_text(claim.id);
    if (task.kind == wire::TaskKind::unknown_person) apart = person.value();
    return {{task.sender, task.notification}, task.kind, about, task.role, std::move(apart)};
}

void open_held(Step& step, const ItemKey& item, const TypeId& type, const wire::HeldRecipient& held,
               KeptFrom kept_from) {
    // Its sender has taken that copy back before there was one: nothing is left to decide.
    const auto* entry = step.registry()->find_seat(held.seat);
    if (entry && tables::recalls_of_copies.contains(step.tx, {item, entry->inbox})) return;
    auto task = draft(item, type, wire::TaskKind::held, held.seat, held.decide_by);
    task.owner = held.decider;
    task.rule = held.rule;
    open(step, std::move(task), held.seat, std::move(kept_from));
}

void close_unasked(Step& step, const ItemKey& item, const wire::Decision& decision) {
    if (decision.floor) return;  // it asks nobody, and answers nothing
    const auto prefix = key_of(item, static_cast<std::uint8_t>(wire::TaskKind::held));
    const auto is_asked = [&](const Seat& about, const std::string& rule) {
        return std::ranges::any_of(decision.held, [&](const wire::HeldRecipient& held) {
            return held.seat == about && held.rule == rule;
        });
    };
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        auto record = step.get(tables::tasks, id);
        if (is_asked(cause.about, cause.rule) || !record || record->closed) continue;
        close(step, *record, wire::TaskOutcome::done, {});
    }
}

void say_closed_again(Step& step, const ItemKey& item, const AgencyId& agency) {
    const auto prefix = key_of(item, static_cast<std::uint8_t>(wire::TaskKind::held));
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        const auto record = step.get(tables::tasks, id);
        if (record && record->closed && record->task.owner.agency == agency)
            add_notice(step, {agency, NoticeKind::task_closed, key_of(id)});
    }
}

bool has_open_question(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item, static_cast<std::uint8_t>(wire::TaskKind::held));
    return std::ranges::any_of(tables::task_causes.collect(step.tx, {.prefix = prefix}),
                               [&](const auto& cause) {
                                   const auto record = step.get(tables::tasks, cause.second);
                                   return record && !record->closed;
                               });
}

void open_not_connected(Step& step, const ItemKey& item, const TypeId& type, const Seat& named,
                        const Seat& about, WallTime due, KeptFrom kept_from) {
    open(step, draft(item, type, wire::TaskKind::not_connected, named, due), about,
         std::move(kept_from));
}

void open_severed(Step& step, const wire::InvolvementClaim& claim) {
    const Bytes of_seat = key_of(claim.seat, claim.relation);
    const Digest digest = crypto::labelled_hash("mash.v1.broker-severed", {of_seat});
    std::array<std::uint8_t, 16> id{};
    std::copy_n(digest.begin(), id.size(), id.begin());
    AskedRecord when;
    when.at = step.now.wall;
    open(step,
         draft({claim.agency, NotificationId(id)}, severed_type, wire::TaskKind::severed,
               claim.seat, step.policy()->take_by(wire::Urgency::u2, step.now.wall)),
         claim.seat, {area::strong_tokens(claim.tokens), {}}, &when);
}

void open_lapsed(Step& step, const RoleId& to, const LapseRecord& lapse) {
    constexpr std::int64_t day_ms = 24 * 60 * 60 * 1000;
    const Bytes of_day = key_of(lapse.seat, lapse.relation,
                                static_cast<std::uint64_t>(lapse.ended_at.unix_ms() / day_ms));
    const Digest digest = crypto::labelled_hash("mash.v1.broker-lapse", {of_day});
    std::array<std::uint8_t, 16> id{};
    std::copy_n(digest.begin(), id.size(), id.begin());
    auto task = draft({lapse.seat.agency, NotificationId(id)}, lapse_type, wire::TaskKind::lapsed,
                      lapse.seat, step.policy()->calendar().end_of_working_day(step.now.wall, 1));
    task.owner.role = to;
    AskedRecord when;
    when.at = lapse.ended_at;
    open(step, std::move(task), lapse.seat, {lapse.tokens, {}}, &when);
}

void open_ring_again(Step& step, const TaskRecord& told, const ItemKey& item, const TypeId& type,
                     std::string_view rule, WallTime due) {
    // Nothing is left to decide of what was passed on; behind a conflict it is not the seat's own
    // number that is rung.
    const auto kind = told.task.kind == wire::TaskKind::both_conflicted
                          ? told.task.kind
                          : wire::TaskKind::not_connected;
    auto task = draft(item, type, kind, {told.task.agency, told.task.role}, due);
    task.rule = rule;
    open(step, std::move(task), told.about, {told.tokens, told.conflicts_stated});
}

void close_ring_again(Step& step, const TaskId& id) {
    auto record = step.get(tables::tasks, id);
    if (record && !record->closed) close(step, *record, wire::TaskOutcome::done, {});
}

void close_gaps_not_rung(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item, static_cast<std::uint8_t>(wire::TaskKind::not_connected));
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        auto record = step.get(tables::tasks, id);
        if (record && !record->closed && record->about.agency.empty() &&
            record->task.agency.empty() && !wire::is_rung_again(cause.rule))
            close(step, *record, wire::TaskOutcome::done, {});
    }
}

void close_gaps(Step& step, const ItemKey& item, const wire::Decision& decision) {
    const auto prefix = key_of(item, static_cast<std::uint8_t>(wire::TaskKind::not_connected));
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        const bool is_gap =
            cause.about.agency.empty() &&
            std::ranges::find(decision.not_connected, cause.role, &wire::NotConnected::role) !=
                decision.not_connected.end();
        const bool is_told = std::ranges::any_of(
            decision.recipients, [&](const auto& one) { return one.seat.role == cause.role; });
        if (!cause.about.agency.empty() || is_gap || !is_told || wire::is_rung_again(cause.rule))
            continue;
        auto record = step.get(tables::tasks, id);
        if (record && !record->closed && record->task.agency.empty())
            close(step, *record, wire::TaskOutcome::done, {});
    }
}

bool is_connected(Step& step, const Seat& seat) {
    return step.registry()->find_seat(seat) &&
           step.registry()->find_active_agency(seat.agency, step.now.wall);
}

void open_gap(Step& step, const ItemKey& item, const TypeId& type, const wire::NotConnected& gap,
              const std::vector<Seat>& addressed_to, const KeptFrom& kept_from) {
    bool is_named = false;
    for (const auto& seat : addressed_to) {
        if (seat.role != gap.role || is_connected(step, seat)) continue;
        is_named = true;
        open_not_connected(step, item, type, seat, seat, gap.tell_by, kept_from);
    }
    if (!is_named) open_not_connected(step, item, type, {{}, gap.role}, {}, gap.tell_by, kept_from);
}

void open_pass_on(Step& step, const ItemKey& item, const TypeId& type, const Seat& about,
                  WallTime due) {
    open(step, draft(item, type, wire::TaskKind::pass_on, about, due), about, {});
}

void open_both_conflicted(Step& step, const ItemKey& item, const NotificationRecord& record,
                          const SeatRecord& seat) {
    open(step, draft(item, record.type, wire::TaskKind::both_conflicted, seat.seat, seat.take_by),
         seat.seat, {record.tokens, record.conflicts_stated});
}

void open_possible_match(Step& step, const ItemKey& item, const TypeId& type, const TaskId& id,
                         const ClaimRecord& claim, const ClaimKey& key, WallTime due) {
    auto task = draft(item, type, wire::TaskKind::possible_match, claim.claim.seat, due);
    task.id = id;
    open(step, std::move(task), claim.claim.seat, {claim.claim.tokens, {}}, nullptr, key);
}

void close_pass_on(Step& step, const ItemKey& item, const Seat& about) {
    const auto prefix = key_of(item, static_cast<std::uint8_t>(wire::TaskKind::pass_on));
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        auto record = step.get(tables::tasks, id);
        if (cause.about == about && record && !record->closed)
            close(step, *record, wire::TaskOutcome::done, {});
    }
}

void close_possible_match(Step& step, const TaskId& id, const PersonId& person) {
    auto record = step.get(tables::tasks, id);
    if (record && !record->closed) close(step, *record, wire::TaskOutcome::done, person);
}

bool is_open(Step& step, const TaskId& id) {
    const auto record = step.get(tables::tasks, id);
    return record && !record->closed;
}

bool may_speak_for_desk(Step& step, const Seat& seat, const PersonId& person,
                        const std::vector<wire::Token>& tokens) {
    wire::Authorisation as_decider;
    as_decider.decider = seat;
    as_decider.person = person;
    return is_desk(step, seat.role) && step.registry()->find_seat(seat) &&
           !is_excluded(step, excluded_inboxes(step, tokens), seat) &&
           !may_not_decide(step, tokens, as_decider);
}

void open_not_sent(Step& step, const AskedRecord& asked, KeptFrom kept_from) {
    if (count_of(step, tables::not_sent_open, asked.item.sender) >= limits::not_sent_tasks_max)
        return;
    const Seat asker{asked.item.sender, asked.role};
    open(step,
         draft(asked.item, asked.type, wire::TaskKind::not_sent, asker,
               step.now.wall + not_sent_time),
         {}, std::move(kept_from), &asked);
}

void open_review(Step& step, const ItemKey& item, const TypeId& type, const RoleId& sender_role) {
    const Seat sender{item.sender, sender_role};
    auto task = draft(item, type, wire::TaskKind::review, sender,
                      step.policy()->calendar().end_of_working_day(step.now.wall, 1));
    task.rule = area::review_rule;
    open(step, std::move(task), sender, {});
}

void open_unknown_person(Step& step, const ConflictKey& conflict, const wire::ExcludedPerson& named,
                         KeptFrom kept_from) {
    const Seat of{named.agency, {}};
    AskedRecord whom;
    whom.person = named.person;
    open(step,
         draft(item_of(conflict), conflict_type, wire::TaskKind::unknown_person, of,
               step.now.wall + unknown_person_time),
         of, std::move(kept_from), &whom);
}

void close_unknown_person(Step& step, const ConflictKey& conflict,
                          const wire::ExcludedPerson& named) {
    const Seat of{named.agency, {}};
    const TaskCause cause{item_of(conflict), wire::TaskKind::unknown_person, of, of.role,
                          named.person.value()};
    const auto id = step.get(tables::task_causes, cause);
    auto record = id ? step.get(tables::tasks, *id) : std::nullopt;
    if (record && !record->closed) close(step, *record, wire::TaskOutcome::done, {});
}

void close_not_sent(Step& step, const ItemKey& item, const std::vector<wire::Token>& tokens) {
    const auto prefix = key_of(item, static_cast<std::uint8_t>(wire::TaskKind::not_sent));
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        auto record = step.get(tables::tasks, id);
        if (!record || record->closed) continue;
        // Another child's question under the same id is still unanswered.
        const bool is_of_this =
            record->tokens.empty() || std::ranges::any_of(record->tokens, [&](const auto& token) {
                return std::ranges::binary_search(tokens, token);
            });
        if (is_of_this) close(step, *record, wire::TaskOutcome::done, {});
    }
}

void close_passed_on(Step& step, const TypeId& type, const std::vector<Seat>& reached,
                     const std::vector<wire::Token>& tokens) {
    std::map<Seat, std::vector<TaskRecord>> open;
    for (const auto& row : tables::due.collect_keys(step.tx, {})) {
        if (row.kind != DueKind::task) continue;
        Reader in(row.subject);
        auto record = step.get(tables::tasks, in.id<TaskId>());
        if (!record || record->closed || record->task.kind != wire::TaskKind::pass_on ||
            record->task.type != type || std::ranges::find(reached, record->about) == reached.end())
            continue;
        const bool is_about = std::ranges::any_of(record->tokens, [&](const auto& token) {
            return std::ranges::binary_search(tokens, token);
        });
        if (is_about) open[record->about].push_back(std::move(*record));
    }
    for (auto& [seat, of_seat] : open) {
        // Of two nobody can tell whose words these were: a person says so.
        if (of_seat.size() == 1) close(step, of_seat.front(), wire::TaskOutcome::done, {});
    }
}

void take_from_excluded(Step& step, const wire::ConflictBody& conflict) {
    std::vector<TaskId> open;
    for (const auto& row : tables::due.collect_keys(step.tx, {})) {
        if (row.kind != DueKind::task) continue;
        Reader in(row.subject);
        open.push_back(in.id<TaskId>());
    }
    for (const auto& id : open) {
        auto record = step.get(tables::tasks, id);
        if (!record || record->closed) continue;
        const bool is_about = std::ranges::any_of(conflict.tokens, [&](const auto& token) {
            return std::ranges::find(record->tokens, token) != record->tokens.end();
        });
        if (!is_about) continue;
        move_from_excluded(step, *record, record->task);
    }
}

void take_from_stated(Step& step, const ItemKey& item, const std::vector<Seat>& conflicts_stated) {
    if (conflicts_stated.empty()) return;
    const auto prefix = key_of(item);
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        auto record = step.get(tables::tasks, id);
        if (!record || record->closed || record->conflicts_stated == conflicts_stated) continue;
        auto& kept_from = record->conflicts_stated;
        kept_from.insert(kept_from.end(), conflicts_stated.begin(), conflicts_stated.end());
        std::ranges::sort(kept_from);
        kept_from.erase(std::ranges::unique(kept_from).begin(), kept_from.end());
        move_from_excluded(step, *record, record->task);
    }
}

namespace {

/// Its item was taken back, a plan asked it no more, or a colleague answered it otherwise while
/// somebody rang or while their word was on its way: whoever was told was told all the same.
void note_told_late(Step& step, TaskRecord& record, const wire::TaskAnswer& answer) {
    if (answer.outcome != wire::TaskOutcome::told_by_other_means ||
        record.outcome == static_cast<std::uint8_t>(answer.outcome) ||
        !is_outcome_of(record.task.kind, answer.outcome))
        return;
    record.outcome = static_cast<std::uint8_t>(answer.outcome);
    record.person = answer.person;
    record.answered_at = step.now.wall;
    step.put(tables::tasks, record.task.id, record);
    ring_again_if_outdated(step, record, false, std::min(answer.at, step.now.wall));
}

}  // namespace

void on_task_answer(Step& step, const FrameIn& in, const wire::TaskAnswer& answer) {
    auto record = step.get(tables::tasks, answer.task);
    // One answer for a task that is not there and one that is somebody else's: nobody learns of
    // other people's tasks.
    if (!record || !may_answer(*record, in.frame.person_certificate()))
        return step.refuse(in, ErrorCode::not_found, "task");
    if (record->closed) {
        note_told_late(step, *record, answer);
        step.send(in.session, 0, wire::TaskClosed{answer.task});
        return step.answer(in, wire::Done{});
    }
    if (!is_outcome_of(record->task.kind, answer.outcome))
        return step.refuse(in, ErrorCode::bad_value, "outcome", record->task.notification);
    close(step, *record, answer.outcome, answer.person);
    ring_again_if_outdated(step, *record, true, std::min(answer.at, step.now.wall));
    // An inbox that has not confirmed is not settled by a word on the telephone.
    if (wire::is_rung_again(record->task.rule)) return step.answer(in, wire::Done{});
    if (record->task.kind == wire::TaskKind::not_connected ||
        record->task.kind == wire::TaskKind::both_conflicted) {
        settle_seat(step, {record->task.sender, record->task.notification}, record->about);
    }
    step.answer(in, wire::Done{});
}

void on_authorisation(Step& step, const FrameIn& in, const wire::AuthorisationFrame& frame) {
    const auto& authorisation = in.frame.authorisation();
    const ItemKey item{authorisation.sender, authorisation.notification};
    const AuthorisationKey key{item, authorisation.id};
    if (const auto held = step.get(tables::authorisations, key)) {
        if (held->authorisation == frame.authorisation) return step.answer(in, wire::Done{});
        return step.refuse(in, ErrorCode::already_exists, "authorisation", item.id);
    }
    // Only an answer to a question that was asked: the held task of this notification, rule and
    // decider.
    std::vector<TaskRecord> answered;
    for (const auto& seat : authorisation.seats) {
        const TaskCause cause{item, wire::TaskKind::held, seat, seat.role, authorisation.rule};
        const auto id = step.get(tables::task_causes, cause);
        auto task = id ? step.get(tables::tasks, *id) : std::nullopt;
        if (!task || !may_decide(step, task->task.owner, authorisation.decider)) {
            return step.refuse(in, ErrorCode::not_found, "task");
        }
        answered.push_back(std::move(*task));
    }
    if (answered.empty()) return step.refuse(in, ErrorCode::missing_field, "seats", item.id);
    // The question stays open, for somebody else.
    if (is_release(authorisation) &&
        (may_not_decide(step, answered.front().tokens, authorisation) ||
         has_given_the_first(step, item, authorisation)))
        return step.refuse(in, ErrorCode::not_entitled, "another_person", item.id);
    const auto prefix = key_of(item);
    const auto known = tables::authorisations
                           .collect_keys(step.tx, {.prefix = prefix, .limit = authorisations_max})
                           .size();
    if (known >= authorisations_max)
        return step.refuse(in, ErrorCode::too_many, "authorisations", item.id);

    step.put(tables::authorisations, key, {frame.authorisation});
    for (auto& task : answered) {
        if (!task.closed)
            close(step, task,
                  authorisation.allow ? wire::TaskOutcome::authorised : wire::TaskOutcome::refused,
                  authorisation.person);
    }
    add_notice(step, {item.sender, NoticeKind::authorisation, key_of(key)});
    step.answer(in, wire::Done{});
}

void close_tasks_of(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item);
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        auto record = step.get(tables::tasks, id);
        const bool goes_on =
            cause.kind == wire::TaskKind::not_sent || cause.rule == wire::rung_again_recalled;
        if (record && !record->closed && !goes_on)
            close(step, *record, wire::TaskOutcome::done, {});
    }
}

void close_tasks_about(Step& step, const ItemKey& item, const std::vector<Seat>& seats) {
    const auto prefix = key_of(item);
    for (const auto& [cause, id] : tables::task_causes.collect(step.tx, {.prefix = prefix})) {
        if (!std::ranges::binary_search(seats, cause.about) || wire::is_rung_again(cause.rule))
            continue;
        auto record = step.get(tables::tasks, id);
        if (record && !record->closed) close(step, *record, wire::TaskOutcome::done, {});
    }
}

void escalate_task(Step& step, const TaskId& id) {
    auto record = step.get(tables::tasks, id);
    if (!record || record->closed) return;
    record->overdue = true;
    const auto duty = duty_seat(step, excluded_for(step, *record));
    const bool is_other =
        !duty.agency.empty() && duty != record->task.owner && duty != record->about;
    const bool is_held = record->task.kind == wire::TaskKind::held;
    const bool is_elsewhere = is_other && duty.agency != record->task.owner.agency;
    if (is_elsewhere && !is_held) record->escalated_to = duty;
    // Within one agency it goes to the half of the day that is at work.
    if (is_other && !is_elsewhere && !is_held) record->task.owner = duty;
    step.put(tables::tasks, id, *record);
    // Louder every hour until somebody answers.
    step.put(tables::due, {step.now.wall + std::chrono::hours(1), DueKind::task, key_of(id)}, {});
    step.record(LogEvent::task_overdue, record->task.sender, record->task.notification);
    tell(step, record->task.owner, id);
    if (record->escalated_to) tell(step, *record->escalated_to, id);
    if (is_elsewhere && is_held) {
        // Nobody else's signature would count in a plan: the duty desk rings the decider.
        open_not_connected(step, {record->task.sender, record->task.notification},
                           record->task.type, record->task.owner, {},
                           step.now.wall + std::chrono::hours(1),
                           {record->tokens, record->conflicts_stated});
    }
}

std::vector<wire::SignedAuthorisation> authorisations_for(
    Step& step, const ItemKey& item, const std::vector<wire::SignedAuthorisation>& brought) {
    std::vector<wire::SignedAuthorisation> all = brought;
    const auto prefix = key_of(item);
    for (auto& [key, record] :
         tables::authorisations.collect(step.tx, {.prefix = prefix, .limit = authorisations_max})) {
        if (std::ranges::find(all, record.authorisation) == all.end())
            all.push_back(std::move(record.authorisation));
    }
    return all;
}

void authorisations_seen(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item);
    for (const auto& key : tables::authorisations.collect_keys(
             step.tx, {.prefix = prefix, .limit = authorisations_max})) {
        const NoticeKey notice{item.sender, NoticeKind::authorisation, key_of(key)};
        if (tables::notices.contains(step.tx, notice)) step.erase(tables::notices, notice);
    }
}

}  // namespace mash::broker
