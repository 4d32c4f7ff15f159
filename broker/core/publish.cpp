#include "broker/core/publish.hpp"

#include <algorithm>

#include "broker/core/agreement.hpp"
#include "broker/core/ask_holders.hpp"
#include "broker/core/decisions.hpp"
#include "broker/core/delivery.hpp"
#include "broker/core/earlier_copies.hpp"
#include "broker/core/questions.hpp"
#include "broker/core/recall.hpp"
#include "broker/core/release.hpp"
#include "broker/core/requests.hpp"
#include "broker/core/ring_again.hpp"
#include "broker/core/tasks.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/base/check.hpp"
#include "common/crypto/hash.hpp"

namespace mash::broker {
namespace {

InboxRoute route_to(const InboxId& inbox) {
    InboxRoute route;
    route.inbox = inbox;
    route.state = RouteState::standing_by;
    route.queue_lane = wire::Lane::bulk;
    return route;
}

/// Somebody else's yes is no answer to it: whom the sender named has no agent, or whom it would
/// reach stands behind a conflict with no alternate.
bool is_gap_whoever_answers(Step& step, const PlanRecord& plan, const RoleId& role,
                            const std::vector<Seat>& addressed_to) {
    const auto& warnings = plan.decision.warnings;
    return std::ranges::find(warnings, "no_alternate") != warnings.end() ||
           std::ranges::any_of(addressed_to, [&](const Seat& seat) {
               return seat.role == role && !is_connected(step, seat);
           });
}

}  // namespace

std::map<InboxId, Share> shares_of(const wire::Decision& decision,
                                   const std::vector<InboxId>& connected) {
    std::map<InboxId, Share> shares;
    const auto add = [&](const InboxId& inbox, const wire::Recipient& recipient) {
        if (std::ranges::binary_search(connected, inbox))
            shares.try_emplace(inbox, Share{area::views_for(recipient, inbox), recipient.lane});
    };
    for (const auto& recipient : decision.recipients) add(recipient.inbox, recipient);
    for (const auto& recipient : decision.recipients) {
        for (const auto& standby : recipient.standbys) add(standby.inbox, recipient);
    }
    return shares;
}

// Signed anew each time from what is stored: the same body for the same notification, whatever key
// is in use now.
void answer_accepted(Step& step, const FrameIn& in, const ItemKey& item, const Digest& digest,
                     WallTime accepted_at) {
    wire::AcceptedBody body;
    body.id = item.id;
    body.sender = item.sender;
    body.digest = digest;
    body.accepted_at = accepted_at;
    wire::Accepted accepted;
    accepted.body = wire::encode_body(body);
    accepted.signature = step.sign(wire::label::accepted, accepted.body);
    step.answer(in, std::move(accepted));
}

void refuse_publish(Step& step, const FrameIn& in, const ItemKey& item, ErrorCode code,
                    std::string detail) {
    ++step.state.counters.refused;
    step.record_code(LogEvent::notification_refused, code, in.host, item.sender, item.id);
    step.refuse(in, code, std::move(detail), item.id);
}

namespace {

void put_off(Step& step, const FrameIn& in, const ItemKey& item, LogEvent event,
             std::string_view budget, std::chrono::milliseconds wait) {
    ++step.state.counters.busy;
    step.record_code(event, ErrorCode::busy, in.host, item.sender, item.id);
    step.refuse(in, ErrorCode::busy, std::string(budget), item.id,
                static_cast<std::uint32_t>(wait.count()));
}

}  // namespace

bool has_room(Step& step, const FrameIn& in, const ItemKey& item, const wire::Decision& decision) {
    auto& state = step.state;
    const auto goes_by = [&](wire::Lane slowest) {
        return std::ranges::any_of(decision.recipients, [&](const wire::Recipient& recipient) {
            return recipient.lane <= slowest;
        });
    };
    if (!goes_by(state.slowest_accepted)) {
        put_off(step, in, item, LogEvent::put_off_for_space, "store_space",
                limits::store_space_retry);
        return false;
    }
    const auto is_immediate = [&] { return goes_by(wire::Lane::immediate); };
    const auto bytes = [](std::uint32_t mebibytes) {
        return static_cast<double>(mebibytes) * limits::mebibyte;
    };
    // Both or neither: what waits for the minute has not used up the day.
    auto of_day = state.publish_day_budgets[item.sender];
    auto wait =
        take_in_lane(of_day, step.now.steady, std::chrono::days(1),
                     bytes(state.config.publish_mebibytes_per_day), in.frame_bytes, is_immediate);
    std::string_view budget = "publish_day_budget";
    if (wait.count() == 0) {
        wait = take_in_lane(
            state.publish_budgets[item.sender], step.now.steady, std::chrono::minutes(1),
            bytes(state.config.publish_mebibytes_per_minute), in.frame_bytes, is_immediate);
        budget = "publish_budget";
    }
    if (wait.count() > 0) {
        put_off(step, in, item, LogEvent::publish_over_budget, budget, wait);
        return false;
    }
    state.publish_day_budgets[item.sender] = of_day;
    return true;
}

Result<void> check_plan(const Step& step, const FrameIn& in, const ItemKey& item,
                        const std::optional<PlanRecord>& plan, const char*& detail) {
    detail = "plan_unknown";
    if (!plan || plan->item != item) return fail(ErrorCode::stale_plan);
    detail = "plan_expired";
    if (plan->expires_at <= step.now.wall && !step.expiries_paused())
        return fail(ErrorCode::stale_plan);
    const auto& trusted = step.state.documents.trusted;
    detail = "policy_changed";
    if (plan->policy_version != trusted.version(wire::DocumentKind::policy))
        return fail(ErrorCode::stale_plan);
    detail = "registry_changed";
    if (plan->registry_version != trusted.version(wire::DocumentKind::registry))
        return fail(ErrorCode::stale_plan);
    detail = "facts";
    const auto facts = crypto::labelled_hash("mash.v1.broker-facts",
                                             {wire::encode_body(in.frame.routing().facts)});
    if (facts != plan->facts) return fail(ErrorCode::plan_mismatch);
    return {};
}

bool fits(const wire::SealedNotification& sealed, const std::map<InboxId, Share>& shares) {
    if (sealed.parcels.size() != shares.size()) return false;
    std::set<ViewId> named;
    for (const auto& parcel : sealed.parcels) {
        const auto share = shares.find(parcel.recipient);
        if (share == shares.end() || parcel.lane != share->second.lane) return false;
        if (!std::ranges::equal(parcel.views, share->second.views, {}, &wire::ViewDigest::view))
            return false;
        for (const auto& view : parcel.views) named.insert(view.view);
    }
    return sealed.views.size() == named.size() &&
           std::ranges::all_of(sealed.views,
                               [&](const auto& view) { return named.contains(view.view); });
}

SeatRecord seat_record(const wire::Recipient& recipient, const std::vector<InboxId>& connected) {
    const auto is_connected = [&](const InboxId& inbox) {
        return std::ranges::binary_search(connected, inbox);
    };
    SeatRecord seat;
    seat.seat = recipient.seat;
    seat.act = recipient.act;
    seat.urgency = recipient.urgency;
    seat.lane = recipient.lane;
    seat.take_by = recipient.take_by;
    seat.estimated = recipient.estimated;
    seat.route = recipient.route;
    if (is_connected(recipient.inbox)) seat.inboxes.push_back(route_to(recipient.inbox));
    for (const auto& standby : recipient.standbys) {
        if (!is_connected(standby.inbox) || standby.inbox == recipient.inbox) continue;
        auto it = std::ranges::find(seat.inboxes, standby.inbox, &InboxRoute::inbox);
        if (it == seat.inboxes.end())
            it = seat.inboxes.insert(seat.inboxes.end(), route_to(standby.inbox));
        it->is_alternate = it->is_alternate || standby.cause == wire::StandbyCause::alternate;
        it->is_out_of_hours =
            it->is_out_of_hours || standby.cause == wire::StandbyCause::out_of_hours;
    }
    return seat;
}

void remember_in_thread(Step& step, const AgencyId& sender, const ThreadId& thread,
                        const std::vector<Seat>& told) {
    const std::tuple key{sender, thread};
    auto known = step.get(tables::thread_seats, key);
    const bool is_first = !known;
    auto seats = known.value_or(ThreadSeats{});
    const auto before = seats.seats.size();
    for (const auto& seat : told) {
        const auto place = std::ranges::lower_bound(seats.seats, seat);
        if (place != seats.seats.end() && *place == seat) continue;
        if (seats.seats.size() >= thread_seats_max) break;
        seats.seats.insert(place, seat);
    }
    if (is_first || seats.seats.size() != before) step.put(tables::thread_seats, key, seats);
    if (is_first)
        step.put(tables::expiries,
                 {step.now.wall + step.state.config.tombstone_retention, DueKind::thread,
                  key_of(sender, thread)},
                 {});
}

void remember_thread(Step& step, const ItemKey& item, const ThreadId& thread,
                     const wire::Decision& decision) {
    std::vector<Seat> told = seats_of_earlier_copies(step, item);
    for (const auto& recipient : decision.recipients) {
        // A decider was asked, not told.
        if (recipient.route != area::decider_route) told.push_back(recipient.seat);
    }
    remember_in_thread(step, item.sender, thread, told);
}

void open_gaps(Step& step, const ItemKey& item, const TypeId& type, const PlanRecord& plan,
               const std::vector<Seat>& addressed_to) {
    for (const auto& gap : plan.decision.not_connected) {
        if (is_asked_role(step, gap.role) &&
            !is_gap_whoever_answers(step, plan, gap.role, addressed_to))
            await_holders(step, item, gap.role, gap.tell_by);
        else
            open_gap(step, item, type, gap, addressed_to);
    }
    WallTime soonest;
    for (const auto& recipient : plan.decision.recipients) {
        if (!soonest.is_set() || recipient.take_by < soonest) soonest = recipient.take_by;
        // Without a key for the automatic pass-on, people pass on: those are the tasks.
        if (recipient.route == area::pass_on_route ||
            std::ranges::binary_search(plan.connected, recipient.inbox))
            continue;
        open_not_connected(step, item, type, recipient.seat, recipient.seat, recipient.take_by);
    }
    for (const auto& seat : plan.hidden) open_pass_on(step, item, type, seat, soonest);
}

namespace {

/// Whoever was told by telephone of what was wrong hears by telephone what is right.
void ring_about_correction(Step& step, const ItemKey& item, const wire::RoutingFacts& facts,
                           const wire::Decision& decision) {
    const auto* type = step.policy() ? step.policy()->find_type(facts.type) : nullptr;
    if (!type || type->row != area::row_correction || facts.supersedes.is_zero()) return;
    auto due = step.policy()->calendar().end_of_working_day(step.now.wall, 1);
    for (const auto& recipient : decision.recipients) due = std::min(due, recipient.take_by);
    ring_again_corrected(step, {item.sender, facts.supersedes}, item, facts.type, due);
}

NotificationRecord accept(Step& step, const ItemKey& item, const FrameIn& in,
                          const PlanRecord& plan) {
    auto& sealed = std::get<wire::Publish>(in.frame.frame().body).notification;
    const auto& routing = in.frame.routing();
    NotificationRecord record;
    record.digest = in.frame.notification_digest();
    record.accepted_at = step.now.wall;
    record.type = routing.facts.type;
    record.thread =
        routing.facts.thread.is_zero() ? ThreadId(item.id.value()) : routing.facts.thread;
    record.plan = routing.plan;
    record.tokens = plan.tokens;
    record.conflicts_stated = plan.conflicts_stated;
    for (const auto& recipient : plan.decision.recipients) {
        auto seat = seat_record(recipient, plan.connected);
        if (!seat.inboxes.empty()) record.seats.push_back(std::move(seat));
    }
    step.put(tables::content, item, {sealed.views, sealed.parcels});
    apply_conflicts(step, item, record);
    for (auto& seat : record.seats) plan_hours_release(step, item, seat);
    step.put(tables::notifications, item, record);
    remember_thread(step, item, record.thread, plan.decision);
    if (!take_back_what_was_recalled(step, item, record)) {
        open_gaps(step, item, record.type, plan, routing.facts.addressed_to);
        if (std::ranges::find(plan.decision.warnings, area::review_warning) !=
            plan.decision.warnings.end())
            open_review(step, item, record.type, routing.facts.sender_role);
        take_back_copies(step, item, record);
        ring_about_correction(step, item, routing.facts, plan.decision);
        ask_about(step, item, record, routing.facts);
        ask_holders(step, item, record, routing.facts);
    }
    note_reliance(step, item, record, plan.decision, routing.facts.agreement);
    record_accepted(step, routing.plan);
    step.erase(tables::plans, routing.plan);
    request_published(step, item, routing.plan, record.tokens);
    const bool by_a_person = step.policy() && area::passes_on(routing.facts, *step.policy()) &&
                             !area::passes_on_by_itself(routing.facts, *step.policy());
    if (by_a_person && !record.recalled) {
        std::vector<Seat> reached;
        for (const auto& seat : record.seats) reached.push_back(seat.seat);
        close_passed_on(step, record.type, reached, record.tokens);
    }
    return record;
}

}  // namespace

void on_publish(Step& step, const FrameIn& in) {
    const auto& routing = in.frame.routing();
    const ItemKey item{routing.facts.sender, routing.id};
    if (const auto known = step.get(tables::notifications, item)) {
        if (known->digest != in.frame.notification_digest()) {
            return refuse_publish(step, in, item, ErrorCode::duplicate_conflict, "other_content");
        }
        ++step.state.counters.repeated;
        step.record(LogEvent::notification_repeated, item.sender, item.id);
        return answer_accepted(step, in, item, known->digest, known->accepted_at);
    }
    const auto plan = step.get(tables::plans, routing.plan);
    const char* detail = "";
    const auto checked = check_plan(step, in, item, plan, detail);
    if (!checked) return refuse_publish(step, in, item, checked.error(), detail);
    CHECK(plan.has_value());  // check_plan() refuses without one
    // Withdrawn since the plan. Where the withdrawal itself is here it is accepted and stopped in
    // one step: an earlier life of this store may have delivered it, and whoever has it must be
    // told.
    if (!is_withdrawn(step, item) && !is_borne_out(step, routing.facts, item.id, {}))
        return refuse_publish(step, in, item, ErrorCode::stale_plan, "agreement");
    const auto shares = shares_of(plan->decision, plan->connected);
    if (shares.empty())
        return refuse_publish(step, in, item, ErrorCode::plan_mismatch, "no_recipients");
    const auto& sealed = std::get<wire::Publish>(in.frame.frame().body).notification;
    if (!fits(sealed, shares))
        return refuse_publish(step, in, item, ErrorCode::plan_mismatch, "recipients_or_views");
    if (!has_room(step, in, item, plan->decision)) return;

    const auto record = accept(step, item, in, *plan);
    ++step.state.counters.accepted;
    step.state.counters.published_bytes += in.frame_bytes;
    step.record(LogEvent::notification_accepted, item.sender, item.id);
    answer_accepted(step, in, item, record.digest, record.accepted_at);
}

}  // namespace mash::broker
