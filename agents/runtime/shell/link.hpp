// The one outward connection of an area: a DEALER over CURVE to one of the broker's endpoints, with
// a thread of its own. It connects, tells when it is up or down, and moves frames; what they mean
// is the core's.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/crypto/curve.hpp"
#include "common/wire/vocabulary.hpp"

namespace mash::runtime_shell {

struct LinkConfig {
    std::vector<std::string> endpoints;  ///< tried in turn
    crypto::CurvePublicKey broker_key;
    crypto::CurvePublicKey own_public;
    const crypto::CurveSecretKey* own_secret = nullptr;  ///< outlives the link
    /// While the host's key is being replaced: the next one, tried first, because the broker admits
    /// whichever its registry lists. The other one's turn comes when one failed at every endpoint.
    /// Null: none. Outlives the link.
    const crypto::CurveKeyPair* own_next = nullptr;
};

class Link {
public:
    struct Events {
        std::function<void()> up;
        std::function<void()> down;
        std::function<void(Bytes)> frame;
    };

    /// Callbacks run on the link's thread and must not block long. Tries for ever, with growing
    /// pauses (limits::reconnect_interval_min to _max): a denied client's socket never recovers by
    /// itself, so every new try is a new socket.
    Link(LinkConfig config, Events events);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void start();
    /// Any thread. Lower lanes wait; what is queued when the connection is lost is dropped: the
    /// core offers it again.
    void send(wire::Lane lane, Bytes frame);
    /// Any thread. Drops the connection and tries again.
    void reconnect();
    void stop();

    struct Counts {
        std::uint64_t connects = 0, refused = 0, frames_in = 0, frames_out = 0;
    };
    Counts counts() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace mash::runtime_shell
