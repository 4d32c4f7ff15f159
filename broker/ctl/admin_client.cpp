#include "broker/ctl/admin_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <nlohmann/json.hpp>

#include "common/base/limits.hpp"

namespace mash::ctl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t answer_bytes_max = 16 * limits::mebibyte;

std::unexpected<Problem> no_broker(std::string what, std::string next) {
    return problem(std::move(what), std::move(next), Exit::no_broker);
}

std::unexpected<Problem> late() {
    return no_broker("The broker did not answer in time.",
                     "It may be busy or stuck: look at its log and at /health, then try again.");
}

std::unexpected<Problem> gone() {
    return no_broker("The broker closed the connection before it had answered.",
                     "It may be stopping: look at its log, then try again.");
}

class Connection {
public:
    Connection() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
    ~Connection() {
        if (fd_ >= 0) ::close(fd_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

bool wait_for(int fd, short events, Clock::time_point deadline) {
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        pollfd waiting{fd, events, 0};
        const int ready =
            ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

Outcome<void> send_line(int fd, std::string_view line, Clock::time_point deadline) {
    while (!line.empty()) {
        const ssize_t sent = ::send(fd, line.data(), line.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            line.remove_prefix(static_cast<std::size_t>(sent));
        } else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wait_for(fd, POLLOUT, deadline)) return late();
        } else if (!(sent < 0 && errno == EINTR)) {
            return gone();
        }
    }
    return {};
}

Outcome<std::string> receive_line(int fd, Clock::time_point deadline) {
    std::string line;
    std::array<char, 16 * limits::kibibyte> part{};
    while (true) {
        const ssize_t got = ::recv(fd, part.data(), part.size(), 0);
        if (got > 0) {
            line.append(part.data(), static_cast<std::size_t>(got));
            if (const auto end = line.find('\n'); end != std::string::npos)
                return line.substr(0, end);
            if (line.size() > answer_bytes_max) return gone();
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wait_for(fd, POLLIN, deadline)) return late();
        } else if (!(got < 0 && errno == EINTR)) {
            return gone();
        }
    }
}

}  // namespace

Outcome<std::string> ask_broker(const std::filesystem::path& socket, const std::string& command,
                                const std::string& argument, std::chrono::milliseconds timeout) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = socket.string();
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return problem("The path of the socket is empty or longer than a socket's may be.",
                       "Give the path of admin_socket in broker.toml.", Exit::usage);
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const Connection connection;
    if (connection.fd() < 0)
        return no_broker("This machine could not open a socket.", "Check the limit of open files.");
    if (::connect(connection.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
        switch (errno) {
            case ENOENT:
                return no_broker("There is no broker's socket at " + path + ".",
                                 "Start the broker, or give the path of admin_socket in "
                                 "broker.toml with --socket.");
            case ECONNREFUSED:
                return no_broker("No broker listens at " + path + ".", "Start the broker.");
            case EACCES:
            case EPERM:
                return no_broker("You may not use the broker's socket at " + path + ".",
                                 "Run this as the broker's own user.");
            default:
                return no_broker("The broker at " + path + " cannot be reached.",
                                 "Look at its log.");
        }
    }
    const auto deadline = Clock::now() + timeout;
    nlohmann::json request{{"command", command}};
    if (!argument.empty()) request["argument"] = argument;
    const auto line = request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    CTL_TRY_VOID(send_line(connection.fd(), line, deadline));
    return receive_line(connection.fd(), deadline);
}

}  // namespace mash::ctl
