#include "broker/core/questions.hpp"

#include <algorithm>

#include "broker/core/notices.hpp"
#include "broker/core/plan.hpp"
#include "broker/core/tasks.hpp"
#include "common/area/decide.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker {
namespace {

using Heard = wire::IdentityHeard::What;

/// Asked anew, it lasts as long again.
DueKey due_of(const Step& step, const QuestionKey& key) {
    return {step.now.wall + step.state.config.tombstone_retention, DueKind::question, key_of(key)};
}

bool has_outcome(const QuestionRecord& record, wire::IdentityOutcome outcome) {
    return record.outcome == static_cast<std::uint8_t>(outcome);
}

std::vector<std::pair<QuestionKey, QuestionRecord>> questions_about(Step& step,
                                                                    const ClaimKey& claim) {
    const auto prefix = key_of(claim);
    return tables::questions.collect(step.tx, {.prefix = prefix});
}

std::vector<std::pair<QuestionItemKey, QuestionItemRecord>> items_of(Step& step,
                                                                     const QuestionKey& key) {
    const auto prefix = key_of(key);
    return tables::question_items.collect(step.tx, {.prefix = prefix});
}

/// As far as the broker knows: of the thread in which it was asked, or of the child of its tokens.
bool is_about(const QuestionRecord& record, const NotificationId& notification,
              const wire::RoutingFacts& stated) {
    wire::IdentityAnswer as_asked;
    as_asked.sender = record.item.sender;
    as_asked.thread = record.thread;
    as_asked.tokens = record.tokens;
    return area::is_answer_about(as_asked, notification, stated);
}

/// Under keys that both were made under. Where there are none nobody can say that it is the same,
/// and a question more is the smaller error: whoever is asked then knows both keys' tokens of it.
bool says_something_else(const std::vector<wire::Token>& stated,
                         const std::vector<wire::Token>& before) {
    if (stated.empty() || before.empty()) return stated.empty() != before.empty();
    const auto under = [](std::vector<wire::Token> tokens, std::uint16_t epoch) {
        std::erase_if(tokens, [&](const wire::Token& token) { return token.epoch != epoch; });
        return tokens;
    };
    bool is_comparable = false;
    for (const auto& token : stated) {
        const auto then = under(before, token.epoch);
        if (then.empty()) continue;
        is_comparable = true;
        if (then != under(stated, token.epoch)) return true;
    }
    return !is_comparable;
}

/// Nobody needs to be asked again. What could not be told is asked again once the sender knows
/// more.
bool settles(const QuestionRecord& record, const ItemKey& item, const wire::RoutingFacts& stated) {
    if (has_outcome(record, wire::IdentityOutcome::same)) {
        const auto answer = wire::decode_body<wire::IdentityAnswer>(record.answer.body);
        return answer && area::is_answer_about(*answer, item.id, stated);
    }
    if (has_outcome(record, wire::IdentityOutcome::cannot_tell) &&
        says_something_else(area::strong_tokens(stated.tokens), record.tokens))
        return false;
    return is_about(record, item.id, stated);
}

}  // namespace

bool may_be_shown(Step& step, const AgencyId& sender, const RoleId& role,
                  const std::string& relation) {
    const auto* agency = step.registry()->find_active_agency(sender, step.now.wall);
    return agency && step.policy() &&
           area::may_know_involved(agency->kind, role, relation, *step.policy());
}

WallTime ask_by(Step& step, const NotificationRecord& record) {
    auto due = step.policy()->take_by(wire::Urgency::u2, step.now.wall);
    for (const auto& seat : record.seats) {
        if (seat.act && seat.take_by > step.now.wall) due = std::min(due, seat.take_by);
    }
    return due;
}

bool depends_on(Step& step, const wire::RoutingFacts& stated, const area::AgencyKind& sender_kind,
                const std::string& relation) {
    const auto& policy = *step.policy();
    return area::row_uses_relation(stated, sender_kind, relation, policy, step.now.wall) ||
           area::pass_on_of(stated, sender_kind, relation, *step.registry(), policy,
                            step.now.wall) != area::PassOn::nobody;
}

