// What an update leaves out (domain.md C3 row 2). For each recipient of a thread the agent
// remembers what it sent last of each view: not the words, but a digest of them under this host's
// storage key, and which notification holds them. A view counts as unchanged only while that
// notification is with the recipient for certain: accepted, stored, and neither taken back, refused
// nor closed. In every doubt it is sent again.
#include <algorithm>

#include "agents/runtime/core/parts.hpp"

namespace mash::runtime {
namespace {

/// One digest for each seat, so that a stolen store does not even show who was told the same. The
/// epoch: what a store that was put back has sent since is not remembered here, so nothing of
/// before counts.
Digest words_of(const Step& step, const ThreadId& thread, const Seat& seat, const ViewId& view,
                const PersonalText& words) {
    return step.keyed("view-sent", {ByteView(step.row.epoch), ByteView(thread.value()),
                                    view_of(seat.agency.value()), view_of(seat.role.value()),
                                    view_of(view.value()), view_of(words.reveal())});
}

bool agreed_still(Step& step, const NotificationId& id, const Seat& seat) {
    const auto withdrawn = table::withdrawals.get(step.tx, id);
    return !withdrawn || std::ranges::find(withdrawn->seats, seat) == withdrawn->seats.end();
}

bool is_with(Step& step, const Seat& seat, const SentView& sent) {
    const auto* entry = step.registry() == nullptr ? nullptr : step.registry()->find_seat(seat);
    if (entry == nullptr || entry->inbox != sent.inbox) return false;
    const auto item = table::outbox.get(step.tx, sent.in);
    if (!item || item->state != OutboxState::accepted || item->recalled_at.is_set()) return false;
    if (!has_rung(step, sent.in, seat, wire::Rung::stored)) return false;
    for (const auto rung : {wire::Rung::refused, wire::Rung::undecryptable, wire::Rung::expired,
                            wire::Rung::recalled, wire::Rung::agreement_stopped}) {
        if (has_rung(step, sent.in, seat, rung)) return false;
    }
    return agreed_still(step, sent.in, seat);
}

bool leaves_out(const Step& step, const OutboxItem& item) {
    // What replaces an earlier notice is read in its place.
    if (item.thread.is_zero() || !item.supersedes.is_zero() || step.policy() == nullptr)
        return false;
    const auto* type = step.policy()->find_type(item.type);
    return type != nullptr && type->changed_only;
}

}  // namespace

std::vector<wire::Unchanged> unchanged_views(Step& step, const NotificationId& id,
                                             const OutboxItem& item, const Views& views) {
    std::vector<wire::Unchanged> out;
    if (!leaves_out(step, item)) return out;
    const Bytes prefix = store::key_bytes(item.thread);
    for (const auto& [key, sent] : table::views_sent.collect(step.tx, {.prefix = prefix})) {
        const auto& [thread, seat, view] = key;
        const auto words = views.find(view);
        const auto* definition = step.policy()->find_view(view);
        const auto* section =
            definition == nullptr ? nullptr : step.policy()->find_section(definition->section);
        if (words == views.end() || section == nullptr || section->in_every_update ||
            sent.in == id || sent.words != words_of(step, thread, seat, view, words->second) ||
            !table::thread_seats.contains(step.tx, {thread, seat}) || !is_with(step, seat, sent))
            continue;
        const auto place = std::ranges::find(out, seat, &wire::Unchanged::seat);
        if (place != out.end()) {
            place->views.push_back(view);
        } else if (out.size() < limits::unchanged_seats_max) {
            out.push_back({seat, {view}});
        }
    }
    std::ranges::sort(out, {}, &wire::Unchanged::seat);
    for (auto& one : out) std::ranges::sort(one.views);
    return out;
}

bool is_still_unchanged(Step& step, const NotificationId& id, const OutboxItem& item,
                        const Notification& notification, const wire::RoutingFacts& asked) {
    if (asked.unchanged.empty()) return true;
    if (step.policy() == nullptr) return false;
    const auto now = unchanged_views(step, id, item, views_of(step, item, notification));
    return std::ranges::all_of(asked.unchanged, [&](const wire::Unchanged& then) {
        const auto place = std::ranges::find(now, then.seat, &wire::Unchanged::seat);
        return place != now.end() && std::ranges::includes(place->views, then.views);
    });
}

std::optional<NotificationId> sent_before(Step& step, const OutboxItem& item, const Seat& seat,
                                          const ViewId& view) {
    const auto sent = table::views_sent.get(step.tx, {item.thread, seat, view});
    return sent ? std::optional(sent->in) : std::nullopt;
}

void remember_sent(Step& step, const NotificationId& id, const OutboxItem& item,
                   const wire::Recipient& recipient, const std::vector<ViewId>& sent,
                   const Views& views) {
    if (item.thread.is_zero()) return;
    for (const auto& view : sent) {
        table::views_sent.put(step.tx, {item.thread, recipient.seat, view},
                              {words_of(step, item.thread, recipient.seat, view, views.at(view)),
                               id, recipient.inbox});
    }
}

void forget_sent(Step& step, const NotificationId& id, const OutboxItem& item) {
    if (item.thread.is_zero()) return;
    const Bytes prefix = store::key_bytes(item.thread);
    for (const auto& [key, sent] : table::views_sent.collect(step.tx, {.prefix = prefix})) {
        if (sent.in == id) table::views_sent.erase(step.tx, key);
    }
}

std::vector<NotificationId> updates_since(Step& step, const NotificationId& id,
                                          const OutboxItem& item) {
    std::vector<NotificationId> out;
    if (item.thread.is_zero()) return out;
    const Bytes prefix = store::key_bytes(item.thread);
    for (const auto& key : table::outbox_thread.collect_keys(step.tx, {.prefix = prefix})) {
        const auto& [thread, at, other] = key;
        if (other == id || at < item.created_at) continue;
        const auto later = table::outbox.get(step.tx, other);
        if (!later || later->recalled_at.is_set() ||
            (later->state != OutboxState::sealed && later->state != OutboxState::accepted))
            continue;
        const auto decision = decision_of(*later);
        if (std::ranges::any_of(decision.recipients,
                                [](const auto& one) { return !one.unchanged.empty(); }))
            out.push_back(other);
    }
    return out;
}

}  // namespace mash::runtime
