// Agreement records and their withdrawal (K1), at the sender. A withdrawal stops reliance from then
// on; it removes nothing and does not un-know.
//
//   recorded ── cited by, or made for, one referral ──> bound ── a later one of the referral ──>
//   replaced
//      │                                                  ├─ its end ──> run out: as if not asked
//      └──────────────────────── withdrawn ───────────────┴─> withdrawn, for good
#include "agents/runtime/core/agreement.hpp"

#include <algorithm>
#include <array>

#include "agents/runtime/core/caller.hpp"
#include "agents/runtime/core/identity.hpp"
#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "common/area/agreement.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

std::string withdrawal_errand(const NotificationId& id) { return "withdrawal/" + to_text(id); }

wire::AgreementBody body_of(const AgreementId& id, const AgreementRow& row) {
    wire::AgreementBody body;
    body.id = id;
    body.agency = row.agency;
    body.thread = row.referral;
    body.person = row.recorded_by;
    body.agreement = row.said;
    body.recorded_at = row.recorded_at;
    body.expires_at = row.expires_at;
    body.withdrawn_at = row.withdrawn_at;
    return body;
}

void send_withdrawal(Step& step, const NotificationId& id, const AgencyId& agency,
                     const WithdrawalMark& mark) {
    const auto* key = step.signing_key(agency);
    if (key == nullptr) {
        step.record(LogEvent::frame_refused, ErrorCode::unknown_key, id, agency);
        return;
    }
    wire::WithdrawalBody body;
    body.notification = id;
    body.sender = agency;
    body.agreement = mark.agreement;
    body.person = mark.by;
    body.at = mark.at;
    body.confirm_by = mark.confirm_by;
    wire::WithdrawAgreement frame;
    frame.body = wire::encode_body(body);
    frame.signature = crypto::sign(*key, wire::label::withdrawal, frame.body);
    put_errand(step, withdrawal_errand(id), std::move(frame), wire::Lane::immediate);
    step.record(LogEvent::agreement_withdrawn, id, agency);
}

/// Whoever has removed it uses it no more either.
bool uses_no_more(Step& step, const NotificationId& id, const Seat& seat) {
    return has_rung(step, id, seat, wire::Rung::agreement_stopped) ||
           has_rung(step, id, seat, wire::Rung::recalled);
}

/// It signed for it: under an earlier plan perhaps, which a broker that was put back has lost.
bool holds_copy(Step& step, const NotificationId& id, const Seat& seat) {
    using enum wire::Rung;
    return std::ranges::any_of(std::array{stored, opened, handed_over, taken, decided},
                               [&](wire::Rung rung) { return has_rung(step, id, seat, rung); });
}

void add_unique(std::vector<Seat>& seats, const std::vector<Seat>& more) {
    seats.insert(seats.end(), more.begin(), more.end());
    std::ranges::sort(seats);
    seats.erase(std::ranges::unique(seats).begin(), seats.end());
}

/// Sealed with the agreement as one of its reasons: whoever relied on it is told, wherever the
/// bytes are by now. That of a later agreement takes the place of an earlier one's, for whoever has
/// not stopped.
void withdraw_from(Step& step, const NotificationId& id, const OutboxItem& item,
                   WithdrawalMark mark) {
    if (const auto known = table::withdrawals.get(step.tx, id)) {
        if (known->agreement == mark.agreement) return;
        table::withdrawals_due.erase(step.tx, {known->confirm_by, id});
        std::erase_if(mark.seats, [&](const Seat& seat) { return uses_no_more(step, id, seat); });
    }
    if (const auto* policy = step.policy()) mark.confirm_by = policy->agreement_confirm_by(mark.at);
    table::withdrawals.put(step.tx, id, mark);
    if (mark.confirm_by.is_set()) table::withdrawals_due.put(step.tx, {mark.confirm_by, id}, {});
    record_withdrawn(step, id, item, mark);
    send_withdrawal(step, id, item.agency, mark);
    settle(step, id);
}

/// Nothing of it has left: it is planned anew, and the rules say what may go without.
void plan_anew(Step& step, const NotificationId& id, OutboxItem& item) {
    const Bytes prefix = store::key_bytes(id);
    // Only whoever decides was shown it: what the rules say now they say in a supplement.
    if (item.state == OutboxState::accepted &&
        !table::held.collect_keys(step.tx, {.prefix = prefix, .limit = 1}).empty())
        return want_supplement(step, id);
    if (item.state != OutboxState::held) return;
    for (const auto& key : table::held.collect_keys(step.tx, {.prefix = prefix}))
        table::held.erase(step.tx, key);
    clear(step, Alarm::Kind::held_overdue, id);
    set_state(step, id, item, OutboxState::waiting);
}

