// Recipients that a later decision adds to an item that the broker has accepted: a person allowed
// what a rule held, or the floor has ended. A plan of its own is asked for and checked like the
// first; whoever it names beyond those who were told gets parcels and views sealed anew under the
// same id. What was accepted first stays as it is.
#include <algorithm>
#include <map>
#include <set>

#include "agents/runtime/core/parts.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime {
namespace {

using Key = std::tuple<NotificationId, std::uint32_t>;

constexpr std::size_t supplements_in_flight_max = 16;
constexpr std::chrono::seconds retry_after_refusal{60};
constexpr std::chrono::seconds retry_after_busy{1};

std::vector<std::pair<Key, SupplementRow>> rows_of(Step& step, const NotificationId& id) {
    const Bytes prefix = store::key_bytes(id);
    return table::supplements.collect(step.tx, {.prefix = prefix});
}

bool is_open(const SupplementRow& row) {
    return row.state == SupplementState::wanted || row.state == SupplementState::sealed;
}

void put_row(Step& step, const Key& key, const SupplementRow& row) {
    table::supplements.put(step.tx, key, row);
    is_open(row) ? table::supplements_open.put(step.tx, key, {})
                 : table::supplements_open.erase(step.tx, key);
}

void drop_row(Step& step, const Key& key) {
    table::supplements.erase(step.tx, key);
    table::supplements_sealed.erase(step.tx, key);
    table::supplements_open.erase(step.tx, key);
}

wire::Decision added_by(const SupplementRow& row) {
    auto decision = wire::decode_body<wire::Decision>(row.decision);
    return decision ? std::move(*decision) : wire::Decision{};
}

bool names(const wire::Decision& decision, const Seat& seat) {
    return std::ranges::find(decision.recipients, seat, &wire::Recipient::seat) !=
           decision.recipients.end();
}

void add_parcels(const std::optional<Blob>& stored, std::set<InboxId>& inboxes) {
    if (!stored) return;
    const auto sealed = wire::decode_body<wire::SealedNotification>(stored->bytes);
    if (!sealed) return;
    for (const auto& parcel : sealed->parcels) inboxes.insert(parcel.recipient);
}

/// Inboxes for which a parcel was sealed. Where the bytes were lost with a backup: whom the
/// decision names.
std::set<InboxId> told_inboxes(Step& step, const NotificationId& id, const OutboxItem& item) {
    std::set<InboxId> told;
    const auto first = table::outbox_sealed.get(step.tx, id);
    if (!first) return named_inboxes(decision_of(item));
    add_parcels(first, told);
    for (const auto& [key, row] : rows_of(step, id))
        add_parcels(table::supplements_sealed.get(step.tx, key), told);
    return told;
}

bool reaches(const wire::Recipient& recipient, const std::set<InboxId>& inboxes) {
    return inboxes.contains(recipient.inbox) ||
           std::ranges::any_of(recipient.standbys, [&](const wire::Standby& standby) {
               return inboxes.contains(standby.inbox);
           });
}

bool is_told(const wire::Decision& before, const std::set<InboxId>& told, const Seat& seat) {
    const auto known = std::ranges::find(before.recipients, seat, &wire::Recipient::seat);
    return known != before.recipients.end() && reaches(*known, told);
}

/// The plan for those whom nothing was sent to, and for inboxes that hold no parcel yet: as the
/// broker reckons it. Nobody is asked about the others either: what was sealed for them stays as it
/// is, and an answer could bring them nothing. Who relied on an agreement that was withdrawn is
/// told by what is sent anew.
wire::DisclosurePlan new_part(Step& step, const NotificationId& id, const OutboxItem& item,
                              wire::DisclosurePlan plan) {
    const auto told = told_inboxes(step, id, item);
    const auto before = decision_of(item);
    const auto was_told = [&](const auto& one) { return is_told(before, told, one.seat); };
    std::erase_if(plan.decision.recipients, was_told);
    std::erase_if(plan.decision.held, was_told);
    std::erase_if(plan.facts.certificates, [&](const wire::SignedInboxCertificate& one) {
        const auto certificate = wire::decode_body<wire::InboxCertificate>(one.body);
        return !certificate || told.contains(certificate->inbox);
    });
    return plan;
}

/// What the item's decision is from now on: today's, with those told before as they were told.
wire::Decision merged(const OutboxItem& item, const SupplementRow& row, wire::Decision today,
                      const wire::Decision& added) {
    const auto tried = added_by(row);  // sealed once, and never accepted
    const auto before = decision_of(item);
    today.recipients = added.recipients;
    for (const auto& recipient : before.recipients) {
        if (!names(added, recipient.seat) && !names(tried, recipient.seat))
            today.recipients.push_back(recipient);
    }
    std::ranges::sort(today.recipients, {}, &wire::Recipient::seat);
    const auto is_told = [&](const auto& one) { return names(today, one.seat); };
    std::erase_if(today.held, is_told);
    std::erase_if(today.refused, is_told);
    return today;
}

/// Whoever is asked now and has not answered while the plan was under way.
wire::Decision without_answered(Step& step, const Asked& asked, wire::Decision decision) {
    const Bytes prefix = store::key_bytes(asked.notification);
    for (const auto& [key, mark] : table::authorisations.collect(step.tx, {.prefix = prefix})) {
        if (std::ranges::find(asked.authorisations, mark.signed_authorisation) !=
            asked.authorisations.end())
            continue;
        const auto body = wire::decode_body<wire::Authorisation>(mark.signed_authorisation.body);
        if (!body) continue;
        std::erase_if(decision.held, [&](const wire::HeldRecipient& held) {
            return held.rule == body->rule &&
                   std::ranges::find(body->seats, held.seat) != body->seats.end();
        });
    }
    return decision;
}

void ask(Step& step, const Key& key, SupplementRow& row, const OutboxItem& item) {
    const auto& id = std::get<0>(key);
    auto request = plan_request(step, id, item, false);
    if (!request) return drop_row(step, key);
    request->reason = "supplement";
    ++row.plans;
    put_row(step, key, row);
    Asked asked;
    asked.kind = Asked::Kind::plan;
    asked.notification = id;
    asked.supplement = std::get<1>(key);
    asked.facts = request->facts;
    asked.authorisations = request->authorisations;
    asked.lane = item.lane;
    step.agent.link.request_of[id] = step.ask(std::move(*request), std::move(asked));
}

void offer(Step& step, const Key& key, const OutboxItem& item) {
    auto& link = step.agent.link;
    const auto& id = std::get<0>(key);
    const auto stored = table::supplements_sealed.get(step.tx, key);
    if (!stored || !fits_link(link, item, stored->bytes.size())) return;
    auto added = wire::decode_body<wire::SealedNotification>(stored->bytes);
    if (!added) {
        step.tx.mark_failed(ErrorCode::store_failed, "supplements_sealed",
                            "sealed supplement does not decode");
        return;
    }
    Asked asked;
    asked.kind = Asked::Kind::publish;
    asked.notification = id;
    asked.supplement = std::get<1>(key);
    asked.bytes = stored->bytes.size();
    asked.lane = item.lane;
    if (item.lane != wire::Lane::immediate) link.lower_lane_bytes += asked.bytes;
    link.request_of[id] = step.ask(wire::Supplement{std::move(*added)}, std::move(asked));
    step.record(LogEvent::published, id, item.agency);
}

/// Nothing is left to be sent of it; the others are told as they were.
void end_without(Step& step, const Key& key, OutboxItem& item, const SupplementRow& row,
                 const wire::Decision& today, const wire::Decision& added) {
    const auto& id = std::get<0>(key);
    item.decision = wire::encode_body(merged(item, row, today, added));
    put_item(step, id, item);
    drop_row(step, key);
    clear_sending_alarms(step, id);
    clear(step, Alarm::Kind::not_accepted, id);
    watch_again(step, id, step.now.wall);
}

void fail_loudly(Step& step, const NotificationId& id, const OutboxItem& item, ErrorCode code) {
    raise(step, Alarm::Kind::publish_refused, id);
    step.record(LogEvent::publish_refused, code, id, item.agency);
    back_off(step, id, retry_after_refusal);
}

}  // namespace

