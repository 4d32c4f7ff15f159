#include "broker/core/supplement.hpp"

#include <algorithm>

#include "broker/core/agreement.hpp"
#include "broker/core/decisions.hpp"
#include "broker/core/publish.hpp"
#include "broker/core/recall.hpp"
#include "broker/core/release.hpp"
#include "broker/core/requests.hpp"
#include "broker/core/tasks.hpp"
#include "common/base/check.hpp"

namespace mash::broker {
namespace {

constexpr std::size_t supplements_max = 64;  // of one notification

bool holds_parcel(const NotificationRecord& record, const InboxId& inbox) {
    return std::ranges::any_of(record.seats, [&](const SeatRecord& seat) {
        return std::ranges::find(seat.inboxes, inbox, &InboxRoute::inbox) != seat.inboxes.end();
    });
}

bool is_sent_to(const NotificationRecord& record, const Seat& seat) {
    return std::ranges::find(record.seats, seat, &SeatRecord::seat) != record.seats.end();
}

/// What of the plan is new: recipients whose seat nothing was sent to, and inboxes that hold no
/// parcel yet. An inbox that stands by for somebody else keeps what it has: for whom it would be
/// the only way there is a gap, and somebody rings.
PlanRecord new_part(const NotificationRecord& record, PlanRecord plan) {
    std::erase_if(plan.decision.recipients, [&](const wire::Recipient& recipient) {
        return is_sent_to(record, recipient.seat);
    });
    std::erase_if(plan.connected,
                  [&](const InboxId& inbox) { return holds_parcel(record, inbox); });
    return plan;
}

bool all_told(const wire::SealedNotification& added, const NotificationRecord& record) {
    return std::ranges::all_of(added.parcels, [&](const wire::Parcel& parcel) {
        return holds_parcel(record, parcel.recipient);
    });
}

void keep(Step& step, const ItemKey& item, NotificationRecord& record, const FrameIn& in,
          const PlanRecord& part) {
    const auto& added = std::get<wire::Supplement>(in.frame.frame().body).added;
    AddedRecord kept;
    kept.plan = in.frame.routing().plan;
    kept.digest = in.frame.notification_digest();
    kept.accepted_at = step.now.wall;
    step.put(tables::added, {item, kept.plan}, {added.views, added.parcels});
    const auto before = record.seats.size();
    for (const auto& recipient : part.decision.recipients) {
        auto seat = seat_record(recipient, part.connected);
        if (seat.inboxes.empty()) continue;
        kept.seats.push_back(seat.seat);
        record.seats.push_back(std::move(seat));
    }
    record.added.push_back(std::move(kept));
    // More is known of the child now: who must not see it is asked of all of that.
    record.tokens.insert(record.tokens.end(), part.tokens.begin(), part.tokens.end());
    std::ranges::sort(record.tokens);
    record.tokens.erase(std::ranges::unique(record.tokens).begin(), record.tokens.end());
    apply_conflicts(step, item, record);
    for (auto i = before; i < record.seats.size(); ++i)
        plan_hours_release(step, item, record.seats[i]);
    step.put(tables::notifications, item, record);
    close_gaps(step, item, part.decision);
    remember_thread(step, item, record.thread, part.decision);
    if (record.recalled) {
        take_back(step, item, record);
    } else {
        open_gaps(step, item, record.type, part, in.frame.routing().facts.addressed_to);
        take_back_copies(step, item, record);
    }
    add_reliance(step, item, record, part.decision, in.frame.routing().facts.agreement);
    record_accepted(step, in.frame.routing().plan);
    step.erase(tables::plans, in.frame.routing().plan);
    request_published(step, item, in.frame.routing().plan, record.tokens);
}

}  // namespace

void on_supplement(Step& step, const FrameIn& in) {
    const auto& routing = in.frame.routing();
    const ItemKey item{routing.facts.sender, routing.id};
    auto record = step.get(tables::notifications, item);
    if (!record) return refuse_publish(step, in, item, ErrorCode::not_found, "notification");
    const auto known = std::ranges::find(record->added, routing.plan, &AddedRecord::plan);
    if (known != record->added.end()) {
        if (known->digest != in.frame.notification_digest())
            return refuse_publish(step, in, item, ErrorCode::duplicate_conflict, "other_content");
        ++step.state.counters.repeated;
        step.record(LogEvent::notification_repeated, item.sender, item.id);
        return answer_accepted(step, in, item, known->digest, known->accepted_at);
    }
    if (!record->has_content)
        return refuse_publish(step, in, item, ErrorCode::expired, "content_removed");
    const auto& added = std::get<wire::Supplement>(in.frame.frame().body).added;
    // Sealed anew by an agent that was put back and does not know that it told them already.
    if (all_told(added, *record))
        return refuse_publish(step, in, item, ErrorCode::duplicate_conflict, "already_told");
    if (record->added.size() >= supplements_max)
        return refuse_publish(step, in, item, ErrorCode::too_many, "supplements");
    const auto plan = step.get(tables::plans, routing.plan);
    const char* detail = "";
    const auto checked = check_plan(step, in, item, plan, detail);
    if (!checked) return refuse_publish(step, in, item, checked.error(), detail);
    CHECK(plan.has_value());  // check_plan() refuses without one
    // As of a notification: with its withdrawal here it is accepted and stopped in one step.
    if (!is_withdrawn(step, item) && !is_borne_out(step, routing.facts, item.id, {}))
        return refuse_publish(step, in, item, ErrorCode::stale_plan, "agreement");
    // Of the same event: another type or thread is another notification.
    const auto thread =
        routing.facts.thread.is_zero() ? ThreadId(item.id.value()) : routing.facts.thread;
    if (routing.facts.type != record->type || thread != record->thread)
        return refuse_publish(step, in, item, ErrorCode::plan_mismatch, "other_event");
    const auto part = new_part(*record, *plan);
    const auto shares = shares_of(part.decision, part.connected);
    if (shares.empty() || !fits(added, shares))
        return refuse_publish(step, in, item, ErrorCode::plan_mismatch, "recipients_or_views");
    if (!has_room(step, in, item, part.decision)) return;
    keep(step, item, *record, in, part);
    ++step.state.counters.accepted;
    step.state.counters.published_bytes += in.frame_bytes;
    step.record(LogEvent::notification_accepted, item.sender, item.id);
    answer_accepted(step, in, item, record->added.back().digest, record->added.back().accepted_at);
}

void open_later_tasks(Step& step, const ItemKey& item, const NotificationRecord& record,
                      const PlanRecord& plan, const std::vector<Seat>& addressed_to) {
    if (record.recalled || !record.has_content) return;
    take_from_stated(step, item, plan.conflicts_stated);
    for (const auto& held : plan.decision.held) {
        // What was sent to that seat stays as it is, and no answer would add anything.
        if (!is_sent_to(record, held.seat))
            open_held(step, item, record.type, held, {plan.tokens, plan.conflicts_stated});
    }
    // Else the gaps open when the supplement is accepted.
    auto part = new_part(record, plan);
    part.hidden.clear();  // passed on with the acceptance, if there is one
    if (shares_of(part.decision, part.connected).empty())
        open_gaps(step, item, record.type, part, addressed_to);
}

}  // namespace mash::broker
