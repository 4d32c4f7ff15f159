// The durable outbox. States and who moves them:
//
//   waiting ──plan, checked──> sealed ──Accepted──> accepted ──taken by all who act, 30 days──>
//   closed
//      │  │                     │  └─other bytes at the broker, or refused for good──> blocked
//      │  └─rule refuses─> refused
//      ├─everyone waits for a person─> held ──answered──> waiting
//      └─recalled before sealing─> withdrawn
//
// sealed ──stale_plan (the broker never accepted this id)──> waiting is the only way to be sealed
// anew; in any other doubt the same bytes are offered again.
#include <algorithm>
#include <limits>

#include "agents/runtime/core/about.hpp"
#include "agents/runtime/core/parts.hpp"
#include "common/area/agreement.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::seconds retry_after_refusal{60};
constexpr std::chrono::seconds retry_after_busy{1};
/// The first is an ordinary race and costs nothing; a broker that says it for ever costs ever less.
constexpr std::chrono::seconds retry_after_second_stale{2};
constexpr std::uint32_t stale_doublings_max = 8;
/// In one pump, of those that cannot leave: from the front, and as many from where the last
/// stopped.
constexpr std::size_t looked_at_max = 2 * in_flight_max;
constexpr std::size_t page_of_open = 4 * in_flight_max;

using OpenKey = std::tuple<std::uint8_t, WallTime, NotificationId>;

OpenKey open_key(const NotificationId& id, const OutboxItem& item) {
    return {static_cast<std::uint8_t>(item.lane), item.created_at, id};
}

bool is_open(OutboxState state) {
    return state == OutboxState::waiting || state == OutboxState::sealed;
}

constexpr std::uint32_t plans_before_it_is_stuck = 3;

/// Without documents in force only what the signed policy marks as danger is asked about; the
/// decision says whether it is urgent enough.
bool may_be_asked(const Step& step, const OutboxItem& item, bool floor_only) {
    if (!floor_only) return true;
    const auto* type = step.policy()->find_type(item.type);
    return type != nullptr && type->danger;
}

/// An item whose thread has an earlier one not yet accepted waits for it: whom the start told
/// decides whom the end tells. Not for ever: an update whose start is stuck is routed as a start.
bool waits_for_earlier(Step& step, const NotificationId& id, const OutboxItem& item,
                       bool floor_only) {
    if (item.thread.is_zero()) return false;
    const Bytes prefix = store::key_bytes(item.thread);
    for (const auto& key : table::outbox_thread.collect_keys(step.tx, {.prefix = prefix})) {
        if (std::get<1>(key) > item.created_at || std::get<2>(key) == id) continue;
        if (std::get<1>(key) == item.created_at && std::get<2>(key) > id) continue;
        const auto earlier = table::outbox.get(step.tx, std::get<2>(key));
        if (!earlier || !is_open(earlier->state)) continue;
        const bool stuck = !earlier->refusal.empty() || earlier->plans > plans_before_it_is_stuck ||
                           !may_be_asked(step, *earlier, floor_only);
        if (!stuck) return true;
    }
    return false;
}

void ask_plan(Step& step, const NotificationId& id, OutboxItem& item, bool floor_only) {
    auto request = plan_request(step, id, item, floor_only);
    if (request && item.plans == 0 && join_episode_by_tokens(step, id, item, request->facts)) {
        if (waits_for_earlier(step, id, item, floor_only)) return;
        request = plan_request(step, id, item, floor_only);
    }
    if (!request) return;
    ++item.plans;
    put_item(step, id, item);
    Asked asked;
    asked.kind = Asked::Kind::plan;
    asked.notification = id;
    asked.facts = request->facts;
    asked.authorisations = request->authorisations;
    asked.floor = floor_only;
    asked.lane = item.lane;
    step.agent.link.request_of[id] = step.ask(std::move(*request), std::move(asked));
}

