#include "agents/runtime/shell/local_api.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/api_error.hpp"
#include "agents/runtime/core/notification_json.hpp"
#include "agents/runtime/shell/core_question.hpp"
#include "agents/runtime/shell/events.hpp"
#include "agents/runtime/shell/rejected_desk.hpp"
#include "agents/runtime/shell/sign_in.hpp"

namespace mash::runtime_shell {

namespace {

using Kind = runtime::ApiRequest::Kind;
using Json = nlohmann::json;

std::uint32_t retry_after(int status) { return status == 503 ? 5 : 0; }

/// For a request that was waiting when the disk filled. It is in the core's queue.
Replies::OnDiskFull answer_disk_full(http::Server::Respond respond) {
    return [respond = std::move(respond)](ErrorCode code) {
        respond(error_response(
            runtime::http_status_of(code), name_of(code), describe(code),
            "It may still be done once there is room. Tell the person who runs this machine, then "
            "look whether it was done before you try again"));
    };
}

http::Response faults_response(const std::vector<runtime::InputFault>& faults) {
    http::Response out;
    out.status = 422;
    out.body = runtime::faults_body(faults);
    return out;
}

PersonalText bearer(const http::Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    if (!request.authorization.starts_with(scheme)) return PersonalText();
    return PersonalText(request.authorization.substr(scheme.size()));
}

constexpr Operation known_operations[] = {
    {"GET", "/metrics", Operation::Target::metrics},
    {"GET", "/api/v1/openapi.yaml", Operation::Target::document},
    {"GET", "/api/v1/health", Operation::Target::health},
    {"POST", "/api/v1/accounts", Operation::Target::account_make},
    {"POST", "/api/v1/account/passphrase", Operation::Target::passphrase_change},
    {"POST", "/api/v1/account/second-factor", Operation::Target::second_factor_change},
    {"POST", "/api/v1/session", Operation::Target::session_begin},
    {"GET", "/api/v1/session", Operation::Target::session_read},
    {"DELETE", "/api/v1/session", Operation::Target::session_end},
    {"POST", "/api/v1/session/confirm", Operation::Target::session_confirm},
    {"POST", "/api/v1/notifications", Operation::Target::submit},
    {"POST", "/api/v1/notifications/preview", Operation::Target::core, Kind::preview},
    {"GET", "/api/v1/me", Operation::Target::core, Kind::me},
    {"GET", "/api/v1/catalogue", Operation::Target::core, Kind::catalogue},
    {"GET", "/api/v1/colleagues", Operation::Target::core, Kind::colleagues},
    {"GET", "/api/v1/sent", Operation::Target::core, Kind::sent_list},
    {"POST", "/api/v1/sent/export", Operation::Target::take_away, Kind::sent_list},
    {"GET", "/api/v1/sent/*", Operation::Target::core, Kind::sent_one},
    {"GET", "/api/v1/sent/*/content", Operation::Target::core, Kind::sent_content},
    {"POST", "/api/v1/sent/*/recall", Operation::Target::core, Kind::recall},
    {"POST", "/api/v1/sent/*/release", Operation::Target::core, Kind::release},
    {"GET", "/api/v1/unconfirmed", Operation::Target::core, Kind::unconfirmed_list},
    {"GET", "/api/v1/received", Operation::Target::core, Kind::received_list},
    {"GET", "/api/v1/received/*", Operation::Target::core, Kind::received_one},
    {"POST", "/api/v1/received/*/taken", Operation::Target::core, Kind::taken},
    {"POST", "/api/v1/received/*/decided", Operation::Target::core, Kind::decided},
    {"POST", "/api/v1/received/*/stopped", Operation::Target::core, Kind::stopped},
    {"POST", "/api/v1/received/*/attached", Operation::Target::core, Kind::attached},
    {"POST", "/api/v1/received/*/assigned", Operation::Target::core, Kind::assigned},
    {"POST", "/api/v1/received/*/case-number", Operation::Target::core, Kind::case_number},
    {"GET", "/api/v1/chronology", Operation::Target::core, Kind::chronology},
    {"POST", "/api/v1/chronology/export", Operation::Target::take_away, Kind::chronology},
    {"POST", "/api/v1/search", Operation::Target::core, Kind::search},
    {"GET", "/api/v1/drafts", Operation::Target::core, Kind::drafts_list},
    {"POST", "/api/v1/drafts", Operation::Target::core, Kind::draft_save},
    {"GET", "/api/v1/drafts/*", Operation::Target::core, Kind::draft_one},
    {"DELETE", "/api/v1/drafts/*", Operation::Target::core, Kind::draft_delete},
    {"POST", "/api/v1/agreements", Operation::Target::core, Kind::agreement_add},
    {"GET", "/api/v1/agreements", Operation::Target::core, Kind::agreements_list},
    {"GET", "/api/v1/agreements/*", Operation::Target::core, Kind::agreement_one},
    {"POST", "/api/v1/agreements/*/withdraw", Operation::Target::core, Kind::agreement_withdraw},
    {"GET", "/api/v1/held", Operation::Target::core, Kind::held_list},
    {"POST", "/api/v1/held/*", Operation::Target::core, Kind::held_answer},
    {"GET", "/api/v1/tasks", Operation::Target::core, Kind::tasks_list},
    {"POST", "/api/v1/tasks/*", Operation::Target::core, Kind::task_answer},
    {"GET", "/api/v1/questions", Operation::Target::core, Kind::questions_list},
    {"GET", "/api/v1/questions/*", Operation::Target::core, Kind::question_one},
    {"POST", "/api/v1/questions/*/look", Operation::Target::core, Kind::question_look},
    {"POST", "/api/v1/questions/*/answer", Operation::Target::core, Kind::question_answer},
    {"POST", "/api/v1/questions/*/take-back", Operation::Target::core, Kind::question_take_back},
    {"GET", "/api/v1/status", Operation::Target::core, Kind::status},
    {"GET", "/api/v1/events", Operation::Target::events},
    {"POST", "/api/v1/people", Operation::Target::core, Kind::person_add},
    {"POST", "/api/v1/people/*/account/reset", Operation::Target::account_reset},
    {"DELETE", "/api/v1/people/*/account", Operation::Target::core, Kind::account_remove},
    {"DELETE", "/api/v1/people/*", Operation::Target::core, Kind::person_remove},
    {"POST", "/api/v1/conflicts", Operation::Target::core, Kind::conflict_add},
    {"GET", "/api/v1/conflicts", Operation::Target::core, Kind::conflicts_list},
    {"DELETE", "/api/v1/conflicts/*", Operation::Target::core, Kind::conflict_end},
    {"GET", "/api/v1/rolls", Operation::Target::core, Kind::rolls_list},
    {"POST", "/api/v1/rolls/*", Operation::Target::core, Kind::roll_answer},
    {"GET", "/api/v1/rejected", Operation::Target::rejected_list},
    {"GET", "/api/v1/rejected/*", Operation::Target::rejected_read},
    {"POST", "/api/v1/rejected/*/mended", Operation::Target::rejected_mend},
    {"POST", "/api/v1/rejected/*/set-aside", Operation::Target::rejected_set_aside},
    {"GET", "/api/v1/decisions", Operation::Target::core, Kind::decisions_list},
    {"GET", "/api/v1/decisions/*", Operation::Target::core, Kind::decision_one},
    {"GET", "/api/v1/decisions/*/replay", Operation::Target::core, Kind::decision_replay},
    {"GET", "/api/v1/access-log", Operation::Target::core, Kind::access_log},
    {"POST", "/api/v1/care-status", Operation::Target::core, Kind::care_status},
    {"GET", "/api/v1/keys", Operation::Target::core, Kind::keys},
    {"POST", "/api/v1/inboxes/*/rotate", Operation::Target::core, Kind::inbox_rotate},
};

/// The id that stands for '*', "" when there is none; nothing when the path does not fit.
std::optional<std::string> fits(std::string_view pattern, std::string_view path) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos)
        return pattern == path ? std::optional(std::string()) : std::nullopt;
    const auto before = pattern.substr(0, star);
    const auto after = pattern.substr(star + 1);
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
        !path.ends_with(after))
        return std::nullopt;
    std::string id(path.substr(before.size(), path.size() - before.size() - after.size()));
    // "<sender>/<uuid>", the slash as %2F: where two senders used the same id.
    const auto slash = id.find('/');
    if (slash != std::string::npos &&
        (!pattern.starts_with("/api/v1/received/") || !is_valid_name(id.substr(0, slash)) ||
         !uuid_from_text(id.substr(slash + 1))))
        return std::nullopt;
    return id;
}

}  // namespace