namespace {

void depend(Step& step, const QuestionKey& key, const ItemKey& item, const RoleId& role) {
    if (!step.get(tables::question_items, {key, item}))
        step.put(tables::question_items, {key, item}, {role, false});
}

void open_question(Step& step, const ItemKey& item, const NotificationRecord& notification,
                   const LinkedClaim& possible, bool contradicted, const wire::RoutingFacts& stated,
                   const Seat& conflicts_with = {}) {
    const QuestionKey key{possible.key, step.new_id<TaskId>()};
    QuestionRecord record;
    record.item = item;
    record.thread = notification.thread;
    record.tokens = area::strong_tokens(stated.tokens);
    record.holder = possible.claim.seat;
    record.relation = possible.claim.relation;
    record.contradicted = contradicted;
    record.conflicts_with = conflicts_with;
    record.opened_at = step.now.wall;
    step.put(tables::questions, key, record);
    step.put(tables::expiries, due_of(step, key), {});
    depend(step, key, item, stated.sender_role);
    ClaimRecord claim;
    claim.claim = possible.claim;
    claim.claim.tokens = area::strong_tokens(possible.claim.tokens);
    open_possible_match(step, item, notification.type, key.id, claim, key.claim,
                        ask_by(step, notification));
}

/// The same was said under further keys: what is said under those alone can then be compared.
void learn_keys(Step& step, const QuestionKey& key, QuestionRecord record,
                const wire::RoutingFacts& stated) {
    auto& known = record.tokens;
    const auto before = known;
    for (const auto& token : area::strong_tokens(stated.tokens)) {
        if (std::ranges::find(before, token.epoch, &wire::Token::epoch) == before.end())
            known.push_back(token);
    }
    if (known.size() == before.size()) return;
    std::ranges::sort(known);
    step.put(tables::questions, key, record);
}

/// How it stands with the question whether this claim is of this item's child. `full`: nobody is
/// asked until this sender's others about the claim are answered.
enum class Asked { no, waits, answered, full };

Asked asked_about(Step& step, const ItemKey& item, const LinkedClaim& possible,
                  const wire::RoutingFacts& stated) {
    std::size_t open = 0;
    for (const auto& [key, record] : questions_about(step, possible.key)) {
        const bool is_waiting = record.outcome == 0 && is_open(step, key.id);
        const bool is_of_item = tables::question_items.contains(step.tx, {key, item});
        const bool answers = is_waiting ? is_about(record, item.id, stated)
                                        : record.outcome != 0 && settles(record, item, stated);
        if (answers && has_outcome(record, wire::IdentityOutcome::cannot_tell))
            learn_keys(step, key, record, stated);
        if (answers && !is_of_item) depend(step, key, item, stated.sender_role);
        if (answers || is_of_item) return is_waiting ? Asked::waits : Asked::answered;
        if (is_waiting && record.item.sender == item.sender) ++open;
    }
    return open < limits::questions_per_claim_max ? Asked::no : Asked::full;
}

void keep_weak_tokens(Step& step, const ItemKey& item, const wire::RoutingFacts& stated) {
    auto weak = stated.tokens;
    std::erase_if(weak, [](const wire::Token& token) { return wire::is_strong(token.kind); });
    if (!weak.empty()) step.put(tables::weak_tokens, item, {std::move(weak)});
}

/// Not everybody who may know the child can be asked about: somebody of the desk finds out by
/// telephone, as where nobody is known to hold the role.
void ring_for(Step& step, const ItemKey& item, const NotificationRecord& record,
              const std::set<std::string>& relations) {
    for (const auto& word : relations) {
        const auto* relation = step.policy()->find_relation(word);
        if (relation == nullptr || relation->roles.empty()) continue;
        open_not_connected(step, item, record.type, {{}, relation->roles.front()}, {},
                           ask_by(step, record));
    }
}

template <class Body>
bool is_of(const Body& body, const QuestionKey& key, const QuestionRecord& record) {
    return body.question == key.id && body.claim == key.claim.id && body.holder == record.holder &&
           body.relation == record.relation && body.sender == record.item.sender &&
           body.notification == record.item.id;
}

/// Both children's: nobody who is kept from either speaks for the front door here.
std::vector<wire::Token> tokens_of(Step& step, const QuestionKey& key,
                                   const QuestionRecord& record) {
    auto tokens = record.tokens;
    if (const auto claim = step.get(tables::claims, key.claim))
        std::ranges::copy(area::strong_tokens(claim->claim.tokens), std::back_inserter(tokens));
    return tokens;
}

NoticeKey look_notice(const AgencyId& agency, const QuestionKey& key) {
    return {agency, NoticeKind::identity_look, key_of(key)};
}
NoticeKey shown_notice(const QuestionRecord& record, const QuestionKey& key, bool of_sender) {
    return {record.look_decider.agency, NoticeKind::identity_shown,
            key_of(key, static_cast<std::uint8_t>(of_sender ? 1 : 0))};
}
NoticeKey answer_notice(const QuestionItemKey& key) {
    return {key.item.sender, NoticeKind::identity_answer, key_of(key)};
}

void drop_look(Step& step, const QuestionKey& key, QuestionRecord& record) {
    if (!record.looked_at.is_set()) return;
    step.erase(tables::notices, look_notice(record.item.sender, key));
    step.erase(tables::notices, look_notice(record.holder.agency, key));
    step.erase(tables::notices, shown_notice(record, key, true));
    step.erase(tables::notices, shown_notice(record, key, false));
    record.look = {};
    record.of_sender = record.of_holder = {};
    record.looked_at = {};
}

/// What is kept of a statement about the child of an item.
wire::RoutingFacts stated_of(const ItemKey& item, const QuestionItemRecord& dependant,
                             const NotificationRecord& notification) {
    wire::RoutingFacts stated;
    stated.sender = item.sender;
    stated.sender_role = dependant.role;
    stated.type = notification.type;
    stated.thread = notification.thread;
    stated.tokens = notification.tokens;
    return stated;
}

/// The sender of this item may be told who the holder is: neither is the relation kept from it nor
/// is the child protected, as far as all say who may know the child.
bool may_hear(Step& step, const QuestionKey& key, const QuestionRecord& record, const ItemKey& item,
              const QuestionItemRecord& dependant, const NotificationRecord& notification) {
    const auto* sender = step.registry()->find_active_agency(item.sender, step.now.wall);
    if (!sender || !may_be_shown(step, item.sender, dependant.role, record.relation)) return false;
    auto stated = stated_of(item, dependant, notification);
    if (const auto weak = step.get(tables::weak_tokens, item))
        std::ranges::copy(weak->tokens, std::back_inserter(stated.tokens));
    const auto claim = step.get(tables::claims, key.claim);
    return !is_protected_from(step, item, stated, *sender,
                              claim ? claim->claim.tokens : std::vector<wire::Token>{});
}

/// Tells each sender that it may add the holder; where it may not know of it, the front door passes
/// on; and where a signed answer does not reach, asks about that child as well.
void link_dependants(Step& step, const QuestionKey& key, const QuestionRecord& record,
                     const wire::IdentityAnswer& answer) {
    for (const auto& [of_item, dependant] : items_of(step, key)) {
        const auto& item = of_item.item;
        const auto notification = step.get(tables::notifications, item);
        if (!notification || notification->recalled || !notification->has_content) continue;
        const auto stated = stated_of(item, dependant, *notification);
        if (!may_hear(step, key, record, item, dependant, *notification)) {
            open_pass_on(step, item, notification->type, record.holder,
                         ask_by(step, *notification));
        } else if (area::is_answer_about(answer, item.id, stated)) {
            add_notice(step, answer_notice(of_item));
        } else if (const auto claim = step.get(tables::claims, key.claim); claim) {
            step.erase(tables::question_items, of_item);
            open_question(step, item, *notification,
                          {key.claim, claim->claim, claim->signed_claim, {}}, record.contradicted,
                          stated, record.conflicts_with);
        }
    }
}

wire::IdentityReached reached_by(Step& step, const QuestionKey& key, const QuestionRecord& record) {
    wire::IdentityReached reached;
    reached.question = key.id;
    for (const auto& [of_item, dependant] : items_of(step, key)) {
        const auto notification = step.get(tables::notifications, of_item.item);
        if (!dependant.used || !notification) continue;
        const auto seat = std::ranges::find(notification->seats, record.holder, &SeatRecord::seat);
        if (seat == notification->seats.end() ||
            reached.entries.size() == limits::identity_reached_max)
            continue;
        wire::IdentityReachedEntry entry;
        entry.notification = of_item.item.id;
        entry.sender = of_item.item.sender;
        entry.type = notification->type;
        entry.seat = seat->seat;
        for (std::uint8_t rung = 1; rung < 32; ++rung) {
            if ((seat->rungs & (1U << rung)) != 0)
                entry.rungs.push_back(static_cast<wire::Rung>(rung));
        }
        reached.entries.push_back(std::move(entry));
    }
    return reached;
}

std::optional<std::pair<QuestionKey, QuestionRecord>> find(Step& step, const AgencyId& holder,
                                                           const ClaimId& claim, const TaskId& id) {
    const QuestionKey key{{holder, claim}, id};
    auto record = step.get(tables::questions, key);
    if (!record) return std::nullopt;
    return std::pair(key, std::move(*record));
}

}  // namespace

