// Decisions that wait for a named person (HUMAN of domain.md E2) and tasks of the front door. A
// held item waits here, at the sender's manager or safeguarding lead; the answer, signed by the
// person, is a fact of the next plan. Overdue is said aloud; nothing is ever dropped for want of an
// answer.
#include "agents/runtime/core/held.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "agents/runtime/core/api.hpp"
#include "agents/runtime/core/decider_words.hpp"
#include "agents/runtime/core/inbox_lists.hpp"
#include "agents/runtime/core/questions.hpp"
#include "agents/runtime/core/standing_by.hpp"
#include "agents/runtime/core/voucher.hpp"
#include "agents/runtime/core/words.hpp"
#include "common/area/explain.hpp"
#include "common/crypto/hash.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/ring_again.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

Result<wire::SignedAuthorisation> sign_authorisation(Step& step, const Caller& caller,
                                                     wire::Authorisation body,
                                                     const PersonalText& words) {
    body.id = step.random_id<AuthorisationId>();
    body.person = caller.person;
    body.at = step.now.wall;
    body.reason_digest = keep_reason(step, store::key_bytes(body.id), words);
    std::sort(body.seats.begin(), body.seats.end());
    MASH_TRY(key, signing_key_of(caller));
    MASH_TRY(certified, certify(step, caller));
    wire::SignedAuthorisation out;
    out.body = wire::encode_body(body);
    out.signature = crypto::sign(key, wire::label::authorisation, out.body);
    out.certificate = std::move(certified.certificate);
    out.certificate_signature = certified.signature;
    table::authorisations.put(step.tx, {body.notification, body.id}, {out});
    return out;
}

/// What was signed, in words, to whom they go.
void send_words_of(Step& step, const wire::SignedAuthorisation& given) {
    const auto body = wire::decode_body<wire::Authorisation>(given.body);
    if (!body) return;
    Said said;
    said.what = body->allow ? DecisionKind::allowed : DecisionKind::disallowed;
    said.decider = body->decider;
    said.person = body->person;
    said.code = body->rule;
    said.sender = body->sender;
    said.notification = body->notification;
    said.subject = body->id.value();
    said.sender_may_know = true;
    send_words(step, said);
}

/// Who is involved, and that there is a conflict, is not the sender's to know.
bool sender_may_know(const wire::Task& task) {
    // Rung once more, a seat may be one to which the front door passed it on, also when it has left
    // the registry since. A role that nobody holds is not.
    if (wire::is_rung_again(task.rule) && !task.agency.empty()) return false;
    return task.kind == wire::TaskKind::not_connected || task.kind == wire::TaskKind::not_sent ||
           task.kind == wire::TaskKind::review;
}

/// As whom the caller clears a task that came to them overdue: as whoever is on duty.
Seat clears_as(Step& step, const Caller& caller, const wire::Task& task) {
    if (may_act_for(step, caller, task.owner)) return task.owner;
    Seat front_door{caller.row.agency, step.policy()->front_door_role()};
    if (may_act_for(step, caller, front_door)) return front_door;
    return {caller.row.agency, step.policy()->emergency_duty_role()};
}

void record_task_answer(Step& step, const Caller& caller, const wire::Task& task,
                        wire::TaskOutcome outcome) {
    Said said;
    said.what = DecisionKind::task_answered;
    said.decider = clears_as(step, caller, task);
    said.person = caller.person;
    said.code = word_of(outcome);
    said.sender = task.sender;
    said.notification = task.notification;
    said.subject = task.id.value();
    said.sender_may_know = sender_may_know(task);
    record_and_send_words(step, said);
}

std::string errand_of(const TaskId& task) { return "task/" + to_text(task); }

bool is_said_here(Step& step, const TaskId& task, wire::TaskOutcome outcome) {
    const auto errand = table::errands.get(step.tx, errand_of(task));
    if (!errand) return false;
    const auto frame = wire::decode_agent_frame(errand->frame);
    const auto* said = frame ? std::get_if<wire::TaskAnswer>(&frame->body) : nullptr;
    return said != nullptr && said->outcome == outcome;
}