void publish(Step& step, const NotificationId& id, const OutboxItem& item) {
    auto& link = step.agent.link;
    const auto stored = table::outbox_sealed.get(step.tx, id);
    if (!stored || !fits_link(link, item, stored->bytes.size())) return;
    auto notification = wire::decode_body<wire::SealedNotification>(stored->bytes);
    if (!notification) {
        step.tx.mark_failed(ErrorCode::store_failed, "outbox_sealed",
                            "sealed notification does not decode");
        return;
    }
    Asked asked;
    asked.kind = Asked::Kind::publish;
    asked.notification = id;
    asked.bytes = stored->bytes.size();
    asked.lane = item.lane;
    if (item.lane != wire::Lane::immediate) link.lower_lane_bytes += asked.bytes;
    link.request_of[id] = step.ask(wire::Publish{std::move(*notification)}, std::move(asked));
    step.record(LogEvent::published, id, item.agency);
}

bool backs_off(Step& step, const NotificationId& id) {
    const auto wait = step.agent.not_before.find(id);
    if (wait == step.agent.not_before.end()) return false;
    if (step.now.steady < wait->second) return true;
    step.agent.not_before.erase(wait);
    return false;
}

void send_next(Step& step, const NotificationId& id, bool floor_only) {
    auto item = table::outbox.get(step.tx, id);
    // Whoever has it must be told by the broker to remove it, so it is offered even when it was
    // recalled; but behind its recall, so that nobody sees it who has not seen it.
    if (!item || !recall_is_ahead(step, id, *item, decision_of(*item)) ||
        !withdrawal_is_ahead(step, id, *item))
        return;
    if (item->state != OutboxState::waiting) return publish(step, id, *item);
    if (may_be_asked(step, *item, floor_only) && !waits_for_earlier(step, id, *item, floor_only) &&
        tokens_are_ready(step, id, *item))
        ask_plan(step, id, *item, floor_only);
}

/// In the order of sending, behind `after`, until the link is full or everything was looked at:
/// then nothing is answered. Else the last of `looks` that could not leave now: the next pump goes
/// on there, so that no number of them at the front hides what comes behind. What is under way or
/// backs off costs no look.
std::optional<OpenKey> send_in_order(Step& step, std::optional<OpenKey> after, std::size_t looks,
                                     bool floor_only) {
    const auto& under_way = step.agent.link.request_of;
    for (;;) {
        const Bytes from = after ? store::key_bytes(*after) : Bytes{};
        const auto keys =
            table::outbox_open.collect_keys(step.tx, {.from = from, .limit = page_of_open});
        for (const auto& key : keys) {
            if (after == key) continue;
            const auto& [lane, created, id] = key;
            const bool immediate = lane == static_cast<std::uint8_t>(wire::Lane::immediate);
            if (under_way.size() >= (immediate ? 2 * in_flight_max : in_flight_max))
                return std::nullopt;
            if (under_way.contains(id) || backs_off(step, id)) continue;
            send_next(step, id, floor_only);
            if (!under_way.contains(id) && --looks == 0) return key;
        }
        if (keys.size() < page_of_open) return std::nullopt;
        after = keys.back();
    }
}

WallTime accepted_due(const Step& step, const OutboxItem& item) {
    const WallTime from = item.accepted_at.is_set() ? item.sealed_at : item.created_at;
    switch (item.lane) {
        case wire::Lane::immediate: return from + step.agent.config.immediate_alarm;
        case wire::Lane::urgent: return from + step.agent.config.urgent_alarm;
        case wire::Lane::routine:
        case wire::Lane::bulk: break;
    }
    return {};
}

/// A recipient of our own decision has signed for it: it was sent from this store before a backup
/// of it was put back.
bool somebody_signed_for(Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto decision = decision_of(item);
    return std::any_of(decision.recipients.begin(), decision.recipients.end(),
                       [&](const wire::Recipient& recipient) {
                           return has_rung(step, id, recipient.seat, wire::Rung::stored);
                       });
}

