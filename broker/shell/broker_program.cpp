#include "broker/shell/broker_program.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

#include <nlohmann/json.hpp>

#include "broker/core/store_format.hpp"
#include "broker/shell/admin_socket.hpp"
#include "broker/shell/backup.hpp"
#include "broker/shell/batch_loop.hpp"
#include "broker/shell/store_space.hpp"
#include "broker/shell/token_pool.hpp"
#include "broker/shell/verify_pool.hpp"
#include "broker/shell/zmq_router.hpp"
#include "common/area/document_files.hpp"
#include "common/area/keyfile.hpp"
#include "common/crypto/random.hpp"
#include "common/http/server.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "common/wire/codec.hpp"

namespace mash::broker_shell {

namespace {

Now read_clocks() {
    using namespace std::chrono;
    const auto wall = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    const auto steady = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
    return {SteadyTime::from_ms(steady), WallTime::from_unix_ms(wall)};
}

constexpr std::chrono::seconds operator_deadline{10};

}  // namespace

struct BrokerProgram::State final : EffectSink {
    BrokerConfig config;
    Log& log;
    crypto::SystemRandom random;
    crypto::SystemRandom token_random;  // of the thread that evaluates
    std::optional<crypto::SigningKey> signing_key;
    std::unique_ptr<store_sqlite::SqliteStore> store;
    ZapAuthenticator authenticator;
    std::unique_ptr<BatchLoop> loop;
    std::unique_ptr<VerifyPool> pool;
    std::unique_ptr<TokenPool> tokens;
    std::unique_ptr<ZmqRouter> router;
    std::unique_ptr<AdminSocket> admin;
    std::unique_ptr<http::Server> metrics;
    std::map<std::filesystem::path, std::filesystem::file_time_type> documents_seen;

    std::atomic<std::uint64_t> free_bytes = 0;
    wire::Lane slowest_accepted = wire::Lane::bulk;  // as the core was told last

    std::mutex mutex;  // guards registry_seen, replies
    std::uint64_t next_reply = 1;
    std::map<std::uint64_t, std::promise<broker::OperatorReply>> replies;
    std::map<LogEvent, std::uint64_t> event_counts;
    std::shared_ptr<const area::Registry> registry;

    State(BrokerConfig c, Log& l) : config(std::move(c)), log(l) {}

    void release(std::vector<broker::Effect> effects) override {
        for (auto& effect : effects) {
            std::visit([&](auto& body) { let_out(body); }, effect);
        }
    }

    void let_out(broker::SendFrame& effect) {
        router->send(effect.session, effect.lane, wire::encode(effect.frame));
    }
    void let_out(broker::TokensAsked& effect) { tokens->submit(std::move(effect)); }
    void let_out(broker::CloseSession& effect) { router->close(effect.session); }
    void let_out(broker::RegistryChanged& effect) { use_registry(effect.registry); }
    void use_registry(const std::shared_ptr<const area::Registry>& now_in_force) {
        if (!now_in_force) return;
        authenticator.replace(*now_in_force, read_clocks().wall);
        pool->use_registry(now_in_force);
        for (const auto& listed : now_in_force->broker.token_keys) {
            if (!tokens->holds(listed.key))
                note({LogEvent::token_key_missing, {{"count", std::int64_t{listed.epoch}}}});
        }
        const std::lock_guard lock(mutex);
        registry = now_in_force;
    }
    void let_out(broker::Recorded& effect) {
        std::vector<LogField> fields;
        if (!effect.host.empty()) fields.push_back(LogField("host", effect.host));
        if (!effect.agency.empty()) fields.push_back(LogField("agency", effect.agency));
        if (!effect.notification.is_zero())
            fields.push_back(LogField("notification", effect.notification));
        if (effect.has_code) fields.push_back(LogField("code", effect.code));
        if (effect.count != 0) fields.push_back(LogField("count", effect.count));
        note({effect.event, std::move(fields)});
    }
    void note(const LogRecord& said) {
        log.write(read_clocks().wall, said);
        const std::lock_guard lock(mutex);
        ++event_counts[said.event];
    }
    void let_out(broker::OperatorReply& effect) {
        const std::lock_guard lock(mutex);
        const auto found = replies.find(effect.reply);
        if (found == replies.end()) return;
        found->second.set_value(std::move(effect));
        replies.erase(found);
    }

    std::optional<broker::OperatorReply> ask_core(broker::OperatorCommand::Kind kind,
                                                  std::string argument) {
        std::future<broker::OperatorReply> answer;
        broker::OperatorCommand command{kind, 0, std::move(argument)};
        {
            const std::lock_guard lock(mutex);
            command.reply = next_reply++;
            answer = replies[command.reply].get_future();
        }
        loop->push({std::move(command), {}});
        if (answer.wait_for(operator_deadline) != std::future_status::ready) return std::nullopt;
        return answer.get();
    }

