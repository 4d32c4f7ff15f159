// The one thread that owns the ROUTER socket and the ZAP answers; nobody else touches either.
// Others hand it frames through a queue and an eventfd (stack of facts about libzmq 4.3: README.md,
// "What libzmq does").
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/core/input.hpp"
#include "broker/shell/zap_authenticator.hpp"
#include "common/base/bytes.hpp"
#include "common/base/log.hpp"

namespace mash::broker_shell {

struct RouterConfig {
    std::vector<std::string> endpoints;  ///< "tcp://127.0.0.1:7400"
    std::array<std::uint8_t, 32> curve_public_key{};
    std::array<std::uint8_t, 32>
        curve_secret_key{};  ///< copied into libzmq's socket, which keeps it while bound
};

/// Counters for metrics; read from any thread.
struct RouterCounts {
    std::uint64_t frames_in = 0;
    std::uint64_t frames_out = 0;
    std::uint64_t refused_keys = 0;  ///< handshakes with a key that the registry does not list
    std::uint64_t malformed = 0;     ///< wrong number of frames, too large, no user id
    std::uint64_t over_rate = 0;
    std::uint64_t dropped_sessions = 0;  ///< queue over its bound: a client that never reads
    std::uint64_t accept_failures = 0;   ///< out of file descriptors
    std::uint64_t failed_handshakes = 0;
    std::uint64_t sessions = 0;
};

class ZmqRouter {
public:
    /// Called on the router's thread; must not block long. `over_rate`: the host sent more than it
    /// may; the bytes were not looked at.
    using OnFrame = std::function<void(broker::SessionId, const HostId&, Bytes, bool over_rate)>;
    using OnClosed = std::function<void(broker::SessionId)>;
    /// False while the verifiers have too much: the router then leaves frames with libzmq, and TCP
    /// slows the senders.
    using MayRead = std::function<bool()>;
    /// What an operator should know of who was refused or dropped; throttled, on the router's
    /// thread. Hosts, addresses and fingerprints only.
    using OnEvent = std::function<void(LogRecord)>;

    /// Errors: io_failed (address in use, not an address), tell_operator codes when the limit of
    /// open files is too low.
    static Result<std::unique_ptr<ZmqRouter>> start(const RouterConfig& config,
                                                    const ZapAuthenticator& authenticator,
                                                    OnFrame on_frame, OnClosed on_closed,
                                                    MayRead may_read, OnEvent on_event);
    ~ZmqRouter();
    ZmqRouter(const ZmqRouter&) = delete;
    ZmqRouter& operator=(const ZmqRouter&) = delete;

    /// Any thread. Frames of one session leave by lane, in order within a lane. A session that is
    /// gone: dropped.
    void send(broker::SessionId session, wire::Lane lane, Bytes frame);
    /// Any thread. Frames from it are ignored from now on; the host may open another.
    void close(broker::SessionId session);
    /// Any thread. After it returns no callback runs. Queued frames get up to `linger` to leave.
    void stop();

    RouterCounts counts() const;
    /// The addresses really bound ("tcp://127.0.0.1:0" gives a port).
    const std::vector<std::string>& bound_endpoints() const;

private:
    struct State;
    explicit ZmqRouter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace mash::broker_shell