void follow_withdrawal(Step& step, const AgreementId& agreement, const AgreementRow& row) {
    if (row.referral.is_zero()) return;
    for (const auto& id : items_of(step, row.referral)) {
        auto item = table::outbox.get(step.tx, id);
        if (!item || item->agency != row.agency) continue;
        if (auto relied = table::agreement_relied.get(step.tx, {row.referral, id}))
            withdraw_from(
                step, id, *item,
                {agreement, row.withdrawn_at, row.withdrawn_by, {}, std::move(relied->seats)});
        plan_anew(step, id, *item);
    }
    step.pump_due = true;
}

bool is_confirmed(Step& step, const NotificationId& id, const WithdrawalMark& mark) {
    return std::ranges::all_of(mark.seats,
                               [&](const Seat& seat) { return uses_no_more(step, id, seat); });
}

}  // namespace

std::optional<AgreementInForce> agreement_of(Step& step, const ThreadId& referral) {
    const auto ref = table::agreement_of_referral.get(step.tx, referral);
    auto row = ref ? table::agreements.get(step.tx, ref->id) : std::nullopt;
    if (!row) return std::nullopt;
    return AgreementInForce{ref->id, std::move(*row)};
}

wire::Agreement said_now(const Step& step, const AgreementId& id, const AgreementRow& row) {
    return area::effective_agreement(body_of(id, row), step.now.wall);
}

void put_agreement(Step& step, const AgreementId& id, const AgreementRow& row) {
    table::agreements.put(step.tx, id, row);
    if (row.referral.is_zero()) return;
    const auto* key = step.signing_key(row.agency);
    if (key == nullptr) {
        step.record(LogEvent::frame_refused, ErrorCode::unknown_key, {}, row.agency);
        return;
    }
    wire::RecordAgreement frame;
    frame.body = wire::encode_body(body_of(id, row));
    frame.signature = crypto::sign(*key, wire::label::agreement, frame.body);
    // Standing: a restored broker must know again what counts before it hears what relies on it.
    put_errand(step, "agreement/" + to_text(id), std::move(frame), wire::Lane::immediate, true);
    step.record(LogEvent::agreement_recorded, {}, row.agency);
}

void bind_agreement(Step& step, const AgreementId& id, AgreementRow& row,
                    const ThreadId& referral) {
    const auto current = agreement_of(step, referral);
    row.referral = referral;
    if (!current || current->row.recorded_at <= row.recorded_at)
        table::agreement_of_referral.put(step.tx, referral, {id});
    put_agreement(step, id, row);
    // Whoever waits for a person may not have to any more, or the other way round.
    for (const auto& each : items_of(step, referral)) {
        if (auto item = table::outbox.get(step.tx, each)) plan_anew(step, each, *item);
    }
    step.pump_due = true;
}

void put_ahead(Step& step, const AgreementId& id, const ThreadId& referral) {
    table::agreements_ahead.put(step.tx, {referral, id}, {});
}

void bind_ahead(Step& step, const ThreadId& referral, const RoleId& role) {
    if (referral.is_zero()) return;
    const Bytes prefix = store::key_bytes(referral);
    for (const auto& key : table::agreements_ahead.collect_keys(step.tx, {.prefix = prefix})) {
        const auto& id = std::get<1>(key);
        auto row = table::agreements.get(step.tx, id);
        const auto known = row ? table::people.get(step.tx, row->recorded_by) : std::nullopt;
        if (!known) continue;
        // An alternate has what was re-routed to them and nothing else of the seat.
        Caller recorder;
        recorder.person = row->recorded_by;
        recorder.row = *known;
        if (!has_role_itself(step, recorder, {row->agency, role})) continue;
        table::agreements_ahead.erase(step.tx, key);
        if (row->referral.is_zero()) bind_agreement(step, id, *row, referral);
    }
}

bool is_about(Step& step, const AgreementId& id, const Subject& subject) {
    const auto kept = step.get_sealed(sealed::agreement, store::key_bytes(id));
    if (!kept) return true;
    const auto recorded = agreement_from_json(text_of(*kept));
    if (!recorded.has_subject) return true;
    const auto mine = canonical_identities(recorded.subject, TokenUse::notification);
    for (const auto& identity : canonical_identities(subject, TokenUse::notification)) {
        if (std::ranges::find(mine, identity) != mine.end()) return true;
    }
    const auto name_of = [](const Subject& of) {
        return first_forename(of.forename.reveal()) + " " + fold_name(of.surname.reveal());
    };
    const auto born_a = normalise_date_of_birth(recorded.subject.date_of_birth.reveal());
    const auto born_b = normalise_date_of_birth(subject.date_of_birth.reveal());
    return name_of(recorded.subject) == name_of(subject) &&
           (born_a.empty() || born_b.empty() || born_a == born_b);
}

