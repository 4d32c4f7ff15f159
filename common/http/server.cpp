#include "common/http/server.hpp"

#include <map>
#include <set>
#include <span>
#include <sstream>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace mash::http {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// RFC 3986 section 2.1; a percent sign that begins no pair stays as it is.
std::string decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
            i += 2;
        } else if (plus_is_space && text[i] == '+') {
            out.push_back(' ');
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

Request to_request(const beast_http::request<beast_http::string_body>& from) {
    Request out;
    out.method = std::string(from.method_string());
    const std::string_view target(from.target().data(), from.target().size());
    const auto mark = target.find('?');
    out.path = decoded(target.substr(0, mark), false);
    if (mark != std::string_view::npos) {
        std::string_view rest = target.substr(mark + 1);
        while (!rest.empty()) {
            const auto end = rest.find('&');
            const auto pair = rest.substr(0, end);
            const auto equals = pair.find('=');
            out.query.emplace(decoded(pair.substr(0, equals), true),
                              equals == std::string_view::npos
                                  ? std::string()
                                  : decoded(pair.substr(equals + 1), true));
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 1);
        }
    }
    for (const auto& field : from) {
        std::string name(field.name_string());
        for (auto& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const auto [place, is_first] = out.headers.emplace(std::move(name), field.value());
        // A cookie may come in several lines (RFC 9113, 8.2.3); they are one.
        if (!is_first && place->first == "cookie")
            place->second.append("; ").append(field.value().data(), field.value().size());
    }
    out.authorization = out.header("authorization");
    out.content_type = out.header("content-type");
    out.body = from.body();
    return out;
}

void set_headers(beast_http::fields& out, const Response& response) {
    out.set(beast_http::field::content_type, response.content_type);
    // Answers may hold content about a child.
    out.set(beast_http::field::cache_control, "no-store");
    out.set("X-Content-Type-Options", "nosniff");
    if (!response.location.empty()) out.set(beast_http::field::location, response.location);
    if (response.retry_after_seconds > 0) {
        out.set(beast_http::field::retry_after, std::to_string(response.retry_after_seconds));
    }
    for (const auto& [name, value] : response.headers) {
        // Two cookies are two lines.
        if (name == "Set-Cookie")
            out.insert(name, value);
        else
            out.set(name, value);
    }
}

/// The head of an answer that ends with its connection (RFC 9112, 6.3).
std::string stream_head(const Response& response) {
    beast_http::response_header<> out;
    out.result(static_cast<unsigned>(response.status));
    out.version(11);
    set_headers(out, response);
    out.set(beast_http::field::connection, "close");
    std::ostringstream text;
    text << out;
    return std::move(text).str();
}

/// Without the body for a HEAD request: its caller takes what follows for the next answer.
std::string to_bytes(const Response& response, bool keep_alive, bool head_only) {
    beast_http::response<beast_http::string_body> out;
    out.result(static_cast<unsigned>(response.status));
    out.version(11);
    set_headers(out, response);
    out.keep_alive(keep_alive);
    out.body() = response.body;
    out.prepare_payload();
    std::ostringstream text;
    text << out;
    std::string bytes = std::move(text).str();
    if (head_only) bytes.resize(bytes.size() - response.body.size());
    return bytes;
}

Response refusal(int status, std::string_view code, std::string_view message,
                 std::string_view next) {
    Response out;
    out.status = status;
    out.body = "{\"error\":{\"code\":\"" + std::string(code) + "\",\"message\":\"" +
               std::string(message) + "\",\"next\":\"" + std::string(next) + "\"}}";
    if (status == 503) out.retry_after_seconds = 5;
    return out;
}

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
    ServerConfig config;
    Handler handler;
    asio::io_context io{1};
    tcp::acceptor acceptor{io};
    std::optional<asio::ssl::context> tls;
    std::set<tcp::socket*> open;
    std::map<std::uint64_t, tcp::socket*>
        owed_nothing;  ///< by age: no whole request is being answered
    std::uint64_t next_turn = 0;
    std::thread thread;
    std::uint16_t port = 0;
    bool stopped = false;

    using TlsStream = asio::ssl::stream<tcp::socket&>;

    /// One connection, in clear or under TLS.
    struct Connection {
        explicit Connection(tcp::socket taken) : socket(std::move(taken)) {}
        tcp::socket socket;
        std::optional<TlsStream> tls;
        std::string address;
    };
    using Peer = std::shared_ptr<Connection>;

    struct Answer {
        asio::steady_timer ready;
        std::optional<Response> response;
    };

    /// A connection's place among those that may be closed when there is no room for another.
    class Idle {
    public:
        Idle(State& state, tcp::socket& socket) : state_(state), socket_(socket) { begin(); }
        ~Idle() { end(); }
        Idle(const Idle&) = delete;
        Idle& operator=(const Idle&) = delete;
        void begin() {
            turn_ = state_.next_turn++;
            // Of one that was closed to make room nothing is left to close.
            if (state_.open.contains(&socket_)) state_.owed_nothing.emplace(turn_, &socket_);
        }
        void end() { state_.owed_nothing.erase(turn_); }

    private:
        State& state_;
        tcp::socket& socket_;
        std::uint64_t turn_ = 0;
    };

    /// False when every connection is owed an answer.
    bool make_room() {
        if (open.size() < config.connections_max) return true;
        if (owed_nothing.empty()) return false;
        auto* oldest = owed_nothing.begin()->second;
        owed_nothing.erase(owed_nothing.begin());
        open.erase(oldest);
        boost::system::error_code ignored;
        ignored = oldest->close(ignored);
        return true;
    }

    /// Cancels what the connection waits for when its time is over. One that has passed may be
    /// handed over late: to a connection that has ended, or that waits for something else by now,
    /// which is not this one's to cancel.
    class Deadline {
    public:
        Deadline(asio::io_context& io, std::chrono::milliseconds in, const Peer& peer)
            : timer_(io, in) {
            timer_.async_wait([held = std::weak_ptr(peer),
                               counts = std::weak_ptr(counts_)](boost::system::error_code error) {
                const auto late = held.lock();
                boost::system::error_code ignored;
                if (!error && late && !counts.expired()) ignored = late->socket.cancel(ignored);
            });
        }
        void end() {
            counts_.reset();
            timer_.cancel();
        }

    private:
        asio::steady_timer timer_;
        std::shared_ptr<char> counts_ = std::make_shared<char>();
    };

    static asio::awaitable<std::size_t> read_some(const Peer& peer, std::span<char> into,
                                                  boost::system::error_code& error) {
        const auto room = asio::buffer(into.data(), into.size());
        std::size_t got = 0;
        if (auto& stream = peer->tls; stream)
            got = co_await stream->async_read_some(
                room, asio::redirect_error(asio::use_awaitable, error));
        else
            got = co_await peer->socket.async_read_some(
                room, asio::redirect_error(asio::use_awaitable, error));
        co_return got;
    }

    asio::awaitable<bool> write_all(const Peer& peer, const std::string& bytes) {
        const Deadline deadline(io, config.deadline, peer);
        boost::system::error_code error;
        if (auto& stream = peer->tls; stream)
            co_await asio::async_write(*stream, asio::buffer(bytes),
                                       asio::redirect_error(asio::use_awaitable, error));
        else
            co_await asio::async_write(peer->socket, asio::buffer(bytes),
                                       asio::redirect_error(asio::use_awaitable, error));
        co_return !error;
    }

    asio::awaitable<bool> shake_hands(const Peer& peer, TlsStream& stream) {
        const Deadline deadline(io, config.deadline, peer);
        boost::system::error_code error;
        co_await stream.async_handshake(asio::ssl::stream_base::server,
                                        asio::redirect_error(asio::use_awaitable, error));
        co_return !error;
    }

    // A connection that is closed with bytes unread is reset, and takes the answer with it that the
    // peer has not read yet.
    asio::awaitable<void> read_to_the_end(const Peer& peer) {
        boost::system::error_code error;
        error = peer->socket.shutdown(tcp::socket::shutdown_send, error);
        const Deadline deadline(io, config.deadline, peer);
        std::array<char, 8192> piece{};
        const std::size_t enough = 8 * config.body_bytes_max + config.header_bytes_max;
        for (std::size_t read = 0; !error && read < enough;) {
            read += co_await read_some(peer, piece, error);
        }
    }

    // A client says nothing on a stream: what can be read there is that it is gone.
    static asio::awaitable<void> watch_client(Peer peer, std::shared_ptr<EventStream> stream) {
        boost::system::error_code error;
        std::array<char, 512> piece{};
        while (!error) co_await read_some(peer, piece, error);
        stream->end();
    }

    // Until the stream ends, its client is gone or takes nothing any more.
    asio::awaitable<void> write_stream(const Peer& peer, const Response& response) {
        const std::string head = stream_head(response);
        bool goes_on = co_await write_all(peer, head);
        auto wake = std::make_shared<asio::steady_timer>(io);
        asio::co_spawn(io, watch_client(peer, response.stream), asio::detached);
        response.stream->on_change([self = weak_from_this(), weak = std::weak_ptr(wake)] {
            const auto state = self.lock();
            if (!state) return;
            asio::post(state->io, [weak] {
                if (const auto timer = weak.lock()) timer->cancel();
            });
        });
        while (goes_on) {
            std::string waiting = response.stream->take();
            if (waiting.empty()) {
                if (response.stream->has_ended()) break;
                wake->expires_after(config.stream_pause_max);
                boost::system::error_code error;
                co_await wake->async_wait(asio::redirect_error(asio::use_awaitable, error));
                if (!error) waiting = ":\n\n";  // a comment
            }
            if (!waiting.empty()) goes_on = co_await write_all(peer, waiting);
        }
        response.stream->drop();
        // The one who watches reads still.
        boost::system::error_code ignored;
        ignored = peer->socket.close(ignored);
    }

    asio::awaitable<Response> ask(Request request) {
        auto answer =
            std::make_shared<Answer>(Answer{asio::steady_timer(io, config.deadline), std::nullopt});
        // The timer may not outlive the io_context, so only this coroutine holds the answer.
        std::weak_ptr<State> self = shared_from_this();
        std::weak_ptr<Answer> waiting = answer;
        handler(std::move(request), [self, waiting](Response response) {
            const auto state = self.lock();
            if (!state) return;
            asio::post(state->io, [waiting, response = std::move(response)]() mutable {
                const auto held = waiting.lock();
                if (!held || held->response) return;
                held->response = std::move(response);
                held->ready.cancel();
            });
        });
        boost::system::error_code ignored;
        auto& response = answer->response;
        while (!response) {
            co_await answer->ready.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            if (!ignored) break;
        }
        if (response) co_return std::move(*response);
        response = Response{};
        co_return refusal(503, "busy", "No answer in time", "Send the same request again");
    }

    // One request and its answer; false when the connection is to end.
    asio::awaitable<bool> serve_one(const Peer& peer, Idle& idle, std::string& in) {
        beast_http::request_parser<beast_http::string_body> parser;
        parser.eager(true);
        parser.header_limit(static_cast<std::uint32_t>(config.header_bytes_max));
        parser.body_limit(config.body_bytes_max);
        Deadline deadline(io, config.deadline, peer);
        boost::system::error_code error;
        std::array<char, 8192> piece{};
        while (!parser.is_done()) {
            if (!in.empty()) {
                in.erase(0, parser.put(asio::buffer(in), error));
                if (error == beast_http::error::need_more) error = {};
                // What it does not take yet is a line: of a chunk or a trailer too, of whose length
                // the parser's own limits know nothing.
                if (!error && !parser.is_done() && in.size() > config.header_bytes_max)
                    error = beast_http::error::header_limit;
                if (error || parser.is_done()) break;
            }
            boost::system::error_code read_error;
            const std::size_t got = co_await read_some(peer, piece, read_error);
            if (read_error) co_return false;
            in.append(piece.data(), got);
        }
        deadline.end();
        if (error) {
            const bool too_large =
                error == beast_http::error::body_limit || error == beast_http::error::header_limit;
            // g++ 12 destroys temporaries of a co_await expression twice: everything awaited on has
            // a name.
            const Response why =
                too_large ? refusal(413, "too_large", "The request is larger than is allowed here",
                                    "Send less in one request")
                          : refusal(400, "malformed", "This is not an HTTP request",
                                    "Correct the program that sent it");
            const std::string bytes = to_bytes(why, false, false);
            const bool written = co_await write_all(peer, bytes);
            if (written) co_await read_to_the_end(peer);
            co_return false;
        }
        // The parser takes any coding that it does not know for a request without a body, and the
        // body for the next request (RFC 9112, 6.1).
        if (const auto& coding = parser.get()[beast_http::field::transfer_encoding];
            !coding.empty() && !boost::beast::iequals(coding, "chunked")) {
            const std::string bytes =
                to_bytes(refusal(501, "not_available", "This transfer coding is not known here",
                                 "Send the body with a Content-Length, or chunked"),
                         false, false);
            const bool written = co_await write_all(peer, bytes);
            if (written) co_await read_to_the_end(peer);
            co_return false;
        }
        const bool keep_alive = parser.get().keep_alive();
        const bool head_only = parser.get().method() == beast_http::verb::head;
        Request request = to_request(parser.get());
        request.peer = peer->address;
        request.is_secure = peer->tls.has_value();
        idle.end();
        const Response response = co_await ask(std::move(request));
        if (response.stream && !head_only) {
            co_await write_stream(peer, response);
            co_return false;
        }
        // From here on the peer's own pace decides, as while it asks.
        idle.begin();
        const std::string bytes = to_bytes(response, keep_alive, head_only);
        const bool written = co_await write_all(peer, bytes);
        co_return written&& keep_alive;
    }

    asio::awaitable<void> serve(Peer peer) {
        const auto self = shared_from_this();
        open.insert(&peer->socket);
        Idle idle(*this, peer->socket);
        std::string in;
        try {
            bool goes_on = true;
            if (auto& stream = peer->tls; stream) goes_on = co_await shake_hands(peer, *stream);
            while (goes_on) goes_on = co_await serve_one(peer, idle, in);
            // NOLINTNEXTLINE(bugprone-empty-catch): the end of the connection is the whole answer
        } catch (const std::exception&) {
            // Nothing about the request is told to anybody.
        }
        open.erase(&peer->socket);
    }

    asio::awaitable<void> accept() {
        while (acceptor.is_open()) {
            boost::system::error_code error;
            tcp::socket socket =
                co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted) co_return;
            if (error) {
                asio::steady_timer pause(io, std::chrono::milliseconds(50));
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
                continue;
            }
            // Where there is no room the peer hears nothing but the end: a queue would only hide
            // it.
            if (!make_room()) continue;
            boost::system::error_code ignored;
            (void)socket.set_option(tcp::no_delay(true), ignored);
            const auto end = socket.remote_endpoint(error);
            auto peer = std::make_shared<Connection>(std::move(socket));
            if (!error) peer->address = end.address().to_string();
            if (tls) peer->tls.emplace(peer->socket, *tls);
            asio::co_spawn(io, serve(std::move(peer)), asio::detached);
        }
    }
};

