// The local API's requests: who asks, whether they may, and the form of the answer. Errors are JSON
// that says what happened and what to do: {"error":{"code","message","next"}}.
#include "agents/runtime/core/api.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "agents/runtime/core/api_error.hpp"
#include "agents/runtime/core/attached.hpp"
#include "agents/runtime/core/export.hpp"
#include "agents/runtime/core/held.hpp"
#include "agents/runtime/core/questions.hpp"
#include "agents/runtime/core/release.hpp"
#include "common/base/check.hpp"

namespace mash::runtime {
namespace {

void reply(Step& step, std::uint64_t to, const Answer& answer) {
    if (answer.ok) {
        step.effects.emplace_back(
            ApiReply{to, answer.status, PersonalText(text_of_json(answer.json))});
        return;
    }
    const auto code = answer.error;
    if (!answer.faults.empty()) {
        step.record(LogEvent::request_refused, code);
        step.effects.emplace_back(
            ApiReply{to, answer.status, PersonalText(faults_body(answer.faults))});
        return;
    }
    const Json error{
        {"error",
         {{"code", std::string(name_of(code))},
          {"message", answer.message.empty() ? std::string(describe(code)) : answer.message},
          {"next", std::string(next_words(code))}}}};
    step.record(code == ErrorCode::wrong_credential || code == ErrorCode::not_entitled
                    ? LogEvent::access_refused
                    : LogEvent::request_refused,
                code);
    step.effects.emplace_back(
        ApiReply{to, http_status_of(code), PersonalText(text_of_json(error))});
}

bool service_may(ApiRequest::Kind kind) {
    return kind == ApiRequest::Kind::sent_list || kind == ApiRequest::Kind::sent_one ||
           kind == ApiRequest::Kind::status || kind == ApiRequest::Kind::keys ||
           kind == ApiRequest::Kind::unconfirmed_list || kind == ApiRequest::Kind::catalogue ||
           kind == ApiRequest::Kind::preview;
}

Result<wire::TaskOutcome> outcome_of(const Json& body) {
    const auto word = string_at(body, "outcome");
    if (word == "told_by_other_means") return wire::TaskOutcome::told_by_other_means;
    if (word == "authorised") return wire::TaskOutcome::authorised;
    if (word == "refused") return wire::TaskOutcome::refused;
    if (word == "done") return wire::TaskOutcome::done;
    return fail(ErrorCode::bad_value);
}

/// An answer is only worth keeping with its reason (domain.md E3).
Result<PersonalText> reason_of(const Json& body) {
    auto words = string_at(body, "reason");
    if (words.empty()) return fail(ErrorCode::missing_field);
    if (words.size() > limits::short_text_bytes_max) return fail(ErrorCode::too_large);
    return PersonalText(std::move(words));
}

/// The shell says so of a page whose person has not shown lately who they are. What releases an
/// address is for whoever has; that it is one only the core knows.
std::optional<Answer> confirm_first(Step& step, const ApiRequest& request, bool allow) {
    if (!allow || !request.filter.contains("unconfirmed") || !is_release_question(step, request.id))
        return std::nullopt;
    step.record(LogEvent::access_refused, ErrorCode::not_entitled);
    return Answer::of({{"error",
                        {{"code", "confirm_again"},
                         {"message", "This is for somebody who has just shown who they are"},
                         {"next", "Give your passphrase and a code again, then repeat it"}}}},
                      403);
}

Answer answer_held_request(Step& step, const Caller& caller, const ApiRequest& request,
                           const Json& body) {
    const auto words = reason_of(body);
    if (!words) return Answer::failed(words.error(), "Give your reason in 'reason'");
    const auto allow = body.find("allow");
    if (allow == body.end() || !allow->is_boolean()) {
        return Answer::failed(ErrorCode::missing_field, "Say 'allow': true or false");
    }
    if (auto again = confirm_first(step, request, allow->get<bool>())) return std::move(*again);
    const auto done = answer_held(step, caller, request.id, allow->get<bool>(), *words);
    if (!done && done.error() == ErrorCode::not_entitled) {
        return Answer::failed(done.error(),
                              "This is not yours to answer. An address that is protected is "
                              "released by two different people");
    }
    if (!done) return Answer::failed(done.error());
    return Answer::of({{"id", request.id}, {"allow", allow->get<bool>()}});
}

Answer answer_task_request(Step& step, const Caller& caller, const ApiRequest& request,
                           const Json& body) {
    const auto words = reason_of(body);
    if (!words) return Answer::failed(words.error(), "Say in 'reason' what was done");
    const auto outcome = outcome_of(body);
    if (!outcome) {
        return Answer::failed(outcome.error(),
                              "'outcome' is told_by_other_means, authorised, refused or done");
    }
    if (auto again = confirm_first(step, request, *outcome == wire::TaskOutcome::authorised))
        return std::move(*again);
    const auto done = answer_task(step, caller, request.id, *outcome, *words);
    if (!done && done.error() == ErrorCode::bad_value && is_identity_question(step, request.id)) {
        return Answer::failed(done.error(),
                              "Whether it is the same child is answered where both sides are "
                              "shown: POST /api/v1/questions/{id}/answer, in the console under "
                              "\"Same child?\"");
    }
    if (!done) return Answer::failed(done.error());
    return Answer::of({{"id", request.id}, {"outcome", string_at(body, "outcome")}});
}

Answer question_request(Step& step, const Caller& caller, const ApiRequest& request,
                        const Json& body) {
    const auto words = reason_of(body);
    if (!words) return Answer::failed(words.error(), "Give your reason in 'reason'");
    if (request.kind == ApiRequest::Kind::question_look)
        return look_at_question(step, caller, request, *words);
    if (request.kind == ApiRequest::Kind::question_take_back)
        return take_back_answer(step, caller, request, *words);
    return answer_question(step, caller, request, body, *words);
}

Answer tasks_list(Step& step, const Caller& caller) {
    std::vector<TaskRow> rows;
    for (auto& [id, row] : table::tasks.collect(step.tx, {})) {
        if (row.closed_at.is_set() || !may_clear(step, caller, row.task)) continue;
        // Our own held decisions are listed with their content under held.
        if (row.task.kind == wire::TaskKind::held && step.serves(row.task.sender)) continue;
        rows.push_back(std::move(row));
    }
    // All of them: whoever floods the list hides nothing, the most pressing stands first.
    std::sort(rows.begin(), rows.end(), [](const TaskRow& a, const TaskRow& b) {
        return std::tie(a.task.due, a.task.id) < std::tie(b.task.due, b.task.id);
    });
    Json list = Json::array();
    for (const auto& row : rows) list.push_back(task_json(step, row));
    return Answer::of({{"tasks", std::move(list)}});
}

Answer answer_status(Step& step, const ApiRequest& request) {
    // Without a token: alive or not, for the supervisor. Everything else is for those who are known
    // here.
    if (request.credential.reveal().empty()) return Answer::of(status_json(step, nullptr));
    const auto caller = authenticate(step, request.credential);
    if (!caller) return Answer::failed(caller.error());
    return Answer::of(status_json(step, &*caller));
}

// These also go by the offline recovery key, or are the shell's own, so they find out who asks.
bool finds_out_itself(ApiRequest::Kind kind) {
    using Kind = ApiRequest::Kind;
    return kind == Kind::person_add || kind == Kind::person_remove ||
           kind == Kind::account_remove || kind == Kind::account_reset ||
           kind == Kind::account_read || kind == Kind::known_changes || kind == Kind::inbox_rotate;
}

Answer answer_of(Step& step, const ApiRequest& request) {
    using Kind = ApiRequest::Kind;
    if (request.kind == Kind::status) return answer_status(step, request);
    // Before the body is read: whoever is not known here causes no work.
    std::optional<Caller> caller;
    if (!finds_out_itself(request.kind)) {
        auto known = authenticate(step, request.credential);
        if (!known) return Answer::failed(known.error());
        caller = std::move(*known);
    }
    Json body = Json::object();
    // A notification is read by its own reader, which names each fault.
    if (request.kind != Kind::preview && !request.body.reveal().empty()) {
        auto parsed = json_from_text(request.body.reveal());
        if (!parsed) return Answer::failed(parsed.error(), "The body is not JSON that we can read");
        if (!parsed->is_object())
            return Answer::failed(ErrorCode::bad_value, "The body must be a JSON object");
        body = std::move(*parsed);
    }
    if (request.kind == Kind::person_add) return add_person(step, request, body);
    if (request.kind == Kind::person_remove) return remove_person(step, request, body);
    if (request.kind == Kind::account_remove) return remove_account(step, request, body);
    if (request.kind == Kind::account_reset) return allow_reset(step, request, body);
    if (request.kind == Kind::account_read) return read_account(step, body);
    if (request.kind == Kind::known_changes) return known_changes(step, request, body);
    if (request.kind == Kind::inbox_rotate) return rotate_inbox_key(step, request, body);
    CHECK(caller.has_value());
    if (caller->service && !service_may(request.kind)) {
        return Answer::failed(ErrorCode::not_entitled,
                              "A service token may submit and read status only");
    }
    const bool shows = request.kind == Kind::received_list || request.kind == Kind::received_one ||
                       request.kind == Kind::taken || request.kind == Kind::decided ||
                       request.kind == Kind::assigned || request.kind == Kind::case_number ||
                       request.kind == Kind::attached || request.kind == Kind::chronology ||
                       request.kind == Kind::search || request.kind == Kind::care_status;
    if (shows && step.row.catching_up) {
        return Answer::failed(
            ErrorCode::busy,
            "This agent was put back from a backup and does not know yet which messages were taken "
            "back since. It shows nothing until the broker has told it, within seconds of being "
            "connected. If somebody must act now, ring the sender, or " +
                step.telephone_of({}));
    }
    if (is_export(request) && request.kind == Kind::chronology)
        return export_chronology(step, *caller, request, body);
    if (is_export(request) && request.kind == Kind::sent_list)
        return export_sent(step, *caller, request, body);
    switch (request.kind) {
        case Kind::unconfirmed_list: return unconfirmed_list(step, *caller);
        case Kind::sent_list: return sent_list(step, *caller, request);
        case Kind::sent_one: return sent_one(step, *caller, request);
        case Kind::sent_content: return sent_content(step, *caller, request);
        case Kind::recall: return recall_sent(step, *caller, request, body);
        case Kind::release: return release_sent(step, *caller, request, body);
        case Kind::received_list: return received_list(step, *caller, request);
        case Kind::received_one: return received_one(step, *caller, request);
        case Kind::taken: return take_item(step, *caller, request);
        case Kind::decided: return decide_item(step, *caller, request, body);
        case Kind::assigned: return assign_item(step, *caller, request, body);
        case Kind::case_number: return file_item(step, *caller, request, body);
        case Kind::chronology: return chronology(step, *caller, request);
        case Kind::search: return search(step, *caller, request, body);
        case Kind::drafts_list: return drafts_list(step, *caller);
        case Kind::draft_one: return draft_one(step, *caller, request);
        case Kind::draft_save: return save_draft(step, *caller, body);
        case Kind::draft_delete: return delete_draft(step, *caller, request);
        case Kind::held_list: return Answer::of({{"held", held_json(step, *caller)}});
        case Kind::held_answer: return answer_held_request(step, *caller, request, body);
        case Kind::tasks_list: return tasks_list(step, *caller);
        case Kind::task_answer: return answer_task_request(step, *caller, request, body);
        case Kind::questions_list: return questions_list(step, *caller);
        case Kind::question_one: return question_one(step, *caller, request);
        case Kind::question_look:
        case Kind::question_answer:
        case Kind::question_take_back: return question_request(step, *caller, request, body);
        case Kind::conflict_add: return add_conflict(step, *caller, body);
        case Kind::conflicts_list: return conflicts_list(step, *caller);
        case Kind::conflict_end: return end_conflict(step, *caller, request, body);
        case Kind::rolls_list: return rolls_list(step, *caller);
        case Kind::roll_answer: return answer_roll(step, *caller, request, body);
        case Kind::agreement_add: return add_agreement(step, *caller, request);
        case Kind::agreements_list: return agreements_list(step, *caller);
        case Kind::agreement_one: return agreement_one(step, *caller, request);
        case Kind::agreement_withdraw: return withdraw_request(step, *caller, request, body);
        case Kind::stopped: return stop_item(step, *caller, request);
        case Kind::attached: return attach_item(step, *caller, request, body);
        case Kind::decisions_list: return decisions_list(step, *caller, request);
        case Kind::decision_one: return decision_one(step, *caller, request);
        case Kind::decision_replay: return decision_replay(step, *caller, request);
        case Kind::me: return who_am_i(step, *caller);
        case Kind::catalogue: return catalogue(step);
        case Kind::preview: return preview(step, *caller, request);
        case Kind::colleagues: return colleagues_list(step, *caller, request);
        case Kind::access_log: return access_log(step, *caller, request);
        case Kind::care_status: return look_up_care_status(step, *caller, body);
        case Kind::keys: return Answer::of(keys_json(step));
        case Kind::account_write: return write_account(step, *caller, body);
        case Kind::intake_reader: return intake_reader(step, *caller, request, body);
        case Kind::status:
        case Kind::account_read:
        case Kind::account_remove:
        case Kind::account_reset:
        case Kind::known_changes:
        case Kind::inbox_rotate:
        case Kind::person_add:
        case Kind::person_remove: break;
    }
    return Answer::failed(ErrorCode::not_available);
}

}  // namespace

void answer_api(Step& step, const ApiRequest& request) {
    reply(step, request.reply, answer_of(step, request));
}

}  // namespace mash::runtime
