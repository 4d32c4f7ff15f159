#include "broker/shell/admin_socket.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"

namespace mash::broker_shell {

namespace {

constexpr std::size_t line_bytes_max = std::size_t{64} * 1024;
constexpr int peer_deadline_ms = 5000;

bool fill_address(sockaddr_un& address, const std::filesystem::path& path) {
    address = {};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
    return true;
}

}  // namespace

Result<AdminRequest> parse_admin_request(std::string_view line) {
    const auto document = nlohmann::json::parse(line, nullptr, false);
    if (!document.is_object()) return fail(ErrorCode::malformed);
    const auto command = document.find("command");
    const auto argument = document.find("argument");
    if (command == document.end() || !command->is_string() ||
        command->get_ref<const std::string&>().empty())
        return fail(ErrorCode::malformed);
    AdminRequest request{command->get<std::string>(), {}};
    if (argument == document.end()) return request;
    if (!argument->is_string()) return fail(ErrorCode::malformed);
    request.argument = argument->get<std::string>();
    return request;
}

struct AdminSocket::State {
    std::filesystem::path path;
    Answer answer;
    int listener = -1;
    int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    std::atomic<bool> stopping = false;
    std::thread thread;

    ~State() {
        if (listener >= 0) ::close(listener);
        ::close(wake);
    }

    void serve(int peer) const {
        std::string line;
        char piece[4096];
        pollfd wait{peer, POLLIN, 0};
        while (line.find('\n') == std::string::npos && line.size() < line_bytes_max) {
            if (::poll(&wait, 1, peer_deadline_ms) <= 0) return;
            const auto got = ::recv(peer, piece, sizeof piece, 0);
            if (got <= 0) return;
            line.append(piece, static_cast<std::size_t>(got));
        }
        const auto end = line.find('\n');
        const std::string out =
            (end == std::string::npos ? std::string("{\"ok\":false,\"error\":\"too_large\"}")
                                      : answer(line.substr(0, end))) +
            "\n";
        std::size_t sent = 0;
        while (sent < out.size()) {
            const auto wrote = ::send(peer, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
            if (wrote <= 0) return;
            sent += static_cast<std::size_t>(wrote);
        }
    }

    void run() const {
        while (!stopping) {
            pollfd wait[2] = {{listener, POLLIN, 0}, {wake, POLLIN, 0}};
            if (::poll(wait, 2, -1) < 0 && errno != EINTR) return;
            if (stopping) return;
            if ((wait[0].revents & POLLIN) == 0) continue;
            const int peer = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (peer < 0) continue;
            const timeval limit{peer_deadline_ms / 1000, 0};
            ::setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
            serve(peer);
            ::close(peer);
        }
    }
};

AdminSocket::AdminSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}

AdminSocket::~AdminSocket() { stop(); }

Result<std::unique_ptr<AdminSocket>> AdminSocket::start(const std::filesystem::path& path,
                                                        Answer answer) {
    auto state = std::make_unique<State>();
    state->path = path;
    state->answer = std::move(answer);
    sockaddr_un address{};
    if (!fill_address(address, path)) return fail(ErrorCode::too_large);
    const auto* named = reinterpret_cast<const sockaddr*>(&address);
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool alive = probe >= 0 && ::connect(probe, named, sizeof address) == 0;
    if (probe >= 0) ::close(probe);
    if (alive) return fail(ErrorCode::already_exists);
    ::unlink(path.c_str());
    state->listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (state->listener < 0) return fail(ErrorCode::io_failed);
    // Nobody else may open it, not even between bind and chmod.
    const mode_t before = ::umask(0177);
    const bool bound = ::bind(state->listener, named, sizeof address) == 0;
    ::umask(before);
    if (!bound || ::listen(state->listener, 16) != 0) return fail(ErrorCode::io_failed);
    auto* raw = state.get();
    state->thread = std::thread([raw] { raw->run(); });
    return std::unique_ptr<AdminSocket>(new AdminSocket(std::move(state)));
}

void AdminSocket::stop() {
    if (!state_ || !state_->thread.joinable()) return;
    state_->stopping = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(state_->wake, &one, sizeof one);
    state_->thread.join();
    ::unlink(state_->path.c_str());
}

}  // namespace mash::broker_shell