/// Rung before it was closed elsewhere, and recorded after: whoever was told was told, and has to
/// hear that it was taken back or put right.
bool is_told_late(Step& step, const wire::Task& task, wire::TaskOutcome outcome) {
    const bool is_to_tell_somebody = task.kind == wire::TaskKind::not_connected ||
                                     task.kind == wire::TaskKind::pass_on ||
                                     task.kind == wire::TaskKind::both_conflicted;
    return is_to_tell_somebody && outcome == wire::TaskOutcome::told_by_other_means &&
           !is_said_here(step, task.id, outcome);
}

bool is_held_or_open(OutboxState state) {
    return state == OutboxState::held || state == OutboxState::waiting;
}

Result<void> answer_marks(Step& step, const Caller& caller, const NotificationId& id, bool allow,
                          const PersonalText& words) {
    auto item = table::outbox.get(step.tx, id);
    if (!item || !may_read_held(step, caller, id, *item)) return fail(ErrorCode::not_found);
    if (item->recalled_at.is_set()) return fail(ErrorCode::expired);
    const Bytes prefix = store::key_bytes(id);
    std::map<std::pair<Seat, std::string>, std::vector<Seat>>
        questions;  // (decider, rule) -> whom it concerns
    std::vector<Seat> others;
    for (const auto& [key, mark] : table::held.collect(step.tx, {.prefix = prefix})) {
        if (mark.ours && may_act_for(step, caller, mark.decider) &&
            !(allow && released_first(step, caller, id, mark.rule, mark.seat))) {
            questions[{mark.decider, mark.rule}].push_back(mark.seat);
        } else {
            others.push_back(mark.seat);
        }
    }
    if (questions.empty()) return fail(ErrorCode::not_entitled);
    if (item->state == OutboxState::closed) return fail(ErrorCode::expired);
    const bool sent_to_others = !is_held_or_open(item->state);
    for (auto& [question, seats] : questions) {
        wire::Authorisation body;
        body.notification = id;
        body.sender = item->agency;
        body.decider = question.first;
        body.rule = question.second;
        body.seats = seats;
        body.allow = allow;
        MASH_TRY(signed_authorisation, sign_authorisation(step, caller, body, words));
        record_answer(step, item->agency, signed_authorisation, words);
        send_words_of(step, signed_authorisation);
        // The broker asked the same question, as a task that it closes on the answer.
        put_errand(step,
                   "authorisation/" + to_text(id) + "/" + question.first.role.value() + "/" +
                       question.second,
                   wire::AuthorisationFrame{std::move(signed_authorisation)}, wire::Lane::urgent);
        for (const auto& seat : seats) table::held.erase(step.tx, {id, seat});
    }
    step.note_access(caller.person, allow ? "held_allowed" : "held_refused", {}, item->agency, id);
    if (others.empty()) clear(step, Alarm::Kind::held_overdue, id);
    if (sent_to_others && allow) want_supplement(step, id);
    if (item->state == OutboxState::accepted) watch_again(step, id, step.now.wall);
    if (item->state == OutboxState::held && others.empty())
        set_state(step, id, *item, OutboxState::waiting);
    step.pump_due = true;
    return {};
}

constexpr std::string_view asked_and_not_sent =
    "Somebody there asked who would be told about a child, and did not send it. Ring and ask what "
    "became of it: a child may be waiting, or somebody may have looked without need";

constexpr std::string_view shared_at_once =
    "A life was at stake, so this was shared at once and nobody was asked first. Look at it and "
    "say "
    "whether that was right, and whether everybody has been told who must be";

constexpr std::string_view nobody_connected =
    "They must be told and the system does not reach them. Ring the number, tell them, and say so "
    "here";
constexpr std::string_view may_be_passed_on =
    "Somebody works with this child whom the sender may not know of. Decide whether they are told, "
    "and tell them";
constexpr std::string_view nobody_may_see_it =
    "A conflict of interest keeps everybody there who would have been told from seeing it. Find "
    "somebody else there to tell, and say so here";

constexpr std::string_view nobody_of_that_name =
    "A conflict of interest names a person of this agency who opens none of its inboxes, so it "
    "keeps nobody out. Look at the name again with whoever gave it to you. If it was wrong, record "
    "the conflict anew with the right one and end the first; if it was right, say so here";