std::string_view Request::header(std::string_view name) const {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

// RFC 6265, 4.2.1; what does not look so gives nothing.
std::string_view Request::cookie(std::string_view name) const {
    std::string_view rest = header("cookie");
    std::string_view value;
    bool is_found = false;
    while (!rest.empty()) {
        const auto end = rest.find(';');
        auto pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        while (pair.starts_with(' ')) pair.remove_prefix(1);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
        if (is_found) return {};
        is_found = true;
        value = pair.substr(equals + 1);
    }
    return value;
}

namespace {

std::optional<asio::ssl::context> tls_of(const TlsFiles& files) {
    asio::ssl::context tls(asio::ssl::context::tls_server);
    boost::system::error_code error;
    error = tls.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 |
                                asio::ssl::context::single_dh_use,
                            error);
    if (!error) error = tls.use_certificate_chain_file(files.certificate.string(), error);
    if (!error)
        error = tls.use_private_key_file(files.key.string(), asio::ssl::context::pem, error);
    if (error) return std::nullopt;
    return tls;
}

}  // namespace

bool is_loopback(std::string_view address) {
    boost::system::error_code error;
    const auto parsed = asio::ip::make_address(address, error);
    if (error) return false;
    if (parsed.is_v6() && parsed.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, parsed.to_v6()).is_loopback();
    return parsed.is_loopback();
}

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}

