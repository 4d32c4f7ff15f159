#include "tests/simulation/world.hpp"

#include <algorithm>
#include <ostream>

#include <nlohmann/json.hpp>

#include "agents/runtime/core/records.hpp"
#include "broker/core/records.hpp"
#include "broker/core/tokens.hpp"
#include "broker/core/verify.hpp"
#include "common/base/limits.hpp"
#include "common/wire/codec.hpp"

namespace mash::simulation {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const HostId the_broker{"broker"};
constexpr milliseconds together{3};  // what arrives within this is one batch
constexpr std::size_t batch_max = 16;
constexpr std::size_t backups_max = 3;
constexpr hours vouched_every{24 * 3};
constexpr int talk_max = 20'000;
constexpr std::size_t page_max = 3;  // so that whoever reads has to turn pages

broker::CoreConfig broker_config(const test::TestArea& area) {
    broker::CoreConfig config;
    config.area = area.id;
    config.root = area.root();
    return config;
}

std::uint64_t fnv(std::uint64_t hash, std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
    return hash;
}

/// What a core writes into its log, for whoever reads a trace.
template <class Recorded>
std::string text_of_log(const Recorded& said) {
    std::string text(name_of(said.event));
    if (said.has_code) text += " " + std::string(name_of(said.code));
    if (!said.notification.is_zero()) text += " " + to_text(said.notification);
    return text;
}

template <class Record, class TableType, class Key>
std::optional<Record> read(store::MemoryStore& store, const TableType& table, const Key& key) {
    const auto view = store.view();
    return table.get(*view, key);
}

}  // namespace