std::span<const Operation> operations() { return known_operations; }

http::Response error_response(int status, std::string_view code, std::string_view message,
                              std::string_view next) {
    http::Response out;
    out.status = status;
    out.body = Json{{"error", {{"code", code}, {"message", message}, {"next", next}}}}.dump();
    out.retry_after_seconds = retry_after(status);
    return out;
}

LocalApi::LocalApi(std::vector<ApiArea> areas, std::function<std::string()> metrics,
                   std::string openapi, SignIn* sign_in, Events* events, RejectedDesk* rejected)
    : areas_(std::move(areas)),
      metrics_(std::move(metrics)),
      openapi_(std::move(openapi)),
      sign_in_(sign_in),
      events_(events),
      rejected_(rejected) {}

const ApiArea* LocalApi::area_of(const http::Request& request) const {
    const auto chosen = request.query.find("area");
    // Where several areas are served nothing goes to one of them by default.
    if (chosen == request.query.end()) return areas_.size() == 1 ? &areas_.front() : nullptr;
    const auto found = std::ranges::find_if(
        areas_, [&](const auto& area) { return area.area.value() == chosen->second; });
    return found == areas_.end() ? nullptr : &*found;
}

void LocalApi::handle(const http::Request& request, const http::Server::Respond& respond) const {
    bool path_known = false;
    for (const auto& operation : known_operations) {
        auto id = fits(operation.pattern, request.path);
        if (!id) continue;
        path_known = true;
        if (operation.method != request.method) continue;
        if (sign_in_ == nullptr)
            return answer(operation, request, std::move(*id), std::nullopt, respond);
        const auto admitted = sign_in_->admit(operation, request, respond);
        if (admitted)
            answer(operation, admitted->request, std::move(*id), admitted->session,
                   admitted->respond);
        return;
    }
    if (path_known)
        return respond(error_response(405, "method_not_allowed",
                                      "This path does not take that method",
                                      "See /api/v1/openapi.yaml"));
    respond(error_response(404, "not_found", "There is nothing at this path",
                           "See /api/v1/openapi.yaml"));
}

