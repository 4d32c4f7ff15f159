#include "tests/bench/bench_agent.hpp"

#include <chrono>

#include <nlohmann/json.hpp>

#include "common/base/check.hpp"
#include "common/wire/codec.hpp"

namespace mash::bench {

namespace {

Now read_clocks() {
    using namespace std::chrono;
    const auto wall = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    const auto steady = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
    return {SteadyTime::from_ms(steady), WallTime::from_unix_ms(wall)};
}

constexpr std::chrono::seconds answer_deadline{60};

}  // namespace

BenchAgent::BenchAgent(const HostSecrets& secrets, const std::filesystem::path& store,
                       const std::string& endpoint, const crypto::CurvePublicKey& broker,
                       const Watch& watch)
    : secrets_(secrets), watch_(watch) {
    auto opened = store_sqlite::SqliteStore::open(store.string());
    CHECK(opened.has_value());
    store_ = std::move(*opened);
    loop_ = std::make_unique<runtime_shell::CoreLoop>(
        secrets_.config, secrets_.keys, *store_, random_, read_clocks,
        [this](std::vector<runtime::Effect> effects) { release(std::move(effects)); });
    CHECK(loop_->load().has_value());
    runtime_shell::Link::Events events;
    events.up = [this] { loop_->push({runtime::LinkUp{}, {}}); };
    events.down = [this] { loop_->push({runtime::LinkDown{}, {}}); };
    events.frame = [this](Bytes bytes) { on_frame(std::move(bytes)); };
    link_ = std::make_unique<runtime_shell::Link>(
        runtime_shell::LinkConfig{
            {endpoint}, broker, secrets_.transport.public_key, &secrets_.transport.secret_key},
        events);
    loop_->start();
    link_->start();
}

BenchAgent::~BenchAgent() {
    loop_->stop();
    link_->stop();
}

void BenchAgent::on_frame(Bytes bytes) {
    auto frame = wire::decode_broker_frame(bytes);
    CHECK(frame.has_value());
    if (std::holds_alternative<wire::Welcome>(frame->body) && watch_.welcomed)
        watch_.welcomed(host());
    loop_->push({runtime::FrameIn{std::move(*frame)}, {}});
}

bool BenchAgent::is_settled() {
    std::future<std::string> coming;
    {
        const std::lock_guard lock(mutex_);
        coming = asked_.emplace().get_future();
    }
    runtime::ApiRequest request;
    request.kind = runtime::ApiRequest::Kind::status;
    request.credential = secrets_.service_token;
    loop_->push({std::move(request), {}});
    if (coming.wait_for(answer_deadline) != std::future_status::ready) return false;
    const auto status = nlohmann::json::parse(coming.get());
    return status.value("link", "") == "open" && status.at("documents").at("fresh") == true &&
           status.at("errands_owed") == 0 && status.at("rolls_identifying").empty();
}

void BenchAgent::answer(const runtime::ApiReply& reply) {
    const std::lock_guard lock(mutex_);
    if (asked_) asked_->set_value(reply.json.reveal());
    asked_.reset();
}

void BenchAgent::release(std::vector<runtime::Effect> effects) {
    for (auto& effect : effects) {
        if (auto* send = std::get_if<runtime::SendFrame>(&effect)) {
            link_->send(send->lane, wire::encode(send->frame));
        } else if (std::holds_alternative<runtime::Reconnect>(effect)) {
            link_->reconnect();
        } else if (const auto* taken = std::get_if<runtime::Submitted>(&effect)) {
            if (watch_.submitted) watch_.submitted(taken->reply, taken->id);
        } else if (std::holds_alternative<runtime::SubmitRejected>(effect)) {
            ++refusals_;
        } else if (const auto* roll = std::get_if<runtime::RollReplaced>(&effect)) {
            if (!roll->ok) ++refusals_;
        } else if (const auto* reply = std::get_if<runtime::ApiReply>(&effect)) {
            answer(*reply);
        } else if (const auto* alarm = std::get_if<runtime::Alarm>(&effect)) {
            if (!alarm->cleared) ++alarms_;
        } else if (const auto* record = std::get_if<runtime::Recorded>(&effect)) {
            if (record->event == LogEvent::delivery_stored && watch_.stored)
                watch_.stored(record->notification);
            if (record->event == LogEvent::notification_accepted && watch_.accepted)
                watch_.accepted(record->notification);
            if (record->event == LogEvent::delivery_rejected) ++refusals_;
        }
    }
}

}  // namespace mash::bench
