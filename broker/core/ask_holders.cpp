#include "broker/core/ask_holders.hpp"

#include <algorithm>

#include "broker/core/notices.hpp"
#include "broker/core/plan.hpp"
#include "broker/core/questions.hpp"
#include "broker/core/receipts.hpp"
#include "broker/core/tasks.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::broker {
namespace {

NoticeKey asked_notice(const ClaimKey& key) {
    return {key.agency, NoticeKind::holder_asked, key_of(key)};
}
NoticeKey known_notice(const AgencyId& sender, const ClaimKey& key) {
    return {sender, NoticeKind::holder_known, key_of(key)};
}

ClaimKey subject_of(const NoticeKey& notice) {
    Reader in(notice.subject);
    ClaimKey key;
    read(in, key);
    return key;
}

ClaimKey key_for(const HolderQuestionKey& key, const Seat& seat) {
    return {seat.agency, wire::asked_claim_id(key.item.sender, key.item.id, seat, key.relation)};
}

/// The item, while anybody can still be told of it.
std::optional<NotificationRecord> living(Step& step, const ItemKey& item) {
    auto record = step.get(tables::notifications, item);
    if (!record || record->recalled || !record->has_content) return std::nullopt;
    return record;
}

bool is_still_asked(Step& step, const std::string& relation) {
    const auto* rule = step.policy() ? step.policy()->find_relation(relation) : nullptr;
    return rule != nullptr && !rule->indexed;
}

std::vector<Seat> possible_holders(Step& step, const area::RelationRule& relation) {
    std::vector<Seat> seats;
    for (const auto& role : relation.roles) {
        for (const auto& seat : step.registry()->seats_with_role(role, step.now.wall)) {
            const auto* agency = step.registry()->find_active_agency(seat.agency, step.now.wall);
            if (agency &&
                std::ranges::find(relation.claimed_by, agency->kind) != relation.claimed_by.end())
                seats.push_back(seat);
        }
    }
    std::ranges::sort(seats);
    seats.erase(std::ranges::unique(seats).begin(), seats.end());
    return seats;
}

/// A stolen host of many agencies has no more of the holders' answers than its share. What waits
/// for either budget uses up neither.
std::chrono::milliseconds over_budget(Step& step, const AgencyId& sender,
                                      const std::function<bool()>& is_immediate) {
    const auto take_one = [&](Bucket& bucket, std::uint32_t an_hour) {
        return take_in_lane(bucket, step.now.steady, std::chrono::hours(1), an_hour, 1.0,
                            is_immediate);
    };
    auto own = step.state.holder_budgets[sender];
    const auto wait = take_one(own, limits::involvement_questions_per_hour);
    if (wait.count() > 0) return wait;
    if (const auto* agency = step.registry()->find_agency(sender)) {
        const auto wait_of_host = take_one(step.state.holder_host_budgets[agency->host],
                                           limits::involvement_questions_per_host_hour);
        if (wait_of_host.count() > 0) return wait_of_host;
    }
    step.state.holder_budgets[sender] = own;
    return wait;
}

/// Asks every seat that could be the holder; or, over the sender's budget, later.
void ask_or_wait(Step& step, const HolderQuestionKey& key, HolderQuestionRecord record,
                 const wire::RoutingFacts& stated) {
    const auto is_immediate = [&] {
        return area::stated_lane(stated, step.registry(), *step.policy(), step.now.wall) ==
               wire::Lane::immediate;
    };
    const auto wait = over_budget(step, key.item.sender, is_immediate);
    if (wait.count() > 0) {
        record.asked_at = {};
        step.put(tables::holder_questions, key, record);
        step.put(tables::expiries, {step.now.wall + wait, DueKind::holders_wait, key_of(key)}, {});
        return step.record(LogEvent::involvement_over_budget, key.item.sender, key.item.id);
    }
    record.asked_at = step.now.wall;
    const auto seats = possible_holders(step, *step.policy()->find_relation(key.relation));
    record.asked = static_cast<std::uint32_t>(seats.size());
    // Whoever was asked before and is not any more is forgotten with the others.
    const auto before = std::exchange(record.seats, {});
    std::ranges::set_union(before, seats, std::back_inserter(record.seats));
    step.put(tables::holder_questions, key, record);
    step.record(LogEvent::involvement_asked, key.item.sender, key.item.id, record.asked);
    for (const auto& seat : seats) {
        const auto of_seat = key_for(key, seat);
        step.put(tables::asked_seats, of_seat, {key.item, seat, key.relation});
        add_notice(step, asked_notice(of_seat));
    }
}

/// The agency whose agent has it and passes on by itself; nobody's, if none does.
AgencyId passes_on_by_itself(const NotificationRecord& notification) {
    const auto seat =
        std::ranges::find(notification.seats, area::pass_on_route, &SeatRecord::route);
    return seat == notification.seats.end() ? AgencyId{} : seat->seat.agency;
}

/// Its parcel is with that agent, or on its way there: not refused, not stopped, and not of a kind
/// that it could not open when it came.
bool can_pass_on(const NotificationRecord& notification) {
    const auto seat =
        std::ranges::find(notification.seats, area::pass_on_route, &SeatRecord::route);
    if (seat == notification.seats.end()) return false;
    if (has_rung(*seat, wire::Rung::undecryptable) && !has_rung(*seat, wire::Rung::handed_over))
        return false;
    return std::ranges::any_of(seat->inboxes, [](const InboxRoute& route) {
        return route.state == RouteState::waiting || route.state == RouteState::standing_by ||
               route.state == RouteState::stored;
    });
}

/// The sender plans again, or the front door passes on where the sender may not know of them: its
/// agent, along an automatic route, and else a person.
void tell_of(Step& step, const ClaimKey& key, const AskedSeatRecord& asked,
             const NotificationRecord& notification, const wire::RoutingFacts& stated) {
    const auto& item = asked.item;
    const auto* sender = step.registry()->find_active_agency(item.sender, step.now.wall);
    if (!sender) return;
    const bool is_used = area::row_uses_relation(stated, sender->kind, asked.relation,
                                                 *step.policy(), step.now.wall);
    const bool is_hidden = is_protected_from(step, item, stated, *sender);
    const bool is_shown = is_used && !is_hidden &&
                          may_be_shown(step, item.sender, stated.sender_role, asked.relation);
    if (is_shown) return add_notice(step, known_notice(item.sender, key));
    const bool is_told = std::ranges::find(notification.seats, asked.seat, &SeatRecord::seat) !=
                         notification.seats.end();
    if (is_told || asked.seat.agency == item.sender) return;
    if (can_pass_on(notification) && !is_hidden &&
        area::pass_on_of(stated, sender->kind, asked.relation, *step.registry(), *step.policy(),
                         step.now.wall) == area::PassOn::by_itself)
        return add_notice(step, known_notice(passes_on_by_itself(notification), key));
    open_pass_on(step, item, notification.type, asked.seat, ask_by(step, notification));
}

/// Whoever was told of a yes has taken it up. Given back with the claim: there is nothing left to
/// add it to, and a person passes on.
void on_heard(Step& step, const FrameIn& in, const wire::InvolvementAnswer& answer) {
    const ClaimKey key{answer.asked.agency, answer.question};
    for (const auto& agency : agencies_of(*step.registry(), in.host)) {
        const auto notice = known_notice(agency, key);
        if (!tables::notices.contains(step.tx, notice)) continue;
        step.erase(tables::notices, notice);
        const auto asked = step.get(tables::asked_seats, key);
        const auto notification = asked ? living(step, asked->item) : std::nullopt;
        if (answer.claim && notification && asked->seat.agency != asked->item.sender)
            open_pass_on(step, asked->item, notification->type, asked->seat,
                         ask_by(step, *notification));
    }
    step.answer(in, wire::Done{});
}

}  // namespace