void LocalApi::answer(const Operation& operation, const http::Request& request, std::string id,
                      std::optional<Digest> session, const http::Server::Respond& respond) const {
    using Target = Operation::Target;
    if (operation.target == Target::metrics)
        return respond({200, "text/plain; version=0.0.4", metrics_(), "", 0});
    if (operation.target == Target::document)
        return respond({200, "application/yaml", openapi_, "", 0});
    const bool is_of_accounts = operation.target >= Target::account_reset;
    if (is_of_accounts && sign_in_ == nullptr)
        return respond(error_response(404, "not_found", "This agent keeps no accounts",
                                      "Use the token that `person add` printed"));
    if (operation.target == Target::events && events_ == nullptr)
        return respond(error_response(404, "not_found", "This agent tells nothing by itself",
                                      "Ask for what you want to know"));
    const bool is_of_rejected =
        operation.target >= Target::rejected_list && operation.target <= Target::rejected_set_aside;
    if (is_of_rejected && rejected_ == nullptr)
        return respond(error_response(404, "not_found", "No folder is read here",
                                      "Ask the agent that reads it"));
    if (operation.target >= Target::session_read)
        return sign_in_->of_session(operation, request, respond);
    const ApiArea* area = area_of(request);
    const bool is_named = request.query.contains("area");
    if (operation.target == Target::health && area == nullptr && !is_named) {
        // Of the program as a whole: the first area in trouble speaks.
        const auto troubled = std::ranges::find_if(
            areas_, [](const auto& each) { return each.loop->is_in_trouble(); });
        area = troubled == areas_.end() ? &areas_.front() : &*troubled;
    }
    if (area == nullptr && !is_named)
        return respond(error_response(422, "missing_field",
                                      "This agent serves several areas: say which one is meant",
                                      "Add ?area= with the name of an area of agent.toml"));
    if (area == nullptr)
        return respond(error_response(404, "unknown_area", "This agent does not serve that area",
                                      "Name an area of agent.toml after ?area="));
    const bool in_trouble = area->loop->is_in_trouble();
    if (operation.target == Target::health) {
        http::Response out;
        out.status = in_trouble ? 503 : 200;
        out.body = Json{{"status", in_trouble ? "store_refuses" : "ok"},
                        {"code", in_trouble ? name_of(area->loop->trouble()) : ""}}
                       .dump();
        return respond(out);
    }
    if (in_trouble) {
        const auto code = area->loop->trouble();
        return respond(error_response(
            503, name_of(code), describe(code),
            "Nothing was lost. Tell the person who runs this machine, and try again"));
    }
    if (operation.target == Target::account_reset)
        return sign_in_->allow_reset(*area, request, id, respond);
    if (is_of_accounts) return sign_in_->at_the_door(operation, *area, request, respond);
    if (operation.target == Target::events) return events_->open(*area, request, session, respond);
    if (is_of_rejected) return rejected_->answer(operation, *area, request, id, respond);
    if (operation.target == Target::submit) return submit(*area, request, respond);
    const auto answered = signing_out(operation, *area, id, respond);
    ask(*area, operation, request, std::move(id), answered);
}