std::vector<NotificationId> items_of(Step& step, const ThreadId& referral) {
    std::vector<NotificationId> items;
    const NotificationId alone(referral.value());
    if (table::outbox.contains(step.tx, alone)) items.push_back(alone);
    const Bytes prefix = store::key_bytes(referral);
    for (const auto& key : table::outbox_thread.collect_keys(step.tx, {.prefix = prefix})) {
        if (std::get<2>(key) != alone) items.push_back(std::get<2>(key));
    }
    return items;
}

wire::Agreement stated_agreement(Step& step, const NotificationId& id, const OutboxItem& item,
                                 const Notification& notification) {
    const auto& own = notification.facts.agreement;
    const bool is_asked = own.status != wire::AgreementStatus::unstated &&
                          own.status != wire::AgreementStatus::not_required;
    if (notification.agreement_record.is_zero() && !is_asked) return own;
    const auto record = agreement_of(step, area::referral_of(item.thread, id));
    return record ? said_now(step, record->id, record->row) : own;
}

void note_reliance(Step& step, const NotificationId& id, const OutboxItem& item,
                   const wire::Decision& decision, const wire::Agreement& stated) {
    const std::tuple key(area::referral_of(item.thread, id), id);
    auto seats = area::relying_on_agreement(decision, stated);
    // Planned anew for a broker that was put back: who has an earlier copy relied on what the
    // family had said then, whomever the plan of today names.
    if (const auto before = table::agreement_relied.get(step.tx, key)) {
        std::vector<Seat> holding = before->seats;
        std::erase_if(holding, [&](const Seat& seat) { return !holds_copy(step, id, seat); });
        add_unique(seats, holding);
    }
    if (seats.empty()) return table::agreement_relied.erase(step.tx, key);
    table::agreement_relied.put(step.tx, key, {std::move(seats)});
    // Sealed on what the family has said since: what is still on its way is about something else.
    if (!table::withdrawals.contains(step.tx, id)) drop_errand(step, withdrawal_errand(id));
}

void add_reliance(Step& step, const NotificationId& id, const OutboxItem& item,
                  const wire::Decision& added, const wire::Agreement& stated) {
    const auto seats = area::relying_on_agreement(added, stated);
    if (seats.empty()) return;
    const std::tuple key(area::referral_of(item.thread, id), id);
    auto row = table::agreement_relied.get(step.tx, key).value_or(Seats{});
    add_unique(row.seats, seats);
    table::agreement_relied.put(step.tx, key, row);
}

void rely_as_before(Step& step, const NotificationId& id, const OutboxItem& item,
                    const wire::Recipient& recipient, const wire::Agreement& stated) {
    wire::Decision earlier;
    earlier.recipients = {recipient};
    const auto seats = area::relying_on_agreement(earlier, stated);
    if (seats.empty()) return;
    add_reliance(step, id, item, earlier, stated);
    auto mark = table::withdrawals.get(step.tx, id);
    const auto record = agreement_of(step, area::referral_of(item.thread, id));
    if (!mark && record && record->row.withdrawn_at.is_set())
        return withdraw_from(
            step, id, item,
            {record->id, record->row.withdrawn_at, record->row.withdrawn_by, {}, seats});
    if (!mark) return;
    // The broker knows of no seat to tell: it is rung, and stands on the list until then.
    add_unique(mark->seats, seats);
    table::withdrawals.put(step.tx, id, *mark);
    if (mark->confirm_by.is_set()) table::withdrawals_due.put(step.tx, {mark->confirm_by, id}, {});
}

void drop_reliance(Step& step, const NotificationId& id, const OutboxItem& item,
                   const wire::Decision& tried) {
    const auto was_tried = [&](const Seat& seat) {
        return !holds_copy(step, id, seat) &&
               std::ranges::find(tried.recipients, seat, &wire::Recipient::seat) !=
                   tried.recipients.end();
    };
    const std::tuple key(area::referral_of(item.thread, id), id);
    if (auto relied = table::agreement_relied.get(step.tx, key)) {
        std::erase_if(relied->seats, was_tried);
        table::agreement_relied.put(step.tx, key, *relied);
    }
    if (auto mark = table::withdrawals.get(step.tx, id)) {
        std::erase_if(mark->seats, was_tried);
        table::withdrawals.put(step.tx, id, *mark);
        on_stopped(step, id);
    }
}

void stop_own(Step& step, const NotificationId& id, const OutboxItem& item,
              const AgreementId& agreement) {
    if (const auto relied =
            table::agreement_relied.get(step.tx, {area::referral_of(item.thread, id), id}))
        withdraw_from(step, id, item,
                      {agreement, step.now.wall, service_person(), {}, relied->seats});
}

void stop_unknown(Step& step, const NotificationId& id, const AgencyId& agency,
                  const AgreementId& agreement) {
    WithdrawalMark mark{agreement, step.now.wall, service_person(), {}, {}};
    if (const auto* policy = step.policy()) mark.confirm_by = policy->agreement_confirm_by(mark.at);
    send_withdrawal(step, id, agency, mark);
}

