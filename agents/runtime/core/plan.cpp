// May I, to whom: the broker proposes, this file checks. The plan's facts are proved by their
// signatures, the decision is made again from them and must be equal; on any difference nothing is
// sealed, somebody is told, and it is asked anew.
#include <algorithm>
#include <set>

#include "agents/runtime/core/agreement.hpp"
#include "agents/runtime/core/parts.hpp"
#include "agents/runtime/core/questions.hpp"
#include "agents/runtime/core/severed.hpp"
#include "agents/runtime/core/standing_by.hpp"
#include "common/area/catalogue_rows.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::seconds retry_after_difference{30};
constexpr std::chrono::seconds retry_after_new_documents{1};
/// Nobody has a key, or the area has no documents in force.
constexpr std::chrono::seconds retry_while_nobody_is_connected{60};
/// A fact that a restored broker has lost looks like one that a stolen broker hides: asked again
/// this often, with an alarm, before the notification goes on without it.
constexpr std::uint32_t plans_before_going_on = 3;

constexpr std::chrono::hours nobody_involved_after{24};
constexpr std::chrono::minutes first_look_after{1};
/// Of one message corrected again and again.
constexpr std::size_t corrections_followed_max = 32;

template <class T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

wire::Agreement sorted(wire::Agreement agreement) {
    sort_unique(agreement.named_agencies);
    return agreement;
}

/// Why a plan is not followed. `alarm` false: an ordinary race, asked again at once.
struct Difference {
    ErrorCode code{};
    Alarm::Kind kind = Alarm::Kind::plan_differs;
    bool alarm = true;
    std::chrono::milliseconds wait = retry_after_difference;
};

std::optional<Difference> check_versions(Step& step, const wire::DisclosurePlan& plan) {
    const auto& facts = plan.facts;
    const std::uint64_t registry = step.registry()->version;
    const std::uint64_t policy = step.agent.policy_version;
    if (facts.registry_version == registry && facts.policy_version == policy) return std::nullopt;
    if (facts.registry_version < registry || facts.policy_version < policy) {
        return Difference{ErrorCode::version_went_back, Alarm::Kind::version_went_back};
    }
    fetch_documents(step, true);
    return Difference{ErrorCode::stale_plan, Alarm::Kind::plan_differs, false,
                      retry_after_new_documents};
}

/// Each authorisation that we sent is still among the facts: a broker that drops a refusal or a
/// permission would otherwise change the outcome unseen.
bool keeps_authorisations(const Asked& asked, const wire::PlanFacts& facts) {
    return std::all_of(
        asked.authorisations.begin(), asked.authorisations.end(), [&](const auto& sent) {
            return std::find(facts.authorisations.begin(), facts.authorisations.end(), sent) !=
                   facts.authorisations.end();
        });
}

/// None of them was withdrawn while the plan was under way: the broker said that somebody else must
/// release it.
bool still_given(Step& step, const Asked& asked) {
    const Bytes prefix = store::key_bytes(asked.notification);
    const auto marks = table::authorisations.collect(step.tx, {.prefix = prefix});
    return std::ranges::all_of(asked.authorisations, [&](const auto& sent) {
        return std::ranges::any_of(
            marks, [&](const auto& mark) { return mark.second.signed_authorisation == sent; });
    });
}

/// Everybody our own plans told in this thread and whom the registry still lists is among the
/// facts.
bool keeps_thread(const Step& step, const Asked& asked, const wire::PlanFacts& facts) {
    return std::all_of(
        asked.facts.thread_seats.begin(), asked.facts.thread_seats.end(), [&](const Seat& seat) {
            if (step.registry()->find_active_agency(seat.agency, step.now.wall) == nullptr)
                return true;
            if (step.registry()->find_seat(seat) == nullptr) return true;
            return std::binary_search(facts.thread_seats.begin(), facts.thread_seats.end(), seat);
        });
}

