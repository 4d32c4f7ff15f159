#include "agents/runtime/shell/agent_program.hpp"

#include <chrono>
#include <mutex>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/keys.hpp"
#include "agents/runtime/core/store_format.hpp"
#include "agents/runtime/shell/alarm_hook.hpp"
#include "agents/runtime/shell/console_pages.hpp"
#include "agents/runtime/shell/core_loop.hpp"
#include "agents/runtime/shell/events.hpp"
#include "agents/runtime/shell/handover_csv.hpp"
#include "agents/runtime/shell/intake_folder.hpp"
#include "agents/runtime/shell/link.hpp"
#include "agents/runtime/shell/local_api.hpp"
#include "agents/runtime/shell/openapi.hpp"
#include "agents/runtime/shell/own_names.hpp"
#include "agents/runtime/shell/rejected_desk.hpp"
#include "agents/runtime/shell/replies.hpp"
#include "agents/runtime/shell/sign_in.hpp"
#include "common/area/files.hpp"
#include "common/area/keyfile.hpp"
#include "common/area/policy.hpp"
#include "common/crypto/random.hpp"
#include "common/http/self_made_certificate.hpp"
#include "common/http/server.hpp"
#include "common/store/sqlite/sqlite_store.hpp"
#include "common/wire/codec.hpp"

namespace mash::runtime_shell {

namespace {

Now read_clocks() {
    using namespace std::chrono;
    const auto wall = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    const auto steady = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
    return {SteadyTime::from_ms(steady), WallTime::from_unix_ms(wall)};
}

// What one area needs to run; torn down in the reverse order of its members.
struct AreaRuntime {
    AreaConfig config;
    runtime::HostKeys keys;
    crypto::CurveKeyPair transport;
    std::optional<crypto::CurveKeyPair> transport_next;
    std::unique_ptr<store_sqlite::SqliteStore> store;
    Replies replies;
    std::unique_ptr<CoreLoop> loop;
    std::unique_ptr<Link> link;
    std::unique_ptr<Handover> handover;
    std::unique_ptr<IntakeFolder> intake;
    IntakeDoors doors;
};

SubmitOutcome outcome_of(const runtime::SubmitRejected& rejected) {
    SubmitOutcome out;
    const auto step = next_step(rejected.code);
    out.later =
        rejected.faults.empty() && (step == NextStep::retry_later || step == NextStep::reconnect);
    out.faults = rejected.faults;
    if (!out.later && out.faults.empty())
        out.faults.push_back(
            {"", std::string(name_of(rejected.code)), std::string(describe(rejected.code))});
    return out;
}

}  // namespace

struct AgentProgram::State {
    AgentConfig config;
    Log& log;
    crypto::SystemRandom random;
    std::mutex mutex;  // guards the counts
    std::map<LogEvent, std::uint64_t> event_counts;
    std::map<std::pair<runtime::Alarm::Kind, AreaId>, std::uint64_t> alarm_counts;
    AlarmHook hook;
    // Below what their threads use.
    std::vector<std::unique_ptr<AreaRuntime>> areas;
    std::unique_ptr<SignIn> sign_in;
    std::unique_ptr<Events> events;
    std::unique_ptr<RejectedDesk> rejected_desk;
    std::unique_ptr<LocalApi> api;
    std::unique_ptr<ConsolePages> pages;
    std::unique_ptr<OwnNames> own_names;
    std::unique_ptr<http::Server> server;
    std::unique_ptr<http::Server> console_server;  ///< under TLS; null: none is wanted
    std::vector<std::unique_ptr<AgentService>> services;
    bool stopped = false;

    State(AgentConfig c, Log& l)
        : config(std::move(c)),
          log(l),
          hook(config.alarm_hook, [this](const HookFailure& failure) { hook_failed(failure); }) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    // Also of a start that failed half-way: threads that run call what is below them.
    ~State() { stop(); }