void forget_reliance(Step& step, const NotificationId& id, const OutboxItem& item) {
    table::agreement_relied.erase(step.tx, {area::referral_of(item.thread, id), id});
    const auto mark = table::withdrawals.get(step.tx, id);
    if (!mark) return;
    table::withdrawals_due.erase(step.tx, {mark->confirm_by, id});
    table::withdrawals.erase(step.tx, id);
    clear(step, Alarm::Kind::not_confirmed, id);
}

Result<void> withdraw_agreement(Step& step, const AgreementId& id, const PersonId& person) {
    auto row = table::agreements.get(step.tx, id);
    if (!row) return fail(ErrorCode::not_found);
    if (row->withdrawn_at.is_set()) return {};
    if (row->said.status != wire::AgreementStatus::given) return fail(ErrorCode::refused_by_rule);
    row->withdrawn_at = step.now.wall;
    row->withdrawn_by = person;
    put_agreement(step, id, *row);
    follow_withdrawal(step, id, *row);
    return {};
}

bool withdrawal_is_ahead(Step& step, const NotificationId& id, const OutboxItem& item) {
    const auto mark = table::withdrawals.get(step.tx, id);
    if (!mark || (item.state != OutboxState::sealed && item.state != OutboxState::accepted))
        return true;
    const auto errand = table::errands.get(step.tx, withdrawal_errand(id));
    if (!errand) send_withdrawal(step, id, item.agency, *mark);
    return errand && errand->done_at.is_set();
}

void on_agreement_held(Step& step, const wire::AgreementHeld& held) {
    const auto body = wire::decode_body<wire::AgreementBody>(held.body);
    if (!body || !step.serves(body->agency) ||
        !step.verify_agency(body->agency, std::min(body->recorded_at, step.now.wall),
                            wire::label::agreement, held.body, held.signature)) {
        step.record(LogEvent::frame_refused, body ? ErrorCode::bad_signature : body.error());
        return;
    }
    // Recorded before a backup of this store was put back: our own word, signed then.
    auto row = table::agreements.get(step.tx, body->id).value_or(AgreementRow{});
    if (row.agency.empty()) {
        row.agency = body->agency;
        row.said = body->agreement;
        row.said_at = body->recorded_at;
        row.recorded_at = body->recorded_at;
        row.recorded_by = body->person;
        row.expires_at = body->expires_at;
    } else if (row.agency != body->agency || row.withdrawn_at.is_set()) {
        return;
    }
    row.withdrawn_at = body->withdrawn_at;
    row.withdrawn_by = body->withdrawn_at.is_set() ? body->person : PersonId();
    bind_agreement(step, body->id, row, body->thread);
    step.record(LogEvent::agreement_forgotten, {}, body->agency);
    if (row.withdrawn_at.is_set()) follow_withdrawal(step, body->id, row);
}

std::optional<bool> has_stopped(Step& step, const NotificationId& id, const Seat& seat) {
    const auto mark = table::withdrawals.get(step.tx, id);
    if (!mark || std::ranges::find(mark->seats, seat) == mark->seats.end()) return std::nullopt;
    return has_rung(step, id, seat, wire::Rung::agreement_stopped);
}

void on_stopped(Step& step, const NotificationId& id) {
    const auto mark = table::withdrawals.get(step.tx, id);
    if (!mark || !is_confirmed(step, id, *mark)) return;
    table::withdrawals_due.erase(step.tx, {mark->confirm_by, id});
    const auto item = table::outbox.get(step.tx, id);
    if (!item || !item->recalled_at.is_set()) clear(step, Alarm::Kind::not_confirmed, id);
}

void watch_withdrawals(Step& step) {
    constexpr std::size_t at_once_max = 64;
    std::vector<std::tuple<WallTime, NotificationId>> due;
    table::withdrawals_due.scan(step.tx, {.limit = at_once_max}, [&](const auto& key, Flag&) {
        if (std::get<0>(key) > step.now.wall) return false;
        due.push_back(key);
        return true;
    });
    for (const auto& key : due) {
        const auto& id = std::get<1>(key);
        table::withdrawals_due.erase(step.tx, key);
        const auto mark = table::withdrawals.get(step.tx, id);
        if (!mark || is_confirmed(step, id, *mark)) continue;
        const auto missing = std::ranges::find_if(
            mark->seats, [&](const Seat& seat) { return !uses_no_more(step, id, seat); });
        // Since a recall that one is asked for, with its own time.
        const auto item = table::outbox.get(step.tx, id);
        if (item && item->recalled_at.is_set()) continue;
        raise(step, Alarm::Kind::not_confirmed, id, step.telephone_of(*missing));
    }
}

}  // namespace mash::runtime