/// The decision without inboxes that nobody has connected yet: for those the broker opens a task to
/// ring.
wire::Decision connected_part(wire::Decision decision, const std::set<InboxId>& certified) {
    std::erase_if(decision.recipients, [&](wire::Recipient& recipient) {
        std::erase_if(recipient.standbys,
                      [&](const auto& standby) { return !certified.contains(standby.inbox); });
        return !certified.contains(recipient.inbox) && recipient.standbys.empty();
    });
    for (auto& recipient : decision.recipients) {
        // Only a standby is connected: it is what there is to check.
        if (!certified.contains(recipient.inbox))
            recipient.inbox = recipient.standbys.front().inbox;
    }
    return decision;
}

/// The certificates' serials never go back: an old inbox key, once replaced, is not to be used
/// again. One that we saw and that should still be in force may not vanish either.
std::optional<Difference> check_serials(Step& step, const wire::DisclosurePlan& plan,
                                        std::uint32_t plans) {
    const auto certified = certified_inboxes(plan.facts);
    for (const auto& inbox : named_inboxes(plan.decision)) {
        if (certified.contains(inbox)) continue;
        const auto seen = table::certificates_seen.get(step.tx, inbox);
        if (seen && step.now.wall < seen->not_after && plans <= plans_before_going_on) {
            return Difference{ErrorCode::fact_unproved, Alarm::Kind::fact_unproved};
        }
    }
    for (const auto& signed_certificate : plan.facts.certificates) {
        const auto certificate = wire::decode_body<wire::InboxCertificate>(signed_certificate.body);
        if (!certificate) return Difference{certificate.error(), Alarm::Kind::fact_unproved};
        const auto seen = table::certificates_seen.get(step.tx, certificate->inbox);
        if (seen && certificate->serial < seen->serial) {
            return Difference{ErrorCode::version_went_back, Alarm::Kind::version_went_back};
        }
        table::certificates_seen.put(step.tx, certificate->inbox,
                                     {certificate->serial, certificate->not_after});
    }
    return std::nullopt;
}

/// Whether only the floor may go is a fact that both sides must know of each other. Our own stale
/// documents permit nothing else; a broker whose own are stale, or who says so, takes recipients
/// away, so that is judged like any other fact that it hides.
std::optional<Difference> check_floor(Step& step, const wire::DisclosurePlan& plan,
                                      const Asked& asked, std::uint32_t plans) {
    const auto fresh = step.check_documents();
    if (!fresh && !plan.facts.floor)
        return Difference{fresh.error(), Alarm::Kind::registry_not_fresh};
    if (!fresh || !plan.facts.floor) return std::nullopt;
    if (asked.floor) {  // newer documents came in between
        return Difference{ErrorCode::stale_plan, Alarm::Kind::registry_not_fresh, false,
                          retry_after_new_documents};
    }
    if (plans > plans_before_going_on) return std::nullopt;
    return Difference{ErrorCode::not_fresh, Alarm::Kind::registry_not_fresh};
}