    void stop() {
        if (stopped) return;
        stopped = true;
        // From the outside inwards; the core finishes what was taken, and what is not sent yet lies
        // in the outbox.
        if (console_server) console_server->stop();
        if (server) server->stop();
        if (events) events->stop();
        if (rejected_desk) rejected_desk->stop();
        if (sign_in) sign_in->stop();
        for (const auto& service : services) service->stop();
        for (const auto& area : areas) {
            if (area->intake) area->intake->stop();
            if (area->handover) area->handover->stop();
            if (area->loop) area->loop->stop();
            if (area->link) area->link->stop();
        }
    }

    static std::vector<LogField> fields_of(const AreaAlarm& of) {
        const auto& alarm = of.alarm;
        std::vector<LogField> fields;
        fields.push_back(LogField("alarm", alarm.kind));
        fields.push_back(LogField("area", of.area));
        fields.push_back(LogField("cleared", alarm.cleared));
        if (!alarm.notification.is_zero())
            fields.push_back(LogField("notification", alarm.notification));
        return fields;
    }
    void hook_failed(const HookFailure& failure) {
        auto fields = fields_of(failure.of);
        fields.push_back(LogField("fault", failure.fault));
        if (failure.number != 0) fields.push_back(LogField("number", failure.number));
        log.write(read_clocks().wall, LogEvent::hook_failed, std::move(fields));
        const std::lock_guard lock(mutex);
        ++event_counts[LogEvent::hook_failed];
    }

    void let_out(AreaRuntime& area, runtime::SendFrame& effect) {
        area.link->send(effect.lane, wire::encode(effect.frame));
    }
    void let_out(AreaRuntime& area, runtime::Reconnect&) { area.link->reconnect(); }
    void let_out(AreaRuntime& area, runtime::Submitted& effect) { area.replies.give(effect); }
    void let_out(AreaRuntime& area, runtime::SubmitRejected& effect) { area.replies.give(effect); }
    void let_out(AreaRuntime& area, runtime::RollReplaced& effect) { area.replies.give(effect); }
    void let_out(AreaRuntime& area, runtime::Kept& effect) { area.replies.give(effect); }
    void let_out(AreaRuntime& area, runtime::ApiReply& effect) {
        area.replies.give(std::move(effect));
    }
    void let_out(AreaRuntime& area, runtime::HandOver& effect) {
        area.handover->give(std::move(effect));
    }
    void let_out(AreaRuntime& area, runtime::Alarm& effect) {
        const AreaAlarm of{area.config.anchor.area, effect};
        log.write(read_clocks().wall, LogEvent::alarm_raised, fields_of(of));
        {
            const std::lock_guard lock(mutex);
            if (!effect.cleared) ++alarm_counts[{effect.kind, of.area}];
        }
        hook.run(of);
    }
    void let_out(AreaRuntime& area, runtime::Recorded& effect) {
        area.replies.give(effect);
        std::vector<LogField> fields;
        if (!effect.agency.empty()) fields.push_back(LogField("agency", effect.agency));
        if (!effect.notification.is_zero())
            fields.push_back(LogField("notification", effect.notification));
        if (effect.has_code) fields.push_back(LogField("code", effect.code));
        if (effect.count != 0) fields.push_back(LogField("count", effect.count));
        if (effect.backlog) {
            fields.push_back(LogField("queue", effect.backlog->queue));
            fields.push_back(LogField("lane", effect.backlog->lane));
            fields.push_back(LogField("oldest", effect.backlog->oldest));
        }
        log.write(read_clocks().wall, effect.event, std::move(fields));
        const std::lock_guard lock(mutex);
        ++event_counts[effect.event];
    }

    void note(LogEvent event, ErrorCode code) {
        log.write(read_clocks().wall, event, {LogField("code", code)});
        const std::lock_guard lock(mutex);
        ++event_counts[event];
    }