void want_supplement(Step& step, const NotificationId& id) {
    auto item = table::outbox.get(step.tx, id);
    if (!item || item->recalled_at.is_set() || item->state == OutboxState::closed) return;
    std::uint32_t number = 1;
    for (const auto& [key, row] : rows_of(step, id)) {
        number = std::get<1>(key) + 1;
        // A plan that is under way does not know what has been answered since.
        if (row.state == SupplementState::wanted && !step.agent.link.request_of.contains(id))
            return;
    }
    SupplementRow row;
    row.state = SupplementState::wanted;
    row.wanted_at = step.now.wall;
    put_row(step, {id, number}, row);
    item->settled_at = {};
    put_item(step, id, *item);
    if (item->state == OutboxState::accepted) watch_again(step, id, step.now.wall);
    step.pump_due = true;
}

void supplement_floor(Step& step) {
    const auto* policy = step.policy();
    if (!step.check_documents() || policy == nullptr || !policy->in_force_at(step.now.wall)) return;
    const Bytes prefix =
        store::key_bytes(static_cast<std::uint8_t>(Alarm::Kind::registry_not_fresh));
    for (const auto& key : table::alarms.collect_keys(step.tx, {.prefix = prefix})) {
        const auto& id = std::get<1>(key);
        const auto item = table::outbox.get(step.tx, id);
        if (!item || item->state != OutboxState::accepted || !decision_of(*item).floor) continue;
        if (!supplement_waits_since(step, id).is_set()) want_supplement(step, id);
    }
}