std::optional<Difference> check_plan(Step& step, const wire::DisclosurePlan& plan,
                                     const Asked& asked, std::uint32_t plans, bool is_stale) {
    if (auto floor = check_floor(step, plan, asked, plans)) return floor;
    if (auto versions = check_versions(step, plan)) return versions;
    if (std::chrono::abs(step.now.wall - plan.facts.decided_at) > limits::clock_skew_max) {
        return Difference{ErrorCode::clock_skew, Alarm::Kind::clock_skew};
    }
    if (plan.expires_at <= step.now.wall) {
        return Difference{ErrorCode::stale_plan, Alarm::Kind::plan_differs, false,
                          retry_after_new_documents};
    }
    if (is_stale) {
        return Difference{ErrorCode::stale_plan, Alarm::Kind::plan_differs, false,
                          retry_after_new_documents};
    }
    if (!keeps_authorisations(asked, plan.facts)) return Difference{ErrorCode::decision_differs};
    if (plans <= plans_before_going_on && !keeps_thread(step, asked, plan.facts)) {
        return Difference{ErrorCode::decision_differs};
    }
    if (!answers_still_count(step, plan.facts))
        return Difference{ErrorCode::fact_unproved, Alarm::Kind::fact_unproved};
    const auto input = area::facts_for(asked.notification, asked.facts, plan.facts,
                                       *step.registry(), *step.policy());
    if (!input) return Difference{input.error(), Alarm::Kind::fact_unproved};
    const auto own = area::decide(*input, *step.registry(), *step.policy());
    if (wire::encode_body(own) != wire::encode_body(plan.decision))
        return Difference{ErrorCode::decision_differs};
    const auto connected = connected_part(plan.decision, certified_inboxes(plan.facts));
    if (const auto proved =
            area::check_certificates(connected, plan.facts, *step.registry(), step.now.wall);
        !proved) {
        return Difference{proved.error(), Alarm::Kind::fact_unproved};
    }
    return check_serials(step, plan, plans);
}

LogEvent event_of(const Difference& difference) {
    switch (difference.kind) {
        case Alarm::Kind::fact_unproved: return LogEvent::fact_unproved;
        case Alarm::Kind::registry_not_fresh: return LogEvent::document_not_fresh;
        case Alarm::Kind::version_went_back: return LogEvent::document_went_back;
        default: return LogEvent::decision_differs;
    }
}

void refuse(Step& step, const NotificationId& id, OutboxItem& item, std::string code) {
    item.refusal = std::move(code);
    set_state(step, id, item, OutboxState::refused);
    watch_again(step, id, {});
    clear(step, Alarm::Kind::not_accepted, id);
    // A refusal is an answer, and one that somebody must read: the sender acts on it or sends
    // something else instead.
    raise(step, Alarm::Kind::publish_refused, id, step.telephone_of({item.agency, item.role}));
    step.record(LogEvent::plan_refused, ErrorCode::refused_by_rule, id, item.agency);
}

/// No rule refuses it: it waits until policy and registry are in force again, and is late in the
/// meantime.
void wait_for_documents(Step& step, const NotificationId& id, const OutboxItem& item) {
    put_item(step, id, item);
    raise(step, Alarm::Kind::registry_not_fresh, id);
    step.record(LogEvent::document_not_fresh, ErrorCode::not_fresh, id, item.agency);
    step.agent.not_before[id] = step.now.steady + retry_while_nobody_is_connected;
}

/// A broker that was put back lacks claims for a while, and a stolen one says what it likes: one
/// empty plan ends nothing. It is asked again, each time after as long as it has waited.
void ask_again_quietly(Step& step, const NotificationId& id, OutboxItem& item,
                       const std::string& refusal) {
    const WallTime end = item.created_at + nobody_involved_after;
    if (step.now.wall >= end) return withdraw(step, id, item);
    const auto waited =
        std::max<std::chrono::milliseconds>(step.now.wall - item.created_at, first_look_after);
    item.refusal = refusal;
    set_state(step, id, item, OutboxState::held);
    clear(step, Alarm::Kind::not_accepted, id);
    watch_again(step, id, std::min(end, step.now.wall + waited));
}

/// Everybody waits for a person; at most whoever decides is shown it.
bool asks_only(const wire::Decision& decision) {
    return decision.not_connected.empty() &&
           std::ranges::all_of(decision.recipients, [](const wire::Recipient& one) {
               return one.route == area::decider_route;
           });
}

void add_recipient(wire::Decision& decision, const wire::Recipient& recipient) {
    const auto place =
        std::ranges::lower_bound(decision.recipients, recipient.seat, {}, &wire::Recipient::seat);
    if (place != decision.recipients.end() && place->seat == recipient.seat) return;
    decision.recipients.insert(place, recipient);
    const auto is_told = [&](const auto& one) { return one.seat == recipient.seat; };
    std::erase_if(decision.held, is_told);
    std::erase_if(decision.refused, is_told);
}

