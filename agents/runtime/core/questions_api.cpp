// Questions as the front door's people see them. What sender and holder have shown is opened here
// only, with this person's key, and each time it is it stands in the access log.
#include <algorithm>

#include "agents/runtime/core/decider_words.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/joined.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/core/questions.hpp"
#include "agents/runtime/core/words.hpp"
#include "agents/runtime/identity/compare.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/signing.hpp"

namespace mash::runtime {
namespace {

constexpr std::chrono::hours look_again_after{1};
constexpr std::uint8_t sides[] = {0, 1};  // table::identities_shown

constexpr std::string_view only_alike =
    "Two of name, date of birth and home are alike, and nothing stronger says that it is the same "
    "child: it may be a twin, a brother or sister, or somebody else. Nobody there is told until "
    "you "
    "say that it is";
constexpr std::string_view contradicted =
    "Something strong agrees and something else contradicts it: it may be two children, or one "
    "record may be wrong. Nobody there is told until you say that it is the same child";

constexpr std::string_view claimed_twice =
    "It is the same child by its numbers, and another agency said before that it has the child, "
    "in words that only one of them may use. This one is not told until you say that its claim "
    "counts too; then both are told until the other takes the child off its list";

struct Found {
    TaskId id;
    TaskRow task;
    QuestionRow row;
};

bool is_answered(const QuestionRow& row) {
    return row.outcome != 0 &&
           row.outcome != static_cast<std::uint8_t>(wire::IdentityOutcome::taken_back);
}
wire::IdentityOutcome outcome_of(const QuestionRow& row) {
    return static_cast<wire::IdentityOutcome>(row.outcome);
}

/// As whom this person speaks for the front door; nothing: they do not.
std::optional<Seat> desk_of(Step& step, const Caller& caller, const wire::Task& task) {
    if (step.policy() == nullptr || step.registry() == nullptr) return std::nullopt;
    for (const auto& seat : {task.owner, Seat{caller.row.agency, step.policy()->front_door_role()},
                             Seat{caller.row.agency, step.policy()->emergency_duty_role()}}) {
        const bool is_desk = seat.role == step.policy()->front_door_role() ||
                             seat.role == step.policy()->emergency_duty_role();
        if (is_desk && step.registry()->find_seat(seat) != nullptr &&
            may_act_for(step, caller, seat))
            return seat;
    }
    return std::nullopt;
}

/// Of a child from whom a conflict keeps this person the task is somebody else's.
std::optional<Found> find(Step& step, const Caller& caller, const std::string& id) {
    const auto bytes = uuid_from_text(id);
    if (!bytes) return std::nullopt;
    const TaskId task_id(*bytes);
    auto row = table::questions.get(step.tx, task_id);
    auto task = table::tasks.get(step.tx, task_id);
    if (!row || !task || !may_clear(step, caller, task->task) || !desk_of(step, caller, task->task))
        return std::nullopt;
    return Found{task_id, std::move(*task), std::move(*row)};
}

struct Shown {
    bool is_here = false;
    std::optional<Subject> subject;  ///< nothing: the agency does not know it any more
    std::vector<wire::Token> tokens;
};

Shown open_shown(Step& step, const Caller& caller, const Found& found, bool of_sender) {
    Shown shown;
    const auto sealed = table::identities_shown.get(
        step.tx, {found.id, static_cast<std::uint8_t>(of_sender ? 1 : 0)});
    if (!sealed) return shown;
    for (const auto& pair : inbox_keys_of(step, caller, found.row.inbox)) {
        const auto plain = crypto::open_sealed(pair, sealed->bytes);
        if (!plain) continue;
        Reader in(plain->reveal());
        const std::string words(in.text());
        for (auto left = in.count(35); left > 0 && in.ok(); --left) {
            wire::Token token;
            token.kind = static_cast<wire::TokenKind>(in.u8());
            token.epoch = in.u16();
            token.value = in.array<32>();
            if (wire::is_strong(token.kind)) shown.tokens.push_back(token);
        }
        if (!in.finished()) return {};
        shown.is_here = true;
        shown.subject = subject_from_text(words);
        return shown;
    }
    return shown;
}

std::string look_word(Step& step, const Found& found, bool of_sender) {
    if (!found.row.looked_at.is_set()) return "not_asked";
    const bool here = table::identities_shown.contains(
        step.tx, {found.id, static_cast<std::uint8_t>(of_sender ? 1 : 0)});
    return here ? "here" : "waiting";
}

std::string_view state_word(const QuestionRow& row) {
    if (row.outcome == 0) return "open";
    return is_answered(row) ? "answered" : "taken_back";
}

Json question_json(Step& step, const Caller& caller, const Found& found) {
    const auto& task = found.task.task;
    const auto& row = found.row;
    Json json;
    json["id"] = to_text(found.id);
    json["state"] = std::string(state_word(row));
    const bool is_claimed_twice = !row.conflicts_with.agency.empty();
    json["why"] = is_claimed_twice ? "claimed_twice" : row.contradicted ? "contradicted" : "weak";
    json["explanation"] = std::string(is_claimed_twice   ? claimed_twice
                                      : row.contradicted ? contradicted
                                                         : only_alike);
    json["conflicts_with"] = is_claimed_twice ? seat_json(row.conflicts_with) : Json(nullptr);
    json["notification"] = to_text(task.notification);
    json["sender"] = task.sender.value();
    json["type"] = task.type.value();
    json["item"] = shown_json(step, caller, task);
    json["holder"] = seat_json({task.agency, task.role});
    json["relation"] = row.relation;
    json["due"] = time_json(task.due);
    json["overdue"] = row.outcome == 0 && task.due.is_set() && task.due <= step.now.wall;
    json["look"] = {{"asked_at", time_json(row.looked_at)},
                    {"sender", look_word(step, found, true)},
                    {"holder", look_word(step, found, false)}};
    json["answer"] = nullptr;
    if (row.outcome != 0) {
        json["answer"] = {{"outcome", std::string(word_of(outcome_of(row)))},
                          {"at", time_json(row.answered_at)},
                          {"person", row.person.value()}};
    }
    return json;
}

Json subject_json(const Subject& subject) {
    auto json = json_from_text(subject_text(subject).reveal());
    return json ? std::move(*json) : Json(nullptr);
}

identity::PersonRecord record_of(const Subject& subject, bool is_of_roll) {
    identity::PersonRecord record;
    record.nhs_number = subject.nhs_number;
    record.former_nhs_numbers = subject.former_nhs_numbers;
    record.upn = subject.upn;
    record.former_upns = subject.former_upns;
    record.forename = subject.forename;
    record.surname = subject.surname;
    record.aliases = subject.aliases;
    record.date_of_birth = subject.date_of_birth;
    record.postcode = subject.postcode;
    record.school_urn = subject.school_urn;
    record.is_of_that_schools_roll = is_of_roll;
    record.is_unborn = subject.unborn;
    record.due_date = subject.due_date;
    return record;
}

/// What the matcher says of the two, and why: codes only.
Json match_json(Step& step, const Found& found, const Subject& sender, const Subject& holder) {
    const auto* agency = step.registry()->find_agency(found.task.task.agency);
    const bool is_of_roll = agency != nullptr && !agency->urn.empty();
    const auto ours = identity::normalised(record_of(sender, false));
    const auto theirs = identity::normalised(record_of(holder, is_of_roll));
    const auto match = identity::compare(ours.reveal(), theirs.reveal());
    const auto words = [](const auto& list) {
        Json json = Json::array();
        for (const auto one : list) json.push_back(std::string(identity::to_text(one)));
        return json;
    };
    Json reasons = Json::array();
    for (const auto& one : match.evidence)
        reasons.push_back({{"code", std::string(one.what)}, {"bits", one.bits}});
    return {{"class", std::string(identity::to_text(match.match))},
            {"bits", match.bits},
            {"reasons", std::move(reasons)},
            {"strong", words(match.strong)},
            {"contradictions", words(match.contradictions)},
            {"asked", words(match.asked)}};
}

Json reached_json(const QuestionRow& row) {
    if (!row.is_reached_known || row.outcome == 0 || is_answered(row)) return nullptr;
    Json list = Json::array();
    for (const auto& one : row.reached) {
        Json rungs = Json::array();
        for (const auto rung : one.rungs) rungs.push_back(std::string(word_of(rung)));
        list.push_back({{"notification", to_text(one.notification)},
                        {"sender", one.sender.value()},
                        {"type", one.type.value()},
                        {"seat", seat_json(one.seat)},
                        {"rungs", std::move(rungs)}});
    }
    return list;
}

Result<wire::SignedAuthorisation> sign(Step& step, const Caller& caller, std::string_view label,
                                       Bytes body) {
    MASH_TRY(key, signing_key_of(caller));
    MASH_TRY(certified, certify(step, caller));
    wire::SignedAuthorisation out;
    out.body = std::move(body);
    out.signature = crypto::sign(key, label, out.body);
    out.certificate = std::move(certified.certificate);
    out.certificate_signature = certified.signature;
    return out;
}

Answer not_found() {
    return Answer::failed(ErrorCode::not_found, "There is no such question for you to answer");
}

/// Whether somebody may work with this child is not the sender's to know, nor what was said of it.
void record_words_of(Step& step, const Caller& caller, const Found& found, const Seat& desk,
                     DecisionKind what, std::string code, Bytes kept_under) {
    Said said;
    said.what = what;
    said.decider = desk;
    said.person = caller.person;
    said.code = std::move(code);
    said.sender = found.task.task.sender;
    said.notification = found.task.task.notification;
    said.subject = found.id.value();
    said.kept_under = std::move(kept_under);
    record_and_send_words(step, said);
}

/// Signed, kept, and on its way to the broker.
Result<void> say(Step& step, const Caller& caller, Found& found, wire::IdentityOutcome outcome,
                 const PersonalText& words) {
    const auto& task = found.task.task;
    auto& row = found.row;
    const auto desk = desk_of(step, caller, task);
    if (!desk) return fail(ErrorCode::not_entitled);
    wire::IdentityAnswer answer;
    answer.question = found.id;
    answer.notification = task.notification;
    answer.sender = task.sender;
    answer.thread = row.thread;
    answer.claim = row.claim;
    answer.holder = {task.agency, task.role};
    answer.relation = row.relation;
    // The sender's own word on which child it is, never the broker's.
    answer.tokens = open_shown(step, caller, found, true).tokens;
    answer.outcome = outcome;
    answer.decider = *desk;
    answer.person = caller.person;
    answer.at = step.now.wall;
    answer.serial =
        std::max(row.serial + 1,
                 static_cast<std::uint64_t>(std::max<std::int64_t>(0, step.now.wall.unix_ms())));
    const Bytes kept_under = store::key_bytes(found.id, answer.serial);
    answer.reason_digest = keep_reason(step, kept_under, words);
    MASH_TRY(said, sign(step, caller, wire::label::identity_answer, wire::encode_body(answer)));
    put_errand(step, "identity-answer/" + to_text(found.id),
               wire::AnswerIdentity{std::move(said), task.notification}, wire::Lane::urgent);
    row.outcome_before = row.outcome;
    row.outcome = static_cast<std::uint8_t>(outcome);
    row.serial = answer.serial;
    row.answered_at = step.now.wall;
    row.person = caller.person;
    row.is_reached_known = false;
    row.reached.clear();
    // Whoever has answered has no reason to keep who they are.
    row.looked_at = {};
    for (const std::uint8_t side : sides) table::identities_shown.erase(step.tx, {found.id, side});
    table::questions.put(step.tx, found.id, row);
    drop_errand(step, "identity-look/" + to_text(found.id));
    const bool is_taken_back = outcome == wire::IdentityOutcome::taken_back;
    record_words_of(
        step, caller, found, *desk,
        is_taken_back ? DecisionKind::identity_taken_back : DecisionKind::identity_answered,
        std::string(word_of(outcome)), kept_under);
    step.note_access(caller.person, "identity_answered", {}, task.sender, task.notification);
    return {};
}

}  // namespace

Answer questions_list(Step& step, const Caller& caller) {
    std::vector<Found> open, done;
    for (auto& [id, row] : table::questions.collect(step.tx, {})) {
        auto found = find(step, caller, to_text(id));
        if (!found) continue;
        (row.outcome == 0 ? open : done).push_back(std::move(*found));
    }
    std::ranges::sort(open, {},
                      [](const Found& one) { return std::pair(one.task.task.due, one.id); });
    std::ranges::sort(done, std::ranges::greater(),
                      [](const Found& one) { return std::pair(one.row.answered_at, one.id); });
    Json list = Json::array();
    for (const auto* part : {&open, &done}) {
        for (const auto& one : *part) list.push_back(question_json(step, caller, one));
    }
    return Answer::of({{"questions", std::move(list)}});
}

Answer question_one(Step& step, const Caller& caller, const ApiRequest& request) {
    const auto found = find(step, caller, request.id);
    if (!found) return not_found();
    auto json = question_json(step, caller, *found);
    const auto sender = open_shown(step, caller, *found, true);
    const auto holder = open_shown(step, caller, *found, false);
    for (const auto& [name, shown] : {std::pair("sender", &sender), std::pair("holder", &holder)}) {
        json[std::string(name) + "_says"] =
            shown->subject ? subject_json(*shown->subject) : Json(nullptr);
        if (shown->is_here && !shown->subject) json["look"][name] = "gone";
    }
    json["match"] = sender.subject && holder.subject
                        ? match_json(step, *found, *sender.subject, *holder.subject)
                        : Json(nullptr);
    json["reached"] = reached_json(found->row);
    if (sender.is_here || holder.is_here)
        step.note_access(caller.person, "identity_read", found->row.inbox, found->task.task.sender,
                         found->task.task.notification);
    return Answer::of(std::move(json));
}

Answer look_at_question(Step& step, const Caller& caller, const ApiRequest& request,
                        const PersonalText& words) {
    auto found = find(step, caller, request.id);
    if (!found) return not_found();
    const auto& task = found->task.task;
    auto& row = found->row;
    const bool may_tell_yet =
        !is_answered(row) || outcome_of(row) == wire::IdentityOutcome::cannot_tell;
    if (!may_tell_yet)
        return Answer::failed(ErrorCode::expired,
                              "This is answered. Take the answer back first if it may be wrong");
    const auto answered = [&] {
        return Answer::of({{"id", request.id}, {"asked_at", time_json(row.looked_at)}}, 202);
    };
    if (row.looked_at.is_set() && row.looked_at + look_again_after > step.now.wall)
        return answered();
    const auto desk = desk_of(step, caller, task);
    if (!desk) return not_found();
    const auto* seat = step.registry()->find_seat(*desk);
    const auto inbox = table::inboxes.get(step.tx, seat->inbox);
    const auto key =
        inbox ? table::inbox_keys.get(step.tx, {seat->inbox, inbox->epoch}) : std::nullopt;
    if (!key) return Answer::failed(ErrorCode::not_available);
    wire::IdentityLook look;
    look.question = found->id;
    look.notification = task.notification;
    look.sender = task.sender;
    look.claim = row.claim;
    look.holder = {task.agency, task.role};
    look.relation = row.relation;
    look.decider = *desk;
    look.inbox = seat->inbox;
    look.box_public_key = key->public_key.value();
    look.person = caller.person;
    look.at = step.now.wall;
    const Bytes kept_under = store::key_bytes(found->id, std::string("look"));
    keep_reason(step, kept_under, words);
    auto said = sign(step, caller, wire::label::identity_look, wire::encode_body(look));
    if (!said) return Answer::failed(said.error());
    put_errand(step, "identity-look/" + request.id, wire::LookAtIdentity{std::move(*said)},
               wire::Lane::urgent);
    row.looked_at = look.at;
    row.inbox = look.inbox;
    for (const std::uint8_t side : sides) table::identities_shown.erase(step.tx, {found->id, side});
    table::questions.put(step.tx, found->id, row);
    record_words_of(step, caller, *found, *desk, DecisionKind::identity_asked, {}, kept_under);
    step.note_access(caller.person, "identity_asked", look.inbox, task.sender, task.notification);
    return answered();
}

Answer answer_question(Step& step, const Caller& caller, const ApiRequest& request,
                       const Json& body, const PersonalText& words) {
    auto found = find(step, caller, request.id);
    if (!found) return not_found();
    const auto outcome = from_word<wire::IdentityOutcome>(string_at(body, "outcome"));
    if (!outcome || *outcome == wire::IdentityOutcome::taken_back)
        return Answer::failed(ErrorCode::bad_value, "'outcome' is same, different or cannot_tell");
    auto answered = Answer::of({{"id", request.id}, {"outcome", word_of(*outcome)}});
    if (is_answered(found->row) && outcome_of(found->row) == *outcome) return answered;
    if (is_answered(found->row) && outcome_of(found->row) != wire::IdentityOutcome::cannot_tell)
        return Answer::failed(ErrorCode::already_exists,
                              "This is answered. Take the answer back first if it is wrong");
    const auto done = say(step, caller, *found, *outcome, words);
    return done ? answered : Answer::failed(done.error());
}

Answer take_back_answer(Step& step, const Caller& caller, const ApiRequest& request,
                        const PersonalText& words) {
    auto found = find(step, caller, request.id);
    if (!found) return not_found();
    auto answered = Answer::of({{"id", request.id}, {"outcome", "taken_back"}});
    if (found->row.outcome == 0)
        return Answer::failed(ErrorCode::bad_value, "This is not answered yet");
    if (!is_answered(found->row)) return answered;
    const auto done = say(step, caller, *found, wire::IdentityOutcome::taken_back, words);
    // Reports were joined by whoever had that answer before them.
    if (done) part_reports_of(step, found->task.task.sender, found->task.task.notification);
    return done ? answered : Answer::failed(done.error());
}

}  // namespace mash::runtime