constexpr std::string_view may_be_one_child =
    "This may be about a child whom that agency works with, and nothing says so for certain. They "
    "are not told until you have said under questions whether it is the same child";

constexpr std::string_view identity_was_severed =
    "This team has said that an adoption severed an identity. From now on what anybody says of it "
    "reaches this team, and not you. Ring the number and ask whether the team meant to. Do not ask "
    "for the child's new name. If the team knows nothing of it, ask your security lead to stop "
    "their key. Say here that you have asked";

constexpr std::string_view left_a_list =
    "A child left the list of this agency, and no other has said since that the child is with "
    "them. "
    "Ring them, ask which child left then and where to, and find out where the child is now";

constexpr std::string_view stop_using =
    "They were told of this by telephone, and the family has since taken back its agreement. Ring "
    "the number, ask them to stop using it and passing it on, and say so here";
constexpr std::string_view tell_what_is_right =
    "They were told by telephone of what this puts right. Ring the number, tell them what was "
    "wrong "
    "and what is right, and say so here. If they were told what is right already, you need not "
    "ring: say that here";
constexpr std::string_view forget_it =
    "They were told of this by telephone, and its sender has taken it back. Ring the number, ask "
    "them to stop using it and to destroy what they wrote down, and say so here. What it said is "
    "gone from here as well: ask its sender if you need to know whom it was about";

/// Nothing: nobody is rung once more.
std::string_view why_again(const wire::Task& task) {
    if (task.rule == wire::rung_again_withdrawn) return stop_using;
    if (task.rule == wire::rung_again_corrected) return tell_what_is_right;
    return task.rule == wire::rung_again_recalled ? forget_it : std::string_view();
}

std::string explanation_of(const wire::Task& task) {
    if (const auto again = why_again(task); !again.empty()) return std::string(again);
    switch (task.kind) {
        case wire::TaskKind::held: return std::string(area::explain_rule(task.rule));
        case wire::TaskKind::not_connected: return std::string(nobody_connected);
        case wire::TaskKind::pass_on: return std::string(may_be_passed_on);
        case wire::TaskKind::both_conflicted: return std::string(nobody_may_see_it);
        case wire::TaskKind::not_sent: return std::string(asked_and_not_sent);
        case wire::TaskKind::review: return std::string(shared_at_once);
        case wire::TaskKind::unknown_person: return std::string(nobody_of_that_name);
        case wire::TaskKind::possible_match: return std::string(may_be_one_child);
        case wire::TaskKind::lapsed: return std::string(left_a_list);
        case wire::TaskKind::severed: return std::string(identity_was_severed);
    }
    return {};
}

/// Of what was sent here: by this person, or by one who stands for them.
bool sent_it(Step& step, const Caller& caller, const wire::Task& task) {
    const auto item = table::outbox.get(step.tx, task.notification);
    return item && item->agency == task.sender && caller.row.agency == task.sender &&
           first_voucher(step, item->person) == first_voucher(step, caller.person);
}

/// The number that registry and policy give, never one that came with the task: whoever stole the
/// broker would have a child's protectors ring the wrong people.
std::string number_to_ring(const Step& step, const wire::Task& task) {
    if (task.kind == wire::TaskKind::held) return step.telephone_of(task.owner);
    const auto* policy = step.policy();
    const bool is_of_conflict =
        task.kind == wire::TaskKind::both_conflicted || task.kind == wire::TaskKind::unknown_person;
    if (!task.agency.empty() && !is_of_conflict) return step.telephone_of({task.agency, task.role});
    if (!task.agency.empty() && step.registry() != nullptr) {
        // Behind a conflict the seat's own number may ring on the very desk that must not know.
        const auto* agency = step.registry()->find_agency(task.agency);
        if (agency != nullptr && !agency->telephone.empty()) return agency->telephone;
    }
    if (policy != nullptr) {
        if (const auto* type = policy->find_type(task.type)) {
            for (const auto& route : type->routes) {
                if (route.role == task.role && !route.telephone.empty()) return route.telephone;
            }
        }
        for (const auto& role : {task.role, policy->front_door_role()}) {
            if (const auto& number = policy->telephone_of(role); !number.empty()) return number;
        }
    }
    return step.telephone_of({});
}