// NOLINTNEXTLINE(bugprone-exception-escape): a thread that cannot be joined ends the program
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::start(ServerConfig config, Handler handler) {
    auto state = std::make_shared<State>();
    state->config = std::move(config);
    state->handler = std::move(handler);
    boost::system::error_code error;
    const auto address = asio::ip::make_address(state->config.address, error);
    if (error) return fail(ErrorCode::bad_value);
    if (const auto& files = state->config.tls; files) {
        state->tls = tls_of(*files);
        if (!state->tls) return fail(ErrorCode::bad_value);
    }
    const tcp::endpoint endpoint(address, state->config.port);
    auto& acceptor = state->acceptor;
    if (acceptor.open(endpoint.protocol(), error)) return fail(ErrorCode::io_failed);
    if (acceptor.set_option(tcp::acceptor::reuse_address(true), error))
        return fail(ErrorCode::io_failed);
    if (acceptor.bind(endpoint, error))
        return fail(error == asio::error::address_in_use ? ErrorCode::already_exists
                                                         : ErrorCode::io_failed);
    if (acceptor.listen(asio::socket_base::max_listen_connections, error))
        return fail(ErrorCode::io_failed);
    state->port = acceptor.local_endpoint().port();
    asio::co_spawn(state->io, state->accept(), asio::detached);
    auto* raw = state.get();
    state->thread = std::thread([raw] { raw->io.run(); });
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

std::uint16_t Server::port() const { return state_->port; }

void Server::stop() {
    if (!state_ || state_->stopped) return;
    state_->stopped = true;
    asio::post(state_->io, [state = state_.get()] {
        boost::system::error_code ignored;
        ignored = state->acceptor.close(ignored);
        for (auto* socket : state->open) ignored = socket->close(ignored);
        state->io.stop();
    });
    if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace mash::http
