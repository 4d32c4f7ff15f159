// K1 where it arrived: what rests on a withdrawn agreement stays, and says that it is to be used
// and passed on no more. A person confirms, or the system that an automatic inbox hands over to.
//
//   notice ── held here ──> shown again, marked ── confirmed by a person, or handed over ──>
//   stopped
//        └── never came ──> confirmed at once; a delivery to that seat that comes later is not kept
#include <algorithm>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/notice.hpp"
#include "common/area/calendar.hpp"
#include "common/area/explain.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

/// Rungs name the seat: a standby that never had it may not speak for the desk that has.
bool another_may_use_it(Step& step, const InboxKey& key) {
    const auto& inbox = std::get<0>(key);
    const auto& sender = std::get<1>(key);
    const auto& id = std::get<2>(key);
    const Bytes prefix = store::key_bytes(id);
    return std::ranges::any_of(table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix}),
                               [&](const auto& held) {
                                   const InboxKey other{std::get<1>(held), std::get<2>(held), id};
                                   if (std::get<1>(held) == inbox || std::get<2>(held) != sender)
                                       return false;
                                   const auto item = table::inbox.get(step.tx, other);
                                   const auto mark = table::inbox_stops.get(step.tx, other);
                                   return item && item->state != InboxState::recalled &&
                                          (!mark || !mark->confirmed_at.is_set());
                               });
}

bool is_for_another_seat(const InboxItem& item, const Seat& seat) {
    const auto statement = statement_of(item);
    return statement && statement->seat != seat;
}

void say(Step& step, const InboxKey& key, const StopMark& mark) {
    // The broker asks again until it hears.
    if (mark.code == "not_held" && another_may_use_it(step, key)) return;
    wire::ReceiptEntry entry;
    entry.notification = std::get<2>(key);
    entry.seat = mark.seat;
    entry.rung = wire::Rung::agreement_stopped;
    entry.at = mark.confirmed_at;
    entry.code = mark.code;
    reach_unstored(step, mark.seat.agency, std::get<1>(key), entry, mark.delivery,
                   wire::Lane::urgent);
}

void confirm(Step& step, const InboxKey& key, StopMark& mark, const PersonId& person,
             std::string code) {
    mark.confirmed_at = step.now.wall;
    mark.confirmed_by = person;
    mark.code = std::move(code);
    table::inbox_stops.put(step.tx, key, mark);
    say(step, key, mark);
}

bool is_for_people(Step& step, const InboxId& inbox) {
    const auto row = table::inboxes.get(step.tx, inbox);
    return row && row->people;
}

/// Back among what waits for somebody, whatever was done with it before.
void show_again(Step& step, const InboxKey& key, const InboxItem& item, StopMark& mark) {
    if (is_for_people(step, std::get<0>(key))) {
        if (const auto statement = statement_of(item)) waits_again(step, key, *statement);
        return;
    }
    if (is_pass_on_inbox(step, std::get<0>(key))) {
        const bool went_on = stop_passed_on(step, key, item, mark.agreement);
        return confirm(step, key, mark, {}, went_on ? "handed_over" : "not_held");
    }
    // While the item itself is on its way into the system, an answer would be to that.
    if (table::handover_open.contains(step.tx, key)) return;
    mark.offered = true;
    table::inbox_stops.put(step.tx, key, mark);
    hand_over_automatic(step, key);
}

}  // namespace

void on_withdrawal_notice(Step& step, const wire::WithdrawalNotice& notice) {
    const auto body = checked_notice<wire::WithdrawalBody>(step, notice, wire::label::withdrawal);
    if (!body) return;
    const InboxKey key{notice.inbox, body->sender, body->notification};
    auto mark = table::inbox_stops.get(step.tx, key);
    if (mark && mark->agreement == body->agreement) {
        // Said once more, perhaps by a broker that was restored: the answer is what it was.
        if (mark->delivery.is_zero()) mark->delivery = notice.delivery;
        table::inbox_stops.put(step.tx, key, *mark);
        if (mark->confirmed_at.is_set()) say(step, key, *mark);
        return;
    }
    mark.emplace();
    mark->agreement = body->agreement;
    mark->seat = notice.seat;
    mark->delivery = notice.delivery;
    mark->withdrawn_at = body->at;
    mark->confirm_by = body->confirm_by;
    step.record(LogEvent::agreement_withdrawn, body->notification, body->sender);
    const auto item = table::inbox.get(step.tx, key);
    if (item && item->state != InboxState::recalled && is_for_another_seat(*item, notice.seat)) {
        // That seat relied on no agreement: what it was told stays in use, and this one never came.
        mark->confirmed_at = step.now.wall;
        mark->code = "not_held";
        return say(step, key, *mark);
    }
    if (!item || item->state == InboxState::recalled) {
        // Nothing of it is here; what went on from here before a backup was put back may be.
        if (!item && is_pass_on_inbox(step, notice.inbox))
            stop_passed_on(step, key, InboxItem{}, mark->agreement);
        return confirm(step, key, *mark, {}, "not_held");
    }
    table::inbox_stops.put(step.tx, key, *mark);
    show_again(step, key, *item, *mark);
}

bool waits_to_stop(Step& step, const InboxKey& key) {
    const auto mark = table::inbox_stops.get(step.tx, key);
    return mark && !mark->confirmed_at.is_set();
}

bool was_stopped_before(Step& step, const InboxKey& key, const Seat& seat,
                        const DeliveryId& delivery) {
    auto mark = table::inbox_stops.get(step.tx, key);
    if (!mark || mark->seat != seat) return false;
    mark->delivery = delivery;
    confirm(step, key, *mark, mark->confirmed_by, "not_held");
    return true;
}

void stop_recalled(Step& step, const InboxKey& key) {
    auto mark = table::inbox_stops.get(step.tx, key);
    if (mark && !mark->confirmed_at.is_set()) confirm(step, key, *mark, {}, "not_held");
}

void stop_handed_over(Step& step, const InboxKey& key) {
    auto mark = table::inbox_stops.get(step.tx, key);
    if (!mark || mark->confirmed_at.is_set() || is_for_people(step, std::get<0>(key))) return;
    if (mark->offered) return confirm(step, key, *mark, {}, "handed_over");
    mark->offered = true;
    table::inbox_stops.put(step.tx, key, *mark);
    hand_over_automatic(step, key);
}

std::optional<StopMark> confirm_stop(Step& step, const InboxKey& key, const PersonId& person) {
    auto mark = table::inbox_stops.get(step.tx, key);
    if (mark && !mark->confirmed_at.is_set()) confirm(step, key, *mark, person, "stopped");
    return mark;
}

Json stop_json(Step& step, const InboxKey& key) {
    const auto mark = table::inbox_stops.get(step.tx, key);
    if (!mark) return nullptr;
    Json json;
    json["at"] = time_json(mark->withdrawn_at);
    json["confirm_by"] = time_json(mark->confirm_by);
    json["confirmed_at"] = time_json(mark->confirmed_at);
    json["confirmed_by"] =
        mark->confirmed_by.empty() ? Json(nullptr) : Json(mark->confirmed_by.value());
    std::string words = "The family's agreement was withdrawn on " +
                        area::time_in_words(mark->withdrawn_at) +
                        ". Stop using this and passing it on.";
    if (!mark->confirmed_at.is_set())
        words += mark->confirm_by.is_set()
                     ? " Confirm by " + area::time_in_words(mark->confirm_by) + "."
                     : " Confirm that you have.";
    json["message"] = std::move(words);
    return json;
}

}  // namespace mash::runtime