/// It was sent before, to some whom the plan of today does not name: a broker that was put back has
/// lost that plan. Whoever signed for it has it, stands on the sender's list and must hear of its
/// recall.
wire::Decision with_earlier_recipients(Step& step, const NotificationId& id, const OutboxItem& item,
                                       wire::Decision decision) {
    if (!item.accepted_at.is_set()) return decision;
    for (const auto& recipient : decision_of(item).recipients) {
        if (has_rung(step, id, recipient.seat, wire::Rung::stored))
            add_recipient(decision, recipient);
    }
    return decision;
}

/// Taken back after it was sent, and planned anew for a broker that has lost it. Where the plan of
/// today names nobody to offer it to there is nothing left to offer, to refuse or to decide. Its
/// recall went ahead, and whoever signed for it owes the word that it is gone.
bool was_sent_and_recalled(const OutboxItem& item) {
    return item.recalled_at.is_set() && item.accepted_at.is_set();
}

void follow(Step& step, const NotificationId& id, OutboxItem& item,
            const wire::DisclosurePlan& plan, const wire::RoutingFacts& facts) {
    const auto& decision = plan.decision;
    const auto told = with_earlier_recipients(step, id, item, decision);
    item.decision = wire::encode_body(told);
    item.policy_version = plan.facts.policy_version;
    item.registry_version = plan.facts.registry_version;
    item.decided_at = plan.facts.decided_at;
    item.refusal.clear();
    const auto record = [&](DecisionKind kind, std::string_view code) {
        record_plan(step, id, item, facts, plan, kind, code);
    };
    if (!decision.refusal.empty() && decision.floor) {
        item.refusal = decision.refusal;
        record(DecisionKind::waits, item.refusal);
        return wait_for_documents(step, id, item);
    }
    // Nobody works with the child: the front door itself has it, from the sender.
    if (item.reason == passed_on && decision.refusal == nobody_involved) {
        record(DecisionKind::not_sent, decision.refusal);
        if (was_sent_and_recalled(item)) return sent_before_restore(step, id, item);
        return ask_again_quietly(step, id, item, decision.refusal);
    }
    if (!decision.refusal.empty()) {
        record(DecisionKind::refused, decision.refusal);
        if (was_sent_and_recalled(item)) return sent_before_restore(step, id, item);
        return refuse(step, id, item, decision.refusal);
    }
    on_held(step, id, item, decision);
    const auto named = named_inboxes(decision);
    const auto certified = certified_inboxes(plan.facts);
    const bool has_reader = std::any_of(named.begin(), named.end(), [&](const InboxId& inbox) {
        return certified.contains(inbox);
    });
    const bool only_asks = asks_only(decision);
    if (only_asks && !has_reader) {
        if (decision.held.empty()) {
            record(DecisionKind::refused, "no_recipient");
            return refuse(step, id, item, "no_recipient");
        }
        record(DecisionKind::held, decision.held.front().rule);
        if (was_sent_and_recalled(item)) return sent_before_restore(step, id, item);
        set_state(step, id, item, OutboxState::held);
        WallTime due = decision.held.front().decide_by;
        for (const auto& held : decision.held) due = std::min(due, held.decide_by);
        watch_again(step, id, due);
        clear(step, Alarm::Kind::not_accepted, id);
        step.record(LogEvent::plan_held, id, item.agency);
        return;
    }
    if (!has_reader) {
        // Nobody whom the rules name has a key to seal to. It waits, loudly, and goes as soon as
        // one of them connects.
        item.refusal = "nobody_connected";
        record(DecisionKind::waits, item.refusal);
        put_item(step, id, item);
        const auto& gaps = decision.not_connected;
        raise(step, Alarm::Kind::not_accepted, id,
              gaps.empty() ? std::string() : gaps.front().telephone);
        step.record(LogEvent::not_connected, id, item.agency);
        step.agent.not_before[id] = step.now.steady + retry_while_nobody_is_connected;
        return;
    }
    const auto sealed = seal(step, id, item, facts, plan);
    if (!sealed)
        record(DecisionKind::waits, name_of(sealed.error()));
    else if (only_asks)
        record(DecisionKind::held, decision.held.front().rule);
    else
        record(kind_of(decision), {});
    if (!sealed && sealed.error() == ErrorCode::too_large) {
        item.refusal = std::string(name_of(sealed.error()));
        set_state(step, id, item, OutboxState::blocked);
        raise(step, Alarm::Kind::publish_refused, id);
        step.record(LogEvent::publish_refused, sealed.error(), id, item.agency);
        return;
    }
    if (!sealed) {
        put_item(step, id, item);
        raise(step, Alarm::Kind::plan_differs, id);
        step.record(LogEvent::publish_refused, sealed.error(), id, item.agency);
        step.agent.not_before[id] = step.now.steady + retry_after_difference;
        return;
    }
    item.sealed_digest = wire::notification_digest(item.agency, id, *sealed);
    item.sealed_at = step.now.wall;
    for (const auto& recipient :
         decision.recipients) {  // now the most urgent of those who are really told
        if (recipient.lane < item.lane) {
            const auto state = item.state;
            set_state(step, id, item, OutboxState::held);
            item.lane = recipient.lane;
            item.state = state;
        }
    }
    for (const auto& recipient : decision.recipients) {
        const bool reached =
            certified.contains(recipient.inbox) ||
            std::any_of(recipient.standbys.begin(), recipient.standbys.end(),
                        [&](const auto& standby) { return certified.contains(standby.inbox); });
        // The front door has a task to ring; our own word that there was no key to seal to.
        if (!reached)
            put_rung(step, id, recipient.seat, wire::Rung::not_connected, step.now.wall, "no_key");
    }
    table::outbox_sealed.put(step.tx, id, {wire::encode_body(*sealed)});
    drop_supplements(step, id);  // whom they added is named by this decision
    note_reliance(step, id, item, told, facts.agreement);
    set_state(step, id, item, OutboxState::sealed);
    clear_sending_alarms(step, id, decision.floor);
    // Marked and alarmed: those whom the whole policy would tell are for a person to think of.
    if (decision.floor) raise(step, Alarm::Kind::registry_not_fresh, id);
}

}  // namespace