void pump_supplements(Step& step) {
    auto& link = step.agent.link;
    std::size_t under_way = 0;
    NotificationId last;
    for (const auto& key : table::supplements_open.collect_keys(step.tx, {})) {
        const auto& id = std::get<0>(key);
        if (id == last) continue;  // one after the other
        last = id;
        if (under_way >= supplements_in_flight_max) return;
        if (link.request_of.contains(id)) {
            ++under_way;
            continue;
        }
        if (const auto wait = step.agent.not_before.find(id); wait != step.agent.not_before.end()) {
            if (step.now.steady < wait->second) continue;
            step.agent.not_before.erase(wait);
        }
        const auto item = table::outbox.get(step.tx, id);
        auto row = table::supplements.get(step.tx, key);
        // Behind the notification itself, its recall and its withdrawal.
        if (!item || !row || item->state != OutboxState::accepted ||
            !recall_is_ahead(step, id, *item, added_by(*row)) ||
            (row->state == SupplementState::sealed && !withdrawal_is_ahead(step, id, *item)))
            continue;
        row->state == SupplementState::wanted ? ask(step, key, *row, *item)
                                              : offer(step, key, *item);
        ++under_way;
    }
}

std::uint32_t supplement_plans(Step& step, const Asked& asked) {
    const auto row = table::supplements.get(step.tx, {asked.notification, asked.supplement});
    return row ? row->plans : 0;
}