void block(Step& step, const NotificationId& id, OutboxItem& item, ErrorCode code) {
    if (somebody_signed_for(step, id, item)) return sent_before_restore(step, id, item);
    item.refusal = std::string(name_of(code));
    set_state(step, id, item, OutboxState::blocked);
    raise(step, Alarm::Kind::duplicate_conflict, id);
    step.record(LogEvent::publish_refused, code, id, item.agency);
}

}  // namespace

void back_off(Step& step, const NotificationId& id, std::chrono::milliseconds wait) {
    step.agent.not_before[id] =
        step.now.steady + std::min<std::chrono::milliseconds>(wait, limits::retry_after_max);
}

void back_off_stale(Step& step, const NotificationId& id) {
    const auto before = step.agent.stale_plans[id]++;
    if (before == 0) return;
    back_off(step, id, retry_after_second_stale * (1 << std::min(before - 1, stale_doublings_max)));
}

std::optional<wire::RequestPlan> plan_request(Step& step, const NotificationId& id,
                                              const OutboxItem& item, bool floor_only) {
    const auto notification = stored_notification(step, id);
    if (!notification) return std::nullopt;
    wire::RequestPlan request;
    request.notification = id;
    request.facts = routing_facts(step, id, item, *notification);
    const Bytes prefix = store::key_bytes(id);
    for (auto& [key, mark] : table::authorisations.collect(step.tx, {.prefix = prefix})) {
        // Past the certificate's time it proves nothing, and the broker leaves it out.
        const auto certificate =
            wire::decode_body<wire::PersonCertificate>(mark.signed_authorisation.certificate);
        if (!certificate || certificate->not_after <= step.now.wall) continue;
        // Signed while this clock was ahead it counts with nobody before its time: it is asked
        // again.
        const auto body = wire::decode_body<wire::Authorisation>(mark.signed_authorisation.body);
        if (!body || body->at > step.now.wall + limits::clock_skew_max) continue;
        request.authorisations.push_back(std::move(mark.signed_authorisation));
    }
    request.asked_at = step.now.wall;
    request.person = item.person;
    request.reason = item.plans == 0 ? item.reason : "replan";
    request.floor = floor_only;
    return request;
}

// A more urgent item that comes next finds at most this much ahead of it.
bool fits_link(const Link& link, const OutboxItem& item, std::uint64_t bytes) {
    if (item.lane == wire::Lane::immediate || link.lower_lane_bytes == 0) return true;
    return link.lower_lane_bytes + bytes <= limits::link_lower_lane_bytes_in_flight_max;
}

void remember_seats(Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto decision = decision_of(item);
    const auto thread = area::referral_of(item.thread, id);
    for (const auto& recipient : decision.recipients) {
        if (recipient.route == area::decider_route) continue;  // it was asked, not told
        if (is_copy_recalled(step, id, recipient.seat)) continue;
        table::threads_about.put(step.tx, thread_about(thread, recipient.seat.agency), thread);
        if (item.thread.is_zero()) continue;
        table::thread_seats.put(step.tx, {item.thread, recipient.seat}, {});
    }
}

void put_item(Step& step, const NotificationId& id, const OutboxItem& item) {
    table::outbox.put(step.tx, id, item);
}

void clear_sending_alarms(Step& step, const NotificationId& id, bool floor) {
    for (const auto kind : {Alarm::Kind::plan_differs, Alarm::Kind::fact_unproved,
                            Alarm::Kind::publish_refused, Alarm::Kind::version_went_back,
                            Alarm::Kind::registry_not_fresh, Alarm::Kind::clock_skew}) {
        if (kind == Alarm::Kind::registry_not_fresh && floor) continue;
        clear(step, kind, id);
    }
}

