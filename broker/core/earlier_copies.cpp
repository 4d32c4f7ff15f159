#include "broker/core/earlier_copies.hpp"

#include <algorithm>

#include "broker/core/notices.hpp"

namespace mash::broker {
namespace {

using wire::Rung;

std::uint32_t bit(Rung rung) { return 1U << static_cast<unsigned>(rung); }

bool is_removed(const EarlierCopyRecord& copy) { return (copy.rungs & bit(Rung::recalled)) != 0; }
bool has_stopped(const EarlierCopyRecord& copy) {
    return (copy.rungs & bit(Rung::agreement_stopped)) != 0;
}

bool rests_on_withdrawn(Step& step, const ItemKey& item) {
    const auto relied = step.get(tables::agreement_relied, item);
    return relied && !relied->seats.empty() && tables::withdrawals.contains(step.tx, item);
}

/// An agency says this only of what lies in its inbox.
bool says_that_it_is_there(Rung rung) {
    switch (rung) {
        case Rung::stored:
        case Rung::opened:
        case Rung::handed_over:
        case Rung::taken:
        case Rung::decided:
        case Rung::undecryptable: return true;
        default: return false;
    }
}

std::vector<std::pair<CopyKey, EarlierCopyRecord>> copies_of(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item);
    return tables::earlier_copies.collect(step.tx, {.prefix = prefix});
}

/// A recall names the delivery, so that an inbox which the agency did not name again is found.
std::optional<std::pair<CopyKey, EarlierCopyRecord>> copy_of(Step& step,
                                                             const CopyReceipt& receipt) {
    if (receipt.delivery.is_zero()) return std::nullopt;
    for (auto& copy : copies_of(step, receipt.item)) {
        if (copy.second.delivery == receipt.delivery &&
            step.registry()->inbox_belongs_to(copy.first.inbox, receipt.from))
            return std::move(copy);
    }
    return std::nullopt;
}

/// What is asked of this route is asked of the inbox, whichever life brought the copy.
bool stands_for(const NotificationRecord& record, const InboxId& inbox) {
    return std::ranges::any_of(record.seats, [&](const SeatRecord& seat) {
        return std::ranges::any_of(seat.inboxes, [&](const InboxRoute& route) {
            return route.inbox == inbox && may_have_arrived(route);
        });
    });
}

bool is_of_this_life(const NotificationRecord& record, const DeliveryId& delivery) {
    return std::ranges::any_of(record.seats, [&](const SeatRecord& seat) {
        return std::ranges::find(seat.inboxes, delivery, &InboxRoute::delivery) !=
               seat.inboxes.end();
    });
}

bool is_recalled(Step& step, const CopyKey& copy) {
    return tables::recalls.contains(step.tx, copy.item) ||
           tables::recalls_of_copies.contains(step.tx, copy);
}

void tell(Step& step, const CopyKey& copy, const EarlierCopyRecord& held) {
    const NoticeKey notice{held.seat.agency, NoticeKind::recall,
                           key_of(HeldKey{copy.inbox, copy.item})};
    if (unconfirmed_copy(step, copy.item, copy.inbox) && !tables::notices.contains(step.tx, notice))
        add_notice(step, notice);
}

void tell_to_stop(Step& step, const CopyKey& copy, const EarlierCopyRecord& held) {
    if (unstopped_copy(step, copy.item, copy.inbox))
        add_notice(step, {held.seat.agency, NoticeKind::withdrawal,
                          key_of(HeldKey{copy.inbox, copy.item})});
}

}  // namespace

bool speaks_of_earlier_copy(Step& step, const NotificationRecord* record,
                            const CopyReceipt& receipt) {
    if (copy_of(step, receipt)) return true;
    if (record != nullptr &&
        (is_of_this_life(*record, receipt.delivery) || stands_for(*record, receipt.inbox)))
        return false;
    return says_that_it_is_there(receipt.entry.rung) && !receipt.delivery.is_zero() &&
           !receipt.inbox.empty() && receipt.entry.seat.agency == receipt.from &&
           step.registry()->inbox_belongs_to(receipt.inbox, receipt.from);
}