    std::string metrics_text() {
        std::string out;
        const auto counter = [&](std::string_view name, std::string_view help,
                                 std::string_view labels, std::uint64_t number) {
            if (!help.empty())
                out += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " +
                       std::string(name) + " counter\n";
            out += std::string(name) + std::string(labels) + " " + std::to_string(number) + "\n";
        };
        for (const auto& area : areas) {
            const std::string label = "{area=\"" + area->config.anchor.area.value() + "\"}";
            const auto link = area->link->counts();
            counter("mash_agent_link_connects_total", "Times the connection to the broker came up",
                    label, link.connects);
            counter("mash_agent_frames_in_total", "Frames received", label, link.frames_in);
            counter("mash_agent_frames_out_total", "Frames sent", label, link.frames_out);
            counter("mash_agent_failed_commits_total",
                    "Commits that failed or whose outcome was unknown", label,
                    area->loop->counts().failed_commits);
            const auto& intake = area->intake->counts();
            counter("mash_agent_intake_files_total", "Files taken in", label, intake.files);
            counter("mash_agent_intake_files_rejected_total", "Files rejected whole", label,
                    intake.files_rejected);
            counter("mash_agent_intake_records_total", "Records read", label, intake.records);
            counter("mash_agent_intake_records_rejected_total", "Records rejected", label,
                    intake.records_rejected);
        }
        const std::lock_guard lock(mutex);
        out +=
            "# HELP mash_agent_events_total Events of the log by name\n# TYPE "
            "mash_agent_events_total counter\n";
        for (const auto& [event, count] : event_counts)
            counter("mash_agent_events_total", "",
                    "{event=\"" + std::string(name_of(event)) + "\"}", count);
        out +=
            "# HELP mash_agent_alarms_total Alarms raised by kind and area\n# TYPE "
            "mash_agent_alarms_total "
            "counter\n";
        for (const auto& [of, count] : alarm_counts)
            counter("mash_agent_alarms_total", "",
                    "{kind=\"" + std::string(runtime::name_of(of.first)) + "\",area=\"" +
                        of.second.value() + "\"}",
                    count);
        return out;
    }

    /// A file's notification or roll to the core; the answer fulfils the promise.
    std::future<SubmitOutcome> submit(AreaRuntime& area, runtime::Submit input) {
        auto promise = std::make_shared<std::promise<SubmitOutcome>>();
        input.person = runtime::service_person();
        input.reason = "intake";
        input.reply = area.replies.expect_submit(
            [promise](const runtime::Submitted* taken, const runtime::SubmitRejected* rejected) {
                SubmitOutcome out;
                if (taken != nullptr)
                    out.accepted = true;
                else
                    out = outcome_of(*rejected);
                promise->set_value(std::move(out));
            });
        area.loop->push({std::move(input), {}});
        return promise->get_future();
    }
    std::future<SubmitOutcome> submit_roll(AreaRuntime& area, runtime::ReplaceRoll roll) {
        auto promise = std::make_shared<std::promise<SubmitOutcome>>();
        roll.reply = area.replies.expect_roll([promise](const runtime::RollReplaced& answer) {
            SubmitOutcome out;
            // One that waits for a person is kept whole: `roll list` shows it.
            out.accepted = answer.ok || answer.waits_for_person;
            if (!out.accepted) {
                const auto step = next_step(answer.code);
                out.later = step == NextStep::retry_later || step == NextStep::reconnect;
            }
            if (!out.accepted && !out.later) {
                out.faults.push_back(
                    {"", std::string(name_of(answer.code)), std::string(describe(answer.code))});
            }
            promise->set_value(std::move(out));
        });
        area.loop->push({std::move(roll), {}});
        return promise->get_future();
    }

