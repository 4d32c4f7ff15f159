#include "agents/health/shell/mllp_server.hpp"

#include <array>
#include <map>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "agents/health/mllp_frame.hpp"
#include "common/http/server.hpp"

namespace mash::health_shell {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using Answers = std::optional<std::vector<std::string>>;

struct Waiting {
    asio::steady_timer ready;
    bool answered = false;
    Answers answers;
};

}  // namespace

struct MllpServer::State : std::enable_shared_from_this<MllpServer::State> {
    MllpServerConfig config;
    Handler handler;
    asio::io_context io{1};
    asio::ssl::context tls{asio::ssl::context::tls_server};
    bool with_tls = false;
    tcp::acceptor acceptor{io};
    struct Heard {
        std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
        bool is_answered = false;  // a message of it is being taken
    };
    std::map<tcp::socket*, Heard> open;
    asio::thread_pool worker{1};
    std::thread thread;
    std::uint16_t port = 0;
    bool stopped = false;

    /// Ends what is under way on the socket when the time is over; the socket may be gone by then.
    static void close_at(asio::steady_timer& deadline, const std::shared_ptr<tcp::socket>& socket) {
        deadline.async_wait([held = std::weak_ptr(socket)](boost::system::error_code error) {
            const auto late = held.lock();
            boost::system::error_code ignored;
            if (!error && late) ignored = late->close(ignored);
        });
    }

    /// A sender whose machine died without a word would hold its place all day, and one that comes
    /// again a hundred times fill them all: the one heard least lately goes. False when all are
    /// being answered.
    bool make_room() {
        if (open.size() < config.connections_max) return true;
        auto oldest = open.end();
        for (auto each = open.begin(); each != open.end(); ++each) {
            if (each->second.is_answered) continue;
            if (oldest == open.end() || each->second.at < oldest->second.at) oldest = each;
        }
        if (oldest == open.end()) return false;
        boost::system::error_code ignored;
        ignored = oldest->first->close(ignored);
        open.erase(oldest);
        return true;
    }

    /// False: it was closed to make room.
    bool note(tcp::socket* socket, bool is_answered) {
        const auto found = open.find(socket);
        if (found == open.end()) return false;
        found->second = {std::chrono::steady_clock::now(), is_answered};
        return true;
    }

    asio::awaitable<Answers> ask(std::string message) {
        // The timer may not outlive the io_context, so only this coroutine holds it.
        auto waiting = std::make_shared<Waiting>(
            Waiting{asio::steady_timer(io, asio::steady_timer::time_point::max()), false, {}});
        std::weak_ptr<State> self = shared_from_this();
        std::weak_ptr<Waiting> weak = waiting;
        asio::post(worker, [self, weak, message = std::move(message)] {
            const auto state = self.lock();
            if (!state) return;
            Answers answers = state->handler(message);
            asio::post(state->io, [weak, answers = std::move(answers)]() mutable {
                const auto held = weak.lock();
                if (!held) return;
                held->answers = std::move(answers);
                held->answered = true;
                held->ready.cancel();
            });
        });
        boost::system::error_code ignored;
        while (!waiting->answered)
            co_await waiting->ready.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return std::move(waiting->answers);
    }

