// Somebody on the line who does not play by the rules: our transport and our codec, but no agent
// behind them.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include <zmq.hpp>

#include "common/crypto/curve.hpp"
#include "common/crypto/random.hpp"
#include "common/wire/frames.hpp"
#include "tests/integration/area.hpp"

namespace mash::integration {

class HostilePeer {
public:
    /// With the stolen transport key of a host, or with a key that nobody enrolled.
    static HostilePeer as_host(const Area& area, const std::string& host);
    static HostilePeer unknown(const Area& area);

    void send_raw(const Bytes& bytes);
    void send_parts(std::size_t count, std::size_t bytes_each);
    /// The number that ties the answer to it.
    std::uint64_t send(wire::AgentBody body);
    std::optional<wire::BrokerFrame> receive(std::chrono::milliseconds wait);
    /// The answer to that request; what else arrives meanwhile is dropped.
    std::optional<wire::BrokerBody> answer(
        std::uint64_t request, std::chrono::milliseconds wait = std::chrono::seconds(10));
    std::optional<wire::BrokerBody> ask(wire::AgentBody body) {
        return answer(send(std::move(body)));
    }
    /// Says hello and is welcomed.
    bool open();
    /// True once the other side has ended a connection of this peer; it makes itself another.
    bool is_cut(std::chrono::milliseconds wait);

private:
    HostilePeer(const Area& area, const crypto::CurveKeyPair& keys);
    std::unique_ptr<zmq::context_t> context_;
    zmq::socket_t socket_;
    zmq::socket_t ends_;  // says when a connection has ended
    wire::Hello hello_;
    std::uint64_t next_ = 1;
};

/// An agency's signing key, as stolen from its agent.
crypto::SigningKey stolen_signing_key(const Area& area, const std::string& host,
                                      const std::string& agency);

/// A hospital's sighting of a child whom nobody knows: goes to police and the desk.
wire::RoutingFacts sighting();
wire::RequestPlan ask_plan(const NotificationId& id, const wire::RoutingFacts& facts);
/// Seals what the plan says; every view holds `words`.
wire::Publish sealed(const wire::DisclosurePlan& plan, const wire::RoutingFacts& facts,
                     const crypto::SigningKey& key, const std::string& words);
NotificationId new_id();

}  // namespace mash::integration