/// What a task asks does not change while somebody reads it. Whose it is and by when may: overdue
/// it goes to the other half of the day.
bool asks_the_same(const wire::Task& a, const wire::Task& b) {
    return std::tie(a.kind, a.notification, a.sender, a.type, a.agency, a.role, a.rule) ==
           std::tie(b.kind, b.notification, b.sender, b.type, b.agency, b.role, b.rule);
}

bool is_desk(const Step& step, const RoleId& role) {
    return step.policy() != nullptr && (role == step.policy()->front_door_role() ||
                                        role == step.policy()->emergency_duty_role());
}

/// The question was put to this decider, or to the other half of the front door's day.
bool answers(const Step& step, const HeldMark& mark, const wire::Authorisation& given) {
    if (mark.rule != given.rule) return false;
    return mark.decider == given.decider ||
           (is_desk(step, mark.decider.role) && is_desk(step, given.decider.role));
}

Result<void> answer_held_task(Step& step, const Caller& caller, const TaskRow& row, bool allow,
                              const PersonalText& words) {
    const Seat seat{row.task.agency, row.task.role};
    if (step.registry() == nullptr || step.registry()->find_seat(seat) == nullptr)
        return fail(ErrorCode::not_available);
    if (allow && released_first(step, caller, row.task.notification, row.task.rule, seat))
        return fail(ErrorCode::not_entitled);
    wire::Authorisation body;
    body.notification = row.task.notification;
    body.sender = row.task.sender;
    body.decider = row.task.owner;
    body.rule = row.task.rule;
    body.seats = {seat};
    body.allow = allow;
    MASH_TRY(signed_authorisation, sign_authorisation(step, caller, body, words));
    record_answer(step, caller.row.agency, signed_authorisation, words);
    send_words_of(step, signed_authorisation);
    put_errand(step, errand_of(row.task.id),
               wire::AuthorisationFrame{std::move(signed_authorisation)}, wire::Lane::urgent);
    step.note_access(caller.person, allow ? "held_allowed" : "held_refused", {}, row.task.sender,
                     row.task.notification);
    return {};
}

}  // namespace

Json shown_json(Step& step, const Caller& caller, const wire::Task& task) {
    const Bytes prefix = store::key_bytes(task.notification);
    for (const auto& [id, inbox, sender] :
         table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix})) {
        if (sender != task.sender || !is_member(step, caller, inbox)) continue;
        const auto item = table::inbox.get(step.tx, {inbox, sender, id});
        if (!item || item->state == InboxState::recalled || item->state == InboxState::decided)
            continue;
        return {{"inbox", inbox.value()}, {"id", sender.value() + "/" + to_text(id)}};
    }
    return nullptr;
}

Digest keep_reason(Step& step, ByteView key, const PersonalText& words) {
    const auto salt = step.random.array<32>();
    const Bytes kept = Writer().fixed(salt).text(words.reveal()).take();
    step.put_sealed(sealed::reason, key, kept);
    return crypto::labelled_hash("mash.v1.reason", {salt, view_of(words.reveal())});
}

bool may_read_held(Step& step, const Caller& caller, const NotificationId& id,
                   const OutboxItem& item) {
    return !is_kept_from(step, caller, id, item) && sees_as_alternate(step, caller, id) != false;
}

bool may_act_for(Step& step, const Caller& caller, const Seat& seat) {
    return has_role_itself(step, caller, seat);
}

void on_held(Step& step, const NotificationId& id, const OutboxItem& item,
             const wire::Decision& decision) {
    if (item.recalled_at.is_set()) return;
    const Bytes prefix = store::key_bytes(id);
    for (const auto& key : table::held.collect_keys(step.tx, {.prefix = prefix}))
        table::held.erase(step.tx, key);
    for (const auto& held : decision.held) {
        if (is_copy_recalled(step, id, held.seat)) continue;
        table::held.put(
            step.tx, {id, held.seat},
            {held.seat, held.decider, held.rule, held.decide_by, step.serves(held.decider.agency)});
    }
}