    template <class Stream>
    asio::awaitable<bool> answer(Stream& stream, const std::shared_ptr<tcp::socket>& socket,
                                 std::string message) {
        const Answers answers = co_await ask(std::move(message));
        if (!answers) co_return false;
        for (const auto& each : *answers) {
            const std::string bytes = health::mllp_framed(each);
            asio::steady_timer deadline(io, config.deadline);
            close_at(deadline, socket);
            boost::system::error_code error;
            co_await asio::async_write(stream, asio::buffer(bytes),
                                       asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return false;
        }
        co_return true;
    }

    template <class Stream>
    asio::awaitable<void> read_frames(Stream& stream, const std::shared_ptr<tcp::socket>& socket) {
        health::MllpReader frames(config.message_bytes_max);
        std::array<char, 8192> piece{};
        auto frame_ends = std::chrono::steady_clock::time_point::max();
        while (!frames.is_broken()) {
            const auto quiet_ends = std::chrono::steady_clock::now() + config.quiet_max;
            asio::steady_timer deadline(io, std::min(frame_ends, quiet_ends));
            close_at(deadline, socket);
            boost::system::error_code error;
            const std::size_t got = co_await stream.async_read_some(
                asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
            deadline.cancel();
            if (error || !note(socket.get(), true)) co_return;
            auto messages = frames.feed({piece.data(), got});
            for (auto& message : messages) {
                const bool goes_on = co_await answer(stream, socket, std::move(message));
                if (!goes_on) co_return;
            }
            note(socket.get(), false);
            // A frame is whole by then, however slowly its bytes come.
            if (!frames.is_inside())
                frame_ends = std::chrono::steady_clock::time_point::max();
            else if (!messages.empty() ||
                     frame_ends == std::chrono::steady_clock::time_point::max())
                frame_ends = std::chrono::steady_clock::now() + config.deadline;
        }
    }

    asio::awaitable<void> serve(std::shared_ptr<tcp::socket> socket) {
        open.emplace(socket.get(), Heard());
        try {
            if (with_tls) {
                asio::ssl::stream<tcp::socket&> stream(*socket, tls);
                boost::system::error_code error;
                asio::steady_timer deadline(io, config.deadline);
                close_at(deadline, socket);
                co_await stream.async_handshake(asio::ssl::stream_base::server,
                                                asio::redirect_error(asio::use_awaitable, error));
                deadline.cancel();
                if (!error) co_await read_frames(stream, socket);
            } else {
                co_await read_frames(*socket, socket);
            }
            // NOLINTNEXTLINE(bugprone-empty-catch): the end of the connection is the whole answer
        } catch (const std::exception&) {
            // Nothing about the message is told to anybody.
        }
        open.erase(socket.get());
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
            // Where there is no room the peer hears nothing but the end, and comes again.
            if (!make_room()) continue;
            boost::system::error_code ignored;
            (void)socket.set_option(tcp::no_delay(true), ignored);
            asio::co_spawn(io, serve(std::make_shared<tcp::socket>(std::move(socket))),
                           asio::detached);
        }
    }

    bool load_tls() {
        boost::system::error_code error;
        with_tls = true;
        error =
            tls.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
        if (!error) error = tls.use_certificate_chain_file(config.certificate.string(), error);
        if (!error)
            error = tls.use_private_key_file(config.key.string(), asio::ssl::context::pem, error);
        if (!error && !config.client_authority.empty()) {
            error = tls.load_verify_file(config.client_authority.string(), error);
            if (!error)
                error = tls.set_verify_mode(
                    asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, error);
        }
        return !error;
    }
};

MllpServer::MllpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

MllpServer::~MllpServer() { stop(); }

Result<std::unique_ptr<MllpServer>> MllpServer::start(MllpServerConfig config, Handler handler) {
    auto state = std::make_shared<State>();
    state->config = std::move(config);
    state->handler = std::move(handler);
    const auto& wanted = state->config;
    boost::system::error_code error;
    const auto address = asio::ip::make_address(wanted.address, error);
    if (error || wanted.certificate.empty() != wanted.key.empty())
        return fail(ErrorCode::bad_value);
    if (wanted.certificate.empty() &&
        (!http::is_loopback(wanted.address) || !wanted.client_authority.empty()))
        return fail(ErrorCode::bad_value);
    if (!wanted.certificate.empty() && !state->load_tls()) return fail(ErrorCode::bad_value);
    const tcp::endpoint endpoint(address, wanted.port);
    error = state->acceptor.open(endpoint.protocol(), error);
    if (!error) error = state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) error = state->acceptor.bind(endpoint, error);
    if (!error) error = state->acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        return fail(error == asio::error::address_in_use ? ErrorCode::already_exists
                                                         : ErrorCode::io_failed);
    state->port = state->acceptor.local_endpoint().port();
    asio::co_spawn(state->io, state->accept(), asio::detached);
    state->thread = std::thread([raw = state.get()] { raw->io.run(); });
    return std::unique_ptr<MllpServer>(new MllpServer(std::move(state)));
}

std::uint16_t MllpServer::port() const { return state_->port; }

void MllpServer::stop() {
    if (!state_ || state_->stopped) return;
    state_->stopped = true;
    // The message that is being taken is taken to its end; what waits behind it was not answered.
    state_->worker.stop();
    state_->worker.join();
    state_->io.stop();
    if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace mash::health_shell