    std::string on_admin_line(const std::string& line) {
        using Json = nlohmann::json;
        const auto request = parse_admin_request(line);
        const auto refuse = [](std::string_view code) {
            return Json{{"ok", false}, {"error", code}}.dump();
        };
        if (!request) return refuse(name_of(request.error()));
        const auto& [command, argument] = *request;
        log.write(read_clocks().wall, LogEvent::operator_command);
        using Kind = broker::OperatorCommand::Kind;
        static const std::map<std::string, Kind> kinds{{"status", Kind::status},
                                                       {"tasks", Kind::tasks},
                                                       {"release", Kind::release_standby},
                                                       {"quarantine", Kind::quarantine_list},
                                                       {"confirm_clock", Kind::confirm_clock},
                                                       {"stats", Kind::stats},
                                                       {"decisions", Kind::decisions},
                                                       {"kept_document", Kind::kept_document},
                                                       {"requests", Kind::requests},
                                                       {"token_change", Kind::token_change}};
        if (command == "backup") {
            if (argument.empty()) return refuse(name_of(ErrorCode::missing_field));
            const auto key = backup_key(config);
            if (!key) return refuse(name_of(key.error()));
            const auto made = write_backup(*store, config.area, *key, argument, read_clocks().wall);
            if (!made) return refuse(name_of(made.error()));
            log.write(read_clocks().wall, LogEvent::backup_written);
            return Json{{"ok", true}, {"folder", argument}}.dump();
        }
        if (command == "reload") {
            load_documents();
            return Json{{"ok", true}}.dump();
        }
        const auto kind = kinds.find(command);
        if (kind == kinds.end()) return refuse("unknown_command");
        const auto answer = ask_core(kind->second, argument);
        if (!answer) return refuse("timeout");
        const auto body = Json::parse(answer->json, nullptr, false);
        return Json{{"ok", answer->ok}, {"answer", body.is_discarded() ? Json(nullptr) : body}}
            .dump();
    }

    void load_documents() {
        auto documents = area::read_documents(config.documents);
        if (!documents) {
            log.write(read_clocks().wall, LogEvent::configuration_refused,
                      {{"code", documents.error()}});
            return;
        }
        loop->push({broker::LoadDocuments{std::move(*documents)}, {}});
    }

    std::string metrics_text() {
        std::string out;
        const auto value = [&](std::string_view name, std::string_view help, std::string_view type,
                               auto number) {
            out += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " +
                   std::string(name) + " " + std::string(type) + "\n";
            out += std::string(name) + " " + std::to_string(number) + "\n";
        };
        const auto& counts = loop->counts();
        const auto link = router->counts();
        value("mash_broker_batches_total", "Committed batches", "counter", counts.batches.load());
        value("mash_broker_inputs_total", "Inputs worked off", "counter", counts.inputs.load());
        value("mash_broker_failed_commits_total",
              "Commits that failed or whose outcome was unknown", "counter",
              counts.failed_commits.load());
        value("mash_broker_quarantined_total",
              "Inputs set aside because they alone made a batch fail", "counter",
              counts.set_aside.load());
        value("mash_broker_last_commit_microseconds", "Length of the last batch with its sync",
              "gauge", counts.last_commit_us.load());
        value("mash_broker_queued_inputs", "Inputs waiting for the core", "gauge",
              counts.queued.load());
        value("mash_broker_frames_in_total", "Frames received", "counter", link.frames_in);
        value("mash_broker_frames_out_total", "Frames sent", "counter", link.frames_out);
        value("mash_broker_sessions", "Connections known", "gauge", link.sessions);
        value("mash_broker_refused_keys_total",
              "Handshakes with a key that the registry does not list", "counter",
              link.refused_keys);
        value("mash_broker_malformed_total", "Messages of too many or too large frames", "counter",
              link.malformed);
        value("mash_broker_over_rate_total", "Frames over a host's rate", "counter",
              link.over_rate);
        value("mash_broker_dropped_sessions_total",
              "Connections dropped because the peer did not read", "counter",
              link.dropped_sessions);
        value("mash_broker_accept_failures_total", "Connections that could not be accepted",
              "counter", link.accept_failures);
        value("mash_broker_failed_handshakes_total",
              "Connections that failed before they were encrypted", "counter",
              link.failed_handshakes);
        value("mash_broker_token_evaluations_total", "Identifiers evaluated without being seen",
              "counter", tokens->evaluated());
        value("mash_broker_token_refusals_total",
              "Questions about identifiers that were answered with an error", "counter",
              tokens->refused());
        value("mash_broker_token_questions_waiting", "Questions about identifiers in the queue",
              "gauge", tokens->waiting());
        value("mash_broker_store_free_bytes", "Free space of the disk under the store", "gauge",
              free_bytes.load());
        value("mash_broker_admitted_keys", "Transport keys admitted", "gauge",
              authenticator.key_count());
        out +=
            "# HELP mash_broker_events_total Events of the log by name\n# TYPE "
            "mash_broker_events_total counter\n";
        const std::lock_guard lock(mutex);
        for (const auto& [event, count] : event_counts) {
            out += "mash_broker_events_total{event=\"" + std::string(name_of(event)) + "\"} " +
                   std::to_string(count) + "\n";
        }
        return out;
    }