    std::future<SubmitOutcome> remember(AreaRuntime& area, runtime::Remember input) {
        auto promise = std::make_shared<std::promise<SubmitOutcome>>();
        input.reply = area.replies.expect_kept([promise](const runtime::Kept& kept) {
            promise->set_value({.accepted = kept.ok, .later = !kept.ok, .faults = {}});
        });
        area.loop->push({std::move(input), {}});
        return promise->get_future();
    }
    static Result<std::optional<std::string>> remembered(AreaRuntime& area, std::string_view key) {
        const auto view = area.store->view();
        auto held = runtime::remembered(*view, area.keys, key);
        if (view->failed()) return fail(view->failure().code);
        return held;
    }

    /// Read from the store when an adapter first asks, and once for each file.
    static std::function<std::optional<area::Policy>()> policy_of(AreaRuntime& area) {
        return [&area] {
            const auto view = area.store->view();
            return runtime::policy_held(*view, area.config.anchor.area, area.config.anchor.root);
        };
    }

    static std::optional<runtime::ReadContext> context_of(AreaRuntime& served,
                                                          const std::string& sub_folder) {
        const AreaConfig& area = served.config;
        runtime::ReadContext out;
        out.now = read_clocks();
        out.school_sessions = runtime::SchoolSessions(policy_of(served));
        const AgencyConfig* agency = nullptr;
        for (const auto& known : area.agencies) {
            if (known.id.value() == sub_folder || (!known.urn.empty() && known.urn == sub_folder))
                agency = &known;
        }
        if (agency == nullptr && sub_folder.empty() && area.agencies.size() == 1)
            agency = &area.agencies.front();
        if (agency == nullptr && !sub_folder.empty()) return std::nullopt;
        if (agency != nullptr) {
            out.agency = agency->id;
            out.role = agency->role;
            out.school_urn = agency->urn;
        }
        return out;
    }