namespace {

struct SaidSame {
    wire::SignedAuthorisation answer;
    QuestionKey question;
};

std::optional<SaidSame> answered_same(Step& step, const NotificationId& notification,
                                      const wire::RoutingFacts& stated, const ClaimKey& claim) {
    for (auto& [key, record] : questions_about(step, claim)) {
        if (!has_outcome(record, wire::IdentityOutcome::same)) continue;
        const auto answer = wire::decode_body<wire::IdentityAnswer>(record.answer.body);
        if (answer && area::is_answer_about(*answer, notification, stated))
            return SaidSame{std::move(record.answer), key};
    }
    return std::nullopt;
}

}  // namespace

std::vector<AnsweredClaim> answered_claims(Step& step, const NotificationId& notification,
                                           const wire::RoutingFacts& stated,
                                           const std::vector<LinkedClaim>& linked) {
    std::vector<AnsweredClaim> answered;
    const ClaimScope scope{{stated.sender, notification},
                           step.policy() && area::passes_on(stated, *step.policy())};
    std::map<ClaimKey, SaidSame> same;
    const auto is_answered = [&](const ClaimKey& key, const wire::InvolvementClaim& claim) {
        const bool is_linked = std::ranges::any_of(linked, [&](const LinkedClaim& one) {
            return one.claim.seat == claim.seat && one.claim.relation == claim.relation;
        });
        auto said = is_linked ? std::nullopt : answered_same(step, notification, stated, key);
        return said && same.insert_or_assign(key, std::move(*said)).second;
    };
    for (auto& possible : possible_claims(step, stated.tokens, scope, is_answered).claims) {
        auto& said = same.at(possible.key);
        answered.push_back({std::move(possible), std::move(said.answer), said.question});
    }
    return answered;
}