void ask_holders(Step& step, const ItemKey& item, const NotificationRecord& record,
                 const wire::RoutingFacts& stated) {
    const auto* policy = step.policy();
    const auto* sender = step.registry()->find_active_agency(item.sender, step.now.wall);
    // Of what is passed on, the notification itself has asked.
    if (!policy || !sender || record.recalled || !record.has_content || stated.tokens.empty() ||
        area::passes_on(stated, *policy))
        return;
    // Of an identity that an adoption severed nobody is asked: only its keeper is told.
    if (!severing_claims(step, stated.tokens).empty()) return;
    for (const auto& [word, relation] : policy->relations()) {
        if (relation.indexed || !depends_on(step, stated, sender->kind, word)) continue;
        const HolderQuestionKey key{item, word};
        auto asked = step.get(tables::holder_questions, key).value_or(HolderQuestionRecord{});
        if (!asked.stated.empty()) {
            const auto before = wire::decode_body<wire::RoutingFacts>(asked.stated);
            if (before && before->tokens == stated.tokens) continue;
        }
        asked.stated = wire::encode_body(stated);
        ask_or_wait(step, key, std::move(asked), stated);
    }
}

void go_on_asking(Step& step, const HolderQuestionKey& key) {
    auto record = step.get(tables::holder_questions, key);
    if (!record || record->asked_at.is_set() || !living(step, key.item) ||
        !is_still_asked(step, key.relation))
        return;
    const auto stated = wire::decode_body<wire::RoutingFacts>(record->stated);
    if (stated) ask_or_wait(step, key, std::move(*record), *stated);
}