Result<void> answer_held(Step& step, const Caller& caller, const std::string& id, bool allow,
                         const PersonalText& words) {
    MASH_TRY(bytes, uuid_from_text(id));
    if (const auto row = table::tasks.get(step.tx, TaskId(bytes));
        row && row->task.kind == wire::TaskKind::held) {
        if (!may_act_for(step, caller, row->task.owner)) return fail(ErrorCode::not_entitled);
        if (row->closed_at.is_set()) return {};
        return answer_held_task(step, caller, *row, allow, words);
    }
    return answer_marks(step, caller, NotificationId(bytes), allow, words);
}

bool is_identity_question(Step& step, const std::string& task) {
    const auto bytes = uuid_from_text(task);
    const auto row = bytes ? table::tasks.get(step.tx, TaskId(*bytes)) : std::nullopt;
    return row && row->task.kind == wire::TaskKind::possible_match;
}

Result<void> answer_task(Step& step, const Caller& caller, const std::string& id,
                         wire::TaskOutcome outcome, const PersonalText& words) {
    MASH_TRY(bytes, uuid_from_text(id));
    const TaskId task(bytes);
    const auto row = table::tasks.get(step.tx, task);
    if (!row) return fail(ErrorCode::not_found);
    if (!may_clear(step, caller, row->task)) return fail(ErrorCode::not_entitled);
    if (row->closed_at.is_set() && !is_told_late(step, row->task, outcome)) return {};
    if (row->task.kind == wire::TaskKind::held) {
        // A decision stays its decider's: nobody else's signature counts in a plan.
        if (!may_act_for(step, caller, row->task.owner)) return fail(ErrorCode::not_entitled);
        if (outcome != wire::TaskOutcome::authorised && outcome != wire::TaskOutcome::refused) {
            return fail(ErrorCode::bad_value);
        }
        return answer_held_task(step, caller, *row, outcome == wire::TaskOutcome::authorised,
                                words);
    }
    if (row->task.kind == wire::TaskKind::possible_match) return fail(ErrorCode::bad_value);
    // Nobody reviews what they did themselves.
    if (row->task.kind == wire::TaskKind::review && sent_it(step, caller, row->task))
        return fail(ErrorCode::not_entitled);
    keep_reason(step, store::key_bytes(task), words);
    wire::TaskAnswer answer;
    answer.task = task;
    answer.outcome = outcome;
    answer.person = caller.person;
    answer.at = step.now.wall;
    MASH_TRY(key, signing_key_of(caller));
    MASH_TRY(certified, certify(step, caller));
    answer.signature =
        crypto::sign(key, wire::label::task_answer, wire::task_answer_message(answer));
    answer.certificate = std::move(certified.certificate);
    answer.certificate_signature = certified.signature;
    put_errand(step, errand_of(task), std::move(answer), wire::Lane::urgent);
    record_task_answer(step, caller, row->task, outcome);
    step.note_access(caller.person, "task_answered", {}, row->task.sender, row->task.notification);
    return {};
}

