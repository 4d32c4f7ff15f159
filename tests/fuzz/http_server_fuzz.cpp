// Any bytes at the HTTP server, over a real connection: cut into pieces in any way they get the
// same answers as in one, each request one answer and no more, and nothing over the limits reaches
// the handler. The first byte chooses where they are cut.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "common/base/check.hpp"
#include "common/http/server.hpp"

namespace {

using namespace mash;

constexpr std::size_t body_max = 64;
std::atomic<std::size_t> handled;

void handle(const http::Request& request, const http::Server::Respond& respond) {
    ++handled;
    CHECK(request.body.size() <= body_max && !request.method.empty());
    http::Response out;
    out.body = "[" + std::to_string(request.query.size()) + "]";
    respond(out);
    respond(out);  // a second answer of a faulty handler goes nowhere
}

std::uint16_t port_of_server() {
    static const auto server = [] {
        http::ServerConfig config;
        config.header_bytes_max = 512;
        config.body_bytes_max = body_max;
        return http::Server::start(config, handle).value();
    }();
    return server->port();
}

int connected() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_of_server());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A reset at the end, or thousands of runs would use up the ports.
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    CHECK(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return fd;
}

/// Everything that is answered until the server ends the connection.
std::string answers_to(std::string_view bytes, std::mt19937_64* cuts) {
    const int fd = connected();
    while (!bytes.empty()) {
        const std::size_t piece = cuts == nullptr
                                      ? bytes.size()
                                      : std::min<std::size_t>(bytes.size(), (*cuts)() % 32 + 1);
        if (::send(fd, bytes.data(), piece, MSG_NOSIGNAL) <= 0) break;
        bytes.remove_prefix(piece);
    }
    ::shutdown(fd, SHUT_WR);
    std::string out;
    char piece[4096];
    while (true) {
        const auto got = ::recv(fd, piece, sizeof piece, 0);
        if (got <= 0) break;
        out.append(piece, static_cast<std::size_t>(got));
    }
    ::close(fd);
    return out;
}

struct Answers {
    std::size_t successes = 0;
    bool too_large = false;
    std::string_view of_successes;  ///< their bytes; an error is the last and is not among them
};

/// Whole answers, one after the other.
Answers split(std::string_view all) {
    Answers out;
    std::string_view rest = all;
    while (!rest.empty()) {
        CHECK(rest.starts_with("HTTP/1.1 "));
        const auto status = rest.substr(9, 3);
        CHECK(status == "200" || status == "400" || status == "413" || status == "501");
        const auto head = rest.find("\r\n\r\n");
        const auto length = rest.find("Content-Length: ");
        CHECK(head != std::string_view::npos && length < head);
        const std::size_t body = std::stoul(std::string(rest.substr(length + 16, 8)));
        if (status != "200") {
            CHECK(rest.size() == head + 4 + body);
            out.too_large = status == "413";
            return out;
        }
        // HEAD has the length and not the body.
        const bool bare = rest.size() == head + 4 || rest.substr(head + 4).starts_with("HTTP/");
        rest.remove_prefix(head + 4 + (bare ? 0 : body));
        ++out.successes;
        out.of_successes = all.substr(0, all.size() - rest.size());
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4096) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    handled = 0;
    const std::string whole = answers_to(bytes, nullptr);
    CHECK(split(whole).successes == handled);
    handled = 0;
    std::mt19937_64 cuts(data[0]);
    const std::string cut = answers_to(bytes, &cuts);
    CHECK(split(cut).successes == handled);
    // Beast counts a header's bytes by the pieces they came in: within a few bytes of the limit
    // the same request may pass or not.
    if (split(cut).too_large || split(whole).too_large) return 0;
    // Only whether the last, unfinished request is an error yet may depend on the pieces.
    CHECK(split(cut).of_successes == split(whole).of_successes);
    return 0;
}