std::set<InboxId> certified_inboxes(const wire::PlanFacts& facts) {
    std::set<InboxId> inboxes;
    for (const auto& signed_certificate : facts.certificates) {
        if (const auto certificate =
                wire::decode_body<wire::InboxCertificate>(signed_certificate.body)) {
            inboxes.insert(certificate->inbox);
        }
    }
    return inboxes;
}

std::set<InboxId> named_inboxes(const wire::Decision& decision) {
    std::set<InboxId> named;
    for (const auto& recipient : decision.recipients) {
        named.insert(recipient.inbox);
        for (const auto& standby : recipient.standbys) named.insert(standby.inbox);
    }
    return named;
}

namespace {

std::optional<OutboxItem> corrected_by(Step& step, const OutboxItem& item) {
    const auto* type = step.policy() == nullptr ? nullptr : step.policy()->find_type(item.type);
    if (type == nullptr || type->row != area::row_correction) return std::nullopt;
    return table::outbox.get(step.tx, item.supersedes);
}

/// A correction of a correction is for whoever had either; not for one whose copy was taken back
/// since, who should never have had it.
std::set<Seat> told_seats(Step& step, NotificationId id, OutboxItem item) {
    std::set<Seat> told;
    for (std::size_t corrections = 0; corrections < corrections_followed_max; ++corrections) {
        for (const auto& recipient : decision_of(item).recipients) {
            if (recipient.route != area::decider_route &&
                !is_copy_recalled(step, id, recipient.seat))
                told.insert(recipient.seat);
        }
        auto earlier = corrected_by(step, item);
        if (!earlier) break;
        id = item.supersedes;
        item = std::move(*earlier);
    }
    return told;
}

}  // namespace