void sent_before_restore(Step& step, const NotificationId& id, OutboxItem& item) {
    if (!item.accepted_at.is_set()) item.accepted_at = step.now.wall;
    item.refusal.clear();
    table::outbox_sealed.erase(step.tx, id);  // other bytes than those that the recipients hold
    item.sealed_digest = {};  // and those whom its plan named are not known; we watch over today's
    set_state(step, id, item, OutboxState::accepted);
    // Whom the floor left out is still to be told; the alarm is how they are found.
    clear_sending_alarms(step, id, decision_of(item).floor);
    clear(step, Alarm::Kind::not_accepted, id);
    clear(step, Alarm::Kind::duplicate_conflict, id);
    step.record(LogEvent::notification_repeated, id, item.agency);
    watch_again(step, id, step.now.wall);
}

void set_state(Step& step, const NotificationId& id, OutboxItem& item, OutboxState state) {
    table::outbox_open.erase(step.tx, open_key(id, item));
    item.state = state;
    if (is_open(state)) {
        table::outbox_open.put(step.tx, open_key(id, item), {});
        watch_again(step, id, accepted_due(step, item));
    } else {
        step.agent.not_before.erase(id);
        step.agent.stale_plans.erase(id);
        step.agent.desk.waiting.erase(id);
    }
    put_item(step, id, item);
}

void watch_again(Step& step, const NotificationId& id, WallTime at) {
    if (const auto old = table::outbox_watch_at.get(step.tx, id)) {
        if (*old == at) return;
        table::outbox_watch.erase(step.tx, {*old, id});
    }
    if (!at.is_set()) {
        table::outbox_watch_at.erase(step.tx, id);
        return;
    }
    table::outbox_watch_at.put(step.tx, id, at);
    table::outbox_watch.put(step.tx, {at, id}, {});
}

void pump_outbox(Step& step) {
    auto& link = step.agent.link;
    if (!link.welcomed || step.registry() == nullptr || step.policy() == nullptr) return;
    const bool floor_only = !step.check_documents();
    if (!floor_only) pump_supplements(step);
    // What may not be asked about now hides nothing that may.
    const std::size_t looks = floor_only ? std::numeric_limits<std::size_t>::max() : looked_at_max;
    const auto stopped = send_in_order(step, std::nullopt, looks, floor_only);
    auto& pumped_to = step.agent.pumped_to;
    if (!stopped) return pumped_to.reset();
    pumped_to =
        send_in_order(step, std::max(*stopped, pumped_to.value_or(*stopped)), looks, floor_only);
}

void offer_again(Step& step) {
    // The broker answers what it still knows with the same answer.
    for (auto& [id, item] : table::outbox.collect(step.tx, {})) {
        if (waits_for_somebody_involved(item)) look_again_for_involved(step, id, item);
        if (item.state != OutboxState::accepted) continue;
        item.sealed_at = step.now.wall;
        // Without its bytes (sent_before_restore) it is planned anew: who has it answers that it
        // has, and nobody who does not have it is left out.
        const bool has_bytes = table::outbox_sealed.contains(step.tx, id);
        offer_supplements_again(step, id);
        set_state(step, id, item, has_bytes ? OutboxState::sealed : OutboxState::waiting);
    }
}

