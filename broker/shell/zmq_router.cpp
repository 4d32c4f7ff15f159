#include "broker/shell/zmq_router.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include <zmq.hpp>

#include "broker/shell/event_throttle.hpp"
#include "common/base/limits.hpp"

namespace mash::broker_shell {

namespace {

using Clock = std::chrono::steady_clock;

// Refilled by the second, so that a burst after silence is welcome and a flood is not.
class TokenBucket {
public:
    bool take(Clock::time_point now) {
        const double seconds = std::chrono::duration<double>(now - last_).count();
        last_ = now;
        tokens_ = std::min(static_cast<double>(limits::frames_burst_max),
                           tokens_ + seconds * static_cast<double>(limits::frames_per_second_max));
        if (tokens_ < 1.0) return false;
        tokens_ -= 1.0;
        return true;
    }

private:
    double tokens_ = static_cast<double>(limits::frames_burst_max);
    Clock::time_point last_ = Clock::now();
};

struct Session {
    std::string routing_id;
    HostId host;
    std::array<std::uint8_t, 32> key{};  // that opened it: revoked, it is dead at once
    bool closed = false;
    std::map<wire::Lane, std::deque<Bytes>> queued;
    std::size_t queued_bytes = 0;
};

constexpr std::size_t closed_remembered_max = 1024;
// libzmq ends a connection over its bound without a word of why. Up to here we see the frame, drop
// it ourselves and can say whose it was.
constexpr std::size_t frame_bytes_seen_max = 2 * limits::frame_bytes_max;
constexpr int monitor_events_per_turn_max = 256;
constexpr rlim_t files_needed = limits::sessions_max + 500;

// Below this the I/O thread would spin on accept once descriptors run out.
bool raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    if (limit.rlim_cur >= files_needed) return true;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, files_needed);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    return limit.rlim_cur >= files_needed;
}

}  // namespace

struct ZmqRouter::State {
    const ZapAuthenticator& authenticator;
    OnFrame on_frame;
    OnClosed on_closed;
    MayRead may_read;
    OnEvent on_event;

    zmq::context_t context{1};
    zmq::socket_t zap{context, zmq::socket_type::rep};
    zmq::socket_t router{context, zmq::socket_type::router};
    zmq::socket_t monitor{context, zmq::socket_type::pair};
    std::vector<std::string> endpoints;
    int wake = -1;
    std::thread thread;
    std::atomic<bool> stopping = false;

    struct Command {
        broker::SessionId session;
        wire::Lane lane{};
        Bytes frame;
        bool close = false;
    };
    std::mutex mutex;  // guards commands
    std::vector<Command> commands;

    // The router's thread only.
    std::map<broker::SessionId, Session> sessions;
    std::unordered_map<std::string, broker::SessionId> by_routing_id;
    std::set<broker::SessionId> waiting;  // those with frames queued
    std::deque<broker::SessionId>
        closed;  // still remembered, so that their frames stay ignored; oldest first
    std::map<HostId, std::deque<broker::SessionId>> sessions_of;  // oldest first
    std::map<HostId, TokenBucket> rates;
    std::uint64_t next_session = 1;
    EventThrottle throttle;
    bool blocked = false;

    std::atomic<std::uint64_t> frames_in = 0, frames_out = 0, refused_keys = 0, malformed = 0,
                               over_rate = 0, dropped_sessions = 0, accept_failures = 0,
                               failed_handshakes = 0, session_count = 0;

    State(const ZapAuthenticator& auth, OnFrame frame_fn, OnClosed closed_fn, MayRead read_fn,
          OnEvent event_fn)
        : authenticator(auth),
          on_frame(std::move(frame_fn)),
          on_closed(std::move(closed_fn)),
          may_read(std::move(read_fn)),
          on_event(std::move(event_fn)) {}
    ~State() {
        if (wake >= 0) ::close(wake);
    }