    void look_at_space() {
        std::error_code error;
        const auto space = std::filesystem::space(config.store.parent_path(), error);
        if (error) return;
        free_bytes = space.available;
        const auto now = slowest_lane_for(
            space.available, std::uint64_t{config.free_space_floor_mebibytes} * limits::mebibyte,
            slowest_accepted);
        if (now == slowest_accepted) return;
        note({now == wire::Lane::bulk ? LogEvent::store_space_enough : LogEvent::store_space_low,
              {{"count", static_cast<std::int64_t>(space.available / limits::mebibyte)}}});
        slowest_accepted = now;
        loop->push({broker::StoreSpace{now}, {}});
    }

    http::Response health() {
        const auto age = read_clocks().steady.ms() - loop->counts().last_progress_steady_ms.load();
        const bool alive = age < 10'000;
        std::shared_ptr<const area::Registry> now;
        {
            const std::lock_guard lock(mutex);
            now = registry;
        }
        http::Response out;
        out.status = alive && now ? 200 : 503;
        out.body = nlohmann::json{
            {"status", !alive ? "stuck"
                       : now  ? "ok"
                              : "no_registry"},
            {"store_free_mebibytes", free_bytes.load() / limits::mebibyte},
            {"registry_version", now ? now->version : 0},
            {"last_progress_ms_ago",
             age}}.dump();
        return out;
    }
};

BrokerProgram::BrokerProgram(std::unique_ptr<State> state) : state_(std::move(state)) {}

BrokerProgram::~BrokerProgram() { stop(); }

Result<std::unique_ptr<BrokerProgram>> BrokerProgram::start(const BrokerConfig& config, Log& log,
                                                            std::string& problem) {
    auto state = std::make_unique<State>(config, log);
    auto* raw = state.get();
    const auto why = [&](const std::string& what, ErrorCode code) {
        problem = what + ": " + std::string(describe(code));
        return fail(code);
    };
    auto keys = area::load_key_file(config.key, nullptr);
    if (!keys)
        return why("The broker's key file " + config.key.string() + " cannot be read",
                   keys.error());
    auto signing = keys->signing("signing");
    auto transport = keys->curve("transport");
    if (!signing || !transport)
        return why("The broker's key file " + config.key.string() + " lacks a key",
                   ErrorCode::missing_field);
    const auto& signing_key = state->signing_key.emplace(std::move(*signing));
    auto token_keys = area::token_keys_of(*keys);
    if (!token_keys)
        return why("The broker's key file " + config.key.string() +
                       " holds a key for subject tokens that cannot be used",
                   token_keys.error());
    broker::TokenKeys by_public_key;
    for (auto& [name, key] : *token_keys) by_public_key.emplace(key.public_key(), std::move(key));

    auto store = store_sqlite::SqliteStore::open(config.store.string());
    if (!store) {
        problem = "The store " + config.store.string() + " cannot be opened: " +
                  std::string(store_sqlite::explain_open_failure(store.error()));
        return fail(store.error());
    }
    state->store = std::move(*store);
    MASH_TRY_VOID(store::bring_to_format(*state->store, broker::store_format(),
                                         config.store.string(), problem));

    broker::CoreConfig core;
    core.area = config.area;
    core.root = config.root;
    core.retention_after_taken = config.retention_after_taken;
    core.decision_log_retention = config.decision_record_term;
    core.tombstone_retention = config.tombstone_retention;
    core.plan_requests_per_minute = config.plan_requests_per_minute;
    core.plan_requests_of_person_per_minute = config.plan_requests_of_person_per_minute;
    core.publish_mebibytes_per_minute = config.publish_mebibytes_per_minute;
    core.publish_mebibytes_per_day = config.publish_mebibytes_per_day;
    core.token_evaluations_per_hour = config.token_evaluations_per_hour;
    core.token_import_allowance = config.token_import_allowance;
    state->loop = std::make_unique<BatchLoop>(core, signing_key, *state->store, state->random,
                                              read_clocks, *raw);
    state->pool = std::make_unique<VerifyPool>(
        config.verify_threads, [] { return read_clocks().wall; },
        [raw](broker::Input input) { raw->loop->push(std::move(input)); });

    state->tokens = std::make_unique<TokenPool>(
        std::move(by_public_key), state->token_random,
        [raw](broker::SessionId session, wire::Lane lane, const wire::BrokerFrame& answer) {
            raw->router->send(session, lane, wire::encode(answer));
        });

    RouterConfig router;
    router.endpoints = config.endpoints;
    router.curve_public_key = transport->public_key.value();
    const auto secret = transport->secret_key.reveal();
    std::copy(secret.begin(), secret.end(), router.curve_secret_key.begin());
    auto started = ZmqRouter::start(
        router, state->authenticator,
        [raw](broker::SessionId session, const HostId& host, Bytes frame, bool over) {
            raw->pool->submit(session, host, std::move(frame), over);
        },
        [raw](broker::SessionId session) { raw->loop->push({broker::SessionClosed{session}, {}}); },
        [raw] { return raw->pool->may_submit() && raw->loop->may_push(); },
        [raw](const LogRecord& said) { raw->note(said); });
    if (!started) {
        if (started.error() == ErrorCode::too_many) {
            log.write(read_clocks().wall, LogEvent::limit_too_low);
            problem =
                "The limit of open files is too low: raise it to at least 8,700 (LimitNOFILE in "
                "the unit, or ulimit -n)";
            return fail(started.error());
        }
        return why("The addresses of endpoints cannot be bound; is another broker running",
                   started.error());
    }
    state->router = std::move(*started);

    if (const auto loaded = state->loop->load(); !loaded)
        return why("The store cannot be read", loaded.error());
    // The core speaks of a registry only when it changes; after a restart it is the one it already
    // held.
    state->use_registry(state->loop->loaded_registry());
    state->loop->start();
    state->load_documents();

    http::ServerConfig metrics;
    metrics.address = config.metrics_address;
    metrics.port = config.metrics_port;
    auto served = http::Server::start(metrics, [raw](const http::Request& request,
                                                     const http::Server::Respond& respond) {
        if (request.path == "/metrics")
            return respond({200, "text/plain; version=0.0.4", raw->metrics_text(), "", 0});
        if (request.path == "/health") return respond(raw->health());
        respond(
            {404, "application/json",
             R"({"error":{"code":"not_found","message":"Only /metrics and /health are served here"}})",
             "", 0});
    });
    if (!served) return why("The metrics address cannot be bound", served.error());
    state->metrics = std::move(*served);
    auto admin = AdminSocket::start(
        config.admin_socket, [raw](const std::string& line) { return raw->on_admin_line(line); });
    if (!admin)
        return why("The admin socket " + config.admin_socket.string() + " cannot be made",
                   admin.error());
    state->admin = std::move(*admin);
    return std::unique_ptr<BrokerProgram>(new BrokerProgram(std::move(state)));
}

std::string BrokerProgram::bound_text() const {
    std::string out;
    for (const auto& endpoint : state_->router->bound_endpoints())
        out += (out.empty() ? "" : ", ") + endpoint;
    return out + "; metrics http://" + state_->config.metrics_address + ":" +
           std::to_string(state_->metrics->port()) + "/metrics";
}

void BrokerProgram::look_at_space() { state_->look_at_space(); }

void BrokerProgram::look_at_documents() {
    std::shared_ptr<const area::Registry> in_force;
    {
        const std::lock_guard lock(state_->mutex);
        in_force = state_->registry;
    }
    // Keys come into force and go out of it by date, without a new registry.
    if (in_force) state_->authenticator.replace(*in_force, read_clocks().wall);
    std::map<std::filesystem::path, std::filesystem::file_time_type> now;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(state_->config.documents, error)) {
        if (entry.path().extension() == ".signed") now[entry.path()] = entry.last_write_time(error);
    }
    if (now == state_->documents_seen) return;
    const bool first = state_->documents_seen.empty();
    state_->documents_seen = std::move(now);
    if (!first) state_->load_documents();
}

void BrokerProgram::stop() {
    if (!state_) return;
    // From the outside inwards: nothing new comes in, what was taken is finished, answers get their
    // last chance.
    if (state_->admin) state_->admin->stop();
    if (state_->metrics) state_->metrics->stop();
    if (state_->pool) state_->pool->stop();
    if (state_->loop) state_->loop->stop();
    if (state_->tokens) state_->tokens->stop();
    if (state_->router) state_->router->stop();
}

}  // namespace mash::broker_shell
