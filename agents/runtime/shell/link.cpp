#include "agents/runtime/shell/link.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <zmq.hpp>

#include "common/base/limits.hpp"

namespace mash::runtime_shell {

namespace {

int ms(auto duration) {
    return static_cast<int>(
        std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

constexpr std::chrono::seconds connect_deadline{10};

}  // namespace

struct Link::State {
    LinkConfig config;
    Events events;
    zmq::context_t context{1};
    int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    std::thread thread;
    bool with_next = true;   ///< of the thread: the key that works is kept
    std::size_t failed = 0;  ///< of the thread: tries of this key since it worked or was changed to
    std::atomic<bool> stopping = false;
    std::atomic<bool> drop = false;
    std::atomic<std::uint64_t> connects = 0, refused = 0, frames_in = 0, frames_out = 0;

    std::mutex mutex;  // guards queued
    std::map<wire::Lane, std::deque<Bytes>> queued;

    State(LinkConfig c, Events e) : config(std::move(c)), events(std::move(e)) {}
    ~State() { ::close(wake); }

    void kick() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
    }
    void drain_wake() {
        std::uint64_t count = 0;
        while (::read(wake, &count, sizeof count) > 0) {
        }
    }

    std::optional<Bytes> next() {
        const std::lock_guard lock(mutex);
        for (auto& [lane, queue] : queued) {
            if (queue.empty()) continue;
            Bytes out = std::move(queue.front());
            queue.pop_front();
            return out;
        }
        return std::nullopt;
    }
    void put_back(Bytes frame) {
        const std::lock_guard lock(mutex);
        queued[wire::Lane::immediate].push_front(std::move(frame));
    }
    void forget_queued() {
        const std::lock_guard lock(mutex);
        queued.clear();
    }

    /// Waits without a socket; true when the program is stopping.
    bool pause(std::chrono::milliseconds length) {
        const auto end = std::chrono::steady_clock::now() + length;
        while (!stopping && std::chrono::steady_clock::now() < end) {
            zmq::pollitem_t item{nullptr, wake, ZMQ_POLLIN, 0};
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                end - std::chrono::steady_clock::now());
            zmq::poll(&item, 1, std::max(left, std::chrono::milliseconds(1)));
            drain_wake();
        }
        return stopping;
    }

    void configure(zmq::socket_t& socket) const {
        const auto key = [](ByteView bytes) {
            return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        };
        socket.set(zmq::sockopt::curve_serverkey, key(config.broker_key.view()));
        const bool next = config.own_next != nullptr && with_next;
        const auto& own_public = next ? config.own_next->public_key : config.own_public;
        const auto& own_secret = next ? config.own_next->secret_key : *config.own_secret;
        socket.set(zmq::sockopt::curve_publickey, key(own_public.view()));
        socket.set(zmq::sockopt::curve_secretkey, key(own_secret.reveal()));
        socket.set(zmq::sockopt::handshake_ivl, ms(limits::handshake_interval));
        socket.set(zmq::sockopt::heartbeat_ivl, ms(limits::heartbeat_interval));
        socket.set(zmq::sockopt::heartbeat_timeout, ms(limits::heartbeat_timeout));
        socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(limits::frame_bytes_max));
        socket.set(zmq::sockopt::immediate, true);
        socket.set(zmq::sockopt::linger, 500);
        socket.set(zmq::sockopt::sndhwm, 16);
        socket.set(zmq::sockopt::rcvhwm, 256);
        // Reconnection is ours: libzmq would try a refusing broker ten times a second for ever.
        socket.set(zmq::sockopt::reconnect_ivl, -1);
    }

    enum class Ended { never_up, was_up };

    // One socket's life.
    Ended live(const std::string& endpoint, int number) {
        zmq::socket_t socket(context, zmq::socket_type::dealer);
        zmq::socket_t monitor(context, zmq::socket_type::pair);
        const std::string address = "inproc://link-monitor-" + std::to_string(number);
        bool up = false;
        try {
            configure(socket);
            constexpr int wanted =
                ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED;
            if (zmq_socket_monitor(socket.handle(), address.c_str(), wanted) != 0)
                return Ended::never_up;
            monitor.connect(address);
            socket.connect(endpoint);
        } catch (const zmq::error_t&) {
            return Ended::never_up;
        }
        const auto deadline = std::chrono::steady_clock::now() + connect_deadline;
        drop = false;
        bool full = false;
        while (!stopping && !drop) {
            zmq::pollitem_t items[3] = {
                {monitor.handle(), 0, ZMQ_POLLIN, 0},
                {nullptr, wake, ZMQ_POLLIN, 0},
                {socket.handle(), 0, static_cast<short>(ZMQ_POLLIN | (full ? ZMQ_POLLOUT : 0)), 0}};
            zmq::poll(items, up ? 3 : 2, std::chrono::milliseconds(500));
            drain_wake();
            // Asking a socket that has nothing costs libzmq two system calls, and poll has asked
            // them all.
            const int state = items[0].revents != 0 ? read_monitor(monitor) : 0;
            if (state < 0) break;
            if (state > 0 && !up) {
                up = true;
                ++connects;
                forget_queued();
                events.up();
            }
            if (!up) {
                if (std::chrono::steady_clock::now() > deadline) break;
                continue;
            }
            if (items[2].revents != 0) receive(socket);
            full = !flush(socket);
        }
        if (up) {
            // What is still queued when the program stops has its last chance through linger.
            if (stopping) (void)flush(socket);
            events.down();
        }
        zmq_socket_monitor(socket.handle(), nullptr, 0);
        return up ? Ended::was_up : Ended::never_up;
    }