void on_authorisation(Step& step, const wire::AuthorisationFrame& frame) {
    const auto& given = frame.authorisation;
    const auto body = wire::decode_body<wire::Authorisation>(given.body);
    const auto certificate = wire::decode_body<wire::PersonCertificate>(given.certificate);
    if (!body || !certificate) return step.record(LogEvent::frame_refused, ErrorCode::malformed);
    auto item = table::outbox.get(step.tx, body->notification);
    if (!item || item->agency != body->sender) return;
    const bool proved =
        certificate->agency == body->decider.agency && certificate->person == body->person &&
        certificate->not_after > step.now.wall &&
        std::find(certificate->roles.begin(), certificate->roles.end(), body->decider.role) !=
            certificate->roles.end() &&
        step.verify_agency(certificate->agency, step.now.wall, wire::label::person_certificate,
                           given.certificate, given.certificate_signature) &&
        crypto::verify(crypto::VerifyKey(certificate->verify_key), wire::label::authorisation,
                       given.body, given.signature);
    if (!proved)
        return step.record(LogEvent::fact_unproved, ErrorCode::fact_unproved, body->notification,
                           item->agency);
    if (table::authorisations.contains(step.tx, {body->notification, body->id})) return;
    std::vector<Seat> answered;
    for (const auto& seat : body->seats) {
        const auto mark = table::held.get(step.tx, {body->notification, seat});
        if (mark && answers(step, *mark, *body)) answered.push_back(seat);
    }
    // An answer to nothing that we asked. Kept it would stand in every later plan, where nobody
    // believes it, and the notification would never go.
    if (answered.empty())
        return step.record(LogEvent::fact_unproved, ErrorCode::not_entitled, body->notification,
                           item->agency);
    table::authorisations.put(step.tx, {body->notification, body->id}, {given});
    record_answer(step, item->agency, given, PersonalText());
    for (const auto& seat : answered) table::held.erase(step.tx, {body->notification, seat});
    if (body->allow && !is_held_or_open(item->state)) want_supplement(step, body->notification);
    if (item->state == OutboxState::accepted) watch_again(step, body->notification, step.now.wall);
    const Bytes prefix = store::key_bytes(body->notification);
    if (!table::held.collect_keys(step.tx, {.prefix = prefix, .limit = 1}).empty()) return;
    clear(step, Alarm::Kind::held_overdue, body->notification);
    if (item->state == OutboxState::held)
        set_state(step, body->notification, *item, OutboxState::waiting);
    step.pump_due = true;
}

bool may_clear(Step& step, const Caller& caller, const wire::Task& task) {
    if (may_act_for(step, caller, task.owner)) return true;
    // Overdue elsewhere and brought here: whoever is on duty for the area.
    if (step.serves(task.owner.agency) || step.policy() == nullptr) return false;
    return may_act_for(step, caller, {caller.row.agency, step.policy()->front_door_role()}) ||
           may_act_for(step, caller, {caller.row.agency, step.policy()->emergency_duty_role()});
}

void on_task(Step& step, const wire::TaskNotice& notice) {
    auto row = table::tasks.get(step.tx, notice.task.id)
                   .value_or(TaskRow{{}, step.now.wall, {}, {}, {}, {}});
    const bool known = !row.task.id.is_zero();
    const bool names_another =
        notice.task.kind == wire::TaskKind::unknown_person && row.person != notice.person;
    if (known && (names_another || !asks_the_same(row.task, notice.task))) {
        return step.record(LogEvent::frame_refused, ErrorCode::duplicate_conflict,
                           row.task.notification, row.task.sender);
    }
    row.task = notice.task;  // an overdue task may come again with another owner
    row.asked_at = notice.asked_at;
    row.person = notice.person;
    row.reason = notice.reason;
    row.closed_at = {};  // who says that it is open says it later than that it was closed
    table::tasks.put(step.tx, notice.task.id, row);
    on_question(step, notice);
    if (!known) step.record(LogEvent::task_opened, notice.task.notification, notice.task.sender);
}

void on_task_closed(Step& step, const wire::TaskClosed& closed) {
    auto row = table::tasks.get(step.tx, closed.task);
    if (!row || row->closed_at.is_set()) return;
    row->closed_at = step.now.wall;
    table::tasks.put(step.tx, closed.task, *row);
    step.record(LogEvent::task_closed, row->task.notification, row->task.sender);
    if (row->task.kind != wire::TaskKind::held) return;
    const Bytes prefix = store::key_bytes(row->task.notification);
    for (const auto& [id, inbox, sender] :
         table::inbox_by_id.collect_keys(step.tx, {.prefix = prefix})) {
        if (sender == row->task.sender) end_if_decided(step, {inbox, sender, id});
    }
}

void end_if_decided(Step& step, const InboxKey& key) {
    const auto& [inbox, sender, id] = key;
    auto item = table::inbox.get(step.tx, key);
    const auto statement = item ? statement_of(*item) : std::nullopt;
    if (!statement || statement->route != area::decider_route ||
        item->state == InboxState::recalled || item->state == InboxState::decided)
        return;
    bool was_asked = false;  // else the question is still on its way
    for (const auto& [task, row] : table::tasks.collect(step.tx, {})) {
        if (row.task.kind != wire::TaskKind::held || row.task.notification != id ||
            row.task.sender != sender || row.task.owner.agency != statement->seat.agency)
            continue;
        if (!row.closed_at.is_set()) return;
        was_asked = true;
    }
    if (!was_asked) return;
    remove_content(step, key);
    item->state = InboxState::decided;
    table::inbox.put(step.tx, key, *item);
    list_again(step.tx, key);
}

