// From the rows that a commit wrote to the lists that pages show; and of those, what one person may
// know of. Whoever may not know of an item does not even learn that something happened.
#include "agents/runtime/core/changes.hpp"

#include <algorithm>
#include <array>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/attached.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/one_event.hpp"
#include "agents/runtime/core/voucher.hpp"

namespace mash::runtime {
namespace {

template <class... Parts>
std::optional<Change> change(Listed list, const Reader& in, const Parts&... parts) {
    if (!in.ok()) return std::nullopt;
    return Change{list, store::key_bytes(parts...)};
}

std::optional<Change> of_inbox(ByteView key) {
    Reader in(key);
    const auto inbox = in.id<InboxId>();
    return change(Listed::received, in, inbox);
}

std::optional<Change> of_sent(ByteView key) {
    Reader in(key);
    const auto id = in.id<NotificationId>();
    return change(Listed::sent, in, id);
}

/// Of an alarm about something that was sent: (kind, notification).
std::optional<Change> of_alarm(ByteView key) {
    Reader in(key);
    (void)in.u8();
    const auto id = in.id<NotificationId>();
    if (id.is_zero()) return std::nullopt;
    return change(Listed::sent, in, id);
}

/// The mark is gone once it is answered: whom it asked stands in the record alone.
std::optional<Change> of_held(ByteView key, ByteView record) {
    Reader in(key);
    const auto id = in.id<NotificationId>();
    Reader stored(record);
    (void)stored.u8();  // version
    HeldMark mark;
    read(stored, mark);
    if (!in.ok()) return std::nullopt;
    return change(Listed::held, stored, id, mark.decider);
}

std::optional<Change> of_roll(ByteView key) {
    Reader in(key);
    Seat seat;
    store::read(in, seat);
    return change(Listed::rolls, in, seat);
}

std::optional<Listed> list_named(std::string_view name) {
    for (const auto list :
         {Listed::received, Listed::sent, Listed::tasks, Listed::held, Listed::rolls})
        if (name_of(list) == name) return list;
    return std::nullopt;
}

/// What this person is told: names of lists, and of received the inboxes.
struct Known {
    std::set<std::string_view> lists;
    std::set<InboxId> inboxes;
};

void note_sent(Step& step, const Caller& caller, const NotificationId& id, Known& known) {
    if (known.lists.contains(name_of(Listed::sent))) return;
    const auto item = table::outbox.get(step.tx, id);
    if (item && !went_to_nobody(*item) && may_see_sent(step, caller, id, *item))
        known.lists.insert(name_of(Listed::sent));
}

void note_task(Step& step, const Caller& caller, const TaskId& id, Known& known) {
    const auto row = table::tasks.get(step.tx, id);
    if (!row || !may_clear(step, caller, row->task)) return;
    known.lists.insert(name_of(Listed::tasks));
    if (row->task.kind == wire::TaskKind::held) known.lists.insert(name_of(Listed::held));
}

void note_held(Step& step, const Caller& caller, const NotificationId& id, const Seat& decider,
               Known& known) {
    const auto item = table::outbox.get(step.tx, id);
    if (item && may_act_for(step, caller, decider) && may_read_held(step, caller, id, *item))
        known.lists.insert(name_of(Listed::held));
}

/// False: it is not a key of that list.
bool note_change(Step& step, const Caller& caller, Listed list, ByteView key, Known& known) {
    Reader in(key);
    switch (list) {
        case Listed::received: {
            const auto inbox = in.id<InboxId>();
            if (!in.finished()) return false;
            if (!is_member(step, caller, inbox)) return true;
            known.lists.insert(name_of(list));
            known.inboxes.insert(inbox);
            return true;
        }
        case Listed::sent: {
            const auto id = in.id<NotificationId>();
            if (!in.finished()) return false;
            note_sent(step, caller, id, known);
            return true;
        }
        case Listed::tasks: {
            const auto id = in.id<TaskId>();
            if (!in.finished()) return false;
            note_task(step, caller, id, known);
            return true;
        }
        case Listed::held: {
            const auto id = in.id<NotificationId>();
            Seat decider;
            store::read(in, decider);
            if (!in.finished()) return false;
            note_held(step, caller, id, decider, known);
            return true;
        }
        case Listed::rolls: {
            Seat seat;
            store::read(in, seat);
            if (!in.finished()) return false;
            if (caller.row.agency == seat.agency) known.lists.insert(name_of(list));
            return true;
        }
    }
    return false;
}

}  // namespace

std::string_view name_of(Listed list) {
    switch (list) {
        case Listed::received: return "received";
        case Listed::sent: return "sent";
        case Listed::tasks: return "tasks";
        case Listed::held: return "held";
        case Listed::rolls: return "rolls";
    }
    return "";
}

std::optional<Change> change_of(store::Space space, ByteView key, ByteView record) {
    const std::array of_inboxes{table::inbox.space(),       table::inbox_replaced.space(),
                                table::inbox_stops.space(), one_event_space,
                                attached_items_space,       sealed::case_number,
                                sealed::outcome_words};
    const std::array of_what_was_sent{table::outbox.space(), table::rungs.space(),
                                      table::withdrawals.space(), table::copy_recalls.space()};
    if (std::ranges::find(of_inboxes, space) != of_inboxes.end()) return of_inbox(key);
    if (std::ranges::find(of_what_was_sent, space) != of_what_was_sent.end()) return of_sent(key);
    if (space == table::alarms.space()) return of_alarm(key);
    if (space == table::tasks.space()) return Change{Listed::tasks, Bytes(key.begin(), key.end())};
    if (space == table::held.space()) return of_held(key, record);
    if (space == table::rolls.space() || space == table::waiting_rolls.space()) return of_roll(key);
    return std::nullopt;
}

bool is_told_by_record(store::Space space) { return space == table::held.space(); }

Answer known_changes(Step& step, const ApiRequest& request, const Json& body) {
    Caller caller;
    caller.person = PersonId(request.id);
    auto row = person_here(step, caller.person);
    if (!row) return Answer::failed(ErrorCode::wrong_credential);
    caller.row = std::move(*row);
    const auto changes = body.find("changes");
    if (changes == body.end() || !changes->is_array()) return Answer::failed(ErrorCode::bad_value);
    Known known;
    for (const auto& one : *changes) {
        const auto list = list_named(string_at(one, "list"));
        const auto key = from_base64url(string_at(one, "key"));
        if (!list || !key || !note_change(step, caller, *list, *key, known))
            return Answer::failed(ErrorCode::bad_value);
    }
    Json json{{"what", Json::array()}, {"inboxes", Json::array()}};
    for (const auto list : known.lists) json["what"].push_back(std::string(list));
    for (const auto& inbox : known.inboxes) json["inboxes"].push_back(inbox.value());
    return Answer::of(std::move(json));
}

}  // namespace mash::runtime