    void kick() {
        const std::uint64_t one = 1;
        // EAGAIN means a wake-up is pending already.
        [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
    }

    void command(Command what) {
        bool is_first = false;
        {
            const std::lock_guard lock(mutex);
            is_first = commands.empty();
            commands.push_back(std::move(what));
        }
        // The router takes all there are at once: it has been woken for those before.
        if (is_first) kick();
    }

    void say(LogEvent event, std::vector<LogField> fields = {}) {
        const auto stands_for = throttle.take(event, Clock::now());
        if (stands_for == 0) return;
        if (stands_for > 1) fields.push_back(LogField("count", stands_for));
        on_event({event, std::move(fields)});
    }

    void answer_zap() {
        while (true) {
            std::vector<zmq::message_t> request;
            while (true) {
                zmq::message_t part;
                if (!zap.recv(part, zmq::recv_flags::dontwait)) return;
                const bool more = part.more();
                if (request.size() < 16) request.push_back(std::move(part));
                if (!more) break;
            }
            std::vector<std::string_view> frames;
            for (const auto& part : request) frames.push_back(part.to_string_view());
            const auto answer = authenticator.answer(frames);
            if (!answer.admitted) {
                ++refused_keys;
                std::vector<LogField> fields;
                if (frames.size() > 3) fields.push_back({"address", NetworkAddress(frames[3])});
                if (answer.key) fields.push_back({"key", fingerprint_of_transport(*answer.key)});
                say(LogEvent::session_denied, std::move(fields));
            }
            for (std::size_t i = 0; i < answer.frames.size(); ++i) {
                const bool last = i + 1 == answer.frames.size();
                zap.send(zmq::buffer(answer.frames[i]),
                         last ? zmq::send_flags::none : zmq::send_flags::sndmore);
            }
        }
    }

    void read_monitor() {
        // While descriptors are short there is a new event as soon as one was read.
        for (int i = 0; i < monitor_events_per_turn_max; ++i) {
            zmq::message_t event;
            if (!monitor.recv(event, zmq::recv_flags::dontwait)) return;
            bool more = event.more();
            while (more) {
                zmq::message_t rest;
                if (!monitor.recv(rest, zmq::recv_flags::dontwait)) return;
                more = rest.more();
            }
            if (event.size() < 2) continue;
            std::uint16_t number = 0;
            std::copy_n(static_cast<const std::uint8_t*>(event.data()), 2,
                        reinterpret_cast<std::uint8_t*>(&number));
            if (number == ZMQ_EVENT_ACCEPT_FAILED) {
                ++accept_failures;
                say(LogEvent::accept_failed);
            } else {
                ++failed_handshakes;
                say(LogEvent::handshake_failed);
            }
        }
    }

    static std::vector<LogField> of_host(const char* user_id) {
        if (user_id == nullptr) return {};
        const std::string_view text(user_id);
        return {{"host", HostId(std::string(text.substr(0, text.find('/'))))}};
    }

    void say_revoked(const Session& session) {
        say(LogEvent::key_revoked,
            {{"host", session.host}, {"key", fingerprint_of_transport(session.key)}});
    }

    /// True when a message was there.
    bool read_one() {
        zmq::message_t id;
        if (!router.recv(id, zmq::recv_flags::dontwait)) return false;
        std::vector<zmq::message_t> parts;
        bool more = id.more();
        std::size_t count = 0;
        while (more) {
            zmq::message_t part;
            if (!router.recv(part, zmq::recv_flags::dontwait)) break;
            more = part.more();
            // Each frame is bounded by libzmq, their number only here.
            if (++count <= 1) parts.push_back(std::move(part));
        }
        const char* user = nullptr;
        if (!parts.empty()) user = zmq_msg_gets(parts[0].handle(), "User-Id");
        if (count != 1 || user == nullptr || *user == '\0') {
            ++malformed;
            if (count > 1) say(LogEvent::frame_oversized, of_host(user));
            return true;
        }
        if (parts[0].size() > limits::frame_bytes_max) {
            ++malformed;
            say(LogEvent::frame_oversized, of_host(user));
            return true;
        }
        const std::string_view user_id(user);
        const auto slash = user_id.find('/');
        const auto key_bytes = from_hex(
            slash == std::string_view::npos ? std::string_view() : user_id.substr(slash + 1));
        if (!key_bytes || key_bytes->size() != 32) {
            ++malformed;
            return true;
        }
        std::array<std::uint8_t, 32> key{};
        std::copy_n(key_bytes->begin(), key.size(), key.begin());
        const HostId host{std::string(user_id.substr(0, slash))};
        const std::string routing_id = id.to_string();
        auto known = by_routing_id.find(routing_id);
        if (known == by_routing_id.end()) {
            if (sessions.size() >= limits::sessions_max) {
                ++dropped_sessions;
                return true;
            }
            const broker::SessionId session{next_session++};
            sessions.emplace(session, Session{routing_id, host, key, false, {}, 0});
            known = by_routing_id.emplace(routing_id, session).first;
            session_count = sessions.size();
            auto& own = sessions_of[host];
            own.push_back(session);
            // A host that opens connections without end ends its own, never another's.
            if (own.size() > limits::sessions_per_host_max) {
                ++dropped_sessions;
                forget(own.front(), true);
            }
        }
        auto& session = sessions.at(known->second);
        // A routing id is the client's to choose; whose it is, is not.
        if (session.closed || session.host != host) return true;
        if (authenticator.host_of(session.key) != host) {
            // Out of force since the handshake: nothing more in either direction.
            ++refused_keys;
            say_revoked(session);
            forget(known->second, true);
            return true;
        }
        ++frames_in;
        const bool over = !rates[host].take(Clock::now());
        if (over) ++over_rate;
        const auto* data = static_cast<const std::uint8_t*>(parts[0].data());
        on_frame(known->second, host, over ? Bytes() : Bytes(data, data + parts[0].size()), over);
        return true;
    }

    void forget(broker::SessionId id, bool tell) {
        const auto found = sessions.find(id);
        if (found == sessions.end()) return;
        by_routing_id.erase(found->second.routing_id);
        waiting.erase(id);
        const auto own = sessions_of.find(found->second.host);
        std::erase(own->second, id);
        if (own->second.empty()) sessions_of.erase(own);
        sessions.erase(found);
        session_count = sessions.size();
        if (tell) on_closed(id);
    }

    void take_commands() {
        std::vector<Command> taken;
        {
            const std::lock_guard lock(mutex);
            taken.swap(commands);
        }
        for (auto& command : taken) {
            const auto found = sessions.find(command.session);
            if (found == sessions.end()) continue;
            if (command.close) {
                found->second.closed = true;
                closed.push_back(command.session);
                if (closed.size() > closed_remembered_max) {
                    forget(closed.front(), false);
                    closed.pop_front();
                }
                continue;
            }
            waiting.insert(command.session);
            found->second.queued_bytes += command.frame.size();
            found->second.queued[command.lane].push_back(std::move(command.frame));
        }
    }

    enum class Sent { yes, full, gone };
    Sent send_now(const Session& session, const Bytes& frame) {
        // The id frame alone reports a full queue or a lost peer; ignoring that would make the body
        // be read as an id.
        try {
            const auto id = router.send(zmq::buffer(session.routing_id),
                                        zmq::send_flags::sndmore | zmq::send_flags::dontwait);
            if (!id) return Sent::full;
            const auto body = router.send(zmq::buffer(frame), zmq::send_flags::dontwait);
            if (!body) return Sent::full;
        } catch (const zmq::error_t& error) {
            return error.num() == EAGAIN ? Sent::full : Sent::gone;
        }
        ++frames_out;
        return Sent::yes;
    }

    void drain() {
        blocked = false;
        std::vector<broker::SessionId> gone;
        for (auto at = waiting.begin(); at != waiting.end();) {
            const auto id = *at;
            auto& session = sessions.at(id);
            bool full = false;
            if (authenticator.host_of(session.key) != session.host) {
                say_revoked(session);
                gone.push_back(id);
                ++at;
                continue;
            }
            for (auto& [lane, queue] : session.queued) {
                while (!queue.empty() && !full) {
                    const auto sent = send_now(session, queue.front());
                    if (sent == Sent::gone) {
                        gone.push_back(id);
                        full = true;
                    } else if (sent == Sent::full) {
                        full = true;
                        blocked = true;
                    } else {
                        session.queued_bytes -= queue.front().size();
                        queue.pop_front();
                    }
                }
                if (full) break;
            }
            if (session.queued_bytes > limits::link_queue_bytes_max) {
                ++dropped_sessions;
                say(LogEvent::slow_reader_dropped, {{"host", session.host}});
                gone.push_back(id);
            }
            at = session.queued_bytes == 0 && !full ? waiting.erase(at) : std::next(at);
        }
        std::ranges::sort(gone);
        gone.erase(std::ranges::unique(gone).begin(), gone.end());
        for (const auto id : gone) forget(id, true);
    }

    void run() {
        std::vector<zmq::pollitem_t> items{{zap.handle(), 0, ZMQ_POLLIN, 0},
                                           {monitor.handle(), 0, ZMQ_POLLIN, 0},
                                           {nullptr, wake, ZMQ_POLLIN, 0},
                                           {router.handle(), 0, ZMQ_POLLIN, 0}};
        constexpr int reads_per_turn_max = 256;
        while (!stopping) {
            const bool reading = may_read();
            // Without POLLIN on the router the poll would not wake when the verifiers are ready
            // again: look often.
            const std::chrono::milliseconds wait(blocked || !reading ? 2 : 500);
            try {
                zmq::poll(items.data(), reading ? items.size() : items.size() - 1, wait);
            } catch (const zmq::error_t& error) {
                if (error.num() != EINTR) return;
            }
            // One read takes all kicks there were.
            std::uint64_t kicks = 0;
            if (items[2].revents != 0) (void)!::read(wake, &kicks, sizeof kicks);
            // Asking a socket that has nothing costs libzmq two system calls, and poll has asked
            // them all.
            if (items[0].revents != 0) answer_zap();
            if (items[1].revents != 0) read_monitor();
            if (reading && items[3].revents != 0) {
                for (int i = 0; i < reads_per_turn_max && may_read() && read_one(); ++i) {
                }
            }
            take_commands();
            drain();
        }
        take_commands();
        drain();
        router.close();
    }
};

ZmqRouter::ZmqRouter(std::unique_ptr<State> state) : state_(std::move(state)) {}

ZmqRouter::~ZmqRouter() { stop(); }

Result<std::unique_ptr<ZmqRouter>> ZmqRouter::start(const RouterConfig& config,
                                                    const ZapAuthenticator& authenticator,
                                                    OnFrame on_frame, OnClosed on_closed,
                                                    MayRead may_read, OnEvent on_event) {
    if (!raise_file_limit()) return fail(ErrorCode::too_many);
    auto state = std::make_unique<State>(authenticator, std::move(on_frame), std::move(on_closed),
                                         std::move(may_read), std::move(on_event));
    state->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (state->wake < 0) return fail(ErrorCode::io_failed);
    try {
        // Before the first CURVE bind, in the same context.
        state->zap.bind("inproc://zeromq.zap.01");
        auto& router = state->router;
        router.set(zmq::sockopt::curve_server, true);
        router.set(
            zmq::sockopt::curve_publickey,
            std::string_view(reinterpret_cast<const char*>(config.curve_public_key.data()), 32));
        router.set(
            zmq::sockopt::curve_secretkey,
            std::string_view(reinterpret_cast<const char*>(config.curve_secret_key.data()), 32));
        router.set(zmq::sockopt::zap_domain, "mash");
        router.set(zmq::sockopt::router_mandatory, true);
        router.set(zmq::sockopt::backlog, 4096);
        router.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(frame_bytes_seen_max));
        router.set(zmq::sockopt::sndhwm, 64);
        router.set(zmq::sockopt::rcvhwm, 256);
        router.set(zmq::sockopt::linger, 1000);
        const auto ms = [](auto duration) {
            return static_cast<int>(
                std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
        };
        router.set(zmq::sockopt::heartbeat_ivl, ms(limits::heartbeat_interval));
        router.set(zmq::sockopt::heartbeat_timeout, ms(limits::heartbeat_timeout));
        router.set(zmq::sockopt::heartbeat_ttl, ms(limits::heartbeat_timeout));
        router.set(zmq::sockopt::handshake_ivl, ms(limits::handshake_interval));
        if (zmq_socket_monitor(router.handle(), "inproc://router-monitor",
                               ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) != 0) {
            return fail(ErrorCode::io_failed);
        }
        state->monitor.connect("inproc://router-monitor");
        for (const auto& endpoint : config.endpoints) {
            router.bind(endpoint);
            state->endpoints.push_back(router.get(zmq::sockopt::last_endpoint));
        }
    } catch (const zmq::error_t&) {
        return fail(ErrorCode::io_failed);
    }
    auto* raw = state.get();
    state->thread = std::thread([raw] { raw->run(); });
    return std::unique_ptr<ZmqRouter>(new ZmqRouter(std::move(state)));
}

void ZmqRouter::send(broker::SessionId session, wire::Lane lane, Bytes frame) {
    state_->command({session, lane, std::move(frame), false});
}

void ZmqRouter::close(broker::SessionId session) { state_->command({session, {}, {}, true}); }

void ZmqRouter::stop() {
    if (!state_ || !state_->thread.joinable()) return;
    state_->stopping = true;
    state_->kick();
    state_->thread.join();
}

RouterCounts ZmqRouter::counts() const {
    const auto& s = *state_;
    return {s.frames_in,        s.frames_out,      s.refused_keys,      s.malformed,    s.over_rate,
            s.dropped_sessions, s.accept_failures, s.failed_handshakes, s.session_count};
}

const std::vector<std::string>& ZmqRouter::bound_endpoints() const { return state_->endpoints; }

}  // namespace mash::broker_shell