void follow_supplement(Step& step, const wire::DisclosurePlan& plan, const Asked& asked) {
    const auto& id = asked.notification;
    const Key key{id, asked.supplement};
    auto item = table::outbox.get(step.tx, id);
    auto row = table::supplements.get(step.tx, key);
    if (!item || !row || row->state != SupplementState::wanted) return;
    if (plan.decision.floor) return back_off(step, id, retry_after_refusal);
    if (!plan.decision.refusal.empty()) {
        // Allowed, and refused by a rule since: whoever allowed it must know.
        auto told = row->accepted_at.is_set() ? decision_of(*item)
                                              : merged(*item, *row, decision_of(*item), {});
        told.floor = false;
        item->decision = wire::encode_body(told);
        item->refusal = plan.decision.refusal;
        put_item(step, id, *item);
        drop_row(step, key);
        on_held(step, id, *item, plan.decision);  // nothing is left to ask
        record_plan(step, id, *item, asked.facts, plan, DecisionKind::refused,
                    plan.decision.refusal);
        clear_sending_alarms(step, id);
        raise(step, Alarm::Kind::publish_refused, id,
              step.telephone_of({item->agency, item->role}));
        step.record(LogEvent::plan_refused, ErrorCode::refused_by_rule, id, item->agency);
        return watch_again(step, id, step.now.wall);
    }
    auto part = new_part(step, id, *item, plan);
    on_held(step, id, *item, without_answered(step, asked, part.decision));
    const auto free = certified_inboxes(part.facts);
    const auto& added = part.decision.recipients;
    if (std::ranges::none_of(added, [&](const auto& one) { return reaches(one, free); })) {
        const auto certified = certified_inboxes(plan.facts);
        const auto gap =
            std::ranges::find_if(added, [&](const auto& one) { return !reaches(one, certified); });
        if (gap == added.end()) {
            // Nobody new; or only such as stand by for somebody else and hold that parcel.
            for (const auto& one : added)
                put_rung(step, id, one.seat, wire::Rung::not_connected, step.now.wall, "no_key");
            return end_without(step, key, *item, *row, plan.decision, part.decision);
        }
        // It goes as soon as one of them connects, and somebody rings meanwhile.
        raise(step, Alarm::Kind::not_accepted, id, step.telephone_of(gap->seat));
        step.record(LogEvent::not_connected, id, item->agency);
        return back_off(step, id, retry_after_refusal);
    }
    const auto decision = merged(*item, *row, plan.decision, part.decision);
    OutboxItem as_planned = *item;
    as_planned.policy_version = plan.facts.policy_version;
    const auto sealed =
        decision.recipients.size() > limits::parcels_max
            ? Result<wire::SealedNotification>(fail(ErrorCode::too_many))
            : seal(step, id, as_planned, asked.facts, part, wire::label::supplement);
    if (!sealed) return fail_loudly(step, id, *item, sealed.error());
    for (const auto& one : added) {
        if (reaches(one, free)) {
            table::rungs.erase(
                step.tx, {id, one.seat, static_cast<std::uint8_t>(wire::Rung::not_connected)});
        } else {
            put_rung(step, id, one.seat, wire::Rung::not_connected, step.now.wall, "no_key");
        }
    }
    wire::Decision only_added;
    only_added.recipients = added;
    row->state = SupplementState::sealed;
    row->decision = wire::encode_body(only_added);
    row->digest = wire::supplement_digest(item->agency, id, *sealed);
    row->sealed_at = step.now.wall;
    table::supplements_sealed.put(step.tx, key, {wire::encode_body(*sealed)});
    put_row(step, key, *row);
    // From now on they owe their rungs, whether the broker says that it has accepted or not.
    item->decision = wire::encode_body(decision);
    item->settled_at = {};
    put_item(step, id, *item);
    add_reliance(step, id, *item, only_added, asked.facts.agreement);
    record_plan(step, id, as_planned, asked.facts, plan, kind_of(plan.decision), "supplement");
    clear_sending_alarms(step, id);
    watch_again(step, id, step.now.wall);
    step.pump_due = true;
}

bool on_supplement_accepted(Step& step, const wire::AcceptedBody& body) {
    for (auto& [key, row] : rows_of(step, body.id)) {
        if (row.digest == Digest{} || row.digest != body.digest) continue;
        if (row.state != SupplementState::sealed) return true;  // said once more
        row.state = SupplementState::accepted;
        if (!row.accepted_at.is_set()) row.accepted_at = body.accepted_at;
        put_row(step, key, row);
        step.agent.stale_plans.erase(body.id);
        const auto item = table::outbox.get(step.tx, body.id);
        if (!item) return true;  // the content's time is over, and with it who was to be told
        remember_seats(step, body.id, *item);
        clear(step, Alarm::Kind::not_accepted, body.id);
        clear_sending_alarms(step, body.id);
        step.record(LogEvent::notification_accepted, body.id, item->agency);
        watch_again(step, body.id, step.now.wall);
        return true;
    }
    return false;
}