std::vector<AnsweredClaim> set_aside(Step& step, const NotificationId& notification,
                                     const wire::RoutingFacts& stated,
                                     std::vector<LinkedClaim>& linked, std::vector<Doubt>& doubts) {
    std::map<std::string, LinkedClaim*> standing;
    for (auto& one : linked) {
        const auto* relation = step.policy()->find_relation(one.claim.relation);
        if (relation == nullptr || !relation->single) continue;
        auto& first = standing[one.claim.relation];
        const auto order = [](const LinkedClaim& claim) {
            return std::pair(claim.stands_since, claim.key);
        };
        if (first == nullptr || order(one) < order(*first)) first = &one;
    }
    std::vector<AnsweredClaim> answered;
    std::vector<LinkedClaim> counted;
    for (auto& one : linked) {
        const auto first = standing.find(one.claim.relation);
        // Of one agency several seats may say it.
        if (first == standing.end() || first->second->claim.agency == one.claim.agency) {
            counted.push_back(one);
        } else if (auto said = answered_same(step, notification, stated, one.key)) {
            counted.push_back(one);
            answered.push_back({one, std::move(said->answer), said->question});
        } else {
            doubts.push_back({one, first->second->claim.seat});
        }
    }
    linked = std::move(counted);
    return answered;
}

void note_used(Step& step, const QuestionKey& question, const ItemKey& item, const RoleId& role) {
    step.put(tables::question_items, {question, item}, {role, true});
}

