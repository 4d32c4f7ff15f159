#include "tests/integration/relay.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "common/base/check.hpp"

namespace mash::integration {

namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

}  // namespace

Relay::Relay(int broker_port) : broker_port_(broker_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    CHECK(::listen(listener_, 16) == 0);
    socklen_t length = sizeof address;
    CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
    wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    thread_ = std::thread([this] { run(); });
}

Relay::~Relay() {
    stopping_ = true;
    cut();
    thread_.join();
    ::close(listener_);
    ::close(wake_);
}

void Relay::lose(Way way, std::size_t after_bytes_up) {
    const std::lock_guard lock(mutex_);
    losing_ = true;
    losing_way_ = way;
    lose_after_up_ = after_bytes_up;
}

void Relay::cut_each_after(std::function<std::size_t()> bytes_down) {
    const std::lock_guard lock(mutex_);
    cut_after_ = std::move(bytes_down);
}

void Relay::cut() {
    const std::lock_guard lock(mutex_);
    losing_ = false;
    for (const auto& pair : pairs_) {
        ::close(pair.agent);
        ::close(pair.broker);
        ++cuts_;
    }
    pairs_.clear();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void Relay::accept_one() {
    const int agent = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (agent < 0) return;
    const int broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(broker_port_);
    if (::connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(agent);
        ::close(broker);
        return;
    }
    pairs_.push_back({agent, broker, 0, cut_after_ ? cut_after_() : 0});
}

bool Relay::carry(Pair& pair, Way way) {
    char buffer[16 * 1024];
    const int from = way == Way::up ? pair.agent : pair.broker;
    const int to = way == Way::up ? pair.broker : pair.agent;
    const auto got = ::recv(from, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    const auto bytes = static_cast<std::size_t>(got);
    if (losing_ && way == Way::up) lose_after_up_ -= std::min(lose_after_up_, bytes);
    if (losing_ && way == losing_way_ && lose_after_up_ == 0) {
        lost_ += bytes;
        return true;
    }
    if (way == Way::down) pair.down += bytes;
    if (pair.cut_after != 0 && pair.down > pair.cut_after) return false;
    for (std::size_t sent = 0; sent < bytes;) {
        const auto done = ::send(to, buffer + sent, bytes - sent, MSG_NOSIGNAL);
        if (done <= 0) return false;
        sent += static_cast<std::size_t>(done);
    }
    return true;
}

void Relay::run() {
    while (!stopping_) {
        std::vector<pollfd> items{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
        {
            const std::lock_guard lock(mutex_);
            for (const auto& pair : pairs_) {
                items.push_back({pair.agent, POLLIN, 0});
                items.push_back({pair.broker, POLLIN, 0});
            }
        }
        ::poll(items.data(), items.size(), -1);
        const std::lock_guard lock(mutex_);
        if (items[1].revents != 0) {
            std::uint64_t count = 0;
            [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
            continue;  // the pairs may be others than those looked at
        }
        std::erase_if(pairs_, [&](Pair& pair) {
            const auto is_ready = [&](int fd) {
                for (const auto& item : items) {
                    if (item.fd == fd && item.revents != 0) return true;
                }
                return false;
            };
            if ((!is_ready(pair.agent) || carry(pair, Way::up)) &&
                (!is_ready(pair.broker) || carry(pair, Way::down)))
                return false;
            ::close(pair.agent);
            ::close(pair.broker);
            ++cuts_;
            return true;
        });
        if (items[0].revents != 0) accept_one();
    }
}

}  // namespace mash::integration