void on_involvement_answer(Step& step, const FrameIn& in, const wire::InvolvementAnswer& answer) {
    if (!answer.notification.is_zero()) return on_heard(step, in, answer);
    const ClaimKey key{answer.asked.agency, answer.question};
    const auto asked = step.get(tables::asked_seats, key);
    if (!asked || asked->seat != answer.asked || asked->relation != answer.relation)
        return step.refuse(in, ErrorCode::not_found, "question");
    const auto heard = [&] {
        step.erase(tables::notices, asked_notice(key));
        step.answer(in, wire::Done{});
    };
    const HolderQuestionKey of{asked->item, asked->relation};
    auto question = step.get(tables::holder_questions, of);
    const auto notification = living(step, asked->item);
    if (!answer.claim || !question || !notification || !is_still_asked(step, asked->relation))
        return heard();
    const auto& claim = in.frame.claims().front();
    const auto stated = wire::decode_body<wire::RoutingFacts>(question->stated);
    const auto* holder = step.registry()->find_active_agency(claim.agency, step.now.wall);
    const auto refuse = [&](ErrorCode code, const char* detail) {
        step.record_code(LogEvent::claim_refused, code, in.host, claim.agency, asked->item.id);
        step.refuse(in, code, detail);
    };
    if (!stated || !holder) return refuse(ErrorCode::not_entitled, "claim");
    // Whoever has no such child does not know the tokens that the question hides.
    const bool is_linked = area::link(stated->tokens, claim, holder->kind) == area::Link::linked;
    if (!is_linked && !area::is_possible_match(stated->tokens, claim, holder->kind))
        return refuse(ErrorCode::bad_value, "tokens");
    const auto recorded = record_asked_claim(step, claim, *answer.claim);
    if (!recorded) return refuse(recorded.error(), "claim");
    if (is_linked) {
        if (std::ranges::find(question->known, asked->seat) == question->known.end()) {
            question->known.push_back(asked->seat);
            step.put(tables::holder_questions, of, *question);
        }
        step.record(LogEvent::involvement_known, claim.agency, asked->item.id);
        tell_of(step, key, *asked, *notification, *stated);
    } else {
        ask_about(step, asked->item, *notification, *stated);
    }
    heard();
}