void ask_about(Step& step, const ItemKey& item, const NotificationRecord& record,
               const wire::RoutingFacts& stated) {
    const auto* policy = step.policy();
    const auto* sender = step.registry()->find_active_agency(item.sender, step.now.wall);
    // Of what is passed on, the notification itself has asked.
    if (!policy || !sender || record.recalled || !record.has_content ||
        area::passes_on(stated, *policy) || !severing_claims(step, stated.tokens).empty())
        return;
    std::map<std::string, bool> used;
    const auto depends = [&](const std::string& relation) {
        const auto [it, is_new] = used.try_emplace(relation);
        if (is_new) it->second = depends_on(step, stated, sender->kind, relation);
        return it->second;
    };
    std::set<std::string> not_asked;
    const auto ask = [&](const LinkedClaim& one, bool contradicted, const Seat& standing) {
        const auto asked = asked_about(step, item, one, stated);
        if (asked == Asked::no)
            open_question(step, item, record, one, contradicted, stated, standing);
        if (asked == Asked::full) {
            step.record(LogEvent::questions_full, item.sender, item.id);
            not_asked.insert(one.claim.relation);
        }
        return asked;
    };
    auto linked = linked_claims(step, stated.tokens, {item});
    std::vector<Doubt> doubts;
    set_aside(step, item.id, stated, linked, doubts);
    for (const auto& [one, standing] : doubts) {
        if (one.claim.agency != item.sender && depends(one.claim.relation))
            ask(one, false, standing);
    }
    for (auto& answered : answered_claims(step, item.id, stated, linked))
        linked.push_back(std::move(answered.linked));
    const auto is_open_relation = [&](const std::string& relation) {
        return depends(relation) && std::ranges::none_of(linked, [&](const LinkedClaim& known) {
                   return known.claim.relation == relation;
               });
    };
    const auto possible = possible_claims(
        step, stated.tokens, {item}, [&](const ClaimKey&, const wire::InvolvementClaim& claim) {
            return claim.agency != item.sender && is_open_relation(claim.relation);
        });
    if (!possible.claims.empty() || !doubts.empty()) keep_weak_tokens(step, item, stated);
    // Of each agency and relation: nobody's made-up children silence another's.
    std::map<std::pair<AgencyId, std::string>, std::size_t> waiting;
    for (const auto& one : possible.claims) {
        const auto& relation = one.claim.relation;
        auto& count = waiting[{one.claim.agency, relation}];
        if (count == limits::possible_matches_max) continue;
        const auto* holder = step.registry()->find_active_agency(one.claim.agency, step.now.wall);
        const bool contradicted =
            area::link(stated.tokens, one.claim, holder->kind) == area::Link::contradicted;
        const auto asked = ask(one, contradicted, {});
        // What was answered takes nobody's place.
        if (asked != Asked::answered && ++count == limits::possible_matches_max)
            not_asked.insert(relation);
    }
    for (const auto& [word, relation] : step.policy()->relations()) {
        const bool may_be_more =
            !possible.is_all || std::ranges::any_of(waiting, [&](const auto& entry) {
                const auto* holder =
                    step.registry()->find_active_agency(entry.first.first, step.now.wall);
                return std::ranges::find(relation.claimed_by, holder->kind) !=
                           relation.claimed_by.end() &&
                       may_hold_more_alike(step, stated.tokens, holder->id);
            });
        if (may_be_more && is_open_relation(word)) not_asked.insert(word);
    }
    ring_for(step, item, record, not_asked);
}

void identity_answers_seen(Step& step, const ItemKey& item) {
    const auto prefix = key_of(item.sender, static_cast<std::uint8_t>(NoticeKind::identity_answer));
    for (const auto& notice : tables::notices.collect_keys(step.tx, {.prefix = prefix})) {
        Reader in(notice.subject);
        QuestionItemKey key;
        read(in, key);
        const auto record = step.get(tables::questions, key.question);
        // One that was taken back its agent must say that it knows.
        if (key.item == item && (!record || has_outcome(*record, wire::IdentityOutcome::same)))
            step.erase(tables::notices, notice);
    }
}

void on_look_at_identity(Step& step, const FrameIn& in, const wire::LookAtIdentity& frame) {
    const auto& look = in.frame.identity_look();
    auto found = find(step, look.holder.agency, look.claim, look.question);
    // One answer for a question that is not there and one that is not for this person.
    if (!found || !is_of(look, found->first, found->second) ||
        !may_speak_for_desk(step, look.decider, look.person,
                            tokens_of(step, found->first, found->second)))
        return step.refuse(in, ErrorCode::not_found, "question");
    auto& [key, record] = *found;
    if (record.look == frame.look) return step.answer(in, wire::Done{});
    const auto* seat = step.registry()->find_seat(look.decider);
    if (!seat || seat->inbox != look.inbox)
        return step.refuse(in, ErrorCode::not_entitled, "inbox", look.notification);
    if (record.outcome != 0 && !has_outcome(record, wire::IdentityOutcome::cannot_tell) &&
        !has_outcome(record, wire::IdentityOutcome::taken_back))
        return step.refuse(in, ErrorCode::expired, "answered", look.notification);
    if (look.at > step.now.wall + limits::clock_skew_max || look.at <= record.looked_at)
        return step.refuse(in, ErrorCode::version_went_back, "at", look.notification);
    drop_look(step, key, record);
    record.look = frame.look;
    record.looked_at = look.at;
    record.look_decider = look.decider;
    step.put(tables::questions, key, record);
    step.record(LogEvent::identity_looked_at, look.decider.agency, look.notification);
    add_notice(step, look_notice(record.item.sender, key));
    add_notice(step, look_notice(record.holder.agency, key));
    step.answer(in, wire::Done{});
}