void on_accepted(Step& step, const wire::Accepted& accepted, std::uint64_t request) {
    if (!step.verify_broker(wire::label::accepted, accepted.body, accepted.signature)) {
        step.record(LogEvent::receipt_refused, ErrorCode::bad_signature);
        return;
    }
    const auto body = wire::decode_body<wire::AcceptedBody>(accepted.body);
    if (!body) {
        step.record(LogEvent::receipt_refused, body.error());
        return;
    }
    forget_request(step, request);
    auto item = table::outbox.get(step.tx, body->id);
    if (!item || item->agency != body->sender) return;
    if (on_supplement_accepted(step, *body)) return;
    const bool ours = !item->decision.empty() && item->sealed_digest == body->digest;
    if (!ours || item->state != OutboxState::sealed) {
        // Said once more of what we know to be accepted it is nothing new. Anything else is of
        // bytes that we never offered: a broker may not end with one word what nobody received. It
        // goes on being offered, and is late in our own eyes.
        const bool again =
            ours && (item->state == OutboxState::accepted || item->state == OutboxState::closed);
        if (again) return;
        raise(step, Alarm::Kind::duplicate_conflict, body->id);
        step.record(LogEvent::receipt_refused, ErrorCode::duplicate_conflict, body->id,
                    item->agency);
        return back_off(step, body->id, retry_after_refusal);
    }
    if (!item->accepted_at.is_set()) item->accepted_at = body->accepted_at;
    item->refusal.clear();
    set_state(step, body->id, *item, OutboxState::accepted);
    remember_seats(step, body->id, *item);
    clear(step, Alarm::Kind::not_accepted, body->id);
    clear(step, Alarm::Kind::duplicate_conflict, body->id);
    clear_sending_alarms(step, body->id, decision_of(*item).floor);
    step.record(LogEvent::notification_accepted, body->id, item->agency);
    close_unborn(step, body->id, *item);
    watch_again(step, body->id, step.now.wall);
}

void on_outbox_error(Step& step, const Asked& asked, const wire::ErrorFrame& error) {
    if (asked.supplement != 0) return on_supplement_error(step, asked, error);
    const auto& id = asked.notification;
    auto item = table::outbox.get(step.tx, id);
    if (!item || !is_open(item->state)) return;
    // Only of sealed bytes that were offered can a broker say that it holds others.
    const bool offered = asked.kind == Asked::Kind::publish && item->state == OutboxState::sealed;
    if (offered &&
        (error.code == ErrorCode::duplicate_conflict || error.code == ErrorCode::already_exists)) {
        return block(step, id, *item, error.code);
    }
    if (offered && error.code == ErrorCode::stale_plan) {
        // The broker says that it never accepted this id: the one case in which it may be sealed
        // anew.
        if (item->recalled_at.is_set() && !item->accepted_at.is_set())
            return withdraw(step, id, *item);
        if (!item->accepted_at.is_set()) forget_reliance(step, id, *item);
        table::outbox_sealed.erase(step.tx, id);
        item->sealed_digest = {};
        set_state(step, id, *item, OutboxState::waiting);
        return back_off_stale(step, id);
    }
    if (next_step(error.code) == NextStep::retry_later ||
        next_step(error.code) == NextStep::reconnect) {
        back_off(step, id,
                 std::max<std::chrono::milliseconds>(
                     retry_after_busy, std::chrono::milliseconds(error.retry_after_ms)));
        return;
    }
    if (error.code == ErrorCode::not_entitled && error.detail == "another_person")
        return ask_others_to_release(step, id, *item);
    // Refused, and not by a rule of ours: said aloud, and tried again in case registry or policy
    // was at fault.
    item->refusal = std::string(name_of(error.code));
    put_item(step, id, *item);
    raise(step, Alarm::Kind::publish_refused, id);
    step.record(LogEvent::publish_refused, error.code, id, item->agency);
    back_off(step, id, retry_after_refusal);
}

void settle(Step& step, const NotificationId& id) {
    auto item = table::outbox.get(step.tx, id);
    if (!item || item->state != OutboxState::accepted) return;
    watch_again(step, id,
                step.now.wall);  // judged with everything else that is due, on the next Tick
}

void close_settled(Step& step, const NotificationId& id, OutboxItem& item) {
    drop_supplements(step, id);
    forget_sent(step, id, item);
    table::outbox_sealed.erase(step.tx, id);
    erase_content(step, id);
    set_state(step, id, item, OutboxState::closed);
    watch_again(step, id, {});
    clear(step, Alarm::Kind::not_stored, id);
    clear(step, Alarm::Kind::about_taken_back, id);
    clear_sending_alarms(step, id);
    step.record(LogEvent::content_removed, id, item.agency);
}

}  // namespace mash::runtime
