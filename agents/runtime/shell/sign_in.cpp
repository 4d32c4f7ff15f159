#include "agents/runtime/shell/sign_in.hpp"

#include <algorithm>
#include <future>

#include "agents/runtime/core/keys.hpp"
#include "common/crypto/hash.hpp"
#include "common/crypto/token.hpp"

namespace mash::runtime_shell {

using Target = Operation::Target;

struct SignIn::Job {
    ApiArea area;
    http::Request request;
    Json body;
    std::string name;  ///< "" when what was given is none
    crypto::SecretBytes passphrase;
    desk::SecondFactor second_factor{};  ///< of those that make an account or change one
    std::optional<desk::Seen> session;
    Respond respond;

    std::string text(std::string_view field) const { return runtime::string_at(body, field); }
};

struct SignIn::Turns {
    explicit Turns(const desk::RequestRateLimits& limits) : rates(limits) {}
    std::mutex mutex;
    desk::RequestRates rates;
};

namespace {

constexpr std::chrono::seconds core_patience{20};
constexpr std::size_t door_body_bytes_max = std::size_t{16} * 1024;
constexpr std::int64_t browser_cookie_seconds = std::int64_t{90} * 24 * 3600;

// A cookie knows no port (RFC 6265, 8.5): two agents of one machine would sign each other's people
// out.
std::string of_this_port(const std::string& name, const http::Request& request) {
    const auto host = request.header("host");
    const auto colon = host.rfind(':');
    const auto port = colon == std::string_view::npos ? "" : host.substr(colon + 1);
    const bool is_port = !port.empty() && port.size() <= 5 &&
                         port.find_first_not_of("0123456789") == std::string_view::npos;
    return is_port ? name + "-" + std::string(port) : name;
}

// __Host-: no other host and no page in clear can set it.
std::string session_cookie(const http::Request& request) {
    return of_this_port(request.is_secure ? "__Host-mash-session" : "mash-session", request);
}

std::string browser_cookie(const http::Request& request) {
    return of_this_port("mash-browser", request);
}

std::string set_cookie(const http::Request& request, std::string_view name, std::string_view value,
                       std::optional<std::int64_t> seconds) {
    std::string out =
        std::string(name) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Strict";
    if (request.is_secure) out += "; Secure";
    if (seconds) out += "; Max-Age=" + std::to_string(*seconds);
    return out;
}

http::Response json_response(int status, const runtime::Json& json) {
    http::Response out;
    out.status = status;
    out.body = runtime::text_of_json(json);
    return out;
}

http::Response empty_response() {
    http::Response out;
    out.status = 204;
    return out;
}

http::Response wrong_sign_in() {
    return error_response(401, "wrong_sign_in", "The name, the passphrase or the code is wrong",
                          "Try again with the next code that your telephone shows, or the next one "
                          "of your sheet. If it still fails, ask a colleague who opens the same "
                          "inbox");
}

http::Response slow_down(std::chrono::milliseconds wait) {
    const auto seconds = static_cast<std::uint32_t>((wait.count() + 999) / 1000);
    auto out = error_response(429, "slow_down", "There were several wrong sign-ins",
                              "Wait " + std::to_string(seconds) +
                                  (seconds == 1 ? " second" : " seconds") + ", and try again");
    out.retry_after_seconds = seconds;
    return out;
}

http::Response too_fast(std::chrono::milliseconds wait) {
    const auto seconds = static_cast<std::uint32_t>((wait.count() + 999) / 1000);
    auto out =
        error_response(429, "too_fast", "This page asked for more than it may in so short a time",
                       "Nothing of this was done. Try again in " + std::to_string(seconds) +
                           (seconds == 1 ? " second" : " seconds"));
    out.retry_after_seconds = seconds;
    return out;
}

http::Response busy() {
    return error_response(503, "busy", "This could not be worked off now",
                          "Try again in a minute; nothing was lost");
}

http::Response signed_out() {
    return error_response(401, "signed_out", "You are not signed in, or no longer",
                          "Sign in again");
}

http::Response bad_body(std::string_view what) {
    return error_response(422, "bad_value", what, "Correct it and send it again");
}

http::Response of_status(int status) {
    if (status == 401)
        return error_response(401, "wrong_credential", "This token is not known, or no longer",
                              "Use the token that `person add` printed, or ask a colleague who "
                              "opens the same inbox to add you again");
    if (status == 403)
        return error_response(403, "not_entitled", "Only a person may have an account",
                              "Use the token of a person");
    if (status == 409)
        return error_response(409, "already_exists",
                              "Somebody has this name, or you have an account already",
                              "Choose another name, or sign in to the account that you have");
    return busy();
}

bool is_reading(std::string_view method) { return method == "GET" || method == "HEAD"; }

// A browser says itself where a request comes from; an older one says nothing.
bool is_from_elsewhere(const http::Request& request) {
    const auto site = request.header("sec-fetch-site");
    return !site.empty() && site != "same-origin" && site != "none";
}

http::Response forged() {
    return error_response(403, "csrf", "This request does not come from the console's own page",
                          "Load the page again and repeat what you did");
}

/// What opens an address, an inbox, a child's items or somebody's account to another, what takes
/// them from colleagues, and what is taken away as a file: whoever passes an open page must not
/// leave with a token of their own or a child's history.
bool needs_confirmation(const Operation& operation) {
    using Kind = runtime::ApiRequest::Kind;
    if (operation.target == Target::account_reset || operation.target == Target::take_away)
        return true;
    if (operation.target != Target::core) return false;
    switch (operation.kind) {
        case Kind::release:
        case Kind::account_remove:
        case Kind::person_add:
        case Kind::person_remove:
        case Kind::inbox_rotate:
        case Kind::conflict_end: return true;
        default: return false;
    }
}

/// In units of desk::RequestRates: what opens up to 200 items, or goes on for as long as a page is
/// open, costs more than a line of a list; a passphrase costs the one thread that derives keys.
std::uint32_t price_of(const Operation& operation) {
    using Kind = runtime::ApiRequest::Kind;
    constexpr std::uint32_t of_items = 5;
    constexpr std::uint32_t of_passphrase = 10;
    if (operation.target == Target::session_confirm ||
        operation.target == Target::passphrase_change)
        return of_passphrase;
    const bool opens_items = operation.kind == Kind::chronology || operation.kind == Kind::search;
    if (operation.target == Target::events || operation.target == Target::take_away ||
        (operation.target == Target::core && opens_items))
        return of_items;
    return 1;
}

std::optional<desk::SecondFactor> second_factor_of(std::string_view word) {
    if (word == "totp") return desk::SecondFactor::totp;
    if (word == "codes") return desk::SecondFactor::codes;
    return std::nullopt;
}

runtime::Json texts_json(const std::vector<std::string>& texts) {
    runtime::Json list = runtime::Json::array();
    for (const auto& text : texts) list.push_back(text);
    return list;
}

/// Shown this once.
runtime::Json issued_json(const desk::Issued& issued) {
    runtime::Json out{{"name", issued.account.name}, {"person", issued.account.person.value()}};
    out["totp"] = nullptr;
    out["codes"] = nullptr;
    if (issued.account.factor == desk::SecondFactor::totp)
        out["totp"] = {{"secret", issued.totp_secret}, {"uri", issued.totp_uri}};
    else
        out["codes"] = texts_json(issued.codes);
    out["recovery_codes"] = texts_json(issued.recovery);
    return out;
}

std::string passphrase_words(ErrorCode code) {
    if (code == ErrorCode::missing_field) return "A passphrase has at least 12 characters";
    if (code == ErrorCode::too_large) return "A passphrase has at most 256 bytes";
    return "A passphrase does not hold the account's name, nor the same few characters again and "
           "again";
}

}  // namespace

SignIn::SignIn(Parts parts)
    : parts_(std::move(parts)),
      sessions_(parts_.times),
      turns_(std::make_shared<Turns>(parts_.rates)),
      thread_([this] { work(); }) {}

SignIn::~SignIn() { stop(); }

void SignIn::stop() {
    std::deque<std::function<void(bool)>> left;
    {
        const std::lock_guard lock(queue_mutex_);
        stopping_ = true;
        left.swap(queue_);
    }
    ready_.notify_all();
    for (const auto& job : left) job(false);
    if (thread_.joinable()) thread_.join();
}

void SignIn::work() {
    while (true) {
        std::function<void(bool)> job;
        {
            std::unique_lock lock(queue_mutex_);
            ready_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        job(true);
    }
}

void SignIn::hand_over(std::shared_ptr<Job> job, void (SignIn::*piece)(Job&)) {
    {
        const std::lock_guard lock(queue_mutex_);
        if (!stopping_ && queue_.size() < sign_in_queue_max) {
            queue_.push_back([this, job, piece](bool goes_on) {
                if (!goes_on) return job->respond(busy());
                (this->*piece)(*job);
            });
            job = nullptr;
        }
    }
    if (job) return job->respond(busy());
    ready_.notify_one();
}

void SignIn::ask(const ApiArea& area, Kind kind, std::string_view credential, const Json& body,
                 const std::function<void(Reply)>& then, const std::string& id) const {
    runtime::ApiRequest input;
    input.kind = kind;
    input.id = id;
    input.credential = PersonalText(std::string(credential));
    if (!body.is_null()) input.body = PersonalText(runtime::text_of_json(body));
    ask_core(area, std::move(input), then);
}

SignIn::Reply SignIn::ask_and_wait(const ApiArea& area, Kind kind, std::string_view credential,
                                   const Json& body) const {
    auto promise = std::make_shared<std::promise<Reply>>();
    auto answer = promise->get_future();
    ask(area, kind, credential, body,
        [promise](Reply reply) { promise->set_value(std::move(reply)); });
    if (answer.wait_for(core_patience) != std::future_status::ready) return {};
    return answer.get();
}

const ApiArea* SignIn::area_named(const AreaId& area) const {
    const auto found =
        std::ranges::find_if(parts_.areas, [&](const auto& one) { return one.area == area; });
    return found == parts_.areas.end() ? nullptr : &*found;
}

// A page reads by itself as well: nobody sits before it because of that. That somebody does it says
// by asking for the session.
std::optional<desk::Seen> SignIn::session_of(const http::Request& request,
                                             const Operation& operation) {
    const auto cookie = request.cookie(session_cookie(request));
    if (cookie.empty()) return std::nullopt;
    const bool is_activity =
        operation.target == Target::session_read || !is_reading(request.method);
    const std::lock_guard lock(desk_mutex_);
    return sessions_.find(cookie, parts_.clocks(), is_activity);
}

bool SignIn::is_own_page(const http::Request& request, const desk::Seen& seen,
                         const Respond& respond) {
    const bool is_ours =
        is_reading(request.method) ||
        crypto::equal_constant_time(view_of(request.header("x-csrf-token")), view_of(seen.csrf));
    if (is_ours && !is_from_elsewhere(request)) return true;
    parts_.note(LogEvent::access_refused, ErrorCode::not_entitled);
    respond(forged());
    return false;
}

std::optional<SignIn::Respond> SignIn::take_turn(const Operation& operation,
                                                 const http::Request& request,
                                                 const Respond& respond) {
    const auto session = desk::Sessions::id_of(request.cookie(session_cookie(request)));
    if (!session) return respond;
    desk::RequestRates::Verdict verdict;
    {
        const std::lock_guard lock(turns_->mutex);
        verdict = turns_->rates.begin(*session, price_of(operation), parts_.clocks().steady);
    }
    if (verdict.wait.count() > 0) {
        if (verdict.is_news) parts_.note(LogEvent::rate_limited, ErrorCode::busy);
        respond(too_fast(verdict.wait));
        return std::nullopt;
    }
    // Answered is what nobody can answer any more: also a request that was given up.
    const std::shared_ptr<void> owed(nullptr, [turns = turns_, id = *session](void*) {
        const std::lock_guard lock(turns->mutex);
        turns->rates.answered(id);
    });
    return [respond, owed](http::Response response) { respond(std::move(response)); };
}

std::optional<SignIn::Admitted> SignIn::admit(const Operation& operation,
                                              const http::Request& request,
                                              const Respond& respond) {
    const auto cookie = request.cookie(session_cookie(request));
    const bool is_by_token =
        operation.target >= Target::submit && operation.target < Target::account_make;
    if (!is_by_token || !request.authorization.empty() || cookie.empty())
        return Admitted{request, respond};
    const auto seen = session_of(request, operation);
    if (!seen) {
        respond(signed_out());
        return std::nullopt;
    }
    if (!is_own_page(request, *seen, respond)) return std::nullopt;
    auto turn = take_turn(operation, request, respond);
    if (!turn) return std::nullopt;
    const auto area = request.query.find("area");
    if (area != request.query.end() && area->second != seen->who.area.value()) {
        respond(error_response(403, "wrong_area", "You are signed in to another area",
                               "Sign in to the area that you mean"));
        return std::nullopt;
    }
    if (needs_confirmation(operation) && !seen->confirmed_until) {
        respond(error_response(403, "confirm_again",
                               "This is for somebody who has just shown who they are",
                               "Give your passphrase and a code again, then repeat it"));
        return std::nullopt;
    }
    Admitted out{request, std::move(*turn), desk::Sessions::id_of(cookie)};
    out.request.authorization = "Bearer " + std::string(text_of(seen->credential.reveal()));
    out.request.query["area"] = seen->who.area.value();
    out.request.query.erase("unconfirmed");
    if (!seen->confirmed_until) out.request.query["unconfirmed"] = "true";
    return out;
}

bool SignIn::is_open(const Digest& session) {
    const std::lock_guard lock(desk_mutex_);
    return sessions_.is_open(session, parts_.clocks());
}

void SignIn::end_sessions_of(const AreaId& area, const PersonId& person) {
    const std::lock_guard lock(desk_mutex_);
    sessions_.end_of(area, person);
}

void SignIn::allow_reset(const ApiArea& area, const http::Request& request,
                         const std::string& person, const Respond& respond) {
    Json body = Json::object();
    if (!request.body.empty()) {
        auto given = runtime::json_from_text(request.body);
        if (!given || !given->is_object())
            return respond(bad_body("The body must be a JSON object"));
        if (const auto key = runtime::string_at(*given, "recovery_key"); !key.empty())
            body["recovery_key"] = key;
    }
    auto made = desk::make_reset_code(PersonId(person), parts_.random);
    body["digest"] = to_base64url(made.digest);
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view given = request.authorization;
    const auto credential =
        given.starts_with(scheme) ? given.substr(scheme.size()) : std::string_view();
    ask(
        area, Kind::account_reset, credential, body,
        [respond, code = std::move(made.code)](Reply reply) {
            if (reply.status == 200) reply.json["code"] = code;
            if (reply.json.is_null()) return respond(busy());
            respond(json_response(reply.status, reply.json));
        },
        person);
}

void SignIn::at_the_door(const Operation& operation, const ApiArea& area,
                         const http::Request& request, const Respond& respond) {
    if (is_from_elsewhere(request) || !request.content_type.starts_with("application/json"))
        return respond(forged());
    // Nobody is known yet: what stands here is a name, a passphrase, a code.
    if (request.body.size() > door_body_bytes_max)
        return respond(bad_body("The body is larger than a sign-in"));
    auto body = runtime::json_from_text(request.body);
    if (!body || !body->is_object()) return respond(bad_body("The body must be a JSON object"));
    auto job = std::make_shared<Job>();
    job->area = area;
    job->request = request;
    job->request.body.clear();
    job->body = std::move(*body);
    job->name = desk::account_name(job->text("name")).value_or("");
    job->passphrase = crypto::SecretBytes::copy_of(view_of(job->text("passphrase")));
    job->respond = respond;
    if (operation.target == Target::session_begin)
        return hand_over(std::move(job), &SignIn::begin_session);
    const auto second_factor = second_factor_of(job->text("second_factor"));
    if (!second_factor) return respond(bad_body("'second_factor' is totp or codes"));
    job->second_factor = *second_factor;
    if (operation.target == Target::second_factor_change)
        return hand_over(std::move(job), &SignIn::change_second_factor);
    if (job->name.empty()) return respond(bad_body("'name' has 3 to 64 letters, digits or . - _"));
    if (const auto good = desk::check_passphrase(job->passphrase, job->name); !good)
        return respond(bad_body(passphrase_words(good.error())));
    hand_over(std::move(job), &SignIn::make_account);
}

void SignIn::of_session(const Operation& operation, const http::Request& request,
                        const Respond& asked_by) {
    auto seen = session_of(request, operation);
    if (!seen && operation.target == Target::session_end) return asked_by(empty_response());
    if (!seen) return asked_by(signed_out());
    if (!is_own_page(request, *seen, asked_by)) return;
    // Whoever wants to leave is never told to wait.
    const auto turn = operation.target == Target::session_end
                          ? std::optional(asked_by)
                          : take_turn(operation, request, asked_by);
    if (!turn) return;
    const auto& respond = *turn;
    if (operation.target == Target::session_read)
        return answer_with_session(*seen, "", "", respond);
    if (operation.target == Target::session_end) {
        const std::lock_guard lock(desk_mutex_);
        sessions_.end(request.cookie(session_cookie(request)));
        auto out = empty_response();
        out.headers.emplace_back("Set-Cookie", set_cookie(request, session_cookie(request), "", 0));
        return respond(out);
    }
    auto body = runtime::json_from_text(request.body);
    if (!body || !body->is_object()) return respond(bad_body("The body must be a JSON object"));
    const auto* area = area_named(seen->who.area);
    if (area == nullptr) return respond(busy());
    auto job = std::make_shared<Job>();
    job->area = *area;
    job->request = request;
    job->request.body.clear();
    job->body = std::move(*body);
    job->name = seen->who.account;
    job->passphrase = crypto::SecretBytes::copy_of(view_of(job->text("passphrase")));
    job->session = std::move(seen);
    job->respond = respond;
    if (operation.target == Target::session_confirm)
        return hand_over(std::move(job), &SignIn::confirm_session);
    const auto wanted = crypto::SecretBytes::copy_of(view_of(job->text("new_passphrase")));
    if (const auto good = desk::check_passphrase(wanted, job->name); !good)
        return respond(bad_body(passphrase_words(good.error())));
    hand_over(std::move(job), &SignIn::change_passphrase);
}

desk::Attempt SignIn::attempt_of(const Job& job) const {
    const auto& area = job.area.area.value();
    desk::Attempt out{area + "/" + job.name, desk::source_of(job.request.peer)};
    if (is_known_browser(job.request, area, job.name)) {
        out.source = "browser/" + std::string(job.request.cookie(browser_cookie(job.request)));
        out.is_known_browser = true;
    }
    return out;
}

std::optional<SignIn::Kept> SignIn::read(const Job& job) const {
    const auto reply = ask_and_wait(job.area, Kind::account_read, "", Json{{"name", job.name}});
    if (reply.status == 404) return Kept{};
    if (reply.status != 200) return std::nullopt;
    const auto revision = reply.json.find("revision");
    const auto bytes = from_base64url(runtime::string_at(reply.json, "account"));
    if (revision == reply.json.end() || !revision->is_number_unsigned() || !bytes)
        return std::nullopt;
    auto account = desk::account_from(*bytes);
    if (!account) return std::nullopt;
    Kept kept{revision->get<std::uint64_t>(), std::move(*account)};
    const auto reset = from_base64url(runtime::string_at(reply.json, "reset"));
    if (reset && reset->size() == Digest{}.size())
        std::ranges::copy(*reset, kept.reset.emplace().begin());
    return kept;
}

void SignIn::refuse(Job& job) {
    {
        const std::lock_guard lock(desk_mutex_);
        lock_out_.failed(attempt_of(job), parts_.clocks().steady);
    }
    parts_.note(LogEvent::access_refused, ErrorCode::wrong_credential);
    job.respond(wrong_sign_in());
}

std::optional<SignIn::Shown> SignIn::show(Job& job, bool by_recovery_code) {
    std::chrono::milliseconds wait{0};
    {
        const std::lock_guard lock(desk_mutex_);
        wait = lock_out_.wait(attempt_of(job), parts_.clocks().steady);
    }
    if (wait.count() > 0) {
        job.respond(slow_down(wait));
        return std::nullopt;
    }
    auto kept = job.name.empty() ? std::optional<Kept>(Kept{}) : read(job);
    if (!kept) {
        job.respond(busy());
        return std::nullopt;
    }
    if (kept->revision == 0) {
        desk::open_nothing(job.passphrase, parts_.price, parts_.random);
        refuse(job);
        return std::nullopt;
    }
    auto opened = desk::open_account(kept->account, job.passphrase);
    if (!opened && opened.error() == ErrorCode::busy) {
        job.respond(busy());
        return std::nullopt;
    }
    const auto recovers = [&](const std::string& code) {
        const bool is_reset =
            kept->reset && desk::is_reset_code(*kept->reset, kept->account.person, code);
        return desk::use_recovery_code(kept->account, *opened, code) || is_reset;
    };
    const bool fits =
        opened && (by_recovery_code ? recovers(job.text("recovery_code"))
                                    : desk::use_code(kept->account, *opened, job.text("code"),
                                                     parts_.clocks().wall));
    if (!fits) {
        refuse(job);
        return std::nullopt;
    }
    return Shown{std::move(*kept), std::move(*opened)};
}

// Somebody else may have used the same code meanwhile: then this one was not the first.
bool SignIn::keep(Job& job, const Shown& shown, std::string_view event) {
    const Json body{{"name", shown.kept.account.name},
                    {"revision", shown.kept.revision},
                    {"account", to_base64url(desk::bytes_of(shown.kept.account))},
                    {"confirmed", shown.kept.account.is_confirmed},
                    {"event", std::string(event)}};
    const auto reply = ask_and_wait(job.area, Kind::account_write,
                                    text_of(shown.opened.credential.reveal()), body);
    if (reply.status == 200) {
        const std::lock_guard lock(desk_mutex_);
        lock_out_.succeeded(attempt_of(job));
        return true;
    }
    // 409: a colleague allowed a reset meanwhile, or the same code came twice. It is not a wrong
    // sign-in: counted as one, it would be a way to lock somebody out.
    if (reply.status == 401)
        refuse(job);
    else
        job.respond(busy());
    return false;
}

void SignIn::make_account(Job& job) {
    const auto credential = runtime::credential_from_text(PersonalText(job.text("token")));
    if (!credential) return job.respond(of_status(401));
    const auto token = job.text("token");
    // Before the slow part: only whoever has a token may cause it.
    const auto me = ask_and_wait(job.area, Kind::me, token, nullptr);
    if (me.status != 200) return job.respond(of_status(me.status));
    const auto kept = read(job);
    if (!kept) return job.respond(busy());
    const bool is_free = kept->revision == 0 || (!kept->account.is_confirmed &&
                                                 kept->account.person == credential->person);
    if (!is_free) return job.respond(of_status(409));
    auto issued = desk::make_account(
        {job.name, credential->person, job.area.area.value(), job.second_factor},
        crypto::SecretBytes::copy_of(view_of(token)), job.passphrase, parts_.price, parts_.random);
    if (!issued) return job.respond(busy());
    const Json body{{"name", job.name},
                    {"revision", kept->revision},
                    {"account", to_base64url(desk::bytes_of(issued->account))},
                    {"confirmed", false},
                    {"event", "account_made"}};
    const auto reply = ask_and_wait(job.area, Kind::account_write, token, body);
    if (reply.status != 200) return job.respond(of_status(reply.status));
    job.respond(json_response(201, issued_json(*issued)));
}

void SignIn::begin_session(Job& job) {
    auto shown = show(job, false);
    if (!shown) return;
    shown->kept.account.is_confirmed = true;
    if (!keep(job, *shown, "signed_in")) return;
    const auto& account = shown->kept.account;
    desk::SignedIn who{account.name, account.person, job.area.area};
    if (account.factor == desk::SecondFactor::codes) who.codes_left = account.codes.size();
    std::string cookie;
    std::optional<desk::Seen> seen;
    {
        const std::lock_guard lock(desk_mutex_);
        const auto now = parts_.clocks();
        sessions_.end(job.request.cookie(session_cookie(job.request)));
        cookie = sessions_.begin(who, shown->opened.credential, now, parts_.random);
        seen = sessions_.find(cookie, now, true);
    }
    if (!seen) return job.respond(busy());
    answer_with_session(
        *seen, set_cookie(job.request, session_cookie(job.request), cookie, std::nullopt),
        set_cookie(job.request, browser_cookie(job.request),
                   browser_mark(job.area.area.value(), job.name), browser_cookie_seconds),
        job.respond);
}

void SignIn::confirm_session(Job& job) {
    const auto shown = show(job, false);
    if (!shown || !keep(job, *shown, "confirmed_again")) return;
    std::optional<desk::Seen> seen;
    {
        const std::lock_guard lock(desk_mutex_);
        const auto now = parts_.clocks();
        const auto cookie = job.request.cookie(session_cookie(job.request));
        sessions_.confirm(cookie, now);
        seen = sessions_.find(cookie, now, true);
    }
    if (!seen) return job.respond(signed_out());
    answer_with_session(*seen, "", "", job.respond);
}

void SignIn::change_passphrase(Job& job) {
    auto shown = show(job, false);
    if (!shown) return;
    const auto wanted = crypto::SecretBytes::copy_of(view_of(job.text("new_passphrase")));
    if (!desk::change_passphrase(shown->kept.account, shown->opened, wanted, parts_.price,
                                 parts_.random))
        return job.respond(busy());
    if (!keep(job, *shown, "passphrase_changed")) return;
    {
        const std::lock_guard lock(desk_mutex_);
        sessions_.end_others(job.area.area, job.name,
                             job.request.cookie(session_cookie(job.request)));
    }
    job.respond(empty_response());
}

void SignIn::change_second_factor(Job& job) {
    auto shown = show(job, true);
    if (!shown) return;
    auto issued = desk::make_account(
        {job.name, shown->kept.account.person, job.area.area.value(), job.second_factor},
        shown->opened.credential, job.passphrase, parts_.price, parts_.random);
    if (!issued) return job.respond(busy());
    // It counted before, and its person is known: nobody sets it up again with the token alone.
    issued->account.is_confirmed = shown->kept.account.is_confirmed;
    shown->kept.account = issued->account;
    if (!keep(job, *shown, "second_factor_changed")) return;
    {
        const std::lock_guard lock(desk_mutex_);
        sessions_.end_others(job.area.area, job.name, "");
    }
    job.respond(json_response(201, issued_json(*issued)));
}

void SignIn::answer_with_session(const desk::Seen& seen, std::string cookie_line,
                                 std::string mark_line, const Respond& respond) {
    const auto* area = area_named(seen.who.area);
    if (area == nullptr) return respond(busy());
    Json json{{"account", seen.who.account},
              {"person", seen.who.person.value()},
              {"area", seen.who.area.value()},
              {"csrf", seen.csrf},
              {"signed_in_at", to_rfc3339(seen.signed_in_at)},
              {"idle_until", to_rfc3339(seen.idle_until)},
              {"ends_at", to_rfc3339(seen.ends_at)},
              {"confirmed_until", nullptr},
              {"codes_left", nullptr},
              {"training", parts_.is_training}};
    if (seen.confirmed_until) json["confirmed_until"] = to_rfc3339(*seen.confirmed_until);
    if (seen.who.codes_left) json["codes_left"] = *seen.who.codes_left;
    ask(*area, Kind::me, text_of(seen.credential.reveal()), nullptr,
        [json, cookies = std::vector{std::move(cookie_line), std::move(mark_line)},
         respond](Reply reply) mutable {
            // Removed meanwhile.
            if (reply.status == 401) return respond(signed_out());
            if (reply.status != 200) return respond(busy());
            json["me"] = std::move(reply.json);
            auto out = json_response(200, json);
            for (const auto& line : cookies)
                if (!line.empty()) out.headers.emplace_back("Set-Cookie", line);
            respond(std::move(out));
        });
}

// Random part, then what only this host can say of it and this account.
std::string SignIn::browser_mark(const std::string& area, const std::string& name) const {
    const auto nonce = to_hex(parts_.random.array<16>());
    const auto key = crypto::SecretBytes::copy_of(parts_.browser_key);
    return nonce + "." +
           to_hex(crypto::keyed_labelled_hash(key, "mash.v1.known-browser",
                                              {view_of(area), view_of(name), view_of(nonce)}));
}

bool SignIn::is_known_browser(const http::Request& request, const std::string& area,
                              const std::string& name) const {
    const auto mark = request.cookie(browser_cookie(request));
    const auto dot = mark.find('.');
    if (dot == std::string_view::npos) return false;
    const auto key = crypto::SecretBytes::copy_of(parts_.browser_key);
    const auto wanted = to_hex(
        crypto::keyed_labelled_hash(key, "mash.v1.known-browser",
                                    {view_of(area), view_of(name), view_of(mark.substr(0, dot))}));
    return crypto::equal_constant_time(view_of(mark.substr(dot + 1)), view_of(wanted));
}

}  // namespace mash::runtime_shell