void on_show_identity(Step& step, const FrameIn& in, const wire::ShowIdentity& frame) {
    auto found = find(step, frame.holder.agency, frame.claim, frame.question);
    if (!found) return step.refuse(in, ErrorCode::not_found, "question");
    auto& [key, record] = *found;
    const auto& asked = frame.of_sender ? record.item.sender : record.holder.agency;
    if (frame.agency != asked || frame.holder != record.holder)
        return step.refuse(in, ErrorCode::not_found, "question");
    // Of a look that has been answered, or asked again since: nobody reads it.
    if (frame.at != record.looked_at || !record.looked_at.is_set())
        return step.answer(in, wire::Done{});
    (frame.of_sender ? record.of_sender : record.of_holder) = {frame.sealed, frame.signature};
    step.put(tables::questions, key, record);
    step.record(LogEvent::identity_shown, frame.agency, record.item.id);
    step.erase(tables::notices, look_notice(frame.agency, key));
    add_notice(step, shown_notice(record, key, frame.of_sender));
    step.answer(in, wire::Done{});
}

void on_answer_identity(Step& step, const FrameIn& in, const wire::AnswerIdentity& frame) {
    const auto& answer = in.frame.identity_answer();
    auto found = find(step, answer.holder.agency, answer.claim, answer.question);
    if (!found || !is_of(answer, found->first, found->second) ||
        answer.thread != found->second.thread ||
        !may_speak_for_desk(step, answer.decider, answer.person,
                            tokens_of(step, found->first, found->second)))
        return step.refuse(in, ErrorCode::not_found, "question");
    auto& [key, record] = *found;
    if (record.answer == frame.answer) return step.answer(in, wire::Done{});
    if (answer.serial <= record.serial)
        return step.refuse(in, ErrorCode::version_went_back, "serial", answer.notification);
    if (answer.at > step.now.wall + limits::clock_skew_max)
        return step.refuse(in, ErrorCode::clock_skew, "at", answer.notification);
    const bool was_same = has_outcome(record, wire::IdentityOutcome::same);
    const bool takes_back = answer.outcome == wire::IdentityOutcome::taken_back;
    // Somebody of the desk answered first: their word stands until it is taken back.
    const bool stands = was_same || has_outcome(record, wire::IdentityOutcome::different);
    if ((stands && !takes_back) || (record.outcome == 0 && takes_back))
        return step.refuse(in, ErrorCode::already_exists, "answer", answer.notification);
    drop_look(step, key, record);
    record.answer = frame.answer;
    record.outcome = static_cast<std::uint8_t>(answer.outcome);
    record.serial = answer.serial;
    record.answered_at = step.now.wall;
    record.look_decider = answer.decider;
    step.put(tables::questions, key, record);
    close_possible_match(step, key.id, answer.person);
    step.record(LogEvent::identity_answered, answer.decider.agency, answer.notification);
    if (answer.outcome == wire::IdentityOutcome::same) link_dependants(step, key, record, answer);
    if (was_same) {
        for (const auto& [of_item, dependant] : items_of(step, key)) {
            // Who has planned with it knows of the holder, and stops.
            const auto notification = step.get(tables::notifications, of_item.item);
            const bool knows =
                may_be_shown(step, of_item.item.sender, dependant.role, record.relation) &&
                (dependant.used || !notification ||
                 may_hear(step, key, record, of_item.item, dependant, *notification));
            if (knows)
                add_notice(step, answer_notice(of_item));
            else
                close_pass_on(step, of_item.item, record.holder);
        }
        add_notice(step, {answer.decider.agency, NoticeKind::identity_reached, key_of(key)});
    }
    step.answer(in, wire::Done{});
}

