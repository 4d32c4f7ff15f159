// Listens for HL7 v2 messages in MLLP frames, plain or under TLS. What a message means and what is
// answered belongs to the caller; one message of a connection is answered before its next is read.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/health/hl7_message.hpp"
#include "common/base/result.hpp"

namespace mash::health_shell {

struct MllpServerConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: any free one
    /// PEM files; both or none. Without them the address must be loopback.
    std::filesystem::path certificate{};
    std::filesystem::path key{};
    /// PEM file of those whose certificates a sender must show; "" = none is asked for.
    std::filesystem::path client_authority{};
    std::size_t message_bytes_max = health::hl7_message_bytes_max;
    std::size_t connections_max = 64;
    /// Of a frame from its first byte to its last, of a handshake, of an answer until it is taken.
    std::chrono::milliseconds deadline = std::chrono::seconds(30);
    /// A quiet connection is kept this long: hospitals hold theirs open all day.
    std::chrono::milliseconds quiet_max = std::chrono::hours(24);
};

class MllpServer {
public:
    /// Framed answers in order; nothing: the message is not taken now, and the connection ends
    /// without an answer, so that its sender keeps it. On one thread of the server's, message after
    /// message; may block.
    using Handler =
        std::function<std::optional<std::vector<std::string>>(const std::string& message)>;

    /// Errors: bad_value (no IP address; not loopback without TLS; unreadable PEM files),
    /// already_exists (address in use), io_failed.
    static Result<std::unique_ptr<MllpServer>> start(MllpServerConfig config, Handler handler);
    ~MllpServer();
    MllpServer(const MllpServer&) = delete;
    MllpServer& operator=(const MllpServer&) = delete;

    std::uint16_t port() const;
    /// Closes what is open; no handler runs after it returns.
    void stop();

private:
    struct State;
    explicit MllpServer(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace mash::health_shell