wire::RoutingFacts routing_facts(Step& step, const NotificationId& id, const OutboxItem& item,
                                 const Notification& notification) {
    auto facts = facts_but_tokens(step, id, item, notification);
    // Of which child it speaks, its sender has signed.
    if (auto said = passed_on_facts(step, id)) {
        facts.tokens = std::move(said->tokens);
        return facts;
    }
    // Without the pepper, or the broker's answer in time, no token can be made: it goes on
    // unmatched, because a missing identifier never blocks.
    facts.tokens = make_tokens(step, item.agency, stated_identities(notification.subject),
                               limits::tokens_max, {})
                       .tokens;
    // What the broker has said of a list of ours: the record is the same child's. Where nothing
    // else says which child it is, it is about the one of before.
    auto now = facts.tokens;
    leave_out_severed(step, now);
    if (!area::strong_tokens(now).empty()) facts.tokens = std::move(now);
    return facts;
}

namespace {

/// Whoever has no agent stands in no thread: it is addressed again, where the row has a way for it.
void add_rung_in_thread(Step& step, const OutboxItem& item, wire::RoutingFacts& facts) {
    const auto* type = step.policy() == nullptr ? nullptr : step.policy()->find_type(item.type);
    if (type == nullptr || item.thread.is_zero()) return;
    const Bytes prefix = store::key_bytes(item.thread);
    for (const auto& [thread, seat] :
         table::rung_in_thread.collect_keys(step.tx, {.prefix = prefix})) {
        const bool is_row_for_it = std::ranges::any_of(type->routes, [&](const area::Route& route) {
            return route.by == area::RouteBy::addressed && route.role == seat.role;
        });
        if (is_row_for_it) facts.addressed_to.push_back(seat);
    }
}

}  // namespace

wire::RoutingFacts facts_but_tokens(Step& step, const NotificationId& id, const OutboxItem& item,
                                    const Notification& notification) {
    wire::RoutingFacts facts = notification.facts;
    facts.sender = item.agency;
    facts.sender_role = item.role;
    facts.kind = item.kind;
    facts.occurred_at = item.occurred_at;
    facts.event = item.event;
    facts.thread = item.thread;
    facts.supersedes = item.supersedes;
    facts.agreement = sorted(stated_agreement(step, id, item, notification));
    facts.tokens.clear();
    facts.views_on_offer.clear();
    facts.unchanged.clear();
    if (step.policy() != nullptr) {
        const auto views = views_of(step, item, notification);
        for (const auto& [view, content] : views) facts.views_on_offer.push_back(view);
        facts.unchanged = unchanged_views(step, id, item, views);
    }
    facts.thread_seats.clear();
    if (!item.thread.is_zero()) {
        const Bytes prefix = store::key_bytes(item.thread);
        for (const auto& key : table::thread_seats.collect_keys(step.tx, {.prefix = prefix})) {
            facts.thread_seats.push_back(std::get<1>(key));
        }
    }
    add_rung_in_thread(step, item, facts);
    if (const auto original = corrected_by(step, item)) {
        // Whoever had what was wrong, and nobody else who was told something in this thread. The
        // front door hears of corrections whatever it had.
        const auto told = told_seats(step, item.supersedes, *original);
        std::erase_if(facts.thread_seats, [&](const Seat& seat) {
            return !told.contains(seat) && seat.role != step.policy()->front_door_role() &&
                   seat.role != step.policy()->emergency_duty_role();
        });
        facts.thread_seats.insert(facts.thread_seats.end(), told.begin(), told.end());
    }
    if (const auto said = passed_on_facts(step, id)) {
        facts.passed_on_from = said->passed_on_from;
        facts.views_on_offer.insert(facts.views_on_offer.end(), said->views_on_offer.begin(),
                                    said->views_on_offer.end());
    }
    // The seat in whose role somebody stood in must not read it, so it decides nothing about it.
    if (was_sent_standing_by(step, id)) facts.conflicts_stated.push_back({item.agency, item.role});
    sort_unique(facts.views_on_offer);
    sort_unique(facts.thread_seats);
    sort_unique(facts.markers);
    sort_unique(facts.detriment);
    sort_unique(facts.conflicts_stated);
    sort_unique(facts.addressed_to);
    return facts;
}