void on_identity_heard(Step& step, const FrameIn& in, const wire::IdentityHeard& heard) {
    const auto found = find(step, heard.holder, heard.claim, heard.question);
    if (!found) return step.answer(in, wire::Done{});
    const auto& [key, record] = *found;
    NoticeKey notice{heard.agency, NoticeKind::identity_reached, key_of(key)};
    if (heard.what == Heard::answer)
        notice = answer_notice({key, {heard.agency, heard.notification}});
    if (heard.what == Heard::shown_of_sender || heard.what == Heard::shown_of_holder)
        notice = shown_notice(record, key, heard.what == Heard::shown_of_sender);
    if (notice.agency == heard.agency) step.erase(tables::notices, notice);
    step.answer(in, wire::Done{});
}

std::optional<wire::IdentityQuestion> question_of(Step& step, const TaskRecord& task) {
    if (task.claim.id.is_zero()) return std::nullopt;
    const auto record = step.get(tables::questions, {task.claim, task.task.id});
    if (!record) return std::nullopt;
    return wire::IdentityQuestion{task.claim.id, record->relation, record->thread,
                                  record->contradicted, record->conflicts_with};
}

bool send_question_notice(Step& step, const Session& session, const NoticeKey& notice) {
    Reader in(notice.subject);
    QuestionKey key;
    read(in, key);
    const auto record = step.get(tables::questions, key);
    if (!record) return false;
    switch (notice.kind) {
        case NoticeKind::identity_look: {
            const bool as_sender =
                notice.agency == record->item.sender && record->of_sender.sealed.empty();
            const bool as_holder =
                notice.agency == record->holder.agency && record->of_holder.sealed.empty();
            if (!record->looked_at.is_set() || (!as_sender && !as_holder)) return false;
            step.send(session.id, 0, wire::LookAtIdentity{record->look}, wire::Lane::urgent);
            return true;
        }
        case NoticeKind::identity_shown: {
            const bool of_sender = in.u8() != 0;
            const auto& shown = of_sender ? record->of_sender : record->of_holder;
            if (shown.sealed.empty()) return false;
            wire::ShowIdentity frame;
            frame.question = key.id;
            frame.claim = key.claim.id;
            frame.holder = record->holder;
            frame.agency = of_sender ? record->item.sender : record->holder.agency;
            frame.of_sender = of_sender;
            frame.at = record->looked_at;
            frame.sealed = shown.sealed;
            frame.signature = shown.signature;
            step.send(session.id, 0, std::move(frame), wire::Lane::urgent);
            return true;
        }
        case NoticeKind::identity_answer: {
            Reader whole(notice.subject);
            QuestionItemKey of_item;
            read(whole, of_item);
            // Of what was taken back its agent makes nothing any more, nor of whose content is gone
            // a further recipient.
            const auto notification = step.get(tables::notifications, of_item.item);
            if (notification &&
                (notification->recalled ||
                 (!notification->has_content && has_outcome(*record, wire::IdentityOutcome::same))))
                return false;
            // The child is protected since, and its sender has not planned with it.
            const auto dependant = step.get(tables::question_items, of_item);
            if (notification && dependant && !dependant->used &&
                has_outcome(*record, wire::IdentityOutcome::same) &&
                !may_hear(step, key, *record, of_item.item, *dependant, *notification)) {
                open_pass_on(step, of_item.item, notification->type, record->holder,
                             ask_by(step, *notification));
                return false;
            }
            step.send(session.id, 0, wire::AnswerIdentity{record->answer, of_item.item.id},
                      wire::Lane::immediate);
            return true;
        }
        case NoticeKind::identity_reached:
            step.send(session.id, 0, reached_by(step, key, *record), wire::Lane::urgent);
            return true;
        default: return false;
    }
}

void forget_question(Step& step, const QuestionKey& key) {
    auto record = step.get(tables::questions, key);
    if (!record) return;
    const auto claim = step.get(tables::claims, key.claim);
    const bool is_held = claim && !claim->ended;
    if (is_held || (record->outcome == 0 && is_open(step, key.id)))
        return step.put(tables::expiries, due_of(step, key), {});
    drop_look(step, key, *record);
    step.erase(tables::notices,
               {record->look_decider.agency, NoticeKind::identity_reached, key_of(key)});
    for (const auto& [of_item, dependant] : items_of(step, key)) {
        step.erase(tables::notices, answer_notice(of_item));
        step.erase(tables::question_items, of_item);
    }
    step.erase(tables::questions, key);
}

}  // namespace mash::broker