    // 1 up, -1 lost or refused, 0 nothing new.
    int read_monitor(zmq::socket_t& monitor) {
        int state = 0;
        while (true) {
            zmq::message_t event;
            if (!monitor.recv(event, zmq::recv_flags::dontwait)) return state;
            zmq::message_t rest;
            if (event.more() && !monitor.recv(rest, zmq::recv_flags::dontwait)) return state;
            if (event.size() < 2) continue;
            std::uint16_t number = 0;
            std::copy_n(static_cast<const std::uint8_t*>(event.data()), 2,
                        reinterpret_cast<std::uint8_t*>(&number));
            if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
                state = 1;
            } else {
                if (number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) ++refused;
                return -1;
            }
        }
    }

    void receive(zmq::socket_t& socket) {
        for (int i = 0; i < 256; ++i) {
            zmq::message_t frame;
            if (!socket.recv(frame, zmq::recv_flags::dontwait)) return;
            std::size_t parts = 1;
            bool more = frame.more();
            while (more) {
                zmq::message_t rest;
                if (!socket.recv(rest, zmq::recv_flags::dontwait)) break;
                more = rest.more();
                ++parts;
            }
            if (parts != 1) continue;
            ++frames_in;
            const auto* data = static_cast<const std::uint8_t*>(frame.data());
            events.frame(Bytes(data, data + frame.size()));
        }
    }

    /// False when the socket takes no more now.
    bool flush(zmq::socket_t& socket) {
        while (auto frame = next()) {
            try {
                if (!socket.send(zmq::buffer(*frame), zmq::send_flags::dontwait)) {
                    put_back(std::move(*frame));
                    return false;
                }
                ++frames_out;
            } catch (const zmq::error_t&) {
                put_back(std::move(*frame));
                return false;
            }
        }
        return true;
    }

    void run() {
        std::size_t turn = 0;
        int number = 0;
        auto wait =
            std::chrono::duration_cast<std::chrono::milliseconds>(limits::reconnect_interval_min);
        while (!stopping) {
            const auto ended = live(config.endpoints[turn++ % config.endpoints.size()], number++);
            forget_queued();
            if (ended == Ended::was_up) {
                wait = limits::reconnect_interval_min;
                failed = 0;
            } else if (++failed == config.endpoints.size()) {
                // Only when it failed everywhere: each key is tried at each endpoint.
                with_next = !with_next;
                failed = 0;
            }
            if (pause(wait)) return;
            wait = std::min(wait * 2, std::chrono::duration_cast<std::chrono::milliseconds>(
                                          limits::reconnect_interval_max));
        }
    }
};

Link::Link(LinkConfig config, Events events)
    : state_(std::make_unique<State>(std::move(config), std::move(events))) {}

Link::~Link() { stop(); }

void Link::start() {
    state_->thread = std::thread([state = state_.get()] { state->run(); });
}

void Link::send(wire::Lane lane, Bytes frame) {
    bool is_first = false;
    {
        const std::lock_guard lock(state_->mutex);
        is_first = std::ranges::all_of(state_->queued,
                                       [](const auto& of_lane) { return of_lane.second.empty(); });
        state_->queued[lane].push_back(std::move(frame));
    }
    // What waits already has had its kick, or waits for the socket.
    if (is_first) state_->kick();
}

void Link::reconnect() {
    state_->drop = true;
    state_->kick();
}

void Link::stop() {
    if (!state_->thread.joinable()) return;
    state_->stopping = true;
    state_->kick();
    state_->thread.join();
}

Link::Counts Link::counts() const {
    return {state_->connects, state_->refused, state_->frames_in, state_->frames_out};
}

}  // namespace mash::runtime_shell
