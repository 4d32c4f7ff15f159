#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mash::http {

// A peer that sends exactly the bytes it is given.
class RawPeer {
public:
    explicit RawPeer(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        const timeval limit{10, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    ~RawPeer() { close(fd_); }
    bool connected() const { return connected_; }
    void send(std::string_view bytes) {
        (void)!::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    /// Up to the end of one answer with a Content-Length, or to the end of the connection.
    std::string answer() {
        std::string out;
        char piece[4096];
        while (true) {
            const auto head = out.find("\r\n\r\n");
            if (head != std::string::npos) {
                const auto at = out.find("Content-Length: ");
                const std::size_t length =
                    at == std::string::npos ? 0 : std::stoul(out.substr(at + 16));
                if (out.size() >= head + 4 + length) return out;
            }
            const auto got = recv(fd_, piece, sizeof piece, 0);
            if (got <= 0) return out;
            out.append(piece, static_cast<std::size_t>(got));
        }
    }
    std::string to_the_end() {
        std::string out = std::exchange(kept_, {});
        char piece[4096];
        for (auto got = recv(fd_, piece, sizeof piece, 0); got > 0;
             got = recv(fd_, piece, sizeof piece, 0))
            out.append(piece, static_cast<std::size_t>(got));
        return out;
    }
    /// Up to and with `mark`, or what came before the end; what follows it is kept.
    std::string until(std::string_view mark) {
        char piece[4096];
        while (true) {
            const auto at = kept_.find(mark);
            if (at != std::string::npos) {
                std::string out = kept_.substr(0, at + mark.size());
                kept_.erase(0, at + mark.size());
                return out;
            }
            const auto got = recv(fd_, piece, sizeof piece, 0);
            if (got <= 0) return std::exchange(kept_, {});
            kept_.append(piece, static_cast<std::size_t>(got));
        }
    }
    /// The other side has ended it, and said nothing before.
    bool is_closed() {
        char piece = 0;
        const auto got = recv(fd_, &piece, 1, 0);
        return got == 0 || (got < 0 && errno == ECONNRESET);
    }

private:
    int fd_;
    bool connected_ = false;
    std::string kept_;
};

}  // namespace mash::http