World::World(const Enrolled* base, std::uint64_t seed, Faults faults, std::ostream* trace,
             milliseconds start_after)
    : base_(base),
      simulated_(base->extent),
      faults_(faults),
      network_(seed, "network"),
      chance_(seed, "chance"),
      lateness_(seed, "lateness"),
      token_keys_(seed, "token-keys"),
      now_{SteadyTime::from_ms(1'000'000'000), base->at + start_after},
      broker_(seed, "broker",
              [this] {
                  return std::make_unique<broker::Core>(broker_config(simulated_.area),
                                                        simulated_.area.broker_key());
              }),
      trace_(trace) {
    for (const auto& [host, own] : simulated_.hosts) {
        agents_.try_emplace(host, seed, host.value(), [files = &own] {
            return std::make_unique<runtime::Core>(files->config, files->keys);
        });
    }
    const bool is_enrolled = !base_->agents.empty();
    if (is_enrolled) {
        broker_.store().restore(base_->broker);
        for (auto& [host, process] : agents_) process.store().restore(base_->agents.at(host));
    }
    begin_late();
    next_tick_ms_ = now_.steady.ms() + 1000;
    // The registrar counts on from what it signed at enrolment. Beginning again at the same number
    // it would sign another statement under it, which everybody rightly refuses.
    simulated_.area.renew_freshness(test::working_morning);
    if (is_enrolled && !is_registrar_late_) simulated_.area.renew_freshness(now_.wall);
    fresh_at_ = now_.wall;
    start_broker();
    for (auto& [host, process] : agents_) start_agent(host);
    broker_.set_fault_rate(faults_.commit);
    for (auto& [host, process] : agents_) process.set_fault_rate(faults_.commit);
}

World::~World() = default;

void World::begin_late() {
    is_registrar_late_ = faults_.registrar_late;
    for (const auto& [host, process] : agents_) {
        if (lateness_.chance(faults_.late_host)) late_hosts_.insert(host);
    }
    // What everybody holds since enrolment is too old by now.
    if (is_any_late()) now_.wall = now_.wall + limits::freshness_max;
}

void World::end_late() {
    if (std::exchange(is_registrar_late_, false)) {
        note("the registrar vouches again");
        simulated_.area.renew_freshness(now_.wall);
        fresh_at_ = now_.wall;
        return load_documents();
    }
    if (late_hosts_.empty()) return;
    const HostId host = lateness_.pick(late_hosts_);
    late_hosts_.erase(host);
    note("signed documents reach " + host.value() + " again");
}

bool World::keeps_from(const HostId& host, const wire::BrokerFrame& frame) const {
    return std::holds_alternative<wire::SignedDocuments>(frame.body) && late_hosts_.contains(host);
}

void World::note(const std::string& line) {
    const auto text = std::to_string(now_.steady.ms() - 1'000'000'000) + " " + line;
    trace_hash_ = fnv(trace_hash_, text);
    if (trace_ != nullptr) *trace_ << steps_ << " " << text << "\n";
}

void World::violate(std::string invariant, std::string detail) {
    if (violation_) return;
    note("VIOLATION " + invariant + ": " + detail);
    violation_ = Violation{std::move(invariant), std::move(detail), steps_};
}

// ---- events ----

void World::schedule(milliseconds after, Event event) {
    events_.emplace(When{now_.steady.ms() + after.count(), next_event_++}, std::move(event));
}

void World::advance_to(std::int64_t steady_ms) {
    const auto by = milliseconds(std::max<std::int64_t>(0, steady_ms - now_.steady.ms()));
    now_.steady = now_.steady + by;
    now_.wall = now_.wall + by;
}

void World::run_next() {
    auto next = events_.extract(events_.begin());
    advance_to(next.key().first);
    ++steps_;
    std::visit([this](auto& event) { happen(event); }, next.mapped());
}

void World::tick_all() {
    note("tick");
    // The registrar vouches anew in good time, as the area's timer does.
    if (!is_registrar_late_ && now_.wall - fresh_at_ >= vouched_every) {
        simulated_.area.renew_freshness(now_.wall);
        fresh_at_ = now_.wall;
        load_documents();
    }
    if (broker_.is_running())
        work_broker([] {
            std::vector<broker::Input> batch;
            batch.push_back({broker::Tick{}, {}});
            return batch;
        }());
    for (auto& [host, process] : agents_) {
        if (process.is_running()) give(host, runtime::Tick{});
    }
}

void World::step() {
    if (violation_) return;
    inject_fault();
    if (!events_.empty() && events_.begin()->first.first <= next_tick_ms_) return run_next();
    advance_to(next_tick_ms_);
    ++steps_;
    tick_all();
    const auto draw = chance_.below(20);
    auto wait = draw < 8    ? seconds(1)
                : draw < 13 ? seconds(7)
                : draw < 17 ? seconds(21)
                : draw < 19 ? seconds(65)
                            : seconds(301);
    if (chance_.chance(faults_.leap))
        wait = std::chrono::duration_cast<seconds>(minutes(20 + chance_.below(600)));
    next_tick_ms_ = now_.steady.ms() + milliseconds(wait).count();
}

void World::settle() {
    for (int i = 0; i < talk_max && !violation_; ++i) {
        if (events_.empty() || events_.begin()->first.first > now_.steady.ms() + 2000) return;
        run_next();
    }
    if (!violation_)
        violate("they come to an end", "frames go back and forth without time passing");
}

void World::pass(milliseconds time, milliseconds every) {
    const auto end = now_.steady.ms() + time.count();
    while (now_.steady.ms() < end && !violation_) {
        const auto until = std::min(end, now_.steady.ms() + every.count());
        while (!events_.empty() && events_.begin()->first.first <= until && !violation_) run_next();
        advance_to(until);
        tick_all();
        settle();
    }
    next_tick_ms_ = now_.steady.ms() + 1000;
}

void World::pass_until(SteadyTime end) {
    while (!events_.empty() && events_.begin()->first.first <= end.ms() && !violation_) run_next();
    advance_to(end.ms());
    tick_all();
    next_tick_ms_ = now_.steady.ms() + 1000;
}

void World::heal() {
    note("heal");
    faults_ = {};
    is_registrar_late_ = false;
    late_hosts_.clear();
    deaths_.clear();
    broker_.set_fault_rate(0);
    broker_.clock_ahead = {};
    for (auto& [host, process] : agents_) {
        process.set_fault_rate(0);
        process.clock_ahead = {};
    }
    start_broker();
    for (auto& [host, process] : agents_) start_agent(host);
    simulated_.area.renew_freshness(now_.wall);
    fresh_at_ = now_.wall;
    load_documents();
    tick_all();
    operate(broker::OperatorCommand::Kind::confirm_clock);
}

// ---- network ----

template <class Packet>
void World::send_packet(Packet packet) {
    auto delay = network_.between(milliseconds(1), milliseconds(40));
    const bool drop = network_.chance(faults_.drop);
    const bool twice = network_.chance(faults_.duplicate);
    if (network_.chance(faults_.delay)) delay += network_.between(milliseconds(0), seconds(45));
    if (drop) return note("lost");
    if (twice) schedule(delay + network_.between(milliseconds(0), seconds(10)), packet);
    schedule(delay, std::move(packet));
}

void World::send_to_broker(const HostId& host, Bytes bytes) {
    const auto connection = connections_.find(host);
    if (connection == connections_.end()) return;
    if (watcher_ != nullptr) watcher_->frame_to_broker(host, bytes);
    send_packet(ToBroker{host, connection->second, std::move(bytes)});
}

void World::send_to_agent(const HostId& host, std::uint64_t connection, Bytes bytes) {
    if (watcher_ != nullptr) watcher_->frame_to_agent(host, bytes);
    send_packet(ToAgent{host, connection, std::move(bytes)});
}

broker::Input World::verified(const ToBroker& in) {
    const broker::SessionId session{in.connection};
    const auto bad = [&](std::uint64_t request, ErrorCode code) {
        return broker::Input{broker::BadFrameIn{session, in.host, request, code}, {}};
    };
    auto frame = wire::decode_agent_frame(in.bytes);
    if (!frame) {
        violate("an agent sends what decodes",
                std::string(name_of(frame.error())) + " from " + in.host.value());
        return bad(0, frame.error());
    }
    const auto request = frame->request;
    if (!registry_) return bad(request, ErrorCode::busy);
    auto checked = broker::verify(std::move(*frame), in.host, *registry_, broker_.clock(now_).wall);
    if (!checked) {
        note("unverified " + std::string(name_of(checked.error())));
        return bad(request, checked.error());
    }
    return {broker::FrameIn{session, in.host, std::move(*checked),
                            static_cast<std::uint32_t>(in.bytes.size())},
            {}};
}

void World::arrive_at_broker(ToBroker first) {
    std::vector<ToBroker> frames;
    frames.push_back(std::move(first));
    while (!events_.empty() && frames.size() < batch_max) {
        auto next = events_.begin();
        auto* frame = std::get_if<ToBroker>(&next->second);
        if (frame == nullptr || next->first.first > now_.steady.ms() + together.count()) break;
        frames.push_back(std::move(*frame));
        events_.erase(next);
    }
    if (!broker_.is_running()) return note("nobody hears");
    std::vector<broker::Input> batch;
    for (const auto& frame : frames) {
        if (!sessions_.contains(frame.connection)) continue;
        auto input = verified(frame);
        std::string what = "unverified";
        if (const auto* in = std::get_if<broker::FrameIn>(&input.body))
            what = std::to_string(in->frame.frame().body.index());
        note(frame.host.value() + " -> broker " + what + " " + std::to_string(frame.bytes.size()));
        batch.push_back(std::move(input));
    }
    if (!batch.empty()) work_broker(std::move(batch));
}

void World::arrive_at_agent(ToAgent first) {
    const HostId host = first.host;
    std::vector<ToAgent> frames;
    frames.push_back(std::move(first));
    while (!events_.empty() && frames.size() < batch_max) {
        auto next = events_.begin();
        auto* frame = std::get_if<ToAgent>(&next->second);
        if (frame == nullptr || frame->host != host ||
            next->first.first > now_.steady.ms() + together.count())
            break;
        frames.push_back(std::move(*frame));
        events_.erase(next);
    }
    const auto linked = connections_.find(host);
    if (!agent(host).is_running() || linked == connections_.end()) return note("nobody hears");
    std::vector<runtime::Input> batch;
    for (const auto& in : frames) {
        if (in.connection != linked->second) continue;
        auto frame = wire::decode_broker_frame(in.bytes);
        if (!frame) {
            violate("the broker sends what decodes",
                    std::string(name_of(frame.error())) + " to " + host.value());
            continue;
        }
        note("broker -> " + host.value() + " " + std::to_string(frame->body.index()) + " " +
             std::to_string(in.bytes.size()));
        batch.push_back({runtime::FrameIn{std::move(*frame)}, {}});
    }
    if (!batch.empty()) (void)work_agent(host, std::move(batch));
}

// ---- work ----

Death World::death_of(const HostId& host) {
    const bool dies = chance_.chance(faults_.kill);
    const bool before = chance_.chance(0.5);
    if (const auto planned = deaths_.find(host); planned != deaths_.end()) {
        const auto death = planned->second;
        deaths_.erase(planned);
        return death;
    }
    if (!dies) return Death::none;
    return before ? Death::before_commit : Death::after_commit;
}

void World::work_broker(std::vector<broker::Input> batch) {
    const auto death = death_of(the_broker);
    auto effects = broker_.work(
        now_, std::move(batch), death,
        [](broker::Core& old, broker::Core& fresh, const auto&) { fresh.adopt_sessions(old); });
    if (!broker_.failure().empty())
        return violate("a store that nobody damaged reads", "broker: " + broker_.failure());
    if (!effects) {
        note(death == Death::before_commit ? "broker killed before commit"
                                           : "broker killed after commit");
        return broker_died();
    }
    registry_ = broker_.core()->registry();
    release(std::move(*effects));
}

void World::release(std::vector<broker::Effect> effects) {
    if (watcher_ != nullptr) watcher_->broker_said(effects);
    for (auto& effect : effects) {
        if (const auto* asked = std::get_if<broker::TokensAsked>(&effect)) {
            crypto::SeededRandom random(steps_, "token-proofs");
            effect = broker::SendFrame{
                asked->session, broker::evaluate_tokens(simulated_.token_keys, *asked, random),
                wire::Lane::immediate};
        }
        if (auto* send = std::get_if<broker::SendFrame>(&effect)) {
            const auto host = sessions_.find(send->session.value);
            if (host != sessions_.end() && is_lost_ && is_lost_(host->second, send->frame))
                continue;
            if (host != sessions_.end() && keeps_from(host->second, send->frame)) continue;
            if (host != sessions_.end())
                send_to_agent(host->second, send->session.value, wire::encode(send->frame));
        } else if (const auto* said = std::get_if<broker::Recorded>(&effect)) {
            if (trace_ != nullptr) *trace_ << "    broker: " << text_of_log(*said) << "\n";
        } else if (auto* reply = std::get_if<broker::OperatorReply>(&effect)) {
            operator_reply_ = std::move(*reply);
        }
    }
}

std::optional<std::vector<runtime::Effect>> World::work_agent(const HostId& host,
                                                              std::vector<runtime::Input> batch) {
    auto& process = agent(host);
    const auto death = death_of(host);
    auto effects = process.work(now_, std::move(batch), death,
                                [&](runtime::Core&, runtime::Core&, const auto& say) {
                                    if (connections_.contains(host))
                                        say(runtime::Input{runtime::LinkUp{}, {}});
                                });
    if (!process.failure().empty()) {
        violate("a store that nobody damaged reads", host.value() + ": " + process.failure());
        return std::nullopt;
    }
    if (!effects) {
        note(host.value() +
             (death == Death::before_commit ? " killed before commit" : " killed after commit"));
        agent_died(host);
        return std::nullopt;
    }
    release(host, *effects);
    return effects;
}

void World::release(const HostId& host, std::vector<runtime::Effect>& effects) {
    if (watcher_ != nullptr) watcher_->agent_said(host, effects);
    bool reconnect = false;
    for (auto& effect : effects) {
        if (auto* send = std::get_if<runtime::SendFrame>(&effect)) {
            send_to_broker(host, wire::encode(send->frame));
        } else if (const auto* said = std::get_if<runtime::Recorded>(&effect)) {
            if (trace_ != nullptr)
                *trace_ << "    " << host.value() << ": " << text_of_log(*said) << "\n";
        } else if (std::holds_alternative<runtime::Reconnect>(effect)) {
            reconnect = true;
        } else if (auto* item = std::get_if<runtime::HandOver>(&effect)) {
            const bool automatic = item->inbox == InboxId("health.urg");
            schedule(network_.between(milliseconds(5), seconds(2)),
                     Handed{host,
                            {item->inbox, item->notification, item->sender, item->recalled},
                            automatic});
        }
    }
    if (reconnect) {
        note(host.value() + " connects anew");
        cut(host, chance_.chance(0.5));
    }
}

std::optional<std::vector<runtime::Effect>> World::give(const HostId& host,
                                                        decltype(runtime::Input::body) body) {
    if (!agent(host).is_running()) return std::nullopt;
    std::vector<runtime::Input> batch;
    batch.push_back({std::move(body), {}});
    return work_agent(host, std::move(batch));
}

std::optional<runtime::ApiReply> World::ask(const HostId& host, runtime::ApiRequest::Kind kind,
                                            const PersonalText& token, std::string id,
                                            std::string body, std::string inbox,
                                            std::string cursor) {
    runtime::ApiRequest request;
    request.kind = kind;
    request.reply = next_reply_++;
    request.credential = token;
    request.id = std::move(id);
    request.body = PersonalText(std::move(body));
    request.inbox = InboxId(std::move(inbox));
    request.cursor = std::move(cursor);
    if (request.kind == runtime::ApiRequest::Kind::received_list) request.limit = page_max;
    const auto effects = give(host, std::move(request));
    if (!effects) return std::nullopt;
    for (const auto& effect : *effects) {
        if (const auto* reply = std::get_if<runtime::ApiReply>(&effect)) return *reply;
    }
    violate("every request is answered", host.value());
    return std::nullopt;
}

std::optional<std::vector<std::string>> World::received(const HostId& host,
                                                        const PersonalText& token,
                                                        const InboxId& inbox) {
    std::vector<std::string> lines;
    for (std::string cursor;;) {
        const auto page = ask(host, runtime::ApiRequest::Kind::received_list, token, "", "",
                              inbox.value(), cursor);
        if (!page) return std::nullopt;
        if (page->status == 503) {
            const auto view = agent(host).store().view();
            const auto row = runtime::table::agent.get(*view, store::Only{});
            if (row && row->catching_up) return std::nullopt;  // put back, not yet told of recalls
        }
        if (page->status != 200) {
            violate("a member reads their own inbox", inbox.value() + " " + page->json.reveal());
            return std::nullopt;
        }
        const auto parsed = nlohmann::json::parse(page->json.reveal());
        for (const auto& line : parsed.at("received")) lines.push_back(line.dump());
        if (parsed.at("next").is_null()) return lines;
        cursor = parsed.at("next").get<std::string>();
    }
}

std::optional<broker::OperatorReply> World::operate(broker::OperatorCommand::Kind kind,
                                                    std::string argument) {
    if (!broker_.is_running()) return std::nullopt;
    operator_reply_.reset();
    broker::OperatorCommand command;
    command.kind = kind;
    command.reply = next_reply_++;
    command.argument = std::move(argument);
    std::vector<broker::Input> batch;
    batch.push_back({std::move(command), {}});
    work_broker(std::move(batch));
    return std::exchange(operator_reply_, std::nullopt);
}

void World::load_documents() {
    if (!broker_.is_running()) return;
    std::vector<broker::Input> batch;
    batch.push_back({broker::LoadDocuments{simulated_.area.documents()}, {}});
    work_broker(std::move(batch));
}

// ---- links and processes ----

void World::connect_all() {
    for (auto& [host, process] : agents_) connect(host);
}

void World::connect(const HostId& host) {
    if (connections_.contains(host) || kept_down_.contains(host)) return;
    if (!agent(host).is_running()) return;  // whoever starts it connects it
    if (!broker_.is_running())
        return schedule(network_.between(milliseconds(500), seconds(5)), Connect{host});
    const auto connection = next_connection_++;
    connections_[host] = connection;
    sessions_[connection] = host;
    note(host.value() + " connects");
    give(host, runtime::LinkUp{});
}

void World::cut(const HostId& host, bool broker_notices) {
    const auto linked = connections_.find(host);
    if (linked == connections_.end()) return;
    note(host.value() + " is cut off");
    if (broker_notices)
        schedule(network_.between(milliseconds(1), milliseconds(500)), SessionLost{linked->second});
    connections_.erase(linked);
    give(host, runtime::LinkDown{});
    schedule(network_.between(milliseconds(250), seconds(8)), Connect{host});
}

void World::lose_link(const HostId& host) {
    kept_down_.insert(host);
    cut(host, true);
}

void World::regain_link(const HostId& host) {
    kept_down_.erase(host);
    connect(host);
}

void World::happen(LinkLost& link) {
    const auto linked = connections_.find(link.host);
    if (linked != connections_.end() && linked->second == link.connection) cut(link.host, false);
}

void World::happen(SessionLost& session) {
    if (sessions_.erase(session.connection) == 0 || !broker_.is_running()) return;
    std::vector<broker::Input> batch;
    batch.push_back({broker::SessionClosed{{session.connection}}, {}});
    work_broker(std::move(batch));
}

void World::happen(Start& process) {
    if (process.host.empty()) {
        start_broker();
    } else {
        start_agent(process.host);
    }
}

void World::happen(Handed& item) {
    if (item.taken) {
        give(item.host, item.done);
    } else {
        give(item.host,
             runtime::HandoverFailed{item.done.inbox, item.done.notification, item.done.sender,
                                     ErrorCode::not_available, item.done.recalled});
    }
}

void World::broker_died() {
    sessions_.clear();
    for (const auto& [host, connection] : connections_) {
        schedule(network_.between(milliseconds(1), seconds(3)), LinkLost{host, connection});
    }
    schedule(network_.between(seconds(1), seconds(40)), Start{});
}

void World::agent_died(const HostId& host) {
    if (const auto linked = connections_.find(host); linked != connections_.end()) {
        schedule(network_.between(milliseconds(1), milliseconds(500)), SessionLost{linked->second});
        connections_.erase(linked);
    }
    schedule(network_.between(seconds(1), seconds(40)), Start{host});
}

void World::kill_broker() {
    if (!broker_.is_running()) return;
    note("broker killed");
    broker_.kill();
    broker_died();
}

void World::kill_agent(const HostId& host) {
    if (!agent(host).is_running()) return;
    note(host.value() + " killed");
    agent(host).kill();
    agent_died(host);
}

void World::start_broker() {
    if (broker_.is_running()) return;
    note("broker starts");
    if (!broker_.start(now_)) return violate("a store that nobody damaged loads", "broker");
    registry_ = broker_.core()->registry();
    load_documents();
}

void World::start_agent(const HostId& host) {
    if (agent(host).is_running()) return;
    note(host.value() + " starts");
    if (!agent(host).start(now_)) return violate("a store that nobody damaged loads", host.value());
    schedule(network_.between(milliseconds(1), milliseconds(900)), Connect{host});
}

// ---- backups ----

// The broker can tell only by the batches of receipts it has been given since.
bool World::agent_restore_shows(const HostId& host, const store::MemorySnapshot& backup) {
    store::MemoryStore old;
    old.restore(backup);
    const auto row = read<runtime::AgentRow>(old, runtime::table::agent, store::Only{});
    const auto known = read<broker::HostRecord>(broker_.store(), broker::tables::hosts, host);
    return row && known && known->receipts_sent > row->receipts_sent;
}

void World::restore_broker(bool marked) {
    if (broker_.backups.empty()) return;
    const auto backup = broker_.backups.back();
    const bool silent = !marked;
    kill_broker();
    broker_.store().restore(backup);
    if (!silent) {
        auto transaction = broker_.store().begin();
        broker::Core::forget_epoch(*transaction);
        broker_.set_fault_rate(0);
        CHECK(broker_.store().commit(std::move(transaction)).is_committed());
        broker_.set_fault_rate(faults_.commit);
    }
    note(silent ? "broker silently restored" : "broker restored");
    if (watcher_ != nullptr) watcher_->broker_restored();
}

void World::restore_agent(const HostId& host, bool marked) {
    auto& process = agent(host);
    if (process.backups.empty()) return;
    const auto backup = process.backups.back();
    const bool silent = !marked && agent_restore_shows(host, backup);
    kill_agent(host);
    process.store().restore(backup);
    if (!silent) {
        auto transaction = process.store().begin();
        runtime::mark_restored(*transaction);
        process.set_fault_rate(0);
        CHECK(process.store().commit(std::move(transaction)).is_committed());
        process.set_fault_rate(faults_.commit);
    }
    note(host.value() + (silent ? " silently restored" : " restored"));
    if (watcher_ != nullptr) watcher_->agent_restored(host);
}

// ---- faults ----

void World::inject_restore() {
    if (chance_.chance(0.4)) return restore_broker(chance_.chance(0.6));
    const auto host = chance_.pick(agents_).first;
    restore_agent(host, chance_.chance(0.6));
}

std::optional<bool> World::is_token_change_awaited() {
    const auto reply = operate(broker::OperatorCommand::Kind::token_change);
    if (!reply) return std::nullopt;
    note("the broker waits: " + reply->json);
    // One that has not taken in the registry with the next key knows nothing of it.
    std::string listed;
    for (const auto& key : simulated_.area.registry().broker.token_keys)
        listed += (listed.empty() ? "" : ",") + std::to_string(key.epoch);
    if (reply->json.find("\"epochs\":[" + listed + "]") == std::string::npos) return true;
    return reply->json.find("\"agencies\":[]") == std::string::npos;
}

void World::change_token_keys() {
    if (is_registrar_late_) return;
    if (!simulated_.is_token_change_under_way()) {
        note("the keys of subject tokens change");
        simulated_.begin_token_change(now_.wall);
        return load_documents();
    }
    if (is_token_change_awaited() != false) return;
    note("the old keys of subject tokens end");
    simulated_.finish_token_change(now_.wall);
    load_documents();
}

void World::inject_fault() {
    if (lateness_.chance(faults_.late_ends)) end_late();
    if (token_keys_.chance(faults_.token_keys)) change_token_keys();
    // Each is drawn every time, so that one fault turned off leaves the others where they were.
    const bool cuts = chance_.chance(faults_.cut);
    const bool kills = chance_.chance(faults_.kill * 0.3);
    const bool backs_up = chance_.chance(faults_.backup);
    const bool restores = chance_.chance(faults_.restore);
    const bool shifts = chance_.chance(faults_.clock);
    const bool changes = chance_.chance(faults_.documents);
    if (!cuts && !kills && !backs_up && !restores && !shifts && !changes) return;
    const auto host = chance_.pick(agents_).first;
    if (cuts) cut(host, chance_.chance(0.5));
    if (kills && chance_.chance(0.3)) {
        kill_broker();
    } else if (kills) {
        kill_agent(host);
    }
    if (backs_up) {
        note("backup");
        auto& backups = chance_.chance(0.4) ? broker_.backups : agent(host).backups;
        auto& of = &backups == &broker_.backups ? broker_.store() : agent(host).store();
        backups.push_back(of.snapshot());
        if (backups.size() > backups_max) backups.erase(backups.begin());
    }
    if (restores) inject_restore();
    if (shifts) {
        const auto by = chance_.between(-hours(3), hours(3));
        auto& ahead = chance_.chance(0.4) ? broker_.clock_ahead : agent(host).clock_ahead;
        ahead = ahead.count() != 0 ? milliseconds(0) : by;
        note("a clock jumps");
    }
    // Whoever signs new documents vouches for them.
    if (changes && !is_registrar_late_) {
        note("new documents");
        if (chance_.chance(0.5)) {
            simulated_.area.change_policy("", "", now_.wall);
        } else {
            simulated_.area.change_registry([](area::Registry&) {}, now_.wall);
        }
        load_documents();
    }
}

}  // namespace mash::simulation