/// Of a release: why somebody asks for it. null of anything else.
Json reason_json(Step& step, const NotificationId& id) {
    const auto kept = step.get_sealed(sealed::reason, store::key_bytes(id));
    if (!kept) return nullptr;
    Reader in(*kept);
    in.fixed(32);  // the salt
    return std::string(in.text());
}

Json held_json(Step& step, const Caller& caller) {
    Json list = Json::array();
    std::map<NotificationId, std::vector<HeldMark>> marks;
    table::held.scan(step.tx, {}, [&](const auto& key, HeldMark& mark) {
        if (mark.ours && may_act_for(step, caller, mark.decider))
            marks[std::get<0>(key)].push_back(mark);
        return true;
    });
    for (const auto& [id, of_item] : marks) {
        const auto item = table::outbox.get(step.tx, id);
        if (!item || !may_read_held(step, caller, id, *item)) continue;
        Json one;
        one["id"] = to_text(id);
        one["type"] = item->type.value();
        one["occurred_at"] = time_json(item->occurred_at);
        one["state"] = std::string(name_of(item->state));
        one["asked_because"] = reason_json(step, id);
        one["questions"] = Json::array();
        for (const auto& mark : of_item) {
            one["questions"].push_back(
                {{"recipient", seat_json(mark.seat)},
                 {"decider", seat_json(mark.decider)},
                 {"rule", mark.rule},
                 {"explanation", std::string(area::explain_rule(mark.rule))},
                 {"decide_by", time_json(mark.decide_by)},
                 {"overdue", mark.decide_by.is_set() && mark.decide_by <= step.now.wall}});
        }
        if (const auto notification =
                stored_notification(step, id)) {  // the decider must see what they decide about
            Json sections = Json::object();
            for (const auto& [section, fields] : notification->sections) {
                for (const auto& [field, text] : fields) {
                    auto parsed = json_from_text(text.reveal());
                    sections[section][field] = parsed ? std::move(*parsed) : Json(text.reveal());
                }
            }
            one["sections"] = std::move(sections);
            step.note_access(caller.person, "held_read", {}, item->agency, id);
        }
        list.push_back(std::move(one));
    }
    for (const auto& [id, row] : table::tasks.collect(step.tx, {})) {
        if (row.closed_at.is_set() || row.task.kind != wire::TaskKind::held ||
            step.serves(row.task.sender))
            continue;
        if (!may_act_for(step, caller, row.task.owner)) continue;
        Json one = task_json(step, row);
        one["item"] = shown_json(step, caller, row.task);
        list.push_back(std::move(one));
    }
    return list;
}

Json task_json(const Step& step, const TaskRow& row) {
    const auto& task = row.task;
    Json one;
    one["id"] = to_text(task.id);
    one["kind"] = std::string(word_of(task.kind));
    one["owner"] = seat_json(task.owner);
    one["notification"] = to_text(task.notification);
    one["sender"] = task.sender.value();
    one["type"] = task.type.value();
    one["agency"] = task.agency.empty() ? Json(nullptr) : Json(task.agency.value());
    one["role"] = task.role.value();
    one["rule"] = task.rule;
    one["explanation"] = explanation_of(task);
    one["telephone"] = number_to_ring(step, task);
    one["due"] = time_json(task.due);
    one["overdue"] = task.due.is_set() && task.due <= step.now.wall;
    if (task.kind == wire::TaskKind::not_sent) {
        one["asked"] = {{"at", time_json(row.asked_at)},
                        {"person", row.person.value()},
                        {"reason", row.reason}};
    }
    if (task.kind == wire::TaskKind::unknown_person) one["person"] = row.person.value();
    return one;
}

}  // namespace mash::runtime
