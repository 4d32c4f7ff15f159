// What goes into the broker's core, and what comes out. Frames are decoded and their signatures
// checked before they get here (verify.hpp); clock, chance and store come in beside them
// (core.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "broker/core/verify.hpp"
#include "common/base/bytes.hpp"
#include "common/base/id.hpp"
#include "common/wire/frames.hpp"

namespace mash::broker {

/// One connection of one host, numbered by the shell; never re-used within a process.
struct SessionId {
    std::uint64_t value = 0;
    friend auto operator<=>(SessionId, SessionId) = default;
};

/// A verified frame of a host. `host` is the transport key's, by ZAP; nothing in the frame can
/// claim another.
struct FrameIn {
    SessionId session;
    HostId host;
    VerifiedFrame frame;
    std::uint32_t frame_bytes = 0;
};

/// A frame that did not decode or verify: the core counts it, records it and answers with the typed
/// error.
struct BadFrameIn {
    SessionId session;
    HostId host;
    std::uint64_t request = 0;
    ErrorCode code{};
};

/// The shell saw the peer go (EHOSTUNREACH, heartbeat, stop) or the queue towards it fill.
struct SessionClosed {
    SessionId session;
};

/// Time has passed: deadlines, hours, retention, leases. At least once a second.
struct Tick {};

/// How much room the disk under the store has, as the shell measures it. What goes in a slower lane
/// than this waits at its sender: what is left is for children in danger.
struct StoreSpace {
    wire::Lane slowest_accepted = wire::Lane::bulk;
};

/// Signed documents read from disk by the shell, in any order; the core's TrustedArea judges them.
struct LoadDocuments {
    std::vector<wire::SignedDocument> documents;
};

/// From the admin socket. `reply` ties the answer to the asker.
struct OperatorCommand {
    enum class Kind {
        status,
        tasks,
        release_standby,
        quarantine_list,
        confirm_clock,
        stats,
        decisions,
        kept_document,
        requests,
        token_change
    } kind{};
    std::uint64_t reply = 0;
    /// For release_standby an id in text: "<sender>/<notification uuid>". For requests words apart
    /// by a space: "not_sent", "agency=<id>", "since=<RFC 3339>"; each may be left out.
    /// For decisions and kept_document as decisions.hpp says.
    std::string argument;
};

struct Input {
    std::variant<FrameIn, BadFrameIn, SessionClosed, Tick, LoadDocuments, OperatorCommand,
                 StoreSpace>
        body;
    std::array<std::uint8_t, 32>
        entropy{};  ///< fresh for each input: ids made while working on it come from here
};

// Effects leave only after the commit.

struct SendFrame {
    SessionId session;
    wire::BrokerFrame frame;
    wire::Lane lane{};  ///< the shell's queue to that session drains in lane order
};

/// The host has a new session, is no longer listed, or broke the rules: forget the old one.
struct CloseSession {
    SessionId session;
    ErrorCode code{};
};

/// Registry in force has changed: ZAP must admit these keys only, the verifier must use this
/// registry.
struct RegistryChanged {
    std::shared_ptr<const area::Registry> registry;
};

/// Event for the log and the counters: words and numbers of ours only.
struct Recorded {
    LogEvent event{};
    HostId host;
    AgencyId agency;
    NotificationId notification;
    ErrorCode code{};
    bool has_code = false;
    std::int64_t count = 0;
};

/// Within its budget: to be evaluated by evaluate_tokens() (tokens.hpp) under the key of the
/// registry, and answered to the session. Held in memory for as long as that takes.
struct TokensAsked {
    SessionId session;
    std::uint64_t request = 0;
    std::uint16_t epoch = 0;
    crypto::OprfPublicKey key;
    bool is_roll = false;  ///< an import: everything else goes before it
    std::vector<crypto::OprfElement> blinded;
};

struct OperatorReply {
    std::uint64_t reply = 0;
    bool ok = false;
    std::string json;  ///< ids, counts, codes, times
};

using Effect =
    std::variant<SendFrame, CloseSession, RegistryChanged, Recorded, OperatorReply, TokensAsked>;

}  // namespace mash::broker
