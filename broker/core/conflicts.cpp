#include "broker/core/conflicts.hpp"

#include <algorithm>

#include "broker/core/delivery.hpp"
#include "broker/core/release.hpp"
#include "broker/core/tasks.hpp"

namespace mash::broker {
namespace {

constexpr std::size_t conflicts_per_token_max = 64;

// Those who keep such records: the front door, and the designated officer for allegations against
// professionals.
bool may_declare(Step& step, const AgencyId& agency) {
    const auto* entry = step.registry()->find_active_agency(agency, step.now.wall);
    if (!entry || !step.policy()) return false;
    const auto front_door = step.policy()->front_door_role();
    return std::ranges::any_of(entry->seats, [&](const area::SeatEntry& seat) {
        return seat.role == front_door || seat.role == RoleId("lado");
    });
}

// Inboxes that this person opens, as the agencies of their host last said: one person may have an
// account at several of them, and whoever stands behind a member is listed with them.
std::set<InboxId> opened_by(Step& step, const wire::ExcludedPerson& named) {
    std::set<InboxId> inboxes;
    const auto* entry = step.registry()->find_agency(named.agency);
    if (!entry) return inboxes;
    for (const auto& agency : agencies_of(*step.registry(), entry->host)) {
        const auto* of = step.registry()->find_agency(agency);
        std::set<InboxId> own(of->alternate_inboxes.begin(), of->alternate_inboxes.end());
        for (const auto& seat : of->seats) {
            own.insert(seat.inbox);
            if (seat.alternate) own.insert(*seat.alternate);
        }
        for (const auto& inbox : own) {
            const auto key = step.get(tables::inbox_keys, inbox);
            if (key && std::ranges::find(key->members, named.person) != key->members.end())
                inboxes.insert(inbox);
        }
    }
    return inboxes;
}

// Every inbox that the conflict closes: those it names, and those that somebody it names opens. A
// colleague in such an inbox reads it in the alternate's, or not at all: one key opens all that is
// sealed to an inbox, so nobody in it can be left out of one item.
std::set<InboxId> inboxes_of(Step& step, const wire::ConflictBody& conflict) {
    std::set<InboxId> inboxes(conflict.excluded.begin(), conflict.excluded.end());
    for (const auto& named : conflict.people) inboxes.merge(opened_by(step, named));
    return inboxes;
}

// It stands all the same: they may be given an inbox later. Of its own people the declarer's agent
// knows.
void look_at_names(Step& step, const ConflictKey& key, const wire::ConflictBody& conflict) {
    for (const auto& named : conflict.people) {
        if (named.agency == conflict.declared_by || !opened_by(step, named).empty()) continue;
        open_unknown_person(step, key, named, {conflict.tokens, {}});
    }
}

bool is_about(const NotificationRecord& record, const wire::ConflictBody& conflict) {
    return record.has_content && !record.recalled &&
           std::ranges::any_of(conflict.tokens, [&](const wire::Token& token) {
               return std::ranges::binary_search(record.tokens, token);
           });
}

std::vector<ItemKey> held_in(Step& step, const InboxId& inbox) {
    const auto prefix = key_of(inbox);
    std::vector<ItemKey> held;
    for (auto& row : tables::held.collect_keys(step.tx, {.prefix = prefix}))
        held.push_back(std::move(row.item));
    return held;
}

// Items on their way to an inbox that is excluded from now on take the other way. What has arrived
// there and waits for somebody takes it as well.
void reroute(Step& step, const wire::ConflictBody& conflict) {
    for (const auto& inbox : inboxes_of(step, conflict)) {
        for (const auto& item : held_in(step, inbox)) {
            auto record = step.get(tables::notifications, item);
            if (!record || !is_about(*record, conflict)) continue;
            const bool rerouted = apply_conflicts(step, item, *record);
            const bool released = release_untaken(step, item, *record);
            if (rerouted || released) step.put(tables::notifications, item, *record);
        }
    }
}

// Whoever joins an inbox can open what it has. Nothing calls that back; somebody rings.
void say_what_is_there(Step& step, const InboxId& inbox, const wire::ConflictBody& conflict) {
    for (const auto& item : held_in(step, inbox)) {
        const auto record = step.get(tables::notifications, item);
        if (!record || !is_about(*record, conflict)) continue;
        for (const auto& seat : record->seats) {
            const bool is_there = std::ranges::any_of(seat.inboxes, [&](const InboxRoute& route) {
                return route.inbox == inbox && route.state == RouteState::stored;
            });
            if (is_there) open_both_conflicted(step, item, *record, seat);
        }
    }
}

std::vector<ConflictRecord> conflicts_about(Step& step, const std::vector<wire::Token>& tokens) {
    std::vector<ConflictRecord> found;
    std::set<ConflictKey> seen;
    for (const auto& token : tokens) {
        const auto prefix = key_of(token);
        for (const auto& row : tables::conflicts_by_token.collect_keys(
                 step.tx, {.prefix = prefix, .limit = conflicts_per_token_max})) {
            if (!seen.insert(row.conflict).second) continue;
            auto record = step.get(tables::conflicts, row.conflict);
            if (record) found.push_back(std::move(*record));
        }
    }
    return found;
}

}  // namespace

void on_declare_conflict(Step& step, const FrameIn& in) {
    const auto& frame = std::get<wire::DeclareConflict>(in.frame.frame().body);
    const auto& conflict = in.frame.conflict();
    if (!may_declare(step, conflict.declared_by))
        return step.refuse(in, ErrorCode::not_entitled, "conflict");
    if (conflict.tokens.empty() || (conflict.excluded.empty() && conflict.people.empty()))
        return step.refuse(in, ErrorCode::missing_field, "conflict");
    // It counts from its arrival on: a declarer's clock that is a little ahead must not leave what
    // waits for the excluded where it is. Nobody can declare one for later.
    if (conflict.starts > step.now.wall + limits::clock_skew_max)
        return step.refuse(in, ErrorCode::clock_skew, "starts");
    const ConflictKey key{conflict.declared_by, conflict.id};
    const auto held = step.get(tables::conflicts, key);
    if (held) {
        if (held->body == frame.body) return step.answer(in, wire::Done{});
        if (conflict.serial <= held->conflict.serial || held->ended_at.is_set()) {
            return step.refuse(in, ErrorCode::version_went_back, "serial");
        }
        for (const auto& token : held->conflict.tokens)
            step.erase(tables::conflicts_by_token, {token, key});
    }
    for (const auto& token : conflict.tokens) {
        const auto prefix = key_of(token);
        const auto count =
            tables::conflicts_by_token
                .collect_keys(step.tx, {.prefix = prefix, .limit = conflicts_per_token_max})
                .size();
        if (count >= conflicts_per_token_max)
            return step.refuse(in, ErrorCode::too_many, "conflict");
    }
    ConflictRecord record;
    record.conflict = conflict;
    record.body = frame.body;
    record.signature = frame.signature;
    record.records = frame.records;
    step.put(tables::conflicts, key, record);
    for (const auto& token : conflict.tokens)
        step.put(tables::conflicts_by_token, {token, key}, {});
    step.record(LogEvent::conflict_recorded, conflict.declared_by);
    reroute(step, conflict);
    take_from_excluded(step, conflict);
    look_at_names(step, key, conflict);
    step.answer(in, wire::Done{});
}

void on_end_conflict(Step& step, const FrameIn& in, const wire::EndConflict& end) {
    const ConflictKey key{end.ended_by, end.id};
    auto record = step.get(tables::conflicts, key);
    if (!record) return step.refuse(in, ErrorCode::not_found, "conflict");
    if (!record->ended_at.is_set()) {
        for (const auto& token : record->conflict.tokens)
            step.erase(tables::conflicts_by_token, {token, key});
        record->ended_at = step.now.wall;
        step.put(tables::conflicts, key, *record);
        for (const auto& named : record->conflict.people) close_unknown_person(step, key, named);
        step.record(LogEvent::conflict_recorded, end.ended_by);
    }
    step.answer(in, wire::Done{});
}

std::set<InboxId> excluded_inboxes(Step& step, const std::vector<wire::Token>& tokens) {
    std::set<InboxId> excluded;
    for (const auto& record : conflicts_about(step, tokens))
        excluded.merge(inboxes_of(step, record.conflict));
    return excluded;
}

bool may_not_decide(Step& step, const std::vector<wire::Token>& tokens,
                    const wire::Authorisation& given) {
    const auto* seat = step.registry()->find_seat(given.decider);
    return std::ranges::any_of(conflicts_about(step, tokens), [&](const ConflictRecord& record) {
        const auto& conflict = record.conflict;
        const bool is_named =
            std::ranges::any_of(conflict.people, [&](const wire::ExcludedPerson& one) {
                return one.agency == given.decider.agency && one.person == given.person;
            });
        // Also by a second account of theirs, or one whom they added: whoever opens the inbox of
        // somebody it names answers for nobody here.
        return is_named || (seat && inboxes_of(step, conflict).contains(seat->inbox));
    });
}

void take_from_new_members(Step& step, const AgencyId& agency, const InboxId& inbox,
                           const std::vector<PersonId>& before,
                           const std::vector<PersonId>& members) {
    const auto* here = step.registry()->find_agency(agency);
    const auto is_new = [&](const wire::ExcludedPerson& one) {
        const auto* of = step.registry()->find_agency(one.agency);
        return of && here && of->host == here->host &&
               std::ranges::find(members, one.person) != members.end() &&
               std::ranges::find(before, one.person) == before.end();
    };
    if (members == before) return;
    for (const auto& [key, record] : tables::conflicts.collect(step.tx, {})) {
        const auto& conflict = record.conflict;
        if (record.ended_at.is_set() || std::ranges::none_of(conflict.people, is_new)) continue;
        for (const auto& named : conflict.people)
            if (is_new(named)) close_unknown_person(step, key, named);
        say_what_is_there(step, inbox, conflict);
        reroute(step, conflict);
        take_from_excluded(step, conflict);
    }
}

}  // namespace mash::broker
