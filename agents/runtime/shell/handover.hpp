// Hands what arrived to the agency's own systems: a file renamed and synced into a folder, or a
// webhook that answered 2xx. Only then does the core hear "handed over".
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "agents/runtime/core/core.hpp"

namespace mash::runtime_shell {

struct HandoverTarget {
    std::filesystem::path folder;  ///< empty: no folder
    std::string webhook;           ///< "http://127.0.0.1:9000/alerts"; empty: none
};

class Handover {
public:
    /// `answer` gets HandedOver or HandoverFailed, on the hand-over's own thread.
    using Answer = std::function<void(runtime::Input)>;

    Handover(std::map<InboxId, HandoverTarget> targets, Answer answer);
    ~Handover();
    void start();
    void stop();
    /// Any thread. An inbox without a target is answered not_available: nothing is to be tried
    /// again.
    void give(runtime::HandOver effect);

private:
    void run();
    ErrorCode deliver(const runtime::HandOver& item,
                      const HandoverTarget& target);  // ErrorCode{} = done

    std::map<InboxId, HandoverTarget> targets_;
    Answer answer_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<runtime::HandOver> queue_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace mash::runtime_shell
