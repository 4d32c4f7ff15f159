// A small HTTP/1.1 server: the agents' local API and console, the broker's metrics and health. In
// clear on loopback, under TLS anywhere. Beast parses and prints; reading, writing and deadlines
// are plain Asio. What the paths mean belongs to the caller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/limits.hpp"
#include "common/base/result.hpp"
#include "common/http/event_stream.hpp"

namespace mash::http {

/// Bodies and some headers (a bearer token) are secrets of the request: the server writes nothing
/// of one anywhere.
struct Request {
    std::string method;                        ///< "GET"
    std::string path;                          ///< decoded, without the query; "/api/v1/sent"
    std::map<std::string, std::string> query;  ///< decoded; the first of a repeated name
    std::string authorization;                 ///< the header's value, "" when absent
    std::string content_type;
    std::string body;
    std::map<std::string, std::string>
        headers;             ///< names in lower case; the first of a repeated one
    std::string peer;        ///< the other end's IP address
    bool is_secure = false;  ///< came under TLS

    /// "" when absent. `name` in lower case.
    std::string_view header(std::string_view name) const;
    /// The value of the cookie of that name; "" when there is none, or more than one: which of two
    /// was ours nobody could say.
    std::string_view cookie(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::string location;                   ///< "" = no header
    std::uint32_t retry_after_seconds = 0;  ///< 0 = no header
    /// Further ones; one of a name that the server itself writes takes its place.
    std::vector<std::pair<std::string, std::string>> headers{};
    /// Instead of a body: what is pushed into it, until it or the connection ends.
    std::shared_ptr<EventStream> stream{};
};

/// PEM files.
struct TlsFiles {
    std::filesystem::path certificate;  ///< and what else of its chain a browser lacks
    std::filesystem::path key;
};

struct ServerConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: any free one
    std::size_t header_bytes_max = limits::http_header_bytes_max;
    std::size_t body_bytes_max = limits::http_body_bytes_max;
    /// One more, and the connection that has owed a whole request for longest is closed; none is
    /// taken while all wait for their answer.
    std::size_t connections_max = limits::http_connections_max;
    std::chrono::milliseconds deadline =
        limits::http_deadline;  ///< each of: request read, answer made, answer written
    /// A stream that has said nothing for so long says that it lives.
    std::chrono::milliseconds stream_pause_max = std::chrono::seconds(15);
    std::optional<TlsFiles> tls{};  ///< TLS 1.2 or newer
};

/// An IP address that only this machine reaches. Whoever takes an address from a person asks this
/// first, and gives the server TLS for any other. False for a name: it may lead elsewhere tomorrow.
bool is_loopback(std::string_view address);

class Server {
public:
    /// Once, from any thread. A response that never comes is answered 503 at the deadline.
    using Respond = std::function<void(Response)>;
    /// On the server's thread; must not block long.
    using Handler = std::function<void(Request, Respond)>;

    /// Errors: bad_value (not an IP address; unreadable PEM files), already_exists (address in
    /// use), io_failed.
    static Result<std::unique_ptr<Server>> start(ServerConfig config, Handler handler);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    /// Closes what is open; no handler runs after it returns.
    void stop();

private:
    struct State;
    explicit Server(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace mash::http
