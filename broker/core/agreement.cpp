#include "broker/core/agreement.hpp"

#include <algorithm>

#include "broker/core/delivery.hpp"
#include "broker/core/earlier_copies.hpp"
#include "broker/core/notices.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/release.hpp"
#include "broker/core/ring_again.hpp"
#include "broker/core/tasks.hpp"
#include "common/area/agreement.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker {
namespace {

// As long as the sender keeps what it could still offer.
constexpr auto kept_ahead = limits::retention_after_taken;
constexpr std::chrono::milliseconds ahead_retry{60'000};

// Of one agency: a row for each referral is kept for years. Families are asked by people; a store
// that was put back says at most what it recorded since.
constexpr double new_referrals_per_second = 1.0 / 60;
constexpr double new_referrals_burst = 1'000;

using ReferralKey = std::tuple<AgencyId, ThreadId>;

struct Held {
    AgreementRecord record;
    wire::AgreementBody body;
};

std::optional<Held> held_for(Step& step, const AgencyId& agency, const ThreadId& thread) {
    auto record = step.get(tables::agreements, ReferralKey{agency, thread});
    if (!record) return std::nullopt;
    auto body = wire::decode_body<wire::AgreementBody>(record->body);
    if (!body) return std::nullopt;
    return Held{std::move(*record), std::move(*body)};
}

/// A later record of the referral takes the place of an earlier one; what is withdrawn stays so,
/// whatever a restored agent says of it.
bool is_newer(const wire::AgreementBody& said, const wire::AgreementBody& held) {
    if (said.id != held.id) return said.recorded_at >= held.recorded_at;
    return said.withdrawn_at.is_set() && !held.withdrawn_at.is_set();
}

bool relies(const std::optional<ThreadSeats>& relying, const Seat& seat) {
    return relying && std::ranges::binary_search(relying->seats, seat);
}

bool has_stopped(const SeatRecord& seat) { return has_rung(seat, wire::Rung::agreement_stopped); }

/// A family that agreed anew since took back its first word by that: what was withdrawn then is no
/// word about what rests on the new record.
bool counts(Step& step, const ItemKey& item, const ThreadId& referral,
            const WithdrawalRecord& withdrawal, const wire::Agreement& stated) {
    const auto body = wire::decode_body<wire::WithdrawalBody>(withdrawal.body);
    const auto held = held_for(step, item.sender, referral);
    return !body || !held || held->body.id == body->agreement ||
           !area::bears_out(held->body, stated, {});
}

// An excluded inbox never learns that there was anything to withdraw.
bool is_told(const InboxRoute& route) { return route.state != RouteState::excluded; }

AgencyId agency_of(const Step& step, const InboxId& inbox) {
    const auto* agency = step.registry()->agency_of_inbox(inbox);
    return agency ? agency->id : AgencyId();
}

void stop(Step& step, const ItemKey& item, NotificationRecord& record, const ThreadSeats& relying) {
    for (auto& seat : record.seats) {
        if (!std::ranges::binary_search(relying.seats, seat.seat)) continue;
        for (auto& route : seat.inboxes) {
            if (route.state == RouteState::waiting) {
                unqueue_route(step, item, record, route);
                route.state = RouteState::stopped;
            } else if (route.state == RouteState::standing_by) {
                route.state = RouteState::stopped;
            }
        }
        // Nobody owes more than the confirmation, which does not wait for the content.
        cancel_hours_release(step, item, seat);
        seat.settled = true;
    }
    start_retention_if_settled(step, item, record);
    // Whoever has not been rung yet need not hear of it.
    close_tasks_about(step, item, relying.seats);
    if (!record.recalled) ring_again_withdrawn(step, item);
    step.record(LogEvent::agreement_withdrawn, item.sender, item.id);
}

void tell(Step& step, const ItemKey& item, const NotificationRecord& record,
          const ThreadSeats& relying) {
    auto withdrawal = step.get(tables::withdrawals, item);
    for (const auto& seat : record.seats) {
        if (!std::ranges::binary_search(relying.seats, seat.seat)) continue;
        for (const auto& route : seat.inboxes) {
            const auto agency = agency_of(step, route.inbox);
            if (is_told(route) && !agency.empty()) {
                if (withdrawal) std::erase(withdrawal->confirmed, route.inbox);
                // Past its content the item is known again for the host that must hear of this
                // once more when it is restored.
                if (may_have_arrived(route)) step.put(tables::held, {route.inbox, item}, {});
                add_notice(step,
                           {agency, NoticeKind::withdrawal, key_of(HeldKey{route.inbox, item})});
            }
        }
    }
    if (withdrawal) step.put(tables::withdrawals, item, *withdrawal);
}

/// Of those who relied, whoever has not confirmed that they stopped.
ThreadSeats not_stopped(const NotificationRecord& record, ThreadSeats relying) {
    for (const auto& seat : record.seats) {
        if (has_stopped(seat)) std::erase(relying.seats, seat.seat);
    }
    return relying;
}

bool is_asked_of_another(const NotificationRecord& record, const SeatRecord& than,
                         const std::optional<ThreadSeats>& relying, const InboxId& inbox) {
    return std::ranges::any_of(record.seats, [&](const SeatRecord& seat) {
        return seat.seat != than.seat && !has_stopped(seat) && relies(relying, seat.seat) &&
               std::ranges::any_of(seat.inboxes, [&](const InboxRoute& route) {
                   return route.inbox == inbox && is_told(route);
               });
    });
}

/// The same agreement said once more, or one that was withdrawn before what is known here.
bool is_known(const WithdrawalRecord& known, const wire::WithdrawalBody& said) {
    const auto body = wire::decode_body<wire::WithdrawalBody>(known.body);
    return body && (body->agreement == said.agreement || said.at < body->at);
}

}  // namespace

void on_record_agreement(Step& step, const FrameIn& in, const wire::RecordAgreement& record) {
    const auto& said = in.frame.agreement();
    const ReferralKey key{said.agency, said.thread};
    const auto held = held_for(step, said.agency, said.thread);
    if (held && !is_newer(said, held->body)) return step.answer(in, wire::Done{});
    if (!held) {
        const auto wait = take(step.state.agreement_budgets[said.agency], step.now.steady,
                               new_referrals_per_second, new_referrals_burst, 1);
        if (wait.count() > 0) {
            ++step.state.counters.busy;
            step.record_code(LogEvent::rate_limited, ErrorCode::busy, in.host, said.agency);
            return step.refuse(in, ErrorCode::busy, "agreement_budget", {},
                               static_cast<std::uint32_t>(wait.count()));
        }
        step.put(tables::expiries,
                 {step.now.wall + step.state.config.tombstone_retention, DueKind::agreement,
                  key_of(said.agency, said.thread)},
                 {});
    }
    step.put(tables::agreements, key, {record.body, record.signature, step.now.wall});
    step.record(LogEvent::agreement_recorded, said.agency);
    step.answer(in, wire::Done{});
}

bool is_borne_out(Step& step, const wire::RoutingFacts& facts, const NotificationId& id,
                  WallTime at) {
    if (facts.agreement.status != wire::AgreementStatus::given) return true;
    const auto held = held_for(step, facts.sender, area::referral_of(facts.thread, id));
    return !held || area::bears_out(held->body, facts.agreement, at);
}

void give_back_record(Step& step, const FrameIn& in, const wire::RoutingFacts& facts,
                      const NotificationId& id) {
    const auto held = held_for(step, facts.sender, area::referral_of(facts.thread, id));
    if (!held) return;
    step.record(LogEvent::agreement_forgotten, facts.sender, id);
    step.send(in.session, 0, wire::AgreementHeld{held->record.body, held->record.signature});
}

void on_withdraw_agreement(Step& step, const FrameIn& in, const wire::WithdrawAgreement& frame) {
    const auto& body = in.frame.withdrawal();
    const ItemKey item{body.sender, body.notification};
    const auto known = step.get(tables::withdrawals, item);
    if (known && is_known(*known, body)) return step.answer(in, wire::Done{});
    auto record = step.get(tables::notifications, item);
    // One bound for all that a sender takes back before it has come.
    if (!record && !known &&
        count_of(step, tables::recalls_ahead, item.sender) >= limits::recalls_ahead_max) {
        ++step.state.counters.busy;
        step.record(LogEvent::recalls_ahead_full, item.sender, item.id);
        return step.refuse(in, ErrorCode::busy, "withdrawals_ahead", item.id,
                           static_cast<std::uint32_t>(ahead_retry.count()));
    }
    step.put(tables::withdrawals, item,
             {frame.body, frame.signature, step.now.wall,
              known ? known->confirmed : std::vector<InboxId>()});
    if (!record) {
        if (known) return step.answer(in, wire::Done{});
        count_one_more(step, tables::recalls_ahead, item.sender);
        step.put(tables::expiries,
                 {step.now.wall + kept_ahead, DueKind::withdrawal_ahead, key_of(item)}, {});
        return step.answer(in, wire::Done{});
    }
    if (const auto relied = step.get(tables::agreement_relied, item)) {
        const auto relying = not_stopped(*record, *relied);
        stop(step, item, *record, relying);
        step.put(tables::notifications, item, *record);
        tell(step, item, *record, relying);
        tell_earlier_copies_to_stop(step, item);
    }
    step.answer(in, wire::Done{});
}

void note_reliance(Step& step, const ItemKey& item, NotificationRecord& record,
                   const wire::Decision& decision, const wire::Agreement& stated) {
    const auto ahead = step.get(tables::withdrawals, item);
    const bool came_after = ahead && counts(step, item, record.thread, *ahead, stated);
    if (ahead) count_one_less(step, tables::recalls_ahead, item.sender);
    if (ahead && !came_after) step.erase(tables::withdrawals, item);
    ThreadSeats relying{area::relying_on_agreement(decision, stated)};
    if (relying.seats.empty()) return;
    step.put(tables::agreement_relied, item, relying);
    if (!came_after) return;
    stop(step, item, record, relying);
    step.put(tables::notifications, item, record);
    tell(step, item, record, relying);
    tell_earlier_copies_to_stop(step, item);
}

void add_reliance(Step& step, const ItemKey& item, NotificationRecord& record,
                  const wire::Decision& added, const wire::Agreement& stated) {
    const auto seats = area::relying_on_agreement(added, stated);
    if (seats.empty()) return;
    auto relying = step.get(tables::agreement_relied, item).value_or(ThreadSeats{});
    relying.seats.insert(relying.seats.end(), seats.begin(), seats.end());
    std::ranges::sort(relying.seats);
    relying.seats.erase(std::ranges::unique(relying.seats).begin(), relying.seats.end());
    step.put(tables::agreement_relied, item, relying);
    const auto withdrawal = step.get(tables::withdrawals, item);
    if (!withdrawal || !counts(step, item, record.thread, *withdrawal, stated)) return;
    stop(step, item, record, {seats});
    step.put(tables::notifications, item, record);
    tell(step, item, record, {seats});
}

bool is_withdrawn(Step& step, const ItemKey& item) {
    return tables::withdrawals.contains(step.tx, item);
}

bool confirm_stop(Step& step, const ItemKey& item, const SeatRecord& seat, const AgencyId& from,
                  const DeliveryId& delivery) {
    auto withdrawal = step.get(tables::withdrawals, item);
    if (!withdrawal || !relies(step.get(tables::agreement_relied, item), seat.seat)) return false;
    auto& confirmed = withdrawal->confirmed;
    for (const auto& route : seat.inboxes) {
        if (!step.registry()->inbox_belongs_to(route.inbox, from)) continue;
        // One that names no delivery is of an inbox that never got anything.
        if (delivery.is_zero() ? may_have_arrived(route) : route.delivery != delivery) continue;
        if (std::ranges::find(confirmed, route.inbox) == confirmed.end())
            confirmed.push_back(route.inbox);
        step.erase(tables::notices,
                   {from, NoticeKind::withdrawal, key_of(HeldKey{route.inbox, item})});
    }
    step.put(tables::withdrawals, item, *withdrawal);
    return std::ranges::none_of(seat.inboxes, [&](const InboxRoute& route) {
        return may_have_arrived(route) &&
               std::ranges::find(confirmed, route.inbox) == confirmed.end();
    });
}

bool repeat_withdrawal(Step& step, const ItemKey& item, const NotificationRecord& record,
                       const InboxId& inbox) {
    auto withdrawal = step.get(tables::withdrawals, item);
    if (!withdrawal) return false;
    bool is_repeated = false;
    const auto relying = step.get(tables::agreement_relied, item);
    for (const auto& seat : record.seats) {
        for (const auto& route : seat.inboxes) {
            if (route.inbox != inbox || !is_told(route) || !relies(relying, seat.seat)) continue;
            std::erase(withdrawal->confirmed, inbox);
            step.put(tables::withdrawals, item, *withdrawal);
            step.put(tables::notices,
                     {agency_of(step, inbox), NoticeKind::withdrawal, key_of(HeldKey{inbox, item})},
                     {});
            is_repeated = true;
        }
    }
    return is_repeated;
}

bool send_withdrawal_notice(Step& step, Session& session, const HeldKey& where) {
    const auto withdrawal = step.get(tables::withdrawals, where.item);
    const auto record = step.get(tables::notifications, where.item);
    if (!withdrawal || !record) return false;
    if (const auto copy = unstopped_copy(step, where.item, where.inbox)) {
        InboxRoute route;
        route.inbox = where.inbox;
        route.delivery = copy->delivery;
        send_word<wire::WithdrawalNotice>(step, session, route, copy->seat, *withdrawal);
        return true;
    }
    const auto relying = step.get(tables::agreement_relied, where.item);
    for (const auto& seat : record->seats) {
        for (const auto& route : seat.inboxes) {
            if (route.inbox != where.inbox || !is_told(route) || !relies(relying, seat.seat))
                continue;
            // Of two seats that share an inbox, the one that has not confirmed yet.
            if (has_stopped(seat) && is_asked_of_another(*record, seat, relying, where.inbox))
                continue;
            send_word<wire::WithdrawalNotice>(step, session, route, seat.seat, *withdrawal);
            return true;
        }
    }
    return false;
}

void drop_withdrawal_ahead(Step& step, const ItemKey& item) {
    if (step.get(tables::notifications, item)) return;
    step.erase(tables::withdrawals, item);
    count_one_less(step, tables::recalls_ahead, item.sender);
}

void drop_agreement(Step& step, const AgencyId& agency, const ThreadId& thread) {
    step.erase(tables::agreements, {agency, thread});
}

}  // namespace mash::broker
