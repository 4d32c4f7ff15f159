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
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

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
    /// Called for several inboxes at once, as `write` is.
    std::function<bool(const std::string& to, const runtime::HandOver& item,
                       const std::string& written, const std::atomic<bool>& stopping)>
        send;
};
using HandoverFormats = std::map<std::string, HandoverFormat, std::less<>>;

/// Each inbox has a queue of its own, and one item of it is under way at a time, in order. So a
/// system that hangs keeps back its own inbox only.
class Handover {
public:
    /// So many systems may hang at once before others wait for them.
    static constexpr std::size_t threads_max = 32;
    /// For one inbox, queued and under way. What comes above it is dropped: the core asks again.
    static constexpr std::size_t items_of_inbox_max = 64;

    /// `answer` gets HandedOver or HandoverFailed, on any of the hand-over's own threads.
    using Answer = std::function<void(runtime::Input)>;

    /// `formats` holds every one that a target names.
    Handover(std::map<InboxId, HandoverTarget> targets, Answer answer,
             HandoverFormats formats = {});
    ~Handover();
    void start();
    void stop();
    /// Any thread. An inbox without a target is answered not_available: nothing is to be tried
    /// again. What is queued or under way already is not queued twice.
    void give(runtime::HandOver effect);
    /// Any thread: how many are queued or under way.
    std::size_t owed() const;

private:
    using Key = std::tuple<NotificationId, AgencyId, bool>;  // of an inbox's item; recalled
    struct Lane {
        std::deque<runtime::HandOver> queue;
        std::set<Key> owed;  // queued or under way
        bool is_under_way = false;
    };
    static Key key_of(const runtime::HandOver& item);
    void run();
    void answer(const runtime::HandOver& item, ErrorCode code);
    ErrorCode deliver(const runtime::HandOver& item,
                      const HandoverTarget& target);  // ErrorCode{} = done

    const std::map<InboxId, HandoverTarget> targets_;
    Answer answer_;
    const HandoverFormats formats_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::map<InboxId, Lane> lanes_;
    std::deque<InboxId> due_;  // each lane that has something queued and nothing under way, once
    std::atomic<bool> stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace mash::runtime_shell
