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
#include <optional>
#include <string>
#include <thread>

#include "agents/runtime/core/core.hpp"

namespace mash::runtime_shell {

struct HandoverTarget {
    std::filesystem::path folder;  ///< empty: no folder
    std::string webhook;           ///< "http://127.0.0.1:9000/alerts"; empty: none
    std::string format{};          ///< how it is written; empty: the item's own JSON
    std::string to{};              ///< where the format's own protocol leads; empty: nowhere
};

/// True for https and for this machine: to any other address in clear nothing may go.
bool may_carry_content(const std::string& webhook);

/// One way of writing an item that one kind of agent adds (agent.toml names it). The runtime knows
/// its ending and type, and nothing of what is in it.
struct HandoverFormat {
    std::string ending;        ///< of a file's name, ".hl7"
    std::string content_type;  ///< of a webhook's request
    std::function<std::optional<PersonalText>(const runtime::HandOver&)> write;
    /// The format's own protocol: true once the other side says that it has it. May be empty.
    std::function<bool(const std::string& to, const runtime::HandOver& item,
                       const std::string& written, const std::atomic<bool>& stopping)>
        send;
};
using HandoverFormats = std::map<std::string, HandoverFormat, std::less<>>;

class Handover {
public:
    /// `answer` gets HandedOver or HandoverFailed, on the hand-over's own thread.
    using Answer = std::function<void(runtime::Input)>;

    /// `formats` holds every one that a target names.
    Handover(std::map<InboxId, HandoverTarget> targets, Answer answer,
             HandoverFormats formats = {});
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
    HandoverFormats formats_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<runtime::HandOver> queue_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace mash::runtime_shell