void remember_rung(Step& step, const ThreadId& thread, const std::vector<Seat>& addressed_to) {
    if (thread.is_zero() || step.policy() == nullptr) return;
    for (const auto& seat : addressed_to) {
        if (step.policy()->find_other_authority(seat.agency) != nullptr)
            table::rung_in_thread.put(step.tx, {thread, seat}, {});
    }
}

void on_plan(Step& step, const wire::DisclosurePlan& plan, std::uint64_t request) {
    const auto found = step.agent.link.asked.find(request);
    if (found == step.agent.link.asked.end() || found->second.kind != Asked::Kind::plan ||
        found->second.notification != plan.notification) {
        step.record(LogEvent::frame_refused, ErrorCode::plan_mismatch);
        return;
    }
    const Asked asked = found->second;
    forget_request(step, request);
    auto item = table::outbox.get(step.tx, plan.notification);
    const bool adds = asked.supplement != 0;
    if (!item || item->state != (adds ? OutboxState::accepted : OutboxState::waiting)) return;
    // The family may have said something else while the question was under way.
    const auto notification = stored_notification(step, plan.notification);
    if (!notification) return;
    const auto says = stated_agreement(step, plan.notification, *item, *notification);
    const auto plans = adds ? supplement_plans(step, asked) : item->plans;
    const bool is_stale =
        sorted(says) != asked.facts.agreement || !still_given(step, asked) ||
        !is_still_unchanged(step, plan.notification, *item, *notification, asked.facts);
    const auto difference = check_plan(step, plan, asked, plans, is_stale);
    if (!difference) note_built_on(step, plan.notification, asked.facts, plan);
    if (!difference && adds) return follow_supplement(step, plan, asked);
    if (!difference) return follow(step, plan.notification, *item, plan, asked.facts);
    step.agent.not_before[plan.notification] = step.now.steady + difference->wait;
    if (!difference->alarm) return;
    step.record(event_of(*difference), difference->code, plan.notification, item->agency);
    raise(step, difference->kind, plan.notification);
}

bool name_earlier_recipient(Step& step, const NotificationId& id, OutboxItem& item,
                            const Seat& seat) {
    if (!item.accepted_at.is_set()) return false;
    const Bytes prefix = store::key_bytes(id);
    for (const auto& key : table::decisions_of.collect_keys(
             step.tx, {.prefix = prefix, .order = store::Order::descending})) {
        const auto row = decision_row(step, std::get<1>(key));
        if (!row || row->decision.empty()) continue;
        const auto earlier = wire::decode_body<wire::Decision>(row->decision);
        if (!earlier) continue;
        const auto found = std::ranges::find(earlier->recipients, seat, &wire::Recipient::seat);
        if (found == earlier->recipients.end()) continue;
        auto decision = decision_of(item);
        add_recipient(decision, *found);
        item.decision = wire::encode_body(decision);
        put_item(step, id, item);
        if (const auto stated = wire::decode_body<wire::RoutingFacts>(row->routing_facts))
            rely_as_before(step, id, item, *found, stated->agreement);
        return true;
    }
    return false;
}

wire::Decision decision_of(const OutboxItem& item) {
    if (item.decision.empty()) return {};
    auto decision = wire::decode_body<wire::Decision>(item.decision);
    return decision ? std::move(*decision) : wire::Decision{};
}

}  // namespace mash::runtime