http::Server::Respond LocalApi::signing_out(const Operation& operation, const ApiArea& area,
                                            const std::string& id,
                                            const http::Server::Respond& respond) const {
    const bool ends =
        operation.kind == Kind::account_remove || operation.kind == Kind::person_remove;
    if (!ends || sign_in_ == nullptr) return respond;
    return [sign_in = sign_in_, area = area.area, person = PersonId(id),
            respond](http::Response response) {
        if (response.status == 200) sign_in->end_sessions_of(area, person);
        respond(std::move(response));
    };
}

void LocalApi::submit(const ApiArea& area, const http::Request& request,
                      const http::Server::Respond& respond) const {
    auto parsed = runtime::notification_from_json(request.body);
    if (!parsed.faults.empty()) return respond(faults_response(parsed.faults));
    runtime::Submit input;
    input.notification = std::move(parsed.notification);
    input.credential = bearer(request);
    input.reason = "manual_entry";
    input.reply = area.replies->expect_submit(
        [respond](const runtime::Submitted* taken, const runtime::SubmitRejected* rejected) {
            if (taken != nullptr) {
                http::Response out;
                out.status = 202;
                const std::string id = to_text(taken->id);
                out.location = "/api/v1/sent/" + id;
                out.body = Json{{"id", id}, {"existed", taken->existed}}.dump();
                return respond(out);
            }
            const auto code = rejected->code;
            const int status = runtime::http_status_of(code);
            if (!rejected->faults.empty() && status == 422)
                return respond(faults_response(rejected->faults));
            respond(error_response(
                status, name_of(code),
                rejected->faults.empty() ? describe(code) : rejected->faults.front().message,
                runtime::next_words(code)));
        },
        answer_disk_full(respond));
    hand_to_core(area, {std::move(input), {}});
}

void LocalApi::ask(const ApiArea& area, const Operation& operation, const http::Request& request,
                   std::string id, const http::Server::Respond& respond) const {
    runtime::ApiRequest input;
    input.kind = operation.kind;
    input.credential = bearer(request);
    input.id = std::move(id);
    if (const auto inbox = request.query.find("inbox"); inbox != request.query.end())
        input.inbox = InboxId(inbox->second);
    if (const auto cursor = request.query.find("cursor"); cursor != request.query.end())
        input.cursor = cursor->second;
    if (const auto limit = request.query.find("limit"); limit != request.query.end()) {
        const auto& text = limit->second;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), input.limit);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size() || input.limit == 0)
            return respond(error_response(422, "bad_value", "'limit' is a number from 1",
                                          "Leave it out or mend it"));
    }
    for (const auto* name : {"sent", "from", "to", "person", "item", "full", "state", "received",
                             "counts", "unconfirmed"}) {
        if (const auto given = request.query.find(name); given != request.query.end())
            input.filter.emplace(name, given->second);
    }
    // By the path alone, so that no request for a look can ask for more.
    if (operation.target == Operation::Target::take_away) input.filter["export"] = "true";
    input.body = PersonalText(request.body);
    input.reply = area.replies->expect_api(
        [respond](runtime::ApiReply reply) {
            respond({reply.status, "application/json", reply.json.reveal(), "",
                     retry_after(reply.status)});
        },
        answer_disk_full(respond));
    hand_to_core(area, {std::move(input), {}});
}

}  // namespace mash::runtime_shell
