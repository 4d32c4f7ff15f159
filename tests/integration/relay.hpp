// A wire between an agent and the broker that can be cut, and that can lose what passes one way: so
// that a test says which message never arrives. It sees ciphertext only, so it counts bytes.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mash::integration {

class Relay {
public:
    enum class Way { up, down };  ///< up: from the agent to the broker

    explicit Relay(int broker_port);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    int port() const { return port_; }

    /// Once the agent has sent so many more bytes, everything that goes `way` is lost, until cut().
    void lose(Way way, std::size_t after_bytes_up);
    /// Every connection is cut, and from then on nothing is lost.
    void cut();
    /// From now on each new connection is cut once it has carried as many bytes down as this says
    /// for it; nothing: no more are cut.
    void cut_each_after(std::function<std::size_t()> bytes_down);
    std::size_t cuts() const { return cuts_; }
    std::size_t bytes_lost() const { return lost_; }

private:
    struct Pair {
        int agent = -1;
        int broker = -1;
        std::size_t down = 0;
        std::size_t cut_after = 0;  ///< 0: not
    };
    void run();
    void accept_one();
    /// False when the connection is over.
    bool carry(Pair& pair, Way way);

    int broker_port_;
    int listener_ = -1;
    int wake_ = -1;
    int port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<std::size_t> cuts_ = 0;
    std::atomic<std::size_t> lost_ = 0;
    std::mutex mutex_;  // guards what follows
    std::vector<Pair> pairs_;
    std::function<std::size_t()> cut_after_;
    bool losing_ = false;
    Way losing_way_ = Way::down;
    std::size_t lose_after_up_ = 0;
    std::thread thread_;
};

}  // namespace mash::integration