void on_supplement_error(Step& step, const Asked& asked, const wire::ErrorFrame& error) {
    const auto& id = asked.notification;
    const Key key{id, asked.supplement};
    const auto item = table::outbox.get(step.tx, id);
    auto row = table::supplements.get(step.tx, key);
    if (!item || !row || !is_open(*row)) return;
    const bool offered =
        asked.kind == Asked::Kind::publish && row->state == SupplementState::sealed;
    if (offered && error.code == ErrorCode::stale_plan) {
        // Never accepted: the one case in which it may be sealed anew.
        if (item->recalled_at.is_set() && !row->accepted_at.is_set()) return drop_row(step, key);
        if (!row->accepted_at.is_set()) drop_reliance(step, id, *item, added_by(*row));
        table::supplements_sealed.erase(step.tx, key);
        row->digest = {};
        row->state = SupplementState::wanted;
        put_row(step, key, *row);
        return back_off_stale(step, id);
    }
    if (offered &&
        (error.code == ErrorCode::duplicate_conflict || error.code == ErrorCode::expired)) {
        // Told before this store was put back; or so the broker says. It ends when all of them have
        // signed, and their rungs stay owed.
        row->state = SupplementState::blocked;
        put_row(step, key, *row);
        raise(step, Alarm::Kind::duplicate_conflict, id);
        step.record(LogEvent::publish_refused, error.code, id, item->agency);
        return supplements_signed_for(step, id);
    }
    if (next_step(error.code) == NextStep::retry_later ||
        next_step(error.code) == NextStep::reconnect) {
        return back_off(step, id,
                        std::max<std::chrono::milliseconds>(
                            retry_after_busy, std::chrono::milliseconds(error.retry_after_ms)));
    }
    if (error.code == ErrorCode::not_entitled && error.detail == "another_person") {
        // As of the notification itself. Planned without the words that do not count it holds these
        // seats again, and whoever may allow them is asked anew.
        auto asked_again = *item;
        ask_others_to_release(step, id, asked_again);
        return back_off(step, id, retry_after_busy);
    }
    fail_loudly(step, id, *item, error.code);
}

void supplements_signed_for(Step& step, const NotificationId& id) {
    for (auto& [key, row] : rows_of(step, id)) {
        if (row.state != SupplementState::blocked) continue;
        const auto added = added_by(row);
        const bool all = std::ranges::all_of(added.recipients, [&](const auto& one) {
            return has_rung(step, id, one.seat, wire::Rung::stored);
        });
        if (!all) continue;
        row.state = SupplementState::accepted;
        row.accepted_at = step.now.wall;
        put_row(step, key, row);
        clear(step, Alarm::Kind::duplicate_conflict, id);
    }
}

void offer_supplements_again(Step& step, const NotificationId& id) {
    for (auto& [key, row] : rows_of(step, id)) {
        if (is_open(row)) continue;
        row.state = SupplementState::sealed;
        row.sealed_at = step.now.wall;
        put_row(step, key, row);
    }
}

void drop_supplements(Step& step, const NotificationId& id, bool unsent) {
    for (const auto& [key, row] : rows_of(step, id)) {
        const bool is_unsent = row.state == SupplementState::wanted && !row.accepted_at.is_set();
        if (!unsent || is_unsent) drop_row(step, key);
    }
}

std::map<Seat, WallTime> added_at(Step& step, const NotificationId& id) {
    std::map<Seat, WallTime> at;
    for (const auto& [key, row] : rows_of(step, id)) {
        for (const auto& recipient : added_by(row).recipients)
            at.insert_or_assign(recipient.seat, row.sealed_at);
    }
    return at;
}

WallTime supplement_waits_since(Step& step, const NotificationId& id) {
    WallTime since;
    for (const auto& [key, row] : rows_of(step, id)) {
        if (!is_open(row)) continue;
        const WallTime at = row.accepted_at.is_set() ? row.sealed_at : row.wanted_at;
        if (!since.is_set() || at < since) since = at;
    }
    return since;
}

}  // namespace mash::runtime