    /// `area` among the settings says which area's; it may be left out where one is served.
    Result<std::unique_ptr<AgentService>> make_service(const std::string& name,
                                                       const ServiceSettings& settings,
                                                       const AgentServices& known,
                                                       std::string& problem) {
        const auto maker = known.find(name);
        if (maker == known.end()) {
            problem = "agent.toml, [services." + name + "]: this agent has no such service";
            return fail(ErrorCode::bad_value);
        }
        const auto wanted = settings.find("area");
        const auto found = std::ranges::find_if(areas, [&](const auto& area) {
            return wanted == settings.end() ? areas.size() == 1
                                            : area->config.anchor.area.value() == wanted->second;
        });
        if (found == areas.end()) {
            problem = "agent.toml, [services." + name +
                      "]: area must name one of the areas that this agent serves";
            return fail(ErrorCode::bad_value);
        }
        AreaRuntime* area = found->get();
        ServicePlace place;
        place.settings = settings;
        place.agent_folder = config.folder;
        place.area_folder = area->config.folder;
        place.doors = area->doors;
        place.context_of = [area](const std::string& agency) { return context_of(*area, agency); };
        place.is_service = [area](const PersonalText& credential) {
            const auto shown = runtime::credential_from_text(credential);
            const Digest& own = area->keys.service_token;
            return shown && shown->person == runtime::service_person() && own != Digest{} &&
                   crypto::equal_constant_time(crypto::token_verifier(shown->token), own);
        };
        place.read_clocks = read_clocks;
        return maker->second(std::move(place), problem);
    }
};

namespace {

constexpr std::size_t pem_bytes_max = std::size_t{64} * 1024;

/// The one given, or the agent's own: made when there is none, or when it has less than a month.
Result<http::TlsFiles> console_tls(const AgentConfig& config, WallTime now, std::string& problem) {
    if (!config.console.certificate.empty())
        return http::TlsFiles{config.console.certificate, config.console.key};
    const http::TlsFiles own{console_certificate_path(config.folder),
                             console_key_path(config.folder)};
    constexpr std::chrono::hours renew_before{24 * 30};
    const auto held = area::read_file(own.certificate, pem_bytes_max);
    const auto held_key = area::read_file(own.key, pem_bytes_max);
    if (held && held_key) {
        const auto facts = http::facts_of_certificate(std::string(text_of(*held)));
        if (facts && facts->not_after > now + renew_before) return own;
    }
    auto names = config.console.names;
    if (names.empty()) names = {"localhost", "127.0.0.1"};
    const auto made = http::make_certificate(names, now);
    problem = "No certificate could be made for the console: give certificate and key in [console]";
    if (!made) return fail(made.error());
    // The key first: a certificate without its key would be taken for a pair.
    MASH_TRY_VOID(area::write_file(own.key, view_of(made->key), area::FileAccess::owner_only));
    MASH_TRY_VOID(area::write_file(own.certificate, view_of(made->certificate),
                                   area::FileAccess::owner_only));
    problem.clear();
    return own;
}

/// Those that were given, and those that a given certificate is for.
std::vector<std::string> own_names(const AgentConfig& config) {
    auto names = config.console.names;
    if (config.console.certificate.empty()) return names;
    const auto pem = area::read_file(config.console.certificate, pem_bytes_max);
    const auto facts = pem ? http::facts_of_certificate(std::string(text_of(*pem)))
                           : Result<http::CertificateFacts>(fail(pem.error()));
    if (facts) names.insert(names.end(), facts->names.begin(), facts->names.end());
    return names;
}

Result<std::unique_ptr<AreaRuntime>> load_area(const AgentConfig& config, const AreaConfig& area,
                                               std::string& problem) {
    const auto stop = [&](const std::string& what, ErrorCode code) {
        problem = what + ": " + std::string(describe(code));
        return fail(code);
    };
    const auto key_of = [&](const std::filesystem::path& path) {
        return area::load_key_file(path, nullptr);
    };
    auto host = key_of(host_key_path(config.folder, area.anchor.area));
    if (!host) return stop("The host's key cannot be read", host.error());
    auto transport = host->curve("transport");
    std::optional<crypto::CurveKeyPair> transport_next;
    if (auto next = host->curve("transport-next")) transport_next = std::move(*next);
    auto storage_file = key_of(storage_key_path(config.folder));
    if (!transport || !storage_file)
        return stop("The storage key cannot be read", ErrorCode::not_found);
    MASH_TRY(storage_secret, storage_file->secret("storage"));
    auto storage = crypto::StorageKey::from(storage_secret.reveal());
    const auto recovery_text = area::read_file(recovery_public_path(config.folder), 1024);
    if (!storage || !recovery_text)
        return stop("The recovery key's public half (keys/recovery.pub) cannot be read",
                    ErrorCode::not_found);
    std::string text(text_of(*recovery_text));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    MASH_TRY(recovery_bytes, from_base64url(text));
    MASH_TRY(recovery, crypto::BoxPublicKey::from(recovery_bytes));

    runtime::HostKeys keys{std::move(*storage), {}, recovery, {}};
    if (auto service = key_of(service_token_path(config.folder))) {
        MASH_TRY(secret, service->secret("token"));
        MASH_TRY(token, crypto::BearerToken::from(std::move(secret)));
        keys.service_token = crypto::token_verifier(token);
    }
    for (const auto& agency : area.agencies) {
        auto file = key_of(agency_key_path(config.folder, agency.id));
        if (!file)
            return stop("The keys of " + agency.id.value() + " cannot be read", file.error());
        // One key in two areas would let each play the other's messages back.
        if (file->label.area != area.anchor.area)
            return stop("The keys of " + agency.id.value() + " were made for area " +
                            file->label.area.value() + " and cannot be used in " +
                            area.anchor.area.value(),
                        ErrorCode::wrong_area);
        MASH_TRY(signing, file->signing("signing"));
        MASH_TRY(box, file->box("box"));
        auto& entry = keys.agencies[agency.id];
        // A rotation keeps the keys before it beside the new ones until they are out of use.
        if (auto next = file->signing("signing-next")) entry.signing.push_back(std::move(*next));
        if (auto next = file->box("box-next")) entry.box.push_back(std::move(*next));
        entry.signing.push_back(std::move(signing));
        entry.box.push_back(std::move(box));
    }
    auto out = std::unique_ptr<AreaRuntime>(new AreaRuntime{area,
                                                            std::move(keys),
                                                            std::move(*transport),
                                                            std::move(transport_next),
                                                            nullptr,
                                                            {},
                                                            nullptr,
                                                            nullptr,
                                                            nullptr,
                                                            nullptr,
                                                            {}});
    const std::string path = (area.state / "agent.sqlite").string();
    // A fifth of what an agent holds in all; the system's own cache has the rest of the file.
    store_sqlite::SqliteOptions options;
    options.cache_bytes = std::size_t{8} * 1024 * 1024;
    auto opened = store_sqlite::SqliteStore::open(path, options);
    if (!opened) {
        problem = "The store " + path + " cannot be opened: " +
                  std::string(store_sqlite::explain_open_failure(opened.error()));
        return fail(opened.error());
    }
    out->store = std::move(*opened);
    MASH_TRY_VOID(store::bring_to_format(*out->store, runtime::store_format(), path, problem));
    return out;
}

}  // namespace

AgentProgram::AgentProgram(std::unique_ptr<State> state) : state_(std::move(state)) {}

AgentProgram::~AgentProgram() { stop(); }

Result<std::unique_ptr<AgentProgram>> AgentProgram::start(const AgentConfig& config,
                                                          const runtime::SourceFormats& formats,
                                                          const AgentExtras& extras, Log& log,
                                                          std::string& problem) {
    auto handover_formats = extras.handover_formats;
    handover_formats["csv"] = {".csv", "text/csv; charset=utf-8", handover_csv, {}};
    for (const auto& [inbox, target] : config.handover) {
        const auto format = handover_formats.find(target.format);
        const bool known = target.format.empty() || format != handover_formats.end();
        const bool can_send = target.to.empty() ||
                              (!target.format.empty() && known && format->second.send != nullptr);
        if (known && can_send) continue;
        problem = "agent.toml, [handover.\"" + inbox.value() + "\"]: " +
                  (known ? "'to' needs a format with a protocol of its own"
                         : "this agent has no format \"" + target.format + "\"");
        return fail(ErrorCode::bad_value);
    }
    auto state = std::make_unique<State>(config, log);
    auto* raw = state.get();
    for (const auto& area_config : config.areas) {
        auto loaded = load_area(config, area_config, problem);
        if (!loaded) return fail(loaded.error());
        state->areas.push_back(std::move(*loaded));
        AreaRuntime* area = state->areas.back().get();

        runtime::CoreConfig core;
        core.area = area_config.anchor.area;
        core.root = area_config.anchor.root;
        core.host = area_config.host;
        core.area_telephone = config.area_telephone;
        core.immediate_alarm = config.immediate_alarm;
        core.urgent_alarm = config.urgent_alarm;
        core.unread_alarm = config.unread_alarm.value_or(extras.unread_alarm);
        core.retention_after_taken = config.retention_after_taken;
        core.decision_record_term = config.decision_record_term;
        for (const auto& agency : area_config.agencies) {
            core.agencies.push_back(agency.id);
            if (!agency.professional_contact.empty())
                core.professional_contact[agency.id] = agency.professional_contact;
        }
        area->loop = std::make_unique<CoreLoop>(
            core, area->keys, *area->store, state->random, read_clocks,
            [raw, area](std::vector<runtime::Effect> effects) {
                for (auto& effect : effects)
                    std::visit([&](auto& body) { raw->let_out(*area, body); }, effect);
            },
            [raw, area](const runtime::Changes& changes) {
                if (raw->events) raw->events->committed(area->config.anchor.area, changes);
            });
        if (const auto ready = area->loop->load(); !ready) {
            problem = "The store of " + core.area.value() +
                      " cannot be read: " + std::string(describe(ready.error()));
            return fail(ready.error());
        }
        Link::Events events;
        events.up = [raw, area] {
            area->loop->push({runtime::LinkUp{}, {}});
            raw->events->link(area->config.anchor.area, true);
        };
        events.down = [raw, area] {
            area->loop->push({runtime::LinkDown{}, {}});
            raw->events->link(area->config.anchor.area, false);
        };
        events.frame = [area](Bytes bytes) {
            auto frame = wire::decode_broker_frame(bytes);
            if (frame)
                area->loop->push({runtime::FrameIn{std::move(*frame)}, {}});
            else
                area->loop->push({runtime::BadFrameIn{frame.error()}, {}});
        };
        area->link = std::make_unique<Link>(
            LinkConfig{area_config.broker.endpoints, area_config.broker.key,
                       area->transport.public_key, &area->transport.secret_key,
                       area->transport_next ? &*area->transport_next : nullptr},
            events);
        area->handover = std::make_unique<Handover>(
            config.handover, [area](runtime::Input input) { area->loop->push(std::move(input)); },
            handover_formats);
        IntakeConfig intake;
        intake.folder = area_config.folder;
        intake.poll_interval = config.poll_interval;
        intake.context_of = [area](const std::string& sub) {
            return State::context_of(*area, sub);
        };
        intake.policy = State::policy_of(*area);
        intake.wall_clock = [] { return read_clocks().wall; };
        IntakeDoors doors;
        doors.remembered = [area](std::string_view key) { return State::remembered(*area, key); };
        doors.submit = [raw, area](runtime::Submit input) {
            return raw->submit(*area, std::move(input));
        };
        doors.roll = [raw, area](runtime::ReplaceRoll roll) {
            return raw->submit_roll(*area, std::move(roll));
        };
        doors.remember = [raw, area](runtime::Remember input) {
            return raw->remember(*area, std::move(input));
        };
        doors.note = [raw, area](runtime::Recorded record) { raw->let_out(*area, record); };
        doors.saw = [area](const runtime::FilesSeen& files) { area->loop->saw(files); };
        area->doors = doors;
        area->intake = std::make_unique<IntakeFolder>(intake, formats, std::move(doors));
    }

    std::vector<ApiArea> api_areas;
    for (const auto& area : state->areas)
        api_areas.push_back({area->config.anchor.area, area->loop.get(), &area->replies});
    // One host has one storage key, whatever areas it serves.
    SignIn::Parts sign_in{.areas = api_areas,
                          .browser_key = runtime::keyed_digest(state->areas.front()->keys,
                                                               "console-known-browser", {}),
                          .random = state->random,
                          .clocks = read_clocks,
                          .note = [raw](LogEvent event, ErrorCode code) { raw->note(event, code); },
                          .is_training = config.console.is_training};
    state->sign_in = std::make_unique<SignIn>(std::move(sign_in));
    state->events = std::make_unique<Events>(Events::Parts{
        .areas = api_areas, .clocks = read_clocks, .is_open = [raw](const Digest& session) {
            return raw->sign_in->is_open(session);
        }});
    std::vector<RejectedDesk::Place> places;
    for (const auto& area : state->areas) {
        places.push_back({area->config.anchor.area, area->config.folder,
                          [raw = area.get()](const std::string& sub_folder) {
                              const auto context = State::context_of(*raw, sub_folder);
                              return context ? Seat{context->agency, context->role} : Seat();
                          }});
    }
    state->rejected_desk = std::make_unique<RejectedDesk>(std::move(places), read_clocks);
    state->api = std::make_unique<LocalApi>(
        api_areas, [raw] { return raw->metrics_text(); }, std::string(openapi_document()),
        state->sign_in.get(), state->events.get(), state->rejected_desk.get());
    const auto console_files = console_folder(config.console.files);
    auto files = console_files.empty() ? Result<http::Files>(fail(ErrorCode::not_found))
                                       : http::Files::load(console_files);
    if (!files && !config.console.files.empty()) {
        problem = "The console's files in " + config.console.files.string() +
                  " cannot be read: " + std::string(describe(files.error()));
        return fail(files.error());
    }
    state->pages = std::make_unique<ConsolePages>(
        files ? std::optional<http::Files>(std::move(*files)) : std::nullopt);
    state->own_names = std::make_unique<OwnNames>(own_names(config));
    const auto handle = [raw](const http::Request& request, const http::Server::Respond& respond) {
        if (!raw->own_names->allows(request)) {
            raw->note(LogEvent::access_refused, ErrorCode::not_entitled);
            return respond(OwnNames::refusal(request));
        }
        const bool is_read = request.method == "GET" || request.method == "HEAD";
        if (is_read && !is_interface_path(request.path)) return respond(raw->pages->get(request));
        raw->api->handle(request, respond);
    };
    http::ServerConfig http_config;
    http_config.address = config.listen_address;
    http_config.port = config.listen_port;
    auto server = http::Server::start(http_config, handle);
    if (!server) {
        problem =
            "The address " + config.listen_address + ":" + std::to_string(config.listen_port) +
            " of listen in agent.toml cannot be used: " + std::string(describe(server.error()));
        return fail(server.error());
    }
    state->server = std::move(*server);
    if (!config.console.listen_address.empty()) {
        http::ServerConfig https_config;
        https_config.address = config.console.listen_address;
        https_config.port = config.console.listen_port;
        MASH_TRY(tls, console_tls(config, read_clocks().wall, problem));
        https_config.tls = tls;
        auto console = http::Server::start(https_config, handle);
        if (!console) {
            problem =
                "The address of listen in [console] cannot be used, or its certificate and key "
                "cannot be read: " +
                std::string(describe(console.error()));
            return fail(console.error());
        }
        state->console_server = std::move(*console);
    }

    for (const auto& area : state->areas) {
        area->loop->start();
        area->handover->start();
        area->link->start();
        if (const auto started = area->intake->start(); !started) {
            problem = "The folders under " + area->config.folder.string() +
                      " cannot be made: " + std::string(describe(started.error()));
            return fail(started.error());
        }
    }
    for (const auto& [name, settings] : config.services) {
        auto service = state->make_service(name, settings, extras.services, problem);
        if (!service) return fail(service.error());
        state->services.push_back(std::move(*service));
        MASH_TRY_VOID(state->services.back()->start(problem));
    }
    auto program = std::unique_ptr<AgentProgram>(new AgentProgram(std::move(state)));

    nlohmann::json api{{"url", program->url()}};
    if (!program->console_url().empty()) api["console"] = program->console_url();
    if (auto service = area::load_key_file(service_token_path(config.folder), nullptr)) {
        if (auto secret = service->secret("token")) {
            if (auto token = crypto::BearerToken::from(std::move(*secret)))
                api["service_token"] =
                    runtime::text_of_credential(runtime::service_person(), *token).reveal();
        }
    }
    const std::string text = api.dump(2) + "\n";
    if (const auto written = area::write_file(config.folder / "api.json", view_of(text),
                                              area::FileAccess::owner_only);
        !written) {
        problem = "api.json cannot be written: " + std::string(describe(written.error()));
        return fail(written.error());
    }
    return program;
}

std::string AgentProgram::url() const {
    return "http://" + state_->config.listen_address + ":" + std::to_string(state_->server->port());
}

std::string AgentProgram::console_url() const {
    if (!state_->console_server) return {};
    const auto& address = state_->config.console.listen_address;
    const bool is_v6 = address.find(':') != std::string::npos;
    return "https://" + (is_v6 ? "[" + address + "]" : address) + ":" +
           std::to_string(state_->console_server->port());
}

void AgentProgram::stop() {
    if (state_) state_->stop();
}

}  // namespace mash::runtime_shell
