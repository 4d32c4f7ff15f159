// A broker's admin socket, played by hand.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include "common/base/check.hpp"

namespace mash::ctl::testing {

/// Takes one connection, reads one line, says what the test wants and closes.
class OneAnswer {
public:
    OneAnswer(const std::filesystem::path& path, std::string answer)
        : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path.c_str());
        CHECK(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        CHECK(::listen(fd_, 1) == 0);
        thread_ = std::thread([this, answer = std::move(answer)] {
            const int peer = ::accept(fd_, nullptr, nullptr);
            char c = 0;
            while (::read(peer, &c, 1) == 1 && c != '\n') asked_ += c;
            CHECK(::write(peer, answer.data(), answer.size()) ==
                  static_cast<ssize_t>(answer.size()));
            ::close(peer);
        });
    }
    ~OneAnswer() {
        if (thread_.joinable()) thread_.join();
        ::close(fd_);
    }
    OneAnswer(const OneAnswer&) = delete;
    OneAnswer& operator=(const OneAnswer&) = delete;
    const std::string& asked() {
        thread_.join();
        return asked_;
    }

private:
    int fd_;
    std::string asked_;
    std::thread thread_;
};

}  // namespace mash::ctl::testing