void holder_answers_seen(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item.sender, static_cast<std::uint8_t>(NoticeKind::holder_known));
    for (const auto& notice : tables::notices.collect_keys(step.tx, {.prefix = prefix})) {
        const auto asked = step.get(tables::asked_seats, subject_of(notice));
        if (!asked || asked->item == item) step.erase(tables::notices, notice);
    }
}

void ask_lapsed_again(Step& step, const ClaimKey& key) {
    const auto asked = step.get(tables::asked_seats, key);
    if (!asked) return;
    const auto notification = living(step, asked->item);
    if (!notification) return;
    for (const auto& told : {asked->item.sender, passes_on_by_itself(*notification)}) {
        const auto known = known_notice(told, key);
        if (!tables::notices.contains(step.tx, known)) continue;
        step.erase(tables::notices, known);
        if (is_still_asked(step, asked->relation)) add_notice(step, asked_notice(key));
    }
}

bool send_holder_notice(Step& step, const Session& session, const NoticeKey& notice) {
    const auto key = subject_of(notice);
    const auto asked = step.get(tables::asked_seats, key);
    if (!asked || !living(step, asked->item) || !is_still_asked(step, asked->relation))
        return false;
    if (notice.kind == NoticeKind::holder_asked) {
        const auto question = step.get(tables::holder_questions, {asked->item, asked->relation});
        const auto stated = question ? wire::decode_body<wire::RoutingFacts>(question->stated)
                                     : fail(ErrorCode::not_found);
        if (!stated) return false;
        wire::InvolvementQuestion frame;
        frame.id = key.id;
        frame.asked = asked->seat;
        frame.relation = asked->relation;
        frame.tokens = wire::asked_tokens(key.id, stated->tokens);
        step.send(session.id, 0, std::move(frame), wire::Lane::immediate);
        return true;
    }
    const auto claim = step.get(tables::claims, key);
    if (!claim || claim->ended) return false;
    wire::InvolvementAnswer frame;
    frame.question = key.id;
    frame.asked = asked->seat;
    frame.relation = asked->relation;
    frame.claim = claim->signed_claim;
    frame.notification = asked->item.id;
    step.send(session.id, 0, std::move(frame), wire::Lane::immediate);
    return true;
}

bool is_asked_role(Step& step, const RoleId& role) {
    return step.policy() && std::ranges::any_of(step.policy()->relations(), [&](const auto& entry) {
               const auto& relation = entry.second;
               return !relation.indexed &&
                      std::ranges::find(relation.roles, role) != relation.roles.end();
           });
}

void await_holders(Step& step, const ItemKey& item, const RoleId& role, WallTime tell_by) {
    const auto at = std::min(tell_by, step.now.wall + limits::involvement_answer_wait);
    step.put(tables::due, {at, DueKind::role_gap, key_of(item, role, tell_by)}, {});
}

void ring_if_nobody(Step& step, const ItemKey& item, const RoleId& role, WallTime tell_by) {
    const auto record = living(step, item);
    if (!record || std::ranges::any_of(record->seats, [&](const SeatRecord& seat) {
            return seat.seat.role == role;
        }))
        return;
    open_not_connected(step, item, record->type, {{}, role}, {}, tell_by);
}

void forget_holder_questions(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item);
    step.erase(tables::weak_tokens, item);
    for (auto& [key, record] : tables::holder_questions.collect(step.tx, {.prefix = prefix})) {
        for (const auto& seat : record.seats) {
            const auto of_seat = key_for(key, seat);
            step.erase(tables::notices, asked_notice(of_seat));
            step.erase(tables::notices, known_notice(item.sender, of_seat));
            forget_asked_claim(step, of_seat);
            step.erase(tables::asked_seats, of_seat);
        }
        record.seats.clear();
        record.stated.clear();
        step.put(tables::holder_questions, key, record);
    }
}

void forget_holder_records(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item);
    for (const auto& key : tables::holder_questions.collect_keys(step.tx, {.prefix = prefix}))
        step.erase(tables::holder_questions, key);
}

}  // namespace mash::broker
