#include "agents/runtime/shell/events.hpp"

#include <algorithm>

#include "agents/runtime/core/json.hpp"

namespace mash::runtime_shell {

using runtime::Json;
using Kind = runtime::ApiRequest::Kind;

namespace {

/// Of one question: the rest waits for the next.
constexpr std::size_t changes_asked_max = 512;

Json link_json(bool up, WallTime since) { return {{"up", up}, {"since", to_rfc3339(since)}}; }

PersonalText credential_of(const http::Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view given = request.authorization;
    return PersonalText(
        std::string(given.starts_with(scheme) ? given.substr(scheme.size()) : std::string_view()));
}

}  // namespace

Events::Events(Parts parts) : parts_(std::move(parts)) {
    for (const auto& area : parts_.areas) links_[area.area] = {false, parts_.clocks().wall};
}

void Events::open(const ApiArea& area, const http::Request& request, std::optional<Digest> session,
                  const http::Server::Respond& respond) {
    runtime::ApiRequest who;
    who.kind = Kind::me;
    who.credential = credential_of(request);
    who.reply =
        area.replies->expect_api([this, area, session, respond](const runtime::ApiReply& reply) {
            const auto me = runtime::json_from_text(reply.json.reveal());
            if (reply.status != 200 || !me) {
                http::Response refused;
                refused.status = reply.status;
                refused.body = reply.json.reveal();
                return respond(std::move(refused));
            }
            begin(area, PersonId(runtime::string_at(*me, "person")), session, respond);
        });
    area.loop->push({std::move(who), {}});
}

void Events::begin(const ApiArea& area, const PersonId& person, std::optional<Digest> session,
                   const http::Server::Respond& respond) {
    http::Response answer;
    {
        const std::lock_guard lock(mutex_);
        drop_ended();
        const auto of_the_same = std::ranges::count_if(watchers_, [&](const auto& one) {
            const auto& watcher = one.second;
            return session ? watcher.session == session
                           : !watcher.session && watcher.area.area == area.area &&
                                 watcher.person == person;
        });
        if (stopped_ || watchers_.size() >= streams_in_all_max) {
            answer = error_response(503, "busy", "Too many pages are open at this agent",
                                    "The page goes on and asks by itself");
        } else if (std::cmp_greater_equal(of_the_same, streams_of_session_max)) {
            answer = error_response(429, "too_many", "You have this open in many tabs",
                                    "Close some of them; this one goes on and asks by itself");
            answer.retry_after_seconds = 5;
        } else {
            auto stream = std::make_shared<http::EventStream>();
            const auto& link = links_[area.area];
            const Json hello{{"time", to_rfc3339(parts_.clocks().wall)},
                             {"link", link_json(link.up, link.since)}};
            stream->push("hello", runtime::text_of_json(hello));
            watchers_.emplace(next_++, Watcher{area, person, session, stream, {}, false});
            answer.content_type = "text/event-stream";
            answer.stream = std::move(stream);
        }
    }
    respond(std::move(answer));
}

void Events::committed(const AreaId& area, const runtime::Changes& changes) {
    const std::lock_guard lock(mutex_);
    drop_ended();
    if (changes.empty()) return;
    for (auto& [number, watcher] : watchers_) {
        if (watcher.area.area != area) continue;
        watcher.waiting.insert(changes.begin(), changes.end());
        if (watcher.waiting.size() > changes_waiting_max)
            watcher.stream->end();
        else if (!watcher.is_asking)
            ask(number, watcher);
    }
}

void Events::link(const AreaId& area, bool up) {
    const std::lock_guard lock(mutex_);
    auto& known = links_[area];
    if (known.up == up) return;
    known = {up, parts_.clocks().wall};
    const auto data = runtime::text_of_json(link_json(up, known.since));
    for (auto& [number, watcher] : watchers_)
        if (watcher.area.area == area) watcher.stream->push("link", data);
}

void Events::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (auto& [number, watcher] : watchers_) watcher.stream->end();
    watchers_.clear();
}

std::size_t Events::size() const {
    const std::lock_guard lock(mutex_);
    return watchers_.size();
}

void Events::drop_ended() {
    std::erase_if(watchers_, [&](auto& one) {
        auto& watcher = one.second;
        if (watcher.session && !parts_.is_open(*watcher.session)) watcher.stream->end();
        return watcher.stream->has_ended();
    });
}

void Events::ask(Number number, Watcher& watcher) {
    Json list = Json::array();
    while (!watcher.waiting.empty() && list.size() < changes_asked_max) {
        const auto change = watcher.waiting.extract(watcher.waiting.begin());
        list.push_back({{"list", std::string(runtime::name_of(change.value().list))},
                        {"key", to_base64url(change.value().key)}});
    }
    runtime::ApiRequest question;
    question.kind = Kind::known_changes;
    question.id = watcher.person.value();
    question.body = PersonalText(runtime::text_of_json({{"changes", std::move(list)}}));
    question.reply = watcher.area.replies->expect_api(
        [this, number](const runtime::ApiReply& reply) { answered(number, reply); });
    watcher.is_asking = true;
    watcher.area.loop->push({std::move(question), {}});
}

void Events::answered(Number number, const runtime::ApiReply& reply) {
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(number);
    if (found == watchers_.end()) return;
    auto& watcher = found->second;
    watcher.is_asking = false;
    const auto json = runtime::json_from_text(reply.json.reveal());
    // Removed meanwhile, or the question could not be worked off: the page connects again, and
    // hears what is so.
    if (reply.status != 200 || !json) {
        watcher.stream->end();
        watchers_.erase(found);
        return;
    }
    if (!json->at("what").empty() &&
        !watcher.stream->push("changed", runtime::text_of_json(*json))) {
        watchers_.erase(found);
        return;
    }
    if (!watcher.waiting.empty()) ask(number, watcher);
}

}  // namespace mash::runtime_shell