bool note_earlier_copy(Step& step, const CopyReceipt& receipt) {
    auto known = copy_of(step, receipt);
    const bool is_new = !known.has_value();
    if (is_new) {
        const CopyKey copy{receipt.item, receipt.inbox};
        // Whichever delivery brought it: there is one item in an inbox.
        if (tables::earlier_copies.contains(step.tx, copy)) return false;
        if (count_of(step, tables::earlier_copies_kept, receipt.from) >=
            limits::earlier_copies_max) {
            step.record(LogEvent::receipt_refused, receipt.from, receipt.item.id);
            return false;
        }
        count_one_more(step, tables::earlier_copies_kept, receipt.from);
        step.put(tables::expiries,
                 {step.now.wall + step.state.config.retention_after_taken, DueKind::earlier_copy,
                  key_of(copy)},
                 {});
        known.emplace(copy, EarlierCopyRecord{receipt.entry.seat, receipt.delivery, 0});
    }
    auto& [copy, held] = *known;
    const auto before = held.rungs;
    held.rungs |= bit(receipt.entry.rung);
    if (held.rungs == before) return false;
    step.put(tables::earlier_copies, copy, held);
    if (is_new && is_recalled(step, copy)) tell(step, copy, held);
    if (is_new && rests_on_withdrawn(step, copy.item)) tell_to_stop(step, copy, held);
    return receipt.entry.rung != Rung::recalled || are_copies_gone(step, copy.item, held.seat);
}

void tell_earlier_copies(Step& step, const ItemKey& item) {
    for (const auto& [copy, held] : copies_of(step, item)) tell(step, copy, held);
}

void tell_earlier_copy(Step& step, const ItemKey& item, const InboxId& inbox) {
    const CopyKey copy{item, inbox};
    if (const auto held = step.get(tables::earlier_copies, copy)) tell(step, copy, *held);
}

void tell_earlier_copies_to_stop(Step& step, const ItemKey& item) {
    for (auto& [copy, held] : copies_of(step, item)) {
        // That it stopped was said of an earlier agreement.
        held.rungs &= ~bit(Rung::agreement_stopped);
        step.put(tables::earlier_copies, copy, held);
        tell_to_stop(step, copy, held);
    }
}

std::optional<EarlierCopyRecord> unstopped_copy(Step& step, const ItemKey& item,
                                                const InboxId& inbox) {
    auto held = unconfirmed_copy(step, item, inbox);
    if (!held || has_stopped(*held) || !rests_on_withdrawn(step, item)) return std::nullopt;
    return held;
}

void tell_earlier_copies_again(Step& step, const HostId& host) {
    const auto put_notice = [&](const CopyKey& copy, const Seat& seat, NoticeKind kind) {
        step.put(tables::notices, {seat.agency, kind, key_of(HeldKey{copy.inbox, copy.item})}, {});
    };
    for (auto& [copy, held] : tables::earlier_copies.collect(step.tx, {})) {
        const bool was_told = is_removed(held) || has_stopped(held);
        if (!was_told || host_of_inbox(*step.registry(), copy.inbox, step.now.wall) != host)
            continue;
        const auto before = held;
        held.rungs &= ~(bit(Rung::recalled) | bit(Rung::agreement_stopped));
        step.put(tables::earlier_copies, copy, held);
        if (is_removed(before)) put_notice(copy, held.seat, NoticeKind::recall);
        if (has_stopped(before)) put_notice(copy, held.seat, NoticeKind::withdrawal);
    }
}

std::optional<EarlierCopyRecord> unconfirmed_copy(Step& step, const ItemKey& item,
                                                  const InboxId& inbox) {
    auto held = step.get(tables::earlier_copies, {item, inbox});
    if (!held || is_removed(*held)) return std::nullopt;
    const auto record = step.get(tables::notifications, item);
    if (record && stands_for(*record, inbox)) return std::nullopt;
    return held;
}

bool are_copies_gone(Step& step, const ItemKey& item, const Seat& seat) {
    return std::ranges::none_of(copies_of(step, item), [&](const auto& copy) {
        return copy.second.seat == seat && unconfirmed_copy(step, item, copy.first.inbox);
    });
}

std::vector<Seat> seats_of_earlier_copies(Step& step, const ItemKey& item) {
    std::vector<Seat> seats;
    for (const auto& [copy, held] : copies_of(step, item)) {
        if (!is_removed(held)) seats.push_back(held.seat);
    }
    return seats;
}

void forget_earlier_copy(Step& step, const CopyKey& copy) {
    const auto held = step.get(tables::earlier_copies, copy);
    if (!held) return;
    step.erase(tables::earlier_copies, copy);
    count_one_less(step, tables::earlier_copies_kept, held->seat.agency);
}

}  // namespace mash::broker
